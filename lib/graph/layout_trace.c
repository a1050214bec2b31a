/* SPDX-License-Identifier: BSD-2-Clause */
/* Where it is written down what followed packets meet: a table in the shared cells of each level. */
#include <lib/flowspace.h>
#include <lib/graph/fuse.h>
#include <lib/lang/arena.h>

#include <limits.h>

static bool goes_up(const struct ffpf_graph *graph, const struct ffpf_level *level)
{
	for (unsigned i = 0; level->n_inflows && i < graph->n_sources; i++)
		if (ffpf_chain_above(graph, i, level->flowspace))
			return true;
	return false;
}

/* Behind all others: nobody is fed by it. */
static unsigned add_inflow(struct ffpf_graph *graph, struct ffpf_level *level)
{
	unsigned n = level->n_inflows;
	struct ffpf_inflow *grown = ffpf_arena_alloc(graph->arena, (n + 1) * sizeof(*grown));

	for (unsigned k = 0; k < n; k++)
		grown[k] = level->inflows[k];
	grown[n] = (struct ffpf_inflow){.from = level->flowspace, .index = n, .owed = {.cell = FFPF_NO_CELL}};
	level->inflows = grown;
	level->n_inflows++;
	return n;
}

void ffpf_layout_traces(struct ffpf_graph *graph, struct ffpf_layout *layout)
{
	unsigned *n_functions = ffpf_arena_alloc(graph->arena, (layout->n_levels + 1) * sizeof(*n_functions));

	for (size_t i = 0; i < graph->n_functions; i++) {
		struct ffpf_level *level = ffpf_layout_level(layout, graph->functions[i]->level);
		struct ffpf_function_layout *l = graph->functions[i]->layout;

		l->trace = n_functions[level - layout->levels]++;
	}
	for (size_t i = 0; i < layout->n_levels; i++) {
		struct ffpf_level *level = &layout->levels[i];
		struct ffpf_trace_table *t = ffpf_arena_alloc(graph->arena, sizeof(*t));

		level->trace = t;
		t->n_functions = n_functions[i];
		t->row = FFPF_TRACE_FUNCTIONS + t->n_functions + level->n_inflows;
		t->first = (uint32_t)i * graph->trace->packets;
		t->cells = (uint32_t)layout->n_levels * graph->trace->packets * t->row;
		t->counter = level->n_shared++;
		t->rows = level->n_shared;
		level->n_shared += t->cells;
		t->inflow = goes_up(graph, level) ? add_inflow(graph, level) : UINT_MAX;
	}
}
