/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Declarations of tables (hash, lru, lpm, set) and of kinds of state with methods (fpl/kinds.h).
 */
#include <fpl/program.h>
#include <lib/lang/arena.h>

#include <string.h>

bool fpl_declare_key_part(struct fpl_checker *c, const char *name, enum fpl_kind type, struct fpl_place place,
			  struct fpl_key_part *out)
{
	uint8_t kind = FFPF_MEMBER_UNSIGNED;

	switch (type) {
	case FPL_BOOL:
		kind = FFPF_MEMBER_BOOL;
		break;
	case FPL_IPV4:
		kind = FFPF_MEMBER_NETWORK;
		break;
	case FPL_IPV6:
		kind = FFPF_MEMBER_IPV6;
		break;
	case FPL_MAC:
		kind = FFPF_MEMBER_MAC;
		break;
	default:
		if (fpl_is_number(type))
			break;
		fpl_error(c->source, FFPF_D_VALUE_TYPE, place, "this is %s %s, which can't be part of a key or event",
			  type == FPL_ENTRY ? "an" : "a", fpl_kind_name(type));
		return false;
	}
	*out = (struct fpl_key_part){.name = name, .size = (uint8_t)fpl_kind_bytes(type), .kind = kind};
	return true;
}

/* name: TYPE, or TYPE alone. */
static bool read_key(struct fpl_checker *c, const struct fpl_declaration *d, struct fpl_key_part **parts,
		     enum fpl_kind **types, unsigned *n)
{
	unsigned bytes = 0;

	*n = 0;
	if (d->n_keys > FPL_KEY_PARTS) {
		fpl_error(c->source, FFPF_D_TEXT_BIG, d->name_place, "a key has %u parts at most", FPL_KEY_PARTS);
		return false;
	}
	*parts = ffpf_arena_alloc(c->arena, (d->n_keys + 1) * sizeof(**parts));
	*types = ffpf_arena_alloc(c->arena, (d->n_keys + 1) * sizeof(**types));
	for (size_t i = 0; i < d->n_keys; i++) {
		const struct fpl_part *part = &d->keys[i];
		enum fpl_kind type = fpl_declare_type(c, part->value);
		const char *name = part->name;

		if (!name)
			name = d->n_keys == 1 ? "key" : ffpf_arena_printf(c->arena, "key%zu", i);
		for (size_t k = 0; part->name && k < i; k++)
			if (d->keys[k].name && !strcmp(d->keys[k].name, part->name))
				fpl_error(c->source, FFPF_D_PARAM_TWICE, part->place, "'%s' stands in the key twice",
					  name);
		if (type == FPL_NONE || !fpl_declare_key_part(c, name, type, part->place, &(*parts)[i]))
			return false;
		(*types)[i] = type;
		bytes += (*parts)[i].size;
		++*n;
	}
	if (bytes <= FPL_KEY_BYTES)
		return true;
	fpl_error(c->source, FFPF_D_TEXT_BIG, d->name_place, "this key has %u bytes, more than the %u that it may have",
		  bytes, FPL_KEY_BYTES);
	return false;
}

static void add_column(struct fpl_checker *c, struct fpl_symbol *s, const char *name, const struct fpl_expr *type,
		       struct fpl_place place)
{
	struct fpl_column *column = &s->columns[s->n_columns];

	*column = (struct fpl_column){.name = name, .type = FPL_U64, .word = s->n_words};
	if (type && type->kind == FPL_E_NAME && !strcmp(type->text, "counter"))
		column->counter = true;
	else if (type)
		column->type = fpl_declare_type(c, type);
	if (column->type == FPL_NONE)
		column->type = FPL_U64;
	for (unsigned i = 0; name && i < s->n_columns; i++)
		if (!strcmp(s->columns[i].name, name))
			fpl_error(c->source, FFPF_D_PARAM_TWICE, place, "'%s' is a column twice", name);
	if (name && !strcmp(name, "new"))
		fpl_error(c->source, FFPF_D_NAME_RESERVED, place, "'new' says whether an entry is new");
	s->n_words += column->type == FPL_IPV6 ? 2 : 1;
	s->n_columns++;
}

static void read_columns(struct fpl_checker *c, const struct fpl_declaration *d, struct fpl_symbol *s)
{
	s->columns = ffpf_arena_alloc(c->arena, (d->n_columns + 1) * sizeof(*s->columns));
	if (d->n_columns > FPL_COLUMNS_MAX) {
		fpl_error(c->source, FFPF_D_TEXT_BIG, d->name_place, "an entry has %u columns at most",
			  FPL_COLUMNS_MAX);
		return;
	}
	for (size_t i = 0; i < d->n_columns; i++)
		add_column(c, s, d->columns[i].name, d->columns[i].value, d->columns[i].place);
	if (!d->has_columns && d->type)
		add_column(c, s, NULL, d->type, d->type->place);
	if (s->n_words > FPL_COLUMNS_MAX)
		fpl_error(c->source, FFPF_D_TEXT_BIG, d->name_place, "an entry has %u words of 64 bits at most",
			  FPL_COLUMNS_MAX);
	/* Who is in it is all that matters; an entry of nothing does not exist. */
	s->set = !s->n_columns;
	if (s->set)
		s->n_words = 1;
}

