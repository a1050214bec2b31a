/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From functions to packet programs; see fuse.h for the idea, fuse_nodes.h for what stands between.
 */
#include <lib/flowspace.h>
#include <lib/graph/fuse_nodes.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

/* Joins kept in SSA values; more would multiply the states that the kernel's verifier follows. */
#define SSA_JOINS_MAX 3
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

static void copy_to(struct fuse *u, const struct ffpf_tap_point *tap, ffpf_val class)
{
	const struct ffpf_level *level = ffpf_layout_level(u->layout, u->level);

	if (level->taps != FFPF_NO_CELL)
		ffpf_ir_count(u->b, level->taps + tap->number, ffpf_ir_const(u->b, 1));
	ffpf_ir_tap(u->b, tap->number, class);
}

/* Copies of what a function lets out, for those who watch. */
static void build_taps(struct fuse *u, const struct ffpf_function *f, ffpf_val class)
{
	for (unsigned i = 0; i < u->graph->n_taps; i++) {
		const struct ffpf_tap_point *tap = &u->graph->taps[i];

		if (tap->from != f)
			continue;
		if (!tap->to)
			copy_to(u, tap, class);
		for (size_t k = 0; tap->to && k < f->n_out; k++) {
			ffpf_block past;

			if (f->out[k]->to != tap->to)
				continue;
			test_label(u, &f->out[k]->label, class, &past);
			copy_to(u, tap, class);
			pass_label(u, past);
		}
	}
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
	if (n->out_word != FUSE_NONE)
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
	ffpf_fuse_trace_dropped(u);
	ffpf_ir_verdict(u->b, FFPF_VERDICT_DROP);
}

/* What follows where a function's program has let a packet out that came with class `in`. */
static void build_accepted(struct fuse *u, struct node *n, ffpf_val in, ffpf_val class, ffpf_block out)
{
	struct ffpf_function *f = n->f;
	const struct ffpf_function_layout *l = f->layout;

	ffpf_builder_origin(u->b, f->id + 1);
	if (l->out.owner == f && !(ffpf_instance_flags(&f->instance) & FFPF_CLASS_PASSES))
		count(u, f, &l->out);
	ffpf_fuse_trace_function(u, f, in, class);
	/* What it has changed is seen where the stage behind it begins. */
	if (!ffpf_changes_packets(f))
		build_taps(u, f, class);
	if (!f->n_out)
		take_packet(u);
	build_outputs(u, n, class, out);
}

/* A function that runs behind this piece: it will find its class in the word. */
static void build_apart(struct fuse *u, struct node *n, ffpf_val class)
{
	ffpf_builder_origin(u->b, n->f->id + 1);
	count(u, n->f, &((const struct ffpf_function_layout *)n->f->layout)->in);
	ffpf_fuse_trace_function(u, n->f, class, 0);
	set_word(u, n->in_word, class);
	ffpf_builder_origin(u->b, 0);
}

static void build_function(struct fuse *u, struct node *n, ffpf_val class)
{
	struct ffpf_function *f = n->f;
	const struct ffpf_function_layout *l = f->layout;
	const struct ffpf_class *c = f->instance.class;
	const struct ffpf_state_map state = ffpf_layout_state(f);
	ffpf_block accept, out;
	ffpf_var class_out = ffpf_ir_var(u->b);

	if (n->in_word != FUSE_NONE) {
		build_apart(u, n, class);
		return;
	}
	accept = ffpf_ir_block(u->b);
	out = ffpf_ir_block(u->b);
	ffpf_builder_begin(u->b, f->id + 1, &state, class, class_out, accept, out);
	count(u, f, &l->in);
	ffpf_fuse_trace_function(u, f, class, 0);
	if (ffpf_instance_flags(&f->instance) & FFPF_CLASS_VERDICT)
		ffpf_fuse_trace_dropped(u);
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
	u->verdicts |= (ffpf_instance_flags(&f->instance) & FFPF_CLASS_VERDICT) != 0;
	ffpf_ir_seal(u->b, accept);
	ffpf_ir_switch_to(u->b, accept);
	build_accepted(u, n, class, ffpf_ir_var_get(u->b, class_out), out);
}

