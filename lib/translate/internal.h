/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the classic BPF translator share: the opcodes it knows and
 * the walk over a program's instructions. Codes are those of libpcap's
 * pcap/bpf.h, which can't be included beside linux/filter.h; only cbpf.c and facts.c use these.
 */
#ifndef FFPF_TRANSLATE_INTERNAL_H
#define FFPF_TRANSLATE_INTERNAL_H

#include <lib/translate/translate.h>
#include <sys/types.h>
#include <pcap/bpf.h>
#include <stdbool.h>

/* Size in bytes of a BPF_LD's operand. */
static inline unsigned cbpf_size(uint16_t code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}

/* Is the instruction a jump to an earlier one, or to itself? (libpcap's `protochain` is a loop.) */
static inline bool cbpf_jumps_back(const struct ffpf_cbpf *insn)
{
	return insn->code == (BPF_JMP | BPF_JA) && (int32_t)insn->k < 0;
}

/* NULL when bpf_validate() accepts the program and bpf_filter() knows all its opcodes; else a reason (static). */
const char *cbpf_invalid(const struct ffpf_cbpf *insns, size_t n);

/* Where a term's answer leads: blocks that the caller seals. fail: a load outside the captured bytes, which ends the
 * whole expression. */
struct cbpf_exits {
	ffpf_block yes, no, fail;
};

/* Emits a valid program from the current block on, which it ends. */
void cbpf_emit(struct ffpf_builder *b, const struct ffpf_cbpf *insns, size_t n, const struct cbpf_exits *exits);

/*
 * A compiler for one link type, for any number of expressions. Others wait until it is closed: name lookups are not
 * thread-safe. NULL when memory runs out.
 */
struct pcap;
struct pcap *cbpf_compiler_open(int linktype, uint32_t snaplen);
void cbpf_compiler_close(struct pcap *compiler);
/* As ffpf_cbpf_compile(); optimise: libpcap's optimiser, too. */
int cbpf_compiler_run(struct pcap *compiler, struct ffpf_arena *arena, const char *expr, bool optimise,
		      struct ffpf_cbpf **out, size_t *n, const char **why);

#endif
