/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arithmetic for jit.c. 32-bit operations of x86-64 clear the upper half of their result, as those of eBPF do, and both
 * take shift counts modulo the width.
 */
#include <flowspaces/user/vm/jit.h>

#include <linux/bpf.h>

static void binary(struct jit *j, const struct bpf_insn *insn, bool wide, enum x86_alu op)
{
	enum x86_reg dst = j->reg[insn->dst_reg];

	if (BPF_SRC(insn->code) == BPF_X)
		x_alu(&j->code, wide, op, dst, jit_use(j, insn->src_reg, X10));
	else
		/* Masks without a sign clear the upper half: the shorter instruction does that by itself. */
		x_alu_imm(&j->code, wide && !(op == X_AND && insn->imm >= 0), op, dst, insn->imm);
}

static void multiply(struct jit *j, const struct bpf_insn *insn, bool wide)
{
	enum x86_reg dst = j->reg[insn->dst_reg];

	if (BPF_SRC(insn->code) == BPF_X) {
		op_reg(&j->code, wide, false, 0x1af, dst, jit_use(j, insn->src_reg, X10));
	} else {
		op_reg(&j->code, wide, false, 0x69, dst, dst);
		word32(&j->code, (uint32_t)insn->imm);
	}
}

static void shift(struct jit *j, const struct bpf_insn *insn, bool wide, enum x86_shift op)
{
	enum x86_reg dst = j->reg[insn->dst_reg];
	unsigned count = (unsigned)insn->imm & (wide ? 63 : 31);

	if (BPF_SRC(insn->code) == BPF_X) {
		x_mov(&j->code, true, RCX, jit_use(j, insn->src_reg, RCX));
		x_shift_cl(&j->code, wide, op, dst);
	} else if (count) {
		x_shift_imm(&j->code, wide, op, dst, count);
	} else if (!wide) {
		x_mov(&j->code, false, dst, dst);
	}
}

/* ---- division -------------------------------------------------------------------------------- */

struct division {
	enum x86_reg dst;
	bool wide, sign, modulo;
};

/* By zero: 0, or what was divided. */
static void by_zero(struct jit *j, struct division d)
{
	if (!d.modulo)
		x_mov_imm(&j->code, d.dst, 0);
	else if (!d.wide)
		x_mov(&j->code, false, d.dst, d.dst);
}

/* By -1: x86 traps for the smallest number. */
static void by_minus_one(struct jit *j, struct division d)
{
	if (d.modulo)
		x_mov_imm(&j->code, d.dst, 0);
	else
		op_reg(&j->code, d.wide, false, 0xf7, 3, d.dst); /* neg */
}

/* By RCX, which is neither: through RAX and RDX, whose values are kept. */
static void by_rcx(struct jit *j, struct division d)
{
	struct code *c = &j->code;

	if (d.dst != RAX)
		x_mov(c, true, X10, RAX);
	if (d.dst != RDX)
		x_push(c, RDX);
	if (d.dst != RAX)
		x_mov(c, d.wide, RAX, d.dst);
	if (d.sign)
		rex_opcode(c, d.wide, false, 0x99, 0, 0); /* cdq, cqo */
	else
		x_mov_imm(c, RDX, 0);
	op_reg(c, d.wide, false, 0xf7, d.sign ? 7 : 6, RCX);
	x_mov(c, d.wide, d.dst, d.modulo ? RDX : RAX);
	if (d.dst != RDX)
		x_pop(c, RDX);
	if (d.dst != RAX)
		x_mov(c, true, RAX, X10);
}

static void divide(struct jit *j, const struct bpf_insn *insn, bool wide)
{
	struct division d = {.dst = j->reg[insn->dst_reg],
			     .wide = wide,
			     .sign = insn->off == 1,
			     .modulo = BPF_OP(insn->code) == BPF_MOD};
	size_t zero, minus = 0, done[2] = {0};

	if (BPF_SRC(insn->code) == BPF_K) {
		if (!insn->imm) {
			by_zero(j, d);
		} else if (d.sign && insn->imm == -1) {
			by_minus_one(j, d);
		} else {
			x_mov_imm(&j->code, RCX, wide ? (uint64_t)(int64_t)insn->imm : (uint32_t)insn->imm);
			by_rcx(j, d);
		}
		return;
	}
	x_mov(&j->code, wide, RCX, jit_use(j, insn->src_reg, RCX));
	x_test(&j->code, wide, RCX, RCX);
	zero = jit_skip(j, CC_E);
	if (d.sign) {
		x_alu_imm(&j->code, wide, X_CMP, RCX, -1);
		minus = jit_skip(j, CC_E);
	}
	by_rcx(j, d);
	done[0] = jit_skip_always(j);
	if (d.sign) {
		jit_land(j, minus);
		by_minus_one(j, d);
		done[1] = jit_skip_always(j);
	}
	jit_land(j, zero);
	by_zero(j, d);
	jit_land(j, done[0]);
	if (d.sign)
		jit_land(j, done[1]);
}

