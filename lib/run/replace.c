/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * New versions of functions while packets flow. The class makes its data anew from a file, while the old runs; the
 * level exchanges what runs. Functions that share a state are exchanged together.
 */
#include <lib/lang/arena.h>
#include <lib/run/run.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a function has been given since it was made: kept until the next version has taken its place. */
struct ffpf_version {
	struct ffpf_arena *arena;
	unsigned users; /* functions whose data is in it */
};

static struct ffpf_function *find(const struct ffpf_run *run, const char *name)
{
	for (size_t i = 0; i < run->graph->n_functions; i++)
		if (!strcmp(run->graph->functions[i]->instance.name, name))
			return run->graph->functions[i];
	return NULL;
}

static bool same_state(const struct ffpf_function *x, const struct ffpf_function *y)
{
	const struct ffpf_class *class = x->instance.class;
	const char *a, *b;

	if (x == y)
		return true;
	if (y->instance.class != class || !class->together)
		return false;
	a = class->together(&x->instance);
	b = class->together(&y->instance);
	return a && b && !strcmp(a, b);
}

static int make(struct ffpf_run *run, const struct ffpf_function *f, const char *file, struct ffpf_arena *arena,
		void **data, char *why, size_t size)
{
	for (size_t i = 0; i < run->graph->n_functions; i++) {
		const struct ffpf_function *other = run->graph->functions[i];
		const char *reason = NULL;
		int err;

		if (!same_state(f, other))
			continue;
		err = other->instance.class->reload(&other->instance, file, arena, &data[i], &reason);
		if (err) {
			snprintf(why, size, "%s: %s", other->instance.name, reason ? reason : strerror(-err));
			return err;
		}
	}
	return 0;
}

/* The version of each function that got new data; the last function of an old one takes it along. */
static void keep(struct ffpf_run *run, struct ffpf_arena *arena, void *const *data)
{
	struct ffpf_version *version = calloc(1, sizeof(*version));

	if (!version)
		abort();
	version->arena = arena;
	for (size_t i = 0; i < run->graph->n_functions; i++) {
		if (!data[i])
			continue;
		ffpf_version_drop(run->versions[i]);
		run->versions[i] = version;
		version->users++;
	}
}

void ffpf_version_drop(struct ffpf_version *version)
{
	if (!version || --version->users)
		return;
	ffpf_arena_free(version->arena);
	free(version);
}

void ffpf_versions_free(struct ffpf_run *run)
{
	for (size_t i = 0; run->versions && i < run->graph->n_functions; i++)
		ffpf_version_drop(run->versions[i]);
	free(run->versions);
	run->versions = NULL;
}

static int replace(struct ffpf_run *run, const struct ffpf_function *f, const char *file, char *why, size_t size)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	void **data = ffpf_arena_alloc(arena, run->graph->n_functions * sizeof(void *));
	int err = make(run, f, file, arena, data, why, size);

	if (!err)
		err = f->level->replace(run, ffpf_run_state(run, f->level), data, why, size);
	if (!err)
		keep(run, arena, data);
	else
		ffpf_arena_free(arena);
	return err;
}

int ffpf_run_replace(struct ffpf_run *run, const char *function, const char *file, char *why, size_t size)
{
	const struct ffpf_function *f = find(run, function);

	if (!f) {
		snprintf(why, size, "there is no function '%s'", function);
		return -ENOENT;
	}
	if (!f->instance.class->reload || !f->level->replace) {
		snprintf(why, size, "'%s' is not made from a file that could have a new version", function);
		return -EOPNOTSUPP;
	}
	if (!run->versions)
		run->versions = calloc(run->graph->n_functions + 1, sizeof(struct ffpf_version *));
	return run->versions ? replace(run, f, file, why, size) : -ENOMEM;
}
