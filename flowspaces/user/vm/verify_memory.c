/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads, stores and atomics through pointers: which kinds of memory may be read or written, and whether all bytes lie
 * within. Alignment does not matter, but to atomics.
 */
#include <flowspaces/user/vm/verify.h>

#include <errno.h>

unsigned ffpf_vm_size_of(const struct bpf_insn *insn)
{
	static const uint8_t sizes[] = {4, 2, 1, 8}; /* W, H, B, DW */

	return sizes[BPF_SIZE(insn->code) >> 3];
}

/* ---- which bytes ---- */

static int check_packet(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int64_t off, uint64_t size)
{
	bool meta = reg->kind == VM_PACKET_META;
	int64_t first = reg->off + off;

	if (reg->number.wide.smin + first < 0)
		return ffpf_vm_refuse(v, "r%u may point %lld bytes before the packet", number,
				      -(long long)(reg->number.wide.smin + first));
	/* Nothing is known of the base: it may be anywhere behind, and what lies before it, too. */
	int64_t beyond = reg->range  ? first + (int64_t)size - (int64_t)(reg->range - 1)
			 : first < 0 ? (int64_t)size
				     : first + (int64_t)size;
	if (beyond <= 0)
		return 0;
	return ffpf_vm_refuse(v, "r%u may point %lld bytes behind the packet's %s: compare with %s first", number,
			      (long long)beyond, meta ? "metadata" : "end", meta ? "data" : "data_end");
}

static int check_region(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int64_t off, uint64_t size,
			uint64_t there, const char *what)
{
	int64_t first = reg->off + off;
	const struct vm_bounds *variable = &reg->number.wide;

	if (variable->smin + first < 0)
		return ffpf_vm_refuse(v, "r%u may point %lld bytes before %s", number,
				      -(long long)(variable->smin + first), what);
	if (variable->smax > VM_OFFSET)
		return ffpf_vm_refuse(v, "the offset of r%u into %s has no upper bound", number, what);
	if ((uint64_t)(variable->smax + first) + size > there)
		return ffpf_vm_refuse(v, "r%u may point %llu bytes behind the end of %s, which has %llu", number,
				      (unsigned long long)((uint64_t)(variable->smax + first) + size - there), what,
				      (unsigned long long)there);
	return 0;
}

static int not_accessible(struct vm_verifier *v, unsigned number, const struct vm_reg *reg)
{
	switch (reg->kind) {
	case VM_NUMBER:
		return ffpf_vm_refuse(v, "r%u is a number, not a pointer", number);
	case VM_VALUE_OR_NULL:
		return ffpf_vm_refuse(v, "r%u may be NULL: compare it with 0 first", number);
	case VM_PACKET_END:
		return ffpf_vm_refuse(v, "r%u points behind the packet: it is only to compare with", number);
	case VM_MAP:
		return ffpf_vm_refuse(v, "r%u is a map: only helpers look into it", number);
	default:
		return ffpf_vm_refuse(v, "r%u points to %s, which can't be accessed so", number,
				      ffpf_vm_kind_name(reg->kind));
	}
}

int ffpf_vm_accessible(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int64_t off, uint64_t size,
		       bool write)
{
	const struct ffpf_map_spec *spec;

	if (size > VM_OFFSET)
		return ffpf_vm_refuse(v, "%llu bytes from r%u on are more than there can be", (unsigned long long)size,
				      number);
	switch (reg->kind) {
	case VM_PACKET:
	case VM_PACKET_META:
		if (write && !v->program->writes_packet)
			return ffpf_vm_refuse(v, "the program writes to the packet, and may not");
		return check_packet(v, number, reg, off, size);
	case VM_VALUE:
		spec = v->program->maps[reg->map].spec;
		if (write && (spec->flags & FFPF_MAP_PROGRAM_READS))
			return ffpf_vm_refuse(v, "programs only read %s", spec->name);
		return check_region(v, number, reg, off, size, spec->value_size, spec->name);
	case VM_MEMORY:
		return check_region(v, number, reg, off, size, v->program->memory, "the memory");
	default:
		return not_accessible(v, number, reg);
	}
}

/* ---- instructions ---- */

