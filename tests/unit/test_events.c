/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events: records that a function writes (fpl/event.c) and the application gets (ffpf_events).
 *
 * A class writes `burst` records a packet; at every level the same ones must arrive in the same order. What does not
 * fit into the rings is lost and counted: written = delivered + lost. And a writer that races the reader never makes it
 * take a record for whole that is not.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"
#include "packets.h"
#include <ffpf/ffpf.h>
#include <fpl/kinds.h>
#include <lib/graph/classes.h>
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>
#include <lib/run/events.h>
#include <lib/run/handle.h>

#define PACKETS 3000
#define START UINT64_C(1700000000000000000)

/* ---- the class ------------------------------------------------------------------------------- */

static const struct fpl_key_part parts[] = {
	{"src", 4, FFPF_MEMBER_NETWORK}, {"addr", 16, FFPF_MEMBER_IPV6}, {"number", 8, FFPF_MEMBER_UNSIGNED}};
static const struct fpl_event_decl seen = {.name = "seen", .time = true, .members = {parts, 3}};
static const struct fpl_event_decl bare = {.name = "bare"};
static struct ffpf_field fields[2 * FPL_EVENT_FIELDS];
static struct ffpf_class_event events[2];
static struct ffpf_schema schema;
static struct ffpf_arena *arena;
static unsigned burst = 1;

static const struct ffpf_schema *get_schema(const struct ffpf_instance *instance)
{
	return &schema;
}

static uint32_t demand(const struct ffpf_instance *instance)
{
	return 64;
}

/* The packet's first 8 bytes are its number. Each record has it, and which of the burst it is. */
static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_block ok = ffpf_ir_block(b), shrt = ffpf_ir_block(b);

	ffpf_ir_check(b, 0, 64, ok, shrt);
	ffpf_ir_seal(b, ok);
	ffpf_ir_seal(b, shrt);
	ffpf_ir_switch_to(b, shrt);
	ffpf_ir_reject(b);
	ffpf_ir_switch_to(b, ok);
	for (unsigned i = 0; i < burst; i++) {
		ffpf_val number = ffpf_ir_load(b, 0, 0, 8);
		ffpf_val values[] = {
			ffpf_ir_load(b, 0, 8, 4), ffpf_ir_load(b, 0, 12, 8), ffpf_ir_load(b, 0, 20, 8),
			ffpf_ir_alu_imm(b, FFPF_ADD, 64, ffpf_ir_alu_imm(b, FFPF_MUL, 64, number, burst), i)};

		fpl_event_emit(b, &seen, 0, values);
	}
	fpl_event_emit(b, &bare, FPL_EVENT_FIELDS, NULL);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

static const struct ffpf_class class = {
	.abi = FFPF_CLASS_ABI,
	.name = "eventtest",
	.help = "writes events",
	.role = FFPF_FUNCTION,
	.needs = FFPF_NEED_TIME,
	.demand = demand,
	.build = build,
	.schema = get_schema,
};

static void declare(unsigned how_many)
{
	unsigned n;

	burst = how_many;
	ffpf_arena_free(arena);
	arena = ffpf_arena_new();
	n = fpl_event_fields(&seen, arena, fields);
	fpl_event_describe(&seen, 0, arena, &events[0]);
	fpl_event_describe(&bare, n, arena, &events[1]);
	n += fpl_event_fields(&bare, arena, fields + n);
	schema = (struct ffpf_schema){.fields = fields, .n_fields = n, .events = events, .n_events = 2};
	ffpf_class_register(&class, NULL);
}

/* ---- receiving ------------------------------------------------------------------------------- */

struct receiver {
	uint64_t n, n_bare, next, gaps;
	bool bad;
};

static uint64_t word(const struct ffpf_event *event, uint32_t offset)
{
	uint64_t x;

	memcpy(&x, event->values + offset, sizeof(x));
	return x;
}

static void receive(void *arg, const struct ffpf_event *event)
{
	struct receiver *r = arg;
	uint64_t number, packet;

	if (!strcmp(event->name, "bare")) {
		r->n_bare++;
		r->bad |= event->time_ns || event->members.n;
		return;
	}
	number = word(event, event->members.list[2].offset);
	packet = number / burst;
	r->n++;
	r->bad |= strcmp(event->function, "e") || strcmp(event->name, "seen") || event->members.n != 3 ||
		  strcmp(event->members.list[0].name, "src") || event->time_ns != START + packet * 1000 ||
		  word(event, event->members.list[0].offset) != (uint32_t)(packet * 7) ||
		  word(event, event->members.list[1].offset) != packet * 3 ||
		  word(event, event->members.list[1].offset + 8) != packet * 5 || number < r->next;
	r->gaps += number - r->next;
	r->next = number + 1;
}

