/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hashing words: one function, emitted into packet programs and computed in C.
 *
 * Each word is folded onto itself, so that its upper bits reach the lower ones, mixed in and multiplied by an odd
 * number, which carries every bit upward; a last fold and multiplication carry them all the way. In eBPF a 64-bit
 * multiplication gives its low half only, so the folds do what the high half would.
 */
#include <fpl/kinds.h>

#define SEED UINT64_C(0x2545f4914f6cdd1d)
#define SPREAD UINT64_C(0x9e3779b97f4a7c15) /* 2^64 divided by the golden ratio, odd */
#define FINISH UINT64_C(0xc2b2ae3d27d4eb4f)
#define FOLD 32
#define LAST 29

uint64_t fpl_hash(const uint64_t *words, unsigned n)
{
	uint64_t h = SEED;

	for (unsigned i = 0; i < n; i++) {
		h ^= words[i];
		h ^= h >> FOLD;
		h *= SPREAD;
	}
	h ^= h >> FOLD;
	h *= FINISH;
	return h ^ h >> LAST;
}

static ffpf_val fold(struct ffpf_builder *b, ffpf_val h, unsigned by)
{
	return ffpf_ir_alu(b, FFPF_XOR, 64, h, ffpf_ir_alu_imm(b, FFPF_RSH, 64, h, by));
}

ffpf_val fpl_hash_emit(struct ffpf_builder *b, const ffpf_val *words, unsigned n)
{
	ffpf_val h = ffpf_ir_const(b, SEED);

	for (unsigned i = 0; i < n; i++) {
		h = fold(b, ffpf_ir_alu(b, FFPF_XOR, 64, h, words[i]), FOLD);
		h = ffpf_ir_alu_imm(b, FFPF_MUL, 64, h, SPREAD);
	}
	h = ffpf_ir_alu_imm(b, FFPF_MUL, 64, fold(b, h, FOLD), FINISH);
	return fold(b, h, LAST);
}

uint32_t fpl_scale(uint64_t x, uint32_t n)
{
	return (uint32_t)((uint64_t)(uint32_t)x * n >> 32);
}

ffpf_val fpl_scale_emit(struct ffpf_builder *b, ffpf_val x, uint32_t n)
{
	ffpf_val low = ffpf_ir_alu_imm(b, FFPF_AND, 64, x, UINT32_MAX);
	unsigned log2 = 0;

	while (log2 < 32 && (uint64_t)1 << log2 < n)
		log2++;
	if ((uint64_t)1 << log2 == n)
		return ffpf_ir_alu_imm(b, FFPF_RSH, 64, low, 32 - log2);
	return ffpf_ir_alu_imm(b, FFPF_RSH, 64, ffpf_ir_alu_imm(b, FFPF_MUL, 64, low, n), 32);
}
