/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parser's entry, and where mistakes of a text are reported.
 */
#include <fpl/scan.h>
#include "fpl/parser.h"
#define YYSTYPE FPL_TOKENS_STYPE
#define YYLTYPE FPL_TOKENS_LTYPE
#include "fpl/lexer.h"
#include <lib/lang/arena.h>
#include <lib/lang/ast.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Longer texts are refused: a program of that size can't be meant. */
#define TEXT_MAX (1u << 20)

struct ffpf_span fpl_source_span(const struct fpl_source *source, struct fpl_place place)
{
	size_t end = place.end > source->len ? source->len : place.end;
	size_t start = place.start > end ? end : place.start;

	if (source->value)
		return ffpf_ast_value_span(source->value, start, end);
	return (struct ffpf_span){source->number, (uint32_t)start, (uint32_t)end};
}

static struct ffpf_diag *report(struct fpl_source *source, enum ffpf_diag_id id, struct fpl_place place,
				const char *format, va_list ap)
{
	const char *text = ffpf_arena_vprintf(source->arena, format, ap);

	if (!source->errors++)
		source->first_error = text;
	if (!source->diags)
		return NULL;
	return ffpf_diag_error(source->diags, id, fpl_source_span(source, place), "%s", text);
}

struct ffpf_diag *fpl_error(struct fpl_source *source, enum ffpf_diag_id id, struct fpl_place place, const char *format,
			    ...)
{
	struct ffpf_diag *diag;
	va_list ap;

	va_start(ap, format);
	diag = report(source, id, place, format, ap);
	va_end(ap);
	return diag;
}

void fpl_hint(struct fpl_source *source, struct ffpf_diag *diag, const char *format, ...)
{
	va_list ap;

	if (!diag)
		return;
	va_start(ap, format);
	ffpf_diag_hint(source->diags, diag, "%s", ffpf_arena_vprintf(source->arena, format, ap));
	va_end(ap);
}

void fpl_label(struct fpl_source *source, struct ffpf_diag *diag, struct fpl_place place, const char *format, ...)
{
	va_list ap;

	if (!diag)
		return;
	va_start(ap, format);
	ffpf_diag_label(source->diags, diag, fpl_source_span(source, place), "%s",
			ffpf_arena_vprintf(source->arena, format, ap));
	va_end(ap);
}

struct ffpf_diag *fpl_scan_error(struct fpl_scan *scan, enum ffpf_diag_id id, struct fpl_place place,
				 const char *format, ...)
{
	struct ffpf_diag *diag = NULL;
	va_list ap;

	if (scan->stopped)
		return NULL;
	va_start(ap, format);
	if (++scan->errors <= FPL_ERRORS_MAX)
		diag = report(scan->source, id, place, format, ap);
	else
		scan->stopped = true;
	va_end(ap);
	return diag;
}

bool fpl_scan_enter(struct fpl_scan *scan, struct fpl_place place)
{
	if (scan->depth++ < FPL_NESTING_MAX)
		return true;
	fpl_scan_error(scan, FFPF_D_NESTING_DEEP, place, "brackets are nested more than %u deep", FPL_NESTING_MAX);
	scan->stopped = true;
	return false;
}

int fpl_tokens_lex(FPL_TOKENS_STYPE *value, FPL_TOKENS_LTYPE *location, struct fpl_scan *scan);
int fpl_raw(FPL_TOKENS_STYPE *value, FPL_TOKENS_LTYPE *location, void *flex);

unsigned fpl_scan_depth(struct fpl_scan *scan, unsigned below, struct fpl_place place)
{
	if (below >= FPL_DEPTH_MAX && !scan->stopped) {
		fpl_scan_error(scan, FFPF_D_NESTING_DEEP, place, "this is nested more than %u deep", FPL_DEPTH_MAX);
		scan->stopped = true;
	}
	return below + 1;
}

int fpl_tokens_lex(FPL_TOKENS_STYPE *value, FPL_TOKENS_LTYPE *location, struct fpl_scan *scan)
{
	int token;

	if (scan->stopped) {
		*location = (struct fpl_place){scan->pos, scan->pos};
		return 0;
	}
	scan->before = scan->token;
	scan->open = scan->depth;
	if (scan->unmuting)
		scan->muted = 0;
	token = fpl_raw(value, location, scan->flex);
	/* Statements begin behind these, and at the beginning. */
	if (!scan->token.end || strchr(";{}", scan->source->text[scan->token.end - 1]))
		scan->first = *location;
	scan->unmuting = scan->muted && scan->depth < scan->muted;
	scan->token = *location;
	return token;
}

/* Control characters have no business in a text; bytes beyond ASCII may stand in comments and texts. */
static bool check_bytes(struct fpl_source *source)
{
	for (size_t i = 0; i < source->len; i++) {
		unsigned char c = (unsigned char)source->text[i];

		if (c >= 0x20 ? c != 0x7f : c == '\t' || c == '\n' || c == '\r')
			continue;
		fpl_error(source, FFPF_D_CHAR_UNEXPECTED, (struct fpl_place){(uint32_t)i, (uint32_t)i + 1},
			  "control character 0x%02x", c);
		return false;
	}
	return true;
}

static void parse(struct fpl_scan *scan)
{
	size_t len = scan->source->len;
	char *copy = malloc(len + 2); /* flex wants two NULs behind it, and writes into it */

	if (!copy || fpl_raw_lex_init_extra(scan, &scan->flex)) {
		fputs("ffpf: out of memory\n", stderr);
		abort();
	}
	memcpy(copy, scan->source->text, len);
	copy[len] = copy[len + 1] = '\0';
	fpl_raw__scan_buffer(copy, len + 2, scan->flex);
	if (fpl_tokens_parse(scan) && !scan->source->errors)
		fpl_error(scan->source, FFPF_D_SYNTAX, (struct fpl_place){0, 0}, "this text can't be read");
	fpl_raw_lex_destroy(scan->flex);
	free(copy);
}

struct fpl_stmt *fpl_parse(struct ffpf_arena *arena, struct fpl_source *source)
{
	struct fpl_scan scan = {.arena = arena, .source = source};

	if (source->len > TEXT_MAX)
		fpl_error(source, FFPF_D_TEXT_BIG, (struct fpl_place){0, 0},
			  "the text has %zu bytes, more than the %u that are accepted", source->len, TEXT_MAX);
	else if (check_bytes(source))
		parse(&scan);
	return scan.program ? scan.program : fpl_build_block(&scan, NULL, (struct fpl_place){0, 0});
}
