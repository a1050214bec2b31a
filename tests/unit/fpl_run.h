/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a flowgraph in which functions are written in FPL in every way that there is: on the reference interpreter,
 * plain and optimised; in userspace, compiled and interpreted; at xdp, by the kernel's test runner. What its functions
 * keep, hidden cells and tables included, must be the same to the last bit. A difference is printed and counted.
 */
#ifndef FFPF_TESTS_FPL_RUN_H
#define FFPF_TESTS_FPL_RUN_H

#include "graph_run.h"

enum fpl_way { FPL_COMPILED, FPL_INTERPRETED, FPL_KERNEL, FPL_TC, FPL_PLAIN, FPL_OPTIMISED, FPL_WAYS };
static const char *const fpl_ways[] = {"compiled",	 "interpreted", "replayed at xdp",
				       "replayed at tc", "reference",	"reference, optimised"};

struct fpl_case {
	struct run_case run;
	bool kernel;	    /* --replay, too */
	bool refusals_ok;   /* the kernel may find a program too large */
	bool refused;	    /* it did */
	char *shown, *kept; /* what the first way showed, and kept */
};

/* ---- what is kept ---------------------------------------------------------------------------- */

typedef uint64_t fpl_cell(const void *arg, const struct ffpf_function *f, unsigned field, uint32_t k);

static inline void fpl_put_cells(FILE *out, const struct ffpf_function *f, unsigned field, fpl_cell *get,
				 const void *arg)
{
	const struct ffpf_function_layout *l = f->layout;
	uint64_t sum = 0;

	fprintf(out, "%s.%s", f->instance.name, l->schema->fields[field].name);
	for (uint32_t k = 0; k < l->cells[field]; k++) {
		uint64_t x = get(arg, f, field, k);

		if (k < 80)
			fprintf(out, " %" PRIx64, x);
		sum = (sum ^ x) * 0x100000001b3u + k;
	}
	fprintf(out, " (%" PRIx64 ")\n", sum);
}

static inline void fpl_put_graph(FILE *out, const struct ffpf_graph *graph, fpl_cell *get, const void *arg)
{
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *f = graph->functions[i];
		const struct ffpf_function_layout *l = f->layout;

		for (unsigned k = 0; k < l->schema->n_fields; k++)
			if (l->base[k] != FFPF_NO_CELL)
				fpl_put_cells(out, f, k, get, arg);
	}
}

static inline uint64_t fpl_merge(enum ffpf_merge merge, uint64_t x, uint64_t y)
{
	return merge == FFPF_MERGE_MAX ? (x > y ? x : y) : merge == FFPF_MERGE_MIN ? (x < y ? x : y) : x + y;
}

/* Of all slots: of a savefile only one was used, but which? */
static inline uint64_t fpl_library_cell(const void *arg, const struct ffpf_function *f, unsigned field, uint32_t k)
{
	const struct ffpf_run *run = arg;
	const struct ffpf_function_layout *l = f->layout;
	uint64_t x = 0;

	for (size_t i = 0; i < run->n_cells; i++) {
		const struct ffpf_cells *c = &run->cells[i];

		if (c->level != f->level)
			continue;
		if (l->shared[field])
			return c->shared[l->base[field] + k];
		for (unsigned slot = 0; slot < c->n_slots; slot++) {
			const uint64_t *cells = (const uint64_t *)((const char *)c->first + (size_t)slot * c->stride);

			x = slot ? fpl_merge(l->schema->fields[field].merge, x, cells[l->base[field] + k])
				 : cells[l->base[field] + k];
		}
	}
	return x;
}

static inline uint64_t fpl_reference_cell(const void *arg, const struct ffpf_function *f, unsigned field, uint32_t k)
{
	const struct run_reference *r = arg;
	const struct ffpf_function_layout *l = f->layout;

	for (size_t i = 0; i < r->layout->n_levels; i++)
		if (r->layout->levels[i].flowspace == f->level)
			return (l->shared[field] ? r->levels[i].shared : r->levels[i].cells)[l->base[field] + k];
	return 0;
}

