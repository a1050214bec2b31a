/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a graph must be: acyclic, begun by sources, ended by sinks, every
 * function reachable. Sorts the functions topologically (of several orders the one
 * nearest to the source text), says of each which sources reach it, and lets
 * the sources look at their files and devices.
 */
#include <lib/graph/resolve.h>
#include <lib/lang/arena.h>
#include <string.h>

/* A binary min-heap of function ids, which are positions in the text. */
struct heap {
	unsigned *items;
	size_t n;
};

static void heap_push(struct heap *heap, unsigned item)
{
	size_t i = heap->n++;

	for (; i && heap->items[(i - 1) / 2] > item; i = (i - 1) / 2)
		heap->items[i] = heap->items[(i - 1) / 2];
	heap->items[i] = item;
}

static unsigned heap_pop(struct heap *heap)
{
	unsigned top = heap->items[0], last = heap->items[--heap->n];
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < heap->n; i = child) {
		if (child + 1 < heap->n && heap->items[child + 1] < heap->items[child])
			child++;
		if (heap->items[child] >= last)
			break;
		heap->items[i] = heap->items[child];
	}
	heap->items[i] = last;
	return top;
}

/* Kahn's algorithm; the functions of sorted come first, what is on or behind a cycle is left out. Returns their number.
 */
static size_t sort_functions(struct ffpf_graph *graph, struct ffpf_function **sorted, unsigned *waiting)
{
	struct heap ready = {.items = ffpf_arena_alloc(graph->arena, (graph->n_functions + 1) * sizeof(unsigned))};
	size_t n = 0;

	for (size_t i = 0; i < graph->n_functions; i++) {
		waiting[i] = (unsigned)graph->functions[i]->n_in;
		if (!waiting[i])
			heap_push(&ready, (unsigned)i);
	}
	while (ready.n) {
		struct ffpf_function *function = graph->functions[heap_pop(&ready)];

		sorted[n++] = function;
		for (size_t i = 0; i < function->n_out; i++)
			if (!--waiting[function->out[i]->to->id])
				heap_push(&ready, function->out[i]->to->id);
	}
	return n;
}

/* An edge into the function from another one that is on or behind a cycle. */
static const struct ffpf_edge *edge_from_waiting(const struct ffpf_function *function, const unsigned *waiting)
{
	for (size_t i = 0; i < function->n_in; i++)
		if (waiting[function->in[i]->from->id])
			return function->in[i];
	return NULL;
}

/*
 * Walking against the edges among the waiting functions must come back to one seen before, since each has a waiting
 * predecessor: the part from there is a cycle. One is reported; when it is undone, the next shows.
 */
static void report_cycle(struct ffpf_graph *graph, const unsigned *waiting)
{
	const struct ffpf_edge **back =
		ffpf_arena_alloc(graph->arena, (graph->n_functions + 1) * sizeof(struct ffpf_edge *));
	const struct ffpf_function *at = NULL;
	unsigned n_named = 0;

	for (size_t i = 0; !at && i < graph->n_functions; i++)
		if (waiting[i])
			at = graph->functions[i];
	for (; !back[at->id]; at = back[at->id]->from)
		back[at->id] = edge_from_waiting(at, waiting);
	/* back leads against the packets: from `at` round to `at`, last function first. */
	const char *way = at->instance.name;
	const struct ffpf_edge *last = back[at->id], *first = last;
	for (const struct ffpf_edge *edge = last;; edge = back[edge->from->id]) {
		way = ffpf_arena_printf(graph->arena, "%s > %s", ++n_named == 20 ? "…" : edge->from->instance.name,
					way);
		first = edge;
		if (edge->from == at || n_named == 20)
			break;
	}
	struct ffpf_diag *diag =
		ffpf_diag_error(graph->diags, FFPF_D_CYCLE, last->span, "the graph goes round in a circle: %s", way);
	if (first != last)
		ffpf_diag_label(graph->diags, diag, first->span, "on the way round");
	ffpf_diag_hint(graph->diags, diag, "packets go one way only; every use of a defined name is the same function");
}

