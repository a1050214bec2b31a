/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel's verifier should not know.
 *
 * It follows every path, and what a comparison teaches it of a value it carries along: after `len > 100` there are a
 * path with a long and a path with a short packet, and when a later comparison's outcome follows from that, both are
 * walked to the program's end, for states that differ in what matters are not merged (kernel/bpf/verifier.c,
 * states_equal). A value that a hundred functions compare so makes a program's verification quadratic.
 *
 * Nothing is known of what is read from a map. So a value that many comparisons use lives in a scratch word
 * behind this CPU's cells, and each comparison reads it from there: a load from the nearest cache instead of a
 * register. Values that packet pointers are made of are not eligible: of those the verifier must know.
 *
 * The same for what phis merge: what kind of header a packet has, and where it begins, are other constants on each way
 * there, and many functions ask for them. A place in the packet is masked when it is fetched, so that the verifier
 * knows that it is small; that it is, is known here before it is forgotten.
 */
#include <flowspaces/ebpf/asm.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

/* With fewer comparisons than this a register is better. */
#define COMPARISONS_MIN 6
/* The same of phis; and in programs of so many blocks, where there are many phis and every way is long. */
#define PHI_COMPARISONS_MIN 12
#define LARGE 350
#define PHI_COMPARISONS_MIN_LARGE 2

struct candidate {
	ffpf_val v;
	uint32_t comparisons;
};

static int by_comparisons(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;

	return a->comparisons != b->comparisons ? (a->comparisons < b->comparisons ? 1 : -1)
						: (a->v > b->v) - (a->v < b->v);
}

static void count(const struct ffpf_program *p, uint32_t *comparisons, bool *barred)
{
	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];
		const struct ffpf_term *t = &bb->term;

		for (size_t k = 0; k < bb->n; k++) {
			const struct ffpf_insn *in = &p->insns[bb->insns[k]];

			barred[in->a] = true;
			if (in->op != OP_PPTR && !(ffpf_op_flags[in->op] & FFPF_OP_EFFECT))
				barred[in->b] = true;
			if (in->op == FFPF_IR_PHI || in->op == FFPF_IR_CONST || in->op == OP_PPTR)
				barred[bb->insns[k]] = true;
			for (uint32_t a = 0; in->op == FFPF_IR_PHI && a < in->n_phi; a++)
				barred[in->phi[a].value] = true;
		}
		if (t->kind == FFPF_TERM_CHECK)
			barred[t->a] = true;
		else if (t->kind == FFPF_TERM_BRANCH && t->cond != FFPF_EQ && t->cond != FFPF_NE)
			comparisons[t->a]++;
		barred[t->b] = true;
	}
}

/* Comparisons and checks of phis. */
static void count_phis(const struct gen *g, uint32_t *comparisons)
{
	const struct ffpf_program *p = g->ir;

	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_term *t = &p->blocks[p->rpo[i]].term;

		if (p->insns[t->a].op == FFPF_IR_PHI && (t->kind == FFPF_TERM_CHECK || !t->b))
			comparisons[t->a]++;
	}
}

/* Entries of maps are pointers: in memory that programs share they would be numbers. Phis merge them, too. */
bool *ffpf_ebpf_entries(struct gen *g)
{
	const struct ffpf_program *p = g->ir;
	bool *entry = ffpf_arena_alloc(g->arena, p->n_insns * sizeof(*entry));
	bool changed = true;

	for (size_t v = 1; v < p->n_insns; v++)
		entry[v] = p->insns[v].op == FFPF_IR_MFIND;
	while (changed) {
		changed = false;
		for (size_t v = 1; v < p->n_insns; v++) {
			const struct ffpf_insn *in = &p->insns[v];

			for (uint32_t k = 0; in->op == FFPF_IR_PHI && !entry[v] && k < in->n_phi; k++)
				if (entry[in->phi[k].value])
					entry[v] = changed = true;
		}
	}
	return entry;
}

static bool eligible(struct gen *g, ffpf_val v, uint32_t comparisons, const bool *barred)
{
	uint32_t min = g->ir->n_rpo < LARGE ? PHI_COMPARISONS_MIN : PHI_COMPARISONS_MIN_LARGE;

	if (g->ir->insns[v].op == FFPF_IR_PHI)
		return comparisons >= min && (!g->pptr[v] || ffpf_ebpf_bounded(g, v));
	return comparisons >= COMPARISONS_MIN && !barred[v];
}

void ffpf_ebpf_forget(struct gen *g)
{
	const struct ffpf_program *p = g->ir;
	uint32_t *comparisons;
	struct candidate *list;
	bool *barred, *entry;
	size_t n = 0;

	if (g->o->target == FFPF_EBPF_USER)
		return;
	comparisons = calloc(p->n_insns, sizeof(*comparisons));
	barred = calloc(p->n_insns, sizeof(*barred));
	list = malloc(p->n_insns * sizeof(*list));
	if (!comparisons || !barred || !list)
		abort();
	count(p, comparisons, barred);
	for (size_t v = 1; v < p->n_insns; v++)
		comparisons[v] = p->insns[v].op == FFPF_IR_PHI ? 0 : comparisons[v];
	count_phis(g, comparisons);
	entry = ffpf_ebpf_entries(g);
	for (size_t v = 1; v < p->n_insns; v++)
		if (!entry[v] && eligible(g, (ffpf_val)v, comparisons[v], barred))
			list[n++] = (struct candidate){(ffpf_val)v, comparisons[v]};
	qsort(list, n, sizeof(*list), by_comparisons);
	for (size_t i = 0; i < n && i + FORGET_LEN + 1 < FORGET_HIDE; i++)
		g->where[list[i].v].forgotten = (uint8_t)(i + FORGET_LEN + 1);
	/* What is made of them is of unknown size from here on. */
	if (n)
		memset(g->bounds, 0, g->n_bounds * sizeof(*g->bounds));
	free(comparisons);
	free(barred);
	free(list);
}
