/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The syntax tree of a flowgraph text, and the parser's entry.
 *
 * The tree says what was written, nothing about what it means: names of
 * classes, functions, definitions and flowspaces are all one token. Every node
 * keeps its place. It lives in the arena that the parser was given.
 * Neighbours: lexer.l and parser.y build it, graph/resolve.c gives it meaning.
 */
#ifndef FFPF_LANG_AST_H
#define FFPF_LANG_AST_H

#include <ffpf/diag.h>

struct ffpf_arena;

/* Deepest nesting of brackets that is accepted; deeper is FFPF_D_NESTING_DEEP. */
#define FFPF_NESTING_MAX 1000
/* Longest text in bytes that is accepted; longer is FFPF_D_TEXT_BIG. */
#define FFPF_TEXT_MAX (64u << 20)

enum ffpf_ast_value_kind {
	FFPF_AST_WORD,	 /* eth0.100, 64k, 192.0.2.0/24, 2..9 */
	FFPF_AST_STRING, /* "…", with \" and \\ undone */
	FFPF_AST_RAW,	 /* {…}, without the outer braces */
};

struct ffpf_ast_value {
	enum ffpf_ast_value_kind kind;
	const char
		*text; /* after escapes and $NAME are replaced; NUL-terminated (NUL bytes are refused in the source) */
	size_t len;
	struct ffpf_span span; /* the whole token, delimiters included */
	/*
	 * Where byte i of text came from in the source, for errors inside a string: offsets[i] (len + 1 entries), or
	 * NULL when text is the source's own bytes beginning at inner. A byte that came from a variable maps to its
	 * $NAME.
	 */
	const uint32_t *offsets;
	uint32_t inner;
};

/* The span of bytes [start, end) of a value's text. */
struct ffpf_span ffpf_ast_value_span(const struct ffpf_ast_value *value, size_t start, size_t end);

struct ffpf_ast_arg {
	const char *name; /* NULL: positional */
	struct ffpf_span name_span;
	struct ffpf_ast_value value;
	struct ffpf_span span;
};

/* lo..hi inclusive; is_else: every class that no other arm takes. */
struct ffpf_ast_label {
	uint32_t lo, hi;
	bool is_else;
	bool wrong; /* was reported: lo and hi mean nothing */
	struct ffpf_span span;
};

enum ffpf_ast_kind {
	FFPF_AST_FUNCTION, /* (NAME,…)@NAME or [NAME …]@NAME */
	FFPF_AST_NAME,	   /* a bare NAME: something defined before */
	FFPF_AST_CHAIN,	   /* items joined by '>' */
	FFPF_AST_PARALLEL, /* items joined by '|' */
	FFPF_AST_ROUTE,	   /* [LABEL: chain | …] */
};

struct ffpf_ast_node {
	enum ffpf_ast_kind kind;
	struct ffpf_span span;
	/* FUNCTION, NAME */
	const char *name;
	struct ffpf_span name_span;
	/* FUNCTION */
	struct ffpf_ast_arg *args;
	size_t n_args;
	const char *pin; /* the flowspace after '@', or NULL */
	struct ffpf_span pin_span;
	/* CHAIN, PARALLEL, ROUTE: items; ROUTE: labels[i] belongs to items[i] */
	struct ffpf_ast_node **items;
	struct ffpf_ast_label *labels;
	size_t n_items;
};

enum ffpf_ast_stmt_kind { FFPF_AST_DEFINE, FFPF_AST_GRAPH, FFPF_AST_USE };

struct ffpf_ast_stmt {
	enum ffpf_ast_stmt_kind kind;
	struct ffpf_span span;
	const char *name; /* DEFINE: the name; USE: the file's name as written */
	struct ffpf_span name_span;
	struct ffpf_ast_node *graph; /* DEFINE, GRAPH */
};

struct ffpf_ast {
	struct ffpf_ast_stmt *stmts;
	size_t n_stmts;
};

/* A variable from -D NAME=value. */
struct ffpf_variable {
	const char *name;
	const char *value;
};

struct ffpf_parse_options {
	const struct ffpf_variable *variables;
	size_t n_variables;
};

/*
 * Parses a source that was added to the queue before. Reports every mistake it can find (it resynchronises at
 * statement, bracket and branch borders). Returns the tree of what was understood, never NULL; whether it is usable is
 * ffpf_diags_errors(). Everything is allocated from arena.
 */
struct ffpf_ast *ffpf_parse(struct ffpf_arena *arena, struct ffpf_diags *diags, uint32_t source,
			    const struct ffpf_parse_options *options);

/* Prints the tree as indented text, for tests and `ffpf check --ast`. */
void ffpf_ast_print(const struct ffpf_ast *ast, FILE *out);

#endif
