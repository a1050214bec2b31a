/* SPDX-License-Identifier: BSD-2-Clause */
/* The arena, and diagnostics: finding places, printing, clipping, "did you mean". */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ffpf/diag.h>
#include "lib/lang/arena.h"

static void test_locate(void **state)
{
	struct ffpf_diags *diags = ffpf_diags_new();
	uint32_t one = ffpf_diags_add_source(diags, "one", "ab\n\ncd", 6),
		 two = ffpf_diags_add_source(diags, "two", "", 0);
	static const unsigned expected[][3] = {{0, 1, 1}, {2, 1, 3}, {3, 2, 1}, {4, 3, 1}, {6, 3, 3}, {99, 3, 3}};
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
	struct ffpf_diag *diag = ffpf_diag_error(diags, FFPF_D_CLASS_UNKNOWN, (struct ffpf_span){source, 23, 30},
						 "no function class '%s'", "pktcout");

	ffpf_diag_hint(diags, diag, "did you mean '%s'?", "pktcount");
	assert_printed(diags, false,
		       "web.ffpf:3:15: error[class-unknown]: no function class 'pktcout'\n"
		       "   3 | [dev eth0] > (pktcout)\n"
		       "     |               ^~~~~~~\n"
		       "     = hint: did you mean 'pktcount'?\n");
	assert_int_equal(ffpf_diags_errors(diags), 0);

	diag = ffpf_diag_warning(diags, FFPF_D_NAME_UNUSED, (struct ffpf_span){source, 23, 30}, "x");
	ffpf_diag_label(diags, diag, (struct ffpf_span){source, 10, 13}, "here");
	ffpf_diag_label(diags, diag, (struct ffpf_span){source, 0, 7}, "there");
	ffpf_diag_label(diags, diag, (struct ffpf_span){source, 0, 7}, "one too many");
	assert_printed(diags, false,
		       "web.ffpf:3:15: warning[name-unused]: x\n"
		       "   3 | [dev eth0] > (pktcout)\n"
		       "     |               ^~~~~~~\n"
		       "     |  ~~~ here\n"
		       "   1 | # first\n"
		       "     | ~~~~~~~ there\n");

	/* Tabs keep their columns, control and direction characters are shown; a character of two bytes is one column.
	 */
	ffpf_diag_error(diags, FFPF_D_SYNTAX, (struct ffpf_span){source, 48, 49}, "bad\x1b");
	assert_printed(diags, false,
		       "web.ffpf:4:17: error[syntax]: bad<1B>\n"
		       "   4 | \tx\ty<1B>[2Jz \xc3\xa9<U+202E> w\n"
		       "     | \t \t                    ^\n");
	ffpf_diag_error(diags, FFPF_D_SYNTAX, (struct ffpf_span){0, 0, 0}, "no place");
	assert_printed(diags, false, "error[syntax]: no place\n");
	ffpf_diag_error(diags, FFPF_D_SYNTAX, (struct ffpf_span){source, 0, 1}, "c");
	assert_printed(diags, true,
		       "\033[1mweb.ffpf:1:1: \033[1;31merror[syntax]:\033[0m \033[1mc\033[0m\n"
		       "   1 | # first\n"
		       "     | \033[32m^\033[0m\n");
	ffpf_diags_free(diags);
}

static char *digits(size_t tens, size_t *len)
{
	char *text = malloc(tens * 10 + 1);

	for (size_t i = 0; i < tens; i++)
		memcpy(text + i * 10, "0123456789", 11);
	*len = tens * 10;
	return text;
}

static void test_print_long_line(void **state)
{
	size_t len;
	char *text = digits(1u << 20, &len), *out_text;
	struct ffpf_diags *diags = ffpf_diags_new();
	uint32_t source = ffpf_diags_add_source(diags, "long", text, len);
	FILE *out = open_memstream(&out_text, &len);

	ffpf_diag_error(diags, FFPF_D_SYNTAX, (struct ffpf_span){source, 5000000, 5000003}, "%s", text);
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
		ffpf_diag_error(diags, FFPF_D_SYNTAX, (struct ffpf_span){0}, "e");
	for (int i = 0; i < 20; i++)
		strcat(expected, "error[syntax]: e\n");
	assert_int_equal(ffpf_diags_errors(diags), 23);
	assert_printed(diags, false, strcat(expected, "… and 3 more\n"));
	ffpf_diags_free(diags);
}

static const char *candidate(const void *arg, size_t i)
{
	return ((const char *const *)arg)[i];
}

static void test_nearest(void **state)
{
	static const char *const names[] = {"pktcount", "bytecount", "BPF", "dev", "strsearch", "drop", NULL};
	static const char *const pairs[][2] = {
		{"pktcout", "pktcount"},
		{"pkctount", "pktcount"},
		{"PKTCOUNT", "pktcount"},
		{"bpf", "BPF"},
		{"BFP", "BPF"},
		{"strsrch", "strsearch"},
		{"dv", "dev"},
		{"drpo", "drop"},
		{"zzz", NULL},
		{"x", NULL},
		{"", NULL},
		{"compress", NULL},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_locate),		cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_long_line), cmocka_unit_test(test_print_cap),
		cmocka_unit_test(test_nearest),		cmocka_unit_test(test_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
