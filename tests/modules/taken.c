/* SPDX-License-Identifier: BSD-2-Clause */
/* A user's class with the name of a built-in one; loaded by tests/unit/test_classes.c. */
#include <ffpf/class.h>
#include <ffpf/ir.h>

extern const struct ffpf_class *const ffpf_classes[];

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_reject(b);
	return 0;
}

static const struct ffpf_class taken = {
	.abi = FFPF_CLASS_ABI, .name = "pktcount", .role = FFPF_FUNCTION, .build = build};

const struct ffpf_class *const ffpf_classes[] = {&taken, NULL};
