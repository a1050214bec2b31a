/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making and freeing maps, and the way to each kind's operations. The bounds are the kernel's, so that an object which
 * loads there loads here, and the other way round.
 */
#include <lib/buf/map-provider.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

static const struct {
	const char *name;
	const struct map_ops *ops;
	bool per_cpu, lru;
} kinds[FFPF_MAP_KINDS] = {
	[FFPF_MAP_ARRAY] = {"array", &ffpf_map_array_ops, false, false},
	[FFPF_MAP_PERCPU_ARRAY] = {"percpu_array", &ffpf_map_array_ops, true, false},
	[FFPF_MAP_HASH] = {"hash", &ffpf_map_hash_ops, false, false},
	[FFPF_MAP_PERCPU_HASH] = {"percpu_hash", &ffpf_map_hash_ops, true, false},
	[FFPF_MAP_LRU_HASH] = {"lru_hash", &ffpf_map_hash_ops, false, true},
	[FFPF_MAP_LRU_PERCPU_HASH] = {"lru_percpu_hash", &ffpf_map_hash_ops, true, true},
	[FFPF_MAP_LPM] = {"lpm_trie", &ffpf_map_lpm_ops, false, false},
	[FFPF_MAP_PROGRAMS] = {"prog_array", NULL, false, false},
};

const char *ffpf_map_kind_name(enum ffpf_map_kind kind)
{
	return (unsigned)kind < FFPF_MAP_KINDS ? kinds[kind].name : "unknown";
}

bool ffpf_map_per_cpu(enum ffpf_map_kind kind)
{
	return (unsigned)kind < FFPF_MAP_KINDS && kinds[kind].per_cpu;
}

static int check(const struct ffpf_map_spec *spec, unsigned n_cpus, const char **why)
{
	*why = NULL;
	if ((unsigned)spec->kind >= FFPF_MAP_KINDS || !kinds[spec->kind].ops)
		*why = "no such kind of map";
	else if (!spec->max_entries)
		*why = "it has no entries";
	else if (!spec->key_size || spec->key_size > FFPF_MAP_KEY_MOST)
		*why = "keys have 1 to 512 bytes";
	else if (!spec->value_size)
		*why = "values have one byte or more";
	else if (kinds[spec->kind].per_cpu && spec->value_size > 32768)
		*why = "values for each CPU have 32768 bytes at most";
	else if (!memchr(spec->name, 0, sizeof(spec->name)))
		*why = "its name has no end";
	else if (!n_cpus || n_cpus > 65536)
		*why = "it has no slots";
	if (*why)
		return -EINVAL;
	if (spec->value_size > INT32_MAX - FFPF_MAP_KEY_MOST || spec->max_entries > 1u << 31) {
		*why = "it would need more than 4 GiB";
		return -E2BIG;
	}
	return 0;
}

static int make(struct ffpf_map *map, const char **why)
{
	const struct ffpf_map_spec *spec = &map->spec;
	struct map_area shape = {
		.magic = MAP_MAGIC,
		.version = MAP_VERSION,
		.byte_order = MAP_BYTE_ORDER,
		.kind = spec->kind,
		.flags = spec->flags,
		.key_size = spec->key_size,
		.value_size = spec->value_size,
		.max_entries = spec->max_entries,
		.n_cpus = map->n_cpus,
		.free.top = MAP_NONE,
		.spare.top = MAP_NONE,
	};
	int err = map->ops->shape(spec, &shape, why);

	memcpy(shape.name, spec->name, sizeof(shape.name));
	if (!err && getrandom(map->secret, sizeof(map->secret), 0) != sizeof(map->secret)) {
		*why = "no random numbers";
		err = -ENOMEM;
	}
	if (!err)
		err = ffpf_map_area_new(map, &shape, why);
	if (!err && map->ops->init)
		map->ops->init(map);
	return err;
}

int ffpf_map_new(const struct ffpf_map_spec *spec, unsigned n_cpus, struct ffpf_map **out, const char **why)
{
	const char *ignored;
	int err = check(spec, n_cpus, why ? why : (why = &ignored));

	if (err)
		return err;
	struct ffpf_map *map = aligned_alloc(64, (sizeof(*map) + 63) & ~(size_t)63);
	if (!map) {
		*why = "out of memory";
		return -ENOMEM;
	}
	*map = (struct ffpf_map){
		.spec = *spec,
		.ops = kinds[spec->kind].ops,
		.per_cpu = kinds[spec->kind].per_cpu,
		.lru = kinds[spec->kind].lru,
		.n_cpus = n_cpus,
		.fd = -1,
	};
	err = make(map, why);
	if (err)
		ffpf_map_free(map);
	else
		*out = map;
	return err;
}

void ffpf_map_free(struct ffpf_map *map)
{
	if (!map)
		return;
	ffpf_map_area_free(map);
	free(map);
}

const struct ffpf_map_spec *ffpf_map_spec(const struct ffpf_map *map)
{
	return &map->spec;
}

unsigned ffpf_map_cpus(const struct ffpf_map *map)
{
	return map->n_cpus;
}

static bool has_slot(const struct ffpf_map *map, unsigned cpu)
{
	return cpu < map->n_cpus || !map->per_cpu;
}

void *ffpf_map_lookup(struct ffpf_map *map, unsigned cpu, const void *key)
{
	return has_slot(map, cpu) ? map->ops->lookup(map, cpu, key, true) : NULL;
}

int ffpf_map_update(struct ffpf_map *map, unsigned cpu, const void *key, const void *value, enum ffpf_map_update how)
{
	if ((unsigned)how > FFPF_MAP_EXIST || !has_slot(map, cpu))
		return -EINVAL;
	return map->ops->update(map, cpu, key, value, how);
}

int ffpf_map_delete(struct ffpf_map *map, const void *key)
{
	return map->ops->delete ? map->ops->delete (map, key) : -EINVAL;
}

int ffpf_map_next(struct ffpf_map *map, const void *key, void *next)
{
	return map->ops->next(map, key, next);
}

void *ffpf_map_memory(struct ffpf_map *map)
{
	return map->spec.kind == FFPF_MAP_ARRAY ? map->values : NULL;
}

int ffpf_map_copy(struct ffpf_map *map, unsigned cpu, const void *key, void *value)
{
	const void *at = has_slot(map, cpu) ? map->ops->lookup(map, cpu, key, false) : NULL;

	for (;;) {
		if (!at)
			return -ENOENT;
		map_get(value, at, map->spec.value_size);
		/* Still this key's? */
		const void *now = map->ops->lookup(map, cpu, key, false);
		if (now == at)
			return 0;
		at = now;
	}
}
