/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arithmetic on registers. Numbers: verify_number.c. A pointer takes + and - of numbers, as long as it stays within
 * VM_OFFSET of what it points into, and the difference of two pointers into the same thing is a number. Nothing else
 * is done with pointers, so no program learns an address or makes one up.
 */
#include <flowspaces/user/vm/verify.h>

#include <errno.h>

static uint32_t new_id(struct vm_verifier *v)
{
	return ++v->ids;
}

const char *ffpf_vm_kind_name(uint8_t kind)
{
	static const char *const names[] = {
		[VM_CONTEXT] = "the context",
		[VM_STACK] = "the stack",
		[VM_PACKET] = "the packet",
		[VM_PACKET_END] = "the packet's end",
		[VM_PACKET_META] = "the packet's metadata",
		[VM_VALUE] = "a map's value",
		[VM_VALUE_OR_NULL] = "a map's value or NULL",
		[VM_MAP] = "a map",
		[VM_MEMORY] = "the memory",
	};

	return names[kind];
}

/* ---- pointers ---- */

static int check_movable(struct vm_verifier *v, unsigned number, const struct vm_reg *pointer)
{
	switch (pointer->kind) {
	case VM_VALUE_OR_NULL:
		return ffpf_vm_refuse(v, "r%u may be NULL: compare it with 0 before arithmetic on it", number);
	case VM_MAP:
	case VM_PACKET_END:
		return ffpf_vm_refuse(v, "arithmetic on r%u, which points to %s", number,
				      ffpf_vm_kind_name(pointer->kind));
	default:
		return 0;
	}
}

/* dst = pointer + amount, or - amount. */
static int move_pointer(struct vm_verifier *v, unsigned number, struct vm_reg *dst, const struct vm_reg *pointer,
			const struct vm_reg *amount, bool minus)
{
	struct vm_reg r = *pointer;
	int error = check_movable(v, number, pointer);

	if (!error)
		error = ffpf_vm_mark(v, amount->node);
	if (error)
		return error;
	if (ffpf_vm_number_is_constant(&amount->number)) {
		int64_t by = (int64_t)amount->number.bits.value;

		if (by <= -VM_OFFSET || by >= VM_OFFSET)
			return ffpf_vm_refuse(v, "r%u would move by %lld bytes, farther than anything reaches", number,
					      (long long)by);
		by = minus ? r.off - by : r.off + by;
		if (by <= -VM_OFFSET || by >= VM_OFFSET)
			return ffpf_vm_refuse(v, "r%u would point %lld bytes away from %s", number, (long long)by,
					      ffpf_vm_kind_name(pointer->kind));
		r.off = (int32_t)by;
		*dst = r;
		return 0;
	}
	if (pointer->kind == VM_CONTEXT)
		return ffpf_vm_refuse(v, "a variable offset into the context");
	ffpf_vm_number_alu(&r.number, &amount->number, minus ? BPF_SUB : BPF_ADD, true, false);
	if (r.number.wide.smin <= -VM_OFFSET)
		return ffpf_vm_refuse(v, "the number %s r%u has no %s bound", minus ? "taken from" : "added to", number,
				      minus ? "upper" : "lower");
	if (pointer->kind == VM_PACKET || pointer->kind == VM_PACKET_META) {
		r.id = new_id(v);
		r.range = 0;
	}
	*dst = r;
	return 0;
}

bool ffpf_vm_same_object(const struct vm_reg *a, const struct vm_reg *b)
{
	bool packet = a->kind == VM_PACKET || a->kind == VM_PACKET_END || a->kind == VM_PACKET_META;

	if (packet)
		return b->kind == VM_PACKET || b->kind == VM_PACKET_END || b->kind == VM_PACKET_META;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VM_STACK:
		return a->frame == b->frame;
	case VM_VALUE:
		return a->map == b->map && a->id == b->id;
	case VM_CONTEXT:
	case VM_MEMORY:
		return true;
	default:
		return false;
	}
}

