/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Variables of the builder become SSA values (Braun et al., CC 2013).
 *
 * A variable's value at the end of a block is kept in a hash table keyed by (block, variable). Reading in a block with
 * several predecessors makes a phi; phis that turn out to merge a single value are forwarded to it, and
 * ffpf_builder_finish rewrites all uses.
 */
#include <lib/ir/builder.h>
#include <lib/lang/arena.h>

#include <assert.h>
#include <string.h>

static struct definition *slot(struct ffpf_builder *b, ffpf_block block, ffpf_var var)
{
	uint64_t key = (uint64_t)block << 32 | (var + 1);
	size_t mask = b->definitions_capacity - 1;
	/* The block stands in the upper half of the key: only the product's upper bits have something of both. */
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15u) >> 32) & mask;

	while (b->definitions[i].key && b->definitions[i].key != key)
		i = (i + 1) & mask;
	return &b->definitions[i];
}

static void grow_definitions(struct ffpf_builder *b)
{
	struct definition *old = b->definitions;
	size_t n = b->definitions_capacity;

	if (n && b->n_definitions * 2 < n)
		return;
	b->definitions_capacity = n ? n * 2 : 64;
	b->definitions = ffpf_arena_alloc(b->p->arena, b->definitions_capacity * sizeof(*old));
	for (size_t i = 0; i < n; i++)
		if (old[i].key)
			*slot(b, old[i].key >> 32, (uint32_t)old[i].key - 1) = old[i];
}

static void define(struct ffpf_builder *b, ffpf_block block, ffpf_var var, ffpf_val value)
{
	grow_definitions(b);
	struct definition *d = slot(b, block, var);

	if (!d->key) {
		d->key = (uint64_t)block << 32 | (var + 1);
		b->n_definitions++;
	}
	d->value = value;
}

static ffpf_val defined(struct ffpf_builder *b, ffpf_block block, ffpf_var var)
{
	if (!b->definitions_capacity)
		return 0;
	return ffpf_builder_resolve(b, slot(b, block, var)->value);
}

static void set_forward(struct ffpf_builder *b, ffpf_val from, ffpf_val to)
{
	if (b->forward_capacity < b->p->insn_capacity) {
		ffpf_val *grown = ffpf_arena_alloc(b->p->arena, b->p->insn_capacity * sizeof(*grown));

		if (b->forward_capacity)
			memcpy(grown, b->forward, b->forward_capacity * sizeof(*grown));
		b->forward = grown;
		b->forward_capacity = b->p->insn_capacity;
	}
	b->forward[from] = to;
}

/* An instruction put at the head of a block that may already be full: for phis and the zero of an unset variable. */
static ffpf_val prepend(struct ffpf_builder *b, ffpf_block block, const struct ffpf_insn *insn)
{
	ffpf_val v = ffpf_builder_insn(b, insn, block);
	struct ffpf_bb *bb = &b->p->blocks[block];
	size_t at = 0;

	bb->insns = ffpf_arena_grow(b->p->arena, bb->insns, bb->n, &bb->capacity, sizeof(*bb->insns));
	if (insn->op != FFPF_IR_PHI)
		while (at < bb->n && b->p->insns[bb->insns[at]].op == FFPF_IR_PHI)
			at++;
	memmove(&bb->insns[at + 1], &bb->insns[at], (bb->n - at) * sizeof(*bb->insns));
	bb->insns[at] = v;
	bb->n++;
	return v;
}

/*
 * The variable's value at the end of block `from` where no phi has to be made for it; else 0. *at gets where the search
 * ended: up a chain of single predecessors, for programs are long and thin.
 */
