/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs made of bytes, for the verifier: most have a meaning (packet checks, maps, loops, calls, spills), many are
 * off by one somewhere. r6 is the context, r7 and r8 the packet's begin and end (or r6 and r7 the memory); r0, r2 to r5
 * and r9 hold numbers between the pieces that a program is put together from.
 */
#ifndef VM_GENERATE_H
#define VM_GENERATE_H

#include "vm_random.h"
#include "vm_world.h"

enum { GENERATE_MOST = 400, GENERATE_VALUE = 64, GENERATE_MEMORY = 64 };

static const struct ffpf_map_spec generate_specs[] = {
	{.name = "array", .kind = FFPF_MAP_ARRAY, .key_size = 4, .value_size = GENERATE_VALUE, .max_entries = 1},
	{.name = "hash", .kind = FFPF_MAP_HASH, .key_size = 8, .value_size = GENERATE_VALUE, .max_entries = 4},
	{.name = "constants",
	 .kind = FFPF_MAP_ARRAY,
	 .key_size = 4,
	 .value_size = GENERATE_VALUE,
	 .max_entries = 1,
	 .flags = FFPF_MAP_PROGRAM_READS},
};
static const struct ffpf_vm_map generate_maps[] = {
	{.spec = &generate_specs[0]}, {.spec = &generate_specs[1]}, {.spec = &generate_specs[2]}};

struct generating {
	struct vm_dice d;
	struct bpf_insn *insns;
	size_t n;
	bool packet; /* there is a context; else there is memory */
	bool buffer; /* it is a socket buffer: with legacy packet loads */
	bool function;
	unsigned depth, loops;
	struct {
		size_t at;
	} calls[8];
	unsigned n_calls;
	size_t floating[6]; /* jumps that land somewhere later, several at one place */
	unsigned n_floating;
};

static inline struct bpf_insn *emit_one(struct generating *g, uint8_t code, unsigned dst, unsigned src, int off,
					int32_t imm)
{
	static struct bpf_insn lost;
	struct bpf_insn insn = {
		.code = code, .dst_reg = dst & 15, .src_reg = src & 15, .off = (int16_t)off, .imm = imm};

	if (g->n >= GENERATE_MOST) {
		lost = insn;
		return &lost;
	}
	g->insns[g->n] = insn;
	return &g->insns[g->n++];
}

#define MOV(g, dst, src) emit_one(g, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define MOVK(g, dst, value) emit_one(g, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value)
#define ALUK(g, op, dst, value) emit_one(g, BPF_ALU64 | (op) | BPF_K, dst, 0, 0, value)
#define ALUX(g, op, dst, src) emit_one(g, BPF_ALU64 | (op) | BPF_X, dst, src, 0, 0)

static inline uint8_t number_reg(struct generating *g)
{
	static const uint8_t registers[] = {0, 2, 3, 4, 5, 9};

	return registers[dice(&g->d, 6)];
}

static inline uint8_t remapped(uint8_t reg)
{
	return reg == 6 ? 0 : reg == 7 ? 2 : reg == 8 ? 9 : reg;
}

static inline uint8_t any_size(struct generating *g, unsigned *bytes)
{
	static const uint8_t sizes[] = {BPF_B, BPF_H, BPF_W, BPF_DW};
	unsigned size = dice(&g->d, 4);

	*bytes = 1u << size;
	return sizes[size];
}

static inline uint8_t load_code(struct generating *g, unsigned *bytes)
{
	uint8_t size = any_size(g, bytes);

	return (uint8_t)(BPF_LDX | size | (*bytes < 8 && !dice(&g->d, 4) ? 0x80 : BPF_MEM));
}

static inline void generate_alu(struct generating *g)
{
	struct bpf_insn insn = random_alu(&g->d);

	insn.dst_reg = remapped(insn.dst_reg) & 15;
	insn.src_reg = BPF_SRC(insn.code) == BPF_X && BPF_OP(insn.code) != BPF_END ? remapped(insn.src_reg) & 15 : 0;
	*emit_one(g, 0, 0, 0, 0, 0) = insn;
}

