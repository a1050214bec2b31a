/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kinds of state (fpl/kinds.h): each against a plain model in C, on the reference interpreter over several CPUs; and
 * the same calls through the whole library, compiled and interpreted in userspace and by --replay at xdp, where every
 * cell must be what the reference interpreter makes of it.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kind_class.h"

#define N_CALLS 3000
#define START UINT64_C(1700000000000000000)

static const struct fpl_key_part flow_parts[] = {
	{"src", 4, FFPF_MEMBER_NETWORK}, {"dst", 4, FFPF_MEMBER_NETWORK}, {"sport", 2, FFPF_MEMBER_BIG},
	{"dport", 2, FFPF_MEMBER_BIG},	 {"proto", 1, FFPF_MEMBER_BIG},
};
static const struct fpl_key flow = {flow_parts, 5};
static const struct fpl_key_part mixed_parts[] = {
	{"mac", 6, FFPF_MEMBER_MAC}, {"addr", 16, FFPF_MEMBER_IPV6}, {"vlan", 2, FFPF_MEMBER_UNSIGNED}};
static const struct fpl_key mixed = {mixed_parts, 3};
static const struct fpl_key_part number_parts[] = {{"n", 8, FFPF_MEMBER_UNSIGNED}};
static const struct fpl_key number = {number_parts, 1};

/* ---- hashes and keys ------------------------------------------------------------------------- */

/* Runs what `emit` emits over values; gives n words. */
static void evaluate(void (*emit)(struct ffpf_builder *b, const ffpf_val *values, void *arg), void *arg,
		     const uint64_t *values, unsigned n_values, uint64_t *out, unsigned n)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_program *program = ffpf_program_new(arena);
	struct ffpf_builder *b = ffpf_builder_new(program);
	const uint32_t base = 0, cells = 32;
	const bool shared = false;
	uint64_t state[32] = {0};
	ffpf_val loaded[16];
	ffpf_block end = ffpf_ir_block(b);

	memcpy(state, values, n_values * sizeof(*values));
	ffpf_builder_begin(b, 0, &(struct ffpf_state_map){.base = &base, .cells = &cells, .shared = &shared, .n = 1},
			   ffpf_ir_const(b, 7), ffpf_ir_var(b), end, end);
	for (unsigned i = 0; i < n_values; i++)
		loaded[i] = ffpf_ir_state_load(b, 0, ffpf_ir_const(b, i));
	emit(b, loaded, arg);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	ffpf_ir_seal(b, end);
	ffpf_ir_switch_to(b, end);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	assert_null(ffpf_builder_fault(b));
	assert_null(ffpf_ir_verify(program));
	ffpf_ir_optimise(program);
	struct ffpf_ir_env env = {.cells = state, .n_cells = 32};
	assert_int_equal(ffpf_ir_run(program, &env, (uint8_t[1]){0}, 0), 0);
	memcpy(out, &state[16], n * sizeof(*out));
	ffpf_arena_free(arena);
}

static void emit_hash(struct ffpf_builder *b, const ffpf_val *values, void *arg)
{
	ffpf_val hash = fpl_hash_emit(b, values, *(unsigned *)arg);

	ffpf_ir_state_store(b, 0, ffpf_ir_const(b, 16), hash);
	ffpf_ir_state_store(b, 0, ffpf_ir_const(b, 17), fpl_scale_emit(b, hash, 1000));
	ffpf_ir_state_store(b, 0, ffpf_ir_const(b, 18), fpl_scale_emit(b, hash, 4096));
}

static void a_hash_is_the_same_in_programs_and_in_c(void **state)
{
	struct rng r = {1};

	for (unsigned n = 0; n <= 8; n++)
		for (unsigned round = 0; round < 20; round++) {
			uint64_t words[8], out[3];

			for (unsigned i = 0; i < n; i++)
				words[i] = rng_next(&r);
			evaluate(emit_hash, &n, words, n, out, 3);
			assert_true(out[0] == fpl_hash(words, n));
			assert_true(out[1] == fpl_scale(out[0], 1000) && out[1] < 1000);
			assert_true(out[2] == fpl_scale(out[0], 4096) && out[2] < 4096);
		}
}

