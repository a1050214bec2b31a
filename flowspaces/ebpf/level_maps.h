/* SPDX-License-Identifier: BSD-2-Clause */
/* The maps that functions of a level announce, as the level makes and shows them; level_maps.c. */
#ifndef FFPF_EBPF_LEVEL_MAPS_H
#define FFPF_EBPF_LEVEL_MAPS_H

#include <lib/flowspace.h>

struct ffpf_level;

/* A map that a function of a level announces, as the level has it. */
struct ffpf_shown_map {
	const struct ffpf_function *function;
	const struct ffpf_class_map *map;
	struct ffpf_map_spec spec;
	struct ffpf_members key; /* of the level's keys */
};

/* All of a level, in the order of the numbers that programs know them by; in the arena. */
struct ffpf_shown_map *ffpf_level_maps(const struct ffpf_level *level, struct ffpf_arena *arena);
/* The i-th that a function of the level has, of those; NULL behind the last. */
const struct ffpf_shown_map *ffpf_shown_map(const struct ffpf_shown_map *maps, const struct ffpf_function *f, size_t i);
/* What is the same of it at all levels. */
struct ffpf_map_view ffpf_shown_map_view(const struct ffpf_shown_map *map);
/* What it is filled with: up to `most` entries from the first on, keys and values one behind the other. How many. */
size_t ffpf_map_filling(const struct ffpf_shown_map *map, size_t first, size_t most, void *keys, uint64_t *values);

#endif
