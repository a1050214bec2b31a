/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was decided about a graph, in four forms. What a program contains (--ir,
 * --bpf) comes from graph/fuse.h and flowspaces/ebpf.
 */
#ifndef FFPF_GRAPH_EXPLAIN_H
#define FFPF_GRAPH_EXPLAIN_H

#include <lib/graph/graph.h>
#include <stdio.h>

/* What crosses a barrier: one entry per function above it that is fed from below; filled in by the caller from
 * graph/fuse.h. */
struct ffpf_explain_notes {
	uint64_t buffer_bytes; /* memory of all buffers that this graph would take; 0: not stated */
	unsigned n_cpus;
	const char *const *fallbacks; /* "eth0: driver mode refused (…), generic mode": printed at the end as notices;
					 NULL-terminated or NULL */
};

/* A table: function, flowspace, why not lower, what crosses each barrier and how (stub, bytes a packet), what each
 * level sees. */
void ffpf_explain_text(const struct ffpf_graph *graph, const struct ffpf_explain_notes *notes, FILE *out, bool colour);
/* Graphviz: flowspaces as clusters, barrier crossings as dashed edges. */
void ffpf_explain_dot(const struct ffpf_graph *graph, FILE *out);
/* {"functions":[{"name","class","flowspace","flowid":"0x…","parameters":{…},"inputs":[{"from","label"}],"refused":[{"flowspace","reason"}]…}],"barriers":[…],"sources":[…]}
 * through jansson. */
void ffpf_explain_json(const struct ffpf_graph *graph, const struct ffpf_explain_notes *notes, FILE *out);

#endif
