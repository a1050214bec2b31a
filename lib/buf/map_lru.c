/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a full LRU table gives up. A lookup only sets a bit in the entry it finds, if it is not set. When room is
 * needed, a hand goes round over the entries: where the bit is set it clears it and goes on, the first entry without it
 * is given up (the second chance, or clock, page replacement). So what was used since the hand last came by stays; like
 * the kernel's, it is not the exact order of use. After SCAN entries in use the next one is given up whatever its bit
 * says, so that no packet pays for a whole round.
 *
 *        hand
 *         v
 *   | 0 | 1 | 1 | 0 | 1 |     the bits of 1 and 2 are cleared, entry 3 goes
 *
 * Unlike the kernel's, which keeps a list of free entries for each CPU, a table is full only when it has max_entries.
 */
#include <lib/buf/map-provider.h>

#define SCAN 64

/* Out of its chain, if it is in one and nobody works there at this moment. */
static bool give_up(struct ffpf_map *map, struct map_entry *e)
{
	struct map_bucket *b = &map->buckets[map_load(&e->hash) & map->bucket_mask];
	bool done;

	if (!map_bucket_try(b))
		return false;
	done = ffpf_map_unlink(map, b, e);
	map_bucket_give(b);
	return done;
}

uint32_t ffpf_map_evict(struct ffpf_map *map)
{
	unsigned in_use = 0;

	for (uint64_t steps = 0; steps < 2 * (uint64_t)map->n_items + SCAN; steps++) {
		uint64_t at = __atomic_fetch_add(&map->area->hand, 1, __ATOMIC_RELAXED);
		uint32_t i = (uint32_t)(at % map->n_items);
		struct map_entry *e = map_item(map, i);

		if (!__atomic_load_n(&e->linked, __ATOMIC_ACQUIRE))
			continue;
		if (__atomic_load_n(&e->used, __ATOMIC_RELAXED) && in_use++ < SCAN) {
			__atomic_store_n(&e->used, 0, __ATOMIC_RELAXED);
			continue;
		}
		if (give_up(map, e))
			return i;
	}
	return MAP_NONE;
}
