/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Terms that are a row of conditions, each of which has to hold before the next is looked at: two of them (a source and
 * a port) or more (the four words of an IPv6 address). All terms of a run walk through their shape side by side. At a
 * test whose constants differ, a table tells which terms are still there: a state, the number of the first of them. The
 * next such test looks up the state and its own value together. So the run costs a lookup for each condition.
 *
 * A load outside the packet rejects it if there is a term left that comes to it; and one that ended the chain before
 * would have had to come by there, too. That is the answer of one term after the other, as long as a term that is not
 * left has nothing more to ask: pairs_possible() looks for that.
 *
 * `host` with IPv6 addresses asks for two such rows, the source's and, where that fails, the destination's. With all
 * bytes there the order of terms does not matter. Of a packet that ends inside of the destination the states say which
 * term would be the first to reject it, and which the first to have found its source.
 */
#include <lib/translate/cubes.h>
#include <lib/translate/pairs.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

#define NODES_MAX 300 /* that are emitted */
#define ROW_MAX 8

struct run {
	struct ffpf_builder *b;
	struct shapes *shapes;
	const struct shape *shape;
	const struct shaped *terms;
	size_t n;
	uint32_t done, next; /* answers */
	struct pairs_exits exits;
	size_t nodes;
};

/* Where a run stands: one of these for each row of tests behind it. */
struct states {
	uint32_t *of; /* per term: its state */
	ffpf_val v;   /* 0: no test has told terms apart */
};

static uint32_t constant_of(const struct run *r, size_t term, uint32_t k)
{
	return r->terms[term].constants[k];
}

static bool uniform(const struct run *r, const struct shape_node *n)
{
	if (n->load || n->b)
		return true;
	for (size_t i = 1; i < r->n; i++)
		if (constant_of(r, i, n->k) != constant_of(r, 0, n->k))
			return false;
	return true;
}

static void go_on(struct run *r, ffpf_block block)
{
	ffpf_ir_seal(r->b, block);
	ffpf_ir_switch_to(r->b, block);
}

/* ---- states ---------------------------------------------------------------------------------- */

struct keyed {
	uint64_t key;
	size_t term;
};

static int by_key(const void *x, const void *y)
{
	const struct keyed *a = x, *b = y;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->term < b->term ? -1 : a->term > b->term;
}

/*
 * A test whose constants differ: its table, and the states behind it. The value to look up is 64 bits wide where there
 * was a state before.
 */
static uint32_t advance(struct run *r, const struct states *before, uint32_t k, uint32_t *after)
{
	struct keyed *keyed = malloc(r->n * sizeof(*keyed));
	uint64_t *keys = malloc(r->n * sizeof(*keys)), *values = malloc(r->n * sizeof(*values));
	uint32_t table;

	if (!keyed || !keys || !values)
		abort();
	for (size_t i = 0; i < r->n; i++)
		keyed[i] = (struct keyed){(uint64_t)before->of[i] << 32 | constant_of(r, i, k), i};
	qsort(keyed, r->n, sizeof(*keyed), by_key);
	for (size_t i = 0; i < r->n; i++) {
		bool first = !i || keyed[i].key != keyed[i - 1].key;

		keys[i] = keyed[i].key;
		values[i] = first ? keyed[i].term + 1 : values[i - 1];
		after[keyed[i].term] = (uint32_t)values[i];
	}
	table = ffpf_program_table(ffpf_builder_program(r->b), keys, values, r->n);
	free(keyed);
	free(keys);
	free(values);
	return table;
}

static ffpf_val look_up(struct run *r, const struct states *before, ffpf_val v, uint32_t table)
{
	if (before->v)
		v = ffpf_ir_alu(r->b, FFPF_OR, 64, ffpf_ir_alu_imm(r->b, FFPF_LSH, 64, before->v, 32), v);
	return ffpf_ir_lookup(r->b, v, table);
}

/* ---- one row --------------------------------------------------------------------------------- */