/* Each bit of the words turns each bit of the hash in half of all cases. */
static void every_bit_of_a_word_turns_half_of_the_hash(void **state)
{
	const unsigned rounds = 4000;
	struct rng r = {2};

	for (unsigned n = 1; n <= 3; n++)
		for (unsigned bit = 0; bit < 64 * n; bit++) {
			unsigned turned[64] = {0};

			for (unsigned round = 0; round < rounds; round++) {
				/* Also words that are mostly zero, as ports and addresses are. */
				uint64_t words[3], before;

				for (unsigned i = 0; i < n; i++)
					words[i] = rng_next(&r) >> (round % 3 * 24);
				before = fpl_hash(words, n);
				words[bit / 64] ^= UINT64_C(1) << bit % 64;
				before ^= fpl_hash(words, n);
				for (unsigned k = 0; k < 64; k++)
					turned[k] += before >> k & 1;
			}
			for (unsigned k = 0; k < 64; k++)
				if (turned[k] < rounds * 0.42 || turned[k] > rounds * 0.58)
					fail_msg("bit %u of %u words turns bit %u in %u of %u", bit, n, k, turned[k],
						 rounds);
		}
}

static void emit_pack(struct ffpf_builder *b, const ffpf_val *values, void *arg)
{
	ffpf_val words[FPL_KEY_WORDS];
	unsigned n = fpl_key_pack(b, arg, values, words);

	for (unsigned i = 0; i < n; i++)
		ffpf_ir_state_store(b, 0, ffpf_ir_const(b, 16 + i), words[i]);
}

static void keys_are_packed_and_come_back(void **state)
{
	static const uint8_t flow_bytes[] = {192, 0, 2, 1, 198, 51, 100, 7, 0x12, 0x34, 0, 80, 6};
	const uint64_t flow_values[] = {0xffffffffc0000201, 0xc6336407, 0x1234, 0xabc0050, 6};
	const uint64_t mixed_values[] = {0xaa00005e005301, 0x20010db800000000, 1, 0x70005};
	uint8_t bytes[64], expected[24] = {0, 0, 0x5e, 0, 0x53, 1, 0x20, 1, 0xd, 0xb8};
	uint16_t vlan = 5;
	uint64_t words[FPL_KEY_WORDS];
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_members members = fpl_key_members(&mixed, arena);

	assert_int_equal(fpl_key_words(&flow), 2);
	assert_int_equal(fpl_key_bytes(&flow), sizeof(flow_bytes));
	evaluate(emit_pack, (void *)&flow, flow_values, 5, words, 2);
	fpl_key_unpack(&flow, words, bytes);
	assert_memory_equal(bytes, flow_bytes, sizeof(flow_bytes));

	assert_int_equal(fpl_key_words(&mixed), 3);
	assert_int_equal(fpl_key_values(&mixed), 4);
	evaluate(emit_pack, (void *)&mixed, mixed_values, 4, words, 3);
	fpl_key_unpack(&mixed, words, bytes);
	expected[21] = 1;
	memcpy(&expected[22], &vlan, 2);
	assert_memory_equal(bytes, expected, 24);
	assert_int_equal(members.n, 3);
	assert_int_equal(members.list[0].count, 6);
	assert_int_equal(members.list[1].offset, 6);
	assert_int_equal(members.list[2].size, 2);
	ffpf_arena_free(arena);
}

/* ---- levels ---------------------------------------------------------------------------------- */

/* Calls of all methods over keys of which a few come often. */
static void make_calls(struct kind_call *calls, size_t n, uint64_t seed, unsigned keys)
{
	struct rng r = {seed};
	uint64_t now = START;

	for (size_t i = 0; i < n; i++) {
		uint64_t which = rng_next(&r) % keys;
		struct rng k = {0};

		for (unsigned halve = 0; halve < 3 && rng_one_in(&r, 2); halve++)
			which /= 8;
		k.state = which * 77 + 5;
		calls[i] = (struct kind_call){.method = rng_below(&r, kind_decl.kind->n_methods),
					      .by_given = rng_one_in(&r, 3),
					      .by = rng_below(&r, 2000),
					      .time_ns = now};
		for (unsigned a = 0; a < KIND_ARGUMENTS; a++)
			calls[i].arguments[a] = rng_next(&k) >> (rng_next(&k) % 64);
		now += rng_below(&r, 3000000);
		if (rng_one_in(&r, 20) && i)
			calls[i].time_ns -= rng_below(&r, 20000000); /* out of order */
		calls[i].cpu = (unsigned)(rng_next(&r) % KIND_CPUS);
	}
}

