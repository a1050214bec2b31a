/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sleeping until there is more. The reader arms itself in its own page and the
 * writer wakes only an armed reader: waking costs the writer about 9 µs, so at high rates nobody is ever asleep, and at
 * low rates nobody polls.
 *
 * Adaptive, by the rate at which packets have come lately:
 *
 *     fewer than one in m/4       sleep until the next packet: no more wake-ups than a timer would cause, and no delay
 *     up to N in m                sleep until as many as come in m/2 are there, or m has passed
 *     more than N in m            look again for some microseconds, then sleep until N or m: the ring hardly ever runs
 * dry, and a reader that sleeps for so short a time would cost the writer a wake-up each time
 *
 * When nothing comes several times in a row the rate says nothing any more: sleep until the next packet.
 */
#include <lib/run/clock.h>
#include <lib/run/lane.h>

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <time.h>

/* Spinning costs a processor: no longer than a wake-up would. */
#define SPIN_NS 20000
#define SPIN_LOOKS 16 /* between two looks at the clock */
#define RATE_WINDOW_NS 2000000
#define EMPTY_BEFORE_SLEEP 4
#define LONG_SLEEP_US 20000
#define TAPPED_SLEEP_US 1000 /* taps wait to be told that a thread has nothing */
/* A thread has one bell for each level below: what lanes are more than that have the timeout. */
#define BELLS_MAX 16

/* Leaves the core's other thread the units that a loop would keep busy. */
static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
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

/* Packets a nanosecond, lately: over the last millisecond or so, longer where few come. */
static double rate_now(struct ffpf_thread *t, uint64_t now)
{
	uint64_t delivered = 0, since = now - t->rated_ns;

	for (size_t i = 0; i < t->n_lanes; i++)
		delivered += t->lanes[i]->delivered;
	if (!since)
		return t->rate;
	double fresh = (double)(delivered - t->rated_packets) / (double)since;
	t->rate += (fresh - t->rate) * (double)since / (double)(since + RATE_WINDOW_NS);
	t->rated_packets = delivered;
	t->rated_ns = now;
	return t->rate;
}

/* Whether packets came within a few microseconds. */
static bool spin(struct ffpf_thread *t, uint64_t start)
{
	do
		for (unsigned i = 0; i < SPIN_LOOKS; i++) {
			if (pending(t))
				return true;
			relax();
		}
	while (ffpf_clock_ns() - start < SPIN_NS);
	return false;
}

static unsigned long_sleep(const struct ffpf_thread *t)
{
	return t->run->tapped ? TAPPED_SLEEP_US : LONG_SLEEP_US;
}

static void adaptive(struct ffpf_thread *t)
{
	const struct ffpf_options *o = t->run->options;
	uint64_t now = ffpf_clock_ns();
	double expected = rate_now(t, now) * o->wake_us * 1000; /* packets in m */

	if (t->empty >= EMPTY_BEFORE_SLEEP || expected < 4)
		armed_sleep(t, 1, long_sleep(t));
	else if (expected <= o->wake_packets)
		armed_sleep(t, (uint64_t)(expected / 2), o->wake_us);
	else if (t->empty || !spin(t, now))
		armed_sleep(t, o->wake_packets, o->wake_us);
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
		armed_sleep(t, 1, long_sleep(t));
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
