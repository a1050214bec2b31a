/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generator's inside: state of one generation, and an assembler of one
 * line per instruction.
 */
#ifndef FFPF_EBPF_ASM_H
#define FFPF_EBPF_ASM_H

#include <flowspaces/ebpf/ebpf.h>

enum { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10 };

#define REG_DATA R6
#define REG_END R7
#define REG_CELLS R8
#define REG_PACKET R9 /* USER only: struct ffpf_packet */

/* The fast path takes no packet longer than this: a 16-bit offset, and less than what the verifier tracks for packet
 * pointers. */
#define LINEAR_MAX 0x7fff

/* Stack slots of our own, below them the spilled values. */
enum {
	SLOT_LEN = -8, /* u64: bytes of the packet (captured) */
	SLOT_CTX = -16,
	SLOT_CPU = -20,	 /* u32 */
	SLOT_KEY = -24,	 /* u32 */
	SLOT_HEAD = -32, /* u64 */
	SLOT_SIZE = -40, /* u64 */
	SLOT_TIME = -48, /* u64 */
	SLOT_LOAD = -56, /* u64: target of bpf_xdp_load_bytes */
	SLOT_SPILL = -56,
	STACK_SIZE = 512,
};

/* Where a value lives. */
struct location {
	int8_t reg;	   /* -1: not in a register */
	int16_t slot;	   /* stack offset; 0: none */
	uint8_t forgotten; /* scratch word that the verifier knows nothing of; 0: none. See forget.c */
};

/* A PPTR is data + a computed offset, made by lower.c; it stands beyond the IR's own instructions. */
#define OP_PPTR FFPF_IR_OPS

struct fixup {
	uint32_t insn;
	ffpf_block target; /* 0: the program's end */
};

struct gen {
	struct ffpf_arena *arena;
	struct ffpf_program *ir;
	const struct ffpf_ebpf_options *o;
	struct ffpf_ebpf_program *out;
	struct location *where; /* per value */
	bool *raw;		/* loads kept in network byte order: only compared with constants */
	ffpf_val *pptr;		/* per CHECK block and load: the pointer to use; see lower.c */
	uint32_t *bounds;	/* per value: 1 + what the kernel's verifier knows it is at most; 0: not looked at */
	size_t n_bounds;
	int32_t *at; /* per block: first instruction */
	struct fixup *fixups;
	size_t n_fixups, fixups_capacity;
	uint32_t origin;
	bool *fused; /* lookups that the branch at the end of their block does */
	struct ffpf_ebpf_table *tables;
	bool *key_there;    /* KEYs whose part of the key is on the stack already */
	int16_t key_slot;   /* where keys are written */
	uint32_t key_bytes; /* of the longest; 0: none is */
	bool prefixes;	    /* some are of LPM maps */
	uint32_t zeros;	    /* where zeros are in the data, + 1 */
	bool loads;	    /* the program reads packet bytes */
	uint32_t deepest;   /* no check asks for more bytes; UINT32_MAX: not known */
	bool far;	    /* it would read bytes that only packets for the slow program have */
	struct {
		uint32_t insn, function;
	} * calls; /* of users' programs */
	size_t n_calls, calls_capacity;
	uint16_t *kept;	  /* per value that a user's program gives: registers that must be as they were behind it */
	int16_t lowest;	  /* stack offset below which nothing of ours lies */
	uint32_t slow[3]; /* jumps of packets that the slow program must take; 0: none */
	int error;
};

