/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random programs (vm_generate.h) before both verifiers, where the kernel's may be asked. What the kernel takes, ours
 * takes, but for the reasons listed here; what ours takes and the kernel does not is counted by the kernel's reason.
 * "--list" prints the programs that are judged differently. Arguments after it: the first seed, and how many.
 */
#include "vm_generate.h"
#include "vm_soundness.h"

#include <bpf/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static uint64_t first_seed = 1, n_seeds = 1200;
static bool list;

/*
 * Where we say no and the kernel, asked by root, says yes. The kernel lets root learn addresses (pointers in maps, in
 * numbers, compared with anything), which no program may here.
 */
static const char *const stricter[] = {
	"which points to",
	"would leak an address",
	"is a pointer",
	"points to",
	"a pointer is stored",
	"a part of a pointer",
	"the bytes of a pointer",
	"can't be compared so",
	"is compared with a number",
	"the difference of pointers",
	"the sum of two pointers",
	"is taken from a number",
	"must be a number",
	/* a pointer that was partly overwritten is nothing here, and unknown bytes there */
	"not all of them were written before",
	/* the kernel does not look at the offset of an exit */
	"a field that must be zero is not",
};

static bool is_explained(const char *message)
{
	size_t length = strcspn(message, "\n");

	for (size_t i = 0; i < sizeof(stricter) / sizeof(*stricter); i++) {
		const char *at = strstr(message, stricter[i]);

		if (at && at < message + length)
			return true;
	}
	return false;
}

static int make_map(const struct ffpf_map_spec *spec)
{
	bool reads = spec->flags & FFPF_MAP_PROGRAM_READS;
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = reads ? BPF_F_RDONLY_PROG : 0);
	enum bpf_map_type type = spec->kind == FFPF_MAP_HASH ? BPF_MAP_TYPE_HASH : BPF_MAP_TYPE_ARRAY;
	int fd = bpf_map_create(type, spec->name, spec->key_size, spec->value_size, spec->max_entries, &options);

	if (fd >= 0 && reads)
		bpf_map_freeze(fd);
	return fd;
}

/* 0 or -errno; the log's last line of reason in `why`. */
static int ask_kernel(const struct ffpf_vm_program *program, const int *maps, char *why, size_t size)
{
	static char log[1 << 20];
	struct bpf_insn *insns = malloc(program->n * sizeof(*insns));
	LIBBPF_OPTS(bpf_prog_load_opts, options, .log_buf = log, .log_size = sizeof(log), .log_level = 1);
	int fd;

	memcpy(insns, program->insns, program->n * sizeof(*insns));
	for (size_t i = 0; i + 1 < program->n; i++)
		if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW)) {
			bool there = insns[i].src_reg && (uint32_t)insns[i].imm < 3;

			insns[i].src_reg = !insns[i].src_reg				  ? 0
					   : insns[i].src_reg == BPF_PSEUDO_MAP_IDX_VALUE ? BPF_PSEUDO_MAP_VALUE
											  : BPF_PSEUDO_MAP_FD;
			insns[i].imm = there ? maps[insns[i].imm] : -1;
			i++;
		}
	*log = 0;
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "compared", "BSD", insns, program->n, NULL);
	int error = fd < 0 ? -errno : 0;
	if (fd < 0 && bpf_prog_load(BPF_PROG_TYPE_XDP, "compared", "BSD", insns, program->n, &options) < 0) {
		char *end = strstr(log, "\nprocessed "), *begin = end;

		if (end)
			*end = 0;
		while (begin && begin > log && begin[-1] != '\n')
			begin--;
		snprintf(why, size, "%s", begin ? begin : log);
	}
	if (fd >= 0)
		close(fd);
	free(insns);
	return error;
}

static uint64_t next_random(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static unsigned counts[2][2], unexplained;

static void compare(uint64_t seed, const int *maps)
{
	struct bpf_insn insns[GENERATE_MOST + 1], out[GENERATE_MOST + 1];
	struct ffpf_vm_program program;
	char *message = NULL, why[256] = "";
	uint64_t random = seed;
	uint8_t bytes[512];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)next_random(&random);
	generate_program(bytes, 40 + seed % (sizeof(bytes) - 40), insns, &program);
	if (program.context != &ffpf_vm_xdp_md)
		return;
	program.writes_packet = true; /* the kernel asks nobody */
	bool ours = !ffpf_vm_verify(&program, out, 0, &message);
	bool kernels = !ask_kernel(&program, maps, why, sizeof(why));
	counts[ours][kernels]++;
	if (!ours && kernels && !is_explained(message)) {
		unexplained++;
		fprintf(stderr, "seed %llu: the kernel takes it; here: %.*s\n", (unsigned long long)seed,
			(int)strcspn(message, "\n"), message);
		if (list)
			print_program(&program);
	}
	if (ours && !kernels && list)
		printf("seed %llu, only here: %s\n", (unsigned long long)seed, why);
	free(message);
}

static void test_both(void **state)
{
	int maps[3];

	for (unsigned i = 0; i < 3; i++)
		maps[i] = make_map(&generate_specs[i]);
	for (uint64_t seed = first_seed; seed < first_seed + n_seeds; seed++)
		compare(seed, maps);
	for (unsigned i = 0; i < 3; i++)
		close(maps[i]);
	printf("taken by both %u, by neither %u, only here %u, only by the kernel %u\n", counts[1][1], counts[0][0],
	       counts[1][0], counts[0][1]);
	assert_int_equal(unexplained, 0);
	assert_true(counts[1][1] > n_seeds / 40);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both),
	};
	struct bpf_insn trivial[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "probe", "BSD", trivial, 2, NULL);

	if (fd < 0) {
		printf("skipped: the kernel does not verify programs for us: %s\n", strerror(errno));
		return 77;
	}
	close(fd);
	list = argc > 1 && !strcmp(argv[1], "--list");
	first_seed = argc > 2 ? strtoull(argv[2], NULL, 0) : first_seed;
	n_seeds = argc > 3 ? strtoull(argv[3], NULL, 0) : n_seeds;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