static void compare_cells(struct kind_reference *r, struct ffpf *h, const char *how)
{
	for (unsigned i = 0; i < kind_schema_now.n_fields; i++) {
		const uint64_t *expected = r->shared[i] ? r->shared_cells + r->base[i] : r->cells[0] + r->base[i];
		const uint64_t *got;

		if (!r->sizes[i])
			continue;
		got = kind_cells(h, i);
		for (uint32_t k = 0; k < r->sizes[i]; k++)
			if (got[k] != expected[k])
				fail_msg("%s: %s[%u] is %llu, should be %llu", how, kind_fields[i].name, k,
					 (unsigned long long)got[k], (unsigned long long)expected[k]);
	}
}

/* The rows of a table: the keys, the values, their order. */
static void compare_rows(struct kind_reference *r, const struct ffpf_function_stats *f)
{
	struct fpl_kind_cells all = kind_read(r);
	const struct ffpf_table *table = f->tables;
	struct fpl_kind_rows rows;

	assert_int_equal(f->n_tables, kind_decl.kind->rows != NULL);
	if (!kind_decl.kind->rows)
		return;
	kind_decl.kind->rows(&kind_decl, &all, kind_arena, &rows);
	assert_string_equal(table->name, "s");
	assert_string_equal(table->kind, kind_decl.kind->name);
	assert_true(rows.n > 0);
	assert_int_equal(table->n_rows, rows.n);
	assert_int_equal(table->entries, rows.n);
	assert_int_equal(table->key.n, kind_decl.key.n);
	assert_int_equal(table->value.n, kind_decl.kind->n_values);
	assert_memory_equal(table->keys, rows.keys, rows.n * table->key_size);
	assert_memory_equal(table->values, rows.values, rows.n * table->value_size);
}

/* What is shown, too: derived by the library from its cells. */
static void compare_results(struct kind_reference *r, struct ffpf *h, size_t function, const char *how)
{
	struct ffpf_stats *stats;

	assert_int_equal(ffpf_stats_get(h, &stats), 0);
	compare_rows(r, &stats->functions[function]);
	kind_read(r);
	for (size_t i = 0; i < stats->functions[function].n_results; i++)
		for (size_t k = 0; k < kind_schema_now.n_fields; k++) {
			const struct ffpf_result *result = &stats->functions[function].results[i];

			if (strcmp(result->name, kind_fields[k].name) == 0 &&
			    kind_fields[k].flags & FFPF_FIELD_DERIVED &&
			    fabs(result->number - r->derived[k]) > 1e-9 * fabs(r->derived[k]))
				fail_msg("%s: %s is %f, should be %f", how, result->name, result->number,
					 r->derived[k]);
		}
	ffpf_stats_free(stats);
}

static void on_all_levels(struct kind_call *calls, size_t n)
{
	static const char *const hows[] = {
		[KIND_COMPILED] = "compiled", [KIND_INTERPRETED] = "interpreted", [KIND_REPLAY] = "replayed"};
	struct kind_reference *plain = kind_reference_new(false), *optimised = kind_reference_new(true);
	struct ffpf_define file = {"FILE", NULL};
	char name[64];

	for (size_t i = 0; i < n; i++) {
		calls[i].cpu = 0;
		kind_reference_call(plain, &calls[i]);
		kind_reference_call(optimised, &calls[i]);
	}
	assert_memory_equal(plain->cells[0], optimised->cells[0], plain->n_cells * 8);
	assert_memory_equal(plain->shared_cells, optimised->shared_cells, plain->n_shared * 8);
	kind_save(calls, 0, n, 1, name);
	file.value = name;
	for (enum kind_how how = KIND_COMPILED; how <= KIND_REPLAY; how++) {
		struct ffpf *h;

		if (how == KIND_REPLAY && geteuid() != 0) {
			print_message("skipped: loading XDP programs needs root\n");
			continue;
		}
		h = kind_run("(pcap,\"$FILE\")>(kindtest)", &file, 1, how);
		compare_cells(plain, h, hows[how]);
		compare_results(plain, h, 1, hows[how]);
		ffpf_close(h);
	}
	unlink(name);
	kind_reference_free(plain);
	kind_reference_free(optimised);
}