/* lower.c */
void ffpf_ebpf_lower(struct gen *g);
/* The pointer that a LOAD, STORE or CHECK with computed base goes through. */
ffpf_val ffpf_ebpf_pointer(struct gen *g, ffpf_val base, ffpf_block block);
bool ffpf_ebpf_bounded(struct gen *g, ffpf_val v);
/* forget.c: which values live in memory; after where was made, before registers are given out */
void ffpf_ebpf_forget(struct gen *g);
/* forget.c: values that are entries of maps, or merge some: pointers. One for each value, in the arena */
bool *ffpf_ebpf_entries(struct gen *g);
/* regalloc.c: 0 or -E2BIG */
int ffpf_ebpf_allocate(struct gen *g);
bool ffpf_ebpf_is_call(const struct gen *g, const struct ffpf_insn *insn);
/* emit_state.c: true when it was one of its instructions */
bool ffpf_ebpf_emit_state(struct gen *g, ffpf_val v);
/* emit_map.c: true when it was one of its instructions */
bool ffpf_ebpf_emit_map(struct gen *g, ffpf_val v);
void ffpf_ebpf_key(struct gen *g, ffpf_val v); /* a KEY */
/* Which keys need not be written, and how much room they take: after lowering. */
void ffpf_ebpf_share_keys(struct gen *g);
/* Gives keys their place below a stack offset; returns the offset below which nothing lies. */
int16_t ffpf_ebpf_place_key(struct gen *g, int16_t lowest);
/* emit_table.c: where in the data the zeros of a new entry are */
uint32_t ffpf_ebpf_zeros(struct gen *g);
/* emit_ring.c */
void ffpf_ebpf_prologue(struct gen *g);
void ffpf_ebpf_epilogue(struct gen *g);
/* emit.c: r2 = offset of packet bytes in a slow program; clobbers only temporaries */
void ffpf_ebpf_slow_offset(struct gen *g, const struct ffpf_insn *in);
/* emit_ring.c: stores the packet for the level above, no reader is told. [SLOT_HEAD] = its position. Returns the jump
 * taken when it can't be. */
uint32_t ffpf_ebpf_keep(struct gen *g);
/* emit_level.c */
void ffpf_ebpf_come_up(struct gen *g);
void ffpf_ebpf_take_result(struct gen *g);
void ffpf_ebpf_give_class(struct gen *g);
void ffpf_ebpf_ghost(struct gen *g, unsigned inflow, uint8_t dst);
uint8_t ffpf_ebpf_crossing_word(struct gen *g, unsigned inflow, int16_t *off);
uint32_t ffpf_ebpf_go_up(struct gen *g);
/* emit_skb.c: the beginning of programs at tc: r1 is the context; r0 = the skb's length, also in SLOT_LEN */
void ffpf_ebpf_skb_begin(struct gen *g);
/* emit_tap.c */
void ffpf_ebpf_tap(struct gen *g, const struct ffpf_insn *in);
/* The packet's head, its shift and, in SLOT_LEN, its length as it is seen: once REG_CELLS is there. Clobbers r0 to r5.
 */
