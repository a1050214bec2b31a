/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The builder of packet programs: blocks, and instructions that are folded as they come. Variables: variables.c.
 *
 * Classes come from others: a call that makes no sense is kept as a fault, and something harmless is built instead.
 */
#include <lib/ir/builder.h>
#include <lib/lang/arena.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *const ffpf_op_names[FFPF_IR_OPS] = {
#define FFPF_OP(symbol, name, flags) [FFPF_IR_##symbol] = name,
#include <lib/ir/ops.def>
#undef FFPF_OP
};

#define PURE FFPF_OP_PURE
#define VALUE FFPF_OP_VALUE
#define EFFECT FFPF_OP_EFFECT
const uint8_t ffpf_op_flags[FFPF_IR_OPS] = {
#define FFPF_OP(symbol, name, flags) [FFPF_IR_##symbol] = flags,
#include <lib/ir/ops.def>
#undef FFPF_OP
};
#undef PURE
#undef VALUE
#undef EFFECT

/* ---- program and builder --------------------------------------------------------------------- */

struct ffpf_program *ffpf_program_new(struct ffpf_arena *arena)
{
	struct ffpf_program *p = ffpf_arena_alloc(arena, sizeof(*p));

	p->arena = arena;
	p->insns = ffpf_arena_grow(arena, NULL, 0, &p->insn_capacity, sizeof(*p->insns));
	p->blocks = ffpf_arena_grow(arena, NULL, 0, &p->block_capacity, sizeof(*p->blocks));
	memset(&p->insns[0], 0, sizeof(p->insns[0]));
	memset(&p->blocks[0], 0, sizeof(p->blocks[0]));
	p->n_insns = p->n_blocks = 1;
	return p;
}

struct ffpf_builder *ffpf_builder_new(struct ffpf_program *program)
{
	struct ffpf_builder *b = ffpf_arena_alloc(program->arena, sizeof(*b));

	b->p = program;
	program->entry = ffpf_ir_block(b);
	ffpf_ir_switch_to(b, program->entry);
	ffpf_ir_seal(b, program->entry);
	return b;
}

struct ffpf_program *ffpf_builder_program(struct ffpf_builder *b)
{
	return b->p;
}

ffpf_block ffpf_builder_current(const struct ffpf_builder *b)
{
	return b->current;
}

void ffpf_builder_origin(struct ffpf_builder *b, uint32_t origin)
{
	b->origin = origin;
}

void ffpf_ir_line(struct ffpf_builder *b, unsigned line)
{
	if (b->quiet)
		return;
	b->origin = ffpf_origin_function(b->origin);
	if (b->origin && line < 1u << (32 - FFPF_ORIGIN_BITS))
		b->origin |= (uint32_t)line << FFPF_ORIGIN_BITS;
}

void ffpf_builder_begin(struct ffpf_builder *b, uint32_t origin, const struct ffpf_state_map *state, ffpf_val class_in,
			ffpf_var class_out, ffpf_block accept, ffpf_block reject)
{
	b->origin = origin;
	b->state = state;
	b->class_in = class_in;
	b->class_out = class_out;
	b->accept = accept;
	b->reject = reject;
}

const char *ffpf_builder_fault(const struct ffpf_builder *b)
{
	if (b->fault)
		return b->fault;
	for (ffpf_block i = 1; i < b->p->n_blocks; i++)
		if (i != b->current && i != b->accept && i != b->reject && b->n_preds[i] &&
		    b->p->blocks[i].term.kind == FFPF_TERM_NONE)
			return "a path is not ended";
	return b->n_pending ? "a block that a variable is read in is not sealed" : NULL;
}

void ffpf_builder_wrong(struct ffpf_builder *b, const char *fault)
{
	if (!b->fault)
		b->fault = fault;
}

ffpf_val ffpf_builder_resolve(struct ffpf_builder *b, ffpf_val v)
{
	while (v < b->forward_capacity && b->forward[v])
		v = b->forward[v];
	return v;
}

