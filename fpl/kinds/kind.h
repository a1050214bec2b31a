/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kinds share among themselves.
 */
#ifndef FFPF_FPL_KINDS_KIND_H
#define FFPF_FPL_KINDS_KIND_H

#include <fpl/kinds.h>
#include <lib/lang/arena.h>

extern const struct fpl_kind_ops fpl_kind_hist, fpl_kind_meter, fpl_kind_hyperloglog, fpl_kind_countmin, fpl_kind_bloom,
	fpl_kind_topk;

/* "NAME.part" */
static inline const char *fpl_kind_part(const struct fpl_kind_decl *decl, struct ffpf_arena *arena, const char *part)
{
	return ffpf_arena_printf(arena, "%s.%s", decl->name, part);
}

/* How much a call adds. */
static inline ffpf_val fpl_kind_by(const struct fpl_kind_call *call)
{
	return call->by ? call->by : ffpf_ir_const(call->b, 1);
}

/* Ends the builder's block with a branch, and goes on in `yes`; both are sealed. */
static inline void fpl_kind_if(struct ffpf_builder *b, enum ffpf_cond cond, ffpf_val x, ffpf_val y, ffpf_block yes,
			       ffpf_block no)
{
	ffpf_ir_branch(b, cond, 64, x, y, yes, no);
	ffpf_ir_seal(b, yes);
	ffpf_ir_switch_to(b, yes);
}

/* Jumps to a block that nobody else will reach any more, and goes on there. */
static inline void fpl_kind_join(struct ffpf_builder *b, ffpf_block next)
{
	ffpf_ir_jump(b, next);
	ffpf_ir_seal(b, next);
	ffpf_ir_switch_to(b, next);
}

#endif
