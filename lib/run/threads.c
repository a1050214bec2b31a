/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader threads. What brings packets to the root is a lane: a savefile, or
 * one CPU's ring below a barrier. Where every class above can do so, each lane has a thread of its own; where a
 * sink wants one stream (write, print), or a savefile is replayed, one thread serves all lanes and merges them by time:
 * savefiles with savefiles, live rings with live rings. Between these there is no order: the times of a savefile have
 * nothing to do with the clock, and to wait for it may take years.
 */
#include <lib/run/lane.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define IDLE_NS 100000000u

static bool wants_one_stream(const struct ffpf_run *run)
{
	if (run->options->replay)
		return true;
	for (size_t i = 0; i < run->graph->n_functions; i++) {
		const struct ffpf_class *class = run->graph->functions[i]->instance.class;

		if (!class->build && class->native && !class->native->parallel &&
		    !run->graph->functions[i]->level->on_path)
			return true;
	}
	return false;
}

static unsigned count_lanes(const struct ffpf_run *run)
{
	unsigned n = 0;

	for (size_t i = 0; i < run->graph->n_sources; i++)
		n += run->graph->sources[i]->instance.class->source != NULL;
	for (size_t i = 0; i < run->layout->n_levels; i++)
		if (run->layout->levels[i].rings)
			n += (unsigned)sysconf(_SC_NPROCESSORS_CONF);
	return n;
}

unsigned ffpf_threads_plan(const struct ffpf_run *run, bool *merged)
{
	unsigned lanes = count_lanes(run);

	*merged = wants_one_stream(run);
	return !lanes ? 0 : *merged ? 1 : lanes;
}

/* ---- a thread -------------------------------------------------------------------------------- */

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* What is due every 100 ms at the latest. */
static void idle(struct ffpf_thread *t)
{
	struct ffpf_run *run = t->run;

	ffpf_clock_look(&t->clock);
	for (size_t i = 0; i < run->n_levels; i++)
		if (run->levels[i].flowspace->idle)
			run->levels[i].flowspace->idle(run->levels[i].state, t->number);
}

/* Do the lane's times come from this machine's clock? */
static bool is_live(const struct ffpf_lane *l)
{
	return l->kind == FFPF_LANE_RING && l->set->monotonic;
}

/* The live (or other) lane whose next packet is the oldest; *until: up to when it may be served before another one's
 * turn. */
static struct ffpf_lane *oldest(struct ffpf_thread *t, bool live, uint64_t *until)
{
	struct ffpf_lane *best = NULL;

	*until = UINT64_MAX;
	for (size_t i = 0; i < t->n_lanes; i++) {
		struct ffpf_lane *l = t->lanes[i];
		uint64_t time;

		if (l->at == l->n || is_live(l) != live)
			continue;
		time = l->packets[l->at].time_ns;
		if (!best || time < best->packets[best->at].time_ns) {
			if (best && best->packets[best->at].time_ns < *until)
				*until = best->packets[best->at].time_ns;
			best = l;
		} else if (time < *until) {
			*until = time;
		}
	}
	return best;
}

/* Up to when (not including) packets of live lanes may be handed on: what those that hold nothing bring later is
 * younger. */
static uint64_t horizon(const struct ffpf_thread *t)
{
	uint64_t time = UINT64_MAX;

	for (size_t i = 0; i < t->n_lanes; i++) {
		const struct ffpf_lane *l = t->lanes[i];

		if (is_live(l) && l->at == l->n && !l->ended && l->quiet < time)
			time = l->quiet;
	}
	return time;
}

/* Functions that read others' results learn them between the same packets, however these are batched. Returns how many
 * packets may follow. */
static unsigned learn(struct ffpf_thread *t, const struct ffpf_lane *l, unsigned n)
{
	if (!t->run->wanting || l->kind != FFPF_LANE_INPUT)
		return n;
	if (t->since == FFPF_WANTED_PACKETS) {
		ffpf_wanted_refresh(t->run);
		t->since = 0;
	}
	if (n > FFPF_WANTED_PACKETS - t->since)
		n = FFPF_WANTED_PACKETS - t->since;
	t->since += n;
	return n;
}

