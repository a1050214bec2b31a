/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps that functions of a level announce (ffpf_instance_schema), as the level makes and shows them. Keys of LPM
 * maps begin with their prefix length there, which the announcement is without.
 */
#include <flowspaces/ebpf/level_maps.h>
#include <lib/graph/fuse.h>
#include <lib/lang/arena.h>

#include <string.h>

#define PREFIX_BYTES 4

static struct ffpf_members with_prefix(struct ffpf_arena *arena, const struct ffpf_class_map *map)
{
	struct ffpf_member *list = ffpf_arena_alloc(arena, (map->key.n + 2) * sizeof(*list));

	list[0] =
		(struct ffpf_member){.name = "prefix", .size = PREFIX_BYTES, .count = 1, .kind = FFPF_MEMBER_UNSIGNED};
	for (size_t i = 0; i < map->key.n; i++) {
		list[i + 1] = map->key.list[i];
		list[i + 1].offset += PREFIX_BYTES;
		if (!*list[i + 1].name)
			list[i + 1].name = "key";
	}
	if (!map->key.n)
		list[1] = (struct ffpf_member){.name = "key",
					       .offset = PREFIX_BYTES,
					       .size = 1,
					       .count = map->key_size,
					       .kind = FFPF_MEMBER_BYTES};
	return (struct ffpf_members){list, map->key.n ? map->key.n + 1 : 2};
}

struct ffpf_shown_map *ffpf_level_maps(const struct ffpf_level *level, struct ffpf_arena *arena)
{
	struct ffpf_shown_map *maps = ffpf_arena_alloc(arena, level->n_maps * sizeof(*maps) + 1);

	for (unsigned i = 0; i < level->n_maps; i++) {
		const struct ffpf_class_map *map = level->maps[i].map;
		bool lpm = map->kind == FFPF_MAP_LPM;

		maps[i] = (struct ffpf_shown_map){.function = level->maps[i].function,
						  .map = map,
						  .spec = {.kind = map->kind,
							   .key_size = map->key_size + (lpm ? PREFIX_BYTES : 0),
							   .value_size = map->words * 8,
							   .max_entries = map->max_entries},
						  .key = lpm ? with_prefix(arena, map) : map->key};
		strncpy(maps[i].spec.name, map->name, sizeof(maps[i].spec.name) - 1);
	}
	return maps;
}

const struct ffpf_shown_map *ffpf_shown_map(const struct ffpf_shown_map *maps, const struct ffpf_function *f, size_t i)
{
	const struct ffpf_function_layout *l = f->layout;

	return i < l->schema->n_maps ? &maps[l->first_map + i] : NULL;
}

struct ffpf_map_view ffpf_shown_map_view(const struct ffpf_shown_map *map)
{
	return (struct ffpf_map_view){.spec = &map->spec,
				      .key = map->key,
				      .value = map->map->value,
				      .n_values = 1,
				      .announced = map->map,
				      .fd = -1};
}

size_t ffpf_map_filling(const struct ffpf_shown_map *shown, size_t first, size_t most, void *keys, uint64_t *values)
{
	const struct ffpf_class_map *map = shown->map;
	size_t n = map->n_filled - first < most ? map->n_filled - first : most, step = shown->spec.key_size;
	uint8_t *to = keys;

	for (size_t i = 0; i < n; i++, to += step) {
		uint32_t number = (uint32_t)(first + i);

		if (map->kind == FFPF_MAP_ARRAY) {
			memcpy(to, &number, sizeof(number));
		} else if (map->kind == FFPF_MAP_LPM) {
			number = map->prefixes[first + i];
			memcpy(to, &number, sizeof(number));
			memcpy(to + PREFIX_BYTES, map->keys + (first + i) * map->key_size, map->key_size);
		} else {
			memcpy(to, map->keys + (first + i) * map->key_size, map->key_size);
		}
	}
	for (size_t i = 0; i < n * map->words; i++)
		values[i] = map->values ? map->values[first * map->words + i] : 1;
	return n;
}
