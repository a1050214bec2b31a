/* SPDX-License-Identifier: BSD-2-Clause */
/* The hash table of table.h: open addressing with linear probing, doubled when half full. */
#include <lib/graph/table.h>
#include <lib/lang/arena.h>

struct ffpf_table_slot {
	uint64_t hash;
	void *item; /* NULL: free */
};

#define FIRST_SLOTS 64

void ffpf_table_init(struct ffpf_table *table, struct ffpf_arena *arena)
{
	*table = (struct ffpf_table){.arena = arena};
}

void *ffpf_table_find(const struct ffpf_table *table, uint64_t hash, ffpf_table_equal *equal, const void *key)
{
	if (!table->n_slots)
		return NULL;
	for (size_t i = hash & (table->n_slots - 1); table->slots[i].item; i = (i + 1) & (table->n_slots - 1))
		if (table->slots[i].hash == hash && equal(table->slots[i].item, key))
			return table->slots[i].item;
	return NULL;
}

static void insert(struct ffpf_table *table, uint64_t hash, void *item)
{
	size_t i = hash & (table->n_slots - 1);

	while (table->slots[i].item)
		i = (i + 1) & (table->n_slots - 1);
	table->slots[i] = (struct ffpf_table_slot){.hash = hash, .item = item};
}

void ffpf_table_add(struct ffpf_table *table, uint64_t hash, void *item)
{
	if (2 * (table->count + 1) > table->n_slots) {
		struct ffpf_table_slot *old = table->slots;
		size_t n_old = table->n_slots;

		table->n_slots = n_old ? 2 * n_old : FIRST_SLOTS;
		table->slots = ffpf_arena_alloc(table->arena, table->n_slots * sizeof(*table->slots));
		for (size_t i = 0; i < n_old; i++)
			if (old[i].item)
				insert(table, old[i].hash, old[i].item);
	}
	insert(table, hash, item);
	table->count++;
}

uint64_t ffpf_hash_string(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return hash ^ hash >> 32;
}

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014) over both inputs. */
uint64_t ffpf_hash_mix(uint64_t hash, uint64_t value)
{
	uint64_t x = hash + value + 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}
