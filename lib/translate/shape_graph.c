/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiled terms → decision graphs: the programs are followed along all their paths, with what A, X and the scratch
 * words hold as expressions over the packet. What libpcap's optimiser would know (that a packet which is IPv4 is no
 * ARP) is taken out behind.
 */
#include <lib/translate/internal.h>
#include <lib/translate/shape.h>
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

enum { A, X, MEM, CELLS = MEM + BPF_MEMWORDS };
#define NODES_MAX 4000
#define FACTS_MAX 24
#define STEPS_MAX 20000 /* paths that are simplified */

/* A path that arrived somewhere, and the node that it found. */
struct visit {
	struct visit *next;
	uint32_t cells[CELLS];
	uint32_t node;
};

struct build {
	struct shapes *shapes;
	struct shape *shape;
	const uint32_t *constants;
	size_t n_constants;
	/* the term that is being followed */
	const struct ffpf_cbpf *insns;
	size_t n;
	uint32_t *live; /* per instruction: bits of the cells that it or a later one reads */
	struct visit **visits;
	uint32_t yes, no;
	uint32_t steps;
};

uint32_t shape_value(struct shapes *s, const struct shape_value *value)
{
	for (uint32_t i = 1; i < s->n_values; i++)
		if (!memcmp(&s->values[i], value, sizeof(*value)))
			return i;
	s->values = ffpf_arena_grow(s->arena, s->values, s->n_values, &s->values_capacity, sizeof(*s->values));
	s->values[s->n_values] = *value;
	return (uint32_t)s->n_values++;
}

static uint32_t constant(struct build *b, uint32_t k)
{
	struct shape_value v;

	memset(&v, 0, sizeof(v));
	v.kind = VALUE_CONST;
	v.k = k;
	return shape_value(b->shapes, &v);
}

static uint32_t length(struct build *b)
{
	struct shape_value v;

	memset(&v, 0, sizeof(v));
	v.kind = VALUE_LENGTH;
	return shape_value(b->shapes, &v);
}

static uint32_t load(struct build *b, uint32_t base, uint32_t offset, unsigned size)
{
	struct shape_value v;

	memset(&v, 0, sizeof(v));
	v.kind = VALUE_LOAD;
	v.a = base;
	v.k = offset;
	v.size = (uint8_t)size;
	return shape_value(b->shapes, &v);
}

static uint32_t arithmetic(struct build *b, enum ffpf_alu op, uint32_t x, uint32_t y)
{
	const struct shape_value *values = b->shapes->values;
	struct shape_value v;

	if (values[x].kind == VALUE_CONST && values[y].kind == VALUE_CONST)
		return constant(
			b, (uint32_t)ffpf_alu_eval((enum ffpf_op)(FFPF_IR_ADD + op), 32, values[x].k, values[y].k));
	memset(&v, 0, sizeof(v));
	v.kind = VALUE_ALU;
	v.op = (uint8_t)op;
	v.a = x;
	v.b = y;
	return shape_value(b->shapes, &v);
}

static uint32_t node(struct build *b, const struct shape_node *n)
{
	struct shape *s = b->shape;

	if (!n->load && n->yes == n->no)
		return n->yes;
	for (size_t i = s->n; i-- > SHAPE_FIRST;)
		if (s->nodes[i].load == n->load && s->nodes[i].a == n->a && s->nodes[i].yes == n->yes &&
		    s->nodes[i].no == n->no && s->nodes[i].b == n->b && s->nodes[i].k == n->k &&
		    s->nodes[i].cond == n->cond)
			return (uint32_t)i;
	if (s->n >= NODES_MAX) {
		s->opaque = true;
		return SHAPE_NO;
	}
	s->nodes = ffpf_arena_grow(b->shapes->arena, s->nodes, s->n, &s->capacity, sizeof(*s->nodes));
	s->nodes[s->n] = *n;
	return (uint32_t)s->n++;
}

/* ---- following a program --------------------------------------------------------------------- */

