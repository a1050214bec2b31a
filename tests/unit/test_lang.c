/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The language front end. Every .t file of tests/lang is a list of cases:
 *
 *     == title              with "[escapes]" in it: \n \r \t \\ \xNN are undone in the source
 *     source lines          without the last newline
 *     -- ast                the tree, when there is no error (or when the case asks for it)
 *     …
 *     -- error              the diagnostics as printed
 *     …
 *
 * FFPF_BLESS=1 writes what came out into the files, for review. The variables
 * are DEV=eth0, PORT=80, EMPTY= and ODD='a "b" }'. What does not fit into such
 * a file (sizes, arena, spelling, clipping) is tested here in C.
 */
#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/lang/arena.h"
#include "lib/lang/ast.h"

static const struct ffpf_variable variables[] = { { "DEV", "eth0" }, { "PORT", "80" }, { "EMPTY", "" }, { "ODD", "a \"b\" }" } };
static const struct ffpf_parse_options options = { variables, 4 };
static bool seen[FFPF_D_COUNT];

struct parsed {
	struct ffpf_arena *arena;
	struct ffpf_diags *diags;
	struct ffpf_ast *ast;
	uint32_t source;
};

static struct parsed parse(const char *text, size_t len)
{
	struct parsed parsed = { .arena = ffpf_arena_new(), .diags = ffpf_diags_new() };

	parsed.source = ffpf_diags_add_source(parsed.diags, "test", text, len);
	parsed.ast = ffpf_parse(parsed.arena, parsed.diags, parsed.source, &options);
	for (const struct ffpf_diag *diag = ffpf_diags_first(parsed.diags); diag; diag = diag->next)
		seen[diag->id] = true;
	return parsed;
}

static void parsed_free(struct parsed *parsed)
{
	ffpf_arena_free(parsed->arena);
	ffpf_diags_free(parsed->diags);
}

static char *printed(const struct parsed *parsed, bool ast, bool diags)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (ast) {
		fputs("-- ast\n", out);
		ffpf_ast_print(parsed->ast, out);
	}
	if (diags) {
		fputs("-- error\n", out);
		ffpf_diags_print(parsed->diags, out, false);
	}
	fclose(out);
	return text;
}

/* ---- golden files ---------------------------------------------------------------------------------------------- */

static size_t unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		if (*in != '\\') {
			*out++ = *in;
		} else if (in[1] == 'x' && isxdigit((unsigned char)in[2]) && isxdigit((unsigned char)in[3])) {
			*out++ = (char)strtoul((char[]){ in[2], in[3], 0 }, NULL, 16);
			in += 3;
		} else {
			in++;
			*out++ = *in == 'n' ? '\n' : *in == 'r' ? '\r' : *in == 't' ? '\t' : *in;
		}
	}
	return (size_t)(out - text);
}

/* Runs the case whose text begins behind its title and ends at end; returns the sections that came out. */
static char *run_case(const char *title, const char *source, size_t len, const char *expected)
{
	char *copy = strndup(source, len);

	if (strstr(title, "[escapes]"))
		len = unescape(copy);
	struct parsed parsed = parse(copy, len);
	bool errors = ffpf_diags_first(parsed.diags);
	char *actual = printed(&parsed, !errors || strstr(expected, "-- ast\n"), errors);

	parsed_free(&parsed);
	free(copy);
	return actual;
}

static char *read_all(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t size = 1u << 20;
	char *text = calloc(1, size);

	assert_non_null(file);
	assert_true(fread(text, 1, size, file) < size);
	fclose(file);
	return text;
}

