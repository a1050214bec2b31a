/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Truth values, as control flow: where to go when one holds, and when not. What is absent does not hold.
 */
#include <fpl/emit.h>

#include <lib/lang/arena.h>

static const enum ffpf_cond conditions[] = {
	[FPL_OP_EQ] = FFPF_EQ, [FPL_OP_NE] = FFPF_NE, [FPL_OP_LT] = FFPF_LT,
	[FPL_OP_LE] = FFPF_LE, [FPL_OP_GT] = FFPF_GT, [FPL_OP_GE] = FFPF_GE,
};

/* Equality of two pairs. */
static void emit_equal(struct fpl_emitter *e, struct fpl_value x, struct fpl_value y, ffpf_block yes, ffpf_block no)
{
	ffpf_block half = ffpf_ir_block(e->b);

	ffpf_ir_branch(e->b, FFPF_EQ, 64, x.v[1], y.v[1], half, no);
	fpl_emit_into(e, half);
	ffpf_ir_branch(e->b, FFPF_EQ, 64, x.v[0], y.v[0], yes, no);
}

/* Order of two pairs: the high halves decide where they differ. */
static void emit_order(struct fpl_emitter *e, enum fpl_operator op, struct fpl_value x, struct fpl_value y,
		       ffpf_block yes, ffpf_block no)
{
	ffpf_block same = ffpf_ir_block(e->b), differ = ffpf_ir_block(e->b);

	ffpf_ir_branch(e->b, FFPF_EQ, 64, x.v[0], y.v[0], same, differ);
	fpl_emit_into(e, same);
	ffpf_ir_branch(e->b, conditions[op], 64, x.v[1], y.v[1], yes, no);
	fpl_emit_into(e, differ);
	ffpf_ir_branch(e->b, op == FPL_OP_LT || op == FPL_OP_LE ? FFPF_LT : FFPF_GT, 64, x.v[0], y.v[0], yes, no);
}

static void emit_comparison(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block yes, ffpf_block no)
{
	bool wide = x->a->type == FPL_IPV6 || x->b->type == FPL_IPV6;
	enum fpl_kind type = wide ? FPL_IPV6 : x->a->type;
	struct fpl_value a, b;

	if (!wide && fpl_is_number(type))
		type = FPL_U64;
	a = fpl_emit_as(e, x->a, type, no);
	b = fpl_emit_as(e, x->b, type, no);
	if (!wide)
		ffpf_ir_branch(e->b, conditions[x->op], 64, a.v[0], b.v[0], yes, no);
	else if (x->op == FPL_OP_EQ)
		emit_equal(e, a, b, yes, no);
	else if (x->op == FPL_OP_NE)
		emit_equal(e, a, b, no, yes);
	else
		emit_order(e, x->op, a, b, yes, no);
}

/* ---- sets ------------------------------------------------------------------------------------ */

static void emit_range(struct fpl_emitter *e, ffpf_val v, uint64_t lo, uint64_t hi, ffpf_block yes, ffpf_block no)
{
	ffpf_block above = ffpf_ir_block(e->b);

	ffpf_ir_branch_imm(e->b, FFPF_GE, 64, v, lo, above, no);
	fpl_emit_into(e, above);
	ffpf_ir_branch_imm(e->b, FFPF_LE, 64, v, hi, yes, no);
}

static void emit_half(struct fpl_emitter *e, ffpf_val v, uint64_t want, unsigned bits, unsigned width, ffpf_block yes,
		      ffpf_block no)
{
	uint64_t mask =
		bits ? (width == 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1) & ~(((uint64_t)1 << (width - bits)) - 1)
		     : 0;

	if (bits == width)
		mask = width == 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
	ffpf_ir_branch_imm(e->b, FFPF_EQ, 64, mask == UINT64_MAX ? v : ffpf_ir_alu_imm(e->b, FFPF_AND, 64, v, mask),
			   want, yes, no);
}

static void emit_prefix(struct fpl_emitter *e, struct fpl_value v, enum fpl_kind type, const struct fpl_expr *item,
			ffpf_block yes, ffpf_block no)
{
	uint64_t high = item->number[0], low = item->number[1];
	unsigned bits = item->bits;
	ffpf_block half;

	if (type == FPL_IPV4) {
		emit_half(e, v.v[0], item->number[0], bits, 32, yes, no);
		return;
	}
	if (item->type == FPL_IPV4) {
		high = 0;
		low = UINT64_C(0xffff00000000) | item->number[0];
		bits += 96;
	}
	half = bits > 64 ? ffpf_ir_block(e->b) : yes;
	emit_half(e, v.v[0], high, bits > 64 ? 64 : bits, 64, half, no);
	if (bits <= 64)
		return;
	fpl_emit_into(e, half);
	emit_half(e, v.v[1], low, bits - 64, 64, yes, no);
}

static bool is_range(const struct fpl_expr *item)
{
	return item->kind == FPL_E_RANGE;
}

static bool is_prefix(const struct fpl_expr *item)
{
	return item->kind == FPL_E_CONSTANT && item->op == FPL_OP_DIV;
}

