/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Constant tables of a program, for LOOKUP. A program has each of them once, so that equal lookups are one value.
 */
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

struct entry {
	uint64_t key, value;
	size_t position;
};

static int by_key(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->position < b->position ? -1 : a->position > b->position;
}

static uint64_t mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static bool same(const struct ffpf_ir_table *a, const struct ffpf_ir_table *b)
{
	return a->hash == b->hash && a->n == b->n && !a->values == !b->values &&
	       !memcmp(a->keys, b->keys, a->n * sizeof(*a->keys)) &&
	       (!a->values || !memcmp(a->values, b->values, a->n * sizeof(*a->values)));
}

static struct ffpf_ir_table make(struct ffpf_arena *arena, const struct entry *entries, size_t n, bool set)
{
	uint64_t *keys = ffpf_arena_alloc(arena, n * sizeof(*keys) + 1);
	uint64_t *values = set ? NULL : ffpf_arena_alloc(arena, n * sizeof(*values) + 1);
	struct ffpf_ir_table t = {.keys = keys, .values = values, .hash = 1};

	for (size_t i = 0; i < n; i++) {
		if (i && entries[i].key == entries[i - 1].key)
			continue;
		keys[t.n] = entries[i].key;
		if (values)
			values[t.n] = entries[i].value;
		t.max = entries[i].value > t.max ? entries[i].value : t.max;
		t.hash = mix(mix(t.hash, entries[i].key), entries[i].value);
		t.n++;
	}
	return t;
}

uint32_t ffpf_program_table(struct ffpf_program *p, const uint64_t *keys, const uint64_t *values, size_t n)
{
	struct entry *entries = malloc(n * sizeof(*entries) + 1);
	struct ffpf_ir_table t;

	if (!entries)
		abort();
	for (size_t i = 0; i < n; i++)
		entries[i] = (struct entry){keys[i], values ? values[i] : 1, i};
	qsort(entries, n, sizeof(*entries), by_key);
	t = make(p->arena, entries, n, !values);
	free(entries);
	for (uint32_t i = 0; i < p->n_tables; i++)
		if (same(&p->tables[i], &t))
			return i;
	p->tables = ffpf_arena_grow(p->arena, p->tables, p->n_tables, &p->table_capacity, sizeof(*p->tables));
	p->tables[p->n_tables] = t;
	return (uint32_t)p->n_tables++;
}

uint64_t ffpf_ir_table_find(const struct ffpf_ir_table *t, uint64_t key)
{
	uint32_t lo = 0, hi = t->n;

	while (lo < hi) {
		uint32_t middle = lo + (hi - lo) / 2;

		if (t->keys[middle] == key)
			return t->values ? t->values[middle] : 1;
		if (t->keys[middle] < key)
			lo = middle + 1;
		else
			hi = middle;
	}
	return 0;
}
