/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decides for many filters at once which one accepts a packet, where no two can: a thousand `dst host X`. What they ask
 * is put in order by value, as the terms of one filter are (cubes.c); where only one value is left, a table tells the
 * filter's number.
 *
 * Each filter rejects a packet by itself that is too short for it, so a way to accept counts only if all that the
 * filter loads on it lies within what the way itself asks for.
 */
#include <lib/translate/cubes.h>
#include <lib/translate/internal.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 12

/* A way in which a filter accepts. */
struct way {
	struct cube cube;
	uint32_t filter;
};

struct grouping {
	struct ffpf_builder *b; /* NULL: only finding out whether it can be done */
	struct shapes shapes;
	ffpf_var number;
	ffpf_block chosen, none;
};

static const struct literal *literal_of(const struct cube *c, uint32_t value)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (c->literals[i].a == value && c->literals[i].cond == FFPF_EQ && c->literals[i].truth &&
		    !c->literals[i].b)
			return &c->literals[i];
	return NULL;
}

static bool same_test(const struct literal *x, const struct literal *y)
{
	return x->a == y->a && x->b == y->b && x->cond == y->cond && x->truth == y->truth && x->k == y->k &&
	       x->last == y->last;
}

static bool has_test(const struct cube *c, const struct literal *test)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (same_test(&c->literals[i], test))
			return true;
	return false;
}

static void take_out(struct grouping *g, struct way *w, const struct literal *out)
{
	struct literal *literals = ffpf_arena_alloc(g->shapes.arena, w->cube.n * sizeof(*literals) + 1);
	uint32_t n = 0;

	for (uint32_t i = 0; i < w->cube.n; i++)
		if (!same_test(&w->cube.literals[i], out))
			literals[n++] = w->cube.literals[i];
	w->cube = (struct cube){literals, n};
}

/* ---- a value --------------------------------------------------------------------------------- */

struct answer {
	uint32_t first, last;
	struct way way; /* without the value */
};

static int by_range(const void *x, const void *y)
{
	const struct answer *a = x, *b = y;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return a->way.filter < b->way.filter ? -1 : a->way.filter > b->way.filter;
}

/* Are ranges the same or apart? */
static bool apart(const struct answer *a, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (a[i].first <= a[i - 1].last && (a[i].first != a[i - 1].first || a[i].last != a[i - 1].last))
			return false;
	return true;
}

/* All single numbers, or all nets of one size; and each the way of one filter. *mask: what to look at. */
static bool are_keys(const struct answer *a, size_t n, uint32_t *mask)
{
	uint32_t length = a[0].last - a[0].first;

	for (size_t i = 0; i < n; i++)
		if (a[i].way.cube.n || a[i].last - a[i].first != length || a[i].first & length ||
		    (i && a[i].first == a[i - 1].first && a[i].way.filter != a[i - 1].way.filter))
			return false;
	*mask = ~length;
	return (length & (length + 1)) == 0;
}

static void emit_keys(struct grouping *g, ffpf_val v, const struct answer *a, size_t n, uint32_t mask)
{
	uint64_t *keys = malloc(n * sizeof(*keys)), *values = malloc(n * sizeof(*values));
	ffpf_block found = ffpf_ir_block(g->b);

	if (!keys || !values)
		abort();
	for (size_t i = 0; i < n; i++) {
		keys[i] = a[i].first;
		values[i] = a[i].way.filter + 1;
	}
	if (mask != UINT32_MAX)
		v = ffpf_ir_alu_imm(g->b, FFPF_AND, 32, v, mask);
	v = ffpf_ir_lookup(g->b, v, ffpf_program_table(ffpf_builder_program(g->b), keys, values, n));
	ffpf_ir_branch_imm(g->b, FFPF_NE, 64, v, 0, found, g->none);
	ffpf_ir_seal(g->b, found);
	ffpf_ir_switch_to(g->b, found);
	ffpf_ir_var_set(g->b, g->number, v);
	ffpf_ir_jump(g->b, g->chosen);
	free(keys);
	free(values);
}

