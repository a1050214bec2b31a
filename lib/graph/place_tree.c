/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree of flowspaces as arrays of positions, for the questions that placement asks of it. */
#include <lib/graph/place.h>
#include <limits.h>
#include <string.h>

static unsigned find(const struct ffpf_place_tree *tree, const char *name)
{
	for (unsigned i = 0; i < tree->n; i++)
		if (strcmp(tree->table[i]->name, name) == 0)
			return i;
	return FFPF_NO_LEVEL;
}

/* Steps up to the root; n when the way up never gets there. */
static unsigned climb(const struct ffpf_place_tree *tree, unsigned level)
{
	unsigned steps = 0;

	for (; level && steps < tree->n; level = tree->parent[level])
		steps++;
	return level ? tree->n : steps;
}

/*
 * A level whose parent is not in the table (it was left out because the kernel refused a program there) hangs below the
 * one that stands before it; levels that are each other's parents hang below the root.
 */
void ffpf_place_tree_init(struct ffpf_place_tree *tree, const struct ffpf_flowspace *const *table, size_t n)
{
	unsigned children[FFPF_MAX_FLOWSPACES] = {0};

	*tree = (struct ffpf_place_tree){.table = table,
					 .n = n < FFPF_MAX_FLOWSPACES ? (unsigned)n : FFPF_MAX_FLOWSPACES};
	tree->parent[0] = FFPF_NO_LEVEL;
	for (unsigned i = 1; i < tree->n; i++) {
		tree->parent[i] = table[i]->parent ? find(tree, table[i]->parent) : 0;
		if (tree->parent[i] == FFPF_NO_LEVEL)
			tree->parent[i] = i - 1;
	}
	for (unsigned i = 1; i < tree->n; i++)
		if (climb(tree, i) == tree->n)
			tree->parent[i] = 0;
	for (unsigned i = 1; i < tree->n; i++) {
		tree->depth[i] = climb(tree, i);
		tree->number[i] = ++children[tree->parent[i]];
	}
}

bool ffpf_place_under(const struct ffpf_place_tree *tree, unsigned x, unsigned y)
{
	while (x != y && tree->depth[x] > tree->depth[y])
		x = tree->parent[x];
	return x == y;
}

unsigned ffpf_place_join(const struct ffpf_place_tree *tree, unsigned x, unsigned y)
{
	if (x == FFPF_NO_LEVEL)
		return y;
	if (y == FFPF_NO_LEVEL)
		return x;
	while (x != y) {
		if (tree->depth[x] >= tree->depth[y])
			x = tree->parent[x];
		else
			y = tree->parent[y];
	}
	return x;
}

unsigned ffpf_place_child_towards(const struct ffpf_place_tree *tree, unsigned at, unsigned x)
{
	while (tree->parent[x] != at)
		x = tree->parent[x];
	return x;
}

uint32_t ffpf_place_path(const struct ffpf_place_tree *tree, unsigned level)
{
	uint32_t path = 0;

	for (; tree->depth[level]; level = tree->parent[level])
		if (tree->depth[level] <= FFPF_FLOWID_DEPTH)
			path |= (tree->number[level] & 0xfu) << (4 * (FFPF_FLOWID_DEPTH - tree->depth[level]));
	return path;
}
