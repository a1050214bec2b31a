/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Users' BPF programs through the C API, at user and, as root, through --replay at xdp: results, maps, what functions
 * of the class export ask for, new versions before, while and after a graph runs.
 */
#include "capture.h"
#include "object_make.h"

#include <errno.h>
#include <ffpf/ffpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PACKETS 1000

static char file[64], object[64];
static bool can_replay;

/* Matches every packet; counts them in a variable, and in a map by the low byte of the count. */
static const char text[] = "license GPL\n"
			   "map low array 4 8 4\n"
			   "variable seen 8\n"
			   "program all xdp\n"
			   "address r6, seen\n"
			   "mov64 r1, 1\n"
			   "atomic64 1, [r6+0], r1\n"
			   "and64 r1, 3\n"
			   "stxw [r10-4], r1\n"
			   "mov64 r2, r10\n"
			   "add64 r2, -4\n"
			   "address r1, low\n"
			   "call 1\n"
			   "jeq r0, 0, +2\n"
			   "mov64 r1, 1\n"
			   "atomic64 0, [r0+0], r1\n"
			   "mov64 r0, 1\n"
			   "exit\n";

static void write_object(const char *source)
{
	size_t size;
	uint8_t *bytes = object_make(source, &size);
	FILE *out = fopen(object, "wb");

	assert_non_null(bytes);
	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, size, out), size);
	assert_int_equal(fclose(out), 0);
	free(bytes);
}

static struct ffpf *populated(const char *graph, bool replay)
{
	const struct ffpf_define defines[] = {{"FILE", file}, {"OBJ", object}};
	const struct ffpf_options options = {.defines = defines, .n_defines = 2, .replay = replay};
	struct ffpf *h = ffpf_create(&options);

	if (ffpf_populate(h, "test", graph, 0)) {
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
		fail_msg("%s: %s", graph, ffpf_error(h));
	}
	return h;
}

static void finish(struct ffpf *h)
{
	for (int i = 0; ffpf_wait(&h, 1, 0, 100000) > 0; i++)
		assert_true(i < 600);
	assert_int_equal(ffpf_deactivate(h), 0);
}

static double result(struct ffpf *h, const char *function, const char *name)
{
	struct ffpf_stats *stats;
	double number = -1;

	assert_int_equal(ffpf_stats_get(h, &stats), 0);
	for (size_t i = 0; i < stats->n_functions; i++)
		for (size_t k = 0; k < stats->functions[i].n_results; k++)
			if (!strcmp(stats->functions[i].name, function) &&
			    !strcmp(stats->functions[i].results[k].name, name))
				number = stats->functions[i].results[k].number;
	ffpf_stats_free(stats);
	return number;
}

static void maps_at(bool replay)
{
	struct ffpf *h = populated("[pcap \"$FILE\"]>(ebpf,$OBJ,name=e)>(pktcount,name=n)", replay);
	struct ffpf_map_info info;
	struct ffpf_map_entries *entries;
	uint64_t sum = 0, value;

	assert_int_equal(ffpf_map_get(h, 0, &info), -EINVAL);
	assert_int_equal(ffpf_instantiate(h), 0);
	assert_true(ffpf_replaceable(h, "e"));
	assert_false(ffpf_replaceable(h, "n"));
	assert_int_equal(ffpf_activate(h), 0);
	finish(h);
	assert_int_equal((int)result(h, "e", "seen"), PACKETS);
	assert_int_equal((int)result(h, "e", "low"), 4);
	assert_int_equal((int)result(h, "n", "packets"), PACKETS);
	assert_int_equal(ffpf_map_get(h, 0, &info), 0);
	assert_string_equal(info.function, "e");
	assert_string_equal(info.name, "low");
	assert_string_equal(info.kind, "array");
	assert_int_equal(info.max_entries, 4);
	assert_int_equal(ffpf_map_read(h, 0, &entries), 0);
	assert_int_equal(entries->n, 4);
	for (size_t i = 0; i < entries->n; i++) {
		memcpy(&value, entries->values + i * entries->value_step, sizeof(value));
		assert_int_equal(value, PACKETS / 4);
		sum += value;
	}
	assert_int_equal(sum, PACKETS);
	ffpf_map_entries_free(entries);
	ffpf_map_entries_free(NULL);
	assert_int_equal(ffpf_map_get(h, 1, &info), 0);
	assert_true(info.variables);
	assert_int_equal(ffpf_map_get(h, 2, &info), -ENOENT);
	assert_int_equal(ffpf_map_read(h, 2, &entries), -ENOENT);
	ffpf_close(h);
}

static void results_and_maps(void **state)
{
	maps_at(false);
	if (can_replay)
		maps_at(true);
}

