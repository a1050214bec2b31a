/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps: the part of the MBuf that is tables. Arrays, hash tables, tables that forget what was used least recently, and
 * longest-prefix tables, with the meaning that the kernel gives its BPF maps of these kinds, for programs that run in
 * this process.
 *
 *   map.c        making, freeing, the operations' common part
 *   map_array.c  arrays, per CPU or shared
 *   map_hash.c   hash tables, per CPU or shared, with or without least-recently-used eviction
 *   map_lpm.c    longest-prefix match
 *
 * All memory is allocated when a map is made. A value that lookup returned stays readable and writable until the map is
 * freed; once its entry was deleted or evicted the memory may come to hold another entry's value, as with the kernel's
 * preallocated maps. Keys and values are in host byte order unless the program says otherwise.
 */
#ifndef FFPF_BUF_MAP_H
#define FFPF_BUF_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ffpf_map_kind {
	FFPF_MAP_ARRAY,
	FFPF_MAP_PERCPU_ARRAY,
	FFPF_MAP_HASH,
	FFPF_MAP_PERCPU_HASH,
	FFPF_MAP_LRU_HASH,
	FFPF_MAP_LRU_PERCPU_HASH,
	FFPF_MAP_LPM,
	FFPF_MAP_PROGRAMS, /* tail-call targets: holds programs, not values. Not made by ffpf_map_new */
	FFPF_MAP_KINDS
};

enum {
	FFPF_MAP_PROGRAM_READS = 1, /* programs may not write values or change entries (.rodata) */
};

#define FFPF_MAP_NAME 64
struct ffpf_map_spec {
	char name[FFPF_MAP_NAME];
	enum ffpf_map_kind kind;
	uint32_t key_size, value_size; /* bytes. LPM: the key is a 32-bit prefix length, then bytes in network order */
	uint32_t max_entries;
	unsigned flags;
};

/* As BPF_ANY, BPF_NOEXIST, BPF_EXIST. */
enum ffpf_map_update { FFPF_MAP_ANY, FFPF_MAP_NOEXIST, FFPF_MAP_EXIST };

struct ffpf_map;

/*
 * Makes an empty map (arrays: zeroed) for n_cpus slots of per-CPU values; slots are threads here. The caller frees it.
 * 0; -EINVAL: sizes that the kernel would refuse too (*why says which, static); -ENOMEM; -E2BIG.
 */
int ffpf_map_new(const struct ffpf_map_spec *spec, unsigned n_cpus, struct ffpf_map **out, const char **why);
void ffpf_map_free(struct ffpf_map *map); /* NULL-safe */
const struct ffpf_map_spec *ffpf_map_spec(const struct ffpf_map *map);

/* The value of a key for slot `cpu`, or NULL. Never waits. */
void *ffpf_map_lookup(struct ffpf_map *map, unsigned cpu, const void *key);
/* 0; -EEXIST, -ENOENT as `how` says; -E2BIG: full, or an index beyond the array. Per-CPU maps: the value of this slot,
 * other slots' values of a new entry are zero. */
int ffpf_map_update(struct ffpf_map *map, unsigned cpu, const void *key, const void *value, enum ffpf_map_update how);
/* 0; -ENOENT; -EINVAL for arrays. */
int ffpf_map_delete(struct ffpf_map *map, const void *key);
/* The key after `key` (NULL: the first) into next: 0, or -ENOENT behind the last. For readers of a running map: each
 * entry that is there all the while is seen once. */
int ffpf_map_next(struct ffpf_map *map, const void *key, void *next);
/* Arrays that are not per CPU: the value of entry 0, the others follow it, each at a multiple of eight bytes. */
void *ffpf_map_memory(struct ffpf_map *map);

#endif
