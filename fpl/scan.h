/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lexer, parser and the makers of nodes share while one text is parsed.
 */
#ifndef FPL_SCAN_H
#define FPL_SCAN_H

#include <fpl/ast.h>
#include <fpl/source.h>

/* Deepest nesting of brackets and statements that is accepted. */
#define FPL_NESTING_MAX 200
/* Deepest tree: what walks over trees calls itself. */
#define FPL_DEPTH_MAX 1000
/* Errors after which nothing more is read. */
#define FPL_ERRORS_MAX 20

struct fpl_list {
	void **items;
	size_t n, capacity;
};

struct fpl_parts {
	struct fpl_part *list;
	size_t n, capacity;
};

struct fpl_words {
	struct fpl_word *list;
	size_t n, capacity;
};

/* What a declaration keeps between its square brackets, and behind ':'. */
struct fpl_shape {
	struct fpl_parts *keys, *columns;
	struct fpl_expr *type;
};

struct fpl_scan {
	struct ffpf_arena *arena;
	struct fpl_source *source;
	void *flex;
	uint32_t pos; /* behind the token read last */
	unsigned depth;
	unsigned errors;
	bool stopped; /* the text ends here, whatever follows */
	struct fpl_stmt *program;
	/* for messages about the syntax */
	struct fpl_place before, token;		  /* the token read last, and the one before */
	struct fpl_place first;			  /* the first of its statement */
	struct fpl_place opened[FPL_NESTING_MAX]; /* brackets that are open */
	unsigned open;
	unsigned muted; /* mistakes at this depth and deeper follow from one that was reported */
	bool unmuting;	/* the bracket was closed: what follows it may be reported again */
};

/* Reports a mistake of the text; the first FPL_ERRORS_MAX. */
struct ffpf_diag *fpl_scan_error(struct fpl_scan *scan, enum ffpf_diag_id id, struct fpl_place place,
				 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Tokens that can stand in one place, at most. */
#define FPL_EXPECTED_MAX 80

/* syntax.c: reports a token that can't stand where it does; its kind and the expected ones by their names in parser.y.
 */
void fpl_syntax_error(struct fpl_scan *scan, struct fpl_place place, const char *found, const char *const *expected,
		      size_t n);

/* Literals; what does not make sense is reported, and becomes 0. */
struct fpl_expr *fpl_build_number(struct fpl_scan *scan, const char *text, struct fpl_place place);
struct fpl_expr *fpl_build_address(struct fpl_scan *scan, const char *text, struct fpl_place place);
char *fpl_build_text(struct fpl_scan *scan, const char *text, size_t len, struct fpl_place place);

/* Expressions. */
struct fpl_place fpl_build_place(const struct fpl_place *rhs, int n);
struct fpl_expr *fpl_build_expr(struct fpl_scan *scan, enum fpl_expr_kind kind, struct fpl_place place);
struct fpl_expr *fpl_build_name(struct fpl_scan *scan, const char *text, struct fpl_place place);
struct fpl_expr *fpl_build_bool(struct fpl_scan *scan, bool value, struct fpl_place place);
struct fpl_expr *fpl_build_member(struct fpl_scan *scan, struct fpl_expr *a, const char *name, struct fpl_place place);
struct fpl_expr *fpl_build_with(struct fpl_scan *scan, enum fpl_expr_kind kind, struct fpl_expr *a,
				struct fpl_list *args, struct fpl_place place);
struct fpl_expr *fpl_build_slice(struct fpl_scan *scan, struct fpl_expr *a, struct fpl_expr *from,
				 struct fpl_expr *size, struct fpl_place place);
struct fpl_expr *fpl_build_unary(struct fpl_scan *scan, enum fpl_operator op, struct fpl_expr *a,
				 struct fpl_place place);
struct fpl_expr *fpl_build_binary(struct fpl_scan *scan, enum fpl_operator op, struct fpl_expr *a, struct fpl_expr *b,
				  struct fpl_place place);
struct fpl_expr *fpl_build_range(struct fpl_scan *scan, struct fpl_expr *a, struct fpl_expr *b, struct fpl_place place);
struct fpl_expr *fpl_build_in(struct fpl_scan *scan, struct fpl_expr *a, struct fpl_expr *b, struct fpl_place place);
struct fpl_expr *fpl_build_choice(struct fpl_scan *scan, struct fpl_expr *a, struct fpl_expr *b, struct fpl_expr *c,
				  struct fpl_place place);

/* Lists; NULL for the first. */
struct fpl_list *fpl_build_list(struct fpl_scan *scan, struct fpl_list *list, void *item);
struct fpl_parts *fpl_build_part(struct fpl_scan *scan, struct fpl_parts *parts, const char *name,
				 struct fpl_place place, struct fpl_expr *value);
struct fpl_words *fpl_build_word(struct fpl_scan *scan, struct fpl_words *words, enum fpl_word_kind kind,
				 const char *text, struct fpl_expr *value, struct fpl_place place);

/* Statements. */
struct fpl_stmt *fpl_build_stmt(struct fpl_scan *scan, enum fpl_stmt_kind kind, struct fpl_place place);
struct fpl_stmt *fpl_build_block(struct fpl_scan *scan, struct fpl_list *list, struct fpl_place place);
struct fpl_stmt *fpl_build_let(struct fpl_scan *scan, const char *name, struct fpl_place name_place,
			       struct fpl_expr *type, struct fpl_expr *value, struct fpl_place place);
struct fpl_stmt *fpl_build_assign(struct fpl_scan *scan, enum fpl_operator op, struct fpl_expr *to,
				  struct fpl_expr *value, struct fpl_place place);
struct fpl_stmt *fpl_build_count(struct fpl_scan *scan, enum fpl_operator op, struct fpl_expr *to,
				 struct fpl_place place);
struct fpl_stmt *fpl_build_if(struct fpl_scan *scan, struct fpl_expr *a, struct fpl_stmt *body, struct fpl_stmt *other,
			      struct fpl_place place);
struct fpl_stmt *fpl_build_for(struct fpl_scan *scan, const char *name, struct fpl_place name_place,
			       struct fpl_expr *range, struct fpl_stmt *body, struct fpl_place place);
struct fpl_stmt *fpl_build_switch(struct fpl_scan *scan, struct fpl_expr *a, struct fpl_list *cases,
				  struct fpl_place place);
struct fpl_case *fpl_build_case(struct fpl_scan *scan, struct fpl_list *labels, struct fpl_stmt *body,
				struct fpl_place place);
struct fpl_stmt *fpl_build_emit(struct fpl_scan *scan, const char *name, struct fpl_place name_place,
				struct fpl_parts *parts, struct fpl_place place);
struct fpl_stmt *fpl_build_declaration(struct fpl_scan *scan, const char *kind, struct fpl_place kind_place,
				       const char *name, struct fpl_place name_place, const struct fpl_shape *shape,
				       struct fpl_expr *value, struct fpl_words *words, struct fpl_place place);

/* parse.c: how deep a tree with one as deep as `below` under its root is; reports one that is too deep. */
unsigned fpl_scan_depth(struct fpl_scan *scan, unsigned below, struct fpl_place place);
/* parse.c: one level deeper; false where that is too deep (reported). */
bool fpl_scan_enter(struct fpl_scan *scan, struct fpl_place place);

#endif
