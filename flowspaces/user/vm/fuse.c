/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Superinstructions: the sequences that packet filters are full of, run by one handler. A handler reads its later
 * operands from the ops behind the first, which this pass leaves alone.
 *
 *   load, compare with a constant                  protocol, flags
 *   load a byte, mask, shift                       header lengths
 *   load, swap [, compare with a constant]         EtherType, addresses, ports
 *   copy, add a constant [, jump if greater than]  bounds checks
 *   set r0 to a constant, exit
 */
#include <flowspaces/user/vm/code.h>

#include <stdbool.h>

/* Does operation i compare op's register with a constant as 64 bits would? JEQ, JNE, JSET or -1. A value of at most 32
 * bits is assumed. */
static int compare(const struct vm_op *op, const uint16_t *operations, size_t i)
{
	switch (operations[i]) {
	case VM_JEQ64K:
		return VM_JEQ64K;
	case VM_JNE64K:
		return VM_JNE64K;
	case VM_JSET64K:
		return VM_JSET64K;
	case VM_JEQ32K:
		return op->imm >= 0 ? VM_JEQ64K : -1;
	case VM_JNE32K:
		return op->imm >= 0 ? VM_JNE64K : -1;
	case VM_JSET32K:
		return op->imm >= 0 ? VM_JSET64K : -1;
	default:
		return -1;
	}
}

struct fused {
	uint16_t jeq, jne, jset, plain;
};

/* For a load at i with the jump n ops on; or plain. */
static uint16_t with_jump(const struct vm_op *ops, const uint16_t *operations, size_t i, size_t n, struct fused fused)
{
	if (ops[i + n].dst != ops[i].dst)
		return fused.plain;
	switch (compare(&ops[i + n], operations, i + n)) {
	case VM_JEQ64K:
		return fused.jeq;
	case VM_JNE64K:
		return fused.jne;
	case VM_JSET64K:
		return fused.jset;
	default:
		return fused.plain;
	}
}

static uint16_t fuse_load(const struct vm_op *ops, const uint16_t *operations, size_t i)
{
	static const struct fused byte = {VM_LDXB_JEQ, VM_LDXB_JNE, VM_LDXB_JSET, VM_LDXB};
	static const struct fused half = {VM_LDXH_JEQ, VM_LDXH_JNE, VM_LDXH, VM_LDXH};
	static const struct fused word = {VM_LDXW_JEQ, VM_LDXW_JNE, VM_LDXW, VM_LDXW};
	static const struct fused half_swapped = {VM_LDXH_BE_JEQ, VM_LDXH_BE_JNE, VM_LDXH_BE_JSET, VM_LDXH_BE};
	static const struct fused word_swapped = {VM_LDXW_BE_JEQ, VM_LDXW_BE_JNE, VM_LDXW_BE, VM_LDXW_BE};
	bool same = ops[i + 1].dst == ops[i].dst;

	switch (operations[i]) {
	case VM_LDXB:
		if (same && operations[i + 1] == VM_AND64K && operations[i + 2] == VM_LSH64K &&
		    ops[i + 2].dst == ops[i].dst)
			return VM_LDXB_AND_LSH;
		return with_jump(ops, operations, i, 1, byte);
	case VM_LDXH:
		return same && operations[i + 1] == VM_BE16 ? with_jump(ops, operations, i, 2, half_swapped)
							    : with_jump(ops, operations, i, 1, half);
	default:
		return same && operations[i + 1] == VM_BE32 ? with_jump(ops, operations, i, 2, word_swapped)
							    : with_jump(ops, operations, i, 1, word);
	}
}

/* mov d,s; add d,K [; jgt d,s]: the handler reads s before it writes d, and compares with the jump's own register
 * after. */
static uint16_t fuse_move(const struct vm_op *ops, const uint16_t *operations, size_t i)
{
	if (operations[i + 1] != VM_ADD64K || ops[i + 1].dst != ops[i].dst)
		return VM_MOV64X;
	if (operations[i + 2] == VM_JGT64X && ops[i + 2].dst == ops[i].dst)
		return VM_MOV_ADD_JGT;
	return VM_MOV_ADD;
}

/* The arrays have room for two ops behind the program's, whose operation is none. */
void ffpf_vm_fuse(struct vm_op *ops, uint16_t *operations, size_t n)
{
	const void *const *labels = ffpf_vm_labels();

	for (size_t i = 0; i < n; i++) {
		uint16_t fused = operations[i];

		switch (fused) {
		case VM_LDXB:
		case VM_LDXH:
		case VM_LDXW:
			fused = fuse_load(ops, operations, i);
			break;
		case VM_MOV64X:
			fused = fuse_move(ops, operations, i);
			break;
		case VM_MOV64K:
			if (operations[i + 1] == VM_EXIT)
				fused = VM_MOVK_EXIT;
			break;
		}
		if (fused == operations[i])
			continue;
		operations[i] = fused;
		ops[i].run = labels[fused];
	}
}
