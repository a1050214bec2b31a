/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Declarations: the header of a class, parameters, and state of single cells. Tables are declare_table.c, kinds of
 * state with methods declare_kind.c.
 */
#include <fpl/program.h>
#include <lib/lang/arena.h>

#include <string.h>

/* ---- symbols --------------------------------------------------------------------------------- */

static struct fpl_symbol *find_global(struct fpl_checker *c, const char *name)
{
	for (size_t i = 0; i < c->program->n_symbols; i++)
		if (!strcmp(c->program->symbols[i]->name, name))
			return c->program->symbols[i];
	return NULL;
}

struct fpl_symbol *fpl_declare_symbol(struct fpl_checker *c, enum fpl_symbol_kind kind, const char *name,
				      struct fpl_place place)
{
	struct fpl_program *p = c->program;
	struct fpl_symbol *old = find_global(c, name), *s;

	if (old) {
		struct ffpf_diag *diag = fpl_error(c->source, FFPF_D_NAME_REDEFINED, place,
						   "there is already something called '%s'", name);

		if (old->kind != FPL_Y_PARAM || old->param >= p->n_fixed_params)
			fpl_label(c->source, diag, old->place, "first here");
		return NULL;
	}
	if (fpl_field_find(name)) {
		fpl_error(c->source, FFPF_D_NAME_TAKEN, place, "'%s' is a name of the packet", name);
		return NULL;
	}
	if (p->n_symbols == FPL_SYMBOLS_MAX) {
		fpl_error(c->source, FFPF_D_TEXT_BIG, place, "a program declares %u names at most", FPL_SYMBOLS_MAX);
		return NULL;
	}
	s = ffpf_arena_alloc(c->arena, sizeof(*s));
	*s = (struct fpl_symbol){.kind = kind, .name = name, .place = place, .type = FPL_NONE, .index = p->n_symbols};
	p->symbols[p->n_symbols++] = s;
	return s;
}

/* ---- types ----------------------------------------------------------------------------------- */

bool fpl_is_number(enum fpl_kind type)
{
	return type <= FPL_TIME;
}

static const char *type_name_at(const void *arg, size_t i)
{
	return i <= FPL_IPV6 ? fpl_kind_name((enum fpl_kind)i) : NULL;
}

enum fpl_kind fpl_declare_type(struct fpl_checker *c, const struct fpl_expr *type)
{
	struct ffpf_diag *diag;
	const char *nearest;

	/* Those that can be declared come first. */
	for (enum fpl_kind kind = FPL_BOOL; type->kind == FPL_E_NAME && kind <= FPL_IPV6; kind++)
		if (!strcasecmp(fpl_kind_name(kind), type->text))
			return kind;
	if (type->kind != FPL_E_NAME) {
		fpl_error(c->source, FFPF_D_VALUE_TYPE, type->place, "this is no type");
		return FPL_NONE;
	}
	diag = fpl_error(c->source, FFPF_D_NAME_UNKNOWN, type->place, "there is no type '%s'", type->text);
	nearest = ffpf_diag_nearest(type->text, type_name_at, NULL);
	if (nearest)
		fpl_hint(c->source, diag, "did you mean '%s'?", nearest);
	else
		fpl_hint(c->source, diag, "types are bool u8 u16 u32 u64 time MAC IPv4 IPv6");
	return FPL_NONE;
}

/* ---- words ----------------------------------------------------------------------------------- */

/* The text at the end, which says what it is; the words before it are left. */
const char *fpl_declare_doc(const struct fpl_declaration *d, size_t *n_words)
{
	*n_words = d->n_words;
	if (!d->n_words || d->words[d->n_words - 1].kind != FPL_W_TEXT)
		return NULL;
	--*n_words;
	return d->words[*n_words].text;
}

void fpl_declare_leftover(struct fpl_checker *c, const struct fpl_declaration *d, size_t from)
{
	size_t n;

	fpl_declare_doc(d, &n);
	if (from < n)
		fpl_error(c->source, FFPF_D_SYNTAX, d->words[from].place, "'%s' does not take this", d->kind);
}

