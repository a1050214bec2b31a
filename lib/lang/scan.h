/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the stages between text and tree share while one source is parsed.
 *
 *     text ──lexer.l──▶ tokens ──scan.c──▶ tokens, brackets balanced ──parser.y──▶ tree
 *
 * Private to lib/lang. Everything here lives for one call of ffpf_parse().
 */
#ifndef FFPF_LANG_SCAN_H
#define FFPF_LANG_SCAN_H

#include "lib/lang/arena.h"
#include "lib/lang/ast.h"

/* What a bracket turned out to be so far; it decides whether ':' belongs to a word (see lexer.l). */
enum ffpf_bracket_form {
	FFPF_BRACKET_ROUND,
	FFPF_BRACKET_OPENED, /* '[', nothing read yet */
	FFPF_BRACKET_NAMED,  /* '[' NAME */
	FFPF_BRACKET_SHORT,  /* '[' NAME value: the short form of a function */
	FFPF_BRACKET_GRAPH,  /* '[' anything else: grouping or route */
};

struct ffpf_bracket {
	uint32_t pos;
	enum ffpf_bracket_form form;
	bool reported; /* a syntax error inside was reported: the next ones are most likely its echo */
};

/* The text of a value while it is read: see text.c. */
struct ffpf_text {
	uint32_t start, inner; /* of the token, and of its first byte behind the delimiter */
	bool copied;	       /* bytes and offsets are in use, because the text is no longer the source's own */
	size_t len, bytes_capacity, offsets_capacity;
	char *bytes;
	uint32_t *offsets;
};

struct ffpf_scan {
	struct ffpf_arena *arena;
	struct ffpf_diags *diags;
	const struct ffpf_parse_options *options;
	struct ffpf_ast *ast;
	void *flex;
	uint32_t source;
	const char *text; /* the retained source */
	size_t len;
	/* lexer.l */
	uint32_t start, pos; /* of the token read last, and behind it */
	struct ffpf_text value;
	unsigned braces;	/* open in a {raw} value */
	uint32_t quoted_until;	/* up to here braces in a {raw} value are inside quotes */
	uint32_t unquoted_until; /* up to here a quote in a {raw} value has no partner */
	/* scan.c */
	struct ffpf_bracket brackets[FFPF_NESTING_MAX + 1];
	unsigned depth;
	struct ffpf_bracket statement; /* stands for the bracket where there is none */
	bool closing;		       /* closers that the text lacks are being supplied … */
	unsigned close_to;	       /* … until depth is this … */
	int held;		       /* … and then this token, which was read before (0: none) */
	uint32_t held_start, held_end;
	bool dropping; /* closers without an opener are an echo of an error before */
	bool stopped;  /* the text ends here, whatever follows */
	int previous, before; /* the token handed out last, and the one before it */
	uint32_t previous_end, before_end;
	uint32_t handed_out, yyerrok_at; /* counts tokens */
	/* while the parser looks for a place to go on after a syntax error: */
	bool skipping;
	unsigned skip_depth;
	size_t errors_before, statements_capacity;
};

struct ffpf_span ffpf_scan_span(const struct ffpf_scan *scan, uint32_t start, uint32_t end);

/* Too many errors: nothing more is reported, and the text ends here. */
bool ffpf_scan_full(const struct ffpf_scan *scan);
/* Like ffpf_diag_error(); also marks the bracket (or statement) it is in, so that no echo of the error is reported. */
struct ffpf_diag *ffpf_scan_error(struct ffpf_scan *scan, enum ffpf_diag_id id, struct ffpf_span span,
				  const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The innermost open bracket, or what stands for it in a statement. */
struct ffpf_bracket *ffpf_scan_inside(struct ffpf_scan *scan);
/* True where ':' is part of a word. */
bool ffpf_scan_colon_in_word(struct ffpf_scan *scan);
/* After a string without an end: supplies all missing closers and ends the statement. */
void ffpf_scan_give_up_statement(struct ffpf_scan *scan);
/* True once for each token: whether the parser may leave error recovery now without looping. */
bool ffpf_scan_progress(struct ffpf_scan *scan);

/* text.c: begin, any number of source and replaced, end. */
void ffpf_text_begin(struct ffpf_scan *scan, uint32_t start, uint32_t inner);
void ffpf_text_source(struct ffpf_scan *scan, uint32_t pos, size_t len); /* with $NAME in it */
void ffpf_text_escape(struct ffpf_scan *scan, uint32_t pos, size_t len); /* \" or \\, or an error */
struct ffpf_ast_value ffpf_text_end(struct ffpf_scan *scan, enum ffpf_ast_value_kind kind, uint32_t end);

/* syntax.c: the messages. expected: names of tokens as parser.y declares them. */
void ffpf_syntax_report(struct ffpf_scan *scan, int found, struct ffpf_span span, const char *const *expected,
			size_t n_expected);
void ffpf_syntax_character(struct ffpf_scan *scan, struct ffpf_span span);

#endif
