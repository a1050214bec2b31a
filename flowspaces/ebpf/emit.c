/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emits a lowered and allocated packet program as eBPF: blocks in reverse
 * postorder, so that most edges fall through.
 */
#include <flowspaces/ebpf/asm.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* Instructions of one program: jumps reach 32,767. */
#define INSNS_MAX 32000

/* ---- values ---------------------------------------------------------------------------------- */

static void emit_alu(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	static const uint8_t codes[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_MOD, BPF_AND,
					BPF_OR,	 BPF_XOR, BPF_LSH, BPF_RSH, BPF_ARSH};
	uint8_t op = codes[in->op - FFPF_IR_ADD], class = in->bits == 32 ? BPF_ALU : BPF_ALU64;
	const struct ffpf_insn *b = &g->ir->insns[in->b];
	bool shift = op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH;
	bool imm = b->op == FFPF_IR_CONST && (in->bits == 32 || fits_imm(b->imm)) &&
		   !((op == BPF_DIV || op == BPF_MOD) && !(uint32_t)b->imm);
	uint8_t dst = ffpf_asm_target(g, v, R0), x, y = 0;

	if (!imm) {
		y = ffpf_asm_use(g, in->b, R1);
		if (y == dst)
			dst = R0;
	}
	x = ffpf_asm_use(g, in->a, dst);
	if (x != dst)
		mov(g, dst, x);
	if (imm)
		ffpf_asm(g, class | op | BPF_K, dst, 0, 0,
			 shift ? (int32_t)(b->imm & (in->bits - 1)) : (int32_t)b->imm);
	else
		ffpf_asm(g, class | op | BPF_X, dst, y, 0, 0);
	if (g->where[v].reg >= 0 && g->where[v].reg != dst)
		mov(g, (uint8_t)g->where[v].reg, dst);
	ffpf_asm_defined(g, v, dst);
}

/* Through memory, where the kernel's verifier loses sight of it. */
static void emit_hide(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	uint8_t dst = ffpf_asm_target(g, v, R0), x = ffpf_asm_use(g, in->a, dst);

	if (g->o->target != FFPF_EBPF_USER) {
		ffpf_asm_forget(g, FORGET_HIDE, x);
		ffpf_asm_recall(g, FORGET_HIDE, dst);
	} else if (x != dst) {
		mov(g, dst, x);
	}
	if (fits_imm(in->imm)) {
		alui(g, BPF_AND, dst, (int32_t)in->imm);
	} else {
		ffpf_asm_imm64(g, R1, in->imm);
		alu(g, BPF_AND, dst, R1);
	}
	ffpf_asm_defined(g, v, dst);
}

static void to_host(struct gen *g, uint8_t reg, unsigned size)
{
	if (size > 1)
		ffpf_asm(g, BPF_ALU | BPF_END | BPF_TO_BE, reg, 0, 0, (int32_t)size * 8);
}

/* Adds up to 32 bits without a sign: an immediate has 31. */
static void add_offset(struct gen *g, uint8_t reg, uint64_t offset)
{
	while (offset) {
		int32_t step = offset < INT32_MAX ? (int32_t)offset : INT32_MAX;

		alui(g, BPF_ADD, reg, step);
		offset -= (uint64_t)step;
	}
}

/* Base register and offset of packet bytes; r0 where the offset is far. */
static uint8_t packet_address(struct gen *g, const struct ffpf_insn *in, int16_t *off)
{
	uint8_t base = in->a ? ffpf_asm_use(g, ffpf_ebpf_pointer(g, in->a, in->block), R0) : REG_DATA;

	*off = (int16_t)in->imm;
	if (in->imm <= INT16_MAX - 8)
		return base;
	if (base != R0)
		mov(g, R0, base);
	add_offset(g, R0, in->imm);
	*off = 0;
	return R0;
}

void ffpf_ebpf_slow_offset(struct gen *g, const struct ffpf_insn *in)
{
	if (in->a) {
		uint8_t a = ffpf_asm_use(g, in->a, R2);

		if (a != R2)
			mov(g, R2, a);
		add_offset(g, R2, in->imm);
	} else {
		ffpf_asm_imm64(g, R2, in->imm);
	}
}

