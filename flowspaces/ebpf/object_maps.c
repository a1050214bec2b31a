/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps of an object: variables of the section .maps, whose types describe them (each __uint() is a pointer to an
 * array of that many, each __type() a pointer to it); older ones of the section maps, struct bpf_map_def; and the
 * sections of global variables, each an array of one entry.
 */
#include <flowspaces/ebpf/object_file.h>
#include <lib/lang/arena.h>

#include <elf.h>
#include <errno.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

/* A map as it was written. */
struct definition {
	const char *name;
	uint32_t type, key_size, value_size, max_entries, map_flags;
	bool has_values;
	uint64_t values; /* place of the first in the section */
	uint32_t key_type, value_type;
};

/* ---- kinds ----------------------------------------------------------------------------------- */

static const char *const kind_names[] = {
	"unspecified",
	"hash",
	"array",
	"prog_array",
	"perf_event_array",
	"percpu_hash",
	"percpu_array",
	"stack_trace",
	"cgroup_array",
	"lru_hash",
	"lru_percpu_hash",
	"lpm_trie",
	"array_of_maps",
	"hash_of_maps",
	"devmap",
	"sockmap",
	"cpumap",
	"xskmap",
	"sockhash",
	"cgroup_storage",
	"reuseport_sockarray",
	"percpu_cgroup_storage",
	"queue",
	"stack",
	"sk_storage",
	"devmap_hash",
	"struct_ops",
	"ringbuf",
	"inode_storage",
	"task_storage",
	"bloom_filter",
	"user_ringbuf",
	"cgrp_storage",
	"arena",
};

static const struct {
	uint32_t type;
	enum ffpf_map_kind kind;
	uint32_t flags; /* that may be written */
} kinds[] = {
	{BPF_MAP_TYPE_ARRAY, FFPF_MAP_ARRAY, BPF_F_MMAPABLE | BPF_F_RDONLY_PROG},
	{BPF_MAP_TYPE_PERCPU_ARRAY, FFPF_MAP_PERCPU_ARRAY, 0},
	{BPF_MAP_TYPE_HASH, FFPF_MAP_HASH, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG},
	{BPF_MAP_TYPE_PERCPU_HASH, FFPF_MAP_PERCPU_HASH, BPF_F_NO_PREALLOC},
	{BPF_MAP_TYPE_LRU_HASH, FFPF_MAP_LRU_HASH, BPF_F_NO_COMMON_LRU},
	{BPF_MAP_TYPE_LRU_PERCPU_HASH, FFPF_MAP_LRU_PERCPU_HASH, BPF_F_NO_COMMON_LRU},
	{BPF_MAP_TYPE_LPM_TRIE, FFPF_MAP_LPM, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG},
	{BPF_MAP_TYPE_PROG_ARRAY, FFPF_MAP_PROGRAMS, 0},
};

static int set_kind(struct ffpf_object_file *file, struct ffpf_object_map *map, const struct definition *d)
{
	size_t i = 0;

	while (i < sizeof(kinds) / sizeof(kinds[0]) && kinds[i].type != d->type)
		i++;
	if (i == sizeof(kinds) / sizeof(kinds[0])) {
		if (d->type < sizeof(kind_names) / sizeof(kind_names[0]))
			return ffpf_object_fail(file,
						"map '%.64s' is of the kind %s; there are array, percpu_array, hash, "
						"percpu_hash, lru_hash, lru_percpu_hash, lpm_trie, prog_array",
						d->name, kind_names[d->type]);
		return ffpf_object_fail(file, "map '%.64s' is of the unknown kind %u", d->name, d->type);
	}
	if (d->map_flags & ~kinds[i].flags)
		return ffpf_object_fail(file, "map '%.64s' has flags that it can't have here: 0x%x", d->name,
					d->map_flags & ~kinds[i].flags);
	if (d->type == BPF_MAP_TYPE_LPM_TRIE && !(d->map_flags & BPF_F_NO_PREALLOC))
		return ffpf_object_fail(file, "map '%.64s' is an lpm_trie: it needs map_flags BPF_F_NO_PREALLOC",
					d->name);
	map->spec.kind = kinds[i].kind;
	map->kernel_flags = d->map_flags;
	if (d->map_flags & BPF_F_RDONLY_PROG)
		map->spec.flags |= FFPF_MAP_PROGRAM_READS;
	return 0;
}

