/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hash table in an arena: what keeps resolving linear in the length of the
 * text. It maps a caller's key, given as hash and comparison, to one pointer;
 * nothing is ever removed.
 */
#ifndef FFPF_GRAPH_TABLE_H
#define FFPF_GRAPH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ffpf_arena;
struct ffpf_table_slot;

struct ffpf_table {
	struct ffpf_arena *arena;
	struct ffpf_table_slot *slots; /* power of two, at most half full */
	size_t n_slots;
	size_t count;
};

/* Does the stored item have this key? */
typedef bool ffpf_table_equal(const void *item, const void *key);

void ffpf_table_init(struct ffpf_table *table, struct ffpf_arena *arena);
/* The item with the key, or NULL. */
void *ffpf_table_find(const struct ffpf_table *table, uint64_t hash, ffpf_table_equal *equal, const void *key);
/* Adds an item (not NULL); the caller has made sure that its key is not there yet. */
void ffpf_table_add(struct ffpf_table *table, uint64_t hash, void *item);

/* Hashes for keys: FNV-1a of a string, and a mixer for numbers and pointers. */
uint64_t ffpf_hash_string(const char *text);
uint64_t ffpf_hash_mix(uint64_t hash, uint64_t value);

#endif
