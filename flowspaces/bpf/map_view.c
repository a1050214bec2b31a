/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps of running programs in the kernel, for those who read them: users' programs' and those of function classes. */
#include <flowspaces/bpf/users.h>
#include <flowspaces/bpf/bpf.h>
#include <lib/lang/arena.h>

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of keys and values that are read at once. */
#define COUNT_BYTES (1u << 20)

static int view_next(const struct ffpf_map_view *view, const void *key, void *next)
{
	return bpf_map_get_next_key(view->fd, key, next) < 0 ? -errno : 0;
}

static int view_read(const struct ffpf_map_view *view, const void *key, void *values)
{
	return bpf_map_lookup_elem(view->fd, key, values) < 0 ? -errno : 0;
}

static bool all_zero(const uint8_t *bytes, size_t n)
{
	return !n || (!bytes[0] && !memcmp(bytes, bytes + 1, n - 1));
}

/* Many at a time: one at a time is a system call each. */
static uint64_t view_count(const struct ffpf_map_view *view)
{
	bool array = view->spec->kind == FFPF_MAP_ARRAY || view->spec->kind == FFPF_MAP_PERCPU_ARRAY;
	size_t step = ((view->spec->value_size + 7u) & ~(size_t)7) * view->n_values, key = view->spec->key_size;
	size_t most = step + key < COUNT_BYTES ? COUNT_BYTES / (step + key) : 1;
	struct ffpf_arena *arena = ffpf_arena_new();
	char *keys = ffpf_arena_alloc(arena, most * key), *values = ffpf_arena_alloc(arena, most * step);
	uint8_t *at = ffpf_arena_alloc(arena, key < 8 ? 8 : key);
	bool begun = false;
	uint64_t n = 0;

	/* Of values that are not per CPU the kernel puts one behind the other without a gap. */
	if (view->n_values == 1)
		step = view->spec->value_size;
	for (uint64_t seen = 0; seen <= view->spec->max_entries;) {
		uint32_t got = (uint32_t)most;
		int err = bpf_map_lookup_batch(view->fd, begun ? at : NULL, at, keys, values, &got, NULL) < 0 ? -errno
													      : 0;

		if (err && err != -ENOENT) {
			/* Buckets too full for what there is room for, or a kernel that can't. */
			n = UINT64_MAX;
			break;
		}
		for (uint32_t i = 0; i < got; i++)
			n += !array || !all_zero((const uint8_t *)values + i * step, step);
		seen += got;
		begun = true;
		if (err || !got)
			break;
	}
	ffpf_arena_free(arena);
	return n;
}

static int view_write(const struct ffpf_map_view *view, const void *key, const void *value)
{
	size_t step = (view->spec->value_size + 7u) & ~(size_t)7;
	struct ffpf_arena *arena = ffpf_arena_new();
	char *values = ffpf_arena_alloc(arena, step * view->n_values);
	int err;

	for (unsigned i = 0; i < view->n_values; i++)
		memcpy(values + i * step, value, view->spec->value_size);
	err = bpf_map_update_elem(view->fd, key, values, BPF_ANY) < 0 ? -errno : 0;
	ffpf_arena_free(arena);
	return err;
}

static int view_remove(const struct ffpf_map_view *view, const void *key)
{
	return bpf_map_delete_elem(view->fd, key) < 0 ? -errno : 0;
}

/* Many at a time, where the values are no CPU's own. */
static int view_entries(const struct ffpf_map_view *view, int (*add)(void *arg, const void *key, const void *value),
			void *arg)
{
	size_t key = view->spec->key_size, value = view->spec->value_size, most = COUNT_BYTES / (key + value) + 64;
	uint8_t *keys = malloc(most * key), *values = malloc(most * value), *at = malloc(key < 8 ? 8 : key);
	int err = keys && values && at && view->n_values == 1 ? 0 : -ENOMEM;
	bool more = !err;

	for (uint64_t seen = 0; more && seen <= view->spec->max_entries;) {
		uint32_t got = (uint32_t)most;

		if (bpf_map_lookup_batch(view->fd, seen ? at : NULL, at, keys, values, &got, NULL) < 0) {
			more = false;
			if (errno != ENOENT) {
				err = seen ? -errno : -EOPNOTSUPP;
				break;
			}
		}
		for (uint32_t i = 0; !err && i < got; i++)
			err = add(arg, keys + i * key, values + i * value);
		seen += got;
		more &= got && !err;
	}
	free(keys);
	free(values);
	free(at);
	return err;
}

void ffpf_bpf_map_view(struct ffpf_map_view *out)
{
	out->next = view_next;
	out->read = view_read;
	out->write = view_write;
	out->remove = view_remove;
	out->count = view_count;
	out->entries = out->n_values == 1 ? view_entries : NULL;
}
