/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps: bounds, slots, what is kept when a value is replaced, what a full LRU table gives up, chains of awkward keys;
 * and random operations against the naive model (map_model.h) and against the kernel's own maps.
 */
#include "map_model.h"

#include <lib/buf/map-provider.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/stat.h>
#include <unistd.h>

static struct ffpf_map_spec spec_of(enum ffpf_map_kind kind, uint32_t key, uint32_t value, uint32_t entries)
{
	return (struct ffpf_map_spec){
		.name = "test", .kind = kind, .key_size = key, .value_size = value, .max_entries = entries};
}

static struct ffpf_map *map_of(enum ffpf_map_kind kind, uint32_t key, uint32_t value, uint32_t entries, unsigned cpus)
{
	struct ffpf_map_spec spec = spec_of(kind, key, value, entries);
	struct ffpf_map *map = NULL;
	const char *why;

	assert_int_equal(ffpf_map_new(&spec, cpus, &map, &why), 0);
	return map;
}

static void test_bounds(void **state)
{
	static const struct {
		struct ffpf_map_spec spec;
		unsigned cpus;
		int expected;
	} cases[] = {
		{{"", FFPF_MAP_ARRAY, 4, 1, 1, 0}, 1, 0},
		{{"", FFPF_MAP_ARRAY, 8, 1, 1, 0}, 1, -EINVAL},
		{{"", FFPF_MAP_ARRAY, 4, 0, 1, 0}, 1, -EINVAL},
		{{"", FFPF_MAP_ARRAY, 4, 1, 0, 0}, 1, -EINVAL},
		{{"", FFPF_MAP_ARRAY, 4, 1, 1, 0}, 0, -EINVAL},
		{{"", FFPF_MAP_ARRAY, 4, 8, UINT32_MAX, 0}, 1, -E2BIG},
		{{"", FFPF_MAP_ARRAY, 4, INT32_MAX, 1u << 31, 0}, 1, -E2BIG},
		{{"", FFPF_MAP_ARRAY, 4, UINT32_MAX, 1, 0}, 1, -E2BIG},
		{{"", FFPF_MAP_PERCPU_ARRAY, 4, 32768, 1, 0}, 2, 0},
		{{"", FFPF_MAP_PERCPU_ARRAY, 4, 32769, 1, 0}, 2, -EINVAL},
		{{"", FFPF_MAP_PERCPU_ARRAY, 4, 32768, 1 << 16, 0}, 65536, -E2BIG},
		{{"", FFPF_MAP_HASH, 1, 1, 1, 0}, 1, 0},
		{{"", FFPF_MAP_HASH, 512, 1, 1, 0}, 1, 0},
		{{"", FFPF_MAP_HASH, 513, 1, 1, 0}, 1, -EINVAL},
		{{"", FFPF_MAP_HASH, 0, 1, 1, 0}, 1, -EINVAL},
		{{"", FFPF_MAP_HASH, 4, 4, 1u << 31, 0}, 1, -E2BIG},
		{{"", FFPF_MAP_LRU_PERCPU_HASH, 4, 32768, 1u << 20, 0}, 4, -E2BIG},
		{{"", FFPF_MAP_LPM, 4, 1, 1, 0}, 1, -EINVAL},
		{{"", FFPF_MAP_LPM, 5, 1, 1, 0}, 1, 0},
		{{"", FFPF_MAP_LPM, 260, 1, 1, 0}, 1, 0},
		{{"", FFPF_MAP_LPM, 261, 1, 1, 0}, 1, -EINVAL},
		{{"", FFPF_MAP_LPM, 8, 1, 1u << 31, 0}, 1, -E2BIG},
		{{"", FFPF_MAP_PROGRAMS, 4, 4, 1, 0}, 1, -EINVAL},
		{{"", FFPF_MAP_KINDS, 4, 4, 1, 0}, 1, -EINVAL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ffpf_map *map = NULL;
		const char *why = NULL;
		int err = ffpf_map_new(&cases[i].spec, cases[i].cpus, &map, &why);

		if (err != cases[i].expected)
			fail_msg("case %zu: %d", i, err);
		assert_true(!err == (map != NULL));
		assert_true(!err || why);
		ffpf_map_free(map);
	}
	ffpf_map_free(NULL);
}

/* A name without an end would be read beyond it. */
static void test_name(void **state)
{
	struct ffpf_map_spec spec = spec_of(FFPF_MAP_HASH, 4, 4, 4);
	struct ffpf_map *map;

	memset(spec.name, 'n', sizeof(spec.name));
	assert_int_equal(ffpf_map_new(&spec, 1, &map, NULL), -EINVAL);
}

static void test_area(void **state)
{
	struct ffpf_map *map = map_of(FFPF_MAP_LRU_HASH, 13, 5, 100, 3);
	struct map_area *area = map->area;
	struct stat st;

	assert_int_equal(area->magic, MAP_MAGIC);
	assert_int_equal(area->byte_order, MAP_BYTE_ORDER);
	assert_int_equal(area->kind, FFPF_MAP_LRU_HASH);
	assert_int_equal(area->key_size, 13);
	assert_int_equal(area->max_entries, 100);
	assert_string_equal(area->name, "test");
	assert_int_equal(fstat(map->fd, &st), 0);
	assert_int_equal(area->bytes, st.st_size);
	assert_int_equal(ftruncate(map->fd, 0), -1);
	assert_null(ffpf_map_memory(map));
	ffpf_map_free(map);
	map = map_of(FFPF_MAP_ARRAY, 4, 12, 3, 1);
	uint32_t key = 2;
	assert_ptr_equal(ffpf_map_lookup(map, 0, &key), (char *)ffpf_map_memory(map) + 2 * 16);
	ffpf_map_free(map);
}

static void test_slots(void **state)
{
	static const enum ffpf_map_kind kinds[] = {FFPF_MAP_PERCPU_ARRAY, FFPF_MAP_PERCPU_HASH,
						   FFPF_MAP_LRU_PERCPU_HASH};

	for (unsigned k = 0; k < 3; k++) {
		struct ffpf_map *map = map_of(kinds[k], 4, 8, 4, 3);
		uint32_t key = 1;

		for (uint64_t round = 1; round < 3; round++) {
			for (unsigned cpu = 0; cpu < 3; cpu++) {
				uint64_t value = round * 10 + cpu;

				assert_int_equal(ffpf_map_update(map, cpu, &key, &value, FFPF_MAP_ANY), 0);
			}
			for (unsigned cpu = 0; cpu < 3; cpu++)
				assert_int_equal(*(uint64_t *)ffpf_map_lookup(map, cpu, &key), round * 10 + cpu);
		}
		assert_null(ffpf_map_lookup(map, 3, &key));
		assert_int_equal(ffpf_map_update(map, 3, &key, &key, FFPF_MAP_ANY), -EINVAL);
		if (kinds[k] != FFPF_MAP_PERCPU_ARRAY) { /* made afresh, other slots are zero */
			uint64_t value = 7;

			assert_int_equal(ffpf_map_delete(map, &key), 0);
			assert_int_equal(ffpf_map_update(map, 1, &key, &value, FFPF_MAP_NOEXIST), 0);
			assert_int_equal(*(uint64_t *)ffpf_map_lookup(map, 0, &key), 0);
			assert_int_equal(*(uint64_t *)ffpf_map_lookup(map, 1, &key), 7);
			assert_int_equal(*(uint64_t *)ffpf_map_lookup(map, 2, &key), 0);
		}
		ffpf_map_free(map);
	}
}

/* Who looked up the old value still has it. */
static void test_replaced(void **state)
{
	static const enum ffpf_map_kind kinds[] = {FFPF_MAP_HASH, FFPF_MAP_LRU_HASH, FFPF_MAP_LPM};

	for (unsigned k = 0; k < 3; k++) {
		struct ffpf_map *map = map_of(kinds[k], 8, 8, 1, 1);
		uint32_t key[2] = {8, 10};
		uint64_t value = 1;

		assert_int_equal(ffpf_map_update(map, 0, key, &value, FFPF_MAP_ANY), 0);
		uint64_t *old = ffpf_map_lookup(map, 0, key);
		value = 2;
		assert_int_equal(ffpf_map_update(map, 0, key, &value, FFPF_MAP_EXIST), 0);
		assert_int_equal(*old, 1);
		assert_int_equal(*(uint64_t *)ffpf_map_lookup(map, 0, key), 2);
		ffpf_map_free(map);
	}
}

/* ---- LRU */

static void test_lru_order(void **state)
{
	struct ffpf_map *map = map_of(FFPF_MAP_LRU_HASH, 4, 4, 3, 1);
	uint32_t copy;

	for (uint32_t key = 0; key < 3; key++)
		assert_int_equal(ffpf_map_update(map, 0, &key, &key, FFPF_MAP_ANY), 0);
	uint32_t used = 0, key = 3;
	ffpf_map_lookup(map, 0, &used);
	uint32_t looked_at = 1; /* as a reader: no use */
	assert_int_equal(ffpf_map_copy(map, 0, &looked_at, &copy), 0);
	assert_int_equal(ffpf_map_update(map, 0, &key, &key, FFPF_MAP_ANY), 0);
	assert_int_equal(ffpf_map_copy(map, 0, &used, &copy), 0);
	assert_int_equal(ffpf_map_copy(map, 0, &looked_at, &copy), -ENOENT);
	ffpf_map_free(map);
}

/* Keys that are looked up between any two others stay, however many others come. */
static void test_lru_hot(void **state)
{
	for (unsigned n = 20; n <= 2000; n *= 10) {
		struct ffpf_map *map = map_of(FFPF_MAP_LRU_HASH, 4, 4, n, 1);
		unsigned hot = n / 20 + 2;

		for (uint32_t i = 0; i < 20 * n; i++) {
			uint32_t cold = 1000 + i, key = i % hot;

			assert_int_equal(ffpf_map_update(map, 0, &cold, &cold, FFPF_MAP_ANY), 0);
			if (i < hot)
				assert_int_equal(ffpf_map_update(map, 0, &key, &key, FFPF_MAP_ANY), 0);
			else
				assert_non_null(ffpf_map_lookup(map, 0, &key));
		}
		ffpf_map_free(map);
	}
}

/* All are in use: something goes all the same, and not after a whole round. */
static void test_lru_all_used(void **state)
{
	struct ffpf_map *map = map_of(FFPF_MAP_LRU_HASH, 4, 4, 1000, 1);

	for (uint32_t key = 0; key < 3000; key++) {
		uint64_t before = map->area->hand;

		assert_int_equal(ffpf_map_update(map, 0, &key, &key, FFPF_MAP_ANY), 0);
		assert_true(map->area->hand - before <= 64 + 1 + map->n_items - 1000);
		assert_non_null(ffpf_map_lookup(map, 0, &key));
	}
	ffpf_map_free(map);
}

/* ---- hashing */

static unsigned longest_chain(const struct ffpf_map *map)
{
	unsigned longest = 0;

	for (uint64_t b = 0; b <= map->bucket_mask; b++) {
		unsigned n = 0;

		for (uint32_t i = map->buckets[b].head; i != MAP_NONE; i = ((struct map_entry *)map_item(map, i))->next)
			n++;
		longest = n > longest ? n : longest;
	}
	return longest;
}

/* Keys as they come in rows, and that weak functions throw together: no chain is much longer than chance makes it. (The
 * longest of 2^14 random keys in 2^14 buckets is about 7; 16 has a probability of some 10^-9.) */
static void test_chains(void **state)
{
	static const uint64_t steps[] = {
		1,	    2,		256,	      1 << 16, UINT64_C(1) << 32, UINT64_C(1) << 50, 0x10001,
		0xffffffff, 0x9e3779b9, 0x0101010101, 0};
	static const uint32_t sizes[] = {8, 16, 40};

	for (unsigned s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
		for (unsigned k = 0; k < 3; k++) {
			struct ffpf_map *map = map_of(FFPF_MAP_HASH, sizes[k], 4, 1 << 14, 1);

			for (uint64_t i = 0; i < 1 << 14; i++) {
				uint64_t key[5] = {i * steps[s], 0};

				if (!steps[s]) /* equal but for the order of their words */
					key[0] = i >> 7, key[sizes[k] / 8 - 1] = sizes[k] == 8 ? i : i & 127;
				assert_int_equal(ffpf_map_update(map, 0, key, key, FFPF_MAP_ANY), 0);
			}
			assert_true(longest_chain(map) < 16);
			ffpf_map_free(map);
		}
	}
}

/* ---- random operations */

static uint64_t random_state = 1;

static uint32_t roll(uint32_t n)
{
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((random_state >> 33) % n);
}

static void random_key(const struct ffpf_map_spec *spec, uint32_t range, uint8_t *key)
{
	uint32_t number = roll(range);

	memset(key, 0, MODEL_BYTES);
	if (spec->kind == FFPF_MAP_LPM) {
		uint32_t bits = (spec->key_size - 4) * 8, prefixlen = roll(20) ? roll(bits + 1) : bits + roll(3);

		memcpy(key, &prefixlen, 4);
		for (uint32_t i = 4; i < spec->key_size; i++)
			key[i] = (uint8_t)(number >> (i & 3) * 2) & (roll(4) ? 0x81 : 0xff);
		return;
	}
	memcpy(key, &number, spec->key_size < 4 ? spec->key_size : 4);
	if (spec->key_size > 4)
		key[spec->key_size - 1] ^= (uint8_t)number;
}

static const struct {
	enum ffpf_map_kind kind;
	uint32_t key, value, entries, range;
} shapes[] = {
	{FFPF_MAP_ARRAY, 4, 3, 17, 20},
	{FFPF_MAP_ARRAY, 4, 40, 1, 3},
	{FFPF_MAP_PERCPU_ARRAY, 4, 8, 20, 22},
	{FFPF_MAP_HASH, 1, 1, 100, 200},
	{FFPF_MAP_HASH, 4, 4, 1, 4},
	{FFPF_MAP_HASH, 13, 20, 60, 70},
	{FFPF_MAP_HASH, 40, 64, 300, 310},
	{FFPF_MAP_PERCPU_HASH, 16, 8, 50, 60},
	{FFPF_MAP_LRU_HASH, 4, 12, 50, 90},
	{FFPF_MAP_LRU_HASH, 6, 1, 1, 3},
	{FFPF_MAP_LRU_PERCPU_HASH, 16, 8, 30, 60},
	{FFPF_MAP_LPM, 8, 4, 60, 40000},
	{FFPF_MAP_LPM, 5, 1, 100, 256},
	{FFPF_MAP_LPM, 20, 24, 40, 100},
	{FFPF_MAP_LPM, 8, 8, 1, 50},
};
#define N_SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static void test_random(void **state)
{
	for (unsigned s = 0; s < N_SHAPES; s++) {
		struct ffpf_map_spec spec = spec_of(shapes[s].kind, shapes[s].key, shapes[s].value, shapes[s].entries);
		struct model *m = model_new(&spec);
		uint8_t key[MODEL_BYTES], value[MODEL_BYTES];

		for (unsigned i = 0; i < 6000; i++) {
			random_key(&spec, shapes[s].range, key);
			memset(value, (int)i, sizeof(value));
			if (roll(3))
				model_update(m, key, value, roll(3) ? FFPF_MAP_ANY : roll(4));
			else if (roll(2))
				model_delete(m, key);
			random_key(&spec, shapes[s].range, key);
			model_lookup(m, key);
			if (i % 100 == 99)
				model_walk(m, key);
		}
		model_free(m);
	}
}

/* ---- the kernel's maps */

static int kernel_cpus;

static int kernel_map(const struct ffpf_map_spec *spec)
{
	static const enum bpf_map_type types[] = {
		[FFPF_MAP_ARRAY] = BPF_MAP_TYPE_ARRAY,	     [FFPF_MAP_PERCPU_ARRAY] = BPF_MAP_TYPE_PERCPU_ARRAY,
		[FFPF_MAP_HASH] = BPF_MAP_TYPE_HASH,	     [FFPF_MAP_PERCPU_HASH] = BPF_MAP_TYPE_PERCPU_HASH,
		[FFPF_MAP_LRU_HASH] = BPF_MAP_TYPE_LRU_HASH, [FFPF_MAP_LRU_PERCPU_HASH] = BPF_MAP_TYPE_LRU_PERCPU_HASH,
		[FFPF_MAP_LPM] = BPF_MAP_TYPE_LPM_TRIE,
	};
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = spec->kind == FFPF_MAP_LPM ? BPF_F_NO_PREALLOC : 0);

	return bpf_map_create(types[spec->kind], "ffpf_test", spec->key_size, spec->value_size, spec->max_entries,
			      &opts);
}

