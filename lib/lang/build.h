/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parser's actions: each makes one node, or adds to a list that a node
 * will own. A node that is NULL was not understood and is left out. Private to
 * lib/lang; everything is allocated from the scan's arena.
 */
#ifndef FFPF_LANG_BUILD_H
#define FFPF_LANG_BUILD_H

#include "lib/lang/ast.h"

struct ffpf_scan;

/* Nodes of a chain, of parallel branches, or (then with labels) of a route. */
struct ffpf_build_list {
	struct ffpf_ast_node **items;
	struct ffpf_ast_label *labels;
	size_t n_items, items_capacity, labels_capacity;
};

struct ffpf_build_args {
	struct ffpf_ast_arg *args;
	size_t n_args, capacity;
};

/* rhs[1..n]: the spans of a rule's symbols; rhs[0]: what precedes an empty rule. */
struct ffpf_span ffpf_build_span(const struct ffpf_span *rhs, int n);

/* list and args may be NULL, for the first one. */
struct ffpf_build_list *ffpf_build_append(struct ffpf_scan *scan, struct ffpf_build_list *list,
					  const struct ffpf_ast_label *label, struct ffpf_ast_node *node);
struct ffpf_build_args *ffpf_build_arg(struct ffpf_scan *scan, struct ffpf_build_args *args,
				       const struct ffpf_ast_arg *arg);

/* The list as a node of that kind; its only item when there is one, NULL when there is none. */
struct ffpf_ast_node *ffpf_build_join(struct ffpf_scan *scan, enum ffpf_ast_kind kind, struct ffpf_build_list *list);
struct ffpf_ast_node *ffpf_build_route(struct ffpf_scan *scan, struct ffpf_build_list *arms, struct ffpf_span span);
struct ffpf_ast_node *ffpf_build_name(struct ffpf_scan *scan, const struct ffpf_ast_value *name);
/* pin->text is NULL where none was written. */
struct ffpf_ast_node *ffpf_build_function(struct ffpf_scan *scan, const struct ffpf_ast_value *name,
					  struct ffpf_build_args *args, const struct ffpf_ast_value *pin,
					  struct ffpf_span span);
/* Reports what is not a label, or not a range of 32-bit numbers. */
struct ffpf_ast_label ffpf_build_label(struct ffpf_scan *scan, const struct ffpf_ast_value *value);

/* Statements, added to the tree. */
void ffpf_build_define(struct ffpf_scan *scan, const struct ffpf_ast_value *name, struct ffpf_ast_node *graph,
		       struct ffpf_span span);
void ffpf_build_graph(struct ffpf_scan *scan, struct ffpf_ast_node *graph);
void ffpf_build_use(struct ffpf_scan *scan, const struct ffpf_ast_value *file, struct ffpf_span span);

#endif
