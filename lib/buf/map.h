/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps: the part of the MBuf that is tables. Arrays, hash tables, tables that forget what was used least recently, and
 * longest-prefix tables, with the meaning that the kernel gives its BPF maps of these kinds, for programs that run in
 * this process.
 *
 *   map.c           making, freeing, what the operations have in common
 *   map_area.c      the memory: how much, what lies where, lists of free items
 *   map_array.c     arrays, per CPU or shared
 *   map_hash.c      hash tables, per CPU or shared
 *   map_lru.c       what a full LRU table gives up
 *   map_lpm.c       longest-prefix match; map_lpm_order.c its entries in order
 *   map_reader.c    all entries of a map that programs use meanwhile
 *   map-provider.h  what these files share; map_layout.h the memory, byte by byte
 *
 * All memory is allocated when a map is made, in one area without pointers. A value that lookup returned stays readable
 * and writable until the map is freed; once its entry was deleted, replaced or evicted the memory may come to hold
 * another entry's value, as with the kernel's preallocated maps. Keys and values are bytes: programs give them their
 * order.
 *
 * Any number of threads may call anything but new and free at once. A slot (`cpu`) of per-CPU values belongs to one
 * thread.
 */
#ifndef FFPF_BUF_MAP_H
#define FFPF_BUF_MAP_H

#include <ffpf/map.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FFPF_MAP_PROGRAM_READS = 1, /* programs may not write values or change entries (.rodata) */
};

#define FFPF_MAP_NAME 64
#define FFPF_MAP_KEY_MOST 512 /* bytes: a program's key lies on its stack */

struct ffpf_map_spec {
	char name[FFPF_MAP_NAME];
	enum ffpf_map_kind kind;
	uint32_t key_size, value_size; /* bytes. LPM: the key is a 32-bit prefix length in host order, then bytes whose
					  first bit is the highest of the first byte */
	uint32_t max_entries;
	unsigned flags;
};

/* As BPF_ANY, BPF_NOEXIST, BPF_EXIST. */
enum ffpf_map_update { FFPF_MAP_ANY, FFPF_MAP_NOEXIST, FFPF_MAP_EXIST };

struct ffpf_map;

/*
 * Makes an empty map (arrays: zeroed) for n_cpus slots of per-CPU values; slots are threads here. The caller frees it.
 * 0; -EINVAL: sizes that the kernel would refuse too; -E2BIG: more memory than a map may have (4 GiB, as the kernel's)
 * or than half of this machine's; -ENOMEM. *why, if why is not NULL, says what is wrong (static).
 */
int ffpf_map_new(const struct ffpf_map_spec *spec, unsigned n_cpus, struct ffpf_map **out, const char **why);
void ffpf_map_free(struct ffpf_map *map); /* NULL-safe */
const struct ffpf_map_spec *ffpf_map_spec(const struct ffpf_map *map);
unsigned ffpf_map_cpus(const struct ffpf_map *map);
bool ffpf_map_per_cpu(enum ffpf_map_kind kind);

/* The value of a key for slot `cpu`, or NULL. Never waits. In an LRU map it counts as a use. */
void *ffpf_map_lookup(struct ffpf_map *map, unsigned cpu, const void *key);
/*
 * Puts a value. 0; -EEXIST, -ENOENT as `how` says; -E2BIG: full, or an index beyond the array (LPM: -ENOSPC when full);
 * -ENOMEM: an LRU map whose entries are all being changed at this moment; -EINVAL: another `how`, a prefix longer than
 * the key. Per-CPU maps: the value of this slot; other slots' values of a new entry are zero. A new value of a hash
 * or LPM entry lies elsewhere than the old: who holds the old keeps it for a while.
 */
int ffpf_map_update(struct ffpf_map *map, unsigned cpu, const void *key, const void *value, enum ffpf_map_update how);
/* 0; -ENOENT; -EINVAL for arrays and for a prefix longer than the key. */
int ffpf_map_delete(struct ffpf_map *map, const void *key);
/* The key after `key` into next: 0, or -ENOENT behind the last. The first, when key is NULL or no key of the map. LPM:
 * prefixes come before those that contain them. */
int ffpf_map_next(struct ffpf_map *map, const void *key, void *next);
/* Arrays that are not per CPU: the value of entry 0, the others follow it, each at a multiple of eight bytes. Else
 * NULL. */
void *ffpf_map_memory(struct ffpf_map *map);

/*
 * Reading a map that programs use: an entry that is there all the while comes once, others at most once for each time
 * that they were put. Nothing waits for it, and it counts as no use.
 */
struct ffpf_map_reader;
int ffpf_map_reader_new(struct ffpf_map *map, struct ffpf_map_reader **out); /* 0 or -ENOMEM */
void ffpf_map_reader_free(struct ffpf_map_reader *reader);		     /* NULL-safe */
/* The next entry's key, valid until the next call. 0; -ENOENT behind the last; -ENOMEM. */
int ffpf_map_reader_next(struct ffpf_map_reader *reader, const void **key);
/* Copies the value of a key for slot `cpu`, as a reader (no use in an LRU map): 0 or -ENOENT. Words of eight bytes are
 * whole; a longer value that a program is writing may come half old, half new. */
int ffpf_map_copy(struct ffpf_map *map, unsigned cpu, const void *key, void *value);

#endif