/* The instruction becomes another for the context; on another path it may not be something else. */
static int note_use(struct vm_verifier *v, uint8_t use, uint16_t field, int16_t off)
{
	struct vm_place *place = &v->places[v->state->pc];

	if (place->use == VM_USE_NONE) {
		place->use = use;
		place->field = field;
		place->off = off;
	}
	if (place->use == use && place->field == field && place->off == off)
		return 0;
	return ffpf_vm_refuse(v, "the same instruction accesses different things on different paths, one of them the "
				 "context");
}

static int plain_use(struct vm_verifier *v)
{
	return note_use(v, VM_USE_MEMORY, 0, 0);
}

static int context_use(struct vm_verifier *v, const struct vm_reg *reg, const struct bpf_insn *insn, bool write,
		       const struct ffpf_vm_field **field)
{
	int error = ffpf_vm_context_access(v, reg, insn, write, field);

	if (error)
		return error;
	return note_use(v, VM_USE_FIELD, (uint16_t)(*field - v->program->context->fields), (int16_t)reg->off);
}

static int load_context(struct vm_verifier *v, const struct bpf_insn *insn, const struct vm_reg *reg,
			struct vm_reg *dst)
{
	const struct ffpf_vm_field *field;
	int error = context_use(v, reg, insn, false, &field);
	bool sign = BPF_MODE(insn->code) != BPF_MEM;

	if (error)
		return error;
	*dst = (struct vm_reg){.number = ffpf_vm_number_constant(0)};
	switch (field->kind) {
	case FFPF_VM_FIELD_PACKET:
		dst->kind = VM_PACKET;
		dst->range = 1;
		return 0;
	case FFPF_VM_FIELD_PACKET_END:
		dst->kind = VM_PACKET_END;
		return 0;
	case FFPF_VM_FIELD_PACKET_META:
		dst->kind = VM_PACKET_META;
		dst->range = 1;
		return 0;
	case FFPF_VM_FIELD_SCALAR:
		break;
	}
	unsigned least, bytes = ffpf_vm_field_bytes(field, reg->off + insn->off, ffpf_vm_size_of(insn), &least);
	struct vm_number number = bytes ? ffpf_vm_number_bytes(bytes, sign) : ffpf_vm_number_constant(0);
	return ffpf_vm_set_number(v, dst, number, 0, 0);
}

int ffpf_vm_load(struct vm_verifier *v, const struct bpf_insn *insn)
{
	struct vm_reg *dst = ffpf_vm_reg(v, insn->dst_reg), reg = *ffpf_vm_reg(v, insn->src_reg), out;
	bool sign = BPF_MODE(insn->code) != BPF_MEM;
	unsigned size = ffpf_vm_size_of(insn);
	int error = ffpf_vm_readable(v, insn->src_reg);

	if (error)
		return error;
	if (reg.kind == VM_CONTEXT)
		return load_context(v, insn, &reg, dst);
	error = plain_use(v);
	if (!error && reg.kind == VM_STACK) {
		error = ffpf_vm_stack_load(v, insn->src_reg, &reg, insn->off, size, sign, &out);
		if (!error)
			*dst = out;
		return error;
	}
	if (!error)
		error = ffpf_vm_accessible(v, insn->src_reg, &reg, insn->off, size, false);
	if (!error)
		error = ffpf_vm_set_number(v, dst, ffpf_vm_number_bytes(size, sign), 0, 0);
	return error;
}

static int store_context(struct vm_verifier *v, const struct bpf_insn *insn, const struct vm_reg *reg)
{
	const struct ffpf_vm_field *field;

	return context_use(v, reg, insn, true, &field);
}

