/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many terms → few tests. What they are a union of (cubes: this EtherType and that address) is put in order by value:
 * cubes that ask for the same value are told apart by it at once, the others are looked at behind. Where nothing else
 * is asked, the answers are a set (sets.c); where exactly one more value is, pairs of both values are one. So each cube
 * stands in one place, and the program is no longer than the list.
 *
 *   (ip, src a) (ip, dst a) (ip, src b) (ip, dst b) (arp, …)   ──▶   EtherType: ip ──▶ src in {a, b}? ──▶ dst in {a,
 * b}? arp ──▶ …
 */
#include <lib/translate/cubes.h>
#include <lib/translate/sets.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

/* Up to so many pairs of values are told apart one value after the other. */
#define PAIRS_MIN 9

/* ---- from shapes ----------------------------------------------------------------------------- */

static uint32_t value_top(const struct shapes *s, uint32_t v)
{
	const struct shape_value *x = &s->values[v];

	return x->kind == VALUE_LOAD ? UINT32_MAX >> (32 - 8 * x->size) : UINT32_MAX;
}

/* x & mask == k, where the mask is a prefix, is a range of x. False: it never holds. */
static bool unmask(const struct shapes *s, struct literal *l)
{
	const struct shape_value *v = &s->values[l->a];

	while (v->kind == VALUE_ALU && v->op == FFPF_AND && s->values[v->b].kind == VALUE_CONST && l->k == l->last) {
		uint32_t top = value_top(s, v->a), mask = s->values[v->b].k & top, rest = ~mask & top;

		if (l->k & ~mask)
			return false;
		if ((rest & (rest + 1)) || (top & (top + 1)))
			break;
		l->a = v->a;
		l->last = l->k | rest;
		v = &s->values[l->a];
	}
	return true;
}

/* A template's literal with a term's constant. False: it never holds. */
static bool fill(const struct shapes *s, const struct shape_literal *from, const uint32_t *constants, struct literal *l)
{
	uint32_t k = from->b ? 0 : constants[from->k];

	*l = (struct literal){.a = from->a, .b = from->b, .cond = from->cond, .truth = from->truth, .k = k, .last = k};
	if (l->b || l->cond == FFPF_SET || (l->cond == FFPF_EQ && !l->truth))
		return true;
	if (l->cond == FFPF_EQ)
		return unmask(s, l);
	if (l->cond == FFPF_GT && l->truth && k == UINT32_MAX)
		return false;
	if (l->cond == FFPF_GE && !l->truth && !k)
		return false;
	l->k = !l->truth ? 0 : l->cond == FFPF_GT ? k + 1 : k;
	l->last = l->truth ? UINT32_MAX : l->cond == FFPF_GE ? k - 1 : k;
	l->cond = FFPF_EQ;
	l->truth = true;
	return true;
}

static bool is_range(const struct literal *l)
{
	return l->cond == FFPF_EQ && l->truth && !l->b;
}

/* Puts a literal behind others; two ranges of one value are their intersection. False: they contradict. */
static bool add_literal(struct literal *to, uint32_t *n, const struct literal *l)
{
	for (uint32_t i = 0; i < *n; i++) {
		struct literal *old = &to[i];

		if (old->a != l->a || !is_range(old))
			continue;
		if (is_range(l)) {
			old->k = old->k > l->k ? old->k : l->k;
			old->last = old->last < l->last ? old->last : l->last;
			return old->k <= old->last;
		}
		/* Not this one, where it is another already. */
		if (l->cond == FFPF_EQ && !l->b && !l->truth && (l->k < old->k || l->k > old->last))
			return true;
	}
	to[(*n)++] = *l;
	return true;
}

