/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of placement share: the tree of flowspaces, and the state of one placement.
 *   place_tree.c   parents and children, what lies under what
 *   place.c        the request: down to the lowest level, and back up
 *   place_together.c  functions that share a state
 *   place_pin.c    pins, and what is said when a function finds no place
 */
#ifndef FFPF_GRAPH_PLACE_H
#define FFPF_GRAPH_PLACE_H

#include <lib/flowspace.h>

#define FFPF_NO_LEVEL UINT_MAX

/* The flowspaces, by their position in the table. */
struct ffpf_place_tree {
	const struct ffpf_flowspace *const *table;
	unsigned n;
	unsigned parent[FFPF_MAX_FLOWSPACES]; /* FFPF_NO_LEVEL for the root, which is 0 */
	unsigned depth[FFPF_MAX_FLOWSPACES];
	unsigned number[FFPF_MAX_FLOWSPACES]; /* among the parent's children, from 1 */
};

struct ffpf_placement {
	struct ffpf_graph *graph;
	struct ffpf_place_tree tree;
	unsigned *level; /* by function: position in the table, or FFPF_NO_LEVEL */
	unsigned *least; /* by function: a level it must not be below, or FFPF_NO_LEVEL; only verdicts and what shares a
			    state have one */
	const struct ffpf_function **waits_on; /* by function: why it has that … */
	unsigned *raised_from;		       /* … and where it would have been */
};

void ffpf_place_tree_init(struct ffpf_place_tree *tree, const struct ffpf_flowspace *const *table, size_t n);
/* Is x the level y, or below it? */
bool ffpf_place_under(const struct ffpf_place_tree *tree, unsigned x, unsigned y);
/* The lowest level that succeeds both (that is either, or above); a level that is FFPF_NO_LEVEL does not count. */
unsigned ffpf_place_join(const struct ffpf_place_tree *tree, unsigned x, unsigned y);
/* The child of `at` under which x lies; x must lie strictly under it. */
unsigned ffpf_place_child_towards(const struct ffpf_place_tree *tree, unsigned at, unsigned x);
/* The path from the root to a level as the nibbles of a flowid. */
uint32_t ffpf_place_path(const struct ffpf_place_tree *tree, unsigned level);

/* Would the level run it? Adds the refusal to the function's list when not. */
bool ffpf_place_offers(struct ffpf_placement *p, unsigned level, struct ffpf_function *function);

/* Gives functions that share a state with one higher up a least level; true when there were any. */
bool ffpf_place_raise_together(struct ffpf_placement *p);

/* Places a pinned function; floor is the lowest level its inputs allow. False when it was refused (reported). */
bool ffpf_place_pinned(struct ffpf_placement *p, struct ffpf_function *function, unsigned floor);
/* Reports that no level takes the function. */
void ffpf_place_report_nowhere(struct ffpf_placement *p, struct ffpf_function *function);

#endif