/* Copies bytes of the packet to SLOT_LOAD, or back (the helper says). */
static void slow_access(struct gen *g, const struct ffpf_insn *in, int32_t helper)
{
	ffpf_ebpf_slow_offset(g, in);
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	mov(g, R3, R10);
	alui(g, BPF_ADD, R3, SLOT_LOAD);
	movi(g, R4, in->size);
	call(g, helper);
}

static void emit_slow_load(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	uint8_t dst = ffpf_asm_target(g, v, R0);

	if (is_skb(g)) {
		ffpf_ebpf_skb_load(g, in, dst);
	} else {
		sti(g, BPF_DW, R10, SLOT_LOAD, 0);
		slow_access(g, in, BPF_FUNC_xdp_load_bytes);
		ldx(g, size_code(in->size), dst, R10, SLOT_LOAD);
	}
	if (!g->raw[v])
		to_host(g, dst, in->size);
	ffpf_asm_defined(g, v, dst);
}

static void emit_load(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	uint8_t dst = ffpf_asm_target(g, v, R0), base;
	int16_t off;

	if (is_slow(g)) {
		emit_slow_load(g, v, in);
		return;
	}
	base = packet_address(g, in, &off);
	ldx(g, size_code(in->size), dst, base, off);
	if (!g->raw[v])
		to_host(g, dst, in->size);
	ffpf_asm_defined(g, v, dst);
}

static void emit_store(struct gen *g, const struct ffpf_insn *in)
{
	uint8_t x = ffpf_asm_use(g, in->b, R1), base;
	int16_t off;

	if (x != R1)
		mov(g, R1, x);
	to_host(g, R1, in->size);
	if (is_skb(g)) {
		/* What a class writes is for the functions behind it, and would have to be right for a tag that is not
		 * in the bytes, too. No class of ours writes. */
		g->error = -EOPNOTSUPP;
		return;
	}
	if (g->o->target == FFPF_EBPF_XDP_SLOW) {
		stx(g, size_code(in->size), R10, SLOT_LOAD, R1);
		slow_access(g, in, BPF_FUNC_xdp_store_bytes);
		return;
	}
	base = packet_address(g, in, &off);
	stx(g, size_code(in->size), base, off, R1);
}

/* data + offset. Where the verifier does not know that the offset is small it is masked; the check compares it
 * unmasked. */
static void emit_pointer(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	uint8_t dst = ffpf_asm_target(g, v, R0);
	uint8_t a = ffpf_asm_use(g, in->a, dst);

	if (a != dst)
		mov(g, dst, a);
	if (!ffpf_ebpf_bounded(g, in->a))
		alui(g, BPF_AND, dst, LINEAR_MAX);
	alu(g, BPF_ADD, dst, REG_DATA);
	ffpf_asm_defined(g, v, dst);
}

static void emit_call(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	uint8_t dst;

	if (in->op == FFPF_IR_NATIVE) {
		uint8_t class = ffpf_asm_use(g, in->b, R3);

		if (class != R3)
			mov(g, R3, class);
		mov(g, R1, REG_PACKET);
		movi(g, R2, (int32_t)in->imm);
		call(g, FFPF_CALL_NATIVE);
	} else {
		call(g, BPF_FUNC_get_prandom_u32);
	}
	if (nowhere(g, v))
		return;
	dst = ffpf_asm_target(g, v, R0);
	if (dst != R0)
		mov(g, dst, R0);
	ffpf_asm_defined(g, v, dst);
}

/* The user's program, here or behind ours: r6 to r9 are preserved, so the packet's ends stay known. */
static void emit_program(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	const struct ffpf_ebpf_callee *callee = ffpf_ebpf_callee(g, (unsigned)in->imm);
	uint8_t dst;

	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	if (callee && callee->apart) {
		movi(g, R2, (int32_t)in->imm);
		call(g, FFPF_CALL_PROGRAM);
	} else if (!callee || !ffpf_ebpf_inline(g, v, callee)) {
		ffpf_asm_call_program(g, (unsigned)in->imm);
	}
	if (in->size && g->o->target == FFPF_EBPF_TC_SLOW) { /* it may have written to the packet */
		stx(g, BPF_DW, R10, SLOT_LOAD, R0);
		ffpf_ebpf_skb_head(g);
		ldx(g, BPF_DW, R0, R10, SLOT_LOAD);
	}
	if (nowhere(g, v))
		return;
	dst = ffpf_asm_target(g, v, R0);
	/* A class has 32 bits. */
	ffpf_asm(g, BPF_ALU | BPF_MOV | BPF_X, dst, R0, 0, 0);
	ffpf_asm_defined(g, v, dst);
}

