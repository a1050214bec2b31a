/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the forms of `explain` share: the decisions put into words and lists.
 */
#ifndef FFPF_GRAPH_DESCRIBE_H
#define FFPF_GRAPH_DESCRIBE_H

#include <lib/flowspace.h>
#include <lib/graph/copy.h>

/* A barrier that the graph crosses, or over which only state is read. */
struct ffpf_barrier {
	const struct ffpf_flowspace *from, *to;
	const char *stub;		     /* pbuf, ibuf, meta, mbuf */
	struct ffpf_copying copying;	     /* why NULL: no packets cross */
	uint32_t bytes;			     /* of a packet that the functions above look at; FFPF_ALL_BYTES */
	unsigned needs;			     /* FFPF_NEED_ metadata that goes with it */
	const struct ffpf_function **inputs; /* below, whose packets cross */
	size_t n_inputs, inputs_capacity;
};

/* Barriers of a placed graph, in the order in which packets come to them; *n gets their number. In the graph's arena.
 */
struct ffpf_barrier *ffpf_describe_barriers(const struct ffpf_graph *graph, size_t *n);
/* The flowspaces that have functions, in the order in which packets come to them. */
const struct ffpf_flowspace **ffpf_describe_levels(const struct ffpf_graph *graph, size_t *n);
/* Do packets of a source (its number) come to a function of the level? */
bool ffpf_describe_source_at(const struct ffpf_graph *graph, unsigned source, const struct ffpf_flowspace *level);
/* The class and what was written for its parameters, on one line: BPF "tcp port 80". Long values are cut. */
const char *ffpf_describe_class(const struct ffpf_graph *graph, const struct ffpf_function *function);
/* "2..9", "else", or NULL for an edge that takes every class. */
const char *ffpf_describe_label(const struct ffpf_graph *graph, const struct ffpf_label *label);
/* Columns that a UTF-8 text takes on a terminal, without wide and combining characters. */
size_t ffpf_describe_width(const char *text);

#endif