/* Cells that an instruction reads, and the one that it writes (CELLS: none). */
static uint32_t reads(const struct ffpf_cbpf *insn, unsigned *writes)
{
	uint16_t code = insn->code;
	uint32_t x = BPF_SRC(code) == BPF_X ? 1u << X : 0;

	*writes = CELLS;
	switch (BPF_CLASS(code)) {
	case BPF_LD:
	case BPF_LDX:
		*writes = BPF_CLASS(code) == BPF_LD ? A : X;
		return BPF_MODE(code) == BPF_IND ? 1u << X : BPF_MODE(code) == BPF_MEM ? 1u << (MEM + insn->k) : 0;
	case BPF_ST:
	case BPF_STX:
		*writes = MEM + insn->k;
		return BPF_CLASS(code) == BPF_ST ? 1u << A : 1u << X;
	case BPF_ALU:
		*writes = A;
		return 1u << A | (BPF_OP(code) == BPF_NEG ? 0 : x);
	case BPF_JMP:
		return BPF_OP(code) == BPF_JA ? 0 : 1u << A | x;
	case BPF_MISC:
		*writes = code == (BPF_MISC | BPF_TAX) ? X : A;
		return code == (BPF_MISC | BPF_TAX) ? 1u << A : 1u << X;
	default:
		return 0;
	}
}

static void find_live(struct build *b)
{
	for (size_t i = b->n; i-- > 0;) {
		const struct ffpf_cbpf *insn = &b->insns[i];
		unsigned writes;
		uint32_t read = reads(insn, &writes), after = 0;

		if (insn->code == (BPF_JMP | BPF_JA))
			after = b->live[i + 1 + insn->k];
		else if (BPF_CLASS(insn->code) == BPF_JMP)
			after = b->live[i + 1 + insn->jt] | b->live[i + 1 + insn->jf];
		else if (BPF_CLASS(insn->code) != BPF_RET)
			after = b->live[i + 1];
		b->live[i] = read | (after & ~(1u << writes));
	}
}

static bool fathomable(const struct ffpf_cbpf *insns, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint16_t code = insns[i].code, op = BPF_OP(code);

		if (cbpf_jumps_back(&insns[i]) || code == (BPF_RET | BPF_A))
			return false;
		if (BPF_CLASS(code) == BPF_ALU && BPF_SRC(code) == BPF_X &&
		    (op == BPF_DIV || op == BPF_MOD || op == BPF_LSH || op == BPF_RSH))
			return false;
		if ((BPF_CLASS(code) == BPF_LD || BPF_CLASS(code) == BPF_LDX) && insns[i].k > UINT32_MAX - 4 &&
		    BPF_MODE(code) != BPF_IMM)
			return false;
	}
	return true;
}

static uint32_t find_constant(const struct build *b, uint32_t k)
{
	uint32_t i = 0;

	while (i < b->n_constants && b->constants[i] != k)
		i++;
	return i;
}

static uint32_t follow(struct build *b, size_t pc, const uint32_t *cells);

static uint32_t follow_load(struct build *b, size_t pc, uint32_t *cells)
{
	const struct ffpf_cbpf *insn = &b->insns[pc];
	unsigned to = BPF_CLASS(insn->code) == BPF_LD ? A : X;
	struct shape_node n = {.load = true};

	switch (BPF_MODE(insn->code)) {
	case BPF_IMM:
		cells[to] = constant(b, insn->k);
		return follow(b, pc + 1, cells);
	case BPF_LEN:
		cells[to] = length(b);
		return follow(b, pc + 1, cells);
	case BPF_MEM:
		cells[to] = cells[MEM + insn->k];
		return follow(b, pc + 1, cells);
	}
	n.a = load(b, BPF_MODE(insn->code) == BPF_IND ? cells[X] : 0, insn->k, cbpf_size(insn->code));
	cells[to] = n.a;
	if (BPF_MODE(insn->code) == BPF_MSH)
		cells[X] = arithmetic(b, FFPF_LSH, arithmetic(b, FFPF_AND, n.a, constant(b, 0xf)), constant(b, 2));
	n.yes = follow(b, pc + 1, cells);
	return node(b, &n);
}

