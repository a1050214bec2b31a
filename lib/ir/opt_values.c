/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Value numbering over the dominator tree: what was computed in a dominating
 * block is not computed again. This is what lets a second filter, of the same
 * user or another, use the EtherType that the first one loaded.
 *
 * Folds constants and simple identities on the way, and branches on constants.
 * Packet loads are merged too, unless the program writes to the packet.
 */
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

/* Candidates looked at under one hash: enough for real programs, bounded for hostile ones. */
#define CHAIN_MAX 16

struct numbering {
	struct ffpf_program *p;
	ffpf_val *forward; /* value → the one that stands for it; 0: itself */
	ffpf_val *heads;   /* hash → newest value */
	ffpf_val *chain;   /* value → older one with the same hash */
	uint32_t mask;
	bool stores;
	bool changed;
};

static ffpf_val find(struct numbering *n, ffpf_val v)
{
	while (n->forward[v])
		v = n->forward[v];
	return v;
}

static bool commutative(uint8_t op)
{
	return op == FFPF_IR_ADD || op == FFPF_IR_MUL || op == FFPF_IR_AND || op == FFPF_IR_OR || op == FFPF_IR_XOR;
}

static bool is_const(const struct ffpf_program *p, ffpf_val v)
{
	return p->insns[v].op == FFPF_IR_CONST;
}

/* Of phis of phis so many are looked into, and of the values that one merges. */
#define PHI_DEPTH 2
#define PHI_ARGS 12

static uint64_t phi_max(const struct ffpf_program *p, const struct ffpf_insn *phi, unsigned depth)
{
	uint64_t max = 0;

	if (phi->n_phi > PHI_ARGS)
		return UINT64_MAX;
	for (uint32_t i = 0; i < phi->n_phi && max != UINT64_MAX; i++) {
		uint64_t x = ffpf_ir_value_max(p, phi->phi[i].value, depth + 1);

		max = x > max ? x : max;
	}
	return max;
}

/* An upper bound of a value, from its definition alone. */
uint64_t ffpf_ir_value_max(const struct ffpf_program *p, ffpf_val v, unsigned depth)
{
	const struct ffpf_insn *i = &p->insns[v];
	uint64_t top = i->bits == 32 ? UINT32_MAX : UINT64_MAX, x;

	switch (i->op) {
	case FFPF_IR_CONST:
		return i->imm;
	case FFPF_IR_LOAD:
		return i->size == 8 ? UINT64_MAX : (1ull << (8 * i->size)) - 1;
	case FFPF_IR_META:
		return i->imm == FFPF_META_TIME ? UINT64_MAX : UINT32_MAX;
	case FFPF_IR_LOOKUP:
		return p->tables[i->imm].max;
	case FFPF_IR_HIDE:
		return i->imm;
	case FFPF_IR_PHI:
		return depth < PHI_DEPTH ? phi_max(p, i, depth) : UINT64_MAX;
	case FFPF_IR_CALL:
	case FFPF_IR_GHOST:
	case FFPF_IR_NATIVE:
	case FFPF_IR_PROGRAM:
	case FFPF_IR_FLAG:
		return UINT32_MAX;
	default:
		break;
	}
	if (!ffpf_op_is_alu(i->op) || depth > 8)
		return ffpf_op_is_alu(i->op) ? top : UINT64_MAX;
	x = ffpf_ir_value_max(p, i->a, depth + 1);
	if (x > top)
		x = top;
	if (i->op == FFPF_IR_AND) {
		uint64_t y = ffpf_ir_value_max(p, i->b, depth + 1);

		return x < y ? x : y;
	}
	if (i->op == FFPF_IR_RSH && is_const(p, i->b))
		return x >> (p->insns[i->b].imm & (i->bits - 1));
	if (i->op == FFPF_IR_LSH && is_const(p, i->b)) {
		unsigned count = p->insns[i->b].imm & (i->bits - 1);

		return x <= top >> count ? x << count : top;
	}
	if (i->op == FFPF_IR_MUL && is_const(p, i->b)) {
		uint64_t k = p->insns[i->b].imm;

		return !k ? 0 : x <= top / k ? x * k : top;
	}
	if (i->op == FFPF_IR_ADD) {
		uint64_t y = ffpf_ir_value_max(p, i->b, depth + 1);

		return y <= top && x <= top - y ? x + y : top;
	}
	if (i->op == FFPF_IR_DIV)
		return x;
	return top;
}