/* Runs the cases of one file; returns how many differ. out, when not NULL, gets the file as it should be. */
static unsigned run_file(const char *path, FILE *out)
{
	char *text = read_all(path);
	unsigned different = 0;
	char *at = strncmp(text, "== ", 3) ? strstr(text, "\n== ") : text;

	assert_non_null(at);
	if (*at == '\n')
		at++;
	fwrite(text, 1, (size_t)(at - text), out);
	while (at && *at) {
		char *next = strstr(at, "\n== "), *source = strchr(at, '\n') + 1;
		char *end = next ? next + 1 : at + strlen(at);
		char *title = strndup(at, (size_t)(source - 1 - at)), *body = strndup(source, (size_t)(end - source));
		char *sections = strstr(body, "\n-- ast\n"), *errors = strstr(body, "\n-- error\n");

		if (!sections || (errors && errors < sections))
			sections = errors;
		size_t len = sections ? (size_t)(sections - body) : strlen(body);
		while (!sections && len && body[len - 1] == '\n')
			len--;
		const char *expected = sections ? sections + 1 : "";
		char *actual = run_case(title, body, len, expected);
		size_t expected_len = strlen(expected);

		while (expected_len > 1 && expected[expected_len - 1] == '\n' && expected[expected_len - 2] == '\n')
			expected_len--;
		if (expected_len != strlen(actual) || strncmp(expected, actual, expected_len)) {
			different++;
			if (!getenv("FFPF_BLESS"))
				print_error("%s: %s\n%.*s\n-- came out as\n%s", path, title, (int)strlen(body), body, actual);
		}
		fprintf(out, "%s\n%.*s\n%s%s", title, (int)len, body, actual, next ? "\n" : "");
		free(title);
		free(body);
		free(actual);
		at = next ? next + 1 : NULL;
	}
	free(text);
	return different;
}

static int is_case_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 2 && !strcmp(entry->d_name + len - 2, ".t");
}

static void test_golden_files(void **state)
{
	struct dirent **entries;
	int n = scandir(TEST_DIR "/lang", &entries, is_case_file, alphasort);
	unsigned different = 0;

	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		char path[1024], *blessed;
		size_t len;
		FILE *out = open_memstream(&blessed, &len);

		snprintf(path, sizeof(path), TEST_DIR "/lang/%s", entries[i]->d_name);
		unsigned here = run_file(path, out);
		fclose(out);
		if (here && getenv("FFPF_BLESS")) {
			FILE *file = fopen(path, "w");

			assert_non_null(file);
			fwrite(blessed, 1, len, file);
			fclose(file);
			print_message("%s: %u cases rewritten\n", path, here);
		} else {
			different += here;
		}
		free(blessed);
		free(entries[i]);
	}
	free(entries);
	assert_int_equal(different, 0);
}

/* ---- sizes ------------------------------------------------------------------------------------------------------- */

static char *repeat(const char *before, const char *middle, size_t n, const char *after, size_t *len)
{
	size_t middle_len = strlen(middle);
	char *text = malloc(strlen(before) + n * middle_len + strlen(after) + 1), *at = stpcpy(text, before);

	for (size_t i = 0; i < n; i++, at += middle_len)
		memcpy(at, middle, middle_len);
	at = stpcpy(at, after);
	*len = (size_t)(at - text);
	return text;
}

static char *nested(size_t depth, size_t *len)
{
	size_t open_len;
	char *open = repeat("", "[a > b | c > ", depth, "x", &open_len), *text = repeat(open, "]", depth, "", len);

	free(open);
	return text;
}

static void test_nesting(void **state)
{
	size_t len;
	char *text = nested(FFPF_NESTING_MAX, &len);
	struct parsed parsed = parse(text, len);
	char *tree = printed(&parsed, true, false);

	assert_int_equal(ffpf_diags_errors(parsed.diags), 0);
	assert_non_null(strstr(tree, "name x"));
	free(tree);
	parsed_free(&parsed);
	free(text);

	for (size_t depth = FFPF_NESTING_MAX + 1; depth <= 100000; depth = depth < 100000 ? 100000 : depth + 1) {
		text = nested(depth, &len);
		parsed = parse(text, len);
		assert_int_equal(ffpf_diags_errors(parsed.diags), 1);
		assert_int_equal(ffpf_diags_first(parsed.diags)->id, FFPF_D_NESTING_DEEP);
		parsed_free(&parsed);
		free(text);
	}
}

static void test_long_chain(void **state)
{
	size_t len;
	char *text = repeat("[dev eth0]", ">(BPF,\"tcp\")", 9999, "", &len);
	struct parsed parsed = parse(text, len);

	assert_int_equal(ffpf_diags_errors(parsed.diags), 0);
	assert_int_equal(parsed.ast->stmts[0].graph->kind, FFPF_AST_CHAIN);
	assert_int_equal(parsed.ast->stmts[0].graph->n_items, 10000);
	parsed_free(&parsed);
	free(text);
}

