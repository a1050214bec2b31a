/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The userspace eBPF machine: runs the programs of the user flowspace, and users' own.
 *
 *   verify*.c  the verifier: what it passes is safe to run
 *   load.c     checks the encoding, decodes into the form that the interpreter runs
 *   fuse.c     superinstructions
 *   interp.c   the interpreter (threaded code)
 *   jit*.c     native code for x86-64
 *   helpers.c  functions that programs may call
 *   context.c  what r1 points to, for each type of program
 *
 * A program of our own generator is loaded and run. A user's is verified first; verifying gives the instructions that
 * are loaded (accesses to the context become accesses to what really lies there).
 */
#ifndef FFPF_USER_VM_H
#define FFPF_USER_VM_H

#include <lib/buf/map.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FFPF_VM_FRAMES 8  /* local calls nest this deep, the main program counted */
#define FFPF_VM_STACK 512 /* bytes of each frame */
#define FFPF_VM_TAILS 33  /* tail calls of one run, at most (the kernel's MAX_TAIL_CALL_CNT) */

struct ffpf_vm;

/* ---- helpers --------------------------------------------------------------------------------- */

/* What every env begins with; who runs programs may have more behind it. */
struct ffpf_vm_env {
	unsigned cpu;	      /* which slot of per-CPU maps: the reader thread's number */
	uint32_t tails;	      /* the machine's own: tail calls of this run so far */
	const uint64_t *time; /* what helpers say the time is: the packet's, ns; NULL: the machine's clocks */
};

/* A helper: arguments r1 to r5, result r0. env is what ffpf_vm_run was given. */
typedef uint64_t (*ffpf_vm_helper)(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5);

/* What an argument must be. */
enum ffpf_vm_arg {
	FFPF_VM_ARG_NONE, /* not used */
	FFPF_VM_ARG_ANY,  /* any initialised value */
	FFPF_VM_ARG_SCALAR,
	FFPF_VM_ARG_CONTEXT,	    /* what r1 was at the program's begin */
	FFPF_VM_ARG_MAP,	    /* a map; the key and value below are this map's */
	FFPF_VM_ARG_KEY,	    /* initialised memory of the map's key size */
	FFPF_VM_ARG_VALUE,	    /* initialised memory of the map's value size */
	FFPF_VM_ARG_MEMORY,	    /* initialised memory; its size is the next argument */
	FFPF_VM_ARG_MEMORY_OR_NULL, /* the same; NULL if the size is 0 */
	FFPF_VM_ARG_ROOM, /* memory that the helper fills, whatever it returns; its size is the next argument */
	FFPF_VM_ARG_SIZE, /* of the memory before; at least 1 */
	FFPF_VM_ARG_SIZE_OR_ZERO,
	FFPF_VM_ARG_PROGRAMS, /* a map of kind FFPF_MAP_PROGRAMS */
};

enum ffpf_vm_result { FFPF_VM_RESULT_SCALAR, FFPF_VM_RESULT_VALUE_OR_NULL /* of the map argument */ };

struct ffpf_vm_helper_info {
	int32_t id; /* imm of the call instruction: enum bpf_func_id */
	const char *name;
	ffpf_vm_helper function; /* NULL: the machine does it itself (tail calls) */
	enum ffpf_vm_result result;
	enum ffpf_vm_arg args[5];
	unsigned maps;	     /* set of 1 << enum ffpf_map_kind that the MAP argument may be; 0: all but PROGRAMS */
	bool changes_packet; /* pointers to packet bytes are void afterwards */
	bool writes_packet;  /* only for programs that may */
	bool writes_map;     /* not for maps that programs only read */
};

struct ffpf_vm_helpers {
	const struct ffpf_vm_helper_info *table;
	size_t n;
};

/* What users' programs may call; their context is a struct ffpf_user_ctx. (helpers.c) */
extern const struct ffpf_vm_helpers ffpf_vm_user_helpers;
/* bpf_get_prandom_u32, for other tables, too. */
uint64_t ffpf_vm_random(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5);

/* ---- contexts -------------------------------------------------------------------------------- */

enum ffpf_vm_field_kind {
	FFPF_VM_FIELD_SCALAR,
	FFPF_VM_FIELD_PACKET,	   /* pointer to the first byte of the packet */
	FFPF_VM_FIELD_PACKET_END,  /* pointer behind the last */
	FFPF_VM_FIELD_PACKET_META, /* pointer to metadata before the packet: there is none, it equals the packet's */
};

/* A member of the context as programs see it (<linux/bpf.h>), and as it is. */
struct ffpf_vm_field {
	const char *name;
	uint16_t offset, size; /* as the program sees it: bytes */
	uint16_t at, width;    /* in the real context: bytes, 1, 2, 4 or 8; pointers have 8. Width 0: reads as 0 */
	enum ffpf_vm_field_kind kind;
	bool writable; /* by the program; SCALAR only, and width equals size */
};

