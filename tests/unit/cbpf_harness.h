/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a classic BPF program as a packet program: the smallest frame around a
 * translation. The packet comes in with class CBPF_CLASS_IN and the outcome is scratch word 0.
 */
#ifndef FFPF_TESTS_CBPF_HARNESS_H
#define FFPF_TESTS_CBPF_HARNESS_H

#include <sys/types.h>
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>
#include <lib/translate/translate.h>
#include <pcap/bpf.h>
#include <stdlib.h>

enum { CBPF_CLASS_IN = 7 };

/* NULL with *why when the program is not translated. class 0: matching packets keep theirs. */
static inline struct ffpf_program *cbpf_program(struct ffpf_arena *arena, const struct ffpf_cbpf *insns, size_t n,
						uint32_t class, const char **why)
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

/*
 * May the program read a scratch word that it has not set? Then bpf_filter() gives no answer to compare with: its words
 * are whatever the stack holds, ours are 0. libpcap itself emits such programs, for `not geneve and geneve`. Jumps back
 * count as never taken.
 */
static inline bool cbpf_reads_unset(const struct ffpf_cbpf *insns, size_t n)
{
	uint32_t *set =
		calloc(n + 1, sizeof(*set)); /* bit per word: set on every way here; bit 31: some way leads here */
	bool unset = false;

	if (!set)
		abort();
	set[0] = 1u << 31;
	for (size_t i = 0; i < n; i++) {
		const struct ffpf_cbpf *insn = &insns[i];
		uint32_t here = set[i];
		size_t to[2] = {i + 1, i + 1};

		if (!here)
			continue;
		if ((insn->code == (BPF_LD | BPF_MEM) || insn->code == (BPF_LDX | BPF_MEM)) && !(here >> insn->k & 1))
			unset = true;
		if (BPF_CLASS(insn->code) == BPF_ST || BPF_CLASS(insn->code) == BPF_STX)
			here |= 1u << insn->k;
		if (insn->code == (BPF_JMP | BPF_JA)) {
			to[0] = to[1] = (int32_t)insn->k < 0 ? n : i + 1 + insn->k;
		} else if (BPF_CLASS(insn->code) == BPF_JMP) {
			to[0] += insn->jt;
			to[1] += insn->jf;
		} else if (BPF_CLASS(insn->code) == BPF_RET) {
			continue;
		}
		for (unsigned k = 0; k < 2; k++)
			set[to[k]] = set[to[k]] ? set[to[k]] & here : here;
	}
	free(set);
	return unset;
}

#endif
