/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parser's actions: each makes one node, or adds to a list that a node will own. Literals are build_literal.c.
 */
#include <fpl/scan.h>
#include <lib/lang/arena.h>

#include <string.h>

struct fpl_place fpl_build_place(const struct fpl_place *rhs, int n)
{
	if (!n)
		return (struct fpl_place){rhs[0].end, rhs[0].end};
	return (struct fpl_place){rhs[1].start, rhs[n].end};
}

/* ---- expressions ----------------------------------------------------------------------------- */

struct fpl_expr *fpl_build_expr(struct fpl_scan *scan, enum fpl_expr_kind kind, struct fpl_place place)
{
	struct fpl_expr *e = ffpf_arena_alloc(scan->arena, sizeof(*e));

	e->kind = kind;
	e->place = place;
	e->type = FPL_NONE;
	return e;
}

static unsigned deepest(const struct fpl_expr *a, const struct fpl_expr *b)
{
	return (a ? a->depth : 0) > (b ? b->depth : 0) ? a->depth : b ? b->depth : 0;
}

static struct fpl_expr *over(struct fpl_scan *scan, struct fpl_expr *e)
{
	unsigned below = deepest(e->a, e->b);

	if (e->c && e->c->depth > below)
		below = e->c->depth;
	for (size_t i = 0; i < e->n_args; i++)
		if (e->args[i]->depth > below)
			below = e->args[i]->depth;
	e->depth = fpl_scan_depth(scan, below, e->place);
	return e;
}

struct fpl_expr *fpl_build_name(struct fpl_scan *scan, const char *text, struct fpl_place place)
{
	struct fpl_expr *e = fpl_build_expr(scan, FPL_E_NAME, place);

	e->text = text;
	return e;
}

struct fpl_expr *fpl_build_bool(struct fpl_scan *scan, bool value, struct fpl_place place)
{
	struct fpl_expr *e = fpl_build_expr(scan, FPL_E_CONSTANT, place);

	e->type = FPL_BOOL;
	e->number[0] = value;
	return e;
}

struct fpl_expr *fpl_build_member(struct fpl_scan *scan, struct fpl_expr *a, const char *name, struct fpl_place place)
{
	struct fpl_expr *e = fpl_build_expr(scan, FPL_E_MEMBER, place);

	e->a = a;
	e->text = name;
	return over(scan, e);
}

struct fpl_expr *fpl_build_with(struct fpl_scan *scan, enum fpl_expr_kind kind, struct fpl_expr *a,
				struct fpl_list *args, struct fpl_place place)
{
	struct fpl_expr *e = fpl_build_expr(scan, kind, place);

	e->a = a;
	if (args) {
		e->args = (struct fpl_expr **)args->items;
		e->n_args = args->n;
	}
	return over(scan, e);
}

struct fpl_expr *fpl_build_slice(struct fpl_scan *scan, struct fpl_expr *a, struct fpl_expr *from,
				 struct fpl_expr *size, struct fpl_place place)
{
	struct fpl_list *args = fpl_build_list(scan, fpl_build_list(scan, NULL, from), size);

	return fpl_build_with(scan, FPL_E_SLICE, a, args, place);
}

struct fpl_expr *fpl_build_unary(struct fpl_scan *scan, enum fpl_operator op, struct fpl_expr *a,
				 struct fpl_place place)
{
	struct fpl_expr *e = fpl_build_expr(scan, FPL_E_UNARY, place);

	e->op = op;
	e->a = a;
	return over(scan, e);
}

struct fpl_expr *fpl_build_binary(struct fpl_scan *scan, enum fpl_operator op, struct fpl_expr *a, struct fpl_expr *b,
				  struct fpl_place place)
{
	struct fpl_expr *e = fpl_build_unary(scan, op, a, place);

	e->kind = FPL_E_BINARY;
	e->b = b;
	return over(scan, e);
}

struct fpl_expr *fpl_build_range(struct fpl_scan *scan, struct fpl_expr *a, struct fpl_expr *b, struct fpl_place place)
{
	struct fpl_expr *e = fpl_build_binary(scan, FPL_OP_NONE, a, b, place);

