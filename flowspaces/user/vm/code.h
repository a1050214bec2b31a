/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The form that the interpreter runs. Private to flowspaces/user/vm.
 *
 * One op for each slot of the program, at the same index, so jumps keep their offsets. An LD_IMM64's second slot holds
 * the constant. A superinstruction only replaces the first op's label: its handler takes its operands from the ops
 * behind, which stay what they were, so that a jump into the middle still works.
 *
 *   slot        i               i+1             i+2
 *   program     LDXH r1,[r6+12] END be16 r1     JNE r1,0x800,+7
 *   ops         LDXH_BE_JNE     BE16            JNE64K
 *               r1,r6,12        r1              r1,0x800,+7       the first does all three
 *
 * This list of operations is the single truth: it makes the enum here and the table of labels in interp.c.
 */
#ifndef FFPF_VM_CODE_H
#define FFPF_VM_CODE_H

#include <flowspaces/user/vm/vm.h>

/* Binary arithmetic: X(name), each in the forms name##64K, 64X, 32K, 32X (width, constant or register). */
#define VM_ALU(X) X(ADD) X(SUB) X(MUL) X(DIV) X(OR) X(AND) X(LSH) X(RSH) X(MOD) X(XOR) X(MOV) X(ARSH) X(SDIV) X(SMOD)
/* Conditional jumps, in the same four forms. */
#define VM_JUMPS(X) X(JEQ) X(JGT) X(JGE) X(JSET) X(JNE) X(JSGT) X(JSGE) X(JLT) X(JLE) X(JSLT) X(JSLE)
#define VM_OTHERS(X)                                                                                                   \
	X(NEG64)                                                                                                       \
	X(NEG32)                                                                                                       \
	X(MOVSX8_64)                                                                                                   \
	X(MOVSX16_64)                                                                                                  \
	X(MOVSX32_64)                                                                                                  \
	X(MOVSX8_32) X(MOVSX16_32) X(BE16) X(BE32) X(BE64) X(LE16) X(LE32) X(LE64) X(BSWAP16) X(BSWAP32) X(BSWAP64)    \
		X(LDXB) X(LDXH) X(LDXW) X(LDXDW) X(LDXSB) X(LDXSH) X(LDXSW) X(LDIMM64) X(STB) X(STH) X(STW) X(STDW)    \
			X(STXB) X(STXH) X(STXW) X(STXDW) X(ATOMIC32) X(ATOMIC64) X(JA) X(JAL) X(CALL) X(CALL_LOCAL)    \
				X(EXIT)
/* Superinstructions. An underscore joins the parts; the jumps compare with a constant. */
#define VM_SUPER(X)                                                                                                    \
	X(LDXH_BE)                                                                                                     \
	X(LDXW_BE)                                                                                                     \
	X(MOV_ADD)                                                                                                     \
	X(MOV_ADD_JGT)                                                                                                 \
	X(MOVK_EXIT)                                                                                                   \
	X(LDXB_JEQ) X(LDXB_JNE) X(LDXH_JEQ) X(LDXH_JNE) X(LDXW_JEQ) X(LDXW_JNE) X(LDXH_BE_JEQ) X(LDXH_BE_JNE)          \
		X(LDXW_BE_JEQ) X(LDXW_BE_JNE) X(LDXB_JSET) X(LDXH_BE_JSET) X(LDXB_AND_LSH)

#define VM_FOUR_FORMS(name) VM_##name##64K, VM_##name##64X, VM_##name##32K, VM_##name##32X,
#define VM_ONE_FORM(name) VM_##name,
enum vm_operation {
	VM_ALU(VM_FOUR_FORMS) VM_JUMPS(VM_FOUR_FORMS) VM_OTHERS(VM_ONE_FORM) VM_SUPER(VM_ONE_FORM) VM_OPERATIONS
};

enum vm_form { VM_64K, VM_64X, VM_32K, VM_32X };

struct vm_op {
	union {
		const void *run;   /* the handler's label */
		uint64_t constant; /* second slot of LDIMM64 */
	};
	uint8_t dst, src;
	int16_t off;
	int32_t imm; /* CALL: index of the helper */
};

_Static_assert(sizeof(struct vm_op) == 16, "four to a cache line");

#define VM_FRAMES 8
#define VM_STACK 512

struct ffpf_vm {
	size_t n;
	ffpf_vm_helper *helpers;
	struct vm_op ops[];
};

/* Labels of all handlers, indexed by enum vm_operation. */
const void *const *ffpf_vm_labels(void);
/* Replaces common sequences by superinstructions. operations[i] says what ops[i] is; it is updated. (fuse.c) */
void ffpf_vm_fuse(struct vm_op *ops, uint16_t *operations, size_t n);

#endif
