/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From packet programs to eBPF: shared by every flowspace that runs eBPF.
 *
 *   lower.c      what the target needs first: pointers to computed offsets, split critical edges, impossible checks
 *   forget.c     values that the kernel's verifier should not follow
 *   regalloc.c   linear scan over the blocks in reverse postorder
 *   assemble.c   instructions, jumps, relocations; where values and scratch words are
 *   emit.c       instructions, branches, switches, phis as parallel copies
 *   emit_state.c state cells, flags, verdicts, metadata
 *   emit_table.c lookups in constant tables
 *   emit_map.c   maps of functions and their entries
 *   emit_skb.c   what is different at tc: struct __sk_buff, VLAN tags that are not in the bytes
 *   emit_level.c from one level of the kernel to the next
 *   emit_ring.c  beginning and end of a program: where things are; the packet's way into PBuf and IBuf
 *   emit_tap.c   copies for those who watch a running graph
 *   append.c     users' own programs, behind the generated one
 *   inline.c     small ones, where they are called
 *   disassemble.c text of single instructions
 *   list.c       listing
 *   object*.c    reading users' programs, see object.h
 *
 * Registers: r10 stack, r8 this CPU's cells, r6 and r7 the packet's beginning and end (not in slow programs), r9 the
 * packet's struct (only in FFPF_EBPF_USER), r0 and r1 temporaries of single instructions; the others hold values.
 */
#ifndef FFPF_EBPF_EBPF_H
#define FFPF_EBPF_EBPF_H

#include <flowspaces/ebpf/object.h>
#include <lib/ir/ir.h>
#include <linux/bpf.h>

enum ffpf_ebpf_target {
	FFPF_EBPF_XDP,	    /* packet linear in memory; hands others over to the slow program */
	FFPF_EBPF_XDP_SLOW, /* packets in fragments: every load through bpf_xdp_load_bytes */
	FFPF_EBPF_TC, /* what is looked at is linear, and no VLAN tag outside of the bytes; others to the slow program
		       */
	FFPF_EBPF_TC_SLOW, /* loads through bpf_skb_load_bytes, the tag at its place: see emit_skb.c */
	FFPF_EBPF_USER,	   /* the userspace machine; r1 is struct ffpf_packet, r2 struct ffpf_user_ctx */
};

/* How packets get to the next level. */
enum ffpf_ebpf_up {
	FFPF_UP_RING,  /* their bytes into PBuf, the classes into IBufs */
	FFPF_UP_META,  /* from XDP: the classes in metadata, see emit_level.c */
	FFPF_UP_CB,    /* from tc: in memory and the control block */
	FFPF_UP_LEAVE, /* the list of crossings is left for whoever runs the program */
};

/* How they came. */
enum ffpf_ebpf_down {
	FFPF_DOWN_NONE,
	FFPF_DOWN_META,
	FFPF_DOWN_CB,
	FFPF_DOWN_STAGE, /* changed by C code of this level: its class in the control block, see call_word */
};

/* Maps and tables that a program refers to; relocated by whoever loads it. */
enum ffpf_ebpf_symbol {
	FFPF_SYM_CELLS,	    /* value of a one-entry array: n_cpus strides of per-CPU cells and scratch */
	FFPF_SYM_SHARED,    /* value of a one-entry array: cells that all CPUs share */
	FFPF_SYM_WANTED,    /* value of a one-entry array: others' results */
	FFPF_SYM_INJECT,    /* value of a one-entry array: struct ffpf_inject */
	FFPF_SYM_PBUF,	    /* array, entry per CPU: ring */
	FFPF_SYM_IBUF,	    /* array, entry per CPU and in-flow: ring */
	FFPF_SYM_READERS,   /* array, entry per CPU: struct ffpf_reader_page */
	FFPF_SYM_DOORBELL,  /* a ring buffer: the one that ffpf_ebpf_reloc.number says */
	FFPF_SYM_DOORBELLS, /* array, entry per CPU: ring buffers */
	FFPF_SYM_TABLES,    /* value of a one-entry array: the program's data, read-only */
	FFPF_SYM_PROGRAMS,  /* program array: pieces of the fast program from 0, of the slow one behind them */
	FFPF_SYM_BELOW,	    /* the cells of the level below: FFPF_DOWN_CB */
	FFPF_SYM_TAP,	    /* perf event array: of the tap that ffpf_ebpf_reloc.number says */
	FFPF_SYM_MAP,	    /* the map of functions that ffpf_ebpf_reloc.number says, of the level's */
	FFPF_SYMBOLS
};

/* What a replayed packet brings along because the kernel's test runner does not know it. */
struct ffpf_inject {
	uint64_t time;
	uint32_t len;
	uint32_t ifindex;
	uint32_t queue;
	uint32_t dir;
};