static void test_big_texts(void **state)
{
	static const struct {
		const char *before, *middle, *after;
		size_t errors;
	} cases[] = {
		{ "(BPF,\"", "0123456789", "\")", 0 },
		{ "(BPF,\"", "\\\"", "\")", 0 },
		{ "(FPL,{", "\\\"", "})", 0 },
		{ "(FPL,{", "{}", "})", 0 },
		{ "x", "\n", "", 0 },
		{ "x", "\n# a comment", "", 0 },
		{ "x", ">(BPF,\"tcp and dst port 80 and host 192.0.2.1\",name=aaaaaaaaaaaaaaaaaaaa)", "", 0 },
		{ "", ")", "", 1 },
		{ "", ">", "", 1 },
		{ "", "\x01", "", 1 },
		{ "", "a\x01", "", 20 },
		{ "", "& ", "", 1 },
		{ "", "&\n", "", 100 },
		{ "(a,\"", "\\q", "\")", 100 },
		{ "(a,\"", "$q ", "\")", 100 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len;
		char *text = repeat(cases[i].before, cases[i].middle, (10u << 20) / strlen(cases[i].middle), cases[i].after, &len);
		struct parsed parsed = parse(text, len);
		char *diags = printed(&parsed, false, true);

		if (ffpf_diags_errors(parsed.diags) != cases[i].errors)
			fail_msg("case %zu: %zu errors, expected %zu", i, ffpf_diags_errors(parsed.diags), cases[i].errors);
		assert_true(strlen(diags) < 20000);
		free(diags);
		parsed_free(&parsed);
		free(text);
	}
}

static void test_text_too_big(void **state)
{
	size_t len;
	char *text = repeat("", " ", (size_t)FFPF_TEXT_MAX + 1, "", &len);
	struct parsed parsed = parse(text, len);

	assert_int_equal(ffpf_diags_errors(parsed.diags), 1);
	assert_int_equal(ffpf_diags_first(parsed.diags)->id, FFPF_D_TEXT_BIG);
	assert_int_equal(parsed.ast->n_stmts, 0);
	parsed_free(&parsed);
	free(text);
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

static void assert_span(struct ffpf_span span, const char *text, const char *expected)
{
	char *found = strndup(text + span.start, span.end - span.start);

	assert_string_equal(found, expected);
	free(found);
}

static void test_spans(void **state)
{
	static const char text[] = "f = (BPF,expr=\"a\\\"b $PORT c\",{x y})@tc";
	struct parsed parsed = parse(text, strlen(text));
	const struct ffpf_ast_stmt *stmt = &parsed.ast->stmts[0];
	const struct ffpf_ast_node *node = stmt->graph;

	assert_span(stmt->span, text, text);
	assert_span(stmt->name_span, text, "f");
	assert_span(node->span, text, "(BPF,expr=\"a\\\"b $PORT c\",{x y})@tc");
	assert_span(node->name_span, text, "BPF");
	assert_span(node->pin_span, text, "tc");
	assert_span(node->args[0].span, text, "expr=\"a\\\"b $PORT c\"");
	assert_span(node->args[0].name_span, text, "expr");

	const struct ffpf_ast_value *value = &node->args[0].value; /* a"b 80 c */
	assert_string_equal(value->text, "a\"b 80 c");
	assert_span(ffpf_ast_value_span(value, 0, 3), text, "a\\\"b");
	assert_span(ffpf_ast_value_span(value, 1, 2), text, "\\\"");
	assert_span(ffpf_ast_value_span(value, 4, 5), text, "$PORT");
	assert_span(ffpf_ast_value_span(value, 5, 8), text, "$PORT c");
	assert_span(ffpf_ast_value_span(value, 8, 99), text, "");
	assert_int_equal(ffpf_ast_value_span(value, 8, 8).start, value->span.end - 1);

	value = &node->args[1].value;
	assert_null(value->offsets);
	assert_span(value->span, text, "{x y}");
	assert_span(ffpf_ast_value_span(value, 2, 3), text, "y");
	parsed_free(&parsed);
}

static void test_locate(void **state)
{
	struct ffpf_diags *diags = ffpf_diags_new();
	uint32_t one = ffpf_diags_add_source(diags, "one", "ab\n\ncd", 6), two = ffpf_diags_add_source(diags, "two", "", 0);
	static const unsigned expected[][3] = { { 0, 1, 1 }, { 2, 1, 3 }, { 3, 2, 1 }, { 4, 3, 1 }, { 6, 3, 3 }, { 99, 3, 3 } };
	unsigned line, column;
	size_t len;

	assert_int_equal(one, 1);
	assert_int_equal(two, 2);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		ffpf_diags_locate(diags, one, expected[i][0], &line, &column);
		assert_int_equal(line, expected[i][1]);
		assert_int_equal(column, expected[i][2]);
	}
	assert_string_equal(ffpf_diags_source_name(diags, two), "two");
	assert_null(ffpf_diags_source_text(diags, 3, &len));
	assert_null(ffpf_diags_source_text(diags, 0, &len));
	ffpf_diags_free(diags);
	ffpf_diags_free(NULL);
}

/* ---- printing ---------------------------------------------------------------------------------------------------- */

static void assert_printed(struct ffpf_diags *diags, bool colour, const char *expected)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ffpf_diags_print(diags, out, colour);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	ffpf_diags_clear(diags);
}

