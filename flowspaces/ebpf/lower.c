/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a packet program needs before it can become eBPF:
 *
 *  - checks that no packet of the fast path can pass become jumps (the kernel's verifier refuses unreachable code);
 *  - a packet access at a computed offset goes through a pointer value, one for each offset: the verifier
 *    ties what a check proves to the very pointer that was compared;
 *  - edges from a branch into a block with phis get a block of their own, where the copies go;
 *  - loads whose value is only compared with constants, or put into keys, stay in network byte order (the constants are
 *    swapped instead).
 */
#include <flowspaces/ebpf/asm.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

static void drop_impossible_checks(struct gen *g)
{
	struct ffpf_program *p = g->ir;
	bool changed = false;

	if (g->o->target != FFPF_EBPF_XDP && g->o->target != FFPF_EBPF_TC)
		return;
	for (size_t i = 1; i < p->n_blocks; i++) {
		struct ffpf_term *t = &p->blocks[i].term;

		if (t->kind != FFPF_TERM_CHECK || t->imm <= LINEAR_MAX)
			continue;
		*t = (struct ffpf_term){.kind = FFPF_TERM_JUMP, .yes = t->no, .origin = t->origin};
		changed = true;
	}
	g->far = changed;
	while (changed) {
		changed = ffpf_opt_values(p);
		changed |= ffpf_opt_clean(p);
	}
}

/* How deep a value's definition is looked into. */
#define BOUND_DEPTH 24

static uint32_t bound(struct gen *g, ffpf_val v, unsigned depth);

static uint32_t bound_phi(struct gen *g, const struct ffpf_insn *phi, unsigned depth)
{
	uint32_t x = 0;

	for (uint32_t n = 0; n < phi->n_phi && x <= LINEAR_MAX; n++) {
		uint32_t y = bound(g, phi->phi[n].value, depth);

		x = y > x ? y : x;
	}
	return x;
}

static uint32_t find_bound(struct gen *g, const struct ffpf_insn *i, unsigned depth)
{
	const struct ffpf_insn *b = &g->ir->insns[i->b];
	uint64_t k = b->op == FFPF_IR_CONST ? b->imm : UINT64_MAX;
	uint32_t x, y;

	switch (i->op) {
	case FFPF_IR_CONST:
	case FFPF_IR_HIDE:
		return i->imm <= LINEAR_MAX ? (uint32_t)i->imm : UINT32_MAX;
	case FFPF_IR_LOAD:
		return i->size < 4 ? (1u << 8 * i->size) - 1 : UINT32_MAX;
	case FFPF_IR_AND:
		return k <= LINEAR_MAX ? (uint32_t)k : UINT32_MAX;
	case FFPF_IR_PHI:
		return bound_phi(g, i, depth);
	case FFPF_IR_ADD:
		x = bound(g, i->a, depth);
		y = x <= LINEAR_MAX ? bound(g, i->b, depth) : UINT32_MAX;
		return y <= LINEAR_MAX ? x + y : UINT32_MAX;
	case FFPF_IR_LSH:
	case FFPF_IR_RSH:
		x = k < 16 ? bound(g, i->a, depth) : UINT32_MAX;
		return x > LINEAR_MAX ? x : i->op == FFPF_IR_RSH ? x >> k : x << k;
	case FFPF_IR_MUL:
		x = k <= LINEAR_MAX ? bound(g, i->a, depth) : UINT32_MAX;
		return x > LINEAR_MAX ? x : x * (uint32_t)k;
	default:
		return UINT32_MAX;
	}
}

/* An upper bound of a value that the kernel's verifier has, too; or more than LINEAR_MAX. */
static uint32_t bound(struct gen *g, ffpf_val v, unsigned depth)
{
	uint32_t x;

	if (depth >= BOUND_DEPTH || (g->where && g->where[v].forgotten))
		return UINT32_MAX;
	if (g->bounds[v])
		return g->bounds[v] - 1;
	x = find_bound(g, &g->ir->insns[v], depth + 1);
	if (x != UINT32_MAX)
		g->bounds[v] = x + 1;
	return x;
}

/* Does the kernel's verifier know that the value is at most LINEAR_MAX? Only where it tracks what we track. */
bool ffpf_ebpf_bounded(struct gen *g, ffpf_val v)
{
	return g->o->target == FFPF_EBPF_USER || bound(g, v, 0) <= LINEAR_MAX;
}

static void insert(struct ffpf_program *p, ffpf_block b, size_t at, ffpf_val v)
{
	struct ffpf_bb *bb = &p->blocks[b];

	bb->insns = ffpf_arena_grow(p->arena, bb->insns, bb->n, &bb->capacity, sizeof(*bb->insns));
	memmove(&bb->insns[at + 1], &bb->insns[at], (bb->n - at) * sizeof(*bb->insns));
	bb->insns[at] = v;
	bb->n++;
}

static ffpf_val new_insn(struct ffpf_program *p, struct ffpf_insn insn)
{
	p->insns = ffpf_arena_grow(p->arena, p->insns, p->n_insns, &p->insn_capacity, sizeof(*p->insns));
	p->insns[p->n_insns] = insn;
	return (ffpf_val)p->n_insns++;
}

/* Pointers of one base, newest first, hang on pptr[base] through their insn's `b`. */
ffpf_val ffpf_ebpf_pointer(struct gen *g, ffpf_val base, ffpf_block block)
{
	for (ffpf_val v = g->pptr[base]; v; v = g->ir->insns[v].b)
		if (ffpf_ir_dominates(g->ir, g->ir->insns[v].block, block))
			return v;
	return 0;
}

/*
 * Several checks of an offset may lead to one access, without one of them standing on all ways to it. Then the offset
 * has a single pointer, from where it is computed on, that all of them compare.
 */
static void join_pointers(struct gen *g, ffpf_val base)
{
	struct ffpf_program *p = g->ir;
	ffpf_block b = p->insns[base].block;
	const struct ffpf_bb *bb = &p->blocks[b];
	size_t at = 0, k;

	for (ffpf_val v = g->pptr[base]; v; v = p->insns[v].b) {
		struct ffpf_bb *of = &p->blocks[p->insns[v].block];

		for (k = 0; of->insns[k] != v; k++)
			;
		memmove(&of->insns[k], &of->insns[k + 1], (--of->n - k) * sizeof(*of->insns));
	}
	while (bb->insns[at] != base)
		at++;
	for (at++; at < bb->n && p->insns[bb->insns[at]].op == FFPF_IR_PHI; at++)
		;
	g->pptr[base] =
		new_insn(p, (struct ffpf_insn){.op = OP_PPTR, .a = base, .block = b, .origin = p->insns[base].origin});
	insert(p, b, at, g->pptr[base]);
}

static void find_joins(struct gen *g)
{
	const struct ffpf_program *p = g->ir;

	for (size_t i = 0; i < p->n_rpo; i++)
		for (size_t k = 0; k < p->blocks[p->rpo[i]].n; k++) {
			const struct ffpf_insn *in = &p->insns[p->blocks[p->rpo[i]].insns[k]];

			if ((in->op == FFPF_IR_LOAD || in->op == FFPF_IR_STORE) && in->a &&
			    !ffpf_ebpf_pointer(g, in->a, p->rpo[i]))
				join_pointers(g, in->a);
		}
}

static void make_pointers(struct gen *g)
{
	struct ffpf_program *p = g->ir;

	g->pptr = ffpf_arena_alloc(g->arena, p->n_insns * sizeof(*g->pptr));
	g->n_bounds = p->n_insns;
	g->bounds = ffpf_arena_alloc(g->arena, p->n_insns * sizeof(*g->bounds));
	if (is_slow(g))
		return;
	for (size_t i = 0; i < p->n_rpo; i++) {
		ffpf_block b = p->rpo[i];
		const struct ffpf_term *t = &p->blocks[b].term;

		if (t->kind != FFPF_TERM_CHECK || !t->a || ffpf_ebpf_pointer(g, t->a, b))
			continue;
		ffpf_val v = new_insn(
			p, (struct ffpf_insn){
				   .op = OP_PPTR, .a = t->a, .b = g->pptr[t->a], .block = b, .origin = t->origin});

		g->pptr[t->a] = v;
		insert(p, b, p->blocks[b].n, v);
	}
	find_joins(g);
}

static ffpf_block split_edge(struct ffpf_program *p, ffpf_block from, ffpf_block to)
{
	ffpf_block b;
	const struct ffpf_bb *bb;

	p->blocks = ffpf_arena_grow(p->arena, p->blocks, p->n_blocks, &p->block_capacity, sizeof(*p->blocks));
	b = (ffpf_block)p->n_blocks++;
	memset(&p->blocks[b], 0, sizeof(p->blocks[b]));
	p->blocks[b].term =
		(struct ffpf_term){.kind = FFPF_TERM_JUMP, .yes = to, .origin = p->blocks[from].term.origin};
	bb = &p->blocks[to];
	for (size_t k = 0; k < bb->n; k++) {
		struct ffpf_insn *phi = &p->insns[bb->insns[k]];

		if (phi->op != FFPF_IR_PHI)
			break;
		for (uint32_t i = 0; i < phi->n_phi; i++)
			if (phi->phi[i].pred == from)
				phi->phi[i].pred = b;
	}
	return b;
}

static bool has_phis(const struct ffpf_program *p, ffpf_block b)
{
	return p->blocks[b].n && p->insns[p->blocks[b].insns[0]].op == FFPF_IR_PHI;
}

static void split_edges(struct ffpf_program *p)
{
	size_t n = p->n_blocks;

	for (size_t i = 1; i < n; i++) {
		struct ffpf_term t = p->blocks[i].term;
		ffpf_block yes = t.yes, no = t.no, b;

		if (t.kind == FFPF_TERM_JUMP || !p->blocks[i].order)
			continue;
		if (yes && has_phis(p, yes)) {
			b = split_edge(p, (ffpf_block)i, yes);
			t.yes = b;
			if (no == yes)
				t.no = b;
			for (uint32_t k = 0; k < t.n_cases; k++)
				if (t.cases[k].to == yes)
					t.cases[k].to = b;
		}
		if (no && no != yes && has_phis(p, no)) {
			b = split_edge(p, (ffpf_block)i, no);
			t.no = b;
			for (uint32_t k = 0; k < t.n_cases; k++)
				if (t.cases[k].to == no)
					t.cases[k].to = b;
		}
		for (uint32_t k = 0; k < t.n_cases; k++) {
			ffpf_block to = t.cases[k].to;

			if (!has_phis(p, to))
				continue;
			b = split_edge(p, (ffpf_block)i, to);
			for (uint32_t j = k; j < t.n_cases; j++)
				if (t.cases[j].to == to)
					t.cases[j].to = b;
		}
		p->blocks[i].term = t;
	}
}

/* Blocks made by splitting stand right behind where they come from: what they copy need not stay in a register until
 * later. */
static void gather_edges(struct ffpf_program *p, size_t first_split)
{
	ffpf_block *order = ffpf_arena_alloc(p->arena, p->n_rpo * sizeof(*order)), to[2];
	size_t n = 0;

	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];

		if (p->rpo[i] >= first_split)
			continue;
		order[n++] = p->rpo[i];
		to[0] = bb->term.no;
		to[1] = bb->term.yes;
		for (unsigned k = 0; k < 2; k++)
			if (to[k] >= first_split && (!k || to[1] != to[0]))
				order[n++] = to[k];
		for (uint32_t k = 0; k < bb->term.n_cases; k++) {
			ffpf_block c = bb->term.cases[k].to;
			bool listed = c == to[0] || c == to[1];

			for (uint32_t j = 0; j < k; j++)
				listed |= bb->term.cases[j].to == c;
			if (c >= first_split && !listed)
				order[n++] = c;
		}
	}
	p->rpo = order;
}