static bool is_word(const struct fpl_word *word, const char *text)
{
	return word->kind == FPL_W_NAME && !strcmp(word->text, text);
}

static const char *fill_name_at(const void *arg, size_t i)
{
	const struct fpl_fill *fill = fpl_fill_at(i);

	return fill ? fill->name : NULL;
}

/* FILE: a text or a parameter. */
static void read_from(struct fpl_checker *c, struct fpl_symbol *s, enum fpl_word_kind kind, const char *text)
{
	struct fpl_symbol *param = kind == FPL_W_NAME ? fpl_check_find(c, text) : NULL;

	if (kind == FPL_W_TEXT) {
		s->from = text;
	} else if (param && param->kind == FPL_Y_PARAM && param->type == FPL_TEXT) {
		param->used = true;
		s->from_param = param;
	} else
		fpl_error(c->source, FFPF_D_VALUE_TYPE, s->from_place,
			  "this has to be the name of a file in \"…\", or a parameter of type file");
}

static void read_format(struct fpl_checker *c, struct fpl_symbol *s, const char *name)
{
	const char *nearest;
	struct ffpf_diag *diag;

	s->fill = fpl_fill_find(name);
	if (s->fill)
		return;
	nearest = ffpf_diag_nearest(name, fill_name_at, NULL);
	diag = fpl_error(c->source, FFPF_D_NAME_UNKNOWN, s->from_place, "there is no format '%s'", name);
	if (nearest)
		fpl_hint(c->source, diag, "did you mean '%s'?", nearest);
}

size_t fpl_declare_from(struct fpl_checker *c, struct fpl_symbol *s, const struct fpl_word *w, size_t n)
{
	const struct fpl_expr *file;

	s->from_place = w[0].place;
	if (n < 2 || w[0].kind != FPL_W_NAME || w[1].kind != FPL_W_EXPR) {
		read_from(c, s, w[0].kind, w[0].text);
		return 1;
	}
	read_format(c, s, w[0].text);
	if (!s->fill)
		return 2;
	file = w[1].value;
	read_from(c, s,
		  file->kind == FPL_E_TEXT   ? FPL_W_TEXT
		  : file->kind == FPL_E_NAME ? FPL_W_NAME
					     : FPL_W_EXPR,
		  file->text);
	return 2;
}

/* What the format gives has to be what the table has. */
static void check_format(struct fpl_checker *c, const struct fpl_symbol *s)
{
	unsigned n = 0;

	while (n < s->n_key && s->fill->key[n] == s->key[n].size)
		n++;
	if (n < s->n_key || s->fill->key[n] || s->fill->words != s->n_words)
		fpl_hint(c->source,
			 fpl_error(c->source, FFPF_D_VALUE_TYPE, s->from_place, "'%s' gives other keys or values",
				   s->fill->name),
			 "it gives %s", s->fill->doc);
}

/* [size N] [from FILE | from FORMAT(FILE)] ["doc"] */
static void read_words(struct fpl_checker *c, const struct fpl_declaration *d, struct fpl_symbol *s)
{
	const struct fpl_word *w = d->words;
	size_t n = d->n_words, at = 0;

	s->size = FPL_TABLE_SIZE;
	while (at + 1 < n) {
		if (is_word(&w[at], "size")) {
			if (!fpl_declare_number(c, &w[at + 1], &s->size, &s->size_param))
				return;
			if (!s->size_param && (!s->size || s->size > FPL_TABLE_SIZE_MAX))
				fpl_error(c->source, FFPF_D_VALUE_RANGE, w[at + 1].place, "a table has 1 to %u entries",
					  FPL_TABLE_SIZE_MAX);
		} else if (is_word(&w[at], "from")) {
			at += fpl_declare_from(c, s, &w[at + 1], n - at - 1) - 1;
			if (s->fill)
				check_format(c, s);
		} else {
			break;
		}
		at += 2;
	}
	if (at < n && w[at].kind == FPL_W_TEXT)
		s->doc = w[at++].text;
	if (at < n)
		fpl_hint(c->source,
			 fpl_error(c->source, FFPF_D_SYNTAX, w[at].place, "'%s' does not take this", d->kind),
			 "it takes: size N, from FILE, \"what it is\"");
}

