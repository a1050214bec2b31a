/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls: casts, functions of the language, methods of state, function classes; and what stands in square brackets.
 */
#include <fpl/program.h>
#include <lib/lang/arena.h>

#include <string.h>

/* ---- tables and arrays ----------------------------------------------------------------------- */

void fpl_check_key(struct fpl_checker *c, struct fpl_expr *e, const enum fpl_kind *types, unsigned n)
{
	if (e->n_args != n) {
		fpl_error(c->source, FFPF_D_PARAM_MANY, e->place, "the key has %u part%s, and %zu %s given", n,
			  n == 1 ? "" : "s", e->n_args, e->n_args == 1 ? "is" : "are");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		fpl_check_expr(c, e->args[i]);
		fpl_check_fits(c, e->args[i], types[i]);
	}
}

static void use_entry(struct fpl_checker *c, struct fpl_expr *e, struct fpl_symbol *s, bool add)
{
	s->used = true;
	e->symbol = s;
	e->meaning = FPL_M_ENTRY;
	e->method = add;
	s->adds |= add;
	e->type = FPL_ENTRY;
	e->optional = true;
	fpl_check_key(c, e, s->key_types, s->n_key);
}

/* t[key] of a table whose entries are one value is that value: another node stands for the entry. */
static void use_only_column(struct fpl_checker *c, struct fpl_expr *e)
{
	struct fpl_expr *entry = ffpf_arena_alloc(c->arena, sizeof(*entry));
	const struct fpl_column *column = &e->symbol->columns[0];

	*entry = *e;
	e->a = entry;
	e->meaning = FPL_M_COLUMN;
	e->type = column->type;
	e->word = column->word;
}

void fpl_check_index(struct fpl_checker *c, struct fpl_expr *e)
{
	struct fpl_symbol *s = e->a->kind == FPL_E_NAME ? fpl_check_find(c, e->a->text) : NULL;

	if (s && s->kind == FPL_Y_TABLE) {
		use_entry(c, e, s, false);
		if (s->n_columns == 1 && !s->columns[0].name)
			use_only_column(c, e);
		return;
	}
	if (s && s->kind == FPL_Y_ARRAY) {
		s->used = true;
		e->symbol = s;
		e->meaning = FPL_M_ELEMENT;
		e->type = s->type;
		if (e->n_args != 1) {
			fpl_error(c->source, FFPF_D_PARAM_MANY, e->place, "an array has one index");
			return;
		}
		fpl_check_number(c, e->args[0]);
		/* An index beyond the array is no element. */
		e->optional = true;
		return;
	}
	if (e->a->kind == FPL_E_NAME && !s && (!strcmp(e->a->text, "pkt") || !strcmp(e->a->text, "payload")) &&
	    e->n_args == 1) {
		struct fpl_expr *one = ffpf_arena_alloc(c->arena, sizeof(*one));
		struct fpl_expr **args = ffpf_arena_alloc(c->arena, 2 * sizeof(*args));

		/* pkt[12]: one byte */
		*one = (struct fpl_expr){.kind = FPL_E_CONSTANT, .place = e->place, .type = FPL_U64, .number = {1}};
		args[0] = e->args[0];
		args[1] = one;
		e->args = args;
		e->n_args = 2;
		fpl_check_slice(c, e);
		return;
	}
	if (e->a->kind == FPL_E_NAME && !s)
		fpl_error(c->source, FFPF_D_NAME_UNKNOWN, e->a->place, "there is no table '%s'", e->a->text);
	else
		fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "only tables, arrays, pkt and payload have an index");
}

/* pkt[at:size], payload[at:size], inner.payload[at:size] */
void fpl_check_slice(struct fpl_checker *c, struct fpl_expr *e)
{
	const struct fpl_expr *base = e->a;
	const char *name = base->text;
	uint64_t size = 0, at;
	unsigned inner = 0;

	if (base->kind == FPL_E_MEMBER)
		for (base = base->a; base->kind == FPL_E_MEMBER && !strcmp(base->text, "inner"); base = base->a)
			inner++;
	if (e->a->kind == FPL_E_MEMBER && base->kind == FPL_E_NAME && !strcmp(base->text, "inner"))
		inner++;
	else if (e->a->kind == FPL_E_MEMBER)
		name = "";
	if ((e->a->kind != FPL_E_NAME && e->a->kind != FPL_E_MEMBER) || inner > 2 ||
	    (strcmp(name, "payload") != 0 && (strcmp(name, "pkt") != 0 || inner))) {
		fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "bytes are those of pkt or of payload");
		return;
	}
	e->meaning = FPL_M_BYTES;
	e->payload = !strcmp(name, "payload");
	e->inner = inner;
	e->optional = true;
	if (!fpl_check_constant(e->args[1], &size) || (size != 1 && size != 2 && size != 4 && size != 8))
		fpl_error(c->source, FFPF_D_VALUE_RANGE, e->args[1]->place, "1, 2, 4 or 8 bytes are read at once");
	e->type = size == 1 ? FPL_U8 : size == 2 ? FPL_U16 : size == 4 ? FPL_U32 : FPL_U64;
	fpl_check_number(c, e->args[0]);
	if (!e->payload && fpl_check_constant(e->args[0], &at) && at < UINT32_MAX - 8) {
		if (at + size > c->program->demand)
			c->program->demand = (uint32_t)(at + size);
	} else {
		c->program->demand = FFPF_ALL_BYTES;
	}
	if (e->payload)
		c->program->demand = FFPF_ALL_BYTES;
}

