/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is said of a text that the grammar does not take: what was expected, what was found, and what may have been
 * meant.
 *
 * The parser knows the tokens that could have come, by the names that parser.y gives them. Where that are many, what
 * they begin is named instead: an expression, a statement. Of the mistakes inside of one pair of brackets only the
 * first is told; what follows is mostly its consequence.
 */
#include <fpl/scan.h>
#include <lib/lang/arena.h>

#include <ctype.h>
#include <string.h>

#define EXPECTED_MAX 6

/* Tokens that together are one thing. Found by two of them; then all go. */
struct group {
	const char *name;
	const char *const *signs;
	const char *const *members;
};

static const char *const statement_signs[] = {"'let'", "'return'", NULL};
static const char *const statement_members[] = {
	"'let'",   "'if'",	 "'switch'", "'for'",  "'return'", "'emit'", "'delete'",
	"'break'", "'continue'", "'{'",	     "a name", "a number", "a text", "an address",
	"'true'",  "'false'",	 "'('",	     "'++'",   "'--'",	   "';'",    NULL};
static const char *const expression_signs[] = {"a number", "'('", NULL};
static const char *const expression_members[] = {"a number", "a name", "a text", "an address", "'true'", "'false'",
						 "'('",	     "'-'",    "'~'",	 "'!'",	       NULL};
static const char *const operator_signs[] = {"'+'", "'*'", NULL};
static const char *const operator_members[] = {"'+'",
					       "'-'",
					       "'*'",
					       "'/'",
					       "'%'",
					       "'&'",
					       "'|'",
					       "'^'",
					       "'<<'",
					       "'>>'",
					       "'=='",
					       "'!='",
					       "'<'",
					       "'<='",
					       "'>'",
					       "'>='",
					       "'&&'",
					       "'||'",
					       "'?'",
					       "'?"
					       "?'",
					       "'in'",
					       "'.'",
					       "'['",
					       "'('",
					       NULL};
static const char *const assignment_signs[] = {"'='", "'++'", NULL};
static const char *const assignment_members[] = {"'='", "'+='", "'++'",	  "'--'",   "'.'",
						 "'['", "'('",	"a name", "a text", NULL};
static const struct group groups[] = {
	{"a statement", statement_signs, statement_members},
	{"an assignment", assignment_signs, assignment_members},
	{"an operator", operator_signs, operator_members},
	{"an expression", expression_signs, expression_members},
};