static uint32_t follow_alu(struct build *b, size_t pc, uint32_t *cells)
{
	static const enum ffpf_alu ops[] = {
		[BPF_ADD >> 4] = FFPF_ADD, [BPF_SUB >> 4] = FFPF_SUB, [BPF_MUL >> 4] = FFPF_MUL,
		[BPF_DIV >> 4] = FFPF_DIV, [BPF_OR >> 4] = FFPF_OR,   [BPF_AND >> 4] = FFPF_AND,
		[BPF_LSH >> 4] = FFPF_LSH, [BPF_RSH >> 4] = FFPF_RSH, [BPF_MOD >> 4] = FFPF_MOD,
		[BPF_XOR >> 4] = FFPF_XOR,
	};
	const struct ffpf_cbpf *insn = &b->insns[pc];

	if (BPF_OP(insn->code) == BPF_NEG)
		cells[A] = arithmetic(b, FFPF_SUB, constant(b, 0), cells[A]);
	else
		cells[A] = arithmetic(b, ops[BPF_OP(insn->code) >> 4], cells[A],
				      BPF_SRC(insn->code) == BPF_X ? cells[X] : constant(b, insn->k));
	return follow(b, pc + 1, cells);
}

static uint32_t follow_jump(struct build *b, size_t pc, uint32_t *cells)
{
	const struct ffpf_cbpf *insn = &b->insns[pc];
	struct shape_node n = {.a = cells[A]};

	switch (BPF_OP(insn->code)) {
	case BPF_JA:
		return follow(b, pc + 1 + insn->k, cells);
	case BPF_JGT:
		n.cond = FFPF_GT;
		break;
	case BPF_JGE:
		n.cond = FFPF_GE;
		break;
	case BPF_JSET:
		n.cond = FFPF_SET;
		break;
	default:
		n.cond = FFPF_EQ;
		break;
	}
	if (BPF_SRC(insn->code) == BPF_X)
		n.b = cells[X];
	else
		n.k = find_constant(b, insn->k);
	n.no = follow(b, pc + 1 + insn->jf, cells);
	n.yes = follow(b, pc + 1 + insn->jt, cells);
	return node(b, &n);
}

static uint32_t follow_insn(struct build *b, size_t pc, uint32_t *cells)
{
	const struct ffpf_cbpf *insn = &b->insns[pc];

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		return follow_load(b, pc, cells);
	case BPF_ST:
		cells[MEM + insn->k] = cells[A];
		return follow(b, pc + 1, cells);
	case BPF_STX:
		cells[MEM + insn->k] = cells[X];
		return follow(b, pc + 1, cells);
	case BPF_ALU:
		return follow_alu(b, pc, cells);
	case BPF_JMP:
		return follow_jump(b, pc, cells);
	case BPF_RET:
		return insn->k ? b->yes : b->no;
	default:
		if (insn->code == (BPF_MISC | BPF_TAX))
			cells[X] = cells[A];
		else
			cells[A] = cells[X];
		return follow(b, pc + 1, cells);
	}
}

/* The node for instruction pc with these cells. As deep as the program is long; that is bounded by shape_of(). */
static uint32_t follow(struct build *b, size_t pc, const uint32_t *cells)
{
	struct visit *v = ffpf_arena_alloc(b->shapes->arena, sizeof(*v));
	uint32_t now[CELLS];

	for (unsigned i = 0; i < CELLS; i++)
		v->cells[i] = now[i] = b->live[pc] >> i & 1 ? cells[i] : 0;
	for (const struct visit *old = b->visits[pc]; old; old = old->next)
		if (!memcmp(old->cells, v->cells, sizeof(v->cells)))
			return old->node;
	if (b->shape->opaque)
		return SHAPE_NO;
	v->node = follow_insn(b, pc, now);
	v->next = b->visits[pc];
	b->visits[pc] = v;
	return v->node;
}

