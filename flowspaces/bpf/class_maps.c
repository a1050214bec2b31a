/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps that functions' classes announce: BPF maps of this process, made once for the run, whatever becomes of the
 * programs. They are filled before any program is attached; what no program changes is frozen once all are loaded.
 */
#include <flowspaces/bpf/bpf.h>
#include <lib/lang/arena.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Entries that are put at once: one at a time is a system call each. */
#define BATCH 16384

static int put(int fd, const struct ffpf_shown_map *map, const uint8_t *keys, const uint64_t *values, size_t n)
{
	uint32_t count = (uint32_t)n;
	LIBBPF_OPTS(bpf_map_batch_opts, opts, .elem_flags = BPF_ANY);

	if (bpf_map_update_batch(fd, keys, values, &count, &opts) == 0)
		return 0;
	/* A kernel that has none for this kind. */
	if (errno != EINVAL && errno != EOPNOTSUPP && errno != ENOTSUP)
		return -errno;
	for (size_t i = 0; i < n; i++)
		if (bpf_map_update_elem(fd, keys + i * map->spec.key_size, values + i * map->map->words, BPF_ANY) < 0)
			return -errno;
	return 0;
}

static int fill(int fd, const struct ffpf_shown_map *map)
{
	size_t most = map->map->n_filled < BATCH ? map->map->n_filled : BATCH, n;
	uint8_t *keys = malloc(most * map->spec.key_size + 1);
	uint64_t *values = malloc(most * map->spec.value_size + 1);
	int err = keys && values ? 0 : -ENOMEM;

	for (size_t at = 0; !err && at < map->map->n_filled; at += n) {
		n = ffpf_map_filling(map, at, most, keys, values);
		err = put(fd, map, keys, values, n);
	}
	free(keys);
	free(values);
	return err;
}

/* Bytes that the kernel will want, about: of hash tables an entry's head, of LPM tables a node and one between. */
static uint64_t estimate(const struct ffpf_map_spec *spec)
{
	uint64_t key = (spec->key_size + 7u) & ~7u, value = (spec->value_size + 7u) & ~7u;

	switch (spec->kind) {
	case FFPF_MAP_ARRAY:
		return value * spec->max_entries;
	case FFPF_MAP_LPM:
		return (value + 2 * (key + 40)) * spec->max_entries;
	default:
		return (key + value + 72) * spec->max_entries;
	}
}

static const enum bpf_map_type types[FFPF_MAP_KINDS] = {
	[FFPF_MAP_ARRAY] = BPF_MAP_TYPE_ARRAY,
	[FFPF_MAP_HASH] = BPF_MAP_TYPE_HASH,
	[FFPF_MAP_LRU_HASH] = BPF_MAP_TYPE_LRU_HASH,
	[FFPF_MAP_LPM] = BPF_MAP_TYPE_LPM_TRIE,
};

/* Half of what this machine has: as tables of userspace may have. The kernel would rather go without for others. */
static uint64_t bytes_most(void)
{
	return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2;
}

static int create(struct ffpf_bpf_class_map *m, bool filled, uint64_t *all, char why[FFPF_WHY_MAX])
{
	const struct ffpf_map_spec *spec = &m->shown->spec;
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = spec->kind == FFPF_MAP_LPM ? BPF_F_NO_PREALLOC : 0);
	char name[BPF_OBJ_NAME_LEN] = "";
	uint64_t bytes = estimate(spec);
	int err = 0;

	for (size_t i = 0; i + 1 < sizeof(name) && spec->name[i]; i++) /* the kernel takes no others */
		name[i] = spec->name[i] == '-' ? '_' : spec->name[i];
	*all += bytes;
	if (*all > bytes_most()) {
		snprintf(why, FFPF_WHY_MAX,
			 "the table '%s' of '%s' (%u entries, about %llu MB) takes more than half of this machine's "
			 "memory%s",
			 spec->name, m->shown->function->instance.name, spec->max_entries,
			 (unsigned long long)(bytes >> 20), *all > bytes ? " with those before it" : "");
		return -ENOMEM;
	}
	m->fd = bpf_map_create(types[spec->kind], name, spec->key_size, spec->value_size, spec->max_entries, &opts);
	if (m->fd < 0)
		err = -errno;
	else if (filled)
		err = fill(m->fd, m->shown);
	if (err)
		snprintf(why, FFPF_WHY_MAX, "the table '%s' of '%s' (%u entries, about %llu MB) %s: %s", spec->name,
			 m->shown->function->instance.name, spec->max_entries,
			 (unsigned long long)((bytes + (1u << 20) - 1) >> 20),
			 m->fd < 0 ? "can't be made in the kernel" : "can't be filled", strerror(-err));
	return err;
}

int ffpf_bpf_class_maps_create(struct ffpf_bpf_state *s, bool filled, const struct ffpf_function **of,
			       char why[FFPF_WHY_MAX])
{
	struct ffpf_shown_map *shown = ffpf_level_maps(s->level, s->run->graph->arena);
	struct ffpf_bpf_maps *maps = &s->maps;
	uint64_t all = 0;
	int err = 0;

	maps->class_maps = calloc(s->level->n_maps + 1, sizeof(*maps->class_maps));
	maps->changed = calloc(s->level->n_maps + 1, sizeof(*maps->changed));
	if (!maps->class_maps || !maps->changed) {
		snprintf(why, FFPF_WHY_MAX, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	for (unsigned i = 0; !err && i < s->level->n_maps; i++) {
		struct ffpf_bpf_class_map *m = &maps->class_maps[maps->n_class_maps++];

		m->shown = &shown[i];
		m->fd = -1;
		*of = shown[i].function;
		err = create(m, filled, &all, why);
	}
	return err;
}

void ffpf_bpf_class_maps_close(struct ffpf_bpf_maps *maps)
{
	for (unsigned i = 0; i < maps->n_class_maps; i++)
		if (maps->class_maps[i].fd >= 0)
			close(maps->class_maps[i].fd);
	free(maps->class_maps);
	free(maps->changed);
	maps->class_maps = NULL;
	maps->changed = NULL;
	maps->n_class_maps = 0;
}

void ffpf_bpf_class_maps_freeze(struct ffpf_bpf_maps *maps)
{
	for (unsigned i = 0; i < maps->n_class_maps; i++)
		if (!maps->changed[i])
			(void)bpf_map_freeze(maps->class_maps[i].fd); /* it would do as well without */
}

bool ffpf_bpf_class_maps_view(const struct ffpf_bpf_state *s, const struct ffpf_function *f, size_t i,
			      struct ffpf_map_view *out)
{
	const struct ffpf_function_layout *l = f->layout;
	const struct ffpf_bpf_class_map *m;

	if (i >= l->schema->n_maps || l->first_map + i >= s->maps.n_class_maps)
		return false;
	m = &s->maps.class_maps[l->first_map + i];
	*out = ffpf_shown_map_view(m->shown);
	out->fd = m->fd;
	ffpf_bpf_map_view(out);
	return true;
}
