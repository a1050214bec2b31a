/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A savefile through a filter and a count: ffpf's file reader, reading into the interpreter of the user flowspace,
 * against a bare loop of libpcap with the same filter (pcap_open_offline, pcap_setfilter, pcap_loop, a callback that
 * counts).
 *
 *     bench_file FILE [EXPRESSION [ROUNDS]]
 *
 * Both take turns, the file is in the page cache, compiling and opening are in neither's time. Figures are medians, the
 * ratio is taken within a round: above 1 ffpf is faster. A difference in the counts ends the program.
 */
#include <ffpf/ffpf.h>

#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS_MAX 99

struct outcome {
	uint64_t packets, matched;
	double seconds;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_file: %s: %s\n", what, why);
	exit(1);
}

static void count(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
	(void)header;
	(void)data;
	++*(uint64_t *)user;
}

static struct outcome with_libpcap(const char *file, const char *expression, unsigned *instructions)
{
	char error[PCAP_ERRBUF_SIZE];
	struct outcome outcome = {0};
	struct bpf_program program;
	pcap_t *pcap = pcap_open_offline(file, error);

	if (!pcap)
		die(file, error);
	if (pcap_compile(pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN) < 0 || pcap_setfilter(pcap, &program) < 0)
		die(expression, pcap_geterr(pcap));
	*instructions = program.bf_len;
	double start = now();
	if (pcap_loop(pcap, -1, count, (u_char *)&outcome.matched) < 0)
		die(file, pcap_geterr(pcap));
	outcome.seconds = now() - start;
	pcap_freecode(&program);
	pcap_close(pcap);
	return outcome;
}

static struct outcome with_ffpf(const char *file, const char *expression)
{
	const struct ffpf_define defines[] = {{"FILE", file}, {"EXPR", expression}};
	const struct ffpf_options options = {.defines = defines, .n_defines = 2};
	struct ffpf *h = ffpf_create(&options);
	struct outcome outcome = {0};
	struct ffpf_stats *stats;

	if (ffpf_populate(h, "bench", "(pcap,\"$FILE\")>(BPF,\"$EXPR\")>(pktcount)", 0) < 0 || ffpf_instantiate(h) < 0)
		die(file, ffpf_error(h));
	double start = now();
	if (ffpf_activate(h) < 0)
		die(file, ffpf_error(h));
	while (ffpf_wait((struct ffpf *const *)&h, 1, 0, 1000000) > 0)
		;
	outcome.seconds = now() - start;
	if (ffpf_deactivate(h) < 0 || ffpf_stats_get(h, &stats) < 0)
		die(file, ffpf_error(h));
	outcome.packets = stats->functions[0].packets_in;
	outcome.matched = stats->functions[2].packets_in;
	ffpf_stats_free(stats);
	ffpf_close(h);
	return outcome;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), compare);
	return values[n / 2];
}

int main(int argc, char **argv)
{
	const char *file = argc > 1 ? argv[1] : NULL, *expression = argc > 2 ? argv[2] : "tcp port 80";
	unsigned rounds = argc > 3 ? (unsigned)atoi(argv[3]) : 9, instructions = 0;
	double theirs[ROUNDS_MAX], ours[ROUNDS_MAX], ratios[ROUNDS_MAX];
	struct outcome a = {0}, b = {0};

	if (!file || !rounds || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_file FILE [EXPRESSION [ROUNDS]]\n");
		return 2;
	}
	with_libpcap(file, expression, &instructions); /* brings the file into the page cache */
	for (unsigned i = 0; i < rounds; i++) {
		a = with_libpcap(file, expression, &instructions);
		b = with_ffpf(file, expression);
		if (a.matched != b.matched) {
			fprintf(stderr, "bench_file: libpcap matches %" PRIu64 " packets, ffpf %" PRIu64 "\n",
				a.matched, b.matched);
			return 1;
		}
		theirs[i] = a.seconds * 1e9 / (double)b.packets;
		ours[i] = b.seconds * 1e9 / (double)b.packets;
		ratios[i] = theirs[i] / ours[i];
	}
	printf("%-28s %3u instructions, %9" PRIu64 " of %9" PRIu64
	       " packets: libpcap %6.1f ns, ffpf %6.1f ns a packet, %.2f x\n",
	       expression, instructions, b.matched, b.packets, median(theirs, rounds), median(ours, rounds),
	       median(ratios, rounds));
	return 0;
}