/* A condition on numbers; the jump's offset is set when its target is known. */
static inline size_t generate_condition(struct generating *g)
{
	static const uint8_t what[] = {BPF_JEQ,	 BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT,
				       BPF_JSGE, BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE};
	uint8_t code = (uint8_t)(what[dice(&g->d, 11)] | (dice(&g->d, 2) ? BPF_JMP : BPF_JMP32));
	uint8_t dst = number_reg(g);
	size_t at = g->n;

	if (dice(&g->d, 3))
		emit_one(g, code | BPF_K, dst, 0, 0, dice(&g->d, 2) ? (int32_t)dice(&g->d, 80) : dice_imm(&g->d));
	else
		emit_one(g, code | BPF_X, dst, number_reg(g), 0, 0);
	return at;
}

static inline void land(struct generating *g, size_t jump)
{
	if (jump >= GENERATE_MOST || g->n >= GENERATE_MOST)
		return;
	if (g->n == jump + 1) /* both ways to one place */
		MOV(g, 1, 9);
	g->insns[jump].off = (int16_t)(g->n - jump - 1);
}

/* r1 to r5 are numbers again, r0 is one. */
static inline void numbers_again(struct generating *g)
{
	MOV(g, 2, 0);
	MOVK(g, 3, dice_imm(&g->d));
	MOV(g, 4, 9);
	MOV(g, 5, 0);
	ALUK(g, BPF_AND, 5, (int32_t)dice(&g->d, 256));
	MOVK(g, 1, 0);
}

/* r1 = a pointer to at least `room` bytes, sometimes to less, by a number with or without bounds. Uses r5. */
static inline size_t generate_pointer(struct generating *g, unsigned base, unsigned room)
{
	size_t jump = SIZE_MAX;

	MOV(g, 1, base);
	if (!dice(&g->d, 3))
		return jump;
	MOV(g, 5, number_reg(g));
	switch (dice(&g->d, 5)) {
	case 0:
		ALUK(g, BPF_AND, 5, (int32_t)dice(&g->d, 70));
		break;
	case 1:
		ALUK(g, BPF_MOD, 5, (int32_t)dice(&g->d, 70));
		break;
	case 2:
		ALUK(g, BPF_RSH, 5, 58 + (int32_t)dice(&g->d, 6));
		break;
	case 3:
		jump = g->n;
		emit_one(g, (uint8_t)(BPF_JMP | (dice(&g->d, 2) ? BPF_JGT : BPF_JSGE)), 5, 0, 0,
			 (int32_t)dice(&g->d, room + 2));
		if (dice(&g->d, 2))
			ALUK(g, BPF_AND, 5, (int32_t)(dice(&g->d, 2) ? 63 : 0x7fffffff));
		break;
	case 4: /* by whatever was found out before */
		break;
	}
	if (!dice(&g->d, 4)) /* so that there is room before it */
		ALUK(g, BPF_ADD, 5, (int32_t)dice(&g->d, 40));
	ALUX(g, dice(&g->d, 8) ? BPF_ADD : BPF_SUB, 1, 5);
	return jump;
}

static inline void generate_access(struct generating *g, unsigned base, int from, int to, bool write)
{
	unsigned bytes;
	uint8_t code = load_code(g, &bytes);
	int off = from + (int)dice(&g->d, (unsigned)(to - from) + 1);

	if (dice(&g->d, 8))
		off = off + (int)bytes > to ? to - (int)bytes : off;
	if (!write || dice(&g->d, 2))
		emit_one(g, code, number_reg(g), base, off, 0);
	else if (dice(&g->d, 2))
		emit_one(g, (uint8_t)(BPF_ST | BPF_MEM | BPF_SIZE(code)), base, 0, off, dice_imm(&g->d));
	else
		emit_one(g, (uint8_t)(BPF_STX | BPF_MEM | BPF_SIZE(code)), base, number_reg(g), off, 0);
}

