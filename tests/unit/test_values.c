/* SPDX-License-Identifier: BSD-2-Clause */
/* Values: every type, what it takes, what it refuses, and where the refusal points. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <lib/graph/values.h>
#include <lib/lang/arena.h>

static struct ffpf_diags *diags;

/* Parses text as a value of the parameter. */
static int parse(const struct ffpf_param *param, const char *text, struct ffpf_value *value)
{
	struct ffpf_ast_value *written;

	ffpf_diags_free(diags);
	diags = ffpf_diags_new();
	written = ffpf_arena_alloc(ffpf_diags_arena(diags), sizeof(*written));
	*written = (struct ffpf_ast_value){.kind = FFPF_AST_WORD, .text = text, .len = strlen(text)};
	written->span.source = ffpf_diags_add_source(diags, "test", text, strlen(text));
	written->span.end = (uint32_t)written->len;
	memset(value, 0xa5, sizeof(*value));
	return ffpf_value_parse(ffpf_diags_arena(diags), diags, param, written, value);
}

static void check_number(enum ffpf_type type, const char *text, int64_t expected)
{
	struct ffpf_param param = {.name = "p", .type = type, .min = INT64_MIN, .max = INT64_MAX};
	struct ffpf_value value;

	if (parse(&param, text, &value) < 0)
		fail_msg("'%s' refused: %s", text, ffpf_diags_first(diags)->message);
	if (value.i != expected)
		fail_msg("'%s' is %lld, not %lld", text, (long long)value.i, (long long)expected);
	assert_true(value.set && value.given && value.ast);
}

/* Refused with the id, and the span [start, end); the output untouched. */
static void check_refused(const struct ffpf_param *param, const char *text, enum ffpf_diag_id id, unsigned start,
			  unsigned end)
{
	struct ffpf_value value, untouched;

	memset(&untouched, 0xa5, sizeof(untouched));
	if (parse(param, text, &value) != -EINVAL)
		fail_msg("'%s' was accepted", text);
	assert_memory_equal(&value, &untouched, sizeof(value));
	assert_int_equal(ffpf_diags_errors(diags), 1);
	const struct ffpf_diag *diag = ffpf_diags_first(diags);
	if (diag->id != id || diag->span.start != start || diag->span.end != end)
		fail_msg("'%s': %s at %u..%u: %s", text, ffpf_diag_id_name(diag->id), diag->span.start, diag->span.end,
			 diag->message);
}

#define REFUSED(type_, text, start, end)                                                                               \
	check_refused(&(struct ffpf_param){.name = "p", .type = type_}, text, FFPF_D_VALUE_TYPE, start, end)

static void test_counts(void **state)
{
	check_number(FFPF_TYPE_COUNT, "0", 0);
	check_number(FFPF_TYPE_COUNT, "+7", 7);
	check_number(FFPF_TYPE_COUNT, "64k", 64000);
	check_number(FFPF_TYPE_COUNT, "1.5M", 1500000);
	check_number(FFPF_TYPE_COUNT, "2.0", 2);
	check_number(FFPF_TYPE_COUNT, "-3", -3);
	check_number(FFPF_TYPE_COUNT, "9223372036854775807", INT64_MAX);
	check_number(FFPF_TYPE_COUNT, "-9223372036854775808", INT64_MIN);
	check_number(FFPF_TYPE_COUNT, "0.000000000000000000000000000000", 0);
	check_number(FFPF_TYPE_COUNT, "1.500000000000000000000000k", 1500);
	REFUSED(FFPF_TYPE_COUNT, "", 0, 0);
	REFUSED(FFPF_TYPE_COUNT, "x", 0, 1);
	REFUSED(FFPF_TYPE_COUNT, "-1", 0, 2);
	REFUSED(FFPF_TYPE_COUNT, "-", 0, 1);
	REFUSED(FFPF_TYPE_COUNT, "1.5", 0, 3);
	REFUSED(FFPF_TYPE_COUNT, "1.", 1, 2);
	REFUSED(FFPF_TYPE_COUNT, "10x", 2, 3);
	REFUSED(FFPF_TYPE_COUNT, "10 k", 2, 4);
	check_number(FFPF_TYPE_COUNT, "0x10", 16);
	check_number(FFPF_TYPE_COUNT, "0XfFk", 255000);
	check_number(FFPF_TYPE_SIZE, "0x1fM", 0x1f << 20);
	check_number(FFPF_TYPE_COUNT, "0x7fffffffffffffff", INT64_MAX);
	REFUSED(FFPF_TYPE_COUNT, "0x", 1, 2);
	REFUSED(FFPF_TYPE_COUNT, "0xg", 1, 3);
	REFUSED(FFPF_TYPE_COUNT, "0x8000000000000000", 0, 18);
	REFUSED(FFPF_TYPE_COUNT, "0x100000000000000000000000000000000001", 0, 38);
	REFUSED(FFPF_TYPE_COUNT, "-0x1", 0, 4);
	REFUSED(FFPF_TYPE_COUNT, "0.00000000000000000000000000001", 0, 31);
	REFUSED(FFPF_TYPE_COUNT, "9223372036854775808", 0, 19);
	REFUSED(FFPF_TYPE_COUNT, "10000000T", 0, 9);
	REFUSED(FFPF_TYPE_COUNT, "99999999999999999999999999999999999999999999999999G", 0, 51);
}