static bool decide(struct grouping *g, struct way *ways, size_t n, unsigned depth);

/* Each group of answers on its own, one compared after the other: there are few (EtherTypes, protocols). */
static bool decide_apart(struct grouping *g, ffpf_val v, const struct answer *a, size_t n, unsigned depth)
{
	struct way *ways = malloc(n * sizeof(*ways));
	bool all = true;

	if (!ways)
		abort();
	for (size_t at = 0, end; all && at < n; at = end) {
		ffpf_block here = 0, next = 0;

		for (end = at; end < n && a[end].first == a[at].first; end++)
			ways[end - at] = a[end].way;
		if (g->b) {
			here = ffpf_ir_block(g->b);
			next = ffpf_ir_block(g->b);
			ffpf_ir_branch_imm(g->b, FFPF_EQ, 32, v, a[at].first, here, next);
			ffpf_ir_seal(g->b, here);
			ffpf_ir_switch_to(g->b, here);
		}
		all = a[at].first == a[at].last && decide(g, ways, end - at, depth + 1);
		if (g->b) {
			ffpf_ir_seal(g->b, next);
			ffpf_ir_switch_to(g->b, next);
		}
	}
	if (g->b)
		ffpf_ir_jump(g->b, g->none);
	free(ways);
	return all;
}

static bool decide_value(struct grouping *g, const struct way *ways, size_t n, uint32_t value, unsigned depth)
{
	struct answer *a = malloc(n * sizeof(*a));
	ffpf_val v = g->b ? shape_emit(g->b, &g->shapes, value, g->none, NULL) : 0;
	uint32_t mask;
	bool can;

	if (!a)
		abort();
	for (size_t i = 0; i < n; i++) {
		const struct literal *l = literal_of(&ways[i].cube, value);

		a[i] = (struct answer){l->k, l->last, ways[i]};
		take_out(g, &a[i].way, l);
	}
	qsort(a, n, sizeof(*a), by_range);
	can = apart(a, n);
	if (can && are_keys(a, n, &mask)) {
		if (g->b)
			emit_keys(g, v, a, n, mask);
	} else {
		can = can && decide_apart(g, v, a, n, depth);
	}
	free(a);
	return can;
}

static bool decide_test(struct grouping *g, struct way *ways, size_t n, const struct literal *l, unsigned depth)
{
	struct literal test = *l;

	for (size_t i = 0; i < n; i++) {
		if (!has_test(&ways[i].cube, &test))
			return false;
		take_out(g, &ways[i], &test);
	}
	if (g->b) {
		ffpf_block holds = ffpf_ir_block(g->b), yes = test.truth ? holds : g->none;
		ffpf_val a = shape_emit(g->b, &g->shapes, test.a, g->none, NULL);

		if (test.b)
			ffpf_ir_branch(g->b, test.cond, 32, a, shape_emit(g->b, &g->shapes, test.b, g->none, NULL), yes,
				       test.truth ? g->none : holds);
		else
			ffpf_ir_branch_imm(g->b, test.cond, 32, a, test.k, yes, test.truth ? g->none : holds);
		ffpf_ir_seal(g->b, holds);
		ffpf_ir_switch_to(g->b, holds);
	}
	return decide(g, ways, n, depth + 1);
}

/* The value that all ask for, with the fewest answers (of which there are about *answers); 0: none. */
static uint32_t common_value(const struct way *ways, size_t n, size_t *answers)
{
	uint32_t best = 0;
	size_t fewest = SIZE_MAX;

	for (uint32_t i = 0; i < ways[0].cube.n; i++) {
		uint32_t value = ways[0].cube.literals[i].a;
		size_t changes = 0, k = 0;

		for (; k < n && literal_of(&ways[k].cube, value); k++)
			changes += k && literal_of(&ways[k].cube, value)->k != literal_of(&ways[k - 1].cube, value)->k;
		if (k == n && changes < fewest) {
			fewest = changes;
			best = value;
		}
	}
	*answers = fewest + 1;
	return best;
}

