/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The portable classes of classes/: each is built from its text form and run
 * on the reference interpreter, plain and optimised, over packets that are
 * only length and time; on several CPUs where the class keeps cells per CPU.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fakes.h"
#include <lib/ir/ir.h>

#define MAX_CELLS 256
#define MAX_CPUS 4
#define NO_CELLS (FFPF_FIELD_DERIVED | FFPF_FIELD_PACKETS_IN | FFPF_FIELD_BYTES_IN)

struct running {
	struct ffpf_arena *arena;
	struct ffpf_diags *diags;
	struct ffpf_instance *instance;
	struct ffpf_program *program;
	uint64_t cells[MAX_CPUS][MAX_CELLS]; /* shared fields: cells[0] */
	uint32_t base[32], sizes[32];
	bool shared[32];
	uint32_t random, class;
	enum ffpf_verdict verdict;
};

static const struct ffpf_schema *schema_of(const struct running *run)
{
	return ffpf_instance_schema(run->instance);
}

/* Resolves "(class,…)" behind a source and lays out its state: all fields one after the other. */
static void resolve(struct running *run, const char *text)
{
	struct ffpf_graph *graph;
	struct ffpf_ast *ast;
	char *whole;

	run->arena = ffpf_arena_new();
	run->diags = ffpf_diags_new();
	whole = ffpf_arena_printf(run->arena, "[dev eth0] > %s", text);
	ast = ffpf_parse(run->arena, run->diags, ffpf_diags_add_source(run->diags, "test", whole, strlen(whole)),
			 &(struct ffpf_parse_options){0});
	assert_int_equal(ffpf_resolve(run->arena, run->diags, ast, NULL, &graph), 0);
	run->instance = &graph->functions[1]->instance;
	const struct ffpf_schema *schema = schema_of(run);
	uint32_t next = 0;
	for (size_t i = 0; i < schema->n_fields; i++) {
		run->base[i] = next;
		run->sizes[i] = schema->fields[i].flags & NO_CELLS ? 0 : schema->fields[i].cells;
		run->shared[i] = schema->fields[i].merge == FFPF_MERGE_SHARED;
		for (uint32_t k = 0; k < run->sizes[i]; k++)
			for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++)
				run->cells[cpu][next + k] = schema->fields[i].initial;
		next += run->sizes[i];
	}
	assert_true(next <= MAX_CELLS);
}

/* The program: the instance with class 7 coming in; what it accepts crosses with its class. */
static void build(struct running *run, bool optimised)
{
	struct ffpf_state_map map = {
		.base = run->base, .cells = run->sizes, .shared = run->shared, .n = (unsigned)schema_of(run)->n_fields};
	struct ffpf_program *program = run->program = ffpf_program_new(run->arena);
	struct ffpf_builder *b = ffpf_builder_new(program);
	ffpf_var out = ffpf_ir_var(b);
	ffpf_block accept = ffpf_ir_block(b), reject = ffpf_ir_block(b);

	ffpf_builder_begin(b, 0, &map, ffpf_ir_const(b, 7), out, accept, reject);
	assert_int_equal(run->instance->class->build(run->instance, b), 0);
	assert_int_equal(ffpf_builder_current(b), 0);
	ffpf_ir_seal(b, accept);
	ffpf_ir_seal(b, reject);
	ffpf_ir_switch_to(b, accept);
	ffpf_ir_cross(b, 0, ffpf_ir_var_get(b, out));
	ffpf_ir_end(b);
	ffpf_ir_switch_to(b, reject);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	const char *fault = ffpf_ir_verify(program);
	if (fault)
		fail_msg("%s", fault);
	if (optimised) {
		ffpf_ir_optimise(program);
		assert_null(ffpf_ir_verify(program));
	}
}

static struct running *start(const char *text, bool optimised)
{
	struct running *run = calloc(1, sizeof(*run));

	fake_classes_register();
	resolve(run, text);
	build(run, optimised);
	return run;
}

static void stop(struct running *run)
{
	ffpf_arena_free(run->arena);
	ffpf_diags_free(run->diags);
	free(run);
}

static void crossed(void *arg, unsigned inflow, uint32_t class)
{
	((struct running *)arg)->class = class;
}

static uint32_t random_bits(void *arg)
{
	return ((struct running *)arg)->random;
}