/* Builds a node up to its children, which are left open. */
static void build_node(struct fuse *u, struct node *n, ffpf_val class)
{
	if (n->kind == NODE_INFLOW) {
		count(u, n->f, &ffpf_layout_level(u->layout, u->level)->inflows[n->inflow].owed);
		ffpf_fuse_trace_crossing(u, n->inflow, class);
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
	instances = ffpf_fuse_instances(u, nodes, n);
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
	for (size_t i = 0; i < n; i++) {
		count(u, nodes[i]->f, &((const struct ffpf_function_layout *)nodes[i]->f->layout)->in);
		ffpf_fuse_trace_function(u, nodes[i]->f, o->class, 0);
	}
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
	build_accepted(u, n, o->class, o->class, ffpf_ir_block(u->b));
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
	if (n->f == u->o->stage) { /* counted where it ran */
		build_taps(u, n->f, ffpf_ir_ghost(u->b, 0));
		build_outputs(u, n, ffpf_ir_ghost(u->b, 0), 0);
		return;
	}
	count(u, n->f, &l->out);
	ffpf_fuse_trace_source(u, n->f);
	build_taps(u, n->f, ffpf_ir_const(u->b, 1));
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

/* What came up inside the kernel on in-flows whose packets nothing else counts. */
static void count_arrivals(struct fuse *u, const struct node *n)
{
	const struct ffpf_level *level = ffpf_layout_level(u->layout, u->level);

	for (size_t i = 0; i < n->n_in; i++)
		for (unsigned k = 0; !n->in[i].from && k < level->n_arrivals; k++) {
			const struct ffpf_arrival *a = &level->arrivals[k];
			ffpf_block came, done;

			if (!a->counted || a->below != u->below || a->inflow != n->in[i].ghost)
				continue;
			came = ffpf_ir_block(u->b);
			done = ffpf_ir_block(u->b);
			ffpf_ir_branch_imm(u->b, FFPF_NE, 32, ffpf_ir_ghost(u->b, n->in[i].ghost), 0, came, done);
			ffpf_ir_seal(u->b, came);
			ffpf_ir_switch_to(u->b, came);
			ffpf_ir_count(u->b, a->count.cell, ffpf_ir_const(u->b, 1));
			ffpf_ir_jump(u->b, done);
			ffpf_ir_seal(u->b, done);
			ffpf_ir_switch_to(u->b, done);
		}
}

static void clear_inputs(struct fuse *u, const struct node *n)
{
	for (size_t i = 0; i < n->n_in; i++)
		if (n->in[i].from && (!i || n->in[i].word != n->in[0].word))
			clear_word(u, n->in[i].word);
}

/* Behind a function that ran before this piece; nothing where it let the packet go, or never had it. */
static void build_result(struct fuse *u, struct node *n)
{
	ffpf_val in = get_word(u, n->in_word), class = get_word(u, u->result);
	ffpf_block accepted = ffpf_ir_block(u->b), out = ffpf_ir_block(u->b), end = ffpf_ir_block(u->b);

	clear_word(u, n->in_word);
	clear_word(u, u->result);
	ffpf_ir_branch_imm(u->b, FFPF_NE, 32, class, 0, accepted, out);
	ffpf_ir_seal(u->b, accepted);
	ffpf_ir_switch_to(u->b, accepted);
	build_accepted(u, n, in, class, end);
	build_open(u);
	ffpf_ir_jump(u->b, out);
	ffpf_ir_seal(u->b, out);
	ffpf_ir_switch_to(u->b, out);
}

static void build_region(struct fuse *u, const struct region *r)
{
	ffpf_block in, out;
	ffpf_val class;

	if (r->kind == REGION_RESULT) {
		build_result(u, r->node);
		return;
	}
	in = ffpf_ir_block(u->b);
	out = ffpf_ir_block(u->b);
	if (r->kind == REGION_SOURCE) {
		ffpf_ir_jump(u->b, in);
		ffpf_ir_seal(u->b, in);
		ffpf_ir_switch_to(u->b, in);
		build_source(u, r->node);
	} else {
		if (r->kind == REGION_INPUT)
			count_arrivals(u, r->node);
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
	p->maps = level->ir_maps;
	p->n_maps = level->n_maps;
	if (u->ssa) {
		u->vars = ffpf_arena_alloc(u->arena, u->n_words * sizeof(*u->vars) + 1);
		for (unsigned i = 0; i < u->n_words; i++)
			u->vars[i] = ffpf_ir_var(u->b);
	}
	if (!first)
		ffpf_fuse_trace_begin(u);
	for (size_t i = first; i < end; i++)
		build_region(u, &u->regions[i]);
	if (end == u->n_regions)
		ffpf_fuse_trace_end(u);
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
	u->ssa =
		total <= ffpf_fuse_room(u) && u->n_words <= SSA_JOINS_MAX && !u->graph->trace && u->result == FUSE_NONE;
	out->pieces = ffpf_arena_alloc(u->arena, (u->n_regions + 1) * sizeof(*out->pieces));
	out->calls = ffpf_arena_alloc(u->arena, (u->n_regions + 1) * sizeof(*out->calls));
	out->result = u->result;
	while (first < u->n_regions) {
		size_t end = first, weight = 0;

		do
			weight += u->regions[end++].weight;
		while (end < u->n_regions && weight + u->regions[end].weight <= ffpf_fuse_room(u) &&
		       u->regions[end].kind != REGION_RESULT);
		if (end < u->n_regions && u->regions[end].kind == REGION_RESULT)
			out->calls[out->n_pieces] =
				(struct ffpf_native_call){u->regions[end].node->f, u->regions[end].node->in_word};
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
	ffpf_fuse_nodes(&u);
	if (!u.n_nodes)
		return 0;
	ffpf_fuse_regions(&u);
	ffpf_fuse_words(&u);
	ffpf_fuse_trace_words(&u);
	split_pieces(&u, out);
	out->n_flags = u.ssa ? 0 : u.n_words;
	out->trace_number = graph->trace ? u.trace_number : UINT_MAX;
	out->verdicts = u.verdicts;
	return u.error;
}
