/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between scanner and parser: decides which newlines separate statements, and
 * pairs brackets. The parser only ever sees balanced brackets: a closer that
 * the text lacks is reported here and supplied, one that closes nothing is
 * reported and dropped. So a mistake with brackets costs one message, and the
 * parser's error recovery can rely on them.
 *
 * After a syntax error the parser is handed no token until one at which it can
 * go on: the closer of the bracket it is in, '>' or '|' beside it, or the end
 * of the statement. What was opened in between is passed over as a whole.
 */
#include <stdarg.h>
#include <string.h>

#include "lib/lang/scan.h"
#include "lib/lang/parser.h"

#define ERRORS_MAX 100 /* in one text */

int ffpf_flow_raw(FFPF_FLOW_STYPE *value, FFPF_FLOW_LTYPE *location, void *flex); /* lexer.l */
int ffpf_flow_lex(FFPF_FLOW_STYPE *value, FFPF_FLOW_LTYPE *location, struct ffpf_scan *scan); /* for parser.y */

struct ffpf_span ffpf_scan_span(const struct ffpf_scan *scan, uint32_t start, uint32_t end)
{
	return (struct ffpf_span){ scan->source, start, end };
}

bool ffpf_scan_full(const struct ffpf_scan *scan)
{
	return ffpf_diags_errors(scan->diags) - scan->errors_before >= ERRORS_MAX || scan->stopped;
}

struct ffpf_bracket *ffpf_scan_inside(struct ffpf_scan *scan)
{
	return scan->depth ? &scan->brackets[scan->depth - 1] : &scan->statement;
}

struct ffpf_diag *ffpf_scan_error(struct ffpf_scan *scan, enum ffpf_diag_id id, struct ffpf_span span,
				  const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	const char *message = ffpf_arena_vprintf(scan->arena, format, ap);
	va_end(ap);
	ffpf_scan_inside(scan)->reported = true;
	return ffpf_diag_error(scan->diags, id, span, "%s", message);
}

bool ffpf_scan_colon_in_word(struct ffpf_scan *scan)
{
	if (!scan->depth)
		return false;
	switch (ffpf_scan_inside(scan)->form) {
	case FFPF_BRACKET_ROUND:
	case FFPF_BRACKET_NAMED:
	case FFPF_BRACKET_SHORT:
		return true;
	default:
		return false;
	}
}

/* Has closers supplied until depth is close_to, and then the token. */
static void supply_closers(struct ffpf_scan *scan, unsigned close_to, int token, struct ffpf_span span)
{
	scan->closing = true;
	scan->close_to = close_to;
	scan->held = token;
	scan->held_start = span.start;
	scan->held_end = span.end;
}

void ffpf_scan_give_up_statement(struct ffpf_scan *scan)
{
	for (unsigned i = 0; i < scan->depth; i++)
		scan->brackets[i].reported = true;
	scan->statement.reported = true;
	scan->dropping = true;
	supply_closers(scan, 0, DROPPED, ffpf_scan_span(scan, scan->pos, scan->pos));
}

bool ffpf_scan_progress(struct ffpf_scan *scan)
{
	bool progress = scan->yyerrok_at != scan->handed_out;

	scan->yyerrok_at = scan->handed_out;
	return progress;
}

static bool is_round(const struct ffpf_bracket *bracket)
{
	return bracket->form == FFPF_BRACKET_ROUND;
}

/* Learns from a token that is not a bracket what the '[' it is in turns out to be. */
static void learn_form(struct ffpf_scan *scan, int token)
{
	struct ffpf_bracket *bracket = ffpf_scan_inside(scan);
	bool value = token == NAME || token == WORD || token == STRING || token == RAW;

	if (!scan->depth)
		return;
	if (bracket->form == FFPF_BRACKET_OPENED)
		bracket->form = token == NAME ? FFPF_BRACKET_NAMED : FFPF_BRACKET_GRAPH;
	else if (bracket->form == FFPF_BRACKET_NAMED)
		bracket->form = value || token == EQUALS || token == COMMA ? FFPF_BRACKET_SHORT : FFPF_BRACKET_GRAPH;
}

/* False when the bracket is nested too deeply, which ends the text. */
static bool open_bracket(struct ffpf_scan *scan, int token, uint32_t pos)
{
	learn_form(scan, token);
	if (scan->depth == FFPF_NESTING_MAX) {
		ffpf_scan_error(scan, FFPF_D_NESTING_DEEP, ffpf_scan_span(scan, pos, pos + 1),
				"brackets are nested deeper than %d", FFPF_NESTING_MAX);
		scan->stopped = true;
		return false;
	}
	scan->brackets[scan->depth++] = (struct ffpf_bracket){
		.pos = pos,
		.form = token == LPAREN ? FFPF_BRACKET_ROUND : FFPF_BRACKET_OPENED,
	};
	return true;
}

