/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Putting a program together: the function that it is, and behind it those that it calls, each once, in the order in
 * which they are met. Calls, maps and global variables are found through relocations.
 */
#include <flowspaces/ebpf/object_file.h>
#include <lib/lang/arena.h>

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of BPF: LLVM's docs, "BPF: relocation". */
#define RELOC_64_64 1
#define RELOC_64_32 10

#define FUNCTIONS_MAX 256

/* A function's place in the program. */
struct placed {
	const struct elf_function *function;
	uint32_t begin; /* where calls go: what zeroes gaps of its stack */
	uint32_t at;	/* its own first instruction */
};

struct link {
	struct ffpf_object_file *file;
	struct bpf_insn *insns;
	size_t n, capacity;
	struct placed placed[FUNCTIONS_MAX];
	size_t n_placed;
	struct line_list lines;
};

/* ---- functions ------------------------------------------------------------------------------- */

static int by_place(const void *x, const void *y)
{
	const struct elf_function *a = x, *b = y;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	return a->first != b->first ? (a->first < b->first ? -1 : 1) : 0;
}

const struct elf_function *ffpf_object_function_at(const struct ffpf_object_file *file, uint32_t section, uint64_t insn)
{
	struct elf_function key = {.section = section, .first = (uint32_t)insn};

	if (insn > UINT32_MAX)
		return NULL;
	return bsearch(&key, file->functions, file->n_functions, sizeof(key), by_place);
}

static void add_function(struct ffpf_object_file *file, const char *name, uint32_t section, uint64_t value,
			 uint64_t size, bool local)
{
	file->functions = ffpf_arena_grow(file->arena, file->functions, file->n_functions, &file->functions_capacity,
					  sizeof(*file->functions));
	file->functions[file->n_functions++] = (struct elf_function){.name = name,
								     .section = section,
								     .first = (uint32_t)(value / 8),
								     .n = (uint32_t)(size / 8),
								     .local = local};
}

static bool is_code(const struct elf_section *s)
{
	return s->type == SHT_PROGBITS && s->flags & SHF_EXECINSTR && s->size;
}

static int check_functions(struct ffpf_object_file *file)
{
	if (file->n_functions)
		qsort(file->functions, file->n_functions, sizeof(*file->functions), by_place);
	for (size_t i = 1; i < file->n_functions; i++) {
		const struct elf_function *a = &file->functions[i - 1], *b = &file->functions[i];

		if (a->section == b->section && (uint64_t)a->first + a->n > b->first)
			return ffpf_object_fail(file, "the functions '%.64s' and '%.64s' overlap", a->name, b->name);
	}
	return 0;
}

int ffpf_object_find_functions(struct ffpf_object_file *file)
{
	bool *has = ffpf_arena_alloc(file->arena, file->n_sections);

	for (uint32_t i = 0; i < file->n_symbols; i++) {
		const struct elf_symbol *s = &file->symbols[i];
		const struct elf_section *section;

		if (s->type != STT_FUNC || !s->section || s->section == UINT32_MAX ||
		    !is_code(&file->sections[s->section]))
			continue;
		section = &file->sections[s->section];
		if (!s->size || s->size % 8 || s->value % 8 || s->value > section->size ||
		    s->size > section->size - s->value)
			return ffpf_object_fail(file, "the function '%.64s' does not lie in its section '%.64s'",
						s->name, section->name);
		add_function(file, s->name, s->section, s->value, s->size, s->bind == STB_LOCAL);
		has[s->section] = true;
	}
	/* Written by hand, or with its local symbols stripped: the section is the function. */
	for (uint32_t i = 1; i < file->n_sections; i++) {
		const struct elf_section *s = &file->sections[i];

		if (!is_code(s) || has[i] || s->size % 8)
			continue;
		add_function(file, s->name, i, 0, s->size, false);
	}
	return check_functions(file);
}

/* ---- instructions ---------------------------------------------------------------------------- */

static const struct elf_reloc *find_reloc(const struct elf_section *section, uint64_t offset)
{
	size_t lo = 0, hi = section->n_relocs;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (section->relocs[mid].offset < offset)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < section->n_relocs && section->relocs[lo].offset == offset ? &section->relocs[lo] : NULL;
}

/* "instruction 7 of 'f'" */
static const char *place(const struct link *l, const struct placed *p, uint32_t i)
{
	const struct elf_function *f = p->function;
	const struct ffpf_object_line *line = NULL;

	for (size_t k = l->lines.n; k-- > 0 && !line;)
		if (l->lines.lines[k].insn <= p->at + i && l->lines.lines[k].insn >= p->at)
			line = &l->lines.lines[k];
	if (line && line->line)
		return ffpf_arena_printf(l->file->arena, "instruction %u of '%.64s' (%.200s:%u)", i, f->name,
					 line->file, line->line);
	return ffpf_arena_printf(l->file->arena, "instruction %u of '%.64s'", i, f->name);
}

static int map_at(const struct ffpf_object_file *file, uint32_t section, uint64_t offset)
{
	for (size_t i = 0; i < file->n_maps; i++)
		if (file->places[i].section == section && file->places[i].offset == offset && !file->maps[i].variables)
			return (int)i;
	return -1;
}

