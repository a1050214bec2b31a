/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The language front end. The golden files are tests/lang/<name>.t (see golden.h) with two sections:
 *
 *     -- ast                the tree, when there is no error (or when the case asks for it)
 *     -- error              the diagnostics as printed
 *
 * The variables are DEV=eth0, PORT=80, EMPTY= and ODD='a "b" }'. What does not fit into such
 * a file (sizes, arena, spelling, clipping) is tested here in C.
 */
#include "golden.h"

#include "lib/lang/arena.h"
#include "lib/lang/ast.h"

static const struct ffpf_variable variables[] = {{"DEV", "eth0"}, {"PORT", "80"}, {"EMPTY", ""}, {"ODD", "a \"b\" }"}};
static const struct ffpf_parse_options options = {variables, 4};
static bool seen[FFPF_D_COUNT];

struct parsed {
	struct ffpf_arena *arena;
	struct ffpf_diags *diags;
	struct ffpf_ast *ast;
	uint32_t source;
};

static struct parsed parse(const char *text, size_t len)
{
	struct parsed parsed = {.arena = ffpf_arena_new(), .diags = ffpf_diags_new()};

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

static const char *const sections[] = {"ast", "error", NULL};

static char *run_case(const char *source, size_t len, const char *expected)
{
	struct parsed parsed = parse(source, len);
	bool errors = ffpf_diags_first(parsed.diags);
	char *actual = printed(&parsed, !errors || strstr(expected, "-- ast\n"), errors);

	parsed_free(&parsed);
	return actual;
}

static void test_golden_files(void **state)
{
	golden_folder(TEST_DIR "/lang", sections, run_case);
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

/* Linear time, so that a sanitizer may see less of it. */
#ifdef __SANITIZE_ADDRESS__
#define BIG (2u << 20)
#else
#define BIG (10u << 20)
#endif

static void test_big_texts(void **state)
{
	static const struct {
		const char *before, *middle, *after;
		size_t errors;
	} cases[] = {
		{"(BPF,\"", "0123456789", "\")", 0},
		{"(BPF,\"", "\\\"", "\")", 0},
		{"(FPL,{", "\\\"", "})", 0},
		{"(FPL,{", "{}", "})", 0},
		{"x", "\n", "", 0},
		{"x", "\n# a comment", "", 0},
		{"x", ">(BPF,\"tcp and dst port 80 and host 192.0.2.1\",name=aaaaaaaaaaaaaaaaaaaa)", "", 0},
		{"", ")", "", 1},
		{"", ">", "", 1},
		{"", "\x01", "", 1},
		{"", "a\x01", "", 20},
		{"", "&\n", "", 100},
		{"(a,\"", "\\q", "\")", 100},
		{"(a,\"", "$q ", "\")", 100},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len;
		char *text =
			repeat(cases[i].before, cases[i].middle, BIG / strlen(cases[i].middle), cases[i].after, &len);
		struct parsed parsed = parse(text, len);
		char *diags = printed(&parsed, false, true);

		if (ffpf_diags_errors(parsed.diags) != cases[i].errors)
			fail_msg("case %zu: %zu errors, expected %zu", i, ffpf_diags_errors(parsed.diags),
				 cases[i].errors);
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

/* Runs last: every diagnostic of scanner and parser was raised by a test above. BARE_NAME is raised later, in graph/.
 */
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
		cmocka_unit_test(test_golden_files),	 cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_long_chain),	 cmocka_unit_test(test_big_texts),
		cmocka_unit_test(test_text_too_big),	 cmocka_unit_test(test_spans),
		cmocka_unit_test(test_every_diagnostic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