static bool fits(const struct ffpf_program *p, ffpf_val v, unsigned bits)
{
	return bits == 64 || ffpf_ir_value_max(p, v, 0) <= UINT32_MAX;
}

/* The operand that an instruction is equal to (x + 0, x & all ones …), or 0. */
static ffpf_val identity(const struct ffpf_program *p, const struct ffpf_insn *i)
{
	uint64_t k;

	if (!is_const(p, i->b) || !fits(p, i->a, i->bits))
		return 0;
	k = p->insns[i->b].imm;
	if (i->bits == 32)
		k = (uint32_t)k;
	switch (i->op) {
	case FFPF_IR_ADD:
	case FFPF_IR_SUB:
	case FFPF_IR_OR:
	case FFPF_IR_XOR:
	case FFPF_IR_LSH:
	case FFPF_IR_RSH:
	case FFPF_IR_ARSH:
		return k == 0 ? i->a : 0;
	case FFPF_IR_MUL:
	case FFPF_IR_DIV:
		return k == 1 ? i->a : 0;
	case FFPF_IR_AND: {
		uint64_t max = ffpf_ir_value_max(p, i->a, 0);
		uint64_t cover = max; /* all ones below the top bit of max */

		for (unsigned s = 1; s < 64; s <<= 1)
			cover |= cover >> s;
		return (k & cover) == cover ? i->a : 0;
	}
	default:
		return 0;
	}
}

static void make_const(struct ffpf_insn *i, uint64_t value)
{
	i->op = FFPF_IR_CONST;
	i->imm = value;
	i->a = i->b = 0;
	i->bits = 0;
}

static ffpf_val simplify(struct numbering *n, struct ffpf_insn *i)
{
	struct ffpf_program *p = n->p;

	if (i->op == FFPF_IR_LOOKUP && is_const(p, i->a)) {
		make_const(i, ffpf_ir_table_find(&p->tables[i->imm], p->insns[i->a].imm));
		n->changed = true;
		return 0;
	}
	if (!ffpf_op_is_alu(i->op))
		return 0;
	if (is_const(p, i->a) && is_const(p, i->b)) {
		make_const(i, ffpf_alu_eval(i->op, i->bits, p->insns[i->a].imm, p->insns[i->b].imm));
		n->changed = true;
		return 0;
	}
	if (commutative(i->op) && is_const(p, i->a)) {
		ffpf_val a = i->a;

		i->a = i->b;
		i->b = a;
	}
	if (i->op == FFPF_IR_AND && is_const(p, i->b) && p->insns[i->b].imm == 0) {
		make_const(i, 0);
		n->changed = true;
		return 0;
	}
	return identity(p, i);
}

static uint32_t hash(const struct ffpf_insn *i)
{
	uint64_t h = i->op * 0x9e3779b97f4a7c15u;

	h = (h ^ i->bits ^ (uint64_t)i->size << 8) * 0xff51afd7ed558ccdu;
	h = (h ^ i->a) * 0x9e3779b97f4a7c15u;
	h = (h ^ i->b) * 0xc4ceb9fe1a85ec53u;
	h = (h ^ i->imm) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(h >> 32);
}

static bool same(const struct ffpf_insn *x, const struct ffpf_insn *y)
{
	return x->op == y->op && x->bits == y->bits && x->size == y->size && x->a == y->a && x->b == y->b &&
	       x->imm == y->imm;
}

static ffpf_val available(struct numbering *n, ffpf_val v)
{
	struct ffpf_insn *i = &n->p->insns[v];
	uint32_t h = hash(i) & n->mask;
	unsigned steps = 0;

	for (ffpf_val c = n->heads[h]; c && steps < CHAIN_MAX; c = n->chain[c], steps++)
		if (same(&n->p->insns[c], i) && ffpf_ir_dominates(n->p, n->p->insns[c].block, i->block))
			return c;
	n->chain[v] = n->heads[h];
	n->heads[h] = v;
	return 0;
}

