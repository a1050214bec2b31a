/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a classic BPF program as a packet program: the smallest frame around a
 * translation. The packet comes in with class CBPF_CLASS_IN and the outcome is scratch word 0.
 */
#ifndef FFPF_TESTS_CBPF_HARNESS_H
#define FFPF_TESTS_CBPF_HARNESS_H

#include <lib/ir/ir.h>
#include <lib/lang/arena.h>
#include <lib/translate/translate.h>

enum { CBPF_CLASS_IN = 7 };

/* NULL with *why when the program is not translated. class 0: matching packets keep theirs. */
static inline struct ffpf_program *cbpf_program(struct ffpf_arena *arena, const struct ffpf_cbpf *insns, size_t n, uint32_t class, const char **why)
{
	struct ffpf_program *p = ffpf_program_new(arena);
	struct ffpf_builder *b = ffpf_builder_new(p);
	ffpf_block accept = ffpf_ir_block(b), reject = ffpf_ir_block(b);
	ffpf_var class_out = ffpf_ir_var(b);

	ffpf_builder_begin(b, 1, NULL, ffpf_ir_ghost(b, 0), class_out, accept, reject);
	if (ffpf_cbpf_translate(b, insns, n, class, why) < 0)
		return NULL;
	ffpf_ir_seal(b, accept);
	ffpf_ir_switch_to(b, accept);
	ffpf_ir_set_flag(b, 0, ffpf_ir_var_get(b, class_out));
	ffpf_ir_end(b);
	ffpf_ir_seal(b, reject);
	ffpf_ir_switch_to(b, reject);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	return p;
}

/* The class with which the packet goes on, 0 when it leaves the flow; a negative error of the interpreter. */
static inline int64_t cbpf_run(const struct ffpf_program *p, uint8_t *bytes, uint32_t caplen, uint32_t len)
{
	uint32_t flags[1] = {0}, ghosts[1] = {CBPF_CLASS_IN};
	struct ffpf_ir_env env = {.flags = flags, .ghosts = ghosts, .meta = {[FFPF_META_LEN] = len}};
	int error = ffpf_ir_run(p, &env, bytes, caplen);

	return error ? error : (int64_t)flags[0];
}

#endif