/* A table's keys that are wider than the load never match, and can't be swapped. */
static bool keys_fit(const struct ffpf_program *p, const struct ffpf_insn *lookup)
{
	const struct ffpf_ir_table *t = &p->tables[lookup->imm];
	unsigned size = p->insns[lookup->a].size;

	return t->n && size < 8 && t->keys[t->n - 1] <= (size == 2 ? UINT16_MAX : UINT32_MAX);
}

/* Is it a part of a key that is as long as what was loaded? */
static bool goes_into_key(const struct ffpf_program *p, const struct ffpf_insn *in)
{
	return in->op == FFPF_IR_KEY && p->insns[in->b].size == in->size && p->maps[in->imm].kind != FFPF_MAP_ARRAY;
}

/* Every use but comparing for (in)equality with a constant, and going into a key, needs host order. */
static void find_raw_loads(struct gen *g)
{
	struct ffpf_program *p = g->ir;

	g->raw = ffpf_arena_alloc(g->arena, p->n_insns);
	for (size_t v = 1; v < p->n_insns; v++)
		g->raw[v] = p->insns[v].op == FFPF_IR_LOAD && p->insns[v].size > 1;
	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];
		const struct ffpf_term *t = &bb->term;

		for (size_t k = 0; k < bb->n; k++) {
			const struct ffpf_insn *in = &p->insns[bb->insns[k]];

			/* A table's keys are swapped as constants are. */
			if (in->op != FFPF_IR_LOOKUP || !keys_fit(p, in))
				g->raw[in->a] = false;
			if (in->op != OP_PPTR && !goes_into_key(p, in))
				g->raw[in->b] = false;
			for (uint32_t a = 0; in->op == FFPF_IR_PHI && a < in->n_phi; a++)
				g->raw[in->phi[a].value] = false;
		}
		g->raw[t->b] = false;
		if (t->kind == FFPF_TERM_CHECK || p->insns[t->a].size == 8)
			g->raw[t->a] = false;
		if (t->kind == FFPF_TERM_BRANCH &&
		    (t->b || (t->cond != FFPF_EQ && t->cond != FFPF_NE && t->cond != FFPF_SET && t->cond != FFPF_NSET)))
			g->raw[t->a] = false;
		/* A constant wider than the load never matches; leave such to the plain path. */
		if (t->kind == FFPF_TERM_BRANCH && g->raw[t->a] &&
		    t->imm > (p->insns[t->a].size == 2 ? UINT16_MAX : UINT32_MAX))
			g->raw[t->a] = false;
		for (uint32_t k = 0; t->kind == FFPF_TERM_SWITCH && k < t->n_cases; k++)
			if (t->cases[k].value > (p->insns[t->a].size == 2 ? UINT16_MAX : UINT32_MAX))
				g->raw[t->a] = false;
	}
}