bool fpl_declare_unit(struct fpl_checker *c, const struct fpl_word *word, enum ffpf_unit *out)
{
	static const struct {
		const char *name;
		enum ffpf_unit unit;
	} units[] = {{"packets", FFPF_UNIT_PACKETS}, {"bytes", FFPF_UNIT_BYTES}, {"ns", FFPF_UNIT_NS},
		     {"pps", FFPF_UNIT_PPS},	     {"bps", FFPF_UNIT_BPS},	 {"none", FFPF_UNIT_NONE}};

	for (size_t i = 0; word->kind == FPL_W_NAME && i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(units[i].name, word->text)) {
			*out = units[i].unit;
			return true;
		}
	fpl_hint(c->source, fpl_error(c->source, FFPF_D_VALUE_CHOICE, word->place, "this is no unit"),
		 "units are packets, bytes, ns, pps, bps");
	return false;
}

bool fpl_declare_number(struct fpl_checker *c, const struct fpl_word *word, uint64_t *number, struct fpl_symbol **param)
{
	*param = NULL;
	if (word->kind == FPL_W_NUMBER || word->kind == FPL_W_EXPR) {
		if (fpl_check_constant(word->value, number))
			return true;
		fpl_error(c->source, FFPF_D_VALUE_TYPE, word->place, "this has to be a constant number");
		return false;
	}
	if (word->kind == FPL_W_NAME) {
		struct fpl_symbol *s = find_global(c, word->text);

		if (s && s->kind == FPL_Y_PARAM && fpl_is_number(s->type)) {
			s->used = true;
			*param = s;
			return true;
		}
	}
	fpl_error(c->source, FFPF_D_VALUE_TYPE, word->place, "this has to be a number, or a parameter that is one");
	return false;
}

/* ---- cells ----------------------------------------------------------------------------------- */

struct fpl_symbol *fpl_declare_counter(struct fpl_checker *c, const char *name, struct fpl_place place)
{
	struct fpl_symbol *s = fpl_declare_symbol(c, FPL_Y_CELL, name, place);

	if (!s)
		return NULL;
	s->type = FPL_U64;
	s->cell = FPL_C_COUNTER;
	s->field = c->program->n_fields++;
	return s;
}

/* [unit U] ["doc"] */
static void read_unit(struct fpl_checker *c, const struct fpl_declaration *d, struct fpl_symbol *s)
{
	size_t n, at = 0;

	s->doc = fpl_declare_doc(d, &n);
	if (n >= 2 && d->words[0].kind == FPL_W_NAME && !strcmp(d->words[0].text, "unit")) {
		fpl_declare_unit(c, &d->words[1], &s->unit);
		at = 2;
	}
	fpl_declare_leftover(c, d, at);
}

static void no_shape(struct fpl_checker *c, const struct fpl_declaration *d)
{
	if (d->has_keys || d->has_columns)
		fpl_error(c->source, FFPF_D_SYNTAX, d->name_place, "'%s' has neither keys nor columns", d->kind);
}

/* Narrowed as by an assignment. */
static void read_initial(struct fpl_checker *c, struct fpl_expr *e, struct fpl_symbol *s)
{
	unsigned bits = fpl_kind_bits(s->type);

	if (e->kind != FPL_E_CONSTANT && !fpl_check_constant(e, &s->initial)) {
		fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "an initial value has to be constant");
		return;
	}
	if (e->kind == FPL_E_CONSTANT)
		s->initial = e->number[0];
	else
		e->type = FPL_U64;
	if (!fpl_check_fits(c, e, s->type))
		return;
	if (s->type == FPL_BOOL)
		s->initial = s->initial != 0;
	else if (bits && bits < 64)
		s->initial &= ((uint64_t)1 << bits) - 1;
}

