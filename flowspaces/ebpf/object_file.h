/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The object loader's inside: what object*.c share. All of it lives in one arena; texts point into the copy of the
 * file, where each is known to end.
 */
#ifndef FFPF_EBPF_OBJECT_FILE_H
#define FFPF_EBPF_OBJECT_FILE_H

#include <flowspaces/ebpf/object.h>

struct elf_section {
	const char *name;
	const uint8_t *data; /* NULL: has no bytes in the file (.bss) */
	size_t size;
	uint32_t type, info;
	uint64_t flags;
	struct elf_reloc *relocs; /* those that change this section, ascending by offset */
	size_t n_relocs;
	int map; /* of global variables: number of the map; -1 */
};

struct map_place {
	uint32_t section;
	uint64_t offset;
};

struct elf_symbol {
	const char *name;
	uint8_t type, bind;
	uint32_t section; /* 0: not defined here; UINT32_MAX: in no section (absolute …) */
	uint64_t value, size;
};

struct elf_reloc {
	uint64_t offset;
	uint32_t symbol, type;
};

/* A BTF type; see Documentation/bpf/btf.rst. */
struct btf_record {
	uint32_t name, info, size; /* size or type */
	const uint8_t *extra;	   /* what follows: `n` items of their kind, all in the section */
};

struct btf_types {
	const char *strings;
	uint32_t strings_size;
	struct btf_record *types; /* [0] is void */
	uint32_t n;
};

/* A function: a symbol of code. */
struct elf_function {
	const char *name;
	uint32_t section;
	uint32_t first, n; /* instructions in the section */
	bool local;
};

struct ffpf_object_file {
	struct ffpf_arena *arena;
	const uint8_t *bytes;
	size_t size;
	struct elf_section *sections;
	uint32_t n_sections;
	struct elf_symbol *symbols;
	uint32_t n_symbols;
	struct elf_function *functions; /* ascending by section and first instruction */
	size_t n_functions, functions_capacity;
	struct btf_types btf;
	const struct elf_section *btf_ext; /* NULL: none */
	struct ffpf_object_map *maps;
	struct map_place *places; /* of each map's definition */
	size_t n_maps;
	struct map_fault { /* of maps that can't be had: said when a program refers to one */
		struct map_place place;
		const char *why;
	} * faults;
	size_t n_faults, faults_capacity;
	struct ffpf_object_program *programs;
	size_t *entries; /* per program: its function */
	size_t n_programs;
	const char *why;
};

/* Sets file->why; -EINVAL. */
int ffpf_object_fail(struct ffpf_object_file *file, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A name as results and the kernel may have it: letters, digits, '_' and '.'; others become '_'. */
const char *ffpf_object_clean(struct ffpf_arena *arena, const char *name);

/* object_elf.c: 0 or -EINVAL */
int ffpf_object_elf(struct ffpf_object_file *file);
/* The text at an offset of a table of texts; NULL when there is none, or the table does not end with a text. */
const char *ffpf_object_text(const char *table, size_t size, uint64_t offset);
const struct elf_section *ffpf_object_section(const struct ffpf_object_file *file, const char *name);

/* object_btf.c: 0 or -EINVAL. Ids that are out of range are void. */
int ffpf_object_btf(struct ffpf_object_file *file, const struct elf_section *section);
const struct btf_record *ffpf_btf_type(const struct btf_types *btf, uint32_t id);
const char *ffpf_btf_name(const struct btf_types *btf, uint32_t offset); /* "" when there is none */
/* Without typedef, const, volatile, restrict and tags; *id is changed with it. */
const struct btf_record *ffpf_btf_strip(const struct btf_types *btf, uint32_t *id);
/* Bytes of a type; 0: unknown or none. */
uint64_t ffpf_btf_size(const struct btf_types *btf, uint32_t id);
/* The numbers in a type that have a name: members of structs, numbers themselves. Appends to the fields. */
struct field_list {
	struct ffpf_arena *arena;
	struct ffpf_map_field *fields;
	size_t n, capacity;
};
void ffpf_btf_fields(const struct btf_types *btf, uint32_t id, const char *name, uint64_t offset,
		     struct field_list *out);

/* object_types.c: the parts of a type, for people: what bytes [offset, offset + its size) are. Appends to the list. */
struct member_list {
	struct ffpf_arena *arena;
	struct ffpf_member *list;
	size_t n, capacity;
	bool failed; /* too much, or not to be told: better none than some */
};
void ffpf_btf_members(const struct btf_types *btf, uint32_t id, const char *name, uint64_t offset,
		      struct member_list *out);
/* The list as far as it is right for a key or value of `size` bytes: all or nothing. */
struct ffpf_members ffpf_btf_members_of(const struct member_list *list, uint32_t size);

/* object_maps.c: 0 or -EINVAL */
int ffpf_object_maps(struct ffpf_object_file *file);

/* object_link.c */
int ffpf_object_find_functions(struct ffpf_object_file *file);
const struct elf_function *ffpf_object_function_at(const struct ffpf_object_file *file, uint32_t section,
						   uint64_t insn);

/* object_lines.c: lines of the instructions [first, first + n) of a section, which stand from `at` on in the program.
 */
struct line_list {
	struct ffpf_object_line *lines;
	size_t n, capacity;
};
void ffpf_object_lines(const struct ffpf_object_file *file, const struct elf_function *function, uint32_t at,
		       struct line_list *out);
/* Relocations to the running kernel's types: those that mean what is there anyway are fine. 0 or -EINVAL. */
int ffpf_object_core(struct ffpf_object_file *file, const struct elf_function *function);

static inline uint32_t object_u32(const uint8_t *p)
{
	uint32_t x;

	__builtin_memcpy(&x, p, sizeof(x));
	return x;
}

/* object_stack.c: stores of zero that a function of n instructions should begin with; how many. */
#define FFPF_OBJECT_GAPS_MAX 64
unsigned ffpf_object_zero_gaps(const struct bpf_insn *insns, size_t n, struct bpf_insn out[FFPF_OBJECT_GAPS_MAX]);

#endif
