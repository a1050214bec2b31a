/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random flowgraphs (random_graph.h): no program made of one is refused by the kernel's verifier, and every way to run
 * it counts what the graph means (graph_oracle.h).
 *
 * FFPF_ALL=N runs N graphs instead of the usual ones, FFPF_SEED=S begins at another seed. A failure names the seed;
 * build/tests/randgraph prints its graph.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random_graph.h"
#include "map_classes.h"
#include "graph_run.h"

/* As many as take half a minute. */
#ifdef __SANITIZE_ADDRESS__
#define GRAPHS 80
#else
#define GRAPHS 250
#endif

static unsigned long from_env(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

/* Seeds [*first, *end) of this run. */
static void seeds(uint64_t *first, uint64_t *end)
{
	*first = from_env("FFPF_SEED", 1);
	*end = *first + from_env("FFPF_ALL", GRAPHS);
}

static void make_input(uint64_t seed, const struct random_graph *graph, struct run_input *input)
{
	*input = (struct run_input){.n = graph->n_sources};
	for (unsigned i = 0; i < graph->n_sources; i++) {
		random_capture(seed + i, graph->linktypes[i], RANDOM_PACKETS, &input->captures[i]);
		capture_save(&input->captures[i], input->names[i]);
	}
}

static void free_input(struct run_input *input)
{
	for (unsigned i = 0; i < input->n; i++) {
		unlink(input->names[i]);
		capture_free(&input->captures[i]);
	}
}

static unsigned run_seed(uint64_t seed, bool kernel)
{
	struct random_graph graph;
	struct run_input input;
	char title[64];

	random_graph_make(seed, false, &graph);
	make_input(seed, &graph, &input);
	snprintf(title, sizeof(title), "seed %" PRIu64, seed);
	struct run_case c = {.title = title, .text = graph.text, .input = &input, .chance = graph.chance};

	if (kernel) {
		run_library(&c, "replay", true, 0, false);
		c.level = "tc";
		c.slow = seed % 2;
		run_library(&c, c.slow ? "replay at tc, slow" : "replay at tc", true, 0, false);
		c.level = seed % 4 < 2 ? "tc" : NULL;
		if (seed % 3 == 0)
			run_library(&c, "replay in pieces", true, (unsigned)(1 + strlen(graph.text) / 1000 + seed % 4),
				    false);
	} else {
		run_library(&c, "user", false, seed % 4 ? 0 : 3, false);
		run_library(&c, "user, interpreted", false, seed % 3 ? 0 : 3, true);
		run_programs(&c, false);
		run_programs(&c, true);
		run_carried(&c, seed);
	}
	free(c.expected);
	free(c.maps);
	free_input(&input);
	free(graph.text);
	return c.failures;
}

static void over_seeds(bool kernel)
{
	uint64_t seed, end;
	unsigned failed = 0;

	seeds(&seed, &end);
	for (; seed < end; seed++) {
		random_graph_maps = seed % 2;
		failed += run_seed(seed, kernel) != 0;
	}
	random_graph_maps = false;
	assert_int_equal(failed, 0);
}

/* ---- functions that change packets ----------------------------------------------------------- */

/* What is behind them is built by itself, wherever C code runs; here they leave the packets as they are. */
static void stages_count_what_the_graph_means(void **state)
{
	static const char *const graphs[] = {
		"[pcap $F0]>(defrag)>(BPF,\"udp\")>[(pktcount)|(write,/dev/null)]",
		"[pcap $F0]>(defrag)>(anon,key=\"neither good nor secret\")>(BPF,\"tcp\")>(pktcount)",
		"s=[pcap $F0];d=s>(defrag);a=s>(BPF,\"udp\",class=3)>(anon,key=\"neither good nor secret\");"
		"[d>(BPF,\"tcp\")>(zip)|d>(BPF,\"ip\",class=2)]>(pktcount);a>[3:(defrag)>(pktcount)|else:(pktcount)];"
		"s>(write,/dev/null);d>(defrag)>[(write,/dev/null)|(BPF,\"udp\")>(zip)>(pktcount)]",
		"[[pcap $F0]|[pcap $F1]]>(defrag)>[(BPF,\"tcp\")|(BPF,\"udp\",class=9)]>[1: (pktcount)|9: (zip)]",
	};
	struct random_graph sources = {.n_sources = 2, .linktypes = {1, 1}};
	struct run_input input;
	unsigned failed = 0;

	make_input(7, &sources, &input);
	for (size_t i = 0; i < sizeof(graphs) / sizeof(graphs[0]); i++) {
		struct run_case c = {.title = graphs[i], .text = graphs[i], .input = &input};

		run_programs(&c, false);
		run_carried(&c, i);
		free(c.expected);
		free(c.maps);
		failed += c.failures != 0;
	}
	free_input(&input);
	assert_int_equal(failed, 0);
}

static void programs_and_the_user_level_count_what_the_graph_means(void **state)
{
	over_seeds(false);
}

static void need_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("skipped: loading XDP programs needs root\n");
	skip();
}

static void the_kernel_counts_what_the_graph_means(void **state)
{
	need_root();
	over_seeds(true);
}

/* Seeds that once showed a mistake which few others show. */
static void seeds_that_failed(void **state)
{
	static const uint64_t failed[] = {63, 148, 501, 2385};
	unsigned failures = 0;

	for (size_t i = 0; i < sizeof(failed) / sizeof(failed[0]); i++) {
		failures += run_seed(failed[i], false);
		if (geteuid() == 0)
			failures += run_seed(failed[i], true);
	}
	assert_int_equal(failures, 0);
}

/* What is generated for a device differs from what is generated for a replay: metadata, time, fragments. */
static void the_kernel_takes_every_program_for_a_device(void **state)
{
	uint64_t seed, end;
	unsigned failed = 0;

	need_root();
	seeds(&seed, &end);
	for (; seed < end; seed += 2) {
		struct random_graph graph;
		char title[64];

		random_graph_maps = seed & 4;
		random_graph_make(seed, true, &graph);
		random_graph_maps = false;
		snprintf(title, sizeof(title), "seed %" PRIu64 " with devices", seed);
		struct run_case c = {.title = title, .text = graph.text};
		struct ffpf *h = run_populate(&c, "populate", false);

		if (h) {
			ffpf_handle_run(h)->bells_in_map = seed & 2;
			run_instantiate(&c, "device", h);
			ffpf_close(h);
		}
		failed += c.failures != 0;
		free(graph.text);
	}
	assert_int_equal(failed, 0);
}

int main(void)
{
	map_classes_register();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stages_count_what_the_graph_means),
		cmocka_unit_test(programs_and_the_user_level_count_what_the_graph_means),
		cmocka_unit_test(the_kernel_counts_what_the_graph_means),
		cmocka_unit_test(seeds_that_failed),
		cmocka_unit_test(the_kernel_takes_every_program_for_a_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
