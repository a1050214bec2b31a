/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PBuf and IBuf: every record and every index entry is delivered or counted as lost, whatever the writer does. Hostile
 * rings and the other byte order: test_buf_foreign.c.
 */
#include "buf_fixture.h"

static void test_no_loss(void **state)
{
	static const unsigned inflows[] = {1, 2, 5, 16, 17, MOST};

	for (unsigned which = 0; which < 6; which++) {
		struct fixture *f = set_up(1 << 16, 1024, inflows[which]);

		for (unsigned i = 0; i < 5000; i++) {
			put(f);
			if (i % 100 == 7)
				take(f, i % 3 ? BATCH : 9);
			if (i % 300 == 7)
				drain(f);
		}
		drain(f);
		check_totals(f);
		assert_int_equal(ffpf_reader_lost(f->reader), 0);
		tear_down(f);
	}
}

static void test_laps(void **state)
{
	static const unsigned bursts[] = {1, 30, 100, 1000, 3, 5000, 7, 400};

	for (unsigned n = 1; n <= MOST; n += n < 4 ? 1 : 6) {
		for (unsigned entries = 64; entries <= 4096; entries *= 8) {
			struct fixture *f = set_up(1 << 16, entries, n);

			for (unsigned i = 0; i < 64; i++) {
				for (unsigned k = 0; k < bursts[i % 8]; k++)
					put(f);
				if (i % 3)
					take(f, 1 + i * 5);
				if (i % 8 == 5)
					drain(f);
			}
			drain(f);
			check_totals(f);
			assert_true(ffpf_reader_lost_inflow(f->reader, 0) > 0);
			tear_down(f);
		}
	}
}

/* What was not overwritten is delivered: nothing more is given up while the writer rests. */
static void test_lap_is_exact(void **state)
{
	struct fixture *f = set_up(4096, 64, 1);
	uint8_t bytes[64] = {0};
	uint32_t class = 1;
	struct ffpf_packet packet = {.data = bytes, .caplen = 64, .len = 64};

	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(ffpf_writer_put(&f->writer, &packet, &class), 1);
	assert_int_equal(ffpf_reader_read(f->reader, f->packets, f->classes, BATCH), 4096 / 128);
	assert_int_equal(ffpf_reader_lost(f->reader), 100 - 4096 / 128);
	tear_down(f);
}

static void test_late_reader(void **state)
{
	struct fixture *f = set_up(1 << 14, 256, 3);

	for (unsigned i = 0; i < 1000; i++)
		put(f);
	ffpf_reader_free(f->reader);
	f->reader = reader_of(f, &f->pages[0], 1);
	f->written = 0;
	memset(f->wrote, 0, sizeof(f->wrote));
	assert_int_equal(ffpf_reader_pending(f->reader), 0);
	for (unsigned i = 0; i < 20; i++)
		put(f);
	drain(f);
	check_totals(f);
	tear_down(f);
}

static void test_snaplen(void **state)
{
	struct fixture *f = set_up(4096, 64, 1);
	static uint8_t bytes[3000];
	uint32_t class = 1;
	struct ffpf_packet packet = {.data = bytes, .caplen = 3000, .len = 3000};
	uint64_t records, stored;
	uint8_t sum = 0;

	f->writer.snaplen = 60;
	ffpf_writer_put(&f->writer, &packet, &class);
	f->writer.snaplen = 65535; /* more than the ring's largest record: cut */
	ffpf_writer_put(&f->writer, &packet, &class);
	assert_int_equal(ffpf_reader_read(f->reader, f->packets, f->classes, BATCH), 2);
	ffpf_reader_counts(f->reader, &records, &stored);
	assert_int_equal(stored, 60 + 2016);
	assert_int_equal(f->packets[0].caplen, 3000);
	for (unsigned i = 0; i < 3000; i++) /* readable, as packet.h promises */
		sum |= f->packets[0].data[i] | f->packets[1].data[i];
	assert_int_equal(sum, 0);
	class = 0;
	assert_int_equal(ffpf_writer_put(&f->writer, &packet, &class), 1);
	assert_int_equal(ffpf_reader_pending(f->reader), 0);
	tear_down(f);
}

