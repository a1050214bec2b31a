/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Comparing two clocks: one is read between two readings of the other, which bounds the offset from both sides.
 */
#include <lib/run/clock.h>

#include <time.h>

#define LOOKS 4	     /* the closest one counts: in the others somebody else had the processor */
#define CLOSE_NS 200 /* no better one is to be had */

static int64_t read_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

uint64_t ffpf_clock_ns(void)
{
	return (uint64_t)read_ns(CLOCK_MONOTONIC);
}

/* The offset lies in [*least, *most]. */
static void compare(int64_t *least, int64_t *most)
{
	*least = INT64_MIN;
	*most = INT64_MAX;
	for (unsigned i = 0; i < LOOKS; i++) {
		int64_t before = read_ns(CLOCK_MONOTONIC), real = read_ns(CLOCK_REALTIME),
			after = read_ns(CLOCK_MONOTONIC);

		if (i && after - before >= *most - *least)
			continue;
		*least = real - after;
		*most = real - before;
		if (after - before < CLOSE_NS)
			return;
	}
}

void ffpf_clock_look(struct ffpf_clock *clock)
{
	int64_t least, most;

	compare(&least, &most);
	if (clock->offset && clock->offset >= least - clock->doubt && clock->offset <= most + clock->doubt)
		return;
	clock->doubt = (most - least) / 2 + 1;
	clock->offset = least + (most - least) / 2;
}
