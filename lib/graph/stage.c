/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stages: which packet a function sees, where some functions change it (native->transform).
 *
 *     [source] ─▶ (a) ─▶ (anon) ─▶ (b) ─▶ (c)        b, c: the stage of anon
 *                  └────────────▶ (d)                a, anon, d: what the source gave
 *
 * A function behind one that changes packets sees what that one made of them, those beside it what came. Packets of two
 * stages are not the same, and no function sees both: which of them it would see when both came has no good answer.
 */
#include <lib/graph/resolve.h>

bool ffpf_changes_packets(const struct ffpf_function *f)
{
	const struct ffpf_class *class = f->instance.class;

	return !class->build && class->native && class->native->transform;
}

const struct ffpf_function *ffpf_edge_stage(const struct ffpf_edge *edge)
{
	return ffpf_changes_packets(edge->from) ? edge->from : edge->from->stage;
}

static void report_mixed(struct ffpf_graph *graph, const struct ffpf_function *f, const struct ffpf_edge *other)
{
	const struct ffpf_function *x = ffpf_edge_stage(f->in[0]), *y = ffpf_edge_stage(other);
	struct ffpf_diag *diag = ffpf_diag_error(
		graph->diags, FFPF_D_PACKET_MIXED, f->instance.span,
		"'%s' would get the same packets twice, changed and not, or changed in two ways", f->instance.name);

	if (x)
		ffpf_diag_label(graph->diags, diag, x->instance.span, "changed here");
	if (y)
		ffpf_diag_label(graph->diags, diag, y->instance.span, x ? "and otherwise here" : "changed here");
	ffpf_diag_hint(graph->diags, diag, "have a function of its own behind each");
}

void ffpf_check_stages(struct ffpf_graph *graph)
{
	for (size_t i = 0; i < graph->n_functions; i++) {
		struct ffpf_function *f = graph->functions[i];

		if (!f->n_in)
			continue;
		f->stage = ffpf_edge_stage(f->in[0]);
		for (size_t k = 1; k < f->n_in; k++)
			if (ffpf_edge_stage(f->in[k]) != f->stage) {
				report_mixed(graph, f, f->in[k]);
				break;
			}
	}
}