/* ---- functions of the language --------------------------------------------------------------- */

static bool check_cast(struct fpl_checker *c, struct fpl_expr *e)
{
	static const struct {
		const char *name;
		enum fpl_kind type;
	} casts[] = {{"bool", FPL_BOOL}, {"u8", FPL_U8},     {"u16", FPL_U16},	 {"u32", FPL_U32},
		     {"u64", FPL_U64},	 {"time", FPL_TIME}, {"IPv4", FPL_IPV4}, {"IPv6", FPL_IPV6}};

	for (size_t i = 0; i < sizeof(casts) / sizeof(casts[0]); i++) {
		if (strcmp(casts[i].name, e->a->text) != 0)
			continue;
		e->meaning = FPL_M_CAST;
		e->type = casts[i].type;
		if (e->n_args != 1) {
			fpl_error(c->source, FFPF_D_PARAM_MANY, e->place, "a cast takes one value");
			return true;
		}
		fpl_check_expr(c, e->args[0]);
		e->optional = e->args[0]->optional;
		if (e->type == FPL_IPV6)
			fpl_check_fits(c, e->args[0], FPL_IPV6);
		else if (e->args[0]->type > FPL_IPV4)
			fpl_check_fits(c, e->args[0], FPL_U64);
		return true;
	}
	return false;
}

static const struct {
	const char *name;
	enum fpl_builtin builtin;
	unsigned min, max;
} builtins[] = {
	{"min", FPL_B_MIN, 2, 8},   {"max", FPL_B_MAX, 2, 8},	    {"log2", FPL_B_LOG2, 1, 1},
	{"hash", FPL_B_HASH, 1, 8}, {"random", FPL_B_RANDOM, 0, 0},
};

/* given(param): did the user write it? */
static void check_given(struct fpl_checker *c, struct fpl_expr *e)
{
	struct fpl_symbol *s =
		e->n_args == 1 && e->args[0]->kind == FPL_E_NAME ? fpl_check_find(c, e->args[0]->text) : NULL;

	e->meaning = FPL_M_BUILTIN;
	e->builtin = FPL_B_GIVEN;
	e->type = FPL_BOOL;
	if (!s || s->kind != FPL_Y_PARAM) {
		fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "given(…) asks for a parameter");
		e->type = FPL_NONE;
		return;
	}
	s->used = true;
	e->args[0]->symbol = s;
}

/* require(condition, "what is wrong"): of parameters, before the first packet. */
static void check_require(struct fpl_checker *c, struct fpl_expr *e)
{
	e->meaning = FPL_M_BUILTIN;
	e->builtin = FPL_B_REQUIRE;
	if (e->n_args < 2 || e->n_args > 3 || e->args[1]->kind != FPL_E_TEXT ||
	    (e->n_args == 3 && e->args[2]->kind != FPL_E_TEXT)) {
		fpl_error(c->source, FFPF_D_PARAM_MANY, e->place,
			  "require(…) takes a condition, a text that says what is wrong, and may be one that says what "
			  "to do");
		return;
	}
	fpl_check_truth(c, e->args[0]);
	if (c->scope)
		fpl_error(c->source, FFPF_D_SYNTAX, e->place, "require(…) stands outside of all braces");
}

static bool check_builtin(struct fpl_checker *c, struct fpl_expr *e)
{
	if (!strcmp(e->a->text, "given") || !strcmp(e->a->text, "require")) {
		(e->a->text[0] == 'g' ? check_given : check_require)(c, e);
		return true;
	}
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++) {
		if (strcmp(builtins[i].name, e->a->text) != 0)
			continue;
		e->meaning = FPL_M_BUILTIN;
		e->builtin = builtins[i].builtin;
		e->type = e->builtin == FPL_B_RANDOM ? FPL_U32 : FPL_U64;
		if (e->n_args < builtins[i].min || e->n_args > builtins[i].max)
			fpl_error(c->source, FFPF_D_PARAM_MANY, e->place,
				  builtins[i].max > builtins[i].min ? "'%s' takes %u to %u values"
				  : builtins[i].max		    ? "'%s' takes %u value"
								    : "'%s' takes no value",
				  e->a->text, builtins[i].min, builtins[i].max);
		for (size_t k = 0; k < e->n_args; k++) {
			fpl_check_expr(c, e->args[k]);
			e->optional |= e->args[k]->optional;
			if (e->builtin != FPL_B_HASH || e->args[k]->type > FPL_IPV6)
				fpl_check_fits(c, e->args[k], FPL_U64);
		}
		if (e->builtin <= FPL_B_MAX && e->n_args && e->args[0]->type == FPL_TIME)
			e->type = FPL_TIME;
		return true;
	}
	return false;
}

