/* SPDX-License-Identifier: BSD-2-Clause */
/* Classes whose packet programs are no programs; used by tests/cli/class_path.sh. */
#include <ffpf/class.h>
#include <ffpf/ir.h>
#include <errno.h>

extern const struct ffpf_class *const ffpf_classes[];

/* Forgets to end the path. */
static int build_open(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	(void)ffpf_ir_const(b, 1);
	return 0;
}

/* Reads a byte that it has not checked for. */
static int build_unchecked(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_accept(b, ffpf_ir_load(b, 0, 100, 1));
	return 0;
}

/* Gives up without a word. */
static int build_fails(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	return -EINVAL;
}

/* State that is in no table. */
static int build_stateless(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_state_add(b, 7, 0, ffpf_ir_const(b, 1));
	ffpf_ir_accept(b, ffpf_ir_const(b, 1));
	return 0;
}

/* A packet that is checked for is not long enough for what is read. */
static int build_short(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_block ok = ffpf_ir_block(b), no = ffpf_ir_block(b);

	ffpf_ir_check(b, 0, 4, ok, no);
	ffpf_ir_seal(b, ok);
	ffpf_ir_seal(b, no);
	ffpf_ir_switch_to(b, no);
	ffpf_ir_reject(b);
	ffpf_ir_switch_to(b, ok);
	ffpf_ir_accept(b, ffpf_ir_load(b, 0, 2, 4));
	return 0;
}

/* Names values and blocks that do not exist. */
static int build_numbers(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_jump(b, 12345);
	return 0;
}

static int build_values(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_accept(b, 123456);
	return 0;
}

#define CLASS(what)                                                                                                    \
	{                                                                                                              \
		.abi = FFPF_CLASS_ABI, .name = #what, .role = FFPF_FUNCTION, .build = build_##what                     \
	}
static const struct ffpf_class classes[] = {CLASS(open),  CLASS(unchecked), CLASS(fails), CLASS(stateless),
					    CLASS(short), CLASS(numbers),   CLASS(values)};

const struct ffpf_class *const ffpf_classes[] = {&classes[0], &classes[1], &classes[2], &classes[3],
						 &classes[4], &classes[5], &classes[6], NULL};
