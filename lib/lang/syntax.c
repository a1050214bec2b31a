/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Says what is wrong with the syntax, in the words of people: what was
 * expected (with groups such as "a function" for the tokens that begin one),
 * what was found, where the bracket around it begins, and, for the slips that
 * are common, how it is written. At most one message for each bracket or
 * statement, because what follows a syntax error is often its echo.
 */
#include <stdio.h>
#include <string.h>

#include "lib/lang/scan.h"
#include "lib/lang/parser.h"
#include "lib/lang/utf8.h"

#define EXPECTED_MAX 40
#define SHOWN_MAX 40 /* bytes of a token in a message */

struct expected {
	const char *names[EXPECTED_MAX];
	size_t n;
};

static bool expects(const struct expected *expected, const char *name)
{
	for (size_t i = 0; i < expected->n; i++)
		if (!strcmp(expected->names[i], name))
			return true;
	return false;
}

static void drop(struct expected *expected, const char *const *names)
{
	size_t kept = 0;

	for (size_t i = 0; i < expected->n; i++) {
		size_t j = 0;

		while (names[j] && strcmp(names[j], expected->names[i]))
			j++;
		if (!names[j])
			expected->names[kept++] = expected->names[i];
	}
	expected->n = kept;
}

static void put_first(struct expected *expected, const char *name)
{
	memmove(expected->names + 1, expected->names, expected->n * sizeof(*expected->names));
	expected->names[0] = name;
	expected->n++;
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void move_last(struct expected *expected, const char *name)
{
	if (!expects(expected, name))
		return;
	drop(expected, NAMES(name));
	expected->names[expected->n++] = name;
}

/* Replaces the tokens that begin something by its name, and drops what would only distract. */
static void group(struct expected *expected, const struct ffpf_scan *scan)
{
	if (expects(expected, "'('")) {
		bool label = expects(expected, "a word");

		*expected = (struct expected){0};
		if (label)
			put_first(expected, "a label");
		put_first(expected, "a function");
	} else if (expects(expected, "a word") && expects(expected, "a string")) {
		drop(expected, NAMES("a name", "a word", "a string", "a {raw} text", "':'"));
		put_first(expected, expects(expected, "']'") ? "an argument" : "a value");
	} else if (expects(expected, "a word")) {
		drop(expected, NAMES("a name", "a word", "'else'"));
		put_first(expected, "a label");
	} else if (expects(expected, "a name")) {
		drop(expected, NAMES("a name"));
		put_first(expected, scan->before == AT ? "the name of a flowspace" : "the name of a class");
	} else if (expects(expected, "a string")) {
		drop(expected, NAMES("a string"));
		put_first(expected, "the name of a file in quotes");
	}
	if (expected->n > 1)
		drop(expected, scan->depth ? NAMES("'@'", "'='") : NAMES("'@'"));
	move_last(expected, "')'");
	move_last(expected, "']'");
	if (expects(expected, "the end of the line"))
		drop(expected, NAMES("the end of the text"));
}

static const char *join(struct ffpf_scan *scan, const struct expected *expected)
{
	const char *text = expected->n ? expected->names[0] : "something else";

	for (size_t i = 1; i < expected->n; i++)
		text = ffpf_arena_printf(scan->arena, "%s%s%s", text, i + 1 == expected->n ? " or " : ", ",
					 expected->names[i]);
	return text;
}

static const char *describe(struct ffpf_scan *scan, int token, struct ffpf_span span)
{
	const char *text = scan->text + span.start;
	uint32_t len = span.end - span.start;

	if (!token)
		return "the end of the text";
	if (token == SEP)
		return *text == ';' ? "';'" : "the end of the line";
	if (token == STRING)
		return "a string";
	if (token == RAW)
		return "a {raw} text";
	if (len > SHOWN_MAX)
		return ffpf_arena_printf(scan->arena, "'%.*s…'", SHOWN_MAX, text);
	return ffpf_arena_printf(scan->arena, "'%.*s'", (int)len, text);
}

static bool is_value(int token)
{
	return token == NAME || token == WORD || token == STRING || token == RAW;
}

/* The hint for a slip between the arguments of a function. */
static const char *argument_hint(const struct ffpf_scan *scan, const struct expected *expected,
				 const struct ffpf_bracket *bracket, int found)
{
	bool round = bracket->form == FFPF_BRACKET_ROUND;
	bool closes = expects(expected, round ? "')'" : "']'");

	if (found == AT)
		return "a value with '@' in it must stand in quotes";
	if (found == LPAREN || found == LBRACKET)
		return "a value with brackets in it must stand in quotes";
	if (round && is_value(found) && memchr(scan->text + bracket->pos, ',', scan->start - bracket->pos))
		return "arguments are separated by commas; a text with blanks stands in quotes: (BPF,\"tcp port 80\")";
	if (round && is_value(found))
		return "in round form arguments are separated by commas: (dev,eth0)";
	if (!round && found == COMMA)
		return "in square form arguments are separated by blanks: [dev eth0]";
	if (closes && (found == GT || found == BAR))
		return round ? "is a ')' missing before it?" : "is a ']' missing before it?";
	if (found == EQUALS && expects(expected, "'>'"))
		return "the class stands before its arguments: [dev expr=eth0]";
	if (found == EQUALS)
		return "a parameter's name consists of letters, digits and '_'";
	return NULL;
}

static const char *find_hint(const struct ffpf_scan *scan, const struct expected *expected,
			     const struct ffpf_bracket *bracket, int found, struct ffpf_span span)
{
	bool in_bracket = bracket != &scan->statement;
	bool function = expects(expected, "a function");

	bool argument = expects(expected, "an argument") || expects(expected, "a value") || expects(expected, "','");

	if (argument) {
		const char *hint = argument_hint(scan, expected, bracket, found);

		if (hint)
			return hint;
	}
	if (expects(expected, "the name of a class") && (found == LPAREN || found == LBRACKET))
		return "the brackets that group functions are square: [ … ]";
	if (expects(expected, "the name of a file in quotes"))
		return "write use \"FILE\"";
	if (expects(expected, "a label") && !function)
		return "each branch of a route begins with a label: 1: …, 2..9: … or else: …";
	if (found == AT)
		return "only a function is pinned to a flowspace, and to one: (BPF,\"tcp\")@xdp";
	if (found == USE || found == ELSE || scan->before == USE || scan->before == ELSE)
		return "'use' and 'else' are reserved";
	if (expects(expected, "'>'") && scan->before == NAME && is_value(found))
		return "a function with arguments stands in brackets: [dev eth0]";
	if (expects(expected, "'>'") && (found == LPAREN || found == LBRACKET || found == NAME))
		return "functions are joined by '>'";
	if (found == COLON || (function && found == WORD && scan->text[span.end] == ':'))
		return in_bracket ? "either every branch has a label, or none has"
				  : "labels stand in square brackets: [1: … | else: …]";
	if (found == COMMA && in_bracket && bracket->form == FFPF_BRACKET_GRAPH)
		return "branches are separated by '|'";
	if (function && (found == STRING || found == RAW))
		return "a function stands in brackets: (BPF,\"tcp\")";
	if (function && found == WORD)
		return "a name consists of letters, digits and '_', and does not begin with a digit";
	return NULL;
}

static bool same_line(const struct ffpf_scan *scan, uint32_t a, uint32_t b)
{
	unsigned line_a, line_b, column;

	ffpf_diags_locate(scan->diags, scan->source, a, &line_a, &column);
	ffpf_diags_locate(scan->diags, scan->source, b, &line_b, &column);
	return line_a == line_b;
}

/* The bracket that the offending token stands in; one that it opened or closed has been opened or closed by now. */
static struct ffpf_bracket *bracket_of(struct ffpf_scan *scan, int found)
{
	if (found == RPAREN || found == RBRACKET)
		return &scan->brackets[scan->depth];
	if (found == LPAREN || found == LBRACKET)
		return scan->depth > 1 ? &scan->brackets[scan->depth - 2] : &scan->statement;
	return ffpf_scan_inside(scan);
}

static void skip_from(struct ffpf_scan *scan, int found, const struct ffpf_bracket *bracket)
{
	bool in_round = bracket != &scan->statement && bracket->form == FFPF_BRACKET_ROUND;
	bool opened = found == LPAREN || found == LBRACKET;

	scan->skip_depth = scan->depth - opened;
	scan->skipping = !(found == 0 || found == SEP || found == RPAREN || found == RBRACKET ||
			   (!in_round && (found == GT || found == BAR)));
}

bool ffpf_syntax_is_echo(struct ffpf_scan *scan, int found)
{
	const struct ffpf_bracket *bracket = bracket_of(scan, found);

	skip_from(scan, found, bracket);
	return bracket->reported || ffpf_scan_full(scan);
}

void ffpf_syntax_report(struct ffpf_scan *scan, int found, struct ffpf_span span, const char *const *names,
			size_t n_names)
{
	struct ffpf_bracket *bracket = bracket_of(scan, found);
	struct expected expected = {.n = 0};
	struct ffpf_diag *diag;

	bracket->reported = true;
	for (size_t i = 0; i < n_names && i < EXPECTED_MAX - 2; i++)
		expected.names[expected.n++] = names[i];
	group(&expected, scan);
	const char *what = describe(scan, found, span);
	if (!found)
		span.start = span.end = scan->before_end;
	else if (found == SEP && scan->text[span.start] != ';')
		span.end = span.start;
	diag = ffpf_diag_error(scan->diags, FFPF_D_SYNTAX, span, "expected %s, found %s", join(scan, &expected), what);
	if (bracket != &scan->statement && (found == GT || found == BAR || !same_line(scan, bracket->pos, span.start)))
		ffpf_diag_label(scan->diags, diag, ffpf_scan_span(scan, bracket->pos, bracket->pos + 1),
				"in this bracket");
	const char *hint = find_hint(scan, &expected, bracket, found, span);
	if (hint)
		ffpf_diag_hint(scan->diags, diag, "%s", hint);
}

static const char *character_hint(uint32_t code, bool in_bracket)
{
	switch (code) {
	case '\'':
	case '`':
		return "strings stand in double quotes: \"…\"";
	case '$':
		return "a variable is written $NAME";
	case '\\':
		return "no sign is needed to go on: a line may end after '>', or inside brackets";
	case '<':
		return in_bracket ? "a value with such characters must stand in quotes"
				  : "packets flow from left to right: '>'";
	case 0x2192: /* → */
	case 0x21d2: /* ⇒ */
		return "functions are joined by '>'";
	default:
		if (in_bracket)
			return "a value with such characters must stand in quotes";
		return code >= 0x80 ? "a name consists of the letters a to z, digits and '_'" : NULL;
	}
}

void ffpf_syntax_character(struct ffpf_scan *scan, struct ffpf_span span)
{
	uint32_t code;
	const char *text = scan->text + span.start;
	size_t size = ffpf_utf8_decode(text, span.end - span.start, &code);
	const char *hint = character_hint(code, scan->depth > 0);
	struct ffpf_diag *diag = ffpf_scan_error(scan, FFPF_D_CHAR_UNEXPECTED, span, "unexpected character '%.*s'",
						 (int)(size ? size : 1), text);

	if (hint)
		ffpf_diag_hint(scan->diags, diag, "%s", hint);
}