static void levels(const char *kind, const struct fpl_key *key, const uint64_t *arguments, unsigned n, unsigned keys)
{
	static struct kind_call calls[N_CALLS];

	kind_declare(kind, key, arguments, n);
	make_calls(calls, N_CALLS, 11 + keys, keys);
	on_all_levels(calls, N_CALLS);
}

static void every_level_keeps_the_same(void **state)
{
	levels("hist", NULL, (uint64_t[]){0}, 1, 500);
	levels("hist", NULL, (uint64_t[]){1, 100}, 2, 500);
	levels("hist", NULL, (uint64_t[]){1, 1, 5, 200}, 4, 500);
	levels("meter", NULL, (uint64_t[]){50000000}, 1, 500);
	levels("hyperloglog", NULL, (uint64_t[]){4}, 1, 500);
	levels("hyperloglog", NULL, (uint64_t[]){14}, 1, 3000);
	levels("countmin", &flow, (uint64_t[]){4, 100}, 2, 300);
	levels("countmin", &mixed, (uint64_t[]){8, 1024}, 2, 300);
	levels("bloom", &flow, (uint64_t[]){1000}, 1, 2000);
	levels("bloom", &mixed, (uint64_t[]){16}, 1, 2000);
	levels("topk", &number, (uint64_t[]){1}, 1, 300);
	levels("topk", &flow, (uint64_t[]){10}, 1, 300);
	levels("topk", &mixed, (uint64_t[]){20}, 1, 3000);
}

/* ---- models ---------------------------------------------------------------------------------- */

static struct kind_call call_of(unsigned method, uint64_t argument)
{
	return (struct kind_call){.method = method, .arguments = {argument}};
}

static void histograms_count_numbers_in_their_buckets(void **state)
{
	static const uint64_t numbers[] = {0,	       1,	   2,	      3,	  4,	     7,
					   99,	       100,	   149,	      150,	  151,	     1149,
					   UINT32_MAX, 1ull << 32, INT64_MAX, 1ull << 63, UINT64_MAX};
	struct kind_reference *r;

	kind_declare("hist", NULL, (uint64_t[]){0}, 1);
	r = kind_reference_new(true);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct kind_call call = call_of(0, numbers[i]);
		unsigned bits = numbers[i] ? 64 - (unsigned)__builtin_clzll(numbers[i]) : 0;
		uint64_t before = r->cells[0][r->base[KIND_FIRST] + bits];

		kind_reference_call(r, &call);
		assert_int_equal(r->cells[0][r->base[KIND_FIRST] + bits], before + 1);
	}
	kind_reference_free(r);
	for (unsigned width = 1; width <= 50; width += 49) {
		kind_declare("hist", NULL, (uint64_t[]){1, width, 100, 21}, 4);
		r = kind_reference_new(true);
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			struct kind_call call = call_of(0, numbers[i]);
			uint64_t bucket = numbers[i] < 100 ? UINT64_MAX : (numbers[i] - 100) / width, before;
			const uint64_t *cell =
				&r->cells[0][bucket == UINT64_MAX && numbers[i] < 100
						     ? r->base[KIND_FIRST + 1]
						     : r->base[KIND_FIRST] + (bucket < 20 ? bucket : 20)];

			call.by_given = true;
			call.by = 3;
			before = *cell;
			kind_reference_call(r, &call);
			assert_int_equal(*cell, before + 3);
		}
		kind_reference_free(r);
	}
}

/* Registers by the definition, counted bit by bit. */
static void registers_are_those_of_the_definition(void **state)
{
	struct rng rng = {5};
	unsigned expected[256] = {0};
	struct kind_reference *r;

	kind_declare("hyperloglog", NULL, (uint64_t[]){8}, 1);
	r = kind_reference_new(true);
	for (unsigned i = 0; i < 3000; i++) {
		uint64_t words[2] = {rng_next(&rng), i % 7}, hash = fpl_hash(words, 2);
		struct kind_call call = {.arguments = {words[0], words[1]}, .cpu = i % KIND_CPUS};
		unsigned value = 1;

		while (value <= 32 && !(hash >> (32 - value) & 1))
			value++;
		if (value > expected[hash >> 56])
			expected[hash >> 56] = value;
		kind_reference_call(r, &call);
	}
	const uint64_t *registers = kind_read(r).cells + 1;
	for (unsigned i = 0; i < 256; i++)
		assert_int_equal(registers[i], expected[i]);
	kind_reference_free(r);
}

