/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every pass wants to know of a program's shape: predecessors, reverse
 * postorder, immediate dominators (Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm").
 */
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

unsigned ffpf_ir_successors(const struct ffpf_bb *bb, ffpf_block *out, unsigned max)
{
	const struct ffpf_term *t = &bb->term;
	unsigned n = 0;

	if (t->yes && n < max)
		out[n++] = t->yes;
	if (t->no && n < max)
		out[n++] = t->no;
	for (uint32_t i = 0; i < t->n_cases && n < max; i++)
		out[n++] = t->cases[i].to;
	return n;
}

static ffpf_block successor(const struct ffpf_term *t, uint32_t i)
{
	if (t->yes) {
		if (i == 0)
			return t->yes;
		i--;
	}
	if (t->no) {
		if (i == 0)
			return t->no;
		i--;
	}
	return i < t->n_cases ? t->cases[i].to : 0;
}

/* Depth-first without recursion: programs may be as deep as they are long. */
static void number_blocks(struct ffpf_program *p)
{
	struct frame {
		ffpf_block block;
		uint32_t next;
	} *stack = malloc(p->n_blocks * sizeof(*stack));
	bool *seen = calloc(p->n_blocks, sizeof(*seen));
	size_t depth = 0, at = p->n_blocks;
	ffpf_block *rpo = ffpf_arena_alloc(p->arena, p->n_blocks * sizeof(*rpo));

	if (!stack || !seen)
		abort();
	stack[depth++] = (struct frame){p->entry, 0};
	seen[p->entry] = true;
	while (depth) {
		struct frame *f = &stack[depth - 1];
		ffpf_block to = successor(&p->blocks[f->block].term, f->next++);

		if (!to)
			rpo[--at] = stack[--depth].block;
		else if (!seen[to]) {
			seen[to] = true;
			stack[depth++] = (struct frame){to, 0};
		}
	}
	p->rpo = rpo + at;
	p->n_rpo = p->n_blocks - at;
	free(stack);
	free(seen);
}

static void link_preds(struct ffpf_program *p)
{
	uint32_t total = 0, *fill;
	ffpf_block *pool;

	for (size_t i = 0; i < p->n_rpo; i++)
		for (uint32_t k = 0; successor(&p->blocks[p->rpo[i]].term, k); k++)
			total++;
	pool = ffpf_arena_alloc(p->arena, total * sizeof(*pool) + 1);
	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_term *t = &p->blocks[p->rpo[i]].term;
		ffpf_block to;

		for (uint32_t k = 0; (to = successor(t, k)); k++)
			p->blocks[to].n_preds++;
	}
	fill = calloc(p->n_blocks, sizeof(*fill));
	if (!fill)
		abort();
	for (size_t i = 0; i < p->n_rpo; i++) {
		p->blocks[p->rpo[i]].preds = pool;
		pool += p->blocks[p->rpo[i]].n_preds;
	}
	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_term *t = &p->blocks[p->rpo[i]].term;
		ffpf_block to;

		for (uint32_t k = 0; (to = successor(t, k)); k++) {
			struct ffpf_bb *bb = &p->blocks[to];

			/* Edges from one block come together, so a doubled one is the last. */
			if (fill[to] && bb->preds[fill[to] - 1] == p->rpo[i])
				continue;
			bb->preds[fill[to]++] = p->rpo[i];
		}
	}
	for (size_t i = 0; i < p->n_rpo; i++)
		p->blocks[p->rpo[i]].n_preds = fill[p->rpo[i]];
	free(fill);
}

static ffpf_block intersect(const struct ffpf_program *p, ffpf_block a, ffpf_block b)
{
	while (a != b) {
		while (p->blocks[a].order > p->blocks[b].order)
			a = p->blocks[a].idom;
		while (p->blocks[b].order > p->blocks[a].order)
			b = p->blocks[b].idom;
	}
	return a;
}

