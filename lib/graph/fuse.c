/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From functions to packet programs; see fuse.h for the idea.
 *
 *   nodes    the functions of this level, and what crosses upward from it, for one source
 *   regions  trees of nodes: each begins with a condition (the source, a ghost, a join's word, the word
 *            of a parent that was cut from its children) and holds whatever has a single input inside
 *   pieces   consecutive regions that go into one program
 */
#include <lib/flowspace.h>
#include <lib/graph/fuse.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <string.h>

/* Joins kept in SSA values; more would multiply the states that the kernel's verifier follows. */
#define SSA_JOINS_MAX 3
#define NONE UINT32_MAX
/* Fewer functions are built one by one. */
#define GROUP_MIN 12
/* So many functions of a group weigh as one. */
#define GROUP_SAVES 8

enum node_kind { NODE_FUNCTION, NODE_INFLOW };

struct delivery {
	struct node *from; /* NULL: from below, through the ghost */
	const struct ffpf_label *label;
	unsigned ghost;
	unsigned word; /* of a join */
};

struct node {
	enum node_kind kind;
	struct ffpf_function *f; /* INFLOW: the function above */
	unsigned inflow;
	struct delivery *in;
	size_t n_in;
	struct node **children; /* nested: their single input is this node */
	size_t n_children, children_capacity;
	struct node_edge {
		struct node *join;
		size_t delivery;
	} * joins; /* deliveries into joins */
	size_t n_joins, joins_capacity;
	unsigned out_word; /* set when children were cut off: NONE */
	unsigned position; /* order of building */
	size_t weight;
	size_t group; /* so many children of one parent, from this one on, are decided about at once; 0: not */
};

enum region_kind { REGION_SOURCE, REGION_INPUT, REGION_CUT };

struct region {
	enum region_kind kind;
	struct node *node;   /* SOURCE, INPUT: the first node; CUT: the parent */
	struct node **nodes; /* CUT: children */
	size_t n_nodes;
	bool last; /* CUT: clears the word */
	size_t weight;
};

/* A node whose children are being built. */
struct open {
	struct node **children;
	size_t n_children, next;
	bool in_child;	 /* children[next] is being built, or has been */
	ffpf_val class;	 /* that the children see */
	ffpf_block past; /* of the label before children[next]; 0: none */
	ffpf_block out;	 /* where the node itself ends; 0: it is no function */
	/* children that were decided about at once: where each goes on, and where all do */
	ffpf_block *accepted, joined;
	size_t group_size, group_end; /* 0: none are open */
};

struct fuse {
	struct ffpf_graph *graph;
	const struct ffpf_flowspace *level;
	const struct ffpf_layout *layout;
	unsigned source;
	const struct ffpf_fuse_options *o;
	struct ffpf_arena *arena;
	struct node **of; /* per function id: its node on this level */
	struct node **nodes;
	size_t n_nodes, nodes_capacity;
	struct region *regions;
	size_t n_regions, regions_capacity;
	struct node **stack; /* room for all nodes */
	struct open *open;
	size_t n_open, open_capacity;
	unsigned n_words;
	bool ssa;
	ffpf_var *vars; /* per word, in SSA */
	struct ffpf_builder *b;
	bool verdicts;
	int error;
};

/* ---- nodes ----------------------------------------------------------------------------------- */

static bool reached(const struct ffpf_function *f, unsigned source)
{
	size_t lo = 0, hi = f->n_sources;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (f->sources[mid] < source)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < f->n_sources && f->sources[lo] == source;
}

static struct node *new_node(struct fuse *u, enum node_kind kind, struct ffpf_function *f)
{
	struct node *n = ffpf_arena_alloc(u->arena, sizeof(*n));

	n->kind = kind;
	n->f = f;
	n->out_word = NONE;
	n->in = ffpf_arena_alloc(u->arena, (f->n_in + 1) * sizeof(*n->in));
	u->nodes = ffpf_arena_grow(u->arena, u->nodes, u->n_nodes, &u->nodes_capacity, sizeof(*u->nodes));
	u->nodes[u->n_nodes++] = n;
	return n;
}

