/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks of sources: which reach which function, what their devices and files are, and that no two have the same
 * device.
 */
#include <lib/graph/resolve.h>
#include <lib/lang/arena.h>
#include <string.h>

/* ---- which sources reach a function ---------------------------------------------------------- */

/* Source lists: equal ones are mostly the same pointer, so that a list is looked at once per function. */
static void join_sources(struct ffpf_graph *graph, struct ffpf_function *function)
{
	bool present[FFPF_MAX_SOURCES] = {false};
	const unsigned *last = NULL;
	size_t n = 0, longest = 0;

	for (size_t i = 0; i < function->n_in; i++) {
		const struct ffpf_function *from = function->in[i]->from;

		if (from->sources == last)
			continue;
		last = from->sources;
		for (size_t k = 0; k < from->n_sources; k++) {
			n += !present[from->sources[k]];
			present[from->sources[k]] = true;
		}
		if (from->n_sources > function->in[longest]->from->n_sources)
			longest = i;
	}
	function->n_sources = n;
	if (function->in[longest]->from->n_sources == n) {
		function->sources = function->in[longest]->from->sources;
		return;
	}
	unsigned *sources = ffpf_arena_alloc(graph->arena, n * sizeof(*sources));
	for (unsigned k = 0, at = 0; k < FFPF_MAX_SOURCES; k++)
		if (present[k])
			sources[at++] = k;
	function->sources = sources;
}

bool ffpf_check_find_sources(struct ffpf_graph *graph)
{
	graph->sources = ffpf_arena_alloc(graph->arena, FFPF_MAX_SOURCES * sizeof(struct ffpf_function *));
	for (size_t i = 0; i < graph->n_functions; i++) {
		struct ffpf_function *function = graph->functions[i];

		if (function->n_in) {
			join_sources(graph, function);
			continue;
		}
		if (graph->n_sources == FFPF_MAX_SOURCES) {
			ffpf_diag_error(graph->diags, FFPF_D_GRAPH_BIG, function->instance.span,
					"the graph has more than %u sources", FFPF_MAX_SOURCES);
			return false;
		}
		unsigned *number = ffpf_arena_alloc(graph->arena, sizeof(*number));
		*number = (unsigned)graph->n_sources;
		function->sources = number;
		function->n_sources = 1;
		graph->sources[graph->n_sources++] = function;
	}
	return true;
}

/* ---- one device, one source ------------------------------------------------------------------ */

static bool same_values(const struct ffpf_function *a, const struct ffpf_function *b)
{
	for (size_t i = 0; i < a->instance.class->n_params; i++) {
		const struct ffpf_value *x = &a->instance.values[i], *y = &b->instance.values[i];

		if (x->set != y->set || x->i != y->i || x->j != y->j || x->f != y->f ||
		    memcmp(x->bytes, y->bytes, sizeof(x->bytes)) || strcmp(x->s ? x->s : "", y->s ? y->s : ""))
			return false;
	}
	return true;
}

static bool same_source(const struct ffpf_function *a, const struct ffpf_function *b)
{
	return a->instance.class == b->instance.class && !a->named && !b->named && !a->n_in && !b->n_in &&
	       same_values(a, b) && a->export_packets == b->export_packets && a->export_state == b->export_state &&
	       !strcmp(a->pin ? a->pin : "", b->pin ? b->pin : "");
}

/* What `from` fed is fed by `to`. */
static void hand_outputs(struct ffpf_graph *graph, struct ffpf_function *to, struct ffpf_function *from)
{
	struct ffpf_edge **out =
		ffpf_arena_alloc(graph->arena, (to->n_out + from->n_out + 1) * sizeof(struct ffpf_edge *));

	for (size_t i = 0; i < to->n_out; i++)
		out[i] = to->out[i];
	for (size_t i = 0; i < from->n_out; i++) {
		out[to->n_out + i] = from->out[i];
		from->out[i]->from = to;
	}
	to->out = out;
	to->n_out += from->n_out;
}

/* "[dev eth0]>… | [dev eth0]>…" means one device: a device runs one program. */
void ffpf_check_merge_sources(struct ffpf_graph *graph)
{
	struct ffpf_function *seen[FFPF_MAX_SOURCES];
	size_t n_seen = 0, kept = 0;

	for (size_t i = 0; i < graph->n_functions; i++) {
		struct ffpf_function *f = graph->functions[i];
		bool merged = false;

		for (size_t k = 0; f->instance.class->flags & FFPF_CLASS_EXCLUSIVE && k < n_seen && !merged; k++) {
			merged = same_source(seen[k], f);
			if (merged)
				hand_outputs(graph, seen[k], f);
		}
		if (merged)
			continue;
		if (f->instance.class->flags & FFPF_CLASS_EXCLUSIVE && n_seen < FFPF_MAX_SOURCES)
			seen[n_seen++] = f;
		f->id = (unsigned)kept;
		graph->functions[kept++] = f;
	}
	graph->n_functions = kept;
}

/* Sources of one device that could not be made one, after probing: a device has several names. */
static void check_devices(struct ffpf_graph *graph)
{
	for (size_t i = 0; i < graph->n_sources; i++) {
		const struct ffpf_function *f = graph->sources[i];
		struct ffpf_diag *diag;
		size_t k = 0;

		if (!(f->instance.class->flags & FFPF_CLASS_EXCLUSIVE) || !graph->source_info[i].ifindex)
			continue;
		while (k < i && (graph->source_info[k].ifindex != graph->source_info[i].ifindex ||
				 !(graph->sources[k]->instance.class->flags & FFPF_CLASS_EXCLUSIVE)))
			k++;
		if (k == i)
			continue;
		diag = ffpf_diag_error(
			graph->diags, FFPF_D_DEVICE_TWICE, f->instance.span,
			"the device of '%s' is the source '%s' already, with another name or other parameters",
			f->instance.name, graph->sources[k]->instance.name);
		ffpf_diag_label(graph->diags, diag, graph->sources[k]->instance.span, "here");
		ffpf_diag_hint(graph->diags, diag, "define it once and use the name: d = [dev eth0]; d > … | d > …");
	}
}

void ffpf_check_probe_sources(struct ffpf_graph *graph)
{
	graph->source_info = ffpf_arena_alloc(graph->arena, (graph->n_sources + 1) * sizeof(*graph->source_info));
	for (size_t i = 0; i < graph->n_sources; i++) {
		struct ffpf_instance *instance = &graph->sources[i]->instance;
		size_t errors = ffpf_diags_errors(graph->diags);

		if (!instance->class->probe || instance->class->probe(instance, &graph->source_info[i]) >= 0)
			continue;
		if (ffpf_diags_errors(graph->diags) == errors)
			ffpf_diag_error(graph->diags, FFPF_D_FILE_OPEN, instance->span, "'%s' can't be opened",
					instance->name);
	}
	check_devices(graph);
}
