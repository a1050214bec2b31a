/* SPDX-License-Identifier: BSD-2-Clause */
/* A user's classes as they should be; loaded by tests/unit/test_classes.c. */
#include <ffpf/class.h>
#include <ffpf/ir.h>

extern const struct ffpf_class *const ffpf_classes[];

/* What an instance keeps is the library's memory. */
static int check(struct ffpf_instance *instance)
{
	instance->data = ffpf_instance_alloc(instance, sizeof(uint64_t));
	*(uint64_t *)instance->data = 1;
	return 0;
}

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_accept(b, ffpf_ir_const(b, *(const uint64_t *)instance->data));
	return 0;
}

static const struct ffpf_class mine = {.abi = FFPF_CLASS_ABI,
				       .name = "mine",
				       .help = "passes packets as class 1",
				       .role = FFPF_FUNCTION,
				       .check = check,
				       .build = build};

const struct ffpf_class *const ffpf_classes[] = {&mine, NULL};
