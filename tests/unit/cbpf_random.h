/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random classic BPF programs that bpf_validate() accepts: all instructions,
 * forward jumps only, computed offsets near and far. A scratch word is read only after the
 * program's head has set it, because bpf_filter() leaves the others to chance.
 */
#ifndef FFPF_TESTS_CBPF_RANDOM_H
#define FFPF_TESTS_CBPF_RANDOM_H

#include "packets.h"

#include <lib/translate/translate.h>
#include <pcap/bpf.h>

enum { CBPF_RANDOM_MAX = 96 };

/* An offset: mostly inside a packet, sometimes where 32 bits end. */
static inline uint32_t cbpf_random_offset(struct rng *r)
{
	static const uint32_t odd[] = {0xffffffff, 0xfffffffe, 0xfffffffc, 0xfffff000, 0x80000000,
				       0x7fffffff, 0xfffff02c, 65536,	   1024};

	if (rng_one_in(r, 16))
		return RNG_PICK(r, odd);
	return rng_below(r, rng_one_in(r, 8) ? 1500 : 64);
}

static inline uint32_t cbpf_random_constant(struct rng *r)
{
	static const uint32_t odd[] = {0,      1,      2,	   31,	       32,     33, 0x7f, 0x800,
				       0x8100, 0xffff, 0x80000000, 0xffffffff, 0x86dd, 6,  17};

	return rng_one_in(r, 3) ? (uint32_t)rng_next(r) : RNG_PICK(r, odd);
}

static inline struct ffpf_cbpf cbpf_random_load(struct rng *r, uint32_t words)
{
	static const uint16_t codes[] = {
		BPF_LD | BPF_W | BPF_ABS,  BPF_LD | BPF_H | BPF_ABS, BPF_LD | BPF_B | BPF_ABS,
		BPF_LD | BPF_W | BPF_IND,  BPF_LD | BPF_H | BPF_IND, BPF_LD | BPF_B | BPF_IND,
		BPF_LDX | BPF_MSH | BPF_B, BPF_LD | BPF_W | BPF_LEN, BPF_LDX | BPF_W | BPF_LEN,
		BPF_LD | BPF_IMM,	   BPF_LDX | BPF_IMM,	     BPF_LD | BPF_MEM,
		BPF_LDX | BPF_MEM,
	};
	struct ffpf_cbpf insn = {.code = RNG_PICK(r, codes)};

	if (BPF_MODE(insn.code) == BPF_MEM)
		insn.k = rng_below(r, words);
	else if (BPF_MODE(insn.code) == BPF_IMM)
		insn.k = rng_one_in(r, 2) ? rng_below(r, 64) : cbpf_random_constant(r);
	else
		insn.k = cbpf_random_offset(r);
	return insn;
}

static inline struct ffpf_cbpf cbpf_random_alu(struct rng *r)
{
	static const uint16_t ops[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_MOD, BPF_AND,
				       BPF_OR,	BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG};
	uint16_t op = RNG_PICK(r, ops);
	struct ffpf_cbpf insn = {.code = BPF_ALU | op, .k = cbpf_random_constant(r)};

	if (op == BPF_NEG)
		return insn;
	if (op == BPF_LSH || op == BPF_RSH)
		insn.k %= 32; /* more is undefined in bpf_filter()'s C */
	if ((op == BPF_DIV || op == BPF_MOD) && !insn.k)
		insn.k = 7;
	if (rng_one_in(r, 2))
		insn.code |= BPF_X;
	return insn;
}

/* left: instructions behind this one. */
static inline struct ffpf_cbpf cbpf_random_jump(struct rng *r, uint32_t left)
{
	static const uint16_t ops[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
	uint32_t reach = left < 20 ? left : 20;
	struct ffpf_cbpf insn = {.code = BPF_JMP | RNG_PICK(r, ops), .k = cbpf_random_constant(r)};

	if (rng_one_in(r, 10))
		return (struct ffpf_cbpf){.code = BPF_JMP | BPF_JA, .k = rng_below(r, reach)};
	if (rng_one_in(r, 3))
		insn.code |= BPF_X;
	insn.jt = (uint8_t)(rng_one_in(r, 3) ? 0 : rng_below(r, reach));
	insn.jf = (uint8_t)(rng_one_in(r, 3) ? 0 : rng_below(r, reach));
	return insn;
}

/* Fills out (CBPF_RANDOM_MAX instructions); returns how many. */
static inline size_t cbpf_random(struct rng *r, struct ffpf_cbpf *out)
{
	uint32_t words = 1 + rng_below(r, rng_one_in(r, 4) ? BPF_MEMWORDS : 3);
	size_t n = 0, body = 1 + rng_below(r, 60);

	for (uint32_t i = 0; i < words; i++) {
		out[n++] = (struct ffpf_cbpf){.code = BPF_LD | BPF_IMM, .k = rng_below(r, 40)};
		out[n++] = (struct ffpf_cbpf){.code = BPF_ST, .k = i};
	}
	for (size_t i = 0; i < body; i++) {
		uint32_t left = (uint32_t)(body - i); /* the body's rest and the two returns, without this one */

		switch (rng_below(r, 8)) {
		case 0:
		case 1:
		case 2:
			out[n] = cbpf_random_load(r, words);
			break;
		case 3:
		case 4:
			out[n] = cbpf_random_alu(r);
			break;
		case 5:
			out[n] = cbpf_random_jump(r, left);
			break;
		case 6:
			out[n] =
				rng_one_in(r, 2)
					? (struct ffpf_cbpf){.code = rng_one_in(r, 2) ? BPF_ST : BPF_STX,
							     .k = rng_below(r, words)}
					: (struct ffpf_cbpf){.code = BPF_MISC | (rng_one_in(r, 2) ? BPF_TAX : BPF_TXA)};
			break;
		default:
			out[n] = (struct ffpf_cbpf){.code = BPF_ALU | BPF_AND | BPF_K,
						    .k = 0x3f}; /* keeps offsets inside */
			if (rng_one_in(r, 6))
				out[n] = (struct ffpf_cbpf){.code = BPF_RET | (rng_one_in(r, 2) ? BPF_A : BPF_K),
							    .k = rng_below(r, 2)};
			break;
		}
		n++;
	}
	out[n++] = (struct ffpf_cbpf){.code = BPF_RET | BPF_A};
	out[n++] = (struct ffpf_cbpf){.code = BPF_RET | BPF_K, .k = rng_below(r, 2)};
	return n;
}

#endif
