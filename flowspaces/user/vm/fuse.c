/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Superinstructions: the sequences that packet filters are full of, run by one handler. A handler reads its later operands from the
 * ops behind the first, which this pass leaves alone.
 *
 *   load, compare with a constant                  protocol, flags
 *   load, swap [, compare with a constant]         EtherType, addresses, ports
 *   copy, add a constant [, jump if greater than]  bounds checks
 *   set r0 to a constant, exit
 */
#include <flowspaces/user/vm/code.h>

/* Does operation i compare op's register with a constant as 64 bits would? JEQ, JNE or -1. A value of at most 32 bits is assumed. */
static int compare(const struct vm_op *op, const uint16_t *operations, size_t i)
{
	switch (operations[i]) {
	case VM_JEQ64K: return VM_JEQ64K;
	case VM_JNE64K: return VM_JNE64K;
	case VM_JEQ32K: return op->imm >= 0 ? VM_JEQ64K : -1;
	case VM_JNE32K: return op->imm >= 0 ? VM_JNE64K : -1;
	default: return -1;
	}
}

/* The pair (name_JEQ, name_JNE) for a load at i with the jump n ops on; or plain. */
static uint16_t with_jump(const struct vm_op *ops, const uint16_t *operations, size_t i, size_t n, uint16_t jeq, uint16_t jne, uint16_t plain)
{
	if (ops[i + n].dst != ops[i].dst)
		return plain;
	switch (compare(&ops[i + n], operations, i + n)) {
	case VM_JEQ64K: return jeq;
	case VM_JNE64K: return jne;
	default: return plain;
	}
}

static uint16_t fuse_load(const struct vm_op *ops, const uint16_t *operations, size_t i)
{
	const struct vm_op *next = &ops[i + 1];

	switch (operations[i]) {
	case VM_LDXB:
		return with_jump(ops, operations, i, 1, VM_LDXB_JEQ, VM_LDXB_JNE, VM_LDXB);
	case VM_LDXH:
		if (operations[i + 1] == VM_BE16 && next->dst == ops[i].dst)
			return with_jump(ops, operations, i, 2, VM_LDXH_BE_JEQ, VM_LDXH_BE_JNE, VM_LDXH_BE);
		return with_jump(ops, operations, i, 1, VM_LDXH_JEQ, VM_LDXH_JNE, VM_LDXH);
	default:
		if (operations[i + 1] == VM_BE32 && next->dst == ops[i].dst)
			return with_jump(ops, operations, i, 2, VM_LDXW_BE_JEQ, VM_LDXW_BE_JNE, VM_LDXW_BE);
		return with_jump(ops, operations, i, 1, VM_LDXW_JEQ, VM_LDXW_JNE, VM_LDXW);
	}
}

/* mov d,s; add d,K [; jgt d,s]: the handler reads s before it writes d, and compares with the jump's own register after. */
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
		case VM_LDXB: case VM_LDXH: case VM_LDXW:
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
