/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps that functions' classes announce, in this process: made once for the run, shared by all reader threads,
 * whatever becomes of the programs.
 */
#include <flowspaces/user/user.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Entries that are laid out at once. */
#define BATCH 4096

static int fill(struct user_class_map *m)
{
	size_t n_filled = m->shown->map->n_filled, most = n_filled < BATCH ? n_filled : BATCH, n;
	uint8_t *keys = malloc(most * m->shown->spec.key_size + 1);
	uint64_t *values = malloc(most * m->shown->spec.value_size + 1);
	int err = keys && values ? 0 : -ENOMEM;

	for (size_t at = 0; !err && at < n_filled; at += n) {
		n = ffpf_map_filling(m->shown, at, most, keys, values);
		for (size_t i = 0; !err && i < n; i++)
			err = ffpf_map_update(m->map, 0, keys + i * m->shown->spec.key_size,
					      values + i * m->shown->map->words, FFPF_MAP_ANY);
	}
	free(keys);
	free(values);
	return err;
}

static int make(struct user_state *s, struct user_class_map *m)
{
	const struct ffpf_map_spec *spec = &m->shown->spec;
	const char *why = NULL;
	int err = ffpf_map_new(spec, s->n_threads, &m->map, &why);

	if (!err)
		err = fill(m);
	if (err)
		ffpf_run_fail(s->run, err, "the table '%s' of '%s' (%u entries of %u bytes) can't be made: %s",
			      spec->name, m->shown->function->instance.name, spec->max_entries,
			      spec->key_size + spec->value_size, why && *why ? why : strerror(-err));
	return err;
}

int ffpf_user_class_maps_make(struct user_state *s)
{
	const struct ffpf_level *level = ffpf_layout_level(s->run->layout, &ffpf_flowspace_user);
	struct ffpf_shown_map *shown = ffpf_level_maps(level, s->run->graph->arena);

	s->class_maps = calloc(level->n_maps + 1, sizeof(*s->class_maps));
	if (!s->class_maps)
		return -ENOMEM;
	for (unsigned i = 0; i < level->n_maps; i++) {
		struct user_class_map *m = &s->class_maps[s->n_class_maps++];
		int err;

		m->shown = &shown[i];
		err = make(s, m);
		if (err)
			return err;
	}
	return 0;
}

void ffpf_user_class_maps_free(struct user_state *s)
{
	for (unsigned i = 0; i < s->n_class_maps; i++)
		ffpf_map_free(s->class_maps[i].map);
	free(s->class_maps);
}

bool ffpf_user_class_maps_view(const struct user_state *s, const struct ffpf_function *f, size_t i,
			       struct ffpf_map_view *out)
{
	const struct ffpf_function_layout *l = f->layout;

	if (i >= l->schema->n_maps || l->first_map + i >= s->n_class_maps)
		return false;
	*out = ffpf_shown_map_view(s->class_maps[l->first_map + i].shown);
	out->map = s->class_maps[l->first_map + i].map;
	ffpf_user_map_view(out);
	return true;
}
