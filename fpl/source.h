/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An FPL text, wherever it stands: in a flowgraph's braces, in a file, in this library. Places in it become spans of
 * the diagnostics through `span`.
 */
#ifndef FPL_SOURCE_H
#define FPL_SOURCE_H

#include <ffpf/diag.h>
#include <fpl/ast.h>

struct ffpf_arena;
struct ffpf_ast_value;

struct fpl_source {
	const char *name; /* of the file; NULL: in a flowgraph */
	const char *text;
	size_t len;
	struct ffpf_diags *diags; /* NULL: mistakes are only counted */
	uint32_t number;	  /* of the text in diags; 0: it stands in `value` */
	const struct ffpf_ast_value *value;
	unsigned errors;
	const char *first_error; /* in the arena, where there are no diags */
	struct ffpf_arena *arena;
};

/* All of a file, at most `most` bytes; the caller frees it. 0; -EFBIG, other -errno. read.c */
int fpl_read_all(FILE *file, size_t most, char **text, size_t *len);

struct ffpf_span fpl_source_span(const struct fpl_source *source, struct fpl_place place);

/* Reports; NULL where there are no diagnostics. ffpf_diag_hint and -label take only what is not NULL: use these. */
struct ffpf_diag *fpl_error(struct fpl_source *source, enum ffpf_diag_id id, struct fpl_place place, const char *format,
			    ...) __attribute__((format(printf, 4, 5)));
void fpl_hint(struct fpl_source *source, struct ffpf_diag *diag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void fpl_label(struct fpl_source *source, struct ffpf_diag *diag, struct fpl_place place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Parses a text. Reports every mistake that it can find; what was understood comes back, never NULL: a BLOCK. */
struct fpl_stmt *fpl_parse(struct ffpf_arena *arena, struct fpl_source *source);

#endif
