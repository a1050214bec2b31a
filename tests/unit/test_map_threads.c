/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several threads on one map. What must hold whatever their order: a key that is there all the while is found by every
 * lookup and comes once to every reader, a value belongs to its key and is whole, a map never has more entries than it
 * may, and when all is done nothing is lost.
 *
 *   stable keys   put before the threads begin; some are replaced over and over
 *   moving keys   put and taken out, in few buckets, so that entries move between chains
 *
 * Also compiled with ThreadSanitizer, as test_map_tsan.
 */
#include <lib/buf/map.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4
#define STABLE 8
#define MOVING 24
#ifndef ROUNDS
#define ROUNDS 60000
#endif

struct key {
	uint32_t prefixlen; /* LPM: all bits count */
	uint32_t number;
};

/* Both words say which key it is. */
struct value {
	uint64_t number, again;
};

struct shared {
	struct ffpf_map *map;
	uint32_t entries;
	bool lru;
	atomic_uint failures;
	atomic_bool done;
	pthread_barrier_t begin;
};

struct worker {
	struct shared *shared;
	unsigned cpu;
	uint64_t random;
};

static struct key key_of(uint32_t number)
{
	return (struct key){32, number * 0x01000193};
}

static void wrong(struct shared *s, const char *what)
{
	if (!atomic_fetch_add(&s->failures, 1))
		print_error("%s\n", what);
}

static uint32_t roll(struct worker *w, uint32_t n)
{
	w->random = w->random * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((w->random >> 33) % n);
}

static void look(struct worker *w, uint32_t number)
{
	struct shared *s = w->shared;
	struct key key = key_of(number);
	struct value copy;
	uint64_t *value = ffpf_map_lookup(s->map, w->cpu, &key);
	int err = ffpf_map_copy(s->map, w->cpu, &key, &copy);

	if (number < STABLE && !s->lru && (!value || err))
		wrong(s, "a key was not found that is there");
	/* A moving key's value may be another key's as soon as the lookup ends; it is one, whole or not. */
	if (number < STABLE && !s->lru && !err && (copy.number != number || copy.again != number))
		wrong(s, "a value is not its key's");
	if (value && __atomic_load_n(value, __ATOMIC_RELAXED) >= STABLE + MOVING)
		wrong(s, "a value is no key's");
}

