/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiled terms → one packet program that decides as they would one after the other.
 *
 * A chain (`a or b or …`; `a and b and …`) goes on until a term ends it, and a load outside the captured bytes ends
 * everything. Terms in another order would so decide otherwise about short packets; but once a term has gone on, what
 * it loaded is there. Terms that load the same (lib/translate/shape.h) then can only end the chain or go on: those have
 * no order any more, and are decided about all at once (cubes.c). So of a thousand hosts the first is tested by itself,
 * as libpcap would, and the others are a set.
 *
 * A term that is the first of its kind comes after all that stand before it. Pairs (`src host a and dst port b`) load
 * what the second half needs only where the first half holds: pairs.c.
 */
#include <lib/translate/cubes.h>
#include <lib/translate/join.h>
#include <lib/translate/pairs.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

/* Fewer terms are tested one by one. */
#define TOGETHER_MIN 3
#define BUCKETS 256
/* Instructions of classic BPF that are tested one after the other; more make no program that a level takes. */
#define ALONE_MAX 18000

/* Of a whole tree. */
struct joining {
	struct ffpf_builder *b;
	struct shapes *shapes;
	size_t alone; /* instructions so far */
};

static void join(struct joining *j, const struct filter_node *n, const struct cbpf_exits *exits);

/* What a term that went on has loaded. */
struct loaded {
	struct loaded *next;
	const struct shape_view *view;
	const uint32_t *constants; /* of the term */
};

struct chain {
	struct joining *j;
	struct ffpf_builder *b;
	struct shapes *shapes;
	struct cbpf_exits exits; /* of the chain; yes and no as they are written */
	bool or ;
	uint32_t done;		/* the answer that ends it */
	struct loaded **loaded; /* BUCKETS */
	/* terms that can be decided about in any order */
	struct filter_node **waiting;
	struct shaped *shaped;
	size_t n_waiting;
};

/* ---- what is there --------------------------------------------------------------------------- */

static bool same_loads(const struct loaded *l, const struct shape_view *view, const uint32_t *constants)
{
	if (l->view != view && (l->view->n_loads != view->n_loads || l->view->n_constants != view->n_constants ||
				memcmp(l->view->loads, view->loads, view->n_loads) != 0))
		return false;
	for (size_t i = 0; i < view->n_constants; i++)
		if (l->constants[l->view->constants[i]] != constants[view->constants[i]])
			return false;
	return true;
}

static struct loaded **bucket_of(struct chain *c, const struct shape_view *view, const uint32_t *constants)
{
	uint32_t h = (uint32_t)view->n_loads;

	for (size_t i = 0; i < view->n_constants; i++)
		h = (h ^ constants[view->constants[i]]) * 16777619u;
	return &c->loaded[(h ^ h >> 16) % BUCKETS];
}

static bool is_loaded(struct chain *c, const struct shape_view *view, const uint32_t *constants)
{
	for (const struct loaded *l = *bucket_of(c, view, constants); l; l = l->next)
		if (same_loads(l, view, constants))
			return true;
	return false;
}

static void add_loaded(struct chain *c, const struct shape_view *view, const uint32_t *constants)
{
	struct loaded **bucket = bucket_of(c, view, constants), *l = ffpf_arena_alloc(c->shapes->arena, sizeof(*l));

	*l = (struct loaded){*bucket, view, constants};
	*bucket = l;
}

/* ---- parts of a chain ------------------------------------------------------------------------ */

/* Where the chain goes on after a part of it: a new block, of which the exits are made. */
static ffpf_block begin_part(struct chain *c, struct cbpf_exits *exits)
{
	ffpf_block next = ffpf_ir_block(c->b);

	*exits = c->exits;
	if (c->or)
		exits->no = next;
	else
		exits->yes = next;
	return next;
}

static void end_part(struct chain *c, ffpf_block next)
{
	ffpf_ir_seal(c->b, next);
	ffpf_ir_switch_to(c->b, next);
}

static void emit_alone(struct chain *c, const struct filter_node *n)
{
	struct cbpf_exits exits;
	ffpf_block next = begin_part(c, &exits);

	join(c->j, n, &exits);
	end_part(c, next);
}

