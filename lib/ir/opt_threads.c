/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Branch threading: where an edge into a block already decides the block's
 * test, the edge goes straight to the outcome. After `tcp port 80` has found
 * that a packet is not IPv4, `udp port 53` need not ask again.
 *
 * A block can be bypassed when it holds nothing but phis that only its own
 * terminator, or phis of its successors, use. The target's phis get for the new
 * edge what they had for the bypassed block. Bypassing keeps dominance: a value that dominates the target
 * without being defined in the bypassed block dominates the edge's origin too.
 */
#include <lib/ir/facts.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

struct threading {
	struct ffpf_program *p;
	bool *touched; /* blocks whose incoming edges changed since the analysis */
	bool *escapes; /* phis used beyond their own block's end */
	bool changed;
};

static ffpf_val phi_arg(const struct ffpf_insn *phi, ffpf_block pred)
{
	for (uint32_t i = 0; i < phi->n_phi; i++)
		if (phi->phi[i].pred == pred)
			return phi->phi[i].value;
	return 0;
}

static void find_escapes(struct threading *t)
{
	struct ffpf_program *p = t->p;

	memset(t->escapes, 0, p->n_insns);
	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];

		for (size_t k = 0; k < bb->n; k++) {
			const struct ffpf_insn *in = &p->insns[bb->insns[k]];

			t->escapes[in->a] = t->escapes[in->b] = true;
			for (uint32_t a = 0; in->op == FFPF_IR_PHI && a < in->n_phi; a++)
				if (p->insns[in->phi[a].value].block != in->phi[a].pred)
					t->escapes[in->phi[a].value] = true;
		}
		if (p->insns[bb->term.a].block != p->rpo[i])
			t->escapes[bb->term.a] = true;
		if (p->insns[bb->term.b].block != p->rpo[i])
			t->escapes[bb->term.b] = true;
	}
}

static bool bypassable(const struct threading *t, const struct ffpf_bb *bb)
{
	const struct ffpf_program *p = t->p;

	if (bb->term.kind != FFPF_TERM_BRANCH && bb->term.kind != FFPF_TERM_CHECK)
		return false;
	if (bb->term.yes == bb->term.no)
		return false;
	for (size_t k = 0; k < bb->n; k++) {
		const struct ffpf_insn *in = &p->insns[bb->insns[k]];

		if (in->op == FFPF_IR_NOP)
			continue;
		/* A constant can be made again wherever it is used, but that is another pass's work. */
		if (in->op != FFPF_IR_PHI || t->escapes[bb->insns[k]])
			return false;
	}
	return true;
}

/* The outcome of block b's test when it is entered from pred; UNKNOWN when that is not decided. */
static enum ffpf_truth outcome(const struct threading *t, ffpf_block pred, ffpf_block b)
{
	const struct ffpf_program *p = t->p;
	struct ffpf_term test = p->blocks[b].term;
	const struct ffpf_insn *a = &p->insns[test.a];

	if (test.a && a->op == FFPF_IR_PHI && a->block == b) {
		test.a = phi_arg(a, pred);
		a = &p->insns[test.a];
	}
	if (test.kind == FFPF_TERM_BRANCH && !test.b && a->op == FFPF_IR_CONST)
		return ffpf_cond_eval(test.cond, test.bits, a->imm, test.imm) ? FFPF_TRUE : FFPF_FALSE;
	return ffpf_facts_decide(p, &test, pred, b, t->touched);
}

static bool has_edge(const struct ffpf_term *t, ffpf_block to)
{
	if (t->yes == to || t->no == to)
		return true;
	for (uint32_t i = 0; i < t->n_cases; i++)
		if (t->cases[i].to == to)
			return true;
	return false;
}

/* Value that target's phi sees when coming from pred through b. */
static ffpf_val through(const struct ffpf_program *p, const struct ffpf_insn *phi, ffpf_block b, ffpf_block pred)
{
	ffpf_val v = phi_arg(phi, b);

	if (p->insns[v].op == FFPF_IR_PHI && p->insns[v].block == b)
		return phi_arg(&p->insns[v], pred);
	return v;
}

static bool phis_agree(const struct ffpf_program *p, ffpf_block pred, ffpf_block b, ffpf_block to)
{
	const struct ffpf_bb *bb = &p->blocks[to];

	for (size_t k = 0; k < bb->n; k++) {
		const struct ffpf_insn *phi = &p->insns[bb->insns[k]];

		if (phi->op == FFPF_IR_NOP)
			continue;
		if (phi->op != FFPF_IR_PHI)
			break;
		if (phi_arg(phi, pred) != through(p, phi, b, pred))
			return false;
	}
	return true;
}

