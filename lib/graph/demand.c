/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Demand: how much of a packet has to be carried over a barrier. What no
 * function above needs is never copied.
 */
#include <lib/flowspace.h>
#include <lib/graph/demand.h>
#include <lib/lang/arena.h>
#include <string.h>

uint32_t ffpf_demand_of(const struct ffpf_graph *graph, const struct ffpf_function *function, unsigned *needs)
{
	const struct ffpf_class *class = function->instance.class;
	struct ffpf_instance instance = function->instance;
	uint32_t demand = 0;

	*needs |= class->needs;
	for (size_t i = 0; i < function->n_sources; i++) {
		/* What an instance looks at may depend on the link type of its packets. */
		instance.input = &graph->source_info[function->sources[i]];
		uint32_t here = class->demand ? class->demand(&instance) : 0;

		if (class->instance_needs)
			*needs |= class->instance_needs(&instance);
		if (here > demand)
			demand = here;
	}
	return demand;
}

unsigned ffpf_flowspace_needs(const struct ffpf_graph *graph, const struct ffpf_function *function)
{
	const struct ffpf_class *class = function->instance.class;
	unsigned needs = class->needs;

	for (size_t i = 0; class->instance_needs && i < function->n_sources; i++) {
		struct ffpf_instance instance = function->instance;

		instance.input = &graph->source_info[function->sources[i]];
		needs |= class->instance_needs(&instance);
	}
	return needs;
}

/* Do the source's packets come through a level that puts tags back? All of them do where one function does, of those
 * before number `end`, which are placed. */
static bool tags_are_back(const struct ffpf_graph *graph, unsigned source, size_t end)
{
	bool back = false;

	for (size_t i = 0; i < end; i++) {
		const struct ffpf_function *function = graph->functions[i];

		if (!function->level || !ffpf_source_reaches(function, source))
			continue;
		/* What goes up is what the lowest level has stored. */
		if (graph->copy == FFPF_COPY_ONCE && function->level->keeps)
			return false;
		back |= function->level->tags;
	}
	return back;
}

const char *ffpf_flowspace_hidden_vlan(const struct ffpf_graph *graph, const struct ffpf_function *function,
				       bool copies)
{
	const struct ffpf_class *class = function->instance.class;

	for (size_t i = 0; i < function->n_sources; i++) {
		const struct ffpf_function *source = graph->sources[function->sources[i]];
		const struct ffpf_source_info *info = &graph->source_info[function->sources[i]];
		struct ffpf_instance instance = function->instance;
		unsigned needs = class->needs;

		instance.input = info;
		if (class->instance_needs)
			needs |= class->instance_needs(&instance);
		if (needs & FFPF_NEED_VLAN && info->ifindex && !info->vlan_in_data &&
		    !(copies && tags_are_back(graph, function->sources[i], function->id)))
			return ffpf_arena_printf(graph->arena,
						 "it tests VLAN tags, and '%s' keeps them outside of the packets' "
						 "bytes below tc (where they are known to be inside: vlan=data on the "
						 "source)",
						 source->instance.values[0].s);
	}
	return NULL;
}

/* Is `to` the level that comes next behind `from` for a source whose packets go along the edge? */
static bool goes_to(const struct ffpf_graph *graph, const struct ffpf_edge *edge, const struct ffpf_flowspace *from,
		    const struct ffpf_flowspace *to)
{
	for (size_t i = 0; i < edge->from->n_sources; i++)
		if (ffpf_chain_above(graph, edge->from->sources[i], from) == to)
			return true;
	return false;
}

uint32_t ffpf_demand_between(const struct ffpf_graph *graph, const struct ffpf_flowspace *from,
			     const struct ffpf_flowspace *to, unsigned *needs)
{
	bool *carried = ffpf_arena_alloc(graph->arena, graph->n_functions + 1);
	uint32_t demand = 0;
	unsigned all_needs = 0;

	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *function = graph->functions[i];

		for (size_t k = 0; !carried[i] && k < function->n_in; k++) {
			const struct ffpf_edge *edge = function->in[k];

			carried[i] = carried[edge->from->id] ||
				     (ffpf_edge_passes(graph, edge, from) && (!to || goes_to(graph, edge, from, to)));
		}
		/* Inside the kernel functions see the packet itself. */
		if (!carried[i] || function->level->on_path)
			continue;
		uint32_t here = ffpf_demand_of(graph, function, &all_needs);
		if (function->export_packets)
			here = FFPF_ALL_BYTES;
		if (here > demand)
			demand = here;
	}
	if (needs)
		*needs = all_needs;
	return demand;
}

uint32_t ffpf_demand_above(const struct ffpf_graph *graph, const struct ffpf_flowspace *from, unsigned *needs)
{
	uint32_t demand = ffpf_demand_between(graph, from, NULL, needs);

	/* Packets that are exported leave their flowspace whoever reads them. */
	for (size_t i = 0; i < graph->n_functions; i++)
		if (graph->functions[i]->level == from && graph->functions[i]->export_packets)
			demand = FFPF_ALL_BYTES;
	return demand;
}
