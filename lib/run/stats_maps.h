/* SPDX-License-Identifier: BSD-2-Clause */
/* Users' programs' maps among the results; part of stats.c. */
#ifndef FFPF_RUN_STATS_MAPS_H
#define FFPF_RUN_STATS_MAPS_H

#include <lib/run/run.h>

struct map_results {
	struct ffpf_result *list;
	size_t n, capacity;
};

/* Appends what a function's maps say. All in the arena. */
void ffpf_map_results(struct ffpf_run *run, const struct ffpf_function *f, struct ffpf_arena *arena,
		      struct map_results *out);
/* Entries of a map, of an array those that are not all zero. */
uint64_t ffpf_map_entries(const struct ffpf_map_view *view);

#endif
