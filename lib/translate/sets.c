/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tells the numbers of a list apart in as few steps as its kind allows: a few by comparing, many single ones by a table
 * (LOOKUP), nets of one size by a table of their prefixes, other ranges by halving.
 */
#include <lib/translate/sets.h>

#include <stdlib.h>

/* From so many numbers on a table is faster than comparing. */
#define TABLE_MIN 8
/* Ranges up to this long are single numbers in a table. */
#define SPREAD_MAX 8
/* Sizes of nets that have a table of their own. */
#define SIZES_MAX 4

static void go_on(struct ffpf_builder *b, ffpf_block block)
{
	ffpf_ir_seal(b, block);
	ffpf_ir_switch_to(b, block);
}

static int by_first(const void *x, const void *y)
{
	const struct set_range *a = x, *b = y;

	return a->first < b->first ? -1 : a->first > b->first;
}

/* Sorts, and makes one of ranges that touch and lead to the same block. */
static size_t unite(struct set_range *r, size_t n)
{
	size_t kept = 0;

	qsort(r, n, sizeof(*r), by_first);
	for (size_t i = 0; i < n; i++) {
		struct set_range *last = kept ? &r[kept - 1] : NULL;

		if (last && last->to == r[i].to && (last->last == UINT32_MAX || r[i].first <= last->last + 1)) {
			if (r[i].last > last->last)
				last->last = r[i].last;
		} else {
			r[kept++] = r[i];
		}
	}
	return kept;
}

/* One range; what is not in it goes on in the block that is then current. */
static void emit_range(struct ffpf_builder *b, ffpf_val v, const struct set_range *r)
{
	ffpf_block next = ffpf_ir_block(b), above;

	if (r->first == r->last) {
		ffpf_ir_branch_imm(b, FFPF_EQ, 32, v, r->first, r->to, next);
	} else {
		above = ffpf_ir_block(b);
		ffpf_ir_branch_imm(b, FFPF_GE, 32, v, r->first, above, next);
		go_on(b, above);
		ffpf_ir_branch_imm(b, FFPF_LE, 32, v, r->last, r->to, next);
	}
	go_on(b, next);
}

/* Sorted ranges, by halving. */
static void emit_tree(struct ffpf_builder *b, ffpf_val v, const struct set_range *r, size_t n, ffpf_block missing)
{
	ffpf_block upper, lower;

	if (n <= 2) {
		for (size_t i = 0; i < n; i++)
			emit_range(b, v, &r[i]);
		ffpf_ir_jump(b, missing);
		return;
	}
	upper = ffpf_ir_block(b);
	lower = ffpf_ir_block(b);
	ffpf_ir_branch_imm(b, FFPF_GE, 32, v, r[n / 2].first, upper, lower);
	go_on(b, lower);
	emit_tree(b, v, r, n / 2, missing);
	go_on(b, upper);
	emit_tree(b, v, r + n / 2, n - n / 2, missing);
}

void set_emit_keys(struct ffpf_builder *b, ffpf_val v, const uint64_t *keys, size_t n, ffpf_block found,
		   ffpf_block missing)
{
	uint32_t table = ffpf_program_table(ffpf_builder_program(b), keys, NULL, n);

	ffpf_ir_branch_imm(b, FFPF_NE, 64, ffpf_ir_lookup(b, v, table), 0, found, missing);
}

/* ---- where all lead to one block ------------------------------------------------------------- */

/* Logarithm of the length of a range that is a net; -1: it is none. */
static int net_bits(const struct set_range *r)
{
	uint64_t length = (uint64_t)r->last - r->first + 1;

	return length & (length - 1) || r->first & (length - 1) ? -1 : __builtin_ctzll(length);
}

/* Nets of the sizes that are many, each size in a table; returns how many ranges are left. */
static size_t emit_nets(struct ffpf_builder *b, ffpf_val v, struct set_range *r, size_t n)
{
	size_t of_size[33] = {0}, left = 0, sizes = 0;
	uint64_t *keys = malloc(n * sizeof(*keys) + 1);
	ffpf_block to = n ? r[0].to : 0;

	if (!keys)
		abort();
	for (size_t i = 0; i < n; i++)
		if (net_bits(&r[i]) >= 0)
			of_size[net_bits(&r[i])]++;
	for (unsigned bits = 0; bits < 32; bits++) {
		size_t count = 0;
		ffpf_block next;

		if (of_size[bits] < 2 * TABLE_MIN || sizes == SIZES_MAX) {
			of_size[bits] = 0;
			continue;
		}
		sizes++;
		for (size_t i = 0; i < n; i++)
			if (net_bits(&r[i]) == (int)bits)
				keys[count++] = r[i].first;
		next = ffpf_ir_block(b);
		set_emit_keys(b, ffpf_ir_alu_imm(b, FFPF_AND, 32, v, UINT32_MAX << bits), keys, count, to, next);
		go_on(b, next);
	}
	for (size_t i = 0; i < n; i++) {
		int bits = net_bits(&r[i]);

		if (bits < 0 || bits > 31 || !of_size[bits])
			r[left++] = r[i];
	}
	free(keys);
	return left;
}

/* Single numbers into one table; returns how many ranges are left. */
static size_t emit_singles(struct ffpf_builder *b, ffpf_val v, struct set_range *r, size_t n)
{
	uint64_t *keys = malloc(n * SPREAD_MAX * sizeof(*keys) + 1);
	size_t count = 0, left = 0;
	ffpf_block next, to = n ? r[0].to : 0;

	if (!keys)
		abort();
	for (size_t i = 0; i < n; i++)
		if (r[i].last - r[i].first < SPREAD_MAX)
			for (uint64_t k = r[i].first; k <= r[i].last; k++)
				keys[count++] = k;
	if (count >= TABLE_MIN) {
		for (size_t i = 0; i < n; i++)
			if (r[i].last - r[i].first >= SPREAD_MAX)
				r[left++] = r[i];
		next = ffpf_ir_block(b);
		set_emit_keys(b, v, keys, count, to, next);
		go_on(b, next);
	} else {
		left = n;
	}
	free(keys);
	return left;
}

static void emit_set(struct ffpf_builder *b, ffpf_val v, struct set_range *r, size_t n, ffpf_block missing)
{
	if (n >= TABLE_MIN)
		n = emit_singles(b, v, r, n);
	if (n >= TABLE_MIN)
		n = emit_nets(b, v, r, n);
	emit_tree(b, v, r, n, missing);
}

/* ---- different blocks ------------------------------------------------------------------------ */

static bool all_single(const struct set_range *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (r[i].first != r[i].last)
			return false;
	return true;
}

static void emit_switch(struct ffpf_builder *b, ffpf_val v, const struct set_range *r, size_t n, ffpf_block missing)
{
	struct ffpf_case *cases = malloc(n * sizeof(*cases));

	if (!cases)
		abort();
	for (size_t i = 0; i < n; i++)
		cases[i] = (struct ffpf_case){r[i].first, r[i].to};
	ffpf_ir_switch(b, 32, v, cases, (uint32_t)n, missing);
	free(cases);
}

void set_emit(struct ffpf_builder *b, ffpf_val v, struct set_range *ranges, size_t n, ffpf_block missing)
{
	bool one = true;

	for (size_t i = 1; i < n; i++)
		one &= ranges[i].to == ranges[0].to;
	n = unite(ranges, n);
	if (one)
		emit_set(b, v, ranges, n, missing);
	else if (n >= TABLE_MIN && all_single(ranges, n))
		emit_switch(b, v, ranges, n, missing);
	else
		emit_tree(b, v, ranges, n, missing);
}