static void test_print(void **state)
{
	static const char text[] = "# first\n\n[dev eth0] > (pktcout)\n\tx\ty\x1b[2Jz \xc3\xa9\xe2\x80\xae w\n";
	struct ffpf_diags *diags = ffpf_diags_new();
	uint32_t source = ffpf_diags_add_source(diags, "web.ffpf", text, strlen(text));
	struct ffpf_diag *diag = ffpf_diag_error(diags, FFPF_D_CLASS_UNKNOWN, (struct ffpf_span){ source, 23, 30 },
						 "no function class '%s'", "pktcout");

	ffpf_diag_hint(diags, diag, "did you mean '%s'?", "pktcount");
	assert_printed(diags, false,
		       "web.ffpf:3:15: error[class-unknown]: no function class 'pktcout'\n"
		       "   3 | [dev eth0] > (pktcout)\n"
		       "     |               ^~~~~~~\n"
		       "     = hint: did you mean 'pktcount'?\n");
	assert_int_equal(ffpf_diags_errors(diags), 0);

	diag = ffpf_diag_warning(diags, FFPF_D_NAME_UNUSED, (struct ffpf_span){ source, 23, 30 }, "x");
	ffpf_diag_label(diags, diag, (struct ffpf_span){ source, 10, 13 }, "here");
	ffpf_diag_label(diags, diag, (struct ffpf_span){ source, 0, 7 }, "there");
	ffpf_diag_label(diags, diag, (struct ffpf_span){ source, 0, 7 }, "one too many");
	assert_printed(diags, false,
		       "web.ffpf:3:15: warning[name-unused]: x\n"
		       "   3 | [dev eth0] > (pktcout)\n"
		       "     |               ^~~~~~~\n"
		       "     |  ~~~ here\n"
		       "   1 | # first\n"
		       "     | ~~~~~~~ there\n");

	/* Tabs keep their columns, control and direction characters are shown; a character of two bytes is one column. */
	ffpf_diag_error(diags, FFPF_D_SYNTAX, (struct ffpf_span){ source, 48, 49 }, "bad\x1b");
	assert_printed(diags, false,
		       "web.ffpf:4:17: error[syntax]: bad<1B>\n"
		       "   4 | \tx\ty<1B>[2Jz \xc3\xa9<U+202E> w\n"
		       "     | \t \t                    ^\n");
	ffpf_diag_error(diags, FFPF_D_SYNTAX, (struct ffpf_span){ 0, 0, 0 }, "no place");
	assert_printed(diags, false, "error[syntax]: no place\n");
	ffpf_diag_error(diags, FFPF_D_SYNTAX, (struct ffpf_span){ source, 0, 1 }, "c");
	assert_printed(diags, true,
		       "\033[1mweb.ffpf:1:1: \033[1;31merror[syntax]:\033[0m \033[1mc\033[0m\n"
		       "   1 | # first\n"
		       "     | \033[32m^\033[0m\n");
	ffpf_diags_free(diags);
}

