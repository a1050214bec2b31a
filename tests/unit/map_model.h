/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A map as simple as can be, a list that is searched from end to end, and operations done on it and on a map of
 * lib/buf, which must agree. For the tests and for the fuzz target. A difference ends the program.
 *
 * LRU maps choose what they give up: the model looks what is gone, which may be one entry, and only when it was full.
 */
#ifndef TESTS_MAP_MODEL_H
#define TESTS_MAP_MODEL_H

#include <lib/buf/map.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODEL_BYTES 64 /* keys and values of models have no more */

struct model_entry {
	uint8_t key[MODEL_BYTES], value[MODEL_BYTES];
};

struct model {
	struct ffpf_map_spec spec;
	struct ffpf_map *map;
	struct model_entry *entries;
	size_t n;
};

static inline void model_require(bool holds, const char *what, int line)
{
	if (holds)
		return;
	fprintf(stderr, "map differs from its model in line %d: %s\n", line, what);
	abort();
}
#define MODEL_REQUIRE(condition) model_require(condition, #condition, __LINE__)

static inline bool model_is_array(const struct model *m)
{
	return m->spec.kind == FFPF_MAP_ARRAY || m->spec.kind == FFPF_MAP_PERCPU_ARRAY;
}

static inline bool model_is_lru(const struct model *m)
{
	return m->spec.kind == FFPF_MAP_LRU_HASH || m->spec.kind == FFPF_MAP_LRU_PERCPU_HASH;
}

static inline struct model *model_new(const struct ffpf_map_spec *spec)
{
	struct model *m = calloc(1, sizeof(*m));

	m->spec = *spec;
	m->entries = calloc(spec->max_entries + 1, sizeof(*m->entries));
	MODEL_REQUIRE(ffpf_map_new(spec, 1, &m->map, NULL) == 0);
	for (uint32_t i = 0; model_is_array(m) && i < spec->max_entries; i++)
		memcpy(m->entries[m->n++].key, &i, sizeof(i));
	return m;
}

static inline void model_free(struct model *m)
{
	ffpf_map_free(m->map);
	free(m->entries);
	free(m);
}

static inline uint32_t model_prefixlen(const uint8_t *key)
{
	uint32_t prefixlen;

	memcpy(&prefixlen, key, sizeof(prefixlen));
	return prefixlen;
}

static inline bool model_bad_prefix(const struct model *m, const uint8_t *key)
{
	return m->spec.kind == FFPF_MAP_LPM && model_prefixlen(key) > (m->spec.key_size - 4) * 8;
}

