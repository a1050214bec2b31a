/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arrays: all entries are there, zeroed, from the beginning to the end.
 */
#include <lib/buf/map-provider.h>

#include <errno.h>

static int shape(const struct ffpf_map_spec *spec, struct map_area *area, const char **why)
{
	if (spec->key_size != sizeof(uint32_t)) {
		*why = "the key of an array has four bytes";
		return -EINVAL;
	}
	area->value_stride = map_padded(spec->value_size);
	return 0;
}

static void *lookup(struct ffpf_map *map, unsigned cpu, const void *key, bool use)
{
	uint32_t i;

	memcpy(&i, key, sizeof(i));
	return i < map->spec.max_entries ? map_value(map, i, cpu) : NULL;
}

static int update(struct ffpf_map *map, unsigned cpu, const void *key, const void *value, enum ffpf_map_update how)
{
	uint64_t *to = lookup(map, cpu, key, true);

	if (!to)
		return -E2BIG;
	if (how == FFPF_MAP_NOEXIST)
		return -EEXIST;
	map_put(to, value, map->spec.value_size);
	return 0;
}

static int next(struct ffpf_map *map, const void *key, void *next)
{
	uint32_t i = UINT32_MAX;

	if (key)
		memcpy(&i, key, sizeof(i));
	i = i < map->spec.max_entries ? i + 1 : 0;
	if (i == map->spec.max_entries)
		return -ENOENT;
	memcpy(next, &i, sizeof(i));
	return 0;
}

static int read(struct ffpf_map_reader *reader)
{
	uint32_t i = (uint32_t)reader->position;

	if (reader->position == reader->map->spec.max_entries)
		return -ENOENT;
	void *room = ffpf_map_reader_room(reader);
	if (!room)
		return -ENOMEM;
	memcpy(room, &i, sizeof(i));
	reader->position++;
	return 0;
}

const struct map_ops ffpf_map_array_ops = {
	.shape = shape, .lookup = lookup, .update = update, .next = next, .read = read};
