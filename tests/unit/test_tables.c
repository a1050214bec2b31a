/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Constant tables: lookups in the reference interpreter and as eBPF, for keys of all widths, in registers and on the
 * stack, sets and values; how they are printed and verified; switches that become one block.
 */
#include "packets.h"

#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/user/vm/vm.h>
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>
#include <ffpf/packet.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { CELLS = 4000 };

static struct ffpf_arena *arena;
static struct ffpf_program *p;
static struct ffpf_builder *b;

static void begin(void)
{
	arena = ffpf_arena_new();
	p = ffpf_program_new(arena);
	b = ffpf_builder_new(p);
}

static void go(ffpf_block block)
{
	ffpf_ir_seal(b, block);
	ffpf_ir_switch_to(b, block);
}

static void finish(void)
{
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	assert_null(ffpf_ir_verify(p));
}

static void interpret(const struct ffpf_program *program, uint8_t *bytes, uint32_t n, uint64_t *cells)
{
	struct ffpf_ir_env env = {.cells = cells, .n_cells = CELLS, .meta = {[FFPF_META_LEN] = n}};

	assert_int_equal(ffpf_ir_run(program, &env, bytes, n), 0);
}

static struct ffpf_ebpf_program generated;
static bool native; /* compiled, not interpreted */

static struct ffpf_vm *machine(void)
{
	const struct ffpf_ebpf_options o = {
		.target = FFPF_EBPF_USER, .n_cpus = 1, .n_cells = CELLS, .next_piece = -1, .slow_piece = -1};
	struct ffpf_vm *vm;
	const char *why;

	assert_int_equal(ffpf_ebpf_generate(arena, p, &o, &generated), 0);
	ffpf_ebpf_place_tables(&generated, generated.data);
	assert_int_equal(ffpf_vm_new(&(struct ffpf_vm_program){.insns = generated.insns, .n = generated.n}, &vm, &why),
			 0);
	if (native)
		ffpf_vm_compile(vm);
	return vm;
}

static void run_machine(const struct ffpf_vm *vm, const uint8_t *bytes, uint32_t n, uint64_t *cells)
{
	struct ffpf_packet packet = {.data = bytes, .len = n, .caplen = n};
	struct ffpf_user_ctx ctx = {.cells = cells};

	ffpf_vm_run(vm, &packet, (uintptr_t)&ctx, NULL);
}

/* ---- lookups --------------------------------------------------------------------------------- */

/* What is looked up: a load of so many bytes, or two loads as one key; with many values that stay alive. */
static void lookup_program(const uint64_t *keys, const uint64_t *values, size_t n, unsigned size, bool alive,
			   bool compared)
{
	ffpf_block there = ffpf_ir_block(b), done = ffpf_ir_block(b), hit = ffpf_ir_block(b), miss = ffpf_ir_block(b);
	ffpf_val key, found, more[20];
	uint32_t table = ffpf_program_table(p, keys, values, n);

	ffpf_ir_check(b, 0, 40, there, done);
	go(there);
	for (unsigned i = 0; i < 20 && alive; i++)
		more[i] = ffpf_ir_load(b, 0, 10 + i, 1);
	if (size == 8)
		key = ffpf_ir_alu(b, FFPF_OR, 64, ffpf_ir_alu_imm(b, FFPF_LSH, 64, ffpf_ir_load(b, 0, 0, 4), 32),
				  ffpf_ir_load(b, 0, 4, 4));
	else
		key = ffpf_ir_load(b, 0, 0, size);
	/* A comparison of another kind wants the load in the machine's byte order. */
	if (compared)
		ffpf_ir_count(b, 3, ffpf_ir_alu_imm(b, FFPF_RSH, 64, key, 1));
	found = ffpf_ir_lookup(b, key, table);
	if (values)
		ffpf_ir_count(b, 0, found);
	ffpf_ir_branch_imm(b, FFPF_NE, 64, found, 0, hit, miss);
	go(hit);
	ffpf_ir_count(b, 1, ffpf_ir_const(b, 1));
	ffpf_ir_jump(b, miss);
	go(miss);
	for (unsigned i = 0; i < 20 && alive; i++)
		ffpf_ir_count(b, 2, more[i]);
	ffpf_ir_jump(b, done);
	go(done);
	finish();
}

