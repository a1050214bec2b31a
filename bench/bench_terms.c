/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Filters of many terms, and graphs of many filters, against one: text to loaded XDP program (each time in a process of
 * its own, with the most memory that it took), nanoseconds a packet as XDP (BPF_PROG_TEST_RUN, which does not vary the
 * packet: the mean of several kinds of packets) and in the userspace machine, compiled (a mix in an order that the
 * branch predictor can't learn). The first row of packets' costs is a program that only counts: what every figure has
 * in it.
 */
#define bpf_insn classic_insn /* libpcap's struct of the same name */
#include <pcap/pcap.h>
#undef bpf_insn

#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/user/vm/vm.h>
#include <flowspaces/xdp/xdp.h>
#include <lib/flowspace.h>
#include <lib/lang/arena.h>
#include <lib/run/handle.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 9
#define REPEAT 20000
#define KINDS 24
#define MIX 4096
#define USER_PACKETS 100000

enum shape { COUNT, HOSTS, PORTS, NETS, HOSTS6, PAIRS, FUNCTIONS };

struct subject {
	const char *name;
	enum shape shape;
	unsigned n;
	double most_ms, most_ratio; /* what it should reach; 0: nothing said */
};

static const struct subject subjects[] = {
	{"only counting", COUNT, 1, 0, 0},
	{"1 host", HOSTS, 1, 0, 0},
	{"100 hosts", HOSTS, 100, 0, 0},
	{"1,000 hosts", HOSTS, 1000, 60, 2},
	{"3,000 hosts", HOSTS, 3000, 200, 0},
	{"1,000 ports", PORTS, 1000, 0, 0},
	{"1,000 nets of all sizes", NETS, 1000, 0, 0},
	{"1,000 IPv6 hosts", HOSTS6, 1000, 0, 0},
	{"1,000 pairs host, port", PAIRS, 1000, 0, 0},
	{"1 function", FUNCTIONS, 1, 0, 0},
	{"1,000 functions", FUNCTIONS, 1000, 0, 4},
};
enum { SUBJECTS = sizeof(subjects) / sizeof(subjects[0]) };

struct result {
	double load_ms, memory_mb;
	double xdp[ROUNDS], user[ROUNDS];
};

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

static double median(double *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_value);
	return v[ROUNDS / 2];
}

/* Spread over 198.18.0.0/15, no two alike, in no order. */
static uint32_t address(unsigned i)
{
	return 0xc6120000u | (i * 40503u + 12345u) % 131071u;
}

