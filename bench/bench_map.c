/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps of the userspace machine: nanoseconds of a lookup that finds, of one that does not, of putting a new value and
 * of putting a new key (LRU: into a full table), keys at random, against reading the same values from a C array. One
 * thread. Argument: entries (65536).
 */
#include <lib/buf/map.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS 7
#define STEPS 400000

enum { FOUND, MISSED, REPLACED, ADDED, KINDS_OF_STEP };

struct subject {
	const char *name;
	enum ffpf_map_kind kind;
	uint32_t key_size;
};

static const struct subject subjects[] = {
	{"array", FFPF_MAP_ARRAY, 4},
	{"percpu_array", FFPF_MAP_PERCPU_ARRAY, 4},
	{"hash, 4 bytes", FFPF_MAP_HASH, 4},
	{"hash, 16 bytes", FFPF_MAP_HASH, 16},
	{"hash, 40 bytes", FFPF_MAP_HASH, 40},
	{"percpu_hash, 16", FFPF_MAP_PERCPU_HASH, 16},
	{"lru_hash, 16", FFPF_MAP_LRU_HASH, 16},
	{"lpm, IPv4", FFPF_MAP_LPM, 8},
};
#define N_SUBJECTS (sizeof(subjects) / sizeof(subjects[0]))

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *times)
{
	qsort(times, RUNS, sizeof(*times), compare);
	return times[RUNS / 2];
}

/* Key number i of a subject: arrays by index, the others spread out. */
static void make_key(const struct subject *s, uint32_t i, uint32_t *key)
{
	uint32_t spread = i * 0x9e3779b1;

	if (s->kind == FFPF_MAP_LPM) {
		key[0] = 32;
		key[1] = spread;
		return;
	}
	key[0] = s->kind == FFPF_MAP_ARRAY || s->kind == FFPF_MAP_PERCPU_ARRAY ? i : spread;
	for (uint32_t w = 1; w < s->key_size / 4; w++)
		key[w] = w;
}

static uint32_t next_number(uint64_t *state, uint32_t n)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((*state >> 33) % n);
}

static double step(struct ffpf_map *map, const struct subject *s, int what, uint32_t n, uint64_t *sum)
{
	uint32_t key[10];
	uint64_t state = 1, value = 1;
	double start = now();

	for (unsigned i = 0; i < STEPS; i++) {
		uint32_t number = next_number(&state, n);

		if (what == MISSED || what == ADDED)
			number += n;
		make_key(s, number, key);
		if (what == REPLACED) {
			*sum += (uint64_t)ffpf_map_update(map, 0, key, &value, FFPF_MAP_ANY);
		} else if (what == ADDED) { /* into a full LRU table, else taken out again */
			*sum += (uint64_t)ffpf_map_update(map, 0, key, &value, FFPF_MAP_ANY);
			if (s->kind != FFPF_MAP_LRU_HASH)
				*sum += (uint64_t)ffpf_map_delete(map, key);
		} else {
			const uint64_t *found = ffpf_map_lookup(map, 0, key);

			*sum += found ? *found : 1;
		}
	}
	return (now() - start) / STEPS;
}

static struct ffpf_map *filled(const struct subject *s, uint32_t n)
{
	struct ffpf_map_spec spec = {"bench", s->kind, s->key_size, 8, n, 0};
	struct ffpf_map *map;
	uint32_t key[10];
	uint64_t value = 3;

	if (s->kind != FFPF_MAP_LRU_HASH && s->kind != FFPF_MAP_ARRAY && s->kind != FFPF_MAP_PERCPU_ARRAY)
		spec.max_entries++; /* room for the one that comes and goes */
	if (ffpf_map_new(&spec, 1, &map, NULL))
		exit(1);
	for (uint32_t i = 0; i < n; i++) {
		make_key(s, i, key);
		if (ffpf_map_update(map, 0, key, &value, FFPF_MAP_ANY))
			exit(1);
	}
	return map;
}

static double plain(uint64_t *array, uint32_t n, uint64_t *sum)
{
	uint64_t state = 1;
	double start = now();

	for (unsigned i = 0; i < STEPS; i++) {
		volatile uint64_t *at = &array[next_number(&state, n)];

		*sum += *at;
	}
	return (now() - start) / STEPS;
}

int main(int argc, char **argv)
{
	uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 65536;
	double times[N_SUBJECTS][KINDS_OF_STEP][RUNS], base[RUNS];
	struct ffpf_map *maps[N_SUBJECTS];
	uint64_t *array = calloc(n, sizeof(*array)), sum = 0;

	if (!n || !array)
		return 1;
	for (size_t s = 0; s < N_SUBJECTS; s++)
		maps[s] = filled(&subjects[s], n);
	for (unsigned run = 0; run < RUNS; run++) {
		base[run] = plain(array, n, &sum);
		for (size_t s = 0; s < N_SUBJECTS; s++)
			for (int what = 0; what < KINDS_OF_STEP; what++) /* adding last: it changes an LRU table */
				times[s][what][run] = step(maps[s], &subjects[s], what, n, &sum);
		for (size_t s = 0; s < N_SUBJECTS; s++) { /* full of the old keys again */
			ffpf_map_free(maps[s]);
			maps[s] = filled(&subjects[s], n);
		}
	}
	double one = median(base);
	printf("%u entries, values of 8 bytes; ns (and times a C array's), medians of %d runs\n", n, RUNS);
	printf("%-18s %14s %14s %14s %14s\n", "", "found", "not found", "new value", "new key");
	printf("%-18s %6.1f (%5.1f)\n", "C array", one, 1.0);
	for (size_t s = 0; s < N_SUBJECTS; s++) {
		printf("%-18s", subjects[s].name);
		for (int what = 0; what < KINDS_OF_STEP; what++) {
			double ns = median(times[s][what]);

			printf(" %6.1f (%5.1f)", ns, ns / one);
		}
		printf("\n");
		ffpf_map_free(maps[s]);
	}
	free(array);
	return sum == 0;
}
