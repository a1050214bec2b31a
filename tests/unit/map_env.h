/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps of functions for the reference interpreter, over lib/buf/map.h; and what is in them as text, to be compared with
 * what was in others.
 */
#ifndef FFPF_TESTS_MAP_ENV_H
#define FFPF_TESTS_MAP_ENV_H

#include <ffpf/ffpf.h>
#include <errno.h>
#include <flowspaces/ebpf/level_maps.h>
#include <lib/graph/fuse.h>
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>
#include <stdlib.h>
#include <string.h>

struct map_env {
	const struct ffpf_shown_map *shown;
	struct ffpf_map **maps;
	unsigned n;
};

static inline void map_env_make(struct map_env *e, const struct ffpf_level *level, struct ffpf_arena *arena)
{
	e->shown = ffpf_level_maps(level, arena);
	e->n = level->n_maps;
	e->maps = calloc(e->n + 1, sizeof(struct ffpf_map *));
	for (unsigned i = 0; i < e->n; i++) {
		uint8_t key[FFPF_MAP_KEY_MOST];
		uint64_t value[FFPF_CLASS_MAP_WORDS_MOST];

		if (ffpf_map_new(&e->shown[i].spec, 1, &e->maps[i], NULL))
			abort();
		for (size_t k = 0; k < e->shown[i].map->n_filled; k++) {
			ffpf_map_filling(&e->shown[i], k, 1, key, value);
			if (ffpf_map_update(e->maps[i], 0, key, value, FFPF_MAP_ANY))
				abort();
		}
	}
}

static inline void map_env_free(struct map_env *e)
{
	for (unsigned i = 0; i < e->n; i++)
		ffpf_map_free(e->maps[i]);
	free(e->maps);
	*e = (struct map_env){0};
}

static inline void map_env_key(const struct map_env *e, unsigned map, const uint8_t *key, uint8_t *out)
{
	uint32_t bits = e->shown[map].map->key_size * 8;
	bool lpm = e->shown[map].map->kind == FFPF_MAP_LPM;

	memcpy(out, &bits, sizeof(bits));
	memcpy(out + (lpm ? sizeof(bits) : 0), key, e->shown[map].map->key_size);
}

static inline uint64_t *map_env_find(struct map_env *e, unsigned map, const uint8_t *key)
{
	uint8_t whole[FFPF_MAP_KEY_MOST];

	map_env_key(e, map, key, whole);
	return ffpf_map_lookup(e->maps[map], 0, whole);
}

static inline uint32_t map_env_add(struct map_env *e, unsigned map, const uint8_t *key)
{
	static const uint64_t zero[FFPF_CLASS_MAP_WORDS_MOST];
	uint8_t whole[FFPF_MAP_KEY_MOST];
	int err;

	map_env_key(e, map, key, whole);
	err = ffpf_map_update(e->maps[map], 0, whole, zero, FFPF_MAP_NOEXIST);
	return err && err != -EEXIST;
}

static inline void map_env_remove(struct map_env *e, unsigned map, const uint8_t *key)
{
	uint8_t whole[FFPF_MAP_KEY_MOST];

	map_env_key(e, map, key, whole);
	ffpf_map_delete(e->maps[map], whole);
}

/* ---- as text --------------------------------------------------------------------------------- */

static inline void map_text_bytes(FILE *out, const uint8_t *bytes, size_t n)
{
	while (n--)
		fprintf(out, "%02x", *bytes++);
}

static inline int map_text_compare(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

/* Lines in order, each once; frees them. */
static inline void map_text_lines(FILE *out, char **lines, size_t n)
{
	if (n)
		qsort(lines, n, sizeof(*lines), map_text_compare);
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%s\n", lines[i]);
		free(lines[i]);
	}
	free(lines);
}

static inline char *map_text_line(const char *function, const char *map, const uint8_t *key, size_t key_size,
				  const uint8_t *value, size_t value_size)
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	fprintf(out, "%s.%s ", function, map);
	map_text_bytes(out, key, key_size);
	fputs(" = ", out);
	map_text_bytes(out, value, value_size);
	fclose(out);
	return line;
}

/* What the maps of one level's functions hold; malloc'd lines, appended. */
static inline void map_env_lines(const struct map_env *e, char ***lines, size_t *n)
{
	for (unsigned i = 0; i < e->n; i++) {
		const struct ffpf_map_spec *spec = &e->shown[i].spec;
		uint8_t key[FFPF_MAP_KEY_MOST], next[FFPF_MAP_KEY_MOST];
		uint64_t value[FFPF_CLASS_MAP_WORDS_MOST];

		for (int err = ffpf_map_next(e->maps[i], NULL, next); !err;
		     err = ffpf_map_next(e->maps[i], key, next)) {
			memcpy(key, next, spec->key_size);
			if (ffpf_map_copy(e->maps[i], 0, key, value))
				abort();
			*lines = realloc(*lines, (*n + 1) * sizeof(char *));
			(*lines)[(*n)++] = map_text_line(e->shown[i].function->instance.name, spec->name, key,
							 spec->key_size, (uint8_t *)value, spec->value_size);
		}
	}
}

/* What the maps of all functions of a handle hold; malloc'd. */
static inline char *map_text(struct ffpf *h)
{
	struct ffpf_map_entries *entries;
	struct ffpf_map_info info;
	char **lines = NULL, *text = NULL;
	size_t n = 0, size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; !ffpf_map_get(h, i, &info); i++) {
		if (ffpf_map_read(h, i, &entries))
			abort();
		for (size_t k = 0; k < entries->n; k++) {
			lines = realloc(lines, (n + 1) * sizeof(char *));
			lines[n++] = map_text_line(info.function, info.name, entries->keys + k * info.key_size,
						   info.key_size, entries->values + k * entries->value_step,
						   info.value_size);
		}
		ffpf_map_entries_free(entries);
	}
	map_text_lines(out, lines, n);
	fclose(out);
	return text;
}

#endif
