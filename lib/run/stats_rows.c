/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables that a class keeps in cells (struct ffpf_class_table) among the results.
 */
#include <lib/lang/arena.h>
#include <lib/run/stats_maps.h>

#include <string.h>

/* One slot's cells, from a field on. */
struct from_field {
	const uint64_t *(*per_cpu)(const void *arg, unsigned cpu);
	const void *arg;
	size_t first;
};

static const uint64_t *slot_from(const void *arg, unsigned cpu)
{
	const struct from_field *f = arg;
	const uint64_t *cells = f->per_cpu(f->arg, cpu);

	return cells ? cells + f->first : NULL;
}

struct rows {
	struct ffpf_arena *arena;
	const struct ffpf_class_table *table;
	size_t most, entries, n, keys_capacity, values_capacity; /* capacities in rows */
	uint8_t *keys, *values;
};

static void add_row(void *to, const void *key, const uint64_t *words)
{
	struct rows *r = to;
	size_t key_size = r->table->key_size, value_size = r->table->words * sizeof(uint64_t);

	r->entries++;
	if (r->n == r->most)
		return;
	r->keys = ffpf_arena_grow(r->arena, r->keys, r->n, &r->keys_capacity, key_size);
	r->values = ffpf_arena_grow(r->arena, r->values, r->n, &r->values_capacity, value_size);
	memcpy(r->keys + r->n * key_size, key, key_size);
	memcpy(r->values + r->n * value_size, words, value_size);
	r->n++;
}

static size_t cells_before(const struct ffpf_schema *schema, unsigned field)
{
	size_t n = 0;

	for (unsigned i = 0; i < field; i++)
		n += schema->fields[i].cells ? schema->fields[i].cells : 1;
	return n;
}

void ffpf_cell_tables(const struct ffpf_schema *schema, const uint64_t *cells,
		      const uint64_t *(*per_cpu)(const void *arg, unsigned cpu), unsigned n_cpus, const void *arg,
		      size_t rows, struct ffpf_arena *arena, struct map_results *out)
{
	for (size_t i = 0; i < schema->n_tables; i++) {
		const struct ffpf_class_table *table = &schema->tables[i];
		struct from_field from = {per_cpu, arg, cells_before(schema, table->field)};
		struct rows r = {.arena = arena, .table = table, .most = rows};

		table->rows(table, cells + from.first, slot_from, n_cpus, &from, add_row, &r);
		out->tables =
			ffpf_arena_grow(arena, out->tables, out->n_tables, &out->tables_capacity, sizeof(*out->tables));
		out->tables[out->n_tables++] = (struct ffpf_table){.name = table->name,
								   .doc = table->doc,
								   .kind = table->kind,
								   .key_size = table->key_size,
								   .value_size = table->words * 8,
								   .key = table->key,
								   .value = table->value,
								   .entries = r.entries,
								   .n_rows = r.n,
								   .keys = r.keys,
								   .values = r.values};
	}
}
