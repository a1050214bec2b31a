/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps in packet programs: what the builder makes and refuses, what the verifier refuses, how the printer writes it,
 * what the reference interpreter does, and what the optimiser may take away.
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

enum { TABLE, NET, ROW };

static const struct ffpf_ir_map maps[] = {
	[TABLE] = {.name = "f.table", .kind = FFPF_MAP_HASH, .key_size = 6, .words = 2, .max_entries = 4},
	[NET] = {.name = "f.net", .kind = FFPF_MAP_LPM, .key_size = 4, .words = 1, .max_entries = 4},
	[ROW] = {.name = "f.row", .kind = FFPF_MAP_ARRAY, .key_size = 4, .words = 3, .max_entries = 4},
};
static const struct ffpf_state_map state_map = {.n_maps = 3};

static struct ffpf_arena *arena;
static struct ffpf_program *p;
static struct ffpf_builder *b;

static int setup(void **state)
{
	arena = ffpf_arena_new();
	p = ffpf_program_new(arena);
	p->maps = maps;
	p->n_maps = 3;
	b = ffpf_builder_new(p);
	ffpf_builder_begin(b, 0, &state_map, 0, 0, 0, 0);
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

/* ---- a map of one entry for each of the three -------------------------------------------------------------------- */

static struct {
	bool there;
	uint8_t key[FFPF_IR_KEY_MOST];
	uint64_t words[3];
	unsigned asked;
} entries[3];

static uint64_t *find(void *arg, unsigned map, const uint8_t *key)
{
	entries[map].asked++;
	return entries[map].there && !memcmp(entries[map].key, key, maps[map].key_size) ? entries[map].words : NULL;
}

static uint32_t add(void *arg, unsigned map, const uint8_t *key)
{
	if (entries[map].there && memcmp(entries[map].key, key, maps[map].key_size) != 0)
		return 7;
	if (!entries[map].there)
		memset(entries[map].words, 0, sizeof(entries[map].words));
	entries[map].there = true;
	memcpy(entries[map].key, key, maps[map].key_size);
	return 0;
}

static void take(void *arg, unsigned map, const uint8_t *key)
{
	entries[map].there &= memcmp(entries[map].key, key, maps[map].key_size) != 0;
}

static int run_with(uint64_t length, uint32_t *result)
{
	uint32_t flags[4] = {0};
	struct ffpf_ir_env env = {.flags = flags,
				  .map_find = find,
				  .map_add = add,
				  .map_remove = take,
				  .meta = {[FFPF_META_LEN] = length}};
	int err = ffpf_ir_run(p, &env, NULL, 0);

	*result = flags[0];
	return err;
}

static uint32_t run(uint64_t length)
{
	uint32_t result;

	assert_int_equal(run_with(length, &result), 0);
	return result;
}

/* The value goes into word 0, and the program ends. */
static void finish(ffpf_val result)
{
	ffpf_ir_set_flag(b, 0, result);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
}

static void good(void)
{
	const char *why = ffpf_ir_verify(p);

	if (why)
		fail_msg("%s", why);
}

/* ---- meaning ----------------------------------------------------------------------------------------------------- */

/* Counts in the entry of (length, 0x1234), which it puts; what it was before. */
static void build_count(void)
{
	ffpf_block new = ffpf_ir_block(b), put = ffpf_ir_block(b), full = ffpf_ir_block(b), there = ffpf_ir_block(b);
	ffpf_block done = ffpf_ir_block(b);
	ffpf_var entry = ffpf_ir_var(b), result = ffpf_ir_var(b);
	const struct ffpf_key_part key[] = {{ffpf_ir_meta(b, FFPF_META_LEN), 4}, {ffpf_ir_const(b, 0x991234), 2}};

	ffpf_ir_var_set(b, entry, ffpf_ir_map_find(b, TABLE, key, 2));
	ffpf_ir_branch_imm(b, FFPF_EQ, 64, ffpf_ir_var_get(b, entry), 0, new, there);
	go(new);
	ffpf_ir_branch_imm(b, FFPF_EQ, 32, ffpf_ir_map_add(b, TABLE, key, 2), 0, put, full);
	go(full);
	ffpf_ir_var_set(b, result, ffpf_ir_const(b, 99));
	ffpf_ir_jump(b, done);
	go(put);
	ffpf_ir_var_set(b, entry, ffpf_ir_map_find(b, TABLE, key, 2));
	ffpf_ir_branch_imm(b, FFPF_NE, 64, ffpf_ir_var_get(b, entry), 0, there, done);
	go(there);
	ffpf_ir_entry_add(b, ffpf_ir_var_get(b, entry), 0, ffpf_ir_const(b, 3));
	ffpf_ir_entry_store(b, ffpf_ir_var_get(b, entry), 1, ffpf_ir_entry_load(b, ffpf_ir_var_get(b, entry), 0));
	ffpf_ir_var_set(b, result, ffpf_ir_entry_fetch_add(b, ffpf_ir_var_get(b, entry), 0, ffpf_ir_const(b, 10)));
	ffpf_ir_jump(b, done);
	go(done);
	finish(ffpf_ir_var_get(b, result));
}

static void test_meaning(void **state)
{
	for (int optimised = 0; optimised < 2; optimised++) {
		teardown(NULL);
		setup(NULL);
		memset(entries, 0, sizeof(entries));
		build_count();
		good();
		if (optimised) {
			ffpf_ir_optimise(p);
			good();
		}
		assert_int_equal(run(0x01020304), 3);
		assert_memory_equal(entries[TABLE].key, "\1\2\3\4\x12\x34", 6);
		assert_int_equal(run(0x01020304), 16);
		assert_int_equal(entries[TABLE].words[0], 26);
		assert_int_equal(entries[TABLE].words[1], 16);
		assert_int_equal(run(5), 99);
		assert_int_equal(entries[TABLE].words[0], 26);
	}
}

/* An array's key is a number of this machine; and removing. */
static void test_keys(void **state)
{
	const struct ffpf_key_part row = {ffpf_ir_const(b, 3), 4};
	const uint32_t three = 3;

	entries[ROW].there = true;
	memcpy(entries[ROW].key, &three, sizeof(three));
	entries[NET].there = true;
	memcpy(entries[NET].key, "\0\0\0\3", 4);
	ffpf_ir_map_remove(b, NET, &row, 1);
	ffpf_val e = ffpf_ir_map_find(b, ROW, &row, 1);
	ffpf_block yes = ffpf_ir_block(b), no = ffpf_ir_block(b);

	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, yes, no);
	go(yes);
	ffpf_ir_set_flag(b, 0, ffpf_ir_const(b, 5));
	ffpf_ir_jump(b, no);
	go(no);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	good();
	assert_int_equal(run(0), 5);
	assert_false(entries[NET].there);
}