bool ffpf_builder_is_block(const struct ffpf_builder *b, ffpf_block block)
{
	return block && block < b->p->n_blocks;
}

/* Somewhere to put what stands at no place. */
static ffpf_block dead_block(struct ffpf_builder *b)
{
	ffpf_block block = ffpf_ir_block(b);

	b->sealed[block] = true;
	return block;
}

ffpf_val ffpf_builder_insn(struct ffpf_builder *b, const struct ffpf_insn *insn, ffpf_block block)
{
	struct ffpf_program *p = b->p;
	ffpf_val v;

	p->insns = ffpf_arena_grow(p->arena, p->insns, p->n_insns, &p->insn_capacity, sizeof(*p->insns));
	v = (ffpf_val)p->n_insns++;
	p->insns[v] = *insn;
	p->insns[v].block = block;
	p->insns[v].origin = b->origin;
	return v;
}

ffpf_val ffpf_builder_append(struct ffpf_builder *b, const struct ffpf_insn *insn)
{
	if (!b->current) {
		ffpf_builder_wrong(b, "an instruction stands behind the end of a path");
		b->current = dead_block(b);
	}
	ffpf_val v = ffpf_builder_insn(b, insn, b->current);
	struct ffpf_bb *bb = &b->p->blocks[b->current];

	bb->insns = ffpf_arena_grow(b->p->arena, bb->insns, bb->n, &bb->capacity, sizeof(*bb->insns));
	bb->insns[bb->n++] = v;
	return v;
}

/* ---- values ---------------------------------------------------------------------------------- */

ffpf_val ffpf_ir_const(struct ffpf_builder *b, uint64_t value)
{
	return ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_CONST, .imm = value});
}

/* A value that an instruction uses. */
ffpf_val ffpf_builder_operand(struct ffpf_builder *b, ffpf_val v)
{
	/* NOP: a phi that has become another value. */
	if (v && v < b->p->n_insns &&
	    (ffpf_op_flags[b->p->insns[v].op] & FFPF_OP_VALUE || b->p->insns[v].op == FFPF_IR_NOP))
		return ffpf_builder_resolve(b, v);
	ffpf_builder_wrong(b, "a value is used that does not exist");
	return ffpf_ir_const(b, 0);
}

/* The same where 0 means none. */
static ffpf_val optional(struct ffpf_builder *b, ffpf_val v)
{
	return v ? ffpf_builder_operand(b, v) : 0;
}

static void check_bits(struct ffpf_builder *b, unsigned bits)
{
	if (bits != 32 && bits != 64)
		ffpf_builder_wrong(b, "an operation is neither of 32 nor of 64 bits");
}

static bool const_of(const struct ffpf_builder *b, ffpf_val v, uint64_t *value)
{
	if (b->p->insns[v].op != FFPF_IR_CONST)
		return false;
	*value = b->p->insns[v].imm;
	return true;
}

ffpf_val ffpf_ir_alu(struct ffpf_builder *b, enum ffpf_alu op, unsigned bits, ffpf_val x, ffpf_val y)
{
	uint64_t cx, cy;
	enum ffpf_op ir;

	check_bits(b, bits);
	if (op > FFPF_ARSH) {
		ffpf_builder_wrong(b, "an operation is unknown");
		op = FFPF_ADD;
	}
	ir = FFPF_IR_ADD + (op - FFPF_ADD);
	x = ffpf_builder_operand(b, x);
	y = ffpf_builder_operand(b, y);
	if (const_of(b, x, &cx) && const_of(b, y, &cy))
		return ffpf_ir_const(b, ffpf_alu_eval(ir, bits, cx, cy));
	return ffpf_builder_append(b, &(struct ffpf_insn){.op = ir, .bits = bits, .a = x, .b = y});
}

