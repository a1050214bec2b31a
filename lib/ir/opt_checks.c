/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Merges bounds checks. A filter asks for 14 bytes, then for 24, then for 34;
 * when a packet that has the first but lacks the last ends in the same place
 * anyway, without anything having happened in between, the first check may ask for all.
 *
 * For every block the pass finds where short packets go: "with fewer than N captured bytes, execution from here
 * arrives at block F and has no effect on the way". A check whose short edge leads to F is raised to N; the
 * checks that it then covers are dominated, and branch threading removes them.
 */
#include <lib/ir/ir.h>

#include <stdlib.h>

#define NO_LIMIT UINT64_MAX
/* Largest constant offset of a merged check: what the kernel's verifier tracks comfortably. */
#define MERGE_MAX 4096

struct shortfall {
	ffpf_block to;	/* F */
	uint64_t below; /* N: holds for packets with fewer bytes */
};

static bool has_phis(const struct ffpf_program *p, ffpf_block b)
{
	const struct ffpf_bb *bb = &p->blocks[b];

	for (size_t k = 0; k < bb->n; k++)
		if (p->insns[bb->insns[k]].op == FFPF_IR_PHI)
			return true;
	return false;
}

static bool pure(const struct ffpf_program *p, const struct ffpf_bb *bb)
{
	for (size_t k = 0; k < bb->n; k++) {
		uint8_t op = p->insns[bb->insns[k]].op;

		if (op != FFPF_IR_NOP && !(ffpf_op_flags[op] & FFPF_OP_PURE))
			return false;
	}
	return true;
}

/* The common destination of two ways, if there is one. Going to block b itself needs no condition. */
static struct shortfall meet(const struct shortfall *x, ffpf_block bx, const struct shortfall *y, ffpf_block by)
{
	uint64_t least = x->below < y->below ? x->below : y->below;

	if (x->to == y->to)
		return (struct shortfall){x->to, bx == by ? x->below : least};
	if (x->to == by)
		return (struct shortfall){by, x->below};
	if (y->to == bx)
		return (struct shortfall){bx, y->below};
	return (struct shortfall){0, 0};
}

static struct shortfall follow(const struct ffpf_program *p, const struct shortfall *of, ffpf_block b)
{
	const struct ffpf_bb *bb = &p->blocks[b];
	const struct ffpf_term *t = &bb->term;
	struct shortfall self = {b, NO_LIMIT}, r;

	if (!pure(p, bb))
		return self;
	switch (t->kind) {
	case FFPF_TERM_JUMP:
		r = of[t->yes];
		break;
	case FFPF_TERM_BRANCH:
		r = meet(&of[t->yes], t->yes, &of[t->no], t->no);
		break;
	case FFPF_TERM_CHECK:
		if (t->a)
			return self;
		r = (struct shortfall){t->no, t->imm};
		if (of[t->yes].to == t->no && of[t->yes].below > r.below)
			r.below = of[t->yes].below;
		else if (of[t->yes].to == of[t->no].to && of[t->yes].to != t->no) {
			uint64_t least = of[t->yes].below < of[t->no].below ? of[t->yes].below : of[t->no].below;

			/* Below need the short way is taken, and it ends in the same place. */
			if (least > r.below && of[t->no].below >= least)
				r = (struct shortfall){of[t->yes].to, least};
		}
		break;
	default:
		return self;
	}
	if (!r.to || has_phis(p, r.to))
		return self;
	return r;
}

bool ffpf_opt_checks(struct ffpf_program *p)
{
	struct shortfall *of;
	bool changed = false;

	ffpf_ir_analyse(p);
	of = calloc(p->n_blocks, sizeof(*of));
	if (!of)
		abort();
	for (size_t i = p->n_rpo; i-- > 0;)
		of[p->rpo[i]] = follow(p, of, p->rpo[i]);
	for (size_t i = 0; i < p->n_rpo; i++) {
		struct ffpf_term *t = &p->blocks[p->rpo[i]].term;
		uint64_t below;

		if (t->kind != FFPF_TERM_CHECK || t->a || of[t->yes].to != t->no || has_phis(p, t->no))
			continue;
		below = of[t->yes].below;
		if (below > t->imm && below <= MERGE_MAX) {
			t->imm = below;
			changed = true;
		}
	}
	free(of);
	return changed;
}
