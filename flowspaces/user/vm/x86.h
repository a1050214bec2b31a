/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An encoder of the x86-64 instructions that jit.c emits; one line an instruction. AMD64 Architecture Programmer's
 * Manual, volume 3: [REX] [0F] opcode ModRM [SIB] [displacement] [immediate].
 *
 * Everything is emitted through byte(), which counts even when there is no room left to write: the first pass runs
 * without a buffer to learn the size.
 */
#ifndef FFPF_VM_X86_H
#define FFPF_VM_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum x86_reg { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, X8, X9, X10, X11, X12, X13, X14, X15 };

/* Conditions: the low four bits of jcc. */
enum x86_cond {
	CC_B = 2,
	CC_AE = 3,
	CC_E = 4,
	CC_NE = 5,
	CC_BE = 6,
	CC_A = 7,
	CC_L = 12,
	CC_GE = 13,
	CC_LE = 14,
	CC_G = 15,
};

/* Two-operand arithmetic: bits 3 to 5 of the opcode, or of ModRM where an immediate follows. */
enum x86_alu { X_ADD = 0, X_OR = 1, X_AND = 4, X_SUB = 5, X_XOR = 6, X_CMP = 7 };
enum x86_shift { X_ROL = 0, X_SHL = 4, X_SHR = 5, X_SAR = 7 };

struct code {
	uint8_t *bytes; /* NULL: only counted */
	size_t n, capacity;
};

/* [base + disp] */
struct place {
	enum x86_reg base;
	int32_t disp;
};

static inline void byte(struct code *c, unsigned value)
{
	if (c->bytes && c->n < c->capacity)
		c->bytes[c->n] = (uint8_t)value;
	c->n++;
}

static inline void word32(struct code *c, uint32_t value)
{
	for (unsigned i = 0; i < 32; i += 8)
		byte(c, value >> i & 0xff);
}

static inline void word64(struct code *c, uint64_t value)
{
	word32(c, (uint32_t)value);
	word32(c, (uint32_t)(value >> 32));
}

/* Opcodes of 0x100 and up stand for 0F xx; a prefix of 0x66 or 0xF0 is given by the caller before. */
static inline void rex_opcode(struct code *c, bool wide, bool force, unsigned opcode, unsigned reg, unsigned rm)
{
	unsigned rex = (unsigned)wide << 3 | reg >> 3 << 2 | rm >> 3;

	if (rex || force)
		byte(c, 0x40 | rex);
	if (opcode >= 0x100)
		byte(c, 0x0f);
	byte(c, opcode & 0xff);
}

/* reg is also where ModRM extends the opcode. force: low bytes of RSI, RDI and the like need a REX. */
static inline void op_reg(struct code *c, bool wide, bool force, unsigned opcode, unsigned reg, enum x86_reg rm)
{
	rex_opcode(c, wide, force, opcode, reg, rm);
	byte(c, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

static inline void op_mem(struct code *c, bool wide, bool force, unsigned opcode, unsigned reg, struct place m)
{
	bool near = m.disp >= -128 && m.disp <= 127, none = !m.disp && (m.base & 7) != RBP;

	rex_opcode(c, wide, force, opcode, reg, m.base);
	byte(c, (none ? 0 : near ? 0x40 : 0x80) | (reg & 7) << 3 | (m.base & 7));
	if ((m.base & 7) == RSP)
		byte(c, 0x24);
	if (near && !none)
		byte(c, (uint8_t)m.disp);
	else if (!none)
		word32(c, (uint32_t)m.disp);
}

static inline void x_mov(struct code *c, bool wide, enum x86_reg dst, enum x86_reg src)
{
	op_reg(c, wide, false, 0x8b, dst, src);
}

/* The shortest of mov r32,imm32 (zero-extends), mov r64,simm32, mov r64,imm64. */
static inline void x_mov_imm(struct code *c, enum x86_reg dst, uint64_t value)
{
	if (!value) {
		op_reg(c, false, false, 0x33, dst, dst); /* xor */
	} else if (value <= UINT32_MAX) {
		rex_opcode(c, false, false, 0xb8 | (dst & 7), 0, dst);
		word32(c, (uint32_t)value);
	} else if ((int64_t)value == (int32_t)value) {
		op_reg(c, true, false, 0xc7, 0, dst);
		word32(c, (uint32_t)value);
	} else {
		rex_opcode(c, true, false, 0xb8 | (dst & 7), 0, dst);
		word64(c, value);
	}
}

static inline void x_alu(struct code *c, bool wide, enum x86_alu op, enum x86_reg dst, enum x86_reg src)
{
	op_reg(c, wide, false, (unsigned)op << 3 | 3, dst, src);
}

static inline void x_alu_imm(struct code *c, bool wide, enum x86_alu op, enum x86_reg dst, int32_t imm)
{
	bool near = imm >= -128 && imm <= 127;

	op_reg(c, wide, false, near ? 0x83 : 0x81, op, dst);
	if (near)
		byte(c, (uint8_t)imm);
	else
		word32(c, (uint32_t)imm);
}

static inline void x_test(struct code *c, bool wide, enum x86_reg a, enum x86_reg b)
{
	op_reg(c, wide, false, 0x85, b, a);
}

static inline void x_test_imm(struct code *c, bool wide, enum x86_reg a, int32_t imm)
{
	op_reg(c, wide, false, 0xf7, 0, a);
	word32(c, (uint32_t)imm);
}

static inline void x_shift_imm(struct code *c, bool wide, enum x86_shift op, enum x86_reg dst, unsigned count)
{
	op_reg(c, wide, false, 0xc1, op, dst);
	byte(c, count);
}

static inline void x_shift_cl(struct code *c, bool wide, enum x86_shift op, enum x86_reg dst)
{
	op_reg(c, wide, false, 0xd3, op, dst);
}

static inline void x_bswap(struct code *c, bool wide, enum x86_reg dst)
{
	rex_opcode(c, wide, false, 0x100 | 0xc8 | (dst & 7), 0, dst);
}

static inline void x_lea(struct code *c, enum x86_reg dst, struct place m)
{
	op_mem(c, true, false, 0x8d, dst, m);
}

static inline void x_push(struct code *c, enum x86_reg reg)
{
	rex_opcode(c, false, false, 0x50 | (reg & 7), 0, reg);
}

static inline void x_pop(struct code *c, enum x86_reg reg)
{
	rex_opcode(c, false, false, 0x58 | (reg & 7), 0, reg);
}

#endif
