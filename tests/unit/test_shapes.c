/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flowgraphs of extreme shapes: wide, deep, many joins, many crossings, far offsets. Every one is counted at user and
 * by the kernel as its meaning is (graph_oracle.h), none is refused; all of it on a stack of one megabyte.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random_graph.h"
#include "graph_run.h"

#ifdef __SANITIZE_ADDRESS__
/* Frames are several times as large, everything is several times as slow: the shapes stay, the largest is left to the
 * other build. */
#define STACK_BYTES (4u << 20)
#define LARGEST 3000
#else
#define STACK_BYTES (1u << 20)
#define LARGEST 10000
#endif

struct text {
	char *bytes;
	size_t size;
	FILE *out;
};

static struct run_input input;

static FILE *begin(struct text *t)
{
	*t = (struct text){0};
	t->out = open_memstream(&t->bytes, &t->size);
	fputs("s = (pcap,\"$F0\")\n", t->out);
	return t->out;
}

struct job {
	struct run_case c;
	unsigned pieces; /* run once more in pieces of so many functions; 0: no */
};

static void *run_job(void *arg)
{
	struct job *job = arg;

	run_library(&job->c, "user", false, 0, false);
	run_library(&job->c, "user, interpreted", false, 0, true);
	if (geteuid() == 0) {
		run_library(&job->c, "replay", true, 0, false);
		if (job->pieces)
			run_library(&job->c, "replay in pieces", true, job->pieces, false);
		job->c.level = "tc";
		job->c.slow = !job->pieces;
		run_library(&job->c, "replay at tc", true, job->pieces, false);
	}
	return NULL;
}

/* Runs the graph, in a thread with a small stack, and frees it. */
static void check(struct text *t, const char *title, unsigned pieces)
{
	struct job job = {.c = {.title = title, .input = &input}, .pieces = pieces};
	pthread_attr_t attributes;
	pthread_t thread;

	fclose(t->out);
	job.c.text = t->bytes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	assert_int_equal(pthread_create(&thread, &attributes, run_job, &job), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attributes);
	free(job.c.expected);
	free(job.c.maps);
	free(t->bytes);
	assert_int_equal(job.c.failures, 0);
}

/* n independent filters whose packets are all written: the states that the verifier follows must not double with each.
 */
static void filters_that_join_before_a_ring_write(void **state)
{
	static const unsigned counts[] = {50, 200};

	for (unsigned k = 0; k < 2; k++) {
		struct text t;
		FILE *out = begin(&t);

		for (unsigned i = 0; i < counts[k]; i++)
			fprintf(out, "%s (BPF,\"%s %u\",class=%u)", i ? " |" : "s > [",
				i % 3	? "port"
				: i % 2 ? "less"
					: "greater",
				i * 17 + 1, i + 1);
		fputs("] > (write,\"/dev/null\") > [1..20: (pktcount) | 40: (pktcount) | else: (bytecount)]\n", out);
		check(&t, "independent filters", counts[k] / 7);
	}
}

/* Every filter feeds every counter: fifty joins wait at once. */
static void joins_alive_at_once(void **state)
{
	struct text t;
	FILE *out = begin(&t);

	for (unsigned i = 0; i < 50; i++)
		fprintf(out, "f%u = (BPF,\"ether[%u] & %u = 0\",class=%u)\nj%u = (pktcount)\n", i, i % 60, 1u << i % 8,
			i + 1, i);
	for (unsigned i = 0; i < 50; i++)
		fprintf(out, "s > f%u\n", i);
	for (unsigned i = 0; i < 50; i++)
		for (unsigned k = 0; k < 5; k++)
			fprintf(out, "f%u > j%u\n", (i * 7 + k * 11) % 50, i);
	check(&t, "joins alive", 9);
}

static void chains_with_crossings(void **state)
{
	struct text t;
	FILE *out = begin(&t);

	for (unsigned i = 0; i < 200; i++)
		fprintf(out, "s > (BPF,\"port %u or len > %u\") > (pktcount) > (bytecount)@user > (BPF,\"udp\")\n",
			i * 13, i * 7);
	check(&t, "chains with crossings", 0);
}

static void wide(void **state)
{
	static const unsigned counts[] = {1000, LARGEST};

	for (unsigned k = 0; k < 2; k++) {
		struct text t;
		FILE *out = begin(&t);

		for (unsigned i = 0; i < counts[k] / 2; i++)
			fprintf(out, "s > (BPF,\"%s %u\") > (pktcount)\n", i % 2 ? "udp port" : "dst port", i % 1000);
		check(&t, "wide", 0);
	}
}

static void deep(void **state)
{
	static const char *const functions[] = {"(BPF,\"len >= 0\")", "(pktcount)", "(pass)", "(BPF,\"not vlan\")",
						"(hist)"};
	static const unsigned counts[] = {3000, LARGEST};

	for (unsigned k = 0; k < 2; k++) {
		struct text t;
		FILE *out = begin(&t);

		fputc('s', out);
		for (unsigned i = 0; i < counts[k]; i++)
			fprintf(out, " > %s", functions[k ? 1 + i % 2 : i % 5]);
		fputc('\n', out);
		check(&t, "deep", 0);
	}
}

