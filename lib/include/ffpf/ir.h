/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packet programs (IR): how to build one.
 *
 * A packet program is a control-flow graph of basic blocks over values in
 * static single assignment form. A value is unsigned and 64 bits wide; a 32-bit
 * operation uses the low halves of its operands and clears the upper half of its result.
 * Packet bytes are read big-endian. Every packet load must be dominated by a
 * check that covers it: the check is the explicit edge for short packets.
 *
 * Variables (ffpf_ir_var_*) may be written in any block and read in any later one; the
 * builder makes the phis (Braun et al., "Simple and Efficient Construction of
 * Static Single Assignment Form", CC 2013).
 *
 * A class's build callback starts in the block where the packet comes in and
 * must end every path with ffpf_ir_accept or ffpf_ir_reject.
 */
#ifndef FFPF_IR_H
#define FFPF_IR_H

#include <stdbool.h>
#include <stdint.h>

struct ffpf_builder;

typedef uint32_t ffpf_val;   /* 0: none */
typedef uint32_t ffpf_block; /* 0: none */
typedef uint32_t ffpf_var;

enum ffpf_alu {
	FFPF_ADD,
	FFPF_SUB,
	FFPF_MUL,
	FFPF_DIV, /* unsigned; by zero gives 0 */
	FFPF_MOD, /* unsigned; by zero gives the dividend */
	FFPF_AND,
	FFPF_OR,
	FFPF_XOR,
	FFPF_LSH,
	FFPF_RSH,
	FFPF_ARSH, /* the count is taken modulo the width */
};

enum ffpf_cond {
	FFPF_EQ,
	FFPF_NE,
	FFPF_LT,
	FFPF_LE,
	FFPF_GT,
	FFPF_GE,
	FFPF_SLT,
	FFPF_SLE,
	FFPF_SGT,
	FFPF_SGE,
	FFPF_SET /* a & b != 0 */,
	FFPF_NSET
};

enum ffpf_meta {
	FFPF_META_LEN,	  /* bytes on the wire */
	FFPF_META_CAPLEN, /* bytes there to be loaded */
	FFPF_META_TIME,	  /* ns; monotonic on a live level, capture time of a savefile */
	FFPF_META_IFINDEX,
	FFPF_META_QUEUE,
	FFPF_META_DIR, /* enum ffpf_dir */
	FFPF_META_CPU,
	/* 0 where a packet has none: on the lowest level, from savefiles, in userspace */
	FFPF_META_MARK,	    /* firewall mark */
	FFPF_META_PRIORITY, /* of the packet in the machine's queues */
	FFPF_META_TUNNEL,   /* identifier of the tunnel that it came through */
	FFPF_META_COUNT
};

enum ffpf_helper {
	FFPF_HELPER_RANDOM, /* 32 random bits */
};

/* Values: each is computed in the current block. Those of 32 bits have zeros above. */
ffpf_val ffpf_ir_const(struct ffpf_builder *b, uint64_t value);
/* bits is 32 or 64: the width of the operation; the upper half of a 32-bit result is zero. */
ffpf_val ffpf_ir_alu(struct ffpf_builder *b, enum ffpf_alu op, unsigned bits, ffpf_val x, ffpf_val y);
ffpf_val ffpf_ir_alu_imm(struct ffpf_builder *b, enum ffpf_alu op, unsigned bits, ffpf_val x, uint64_t imm);
ffpf_val ffpf_ir_meta(struct ffpf_builder *b, enum ffpf_meta meta);
ffpf_val ffpf_ir_call(struct ffpf_builder *b, enum ffpf_helper helper);
/* Sequences that have no branch. Length in bits of a number of `width` (32 or 64) bits: 0 for 0, 1 for 1, 2 for 2 and 3
 * … */
ffpf_val ffpf_ir_bit_length(struct ffpf_builder *b, unsigned width, ffpf_val x);
/* The smaller one; both less than 2^63. */
ffpf_val ffpf_ir_min(struct ffpf_builder *b, ffpf_val x, ffpf_val y);
/* 0 for 0, else 1. */
ffpf_val ffpf_ir_truth(struct ffpf_builder *b, ffpf_val x);
/* What follows was written in this line of the class's own source (class->line); 0: in none. */
void ffpf_ir_line(struct ffpf_builder *b, unsigned line);
/* The class with which the packet came in. */
ffpf_val ffpf_ir_class(struct ffpf_builder *b);

ffpf_block ffpf_ir_block(struct ffpf_builder *b); /* a new, empty block; does not switch to it */
/* What follows is appended to the block, which has no terminator yet. */
void ffpf_ir_switch_to(struct ffpf_builder *b, ffpf_block block);
/* No further edge will reach the block: lets the builder finish its phis. Every block must be sealed once. */
void ffpf_ir_seal(struct ffpf_builder *b, ffpf_block block);

/* Terminators: end the current block. */
void ffpf_ir_jump(struct ffpf_builder *b, ffpf_block to);
void ffpf_ir_branch(struct ffpf_builder *b, enum ffpf_cond cond, unsigned bits, ffpf_val x, ffpf_val y, ffpf_block yes,
		    ffpf_block no);
void ffpf_ir_branch_imm(struct ffpf_builder *b, enum ffpf_cond cond, unsigned bits, ffpf_val x, uint64_t imm,
			ffpf_block yes, ffpf_block no);
/* Are bytes [0, base + need) captured? base 0: none (0); else a 32-bit value, added in 64 bits. */
void ffpf_ir_check(struct ffpf_builder *b, ffpf_val base, uint32_t need, ffpf_block ok, ffpf_block shrt);
void ffpf_ir_accept(struct ffpf_builder *b, ffpf_val class); /* class 0 at run time means reject */
void ffpf_ir_reject(struct ffpf_builder *b);

/* size 1, 2, 4 or 8 bytes at base + offset, big-endian, zero-extended. */
ffpf_val ffpf_ir_load(struct ffpf_builder *b, ffpf_val base, uint32_t offset, unsigned size);
void ffpf_ir_store(struct ffpf_builder *b, ffpf_val base, uint32_t offset, unsigned size, ffpf_val x);

/*
 * The instance's own state: cells of the field of that number (ffpf_instance_schema). index 0: cell 0; else a value;
 * beyond the last cell a load gives 0 and a store or add does nothing. Fields with FFPF_MERGE_SHARED are one for all
 * CPUs: add is atomic and fetch_add returns the old value; on other fields these are plain operations on this CPU's
 * cells.
 */
ffpf_val ffpf_ir_state_load(struct ffpf_builder *b, unsigned field, ffpf_val index);
void ffpf_ir_state_store(struct ffpf_builder *b, unsigned field, ffpf_val index, ffpf_val x);
void ffpf_ir_state_add(struct ffpf_builder *b, unsigned field, ffpf_val index, ffpf_val x);
ffpf_val ffpf_ir_state_fetch_add(struct ffpf_builder *b, unsigned field, ffpf_val index, ffpf_val x);

/* Puts bits in; the old value. Atomic where the field is shared. */
ffpf_val ffpf_ir_state_fetch_or(struct ffpf_builder *b, unsigned field, ffpf_val index, ffpf_val x);

/* A part of a key: the low bytes of a value, 1, 2, 4 or 8, put most significant byte first. All parts of a key are as
 * long as the map's key_size. The key of an ARRAY is one part of 4 bytes, a number. */
struct ffpf_key_part {
	ffpf_val value;
	uint8_t size;
};

/*
 * The instance's own maps: the map of that number (ffpf_instance_schema). An entry is a value: 0 where there is none.
 * It may be compared with 0 (64 bits, FFPF_EQ or FFPF_NE), merged by variables (with other entries and with constant
 * 0), and given to the entry functions, nothing else. Before it is, a branch must have shown that it is not 0, on every
 * way. What another entry was put, removed or given up for (LRU) may come to lie where it is: then it is that one.
 *
 * LPM: finds the longest prefix that the key has; what is put and removed is the key in full length.
 */
ffpf_val ffpf_ir_map_find(struct ffpf_builder *b, unsigned map, const struct ffpf_key_part *key, unsigned n);
/* Puts an entry of zero words unless there is one. 0; else it could not (full): a 32-bit value that is not 0. */
ffpf_val ffpf_ir_map_add(struct ffpf_builder *b, unsigned map, const struct ffpf_key_part *key, unsigned n);
/* Nothing happens where there is none, nor to an ARRAY. */
void ffpf_ir_map_remove(struct ffpf_builder *b, unsigned map, const struct ffpf_key_part *key, unsigned n);
/* A word of its value. Others may write meanwhile: words are whole. */
ffpf_val ffpf_ir_entry_load(struct ffpf_builder *b, ffpf_val entry, unsigned word);
void ffpf_ir_entry_store(struct ffpf_builder *b, ffpf_val entry, unsigned word, ffpf_val x);
/* Atomic. */
void ffpf_ir_entry_add(struct ffpf_builder *b, ffpf_val entry, unsigned word, ffpf_val x);
ffpf_val ffpf_ir_entry_fetch_add(struct ffpf_builder *b, ffpf_val entry, unsigned word, ffpf_val x); /* the old value */

/*
 * What another function's result was lately: schema->wanted[i], a number rounded to the nearest whole one, from 0 to
 * 2^64 - 1, from before the first packet on. While packets come from devices it is some 10 ms old at most (more, where
 * it takes long to compute); of a savefile it is renewed before the packets 257, 513, …
 */
ffpf_val ffpf_ir_wanted(struct ffpf_builder *b, unsigned i);

/* What becomes of the packet on the network; the strongest of all that are set wins. */
enum ffpf_verdict { FFPF_VERDICT_PASS, FFPF_VERDICT_TX, FFPF_VERDICT_REDIRECT, FFPF_VERDICT_DROP };
void ffpf_ir_verdict(struct ffpf_builder *b, enum ffpf_verdict verdict);
/*
 * As the packet goes on on the network it has another VLAN tag in front, type << 16 | priority << 13 | number, or (0) one
 * tag less. No function of the graph sees that; of several for one packet the last counts. Only where packets are the
 * stack's (tc), elsewhere nothing.
 */
void ffpf_ir_tag(struct ffpf_builder *b, uint32_t tag);

/* Variables: what was written last on whatever way led here; the builder makes phis of them. */
ffpf_var ffpf_ir_var(struct ffpf_builder *b); /* reads as 0 before the first write */
void ffpf_ir_var_set(struct ffpf_builder *b, ffpf_var var, ffpf_val x);
ffpf_val ffpf_ir_var_get(struct ffpf_builder *b, ffpf_var var);
/*
 * One variable per name for all functions that are built into one program: what one has found out about the packet, the
 * next need not find out again. The builder sets all of them to 0 behind whatever writes to the packet. The name is not
 * kept.
 */
ffpf_var ffpf_ir_common(struct ffpf_builder *b, const char *name);
/*
 * x & mask, as a value of which a back end's verifier knows no more than that: the kernel's follows each way on which a
 * value is another constant by itself, to the program's end. It costs a store and a load: for rare ways.
 */
ffpf_val ffpf_ir_hide(struct ffpf_builder *b, ffpf_val x, uint64_t mask);
/* Is a value, as far as the builder can tell now, one constant on every way that leads here? *constant gets it. */
bool ffpf_ir_known(struct ffpf_builder *b, ffpf_val x, uint64_t *constant);

#endif