void cubes_add(struct shapes *s, struct cubes *cubes, const struct shaped *term, const struct shape_view *view)
{
	for (size_t i = 0; i < view->n_cubes; i++) {
		const struct shape_cube *from = &view->cubes[i];
		struct literal *literals = ffpf_arena_alloc(s->arena, from->n * sizeof(*literals) + 1), l;
		uint32_t n = 0;
		bool possible = true;

		for (size_t k = 0; possible && k < from->n; k++)
			possible = fill(s, &from->literals[k], term->constants, &l) && add_literal(literals, &n, &l);
		if (!possible)
			continue;
		cubes->at = ffpf_arena_grow(s->arena, cubes->at, cubes->n, &cubes->capacity, sizeof(*cubes->at));
		cubes->at[cubes->n++] = (struct cube){literals, n};
	}
}

/* ---- values ---------------------------------------------------------------------------------- */

struct emitting {
	struct ffpf_builder *b;
	struct shapes *shapes;
	ffpf_block found;
	struct shape_values there; /* at this place */
};

static void go_on(struct ffpf_builder *b, ffpf_block block)
{
	ffpf_ir_seal(b, block);
	ffpf_ir_switch_to(b, block);
}

static ffpf_val emit_load(struct ffpf_builder *b, const struct shapes *s, const struct shape_value *x,
			  ffpf_block missing, struct shape_values *there)
{
	ffpf_block ok = ffpf_ir_block(b);
	ffpf_val base = x->a ? shape_emit(b, s, x->a, missing, there) : 0;

	ffpf_ir_check(b, base, x->k + x->size, ok, missing);
	go_on(b, ok);
	return ffpf_ir_load(b, base, x->k, x->size);
}

ffpf_val shape_emit(struct ffpf_builder *b, const struct shapes *s, uint32_t value, ffpf_block missing,
		    struct shape_values *there)
{
	const struct shape_value *x = &s->values[value];
	ffpf_val v, y;

	for (unsigned i = 0; there && i < there->n; i++)
		if (there->at[i].value == value)
			return there->at[i].v;
	switch (x->kind) {
	case VALUE_CONST:
		v = ffpf_ir_const(b, x->k);
		break;
	case VALUE_LENGTH:
		v = ffpf_ir_meta(b, FFPF_META_LEN);
		break;
	case VALUE_LOAD:
		v = emit_load(b, s, x, missing, there);
		break;
	default:
		v = shape_emit(b, s, x->a, missing, there);
		y = shape_emit(b, s, x->b, missing, there);
		v = ffpf_ir_alu(b, (enum ffpf_alu)x->op, 32, v, y);
		break;
	}
	if (there && there->n < SHAPE_VALUES_MAX) {
		there->at[there->n].value = value;
		there->at[there->n++].v = v;
	}
	return v;
}

static ffpf_val emit_value(struct emitting *e, uint32_t value, ffpf_block missing)
{
	return shape_emit(e->b, e->shapes, value, missing, &e->there);
}

/* ---- putting cubes in order ------------------------------------------------------------------ */

/* A cube, its literal of the value that is looked at taken out. */
struct entry {
	uint32_t first, last;
	struct cube rest;
	size_t position;
};

static const struct literal *range_of(const struct cube *c, uint32_t value)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (c->literals[i].a == value && is_range(&c->literals[i]))
			return &c->literals[i];
	return NULL;
}

static bool same_literal(const struct literal *x, const struct literal *y)
{
	return x->a == y->a && x->b == y->b && x->cond == y->cond && x->truth == y->truth && x->k == y->k &&
	       x->last == y->last;
}

static const struct literal *find_literal(const struct cube *c, const struct literal *l)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (same_literal(&c->literals[i], l))
			return &c->literals[i];
	return NULL;
}

static struct cube without(struct emitting *e, const struct cube *c, const struct literal *out)
{
	struct literal *literals = ffpf_arena_alloc(e->shapes->arena, c->n * sizeof(*literals));
	uint32_t at = (uint32_t)(out - c->literals);

	memcpy(literals, c->literals, at * sizeof(*literals));
	memcpy(literals + at, c->literals + at + 1, (c->n - at - 1) * sizeof(*literals));
	return (struct cube){literals, c->n - 1};
}

