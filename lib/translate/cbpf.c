/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Classic BPF → packet program, one instruction after the other, in exactly the
 * meaning that libpcap 1.10.3's bpf_filter() gives them. A, X and the scratch
 * words are builder variables; a block begins only where a jump lands. What is left
 * to improve (dead values, a check behind a check) is the optimiser's business.
 *
 * The IR has no loops, classic BPF as libpcap emits it has one: `protochain` jumps back to
 * the head of the loop that walks a chain of headers. The loop's body is unrolled: a
 * packet that needs more than CHAIN_MAX jumps back is rejected. 1.10.3 has no limit; later
 * releases have this one (MAX_BACKWARD_JUMPS in their bpf_filter.c).
 */
#include <lib/translate/internal.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN_MAX 64
/* Every so many blocks the variables are read, so that the builder's search for a value stays shallow. */
#define TOUCH_EVERY 256

struct translation {
	struct ffpf_builder *b;
	const struct ffpf_cbpf *insns;
	size_t n;
	uint32_t class;
	ffpf_var a, x, mem[BPF_MEMWORDS];
	uint32_t mem_used;		/* bit per scratch word that is read anywhere */
	ffpf_block *at;			/* per instruction: the block that begins there; 0: none so far */
	ffpf_block *next;		/* the same in the next round of the loop that is being unrolled */
	ffpf_block fail;		/* rejects; 0: not needed so far */
	const struct cbpf_exits *exits; /* where returns lead; NULL: out of the function */
	bool live;			/* the current block has not ended */
	unsigned untouched;
};

/* ---- what bpf_validate() says ---------------------------------------------------------------- */

static bool known(uint16_t code)
{
	switch (code) {
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS:
	case BPF_LD | BPF_W | BPF_IND:
	case BPF_LD | BPF_H | BPF_IND:
	case BPF_LD | BPF_B | BPF_IND:
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_MSH | BPF_B:
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
	case BPF_JMP | BPF_JA:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_X:
	case BPF_ALU | BPF_ADD | BPF_K:
	case BPF_ALU | BPF_SUB | BPF_K:
	case BPF_ALU | BPF_MUL | BPF_K:
	case BPF_ALU | BPF_DIV | BPF_K:
	case BPF_ALU | BPF_MOD | BPF_K:
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_ALU | BPF_OR | BPF_K:
	case BPF_ALU | BPF_XOR | BPF_K:
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
	case BPF_ALU | BPF_NEG:
	case BPF_ALU | BPF_ADD | BPF_X:
	case BPF_ALU | BPF_SUB | BPF_X:
	case BPF_ALU | BPF_MUL | BPF_X:
	case BPF_ALU | BPF_DIV | BPF_X:
	case BPF_ALU | BPF_MOD | BPF_X:
	case BPF_ALU | BPF_AND | BPF_X:
	case BPF_ALU | BPF_OR | BPF_X:
	case BPF_ALU | BPF_XOR | BPF_X:
	case BPF_ALU | BPF_LSH | BPF_X:
	case BPF_ALU | BPF_RSH | BPF_X:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
		return true;
	default:
		return false;
	}
}

static bool uses_memory(uint16_t code)
{
	return code == (BPF_LD | BPF_MEM) || code == (BPF_LDX | BPF_MEM) || code == BPF_ST || code == BPF_STX;
}