ffpf_val ffpf_ir_alu_imm(struct ffpf_builder *b, enum ffpf_alu op, unsigned bits, ffpf_val x, uint64_t imm)
{
	return ffpf_ir_alu(b, op, bits, x, ffpf_ir_const(b, imm));
}

ffpf_val ffpf_ir_hide(struct ffpf_builder *b, ffpf_val x, uint64_t mask)
{
	return ffpf_builder_append(
		b, &(struct ffpf_insn){.op = FFPF_IR_HIDE, .a = ffpf_builder_operand(b, x), .imm = mask});
}

bool ffpf_ir_known(struct ffpf_builder *b, ffpf_val x, uint64_t *constant)
{
	return const_of(b, ffpf_builder_operand(b, x), constant);
}

ffpf_val ffpf_ir_meta(struct ffpf_builder *b, enum ffpf_meta meta)
{
	if (meta >= FFPF_META_COUNT)
		ffpf_builder_wrong(b, "a packet's metadata is unknown");
	return ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_META, .imm = meta});
}

ffpf_val ffpf_ir_call(struct ffpf_builder *b, enum ffpf_helper helper)
{
	if (helper != FFPF_HELPER_RANDOM)
		ffpf_builder_wrong(b, "a helper is unknown");
	return ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_CALL, .imm = helper});
}

ffpf_val ffpf_ir_class(struct ffpf_builder *b)
{
	return b->class_in;
}

static void check_size(struct ffpf_builder *b, unsigned size)
{
	if (size != 1 && size != 2 && size != 4 && size != 8)
		ffpf_builder_wrong(b, "a packet is read or written in pieces of neither 1, 2, 4 nor 8 bytes");
}

ffpf_val ffpf_ir_load(struct ffpf_builder *b, ffpf_val base, uint32_t offset, unsigned size)
{
	check_size(b, size);
	return ffpf_builder_append(
		b, &(struct ffpf_insn){.op = FFPF_IR_LOAD, .a = optional(b, base), .imm = offset, .size = size});
}

void ffpf_ir_store(struct ffpf_builder *b, ffpf_val base, uint32_t offset, unsigned size, ffpf_val x)
{
	check_size(b, size);
	ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_STORE,
						   .a = optional(b, base),
						   .b = ffpf_builder_operand(b, x),
						   .imm = offset,
						   .size = size});
	ffpf_builder_forget(b);
}

/* ---- state, flags, crossings ----------------------------------------------------------------- */

static ffpf_val state_op(struct ffpf_builder *b, enum ffpf_op op, unsigned field, ffpf_val index, ffpf_val x)
{
	if (!b->state || field >= b->state->n || !b->state->cells[field]) {
		ffpf_builder_wrong(b, "state is used that the class has not announced");
		return ffpf_ir_const(b, 0);
	}
	return ffpf_builder_append(b, &(struct ffpf_insn){.op = op,
							  .a = optional(b, index),
							  .b = optional(b, x),
							  .imm = b->state->base[field],
							  .cells = b->state->cells[field],
							  .shared = b->state->shared[field]});
}

ffpf_val ffpf_ir_state_load(struct ffpf_builder *b, unsigned field, ffpf_val index)
{
	return state_op(b, FFPF_IR_SLOAD, field, index, 0);
}

void ffpf_ir_state_store(struct ffpf_builder *b, unsigned field, ffpf_val index, ffpf_val x)
{
	state_op(b, FFPF_IR_SSTORE, field, index, x);
}

void ffpf_ir_state_add(struct ffpf_builder *b, unsigned field, ffpf_val index, ffpf_val x)
{
	state_op(b, FFPF_IR_SADD, field, index, x);
}

ffpf_val ffpf_ir_state_fetch_add(struct ffpf_builder *b, unsigned field, ffpf_val index, ffpf_val x)
{
	return state_op(b, FFPF_IR_SFETCHADD, field, index, x);
}

ffpf_val ffpf_ir_state_fetch_or(struct ffpf_builder *b, unsigned field, ffpf_val index, ffpf_val x)
{
	return state_op(b, FFPF_IR_SFETCHOR, field, index, x);
}

