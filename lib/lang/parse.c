/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parser's entry: refuses a text that is too big or has bytes that no text
 * may have, then runs scanner and parser over a copy of it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/lang/scan.h"
#include "lib/lang/parser.h"
#define YYSTYPE FFPF_FLOW_STYPE
#define YYLTYPE FFPF_FLOW_LTYPE
#include "lib/lang/lexer.h"
#include "lib/lang/utf8.h"

#define BAD_BYTES_MAX 20 /* places reported */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static bool allowed(uint32_t code, const char *text, size_t len)
{
	return code == '\t' || code == '\n' || (code == '\r' && len > 1 && text[1] == '\n') ||
	       (code >= 0x20 && code != 0x7f);
}

/* The length of what is wrong at the beginning of the text, 0 if nothing is; good: how long a right character is. */
static size_t bad_bytes(const char *text, size_t len, size_t *good)
{
	uint32_t code;
	size_t at = 0, size = 0;

	for (; at < len; at += size ? size : 1) {
		size = ffpf_utf8_decode(text + at, len - at, &code);
		if (size && allowed(code, text + at, len - at))
			break;
		if (at && (size == 0) != (ffpf_utf8_decode(text, len, &code) == 0))
			break; /* another kind of mistake begins */
	}
	*good = at ? 0 : size;
	return at;
}

static void report_bytes(struct ffpf_scan *scan, uint32_t pos, size_t len)
{
	uint32_t code;
	struct ffpf_span span = ffpf_scan_span(scan, pos, pos + (uint32_t)len);

	if (ffpf_utf8_decode(scan->text + pos, len, &code))
		ffpf_diag_error(scan->diags, FFPF_D_CHAR_UNEXPECTED, span, "control character 0x%02x", (unsigned)code);
	else
		ffpf_diag_error(scan->diags, FFPF_D_CHAR_UNEXPECTED, span, "byte 0x%02x is not UTF-8",
				(unsigned char)scan->text[pos]);
}

/* Reports bytes that no text may have; returns whether there were none. */
static bool check_bytes(struct ffpf_scan *scan)
{
	unsigned reported = 0;
	size_t at = 0, good;

	while (at < scan->len && reported < BAD_BYTES_MAX) {
		unsigned char byte = (unsigned char)scan->text[at];

		if (byte >= 0x20 && byte < 0x7f) {
			at++;
			continue;
		}
		size_t bad = bad_bytes(scan->text + at, scan->len - at, &good);

		if (bad) {
			report_bytes(scan, (uint32_t)at, bad);
			reported++;
		}
		at += bad + good;
	}
	return !reported;
}

static void parse(struct ffpf_scan *scan)
{
	char *copy = malloc(scan->len + 2); /* flex wants two NULs behind it, and writes into it */

	if (!copy || ffpf_flow_raw_lex_init_extra(scan, &scan->flex)) {
		fputs("ffpf: out of memory\n", stderr);
		abort();
	}
	memcpy(copy, scan->text, scan->len);
	copy[scan->len] = copy[scan->len + 1] = '\0';
	if (scan->len >= 3 && !memcmp(copy, BYTE_ORDER_MARK, 3))
		memset(copy, ' ', 3);
	ffpf_flow_raw__scan_buffer(copy, scan->len + 2, scan->flex);
	int refused = ffpf_flow_parse(scan);
	ffpf_flow_raw_lex_destroy(scan->flex);
	free(copy);
	assert(!refused || ffpf_diags_errors(scan->diags) > scan->errors_before);
	(void)refused;
}

struct ffpf_ast *ffpf_parse(struct ffpf_arena *arena, struct ffpf_diags *diags, uint32_t source,
			    const struct ffpf_parse_options *options)
{
	struct ffpf_ast *ast = ffpf_arena_alloc(arena, sizeof(*ast));
	struct ffpf_scan *scan = ffpf_arena_alloc(arena, sizeof(*scan));

	scan->arena = arena;
	scan->diags = diags;
	scan->options = options;
	scan->ast = ast;
	scan->source = source;
	scan->text = ffpf_diags_source_text(diags, source, &scan->len);
	scan->errors_before = ffpf_diags_errors(diags);
	if (!scan->text)
		return ast;
	if (scan->len > FFPF_TEXT_MAX)
		ffpf_diag_error(diags, FFPF_D_TEXT_BIG, ffpf_scan_span(scan, 0, 0),
				"the text has %zu bytes, more than the %u that are accepted", scan->len, FFPF_TEXT_MAX);
	else if (check_bytes(scan))
		parse(scan);
	return ast;
}
