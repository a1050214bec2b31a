/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * names NAME from FILE;
 *
 * What numbers stand for. A part of a key, a column, a value of an event that is a number and called so is shown as the
 * text that the file has for it; the program sees the number. bind_names.c reads the file.
 */
#include <fpl/program.h>
#include <lib/lang/arena.h>

#include <string.h>

void fpl_declare_names(struct fpl_checker *c, const struct fpl_declaration *d)
{
	struct fpl_program *p = c->program;
	struct fpl_names *names = ffpf_arena_alloc(c->arena, sizeof(*names));

	for (size_t i = 0; i < p->n_names; i++)
		if (!strcmp(p->names[i]->name, d->name)) {
			fpl_label(c->source,
				  fpl_error(c->source, FFPF_D_NAME_REDEFINED, d->name_place, "'%s' has names already",
					    d->name),
				  p->names[i]->place, "first here");
			return;
		}
	if (p->n_names == FPL_SYMBOLS_MAX) {
		fpl_error(c->source, FFPF_D_TEXT_BIG, d->name_place, "a program declares %u names at most",
			  FPL_SYMBOLS_MAX);
		return;
	}
	*names = (struct fpl_names){.name = d->name, .place = d->name_place};
	p->names[p->n_names++] = names;
	if (d->has_keys || d->has_columns || d->type || d->value || d->n_words < 2 || d->words[0].kind != FPL_W_NAME ||
	    strcmp(d->words[0].text, "from") != 0 ||
	    1 + fpl_declare_from(c, &names->from, &d->words[1], d->n_words - 1) != d->n_words) {
		fpl_hint(c->source, fpl_error(c->source, FFPF_D_SYNTAX, d->place, "names come from a file"),
			 "names NAME from \"FILE\", or from FORMAT(\"FILE\")");
		return;
	}
	if (names->from.fill && !names->from.fill->read_texts)
		fpl_hint(c->source,
			 fpl_error(c->source, FFPF_D_VALUE_TYPE, names->from.from_place, "'%s' gives no names",
				   names->from.fill->name),
			 "it gives %s", names->from.fill->doc);
}

static bool in_key(const struct fpl_key_part *parts, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i++)
		if (parts[i].kind == FFPF_MEMBER_UNSIGNED && !strcmp(parts[i].name, name))
			return true;
	return false;
}

static bool in_symbol(const struct fpl_symbol *s, const char *name)
{
	if (s->kind == FPL_Y_KIND)
		return in_key(s->decl->key.parts, s->decl->key.n, name);
	if (s->kind != FPL_Y_TABLE)
		return false;
	for (unsigned i = 0; i < s->n_columns; i++)
		if (s->columns[i].type >= FPL_U8 && s->columns[i].type <= FPL_U64 && s->columns[i].name &&
		    !strcmp(s->columns[i].name, name))
			return true;
	return in_key(s->key, s->n_key, name);
}

static bool is_member(const struct fpl_program *p, const char *name)
{
	for (size_t i = 0; i < p->n_symbols; i++)
		if (in_symbol(p->symbols[i], name))
			return true;
	for (size_t i = 0; i < p->n_events; i++)
		if (in_key(p->events[i]->decl.members.parts, p->events[i]->decl.members.n, name))
			return true;
	return false;
}

void fpl_check_names(struct fpl_checker *c)
{
	struct fpl_program *p = c->program;

	for (size_t i = 0; i < p->n_names && !c->source->errors; i++)
		if (!is_member(p, p->names[i]->name))
			fpl_error(c->source, FFPF_D_NAME_UNKNOWN, p->names[i]->place,
				  "no number of a table or event is called '%s'", p->names[i]->name);
}
