/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nanoseconds per packet of `BPF "tcp port 80" > pktcount` as XDP or (with the
 * second argument tc) at tc, by BPF_PROG_TEST_RUN, against hand-written C (xdp_reference.c, tc_reference.c, compiled by
 * clang -O2; its object file is the argument), and against a program that only passes. Rounds are interleaved; figures
 * are medians, ratios are taken per round.
 */
#include <flowspaces/tc/tc.h>
#include <flowspaces/xdp/xdp.h>
#include <lib/run/handle.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 15
#define REPEAT 400000

enum { OURS, SAME, LEAST, EMPTY, PROGRAMS };
static const char *const names[PROGRAMS] = {"ffpf", "C, same results", "C, as little as possible",
					    "only passes (the harness)"};

static const struct {
	const char *name;
	uint8_t ethertype[2], protocol, ports[4];
} packets[] = {
	{"tcp to port 80", {8, 0}, 6, {0x30, 0x39, 0, 80}},
	{"tcp from port 80", {8, 0}, 6, {0, 80, 0x30, 0x39}},
	{"tcp elsewhere", {8, 0}, 6, {0x30, 0x39, 1, 187}},
	{"udp", {8, 0}, 17, {0x30, 0x39, 0, 53}},
	{"arp", {8, 6}, 0, {0, 0, 0, 0}},
};

static void make_packet(size_t i, uint8_t p[64])
{
	memset(p, 0, 64);
	memcpy(p + 12, packets[i].ethertype, 2);
	p[14] = 0x45;
	p[23] = packets[i].protocol;
	memcpy(p + 26, "\xc6\x12\x00\x01\xc6\x12\x00\x02", 8);
	memcpy(p + 34, packets[i].ports, 4);
}

static int empty_program(bool tc)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = tc ? -1 : XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = tc ? 0 : BPF_F_XDP_HAS_FRAGS);

	return bpf_prog_load(tc ? BPF_PROG_TYPE_SCHED_CLS : BPF_PROG_TYPE_XDP, "empty", "Dual BSD/GPL", insns, 2,
			     &opts);
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

static void measure(const int fds[PROGRAMS], size_t packet)
{
	static double ns[PROGRAMS][ROUNDS], ratio[PROGRAMS][ROUNDS];
	uint8_t data[64];

	make_packet(packet, data);
	for (unsigned r = 0; r < ROUNDS; r++) {
		for (unsigned p = 0; p < PROGRAMS; p++) {
			uint32_t action, t;

			if (ffpf_bpf_test_run(fds[p], data, sizeof(data), REPEAT, &action, &t) < 0) {
				perror("test run");
				exit(1);
			}
			ns[p][r] = t;
		}
		for (unsigned p = 0; p < PROGRAMS; p++)
			ratio[p][r] = ns[OURS][r] / ns[p][r];
	}
	printf("%-18s", packets[packet].name);
	for (unsigned p = 0; p < PROGRAMS; p++)
		printf("  %8.0f", median(ns[p]));
	printf("  %13.2f  %12.2f\n", median(ratio[SAME]), median(ratio[LEAST]));
}

int main(int argc, char **argv)
{
	bool tc = argc > 2 && !strcmp(argv[2], "tc");
	const struct ffpf_flowspace *level = tc ? &ffpf_flowspace_tc : &ffpf_flowspace_xdp;
	struct ffpf *h = ffpf_create(NULL);
	struct bpf_object *object;
	struct bpf_program *program;
	int fds[PROGRAMS];

	if (argc < 2 || geteuid() != 0) {
		fputs("usage, as root: bench_xdp REFERENCE.o [tc]\n", stderr);
		return 2;
	}
	if (ffpf_populate(h, "bench",
			  tc ? "(dev,lo)@tc>(BPF,\"tcp port 80\")>(pktcount)"
			     : "[dev lo]>(BPF,\"tcp port 80\")>(pktcount)",
			  0) < 0 ||
	    ffpf_instantiate(h) < 0) {
		fprintf(stderr, "%s\n", ffpf_error(h));
		return 1;
	}
	fds[OURS] = ((struct ffpf_bpf_state *)ffpf_run_state(ffpf_handle_run(h), level))->sources[0].fds[0];
	object = bpf_object__open_file(argv[1], NULL);
	if (!object)
		return 1;
	bpf_object__for_each_program(program, object)
	{
		bpf_program__set_type(program, tc ? BPF_PROG_TYPE_SCHED_CLS : BPF_PROG_TYPE_XDP);
		bpf_program__set_flags(program, tc ? 0 : BPF_F_XDP_HAS_FRAGS);
	}
	if (bpf_object__load(object) < 0)
		return 1;
	fds[SAME] = bpf_program__fd(bpf_object__find_program_by_name(object, "same"));
	fds[LEAST] = bpf_program__fd(bpf_object__find_program_by_name(object, "least"));
	fds[EMPTY] = empty_program(tc);
	printf("BPF \"tcp port 80\" > pktcount %s: ns a packet (test runner), medians of %d\n\n%-18s",
	       tc ? "at tc" : "as XDP", ROUNDS, "packet");
	for (unsigned p = 0; p < PROGRAMS; p++)
		printf("  %8.8s", (const char *[]){"ffpf", "C same", "C least", "nothing"}[p]);
	printf("  %13s  %12s\n", "ffpf/C same", "ffpf/C least");
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
		measure(fds, i);
	printf("\nC same: %s; C least: %s; nothing: %s\n", names[SAME], names[LEAST], names[EMPTY]);
	bpf_object__close(object);
	ffpf_close(h);
	return 0;
}