static inline void generate_packet(struct generating *g)
{
	static const uint8_t what[] = {BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE, BPF_JEQ, BPF_JNE};
	unsigned range = 1 + dice(&g->d, 40);
	size_t jump = generate_pointer(g, 7, 40), check, over = SIZE_MAX;
	uint8_t op = what[dice(&g->d, 8) % 6];
	bool mirrored = dice(&g->d, 2), taken = op == BPF_JLT || op == BPF_JLE || op == BPF_JEQ;

	if (!dice(&g->d, 3)) { /* farther, with room to come back to */
		ALUK(g, BPF_ADD, 1, (int32_t)dice(&g->d, 16));
		if (!dice(&g->d, 6))
			generate_access(g, 1, -24, -8, false);
	}
	MOV(g, 4, 1);
	ALUK(g, BPF_ADD, 4, dice(&g->d, 5) ? (int32_t)range : 0);
	check = g->n;
	if (mirrored)
		op = op == BPF_JGT   ? BPF_JLT
		     : op == BPF_JGE ? BPF_JLE
		     : op == BPF_JLT ? BPF_JGT
		     : op == BPF_JLE ? BPF_JGE
				     : op;
	emit_one(g, (uint8_t)(BPF_JMP | op | BPF_X), mirrored ? 8 : 4, mirrored ? 4 : 8, 0, 0);
	if (taken) {
		over = g->n;
		emit_one(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
		land(g, check);
	}
	MOVK(g, 4, 3);
	for (unsigned i = dice(&g->d, 3); i < 3; i++)
		generate_access(g, 1, dice(&g->d, 4) ? 0 : -(int)dice(&g->d, 12), (int)range, false);
	if (!taken)
		land(g, check);
	else
		land(g, over);
	land(g, jump);
	MOVK(g, 4, 1);
	MOVK(g, 5, 2);
	MOVK(g, 1, 0);
}

static inline void generate_memory(struct generating *g)
{
	size_t jump = generate_pointer(g, 7, GENERATE_MEMORY);

	for (unsigned i = dice(&g->d, 3); i < 3; i++)
		generate_access(g, 1, 0, dice(&g->d, 2) ? GENERATE_MEMORY : 8, true);
	land(g, jump);
	MOVK(g, 1, 0);
	MOVK(g, 5, 1);
}

static inline void generate_stack(struct generating *g)
{
	size_t jump = SIZE_MAX;
	unsigned kind = dice(&g->d, 6);

	if (kind < 4) {
		generate_access(g, 10, -24, 0, true);
		return;
	}
	if (kind == 4) { /* a pointer there and back */
		emit_one(g, BPF_STX | BPF_MEM | BPF_DW, 10, dice(&g->d, 2) ? 7 : 6, -8 * (1 + (int)dice(&g->d, 3)), 0);
		emit_one(g, BPF_LDX | BPF_MEM | BPF_DW, 1, 10, -8 * (1 + (int)dice(&g->d, 3)), 0);
		if (dice(&g->d, 2))
			emit_one(g, BPF_LDX | BPF_MEM | BPF_B, number_reg(g), 1, 0, 0);
		emit_one(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8, 5);
		emit_one(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, -16, 6);
		emit_one(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, -24, 7);
	} else {
		jump = generate_pointer(g, 10, 24);
		generate_access(g, 1, -24, 0, true);
		land(g, jump);
		MOVK(g, 5, 1);
	}
	MOVK(g, 1, 0);
}

static inline void generate_map(struct generating *g)
{
	unsigned map = dice(&g->d, 3), kind = dice(&g->d, 4);
	size_t jump = SIZE_MAX, null = SIZE_MAX;

	if (map == 2 || !dice(&g->d, 4)) {
		emit_one(g, BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_IDX_VALUE, 0, map == 1 ? 0 : (int32_t)map);
		emit_one(g, 0, 0, 0, 0, (int32_t)dice(&g->d, 20));
		MOV(g, 2, 1);
	} else {
		if (dice(&g->d, 2))
			emit_one(g, BPF_STX | BPF_MEM | BPF_DW, 10, number_reg(g), -8, 0);
		else
			emit_one(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8, (int32_t)(dice(&g->d, 4) / 3));
		emit_one(g, BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_IDX, 0, (int32_t)map);
		emit_one(g, 0, 0, 0, 0, 0);
		MOV(g, 2, 10);
		ALUK(g, BPF_ADD, 2, -8);
		if (kind == 0) {
			MOV(g, 3, 10);
			emit_one(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, -64, 1);
			emit_one(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, -72, 1);
			MOV(g, 3, 7);
			MOVK(g, 4, 0);
			emit_one(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_update_elem);
			numbers_again(g);
			return;
		}
		emit_one(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
		if (kind == 1)
			emit_one(g, BPF_STX | BPF_MEM | BPF_DW, 10, 0, -32, 0);
		MOV(g, 2, 0);
		null = g->n;
		if (dice(&g->d, 16))
			emit_one(g, BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 0, 0);
		else
			null = SIZE_MAX;
		if (kind == 1)
			emit_one(g, BPF_LDX | BPF_MEM | BPF_DW, 2, 10, -32, 0);
		MOVK(g, 0, 1);
	}
	MOVK(g, 3, dice_imm(&g->d));
	MOV(g, 4, 9);
	MOV(g, 5, 9);
	/* r2 is the value's address; only r1, r5 are changed, and numbers go to r9 or r0 */
	jump = SIZE_MAX;
	MOV(g, 1, 2);
	if (dice(&g->d, 2)) {
		MOV(g, 5, 9);
		if (dice(&g->d, 4))
			ALUK(g, dice(&g->d, 2) ? BPF_AND : BPF_MOD, 5, (int32_t)dice(&g->d, 66));
		ALUX(g, BPF_ADD, 1, 5);
	}
	unsigned bytes;
	uint8_t code = load_code(g, &bytes);
	int off = (int)dice(&g->d, GENERATE_VALUE);
	if (!dice(&g->d, 2))
		off = 0;
	if (map == 2 || dice(&g->d, 2))
		emit_one(g, code, 9, 1, off, 0);
	else if (dice(&g->d, 2))
		emit_one(g, (uint8_t)(BPF_STX | BPF_MEM | BPF_SIZE(code)), 1, 9, off, 0);
	else
		emit_one(g, (uint8_t)(BPF_STX | BPF_ATOMIC | (bytes == 4 ? BPF_W : BPF_DW)), 1, 9, off & ~7,
			 dice(&g->d, 2) ? BPF_ADD : BPF_XOR | BPF_FETCH);
	land(g, jump);
	land(g, null);
	MOVK(g, 0, 4);
	emit_one(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, -32, 0);
	numbers_again(g);
}

static inline void generate_call(struct generating *g)
{
	unsigned kind = dice(&g->d, 4);

	if (kind == 0 && !g->function && g->n_calls < 8 && g->n < GENERATE_MOST) {
		MOV(g, 1, 7);
		if (dice(&g->d, 2)) {
			MOV(g, 2, 10);
			ALUK(g, BPF_ADD, 2, -16);
		}
		MOV(g, 3, 9);
		MOV(g, 4, g->packet ? 8 : 9);
		if (g->buffer)
			MOV(g, 5, 6);
		g->calls[g->n_calls++].at = g->n;
		emit_one(g, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 0);
	} else if (kind == 1 && g->packet && !g->function) {
		MOV(g, 1, 6);
		MOVK(g, 2, (int32_t)dice(&g->d, 60));
		MOV(g, 3, 10);
		ALUK(g, BPF_ADD, 3, -16 - (int32_t)dice(&g->d, 8));
		MOV(g, 4, 9);
		ALUK(g, BPF_AND, 4, 15);
		if (dice(&g->d, 2))
			MOVK(g, 4, 1 + (int32_t)dice(&g->d, 18));
		emit_one(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_xdp_load_bytes);
	} else if (kind == 2 && g->packet && !g->function && !dice(&g->d, 3)) {
		MOV(g, 1, 6);
		MOVK(g, 2, (int32_t)dice(&g->d, 6));
		emit_one(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_xdp_adjust_head);
		if (dice(&g->d, 8)) {
			emit_one(g, BPF_LDX | BPF_MEM | BPF_W, 7, 6, g->buffer ? 76 : 0, 0);
			emit_one(g, BPF_LDX | BPF_MEM | BPF_W, 8, 6, g->buffer ? 80 : 4, 0);
		}
	} else {
		emit_one(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_prandom_u32);
	}
	numbers_again(g);
}

/* Ends the function where the packet is too short. */
static inline void generate_packet_load(struct generating *g)
{
	static const uint8_t sizes[] = {BPF_B, BPF_H, BPF_W};
	uint8_t code = (uint8_t)(BPF_LD | sizes[dice(&g->d, 3)]);

	if (dice(&g->d, 3))
		emit_one(g, code | BPF_ABS, 0, 0, 0, (int32_t)dice(&g->d, 66));
	else
		emit_one(g, code | BPF_IND, 0, number_reg(g), 0, (int32_t)dice(&g->d, 40));
	numbers_again(g);
}

static inline void generate_pieces(struct generating *g, unsigned n);

/* A loop that counts on the stack or in r9, up to a number that is known or not. */
static inline void generate_loop(struct generating *g)
{
	bool spilled = dice(&g->d, 2);
	int32_t rounds = 1 + (int32_t)dice(&g->d, 6);

	g->loops++;
	g->depth++;
	if (spilled)
		emit_one(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, -40 - 8 * (int)g->loops, 0);
	else
		MOVK(g, 9, 0);
	size_t top = g->n;
	generate_pieces(g, 1 + dice(&g->d, 2));
	if (spilled) {
		emit_one(g, BPF_LDX | BPF_MEM | BPF_DW, 9, 10, -40 - 8 * (int)g->loops, 0);
		ALUK(g, BPF_ADD, 9, 1);
		emit_one(g, BPF_STX | BPF_MEM | BPF_DW, 10, 9, -40 - 8 * (int)g->loops, 0);
	} else {
		ALUK(g, BPF_AND, 9, 63);
		ALUK(g, BPF_ADD, 9, 1 + (int32_t)dice(&g->d, 2));
	}
	if (g->n < GENERATE_MOST)
		emit_one(g, (uint8_t)((dice(&g->d, 2) ? BPF_JMP : BPF_JMP32) | (dice(&g->d, 2) ? BPF_JLT : BPF_JSLT)),
			 9, 0, (int)top - (int)g->n - 1, spilled ? rounds : 64);
	g->depth--;
}

static inline void generate_piece(struct generating *g)
{
	size_t jump;

	switch (dice(&g->d, 14)) {
	case 0:
		if (g->depth < 3) {
			jump = generate_condition(g);
			g->depth++;
			generate_pieces(g, 1 + dice(&g->d, 3));
			g->depth--;
			land(g, jump);
			break;
		}
		/* fall through */
	case 1:
	case 2:
		if (g->packet && !g->function)
			generate_packet(g);
		else
			generate_memory(g);
		break;
	case 3:
		if (g->buffer && dice(&g->d, 2)) {
			generate_packet_load(g);
			break;
		}
		/* fall through */
	case 4:
		generate_stack(g);
		break;
	case 5:
		if (!g->function) {
			generate_map(g);
			break;
		}
		/* fall through */
	case 6:
		generate_call(g);
		break;
	case 7:
		if (g->depth < 2 && g->loops < 2) {
			generate_loop(g);
			break;
		}
		/* fall through */
	case 8:
		if (g->depth < 3) {
			jump = generate_condition(g);
			g->depth++;
			generate_alu(g);
			generate_alu(g);
			g->depth--;
			land(g, jump);
			break;
		}
		/* fall through */
	default:
		generate_alu(g);
	}
}

static inline void land_floating(struct generating *g, unsigned least)
{
	while (g->n_floating > least)
		land(g, g->floating[--g->n_floating]);
}

/* To where others come from elsewhere: a jump now, or behind some pieces that a condition may leave out. */
static inline void generate_floating(struct generating *g)
{
	size_t over = SIZE_MAX;

	if (g->n_floating >= 5)
		return;
	if (dice(&g->d, 2)) {
		over = generate_condition(g);
		generate_pieces(g, 1 + dice(&g->d, 2));
		g->floating[g->n_floating++] = g->n;
		emit_one(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
		land(g, over);
	} else {
		g->floating[g->n_floating] = generate_condition(g);
		g->n_floating++;
	}
}

static inline void generate_pieces(struct generating *g, unsigned n)
{
	while (n-- && g->n < GENERATE_MOST - 60) {
		if (!g->depth && g->n_floating && !dice(&g->d, 3))
			land_floating(g, dice(&g->d, g->n_floating));
		if (!g->depth && !dice(&g->d, 5)) {
			g->depth++;
			generate_floating(g);
			g->depth--;
		}
		generate_piece(g);
	}
	if (!g->depth)
		land_floating(g, 0);
}

static inline void generate_begin(struct generating *g)
{
	if (g->packet) {
		MOV(g, 6, 1);
		emit_one(g, BPF_LDX | BPF_MEM | BPF_W, 7, 1, g->buffer ? 76 : 0, 0);
		emit_one(g, BPF_LDX | BPF_MEM | BPF_W, 8, 1, g->buffer ? 80 : 4, 0);
		emit_one(g, BPF_LDX | BPF_MEM | BPF_W, 0, 1, g->buffer ? 40 : 12, 0);
	} else {
		MOV(g, 6, 1);
		MOV(g, 7, 1);
		emit_one(g, BPF_LDX | BPF_MEM | BPF_DW, 8, 1, 8, 0);
		emit_one(g, BPF_LDX | BPF_MEM | BPF_W, 0, 1, 16, 0);
	}
	emit_one(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_prandom_u32);
	if (!g->packet)
		emit_one(g, BPF_LDX | BPF_MEM | BPF_DW, 0, 7, 0, 0);
	MOV(g, 9, 0);
	numbers_again(g);
	for (int at = -8; at >= -24; at -= 8)
		emit_one(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, at, (int32_t)dice(&g->d, 100));
}

/* Fills insns with at most GENERATE_MOST instructions; the program describes them, and what they may use. */
static inline size_t generate_program(const uint8_t *bytes, size_t size, struct bpf_insn *insns,
				      struct ffpf_vm_program *program)
{
	struct generating g = {.d = {bytes, size}, .insns = insns};
	size_t most = GENERATE_MOST;

	g.packet = dice(&g.d, 2);
	g.buffer = g.packet && !dice(&g.d, 3);
	generate_begin(&g);
	generate_pieces(&g, 2 + dice(&g.d, 12));
	MOV(&g, 0, number_reg(&g));
	emit_one(&g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	if (g.n_calls && g.n < most - 80) {
		g.function = true;
		g.loops = 0;
		for (unsigned i = 0; i < g.n_calls; i++)
			insns[g.calls[i].at].imm = (int32_t)(g.n - g.calls[i].at - 1);
		MOV(&g, 6, g.buffer ? 5 : 1);
		MOV(&g, 7, dice(&g.d, 2) ? 2 : 1);
		MOV(&g, 9, 3);
		MOV(&g, 0, 3);
		numbers_again(&g);
		for (int at = -8; at >= -24; at -= 8)
			emit_one(&g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, at, 1);
		if (dice(&g.d, 2))
			generate_access(&g, 7, 0, 8, true);
		generate_pieces(&g, 1 + dice(&g.d, 4));
		emit_one(&g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	}
	if (insns[g.n - 1].code != (BPF_JMP | BPF_EXIT))
		insns[g.n - 1] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	/* Now and then, something else somewhere. */
	for (unsigned i = dice(&g.d, 8); i > 6; i--) {
		struct bpf_insn *insn = &insns[dice(&g.d, (unsigned)g.n)];

		if (dice(&g.d, 2))
			insn->off = (int16_t)(insn->off + 1 - (int)dice(&g.d, 3));
		else
			insn->imm = dice_imm(&g.d);
	}
	*program = (struct ffpf_vm_program){.insns = insns,
					    .n = g.n,
					    .helpers = &world_helpers,
					    .maps = generate_maps,
					    .n_maps = 3,
					    .context = g.buffer	  ? &ffpf_vm_sk_buff
						       : g.packet ? &ffpf_vm_xdp_md
								  : NULL,
					    .memory = g.packet ? 0 : GENERATE_MEMORY};
	return g.n;
}

#endif
