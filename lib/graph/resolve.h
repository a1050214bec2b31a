/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files that resolve a graph share, split by construct:
 *
 *   resolve.c          statements, definitions, the order of the work
 *   resolve_use.c      `use "file"`
 *   resolve_term.c     nodes of the tree → pieces of the graph
 *   resolve_label.c    routes: labels, their overlaps, complements and intersections
 *   resolve_function.c one function: its class, parameters and pin
 *   resolve_edges.c    edges: collecting, merging, order
 *   resolve_names.c    the names under which results appear
 *
 * Every node of the tree becomes a piece: the functions that packets enter by and
 * those they leave by. `>` joins two pieces, `|` puts them side by side, a name gives the piece
 * that was defined, so that each of its uses is the same functions.
 */
#ifndef FFPF_GRAPH_RESOLVE_H
#define FFPF_GRAPH_RESOLVE_H

#include <lib/graph/graph.h>
#include <lib/graph/table.h>

#define FFPF_MAX_FUNCTIONS (1u << 18)
#define FFPF_MAX_EDGES (1u << 20)
/* packet->source is one byte. */
#define FFPF_MAX_SOURCES 256u
/* Entries of all pieces together: what definitions that use each other again and again may cost. */
#define FFPF_MAX_ENTRIES (1u << 22)
/* Spelling hints look at every name: so many are given, no more. */
#define FFPF_MAX_HINTS 20

/* A statement of the text or of a used file. Functions and edges of a definition count only when it is live. */
struct ffpf_statement {
	const struct ffpf_ast_stmt *ast;
	unsigned order;	 /* of the text, used files at their place */
	bool live;	 /* a graph, or a definition that a live statement uses */
	bool referenced; /* a definition that was used anywhere */
	bool library;	 /* came from a used file */
	bool complete;	 /* its piece is made */
	struct ffpf_statement **uses;
	size_t n_uses, uses_capacity;
	struct ffpf_piece *piece;
};

/* A function while its graph is made; function comes first. */
struct ffpf_term {
	struct ffpf_function function;
	struct ffpf_statement *owner;
	bool wrong;			     /* something of it was reported */
	const struct ffpf_ast_arg *name_arg; /* name=…, or NULL */
	unsigned order;			     /* of the text */
	unsigned out_mark;		     /* last piece that has it among its outputs */
	unsigned in_mark;		     /* last piece that has it among its inputs, and how */
	const struct ffpf_label *in_label;
	const struct ffpf_route *in_route;
};

/* A route, to find out whether anything feeds it. */
struct ffpf_route {
	struct ffpf_span span;
	struct ffpf_statement *owner;
	bool fed;
	struct ffpf_route *next;
};

/* Where packets enter a piece. */
struct ffpf_entry {
	struct ffpf_term *to;
	const struct ffpf_label *label; /* interned: equal labels are the same pointer */
	struct ffpf_route *route;	/* the outermost route it is an arm of, or NULL */
	struct ffpf_span span;		/* of the term as written where it is used */
};

struct ffpf_piece {
	struct ffpf_entry *in;
	size_t n_in;
	struct ffpf_term **out;
	size_t n_out;
};

/* An edge before merging. */
struct ffpf_link {
	struct ffpf_term *from, *to;
	const struct ffpf_label *label;
	struct ffpf_span span;
	struct ffpf_statement *owner; /* NULL: graph statements, which are all live */
	unsigned statement;	      /* order of the first statement that has it */
	size_t order;
};

struct ffpf_resolver {
	struct ffpf_arena *arena;
	struct ffpf_diags *diags;
	const struct ffpf_resolve_options *options;
	struct ffpf_table definitions; /* name → statement */
	struct ffpf_table labels, links, files;
	struct ffpf_statement **statements;
	size_t n_statements, statements_capacity;
	struct ffpf_statement *current;
	struct ffpf_term **terms;
	size_t n_terms, terms_capacity;
	struct ffpf_link **edges;
	size_t n_edges, edges_capacity;
	struct ffpf_route *routes;
	size_t n_entries;
	unsigned next_mark;
	unsigned n_hints;
	bool syntax;  /* the text had mistakes: a name that is missing may be a definition that was not understood */
	bool broken;  /* functions are missing: checking the graph would only report what follows from that */
	bool refused; /* a statement has a name that it may not have: it may have been meant for something else */
	bool big;     /* GRAPH_BIG was reported: nothing more is made */
};

/* resolve.c: adds the statements of a tree, used files included. */
void ffpf_resolve_statements(struct ffpf_resolver *r, const struct ffpf_ast *ast, const char *dir, bool library);
/* The definition with this name, or NULL. */
struct ffpf_statement *ffpf_resolve_definition(const struct ffpf_resolver *r, const char *name);
/* Reports GRAPH_BIG once. */
void ffpf_resolve_too_big(struct ffpf_resolver *r, struct ffpf_span span, const char *what, unsigned long limit);

/* resolve_use.c: reads, parses and adds a file; dir is the folder of the text that names it. */
void ffpf_resolve_use(struct ffpf_resolver *r, const struct ffpf_ast_stmt *stmt, const char *dir);

/* resolve_term.c: the piece of a node; empty where something was reported. */
struct ffpf_piece *ffpf_resolve_node(struct ffpf_resolver *r, const struct ffpf_ast_node *node);

/* resolve_function.c: a new function, or NULL (reported). */
struct ffpf_term *ffpf_resolve_function(struct ffpf_resolver *r, const struct ffpf_ast_node *node);

/* resolve_label.c: the labels of a route's arms, one per item; reports overlaps. */
const struct ffpf_label **ffpf_resolve_labels(struct ffpf_resolver *r, const struct ffpf_ast_node *route);
const struct ffpf_label *ffpf_resolve_label_any(struct ffpf_resolver *r);
/* What both labels let through; neither any nor except, and without ranges, when that is nothing. */
const struct ffpf_label *ffpf_resolve_label_both(struct ffpf_resolver *r, const struct ffpf_label *x,
						 const struct ffpf_label *y);

/* resolve_edges.c */
void ffpf_resolve_connect(struct ffpf_resolver *r, const struct ffpf_piece *left, const struct ffpf_piece *right);
/* Gives the live functions of the graph their edges, in source order. */
void ffpf_resolve_edges(struct ffpf_resolver *r, struct ffpf_graph *graph);

/* resolve_names.c: names the functions of the graph, which are in source order. */
void ffpf_resolve_names(struct ffpf_resolver *r, struct ffpf_graph *graph);

/* check.c: sorts a graph that has functions, fills function->sources, reports what a graph must not be, probes the
 * sources. */
void ffpf_check(struct ffpf_graph *graph);
/* check_sources.c: equal sources of one device become one; before the graph is sorted. */
void ffpf_check_merge_sources(struct ffpf_graph *graph);
/* Fills graph->sources and each function's. False when there are too many (reported). */
bool ffpf_check_find_sources(struct ffpf_graph *graph);
void ffpf_check_probe_sources(struct ffpf_graph *graph);
/* outputs.c: reports functions that write to the same file, or to standard output when it is taken. */
void ffpf_check_outputs(struct ffpf_graph *graph);
/* Fills function->stage; functions that packets of two stages come to. stage.c */
void ffpf_check_stages(struct ffpf_graph *graph);

#endif