/* Estimates for cardinalities from nothing to many times the registers: no bias, and no more error than is promised. */
static void estimates_of_how_many_are_as_good_as_stated(void **state)
{
	static const unsigned counts[] = {0, 1, 2, 10, 100, 1000, 3000, 5000, 10000, 20000, 50000, 200000};
	for (unsigned precision = 4; precision <= 14; precision += 2) {
		size_t m = (size_t)1 << precision;
		const unsigned seeds = precision < 10 ? 400 : 40;
		double promised = 1.04 / sqrt((double)m);
		uint64_t *cells = calloc(m + 1, 8);

		kind_declare("hyperloglog", NULL, (uint64_t[]){precision}, 1);
		for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]) - (precision < 10 ? 3 : 0); c++) {
			double sum = 0, squares = 0;

			for (unsigned seed = 0; seed < seeds; seed++) {
				struct fpl_kind_cells all = {.cells = cells};
				double out[2];

				memset(cells, 0, (m + 1) * 8);
				for (uint64_t i = 0; i < counts[c]; i++) {
					uint64_t word = i + ((uint64_t)seed << 40), hash = fpl_hash(&word, 1);
					uint64_t *cell = &cells[1 + (hash >> (64 - precision))];
					uint64_t value =
						(uint32_t)hash ? 1u + (unsigned)__builtin_clz((uint32_t)hash) : 33;

					if (value > *cell)
						*cell = value;
				}
				kind_decl.kind->derive(&kind_decl, &all, out);
				if (!counts[c]) {
					assert_true(out[0] == 0);
					continue;
				}
				double error = out[0] / counts[c] - 1;

				sum += error;
				squares += error * error;
			}
			/* The mean of n has a deviation of promised / sqrt(n); the bounds leave room for chance, and
			 * for whole numbers. */
			if (fabs(sum / seeds) > 4 * promised / sqrt(seeds) + 0.3 / counts[c] ||
			    sqrt(squares / seeds) > 1.25 * promised + 0.5 / counts[c])
				fail_msg("precision %u, %u: bias %.4f, deviation %.4f; promised %.4f", precision,
					 counts[c], sum / seeds, sqrt(squares / seeds), promised);
		}
		free(cells);
	}
}

enum { KEYS = 2000 };

/* Draws a key: number k comes about as often as 1/k. */
static unsigned zipf(struct rng *r)
{
	static double upto[KEYS];
	double x;
	unsigned low = 0, high = KEYS - 1;

	if (!upto[0])
		for (unsigned i = 0; i < KEYS; i++)
			upto[i] = (i ? upto[i - 1] : 0) + 1.0 / (i + 1);
	x = (double)(rng_next(r) >> 11) / 9007199254740992.0 * upto[KEYS - 1];
	while (low < high)
		if (upto[(low + high) / 2] < x)
			low = (low + high) / 2 + 1;
		else
			high = (low + high) / 2;
	return low;
}

static uint64_t scrambled(uint64_t key)
{
	return (key + 1) * UINT64_C(0x5851f42d4c957f2d);
}

