/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packet programs from the inside: what passes, back ends and the reference
 * interpreter work on. Building one is <ffpf/ir.h>.
 *
 *   build.c     builder: constant folding, SSA construction; build_maps.c what touches maps
 *   verify.c    structural checks after every pass of a debug build
 *   print.c     text form
 *   interp.c    reference interpreter: the meaning of a program
 *   tables.c    constant tables
 *   optimise.c  the order of the passes; opt_*.c one pass each
 *
 * Invariants: value ids and block ids are indexes (0 is none); an instruction stands in exactly one
 * block; a block's phis come first; every use is dominated by its definition; every path from the entry
 * to a LOAD or STORE takes the ok edge of a CHECK on the same base that covers it (one check that dominates
 * it, or one on each path), and likewise to the use of an entry through a branch that shows that it is one; the KEYs of
 * a map instruction stand before it in its block, and no other's between them; there are no loops yet that a pass would
 * have to respect (blocks form a DAG).
 */
#ifndef FFPF_IR_IR_H
#define FFPF_IR_IR_H

#include <ffpf/diag.h>
#include <ffpf/map.h>
#include <ffpf/ir.h>
#include <stddef.h>
#include <stdio.h>

struct ffpf_arena;
struct ffpf_packet;

enum ffpf_op {
#define FFPF_OP(symbol, name, flags) FFPF_IR_##symbol,
#include <lib/ir/ops.def>
#undef FFPF_OP
	FFPF_IR_OPS
};

enum { FFPF_OP_PURE = 1, FFPF_OP_VALUE = 2, FFPF_OP_EFFECT = 4 };

/* An origin is a function's id + 1 (0: nobody's), and above it the line of its own source, as far as it has one (0). */
#define FFPF_ORIGIN_BITS 19
static inline uint32_t ffpf_origin_function(uint32_t origin)
{
	return origin & ((1u << FFPF_ORIGIN_BITS) - 1);
}
static inline uint32_t ffpf_origin_line(uint32_t origin)
{
	return origin >> FFPF_ORIGIN_BITS;
}

struct ffpf_phi_arg {
	ffpf_block pred;
	ffpf_val value;
};

struct ffpf_insn {
	uint8_t op;
	uint8_t bits; /* ALU: 32 or 64 */
	uint8_t size; /* LOAD, STORE, KEY: bytes */
	bool shared;  /* state: in the area that all CPUs share */
	ffpf_val a, b;
	uint32_t cells; /* state: cells of the field, from imm on; KEY: bytes of the key before this part */
	uint64_t imm;
	ffpf_block block;
	uint32_t origin; /* what this came from: see ffpf_origin_function() */
	struct ffpf_phi_arg *phi;
	uint32_t n_phi;
};

enum ffpf_term_kind {
	FFPF_TERM_NONE,
	FFPF_TERM_JUMP,	  /* yes */
	FFPF_TERM_BRANCH, /* cond(a, b or imm) ? yes : no */
	FFPF_TERM_CHECK,  /* a + need <= caplen ? yes : no */
	FFPF_TERM_SWITCH, /* a (bits): cases, else no */
	FFPF_TERM_END,	  /* the packet is done */
};

struct ffpf_case {
	uint64_t value;
	ffpf_block to;
};

struct ffpf_term {
	uint8_t kind;
	uint8_t cond;
	uint8_t bits;
	ffpf_val a, b; /* b 0: imm */
	uint64_t imm;  /* BRANCH; CHECK: need */
	ffpf_block yes, no;
	struct ffpf_case *cases;
	uint32_t n_cases;
	uint32_t origin;
};

struct ffpf_bb {
	ffpf_val *insns;
	size_t n, capacity;
	struct ffpf_term term;
	/* computed by ffpf_ir_analyse */
	ffpf_block *preds;
	uint32_t n_preds;
	ffpf_block idom;
	uint32_t order;		  /* position in reverse postorder, from 1; 0: unreachable */
	uint32_t dom_in, dom_out; /* interval of the dominator tree */
};

