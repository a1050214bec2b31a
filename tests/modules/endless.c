/* SPDX-License-Identifier: BSD-2-Clause */
/* A table of classes that nothing ends; loaded by tests/unit/test_classes.c. Its classes have different names, made
 * when it is loaded. */
#include <ffpf/class.h>
#include <ffpf/ir.h>
#include <stdio.h>

#define N 400

extern const struct ffpf_class *ffpf_classes[];

static struct ffpf_class classes[N];
static char names[N][24];
const struct ffpf_class *ffpf_classes[N];

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_reject(b);
	return 0;
}

__attribute__((constructor)) static void make(void)
{
	for (int i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "endless%d", i);
		classes[i] = (struct ffpf_class){
			.abi = FFPF_CLASS_ABI, .name = names[i], .role = FFPF_FUNCTION, .build = build};
		ffpf_classes[i] = &classes[i];
	}
}