static int by_range(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return a->position < b->position ? -1 : 1;
}

/*
 * The value to look at: of those that all cubes ask for the one with the fewest answers, so that what many differ in
 * comes last; else the first one's first.
 */
static uint32_t choose_value(const struct cubes *cubes)
{
	const struct cube *first = &cubes->at[0];
	uint32_t best = first->literals[0].a;
	size_t fewest = SIZE_MAX;

	for (uint32_t i = 0; i < first->n && cubes->n > 1; i++) {
		const struct literal *l = &first->literals[i];
		size_t changes = 0, k;

		if (!is_range(l))
			continue;
		/* Neighbours that differ: as good as counting, for lists that are in some order. */
		for (k = 1; k < cubes->n && changes < fewest; k++) {
			const struct literal *x = range_of(&cubes->at[k], l->a), *y = range_of(&cubes->at[k - 1], l->a);

			if (!x || !y)
				break;
			changes += x->k != y->k || x->last != y->last;
		}
		if (k == cubes->n && changes < fewest) {
			fewest = changes;
			best = l->a;
		}
	}
	return best;
}

static void keep(struct emitting *e, struct cubes *to, const struct cube *c)
{
	to->at = ffpf_arena_grow(e->shapes->arena, to->at, to->n, &to->capacity, sizeof(*to->at));
	to->at[to->n++] = *c;
}

static void emit_cubes(struct emitting *e, struct cubes cubes, ffpf_block missing);

/* Goes on in a block where these values are no longer known. */
static void emit_below(struct emitting *e, ffpf_block block, struct cubes cubes, ffpf_block missing)
{
	unsigned available = e->there.n;

	go_on(e->b, block);
	emit_cubes(e, cubes, missing);
	e->there.n = available;
}

/* ---- one value ------------------------------------------------------------------------------- */

static bool same_rests(const struct entry *x, size_t n, const struct entry *y, size_t m)
{
	if (n != m)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (x[i].rest.n != y[i].rest.n)
			return false;
		for (uint32_t k = 0; k < x[i].rest.n; k++)
			if (!same_literal(&x[i].rest.literals[k], &y[i].rest.literals[k]))
				return false;
	}
	return true;
}

/* Entries of equal range that stand together. */
static size_t group_end(const struct entry *entries, size_t n, size_t at)
{
	size_t end = at + 1;

	while (end < n && entries[end].first == entries[at].first && entries[end].last == entries[at].last)
		end++;
	return end;
}

static bool has_empty(const struct entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!entries[i].rest.n)
			return true;
	return false;
}

static uint64_t hash_rests(const struct entry *entries, size_t n)
{
	uint64_t h = n;

	for (size_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < entries[i].rest.n; k++) {
			const struct literal *l = &entries[i].rest.literals[k];

			h = (h ^ l->a ^ (uint64_t)l->k << 32) * 0x9e3779b97f4a7c15u;
			h = (h ^ h >> 31 ^ l->last ^ (uint64_t)l->b << 40) * 0xff51afd7ed558ccdu;
		}
	return h;
}

/* Groups of entries → targets; equal rests have one. Fills ranges, of which there are as many as groups. */
struct target {
	uint64_t hash;
	size_t first, end;
	ffpf_block block;
};

static size_t make_targets(struct emitting *e, const struct entry *entries, size_t n, struct set_range *ranges,
			   struct target *targets, size_t *n_targets)
{
	size_t count = 0, mask = 1;
	uint32_t *slots;

