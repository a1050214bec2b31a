/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Labels: which results of the function before a route go to which arm. A label
 * is a set of classes 1 … 2^32-1, kept as sorted disjoint ranges, or as what lies
 * outside of them. Labels are interned, so that equal ones are one pointer.
 */
#include <lib/graph/resolve.h>
#include <lib/lang/arena.h>
#include <stdlib.h>
#include <string.h>

static bool labels_equal(const void *item, const void *key)
{
	const struct ffpf_label *x = item, *y = key;

	return x->any == y->any && x->except == y->except && x->n_ranges == y->n_ranges &&
	       (!x->n_ranges || memcmp(x->ranges, y->ranges, x->n_ranges * sizeof(*x->ranges)) == 0);
}

static const struct ffpf_label *intern(struct ffpf_resolver *r, const struct ffpf_label *label)
{
	uint64_t hash = ffpf_hash_mix(label->any, label->except);

	for (size_t i = 0; i < label->n_ranges; i++)
		hash = ffpf_hash_mix(hash, (uint64_t)label->ranges[i].lo << 32 | label->ranges[i].hi);
	struct ffpf_label *found = ffpf_table_find(&r->labels, hash, labels_equal, label);
	if (!found) {
		found = ffpf_arena_alloc(r->arena, sizeof(*found));
		*found = *label;
		ffpf_table_add(&r->labels, hash, found);
	}
	return found;
}

const struct ffpf_label *ffpf_resolve_label_any(struct ffpf_resolver *r)
{
	return intern(r, &(struct ffpf_label){.any = true});
}

bool ffpf_label_passes(const struct ffpf_label *label, uint32_t class)
{
	size_t lo = 0, hi = label->n_ranges;

	if (!class)
		return false;
	if (label->any)
		return true;
	/* The first range that does not end before the class. */
	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (label->ranges[middle].hi < class)
			lo = middle + 1;
		else
			hi = middle;
	}
	bool inside = lo < label->n_ranges && label->ranges[lo].lo <= class;
	return inside != label->except;
}

/* The label as ranges of classes that pass. */
static struct ffpf_range *plain_ranges(struct ffpf_arena *arena, const struct ffpf_label *label, size_t *n)
{
	struct ffpf_range *ranges = ffpf_arena_alloc(arena, (label->n_ranges + 1) * sizeof(*ranges));
	uint64_t next = 1; /* first class not yet decided */

	*n = 0;
	for (size_t i = 0; i < label->n_ranges; i++) {
		const struct ffpf_range *range = &label->ranges[i];

		if (!label->except && range->hi)
			ranges[(*n)++] = (struct ffpf_range){range->lo ? range->lo : 1, range->hi};
		else if (label->except && range->lo > next)
			ranges[(*n)++] = (struct ffpf_range){(uint32_t)next, range->lo - 1};
		next = (uint64_t)range->hi + 1;
	}
	if ((label->except || label->any) && next <= UINT32_MAX)
		ranges[(*n)++] = (struct ffpf_range){(uint32_t)next, UINT32_MAX};
	return ranges;
}

const struct ffpf_label *ffpf_resolve_label_both(struct ffpf_resolver *r, const struct ffpf_label *x,
						 const struct ffpf_label *y)
{
	size_t n_x, n_y, i = 0, k = 0;

	if (x->any || x == y)
		return y;
	if (y->any)
		return x;
	const struct ffpf_range *from_x = plain_ranges(r->arena, x, &n_x), *from_y = plain_ranges(r->arena, y, &n_y);
	struct ffpf_range *both = ffpf_arena_alloc(r->arena, (n_x + n_y + 1) * sizeof(*both));
	struct ffpf_label label = {.ranges = both};
	while (i < n_x && k < n_y) {
		uint32_t lo = from_x[i].lo > from_y[k].lo ? from_x[i].lo : from_y[k].lo;
		uint32_t hi = from_x[i].hi < from_y[k].hi ? from_x[i].hi : from_y[k].hi;

		if (lo <= hi)
			both[label.n_ranges++] = (struct ffpf_range){lo, hi};
		if (from_x[i].hi < from_y[k].hi)
			i++;
		else
			k++;
	}
	return intern(r, &label);
}