/* x in file("hosts.txt"): a set without a name. */
static bool check_file(struct fpl_checker *c, struct fpl_expr *e)
{
	struct fpl_program *p = c->program;
	struct fpl_symbol *s, *param = NULL;
	const char *text = NULL;

	if (strcmp(e->a->text, "file") != 0)
		return false;
	e->type = FPL_NONE;
	if (e->n_args == 1 && e->args[0]->kind == FPL_E_TEXT)
		text = e->args[0]->text;
	else if (e->n_args == 1 && e->args[0]->kind == FPL_E_NAME)
		param = fpl_check_find(c, e->args[0]->text);
	if (!text && (!param || param->kind != FPL_Y_PARAM || param->type != FPL_TEXT)) {
		fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place,
			  "file(…) takes the name of a file, or a parameter of type file");
		return true;
	}
	s = fpl_declare_symbol(c, FPL_Y_TABLE, ffpf_arena_printf(c->arena, "file%u", p->n_maps), e->place);
	if (!s)
		return true;
	s->map_kind = FFPF_MAP_HASH;
	s->map = p->n_maps++;
	s->set = true;
	s->n_words = 1;
	s->from = text;
	s->from_param = param;
	if (param)
		param->used = true;
	s->from_place = e->place;
	s->used = true;
	s->n_key = 1;
	s->key = ffpf_arena_alloc(c->arena, sizeof(*s->key));
	s->key_types = ffpf_arena_alloc(c->arena, sizeof(*s->key_types));
	e->symbol = s;
	return true;
}

/* ---- function classes ------------------------------------------------------------------------ */

static bool check_class_call(struct fpl_checker *c, struct fpl_expr *e)
{
	const struct ffpf_class *class = ffpf_class_find(e->a->text);
	struct fpl_program *p = c->program;
	struct fpl_call *call;
	unsigned same = 0;

	if (!class)
		return false;
	if (class->flags & FFPF_CLASS_VERDICT) {
		fpl_hint(c->source,
			 fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "'%s' decides about the network",
				   class->name),
			 "return a class, and route it: > [2: (%s) | else: …]", class->name);
		return true;
	}
	if (class->role != FFPF_FUNCTION || !class->build || class->specialise) {
		fpl_hint(c->source,
			 fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "'%s' can't be called", class->name),
			 "it is no packet program: put it into the graph");
		return true;
	}
	for (size_t i = 0; i < e->n_args; i++) {
		struct fpl_expr *a = e->args[i];

		fpl_check_expr(c, a);
		if (a->kind != FPL_E_TEXT && a->meaning != FPL_M_CONSTANT && a->meaning != FPL_M_PARAM)
			fpl_error(c->source, FFPF_D_VALUE_TYPE, a->place,
				  "what a class is called with is constant, or a parameter");
	}
	if (p->n_calls == FPL_SYMBOLS_MAX) {
		fpl_error(c->source, FFPF_D_TEXT_BIG, e->place, "a program calls %u classes at most", FPL_SYMBOLS_MAX);
		return true;
	}
	if (e->n_args > class->n_params)
		fpl_error(c->source, FFPF_D_PARAM_MANY, e->place, "'%s' takes %zu arguments", class->name,
			  class->n_params);
	for (size_t i = 0; i < p->n_calls; i++)
		same += p->calls[i]->class == class;
	call = ffpf_arena_alloc(c->arena, sizeof(*call));
	*call = (struct fpl_call){.class = class,
				  .expr = e,
				  .place = e->place,
				  .name = ffpf_arena_printf(c->arena, "%s%u", class->name, same)};
	e->type = FPL_U32;
	e->meaning = FPL_M_CALL;
	e->number_of = (unsigned)p->n_calls;
	p->calls[p->n_calls++] = call;
	return true;
}

/* ---- methods --------------------------------------------------------------------------------- */

