/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What kind of eBPF instruction one is, for all who walk over programs (RFC 9669).
 */
#ifndef FFPF_EBPF_INSN_H
#define FFPF_EBPF_INSN_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A constant of 64 bits, which has two slots. */
static inline bool ffpf_insn_is_wide(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/* A jump, conditional or not; calls and exits are none. */
static inline bool ffpf_insn_is_jump(const struct bpf_insn *insn)
{
	unsigned class = BPF_CLASS(insn->code), what = BPF_OP(insn->code);

	return (class == BPF_JMP || class == BPF_JMP32) && what != BPF_CALL && what != BPF_EXIT;
}

static inline bool ffpf_insn_is_local_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL;
}

/* Where the jump or local call in slot `at` goes: a slot, of the program if the program is well formed. */
static inline size_t ffpf_insn_target(const struct bpf_insn *insn, size_t at)
{
	bool far = insn->code == (BPF_JMP32 | BPF_JA) || insn->code == (BPF_JMP | BPF_CALL);

	return (size_t)((int64_t)at + 1 + (far ? insn->imm : insn->off));
}

#endif
