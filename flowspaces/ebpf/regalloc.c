/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register allocation: linear scan (Poletto and Sarkar, TOPLAS 1999).
 *
 * Blocks form a DAG and stand in reverse postorder, so every path from a
 * definition to a use visits only positions between the two: the interval from the definition to the last use
 * covers the value's whole life without any liveness analysis. A phi lives from its block's start on; what it merges is
 * used at the end of the predecessors, where the copies stand.
 *
 * A value that lives across a call needs a register that calls preserve, else a stack slot.
 */
#include <flowspaces/ebpf/asm.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct interval {
	ffpf_val v;
	uint32_t start, end;
	bool crosses_call;
};

struct scan {
	struct gen *g;
	struct interval *intervals;
	size_t n;
	uint32_t *last;	    /* per value: last use */
	ffpf_val *into;	    /* per value: a phi that merges it; 0: none */
	uint32_t *first;    /* per value: definition; 0 none */
	uint32_t *calls;    /* positions, ascending */
	uint32_t *programs; /* of them: where users' programs stand; the values that they are */
	ffpf_val *program_values;
	size_t n_programs;
	size_t n_calls;
	struct interval *active[16]; /* per register */
	uint16_t values, preserved;  /* register sets */
	struct {
		uint32_t end; /* of the last value that it had */
		int16_t slot;
	} * slots;
	size_t n_slots;
	int16_t lowest;
	bool *entry;			   /* per value: it is a pointer */
	uint32_t word_ends[FORGET_SPILLS]; /* words of memory, for what the stack has no room for */
	unsigned n_words;
};

bool ffpf_ebpf_is_call(const struct gen *g, const struct ffpf_insn *insn)
{
	switch (insn->op) {
	case FFPF_IR_CALL:
	case FFPF_IR_NATIVE:
	case FFPF_IR_TAP:
	case FFPF_IR_PROGRAM:
	case FFPF_IR_MFIND:
	case FFPF_IR_MADD:
		return true;
	case FFPF_IR_MREMOVE:
		return g->ir->maps[insn->imm].kind != FFPF_MAP_ARRAY;
	case FFPF_IR_LOAD:
	case FFPF_IR_STORE:
		return is_slow(g);
	case FFPF_IR_META:
		return g->o->target != FFPF_EBPF_USER && !g->o->replay &&
		       (insn->imm == FFPF_META_TIME || insn->imm == FFPF_META_TUNNEL);
	default:
		return false;
	}
}

static void use(struct scan *s, ffpf_val v, uint32_t at)
{
	if (v && s->last[v] < at)
		s->last[v] = at;
}

static void use_phis(struct scan *s, ffpf_block from, ffpf_block to, uint32_t at)
{
	const struct ffpf_program *p = s->g->ir;
	const struct ffpf_bb *bb = &p->blocks[to];

	for (size_t k = 0; k < bb->n && p->insns[bb->insns[k]].op == FFPF_IR_PHI; k++) {
		const struct ffpf_insn *phi = &p->insns[bb->insns[k]];

		for (uint32_t i = 0; i < phi->n_phi; i++)
			if (phi->phi[i].pred == from) {
				use(s, phi->phi[i].value, at);
				if (!s->into[phi->phi[i].value])
					s->into[phi->phi[i].value] = bb->insns[k];
			}
	}
}

static bool has_value(const struct ffpf_insn *in)
{
	return in->op == OP_PPTR || (ffpf_op_flags[in->op] & FFPF_OP_VALUE);
}

static void use_base(struct scan *s, const struct ffpf_insn *in, ffpf_block b, uint32_t at)
{
	ffpf_val pointer =
		in->a && (in->op == FFPF_IR_LOAD || in->op == FFPF_IR_STORE) ? ffpf_ebpf_pointer(s->g, in->a, b) : 0;

	use(s, pointer ? pointer : in->a, at);
}

/* Numbers positions (two apart) and collects definitions, uses and calls. */
static void measure(struct scan *s)
{
	struct gen *g = s->g;
	struct ffpf_program *p = g->ir;
	uint32_t at = 2;

	for (size_t i = 0; i < p->n_rpo; i++) {
		ffpf_block b = p->rpo[i];
		const struct ffpf_bb *bb = &p->blocks[b];
		const struct ffpf_term *t = &bb->term;

		for (size_t k = 0; k < bb->n; k++) {
			const struct ffpf_insn *in = &p->insns[bb->insns[k]];

			if (in->op == FFPF_IR_PHI) {
				s->first[bb->insns[k]] = at;
				continue;
			}
			at += 2;
			if (g->fused[bb->insns[k]])
				continue;
			if (has_value(in))
				s->first[bb->insns[k]] = at;
			if (!ffpf_ir_is_map_op(in->op)) /* a key is on the stack */
				use_base(s, in, b, at);
			if (in->op != OP_PPTR && !g->key_there[bb->insns[k]])
				use(s, in->b, at);
			if (in->op != OP_PPTR && ffpf_ebpf_is_call(g, in))
				s->calls[s->n_calls++] = at;
			if (in->op == FFPF_IR_PROGRAM) {
				s->programs[s->n_programs] = at;
				s->program_values[s->n_programs++] = bb->insns[k];
			}
		}
		at += 2;
		use(s, g->fused[t->a] ? p->insns[t->a].a : t->a, at);
		use(s, t->b, at);
		if (t->kind == FFPF_TERM_CHECK && t->a)
			use(s, ffpf_ebpf_pointer(g, t->a, b), at);
		if (t->kind == FFPF_TERM_JUMP)
			use_phis(s, b, t->yes, at);
		at += 2;
	}
}