/* What r1 points to. */
struct ffpf_vm_context {
	const char *name; /* struct xdp_md */
	uint16_t size;	  /* as the program sees it */
	const struct ffpf_vm_field *fields;
	size_t n_fields;
};

/* The contexts of XDP programs, and of programs that filter socket buffers, over a struct ffpf_user_ctx (ebpf.h). What
 * is not known of a packet here is no field. */
extern const struct ffpf_vm_context ffpf_vm_xdp_md, ffpf_vm_sk_buff;

/* ---- programs -------------------------------------------------------------------------------- */

/* The programs that a program may tail-call. Who sets one while others run stores it with release order. */
struct ffpf_vm_programs {
	uint32_t n;
	const struct ffpf_vm *entries[]; /* NULL: none there, the call falls through */
};

/* A map that a program refers to. */
struct ffpf_vm_map {
	const struct ffpf_map_spec *spec;
	union {
		struct ffpf_map *map;		   /* NULL while the program is only verified */
		struct ffpf_vm_programs *programs; /* spec->kind FFPF_MAP_PROGRAMS */
	};
};

/* Where an instruction comes from. Ascending by insn; a line holds until the next. */
struct ffpf_vm_line {
	uint32_t insn;
	uint32_t line, column; /* from 1; 0 unknown */
	const char *file, *text;
};

/*
 * A program. Instructions are those of RFC 9669 in host byte order. An LD_IMM64 is a plain constant, or with src_reg
 * BPF_PSEUDO_MAP_IDX the map maps[imm], with BPF_PSEUDO_MAP_IDX_VALUE the address of byte `second imm` of the value of
 * its entry 0 (arrays only), with BPF_PSEUDO_FUNC refused. Nothing of it is kept by those who take it.
 */
struct ffpf_vm_program {
	const struct bpf_insn *insns;
	size_t n;
	const struct ffpf_vm_helpers *helpers; /* NULL: none */
	const struct ffpf_vm_map *maps;
	size_t n_maps;
	/* for the verifier: */
	const struct ffpf_vm_context *context; /* NULL: r1 points to `memory` writable bytes (NULL if 0), r2 is their
						  number */
	uint64_t memory;
	bool writes_packet; /* may it? */
	unsigned frames;    /* local calls may nest so deep, itself counted; 0: FFPF_VM_FRAMES */
	const struct ffpf_vm_line *lines;
	size_t n_lines;
};

/*
 * Verifies any bytes. 0: whatever the program does when it runs on what its context describes, it reads and writes only
 * what it was given, learns and leaves no address, ends after a million instructions at most and leaves a number in
 * r0. insns (program->n of them, may be the program's own) gets the program with accesses to the context made real and
 * what no path comes to replaced by exits; no instruction moves. -EACCES: refused; -E2BIG: too many paths or states;
 * -ENOMEM. *message (NULL: nobody asks), which the caller frees, then says why in lines: the reason with the
 * instruction, the registers' state there, and the source line if one is known. level 0 nothing more, 1 the way there,
 * 2 every step, on success, too. Else *message is NULL on success.
 *
 * Relied on: the values of maps and the memory at r1 begin at multiples of eight; the context's packet pointers are in
 * order; helpers do what their signatures say and keep no pointer; programs that are tail-called were verified with the
 * same context and with as much permission to write.
 */
int ffpf_vm_verify(const struct ffpf_vm_program *program, struct bpf_insn *insns, unsigned level, char **message);

/*
 * Loads a program for running. Refuses with -EINVAL and a sentence in *why (static) what is not well formed: unknown
 * opcodes, jumps out of the program or into the second half of an LD_IMM64, unknown helpers and maps, register numbers,
 * writes to r10, unused fields that are not zero, a last instruction that falls off the end. *why is NULL on success.
 * Memory accesses are not checked: only programs of our own generator, or that the verifier passed, may be run.
 */
int ffpf_vm_new(const struct ffpf_vm_program *program, struct ffpf_vm **out, const char **why);
void ffpf_vm_free(struct ffpf_vm *vm); /* NULL-safe */

/* Makes native code of it, which ffpf_vm_run and tail calls into it then use. -ENOTSUP: not on this processor. Programs
 * that tail-call each other must all be compiled, or none. */
int ffpf_vm_compile(struct ffpf_vm *vm);

/*
 * A program for many things in a row: with r1 = first, first + stride, … `count` times (at least 1), the same r2 and
 * env each time; what it returns is not looked at.
 */
typedef void (*ffpf_vm_loop)(void *first, uint64_t count, uint64_t r2, void *env);
/* Makes the loop for one stride, bytes; valid as long as vm. NULL: not on this processor, no memory, or the program has
 * tail calls. */
ffpf_vm_loop ffpf_vm_compile_loop(struct ffpf_vm *vm, uint32_t stride);

/* Runs with r1 and r2, zero in the other registers, and a stack of 512 bytes. env begins with a struct ffpf_vm_env.
 * Returns r0. Reentrant. */
uint64_t ffpf_vm_run(const struct ffpf_vm *vm, void *r1, uint64_t r2, void *env);

#endif