/* One packet; returns the class it left with, 0 when it left the flow. */
static uint32_t packet(struct running *run, unsigned cpu, uint32_t len, uint64_t time_ns)
{
	struct ffpf_ir_env env = {.cells = run->cells[cpu],
				  .n_cells = MAX_CELLS,
				  .shared = run->cells[0],
				  .n_shared = MAX_CELLS,
				  .random = random_bits,
				  .cross = crossed,
				  .arg = run};
	uint8_t byte = 0;

	env.meta[FFPF_META_LEN] = len;
	env.meta[FFPF_META_TIME] = time_ns;
	run->class = 0;
	assert_int_equal(ffpf_ir_run(run->program, &env, &byte, 0), 0);
	run->verdict = env.verdict;
	return run->class;
}

static void both(const char *text, void (*check)(struct running *run))
{
	for (int optimised = 0; optimised < 2; optimised++) {
		struct running *run = start(text, optimised);

		check(run);
		stop(run);
	}
}

/* What they show is what came in, which is counted anyway: they add no cell and not one instruction. test_api has the
 * figures. */
static void check_counts(struct running *run)
{
	const struct ffpf_class *class = run->instance->class;

	assert_int_equal(schema_of(run)->n_fields, 1);
	assert_int_equal(schema_of(run)->fields[0].flags,
			 strcmp(class->name, "bytecount") ? FFPF_FIELD_PACKETS_IN : FFPF_FIELD_BYTES_IN);
	for (unsigned i = 1; i <= 10; i++)
		assert_int_equal(packet(run, i % 2, i * 100, 0), 7);
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++)
		for (unsigned i = 0; i < MAX_CELLS; i++)
			assert_int_equal(run->cells[cpu][i], 0);
}

static void test_counters(void **state)
{
	both("(pktcount)", check_counts);
	both("(bytecount)", check_counts);
}

static void check_pass(struct running *run)
{
	assert_int_equal(packet(run, 0, 60, 0), 7);
	assert_int_equal(run->verdict, FFPF_VERDICT_PASS);
}

static void check_drop(struct running *run)
{
	assert_int_equal(packet(run, 0, 60, 0), 7);
	assert_int_equal(run->verdict, FFPF_VERDICT_DROP);
}

static void test_verdicts(void **state)
{
	both("(pass)", check_pass);
	both("(drop)", check_drop);
}

static void check_head(struct running *run)
{
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(packet(run, i % MAX_CPUS, 60, 0), i < 5 ? 7 : 0);
	/* Once exhausted the counter is only read. */
	assert_int_equal(run->cells[0][0], 5);
}

static void check_head_none(struct running *run)
{
	assert_int_equal(packet(run, 0, 60, 0), 0);
}

static void test_head(void **state)
{
	both("(head,5)", check_head);
	both("(head,0)", check_head_none);
}

static void check_sample(struct running *run)
{
	for (unsigned i = 1; i <= 30; i++)
		assert_int_equal(packet(run, i % MAX_CPUS, 60, 0), i % 3 == 0 ? 7 : 0);
}

static void check_all(struct running *run)
{
	run->random = UINT32_MAX;
	assert_int_equal(packet(run, 0, 60, 0), 7);
}

static void check_none(struct running *run)
{
	assert_int_equal(packet(run, 0, 60, 0), 0);
}

static void check_quarter(struct running *run)
{
	run->random = 0x3fffffff;
	assert_int_equal(packet(run, 0, 60, 0), 7);
	run->random = 0x40000000;
	assert_int_equal(packet(run, 0, 60, 0), 0);
}

static void test_sample(void **state)
{
	both("(sample,3)", check_sample);
	both("(sample,1)", check_all);
	both("(sample,p=1)", check_all);
	both("(sample,p=0)", check_none);
	both("(sample,p=25%)", check_quarter);
}

static unsigned bits_of(uint32_t x)
{
	unsigned bits = 0;

	for (; x; x >>= 1)
		bits++;
	return bits;
}

static const uint32_t lengths[] = {0,	1,   2,	  3,	4,    59,   60,	  63,	 64,	65,	    127,
				   128, 255, 256, 1023, 1514, 4095, 4096, 65535, 65536, 0x7fffffff, 0xffffffff};

/* The cells of a field; *n: how many. */
static const uint64_t *cells_of(const struct running *run, const char *name, uint32_t *n)
{
	for (size_t i = 0; i < schema_of(run)->n_fields; i++)
		if (!strcmp(schema_of(run)->fields[i].name, name)) {
			*n = run->sizes[i];
			return &run->cells[0][run->base[i]];
		}
	fail_msg("no field '%s'", name);
	return NULL;
}

static uint64_t sum_of(const uint64_t *cells, uint32_t n)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += cells[i];
	return sum;
}