static bool crosses(const struct scan *s, uint32_t start, uint32_t end)
{
	size_t lo = 0, hi = s->n_calls;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->calls[mid] <= start)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->n_calls && s->calls[lo] < end;
}

static int by_start(const void *x, const void *y)
{
	const struct interval *a = x, *b = y;

	return a->start < b->start ? -1 : a->start > b->start ? 1 : a->v < b->v ? -1 : 1;
}

static void collect(struct scan *s)
{
	const struct ffpf_program *p = s->g->ir;

	for (size_t v = 1; v < p->n_insns; v++) {
		/* Constants are made where they are used. */
		if (!s->first[v] || !s->last[v] || p->insns[v].op == FFPF_IR_CONST || s->g->where[v].forgotten)
			continue;
		s->intervals[s->n++] =
			(struct interval){(ffpf_val)v, s->first[v], s->last[v], crosses(s, s->first[v], s->last[v])};
	}
	qsort(s->intervals, s->n, sizeof(*s->intervals), by_start);
}

/*
 * Where one of those is that a value is merged with, or that it merges: in the same place nothing has to be copied.
 * Calls good(s, arg, at) for each; the first answer that is not -1 is the result.
 */
static int near(const struct scan *s, const struct interval *it,
		int (*good)(const struct scan *s, const struct location *where, const struct interval *it))
{
	const struct ffpf_program *p = s->g->ir;
	const ffpf_val phis[2] = {it->v, s->into[it->v]};

	for (unsigned k = 0; k < 2; k++) {
		const struct ffpf_insn *phi = &p->insns[phis[k]];

		for (uint32_t i = 0; phis[k] && phi->op == FFPF_IR_PHI && i < phi->n_phi; i++) {
			int found = phi->phi[i].value == it->v ? -1 : good(s, &s->g->where[phi->phi[i].value], it);

			if (found >= 0)
				return found;
		}
	}
	return -1;
}

static int free_slot(const struct scan *s, const struct location *where, const struct interval *it)
{
	for (size_t i = 0; where->reg < 0 && where->slot && i < s->n_slots; i++)
		if (s->slots[i].slot == where->slot && s->slots[i].end <= it->start)
			return (int)i;
	return -1;
}

static int free_register(const struct scan *s, const struct location *where, const struct interval *it)
{
	uint16_t allowed = it->crosses_call ? s->preserved : s->values;

	return where->reg >= 0 && allowed & 1u << where->reg && !s->active[where->reg] ? where->reg : -1;
}

/* Pointers have to be on the stack: so much of it is kept for them. */
#define FOR_POINTERS (8 * 8)

/* A word of the memory behind this CPU's cells, where the stack is full. The kernel's verifier takes what comes from
 * there for any number. */
static int to_memory(struct scan *s, const struct interval *it)
{
	unsigned word = 0;

	/* As with slots: only where the last value ended before this one's life began. */
	while (word < s->n_words && s->word_ends[word] > it->start)
		word++;
	if (s->entry[it->v] || word == FORGET_SPILLS)
		return -E2BIG;
	s->n_words += word == s->n_words;
	s->word_ends[word] = it->end;
	s->g->where[it->v] = (struct location){.reg = -1, .forgotten = (uint8_t)(FORGET_SPILL + word)};
	return 0;
}

/*
 * A slot for a value's whole life. It may have begun long ago, when the value still had a register: a slot that is free
 * now, but had another value meanwhile, is none for it.
 */
static int spill(struct scan *s, const struct interval *it)
{
	int same = near(s, it, free_slot);
	size_t i = same >= 0 ? (size_t)same : 0;

	while (i < s->n_slots && s->slots[i].end > it->start)
		i++;
	if (i == s->n_slots) {
		if (s->lowest - 8 < -STACK_SIZE + (s->entry[it->v] ? 0 : FOR_POINTERS))
			return to_memory(s, it);
		s->lowest -= 8;
		s->slots[s->n_slots++].slot = s->lowest;
	}
	s->slots[i].end = it->end;
	s->g->where[it->v] = (struct location){.reg = -1, .slot = s->slots[i].slot};
	return 0;
}

static void expire(struct scan *s, uint32_t start)
{
	for (unsigned r = 0; r < 10; r++)
		if (s->active[r] && s->active[r]->end <= start)
			s->active[r] = NULL;
}

