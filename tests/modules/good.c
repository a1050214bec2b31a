/* SPDX-License-Identifier: BSD-2-Clause */
/* A user's classes as they should be; loaded by tests/unit/test_classes.c. */
#include <ffpf/class.h>
#include <ffpf/ir.h>

extern const struct ffpf_class *const ffpf_classes[];

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_accept(b, ffpf_ir_const(b, 1));
	return 0;
}

static const struct ffpf_class mine = {
	.abi = FFPF_CLASS_ABI, .name = "mine", .help = "passes packets as class 1", .role = FFPF_FUNCTION, .build = build};

const struct ffpf_class *const ffpf_classes[] = {&mine, NULL};