static void a_count_is_never_too_small_and_seldom_too_great(void **state)
{
	enum { COLUMNS = 272, ROWS = 4 };
	static uint64_t truth[KEYS];
	struct kind_reference *r;
	struct rng rng = {6};
	uint64_t total = 0;
	unsigned above = 0;

	memset(truth, 0, sizeof(truth));
	kind_declare("countmin", &number, (uint64_t[]){ROWS, COLUMNS}, 2);
	r = kind_reference_new(true);
	for (unsigned i = 0; i < 40000; i++) {
		unsigned key = zipf(&rng), by = 1 + rng_below(&rng, 9);
		struct kind_call call = {
			.by_given = true, .by = by, .arguments = {scrambled(key)}, .cpu = i % KIND_CPUS};
		uint64_t before = kind_trace(r, call.cpu) * 31;

		kind_reference_call(r, &call);
		truth[key] += by;
		total += by;
		assert_true(kind_trace(r, call.cpu) - before >= truth[key]); /* what add gave */
	}
	kind_read(r);
	assert_true(r->derived[KIND_FIRST] == (double)total);
	double error = r->derived[KIND_FIRST + 1];
	assert_true(fabs(error - M_E * (double)total / COLUMNS) < 1e-6);
	for (unsigned key = 0; key < KEYS; key++) {
		struct kind_call call = {.method = 1, .arguments = {scrambled(key)}, .cpu = 3};
		uint64_t before = kind_trace(r, 3) * 31, count;

		kind_reference_call(r, &call);
		count = kind_trace(r, 3) - before;
		assert_true(count >= truth[key]);
		above += count > truth[key] + error;
	}
	assert_true(above <= KEYS * exp(-ROWS));
	print_message("count-min: %u of %u keys beyond the bound, %.0f allowed\n", above, KEYS, KEYS * exp(-ROWS));
	kind_reference_free(r);
}

static uint64_t gave(struct kind_reference *r, struct kind_call call)
{
	uint64_t before = kind_trace(r, call.cpu) * 31;

	kind_reference_call(r, &call);
	return kind_trace(r, call.cpu) - before;
}

static void what_was_put_into_a_filter_is_found(void **state)
{
	enum { SIZE = 5000, OTHERS = 100000 };
	struct kind_reference *r;
	unsigned known = 0, falsely = 0;

	kind_declare("bloom", &number, (uint64_t[]){SIZE}, 1);
	r = kind_reference_new(true);
	assert_int_equal(gave(r, (struct kind_call){.method = 1, .arguments = {scrambled(7)}}), 0);
	for (unsigned i = 0; i < SIZE; i++)
		known += !gave(r, (struct kind_call){.arguments = {scrambled(i)}, .cpu = i % KIND_CPUS});
	for (unsigned i = 0; i < SIZE; i++) {
		assert_int_equal(gave(r, (struct kind_call){.arguments = {scrambled(i)}, .cpu = i % KIND_CPUS}), 0);
		assert_int_equal(gave(r, (struct kind_call){.method = 1, .arguments = {scrambled(i)}}), 1);
	}
	for (unsigned i = 0; i < OTHERS; i++)
		falsely += gave(r, (struct kind_call){.method = 1, .arguments = {scrambled(SIZE + i)}}) != 0;
	kind_read(r);
	print_message("bloom: %u of %u others taken for known, %.4f expected of the bits\n", falsely, OTHERS,
		      r->derived[KIND_FIRST + 1]);
	assert_true(falsely < OTHERS / 150);
	assert_true(known < SIZE / 150);
	assert_int_equal(r->merged[KIND_FIRST], SIZE - known);
	assert_true(fabs(falsely - OTHERS * r->derived[KIND_FIRST + 1]) < 5 * sqrt(falsely) + 1);
	kind_reference_free(r);
}

static void the_heaviest_keys_are_shown_and_bounded(void **state)
{
	enum { ROWS = 20 };
	static uint64_t truth[KEYS];
	struct fpl_kind_cells all;
	struct fpl_kind_rows rows;
	struct kind_reference *r;
	struct rng rng = {8};
	unsigned best = 0;

	memset(truth, 0, sizeof(truth));
	kind_declare("topk", &number, (uint64_t[]){ROWS}, 1);
	r = kind_reference_new(true);
	for (unsigned i = 0; i < 60000; i++) {
		unsigned key = zipf(&rng), by = 1 + rng_below(&rng, 5);
		struct kind_call call = {
			.by_given = true, .by = by, .arguments = {scrambled(key)}, .cpu = rng_below(&rng, KIND_CPUS)};
		uint64_t count = gave(r, call);

		truth[key] += by;
		assert_true(count <= truth[key]);
	}
	all = kind_read(r);
	kind_decl.kind->rows(&kind_decl, &all, kind_arena, &rows);
	assert_int_equal(rows.n, ROWS);
	for (size_t i = 0; i < rows.n; i++) {
		uint64_t n, key;

		memcpy(&n, rows.keys + 8 * i, 8);
		for (key = 0; key < KEYS && scrambled(key) != n;)
			key++;
		assert_true(key < KEYS); /* no key that never came */
		assert_true(rows.values[2 * i] <= truth[key] && truth[key] <= rows.values[2 * i + 1]);
		assert_true(!i || rows.values[2 * i] <= rows.values[2 * (i - 1)]);
		best += key < ROWS;
		truth[key] = key < ROWS / 2 ? 0 : truth[key];
	}
	/* All of the ten first are there; of those around the twentieth, which come almost equally often, most. */
	for (unsigned i = 0; i < ROWS / 2; i++)
		assert_int_equal(truth[i], 0);
	assert_true(best >= ROWS - 3);
	/* Who is not shown has no more than is said. */
	for (unsigned key = ROWS; key < KEYS; key++)
		assert_true(truth[key] <= r->derived[KIND_FIRST] || rows.values[2 * ROWS - 2] <= truth[key]);
	kind_reference_free(r);
}

