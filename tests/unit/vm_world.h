/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What programs of the verifier's tests see: a packet, maps, helpers. Each run has a world of its own, at addresses of
 * its own, so that runs of one program differ if and only if an address leaks into what they do. Under the reference
 * machine (vm_reference.h) the helpers' memory is checked, too.
 */
#ifndef VM_WORLD_H
#define VM_WORLD_H

#include "vm_reference.h"

#include <flowspaces/ebpf/ebpf.h>

enum { WORLD_MAPS = 8, WORLD_PACKET = 2048 };

struct world_map {
	struct ffpf_map_spec spec;
	uint8_t *values, *keys;
	bool *used;
};

struct world {
	struct ffpf_vm_env env;
	struct reference *machine; /* NULL: another one runs */
	struct ffpf_user_ctx ctx;
	uint8_t *packet, *memory;
	size_t length, memory_size;
	struct world_map maps[WORLD_MAPS];
	size_t n_maps;
	uint32_t random;
};

static inline bool world_is_array(const struct world_map *map)
{
	return map->spec.kind == FFPF_MAP_ARRAY || map->spec.kind == FFPF_MAP_PERCPU_ARRAY;
}

static inline bool world_may(struct world *w, uint64_t at, uint64_t size, bool write)
{
	return !w->machine || !size || reference_access(w->machine, at, size, write);
}

static inline uint8_t *world_find(struct world *w, struct world_map *map, uint64_t key)
{
	uint32_t index;

	if (!world_may(w, key, map->spec.key_size, false))
		return NULL;
	if (world_is_array(map)) {
		memcpy(&index, (void *)(uintptr_t)key, 4);
		return index < map->spec.max_entries ? map->values + (size_t)index * map->spec.value_size : NULL;
	}
	for (uint32_t i = 0; i < map->spec.max_entries; i++)
		if (map->used[i] &&
		    !memcmp(map->keys + (size_t)i * map->spec.key_size, (void *)(uintptr_t)key, map->spec.key_size))
			return map->values + (size_t)i * map->spec.value_size;
	return NULL;
}

static inline uint64_t world_lookup(void *env, uint64_t map, uint64_t key, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return (uintptr_t)world_find(env, (struct world_map *)(uintptr_t)map, key);
}

static inline uint64_t world_update(void *env, uint64_t map_at, uint64_t key, uint64_t value, uint64_t how, uint64_t r5)
{
	struct world_map *map = (struct world_map *)(uintptr_t)map_at;
	uint8_t *at = world_find(env, map, key);

	if (!world_may(env, value, map->spec.value_size, false))
		return 0;
	for (uint32_t i = 0; !at && !world_is_array(map) && i < map->spec.max_entries; i++)
		if (!map->used[i]) {
			map->used[i] = true;
			memcpy(map->keys + (size_t)i * map->spec.key_size, (void *)(uintptr_t)key, map->spec.key_size);
			at = map->values + (size_t)i * map->spec.value_size;
		}
	if (at)
		memmove(at, (void *)(uintptr_t)value, map->spec.value_size);
	return at ? 0 : (uint64_t)-7;
}

static inline uint64_t world_delete(void *env, uint64_t map_at, uint64_t key, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct world_map *map = (struct world_map *)(uintptr_t)map_at;
	uint8_t *at = world_find(env, map, key);

	if (!at || world_is_array(map))
		return (uint64_t)-2;
	map->used[(size_t)(at - map->values) / map->spec.value_size] = false;
	return 0;
}

static inline uint64_t world_random(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct world *w = env;

	return w->random = w->random * 1664525 + 1013904223;
}

static inline uint64_t world_time(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return world_random(env, 0, 0, 0, 0, 0) << 20;
}

static inline uint64_t world_cpu(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return ((struct world *)env)->env.cpu;
}

