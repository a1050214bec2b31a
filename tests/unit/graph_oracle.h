/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a flowgraph means, computed packet by packet from the graph itself: no fusing, no packet programs, filters by
 * libpcap's own interpreter. Slow and simple; every level is compared with it.
 */
#ifndef FFPF_TESTS_GRAPH_ORACLE_H
#define FFPF_TESTS_GRAPH_ORACLE_H

#include "cbpf_harness.h"
#include <ffpf/packet.h>
#include <lib/graph/graph.h>
#include <string.h>

struct oracle_function {
	uint64_t in, out, bytes;    /* what came in and went on; bytes on the wire of what came in */
	uint64_t seen;		    /* sample, head */
	uint32_t class;		    /* of the packet at hand; 0: it did not come out of here */
	struct ffpf_cbpf **filters; /* per source, made when needed */
	size_t *n_insns;
};

struct oracle {
	const struct ffpf_graph *graph;
	struct ffpf_arena *arena;
	struct oracle_function *functions;
};

static inline struct oracle *oracle_new(const struct ffpf_graph *graph)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct oracle *o = ffpf_arena_alloc(arena, sizeof(*o));

	o->graph = graph;
	o->arena = arena;
	o->functions = ffpf_arena_alloc(arena, graph->n_functions * sizeof(*o->functions));
	for (size_t i = 0; i < graph->n_functions; i++) {
		o->functions[i].filters = ffpf_arena_alloc(arena, graph->n_sources * sizeof(struct ffpf_cbpf *));
		o->functions[i].n_insns = ffpf_arena_alloc(arena, graph->n_sources * sizeof(size_t));
	}
	return o;
}

static inline void oracle_free(struct oracle *o)
{
	ffpf_arena_free(o->arena);
}

static inline bool oracle_matches(struct oracle *o, const struct ffpf_function *f, const struct ffpf_packet *p)
{
	struct oracle_function *of = &o->functions[f->id];
	const struct ffpf_source_info *info = &o->graph->source_info[p->source];
	const char *text = ffpf_instance_value(&f->instance, "filter")->s, *why;

	if (!of->filters[p->source] &&
	    ffpf_cbpf_compile(o->arena, text ? text : "", info->linktype | (info->swapped ? FFPF_CBPF_SWAPPED : 0),
			      info->snaplen, &of->filters[p->source], &of->n_insns[p->source], &why) < 0)
		abort();
	return bpf_filter((const struct bpf_insn *)of->filters[p->source], p->data, p->len, p->caplen) != 0;
}

/* The class with which the packet goes on. */
static inline uint32_t oracle_apply(struct oracle *o, const struct ffpf_function *f, const struct ffpf_packet *p,
				    uint32_t class)
{
	const char *name = f->instance.class->name;
	struct oracle_function *of = &o->functions[f->id];

	if (!strcmp(name, "BPF")) {
		uint32_t own = (uint32_t)ffpf_instance_value(&f->instance, "class")->i;

		return !oracle_matches(o, f, p) ? 0 : own ? own : class;
	}
	if (!strcmp(name, "sample")) {
		const struct ffpf_value *n = ffpf_instance_value(&f->instance, "n"),
					*share = ffpf_instance_value(&f->instance, "p");

		return n->set ? (++of->seen % (uint64_t)n->i ? 0 : class) : share->f >= 1 ? class : 0;
	}
	if (!strcmp(name, "head"))
		return of->seen++ < (uint64_t)ffpf_instance_value(&f->instance, "n")->i ? class : 0;
	return f->instance.class->role == FFPF_SINK ? 0 : class;
}

static inline void oracle_packet(struct oracle *o, const struct ffpf_packet *p)
{
	for (size_t i = 0; i < o->graph->n_functions; i++) {
		const struct ffpf_function *f = o->graph->functions[i];
		struct oracle_function *of = &o->functions[i];
		uint32_t class = f == o->graph->sources[p->source];

		for (size_t k = 0; !class && k < f->n_in; k++) {
			uint32_t from = o->functions[f->in[k]->from->id].class;

			if (from && ffpf_label_passes(&f->in[k]->label, from))
				class = from;
		}
		of->class = 0;
		if (!class)
			continue;
		of->in++;
		of->bytes += p->len;
		of->class = f->n_in ? oracle_apply(o, f, p, class) : class;
		of->out += of->class != 0;
	}
}

#endif
