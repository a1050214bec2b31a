/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Users' programs while packets flow: reading their maps, and giving them a new version.
 *
 * A reader thread looks at the beginning of each batch which engines there are. Who replaces them makes new ones
 * beside the old, exchanges the pointer, and waits until every thread has passed the batch that it was in: then nobody
 * uses the old any more. A thread's count of passes is odd while it is in a batch; count and pointer are stored and
 * loaded in one order that all agree on (memory_order_seq_cst), so a thread that is not seen in a batch sees the new.
 */
#include <flowspaces/user/user.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int view_next(const struct ffpf_map_view *view, const void *key, void *next)
{
	return ffpf_map_next(view->map, key, next);
}

static int view_keys(const struct ffpf_map_view *view, int (*add)(void *arg, const void *key), void *arg)
{
	struct ffpf_map_reader *reader;
	const void *key;
	int err = ffpf_map_reader_new(view->map, &reader);

	if (err)
		return err;
	while (!(err = ffpf_map_reader_next(reader, &key)) && !(err = add(arg, key)))
		;
	ffpf_map_reader_free(reader);
	return err == -ENOENT ? 0 : err;
}

static int view_read(const struct ffpf_map_view *view, const void *key, void *values)
{
	size_t step = (view->spec->value_size + 7u) & ~(size_t)7;

	for (unsigned i = 0; i < view->n_values; i++) {
		int err = ffpf_map_copy(view->map, i, key, (char *)values + i * step);

		if (err)
			return err;
	}
	return 0;
}

static int view_write(const struct ffpf_map_view *view, const void *key, const void *value)
{
	int err = 0;

	for (unsigned i = 0; !err && i < view->n_values; i++)
		err = ffpf_map_update(view->map, i, key, value, FFPF_MAP_ANY);
	return err;
}

static int view_remove(const struct ffpf_map_view *view, const void *key)
{
	return ffpf_map_delete(view->map, key);
}

void ffpf_user_map_view(struct ffpf_map_view *out)
{
	out->keys = view_keys;
	out->next = view_next;
	out->read = view_read;
	out->write = view_write;
	out->remove = view_remove;
}

bool ffpf_engines_map(void *state, const struct ffpf_function *f, size_t i, struct ffpf_map_view *out)
{
	struct user_state *s = state;
	const struct engines *e = s->engines;
	const struct map_set *set;

	if (!ffpf_object_use(f))
		return ffpf_user_class_maps_view(s, f, i, out);
	if (!e || f->id >= e->n_functions || !e->uses[f->id])
		return false;
	set = &e->sets[e->states[f->id]];
	if (i >= set->object->n_maps)
		return false;
	*out = (struct ffpf_map_view){.spec = &set->object->maps[i].spec,
				      .variables = set->object->maps[i].variables,
				      .fields = set->object->maps[i].fields,
				      .n_fields = set->object->maps[i].n_fields,
				      .n_values = ffpf_map_per_cpu(set->object->maps[i].spec.kind) ? s->n_threads : 1,
				      .key = set->object->maps[i].key,
				      .value = set->object->maps[i].value,
				      .map = set->maps[i].map,
				      .fd = -1};
	ffpf_user_map_view(out);
	return true;
}

/* Until no thread is in a batch that began before now. */
static void wait_for_readers(struct user_state *s)
{
	const struct timespec pause = {.tv_nsec = 20000};

	for (unsigned i = 0; i < s->n_threads; i++) {
		unsigned long long seen = s->threads[i].passes;

		while (seen % 2 && s->threads[i].passes == seen)
			nanosleep(&pause, NULL);
	}
}

/* The maps that the new engines use on become theirs. */
static void hand_over(struct user_state *s, struct engines *from, struct engines *to)
{
	for (unsigned i = 0; i < to->n_sets; i++)
		for (size_t k = 0; k < to->sets[i].object->n_maps; k++)
			for (size_t o = 0; to->sets[i].maps[k].map && o < from->sets[i].object->n_maps; o++)
				if (from->sets[i].maps[o].map == to->sets[i].maps[k].map) {
					from->sets[i].maps[o].owned = false;
					to->sets[i].maps[k].owned = true;
				}
}

static bool is_kept(const struct map_set *to, const struct ffpf_map *map)
{
	for (size_t k = 0; k < to->object->n_maps; k++)
		if (to->maps[k].map == map)
			return true;
	return false;
}

static void notice_fresh(struct user_state *s, const struct engines *from, const struct engines *to, unsigned set,
			 const char *function)
{
	for (size_t o = 0; o < from->sets[set].object->n_maps; o++) {
		const struct ffpf_object_map *map = &from->sets[set].object->maps[o];

		if (from->sets[set].maps[o].map && !(map->variables && map->spec.flags & FFPF_MAP_PROGRAM_READS) &&
		    !is_kept(&to->sets[set], from->sets[set].maps[o].map))
			ffpf_run_notice(s->run,
					"%s: map '%s' begins afresh: the new version has none that is laid out like it",
					function, map->spec.name);
	}
}

int ffpf_engines_replace(struct ffpf_run *run, void *state, void *const *data, char *why, size_t size)
{
	struct user_state *s = state;
	struct engines *old = s->engines, *new = NULL;
	const struct ffpf_object_use **uses = calloc(old->n_functions + 1, sizeof(struct ffpf_object_use *));
	int err;

	if (!uses)
		return -ENOMEM;
	for (size_t i = 0; i < old->n_functions; i++)
		uses[i] = data[i] ? data[i] : old->uses[i];
	for (size_t i = 0; i < old->n_functions; i++)
		if (uses[i] && uses[i]->refusal) {
			snprintf(why, size, "the verifier refuses it: %s", uses[i]->refusal);
			free(uses);
			return -EINVAL;
		}
	err = ffpf_engines_new(s, uses, old, &new, why, size);
	free(uses);
	if (err)
		return err;
	for (size_t i = 0; i < new->n_functions; i++)
		if (data[i])
			notice_fresh(s, old, new, new->states[i], run->graph->functions[i]->instance.name);
	s->engines = new;
	wait_for_readers(s);
	hand_over(s, old, new);
	ffpf_engines_free(old);
	return 0;
}