/* A word that is set at the beginning and read at the end of a long chain. */
static void a_join_over_a_long_chain(void **state)
{
	struct text t;
	FILE *out = begin(&t);

	fputs("s > [(BPF,\"tcp\") | (BPF,\"len >= 0\",class=2)", out);
	for (unsigned i = 0; i < 1000; i++)
		fputs(" > (BPF,\"not vlan or ip\")", out);
	fputs("] > (pktcount) > [1: (pktcount) | 2: (pktcount)]\n", out);
	check(&t, "a long way to a join", 0);
}

static void joins_one_behind_the_other(void **state)
{
	struct text t;
	FILE *out = begin(&t);

	fputc('s', out);
	for (unsigned i = 0; i < 500; i++)
		fprintf(out, " > [(BPF,\"ip\",class=%u) | (BPF,\"not ip\")]", i % 7 + 1);
	fputc('\n', out);
	check(&t, "joins one behind the other", 100);
}

static void nested(void **state)
{
	struct text t;
	FILE *out = begin(&t);

	fputs("s > ", out);
	for (unsigned i = 0; i < 900; i++)
		fputs("[(pktcount) > ", out);
	fputs("(pktcount)", out);
	for (unsigned i = 0; i < 900; i++)
		fputs(" | (pass)]", out);
	fputc('\n', out);
	check(&t, "nested", 0);
}

/* Values alive together that are more than there are registers, and blocks whose phis exchange them. */
static void register_pressure(void **state)
{
	struct text t;
	FILE *out = begin(&t);

	for (unsigned i = 0; i < 12; i++) {
		fprintf(out, "s > (BPF,\"");
		for (unsigned k = 0; k < 12; k++)
			fprintf(out, "%s(ether[%u:4] %s ether[%u:2])", k ? " + " : "", (i + k) % 10, k % 3 ? "*" : "^",
				(i * 3 + k) % 12);
		fprintf(out, " > %u or ether[ether[%u] & 15] + ether[ether[%u] & 31] > 200\",class=%u) > (pktcount)\n",
			i * 1000000, i, i + 1, i + 1);
	}
	fputs("s > (BPF,\"ip protochain 6 or ip6 protochain 17\") > (pktcount)\n", out);
	check(&t, "register pressure", 3);
}

static void far_offsets(void **state)
{
	static const char *const offsets[] = {
		"0",
		"4095",
		"4096",
		"4097",
		"16384",
		"32700",
		"32758",
		"32759",
		"32760",
		"32763",
		"32764",
		"32765",
		"32766",
		"32767",
		"32768",
		"32769",
		"40000",
		"65000",
		"65532",
		"65533",
		"65534",
		"65535",
		"65536",
		"262143",
		"2147483647",
		"4294967292",
		"4294967293",
		"4294967294",
		"4294967295",
		"len - 4",
		"len - 3",
		"len",
		"len - 100000",
		"ip[2:2]",
		"ip[0] * 128",
		"ip[0] * 1000",
		"ether[0:4]",
		"ether[12:2] + 40000",
		"65535 - ip[8]",
		"ether[5] << 7",
		"ether[5] << 8",
	};
	struct text t;
	FILE *out = begin(&t);

	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
		fprintf(out,
			"s > [(BPF,\"ether[%s:4] != 7\") | (BPF,\"ether[%s] < 128\",class=2) | (BPF,\"not ip[%s:2] > "
			"9\",class=3)] > (pktcount)\n",
			offsets[i], offsets[i], offsets[i]);
	check(&t, "far offsets", 20);
	/* One alone: a program that reads nothing but what only long packets have. */
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i += 3) {
		out = begin(&t);
		fprintf(out, "s > (BPF,\"ether[%s:2] != 7\") > (pktcount)\n", offsets[i]);
		check(&t, offsets[i], 1);
	}
}

/* What must see the packet first keeps what depends on it above: all the way up. */
static void functions_that_bubble_up(void **state)
{
	struct text t;
	FILE *out = begin(&t);

	fputs("s > (BPF,\"ip\",class=2) > (write,\"/dev/null\") > (BPF,\"tcp\",class=3) > (pktcount)\n", out);
	fputs("a = (BPF,\"udp\",class=4)\nb = (zip,1)\nc = (pktcount)\ns > a > c\ns > b > c\nc > [4: (pktcount) | 1: "
	      "(bytecount)]\n",
	      out);
	/* Which packets are sampled depends on the order in which they come over the barrier, runts that the test
	 * runner refuses included. */
	fputs("s > (pass)@user > (sample,3) > (bytecount)\n", out);
	check(&t, "bubbling", 1);
}

static int make_capture(void **state)
{
	input.n = 1;
	random_capture(99, DLT_EN10MB, 150, &input.captures[0]);
	capture_save(&input.captures[0], input.names[0]);
	if (geteuid() != 0)
		print_message("without root: at user only\n");
	return 0;
}

static int remove_capture(void **state)
{
	unlink(input.names[0]);
	capture_free(&input.captures[0]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_that_join_before_a_ring_write),
		cmocka_unit_test(joins_alive_at_once),
		cmocka_unit_test(chains_with_crossings),
		cmocka_unit_test(wide),
		cmocka_unit_test(deep),
		cmocka_unit_test(a_join_over_a_long_chain),
		cmocka_unit_test(joins_one_behind_the_other),
		cmocka_unit_test(nested),
		cmocka_unit_test(register_pressure),
		cmocka_unit_test(far_offsets),
		cmocka_unit_test(functions_that_bubble_up),
	};

	return cmocka_run_group_tests(tests, make_capture, remove_capture);
}
