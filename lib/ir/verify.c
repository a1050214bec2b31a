/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does a program keep the IR's invariants? Run after every pass of a debug
 * build and by the tests; back ends rely on it having said yes.
 *
 * The order matters: ids and terminators first, then that blocks form a DAG, because
 * the analyses (dominators, predecessors) assume both; only then what needs the analyses:
 * definitions before uses, phis, and a bounds check before every load and store.
 * Maps are looked after in verify_maps.c. A check may stand on each of several paths instead of on a common dominator:
 * what counts is that no path from the entry avoids one.
 */
#include <lib/ir/verify_maps.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

struct verifier {
	struct ffpf_program *p;
	uint32_t *place; /* per value: its position in its block from 1; 0: in no reachable block */
	uint32_t *stamp; /* per block: the last search that came through */
	uint32_t search;
	ffpf_block *work;
	const char *why;
};

#define FAIL(v, ...) ((v)->why = ffpf_arena_printf((v)->p->arena, __VA_ARGS__), false)

/* ---- shape ----------------------------------------------------------------------------------- */

static bool is_block(const struct ffpf_program *p, ffpf_block b)
{
	return b > 0 && b < p->n_blocks;
}

static bool check_ids(struct verifier *v)
{
	const struct ffpf_program *p = v->p;

	if (!is_block(p, p->entry))
		return FAIL(v, "the entry b%u is no block", p->entry);
	for (ffpf_block b = 1; b < p->n_blocks; b++) {
		const struct ffpf_bb *bb = &p->blocks[b];
		const struct ffpf_term *t = &bb->term;

		for (size_t i = 0; i < bb->n; i++)
			if (!bb->insns[i] || bb->insns[i] >= p->n_insns)
				return FAIL(v, "b%u: instruction v%u does not exist", b, bb->insns[i]);
		if ((t->yes && !is_block(p, t->yes)) || (t->no && !is_block(p, t->no)))
			return FAIL(v, "b%u: the terminator leads to no block", b);
		for (uint32_t i = 0; i < t->n_cases; i++)
			if (!is_block(p, t->cases[i].to))
				return FAIL(v, "b%u: case %u leads to no block", b, i);
	}
	return true;
}

static ffpf_block successor(const struct ffpf_term *t, uint32_t i)
{
	ffpf_block fixed[2];
	uint32_t n = 0;

	if (t->yes)
		fixed[n++] = t->yes;
	if (t->no)
		fixed[n++] = t->no;
	if (i < n)
		return fixed[i];
	return i - n < t->n_cases ? t->cases[i - n].to : 0;
}

/* Depth-first with an explicit stack: an edge to a block that is still on the stack closes a cycle. */
static bool check_acyclic(struct verifier *v)
{
	enum { NEW, OPEN, DONE };
	struct ffpf_program *p = v->p;
	uint8_t *state = calloc(p->n_blocks, 1);
	uint32_t *next = calloc(p->n_blocks, sizeof(*next));
	size_t depth = 0;
	ffpf_block bad = 0;

	if (!state || !next)
		abort();
	v->work[depth++] = p->entry;
	state[p->entry] = OPEN;
	while (depth && !bad) {
		ffpf_block b = v->work[depth - 1];
		ffpf_block to = successor(&p->blocks[b].term, next[b]++);

		if (!to) {
			state[b] = DONE;
			depth--;
		} else if (state[to] == OPEN) {
			bad = to;
		} else if (state[to] == NEW) {
			state[to] = OPEN;
			v->work[depth++] = to;
		}
	}
	free(state);
	free(next);
	return !bad || FAIL(v, "b%u is part of a cycle", bad);
}

static int compare_cases(const void *a, const void *b)
{
	const struct ffpf_case *x = a, *y = b;

	return x->value < y->value ? -1 : x->value > y->value;
}

