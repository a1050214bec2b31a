/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Diagnostics: what the user wrote wrongly, and where.
 *
 * A record has a severity, a stable id, a primary span, up to two secondary
 * spans with labels, and an optional hint. Spans are byte ranges of a retained
 * source; line and column are computed only when printing. Every stage (parse,
 * resolve, place, fuse, verifier) reports into one queue passed explicitly.
 * The ids are listed once, in ffpf/diag.def, beside this header.
 */
#ifndef FFPF_DIAG_H
#define FFPF_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct ffpf_diags;

/* A byte range [start, end) of source number `source` of the queue. source 0 is "no place". */
struct ffpf_span {
	uint32_t source;
	uint32_t start;
	uint32_t end;
};

enum ffpf_severity { FFPF_ERROR, FFPF_WARNING, FFPF_NOTE };

enum ffpf_diag_id {
#define FFPF_DIAG(symbol, text) FFPF_D_##symbol,
#include <ffpf/diag.def>
#undef FFPF_DIAG
	FFPF_D_COUNT
};

struct ffpf_diag {
	enum ffpf_severity severity;
	enum ffpf_diag_id id;
	struct ffpf_span span;
	const char *message;
	struct {
		struct ffpf_span span;
		const char *label;
	} secondary[2];
	unsigned n_secondary;
	const char *hint;
	struct ffpf_diag *next;
};

/* An empty queue; never NULL: a compilation that runs out of memory aborts. Freed with ffpf_diags_free. */
struct ffpf_diags *ffpf_diags_new(void);
void ffpf_diags_free(struct ffpf_diags *diags); /* NULL-safe; frees sources and records */

/* Retains a copy of the text; returns its source number (1, 2, …). name is what is printed before the line number. */
uint32_t ffpf_diags_add_source(struct ffpf_diags *diags, const char *name, const char *text, size_t len);
const char *ffpf_diags_source_name(const struct ffpf_diags *diags, uint32_t source);
/* The retained text (NUL-terminated) and its length in bytes; NULL for an unknown source. */
const char *ffpf_diags_source_text(const struct ffpf_diags *diags, uint32_t source, size_t *len);
/* One-based line and column (in bytes) of a position in a source. */
void ffpf_diags_locate(const struct ffpf_diags *diags, uint32_t source, uint32_t pos, unsigned *line, unsigned *column);

/* Queues a record; returns it so that the caller may add a secondary span or a hint. Never NULL. */
struct ffpf_diag *ffpf_diag_error(struct ffpf_diags *diags, enum ffpf_diag_id id, struct ffpf_span span,
				  const char *format, ...) __attribute__((format(printf, 4, 5)));
struct ffpf_diag *ffpf_diag_warning(struct ffpf_diags *diags, enum ffpf_diag_id id, struct ffpf_span span,
				    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Adds a secondary span with its label (a third one is left out), or the hint; the texts are copied. */
void ffpf_diag_label(struct ffpf_diags *diags, struct ffpf_diag *diag, struct ffpf_span span, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void ffpf_diag_hint(struct ffpf_diags *diags, struct ffpf_diag *diag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "class-unknown" for FFPF_D_CLASS_UNKNOWN. */
const char *ffpf_diag_id_name(enum ffpf_diag_id id);

/* How many records of severity FFPF_ERROR there are. */
size_t ffpf_diags_errors(const struct ffpf_diags *diags);
/* The first record, in order of reporting; the others by ->next. NULL when there is none. They live as long as the
 * queue. */
const struct ffpf_diag *ffpf_diags_first(const struct ffpf_diags *diags);
/* Forgets the records, keeps the sources. */
void ffpf_diags_clear(struct ffpf_diags *diags);

/*
 * Prints all records in the form of
 *     web.ffpf:3:14: error[class-unknown]: no function class 'pktcout'
 *        3 | [dev eth0] > (pktcout)
 *          |               ^~~~~~~
 *          = hint: did you mean 'pktcount'?
 */
void ffpf_diags_print(const struct ffpf_diags *diags, FILE *out, bool colour);

/*
 * The candidate nearest to name by edit distance, or NULL when none is near enough to be a likely slip.
 * candidate(arg, i) returns the i-th name, NULL at the end.
 */
const char *ffpf_diag_nearest(const char *name, const char *(*candidate)(const void *arg, size_t i), const void *arg);

#endif
