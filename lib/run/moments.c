/* SPDX-License-Identifier: BSD-2-Clause */
/* Moments by the clock of their level, as times of day: see moments.h. */
#include <lib/run/moments.h>

#include <string.h>

bool ffpf_moments_monotonic(const struct ffpf_run *run, const struct ffpf_function *f)
{
	/* Above the levels on the packets' path times of day have been made of them. */
	return f->level->on_path && !run->options->replay;
}

int64_t ffpf_moments_offset(const struct ffpf_run *run, const struct ffpf_function *f, struct ffpf_clock *clock)
{
	if (!ffpf_moments_monotonic(run, f))
		return 0;
	ffpf_clock_look(clock);
	return clock->offset;
}

uint64_t ffpf_moment(uint64_t moment, int64_t offset)
{
	return moment ? moment + (uint64_t)offset : 0;
}

void ffpf_moments_convert(const struct ffpf_members *members, void *values, size_t n, size_t step, int64_t offset)
{
	for (size_t i = 0; offset && i < members->n; i++) {
		const struct ffpf_member *m = &members->list[i];

		for (size_t k = 0; m->kind == FFPF_MEMBER_TIME && k < n * m->count; k++) {
			uint8_t *at = (uint8_t *)values + k / m->count * step + m->offset + k % m->count * 8;
			uint64_t moment;

			memcpy(&moment, at, sizeof(moment));
			moment = ffpf_moment(moment, offset);
			memcpy(at, &moment, sizeof(moment));
		}
	}
}