/* Decides about all that waits. */
static void flush(struct chain *c)
{
	struct cbpf_exits exits;
	struct cubes cubes = {0};
	ffpf_block next;

	if (c->n_waiting < TOGETHER_MIN) {
		for (size_t i = 0; i < c->n_waiting; i++)
			emit_alone(c, c->waiting[i]);
	} else {
		for (size_t i = 0; i < c->n_waiting; i++)
			cubes_add(c->shapes, &cubes, &c->shaped[i], shape_view(c->shapes, c->shaped[i].shape, c->done));
		next = begin_part(c, &exits);
		cubes_emit(c->b, c->shapes, &cubes, c->or ? exits.yes : exits.no, next);
		end_part(c, next);
	}
	c->n_waiting = 0;
}

/* Terms from n on that are of one shape. */
static size_t run_length(const struct shaped *shaped, size_t n)
{
	size_t end = 1;

	while (end < n && shaped[end].shape == shaped[0].shape)
		end++;
	return end;
}

/* Emits children [at, …) as far as they are decided about in one go; returns where to go on. */
static size_t emit_next(struct chain *c, struct filter_node *const *children, const struct shaped *shaped, size_t n,
			size_t at)
{
	const struct shape_view *view = shaped[at].shape ? shape_view(c->shapes, shaped[at].shape, c->done) : NULL;
	struct cbpf_exits exits;
	ffpf_block next;
	size_t run;

	if (view && view->n_cubes && is_loaded(c, view, shaped[at].constants)) {
		c->waiting[c->n_waiting] = children[at];
		c->shaped[c->n_waiting++] = shaped[at];
		return at + 1;
	}
	flush(c);
	run = view ? run_length(&shaped[at], n - at) : 1;
	if (run >= PAIRS_RUN_MIN && pairs_possible(c->shapes, &shaped[at], run, c->done)) {
		next = begin_part(c, &exits);
		pairs_emit(c->b, c->shapes, &shaped[at], run, c->done,
			   &(struct pairs_exits){c->or ? exits.yes : exits.no, next, exits.fail});
		end_part(c, next);
		return at + run;
	}
	emit_alone(c, children[at]);
	if (view)
		add_loaded(c, view, shaped[at].constants);
	return at + 1;
}

static void join_chain(struct joining *j, const struct filter_node *n, const struct cbpf_exits *exits)
{
	struct chain c = {.j = j, .b = j->b, .shapes = j->shapes, .exits = *exits, .or = n->kind == FILTER_OR};
	struct shaped *shaped = calloc(n->n, sizeof(*shaped));

	c.done = c.or ? SHAPE_YES : SHAPE_NO;
	c.loaded = calloc(BUCKETS, sizeof(struct loaded *));
	c.waiting = calloc(n->n, sizeof(struct filter_node *));
	c.shaped = calloc(n->n, sizeof(*c.shaped));
	if (!shaped || !c.loaded || !c.waiting || !c.shaped)
		abort();
	for (size_t i = 0; i < n->n; i++)
		shaped[i] = shape_of(j->shapes, n->children[i]);
	for (size_t i = 0; i < n->n;)
		i = emit_next(&c, n->children, shaped, n->n, i);
	flush(&c);
	ffpf_ir_jump(j->b, c.or ? exits->no : exits->yes);
	free(shaped);
	free(c.loaded);
	free(c.waiting);
	free(c.shaped);
}

static void join(struct joining *j, const struct filter_node *n, const struct cbpf_exits *exits)
{
	struct cbpf_exits own = *exits;

	if (n->negated) {
		own.yes = exits->no;
		own.no = exits->yes;
	}
	if (n->kind != FILTER_TERM) {
		join_chain(j, n, &own);
		return;
	}
	j->alone += n->n_insns;
	/* What is too much is not built to its end. */
	if (j->alone > ALONE_MAX)
		ffpf_ir_jump(j->b, own.fail);
	else
		cbpf_emit(j->b, n->insns, n->n_insns, &own);
}

bool filter_join(struct ffpf_builder *b, const struct filter_node *tree, const struct cbpf_exits *exits)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct joining j = {.b = b, .shapes = ffpf_arena_alloc(arena, sizeof(*j.shapes))};

	shapes_init(j.shapes, arena);
	join(&j, tree, exits);
	ffpf_arena_free(arena);
	return j.alone <= ALONE_MAX;
}
