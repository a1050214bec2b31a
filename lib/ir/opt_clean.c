/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Takes away what the other passes left: values that nobody uses, blocks that
 * nobody enters or that only jump on, chains of blocks that are really one.
 */
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <stdlib.h>

static void mark(bool *live, ffpf_val *work, size_t *n, ffpf_val v)
{
	if (v && !live[v]) {
		live[v] = true;
		work[(*n)++] = v;
	}
}

/* Values that effects and branches depend on; all others go. */
static bool drop_dead(struct ffpf_program *p)
{
	bool *live = calloc(p->n_insns, 1), changed = false;
	ffpf_val *work = malloc(p->n_insns * sizeof(*work));
	size_t n = 0;

	if (!live || !work)
		abort();
	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];

		for (size_t k = 0; k < bb->n; k++)
			if (ffpf_op_flags[p->insns[bb->insns[k]].op] & FFPF_OP_EFFECT)
				mark(live, work, &n, bb->insns[k]);
		mark(live, work, &n, bb->term.a);
		mark(live, work, &n, bb->term.b);
	}
	while (n) {
		const struct ffpf_insn *in = &p->insns[work[--n]];

		mark(live, work, &n, in->a);
		mark(live, work, &n, in->b);
		for (uint32_t i = 0; i < in->n_phi; i++)
			mark(live, work, &n, in->phi[i].value);
	}
	for (size_t i = 0; i < p->n_rpo; i++) {
		struct ffpf_bb *bb = &p->blocks[p->rpo[i]];
		size_t kept = 0;

		for (size_t k = 0; k < bb->n; k++) {
			if (live[bb->insns[k]])
				bb->insns[kept++] = bb->insns[k];
			else
				changed |= p->insns[bb->insns[k]].op != FFPF_IR_NOP;
		}
		bb->n = kept;
	}
	free(live);
	free(work);
	return changed;
}

static bool same_targets(struct ffpf_term *t)
{
	bool all = t->kind == FFPF_TERM_BRANCH || t->kind == FFPF_TERM_CHECK ? t->yes == t->no
									     : t->kind == FFPF_TERM_SWITCH;

	for (uint32_t i = 0; i < t->n_cases; i++)
		all &= t->cases[i].to == t->no;
	if (!all)
		return false;
	*t = (struct ffpf_term){.kind = FFPF_TERM_JUMP, .yes = t->no, .origin = t->origin};
	return true;
}

static void rename_pred(struct ffpf_program *p, ffpf_block b, ffpf_block old, ffpf_block new)
{
	const struct ffpf_bb *bb = &p->blocks[b];

	for (size_t k = 0; k < bb->n; k++) {
		struct ffpf_insn *phi = &p->insns[bb->insns[k]];

		if (phi->op != FFPF_IR_PHI)
			break;
		for (uint32_t i = 0; i < phi->n_phi; i++)
			if (phi->phi[i].pred == old)
				phi->phi[i].pred = new;
	}
}

/* b: jump c, and nobody else enters c. A single-predecessor block has no phis left to speak of: value numbering
 * forwarded them. */
static bool merge_next(struct ffpf_program *p, ffpf_block b)
{
	struct ffpf_bb *bb = &p->blocks[b];
	bool changed = false;

	while (bb->term.kind == FFPF_TERM_JUMP) {
		ffpf_block c = bb->term.yes;
		struct ffpf_bb *next = &p->blocks[c];

		if (next->n_preds != 1 || c == b || (next->n && p->insns[next->insns[0]].op == FFPF_IR_PHI))
			break;
		for (size_t k = 0; k < next->n; k++) {
			bb->insns = ffpf_arena_grow(p->arena, bb->insns, bb->n, &bb->capacity, sizeof(*bb->insns));
			bb->insns[bb->n++] = next->insns[k];
			p->insns[next->insns[k]].block = b;
		}
		bb->term = next->term;
		if (bb->term.yes)
			rename_pred(p, bb->term.yes, c, b);
		if (bb->term.no)
			rename_pred(p, bb->term.no, c, b);
		for (uint32_t i = 0; i < bb->term.n_cases; i++)
			rename_pred(p, bb->term.cases[i].to, c, b);
		next->n = 0;
		next->n_preds = 0;
		next->term = (struct ffpf_term){.kind = FFPF_TERM_END};
		changed = true;
	}
	return changed;
}

/* Where an edge into b really leads: through blocks that hold nothing and jump on to a block without phis. */
static ffpf_block skip_empty(const struct ffpf_program *p, ffpf_block b)
{
	for (unsigned steps = 0; steps < 100000; steps++) {
		const struct ffpf_bb *bb = &p->blocks[b];
		const struct ffpf_bb *to = &p->blocks[bb->term.yes];

		if (bb->n || bb->term.kind != FFPF_TERM_JUMP)
			break;
		if (to->n && p->insns[to->insns[0]].op == FFPF_IR_PHI)
			break;
		b = bb->term.yes;
	}
	return b;
}

static bool skip(const struct ffpf_program *p, ffpf_block *edge)
{
	ffpf_block to = *edge ? skip_empty(p, *edge) : 0;

	if (to == *edge)
		return false;
	*edge = to;
	return true;
}

bool ffpf_opt_clean(struct ffpf_program *p)
{
	bool changed, skipped = false, merged = false;

	ffpf_ir_analyse(p);
	changed = drop_dead(p);
	/* From the end, so that of a row of empty blocks each finds the next one's end. */
	for (size_t i = p->n_rpo; i-- > 0;) {
		struct ffpf_term *t = &p->blocks[p->rpo[i]].term;

		skipped |= skip(p, &t->yes);
		skipped |= skip(p, &t->no);
		for (uint32_t k = 0; k < t->n_cases; k++)
			skipped |= skip(p, &t->cases[k].to);
		skipped |= same_targets(t);
	}
	if (skipped)
		ffpf_ir_analyse(p);
	for (size_t i = 0; i < p->n_rpo; i++)
		merged |= merge_next(p, p->rpo[i]);
	if (merged)
		ffpf_ir_analyse(p);
	return changed || skipped || merged;
}
