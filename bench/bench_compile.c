/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From text to a loaded program (ffpf_populate and ffpf_instantiate: parse, resolve, libpcap, optimise, generate,
 * verify by the kernel, buffers mapped), for graphs of 10, 200 and 1,000 functions, against what the kernel alone needs
 * to load the same programs again.
 */
#include <flowspaces/xdp/xdp.h>
#include <lib/run/handle.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 11

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : *(const double *)a > *(const double *)b;
}

/* [dev lo]>[(BPF,"tcp port 1")>(pktcount)|(BPF,"udp and dst host …")>(pktcount)|…]: n functions, the source included.
 */
static char *graph_text(unsigned n, bool up)
{
	static const char *const filters[] = {"tcp port %u", "udp dst port %u", "src host 198.18.0.%u",
					      "ip and len > %u", "net 198.18.%u.0/24"};
	char *text = malloc(n * 80 + 200), *at = text;

	at += sprintf(at, "[dev lo]>[");
	for (unsigned i = 0; i < (n - 1) / 2; i++) {
		at += sprintf(at, "%s(BPF,\"", i ? "|" : "");
		at += sprintf(at, filters[i % 5], i % 200 + 1);
		at += sprintf(at, up && i % 50 == 0 ? "\")>(zip,1)" : "\")>(pktcount)");
	}
	sprintf(at, "]");
	return text;
}

static double once(const char *text, double *populate)
{
	double start = now_ms(), end;
	struct ffpf *h = ffpf_create(NULL);

	if (ffpf_populate(h, "bench", text, 0) < 0) {
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
		exit(1);
	}
	*populate = now_ms() - start;
	if (ffpf_instantiate(h) < 0) {
		fprintf(stderr, "%s\n", ffpf_error(h));
		exit(1);
	}
	end = now_ms();
	if (ffpf_notice(h, 0))
		printf("(%s)\n", ffpf_notice(h, 0));
	ffpf_close(h);
	return end - start;
}

static void measure(unsigned n, bool up, double target)
{
	double total[ROUNDS], populate[ROUNDS];
	char *text = graph_text(n, up);
	char goal[32] = "";

	for (unsigned i = 0; i < ROUNDS; i++)
		total[i] = once(text, &populate[i]);
	qsort(total, ROUNDS, sizeof(*total), by_value);
	qsort(populate, ROUNDS, sizeof(*populate), by_value);
	if (target > 0)
		snprintf(goal, sizeof(goal), "%.0f", target);
	printf("%9u  %-14s  %13.2f  %16.2f  %14.2f  %9s  %10.2f\n", n, up ? "with crossings" : "counting",
	       populate[ROUNDS / 2], total[ROUNDS / 2] - populate[ROUNDS / 2], total[ROUNDS / 2], goal,
	       total[ROUNDS / 2] * 1000 / n);
	free(text);
}

int main(void)
{
	if (geteuid() != 0) {
		fputs("bench compile: needs root\n", stderr);
		return 3;
	}
	printf("text to loaded program, ms, medians of %d\n\n%9s  %-14s  %13s  %16s  %14s  %9s  %10s\n", ROUNDS,
	       "functions", "kind", "populate", "instantiate", "text to loaded", "at most", "us/function");
	measure(10, false, 10);
	measure(10, true, 10);
	measure(200, false, 150);
	measure(200, true, 150);
	measure(1000, false, 0);
	return 0;
}