/* Lookups that nothing but the branch at the end of the same block asks, for whether the key is there. */
static void fuse_lookups(struct gen *g)
{
	struct ffpf_program *p = g->ir;
	uint32_t *uses = calloc(p->n_insns, sizeof(*uses));

	if (!uses)
		abort();
	g->fused = ffpf_arena_alloc(g->arena, p->n_insns);
	for (size_t i = 0; p->n_tables && i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];

		for (size_t k = 0; k < bb->n; k++) {
			const struct ffpf_insn *in = &p->insns[bb->insns[k]];

			uses[in->a]++;
			uses[in->b]++;
			for (uint32_t a = 0; in->op == FFPF_IR_PHI && a < in->n_phi; a++)
				uses[in->phi[a].value]++;
		}
		uses[bb->term.a]++;
		uses[bb->term.b]++;
	}
	for (size_t i = 0; p->n_tables && i < p->n_rpo; i++) {
		const struct ffpf_term *t = &p->blocks[p->rpo[i]].term;
		const struct ffpf_insn *in = &p->insns[t->a];

		g->fused[t->a] = t->kind == FFPF_TERM_BRANCH && !t->b && !t->imm && uses[t->a] == 1 &&
				 (t->cond == FFPF_NE || t->cond == FFPF_EQ) && in->op == FFPF_IR_LOOKUP &&
				 in->block == p->rpo[i];
	}
	g->fused[0] = false;
	free(uses);
}

