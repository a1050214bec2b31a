/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The steps of a run over all levels: lowest first when instantiating, so that
 * rings are there when the level above looks for them; and placing again when a kernel refuses what a level took.
 */
#include <lib/run/clock.h>
#include <lib/run/events.h>
#include <lib/run/run.h>
#include <lib/run/tap.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Each round bars at least one function from one level, but a run of refusals that long means that nothing helps. */
#define ROUNDS_MAX 8
#define ARRIVE_NS 20000000L

void ffpf_run_fail(struct ffpf_run *run, int err, const char *format, ...)
{
	va_list ap;

	if (atomic_exchange(&run->failing, true))
		return;
	va_start(ap, format);
	vsnprintf(run->why, sizeof(run->why), format, ap);
	va_end(ap);
	run->failed = err;
}

void ffpf_run_damage(struct ffpf_run *run, int err, const char *format, ...)
{
	va_list ap;

	if (atomic_exchange(&run->damaging, true))
		return;
	va_start(ap, format);
	vsnprintf(run->damage, sizeof(run->damage), format, ap);
	va_end(ap);
	run->damaged = err;
}

void ffpf_run_notice(struct ffpf_run *run, const char *format, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, format);
	text = ffpf_arena_vprintf(run->arena, format, ap);
	va_end(ap);
	/* What a probe found shows again when it comes to pass. */
	for (size_t i = 0; i < run->n_notices; i++)
		if (!strcmp(run->notices[i], text))
			return;
	run->notices = ffpf_arena_grow(run->arena, run->notices, run->n_notices, &run->notices_capacity,
				       sizeof(*run->notices));
	run->notices[run->n_notices++] = text;
}

void ffpf_run_add_cells(struct ffpf_run *run, const struct ffpf_cells *cells)
{
	run->cells[run->n_cells++] = *cells;
}

void ffpf_run_add_rings(struct ffpf_run *run, const struct ffpf_ring_set *set)
{
	struct ffpf_ring_set *grown = ffpf_arena_alloc(run->arena, (run->n_ring_sets + 1) * sizeof(*grown));

	for (size_t i = 0; i < run->n_ring_sets; i++)
		grown[i] = run->ring_sets[i];
	grown[run->n_ring_sets++] = *set;
	run->ring_sets = grown;
}

void *ffpf_run_state(const struct ffpf_run *run, const struct ffpf_flowspace *flowspace)
{
	for (size_t i = 0; i < run->n_levels; i++)
		if (run->levels[i].flowspace == flowspace)
			return run->levels[i].state;
	return NULL;
}

static void find_levels(struct ffpf_run *run)
{
	size_t n;
	const struct ffpf_flowspace *const *table = ffpf_flowspaces(&n);

	run->n_levels = 0;
	for (size_t i = 0; i < n; i++) {
		if (!ffpf_layout_level(run->layout, table[i]))
			continue;
		run->levels[run->n_levels].flowspace = table[i];
		run->levels[run->n_levels++].state = NULL;
	}
}

static void close_levels(struct ffpf_run *run)
{
	for (size_t i = 0; i < run->n_levels; i++) {
		if (run->levels[i].state && run->levels[i].flowspace->close)
			run->levels[i].flowspace->close(run, run->levels[i].state);
		run->levels[i].state = NULL;
	}
	run->n_cells = 0;
	run->n_ring_sets = 0;
}

static void prepare(struct ffpf_run *run)
{
	bool merged;

	run->barred = false;
	run->layout = ffpf_layout_new(run->graph);
	find_levels(run);
	ffpf_run_find_limits(run);
	run->n_threads = ffpf_threads_plan(run, &merged);
}

static int instantiate_levels(struct ffpf_run *run)
{
	for (size_t i = run->n_levels; i-- > 0;) {
		const struct ffpf_flowspace *f = run->levels[i].flowspace;
		int err = f->instantiate ? f->instantiate(f, run, &run->levels[i].state) : 0;

		if (err)
			return err;
	}
	return 0;
}

/* After a level barred functions from itself: each finds another place, or that is an error. */
static int place_again(struct ffpf_run *run)
{
	size_t n;
	const struct ffpf_flowspace *const *table = ffpf_flowspaces(&n);
	int err = ffpf_place(run->graph, table, n);

	if (err)
		ffpf_run_fail(run, err, "what the kernel refused fits nowhere else");
	return err;
}

int ffpf_run_instantiate(struct ffpf_run *run)
{
	malloc_trim(0); /* what populating took, before the levels take theirs */
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		int err;

		prepare(run);
		err = instantiate_levels(run);
		if (!err) {
			malloc_trim(0); /* what compiling took is not wanted again: running begins with it given back */
			return 0;
		}
		close_levels(run);
		if (!run->barred) {
			ffpf_run_fail(run, err, "%s", strerror(-err));
			return run->failed;
		}
		err = place_again(run);
		if (err)
			return err;
	}
	ffpf_run_fail(run, -E2BIG, "the kernel keeps refusing the programs");
	return -E2BIG;
}

