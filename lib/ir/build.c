/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The builder of packet programs: instructions are folded as they come, and
 * variables become SSA values (Braun et al., CC 2013).
 *
 * A variable's value at the end of a block is kept in a hash table keyed by
 * (block, variable). Reading in a block with several predecessors makes a phi;
 * phis that turn out to merge a single value are forwarded to it, and
 * ffpf_builder_finish rewrites all uses.
 *
 * Classes come from others: a call that makes no sense is kept as a fault, and something harmless is built instead.
 */
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct definition {
	uint64_t key; /* block << 32 | var + 1; 0: free */
	ffpf_val value;
};

struct pending_phi {
	ffpf_block block;
	ffpf_var var;
	ffpf_val phi;
};

/* A phi whose values are being read. */
struct reading {
	ffpf_block from, at; /* asked at the end of `from`; the phi stands in `at` */
	ffpf_val phi;
	struct ffpf_phi_arg *args; /* `next` of them are there */
	size_t next;
};

struct ffpf_builder {
	struct ffpf_program *p;
	ffpf_block current;
	uint32_t origin;
	uint32_t n_vars;
	bool *sealed;
	size_t sealed_capacity;
	ffpf_block **preds; /* per block, while building */
	size_t *n_preds, *preds_capacity;
	size_t preds_blocks;
	struct definition *definitions;
	size_t n_definitions, definitions_capacity;
	struct pending_phi *pending;
	size_t n_pending, pending_capacity;
	struct reading *reading;
	size_t n_reading, reading_capacity;
	ffpf_val *forward; /* value → the one it was merged into; 0: itself */
	size_t forward_capacity;
	/* the instance being built */
	const struct ffpf_state_map *state;
	ffpf_val class_in;
	ffpf_var class_out;
	ffpf_block accept, reject;
	const char *fault; /* the first misuse; what is built from then on is never used */
};

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

/* ---- program and builder ------------------------------------------------------------------------------------------ */

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

void ffpf_builder_begin(struct ffpf_builder *b, uint32_t origin, const struct ffpf_state_map *state, ffpf_val class_in, ffpf_var class_out,
			ffpf_block accept, ffpf_block reject)
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
		if (i != b->current && i != b->accept && i != b->reject && b->n_preds[i] && b->p->blocks[i].term.kind == FFPF_TERM_NONE)
			return "a path is not ended";
	return b->n_pending ? "a block that a variable is read in is not sealed" : NULL;
}

static void wrong(struct ffpf_builder *b, const char *fault)
{
	if (!b->fault)
		b->fault = fault;
}

static ffpf_val resolve(struct ffpf_builder *b, ffpf_val v)
{
	while (v < b->forward_capacity && b->forward[v])
		v = b->forward[v];
	return v;
}

static bool is_block(const struct ffpf_builder *b, ffpf_block block)
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

static ffpf_val new_insn(struct ffpf_builder *b, const struct ffpf_insn *insn, ffpf_block block)
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

static ffpf_val append(struct ffpf_builder *b, const struct ffpf_insn *insn)
{
	if (!b->current) {
		wrong(b, "an instruction stands behind the end of a path");
		b->current = dead_block(b);
	}
	ffpf_val v = new_insn(b, insn, b->current);
	struct ffpf_bb *bb = &b->p->blocks[b->current];

	bb->insns = ffpf_arena_grow(b->p->arena, bb->insns, bb->n, &bb->capacity, sizeof(*bb->insns));
	bb->insns[bb->n++] = v;
	return v;
}

/* ---- values -------------------------------------------------------------------------------------------------------- */

ffpf_val ffpf_ir_const(struct ffpf_builder *b, uint64_t value)
{
	return append(b, &(struct ffpf_insn){.op = FFPF_IR_CONST, .imm = value});
}

/* A value that an instruction uses. */
static ffpf_val operand(struct ffpf_builder *b, ffpf_val v)
{
	/* NOP: a phi that has become another value. */
	if (v && v < b->p->n_insns && (ffpf_op_flags[b->p->insns[v].op] & FFPF_OP_VALUE || b->p->insns[v].op == FFPF_IR_NOP))
		return resolve(b, v);
	wrong(b, "a value is used that does not exist");
	return ffpf_ir_const(b, 0);
}

