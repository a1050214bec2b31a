/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes a BPF object (ELF) of a text, without a compiler: what clang would make of a small program. A line is one of
 *
 *   license GPL
 *   map NAME KIND KEY VALUE ENTRIES [FLAGS]    KIND is a number of enum bpf_map_type, or array, hash …
 *   legacy                                     from here on maps are struct bpf_map_def
 *   variable NAME SIZE                         of the section .bss, an unsigned number
 *   constant NAME VALUE                        of the section .rodata, 8 bytes
 *   program NAME SECTION                       what follows are its instructions (vm_asm.h); "function NAME" is one of
 * .text address rN, NAME                           the map, or the variable callf NAME calls a function of the object
 */
#ifndef OBJECT_MAKE_H
#define OBJECT_MAKE_H

#include "vm_asm.h"

#include <bpf/btf.h>
#include <elf.h>
#include <stdbool.h>

#define MAKE_MOST 64

struct make_section {
	char name[96];
	uint32_t type, flags, link, info;
	uint64_t entsize;
	uint8_t *data;
	size_t size;
};

struct make_reloc {
	unsigned section, type; /* where */
	uint64_t offset;
	char name[64];
};

struct make {
	struct make_section sections[MAKE_MOST]; /* [0] is empty */
	unsigned n_sections;
	Elf64_Sym symbols[MAKE_MOST * 2];
	char names[MAKE_MOST * 2][64];
	unsigned n_symbols;
	struct make_reloc relocs[MAKE_MOST * 4];
	unsigned n_relocs;
	struct btf *btf;
	int u32, u64;
	int map_vars[MAKE_MOST], variables[MAKE_MOST];
	unsigned n_map_vars, n_variables;
	int function; /* symbol of the function at hand; -1 */
	bool legacy;
};

static inline unsigned make_section(struct make *m, const char *name, uint32_t type, uint32_t flags)
{
	for (unsigned i = 1; i < m->n_sections; i++)
		if (!strcmp(m->sections[i].name, name))
			return i;
	snprintf(m->sections[m->n_sections].name, sizeof(m->sections[0].name), "%s", name);
	m->sections[m->n_sections].type = type;
	m->sections[m->n_sections].flags = flags;
	return m->n_sections++;
}

static inline void make_append(struct make_section *s, const void *bytes, size_t size)
{
	s->data = realloc(s->data, s->size + size + 1);
	memcpy(s->data + s->size, bytes, size);
	s->size += size;
}

static inline unsigned make_symbol(struct make *m, const char *name, unsigned type, unsigned bind, unsigned section,
				   uint64_t value, uint64_t size)
{
	snprintf(m->names[m->n_symbols], 64, "%s", name);
	m->symbols[m->n_symbols] = (Elf64_Sym){.st_info = (unsigned char)ELF64_ST_INFO(bind, type),
					       .st_shndx = (uint16_t)section,
					       .st_value = value,
					       .st_size = size};
	return m->n_symbols++;
}

static inline int make_find(const struct make *m, const char *name)
{
	for (unsigned i = 1; i < m->n_symbols; i++)
		if (!strcmp(m->names[i], name))
			return (int)i;
	return -1;
}

static inline unsigned make_kind(const char *text)
{
	static const struct {
		const char *name;
		unsigned type;
	} kinds[] = {{"array", BPF_MAP_TYPE_ARRAY},
		     {"percpu_array", BPF_MAP_TYPE_PERCPU_ARRAY},
		     {"hash", BPF_MAP_TYPE_HASH},
		     {"percpu_hash", BPF_MAP_TYPE_PERCPU_HASH},
		     {"lru_hash", BPF_MAP_TYPE_LRU_HASH},
		     {"lpm_trie", BPF_MAP_TYPE_LPM_TRIE},
		     {"prog_array", BPF_MAP_TYPE_PROG_ARRAY}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, text))
			return kinds[i].type;
	return (unsigned)strtoul(text, NULL, 0);
}

/* int (*)[n] */
static inline int make_number_type(struct make *m, unsigned n)
{
	return btf__add_ptr(m->btf, btf__add_array(m->btf, m->u32, m->u32, n));
}

static inline void make_map(struct make *m, const char *name, const unsigned *v)
{
	static const char *const members[] = {"type", "key_size", "value_size", "max_entries", "map_flags"};
	unsigned section;
	int types[5], id;

	if (m->legacy) {
		section = make_section(m, "maps", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE);
		make_symbol(m, name, STT_OBJECT, STB_GLOBAL, section, m->sections[section].size, 20);
		make_append(&m->sections[section], v, 20);
		return;
	}
	section = make_section(m, ".maps", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE);
	make_symbol(m, name, STT_OBJECT, STB_GLOBAL, section, m->sections[section].size, 40);
	make_append(&m->sections[section], (const char[40]){0}, 40);
	for (unsigned i = 0; i < 5; i++)
		types[i] = make_number_type(m, v[i]);
	id = btf__add_struct(m->btf, "", 40);
	for (unsigned i = 0; i < 5; i++)
		btf__add_field(m->btf, members[i], types[i], i * 64, 0);
	m->map_vars[m->n_map_vars++] = btf__add_var(m->btf, name, BTF_VAR_GLOBAL_ALLOCATED, id);
}

