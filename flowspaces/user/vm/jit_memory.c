/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads, stores and atomics for jit.c. Memory is not checked: the verifier did that.
 */
#include <flowspaces/user/vm/jit.h>

#include <linux/bpf.h>

#ifndef BPF_MEMSX
#define BPF_MEMSX 0x80
#endif

static void load(struct jit *j, const struct bpf_insn *insn)
{
	enum x86_reg dst = j->reg[insn->dst_reg];
	struct place m = jit_place(j, insn->src_reg, insn->off);

	switch (BPF_SIZE(insn->code)) {
	case BPF_B:
		op_mem(&j->code, false, false, 0x1b6, dst, m);
		break;
	case BPF_H:
		op_mem(&j->code, false, false, 0x1b7, dst, m);
		break;
	case BPF_W:
		op_mem(&j->code, false, false, 0x8b, dst, m);
		break;
	default:
		op_mem(&j->code, true, false, 0x8b, dst, m);
		break;
	}
}

static void load_signed(struct jit *j, const struct bpf_insn *insn)
{
	unsigned opcode = BPF_SIZE(insn->code) == BPF_B ? 0x1be : BPF_SIZE(insn->code) == BPF_H ? 0x1bf : 0x63;

	op_mem(&j->code, true, false, opcode, j->reg[insn->dst_reg], jit_place(j, insn->src_reg, insn->off));
}

static void store(struct jit *j, const struct bpf_insn *insn)
{
	enum x86_reg src = jit_use(j, insn->src_reg, X10);
	struct place m = jit_place(j, insn->dst_reg, insn->off);

	if (BPF_SIZE(insn->code) == BPF_H)
		byte(&j->code, 0x66);
	op_mem(&j->code, BPF_SIZE(insn->code) == BPF_DW, BPF_SIZE(insn->code) == BPF_B,
	       BPF_SIZE(insn->code) == BPF_B ? 0x88 : 0x89, src, m);
}

static void store_constant(struct jit *j, const struct bpf_insn *insn)
{
	struct place m = jit_place(j, insn->dst_reg, insn->off);

	switch (BPF_SIZE(insn->code)) {
	case BPF_B:
		op_mem(&j->code, false, false, 0xc6, 0, m);
		byte(&j->code, (uint8_t)insn->imm);
		break;
	case BPF_H:
		byte(&j->code, 0x66);
		op_mem(&j->code, false, false, 0xc7, 0, m);
		byte(&j->code, insn->imm & 0xff);
		byte(&j->code, insn->imm >> 8 & 0xff);
		break;
	default:
		op_mem(&j->code, BPF_SIZE(insn->code) == BPF_DW, false, 0xc7, 0, m);
		word32(&j->code, (uint32_t)insn->imm);
		break;
	}
}

/* ---- atomics --------------------------------------------------------------------------------- */

/* A register that none of these is; its value is pushed by who takes it. */
static enum x86_reg other_than(enum x86_reg a, enum x86_reg b)
{
	static const enum x86_reg candidates[] = {RDX, RSI, RDI};
	unsigned i = 0;

	while (candidates[i] == a || candidates[i] == b)
		i++;
	return candidates[i];
}

/* and, or, xor that give the old value: a loop around cmpxchg. src gets it. */
static void fetch_loop(struct jit *j, const struct bpf_insn *insn, bool wide, enum x86_alu op)
{
	struct code *c = &j->code;
	enum x86_reg src = j->reg[insn->src_reg],
		     base = insn->dst_reg == BPF_REG_10 ? RSP : (enum x86_reg)j->reg[insn->dst_reg],
		     temp = other_than(src, base);
	size_t again;

	x_lea(c, RCX, jit_place(j, insn->dst_reg, insn->off));
	x_mov(c, true, X10, src);
	x_push(c, temp);
	if (src != RAX)
		x_push(c, RAX);
	op_mem(c, wide, false, 0x8b, RAX, (struct place){RCX, 0});
	again = c->n;
	x_mov(c, wide, temp, RAX);
	x_alu(c, wide, op, temp, X10);
	byte(c, 0xf0);
	op_mem(c, wide, false, 0x1b1, temp, (struct place){RCX, 0});
	byte(c, 0x70 | CC_NE);
	byte(c, (uint8_t)(again - (c->n + 1)));
	if (src != RAX) {
		x_mov(c, wide, X10, RAX);
		x_pop(c, RAX);
	}
	x_pop(c, temp);
	if (src != RAX)
		x_mov(c, wide, src, X10);
}

