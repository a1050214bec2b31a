/* SPDX-License-Identifier: BSD-2-Clause */
/* Following packets through the library: life cycle, hostile numbers, what a way holds while the graph still runs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "capture.h"
#include <ffpf/ffpf.h>

enum { PACKETS = 20 };

/* Packets of 20, 27, 34 … bytes of zeros: the last whole word of each is what is kept. */
static void make_savefile(char name[64])
{
	struct capture capture = {0};
	const uint8_t bytes[512] = {0};

	capture_pcap(&capture, 0xa1b2c3d4, 4, 65535, 1);
	for (unsigned i = 0; i < PACKETS; i++) {
		uint32_t size = 20 + 7 * i;

		capture_u32(&capture, 1700000000 + i);
		capture_u32(&capture, 0);
		capture_u32(&capture, size);
		capture_u32(&capture, size);
		capture_bytes(&capture, bytes, size);
	}
	capture_save(&capture, name);
	capture_free(&capture);
}

static struct ffpf *populate(const char *file, unsigned packets, const char *match, int expected)
{
	const struct ffpf_define define = {"F", file};
	const struct ffpf_options options = {
		.trace_packets = packets, .trace_match = match, .defines = &define, .n_defines = 1};
	struct ffpf *h = ffpf_create(&options);

	assert_int_equal(ffpf_populate(h, "graph", "[pcap $F]>(BPF,\"greater 40\")>(pktcount)", 0), expected);
	return h;
}

static void run(struct ffpf *h)
{
	assert_int_equal(ffpf_instantiate(h), 0);
	assert_int_equal(ffpf_trace_count(h), 0);
	assert_int_equal(ffpf_activate(h), 0);
	while (ffpf_wait(&h, 1, 0, 100000) > 0)
		;
	assert_int_equal(ffpf_deactivate(h), 0);
}

static void ways_of_the_first_packets(void **state)
{
	struct ffpf_trace_list *list;
	struct ffpf *h;
	char name[64];

	make_savefile(name);
	h = populate(name, 5, NULL, 0);
	assert_int_equal(ffpf_trace_get(h, &list), -EINVAL);
	run(h);
	assert_int_equal(ffpf_trace_count(h), 5);
	assert_int_equal(ffpf_trace_get(h, &list), 0);
	assert_int_equal(list->n, 5);
	for (size_t i = 0; i < list->n; i++) {
		const struct ffpf_traced_packet *p = &list->packets[i];
		bool long_enough = p->len >= 40;

		assert_int_equal(p->number, i + 1);
		assert_int_equal(p->len, 20 + 7 * i);
		assert_int_equal(p->time_ns, (1700000000 + i) * 1000000000ull);
		assert_string_equal(p->source, "pcap0");
		assert_int_equal(p->n_steps, long_enough ? 3 : 2);
		assert_string_equal(p->steps[1].function, "BPF0");
		assert_int_equal(p->steps[1].result, long_enough);
		assert_int_equal(p->steps[1].ends, !long_enough);
		assert_false(p->dropped);
		if (long_enough)
			assert_null(p->let_go_by);
		else
			assert_string_equal(p->let_go_by, "BPF0");
	}
	ffpf_trace_free(list);
	ffpf_trace_free(NULL);
	ffpf_close(h);
	unlink(name);
}

static void only_what_matches(void **state)
{
	struct ffpf_trace_list *list;
	struct ffpf *h;
	char name[64];

	make_savefile(name);
	h = populate(name, 100, "greater 100", 0);
	run(h);
	assert_int_equal(ffpf_trace_get(h, &list), 0);
	assert_int_equal(list->n, 8);
	assert_int_equal(list->packets[0].len, 104);
	ffpf_trace_free(list);
	ffpf_close(h);
	ffpf_close(populate(name, 100, "greater", -EINVAL));
	h = populate(name, UINT32_MAX, NULL, -EINVAL);
	assert_non_null(strstr(ffpf_error(h), "follow fewer"));
	ffpf_close(h);
	unlink(name);
}

static void nothing_is_followed_unasked(void **state)
{
	struct ffpf_trace_list *list;
	struct ffpf *h;
	char name[64];

	make_savefile(name);
	h = populate(name, 0, NULL, 0);
	run(h);
	assert_int_equal(ffpf_trace_count(h), 0);
	assert_int_equal(ffpf_trace_get(h, &list), -EINVAL);
	assert_null(list);
	ffpf_close(h);
	unlink(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_of_the_first_packets),
		cmocka_unit_test(only_what_matches),
		cmocka_unit_test(nothing_is_followed_unasked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
