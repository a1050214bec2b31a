/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Results of other functions that functions read (struct ffpf_wanted): from two names to the function and its field.
 * Only what is one number can be read.
 */
#include <lib/graph/graph.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <string.h>

static const char *const figures[] = {
	[FFPF_FIGURE_PACKETS_IN] = "packets_in", [FFPF_FIGURE_PACKETS_OUT] = "packets_out",
	[FFPF_FIGURE_FILTERED] = "filtered",	 [FFPF_FIGURE_LOST] = "lost",
	[FFPF_FIGURE_BYTES_IN] = "bytes_in",
};
#define N_FIGURES (sizeof(figures) / sizeof(figures[0]))

static bool is_readable(const struct ffpf_field *field)
{
	return !(field->flags & (FFPF_FIELD_HIDDEN | FFPF_FIELD_MISSED)) && field->cells <= 1;
}

static const char *function_name(const void *arg, size_t i)
{
	const struct ffpf_graph *graph = arg;

	return i < graph->n_functions ? graph->functions[i]->instance.name : NULL;
}

/* Readable fields, then figures. */
static const char *result_name(const void *arg, size_t i)
{
	const struct ffpf_schema *schema = ffpf_instance_schema(arg);

	for (size_t k = 0; k < schema->n_fields; k++)
		if (is_readable(&schema->fields[k]) && !i--)
			return schema->fields[k].name;
	return i < N_FIGURES - 1 ? figures[i + 1] : NULL;
}

static void hint(struct ffpf_graph *graph, struct ffpf_diag *diag, const char *nearest)
{
	if (nearest)
		ffpf_diag_hint(graph->diags, diag, "did you mean '%s'?", nearest);
}

static const struct ffpf_function *find_function(const struct ffpf_graph *graph, const char *name)
{
	for (size_t i = 0; i < graph->n_functions; i++)
		if (!strcmp(graph->functions[i]->instance.name, name))
			return graph->functions[i];
	return NULL;
}

static bool find_result(const struct ffpf_function *f, const char *name, struct ffpf_wanted_result *out)
{
	const struct ffpf_schema *schema = ffpf_instance_schema(&f->instance);

	*out = (struct ffpf_wanted_result){.of = f};
	for (; out->field < schema->n_fields; out->field++)
		if (is_readable(&schema->fields[out->field]) && !strcmp(schema->fields[out->field].name, name))
			return true;
	for (out->figure = FFPF_FIGURE_PACKETS_IN; out->figure < N_FIGURES; out->figure++)
		if (!strcmp(figures[out->figure], name))
			return true;
	return false;
}

static bool resolve(struct ffpf_graph *graph, const struct ffpf_wanted *wanted, struct ffpf_wanted_result *out)
{
	const struct ffpf_function *f = find_function(graph, wanted->function);
	struct ffpf_diag *diag;

	if (!f) {
		diag = ffpf_diag_error(graph->diags, FFPF_D_RESULT_UNKNOWN, wanted->span, "no function '%s'",
				       wanted->function);
		hint(graph, diag, ffpf_diag_nearest(wanted->function, function_name, graph));
		return false;
	}
	if (find_result(f, wanted->result, out))
		return true;
	diag = ffpf_diag_error(graph->diags, FFPF_D_RESULT_UNKNOWN, wanted->span,
			       "'%s' has no result '%s' that is a number", wanted->function, wanted->result);
	hint(graph, diag, ffpf_diag_nearest(wanted->result, result_name, &f->instance));
	ffpf_diag_label(graph->diags, diag, f->instance.span, "this function");
	return false;
}

int ffpf_wanted_resolve(struct ffpf_graph *graph)
{
	bool good = true;

	for (size_t i = 0; i < graph->n_functions; i++) {
		struct ffpf_function *f = graph->functions[i];
		const struct ffpf_schema *schema = ffpf_instance_schema(&f->instance);

		f->wanted = ffpf_arena_alloc(graph->arena, schema->n_wanted * sizeof(*f->wanted) + 1);
		for (size_t k = 0; k < schema->n_wanted; k++)
			good &= resolve(graph, &schema->wanted[k], &f->wanted[k]);
	}
	return good ? 0 : -EINVAL;
}