static void emit_insn(struct gen *g, ffpf_val v)
{
	const struct ffpf_insn *in = &g->ir->insns[v];
	bool dead = nowhere(g, v);

	g->origin = in->origin;
	if (in->op == OP_PPTR) {
		if (!dead)
			emit_pointer(g, v, in);
		return;
	}
	if (in->op == FFPF_IR_KEY) {
		ffpf_ebpf_key(g, v);
		return;
	}
	if (dead && (ffpf_op_flags[in->op] & FFPF_OP_VALUE) && !(ffpf_op_flags[in->op] & FFPF_OP_EFFECT))
		return; /* constants too */
	if (ffpf_ebpf_emit_state(g, v) || ffpf_ebpf_emit_map(g, v))
		return;
	if (ffpf_op_is_alu(in->op)) {
		emit_alu(g, v, in);
		return;
	}
	switch (in->op) {
	case FFPF_IR_HIDE:
		emit_hide(g, v, in);
		break;
	case FFPF_IR_LOAD:
		emit_load(g, v, in);
		break;
	case FFPF_IR_STORE:
		emit_store(g, in);
		break;
	case FFPF_IR_LOOKUP:
		ffpf_ebpf_lookup(g, v);
		break;
	case FFPF_IR_CALL:
	case FFPF_IR_NATIVE:
		emit_call(g, v, in);
		break;
	case FFPF_IR_TAP:
		ffpf_ebpf_tap(g, in);
		break;
	case FFPF_IR_PROGRAM:
		emit_program(g, v, in);
		break;
	case FFPF_IR_GHOST: {
		uint8_t dst = ffpf_asm_target(g, v, R0);

		if (g->o->target == FFPF_EBPF_USER) {
			ldx(g, BPF_DW, R1, R10, SLOT_CTX);
			ldx(g, BPF_DW, R1, R1, offsetof(struct ffpf_user_ctx, ghosts));
			ldx(g, BPF_W, dst, R1, (int16_t)(in->imm * 4));
		} else {
			ffpf_ebpf_ghost(g, (unsigned)in->imm, dst);
		}
		ffpf_asm_defined(g, v, dst);
		break;
	}
	default:
		break;
	}
}

/* ---- edges ----------------------------------------------------------------------------------- */

static bool same_place(const struct gen *g, ffpf_val x, ffpf_val y)
{
	const struct location *a = &g->where[x], *b = &g->where[y];

	if (a->reg >= 0 || b->reg >= 0)
		return a->reg == b->reg;
	return (a->slot || a->forgotten) && a->slot == b->slot && a->forgotten == b->forgotten;
}

struct move {
	ffpf_val to, from;
	bool saved; /* from's value is in SLOT_LOAD by now */
};

static bool is_source(const struct gen *g, const struct move *moves, size_t n, size_t self)
{
	for (size_t i = 0; i < n; i++)
		if (i != self && !moves[i].saved && g->ir->insns[moves[i].from].op != FFPF_IR_CONST &&
		    same_place(g, moves[i].from, moves[self].to))
			return true;
	return false;
}

/* All targets are wanted by others: the first one's old value goes to the stack, for whoever reads it. */
static void break_cycle(struct gen *g, struct move *moves, size_t n)
{
	stx(g, BPF_DW, R10, SLOT_LOAD, ffpf_asm_use(g, moves[0].to, R1));
	for (size_t i = 0; i < n; i++)
		if (g->ir->insns[moves[i].from].op != FFPF_IR_CONST && same_place(g, moves[i].from, moves[0].to))
			moves[i].saved = true;
}