static int compare_labels(const void *x, const void *y)
{
	const struct ffpf_ast_label *const *a = x, *const *b = y;

	if ((*a)->lo != (*b)->lo)
		return (*a)->lo < (*b)->lo ? -1 : 1;
	return *a < *b ? -1 : *a > *b;
}

static void report_overlap(struct ffpf_resolver *r, const struct ffpf_ast_label *x, const struct ffpf_ast_label *y)
{
	/* Labels of a route stand in one array, in source order. */
	const struct ffpf_ast_label *first = x < y ? x : y, *second = x < y ? y : x;
	struct ffpf_diag *diag = x->is_else ? ffpf_diag_error(r->diags, FFPF_D_LABEL_OVERLAP, second->span,
							      "this route has two arms 'else'")
					    : ffpf_diag_error(r->diags, FFPF_D_LABEL_OVERLAP, second->span,
							      "this label overlaps another one of the route");

	ffpf_diag_label(r->diags, diag, first->span, "this one");
}

/* A label that leaves no class: 0 as written, or one that the parser reported. */
static void check_zero(struct ffpf_resolver *r, const struct ffpf_ast_label *label)
{
	if (!label->wrong)
		ffpf_diag_error(r->diags, FFPF_D_LABEL_RANGE, label->span,
				"class 0 means that a packet has left the flow: no arm gets it");
}

/* Sorts the labels with numbers, reports overlaps; *ranges gets them merged where they touch. */
static size_t check_overlaps(struct ffpf_resolver *r, const struct ffpf_ast_label **sorted, size_t n,
			     struct ffpf_range *ranges)
{
	const struct ffpf_ast_label *highest = NULL;
	size_t n_ranges = 0;

	qsort(sorted, n, sizeof(struct ffpf_ast_label *), compare_labels);
	for (size_t i = 0; i < n; i++) {
		const struct ffpf_ast_label *label = sorted[i];

		if (highest && label->lo <= highest->hi)
			report_overlap(r, label, highest);
		if (n_ranges && (uint64_t)ranges[n_ranges - 1].hi + 1 >= label->lo) {
			if (ranges[n_ranges - 1].hi < label->hi)
				ranges[n_ranges - 1].hi = label->hi;
		} else {
			ranges[n_ranges++] = (struct ffpf_range){label->lo, label->hi};
		}
		if (!highest || label->hi > highest->hi)
			highest = label;
	}
	return n_ranges;
}

const struct ffpf_label **ffpf_resolve_labels(struct ffpf_resolver *r, const struct ffpf_ast_node *route)
{
	const struct ffpf_label **labels =
		ffpf_arena_alloc(r->arena, (route->n_items + 1) * sizeof(struct ffpf_label *));
	const struct ffpf_ast_label **sorted =
		ffpf_arena_alloc(r->arena, (route->n_items + 1) * sizeof(struct ffpf_ast_label *));
	struct ffpf_range *ranges = ffpf_arena_alloc(r->arena, (route->n_items + 1) * sizeof(*ranges));
	const struct ffpf_ast_label *otherwise = NULL;
	size_t n_sorted = 0;

	for (size_t i = 0; i < route->n_items; i++) {
		const struct ffpf_ast_label *label = &route->labels[i];

		if (label->is_else && otherwise)
			report_overlap(r, label, otherwise);
		else if (label->is_else)
			otherwise = label;
		else if (!label->hi)
			check_zero(r, label);
		else
			sorted[n_sorted++] = label;
	}
	size_t n_ranges = check_overlaps(r, sorted, n_sorted, ranges);
	for (size_t i = 0; i < route->n_items; i++) {
		const struct ffpf_ast_label *label = &route->labels[i];
		struct ffpf_range *own = ffpf_arena_alloc(r->arena, sizeof(*own));

		*own = (struct ffpf_range){label->lo, label->hi};
		if (!label->is_else)
			labels[i] = intern(r, &(struct ffpf_label){.ranges = own, .n_ranges = 1});
		else if (n_ranges)
			labels[i] =
				intern(r, &(struct ffpf_label){.except = true, .ranges = ranges, .n_ranges = n_ranges});
		else
			labels[i] = ffpf_resolve_label_any(r);
	}
	return labels;
}
