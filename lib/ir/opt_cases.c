/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes one block of a switch's many cases that do the same to different state cells, as where a thousand filters
 * have a counter each: which cell is then a matter of arithmetic on the value that was switched on, or of a table.
 *
 *	switch v -> 1: b1, 2: b2, …		 lookup t, v != 0 ? b : else
 *	b1: sadd cells[2], w; jump e	==>	 b: i = (v - 1) * 2; sadd cells[2 + i of …], w; jump e
 *	b2: sadd cells[4], w; jump e
 */
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

#define CASES_MIN 12
#define INSNS_MAX 24

static bool is_state(uint8_t op)
{
	return op == FFPF_IR_SADD || op == FFPF_IR_SSTORE;
}

static bool same_insn(const struct ffpf_program *p, ffpf_val a, ffpf_val b)
{
	const struct ffpf_insn *i = &p->insns[a], *k = &p->insns[b];

	return i->op == k->op && is_state(i->op) && !i->a && !k->a && i->shared == k->shared && i->cells == 1 &&
	       k->cells == 1 && i->b == k->b;
}

/* A block that only this switch enters, by one case, that changes some cells and jumps on to a place without phis. */
static bool plain(const struct ffpf_program *p, const struct ffpf_bb *bb)
{
	const struct ffpf_bb *to = &p->blocks[bb->term.yes];

	return bb->n_preds == 1 && bb->term.kind == FFPF_TERM_JUMP && bb->n && bb->n <= INSNS_MAX &&
	       !(to->n && p->insns[to->insns[0]].op == FFPF_IR_PHI);
}

static bool alike(const struct ffpf_program *p, const struct ffpf_term *t)
{
	ffpf_block first = t->cases[0].to;
	const struct ffpf_bb *x = &p->blocks[first];

	for (uint32_t i = 0; i < t->n_cases; i++) {
		const struct ffpf_bb *y = &p->blocks[t->cases[i].to];

		if (!plain(p, y) || y->n != x->n || y->term.yes != x->term.yes || (i && t->cases[i].to == first))
			return false;
		for (size_t k = 0; k < x->n; k++)
			if (!same_insn(p, x->insns[k], y->insns[k]))
				return false;
	}
	return true;
}

