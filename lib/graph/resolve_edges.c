/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edges. `>` makes one for every output on its left and input on its right; the
 * same edge written twice is one edge, and the first in source order counts: the
 * order among a function's incoming edges says whose class a packet keeps.
 * Edges of a definition are kept apart until it is known whether any graph uses it.
 */
#include <lib/graph/resolve.h>
#include <lib/lang/arena.h>
#include <stdlib.h>

static bool links_equal(const void *item, const void *key)
{
	const struct ffpf_link *x = item, *y = key;

	return x->from == y->from && x->to == y->to && x->label == y->label && x->owner == y->owner;
}

static uint64_t link_hash(const struct ffpf_link *link)
{
	uint64_t hash = ffpf_hash_mix((uintptr_t)link->from, (uintptr_t)link->to);

	return ffpf_hash_mix(ffpf_hash_mix(hash, (uintptr_t)link->label), (uintptr_t)link->owner);
}

/* By statement, place in it, and then as they were made. */
static int compare_places(const struct ffpf_link *a, const struct ffpf_link *b)
{
	if (a->statement != b->statement)
		return a->statement < b->statement ? -1 : 1;
	if (a->span.start != b->span.start)
		return a->span.start < b->span.start ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int compare_links(const void *x, const void *y)
{
	const struct ffpf_link *const *a = x, *const *b = y;

	return compare_places(*a, *b);
}

static void add_link(struct ffpf_resolver *r, struct ffpf_term *from, const struct ffpf_entry *entry)
{
	struct ffpf_link key = {
		.from = from,
		.to = entry->to,
		.label = entry->label,
		.span = entry->span,
		.owner = r->current->live ? NULL : r->current,
		.statement = r->current->order,
		.order = r->n_edges,
	};
	uint64_t hash = link_hash(&key);
	struct ffpf_link *link = ffpf_table_find(&r->links, hash, links_equal, &key);

	if (link) {
		if (compare_places(&key, link) < 0)
			*link = key;
		return;
	}
	link = ffpf_arena_alloc(r->arena, sizeof(*link));
	*link = key;
	ffpf_table_add(&r->links, hash, link);
	r->edges = ffpf_arena_grow(r->arena, r->edges, r->n_edges, &r->edges_capacity, sizeof(*r->edges));
	r->edges[r->n_edges++] = link;
}

void ffpf_resolve_connect(struct ffpf_resolver *r, const struct ffpf_piece *left, const struct ffpf_piece *right)
{
	for (size_t k = 0; k < right->n_in; k++) {
		if (right->in[k].route)
			right->in[k].route->fed = true;
		for (size_t i = 0; i < left->n_out && !r->big; i++) {
			if (r->n_edges >= FFPF_MAX_EDGES)
				ffpf_resolve_too_big(r, right->in[k].span, "edges", FFPF_MAX_EDGES);
			else
				add_link(r, left->out[i], &right->in[k]);
		}
	}
}

/* Sorted live links without the duplicates that different statements hold. Returns their number. */
static size_t live_links(struct ffpf_resolver *r, struct ffpf_link **out)
{
	struct ffpf_table seen;
	size_t n = 0, n_live = 0;

	for (size_t i = 0; i < r->n_edges; i++)
		if (!r->edges[i]->owner || r->edges[i]->owner->live)
			out[n_live++] = r->edges[i];
	qsort(out, n_live, sizeof(struct ffpf_link *), compare_links);
	ffpf_table_init(&seen, r->arena);
	for (size_t i = 0; i < n_live; i++) {
		struct ffpf_link *link = out[i];

		link->owner = NULL;
		uint64_t hash = link_hash(link);
		if (ffpf_table_find(&seen, hash, links_equal, link))
			continue;
		ffpf_table_add(&seen, hash, link);
		out[n++] = link;
	}
	return n;
}

/* Room for the in and out lists of every function, from the counts that are in n_in and n_out. */
static void make_lists(struct ffpf_graph *graph)
{
	struct ffpf_edge **room = ffpf_arena_alloc(graph->arena, (2 * graph->n_edges + 1) * sizeof(struct ffpf_edge *));

	for (size_t i = 0; i < graph->n_functions; i++) {
		struct ffpf_function *function = graph->functions[i];

		function->in = room;
		room += function->n_in;
		function->out = room;
		room += function->n_out;
		function->n_in = function->n_out = 0;
	}
}

void ffpf_resolve_edges(struct ffpf_resolver *r, struct ffpf_graph *graph)
{
	struct ffpf_link **links = ffpf_arena_alloc(r->arena, (r->n_edges + 1) * sizeof(struct ffpf_link *));

	graph->n_edges = live_links(r, links);
	graph->edges = ffpf_arena_alloc(r->arena, (graph->n_edges + 1) * sizeof(struct ffpf_edge *));
	struct ffpf_edge *edges = ffpf_arena_alloc(r->arena, (graph->n_edges + 1) * sizeof(*edges));
	for (size_t i = 0; i < graph->n_edges; i++) {
		edges[i] = (struct ffpf_edge){.from = &links[i]->from->function,
					      .to = &links[i]->to->function,
					      .label = *links[i]->label,
					      .span = links[i]->span};
		edges[i].from->n_out++;
		edges[i].to->n_in++;
		graph->edges[i] = &edges[i];
	}
	make_lists(graph);
	for (size_t i = 0; i < graph->n_edges; i++) {
		struct ffpf_edge *edge = graph->edges[i];

		edge->order = (unsigned)edge->to->n_in;
		edge->from->out[edge->from->n_out++] = edge;
		edge->to->in[edge->to->n_in++] = edge;
	}
}
