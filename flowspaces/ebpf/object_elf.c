/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ELF file: its sections, symbols and relocations. libelf reads the headers; what they say of places in the file is
 * checked here before a byte is touched. Format: elf(5).
 */
#include <flowspaces/ebpf/object_file.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#define SECTIONS_MAX 4096
#define SYMBOLS_MAX 65536

const char *ffpf_object_text(const char *table, size_t size, uint64_t offset)
{
	/* With its last byte every text in it ends. */
	return table && offset < size && !table[size - 1] ? table + offset : NULL;
}

const struct elf_section *ffpf_object_section(const struct ffpf_object_file *file, const char *name)
{
	for (uint32_t i = 1; i < file->n_sections; i++)
		if (!strcmp(file->sections[i].name, name))
			return &file->sections[i];
	return NULL;
}

/* What can be told from the first bytes. */
static int check_identity(struct ffpf_object_file *file)
{
	const uint8_t *b = file->bytes;
	const unsigned char ours = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;

	if (file->size >= 4 && !memcmp(b, "BC\xc0\xde", 4))
		return ffpf_object_fail(file, "LLVM bitcode, not a BPF object: compile with -target bpf -c");
	if (file->size < EI_NIDENT || memcmp(b, ELFMAG, SELFMAG) != 0)
		return ffpf_object_fail(file, "not a BPF object: it does not begin as an ELF file does");
	if (b[EI_CLASS] != ELFCLASS64)
		return ffpf_object_fail(file, "a 32-bit ELF file: BPF objects have 64 bits, compile with -target bpf");
	if (b[EI_DATA] == ELFDATA2MSB && ours == ELFDATA2LSB)
		return ffpf_object_fail(file, "big-endian BPF object: compile with -target bpfel");
	if (b[EI_DATA] != ours)
		return ffpf_object_fail(file, "BPF object of another byte order: compile with -target bpf");
	if (file->size < sizeof(Elf64_Ehdr))
		return ffpf_object_fail(file, "cut off: %zu bytes are less than the header of an ELF file", file->size);
	return 0;
}

static int check_header(struct ffpf_object_file *file, const GElf_Ehdr *header)
{
	if (header->e_machine != EM_BPF)
		return ffpf_object_fail(file,
					"compiled for another processor (ELF machine %u): compile with -target bpf",
					header->e_machine);
	if (header->e_type != ET_REL)
		return ffpf_object_fail(file, "not relocatable: compile with -c, and don't link it");
	return 0;
}

static bool inside(const struct ffpf_object_file *file, const GElf_Shdr *header)
{
	return header->sh_offset <= file->size && header->sh_size <= file->size - header->sh_offset;
}

static int read_section(struct ffpf_object_file *file, Elf_Scn *scn, uint32_t number, const char *names,
			size_t names_size)
{
	struct elf_section *s = &file->sections[number];
	GElf_Shdr header;

	if (!scn || !gelf_getshdr(scn, &header))
		return ffpf_object_fail(file, "section %u has no header in the file", number);
	s->name = ffpf_object_text(names, names_size, header.sh_name);
	if (!s->name)
		return ffpf_object_fail(file, "the name of section %u lies outside of the names", number);
	s->type = header.sh_type;
	s->flags = header.sh_flags;
	s->info = header.sh_info;
	s->map = -1;
	if (header.sh_flags & SHF_COMPRESSED)
		return ffpf_object_fail(file, "section '%.64s' is compressed: compile without -gz", s->name);
	if (header.sh_type == SHT_NOBITS) {
		if (header.sh_size > FFPF_OBJECT_MAP_BYTES_MAX)
			return ffpf_object_fail(file, "section '%.64s' of %llu bytes is too large", s->name,
						(unsigned long long)header.sh_size);
		s->size = header.sh_size;
		return 0;
	}
	if (header.sh_type == SHT_NULL)
		return 0;
	if (!inside(file, &header))
		return ffpf_object_fail(file, "section '%.64s' lies outside of the file", s->name);
	s->data = file->bytes + header.sh_offset;
	s->size = header.sh_size;
	return 0;
}

static int read_sections(struct ffpf_object_file *file, Elf *elf)
{
	const char *names = NULL;
	size_t n, names_number, names_size = 0;
	GElf_Shdr header;
	Elf_Scn *scn;

	if (elf_getshdrnum(elf, &n) < 0 || elf_getshdrstrndx(elf, &names_number) < 0)
		return ffpf_object_fail(file, "its table of sections can't be read: %s", elf_errmsg(-1));
	if (!n || n > SECTIONS_MAX)
		return ffpf_object_fail(file,
					n ? "it has %zu sections, %d are the most" : "it has no sections (%zu of %d)",
					n, SECTIONS_MAX);
	scn = elf_getscn(elf, names_number);
	if (scn && gelf_getshdr(scn, &header) && header.sh_type == SHT_STRTAB && inside(file, &header)) {
		names = (const char *)file->bytes + header.sh_offset;
		names_size = header.sh_size;
	}
	file->sections = ffpf_arena_alloc(file->arena, n * sizeof(*file->sections));
	file->sections[0] = (struct elf_section){.name = "", .map = -1};
	file->n_sections = (uint32_t)n;
	for (uint32_t i = 1; i < n; i++) {
		int err = read_section(file, elf_getscn(elf, i), i, names, names_size);

		if (err)
			return err;
	}
	return 0;
}