/*
 * Constant keys, ascending and each once, and a value that is not 0 for each: what a set (all values 1) or a switch of
 * many cases comes down to. Keys are compared in 64 bits.
 */
struct ffpf_ir_table {
	const uint64_t *keys, *values; /* values NULL: all are 1 */
	uint32_t n;
	uint64_t max;  /* largest value */
	uint64_t hash; /* of all of it */
};

#define FFPF_IR_KEY_MOST 64 /* bytes of a key */

/* A map, as far as programs must know it. */
struct ffpf_ir_map {
	const char *name; /* for listings: "flows0.seen" */
	enum ffpf_map_kind kind;
	uint32_t key_size; /* bytes; LPM: without the prefix length */
	uint32_t words, max_entries;
};

struct ffpf_program {
	struct ffpf_arena *arena;
	struct ffpf_insn *insns;
	size_t n_insns, insn_capacity; /* [0] unused */
	struct ffpf_bb *blocks;
	size_t n_blocks, block_capacity; /* [0] unused */
	ffpf_block entry;
	ffpf_block *rpo; /* reachable blocks in reverse postorder; computed by ffpf_ir_analyse */
	size_t n_rpo;
	struct ffpf_ir_table *tables;
	size_t n_tables, table_capacity;
	const struct ffpf_ir_map *maps; /* that map instructions name; not the program's own */
	size_t n_maps;
	/* facts for back ends */
	unsigned n_flags; /* words of scratch */
	unsigned n_crossings;
	uint32_t snaplen;	    /* bytes of a packet that cross; FFPF_ALL_BYTES: all */
	const char *const *origins; /* per function id: its text, for listings */
	size_t n_origins;
	/* The text of a line of a function's own source (ffpf_ir_line), for listings; may be NULL, also as an answer.
	 */
	const char *(*line_text)(const void *arg, uint32_t origin);
	const void *line_arg;
};

extern const char *const ffpf_op_names[FFPF_IR_OPS];
extern const uint8_t ffpf_op_flags[FFPF_IR_OPS];

/* Arithmetic stands together in ops.def, in the order of enum ffpf_alu. */
static inline bool ffpf_op_is_alu(unsigned op)
{
	return op >= FFPF_IR_ADD && op <= FFPF_IR_ARSH;
}

/* ---- building ---------------------------------------------------------------------------------------------------- */

/* State cells of the instance that is being built, for ffpf_ir_state_*. */
struct ffpf_state_map {
	const uint32_t *base;  /* per field: its first cell in its area */
	const uint32_t *cells; /* per field */
	const bool *shared;    /* per field */
	unsigned n;
	unsigned first_map, n_maps;	 /* the instance's, of the program's */
	unsigned first_wanted, n_wanted; /* the instance's, of the level's */
};

struct ffpf_program *ffpf_program_new(struct ffpf_arena *arena);
/*
 * A table of these keys (in any order; of equal ones the first counts) and values (NULL: all 1; none is 0). Equal
 * tables are one. Nothing given is kept.
 */
uint32_t ffpf_program_table(struct ffpf_program *p, const uint64_t *keys, const uint64_t *values, size_t n);
/* What a table has for a key; 0: nothing. */
uint64_t ffpf_ir_table_find(const struct ffpf_ir_table *table, uint64_t key);
struct ffpf_builder *ffpf_builder_new(struct ffpf_program *program);
struct ffpf_program *ffpf_builder_program(struct ffpf_builder *b);
/* Fixes up what sealing left; call once when every block is sealed and ended. */
void ffpf_builder_finish(struct ffpf_builder *b);

/*
 * Begins an instance: accept goes to `accept` with the class in variable class_out, reject to `reject`.
 * class_in: the incoming class as a value.
 */
void ffpf_builder_begin(struct ffpf_builder *b, uint32_t origin, const struct ffpf_state_map *state, ffpf_val class_in,
			ffpf_var class_out, ffpf_block accept, ffpf_block reject);