static int place(struct scan *s, struct interval *it)
{
	uint16_t allowed = it->crosses_call ? s->preserved : s->values;
	int victim = -1, same;

	expire(s, it->start);
	same = near(s, it, free_register);
	if (same >= 0) {
		s->active[same] = it;
		s->g->where[it->v] = (struct location){.reg = (int8_t)same};
		return 0;
	}
	/* Calls' own registers first: the preserved ones are for those that need them. */
	for (unsigned r = 2; r < 10; r++)
		if (allowed & 1u << r && !s->active[r]) {
			s->active[r] = it;
			s->g->where[it->v] = (struct location){.reg = (int8_t)r};
			return 0;
		}
	for (unsigned r = 2; r < 10; r++)
		if (allowed & 1u << r && (victim < 0 || s->active[r]->end > s->active[victim]->end))
			victim = (int)r;
	if (victim < 0 || s->active[victim]->end <= it->end)
		return spill(s, it);
	/* The one that lives longest moves to the stack for its whole life. */
	struct interval *old = s->active[victim];
	int err = spill(s, old);

	s->active[victim] = it;
	s->g->where[it->v] = (struct location){.reg = (int8_t)victim};
	return err;
}

/* Which registers hold something that is still wanted behind each user's program: it may stand there itself. */
static void find_kept(struct scan *s)
{
	struct gen *g = s->g;

	g->kept = ffpf_arena_alloc(g->arena, g->ir->n_insns * sizeof(*g->kept));
	for (size_t p = 0; p < s->n_programs; p++)
		for (size_t i = 0; i < s->n; i++) {
			const struct interval *it = &s->intervals[i];

			if (it->start < s->programs[p] && it->end > s->programs[p] && g->where[it->v].reg >= 0)
				g->kept[s->program_values[p]] |= (uint16_t)(1u << g->where[it->v].reg);
		}
}

#ifndef NDEBUG
/* Longer programs are not checked: it takes more than linear time. */
#define CHECKED_MAX 4000

/* No two values that live at once are in one place. */
static void check(const struct scan *s)
{
	for (size_t i = 0; s->n < CHECKED_MAX && i < s->n; i++)
		for (size_t k = i + 1; k < s->n && s->intervals[k].start < s->intervals[i].end; k++) {
			const struct location *x = &s->g->where[s->intervals[i].v],
					      *y = &s->g->where[s->intervals[k].v];

			if (x->reg >= 0 ? x->reg == y->reg
					: y->reg < 0 && x->slot == y->slot && x->forgotten == y->forgotten) {
				fprintf(stderr, "ffpf: v%u and v%u are both in %s %d\n", s->intervals[i].v,
					s->intervals[k].v, x->reg >= 0 ? "register" : "stack slot",
					x->reg >= 0 ? x->reg : x->slot);
				abort();
			}
		}
}
#endif

int ffpf_ebpf_allocate(struct gen *g)
{
	const struct ffpf_program *p = g->ir;
	struct scan s = {.g = g, .lowest = ffpf_ebpf_place_key(g, SLOT_SPILL)};
	int err = 0;

	s.values = 1u << R2 | 1u << R3 | 1u << R4 | 1u << R5;
	if (is_slow(g) || !g->loads)
		s.preserved = 1u << R6 | 1u << R7;
	if (g->o->target != FFPF_EBPF_USER)
		s.preserved |= 1u << R9;
	s.values |= s.preserved;
	g->where = ffpf_arena_alloc(g->arena, p->n_insns * sizeof(*g->where));
	for (size_t v = 0; v < p->n_insns; v++)
		g->where[v].reg = -1;
	ffpf_ebpf_forget(g);
	s.entry = ffpf_ebpf_entries(g);
	for (size_t v = 1; v < p->n_insns; v++)
		s.entry[v] |= p->insns[v].op == OP_PPTR;
	s.intervals = malloc(p->n_insns * sizeof(*s.intervals));
	s.last = calloc(p->n_insns, sizeof(*s.last));
	s.into = calloc(p->n_insns, sizeof(*s.into));
	s.first = calloc(p->n_insns, sizeof(*s.first));
	s.calls = malloc(p->n_insns * sizeof(*s.calls));
	s.programs = malloc(p->n_insns * sizeof(*s.programs));
	s.program_values = malloc(p->n_insns * sizeof(*s.program_values));
	s.slots = malloc(p->n_insns * sizeof(*s.slots));
	if (!s.programs || !s.program_values || !s.intervals || !s.last || !s.into || !s.first || !s.calls || !s.slots)
		abort();
	measure(&s);
	collect(&s);
	for (size_t i = 0; i < s.n && !err; i++)
		err = place(&s, &s.intervals[i]);
#ifndef NDEBUG
	if (!err)
		check(&s);
#endif
	if (s.n_words && g->n_bounds)
		memset(g->bounds, 0, g->n_bounds * sizeof(*g->bounds));
	g->lowest = s.lowest;
	find_kept(&s);
	free(s.intervals);
	free(s.last);
	free(s.into);
	free(s.first);
	free(s.calls);
	free(s.programs);
	free(s.program_values);
	free(s.slots);
	return err;
}