static void put(struct capture *capture, uint64_t x, unsigned size)
{
	for (unsigned i = size; i-- > 0;) {
		uint8_t byte = (uint8_t)(x >> 8 * i);

		capture_bytes(capture, &byte, 1);
	}
}

static void save(char name[64])
{
	struct capture capture = {0};

	capture_pcap(&capture, 0xa1b23c4d, 4, 65535, 1);
	for (uint64_t i = 0; i < PACKETS; i++) {
		capture_u32(&capture, (uint32_t)((START + i * 1000) / 1000000000));
		capture_u32(&capture, (uint32_t)((START + i * 1000) % 1000000000));
		capture_u32(&capture, 64);
		capture_u32(&capture, 64);
		put(&capture, i, 8);
		put(&capture, i * 7, 4);
		put(&capture, i * 3, 8);
		put(&capture, i * 5, 8);
		for (unsigned k = 28; k < 64; k++)
			put(&capture, 0, 1);
	}
	capture_save(&capture, name);
	capture_free(&capture);
}

static uint64_t result(const struct ffpf_stats *stats, const char *name)
{
	for (size_t i = 0; i < stats->functions[1].n_results; i++)
		if (!strcmp(stats->functions[1].results[i].name, name))
			return stats->functions[1].results[i].values[0];
	fail_msg("no result '%s'", name);
	return 0;
}

static void run(bool replay, bool interpret, bool wanted, struct receiver *r)
{
	char name[64];
	struct ffpf_define file = {"FILE", name};
	const struct ffpf_options options = {.replay = replay, .defines = &file, .n_defines = 1};
	struct ffpf_stats *stats;
	struct ffpf *h;

	*r = (struct receiver){0};
	save(name);
	h = ffpf_create(&options);
	if (ffpf_populate(h, "events", "(pcap,\"$FILE\")>(eventtest,name=e)", 0) < 0) {
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
		fail_msg("%s", ffpf_error(h));
	}
	ffpf_handle_run(h)->interpret = interpret;
	if (wanted)
		assert_int_equal(ffpf_events(h, receive, r), 0);
	if (ffpf_instantiate(h) < 0)
		fail_msg("%s", ffpf_error(h));
	assert_int_equal(ffpf_activate(h), 0);
	assert_int_equal(ffpf_events(h, receive, r), -EINVAL);
	while (ffpf_wait(&h, 1, 0, 1000000) > 0)
		;
	assert_int_equal(ffpf_deactivate(h), 0);
	assert_int_equal(ffpf_stats_get(h, &stats), 0);
	assert_string_equal(stats->functions[1].flowspace, replay ? "xdp" : "user");
	assert_int_equal(result(stats, "seen.events"), PACKETS * burst);
	assert_int_equal(result(stats, "bare.events"), PACKETS);
	assert_int_equal(result(stats, "seen.events"),
			 wanted ? r->n + result(stats, "seen.events_lost") : PACKETS * burst);
	assert_int_equal(result(stats, "bare.events_lost"), 0);
	assert_int_equal(result(stats, "seen.events_lost"),
			 r->gaps + (wanted ? (uint64_t)PACKETS * burst - r->next : 0));
	ffpf_stats_free(stats);
	ffpf_close(h);
	unlink(name);
}

static void all_events_of_a_savefile_arrive_at_every_level(void **state)
{
	struct receiver r;

	for (unsigned how_many = 1; how_many <= 3; how_many++)
		for (unsigned how = 0; how < 3; how++) {
			if (how == 2 && geteuid() != 0) {
				print_message("skipped: loading XDP programs needs root\n");
				continue;
			}
			declare(how_many);
			run(how == 2, how == 1, true, &r);
			assert_false(r.bad);
			assert_int_equal(r.n, PACKETS * how_many);
			assert_int_equal(r.n_bare, PACKETS);
		}
}

/* 9 records a packet, 256 packets a batch: more than a ring holds. */
static void what_does_not_fit_is_lost_and_counted(void **state)
{
	struct receiver r;

	declare(9);
	run(false, false, true, &r);
	assert_false(r.bad);
	assert_true(r.n < PACKETS * 9 && r.n >= (FPL_EVENT_SLOTS - 1) * (PACKETS / 256));
	assert_int_equal(r.n_bare, PACKETS);
}

