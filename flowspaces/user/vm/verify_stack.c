/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stack: slots of four bytes, counted downwards from r10. A slot knows which of its bytes are initialised, and at
 * most one value among them; a value of eight bytes lies in two slots.
 *
 *     r10-8       r10-4       r10
 *     | slot 1    | slot 0    |
 *     | value, 8  | upper     |      stxdw [r10-8], r6
 *     | value, 2  | value, 4  |      stxh [r10-8], r6; stw [r10-4], 0
 *
 * Pointers are only whole: what overwrites a part of one leaves the rest uninitialised. Bytes that a write with a
 * variable offset may or may not have hit keep their state, but lose their value.
 */
#include <flowspaces/user/vm/verify.h>

#include <errno.h>

static unsigned slot_of(int64_t off)
{
	return (unsigned)(-off - 1) / VM_SLOT;
}

static unsigned byte_of(int64_t off)
{
	return (unsigned)(off & (VM_SLOT - 1));
}

/* Which bytes of slot i lie in [first, last)? */
static uint8_t mask_of(unsigned i, int64_t first, int64_t last)
{
	int64_t begin = -(int64_t)VM_SLOT * (i + 1);
	uint8_t mask = 0;

	for (int byte = 0; byte < VM_SLOT; byte++)
		if (begin + byte >= first && begin + byte < last)
			mask |= (uint8_t)(1u << byte);
	return mask;
}

static uint8_t value_mask(const struct vm_slot *slot)
{
	return slot->size >= VM_SLOT ? 15 : (uint8_t)(((1u << slot->size) - 1) << slot->at);
}

int ffpf_vm_stack_bounds(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int64_t off, uint64_t size,
			 int64_t *first, int64_t *last)
{
	const struct vm_bounds *variable = &reg->number.wide;

	*first = *last = 0;
	if (variable->smin < -VM_OFFSET || variable->smax > VM_OFFSET)
		return ffpf_vm_refuse(v, "the offset of r%u into the stack has no bounds", number);
	*first = reg->off + off + variable->smin;
	*last = reg->off + off + variable->smax;
	if (size > FFPF_VM_STACK || *last + (int64_t)size > 0)
		return ffpf_vm_refuse(v, "%llu bytes at r10%+lld, by r%u, reach beyond the stack",
				      (unsigned long long)size, (long long)*last, number);
	if (*first < -FFPF_VM_STACK)
		return ffpf_vm_refuse(v, "%llu bytes at r10%+lld, by r%u, lie below the stack of %d bytes",
				      (unsigned long long)size, (long long)*first, number, FFPF_VM_STACK);
	*last += (int64_t)size;
	return 0;
}

/* The frame, with slots down to byte `first`. */
static struct vm_frame *reach(struct vm_verifier *v, const struct vm_reg *reg, int64_t first)
{
	return ffpf_vm_frame_grow(v, reg->frame, slot_of(first) + 1);
}

/* The lower slot of the value of eight bytes that slot i belongs to, or i. */
static unsigned lower_of(const struct vm_frame *frame, unsigned i)
{
	return frame->slots[i].upper ? i + 1 : i;
}

/* A value of eight bytes that is about to lose a part: a number's other bytes become plain, a pointer's void. */
static int break_up(struct vm_verifier *v, struct vm_frame *frame, unsigned i)
{
	unsigned lower = lower_of(frame, i);
	struct vm_slot *low = &frame->slots[lower];

	if (low->size != 8)
		return 0;
	struct vm_slot *high = low - 1;
	bool pointer = low->value.kind != VM_NUMBER;
	/* Who reads what is left has read both. */
	uint32_t node = ffpf_vm_node(v, low->written, high->written);
	if (!node)
		return ffpf_vm_no_memory(v);
	low->size = 0;
	high->upper = false;
	low->written = high->written = node;
	if (pointer)
		low->set = high->set = 0;
	return 0;
}