/* ---- moves and byte order -------------------------------------------------------------------- */

static void swap(struct jit *j, const struct bpf_insn *insn, bool zero_above)
{
	enum x86_reg dst = j->reg[insn->dst_reg];

	if (insn->imm == 16) {
		byte(&j->code, 0x66);
		x_shift_imm(&j->code, false, X_ROL, dst, 8);
		if (!zero_above)
			op_reg(&j->code, false, false, 0x1b7, dst, dst);
	} else {
		x_bswap(&j->code, insn->imm == 64, dst);
	}
}

static void keep(struct jit *j, const struct bpf_insn *insn)
{
	enum x86_reg dst = j->reg[insn->dst_reg];

	if (insn->imm == 16)
		op_reg(&j->code, false, false, 0x1b7, dst, dst);
	else if (insn->imm == 32)
		x_mov(&j->code, false, dst, dst);
}

/* Was the register just loaded with 16 bits, on the only way here? */
static bool just_loaded(const struct jit *j, size_t i)
{
	const struct bpf_insn *before = &j->vm->insns[i - 1];

	return i && !(j->marks[i] & MARK_TARGET) && before->code == (BPF_LDX | BPF_MEM | BPF_H) &&
	       before->dst_reg == before[1].dst_reg;
}

static void sign_extend(struct jit *j, const struct bpf_insn *insn, bool wide)
{
	enum x86_reg dst = j->reg[insn->dst_reg], src = jit_use(j, insn->src_reg, X10);

	if (insn->off == 32)
		op_reg(&j->code, true, false, 0x63, dst, src);
	else
		op_reg(&j->code, wide, true, insn->off == 8 ? 0x1be : 0x1bf, dst, src);
}

/* Copy and add a constant: one lea. */
static bool joins_add(const struct jit *j, size_t i)
{
	const struct bpf_insn *insn = &j->vm->insns[i];

	return i + 1 < j->vm->n && !(j->marks[i + 1] & MARK_TARGET) && insn[1].code == (BPF_ALU64 | BPF_ADD | BPF_K) &&
	       insn[1].dst_reg == insn->dst_reg;
}

static unsigned move(struct jit *j, size_t i, bool wide)
{
	const struct bpf_insn *insn = &j->vm->insns[i];
	enum x86_reg dst = j->reg[insn->dst_reg];

	if (BPF_SRC(insn->code) == BPF_K) {
		x_mov_imm(&j->code, dst, wide ? (uint64_t)(int64_t)insn->imm : (uint32_t)insn->imm);
	} else if (insn->off) {
		sign_extend(j, insn, wide);
	} else if (wide && joins_add(j, i)) {
		x_lea(&j->code, dst, jit_place(j, insn->src_reg, insn[1].imm));
		return 2;
	} else if (wide && insn->src_reg == BPF_REG_10) {
		x_lea(&j->code, dst, jit_place(j, BPF_REG_10, 0));
	} else {
		x_mov(&j->code, wide, dst, jit_use(j, insn->src_reg, X10));
	}
	return 1;
}

unsigned jit_alu(struct jit *j, size_t i)
{
	const struct bpf_insn *insn = &j->vm->insns[i];
	bool wide = BPF_CLASS(insn->code) == BPF_ALU64;

	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
		binary(j, insn, wide, X_ADD);
		return 1;
	case BPF_SUB:
		binary(j, insn, wide, X_SUB);
		return 1;
	case BPF_OR:
		binary(j, insn, wide, X_OR);
		return 1;
	case BPF_AND:
		binary(j, insn, wide, X_AND);
		return 1;
	case BPF_XOR:
		binary(j, insn, wide, X_XOR);
		return 1;
	case BPF_MUL:
		multiply(j, insn, wide);
		return 1;
	case BPF_DIV:
	case BPF_MOD:
		divide(j, insn, wide);
		return 1;
	case BPF_LSH:
		shift(j, insn, wide, X_SHL);
		return 1;
	case BPF_RSH:
		shift(j, insn, wide, X_SHR);
		return 1;
	case BPF_ARSH:
		shift(j, insn, wide, X_SAR);
		return 1;
	case BPF_NEG:
		op_reg(&j->code, wide, false, 0xf7, 3, j->reg[insn->dst_reg]);
		return 1;
	case BPF_END: /* x86-64 is little-endian */
		if (wide || BPF_SRC(insn->code) == BPF_TO_BE)
			swap(j, insn, just_loaded(j, i));
		else
			keep(j, insn);
		return 1;
	default:
		return move(j, i, wide);
	}
}