static uint32_t build_term(struct build *b, const struct filter_node *term, uint32_t yes, uint32_t no)
{
	uint32_t cells[CELLS], root;

	if (!fathomable(term->insns, term->n_insns)) {
		b->shape->opaque = true;
		return SHAPE_NO;
	}
	for (unsigned i = 0; i < CELLS; i++)
		cells[i] = constant(b, 0);
	b->insns = term->insns;
	b->n = term->n_insns;
	b->live = calloc(b->n, sizeof(*b->live));
	b->visits = calloc(b->n, sizeof(struct visit *));
	if (!b->live || !b->visits)
		abort();
	b->yes = yes;
	b->no = no;
	find_live(b);
	root = follow(b, 0, cells);
	free(b->live);
	free(b->visits);
	return root;
}

/* From the last term to the first: each leads on to what follows it. */
static uint32_t build_tree(struct build *b, const struct filter_node *n, uint32_t yes, uint32_t no)
{
	uint32_t next;

	if (n->negated) {
		next = yes;
		yes = no;
		no = next;
	}
	if (n->kind == FILTER_TERM)
		return build_term(b, n, yes, no);
	next = n->kind == FILTER_OR ? no : yes;
	for (size_t i = n->n; i-- > 0 && !b->shape->opaque;)
		next = n->kind == FILTER_OR ? build_tree(b, n->children[i], yes, next)
					    : build_tree(b, n->children[i], next, no);
	return next;
}

/* ---- what a path knows ----------------------------------------------------------------------- */

/* The answer of a test; or, of a load, that the bytes up to `k` behind a base are there. */
struct fact {
	uint32_t a, b, k;
	uint8_t cond;
	uint8_t kind;
};

enum { FACT_LOADED, FACT_TRUE, FACT_FALSE };

struct known {
	struct fact at[FACTS_MAX];
	uint32_t n;
};

/* A node, simplified under what was known. */
struct simplified {
	struct simplified *next;
	struct known known;
	uint32_t node;
};

struct simplifying {
	struct build *b;
	struct simplified **done; /* per node of before */
	size_t n;
	uint8_t *asked; /* n × words bits: values that a node or one behind it tests, bases that it loads from */
	size_t words;
};

/* Tested values stand in the even bits, bases in the odd ones. */
static uint32_t ask_bit(uint32_t value, bool base)
{
	return 2 * value + base;
}

static bool is_asked(const struct simplifying *s, uint32_t node, uint32_t bit)
{
	return s->asked[node * s->words + bit / 8] >> bit % 8 & 1;
}

static void find_asked(struct simplifying *s)
{
	const struct shape *shape = s->b->shape;

	for (size_t i = SHAPE_FIRST; i < s->n; i++) {
		const struct shape_node *n = &shape->nodes[i];
		uint8_t *to = &s->asked[i * s->words];
		uint32_t bit = n->load ? ask_bit(s->b->shapes->values[n->a].a, true) : ask_bit(n->a, false);

		for (size_t w = 0; w < s->words; w++)
			to[w] = s->asked[n->yes * s->words + w] | (n->load ? 0 : s->asked[n->no * s->words + w]);
		to[bit / 8] |= (uint8_t)(1u << bit % 8);
	}
}

/* With one more fact; a path of many knows the first ones. */
static void learn(struct known *known, uint8_t kind, const struct shape_node *n)
{
	if (known->n == FACTS_MAX)
		return;
	memset(&known->at[known->n], 0, sizeof(known->at[0]));
	known->at[known->n].a = n->a;
	known->at[known->n].b = n->b;
	known->at[known->n].k = n->k;
	known->at[known->n].cond = n->cond;
	known->at[known->n++].kind = kind;
}

static uint32_t simplify(struct simplifying *s, uint32_t at, const struct known *before);