static bool is_one(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

static bool has(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

/* Puts a group's name instead of its tokens, if it is there. Returns how many names are left. */
static size_t replace(const struct group *group, const char **list, size_t n)
{
	size_t left = 0;

	for (const char *const *sign = group->signs; *sign; sign++)
		if (!has(list, n, *sign))
			return n;
	for (size_t i = 0; i < n; i++)
		if (!is_one(group->members, list[i]))
			list[left++] = list[i];
	list[left++] = group->name;
	return left;
}

static const char *listed(struct fpl_scan *scan, const char *const *expected, size_t n)
{
	const char *list[FPL_EXPECTED_MAX + 1], *text = "";

	memcpy(list, expected, n * sizeof(*list));
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		n = replace(&groups[i], list, n);
	if (n > EXPECTED_MAX)
		return NULL;
	for (size_t i = 0; i + 1 < n; i++)
		if (!strcmp(list[i], "the end of the text")) {
			memmove(&list[i], &list[i + 1], (n - i - 1) * sizeof(*list));
			list[n - 1] = "the end of the text";
		}
	for (size_t i = 0; i < n; i++)
		text = ffpf_arena_printf(scan->arena, "%s%s%s", text, !i ? "" : i + 1 < n ? ", " : " or ", list[i]);
	return text;
}

/* ---- what may have been meant ---------------------------------------------------------------- */

static const char *const keywords[] = {"let",  "if",	 "else",   "switch", "case",	 "default", "for",
				       "emit", "return", "delete", "break",  "continue", "in"};

static const char *keyword_at(const void *arg, size_t i)
{
	return i < sizeof(keywords) / sizeof(keywords[0]) ? keywords[i] : NULL;
}

/* Words of other languages. */
static const struct {
	const char *word, *hint;
} foreign[] = {
	{"while", "a loop has an end that is known: for (i in 0..9) { … break; }"},
	{"do", "a loop has an end that is known: for (i in 0..9) { … break; }"},
	{"loop", "a loop has an end that is known: for (i in 0..9) { … break; }"},
	{"foreach", "a loop goes over numbers: for (i in 0..9) …"},
	{"elif", "'else if' is two words"},
	{"elsif", "'else if' is two words"},
	{"elseif", "'else if' is two words"},
	{"and", "'and' is written '&&'"},
	{"or", "'or' is written '||'"},
	{"not", "'not' is written '!'"},
	{"print", "events tell something: emit NAME { a: …, b: … }"},
	{"contains", "bytes are compared as numbers: payload[0:4] == 0x47455420"},
	{"printf", "events tell something: emit NAME { a: …, b: … }"},
	{"var", "a variable is made with 'let x = …'"},
	{"const", "a variable is made with 'let x = …'"},
	{"int", "a variable is made with 'let x = …'"},
	{"function", "a program has no functions of its own; a class in a file of its own can be called"},
	{"func", "a program has no functions of its own; a class in a file of its own can be called"},
	{"def", "a program has no functions of its own; a class in a file of its own can be called"},
};

static const char *text_at(struct fpl_scan *scan, struct fpl_place place)
{
	size_t end = place.end > scan->source->len ? scan->source->len : place.end;

	return place.start >= end
		       ? ""
		       : ffpf_arena_strndup(scan->arena, scan->source->text + place.start, end - place.start);
}

static bool is_name(const char *text)
{
	return isalpha((unsigned char)*text) || *text == '_';
}

/* What a word is likely to be instead; NULL. */
static const char *word_hint(struct fpl_scan *scan, const char *word)
{
	const char *nearest;

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (!strcasecmp(foreign[i].word, word))
			return foreign[i].hint;
	nearest = strlen(word) > 1 ? ffpf_diag_nearest(word, keyword_at, NULL) : NULL;
	return nearest && strcmp(nearest, word) != 0 ? ffpf_arena_printf(scan->arena, "did you mean '%s'?", nearest)
						     : NULL;
}

/* By what could have come and what came. */
static const char *token_hint(struct fpl_scan *scan, const char *found, const char *before, const char *const *expected,
			      size_t n)
{
	static const char *const comparisons[] = {"'=='", "'!='", "'<'", "'<='", "'>'", "'>='", NULL};
	bool end = has(expected, n, "';'");

	if (!strcmp(before, "if") || !strcmp(before, "switch"))
		return ffpf_arena_printf(scan->arena, "a condition stands in brackets: %s (…)", before);
	if (!strcmp(before, "for"))
		return "a loop is written 'for (i in 0..9)'";
	if (n == 1 && has(expected, n, "'in'"))
		return "a loop goes over numbers: for (i in 0..9)";
	if (!strcmp(found, "'='") && has(expected, n, "'+'"))
		return "'==' compares";
	if (is_one(comparisons, found) && has(expected, n, "'='"))
		return "a comparison is no statement: if (…) …";
	if (is_one(comparisons, found) && has(expected, n, "'+'"))
		return "comparisons have no order among them: put brackets around one, or '&&' between";
	if (!strcmp(found, "'&&'") || !strcmp(found, "'||'") || !strcmp(found, "'?'"))
		return end ? "a condition is no statement: if (…) …" : NULL;
	if (!strcmp(found, "'case'") || !strcmp(found, "'default'"))
		return "'case' and 'default' stand in a switch, or a ';' is missing before it";
	if (!strcmp(found, "'else'") && has(expected, n, "'let'"))
		return "there is no 'if' before it";
	if (end && (!strcmp(found, "'else'") || is_one(statement_members, found)) && strcmp(found, "a number") != 0 &&
	    strcmp(found, "';'") != 0 && strcmp(found, "'('") != 0)
		return "is a ';' missing before it?";
	if (has(expected, n, "a name") && n < 3 && found[0] == '\'' && islower((unsigned char)found[1]))
		return ffpf_arena_printf(scan->arena, "%s is a word of the language", found);
	return NULL;
}

/* The bracket that should be closed first. */
static void label_open(struct fpl_scan *scan, struct ffpf_diag *diag, const char *found, const char *const *expected,
		       size_t n)
{
	static const char *const closers[] = {"')'", "']'", "'}'", "the end of the text", NULL};
	struct fpl_place open;
	char closer[4] = "' '";

	/* The one that was found has left its level already. */
	if (!scan->open || !is_one(closers, found))
		return;
	open = scan->opened[scan->open - 1];
	closer[1] = scan->source->text[open.start] == '(' ? ')' : scan->source->text[open.start] == '[' ? ']' : '}';
	if (has(expected, n, closer))
		fpl_label(scan->source, diag, open, "this '%c' is not closed", scan->source->text[open.start]);
}

/* The first word is often the one that is wrong: retrn 1, while (…) … */
static bool wrong_beginning(struct fpl_scan *scan, const char *const *expected, size_t n)
{
	struct fpl_place place = scan->first;
	const char *word, *hint;
	char next;

	while (place.end < scan->source->len &&
	       (isalnum((unsigned char)scan->source->text[place.end]) || scan->source->text[place.end] == '_'))
		place.end++;
	word = text_at(scan, place);
	next = place.end < scan->source->len ? scan->source->text[place.end] : ' ';
	if (!is_name(word) || !has(expected, n, "'++'") || !has(expected, n, "';'") || next == '.' || next == '[')
		return false;
	hint = word_hint(scan, word);
	if (!hint)
		return false;
	fpl_hint(scan->source, fpl_scan_error(scan, FFPF_D_SYNTAX, place, "'%.40s' begins no statement", word), "%s",
		 hint);
	return true;
}

/* Of round and square brackets: in braces there are statements, and each is a new beginning. */
static void mute(struct fpl_scan *scan)
{
	unsigned depth = scan->depth;

	while (depth && depth <= FPL_NESTING_MAX && scan->source->text[scan->opened[depth - 1].start] != '{')
		depth--;
	scan->muted = depth < scan->depth ? depth + 1 : 0;
	scan->unmuting = false;
}

void fpl_syntax_error(struct fpl_scan *scan, struct fpl_place place, const char *found, const char *const *expected,
		      size_t n)
{
	const char *text = text_at(scan, place), *before = text_at(scan, scan->before), *hint, *what, *list;
	struct ffpf_diag *diag;

	if (scan->muted)
		return;
	mute(scan);
	if (wrong_beginning(scan, expected, n))
		return;
	what = ffpf_arena_printf(scan->arena, *text ? "'%.40s'" : "%s", *text ? text : found);
	list = listed(scan, expected, n);
	if (list)
		diag = fpl_scan_error(scan, FFPF_D_SYNTAX, place, "expected %s, found %s", list, what);
	else
		diag = fpl_scan_error(scan, FFPF_D_SYNTAX, place, "%s can't stand here", what);
	hint = token_hint(scan, found, before, expected, n);
	if (!hint && is_name(text))
		hint = word_hint(scan, text);
	if (!hint && is_name(before))
		hint = word_hint(scan, before);
	if (hint)
		fpl_hint(scan->source, diag, "%s", hint);
	label_open(scan, diag, found, expected, n);
}