static ffpf_val known(struct ffpf_builder *b, ffpf_block from, ffpf_var var, ffpf_block *at)
{
	ffpf_val v = defined(b, from, var);

	*at = from;
	while (!v && b->sealed[*at] && b->n_preds[*at] == 1) {
		*at = b->preds[*at][0];
		v = defined(b, *at, var);
	}
	if (!v && !b->sealed[*at]) {
		v = prepend(b, *at, &(struct ffpf_insn){.op = FFPF_IR_PHI});
		b->pending = ffpf_arena_grow(b->p->arena, b->pending, b->n_pending, &b->pending_capacity,
					     sizeof(*b->pending));
		b->pending[b->n_pending++] = (struct pending_phi){*at, var, v};
		define(b, *at, var, v);
	} else if (!v && !b->n_preds[*at]) {
		v = prepend(b, *at, &(struct ffpf_insn){.op = FFPF_IR_CONST, .imm = 0});
		define(b, *at, var, v);
	}
	if (v && *at != from)
		define(b, from, var, v);
	return v;
}

/* Begins to read what a phi at the head of block `at` merges, for somebody who asked at the end of `from`. */
static void open_phi(struct ffpf_builder *b, ffpf_block from, ffpf_block at, ffpf_val phi)
{
	b->reading = ffpf_arena_grow(b->p->arena, b->reading, b->n_reading, &b->reading_capacity, sizeof(*b->reading));
	b->reading[b->n_reading++] = (struct reading){
		.from = from,
		.at = at,
		.phi = phi,
		.args = ffpf_arena_alloc(b->p->arena, b->n_preds[at] * sizeof(struct ffpf_phi_arg) + 1)};
}

/* A phi of equal constants is that constant, behind the block's other phis. */
static void make_constant(struct ffpf_builder *b, ffpf_block block, ffpf_val phi, uint64_t x)
{
	struct ffpf_program *p = b->p;
	struct ffpf_bb *bb = &p->blocks[block];
	size_t at = 0;

	while (bb->insns[at] != phi)
		at++;
	while (at + 1 < bb->n &&
	       (p->insns[bb->insns[at + 1]].op == FFPF_IR_PHI || p->insns[bb->insns[at + 1]].op == FFPF_IR_NOP)) {
		bb->insns[at] = bb->insns[at + 1];
		bb->insns[++at] = phi;
	}
	p->insns[phi].op = FFPF_IR_CONST;
	p->insns[phi].imm = x;
}

static bool same_constant(const struct ffpf_builder *b, ffpf_val x, ffpf_val y)
{
	const struct ffpf_insn *i = &b->p->insns[x], *k = &b->p->insns[y];

	return i->op == FFPF_IR_CONST && k->op == FFPF_IR_CONST && i->imm == k->imm;
}

/* All that the phi merges is there: the phi, or the single value that it would merge. */
static ffpf_val close_phi(struct ffpf_builder *b, const struct reading *r)
{
	size_t n = b->n_preds[r->at];
	ffpf_val same = 0;
	bool trivial = true, constant = true;

	for (size_t i = 0; i < n; i++) {
		ffpf_val v = ffpf_builder_resolve(b, r->args[i].value);

		if (v == r->phi || v == same)
			continue;
		if (same) {
			trivial = false;
			constant = constant && same_constant(b, same, v);
		}
		same = v;
	}
	if (!trivial && constant) {
		make_constant(b, r->at, r->phi, b->p->insns[same].imm);
		return r->phi;
	}
	b->p->insns[r->phi].phi = r->args;
	b->p->insns[r->phi].n_phi = (uint32_t)n;
	if (!trivial || !same)
		return r->phi;
	set_forward(b, r->phi, same);
	b->p->insns[r->phi].op = FFPF_IR_NOP;
	return same;
}

/* Reads the values that a phi merges, which may take phis further up: with a stack of its own, for a program has as
 * many joins as it likes. */
static ffpf_val finish_phi(struct ffpf_builder *b, ffpf_block block, ffpf_var var, ffpf_val phi)
{
	open_phi(b, block, block, phi);
	for (;;) {
		struct reading *r = &b->reading[b->n_reading - 1];
		ffpf_block from, at;
		ffpf_val v;

		if (r->next < b->n_preds[r->at]) {
			from = b->preds[r->at][r->next];
			v = known(b, from, var, &at);
			if (!v) {
				phi = prepend(b, at, &(struct ffpf_insn){.op = FFPF_IR_PHI});
				define(b, at, var, phi);
				open_phi(b, from, at, phi);
				continue;
			}
		} else {
			v = close_phi(b, r);
			from = r->from;
			if (from != r->at)
				define(b, from, var, v);
			if (!--b->n_reading)
				return v;
			r = &b->reading[b->n_reading - 1];
		}
		r->args[r->next++] = (struct ffpf_phi_arg){from, v};
	}
}

