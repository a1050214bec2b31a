/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What expressions mean: types, and what may be absent. Names are check_name.c, calls and tables check_call.c.
 *
 * Numbers of all widths, times and truth values go together; addresses go with addresses. A truth value is never
 * absent: where something in it is, it is false.
 */
#include <fpl/program.h>
#include <lib/lang/arena.h>

#include <string.h>

/* ---- constants ------------------------------------------------------------------------------- */

static uint64_t operate(enum fpl_operator op, uint64_t x, uint64_t y)
{
	switch (op) {
	case FPL_OP_ADD:
		return x + y;
	case FPL_OP_SUB:
		return x - y;
	case FPL_OP_MUL:
		return x * y;
	case FPL_OP_DIV:
		return y ? x / y : 0;
	case FPL_OP_MOD:
		return y ? x % y : x;
	case FPL_OP_AND:
		return x & y;
	case FPL_OP_OR:
		return x | y;
	case FPL_OP_XOR:
		return x ^ y;
	case FPL_OP_LSH:
		return x << (y & 63);
	default:
		return x >> (y & 63);
	}
}

/* Nesting is bounded by the parser. */
bool fpl_check_constant(const struct fpl_expr *e, uint64_t *out)
{
	uint64_t x, y;

	if (e->kind == FPL_E_CONSTANT) {
		*out = e->number[0];
		return fpl_is_number(e->type);
	}
	if (e->kind == FPL_E_UNARY && fpl_check_constant(e->a, &x)) {
		if (e->op == FPL_OP_NOT)
			return false;
		*out = e->op == FPL_OP_NEGATE ? 0 - x : ~x;
		return true;
	}
	if (e->kind == FPL_E_BINARY && e->op >= FPL_OP_ADD && e->op <= FPL_OP_RSH && fpl_check_constant(e->a, &x) &&
	    fpl_check_constant(e->b, &y)) {
		*out = operate(e->op, x, y);
		return true;
	}
	return false;
}

/* ---- what is wanted -------------------------------------------------------------------------- */

void fpl_check_cost(struct fpl_checker *c, struct fpl_place place)
{
	bool was = c->program->cost > FPL_COST_MAX;

	c->program->cost += c->repeat;
	if (!was && c->program->cost > FPL_COST_MAX)
		fpl_hint(c->source,
			 fpl_error(c->source, FFPF_D_TEXT_BIG, place,
				   "the program is too long for any level from here on"),
			 "loops are unrolled: what stands in them counts as often as they run");
}

/* 192.0.2.0/24: has the type of its address. */
static bool is_prefix(const struct fpl_expr *e)
{
	return e->kind == FPL_E_CONSTANT && e->op == FPL_OP_DIV;
}

static const char *article(enum fpl_kind type)
{
	return type == FPL_IPV4 || type == FPL_IPV6 || type == FPL_ENTRY ? "an" : "a";
}

static void report_type(struct fpl_checker *c, const struct fpl_expr *e, const char *wanted)
{
	struct ffpf_diag *diag;

	if (e->type == FPL_NONE)
		return;
	diag = fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "this is %s %s, and %s is wanted", article(e->type),
			 fpl_kind_name(e->type), wanted);
	if (e->type == FPL_IPV4 && !strcmp(wanted, "a number"))
		fpl_hint(c->source, diag, "u32(…) gives the number of an address");
	else if (e->type == FPL_HEADER)
		fpl_hint(c->source, diag, "a header is a condition: if (…)");
	else if (e->type == FPL_ENTRY)
		fpl_hint(c->source, diag, "name a column of the entry");
	else if (e->type == FPL_TEXT)
		fpl_hint(c->source, diag, "numbers and addresses stand without quotes");
}

void fpl_check_number(struct fpl_checker *c, struct fpl_expr *e)
{
	fpl_check_expr(c, e);
	if (!fpl_is_number(e->type))
		report_type(c, e, "a number");
}

void fpl_check_truth(struct fpl_checker *c, struct fpl_expr *e)
{
	fpl_check_expr(c, e);
	if (!fpl_is_number(e->type) && e->type != FPL_HEADER && e->type != FPL_ENTRY)
		report_type(c, e, "a condition");
}

