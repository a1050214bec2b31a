/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Filters on packets in the cache: libpcap's bpf_filter() against the userspace machine, compiled and interpreted, and
 * for `tcp port 80` against C.
 *
 *     bench_vm FILE [ROUNDS]
 *
 * The first packets of the file, in their order, over and over: branches are as hard to foresee as in traffic, the
 * bytes are in the second-level cache. All count matches; different counts end the program. Each filter is what the
 * user flowspace would run for it: libpcap's program, translated, optimised, generated. Figures are medians, ratios are
 * taken within a round.
 */
#define bpf_insn classic_insn /* libpcap's struct of the same name */
#include <pcap/pcap.h>
#undef bpf_insn

#include "vm_reference.h"

#include <ffpf/packet.h>
#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/user/vm/vm.h>
#include <inttypes.h>
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>
#include <lib/translate/translate.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#define PACKETS 4096
#define BYTES 128
#define LOOPS 60
#define ROUNDS_MAX 99

static const char *const filters[] = {
	"ip",
	"tcp",
	"udp port 53",
	"tcp port 80",
	"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
	"src net 198.18.0.0/16 and not port 22",
	"host 198.18.0.1 or host 198.18.0.2",
	"tcp and (port 80 or port 443 or port 8080 or portrange 6000-6100)",
	"ip and (src host 198.18.0.1 or dst net 198.18.64.0/18) and not icmp and greater 100",
	"host 198.18.0.1 or host 198.18.0.2 or host 198.18.0.3 or host 198.18.0.4 or host 198.18.0.5 or port 53 or "
	"icmp",
};
#define FILTERS (sizeof(filters) / sizeof(filters[0]))

struct program {
	struct ffpf_arena *arena;
	struct ffpf_vm *interpreted, *compiled;
	ffpf_vm_loop loop;
	unsigned length; /* instructions of eBPF */
};

static uint8_t bytes[PACKETS][BYTES];
static struct ffpf_packet packets[PACKETS];
static unsigned n_packets;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_vm: %s: %s\n", what, why);
	exit(1);
}

static void read_packets(const char *file)
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *data;
	pcap_t *pcap = pcap_open_offline(file, error);

	if (!pcap)
		die(file, error);
	while (n_packets < PACKETS && pcap_next_ex(pcap, &header, &data) == 1) {
		uint32_t caplen = header->caplen < BYTES ? header->caplen : BYTES;

		memcpy(bytes[n_packets], data, caplen);
		packets[n_packets] =
			(struct ffpf_packet){.data = bytes[n_packets], .caplen = caplen, .len = header->len};
		n_packets++;
	}
	pcap_close(pcap);
}

/* Matches are counted in cell 0. */
static struct ffpf_program *packet_program(struct ffpf_arena *arena, const char *filter)
{
	struct ffpf_program *p = ffpf_program_new(arena);
	struct ffpf_builder *b = ffpf_builder_new(p);
	ffpf_block accept = ffpf_ir_block(b), reject = ffpf_ir_block(b);
	ffpf_var class_out = ffpf_ir_var(b);
	struct ffpf_cbpf *insns;
	const char *why;
	size_t n;

	ffpf_builder_begin(b, 1, NULL, ffpf_ir_const(b, 1), class_out, accept, reject);
	if (ffpf_cbpf_compile(arena, filter, DLT_EN10MB, 65535, &insns, &n, &why) < 0 ||
	    ffpf_cbpf_translate(b, insns, n, 0, &why) < 0)
		die(filter, why);
	ffpf_ir_seal(b, accept);
	ffpf_ir_switch_to(b, accept);
	ffpf_ir_count(b, 0, ffpf_ir_const(b, 1));
	ffpf_ir_jump(b, reject);
	ffpf_ir_seal(b, reject);
	ffpf_ir_switch_to(b, reject);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	ffpf_ir_optimise(p);
	return p;
}

static struct program make_program(const char *filter)
{
	struct program made = {.arena = ffpf_arena_new()};
	const struct ffpf_ebpf_options o = {
		.target = FFPF_EBPF_USER, .n_cpus = 1, .n_cells = 1, .next_piece = -1, .slow_piece = -1};
	struct ffpf_ebpf_program code;
	const char *why = "not generated";

