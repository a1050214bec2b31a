/* SPDX-License-Identifier: BSD-2-Clause */
/* Taps of a running graph; see tap.c. All but ffpf_tap_put is for the thread that uses the handle. */
#ifndef FFPF_RUN_TAP_H
#define FFPF_RUN_TAP_H

#include <lib/run/run.h>

/* 0 and its name; -errno with a sentence in why, and everything is as it was. */
int ffpf_run_tap(struct ffpf_run *run, const struct ffpf_tap_request *request, const char **name, char *why,
		 size_t size);
int ffpf_run_untap(struct ffpf_run *run, const char *name, char *why, size_t size);

/* Ends those that have had what they were set for. */
void ffpf_taps_tend(struct ffpf_run *run);
/* Ends all of them, when no program runs any more. */
void ffpf_taps_end(struct ffpf_run *run);
void ffpf_taps_free(struct ffpf_run *run); /* before the levels are closed */

#endif