static void atomic(struct jit *j, const struct bpf_insn *insn)
{
	struct code *c = &j->code;
	bool wide = BPF_SIZE(insn->code) == BPF_DW;
	enum x86_alu op = insn->imm == BPF_ADD	 ? X_ADD
			  : insn->imm == BPF_OR	 ? X_OR
			  : insn->imm == BPF_AND ? X_AND
						 : X_XOR;
	enum x86_reg src;

	switch (insn->imm) {
	case BPF_AND | BPF_FETCH:
		fetch_loop(j, insn, wide, X_AND);
		return;
	case BPF_OR | BPF_FETCH:
		fetch_loop(j, insn, wide, X_OR);
		return;
	case BPF_XOR | BPF_FETCH:
		fetch_loop(j, insn, wide, X_XOR);
		return;
	}
	src = jit_use(j, insn->src_reg, X10);
	struct place m = jit_place(j, insn->dst_reg, insn->off);
	switch (insn->imm) {
	case BPF_XCHG:
		op_mem(c, wide, false, 0x87, src, m);
		break;
	case BPF_ADD | BPF_FETCH:
		byte(c, 0xf0);
		op_mem(c, wide, false, 0x1c1, src, m);
		break;
	case BPF_CMPXCHG: /* compares with RAX, which r0 is in */
		if (!wide)
			x_mov(c, false, RAX, RAX);
		byte(c, 0xf0);
		op_mem(c, wide, false, 0x1b1, src, m);
		break;
	default:
		byte(c, 0xf0);
		op_mem(c, wide, false, (unsigned)op << 3 | 1, src, m);
		break;
	}
}

/*
 * Counting: load, add, store to the same place, and nobody asks for the sum: one instruction.
 *
 *     r0 = *(u64 *)(r8 +16)
 *     r0 += 1                     add qword [r8+16], 1
 *     *(u64 *)(r8 +16) = r0
 */
static bool is_count(const struct jit *j, size_t i)
{
	const struct bpf_insn *load = &j->vm->insns[i], *add = load + 1, *store = load + 2;
	uint8_t temp = load->dst_reg;

	if (i + 3 >= j->vm->n || j->marks[i + 1] & MARK_TARGET || j->marks[i + 2] & MARK_TARGET)
		return false;
	return load->code == (BPF_LDX | BPF_MEM | BPF_DW) && store->code == (BPF_STX | BPF_MEM | BPF_DW) &&
	       (add->code & ~BPF_X) == (BPF_ALU64 | BPF_ADD | BPF_K) && add->dst_reg == temp &&
	       store->src_reg == temp && store->dst_reg == load->src_reg && store->off == load->off &&
	       load->src_reg != temp && (BPF_SRC(add->code) == BPF_K || (add->src_reg != temp && add->src_reg < 10)) &&
	       !(j->live[i + 3] & 1u << temp);
}

static void count(struct jit *j, const struct bpf_insn *load)
{
	struct place m = jit_place(j, load->src_reg, load->off);
	int32_t imm = load[1].imm;
	bool near = imm >= -128 && imm <= 127;

	if (BPF_SRC(load[1].code) == BPF_X) {
		op_mem(&j->code, true, false, 0x01, j->reg[load[1].src_reg], m);
		return;
	}
	op_mem(&j->code, true, false, near ? 0x83 : 0x81, X_ADD, m);
	if (near)
		byte(&j->code, (uint8_t)imm);
	else
		word32(&j->code, (uint32_t)imm);
}

unsigned jit_memory(struct jit *j, size_t i)
{
	const struct bpf_insn *insn = &j->vm->insns[i];

	if (is_count(j, i)) {
		count(j, insn);
		return 3;
	}
	switch (BPF_CLASS(insn->code)) {
	case BPF_LDX:
		if (BPF_MODE(insn->code) == BPF_MEMSX)
			load_signed(j, insn);
		else
			load(j, insn);
		break;
	case BPF_ST:
		store_constant(j, insn);
		break;
	default:
		if (BPF_MODE(insn->code) == BPF_ATOMIC)
			atomic(j, insn);
		else
			store(j, insn);
		break;
	}
	return 1;
}