ffpf_val ffpf_ir_wanted(struct ffpf_builder *b, unsigned i)
{
	if (!b->state || i >= b->state->n_wanted) {
		ffpf_builder_wrong(b, "a result of another function is read that the class has not announced");
		return ffpf_ir_const(b, 0);
	}
	return ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_WANTED, .imm = b->state->first_wanted + i});
}

void ffpf_ir_shared_store(struct ffpf_builder *b, uint32_t first, uint32_t cells, ffpf_val index, ffpf_val x)
{
	ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_SSTORE,
						   .a = ffpf_builder_resolve(b, index),
						   .b = ffpf_builder_resolve(b, x),
						   .imm = first,
						   .cells = cells,
						   .shared = true});
}

ffpf_val ffpf_ir_shared_fetch_add(struct ffpf_builder *b, uint32_t cell, ffpf_val x)
{
	return ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_SFETCHADD,
							  .b = ffpf_builder_resolve(b, x),
							  .imm = cell,
							  .cells = 1,
							  .shared = true});
}

void ffpf_ir_count(struct ffpf_builder *b, uint32_t cell, ffpf_val amount)
{
	ffpf_builder_append(
		b,
		&(struct ffpf_insn){.op = FFPF_IR_SADD, .b = ffpf_builder_resolve(b, amount), .imm = cell, .cells = 1});
}

void ffpf_ir_verdict(struct ffpf_builder *b, enum ffpf_verdict verdict)
{
	if (verdict > FFPF_VERDICT_DROP)
		ffpf_builder_wrong(b, "a verdict is unknown");
	ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_VERDICT, .imm = verdict});
}

void ffpf_ir_tag(struct ffpf_builder *b, uint32_t tag)
{
	ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_TAG, .imm = tag});
}

void ffpf_ir_cross(struct ffpf_builder *b, unsigned inflow, ffpf_val class)
{
	ffpf_builder_append(
		b, &(struct ffpf_insn){.op = FFPF_IR_CROSS, .imm = inflow, .b = ffpf_builder_resolve(b, class)});
	if (b->p->n_crossings <= inflow)
		b->p->n_crossings = inflow + 1;
}

ffpf_val ffpf_ir_lookup(struct ffpf_builder *b, ffpf_val x, uint32_t table)
{
	return ffpf_builder_append(
		b, &(struct ffpf_insn){.op = FFPF_IR_LOOKUP, .a = ffpf_builder_operand(b, x), .imm = table});
}

ffpf_val ffpf_ir_ghost(struct ffpf_builder *b, unsigned inflow)
{
	return ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_GHOST, .imm = inflow});
}

ffpf_val ffpf_ir_native(struct ffpf_builder *b, unsigned native, ffpf_val class)
{
	return ffpf_builder_append(
		b, &(struct ffpf_insn){.op = FFPF_IR_NATIVE, .imm = native, .b = ffpf_builder_resolve(b, class)});
}

void ffpf_ir_tap(struct ffpf_builder *b, unsigned tap, ffpf_val class)
{
	ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_TAP, .imm = tap, .b = ffpf_builder_resolve(b, class)});
}

ffpf_val ffpf_ir_program(struct ffpf_builder *b, bool writes)
{
	ffpf_val v;

	if (!b->origin)
		ffpf_builder_wrong(b, "a program belongs to no function");
	v = ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_PROGRAM,
						       .bits = 32,
						       .size = writes,
						       .imm = b->origin ? ffpf_origin_function(b->origin) - 1 : 0});
	if (writes)
		ffpf_builder_forget(b);
	return v;
}

ffpf_val ffpf_ir_flag(struct ffpf_builder *b, unsigned word)
{
	if (b->p->n_flags <= word)
		b->p->n_flags = word + 1;
	return ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_FLAG, .imm = word});
}