static const char *type_wanted(struct fpl_checker *c, enum fpl_kind type)
{
	return fpl_is_number(type) ? "a number"
				   : ffpf_arena_printf(c->arena, "%s %s", article(type), fpl_kind_name(type));
}

bool fpl_check_fits(struct fpl_checker *c, struct fpl_expr *e, enum fpl_kind type)
{
	if (e->type == FPL_NONE || type == FPL_NONE)
		return false;
	if (fpl_is_number(type) && fpl_is_number(e->type))
		return true;
	if (e->type == type || (type == FPL_IPV6 && e->type == FPL_IPV4))
		return true;
	report_type(c, e, type_wanted(c, type));
	return false;
}

/* ---- operations ------------------------------------------------------------------------------ */

/* A parameter of choices compared with the name of one: "src" becomes its number. */
static bool compare_choice(struct fpl_checker *c, struct fpl_expr *param, struct fpl_expr *text)
{
	const char *const *choices;
	struct ffpf_diag *diag;

	if (param->meaning != FPL_M_PARAM || !param->symbol->choices || text->kind != FPL_E_TEXT)
		return false;
	choices = param->symbol->choices;
	for (uint64_t i = 0; choices[i]; i++)
		if (!strcmp(choices[i], text->text)) {
			text->kind = FPL_E_CONSTANT;
			text->meaning = FPL_M_CONSTANT;
			text->type = FPL_U64;
			text->number[0] = i;
			return true;
		}
	diag = fpl_error(c->source, FFPF_D_VALUE_CHOICE, text->place, "'%s' is no choice of '%s'", text->text,
			 param->symbol->name);
	fpl_label(c->source, diag, param->symbol->place, "its choices");
	return true;
}

/* A choice without its quotes, which is something else then. */
static bool bare_choice(struct fpl_checker *c, const struct fpl_expr *param, const struct fpl_expr *name)
{
	if (param->meaning != FPL_M_PARAM || !param->symbol->choices || name->kind != FPL_E_NAME ||
	    name->meaning == FPL_M_PARAM)
		return false;
	for (const char *const *choice = param->symbol->choices; *choice; choice++)
		if (!strcmp(*choice, name->text)) {
			fpl_hint(c->source,
				 fpl_error(c->source, FFPF_D_VALUE_TYPE, name->place, "a choice stands in quotes"),
				 "\"%s\"", name->text);
			return true;
		}
	return false;
}

static void check_comparison(struct fpl_checker *c, struct fpl_expr *e)
{
	e->type = FPL_BOOL;
	if (is_prefix(e->a) || is_prefix(e->b)) {
		fpl_hint(c->source,
			 fpl_error(c->source, FFPF_D_VALUE_TYPE, is_prefix(e->b) ? e->b->place : e->a->place,
				   "an address does not equal a prefix"),
			 "write 'in' instead of '=='");
		return;
	}
	fpl_check_expr(c, e->a);
	fpl_check_expr(c, e->b);
	if (compare_choice(c, e->a, e->b) || compare_choice(c, e->b, e->a) || bare_choice(c, e->a, e->b) ||
	    bare_choice(c, e->b, e->a))
		return;
	if (e->a->type == FPL_NONE || e->b->type == FPL_NONE ||
	    (fpl_is_number(e->a->type) && fpl_is_number(e->b->type)))
		return;
	if (fpl_is_number(e->a->type)) {
		report_type(c, e->b, "a number");
	} else if (e->a->type == FPL_IPV4 && e->b->type == FPL_IPV6) {
	} else if (!fpl_check_fits(c, e->b, e->a->type)) {
		return;
	}
	if (e->a->type > FPL_IPV6)
		report_type(c, e->a, "a value");
}

