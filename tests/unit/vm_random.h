/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random eBPF programs that end and touch only what they may, without a verifier: jumps go forward, memory is that at
 * r1 (VM_RANDOM_MEMORY bytes, r1 is never written) and the 64 bytes below r10, local functions lie behind the main one
 * and may use the same memory. What comes out is what an interpreter and a compiler must agree on.
 */
#ifndef VM_RANDOM_H
#define VM_RANDOM_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VM_RANDOM_MEMORY 256
#define VM_RANDOM_MOST 400

/* Bytes that decide; zero when there are no more. */
struct vm_dice {
	const uint8_t *bytes;
	size_t left;
};

static inline unsigned dice(struct vm_dice *d, unsigned below)
{
	unsigned value = 0;

	for (unsigned most = 1; most < below && d->left; most *= 256) {
		value = value << 8 | *d->bytes++;
		d->left--;
	}
	return value % below;
}

static inline int32_t dice_imm(struct vm_dice *d)
{
	static const int32_t edges[] = {0, 1, -1, 2, 7, 8, 31, 32, 63, 64, 127, 128, 255, 65535, INT32_MAX, INT32_MIN};

	return dice(d, 2) ? edges[dice(d, 16)] : (int32_t)(dice(d, 65536) << 16 | dice(d, 65536));
}

/* Any register but r1, which points to the memory, and r10. */
static inline uint8_t dice_reg(struct vm_dice *d)
{
	static const uint8_t registers[] = {0, 2, 3, 4, 5, 6, 7, 8, 9};

	return registers[dice(d, 9)];
}

static inline struct bpf_insn random_alu(struct vm_dice *d)
{
	static const uint8_t what[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR,   BPF_AND, BPF_LSH,
				       BPF_RSH, BPF_MOD, BPF_XOR, BPF_MOV, BPF_ARSH, BPF_NEG, BPF_END};
	struct bpf_insn insn = {.code = dice(d, 2) ? BPF_ALU64 : BPF_ALU, .dst_reg = dice_reg(d)};
	uint8_t operation = what[dice(d, sizeof(what))];
	bool wide = insn.code == BPF_ALU64;

	insn.code |= operation;
	if (operation == BPF_NEG)
		return insn;
	if (operation == BPF_END) {
		static const int32_t widths[] = {16, 32, 64};

		insn.imm = widths[dice(d, 3)];
		if (!wide && dice(d, 2))
			insn.code |= BPF_TO_BE;
		return insn;
	}
	if (dice(d, 2)) {
		insn.code |= BPF_X;
		insn.src_reg = dice_reg(d);
		if (operation == BPF_MOV)
			insn.off = (int16_t)(dice(d, 2) ? 0 : 8 << dice(d, wide ? 3 : 2));
	} else {
		insn.imm = dice_imm(d);
	}
	if (operation == BPF_DIV || operation == BPF_MOD)
		insn.off = (int16_t)dice(d, 2);
	return insn;
}

static inline struct bpf_insn random_memory(struct vm_dice *d)
{
	static const uint8_t sizes[] = {BPF_B, BPF_H, BPF_W, BPF_DW};
	static const int32_t atomics[] = {BPF_ADD,
					  BPF_OR,
					  BPF_AND,
					  BPF_XOR,
					  BPF_ADD | BPF_FETCH,
					  BPF_OR | BPF_FETCH,
					  BPF_AND | BPF_FETCH,
					  BPF_XOR | BPF_FETCH,
					  BPF_XCHG,
					  BPF_CMPXCHG};
	unsigned size = dice(d, 4), bytes = 1u << size, kind = dice(d, 5);
	bool stack = dice(d, 2);
	uint8_t base = stack ? BPF_REG_10 : BPF_REG_1;
	int16_t off = (int16_t)(stack ? -(int)((dice(d, 64 / bytes) + 1) * bytes)
				      : (int)(dice(d, VM_RANDOM_MEMORY / bytes) * bytes));
	struct bpf_insn insn = {.off = off};

	switch (kind) {
	case 0:
		insn.code = (uint8_t)(BPF_LDX | sizes[size] | (size < 3 && dice(d, 2) ? 0x80 : BPF_MEM));
		insn.dst_reg = dice_reg(d);
		insn.src_reg = base;
		return insn;
	case 1:
		insn.code = (uint8_t)(BPF_ST | BPF_MEM | sizes[size]);
		insn.imm = dice_imm(d);
		break;
	case 2:
		if (size >= 2) {
			insn.code = (uint8_t)(BPF_STX | BPF_ATOMIC | sizes[size]);
			insn.imm = atomics[dice(d, 10)];
			insn.src_reg = dice_reg(d);
			break;
		}
		/* fallthrough */
	default:
		insn.code = (uint8_t)(BPF_STX | BPF_MEM | sizes[size]);
		insn.src_reg = dice_reg(d);
		break;
	}
	insn.dst_reg = base;
	return insn;
}

/* Adds to a word of memory, as counters are; how many instructions. */
static inline size_t random_count(struct vm_dice *d, struct bpf_insn *insns)
{
	struct bpf_insn load = {.code = BPF_LDX | BPF_MEM | BPF_DW,
				.dst_reg = dice_reg(d),
				.src_reg = BPF_REG_1,
				.off = (int16_t)(dice(d, VM_RANDOM_MEMORY / 8) * 8)};
	struct bpf_insn add = {.code = BPF_ALU64 | BPF_ADD, .dst_reg = load.dst_reg};

	if (dice(d, 2)) {
		add.code |= BPF_X;
		add.src_reg = dice_reg(d);
	} else {
		add.imm = dice_imm(d);
	}
	insns[0] = load;
	insns[1] = add;
	insns[2] = (struct bpf_insn){
		.code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1, .src_reg = load.dst_reg, .off = load.off};
	return 3;
}