static void test_sizes(void **state)
{
	check_number(FFPF_TYPE_SIZE, "64k", 65536);
	check_number(FFPF_TYPE_SIZE, "64K", 65536);
	check_number(FFPF_TYPE_SIZE, "64kB", 65536);
	check_number(FFPF_TYPE_SIZE, "64KiB", 65536);
	check_number(FFPF_TYPE_SIZE, "1500B", 1500);
	check_number(FFPF_TYPE_SIZE, "0.5k", 512);
	check_number(FFPF_TYPE_SIZE, "1G", 1 << 30);
	REFUSED(FFPF_TYPE_SIZE, "64m", 2, 3);
	REFUSED(FFPF_TYPE_SIZE, "0.3k", 0, 4);
	REFUSED(FFPF_TYPE_SIZE, "8388608T", 0, 8);
}

static void test_rates(void **state)
{
	check_number(FFPF_TYPE_RATE, "1Gbit", 1000000000);
	check_number(FFPF_TYPE_RATE, "5Mbit/s", 5000000);
	check_number(FFPF_TYPE_RATE, "2.5Gbps", 2500000000);
	check_number(FFPF_TYPE_RATE, "10kpps", 10000);
	check_number(FFPF_TYPE_RATE, "10k", 10000);
	check_number(FFPF_TYPE_RATE, "10/s", 10);
	check_number(FFPF_TYPE_RATE, "10pps", 10);
	REFUSED(FFPF_TYPE_RATE, "1Gbits", 1, 6);
	REFUSED(FFPF_TYPE_RATE, "1mpps", 1, 5);
}

static void test_times(void **state)
{
	check_number(FFPF_TYPE_TIME, "10ms", 10000000);
	check_number(FFPF_TYPE_TIME, "1us", 1000);
	check_number(FFPF_TYPE_TIME, "1\u00b5s", 1000);
	check_number(FFPF_TYPE_TIME, "1\u03bcs", 1000);
	check_number(FFPF_TYPE_TIME, "3", 3000000000);
	check_number(FFPF_TYPE_TIME, "0.1", 100000000);
	check_number(FFPF_TYPE_TIME, "1.5h", 5400000000000);
	check_number(FFPF_TYPE_TIME, "2m", 120000000000);
	check_number(FFPF_TYPE_TIME, "5ns", 5);
	REFUSED(FFPF_TYPE_TIME, "0.5ns", 0, 5);
	REFUSED(FFPF_TYPE_TIME, "10sec", 2, 5);
	REFUSED(FFPF_TYPE_TIME, "10000000h", 0, 9);
}

static void test_ranges_of_numbers(void **state)
{
	struct ffpf_param size = {.name = "width", .type = FFPF_TYPE_SIZE, .min = 1, .max = 65536};
	struct ffpf_param sign = {.name = "n", .type = FFPF_TYPE_COUNT, .min = -5, .max = 5};
	struct ffpf_value value;

	check_refused(&size, "65k", FFPF_D_VALUE_RANGE, 0, 3);
	assert_string_equal(ffpf_diags_first(diags)->message, "'width' takes 1 to 64k");
	check_refused(&size, "0", FFPF_D_VALUE_RANGE, 0, 1);
	check_refused(&size, "-1", FFPF_D_VALUE_RANGE, 0, 2);
	check_refused(&size, "99999999999999999999999", FFPF_D_VALUE_RANGE, 0, 23);
	assert_int_equal(parse(&size, "64k", &value), 0);
	assert_int_equal(parse(&sign, "-5", &value), 0);
	check_refused(&sign, "-6", FFPF_D_VALUE_RANGE, 0, 2);
	struct ffpf_param time = {.name = "t", .type = FFPF_TYPE_TIME, .min = 1000000, .max = 3600000000000};
	check_refused(&time, "2h", FFPF_D_VALUE_RANGE, 0, 2);
	assert_string_equal(ffpf_diags_first(diags)->message, "'t' takes 1ms to 1h");
}