/* An LD_IMM64 with a relocation: a map, or a global variable. */
static int relocate_address(struct link *l, const struct placed *p, uint32_t i, const struct elf_symbol *symbol)
{
	struct ffpf_object_file *file = l->file;
	struct bpf_insn *in = &l->insns[p->at + i];
	const struct elf_section *section;
	uint64_t offset = symbol->value + (uint32_t)in->imm;
	int map;

	if (!symbol->section)
		return ffpf_object_fail(
			file, "%s needs '%.64s' from outside (a symbol or setting of the kernel): there is none",
			place(l, p, i), symbol->name);
	if (symbol->section == UINT32_MAX)
		return ffpf_object_fail(file, "%s refers to '%.64s', which is in no section", place(l, p, i),
					symbol->name);
	section = &file->sections[symbol->section];
	if (section->flags & SHF_EXECINSTR)
		return ffpf_object_fail(file,
					"%s takes the address of the function '%.64s': callbacks are not supported",
					place(l, p, i), symbol->type == STT_SECTION ? section->name : symbol->name);
	if (section->map >= 0) {
		if (offset >= section->size)
			return ffpf_object_fail(file, "%s refers to byte %llu of section '%.64s', which ends before",
						place(l, p, i), (unsigned long long)offset, section->name);
		in[0].src_reg = BPF_PSEUDO_MAP_IDX_VALUE;
		in[0].imm = section->map;
		in[1].imm = (int32_t)offset;
		return 0;
	}
	for (size_t k = 0; k < file->n_faults; k++)
		if (file->faults[k].place.section == symbol->section &&
		    (file->faults[k].place.offset == symbol->value || file->faults[k].place.offset == UINT64_MAX))
			return ffpf_object_fail(file, "%s can't have what it refers to: %s", place(l, p, i),
						file->faults[k].why);
	map = map_at(file, symbol->section, symbol->value);
	if (map < 0 || in->imm)
		return ffpf_object_fail(file, "%s refers to '%.64s' in section '%.64s', which is no map",
					place(l, p, i), symbol->name, section->name);
	in[0].src_reg = BPF_PSEUDO_MAP_IDX;
	in[0].imm = map;
	in[1].imm = 0;
	return 0;
}

static int load_address(struct link *l, const struct placed *p, uint32_t i, const struct elf_reloc *reloc)
{
	struct bpf_insn *in = &l->insns[p->at + i];

	if (i + 1 == p->function->n || in[1].code)
		return ffpf_object_fail(l->file, "%s is half an LD_IMM64", place(l, p, i));
	if (in->src_reg)
		return ffpf_object_fail(l->file, "%s loads an address of an unknown kind (%u)", place(l, p, i),
					in->src_reg);
	if (!reloc)
		return 0;
	if (reloc->type != RELOC_64_64)
		return ffpf_object_fail(l->file, "%s has a relocation of the unknown kind %u", place(l, p, i),
					reloc->type);
	return relocate_address(l, p, i, &l->file->symbols[reloc->symbol]);
}

/* The function's place in the program, which it gets now if it has none. UINT32_MAX: too many (said). */
static uint32_t place_function(struct link *l, const struct elf_function *f)
{
	const struct elf_section *section = &l->file->sections[f->section];
	struct bpf_insn zeroes[FFPF_OBJECT_GAPS_MAX];
	uint32_t begin = (uint32_t)l->n, at, gaps;

	for (size_t i = 0; i < l->n_placed; i++)
		if (l->placed[i].function == f)
			return l->placed[i].begin;
	if (l->n_placed == FUNCTIONS_MAX) {
		ffpf_object_fail(l->file, "it calls more than %d functions", FUNCTIONS_MAX);
		return UINT32_MAX;
	}
	if (l->n + FFPF_OBJECT_GAPS_MAX + f->n > FFPF_OBJECT_INSNS_MAX) {
		ffpf_object_fail(l->file, "it has more than %d instructions, with the functions that it calls",
				 FFPF_OBJECT_INSNS_MAX);
		return UINT32_MAX;
	}
	while (l->n + FFPF_OBJECT_GAPS_MAX + f->n > l->capacity)
		l->insns = ffpf_arena_grow(l->file->arena, l->insns, l->capacity, &l->capacity, sizeof(*l->insns));
	memcpy(&l->insns[begin], section->data + (size_t)f->first * 8, (size_t)f->n * 8);
	gaps = ffpf_object_zero_gaps(&l->insns[begin], f->n, zeroes);
	at = begin + gaps;
	memmove(&l->insns[at], &l->insns[begin], (size_t)f->n * 8);
	memcpy(&l->insns[begin], zeroes, gaps * sizeof(*zeroes));
	l->n = at + f->n;
	l->placed[l->n_placed++] = (struct placed){f, begin, at};
	ffpf_object_lines(l->file, f, at, &l->lines);
	return begin;
}

