/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values. Everything is 64 bits wide, unsigned; addresses of IPv6 are two values.
 */
#include <fpl/emit.h>

#define IPV4_MAPPED UINT64_C(0xffff00000000)

static struct fpl_value one(ffpf_val v)
{
	return (struct fpl_value){{v, 0}};
}

static struct fpl_value two(struct fpl_emitter *e, uint64_t high, uint64_t low)
{
	return (struct fpl_value){{ffpf_ir_const(e->b, high), ffpf_ir_const(e->b, low)}};
}

static uint64_t big_endian(const uint8_t *bytes, unsigned n)
{
	uint64_t x = 0;

	for (unsigned i = 0; i < n; i++)
		x = x << 8 | bytes[i];
	return x;
}

static struct fpl_value emit_param(struct fpl_emitter *e, const struct fpl_symbol *s)
{
	const struct ffpf_value *v = &e->instance->values[s->param];

	switch (s->type) {
	case FPL_MAC:
		return one(ffpf_ir_const(e->b, big_endian(v->bytes, 6)));
	case FPL_IPV4:
		return one(ffpf_ir_const(e->b, big_endian(v->bytes, 4)));
	case FPL_IPV6:
		return two(e, big_endian(v->bytes, 8), big_endian(v->bytes + 8, 8));
	default:
		return one(ffpf_ir_const(e->b, (uint64_t)v->i));
	}
}

/* ---- operations ------------------------------------------------------------------------------ */

ffpf_val fpl_emit_operation(struct fpl_emitter *e, enum fpl_operator op, ffpf_val x, ffpf_val y)
{
	static const enum ffpf_alu alu[] = {
		[FPL_OP_ADD] = FFPF_ADD, [FPL_OP_SUB] = FFPF_SUB, [FPL_OP_MUL] = FFPF_MUL, [FPL_OP_DIV] = FFPF_DIV,
		[FPL_OP_MOD] = FFPF_MOD, [FPL_OP_AND] = FFPF_AND, [FPL_OP_OR] = FFPF_OR,   [FPL_OP_XOR] = FFPF_XOR,
		[FPL_OP_LSH] = FFPF_LSH, [FPL_OP_RSH] = FFPF_RSH,
	};

	return ffpf_ir_alu(e->b, alu[op], 64, x, y);
}

struct fpl_value fpl_emit_convert(struct fpl_emitter *e, struct fpl_value v, enum fpl_kind from, enum fpl_kind to)
{
	unsigned have = fpl_kind_bits(from), want = fpl_kind_bits(to);

	if (from == FPL_IPV4 && to == FPL_IPV6)
		return (struct fpl_value){{ffpf_ir_const(e->b, 0),
					   ffpf_ir_alu(e->b, FFPF_OR, 64, v.v[0], ffpf_ir_const(e->b, IPV4_MAPPED))}};
	if (to == FPL_BOOL && from != FPL_BOOL) {
		ffpf_var truth = ffpf_ir_var(e->b);
		ffpf_block yes = ffpf_ir_block(e->b), done = ffpf_ir_block(e->b);

		ffpf_ir_var_set(e->b, truth, ffpf_ir_const(e->b, 0));
		ffpf_ir_branch_imm(e->b, FFPF_NE, 64, v.v[0], 0, yes, done);
		fpl_emit_into(e, yes);
		ffpf_ir_var_set(e->b, truth, ffpf_ir_const(e->b, 1));
		fpl_emit_into(e, done);
		return one(ffpf_ir_var_get(e->b, truth));
	}
	if (want && want < 64 && (!have || have > want))
		v.v[0] = ffpf_ir_alu_imm(e->b, FFPF_AND, 64, v.v[0], ((uint64_t)1 << want) - 1);
	return v;
}

struct fpl_value fpl_emit_as(struct fpl_emitter *e, const struct fpl_expr *x, enum fpl_kind type, ffpf_block absent)
{
	return fpl_emit_convert(e, fpl_emit_value(e, x, absent), x->type, type);
}

