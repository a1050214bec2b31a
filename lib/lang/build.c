/* SPDX-License-Identifier: BSD-2-Clause */
/* Builds the nodes of the syntax tree for parser.y: contracts in build.h. */
#include <ctype.h>
#include <string.h>

#include "lib/lang/build.h"
#include "lib/lang/scan.h"

struct ffpf_span ffpf_build_span(const struct ffpf_span *rhs, int n)
{
	if (!n)
		return (struct ffpf_span){rhs[0].source, rhs[0].end, rhs[0].end};
	/* An empty last part, such as an absent pin, lies right behind what precedes it. */
	return (struct ffpf_span){rhs[1].source, rhs[1].start, rhs[n].end};
}

struct ffpf_build_list *ffpf_build_append(struct ffpf_scan *scan, struct ffpf_build_list *list,
					  const struct ffpf_ast_label *label, struct ffpf_ast_node *node)
{
	if (!list)
		list = ffpf_arena_alloc(scan->arena, sizeof(*list));
	if (!node)
		return list;
	list->items = ffpf_arena_grow(scan->arena, list->items, list->n_items, &list->items_capacity,
				      sizeof(struct ffpf_ast_node *));
	list->items[list->n_items] = node;
	if (label) {
		list->labels = ffpf_arena_grow(scan->arena, list->labels, list->n_items, &list->labels_capacity,
					       sizeof(*list->labels));
		list->labels[list->n_items] = *label;
	}
	list->n_items++;
	return list;
}

struct ffpf_build_args *ffpf_build_arg(struct ffpf_scan *scan, struct ffpf_build_args *args,
				       const struct ffpf_ast_arg *arg)
{
	if (!args)
		args = ffpf_arena_alloc(scan->arena, sizeof(*args));
	args->args = ffpf_arena_grow(scan->arena, args->args, args->n_args, &args->capacity, sizeof(*args->args));
	args->args[args->n_args++] = *arg;
	return args;
}

static struct ffpf_ast_node *new_node(struct ffpf_scan *scan, enum ffpf_ast_kind kind, struct ffpf_span span)
{
	struct ffpf_ast_node *node = ffpf_arena_alloc(scan->arena, sizeof(*node));

	node->kind = kind;
	node->span = span;
	return node;
}

static struct ffpf_ast_node *list_node(struct ffpf_scan *scan, enum ffpf_ast_kind kind,
				       const struct ffpf_build_list *list, struct ffpf_span span)
{
	struct ffpf_ast_node *node = new_node(scan, kind, span);

	node->items = list->items;
	node->labels = list->labels;
	node->n_items = list->n_items;
	return node;
}

struct ffpf_ast_node *ffpf_build_join(struct ffpf_scan *scan, enum ffpf_ast_kind kind, struct ffpf_build_list *list)
{
	if (list->n_items < 2)
		return list->n_items ? list->items[0] : NULL;
	struct ffpf_span span = list->items[0]->span;

	span.end = list->items[list->n_items - 1]->span.end;
	return list_node(scan, kind, list, span);
}

struct ffpf_ast_node *ffpf_build_route(struct ffpf_scan *scan, struct ffpf_build_list *arms, struct ffpf_span span)
{
	return arms->n_items ? list_node(scan, FFPF_AST_ROUTE, arms, span) : NULL;
}

struct ffpf_ast_node *ffpf_build_name(struct ffpf_scan *scan, const struct ffpf_ast_value *name)
{
	struct ffpf_ast_node *node = new_node(scan, FFPF_AST_NAME, name->span);

	node->name = name->text;
	node->name_span = name->span;
	return node;
}

struct ffpf_ast_node *ffpf_build_function(struct ffpf_scan *scan, const struct ffpf_ast_value *name,
					  struct ffpf_build_args *args, const struct ffpf_ast_value *pin,
					  struct ffpf_span span)
{
	struct ffpf_ast_node *node = new_node(scan, FFPF_AST_FUNCTION, span);

	node->name = name->text;
	node->name_span = name->span;
	if (args) {
		node->args = args->args;
		node->n_args = args->n_args;
	}
	node->pin = pin->text;
	node->pin_span = pin->span;
	return node;
}

