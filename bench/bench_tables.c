/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nanoseconds per packet of functions that keep tables, as XDP, by BPF_PROG_TEST_RUN, against hand-written C
 * (tables_reference.c, compiled by clang -O2; its object file is the argument). The functions are those of
 * tests/modules/tables.c. Rounds are interleaved; figures are medians, ratios are taken per round.
 */
#include <flowspaces/xdp/xdp.h>
#include <lib/graph/classes.h>
#include <lib/run/handle.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tests/modules/tables.c>

#define ROUNDS 15
#define REPEAT 400000

static const struct {
	const char *title, *graph, *reference;
	uint8_t src[4];
} cases[] = {
	{"flows", "[dev lo]>(tflows)", "tflows", {198, 18, 0, 1}},
	{"ratelimit, passed", "[dev lo]>(tlimit,1000000000)>(pktcount)", "tlimit", {198, 18, 0, 3}},
	{"firewall, from inside", "[dev lo]>(twall)>(pktcount)", "twall", {198, 18, 0, 1}},
	{"firewall, from outside", "[dev lo]>(twall)>(pktcount)", "twall", {198, 19, 0, 1}},
};

static void make_packet(size_t i, uint8_t p[64])
{
	memset(p, 0, 64);
	p[12] = 8;
	p[14] = 0x45;
	p[23] = 6;
	memcpy(p + 26, cases[i].src, 4);
	memcpy(p + 30, "\xc6\x12\x00\x02\x30\x39\x00\x50", 8);
}

static int by_value(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : *(const double *)a > *(const double *)b;
}

static double median(double *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_value);
	return v[ROUNDS / 2];
}

static void measure(size_t i, int ours, int reference)
{
	double ns[2][ROUNDS], ratio[ROUNDS];
	const int fds[2] = {ours, reference};
	uint8_t data[64];

	make_packet(i, data);
	for (unsigned r = 0; r < ROUNDS; r++) {
		for (unsigned p = 0; p < 2; p++) {
			uint32_t action, t;

			if (ffpf_bpf_test_run(fds[p], data, sizeof(data), REPEAT, &action, &t) < 0) {
				perror("test run");
				exit(1);
			}
			ns[p][r] = t;
		}
		ratio[r] = ns[0][r] / ns[1][r];
	}
	printf("%-24s  %6.0f  %6.0f  %6.2f\n", cases[i].title, median(ns[0]), median(ns[1]), median(ratio));
}

static int run(size_t i, const struct bpf_object *object)
{
	struct ffpf *h = ffpf_create(NULL);
	int err = ffpf_populate(h, "bench", cases[i].graph, 0);

	if (!err)
		err = ffpf_instantiate(h);
	if (err)
		fprintf(stderr, "%s: %s\n", cases[i].graph, ffpf_error(h));
	else
		measure(i,
			((struct ffpf_bpf_state *)ffpf_run_state(ffpf_handle_run(h), &ffpf_flowspace_xdp))
				->sources[0]
				.fds[0],
			bpf_program__fd(bpf_object__find_program_by_name(object, cases[i].reference)));
	ffpf_close(h);
	return err;
}

static int fill(const struct bpf_object *object)
{
	const struct {
		uint32_t bits;
		uint8_t address[4];
	} prefix = {16, {198, 18}};
	const uint64_t one = 1;

	return bpf_map_update_elem(bpf_map__fd(bpf_object__find_map_by_name(object, "inside")), &prefix, &one, BPF_ANY);
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	struct bpf_program *program;

	if (argc < 2 || geteuid() != 0) {
		fputs("usage, as root: bench_tables REFERENCE.o\n", stderr);
		return 2;
	}
	object = bpf_object__open_file(argv[1], NULL);
	if (!object)
		return 1;
	bpf_object__for_each_program(program, object)
	{
		bpf_program__set_type(program, BPF_PROG_TYPE_XDP);
		bpf_program__set_flags(program, BPF_F_XDP_HAS_FRAGS);
	}
	if (bpf_object__load(object) < 0 || fill(object) < 0)
		return 1;
	for (size_t i = 0; ffpf_classes[i]; i++)
		if (ffpf_class_register(ffpf_classes[i], NULL))
			return 1;
	printf("tables as XDP: ns a packet (test runner), medians of %d\n\n%-24s  %6s  %6s  %6s\n", ROUNDS, "", "ffpf",
	       "C", "ffpf/C");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (run(i, object))
			return 1;
	bpf_object__close(object);
	return 0;
}