void ffpf_builder_origin(struct ffpf_builder *b, uint32_t origin);
/* What the calls so far did wrong (static), or NULL. After a fault nothing that was built may be used. */
const char *ffpf_builder_fault(const struct ffpf_builder *b);
ffpf_block ffpf_builder_current(const struct ffpf_builder *b); /* 0: the last block was ended */

/* Does anything lead to a block? */
bool ffpf_builder_reached(const struct ffpf_builder *b, ffpf_block block);

/* A class called by another: where its fields and maps begin among the caller's, and where its ends lead. */
struct ffpf_builder_call {
	unsigned field, n_fields, map, n_maps, wanted,
		n_wanted; /* where the caller has what the called one announces */
	ffpf_val class_in;
	ffpf_var class_out;
	ffpf_block accept, reject;
};
struct ffpf_builder_frame {
	bool quiet;
	const struct ffpf_state_map *state;
	ffpf_val class_in;
	ffpf_var class_out;
	ffpf_block accept, reject;
};
/* Between the two, what is built is the called class's. */
void ffpf_builder_enter(struct ffpf_builder *b, const struct ffpf_builder_call *call, struct ffpf_builder_frame *frame);
void ffpf_builder_leave(struct ffpf_builder *b, const struct ffpf_builder_frame *frame);

void ffpf_ir_end(struct ffpf_builder *b);
void ffpf_ir_switch(struct ffpf_builder *b, unsigned bits, ffpf_val x, const struct ffpf_case *cases, uint32_t n,
		    ffpf_block other);
/* Table `table` of the program, made with ffpf_program_table(). */
ffpf_val ffpf_ir_lookup(struct ffpf_builder *b, ffpf_val x, uint32_t table);
void ffpf_ir_cross(struct ffpf_builder *b, unsigned inflow, ffpf_val class);
ffpf_val ffpf_ir_ghost(struct ffpf_builder *b, unsigned inflow);
/* A copy of the packet, as it is here, for somebody who watches. */
void ffpf_ir_tap(struct ffpf_builder *b, unsigned tap, ffpf_val class);
ffpf_val ffpf_ir_native(struct ffpf_builder *b, unsigned native, ffpf_val class);
/* The user's own program of the function that is being built; it may write to the packet. Its result has 32 bits. */
ffpf_val ffpf_ir_program(struct ffpf_builder *b, bool writes);
ffpf_val ffpf_ir_flag(struct ffpf_builder *b, unsigned word);
void ffpf_ir_set_flag(struct ffpf_builder *b, unsigned word, ffpf_val class);
/* cell: absolute, in the per-CPU or the shared area. */
void ffpf_ir_count(struct ffpf_builder *b, uint32_t cell, ffpf_val amount);
/* Cells of the shared area: cell first + index, of `cells` (beyond them nothing happens); the old value of one. */
void ffpf_ir_shared_store(struct ffpf_builder *b, uint32_t first, uint32_t cells, ffpf_val index, ffpf_val x);
ffpf_val ffpf_ir_shared_fetch_add(struct ffpf_builder *b, uint32_t cell, ffpf_val x);

/* ---- analysis, checking, printing ------------------------------------------------------------ */