/* How many bytes the checks ask for at most: a packet that has as many in one place, or all of its own, is as good as
 * linear. */
static void find_deepest(struct gen *g)
{
	const struct ffpf_program *p = g->ir;

	g->deepest = 0;
	for (size_t i = 0; i < p->n_rpo && g->deepest != UINT32_MAX; i++) {
		const struct ffpf_term *t = &p->blocks[p->rpo[i]].term;
		uint64_t need = t->imm;

		if (t->kind != FFPF_TERM_CHECK)
			continue;
		if (t->a)
			need += bound(g, t->a, 0);
		if (need > LINEAR_MAX)
			g->deepest = UINT32_MAX;
		else if (need > g->deepest)
			g->deepest = (uint32_t)need;
	}
	/* What is known of values here is not yet what is known where some of them live in memory. */
	memset(g->bounds, 0, g->n_bounds * sizeof(*g->bounds));
}

void ffpf_ebpf_lower(struct gen *g)
{
	drop_impossible_checks(g);
	ffpf_ir_analyse(g->ir);
	make_pointers(g);
	size_t first_split = g->ir->n_blocks;

	split_edges(g->ir);
	ffpf_ir_analyse(g->ir);
	gather_edges(g->ir, first_split);
	find_raw_loads(g);
	fuse_lookups(g);
	find_deepest(g);
	ffpf_ebpf_share_keys(g);
}
