/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes up from each level: its table of in-flows, and how packets get to the next level. A source's packets go
 * from each level of their chain to the next only, so an in-flow stands in the tables of all levels from where it
 * begins to below the function that it is for.
 */
#include <lib/flowspace.h>
#include <lib/graph/copy.h>
#include <lib/graph/fuse.h>
#include <lib/lang/arena.h>

#include <limits.h>

/* ---- tables ---------------------------------------------------------------------------------- */

/* Do packets of the source come along one of the edges to->in[first … end)? */
static bool carries(const struct ffpf_function *to, size_t first, size_t end, unsigned source)
{
	for (size_t i = first; i < end; i++)
		if (ffpf_source_reaches(to->in[i]->from, source))
			return true;
	return false;
}

/* Does the level lie between where the edges begin (it included) and the function, for one of the sources? */
static bool on_way(const struct ffpf_graph *graph, const struct ffpf_inflow *in, const struct ffpf_flowspace *level)
{
	if (level == in->from)
		return true;
	for (size_t i = 0; i < in->to->n_sources; i++) {
		const struct ffpf_chain *chain = &graph->chains[in->to->sources[i]];
		unsigned at = ffpf_chain_position(chain, level);

		if (at < chain->n && at > ffpf_chain_position(chain, in->from) &&
		    at < ffpf_chain_position(chain, in->to->level) &&
		    carries(in->to, in->first, in->end, in->to->sources[i]))
			return true;
	}
	return false;
}

static void add_inflow(struct ffpf_graph *graph, struct ffpf_level *level, struct ffpf_inflow in)
{
	if ((level->n_inflows & (level->n_inflows - 1)) == 0) { /* doubles at powers of two */
		struct ffpf_inflow *grown =
			ffpf_arena_alloc(graph->arena, (level->n_inflows ? level->n_inflows * 2 : 1) * sizeof(*grown));

		for (unsigned k = 0; k < level->n_inflows; k++)
			grown[k] = level->inflows[k];
		level->inflows = grown;
	}
	in.index = level->n_inflows;
	/* With a single unlabelled input from this level that is what the input let out; else it has a cell of its
	 * own. */
	if (level->flowspace == in.from && in.end - in.first == 1 && in.to->in[in.first]->label.any)
		in.owed = ((const struct ffpf_function_layout *)in.to->in[in.first]->from->layout)->out;
	else
		in.owed = ffpf_layout_count(level, in.to, false);
	level->inflows[level->n_inflows++] = in;
}

static void add_inflows(struct ffpf_graph *graph, struct ffpf_layout *layout, struct ffpf_function *f)
{
	for (size_t first = 0, end; first < f->n_in; first = end) {
		const struct ffpf_flowspace *from = f->in[first]->from->level;

		for (end = first + 1; end < f->n_in && f->in[end]->from->level == from; end++)
			;
		if (from == f->level)
			continue;
		const struct ffpf_inflow in = {.to = f, .from = from, .first = first, .end = end};

		for (size_t i = 0; i < layout->n_levels; i++)
			if (on_way(graph, &in, layout->levels[i].flowspace))
				add_inflow(graph, &layout->levels[i], in);
	}
}

unsigned ffpf_layout_inflow(const struct ffpf_level *level, const struct ffpf_function *f, size_t i)
{
	size_t lo = 0, hi = level->n_inflows - (level->trace && level->trace->inflow != UINT_MAX);

	/* In-flows are numbered in the order of the functions that they feed, and of the edges. */
	while (hi - lo > 1) {
		size_t mid = (lo + hi) / 2;
		const struct ffpf_inflow *in = &level->inflows[mid];

		if (in->to->id < f->id || (in->to == f && in->first <= i))
			lo = mid;
		else
			hi = mid;
	}
	return level->inflows[lo].index;
}

unsigned ffpf_layout_slots(const struct ffpf_graph *graph, const struct ffpf_level *level, unsigned source,
			   unsigned *slot)
{
	const struct ffpf_chain *chain = &graph->chains[source];
	unsigned here = ffpf_chain_position(chain, level->flowspace), n = 0;

	for (unsigned k = 0; k < level->n_inflows; k++) {
		const struct ffpf_inflow *in = &level->inflows[k];
		bool takes = here < chain->n && ffpf_chain_position(chain, in->from) <= here;

		if (in->to)
			takes = takes && carries(in->to, in->first, in->end, source);

		slot[k] = takes ? n++ : UINT_MAX;
	}
	return n;
}

/* ---- inside the kernel ----------------------------------------------------------------------- */

/* The count of what arrives is there already where nothing else is counted in it: the only input of a function, the
 * only way to an in-flow that is carried on. */