/* The kernel's value of a key, for one CPU. */
static int kernel_lookup(int fd, const struct ffpf_map_spec *spec, const uint8_t *key, uint8_t *value)
{
	size_t stride = (spec->value_size + 7) & ~7u;
	uint8_t *all = calloc((size_t)kernel_cpus, stride);
	int err = bpf_map_lookup_elem(fd, key, all);

	memcpy(value, all, spec->value_size);
	free(all);
	return err;
}

static int kernel_update(int fd, const struct ffpf_map_spec *spec, const uint8_t *key, const uint8_t *value,
			 uint64_t how)
{
	size_t stride = (spec->value_size + 7) & ~7u;
	uint8_t *all = calloc((size_t)kernel_cpus, stride);

	for (int i = 0; i < kernel_cpus; i++)
		memcpy(all + (size_t)i * stride, value, spec->value_size);
	int err = bpf_map_update_elem(fd, key, all, how);
	free(all);
	return err;
}

/* Neighbours by next, also of keys that are not there; the order of hash tables is each one's own. */
static void compare_next(int fd, const struct model *m, const uint8_t *key)
{
	const struct ffpf_map_spec *spec = &m->spec;
	uint8_t ours[MODEL_BYTES], theirs[MODEL_BYTES];
	bool ordered = spec->kind == FFPF_MAP_LPM || spec->kind == FFPF_MAP_ARRAY;

	if (!ordered)
		return;
	int err = ffpf_map_next(m->map, key, ours);
	assert_int_equal(err, bpf_map_get_next_key(fd, key, theirs));
	if (!err)
		assert_memory_equal(ours, theirs, spec->key_size);
}