/* ---- what is shown --------------------------------------------------------------------------- */

static inline uint64_t fpl_number(const uint8_t *at, unsigned size, bool big)
{
	uint64_t x = 0;

	for (unsigned i = 0; i < size; i++)
		x = x << 8 | at[big ? i : size - 1 - i];
	return x;
}

static inline void fpl_put_ipv6(FILE *out, uint64_t high, uint64_t low)
{
	if (!high && low >> 32 == 0xffff)
		fprintf(out, "%u.%u.%u.%u", (unsigned)(low >> 24 & 255), (unsigned)(low >> 16 & 255),
			(unsigned)(low >> 8 & 255), (unsigned)(low & 255));
	else
		fprintf(out, "%" PRIx64 ":%" PRIx64, high, low);
}

static inline void fpl_put_member(FILE *out, const struct ffpf_member *m, const uint8_t *bytes)
{
	const uint8_t *at = bytes + m->offset;
	bool big = m->kind == FFPF_MEMBER_NETWORK || m->kind == FFPF_MEMBER_BIG;

	if (m->name[0])
		fprintf(out, "%s=", m->name);
	if (ffpf_member_text(m, bytes))
		fprintf(out, "'%s' ", ffpf_member_text(m, bytes));
	if (m->kind == FFPF_MEMBER_IPV6)
		fpl_put_ipv6(out, fpl_number(at, 8, true), fpl_number(at + 8, 8, true));
	else if (m->kind == FFPF_MEMBER_HOST_IPV6)
		fpl_put_ipv6(out, fpl_number(at, 8, false), fpl_number(at + 8, 8, false));
	else if ((m->kind == FFPF_MEMBER_NETWORK && m->size == 4) || m->kind == FFPF_MEMBER_HOST_IPV4)
		fpl_put_ipv6(out, 0, 0xffff00000000 | fpl_number(at, m->size, big));
	else if (m->kind == FFPF_MEMBER_MAC || m->kind == FFPF_MEMBER_HOST_MAC)
		fprintf(out, "%012" PRIx64,
			m->kind == FFPF_MEMBER_MAC ? fpl_number(at, 6, true) : fpl_number(at, 8, false));
	else
		fprintf(out, "%" PRIu64, fpl_number(at, m->size, big));
}

static inline void fpl_put_members(FILE *out, const struct ffpf_members *members, const uint8_t *bytes)
{
	for (size_t i = 0; i < members->n; i++) {
		fputs(i ? " " : "", out);
		fpl_put_member(out, &members->list[i], bytes);
	}
}

static inline void fpl_show_results(FILE *out, const struct ffpf_function_stats *f)
{
	for (size_t k = 0; k < f->n_results; k++) {
		const struct ffpf_result *r = &f->results[k];

		fprintf(out, "%s =", r->name);
		if (!r->values)
			fprintf(out, " %.6g", r->number);
		for (size_t i = 0; r->values && i < r->n; i++)
			if (r->n == 1)
				fprintf(out, " %" PRIu64, r->values[i]);
			else if (r->values[i])
				fprintf(out, " %zu:%" PRIu64, i, r->values[i]);
		fputc('\n', out);
	}
}

static inline void fpl_show_table(FILE *out, const struct ffpf_table *t)
{
	char **lines = calloc(t->n_rows + 1, sizeof(*lines));

	for (size_t k = 0; k < t->n_rows; k++) {
		size_t size;
		FILE *line = open_memstream(&lines[k], &size);

		fprintf(line, "%s: ", t->name);
		fpl_put_members(line, &t->key, t->keys + k * t->key_size);
		fputs(t->value.n ? " -> " : "", line);
		fpl_put_members(line, &t->value, t->values + k * t->value_size);
		fclose(line);
	}
	map_text_lines(out, lines, t->n_rows);
}

