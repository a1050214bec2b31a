/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the bytes of packets get over a barrier (FFPF's transfer strategies). Which bytes somebody above looks at is a
 * matter of demand (demand.c); here it is where they are stored, and when.
 *
 *   index    nowhere: nobody above looks at any
 *   demand   between levels of the kernel: by the level from which packets leave the kernel, of those only that its
 *            functions let out. Until then the packet is its own storage
 *   once     by the level below the barrier, as soon as one of its functions lets the packet out. A level above refers
 *            to what is stored
 */
#include <lib/flowspace.h>
#include <lib/graph/copy.h>
#include <lib/graph/demand.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <inttypes.h>

/* Do the source's packets leave the kernel from `level`? */
static bool leaves_from(const struct ffpf_graph *graph, unsigned source, const struct ffpf_flowspace *level)
{
	const struct ffpf_flowspace *above = ffpf_chain_above(graph, source, level);

	return above && !above->on_path;
}

bool ffpf_copy_keeps(const struct ffpf_graph *graph, unsigned source, const struct ffpf_flowspace *from,
		     const struct ffpf_flowspace *to)
{
	return graph->copy == FFPF_COPY_ONCE && from->keeps && to->refers &&
	       ffpf_chain_above(graph, source, from) == to && leaves_from(graph, source, to) &&
	       ffpf_demand_between(graph, from, to, NULL);
}

/* Does a source's packets' way over the barrier keep them below? *other: does another one's not? */
static bool keeps(const struct ffpf_graph *graph, const struct ffpf_flowspace *from, const struct ffpf_flowspace *to,
		  bool *other)
{
	bool some = false;

	*other = false;
	for (unsigned i = 0; i < graph->n_sources; i++) {
		bool kept = ffpf_copy_keeps(graph, i, from, to);

		some |= kept;
		*other |= !kept && ffpf_chain_above(graph, i, from) == to;
	}
	return some;
}

/* What comes over the barrier to the root was stored by a level below `from`, for all sources. */
static const struct ffpf_flowspace *kept_below(const struct ffpf_graph *graph, const struct ffpf_flowspace *from,
					       const struct ffpf_flowspace *to)
{
	const struct ffpf_flowspace *lower = NULL;

	for (unsigned i = 0; i < graph->n_sources; i++) {
		const struct ffpf_flowspace *below = ffpf_chain_below(graph, i, from);

		if (ffpf_chain_above(graph, i, from) != to)
			continue;
		if (!below || !ffpf_copy_keeps(graph, i, below, from))
			return NULL;
		lower = below;
	}
	return lower;
}

static struct ffpf_copying inside(const struct ffpf_graph *graph, const struct ffpf_flowspace *from,
				  const struct ffpf_flowspace *to)
{
	bool others;

	if (keeps(graph, from, to, &others))
		return (struct ffpf_copying){FFPF_COPY_ONCE,
					     ffpf_arena_printf(graph->arena, "%s stores what it lets out%s", from->name,
							       others ? " where that can be referred to" : "")};
	if (graph->copy == FFPF_COPY_ONCE)
		return (struct ffpf_copying){
			FFPF_COPY_DEMAND,
			ffpf_arena_printf(graph->arena, "not once: %s can't store for %s", from->name, to->name)};
	return (struct ffpf_copying){FFPF_COPY_DEMAND, "stored if let out above"};
}

struct ffpf_copying ffpf_copy_over(const struct ffpf_graph *graph, const struct ffpf_flowspace *from,
				   const struct ffpf_flowspace *to)
{
	const struct ffpf_flowspace *lower;

	if (!ffpf_demand_between(graph, from, to, NULL))
		return (struct ffpf_copying){FFPF_COPY_INDEX, "nobody above looks at any"};
	if (from->on_path && to->on_path)
		return inside(graph, from, to);
	lower = kept_below(graph, from, to);
	if (lower)
		return (struct ffpf_copying){FFPF_COPY_INDEX,
					     ffpf_arena_printf(graph->arena, "%s has stored them", lower->name)};
	return (struct ffpf_copying){FFPF_COPY_ONCE, graph->copy == FFPF_COPY_DEMAND
							     ? "not on demand: above, the packet itself is not there"
							     : "for all functions above"};
}

const char *ffpf_copy_name(enum ffpf_copy copy)
{
	static const char *const names[] = {
		[FFPF_COPY_AUTO] = "auto",
		[FFPF_COPY_ONCE] = "once",
		[FFPF_COPY_INDEX] = "index",
		[FFPF_COPY_DEMAND] = "demand",
	};

	return names[copy];
}

int ffpf_copy_check(const struct ffpf_graph *graph)
{
	unsigned needs = 0;
	int err = 0;

	for (size_t i = 0; graph->copy == FFPF_COPY_INDEX && i < graph->n_functions; i++) {
		const struct ffpf_function *f = graph->functions[i];
		uint32_t demand = f->level->on_path || !f->n_in ? 0 : ffpf_demand_of(graph, f, &needs);
		bool crossed = false;

		for (size_t k = 0; k < f->n_sources; k++)
			crossed |= graph->chains[f->sources[k]].levels[0] != f->level;
		if (!demand || !crossed)
			continue;
		err = -EINVAL;
		ffpf_diag_error(graph->diags, FFPF_D_COPY_INDEX, f->instance.span,
				"only indices of packets are to cross (--copy index), and '%s' in %s looks at %s",
				f->instance.name, f->level->name,
				demand == FFPF_ALL_BYTES
					? "whole packets"
					: ffpf_arena_printf(graph->arena, "their first %" PRIu32 " bytes", demand));
	}
	return err;
}
