/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys and entries. Keys are written where they are used, in one place that all keys have in common: so a key's parts
 * stand right before the instruction that uses them, and no other key's among them. Entries are addresses where the
 * program runs: nothing is done with them but what is harmless with an address, and none is used of which no branch on
 * every way to there says that it is one.
 */
#include <lib/ir/verify_maps.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

/* What a value is. */
#define NUMBER 0
#define ZERO UINT32_MAX /* constant 0: a number, and no entry; else how many words of the entry can be used */

struct place {
	ffpf_val entry;
	ffpf_block block, to; /* at the end of the block, on the way to there; to 0: anywhere in it */
};

struct maps_verifier {
	struct ffpf_program *p;
	uint32_t *words;    /* per value */
	struct place *seen; /* hash table of (entry, block) that were or will be looked at */
	struct place *work;
	size_t n_seen, n_work, capacity;
	const char *why;
};

#define FAIL(v, ...) ((v)->why = ffpf_arena_printf((v)->p->arena, __VA_ARGS__), false)

static bool is_entry(const struct maps_verifier *v, ffpf_val id)
{
	return id && v->words[id] != NUMBER && v->words[id] != ZERO;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static bool check_key(struct maps_verifier *v, ffpf_val id, ffpf_val *open)
{
	const struct ffpf_program *p = v->p;
	const struct ffpf_insn *in = &p->insns[id], *before = &p->insns[in->a];
	uint32_t at = in->a ? before->cells + before->size : 0;

	if (in->imm >= p->n_maps)
		return FAIL(v, "v%u: there is no map %u", id, (unsigned)in->imm);
	if (in->a != *open || (in->a && before->imm != in->imm))
		return FAIL(v, "v%u: the key does not stand together", id);
	*open = id;
	if (in->op == FFPF_IR_KEY)
		return (in->cells == at && (in->size == 1 || in->size == 2 || in->size == 4 || in->size == 8)) ||
		       FAIL(v, "v%u: a part of a key in a wrong place", id);
	*open = 0;
	return at == p->maps[in->imm].key_size || FAIL(v, "v%u: a key of a wrong size", id);
}

static bool check_keys(struct maps_verifier *v, const struct ffpf_bb *bb)
{
	const struct ffpf_program *p = v->p;
	ffpf_val open = 0;

	for (size_t k = 0; k < bb->n; k++) {
		const struct ffpf_insn *in = &p->insns[bb->insns[k]];

		if (ffpf_ir_is_map_op(in->op)) {
			if (!check_key(v, bb->insns[k], &open))
				return false;
		} else if (in->op != FFPF_IR_PHI && in->op != FFPF_IR_NOP && in->a &&
			   p->insns[in->a].op == FFPF_IR_KEY) {
			return FAIL(v, "v%u: a key is used as a number", bb->insns[k]);
		}
		if (in->op != FFPF_IR_PHI && in->op != FFPF_IR_NOP && in->b && p->insns[in->b].op == FFPF_IR_KEY)
			return FAIL(v, "v%u: a key is used as a number", bb->insns[k]);
		for (uint32_t i = 0; in->op == FFPF_IR_PHI && i < in->n_phi; i++)
			if (p->insns[in->phi[i].value].op == FFPF_IR_KEY)
				return FAIL(v, "v%u: a key is merged", bb->insns[k]);
	}
	if (open)
		return FAIL(v, "v%u: a key that nobody uses", open);
	if ((bb->term.a && p->insns[bb->term.a].op == FFPF_IR_KEY) ||
	    (bb->term.b && p->insns[bb->term.b].op == FFPF_IR_KEY))
		return FAIL(v, "a key is compared");
	return true;
}

/* ---- which values are entries ---------------------------------------------------------------- */

/* Blocks form a DAG and come in reverse postorder: what a phi merges is known. */
static bool find_phi(struct maps_verifier *v, ffpf_val id)
{
	const struct ffpf_insn *phi = &v->p->insns[id];
	uint32_t least = ZERO;
	bool number = false, entry = false;

	for (uint32_t i = 0; i < phi->n_phi; i++) {
		ffpf_val from = phi->phi[i].value;

		number |= v->words[from] == NUMBER;
		if (!is_entry(v, from))
			continue;
		entry = true;
		if (v->words[from] < least)
			least = v->words[from];
	}
	if (entry && number)
		return FAIL(v, "v%u: an entry is merged with a number", id);
	v->words[id] = number ? NUMBER : least;
	return true;
}

static bool find_entries(struct maps_verifier *v)
{
	const struct ffpf_program *p = v->p;

	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];

		for (size_t k = 0; k < bb->n; k++) {
			ffpf_val id = bb->insns[k];
			const struct ffpf_insn *in = &p->insns[id];

			if (in->op == FFPF_IR_MFIND)
				v->words[id] = p->maps[in->imm].words;
			else if (in->op == FFPF_IR_CONST && !in->imm)
				v->words[id] = ZERO;
			else if (in->op == FFPF_IR_PHI && !find_phi(v, id))
				return false;
		}
	}
	return true;
}

/* ---- what is done with them ------------------------------------------------------------------ */

static size_t slot(const struct maps_verifier *v, ffpf_val entry, ffpf_block block)
{
	uint64_t key = (uint64_t)entry << 32 | block;
	size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (v->capacity - 1);

	while (v->seen[i].entry && (v->seen[i].entry != entry || v->seen[i].block != block))
		i = (i + 1) & (v->capacity - 1);
	return i;
}

