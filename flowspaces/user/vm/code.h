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

#include <flowspaces/ebpf/insn.h>
#include <flowspaces/user/vm/vm.h>

#include <stdbool.h>

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
	X(MOVSX8_32)                                                                                                   \
	X(MOVSX16_32)                                                                                                  \
	X(BE16)                                                                                                        \
	X(BE32)                                                                                                        \
	X(BE64)                                                                                                        \
	X(LE16)                                                                                                        \
	X(LE32)                                                                                                        \
	X(LE64)                                                                                                        \
	X(BSWAP16)                                                                                                     \
	X(BSWAP32)                                                                                                     \
	X(BSWAP64)                                                                                                     \
	X(LDXB)                                                                                                        \
	X(LDXH)                                                                                                        \
	X(LDXW)                                                                                                        \
	X(LDXDW)                                                                                                       \
	X(LDXSB)                                                                                                       \
	X(LDXSH)                                                                                                       \
	X(LDXSW)                                                                                                       \
	X(LDIMM64)                                                                                                     \
	X(LDABS)                                                                                                       \
	X(LDIND)                                                                                                       \
	X(STB)                                                                                                         \
	X(STH)                                                                                                         \
	X(STW)                                                                                                         \
	X(STDW) X(STXB) X(STXH) X(STXW) X(STXDW) X(ATOMIC32) X(ATOMIC64) X(JA) X(JAL) X(CALL) X(CALL_LOCAL)            \
		X(TAIL_CALL) X(EXIT)
/* Superinstructions. An underscore joins the parts; the jumps compare with a constant. */
#define VM_SUPER(X)                                                                                                    \
	X(LDXH_BE)                                                                                                     \
	X(LDXW_BE)                                                                                                     \
	X(MOV_ADD)                                                                                                     \
	X(MOV_ADD_JGT)                                                                                                 \
	X(MOVK_EXIT)                                                                                                   \
	X(LDXB_JEQ)                                                                                                    \
	X(LDXB_JNE)                                                                                                    \
	X(LDXH_JEQ)                                                                                                    \
	X(LDXH_JNE)                                                                                                    \
	X(LDXW_JEQ)                                                                                                    \
	X(LDXW_JNE)                                                                                                    \
	X(LDXH_BE_JEQ) X(LDXH_BE_JNE) X(LDXW_BE_JEQ) X(LDXW_BE_JNE) X(LDXB_JSET) X(LDXH_BE_JSET) X(LDXB_AND_LSH)

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
	uint8_t dst, src; /* LDABS, LDIND: dst is the number of bytes */
	int16_t off;
	int32_t imm; /* CALL: index of the helper */
};

_Static_assert(sizeof(struct vm_op) == 16, "four to a cache line");

/* Native code of a program, as ffpf_vm_run calls it. */
typedef uint64_t (*ffpf_vm_entry)(void *r1, uint64_t r2, void *env);

/* What LDABS and LDIND do: the packet of the context in r6, `size` bytes at an offset, in host order; UINT64_MAX when
 * they are not there, which ends the function with 0. (helpers.c) */
uint64_t ffpf_vm_load_packet(uint64_t context, uint64_t offset, uint64_t size);
/* Is it one of them? */
static inline bool ffpf_vm_is_packet_load(const struct bpf_insn *insn)
{
	unsigned mode = BPF_MODE(insn->code);

	return BPF_CLASS(insn->code) == BPF_LD && (mode == BPF_ABS || mode == BPF_IND);
}

struct ffpf_vm {
	size_t n;
	struct bpf_insn *insns;
	ffpf_vm_helper *helpers; /* NULL in it: the tail call */
	bool tails;		 /* the program has some */
	unsigned frames;	 /* that it needs */
	ffpf_vm_entry native;	 /* NULL: not compiled */
	ffpf_vm_loop loop;	 /* the same */
	size_t native_bytes, loop_bytes;
	struct vm_op ops[];
};

/* What ffpf_vm_new refuses, without loading: as it, and at which instruction; SIZE_MAX: the program as a whole.
 * (load.c) */
int ffpf_vm_check(const struct ffpf_vm_program *program, size_t *at, const char **why);
/* Labels of all handlers, indexed by enum vm_operation. */
const void *const *ffpf_vm_labels(void);
/* Functions and calls of a program whose single instructions were checked. 0, -ENOMEM, or -EINVAL with a sentence in
 * *why. frames: how deep they nest, the program itself counted. (calls.c) */
int ffpf_vm_check_calls(const struct bpf_insn *insns, size_t n, unsigned *frames, const char **why);
/* Per instruction of a loaded program the set of registers (bit n: rn) whose values may still be read when it is
 * reached. The caller frees it; NULL without memory. (live.c) */
uint16_t *ffpf_vm_live(const struct bpf_insn *insns, size_t n);
/* Lets go of native code, if there is any. (jit.c) */
void ffpf_vm_native_free(struct ffpf_vm *vm);
/* Replaces common sequences by superinstructions. operations[i] says what ops[i] is; it is updated. (fuse.c) */
void ffpf_vm_fuse(struct vm_op *ops, uint16_t *operations, size_t n);

#endif