/* Straight onto the stack, where that is one instruction. */
static bool move_to_stack(struct gen *g, const struct move *m)
{
	const struct ffpf_insn *from = &g->ir->insns[m->from];

	if (g->where[m->to].reg >= 0 || !g->where[m->to].slot || m->saved)
		return false;
	if (from->op == FFPF_IR_CONST && fits_imm(from->imm))
		sti(g, BPF_DW, R10, g->where[m->to].slot, (int32_t)from->imm);
	else if (from->op != FFPF_IR_CONST && g->where[m->from].reg >= 0)
		stx(g, BPF_DW, R10, g->where[m->to].slot, (uint8_t)g->where[m->from].reg);
	else
		return false;
	return true;
}

static void emit_move(struct gen *g, const struct move *m)
{
	uint8_t dst = ffpf_asm_target(g, m->to, R0);

	if (move_to_stack(g, m))
		return;
	if (m->saved) {
		ldx(g, BPF_DW, dst, R10, SLOT_LOAD);
	} else {
		uint8_t src = ffpf_asm_use(g, m->from, dst);

		if (src != dst)
			mov(g, dst, src);
	}
	ffpf_asm_defined(g, m->to, dst);
}

static size_t collect_moves(struct gen *g, ffpf_block from, const struct ffpf_bb *to, struct move *moves)
{
	const struct ffpf_program *p = g->ir;
	size_t n = 0;

	for (size_t k = 0; k < to->n && p->insns[to->insns[k]].op == FFPF_IR_PHI; k++) {
		const struct ffpf_insn *phi = &p->insns[to->insns[k]];
		ffpf_val v = to->insns[k];

		if (nowhere(g, v))
			continue;
		for (uint32_t i = 0; i < phi->n_phi; i++)
			if (phi->phi[i].pred == from &&
			    (p->insns[phi->phi[i].value].op == FFPF_IR_CONST || !same_place(g, v, phi->phi[i].value)))
				moves[n++] = (struct move){.to = v, .from = phi->phi[i].value};
	}
	return n;
}

/* The phis of a successor are one parallel copy: targets that nobody reads any more go first. */
static void emit_phis(struct gen *g, ffpf_block from, ffpf_block to)
{
	const struct ffpf_bb *bb = &g->ir->blocks[to];
	struct move *moves = ffpf_arena_alloc(g->arena, bb->n * sizeof(*moves) + 1);
	size_t n = collect_moves(g, from, bb, moves);

	while (n) {
		size_t ready = 0;

		while (ready < n && is_source(g, moves, n, ready))
			ready++;
		if (ready == n) {
			break_cycle(g, moves, n);
			continue;
		}
		emit_move(g, &moves[ready]);
		moves[ready] = moves[--n];
	}
}

static void jump_block(struct gen *g, ffpf_block to, ffpf_block next)
{
	if (to != next)
		ffpf_asm_jump_to(g, BPF_JMP | BPF_JA, 0, 0, 0, to);
}

static uint64_t swapped(uint64_t value, unsigned size)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return size == 2 ? __builtin_bswap16((uint16_t)value) : __builtin_bswap32((uint32_t)value);
#else
	return value;
#endif
}

/* The constant that a value is compared with: in the byte order that the value is kept in. */
static uint64_t constant(const struct gen *g, ffpf_val v, uint64_t value)
{
	return g->raw[v] ? swapped(value, g->ir->insns[v].size) : value;
}