/* A condition as 0 or 1. */
static struct fpl_value emit_truth(struct fpl_emitter *e, const struct fpl_expr *x)
{
	ffpf_var truth = ffpf_ir_var(e->b);
	ffpf_block yes = ffpf_ir_block(e->b), no = ffpf_ir_block(e->b);

	ffpf_ir_var_set(e->b, truth, ffpf_ir_const(e->b, 0));
	fpl_emit_condition(e, x, yes, no);
	fpl_emit_into(e, yes);
	ffpf_ir_var_set(e->b, truth, ffpf_ir_const(e->b, 1));
	fpl_emit_into(e, no);
	return one(ffpf_ir_var_get(e->b, truth));
}

static void keep(struct fpl_emitter *e, const ffpf_var to[2], struct fpl_value v)
{
	ffpf_ir_var_set(e->b, to[0], v.v[0]);
	if (v.v[1])
		ffpf_ir_var_set(e->b, to[1], v.v[1]);
}

static struct fpl_value kept(struct fpl_emitter *e, const ffpf_var from[2], enum fpl_kind type)
{
	return (struct fpl_value){
		{ffpf_ir_var_get(e->b, from[0]), type == FPL_IPV6 ? ffpf_ir_var_get(e->b, from[1]) : 0}};
}

/* a ?? b */
static struct fpl_value emit_else(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block absent)
{
	const ffpf_var to[2] = {ffpf_ir_var(e->b), ffpf_ir_var(e->b)};
	ffpf_block other = ffpf_ir_block(e->b), done = ffpf_ir_block(e->b);

	keep(e, to, fpl_emit_as(e, x->a, x->type, other));
	ffpf_ir_jump(e->b, done);
	fpl_emit_into(e, other);
	keep(e, to, fpl_emit_as(e, x->b, x->type, absent));
	fpl_emit_into(e, done);
	return kept(e, to, x->type);
}

/* a ? b : c */
static struct fpl_value emit_choice(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block absent)
{
	const ffpf_var to[2] = {ffpf_ir_var(e->b), ffpf_ir_var(e->b)};
	ffpf_block yes = ffpf_ir_block(e->b), no = ffpf_ir_block(e->b), done = ffpf_ir_block(e->b);

	fpl_emit_condition(e, x->a, yes, no);
	fpl_emit_into(e, yes);
	keep(e, to, fpl_emit_as(e, x->b, x->type, absent));
	ffpf_ir_jump(e->b, done);
	fpl_emit_into(e, no);
	keep(e, to, fpl_emit_as(e, x->c, x->type, absent));
	fpl_emit_into(e, done);
	return kept(e, to, x->type);
}

static struct fpl_value emit_operation(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block absent)
{
	ffpf_val a, b;

	if (x->kind == FPL_E_CHOICE)
		return emit_choice(e, x, absent);
	if (x->op == FPL_OP_ELSE)
		return emit_else(e, x, absent);
	if (x->type == FPL_BOOL)
		return emit_truth(e, x);
	a = fpl_emit_value(e, x->a, absent).v[0];
	if (x->op == FPL_OP_NEGATE)
		return one(ffpf_ir_alu(e->b, FFPF_SUB, 64, ffpf_ir_const(e->b, 0), a));
	if (x->op == FPL_OP_INVERT)
		return one(ffpf_ir_alu_imm(e->b, FFPF_XOR, 64, a, UINT64_MAX));
	b = fpl_emit_value(e, x->b, absent).v[0];
	return one(fpl_emit_operation(e, x->op, a, b));
}

/* ---- functions of the language --------------------------------------------------------------- */

static struct fpl_value emit_extreme(struct fpl_emitter *e, const struct fpl_expr *x, enum ffpf_cond better,
				     ffpf_block absent)
{
	ffpf_var best = ffpf_ir_var(e->b);

	ffpf_ir_var_set(e->b, best, fpl_emit_value(e, x->args[0], absent).v[0]);
	for (size_t i = 1; i < x->n_args; i++) {
		ffpf_val v = fpl_emit_value(e, x->args[i], absent).v[0];
		ffpf_block take = ffpf_ir_block(e->b), next = ffpf_ir_block(e->b);

		ffpf_ir_branch(e->b, better, 64, v, ffpf_ir_var_get(e->b, best), take, next);
		fpl_emit_into(e, take);
		ffpf_ir_var_set(e->b, best, v);
		fpl_emit_into(e, next);
	}
	return one(ffpf_ir_var_get(e->b, best));
}

