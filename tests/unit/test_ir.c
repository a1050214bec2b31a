/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packet programs: what the builder makes, what the verifier refuses, how the
 * printer writes it, and what the reference interpreter does with each instruction.
 */
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>

static struct ffpf_arena *arena;
static struct ffpf_program *p;
static struct ffpf_builder *b;

static int setup(void **state)
{
	arena = ffpf_arena_new();
	p = ffpf_program_new(arena);
	b = ffpf_builder_new(p);
	return 0;
}

static int teardown(void **state)
{
	ffpf_arena_free(arena);
	return 0;
}

static void go(ffpf_block block)
{
	ffpf_ir_seal(b, block);
	ffpf_ir_switch_to(b, block);
}

/* Ends the program with a value as its outcome: scratch word 0. */
static void finish(ffpf_val result)
{
	ffpf_ir_set_flag(b, 0, result);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	assert_null(ffpf_ir_verify(p));
}

static uint8_t packet[16] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa};

static uint32_t random_seven(void *arg)
{
	return 7;
}

static uint32_t crossed[2];

static void note_crossing(void *arg, unsigned inflow, uint32_t class)
{
	crossed[0] = inflow;
	crossed[1] = class;
}

static uint32_t native_double(void *arg, unsigned native, uint32_t class)
{
	return native * 1000 + class * 2;
}

static uint64_t cells[8], shared[4];

static uint32_t run_with(struct ffpf_ir_env *env, uint32_t caplen)
{
	static const uint32_t ghosts[] = {0, 9};
	uint32_t flags[4] = {0};

	env->cells = cells;
	env->n_cells = 8;
	env->shared = shared;
	env->n_shared = 4;
	env->flags = flags;
	env->ghosts = ghosts;
	env->random = random_seven;
	env->cross = note_crossing;
	env->native = native_double;
	assert_int_equal(ffpf_ir_run(p, env, packet, caplen), 0);
	return flags[0];
}

