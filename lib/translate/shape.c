/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of shapes, and the two views of each: what a term that goes on has loaded, and the ways to end a chain.
 */
#include <lib/translate/internal.h>
#include <lib/translate/shape.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

#define TERMS_MAX 8   /* of a shape */
#define INSNS_MAX 240 /* of all its terms */
#define KEY_MAX (TERMS_MAX * 16 + INSNS_MAX * 8)
#define CUBES_MAX 96
#define LITERALS_MAX 32

void shapes_init(struct shapes *s, struct ffpf_arena *arena)
{
	*s = (struct shapes){.arena = arena};
	s->values = ffpf_arena_grow(arena, NULL, 0, &s->values_capacity, sizeof(*s->values));
	memset(&s->values[0], 0xff, sizeof(s->values[0])); /* like no value */
	s->n_values = 1;
}

/* ---- finding a shape ------------------------------------------------------------------------- */

struct image {
	uint8_t key[KEY_MAX];
	size_t n;
	uint32_t constants[INSNS_MAX];
	size_t n_constants;
	size_t insns;
};

static void put(struct image *m, const void *bytes, size_t n)
{
	memcpy(m->key + m->n, bytes, n);
	m->n += n;
}

/* A constant that something is compared with stands in the key as which of the term's constants it is. */
static void put_insn(struct image *m, const struct ffpf_cbpf *insn)
{
	struct ffpf_cbpf copy = *insn;
	uint32_t i = 0;

	if (BPF_CLASS(insn->code) == BPF_JMP && BPF_OP(insn->code) != BPF_JA && BPF_SRC(insn->code) == BPF_K) {
		while (i < m->n_constants && m->constants[i] != insn->k)
			i++;
		if (i == m->n_constants)
			m->constants[m->n_constants++] = insn->k;
		copy.k = i;
	}
	put(m, &copy, sizeof(copy));
}

/* False: too large. */
static bool put_tree(struct image *m, const struct filter_node *n)
{
	uint8_t head[4] = {n->kind, n->negated, 0, 0};
	uint32_t count = (uint32_t)(n->kind == FILTER_TERM ? n->n_insns : n->n);

	if (n->n_terms > TERMS_MAX)
		return false;
	put(m, head, sizeof(head));
	put(m, &count, sizeof(count));
	if (n->kind == FILTER_TERM) {
		m->insns += n->n_insns;
		if (m->insns > INSNS_MAX)
			return false;
		for (size_t i = 0; i < n->n_insns; i++)
			put_insn(m, &n->insns[i]);
		return true;
	}
	for (size_t i = 0; i < n->n; i++)
		if (!put_tree(m, n->children[i]))
			return false;
	return true;
}

