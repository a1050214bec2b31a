/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading all keys of a map, piece by piece: an array's entry, a hash table's chain, an LPM's next prefix. A piece is
 * copied while nobody changed it, so no entry is in two pieces and none between them.
 */
#include <lib/buf/map-provider.h>

#include <errno.h>
#include <stdlib.h>

int ffpf_map_reader_new(struct ffpf_map *map, struct ffpf_map_reader **out)
{
	struct ffpf_map_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return -ENOMEM;
	reader->map = map;
	*out = reader;
	return 0;
}

void ffpf_map_reader_free(struct ffpf_map_reader *reader)
{
	if (!reader)
		return;
	free(reader->keys);
	free(reader);
}

void *ffpf_map_reader_room(struct ffpf_map_reader *reader)
{
	size_t size = map_padded(reader->map->spec.key_size);

	if (reader->n == reader->capacity) {
		size_t capacity = reader->capacity ? 2 * reader->capacity : 8;
		uint8_t *keys = reallocarray(reader->keys, capacity, size);

		if (!keys)
			return NULL;
		reader->keys = keys;
		reader->capacity = capacity;
	}
	return reader->keys + reader->n++ * size;
}

int ffpf_map_reader_next(struct ffpf_map_reader *reader, const void **key)
{
	if (reader->at == reader->n) {
		reader->at = reader->n = 0;
		int err = reader->map->ops->read(reader);
		if (err)
			return err;
	}
	*key = reader->keys + reader->at++ * map_padded(reader->map->spec.key_size);
	return 0;
}