	e->kind = FPL_E_RANGE;
	return e;
}

struct fpl_expr *fpl_build_in(struct fpl_scan *scan, struct fpl_expr *a, struct fpl_expr *b, struct fpl_place place)
{
	struct fpl_expr *e = fpl_build_binary(scan, FPL_OP_NONE, a, b, place);

	e->kind = FPL_E_IN;
	return e;
}

struct fpl_expr *fpl_build_choice(struct fpl_scan *scan, struct fpl_expr *a, struct fpl_expr *b, struct fpl_expr *c,
				  struct fpl_place place)
{
	struct fpl_expr *e = fpl_build_binary(scan, FPL_OP_NONE, a, b, place);

	e->kind = FPL_E_CHOICE;
	e->c = c;
	return over(scan, e);
}

/* ---- lists ----------------------------------------------------------------------------------- */

struct fpl_list *fpl_build_list(struct fpl_scan *scan, struct fpl_list *list, void *item)
{
	if (!list)
		list = ffpf_arena_alloc(scan->arena, sizeof(*list));
	list->items = ffpf_arena_grow(scan->arena, list->items, list->n, &list->capacity, sizeof(*list->items));
	list->items[list->n++] = item;
	return list;
}

struct fpl_parts *fpl_build_part(struct fpl_scan *scan, struct fpl_parts *parts, const char *name,
				 struct fpl_place place, struct fpl_expr *value)
{
	if (!parts)
		parts = ffpf_arena_alloc(scan->arena, sizeof(*parts));
	parts->list = ffpf_arena_grow(scan->arena, parts->list, parts->n, &parts->capacity, sizeof(*parts->list));
	parts->list[parts->n++] = (struct fpl_part){name, place, value};
	return parts;
}

struct fpl_words *fpl_build_word(struct fpl_scan *scan, struct fpl_words *words, enum fpl_word_kind kind,
				 const char *text, struct fpl_expr *value, struct fpl_place place)
{
	if (!words)
		words = ffpf_arena_alloc(scan->arena, sizeof(*words));
	words->list = ffpf_arena_grow(scan->arena, words->list, words->n, &words->capacity, sizeof(*words->list));
	words->list[words->n++] = (struct fpl_word){kind, place, text, value};
	return words;
}

/* ---- statements ------------------------------------------------------------------------------ */

struct fpl_stmt *fpl_build_stmt(struct fpl_scan *scan, enum fpl_stmt_kind kind, struct fpl_place place)
{
	struct fpl_stmt *s = ffpf_arena_alloc(scan->arena, sizeof(*s));

	s->kind = kind;
	s->place = place;
	return s;
}

static struct fpl_stmt *around(struct fpl_scan *scan, struct fpl_stmt *s)
{
	unsigned below = s->body ? s->body->depth : 0;

	if (s->other && s->other->depth > below)
		below = s->other->depth;
	for (size_t i = 0; i < s->n_list; i++)
		if (s->list[i]->depth > below)
			below = s->list[i]->depth;
	for (size_t i = 0; i < s->n_cases; i++)
		if (s->cases[i].body->depth > below)
			below = s->cases[i].body->depth;
	s->depth = fpl_scan_depth(scan, below, s->place);
	return s;
}

struct fpl_stmt *fpl_build_block(struct fpl_scan *scan, struct fpl_list *list, struct fpl_place place)
{
	struct fpl_stmt *s = fpl_build_stmt(scan, FPL_S_BLOCK, place);

	if (list) {
		s->list = (struct fpl_stmt **)list->items;
		s->n_list = list->n;
	}
	return around(scan, s);
}

struct fpl_stmt *fpl_build_let(struct fpl_scan *scan, const char *name, struct fpl_place name_place,
			       struct fpl_expr *type, struct fpl_expr *value, struct fpl_place place)
{
	struct fpl_stmt *s = fpl_build_stmt(scan, FPL_S_LET, place);

	s->name = name;
	s->name_place = name_place;
	s->type = type;
	s->a = value;
	return s;
}

