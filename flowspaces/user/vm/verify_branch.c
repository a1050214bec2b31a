/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditional jumps. A jump that can go one way only, by what is known of its operands, goes that way; then the verdict
 * hangs on them. Otherwise both ways are walked, and in each what its condition says narrows what is known: of the
 * registers compared, of numbers that are linked to them, of pointers from the same lookup or with the same offset into
 * the packet, wherever they are.
 */
#include <flowspaces/user/vm/verify.h>

#include <errno.h>
#include <string.h>

struct link {
	struct vm_verifier *v;
	const struct vm_reg *from;
	bool failed;
};

/* reg's number equals from's, or its low half does. */
static void follow(struct vm_reg *reg, void *cookie)
{
	struct link *link = cookie;
	const struct vm_reg *from = link->from;
	struct vm_number number = from->number, own = reg->number;

	if (reg == from || reg->kind != VM_NUMBER || reg->id != from->id)
		return;
	if (!from->half || reg->half)
		own = !from->half && reg->half ? ffpf_vm_number_low(&number) : number;
	else if (!ffpf_vm_number_assume(BPF_JEQ, true, false, &own, &number))
		return; /* a way that nothing goes; it is only walked in vain */
	if (!memcmp(&own, &reg->number, sizeof(own)))
		return;
	reg->number = own;
	reg->node = ffpf_vm_node(link->v, reg->node, from->node);
	link->failed |= !reg->node;
}

static int narrow(struct vm_verifier *v, struct vm_state *state, struct vm_reg *reg, const struct vm_number *number,
		  uint32_t other)
{
	struct link link = {v, reg, false};

	if (!memcmp(&reg->number, number, sizeof(*number)))
		return 0;
	reg->number = *number;
	reg->node = ffpf_vm_node(v, reg->node, other);
	if (!reg->node)
		return ffpf_vm_no_memory(v);
	if (reg->id)
		ffpf_vm_each(v, state, follow, &link);
	return link.failed ? ffpf_vm_no_memory(v) : 0;
}

struct vm_state *ffpf_vm_fork(struct vm_verifier *v, const struct bpf_insn *insn, int *error)
{
	struct vm_state *taken = ffpf_vm_push(v, error);

	if (!taken)
		return NULL;
	ffpf_vm_took(v, taken, v->state->pc, true);
	taken->pc = (uint32_t)(v->state->pc + 1 + (size_t)(int64_t)insn->off);
	ffpf_vm_took(v, v->state, v->state->pc, false);
	v->state->pc++;
	return taken;
}

static void go(struct vm_verifier *v, const struct bpf_insn *insn, bool taken)
{
	ffpf_vm_took(v, v->state, v->state->pc, taken);
	v->state->pc += taken ? (uint32_t)(1 + (int32_t)insn->off) : 1;
}

static struct vm_reg *reg_in(struct vm_state *state, unsigned reg)
{
	return &state->frames[state->depth]->regs[reg];
}

/* A number compared with itself: does the condition hold, whatever it is? -1: it hangs on the number. */
static int holds_of_itself(uint8_t op)
{
	switch (op) {
	case BPF_JEQ:
	case BPF_JGE:
	case BPF_JLE:
	case BPF_JSGE:
	case BPF_JSLE:
		return 1;
	case BPF_JSET:
		return -1;
	default:
		return 0;
	}
}

