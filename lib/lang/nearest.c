/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "Did you mean": the candidate with the smallest edit distance, where a swap
 * of two neighbours counts once (optimal string alignment, the restricted
 * Damerau-Levenshtein distance) and upper and lower case are the same letter.
 */
#include <ctype.h>
#include <string.h>

#include <ffpf/diag.h>

#define NAME_MAX_COMPARED 64 /* nobody mistypes a longer name */

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][NAME_MAX_COMPARED + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]) &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		unsigned *oldest = before;

		before = above;
		above = row;
		row = oldest;
	}
	return above[b_len];
}

const char *ffpf_diag_nearest(const char *name, const char *(*candidate)(const void *arg, size_t i), const void *arg)
{
	size_t len = strnlen(name, NAME_MAX_COMPARED + 1);
	const char *best = NULL, *other;
	unsigned best_distance = (unsigned)(len + 1) / 3 + 1; /* one more than is accepted */

	if (len > NAME_MAX_COMPARED)
		return NULL;
	for (size_t i = 0; (other = candidate(arg, i)); i++) {
		size_t other_len = strnlen(other, NAME_MAX_COMPARED + 1);

		if (!other_len || other_len > NAME_MAX_COMPARED)
			continue;
		unsigned d = distance(name, len, other, other_len);
		/* A slip leaves something right. */
		if (d < best_distance && d < (len > other_len ? len : other_len)) {
			best = other;
			best_distance = d;
		}
	}
	return best;
}
