/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts: each branch that dominates a place through one of its edges bounds
 * the value that it tested. Bounds are intervals of unsigned numbers, plus
 * single excluded values and masks, which is all that filters compare with.
 */
#include <lib/ir/facts.h>

/* Dominators that tell something, and all dominators, looked at per question: bounds the pass on long programs. */
#define WALK_MAX 96
#define CLIMB_MAX 512

struct query {
	const struct ffpf_term *t;
	uint64_t lo, hi; /* of the tested value */
	enum ffpf_truth answer;
};

static uint64_t width_max(unsigned bits)
{
	return bits == 32 ? UINT32_MAX : UINT64_MAX;
}

/* Truth of cond(value in [lo, hi], imm). */
static enum ffpf_truth decide_range(unsigned cond, uint64_t lo, uint64_t hi, uint64_t imm)
{
	switch (cond) {
	case FFPF_EQ:
		return lo == hi && lo == imm ? FFPF_TRUE : imm < lo || imm > hi ? FFPF_FALSE : FFPF_UNKNOWN;
	case FFPF_NE:
		return lo == hi && lo == imm ? FFPF_FALSE : imm < lo || imm > hi ? FFPF_TRUE : FFPF_UNKNOWN;
	case FFPF_LT:
		return hi < imm ? FFPF_TRUE : lo >= imm ? FFPF_FALSE : FFPF_UNKNOWN;
	case FFPF_LE:
		return hi <= imm ? FFPF_TRUE : lo > imm ? FFPF_FALSE : FFPF_UNKNOWN;
	case FFPF_GT:
		return lo > imm ? FFPF_TRUE : hi <= imm ? FFPF_FALSE : FFPF_UNKNOWN;
	case FFPF_GE:
		return lo >= imm ? FFPF_TRUE : hi < imm ? FFPF_FALSE : FFPF_UNKNOWN;
	case FFPF_SET:
		return lo == hi ? (lo & imm) != 0 : FFPF_UNKNOWN;
	case FFPF_NSET:
		return lo == hi ? (lo & imm) == 0 : FFPF_UNKNOWN;
	default:
		return FFPF_UNKNOWN;
	}
}

static unsigned negate(unsigned cond)
{
	static const uint8_t opposite[] = {
		[FFPF_EQ] = FFPF_NE,   [FFPF_NE] = FFPF_EQ,   [FFPF_LT] = FFPF_GE,    [FFPF_GE] = FFPF_LT,
		[FFPF_GT] = FFPF_LE,   [FFPF_LE] = FFPF_GT,   [FFPF_SLT] = FFPF_SGE,  [FFPF_SGE] = FFPF_SLT,
		[FFPF_SGT] = FFPF_SLE, [FFPF_SLE] = FFPF_SGT, [FFPF_SET] = FFPF_NSET, [FFPF_NSET] = FFPF_SET,
	};
	return opposite[cond];
}

/* Takes in that cond(a, imm) holds. */
static void learn(struct query *q, unsigned cond, uint64_t imm)
{
	const struct ffpf_term *t = q->t;

	switch (cond) {
	case FFPF_EQ:
		q->lo = q->hi = imm;
		break;
	case FFPF_LT:
		if (imm && imm - 1 < q->hi)
			q->hi = imm - 1;
		break;
	case FFPF_LE:
		if (imm < q->hi)
			q->hi = imm;
		break;
	case FFPF_GT:
		if (imm != UINT64_MAX && imm + 1 > q->lo)
			q->lo = imm + 1;
		break;
	case FFPF_GE:
		if (imm > q->lo)
			q->lo = imm;
		break;
	case FFPF_NE:
		if (imm == t->imm && t->cond == FFPF_EQ)
			q->answer = FFPF_FALSE;
		if (imm == t->imm && t->cond == FFPF_NE)
			q->answer = FFPF_TRUE;
		break;
	case FFPF_SET:
		if ((imm & ~t->imm) == 0 && t->cond == FFPF_SET)
			q->answer = FFPF_TRUE;
		if ((imm & ~t->imm) == 0 && t->cond == FFPF_NSET)
			q->answer = FFPF_FALSE;
		if (t->cond == FFPF_EQ && (imm & t->imm) == 0)
			q->answer = FFPF_FALSE;
		break;
	case FFPF_NSET:
		if ((t->imm & ~imm) == 0 && t->cond == FFPF_SET)
			q->answer = FFPF_FALSE;
		if ((t->imm & ~imm) == 0 && t->cond == FFPF_NSET)
			q->answer = FFPF_TRUE;
		if (t->cond == FFPF_EQ && (t->imm & imm))
			q->answer = FFPF_FALSE;
		break;
	default:
		break;
	}
	if (q->answer == FFPF_UNKNOWN)
		q->answer = decide_range(t->cond, q->lo, q->hi, t->imm);
}