const char *cbpf_invalid(const struct ffpf_cbpf *insns, size_t n)
{
	if (!n || n > INT32_MAX)
		return "an empty program";
	for (size_t i = 0; i < n; i++) {
		const struct ffpf_cbpf *insn = &insns[i];

		if (!known(insn->code))
			return "an unknown instruction";
		if (uses_memory(insn->code) && insn->k >= BPF_MEMWORDS)
			return "a scratch word that does not exist";
		if ((insn->code == (BPF_ALU | BPF_DIV | BPF_K) || insn->code == (BPF_ALU | BPF_MOD | BPF_K)) &&
		    !insn->k)
			return "a division by zero";
		if (insn->code == (BPF_JMP | BPF_JA)) {
			if ((uint32_t)(i + 1 + insn->k) >= n)
				return "a jump out of the program";
		} else if (BPF_CLASS(insn->code) == BPF_JMP && (i + 1 + insn->jt >= n || i + 1 + insn->jf >= n)) {
			return "a jump out of the program";
		}
	}
	return BPF_CLASS(insns[n - 1].code) == BPF_RET ? NULL : "an end without return";
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static ffpf_block fail_block(struct translation *t)
{
	if (!t->fail)
		t->fail = ffpf_ir_block(t->b);
	return t->fail;
}

static ffpf_block block_at(struct translation *t, ffpf_block *table, size_t pc)
{
	if (!table[pc])
		table[pc] = ffpf_ir_block(t->b);
	return table[pc];
}

/* Goes on in a block whose edges are all there. */
static void begin(struct translation *t, ffpf_block block)
{
	ffpf_ir_seal(t->b, block);
	ffpf_ir_switch_to(t->b, block);
	t->live = true;
}

static void reject_if_short(struct translation *t, ffpf_val base, uint32_t k, unsigned size)
{
	ffpf_block ok;

	if (k > UINT32_MAX - size) { /* no packet is that long */
		ffpf_ir_jump(t->b, fail_block(t));
		t->live = false;
		return;
	}
	ok = ffpf_ir_block(t->b);
	ffpf_ir_check(t->b, base, k + size, ok, fail_block(t));
	begin(t, ok);
}

static void reject_if_zero(struct translation *t, ffpf_val v)
{
	ffpf_block ok = ffpf_ir_block(t->b);

	ffpf_ir_branch_imm(t->b, FFPF_NE, 32, v, 0, ok, fail_block(t));
	begin(t, ok);
}

/* ---- instructions ---------------------------------------------------------------------------- */

static ffpf_val get(struct translation *t, ffpf_var var)
{
	return ffpf_ir_var_get(t->b, var);
}

static void set(struct translation *t, ffpf_var var, ffpf_val v)
{
	ffpf_ir_var_set(t->b, var, v);
}

static void load(struct translation *t, const struct ffpf_cbpf *insn)
{
	ffpf_var to = BPF_CLASS(insn->code) == BPF_LD ? t->a : t->x;
	unsigned size = cbpf_size(insn->code);
	ffpf_val base = 0, v;

	switch (BPF_MODE(insn->code)) {
	case BPF_IMM:
		set(t, to, ffpf_ir_const(t->b, insn->k));
		return;
	case BPF_LEN:
		set(t, to, ffpf_ir_meta(t->b, FFPF_META_LEN));
		return;
	case BPF_MEM:
		set(t, to, get(t, t->mem[insn->k]));
		return;
	case BPF_IND:
		base = get(t, t->x);
		break;
	}
	reject_if_short(t, base, insn->k, size);
	if (!t->live)
		return;
	v = ffpf_ir_load(t->b, base, insn->k, size);
	if (BPF_MODE(insn->code) == BPF_MSH)
		v = ffpf_ir_alu_imm(t->b, FFPF_LSH, 32, ffpf_ir_alu_imm(t->b, FFPF_AND, 32, v, 0xf), 2);
	set(t, to, v);
}

/* A shift by X: 32 and more give zero, unlike the IR's shifts, which take the count modulo 32. */
static void shift_by_x(struct translation *t, enum ffpf_alu op)
{
	ffpf_val a = get(t, t->a), x = get(t, t->x);
	ffpf_block small = ffpf_ir_block(t->b), big = ffpf_ir_block(t->b), join = ffpf_ir_block(t->b);

	ffpf_ir_branch_imm(t->b, FFPF_LT, 32, x, 32, small, big);
	begin(t, small);
	set(t, t->a, ffpf_ir_alu(t->b, op, 32, a, x));
	ffpf_ir_jump(t->b, join);
	begin(t, big);
	set(t, t->a, ffpf_ir_const(t->b, 0));
	ffpf_ir_jump(t->b, join);
	begin(t, join);
}

static void alu(struct translation *t, const struct ffpf_cbpf *insn)
{
	static const enum ffpf_alu ops[] = {
		[BPF_ADD >> 4] = FFPF_ADD, [BPF_SUB >> 4] = FFPF_SUB, [BPF_MUL >> 4] = FFPF_MUL,
		[BPF_DIV >> 4] = FFPF_DIV, [BPF_OR >> 4] = FFPF_OR,   [BPF_AND >> 4] = FFPF_AND,
		[BPF_LSH >> 4] = FFPF_LSH, [BPF_RSH >> 4] = FFPF_RSH, [BPF_MOD >> 4] = FFPF_MOD,
		[BPF_XOR >> 4] = FFPF_XOR,
	};
	ffpf_val a = get(t, t->a), y;

	if (BPF_OP(insn->code) == BPF_NEG) {
		set(t, t->a, ffpf_ir_alu(t->b, FFPF_SUB, 32, ffpf_ir_const(t->b, 0), a));
		return;
	}
	enum ffpf_alu op = ops[BPF_OP(insn->code) >> 4];

	if (BPF_SRC(insn->code) == BPF_K) {
		set(t, t->a, ffpf_ir_alu_imm(t->b, op, 32, a, insn->k));
		return;
	}
	if (op == FFPF_LSH || op == FFPF_RSH) {
		shift_by_x(t, op);
		return;
	}
	y = get(t, t->x);
	if (op == FFPF_DIV || op == FFPF_MOD)
		reject_if_zero(t, y);
	set(t, t->a, ffpf_ir_alu(t->b, op, 32, a, y));
}

static void jump(struct translation *t, size_t pc, bool last_round)
{
	const struct ffpf_cbpf *insn = &t->insns[pc];
	ffpf_block yes, no;
	enum ffpf_cond cond = FFPF_EQ;

	t->live = false;
	if (BPF_OP(insn->code) == BPF_JA) {
		size_t to = (uint32_t)(pc + 1 + insn->k);

		if (to > pc)
			ffpf_ir_jump(t->b, block_at(t, t->at, to));
		else
			ffpf_ir_jump(t->b, last_round ? fail_block(t) : block_at(t, t->next, to));
		return;
	}
	switch (BPF_OP(insn->code)) {
	case BPF_JGT:
		cond = FFPF_GT;
		break;
	case BPF_JGE:
		cond = FFPF_GE;
		break;
	case BPF_JSET:
		cond = FFPF_SET;
		break;
	}
	yes = block_at(t, t->at, pc + 1 + insn->jt);
	no = block_at(t, t->at, pc + 1 + insn->jf);
	if (BPF_SRC(insn->code) == BPF_K || yes == no)
		ffpf_ir_branch_imm(t->b, cond, 32, get(t, t->a), insn->k, yes, no);
	else
		ffpf_ir_branch(t->b, cond, 32, get(t, t->a), get(t, t->x), yes, no);
}

/* A return where the answer matters, and not what becomes of the packet. */
static void answer(struct translation *t, const struct ffpf_cbpf *insn)
{
	t->live = false;
	if (BPF_RVAL(insn->code) == BPF_A)
		ffpf_ir_branch_imm(t->b, FFPF_NE, 32, get(t, t->a), 0, t->exits->yes, t->exits->no);
	else
		ffpf_ir_jump(t->b, insn->k ? t->exits->yes : t->exits->no);
}

static void give_back(struct translation *t, const struct ffpf_cbpf *insn)
{
	ffpf_val class;

	if (t->exits) {
		answer(t, insn);
		return;
	}
	class = t->class ? ffpf_ir_const(t->b, t->class) : ffpf_ir_class(t->b);
	t->live = false;
	if (BPF_RVAL(insn->code) == BPF_A) {
		ffpf_block yes = ffpf_ir_block(t->b);

		ffpf_ir_branch_imm(t->b, FFPF_NE, 32, get(t, t->a), 0, yes, fail_block(t));
		ffpf_ir_seal(t->b, yes);
		ffpf_ir_switch_to(t->b, yes);
		ffpf_ir_accept(t->b, class);
	} else if (insn->k) {
		ffpf_ir_accept(t->b, class);
	} else {
		ffpf_ir_jump(t->b, fail_block(t));
	}
}

static void translate_insn(struct translation *t, size_t pc, bool last_round)
{
	const struct ffpf_cbpf *insn = &t->insns[pc];

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		load(t, insn);
		break;
	case BPF_ST:
	case BPF_STX:
		if (t->mem_used & 1u << insn->k)
			set(t, t->mem[insn->k], get(t, BPF_CLASS(insn->code) == BPF_ST ? t->a : t->x));
		break;
	case BPF_ALU:
		alu(t, insn);
		break;
	case BPF_JMP:
		jump(t, pc, last_round);
		break;
	case BPF_RET:
		give_back(t, insn);
		break;
	case BPF_MISC:
		if (insn->code == (BPF_MISC | BPF_TAX))
			set(t, t->x, get(t, t->a));
		else
			set(t, t->a, get(t, t->x));
		break;
	}
}