static ffpf_val phi_same(struct numbering *n, ffpf_val v)
{
	struct ffpf_insn *i = &n->p->insns[v];
	ffpf_val only = 0;

	for (uint32_t k = 0; k < i->n_phi; k++) {
		ffpf_val arg = find(n, i->phi[k].value);

		i->phi[k].value = arg;
		if (arg == v || arg == only)
			continue;
		if (only) {
			/* Equal constants made in different blocks are one value. */
			if (is_const(n->p, arg) && is_const(n->p, only) &&
			    n->p->insns[arg].imm == n->p->insns[only].imm)
				continue;
			return 0;
		}
		only = arg;
	}
	return only;
}

static void number_insn(struct numbering *n, ffpf_val v)
{
	struct ffpf_program *p = n->p;
	struct ffpf_insn *i = &p->insns[v];
	ffpf_val leader;

	i->a = find(n, i->a);
	i->b = find(n, i->b);
	if (i->op == FFPF_IR_PHI) {
		leader = phi_same(n, v);
		if (!leader)
			return;
		if (is_const(p, leader) && !ffpf_ir_dominates(p, p->insns[leader].block, i->block)) {
			i->n_phi = 0;
			make_const(i, p->insns[leader].imm);
			n->changed = true;
			return;
		}
	} else {
		leader = simplify(n, i);
		if (!leader) {
			if (!(ffpf_op_flags[i->op] & FFPF_OP_PURE) || (i->op == FFPF_IR_LOAD && n->stores))
				return;
			leader = available(n, v);
		}
	}
	if (!leader)
		return;
	n->forward[v] = leader;
	i->op = FFPF_IR_NOP;
	i->n_phi = 0;
	n->changed = true;
}

/* A value compared with itself. */
static void fold_same(struct numbering *n, struct ffpf_term *t)
{
	t->b = 0;
	n->changed = true;
	if (t->cond == FFPF_SET || t->cond == FFPF_NSET) {
		t->cond = t->cond == FFPF_SET ? FFPF_NE : FFPF_EQ;
		t->imm = 0;
		return;
	}
	*t = (struct ffpf_term){.kind = FFPF_TERM_JUMP,
				.yes = ffpf_cond_eval(t->cond, t->bits, 0, 0) ? t->yes : t->no,
				.origin = t->origin};
}

/* Is this an operation with a constant? */
static bool with_const(const struct ffpf_program *p, const struct ffpf_insn *i, unsigned op, uint64_t *k)
{
	if (i->op != op || !is_const(p, i->b))
		return false;
	*k = p->insns[i->b].imm;
	return true;
}

/* (x >> k & mask) compared with 0, or with a mask of one bit, is a test of bits of x: what flags of headers are. */
static void fold_bits(struct numbering *n, struct ffpf_term *t)
{
	const struct ffpf_program *p = n->p;
	const struct ffpf_insn *i = &p->insns[t->a];
	uint64_t mask, k;
	ffpf_val x;

	if (t->kind != FFPF_TERM_BRANCH || t->b || (t->cond != FFPF_EQ && t->cond != FFPF_NE) ||
	    !with_const(p, i, FFPF_IR_AND, &mask))
		return;
	if (i->bits == 32 || t->bits == 32)
		mask = (uint32_t)mask;
	if (!mask || (t->imm && (t->imm != mask || mask & (mask - 1))))
		return;
	x = i->a;
	i = &p->insns[x];
	if (with_const(p, i, FFPF_IR_RSH, &k) && k < i->bits && mask << k >> k == mask &&
	    (i->bits == 64 || mask << k <= UINT32_MAX)) {
		mask <<= k;
		x = i->a;
	}
	t->cond = (t->cond == FFPF_NE) == !t->imm ? FFPF_SET : FFPF_NSET;
	t->bits = mask > UINT32_MAX ? 64 : 32;
	t->imm = mask;
	t->a = x;
	n->changed = true;
}

