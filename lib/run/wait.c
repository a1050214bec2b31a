/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sleeping until there is more. The reader arms itself in its own page and the
 * writer wakes only an armed reader: waking costs the writer about 9 µs, so at high rates nobody is ever asleep, and at low rates
 * nobody polls.
 *
 * Adaptive: right after packets came, look again for some microseconds; then sleep until N packets or m µs, whichever is first; and
 * when that brings nothing several times in a row, until the next packet.
 */
#include <lib/run/lane.h>

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <time.h>

/* Spinning costs a processor: no longer than a wake-up would. */
#define SPIN_NS 20000
#define EMPTY_BEFORE_SLEEP 4
#define LONG_SLEEP_US 20000
/* A thread has one bell for each level below: what lanes are more than that have the timeout. */
#define BELLS_MAX 16

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void sleep_us(unsigned us)
{
	struct timespec ts = {us / 1000000, (long)(us % 1000000) * 1000};

	nanosleep(&ts, NULL);
}

static bool pending(const struct ffpf_thread *t)
{
	for (size_t i = 0; i < t->n_lanes; i++)
		if (t->lanes[i]->kind == FFPF_LANE_RING && ffpf_reader_pending(t->lanes[i]->reader))
			return true;
	return false;
}

/* Arms every ring for n more packets and sleeps on their doorbells. */
static void armed_sleep(struct ffpf_thread *t, uint64_t n, unsigned us)
{
	struct pollfd fds[BELLS_MAX];
	const struct ffpf_lane *bells[BELLS_MAX]; /* a lane of each */
	nfds_t n_fds = 0;
	bool there = false;
	struct timespec timeout = {us / 1000000, (long)(us % 1000000) * 1000};

	for (size_t i = 0; i < t->n_lanes; i++) {
		const struct ffpf_lane *l = t->lanes[i];
		bool known = false;
		int bell;

		if (l->kind != FFPF_LANE_RING || l->ended)
			continue;
		there |= !ffpf_reader_arm(l->reader, n);
		bell = l->set->doorbell_fds ? l->set->doorbell_fds[l->ring] : -1;
		for (nfds_t k = 0; k < n_fds; k++)
			known |= fds[k].fd == bell;
		if (!known && bell >= 0 && n_fds < BELLS_MAX) {
			bells[n_fds] = l;
			fds[n_fds++] = (struct pollfd){.fd = bell, .events = POLLIN};
		}
	}
	if (!there)
		ppoll(fds, n_fds, &timeout, NULL);
	for (size_t i = 0; i < t->n_lanes; i++)
		if (t->lanes[i]->kind == FFPF_LANE_RING)
			ffpf_reader_disarm(t->lanes[i]->reader);
	for (nfds_t k = 0; k < n_fds; k++)
		if (fds[k].revents & POLLIN)
			bells[k]->set->doorbell_clear(bells[k]->set->arg, bells[k]->ring);
}

static void adaptive(struct ffpf_thread *t)
{
	const struct ffpf_options *o = t->run->options;
	uint64_t start = now_ns();

	if (!t->empty)
		while (now_ns() - start < SPIN_NS)
			if (pending(t))
				return;
	armed_sleep(t, t->empty < EMPTY_BEFORE_SLEEP ? o->wake_packets : 1, t->empty < EMPTY_BEFORE_SLEEP ? o->wake_us : LONG_SLEEP_US);
}

static bool has_rings(const struct ffpf_thread *t)
{
	for (size_t i = 0; i < t->n_lanes; i++)
		if (t->lanes[i]->kind == FFPF_LANE_RING && !t->lanes[i]->ended)
			return true;
	return false;
}

void ffpf_lane_wait(struct ffpf_thread *t)
{
	const struct ffpf_options *o = t->run->options;

	if (t->run->stop || o->replay)
		return;
	if (!has_rings(t)) {
		if (t->n_lanes > 1)
			sleep_us(1000);
		return; /* a single savefile or pipe waits in its own read */
	}
	switch (o->wakeup) {
	case FFPF_WAKE_ADAPTIVE:
		adaptive(t);
		break;
	case FFPF_WAKE_PACKETS:
		armed_sleep(t, o->wake_packets, o->wake_us);
		break;
	case FFPF_WAKE_EACH:
		armed_sleep(t, 1, LONG_SLEEP_US);
		break;
	case FFPF_WAKE_SLEEP:
		sleep_us(o->wake_us);
		break;
	case FFPF_WAKE_YIELD:
		sched_yield();
		break;
	case FFPF_WAKE_BUSY:
		break;
	}
	t->empty = pending(t) ? 0 : t->empty + 1;
}
