/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a flowgraph text: parsing, printing the diagnostics and
 * printing the tree must not fail, and a text without a tree must have an
 * error. Every span of a value must lie inside the text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/lang/arena.h"
#include "lib/lang/ast.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right, const char *what)
{
	if (!right) {
		fprintf(stderr, "fuzz_lang: %s\n", what);
		abort();
	}
}

static void check_span(struct ffpf_span span, size_t size)
{
	check(span.source == 1 && span.start <= span.end && span.end <= size, "a span outside the text");
}

static void check_node(const struct ffpf_ast_node *node, size_t size)
{
	check_span(node->span, size);
	for (size_t i = 0; i < node->n_args; i++) {
		const struct ffpf_ast_value *value = &node->args[i].value;

		check_span(node->args[i].span, size);
		check_span(value->span, size);
		check(value->text[value->len] == '\0', "a value without a NUL");
		check_span(ffpf_ast_value_span(value, 0, value->len), size);
		check_span(ffpf_ast_value_span(value, value->len / 2, value->len / 2 + 1), size);
	}
	for (size_t i = 0; i < node->n_items; i++)
		check_node(node->items[i], size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ffpf_variable variables[] = { { "DEV", "eth0" }, { "E", "" }, { "X", "\"a b\" }" } };
	static const struct ffpf_parse_options options = { variables, 3 };
	struct ffpf_diags *diags = ffpf_diags_new();
	struct ffpf_arena *arena = ffpf_arena_new();
	uint32_t source = ffpf_diags_add_source(diags, "fuzz", (const char *)data, size);
	struct ffpf_ast *ast = ffpf_parse(arena, diags, source, &options);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < ast->n_stmts; i++)
		if (ast->stmts[i].graph)
			check_node(ast->stmts[i].graph, size);
	for (const struct ffpf_diag *diag = ffpf_diags_first(diags); diag; diag = diag->next)
		check_span(diag->span, size);
	ffpf_diags_print(diags, out, size & 1);
	ffpf_ast_print(ast, out);
	fclose(out);
	free(text);
	ffpf_arena_free(arena);
	ffpf_diags_free(diags);
	return 0;
}