/*
 * Blocks form a DAG, so one pass in reverse postorder is enough. The last predecessor first: from a chain whose every
 * block leads to one (a filter's tests to its end) each is then one step from the one before; in the other order each
 * walk is as long as the chain.
 */
static void find_dominators(struct ffpf_program *p)
{
	p->blocks[p->entry].idom = p->entry;
	for (size_t i = 1; i < p->n_rpo; i++) {
		struct ffpf_bb *bb = &p->blocks[p->rpo[i]];
		ffpf_block idom = bb->preds[bb->n_preds - 1];

		for (uint32_t k = bb->n_preds - 1; k-- > 0;)
			idom = intersect(p, idom, bb->preds[k]);
		bb->idom = idom;
	}
}

/* Gives each block the interval [dom_in, dom_out) that holds exactly those of the blocks it dominates. */
static void number_dominators(struct ffpf_program *p)
{
	for (size_t i = 0; i < p->n_rpo; i++)
		p->blocks[p->rpo[i]].dom_out = 1;
	for (size_t i = p->n_rpo; i-- > 1;) { /* subtree sizes: children come after their dominator */
		struct ffpf_bb *bb = &p->blocks[p->rpo[i]];

		p->blocks[bb->idom].dom_out += bb->dom_out;
	}
	uint32_t *next = malloc(p->n_blocks * sizeof(*next));

	if (!next)
		abort();
	for (size_t i = 0; i < p->n_rpo; i++) {
		struct ffpf_bb *bb = &p->blocks[p->rpo[i]];
		uint32_t size = bb->dom_out;

		bb->dom_in = i ? next[bb->idom] : 0;
		if (i)
			next[bb->idom] += size;
		next[p->rpo[i]] = bb->dom_in + 1;
		bb->dom_out = bb->dom_in + size;
	}
	free(next);
}

static bool is_pred(const struct ffpf_program *p, const struct ffpf_bb *bb, ffpf_block pred)
{
	if (!p->blocks[pred].order)
		return false;
	for (uint32_t i = 0; i < bb->n_preds; i++)
		if (bb->preds[i] == pred)
			return true;
	return false;
}

static void trim_phis(struct ffpf_program *p)
{
	for (size_t i = 0; i < p->n_rpo; i++) {
		struct ffpf_bb *bb = &p->blocks[p->rpo[i]];

		for (size_t k = 0; k < bb->n; k++) {
			struct ffpf_insn *insn = &p->insns[bb->insns[k]];
			uint32_t n = 0;

			if (insn->op == FFPF_IR_NOP)
				continue;
			if (insn->op != FFPF_IR_PHI)
				break;
			if (insn->n_phi == bb->n_preds)
				continue;
			for (uint32_t a = 0; a < insn->n_phi; a++)
				if (is_pred(p, bb, insn->phi[a].pred))
					insn->phi[n++] = insn->phi[a];
			insn->n_phi = n;
		}
	}
}

void ffpf_ir_analyse(struct ffpf_program *p)
{
	for (size_t i = 0; i < p->n_blocks; i++) {
		p->blocks[i].order = 0;
		p->blocks[i].n_preds = 0;
		p->blocks[i].idom = 0;
	}
	number_blocks(p);
	for (size_t i = 0; i < p->n_rpo; i++)
		p->blocks[p->rpo[i]].order = (uint32_t)i + 1;
	link_preds(p);
	find_dominators(p);
	number_dominators(p);
	trim_phis(p);
}

bool ffpf_ir_dominates(const struct ffpf_program *p, ffpf_block a, ffpf_block b)
{
	return p->blocks[b].dom_in >= p->blocks[a].dom_in && p->blocks[b].dom_in < p->blocks[a].dom_out;
}

size_t ffpf_ir_size(struct ffpf_program *p)
{
	size_t n = 0;

	ffpf_ir_analyse(p);
	for (size_t i = 0; i < p->n_rpo; i++)
		n += p->blocks[p->rpo[i]].n + 1;
	return n;
}
