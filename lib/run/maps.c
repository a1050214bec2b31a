/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps of functions, for those who read a running graph (ffpf/ffpf.h). Levels show them one by one
 * (struct ffpf_map_view); here they become one list, and copies that keep.
 */
#include <lib/lang/arena.h>
#include <lib/run/handle.h>
#include <lib/run/moments.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The i-th map of all; its function, or NULL behind the last. */
static const struct ffpf_function *find(const struct ffpf_run *run, size_t i, struct ffpf_map_view *view)
{
	const struct ffpf_graph *graph = run->graph;

	for (size_t k = 0; k < graph->n_functions; k++) {
		const struct ffpf_function *f = graph->functions[k];
		void *state = ffpf_run_state(run, f->level);

		for (size_t m = 0; state && f->level->map && f->level->map(state, f, m, view); m++)
			if (!i--)
				return f;
	}
	return NULL;
}

int ffpf_map_get(struct ffpf *h, size_t i, struct ffpf_map_info *out)
{
	struct ffpf_run *run = ffpf_handle_running(h);
	struct ffpf_map_view view;

	if (!run)
		return ffpf_handle_misused(h, "ffpf_map_get");
	const struct ffpf_function *f = find(run, i, &view);
	if (!f)
		return -ENOENT;
	*out = (struct ffpf_map_info){
		.function = f->instance.name,
		.name = view.spec->name,
		.kind = ffpf_map_kind_name(view.spec->kind),
		.variables = view.variables,
		.announced = view.announced != NULL,
		.key_size = view.spec->key_size,
		.value_size = view.spec->value_size,
		.max_entries = view.spec->max_entries,
		.n_values = view.n_values,
		.key = view.key,
		.value = view.value,
	};
	return 0;
}

/* ---- copies ---------------------------------------------------------------------------------- */

struct copy {
	struct ffpf_map_entries entries; /* first: it is what the caller gets */
	const struct ffpf_map_view *view;
	uint8_t *keys, *values;
	size_t capacity;
};

static int add_key(void *arg, const void *key)
{
	struct copy *c = arg;
	size_t size = c->view->spec->key_size;

	if (c->entries.n == c->capacity) {
		size_t capacity = c->capacity ? 2 * c->capacity : 256;
		uint8_t *keys = reallocarray(c->keys, capacity, size);

		if (!keys)
			return -ENOMEM;
		c->keys = keys;
		c->capacity = capacity;
	}
	memcpy(c->keys + c->entries.n++ * size, key, size);
	return 0;
}

/* Where only the key behind a key can be had, one that was deleted meanwhile is followed by the first again: what comes
 * twice is sorted out afterwards, and the way is not endless. */
static int add_keys_one_by_one(struct copy *c)
{
	const struct ffpf_map_view *view = c->view;
	uint64_t most = 2 * (uint64_t)view->spec->max_entries + 64;
	uint8_t key[FFPF_MAP_KEY_MOST], next[FFPF_MAP_KEY_MOST];
	int err;

	for (uint64_t i = 0; i < most; i++) {
		err = view->next(view, i ? key : NULL, next);
		if (err)
			return err == -ENOENT ? 0 : err;
		err = add_key(c, next);
		if (err)
			return err;
		memcpy(key, next, view->spec->key_size);
	}
	return 0;
}

static int compare_bytes(const void *a, const void *b, void *size)
{
	return memcmp(a, b, *(const size_t *)size);
}

static int compare_numbers(const void *a, const void *b, void *size)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static void sort(struct copy *c)
{
	enum ffpf_map_kind kind = c->view->spec->kind;
	bool numbers = kind == FFPF_MAP_ARRAY || kind == FFPF_MAP_PERCPU_ARRAY;
	size_t size = c->view->spec->key_size, n = 0;

	if (!c->entries.n)
		return;
	qsort_r(c->keys, c->entries.n, size, numbers ? compare_numbers : compare_bytes, &size);
	for (size_t i = 1; i < c->entries.n; i++)
		if (memcmp(c->keys + n * size, c->keys + i * size, size) != 0 && ++n != i)
			memcpy(c->keys + n * size, c->keys + i * size, size);
	c->entries.n = n + 1;
}

/* The values; what went away meanwhile is left out. */
static int read_values(struct copy *c)
{
	const struct ffpf_map_view *view = c->view;
	size_t size = view->spec->key_size, step = (view->spec->value_size + 7u) & ~(size_t)7, all, n = 0;

	c->entries.value_step = step;
	if (__builtin_mul_overflow(step, (size_t)view->n_values, &all))
		return -ENOMEM;
	c->values = calloc(c->entries.n ? c->entries.n : 1, all);
	if (!c->values)
		return -ENOMEM;
	for (size_t i = 0; i < c->entries.n; i++) {
		int err = view->read(view, c->keys + i * size, c->values + n * all);

		if (err && err != -ENOENT)
			return err;
		if (err)
			continue;
		if (n != i)
			memcpy(c->keys + n * size, c->keys + i * size, size);
		n++;
	}
	c->entries.n = n;
	return 0;
}

int ffpf_map_read(struct ffpf *h, size_t i, struct ffpf_map_entries **out)
{
	struct ffpf_run *run = ffpf_handle_running(h);
	struct ffpf_map_view view;

	if (!run)
		return ffpf_handle_misused(h, "ffpf_map_read");
	const struct ffpf_function *f = find(run, i, &view);
	if (!f || view.spec->kind == FFPF_MAP_PROGRAMS || view.spec->key_size > FFPF_MAP_KEY_MOST)
		return -ENOENT;
	struct copy *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->view = &view;
	int err = view.keys ? view.keys(&view, add_key, c) : add_keys_one_by_one(c);
	if (!err) {
		sort(c);
		err = read_values(c);
		if (!err)
			ffpf_moments_convert(&view.value, c->values, c->entries.n * view.n_values,
					     c->entries.value_step, ffpf_moments_offset(run, f, &run->clock));
	}
	c->entries.keys = c->keys;
	c->entries.values = c->values;
	c->view = NULL;
	if (err)
		ffpf_map_entries_free(&c->entries);
	else
		*out = &c->entries;
	return err;
}

void ffpf_map_entries_free(struct ffpf_map_entries *entries)
{
	struct copy *c = (struct copy *)entries;

	if (!c)
		return;
	free(c->keys);
	free(c->values);
	free(c);
}