static void grow(struct maps_verifier *v)
{
	struct place *old = v->seen;
	size_t n = v->capacity;

	if (n && v->n_seen * 2 < n)
		return;
	v->capacity = n ? n * 2 : 64;
	v->seen = calloc(v->capacity, sizeof(*v->seen));
	v->work = realloc(v->work, v->capacity * sizeof(*v->work));
	if (!v->seen || !v->work)
		abort();
	for (size_t i = 0; i < n; i++)
		if (old[i].entry)
			v->seen[slot(v, old[i].entry, old[i].block)] = old[i];
	free(old);
}

/* Does the way from block to `to` show that the entry is one? */
static bool edge_shows(const struct ffpf_program *p, ffpf_val entry, ffpf_block block, ffpf_block to)
{
	const struct ffpf_term *t = &p->blocks[block].term;

	return t->kind == FFPF_TERM_BRANCH && t->a == entry && !t->b && !t->imm && t->bits == 64 && t->yes != t->no &&
	       ((t->cond == FFPF_NE && t->yes == to) || (t->cond == FFPF_EQ && t->no == to));
}

/* Whether every way to the end of `block` (and on to `to`) shows it is asked later, once. */
static void ask(struct maps_verifier *v, ffpf_val entry, ffpf_block block, ffpf_block to)
{
	struct place place = {entry, block, to};
	size_t i;

	if (to && edge_shows(v->p, entry, block, to))
		return;
	grow(v);
	i = slot(v, entry, block);
	if (v->seen[i].entry)
		return;
	v->seen[i] = place;
	v->n_seen++;
	v->work[v->n_work++] = place;
}

/* Is the entry shown to be one before it is used in the block? */
static bool is_shown(struct maps_verifier *v, ffpf_val entry, ffpf_block block)
{
	const struct ffpf_program *p = v->p;

	ask(v, entry, block, 0);
	while (v->n_work) {
		struct place at = v->work[--v->n_work];
		const struct ffpf_insn *in = &p->insns[at.entry];
		const struct ffpf_bb *bb = &p->blocks[at.block];

		if (in->block == at.block && in->op != FFPF_IR_PHI)
			return false;
		for (uint32_t i = 0; in->block == at.block && i < in->n_phi; i++)
			ask(v, in->phi[i].value, in->phi[i].pred, at.block);
		for (uint32_t i = 0; in->block != at.block && i < bb->n_preds; i++)
			ask(v, at.entry, bb->preds[i], at.block);
		if (at.block == p->entry)
			return false;
	}
	return true;
}

static bool check_use(struct maps_verifier *v, ffpf_val id)
{
	const struct ffpf_insn *in = &v->p->insns[id];

	if (ffpf_ir_is_entry_op(in->op)) {
		/* What is 0 on all ways that are left never comes to here. */
		if (v->words[in->a] == NUMBER)
			return FAIL(v, "v%u: v%u is no entry", id, in->a);
		if (in->imm >= v->words[in->a])
			return FAIL(v, "v%u: the entry v%u has no word %u", id, in->a, (unsigned)in->imm);
		if (!is_shown(v, in->a, in->block))
			return FAIL(v, "v%u: v%u may be no entry: nothing has asked", id, in->a);
	} else if (in->op != FFPF_IR_PHI && is_entry(v, in->a)) {
		return FAIL(v, "v%u: the entry v%u is used as a number", id, in->a);
	}
	if (in->op != FFPF_IR_PHI && is_entry(v, in->b))
		return FAIL(v, "v%u: the entry v%u is used as a number", id, in->b);
	return true;
}

static bool check_uses(struct maps_verifier *v, ffpf_block b)
{
	const struct ffpf_bb *bb = &v->p->blocks[b];
	const struct ffpf_term *t = &bb->term;

	for (size_t k = 0; k < bb->n; k++)
		if (v->p->insns[bb->insns[k]].op != FFPF_IR_NOP && !check_use(v, bb->insns[k]))
			return false;
	if (is_entry(v, t->b) || (is_entry(v, t->a) && (t->kind != FFPF_TERM_BRANCH || t->b || t->imm ||
							t->bits != 64 || (t->cond != FFPF_EQ && t->cond != FFPF_NE))))
		return FAIL(v, "b%u: an entry is compared with something else than 0, or not with all its bits", b);
	return true;
}

static bool uses_maps(const struct ffpf_program *p)
{
	for (size_t i = 0; i < p->n_rpo; i++)
		for (size_t k = 0; k < p->blocks[p->rpo[i]].n; k++) {
			unsigned op = p->insns[p->blocks[p->rpo[i]].insns[k]].op;

			if (ffpf_ir_is_map_op(op) || ffpf_ir_is_entry_op(op))
				return true;
		}
	return false;
}

const char *ffpf_ir_verify_maps(struct ffpf_program *p)
{
	struct maps_verifier v = {.p = p};
	bool good = true;

	if (!uses_maps(p))
		return NULL;
	v.words = calloc(p->n_insns, sizeof(*v.words));
	if (!v.words)
		abort();
	for (size_t i = 0; good && i < p->n_rpo; i++)
		good = check_keys(&v, &p->blocks[p->rpo[i]]);
	good = good && find_entries(&v);
	for (size_t i = 0; good && i < p->n_rpo; i++)
		good = check_uses(&v, p->rpo[i]);
	free(v.words);
	free(v.seen);
	free(v.work);
	return v.why;
}