/* A load of what an earlier one showed to be there can't fail. */
static uint32_t simplify_load(struct simplifying *s, struct shape_node n, const struct known *known)
{
	const struct shape_value *v = &s->b->shapes->values[n.a];
	struct shape_node until = {.a = v->a, .k = v->k + v->size};
	struct known more = *known;
	uint32_t i = 0;

	while (i < known->n && (known->at[i].kind != FACT_LOADED || known->at[i].a != until.a))
		i++;
	if (i < known->n && known->at[i].k >= until.k)
		return simplify(s, n.yes, known);
	if (i < known->n)
		more.at[i].k = until.k;
	else
		learn(&more, FACT_LOADED, &until);
	n.yes = simplify(s, n.yes, &more);
	return node(s->b, &n);
}

static uint32_t simplify_node(struct simplifying *s, uint32_t at, const struct known *known)
{
	struct shape_node n = s->b->shape->nodes[at];
	struct known more = *known;

	if (n.load)
		return simplify_load(s, n, known);
	for (uint32_t i = 0; i < known->n; i++) {
		const struct fact *f = &known->at[i];

		if (f->kind == FACT_LOADED || f->a != n.a || f->b != n.b)
			continue;
		if (f->cond == n.cond && f->k == n.k)
			return simplify(s, f->kind == FACT_TRUE ? n.yes : n.no, known);
		if (f->kind == FACT_TRUE && f->cond == FFPF_EQ && n.cond == FFPF_EQ && !n.b)
			return simplify(s, n.no, known);
	}
	learn(&more, FACT_FALSE, &n);
	n.no = simplify(s, n.no, &more);
	more = *known;
	learn(&more, FACT_TRUE, &n);
	n.yes = simplify(s, n.yes, &more);
	return node(s->b, &n);
}

static uint32_t simplify(struct simplifying *s, uint32_t at, const struct known *before)
{
	struct simplified *new;

	if (at < SHAPE_FIRST || s->b->shape->opaque)
		return at;
	new = ffpf_arena_alloc(s->b->shapes->arena, sizeof(*new));
	for (uint32_t i = 0; i < before->n; i++)
		if (is_asked(s, at, ask_bit(before->at[i].a, before->at[i].kind == FACT_LOADED)))
			new->known.at[new->known.n++] = before->at[i];
	for (const struct simplified *old = s->done[at]; old; old = old->next)
		if (old->known.n == new->known.n &&
		    !memcmp(old->known.at, new->known.at, new->known.n * sizeof(new->known.at[0])))
			return old->node;
	if (++s->b->steps > STEPS_MAX)
		s->b->shape->opaque = true;
	new->node = simplify_node(s, at, &new->known);
	new->next = s->done[at];
	s->done[at] = new;
	return new->node;
}

void shape_build(struct shapes *shapes, struct shape *shape, const struct filter_node *tree, const uint32_t *constants,
		 size_t n_constants)
{
	struct build b = {.shapes = shapes, .shape = shape, .constants = constants, .n_constants = n_constants};
	struct simplifying s = {.b = &b};
	struct known nothing = {.n = 0};

	for (unsigned i = 0; i < SHAPE_FIRST; i++) {
		shape->nodes =
			ffpf_arena_grow(shapes->arena, shape->nodes, shape->n, &shape->capacity, sizeof(*shape->nodes));
		shape->nodes[shape->n++] = (struct shape_node){0};
	}
	shape->root = build_tree(&b, tree, SHAPE_YES, SHAPE_NO);
	if (shape->opaque)
		return;
	s.n = shape->n;
	s.words = 2 * shapes->n_values / 8 + 1;
	s.asked = calloc(s.n, s.words);
	s.done = calloc(s.n, sizeof(struct simplified *));
	if (!s.asked || !s.done)
		abort();
	find_asked(&s);
	shape->root = simplify(&s, shape->root, &nothing);
	free(s.asked);
	free(s.done);
}