static int compare_numbers(struct vm_verifier *v, const struct bpf_insn *insn, const struct vm_reg *dst,
			   const struct vm_reg *src)
{
	bool wide = BPF_CLASS(insn->code) == BPF_JMP, by_register = BPF_SRC(insn->code) == BPF_X;
	struct vm_number a[2] = {dst->number, dst->number}, b[2] = {src->number, src->number};
	uint32_t nodes[2] = {dst->node, src->node};
	bool may[2];
	int error = 0,
	    itself = by_register && insn->dst_reg == insn->src_reg ? holds_of_itself(BPF_OP(insn->code)) : -1;

	if (itself >= 0) {
		go(v, insn, itself);
		return 0;
	}
	for (int holds = 0; holds < 2; holds++)
		may[holds] = ffpf_vm_number_assume(BPF_OP(insn->code), holds, wide, &a[holds], &b[holds]);
	if (may[0] != may[1]) {
		error = ffpf_vm_mark(v, nodes[0]);
		if (!error && by_register)
			error = ffpf_vm_mark(v, nodes[1]);
		if (!error && (by_register ? insn->dst_reg != insn->src_reg : true))
			error = narrow(v, v->state, reg_in(v->state, insn->dst_reg), &a[may[1]], nodes[1]);
		go(v, insn, may[1]);
		return error;
	}
	struct vm_state *ways[2];
	ways[1] = ffpf_vm_fork(v, insn, &error);
	ways[0] = v->state;
	for (int holds = 0; holds < 2 && !error && may[0]; holds++) {
		error = narrow(v, ways[holds], reg_in(ways[holds], insn->dst_reg), &a[holds], nodes[1]);
		if (!error && by_register && insn->dst_reg != insn->src_reg)
			error = narrow(v, ways[holds], reg_in(ways[holds], insn->src_reg), &b[holds], nodes[0]);
	}
	return error;
}

/* ---- NULL ---- */

struct resolve {
	uint32_t id, node;
	bool null;
};

static void resolve(struct vm_reg *reg, void *cookie)
{
	const struct resolve *r = cookie;

	if (reg->kind != VM_VALUE_OR_NULL || reg->id != r->id)
		return;
	if (r->null)
		*reg = (struct vm_reg){.kind = VM_NUMBER, .number = ffpf_vm_number_constant(0), .node = r->node};
	else
		reg->kind = VM_VALUE;
}

/* A pointer that is surely none: to the very beginning of something, or into the stack. */
static bool never_null(const struct vm_reg *reg)
{
	return reg->kind != VM_VALUE_OR_NULL && ffpf_vm_number_is_constant(&reg->number) &&
	       (reg->kind == VM_STACK || !((uint64_t)(int64_t)reg->off + reg->number.bits.value));
}

static int compare_with_null(struct vm_verifier *v, const struct bpf_insn *insn, const struct vm_reg *reg)
{
	bool equal = BPF_OP(insn->code) == BPF_JEQ;
	struct resolve r = {.id = reg->id};
	bool may_be_null = reg->kind == VM_VALUE_OR_NULL;
	struct vm_state *taken;
	int error = 0;

	if (never_null(reg)) {
		go(v, insn, !equal);
		return 0;
	}
	taken = ffpf_vm_fork(v, insn, &error);
	if (error || !may_be_null)
		return error;
	r.node = ffpf_vm_node(v, 0, 0);
	if (!r.node)
		return ffpf_vm_no_memory(v);
	r.null = equal;
	ffpf_vm_each(v, taken, resolve, &r);
	r.null = !equal;
	ffpf_vm_each(v, v->state, resolve, &r);
	return 0;
}

/* ---- the packet's end ---- */

struct proven {
	uint32_t id, range;
	uint8_t kind;
};

static void prove(struct vm_reg *reg, void *cookie)
{
	const struct proven *p = cookie;

	if (reg->kind == p->kind && reg->id == p->id && reg->range < p->range)
		reg->range = p->range;
}

/* pointer <= end, or < end: the bytes before it, and in the second case the one it points to, are there. */
static void prove_range(struct vm_verifier *v, struct vm_state *state, const struct vm_reg *pointer, bool less)
{
	struct proven p = {.id = pointer->id, .kind = pointer->kind};
	int64_t range = (int64_t)pointer->off + less;

	if (range < 0 || range > VM_PACKET_MOST || pointer->number.wide.umax > (uint64_t)(VM_PACKET_MOST - range))
		return;
	p.range = (uint32_t)range + 1;
	ffpf_vm_each(v, state, prove, &p);
}

static bool is_packet_begin(const struct vm_reg *reg)
{
	return reg->kind == VM_PACKET && !reg->off && !reg->id;
}

/* Is `end` where the bytes that `pointer` points into end? */
static bool is_end_of(const struct vm_reg *end, const struct vm_reg *pointer)
{
	return (pointer->kind == VM_PACKET && end->kind == VM_PACKET_END) ||
	       (pointer->kind == VM_PACKET_META && is_packet_begin(end));
}