static void check_float(const char *text, double expected)
{
	struct ffpf_param param = {.name = "p", .type = FFPF_TYPE_FLOAT};
	struct ffpf_value value;

	assert_int_equal(parse(&param, text, &value), 0);
	assert_true(value.f > expected - 1e-12 && value.f < expected + 1e-12);
}

static void test_floats(void **state)
{
	struct ffpf_param probability = {.name = "p", .type = FFPF_TYPE_FLOAT, .min = 0, .max = 1};

	check_float("0.25", 0.25);
	check_float("10%", 0.1);
	check_float(".5", 0.5);
	check_float("5.", 5);
	check_float("-1e-3", -0.001);
	check_float("2E2", 200);
	REFUSED(FFPF_TYPE_FLOAT, "nan", 0, 3);
	REFUSED(FFPF_TYPE_FLOAT, "inf", 0, 3);
	REFUSED(FFPF_TYPE_FLOAT, ".", 0, 1);
	REFUSED(FFPF_TYPE_FLOAT, "+-1", 0, 3);
	REFUSED(FFPF_TYPE_FLOAT, "0x1p3", 1, 5);
	REFUSED(FFPF_TYPE_FLOAT, "1e", 1, 2);
	REFUSED(FFPF_TYPE_FLOAT, "10%%", 2, 4);
	REFUSED(FFPF_TYPE_FLOAT, "1e999", 0, 5);
	REFUSED(FFPF_TYPE_FLOAT, "", 0, 0);
	check_refused(&probability, "1.01", FFPF_D_VALUE_RANGE, 0, 4);
	check_refused(&probability, "-1%", FFPF_D_VALUE_RANGE, 0, 3);
}

static void test_words(void **state)
{
	static const char *const choices[] = {"log2", "linear", NULL};
	struct ffpf_param choice = {.name = "bins", .type = FFPF_TYPE_CHOICE, .choices = choices};
	struct ffpf_param flag = {.name = "f", .type = FFPF_TYPE_BOOL};
	struct ffpf_value value;

	assert_int_equal(parse(&choice, "linear", &value), 0);
	assert_int_equal(value.i, 1);
	check_refused(&choice, "liner", FFPF_D_VALUE_CHOICE, 0, 5);
	assert_string_equal(ffpf_diags_first(diags)->hint, "did you mean 'linear'?");
	check_refused(&choice, "", FFPF_D_VALUE_CHOICE, 0, 0);
	for (const char *const *word = (const char *const[]){"yes", "on", "true", "1", "Yes", NULL}; *word; word++) {
		assert_int_equal(parse(&flag, *word, &value), 0);
		assert_int_equal(value.i, 1);
	}
	assert_int_equal(parse(&flag, "off", &value), 0);
	assert_int_equal(value.i, 0);
	REFUSED(FFPF_TYPE_BOOL, "2", 0, 1);
	REFUSED(FFPF_TYPE_DEVICE, "", 0, 0);
	REFUSED(FFPF_TYPE_DEVICE, "a/b", 1, 2);
	REFUSED(FFPF_TYPE_DEVICE, "a b", 1, 2);
	REFUSED(FFPF_TYPE_DEVICE, "..", 0, 2);
	REFUSED(FFPF_TYPE_DEVICE, "sixteen-chars-16", 0, 16);
	assert_int_equal(parse(&(struct ffpf_param){.name = "p", .type = FFPF_TYPE_DEVICE}, "fifteen-chars-1", &value),
			 0);
	REFUSED(FFPF_TYPE_FILE, "", 0, 0);
	assert_int_equal(parse(&(struct ffpf_param){.name = "p", .type = FFPF_TYPE_STRING}, "", &value), 0);
	assert_string_equal(value.s, "");
}

static void check_address(enum ffpf_type type, const char *text, const uint8_t *bytes, size_t n, int prefix)
{
	struct ffpf_param param = {.name = "p", .type = type};
	struct ffpf_value value;

	if (parse(&param, text, &value) < 0)
		fail_msg("'%s' refused: %s", text, ffpf_diags_first(diags)->message);
	assert_memory_equal(value.bytes, bytes, n);
	assert_int_equal(value.i, prefix);
}