/* Single numbers are one switch. */
static void emit_numbers(struct fpl_emitter *e, ffpf_val v, struct fpl_expr *const *items, size_t n, ffpf_block yes,
			 ffpf_block no)
{
	struct ffpf_case *cases = ffpf_arena_alloc(e->arena, (n + 1) * sizeof(*cases));
	uint32_t n_cases = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t x = items[i]->number[0];
		bool twice = false;

		if (is_range(items[i]) || is_prefix(items[i]))
			continue;
		if (items[i]->kind != FPL_E_CONSTANT)
			fpl_check_constant(items[i], &x);
		for (uint32_t k = 0; k < n_cases; k++)
			twice |= cases[k].value == x;
		if (!twice)
			cases[n_cases++] = (struct ffpf_case){x, yes};
	}
	if (n_cases == 1)
		ffpf_ir_branch_imm(e->b, FFPF_EQ, 64, v, cases[0].value, yes, no);
	else if (n_cases)
		ffpf_ir_switch(e->b, 64, v, cases, n_cases, no);
	else
		ffpf_ir_jump(e->b, no);
}

void fpl_emit_member(struct fpl_emitter *e, const struct fpl_expr *x, struct fpl_value v, struct fpl_expr *const *items,
		     size_t n, ffpf_block yes, ffpf_block no)
{
	for (size_t i = 0; i < n; i++) {
		ffpf_block next = ffpf_ir_block(e->b);
		uint64_t lo = 0, hi = 0;

		if (is_range(items[i])) {
			fpl_check_constant(items[i]->a, &lo);
			fpl_check_constant(items[i]->b, &hi);
			emit_range(e, v.v[0], lo, hi, yes, next);
		} else if (is_prefix(items[i])) {
			emit_prefix(e, v, x->type, items[i], yes, next);
		} else if (x->type == FPL_IPV6) {
			emit_equal(e, v, fpl_emit_as(e, items[i], FPL_IPV6, no), yes, next);
		} else {
			ffpf_ir_seal(e->b, next);
			continue;
		}
		fpl_emit_into(e, next);
	}
	if (x->type == FPL_IPV6)
		ffpf_ir_jump(e->b, no);
	else
		emit_numbers(e, v.v[0], items, n, yes, no);
}

static void emit_in(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block yes, ffpf_block no)
{
	const struct fpl_expr *set = x->b;
	struct fpl_value v;

	if (set->kind == FPL_E_SET || set->kind == FPL_E_RANGE || set->kind == FPL_E_CONSTANT) {
		v = fpl_emit_value(e, x->a, no);
		if (set->kind == FPL_E_SET)
			fpl_emit_member(e, x->a, v, set->args, set->n_args, yes, no);
		else
			fpl_emit_member(e, x->a, v, (struct fpl_expr *const *)&x->b, 1, yes, no);
		return;
	}
	if (set->meaning == FPL_M_PARAM) {
		const struct ffpf_value *range = &e->instance->values[set->symbol->param];

		emit_range(e, fpl_emit_value(e, x->a, no).v[0], (uint64_t)range->i, (uint64_t)range->j, yes, no);
		return;
	}
	fpl_emit_in_table(e, set->symbol, fpl_emit_as(e, x->a, set->symbol->key_types[0], no), yes, no);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void emit_operation(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block yes, ffpf_block no)
{
	ffpf_block next;

	switch (x->op) {
	case FPL_OP_BOTH:
		next = ffpf_ir_block(e->b);
		fpl_emit_condition(e, x->a, next, no);
		fpl_emit_into(e, next);
		fpl_emit_condition(e, x->b, yes, no);
		break;
	case FPL_OP_EITHER:
		next = ffpf_ir_block(e->b);
		fpl_emit_condition(e, x->a, yes, next);
		fpl_emit_into(e, next);
		fpl_emit_condition(e, x->b, yes, no);
		break;
	case FPL_OP_NOT:
		fpl_emit_condition(e, x->a, no, yes);
		break;
	case FPL_OP_NONE: /* t.has(k) */
		fpl_emit_entry(e, x->a, NULL, no);
		ffpf_ir_jump(e->b, yes);
		break;
	default:
		emit_comparison(e, x, yes, no);
	}
}

void fpl_emit_condition(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block yes, ffpf_block no)
{
	bool holds;

	/* What only parameters decide is decided: the other way is not built. */
	if (fpl_bind_fold(e->instance, x, &holds)) {
		ffpf_ir_jump(e->b, holds ? yes : no);
		return;
	}
	if (x->kind == FPL_E_IN) {
		emit_in(e, x, yes, no);
		return;
	}
	if (x->meaning == FPL_M_OPERATION && x->type == FPL_BOOL && x->kind != FPL_E_CHOICE && x->op != FPL_OP_ELSE) {
		emit_operation(e, x, yes, no);
		return;
	}
	if (x->type == FPL_HEADER) {
		fpl_emit_value(e, x, no);
		ffpf_ir_jump(e->b, yes);
		return;
	}
	if (x->meaning == FPL_M_ENTRY) {
		fpl_emit_entry(e, x, NULL, no);
		ffpf_ir_jump(e->b, yes);
		return;
	}
	ffpf_ir_branch_imm(e->b, FFPF_NE, 64, fpl_emit_value(e, x, no).v[0], 0, yes, no);
}
