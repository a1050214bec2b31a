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
 * spans depending on what else is a moment, and then with them.
 */
#include <fpl/program.h>

/* Each round finds at least one more, but for texts that are written against it the second finds nothing. */
#define ROUNDS_MAX 64

static const struct fpl_column *column_of(const struct fpl_expr *e)
{
	for (unsigned i = 0; i < e->symbol->n_columns; i++)
		if (e->symbol->columns[i].word == e->word)
			return &e->symbol->columns[i];
	return NULL;
}

static bool is_moment(const struct fpl_expr *e, bool differences)
{
	const struct fpl_column *column;

	if (e->type != FPL_TIME)
		return false;
	switch (e->meaning) {
	case FPL_M_FIELD:
		return true;
	case FPL_M_LOCAL:
	case FPL_M_CELL:
	case FPL_M_ELEMENT:
		return e->symbol->moment;
	case FPL_M_COLUMN:
		column = column_of(e);
		return column && column->moment;
	case FPL_M_CAST:
		return e->n_args && is_moment(e->args[0], differences);
	case FPL_M_BUILTIN:
		for (size_t i = 0; i < e->n_args; i++)
			if (is_moment(e->args[i], differences))
				return true;
		return false;
	case FPL_M_OPERATION:
		break;
	default:
		return false;
	}
	if (e->kind == FPL_E_CHOICE)
		return is_moment(e->b, differences) || is_moment(e->c, differences);
	if (e->kind != FPL_E_BINARY)
		return false;
	if (e->op == FPL_OP_SUB)
		return differences && is_moment(e->a, true) && !is_moment(e->b, true);
	return (e->op == FPL_OP_ADD || e->op == FPL_OP_ELSE) &&
	       (is_moment(e->a, differences) || is_moment(e->b, differences));
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

static bool look_at_event(const struct fpl_stmt *s, bool differences)
{
	bool news = false;

	for (size_t i = 0; s->event && i < s->n_parts && i < s->event->decl.members.n; i++)
		if (is_moment(s->parts[i].value, differences) && s->event->types[i] == FPL_TIME) {
			struct fpl_key_part *part = (struct fpl_key_part *)&s->event->decl.members.parts[i];

			news |= part->kind != FFPF_MEMBER_TIME;
			part->kind = FFPF_MEMBER_TIME;
		}
	return news;
}

/* Nesting is bounded by the parser. */
static bool look_at(const struct fpl_stmt *s, bool differences)
{
	bool news = false;

	if (s->kind == FPL_S_LET && s->symbol && is_moment(s->a, differences))
		news |= note(&s->symbol->moment);
	else if (s->kind == FPL_S_ASSIGN && s->op == FPL_OP_NONE && is_moment(s->b, differences))
		news |= put(s->a);
	else if (s->kind == FPL_S_EMIT)
		news |= look_at_event(s, differences);
	if (s->body)
		news |= look_at(s->body, differences);
	if (s->other)
		news |= look_at(s->other, differences);
	for (size_t i = 0; i < s->n_list; i++)
		news |= look_at(s->list[i], differences);
	for (size_t i = 0; i < s->n_cases; i++)
		news |= look_at(s->cases[i].body, differences);
	return news;
}

void fpl_find_moments(struct fpl_program *p)
{
	for (unsigned differences = 0; differences < 2; differences++)
		for (unsigned round = 0; round < ROUNDS_MAX && look_at(p->body, differences); round++)
			;
	for (size_t i = 0; i < p->n_symbols; i++) {
		struct fpl_symbol *s = p->symbols[i];

		if ((s->kind == FPL_Y_CELL || s->kind == FPL_Y_ARRAY) && s->moment && s->type == FPL_TIME)
			s->unit = FFPF_UNIT_TIME;
	}
}