static uint32_t hash_bytes(const uint8_t *bytes, size_t n)
{
	uint64_t h = n;

	for (size_t i = 0; i + 8 <= n; i += 8) { /* keys are multiples of eight bytes */
		uint64_t x;

		memcpy(&x, bytes + i, 8);
		h = (h ^ x) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	return (uint32_t)(h ^ h >> 32);
}

struct shaped shape_of(struct shapes *s, const struct filter_node *node)
{
	struct image m = {.n = 0};
	struct shaped out = {0};
	uint32_t *constants;
	struct shape **bucket, *shape;

	if (!put_tree(&m, node))
		return out;
	constants = ffpf_arena_alloc(s->arena, m.n_constants * sizeof(*constants) + 1);
	memcpy(constants, m.constants, m.n_constants * sizeof(*constants));
	bucket = &s->buckets[hash_bytes(m.key, m.n) % SHAPE_BUCKETS];
	for (shape = *bucket; shape; shape = shape->next)
		if (shape->n_key == m.n && !memcmp(shape->key, m.key, m.n))
			break;
	if (!shape) {
		uint8_t *key = ffpf_arena_alloc(s->arena, m.n);

		memcpy(key, m.key, m.n);
		shape = ffpf_arena_alloc(s->arena, sizeof(*shape));
		*shape = (struct shape){.next = *bucket, .key = key, .n_key = m.n};
		shape_build(s, shape, node, constants, m.n_constants);
		*bucket = shape;
	}
	if (shape->opaque)
		return out;
	return (struct shaped){shape, constants, m.n_constants};
}

/* ---- what is loaded -------------------------------------------------------------------------- */

/* A node of the graph of loads; 0 is its end. */
struct load_node {
	uint32_t load; /* value; 0: a test */
	uint32_t a, b, k, cond;
	uint32_t yes, no;
};

struct loads {
	const struct shape *shape;
	uint32_t done;
	struct load_node *nodes;
	size_t n;
	uint32_t *of; /* per node of the shape: its graph, plus one; 0: not known yet */
};

static uint32_t load_node(struct loads *l, const struct load_node *n)
{
	for (size_t i = 1; i < l->n; i++)
		if (!memcmp(&l->nodes[i], n, sizeof(*n)))
			return (uint32_t)i;
	l->nodes[l->n] = *n;
	return (uint32_t)l->n++;
}

/*
 * What a term that goes on loads from a node on. A test does not matter where one of its answers ends the chain at once
 * (nothing is loaded then), or where both load the same.
 */
static uint32_t loads_from(struct loads *l, uint32_t at)
{
	const struct shape_node *n = &l->shape->nodes[at];
	struct load_node new;
	uint32_t result, yes, no;

	if (at < SHAPE_FIRST)
		return 0;
	if (l->of[at])
		return l->of[at] - 1;
	memset(&new, 0, sizeof(new));
	if (n->load) {
		new.load = n->a;
		new.yes = loads_from(l, n->yes);
		result = load_node(l, &new);
	} else {
		yes = loads_from(l, n->yes);
		no = loads_from(l, n->no);
		if (n->yes == l->done || yes == no) {
			result = no;
		} else if (n->no == l->done) {
			result = yes;
		} else {
			new.a = n->a;
			new.b = n->b;
			new.k = n->k;
			new.cond = n->cond;
			new.yes = yes;
			new.no = no;
			result = load_node(l, &new);
		}
	}
	l->of[at] = result + 1;
	return result;
}

/* The graph as bytes: nodes in the order in which they were made, constants numbered in the order of their use. */
static void write_loads(struct shapes *s, const struct loads *l, uint32_t root, struct shape_view *view)
{
	uint32_t *constants = ffpf_arena_alloc(s->arena, l->n * sizeof(*constants) + 1);
	struct load_node *nodes = ffpf_arena_alloc(s->arena, (l->n + 1) * sizeof(*nodes));
	size_t n = 0;

	for (size_t i = 1; i < l->n; i++) {
		nodes[i] = l->nodes[i];
		if (nodes[i].load || nodes[i].b)
			continue;
		constants[n] = nodes[i].k;
		nodes[i].k = (uint32_t)n++;
	}
	nodes[0].yes = root;
	view->loads = (const uint8_t *)nodes;
	view->n_loads = l->n * sizeof(*nodes);
	view->constants = constants;
	view->n_constants = n;
}

static void find_loads(struct shapes *s, const struct shape *shape, struct shape_view *view)
{
	struct loads l = {.shape = shape, .done = view->done, .n = 1};
	uint32_t root;

	l.nodes = calloc(shape->n + 1, sizeof(*l.nodes));
	l.of = calloc(shape->n, sizeof(*l.of));
	if (!l.nodes || !l.of)
		abort();
	root = loads_from(&l, shape->root);
	write_loads(s, &l, root, view);
	free(l.nodes);
	free(l.of);
}

/* ---- ways to the end ------------------------------------------------------------------------- */

struct ways {
	struct shapes *shapes;
	const struct shape *shape;
	struct shape_view *view;
	struct shape_literal path[LITERALS_MAX];
	size_t n;
	uint32_t *seen; /* per node: the last search that came by */
	uint32_t search;
	bool too_many;
};

enum { UNKNOWN = -1 };

/* What a set of literals says of a test. Constants of different numbers are different. */
static int decide(const struct shape_literal *literals, size_t n, const struct shape_node *test)
{
	for (size_t i = 0; i < n; i++) {
		const struct shape_literal *l = &literals[i];

		if (l->a != test->a || l->b != test->b)
			continue;
		if (l->cond == test->cond && l->k == test->k)
			return l->truth;
		if (!test->b && l->cond == FFPF_EQ && test->cond == FFPF_EQ && l->truth)
			return false;
	}
	return UNKNOWN;
}

/* Do all ways from a node on that agree with the literals end the chain? */
static bool implies(struct ways *w, uint32_t at, const struct shape_literal *literals, size_t n)
{
	const struct shape_node *test = &w->shape->nodes[at];
	int truth;

	if (at < SHAPE_FIRST)
		return at == w->view->done;
	if (w->seen[at] == w->search)
		return true; /* it did so far, or the search is over */
	w->seen[at] = w->search;
	if (test->load)
		return implies(w, test->yes, literals, n);
	truth = decide(literals, n, test);
	if (truth != UNKNOWN)
		return implies(w, truth ? test->yes : test->no, literals, n);
	return implies(w, test->yes, literals, n) && implies(w, test->no, literals, n);
}

static bool still_implies(struct ways *w, const struct shape_literal *literals, size_t n)
{
	w->search++;
	return implies(w, w->shape->root, literals, n);
}

/* Takes out literals of one truth that a cube does not need; returns how many are left. */
static size_t drop_needless(struct ways *w, struct shape_literal *kept, size_t n, bool truth)
{
	for (size_t i = 0; i < n;) {
		struct shape_literal out = kept[i];

		if (out.truth != truth) {
			i++;
			continue;
		}
		memmove(&kept[i], &kept[i + 1], (n - i - 1) * sizeof(*kept));
		if (still_implies(w, kept, n - 1)) {
			n--;
			continue;
		}
		memmove(&kept[i + 1], &kept[i], (n - i - 1) * sizeof(*kept));
		kept[i++] = out;
	}
	return n;
}

static bool has_cube(const struct shape_view *view, const struct shape_literal *literals, size_t n)
{
	for (size_t i = 0; i < view->n_cubes; i++)
		if (view->cubes[i].n == n && !memcmp(view->cubes[i].literals, literals, n * sizeof(*literals)))
			return true;
	return false;
}

/* The path that was walked, without what it does not need: first what did not hold on it. */
static void add_cube(struct ways *w)
{
	struct shape_view *view = w->view;
	struct shape_literal *kept = ffpf_arena_alloc(w->shapes->arena, w->n * sizeof(*kept) + 1);
	size_t n = w->n;

	if (view->n_cubes == CUBES_MAX) {
		w->too_many = true;
		return;
	}
	memcpy(kept, w->path, n * sizeof(*kept));
	n = drop_needless(w, kept, n, false);
	n = drop_needless(w, kept, n, true);
	if (!has_cube(view, kept, n))
		view->cubes[view->n_cubes++] = (struct shape_cube){kept, n};
}

static void walk(struct ways *w, uint32_t at)
{
	const struct shape_node *test = &w->shape->nodes[at];
	int truth;

	if (at < SHAPE_FIRST) {
		if (at == w->view->done)
			add_cube(w);
		return;
	}
	if (w->too_many)
		return;
	if (test->load) {
		walk(w, test->yes);
		return;
	}
	truth = decide(w->path, w->n, test);
	for (int answer = 1; answer >= 0; answer--) {
		if (truth != UNKNOWN && truth != answer)
			continue;
		if (truth == UNKNOWN) {
			if (w->n == LITERALS_MAX) {
				w->too_many = true;
				return;
			}
			memset(&w->path[w->n], 0, sizeof(w->path[0]));
			w->path[w->n].a = test->a;
			w->path[w->n].b = test->b;
			w->path[w->n].k = test->k;
			w->path[w->n].cond = test->cond;
			w->path[w->n++].truth = answer;
		}
		walk(w, answer ? test->yes : test->no);
		if (truth == UNKNOWN)
			w->n--;
	}
}

static void find_cubes(struct shapes *s, const struct shape *shape, struct shape_view *view)
{
	struct ways w = {.shapes = s, .shape = shape, .view = view};

	view->cubes = ffpf_arena_alloc(s->arena, CUBES_MAX * sizeof(*view->cubes));
	w.seen = calloc(shape->n, sizeof(*w.seen));
	if (!w.seen)
		abort();
	walk(&w, shape->root);
	free(w.seen);
	if (w.too_many)
		view->n_cubes = 0;
}

const struct shape_view *shape_view(struct shapes *s, const struct shape *shape, uint32_t done)
{
	/* Views are made when they are asked for. */
	struct shape_view **slot = (struct shape_view **)&shape->views[done - SHAPE_YES];

	if (!*slot) {
		struct shape_view *view = ffpf_arena_alloc(s->arena, sizeof(*view));

		view->done = done;
		find_loads(s, shape, view);
		find_cubes(s, shape, view);
		*slot = view;
	}
	return *slot;
}

/* ---- what a way asks for --------------------------------------------------------------------- */

struct asking {
	const struct shapes *shapes;
	const struct shape *shape;
	const struct shape_cube *cube;
	uint32_t *seen; /* per node: the last search */
	uint32_t search;
};

/* Is the load, or one behind it from the same base, part of a value? */
static bool reaches(const struct shapes *s, uint32_t value, const struct shape_value *load)
{
	const struct shape_value *v = &s->values[value];

	if (!value)
		return false;
	if (v->kind == VALUE_LOAD)
		return (v->a == load->a && v->k + v->size >= load->k + load->size) || reaches(s, v->a, load);
	return v->kind == VALUE_ALU && (reaches(s, v->a, load) || reaches(s, v->b, load));
}

static bool is_asked_for(const struct asking *q, uint32_t load)
{
	for (size_t i = 0; i < q->cube->n; i++)
		if (reaches(q->shapes, q->cube->literals[i].a, &q->shapes->values[load]) ||
		    reaches(q->shapes, q->cube->literals[i].b, &q->shapes->values[load]))
			return true;
	return false;
}

static bool loads_no_more(struct asking *q, uint32_t at)
{
	const struct shape_node *n = &q->shape->nodes[at];
	int truth;

	if (at < SHAPE_FIRST || q->seen[at] == q->search)
		return true;
	q->seen[at] = q->search;
	if (n->load)
		return is_asked_for(q, n->a) && loads_no_more(q, n->yes);
	truth = decide(q->cube->literals, q->cube->n, n);
	return (truth == false || loads_no_more(q, n->yes)) && (truth == true || loads_no_more(q, n->no));
}

bool shape_asks_for_all(const struct shapes *s, const struct shape *shape, const struct shape_view *view)
{
	struct asking q = {.shapes = s, .shape = shape};
	bool all = true;

	q.seen = calloc(shape->n, sizeof(*q.seen));
	if (!q.seen)
		abort();
	for (size_t i = 0; all && i < view->n_cubes; i++) {
		q.cube = &view->cubes[i];
		q.search++;
		all = loads_no_more(&q, shape->root);
	}
	free(q.seen);
	return all;
}
