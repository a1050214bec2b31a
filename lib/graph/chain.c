/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way of a source's packets: the levels at which functions see them, the lowest first. A packet goes from each to
 * the next only, so what a level has for one that is not the next is carried on by those between.
 */
#include <lib/graph/graph.h>
#include <lib/lang/arena.h>

/* How far below the root the function runs: the nibbles of its flowid that name a child. */
static unsigned depth_of(const struct ffpf_function *function)
{
	unsigned depth = 0;

	while (depth < FFPF_FLOWID_DEPTH) {
		unsigned nibble = function->flowid >> (4 * (FFPF_FLOWID_DEPTH - 1 - depth)) & 0xf;

		if (!nibble || nibble == FFPF_FLOWID_REFUSED)
			break;
		depth++;
	}
	return depth;
}

void ffpf_chains_find(struct ffpf_graph *graph)
{
	/* A chain is a way through a tree: no two of its levels have one depth. */
	const struct ffpf_flowspace *(*at)[FFPF_FLOWID_DEPTH + 1] =
		ffpf_arena_alloc(graph->arena, (graph->n_sources + 1) * sizeof(*at));

	graph->chains = ffpf_arena_alloc(graph->arena, (graph->n_sources + 1) * sizeof(*graph->chains));
	for (size_t i = 0; i < graph->n_functions; i++)
		for (size_t k = 0; k < graph->functions[i]->n_sources; k++)
			at[graph->functions[i]->sources[k]][depth_of(graph->functions[i])] = graph->functions[i]->level;
	for (size_t i = 0; i < graph->n_sources; i++)
		for (unsigned depth = FFPF_FLOWID_DEPTH + 1; depth-- > 0;)
			if (at[i][depth])
				graph->chains[i].levels[graph->chains[i].n++] = at[i][depth];
}

unsigned ffpf_chain_position(const struct ffpf_chain *chain, const struct ffpf_flowspace *level)
{
	unsigned i = 0;

	while (i < chain->n && chain->levels[i] != level)
		i++;
	return i;
}

bool ffpf_edge_passes(const struct ffpf_graph *graph, const struct ffpf_edge *edge, const struct ffpf_flowspace *level)
{
	for (size_t i = 0; i < edge->from->n_sources; i++) {
		const struct ffpf_chain *chain = &graph->chains[edge->from->sources[i]];
		unsigned at = ffpf_chain_position(chain, level);

		if (at < chain->n && at >= ffpf_chain_position(chain, edge->from->level) &&
		    at < ffpf_chain_position(chain, edge->to->level))
			return true;
	}
	return false;
}

const struct ffpf_flowspace *ffpf_chain_below(const struct ffpf_graph *graph, unsigned source,
					      const struct ffpf_flowspace *level)
{
	const struct ffpf_chain *chain = &graph->chains[source];

	for (unsigned i = 1; i < chain->n; i++)
		if (chain->levels[i] == level)
			return chain->levels[i - 1];
	return NULL;
}

const struct ffpf_flowspace *ffpf_chain_above(const struct ffpf_graph *graph, unsigned source,
					      const struct ffpf_flowspace *level)
{
	const struct ffpf_chain *chain = &graph->chains[source];

	for (unsigned i = 0; i + 1 < chain->n; i++)
		if (chain->levels[i] == level)
			return chain->levels[i + 1];
	return NULL;
}

bool ffpf_source_reaches(const struct ffpf_function *function, unsigned source)
{
	size_t lo = 0, hi = function->n_sources;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (function->sources[mid] < source)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < function->n_sources && function->sources[lo] == source;
}