static void table_method(struct fpl_checker *c, struct fpl_expr *e, struct fpl_symbol *s)
{
	const char *name = e->a->text;

	if (!strcmp(name, "find") || !strcmp(name, "add")) {
		use_entry(c, e, s, name[0] == 'a');
	} else if (!strcmp(name, "has")) {
		use_entry(c, e, s, false);
		/* A condition like any other. */
		struct fpl_expr *entry = ffpf_arena_alloc(c->arena, sizeof(*entry));

		*entry = *e;
		e->a = entry;
		e->kind = FPL_E_UNARY;
		e->meaning = FPL_M_OPERATION;
		e->op = FPL_OP_NONE;
		e->type = FPL_BOOL;
		e->optional = false;
	} else {
		fpl_hint(c->source,
			 fpl_error(c->source, FFPF_D_NAME_UNKNOWN, e->a->place, "tables have no method '%s'", name),
			 "find, add, has; and delete %s[…]", s->name);
	}
}

static void kind_method(struct fpl_checker *c, struct fpl_expr *e, struct fpl_symbol *s)
{
	const struct fpl_kind_ops *kind = s->decl->kind;
	const struct fpl_kind_method *m = fpl_kind_method_find(kind, e->a->text);
	size_t wanted;

	s->used = true;
	if (!m) {
		struct ffpf_diag *diag = fpl_error(c->source, FFPF_D_NAME_UNKNOWN, e->a->place,
						   "'%s' has no method '%s'", kind->name, e->a->text);
		const char *list = "";

		for (unsigned i = 0; i < kind->n_methods; i++)
			list = ffpf_arena_printf(c->arena, "%s%s%s", list, i ? ", " : "", kind->methods[i].name);
		fpl_hint(c->source, diag, "methods are %s", list);
		return;
	}
	e->meaning = FPL_M_METHOD;
	e->symbol = s;
	e->method = (unsigned)(m - kind->methods);
	e->type = m->gives_truth ? FPL_BOOL : m->gives ? FPL_U64 : FPL_NONE;
	wanted = m->key ? s->decl->key.n : m->any ? e->n_args : m->numbers;
	if (e->n_args != wanted + (m->by && e->n_args == wanted + 1)) {
		fpl_error(c->source, FFPF_D_PARAM_MANY, e->place, "'%s.%s' takes %zu value%s%s", s->name, m->name,
			  wanted, wanted == 1 ? "" : "s", m->by ? ", and how much is added" : "");
		return;
	}
	if (m->any && !e->n_args)
		fpl_error(c->source, FFPF_D_PARAM_MANY, e->place, "'%s.%s' takes a value", s->name, m->name);
	for (size_t i = 0; i < e->n_args; i++) {
		fpl_check_expr(c, e->args[i]);
		e->optional |= e->args[i]->optional;
		if (m->key && i < wanted)
			fpl_check_fits(c, e->args[i], s->decl_types[i]);
		else if (!m->any || e->args[i]->type > FPL_IPV6)
			fpl_check_fits(c, e->args[i], FPL_U64);
	}
}

static const char *class_or_builtin_at(const void *arg, size_t i)
{
	const size_t n = sizeof(builtins) / sizeof(builtins[0]);
	const struct ffpf_class *class = i < n ? NULL : ffpf_class_at(i - n);

	return i < n ? builtins[i].name : class ? class->name : NULL;
}

void fpl_check_call(struct fpl_checker *c, struct fpl_expr *e)
{
	struct fpl_symbol *s = NULL;
	struct ffpf_diag *diag;
	const char *nearest;

	if (e->a->kind == FPL_E_NAME) {
		s = fpl_check_find(c, e->a->text);
		if (!s && (check_cast(c, e) || check_builtin(c, e) || check_file(c, e) || check_class_call(c, e)))
			return;
		diag = fpl_error(c->source, FFPF_D_NAME_UNKNOWN, e->a->place,
				 s ? "'%s' can't be called" : "there is no function '%s'", e->a->text);
		nearest = s ? NULL : ffpf_diag_nearest(e->a->text, class_or_builtin_at, NULL);
		if (nearest)
			fpl_hint(c->source, diag, "did you mean '%s'?", nearest);
		return;
	}
	if (e->a->kind == FPL_E_MEMBER && e->a->a->kind == FPL_E_NAME)
		s = fpl_check_find(c, e->a->a->text);
	if (s && s->kind == FPL_Y_TABLE)
		table_method(c, e, s);
	else if (s && s->kind == FPL_Y_KIND && s->decl && s->n_fields)
		kind_method(c, e, s);
	else if (s && s->kind == FPL_Y_KIND)
		s->used = true; /* its declaration was wrong */
	else if (e->a->kind == FPL_E_MEMBER && e->a->a->kind == FPL_E_NAME && !s)
		fpl_error(c->source, FFPF_D_NAME_UNKNOWN, e->a->a->place, "nothing is called '%s'", e->a->a->text);
	else
		fpl_error(c->source, FFPF_D_VALUE_TYPE, e->place, "this can't be called");
}