	while (mask < 2 * n)
		mask *= 2;
	slots = calloc(mask, sizeof(*slots));
	if (!slots)
		abort();
	mask--;
	*n_targets = 0;
	for (size_t at = 0, end; at < n; at = end) {
		uint64_t hash;
		size_t slot;

		end = group_end(entries, n, at);
		hash = hash_rests(&entries[at], end - at);
		for (slot = hash & mask; slots[slot]; slot = (slot + 1) & mask) {
			const struct target *t = &targets[slots[slot] - 1];

			if (t->hash == hash &&
			    same_rests(&entries[t->first], t->end - t->first, &entries[at], end - at))
				break;
		}
		if (!slots[slot]) {
			bool empty = has_empty(&entries[at], end - at);

			targets[*n_targets] = (struct target){hash, at, end, empty ? e->found : ffpf_ir_block(e->b)};
			slots[slot] = (uint32_t)++ * n_targets;
		}
		ranges[count++] =
			(struct set_range){entries[at].first, entries[at].last, targets[slots[slot] - 1].block};
	}
	free(slots);
	return count;
}

/*
 * Ranges that overlap can't be told apart at once: each that overlaps one before it is put aside. Returns how many
 * stay. Where nothing else is asked than this value all stay: their union is wanted.
 */
static size_t put_overlaps_aside(struct emitting *e, struct entry *entries, size_t n, uint32_t value,
				 struct cubes *aside)
{
	size_t kept = 0, at = 0, end;

	while (at < n) {
		const struct entry *last = kept ? &entries[kept - 1] : NULL;

		end = group_end(entries, n, at);
		if (last && entries[at].first <= last->last) {
			for (size_t i = at; i < end; i++) {
				struct literal *literals =
					ffpf_arena_alloc(e->shapes->arena, (entries[i].rest.n + 1) * sizeof(*literals));
				struct cube c = {literals, entries[i].rest.n + 1};

				literals[0] = (struct literal){.a = value,
							       .cond = FFPF_EQ,
							       .truth = true,
							       .k = entries[i].first,
							       .last = entries[i].last};
				memcpy(literals + 1, entries[i].rest.literals, entries[i].rest.n * sizeof(*literals));
				keep(e, aside, &c);
			}
		} else {
			memmove(&entries[kept], &entries[at], (end - at) * sizeof(*entries));
			kept += end - at;
		}
		at = end;
	}
	return kept;
}

/* Does each entry ask for one number of this value and one of another, the same for all, and nothing else? */
static uint32_t paired_value(const struct entry *entries, size_t n)
{
	uint32_t other = n >= PAIRS_MIN && entries[0].rest.n == 1 ? entries[0].rest.literals[0].a : 0;

	for (size_t i = 0; other && i < n; i++) {
		const struct literal *l = entries[i].rest.literals;

		if (entries[i].rest.n != 1 || l->a != other || !is_range(l) || l->k != l->last ||
		    entries[i].first != entries[i].last)
			other = 0;
	}
	return other;
}

static void emit_pairs(struct emitting *e, ffpf_val v, const struct entry *entries, size_t n, uint32_t other,
		       ffpf_block missing)
{
	ffpf_val w = emit_value(e, other, missing), both;
	uint64_t *keys = malloc(n * sizeof(*keys));

	if (!keys)
		abort();
	for (size_t i = 0; i < n; i++)
		keys[i] = (uint64_t)entries[i].first << 32 | entries[i].rest.literals[0].k;
	both = ffpf_ir_alu(e->b, FFPF_OR, 64, ffpf_ir_alu_imm(e->b, FFPF_LSH, 64, v, 32), w);
	set_emit_keys(e->b, both, keys, n, e->found, missing);
	free(keys);
}

static bool all_empty(const struct entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (entries[i].rest.n)
			return false;
	return true;
}

