/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moments and spans. Both are of type `time`, and go together in calculations; whoever reads results wants the one as a
 * time of day and the other as so many milliseconds. Which is which follows from where values come from:
 *
 *     now                a moment
 *     moment - moment    a span         moment - span, moment + span    a moment
 *     10ms               a span
 *
 * State holds moments if one is put into it anywhere. A value may go through other state first, in any order of the
 * text, so all statements are looked at until nothing new is found: first without differences, which are moments or
 * spans depending on what else is a moment; then with those that take something off that can be no moment (`now - now %
 * 1s`); then with all. What is not known to be a moment is a span, which is shown as it is.
 */
#include <fpl/program.h>

enum differences { NONE, PLAIN, ALL };

/* UNKNOWN may be a moment: a number of 64 bits out of state, another function's result. */
enum time_kind { UNKNOWN, SPAN, MOMENT };

static enum time_kind kind_of(const struct fpl_expr *e, enum differences how);

static const struct fpl_column *column_of(const struct fpl_expr *e)
{
	for (unsigned i = 0; i < e->symbol->n_columns; i++)
		if (e->symbol->columns[i].word == e->word)
			return &e->symbol->columns[i];
	return NULL;
}

static enum time_kind kind_of_state(const struct fpl_expr *e, enum differences how)
{
	const struct fpl_column *column = e->meaning == FPL_M_COLUMN ? column_of(e) : NULL;

	if (e->meaning == FPL_M_COLUMN ? column && column->moment : e->symbol->moment)
		return MOMENT;
	return how == ALL && e->type == FPL_TIME ? SPAN : UNKNOWN;
}

/* Of what one of two or more values becomes. */
static enum time_kind either(enum time_kind x, enum time_kind y)
{
	return x == MOMENT || y == MOMENT ? MOMENT : x == SPAN && y == SPAN ? SPAN : UNKNOWN;
}

static enum time_kind kind_of_all(struct fpl_expr *const *args, size_t n, enum differences how)
{
	enum time_kind kind = n ? kind_of(args[0], how) : UNKNOWN;

	for (size_t i = 1; i < n; i++)
		kind = either(kind, kind_of(args[i], how));
	return kind;
}

static enum time_kind kind_of_binary(const struct fpl_expr *e, enum differences how)
{
	enum time_kind a, b;

	if (e->op == FPL_OP_MOD)
		return SPAN;
	a = kind_of(e->a, how);
	if (e->op == FPL_OP_DIV)
		return a == SPAN ? SPAN : UNKNOWN;
	b = kind_of(e->b, how);
	if (e->op == FPL_OP_ADD || e->op == FPL_OP_ELSE)
		return either(a, b);
	if (e->op == FPL_OP_SUB && a == MOMENT)
		return b == MOMENT ? SPAN : b == SPAN && how != NONE ? MOMENT : UNKNOWN;
	return a == SPAN && b == SPAN ? SPAN : UNKNOWN;
}

static enum time_kind kind_of(const struct fpl_expr *e, enum differences how)
{
	enum time_kind kind = UNKNOWN;

	switch (e->meaning) {
	case FPL_M_LOCAL:
	case FPL_M_CELL:
	case FPL_M_ELEMENT:
	case FPL_M_COLUMN:
		kind = kind_of_state(e, how);
		break;
	case FPL_M_FIELD:
		kind = MOMENT; /* if it is a time: now */
		break;
	case FPL_M_CONSTANT:
	case FPL_M_PARAM:
		kind = SPAN;
		break;
	case FPL_M_CAST:
	case FPL_M_BUILTIN:
		kind = kind_of_all(e->args, e->n_args, how);
		break;
	case FPL_M_OPERATION:
		if (e->kind == FPL_E_CHOICE)
			kind = either(kind_of(e->b, how), kind_of(e->c, how));
		else if (e->kind == FPL_E_BINARY)
			kind = kind_of_binary(e, how);
		break;
	default:
		break;
	}
	return kind == MOMENT && e->type != FPL_TIME ? UNKNOWN : kind;
}

static bool is_moment(const struct fpl_expr *e, enum differences how)
{
	return kind_of(e, how) == MOMENT;
}

/* One more thing that holds moments? */
static bool note(bool *moment)
{
	bool news = !*moment;

	*moment = true;
	return news;
}

static bool put(const struct fpl_expr *to)
{
	struct fpl_column *column;

	switch (to->meaning) {
	case FPL_M_LOCAL:
	case FPL_M_CELL:
	case FPL_M_ELEMENT:
		return note(&to->symbol->moment);
	case FPL_M_COLUMN:
		column = (struct fpl_column *)column_of(to);
		return column && note(&column->moment);
	default:
		return false;
	}
}

static bool look_at_event(const struct fpl_stmt *s, enum differences how)
{
	bool news = false;

	for (size_t i = 0; s->event && i < s->n_parts && i < s->event->decl.members.n; i++)
		if (is_moment(s->parts[i].value, how) && s->event->types[i] == FPL_TIME) {
			struct fpl_key_part *part = (struct fpl_key_part *)&s->event->decl.members.parts[i];

			news |= part->kind != FFPF_MEMBER_TIME;
			part->kind = FFPF_MEMBER_TIME;
		}
	return news;
}

/* Nesting is bounded by the parser. */
static bool look_at(const struct fpl_stmt *s, enum differences how)
{
	bool news = false;

	if (s->kind == FPL_S_LET && s->symbol && is_moment(s->a, how))
		news |= note(&s->symbol->moment);
	else if (s->kind == FPL_S_ASSIGN && s->op == FPL_OP_NONE && is_moment(s->b, how))
		news |= put(s->a);
	else if (s->kind == FPL_S_EMIT)
		news |= look_at_event(s, how);
	if (s->body)
		news |= look_at(s->body, how);
	if (s->other)
		news |= look_at(s->other, how);
	for (size_t i = 0; i < s->n_list; i++)
		news |= look_at(s->list[i], how);
	for (size_t i = 0; i < s->n_cases; i++)
		news |= look_at(s->cases[i].body, how);
	return news;
}

void fpl_find_moments(struct fpl_program *p)
{
	/* Each round that goes on has found one more. */
	for (enum differences how = NONE; how <= ALL; how++)
		while (look_at(p->body, how))
			;
	for (size_t i = 0; i < p->n_symbols; i++) {
		struct fpl_symbol *s = p->symbols[i];

		if ((s->kind == FPL_Y_CELL || s->kind == FPL_Y_ARRAY) && s->moment && s->type == FPL_TIME)
			s->unit = FFPF_UNIT_TIME;
	}
}
