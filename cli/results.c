/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Results for people: a table of functions with their scalar state beside them, histograms
 * and tables below, then what crossed barriers. Counts of packets are exact; bytes and rates are rounded.
 */
#include "cli.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { F_NAME, F_CLASS, F_WHERE, F_IN, F_OUT, F_FILTERED, F_LOST, F_BYTES, F_PPS, F_BPS, F_STATE, F_COLUMNS };
static const char *const function_headings[F_COLUMNS] = {"function", "class", "where", "in",	    "out",  "filtered",
							 "lost",     "bytes", "rate",  "bandwidth", "state"};
static const enum align function_alignment[F_COLUMNS] = {ALIGN_LEFT,  ALIGN_LEFT,  ALIGN_LEFT,	ALIGN_RIGHT,
							 ALIGN_RIGHT, ALIGN_RIGHT, ALIGN_RIGHT, ALIGN_RIGHT,
							 ALIGN_RIGHT, ALIGN_RIGHT, ALIGN_LEFT};

static const char *const barrier_headings[] = {"from", "to", "stub", "packets", "bytes", "lost"};
static const enum align barrier_alignment[] = {ALIGN_LEFT,  ALIGN_LEFT,	 ALIGN_LEFT,
					       ALIGN_RIGHT, ALIGN_RIGHT, ALIGN_RIGHT};

static const char alarm_style[] = "31";

static bool scalar(const struct ffpf_result *result)
{
	return !result->values || result->n == 1;
}

/* "packets=123 bytes=456", malloc'd; NULL when memory runs out. */
static char *state_text(const struct ffpf_function_stats *function)
{
	char *text = NULL, number[UNIT_SIZE];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	const char *space = "";

	if (!out)
		return NULL;
	for (size_t i = 0; i < function->n_results; i++) {
		const struct ffpf_result *result = &function->results[i];

		if ((result->flags & FFPF_FIELD_HIDDEN) || !scalar(result))
			continue;
		/* Counts exactly: a double has 53 bits. */
		if (result->empty)
			fprintf(out, "%s%s=-", space, result->name);
		else if (result->values && result->unit == FFPF_UNIT_TIME)
			fprintf(out, "%s%s=%s", space, result->name, human_moment(number, result->values[0]));
		else if (result->values && result->unit != FFPF_UNIT_NS && result->unit != FFPF_UNIT_PPS &&
			 result->unit != FFPF_UNIT_BPS)
			fprintf(out, "%s%s=%" PRIu64, space, result->name, result->values[0]);
		else
			fprintf(out, "%s%s=%s", space, result->name, human_value(number, result->number, result->unit));
		space = "  ";
	}
	fclose(out);
	return text;
}

/* Rates are over seconds, counted from where `before` stood. */
static void add_function(struct table *table, const struct ffpf_function_stats *f,
			 const struct ffpf_function_stats *before, double seconds)
{
	uint64_t packets = f->packets_in - (before ? before->packets_in : 0);
	uint64_t bytes = f->bytes_in - (before ? before->bytes_in : 0);
	char number[UNIT_SIZE], *state = state_text(f);

	table_cell(table, NULL, "%s", f->name);
	table_cell(table, NULL, "%s", f->class);
	table_cell(table, NULL, "%s", f->flowspace);
	table_cell(table, NULL, "%" PRIu64, f->packets_in);
	table_cell(table, NULL, "%" PRIu64, f->packets_out);
	table_cell(table, NULL, "%" PRIu64, f->filtered);
	table_cell(table, f->lost ? alarm_style : NULL, "%" PRIu64, f->lost);
	table_cell(table, NULL, "%s", human_bytes(number, f->bytes_in));
	if (seconds > 0) {
		table_cell(table, NULL, "%s/s", human_count(number, packets / seconds, ""));
		table_cell(table, NULL, "%s", human_count(number, bytes * 8 / seconds, "bit/s"));
	} else {
		table_cell(table, NULL, NULL);
		table_cell(table, NULL, NULL);
	}
	table_cell(table, "1", "%s", state ? state : "");
	free(state);
}

static void print_functions(FILE *out, const struct ffpf_stats *stats, const struct ffpf_stats *previous, bool colour)
{
	struct table *table = table_new(F_COLUMNS, function_headings, function_alignment);
	double seconds = stats->elapsed_s - (previous ? previous->elapsed_s : 0);

	if (!table) {
		complain("out of memory");
		return;
	}
	for (size_t i = 0; i < stats->n_functions; i++)
		add_function(table, &stats->functions[i],
			     previous && i < previous->n_functions ? &previous->functions[i] : NULL, seconds);
	table_print(table, out, colour);
	table_free(table);
}

static void print_histograms(FILE *out, const struct ffpf_function_stats *function, bool colour)
{
	char title[256];

	for (size_t i = 0; i < function->n_results; i++) {
		const struct ffpf_result *result = &function->results[i];

		if ((result->flags & FFPF_FIELD_HIDDEN) || scalar(result))
			continue;
		snprintf(title, sizeof(title), "%s.%s%s%s", function->name, result->name, result->unit ? ", " : "",
			 unit_name(result->unit));
		histogram_print(out, title, result, colour);
	}
}

static void print_barriers(FILE *out, const struct ffpf_stats *stats, bool colour)
{
	char number[UNIT_SIZE];
	struct table *table;

	if (!stats->n_barriers)
		return;
	table = table_new(6, barrier_headings, barrier_alignment);
	if (!table) {
		complain("out of memory");
		return;
	}
	for (size_t i = 0; i < stats->n_barriers; i++) {
		const struct ffpf_barrier_stats *b = &stats->barriers[i];

		table_cell(table, NULL, "%s", b->from);
		table_cell(table, NULL, "%s", b->to);
		table_cell(table, NULL, "%s", b->stub);
		table_cell(table, NULL, "%" PRIu64, b->packets);
		table_cell(table, NULL, "%s", human_bytes(number, b->bytes));
		table_cell(table, b->lost ? alarm_style : NULL, "%" PRIu64, b->lost);
	}
	fputc('\n', out);
	table_print(table, out, colour);
	table_free(table);
}

void results_print(FILE *out, const struct ffpf_stats *stats, const struct ffpf_stats *previous, size_t rows,
		   bool colour)
{
	char elapsed[UNIT_SIZE];

	print_functions(out, stats, previous, colour);
	for (size_t i = 0; i < stats->n_functions; i++)
		print_histograms(out, &stats->functions[i], colour);
	for (size_t i = 0; i < stats->n_functions; i++)
		tables_print(out, &stats->functions[i], rows, colour);
	print_barriers(out, stats, colour);
	fprintf(out, "\n%s", human_time(elapsed, stats->elapsed_s));
	if (stats->lost)
		fprintf(out, ", %s%" PRIu64 " lost%s", colour ? "\033[31m" : "", stats->lost, colour ? "\033[0m" : "");
	else
		fputs(", nothing lost", out);
	fputc('\n', out);
}
