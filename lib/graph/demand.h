/* SPDX-License-Identifier: BSD-2-Clause */
/* Demand, in more detail than graph.h has it: of one function, and between two flowspaces. */
#ifndef FFPF_GRAPH_DEMAND_H
#define FFPF_GRAPH_DEMAND_H

#include <lib/graph/graph.h>

/* Bytes of a packet that the function itself looks at, over all of its sources; adds the FFPF_NEED_ metadata it uses to
 * *needs. */
uint32_t ffpf_demand_of(const struct ffpf_graph *graph, const struct ffpf_function *function, unsigned *needs);
/* As ffpf_demand_above, of what goes from one flowspace to the one that comes next (to NULL: to any), exports at `from`
 * left out. Functions on the kernel's path ask for nothing: they see the packet itself. needs may be NULL. */
uint32_t ffpf_demand_between(const struct ffpf_graph *graph, const struct ffpf_flowspace *from,
			     const struct ffpf_flowspace *to, unsigned *needs);

#endif
