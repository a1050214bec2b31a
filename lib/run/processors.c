/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which processors reader threads may be pinned to. Asked of the kernel by trying: what is online, what the cpuset
 * allows and what taskset has left are three answers, and only the first two bind.
 */
#include <lib/run/run.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

static bool usable(unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return cpu < CPU_SETSIZE && sched_setaffinity(0, sizeof(set), &set) == 0;
}

/* "0-3,6", cut off where it does not fit. */
static void list(char *text, size_t size)
{
	unsigned n = (unsigned)sysconf(_SC_NPROCESSORS_CONF);
	size_t used = 0;

	text[0] = '\0';
	for (unsigned first = 0, end; first < n && used < size; first = end + 1) {
		for (end = first; end < n && usable(end); end++)
			;
		if (end == first)
			continue;
		used += (size_t)snprintf(text + used, size - used, end - first > 1 ? "%s%u-%u" : "%s%u",
					 used ? "," : "", first, end - 1);
	}
}

int ffpf_processors_check(const struct ffpf_options *options, char *why, size_t size)
{
	cpu_set_t before;
	char there[128];
	int missing = -1;

	if (!options->n_cpus || sched_getaffinity(0, sizeof(before), &before) < 0)
		return 0;
	for (size_t i = 0; missing < 0 && i < options->n_cpus; i++)
		if (options->cpus[i] < 0 || !usable((unsigned)options->cpus[i]))
			missing = (int)i;
	if (missing >= 0)
		list(there, sizeof(there));
	sched_setaffinity(0, sizeof(before), &before);
	if (missing < 0)
		return 0;
	snprintf(why, size, "there is no processor %d that this process may use; it may use %s", options->cpus[missing],
		 there);
	return -EINVAL;
}
