/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lies in a map's memory, byte by byte: one area, places in it are byte offsets from its beginning, items are
 * numbers. Nothing in it is an address, so that another process may map it.
 *
 *   arrays       header | values: of slot 0, of slot 1, ...
 *   hash tables  header | buckets | entries: item, key, value (shared) | values (per CPU): of slot 0, of slot 1, ...
 *   LPM          header | one bucket, whose head is the root | nodes | values: item, key as given, value
 *
 *   value of item i for slot c  =  area + values + c * cpu_stride + i * value_stride
 *
 * Keys and values are padded with zeros to eight bytes. Links are item numbers, MAP_NONE ends a chain. A bucket's
 * `state` is even, or odd while somebody changes its chain; it counts changes. Who reads a chain while it changes
 * compares state / 2 before and after: equal means that no item that left the chain since could have been used again.
 *
 * The key of the hash function is not in here: who can read it could make keys that all fall into one bucket.
 */
#ifndef FFPF_BUF_MAP_LAYOUT_H
#define FFPF_BUF_MAP_LAYOUT_H

#include <lib/buf/map.h>

#define MAP_MAGIC 0x4646504du /* "FFPM" */
#define MAP_VERSION 1
#define MAP_BYTE_ORDER 0x0102
#define MAP_NONE UINT32_MAX

/* A stack of free items: the number of the topmost, and a count of changes so that none goes unseen. */
struct map_stack {
	_Alignas(64) uint64_t top; /* changes << 32 | number */
};

struct map_bucket {
	uint32_t head;
	uint32_t state;
};

struct map_area {
	/* written once */
	uint32_t magic;
	uint16_t version;
	uint16_t byte_order;
	uint32_t kind;
	uint32_t flags;
	uint32_t key_size, value_size, max_entries, n_cpus;
	uint64_t bytes; /* of the whole area */
	uint64_t buckets, n_buckets;
	uint64_t items, n_items, item_size; /* entries or nodes */
	uint64_t values, value_stride, cpu_stride;
	uint64_t slots, n_slots, slot_size; /* LPM: what values lie in */
	char name[FFPF_MAP_NAME];
	/* changing */
	struct map_stack free;	    /* items that a new key may have */
	struct map_stack spare;	    /* hash: items for replacing; LPM: free slots */
	_Alignas(64) uint64_t hand; /* LRU: where the last search ended */
	uint64_t count;		    /* LPM: entries */
};

/* An entry of a hash table; its key follows, then the value if it is shared. */
struct map_entry {
	uint32_t free; /* link among free items; first in all kinds of items */
	uint32_t next;
	uint32_t hash;
	uint8_t used;	/* looked up since the hand last came by */
	uint8_t linked; /* in a chain: has a key */
	uint16_t pad;
	uint64_t key[];
};

/* A node of the tree of prefixes: as many bits of `bits` as prefixlen says, below it those that begin so. */
struct map_node {
	uint32_t free;
	uint32_t prefixlen;
	uint32_t child[2]; /* by the bit behind the prefix */
	uint32_t slot;	   /* MAP_NONE: only joins its two children */
	uint32_t pad;
	uint64_t bits[]; /* as in the key; what is beyond the prefix means nothing */
};

/* An LPM entry's key and value. */
struct map_slot {
	uint32_t free;
	uint32_t pad;
	uint64_t key[]; /* bytes behind the prefix length, as last given; the value follows */
};

#endif
