/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes of the stack that a function never writes but may hand on: the padding of a struct that is a key or a value.
 * The compiler leaves them alone; a map would compare them. They become zero when the function begins.
 *
 *     struct key k = {.source = s, .port = p};     u32 at r10-8, u16 at r10-4, nothing at r10-2
 *     bpf_map_lookup_elem(&flows, &k);             reads all eight
 *
 * Found without following the program: words of eight bytes of which single stores write some bytes and no store the
 * others, where the function takes the stack's address at all. What is zeroed needlessly does no harm.
 */
#include <flowspaces/ebpf/object_file.h>

#include <linux/bpf.h>

#define STACK 512

static bool takes_address(const struct bpf_insn *in)
{
	return (in->code == (BPF_ALU64 | BPF_MOV | BPF_X) || in->code == (BPF_ALU64 | BPF_ADD | BPF_X)) &&
	       in->src_reg == BPF_REG_10;
}

static void mark(bool written[STACK], const struct bpf_insn *in)
{
	static const uint8_t sizes[] = {4, 2, 1, 8}; /* W, H, B, DW */
	unsigned class = BPF_CLASS(in->code);
	int first = in->off + STACK;

	if ((class != BPF_ST && class != BPF_STX) || in->dst_reg != BPF_REG_10 || first < 0)
		return;
	for (int i = first; i < first + sizes[BPF_SIZE(in->code) >> 3] && i < STACK; i++)
		written[i] = true;
}

static bool has_gap(const bool *word)
{
	unsigned written = 0;

	for (unsigned i = 0; i < 8; i++)
		written += word[i];
	return written && written < 8;
}

unsigned ffpf_object_zero_gaps(const struct bpf_insn *insns, size_t n, struct bpf_insn out[FFPF_OBJECT_GAPS_MAX])
{
	bool written[STACK] = {false}, taken = false;
	unsigned found = 0;

	for (size_t i = 0; i < n; i++) {
		if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW)) {
			i++;
			continue;
		}
		taken |= takes_address(&insns[i]);
		mark(written, &insns[i]);
	}
	for (unsigned at = 0; taken && at < STACK; at += 8)
		if (has_gap(&written[at]))
			out[found++] = (struct bpf_insn){.code = BPF_ST | BPF_MEM | BPF_DW,
							 .dst_reg = BPF_REG_10,
							 .off = (int16_t)((int)at - STACK)};
	return found;
}