/* ---- the walk -------------------------------------------------------------------------------- */

static void touch(struct translation *t)
{
	if (++t->untouched < TOUCH_EVERY)
		return;
	t->untouched = 0;
	get(t, t->a);
	get(t, t->x);
	for (unsigned i = 0; i < BPF_MEMWORDS; i++)
		if (t->mem_used & 1u << i)
			get(t, t->mem[i]);
}

/* Instructions [from, to): every jump that lands among them comes from an earlier one, or from the round before. */
static void translate_range(struct translation *t, size_t from, size_t to, bool last_round)
{
	for (size_t pc = from; pc < to; pc++) {
		if (t->at[pc]) {
			if (t->live)
				ffpf_ir_jump(t->b, t->at[pc]);
			begin(t, t->at[pc]);
			touch(t);
		}
		if (t->live)
			translate_insn(t, pc, last_round);
	}
}

/* The end of the loop that begins at pc: behind the last backward jump of overlapping loops; pc itself when there is
 * none. */
static size_t loop_end(const struct translation *t, const uint32_t *last_jump, size_t pc)
{
	size_t end = pc;

	for (size_t i = pc; i < t->n && (i == pc || i < end); i++)
		if (last_jump[i] && last_jump[i] > end)
			end = last_jump[i];
	return end;
}