int ffpf_vm_store(struct vm_verifier *v, const struct bpf_insn *insn)
{
	struct vm_reg *reg = ffpf_vm_reg(v, insn->dst_reg), *value = ffpf_vm_reg(v, insn->src_reg), constant;
	int error = ffpf_vm_readable(v, insn->dst_reg);

	if (BPF_CLASS(insn->code) == BPF_ST) {
		value = &constant;
		if (!error)
			error = ffpf_vm_set_number(v, value, ffpf_vm_number_constant((uint64_t)(int64_t)insn->imm), 0,
						   0);
	} else if (!error) {
		error = ffpf_vm_readable(v, insn->src_reg);
	}
	if (error)
		return error;
	if (reg->kind != VM_STACK && value->kind != VM_NUMBER)
		return ffpf_vm_refuse(v, "a pointer to %s is stored in %s: the program would leak an address",
				      ffpf_vm_kind_name(value->kind),
				      reg->kind == VM_NUMBER ? "a number" : ffpf_vm_kind_name(reg->kind));
	if (reg->kind == VM_CONTEXT)
		return store_context(v, insn, reg);
	error = plain_use(v);
	if (error)
		return error;
	if (reg->kind != VM_STACK)
		return ffpf_vm_accessible(v, insn->dst_reg, reg, insn->off, ffpf_vm_size_of(insn), true);
	if (value->kind == VM_NUMBER && !value->id && !ffpf_vm_number_is_constant(&value->number))
		value->id = ++v->ids;
	struct vm_reg pointer = *reg, stored = *value;
	return ffpf_vm_stack_store(v, insn->dst_reg, &pointer, insn->off, ffpf_vm_size_of(insn), &stored);
}

/* ---- atomics ---- */

/* Stack, values and memory begin at multiples of eight. */
static int check_aligned(struct vm_verifier *v, const struct vm_reg *reg, int64_t off, unsigned size)
{
	uint64_t low = ((uint64_t)(reg->off + off) + reg->number.bits.value) | reg->number.bits.unknown;

	if (low & (size - 1))
		return ffpf_vm_refuse(v, "an atomic instruction on %u bytes at an offset that is not a multiple of %u",
				      size, size);
	return 0;
}

static int atomic_memory(struct vm_verifier *v, const struct bpf_insn *insn, const struct vm_reg *reg, unsigned size)
{
	struct vm_reg old, result = {.kind = VM_NUMBER, .number = ffpf_vm_number_any()};
	int error = check_aligned(v, reg, insn->off, size);

	if (error)
		return error;
	if (reg->kind != VM_STACK)
		return ffpf_vm_accessible(v, insn->dst_reg, reg, insn->off, size, true);
	error = ffpf_vm_stack_load(v, insn->dst_reg, reg, insn->off, size, false, &old);
	if (!error && old.kind != VM_NUMBER)
		error = ffpf_vm_refuse(v, "an atomic instruction on a pointer that lies on the stack");
	if (!error)
		error = ffpf_vm_set_number(v, &result, ffpf_vm_number_any(), 0, 0);
	return error ? error : ffpf_vm_stack_store(v, insn->dst_reg, reg, insn->off, size, &result);
}

int ffpf_vm_atomic(struct vm_verifier *v, const struct bpf_insn *insn)
{
	struct vm_reg reg = *ffpf_vm_reg(v, insn->dst_reg), *src = ffpf_vm_reg(v, insn->src_reg), *out = NULL;
	unsigned size = ffpf_vm_size_of(insn);
	int error = ffpf_vm_readable(v, insn->dst_reg);

	if (!error)
		error = ffpf_vm_readable(v, insn->src_reg);
	if (!error && insn->imm == BPF_CMPXCHG)
		error = ffpf_vm_readable(v, BPF_REG_0);
	if (error)
		return error;
	if (src->kind != VM_NUMBER || (insn->imm == BPF_CMPXCHG && ffpf_vm_reg(v, BPF_REG_0)->kind != VM_NUMBER))
		return ffpf_vm_refuse(v, "an atomic instruction with a pointer as its operand");
	if (reg.kind == VM_CONTEXT || reg.kind == VM_PACKET || reg.kind == VM_PACKET_META)
		return ffpf_vm_refuse(v, "an atomic instruction on %s", ffpf_vm_kind_name(reg.kind));
	if (reg.kind != VM_STACK && reg.kind != VM_VALUE && reg.kind != VM_MEMORY)
		return not_accessible(v, insn->dst_reg, &reg);
	error = plain_use(v);
	if (!error)
		error = atomic_memory(v, insn, &reg, size);
	if (insn->imm == BPF_CMPXCHG)
		out = ffpf_vm_reg(v, BPF_REG_0);
	else if (insn->imm & BPF_FETCH)
		out = ffpf_vm_reg(v, insn->src_reg);
	if (!error && out)
		error = ffpf_vm_set_number(v, out, ffpf_vm_number_bytes(size, false), 0, 0);
	return error;
}
