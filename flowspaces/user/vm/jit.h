/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The compiler to x86-64 from the inside.
 *
 *   jit.c         passes, prologues, jumps, calls
 *   jit_frame.c   which registers and how much stack a function has
 *   jit_alu.c     arithmetic
 *   jit_memory.c  loads, stores, atomics
 *   x86.h         the encoder
 *
 * RCX and R10 hold nothing between two eBPF instructions; everyone may use them. R10 of eBPF has no register: it is
 * RSP + frame.
 */
#ifndef FFPF_VM_JIT_H
#define FFPF_VM_JIT_H

#include <flowspaces/user/vm/code.h>
#include <flowspaces/user/vm/x86.h>

#define JIT_NOWHERE 16 /* a register of the program that it does not use */

/* What the prologue of a function does: saves the registers that the function changes, makes room for its stack. */
struct jit_frame {
	size_t begin;	/* its first instruction */
	uint16_t saved; /* set of x86 registers */
	int32_t bytes;	/* below what was saved */
};

struct jit {
	struct code code;
	const struct ffpf_vm *vm;
	uint8_t reg[10];	  /* per eBPF register: enum x86_reg, or JIT_NOWHERE */
	uint16_t zeroed;	  /* set of eBPF registers that begin as zero because they may be read */
	bool calls;		  /* the program calls something: registers are those of the calling convention */
	struct jit_frame *frames; /* of the functions, ascending; the first is the main one */
	size_t n_frames;
	const struct jit_frame *in; /* that of the instruction being translated */
	int32_t pushed;		    /* bytes pushed for the moment, within one instruction */
	uint32_t *at;		    /* per instruction: where it begins, from the pass before */
	uint32_t *next_at;	    /* the same, being made */
	uint32_t *entry;	    /* per instruction: where local calls of it go; 0: nobody calls it */
	uint16_t *live;		    /* per instruction: set of eBPF registers that may still be read */
	uint8_t *marks;		    /* per instruction: MARK_ */
	unsigned passes;	    /* done */
	uint32_t stride;	    /* of the loop around the program; 0: none */
	size_t top;		    /* where the loop begins */
};

enum { MARK_TARGET = 1, MARK_CALLED = 2, MARK_SHORT = 4 /* the jump of this instruction has 8 bits */ };

/* Bytes [base + off] of an eBPF address. */
static inline struct place jit_place(const struct jit *j, unsigned base, int32_t off)
{
	if (base == BPF_REG_10)
		return (struct place){RSP, j->in->bytes + j->pushed + off};
	return (struct place){j->reg[base], off};
}

/* The register that holds an eBPF register; R10 of eBPF is put into temp. */
static inline enum x86_reg jit_use(struct jit *j, unsigned reg, enum x86_reg temp)
{
	if (reg != BPF_REG_10)
		return j->reg[reg];
	x_lea(&j->code, temp, jit_place(j, reg, 0));
	return temp;
}

/* A jump forward over a few instructions: begins it, gives what jit_land ends it with. */
static inline size_t jit_skip(struct jit *j, enum x86_cond condition)
{
	byte(&j->code, 0x70 | condition);
	byte(&j->code, 0);
	return j->code.n;
}

static inline size_t jit_skip_always(struct jit *j)
{
	byte(&j->code, 0xeb);
	byte(&j->code, 0);
	return j->code.n;
}

static inline void jit_land(struct jit *j, size_t skip)
{
	if (j->code.bytes && skip <= j->code.capacity)
		j->code.bytes[skip - 1] = (uint8_t)(j->code.n - skip);
}

/* Bytes at the bottom of a loop's frame: see jit.c. */
#define JIT_LOOP_SLOTS 16

/* jit_frame.c: reg, calls, frames, live, zeroed of a program whose marks are set. 0 or -ENOMEM. */
int jit_assign_registers(struct jit *j);
/* jit_alu.c: one instruction of class ALU or ALU64; how many instructions it took (two when it joined one behind). */
unsigned jit_alu(struct jit *j, size_t i);
/* jit_memory.c: one of class LDX, ST or STX, likewise */
unsigned jit_memory(struct jit *j, size_t i);

#endif