static bool check_switch(struct verifier *v, ffpf_block b, const struct ffpf_term *t)
{
	struct ffpf_case *sorted = malloc(t->n_cases * sizeof(*sorted) + 1);
	const char *bad = NULL;

	if (!sorted)
		abort();
	if (t->n_cases)
		memcpy(sorted, t->cases, t->n_cases * sizeof(*sorted));
	qsort(sorted, t->n_cases, sizeof(*sorted), compare_cases);
	for (uint32_t i = 0; i < t->n_cases && !bad; i++) {
		if (t->bits == 32 && sorted[i].value > UINT32_MAX)
			bad = "has a case beyond its width";
		else if (i && sorted[i].value == sorted[i - 1].value)
			bad = "has the same case twice";
	}
	free(sorted);
	return !bad || FAIL(v, "b%u: the switch %s", b, bad);
}

static bool check_term(struct verifier *v, ffpf_block b)
{
	const struct ffpf_term *t = &v->p->blocks[b].term;
	bool wide = t->bits == 32 || t->bits == 64;

	if (t->kind != FFPF_TERM_SWITCH && t->n_cases)
		return FAIL(v, "b%u: cases without a switch", b);
	switch (t->kind) {
	case FFPF_TERM_JUMP:
		return (t->yes && !t->no) || FAIL(v, "b%u: a jump has exactly one target", b);
	case FFPF_TERM_BRANCH:
		if (!t->yes || !t->no || !t->a || !wide || t->cond > FFPF_NSET)
			return FAIL(v, "b%u: incomplete branch", b);
		return true;
	case FFPF_TERM_CHECK:
		if (!t->yes || !t->no || t->imm > UINT32_MAX)
			return FAIL(v, "b%u: incomplete check", b);
		return true;
	case FFPF_TERM_SWITCH:
		if (t->yes || !t->no || !t->a || !wide)
			return FAIL(v, "b%u: incomplete switch", b);
		return check_switch(v, b, t);
	case FFPF_TERM_END:
		return (!t->yes && !t->no) || FAIL(v, "b%u: an end has no target", b);
	}
	return FAIL(v, "b%u has no terminator", b);
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool place_values(struct verifier *v)
{
	struct ffpf_program *p = v->p;

	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];
		bool past_phis = false;

		for (size_t k = 0; k < bb->n; k++) {
			ffpf_val id = bb->insns[k];
			const struct ffpf_insn *insn = &p->insns[id];

			if (v->place[id])
				return FAIL(v, "v%u stands in two places", id);
			if (insn->block != p->rpo[i])
				return FAIL(v, "v%u stands in b%u but says b%u", id, p->rpo[i], insn->block);
			if (insn->op >= FFPF_IR_OPS)
				return FAIL(v, "v%u: no such instruction", id);
			if (insn->op == FFPF_IR_PHI && past_phis)
				return FAIL(v, "v%u: a phi behind other instructions", id);
			past_phis |= insn->op != FFPF_IR_PHI && insn->op != FFPF_IR_NOP;
			v->place[id] = (uint32_t)k + 1;
		}
	}
	return true;
}

/* Is value `id` there at position `at` of block b? */
static bool is_defined(struct verifier *v, ffpf_val id, ffpf_block b, size_t at)
{
	const struct ffpf_program *p = v->p;

	if (!id || id >= p->n_insns || !v->place[id] || !(ffpf_op_flags[p->insns[id].op] & FFPF_OP_VALUE))
		return false;
	if (p->insns[id].block == b)
		return v->place[id] <= at;
	return ffpf_ir_dominates(p, p->insns[id].block, b);
}

static bool check_phi(struct verifier *v, ffpf_val id)
{
	const struct ffpf_program *p = v->p;
	const struct ffpf_insn *phi = &p->insns[id];
	const struct ffpf_bb *bb = &p->blocks[phi->block];
	uint32_t seen = 0;

	if (phi->n_phi != bb->n_preds)
		return FAIL(v, "v%u: a phi of %u values in a block of %u predecessors", id, phi->n_phi, bb->n_preds);
	v->search++;
	for (uint32_t i = 0; i < bb->n_preds; i++)
		v->stamp[bb->preds[i]] = v->search;
	for (uint32_t i = 0; i < phi->n_phi; i++) {
		ffpf_block pred = phi->phi[i].pred;

		if (!is_block(p, pred) || v->stamp[pred] != v->search)
			return FAIL(v, "v%u: b%u is no predecessor, or is named twice", id, pred);
		v->stamp[pred] = 0;
		seen++;
		if (!is_defined(v, phi->phi[i].value, pred, p->blocks[pred].n))
			return FAIL(v, "v%u: v%u is not defined at the end of b%u", id, phi->phi[i].value, pred);
	}
	return seen == bb->n_preds || FAIL(v, "v%u: a predecessor is missing", id);
}