static void without_a_handler_events_are_only_counted(void **state)
{
	struct receiver r;

	declare(2);
	run(false, false, false, &r);
	assert_int_equal(r.n, 0);
}

/* ---- a race ---------------------------------------------------------------------------------- */

#define RACE_SLOTS 8
#define RACE_WORDS 4
#ifdef __SANITIZE_ADDRESS__
#define RACE_RECORDS 300000
#else
#define RACE_RECORDS 2000000
#endif

static uint64_t race_area[1 + RACE_SLOTS * RACE_WORDS]; /* head, ring */

static void *race_writer(void *arg)
{
	for (uint64_t i = 0; i < RACE_RECORDS; i++) {
		for (unsigned k = 0; k < RACE_WORDS; k++)
			__atomic_store_n(&race_area[1 + i % RACE_SLOTS * RACE_WORDS + k], i * 11 + k, __ATOMIC_RELAXED);
		__atomic_fetch_add(&race_area[0], 1, __ATOMIC_SEQ_CST);
		/* Leaves the reader a chance now and then. */
		if (i % 64 == 0)
			sched_yield();
	}
	return NULL;
}

struct race {
	uint64_t n, next;
	bool bad;
};

static void race_receive(void *arg, const struct ffpf_event *event)
{
	struct race *r = arg;
	uint64_t first = word(event, 0);

	for (unsigned k = 0; k < RACE_WORDS; k++)
		r->bad |= word(event, 8 * k) != first + k;
	r->bad |= first % 11 != 0 || first / 11 < r->next;
	r->next = first / 11 + 1;
	r->n++;
}

static void a_racing_writer_loses_records_and_never_tears_one(void **state)
{
	static const struct ffpf_field race_fields[] = {{.name = "h", .cells = 1},
							{.name = "r", .cells = RACE_SLOTS * RACE_WORDS}};
	static const struct ffpf_class_event race_event = {
		.name = "race", .field = 0, .slots = RACE_SLOTS, .words = RACE_WORDS};
	static const struct ffpf_class race_class = {
		.fields = race_fields, .n_fields = 2, .events = &race_event, .n_events = 1};
	uint32_t base[] = {0, 1};
	const struct ffpf_flowspace level = {.name = "level"};
	struct ffpf_function_layout layout = {.base = base};
	struct ffpf_function function = {.instance.class = &race_class, .layout = &layout, .level = &level};
	struct ffpf_function *functions[] = {&function};
	struct ffpf_graph graph = {.functions = functions, .n_functions = 1};
	const struct ffpf_options options = {0};
	struct ffpf_arena *results_arena = ffpf_arena_new();
	struct ffpf_run *r = calloc(1, sizeof(*r));
	struct map_results results = {0};
	struct race race = {0};
	pthread_t writer;

	r->graph = &graph;
	r->options = &options;
	r->event = race_receive;
	r->event_arg = &race;
	ffpf_run_add_cells(r, &(struct ffpf_cells){&level, race_area, sizeof(race_area), 1, NULL, NULL});
	assert_int_equal(ffpf_events_start(r), 0);
	assert_int_equal(pthread_create(&writer, NULL, race_writer, NULL), 0);
	while (__atomic_load_n(&race_area[0], __ATOMIC_RELAXED) < RACE_RECORDS)
		ffpf_events_poll(r);
	pthread_join(writer, NULL);
	ffpf_events_poll(r);
	ffpf_event_results(r, &function, results_arena, &results);
	assert_int_equal(results.n, 2);
	assert_int_equal(results.list[0].values[0], RACE_RECORDS);
	assert_int_equal(results.list[1].values[0], RACE_RECORDS - race.n);
	assert_false(race.bad);
	print_message("%llu of %u records delivered\n", (unsigned long long)race.n, RACE_RECORDS);
	assert_true(race.n > 0);
	ffpf_events_free(r);
	free(r);
	ffpf_arena_free(results_arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_events_of_a_savefile_arrive_at_every_level),
		cmocka_unit_test(what_does_not_fit_is_lost_and_counted),
		cmocka_unit_test(without_a_handler_events_are_only_counted),
		cmocka_unit_test(a_racing_writer_loses_records_and_never_tears_one),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	ffpf_arena_free(arena);
	return failed;
}