/* A conditional or plain jump to one of the instructions from i + 1 to end. */
static inline struct bpf_insn random_jump(struct vm_dice *d, size_t i, size_t end)
{
	static const uint8_t what[] = {BPF_JEQ,	 BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT,
				       BPF_JSGE, BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE};
	struct bpf_insn insn = {.code = dice(d, 2) ? BPF_JMP : BPF_JMP32, .off = (int16_t)dice(d, (unsigned)(end - i))};

	if (!dice(d, 8)) {
		if (insn.code == BPF_JMP32) {
			insn.imm = insn.off;
			insn.off = 0;
		}
		insn.code |= BPF_JA;
		return insn;
	}
	insn.code |= what[dice(d, sizeof(what))];
	insn.dst_reg = dice_reg(d);
	if (dice(d, 2)) {
		insn.code |= BPF_X;
		insn.src_reg = dice_reg(d);
	} else {
		insn.imm = dice_imm(d);
	}
	return insn;
}

/* One function: [begin, end) of which the last is an exit. helper 0: none is called; next: where the function behind
 * begins, 0: there is none. */
static inline void random_function(struct vm_dice *d, struct bpf_insn *insns, size_t begin, size_t end, int32_t helper,
				   size_t next)
{
	size_t i = begin;

	/* The stack that is read has been written, and so has every register but those that begin as given. */
	for (int16_t off = -64; off < 0; off += 8)
		insns[i++] = (struct bpf_insn){
			.code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_10, .off = off, .imm = off * 0x1234567};
	for (uint8_t r = 0; r < 10; r++)
		if (r != 1 && dice(d, 2))
			insns[i++] = (struct bpf_insn){
				.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = r, .imm = dice_imm(d)};
		else if (r != 1 && (r < 6 || !begin))
			insns[i++] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = r, .imm = r};
	while (i < end - 1) {
		unsigned kind = dice(d, 16);

		if (kind < 7)
			insns[i] = random_alu(d);
		else if (kind == 7 && i + 3 < end)
			i += random_count(d, &insns[i]) - 1;
		else if (kind < 11)
			insns[i] = random_memory(d);
		else if (kind < 14)
			insns[i] = random_jump(d, i, end - 1);
		else if (kind == 14 && i + 2 < end) {
			insns[i] = (struct bpf_insn){
				.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = dice_reg(d), .imm = dice_imm(d)};
			insns[++i] = (struct bpf_insn){.imm = dice_imm(d)};
		} else if (i + 8 < end && (helper || next)) {
			/* r1 is saved around it in r9, which calls keep; what they leave in r2 to r5 is nobody's. */
			bool local = next && (!helper || dice(d, 2));

			insns[i++] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 9, .src_reg = 1};
			insns[i] = (struct bpf_insn){.code = BPF_JMP | BPF_CALL,
						     .src_reg = local ? BPF_PSEUDO_CALL : 0,
						     .imm = local ? (int32_t)(next - i - 1) : helper};
			insns[++i] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 9};
			for (uint8_t r = 2; r < 6; r++)
				insns[++i] = (struct bpf_insn){
					.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = r, .imm = dice_imm(d)};
		} else {
			insns[i] = random_alu(d);
		}
		i++;
	}
	insns[end - 1] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
}

/* A jump or the second half of a constant in the way of a jump: goes on to the instruction behind. */
static inline void settle_jumps(struct bpf_insn *insns, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct bpf_insn *insn = &insns[i];
		unsigned class = BPF_CLASS(insn->code), what = BPF_OP(insn->code);
		bool far = insn->code == (BPF_JMP32 | BPF_JA);

		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
			i++;
			continue;
		}
		if ((class != BPF_JMP && class != BPF_JMP32) || what == BPF_CALL || what == BPF_EXIT)
			continue;
		size_t target = i + 1 + (size_t)(far ? insn->imm : insn->off);
		/* Not between what saves r1, calls, and restores it. */
		while (!insns[target].code || insns[target].code == (BPF_JMP | BPF_CALL) ||
		       (target && insns[target - 1].code == (BPF_JMP | BPF_CALL) && insns[target].dst_reg == 1 &&
			insns[target].code == (BPF_ALU64 | BPF_MOV | BPF_X)))
			target++;
		if (far)
			insn->imm = (int32_t)(target - i - 1);
		else
			insn->off = (int16_t)(target - i - 1);
	}
}

/* Fills insns (VM_RANDOM_MOST of them); how many. helper: one that may be called with any arguments; 0: none. */
static inline size_t vm_random_program(const uint8_t *bytes, size_t size, int32_t helper, struct bpf_insn *insns)
{
	struct vm_dice d = {bytes, size};
	unsigned functions = dice(&d, 4) ? 1 : 1 + dice(&d, 4);
	bool leaf = functions == 1 && dice(&d, 2);
	size_t n = 0, begin[6] = {0};

	for (unsigned f = 0; f < functions; f++)
		begin[f + 1] = begin[f] + 22 + dice(&d, 60);
	n = begin[functions];
	memset(insns, 0, n * sizeof(*insns));
	for (unsigned f = 0; f < functions; f++)
		random_function(&d, insns, begin[f], begin[f + 1], leaf ? 0 : helper,
				f + 1 < functions ? begin[f + 1] : 0);
	settle_jumps(insns, n);
	return n;
}

#endif
