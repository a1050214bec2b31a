/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which functions of a level a source's packets reach, how they hang together, and in what order they are built; see
 * fuse_nodes.h for the words.
 */
#include <lib/flowspace.h>
#include <lib/graph/fuse_nodes.h>
#include <lib/lang/arena.h>

#include <limits.h>
#include <string.h>

/* Fewer functions are built one by one. */
#define GROUP_MIN 12
/* So many functions of a group weigh as one. */
#define GROUP_SAVES 8

/* ---- nodes ----------------------------------------------------------------------------------- */

static struct node *new_node(struct fuse *u, enum node_kind kind, struct ffpf_function *f)
{
	struct node *n = ffpf_arena_alloc(u->arena, sizeof(*n));

	n->kind = kind;
	n->f = f;
	n->out_word = n->in_word = FUSE_NONE;
	n->in = ffpf_arena_alloc(u->arena, (f->n_in + 1) * sizeof(*n->in));
	u->nodes = ffpf_arena_grow(u->arena, u->nodes, u->n_nodes, &u->nodes_capacity, sizeof(*u->nodes));
	u->nodes[u->n_nodes++] = n;
	return n;
}

/* Through the ghost: what the level below has for the edges f->in[i …] of one in-flow. */
static struct delivery from_below(const struct fuse *u, const struct ffpf_function *f, size_t i)
{
	return (struct delivery){
		.label = &f->in[i]->label, .word = FUSE_NONE, .ghost = ffpf_layout_inflow(u->below, f, i)};
}

/* Is it this stage's packet? What levels below changed is, for the first stage. */
static bool here(const struct fuse *u, const struct ffpf_function *stage)
{
	return u->o->stage == (stage && stage->level == u->level ? stage : NULL);
}

/* One delivery for each edge that the source's packets can come along; [first, end) of the function's edges. */
static void add_inputs(struct fuse *u, struct node *n, size_t first, size_t end)
{
	const struct ffpf_function *f = n->f;

	for (size_t i = first; i < end; i++) {
		const struct ffpf_edge *e = f->in[i];
		struct delivery d = {.label = &e->label, .word = FUSE_NONE};

		if (!ffpf_source_reaches(e->from, u->source) || !here(u, ffpf_edge_stage(e)))
			continue;
		if (e->from->level == u->level) {
			d.from = u->of[e->from->id];
		} else {
			const struct delivery *last = n->n_in ? &n->in[n->n_in - 1] : NULL;

			/* Edges of one in-flow stand together. */
			d = from_below(u, f, i);
			if (last && !last->from && last->ghost == d.ghost)
				continue;
		}
		n->in[n->n_in++] = d;
	}
}

/* What leaves this level for one above the next: its own functions' packets, or what came up and is carried on. */
static void add_crossing(struct fuse *u, const struct ffpf_inflow *in)
{
	struct node *n = new_node(u, NODE_INFLOW, in->to);

	n->inflow = in->index;
	if (in->from == u->level)
		add_inputs(u, n, in->first, in->end);
	else if (!u->o->stage)
		n->in[n->n_in++] = from_below(u, in->to, in->first);
	if (!n->n_in)
		u->n_nodes--;
}

bool ffpf_fuse_next_stage(const struct ffpf_graph *graph, const struct ffpf_flowspace *level, unsigned source,
			  const struct ffpf_function **stage)
{
	for (size_t i = *stage ? (*stage)->id + 1 : 0; i < graph->n_functions; i++) {
		const struct ffpf_function *f = graph->functions[i];

		if (f->level == level && f->n_out && ffpf_changes_packets(f) && ffpf_source_reaches(f, source)) {
			*stage = f;
			return true;
		}
	}
	return false;
}