/* ---- one more map ---------------------------------------------------------------------------- */

static void describe_value(struct ffpf_object_file *file, struct ffpf_object_map *map, uint32_t type)
{
	struct field_list list = {.arena = file->arena};

	if (!type || map->spec.max_entries != 1 ||
	    (map->spec.kind != FFPF_MAP_ARRAY && map->spec.kind != FFPF_MAP_PERCPU_ARRAY))
		return;
	ffpf_btf_fields(&file->btf, type, "", 0, &list);
	/* A number that is the whole value has no name of its own. */
	if (!list.n)
		ffpf_btf_fields(&file->btf, type, map->spec.name, 0, &list);
	for (size_t i = 0; i < list.n; i++)
		if (list.fields[i].offset + list.fields[i].size > map->spec.value_size)
			return;
	map->fields = list.fields;
	map->n_fields = list.n;
}

static struct ffpf_members members_of(struct ffpf_object_file *file, uint32_t type, uint32_t size)
{
	struct member_list list = {.arena = file->arena};

	if (type)
		ffpf_btf_members(&file->btf, type, "", 0, &list);
	return ffpf_btf_members_of(&list, size);
}

static int check_sizes(struct ffpf_object_file *file, const struct ffpf_object_map *map)
{
	const struct ffpf_map_spec *s = &map->spec;
	uint64_t bytes = 0;

	if (!s->max_entries)
		return ffpf_object_fail(file, "map '%s' has no entries: max_entries is missing", s->name);
	if (!s->key_size || !s->value_size)
		return ffpf_object_fail(file, "map '%s' has no size of %s", s->name, s->key_size ? "values" : "keys");
	if ((s->kind == FFPF_MAP_ARRAY || s->kind == FFPF_MAP_PERCPU_ARRAY || s->kind == FFPF_MAP_PROGRAMS) &&
	    s->key_size != 4)
		return ffpf_object_fail(file, "map '%s' is an array: its keys have 4 bytes, not %u", s->name,
					s->key_size);
	if (s->kind == FFPF_MAP_PROGRAMS && s->value_size != 4)
		return ffpf_object_fail(file, "map '%s' holds programs: its values have 4 bytes, not %u", s->name,
					s->value_size);
	for (size_t i = 0; i < file->n_maps; i++) {
		const struct ffpf_map_spec *other = &file->maps[i].spec;

		bytes += (uint64_t)other->max_entries * ((uint64_t)other->key_size + other->value_size);
		if (other != s && !strcmp(other->name, s->name))
			return ffpf_object_fail(file, "there are two maps '%s'", s->name);
	}
	if (bytes > FFPF_OBJECT_MAP_BYTES_MAX)
		return ffpf_object_fail(
			file, "map '%s' is too large: with it the maps take %llu bytes, %llu are the most", s->name,
			(unsigned long long)bytes, (unsigned long long)FFPF_OBJECT_MAP_BYTES_MAX);
	return 0;
}

static struct ffpf_object_map *new_map(struct ffpf_object_file *file, const char *name, uint32_t section,
				       uint64_t offset)
{
	struct ffpf_object_map *map;

	if (file->n_maps == FFPF_OBJECT_MAPS_MAX) {
		ffpf_object_fail(file, "it has more than %d maps", FFPF_OBJECT_MAPS_MAX);
		return NULL;
	}
	map = &file->maps[file->n_maps];
	strncpy(map->spec.name, ffpf_object_clean(file->arena, name), sizeof(map->spec.name) - 1);
	file->places[file->n_maps] = (struct map_place){section, offset};
	file->n_maps++;
	return map;
}