void ffpf_ebpf_skb_head(struct gen *g);
/* A load of the slow program, in network byte order; clobbers r0 to r5. */
void ffpf_ebpf_skb_load(struct gen *g, const struct ffpf_insn *in, uint8_t dst);
/* False: it is not special at tc. */
bool ffpf_ebpf_skb_meta(struct gen *g, uint64_t meta, uint8_t dst);
void ffpf_ebpf_skb_record(struct gen *g);
void ffpf_ebpf_skb_copy(struct gen *g);
/* Does what was said about VLAN tags; the last that happens to the packet. */
void ffpf_ebpf_skb_tag(struct gen *g);
/* emit_table.c: a lookup's value; or both of the lookup and a branch on whether the key is there */
void ffpf_ebpf_lookup(struct gen *g, ffpf_val v);
void ffpf_ebpf_lookup_branch(struct gen *g, ffpf_val v, ffpf_block found, ffpf_block missing, ffpf_block next);
/* append.c: users' programs behind our own, and the calls to them. 0 or -errno */
int ffpf_ebpf_append(struct gen *g);
const struct ffpf_ebpf_callee *ffpf_ebpf_callee(const struct gen *g, unsigned function); /* NULL: none */
/* From instruction `at` on, references of a user's program to its maps. */
void ffpf_ebpf_add_map_refs(struct gen *g, const struct ffpf_ebpf_callee *c, uint32_t at);
/* inline.c: puts a user's program here, with the context in r1 and its class in r0. False: it has to be called. */
bool ffpf_ebpf_inline(struct gen *g, ffpf_val v, const struct ffpf_ebpf_callee *c);
/* assemble.c: offset of the scratch words behind the cells */
uint32_t ffpf_ebpf_scratch(const struct gen *g);
/* Words, from a multiple of eight bytes on. */
enum {
	SCRATCH_VERDICT,
	SCRATCH_CROSS,
	SCRATCH_FORGET, /* FORGET_MAX of 64 bits, the first is the packet's length where the program has no pointers to
			   its ends */
	FORGET_LEN = 0,
	FORGET_HIDE = 60,  /* what ffpf_ir_hide() sends through memory, the only one that is many values' in turn */
	FORGET_SPILL = 61, /* numbers that the stack has no room for: regalloc.c */
	FORGET_SPILLS = 128,
	FORGET_MAX = FORGET_SPILL + FORGET_SPILLS,
	/* of slow programs at tc: the packet's first bytes as it is seen, and how far the others are from where they
	 * seem to be */
	SCRATCH_HEAD = SCRATCH_FORGET + 2 * FORGET_MAX,
	SCRATCH_HEAD_WORDS = 6,
	SCRATCH_SHIFT = SCRATCH_HEAD + SCRATCH_HEAD_WORDS,
	SCRATCH_TUNNEL = SCRATCH_SHIFT + 2, /* where the kernel writes a struct bpf_tunnel_key */
	SCRATCH_TUNNEL_WORDS = 6,
	SCRATCH_NUMBER = SCRATCH_TUNNEL + SCRATCH_TUNNEL_WORDS, /* of the last packet that went up; see emit_level.c */
	SCRATCH_TAG = SCRATCH_NUMBER + 1,			/* what is to be done to VLAN tags at tc; 0: nothing */
	/* where the level below has stored the packet: position (low half, high half), CPU, of a struct ffpf_far */
	SCRATCH_FAR = SCRATCH_TAG + 1,
	SCRATCH_FAR_WORDS = 4,
	SCRATCH_FLAGS = SCRATCH_FAR + SCRATCH_FAR_WORDS,
};

/* In SCRATCH_TAG: take one off. No tag has a type of 0. */
#define TAG_OFF 1

/* ---- assembler ------------------------------------------------------------------------------- */

/* Instructions from here on belong to a function (number + 1), or to a line of a user's source. */
void ffpf_asm_line(struct gen *g, uint32_t origin, const struct ffpf_object_line *user);
uint32_t ffpf_asm(struct gen *g, uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm);
void ffpf_asm_imm64(struct gen *g, uint8_t dst, uint64_t value);
void ffpf_asm_symbol(struct gen *g, uint8_t dst, enum ffpf_ebpf_symbol symbol, bool value, uint32_t offset);
void ffpf_asm_map(struct gen *g, uint8_t dst, unsigned map);
/* A call of the user's program of a function of the graph. */
void ffpf_asm_call_program(struct gen *g, unsigned function);
void ffpf_asm_set_target(struct gen *g, uint32_t insn, uint32_t target);
void ffpf_asm_patch(struct gen *g, uint32_t insn);			/* makes a jump go to the next instruction */
void ffpf_asm_jump_of(struct gen *g, uint32_t insn, ffpf_block target); /* makes a jump go to a block */
void ffpf_asm_jump_to(struct gen *g, uint8_t code, uint8_t dst, uint8_t src, int32_t imm, ffpf_block target);

