/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes a switch of a chain of equality tests on one value, so that a thousand
 * `dst host X` cost ten compares rather than a thousand. Back ends emit a
 * binary search.
 */
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <stdlib.h>

#define CASES_MIN 4

struct chain {
	struct ffpf_case *cases;
	size_t n, capacity;
};

/* Is this an equality test on a value against a constant? *hit: where equality goes. */
static bool equality(const struct ffpf_term *t, ffpf_block *hit, ffpf_block *miss)
{
	if (t->kind != FFPF_TERM_BRANCH || t->b || (t->cond != FFPF_EQ && t->cond != FFPF_NE) || t->yes == t->no)
		return false;
	*hit = t->cond == FFPF_EQ ? t->yes : t->no;
	*miss = t->cond == FFPF_EQ ? t->no : t->yes;
	return true;
}

static bool has_phis(const struct ffpf_program *p, ffpf_block b)
{
	return p->blocks[b].n && p->insns[p->blocks[b].insns[0]].op == FFPF_IR_PHI;
}

/*
 * Extends the chain by whole blocks that do nothing but test the same value. Returns where it ends. left[b]: nobody
 * comes to block b any more when the chain is a switch; when it can't be one, what begins there can't either.
 */
static ffpf_block extend(struct ffpf_program *p, struct chain *c, const struct ffpf_term *first, ffpf_block at,
			 bool *left)
{
	ffpf_block hit, miss;
	bool alone = true; /* the chain is the only way to here */

	for (;;) {
		const struct ffpf_bb *bb = &p->blocks[at];
		const struct ffpf_term *t = &bb->term;

		/* A block that others enter too may be tested again on their way: copying its test is free, its phis
		 * are not. */
		if (bb->n || has_phis(p, at))
			return at;
		alone = alone && bb->n_preds == 1;
		if (t->kind == FFPF_TERM_SWITCH && t->a == first->a && t->bits == first->bits) {
			for (uint32_t i = 0; i < t->n_cases; i++)
				if (has_phis(p, t->cases[i].to))
					return at;
			for (uint32_t i = 0; i < t->n_cases; i++) {
				c->cases = ffpf_arena_grow(p->arena, c->cases, c->n, &c->capacity, sizeof(*c->cases));
				c->cases[c->n++] = t->cases[i];
			}
			left[at] = alone;
			at = t->no;
			continue;
		}
		if (!equality(t, &hit, &miss) || t->a != first->a || t->bits != first->bits || has_phis(p, hit))
			return at;
		c->cases = ffpf_arena_grow(p->arena, c->cases, c->n, &c->capacity, sizeof(*c->cases));
		c->cases[c->n++] = (struct ffpf_case){t->imm, hit};
		left[at] = alone;
		at = miss;
	}
}

struct keyed {
	struct ffpf_case c;
	size_t position;
};

static int by_value(const void *x, const void *y)
{
	const struct keyed *a = x, *b = y;

	if (a->c.value != b->c.value)
		return a->c.value < b->c.value ? -1 : 1;
	return a->position < b->position ? -1 : 1;
}

/* Sorts, keeping of equal values the one that stood first. */
static void sort_cases(struct chain *c)
{
	struct keyed *keys = malloc(c->n * sizeof(*keys));
	size_t n = c->n;

	if (!keys)
		abort();
	for (size_t i = 0; i < n; i++)
		keys[i] = (struct keyed){c->cases[i], i};
	qsort(keys, n, sizeof(*keys), by_value);
	c->n = 0;
	for (size_t i = 0; i < n; i++)
		if (!i || keys[i].c.value != keys[i - 1].c.value)
			c->cases[c->n++] = keys[i].c;
	free(keys);
}

bool ffpf_opt_switches(struct ffpf_program *p)
{
	bool changed = false, *left;

	ffpf_ir_analyse(p);
	left = calloc(p->n_blocks, sizeof(*left));
	if (!left)
		abort();
	for (size_t i = 0; i < p->n_rpo; i++) {
		struct ffpf_bb *bb = &p->blocks[p->rpo[i]];
		ffpf_block hit, miss, other;
		struct chain c = {0};

		if (left[p->rpo[i]] || !equality(&bb->term, &hit, &miss) || has_phis(p, hit))
			continue;
		c.cases = ffpf_arena_grow(p->arena, c.cases, c.n, &c.capacity, sizeof(*c.cases));
		c.cases[c.n++] = (struct ffpf_case){bb->term.imm, hit};
		other = extend(p, &c, &bb->term, miss, left);
		if (c.n < CASES_MIN || has_phis(p, other))
			continue;
		sort_cases(&c);
		bb->term = (struct ffpf_term){.kind = FFPF_TERM_SWITCH,
					      .bits = bb->term.bits,
					      .a = bb->term.a,
					      .no = other,
					      .cases = c.cases,
					      .n_cases = (uint32_t)c.n,
					      .origin = bb->term.origin};
		changed = true;
	}
	free(left);
	if (changed)
		ffpf_ir_analyse(p);
	return changed;
}