static struct fpl_symbol *new_table(struct fpl_checker *c, const char *name, struct fpl_place place,
				    enum ffpf_map_kind kind)
{
	struct fpl_symbol *s = fpl_declare_symbol(c, FPL_Y_TABLE, name, place);

	if (!s)
		return NULL;
	s->map_kind = kind;
	s->map = c->program->n_maps++;
	/* A full table says so. An lru makes room. */
	s->counts_full = kind != FFPF_MAP_LRU_HASH;
	if (s->counts_full)
		s->field = c->program->n_fields++;
	return s;
}

void fpl_declare_table(struct fpl_checker *c, struct fpl_declaration *d)
{
	bool lpm = !strcmp(d->kind, "lpm"), lru = !strcmp(d->kind, "lru");
	struct fpl_symbol *s = new_table(c, d->name, d->name_place,
					 lpm   ? FFPF_MAP_LPM
					 : lru ? FFPF_MAP_LRU_HASH
					       : FFPF_MAP_HASH);

	if (!s)
		return;
	if (!d->n_keys)
		fpl_error(c->source, FFPF_D_SYNTAX, d->name_place, "a table has a key: '%s %s[TYPE]…'", d->kind,
			  d->name);
	if (!read_key(c, d, &s->key, &s->key_types, &s->n_key))
		return;
	if (!strcmp(d->kind, "set") && (d->type || d->has_columns))
		fpl_error(c->source, FFPF_D_SYNTAX, d->name_place, "a set has no values; a hash has");
	read_columns(c, d, s);
	read_words(c, d, s);
	if (lpm && (s->n_key != 1 || (s->key_types[0] != FPL_IPV4 && s->key_types[0] != FPL_IPV6)))
		fpl_error(c->source, FFPF_D_VALUE_TYPE, d->name_place, "the key of an lpm is one IPv4 or IPv6 address");
	if ((s->from || s->from_param) && !s->fill && s->n_key != 1)
		fpl_error(c->source, FFPF_D_VALUE_TYPE, s->from_place,
			  "a table that is read from a file has a key of one part");
}

/* t[key]++ without a declaration. */
struct fpl_symbol *fpl_declare_counts(struct fpl_checker *c, const char *name, struct fpl_place place,
				      struct fpl_expr *const *key, size_t n)
{
	struct fpl_symbol *s;

	if (n > FPL_KEY_PARTS) {
		fpl_error(c->source, FFPF_D_TEXT_BIG, place, "a key has %u parts at most", FPL_KEY_PARTS);
		return NULL;
	}
	s = new_table(c, name, place, FFPF_MAP_HASH);
	if (!s)
		return NULL;
	s->size = FPL_TABLE_SIZE;
	s->key = ffpf_arena_alloc(c->arena, n * sizeof(*s->key) + 1);
	s->key_types = ffpf_arena_alloc(c->arena, n * sizeof(*s->key_types) + 1);
	for (size_t i = 0; i < n; i++) {
		const char *text = ffpf_arena_strndup(c->arena, c->source->text + key[i]->place.start,
						      key[i]->place.end - key[i]->place.start);

		if (key[i]->type == FPL_NONE || !fpl_declare_key_part(c, text, key[i]->type, key[i]->place, &s->key[i]))
			return NULL;
		s->key_types[i] = key[i]->type;
		s->n_key++;
	}
	s->columns = ffpf_arena_alloc(c->arena, sizeof(*s->columns));
	s->columns[0] = (struct fpl_column){.type = FPL_U64, .counter = true};
	s->n_columns = s->n_words = 1;
	return s;
}

/* ---- kinds ----------------------------------------------------------------------------------- */

static bool take_argument(struct fpl_checker *c, const struct fpl_kind_argument *a, struct fpl_symbol *s, unsigned i,
			  const struct fpl_word *word)
{
	if (a->type == FPL_ARGUMENT_CHOICE) {
		for (uint64_t k = 0; word->kind == FPL_W_NAME && a->choices[k]; k++)
			if (!strcmp(a->choices[k], word->text)) {
				s->decl->arguments[i] = k;
				return true;
			}
		fpl_error(c->source, FFPF_D_VALUE_CHOICE, word->place, "this is no %s", a->name);
		return false;
	}
	if (!fpl_declare_number(c, word, &s->decl->arguments[i], &s->arguments[i]))
		return false;
	/* For the class's description, which has no values of parameters. */
	if (s->arguments[i])
		s->decl->arguments[i] = a->def >= a->min && a->def <= a->max ? a->def : a->min;
	if (!s->arguments[i] && (s->decl->arguments[i] < a->min || s->decl->arguments[i] > a->max)) {
		enum ffpf_type type = a->type == FPL_ARGUMENT_TIME ? FFPF_TYPE_TIME : FFPF_TYPE_COUNT;
		char min[32], max[32];

		ffpf_value_format(type, (int64_t)a->min, min, sizeof(min));
		ffpf_value_format(type, (int64_t)a->max, max, sizeof(max));
		fpl_error(c->source, FFPF_D_VALUE_RANGE, word->place, "%s is %s to %s", a->name, min, max);
		return false;
	}
	return true;
}

