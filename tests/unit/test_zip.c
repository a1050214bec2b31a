/* SPDX-License-Identifier: BSD-2-Clause */
/* The zip class: counts what went in and came out, at every level, and passes packets on. */
#include "user_class.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <zlib.h>
#include <cmocka.h>

extern const struct ffpf_class ffpf_class_zip;

static void compresses_what_is_alike(void **state)
{
	static const char *const levels[] = {"0", "1", "6", "9"};
	uint8_t bytes[1500];
	uint64_t out[4];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * i >> 3);
	for (int level = 0; level < 4; level++) {
		struct user_class run;

		user_class_init(&run, &ffpf_class_zip);
		user_class_set(&run, "level", levels[level]);
		assert_int_equal(run.instance.class->demand(&run.instance), FFPF_ALL_BYTES);
		assert_int_equal(user_class_open(&run, 1), 0);
		for (uint32_t n = 0; n < 1000; n++)
			user_class_packet(&run, bytes, sizeof(bytes) - n, 1500, 0, 1);
		user_class_packet(&run, NULL, 0, 1500, 0, 1);
		assert_int_equal(user_class_cell(&run, 0), 1000 * 1500 - 999 * 500);
		assert_int_equal(run.instance.class->native->flush(run.object), 0);
		out[level] = user_class_cell(&run, 1);
		user_class_close(&run);
		user_class_exit(&run);
	}
	assert_in_range(out[0], 900000, 1010000);
	assert_in_range(out[1], 1, out[0] / 10);
	assert_true(out[3] <= out[2] && out[2] <= out[1]);
}

/* A block that is larger than the scratch buffer comes out in several pieces. */
static void large_packets_come_out_whole(void **state)
{
	static uint8_t bytes[256 << 10];
	struct user_class run;
	uint32_t seed = 1;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
	user_class_init(&run, &ffpf_class_zip);
	assert_int_equal(user_class_open(&run, 1), 0);
	for (int i = 0; i < 4; i++)
		user_class_packet(&run, bytes, sizeof(bytes), sizeof(bytes), 0, 1);
	assert_in_range(user_class_cell(&run, 1), sizeof(bytes) * 7 / 2, sizeof(bytes) * 9 / 2);
	user_class_close(&run);
	user_class_exit(&run);
}

/* What deflate still holds counts: bytes_out is what compressing the same bytes at once gives. */
static void the_end_of_the_stream_counts(void **state)
{
	static uint8_t bytes[64 * 1000], compressed[sizeof(bytes) + 1000];
	struct user_class run;
	uint32_t seed = 1;
	uLongf size = sizeof(compressed);

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 28);
	assert_int_equal(compress2(compressed, &size, bytes, sizeof(bytes), 6), Z_OK);
	user_class_init(&run, &ffpf_class_zip);
	assert_int_equal(user_class_open(&run, 1), 0);
	assert_int_equal(run.instance.class->native->flush(run.object), 0);
	assert_int_equal(user_class_cell(&run, 1), 0);
	for (size_t i = 0; i < sizeof(bytes); i += 64) {
		user_class_packet(&run, bytes + i, 64, 64, 0, 1);
		/* Looking at it does not change it. */
		if (i % 6400 == 0)
			run.instance.class->native->flush(run.object);
	}
	assert_int_equal(run.instance.class->native->flush(run.object), 0);
	assert_int_equal(user_class_cell(&run, 1), size);
	user_class_close(&run);
	user_class_exit(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compresses_what_is_alike),
		cmocka_unit_test(the_end_of_the_stream_counts),
		cmocka_unit_test(large_packets_come_out_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