static void declare_cell(struct fpl_checker *c, struct fpl_declaration *d, enum fpl_cell cell)
{
	struct fpl_symbol *s = fpl_declare_symbol(c, FPL_Y_CELL, d->name, d->name_place);

	if (!s)
		return;
	no_shape(c, d);
	s->cell = cell;
	s->type = d->type ? fpl_declare_type(c, d->type) : FPL_U64;
	if (s->type == FPL_NONE)
		s->type = FPL_U64;
	else if (s->type == FPL_IPV6 || (cell != FPL_C_SCALAR && !fpl_is_number(s->type)))
		fpl_error(c->source, FFPF_D_VALUE_TYPE, d->type->place, "a %s can't be of type %s", d->kind,
			  fpl_kind_name(s->type));
	if (s->type == FPL_TIME)
		s->unit = FFPF_UNIT_NS;
	if (cell == FPL_C_MIN)
		s->initial = UINT64_MAX;
	if (d->value && cell != FPL_C_SCALAR)
		fpl_error(c->source, FFPF_D_SYNTAX, d->value->place, "only a scalar has an initial value");
	else if (d->value)
		read_initial(c, d->value, s);
	read_unit(c, d, s);
	s->field = c->program->n_fields++;
}

/* array NAME[SIZE]: TYPE | counter */
static void declare_array(struct fpl_checker *c, struct fpl_declaration *d)
{
	struct fpl_symbol *s = fpl_declare_symbol(c, FPL_Y_ARRAY, d->name, d->name_place);

	if (!s)
		return;
	s->type = FPL_U64;
	s->cell = FPL_C_SCALAR;
	if (d->type && d->type->kind == FPL_E_NAME && !strcmp(d->type->text, "counter"))
		s->cell = FPL_C_COUNTER;
	else if (d->type)
		s->type = fpl_declare_type(c, d->type);
	if (s->type == FPL_IPV6) {
		fpl_error(c->source, FFPF_D_VALUE_TYPE, d->type->place, "an array can't be of type IPv6");
		s->type = FPL_U64;
	}
	if (d->has_columns || d->n_keys != 1 || d->keys[0].name) {
		fpl_error(c->source, FFPF_D_SYNTAX, d->name_place, "an array is written 'array %s[SIZE]: TYPE'",
			  d->name);
		return;
	}
	s->size_place = d->keys[0].value;
	if (!fpl_check_constant(s->size_place, &s->size)) {
		struct fpl_symbol *param =
			s->size_place->kind == FPL_E_NAME ? find_global(c, s->size_place->text) : NULL;

		if (param && param->kind == FPL_Y_PARAM && fpl_is_number(param->type)) {
			param->used = true;
			s->size_param = param;
		} else
			fpl_error(c->source, FFPF_D_VALUE_TYPE, s->size_place->place,
				  "the size has to be a constant number, or a parameter that is one");
	} else if (!s->size || s->size > FFPF_FIELD_CELLS_MAX) {
		fpl_error(c->source, FFPF_D_VALUE_RANGE, s->size_place->place, "an array has 1 to %u elements",
			  FFPF_FIELD_CELLS_MAX);
	}
	read_unit(c, d, s);
	s->field = c->program->n_fields++;
}

