/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the maps share. Private to lib/buf/map*.c.
 *
 * Threads: a map's words are read and written atomically, one by one. A lookup takes nothing and waits for nobody; it
 * starts again only when somebody else changed the very bucket meanwhile, that is, got something done. Those who change
 * a chain exclude each other by one compare-and-swap on the bucket's word, held for some ten instructions without a
 * call; what needs time (copying, making room) is done before or after. So a thread that adds keys can only meet
 * another one that changes the same bucket at the same moment; then it looks again, and gives its processor away if
 * that one was interrupted. There is no lock over a map (LPM: its tree is one bucket), none over readers.
 */
#ifndef FFPF_BUF_MAP_PROVIDER_H
#define FFPF_BUF_MAP_PROVIDER_H

#include <lib/buf/map_layout.h>
#include <sched.h>
#include <string.h>

#define MAP_KEY_WORDS (FFPF_MAP_KEY_MOST / 8)

struct ffpf_map_reader;

struct map_ops {
	/* Checks sizes of this kind, and fills in what lies where (offsets from 0, behind the header comes later).
	 * 0, -EINVAL or -E2BIG and *why. */
	int (*shape)(const struct ffpf_map_spec *spec, struct map_area *area, const char **why);
	/* Fills the zeroed area. NULL: zeros are right. */
	void (*init)(struct ffpf_map *map);
	/* `use`: counts as one for LRU. */
	void *(*lookup)(struct ffpf_map *map, unsigned cpu, const void *key, bool use);
	int (*update)(struct ffpf_map *map, unsigned cpu, const void *key, const void *value, enum ffpf_map_update how);
	int (*delete)(struct ffpf_map *map, const void *key);
	int (*next)(struct ffpf_map *map, const void *key, void *next);
	/* Fills reader->keys with those of the next piece of the map, from reader->position, which it moves.
	 * -ENOENT behind the last; -ENOMEM. */
	int (*read)(struct ffpf_map_reader *reader);
};

extern const struct map_ops ffpf_map_array_ops, ffpf_map_hash_ops, ffpf_map_lpm_ops;

struct ffpf_map {
	struct ffpf_map_spec spec;
	const struct map_ops *ops;
	struct map_area *area;
	unsigned n_cpus;
	int fd; /* of the area's memory */
	bool per_cpu, lru;
	/* from the area: what the data path needs */
	uint8_t *items, *values, *slots;
	size_t item_size, value_stride, cpu_stride, slot_size;
	uint32_t n_items, bucket_mask;
	struct map_bucket *buckets;
	uint32_t key_words; /* LPM: of the bits */
	uint64_t secret[MAP_KEY_WORDS + 2];
};

struct ffpf_map_reader {
	struct ffpf_map *map;
	uint64_t position;
	uint8_t *keys; /* n of them, each padded to eight bytes */
	size_t n, at, capacity;
};

static inline uint64_t map_padded(uint64_t bytes)
{
	return (bytes + 7) & ~(uint64_t)7;
}

static inline uint32_t map_load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void map_store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* The last 1 to 7 bytes of something as a word, zeros behind. Not through memory: a load that is wider than the store
 * before it has to wait for it. */
static inline uint64_t map_tail(const uint8_t *p, size_t bytes)
{
	uint64_t word = 0;
	unsigned at = 0;
	uint32_t four;
	uint16_t two;

	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__) {
		memcpy(&word, p, bytes);
		return word;
	}
	if (bytes & 4) {
		memcpy(&four, p, 4);
		word = four;
		at = 4;
	}
	if (bytes & 2) {
		memcpy(&two, p + at, 2);
		word |= (uint64_t)two << at * 8;
		at += 2;
	}
	if (bytes & 1)
		word |= (uint64_t)p[at] << at * 8;
	return word;
}

