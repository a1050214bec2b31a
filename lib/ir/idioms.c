/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Short sequences of instructions that several front ends want. None has a branch: every branch that rejoins doubles
 * the states that the kernel's verifier has to walk.
 */
#include <lib/ir/builder.h>

/*
 * Is anything left in the upper half? Then shift it down and note its width; once for each power of two. Half of the
 * widest: the difference of a 64-bit number could lose its sign, so what is above is shifted out first.
 */
ffpf_val ffpf_ir_bit_length(struct ffpf_builder *b, unsigned width, ffpf_val x)
{
	ffpf_val bits = ffpf_ir_const(b, 0);

	if (width != 32 && width != 64)
		ffpf_builder_wrong(b, "a number of neither 32 nor 64 bits is measured");
	for (unsigned half = width == 64 ? 32 : 16, shift = width == 64 ? 5 : 4; half; half /= 2, shift--) {
		/* The difference is negative, its top bit set, exactly when x >= 2^half. */
		ffpf_val below = half == 32
					 ? ffpf_ir_alu(b, FFPF_SUB, 64, ffpf_ir_const(b, 0),
						       ffpf_ir_alu_imm(b, FFPF_RSH, 64, x, 32))
					 : ffpf_ir_alu(b, FFPF_SUB, 64, ffpf_ir_const(b, ((uint64_t)1 << half) - 1), x);
		ffpf_val step = ffpf_ir_alu_imm(b, FFPF_RSH, 64, below, 63);

		if (shift)
			step = ffpf_ir_alu_imm(b, FFPF_LSH, 64, step, shift);
		x = ffpf_ir_alu(b, FFPF_RSH, 64, x, step);
		bits = ffpf_ir_alu(b, FFPF_ADD, 64, bits, step);
	}
	return ffpf_ir_alu(b, FFPF_ADD, 64, bits, x);
}

ffpf_val ffpf_ir_min(struct ffpf_builder *b, ffpf_val x, ffpf_val y)
{
	ffpf_val over = ffpf_ir_alu(b, FFPF_SUB, 64, x, y);

	return ffpf_ir_alu(b, FFPF_ADD, 64,
			   ffpf_ir_alu(b, FFPF_AND, 64, over, ffpf_ir_alu_imm(b, FFPF_ARSH, 64, over, 63)), y);
}

ffpf_val ffpf_ir_truth(struct ffpf_builder *b, ffpf_val x)
{
	ffpf_val negative = ffpf_ir_alu(b, FFPF_SUB, 64, ffpf_ir_const(b, 0), x);

	return ffpf_ir_alu_imm(b, FFPF_RSH, 64, ffpf_ir_alu(b, FFPF_OR, 64, x, negative), 63);
}
