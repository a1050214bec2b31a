/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of a program an instance can reach, now that its parameters have values: conditions that only ask for parameters
 * are decided, and state that is left without a use takes no room and is not shown. Also which counters count every
 * packet that comes in, or its bytes: these are counted anyway, once for all functions, and need no cell.
 */
#include <fpl/bind.h>
#include <lib/lang/arena.h>

#include <string.h>

/* ---- conditions ------------------------------------------------------------------------------ */

static bool fold_number(const struct ffpf_instance *instance, const struct fpl_expr *x, uint64_t *out)
{
	if (x->meaning == FPL_M_PARAM && fpl_is_number(x->type)) {
		*out = (uint64_t)instance->values[x->symbol->param].i;
		return true;
	}
	return fpl_check_constant(x, out);
}

static bool compare(enum fpl_operator op, uint64_t x, uint64_t y)
{
	switch (op) {
	case FPL_OP_EQ:
		return x == y;
	case FPL_OP_NE:
		return x != y;
	case FPL_OP_LT:
		return x < y;
	case FPL_OP_LE:
		return x <= y;
	case FPL_OP_GT:
		return x > y;
	default:
		return x >= y;
	}
}

bool fpl_bind_fold(const struct ffpf_instance *instance, const struct fpl_expr *x, bool *out)
{
	bool a = false, b = false, known_a, known_b;
	uint64_t m, n;

	if (x->meaning == FPL_M_BUILTIN && x->builtin == FPL_B_GIVEN) {
		*out = instance->values[x->args[0]->symbol->param].given;
		return true;
	}
	if (x->kind == FPL_E_UNARY && x->op == FPL_OP_NOT) {
		known_a = fpl_bind_fold(instance, x->a, &a);
		*out = !a;
		return known_a;
	}
	if (x->kind == FPL_E_BINARY && (x->op == FPL_OP_BOTH || x->op == FPL_OP_EITHER)) {
		bool decisive = x->op == FPL_OP_EITHER;

		known_a = fpl_bind_fold(instance, x->a, &a);
		known_b = fpl_bind_fold(instance, x->b, &b);
		*out = decisive ? a || b : a && b;
		return (known_a && known_b) || (known_a && a == decisive) || (known_b && b == decisive);
	}
	if (x->kind == FPL_E_BINARY && x->op >= FPL_OP_EQ && x->op <= FPL_OP_GE && fold_number(instance, x->a, &m) &&
	    fold_number(instance, x->b, &n)) {
		*out = compare(x->op, m, n);
		return true;
	}
	if (fpl_is_number(x->type) && fold_number(instance, x, &m)) {
		*out = m != 0;
		return true;
	}
	return false;
}

/* ---- what is reached ------------------------------------------------------------------------- */

struct reach {
	const struct ffpf_instance *instance;
	struct fpl_bound *bound;
};

static struct fpl_use *use_of(struct reach *r, const struct fpl_symbol *s)
{
	return &r->bound->uses[s->index];
}

static void reach_expr(struct reach *r, const struct fpl_expr *x)
{
	struct fpl_use *use = x && x->symbol && x->symbol->kind != FPL_Y_LOCAL ? use_of(r, x->symbol) : NULL;
	bool decided;

	if (!x)
		return;
	if (use) {
		use->reached = true;
		use->read = true;
		use->adds |= x->meaning == FPL_M_ENTRY && x->method;
	}
	if (x->kind == FPL_E_CHOICE && fpl_bind_fold(r->instance, x->a, &decided)) {
		reach_expr(r, decided ? x->b : x->c);
		return;
	}
	/* The right side of a condition that the left one decides. */
	if (x->kind == FPL_E_BINARY && (x->op == FPL_OP_BOTH || x->op == FPL_OP_EITHER) &&
	    fpl_bind_fold(r->instance, x->a, &decided) && decided == (x->op == FPL_OP_EITHER))
		return;
	reach_expr(r, x->a);
	reach_expr(r, x->b);
	reach_expr(r, x->c);
	for (size_t i = 0; i < x->n_args; i++)
		reach_expr(r, x->args[i]);
}

static void reach_stmt(struct reach *r, const struct fpl_stmt *s)
{
	bool decided;

	if (!s)
		return;
	if (s->kind == FPL_S_IF && fpl_bind_fold(r->instance, s->a, &decided)) {
		reach_stmt(r, decided ? s->body : s->other);
		return;
	}
	if (s->kind == FPL_S_ASSIGN && s->a->meaning == FPL_M_CELL) {
		struct fpl_use *use = use_of(r, s->a->symbol);

		use->reached = true;
		use->writes++;
		reach_expr(r, s->b);
		return;
	}
	if (s->kind != FPL_S_FOR)
		reach_expr(r, s->a);
	reach_expr(r, s->b);
	reach_stmt(r, s->body);
	reach_stmt(r, s->other);
	for (size_t i = 0; i < s->n_list; i++)
		reach_stmt(r, s->list[i]);
	for (size_t i = 0; i < s->n_cases; i++)
		reach_stmt(r, s->cases[i].body);
	for (size_t i = 0; i < s->n_parts; i++)
		reach_expr(r, s->parts[i].value);
}

/* ---- what counts everything ------------------------------------------------------------------ */

static bool ends_early(const struct fpl_stmt *s)
{
	bool ends = s->kind == FPL_S_RETURN;

	if (s->body)
		ends |= ends_early(s->body);
	if (s->other)
		ends |= ends_early(s->other);
	for (size_t i = 0; i < s->n_list; i++)
		ends |= ends_early(s->list[i]);
	for (size_t i = 0; i < s->n_cases; i++)
		ends |= ends_early(s->cases[i].body);
	return ends;
}

/* n++ or n += len, where every packet comes by and nothing else is done with n. */
static void find_all(struct reach *r, const struct fpl_stmt *s)
{
	const struct fpl_expr *by = s->b;
	struct fpl_use *use;

	if (s->kind != FPL_S_ASSIGN || s->a->meaning != FPL_M_CELL || s->a->symbol->cell != FPL_C_COUNTER)
		return;
	use = use_of(r, s->a->symbol);
	if (use->writes != 1 || use->read)
		return;
	use->packets = by->meaning == FPL_M_CONSTANT && by->number[0] == 1;
	use->bytes = by->meaning == FPL_M_FIELD && !strcmp(fpl_field_path(by->field), "len");
}

void fpl_bind_uses(const struct ffpf_instance *instance, struct fpl_bound *bound)
{
	const struct fpl_program *p = bound->program;
	struct reach r = {instance, bound};

	bound->uses = ffpf_arena_alloc(instance->arena, (p->n_symbols + 1) * sizeof(*bound->uses));
	reach_stmt(&r, p->body);
	for (size_t i = 0; i < p->body->n_list && !(i && ends_early(p->body->list[i - 1])); i++)
		find_all(&r, p->body->list[i]);
}