static int subtract_pointers(struct vm_verifier *v, struct vm_reg *dst, const struct vm_reg *src)
{
	struct vm_number distance = ffpf_vm_number_any();

	if (!ffpf_vm_same_object(dst, src))
		return ffpf_vm_refuse(v, "the difference of pointers to %s and to %s", ffpf_vm_kind_name(dst->kind),
				      ffpf_vm_kind_name(src->kind));
	/* Packet pointers with the same id have the same variable part. */
	if (dst->kind == src->kind && dst->id == src->id && (dst->kind == VM_PACKET || dst->kind == VM_PACKET_META))
		distance = ffpf_vm_number_constant((uint64_t)((int64_t)dst->off - src->off));
	else if (dst->kind == src->kind && ffpf_vm_number_is_constant(&dst->number) &&
		 ffpf_vm_number_is_constant(&src->number) && dst->kind != VM_PACKET && dst->kind != VM_PACKET_META)
		distance = ffpf_vm_number_constant((uint64_t)((int64_t)dst->off - src->off) + dst->number.bits.value -
						   src->number.bits.value);
	return ffpf_vm_set_number(v, dst, distance, 0, 0);
}

static int pointer_alu(struct vm_verifier *v, const struct bpf_insn *insn, struct vm_reg *dst, const struct vm_reg *src)
{
	uint8_t op = BPF_OP(insn->code);
	bool dst_pointer = dst->kind != VM_NUMBER;
	const char *what = ffpf_vm_kind_name(dst_pointer ? dst->kind : src->kind);
	unsigned number = dst_pointer ? insn->dst_reg : insn->src_reg;

	if (BPF_CLASS(insn->code) != BPF_ALU64)
		return ffpf_vm_refuse(v, "32-bit arithmetic on r%u, which points to %s", number, what);
	if (op == BPF_SUB && dst_pointer && src->kind != VM_NUMBER)
		return subtract_pointers(v, dst, src);
	if (op == BPF_SUB && !dst_pointer)
		return ffpf_vm_refuse(v, "r%u, which points to %s, is taken from a number", number, what);
	if (op != BPF_ADD && op != BPF_SUB)
		return ffpf_vm_refuse(v, "arithmetic other than + and - on r%u, which points to %s", number, what);
	if (dst_pointer && src->kind != VM_NUMBER)
		return ffpf_vm_refuse(v, "the sum of two pointers");
	return dst_pointer ? move_pointer(v, number, dst, dst, src, op == BPF_SUB)
			   : move_pointer(v, number, dst, src, dst, false);
}

/* ---- numbers ---- */

/* What was made of a and b; of a alone if b's is none. A result that would be the same whatever a is does not hang on
 * it. */
static int number_alu(struct vm_verifier *v, const struct bpf_insn *insn, struct vm_reg *dst, const struct vm_reg *src)
{
	uint8_t op = BPF_OP(insn->code);
	bool wide = BPF_CLASS(insn->code) == BPF_ALU64, is_signed = (op == BPF_DIV || op == BPF_MOD) && insn->off == 1;
	struct vm_number number = dst->number;
	uint32_t from = dst->node;

	ffpf_vm_number_alu(&number, &src->number, op, wide, is_signed);
	if (op == BPF_AND && ffpf_vm_number_is_constant(&src->number)) {
		struct vm_number any = ffpf_vm_number_any();

		ffpf_vm_number_alu(&any, &src->number, op, wide, false);
		if (ffpf_vm_number_within(&any, &number))
			from = 0;
	}
	return ffpf_vm_set_number(v, dst, number, from, src->node);
}

static int unary(struct vm_verifier *v, const struct bpf_insn *insn, struct vm_reg *dst)
{
	bool wide = BPF_CLASS(insn->code) == BPF_ALU64;
	struct vm_number number = ffpf_vm_number_constant(0);

	if (dst->kind != VM_NUMBER)
		return ffpf_vm_refuse(v, "arithmetic other than + and - on r%u, which points to %s", insn->dst_reg,
				      ffpf_vm_kind_name(dst->kind));
	if (BPF_OP(insn->code) == BPF_NEG) {
		ffpf_vm_number_alu(&number, &dst->number, BPF_SUB, wide, false);
	} else {
		bool big_host = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
		bool swap = wide || (BPF_SRC(insn->code) == BPF_TO_BE) != big_host;

		number = ffpf_vm_number_swap(&dst->number, (unsigned)insn->imm, swap);
	}
	return ffpf_vm_set_number(v, dst, number, dst->node, 0);
}