static void test_slow_reader(void **state)
{
	struct fixture *f = set_up(1 << 14, 256, 2);
	struct ffpf_reader *other = reader_of(f, &f->pages[1], BATCH);
	unsigned refused = 0, stored = 0, wanted[2] = {0};

	f->writer.slow_reader = true;
	f->writer.readers = f->pages;
	f->writer.n_readers = 2;
	for (unsigned i = 0; i < 4000; i++) {
		if (!put(f)) {
			refused++;
			for (unsigned k = 0; k < 2; k++) /* it stays the next one */
				wanted[k] += class_of(f, f->written, k) != 0;
		}
		if (i % 50 == 0)
			take(f, BATCH);
		while (i % 400 == 0 && ffpf_reader_read(other, f->packets, f->classes, BATCH))
			;
	}
	assert_true(refused > 1000);
	assert_int_equal(ffpf_reader_refused(f->reader), refused);
	for (unsigned k = 0; k < 2; k++)
		assert_int_equal(ffpf_reader_refused_inflow(f->reader, k), wanted[k]);
	drain(f);
	check_totals(f);
	assert_int_equal(ffpf_reader_lost(f->reader), 0);
	while (ffpf_reader_read(other, f->packets, f->classes, BATCH))
		;
	assert_int_equal(ffpf_reader_lost(other), 0);
	while (put(f))
		stored++;
	assert_true(stored > 10);
	ffpf_reader_free(other);
	tear_down(f);
}

static void test_arming(void **state)
{
	struct fixture *f = set_up(1 << 16, 1024, 2);

	f->writer.readers = f->pages;
	f->writer.n_readers = 1;
	assert_int_equal(put(f), 1);
	assert_int_equal(ffpf_reader_pending(f->reader), 1);
	assert_false(ffpf_reader_arm(f->reader, 1));
	assert_true(ffpf_reader_arm(f->reader, 3));
	assert_int_equal(put(f), 1);
	assert_int_equal(put(f), 2);
	assert_int_equal(f->pages[0].armed, 0);
	assert_int_equal(put(f), 1);
	drain(f);
	assert_true(ffpf_reader_arm(f->reader, 1));
	ffpf_reader_disarm(f->reader);
	assert_int_equal(put(f), 1);
	drain(f);
	check_totals(f);
	tear_down(f);
}

struct race {
	struct fixture *f;
	unsigned n;
	bool yield, done;
};

static void *write_many(void *argument)
{
	struct race *race = argument;

	for (unsigned i = 0; i < race->n; i++) {
		while (!put(race->f))
			sched_yield();
		if (race->yield && i % 64 == 0)
			sched_yield();
	}
	__atomic_store_n(&race->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void run_race(unsigned n, uint64_t size, bool slow, bool yield)
{
	struct fixture *f = set_up(size, ffpf_ibuf_entries(size, n), n);
	struct race race = {.f = f, .n = 30000, .yield = yield};
	pthread_t thread;

	f->writer.readers = f->pages;
	f->writer.n_readers = 1;
	f->writer.slow_reader = slow;
	assert_int_equal(pthread_create(&thread, NULL, write_many, &race), 0);
	while (!__atomic_load_n(&race.done, __ATOMIC_ACQUIRE))
		if (!take(f, BATCH))
			sched_yield();
	pthread_join(thread, NULL);
	drain(f);
	check_totals(f);
	if (slow)
		assert_int_equal(ffpf_reader_lost(f->reader), 0);
	else
		print_message("%u in-flows, ring of %lu: %lu delivered, %lu lost\n", n, (unsigned long)size,
			      (unsigned long)f->delivered, (unsigned long)ffpf_reader_lost(f->reader));
	tear_down(f);
}

static void test_two_threads(void **state)
{
	for (unsigned n = 1; n <= 20; n = n * 2 + 1)
		for (unsigned shift = 13; shift <= 19; shift += 2)
			for (unsigned yield = 0; yield < 2; yield++)
				run_race(n, 1ull << shift, false, yield);
}

static void test_two_threads_slow_reader(void **state)
{
	run_race(1, 1 << 14, true, false);
	run_race(5, 1 << 14, true, true);
}

static void test_entries(void **state)
{
	assert_int_equal(ffpf_ibuf_entries(4 << 20, 1), 65536);
	assert_int_equal(ffpf_ibuf_entries(4 << 20, 32), 65536);
	assert_int_equal(ffpf_ibuf_entries(4 << 20, 33), 32768);
	assert_int_equal(ffpf_ibuf_entries(4 << 20, 100000), 64);
	assert_int_equal(ffpf_ibuf_entries(64, 0), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_loss),
		cmocka_unit_test(test_laps),
		cmocka_unit_test(test_lap_is_exact),
		cmocka_unit_test(test_late_reader),
		cmocka_unit_test(test_snaplen),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_arming),
		cmocka_unit_test(test_two_threads),
		cmocka_unit_test(test_two_threads_slow_reader),
		cmocka_unit_test(test_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
