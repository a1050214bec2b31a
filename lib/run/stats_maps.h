/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions' maps among the results; part of stats.c. */
#ifndef FFPF_RUN_STATS_MAPS_H
#define FFPF_RUN_STATS_MAPS_H

#include <lib/run/run.h>

struct map_results {
	struct ffpf_result *list;
	size_t n, capacity;
	struct ffpf_table *tables; /* of maps that a class announces */
	size_t n_tables, tables_capacity;
};

/* Appends what a function's maps say. All in the arena. */
void ffpf_map_results(struct ffpf_run *run, const struct ffpf_function *f, struct ffpf_arena *arena,
		      struct map_results *out);
/*
 * A map that a function's class announces, as results show it: up to so many rows. Returns the number of entries. All
 * in the arena, but for the members, which are the graph's.
 */
uint64_t ffpf_table_results(const struct ffpf_map_view *view, size_t rows, struct ffpf_arena *arena,
			    struct ffpf_table *out);
/* Entries of a map, of an array those that are not all zero. */
uint64_t ffpf_map_entries(const struct ffpf_map_view *view);

/*
 * Tables that a class makes of cells: of the fields of its schema, in order, merged; per_cpu gives one slot's. Up to so
 * many rows of each.
 */
void ffpf_cell_tables(const struct ffpf_schema *schema, const uint64_t *cells,
		      const uint64_t *(*per_cpu)(const void *arg, unsigned cpu), unsigned n_cpus, const void *arg,
		      size_t rows, struct ffpf_arena *arena, struct map_results *out);

#endif