static inline bool model_bits_equal(const uint8_t *a, const uint8_t *b, uint32_t bits)
{
	for (uint32_t i = 0; i < bits; i++)
		if ((a[4 + i / 8] ^ b[4 + i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

/* The entry of the very key. */
static inline struct model_entry *model_find(const struct model *m, const uint8_t *key)
{
	for (size_t i = 0; i < m->n; i++) {
		struct model_entry *e = &m->entries[i];

		if (m->spec.kind == FFPF_MAP_LPM ? model_prefixlen(e->key) == model_prefixlen(key) &&
							   model_bits_equal(e->key, key, model_prefixlen(key))
						 : !memcmp(e->key, key, m->spec.key_size))
			return e;
	}
	return NULL;
}

static inline struct model_entry *model_match(const struct model *m, const uint8_t *key)
{
	struct model_entry *best = NULL;

	if (m->spec.kind != FFPF_MAP_LPM)
		return model_find(m, key);
	for (size_t i = 0; i < m->n && !model_bad_prefix(m, key); i++) {
		struct model_entry *e = &m->entries[i];
		uint32_t bits = model_prefixlen(e->key);

		if (bits <= model_prefixlen(key) && model_bits_equal(e->key, key, bits) &&
		    (!best || bits > model_prefixlen(best->key)))
			best = e;
	}
	return best;
}

static inline void model_lookup(struct model *m, const uint8_t *key)
{
	const struct model_entry *e = model_match(m, key);
	const void *value = ffpf_map_lookup(m->map, 0, key);
	uint8_t copy[MODEL_BYTES];

	MODEL_REQUIRE(!e == !value);
	MODEL_REQUIRE(!e || !memcmp(e->value, value, m->spec.value_size));
	MODEL_REQUIRE(ffpf_map_copy(m->map, 0, key, copy) == (e ? 0 : -ENOENT));
	MODEL_REQUIRE(!e || !memcmp(copy, value, m->spec.value_size));
}

static inline void model_remove(struct model *m, struct model_entry *e)
{
	*e = m->entries[--m->n];
}

/* What a full LRU map gave up. */
static inline void model_forget(struct model *m)
{
	uint8_t copy[MODEL_BYTES];
	size_t gone = m->n;

	for (size_t i = 0; i < m->n; i++) {
		if (!ffpf_map_copy(m->map, 0, m->entries[i].key, copy))
			continue;
		MODEL_REQUIRE(gone == m->n);
		gone = i;
	}
	MODEL_REQUIRE(gone < m->n);
	model_remove(m, &m->entries[gone]);
}

static inline int model_expected(const struct model *m, const uint8_t *key, unsigned how)
{
	const struct model_entry *e = model_find(m, key);

	if (how > FFPF_MAP_EXIST || model_bad_prefix(m, key))
		return -EINVAL;
	if (model_is_array(m))
		return !e ? -E2BIG : how == FFPF_MAP_NOEXIST ? -EEXIST : 0;
	if (e ? how == FFPF_MAP_NOEXIST : how == FFPF_MAP_EXIST)
		return e ? -EEXIST : -ENOENT;
	if (!e && m->n == m->spec.max_entries && !model_is_lru(m))
		return m->spec.kind == FFPF_MAP_LPM ? -ENOSPC : -E2BIG;
	return 0;
}

static inline int model_update(struct model *m, const uint8_t *key, const uint8_t *value, unsigned how)
{
	int expected = model_expected(m, key, how);
	struct model_entry *e = model_find(m, key);

	MODEL_REQUIRE(ffpf_map_update(m->map, 0, key, value, (enum ffpf_map_update)how) == expected);
	if (expected)
		return expected;
	if (!e && m->n == m->spec.max_entries)
		model_forget(m);
	if (!e)
		e = &m->entries[m->n++];
	memcpy(e->key, key, m->spec.key_size);
	memcpy(e->value, value, m->spec.value_size);
	return 0;
}

static inline int model_delete(struct model *m, const uint8_t *key)
{
	struct model_entry *e = model_find(m, key);
	int expected = model_is_array(m) || model_bad_prefix(m, key) ? -EINVAL : e ? 0 : -ENOENT;

	MODEL_REQUIRE(ffpf_map_delete(m->map, key) == expected);
	if (!expected)
		model_remove(m, e);
	return expected;
}

/* Does a come before b in an LPM map? Longer prefixes before those that contain them, 0 before 1. */
static inline bool model_before(const uint8_t *a, const uint8_t *b)
{
	uint32_t x = model_prefixlen(a), y = model_prefixlen(b);

	for (uint32_t i = 0; i < x && i < y; i++) {
		int difference = (a[4 + i / 8] >> (7 - i % 8) & 1) - (b[4 + i / 8] >> (7 - i % 8) & 1);

		if (difference)
			return difference < 0;
	}
	return x > y;
}

/* All keys come once by next, and by a reader; LPM in order. `gone`: a key that is not there gives the first. */
static inline void model_walk(struct model *m, const uint8_t *gone)
{
	uint8_t key[MODEL_BYTES] = {0}, next[MODEL_BYTES], first[MODEL_BYTES];
	struct ffpf_map_reader *reader;
	const void *read;
	size_t n = 0;

	MODEL_REQUIRE(ffpf_map_reader_new(m->map, &reader) == 0);
	for (; ffpf_map_next(m->map, n ? key : NULL, next) == 0; n++) {
		MODEL_REQUIRE(n < m->n);
		const struct model_entry *e = model_find(m, next);
		MODEL_REQUIRE(e && !memcmp(e->key, next, m->spec.key_size));
		MODEL_REQUIRE(m->spec.kind != FFPF_MAP_LPM || !n || model_before(key, next));
		MODEL_REQUIRE(ffpf_map_reader_next(reader, &read) == 0);
		MODEL_REQUIRE(!memcmp(read, next, m->spec.key_size));
		memcpy(key, next, m->spec.key_size);
		if (!n)
			memcpy(first, next, m->spec.key_size);
	}
	MODEL_REQUIRE(n == m->n);
	MODEL_REQUIRE(ffpf_map_reader_next(reader, &read) == -ENOENT);
	ffpf_map_reader_free(reader);
	if (!n || model_find(m, gone))
		return;
	MODEL_REQUIRE(ffpf_map_next(m->map, gone, next) == 0);
	MODEL_REQUIRE(!memcmp(next, first, m->spec.key_size));
}

#endif