static int probe_levels(struct ffpf_run *run)
{
	int err = 0;

	for (size_t i = run->n_levels; !err && i-- > 0;)
		if (run->levels[i].flowspace->probe)
			err = run->levels[i].flowspace->probe(run->levels[i].flowspace, run);
	return err;
}

int ffpf_run_probe(struct ffpf_run *run)
{
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		int err;

		prepare(run);
		err = probe_levels(run);
		if (!err)
			return 0;
		if (!run->barred) {
			ffpf_run_notice(run,
					err == -EPERM || err == -EACCES
						? "not tried out, the kernel might still refuse: %s"
						: "it would not run: %s",
					run->failed ? run->why : strerror(-err));
			break;
		}
		err = place_again(run);
		if (err)
			return err;
	}
	/* Said, and no reason not to try in earnest. */
	run->failed = 0;
	run->failing = false;
	run->why[0] = '\0';
	return 0;
}

/* Readers are there before the first packet can come; they touch it, and their files, once nothing can fail any more.
 */
int ffpf_run_activate(struct ffpf_run *run)
{
	int err = 0;

	run->started_ns = ffpf_clock_ns();
	err = ffpf_events_start(run);
	if (!err)
		err = ffpf_wanted_start(run);
	if (!err)
		err = ffpf_threads_start(run);
	for (size_t i = 0; !err && i < run->n_levels; i++)
		if (run->levels[i].flowspace->activate)
			err = run->levels[i].flowspace->activate(run, run->levels[i].state);
	if (!err)
		err = ffpf_ticker_start(run);
	if (!err && run->options->drop_privileges)
		err = ffpf_privileges_drop(run);
	if (err) {
		ffpf_run_fail(run, err, "%s", strerror(-err));
		ffpf_run_deactivate(run);
		return err;
	}
	run->begun = true;
	ffpf_threads_release(run);
	return 0;
}

static void deactivate_level(struct ffpf_run *run, size_t i)
{
	if (run->levels[i].flowspace->deactivate && run->levels[i].state)
		run->levels[i].flowspace->deactivate(run, run->levels[i].state);
}

/* Packets that a level has sent on inside the kernel come to the next one meanwhile. */
static void let_arrive(const struct ffpf_run *run, const struct ffpf_flowspace *lower)
{
	const struct timespec pause = {.tv_nsec = ARRIVE_NS};

	for (size_t i = 0; !run->options->replay && i < run->layout->n_hops; i++)
		if (run->layout->hops[i].lower->flowspace == lower) {
			nanosleep(&pause, NULL);
			return;
		}
}

/* All levels but the root, where what has come up already is still at work. The lowest first. */
void ffpf_run_wind_down(struct ffpf_run *run)
{
	if (run->detached)
		return;
	run->detached = true;
	for (size_t i = run->n_levels; i-- > 0;)
		if (run->levels[i].flowspace->parent) {
			deactivate_level(run, i);
			let_arrive(run, run->levels[i].flowspace);
		}
	run->stop = true;
}

void ffpf_run_deactivate(struct ffpf_run *run)
{
	if (run->ended_ns)
		return;
	ffpf_run_wind_down(run);
	for (size_t i = run->n_levels; i-- > 0;)
		if (!run->levels[i].flowspace->parent)
			deactivate_level(run, i);
	ffpf_threads_join(run);
	ffpf_ticker_stop(run);
	ffpf_events_poll(run);
	run->ended_ns = ffpf_clock_ns();
	ffpf_taps_end(run);
}

void ffpf_run_close(struct ffpf_run *run)
{
	if (run->started_ns)
		ffpf_run_deactivate(run);
	ffpf_threads_free(run);
	ffpf_events_free(run);
	ffpf_wanted_free(run);
	ffpf_taps_free(run);
	close_levels(run);
	ffpf_versions_free(run);
}

/* ---- the end --------------------------------------------------------------------------------- */

/* One of the objects that a function is, if it is C code, has something to say. */
static const char *native_notice(const struct ffpf_run *run, const struct ffpf_function *f)
{
	const struct ffpf_native *native = f->instance.class->build ? NULL : f->instance.class->native;
	const char *text = NULL;

	for (unsigned t = 0;
	     !text && native && native->notice && f->level->object && t < (run->n_threads ? run->n_threads : 1); t++) {
		void *object = f->level->object(ffpf_run_state(run, f->level), f, t);

		if (object)
			text = native->notice(object);
	}
	return text;
}

const char *ffpf_run_end_notice(const struct ffpf_run *run, size_t i)
{
	for (size_t k = 0; k < run->graph->n_functions; k++) {
		const struct ffpf_function *f = run->graph->functions[k];
		const char *text =
			f->instance.class->role == FFPF_SOURCE ? ffpf_threads_notice(run, f) : native_notice(run, f);

		if (text && !i--)
			return ffpf_arena_printf(run->arena, "%s: %s", f->instance.name, text);
	}
	return NULL;
}