static inline uint32_t mov(struct gen *g, uint8_t dst, uint8_t src)
{
	return ffpf_asm(g, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

static inline uint32_t movi(struct gen *g, uint8_t dst, int32_t imm)
{
	return ffpf_asm(g, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm);
}

static inline uint32_t alu(struct gen *g, uint8_t op, uint8_t dst, uint8_t src)
{
	return ffpf_asm(g, BPF_ALU64 | op | BPF_X, dst, src, 0, 0);
}

static inline uint32_t alui(struct gen *g, uint8_t op, uint8_t dst, int32_t imm)
{
	return ffpf_asm(g, BPF_ALU64 | op | BPF_K, dst, 0, 0, imm);
}

static inline uint32_t ldx(struct gen *g, uint8_t size, uint8_t dst, uint8_t base, int16_t off)
{
	return ffpf_asm(g, BPF_LDX | BPF_MEM | size, dst, base, off, 0);
}

static inline uint32_t stx(struct gen *g, uint8_t size, uint8_t base, int16_t off, uint8_t src)
{
	return ffpf_asm(g, BPF_STX | BPF_MEM | size, base, src, off, 0);
}

static inline uint32_t sti(struct gen *g, uint8_t size, uint8_t base, int16_t off, int32_t imm)
{
	return ffpf_asm(g, BPF_ST | BPF_MEM | size, base, 0, off, imm);
}

static inline uint32_t call(struct gen *g, int32_t helper)
{
	return ffpf_asm(g, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

/* reg = the address of a scratch word of this CPU's. */
static inline void ffpf_asm_scratch(struct gen *g, uint8_t reg, uint32_t word)
{
	mov(g, reg, REG_CELLS);
	alui(g, BPF_ADD, reg, (int32_t)(ffpf_ebpf_scratch(g) + word * 4));
}

/* A jump whose target is patched later. */
static inline uint32_t jump(struct gen *g, uint8_t op, uint8_t dst, uint8_t src)
{
	return ffpf_asm(g, BPF_JMP | op | BPF_X, dst, src, 0, 0);
}

static inline uint32_t jumpi(struct gen *g, uint8_t op, uint8_t dst, int32_t imm)
{
	return ffpf_asm(g, BPF_JMP | op | BPF_K, dst, 0, 0, imm);
}

static inline uint8_t size_code(unsigned bytes)
{
	return bytes == 1 ? BPF_B : bytes == 2 ? BPF_H : bytes == 4 ? BPF_W : BPF_DW;
}

/* A value in a forgotten word: into reg. And out of it, which may clobber r0 or r1 (not reg). */
void ffpf_asm_recall(struct gen *g, unsigned word, uint8_t reg);
void ffpf_asm_forget(struct gen *g, unsigned word, uint8_t reg);

/* Does it reach the packet's bytes through helpers only? */
static inline bool is_slow(const struct gen *g)
{
	return g->o->target == FFPF_EBPF_XDP_SLOW || g->o->target == FFPF_EBPF_TC_SLOW;
}

/* Is its context a struct __sk_buff? */
static inline bool is_skb(const struct gen *g)
{
	return g->o->target == FFPF_EBPF_TC || g->o->target == FFPF_EBPF_TC_SLOW;
}

/* Has the program pointers to the packet's ends? */
static inline bool linear(const struct gen *g)
{
	return g->loads && !is_slow(g);
}

static inline bool nowhere(const struct gen *g, ffpf_val v)
{
	return g->where[v].reg < 0 && !g->where[v].slot && !g->where[v].forgotten;
}

/* The register that holds a value now; fetches constants and spilled values into temp. */
uint8_t ffpf_asm_use(struct gen *g, ffpf_val v, uint8_t temp);
/* Where to compute a value: its register, or temp. ffpf_asm_defined stores it if it is spilled. */
uint8_t ffpf_asm_target(struct gen *g, ffpf_val v, uint8_t temp);
void ffpf_asm_defined(struct gen *g, ffpf_val v, uint8_t reg);

static inline bool fits_imm(uint64_t value)
{
	return (int64_t)value >= INT32_MIN && (int64_t)value <= INT32_MAX;
}

#endif
