/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of kinds, and what the compiler asks of all of them.
 */
#include <fpl/kinds/kind.h>

#include <string.h>

static const struct fpl_kind_ops *const kinds[] = {
	&fpl_kind_hist, &fpl_kind_meter, &fpl_kind_hyperloglog, &fpl_kind_countmin, &fpl_kind_bloom, &fpl_kind_topk,
};

const struct fpl_kind_ops *fpl_kind_at(size_t i)
{
	return i < sizeof(kinds) / sizeof(kinds[0]) ? kinds[i] : NULL;
}

const struct fpl_kind_ops *fpl_kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

const struct fpl_kind_method *fpl_kind_method_find(const struct fpl_kind_ops *kind, const char *name)
{
	for (unsigned i = 0; i < kind->n_methods; i++)
		if (!strcmp(kind->methods[i].name, name))
			return &kind->methods[i];
	return NULL;
}

void fpl_kind_defaults(struct fpl_kind_decl *decl)
{
	for (unsigned i = 0; i < decl->kind->n_arguments; i++)
		if (!decl->given[i])
			decl->arguments[i] = decl->kind->arguments[i].def;
}

size_t fpl_kind_count_cells(const struct ffpf_field *fields, unsigned n)
{
	size_t cells = 0;

	for (unsigned i = 0; i < n; i++)
		cells += fields[i].cells ? fields[i].cells : 1;
	return cells;
}

static void make_rows(const struct ffpf_class_table *table, const uint64_t *cells,
		      const uint64_t *(*per_cpu)(const void *arg, unsigned cpu), unsigned n_cpus, const void *arg,
		      void (*row)(void *to, const void *key, const uint64_t *words), void *to)
{
	const struct fpl_kind_decl *decl = table->data;
	const struct fpl_kind_cells all = {.cells = cells, .per_cpu = per_cpu, .n_cpus = n_cpus, .arg = arg};
	struct ffpf_arena *arena = ffpf_arena_new();
	struct fpl_kind_rows rows;

	decl->kind->rows(decl, &all, arena, &rows);
	for (size_t i = 0; i < rows.n; i++)
		row(to, rows.keys + i * table->key_size, rows.values + i * table->words);
	ffpf_arena_free(arena);
}

void fpl_kind_table(const struct fpl_kind_decl *decl, unsigned field, struct ffpf_arena *arena,
		    struct ffpf_class_table *out)
{
	struct ffpf_member *values = ffpf_arena_alloc(arena, (decl->kind->n_values + 1) * sizeof(*values));

	for (unsigned i = 0; i < decl->kind->n_values; i++)
		values[i] = (struct ffpf_member){.name = decl->kind->value_names[i],
						 .offset = i * 8,
						 .count = 1,
						 .size = 8,
						 .kind = FFPF_MEMBER_UNSIGNED};
	*out = (struct ffpf_class_table){.name = decl->name,
					 .kind = decl->kind->name,
					 .doc = decl->doc ? decl->doc : decl->kind->doc,
					 .key_size = fpl_key_bytes(&decl->key),
					 .words = decl->kind->n_values,
					 .key = fpl_key_members(&decl->key, arena),
					 .value = {values, decl->kind->n_values},
					 .field = field,
					 .rows = make_rows,
					 .data = decl};
}

const uint64_t *fpl_kind_cpu(const struct fpl_kind_cells *cells, unsigned cpu)
{
	const uint64_t *all = cells->per_cpu(cells->arg, cpu);

	return all ? all + cells->first : NULL;
}
