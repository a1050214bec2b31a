/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program as a function class: its hooks, the same for all; what differs is in the program.
 */
#include <fpl/bind.h>
#include <fpl/emit.h>
#include <lib/lang/arena.h>

#include <string.h>

static int check(struct ffpf_instance *instance)
{
	const struct fpl_class *class = (const struct fpl_class *)instance->class;
	struct fpl_bound *bound;

	if (fpl_bind(instance, class->program, &bound) < 0)
		return -1;
	instance->data = bound;
	return 0;
}

static uint32_t demand(const struct ffpf_instance *instance)
{
	const struct fpl_bound *bound = instance->data;
	uint32_t most = bound->program->demand;

	for (size_t i = 0; i < bound->program->n_calls; i++) {
		struct ffpf_instance called = bound->calls[i].instance;
		uint32_t bytes;

		called.input = instance->input;
		bytes = called.class->demand ? called.class->demand(&called) : 0;
		if (bytes > most)
			most = bytes;
	}
	return most;
}

static unsigned instance_needs(const struct ffpf_instance *instance)
{
	const struct fpl_bound *bound = instance->data;
	unsigned needs = bound->program->needs;

	for (size_t i = 0; i < bound->program->n_calls; i++) {
		struct ffpf_instance called = bound->calls[i].instance;

		called.input = instance->input;
		needs |= called.class->needs;
		if (called.class->instance_needs)
			needs |= called.class->instance_needs(&called);
	}
	return needs;
}

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	return fpl_emit(instance, instance->data, b);
}

static const struct ffpf_schema *schema(const struct ffpf_instance *instance)
{
	const struct fpl_bound *bound = instance->data;

	return bound ? &bound->schema : &instance->class->keeps;
}

/* ---- values that are derived ----------------------------------------------------------------- */

/* One CPU's cells of a class that is called: ours, from where its begin. */
struct shifted {
	const uint64_t *(*per_cpu)(const void *arg, unsigned cpu);
	const void *arg;
	size_t first;
};

static const uint64_t *shifted_cpu(const void *arg, unsigned cpu)
{
	const struct shifted *s = arg;
	const uint64_t *cells = s->per_cpu(s->arg, cpu);

	return cells ? cells + s->first : NULL;
}

static void derive(const struct ffpf_instance *instance, const uint64_t *cells,
		   const uint64_t *(*per_cpu)(const void *arg, unsigned cpu), unsigned n_cpus, const void *arg,
		   double *out)
{
	const struct fpl_bound *bound = instance->data;
	const struct fpl_program *p = bound->program;

	for (size_t i = 0; i < p->n_symbols; i++) {
		const struct fpl_symbol *s = p->symbols[i];
		struct fpl_kind_cells of = {.per_cpu = per_cpu, .n_cpus = n_cpus, .arg = arg};

		if (s->kind != FPL_Y_KIND || !s->decl->kind->derive || !s->used)
			continue;
		of.first = fpl_kind_count_cells(bound->schema.fields, s->field);
		of.cells = cells + of.first;
		s->decl->kind->derive(&bound->decls[i], &of, out + s->field);
	}
	for (size_t i = 0; i < p->n_calls; i++) {
		const struct fpl_bound_call *c = &bound->calls[i];
		struct shifted s = {per_cpu, arg, fpl_kind_count_cells(bound->schema.fields, c->field)};

		if (c->instance.class->derive)
			c->instance.class->derive(&c->instance, cells + s.first, shifted_cpu, n_cpus, &s,
						  out + c->field);
	}
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* A line of the text; where that stands in a graph's braces, the graph's line. */
static bool line(const struct ffpf_instance *instance, unsigned number, struct ffpf_class_line *out)
{
	const struct fpl_source *source = ((const struct fpl_class *)instance->class)->program->source;
	const char *at = source->text, *end = source->text + source->len, *stop;
	struct ffpf_span span;

	for (unsigned n = 1; n < number && at; n++) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	if (!at || at >= end)
		return false;
	stop = memchr(at, '\n', (size_t)(end - at));
	stop = stop ? stop : end;
	while (at < stop && (*at == ' ' || *at == '\t'))
		at++;
	*out = (struct ffpf_class_line){.text = at, .len = (size_t)(stop - at), .line = number, .column = 1};
	out->file = source->name;
	if (!source->value)
		return true;
	span = fpl_source_span(source,
			       (struct fpl_place){(uint32_t)(at - source->text), (uint32_t)(stop - source->text)});
	out->file = ffpf_diags_source_name(source->diags, span.source);
	ffpf_diags_locate(source->diags, span.source, span.start, &out->line, &out->column);
	return true;
}

/* ---- making one ------------------------------------------------------------------------------ */

/* What every instance keeps, for the class's description: sizes that depend on parameters are not known. */
static void describe(const struct fpl_program *p, struct fpl_class *class)
{
	struct ffpf_field *fields = ffpf_arena_alloc(p->arena, (p->n_fields + FPL_KIND_FIELDS) * sizeof(*fields));
	struct ffpf_field of_kind[FPL_KIND_FIELDS];
	size_t n = 0;

	for (size_t i = 0; i < p->n_symbols; i++) {
		const struct fpl_symbol *s = p->symbols[i];
		unsigned k = 0, n_kind = 0;

		if (!s->used)
			continue;
		if (s->kind == FPL_Y_CELL || s->kind == FPL_Y_ARRAY)
			fields[n++] = (struct ffpf_field){
				.name = s->name, .unit = s->unit, .cells = 1, .doc = s->doc ? s->doc : ""};
		if (s->kind == FPL_Y_KIND)
			n_kind = s->decl->kind->fields(s->decl, p->arena, of_kind);
		for (; k < n_kind; k++)
			if (!(of_kind[k].flags & FFPF_FIELD_HIDDEN)) {
				size_t len = strlen(s->name);

				fields[n] = of_kind[k];
				if (p->name && !strcmp(s->name, p->name) && fields[n].name[len] == '.')
					fields[n].name += len + 1;
				n++;
			}
	}
	class->class.fields = fields;
	class->class.n_fields = n;
}

const struct ffpf_class *fpl_class_make(const struct fpl_program *p)
{
	struct fpl_class *class = ffpf_arena_alloc(p->arena, sizeof(*class));

	class->program = p;
	class->class = (struct ffpf_class){
		.abi = FFPF_CLASS_ABI,
		.name = p->name ? p->name : "FPL",
		.help = p->help ? p->help : "a program of the packet language",
		.manual = p->manual,
		.example = p->example,
		.role = FFPF_FUNCTION,
		.flags = p->returns ? 0 : FFPF_CLASS_PASSES,
		.params = p->params,
		.n_params = p->n_params,
		.check = check,
		.demand = demand,
		.instance_needs = instance_needs,
		.build = build,
		.schema = schema,
		.derive = derive,
		.line = line,
	};
	describe(p, class);
	return &class->class;
}