/* Hands on packets up to (not including) `end`, or fewer. */
static void deliver(struct ffpf_thread *t, struct ffpf_lane *l, unsigned end)
{
	unsigned n = learn(t, l, end - l->at);

	ffpf_lane_deliver(t, l, n);
	l->at += n;
	if (t->run->exhausted && l->kind == FFPF_LANE_INPUT)
		l->at = l->n;
}

/*
 * Replaying: this thread both fills the rings and empties them. What came up goes on first, in the order in which it
 * came up; then as many packets as half a ring holds follow.
 */
static void serve_replay(struct ffpf_thread *t)
{
	struct ffpf_lane *input;
	uint64_t until, bytes = 0;
	bool came_up = false;
	unsigned end;

	for (size_t i = 0; i < t->n_lanes; i++) {
		struct ffpf_lane *l = t->lanes[i];

		if (l->kind != FFPF_LANE_RING || l->at == l->n)
			continue;
		deliver(t, l, l->n);
		came_up = true;
	}
	input = came_up ? NULL : oldest(t, false, &until);
	if (!input)
		return;
	for (end = input->at; end < input->n && (end == input->at || input->packets[end].time_ns <= until); end++) {
		bytes += ffpf_ring_takes(input->packets[end].caplen);
		if (end > input->at && bytes > t->run->options->buffer_size / 2)
			break;
	}
	deliver(t, input, end);
}

/* Hands on what the live (or the other) lanes hold. */
static void serve(struct ffpf_thread *t, bool live)
{
	struct ffpf_lane *l;
	uint64_t until, sure = live ? horizon(t) : 0;

	while ((l = oldest(t, live, &until))) {
		unsigned end = l->at + 1;

		if (live && l->packets[l->at].time_ns >= sure)
			break;
		if (live && until >= sure)
			until = sure - 1;

		while (end < l->n && l->packets[end].time_ns <= until)
			end++;
		deliver(t, l, end);
		/* A lane that ran dry may have packets that are older than the others' by now. */
		if (l->at == l->n)
			break;
	}
}

/* For a tap that merges what several threads put into it. */
static void tell_through(struct ffpf_thread *t)
{
	uint64_t through = UINT64_MAX;

	for (size_t i = 0; i < t->n_lanes; i++) {
		struct ffpf_lane *l = t->lanes[i];
		uint64_t time = 0;

		if (!is_live(l) || l->ended)
			continue;
		if (l->at < l->n)
			time = l->packets[l->at].time_ns + (uint64_t)t->clock.offset;
		else if (l->n) /* those that are delivered have the time of day; or none, and taps stamp them */
			time = l->packets[l->n - 1].time_ns ?: ffpf_clock_ns() + (uint64_t)t->clock.offset;
		else if (l->quiet)
			time = l->quiet + (uint64_t)t->clock.offset;
		if (time > l->through)
			l->through = time;
		if (l->through < through)
			through = l->through;
	}
	t->through = through;
}

static bool all_ended(const struct ffpf_thread *t)
{
	for (size_t i = 0; i < t->n_lanes; i++)
		if (!t->lanes[i]->ended)
			return false;
	return true;
}

static void pin(const struct ffpf_thread *t)
{
	const struct ffpf_options *o = t->run->options;
	cpu_set_t set;

	CPU_ZERO(&set);
	if (o->n_cpus)
		CPU_SET((unsigned)o->cpus[t->number % o->n_cpus], &set);
	else if (o->replay)
		CPU_SET((unsigned)sched_getcpu(), &set); /* one ring, so one order */
	else
		return;
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		ffpf_run_fail(t->run, -errno, "pinning a reader to processor %d: %s",
			      o->n_cpus ? o->cpus[t->number % o->n_cpus] : -1, strerror(errno));
}

static void drop(struct ffpf_run *run)
{
	int err = ffpf_privileges_drop(run);

	if (err)
		ffpf_run_fail(run, err, "giving up privileges: %s", strerror(-err));
}

/* Sinks may not touch their files before it is sure that the run begins. */
static bool begins(struct ffpf_thread *t)
{
	struct ffpf_threads *threads = t->run->threads;

	pthread_mutex_lock(&threads->lock);
	while (!threads->released)
		pthread_cond_wait(&threads->changed, &threads->lock);
	pthread_mutex_unlock(&threads->lock);
	return t->run->begun;
}

