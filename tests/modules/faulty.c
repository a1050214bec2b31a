/* SPDX-License-Identifier: BSD-2-Clause */
/* A shared object whose second class has no name; loaded by tests/unit/test_classes.c. */
#include <ffpf/class.h>
#include <ffpf/ir.h>

extern const struct ffpf_class *const ffpf_classes[];

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_reject(b);
	return 0;
}

static const struct ffpf_class first = {.abi = FFPF_CLASS_ABI, .name = "faulty", .role = FFPF_FUNCTION, .build = build};
static const struct ffpf_class nameless = {.abi = FFPF_CLASS_ABI};

const struct ffpf_class *const ffpf_classes[] = {&first, &nameless, NULL};
