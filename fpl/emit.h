/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a checked program to a packet program; between emit*.c.
 *
 *   emit.c            the whole, statements, control
 *   emit_value.c      values
 *   emit_condition.c  truth values, sets
 *   emit_state.c      cells, arrays, tables, methods; assignments
 *   emit_call.c       classes that are called
 *
 * A value that may be absent is emitted with a block to go to where it is. Whoever makes a block seals it when nothing
 * more will lead to it: `absent` belongs to the caller.
 */
#ifndef FPL_EMIT_H
#define FPL_EMIT_H

#include <fpl/bind.h>
#include <lib/ir/ir.h>

/* A value: v[1] is the low half of an IPv6 address. */
struct fpl_value {
	ffpf_val v[2];
};

struct fpl_loop {
	ffpf_block next, out;
};

struct fpl_emitter {
	struct ffpf_builder *b;
	struct ffpf_arena *arena;
	const struct ffpf_instance *instance;
	const struct fpl_bound *bound;
	const struct fpl_program *program;
	struct fpl_packet *packet;
	ffpf_var *locals;
	struct fpl_loop loops[FPL_LOOPS_MAX];
	unsigned n_loops;
	uint32_t line_at; /* the place whose line is … */
	unsigned line;	  /* … this one, from 1 on */
	bool failed;	  /* a class that is called could not be built: it has reported why */
};

/* Ends the current block, and goes on in `block`, to which nothing more will lead. Where nothing leads to it (a
 * condition is constant), what is built there is never reached, and dropped. */
void fpl_emit_into(struct fpl_emitter *e, ffpf_block block);

struct fpl_value fpl_emit_value(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block absent);
/* The same as a value of another type: addresses widen, numbers lose what does not fit. */
struct fpl_value fpl_emit_as(struct fpl_emitter *e, const struct fpl_expr *x, enum fpl_kind type, ffpf_block absent);
struct fpl_value fpl_emit_convert(struct fpl_emitter *e, struct fpl_value v, enum fpl_kind from, enum fpl_kind to);
ffpf_val fpl_emit_operation(struct fpl_emitter *e, enum fpl_operator op, ffpf_val x, ffpf_val y);

void fpl_emit_condition(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block yes, ffpf_block no);
/* Goes to yes where the value is one of these items. */
void fpl_emit_member(struct fpl_emitter *e, const struct fpl_expr *x, struct fpl_value v, struct fpl_expr *const *items,
		     size_t n, ffpf_block yes, ffpf_block no);

/* emit_state.c */
struct fpl_value fpl_emit_state(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block absent);
ffpf_val fpl_emit_entry(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_val *fresh, ffpf_block absent);
ffpf_val fpl_emit_method(struct fpl_emitter *e, const struct fpl_expr *x, bool wanted, ffpf_block absent);
void fpl_emit_assign(struct fpl_emitter *e, const struct fpl_stmt *s, ffpf_block absent);
void fpl_emit_delete(struct fpl_emitter *e, const struct fpl_stmt *s, ffpf_block absent);
/* Asks a table whether a value of its key's type is in it. */
void fpl_emit_in_table(struct fpl_emitter *e, const struct fpl_symbol *table, struct fpl_value key, ffpf_block yes,
		       ffpf_block no);

/* emit_call.c: the class that the packet comes out with, 0: none. */
ffpf_val fpl_emit_call(struct fpl_emitter *e, const struct fpl_expr *x);

int fpl_emit(const struct ffpf_instance *instance, const struct fpl_bound *bound, struct ffpf_builder *b);

#endif
