/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Perf events, through which packets come to taps: one for each CPU and tap. A tap is set when the run has given up
 * most of its privileges; some kernels give events to CAP_SYS_ADMIN only (kernel.perf_event_paranoid above 2, which
 * Debian has). There they are opened beforehand, as many as a quarter of the descriptors that this process may have; an
 * event without a buffer takes next to nothing.
 */
#include <flowspaces/bpf/tap.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PARANOID "/proc/sys/kernel/perf_event_paranoid"
#define FOR_ALL 2 /* what other kernels have at most */

/* Linux 6.0, younger than some headers: the event counts what it had no room for. */
#define FORMAT_LOST (1u << 4)

static int open_event(unsigned cpu, bool *tells)
{
	struct perf_event_attr attr = {.size = sizeof(attr),
				       .type = PERF_TYPE_SOFTWARE,
				       .config = PERF_COUNT_SW_BPF_OUTPUT,
				       .sample_type = PERF_SAMPLE_TIME | PERF_SAMPLE_RAW,
				       .read_format = *tells ? FORMAT_LOST : 0,
				       .sample_period = 1,
				       .wakeup_events = UINT32_MAX / 2,
				       .use_clockid = 1,
				       .clockid = CLOCK_MONOTONIC};
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0 && errno == EINVAL && *tells) {
		*tells = false;
		return open_event(cpu, tells);
	}
	return fd < 0 ? -errno : fd;
}

static bool is_restricted(void)
{
	FILE *file = fopen(PARANOID, "re");
	int value = 0;

	if (!file)
		return false;
	if (fscanf(file, "%d", &value) != 1)
		value = 0;
	fclose(file);
	return value > FOR_ALL;
}

void ffpf_bpf_tap_events_reserve(struct ffpf_bpf_state *s)
{
	struct rlimit limit;
	unsigned taps = FFPF_TAPS_MAX;

	if (!s->run->graph->may_tap || !is_restricted() || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	if (limit.rlim_cur / 4 / s->maps.n_cpus < taps)
		taps = (unsigned)(limit.rlim_cur / 4 / s->maps.n_cpus);
	s->tap_events = calloc((size_t)taps * s->maps.n_cpus + 1, sizeof(*s->tap_events));
	if (!s->tap_events)
		return;
	s->tap_events_tell = true;
	s->n_tap_events = taps * s->maps.n_cpus;
	for (unsigned i = 0; i < s->n_tap_events; i++)
		s->tap_events[i] = open_event(i % s->maps.n_cpus, &s->tap_events_tell);
}

void ffpf_bpf_tap_events_close(struct ffpf_bpf_state *s)
{
	for (unsigned i = 0; i < s->n_tap_events; i++)
		if (s->tap_events[i] >= 0)
			close(s->tap_events[i]);
	free(s->tap_events);
	s->tap_events = NULL;
	s->n_tap_events = 0;
}

int ffpf_bpf_tap_event(const struct ffpf_bpf_state *s, unsigned number, unsigned cpu, bool *tells)
{
	unsigned at = number * s->maps.n_cpus + cpu;
	int fd;

	if (at >= s->n_tap_events)
		return open_event(cpu, tells);
	*tells = s->tap_events_tell;
	if (s->tap_events[at] < 0)
		return s->tap_events[at];
	fd = fcntl(s->tap_events[at], F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}