static inline uint64_t world_load_bytes(void *env, uint64_t ctx, uint64_t off, uint64_t to, uint64_t size, uint64_t r5)
{
	struct world *w = env;

	if (!world_may(w, to, size, true))
		return 0;
	bool there = off <= w->length && size <= w->length - off;
	memset((void *)(uintptr_t)to, 0, size);
	if (there)
		memcpy((void *)(uintptr_t)to, w->packet + off, size);
	return there ? 0 : (uint64_t)-22;
}

static inline uint64_t world_store_bytes(void *env, uint64_t ctx, uint64_t off, uint64_t from, uint64_t size,
					 uint64_t r5)
{
	struct world *w = env;

	if (!world_may(w, from, size, false) || off > w->length || size > w->length - off)
		return (uint64_t)-22;
	memmove(w->packet + off, (void *)(uintptr_t)from, size);
	return 0;
}

static inline uint64_t world_csum_diff(void *env, uint64_t from, uint64_t from_size, uint64_t to, uint64_t to_size,
				       uint64_t seed)
{
	struct world *w = env;
	uint32_t sum = (uint32_t)seed;

	if (!world_may(w, from, from_size, false) || !world_may(w, to, to_size, false))
		return 0;
	for (uint64_t i = 0; i < from_size; i++)
		sum -= ((uint8_t *)(uintptr_t)from)[i];
	for (uint64_t i = 0; i < to_size; i++)
		sum += ((uint8_t *)(uintptr_t)to)[i];
	return sum;
}

/* The packet begins `delta` bytes later, at another address: the old one is gone. */
static inline uint64_t world_adjust_head(void *env, uint64_t ctx, uint64_t delta, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct world *w = env;
	int64_t by = (int32_t)delta;

	if (by < -256 || by >= (int64_t)w->length || (int64_t)w->length - by > WORLD_PACKET)
		return (uint64_t)-22;
	size_t length = (size_t)((int64_t)w->length - by);
	uint8_t *packet = calloc(1, length);
	if (by >= 0)
		memcpy(packet, w->packet + by, length);
	else
		memcpy(packet - by, w->packet, w->length);
	for (unsigned i = 0; w->machine && i < w->machine->n_regions; i++)
		if (w->machine->regions[i].base == (uintptr_t)w->packet) {
			w->machine->regions[i].base = (uintptr_t)packet;
			w->machine->regions[i].size = length;
		}
	free(w->packet);
	w->packet = packet;
	w->length = length;
	if (w->machine) {
		w->machine->packet = packet;
		w->machine->packet_size = length;
	}
	w->ctx.data = packet;
	w->ctx.data_end = packet + length;
	return 0;
}