/* Numbers that are equal are known to be: what is found out about one then holds of the other. */
static void link(struct vm_verifier *v, struct vm_reg *a)
{
	if (a->kind == VM_NUMBER && !a->id && !ffpf_vm_number_is_constant(&a->number))
		a->id = new_id(v);
}

static int move(struct vm_verifier *v, const struct bpf_insn *insn, struct vm_reg *dst, struct vm_reg *src)
{
	bool wide = BPF_CLASS(insn->code) == BPF_ALU64;
	struct vm_number number = src->number;

	if (wide && !insn->off) {
		link(v, src);
		*dst = *src;
		return 0;
	}
	if (src->kind != VM_NUMBER)
		return ffpf_vm_refuse(v, "r%u is a pointer, and half of it is moved", insn->src_reg);
	if (insn->off) {
		number = ffpf_vm_number_extend(&number, (unsigned)insn->off);
		if (!wide)
			number = ffpf_vm_number_low(&number);
		return ffpf_vm_set_number(v, dst, number, src->node, 0);
	}
	/* The half of a half, which has 32 bits, is itself. */
	bool half = src->half || number.wide.umax > UINT32_MAX;
	link(v, src);
	uint32_t id = src->id;
	int error = ffpf_vm_set_number(v, dst, ffpf_vm_number_low(&number), src->node, 0);
	dst->id = id;
	dst->half = id && half;
	return error;
}

int ffpf_vm_alu(struct vm_verifier *v, const struct bpf_insn *insn)
{
	struct vm_reg *dst = ffpf_vm_reg(v, insn->dst_reg), *src = ffpf_vm_reg(v, insn->src_reg);
	struct vm_reg constant = {.kind = VM_NUMBER};
	uint8_t op = BPF_OP(insn->code);
	int error = 0;

	if (op != BPF_MOV)
		error = ffpf_vm_readable(v, insn->dst_reg);
	if (op == BPF_NEG || op == BPF_END)
		return error ? error : unary(v, insn, dst);
	if (BPF_SRC(insn->code) == BPF_X) {
		if (!error)
			error = ffpf_vm_readable(v, insn->src_reg);
		if (!error && op != BPF_MOV && src == dst) {
			constant = *src;
			src = &constant;
		}
	} else {
		uint64_t value = (uint64_t)(int64_t)insn->imm;

		constant.number = ffpf_vm_number_constant(
			BPF_CLASS(insn->code) == BPF_ALU64 || op != BPF_MOV ? value : (uint32_t)value);
		src = &constant;
	}
	if (error)
		return error;
	if (op == BPF_MOV && BPF_SRC(insn->code) == BPF_K)
		return ffpf_vm_set_number(v, dst, constant.number, 0, 0);
	if (op == BPF_MOV)
		return move(v, insn, dst, src);
	if (dst->kind != VM_NUMBER || src->kind != VM_NUMBER)
		return pointer_alu(v, insn, dst, src);
	return number_alu(v, insn, dst, src);
}

/* LD_IMM64: a number, a map, or the address of a map's value. */
int ffpf_vm_load_constant(struct vm_verifier *v, const struct bpf_insn *insn)
{
	struct vm_reg *dst = ffpf_vm_reg(v, insn->dst_reg);
	uint64_t value = (uint32_t)insn->imm | (uint64_t)(uint32_t)insn[1].imm << 32;

	if (!insn->src_reg)
		return ffpf_vm_set_number(v, dst, ffpf_vm_number_constant(value), 0, 0);
	*dst = (struct vm_reg){.kind = VM_MAP, .map = (uint16_t)insn->imm, .number = ffpf_vm_number_constant(0)};
	if (insn->src_reg == BPF_PSEUDO_MAP_IDX_VALUE) {
		dst->kind = VM_VALUE;
		dst->off = insn[1].imm;
	}
	return 0;
}