/* A map that can't be had is no harm while no program refers to it: what is wrong with it is kept. */
static int keep_fault(struct ffpf_object_file *file, size_t n_maps, uint32_t section, uint64_t offset)
{
	if (file->n_faults == FFPF_OBJECT_MAPS_MAX)
		return -EINVAL;
	while (file->n_maps > n_maps)
		memset(&file->maps[--file->n_maps], 0, sizeof(*file->maps));
	file->faults = ffpf_arena_grow(file->arena, file->faults, file->n_faults, &file->faults_capacity,
				       sizeof(*file->faults));
	file->faults[file->n_faults++] = (struct map_fault){{section, offset}, file->why};
	return 0;
}

static int add_defined(struct ffpf_object_file *file, uint32_t section, uint64_t offset, const struct definition *d)
{
	struct ffpf_object_map *map = new_map(file, d->name, section, offset);
	int err = map ? set_kind(file, map, d) : -EINVAL;

	if (err)
		return err;
	map->spec.key_size = d->key_size;
	map->spec.value_size = d->value_size;
	map->spec.max_entries = d->max_entries;
	if (map->spec.kind == FFPF_MAP_PROGRAMS) {
		map->spec.key_size = map->spec.key_size ?: 4;
		map->spec.value_size = map->spec.value_size ?: 4;
	}
	err = check_sizes(file, map);
	if (!err) {
		describe_value(file, map, d->value_type);
		map->key = members_of(file, d->key_type, map->spec.key_size);
		map->value = members_of(file, d->value_type, map->spec.value_size);
	}
	return err;
}

/* ---- .maps ----------------------------------------------------------------------------------- */

/* What a member of the type int (*)[N] says. */
static bool read_number(const struct btf_types *btf, const struct btf_record *pointer, uint32_t *out)
{
	uint32_t id = pointer->size;
	const struct btf_record *array = ffpf_btf_strip(btf, &id);
	struct btf_array a;

	if (BTF_INFO_KIND(pointer->info) != BTF_KIND_PTR || BTF_INFO_KIND(array->info) != BTF_KIND_ARRAY)
		return false;
	memcpy(&a, array->extra, sizeof(a));
	*out = a.nelems;
	return true;
}

static int read_type(struct ffpf_object_file *file, struct definition *d, const char *what,
		     const struct btf_record *pointer, uint32_t *type, uint32_t *size)
{
	uint64_t bytes = BTF_INFO_KIND(pointer->info) == BTF_KIND_PTR ? ffpf_btf_size(&file->btf, pointer->size) : 0;

	if (!bytes || bytes > UINT32_MAX)
		return ffpf_object_fail(file, "the type of the %ss of map '%.64s' has no size", what, d->name);
	if (*size && *size != bytes)
		return ffpf_object_fail(file, "map '%.64s' has two sizes of its %ss: %u and %llu", d->name, what, *size,
					(unsigned long long)bytes);
	*type = pointer->size;
	*size = (uint32_t)bytes;
	return 0;
}