/* Rates over the last complete window of all CPUs, against a list of all packets. */
static void rates_are_those_of_the_last_complete_window(void **state)
{
	const uint64_t window = 50000000;
	struct kind_reference *r;
	struct rng rng = {9};
	uint64_t now = UINT64_C(1000000007), times[400], lens[400], newest = 0;
	double packets = 0, bytes = 0;

	kind_declare("meter", NULL, &window, 1);
	r = kind_reference_new(true);
	kind_read(r);
	assert_true(r->derived[KIND_FIRST + 10] == 0);
	for (unsigned i = 0; i < 400; i++) {
		struct kind_call call = {.arguments = {60 + rng_below(&rng, 1440)}, .cpu = rng_below(&rng, KIND_CPUS)};

		now += rng_below(&rng, 2000000);
		call.time_ns = times[i] = now;
		lens[i] = call.arguments[0];
		kind_reference_call(r, &call);
		newest = now / window;
	}
	for (unsigned i = 0; i < 400; i++)
		if (times[i] / window == newest - 1) {
			packets++;
			bytes += (double)lens[i];
		}
	kind_read(r);
	assert_true(fabs(r->derived[KIND_FIRST + 10] - packets * 20) < 1e-6);
	assert_true(fabs(r->derived[KIND_FIRST + 11] - bytes * 8 * 20) < 1e-6);
	assert_true(fabs(r->derived[KIND_FIRST + 12] - 400 / ((double)(times[399] - times[0]) / 1e9)) < 1e-6);
	assert_int_equal(r->merged[KIND_FIRST], 400);
	kind_reference_free(r);
}

/* Two readers put keys into one filter at once: each key is new to one of them, and no bit is lost. */
static void threads_share_what_is_shared(void **state)
{
	enum { N = 40000 };
	struct kind_call *calls = calloc(N, sizeof(*calls));
	struct ffpf_define files[2] = {{"A", NULL}, {"B", NULL}};
	struct kind_reference *r;
	struct ffpf_stats *stats;
	char names[2][64];
	struct ffpf *h;

	kind_declare("bloom", &number, (uint64_t[]){1 << 20}, 1);
	r = kind_reference_new(true);
	for (unsigned i = 0; i < N; i++) {
		calls[i] = (struct kind_call){.arguments = {scrambled(i / 4)}, .time_ns = i * 1000};
		kind_reference_call(r, &calls[i]);
	}
	for (unsigned i = 0; i < 2; i++) {
		kind_save(calls, i, N, 2, names[i]);
		files[i].value = names[i];
	}
	h = kind_run("[(pcap,\"$A\")|(pcap,\"$B\")]>(kindtest)", files, 2, KIND_COMPILED);
	assert_int_equal(ffpf_stats_get(h, &stats), 0);
	for (size_t i = 0; i < stats->functions[2].n_results; i++)
		if (!strcmp(stats->functions[2].results[i].name, "s"))
			assert_int_equal(stats->functions[2].results[i].values[0], N / 4);
	ffpf_stats_free(stats);
	assert_memory_equal(kind_cells(h, KIND_FIRST + 2), r->shared_cells, r->n_shared * 8);
	ffpf_close(h);
	for (unsigned i = 0; i < 2; i++)
		unlink(names[i]);
	kind_reference_free(r);
	free(calls);
}

