/* SPDX-License-Identifier: BSD-2-Clause */
/* Events: records that programs write, on their way to the application. */
#ifndef FFPF_RUN_EVENTS_H
#define FFPF_RUN_EVENTS_H

#include <lib/run/run.h>
#include <lib/run/stats_maps.h>

/* Finds the rings of all functions; once the levels are instantiated. 0 or -ENOMEM. Without a handler nothing is read.
 */
int ffpf_events_start(struct ffpf_run *run);
/* Hands on what has been written since the last call. From any thread. */
void ffpf_events_poll(struct ffpf_run *run);
void ffpf_events_free(struct ffpf_run *run);
/* Appends how many records each event of a function wrote, and how many of them were overwritten before they were
 * read. */
void ffpf_event_results(const struct ffpf_run *run, const struct ffpf_function *function, struct ffpf_arena *arena,
			struct map_results *out);

#endif