/* A call of one of the object's own functions. */
static int call_function(struct link *l, const struct placed *p, uint32_t i, const struct elf_reloc *reloc)
{
	int64_t insn = (int64_t)p->function->first + i + 1 + l->insns[p->at + i].imm;
	uint32_t section = p->function->section, to;
	const struct elf_function *f;

	if (reloc) {
		const struct elf_symbol *symbol = &l->file->symbols[reloc->symbol];

		if (reloc->type != RELOC_64_32)
			return ffpf_object_fail(l->file, "%s has a relocation of the unknown kind %u", place(l, p, i),
						reloc->type);
		if (!symbol->section)
			return ffpf_object_fail(l->file, "%s calls '%.64s', which is not in this object",
						place(l, p, i), symbol->name);
		if (symbol->section == UINT32_MAX)
			return ffpf_object_fail(l->file, "%s calls '%.64s', which is in no section", place(l, p, i),
						symbol->name);
		section = symbol->section;
		insn = (int64_t)(symbol->value / 8) + l->insns[p->at + i].imm + 1;
	}
	f = insn < 0 ? NULL : ffpf_object_function_at(l->file, section, (uint64_t)insn);
	if (!f)
		return ffpf_object_fail(l->file, "%s calls what is not the beginning of a function", place(l, p, i));
	to = place_function(l, f);
	if (to == UINT32_MAX)
		return -EINVAL;
	l->insns[p->at + i].imm = (int32_t)((int64_t)to - (p->at + i) - 1);
	return 0;
}

static int call(struct link *l, const struct placed *p, uint32_t i, const struct elf_reloc *reloc)
{
	struct bpf_insn *in = &l->insns[p->at + i];

	if (in->src_reg == BPF_PSEUDO_CALL)
		return call_function(l, p, i, reloc);
	if (in->src_reg == BPF_PSEUDO_KFUNC_CALL || reloc)
		return ffpf_object_fail(l->file, "%s calls '%.64s', a function of the kernel that is no helper",
					place(l, p, i), reloc ? l->file->symbols[reloc->symbol].name : "?");
	if (in->src_reg)
		return ffpf_object_fail(l->file, "%s is a call of an unknown kind (%u)", place(l, p, i), in->src_reg);
	return 0;
}

static bool is_jump(uint8_t code)
{
	uint8_t class = BPF_CLASS(code), op = BPF_OP(code);

	return (class == BPF_JMP && op != BPF_CALL && op != BPF_EXIT) || class == BPF_JMP32;
}

static int check_jump(struct link *l, const struct placed *p, uint32_t i)
{
	const struct bpf_insn *in = &l->insns[p->at + i];
	/* JA of 32-bit jumps has a long distance. */
	int64_t distance = in->code == (BPF_JMP32 | BPF_JA) ? in->imm : in->off;
	int64_t to = (int64_t)i + 1 + distance;

	if (to < 0 || to >= p->function->n)
		return ffpf_object_fail(l->file, "%s jumps out of its function", place(l, p, i));
	return 0;
}

static int link_function(struct link *l, const struct placed *placed)
{
	const struct placed p = *placed;
	const struct elf_section *section = &l->file->sections[p.function->section];
	int err = ffpf_object_core(l->file, p.function);

	for (uint32_t i = 0; !err && i < p.function->n; i++) {
		struct bpf_insn *in = &l->insns[p.at + i];
		const struct elf_reloc *reloc = find_reloc(section, ((uint64_t)p.function->first + i) * 8);

		if (in->code == (BPF_LD | BPF_IMM | BPF_DW)) {
			err = load_address(l, &p, i, reloc);
			i++;
		} else if (in->code == (BPF_JMP | BPF_CALL)) {
			err = call(l, &p, i, reloc);
		} else if (reloc) {
			err = ffpf_object_fail(l->file, "%s has a relocation where none can be", place(l, &p, i));
		} else if (is_jump(in->code)) {
			err = check_jump(l, &p, i);
		}
	}
	return err;
}

static void finish(struct link *l, struct ffpf_object_code *out)
{
	struct ffpf_object_function *functions = ffpf_arena_alloc(l->file->arena, l->n_placed * sizeof(*functions));

	for (size_t i = 0; i < l->n_placed; i++)
		functions[i] = (struct ffpf_object_function){
			l->placed[i].begin, ffpf_object_clean(l->file->arena, l->placed[i].function->name)};
	*out = (struct ffpf_object_code){.insns = l->insns,
					 .n = l->n,
					 .functions = functions,
					 .n_functions = l->n_placed,
					 .lines = l->lines.lines,
					 .n_lines = l->lines.n};
}

int ffpf_object_link(const struct ffpf_object *object, size_t program, struct ffpf_object_code *out, const char **why)
{
	struct ffpf_object_file *file = object->file;
	struct link *l = ffpf_arena_alloc(file->arena, sizeof(*l));
	int err = 0;

	l->file = file;
	if (place_function(l, &file->functions[file->entries[program]]) == UINT32_MAX)
		err = -EINVAL;
	for (size_t i = 0; !err && i < l->n_placed; i++)
		err = link_function(l, &l->placed[i]);
	if (err) {
		*why = file->why;
		return err;
	}
	finish(l, out);
	return 0;
}