static void lay_arrival(struct ffpf_level *level, struct ffpf_arrival *a, const struct ffpf_inflow *in, unsigned ways)
{
	const struct ffpf_function_layout *to = in->to->layout;

	if (in->to->level == level->flowspace && in->end - in->first == in->to->n_in && ways == 1)
		a->count = to->in;
	else if (in->to->level != level->flowspace && ways == 1)
		a->count = level->inflows[ffpf_layout_inflow(level, in->to, in->first)].owed;
	else
		a->counted = true;
	if (a->counted)
		a->count = ffpf_layout_count(level, in->to, false);
}

/* Levels from which this one gets an in-flow: more than one where the sources' chains differ. */
static unsigned ways_to(const struct ffpf_layout *layout, const struct ffpf_level *level, const struct ffpf_inflow *in)
{
	unsigned ways = 0;

	for (size_t i = 0; i < layout->n_hops; i++) {
		const struct ffpf_hop *hop = &layout->hops[i];
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again |= layout->hops[k].upper == level && layout->hops[k].lower == hop->lower &&
				 carries(in->to, in->first, in->end, layout->hops[k].source);
		ways += hop->upper == level && !again && carries(in->to, in->first, in->end, hop->source);
	}
	return ways;
}

static bool has_arrival(const struct ffpf_level *level, const struct ffpf_level *below, unsigned inflow)
{
	for (unsigned i = 0; i < level->n_arrivals; i++)
		if (level->arrivals[i].below == below && level->arrivals[i].inflow == inflow)
			return true;
	return false;
}

static void add_arrivals(struct ffpf_graph *graph, struct ffpf_layout *layout, const struct ffpf_hop *hop)
{
	struct ffpf_level *upper = hop->upper;
	unsigned *slot = ffpf_arena_alloc(graph->arena, (hop->lower->n_inflows + 1) * sizeof(*slot));
	unsigned n = ffpf_layout_slots(graph, hop->lower, hop->source, slot);
	struct ffpf_arrival *grown = ffpf_arena_alloc(graph->arena, (upper->n_arrivals + n + 1) * sizeof(*grown));

	for (unsigned k = 0; k < upper->n_arrivals; k++)
		grown[k] = upper->arrivals[k];
	upper->arrivals = grown;
	for (unsigned k = 0; k < hop->lower->n_inflows; k++) {
		const struct ffpf_inflow *in = &hop->lower->inflows[k];
		struct ffpf_arrival *a = &grown[upper->n_arrivals];

		if (!in->to || slot[k] == UINT_MAX || has_arrival(upper, hop->lower, k))
			continue;
		*a = (struct ffpf_arrival){.below = hop->lower, .inflow = k};
		lay_arrival(upper, a, in, ways_to(layout, upper, in));
		upper->n_arrivals++;
	}
}

static void add_hops(struct ffpf_graph *graph, struct ffpf_layout *layout)
{
	layout->hops =
		ffpf_arena_alloc(graph->arena, (graph->n_sources * FFPF_FLOWID_DEPTH + 1) * sizeof(*layout->hops));
	for (unsigned source = 0; source < graph->n_sources; source++) {
		const struct ffpf_chain *chain = &graph->chains[source];

		for (unsigned i = 0; i + 1 < chain->n; i++) {
			struct ffpf_hop hop = {.lower = ffpf_layout_level(layout, chain->levels[i]),
					       .upper = ffpf_layout_level(layout, chain->levels[i + 1]),
					       .source = source};

			if (!hop.upper->flowspace->on_path) {
				hop.lower->rings |= hop.lower->n_inflows != 0;
				continue;
			}
			hop.kept = ffpf_copy_keeps(graph, source, chain->levels[i], chain->levels[i + 1]);
			hop.lower->keeps |= hop.kept;
			hop.sent = hop.lower->n_cells++;
			hop.came = hop.upper->n_cells++;
			layout->hops[layout->n_hops++] = hop;
		}
	}
	for (size_t i = 0; i < layout->n_hops; i++)
		add_arrivals(graph, layout, &layout->hops[i]);
}

const struct ffpf_hop *ffpf_layout_hop_from(const struct ffpf_layout *layout, const struct ffpf_flowspace *lower,
					    unsigned source)
{
	for (size_t i = 0; i < layout->n_hops; i++)
		if (layout->hops[i].lower->flowspace == lower && layout->hops[i].source == source)
			return &layout->hops[i];
	return NULL;
}

const struct ffpf_hop *ffpf_layout_hop_to(const struct ffpf_layout *layout, const struct ffpf_flowspace *upper,
					  unsigned source)
{
	for (size_t i = 0; i < layout->n_hops; i++)
		if (layout->hops[i].upper->flowspace == upper && layout->hops[i].source == source)
			return &layout->hops[i];
	return NULL;
}

void ffpf_layout_crossings(struct ffpf_graph *graph, struct ffpf_layout *layout)
{
	for (size_t i = 0; i < graph->n_functions; i++)
		add_inflows(graph, layout, graph->functions[i]);
	if (graph->trace)
		ffpf_layout_traces(graph, layout);
	add_hops(graph, layout);
}
