/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random FPL programs (random_fpl.h) do the same with random packets in every way of fpl_run.h: classes, cells, tables.
 * None is refused by the compiler, and none by the kernel's verifier, but for its size.
 *
 * FFPF_ALL=N runs N programs instead of the usual ones, FFPF_SEED=S begins at another seed. A failure names the seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fpl_packets.h"
#include "fpl_run.h"
#include "random_fpl.h"

/* As many as take half a minute. */
#ifdef __SANITIZE_ADDRESS__
#define PROGRAMS 15
#else
#define PROGRAMS 40
#endif
#define PACKETS 50

static bool can_replay;

static unsigned long from_env(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

static unsigned run_seed(uint64_t seed, unsigned *refused)
{
	char *program = fpl_random_program(seed), *text, title[64];
	struct run_input input = {.n = 1};
	struct rng r = {seed};
	struct fpl_case c = {.run = {.title = title, .input = &input}, .kernel = can_replay, .refusals_ok = true};

	snprintf(title, sizeof(title), "seed %" PRIu64, seed);
	capture_pcap(&input.captures[0], 0xa1b23c4d, 4, 65535, 1);
	for (uint32_t k = 0; k < PACKETS; k++) {
		struct test_packet p;

		packet_make(&r, DLT_EN10MB, &p);
		fpl_packet_put(&input.captures[0], p.bytes, p.caplen, p.len, k);
	}
	capture_save(&input.captures[0], input.names[0]);
	if (asprintf(&text,
		     "[pcap $F0]>(FPL,{%s},name=f)>"
		     "(FPL,{array classes[64]: u32; classes[now / 1s] = class},name=c)",
		     program) < 0)
		abort();
	c.run.text = text;
	fpl_run_all(&c, 0);
	if (c.run.failures)
		fprintf(stderr, "%s\n%s\n", title, program);
	*refused += c.refused;
	fpl_case_free(&c);
	unlink(input.names[0]);
	capture_free(&input.captures[0]);
	free(program);
	free(text);
	return c.run.failures;
}

static void every_way_does_the_same(void **state)
{
	uint64_t first = from_env("FFPF_SEED", 1), n = from_env("FFPF_ALL", PROGRAMS);
	unsigned failed = 0, refused = 0;

	for (uint64_t seed = first; seed < first + n; seed++)
		failed += run_seed(seed, &refused) != 0;
	print_message("%u of %" PRIu64 " programs were too large for the kernel\n", refused, n);
	assert_int_equal(failed, 0);
	assert_true(n < 20 || refused < n / 4);
}

static int probe(void **state)
{
	struct run_input input = {.n = 1};

	fpl_packets_named("syn", &input.captures[0]);
	capture_save(&input.captures[0], input.names[0]);
	const struct ffpf_define define = {"F0", input.names[0]};
	struct ffpf *h = ffpf_create(&(struct ffpf_options){.defines = &define, .n_defines = 1, .replay = true});

	can_replay = !ffpf_populate(h, "test", "[pcap $F0]>(pktcount)", 0) && !ffpf_instantiate(h);
	if (!can_replay)
		printf("skipped: programs at xdp: %s\n", ffpf_error(h));
	ffpf_close(h);
	unlink(input.names[0]);
	capture_free(&input.captures[0]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_does_the_same),
	};

	return cmocka_run_group_tests(tests, probe, NULL);
}
