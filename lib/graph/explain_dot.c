/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A placed graph for Graphviz: a box per flowspace, in the order in which packets
 * come to them, and dashed edges where packets cross a barrier.
 */
#include <lib/graph/describe.h>
#include <lib/graph/explain.h>

/* The inside of a quoted string. */
static void print_escaped(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
	}
}

static void print_function(const struct ffpf_graph *graph, const struct ffpf_function *function, FILE *out)
{
	static const char *const shapes[] = {[FFPF_SOURCE] = "cds", [FFPF_FUNCTION] = "box", [FFPF_SINK] = "note"};

	fprintf(out, "\t\tf%u [shape=%s, label=\"", function->id, shapes[function->instance.class->role]);
	print_escaped(function->instance.name, out);
	fputs("\\n", out);
	print_escaped(ffpf_describe_class(graph, function), out);
	fputs("\"];\n", out);
}

static void print_edge(const struct ffpf_graph *graph, const struct ffpf_edge *edge, FILE *out)
{
	const char *label = ffpf_describe_label(graph, &edge->label), *separator = "";

	fprintf(out, "\tf%u -> f%u", edge->from->id, edge->to->id);
	if (label || edge->from->level != edge->to->level)
		fputs(" [", out);
	if (label) {
		fprintf(out, "label=\"%s\"", label);
		separator = ", ";
	}
	if (edge->from->level != edge->to->level)
		fprintf(out, "%sstyle=dashed", separator);
	fputs(label || edge->from->level != edge->to->level ? "];\n" : ";\n", out);
}

void ffpf_explain_dot(const struct ffpf_graph *graph, FILE *out)
{
	size_t n_levels;
	const struct ffpf_flowspace **levels = ffpf_describe_levels(graph, &n_levels);

	fputs("digraph ffpf {\n\trankdir=LR;\n\tnode [fontname=\"sans-serif\"];\n", out);
	for (size_t i = 0; i < n_levels; i++) {
		fprintf(out, "\tsubgraph \"cluster_%s\" {\n\t\tlabel=\"%s\";\n", levels[i]->name, levels[i]->name);
		for (size_t k = 0; k < graph->n_functions; k++)
			if (graph->functions[k]->level == levels[i])
				print_function(graph, graph->functions[k], out);
		fputs("\t}\n", out);
	}
	for (size_t i = 0; i < graph->n_edges; i++)
		print_edge(graph, graph->edges[i], out);
	fputs("}\n", out);
}