/* A value of one type where either may come. */
static void join(struct fpl_checker *c, struct fpl_expr *e, struct fpl_expr *x, struct fpl_expr *y)
{
	e->type = x->type;
	if (x->type == FPL_NONE || y->type == FPL_NONE)
		return;
	if (fpl_is_number(x->type) && fpl_is_number(y->type)) {
		e->type = x->type == y->type ? x->type : FPL_U64;
	} else if ((x->type == FPL_IPV4 && y->type == FPL_IPV6) || (x->type == FPL_IPV6 && y->type == FPL_IPV4)) {
		e->type = FPL_IPV6;
	} else if (fpl_is_number(x->type)) {
		report_type(c, y, "a number");
	} else if (x->type > FPL_IPV6) {
		report_type(c, x, "a value");
	} else {
		fpl_check_fits(c, y, x->type);
	}
}

static void check_binary(struct fpl_checker *c, struct fpl_expr *e)
{
	e->meaning = FPL_M_OPERATION;
	if (e->op >= FPL_OP_EQ && e->op <= FPL_OP_GE) {
		check_comparison(c, e);
		return;
	}
	if (e->op == FPL_OP_BOTH || e->op == FPL_OP_EITHER) {
		e->type = FPL_BOOL;
		fpl_check_truth(c, e->a);
		fpl_check_truth(c, e->b);
		return;
	}
	if (e->op == FPL_OP_ELSE) {
		fpl_check_expr(c, e->a);
		fpl_check_expr(c, e->b);
		join(c, e, e->a, e->b);
		e->optional = e->a->optional && e->b->optional;
		return;
	}
	fpl_check_number(c, e->a);
	fpl_check_number(c, e->b);
	e->optional = e->a->optional || e->b->optional;
	e->type = e->a->type == FPL_TIME || e->b->type == FPL_TIME ? FPL_TIME : FPL_U64;
	/* How often one time is in another is a number. */
	if ((e->op == FPL_OP_DIV || e->op == FPL_OP_MOD) && e->b->type == FPL_TIME && e->op == FPL_OP_DIV)
		e->type = FPL_U64;
}

static void check_unary(struct fpl_checker *c, struct fpl_expr *e)
{
	e->meaning = FPL_M_OPERATION;
	if (e->op == FPL_OP_NOT) {
		e->type = FPL_BOOL;
		fpl_check_truth(c, e->a);
		return;
	}
	fpl_check_number(c, e->a);
	e->type = FPL_U64;
	e->optional = e->a->optional;
}

static void check_choice(struct fpl_checker *c, struct fpl_expr *e)
{
	e->meaning = FPL_M_OPERATION;
	fpl_check_truth(c, e->a);
	fpl_check_expr(c, e->b);
	fpl_check_expr(c, e->c);
	join(c, e, e->b, e->c);
	e->optional = e->b->optional || e->c->optional;
}

/* ---- membership ------------------------------------------------------------------------------ */

static void check_item(struct fpl_checker *c, const struct fpl_expr *of, struct fpl_expr *item)
{
	uint64_t lo, hi;

	if (item->kind == FPL_E_RANGE) {
		if (!fpl_is_number(of->type)) {
			fpl_error(c->source, FFPF_D_VALUE_TYPE, item->place, "a range is one of numbers");
			return;
		}
		item->type = FPL_U64;
		if (!fpl_check_constant(item->a, &lo) || !fpl_check_constant(item->b, &hi))
			fpl_error(c->source, FFPF_D_VALUE_TYPE, item->place,
				  "a range goes from one constant number to another");
		else if (lo > hi)
			fpl_error(c->source, FFPF_D_VALUE_RANGE, item->place, "this range is empty");
		return;
	}
	if (is_prefix(item)) {
		if (of->type != item->type && !(of->type == FPL_IPV6 && item->type == FPL_IPV4) && of->type != FPL_NONE)
			report_type(c, item, type_wanted(c, of->type));
		return;
	}
	fpl_check_expr(c, item);
	if (of->meaning == FPL_M_PARAM && compare_choice(c, (struct fpl_expr *)of, item))
		return;
	if (fpl_check_fits(c, item, of->type) && item->kind != FPL_E_CONSTANT && !fpl_check_constant(item, &lo))
		fpl_error(c->source, FFPF_D_VALUE_TYPE, item->place, "what stands in a set is constant");
}

