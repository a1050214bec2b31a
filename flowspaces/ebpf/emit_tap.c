/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copies of packets for those who watch a running graph. In the kernel they go into the buffer of a perf event, which
 * takes the bytes from wherever they are, fragments too; what it has no room for the tap has lost, and nobody else.
 */
#include <flowspaces/ebpf/asm.h>

#include <stddef.h>

/* On the stack, where the epilogue has its own later on. */
#define RECORD SLOT_LOAD
#define AT(field) ((int16_t)(RECORD + (int16_t)offsetof(struct ffpf_tap_record, field)))
#define SKB(field) ((int16_t)offsetof(struct __sk_buff, field))

_Static_assert(RECORD + (int)sizeof(struct ffpf_tap_record) <= SLOT_KEY, "the record has room between the slots");

/* r1 is the socket buffer. */
static void put_tag(struct gen *g)
{
	uint32_t none;

	ldx(g, BPF_W, R2, R1, SKB(vlan_present));
	none = jumpi(g, BPF_JEQ, R2, 0);
	ldx(g, BPF_W, R2, R1, SKB(vlan_proto));
	stx(g, BPF_H, R10, AT(tag_type), R2);
	ldx(g, BPF_W, R2, R1, SKB(vlan_tci));
	stx(g, BPF_H, R10, AT(tag), R2);
	ffpf_asm_patch(g, none);
}

/* What the kernel's test runner does not know. */
static void put_injected(struct gen *g)
{
	ffpf_asm_symbol(g, R2, FFPF_SYM_INJECT, true, 0);
	ldx(g, BPF_DW, R1, R2, offsetof(struct ffpf_inject, time));
	stx(g, BPF_DW, R10, AT(time), R1);
	ldx(g, BPF_W, R1, R2, offsetof(struct ffpf_inject, len));
	stx(g, BPF_W, R10, AT(len), R1);
}

static void in_kernel(struct gen *g, const struct ffpf_insn *in)
{
	uint32_t fits;

	stx(g, BPF_W, R10, AT(class), ffpf_asm_use(g, in->b, R1));
	sti(g, BPF_DW, R10, AT(time), 0);
	sti(g, BPF_W, R10, AT(tag_type), 0);
	sti(g, BPF_W, R10, AT(source), g->o->source);
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	if (is_skb(g)) {
		put_tag(g);
		ldx(g, BPF_W, R3, R1, SKB(len));
	} else {
		ldx(g, BPF_DW, R3, R10, SLOT_LEN);
	}
	stx(g, BPF_W, R10, AT(len), R3);
	stx(g, BPF_W, R10, AT(caplen), R3);
	if (g->o->replay) {
		put_injected(g);
		ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	}
	fits = jumpi(g, BPF_JLE, R3, FFPF_TAP_BYTES_MAX);
	movi(g, R3, FFPF_TAP_BYTES_MAX);
	ffpf_asm_patch(g, fits);
	alui(g, BPF_LSH, R3, 32);
	ffpf_asm(g, BPF_ALU | BPF_MOV | BPF_K, R2, 0, 0, -1); /* BPF_F_CURRENT_CPU */
	alu(g, BPF_OR, R3, R2);
	ffpf_asm_symbol(g, R2, FFPF_SYM_TAP, false, 0);
	g->out->relocs[g->out->n_relocs - 1].number = (uint32_t)in->imm;
	mov(g, R4, R10);
	alui(g, BPF_ADD, R4, RECORD);
	movi(g, R5, sizeof(struct ffpf_tap_record));
	call(g, BPF_FUNC_perf_event_output);
}

void ffpf_ebpf_tap(struct gen *g, const struct ffpf_insn *in)
{
	if (g->o->target == FFPF_EBPF_USER) {
		uint8_t class = ffpf_asm_use(g, in->b, R3);

		if (class != R3)
			mov(g, R3, class);
		mov(g, R1, REG_PACKET);
		movi(g, R2, (int32_t)in->imm);
		call(g, FFPF_CALL_TAP);
	} else {
		in_kernel(g, in);
	}
}