/* Tells entries apart by a value; what fits none goes to `missing`. Cubes that overlap others are put aside. */
static void emit_entries(struct emitting *e, uint32_t value, struct entry *entries, size_t n, struct cubes *aside,
			 ffpf_block missing)
{
	struct set_range *ranges = malloc(n * sizeof(*ranges));
	struct target *targets = malloc(n * sizeof(*targets));
	ffpf_val v = emit_value(e, value, missing);
	size_t n_targets = 0, count;
	uint32_t other;

	if (!ranges || !targets)
		abort();
	qsort(entries, n, sizeof(*entries), by_range);
	other = paired_value(entries, n);
	if (other && entries[0].first != entries[n - 1].first) {
		emit_pairs(e, v, entries, n, other, missing);
	} else if (all_empty(entries, n)) {
		for (size_t i = 0; i < n; i++)
			ranges[i] = (struct set_range){entries[i].first, entries[i].last, e->found};
		set_emit(e->b, v, ranges, n, missing);
	} else {
		n = put_overlaps_aside(e, entries, n, value, aside);
		count = make_targets(e, entries, n, ranges, targets, &n_targets);
		set_emit(e->b, v, ranges, count, missing);
	}
	for (size_t i = 0; i < n_targets; i++) {
		struct cubes below = {0};

		if (targets[i].block == e->found)
			continue;
		for (size_t k = targets[i].first; k < targets[i].end; k++)
			keep(e, &below, &entries[k].rest);
		emit_below(e, targets[i].block, below, missing);
	}
	free(ranges);
	free(targets);
}

/* ---- all ------------------------------------------------------------------------------------- */

/* Cubes that ask for the value are told apart, the others are left in *aside. */
static void emit_by_value(struct emitting *e, const struct cubes *cubes, uint32_t value, struct cubes *aside,
			  ffpf_block missing)
{
	struct entry *entries = malloc(cubes->n * sizeof(*entries));
	size_t n = 0;

	if (!entries)
		abort();
	for (size_t i = 0; i < cubes->n; i++) {
		const struct literal *l = range_of(&cubes->at[i], value);

		if (l) {
			entries[n] = (struct entry){l->k, l->last, without(e, &cubes->at[i], l), n};
			n++;
		} else {
			keep(e, aside, &cubes->at[i]);
		}
	}
	emit_entries(e, value, entries, n, aside, missing);
	free(entries);
}

static void emit_by_test(struct emitting *e, const struct cubes *cubes, const struct literal *test, struct cubes *aside,
			 ffpf_block missing)
{
	struct cubes with = {0};
	ffpf_block holds = ffpf_ir_block(e->b);
	ffpf_val a = emit_value(e, test->a, missing), b = test->b ? emit_value(e, test->b, missing) : 0;

	if (b)
		ffpf_ir_branch(e->b, test->cond, 32, a, b, test->truth ? holds : missing,
			       test->truth ? missing : holds);
	else
		ffpf_ir_branch_imm(e->b, test->cond, 32, a, test->k, test->truth ? holds : missing,
				   test->truth ? missing : holds);
	for (size_t i = 0; i < cubes->n; i++) {
		const struct literal *l = find_literal(&cubes->at[i], test);
		struct cube rest = l ? without(e, &cubes->at[i], l) : cubes->at[i];

		keep(e, l ? &with : aside, &rest);
	}
	emit_below(e, holds, with, missing);
}

static bool has_true(const struct cubes *cubes)
{
	for (size_t i = 0; i < cubes->n; i++)
		if (!cubes->at[i].n)
			return true;
	return false;
}

/* As deep as a cube has literals. */
static void emit_cubes(struct emitting *e, struct cubes cubes, ffpf_block missing)
{
	unsigned available = e->there.n;

	while (cubes.n && !has_true(&cubes)) {
		uint32_t value = choose_value(&cubes);
		struct cubes aside = {0};
		ffpf_block next = ffpf_ir_block(e->b);

		if (range_of(&cubes.at[0], value))
			emit_by_value(e, &cubes, value, &aside, next);
		else
			emit_by_test(e, &cubes, &cubes.at[0].literals[0], &aside, next);
		e->there.n = available;
		go_on(e->b, next);
		cubes = aside;
	}
	ffpf_ir_jump(e->b, cubes.n ? e->found : missing);
}

void cubes_emit(struct ffpf_builder *b, struct shapes *shapes, const struct cubes *cubes, ffpf_block found,
		ffpf_block missing)
{
	struct emitting e = {.b = b, .shapes = shapes, .found = found};

	emit_cubes(&e, *cubes, missing);
}
