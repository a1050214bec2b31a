/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * New versions of users' programs while packets flow. All programs of all devices are generated and loaded anew, over
 * the same cells, rings and maps, each source's with a program array of its own; then each device's link is given its
 * new program, which is one step for the device: a packet meets the old pieces or the new ones, and none goes by.
 *
 * A packet that is in the old pieces still finds them: their array lives until it must be through.
 */
#include <flowspaces/bpf/users.h>
#include <flowspaces/bpf/bpf.h>

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A packet is through its programs in microseconds; the kernel may be in a round of some hundred packets. */
#define THROUGH_NS 100000000ull

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void ffpf_bpf_retired_close(struct ffpf_bpf_state *s, bool all)
{
	struct ffpf_bpf_retired **at = &s->retired;

	while (*at) {
		struct ffpf_bpf_retired *r = *at;

		if (!all && now() - r->since < THROUGH_NS) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		ffpf_bpf_unload(&r->source);
		ffpf_bpf_users_free(r->users);
		free(r);
	}
}

static void retire(struct ffpf_bpf_state *s, const struct ffpf_bpf_source *old, struct ffpf_bpf_users *users)
{
	struct ffpf_bpf_retired *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->source = *old;
	r->users = users;
	r->since = now();
	r->next = s->retired;
	s->retired = r;
}

/* Until the thread that replays is in no batch that began before now. */
static void wait_for_replay(struct ffpf_bpf_state *s)
{
	const struct timespec pause = {.tv_nsec = 20000};
	unsigned long long seen = s->passes;

	while (seen % 2 && s->passes == seen)
		nanosleep(&pause, NULL);
}

static int load_all(struct ffpf_bpf_state *s, struct ffpf_bpf_source *fresh, char why[FFPF_WHY_MAX])
{
	int err = 0;

	for (size_t i = 0; !err && i < s->n_sources; i++) {
		fresh[i] = (struct ffpf_bpf_source){.source = s->sources[i].source, .dir = s->sources[i].dir};
		err = ffpf_bpf_load_source(s, &fresh[i], why);
		if (!err && s->run->options->replay)
			err = ffpf_bpf_reference_new(s, fresh[i].source, &fresh[i].reference);
	}
	return err;
}

/* Each device's program; on a failure all have the old ones again. */
static int update_links(struct ffpf_bpf_state *s, const struct ffpf_bpf_source *fresh, char why[FFPF_WHY_MAX])
{
	for (size_t i = 0; i < s->n_sources; i++) {
		int link = s->sources[i].attachment.link_fd, err;

		if (link < 0 || (err = s->ops->exchange(s, &s->sources[i], &fresh[i])) == 0)
			continue;
		snprintf(why, FFPF_WHY_MAX, "%s: the kernel does not exchange the program: %s",
			 s->run->graph->sources[s->sources[i].source]->instance.name, strerror(-err));
		while (i-- > 0)
			if (s->sources[i].attachment.link_fd >= 0)
				(void)s->ops->exchange(s, &s->sources[i], &s->sources[i]);
		return err;
	}
	return 0;
}

static void exchange(struct ffpf_bpf_state *s, struct ffpf_bpf_source *fresh)
{
	for (size_t i = 0; i < s->n_sources; i++) {
		struct ffpf_bpf_source *x = &s->sources[i];

		retire(s, x, NULL);
		x->n_fds = fresh[i].n_fds;
		x->programs_fd = fresh[i].programs_fd;
		x->pieces = fresh[i].pieces;
		x->n_pieces = fresh[i].n_pieces;
		/* The thread that replays reads them. */
		__atomic_store_n(&x->fds, fresh[i].fds, __ATOMIC_SEQ_CST);
		fresh[i].reference = __atomic_exchange_n(&x->reference, fresh[i].reference, __ATOMIC_SEQ_CST);
	}
	if (s->run->options->replay)
		wait_for_replay(s);
	for (size_t i = 0; i < s->n_sources; i++)
		ffpf_bpf_reference_free(fresh[i].reference);
}