/* Bytes first to last are written, or (maybe) may have been. */
static int write_bytes(struct vm_verifier *v, struct vm_frame *frame, int64_t first, int64_t last, bool maybe)
{
	for (unsigned i = slot_of(last - 1); i <= slot_of(first); i++) {
		struct vm_slot *slot = &frame->slots[i];
		uint8_t mask = mask_of(i, first, last);
		int error = break_up(v, frame, i);

		if (error)
			return error;
		slot->written = ffpf_vm_node(v, mask == 15 && !maybe ? 0 : slot->written, 0);
		if (!slot->written)
			return ffpf_vm_no_memory(v);
		if (slot->size && (value_mask(slot) & mask))
			slot->size = 0;
		if (!maybe)
			slot->set |= mask;
	}
	return 0;
}

static int check_storable(struct vm_verifier *v, const struct vm_reg *reg, const struct vm_reg *value, unsigned size,
			  int64_t first, bool fixed)
{
	if (value->kind == VM_NUMBER)
		return 0;
	if (size != 8)
		return ffpf_vm_refuse(v, "a part of a pointer to %s is stored", ffpf_vm_kind_name(value->kind));
	if (!fixed)
		return ffpf_vm_refuse(v, "a pointer is stored at a variable place on the stack");
	if (byte_of(first))
		return ffpf_vm_refuse(v, "a pointer is stored on the stack at r10%+lld, which is not a multiple of %d",
				      (long long)first, VM_SLOT);
	if (value->kind == VM_STACK && value->frame > reg->frame)
		return ffpf_vm_refuse(v, "a pointer into a function's stack is stored where its caller finds it");
	return 0;
}

int ffpf_vm_stack_store(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int16_t off, unsigned size,
			const struct vm_reg *value)
{
	bool fixed = ffpf_vm_number_is_constant(&reg->number);
	int64_t first, last;
	int error = ffpf_vm_stack_bounds(v, number, reg, off, size, &first, &last);

	if (!error)
		error = check_storable(v, reg, value, size, first, fixed);
	if (error)
		return error;
	struct vm_frame *frame = reach(v, reg, first);
	if (!frame)
		return ffpf_vm_no_memory(v);
	error = write_bytes(v, frame, first, last, !fixed);
	if (error || !fixed || (size == 8 ? byte_of(first) : byte_of(first) + size > VM_SLOT))
		return error;
	struct vm_slot *slot = &frame->slots[slot_of(first)];
	uint64_t mask = size == 8 ? UINT64_MAX : ((uint64_t)1 << size * 8) - 1;
	slot->value = *value;
	slot->at = (uint8_t)byte_of(first);
	slot->size = (uint8_t)size;
	if (size == 8) {
		slot[-1].upper = true;
		slot[-1].size = 0;
	} else if (value->number.wide.umax > mask) { /* what is stored is not the value */
		struct vm_number part = ffpf_vm_number_part(&value->number, 0, size);

		return ffpf_vm_set_number(v, &slot->value, part, value->node, 0);
	}
	return 0;
}

/* `size` bytes somewhere in first to last are read: marks them, and refuses what is not there. */
static int read_bytes(struct vm_verifier *v, struct vm_frame *frame, int64_t first, int64_t last, uint64_t size)
{
	for (unsigned i = slot_of(last - 1); i <= slot_of(first); i++) {
		uint8_t mask = mask_of(i, first, last);
		unsigned lower = lower_of(frame, i);
		int error = ffpf_vm_mark(v, frame->slots[i].written);

		if (!error && frame->slots[lower].size == 8)
			error = ffpf_vm_mark(v, frame->slots[lower].written);
		if (!error && frame->slots[lower].size == 8)
			error = ffpf_vm_mark(v, frame->slots[lower - 1].written);
		if (error)
			return error;
		if (mask & ~frame->slots[i].set)
			return ffpf_vm_refuse(v,
					      "%s%lld bytes of the stack at r10%+lld are read, and not all of them "
					      "were written before",
					      (uint64_t)(last - first) > size ? "some of " : "",
					      (long long)(last - first), (long long)first);
	}
	return 0;
}

