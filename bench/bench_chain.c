/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one more filter program in a chain costs: chains of 0 to 10 functions made of a user's BPF object, each of which
 * matches, at xdp (kernel's test runner) and at user (a savefile).
 *
 *     bench_chain OBJECT FILE [ROUNDS]
 *
 * Rounds go over all lengths; figures are medians. A step is (time of 10 - time of 1) / 9, in percent of the time of
 * one.
 */
#include <ffpf/ffpf.h>
#include <flowspaces/xdp/xdp.h>
#include <lib/run/handle.h>

#include <inttypes.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LONGEST 10
#define ROUNDS_MAX 99
#define REPEAT 200000

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_chain: %s: %s\n", what, why);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* A loaded graph of n filter programs behind a source. */
static struct ffpf *make(const char *source, const char *object, unsigned n)
{
	const struct ffpf_define defines[] = {{"OBJECT", object}, {"SOURCE", source}};
	const struct ffpf_options options = {.defines = defines, .n_defines = 2};
	struct ffpf *h = ffpf_create(&options);
	char text[1024];

	snprintf(text, sizeof(text), "%s",
		 strchr(source, '/') || strchr(source, '.') ? "(pcap,\"$SOURCE\")" : "(dev,lo)");
	for (unsigned i = 0; i < n; i++)
		strcat(text, ">(ebpf,\"$OBJECT\")");
	strcat(text, ">(pktcount)");
	if (ffpf_populate(h, "bench", text, 0) < 0 || ffpf_instantiate(h) < 0) {
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
		die(text, ffpf_error(h));
	}
	return h;
}

static double run_user(const char *file, const char *object, unsigned n)
{
	struct ffpf *h = make(file, object, n);
	struct ffpf_stats *stats;
	double start, ns;

	start = now();
	if (ffpf_activate(h) < 0)
		die(file, ffpf_error(h));
	while (ffpf_wait((struct ffpf *const *)&h, 1, 0, 1000000) > 0)
		;
	ns = now() - start;
	if (ffpf_deactivate(h) < 0 || ffpf_stats_get(h, &stats) < 0)
		die(file, ffpf_error(h));
	ns /= (double)stats->functions[0].packets_in;
	if (stats->functions[n + 1].packets_in != stats->functions[0].packets_in)
		die(object, "it does not match all packets of the file");
	ffpf_stats_free(stats);
	ffpf_close(h);
	return ns;
}

static int by_value(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : *(const double *)a > *(const double *)b;
}

static double median(double *v, unsigned n)
{
	qsort(v, n, sizeof(*v), by_value);
	return v[n / 2];
}

static void print(const char *where, double ns[LONGEST + 1][ROUNDS_MAX], unsigned rounds)
{
	double m[LONGEST + 1];

	printf("%-24s", where);
	for (unsigned n = 0; n <= LONGEST; n++) {
		m[n] = median(ns[n], rounds);
		printf(" %6.1f", m[n]);
	}
	printf("   a step: %.2f ns, %.1f %%\n", (m[LONGEST] - m[1]) / (LONGEST - 1),
	       100 * (m[LONGEST] - m[1]) / (LONGEST - 1) / m[1]);
}

static void bench_user(const char *object, const char *file, unsigned rounds)
{
	static double ns[LONGEST + 1][ROUNDS_MAX];

	for (unsigned r = 0; r < rounds; r++)
		for (unsigned n = 0; n <= LONGEST; n++)
			ns[n][r] = run_user(file, object, n);
	print("user, the file", ns, rounds);
}

static void bench_xdp(const char *object, unsigned rounds)
{
	static double ns[LONGEST + 1][ROUNDS_MAX];
	struct ffpf *h[LONGEST + 1];
	uint8_t packet[64] = {[12] = 8, [14] = 0x45, [23] = 6, [37] = 80};

	for (unsigned n = 0; n <= LONGEST; n++)
		h[n] = make("lo", object, n);
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned n = 0; n <= LONGEST; n++) {
			struct xdp_state *s = ffpf_run_state(ffpf_handle_run(h[n]), &ffpf_flowspace_xdp);
			uint32_t action, t;

			if (ffpf_xdp_test_run(s->sources[0].fds[0], packet, sizeof(packet), REPEAT, &action, &t) < 0)
				die("test run", strerror(errno));
			ns[n][r] = t;
		}
	print("xdp, test runner", ns, rounds);
	for (unsigned n = 0; n <= LONGEST; n++)
		ffpf_close(h[n]);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 3 ? (unsigned)atoi(argv[3]) : 9;

	if (argc < 3 || !rounds || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_chain OBJECT FILE [ROUNDS]\n");
		return 2;
	}
	printf("ns a packet, medians of %u rounds; filter programs in the chain:\n%-24s", rounds, "");
	for (unsigned n = 0; n <= LONGEST; n++)
		printf(" %6u", n);
	printf("\n");
	bench_user(argv[1], argv[2], rounds);
	if (geteuid() == 0)
		bench_xdp(argv[1], rounds);
	return 0;
}