/* The interpreter believes nothing: an entry that is none, a word that it has not. */
static void test_faults(void **state)
{
	const struct ffpf_key_part key = {ffpf_ir_const(b, 1), 4};
	ffpf_val e = ffpf_ir_map_find(b, NET, &key, 1);
	uint32_t result;

	finish(ffpf_ir_entry_load(b, e, 0));
	memset(entries, 0, sizeof(entries));
	assert_int_equal(run_with(0, &result), -EFAULT);
	entries[NET].there = true;
	memcpy(entries[NET].key, "\0\0\0\1", 4);
	entries[NET].words[0] = 42;
	assert_int_equal(run(0), 42);
	for (ffpf_val v = 1; v < p->n_insns; v++)
		if (p->insns[v].op == FFPF_IR_ELOAD)
			p->insns[v].imm = 1;
	assert_int_equal(run_with(0, &result), -EFAULT);
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

static void test_printer(void **state)
{
	const struct ffpf_key_part key[] = {{ffpf_ir_meta(b, FFPF_META_LEN), 4}, {ffpf_ir_const(b, 7), 2}};
	ffpf_block yes = ffpf_ir_block(b), no = ffpf_ir_block(b);
	ffpf_val e = ffpf_ir_map_find(b, TABLE, key, 2);
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, yes, no);
	go(yes);
	ffpf_ir_entry_add(b, e, 1, key[1].value);
	ffpf_ir_entry_store(b, e, 0, ffpf_ir_entry_load(b, e, 1));
	ffpf_ir_entry_fetch_add(b, e, 0, key[1].value);
	ffpf_ir_jump(b, no);
	go(no);
	ffpf_ir_map_add(b, NET, key, 1);
	ffpf_ir_map_remove(b, ROW, key, 1);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	good();
	out = open_memstream(&text, &size);
	ffpf_ir_print(p, out);
	fclose(out);
	assert_string_equal(text, "b1:\n"
				  "\tv1 = meta len\n"
				  "\tv2 = const 7\n"
				  "\tv3 = key.4 f.table[0], v1\n"
				  "\tv4 = key.2 f.table[4], v2\n"
				  "\tv5 = mfind f.table, v4\n"
				  "\tbranch.64 ne v5, 0 -> b2, b3\n"
				  "b2:\n"
				  "\teadd v5[1], v2\n"
				  "\tv7 = eload v5[1]\n"
				  "\testore v5[0], v7\n"
				  "\tv9 = efetchadd v5[0], v2\n"
				  "\tjump b3\n"
				  "b3:\n"
				  "\tv10 = key.4 f.net[0], v1\n"
				  "\tv11 = madd f.net, v10\n"
				  "\tv12 = key.4 f.row[0], v1\n"
				  "\tmremove f.row, v12\n"
				  "\tend\n");
	free(text);
}

