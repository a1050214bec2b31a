/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What names mean, in this order: local variables, what the program declares, names of the packet, results of other
 * functions of the graph.
 */
#include <fpl/program.h>
#include <lib/lang/arena.h>

#include <string.h>

#define HINTS_MAX 10

struct fpl_symbol *fpl_check_find(struct fpl_checker *c, const char *name)
{
	for (size_t i = c->n_locals; i-- > 0;)
		if (!strcmp(c->locals[i]->name, name))
			return c->locals[i];
	for (size_t i = 0; i < c->program->n_symbols; i++)
		if (!strcmp(c->program->symbols[i]->name, name))
			return c->program->symbols[i];
	return NULL;
}

/* The names of a.b.c with dots between them; NULL when it is not made of names. */
static const char *path_of(struct fpl_checker *c, const struct fpl_expr *e)
{
	const char *before;

	if (e->kind == FPL_E_NAME)
		return e->text;
	if (e->kind != FPL_E_MEMBER)
		return NULL;
	before = path_of(c, e->a);
	return before ? ffpf_arena_printf(c->arena, "%s.%s", before, e->text) : NULL;
}

static const struct fpl_expr *first_of(const struct fpl_expr *e)
{
	while (e->kind == FPL_E_MEMBER)
		e = e->a;
	return e;
}

/* Words of the language that stand where a name could. */
static const char *const words[] = {"break", "continue", "return", "true", "false"};

static const char *symbol_name_at(const void *arg, size_t i)
{
	const struct fpl_checker *c = arg;

	if (i < c->n_locals)
		return c->locals[i]->name;
	i -= c->n_locals;
	if (i < c->program->n_symbols)
		return c->program->symbols[i]->name;
	i -= c->program->n_symbols;
	return i < sizeof(words) / sizeof(words[0]) ? words[i] : NULL;
}

static void unknown(struct fpl_checker *c, const struct fpl_expr *e, const char *path)
{
	struct ffpf_diag *diag;
	const char *nearest;

	if (!strcmp(path, "payload") || !strcmp(path, "pkt")) {
		fpl_hint(c->source,
			 fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "'%s' is bytes, and no value", path),
			 "%s[0:4] is the number that the first four make", path);
		return;
	}
	diag = fpl_error(c->source, FFPF_D_NAME_UNKNOWN, e->place, "nothing is called '%s'", path);

	if (c->hints++ >= HINTS_MAX)
		return;
	if (e->kind == FPL_E_NAME && ffpf_class_find(path)) {
		fpl_hint(c->source, diag, "'%s' is a class of functions: one stands in the graph, or is called: %s(…)",
			 path, path);
		return;
	}
	nearest = ffpf_diag_nearest(path, symbol_name_at, c);
	if (!nearest)
		nearest = fpl_field_nearest(path);
	if (nearest)
		fpl_hint(c->source, diag, "did you mean '%s'?", nearest);
	else if (c->set == e && e->kind == FPL_E_NAME)
		fpl_hint(c->source, diag,
			 "'%s++' counts; 'let %s = …' makes a variable, 'scalar %s: u64;' one that stays", path, path,
			 path);
}

static void use_field(struct fpl_checker *c, struct fpl_expr *e, const struct fpl_field *field)
{
	struct fpl_program *p = c->program;

	e->meaning = FPL_M_FIELD;
	e->field = field;
	e->type = fpl_field_kind(field);
	e->optional = fpl_field_optional(field);
	if (fpl_field_demand(field) > p->demand)
		p->demand = fpl_field_demand(field);
	p->needs |= fpl_field_needs(field);
}

static void use_symbol(struct fpl_checker *c, struct fpl_expr *e, struct fpl_symbol *s)
{
	s->used = true;
	e->symbol = s;
	e->type = s->type;
	switch (s->kind) {
	case FPL_Y_LOCAL:
		e->meaning = FPL_M_LOCAL;
		e->optional = s->type == FPL_ENTRY;
		return;
	case FPL_Y_PARAM:
		e->meaning = FPL_M_PARAM;
		if (s->type == FPL_PREFIX) {
			fpl_hint(c->source, fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "a range is no value"),
				 "'x in %s' asks whether x lies in it", s->name);
			e->type = FPL_NONE;
		}
		return;
	case FPL_Y_CELL:
		e->meaning = FPL_M_CELL;
		return;
	case FPL_Y_ARRAY:
		fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "'%s' is an array: write %s[…]", s->name, s->name);
		break;
	case FPL_Y_TABLE:
		fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "'%s' is a table: write %s[…]", s->name, s->name);
		break;
	case FPL_Y_KIND:
		fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "'%s' is no value: it has methods", s->name);
		break;
	}
	e->type = FPL_NONE;
}

