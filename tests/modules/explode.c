/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A class that is right, and too much for the kernel's verifier, which keeps at most 8,192 branches in mind that it has
 * not followed yet: here are more in a row. Used by tests/cli/explain.sh: it has to run in userspace then.
 *
 * Throws dice and passes the packet on unless one of 8,300 throws hits: all do, as good as always.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>

#define THROWS 8300

extern const struct ffpf_class *const ffpf_classes[];

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	for (uint64_t i = 0; i < THROWS; i++) {
		ffpf_block next = ffpf_ir_block(b), hit = ffpf_ir_block(b);

		ffpf_ir_branch_imm(b, FFPF_EQ, 32, ffpf_ir_call(b, FFPF_HELPER_RANDOM), i, hit, next);
		ffpf_ir_seal(b, next);
		ffpf_ir_seal(b, hit);
		ffpf_ir_switch_to(b, hit);
		ffpf_ir_reject(b);
		ffpf_ir_switch_to(b, next);
	}
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

static const struct ffpf_class explode = {.abi = FFPF_CLASS_ABI,
					  .name = "explode",
					  .help = "is too much for the kernel's verifier",
					  .role = FFPF_FUNCTION,
					  .build = build};

const struct ffpf_class *const ffpf_classes[] = {&explode, NULL};