struct fpl_stmt *fpl_build_assign(struct fpl_scan *scan, enum fpl_operator op, struct fpl_expr *to,
				  struct fpl_expr *value, struct fpl_place place)
{
	struct fpl_stmt *s = fpl_build_stmt(scan, FPL_S_ASSIGN, place);

	s->op = op;
	s->a = to;
	s->b = value;
	return s;
}

struct fpl_stmt *fpl_build_count(struct fpl_scan *scan, enum fpl_operator op, struct fpl_expr *to,
				 struct fpl_place place)
{
	struct fpl_expr *one = fpl_build_expr(scan, FPL_E_CONSTANT, place);

	one->type = FPL_U64;
	one->number[0] = 1;
	return fpl_build_assign(scan, op, to, one, place);
}

struct fpl_stmt *fpl_build_if(struct fpl_scan *scan, struct fpl_expr *a, struct fpl_stmt *body, struct fpl_stmt *other,
			      struct fpl_place place)
{
	struct fpl_stmt *s = fpl_build_stmt(scan, FPL_S_IF, place);

	s->a = a;
	s->body = body;
	s->other = other;
	return around(scan, s);
}

struct fpl_stmt *fpl_build_for(struct fpl_scan *scan, const char *name, struct fpl_place name_place,
			       struct fpl_expr *range, struct fpl_stmt *body, struct fpl_place place)
{
	struct fpl_stmt *s = fpl_build_stmt(scan, FPL_S_FOR, place);

	s->name = name;
	s->name_place = name_place;
	s->a = range;
	s->body = body;
	return around(scan, s);
}

struct fpl_stmt *fpl_build_switch(struct fpl_scan *scan, struct fpl_expr *a, struct fpl_list *cases,
				  struct fpl_place place)
{
	struct fpl_stmt *s = fpl_build_stmt(scan, FPL_S_SWITCH, place);

	s->a = a;
	s->cases = ffpf_arena_alloc(scan->arena, ((cases ? cases->n : 0) + 1) * sizeof(*s->cases));
	for (size_t i = 0; cases && i < cases->n; i++)
		s->cases[s->n_cases++] = *(const struct fpl_case *)cases->items[i];
	return around(scan, s);
}

struct fpl_case *fpl_build_case(struct fpl_scan *scan, struct fpl_list *labels, struct fpl_stmt *body,
				struct fpl_place place)
{
	struct fpl_case *c = ffpf_arena_alloc(scan->arena, sizeof(*c));

	c->body = body;
	c->place = place;
	if (labels) {
		c->labels = (struct fpl_expr **)labels->items;
		c->n_labels = labels->n;
	}
	return c;
}

struct fpl_stmt *fpl_build_emit(struct fpl_scan *scan, const char *name, struct fpl_place name_place,
				struct fpl_parts *parts, struct fpl_place place)
{
	struct fpl_stmt *s = fpl_build_stmt(scan, FPL_S_EMIT, place);

	s->name = name;
	s->name_place = name_place;
	if (parts) {
		s->parts = parts->list;
		s->n_parts = parts->n;
	}
	return s;
}

struct fpl_stmt *fpl_build_declaration(struct fpl_scan *scan, const char *kind, struct fpl_place kind_place,
				       const char *name, struct fpl_place name_place, const struct fpl_shape *shape,
				       struct fpl_expr *value, struct fpl_words *words, struct fpl_place place)
{
	struct fpl_stmt *s = fpl_build_stmt(scan, FPL_S_DECLARATION, place);
	struct fpl_declaration *d = ffpf_arena_alloc(scan->arena, sizeof(*d));

	*d = (struct fpl_declaration){.kind = kind,
				      .kind_place = kind_place,
				      .name = name,
				      .name_place = name_place,
				      .value = value,
				      .place = place};
	if (shape) {
		d->type = shape->type;
		d->has_keys = shape->keys != NULL;
		d->has_columns = shape->columns != NULL;
	}
	if (d->has_keys) {
		d->keys = shape->keys->list;
		d->n_keys = shape->keys->n;
	}
	if (d->has_columns) {
		d->columns = shape->columns->list;
		d->n_columns = shape->columns->n;
	}
	if (words) {
		d->words = words->list;
		d->n_words = words->n;
	}
	s->declaration = d;
	return s;
}