void ffpf_fuse_nodes(struct fuse *u)
{
	const struct ffpf_level *level = ffpf_layout_level(u->layout, u->level);
	const struct ffpf_flowspace *below = ffpf_chain_below(u->graph, u->source, u->level);
	unsigned *slot = ffpf_arena_alloc(u->arena, (level->n_inflows + 1) * sizeof(*slot));

	u->below = below ? ffpf_layout_level(u->layout, below) : NULL;
	u->of = ffpf_arena_alloc(u->arena, u->graph->n_functions * sizeof(*u->of));
	for (size_t i = 0; i < u->graph->n_functions; i++) {
		struct ffpf_function *f = u->graph->functions[i];

		if (f->level != u->level || !ffpf_source_reaches(f, u->source) ||
		    (f != u->o->stage && !here(u, f->stage)))
			continue;
		u->of[i] = new_node(u, NODE_FUNCTION, f);
		/* A stage begins with the function that made its packets, as the first does with the source. */
		if (f->instance.class->role != FFPF_SOURCE && f != u->o->stage)
			add_inputs(u, u->of[i], 0, f->n_in);
	}
	ffpf_layout_slots(u->graph, level, u->source, slot);
	for (unsigned i = 0; i < level->n_inflows; i++)
		if (slot[i] != UINT_MAX && level->inflows[i].to)
			add_crossing(u, &level->inflows[i]);
}

/* ---- regions --------------------------------------------------------------------------------- */

/* Functions that run between pieces get a word for the class that they are given. The one that made the stage's packets
 * has run. */
static void set_apart(struct fuse *u, struct node *n)
{
	if (!u->o->natives_apart || n->kind != NODE_FUNCTION || n->f->instance.class->role == FFPF_SOURCE ||
	    n->f->instance.class->build || n->f == u->o->stage)
		return;
	n->in_word = u->n_words++;
	if (u->result == FUSE_NONE)
		u->result = u->n_words++;
}

static bool nested(const struct node *n)
{
	return n->n_in == 1 && n->in[0].from;
}

static void link_node(struct fuse *u, struct node *n)
{
	for (size_t i = 0; i < n->n_in; i++) {
		struct node *from = n->in[i].from;

		if (!from)
			continue;
		if (nested(n)) {
			from->children = ffpf_arena_grow(u->arena, from->children, from->n_children,
							 &from->children_capacity, sizeof(n));
			from->children[from->n_children++] = n;
		} else {
			from->joins = ffpf_arena_grow(u->arena, from->joins, from->n_joins, &from->joins_capacity,
						      sizeof(*from->joins));
			from->joins[from->n_joins++] = (struct node_edge){n, i};
		}
	}
}

static struct region *add_region(struct fuse *u, enum region_kind kind, struct node *n)
{
	u->regions = ffpf_arena_grow(u->arena, u->regions, u->n_regions, &u->regions_capacity, sizeof(*u->regions));
	u->regions[u->n_regions] = (struct region){.kind = kind, .node = n, .weight = n->weight};
	return &u->regions[u->n_regions++];
}

/* Weights are in parts of a function's. */
size_t ffpf_fuse_room(const struct fuse *u)
{
	return (size_t)u->o->piece_functions * GROUP_SAVES;
}

/* What is decided about together takes less room. */
static size_t weight_of(const struct node *n)
{
	if (n->in_word != FUSE_NONE) /* what follows it is in another piece */
		return GROUP_SAVES;
	return n->group ? (n->weight + GROUP_SAVES - 1) / GROUP_SAVES : n->weight;
}

/*
 * Subtree weights, from the leaves up. Children that would make a subtree too heavy for a piece are cut off: they are
 * kept behind the others in the children array, from *kept on.
 */
static void weigh(struct fuse *u, size_t *kept)
{
	for (size_t i = u->n_nodes; i-- > 0;) {
		struct node *n = u->nodes[i];

		n->weight = GROUP_SAVES;
		kept[i] = n->n_children;
	}
	/* Nodes stand in topological order within each kind, and in-flows are leaves. */
	for (size_t i = u->n_nodes; i-- > 0;) {
		struct node *n = u->nodes[i];
		size_t k = 0;

		while (k < n->n_children && n->weight + weight_of(n->children[k]) <= ffpf_fuse_room(u))
			n->weight += weight_of(n->children[k++]);
		kept[i] = k;
	}
}

static void add_cuts(struct fuse *u, struct node *n, size_t kept)
{
	size_t i = kept;

	if (i == n->n_children)
		return;
	n->out_word = u->n_words++;
	while (i < n->n_children) {
		struct region *r = add_region(u, REGION_CUT, n);

		r->nodes = &n->children[i];
		r->weight = GROUP_SAVES;
		do {
			r->weight += weight_of(n->children[i++]);
			r->n_nodes++;
		} while (i < n->n_children && r->weight + weight_of(n->children[i]) <= ffpf_fuse_room(u));
		r->last = i == n->n_children;
	}
	n->n_children = kept;
}