/*
 * What a reader thread of the user flowspace has for its programs: r2 of those that are generated. Users' own programs
 * get it as their context; what it says of the packet is there for them alone, generated ones ask struct ffpf_packet.
 */
struct ffpf_user_ctx {
	uint64_t *cells; /* this thread's, scratch words behind them */
	uint64_t *shared;
	const uint32_t *ghosts;
	uint32_t cpu;
	/* of the packet */
	uint32_t len;
	const uint8_t *data, *data_end;
	uint64_t time;
	uint32_t caplen, ifindex, queue, dir;
	uint16_t protocol;	/* of the link layer, as an EtherType in network order; 0 unknown */
	const uint64_t *wanted; /* others' results */
};

/* Calls that only the userspace machine knows. */
#define FFPF_CALL_NATIVE 0x10001  /* r1 packet, r2 native number, r3 class → class */
#define FFPF_CALL_PROGRAM 0x10002 /* r1 ctx, r2 function → class: a user's program that stands by itself */

#define FFPF_CALL_TAP 0x10003 /* r1 packet, r2 number, r3 class */

/* What goes before a packet that a program of the kernel hands to a tap. */
struct ffpf_tap_record {
	uint64_t time; /* of a replayed packet; else the event has it */
	uint32_t len;  /* without the tag */
	uint32_t caplen;
	uint32_t class;
	uint16_t tag_type,
		tag; /* VLAN tag outside of the bytes: type in network order, 0 there is none; the tag itself */
	uint32_t source;
};
#define FFPF_TAP_BYTES_MAX 65000 /* of a packet: what an entry of the kernel's buffer holds */

/* A user's program that a function of the graph is. */
struct ffpf_ebpf_callee {
	unsigned function;		     /* its number in the graph */
	const struct ffpf_object_code *code; /* of as many instructions as insns */
	const struct bpf_insn *insns;	     /* to be taken instead of the code's own; NULL: those */
	bool apart;			     /* USER: called through FFPF_CALL_PROGRAM, not appended */
	bool called;			     /* it tail-calls others, which must come back: not to be put in place */
	const void *state;		     /* whose maps it uses: callees with the same code and state are one copy */
};

struct ffpf_ebpf_options {
	enum ffpf_ebpf_target target;
	const struct ffpf_ebpf_callee *callees; /* at least those that the program calls */
	size_t n_callees;
	bool replay; /* metadata comes from FFPF_SYM_INJECT */
	unsigned n_cpus;
	uint32_t n_cells; /* per CPU */
	uint32_t stride;  /* bytes between CPUs' cells; see ffpf_ebpf_stride */
	uint32_t n_shared;
	uint8_t source; /* number of the source, written into records */
	uint8_t dir;	/* of its packets (enum ffpf_dir); XDP: always in */
	/* crossing upward; n_inflows 0: nothing crosses */
	unsigned n_inflows;
	uint32_t snaplen;    /* bytes stored, at most */
	bool time;	     /* somebody above needs the time */
	uint64_t ring_size;  /* of each PBuf ring */
	uint64_t ibuf_bytes; /* of records of an IBuf ring */
	bool slow_reader;
	unsigned n_bells; /* doorbells, CPU i rings i (1: all ring the same); 0: they are in FFPF_SYM_DOORBELLS */
	/* between levels of the kernel; slots are numbers of in-flows among those that the source can take */
	enum ffpf_ebpf_up up;
	const unsigned *slots; /* META, CB: of each in-flow */
	unsigned n_slots;
	uint32_t sent; /* cell that counts packets which cross */
	bool keeps;    /* META: the packet is stored in PBuf, and its position goes up, too */
	enum ffpf_ebpf_down down;
	const unsigned *below_slots; /* of each in-flow of the level below; NULL: its number (for listings) */
	unsigned n_below;
	uint32_t came;	/* cell that counts packets which have crossed */
	bool kept;	/* META: its position came up; what goes into the ring refers to it */
	uint32_t magic; /* of this run and source, not 0 */
	/* FFPF_DOWN_CB: what is the level below's */
	uint32_t below_stride, below_cells, below_inflows;
	bool first; /* piece of its program */
	/* C code between pieces (kmod), by way of the control block: */
	unsigned
		result_word; /* 1 + the scratch word that gets what the code before this piece gave; 0: there is none */
	unsigned call_word;  /* 1 + the scratch word with the class for the code behind this piece; 0: there is none */
	unsigned number_word; /* where that code makes packets for a stage: 1 + the scratch word with the number of a
				 followed packet; 0: none are followed */
	unsigned number_slot; /* of the ghost that the stage finds it in */
	/* split programs: what this piece does at its end, and where fragments go */
	int next_piece;	  /* index in FFPF_SYM_PROGRAMS; -1: the last */
	int slow_piece;	  /* index of the slow program's first piece; -1: none */
	bool verdicts;	  /* some function of the program decides about packets */
	unsigned n_flags; /* scratch words for joins, over all pieces */
};