/* Copies bytes into padded memory of a map, word by word. */
static inline void map_put(uint64_t *to, const void *from, size_t bytes)
{
	const uint8_t *p = from;
	uint64_t word;

	for (; bytes >= 8; bytes -= 8, p += 8) {
		memcpy(&word, p, 8);
		__atomic_store_n(to++, word, __ATOMIC_RELEASE);
	}
	if (bytes)
		__atomic_store_n(to, map_tail(p, bytes), __ATOMIC_RELEASE);
}

/* And out of it. */
static inline void map_get(void *to, const uint64_t *from, size_t bytes)
{
	uint8_t *p = to;
	uint64_t word;

	for (; bytes >= 8; bytes -= 8, p += 8) {
		word = __atomic_load_n(from++, __ATOMIC_ACQUIRE);
		memcpy(p, &word, 8);
	}
	if (!bytes)
		return;
	word = __atomic_load_n(from, __ATOMIC_ACQUIRE);
	memcpy(p, &word, bytes);
}

static inline void *map_item(const struct ffpf_map *map, uint32_t i)
{
	return map->items + (size_t)i * map->item_size;
}

static inline uint32_t map_item_number(const struct ffpf_map *map, const void *item)
{
	return (uint32_t)((size_t)((const uint8_t *)item - map->items) / map->item_size);
}

static inline void *map_value(const struct ffpf_map *map, uint32_t i, unsigned cpu)
{
	return map->values + (map->per_cpu ? cpu * map->cpu_stride : 0) + (size_t)i * map->value_stride;
}

/* ---- buckets */

static inline bool map_bucket_try(struct map_bucket *b)
{
	uint32_t state = __atomic_load_n(&b->state, __ATOMIC_RELAXED);

	return !(state & 1) &&
	       __atomic_compare_exchange_n(&b->state, &state, state + 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void map_bucket_take(struct map_bucket *b)
{
	for (unsigned tries = 0; !map_bucket_try(b); tries++)
		if (tries > 64)
			sched_yield();
}

/* Counts a change as done, so that what left the chain may be used again, and keeps the bucket. */
static inline void map_bucket_settle(struct map_bucket *b)
{
	__atomic_store_n(&b->state, map_load(&b->state) + 2, __ATOMIC_RELEASE);
}

static inline void map_bucket_give(struct map_bucket *b)
{
	__atomic_store_n(&b->state, map_load(&b->state) + 1, __ATOMIC_RELEASE);
}

/* For who reads a chain: before, and after. */
static inline uint32_t map_bucket_changes(const struct map_bucket *b)
{
	return map_load(&b->state) >> 1;
}

/* ---- free items (map_area.c) */

uint32_t ffpf_map_pop(struct map_stack *stack, const void *items, size_t item_size); /* or MAP_NONE */
void ffpf_map_push(struct map_stack *stack, void *items, size_t item_size, uint32_t i);

/* ---- the area (map_area.c) */

/* Checks that sizes fit, gives offsets their place behind the header, allocates, and sets map's members that come from
 * the area. 0, -E2BIG or -ENOMEM and *why. */
int ffpf_map_area_new(struct ffpf_map *map, struct map_area *shape, const char **why);
void ffpf_map_area_free(struct ffpf_map *map);

/* ---- LRU (map_lru.c) */

/* Takes an entry that was not used lately out of its chain, and gives its number; MAP_NONE when all are being changed.
 * The caller holds no bucket. */
uint32_t ffpf_map_evict(struct ffpf_map *map);
/* Takes `e` out of the chain of b, which the caller holds; false if it is not in it. (map_hash.c) */
bool ffpf_map_unlink(struct ffpf_map *map, struct map_bucket *b, struct map_entry *e);

/* ---- readers (map_reader.c) */

/* Room for one more key of the reader: where it goes, or NULL. */
void *ffpf_map_reader_room(struct ffpf_map_reader *reader);
/* Order of prefixes (map_lpm_order.c): -ENOENT, or the entry behind `key` (NULL: the first), present or not. */
int ffpf_map_lpm_next(struct ffpf_map *map, const void *key, void *next);
int ffpf_map_lpm_after(struct ffpf_map *map, const void *key, void *next);

#endif