static void put_term(FILE *out, enum shape shape, unsigned i)
{
	uint32_t a = address(i);

	switch (shape) {
	case HOSTS:
		fprintf(out, "host %u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
		break;
	case PORTS:
		fprintf(out, "port %u", (i * 40503u + 77) % 65536);
		break;
	case NETS:
		fprintf(out, "net %u.%u.%u.%u/%u", a >> 24, a >> 16 & 255, i % 7 < 4 ? a >> 8 & 255 : a >> 8 & 252,
			i % 7 < 4 ? a & 255 & (0xff00u >> (i % 7 + 2)) : 0, i % 7 < 4 ? i % 7 + 26 : i % 7 + 18);
		break;
	case HOSTS6:
		fprintf(out, "host 2001:db8:%x:%x::%x", i % 50, i * 7919u % 65536, i);
		break;
	case PAIRS:
		fprintf(out, "(src host %u.%u.%u.%u and dst port %u)", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255,
			i * 7 % 5000 + 1);
		break;
	default:
		fprintf(out, "dst host %u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
		break;
	}
}

static char *graph_text(const struct subject *s)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("[dev lo]>", out);
	if (s->shape == COUNT) {
		fputs("(pktcount)", out);
	} else if (s->shape == FUNCTIONS) {
		for (unsigned i = 0; i < s->n; i++) {
			fputs(i ? "|(BPF,\"" : "[(BPF,\"", out);
			put_term(out, s->shape, i);
			fputs("\")>(pktcount)", out);
		}
		fputs("]", out);
	} else {
		fputs("(BPF,\"", out);
		for (unsigned i = 0; i < s->n; i++) {
			fputs(i ? " or " : "", out);
			put_term(out, s->shape, i);
		}
		fputs("\")>(pktcount)", out);
	}
	fclose(out);
	return text;
}

static struct ffpf *load(const char *text)
{
	struct ffpf *h = ffpf_create(NULL);

	if (ffpf_populate(h, "bench", text, 0) < 0) {
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
		exit(1);
	}
	if (ffpf_instantiate(h) < 0) {
		fprintf(stderr, "%s\n", ffpf_error(h));
		exit(1);
	}
	if (ffpf_notice(h, 0))
		fprintf(stderr, "(%s)\n", ffpf_notice(h, 0));
	return h;
}

/* Time and memory of a process that does nothing else. */
static void measure_load(const char *text, struct result *r)
{
	double times[ROUNDS];

	r->memory_mb = 0;
	for (unsigned i = 0; i < ROUNDS; i++) {
		int fds[2];
		struct rusage usage;
		pid_t child;

		if (pipe(fds) < 0 || (child = fork()) < 0)
			exit(1);
		if (!child) {
			double start = now_ms(), took;

			load(text);
			took = now_ms() - start;
			_exit(write(fds[1], &took, sizeof(took)) != sizeof(took));
		}
		if (read(fds[0], &times[i], sizeof(times[i])) != sizeof(times[i]) || wait4(child, NULL, 0, &usage) < 0)
			exit(1);
		if ((double)usage.ru_maxrss / 1024 > r->memory_mb)
			r->memory_mb = (double)usage.ru_maxrss / 1024;
		close(fds[0]);
		close(fds[1]);
	}
	r->load_ms = median(times);
}

/* TCP, UDP and ARP; a third of those that have addresses have one that is listed. */
static void make_packet(unsigned i, uint8_t p[64])
{
	uint32_t from = i % 3 ? 0x0a000000 + i : address(i * 37 % 1000),
		 to = i % 3 == 1 ? address(i * 53 % 1000) : 0x0a010000 + i;
	unsigned port = i % 2 ? i * 7 % 5000 + 1 : 443;

	memset(p, 0, 64);
	p[12] = 8;
	p[13] = i % 12 == 11 ? 6 : 0;
	p[14] = 0x45;
	p[23] = i % 4 ? 6 : 17;
	for (unsigned k = 0; k < 4; k++) {
		p[26 + k] = (uint8_t)(from >> (24 - 8 * k));
		p[30 + k] = (uint8_t)(to >> (24 - 8 * k));
	}
	p[34] = 0x30;
	p[36] = (uint8_t)(port >> 8);
	p[37] = (uint8_t)port;
}

static double run_xdp(struct ffpf *h)
{
	int fd = ((struct ffpf_bpf_state *)ffpf_run_state(ffpf_handle_run(h), &ffpf_flowspace_xdp))->sources[0].fds[0];
	double sum = 0;

	for (unsigned i = 0; i < KINDS; i++) {
		uint8_t data[64];
		uint32_t action, ns;

		make_packet(i, data);
		if (ffpf_bpf_test_run(fd, data, sizeof(data), REPEAT, &action, &ns) < 0) {
			perror("test run");
			exit(1);
		}
		sum += ns;
	}
	return sum / KINDS;
}

struct machine {
	struct ffpf_vm *vm;
	struct ffpf_user_ctx ctx;
};

/* The same program for the userspace machine. */
static void make_machine(struct ffpf *h, struct ffpf_arena *arena, struct machine *m)
{
	struct ffpf_run *run = ffpf_handle_run(h);
	const struct ffpf_level *l = ffpf_layout_level(run->layout, &ffpf_flowspace_xdp);
	const struct ffpf_fuse_options o = {.piece_functions = UINT32_MAX, .optimise = true};
	struct ffpf_fused fused;
	struct ffpf_ebpf_program code;
	struct ffpf_ebpf_options eo;
	const char *why = "";

	if (ffpf_fuse(run->graph, run->layout, &ffpf_flowspace_xdp, 0, &o, arena, &fused) < 0 || fused.n_pieces != 1)
		exit(1);
	eo = (struct ffpf_ebpf_options){.target = FFPF_EBPF_USER,
					.n_cpus = 1,
					.n_cells = l->n_cells,
					.n_flags = fused.n_flags,
					.next_piece = -1,
					.slow_piece = -1};
	if (ffpf_ebpf_generate(arena, fused.pieces[0], &eo, &code) < 0)
		exit(1);
	ffpf_ebpf_place_tables(&code, code.data);
	if (ffpf_vm_new(&(struct ffpf_vm_program){.insns = code.insns, .n = code.n}, &m->vm, &why) < 0) {
		fprintf(stderr, "bench terms: userspace: %s\n", why);
		exit(1);
	}
	m->ctx.cells = ffpf_arena_alloc(arena, ffpf_ebpf_stride(l->n_cells, fused.n_flags, 0, 0));
	ffpf_vm_compile(m->vm);
}

static double run_user(struct machine *m)
{
	static uint8_t packets[MIX][64];
	struct ffpf_packet packet = {.len = 64, .caplen = 64};
	uint32_t state = 1;
	double start;

	if (!packets[0][12])
		for (unsigned i = 0; i < MIX; i++)
			make_packet(i, packets[i]);
	start = now_ms();
	for (unsigned i = 0; i < USER_PACKETS; i++) {
		state = state * 1664525 + 1013904223;
		packet.data = packets[state >> 20];
		ffpf_vm_run(m->vm, &packet, (uintptr_t)&m->ctx, NULL);
	}
	return (now_ms() - start) * 1e6 / USER_PACKETS;
}

static double libpcap_ms(unsigned n)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);
	struct bpf_program program;
	double start;

	for (unsigned i = 0; i < n; i++) {
		fputs(i ? " or " : "", out);
		put_term(out, HOSTS, i);
	}
	fclose(out);
	start = now_ms();
	if (pcap_compile(pcap, &program, text, 1, 0) < 0)
		exit(1);
	start = now_ms() - start;
	pcap_freecode(&program);
	pcap_close(pcap);
	free(text);
	return start;
}

