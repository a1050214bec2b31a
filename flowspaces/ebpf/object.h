/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Users' own BPF objects: an ELF file as clang makes it, read into programs and maps that every level can load.
 *
 *   object_elf.c    sections, symbols, relocations, every offset and size checked
 *   object_btf.c    types
 *   object_types.c  what keys and values are made of
 *   object_maps.c   maps: described by BTF, by struct bpf_map_def, and the sections of global variables
 *   object_link.c   a program with the functions that it calls, one behind the other
 *   object_lines.c  where instructions come from
 *   object.c        all of it together
 *
 * The file may hold any bytes. What can't be had is refused with a sentence that names it.
 */
#ifndef FFPF_EBPF_OBJECT_H
#define FFPF_EBPF_OBJECT_H

#include <lib/flowspace.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FFPF_OBJECT_BYTES_MAX (16u << 20)
#define FFPF_OBJECT_INSNS_MAX 65536 /* of a program with all that it calls */
#define FFPF_OBJECT_MAPS_MAX 64
#define FFPF_OBJECT_MAP_BYTES_MAX ((uint64_t)1 << 31) /* of all maps' keys and values together */

/* What r1 of a program points to. */
enum ffpf_object_context {
	FFPF_OBJECT_XDP, /* struct xdp_md */
	FFPF_OBJECT_SKB, /* struct __sk_buff */
	FFPF_OBJECT_CONTEXTS
};

/* A program that an array of programs holds from the beginning. */
struct ffpf_object_target {
	uint32_t index;
	size_t program; /* in the object */
};

struct ffpf_object_map {
	struct ffpf_map_spec spec;
	uint32_t kernel_flags;	/* BPF_F_NO_PREALLOC, as written */
	bool variables;		/* it is a section of global variables */
	const uint8_t *initial; /* value of entry 0; NULL: zeros */
	const struct ffpf_map_field *fields;
	size_t n_fields;
	struct ffpf_members key, value;		  /* what they are made of, where BTF says it */
	const struct ffpf_object_target *targets; /* FFPF_MAP_PROGRAMS */
	size_t n_targets;
};

/* Where an instruction comes from; holds until the next. */
struct ffpf_object_line {
	uint32_t insn;
	uint32_t line, column; /* from 1; 0 unknown */
	const char *file, *text;
};

struct ffpf_object_function {
	uint32_t insn; /* its first */
	const char *name;
};

/*
 * A program, ready but for its maps: an LD_IMM64 with src_reg BPF_PSEUDO_MAP_IDX refers to the map maps[imm] of the
 * object, with BPF_PSEUDO_MAP_IDX_VALUE to byte `second imm` of its entry 0. Calls go to functions behind.
 */
struct ffpf_object_code {
	struct bpf_insn *insns;
	size_t n;
	const struct ffpf_object_function *functions; /* ascending, the program itself first */
	size_t n_functions;
	const struct ffpf_object_line *lines; /* ascending; none without debug information */
	size_t n_lines;
};

struct ffpf_object_program {
	const char *name, *section;
	enum ffpf_object_context context;
};

struct ffpf_object_file; /* what linking reads */

struct ffpf_object {
	const char *license; /* "" when it has none */
	const struct ffpf_object_program *programs;
	size_t n_programs; /* at least one */
	const struct ffpf_object_map *maps;
	size_t n_maps;
	struct ffpf_object_file *file;
};

/*
 * Reads an object of `size` bytes, which are copied. 0; -EINVAL with a sentence in *why. All that comes out belongs to
 * the arena.
 */
int ffpf_object_load(struct ffpf_arena *arena, const void *bytes, size_t size, struct ffpf_object **out,
		     const char **why);
/* The same from a file. Other -errno: it can't be read. */
int ffpf_object_read(struct ffpf_arena *arena, const char *path, struct ffpf_object **out, const char **why);

/* Puts a program together. 0; -EINVAL with a sentence in *why. */
int ffpf_object_link(const struct ffpf_object *object, size_t program, struct ffpf_object_code *out, const char **why);

#endif
