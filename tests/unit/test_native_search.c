/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Searching for patterns: their text, and the automaton and the scan with wide registers against the plainest search
 * there is, on random bytes of few letters, so that patterns overlap, contain and continue each other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packets.h"

#include <flowspaces/user/strscan.h>

/* ---- the text -------------------------------------------------------------------------------- */

static void texts_of_patterns(void **state)
{
	static const uint8_t third[] = {'|', '\\', '\n', '\r', '\t', 0, 0xa9, 'B'};
	struct ffpf_patterns_mistake mistake;
	struct ffpf_patterns p;
	const char *text = "GET |a|\\|\\\\\\n\\r\\t\\0\\xa9\\x42";

	assert_true(ffpf_patterns_read(text, strlen(text), &p, &mistake));
	assert_int_equal(p.n, 3);
	assert_int_equal(p.length[0], 4);
	assert_memory_equal(p.bytes[0], "GET ", 4);
	assert_int_equal(p.length[1], 1);
	assert_int_equal(p.length[2], sizeof(third));
	assert_memory_equal(p.bytes[2], third, sizeof(third));
}

static void mistakes_in_texts(void **state)
{
	static const struct {
		const char *text;
		int what;
		size_t start, end;
	} cases[] = {
		{"", FFPF_PATTERNS_EMPTY, 0, 0},	 {"a||b", FFPF_PATTERNS_EMPTY, 2, 3},
		{"a|", FFPF_PATTERNS_EMPTY, 2, 2},	 {"|a", FFPF_PATTERNS_EMPTY, 0, 1},
		{"ab\\q", FFPF_PATTERNS_ESCAPE, 2, 4},	 {"a\\", FFPF_PATTERNS_END, 1, 2},
		{"a\\x", FFPF_PATTERNS_DIGITS, 1, 3},	 {"a\\x4", FFPF_PATTERNS_DIGITS, 1, 3},
		{"\\x4g|b", FFPF_PATTERNS_DIGITS, 0, 2}, {"\\xg4", FFPF_PATTERNS_DIGITS, 0, 2},
	};
	struct ffpf_patterns_mistake m;
	struct ffpf_patterns p;
	char text[1024] = "";

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(ffpf_patterns_read(cases[i].text, strlen(cases[i].text), &p, &m));
		if ((int)m.what != cases[i].what || m.start != cases[i].start || m.end != cases[i].end)
			fail_msg("'%s': %d at %zu to %zu", cases[i].text, m.what, m.start, m.end);
	}
	memset(text, 'a', 257);
	assert_false(ffpf_patterns_read(text, 257, &p, &m));
	assert_int_equal(m.what, FFPF_PATTERNS_LONG);
	assert_true(ffpf_patterns_read(text, 256, &p, &m));
	assert_int_equal(p.length[0], 256);
	for (size_t i = 0; i < 65; i++)
		memcpy(text + 2 * i, "a|", 2);
	assert_true(ffpf_patterns_read(text, 2 * 64 - 1, &p, &m));
	assert_int_equal(p.n, 64);
	assert_false(ffpf_patterns_read(text, 2 * 65 - 1, &p, &m));
	assert_int_equal(m.what, FFPF_PATTERNS_MANY);
	assert_int_equal(m.start, 2 * 64);
	/* Not ended: nothing behind its size is looked at. */
	assert_true(ffpf_patterns_read("ab\\", 2, &p, &m));
}

/* ---- the search ------------------------------------------------------------------------------ */

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool equal(const uint8_t *x, const uint8_t *y, size_t n, bool nocase)
{
	for (size_t i = 0; i < n; i++)
		if (nocase ? lower(x[i]) != lower(y[i]) : x[i] != y[i])
			return false;
	return true;
}

static uint64_t plainest(const struct ffpf_patterns *p, const uint8_t *data, size_t n, bool nocase)
{
	uint64_t found = 0;

	for (unsigned i = 0; i < p->n; i++)
		for (size_t at = 0; at + p->length[i] <= n; at++)
			if (equal(data + at, p->bytes[i], p->length[i], nocase)) {
				found |= (uint64_t)1 << i;
				break;
			}
	return found;
}

struct searching {
	struct ffpf_patterns patterns;
	struct ffpf_search search;
	struct ffpf_strscan wide, plain;
	bool nocase;
	void *memory;
};

