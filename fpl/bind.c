/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a program to what one instance of it keeps: parameters have values now, so sizes are known and files are read.
 *
 * Fields stand in the order in which they were declared; those of classes that are called follow. State that nothing in
 * the program touches takes no room and is not shown.
 */
#include <fpl/bind.h>
#include <fpl/program.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <string.h>

struct binding {
	struct ffpf_instance *instance;
	const struct fpl_program *program;
	struct fpl_bound *bound;
	struct ffpf_arena *arena;
	struct ffpf_field *fields;
	size_t n_fields;
	struct ffpf_class_map *maps;
	size_t n_maps;
	struct ffpf_class_event *events;
	size_t n_events;
	struct ffpf_class_table *tables;
	size_t n_tables;
	struct ffpf_wanted *wanted; /* the program's own first */
	size_t n_wanted;
	size_t errors;
};

struct ffpf_span fpl_bind_span(const struct ffpf_instance *instance, const struct fpl_program *program,
			       struct fpl_place place)
{
	return program->name ? instance->span : fpl_source_span(program->source, place);
}

static uint64_t param_number(const struct binding *b, const struct fpl_symbol *param)
{
	return (uint64_t)b->instance->values[param->param].i;
}

/* Mistakes of parameters' values stand where these were written. */
static void wrong_value(struct binding *b, const struct fpl_symbol *param, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void wrong_value(struct binding *b, const struct fpl_symbol *param, const char *format, ...)
{
	struct ffpf_span span = param ? b->instance->values[param->param].span : b->instance->span;
	va_list ap;

	b->errors++;
	if (!b->instance->diags)
		return;
	va_start(ap, format);
	ffpf_diag_error(b->instance->diags, FFPF_D_VALUE_RANGE, span, "%s", ffpf_arena_vprintf(b->arena, format, ap));
	va_end(ap);
}

static uint64_t size_of(struct binding *b, const struct fpl_symbol *s, uint64_t most)
{
	uint64_t size = s->size_param ? param_number(b, s->size_param) : s->size;

	if (s->size_param && (!size || size > most)) {
		wrong_value(b, s->size_param, "'%s' has 1 to %llu entries", s->name, (unsigned long long)most);
		return 1;
	}
	return size;
}

/* ---- cells ----------------------------------------------------------------------------------- */

static enum ffpf_merge merge_of(enum fpl_cell cell)
{
	switch (cell) {
	case FPL_C_MAX:
		return FFPF_MERGE_MAX;
	case FPL_C_MIN:
		return FFPF_MERGE_MIN;
	case FPL_C_SCALAR:
		return FFPF_MERGE_SHARED;
	default:
		return FFPF_MERGE_SUM;
	}
}

static void bind_cells(struct binding *b, const struct fpl_symbol *s, const struct fpl_use *use)
{
	/* What a program counts is shown, also where its parameters leave it at 0. */
	bool array = s->kind == FPL_Y_ARRAY, hidden = array ? !use->reached : !s->used;

	b->fields[s->field] = (struct ffpf_field){
		.name = s->name,
		.merge = merge_of(s->cell),
		.unit = s->unit,
		.flags = hidden		? FFPF_FIELD_HIDDEN
			 : use->packets ? FFPF_FIELD_PACKETS_IN
			 : use->bytes	? FFPF_FIELD_BYTES_IN
					: 0,
		.cells = array && use->reached ? (uint32_t)size_of(b, s, FFPF_FIELD_CELLS_MAX) : 1,
		.initial = s->initial,
		.doc = s->doc ? s->doc : "",
	};
}

/* State that is called as its class is: what it shows is the class's own, "pps" and not "rate.pps". */
static const char *shown_name(const struct binding *b, const struct fpl_symbol *s, const char *name)
{
	size_t len = strlen(s->name);

	return b->program->name && !strcmp(s->name, b->program->name) && !strncmp(name, s->name, len) &&
			       name[len] == '.'
		       ? name + len + 1
		       : name;
}

static void bind_kind(struct binding *b, const struct fpl_symbol *s, size_t i)
{
	const bool reached = b->bound->uses[i].reached;
	struct fpl_kind_decl *decl = &b->bound->decls[i];
	const struct fpl_kind_ops *kind = s->decl->kind;
	unsigned argument = 0, n;
	const char *why;

	*decl = *s->decl;
	for (unsigned k = 0; k < kind->n_arguments; k++) {
		const struct fpl_kind_argument *a = &kind->arguments[k];

		if (!s->arguments[k])
			continue;
		decl->arguments[k] = param_number(b, s->arguments[k]);
		if (decl->arguments[k] < a->min || decl->arguments[k] > a->max)
			wrong_value(b, s->arguments[k], "%s of '%s' is %llu to %llu", a->name, s->name,
				    (unsigned long long)a->min, (unsigned long long)a->max);
	}
	if (b->errors)
		return;
	why = kind->check && reached ? kind->check(decl, &argument) : NULL;
	if (why) {
		wrong_value(b, s->arguments[argument], "%s", why);
		return;
	}
	n = kind->fields(decl, b->arena, &b->fields[s->field]);
	if (kind->rows && reached)
		fpl_kind_table(decl, s->field, b->arena, &b->tables[b->n_tables++]);
	for (unsigned k = 0; k < n; k++)
		b->fields[s->field + k].name = shown_name(b, s, b->fields[s->field + k].name);
	for (unsigned k = 0; k < n && !reached; k++) {
		b->fields[s->field + k].flags |= FFPF_FIELD_HIDDEN;
		if (b->fields[s->field + k].cells > 1)
			b->fields[s->field + k].cells = 1;
	}
}

/* ---- tables ---------------------------------------------------------------------------------- */

static struct ffpf_members columns_of(struct ffpf_arena *arena, const struct fpl_symbol *s)
{
	struct ffpf_member *list = ffpf_arena_alloc(arena, (s->n_columns + 1) * sizeof(*list));

	for (unsigned i = 0; i < s->n_columns; i++) {
		const struct fpl_column *column = &s->columns[i];
		uint8_t kind = FFPF_MEMBER_UNSIGNED, size = 8;

		switch (column->type) {
		case FPL_BOOL:
			kind = FFPF_MEMBER_BOOL;
			break;
		case FPL_TIME:
			kind = column->moment ? FFPF_MEMBER_TIME : FFPF_MEMBER_DURATION;
			break;
		case FPL_IPV4:
			kind = FFPF_MEMBER_HOST_IPV4;
			break;
		case FPL_MAC:
			kind = FFPF_MEMBER_HOST_MAC;
			break;
		case FPL_IPV6:
			kind = FFPF_MEMBER_HOST_IPV6;
			size = 16;
			break;
		default:
			break;
		}
		list[i] = (struct ffpf_member){.name = column->name	 ? column->name
						       : column->counter ? "count"
									 : "value",
					       .offset = column->word * 8,
					       .count = 1,
					       .size = size,
					       .kind = kind};
	}
	return (struct ffpf_members){list, s->n_columns};
}

/* In keys of tables all parts stand most significant byte first. */
static struct ffpf_members parts_of(struct ffpf_arena *arena, const struct fpl_key *key)
{
	const struct ffpf_members parts = fpl_key_members(key, arena);
	struct ffpf_member *list = ffpf_arena_alloc(arena, (parts.n + 1) * sizeof(*list));

	for (size_t i = 0; i < parts.n; i++) {
		list[i] = parts.list[i];
		if (list[i].kind == FFPF_MEMBER_UNSIGNED)
			list[i].kind = FFPF_MEMBER_BIG;
		else if (list[i].kind == FFPF_MEMBER_BYTES && list[i].count == 6)
			list[i].kind = FFPF_MEMBER_MAC;
	}
	return (struct ffpf_members){list, parts.n};
}

static void bind_table(struct binding *b, const struct fpl_symbol *s, const struct fpl_use *use)
{
	struct ffpf_class_map *map = &b->maps[s->map];
	const struct fpl_key key = {s->key, s->n_key};
	bool from = s->from || s->from_param;

	*map = (struct ffpf_class_map){.name = s->name,
				       .doc = s->doc ? s->doc : "",
				       .kind = s->map_kind,
				       .key_size = fpl_key_bytes(&key),
				       .words = s->n_words,
				       .max_entries = use->reached ? (uint32_t)size_of(b, s, FPL_TABLE_SIZE_MAX) : 1,
				       .key = parts_of(b->arena, &key),
				       .value = columns_of(b->arena, s),
				       .hidden = !use->reached || (from && !use->adds)};
	if (s->counts_full)
		b->fields[s->field] = (struct ffpf_field){
			.name = ffpf_arena_printf(b->arena, "%s_full", s->name),
			.merge = FFPF_MERGE_SUM,
			.flags = use->adds ? 0 : FFPF_FIELD_HIDDEN,
			.cells = 1,
			.doc = ffpf_arena_printf(b->arena, "times that '%s' had no room for an entry", s->name)};
	if (from && use->reached && fpl_bind_file(b->instance, b->arena, s, map) < 0)
		b->errors++;
}

/* ---- classes that are called ----------------------------------------------------------------- */

/* An argument as a graph would have it. */
static const char *argument_text(struct binding *b, const struct fpl_expr *e)
{
	const struct ffpf_value *v;
	char text[64];

	if (e->kind == FPL_E_TEXT)
		return e->text;
	if (e->meaning != FPL_M_PARAM)
		return ffpf_arena_strndup(b->arena, b->program->source->text + e->place.start,
					  e->place.end - e->place.start);
	v = &b->instance->values[e->symbol->param];
	if (e->type == FPL_TEXT)
		return v->s ? v->s : "";
	if (e->symbol->choices)
		return e->symbol->choices[v->i];
	if (e->symbol->param_type == FFPF_TYPE_TIME)
		snprintf(text, sizeof(text), "%lldns", (long long)v->i);
	else
		snprintf(text, sizeof(text), "%lld", (long long)v->i);
	return ffpf_arena_strdup(b->arena, text);
}

static void *grown(struct binding *b, void *list, size_t n, size_t more, size_t size)
{
	char *out = ffpf_arena_alloc(b->arena, (n + more) * size + 1);

	if (n)
		memcpy(out, list, n * size);
	return out;
}

static const char *prefixed(struct binding *b, const struct fpl_call *call, const char *name)
{
	return ffpf_arena_printf(b->arena, "%s.%s", call->name, name);
}

static void bind_call(struct binding *b, size_t i)
{
	struct fpl_call *call = b->program->calls[i];
	struct fpl_bound_call *bound = &b->bound->calls[i];
	const char **args = ffpf_arena_alloc(b->arena, (call->expr->n_args + 1) * sizeof(*args));
	const struct ffpf_schema *schema;

	for (size_t k = 0; k < call->expr->n_args; k++)
		args[k] = argument_text(b, call->expr->args[k]);
	if (ffpf_instance_call(b->instance, call->class, args, call->expr->n_args,
			       fpl_bind_span(b->instance, b->program, call->place), &bound->instance) < 0) {
		b->errors++;
		return;
	}
	schema = ffpf_instance_schema(&bound->instance);
	bound->field = (unsigned)b->n_fields;
	bound->map = (unsigned)b->n_maps;
	bound->wanted = (unsigned)b->n_wanted;
	bound->schema = schema;
	b->wanted = grown(b, b->wanted, b->n_wanted, schema->n_wanted, sizeof(*b->wanted));
	for (size_t k = 0; k < schema->n_wanted; k++)
		b->wanted[b->n_wanted++] = schema->wanted[k];
	b->fields = grown(b, b->fields, b->n_fields, schema->n_fields, sizeof(*b->fields));
	for (size_t k = 0; k < schema->n_fields; k++) {
		b->fields[b->n_fields] = schema->fields[k];
		b->fields[b->n_fields++].name = prefixed(b, call, schema->fields[k].name);
	}
	b->maps = grown(b, b->maps, b->n_maps, schema->n_maps, sizeof(*b->maps));
	for (size_t k = 0; k < schema->n_maps; k++) {
		b->maps[b->n_maps] = schema->maps[k];
		b->maps[b->n_maps++].name = prefixed(b, call, schema->maps[k].name);
	}
	b->events = grown(b, b->events, b->n_events, schema->n_events, sizeof(*b->events));
	for (size_t k = 0; k < schema->n_events; k++) {
		b->events[b->n_events] = schema->events[k];
		b->events[b->n_events].name = prefixed(b, call, schema->events[k].name);
		b->events[b->n_events++].field += bound->field;
	}
	b->tables = grown(b, b->tables, b->n_tables, schema->n_tables, sizeof(*b->tables));
	for (size_t k = 0; k < schema->n_tables; k++) {
		b->tables[b->n_tables] = schema->tables[k];
		b->tables[b->n_tables].name = prefixed(b, call, schema->tables[k].name);
		b->tables[b->n_tables++].field += bound->field;
	}
}

/* ---- what parameters have to be -------------------------------------------------------------- */

/* The place of the last parameter in it that was written. */
static void find_written(const struct binding *b, const struct fpl_expr *x, struct ffpf_span *span)
{
	if (!x)
		return;
	if (x->symbol && x->symbol->kind == FPL_Y_PARAM && b->instance->values[x->symbol->param].given)
		*span = b->instance->values[x->symbol->param].span;
	find_written(b, x->a, span);
	find_written(b, x->b, span);
	for (size_t i = 0; i < x->n_args; i++)
		find_written(b, x->args[i], span);
}

static void check_required(struct binding *b, const struct fpl_expr *x)
{
	struct ffpf_span span = b->instance->span;
	struct ffpf_diag *diag = NULL;
	bool holds = true;

	if (!fpl_bind_fold(b->instance, x->args[0], &holds) && b->instance->diags) {
		fpl_error(b->program->source, FFPF_D_VALUE_TYPE, x->args[0]->place, "only parameters can be required");
		b->errors++;
	}
	if (holds)
		return;
	b->errors++;
	find_written(b, x->args[0], &span);
	if (b->instance->diags)
		diag = ffpf_diag_error(b->instance->diags, FFPF_D_VALUE_RANGE, span, "%s", x->args[1]->text);
	if (diag && x->n_args == 3)
		ffpf_diag_hint(b->instance->diags, diag, "%s", x->args[2]->text);
}

static void check_requirements(struct binding *b)
{
	const struct fpl_stmt *body = b->program->body;

	for (size_t i = 0; i < body->n_list; i++)
		if (body->list[i]->kind == FPL_S_CALL && body->list[i]->a->meaning == FPL_M_BUILTIN &&
		    body->list[i]->a->builtin == FPL_B_REQUIRE)
			check_required(b, body->list[i]->a);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void bind_names(struct binding *b)
{
	const struct fpl_kept kept = {b->maps, b->n_maps, b->tables, b->n_tables, b->events, b->n_events};

	if (!b->errors && fpl_bind_names(b->instance, b->program, b->arena, &kept) < 0)
		b->errors++;
}

static void bind_all(struct binding *b)
{
	const struct fpl_program *p = b->program;

	for (size_t i = 0; i < p->n_symbols; i++) {
		const struct fpl_symbol *s = p->symbols[i];

		if (s->kind == FPL_Y_CELL || s->kind == FPL_Y_ARRAY)
			bind_cells(b, s, &b->bound->uses[i]);
		else if (s->kind == FPL_Y_TABLE)
			bind_table(b, s, &b->bound->uses[i]);
		else if (s->kind == FPL_Y_KIND)
			bind_kind(b, s, i);
	}
	for (size_t i = 0; i < p->n_events; i++) {
		fpl_event_fields(&p->events[i]->decl, b->arena, &b->fields[p->events[i]->field]);
		fpl_event_describe(&p->events[i]->decl, p->events[i]->field, b->arena, &b->events[b->n_events++]);
	}
	bind_names(b); /* classes that are called have their own */
	for (size_t i = 0; i < p->n_calls && !b->errors; i++)
		bind_call(b, i);
}

int fpl_bind(struct ffpf_instance *instance, const struct fpl_program *program, struct fpl_bound **out)
{
	struct ffpf_arena *arena = instance->arena;
	struct fpl_bound *bound = ffpf_arena_alloc(arena, sizeof(*bound));
	struct binding b = {.instance = instance,
			    .program = program,
			    .bound = bound,
			    .arena = arena,
			    .n_fields = program->n_fields,
			    .n_maps = program->n_maps};

	bound->program = program;
	bound->decls = ffpf_arena_alloc(arena, (program->n_symbols + 1) * sizeof(*bound->decls));
	bound->calls = ffpf_arena_alloc(arena, (program->n_calls + 1) * sizeof(*bound->calls));
	b.fields = ffpf_arena_alloc(arena, (program->n_fields + FPL_KIND_FIELDS) * sizeof(*b.fields));
	b.maps = ffpf_arena_alloc(arena, (program->n_maps + 1) * sizeof(*b.maps));
	b.events = ffpf_arena_alloc(arena, (program->n_events + 1) * sizeof(*b.events));
	b.tables = ffpf_arena_alloc(arena, (program->n_symbols + 1) * sizeof(*b.tables));
	b.wanted = ffpf_arena_alloc(arena, (program->n_others + 1) * sizeof(*b.wanted));
	for (size_t i = 0; i < program->n_others; i++)
		b.wanted[b.n_wanted++] =
			(struct ffpf_wanted){.function = program->others[i]->function,
					     .result = program->others[i]->result,
					     .span = fpl_bind_span(instance, program, program->others[i]->place)};
	check_requirements(&b);
	fpl_bind_uses(instance, bound);
	bind_all(&b);
	if (b.errors)
		return -EINVAL;
	bound->schema = (struct ffpf_schema){.fields = b.fields,
					     .n_fields = b.n_fields,
					     .maps = b.maps,
					     .n_maps = b.n_maps,
					     .events = b.events,
					     .n_events = b.n_events,
					     .tables = b.tables,
					     .n_tables = b.n_tables,
					     .wanted = b.wanted,
					     .n_wanted = b.n_wanted};
	*out = bound;
	return 0;
}