/* The same where 0 means none. */
static ffpf_val optional(struct ffpf_builder *b, ffpf_val v)
{
	return v ? operand(b, v) : 0;
}

static void check_bits(struct ffpf_builder *b, unsigned bits)
{
	if (bits != 32 && bits != 64)
		wrong(b, "an operation is neither of 32 nor of 64 bits");
}

static bool const_of(const struct ffpf_builder *b, ffpf_val v, uint64_t *value)
{
	if (b->p->insns[v].op != FFPF_IR_CONST)
		return false;
	*value = b->p->insns[v].imm;
	return true;
}

uint64_t ffpf_alu_eval(enum ffpf_op op, unsigned bits, uint64_t x, uint64_t y)
{
	uint64_t mask = bits == 32 ? UINT32_MAX : UINT64_MAX;
	unsigned count = y & (bits - 1);

	x &= mask;
	y &= mask;
	switch (op) {
	case FFPF_IR_ADD: x += y; break;
	case FFPF_IR_SUB: x -= y; break;
	case FFPF_IR_MUL: x *= y; break;
	case FFPF_IR_DIV: x = y ? x / y : 0; break;
	case FFPF_IR_MOD: x = y ? x % y : x; break;
	case FFPF_IR_AND: x &= y; break;
	case FFPF_IR_OR: x |= y; break;
	case FFPF_IR_XOR: x ^= y; break;
	case FFPF_IR_LSH: x <<= count; break;
	case FFPF_IR_RSH: x >>= count; break;
	case FFPF_IR_ARSH: x = bits == 32 ? (uint64_t)(uint32_t)((int32_t)x >> count) : (uint64_t)((int64_t)x >> count); break;
	default: break;
	}
	return x & mask;
}

bool ffpf_cond_eval(enum ffpf_cond cond, unsigned bits, uint64_t x, uint64_t y)
{
	int64_t sx, sy;

	if (bits == 32) {
		x = (uint32_t)x;
		y = (uint32_t)y;
		sx = (int32_t)x;
		sy = (int32_t)y;
	} else {
		sx = (int64_t)x;
		sy = (int64_t)y;
	}
	switch (cond) {
	case FFPF_EQ: return x == y;
	case FFPF_NE: return x != y;
	case FFPF_LT: return x < y;
	case FFPF_LE: return x <= y;
	case FFPF_GT: return x > y;
	case FFPF_GE: return x >= y;
	case FFPF_SLT: return sx < sy;
	case FFPF_SLE: return sx <= sy;
	case FFPF_SGT: return sx > sy;
	case FFPF_SGE: return sx >= sy;
	case FFPF_SET: return (x & y) != 0;
	case FFPF_NSET: return (x & y) == 0;
	}
	return false;
}

ffpf_val ffpf_ir_alu(struct ffpf_builder *b, enum ffpf_alu op, unsigned bits, ffpf_val x, ffpf_val y)
{
	uint64_t cx, cy;
	enum ffpf_op ir;

	check_bits(b, bits);
	if (op > FFPF_ARSH) {
		wrong(b, "an operation is unknown");
		op = FFPF_ADD;
	}
	ir = FFPF_IR_ADD + (op - FFPF_ADD);
	x = operand(b, x);
	y = operand(b, y);
	if (const_of(b, x, &cx) && const_of(b, y, &cy))
		return ffpf_ir_const(b, ffpf_alu_eval(ir, bits, cx, cy));
	return append(b, &(struct ffpf_insn){.op = ir, .bits = bits, .a = x, .b = y});
}

ffpf_val ffpf_ir_alu_imm(struct ffpf_builder *b, enum ffpf_alu op, unsigned bits, ffpf_val x, uint64_t imm)
{
	return ffpf_ir_alu(b, op, bits, x, ffpf_ir_const(b, imm));
}