static ffpf_val read_var(struct ffpf_builder *b, ffpf_block block, ffpf_var var)
{
	ffpf_block at;
	ffpf_val v = known(b, block, var, &at), phi;

	if (v)
		return v;
	phi = prepend(b, at, &(struct ffpf_insn){.op = FFPF_IR_PHI});
	define(b, at, var, phi);
	v = finish_phi(b, at, var, phi);
	if (at != block)
		define(b, block, var, v);
	return v;
}

ffpf_var ffpf_ir_var(struct ffpf_builder *b)
{
	return b->n_vars++;
}

void ffpf_ir_var_set(struct ffpf_builder *b, ffpf_var var, ffpf_val x)
{
	if (!b->current || var >= b->n_vars) {
		ffpf_builder_wrong(b, "a variable is written behind the end of a path, or does not exist");
		return;
	}
	define(b, b->current, var, ffpf_builder_operand(b, x));
}

ffpf_var ffpf_ir_common(struct ffpf_builder *b, const char *name)
{
	for (size_t i = 0; i < b->n_common; i++)
		if (!strcmp(b->common[i].name, name))
			return b->common[i].var;
	b->common = ffpf_arena_grow(b->p->arena, b->common, b->n_common, &b->common_capacity, sizeof(*b->common));
	b->common[b->n_common] = (struct common){ffpf_arena_printf(b->p->arena, "%s", name), ffpf_ir_var(b)};
	return b->common[b->n_common++].var;
}

void ffpf_builder_forget(struct ffpf_builder *b)
{
	ffpf_val zero = b->n_common ? ffpf_ir_const(b, 0) : 0;

	for (size_t i = 0; i < b->n_common; i++)
		ffpf_ir_var_set(b, b->common[i].var, zero);
}

ffpf_val ffpf_ir_var_get(struct ffpf_builder *b, ffpf_var var)
{
	if (!b->current || var >= b->n_vars) {
		ffpf_builder_wrong(b, "a variable is read behind the end of a path, or does not exist");
		return ffpf_ir_const(b, 0);
	}
	return read_var(b, b->current, var);
}

void ffpf_ir_seal(struct ffpf_builder *b, ffpf_block block)
{
	if (!ffpf_builder_is_block(b, block) || b->sealed[block]) {
		ffpf_builder_wrong(b, "a block is sealed that was sealed before or does not exist");
		return;
	}
	b->sealed[block] = true;
	for (size_t i = 0; i < b->n_pending; i++) {
		struct pending_phi pending = b->pending[i];

		if (pending.block != block)
			continue;
		b->pending[i--] = b->pending[--b->n_pending];
		ffpf_val v = finish_phi(b, block, pending.var, pending.phi);

		if (defined(b, block, pending.var) == pending.phi)
			define(b, block, pending.var, v);
	}
}

void ffpf_builder_finish(struct ffpf_builder *b)
{
	struct ffpf_program *p = b->p;

	assert(!b->fault && !b->current && !b->n_pending);
	for (size_t v = 1; v < p->n_insns; v++) {
		struct ffpf_insn *insn = &p->insns[v];

		insn->a = ffpf_builder_resolve(b, insn->a);
		insn->b = ffpf_builder_resolve(b, insn->b);
		for (uint32_t i = 0; i < insn->n_phi; i++)
			insn->phi[i].value = ffpf_builder_resolve(b, insn->phi[i].value);
	}
	for (size_t i = 1; i < p->n_blocks; i++) {
		p->blocks[i].term.a = ffpf_builder_resolve(b, p->blocks[i].term.a);
		p->blocks[i].term.b = ffpf_builder_resolve(b, p->blocks[i].term.b);
	}
}