enum number { NUMBER_OK, NUMBER_BIG, NUMBER_NONE };

/* Reads a decimal or 0x number at *at and moves behind it. */
static enum number read_number(const char **at, uint32_t *out)
{
	uint64_t number = 0;
	unsigned base = 10;
	const char *start = *at;

	if (start[0] == '0' && (start[1] == 'x' || start[1] == 'X')) {
		base = 16;
		start += 2;
	}
	const char *digit = start;
	for (; base == 16 ? isxdigit((unsigned char)*digit) : isdigit((unsigned char)*digit); digit++) {
		unsigned value = isdigit((unsigned char)*digit) ? (unsigned)(*digit - '0')
								: (unsigned)(tolower((unsigned char)*digit) - 'a' + 10);

		if (number <= UINT32_MAX)
			number = number * base + value;
	}
	if (digit == start)
		return NUMBER_NONE;
	*at = digit;
	*out = (uint32_t)number;
	return number > UINT32_MAX ? NUMBER_BIG : NUMBER_OK;
}

static void not_a_label(struct ffpf_scan *scan, const struct ffpf_ast_value *value)
{
	struct ffpf_diag *diag = ffpf_scan_error(scan, FFPF_D_SYNTAX, value->span, "'%.*s' is not a label",
						 value->len < 40 ? (int)value->len : 40, value->text);

	ffpf_diag_hint(scan->diags, diag, "a label is a number, a range such as 2..9, or 'else'");
}

struct ffpf_ast_label ffpf_build_label(struct ffpf_scan *scan, const struct ffpf_ast_value *value)
{
	struct ffpf_ast_label label = {.span = value->span};
	const char *at = value->text;
	enum number low = read_number(&at, &label.lo), high = low;

	label.hi = label.lo;
	if (low != NUMBER_NONE && at[0] == '.' && at[1] == '.') {
		at += 2;
		high = read_number(&at, &label.hi);
	}
	if (low == NUMBER_NONE || high == NUMBER_NONE || at != value->text + value->len) {
		not_a_label(scan, value);
	} else if (low == NUMBER_BIG || high == NUMBER_BIG) {
		ffpf_diag_error(scan->diags, FFPF_D_LABEL_RANGE, value->span,
				"a label is a 32-bit number, at most 4294967295");
	} else if (label.lo > label.hi) {
		struct ffpf_diag *diag = ffpf_diag_error(scan->diags, FFPF_D_LABEL_RANGE, value->span,
							 "this range ends before it begins");

		ffpf_diag_hint(scan->diags, diag, "write %u..%u", label.hi, label.lo);
	} else {
		return label;
	}
	label.lo = label.hi = 0;
	label.wrong = true;
	return label;
}

static void add_stmt(struct ffpf_scan *scan, struct ffpf_ast_stmt stmt)
{
	struct ffpf_ast *ast = scan->ast;

	ast->stmts =
		ffpf_arena_grow(scan->arena, ast->stmts, ast->n_stmts, &scan->statements_capacity, sizeof(*ast->stmts));
	ast->stmts[ast->n_stmts++] = stmt;
}

void ffpf_build_define(struct ffpf_scan *scan, const struct ffpf_ast_value *name, struct ffpf_ast_node *graph,
		       struct ffpf_span span)
{
	if (graph)
		add_stmt(scan, (struct ffpf_ast_stmt){FFPF_AST_DEFINE, span, name->text, name->span, graph});
}

void ffpf_build_graph(struct ffpf_scan *scan, struct ffpf_ast_node *graph)
{
	if (graph)
		add_stmt(scan, (struct ffpf_ast_stmt){.kind = FFPF_AST_GRAPH, .span = graph->span, .graph = graph});
}

void ffpf_build_use(struct ffpf_scan *scan, const struct ffpf_ast_value *file, struct ffpf_span span)
{
	add_stmt(scan, (struct ffpf_ast_stmt){FFPF_AST_USE, span, file->text, file->span, NULL});
}