static const struct ffpf_vm_helper_info world_table[] = {
	{.id = BPF_FUNC_map_lookup_elem,
	 .name = "map_lookup_elem",
	 .function = world_lookup,
	 .result = FFPF_VM_RESULT_VALUE_OR_NULL,
	 .args = {FFPF_VM_ARG_MAP, FFPF_VM_ARG_KEY}},
	{.id = BPF_FUNC_map_update_elem,
	 .name = "map_update_elem",
	 .function = world_update,
	 .args = {FFPF_VM_ARG_MAP, FFPF_VM_ARG_KEY, FFPF_VM_ARG_VALUE, FFPF_VM_ARG_SCALAR},
	 .writes_map = true},
	{.id = BPF_FUNC_map_delete_elem,
	 .name = "map_delete_elem",
	 .function = world_delete,
	 .args = {FFPF_VM_ARG_MAP, FFPF_VM_ARG_KEY},
	 .maps = 1u << FFPF_MAP_HASH | 1u << FFPF_MAP_LRU_HASH | 1u << FFPF_MAP_PERCPU_HASH,
	 .writes_map = true},
	{.id = BPF_FUNC_ktime_get_ns, .name = "ktime_get_ns", .function = world_time},
	{.id = BPF_FUNC_get_prandom_u32, .name = "get_prandom_u32", .function = world_random},
	{.id = BPF_FUNC_get_smp_processor_id, .name = "get_smp_processor_id", .function = world_cpu},
	{.id = BPF_FUNC_tail_call,
	 .name = "tail_call",
	 .args = {FFPF_VM_ARG_CONTEXT, FFPF_VM_ARG_PROGRAMS, FFPF_VM_ARG_SCALAR}},
	{.id = BPF_FUNC_csum_diff,
	 .name = "csum_diff",
	 .function = world_csum_diff,
	 .args = {FFPF_VM_ARG_MEMORY_OR_NULL, FFPF_VM_ARG_SIZE_OR_ZERO, FFPF_VM_ARG_MEMORY_OR_NULL,
		  FFPF_VM_ARG_SIZE_OR_ZERO, FFPF_VM_ARG_SCALAR}},
	{.id = BPF_FUNC_xdp_adjust_head,
	 .name = "xdp_adjust_head",
	 .function = world_adjust_head,
	 .args = {FFPF_VM_ARG_CONTEXT, FFPF_VM_ARG_SCALAR},
	 .changes_packet = true},
	{.id = BPF_FUNC_xdp_load_bytes,
	 .name = "xdp_load_bytes",
	 .function = world_load_bytes,
	 .args = {FFPF_VM_ARG_CONTEXT, FFPF_VM_ARG_SCALAR, FFPF_VM_ARG_ROOM, FFPF_VM_ARG_SIZE}},
	{.id = BPF_FUNC_xdp_store_bytes,
	 .name = "xdp_store_bytes",
	 .function = world_store_bytes,
	 .args = {FFPF_VM_ARG_CONTEXT, FFPF_VM_ARG_SCALAR, FFPF_VM_ARG_MEMORY, FFPF_VM_ARG_SIZE},
	 .writes_packet = true},
};
static const struct ffpf_vm_helpers world_helpers = {world_table, sizeof(world_table) / sizeof(*world_table)};

/* A world with empty maps of these kinds, a copy of the packet (context) or of the memory. */
static inline struct world *world_new(const struct ffpf_vm_program *program, const uint8_t *bytes, size_t length)
{
	struct world *w = calloc(1, sizeof(*w));

	w->env.cpu = 3;
	w->random = 7;
	w->length = length;
	w->packet = malloc(length + 1);
	memcpy(w->packet, bytes, length);
	w->ctx = (struct ffpf_user_ctx){
		.data = w->packet, .data_end = w->packet + length, .len = (uint32_t)length, .ifindex = 2, .queue = 1};
	w->memory_size = program->context ? 0 : program->memory;
	w->memory = calloc(1, w->memory_size + 8);
	memcpy(w->memory, bytes, length < w->memory_size ? length : w->memory_size);
	for (size_t i = 0; i < program->n_maps; i++) {
		struct world_map *map = &w->maps[w->n_maps++];
		size_t entries = program->maps[i].spec->max_entries;

		map->spec = *program->maps[i].spec;
		map->values = calloc(entries + 1, map->spec.value_size + 8u);
		map->keys = calloc(entries + 1, map->spec.key_size + 1u);
		map->used = calloc(entries + 1, sizeof(bool));
		for (size_t k = 0; (map->spec.flags & FFPF_MAP_PROGRAM_READS) && k < map->spec.value_size; k++)
			map->values[k] = (uint8_t)(k * 7 + 1);
	}
	return w;
}

static inline void world_free(struct world *w)
{
	for (size_t i = 0; i < w->n_maps; i++) {
		free(w->maps[i].values);
		free(w->maps[i].keys);
		free(w->maps[i].used);
	}
	free(w->packet);
	free(w->memory);
	free(w);
}

/* Where programs are to be tail-called: there is none. */
static const struct ffpf_vm_programs no_programs;

