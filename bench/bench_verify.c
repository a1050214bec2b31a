/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time to verify and to compile a program of about a thousand instructions, such as packet programs are: checks against
 * the packet's end, header lengths, comparisons, lookups with counters; and one of a loop over a packet.
 */
#include <flowspaces/user/vm/vm.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 2000, RUNS = 31 };

static struct bpf_insn insns[MOST], verified[MOST];
static size_t n;

static void emit(uint8_t code, unsigned dst, unsigned src, int off, int32_t imm)
{
	insns[n++] = (struct bpf_insn){
		.code = code, .dst_reg = dst & 15, .src_reg = src & 15, .off = (int16_t)off, .imm = imm};
}

static void begin(void)
{
	n = 0;
	emit(BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0);
	emit(BPF_LDX | BPF_MEM | BPF_W, 7, 1, 0, 0);
	emit(BPF_LDX | BPF_MEM | BPF_W, 8, 1, 4, 0);
	emit(BPF_ALU64 | BPF_MOV | BPF_K, 9, 0, 0, 0);
}

static void end(void)
{
	emit(BPF_ALU64 | BPF_MOV | BPF_X, 0, 9, 0, 0);
	emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* An IPv4 filter with a port behind a header of variable length, and a counter if it matches: 34 instructions. */
static void filter(int32_t port)
{
	emit(BPF_ALU64 | BPF_MOV | BPF_X, 2, 7, 0, 0);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, 34);
	emit(BPF_JMP | BPF_JGT | BPF_X, 2, 8, 31, 0);
	emit(BPF_LDX | BPF_MEM | BPF_H, 3, 7, 12, 0);
	emit(BPF_JMP | BPF_JNE | BPF_K, 3, 0, 29, 8);
	emit(BPF_LDX | BPF_MEM | BPF_B, 3, 7, 23, 0);
	emit(BPF_JMP | BPF_JEQ | BPF_K, 3, 0, 1, 6);
	emit(BPF_JMP | BPF_JNE | BPF_K, 3, 0, 26, 17);
	emit(BPF_LDX | BPF_MEM | BPF_B, 4, 7, 14, 0);
	emit(BPF_ALU64 | BPF_AND | BPF_K, 4, 0, 0, 15);
	emit(BPF_ALU64 | BPF_LSH | BPF_K, 4, 0, 0, 2);
	emit(BPF_ALU64 | BPF_ADD | BPF_X, 4, 7, 0, 0);
	emit(BPF_ALU64 | BPF_MOV | BPF_X, 2, 4, 0, 0);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, 18);
	emit(BPF_JMP | BPF_JGT | BPF_X, 2, 8, 19, 0);
	emit(BPF_LDX | BPF_MEM | BPF_H, 3, 4, 14, 0);
	emit(BPF_ALU | BPF_END | BPF_TO_BE, 3, 0, 0, 16);
	emit(BPF_JMP | BPF_JEQ | BPF_K, 3, 0, 3, port);
	emit(BPF_LDX | BPF_MEM | BPF_H, 3, 4, 16, 0);
	emit(BPF_ALU | BPF_END | BPF_TO_BE, 3, 0, 0, 16);
	emit(BPF_JMP | BPF_JNE | BPF_K, 3, 0, 13, port);
	emit(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, port % 16);
	emit(BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_IDX, 0, 0);
	emit(0, 0, 0, 0, 0);
	emit(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4);
	emit(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 6, 0);
	emit(BPF_LDX | BPF_MEM | BPF_DW, 3, 0, 0, 0);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, 3, 0, 0, 1);
	emit(BPF_STX | BPF_MEM | BPF_DW, 0, 3, 0, 0);
	emit(BPF_ALU64 | BPF_MOV | BPF_X, 3, 9, 0, 0);
	emit(BPF_ALU64 | BPF_OR | BPF_K, 3, 0, 0, 1 << port % 30);
	emit(BPF_ALU64 | BPF_MOV | BPF_X, 9, 3, 0, 0);
}

/* 64 bytes added up, each behind its own check. */
static void loop(void)
{
	emit(BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 0);
	emit(BPF_ALU64 | BPF_MOV | BPF_X, 2, 7, 0, 0);
	emit(BPF_ALU64 | BPF_ADD | BPF_X, 2, 4, 0, 0);
	emit(BPF_ALU64 | BPF_MOV | BPF_X, 3, 2, 0, 0);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, 3, 0, 0, 1);
	emit(BPF_JMP | BPF_JGT | BPF_X, 3, 8, 4, 0);
	emit(BPF_LDX | BPF_MEM | BPF_B, 3, 2, 0, 0);
	emit(BPF_ALU64 | BPF_ADD | BPF_X, 9, 3, 0, 0);
	emit(BPF_ALU64 | BPF_ADD | BPF_K, 4, 0, 0, 1);
	emit(BPF_JMP | BPF_JLT | BPF_K, 4, 0, -9, 64);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *times)
{
	qsort(times, RUNS, sizeof(*times), ascending);
	return times[RUNS / 2];
}

/* Loading and compiling what was verified; the time, or -1. */
static double compile(struct ffpf_vm_program program)
{
	struct ffpf_vm *vm;
	const char *why = "not compiled on this processor";
	double before = now(), after = -1;

	program.insns = verified;
	if (ffpf_vm_new(&program, &vm, &why) == 0) {
		if (ffpf_vm_compile(vm) == 0)
			after = now();
		ffpf_vm_free(vm);
	}
	if (after < 0)
		fprintf(stderr, "bench_verify: %s\n", why);
	return after < 0 ? -1 : after - before;
}

static int measure(const char *what)
{
	static const struct ffpf_map_spec spec = {
		.name = "counts", .kind = FFPF_MAP_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 16};
	struct ffpf_vm_map map = {.spec = &spec};
	struct ffpf_vm_program program = {.insns = insns,
					  .n = n,
					  .helpers = &ffpf_vm_user_helpers,
					  .maps = &map,
					  .n_maps = 1,
					  .context = &ffpf_vm_xdp_md};
	double verifying[RUNS], compiling[RUNS];
	char *message;
	const char *why;

	if (ffpf_map_new(&spec, 1, &map.map, &why) < 0)
		return 1;
	for (int i = 0; i < RUNS; i++) {
		double before = now();

		if (ffpf_vm_verify(&program, verified, 0, &message)) {
			fprintf(stderr, "%s: %s\n", what, message);
			free(message);
			return 1;
		}
		verifying[i] = now() - before;
		compiling[i] = compile(program);
		if (compiling[i] < 0)
			return 1;
	}
	ffpf_map_free(map.map);
	printf("%-28s %5zu instructions  verified in %.3f ms, compiled in %.3f ms (medians of %d)\n", what, n,
	       median(verifying), median(compiling), RUNS);
	return 0;
}

int main(void)
{
	int failed = 0;

	begin();
	for (int i = 0; i < 29; i++)
		filter(80 + i);
	end();
	failed |= measure("filters with counters");
	begin();
	loop();
	end();
	failed |= measure("a loop of 64 rounds");
	return failed;
}