/* Can the run go on from a node, and in how many nodes? */
static bool walkable(struct run *r, uint32_t at)
{
	const struct shape_node *n = &r->shape->nodes[at];

	if (at < SHAPE_FIRST)
		return true;
	if (++r->nodes > NODES_MAX)
		return false;
	if (n->load)
		return walkable(r, n->yes);
	if (uniform(r, n))
		return walkable(r, n->yes) && walkable(r, n->no);
	return n->cond == FFPF_EQ && n->no == r->next && walkable(r, n->yes);
}

static ffpf_block exit_of(const struct run *r, uint32_t answer)
{
	return answer == r->done ? r->exits.done : r->exits.next;
}

static void walk(struct run *r, uint32_t at, const struct states *states);

static void walk_to(struct run *r, ffpf_block block, uint32_t at, const struct states *states)
{
	go_on(r, block);
	walk(r, at, states);
}

static void walk_uniform(struct run *r, const struct shape_node *n, const struct states *states)
{
	ffpf_block yes = n->yes < SHAPE_FIRST ? exit_of(r, n->yes) : ffpf_ir_block(r->b);
	ffpf_block no = n->no < SHAPE_FIRST ? exit_of(r, n->no) : ffpf_ir_block(r->b);
	ffpf_val a = shape_emit(r->b, r->shapes, n->a, r->exits.fail, NULL);

	if (n->b)
		ffpf_ir_branch(r->b, n->cond, 32, a, shape_emit(r->b, r->shapes, n->b, r->exits.fail, NULL), yes, no);
	else
		ffpf_ir_branch_imm(r->b, n->cond, 32, a, constant_of(r, 0, n->k), yes, no);
	if (n->yes >= SHAPE_FIRST)
		walk_to(r, yes, n->yes, states);
	if (n->no >= SHAPE_FIRST)
		walk_to(r, no, n->no, states);
}

/* A test that tells terms apart: those that it does not fit go on to the chain's next term. */
static void walk_apart(struct run *r, const struct shape_node *n, const struct states *states)
{
	ffpf_block left = n->yes < SHAPE_FIRST ? exit_of(r, n->yes) : ffpf_ir_block(r->b);
	ffpf_val a = shape_emit(r->b, r->shapes, n->a, r->exits.fail, NULL);
	struct states after = {.of = malloc(r->n * sizeof(*after.of))};
	uint32_t table;

	if (!after.of)
		abort();
	table = advance(r, states, n->k, after.of);
	after.v = look_up(r, states, a, table);
	ffpf_ir_branch_imm(r->b, FFPF_NE, 64, after.v, 0, left, r->exits.next);
	if (n->yes >= SHAPE_FIRST)
		walk_to(r, left, n->yes, &after);
	free(after.of);
}

static void walk(struct run *r, uint32_t at, const struct states *states)
{
	while (at >= SHAPE_FIRST && r->shape->nodes[at].load) {
		shape_emit(r->b, r->shapes, r->shape->nodes[at].a, r->exits.fail, NULL);
		at = r->shape->nodes[at].yes;
	}
	if (at < SHAPE_FIRST)
		ffpf_ir_jump(r->b, exit_of(r, at));
	else if (uniform(r, &r->shape->nodes[at]))
		walk_uniform(r, &r->shape->nodes[at], states);
	else
		walk_apart(r, &r->shape->nodes[at], states);
}

/* ---- two rows -------------------------------------------------------------------------------- */

/* Loads of words, one behind the other, and a test of each; whatever fits not leads to one place, what fits all is
 * done. */
struct row {
	uint32_t load[ROW_MAX], word[ROW_MAX], k[ROW_MAX]; /* the word is what is loaded, or some bits of it */
	uint32_t first_end;				   /* bytes that the first word needs */
	uint32_t end;					   /* and the last */
	size_t n;
	uint32_t otherwise;
};

