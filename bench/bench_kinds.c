/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one call of each kind of state costs at XDP: ns a packet in the kernel's test runner, beyond the same program
 * that only counts. Keys are 1,024 different ones, all equally often, which is the worst for topk.
 *
 *     bench_kinds [ROUNDS]
 *
 * Rounds are interleaved; figures are medians.
 */
#include <flowspaces/xdp/xdp.h>
#include <lib/run/handle.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 99
#define REPEAT 200000

static const char *const programs[] = {
	"counter n; n += random() & 1023;", /* what the others are compared with */
	"hist h log2; h.add(random() & 1023);",
	"hist h linear 16; h.add(random() & 1023);",
	"meter m; m.add(random() & 1023);",
	"hyperloglog h; h.add(random() & 1023);",
	"countmin c[k: u32]; c.add(random() & 1023);",
	"countmin c[k: u32] 2 x 4096; c.add(random() & 1023);",
	"bloom b[k: u32] size 64k; b.add(random() & 1023);",
	"topk t[k: u32] 20; t.add(random() & 1023);",
	"topk t[k: u32] 1000; t.add(random() & 1023);",
	"topk t[a: u64, b: u64] 1000; t.add(random() & 1023, 5);",
	"emit e { k: random() & 1023 };",
};
#define N (sizeof(programs) / sizeof(programs[0]))

static struct ffpf *load(const char *program)
{
	struct ffpf *h = ffpf_create(NULL);
	char text[512];

	snprintf(text, sizeof(text), "[dev lo]>(FPL,{ %s })", program);
	if (ffpf_populate(h, "bench", text, 0) < 0 || ffpf_instantiate(h) < 0) {
		fprintf(stderr, "bench_kinds: %s: %s\n", program, ffpf_error(h));
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
		exit(1);
	}
	return h;
}

static double run(struct ffpf *h)
{
	static const uint8_t packet[64] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45};
	struct ffpf_bpf_state *s = ffpf_run_state(ffpf_handle_run(h), &ffpf_flowspace_xdp);
	uint32_t action, ns = 0;

	if (ffpf_bpf_test_run(s->sources[0].fds[0], packet, sizeof(packet), REPEAT, &action, &ns) < 0) {
		fprintf(stderr, "bench_kinds: the test runner: %s\n", strerror(errno));
		exit(1);
	}
	return ns;
}

static int by_value(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : *(const double *)a > *(const double *)b;
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 15;
	static double ns[N][ROUNDS_MAX];
	struct ffpf *h[N];

	if (!rounds || rounds > ROUNDS_MAX)
		rounds = 15;
	for (size_t i = 0; i < N; i++)
		h[i] = load(programs[i]);
	for (unsigned r = 0; r < rounds; r++)
		for (size_t i = 0; i < N; i++)
			ns[i][r] = run(h[i]);
	for (size_t i = 0; i < N; i++) {
		qsort(ns[i], rounds, sizeof(ns[i][0]), by_value);
		printf("%6.1f ns  %+6.1f  %s\n", ns[i][rounds / 2], ns[i][rounds / 2] - ns[0][rounds / 2], programs[i]);
		ffpf_close(h[i]);
	}
	return 0;
}
