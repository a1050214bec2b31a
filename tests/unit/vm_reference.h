/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine that checks everything: a plain interpreter of struct bpf_insn that shares nothing with the real one.
 * Memory is a list of regions; each access must lie in one, stack bytes must have been written before they are read,
 * and a run has a bound. What is wrong is said in `fault`, and ends the run.
 */
#ifndef VM_REFERENCE_H
#define VM_REFERENCE_H

#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/user/vm/vm.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFERENCE_REGIONS = 64, REFERENCE_STEPS = 1 << 20 };

struct reference_region {
	uint64_t base, size;
	bool writable;
	uint8_t *written; /* the stack: a byte for each byte; NULL: all initialised */
};

struct reference {
	const struct bpf_insn *insns;
	size_t n;
	const struct ffpf_vm_helpers *helpers;
	void *env;
	struct reference_region regions[REFERENCE_REGIONS];
	unsigned n_regions;
	uint8_t *stacks[FFPF_VM_FRAMES], written[FFPF_VM_FRAMES][FFPF_VM_STACK];
	uint64_t r[11];
	struct {
		size_t back;
		uint64_t saved[5]; /* r6 to r10 */
	} calls[FFPF_VM_FRAMES];
	unsigned depth;
	size_t pc, steps;
	const uint8_t *packet; /* what legacy packet loads look at */
	size_t packet_size;
	bool distrust; /* stop at helpers that are given pointers: nobody checked them */
	/* before each instruction, may be NULL */
	void (*trace)(struct reference *m);
	void *cookie;
	char fault[160];
};

#define REFERENCE_FAULT(m, ...) (void)((m)->fault[0] ? 0 : snprintf((m)->fault, sizeof((m)->fault), __VA_ARGS__))

static inline void reference_region(struct reference *m, const void *base, uint64_t size, bool writable)
{
	if (m->n_regions < REFERENCE_REGIONS)
		m->regions[m->n_regions++] = (struct reference_region){(uintptr_t)base, size, writable, NULL};
	else
		REFERENCE_FAULT(m, "too many regions");
}

/* Is it all right to read or write there? Marks stack bytes that are written. */
static inline bool reference_access(struct reference *m, uint64_t at, uint64_t size, bool write)
{
	for (unsigned i = 0; i < m->n_regions; i++) {
		struct reference_region *region = &m->regions[i];

		if (at < region->base || at - region->base > region->size || size > region->size - (at - region->base))
			continue;
		if (write && !region->writable) {
			REFERENCE_FAULT(m, "insn %zu writes read-only memory", m->pc);
			return false;
		}
		for (uint64_t k = 0; region->written && k < size; k++) {
			uint8_t *mark = &region->written[at - region->base + k];

			if (!write && !*mark) {
				REFERENCE_FAULT(m, "insn %zu reads stack that was not written", m->pc);
				return false;
			}
			*mark = 1;
		}
		return true;
	}
	REFERENCE_FAULT(m, "insn %zu %s %llu bytes at %#llx, outside of everything", m->pc, write ? "writes" : "reads",
			(unsigned long long)size, (unsigned long long)at);
	return false;
}

static inline uint64_t reference_load(struct reference *m, uint64_t at, unsigned size, bool sign)
{
	union {
		uint8_t b;
		uint16_t h;
		uint32_t w;
		uint64_t d;
	} u = {.d = 0};

	if (!reference_access(m, at, size, false))
		return 0;
	memcpy(&u, (void *)(uintptr_t)at, size);
	switch (size) {
	case 1:
		return sign ? (uint64_t)(int64_t)(int8_t)u.b : u.b;
	case 2:
		return sign ? (uint64_t)(int64_t)(int16_t)u.h : u.h;
	case 4:
		return sign ? (uint64_t)(int64_t)(int32_t)u.w : u.w;
	default:
		return u.d;
	}
}

static inline void reference_store(struct reference *m, uint64_t at, unsigned size, uint64_t value)
{
	uint8_t b = (uint8_t)value;
	uint16_t h = (uint16_t)value;
	uint32_t w = (uint32_t)value;

	if (reference_access(m, at, size, true))
		memcpy((void *)(uintptr_t)at,
		       size == 1   ? (void *)&b
		       : size == 2 ? (void *)&h
		       : size == 4 ? (void *)&w
				   : (void *)&value,
		       size);
}