static int read_member(struct ffpf_object_file *file, struct definition *d, const struct btf_member *m)
{
	const char *name = ffpf_btf_name(&file->btf, m->name_off);
	uint32_t id = m->type, pinning = 0;
	const struct btf_record *t = ffpf_btf_strip(&file->btf, &id);
	const struct {
		const char *name;
		uint32_t *to;
	} numbers[] = {{"type", &d->type},
		       {"key_size", &d->key_size},
		       {"value_size", &d->value_size},
		       {"max_entries", &d->max_entries},
		       {"map_flags", &d->map_flags},
		       {"pinning", &pinning}};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(name, numbers[i].name) != 0)
			continue;
		if (!read_number(&file->btf, t, numbers[i].to))
			return ffpf_object_fail(file, "'%s' of map '%.64s' is not a number", name, d->name);
		if (pinning)
			return ffpf_object_fail(file,
						"map '%.64s' wants to be pinned: maps live as long as their function, "
						"functions with one instance= share them",
						d->name);
		return 0;
	}
	if (!strcmp(name, "key"))
		return read_type(file, d, "key", t, &d->key_type, &d->key_size);
	if (!strcmp(name, "value"))
		return read_type(file, d, "value", t, &d->value_type, &d->value_size);
	if (!strcmp(name, "values")) {
		d->has_values = true;
		d->values = m->offset / 8;
		return 0;
	}
	return ffpf_object_fail(file, "map '%.64s' has a member '%.64s' that nobody knows", d->name, name);
}

static const struct elf_symbol *find_symbol(const struct ffpf_object_file *file, const char *name, uint32_t section)
{
	for (uint32_t i = 0; i < file->n_symbols; i++)
		if (file->symbols[i].section == section && !strcmp(file->symbols[i].name, name))
			return &file->symbols[i];
	return NULL;
}

/* The initial programs of an array of them: relocations to functions. */
static int read_targets(struct ffpf_object_file *file, struct ffpf_object_map *map, const struct elf_section *section,
			uint64_t first)
{
	size_t capacity = 0;
	struct ffpf_object_target *targets = NULL;

	for (size_t i = 0; i < section->n_relocs; i++) {
		const struct elf_reloc *r = &section->relocs[i];
		const struct elf_symbol *symbol = &file->symbols[r->symbol];
		const struct elf_function *f;
		uint64_t index = (r->offset - first) / 8;
		size_t program = 0;

		if (r->offset < first || index >= map->spec.max_entries)
			continue;
		f = symbol->section && symbol->section != UINT32_MAX
			    ? ffpf_object_function_at(file, symbol->section, symbol->value / 8)
			    : NULL;
		while (f && program < file->n_programs && &file->functions[file->entries[program]] != f)
			program++;
		if (!f || program == file->n_programs)
			return ffpf_object_fail(file, "map '%s' holds '%.64s', which is not a program of this object",
						map->spec.name, symbol->name);
		targets = ffpf_arena_grow(file->arena, targets, map->n_targets, &capacity, sizeof(*targets));
		targets[map->n_targets++] = (struct ffpf_object_target){(uint32_t)index, program};
		map->targets = targets;
	}
	return 0;
}

static int add_described(struct ffpf_object_file *file, uint32_t section, const struct btf_record *var,
			 const struct elf_symbol *symbol)
{
	const char *name = ffpf_btf_name(&file->btf, var->name);
	struct definition d = {.name = name};
	uint32_t id = var->size;
	const struct btf_record *t = ffpf_btf_strip(&file->btf, &id);
	int err = 0;

	if (BTF_INFO_KIND(t->info) != BTF_KIND_STRUCT)
		return ffpf_object_fail(file, "'%.64s' in section .maps is not the definition of a map", name);
	for (uint32_t i = 0; !err && i < BTF_INFO_VLEN(t->info); i++) {
		struct btf_member m;

		memcpy(&m, t->extra + i * sizeof(m), sizeof(m));
		err = read_member(file, &d, &m);
	}
	if (!err)
		err = add_defined(file, section, symbol->value, &d);
	if (!err && d.has_values && file->maps[file->n_maps - 1].spec.kind != FFPF_MAP_PROGRAMS)
		err = ffpf_object_fail(file, "map '%.64s' has initial values: only an array of programs can", name);
	if (!err && d.has_values)
		err = read_targets(file, &file->maps[file->n_maps - 1], &file->sections[section],
				   symbol->value + d.values);
	return err;
}