/* What a condition says about a <= b and a < b when it holds, or does not. */
static bool says_at_most(uint8_t op, bool holds, bool *less)
{
	*less = holds ? op == BPF_JLT : op == BPF_JGE;
	return *less || (holds ? op == BPF_JLE || op == BPF_JEQ : op == BPF_JGT || op == BPF_JNE);
}

static uint8_t mirrored(uint8_t op)
{
	switch (op) {
	case BPF_JLT:
		return BPF_JGT;
	case BPF_JLE:
		return BPF_JGE;
	case BPF_JGT:
		return BPF_JLT;
	case BPF_JGE:
		return BPF_JLE;
	default:
		return op;
	}
}

static int compare_pointers(struct vm_verifier *v, const struct bpf_insn *insn, const struct vm_reg *dst,
			    const struct vm_reg *src)
{
	struct vm_reg a = *dst, b = *src;
	uint8_t op = BPF_OP(insn->code);
	int error = 0;
	bool less;

	if (is_end_of(&a, &b)) {
		struct vm_reg swap = a;

		a = b;
		b = swap;
		op = mirrored(op);
	}
	struct vm_state *taken = ffpf_vm_fork(v, insn, &error);
	if (error || !is_end_of(&b, &a))
		return error;
	if (says_at_most(op, true, &less))
		prove_range(v, taken, &a, less);
	if (says_at_most(op, false, &less))
		prove_range(v, v->state, &a, less);
	return 0;
}

static bool is_signed(uint8_t op)
{
	return op == BPF_JSGT || op == BPF_JSGE || op == BPF_JSLT || op == BPF_JSLE;
}

static bool is_zero(const struct vm_reg *reg)
{
	return reg->kind == VM_NUMBER && ffpf_vm_number_is_constant(&reg->number) && !reg->number.bits.value;
}

static int with_pointer(struct vm_verifier *v, const struct bpf_insn *insn, const struct vm_reg *dst,
			const struct vm_reg *src)
{
	uint8_t op = BPF_OP(insn->code);
	bool dst_pointer = dst->kind != VM_NUMBER;
	const struct vm_reg *pointer = dst_pointer ? dst : src;
	unsigned number = dst_pointer ? insn->dst_reg : insn->src_reg;
	const char *what = ffpf_vm_kind_name(pointer->kind);

	if (BPF_CLASS(insn->code) == BPF_JMP32)
		return ffpf_vm_refuse(v, "a 32-bit comparison of r%u, which points to %s", number, what);
	if (is_zero(dst) || is_zero(src)) {
		int error = ffpf_vm_mark(v, dst_pointer ? src->node : dst->node);

		if (error)
			return error;
		if (op == BPF_JEQ || op == BPF_JNE)
			return compare_with_null(v, insn, pointer);
	}
	if (dst->kind == VM_NUMBER || src->kind == VM_NUMBER)
		return ffpf_vm_refuse(v, "r%u, which points to %s, is compared with a number", number, what);
	if (!ffpf_vm_same_object(dst, src) || is_signed(op) || op == BPF_JSET)
		return ffpf_vm_refuse(v, "pointers to %s and to %s can't be compared so", ffpf_vm_kind_name(dst->kind),
				      ffpf_vm_kind_name(src->kind));
	return compare_pointers(v, insn, dst, src);
}

int ffpf_vm_branch(struct vm_verifier *v, const struct bpf_insn *insn)
{
	struct vm_reg dst = *ffpf_vm_reg(v, insn->dst_reg), src = {.kind = VM_NUMBER};
	int error = ffpf_vm_readable(v, insn->dst_reg);

	if (!error && BPF_SRC(insn->code) == BPF_X) {
		error = ffpf_vm_readable(v, insn->src_reg);
		src = *ffpf_vm_reg(v, insn->src_reg);
	} else {
		src.number = ffpf_vm_number_constant((uint64_t)(int64_t)insn->imm);
	}
	if (error)
		return error;
	if (dst.kind == VM_NUMBER && src.kind == VM_NUMBER)
		return compare_numbers(v, insn, &dst, &src);
	return with_pointer(v, insn, &dst, &src);
}