ffpf_val ffpf_ir_meta(struct ffpf_builder *b, enum ffpf_meta meta)
{
	if (meta >= FFPF_META_COUNT)
		wrong(b, "a packet's metadata is unknown");
	return append(b, &(struct ffpf_insn){.op = FFPF_IR_META, .imm = meta});
}

ffpf_val ffpf_ir_call(struct ffpf_builder *b, enum ffpf_helper helper)
{
	if (helper != FFPF_HELPER_RANDOM)
		wrong(b, "a helper is unknown");
	return append(b, &(struct ffpf_insn){.op = FFPF_IR_CALL, .imm = helper});
}

ffpf_val ffpf_ir_class(struct ffpf_builder *b)
{
	return b->class_in;
}

static void check_size(struct ffpf_builder *b, unsigned size)
{
	if (size != 1 && size != 2 && size != 4 && size != 8)
		wrong(b, "a packet is read or written in pieces of neither 1, 2, 4 nor 8 bytes");
}

ffpf_val ffpf_ir_load(struct ffpf_builder *b, ffpf_val base, uint32_t offset, unsigned size)
{
	check_size(b, size);
	return append(b, &(struct ffpf_insn){.op = FFPF_IR_LOAD, .a = optional(b, base), .imm = offset, .size = size});
}

void ffpf_ir_store(struct ffpf_builder *b, ffpf_val base, uint32_t offset, unsigned size, ffpf_val x)
{
	check_size(b, size);
	append(b, &(struct ffpf_insn){.op = FFPF_IR_STORE, .a = optional(b, base), .b = operand(b, x), .imm = offset, .size = size});
}

/* ---- state, flags, crossings --------------------------------------------------------------------------------------- */