static uint64_t key_for(struct rng *r, unsigned size, unsigned spread)
{
	uint64_t key = spread ? rng_next(r) : rng_below(r, 5000) * 3;

	return size == 8 ? key : key & ((1ull << (8 * size)) - 1);
}

static void compare(struct rng *r, const uint64_t *keys, size_t n, unsigned size)
{
	uint64_t left[CELLS] = {0}, right[CELLS] = {0};
	struct ffpf_program *plain = p;
	struct ffpf_vm *vm = machine();
	uint8_t bytes[40];

	for (unsigned k = 0; k < 400; k++) {
		for (unsigned i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)rng_next(r);
		uint64_t key = k % 2 ? keys[rng_below(r, (uint32_t)n)] : key_for(r, size, k % 4 == 0);

		for (unsigned i = 0; i < size; i++)
			bytes[i] = (uint8_t)(key >> (8 * (size - 1 - i)));
		interpret(plain, bytes, sizeof(bytes), left);
		run_machine(vm, bytes, sizeof(bytes), right);
		assert_memory_equal(left, right, sizeof(left));
	}
	assert_true(left[1] >= 200);
	ffpf_vm_free(vm);
}

static void test_lookups(void **state)
{
	static const unsigned sizes[] = {1, 2, 4, 8}, counts[] = {1, 2, 3, 17, 200, 3000};
	static uint64_t keys[3000], values[3000];

	for (unsigned i = 0; i < 4 * 6 * 16; i++) {
		unsigned size = sizes[i % 4], n = counts[i / 4 % 6], form = i / 24;
		struct rng r = {i};

		native = i / 3 % 2;
		begin();
		for (unsigned k = 0; k < n; k++) {
			keys[k] = key_for(&r, size, form & 1);
			values[k] = form & 8 ? rng_next(&r) | 1 : 1 + rng_below(&r, 1 << 20);
		}
		lookup_program(keys, form & 2 ? values : NULL, n, size, form & 4, i % 5 == 0);
		compare(&r, keys, n, size);
		ffpf_arena_free(arena);
	}
}

static void test_equal_tables_are_one(void **state)
{
	const uint64_t keys[] = {5, 3, 9, 3}, same[] = {3, 9, 5}, values[] = {1, 2, 3, 4};

	begin();
	assert_int_equal(ffpf_program_table(p, keys, NULL, 4), 0);
	assert_int_equal(ffpf_program_table(p, same, NULL, 3), 0);
	assert_int_equal(ffpf_program_table(p, same, NULL, 2), 1);
	assert_int_equal(ffpf_program_table(p, keys, values, 4), 2);
	assert_int_equal(ffpf_ir_table_find(&p->tables[0], 3), 1);
	assert_int_equal(ffpf_ir_table_find(&p->tables[0], 4), 0);
	/* Of equal keys the first counts. */
	assert_int_equal(ffpf_ir_table_find(&p->tables[2], 3), 2);
	assert_int_equal(p->tables[2].max, 3);
	ffpf_arena_free(arena);
}

static void expect_text(const char *want)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	ffpf_ir_print(p, out);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static void test_print(void **state)
{
	uint64_t keys[20], values[20];
	const uint64_t few[] = {80, 443};
	ffpf_val len;

	begin();
	for (unsigned i = 0; i < 20; i++) {
		keys[i] = 100 + i;
		values[i] = i + 1;
	}
	len = ffpf_ir_meta(b, FFPF_META_LEN);
	ffpf_ir_count(b, 0, ffpf_ir_lookup(b, len, ffpf_program_table(p, keys, values, 20)));
	ffpf_ir_count(b, 0, ffpf_ir_lookup(b, len, ffpf_program_table(p, few, NULL, 2)));
	finish();
	expect_text("b1:\n\tv1 = meta len\n\tv2 = lookup t0, v1\n\tsadd cells[0], v2\n\tv4 = lookup t1, v1\n"
		    "\tsadd cells[0], v4\n\tend\n"
		    "t0: 20 keys: 0x64 = 1, 0x65 = 2, 0x66 = 3, 0x67 = 4, (14 more), 0x76 = 19, 0x77 = 20\n"
		    "t1: 2 keys: 0x50, 0x1bb\n");
	ffpf_arena_free(arena);
}

