/* SPDX-License-Identifier: BSD-2-Clause */
/* Following packets: what the options ask for. */
#ifndef FFPF_RUN_TRACE_H
#define FFPF_RUN_TRACE_H

#include <lib/graph/fuse.h>

struct ffpf_options;

/* Has the graph's programs follow packets, if the options ask for it. 0 or -EINVAL (reported). */
int ffpf_trace_plan(struct ffpf_graph *graph, const struct ffpf_options *options);
/* Do the tables fit? 0, or -EINVAL with why. */
int ffpf_trace_check(const struct ffpf_graph *graph, const struct ffpf_layout *layout, char *why, size_t size);

#endif