static void learn_switch(struct query *q, const struct ffpf_term *s, ffpf_block to)
{
	const struct ffpf_case *only = NULL;
	bool listed = false;

	for (uint32_t i = 0; i < s->n_cases; i++) {
		listed |= s->cases[i].value == q->t->imm;
		if (s->cases[i].to != to)
			continue;
		if (only)
			return;
		only = &s->cases[i];
	}
	if (to == s->no) {
		if (!only && listed)
			learn(q, FFPF_NE, q->t->imm);
	} else if (only) {
		learn(q, FFPF_EQ, only->value);
	}
}

static void learn_edge(struct query *q, const struct ffpf_term *s, ffpf_block to)
{
	const struct ffpf_term *t = q->t;

	if (s->yes == s->no || s->a != t->a)
		return;
	if (s->kind == FFPF_TERM_CHECK && t->kind == FFPF_TERM_CHECK) {
		if (to == s->yes && s->imm >= t->imm)
			q->answer = FFPF_TRUE;
		if (to == s->no && s->imm <= t->imm)
			q->answer = FFPF_FALSE;
	} else if (t->kind == FFPF_TERM_BRANCH && s->bits == t->bits) {
		if (s->kind == FFPF_TERM_BRANCH && !s->b)
			learn(q, to == s->yes ? s->cond : negate(s->cond), s->imm);
		else if (s->kind == FFPF_TERM_SWITCH)
			learn_switch(q, s, to);
	}
}

enum ffpf_truth ffpf_facts_decide(const struct ffpf_program *p, const struct ffpf_term *t, ffpf_block from,
				  ffpf_block to, const bool *touched)
{
	struct query q = {.t = t, .answer = FFPF_UNKNOWN};
	unsigned climbed = 0;

	if (t->kind == FFPF_TERM_BRANCH) {
		if (t->b)
			return FFPF_UNKNOWN;
		q.hi = ffpf_ir_value_max(p, t->a, 0);
		if (q.hi > width_max(t->bits))
			q.hi = width_max(t->bits);
		q.answer = decide_range(t->cond, q.lo, q.hi, t->imm);
	} else if (t->kind != FFPF_TERM_CHECK) {
		return FFPF_UNKNOWN;
	}
	for (unsigned steps = 0; q.answer == FFPF_UNKNOWN && from && steps < WALK_MAX; steps++) {
		learn_edge(&q, &p->blocks[from].term, to);
		if (q.answer != FFPF_UNKNOWN || from == p->entry || (touched && touched[from]))
			break;
		/* The next dominator tells something only if it has a single edge on the way here. */
		to = from;
		from = p->blocks[to].idom;
		while (from && p->blocks[to].n_preds != 1 && from != p->entry && !(touched && touched[to]) &&
		       climbed++ < CLIMB_MAX) {
			to = from;
			from = p->blocks[to].idom;
		}
		if (p->blocks[to].n_preds != 1 || (touched && touched[to]))
			break;
	}
	return q.answer;
}
