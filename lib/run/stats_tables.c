/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps that function classes announce, among the results: how many entries each has, and the rows whose first
 * number is greatest, as many as are wanted. Rows are kept in a heap while the map is gone through once, so that what
 * it takes depends on the rows, not on the map.
 */
#include <lib/lang/arena.h>
#include <lib/run/stats_maps.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct picking {
	const struct ffpf_map_view *view;
	size_t most, n; /* rows */
	uint64_t entries;
	size_t row_size;
	uint8_t *rows; /* a heap, the row that goes first on top: rank, key, value */
	size_t capacity;
};

static bool is_array(const struct ffpf_map_view *view)
{
	return view->spec->kind == FFPF_MAP_ARRAY;
}

/* What rows are sorted by: the first member of the value that is a number; of arrays the index, the lowest first. */
static uint64_t rank_of(const struct ffpf_map_view *view, const void *key, const uint8_t *value)
{
	uint64_t word = 0;
	uint32_t index;

	if (is_array(view)) {
		memcpy(&index, key, sizeof(index));
		return UINT64_MAX - index;
	}
	for (size_t i = 0; i < view->value.n; i++) {
		const struct ffpf_member *m = &view->value.list[i];

		if (m->kind != FFPF_MEMBER_UNSIGNED || m->bits || m->size != 8)
			continue;
		memcpy(&word, value + m->offset, sizeof(word));
		return word;
	}
	return 0;
}

/* Which of two rows is the greater: by rank, of equal ones that with the lesser key. */
static int compare(const struct picking *p, const uint8_t *x, const uint8_t *y)
{
	uint64_t a, b;

	memcpy(&a, x, sizeof(a));
	memcpy(&b, y, sizeof(b));
	if (a != b)
		return a < b ? -1 : 1;
	return memcmp(y + sizeof(b), x + sizeof(a), p->view->spec->key_size);
}

static uint8_t *row(const struct picking *p, size_t i)
{
	return p->rows + i * p->row_size;
}

static void swap(struct picking *p, size_t i, size_t k)
{
	uint8_t *spare = row(p, p->capacity - 1);

	memcpy(spare, row(p, i), p->row_size);
	memcpy(row(p, i), row(p, k), p->row_size);
	memcpy(row(p, k), spare, p->row_size);
}

static void sift_down(struct picking *p, size_t i)
{
	for (;;) {
		size_t least = i, child = 2 * i + 1;

		for (size_t k = child; k < child + 2 && k < p->n; k++)
			if (compare(p, row(p, k), row(p, least)) < 0)
				least = k;
		if (least == i)
			return;
		swap(p, i, least);
		i = least;
	}
}

static void sift_up(struct picking *p, size_t i)
{
	while (i && compare(p, row(p, i), row(p, (i - 1) / 2)) < 0) {
		swap(p, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

/* Room for one more row, and one to swap by. */
static bool make_room(struct picking *p)
{
	size_t capacity = p->capacity ? p->capacity * 2 : 64;
	uint8_t *rows;

	if (p->n + 2 <= p->capacity)
		return true;
	rows = reallocarray(p->rows, capacity, p->row_size);
	if (!rows)
		return false;
	p->rows = rows;
	p->capacity = capacity;
	return true;
}

static bool all_zero(const uint8_t *bytes, size_t n)
{
	return !bytes[0] && !memcmp(bytes, bytes + 1, n - 1);
}

static int pick(void *arg, const void *key, const void *value)
{
	struct picking *p = arg;
	const struct ffpf_map_spec *spec = p->view->spec;
	uint64_t rank = rank_of(p->view, key, value);
	uint8_t *to;

	if (is_array(p->view) && all_zero(value, spec->value_size))
		return 0;
	p->entries++;
	if (!p->most)
		return 0;
	if (!make_room(p))
		return -ENOMEM;
	to = row(p, p->n);
	memcpy(to, &rank, sizeof(rank));
	memcpy(to + sizeof(rank), key, spec->key_size);
	memcpy(to + sizeof(rank) + spec->key_size, value, spec->value_size);
	if (p->n < p->most) {
		sift_up(p, p->n++);
	} else if (compare(p, to, row(p, 0)) > 0) {
		memcpy(row(p, 0), to, p->row_size);
		sift_down(p, 0);
	}
	return 0;
}

struct one_by_one {
	struct picking *p;
	uint8_t *value;
};

static int pick_key(void *arg, const void *key)
{
	struct one_by_one *o = arg;

	return o->p->view->read(o->p->view, key, o->value) == 0 ? pick(o->p, key, o->value) : 0;
}

/* Each key after the one before it; a map whose entries go meanwhile may begin again, and must end. */
static int follow(struct one_by_one *o)
{
	const struct ffpf_map_view *view = o->p->view;
	uint8_t key[FFPF_MAP_KEY_MOST], next[FFPF_MAP_KEY_MOST];
	int err = 0;

	if (view->keys)
		return view->keys(view, pick_key, o);
	for (uint64_t i = 0; !err && i <= view->spec->max_entries; i++) {
		if (view->next(view, i ? key : NULL, next))
			return 0;
		err = pick_key(o, next);
		memcpy(key, next, view->spec->key_size);
	}
	return err;
}

static int go_through(struct picking *p)
{
	struct one_by_one o = {.p = p};
	int err = p->view->entries ? p->view->entries(p->view, pick, p) : -EOPNOTSUPP;

	if (err != -EOPNOTSUPP)
		return err;
	p->n = 0;
	p->entries = 0;
	o.value = malloc((p->view->spec->value_size + 7u) & ~(size_t)7);
	err = o.value ? follow(&o) : -ENOMEM;
	free(o.value);
	return err;
}

/* Takes the rows from the heap, the greatest last. */
static void put_rows(struct picking *p, struct ffpf_arena *arena, struct ffpf_table *out)
{
	size_t key_size = p->view->spec->key_size, value_size = p->view->spec->value_size;
	uint8_t *keys = ffpf_arena_alloc(arena, p->n * key_size + 1);
	uint8_t *values = ffpf_arena_alloc(arena, p->n * value_size + 8);

	out->n_rows = p->n;
	while (p->n) {
		const uint8_t *from = row(p, 0) + sizeof(uint64_t);

		memcpy(keys + (p->n - 1) * key_size, from, key_size);
		memcpy(values + (p->n - 1) * value_size, from + key_size, value_size);
		p->n--;
		memcpy(row(p, 0), row(p, p->n), p->row_size);
		sift_down(p, 0);
	}
	out->keys = keys;
	out->values = values;
}

uint64_t ffpf_table_results(const struct ffpf_map_view *view, size_t rows, struct ffpf_arena *arena,
			    struct ffpf_table *out)
{
	struct picking p = {.view = view,
			    .most = rows,
			    .row_size = sizeof(uint64_t) + view->spec->key_size + view->spec->value_size};

	*out = (struct ffpf_table){.name = ffpf_arena_strdup(arena, view->spec->name),
				   .doc = view->announced->doc,
				   .kind = ffpf_map_kind_name(view->spec->kind),
				   .key_size = view->spec->key_size,
				   .value_size = view->spec->value_size,
				   .key = view->key,
				   .value = view->value};
	if (!go_through(&p)) {
		out->entries = p.entries;
		put_rows(&p, arena, out);
	}
	free(p.rows);
	return out->entries;
}