static int by_block(const void *x, const void *y)
{
	const ffpf_block *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

/* Two cases of one block are one predecessor: such a block is none of its case's own. */
static bool all_different(const struct ffpf_term *t)
{
	ffpf_block *to = malloc(t->n_cases * sizeof(*to));
	bool different = true;

	if (!to)
		abort();
	for (uint32_t i = 0; i < t->n_cases; i++)
		to[i] = t->cases[i].to;
	qsort(to, t->n_cases, sizeof(*to), by_block);
	for (uint32_t i = 1; i < t->n_cases; i++)
		different &= to[i] != to[i - 1];
	free(to);
	return different;
}

static ffpf_val append(struct ffpf_program *p, ffpf_block b, struct ffpf_insn insn)
{
	struct ffpf_bb *bb = &p->blocks[b];
	ffpf_val v;

	insn.block = b;
	p->insns = ffpf_arena_grow(p->arena, p->insns, p->n_insns, &p->insn_capacity, sizeof(*p->insns));
	v = (ffpf_val)p->n_insns++;
	p->insns[v] = insn;
	bb->insns = ffpf_arena_grow(p->arena, bb->insns, bb->n, &bb->capacity, sizeof(*bb->insns));
	bb->insns[bb->n++] = v;
	return v;
}

static ffpf_val append_alu(struct ffpf_program *p, ffpf_block b, uint8_t op, ffpf_val x, uint64_t k, uint32_t origin)
{
	ffpf_val c = append(p, b, (struct ffpf_insn){.op = FFPF_IR_CONST, .imm = k, .origin = origin});

	return append(p, b, (struct ffpf_insn){.op = op, .bits = 64, .a = x, .b = c, .origin = origin});
}

static ffpf_block new_block(struct ffpf_program *p)
{
	p->blocks = ffpf_arena_grow(p->arena, p->blocks, p->n_blocks, &p->block_capacity, sizeof(*p->blocks));
	memset(&p->blocks[p->n_blocks], 0, sizeof(p->blocks[0]));
	return (ffpf_block)p->n_blocks++;
}

/* The cell that instruction k of each case means, less the lowest of them: a value of block b. */
static ffpf_val cell_index(struct ffpf_program *p, ffpf_block b, const struct ffpf_term *t, size_t k, uint64_t lowest)
{
	const struct ffpf_case *c = t->cases;
	uint64_t *keys = malloc(t->n_cases * sizeof(*keys)), *values = malloc(t->n_cases * sizeof(*values));
	uint64_t step = 0;
	bool straight = true;
	ffpf_val v;

	if (!keys || !values)
		abort();
	for (uint32_t i = 0; i < t->n_cases; i++) {
		keys[i] = c[i].value;
		values[i] = p->insns[p->blocks[c[i].to].insns[k]].imm - lowest + 1;
	}
	if (t->n_cases > 1 && keys[1] == keys[0] + 1 && values[1] > values[0])
		step = values[1] - values[0];
	for (uint32_t i = 0; i < t->n_cases; i++)
		straight &= step && keys[i] >= keys[0] && values[i] - 1 == (keys[i] - keys[0]) * step;
	if (straight) {
		v = append_alu(p, b, FFPF_IR_SUB, t->a, keys[0], t->origin);
		v = append_alu(p, b, FFPF_IR_MUL, v, step, t->origin);
	} else {
		uint32_t table = ffpf_program_table(p, keys, values, t->n_cases);

		v = append(p, b,
			   (struct ffpf_insn){.op = FFPF_IR_LOOKUP, .a = t->a, .imm = table, .origin = t->origin});
		v = append_alu(p, b, FFPF_IR_SUB, v, 1, t->origin);
	}
	free(keys);
	free(values);
	return v;
}

static void make_body(struct ffpf_program *p, ffpf_block body, const struct ffpf_term *t)
{
	const struct ffpf_bb first = p->blocks[t->cases[0].to];

	for (size_t k = 0; k < first.n; k++) {
		struct ffpf_insn insn = p->insns[first.insns[k]];
		uint64_t lowest = UINT64_MAX, highest = 0;

		for (uint32_t i = 0; i < t->n_cases; i++) {
			uint64_t cell = p->insns[p->blocks[t->cases[i].to].insns[k]].imm;

			lowest = cell < lowest ? cell : lowest;
			highest = cell > highest ? cell : highest;
		}
		if (highest > lowest) {
			insn.a = cell_index(p, body, t, k, lowest);
			insn.imm = lowest;
			insn.cells = (uint32_t)(highest - lowest + 1);
		}
		insn.origin = t->origin;
		append(p, body, insn);
	}
	p->blocks[body].term = (struct ffpf_term){.kind = FFPF_TERM_JUMP, .yes = first.term.yes, .origin = t->origin};
}

/* Is the value known to be one of the cases? A value of a table that has no others, where it is not 0. */
static void enter_body(struct ffpf_program *p, ffpf_block b, ffpf_block body, const struct ffpf_term *t)
{
	uint64_t *keys = malloc(t->n_cases * sizeof(*keys));
	ffpf_val v = t->a;
	bool row = t->bits == 64;

	if (!keys)
		abort();
	for (uint32_t i = 0; i < t->n_cases; i++) {
		keys[i] = t->cases[i].value;
		row &= keys[i] == keys[0] + i;
	}
	if (row) {
		v = append_alu(p, b, FFPF_IR_SUB, v, keys[0], t->origin);
		p->blocks[b].term = (struct ffpf_term){.kind = FFPF_TERM_BRANCH,
						       .cond = FFPF_LT,
						       .bits = 64,
						       .a = v,
						       .imm = t->n_cases,
						       .yes = body,
						       .no = t->no,
						       .origin = t->origin};
	} else {
		uint32_t table = ffpf_program_table(p, keys, NULL, t->n_cases);

		v = append(p, b, (struct ffpf_insn){.op = FFPF_IR_LOOKUP, .a = v, .imm = table, .origin = t->origin});
		p->blocks[b].term = (struct ffpf_term){.kind = FFPF_TERM_BRANCH,
						       .cond = FFPF_NE,
						       .bits = 64,
						       .a = v,
						       .yes = body,
						       .no = t->no,
						       .origin = t->origin};
	}
	free(keys);
}

bool ffpf_opt_cases(struct ffpf_program *p)
{
	bool changed = false;
	size_t n;

	ffpf_ir_analyse(p);
	n = p->n_rpo;
	for (size_t i = 0; i < n; i++) {
		ffpf_block b = p->rpo[i], body;
		struct ffpf_term t = p->blocks[b].term;

		if (t.kind != FFPF_TERM_SWITCH || t.n_cases < CASES_MIN ||
		    (t.bits == 32 && ffpf_ir_value_max(p, t.a, 0) > UINT32_MAX) || !all_different(&t) || !alike(p, &t))
			continue;
		body = new_block(p);
		make_body(p, body, &t);
		enter_body(p, b, body, &t);
		changed = true;
	}
	if (changed)
		ffpf_ir_analyse(p);
	return changed;
}