static void translate_loop(struct translation *t, size_t from, size_t to)
{
	for (unsigned round = 0; round <= CHAIN_MAX; round++) {
		bool again = false;

		/* The last instruction jumps back: what leaves the loop jumped, to a block that all rounds share. */
		translate_range(t, from, to, round == CHAIN_MAX);
		for (size_t pc = from; pc < to; pc++) {
			again |= t->next[pc] != 0;
			t->at[pc] = t->next[pc];
			t->next[pc] = 0;
		}
		if (!again)
			return;
	}
}

/* All variables begin as 0 here, so that none is sought above this program. */
static void clear_variables(struct translation *t)
{
	ffpf_val zero = ffpf_ir_const(t->b, 0);

	t->a = ffpf_ir_var(t->b);
	t->x = ffpf_ir_var(t->b);
	set(t, t->a, zero);
	set(t, t->x, zero);
	for (unsigned i = 0; i < BPF_MEMWORDS; i++) {
		if (!(t->mem_used & 1u << i))
			continue;
		t->mem[i] = ffpf_ir_var(t->b);
		set(t, t->mem[i], zero);
	}
}

static void translate_all(struct translation *t, const uint32_t *last_jump)
{
	clear_variables(t);
	for (size_t pc = 0; pc < t->n;) {
		size_t end = loop_end(t, last_jump, pc);

		if (end > pc)
			translate_loop(t, pc, end);
		else
			translate_range(t, pc, pc + 1, true);
		pc = end > pc ? end : pc + 1;
	}
	if (t->fail && !t->exits) {
		begin(t, t->fail);
		ffpf_ir_reject(t->b);
	}
}

static void translate(struct ffpf_builder *b, const struct ffpf_cbpf *insns, size_t n, uint32_t class,
		      const struct cbpf_exits *exits)
{
	struct translation t = {.b = b, .insns = insns, .n = n, .class = class, .exits = exits, .live = true};
	uint32_t *last_jump; /* per instruction: one past the last jump back to it; 0: none */

	t.fail = exits ? exits->fail : 0;
	t.at = calloc(n, sizeof(*t.at));
	t.next = calloc(n, sizeof(*t.next));
	last_jump = calloc(n, sizeof(*last_jump));
	if (!t.at || !t.next || !last_jump)
		abort();
	for (size_t i = 0; i < n; i++) {
		if (cbpf_jumps_back(&insns[i]))
			last_jump[(uint32_t)(i + 1 + insns[i].k)] = (uint32_t)i + 1;
		if (insns[i].code == (BPF_LD | BPF_MEM) || insns[i].code == (BPF_LDX | BPF_MEM))
			t.mem_used |= 1u << insns[i].k;
	}
	translate_all(&t, last_jump);
	free(t.at);
	free(t.next);
	free(last_jump);
}

void cbpf_emit(struct ffpf_builder *b, const struct ffpf_cbpf *insns, size_t n, const struct cbpf_exits *exits)
{
	translate(b, insns, n, 0, exits);
}

int ffpf_cbpf_translate(struct ffpf_builder *b, const struct ffpf_cbpf *insns, size_t n, uint32_t class,
			const char **why)
{
	*why = cbpf_invalid(insns, n);
	if (*why)
		return -EINVAL;
	translate(b, insns, n, class, NULL);
	return 0;
}