static void test_print_long_line(void **state)
{
	size_t len;
	char *text = repeat("", "0123456789", 1u << 20, "", &len), *out_text;
	struct ffpf_diags *diags = ffpf_diags_new();
	uint32_t source = ffpf_diags_add_source(diags, "long", text, len);
	FILE *out = open_memstream(&out_text, &len);

	ffpf_diag_error(diags, FFPF_D_SYNTAX, (struct ffpf_span){ source, 5000000, 5000003 }, "%s", text);
	ffpf_diags_print(diags, out, false);
	fclose(out);
	assert_true(len < 4000);
	assert_non_null(strstr(out_text, "long:1:5000001: error[syntax]: 0123"));
	char *line = strstr(out_text, "\n   1 | …"), *mark = strstr(out_text, "     |  ");
	assert_non_null(line);
	assert_non_null(mark);
	/* The mark stands below byte 5000000, a '0'; the sign of omission has three bytes and one column. */
	assert_int_equal(line[1 + strcspn(mark, "^") + 2], '0');
	assert_memory_equal(mark + strcspn(mark, "^"), "^~~\n", 4);
	free(out_text);
	free(text);
	ffpf_diags_free(diags);
}

static void test_print_cap(void **state)
{
	struct ffpf_diags *diags = ffpf_diags_new();
	char expected[2000] = "";

	for (int i = 0; i < 23; i++)
		ffpf_diag_error(diags, FFPF_D_SYNTAX, (struct ffpf_span){ 0 }, "e");
	for (int i = 0; i < 20; i++)
		strcat(expected, "error[syntax]: e\n");
	assert_int_equal(ffpf_diags_errors(diags), 23);
	assert_printed(diags, false, strcat(expected, "… and 3 more\n"));
	ffpf_diags_free(diags);
}

/* ---- small things ------------------------------------------------------------------------------------------------ */

static const char *candidate(const void *arg, size_t i)
{
	return ((const char *const *)arg)[i];
}

static void test_nearest(void **state)
{
	static const char *const names[] = { "pktcount", "bytecount", "BPF", "dev", "strsearch", "drop", NULL };
	static const char *const pairs[][2] = {
		{ "pktcout", "pktcount" }, { "pkctount", "pktcount" }, { "PKTCOUNT", "pktcount" }, { "bpf", "BPF" },
		{ "BFP", "BPF" }, { "strsrch", "strsearch" }, { "dv", "dev" }, { "drpo", "drop" },
		{ "zzz", NULL }, { "x", NULL }, { "", NULL }, { "compress", NULL },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *near = ffpf_diag_nearest(pairs[i][0], candidate, names);

		if (pairs[i][1])
			assert_string_equal(near ? near : "(none)", pairs[i][1]);
		else
			assert_null(near);
	}
}

static void test_arena(void **state)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	int *numbers = NULL;
	size_t capacity = 0;

	for (int i = 0; i < 100000; i++) {
		numbers = ffpf_arena_grow(arena, numbers, (size_t)i, &capacity, sizeof(*numbers));
		numbers[i] = i;
	}
	for (int i = 0; i < 100000; i++)
		assert_int_equal(numbers[i], i);
	for (size_t size = 0; size < 200000; size = size * 2 + 1) {
		unsigned char *memory = ffpf_arena_alloc(arena, size);

		assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(memory[i], 0);
		memset(memory, 0xff, size);
	}
	assert_string_equal(ffpf_arena_strndup(arena, "abcdef", 3), "abc");
	assert_string_equal(ffpf_arena_printf(arena, "%d-%s", 7, "x"), "7-x");
	ffpf_arena_free(arena);
	ffpf_arena_free(NULL);
}

/* Runs last: every diagnostic of scanner and parser was raised by a test above. BARE_NAME is raised later, in graph/. */
static void test_every_diagnostic(void **state)
{
	for (unsigned id = 0; id <= FFPF_D_VARIABLE_UNDEFINED; id++) {
		assert_non_null(ffpf_diag_id_name(id));
		if (id != FFPF_D_BARE_NAME && !seen[id])
			fail_msg("no case for the diagnostic %s", ffpf_diag_id_name(id));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_files), cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_long_chain),   cmocka_unit_test(test_big_texts),
		cmocka_unit_test(test_text_too_big), cmocka_unit_test(test_spans),
		cmocka_unit_test(test_locate),	     cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_long_line), cmocka_unit_test(test_print_cap),
		cmocka_unit_test(test_nearest),	     cmocka_unit_test(test_arena),
		cmocka_unit_test(test_every_diagnostic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