static void *run_thread(void *arg)
{
	struct ffpf_thread *t = arg;
	uint64_t last_idle;

	ffpf_clock_look(&t->clock);
	pin(t);
	if (t->run->options->drop_privileges)
		drop(t->run);
	if (!begins(t)) {
		t->done = true;
		return NULL;
	}
	idle(t);
	last_idle = clock_ns();
	while (!all_ended(t)) {
		bool got = false;

		for (size_t i = 0; i < t->n_lanes; i++)
			got |= ffpf_lane_fill(t, t->lanes[i]);
		if (got && t->run->options->replay) {
			serve_replay(t);
		} else if (got) {
			serve(t, true);
			serve(t, false);
		}
		if (t->run->tapped)
			tell_through(t);
		if (!got && !all_ended(t)) {
			if (clock_ns() - last_idle > IDLE_NS / 10) {
				idle(t);
				last_idle = clock_ns();
			}
			ffpf_lane_wait(t);
		} else if (clock_ns() - last_idle > IDLE_NS) {
			idle(t);
			last_idle = clock_ns();
		}
	}
	idle(t);
	t->done = true;
	return NULL;
}

/* ---- all threads ----------------------------------------------------------------------------- */

static int make_lanes(struct ffpf_run *run)
{
	unsigned n = 0;
	int err = 0;

	for (size_t i = 0; i < run->graph->n_sources; i++)
		n += run->graph->sources[i]->instance.class->source != NULL;
	for (size_t i = 0; i < run->n_ring_sets; i++)
		n += run->ring_sets[i].n_rings;
	run->lanes = calloc(n + 1, sizeof(*run->lanes));
	if (!run->lanes)
		return -ENOMEM;
	for (unsigned i = 0; !err && i < run->graph->n_sources; i++)
		if (run->graph->sources[i]->instance.class->source)
			err = ffpf_lane_input(run, &run->lanes[run->n_lanes++], i);
	for (size_t i = 0; !err && i < run->n_ring_sets; i++)
		for (unsigned k = 0; !err && k < run->ring_sets[i].n_rings; k++)
			err = ffpf_lane_ring(run, &run->lanes[run->n_lanes++], &run->ring_sets[i], k);
	return err;
}

static void assign_lanes(struct ffpf_run *run)
{
	for (size_t i = 0; i < run->n_lanes; i++) {
		struct ffpf_thread *t = &run->threads->thread[i % run->n_threads];

		t->lanes[t->n_lanes++] = &run->lanes[i];
	}
}

int ffpf_threads_start(struct ffpf_run *run)
{
	int err;

	if (!run->n_threads)
		return 0;
	err = make_lanes(run);
	if (err)
		return err;
	run->threads = calloc(1, sizeof(*run->threads) + run->n_threads * sizeof(run->threads->thread[0]));
	if (!run->threads)
		return -ENOMEM;
	pthread_mutex_init(&run->threads->lock, NULL);
	pthread_cond_init(&run->threads->changed, NULL);
	run->threads->n = run->n_threads;
	for (unsigned i = 0; i < run->n_threads; i++) {
		struct ffpf_thread *t = &run->threads->thread[i];

		t->run = run;
		t->number = i;
		t->lanes = calloc(run->n_lanes, sizeof(struct ffpf_lane *));
		if (!t->lanes)
			return -ENOMEM;
	}
	assign_lanes(run);
	for (unsigned i = 0; i < run->n_threads; i++) {
		err = pthread_create(&run->threads->thread[i].id, NULL, run_thread, &run->threads->thread[i]);
		if (err)
			return -err;
		run->threads->thread[i].started = true;
	}
	return 0;
}

void ffpf_threads_release(struct ffpf_run *run)
{
	if (!run->threads)
		return;
	pthread_mutex_lock(&run->threads->lock);
	run->threads->released = true;
	pthread_cond_broadcast(&run->threads->changed);
	pthread_mutex_unlock(&run->threads->lock);
}

void ffpf_threads_join(struct ffpf_run *run)
{
	ffpf_threads_release(run);
	for (unsigned i = 0; run->threads && i < run->threads->n; i++) {
		struct ffpf_thread *t = &run->threads->thread[i];

		if (t->started)
			pthread_join(t->id, NULL);
		t->started = false;
	}
}