/* Reports that the innermost bracket lacks its closer where span stands. */
static void report_unclosed(struct ffpf_scan *scan, struct ffpf_span span, int found)
{
	struct ffpf_bracket *bracket = ffpf_scan_inside(scan);
	char opener = is_round(bracket) ? '(' : '[', closer = is_round(bracket) ? ')' : ']';
	struct ffpf_diag *diag;

	if (bracket->reported)
		return;
	if (!found)
		diag = ffpf_scan_error(scan, FFPF_D_SYNTAX, span, "expected '%c', found the end of the text", closer);
	else
		diag = ffpf_scan_error(scan, FFPF_D_SYNTAX, span, "expected '%c', found '%c'", closer,
				       scan->text[span.start]);
	ffpf_diag_label(scan->diags, diag, ffpf_scan_span(scan, bracket->pos, bracket->pos + 1),
			"this '%c' is not closed", opener);
}

/*
 * Pairs a closer. Where it does not fit the innermost bracket but one further out, the inner ones lack theirs; where
 * it fits none it is a slip for the one expected.
 */
static int close_bracket(struct ffpf_scan *scan, int token, struct ffpf_span span)
{
	bool round = token == RPAREN;
	unsigned outer = scan->depth;

	if (!scan->depth) {
		if (!scan->dropping && !scan->statement.reported)
			ffpf_scan_error(scan, FFPF_D_SYNTAX, span, "this '%c' closes nothing", round ? ')' : ']');
		return DROPPED;
	}
	if (is_round(ffpf_scan_inside(scan)) == round) {
		scan->depth--;
		return token;
	}
	report_unclosed(scan, span, token);
	while (outer && is_round(&scan->brackets[outer - 1]) != round)
		outer--;
	if (!outer) {
		token = is_round(ffpf_scan_inside(scan)) ? RPAREN : RBRACKET;
		scan->depth--;
		return token;
	}
	supply_closers(scan, outer - 1, DROPPED, span);
	return DROPPED;
}

/* The end of a statement or of the text while brackets are open. */
static int end_inside(struct ffpf_scan *scan, int token, struct ffpf_span *span)
{
	if (token == 0) { /* points behind the last token, not behind what blanks follow it */
		struct ffpf_span last = ffpf_scan_span(scan, scan->previous_end, scan->previous_end);

		report_unclosed(scan, last, 0);
	} else {
		report_unclosed(scan, *span, token);
	}
	scan->dropping = true;
	supply_closers(scan, 0, token == SEMICOLON ? SEP : token, *span);
	return DROPPED;
}

static bool joins(int token)
{
	return token == GT || token == BAR || token == EQUALS || token == COMMA || token == COLON || token == AT;
}

/* A newline separates statements unless it stands in brackets, behind a joining token, or before a joining line. */
static int newline(struct ffpf_scan *scan)
{
	const char *next = scan->text + scan->pos;

	if (scan->depth || joins(scan->previous) || *next == '>' || *next == '|' || !strncmp(next, "->", 2) ||
	    !strncmp(next, "=>", 2))
		return DROPPED;
	return SEP;
}

static int supply_next(struct ffpf_scan *scan, struct ffpf_span *span)
{
	*span = ffpf_scan_span(scan, scan->held_start, scan->held_end);
	if (scan->depth > scan->close_to)
		return is_round(&scan->brackets[--scan->depth]) ? RPAREN : RBRACKET;
	scan->closing = false;
	return scan->held;
}

/* One token of the balanced text, or DROPPED. */
static int next(struct ffpf_scan *scan, FFPF_FLOW_STYPE *value, struct ffpf_span *span)
{
	int token;

	if (ffpf_scan_full(scan)) {
		*span = ffpf_scan_span(scan, scan->pos, scan->pos);
		return 0;
	}
	if (scan->closing)
		return supply_next(scan, span);
	token = ffpf_flow_raw(value, span, scan->flex);
	switch (token) {
	case LPAREN:
	case LBRACKET:
		return open_bracket(scan, token, span->start) ? token : 0;
	case RPAREN:
	case RBRACKET:
		return close_bracket(scan, token, *span);
	case NEWLINE:
		return newline(scan);
	case SEMICOLON:
	case 0:
		if (scan->depth)
			return end_inside(scan, token, span);
		return token ? SEP : 0;
	case DROPPED:
		return DROPPED;
	default:
		learn_form(scan, token);
		return token;
	}
}

/* Whether the parser, which is skipping after an error, can go on at this token. */
static bool resumes(const struct ffpf_scan *scan, int token)
{
	bool in_round = scan->depth && is_round(&scan->brackets[scan->depth - 1]);

	switch (token) {
	case 0:
	case SEP:
		return true;
	case RPAREN:
	case RBRACKET:
		return scan->depth < scan->skip_depth;
	case GT:
	case BAR:
		return scan->depth == scan->skip_depth && !in_round;
	default:
		return false;
	}
}

int ffpf_flow_lex(FFPF_FLOW_STYPE *value, FFPF_FLOW_LTYPE *location, struct ffpf_scan *scan)
{
	int token;

	do
		token = next(scan, value, location);
	while (token == DROPPED || (scan->skipping && !resumes(scan, token)));
	scan->skipping = false;
	if (scan->previous == SEP && token != SEP)
		scan->statement.reported = scan->dropping = false;
	scan->before = scan->previous;
	scan->before_end = scan->previous_end;
	scan->previous = token;
	scan->previous_end = location->end;
	scan->handed_out++;
	return token;
}