static bool is_kept(const struct ffpf_bpf_set *to, int fd)
{
	for (size_t k = 0; k < to->object->n_maps; k++)
		if (to->maps[k].fd == fd)
			return true;
	return false;
}

static void notice_fresh(struct ffpf_bpf_state *s, const struct ffpf_bpf_users *from, const struct ffpf_bpf_users *to,
			 size_t f)
{
	const struct ffpf_bpf_set *a = &from->sets[from->states[f]], *b = &to->sets[to->states[f]];

	for (size_t i = 0; i < a->object->n_maps; i++) {
		const struct ffpf_object_map *map = &a->object->maps[i];

		if (map->spec.kind != FFPF_MAP_PROGRAMS && !is_kept(b, a->maps[i].fd) &&
		    !(map->variables && map->spec.flags & FFPF_MAP_PROGRAM_READS))
			ffpf_run_notice(s->run,
					"%s: map '%s' begins afresh: the new version has none that is laid out like it",
					s->run->graph->functions[f]->instance.name, map->spec.name);
	}
}

/* The maps that the new programs use on become theirs. */
static void hand_over(struct ffpf_bpf_users *from, struct ffpf_bpf_users *to)
{
	for (unsigned i = 0; i < to->n_sets; i++)
		for (size_t k = 0; k < to->sets[i].object->n_maps; k++)
			for (size_t o = 0; o < from->sets[i].object->n_maps; o++)
				if (from->sets[i].maps[o].fd == to->sets[i].maps[k].fd) {
					from->sets[i].maps[o].owned = false;
					to->sets[i].maps[k].owned = true;
				}
}

static int replace(struct ffpf_bpf_state *s, struct ffpf_bpf_users *old, void *const *data, char why[FFPF_WHY_MAX])
{
	struct ffpf_bpf_source *fresh = calloc(s->n_sources + 1, sizeof(*fresh));
	int err;

	if (!fresh)
		return -ENOMEM;
	err = load_all(s, fresh, why);
	if (!err)
		err = update_links(s, fresh, why);
	if (err) {
		for (size_t i = 0; i < s->n_sources; i++) {
			ffpf_bpf_unload(&fresh[i]);
			ffpf_bpf_reference_free(fresh[i].reference);
		}
		free(fresh);
		return err;
	}
	exchange(s, fresh);
	free(fresh);
	for (size_t i = 0; old && i < old->n_functions; i++)
		if (data[i])
			notice_fresh(s, old, s->users, i);
	if (old)
		hand_over(old, s->users);
	return 0;
}

int ffpf_bpf_replace(struct ffpf_run *run, void *state, void *const *data, char *why, size_t size)
{
	struct ffpf_bpf_state *s = state;
	struct ffpf_bpf_users *old = s->users, *new;
	const struct ffpf_object_use **uses;
	char text[FFPF_WHY_MAX] = "";
	int err;

	ffpf_bpf_retired_close(s, false);
	if (!old) {
		err = replace(s, NULL, data, text);
		if (err)
			snprintf(why, size, "%s", text[0] ? text : strerror(-err));
		return err;
	}
	uses = calloc(old->n_functions + 1, sizeof(struct ffpf_object_use *));
	err = uses ? 0 : -ENOMEM;
	for (size_t i = 0; !err && i < old->n_functions; i++) {
		const char *reason;

		uses[i] = data[i] ? data[i] : old->uses[i];
		if (data[i] && !ffpf_bpf_users_offers(s->ops, uses[i], &reason)) {
			snprintf(text, sizeof(text), "it can't run at '%s', where the old one runs: %s",
				 s->ops->flowspace->name, reason);
			err = -EINVAL;
		}
	}
	if (!err)
		err = ffpf_bpf_users_new(s, uses, old, &new, text);
	free(uses);
	if (!err) {
		s->users = new;
		err = replace(s, old, data, text);
		if (err) {
			s->users = old;
			ffpf_bpf_users_free(new);
		} else {
			/* Packets that are on their way still look into the old one's arrays of programs. */
			retire(s, &(struct ffpf_bpf_source){0}, old);
		}
	}
	if (err)
		snprintf(why, size, "%s", text[0] ? text : strerror(-err));
	return err;
}