/* References to maps become addresses of this world's. */
static inline void world_bind(struct world *w, struct bpf_insn *insns, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		uint64_t address;

		if (insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (insns[i].src_reg) {
			address = w->maps[insns[i].imm].spec.kind == FFPF_MAP_PROGRAMS ? (uintptr_t)&no_programs
				  : insns[i].src_reg == BPF_PSEUDO_MAP_IDX
					  ? (uintptr_t)&w->maps[insns[i].imm]
					  : (uintptr_t)w->maps[insns[i].imm].values + (uint32_t)insns[i + 1].imm;
			insns[i].src_reg = 0;
			insns[i].imm = (int32_t)address;
			insns[i + 1].imm = (int32_t)(address >> 32);
		}
		i++;
	}
}

static inline void *world_r1(struct world *w, const struct ffpf_vm_program *program)
{
	return program->context ? (void *)&w->ctx : w->memory_size ? w->memory : NULL;
}

/* Runs what the verifier made of the program under the reference machine. */
static inline uint64_t world_reference(struct world *w, const struct ffpf_vm_program *program,
				       const struct bpf_insn *verified, struct reference *m)
{
	struct bpf_insn *insns = malloc(program->n * sizeof(*insns));

	memcpy(insns, verified, program->n * sizeof(*insns));
	world_bind(w, insns, program->n);
	m->insns = insns;
	m->n = program->n;
	m->helpers = program->helpers;
	m->env = w;
	m->packet = w->packet;
	m->packet_size = w->length;
	reference_region(m, w->packet, w->length, program->writes_packet);
	if (program->context)
		reference_region(m, &w->ctx, sizeof(w->ctx), false);
	if (w->memory_size)
		reference_region(m, w->memory, w->memory_size, true);
	for (size_t i = 0; i < w->n_maps; i++)
		reference_region(m, w->maps[i].values,
				 (uint64_t)w->maps[i].spec.value_size * w->maps[i].spec.max_entries,
				 !(w->maps[i].spec.flags & FFPF_MAP_PROGRAM_READS));
	w->machine = m;
	uint64_t r0 = reference_run(m, (uintptr_t)world_r1(w, program), w->memory_size);
	w->machine = NULL;
	free(insns);
	return r0;
}

/* Runs it on the machine that packets meet. */
static inline uint64_t world_machine(struct world *w, const struct ffpf_vm_program *program,
				     const struct bpf_insn *verified, bool native, const char **why)
{
	struct bpf_insn *insns = malloc(program->n * sizeof(*insns));
	struct ffpf_vm_program plain = {.insns = insns, .n = program->n, .helpers = program->helpers};
	struct ffpf_vm *vm;
	uint64_t r0 = 0;

	memcpy(insns, verified, program->n * sizeof(*insns));
	world_bind(w, insns, program->n);
	if (!ffpf_vm_new(&plain, &vm, why)) {
		if (native)
			ffpf_vm_compile(vm); /* where that is not to be had, the interpreter runs once more */
		r0 = ffpf_vm_run(vm, world_r1(w, program), w->memory_size, w);
		ffpf_vm_free(vm);
	}
	free(insns);
	return r0;
}

/* Is everything that a program can leave behind the same? */
static inline bool world_equal(const struct world *a, const struct world *b)
{
	if (a->length != b->length || memcmp(a->packet, b->packet, a->length) ||
	    memcmp(a->memory, b->memory, a->memory_size))
		return false;
	for (size_t i = 0; i < a->n_maps; i++) {
		size_t entries = a->maps[i].spec.max_entries;

		if (memcmp(a->maps[i].values, b->maps[i].values, entries * a->maps[i].spec.value_size) ||
		    memcmp(a->maps[i].used, b->maps[i].used, entries * sizeof(bool)))
			return false;
		for (size_t k = 0; k < entries; k++)
			if (a->maps[i].used[k] &&
			    memcmp(a->maps[i].keys + k * a->maps[i].spec.key_size,
				   b->maps[i].keys + k * a->maps[i].spec.key_size, a->maps[i].spec.key_size))
				return false;
	}
	return true;
}

#endif