static uint32_t run(uint32_t caplen)
{
	struct ffpf_ir_env env = {.meta = {[FFPF_META_LEN] = 100, [FFPF_META_TIME] = 5, [FFPF_META_CAPLEN] = 12345}};

	return run_with(&env, caplen);
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

static unsigned count(enum ffpf_op op)
{
	unsigned n = 0;

	ffpf_ir_analyse(p);
	for (size_t i = 0; i < p->n_rpo; i++)
		for (size_t k = 0; k < p->blocks[p->rpo[i]].n; k++)
			n += p->insns[p->blocks[p->rpo[i]].insns[k]].op == op;
	return n;
}

/* ---- builder --------------------------------------------------------------------------------- */

static void test_folding(void **state)
{
	ffpf_val x = ffpf_ir_const(b, 0xfffffff0);
	ffpf_val sum = ffpf_ir_alu_imm(b, FFPF_ADD, 32, x, 0x20);
	ffpf_block yes = ffpf_ir_block(b), no = ffpf_ir_block(b);

	assert_int_equal(p->insns[sum].op, FFPF_IR_CONST);
	assert_int_equal(p->insns[sum].imm, 0x10);
	ffpf_ir_branch_imm(b, FFPF_EQ, 32, sum, 0x10, yes, no);
	go(no);
	ffpf_ir_end(b);
	go(yes);
	finish(sum);
	assert_int_equal(p->n_rpo, 2);
	assert_int_equal(run(0), 0x10);
}

/* A variable set on both sides of a branch becomes a phi; one set on neither, or alike, does not. */
static void test_phis(void **state)
{
	ffpf_var both = ffpf_ir_var(b), neither = ffpf_ir_var(b), unset = ffpf_ir_var(b);
	ffpf_val len = ffpf_ir_meta(b, FFPF_META_LEN);
	ffpf_block yes = ffpf_ir_block(b), no = ffpf_ir_block(b), join = ffpf_ir_block(b);

	ffpf_ir_var_set(b, neither, len);
	ffpf_ir_branch_imm(b, FFPF_GT, 32, len, 50, yes, no);
	go(yes);
	ffpf_ir_var_set(b, both, ffpf_ir_const(b, 1));
	ffpf_ir_jump(b, join);
	go(no);
	ffpf_ir_var_set(b, both, ffpf_ir_const(b, 2));
	ffpf_ir_jump(b, join);
	go(join);
	assert_int_equal(ffpf_ir_var_get(b, neither), len);
	ffpf_val sum = ffpf_ir_alu(b, FFPF_ADD, 32, ffpf_ir_var_get(b, both), ffpf_ir_var_get(b, unset));
	finish(ffpf_ir_alu(b, FFPF_ADD, 32, sum, ffpf_ir_var_get(b, neither)));
	assert_int_equal(count(FFPF_IR_PHI), 1);
	assert_int_equal(run(0), 101);
}

/* Reading before the block is sealed: the phi is made first and filled, or forwarded, later. */
static void test_unsealed_read(void **state)
{
	ffpf_var var = ffpf_ir_var(b), same = ffpf_ir_var(b);
	ffpf_val len = ffpf_ir_meta(b, FFPF_META_LEN);
	ffpf_block late = ffpf_ir_block(b), join = ffpf_ir_block(b);

	ffpf_ir_var_set(b, var, ffpf_ir_const(b, 3));
	ffpf_ir_var_set(b, same, len);
	ffpf_ir_branch_imm(b, FFPF_GT, 32, len, 50, late, join);
	ffpf_ir_switch_to(b, join);
	ffpf_val sum = ffpf_ir_alu(b, FFPF_ADD, 32, ffpf_ir_var_get(b, var), ffpf_ir_var_get(b, same));
	ffpf_ir_set_flag(b, 0, sum);
	ffpf_ir_end(b);
	go(late);
	ffpf_ir_var_set(b, var, ffpf_ir_const(b, 4));
	ffpf_ir_jump(b, join);
	ffpf_ir_seal(b, join);
	ffpf_builder_finish(b);
	assert_null(ffpf_ir_verify(p));
	assert_int_equal(count(FFPF_IR_PHI), 1);
	assert_int_equal(run(0), 104);
}

/* ---- interpreter ----------------------------------------------------------------------------- */

static void test_arithmetic(void **state)
{
	static const struct {
		enum ffpf_op op;
		unsigned bits;
		uint64_t x, y, want;
	} cases[] = {
		{FFPF_IR_ADD, 32, 0xffffffff, 1, 0},
		{FFPF_IR_ADD, 64, 0xffffffff, 1, 0x100000000},
		{FFPF_IR_SUB, 32, 0, 1, 0xffffffff},
		{FFPF_IR_SUB, 64, 0, 1, UINT64_MAX},
		{FFPF_IR_MUL, 32, 0x10000, 0x10000, 0},
		{FFPF_IR_DIV, 32, 7, 0, 0},
		{FFPF_IR_DIV, 64, UINT64_MAX, 2, INT64_MAX},
		{FFPF_IR_MOD, 32, 7, 0, 7},
		{FFPF_IR_MOD, 32, 0x100000007, 4, 3},
		{FFPF_IR_LSH, 32, 1, 33, 2},
		{FFPF_IR_LSH, 64, 1, 33, 0x200000000},
		{FFPF_IR_RSH, 32, 0x1ffffffff, 4, 0x0fffffff},
		{FFPF_IR_ARSH, 32, 0x80000000, 4, 0xf8000000},
		{FFPF_IR_ARSH, 64, 1ull << 63, 63, UINT64_MAX},
		{FFPF_IR_XOR, 32, 0xff00ff00ff, 0xff, 0xff0000},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(ffpf_alu_eval(cases[i].op, cases[i].bits, cases[i].x, cases[i].y), cases[i].want);
	assert_true(ffpf_cond_eval(FFPF_SLT, 32, 0xffffffff, 0));
	assert_false(ffpf_cond_eval(FFPF_SLT, 64, 0xffffffff, 0));
	assert_true(ffpf_cond_eval(FFPF_EQ, 32, 0x100000001, 1));
	assert_true(ffpf_cond_eval(FFPF_SGE, 64, 0, UINT64_MAX));
	assert_true(ffpf_cond_eval(FFPF_NSET, 32, 5, 2));
}

static void test_packet_bytes(void **state)
{
	ffpf_block ok = ffpf_ir_block(b), shrt = ffpf_ir_block(b), further = ffpf_ir_block(b);
	ffpf_val x, y;

	ffpf_ir_check(b, 0, 4, ok, shrt);
	go(ok);
	x = ffpf_ir_alu_imm(b, FFPF_RSH, 32, ffpf_ir_load(b, 0, 0, 4), 24 + 2); /* 4 */
	ffpf_ir_check(b, x, 6, further, shrt);
	go(shrt);
	ffpf_ir_set_flag(b, 0, ffpf_ir_const(b, 99));
	ffpf_ir_end(b);
	go(further);
	y = ffpf_ir_load(b, x, 4, 2);
	ffpf_ir_store(b, x, 2, 2, y);
	finish(y);
	assert_int_equal(run(3), 99);
	assert_int_equal(run(9), 99);
	assert_int_equal(run(10), 0x99aa);
	assert_memory_equal(packet + 6, "\x99\xaa\x99\xaa", 4);
	packet[6] = 0x77;
	packet[7] = 0x88;
}

static void test_state(void **state)
{
	static const uint32_t base[] = {2, 1}, n[] = {3, 2};
	static const bool is_shared[] = {false, true};
	const struct ffpf_state_map map = {.base = base, .cells = n, .shared = is_shared, .n = 2};
	ffpf_val old, beyond;

	ffpf_builder_begin(b, 1, &map, 0, 0, 0, 0);
	memset(cells, 0, sizeof(cells));
	memset(shared, 0, sizeof(shared));
	shared[2] = 40;
	ffpf_ir_state_store(b, 0, 0, ffpf_ir_const(b, 5));
	ffpf_ir_state_add(b, 0, ffpf_ir_const(b, 2), ffpf_ir_const(b, 6));
	ffpf_ir_state_add(b, 0, ffpf_ir_const(b, 3), ffpf_ir_const(b, 1000));
	ffpf_ir_state_store(b, 0, ffpf_ir_const(b, UINT64_MAX), ffpf_ir_const(b, 1000));
	old = ffpf_ir_state_fetch_add(b, 1, ffpf_ir_const(b, 1), ffpf_ir_const(b, 2));
	beyond = ffpf_ir_state_load(b, 1, ffpf_ir_const(b, 2));
	ffpf_ir_count(b, 7, ffpf_ir_meta(b, FFPF_META_LEN));
	finish(ffpf_ir_alu(b, FFPF_ADD, 64, ffpf_ir_alu(b, FFPF_ADD, 64, old, beyond), ffpf_ir_state_load(b, 0, 0)));
	assert_int_equal(run(0), 45);
	assert_int_equal(cells[2], 5);
	assert_int_equal(cells[4], 6);
	assert_int_equal(cells[5], 0);
	assert_int_equal(cells[7], 100);
	assert_int_equal(shared[2], 42);
}

static void test_surroundings(void **state)
{
	ffpf_val sum = ffpf_ir_call(b, FFPF_HELPER_RANDOM);
	struct ffpf_ir_env env = {.meta = {[FFPF_META_IFINDEX] = 3}};

	ffpf_ir_verdict(b, FFPF_VERDICT_DROP);
	ffpf_ir_verdict(b, FFPF_VERDICT_TX);
	ffpf_ir_set_flag(b, 2, sum);
	sum = ffpf_ir_alu(b, FFPF_ADD, 32, sum, ffpf_ir_flag(b, 2));
	sum = ffpf_ir_alu(b, FFPF_ADD, 32, sum, ffpf_ir_ghost(b, 1));
	sum = ffpf_ir_alu(b, FFPF_ADD, 32, sum, ffpf_ir_native(b, 4, ffpf_ir_const(b, 5)));
	sum = ffpf_ir_alu(b, FFPF_ADD, 32, sum, ffpf_ir_meta(b, FFPF_META_CAPLEN));
	sum = ffpf_ir_alu(b, FFPF_ADD, 32, sum, ffpf_ir_meta(b, FFPF_META_IFINDEX));
	ffpf_ir_cross(b, 3, sum);
	finish(sum);
	assert_int_equal(run_with(&env, 8), 7 + 7 + 9 + 4010 + 8 + 3);
	assert_int_equal(env.verdict, FFPF_VERDICT_DROP);
	assert_int_equal(crossed[0], 3);
	assert_int_equal(crossed[1], 4044);
	assert_true(env.steps > 10);
}

static void test_wanted(void **state)
{
	static const uint64_t results[] = {1, 20, 300};
	const struct ffpf_state_map map = {.first_wanted = 1, .n_wanted = 2};
	struct ffpf_ir_env env = {.wanted = results, .n_wanted = 3};
	struct ffpf_ir_env few = {.wanted = results, .n_wanted = 2};

	ffpf_builder_begin(b, 1, &map, 0, 0, 0, 0);
	finish(ffpf_ir_alu(b, FFPF_ADD, 64, ffpf_ir_wanted(b, 0), ffpf_ir_wanted(b, 1)));
	assert_int_equal(run_with(&env, 0), 320);
	assert_int_equal(ffpf_ir_run(p, &few, packet, 0), -EFAULT);
	ffpf_ir_wanted(b, 2);
	assert_non_null(ffpf_builder_fault(b));
}

/* Sequences without a branch, for numbers around each power of two. */
static void test_idioms(void **state)
{
	static const uint32_t base = 0, n = 8;
	static const bool is_shared = false;
	const struct ffpf_state_map map = {.base = &base, .cells = &n, .shared = &is_shared, .n = 1};
	ffpf_val x, y;

	ffpf_builder_begin(b, 1, &map, 0, 0, 0, 0);
	x = ffpf_ir_state_load(b, 0, 0);
	y = ffpf_ir_state_load(b, 0, ffpf_ir_const(b, 1));
	ffpf_ir_state_store(b, 0, ffpf_ir_const(b, 2), ffpf_ir_bit_length(b, 64, x));
	ffpf_ir_state_store(b, 0, ffpf_ir_const(b, 3),
			    ffpf_ir_bit_length(b, 32, ffpf_ir_alu_imm(b, FFPF_AND, 64, x, UINT32_MAX)));
	ffpf_ir_state_store(b, 0, ffpf_ir_const(b, 4), ffpf_ir_min(b, x, y));
	ffpf_ir_state_store(b, 0, ffpf_ir_const(b, 5), ffpf_ir_truth(b, x));
	finish(ffpf_ir_const(b, 0));
	for (unsigned bit = 0; bit < 64; bit++)
		for (int around = -1; around <= 1; around++) {
			uint64_t number = (UINT64_C(1) << bit) + (uint64_t)(int64_t)around, other = number ^ 5;
			unsigned length = 0, low = 0;

			while (length < 64 && number >> length)
				length++;
			while (low < 32 && (uint32_t)number >> low)
				low++;
			memset(cells, 0, sizeof(cells));
			cells[0] = number;
			cells[1] = other;
			run(0);
			assert_int_equal(cells[2], length);
			assert_int_equal(cells[3], low);
			if (number <= INT64_MAX && other <= INT64_MAX)
				assert_int_equal(cells[4], number < other ? number : other);
			assert_int_equal(cells[5], number != 0);
		}
}

static void test_switch(void **state)
{
	ffpf_block one = ffpf_ir_block(b), other = ffpf_ir_block(b), join = ffpf_ir_block(b);
	const struct ffpf_case cases[] = {{100, one}, {7, join}};
	ffpf_var var = ffpf_ir_var(b);

	ffpf_ir_var_set(b, var, ffpf_ir_const(b, 1));
	ffpf_ir_switch(b, 32, ffpf_ir_meta(b, FFPF_META_LEN), cases, 2, other);
	go(one);
	ffpf_ir_var_set(b, var, ffpf_ir_const(b, 2));
	ffpf_ir_jump(b, join);
	go(other);
	ffpf_ir_var_set(b, var, ffpf_ir_const(b, 3));
	ffpf_ir_jump(b, join);
	go(join);
	finish(ffpf_ir_var_get(b, var));

	static const uint64_t lens[] = {7, 100, 8, 0x100000007};
	static const uint32_t want[] = {1, 2, 3, 1};

	for (unsigned i = 0; i < 4; i++) {
		struct ffpf_ir_env env = {.meta = {[FFPF_META_LEN] = lens[i]}};

		assert_int_equal(run_with(&env, 0), want[i]);
	}
}

/* ---- printer --------------------------------------------------------------------------------- */

static const char *text_of_line(const void *arg, uint32_t origin)
{
	return ffpf_origin_line(origin) == 7 ? arg : NULL;
}

/* Instructions know the line of their class's own source, where there is one, and not that of a class that it calls. */
static void test_lines(void **state)
{
	static const char *const origins[] = {"(FPL,…)"};
	ffpf_val x;

	p->origins = origins;
	p->n_origins = 1;
	p->line_text = text_of_line;
	p->line_arg = "n++;";
	ffpf_ir_line(b, 3);
	assert_int_equal(p->insns[ffpf_ir_const(b, 0)].origin, 0);
	ffpf_builder_origin(b, 1);
	x = ffpf_ir_meta(b, FFPF_META_LEN);
	ffpf_ir_line(b, 7);
	x = ffpf_ir_alu_imm(b, FFPF_ADD, 64, x, 2);
	assert_int_equal(ffpf_origin_function(p->insns[x].origin), 1);
	assert_int_equal(ffpf_origin_line(p->insns[x].origin), 7);
	/* beyond what fits: none */
	ffpf_ir_line(b, 1u << 20);
	assert_int_equal(ffpf_origin_line(p->insns[ffpf_ir_const(b, 0)].origin), 0);
	ffpf_builder_origin(b, 0);
	finish(x);
	ffpf_ir_optimise(p);
	expect_text("b1:\n"
		    "\tv2 = meta len                   ; (FPL,…)\n"
		    "\tv3 = const 2                    ; n++;\n"
		    "\tv4 = add.64 v2, v3\n"
		    "\tsetflag 0, v4\n"
		    "\tend\n");
}

static void test_printer(void **state)
{
	static const char *const origins[] = {"(BPF,\"ip\")", "(pktcount)"};
	ffpf_block ok = ffpf_ir_block(b), more = ffpf_ir_block(b), done = ffpf_ir_block(b);
	const struct ffpf_case cases[] = {{0x800, more}, {6, done}};
	ffpf_var var = ffpf_ir_var(b);
	ffpf_val type;

	p->origins = origins;
	p->n_origins = 2;
	ffpf_builder_origin(b, 1);
	ffpf_ir_var_set(b, var, ffpf_ir_const(b, 1));
	ffpf_ir_check(b, 0, 14, ok, done);
	go(ok);
	type = ffpf_ir_load(b, 0, 12, 2);
	ffpf_ir_switch(b, 32, type, cases, 2, done);
	go(more);
	ffpf_builder_origin(b, 2);
	ffpf_ir_var_set(b, var, ffpf_ir_alu_imm(b, FFPF_AND, 64, type, 0xff));
	ffpf_ir_count(b, 3, ffpf_ir_const(b, 1));
	ffpf_block wide = ffpf_ir_block(b);
	ffpf_ir_check(b, type, 18, wide, done);
	go(wide);
	ffpf_ir_store(b, type, 14, 4, ffpf_ir_load(b, type, 10, 8));
	ffpf_ir_verdict(b, FFPF_VERDICT_DROP);
	ffpf_ir_tag(b, 0x8100c005);
	ffpf_ir_tag(b, 0);
	ffpf_block last = ffpf_ir_block(b);
	ffpf_ir_branch_imm(b, FFPF_EQ, 32, type, 0x806, done, last);
	go(last);
	ffpf_ir_jump(b, done);
	go(done);
	ffpf_builder_origin(b, 0);
	finish(ffpf_ir_var_get(b, var));
	expect_text("b1:\n"
		    "\tv1 = const 1                    ; (BPF,\"ip\")\n"
		    "\tcheck 14 -> b2, short b4\n"
		    "b2:\n"
		    "\tv2 = load.2 [12]\n"
		    "\tswitch.32 v2 -> 0x800: b3, 6: b4, else b4\n"
		    "b3:\n"
		    "\tv3 = const 0xff                 ; (pktcount)\n"
		    "\tv4 = and.64 v2, v3\n"
		    "\tv5 = const 1\n"
		    "\tsadd cells[3], v5\n"
		    "\tcheck v2 + 18 -> b5, short b4\n"
		    "b5:\n"
		    "\tv7 = load.8 [v2 + 10]\n"
		    "\tstore.4 [v2 + 14], v7\n"
		    "\tverdict drop\n"
		    "\ttag 0x8100c005\n"
		    "\ttag off\n"
		    "\tbranch.32 eq v2, 0x806 -> b4, b6\n"
		    "b6:\n"
		    "\tjump b4\n"
		    "b4:\n"
		    "\tv12 = phi [b1: v1, b2: v1, b3: v4, b5: v4, b6: v4]\n"
		    "\tsetflag 0, v12\n"
		    "\tend\n");
}

/* ---- verifier -------------------------------------------------------------------------------- */

/*
 *     b1 check 4 ─┬─▶ b2 load, branch ─┬─▶ b3 const ─▶ b5 phi, setflag
 *                 │                    └─▶ b4 const ─▶ b5
 *                 └─▶ b6 end
 */
static void diamond(ffpf_val *loaded, ffpf_val *phi)
{
	ffpf_block ok = ffpf_ir_block(b), yes = ffpf_ir_block(b), no = ffpf_ir_block(b), join = ffpf_ir_block(b),
		   shrt = ffpf_ir_block(b);
	ffpf_var var = ffpf_ir_var(b);

	ffpf_ir_check(b, 0, 4, ok, shrt);
	go(shrt);
	ffpf_ir_end(b);
	go(ok);
	*loaded = ffpf_ir_load(b, 0, 0, 4);
	ffpf_ir_branch_imm(b, FFPF_GT, 32, *loaded, 50, yes, no);
	go(yes);
	ffpf_ir_var_set(b, var, ffpf_ir_const(b, 1));
	ffpf_ir_jump(b, join);
	go(no);
	ffpf_ir_var_set(b, var, ffpf_ir_const(b, 2));
	ffpf_ir_jump(b, join);
	go(join);
	*phi = ffpf_ir_var_get(b, var);
	finish(*phi);
}

static ffpf_val loaded, phi;

static void break_cycle(void)
{
	p->blocks[5].term = (struct ffpf_term){.kind = FFPF_TERM_JUMP, .yes = 2};
}
static void break_target(void)
{
	p->blocks[5].term = (struct ffpf_term){.kind = FFPF_TERM_JUMP, .yes = 77};
}
static void break_entry(void)
{
	p->entry = 77;
}
static void break_term(void)
{
	p->blocks[5].term.kind = FFPF_TERM_NONE;
}
static void break_end(void)
{
	p->blocks[6].term.yes = 5;
}
static void break_branch(void)
{
	p->blocks[2].term.cond = 44;
}
static void break_branch_value(void)
{
	p->blocks[2].term.a = phi;
}
static void break_id(void)
{
	p->blocks[2].insns[0] = 777;
}
static void break_twice(void)
{
	p->blocks[3].insns[0] = loaded;
}
static void break_block(void)
{
	p->insns[loaded].block = 3;
}
static void break_op(void)
{
	p->insns[loaded].op = FFPF_IR_OPS;
}
static void break_size(void)
{
	p->insns[loaded].size = 3;
}
static void break_bounds(void)
{
	p->insns[loaded].imm = 1;
}
static void break_base(void)
{
	p->insns[loaded].a = p->insns[phi].phi[0].value;
}
static void break_check(void)
{
	p->blocks[1].term.imm = 3;
}
static void break_both_edges(void)
{
	p->blocks[1].term.no = 2;
}
static void break_phi_pred(void)
{
	p->insns[phi].phi[0].pred = 2;
}
static void break_phi_twice(void)
{
	p->insns[phi].phi[0] = p->insns[phi].phi[1];
}
static void break_phi_value(void)
{
	p->insns[phi].phi[0].value = p->insns[phi].phi[1].value;
}
static void break_phi_count(void)
{
	p->insns[phi].n_phi = 1;
}
static void break_phi_place(void)
{
	ffpf_val *insns = p->blocks[5].insns, first = insns[0];

	insns[0] = insns[1];
	insns[1] = first;
}
static void break_operand(void)
{
	p->insns[p->blocks[5].insns[1]].b = 0;
}
static void break_operand_kind(void)
{
	p->insns[p->blocks[5].insns[1]].b = p->blocks[5].insns[1];
}
static void break_flag(void)
{
	p->insns[p->blocks[5].insns[1]].imm = 1;
}
static void break_switch(void)
{
	static struct ffpf_case cases[] = {{7, 3}, {8, 4}, {7, 4}};

	p->blocks[2].term = (struct ffpf_term){
		.kind = FFPF_TERM_SWITCH, .bits = 32, .a = loaded, .cases = cases, .n_cases = 3, .no = 4};
}
static void break_switch_width(void)
{
	static struct ffpf_case cases[] = {{1ull << 32, 3}};

	p->blocks[2].term = (struct ffpf_term){
		.kind = FFPF_TERM_SWITCH, .bits = 32, .a = loaded, .cases = cases, .n_cases = 1, .no = 4};
}

/* A value compared with itself: decided, or a comparison with 0. */
static void test_same_operands(void **state)
{
	static const struct {
		enum ffpf_cond cond;
		int taken; /* -1: it depends on the value */
	} cases[] = {
		{FFPF_EQ, 1},  {FFPF_NE, 0},  {FFPF_LT, 0},  {FFPF_LE, 1},  {FFPF_GT, 0},   {FFPF_GE, 1},
		{FFPF_SLT, 0}, {FFPF_SLE, 1}, {FFPF_SGT, 0}, {FFPF_SGE, 1}, {FFPF_SET, -1}, {FFPF_NSET, -1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (uint32_t len = 0; len < 2; len++) {
			uint32_t flags[1] = {0};
			struct ffpf_ir_env env = {.flags = flags, .meta = {[FFPF_META_LEN] = len}};
			struct ffpf_arena *own = ffpf_arena_new();
			struct ffpf_program *program = ffpf_program_new(own);
			struct ffpf_builder *builder = ffpf_builder_new(program);
			ffpf_block yes = ffpf_ir_block(builder), no = ffpf_ir_block(builder);
			ffpf_val value = ffpf_ir_meta(builder, FFPF_META_LEN);
			size_t branches = 0;

			ffpf_ir_branch(builder, cases[i].cond, 32, value, value, yes, no);
			ffpf_ir_seal(builder, yes);
			ffpf_ir_seal(builder, no);
			ffpf_ir_switch_to(builder, yes);
			ffpf_ir_set_flag(builder, 0, ffpf_ir_const(builder, 1));
			ffpf_ir_end(builder);
			ffpf_ir_switch_to(builder, no);
			ffpf_ir_end(builder);
			ffpf_builder_finish(builder);
			ffpf_ir_optimise(program);
			assert_null(ffpf_ir_verify(program));
			for (size_t k = 0; k < program->n_rpo; k++)
				branches += program->blocks[program->rpo[k]].term.kind == FFPF_TERM_BRANCH;
			assert_int_equal(branches, cases[i].taken < 0);
			assert_int_equal(ffpf_ir_run(program, &env, NULL, 0), 0);
			assert_int_equal(flags[0], cases[i].taken < 0 ? ffpf_cond_eval(cases[i].cond, 32, len, len)
								      : (uint64_t)cases[i].taken);
			ffpf_arena_free(own);
		}
	}
}

static void test_verifier(void **state)
{
	static const struct {
		void (*damage)(void);
		const char *why;
	} cases[] = {
		{break_cycle, "b2 is part of a cycle"},
		{break_target, "b5: the terminator leads to no block"},
		{break_entry, "the entry b77 is no block"},
		{break_term, "b5 has no terminator"},
		{break_end, "b6: an end has no target"},
		{break_branch, "b2: incomplete branch"},
		{break_branch_value, "b2: v4 is not defined at its end"},
		{break_id, "b2: instruction v777 does not exist"},
		{break_twice, "v1 stands in two places"},
		{break_block, "v1 stands in b2 but says b3"},
		{break_op, "v1: no such instruction"},
		{break_size, "v1: load with a wrong field"},
		{break_bounds, "v1: load without a check"},
		{break_base, "v1: v2 is not defined here"},
		{break_check, "v1: load without a check"},
		{break_both_edges, "v1: load without a check"},
		{break_phi_pred, "v4: b2 is no predecessor, or is named twice"},
		{break_phi_twice, "v4: b4 is no predecessor, or is named twice"},
		{break_phi_value, "v4: v3 is not defined at the end of b3"},
		{break_phi_count, "v4: a phi of 1 values in a block of 2 predecessors"},
		{break_phi_place, "v4: a phi behind other instructions"},
		{break_operand, "v5: setflag with wrong operands"},
		{break_operand_kind, "v5: v5 is not defined here"},
		{break_flag, "v5: setflag with a wrong field"},
		{break_switch, "b2: the switch has the same case twice"},
		{break_switch_width, "b2: the switch has a case beyond its width"},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why;

		teardown(state);
		setup(state);
		diamond(&loaded, &phi);
		cases[i].damage();
		why = ffpf_ir_verify(p);
		if (!why || strcmp(why, cases[i].why))
			fail_msg("case %u: '%s' instead of '%s'", i, why ? why : "nothing", cases[i].why);
	}
}

/* A load below two checks, one on each path, is covered although neither check dominates it. */
static void test_check_on_each_path(void **state)
{
	ffpf_block yes = ffpf_ir_block(b), no = ffpf_ir_block(b), join = ffpf_ir_block(b), shrt = ffpf_ir_block(b);

	ffpf_ir_branch_imm(b, FFPF_GT, 32, ffpf_ir_meta(b, FFPF_META_LEN), 50, yes, no);
	go(yes);
	ffpf_ir_check(b, 0, 4, join, shrt);
	go(no);
	ffpf_ir_check(b, 0, 8, join, shrt);
	go(shrt);
	ffpf_ir_end(b);
	go(join);
	finish(ffpf_ir_load(b, 0, 0, 4));
	p->blocks[no].term.imm = 2;
	assert_non_null(ffpf_ir_verify(p));
}

/* What a verified program never does, the interpreter refuses all the same. */
static void test_faults(void **state)
{
	struct ffpf_ir_env env = {.n_cells = 0};
	uint32_t flags[1] = {0};

	env.flags = flags;
	diamond(&loaded, &phi);
	p->blocks[1].term.imm = 0;
	assert_int_equal(ffpf_ir_run(p, &env, packet, 3), -EFAULT);
	assert_int_equal(ffpf_ir_run(p, &env, packet, 4), 0);
	p->blocks[2].term.a = phi;
	assert_int_equal(ffpf_ir_run(p, &env, packet, 4), -EFAULT);
}

static void test_branches(void **state)
{
	ffpf_val len = ffpf_ir_meta(b, FFPF_META_LEN), caplen = ffpf_ir_meta(b, FFPF_META_CAPLEN);
	ffpf_block less = ffpf_ir_block(b), more = ffpf_ir_block(b), folded = ffpf_ir_block(b),
		   never = ffpf_ir_block(b);

	ffpf_ir_branch(b, FFPF_LT, 32, len, caplen, less, more);
	go(more);
	ffpf_ir_end(b);
	go(less);
	/* Two constants decide at once. */
	ffpf_ir_branch(b, FFPF_SGT, 32, ffpf_ir_const(b, 1), ffpf_ir_const(b, UINT32_MAX), folded, never);
	go(never);
	ffpf_ir_end(b);
	go(folded);
	finish(ffpf_ir_const(b, 42));
	assert_int_equal(run(200), 42);
	assert_int_equal(run(16), 0);
}

/* ---- misuse of the builder: others write classes --------------------------------------------- */

static void no_fault(void)
{
	const char *why = ffpf_builder_fault(b);

	if (why)
		fail_msg("%s", why);
}

/* What all functions of a program know of the packet: one variable for each name, forgotten when the packet changes. */
static void test_common(void **state)
{
	ffpf_var x = ffpf_ir_common(b, "x"), y = ffpf_ir_common(b, "y");
	ffpf_block yes = ffpf_ir_block(b), no = ffpf_ir_block(b), both = ffpf_ir_block(b);
	char again[] = {'x', 0};
	uint64_t constant;

	assert_int_equal(ffpf_ir_common(b, again), x);
	assert_int_not_equal(x, y);
	assert_true(ffpf_ir_known(b, ffpf_ir_var_get(b, x), &constant) && constant == 0);
	ffpf_ir_var_set(b, y, ffpf_ir_meta(b, FFPF_META_LEN));
	assert_false(ffpf_ir_known(b, ffpf_ir_var_get(b, y), &constant));
	ffpf_ir_branch(b, FFPF_GT, 32, ffpf_ir_var_get(b, y), ffpf_ir_meta(b, FFPF_META_QUEUE), yes, no);
	go(yes);
	ffpf_ir_var_set(b, x, ffpf_ir_const(b, 3));
	ffpf_ir_jump(b, both);
	go(no);
	ffpf_ir_var_set(b, x, ffpf_ir_const(b, 3));
	ffpf_ir_jump(b, both);
	go(both);
	/* constants of several ways are one */
	assert_true(ffpf_ir_known(b, ffpf_ir_var_get(b, x), &constant) && constant == 3);
	yes = ffpf_ir_block(b);
	no = ffpf_ir_block(b);
	ffpf_ir_check(b, 0, 1, yes, no);
	go(yes);
	ffpf_ir_store(b, 0, 0, 1, ffpf_ir_const(b, 0x11));
	assert_true(ffpf_ir_known(b, ffpf_ir_var_get(b, x), &constant) && constant == 0);
	assert_true(ffpf_ir_known(b, ffpf_ir_var_get(b, y), &constant) && constant == 0);
	ffpf_ir_jump(b, no);
	go(no);
	finish(ffpf_ir_var_get(b, x));
	assert_int_equal(run(0), 3);
	assert_int_equal(run(1), 0);
}

static void test_hide(void **state)
{
	finish(ffpf_ir_hide(b, ffpf_ir_meta(b, FFPF_META_LEN), 0x1c));
	assert_int_equal(run(0), 100 & 0x1c);
	ffpf_ir_optimise(p);
	assert_int_equal(count(FFPF_IR_HIDE), 1);
	assert_int_equal(run(0), 100 & 0x1c);
	expect_text("b1:\n\tv1 = meta len\n\tv2 = hide v1, 0x1c\n\tsetflag 0, v2\n\tend\n");
}

/* Flags of headers are tested where they are: (x >> k & mask) != 0 becomes a test of bits of x, and means the same. */
static void test_bits(void **state)
{
	static const uint64_t masks[] = {1, 3, 4, 0xff, 0x80000000, 0xffffffff, 0x100000000, UINT64_MAX, 0};
	static const uint64_t numbers[] = {0, 1, 2, 0x1122334455667788, 0x8000000000000000, 0xffffffff00000000};
	uint8_t saved[sizeof(packet)];
	unsigned folded = 0;

	memcpy(saved, packet, sizeof(saved));
	for (unsigned i = 0; i < 9 * 8 * 8 * 3; i++) {
		uint64_t mask = masks[i % 9], imm = i / 9 % 3 == 0 ? 0 : i / 9 % 3 == 1 ? mask : 1;
		unsigned shift = i / 27 % 4 * 9, bits = i / 108 & 1 ? 32 : 64, wide = i / 216 & 1 ? 32 : 64;
		enum ffpf_cond cond = i / 432 & 1 ? FFPF_NE : FFPF_EQ;
		uint32_t before[6];
		ffpf_block ok, yes, no, shrt;
		ffpf_val x;

		teardown(NULL);
		setup(NULL);
		ok = ffpf_ir_block(b);
		yes = ffpf_ir_block(b);
		no = ffpf_ir_block(b);
		shrt = ffpf_ir_block(b);
		ffpf_ir_check(b, 0, 8, ok, shrt);
		go(ok);
		x = ffpf_ir_load(b, 0, 0, 8);
		if (shift)
			x = ffpf_ir_alu_imm(b, FFPF_RSH, bits, x, shift);
		x = ffpf_ir_alu_imm(b, FFPF_AND, bits, x, mask);
		ffpf_ir_branch_imm(b, cond, wide, x, imm, yes, no);
		go(yes);
		ffpf_ir_set_flag(b, 0, ffpf_ir_const(b, 1));
		ffpf_ir_jump(b, shrt);
		go(no);
		ffpf_ir_jump(b, shrt);
		go(shrt);
		ffpf_ir_end(b);
		ffpf_builder_finish(b);
		for (unsigned optimised = 0; optimised < 2; optimised++) {
			for (unsigned k = 0; k < 6; k++) {
				uint32_t result;

				for (unsigned byte = 0; byte < 8; byte++)
					packet[byte] = (uint8_t)(numbers[k] >> (56 - 8 * byte));
				result = run(8);
				if (optimised && result != before[k])
					fail_msg("mask %#llx, shift %u.%u, compared in %u bits with %#llx",
						 (unsigned long long)mask, shift, bits, wide, (unsigned long long)imm);
				before[k] = result;
			}
			if (!optimised)
				ffpf_ir_optimise(p);
		}
		folded += !count(FFPF_IR_AND) && count(FFPF_IR_LOAD);
	}
	memcpy(packet, saved, sizeof(saved));
	assert_true(folded > 200);
}

/* The time that one arm asks for is not asked for again behind the join; nobody asks who did not before. */
static void test_times(void **state)
{
	ffpf_block yes = ffpf_ir_block(b), no = ffpf_ir_block(b), done = ffpf_ir_block(b), last = ffpf_ir_block(b);
	ffpf_block end = ffpf_ir_block(b);
	ffpf_val len = ffpf_ir_meta(b, FFPF_META_LEN);

	ffpf_ir_branch_imm(b, FFPF_GT, 32, len, 50, yes, no);
	go(yes);
	ffpf_ir_set_flag(b, 1, ffpf_ir_meta(b, FFPF_META_TIME));
	ffpf_ir_branch_imm(b, FFPF_EQ, 32, len, 60, end, done);
	go(no);
	ffpf_ir_set_flag(b, 2, len);
	ffpf_ir_branch_imm(b, FFPF_EQ, 32, len, 40, end, done);
	go(done);
	ffpf_ir_set_flag(b, 0, ffpf_ir_meta(b, FFPF_META_TIME));
	ffpf_ir_branch_imm(b, FFPF_EQ, 32, len, 70, last, end);
	go(last);
	ffpf_ir_set_flag(b, 3, ffpf_ir_meta(b, FFPF_META_TIME));
	ffpf_ir_jump(b, end);
	go(end);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	ffpf_ir_optimise(p);
	assert_null(ffpf_ir_verify(p));
	/* One in `yes`, one on the edge from `no`. */
	assert_int_equal(count(FFPF_IR_META), 3);
	assert_int_equal(count(FFPF_IR_PHI), 1);
	assert_int_equal(run(0), 5);
	/* Not on the way from `no` to the end. */
	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];

		for (size_t k = 0; k < bb->n; k++)
			if (p->insns[bb->insns[k]].op == FFPF_IR_SETFLAG && p->insns[bb->insns[k]].imm == 2)
				for (size_t m = 0; m < bb->n; m++)
					assert_false(p->insns[bb->insns[m]].op == FFPF_IR_META &&
						     p->insns[bb->insns[m]].imm == FFPF_META_TIME);
	}
}

static void test_misuse(void **state)
{
	static const uint32_t base[2] = {0, UINT32_MAX}, sizes[2] = {1, 0};
	static const bool is_shared[2] = {false, false};
	const struct ffpf_state_map map = {.base = base, .cells = sizes, .shared = is_shared, .n = 2};

	/* Each in a builder of its own: what comes after a misuse must do no harm either. */
	for (unsigned i = 0;; i++) {
		const char *want = NULL;
		ffpf_block accept, reject, other, sealed;
		ffpf_val x;
		ffpf_var var;

		teardown(NULL);
		setup(NULL);
		accept = ffpf_ir_block(b);
		reject = ffpf_ir_block(b);
		other = ffpf_ir_block(b);
		sealed = ffpf_ir_block(b);
		ffpf_ir_seal(b, sealed);
		x = ffpf_ir_const(b, 1);
		var = ffpf_ir_var(b);
		ffpf_builder_begin(b, 0, &map, x, var, accept, reject);
		no_fault();
		switch (i) {
		case 0:
			ffpf_ir_alu(b, FFPF_ADD, 32, x, 999), want = "value";
			break;
		case 1:
			ffpf_ir_alu(b, FFPF_ADD, 32, 0, x), want = "value";
			break;
		case 2:
			ffpf_ir_alu(b, FFPF_ADD, 16, x, x), want = "64 bits";
			break;
		case 3:
			ffpf_ir_alu(b, 99, 32, x, x), want = "operation";
			break;
		case 4:
			ffpf_ir_meta(b, 99), want = "metadata";
			break;
		case 5:
			ffpf_ir_call(b, 99), want = "helper";
			break;
		case 6:
			ffpf_ir_load(b, 0, 0, 3), want = "8 bytes";
			break;
		case 7:
			ffpf_ir_load(b, 999, 0, 4), want = "value";
			break;
		case 8:
			ffpf_ir_store(b, 0, 0, 4, 999), want = "value";
			break;
		case 9:
			ffpf_ir_store(b, 0, 0, 0, x), want = "8 bytes";
			break;
		case 10:
			ffpf_ir_state_add(b, 2, 0, x), want = "state";
			break;
		case 11:
			ffpf_ir_state_load(b, 1, 0), want = "state";
			break;
		case 12:
			ffpf_ir_state_store(b, 0, 999, x), want = "value";
			break;
		case 13:
			ffpf_ir_verdict(b, 99), want = "verdict";
			break;
		case 14:
			ffpf_ir_switch_to(b, other), want = "not ended";
			break;
		case 15:
			ffpf_ir_reject(b), ffpf_ir_const(b, 1), want = "behind the end";
			break;
		case 16:
			ffpf_ir_reject(b), ffpf_ir_reject(b), want = "ended twice";
			break;
		case 17:
			ffpf_ir_reject(b), ffpf_ir_switch_to(b, 1), want = "ended";
			break;
		case 18:
			ffpf_ir_reject(b), ffpf_ir_switch_to(b, 999), want = "does not exist";
			break;
		case 19:
			ffpf_ir_jump(b, 999), want = "does not exist";
			break;
		case 20:
			ffpf_ir_jump(b, 0), want = "nowhere";
			break;
		case 21:
			ffpf_ir_jump(b, sealed), want = "sealed";
			break;
		case 22:
			ffpf_ir_branch(b, FFPF_EQ, 32, x, 999, other, reject), want = "value";
			break;
		case 23:
			ffpf_ir_branch_imm(b, 99, 32, x, 1, other, reject), want = "condition";
			break;
		case 24:
			ffpf_ir_branch_imm(b, FFPF_EQ, 32, ffpf_ir_meta(b, 0), 1, 0, reject), want = "nowhere";
			break;
		case 25:
			ffpf_ir_check(b, 0, 4, other, 0), want = "nowhere";
			break;
		case 26:
			ffpf_ir_seal(b, sealed), want = "sealed before";
			break;
		case 27:
			ffpf_ir_seal(b, 999), want = "does not exist";
			break;
		case 28:
			ffpf_ir_var_set(b, 999, x), want = "variable";
			break;
		case 29:
			ffpf_ir_var_get(b, 999), want = "variable";
			break;
		case 30:
			ffpf_ir_var_set(b, var, 999), want = "value";
			break;
		case 31:
			ffpf_ir_reject(b), ffpf_ir_var_get(b, var), want = "behind the end";
			break;
		case 32:
			ffpf_ir_accept(b, 999), want = "value";
			break;
		case 33:
			ffpf_ir_jump(b, other), want = "not ended";
			break;
		case 34:
			ffpf_ir_jump(b, other), ffpf_ir_switch_to(b, other), ffpf_ir_var_get(b, var), ffpf_ir_reject(b),
				want = "not sealed";
			break;
		case 35:
			ffpf_ir_check(b, 0, 4, accept, reject), no_fault();
			return;
		}
		if (!ffpf_builder_fault(b) || !strstr(ffpf_builder_fault(b), want))
			fail_msg("case %u: '%s' does not say '%s'", i,
				 ffpf_builder_fault(b) ? ffpf_builder_fault(b) : "", want);
		/* And on it goes. */
		if (!ffpf_builder_current(b))
			ffpf_ir_switch_to(b, ffpf_ir_block(b));
		ffpf_ir_var_set(b, var, ffpf_ir_load(b, 0, 1, 1));
		ffpf_ir_accept(b, ffpf_ir_var_get(b, var));
		assert_non_null(ffpf_builder_fault(b));
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(folding),
		TEST(phis),
		TEST(unsealed_read),
		TEST(arithmetic),
		TEST(packet_bytes),
		TEST(state),
		TEST(surroundings),
		TEST(wanted),
		TEST(idioms),
		TEST(switch),
		TEST(lines),
		TEST(printer),
		TEST(same_operands),
		TEST(verifier),
		TEST(check_on_each_path),
		TEST(faults),
		TEST(branches),
		TEST(common),
		TEST(hide),
		TEST(bits),
		TEST(times),
		TEST(misuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