enum { NONE, MAY, MUST };

/* What an instruction does with a and b. */
static void operands(enum ffpf_op op, int *a, int *b)
{
	*a = *b = ffpf_op_is_alu(op) ? MUST : NONE;
	switch (op) {
	case FFPF_IR_LOAD:
	case FFPF_IR_SLOAD:
		*a = MAY;
		break;
	case FFPF_IR_LOOKUP:
	case FFPF_IR_HIDE:
		*a = MUST;
		break;
	case FFPF_IR_STORE:
	case FFPF_IR_SSTORE:
	case FFPF_IR_SADD:
	case FFPF_IR_SFETCHADD:
	case FFPF_IR_SFETCHOR:
	case FFPF_IR_KEY:
		*a = MAY;
		*b = MUST;
		break;
	case FFPF_IR_MFIND:
	case FFPF_IR_MADD:
	case FFPF_IR_MREMOVE:
	case FFPF_IR_ELOAD:
		*a = MUST;
		break;
	case FFPF_IR_ESTORE:
	case FFPF_IR_EADD:
	case FFPF_IR_EFETCHADD:
		*a = *b = MUST;
		break;
	case FFPF_IR_SETFLAG:
	case FFPF_IR_CROSS:
	case FFPF_IR_TAP:
	case FFPF_IR_NATIVE:
		*b = MUST;
		break;
	default:
		break;
	}
}

static bool check_table(const struct ffpf_ir_table *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		if ((i && t->keys[i] <= t->keys[i - 1]) || (t->values && !t->values[i]))
			return false;
	return t->n > 0;
}