static inline void make_variable(struct make *m, const char *name, unsigned size)
{
	unsigned section = make_section(m, ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE);

	make_symbol(m, name, STT_OBJECT, STB_GLOBAL, section, m->sections[section].size, size);
	m->sections[section].size += size; /* no bytes in the file */
	m->variables[m->n_variables++] =
		btf__add_var(m->btf, name, BTF_VAR_GLOBAL_ALLOCATED, size == 4 ? m->u32 : m->u64);
}

static inline void make_constant(struct make *m, const char *name, uint64_t value)
{
	unsigned section = make_section(m, ".rodata", SHT_PROGBITS, SHF_ALLOC);

	make_symbol(m, name, STT_OBJECT, STB_GLOBAL, section, m->sections[section].size, 8);
	make_append(&m->sections[section], &value, 8);
}

static inline void make_reloc(struct make *m, unsigned section, uint64_t offset, unsigned type, const char *name)
{
	struct make_reloc *r = &m->relocs[m->n_relocs++];

	*r = (struct make_reloc){.section = section, .type = type, .offset = offset};
	snprintf(r->name, sizeof(r->name), "%s", name);
}

static inline int make_insns(struct make *m, char *line)
{
	struct bpf_insn insns[2] = {{0}};
	struct make_section *s;
	Elf64_Sym *f;
	char name[64];
	unsigned reg;
	int n = 1;

	if (m->function < 0)
		return -1;
	f = &m->symbols[m->function];
	s = &m->sections[f->st_shndx];
	if (sscanf(line, " address r%u, %63s", &reg, name) == 2) {
		insns[0] = (struct bpf_insn){.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = reg & 15};
		make_reloc(m, f->st_shndx, s->size, 1, name);
		n = 2;
	} else if (sscanf(line, " callf %63s", name) == 1) {
		insns[0] = (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = -1};
		make_reloc(m, f->st_shndx, s->size, 10, name);
	} else {
		n = asm_line(line, 0, insns);
	}
	if (n > 0) {
		make_append(s, insns, (size_t)n * sizeof(*insns));
		f->st_size += (size_t)n * sizeof(*insns);
	}
	return n < 0 ? -1 : 0;
}

static inline void make_begin(struct make *m, const char *name, const char *section, unsigned bind)
{
	unsigned number = make_section(m, section, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR);

	m->function = (int)make_symbol(m, name, STT_FUNC, bind, number, m->sections[number].size, 0);
}

/* 0, or -1: not understood. */
static inline int make_line(struct make *m, char *line)
{
	char name[64], kind[64];
	unsigned v[5] = {0};
	unsigned long long value;

	if (!line[strspn(line, " \t")] || line[strspn(line, " \t")] == '#')
		return 0;
	if (sscanf(line, "license %63[^\n]", name) == 1) {
		unsigned section = make_section(m, "license", SHT_PROGBITS, SHF_ALLOC);

		make_append(&m->sections[section], name, strlen(name) + 1);
		return 0;
	}
	if (!strncmp(line, "legacy", 6)) {
		m->legacy = true;
		return 0;
	}
	if (sscanf(line, "map %63s %63s %u %u %u %u", name, kind, &v[1], &v[2], &v[3], &v[4]) >= 5) {
		v[0] = make_kind(kind);
		make_map(m, name, v);
		return 0;
	}
	if (sscanf(line, "variable %63s %u", name, &v[0]) == 2) {
		make_variable(m, name, v[0]);
		return 0;
	}
	if (sscanf(line, "constant %63s %llu", name, &value) == 2) {
		make_constant(m, name, value);
		return 0;
	}
	if (sscanf(line, "program %63s %63s", name, kind) == 2) {
		make_begin(m, name, kind, STB_GLOBAL);
		return 0;
	}
	if (sscanf(line, "function %63s", name) == 1) {
		make_begin(m, name, ".text", STB_LOCAL);
		return 0;
	}
	return make_insns(m, line);
}

static inline void make_relocs(struct make *m)
{
	for (unsigned i = 0; i < m->n_relocs; i++) {
		const struct make_reloc *r = &m->relocs[i];
		char name[96];
		unsigned section;
		int symbol = make_find(m, r->name);
		Elf64_Rel rel = {.r_offset = r->offset};

		if (symbol < 0) /* from outside */
			symbol = (int)make_symbol(m, r->name, STT_NOTYPE, STB_GLOBAL, 0, 0, 0);
		/* As clang does for static functions and variables: the section's symbol would do, too. */
		rel.r_info = ELF64_R_INFO((uint64_t)symbol, r->type);
		snprintf(name, sizeof(name), ".rel%.64s", m->sections[r->section].name);
		section = make_section(m, name, SHT_REL, 0);
		m->sections[section].info = r->section;
		m->sections[section].entsize = sizeof(rel);
		make_append(&m->sections[section], &rel, sizeof(rel));
	}
}

