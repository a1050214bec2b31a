/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moments among results (FFPF_MEMBER_TIME, FFPF_UNIT_TIME). Programs keep them by the clock that they see: of live
 * packets CLOCK_MONOTONIC in the kernel, and the time of day above it; of savefiles the time of capture. Whoever reads
 * results gets ns since 1970 of all of them.
 */
#ifndef FFPF_RUN_MOMENTS_H
#define FFPF_RUN_MOMENTS_H

#include <lib/run/run.h>

/* Are a function's moments CLOCK_MONOTONIC? */
bool ffpf_moments_monotonic(const struct ffpf_run *run, const struct ffpf_function *f);
/* What has to be added to a function's moments, in ns; the clock is looked at where it matters. */
int64_t ffpf_moments_offset(const struct ffpf_run *run, const struct ffpf_function *f, struct ffpf_clock *clock);
/* Adds it to a moment; to 0, which is none, not. */
uint64_t ffpf_moment(uint64_t moment, int64_t offset);
/* The same to all moments among n values, `step` bytes from one to the next. */
void ffpf_moments_convert(const struct ffpf_members *members, void *values, size_t n, size_t step, int64_t offset);

#endif
