/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time is asked for once on every way through a program. Asking costs more than most programs do besides (a call
 *that reads a clock), and it is often asked for on one side of a branch and again behind it, where value numbering sees
 *no occurrence that dominates the other.
 *
 *	b1: branch -> b2, b3			b1: branch -> b2, b3
 *	b2: v = time; jump b4		==>	b2: v = time; jump b4
 *	b3: jump b4				b3: u = time; jump b4
 *	b4: w = time				b4: w = phi [b2: v, b3: u]
 *
 * No way asks more often than before: what is asked for at the end of b3 was asked for behind it anyway.
 */
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <string.h>

/* More of them than this are not looked at: it takes more than linear time. */
#define TIMES_MAX 64

struct times {
	struct ffpf_program *p;
	ffpf_val list[TIMES_MAX];
	unsigned n;
};

static void collect(struct times *t)
{
	const struct ffpf_program *p = t->p;

	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];

		for (size_t k = 0; k < bb->n && t->n < TIMES_MAX; k++)
			if (p->insns[bb->insns[k]].op == FFPF_IR_META && p->insns[bb->insns[k]].imm == FFPF_META_TIME)
				t->list[t->n++] = bb->insns[k];
	}
}

/* One that is there at the end of a block; 0: none. */
static ffpf_val there(const struct times *t, ffpf_block b, ffpf_val but)
{
	const struct ffpf_program *p = t->p;

	for (unsigned i = 0; i < t->n; i++)
		if (t->list[i] != but && p->insns[t->list[i]].op == FFPF_IR_META &&
		    ffpf_ir_dominates(p, p->insns[t->list[i]].block, b))
			return t->list[i];
	return 0;
}

static void insert(struct ffpf_program *p, ffpf_block b, size_t at, ffpf_val v)
{
	struct ffpf_bb *bb = &p->blocks[b];

	bb->insns = ffpf_arena_grow(p->arena, bb->insns, bb->n, &bb->capacity, sizeof(*bb->insns));
	memmove(&bb->insns[at + 1], &bb->insns[at], (bb->n - at) * sizeof(*bb->insns));
	bb->insns[at] = v;
	bb->n++;
	p->insns[v].block = b;
}

static void take_out(struct ffpf_program *p, ffpf_val v)
{
	struct ffpf_bb *bb = &p->blocks[p->insns[v].block];
	size_t n = 0;

	for (size_t k = 0; k < bb->n; k++)
		if (bb->insns[k] != v)
			bb->insns[n++] = bb->insns[k];
	bb->n = n;
}

/* A block on the way from one to another, where that has others. */
static ffpf_block between(struct ffpf_program *p, ffpf_block from, ffpf_block to)
{
	struct ffpf_term *t = &p->blocks[from].term;
	uint32_t origin = t->origin;
	ffpf_block b;

	if (t->kind == FFPF_TERM_JUMP)
		return from;
	p->blocks = ffpf_arena_grow(p->arena, p->blocks, p->n_blocks, &p->block_capacity, sizeof(*p->blocks));
	b = (ffpf_block)p->n_blocks++;
	memset(&p->blocks[b], 0, sizeof(p->blocks[b]));
	p->blocks[b].term = (struct ffpf_term){.kind = FFPF_TERM_JUMP, .yes = to, .origin = origin};
	t = &p->blocks[from].term;
	t->yes = t->yes == to ? b : t->yes;
	t->no = t->no == to ? b : t->no;
	for (uint32_t i = 0; i < t->n_cases; i++)
		if (t->cases[i].to == to)
			t->cases[i].to = b;
	for (size_t k = 0; k < p->blocks[to].n; k++) {
		struct ffpf_insn *phi = &p->insns[p->blocks[to].insns[k]];

		for (uint32_t i = 0; phi->op == FFPF_IR_PHI && i < phi->n_phi; i++)
			if (phi->phi[i].pred == from)
				phi->phi[i].pred = b;
	}
	return b;
}

static ffpf_val ask(struct ffpf_program *p, ffpf_block b, const struct ffpf_insn *like)
{
	struct ffpf_insn insn = *like;
	ffpf_val v;

	p->insns = ffpf_arena_grow(p->arena, p->insns, p->n_insns, &p->insn_capacity, sizeof(*p->insns));
	v = (ffpf_val)p->n_insns++;
	p->insns[v] = insn;
	insert(p, b, p->blocks[b].n, v);
	return v;
}

/* Makes a phi of one that some of the ways to it have asked for already. */
static bool merge(struct times *t, ffpf_val v)
{
	struct ffpf_program *p = t->p;
	ffpf_block to = p->insns[v].block;
	uint32_t n = p->blocks[to].n_preds;
	struct ffpf_phi_arg *args;
	bool some = false;

	if (n < 2 || there(t, p->blocks[to].idom, v))
		return false;
	args = ffpf_arena_alloc(p->arena, n * sizeof(*args));
	for (uint32_t i = 0; i < n; i++) {
		ffpf_block pred = p->blocks[to].preds[i];

		args[i] = (struct ffpf_phi_arg){pred, there(t, pred, v)};
		some |= args[i].value != 0;
	}
	for (uint32_t i = 0; some && i < n; i++)
		if (!args[i].value) {
			args[i].pred = between(p, args[i].pred, to);
			args[i].value = ask(p, args[i].pred, &p->insns[v]);
		}
	if (!some)
		return false;
	take_out(p, v);
	p->insns[v] = (struct ffpf_insn){
		.op = FFPF_IR_PHI, .block = to, .origin = p->insns[v].origin, .phi = args, .n_phi = n};
	insert(p, to, 0, v);
	return true;
}

bool ffpf_opt_times(struct ffpf_program *p)
{
	struct times t = {.p = p};
	bool changed = false;

	collect(&t);
	if (t.n < 2)
		return false;
	/* Each changes the shape of the program: one at a time. */
	for (unsigned i = 1; !changed && i < t.n; i++)
		changed = merge(&t, t.list[i]);
	if (changed)
		ffpf_ir_analyse(p);
	return changed;
}