/* Is this word where an argument's value begins? */
static bool begins(const struct fpl_kind_argument *a, const struct fpl_word *w)
{
	if (a->word)
		return is_word(w, a->word);
	if (is_word(w, "unit"))
		return false;
	if (a->type == FPL_ARGUMENT_CHOICE) {
		for (unsigned k = 0; w->kind == FPL_W_NAME && a->choices[k]; k++)
			if (!strcmp(a->choices[k], w->text))
				return true;
		return false;
	}
	return w->kind == FPL_W_NUMBER || w->kind == FPL_W_EXPR || w->kind == FPL_W_NAME;
}

/* How an argument is written. */
static const char *choices_of(struct fpl_checker *c, const struct fpl_declaration *d, const struct fpl_kind_argument *a)
{
	const char *text = ffpf_arena_printf(c->arena, "%s %s%s", d->kind, d->name, d->has_keys ? "[…]" : "");

	if (a->type != FPL_ARGUMENT_CHOICE)
		return ffpf_arena_printf(c->arena, "%s %s%s%s", text, a->word ? a->word : "", a->word ? " " : "",
					 a->type == FPL_ARGUMENT_TIME ? "1s" : "100");
	for (unsigned i = 0; a->choices[i]; i++)
		text = ffpf_arena_printf(c->arena, "%s%s%s", text, i ? " | " : " ", a->choices[i]);
	return text;
}

static void read_arguments(struct fpl_checker *c, const struct fpl_declaration *d, const struct fpl_kind_ops *kind,
			   struct fpl_symbol *s)
{
	size_t n, at = 0;

	s->doc = s->decl->doc = fpl_declare_doc(d, &n);
	for (unsigned i = 0; i < kind->n_arguments; i++) {
		const struct fpl_kind_argument *a = &kind->arguments[i];

		if (at < n && begins(a, &d->words[at])) {
			at += a->word != NULL;
			if (at == n) {
				fpl_error(c->source, FFPF_D_SYNTAX, d->words[n - 1].place,
					  "'%s' wants a number behind it", a->word);
				return;
			}
			if (!take_argument(c, a, s, i, &d->words[at++]))
				return;
			s->decl->given[i] = true;
		} else if (a->required) {
			fpl_hint(c->source,
				 fpl_error(c->source, FFPF_D_PARAM_MISSING, at < n ? d->words[at].place : d->name_place,
					   "'%s' needs %s: %s", d->kind, a->name, a->doc ? a->doc : ""),
				 "%s", choices_of(c, d, a));
			return;
		}
	}
	if (at + 1 < n && is_word(&d->words[at], "unit") && fpl_declare_unit(c, &d->words[at + 1], &s->decl->unit))
		at += 2;
	fpl_declare_leftover(c, d, at);
}

void fpl_declare_kind(struct fpl_checker *c, struct fpl_declaration *d, const struct fpl_kind_ops *kind)
{
	struct fpl_symbol *s = fpl_declare_symbol(c, FPL_Y_KIND, d->name, d->name_place);
	struct ffpf_field fields[FPL_KIND_FIELDS];
	struct fpl_key_part *parts = NULL;
	unsigned n = 0;

	if (!s)
		return;
	s->decl = ffpf_arena_alloc(c->arena, sizeof(*s->decl));
	s->decl->kind = kind;
	s->decl->name = d->name;
	if (kind->key != (d->n_keys > 0)) {
		fpl_error(c->source, FFPF_D_SYNTAX, d->name_place,
			  kind->key ? "'%s' has a key: '%s %s[TYPE]…'" : "'%s' has no key", d->kind, d->kind, d->name);
		return;
	}
	if (d->has_columns || d->type || d->value)
		fpl_error(c->source, FFPF_D_SYNTAX, d->name_place, "'%s' has no type of its own", d->kind);
	if (!read_key(c, d, &parts, &s->decl_types, &n))
		return;
	s->decl->key = (struct fpl_key){parts, n};
	read_arguments(c, d, kind, s);
	fpl_kind_defaults(s->decl);
	c->program->needs |= kind->needs;
	s->n_fields = kind->fields(s->decl, c->arena, fields);
	s->field = c->program->n_fields;
	c->program->n_fields += s->n_fields;
}