static inline unsigned reference_size(uint8_t code)
{
	return BPF_SIZE(code) == BPF_B ? 1 : BPF_SIZE(code) == BPF_H ? 2 : BPF_SIZE(code) == BPF_W ? 4 : 8;
}

static inline uint64_t reference_divide(uint64_t a, uint64_t b, bool wide, bool sign, bool rest)
{
	if (!wide && sign) {
		int64_t x = (int32_t)a, y = (int32_t)b;

		return !y ? (rest ? (uint64_t)x : 0) : (uint64_t)(rest ? x % y : x / y);
	}
	if (sign && (int64_t)b == -1)
		return rest ? 0 : 0 - a;
	if (sign)
		return !b ? (rest ? a : 0) : (uint64_t)(rest ? (int64_t)a % (int64_t)b : (int64_t)a / (int64_t)b);
	return !b ? (rest ? a : 0) : rest ? a % b : a / b;
}

static inline uint64_t reference_swap(uint64_t value, int bits, bool swap)
{
	uint64_t out = 0;

	for (int i = 0; i < bits; i += 8)
		out |= (value >> i & 0xff) << (swap ? bits - 8 - i : i);
	return out;
}

static inline void reference_alu(struct reference *m, const struct bpf_insn *in)
{
	bool wide = BPF_CLASS(in->code) == BPF_ALU64, little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	uint64_t a = m->r[in->dst_reg], b = BPF_SRC(in->code) == BPF_X ? m->r[in->src_reg] : (uint64_t)(int64_t)in->imm;
	unsigned shift;

	if (!wide && BPF_OP(in->code) != BPF_END) {
		a = (uint32_t)a;
		b = (uint32_t)b;
	}
	shift = (unsigned)b & (wide ? 63 : 31);
	switch (BPF_OP(in->code)) {
	case BPF_ADD:
		a += b;
		break;
	case BPF_SUB:
		a -= b;
		break;
	case BPF_MUL:
		a *= b;
		break;
	case BPF_DIV:
	case BPF_MOD:
		a = reference_divide(a, b, wide, in->off == 1, BPF_OP(in->code) == BPF_MOD);
		break;
	case BPF_OR:
		a |= b;
		break;
	case BPF_AND:
		a &= b;
		break;
	case BPF_XOR:
		a ^= b;
		break;
	case BPF_LSH:
		a <<= shift;
		break;
	case BPF_RSH:
		a >>= shift;
		break;
	case BPF_ARSH:
		a = wide ? (uint64_t)((int64_t)a >> shift) : (uint64_t)((int32_t)a >> shift);
		break;
	case BPF_NEG:
		a = 0 - a;
		break;
	case BPF_MOV:
		a = in->off == 8    ? (uint64_t)(int64_t)(int8_t)b
		    : in->off == 16 ? (uint64_t)(int64_t)(int16_t)b
		    : in->off == 32 ? (uint64_t)(int64_t)(int32_t)b
				    : b;
		break;
	case BPF_END:
		a = reference_swap(a, in->imm, wide || (BPF_SRC(in->code) == BPF_TO_BE) == little);
		wide = true;
		break;
	}
	m->r[in->dst_reg] = wide ? a : (uint32_t)a;
}

static inline bool reference_holds(const struct reference *m, const struct bpf_insn *in)
{
	bool wide = BPF_CLASS(in->code) == BPF_JMP;
	uint64_t a = m->r[in->dst_reg], b = BPF_SRC(in->code) == BPF_X ? m->r[in->src_reg] : (uint64_t)(int64_t)in->imm;
	int64_t x = wide ? (int64_t)a : (int32_t)a, y = wide ? (int64_t)b : (int32_t)b;

	a = wide ? a : (uint32_t)a;
	b = wide ? b : (uint32_t)b;
	switch (BPF_OP(in->code)) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSET:
		return (a & b) != 0;
	case BPF_JSGT:
		return x > y;
	case BPF_JSGE:
		return x >= y;
	case BPF_JSLT:
		return x < y;
	default:
		return x <= y;
	}
}