void ffpf_ir_set_flag(struct ffpf_builder *b, unsigned word, ffpf_val class)
{
	ffpf_builder_append(
		b, &(struct ffpf_insn){.op = FFPF_IR_SETFLAG, .imm = word, .b = ffpf_builder_resolve(b, class)});
	if (b->p->n_flags <= word)
		b->p->n_flags = word + 1;
}

/* ---- blocks and edges ------------------------------------------------------------------------ */

static void grow_block_tables(struct ffpf_builder *b)
{
	size_t old = b->preds_blocks, n = b->p->block_capacity;
	struct ffpf_arena *arena = b->p->arena;

	if (old >= n)
		return;
#define REGROW(table)                                                                                                  \
	do {                                                                                                           \
		void *grown = ffpf_arena_alloc(arena, n * sizeof(*(table)));                                           \
		if (old)                                                                                               \
			memcpy(grown, (table), old * sizeof(*(table)));                                                \
		(table) = grown;                                                                                       \
	} while (0)
	REGROW(b->sealed);
	REGROW(b->preds);
	REGROW(b->n_preds);
	REGROW(b->preds_capacity);
#undef REGROW
	b->preds_blocks = n;
}

ffpf_block ffpf_ir_block(struct ffpf_builder *b)
{
	struct ffpf_program *p = b->p;
	ffpf_block block;

	p->blocks = ffpf_arena_grow(p->arena, p->blocks, p->n_blocks, &p->block_capacity, sizeof(*p->blocks));
	block = (ffpf_block)p->n_blocks++;
	memset(&p->blocks[block], 0, sizeof(p->blocks[block]));
	grow_block_tables(b);
	return block;
}

void ffpf_ir_switch_to(struct ffpf_builder *b, ffpf_block block)
{
	if (b->current)
		ffpf_builder_wrong(b, "a path is not ended");
	if (!ffpf_builder_is_block(b, block) || b->p->blocks[block].term.kind != FFPF_TERM_NONE) {
		ffpf_builder_wrong(b, "a block is continued that has ended or does not exist");
		block = dead_block(b);
	}
	b->current = block;
}

static void add_edge(struct ffpf_builder *b, ffpf_block from, ffpf_block to)
{
	/* Edges from one block come together: a doubled one can only be the last. */
	if (b->n_preds[to] && b->preds[to][b->n_preds[to] - 1] == from)
		return;
	b->preds[to] =
		ffpf_arena_grow(b->p->arena, b->preds[to], b->n_preds[to], &b->preds_capacity[to], sizeof(**b->preds));
	b->preds[to][b->n_preds[to]++] = from;
}

/* A block that an edge may lead to; 0 stays. */
static ffpf_block target(struct ffpf_builder *b, ffpf_block to)
{
	if (!to || (ffpf_builder_is_block(b, to) && !b->sealed[to]))
		return to;
	ffpf_builder_wrong(b, "an edge leads into a block that is sealed or does not exist");
	return ffpf_ir_block(b);
}

static void end_block(struct ffpf_builder *b, struct ffpf_term term)
{
	if (!b->current) {
		ffpf_builder_wrong(b, "a path is ended twice");
		return;
	}
	term.yes = target(b, term.yes);
	term.no = target(b, term.no);
	term.origin = b->origin;
	b->p->blocks[b->current].term = term;
	if (term.yes)
		add_edge(b, b->current, term.yes);
	if (term.no)
		add_edge(b, b->current, term.no);
	for (uint32_t i = 0; i < term.n_cases; i++)
		add_edge(b, b->current, term.cases[i].to);
	b->current = 0;
}

void ffpf_ir_jump(struct ffpf_builder *b, ffpf_block to)
{
	if (!to)
		ffpf_builder_wrong(b, "an edge leads nowhere");
	end_block(b, (struct ffpf_term){.kind = FFPF_TERM_JUMP, .yes = to});
}

