/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Users' programs' maps among the results: how many entries each has, and the numbers that have a name in those of one
 * entry. Of arrays, entries that are not all zero are counted.
 */
#include <lib/lang/arena.h>
#include <lib/run/stats_maps.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t step(const struct ffpf_map_view *view)
{
	return (view->spec->value_size + 7u) & ~(size_t)7;
}

static bool is_array(const struct ffpf_map_view *view)
{
	return view->spec->kind == FFPF_MAP_ARRAY || view->spec->kind == FFPF_MAP_PERCPU_ARRAY;
}

static bool all_zero(const uint8_t *bytes, size_t n)
{
	return !n || (!bytes[0] && !memcmp(bytes, bytes + 1, n - 1));
}

uint64_t ffpf_map_entries(const struct ffpf_map_view *view)
{
	size_t bytes = step(view) * view->n_values, key_size = view->spec->key_size;
	uint8_t *values = malloc(bytes + 1), *key = malloc(key_size), *next = malloc(key_size), *swap;
	uint64_t n = 0;

	/* A map whose entries go while they are counted may begin again, and must end. */
	if (values && key && next && view->next(view, NULL, key) == 0)
		for (uint64_t i = 0; i <= view->spec->max_entries; i++) {
			if (!is_array(view) ||
			    (memset(values, 0, bytes), view->read(view, key, values) == 0 && !all_zero(values, bytes)))
				n++;
			if (view->next(view, key, next))
				break;
			swap = key;
			key = next;
			next = swap;
		}
	free(values);
	free(key);
	free(next);
	return n;
}

/* A number of the size and sign that the field has. */
static int64_t number_at(const struct ffpf_map_field *field, const uint8_t *value)
{
	uint64_t x = 0;
	unsigned unused = 64 - 8u * field->size;

	memcpy(&x, value + field->offset, field->size);
	return field->is_signed ? (int64_t)(x << unused) >> unused : (int64_t)x;
}

static void add(struct ffpf_arena *arena, struct map_results *out, const char *name, const char *doc, int64_t number,
		bool is_signed)
{
	uint64_t *value = ffpf_arena_alloc(arena, sizeof(*value));

	*value = (uint64_t)number;
	out->list = ffpf_arena_grow(arena, out->list, out->n, &out->capacity, sizeof(*out->list));
	out->list[out->n++] = (struct ffpf_result){
		.name = ffpf_arena_strdup(arena, name),
		.doc = doc,
		.n = 1,
		.values = is_signed && number < 0 ? NULL : value,
		.number = is_signed ? (double)number : (double)*value,
	};
}

/* Sums over CPUs. */
static void add_fields(struct ffpf_arena *arena, const struct ffpf_map_view *view, struct map_results *out)
{
	const uint32_t zero = 0;
	uint8_t *values = ffpf_arena_alloc(arena, step(view) * view->n_values + 1);

	if (view->read(view, &zero, values))
		return;
	for (size_t i = 0; i < view->n_fields; i++) {
		uint64_t sum = 0;

		for (unsigned c = 0; c < view->n_values; c++)
			sum += (uint64_t)number_at(&view->fields[i], values + c * step(view));
		add(arena, out, view->fields[i].name, "a variable of the program", (int64_t)sum,
		    view->fields[i].is_signed);
	}
}

/* A table of its own, beside the number of its entries. */
static void add_table(struct ffpf_run *run, const struct ffpf_map_view *view, struct ffpf_arena *arena,
		      struct map_results *out)
{
	size_t rows = run->options->table_rows ? run->options->table_rows : FFPF_TABLE_ROWS_DEFAULT;
	uint64_t n;

	if (view->announced->hidden)
		return;
	out->tables = ffpf_arena_grow(arena, out->tables, out->n_tables, &out->tables_capacity, sizeof(*out->tables));
	n = ffpf_table_results(view, rows, arena, &out->tables[out->n_tables++]);
	add(arena, out, view->spec->name, view->announced->doc ? view->announced->doc : "entries of a table",
	    (int64_t)n, false);
}

static uint64_t entries(const struct ffpf_map_view *view)
{
	uint64_t n = view->count ? view->count(view) : UINT64_MAX;

	return n == UINT64_MAX ? ffpf_map_entries(view) : n;
}

void ffpf_map_results(struct ffpf_run *run, const struct ffpf_function *f, struct ffpf_arena *arena,
		      struct map_results *out)
{
	void *state = ffpf_run_state(run, f->level);
	struct ffpf_map_view view;

	for (size_t i = 0; state && f->level->map && f->level->map(state, f, i, &view); i++) {
		if (view.spec->kind == FFPF_MAP_PROGRAMS)
			continue;
		if (view.announced)
			add_table(run, &view, arena, out);
		else if (view.n_fields)
			add_fields(arena, &view, out);
		else if (!view.variables)
			add(arena, out, view.spec->name, "entries of a map", (int64_t)entries(&view), false);
	}
}