	if (ffpf_ebpf_generate(made.arena, packet_program(made.arena, filter), &o, &code) < 0)
		die(filter, why);
	struct ffpf_vm_program program = {.insns = code.insns, .n = code.n};
	if (ffpf_vm_new(&program, &made.interpreted, &why) < 0 || ffpf_vm_new(&program, &made.compiled, &why) < 0)
		die(filter, why);
	made.loop = ffpf_vm_compile_loop(made.compiled, sizeof(struct ffpf_packet));
	if (!made.loop)
		fprintf(stderr, "bench_vm: no native code on this processor: the interpreter runs twice\n");
	made.length = (unsigned)code.n;
	return made;
}

static double run_libpcap(const struct bpf_program *program, uint64_t *matched)
{
	double start = now();

	for (unsigned k = 0; k < LOOPS; k++)
		for (unsigned i = 0; i < n_packets; i++)
			*matched +=
				bpf_filter(program->bf_insns, packets[i].data, packets[i].len, packets[i].caplen) != 0;
	return (now() - start) / LOOPS / n_packets;
}

/* As the user flowspace does: by a loop over packets in native code, or one by one. */
static double run_machine(const struct ffpf_vm *vm, ffpf_vm_loop loop, uint64_t *matched)
{
	uint64_t cells[64] = {0};
	struct ffpf_user_ctx ctx = {.cells = cells};
	double start = now();

	for (unsigned k = 0; k < LOOPS; k++)
		for (unsigned i = 0; i < n_packets; i += loop ? n_packets : 1)
			if (loop)
				loop(packets, n_packets, (uintptr_t)&ctx, NULL);
			else
				ffpf_vm_run(vm, &packets[i], (uintptr_t)&ctx, NULL);
	*matched += cells[0];
	return (now() - start) / LOOPS / n_packets;
}

static double run_c(uint64_t *matched)
{
	double start = now();

	for (unsigned k = 0; k < LOOPS; k++)
		for (unsigned i = 0; i < n_packets; i++)
			*matched += reference_tcp_port_80(packets[i].data, packets[i].data + packets[i].caplen);
	return (now() - start) / LOOPS / n_packets;
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

/* One line of the table; returns how many times faster than libpcap. */
static double bench(const char *filter, unsigned rounds)
{
	double theirs[ROUNDS_MAX], ours[ROUNDS_MAX], slow[ROUNDS_MAX], c[ROUNDS_MAX], ratio[ROUNDS_MAX],
		to_c[ROUNDS_MAX];
	bool with_c = !strcmp(filter, "tcp port 80");
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);
	struct program program = make_program(filter);
	struct bpf_program classic;
	uint64_t matched[4] = {0};

	if (pcap_compile(pcap, &classic, filter, 1, PCAP_NETMASK_UNKNOWN) < 0)
		die(filter, pcap_geterr(pcap));
	for (unsigned i = 0; i < rounds; i++) {
		theirs[i] = run_libpcap(&classic, &matched[0]);
		ours[i] = run_machine(program.compiled, program.loop, &matched[1]);
		slow[i] = run_machine(program.interpreted, NULL, &matched[2]);
		c[i] = with_c ? run_c(&matched[3]) : 0;
		ratio[i] = theirs[i] / ours[i];
		to_c[i] = with_c ? ours[i] / c[i] : 0;
	}
	if (matched[0] != matched[1] || matched[0] != matched[2] || (with_c && matched[0] != matched[3]))
		die(filter, "the counts differ");
	double faster = median(ratio, rounds);
	printf("%-58.58s %4u %4u %5.1f%% %7.1f %7.1f %7.1f %6.2f x", filter, classic.bf_len, program.length,
	       100.0 * (double)matched[0] / rounds / LOOPS / n_packets, median(theirs, rounds), median(slow, rounds),
	       median(ours, rounds), faster);
	if (with_c)
		printf("   C by the compiler: %.1f ns, compiled/C %.2f", median(c, rounds), median(to_c, rounds));
	printf("\n");
	ffpf_vm_free(program.interpreted);
	ffpf_vm_free(program.compiled);
	ffpf_arena_free(program.arena);
	pcap_freecode(&classic);
	pcap_close(pcap);
	return faster;
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 15;
	double product = 0;

	if (argc < 2 || !rounds || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_vm FILE [ROUNDS]\n");
		return 2;
	}
	read_packets(argv[1]);
	printf("%u packets; ns a packet; cBPF and eBPF: instructions\n", n_packets);
	printf("%-58s %4s %4s %6s %7s %7s %7s %8s\n", "filter", "cBPF", "eBPF", "match", "libpcap", "interp.", "native",
	       "faster");
	for (size_t i = 0; i < FILTERS; i++)
		product += log(bench(filters[i], rounds));
	printf("geometric mean: %.2f x\n", exp(product / FILTERS));
	return 0;
}