static void check_branch(struct ffpf_builder *b, enum ffpf_cond cond, unsigned bits, ffpf_block yes, ffpf_block no)
{
	check_bits(b, bits);
	if (cond > FFPF_NSET)
		ffpf_builder_wrong(b, "a condition is unknown");
	if (!yes || !no)
		ffpf_builder_wrong(b, "an edge leads nowhere");
}

void ffpf_ir_branch(struct ffpf_builder *b, enum ffpf_cond cond, unsigned bits, ffpf_val x, ffpf_val y, ffpf_block yes,
		    ffpf_block no)
{
	uint64_t imm;

	y = ffpf_builder_operand(b, y);
	if (const_of(b, y, &imm)) {
		ffpf_ir_branch_imm(b, cond, bits, x, imm, yes, no);
		return;
	}
	check_branch(b, cond, bits, yes, no);
	end_block(b, (struct ffpf_term){.kind = FFPF_TERM_BRANCH,
					.cond = cond,
					.bits = bits,
					.a = ffpf_builder_operand(b, x),
					.b = y,
					.yes = yes,
					.no = no});
}

void ffpf_ir_branch_imm(struct ffpf_builder *b, enum ffpf_cond cond, unsigned bits, ffpf_val x, uint64_t imm,
			ffpf_block yes, ffpf_block no)
{
	uint64_t value;

	check_branch(b, cond, bits, yes, no);
	x = ffpf_builder_operand(b, x);
	if (bits == 32)
		imm = (uint32_t)imm; /* what passes know of ranges is known of numbers of 32 bits */
	if (yes == no)
		ffpf_ir_jump(b, yes);
	else if (const_of(b, x, &value))
		ffpf_ir_jump(b, ffpf_cond_eval(cond, bits, value, imm) ? yes : no);
	else
		end_block(b, (struct ffpf_term){.kind = FFPF_TERM_BRANCH,
						.cond = cond,
						.bits = bits,
						.a = x,
						.imm = imm,
						.yes = yes,
						.no = no});
}

void ffpf_ir_check(struct ffpf_builder *b, ffpf_val base, uint32_t need, ffpf_block ok, ffpf_block shrt)
{
	if (!ok || !shrt)
		ffpf_builder_wrong(b, "an edge leads nowhere");
	end_block(b, (struct ffpf_term){
			     .kind = FFPF_TERM_CHECK, .a = optional(b, base), .imm = need, .yes = ok, .no = shrt});
}

void ffpf_ir_switch(struct ffpf_builder *b, unsigned bits, ffpf_val x, const struct ffpf_case *cases, uint32_t n,
		    ffpf_block other)
{
	struct ffpf_case *copy = ffpf_arena_alloc(b->p->arena, n * sizeof(*copy) + 1);

	memcpy(copy, cases, n * sizeof(*copy));
	end_block(b, (struct ffpf_term){.kind = FFPF_TERM_SWITCH,
					.bits = bits,
					.a = ffpf_builder_resolve(b, x),
					.cases = copy,
					.n_cases = n,
					.no = other});
}

void ffpf_ir_end(struct ffpf_builder *b)
{
	end_block(b, (struct ffpf_term){.kind = FFPF_TERM_END});
}

void ffpf_ir_reject(struct ffpf_builder *b)
{
	ffpf_ir_jump(b, b->reject);
}

void ffpf_ir_accept(struct ffpf_builder *b, ffpf_val class)
{
	uint64_t value;

	class = ffpf_builder_operand(b, class);
	/* The incoming class is never 0: what has class 0 does not come in. */
	if (class == ffpf_builder_resolve(b, b->class_in) || (const_of(b, class, &value) && (uint32_t)value)) {
		ffpf_ir_var_set(b, b->class_out, class);
		ffpf_ir_jump(b, b->accept);
		return;
	}
	ffpf_ir_var_set(b, b->class_out, class);
	ffpf_ir_branch_imm(b, FFPF_NE, 32, class, 0, b->accept, b->reject);
}