static struct fpl_value emit_builtin(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block absent)
{
	ffpf_val words[2 * 8];
	unsigned n = 0;

	switch (x->builtin) {
	case FPL_B_MIN:
		return emit_extreme(e, x, FFPF_LT, absent);
	case FPL_B_MAX:
		return emit_extreme(e, x, FFPF_GT, absent);
	case FPL_B_LOG2:
		/* Of 0 as of 1. */
		return one(ffpf_ir_alu_imm(
			e->b, FFPF_SUB, 64,
			ffpf_ir_bit_length(
				e->b, 64,
				ffpf_ir_alu_imm(e->b, FFPF_OR, 64, fpl_emit_value(e, x->args[0], absent).v[0], 1)),
			1));
	case FPL_B_RANDOM:
		return one(ffpf_ir_call(e->b, FFPF_HELPER_RANDOM));
	case FPL_B_GIVEN:
		return one(ffpf_ir_const(e->b, e->instance->values[x->args[0]->symbol->param].given));
	case FPL_B_REQUIRE:
		break;
	case FPL_B_HASH:
		for (size_t i = 0; i < x->n_args; i++) {
			struct fpl_value v = fpl_emit_value(e, x->args[i], absent);

			words[n++] = v.v[0];
			if (x->args[i]->type == FPL_IPV6)
				words[n++] = v.v[1];
		}
		return one(fpl_hash_emit(e->b, words, n));
	}
	return one(ffpf_ir_const(e->b, 0));
}

static struct fpl_value emit_bytes(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block absent)
{
	uint64_t at = 0, size = 1;
	ffpf_val offset = 0;

	fpl_check_constant(x->args[1], &size);
	if (!fpl_check_constant(x->args[0], &at) || at >= UINT32_MAX - 8) {
		offset = fpl_emit_value(e, x->args[0], absent).v[0];
		at = 0;
	}
	return one(fpl_bytes_emit(e->packet, x->payload, x->inner, offset, (uint32_t)at, (unsigned)size, absent));
}

/* ---- all of them ----------------------------------------------------------------------------- */

struct fpl_value fpl_emit_value(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block absent)
{
	struct fpl_value v = {{0, 0}};

	switch (x->meaning) {
	case FPL_M_CONSTANT:
		return x->type == FPL_IPV6 ? two(e, x->number[0], x->number[1])
					   : one(ffpf_ir_const(e->b, x->number[0]));
	case FPL_M_PARAM:
		return emit_param(e, x->symbol);
	case FPL_M_LOCAL:
		v.v[0] = ffpf_ir_var_get(e->b, e->locals[x->symbol->local]);
		if (x->type == FPL_IPV6)
			v.v[1] = ffpf_ir_var_get(e->b, e->locals[x->symbol->local + 1]);
		return v;
	case FPL_M_NEW:
		return one(ffpf_ir_var_get(e->b, e->locals[x->a->symbol->local + 1]));
	case FPL_M_FIELD:
		fpl_field_emit(e->packet, x->field, absent, v.v);
		if (x->type != FPL_IPV6)
			v.v[1] = 0;
		return v;
	case FPL_M_CLASS:
		return one(ffpf_ir_class(e->b));
	case FPL_M_BYTES:
		return emit_bytes(e, x, absent);
	case FPL_M_CAST:
		return fpl_emit_as(e, x->args[0], x->type, absent);
	case FPL_M_BUILTIN:
		return emit_builtin(e, x, absent);
	case FPL_M_METHOD:
		return one(fpl_emit_method(e, x, true, absent));
	case FPL_M_CALL:
		return one(fpl_emit_call(e, x));
	case FPL_M_OPERATION:
		return emit_operation(e, x, absent);
	case FPL_M_OTHER:
		return one(ffpf_ir_wanted(e->b, x->number_of));
	default:
		return fpl_emit_state(e, x, absent);
	}
}