static uint32_t defined_in(const struct ffpf_object_file *file, uint16_t number)
{
	return number == SHN_UNDEF ? 0 : number < file->n_sections ? number : UINT32_MAX;
}

static int read_symbols(struct ffpf_object_file *file, Elf *elf)
{
	const struct elf_section *names, *table = NULL;
	GElf_Shdr header;

	for (uint32_t i = 1; i < file->n_sections && !table; i++)
		if (file->sections[i].type == SHT_SYMTAB && gelf_getshdr(elf_getscn(elf, i), &header))
			table = &file->sections[i];
	if (!table)
		return ffpf_object_fail(file, "it has no table of symbols: was it stripped?");
	if (header.sh_link >= file->n_sections || file->sections[header.sh_link].type != SHT_STRTAB)
		return ffpf_object_fail(file, "the table of symbols has no names");
	if (table->size / sizeof(Elf64_Sym) > SYMBOLS_MAX)
		return ffpf_object_fail(file, "it has %zu symbols, %d are the most", table->size / sizeof(Elf64_Sym),
					SYMBOLS_MAX);
	names = &file->sections[header.sh_link];
	file->n_symbols = (uint32_t)(table->size / sizeof(Elf64_Sym));
	file->symbols = ffpf_arena_alloc(file->arena, file->n_symbols * sizeof(*file->symbols) + 1);
	for (uint32_t i = 0; i < file->n_symbols; i++) {
		struct elf_symbol *out = &file->symbols[i];
		Elf64_Sym s;

		memcpy(&s, table->data + i * sizeof(s), sizeof(s));
		out->name = ffpf_object_text((const char *)names->data, names->size, s.st_name);
		if (!out->name)
			return ffpf_object_fail(file, "the name of symbol %u lies outside of the names", i);
		out->type = ELF64_ST_TYPE(s.st_info);
		out->bind = ELF64_ST_BIND(s.st_info);
		out->section = defined_in(file, s.st_shndx);
		out->value = s.st_value;
		out->size = s.st_size;
	}
	return 0;
}

static int by_offset(const void *x, const void *y)
{
	const struct elf_reloc *a = x, *b = y;

	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static int read_relocs(struct ffpf_object_file *file, const struct elf_section *from)
{
	struct elf_section *to;
	size_t n = from->size / sizeof(Elf64_Rel);

	if (!from->info || from->info >= file->n_sections)
		return ffpf_object_fail(file, "the relocations '%.64s' are for a section that is not there",
					from->name);
	to = &file->sections[from->info];
	/* Debug information is read as it is. */
	if (!strncmp(to->name, ".debug", 6) || !strncmp(to->name, ".BTF", 4) || !strcmp(to->name, ".eh_frame") ||
	    !strcmp(to->name, ".llvm_addrsig"))
		return 0;
	if (to->relocs)
		return ffpf_object_fail(file, "section '%.64s' has relocations twice", to->name);
	to->relocs = ffpf_arena_alloc(file->arena, n * sizeof(*to->relocs) + 1);
	to->n_relocs = n;
	for (size_t i = 0; i < n; i++) {
		Elf64_Rel r;

		memcpy(&r, from->data + i * sizeof(r), sizeof(r));
		to->relocs[i] = (struct elf_reloc){r.r_offset, (uint32_t)ELF64_R_SYM(r.r_info),
						   (uint32_t)ELF64_R_TYPE(r.r_info)};
		if (to->relocs[i].symbol >= file->n_symbols)
			return ffpf_object_fail(file,
						"relocation %zu of section '%.64s' names a symbol that is not there", i,
						to->name);
		if (r.r_offset >= to->size)
			return ffpf_object_fail(file, "relocation %zu of section '%.64s' lies outside of it", i,
						to->name);
	}
	qsort(to->relocs, n, sizeof(*to->relocs), by_offset);
	return 0;
}

static int read_all(struct ffpf_object_file *file, Elf *elf)
{
	GElf_Ehdr header;
	int err;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return ffpf_object_fail(file, "its ELF header can't be read: %s", elf_errmsg(-1));
	err = check_header(file, &header);
	if (!err)
		err = read_sections(file, elf);
	if (!err)
		err = read_symbols(file, elf);
	for (uint32_t i = 1; !err && i < file->n_sections; i++) {
		if (file->sections[i].type == SHT_REL)
			err = read_relocs(file, &file->sections[i]);
		else if (file->sections[i].type == SHT_RELA)
			err = ffpf_object_fail(file,
					       "the relocations '%.64s' have addends: clang makes none such for BPF",
					       file->sections[i].name);
	}
	return err;
}

int ffpf_object_elf(struct ffpf_object_file *file)
{
	int err = check_identity(file);
	Elf *elf;

	if (err)
		return err;
	elf_version(EV_CURRENT);
	/* The file's bytes are read only: nothing is updated. */
	elf = elf_memory((char *)file->bytes, file->size);
	if (!elf)
		return ffpf_object_fail(file, "it can't be read as an ELF file: %s", elf_errmsg(-1));
	err = read_all(file, elf);
	elf_end(elf);
	return err;
}