static const char *column_name_at(const void *arg, size_t i)
{
	const struct fpl_symbol *table = arg;

	return i < table->n_columns && table->columns[0].name ? table->columns[i].name : NULL;
}

/* A column of an entry: e.f, t[k].f */
static void use_column(struct fpl_checker *c, struct fpl_expr *e)
{
	const struct fpl_symbol *table = e->a->meaning == FPL_M_ENTRY ? e->a->symbol : e->a->symbol->table;
	struct ffpf_diag *diag;
	const char *nearest;

	e->optional = true;
	if (!strcmp(e->text, "new") && e->a->meaning == FPL_M_LOCAL) {
		e->meaning = FPL_M_NEW;
		e->type = FPL_BOOL;
		return;
	}
	for (unsigned i = 0; i < table->n_columns; i++)
		if (table->columns[i].name && !strcmp(table->columns[i].name, e->text)) {
			e->meaning = FPL_M_COLUMN;
			e->type = table->columns[i].type;
			e->word = table->columns[i].word;
			e->symbol = (struct fpl_symbol *)table;
			return;
		}
	diag = fpl_error(c->source, FFPF_D_NAME_UNKNOWN, e->place, "entries of '%s' have no column '%s'", table->name,
			 e->text);
	fpl_label(c->source, diag, table->place, "declared here");
	nearest = ffpf_diag_nearest(e->text, column_name_at, table);
	if (nearest)
		fpl_hint(c->source, diag, "did you mean '%s'?", nearest);
}

static void use_other(struct fpl_checker *c, struct fpl_expr *e, const char *path)
{
	struct fpl_program *p = c->program;
	const char *dot = strchr(path, '.');
	struct fpl_other *other;

	if (p->n_others == FPL_SYMBOLS_MAX) {
		fpl_error(c->source, FFPF_D_TEXT_BIG, e->place, "too many results of other functions are used");
		return;
	}
	e->meaning = FPL_M_OTHER;
	e->type = FPL_U64;
	for (size_t i = 0; i < p->n_others; i++)
		if (!strncmp(p->others[i]->function, path, (size_t)(dot - path)) &&
		    !p->others[i]->function[dot - path] && !strcmp(p->others[i]->result, dot + 1)) {
			e->number_of = (unsigned)i;
			return;
		}
	other = ffpf_arena_alloc(c->arena, sizeof(*other));
	*other = (struct fpl_other){ffpf_arena_strndup(c->arena, path, (size_t)(dot - path)), dot + 1, e->place};
	e->number_of = (unsigned)p->n_others;
	p->others[p->n_others++] = other;
}

static bool is_header(const struct fpl_expr *first)
{
	const struct fpl_field *field = fpl_field_find(first->text);

	return field != NULL || !strcmp(first->text, "inner") || !strcmp(first->text, "payload") ||
	       !strcmp(first->text, "pkt");
}

void fpl_check_name(struct fpl_checker *c, struct fpl_expr *e)
{
	const char *path = path_of(c, e);
	const struct fpl_field *field;
	struct fpl_symbol *s;

	if (!path) {
		fpl_check_expr(c, e->a);
		if (e->a->type == FPL_ENTRY)
			use_column(c, e);
		else if (e->a->type != FPL_NONE)
			fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "%s has no '%s'", fpl_kind_name(e->a->type),
				  e->text);
		return;
	}
	s = fpl_check_find(c, first_of(e)->text);
	if (s && e->kind == FPL_E_NAME) {
		use_symbol(c, e, s);
		return;
	}
	if (s) {
		if (e->a->kind != FPL_E_NAME || s->type != FPL_ENTRY) {
			fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "'%s' has no '%s'", s->name, e->text);
			return;
		}
		use_symbol(c, e->a, s);
		use_column(c, e);
		return;
	}
	if (!strcmp(path, "class")) {
		e->meaning = FPL_M_CLASS;
		e->type = FPL_U32;
		return;
	}
	field = fpl_field_find(path);
	if (field)
		use_field(c, e, field);
	else if (e->kind == FPL_E_NAME || is_header(first_of(e)))
		unknown(c, e, path);
	else if (e->a->kind == FPL_E_NAME)
		use_other(c, e, path);
	else
		unknown(c, e, path);
}
