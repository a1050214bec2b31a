/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much state the functions of a graph keep in cells, all together: numbers of cells have 32 bits, and every
 * processor has cells of its own.
 */
#include <lib/graph/graph.h>

#include <errno.h>

#define CELLS_MAX (UINT64_C(1) << 27) /* 1 GB */

int ffpf_check_cells(struct ffpf_graph *graph)
{
	uint64_t cells = 0;

	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *f = graph->functions[i];
		const struct ffpf_schema *schema = ffpf_instance_schema(&f->instance);
		uint64_t own = 0;

		for (size_t k = 0; k < schema->n_fields; k++)
			own += schema->fields[k].cells;
		cells += own;
		if (cells <= CELLS_MAX)
			continue;
		struct ffpf_diag *diag =
			ffpf_diag_error(graph->diags, FFPF_D_GRAPH_BIG, f->instance.span,
					"the functions up to this one keep more than 1 GB for each processor");
		ffpf_diag_hint(graph->diags, diag, "'%s' alone keeps %llu MB", f->instance.name,
			       (unsigned long long)(own >> 17));
		return -EINVAL;
	}
	return 0;
}