static void print_row(const struct subject *s, struct result *r, const struct result *one)
{
	double xdp[ROUNDS], user[ROUNDS];
	char most[24] = "", ratio[24] = "";

	for (unsigned i = 0; i < ROUNDS; i++) {
		xdp[i] = r->xdp[i] / one->xdp[i];
		user[i] = r->user[i] / one->user[i];
	}
	if (s->most_ms > 0)
		snprintf(most, sizeof(most), "%.0f", s->most_ms);
	if (s->most_ratio > 0)
		snprintf(ratio, sizeof(ratio), "%.0f", s->most_ratio);
	printf("%-24s  %8.1f %8s  %6.1f  %8.1f %6.2f  %8.1f %6.2f  %8s\n", s->name, r->load_ms, most, r->memory_mb,
	       median(r->xdp), median(xdp), median(r->user), median(user), ratio);
}

int main(void)
{
	static struct result results[SUBJECTS];
	struct ffpf *handles[SUBJECTS];
	struct machine machines[SUBJECTS] = {0};
	struct ffpf_arena *arena = ffpf_arena_new();
	unsigned one = 1;

	if (geteuid() != 0) {
		fputs("bench terms: needs root\n", stderr);
		return 3;
	}
	for (unsigned i = 0; i < SUBJECTS; i++) {
		char *text = graph_text(&subjects[i]);

		measure_load(text, &results[i]);
		free(text);
	}
	for (unsigned i = 0; i < SUBJECTS; i++) {
		handles[i] = load(graph_text(&subjects[i]));
		make_machine(handles[i], arena, &machines[i]);
	}
	for (unsigned r = 0; r < ROUNDS; r++)
		for (unsigned i = 0; i < SUBJECTS; i++) {
			results[i].xdp[r] = run_xdp(handles[i]);
			results[i].user[r] = run_user(&machines[i]);
		}
	printf("medians of %d rounds; ratios to one of the kind, harness included\n\n%-24s  %8s %8s  %6s  %8s %6s  %8s "
	       "%6s  %8s\n",
	       ROUNDS, "filter", "load ms", "at most", "MB", "xdp ns", "ratio", "user ns", "ratio", "at most");
	for (unsigned i = 0; i < SUBJECTS; i++) {
		if (subjects[i].shape == FUNCTIONS && subjects[i].n == 1)
			one = i;
		struct result base = results[one];

		print_row(&subjects[i], &results[i], &base);
	}
	printf("\nlibpcap's own compiler: 100 hosts %.0f ms\n", libpcap_ms(100));
	for (unsigned i = 0; i < SUBJECTS; i++) {
		ffpf_vm_free(machines[i].vm);
		ffpf_close(handles[i]);
	}
	ffpf_arena_free(arena);
	return 0;
}