static inline void reference_atomic(struct reference *m, const struct bpf_insn *in)
{
	unsigned size = reference_size(in->code);
	uint64_t at = m->r[in->dst_reg] + (uint64_t)(int64_t)in->off, operand = m->r[in->src_reg], old, new;

	if (at % size)
		REFERENCE_FAULT(m, "insn %zu is atomic and not aligned", m->pc);
	old = reference_load(m, at, size, false);
	new = operand;
	switch (in->imm & 0xf0) {
	case BPF_ADD:
		new = old + operand;
		break;
	case BPF_OR:
		new = old | operand;
		break;
	case BPF_AND:
		new = old &operand;
		break;
	case BPF_XOR:
		new = old ^ operand;
		break;
	case BPF_CMPXCHG & 0xf0: {
		uint64_t expected = size == 4 ? (uint32_t)m->r[0] : m->r[0];

		m->r[0] = old;
		reference_store(m, at, size, old == expected ? operand : old);
		return;
	}
	}
	reference_store(m, at, size, new);
	if (in->imm & BPF_FETCH)
		m->r[in->src_reg] = old;
}

static inline void reference_enter(struct reference *m)
{
	if (!m->stacks[m->depth])
		m->stacks[m->depth] = malloc(FFPF_VM_STACK);
	memset(m->stacks[m->depth], 0x5a + (int)m->depth, FFPF_VM_STACK);
	memset(m->written[m->depth], 0, FFPF_VM_STACK);
	reference_region(m, m->stacks[m->depth], FFPF_VM_STACK, true);
	m->regions[m->n_regions - 1].written = m->written[m->depth];
	m->r[10] = (uintptr_t)m->stacks[m->depth] + FFPF_VM_STACK;
}

/* false: the program is at its end */
static inline bool reference_call(struct reference *m, const struct bpf_insn *in)
{
	if (BPF_OP(in->code) == BPF_EXIT) {
		if (!m->depth)
			return false;
		m->depth--;
		m->n_regions--;
		memcpy(m->r + 6, m->calls[m->depth].saved, sizeof(m->calls[0].saved));
		m->pc = m->calls[m->depth].back;
		for (unsigned i = 1; i <= 5; i++)
			m->r[i] = 0x5ca1ab1e5ca1ab1e;
		return true;
	}
	if (in->src_reg == BPF_PSEUDO_CALL) {
		if (m->depth + 1 == FFPF_VM_FRAMES) {
			REFERENCE_FAULT(m, "insn %zu calls too deep", m->pc);
			return false;
		}
		memcpy(m->calls[m->depth].saved, m->r + 6, sizeof(m->calls[0].saved));
		m->calls[m->depth++].back = m->pc + 1;
		reference_enter(m);
		m->pc += 1 + (size_t)(int64_t)in->imm;
		return true;
	}
	for (size_t i = 0; m->helpers && i < m->helpers->n; i++)
		if (m->helpers->table[i].id == in->imm && m->helpers->table[i].function) {
			if (m->distrust && m->helpers->table[i].args[0] != FFPF_VM_ARG_NONE) {
				REFERENCE_FAULT(m, "insn %zu calls a helper", m->pc);
				return false;
			}
			m->r[0] = m->helpers->table[i].function(m->env, m->r[1], m->r[2], m->r[3], m->r[4], m->r[5]);
			for (unsigned r = 1; r <= 5; r++)
				m->r[r] = 0x5ca1ab1e5ca1ab1e;
			m->pc++;
			return true;
		}
	m->pc++; /* a tail call to where there is no program changes nothing */
	return true;
}

/* Bytes in network order; where they are not, the function is at its end. false: the program is. */
static inline bool reference_packet_load(struct reference *m, const struct bpf_insn *in)
{
	static const struct bpf_insn leave = {.code = BPF_JMP | BPF_EXIT};
	uint64_t size = reference_size(in->code), value = 0;
	uint64_t at = (uint32_t)in->imm + (BPF_MODE(in->code) == BPF_IND ? (uint32_t)m->r[in->src_reg] : 0u);

	at = (uint32_t)at;
	if (at > m->packet_size || size > m->packet_size - at) {
		m->r[0] = 0;
		return reference_call(m, &leave);
	}
	for (uint64_t i = 0; i < size; i++)
		value = value << 8 | m->packet[at + i];
	m->r[0] = value;
	for (unsigned r = 1; r <= 5; r++)
		m->r[r] = 0x5ca1ab1e5ca1ab1e;
	m->pc++;
	return true;
}