static void shipments(void **state)
{
	struct ffpf *h =
		populated("[pcap \"$FILE\"]>(ebpf,$OBJ,name=e)>[(head,7)>(export,e,map=low,file=x)|(export,e)]", false);
	struct ffpf_shipment s;

	assert_int_equal(ffpf_shipment_get(h, 0, &s), -EINVAL);
	assert_int_equal(ffpf_instantiate(h), 0);
	assert_int_equal(ffpf_shipment_get(h, 0, &s), 0);
	assert_int_equal(s.asked, 0);
	assert_int_equal(ffpf_activate(h), 0);
	finish(h);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(ffpf_shipment_get(h, i, &s), 0);
		assert_string_equal(s.function, "e");
		assert_int_equal(s.asked, s.map ? 7 : PACKETS);
		assert_string_equal(s.file, s.map ? "x" : "-");
	}
	assert_int_equal(ffpf_shipment_get(h, 2, &s), -ENOENT);
	assert_int_not_equal(access("x", F_OK), 0);
	ffpf_close(h);
}

/* In every state; what is refused leaves everything as it is. */
static void replaced_at(bool replay)
{
	struct ffpf *h = populated("[pcap \"$FILE\"]>(ebpf,$OBJ,name=e)>(pktcount,name=n)", replay);

	assert_int_equal(ffpf_replace(h, "e", NULL), -EINVAL);
	assert_int_equal(ffpf_instantiate(h), 0);
	assert_int_equal(ffpf_replace(h, "e", NULL), -EINVAL);
	assert_int_equal(ffpf_activate(h), 0);
	for (int i = 0; i < 20; i++)
		if (ffpf_replace(h, "e", NULL))
			fail_msg("%s", ffpf_error(h));
	assert_null(ffpf_notice(h, 0));
	assert_int_equal(ffpf_replace(h, "nobody", NULL), -ENOENT);
	assert_int_equal(ffpf_replace(h, "n", NULL), -EOPNOTSUPP);
	assert_int_equal(ffpf_replace(h, "e", "/nonexistent/x.o"), -ENOENT);
	assert_non_null(strstr(ffpf_error(h), "/nonexistent/x.o"));
	assert_int_equal(ffpf_replace(h, "e", file), -EINVAL);
	assert_non_null(strstr(ffpf_error(h), "not a BPF object"));
	finish(h);
	assert_int_equal(ffpf_replace(h, "e", NULL), -EINVAL);
	assert_int_equal((int)result(h, "e", "seen"), PACKETS);
	assert_int_equal((int)result(h, "n", "packets"), PACKETS);
	ffpf_close(h);
}

static void replacing(void **state)
{
	replaced_at(false);
	if (can_replay)
		replaced_at(true);
}

/* The file has changed: a map that is laid out in another way begins afresh, which is said; the others are kept. */
static void another_layout(void **state)
{
	struct ffpf *h = populated("[pcap \"$FILE\"]>(ebpf,$OBJ,name=e)", false);
	struct ffpf_map_info info;
	char changed[sizeof(text)], *at;

	assert_int_equal(ffpf_instantiate(h), 0);
	assert_int_equal(ffpf_activate(h), 0);
	while (ffpf_running(h) == 1 && result(h, "e", "seen") < PACKETS)
		usleep(1000);
	memcpy(changed, text, sizeof(text));
	at = strstr(changed, "array 4 8 4");
	memcpy(at, "array 4 8 9", strlen("array 4 8 9"));
	write_object(changed);
	/* All packets have come: nothing more is counted. */
	assert_int_equal(ffpf_replace(h, "e", NULL), 0);
	assert_int_equal(ffpf_map_get(h, 0, &info), 0);
	assert_int_equal(info.max_entries, 9);
	assert_non_null(ffpf_notice(h, 0));
	assert_non_null(strstr(ffpf_notice(h, 0), "map 'low' begins afresh"));
	assert_int_equal((int)result(h, "e", "low"), 0);
	assert_int_equal((int)result(h, "e", "seen"), PACKETS);
	/* Another variable where one was: not what it counted. */
	memcpy(changed, text, sizeof(text));
	while ((at = strstr(changed, "seen")))
		memcpy(at, "came", 4);
	write_object(changed);
	assert_int_equal(ffpf_replace(h, "e", NULL), 0);
	assert_non_null(ffpf_notice(h, 1));
	assert_int_equal((int)result(h, "e", "came"), 0);
	write_object(text);
	ffpf_close(h);
}

static int set_up(void **state)
{
	struct capture capture = {0};
	const struct ffpf_options options = {.replay = true};
	struct ffpf *h = ffpf_create(&options);
	char graph[128];

	capture_pcap(&capture, 0xa1b2c3d4, 4, 65535, 1);
	for (unsigned i = 0; i < PACKETS; i++)
		capture_record(&capture, i, 1000000 + i, 0, 100, 100);
	capture_save(&capture, file);
	capture_free(&capture);
	snprintf(object, sizeof(object), "%.60s.o", file);
	write_object(text);
	snprintf(graph, sizeof(graph), "[pcap \"%s\"]>(pktcount)", file);
	can_replay = ffpf_populate(h, "test", graph, 0) == 0 && ffpf_instantiate(h) == 0;
	if (!can_replay)
		printf("note: no replay here (%s): userspace only\n", ffpf_error(h));
	ffpf_close(h);
	return 0;
}

static int tear_down(void **state)
{
	unlink(file);
	unlink(object);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_and_maps),
		cmocka_unit_test(shipments),
		cmocka_unit_test(replacing),
		cmocka_unit_test(another_layout),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
