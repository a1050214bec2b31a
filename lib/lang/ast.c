/* SPDX-License-Identifier: BSD-2-Clause */
/* Places inside values, and the tree as indented text: one line for each node, argument and label. */
#include <string.h>

#include "lib/lang/ast.h"

/* The first position behind the source of byte i: a variable's bytes all come from its $NAME. */
static uint32_t behind(const struct ffpf_ast_value *value, size_t i)
{
	size_t next = i + 1;

	while (next < value->len && value->offsets[next] == value->offsets[i])
		next++;
	return value->offsets[next];
}

struct ffpf_span ffpf_ast_value_span(const struct ffpf_ast_value *value, size_t start, size_t end)
{
	struct ffpf_span span = value->span;

	if (end > value->len)
		end = value->len;
	if (start > end)
		start = end;
	if (!value->offsets) {
		span.start = value->inner + (uint32_t)start;
		span.end = value->inner + (uint32_t)end;
		return span;
	}
	span.start = value->offsets[start];
	span.end = end > start ? behind(value, end - 1) : span.start;
	return span;
}

static void indent(FILE *out, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		fputs("  ", out);
}

static void print_quoted(FILE *out, const char *text, size_t len)
{
	fputc('"', out);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void print_arg(FILE *out, const struct ffpf_ast_arg *arg, unsigned depth)
{
	static const char *const kinds[] = { "word", "string", "raw" };

	indent(out, depth);
	fprintf(out, "%s %s%s", kinds[arg->value.kind], arg->name ? arg->name : "", arg->name ? "=" : "");
	print_quoted(out, arg->value.text, arg->value.len);
	fputc('\n', out);
}

static void print_label(FILE *out, const struct ffpf_ast_label *label, unsigned depth)
{
	indent(out, depth);
	if (label->is_else)
		fputs("else:\n", out);
	else if (label->lo == label->hi)
		fprintf(out, "%u:\n", label->lo);
	else
		fprintf(out, "%u..%u:\n", label->lo, label->hi);
}

static void print_function(FILE *out, const struct ffpf_ast_node *node, unsigned depth)
{
	fprintf(out, "function %s%s%s\n", node->name, node->pin ? " @" : "", node->pin ? node->pin : "");
	for (size_t i = 0; i < node->n_args; i++)
		print_arg(out, &node->args[i], depth + 1);
}

static void print_node(FILE *out, const struct ffpf_ast_node *node, unsigned depth)
{
	static const char *const kinds[] = {
		[FFPF_AST_CHAIN] = "chain", [FFPF_AST_PARALLEL] = "parallel", [FFPF_AST_ROUTE] = "route"
	};

	indent(out, depth);
	if (node->kind == FFPF_AST_FUNCTION) {
		print_function(out, node, depth);
		return;
	}
	if (node->kind == FFPF_AST_NAME) {
		fprintf(out, "name %s\n", node->name);
		return;
	}
	fprintf(out, "%s\n", kinds[node->kind]);
	for (size_t i = 0; i < node->n_items; i++) {
		if (node->kind == FFPF_AST_ROUTE)
			print_label(out, &node->labels[i], depth + 1);
		print_node(out, node->items[i], depth + 1 + (node->kind == FFPF_AST_ROUTE));
	}
}

void ffpf_ast_print(const struct ffpf_ast *ast, FILE *out)
{
	for (size_t i = 0; i < ast->n_stmts; i++) {
		const struct ffpf_ast_stmt *stmt = &ast->stmts[i];

		if (stmt->kind == FFPF_AST_USE) {
			fputs("use ", out);
			print_quoted(out, stmt->name, strlen(stmt->name));
			fputc('\n', out);
			continue;
		}
		if (stmt->kind == FFPF_AST_DEFINE)
			fprintf(out, "define %s\n", stmt->name);
		else
			fputs("graph\n", out);
		print_node(out, stmt->graph, 1);
	}
}
