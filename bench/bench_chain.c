/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one more filter program in a chain costs in the kernel's test runner: chains of 0 to 10 functions made of a
 * user's BPF object, each of which matches (a packet of TCP over IPv4).
 *
 *     bench_chain OBJECT [ROUNDS]
 *
 * Rounds go over all lengths; figures are medians. A step is (time of 10 - time of 1) / 9, in percent of the time of
 * one. chain.sh measures whole runs.
 */
#include <ffpf/ffpf.h>
#include <flowspaces/xdp/xdp.h>
#include <lib/run/handle.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST 10
#define ROUNDS_MAX 99
#define REPEAT 200000

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_chain: %s: %s\n", what, why);
	exit(1);
}

/* A loaded graph of n filter programs behind a source. */
static struct ffpf *make(const char *object, unsigned n)
{
	const struct ffpf_define defines[] = {{"OBJECT", object}};
	const struct ffpf_options options = {.defines = defines, .n_defines = 1};
	struct ffpf *h = ffpf_create(&options);
	char text[1024] = "(dev,lo)";

	for (unsigned i = 0; i < n; i++)
		strcat(text, ">(ebpf,\"$OBJECT\")");
	strcat(text, ">(pktcount)");
	if (ffpf_populate(h, "bench", text, 0) < 0 || ffpf_instantiate(h) < 0) {
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
		die(text, ffpf_error(h));
	}
	return h;
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

static void bench_xdp(const char *object, unsigned rounds)
{
	static double ns[LONGEST + 1][ROUNDS_MAX];
	struct ffpf *h[LONGEST + 1];
	uint8_t packet[64] = {[12] = 8, [14] = 0x45, [23] = 6, [37] = 80};

	for (unsigned n = 0; n <= LONGEST; n++)
		h[n] = make(object, n);
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned n = 0; n <= LONGEST; n++) {
			struct ffpf_bpf_state *s = ffpf_run_state(ffpf_handle_run(h[n]), &ffpf_flowspace_xdp);
			uint32_t action, t;

			if (ffpf_bpf_test_run(s->sources[0].fds[0], packet, sizeof(packet), REPEAT, &action, &t) < 0)
				die("test run", strerror(errno));
			ns[n][r] = t;
		}
	print("xdp, test runner", ns, rounds);
	for (unsigned n = 0; n <= LONGEST; n++)
		ffpf_close(h[n]);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 9;

	if (argc < 2 || !rounds || rounds > ROUNDS_MAX || geteuid() != 0) {
		fprintf(stderr, "usage, as root: bench_chain OBJECT [ROUNDS]\n");
		return 2;
	}
	printf("ns a packet, medians of %u rounds; filter programs in the chain:\n%-24s", rounds, "");
	for (unsigned n = 0; n <= LONGEST; n++)
		printf(" %6u", n);
	printf("\n");
	bench_xdp(argv[1], rounds);
	return 0;
}