struct rows {
	/* what all have to fulfil before: uniform tests that lead to `otherwise` of the second row, or the end */
	uint32_t root;
	struct row row[2];
};

static bool is_part(const struct run *r, uint32_t value, uint32_t load)
{
	const struct shape_value *v = &r->shapes->values[value];

	return value == load || (v->kind == VALUE_ALU && v->op == FFPF_AND && v->a == load &&
				 r->shapes->values[v->b].kind == VALUE_CONST);
}

static bool find_row(const struct run *r, uint32_t at, struct row *row, uint32_t from_end)
{
	*row = (struct row){.end = from_end};
	for (; at != r->done; row->n++) {
		const struct shape_node *load = &r->shape->nodes[at], *test = &r->shape->nodes[load->yes];
		const struct shape_value *v = &r->shapes->values[load->a];

		if (at < SHAPE_FIRST || !load->load || load->yes < SHAPE_FIRST || test->load || test->b ||
		    test->cond != FFPF_EQ || !is_part(r, test->a, load->a) || v->a || v->k + v->size <= row->end ||
		    row->n == ROW_MAX || (row->n && test->no != row->otherwise))
			return false;
		row->load[row->n] = load->a;
		row->word[row->n] = test->a;
		row->k[row->n] = test->k;
		row->end = v->k + v->size;
		if (!row->n)
			row->first_end = row->end;
		row->otherwise = test->no;
		at = test->yes;
	}
	return row->n > 0;
}

/* The node where the two rows begin, behind loads and tests that are the same for all and lead nowhere else. */
static bool find_rows(const struct run *r, struct rows *rows)
{
	uint32_t at = r->shape->root;

	for (unsigned steps = 0; at >= SHAPE_FIRST && steps < 8; steps++) {
		const struct shape_node *n = &r->shape->nodes[at];

		if (find_row(r, at, &rows->row[0], 0)) {
			rows->root = at;
			return find_row(r, rows->row[0].otherwise, &rows->row[1], rows->row[0].end) &&
			       rows->row[1].otherwise == r->next;
		}
		if (!uniform(r, n) || (!n->load && n->no != r->next))
			return false;
		at = n->yes;
	}
	return false;
}

/* The state behind word i of a row; *states is what was there before, and is changed. */
static ffpf_val step_row(struct run *r, const struct row *row, size_t i, struct states *states)
{
	uint32_t *after = malloc(r->n * sizeof(*after)), table;
	ffpf_val v = shape_emit(r->b, r->shapes, row->word[i], r->exits.fail, NULL);

	if (!after)
		abort();
	table = advance(r, states, row->k[i], after);
	states->v = look_up(r, states, v, table);
	memcpy(states->of, after, r->n * sizeof(*after));
	free(after);
	return states->v;
}

/* The first term that found its source is done, unless one before it came to what is not there. 0: none did. */
static void resolve(struct run *r, ffpf_val found, ffpf_val short_of)
{
	ffpf_block some = ffpf_ir_block(r->b), none = ffpf_ir_block(r->b), both = ffpf_ir_block(r->b);

	ffpf_ir_branch_imm(r->b, FFPF_NE, 64, found, 0, some, none);
	go_on(r, none);
	ffpf_ir_branch_imm(r->b, FFPF_NE, 64, short_of, 0, r->exits.fail, r->exits.next);
	go_on(r, some);
	ffpf_ir_branch_imm(r->b, FFPF_NE, 64, short_of, 0, both, r->exits.done);
	go_on(r, both);
	ffpf_ir_branch(r->b, FFPF_LE, 64, found, short_of, r->exits.done, r->exits.fail);
}