static void change(struct worker *w)
{
	struct shared *s = w->shared;
	bool stable = !roll(w, 8);
	uint32_t number = stable ? roll(w, STABLE) : STABLE + roll(w, MOVING);
	struct key key = key_of(number);
	struct value value = {number, number};
	int err;

	if (stable) {
		err = ffpf_map_update(s->map, w->cpu, &key, &value, s->lru ? FFPF_MAP_ANY : FFPF_MAP_EXIST);
		if (err)
			wrong(s, "a stable key could not be replaced");
	} else if (roll(w, 2)) {
		err = ffpf_map_update(s->map, w->cpu, &key, &value, FFPF_MAP_ANY);
		if (err && (s->lru || (err != -E2BIG && err != -ENOSPC)))
			wrong(s, "an update failed");
	} else {
		err = ffpf_map_delete(s->map, &key);
		if (err && err != -ENOENT)
			wrong(s, "a delete failed");
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;

	pthread_barrier_wait(&w->shared->begin);
	for (unsigned i = 0; i < ROUNDS; i++) {
		change(w);
		look(w, roll(w, STABLE + MOVING));
		look(w, roll(w, STABLE));
	}
	return NULL;
}

/* All stable keys once, in every pass. */
static void *read_all(void *arg)
{
	struct shared *s = arg;

	while (!atomic_load(&s->done)) {
		struct ffpf_map_reader *reader;
		unsigned seen[STABLE] = {0};
		const void *key;

		if (ffpf_map_reader_new(s->map, &reader))
			return NULL;
		while (!ffpf_map_reader_next(reader, &key))
			for (uint32_t i = 0; i < STABLE; i++)
				seen[i] += key_of(i).number == ((const struct key *)key)->number;
		for (uint32_t i = 0; !s->lru && i < STABLE; i++)
			if (seen[i] != 1)
				wrong(s, "a reader did not see a stable key once");
		ffpf_map_reader_free(reader);
	}
	return NULL;
}

static uint32_t count(struct ffpf_map *map)
{
	struct key key;
	uint32_t n = 0;

	while (!ffpf_map_next(map, n ? &key : NULL, &key) && n < 1000)
		n++;
	return n;
}

/* Afterwards every place is still there: as many new keys fit as there may be. */
static void check_rest(struct shared *s)
{
	struct key key;

	assert_true(count(s->map) <= s->entries);
	while (!ffpf_map_next(s->map, NULL, &key))
		assert_int_equal(ffpf_map_delete(s->map, &key), 0);
	for (uint32_t i = 0; i <= s->entries; i++) {
		struct value value = {i, i};

		key = key_of(1000 + i);
		int err = ffpf_map_update(s->map, 0, &key, &value, FFPF_MAP_NOEXIST);
		assert_true(!err == (i < s->entries || s->lru));
	}
	assert_int_equal(count(s->map), s->entries);
}

static void run(enum ffpf_map_kind kind, uint32_t entries)
{
	struct shared s = {.entries = entries, .lru = kind == FFPF_MAP_LRU_HASH || kind == FFPF_MAP_LRU_PERCPU_HASH};
	struct ffpf_map_spec spec = {"threads", kind, sizeof(struct key), sizeof(struct value), entries, 0};
	struct worker workers[THREADS];
	pthread_t threads[THREADS], reader;

	assert_int_equal(ffpf_map_new(&spec, THREADS, &s.map, NULL), 0);
	for (uint32_t i = 0; i < STABLE; i++) {
		struct key key = key_of(i);
		struct value value = {i, i};

		for (unsigned cpu = 0; cpu < THREADS; cpu++)
			assert_int_equal(ffpf_map_update(s.map, cpu, &key, &value, FFPF_MAP_ANY), 0);
	}
	pthread_barrier_init(&s.begin, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){&s, i, i + 1};
		pthread_create(&threads[i], NULL, work, &workers[i]);
	}
	pthread_create(&reader, NULL, read_all, &s);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	atomic_store(&s.done, true);
	pthread_join(reader, NULL);
	assert_int_equal(s.failures, 0);
	check_rest(&s);
	pthread_barrier_destroy(&s.begin);
	ffpf_map_free(s.map);
}

/* Roomy, and so tight that it is full most of the time. */
#define BOTH(name, kind)                                                                                               \
	static void test_##name(void **state)                                                                          \
	{                                                                                                              \
		run(kind, STABLE + MOVING);                                                                            \
		run(kind, STABLE + 5);                                                                                 \
	}
BOTH(hash, FFPF_MAP_HASH)
BOTH(percpu_hash, FFPF_MAP_PERCPU_HASH)
BOTH(lru_hash, FFPF_MAP_LRU_HASH)
BOTH(lru_percpu_hash, FFPF_MAP_LRU_PERCPU_HASH)
BOTH(lpm, FFPF_MAP_LPM)

/* Fewer entries than threads: an update may have to wait for another's, and may fail as the kernel's does, but ends. */
static void test_lru_tiny(void **state)
{
	struct ffpf_map_spec spec = {"threads", FFPF_MAP_LRU_HASH, sizeof(struct key), sizeof(struct value), 1, 0};
	struct shared s = {.entries = 1, .lru = true};
	struct worker workers[THREADS];
	pthread_t threads[THREADS];

	assert_int_equal(ffpf_map_new(&spec, THREADS, &s.map, NULL), 0);
	pthread_barrier_init(&s.begin, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){&s, i, i + 1};
		pthread_create(&threads[i], NULL, work, &workers[i]);
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	check_rest(&s);
	pthread_barrier_destroy(&s.begin);
	ffpf_map_free(s.map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),	 cmocka_unit_test(test_percpu_hash),
		cmocka_unit_test(test_lru_hash), cmocka_unit_test(test_lru_percpu_hash),
		cmocka_unit_test(test_lpm),	 cmocka_unit_test(test_lru_tiny),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
