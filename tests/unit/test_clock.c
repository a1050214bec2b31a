/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the kernel's clock to the time of day, on clocks that this test makes: small errors change nothing, a step is
 * followed, and what a lane holds while the clock is stepped keeps its order.
 */
#include "buf_fixture.h"

#include <lib/run/lane.h>

#include <time.h>

#define SECOND 1000000000ull

/* What clock_gettime says from here on; each call takes `cost` ns. */
static uint64_t monotonic, cost;
static int64_t offset;

int clock_gettime(clockid_t id, struct timespec *out)
{
	uint64_t now = monotonic + (id == CLOCK_REALTIME ? (uint64_t)offset : 0);

	monotonic += cost;
	*out = (struct timespec){(time_t)(now / SECOND), (long)(now % SECOND)};
	return 0;
}

static void set_clocks(uint64_t mono, int64_t between, uint64_t call)
{
	monotonic = mono;
	offset = between;
	cost = call;
}

static void test_first_look(void **state)
{
	struct ffpf_clock c = {0};

	set_clocks(5 * SECOND, 1700000000 * (int64_t)SECOND, 40);
	ffpf_clock_look(&c);
	assert_in_range(c.offset - offset + 1000, 1000 - 40, 1000 + 40);
}

static void test_errors_are_no_steps(void **state)
{
	struct ffpf_clock c = {0};
	int64_t first;

	set_clocks(5 * SECOND, 1700000000 * (int64_t)SECOND, 40);
	ffpf_clock_look(&c);
	first = c.offset;
	for (unsigned i = 0; i < 1000; i++) {
		cost = 1 + i * 7919 % 5000000; /* up to 5 ms between two calls: somebody else had the processor */
		ffpf_clock_look(&c);
		assert_int_equal(c.offset, first);
	}
}

static void test_steps_are_followed(void **state)
{
	static const int64_t steps[] = {3600 * (int64_t)SECOND, -7200 * (int64_t)SECOND, 50000, -1000000};
	struct ffpf_clock c = {0};

	set_clocks(5 * SECOND, 1700000000 * (int64_t)SECOND, 40);
	ffpf_clock_look(&c);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		offset += steps[i];
		monotonic += SECOND / 10;
		ffpf_clock_look(&c);
		assert_in_range(c.offset - offset + 1000, 1000 - 40, 1000 + 40);
	}
}

/* ---- a lane ---------------------------------------------------------------------------------- */

static uint64_t times[BATCH];
static unsigned n_times;

static void consume(void *state, unsigned thread, const struct ffpf_packet *packets, const uint32_t *classes,
		    unsigned n_inflows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		times[n_times++] = packets[i].time_ns;
}

static const struct ffpf_flowspace level = {.name = "user", .consume = consume};
static const struct ffpf_flowspace below = {.name = "below", .parent = "user"};

static void put_at(struct fixture *f, uint64_t time)
{
	const uint8_t bytes[64] = {0};
	const struct ffpf_packet packet = {.data = bytes, .caplen = 64, .len = 64, .time_ns = time};
	const uint32_t class = 1;

	assert_int_equal(ffpf_writer_put(&f->writer, &packet, &class), 1);
}

static void test_lane_follows(void **state)
{
	struct fixture *f = set_up(1 << 14, 256, 1);
	struct ffpf_reader_ring ring = {.pbuf = f->pbuf,
					.pbuf_bytes = f->pbuf_bytes,
					.ibufs = (const void *const *)f->ibufs,
					.ibuf_bytes = f->ibuf_bytes,
					.n_inflows = 1,
					.page = &f->pages[1]};
	struct ffpf_ring_set set = {.from = &below, .rings = &ring, .n_rings = 1, .n_inflows = 1, .monotonic = true};
	struct ffpf_options options = {0};
	struct ffpf_source_info info = {.linktype = 1};
	struct ffpf_graph graph = {.n_sources = 1, .source_info = &info, .root = &level};
	struct ffpf_run *run = calloc(1, sizeof(*run));
	struct ffpf_lane *lane = calloc(1, sizeof(*lane));
	struct ffpf_thread thread = {.run = run};

	run->options = &options;
	run->graph = &graph;
	run->levels[0].flowspace = &level;
	run->n_levels = 1;
	set_clocks(5 * SECOND, 1700000000 * (int64_t)SECOND, 0);
	ffpf_clock_look(&thread.clock);
	assert_int_equal(ffpf_lane_ring(run, lane, &set, 0), 0);
	for (uint64_t i = 0; i < 4; i++)
		put_at(f, 6 * SECOND + i);
	put_at(f, 0); /* nobody asked for its time */
	assert_true(ffpf_lane_fill(&thread, lane));
	assert_int_equal(lane->n, 5);
	ffpf_lane_deliver(&thread, lane, 2);
	lane->at += 2;
	/* Set back by an hour while the lane holds packets: these are still merged by when they came. */
	offset -= 3600 * (int64_t)SECOND;
	ffpf_clock_look(&thread.clock);
	assert_true(lane->packets[2].time_ns < lane->packets[3].time_ns);
	ffpf_lane_deliver(&thread, lane, 3);
	lane->at += 3;
	put_at(f, 7 * SECOND);
	assert_true(ffpf_lane_fill(&thread, lane));
	assert_true(lane->packets[0].time_ns > 6 * SECOND + 3 && lane->packets[0].time_ns < 8 * SECOND);
	ffpf_lane_deliver(&thread, lane, 1);
	assert_int_equal(n_times, 6);
	assert_int_equal(times[0], 1700000006 * SECOND);
	assert_int_equal(times[1], 1700000006 * SECOND + 1);
	assert_int_equal(times[2], 1699996406 * SECOND + 2);
	assert_int_equal(times[3], 1699996406 * SECOND + 3);
	assert_int_equal(times[4], 0);
	assert_int_equal(times[5], 1699996407 * SECOND);
	ffpf_lane_close(lane);
	free(lane);
	free(run);
	tear_down(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_look),
		cmocka_unit_test(test_errors_are_no_steps),
		cmocka_unit_test(test_steps_are_followed),
		cmocka_unit_test(test_lane_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