static void kernel_operation(int fd, struct model *m, uint32_t range, unsigned i)
{
	const struct ffpf_map_spec *spec = &m->spec;
	uint8_t key[MODEL_BYTES], value[MODEL_BYTES], theirs[MODEL_BYTES];

	random_key(spec, range, key);
	memset(value, (int)i, sizeof(value));
	if (roll(3)) {
		unsigned how = roll(3) ? 0 : roll(4);

		/* 3 is a flag of spin locks by now: another error, the same refusal. */
		int err = model_update(m, key, value, how), kernel = kernel_update(fd, spec, key, value, how);
		if (how < 3)
			assert_int_equal(err, kernel);
		else
			assert_true(err && kernel);
	} else if (roll(2)) {
		assert_int_equal(model_delete(m, key), bpf_map_delete_elem(fd, key));
	}
	random_key(spec, range, key);
	int err = ffpf_map_copy(m->map, 0, key, value);
	assert_int_equal(err, kernel_lookup(fd, spec, key, theirs));
	if (!err)
		assert_memory_equal(value, theirs, spec->value_size);
	compare_next(fd, m, key);
	compare_next(fd, m, NULL);
}

static void test_kernel(void **state)
{
	kernel_cpus = libbpf_num_possible_cpus();
	for (unsigned s = 0; s < N_SHAPES; s++) {
		struct ffpf_map_spec spec = spec_of(shapes[s].kind, shapes[s].key, shapes[s].value, shapes[s].entries);

		/* Which entry goes is each one's own: here none has to. */
		if (shapes[s].kind == FFPF_MAP_LRU_HASH || shapes[s].kind == FFPF_MAP_LRU_PERCPU_HASH)
			spec.max_entries = 4096;
		int fd = kernel_map(&spec);
		if (fd == -EPERM || fd == -ENOSYS) {
			print_message("skipped: bpf() is not permitted here\n");
			skip();
		}
		assert_true(fd >= 0);
		struct model *m = model_new(&spec);
		for (unsigned i = 0; i < 6000; i++)
			kernel_operation(fd, m, shapes[s].range, i);
		model_free(m);
		close(fd);
	}
}