/* The in-flow that the edge f->in[i], which comes from a lower level, belongs to. */
static unsigned inflow_of(const struct ffpf_layout *layout, const struct ffpf_function *f, size_t i)
{
	const struct ffpf_level *level = ffpf_layout_level(layout, f->in[i]->from->level);
	size_t lo = 0, hi = level->n_inflows;

	/* In-flows are numbered in the order of the functions that they feed, and of the edges. */
	while (hi - lo > 1) {
		size_t mid = (lo + hi) / 2;
		const struct ffpf_inflow *in = &level->inflows[mid];

		if (in->to->id < f->id || (in->to == f && in->first <= i))
			lo = mid;
		else
			hi = mid;
	}
	return level->inflows[lo].index;
}

/* One delivery for each edge that the source's packets can come along; [first, end) of the function's edges. */
static void add_inputs(struct fuse *u, struct node *n, size_t first, size_t end)
{
	const struct ffpf_function *f = n->f;

	for (size_t i = first; i < end; i++) {
		const struct ffpf_edge *e = f->in[i];
		struct delivery d = {.label = &e->label, .word = NONE};

		if (!reached(e->from, u->source))
			continue;
		if (e->from->level == u->level) {
			d.from = u->of[e->from->id];
		} else {
			const struct delivery *last = n->n_in ? &n->in[n->n_in - 1] : NULL;

			/* Edges of one in-flow stand together. */
			d.ghost = inflow_of(u->layout, f, i);
			if (last && !last->from && last->ghost == d.ghost)
				continue;
		}
		n->in[n->n_in++] = d;
	}
}

static void make_nodes(struct fuse *u)
{
	const struct ffpf_level *level = ffpf_layout_level(u->layout, u->level);

	u->of = ffpf_arena_alloc(u->arena, u->graph->n_functions * sizeof(*u->of));
	for (size_t i = 0; i < u->graph->n_functions; i++) {
		struct ffpf_function *f = u->graph->functions[i];

		if (f->level != u->level || !reached(f, u->source))
			continue;
		u->of[i] = new_node(u, NODE_FUNCTION, f);
		if (f->instance.class->role != FFPF_SOURCE)
			add_inputs(u, u->of[i], 0, f->n_in);
	}
	for (unsigned i = 0; i < level->n_inflows; i++) {
		if (!reached(level->inflows[i].to, u->source))
			continue;
		struct node *n = new_node(u, NODE_INFLOW, level->inflows[i].to);

		n->inflow = i;
		add_inputs(u, n, level->inflows[i].first, level->inflows[i].end);
		if (!n->n_in)
			u->n_nodes--;
	}
}

/* ---- regions --------------------------------------------------------------------------------- */

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
static size_t room(const struct fuse *u)
{
	return (size_t)u->o->piece_functions * GROUP_SAVES;
}

/* What is decided about together takes less room. */
static size_t weight_of(const struct node *n)
{
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

		while (k < n->n_children && n->weight + weight_of(n->children[k]) <= room(u))
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
		} while (i < n->n_children && r->weight + weight_of(n->children[i]) <= room(u));
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
static const struct ffpf_instance **instances_of(struct fuse *u, struct node *const *nodes, size_t n)
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
		if (end - i < GROUP_MIN ||
		    (*first)->f->instance.class->build_many(instances_of(u, first, end - i), end - i, NULL, NULL, 0))
			continue;
		for (size_t k = i; k < end; k++)
			n->children[k]->group = end - k;
	}
}

/* Regions must come after all that feeds them: ordered by the first function's id, cuts right behind the region that
 * holds the parent. */
static void make_regions(struct fuse *u)
{
	size_t *kept = ffpf_arena_alloc(u->arena, u->n_nodes * sizeof(*kept) + 1);

	for (size_t i = 0; i < u->n_nodes; i++)
		link_node(u, u->nodes[i]);
	for (size_t i = 0; u->o->optimise && i < u->n_nodes; i++)
		find_groups(u, u->nodes[i]);
	weigh(u, kept);
	for (size_t i = 0; i < u->n_nodes; i++) {
		struct node *n = u->nodes[i];

		if (!nested(n))
			add_region(u, n->n_in ? REGION_INPUT : REGION_SOURCE, n);
		add_cuts(u, n, kept[i]);
	}
}