/* ---- the optimiser ----------------------------------------------------------------------------------------------- */

static unsigned count(enum ffpf_op op)
{
	unsigned n = 0;

	ffpf_ir_analyse(p);
	for (size_t i = 0; i < p->n_rpo; i++)
		for (size_t k = 0; k < p->blocks[p->rpo[i]].n; k++)
			n += p->insns[p->blocks[p->rpo[i]].insns[k]].op == op;
	return n;
}

/* What nobody asks goes, with its key; what is there twice is there twice: it may have changed in between. */
static void test_optimiser(void **state)
{
	const struct ffpf_key_part key[] = {{ffpf_ir_meta(b, FFPF_META_LEN), 4}, {ffpf_ir_const(b, 7), 2}};
	ffpf_block yes = ffpf_ir_block(b), no = ffpf_ir_block(b), again = ffpf_ir_block(b);
	ffpf_val e, x;

	ffpf_ir_map_find(b, TABLE, key, 2);
	e = ffpf_ir_map_find(b, TABLE, key, 2);
	ffpf_ir_map_add(b, TABLE, key, 2);
	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, yes, no);
	go(yes);
	x = ffpf_ir_alu(b, FFPF_ADD, 64, ffpf_ir_entry_load(b, e, 0), ffpf_ir_entry_load(b, e, 0));
	ffpf_ir_entry_load(b, e, 1);
	ffpf_ir_set_flag(b, 0, x);
	ffpf_ir_branch_imm(b, FFPF_EQ, 64, e, 0, no, again);
	go(again);
	ffpf_ir_entry_add(b, e, 1, x);
	ffpf_ir_jump(b, no);
	go(no);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	good();
	ffpf_ir_optimise(p);
	good();
	assert_int_equal(count(FFPF_IR_MFIND), 1);
	assert_int_equal(count(FFPF_IR_KEY), 4);
	assert_int_equal(count(FFPF_IR_MADD), 1);
	assert_int_equal(count(FFPF_IR_ELOAD), 2);
	assert_int_equal(count(FFPF_IR_EADD), 1);
	/* It was asked before. */
	assert_int_equal(p->n_rpo, 3);
}

