/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A placed graph for people: where each function runs and why not lower, what
 * crosses the barriers between the levels, and what a packet is at each level.
 */
#include <lib/graph/demand.h>
#include <lib/graph/describe.h>
#include <lib/graph/explain.h>
#include <lib/lang/arena.h>
#include <inttypes.h>
#include <string.h>

#define BOLD "\033[1m"
#define PLAIN "\033[0m"

enum { N_COLUMNS = 4 };

struct row {
	const char *cells[N_COLUMNS];
};

struct table {
	struct ffpf_arena *arena;
	struct row *rows;
	size_t n, capacity;
};

static void add_row(struct table *table, const char *a, const char *b, const char *c, const char *d)
{
	table->rows = ffpf_arena_grow(table->arena, table->rows, table->n, &table->capacity, sizeof(*table->rows));
	table->rows[table->n++] = (struct row){.cells = {a, b, c, d}};
}

/* The first row is the head. The last cell of a row is not padded. */
static void print_table(const struct table *table, FILE *out, bool colour)
{
	size_t widths[N_COLUMNS] = {0};

	for (size_t i = 0; i < table->n; i++)
		for (size_t k = 0; k < N_COLUMNS; k++)
			if (ffpf_describe_width(table->rows[i].cells[k]) > widths[k])
				widths[k] = ffpf_describe_width(table->rows[i].cells[k]);
	for (size_t i = 0; i < table->n; i++) {
		const char *const *cells = table->rows[i].cells;
		size_t last = N_COLUMNS - 1;

		while (last && !*cells[last])
			last--;
		if (!i && colour)
			fputs(BOLD, out);
		for (size_t k = 0; k <= last; k++)
			fprintf(out, "%s%*s", cells[k],
				k == last ? 0 : (int)(widths[k] - ffpf_describe_width(cells[k]) + 2), "");
		fputs(!i && colour ? PLAIN "\n" : "\n", out);
	}
}

/* Does the function run at the bottom, because everything before it does and nobody refused it? */
static bool at_bottom(const bool *bottom, const struct ffpf_function *function)
{
	bool yes = !function->pin && !function->n_refusals;

	for (size_t i = 0; i < function->n_in && yes; i++)
		yes = bottom[function->in[i]->from->id] && function->in[i]->from->level == function->level;
	return yes;
}

static const char *why_without_refusal(const struct ffpf_graph *graph, const struct ffpf_function *function,
				       bool bottom)
{
	const struct ffpf_function *here = NULL;

	if (function->pin)
		return "pinned here";
	if (bottom)
		return "";
	for (size_t i = 0; i < function->n_in && !here; i++)
		if (function->in[i]->from->level == function->level)
			here = function->in[i]->from;
	if (here)
		return ffpf_arena_printf(graph->arena, "its packets come from %s", here->instance.name);
	return "its packets come from different levels, which meet here";
}

/* One row for the function, and one more for each further reason; equal reasons of neighbouring levels share one. */
static void add_function(struct table *table, const struct ffpf_graph *graph, const struct ffpf_function *function,
			 bool bottom)
{
	const char *name = function->instance.name, *class = ffpf_describe_class(graph, function),
		   *level = function->level->name;

	if (!function->n_refusals) {
		add_row(table, name, class, level, why_without_refusal(graph, function, bottom));
		return;
	}
	for (size_t i = 0; i < function->n_refusals;) {
		const char *levels = function->refusals[i].flowspace->name, *reason = function->refusals[i].reason;

		for (i++; i < function->n_refusals && strcmp(function->refusals[i].reason, reason) == 0; i++)
			levels = ffpf_arena_printf(graph->arena, "%s, %s", levels,
						   function->refusals[i].flowspace->name);
		add_row(table, name, class, level, ffpf_arena_printf(graph->arena, "%s: %s", levels, reason));
		name = class = level = "";
	}
}

static void print_functions(const struct ffpf_graph *graph, FILE *out, bool colour)
{
	struct table table = {.arena = graph->arena};
	bool *bottom = ffpf_arena_alloc(graph->arena, graph->n_functions + 1);

	add_row(&table, "function", "class", "runs in", "why not lower");
	for (size_t i = 0; i < graph->n_functions; i++) {
		bottom[i] = at_bottom(bottom, graph->functions[i]);
		add_function(&table, graph, graph->functions[i], bottom[i]);
	}
	print_table(&table, out, colour);
}

