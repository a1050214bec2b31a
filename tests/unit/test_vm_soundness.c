/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random programs from fixed seeds: what the verifier says of them is true (vm_soundness.h). Arguments: the first seed
 * and how many, for longer runs than the suite's.
 */
#include "vm_generate.h"
#include "vm_soundness.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint64_t first_seed = 1, n_seeds = 6000;

static uint64_t next_random(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static void test_random_programs(void **state)
{
	uint64_t accepted_ones = 0, wrong = 0;

	for (uint64_t seed = first_seed; seed < first_seed + n_seeds && wrong < 5; seed++) {
		struct bpf_insn insns[GENERATE_MOST + 1];
		struct ffpf_vm_program program;
		uint8_t bytes[512], packets[3][64];
		uint64_t random = seed;
		bool accepted;

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)next_random(&random);
		for (size_t i = 0; i < sizeof(packets); i++)
			packets[i / 64][i % 64] = (uint8_t)(next_random(&random) >> (i / 64 == 2 ? 6 : 0) % 61);
		generate_program(bytes, 40 + seed % (sizeof(bytes) - 40), insns, &program);
		if (!is_sound(&program, (const uint8_t *const[]){packets[0], packets[1], packets[2]},
			      (size_t[]){64, 33, 64}, 3, &accepted)) {
			fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
			wrong++;
		}
		accepted_ones += accepted;
	}
	printf("%llu of %llu programs accepted\n", (unsigned long long)accepted_ones, (unsigned long long)n_seeds);
	assert_int_equal(wrong, 0);
	assert_true(accepted_ones > n_seeds / 10);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_programs),
	};

	first_seed = argc > 1 ? strtoull(argv[1], NULL, 0) : first_seed;
	n_seeds = argc > 2 ? strtoull(argv[2], NULL, 0) : n_seeds;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