static void test_changed(void **state)
{
	const struct ffpf_key_part key[] = {{ffpf_ir_meta(b, FFPF_META_LEN), 4}, {ffpf_ir_const(b, 7), 2}};
	ffpf_block yes = ffpf_ir_block(b), no = ffpf_ir_block(b);
	bool changed[3] = {false};
	ffpf_var entry = ffpf_ir_var(b);
	ffpf_val e = ffpf_ir_map_find(b, NET, key, 1);

	ffpf_ir_var_set(b, entry, ffpf_ir_map_find(b, TABLE, key, 2));
	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, yes, no);
	go(yes);
	ffpf_ir_set_flag(b, 0, ffpf_ir_entry_load(b, e, 0));
	ffpf_ir_var_set(b, entry, ffpf_ir_const(b, 0));
	ffpf_ir_jump(b, no);
	go(no);
	e = ffpf_ir_var_get(b, entry);
	yes = ffpf_ir_block(b);
	no = ffpf_ir_block(b);
	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, yes, no);
	go(yes);
	ffpf_ir_entry_store(b, e, 1, key[0].value);
	ffpf_ir_jump(b, no);
	go(no);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	good();
	ffpf_ir_changed_maps(p, changed);
	assert_true(changed[TABLE]);
	assert_false(changed[NET]);
	assert_false(changed[ROW]);
}

/* ---- misuse ------------------------------------------------------------------------------------------------------ */