/* What the kernel refuses as a map, we refuse. */
static void test_kernel_bounds(void **state)
{
	for (unsigned i = 0; i < 400; i++) {
		static const uint32_t sizes[] = {0, 1, 3, 4, 5, 8, 260, 261, 512};
		struct ffpf_map_spec spec =
			spec_of((enum ffpf_map_kind)roll(FFPF_MAP_PROGRAMS), sizes[roll(9)], sizes[roll(9)], roll(3));
		struct ffpf_map *map = NULL;
		int fd = kernel_map(&spec), err = ffpf_map_new(&spec, 1, &map, NULL);

		if (fd == -EPERM || fd == -ENOSYS) {
			print_message("skipped: bpf() is not permitted here\n");
			skip();
		}
		assert_int_equal(fd < 0, err < 0);
		ffpf_map_free(map);
		if (fd >= 0)
			close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),	 cmocka_unit_test(test_name),
		cmocka_unit_test(test_area),	 cmocka_unit_test(test_slots),
		cmocka_unit_test(test_replaced), cmocka_unit_test(test_lru_order),
		cmocka_unit_test(test_lru_hot),	 cmocka_unit_test(test_lru_all_used),
		cmocka_unit_test(test_chains),	 cmocka_unit_test(test_random),
		cmocka_unit_test(test_kernel),	 cmocka_unit_test(test_kernel_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