/* Calls visit(arg, target) for each successor of a block, in order; targets may repeat. */
unsigned ffpf_ir_successors(const struct ffpf_bb *bb, ffpf_block *out, unsigned max);
/* A copy that shares nothing with the program but constant tables and texts. */
struct ffpf_program *ffpf_ir_copy(const struct ffpf_program *p, struct ffpf_arena *arena);
/* Computes preds, rpo, idom; drops unreachable blocks' phi arguments. */
void ffpf_ir_analyse(struct ffpf_program *p);
/* Does the instruction look at a map, or is it a part of a key? Does it look at an entry? */
bool ffpf_ir_is_map_op(unsigned op);
bool ffpf_ir_is_entry_op(unsigned op);
/* Sets changed[map] for each map that the program changes, or whose entries. */
void ffpf_ir_changed_maps(const struct ffpf_program *p, bool *changed);
bool ffpf_ir_dominates(const struct ffpf_program *p, ffpf_block a, ffpf_block b);
/* NULL when the program keeps the invariants, else what is wrong (from the arena). Calls ffpf_ir_analyse. */
const char *ffpf_ir_verify(struct ffpf_program *p);
void ffpf_ir_print(struct ffpf_program *p, FILE *out);
/* An upper bound of a value, from its definition alone; depth is 0 for callers. */
uint64_t ffpf_ir_value_max(const struct ffpf_program *p, ffpf_val v, unsigned depth);
/* Reachable instructions and terminators. */
size_t ffpf_ir_size(struct ffpf_program *p);

/* ---- meaning --------------------------------------------------------------------------------- */

/* What the reference interpreter needs from around a program. */
struct ffpf_ir_env {
	uint64_t *cells; /* this CPU's */
	size_t n_cells;
	uint64_t *shared;
	size_t n_shared;
	const uint64_t *wanted; /* others' results */
	size_t n_wanted;
	uint32_t *flags;	/* n_flags words, zero before each packet */
	const uint32_t *ghosts; /* class per in-flow */
	uint64_t meta[FFPF_META_COUNT];
	uint32_t (*random)(void *arg);
	void (*cross)(void *arg, unsigned inflow, uint32_t class);
	void (*tap)(void *arg, unsigned tap, uint32_t class); /* NULL: nobody is there */
	uint32_t (*native)(void *arg, unsigned native, uint32_t class);
	uint32_t (*program)(void *arg, unsigned function); /* NULL: programs match nothing */
	void *arg;
	/*
	 * Maps. key: the map's key_size bytes. find: the words of the entry, valid for the rest of the program, or
	 * NULL. add: 0, or why there is none now (not 0). NULL: no map holds anything or takes anything.
	 */
	uint64_t *(*map_find)(void *arg, unsigned map, const uint8_t *key);
	uint32_t (*map_add)(void *arg, unsigned map, const uint8_t *key);
	void (*map_remove)(void *arg, unsigned map, const uint8_t *key);
	enum ffpf_verdict verdict; /* out */
	uint64_t steps;		   /* out: instructions executed */
};

/* Runs a verified program over a packet's bytes (stores write to them). 0, or -EFAULT when a load lies outside (never,
 * in a verified program). */
int ffpf_ir_run(const struct ffpf_program *p, struct ffpf_ir_env *env, uint8_t *data, uint32_t caplen);

uint64_t ffpf_alu_eval(enum ffpf_op op, unsigned bits, uint64_t x, uint64_t y);
bool ffpf_cond_eval(enum ffpf_cond cond, unsigned bits, uint64_t x, uint64_t y);

/* ---- optimising ------------------------------------------------------------------------------ */

/* All passes, to a fixed point or a bound. The meaning stays. */
void ffpf_ir_optimise(struct ffpf_program *p);
/* One pass each; return whether anything changed. */
bool ffpf_opt_values(struct ffpf_program *p);	/* dominator-based value numbering, copy and constant propagation */
bool ffpf_opt_times(struct ffpf_program *p);	/* the time, asked for again where some have asked; after an analysis */
bool ffpf_opt_checks(struct ffpf_program *p);	/* bounds checks: dominated ones go, neighbours merge */
bool ffpf_opt_threads(struct ffpf_program *p);	/* branches whose outcome an incoming edge decides */
bool ffpf_opt_clean(struct ffpf_program *p);	/* dead values, empty and unreachable blocks */
bool ffpf_opt_switches(struct ffpf_program *p); /* chains of equality tests on one value */
bool ffpf_opt_cases(struct ffpf_program *p);	/* switches of many cases that differ in numbers only */

#endif
