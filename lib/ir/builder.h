/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The builder's inside, for build.c, build_maps.c and variables.c.
 */
#ifndef FFPF_IR_BUILDER_H
#define FFPF_IR_BUILDER_H

#include <lib/ir/ir.h>

struct definition {
	uint64_t key; /* block << 32 | var + 1; 0: free */
	ffpf_val value;
};

struct pending_phi {
	ffpf_block block;
	ffpf_var var;
	ffpf_val phi;
};

struct common {
	const char *name;
	ffpf_var var;
};

/* A phi whose values are being read. */
struct reading {
	ffpf_block from, at; /* asked at the end of `from`; the phi stands in `at` */
	ffpf_val phi;
	struct ffpf_phi_arg *args; /* `next` of them are there */
	size_t next;
};

struct ffpf_builder {
	struct ffpf_program *p;
	ffpf_block current;
	uint32_t origin;
	bool quiet; /* lines are those of the caller's source */
	uint32_t n_vars;
	bool *sealed;
	size_t sealed_capacity;
	ffpf_block **preds; /* per block, while building */
	size_t *n_preds, *preds_capacity;
	size_t preds_blocks;
	struct definition *definitions;
	size_t n_definitions, definitions_capacity;
	struct pending_phi *pending;
	size_t n_pending, pending_capacity;
	struct reading *reading;
	size_t n_reading, reading_capacity;
	ffpf_val *forward; /* value → the one it was merged into; 0: itself */
	size_t forward_capacity;
	struct common *common; /* variables that all functions share */
	size_t n_common, common_capacity;
	/* the instance being built */
	const struct ffpf_state_map *state;
	ffpf_val class_in;
	ffpf_var class_out;
	ffpf_block accept, reject;
	const char *fault; /* the first misuse; what is built from then on is never used */
};

/* Keeps the first misuse. */
void ffpf_builder_wrong(struct ffpf_builder *b, const char *fault);
/* Behind what writes to the packet: nothing is known of it any more. */
void ffpf_builder_forget(struct ffpf_builder *b);
/* The value that v was merged into, or v. */
ffpf_val ffpf_builder_resolve(struct ffpf_builder *b, ffpf_val v);
bool ffpf_builder_is_block(const struct ffpf_builder *b, ffpf_block block);
/* A new instruction of a block, not yet in its list. */
ffpf_val ffpf_builder_insn(struct ffpf_builder *b, const struct ffpf_insn *insn, ffpf_block block);
/* The same, at the end of the current block. */
ffpf_val ffpf_builder_append(struct ffpf_builder *b, const struct ffpf_insn *insn);
/* v where it is a value; else a harmless one, and a fault. */
ffpf_val ffpf_builder_operand(struct ffpf_builder *b, ffpf_val v);

#endif
