/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What has to happen every few milliseconds while packets come from devices, whoever else is busy or asleep: events are
 * handed on, and functions are told what others have learnt. A graph of savefiles has no ticker: its reader threads do
 * both between batches, always at the same packets.
 */
#include <lib/run/clock.h>
#include <lib/run/events.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TICK_NS 10000000
/* What results of large states cost to compute is a tenth of this thread's time at most. */
#define REST 9

struct ffpf_ticker {
	struct ffpf_run *run;
	pthread_t id;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stop;
};

static void sleep_until(struct ffpf_ticker *t, struct timespec *when)
{
	when->tv_nsec += TICK_NS;
	if (when->tv_nsec >= 1000000000) {
		when->tv_nsec -= 1000000000;
		when->tv_sec++;
	}
	while (!t->stop && pthread_cond_timedwait(&t->changed, &t->lock, when) != ETIMEDOUT)
		;
	/* Ticks that were missed are not made up for. */
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec > when->tv_sec)
		*when = now;
}

/* Results for those who read them; returns when to do so again. */
static uint64_t refresh(struct ffpf_run *run)
{
	uint64_t begin = ffpf_clock_ns(), end;

	ffpf_wanted_refresh(run);
	end = ffpf_clock_ns();
	return end + (end - begin) * REST;
}

static void *tick(void *arg)
{
	struct ffpf_ticker *t = arg;
	struct timespec when;
	uint64_t again = 0;
	int err = t->run->options->drop_privileges ? ffpf_privileges_drop(t->run) : 0;

	if (err)
		ffpf_run_fail(t->run, err, "giving up privileges: %s", strerror(-err));
	clock_gettime(CLOCK_MONOTONIC, &when);
	pthread_mutex_lock(&t->lock);
	while (!t->stop) {
		sleep_until(t, &when);
		pthread_mutex_unlock(&t->lock);
		ffpf_events_poll(t->run);
		if (ffpf_clock_ns() >= again)
			again = refresh(t->run);
		pthread_mutex_lock(&t->lock);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static bool has_live_source(const struct ffpf_run *run)
{
	for (size_t i = 0; i < run->graph->n_sources; i++)
		if (!run->graph->sources[i]->instance.class->source)
			return true;
	return false;
}

int ffpf_ticker_start(struct ffpf_run *run)
{
	pthread_condattr_t attributes;
	struct ffpf_ticker *t;
	int err;

	if (!has_live_source(run) || (!run->events && !run->wanting))
		return 0;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->run = run;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&t->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&t->lock, NULL);
	err = pthread_create(&t->id, NULL, tick, t);
	if (err) {
		pthread_mutex_destroy(&t->lock);
		pthread_cond_destroy(&t->changed);
		free(t);
		return -err;
	}
	run->ticker = t;
	return 0;
}

void ffpf_ticker_stop(struct ffpf_run *run)
{
	struct ffpf_ticker *t = run->ticker;

	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->stop = true;
	pthread_cond_signal(&t->changed);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->id, NULL);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->changed);
	free(t);
	run->ticker = NULL;
}
