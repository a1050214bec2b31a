/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What operations and conditions give for constants: for folding, and for the reference interpreter.
 */
#include <lib/ir/ir.h>

uint64_t ffpf_alu_eval(enum ffpf_op op, unsigned bits, uint64_t x, uint64_t y)
{
	uint64_t mask = bits == 32 ? UINT32_MAX : UINT64_MAX;
	unsigned count = y & (bits - 1);

	x &= mask;
	y &= mask;
	switch (op) {
	case FFPF_IR_ADD:
		x += y;
		break;
	case FFPF_IR_SUB:
		x -= y;
		break;
	case FFPF_IR_MUL:
		x *= y;
		break;
	case FFPF_IR_DIV:
		x = y ? x / y : 0;
		break;
	case FFPF_IR_MOD:
		x = y ? x % y : x;
		break;
	case FFPF_IR_AND:
		x &= y;
		break;
	case FFPF_IR_OR:
		x |= y;
		break;
	case FFPF_IR_XOR:
		x ^= y;
		break;
	case FFPF_IR_LSH:
		x <<= count;
		break;
	case FFPF_IR_RSH:
		x >>= count;
		break;
	case FFPF_IR_ARSH:
		x = bits == 32 ? (uint64_t)(uint32_t)((int32_t)x >> count) : (uint64_t)((int64_t)x >> count);
		break;
	default:
		break;
	}
	return x & mask;
}

bool ffpf_cond_eval(enum ffpf_cond cond, unsigned bits, uint64_t x, uint64_t y)
{
	int64_t sx, sy;

	if (bits == 32) {
		x = (uint32_t)x;
		y = (uint32_t)y;
		sx = (int32_t)x;
		sy = (int32_t)y;
	} else {
		sx = (int64_t)x;
		sy = (int64_t)y;
	}
	switch (cond) {
	case FFPF_EQ:
		return x == y;
	case FFPF_NE:
		return x != y;
	case FFPF_LT:
		return x < y;
	case FFPF_LE:
		return x <= y;
	case FFPF_GT:
		return x > y;
	case FFPF_GE:
		return x >= y;
	case FFPF_SLT:
		return sx < sy;
	case FFPF_SLE:
		return sx <= sy;
	case FFPF_SGT:
		return sx > sy;
	case FFPF_SGE:
		return sx >= sy;
	case FFPF_SET:
		return (x & y) != 0;
	case FFPF_NSET:
		return (x & y) == 0;
	}
	return false;
}