static const struct btf_record *find_datasec(const struct ffpf_object_file *file, const char *name)
{
	for (uint32_t i = 1; i < file->btf.n; i++)
		if (BTF_INFO_KIND(file->btf.types[i].info) == BTF_KIND_DATASEC &&
		    !strcmp(ffpf_btf_name(&file->btf, file->btf.types[i].name), name))
			return &file->btf.types[i];
	return NULL;
}

static int read_described(struct ffpf_object_file *file, uint32_t section)
{
	const struct btf_record *list = find_datasec(file, ".maps");

	if (!list)
		return ffpf_object_fail(file,
					"its maps can't be read: what they are is in the debug information, compile "
					"with -g");
	for (uint32_t i = 0; i < BTF_INFO_VLEN(list->info); i++) {
		struct btf_var_secinfo v;
		const struct btf_record *var;
		const struct elf_symbol *symbol;
		size_t n_maps = file->n_maps;

		memcpy(&v, list->extra + i * sizeof(v), sizeof(v));
		var = ffpf_btf_type(&file->btf, v.type);
		symbol = find_symbol(file, ffpf_btf_name(&file->btf, var->name), section);
		if (BTF_INFO_KIND(var->info) != BTF_KIND_VAR || !symbol)
			return ffpf_object_fail(file, "'%.64s' in section .maps is not the definition of a map",
						ffpf_btf_name(&file->btf, var->name));
		if (add_described(file, section, var, symbol) && keep_fault(file, n_maps, section, symbol->value))
			return -EINVAL;
	}
	return 0;
}

/* ---- maps (struct bpf_map_def) --------------------------------------------------------------- */

static int add_older(struct ffpf_object_file *file, uint32_t number, const struct elf_symbol *s)
{
	const struct elf_section *section = &file->sections[number];
	struct definition d;
	const uint8_t *p;
	uint32_t words[5];

	if (!section->data || s->size < sizeof(words) || s->value > section->size || s->size > section->size - s->value)
		return ffpf_object_fail(file, "map '%.64s' is not a struct bpf_map_def of %zu bytes or more", s->name,
					sizeof(words));
	p = section->data + s->value;
	for (uint64_t k = sizeof(words); k < s->size; k++)
		if (p[k])
			return ffpf_object_fail(file, "map '%.64s' says more than struct bpf_map_def can", s->name);
	memcpy(words, p, sizeof(words));
	d = (struct definition){.name = s->name,
				.type = words[0],
				.key_size = words[1],
				.value_size = words[2],
				.max_entries = words[3],
				.map_flags = words[4]};
	return add_defined(file, number, s->value, &d);
}

static int read_older(struct ffpf_object_file *file, uint32_t number)
{
	for (uint32_t i = 0; i < file->n_symbols; i++) {
		const struct elf_symbol *s = &file->symbols[i];
		size_t n_maps = file->n_maps;

		if (s->section == number && s->type == STT_OBJECT && add_older(file, number, s) &&
		    keep_fault(file, n_maps, number, s->value))
			return -EINVAL;
	}
	return 0;
}

/* ---- global variables ------------------------------------------------------------------------ */

static bool is_variables(const char *name)
{
	static const char *const names[] = {".data", ".rodata", ".bss"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);

		if (!strncmp(name, names[i], len) && (!name[len] || name[len] == '.'))
			return true;
	}
	return false;
}

