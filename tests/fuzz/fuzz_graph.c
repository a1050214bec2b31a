/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any text through parser, resolver, placement and explain, with stand-ins for sources and flowspaces. A text that
 * resolves must be placed or refused with a diagnostic, and everything that is said of it must be consistent.
 */
#include "../unit/fakes.h"
#include <lib/graph/explain.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_graph(const struct ffpf_graph *graph)
{
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *function = graph->functions[i];

		check(function->id == i && function->n_sources > 0 && function->instance.name);
		for (size_t k = 0; k < function->n_in; k++)
			check(function->in[k]->to == function && function->in[k]->order == k &&
			      function->in[k]->from->id < i);
		for (size_t k = 0; k < function->n_sources; k++)
			check(function->sources[k] < graph->n_sources &&
			      (!k || function->sources[k] > function->sources[k - 1]));
	}
}

static void print_all(const struct ffpf_graph *graph)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ffpf_explain_text(graph, NULL, out, true);
	ffpf_explain_dot(graph, out);
	ffpf_explain_json(graph, NULL, out);
	fclose(out);
	check(len > 0);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool registered;
	/* Nothing is there: `use` must not find the machine's files. */
	static const struct ffpf_resolve_options options = {.base_dir = "/nonexistent"};
	static const struct ffpf_parse_options parse;
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_diags *diags = ffpf_diags_new();
	struct ffpf_graph *graph = NULL;

	if (!registered)
		fake_classes_register();
	registered = true;
	uint32_t source = ffpf_diags_add_source(diags, "fuzz", (const char *)data, size);
	int err = ffpf_resolve(arena, diags, ffpf_parse(arena, diags, source, &parse), &options, &graph);
	check((err == 0) == (ffpf_diags_errors(diags) == 0));
	if (!err) {
		check_graph(graph);
		err = ffpf_place(graph, fake_flowspaces, N_FAKE_FLOWSPACES);
		check((err == 0) == (ffpf_diags_errors(diags) == 0));
		if (!err)
			print_all(graph);
	}
	ffpf_diags_free(diags);
	ffpf_arena_free(arena);
	return 0;
}