static inline void reference_memory(struct reference *m, const struct bpf_insn *in)
{
	unsigned size = reference_size(in->code);
	uint64_t to = m->r[in->dst_reg] + (uint64_t)(int64_t)in->off;

	if (BPF_CLASS(in->code) == BPF_LDX)
		m->r[in->dst_reg] = reference_load(m, m->r[in->src_reg] + (uint64_t)(int64_t)in->off, size,
						   BPF_MODE(in->code) != BPF_MEM);
	else if (BPF_CLASS(in->code) == BPF_ST)
		reference_store(m, to, size, (uint64_t)(int64_t)in->imm);
	else if (BPF_MODE(in->code) == BPF_ATOMIC)
		reference_atomic(m, in);
	else
		reference_store(m, to, size, m->r[in->src_reg]);
}

/* A legacy packet load: what r6 points to says where the packet is. False: it ended the run. */
static inline bool reference_packet(struct reference *m, const struct bpf_insn *in)
{
	static const struct bpf_insn leave = {.code = BPF_JMP | BPF_EXIT};
	uint64_t data = reference_load(m, m->r[6] + offsetof(struct ffpf_user_ctx, data), 8, false);
	uint64_t end = reference_load(m, m->r[6] + offsetof(struct ffpf_user_ctx, data_end), 8, false);
	uint32_t offset = (uint32_t)in->imm + (BPF_MODE(in->code) == BPF_IND ? (uint32_t)m->r[in->src_reg] : 0);
	unsigned size = reference_size(in->code);
	bool there = (uint64_t)offset + size <= end - data;

	m->r[0] = 0;
	for (unsigned i = 0; there && i < size; i++)
		m->r[0] = m->r[0] << 8 | reference_load(m, data + offset + i, 1, false);
	for (unsigned i = 1; i <= 5; i++)
		m->r[i] = 0x5ca1ab1e5ca1ab1e;
	if (!there)
		return reference_call(m, &leave);
	m->pc++;
	return true;
}

/* Runs; r0, or 0 with `fault` set. Regions, helpers and env are set before. */
static inline uint64_t reference_run(struct reference *m, uint64_t r1, uint64_t r2)
{
	bool more = true;

	for (unsigned i = 0; i < 11; i++)
		m->r[i] = 0xbadc0ffee0ddf00d;
	m->r[1] = r1;
	m->r[2] = r2;
	m->depth = 0;
	m->pc = m->steps = 0;
	reference_enter(m);
	while (more && !m->fault[0]) {
		const struct bpf_insn *in = &m->insns[m->pc];

		if (m->pc >= m->n || m->steps++ > REFERENCE_STEPS) {
			REFERENCE_FAULT(m, m->pc >= m->n ? "it left the program" : "it did not end");
			break;
		}
		if (m->trace)
			m->trace(m);
		switch (BPF_CLASS(in->code)) {
		case BPF_ALU:
		case BPF_ALU64:
			reference_alu(m, in);
			break;
		case BPF_JMP:
		case BPF_JMP32:
			if (BPF_OP(in->code) == BPF_CALL || BPF_OP(in->code) == BPF_EXIT) {
				more = reference_call(m, in);
				continue;
			}
			if (BPF_OP(in->code) == BPF_JA)
				m->pc += (size_t)(int64_t)(BPF_CLASS(in->code) == BPF_JMP ? in->off : in->imm);
			else if (reference_holds(m, in))
				m->pc += (size_t)(int64_t)in->off;
			break;
		case BPF_LD:
			if (BPF_MODE(in->code) != BPF_IMM) {
				more = reference_packet(m, in);
				continue;
			}
			m->r[in->dst_reg] = (uint32_t)in->imm | (uint64_t)(uint32_t)in[1].imm << 32;
			m->pc++;
			break;
		default:
			reference_memory(m, in);
		}
		m->pc++;
	}
	uint64_t r0 = m->fault[0] ? 0 : m->r[0];
	for (unsigned i = 0; i < FFPF_VM_FRAMES; i++) {
		free(m->stacks[i]);
		m->stacks[i] = NULL;
	}
	return r0;
}

#endif