/* Packets that end before the second row does. */
static void emit_short(struct run *r, const struct rows *rows)
{
	struct states states = {.of = calloc(r->n, sizeof(*states.of))};
	ffpf_block there = ffpf_ir_block(r->b), missing = ffpf_ir_block(r->b);
	ffpf_val found = 0, left;

	if (!states.of)
		abort();
	/* What is not there in the first row no term finds, and all come to it or to the second. */
	for (size_t i = 0; i < rows->row[0].n; i++)
		found = step_row(r, &rows->row[0], i, &states);
	ffpf_ir_check(r->b, 0, rows->row[1].first_end, there, missing);
	go_on(r, missing);
	ffpf_ir_branch_imm(r->b, FFPF_EQ, 64, found, 1, r->exits.done, r->exits.fail);
	go_on(r, there);
	memset(states.of, 0, r->n * sizeof(*states.of));
	states.v = 0;
	for (size_t i = 0; i + 1 < rows->row[1].n; i++) {
		const struct shape_value *next = &r->shapes->values[rows->row[1].load[i + 1]];

		left = step_row(r, &rows->row[1], i, &states);
		there = ffpf_ir_block(r->b);
		missing = ffpf_ir_block(r->b);
		ffpf_ir_check(r->b, 0, next->k + next->size, there, missing);
		go_on(r, missing);
		resolve(r, found, left);
		go_on(r, there);
	}
	/* It is not so short after all. */
	ffpf_ir_jump(r->b, r->exits.fail);
	free(states.of);
}

static void emit_rows(struct run *r, const struct rows *rows, const struct shape_view *view)
{
	ffpf_block whole = ffpf_ir_block(r->b), cut = ffpf_ir_block(r->b);
	struct cubes cubes = {0};

	for (uint32_t at = r->shape->root; at != rows->root;) {
		const struct shape_node *n = &r->shape->nodes[at];
		ffpf_val v = shape_emit(r->b, r->shapes, n->a, r->exits.fail, NULL);

		if (!n->load) {
			ffpf_block yes = ffpf_ir_block(r->b);

			if (n->b)
				ffpf_ir_branch(r->b, n->cond, 32, v,
					       shape_emit(r->b, r->shapes, n->b, r->exits.fail, NULL), yes,
					       r->exits.next);
			else
				ffpf_ir_branch_imm(r->b, n->cond, 32, v, constant_of(r, 0, n->k), yes, r->exits.next);
			go_on(r, yes);
		}
		at = n->yes;
	}
	ffpf_ir_check(r->b, 0, rows->row[1].end, whole, cut);
	go_on(r, cut);
	emit_short(r, rows);
	go_on(r, whole);
	for (size_t i = 0; i < r->n; i++)
		cubes_add(r->shapes, &cubes, &r->terms[i], view);
	cubes_emit(r->b, r->shapes, &cubes, r->exits.done, r->exits.next);
}

/* ---- both ------------------------------------------------------------------------------------ */

static struct run make_run(struct shapes *shapes, const struct shaped *terms, size_t n, uint32_t done)
{
	return (struct run){.shapes = shapes,
			    .shape = terms[0].shape,
			    .terms = terms,
			    .n = n,
			    .done = done,
			    .next = done == SHAPE_YES ? SHAPE_NO : SHAPE_YES};
}

bool pairs_possible(struct shapes *shapes, const struct shaped *terms, size_t n, uint32_t done)
{
	struct run r = make_run(shapes, terms, n, done);
	struct rows rows;

	if (walkable(&r, r.shape->root))
		return true;
	return find_rows(&r, &rows) && shape_view(shapes, r.shape, done)->n_cubes;
}

void pairs_emit(struct ffpf_builder *b, struct shapes *shapes, const struct shaped *terms, size_t n, uint32_t done,
		const struct pairs_exits *exits)
{
	struct run r = make_run(shapes, terms, n, done);
	struct states nothing = {.of = calloc(n, sizeof(*nothing.of))};
	struct rows rows;

	if (!nothing.of)
		abort();
	r.b = b;
	r.exits = *exits;
	if (walkable(&r, r.shape->root))
		walk(&r, r.shape->root, &nothing);
	else if (find_rows(&r, &rows))
		emit_rows(&r, &rows, shape_view(shapes, r.shape, done));
	free(nothing.of);
}