static inline void make_btf(struct make *m)
{
	const void *raw;
	uint32_t size;
	unsigned section;

	if (!m->n_map_vars && !m->n_variables)
		return;
	if (m->n_map_vars) {
		btf__add_datasec(m->btf, ".maps", 0);
		for (unsigned i = 0; i < m->n_map_vars; i++)
			btf__add_datasec_var_info(m->btf, m->map_vars[i], 0, 40);
	}
	if (m->n_variables) {
		btf__add_datasec(m->btf, ".bss", 0);
		for (unsigned i = 0; i < m->n_variables; i++)
			btf__add_datasec_var_info(m->btf, m->variables[i], 0, 8);
	}
	raw = btf__raw_data(m->btf, &size);
	section = make_section(m, ".BTF", SHT_PROGBITS, 0);
	make_append(&m->sections[section], raw, size);
}

static inline void make_symbols(struct make *m)
{
	unsigned strings = make_section(m, ".strtab", SHT_STRTAB, 0);
	unsigned table = make_section(m, ".symtab", SHT_SYMTAB, 0);

	make_append(&m->sections[strings], "", 1);
	for (unsigned i = 0; i < m->n_symbols; i++) {
		m->symbols[i].st_name = i ? (uint32_t)m->sections[strings].size : 0;
		if (i)
			make_append(&m->sections[strings], m->names[i], strlen(m->names[i]) + 1);
		make_append(&m->sections[table], &m->symbols[i], sizeof(m->symbols[i]));
	}
	m->sections[table].link = strings;
	m->sections[table].entsize = sizeof(Elf64_Sym);
	for (unsigned i = 1; i < m->n_sections; i++)
		if (m->sections[i].type == SHT_REL)
			m->sections[i].link = table;
}

/* The file; the caller frees it. */
static inline uint8_t *make_write(struct make *m, size_t *size)
{
	unsigned names = make_section(m, ".shstrtab", SHT_STRTAB, 0);
	Elf64_Shdr headers[MAKE_MOST] = {{0}};
	struct make_section file = {.type = SHT_PROGBITS};
	Elf64_Ehdr header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			     .e_type = ET_REL,
			     .e_machine = EM_BPF,
			     .e_version = EV_CURRENT,
			     .e_ehsize = sizeof(Elf64_Ehdr),
			     .e_shentsize = sizeof(Elf64_Shdr),
			     .e_shnum = (uint16_t)m->n_sections,
			     .e_shstrndx = (uint16_t)names};

	make_append(&m->sections[names], "", 1);
	for (unsigned i = 1; i < m->n_sections; i++) {
		headers[i].sh_name = (uint32_t)m->sections[names].size;
		make_append(&m->sections[names], m->sections[i].name, strlen(m->sections[i].name) + 1);
	}
	make_append(&file, &header, sizeof(header));
	for (unsigned i = 1; i < m->n_sections; i++) {
		struct make_section *s = &m->sections[i];

		make_append(&file, "\0\0\0\0\0\0\0", (8 - file.size % 8) % 8);
		headers[i].sh_type = s->type;
		headers[i].sh_flags = s->flags;
		headers[i].sh_link = s->link;
		headers[i].sh_info = s->info;
		headers[i].sh_entsize = s->entsize;
		headers[i].sh_offset = file.size;
		headers[i].sh_size = s->size;
		headers[i].sh_addralign = 8;
		if (s->type != SHT_NOBITS)
			make_append(&file, s->data, s->size);
		free(s->data);
	}
	make_append(&file, "\0\0\0\0\0\0\0", (8 - file.size % 8) % 8);
	((Elf64_Ehdr *)file.data)->e_shoff = file.size;
	make_append(&file, headers, m->n_sections * sizeof(*headers));
	*size = file.size;
	return file.data;
}

/* NULL: a line is not understood, which is said on stderr. The caller frees it. */
static inline uint8_t *object_make(const char *text, size_t *size)
{
	struct make *m = calloc(1, sizeof(*m));
	uint8_t *out = NULL;
	bool good = true;

	m->n_sections = m->n_symbols = 1;
	m->function = -1;
	m->btf = btf__new_empty();
	m->u32 = btf__add_int(m->btf, "unsigned int", 4, 0);
	m->u64 = btf__add_int(m->btf, "unsigned long", 8, 0);
	while (good && *text) {
		char line[256];
		size_t length = strcspn(text, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)length, text);
		good = make_line(m, line) == 0;
		if (!good)
			fprintf(stderr, "not understood: %.*s\n", (int)length, text);
		text += length + (text[length] == '\n');
	}
	if (good) {
		make_btf(m);
		make_relocs(m);
		make_symbols(m);
		out = make_write(m, size);
	}
	btf__free(m->btf);
	free(m);
	return out;
}

#endif
