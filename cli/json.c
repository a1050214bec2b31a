/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The results as the JSON document that programs rely on. Keys are only ever added.
 *
 *     {"elapsed_s":…,
 * "functions":[{"name","class","flowspace","packets_in","packets_out","filtered","lost","bytes_in","state":{…}}…],
 *      "barriers":[{"from","to","stub","packets","bytes","lost"}…], "lost":N, "interpreted":N, "notices":["…"…]}
 *
 * Functions are in the order of the graph. One that keeps tables has "tables":{"name":[{"member":…}…]}, the rows with
 * the greatest first number (--rows), and a number that a text stands for as that text, with "NAME_number" beside it;
 * state then has how many there are in all. In state a scalar is a number (a minimum that nothing has reached is
 * null), a histogram a list of {"from","to","count"} of the buckets that counted (bounds inclusive; "to" is null where
 * there is none), any other array a list of numbers. Notices: what fell back and why, as far as it is known by then.
 */
#include "cli.h"
#include <errno.h>
#include <jansson.h>
#include <math.h>

json_t *json_text(const char *bytes)
{
	json_t *string = json_string(bytes);
	char copy[1024];
	size_t n = 0;

	if (string)
		return string;
	for (; bytes[n] && n < sizeof(copy) - 1; n++)
		copy[n] = (unsigned char)bytes[n] < 0x80 ? bytes[n] : '?';
	copy[n] = 0;
	return json_string(copy);
}

/* jansson's integers are signed; what lies above is a real, as JSON has only one kind of number. */
static json_t *count(uint64_t n)
{
	return n <= INT64_MAX ? json_integer((json_int_t)n) : json_real((double)n);
}

static json_t *number(double n)
{
	if (!isfinite(n))
		return json_null();
	return n == floor(n) && fabs(n) < 9007199254740992.0 ? json_integer((json_int_t)n) : json_real(n);
}

static json_t *histogram(const struct ffpf_result *result)
{
	json_t *list = json_array();
	uint64_t from, to;

	for (size_t k = 0; k < result->n; k++) {
		if (!result->values[k])
			continue;
		ffpf_result_bucket(result, k, &from, &to);
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "from", count(from), "to",
						      to == UINT64_MAX ? json_null() : count(to), "count",
						      count(result->values[k])));
	}
	return list;
}

static json_t *value(const struct ffpf_result *result)
{
	json_t *list;

	if (result->empty)
		return json_null();
	if (!result->values)
		return number(result->number);
	if (result->flags & (FFPF_FIELD_LOG2 | FFPF_FIELD_LINEAR))
		return histogram(result);
	if (result->n == 1)
		return count(result->values[0]);
	list = json_array();
	for (size_t k = 0; k < result->n; k++)
		json_array_append_new(list, count(result->values[k]));
	return list;
}

json_t *json_state(const struct ffpf_function_stats *f)
{
	json_t *state = json_object();

	for (size_t i = 0; i < f->n_results; i++)
		if (!(f->results[i].flags & FFPF_FIELD_HIDDEN))
			json_object_set_new(state, f->results[i].name, value(&f->results[i]));
	return state;
}

static json_t *function_object(const struct ffpf_function_stats *f)
{
	json_t *object = json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name", json_text(f->name), "class",
				   f->class, "flowspace", f->flowspace, "packets_in", count(f->packets_in),
				   "packets_out", count(f->packets_out), "filtered", count(f->filtered), "lost",
				   count(f->lost), "bytes_in", count(f->bytes_in), "state", json_state(f));

	if (f->n_tables)
		json_object_set_new(object, "tables", json_tables(f));
	return object;
}

static json_t *barrier_object(const struct ffpf_barrier_stats *b)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "from", b->from, "to", b->to, "stub", b->stub, "packets",
			 count(b->packets), "bytes", count(b->bytes), "lost", count(b->lost));
}

json_t *json_document(const struct ffpf *h, const struct ffpf_stats *stats)
{
	json_t *functions = json_array(), *barriers = json_array(), *notices = json_array();
	const char *notice;

	for (size_t i = 0; i < stats->n_functions; i++)
		json_array_append_new(functions, function_object(&stats->functions[i]));
	for (size_t i = 0; i < stats->n_barriers; i++)
		json_array_append_new(barriers, barrier_object(&stats->barriers[i]));
	for (size_t i = 0; (notice = ffpf_notice(h, i)); i++)
		json_array_append_new(notices, json_text(notice));
	return json_pack("{s:f, s:o, s:o, s:o, s:o, s:o}", "elapsed_s", stats->elapsed_s, "functions", functions,
			 "barriers", barriers, "lost", count(stats->lost), "interpreted", count(stats->interpreted),
			 "notices", notices);
}

int json_results(FILE *out, const struct ffpf *h, const struct ffpf_stats *stats, bool one_line)
{
	json_t *root = json_document(h, stats);
	int error;

	if (!root)
		return -ENOMEM;
	error = json_dumpf(root, out, JSON_REAL_PRECISION(15) | (one_line ? JSON_COMPACT : JSON_INDENT(2)));
	json_decref(root);
	/* A line that a reader waits for must not stay in our buffer. */
	fputc('\n', out);
	fflush(out);
	return error ? -EIO : 0;
}