void ffpf_threads_free(struct ffpf_run *run)
{
	ffpf_threads_join(run);
	for (size_t i = 0; i < run->n_lanes; i++)
		ffpf_lane_close(&run->lanes[i]);
	for (unsigned i = 0; run->threads && i < run->threads->n; i++)
		free(run->threads->thread[i].lanes);
	if (run->threads) {
		pthread_mutex_destroy(&run->threads->lock);
		pthread_cond_destroy(&run->threads->changed);
	}
	free(run->threads);
	free(run->lanes);
	run->threads = NULL;
	run->lanes = NULL;
	run->n_lanes = 0;
}

bool ffpf_threads_done(const struct ffpf_run *run)
{
	if (!run->threads)
		return false;
	for (unsigned i = 0; i < run->threads->n; i++)
		if (!run->threads->thread[i].done)
			return false;
	return true;
}

/* ---- figures --------------------------------------------------------------------------------- */

void ffpf_threads_progress(const struct ffpf_run *run, uint64_t *done, uint64_t *total, uint64_t *packets)
{
	*done = *total = *packets = 0;
	for (size_t i = 0; i < run->n_lanes; i++) {
		const struct ffpf_lane *l = &run->lanes[i];

		if (l->kind != FFPF_LANE_INPUT)
			continue;
		*done += l->position;
		*total += run->graph->source_info[l->source].size;
		*packets += l->delivered;
	}
}

void ffpf_threads_barrier(const struct ffpf_run *run, const struct ffpf_flowspace *from, uint64_t *records,
			  uint64_t *bytes, uint64_t *lapped, uint64_t *refused)
{
	*records = *bytes = *lapped = *refused = 0;
	for (size_t i = 0; i < run->n_lanes; i++) {
		const struct ffpf_lane *l = &run->lanes[i];
		uint64_t r, b;

		if (l->kind != FFPF_LANE_RING || l->set->from != from)
			continue;
		ffpf_reader_counts(l->reader, &r, &b);
		*records += r;
		*bytes += b;
		*lapped += ffpf_reader_lost(l->reader);
		*refused += ffpf_reader_refused(l->reader);
	}
}

uint64_t ffpf_threads_lost_inflow(const struct ffpf_run *run, const struct ffpf_flowspace *from, unsigned inflow)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < run->n_lanes; i++)
		if (run->lanes[i].kind == FFPF_LANE_RING && run->lanes[i].set->from == from)
			lost += ffpf_reader_lost_inflow(run->lanes[i].reader, inflow) +
				ffpf_reader_refused_inflow(run->lanes[i].reader, inflow);
	return lost;
}

uint64_t ffpf_threads_delivered_inflow(const struct ffpf_run *run, const struct ffpf_flowspace *from, unsigned inflow)
{
	uint64_t delivered = 0;

	for (size_t i = 0; i < run->n_lanes; i++)
		if (run->lanes[i].kind == FFPF_LANE_RING && run->lanes[i].set->from == from)
			delivered += ffpf_reader_delivered_inflow(run->lanes[i].reader, inflow);
	return delivered;
}

uint64_t ffpf_threads_source_lost(const struct ffpf_run *run, const struct ffpf_function *source)
{
	for (size_t i = 0; i < run->n_lanes; i++) {
		const struct ffpf_lane *l = &run->lanes[i];

		if (l->kind == FFPF_LANE_INPUT && run->graph->sources[l->source] == source)
			return l->lost;
	}
	return 0;
}

bool ffpf_threads_source_ended(const struct ffpf_run *run, const struct ffpf_function *source)
{
	for (size_t i = 0; i < run->n_lanes; i++) {
		const struct ffpf_lane *l = &run->lanes[i];

		if (l->kind == FFPF_LANE_INPUT && run->graph->sources[l->source] == source)
			return l->ended;
	}
	return false;
}

const char *ffpf_threads_notice(const struct ffpf_run *run, const struct ffpf_function *source)
{
	for (size_t i = 0; i < run->n_lanes; i++) {
		const struct ffpf_lane *l = &run->lanes[i];

		if (l->kind == FFPF_LANE_INPUT && l->object && l->ops->notice &&
		    run->graph->sources[l->source] == source)
			return l->ops->notice(l->object);
	}
	return NULL;
}
