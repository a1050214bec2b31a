/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A state array drawn as bars: buckets by their bounds, other arrays by index. Empty cells before the
 * first and after the last that counted are left out; of an array without any, nothing is drawn.
 */
#include "cli.h"
#include <inttypes.h>
#include <langinfo.h>
#include <string.h>

#define BAR 40
#define MAX_ROWS 64

static void label(char *text, size_t size, const struct ffpf_result *result, size_t k)
{
	uint64_t from, to;

	if (!ffpf_result_bucket(result, k, &from, &to)) {
		snprintf(text, size, "%zu", k);
		return;
	}
	if (to == UINT64_MAX)
		snprintf(text, size, "%" PRIu64 " ..", from);
	else if (from == to)
		snprintf(text, size, "%" PRIu64, from);
	else
		snprintf(text, size, "%" PRIu64 " .. %" PRIu64, from, to);
}

static void bar(FILE *out, double part, bool colour)
{
	static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	unsigned n = (unsigned)(part * BAR * 8 + 0.5), full = n / 8, drawn = full;

	if (colour)
		fputs("\033[36m", out);
	for (unsigned i = 0; i < full; i++)
		fputs(utf8 ? "█" : "#", out);
	if (utf8 && n % 8) {
		fputs(eighths[n % 8], out);
		drawn++;
	}
	if (colour)
		fputs("\033[0m", out);
	fprintf(out, "%*s", BAR - (int)drawn, "");
}

void histogram_print(FILE *out, const char *title, const struct ffpf_result *result, bool colour)
{
	size_t first = 0, last = result->n, rows = 0;
	char text[2 * UNIT_SIZE + 8];
	uint64_t most = 0;

	while (first < last && !result->values[first])
		first++;
	while (last > first && !result->values[last - 1])
		last--;
	if (first == last)
		return;
	fprintf(out, "\n%s%s%s:\n", colour ? "\033[1m" : "", title, colour ? "\033[0m" : "");
	for (size_t k = first; k < last; k++)
		most = result->values[k] > most ? result->values[k] : most;
	for (size_t k = first; k < last; k++) {
		/* A long array is mostly zeros: only what counted. */
		if (last - first > MAX_ROWS && !result->values[k])
			continue;
		if (++rows > MAX_ROWS) {
			fputs("  … --json has them all\n", out);
			break;
		}
		label(text, sizeof(text), result, k);
		fprintf(out, "  %24s  ", text);
		bar(out, (double)result->values[k] / (double)most, colour);
		fprintf(out, "  %" PRIu64 "\n", result->values[k]);
	}
}
