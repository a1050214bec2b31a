/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals that ask a run to end, and the end of its time before it has begun.
 *
 * The first SIGINT, SIGTERM or SIGHUP asks for the end, and restores the default action: a second one ends the process
 * at once, and the kernel detaches what hangs on our descriptors.
 *
 * Where functions are made from files, SIGHUP asks for new versions of them instead, as daemons do, any number of
 * times.
 *
 * A source that is a pipe is waited for while its graph is populated: for somebody to open the other end, for the
 * file's header. No handler restarts system calls, so that these waits return. A wait that begins just after the signal
 * would not: a timer ticks then, until the graph is populated.
 */
#include "cli.h"
#include <signal.h>
#include <time.h>

#define TICK_NS 100000000

static volatile sig_atomic_t interrupted, late, populating, reload;
static timer_t timer;
static bool has_timer;

/* Ticks from `seconds` on; 0: never. Safe in a handler. */
static void tick_from(double seconds)
{
	struct itimerspec when = {.it_interval.tv_nsec = TICK_NS};

	when.it_value.tv_sec = (time_t)seconds;
	when.it_value.tv_nsec = (long)((seconds - (double)when.it_value.tv_sec) * 1e9);
	if (has_timer)
		timer_settime(timer, 0, &when, NULL);
}

static void interrupt(int number)
{
	interrupted = number;
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	if (populating)
		tick_from(TICK_NS / 1e9);
}

static void tick(int number)
{
	if (populating)
		late = number;
}

void signals_catch(double seconds)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	const double soonest = TICK_NS / 1e9, longest = 1e9; /* populating takes some time by itself; no overflow */
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
	struct sigaction action = {.sa_handler = tick};

	sigaction(SIGALRM, &action, NULL);
	has_timer = !timer_create(CLOCK_MONOTONIC, &event, &timer);
	populating = 1;
	action.sa_handler = interrupt;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct sigaction old;

		/* What the caller had ignored (nohup, a background job of a shell) stays so. */
		if (!sigaction(numbers[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
	if (seconds > 0)
		tick_from(seconds < soonest ? soonest : seconds < longest ? seconds : longest);
}

void signals_populated(void)
{
	populating = 0;
	tick_from(0);
	if (has_timer)
		timer_delete(timer);
	has_timer = false;
}

bool signals_interrupted(void)
{
	return interrupted;
}

static void hang_up(int number)
{
	reload = number;
}

void signals_reload_on_hangup(void)
{
	struct sigaction action = {.sa_handler = hang_up}, old;

	if (sigaction(SIGHUP, NULL, &old) || old.sa_handler != interrupt)
		return;
	sigaction(SIGHUP, &action, NULL);
	/* The first signal to end may have come in between, and have made the next one final. */
	if (interrupted)
		signal(SIGHUP, SIG_DFL);
}

bool signals_reload(void)
{
	bool wanted = reload;

	reload = 0;
	return wanted;
}

bool signals_late(void)
{
	return late;
}