/* Order of building: a node, then each child with all that is nested in it. */
static void number_positions(struct fuse *u, struct node *root, unsigned *next)
{
	struct node **stack = u->stack;
	size_t depth = 0;

	stack[depth++] = root;
	while (depth) {
		struct node *n = stack[--depth];

		n->position = (*next)++;
		for (size_t i = n->n_children; i-- > 0;)
			stack[depth++] = n->children[i];
	}
}

/*
 * Words of the joins. The class that a join sees is that of its first delivering edge in source order: where inputs are
 * built in that order one word does, set by the first that delivers; else each edge has its own.
 */
static void make_words(struct fuse *u)
{
	unsigned next = 0;

	u->stack = ffpf_arena_alloc(u->arena, (u->n_nodes + 1) * sizeof(struct node *));
	for (size_t i = 0; i < u->n_regions; i++) {
		struct region *r = &u->regions[i];

		if (r->kind != REGION_CUT)
			number_positions(u, r->node, &next);
		for (size_t k = 0; k < r->n_nodes; k++)
			number_positions(u, r->nodes[k], &next);
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

/* ---- building -------------------------------------------------------------------------------- */

static ffpf_val get_word(struct fuse *u, unsigned word)
{
	return u->ssa ? ffpf_ir_var_get(u->b, u->vars[word]) : ffpf_ir_flag(u->b, word);
}

static void set_word(struct fuse *u, unsigned word, ffpf_val class)
{
	if (u->ssa)
		ffpf_ir_var_set(u->b, u->vars[word], class);
	else
		ffpf_ir_set_flag(u->b, word, class);
}

static void clear_word(struct fuse *u, unsigned word)
{
	if (!u->ssa)
		ffpf_ir_set_flag(u->b, word, ffpf_ir_const(u->b, 0));
}

static void count(struct fuse *u, const struct ffpf_function *f, const struct ffpf_count *c)
{
	if (c->cell == FFPF_NO_CELL || c->owner != f)
		return;
	ffpf_ir_count(u->b, c->cell, ffpf_ir_const(u->b, 1));
	if (c->bytes)
		ffpf_ir_count(u->b, c->cell + 1, ffpf_ir_meta(u->b, FFPF_META_LEN));
}

/* Goes on in a block where the label has let the class through; *past gets the block where it has not (0: always lets
 * through). */
static void test_label(struct fuse *u, const struct ffpf_label *label, ffpf_val class, ffpf_block *past)
{
	ffpf_block in, out;

	*past = 0;
	if (label->any)
		return;
	in = ffpf_ir_block(u->b);
	out = ffpf_ir_block(u->b);
	for (size_t i = 0; i < label->n_ranges; i++) {
		const struct ffpf_range *r = &label->ranges[i];
		ffpf_block hit = label->except ? out : in, next = ffpf_ir_block(u->b);

		if (r->lo == r->hi) {
			ffpf_ir_branch_imm(u->b, FFPF_EQ, 32, class, r->lo, hit, next);
		} else {
			ffpf_block above = ffpf_ir_block(u->b);

			ffpf_ir_branch_imm(u->b, FFPF_GE, 32, class, r->lo, above, next);
			ffpf_ir_seal(u->b, above);
			ffpf_ir_switch_to(u->b, above);
			ffpf_ir_branch_imm(u->b, FFPF_LE, 32, class, r->hi, hit, next);
		}
		ffpf_ir_seal(u->b, next);
		ffpf_ir_switch_to(u->b, next);
	}
	ffpf_ir_jump(u->b, label->except ? in : out);
	ffpf_ir_seal(u->b, in);
	ffpf_ir_switch_to(u->b, in);
	*past = out;
}

static void pass_label(struct fuse *u, ffpf_block past)
{
	if (!past)
		return;
	ffpf_ir_jump(u->b, past);
	ffpf_ir_seal(u->b, past);
	ffpf_ir_switch_to(u->b, past);
}

static void deliver_join(struct fuse *u, const struct node_edge *e, ffpf_val class)
{
	const struct node *join = e->join;
	const struct delivery *d = &join->in[e->delivery];
	ffpf_block past, unset, done;
	bool shared = e->delivery && d->word == join->in[0].word;

	test_label(u, d->label, class, &past);
	if (shared) {
		unset = ffpf_ir_block(u->b);
		done = ffpf_ir_block(u->b);
		ffpf_ir_branch_imm(u->b, FFPF_EQ, 32, get_word(u, d->word), 0, unset, done);
		ffpf_ir_seal(u->b, unset);
		ffpf_ir_switch_to(u->b, unset);
	}
	set_word(u, d->word, class);
	if (shared) {
		ffpf_ir_jump(u->b, done);
		ffpf_ir_seal(u->b, done);
		ffpf_ir_switch_to(u->b, done);
	}
	pass_label(u, past);
}

/* Children are built next, each behind its label: see build_open. */
static void open_children(struct fuse *u, struct node **children, size_t n, ffpf_val class, ffpf_block out)
{
	u->open = ffpf_arena_grow(u->arena, u->open, u->n_open, &u->open_capacity, sizeof(*u->open));
	u->open[u->n_open++] = (struct open){.children = children, .n_children = n, .class = class, .out = out};
}

/* What happens to a packet that a node lets out: its word, its joins, its children, in source order as far as they
 * differ. */
static void build_outputs(struct fuse *u, struct node *n, ffpf_val class, ffpf_block out)
{
	if (n->out_word != NONE)
		set_word(u, n->out_word, class);
	for (size_t i = 0; i < n->n_joins; i++)
		deliver_join(u, &n->joins[i], class);
	open_children(u, n->children, n->n_children, class, out);
}

static void take_packet(struct fuse *u)
{
	if (!u->o->take)
		return;
	u->verdicts = true;
	ffpf_ir_verdict(u->b, FFPF_VERDICT_DROP);
}

/* What follows where a function's program has let a packet out. */
static void build_accepted(struct fuse *u, struct node *n, ffpf_val class, ffpf_block out)
{
	struct ffpf_function *f = n->f;
	const struct ffpf_function_layout *l = f->layout;

	ffpf_builder_origin(u->b, f->id + 1);
	if (l->out.owner == f && !(f->instance.class->flags & FFPF_CLASS_PASSES))
		count(u, f, &l->out);
	if (!f->n_out)
		take_packet(u);
	build_outputs(u, n, class, out);
}

static void build_function(struct fuse *u, struct node *n, ffpf_val class)
{
	struct ffpf_function *f = n->f;
	const struct ffpf_function_layout *l = f->layout;
	const struct ffpf_class *c = f->instance.class;
	const struct ffpf_state_map state = {l->base, l->cells, l->shared, (unsigned)c->n_fields};
	ffpf_block accept = ffpf_ir_block(u->b), out = ffpf_ir_block(u->b);
	ffpf_var class_out = ffpf_ir_var(u->b);

	ffpf_builder_begin(u->b, f->id + 1, &state, class, class_out, accept, out);
	count(u, f, &l->in);
	if (c->build) {
		struct ffpf_instance instance = f->instance;

		instance.input = &u->graph->source_info[u->source];
		instance.diags = u->o->report ? u->graph->diags : NULL;
		if (c->build(&instance, u->b) < 0)
			u->error = -EINVAL;
		if (ffpf_builder_current(u->b))
			ffpf_ir_reject(u->b);
	} else {
		ffpf_ir_accept(u->b, ffpf_ir_native(u->b, l->native, class));
	}
	u->verdicts |= (c->flags & FFPF_CLASS_VERDICT) != 0;
	ffpf_ir_seal(u->b, accept);
	ffpf_ir_switch_to(u->b, accept);
	build_accepted(u, n, ffpf_ir_var_get(u->b, class_out), out);
}

/* Builds a node up to its children, which are left open. */
static void build_node(struct fuse *u, struct node *n, ffpf_val class)
{
	if (n->kind == NODE_INFLOW) {
		count(u, n->f, &ffpf_layout_level(u->layout, u->level)->inflows[n->inflow].owed);
		ffpf_ir_cross(u->b, n->inflow, class);
		take_packet(u);
		return;
	}
	build_function(u, n, class);
}

/* ---- many at once ---------------------------------------------------------------------------- */

/* Decides about a group, or what of it is in this piece; its first child is next. False: they are built one by one. */
static bool open_group(struct fuse *u, struct open *o)
{
	struct node **nodes = &o->children[o->next];
	size_t n = nodes[0]->group;
	const struct ffpf_class *class = nodes[0]->f->instance.class;
	const struct ffpf_instance **instances;

	if (n > o->n_children - o->next)
		n = o->n_children - o->next;
	instances = instances_of(u, nodes, n);
	if (class->build_many(instances, n, NULL, NULL, 0)) {
		for (size_t i = 0; i < n; i++)
			nodes[i]->group = 0;
		return false;
	}
	o->accepted = ffpf_arena_alloc(u->arena, n * sizeof(*o->accepted));
	o->joined = ffpf_ir_block(u->b);
	o->group_size = n;
	o->group_end = o->next + n;
	ffpf_builder_origin(u->b, nodes[0]->f->id + 1);
	for (size_t i = 0; i < n; i++)
		count(u, nodes[i]->f, &((const struct ffpf_function_layout *)nodes[i]->f->layout)->in);
	class->build_many(instances, n, u->b, o->accepted, o->joined);
	return true;
}

/* The next child of an open group, where it has accepted the packet. */
static void build_member(struct fuse *u, struct open *o)
{
	struct node *n = o->children[o->next];
	ffpf_block in = o->accepted[o->next + o->group_size - o->group_end];

	ffpf_ir_seal(u->b, in);
	ffpf_ir_switch_to(u->b, in);
	o->in_child = true;
	build_accepted(u, n, o->class, ffpf_ir_block(u->b));
}

/* Builds what is open: chains may be as long as a graph, so there is a stack for them. */
static void build_open(struct fuse *u)
{
	while (u->n_open) {
		struct open *o = &u->open[u->n_open - 1];

		if (o->in_child) {
			o->in_child = false;
			o->next++;
			if (!o->group_end) {
				pass_label(u, o->past);
			} else {
				ffpf_ir_jump(u->b, o->joined);
				if (o->next == o->group_end) {
					o->group_end = 0;
					ffpf_ir_seal(u->b, o->joined);
					ffpf_ir_switch_to(u->b, o->joined);
				}
			}
		} else if (o->group_end) {
			build_member(u, o);
		} else if (o->next < o->n_children && o->children[o->next]->group && open_group(u, o)) {
			continue;
		} else if (o->next < o->n_children) {
			struct node *child = o->children[o->next];

			o->in_child = true;
			test_label(u, child->in[0].label, o->class, &o->past);
			build_node(u, child, o->class);
		} else {
			if (o->out) {
				ffpf_ir_jump(u->b, o->out);
				ffpf_ir_seal(u->b, o->out);
				ffpf_ir_switch_to(u->b, o->out);
				ffpf_builder_origin(u->b, 0);
			}
			u->n_open--;
		}
	}
}

static void build_source(struct fuse *u, struct node *n)
{
	const struct ffpf_function_layout *l = n->f->layout;

	ffpf_builder_origin(u->b, n->f->id + 1);
	count(u, n->f, &l->out);
	build_outputs(u, n, ffpf_ir_const(u->b, 1), 0);
}

/* The class of the first input in order that delivered, 0 when none did. */
static ffpf_val input_class(struct fuse *u, const struct node *n)
{
	ffpf_var class = ffpf_ir_var(u->b);
	ffpf_block done = ffpf_ir_block(u->b);
	ffpf_val v;

	/* Set here, or it would be sought in all that was built before. */
	ffpf_ir_var_set(u->b, class, ffpf_ir_const(u->b, 0));
	for (size_t i = 0; i < n->n_in; i++) {
		const struct delivery *d = &n->in[i];
		ffpf_block next = ffpf_ir_block(u->b), hit = ffpf_ir_block(u->b);

		if (i && d->from && d->word == n->in[0].word) {
			ffpf_ir_jump(u->b, next);
			ffpf_ir_seal(u->b, hit);
		} else {
			v = d->from ? get_word(u, d->word) : ffpf_ir_ghost(u->b, d->ghost);
			ffpf_ir_branch_imm(u->b, FFPF_NE, 32, v, 0, hit, next);
			ffpf_ir_seal(u->b, hit);
			ffpf_ir_switch_to(u->b, hit);
			ffpf_ir_var_set(u->b, class, v);
			ffpf_ir_jump(u->b, done);
		}
		ffpf_ir_seal(u->b, next);
		ffpf_ir_switch_to(u->b, next);
	}
	ffpf_ir_jump(u->b, done);
	ffpf_ir_seal(u->b, done);
	ffpf_ir_switch_to(u->b, done);
	return ffpf_ir_var_get(u->b, class);
}

static void clear_inputs(struct fuse *u, const struct node *n)
{
	for (size_t i = 0; i < n->n_in; i++)
		if (n->in[i].from && (!i || n->in[i].word != n->in[0].word))
			clear_word(u, n->in[i].word);
}

static void build_region(struct fuse *u, const struct region *r)
{
	ffpf_block in = ffpf_ir_block(u->b), out = ffpf_ir_block(u->b);
	ffpf_val class;

	if (r->kind == REGION_SOURCE) {
		ffpf_ir_jump(u->b, in);
		ffpf_ir_seal(u->b, in);
		ffpf_ir_switch_to(u->b, in);
		build_source(u, r->node);
	} else {
		class = r->kind == REGION_CUT ? get_word(u, r->node->out_word) : input_class(u, r->node);
		ffpf_ir_branch_imm(u->b, FFPF_NE, 32, class, 0, in, out);
		ffpf_ir_seal(u->b, in);
		ffpf_ir_switch_to(u->b, in);
		if (r->kind == REGION_INPUT)
			clear_inputs(u, r->node);
		else if (r->last)
			clear_word(u, r->node->out_word);
		if (r->kind == REGION_INPUT)
			build_node(u, r->node, class);
		else
			open_children(u, r->nodes, r->n_nodes, class, 0);
	}
	build_open(u);
	ffpf_ir_jump(u->b, out);
	ffpf_ir_seal(u->b, out);
	ffpf_ir_switch_to(u->b, out);
}

static struct ffpf_program *build_piece(struct fuse *u, size_t first, size_t end)
{
	struct ffpf_program *p = ffpf_program_new(u->arena);
	const struct ffpf_level *level = ffpf_layout_level(u->layout, u->level);

	u->b = ffpf_builder_new(p);
	p->snaplen = level->snaplen;
	if (u->ssa) {
		u->vars = ffpf_arena_alloc(u->arena, u->n_words * sizeof(*u->vars) + 1);
		for (unsigned i = 0; i < u->n_words; i++)
			u->vars[i] = ffpf_ir_var(u->b);
	}
	for (size_t i = first; i < end; i++)
		build_region(u, &u->regions[i]);
	ffpf_ir_end(u->b);
	ffpf_builder_finish(u->b);
	if (u->o->optimise)
		ffpf_ir_optimise(p);
	return p;
}

static void split_pieces(struct fuse *u, struct ffpf_fused *out)
{
	size_t total = 0, first = 0;

	for (size_t i = 0; i < u->n_regions; i++)
		total += u->regions[i].weight;
	u->ssa = total <= room(u) && u->n_words <= SSA_JOINS_MAX;
	out->pieces = ffpf_arena_alloc(u->arena, (u->n_regions + 1) * sizeof(*out->pieces));
	while (first < u->n_regions) {
		size_t end = first, weight = 0;

		do
			weight += u->regions[end++].weight;
		while (end < u->n_regions && weight + u->regions[end].weight <= room(u));
		out->pieces[out->n_pieces++] = build_piece(u, first, end);
		first = end;
	}
}

int ffpf_fuse(struct ffpf_graph *graph, const struct ffpf_layout *layout, const struct ffpf_flowspace *level,
	      unsigned source, const struct ffpf_fuse_options *options, struct ffpf_arena *arena,
	      struct ffpf_fused *out)
{
	struct fuse u = {
		.graph = graph, .level = level, .layout = layout, .source = source, .o = options, .arena = arena};

	*out = (struct ffpf_fused){0};
	make_nodes(&u);
	if (!u.n_nodes)
		return 0;
	make_regions(&u);
	make_words(&u);
	split_pieces(&u, out);
	out->n_flags = u.ssa ? 0 : u.n_words;
	out->verdicts = u.verdicts;
	return u.error;
}