static void emit_comparison(struct gen *g, const struct ffpf_term *t, ffpf_block next)
{
	static const uint8_t codes[] = {
		[FFPF_EQ] = BPF_JEQ,   [FFPF_NE] = BPF_JNE,   [FFPF_LT] = BPF_JLT,   [FFPF_LE] = BPF_JLE,
		[FFPF_GT] = BPF_JGT,   [FFPF_GE] = BPF_JGE,   [FFPF_SLT] = BPF_JSLT, [FFPF_SLE] = BPF_JSLE,
		[FFPF_SGT] = BPF_JSGT, [FFPF_SGE] = BPF_JSGE, [FFPF_SET] = BPF_JSET,
	};
	static const uint8_t opposite[] = {
		[FFPF_EQ] = FFPF_NE,   [FFPF_NE] = FFPF_EQ,   [FFPF_LT] = FFPF_GE,    [FFPF_GE] = FFPF_LT,
		[FFPF_GT] = FFPF_LE,   [FFPF_LE] = FFPF_GT,   [FFPF_SLT] = FFPF_SGE,  [FFPF_SGE] = FFPF_SLT,
		[FFPF_SGT] = FFPF_SLE, [FFPF_SLE] = FFPF_SGT, [FFPF_SET] = FFPF_NSET, [FFPF_NSET] = FFPF_SET,
	};
	uint8_t class = t->bits == 32 ? BPF_JMP32 : BPF_JMP, a, b = 0, cond = t->cond;
	ffpf_block yes = t->yes, no = t->no;
	uint64_t imm = t->b ? 0 : constant(g, t->a, t->imm);
	bool reg = t->b || (t->bits == 64 && !fits_imm(imm));

	/* eBPF has no "none of these bits"; otherwise let the likelier fall-through be the next block. */
	if (cond == FFPF_NSET || (yes == next && opposite[cond] != FFPF_NSET)) {
		cond = opposite[cond];
		yes = t->no;
		no = t->yes;
	}
	a = ffpf_asm_use(g, t->a, R0);
	if (t->b) {
		b = ffpf_asm_use(g, t->b, R1);
	} else if (reg) {
		ffpf_asm_imm64(g, R1, imm);
		b = R1;
	}
	ffpf_asm_jump_to(g, class | codes[cond] | (reg ? BPF_X : BPF_K), a, b, reg ? 0 : (int32_t)imm, yes);
	jump_block(g, no, next);
}

static void emit_branch(struct gen *g, const struct ffpf_term *t, ffpf_block next)
{
	if (g->fused[t->a]) {
		ffpf_ebpf_lookup_branch(g, t->a, t->cond == FFPF_NE ? t->yes : t->no,
					t->cond == FFPF_NE ? t->no : t->yes, next);
		return;
	}
	emit_comparison(g, t, next);
}

/* What was chosen to be forgotten is small: the verifier alone does not know. */
static bool is_small(const struct gen *g, ffpf_val v)
{
	return g->where[v].forgotten && g->where[v].forgotten < FORGET_HIDE;
}

static void emit_check(struct gen *g, const struct ffpf_term *t, ffpf_block b, ffpf_block next)
{
	bool slow = is_slow(g);
	uint8_t base = REG_DATA, end = REG_END;

	if (t->a && !slow && !is_small(g, t->a) && !ffpf_ebpf_bounded(g, t->a))
		ffpf_asm_jump_to(g, BPF_JMP | BPF_JGT | BPF_K, ffpf_asm_use(g, t->a, R0), 0, LINEAR_MAX, t->no);
	if (slow) {
		ffpf_asm_recall(g, FORGET_LEN, R1);
		end = R1;
		if (t->a)
			base = ffpf_asm_use(g, t->a, R0);
		else
			base = R0, movi(g, R0, 0);
	} else if (t->a) {
		base = ffpf_asm_use(g, ffpf_ebpf_pointer(g, t->a, b), R0);
	}
	if (base != R0)
		mov(g, R0, base);
	add_offset(g, R0, t->imm);
	ffpf_asm_jump_to(g, BPF_JMP | BPF_JGT | BPF_X, R0, end, 0, t->no);
	jump_block(g, t->yes, next);
}

/* ---- switches -------------------------------------------------------------------------------- */

static int by_value(const void *x, const void *y)
{
	const struct ffpf_case *a = x, *b = y;

	return a->value < b->value ? -1 : a->value > b->value;
}

static void compare(struct gen *g, uint8_t op, unsigned bits, uint8_t reg, uint64_t value, ffpf_block to,
		    uint32_t *patch)
{
	uint8_t class = bits == 32 ? BPF_JMP32 : BPF_JMP;
	bool imm = bits == 32 || fits_imm(value);

	if (!imm)
		ffpf_asm_imm64(g, R1, value);
	if (to)
		ffpf_asm_jump_to(g, class | op | (imm ? BPF_K : BPF_X), reg, imm ? 0 : R1, imm ? (int32_t)value : 0,
				 to);
	else
		*patch =
			ffpf_asm(g, class | op | (imm ? BPF_K : BPF_X), reg, imm ? 0 : R1, 0, imm ? (int32_t)value : 0);
}