static bool has_pointer(const struct vm_frame *frame, int64_t first, int64_t last)
{
	for (unsigned i = slot_of(last - 1); i <= slot_of(first); i++) {
		const struct vm_slot *slot = &frame->slots[lower_of(frame, i)];

		if (slot->size && slot->value.kind != VM_NUMBER)
			return true;
	}
	return false;
}

int ffpf_vm_stack_read(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int64_t off, uint64_t size)
{
	int64_t first, last;
	int error = ffpf_vm_stack_bounds(v, number, reg, off, size, &first, &last);

	if (error || !size)
		return error;
	struct vm_frame *frame = reach(v, reg, first);
	if (!frame)
		return ffpf_vm_no_memory(v);
	error = read_bytes(v, frame, first, last, size);
	if (!error && has_pointer(frame, first, last))
		error = ffpf_vm_refuse(v, "the bytes of a pointer on the stack are read as numbers");
	return error;
}

/* A part of a value: bytes `at` to at + size of it. */
static int load_part(struct vm_verifier *v, const struct vm_slot *slot, unsigned at, unsigned size, bool sign,
		     struct vm_reg *out)
{
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		at = slot->size - at - size;
	if (!at && size == slot->size && !sign) {
		*out = slot->value;
		return 0;
	}
	struct vm_number part = ffpf_vm_number_part(&slot->value.number, at, size);
	if (sign)
		part = ffpf_vm_number_extend(&part, size * 8);
	return ffpf_vm_set_number(v, out, part, slot->value.node, 0);
}

int ffpf_vm_stack_load(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int16_t off, unsigned size,
		       bool sign, struct vm_reg *out)
{
	int64_t first, last;
	int error = ffpf_vm_stack_bounds(v, number, reg, off, size, &first, &last);

	if (error)
		return error;
	struct vm_frame *frame = reach(v, reg, first);
	if (!frame)
		return ffpf_vm_no_memory(v);
	error = read_bytes(v, frame, first, last, size);
	if (error)
		return error;
	if (ffpf_vm_number_is_constant(&reg->number)) {
		const struct vm_slot *slot = &frame->slots[lower_of(frame, slot_of(first))];
		int64_t begin = -(int64_t)VM_SLOT * ((slot - frame->slots) + 1) + slot->at;
		bool whole = slot->size == size && begin == first;

		if (slot->size && slot->value.kind != VM_NUMBER && whole) {
			*out = slot->value;
			return sign ? ffpf_vm_refuse(v, "the bytes of a pointer on the stack are read as numbers") : 0;
		}
		if (slot->size && slot->value.kind == VM_NUMBER && first >= begin && last <= begin + slot->size)
			return load_part(v, slot, (unsigned)(first - begin), size, sign, out);
	}
	if (has_pointer(frame, first, last))
		return ffpf_vm_refuse(v, "the bytes of a pointer on the stack are read as numbers");
	return ffpf_vm_set_number(v, out, ffpf_vm_number_bytes(size, sign), 0, 0);
}

int ffpf_vm_stack_fill(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int64_t off, uint64_t least,
		       uint64_t most)
{
	bool fixed = ffpf_vm_number_is_constant(&reg->number);
	int64_t first, last;
	int error = ffpf_vm_stack_bounds(v, number, reg, off, most, &first, &last);

	if (error || !most)
		return error;
	struct vm_frame *frame = reach(v, reg, first);
	if (!frame)
		return ffpf_vm_no_memory(v);
	if (fixed && least)
		error = write_bytes(v, frame, first, first + (int64_t)least, false);
	if (!error && (!fixed || least < most))
		error = write_bytes(v, frame, fixed ? first + (int64_t)least : first, last, true);
	return error;
}