static const char *describe_bytes(const struct ffpf_graph *graph, const struct ffpf_barrier *barrier)
{
	const char *with = barrier->needs & FFPF_NEED_TIME ? ", with their time" : "";

	if (strcmp(barrier->stub, "mbuf") == 0)
		return "no packet crosses: results are read from the shared state";
	if (strcmp(barrier->stub, "meta") == 0)
		return ffpf_arena_printf(graph->arena, "packets and results; bytes: %s, %s",
					 ffpf_copy_name(barrier->copying.how), barrier->copying.why);
	if (!barrier->bytes)
		return ffpf_arena_printf(graph->arena, "index only, no bytes of packets%s", with);
	if (barrier->copying.how == FFPF_COPY_INDEX)
		return ffpf_arena_printf(graph->arena, "index only, %s%s", barrier->copying.why, with);
	if (barrier->bytes == FFPF_ALL_BYTES)
		return ffpf_arena_printf(graph->arena, "whole packets, copied once%s", with);
	return ffpf_arena_printf(graph->arena, "the first %" PRIu32 " bytes of packets, copied once%s", barrier->bytes,
				 with);
}

static const char *list_names(const struct ffpf_graph *graph, const struct ffpf_function *const *functions, size_t n)
{
	const char *list = "";

	for (size_t i = 0; i < n && i < 6; i++)
		list = ffpf_arena_printf(graph->arena, "%s%s%s", list, i ? ", " : "", functions[i]->instance.name);
	return n > 6 ? ffpf_arena_printf(graph->arena, "%s and %zu more", list, n - 6) : list;
}

static void print_barriers(const struct ffpf_graph *graph, FILE *out, bool colour)
{
	struct table table = {.arena = graph->arena};
	size_t n;
	const struct ffpf_barrier *barriers = ffpf_describe_barriers(graph, &n);

	add_row(&table, "barrier", "stub", "what crosses", "from");
	for (size_t i = 0; i < n; i++)
		add_row(&table,
			ffpf_arena_printf(graph->arena, "%s → %s", barriers[i].from->name, barriers[i].to->name),
			barriers[i].stub, describe_bytes(graph, &barriers[i]),
			list_names(graph, barriers[i].inputs, barriers[i].n_inputs));
	fputc('\n', out);
	if (n)
		print_table(&table, out, colour);
	else
		fprintf(out, "nothing crosses a barrier: everything runs in %s\n", graph->functions[0]->level->name);
}

/* Others' results that functions read, which no packet carries. */
static void print_reads(const struct ffpf_graph *graph, FILE *out, bool colour)
{
	struct table table = {.arena = graph->arena};

	add_row(&table, "reader", "in", "reads", "from");
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *f = graph->functions[i];
		const struct ffpf_schema *schema = ffpf_instance_schema(&f->instance);

		for (size_t k = 0; k < schema->n_wanted; k++) {
			const struct ffpf_wanted *wanted = &schema->wanted[k];
			const char *from = f->wanted && f->wanted[k].of ? f->wanted[k].of->level->name : "";

			add_row(&table, k ? "" : f->instance.name, k ? "" : f->level->name,
				ffpf_arena_printf(graph->arena, "%s.%s", wanted->function, wanted->result), from);
		}
	}
	if (table.n > 1) {
		fputc('\n', out);
		print_table(&table, out, colour);
	}
}

/* What packets are at each level: a level's sources share a row when they look the same there. */
static void print_levels(const struct ffpf_graph *graph, FILE *out, bool colour)
{
	struct table table = {.arena = graph->arena};
	size_t n_levels;
	const struct ffpf_flowspace **levels = ffpf_describe_levels(graph, &n_levels);

	add_row(&table, "level", "sees", "of", "");
	for (size_t i = 0; i < n_levels; i++) {
		size_t first = table.n;

		for (unsigned source = 0; levels[i]->sees && source < graph->n_sources; source++) {
			const char *sees = ffpf_describe_source_at(graph, source, levels[i])
						   ? levels[i]->sees(graph, graph->sources[source])
						   : NULL;
			const char *name = graph->sources[source]->instance.name;
			size_t row = first;

			if (!sees)
				continue;
			while (row < table.n && strcmp(table.rows[row].cells[1], sees) != 0)
				row++;
			if (row == table.n)
				add_row(&table, row == first ? levels[i]->name : "", sees, name, "");
			else
				table.rows[row].cells[2] =
					ffpf_arena_printf(graph->arena, "%s, %s", table.rows[row].cells[2], name);
		}
	}
	if (table.n > 1) {
		fputc('\n', out);
		print_table(&table, out, colour);
	}
}

static void print_notes(const struct ffpf_explain_notes *notes, FILE *out)
{
	if (notes->buffer_bytes)
		fprintf(out, "\nbuffers: %" PRIu64 " KiB for %u processor%s\n", (notes->buffer_bytes + 1023) / 1024,
			notes->n_cpus, notes->n_cpus == 1 ? "" : "s");
	for (size_t i = 0; notes->fallbacks && notes->fallbacks[i]; i++)
		fprintf(out, "%snotice: %s\n", i ? "" : "\n", notes->fallbacks[i]);
}

void ffpf_explain_text(const struct ffpf_graph *graph, const struct ffpf_explain_notes *notes, FILE *out, bool colour)
{
	print_functions(graph, out, colour);
	print_barriers(graph, out, colour);
	print_reads(graph, out, colour);
	print_levels(graph, out, colour);
	if (notes)
		print_notes(notes, out);
}
