/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The eBPF interpreter against libpcap's on packets in cache: "tcp port 80", written as our generator writes filters,
 * over a mix of TCP, UDP and ARP packets whose order the branch predictor can't learn. Argument: packets per run.
 */
#define bpf_insn classic_insn /* libpcap's struct of the same name */
#include <pcap/pcap.h>
#undef bpf_insn

#include <flowspaces/user/vm/vm.h>
#include <tests/unit/vm_asm.h>

#include <time.h>

#define PACKETS 4096
#define RUNS 7

/* r1 points to { data, end }. */
static const char filter[] = "ldxdw r6, [r1+0]\n"
			     "ldxdw r7, [r1+8]\n"
			     "mov64 r2, r6\nadd64 r2, 34\njgt r2, r7, +25\n"
			     "ldxh r3, [r6+12]\nbe16 r3\njne r3, 0x800, +22\n"
			     "ldxb r3, [r6+23]\njne r3, 6, +20\n"
			     "ldxh r3, [r6+20]\nbe16 r3\njset r3, 0x1fff, +17\n"
			     "ldxb r4, [r6+14]\nand64 r4, 15\nlsh64 r4, 2\nadd64 r4, r6\n"
			     "mov64 r2, r4\nadd64 r2, 18\njgt r2, r7, +10\n"
			     "ldxh r3, [r4+14]\nbe16 r3\njeq r3, 80, +5\n"
			     "ldxh r3, [r4+16]\nbe16 r3\njeq r3, 80, +2\n"
			     "mov64 r0, 0\nexit\n"
			     "mov64 r0, 1\nexit\n"
			     "mov64 r0, 0\nexit\n";

struct context {
	uint64_t data, end;
};

static uint8_t packets[PACKETS][64];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The next packet, in an order that does not repeat soon. */
static const uint8_t *next_packet(uint32_t *random_state)
{
	*random_state = *random_state * 1664525 + 1013904223;
	return packets[*random_state >> 20];
}

static void make_packets(void)
{
	srandom(1);
	for (unsigned i = 0; i < PACKETS; i++) {
		uint8_t *p = packets[i];
		long r = random();

		p[12] = 8;
		p[13] = r % 10 ? 0 : 6;
		p[14] = 0x45;
		p[23] = r / 10 % 10 < 7 ? 6 : 17;
		p[35] = r / 100 % 5 ? 22 : 80;
		p[37] = r / 500 % 5 ? 33 : 80;
	}
}

static double run_vm(const struct ffpf_vm *vm, unsigned n, unsigned *matched)
{
	double start = now();
	uint32_t state = 1;

	for (unsigned i = 0; i < n; i++) {
		const uint8_t *p = next_packet(&state);
		struct context context = {(uintptr_t)p, (uintptr_t)p + 64};

		*matched += (unsigned)ffpf_vm_run(vm, &context, 0, NULL);
	}
	return (now() - start) / n;
}

static double run_pcap(const struct bpf_program *program, unsigned n, unsigned *matched)
{
	double start = now();
	uint32_t state = 1;

	for (unsigned i = 0; i < n; i++)
		*matched += bpf_filter(program->bf_insns, next_packet(&state), 64, 64) != 0;
	return (now() - start) / n;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* A program of n additions: what one instruction costs without branches. */
static double plain_instruction(unsigned n)
{
	struct bpf_insn insns[ASM_MOST] = {{0}};
	struct ffpf_vm *vm;
	const char *why;
	unsigned length = 200;

	for (unsigned i = 0; i < length; i++)
		insns[i] = (struct bpf_insn){
			.code = BPF_ALU64 | BPF_ADD | BPF_X, .dst_reg = i & 7, .src_reg = (i * 3) & 7};
	insns[length] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	if (ffpf_vm_new(&(struct ffpf_vm_program){.insns = insns, .n = length + 1}, &vm, &why) < 0)
		return 0;
	double start = now();
	for (unsigned i = 0; i < n / length; i++)
		ffpf_vm_run(vm, NULL, 0, NULL);
	double each = (now() - start) / (n / length) / (length + 1);
	ffpf_vm_free(vm);
	return each;
}

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 2000000, matched[2] = {0, 0};
	struct bpf_insn insns[ASM_MOST];
	struct bpf_program program;
	struct ffpf_vm *vm;
	const char *why;
	double ours[RUNS], theirs[RUNS];
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);
	int length = asm_text(filter, insns);

	if (length < 0 || ffpf_vm_new(&(struct ffpf_vm_program){.insns = insns, .n = (size_t)length}, &vm, &why) < 0)
		return 1;
	/* Without IPv6, as the program beside it. */
	if (pcap_compile(pcap, &program, "ip and tcp port 80", 1, PCAP_NETMASK_UNKNOWN) < 0)
		return 1;
	make_packets();
	for (unsigned i = 0; i < RUNS; i++) {
		ours[i] = run_vm(vm, n, &matched[0]);
		theirs[i] = run_pcap(&program, n, &matched[1]);
	}
	qsort(ours, RUNS, sizeof(*ours), compare);
	qsort(theirs, RUNS, sizeof(*theirs), compare);
	printf("'tcp port 80', %d instructions of eBPF, %u of classic BPF; medians of %d runs\n", length,
	       program.bf_len, RUNS);
	printf("%-24s %8s %8s %10s\n", "interpreter", "ns", "ratio", "matched");
	printf("%-24s %8.1f %8.2f %10u\n", "libpcap", theirs[RUNS / 2], 1.0, matched[1]);
	printf("%-24s %8.1f %8.2f %10u\n", "ffpf", ours[RUNS / 2], ours[RUNS / 2] / theirs[RUNS / 2], matched[0]);
	printf("one plain instruction: %.2f ns\n", plain_instruction(n * 10));
	pcap_freecode(&program);
	pcap_close(pcap);
	ffpf_vm_free(vm);
	return matched[0] != matched[1];
}
