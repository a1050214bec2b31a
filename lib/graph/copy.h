/* SPDX-License-Identifier: BSD-2-Clause */
/* How the bytes of packets get over a barrier. */
#ifndef FFPF_GRAPH_COPY_H
#define FFPF_GRAPH_COPY_H

#include <ffpf/ffpf.h>
#include <lib/graph/graph.h>

struct ffpf_copying {
	enum ffpf_copy how; /* not FFPF_COPY_AUTO */
	const char *why;    /* for people; the arena's, or static */
};

/* What was decided for a barrier that packets of a placed graph cross. */
struct ffpf_copying ffpf_copy_over(const struct ffpf_graph *graph, const struct ffpf_flowspace *from,
				   const struct ffpf_flowspace *to);
/* Does `from` store a source's packets that go up to `to`, which then refers to them? */
bool ffpf_copy_keeps(const struct ffpf_graph *graph, unsigned source, const struct ffpf_flowspace *from,
		     const struct ffpf_flowspace *to);
/* Can the graph, which is placed, do with what was asked for? 0, or -EINVAL (reported). */
int ffpf_copy_check(const struct ffpf_graph *graph);
const char *ffpf_copy_name(enum ffpf_copy copy);

#endif