static void fold_branch(struct numbering *n, struct ffpf_term *t)
{
	struct ffpf_program *p = n->p;

	t->a = find(n, t->a);
	t->b = find(n, t->b);
	if (t->kind == FFPF_TERM_BRANCH && t->b && is_const(p, t->b)) {
		t->imm = t->bits == 32 ? (uint32_t)p->insns[t->b].imm : p->insns[t->b].imm;
		t->b = 0;
	}
	if (t->kind == FFPF_TERM_BRANCH && t->b && t->b == t->a)
		fold_same(n, t);
	fold_bits(n, t);
	if (t->kind == FFPF_TERM_CHECK && t->a && is_const(p, t->a)) {
		uint64_t need = t->imm + (uint32_t)p->insns[t->a].imm;

		/* No packet has 4 GB. */
		if (need > UINT32_MAX)
			*t = (struct ffpf_term){.kind = FFPF_TERM_JUMP, .yes = t->no, .origin = t->origin};
		else
			t->imm = need;
		t->a = 0;
		n->changed = true;
	}
	if (!t->a || !is_const(p, t->a))
		return;
	uint64_t value = p->insns[t->a].imm;

	if (t->kind == FFPF_TERM_BRANCH && !t->b) {
		ffpf_block to = ffpf_cond_eval(t->cond, t->bits, value, t->imm) ? t->yes : t->no;

		*t = (struct ffpf_term){.kind = FFPF_TERM_JUMP, .yes = to, .origin = t->origin};
		n->changed = true;
	} else if (t->kind == FFPF_TERM_SWITCH) {
		ffpf_block to = t->no;

		for (uint32_t i = t->n_cases; i-- > 0;)
			if (t->cases[i].value == (t->bits == 32 ? (uint32_t)value : value))
				to = t->cases[i].to;
		*t = (struct ffpf_term){.kind = FFPF_TERM_JUMP, .yes = to, .origin = t->origin};
		n->changed = true;
	}
}

/* A load at a constant base is a load at an offset. */
static void fold_load_base(struct numbering *n, struct ffpf_insn *i)
{
	if ((i->op != FFPF_IR_LOAD && i->op != FFPF_IR_STORE) || !i->a)
		return;
	ffpf_val base = find(n, i->a);

	if (is_const(n->p, base) && i->imm + (uint32_t)n->p->insns[base].imm <= UINT32_MAX) {
		i->imm += (uint32_t)n->p->insns[base].imm;
		i->a = 0;
		n->changed = true;
	}
}

/* Where a phi has become a constant: phis come first again. */
static void order_phis(struct ffpf_program *p, struct ffpf_bb *bb)
{
	size_t phis = 0;

	for (size_t k = 0; k < bb->n; k++) {
		ffpf_val v = bb->insns[k];

		if (p->insns[v].op != FFPF_IR_PHI)
			continue;
		memmove(&bb->insns[phis + 1], &bb->insns[phis], (k - phis) * sizeof(v));
		bb->insns[phis++] = v;
	}
}

bool ffpf_opt_values(struct ffpf_program *p)
{
	struct numbering n = {.p = p};

	ffpf_ir_analyse(p);
	for (n.mask = 63; n.mask < p->n_insns; n.mask = n.mask * 2 + 1)
		;
	n.forward = calloc(p->n_insns, sizeof(*n.forward));
	n.chain = calloc(p->n_insns, sizeof(*n.chain));
	n.heads = calloc(n.mask + 1u, sizeof(*n.heads));
	if (!n.forward || !n.chain || !n.heads)
		abort();
	for (size_t v = 1; v < p->n_insns; v++)
		n.stores |= p->insns[v].op == FFPF_IR_STORE || (p->insns[v].op == FFPF_IR_PROGRAM && p->insns[v].size);
	for (size_t i = 0; i < p->n_rpo; i++) {
		struct ffpf_bb *bb = &p->blocks[p->rpo[i]];

		for (size_t k = 0; k < bb->n; k++) {
			fold_load_base(&n, &p->insns[bb->insns[k]]);
			number_insn(&n, bb->insns[k]);
		}
		fold_branch(&n, &bb->term);
	}
	for (size_t i = 0; i < p->n_rpo; i++)
		order_phis(p, &p->blocks[p->rpo[i]]);
	/* A use may stand before its definition was forwarded only in phis; and terminators were seen in order. */
	for (size_t v = 1; v < p->n_insns; v++)
		for (uint32_t k = 0; k < p->insns[v].n_phi; k++)
			p->insns[v].phi[k].value = find(&n, p->insns[v].phi[k].value);
	free(n.forward);
	free(n.chain);
	free(n.heads);
	return n.changed;
}