static void add_phi_args(struct ffpf_program *p, ffpf_block pred, ffpf_block b, ffpf_block to)
{
	const struct ffpf_bb *bb = &p->blocks[to];

	for (size_t k = 0; k < bb->n; k++) {
		struct ffpf_insn *phi = &p->insns[bb->insns[k]];
		struct ffpf_phi_arg *args;

		if (phi->op == FFPF_IR_NOP)
			continue;
		if (phi->op != FFPF_IR_PHI)
			break;
		args = ffpf_arena_alloc(p->arena, (phi->n_phi + 1) * sizeof(*args));
		memcpy(args, phi->phi, phi->n_phi * sizeof(*args));
		args[phi->n_phi] = (struct ffpf_phi_arg){pred, through(p, phi, b, pred)};
		phi->phi = args;
		phi->n_phi++;
	}
}

static void drop_phi_args(struct ffpf_program *p, ffpf_block pred, ffpf_block b)
{
	const struct ffpf_bb *bb = &p->blocks[b];

	for (size_t k = 0; k < bb->n; k++) {
		struct ffpf_insn *phi = &p->insns[bb->insns[k]];

		for (uint32_t i = 0; phi->op == FFPF_IR_PHI && i < phi->n_phi; i++)
			if (phi->phi[i].pred == pred) {
				phi->phi[i] = phi->phi[--phi->n_phi];
				break;
			}
	}
}

/* Makes the edge pred -> b go to `to`. False when the phis there would disagree. */
static bool redirect(struct threading *t, ffpf_block pred, ffpf_block *edge, ffpf_block to)
{
	struct ffpf_program *p = t->p;
	ffpf_block b = *edge;

	if (has_edge(&p->blocks[pred].term, to)) {
		if (!phis_agree(p, pred, b, to))
			return false;
	} else {
		add_phi_args(p, pred, b, to);
	}
	*edge = to;
	if (!has_edge(&p->blocks[pred].term, b))
		drop_phi_args(p, pred, b);
	t->touched[b] = t->touched[to] = true;
	return t->changed = true;
}

static void thread_edge(struct threading *t, ffpf_block pred, ffpf_block *edge)
{
	/* Each step bypasses one block and blocks form a DAG, so this ends; the bound is for long chains. */
	for (unsigned steps = 0; steps < 4096; steps++) {
		const struct ffpf_bb *bb = &t->p->blocks[*edge];
		enum ffpf_truth truth;

		if (!bypassable(t, bb))
			return;
		truth = outcome(t, pred, *edge);
		if (truth == FFPF_UNKNOWN || !redirect(t, pred, edge, truth ? bb->term.yes : bb->term.no))
			return;
	}
}

/* A test whose outcome is the same on every way in becomes a jump. */
static void decide_block(struct threading *t, ffpf_block b)
{
	struct ffpf_bb *bb = &t->p->blocks[b];
	enum ffpf_truth truth;
	ffpf_block gone;

	if ((bb->term.kind != FFPF_TERM_BRANCH && bb->term.kind != FFPF_TERM_CHECK) || bb->term.yes == bb->term.no ||
	    b == t->p->entry || bb->n_preds == 0 || t->touched[b])
		return;
	/* From its dominator's point of view; with one predecessor that is the edge itself. */
	truth = ffpf_facts_decide(t->p, &bb->term, bb->n_preds == 1 ? bb->preds[0] : 0, b, t->touched);
	if (truth == FFPF_UNKNOWN && bb->n_preds > 1) {
		ffpf_block to = b;

		while (to != t->p->entry && t->p->blocks[to].n_preds != 1)
			to = t->p->blocks[to].idom;
		if (to != t->p->entry && !t->touched[to])
			truth = ffpf_facts_decide(t->p, &bb->term, t->p->blocks[to].preds[0], to, t->touched);
	}
	if (truth == FFPF_UNKNOWN)
		return;
	gone = truth ? bb->term.no : bb->term.yes;
	bb->term = (struct ffpf_term){
		.kind = FFPF_TERM_JUMP, .yes = truth ? bb->term.yes : bb->term.no, .origin = bb->term.origin};
	drop_phi_args(t->p, b, gone);
	t->touched[gone] = true;
	t->changed = true;
}

bool ffpf_opt_threads(struct ffpf_program *p)
{
	struct threading t = {.p = p};

	ffpf_ir_analyse(p);
	t.touched = calloc(p->n_blocks, 1);
	t.escapes = calloc(p->n_insns, 1);
	if (!t.touched || !t.escapes)
		abort();
	find_escapes(&t);
	for (size_t i = 0; i < p->n_rpo; i++)
		decide_block(&t, p->rpo[i]);
	for (size_t i = 0; i < p->n_rpo; i++) {
		struct ffpf_term *term = &p->blocks[p->rpo[i]].term;

		if (term->yes)
			thread_edge(&t, p->rpo[i], &term->yes);
		if (term->no)
			thread_edge(&t, p->rpo[i], &term->no);
		for (uint32_t k = 0; k < term->n_cases; k++)
			thread_edge(&t, p->rpo[i], &term->cases[k].to);
	}
	free(t.touched);
	free(t.escapes);
	return t.changed;
}