/* True when the functions are in topological order now, ids their positions. */
static bool sort_graph(struct ffpf_graph *graph)
{
	struct ffpf_function **sorted =
		ffpf_arena_alloc(graph->arena, (graph->n_functions + 1) * sizeof(struct ffpf_function *));
	unsigned *waiting = ffpf_arena_alloc(graph->arena, (graph->n_functions + 1) * sizeof(*waiting));

	if (sort_functions(graph, sorted, waiting) < graph->n_functions) {
		report_cycle(graph, waiting);
		return false;
	}
	graph->functions = sorted;
	for (size_t i = 0; i < graph->n_functions; i++)
		sorted[i]->id = (unsigned)i;
	return true;
}

static void check_roles(struct ffpf_graph *graph)
{
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *function = graph->functions[i];
		const struct ffpf_class *class = function->instance.class;

		if (class->role == FFPF_SOURCE && function->n_in) {
			struct ffpf_diag *diag = ffpf_diag_error(
				graph->diags, FFPF_D_SOURCE_INPUT, function->in[0]->span,
				"'%s' is a source and takes no packets from other functions", class->name);

			ffpf_diag_label(graph->diags, diag, function->in[0]->from->instance.span, "these packets");
		}
		if (class->role == FFPF_SINK && function->n_out) {
			struct ffpf_diag *diag =
				ffpf_diag_error(graph->diags, FFPF_D_SINK_OUTPUT, function->instance.span,
						"'%s' is an end of the graph: no packets come out of it", class->name);

			ffpf_diag_label(graph->diags, diag, function->out[0]->span, "this would take them");
		}
		if (class->role != FFPF_SOURCE && !function->n_in) {
			struct ffpf_diag *diag =
				ffpf_diag_error(graph->diags, FFPF_D_SOURCE_MISSING, function->instance.span,
						"nothing feeds '%s'", function->instance.name);

			ffpf_diag_hint(graph->diags, diag,
				       "a graph begins with a source: [dev eth0] > … or [pcap file.pcap] > …");
		}
	}
}

static bool label_is_empty(const struct ffpf_label *label)
{
	if (label->any)
		return false;
	if (!label->except)
		return !label->n_ranges;
	/* Disjoint ranges with gaps between them: only one can hold everything. */
	return label->n_ranges == 1 && label->ranges[0].lo <= 1 && label->ranges[0].hi == UINT32_MAX;
}

/* Functions that no packet can come to although edges lead there. What only they feed is not reported as well. */
static void check_reach(struct ffpf_graph *graph)
{
	bool *reached = ffpf_arena_alloc(graph->arena, graph->n_functions + 1);

	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *function = graph->functions[i];
		bool follows = false;

		reached[i] = !function->n_in;
		for (size_t k = 0; k < function->n_in; k++) {
			bool from = reached[function->in[k]->from->id];

			follows |= !from;
			reached[i] |= from && !label_is_empty(&function->in[k]->label);
		}
		if (!reached[i] && !follows)
			ffpf_diag_error(graph->diags, FFPF_D_UNREACHABLE, function->in[0]->span,
					"no packet can reach '%s': the labels before it leave no class",
					function->instance.name);
	}
}

void ffpf_check(struct ffpf_graph *graph)
{
	check_roles(graph);
	ffpf_check_merge_sources(graph);
	if (!sort_graph(graph))
		return;
	check_reach(graph);
	ffpf_check_stages(graph);
	ffpf_check_outputs(graph);
	/* Sources are looked at only in a graph that could run, but all of them, so that every wrong name shows at
	 * once. */
	if (!ffpf_diags_errors(graph->diags) && ffpf_check_find_sources(graph))
		ffpf_check_probe_sources(graph);
}