static void prepare(struct searching *s, bool nocase)
{
	s->nocase = nocase;
	s->memory = malloc(ffpf_search_size(&s->patterns, nocase));
	assert_non_null(s->memory);
	ffpf_search_build(&s->search, &s->patterns, nocase, s->memory);
	ffpf_strscan_init(&s->wide, &s->search, &s->patterns, nocase, false);
	ffpf_strscan_init(&s->plain, &s->search, &s->patterns, nocase, true);
}

/* In memory of just the size; in a row, and in two parts. */
static void compare(const struct searching *s, const uint8_t *bytes, size_t n, size_t cut)
{
	uint64_t expected = plainest(&s->patterns, bytes, n, s->nocase), parts = 0;
	uint8_t *copy = malloc(n ? n : 1);
	uint16_t state = 0;

	memcpy(copy, bytes, n);
	assert_int_equal(ffpf_strscan_run(&s->wide, copy, n), expected);
	assert_int_equal(ffpf_strscan_run(&s->plain, copy, n), expected);
	ffpf_search_more(&s->search, &state, copy, cut, &parts);
	ffpf_search_more(&s->search, &state, copy + cut, n - cut, &parts);
	assert_int_equal(parts, expected);
	free(copy);
}

static uint8_t letter(struct rng *r, unsigned letters)
{
	static const uint8_t few[] = {'a', 'b', 'A', 'B', 0, 0xff, '[', '{'};

	return letters > sizeof(few) ? (uint8_t)rng_next(r) : few[rng_below(r, letters)];
}

static void random_patterns_in_random_bytes(void **state)
{
	static const unsigned letters[] = {1, 2, 3, 4, 8, 256};
	struct rng r = {11};
	uint64_t hits = 0;

	for (unsigned round = 0; round < 600; round++) {
		unsigned of = letters[rng_below(&r, 6)], longest = 1 + rng_below(&r, rng_one_in(&r, 10) ? 256 : 8);
		static struct searching s;

		s.patterns.n = 1 + rng_below(&r, rng_one_in(&r, 4) ? 64 : 5);
		for (unsigned i = 0; i < s.patterns.n; i++) {
			s.patterns.length[i] = (uint16_t)(1 + rng_below(&r, longest));
			for (unsigned k = 0; k < s.patterns.length[i]; k++)
				s.patterns.bytes[i][k] = letter(&r, of);
		}
		prepare(&s, rng_one_in(&r, 2));
		for (unsigned k = 0; k < 40; k++) {
			uint8_t bytes[400];
			size_t n = rng_below(&r, sizeof(bytes));
			unsigned i = rng_below(&r, s.patterns.n);

			for (size_t b = 0; b < n; b++)
				bytes[b] = letter(&r, rng_one_in(&r, 2) ? of : 256);
			/* often one of the patterns somewhere, at the ends, too */
			if (s.patterns.length[i] <= n && !rng_one_in(&r, 3)) {
				size_t at = rng_one_in(&r, 3) ? 0
					    : rng_one_in(&r, 2)
						    ? n - s.patterns.length[i]
						    : rng_below(&r, (uint32_t)(n - s.patterns.length[i] + 1));

				memcpy(bytes + at, s.patterns.bytes[i], s.patterns.length[i]);
			}
			compare(&s, bytes, n, n ? rng_below(&r, (uint32_t)n + 1) : 0);
			hits += plainest(&s.patterns, bytes, n, s.nocase) != 0;
		}
		free(s.memory);
	}
	assert_in_range(hits, 5000, 24000);
}

static void the_largest_automaton(void **state)
{
	static struct searching s;
	static uint8_t bytes[64 * 256];
	struct rng r = {3};

	s.patterns.n = 64;
	for (unsigned i = 0; i < 64; i++) {
		s.patterns.length[i] = 256;
		for (unsigned k = 0; k < 256; k++)
			s.patterns.bytes[i][k] = (uint8_t)rng_next(&r);
		memcpy(bytes + 256 * i, s.patterns.bytes[i], 256);
	}
	prepare(&s, false);
	assert_int_equal(s.search.all, UINT64_MAX);
	compare(&s, bytes, sizeof(bytes), 300);
	assert_int_equal(ffpf_strscan_run(&s.wide, bytes, sizeof(bytes)), UINT64_MAX);
	assert_int_equal(ffpf_strscan_run(&s.wide, bytes + 1, sizeof(bytes) - 2), UINT64_MAX >> 1 & ~(uint64_t)1);
	free(s.memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_patterns),
		cmocka_unit_test(mistakes_in_texts),
		cmocka_unit_test(random_patterns_in_random_bytes),
		cmocka_unit_test(the_largest_automaton),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