static void test_verify(void **state)
{
	const uint64_t keys[] = {1, 2, 3};
	uint64_t *stored;

	begin();
	ffpf_ir_count(b, 0, ffpf_ir_lookup(b, ffpf_ir_const(b, 2), ffpf_program_table(p, keys, NULL, 3)));
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	assert_null(ffpf_ir_verify(p));
	stored = (uint64_t *)(uintptr_t)p->tables[0].keys;
	stored[0] = 3;
	assert_non_null(strstr(ffpf_ir_verify(p), "lookup"));
	stored[0] = 1;
	p->n_tables = 0;
	assert_non_null(strstr(ffpf_ir_verify(p), "lookup"));
	p->n_tables = 1;
	/* A constant's lookup is a constant. */
	ffpf_ir_optimise(p);
	for (size_t i = 1; i < p->n_insns; i++)
		assert_int_not_equal(p->insns[i].op, FFPF_IR_LOOKUP);
	ffpf_arena_free(arena);
}

/* ---- cases ----------------------------------------------------------------------------------- */

/* A switch of n cases, each of which counts in cells of its own; in steps, or anywhere. */
static void switch_program(unsigned n, unsigned step, bool straight, bool odd)
{
	struct ffpf_case *cases = ffpf_arena_alloc(arena, n * sizeof(*cases));
	ffpf_block there = ffpf_ir_block(b), done = ffpf_ir_block(b), other = ffpf_ir_block(b);
	ffpf_val key, one = ffpf_ir_const(b, 1);

	ffpf_ir_check(b, 0, 8, there, done);
	go(there);
	key = ffpf_ir_load(b, 0, 0, 2);
	for (unsigned i = 0; i < n; i++)
		cases[i] = (struct ffpf_case){straight ? 100 + i : i * 7919 % 65536, ffpf_ir_block(b)};
	ffpf_ir_switch(b, 32, key, cases, n, other);
	for (unsigned i = 0; i < n; i++) {
		uint32_t cell = straight ? 10 + i * step : (i * 613u + 10) % (CELLS - 2);

		go(cases[i].to);
		ffpf_ir_count(b, cell, one);
		ffpf_ir_count(b, cell + 1, key);
		if (odd && i == n / 2)
			ffpf_ir_count(b, 1, one);
		ffpf_ir_jump(b, done);
	}
	go(other);
	ffpf_ir_count(b, 0, one);
	ffpf_ir_jump(b, done);
	go(done);
	finish();
}

static size_t switches(void)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_rpo; i++)
		n += p->blocks[p->rpo[i]].term.kind == FFPF_TERM_SWITCH;
	return n;
}

static void test_cases(void **state)
{
	for (unsigned form = 0; form < 24; form++) {
		static const unsigned counts[] = {5, 12, 300};
		uint64_t left[CELLS] = {0}, right[CELLS] = {0}, third[CELLS] = {0};
		unsigned n = counts[form % 3], step = 2 + form / 3 % 2;
		bool straight = form & 4, odd = form >= 18;
		struct ffpf_arena *kept;
		struct ffpf_program *plain;
		struct ffpf_vm *vm;
		struct rng r = {form};

		begin();
		switch_program(n, step, straight, odd);
		plain = p;
		kept = arena;
		begin();
		switch_program(n, step, straight, odd);
		ffpf_ir_optimise(p);
		assert_null(ffpf_ir_verify(p));
		assert_int_equal(switches(), n < 12 || odd);
		for (unsigned k = 0; k < 2000; k++) {
			uint8_t bytes[8] = {0};
			uint32_t key = rng_one_in(&r, 4) ? rng_below(&r, 65536)
				       : straight	 ? 98 + rng_below(&r, n + 4)
							 : rng_below(&r, n) * 7919 % 65536;

			bytes[0] = (uint8_t)(key >> 8);
			bytes[1] = (uint8_t)key;
			interpret(plain, bytes, 8, left);
			interpret(p, bytes, 8, right);
		}
		assert_memory_equal(left, right, sizeof(left));
		vm = machine();
		r.state = form;
		memset(left, 0, sizeof(left));
		for (unsigned k = 0; k < 500; k++) {
			uint8_t bytes[8] = {(uint8_t)(k >> 8), (uint8_t)k};

			interpret(plain, bytes, 8, left);
			run_machine(vm, bytes, 8, third);
		}
		assert_memory_equal(left, third, sizeof(left));
		ffpf_vm_free(vm);
		ffpf_arena_free(arena);
		ffpf_arena_free(kept);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookups), cmocka_unit_test(test_equal_tables_are_one),
		cmocka_unit_test(test_print),	cmocka_unit_test(test_verify),
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
