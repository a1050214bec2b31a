/* SPDX-License-Identifier: BSD-2-Clause */
/* A class whose tables promise more than there is; loaded by tests/unit/test_classes.c. */
#include <ffpf/class.h>
#include <ffpf/ir.h>

extern const struct ffpf_class *const ffpf_classes[];

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_reject(b);
	return 0;
}

static const struct ffpf_field field = {.name = "f", .cells = UINT32_MAX};
static const struct ffpf_class lying = {
	.abi = FFPF_CLASS_ABI, .name = "lying", .role = FFPF_FUNCTION, .build = build, .fields = &field, .n_fields = 1};

const struct ffpf_class *const ffpf_classes[] = {&lying, NULL};
