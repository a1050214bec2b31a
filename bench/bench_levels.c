/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel measured of its programs: run-time statistics are on until standard input ends, then a line for each
 * program that ran meanwhile: "TYPE NAME RUNS NANOSECONDS". The statistics read a clock before and after each run,
 * which is part of both the figure and the packet's way: so throughput is measured without them. For levels.sh.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void show(uint32_t id)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0)
		return;
	if (!bpf_obj_get_info_by_fd(fd, &info, &size) && info.run_cnt)
		printf("%s %s %llu %llu\n", libbpf_bpf_prog_type_str(info.type), info.name,
		       (unsigned long long)info.run_cnt, (unsigned long long)info.run_time_ns);
	close(fd);
}

int main(void)
{
	int stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	uint32_t id = 0;
	char c;

	if (stats < 0) {
		fprintf(stderr, "bench_levels: statistics of programs: %s\n", strerror(errno));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	while (!bpf_prog_get_next_id(id, &id))
		show(id);
	close(stats);
	return 0;
}
