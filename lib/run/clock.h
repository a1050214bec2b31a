/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time of day of what a level below stamped with CLOCK_MONOTONIC. The two clocks go at one speed, so the offset
 * between them changes only when somebody sets the time of day.
 */
#ifndef FFPF_RUN_CLOCK_H
#define FFPF_RUN_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC, ns. */
uint64_t ffpf_clock_ns(void);

/* All zero: not looked at yet. */
struct ffpf_clock {
	int64_t offset; /* ns: time of day = CLOCK_MONOTONIC + offset */
	int64_t doubt;	/* the offset may be wrong by so many ns, since no two clocks are read at once */
};

/*
 * Follows the time of day when it was set since the last look. What can be an error of reading changes nothing: so
 * times of a run go forwards while nobody sets the clock.
 */
void ffpf_clock_look(struct ffpf_clock *clock);

#endif