/* Two readers, each with cells of its own: what is shown is what one would have seen. */
static void threads_are_merged(void **state)
{
	enum { N = 20000 };
	static const struct {
		const char *kind;
		const struct fpl_key *key;
		uint64_t argument;
	} cases[] = {{"hyperloglog", NULL, 10},
		     {"meter", NULL, 10000000},
		     {"hist", NULL, 0},
		     {"countmin", &number, 4},
		     {"topk", &number, 8}};
	struct kind_call *calls = calloc(N, sizeof(*calls));

	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct ffpf_define files[2] = {{"A", NULL}, {"B", NULL}};
		struct kind_reference *r;
		struct rng rng = {c};
		char names[2][64];
		struct ffpf *h;

		kind_declare(cases[c].kind, cases[c].key, &cases[c].argument, 1);
		r = kind_reference_new(true);
		for (unsigned i = 0; i < N; i++) {
			calls[i] = (struct kind_call){
				.arguments = {scrambled(zipf(&rng))}, .time_ns = START + i * 10000ull, .cpu = i & 1};
			kind_reference_call(r, &calls[i]);
		}
		for (unsigned i = 0; i < 2; i++) {
			kind_save(calls, i, N, 2, names[i]);
			files[i].value = names[i];
		}
		h = kind_run("[(pcap,\"$A\")|(pcap,\"$B\")]>(kindtest)", files, 2, KIND_COMPILED);
		compare_results(r, h, 2, cases[c].kind);
		ffpf_close(h);
		for (unsigned i = 0; i < 2; i++)
			unlink(names[i]);
		kind_reference_free(r);
	}
	free(calls);
}

static void declarations_are_checked(void **state)
{
	struct fpl_kind_decl decl = {.kind = fpl_kind_find("hist"), .name = "h"};
	unsigned argument = 9;

	assert_null(fpl_kind_find("nothing"));
	assert_null(fpl_kind_method_find(decl.kind, "take"));
	fpl_kind_defaults(&decl);
	assert_null(decl.kind->check(&decl, &argument));
	decl.arguments[0] = 1;
	assert_non_null(decl.kind->check(&decl, &argument));
	assert_int_equal(argument, 1);
	decl.arguments[0] = 0;
	decl.given[3] = true;
	assert_non_null(decl.kind->check(&decl, &argument));
	assert_int_equal(argument, 3);
	decl = (struct fpl_kind_decl){.kind = fpl_kind_find("countmin"), .name = "c", .arguments = {8, 1 << 20}};
	assert_non_null(decl.kind->check(&decl, &argument));
	for (size_t i = 0; fpl_kind_at(i); i++) {
		const struct fpl_kind_ops *kind = fpl_kind_at(i);

		assert_ptr_equal(fpl_kind_find(kind->name), kind);
		assert_non_null(kind->doc);
		for (unsigned k = 0; k < kind->n_arguments; k++)
			assert_true(kind->arguments[k].required || kind->arguments[k].type == FPL_ARGUMENT_CHOICE ||
				    (kind->arguments[k].def >= kind->arguments[k].min &&
				     kind->arguments[k].def <= kind->arguments[k].max));
		for (unsigned k = 0; k < kind->n_methods; k++)
			assert_ptr_equal(fpl_kind_method_find(kind, kind->methods[k].name), &kind->methods[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(declarations_are_checked),
		cmocka_unit_test(a_hash_is_the_same_in_programs_and_in_c),
		cmocka_unit_test(every_bit_of_a_word_turns_half_of_the_hash),
		cmocka_unit_test(keys_are_packed_and_come_back),
		cmocka_unit_test(histograms_count_numbers_in_their_buckets),
		cmocka_unit_test(registers_are_those_of_the_definition),
		cmocka_unit_test(estimates_of_how_many_are_as_good_as_stated),
		cmocka_unit_test(a_count_is_never_too_small_and_seldom_too_great),
		cmocka_unit_test(what_was_put_into_a_filter_is_found),
		cmocka_unit_test(the_heaviest_keys_are_shown_and_bounded),
		cmocka_unit_test(rates_are_those_of_the_last_complete_window),
		cmocka_unit_test(every_level_keeps_the_same),
		cmocka_unit_test(threads_share_what_is_shared),
		cmocka_unit_test(threads_are_merged),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	ffpf_arena_free(kind_arena);
	return failed;
}
