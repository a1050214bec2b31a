/* SPDX-License-Identifier: BSD-2-Clause */
/* What brings a tap the copies that reader threads of this process make: see tap_lanes.c. */
#ifndef FFPF_RUN_TAP_LANES_H
#define FFPF_RUN_TAP_LANES_H

#include <lib/run/run.h>

struct ffpf_tap_lanes;

/* bytes: of each thread's ring, a power of two. 0 or -ENOMEM. */
int ffpf_tap_lanes_new(struct ffpf_run *run, size_t bytes, struct ffpf_tap_lanes **out);
void ffpf_tap_lanes_free(struct ffpf_tap_lanes *lanes); /* NULL-safe */
/* From reader thread `thread`. */
void ffpf_tap_lanes_put(struct ffpf_tap_lanes *lanes, unsigned thread, const struct ffpf_packet *packet,
			uint32_t class);
/* What has come, as far as nothing older may come; last: nothing will. From one thread. Returns how many. */
unsigned ffpf_tap_lanes_read(struct ffpf_tap_lanes *lanes, bool last,
			     void (*take)(void *arg, const struct ffpf_packet *packet, uint32_t class), void *arg);
/* Packets that were put, and how many of them found no room. From any thread. */
void ffpf_tap_lanes_counts(const struct ffpf_tap_lanes *lanes, uint64_t *in, uint64_t *lost);

#endif