/* ---- parameters ------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	enum ffpf_type type;
	enum fpl_kind as;
} param_types[] = {
	{"count", FFPF_TYPE_COUNT, FPL_U64},	{"size", FFPF_TYPE_SIZE, FPL_U64},
	{"rate", FFPF_TYPE_RATE, FPL_U64},	{"duration", FFPF_TYPE_TIME, FPL_TIME},
	{"bool", FFPF_TYPE_BOOL, FPL_BOOL},	{"string", FFPF_TYPE_STRING, FPL_TEXT},
	{"file", FFPF_TYPE_FILE, FPL_TEXT},	{"filter", FFPF_TYPE_FILTER, FPL_TEXT},
	{"device", FFPF_TYPE_DEVICE, FPL_TEXT}, {"mac", FFPF_TYPE_MAC, FPL_MAC},
	{"ipv4", FFPF_TYPE_IPV4, FPL_IPV4},	{"ipv6", FFPF_TYPE_IPV6, FPL_IPV6},
	{"range", FFPF_TYPE_RANGE, FPL_PREFIX},
};

/* The text of a default as the user wrote it: values of parameters are read from text. */
static const char *written(struct fpl_checker *c, const struct fpl_expr *e)
{
	const char *last = c->source->text + e->place.end - 1;

	if (e->kind == FPL_E_TEXT || e->kind == FPL_E_NAME)
		return e->text;
	/* Units of parameters know no Ki, and no underscores. */
	if (e->kind == FPL_E_CONSTANT && e->type == FPL_U64 && *last == 'i')
		return ffpf_arena_printf(c->arena, "%llu", (unsigned long long)e->number[0]);
	return ffpf_arena_strndup(c->arena, c->source->text + e->place.start, e->place.end - e->place.start);
}

static bool param_type(struct fpl_checker *c, const struct fpl_declaration *d, struct fpl_symbol *s,
		       struct ffpf_param *param)
{
	if (d->type && d->type->kind == FPL_E_SET) {
		const char **choices = ffpf_arena_alloc(c->arena, (d->type->n_args + 1) * sizeof(*choices));

		for (size_t i = 0; i < d->type->n_args; i++)
			choices[i] = d->type->args[i]->text;
		param->type = FFPF_TYPE_CHOICE;
		param->choices = s->choices = choices;
		s->type = FPL_U64;
		return true;
	}
	for (size_t i = 0; d->type && d->type->kind == FPL_E_NAME && i < sizeof(param_types) / sizeof(param_types[0]);
	     i++)
		if (!strcasecmp(param_types[i].name, d->type->text)) {
			param->type = param_types[i].type;
			s->type = param_types[i].as;
			return true;
		}
	fpl_hint(c->source,
		 fpl_error(c->source, FFPF_D_VALUE_TYPE, d->type ? d->type->place : d->name_place,
			   d->type ? "this is no type of a parameter" : "a parameter has a type"),
		 "types of parameters are count size rate duration bool string file filter device mac ipv4 ipv6 range, "
		 "or choices (a|b)");
	return false;
}

static void declare_param(struct fpl_checker *c, struct fpl_declaration *d)
{
	struct fpl_program *p = c->program;
	struct ffpf_param *param = &p->params[p->n_params];
	struct fpl_symbol *s = fpl_declare_symbol(c, FPL_Y_PARAM, d->name, d->name_place);
	size_t n, at = 0;

	if (!s)
		return;
	if (p->n_params == FPL_SYMBOLS_MAX / 4) {
		fpl_error(c->source, FFPF_D_TEXT_BIG, d->place, "these are too many parameters");
		return;
	}
	*param = (struct ffpf_param){.name = d->name, .type = FFPF_TYPE_COUNT};
	no_shape(c, d);
	if (!param_type(c, d, s, param))
		return;
	param->doc = fpl_declare_doc(d, &n);
	if (n > 1 && d->words[0].kind == FPL_W_NAME && !strcmp(d->words[0].text, "in") &&
	    d->words[1].kind == FPL_W_RANGE) {
		uint64_t lo, hi;

		if (fpl_check_constant(d->words[1].value->a, &lo) && fpl_check_constant(d->words[1].value->b, &hi)) {
			param->min = lo > INT64_MAX ? INT64_MAX : (int64_t)lo;
			param->max = hi > INT64_MAX ? INT64_MAX : (int64_t)hi;
		}
		at = 2;
	}
	fpl_declare_leftover(c, d, at);
	/* A file that is called "" is none: nobody has to give one. */
	if (!d->value)
		param->flags |= FFPF_PARAM_REQUIRED;
	else if (param->type != FFPF_TYPE_FILE || *written(c, d->value))
		param->def = written(c, d->value);
	if (p->n_params == p->n_fixed_params && !p->n_fixed_params)
		param->flags |= FFPF_PARAM_MAIN;
	s->param = (unsigned)p->n_params++;
	s->param_type = param->type;
}