/* A test that all ask for; NULL: none. */
static const struct literal *common_test(const struct way *ways, size_t n)
{
	for (uint32_t i = 0; i < ways[0].cube.n; i++) {
		const struct literal *l = &ways[0].cube.literals[i];
		size_t k = 0;

		if (l->cond == FFPF_EQ && l->truth && !l->b)
			continue;
		while (k < n && has_test(&ways[k].cube, l))
			k++;
		if (k == n)
			return l;
	}
	return NULL;
}

/* Nothing is left to ask: all have to be ways of one filter. */
static bool decide_filter(struct grouping *g, const struct way *ways, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (ways[i].filter != ways[0].filter)
			return false;
	if (g->b) {
		ffpf_ir_var_set(g->b, g->number, ffpf_ir_const(g->b, ways[0].filter + 1));
		ffpf_ir_jump(g->b, g->chosen);
	}
	return true;
}

static bool decide(struct grouping *g, struct way *ways, size_t n, unsigned depth)
{
	const struct literal *test;
	uint32_t value;
	size_t answers;

	if (depth > DEPTH_MAX)
		return false;
	if (!ways[0].cube.n)
		return decide_filter(g, ways, n);
	value = common_value(ways, n, &answers);
	test = common_test(ways, n);
	if (test && (!value || answers > 1))
		return decide_test(g, ways, n, test, depth);
	return value && decide_value(g, ways, n, value, depth);
}

/* ---- filters --------------------------------------------------------------------------------- */

static bool add_filter(struct grouping *g, const struct ffpf_filter *f, uint32_t number, struct way **ways, size_t *n,
		       size_t *capacity)
{
	struct filter_node whole = {.kind = FILTER_TERM, .insns = f->insns, .n_insns = f->n, .n_terms = 1};
	struct shaped shaped = shape_of(&g->shapes, f->tree ? f->tree : &whole);
	struct cubes cubes = {0};
	const struct shape_view *view;

	if (!shaped.shape)
		return false;
	view = shape_view(&g->shapes, shaped.shape, SHAPE_YES);
	if (!view->n_cubes || !shape_asks_for_all(&g->shapes, shaped.shape, view))
		return false;
	cubes_add(&g->shapes, &cubes, &shaped, view);
	for (size_t i = 0; i < cubes.n; i++) {
		*ways = ffpf_arena_grow(g->shapes.arena, *ways, *n, capacity, sizeof(**ways));
		(*ways)[(*n)++] = (struct way){cubes.at[i], number};
	}
	return true;
}

bool ffpf_filter_group(struct ffpf_builder *b, const struct ffpf_filter *const *filters, size_t n, ffpf_block *accepted,
		       ffpf_block none)
{
	struct grouping g = {.none = none};
	struct ffpf_arena *arena = ffpf_arena_new();
	struct way *ways = NULL, *copy;
	struct ffpf_case *cases;
	size_t n_ways = 0, capacity = 0;
	bool can = true;

	shapes_init(&g.shapes, arena);
	for (size_t i = 0; can && i < n; i++)
		can = filters[i]->n <= UINT16_MAX && add_filter(&g, filters[i], (uint32_t)i, &ways, &n_ways, &capacity);
	copy = ffpf_arena_alloc(arena, n_ways * sizeof(*copy) + 1);
	if (n_ways)
		memcpy(copy, ways, n_ways * sizeof(*copy));
	can = can && n_ways && decide(&g, copy, n_ways, 0);
	if (can && b) {
		g.b = b;
		g.number = ffpf_ir_var(b);
		g.chosen = ffpf_ir_block(b);
		decide(&g, ways, n_ways, 0);
		ffpf_ir_seal(b, g.chosen);
		ffpf_ir_switch_to(b, g.chosen);
		cases = ffpf_arena_alloc(arena, n * sizeof(*cases));
		for (size_t i = 0; i < n; i++) {
			accepted[i] = ffpf_ir_block(b);
			cases[i] = (struct ffpf_case){i + 1, accepted[i]};
		}
		ffpf_ir_switch(b, 64, ffpf_ir_var_get(b, g.number), cases, (uint32_t)n, none);
	}
	ffpf_arena_free(arena);
	return can;
}