static inline void fpl_show_event(void *arg, const struct ffpf_event *event)
{
	fprintf(arg, "event %s ", event->name);
	fpl_put_members(arg, &event->members, event->values);
	fputc('\n', arg);
}

/* The array `classes` of the function c has the class of each packet. */
static inline void fpl_show_classes(FILE *out, const struct ffpf_function_stats *c, unsigned n)
{
	for (size_t k = 0; k < c->n_results; k++)
		for (size_t i = 0; !strcmp(c->results[k].name, "classes") && i < n && i < c->results[k].n; i++)
			if (c->results[k].values[i])
				fprintf(out, " %" PRIu64, c->results[k].values[i]);
			else
				fputs(" -", out);
	fputc('\n', out);
}

/* ---- ways ------------------------------------------------------------------------------------ */

static inline void fpl_compare(struct fpl_case *c, const char *how, const char *what, char **first, char *text)
{
	size_t at = 0;

	if (!*first) {
		*first = text;
		return;
	}
	if (strcmp(*first, text) != 0) {
		while (text[at] && text[at] == (*first)[at])
			at++;
		while (at && text[at - 1] != '\n')
			at--;
		run_fail(&c->run, "%s: what is %s differs from here on:\n%.400s\nshould be:\n%.400s", how, what,
			 text + at, *first + at);
	}
	free(text);
}

/* Is it run by the kernel? Then at this level. */
static inline const char *fpl_level(enum fpl_way way)
{
	return way == FPL_KERNEL ? "xdp" : way == FPL_TC ? "tc" : NULL;
}

static inline void fpl_show(FILE *out, struct ffpf *h, unsigned n, const char *level)
{
	struct ffpf_stats *stats;
	const struct ffpf_function_stats *f = NULL, *c = NULL;

	assert_int_equal(ffpf_stats_get(h, &stats), 0);
	for (size_t i = 0; i < stats->n_functions; i++)
		if (!strcmp(stats->functions[i].name, "f"))
			f = &stats->functions[i];
		else if (!strcmp(stats->functions[i].name, "c"))
			c = &stats->functions[i];
	assert_true(f && f->packets_in == f->packets_out + f->filtered);
	if (level && strcmp(f->flowspace, level) != 0)
		fprintf(out, "at %s\n", f->flowspace);
	fprintf(out, "%" PRIu64 " in, %" PRIu64 " out", f->packets_in, f->packets_out);
	if (c)
		fputs(":", out), fpl_show_classes(out, c, n);
	else
		fputc('\n', out);
	fpl_show_results(out, f);
	for (size_t i = 0; i < f->n_tables; i++)
		fpl_show_table(out, &f->tables[i]);
	ffpf_stats_free(stats);
}

/* Loaded; false (and counted) where it is not. */
static inline bool fpl_load(struct fpl_case *c, const char *how, struct ffpf *h)
{
	const char *notice;
	int err = ffpf_instantiate(h);

	for (size_t i = 0; (notice = ffpf_notice(h, i)); i++) {
		if (c->refusals_ok && (strstr(notice, "too large") || strstr(notice, "too many paths"))) {
			c->refused = true;
			return false;
		}
		run_fail(&c->run, "%s: %s", how, notice);
	}
	if (err && c->refusals_ok && strstr(ffpf_error(h), "too large"))
		c->refused = true;
	else if (err)
		run_fail(&c->run, "%s: not loaded: %s", how, ffpf_error(h));
	return !err;
}