/* ---- the header of a class ------------------------------------------------------------------- */

static void header_text(struct fpl_checker *c, const struct fpl_declaration *d, const char **to)
{
	if (*to)
		fpl_error(c->source, FFPF_D_PARAM_TWICE, d->place, "'%s' stands here twice", d->kind);
	*to = d->words[0].text;
}

static bool is_header(struct fpl_checker *c, struct fpl_declaration *d)
{
	struct fpl_program *p = c->program;
	size_t n;

	if (!strcmp(d->kind, "class") && d->name) {
		if (p->name)
			fpl_error(c->source, FFPF_D_PARAM_TWICE, d->place, "a text is one class");
		p->name = d->name;
		p->help = fpl_declare_doc(d, &n);
		fpl_declare_leftover(c, d, 0);
		return true;
	}
	if (d->name)
		return false;
	if (!strcmp(d->kind, "manual"))
		header_text(c, d, &p->manual);
	else if (!strcmp(d->kind, "example"))
		header_text(c, d, &p->example);
	else
		fpl_error(c->source, FFPF_D_SYNTAX, d->kind_place, "a name and a text make no statement");
	return true;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const char *const words_of_ours[] = {"param", "counter", "scalar", "max",   "min",   "array", "hash",
					    "lru",   "lpm",	"set",	  "names", "class", "emit",  "delete"};

static const char *kind_name_at(const void *arg, size_t i)
{
	const size_t n = sizeof(words_of_ours) / sizeof(words_of_ours[0]);
	const struct fpl_kind_ops *kind = i < n ? NULL : fpl_kind_at(i - n);

	return i < n ? words_of_ours[i] : kind ? kind->name : NULL;
}

void fpl_declare(struct fpl_checker *c, struct fpl_declaration *d)
{
	const struct fpl_kind_ops *kind = fpl_kind_find(d->kind);
	struct ffpf_diag *diag;
	const char *nearest;

	if (is_header(c, d))
		return;
	if (!strcmp(d->kind, "param"))
		declare_param(c, d);
	else if (!strcmp(d->kind, "counter"))
		declare_cell(c, d, FPL_C_COUNTER);
	else if (!strcmp(d->kind, "scalar"))
		declare_cell(c, d, FPL_C_SCALAR);
	else if (!strcmp(d->kind, "max"))
		declare_cell(c, d, FPL_C_MAX);
	else if (!strcmp(d->kind, "min"))
		declare_cell(c, d, FPL_C_MIN);
	else if (!strcmp(d->kind, "array"))
		declare_array(c, d);
	else if (!strcmp(d->kind, "hash") || !strcmp(d->kind, "lru") || !strcmp(d->kind, "lpm") ||
		 !strcmp(d->kind, "set"))
		fpl_declare_table(c, d);
	else if (!strcmp(d->kind, "names"))
		fpl_declare_names(c, d);
	else if (kind)
		fpl_declare_kind(c, d, kind);
	else {
		diag = fpl_error(c->source, FFPF_D_NAME_UNKNOWN, d->kind_place, "there is no kind of state '%s'",
				 d->kind);
		nearest = ffpf_diag_nearest(d->kind, kind_name_at, NULL);
		if (!strcasecmp(d->kind, "table") || !strcasecmp(d->kind, "map"))
			fpl_hint(c->source, diag, "tables are hash, lru, lpm and set");
		else if (nearest)
			fpl_hint(c->source, diag, "did you mean '%s'?", nearest);
		else if (!strcmp(d->kind, "var") || !strcmp(d->kind, "int") || !strcmp(d->kind, "u32") ||
			 !strcmp(d->kind, "u64"))
			fpl_hint(c->source, diag, "a local variable is made with 'let %s = …'", d->name);
	}
}