static bool check_fields(const struct ffpf_program *p, const struct ffpf_insn *insn)
{
	if (ffpf_op_is_alu(insn->op))
		return insn->bits == 32 || insn->bits == 64;
	switch (insn->op) {
	case FFPF_IR_LOAD:
	case FFPF_IR_STORE:
		return insn->imm <= UINT32_MAX &&
		       (insn->size == 1 || insn->size == 2 || insn->size == 4 || insn->size == 8);
	case FFPF_IR_LOOKUP:
		return insn->imm < p->n_tables && check_table(&p->tables[insn->imm]);
	case FFPF_IR_SLOAD:
	case FFPF_IR_SSTORE:
	case FFPF_IR_SADD:
	case FFPF_IR_SFETCHADD:
	case FFPF_IR_SFETCHOR:
		return insn->cells && insn->imm <= UINT32_MAX;
	case FFPF_IR_WANTED:
		return insn->imm <= UINT16_MAX;
	case FFPF_IR_META:
		return insn->imm < FFPF_META_COUNT;
	case FFPF_IR_CALL:
		return insn->imm <= FFPF_HELPER_RANDOM;
	case FFPF_IR_FLAG:
	case FFPF_IR_SETFLAG:
		return insn->imm < p->n_flags;
	case FFPF_IR_VERDICT:
		return insn->imm <= FFPF_VERDICT_DROP;
	case FFPF_IR_TAG:
		return insn->imm <= UINT32_MAX;
	case FFPF_IR_CROSS:
		return insn->imm < p->n_crossings;
	default:
		return true;
	}
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static bool edge_covers(const struct ffpf_program *p, ffpf_block from, ffpf_block to, ffpf_val base, uint64_t end)
{
	const struct ffpf_term *t = &p->blocks[from].term;

	return t->kind == FFPF_TERM_CHECK && t->yes == to && t->no != to && t->a == base && t->imm >= end;
}

/* Does every path from the entry to block b pass a check that bytes [0, base + end) are there? */
static bool is_covered(struct verifier *v, ffpf_block b, ffpf_val base, uint64_t end)
{
	const struct ffpf_program *p = v->p;
	size_t n = 0;

	for (ffpf_block at = b; at != p->entry; at = p->blocks[at].idom)
		if (p->blocks[at].n_preds == 1 && edge_covers(p, p->blocks[at].preds[0], at, base, end))
			return true;
	v->search++;
	v->work[n++] = b;
	v->stamp[b] = v->search;
	while (n) {
		ffpf_block at = v->work[--n];

		if (at == p->entry)
			return false;
		for (uint32_t i = 0; i < p->blocks[at].n_preds; i++) {
			ffpf_block pred = p->blocks[at].preds[i];

			if (edge_covers(p, pred, at, base, end) || v->stamp[pred] == v->search)
				continue;
			v->stamp[pred] = v->search;
			v->work[n++] = pred;
		}
	}
	return true;
}

static bool check_insn(struct verifier *v, ffpf_val id)
{
	const struct ffpf_insn *insn = &v->p->insns[id];
	size_t at = v->place[id] - 1;
	int a, b;

	if (insn->op == FFPF_IR_PHI)
		return check_phi(v, id);
	if (insn->op == FFPF_IR_NOP)
		return true;
	if (!check_fields(v->p, insn))
		return FAIL(v, "v%u: %s with a wrong field", id, ffpf_op_names[insn->op]);
	operands(insn->op, &a, &b);
	if ((a == MUST && !insn->a) || (b == MUST && !insn->b) || (a == NONE && insn->a) || (b == NONE && insn->b))
		return FAIL(v, "v%u: %s with wrong operands", id, ffpf_op_names[insn->op]);
	if (insn->a && !is_defined(v, insn->a, insn->block, at))
		return FAIL(v, "v%u: v%u is not defined here", id, insn->a);
	if (insn->b && !is_defined(v, insn->b, insn->block, at))
		return FAIL(v, "v%u: v%u is not defined here", id, insn->b);
	if ((insn->op == FFPF_IR_LOAD || insn->op == FFPF_IR_STORE) &&
	    !is_covered(v, insn->block, insn->a, insn->imm + insn->size))
		return FAIL(v, "v%u: %s without a check", id, ffpf_op_names[insn->op]);
	return true;
}

static bool check_block(struct verifier *v, ffpf_block b)
{
	const struct ffpf_bb *bb = &v->p->blocks[b];

	for (size_t i = 0; i < bb->n; i++)
		if (!check_insn(v, bb->insns[i]))
			return false;
	if (bb->term.a && !is_defined(v, bb->term.a, b, bb->n))
		return FAIL(v, "b%u: v%u is not defined at its end", b, bb->term.a);
	if (bb->term.b && !is_defined(v, bb->term.b, b, bb->n))
		return FAIL(v, "b%u: v%u is not defined at its end", b, bb->term.b);
	return true;
}

static bool check_all(struct verifier *v)
{
	struct ffpf_program *p = v->p;

	if (!check_ids(v) || !check_acyclic(v))
		return false;
	ffpf_ir_analyse(p);
	for (size_t i = 0; i < p->n_rpo; i++)
		if (!check_term(v, p->rpo[i]))
			return false;
	if (!place_values(v))
		return false;
	for (size_t i = 0; i < p->n_rpo; i++)
		if (!check_block(v, p->rpo[i]))
			return false;
	v->why = ffpf_ir_verify_maps(p);
	return !v->why;
}

const char *ffpf_ir_verify(struct ffpf_program *p)
{
	struct verifier v = {.p = p};

	v.place = calloc(p->n_insns, sizeof(*v.place));
	v.stamp = calloc(p->n_blocks, sizeof(*v.stamp));
	v.work = malloc(p->n_blocks * sizeof(*v.work));
	if (!v.place || !v.stamp || !v.work)
		abort();
	check_all(&v);
	free(v.place);
	free(v.stamp);
	free(v.work);
	return v.why;
}