static void check_log2(struct running *run)
{
	uint32_t n, others;
	const uint64_t *cells = cells_of(run, "lengths", &n), *linear = cells_of(run, "linear", &others);

	assert_true(n >= 33);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		uint64_t before = cells[bits_of(lengths[i])];

		assert_int_equal(packet(run, 0, lengths[i], 0), 7);
		assert_int_equal(cells[bits_of(lengths[i])], before + 1);
		assert_int_equal(sum_of(cells, n), i + 1);
	}
	assert_int_equal(sum_of(linear, others), 0);
}

static void check_linear(struct running *run)
{
	uint32_t n, others;
	const uint64_t *cells = cells_of(run, "linear", &n), *log2 = cells_of(run, "lengths", &others);

	assert_int_equal(n, 64);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		uint32_t bin = lengths[i] / 100 < 63 ? lengths[i] / 100 : 63;
		uint64_t before = cells[bin];

		assert_int_equal(packet(run, 0, lengths[i], 0), 7);
		assert_int_equal(cells[bin], before + 1);
		assert_int_equal(sum_of(cells, n), i + 1);
	}
	assert_int_equal(sum_of(log2, others), 0);
}

static void test_hist(void **state)
{
	both("(hist)", check_log2);
	both("(hist,linear,100)", check_linear);
}

static const uint64_t *cpu_cells(const void *arg, unsigned cpu)
{
	return ((const struct running *)arg)->cells[cpu];
}

/* Merges the cells as a reader does, and derives. */
static void derive(struct running *run, double *out)
{
	const struct ffpf_schema *schema = schema_of(run);
	uint64_t cells[32] = {0};

	for (size_t i = 0; i < schema->n_fields; i++) {
		if (!run->sizes[i])
			continue;
		cells[i] = schema->fields[i].initial;
		for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
			uint64_t cell = run->cells[cpu][run->base[i]];

			if (schema->fields[i].merge == FFPF_MERGE_SUM)
				cells[i] += cell;
			else if (schema->fields[i].merge == FFPF_MERGE_MAX ? cell > cells[i] : cell < cells[i])
				cells[i] = cell;
		}
	}
	run->instance->class->derive(run->instance, cells, cpu_cells, MAX_CPUS, run, out);
}

static double field(struct running *run, const char *name)
{
	const struct ffpf_schema *schema = schema_of(run);
	double out[32] = {0};

	derive(run, out);
	for (size_t i = 0; i < schema->n_fields; i++)
		if (strcmp(schema->fields[i].name, name) == 0)
			return out[i];
	fail_msg("no field '%s'", name);
	return 0;
}

#define MS UINT64_C(1000000)
#define ALMOST(x, y) assert_true(fabs((x) - (double)(y)) < 1e-6 * (1 + fabs((double)(y))))

/* 10 ms windows: 3 packets in the first, 5 in the second, 1 in the third; two CPUs, and one packet late. */
static void check_rate(struct running *run)
{
	ALMOST(field(run, "pps"), 0);
	assert_int_equal(packet(run, 0, 100, 1002 * MS), 7);
	ALMOST(field(run, "pps"), 0);
	packet(run, 1, 100, 1004 * MS);
	packet(run, 0, 100, 1006 * MS);
	/* no whole window yet: since the first packet */
	ALMOST(field(run, "pps"), 3 / 0.004);
	for (unsigned i = 0; i < 4; i++)
		packet(run, i % 2, 200, (1010 + i) * MS);
	packet(run, 1, 100, 1021 * MS);
	packet(run, 1, 200, 1014 * MS); /* out of order, in the window before */
	packet(run, 1, 100, 1001 * MS); /* out of order, too late for any */
	ALMOST(field(run, "pps"), 500);
	ALMOST(field(run, "bps"), 5 * 200 * 8 / 0.01);
	ALMOST(field(run, "avg_pps"), 10 / 0.020);
	ALMOST(field(run, "avg_bps"), (5 * 100 + 5 * 200) * 8 / 0.020);
	/* a silent window */
	packet(run, 0, 100, 1042 * MS);
	ALMOST(field(run, "pps"), 0);
	/* a CPU whose newest window is the one before that of another CPU */
	packet(run, 1, 100, 1043 * MS);
	packet(run, 0, 100, 1051 * MS);
	ALMOST(field(run, "pps"), 200);
}

static void test_rate(void **state)
{
	both("(rate,10ms)", check_rate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters), cmocka_unit_test(test_verdicts), cmocka_unit_test(test_head),
		cmocka_unit_test(test_sample),	 cmocka_unit_test(test_hist),	  cmocka_unit_test(test_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