/* n: packets whose classes are shown. */
static inline void fpl_library(struct fpl_case *c, enum fpl_way way, unsigned n)
{
	char *shown = NULL, *kept = NULL, *maps;
	size_t size;
	FILE *out = open_memstream(&shown, &size), *cells;
	static unsigned turn;

	c->run.level = fpl_level(way);
	/* Every other case by the program for packets in several pieces of memory. */
	c->run.slow = way == FPL_TC && turn++ % 2;
	struct ffpf *h = run_populate(&c->run, fpl_ways[way], fpl_level(way) != NULL);

	if (h) {
		const struct ffpf_graph *graph = ffpf_handle_run(h)->graph;

		ffpf_handle_run(h)->interpret = way == FPL_INTERPRETED;
		ffpf_events(h, fpl_show_event, out);
		if (fpl_load(c, fpl_ways[way], h)) {
			assert_int_equal(ffpf_activate(h), 0);
			while (ffpf_wait(&h, 1, 0, 1000000) > 0)
				;
			ffpf_deactivate(h);
			if (ffpf_error(h)[0])
				run_fail(&c->run, "%s: %s", fpl_ways[way], ffpf_error(h));
			fpl_show(out, h, n, fpl_level(way));
			cells = open_memstream(&kept, &size);
			fpl_put_graph(cells, graph, fpl_library_cell, ffpf_handle_run(h));
			maps = map_text(h);
			fputs(maps, cells);
			free(maps);
			fclose(cells);
		}
	}
	fclose(out);
	if (kept) {
		fpl_compare(c, fpl_ways[way], "shown", &c->shown, shown);
		fpl_compare(c, fpl_ways[way], "kept", &c->kept, kept);
	} else {
		free(shown);
	}
	ffpf_close(h);
}

static inline bool fpl_wants(const struct ffpf_layout *layout)
{
	for (size_t i = 0; i < layout->n_levels; i++)
		if (layout->levels[i].n_wanted)
			return true;
	return false;
}

/* On the reference interpreter. */
static inline void fpl_reference(struct fpl_case *c, enum fpl_way way)
{
	const struct ffpf_fuse_options options = {.piece_functions = UINT32_MAX, .optimise = way == FPL_OPTIMISED};
	struct ffpf *h = run_populate(&c->run, fpl_ways[way], false);
	struct run_reference r = {.c = &c->run, .how = fpl_ways[way], .arena = ffpf_arena_new()};
	char *kept = NULL, **lines = NULL;
	size_t size, n = 0;
	struct ffpf_packet p;
	FILE *out;

	if (!h) {
		ffpf_arena_free(r.arena);
		return;
	}
	r.graph = ffpf_handle_run(h)->graph;
	r.layout = ffpf_layout_new(r.graph);
	r.crossed = ffpf_arena_alloc(r.arena, (r.graph->n_functions + r.graph->n_edges + 1) * 4);
	r.ghosts = ffpf_arena_alloc(r.arena, (r.graph->n_functions + r.graph->n_edges + 1) * 4);
	r.bytes = ffpf_arena_alloc(r.arena, 1 << 18);
	/* Others' results are refreshed by the run, which is not here. */
	if (!fpl_wants(r.layout) && run_fuse(&r, &options)) {
		for (size_t at = 24; run_next(&c->run.input->captures[0], &at, &p);)
			run_levels(&r, &p);
		out = open_memstream(&kept, &size);
		fpl_put_graph(out, r.graph, fpl_reference_cell, &r);
		for (size_t i = 0; i < r.layout->n_levels; i++) {
			map_env_lines(&r.levels[i].maps, &lines, &n);
			map_env_free(&r.levels[i].maps);
		}
		map_text_lines(out, lines, n);
		fclose(out);
		fpl_compare(c, fpl_ways[way], "kept", &c->kept, kept);
	}
	ffpf_arena_free(r.arena);
	ffpf_close(h);
}

/* All ways. n: packets whose classes are shown. */
static inline void fpl_run_all(struct fpl_case *c, unsigned n)
{
	for (enum fpl_way way = 0; way < FPL_WAYS && !c->run.failures; way++)
		if (way >= FPL_PLAIN)
			fpl_reference(c, way);
		else if (!fpl_level(way) || c->kernel)
			fpl_library(c, way, n);
}

static inline void fpl_case_free(struct fpl_case *c)
{
	free(c->shown);
	free(c->kept);
}

#endif