void fpl_check_in(struct fpl_checker *c, struct fpl_expr *e)
{
	struct fpl_expr *set = e->b;
	struct fpl_symbol *s = NULL;

	e->meaning = FPL_M_OPERATION;
	e->type = FPL_BOOL;
	fpl_check_expr(c, e->a);
	if (set->kind == FPL_E_SET) {
		for (size_t i = 0; i < set->n_args; i++)
			check_item(c, e->a, set->args[i]);
		return;
	}
	if (set->kind == FPL_E_RANGE || set->kind == FPL_E_CONSTANT) {
		check_item(c, e->a, set);
		return;
	}
	if (set->kind == FPL_E_CALL && set->a->kind == FPL_E_NAME && !strcmp(set->a->text, "file")) {
		fpl_check_call(c, set);
		s = set->symbol;
		if (!s)
			return;
		if (e->a->type != FPL_NONE) {
			s->key_types[0] = e->a->type;
			fpl_declare_key_part(c, "key", e->a->type, e->a->place, s->key);
		}
	} else if (set->kind == FPL_E_NAME) {
		s = fpl_check_find(c, set->text);
	}
	if (s && s->kind == FPL_Y_TABLE) {
		s->used = true;
		set->symbol = s;
		if (s->n_key != 1)
			fpl_hint(c->source,
				 fpl_error(c->source, FFPF_D_VALUE_TYPE, set->place, "the key of '%s' has %u parts",
					   s->name, s->n_key),
				 "%s.has(…) asks for a key of several parts", s->name);
		else
			fpl_check_fits(c, e->a, s->key_types[0]);
		return;
	}
	if (s && s->kind == FPL_Y_PARAM && s->param_type == FFPF_TYPE_RANGE) {
		s->used = true;
		set->symbol = s;
		set->meaning = FPL_M_PARAM;
		if (!fpl_is_number(e->a->type))
			report_type(c, e->a, "a number");
		return;
	}
	if (s && s->kind == FPL_Y_KIND && s->decl && fpl_kind_method_find(s->decl->kind, "has")) {
		fpl_hint(c->source, fpl_error(c->source, FFPF_D_VALUE_TYPE, set->place, "'in' does not look there"),
			 "%s.has(…) does", s->name);
		return;
	}
	fpl_hint(c->source, fpl_error(c->source, FFPF_D_VALUE_TYPE, set->place, "'in' wants a set"),
		 "sets are {1, 2..9}, 2..9, 192.0.2.0/24, file(\"…\"), and tables");
}

/* ---- all of them ----------------------------------------------------------------------------- */

void fpl_check_expr(struct fpl_checker *c, struct fpl_expr *e)
{
	fpl_check_cost(c, e->place);
	/* Once: what a node means may stand in another one afterwards. */
	if (e->checked)
		return;
	e->checked = true;
	switch (e->kind) {
	case FPL_E_CONSTANT:
		e->meaning = FPL_M_CONSTANT;
		if (is_prefix(e)) {
			fpl_hint(c->source, fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "a prefix is no value"),
				 "'x in …' asks whether an address lies in it");
			e->type = FPL_NONE;
		}
		break;
	case FPL_E_TEXT:
		e->type = FPL_TEXT;
		break;
	case FPL_E_NAME:
	case FPL_E_MEMBER:
		fpl_check_name(c, e);
		break;
	case FPL_E_INDEX:
		fpl_check_index(c, e);
		break;
	case FPL_E_SLICE:
		fpl_check_slice(c, e);
		break;
	case FPL_E_CALL:
		fpl_check_call(c, e);
		/* file("…") */
		if (e->meaning == FPL_M_NONE && e->symbol && e->symbol->set && e->type == FPL_NONE)
			fpl_error(c->source, FFPF_D_SYNTAX, e->place, "a set stands behind 'in'");
		break;
	case FPL_E_UNARY:
		check_unary(c, e);
		break;
	case FPL_E_BINARY:
		check_binary(c, e);
		break;
	case FPL_E_CHOICE:
		check_choice(c, e);
		break;
	case FPL_E_IN:
		fpl_check_in(c, e);
		break;
	case FPL_E_SET:
	case FPL_E_RANGE:
		fpl_error(c->source, FFPF_D_SYNTAX, e->place, "a set stands behind 'in'");
		break;
	case FPL_E_WRONG:
		break;
	}
}
