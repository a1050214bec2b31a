/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of taps share, and replay.c asks of them: see tap.c. */
#ifndef FFPF_BPF_TAP_H
#define FFPF_BPF_TAP_H

#include <flowspaces/bpf/bpf.h>

/* tap_events.c: the event of a tap and CPU: a descriptor for the caller, or -errno (-ENODEV: the CPU is off). tells:
 * can it count what it had no room for? */
int ffpf_bpf_tap_event(const struct ffpf_bpf_state *s, unsigned number, unsigned cpu, bool *tells);

/* A packet that the reference interpreter runs. From the thread that replays. */
void ffpf_bpf_tap_put(struct ffpf_bpf_state *s, unsigned number, const struct ffpf_packet *packet, uint32_t class);

/* tap_extra.c: one thread puts, one takes. after: a number that grows; what is taken is valid until it is done with. */
struct ffpf_bpf_tap_extra;
struct ffpf_bpf_tap_extra *ffpf_bpf_tap_extra_new(size_t size);
void ffpf_bpf_tap_extra_free(struct ffpf_bpf_tap_extra *x); /* NULL-safe */
void ffpf_bpf_tap_extra_put(struct ffpf_bpf_tap_extra *x, uint64_t after, const struct ffpf_packet *packet,
			    uint32_t class);
bool ffpf_bpf_tap_extra_first(struct ffpf_bpf_tap_extra *x, uint64_t *after); /* false: there is none */
const struct ffpf_packet *ffpf_bpf_tap_extra_take(struct ffpf_bpf_tap_extra *x, uint32_t *class);
void ffpf_bpf_tap_extra_done(struct ffpf_bpf_tap_extra *x);

#endif