static void test_addresses(void **state)
{
	static const uint8_t mac[] = {0x02, 0x00, 0x5e, 0x10, 0xab, 0x0f}, v4[] = {192, 0, 2, 1};
	static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};

	check_address(FFPF_TYPE_MAC, "02:00:5e:10:ab:0f", mac, 6, 0);
	check_address(FFPF_TYPE_MAC, "2:0:5E:10:AB:f", mac, 6, 0);
	check_address(FFPF_TYPE_MAC, "02-00-5e-10-ab-0f", mac, 6, 0);
	check_address(FFPF_TYPE_IPV4, "192.0.2.1", v4, 4, 32);
	check_address(FFPF_TYPE_IPV4, "192.0.2.1/24", v4, 4, 24);
	check_address(FFPF_TYPE_IPV4, "192.0.2.1/0", v4, 4, 0);
	check_address(FFPF_TYPE_IPV6, "2001:db8::1", v6, 16, 128);
	check_address(FFPF_TYPE_IPV6, "2001:db8::1/64", v6, 16, 64);
	REFUSED(FFPF_TYPE_MAC, "", 0, 0);
	REFUSED(FFPF_TYPE_MAC, "02:00:5e:10:ab", 0, 14);
	REFUSED(FFPF_TYPE_MAC, "02:00:5e:10:ab:0f:11", 17, 20);
	REFUSED(FFPF_TYPE_MAC, "02:00:5e:10:ab:00f", 17, 18);
	REFUSED(FFPF_TYPE_MAC, "02:0g:5e:10:ab:0f", 4, 17);
	REFUSED(FFPF_TYPE_IPV4, "", 0, 0);
	REFUSED(FFPF_TYPE_IPV4, "192.0.2", 0, 7);
	REFUSED(FFPF_TYPE_IPV4, "192.0.2.256", 0, 11);
	REFUSED(FFPF_TYPE_IPV4, "192.0.2.1/33", 9, 12);
	REFUSED(FFPF_TYPE_IPV4, "192.0.2.1/", 9, 10);
	REFUSED(FFPF_TYPE_IPV4, "192.0.2.1/-1", 9, 12);
	REFUSED(FFPF_TYPE_IPV4, "192.0.2.1/4294967320", 9, 20);
	REFUSED(FFPF_TYPE_IPV4, "2001:db8::1", 0, 11);
	REFUSED(FFPF_TYPE_IPV6, "192.0.2.1", 0, 9);
	REFUSED(FFPF_TYPE_IPV6, "2001:db8::1/129", 11, 15);
	REFUSED(FFPF_TYPE_IPV6, "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", 0, 54);
}

static void test_ranges(void **state)
{
	struct ffpf_param param = {.name = "ports", .type = FFPF_TYPE_RANGE, .min = 0, .max = 65535};
	struct ffpf_value value;

	assert_int_equal(parse(&param, "2..9", &value), 0);
	assert_true(value.i == 2 && value.j == 9);
	assert_int_equal(parse(&param, "0x10..0xfF", &value), 0);
	assert_true(value.i == 16 && value.j == 255);
	assert_int_equal(parse(&param, "7", &value), 0);
	assert_true(value.i == 7 && value.j == 7);
	check_refused(&param, "9..2", FFPF_D_VALUE_TYPE, 0, 4);
	check_refused(&param, "2..", FFPF_D_VALUE_TYPE, 0, 3);
	check_refused(&param, "..9", FFPF_D_VALUE_TYPE, 0, 3);
	check_refused(&param, "2..9x", FFPF_D_VALUE_TYPE, 4, 5);
	check_refused(&param, "2...9", FFPF_D_VALUE_TYPE, 3, 5);
	check_refused(&param, "2..65536", FFPF_D_VALUE_RANGE, 3, 8);
	REFUSED(FFPF_TYPE_RANGE, "1..9223372036854775808", 3, 22);
	REFUSED(FFPF_TYPE_RANGE, "", 0, 0);
}

/* As one would write it, and read back as the same number. */
static void test_format(void **state)
{
	static const struct {
		enum ffpf_type type;
		int64_t number;
		const char *text;
	} cases[] = {
		{FFPF_TYPE_SIZE, 65536, "64k"}, {FFPF_TYPE_SIZE, 1000, "1000"},	    {FFPF_TYPE_COUNT, 1000000, "1M"},
		{FFPF_TYPE_COUNT, 0, "0"},	{FFPF_TYPE_TIME, 10000000, "10ms"}, {FFPF_TYPE_IPV4, 1000, "1000"},
		{FFPF_TYPE_COUNT, -5, "-5"},
	};
	char text[32], tiny[3];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ffpf_value_format(cases[i].type, cases[i].number, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
	ffpf_value_format(FFPF_TYPE_SIZE, 65536, tiny, sizeof(tiny));
	assert_string_equal(tiny, "64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_ranges_of_numbers),
		cmocka_unit_test(test_floats),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_format),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	ffpf_diags_free(diags);
	return failed;
}