static void describe_variables(struct ffpf_object_file *file, struct ffpf_object_map *map, uint32_t number)
{
	const struct btf_record *list = find_datasec(file, file->sections[number].name);
	struct field_list fields = {.arena = file->arena};
	struct member_list members = {.arena = file->arena};

	for (uint32_t i = 0; list && i < BTF_INFO_VLEN(list->info) && i < FFPF_OBJECT_INSNS_MAX / 64; i++) {
		struct btf_var_secinfo v;
		const struct btf_record *var;
		const struct elf_symbol *symbol;

		memcpy(&v, list->extra + i * sizeof(v), sizeof(v));
		var = ffpf_btf_type(&file->btf, v.type);
		symbol = find_symbol(file, ffpf_btf_name(&file->btf, var->name), number);
		if (BTF_INFO_KIND(var->info) != BTF_KIND_VAR || !symbol || symbol->value > map->spec.value_size)
			continue;
		ffpf_btf_fields(&file->btf, var->size, ffpf_btf_name(&file->btf, var->name), symbol->value, &fields);
		ffpf_btf_members(&file->btf, var->size,
				 ffpf_object_clean(file->arena, ffpf_btf_name(&file->btf, var->name)), symbol->value,
				 &members);
	}
	map->value = ffpf_btf_members_of(&members, map->spec.value_size);
	if (map->spec.flags & FFPF_MAP_PROGRAM_READS)
		return; /* constants are no results */
	for (size_t i = 0; i < fields.n; i++)
		if ((uint64_t)fields.fields[i].offset + fields.fields[i].size > map->spec.value_size)
			return;
	map->fields = fields.fields;
	map->n_fields = fields.n;
}

/* What a relocation is to: a symbol, or the section that it stands for. */
static const char *name_of(const struct ffpf_object_file *file, const struct elf_reloc *reloc)
{
	const struct elf_symbol *symbol = &file->symbols[reloc->symbol];

	return *symbol->name || symbol->section == UINT32_MAX ? symbol->name : file->sections[symbol->section].name;
}

static int add_variables(struct ffpf_object_file *file, uint32_t number)
{
	struct elf_section *section = &file->sections[number];
	struct ffpf_object_map *map;
	bool constant = !strncmp(section->name, ".rodata", 7);
	int err;

	if (section->n_relocs)
		return ffpf_object_fail(file,
					"section '%s' holds an address (of '%.64s', at byte %llu): where things are is "
					"known only when it runs",
					section->name, name_of(file, &section->relocs[0]),
					(unsigned long long)section->relocs[0].offset);
	map = new_map(file, section->name, number, 0);
	if (!map)
		return -EINVAL;
	section->map = (int)file->n_maps - 1;
	map->variables = true;
	map->spec.kind = FFPF_MAP_ARRAY;
	map->spec.key_size = 4;
	map->spec.value_size = section->size <= UINT32_MAX ? (uint32_t)section->size : 0;
	map->spec.max_entries = 1;
	map->initial = section->data;
	if (constant) {
		map->spec.flags = FFPF_MAP_PROGRAM_READS;
		map->kernel_flags = BPF_F_RDONLY_PROG;
	}
	err = check_sizes(file, map);
	if (!err)
		describe_variables(file, map, number);
	return err;
}

static int keep_variables_fault(struct ffpf_object_file *file, uint32_t number)
{
	struct elf_section *section = &file->sections[number];
	size_t n_maps = section->map >= 0 ? (size_t)section->map : file->n_maps;

	section->map = -1;
	return keep_fault(file, n_maps, number, UINT64_MAX);
}

int ffpf_object_maps(struct ffpf_object_file *file)
{
	int err = 0;

	file->maps = ffpf_arena_alloc(file->arena, FFPF_OBJECT_MAPS_MAX * sizeof(*file->maps));
	file->places = ffpf_arena_alloc(file->arena, FFPF_OBJECT_MAPS_MAX * sizeof(*file->places));
	for (uint32_t i = 1; !err && i < file->n_sections; i++) {
		const struct elf_section *s = &file->sections[i];

		if (!s->size || s->flags & SHF_EXECINSTR || (s->type != SHT_PROGBITS && s->type != SHT_NOBITS))
			continue;
		if (!strcmp(s->name, ".maps"))
			err = read_described(file, i);
		else if (!strcmp(s->name, "maps"))
			err = read_older(file, i);
		else if (is_variables(s->name) && s->flags & SHF_ALLOC)
			err = add_variables(file, i) ? keep_variables_fault(file, i) : 0;
	}
	return err;
}