static ffpf_val state_op(struct ffpf_builder *b, enum ffpf_op op, unsigned field, ffpf_val index, ffpf_val x)
{
	if (!b->state || field >= b->state->n || !b->state->cells[field]) {
		wrong(b, "state is used that the class has not announced");
		return ffpf_ir_const(b, 0);
	}
	return append(b, &(struct ffpf_insn){.op = op,
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

void ffpf_ir_count(struct ffpf_builder *b, uint32_t cell, ffpf_val amount)
{
	append(b, &(struct ffpf_insn){.op = FFPF_IR_SADD, .b = resolve(b, amount), .imm = cell, .cells = 1});
}

void ffpf_ir_verdict(struct ffpf_builder *b, enum ffpf_verdict verdict)
{
	if (verdict > FFPF_VERDICT_DROP)
		wrong(b, "a verdict is unknown");
	append(b, &(struct ffpf_insn){.op = FFPF_IR_VERDICT, .imm = verdict});
}

void ffpf_ir_cross(struct ffpf_builder *b, unsigned inflow, ffpf_val class)
{
	append(b, &(struct ffpf_insn){.op = FFPF_IR_CROSS, .imm = inflow, .b = resolve(b, class)});
	if (b->p->n_crossings <= inflow)
		b->p->n_crossings = inflow + 1;
}

ffpf_val ffpf_ir_ghost(struct ffpf_builder *b, unsigned inflow)
{
	return append(b, &(struct ffpf_insn){.op = FFPF_IR_GHOST, .imm = inflow});
}

ffpf_val ffpf_ir_native(struct ffpf_builder *b, unsigned native, ffpf_val class)
{
	return append(b, &(struct ffpf_insn){.op = FFPF_IR_NATIVE, .imm = native, .b = resolve(b, class)});
}

ffpf_val ffpf_ir_flag(struct ffpf_builder *b, unsigned word)
{
	if (b->p->n_flags <= word)
		b->p->n_flags = word + 1;
	return append(b, &(struct ffpf_insn){.op = FFPF_IR_FLAG, .imm = word});
}

void ffpf_ir_set_flag(struct ffpf_builder *b, unsigned word, ffpf_val class)
{
	append(b, &(struct ffpf_insn){.op = FFPF_IR_SETFLAG, .imm = word, .b = resolve(b, class)});
	if (b->p->n_flags <= word)
		b->p->n_flags = word + 1;
}

/* ---- blocks and edges ---------------------------------------------------------------------------------------------- */

static void grow_block_tables(struct ffpf_builder *b)
{
	size_t old = b->preds_blocks, n = b->p->block_capacity;
	struct ffpf_arena *arena = b->p->arena;

	if (old >= n)
		return;
#define REGROW(table) do { \
		void *grown = ffpf_arena_alloc(arena, n * sizeof(*(table))); \
		if (old) \
			memcpy(grown, (table), old * sizeof(*(table))); \
		(table) = grown; \
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
		wrong(b, "a path is not ended");
	if (!is_block(b, block) || b->p->blocks[block].term.kind != FFPF_TERM_NONE) {
		wrong(b, "a block is continued that has ended or does not exist");
		block = dead_block(b);
	}
	b->current = block;
}

static void add_edge(struct ffpf_builder *b, ffpf_block from, ffpf_block to)
{
	/* Edges from one block come together: a doubled one can only be the last. */
	if (b->n_preds[to] && b->preds[to][b->n_preds[to] - 1] == from)
		return;
	b->preds[to] = ffpf_arena_grow(b->p->arena, b->preds[to], b->n_preds[to], &b->preds_capacity[to], sizeof(**b->preds));
	b->preds[to][b->n_preds[to]++] = from;
}

/* A block that an edge may lead to; 0 stays. */
static ffpf_block target(struct ffpf_builder *b, ffpf_block to)
{
	if (!to || (is_block(b, to) && !b->sealed[to]))
		return to;
	wrong(b, "an edge leads into a block that is sealed or does not exist");
	return ffpf_ir_block(b);
}

static void end_block(struct ffpf_builder *b, struct ffpf_term term)
{
	if (!b->current) {
		wrong(b, "a path is ended twice");
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
		wrong(b, "an edge leads nowhere");
	end_block(b, (struct ffpf_term){.kind = FFPF_TERM_JUMP, .yes = to});
}

static void check_branch(struct ffpf_builder *b, enum ffpf_cond cond, unsigned bits, ffpf_block yes, ffpf_block no)
{
	check_bits(b, bits);
	if (cond > FFPF_NSET)
		wrong(b, "a condition is unknown");
	if (!yes || !no)
		wrong(b, "an edge leads nowhere");
}

void ffpf_ir_branch(struct ffpf_builder *b, enum ffpf_cond cond, unsigned bits, ffpf_val x, ffpf_val y, ffpf_block yes, ffpf_block no)
{
	uint64_t imm;

	y = operand(b, y);
	if (const_of(b, y, &imm)) {
		ffpf_ir_branch_imm(b, cond, bits, x, imm, yes, no);
		return;
	}
	check_branch(b, cond, bits, yes, no);
	end_block(b, (struct ffpf_term){.kind = FFPF_TERM_BRANCH, .cond = cond, .bits = bits, .a = operand(b, x), .b = y, .yes = yes, .no = no});
}

void ffpf_ir_branch_imm(struct ffpf_builder *b, enum ffpf_cond cond, unsigned bits, ffpf_val x, uint64_t imm, ffpf_block yes, ffpf_block no)
{
	uint64_t value;

	check_branch(b, cond, bits, yes, no);
	x = operand(b, x);
	if (yes == no)
		ffpf_ir_jump(b, yes);
	else if (const_of(b, x, &value))
		ffpf_ir_jump(b, ffpf_cond_eval(cond, bits, value, imm) ? yes : no);
	else
		end_block(b, (struct ffpf_term){.kind = FFPF_TERM_BRANCH, .cond = cond, .bits = bits, .a = x, .imm = imm, .yes = yes, .no = no});
}

void ffpf_ir_check(struct ffpf_builder *b, ffpf_val base, uint32_t need, ffpf_block ok, ffpf_block shrt)
{
	if (!ok || !shrt)
		wrong(b, "an edge leads nowhere");
	end_block(b, (struct ffpf_term){.kind = FFPF_TERM_CHECK, .a = optional(b, base), .imm = need, .yes = ok, .no = shrt});
}

void ffpf_ir_switch(struct ffpf_builder *b, unsigned bits, ffpf_val x, const struct ffpf_case *cases, uint32_t n, ffpf_block other)
{
	struct ffpf_case *copy = ffpf_arena_alloc(b->p->arena, n * sizeof(*copy) + 1);

	memcpy(copy, cases, n * sizeof(*copy));
	end_block(b, (struct ffpf_term){.kind = FFPF_TERM_SWITCH, .bits = bits, .a = resolve(b, x), .cases = copy, .n_cases = n, .no = other});
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

	class = operand(b, class);
	/* The incoming class is never 0: what has class 0 does not come in. */
	if (class == resolve(b, b->class_in) || (const_of(b, class, &value) && (uint32_t)value)) {
		ffpf_ir_var_set(b, b->class_out, class);
		ffpf_ir_jump(b, b->accept);
		return;
	}
	ffpf_ir_var_set(b, b->class_out, class);
	ffpf_ir_branch_imm(b, FFPF_NE, 32, class, 0, b->accept, b->reject);
}

/* ---- variables ------------------------------------------------------------------------------------------------------ */

static struct definition *slot(struct ffpf_builder *b, ffpf_block block, ffpf_var var)
{
	uint64_t key = (uint64_t)block << 32 | (var + 1);
	size_t mask = b->definitions_capacity - 1;
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15u) >> 20) & mask;

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
	return resolve(b, slot(b, block, var)->value);
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
	ffpf_val v = new_insn(b, insn, block);
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
 * The variable's value at the end of block `from` where no phi has to be made for it; else 0. *at gets where the search ended: up a chain
 * of single predecessors, for programs are long and thin.
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
		b->pending = ffpf_arena_grow(b->p->arena, b->pending, b->n_pending, &b->pending_capacity, sizeof(*b->pending));
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
		.from = from, .at = at, .phi = phi, .args = ffpf_arena_alloc(b->p->arena, b->n_preds[at] * sizeof(struct ffpf_phi_arg) + 1)};
}

/* All that the phi merges is there: the phi, or the single value that it would merge. */
static ffpf_val close_phi(struct ffpf_builder *b, const struct reading *r)
{
	size_t n = b->n_preds[r->at];
	ffpf_val same = 0;
	bool trivial = true;

	for (size_t i = 0; i < n; i++) {
		ffpf_val v = resolve(b, r->args[i].value);

		if (v == r->phi || v == same)
			continue;
		if (same)
			trivial = false;
		same = v;
	}
	b->p->insns[r->phi].phi = r->args;
	b->p->insns[r->phi].n_phi = (uint32_t)n;
	if (!trivial || !same)
		return r->phi;
	set_forward(b, r->phi, same);
	b->p->insns[r->phi].op = FFPF_IR_NOP;
	return same;
}

/* Reads the values that a phi merges, which may take phis further up: with a stack of its own, for a program has as many joins as it likes. */
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
		wrong(b, "a variable is written behind the end of a path, or does not exist");
		return;
	}
	define(b, b->current, var, operand(b, x));
}

ffpf_val ffpf_ir_var_get(struct ffpf_builder *b, ffpf_var var)
{
	if (!b->current || var >= b->n_vars) {
		wrong(b, "a variable is read behind the end of a path, or does not exist");
		return ffpf_ir_const(b, 0);
	}
	return read_var(b, b->current, var);
}

void ffpf_ir_seal(struct ffpf_builder *b, ffpf_block block)
{
	if (!is_block(b, block) || b->sealed[block]) {
		wrong(b, "a block is sealed that was sealed before or does not exist");
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

		insn->a = resolve(b, insn->a);
		insn->b = resolve(b, insn->b);
		for (uint32_t i = 0; i < insn->n_phi; i++)
			insn->phi[i].value = resolve(b, insn->phi[i].value);
	}
	for (size_t i = 1; i < p->n_blocks; i++) {
		p->blocks[i].term.a = resolve(b, p->blocks[i].term.a);
		p->blocks[i].term.b = resolve(b, p->blocks[i].term.b);
	}
}