/* Bytes of metadata with which so many classes go up, and where the packet is stored if it is. */
uint32_t ffpf_ebpf_metadata_bytes(unsigned n_classes, bool kept);

struct ffpf_ebpf_reloc {
	uint32_t insn;
	uint8_t symbol;
	bool value;	 /* the address of the map's value, not the map; insn + 1's imm is the offset in it */
	uint32_t number; /* FFPF_SYM_DOORBELL, FFPF_SYM_MAP: which */
};

struct ffpf_ebpf_line {
	uint32_t insn;
	uint32_t origin;		     /* see ffpf_origin_function(); 0: ffpf's own */
	const struct ffpf_object_line *user; /* in a user's program: the line of its source; NULL: none known */
};

/* A function of a user's program. */
struct ffpf_ebpf_subprogram {
	uint32_t insn; /* its first */
	const char *name;
	bool entry; /* what the generated program calls */
};

/* An LD_IMM64 of a user's program that refers to a map: src_reg and imm are as in struct ffpf_object_code. */
struct ffpf_ebpf_map_ref {
	uint32_t insn;
	uint32_t callee; /* in the options' */
};

struct ffpf_ebpf_program {
	struct bpf_insn *insns;
	size_t n, capacity;
	struct ffpf_ebpf_reloc *relocs;
	size_t n_relocs, relocs_capacity;
	struct ffpf_ebpf_line *lines; /* ascending by insn */
	size_t n_lines, lines_capacity;
	struct ffpf_ebpf_subprogram *subprograms; /* ascending by insn */
	size_t n_subprograms, subprograms_capacity;
	struct ffpf_ebpf_map_ref *map_refs;
	size_t n_map_refs, map_refs_capacity;
	/* Constant tables, aligned to 8 bytes, whose place FFPF_SYM_TABLES stands for. */
	uint8_t *data;
	size_t n_data, data_capacity;
	const struct ffpf_ir_map *maps; /* for listings */
};

/* Bytes of one CPU's cells and scratch, a multiple of the cache line. n_ghosts: slots of what comes from the kernel's
 * level below. */
uint32_t ffpf_ebpf_stride(uint32_t n_cells, unsigned n_flags, unsigned n_inflows, unsigned n_ghosts);
/* Where a program leaves what crosses (FFPF_UP_LEAVE), in bytes from the CPU's first cell: a word, the class of the
 * only in-flow or the number of entries {in-flow, class}, and these. */
void ffpf_ebpf_crossings_at(uint32_t n_cells, unsigned n_flags, uint32_t *count, uint32_t *list);
/* Where a scratch word is, in bytes from the CPU's first cell: 32 bits. */
uint32_t ffpf_ebpf_flag_at(uint32_t n_cells, unsigned flag);

/*
 * Generates a program from an optimised packet program, which it changes (lowering). 0; -E2BIG when it does not fit
 * into one program (jump distances, stack): split and try again.
 */
int ffpf_ebpf_generate(struct ffpf_arena *arena, struct ffpf_program *ir, const struct ffpf_ebpf_options *options,
		       struct ffpf_ebpf_program *out);

/* A program that does nothing but call one callee: whether a kernel takes that alone. 0 or -errno. */
int ffpf_ebpf_alone(struct ffpf_arena *arena, const struct ffpf_ebpf_callee *callees, size_t n, size_t which,
		    struct ffpf_ebpf_program *out);
/*
 * Prints instruction `at` of a program, without a newline; any bytes will do. second: in[1] is there, for a 64-bit
 * constant. helper: the name of the helper that it calls, NULL: by the number.
 */
void ffpf_ebpf_print_insn(const struct bpf_insn *in, size_t at, bool second, const char *helper, FILE *out);
const char *ffpf_ebpf_helper_name(int32_t id);

/* A callee as a program that stands by itself, for others to tail-call it. */
void ffpf_ebpf_bare(struct ffpf_arena *arena, const struct ffpf_ebpf_callee *callee, struct ffpf_ebpf_program *out);

/* For programs that run in this process: the constant tables are at this address. */
void ffpf_ebpf_place_tables(struct ffpf_ebpf_program *code, const void *address);

/* A readable listing, with the functions' texts as comments. origins may be NULL. */
void ffpf_ebpf_print(const struct ffpf_ebpf_program *program, const char *const *origins,
		     const char *(*line_text)(const void *arg, uint32_t origin), const void *arg, FILE *out);

/* Prints all packet programs of a level, or (bytecode) the eBPF made of them. 0 or -errno. */
struct ffpf_graph;
struct ffpf_layout;
struct ffpf_flowspace;
int ffpf_ebpf_list(const struct ffpf_graph *graph, const struct ffpf_layout *layout, const struct ffpf_flowspace *level,
		   enum ffpf_ebpf_target target, bool bytecode, FILE *out);

#endif
