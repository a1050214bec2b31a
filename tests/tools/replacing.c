/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replacing: runs a graph and gives one of its functions new versions all the while.
 *
 *     replacing [-r] [-d] [-n TIMES] [-p USEC] GRAPH FUNCTION FILE…
 *
 * Prints "ready", then takes one FILE after the other, again and again: at least TIMES (100), a pause of USEC (0) after
 * each, and until the input has ended; with -d, for devices, until standard input has. A FILE that is refused counts.
 * Then prints "replaced=N refused=N notices=N", and for each function its name, in, out, filtered, lost and its
 * results. -r: --replay. Exit status 1 when the sums don't hold.
 */
#include <errno.h>
#include <ffpf/ffpf.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(struct ffpf *h, const char *what)
{
	ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
	fprintf(stderr, "replacing: %s: %s\n", what, ffpf_error(h));
	return 1;
}

static int print(struct ffpf *h)
{
	struct ffpf_stats *stats;
	int bad = 0;

	if (ffpf_stats_get(h, &stats))
		return 1;
	for (size_t i = 0; i < stats->n_functions; i++) {
		const struct ffpf_function_stats *f = &stats->functions[i];

		printf("%s %s in=%llu out=%llu filtered=%llu lost=%llu", f->name, f->flowspace,
		       (unsigned long long)f->packets_in, (unsigned long long)f->packets_out,
		       (unsigned long long)f->filtered, (unsigned long long)f->lost);
		for (size_t k = 0; k < f->n_results; k++)
			printf(" %s=%.0f", f->results[k].name, f->results[k].number);
		printf("\n");
		bad |= f->packets_in != f->packets_out + f->filtered + f->lost;
	}
	ffpf_stats_free(stats);
	return bad;
}

static int input_ended(void)
{
	struct pollfd p = {.fd = 0, .events = POLLIN};
	char byte;

	return poll(&p, 1, 0) == 1 && read(0, &byte, 1) <= 0;
}

int main(int argc, char **argv)
{
	struct ffpf_options options = {0};
	unsigned long times = 100, pause = 0, replaced = 0, refused = 0, notices = 0;
	struct ffpf *h;
	bool device = false;
	int c, files;

	while ((c = getopt(argc, argv, "rdn:p:")) != -1) {
		if (c == 'r')
			options.replay = true;
		else if (c == 'd')
			device = true;
		else if (c == 'n')
			times = strtoul(optarg, NULL, 10);
		else if (c == 'p')
			pause = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	files = argc - optind - 2;
	if (files < 1)
		return 2;
	h = ffpf_create(&options);
	if (ffpf_populate(h, "graph", argv[optind], 0) || ffpf_instantiate(h) || ffpf_activate(h))
		return fails(h, "starting");
	printf("ready\n");
	fflush(stdout);
	for (unsigned long i = 0; i < times || (ffpf_running(h) == 1 && !(device && input_ended())); i++) {
		if (ffpf_running(h) < 0)
			return fails(h, "running");
		if (ffpf_replace(h, argv[optind + 1], argv[optind + 2 + (int)(i % (unsigned)files)]) == 0)
			replaced++;
		else if (!refused++)
			fprintf(stderr, "replacing: refused: %s\n", ffpf_error(h));
		if (pause)
			usleep((useconds_t)pause);
	}
	while (ffpf_notice(h, notices))
		fprintf(stderr, "notice: %s\n", ffpf_notice(h, notices++));
	ffpf_deactivate(h);
	printf("replaced=%lu refused=%lu notices=%lu\n", replaced, refused, notices);
	c = print(h);
	ffpf_close(h);
	return c;
}