/* Halves the cases until three are left. Recursion is as deep as the logarithm of their number. */
static void emit_cases(struct gen *g, const struct ffpf_term *t, uint8_t reg, const struct ffpf_case *cases, uint32_t n)
{
	uint32_t upper = 0;

	if (n <= 3) {
		for (uint32_t i = 0; i < n; i++)
			compare(g, BPF_JEQ, t->bits, reg, cases[i].value, cases[i].to, NULL);
		ffpf_asm_jump_to(g, BPF_JMP | BPF_JA, 0, 0, 0, t->no);
		return;
	}
	compare(g, BPF_JGE, t->bits, reg, cases[n / 2].value, 0, &upper);
	emit_cases(g, t, reg, cases, n / 2);
	ffpf_asm_patch(g, upper);
	emit_cases(g, t, reg, cases + n / 2, n - n / 2);
}

static void emit_switch(struct gen *g, const struct ffpf_term *t)
{
	struct ffpf_case *cases = ffpf_arena_alloc(g->arena, t->n_cases * sizeof(*cases));

	for (uint32_t i = 0; i < t->n_cases; i++)
		cases[i] = (struct ffpf_case){constant(g, t->a, t->cases[i].value), t->cases[i].to};
	qsort(cases, t->n_cases, sizeof(*cases), by_value);
	emit_cases(g, t, ffpf_asm_use(g, t->a, R0), cases, t->n_cases);
}

static void emit_term(struct gen *g, ffpf_block b, ffpf_block next)
{
	const struct ffpf_term *t = &g->ir->blocks[b].term;

	g->origin = t->origin;
	switch (t->kind) {
	case FFPF_TERM_JUMP:
		emit_phis(g, b, t->yes);
		jump_block(g, t->yes, next);
		break;
	case FFPF_TERM_BRANCH:
		emit_branch(g, t, next);
		break;
	case FFPF_TERM_CHECK:
		emit_check(g, t, b, next);
		break;
	case FFPF_TERM_SWITCH:
		emit_switch(g, t);
		break;
	default:
		if (next)
			ffpf_asm_jump_to(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
		break;
	}
}

static bool reads_packet(const struct ffpf_program *p)
{
	for (size_t i = 1; i < p->n_blocks; i++)
		if (p->blocks[i].order && p->blocks[i].term.kind == FFPF_TERM_CHECK)
			return true;
	return false;
}

static void resolve_fixups(struct gen *g, uint32_t end)
{
	for (size_t i = 0; i < g->n_fixups; i++)
		ffpf_asm_set_target(g, g->fixups[i].insn,
				    g->fixups[i].target ? (uint32_t)g->at[g->fixups[i].target] : end);
}

int ffpf_ebpf_generate(struct ffpf_arena *arena, struct ffpf_program *ir, const struct ffpf_ebpf_options *options,
		       struct ffpf_ebpf_program *out)
{
	struct gen g = {.arena = arena, .ir = ir, .o = options, .out = out};
	uint32_t end;
	int err;

	*out = (struct ffpf_ebpf_program){.maps = ir->maps};
	ffpf_ebpf_lower(&g);
	g.loads = reads_packet(ir);
	err = ffpf_ebpf_allocate(&g);
	if (err)
		return err;
	g.at = ffpf_arena_alloc(arena, ir->n_blocks * sizeof(*g.at));
	ffpf_ebpf_prologue(&g);
	for (size_t i = 0; i < ir->n_rpo && out->n < INSNS_MAX; i++) {
		const struct ffpf_bb *bb = &ir->blocks[ir->rpo[i]];

		g.at[ir->rpo[i]] = (int32_t)out->n;
		for (size_t k = 0; k < bb->n; k++)
			emit_insn(&g, bb->insns[k]);
		emit_term(&g, ir->rpo[i], i + 1 < ir->n_rpo ? ir->rpo[i + 1] : 0);
	}
	if (out->n >= INSNS_MAX)
		return -E2BIG;
	g.origin = 0;
	end = (uint32_t)out->n;
	ffpf_ebpf_epilogue(&g);
	resolve_fixups(&g, end);
	return g.error ? g.error : ffpf_ebpf_append(&g);
}