static void test_misuse(void **state)
{
	static const struct {
		unsigned map, n;
		uint8_t sizes[4];
		const char *fault;
	} cases[] = {
		{3, 1, {4}, "not announced"},	{TABLE, 1, {4}, "of its size"},	   {TABLE, 2, {4, 4}, "of its size"},
		{TABLE, 0, {0}, "of its size"}, {TABLE, 2, {3, 3}, "of its size"}, {ROW, 2, {2, 2}, "of its size"},
		{NET, 100, {4}, "of its size"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ffpf_key_part key[100] = {{0}};

		teardown(NULL);
		setup(NULL);
		for (unsigned k = 0; k < cases[i].n; k++)
			key[k] = (struct ffpf_key_part){ffpf_ir_const(b, 1), k < 4 ? cases[i].sizes[k] : 1};
		ffpf_ir_map_find(b, cases[i].map, key, cases[i].n);
		ffpf_ir_map_add(b, cases[i].map, key, cases[i].n);
		ffpf_ir_map_remove(b, cases[i].map, key, cases[i].n);
		if (!ffpf_builder_fault(b) || !strstr(ffpf_builder_fault(b), cases[i].fault))
			fail_msg("case %zu: '%s'", i, ffpf_builder_fault(b) ? ffpf_builder_fault(b) : "");
	}
}

/* Each makes a program, wrong in its own way, whose entry e is in NET. */
static void test_verifier(void **state)
{
	for (unsigned i = 0;; i++) {
		const char *want = NULL, *why;
		ffpf_block yes, no, other;
		ffpf_var var;
		ffpf_val e, x;

		teardown(NULL);
		setup(NULL);
		yes = ffpf_ir_block(b), no = ffpf_ir_block(b), other = ffpf_ir_block(b);
		var = ffpf_ir_var(b);
		x = ffpf_ir_meta(b, FFPF_META_LEN);
		const struct ffpf_key_part key[] = {{x, 4}, {x, 2}};

		e = ffpf_ir_map_find(b, NET, key, 1);
		ffpf_ir_var_set(b, var, e);
		switch (i) {
		case 0:
			ffpf_ir_entry_load(b, e, 0), want = "nothing has asked";
			break;
		case 1:
			ffpf_ir_entry_load(b, x, 0), want = "is no entry";
			break;
		case 2:
			ffpf_ir_alu_imm(b, FFPF_ADD, 64, e, 8), want = "as a number";
			break;
		case 3:
			ffpf_ir_set_flag(b, 0, e), want = "as a number";
			break;
		case 4:
			ffpf_ir_branch_imm(b, FFPF_NE, 32, e, 0, yes, no), want = "compared";
			break;
		case 5:
			ffpf_ir_branch_imm(b, FFPF_GT, 64, e, 0, yes, no), want = "compared";
			break;
		case 6:
			ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 1, yes, no), want = "compared";
			break;
		case 7:
			ffpf_ir_branch(b, FFPF_NE, 64, x, e, yes, no), want = "compared";
			break;
		case 8: /* the wrong side of the branch */
			ffpf_ir_branch_imm(b, FFPF_EQ, 64, e, 0, yes, no);
			go(yes);
			ffpf_ir_entry_load(b, e, 0), want = "nothing has asked";
			break;
		case 9: /* behind both */
			ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, yes, no);
			go(yes);
			ffpf_ir_jump(b, no);
			go(no);
			ffpf_ir_entry_add(b, e, 0, x), want = "nothing has asked";
			break;
		case 10: /* another than was asked about */
			e = ffpf_ir_map_find(b, TABLE, key, 2);
			ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, yes, no);
			go(yes);
			ffpf_ir_entry_load(b, ffpf_ir_var_get(b, var), 0), want = "nothing has asked";
			break;
		case 11: /* words */
			ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, yes, no);
			go(yes);
			ffpf_ir_entry_load(b, e, 1), want = "no word 1";
			break;
		case 12: /* merged with one of more words: those that both have */
			ffpf_ir_branch_imm(b, FFPF_SET, 64, x, 1, yes, other);
			go(yes);
			ffpf_ir_var_set(b, var, ffpf_ir_map_find(b, TABLE, key, 2));
			ffpf_ir_jump(b, other);
			go(other);
			e = ffpf_ir_var_get(b, var);
			yes = ffpf_ir_block(b);
			ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, yes, no);
			go(yes);
			ffpf_ir_entry_load(b, e, 1), want = "no word 1";
			break;
		case 13:
			ffpf_ir_branch_imm(b, FFPF_SET, 64, x, 1, yes, other);
			go(yes);
			ffpf_ir_var_set(b, var, x);
			ffpf_ir_jump(b, other);
			go(other);
			ffpf_ir_branch_imm(b, FFPF_NE, 64, ffpf_ir_var_get(b, var), 0, yes = ffpf_ir_block(b), no);
			go(yes);
			want = "merged with a number";
			break;
		case 14: /* one arm of a merge was asked about, the other was not */
			ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, other, yes);
			go(yes);
			ffpf_ir_var_set(b, var, ffpf_ir_map_find(b, TABLE, key, 2));
			ffpf_ir_jump(b, other);
			go(other);
			ffpf_ir_entry_load(b, ffpf_ir_var_get(b, var), 0), want = "nothing has asked";
			break;
		default: /* and so it is right */
			ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, other, yes);
			go(yes);
			e = ffpf_ir_map_find(b, TABLE, key, 2);
			ffpf_ir_var_set(b, var, e);
			ffpf_ir_branch_imm(b, FFPF_EQ, 64, e, 0, no, other);
			go(other);
			ffpf_ir_entry_load(b, ffpf_ir_var_get(b, var), 0);
		}
		if (ffpf_builder_current(b))
			ffpf_ir_end(b);
		for (ffpf_block k = 1; k < p->n_blocks; k++)
			if (p->blocks[k].term.kind == FFPF_TERM_NONE) {
				ffpf_ir_switch_to(b, k);
				ffpf_ir_end(b);
			}
		assert_null(ffpf_builder_fault(b));
		ffpf_builder_finish(b);
		why = ffpf_ir_verify(p);
		if (!want) {
			good();
			return;
		}
		if (!why || !strstr(why, want))
			fail_msg("case %u: '%s' does not say '%s'", i, why ? why : "", want);
	}
}

/* Keys that no builder makes. */
static void test_broken_keys(void **state)
{
	for (unsigned i = 0; i < 6; i++) {
		const struct ffpf_key_part key[] = {{ffpf_ir_const(b, 1), 4}, {ffpf_ir_const(b, 2), 2}};
		ffpf_val e = ffpf_ir_map_find(b, TABLE, key, 2), last = p->insns[e].a, first = p->insns[last].a;

		finish(ffpf_ir_const(b, 0));
		good();
		switch (i) {
		case 0:
			p->insns[last].cells = 3;
			break;
		case 1:
			p->insns[e].a = first;
			break;
		case 2:
			p->insns[first].size = 8;
			break;
		case 3:
			p->insns[e].imm = NET;
			break;
		case 4:
			p->insns[last].imm = 9;
			break;
		default:
			p->insns[last].a = 0;
		}
		assert_non_null(ffpf_ir_verify(p));
		teardown(NULL);
		setup(NULL);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(meaning), TEST(keys),   TEST(faults),   TEST(printer),	TEST(optimiser),
		TEST(changed), TEST(misuse), TEST(verifier), TEST(broken_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