static bool groupable(const struct node *n, const struct node *first)
{
	return n->kind == NODE_FUNCTION && n->f->instance.class->build_many &&
	       n->f->instance.class == first->f->instance.class && n->in[0].label->any;
}

/* Instances as build_many takes them, for this source's packets. */
const struct ffpf_instance **ffpf_fuse_instances(struct fuse *u, struct node *const *nodes, size_t n)
{
	const struct ffpf_instance **instances = ffpf_arena_alloc(u->arena, n * sizeof(*instances));
	struct ffpf_instance *copies = ffpf_arena_alloc(u->arena, n * sizeof(*copies));

	for (size_t i = 0; i < n; i++) {
		copies[i] = nodes[i]->f->instance;
		copies[i].input = &u->graph->source_info[u->source];
		copies[i].diags = NULL;
		instances[i] = &copies[i];
	}
	return instances;
}

/* Children of one class that stand next to each other and say that they can be decided about at once. */
static void find_groups(struct fuse *u, struct node *n)
{
	size_t end;

	for (size_t i = 0; i < n->n_children; i = end) {
		struct node **first = &n->children[i];

		end = i + 1;
		if (!groupable(*first, *first))
			continue;
		while (end < n->n_children && groupable(n->children[end], *first))
			end++;
		if (end - i < GROUP_MIN || (*first)->f->instance.class->build_many(
						   ffpf_fuse_instances(u, first, end - i), end - i, NULL, NULL, 0))
			continue;
		for (size_t k = i; k < end; k++)
			n->children[k]->group = end - k;
	}
}

/* Regions must come after all that feeds them: ordered by the first function's id, cuts right behind the region that
 * holds the parent. */
void ffpf_fuse_regions(struct fuse *u)
{
	size_t *kept = ffpf_arena_alloc(u->arena, u->n_nodes * sizeof(*kept) + 1);

	u->result = FUSE_NONE;
	for (size_t i = 0; i < u->n_nodes; i++) {
		link_node(u, u->nodes[i]);
		set_apart(u, u->nodes[i]);
	}
	for (size_t i = 0; u->o->optimise && i < u->n_nodes; i++)
		find_groups(u, u->nodes[i]);
	weigh(u, kept);
	for (size_t i = 0; i < u->n_nodes; i++) {
		struct node *n = u->nodes[i];

		if (!nested(n))
			add_region(u, n->n_in ? REGION_INPUT : REGION_SOURCE, n);
		if (n->in_word != FUSE_NONE)
			add_region(u, REGION_RESULT, n);
		add_cuts(u, n, kept[i]);
	}
}

/* Order of building: a node, then each child with all that is nested in it. What follows a function that runs between
 * pieces comes in a region of its own; that (behind) is also where its result is there. */
static void number_positions(struct fuse *u, struct node *root, bool behind, unsigned *next)
{
	struct node **stack = u->stack;
	size_t depth = 0;

	stack[depth++] = root;
	while (depth) {
		struct node *n = stack[--depth];

		n->position = (*next)++;
		for (size_t i = n->n_children; i-- > 0 && (n->in_word == FUSE_NONE || (behind && n == root));)
			stack[depth++] = n->children[i];
	}
}

/*
 * Words of the joins. The class that a join sees is that of its first delivering edge in source order: where inputs are
 * built in that order one word does, set by the first that delivers; else each edge has its own.
 */
void ffpf_fuse_words(struct fuse *u)
{
	unsigned next = 0;

	u->stack = ffpf_arena_alloc(u->arena, (u->n_nodes + 1) * sizeof(struct node *));
	for (size_t i = 0; i < u->n_regions; i++) {
		struct region *r = &u->regions[i];

		if (r->kind != REGION_CUT)
			number_positions(u, r->node, r->kind == REGION_RESULT, &next);
		for (size_t k = 0; k < r->n_nodes; k++)
			number_positions(u, r->nodes[k], false, &next);
	}
	for (size_t i = 0; i < u->n_nodes; i++) {
		struct node *n = u->nodes[i];
		bool ordered = true;

		if (n->n_in < 2)
			continue;
		for (size_t k = 0; k < n->n_in; k++)
			ordered = ordered && n->in[k].from &&
				  (!k || n->in[k - 1].from->position <= n->in[k].from->position);
		for (size_t k = 0; k < n->n_in; k++)
			if (n->in[k].from)
				n->in[k].word = ordered && k ? n->in[0].word : u->n_words++;
	}
}
