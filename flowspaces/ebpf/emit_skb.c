/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets at tc: struct __sk_buff instead of struct xdp_md.
 *
 * A packet is seen as it is on the wire. A VLAN tag that the kernel keeps in the packet's metadata is put back at its
 * place for everybody who looks: 4 bytes at offset 12, what is behind them 4 bytes further.
 *
 *     skb's bytes    0 ────── 12 ─────────────────────▶        tag: vlan_proto, vlan_tci
 *     as it is seen  0 ────── 12 TPID TCI 16 ─────────▶        head: the first 24 of these
 *
 * The fast program takes packets without such a tag whose first piece of memory holds all that is looked at. The slow
 * one takes all: it copies the head into scratch memory, where an access that begins before offset 16 finds it, and
 * gets the rest through bpf_skb_load_bytes, at `shift` (0 or 4) bytes less than the offset.
 */
#include <flowspaces/ebpf/asm.h>
#include <ffpf/packet.h>
#include <lib/buf/layout.h>
#include <stddef.h>

#define HEAD_BYTES 24
#define TAG_AT 12
#define TAG_BYTES 4
#define TAG_END (TAG_AT + TAG_BYTES)
/* Loads have up to 8 bytes. */
_Static_assert(TAG_END + 8 <= HEAD_BYTES, "what begins before the tag's end is in the head");
_Static_assert(HEAD_BYTES <= SCRATCH_HEAD_WORDS * 4, "the head has room");

#define SKB(field) ((int16_t)offsetof(struct __sk_buff, field))

/* ---- prologue -------------------------------------------------------------------------------- */

void ffpf_ebpf_skb_begin(struct gen *g)
{
	uint32_t whole = 0;

	stx(g, BPF_DW, R10, SLOT_CTX, R1);
	if (linear(g)) {
		ldx(g, BPF_W, REG_DATA, R1, SKB(data));
		ldx(g, BPF_W, REG_END, R1, SKB(data_end));
	}
	ldx(g, BPF_W, R0, R1, SKB(len));
	stx(g, BPF_DW, R10, SLOT_LEN, R0);
	if (is_slow(g) || g->o->slow_piece < 0)
		return;
	ldx(g, BPF_W, R2, R1, SKB(vlan_present));
	g->slow[0] = jumpi(g, BPF_JNE, R2, 0);
	if (linear(g)) {
		mov(g, R2, REG_END);
		alu(g, BPF_SUB, R2, REG_DATA);
		if (g->deepest <= LINEAR_MAX && !g->far)
			whole = jumpi(g, BPF_JGE, R2, (int32_t)g->deepest);
		g->slow[1] = jump(g, BPF_JNE, R2, R0);
	}
	if ((linear(g) && !whole) || g->far)
		g->slow[2] = jumpi(g, BPF_JGT, R0, LINEAR_MAX);
	if (whole)
		ffpf_asm_patch(g, whole);
}

/* Copies up to r4 bytes from an offset in the skb to the head's byte `to`; r4 may be 0. */
static void load_head(struct gen *g, int32_t from, int32_t to, int32_t most)
{
	uint32_t short_of = jumpi(g, BPF_JLE, R4, most), none;

	movi(g, R4, most);
	ffpf_asm_patch(g, short_of);
	none = jumpi(g, BPF_JLT, R4, 1);
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	movi(g, R2, from);
	ffpf_asm_scratch(g, R3, SCRATCH_HEAD);
	alui(g, BPF_ADD, R3, to);
	call(g, BPF_FUNC_skb_load_bytes);
	ffpf_asm_patch(g, none);
}

/* The tag at its place in the head: all of its four bytes in network order. */
static void place_tag(struct gen *g)
{
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	ffpf_asm_scratch(g, R3, SCRATCH_HEAD);
	ldx(g, BPF_W, R2, R1, SKB(vlan_proto));
	stx(g, BPF_H, R3, TAG_AT, R2);
	ldx(g, BPF_W, R2, R1, SKB(vlan_tci));
	ffpf_asm(g, BPF_ALU | BPF_END | BPF_TO_BE, R2, 0, 0, 16);
	stx(g, BPF_H, R3, TAG_AT + 2, R2);
}

void ffpf_ebpf_skb_head(struct gen *g)
{
	uint32_t tagged, done;

	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	ldx(g, BPF_W, R5, R1, SKB(len));
	ldx(g, BPF_W, R2, R1, SKB(vlan_present));
	ffpf_asm_scratch(g, R3, SCRATCH_SHIFT);
	tagged = jumpi(g, BPF_JNE, R2, 0);
	sti(g, BPF_DW, R3, 0, 0);
	stx(g, BPF_DW, R10, SLOT_LEN, R5);
	mov(g, R4, R5);
	load_head(g, 0, 0, HEAD_BYTES);
	done = ffpf_asm(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	ffpf_asm_patch(g, tagged);
	sti(g, BPF_DW, R3, 0, TAG_BYTES);
	alui(g, BPF_ADD, R5, TAG_BYTES);
	stx(g, BPF_DW, R10, SLOT_LEN, R5);
	movi(g, R4, TAG_AT);
	load_head(g, 0, 0, TAG_AT);
	place_tag(g);
	ldx(g, BPF_W, R4, R1, SKB(len));
	/* A tagged packet has two MAC addresses and a type. */
	alui(g, BPF_SUB, R4, TAG_AT);
	load_head(g, TAG_AT, TAG_END, HEAD_BYTES - TAG_END);
	ffpf_asm_patch(g, done);
}

/* ---- loads ----------------------------------------------------------------------------------- */

/* SLOT_LOAD = bytes of the packet from r2 (as it is seen, behind the tag) on. */
static void load_far(struct gen *g, unsigned size)
{
	ffpf_asm_scratch(g, R1, SCRATCH_SHIFT);
	ldx(g, BPF_DW, R1, R1, 0);
	alu(g, BPF_SUB, R2, R1);
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	mov(g, R3, R10);
	alui(g, BPF_ADD, R3, SLOT_LOAD);
	movi(g, R4, (int32_t)size);
	call(g, BPF_FUNC_skb_load_bytes);
}

void ffpf_ebpf_skb_load(struct gen *g, const struct ffpf_insn *in, uint8_t dst)
{
	uint32_t far, done;

	if (!in->a && in->imm + in->size <= HEAD_BYTES) {
		ffpf_asm_scratch(g, R1, SCRATCH_HEAD);
		ldx(g, size_code(in->size), dst, R1, (int16_t)in->imm);
		return;
	}
	sti(g, BPF_DW, R10, SLOT_LOAD, 0);
	ffpf_ebpf_slow_offset(g, in);
	if (!in->a) {
		load_far(g, in->size);
	} else {
		/* The verifier must not learn anything of the offset here: it would look at all that follows twice. */
		ffpf_asm_forget(g, FORGET_HIDE, R2);
		ffpf_asm_recall(g, FORGET_HIDE, R2);
		far = jumpi(g, BPF_JGE, R2, TAG_END);
		ffpf_asm_scratch(g, R1, SCRATCH_HEAD);
		alu(g, BPF_ADD, R1, R2);
		ldx(g, size_code(in->size), R0, R1, 0);
		stx(g, size_code(in->size), R10, SLOT_LOAD, R0);
		done = ffpf_asm(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
		ffpf_asm_patch(g, far);
		load_far(g, in->size);
		ffpf_asm_patch(g, done);
	}
	ldx(g, size_code(in->size), dst, R10, SLOT_LOAD);
}

/* ---- metadata -------------------------------------------------------------------------------- */

static void context_field(struct gen *g, int16_t field, uint8_t dst)
{
	ldx(g, BPF_DW, R0, R10, SLOT_CTX);
	ldx(g, BPF_W, dst, R0, field);
}

/* What came in by a queue has its number plus one. */
static void queue(struct gen *g, uint8_t dst)
{
	uint32_t none;

	context_field(g, SKB(queue_mapping), dst);
	if (g->o->dir != FFPF_DIR_IN)
		return;
	none = jumpi(g, BPF_JEQ, dst, 0);
	alui(g, BPF_SUB, dst, 1);
	ffpf_asm_patch(g, none);
}

/* The identifier of the tunnel that the packet came through; 0: of none. */
static void tunnel(struct gen *g, uint8_t dst)
{
	uint32_t none;

	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	ffpf_asm_scratch(g, R2, SCRATCH_TUNNEL);
	/* Of IPv6 the kernel gives the whole key only, as far as its label. */
	movi(g, R3, (int32_t)offsetof(struct bpf_tunnel_key, tunnel_label));
	movi(g, R4, 0);
	call(g, BPF_FUNC_skb_get_tunnel_key);
	mov(g, R1, R0);
	movi(g, R0, 0);
	none = jumpi(g, BPF_JNE, R1, 0);
	ffpf_asm_scratch(g, R1, SCRATCH_TUNNEL);
	ldx(g, BPF_W, R0, R1, offsetof(struct bpf_tunnel_key, tunnel_id));
	ffpf_asm_patch(g, none);
	if (dst != R0)
		mov(g, dst, R0);
}

bool ffpf_ebpf_skb_meta(struct gen *g, uint64_t meta, uint8_t dst)
{
	switch (meta) {
	case FFPF_META_IFINDEX:
		context_field(g, SKB(ifindex), dst);
		return true;
	case FFPF_META_QUEUE:
		queue(g, dst);
		return true;
	case FFPF_META_DIR:
		movi(g, dst, g->o->dir);
		return true;
	case FFPF_META_MARK:
		context_field(g, SKB(mark), dst);
		return true;
	case FFPF_META_PRIORITY:
		context_field(g, SKB(priority), dst);
		return true;
	case FFPF_META_TUNNEL:
		tunnel(g, dst);
		return true;
	case FFPF_META_LEN:
	case FFPF_META_CAPLEN:
		if (!linear(g))
			return false;
		context_field(g, SKB(len), dst);
		return true;
	default:
		return false;
	}
}

/* ---- epilogue -------------------------------------------------------------------------------- */

#define RECORD(field) ((int16_t)offsetof(struct ffpf_record, field))

/* ifindex, queue and direction into the record's header at r6. */
void ffpf_ebpf_skb_record(struct gen *g)
{
	context_field(g, SKB(ifindex), R1);
	stx(g, BPF_W, R6, RECORD(ifindex), R1);
	queue(g, R1);
	stx(g, BPF_H, R6, RECORD(queue), R1);
	sti(g, BPF_B, R6, RECORD(dir), g->o->dir);
}

/* Bytes of the skb from an offset on to behind the record's header and `to` bytes; r4: how many, not 0. */
static void copy(struct gen *g, int32_t from, int32_t to)
{
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	movi(g, R2, from);
	mov(g, R3, R6);
	alui(g, BPF_ADD, R3, (int32_t)sizeof(struct ffpf_record) + to);
	call(g, BPF_FUNC_skb_load_bytes);
}

/* A record has room for the head, whatever of it is asked for: it is padded. */
_Static_assert(sizeof(struct ffpf_record) + HEAD_BYTES <= FFPF_RECORD_ALIGN, "the head fits");

/* Copies r7 bytes of the packet, as it is seen, behind the record's header at r6; r7 is not 0. */
void ffpf_ebpf_skb_copy(struct gen *g)
{
	uint32_t untagged, all, in_head;

	if (!is_slow(g)) {
		mov(g, R4, R7);
		copy(g, 0, 0);
		return;
	}
	ffpf_asm_scratch(g, R1, SCRATCH_SHIFT);
	ldx(g, BPF_DW, R1, R1, 0);
	untagged = jumpi(g, BPF_JEQ, R1, 0);
	ffpf_asm_scratch(g, R1, SCRATCH_HEAD);
	for (int16_t i = 0; i < TAG_END; i += 8) {
		ldx(g, BPF_DW, R2, R1, i);
		stx(g, BPF_DW, R6, (int16_t)((int16_t)sizeof(struct ffpf_record) + i), R2);
	}
	in_head = jumpi(g, BPF_JLE, R7, TAG_END);
	mov(g, R4, R7);
	alui(g, BPF_SUB, R4, TAG_END);
	copy(g, TAG_AT, TAG_END);
	all = ffpf_asm(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	ffpf_asm_patch(g, untagged);
	mov(g, R4, R7);
	copy(g, 0, 0);
	ffpf_asm_patch(g, all);
	ffpf_asm_patch(g, in_head);
}

void ffpf_ebpf_skb_tag(struct gen *g)
{
	uint32_t nothing, off, done;

	ffpf_asm_scratch(g, R1, SCRATCH_TAG);
	ldx(g, BPF_W, R3, R1, 0);
	nothing = jumpi(g, BPF_JEQ, R3, 0);
	sti(g, BPF_W, R1, 0, 0);
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	off = jumpi(g, BPF_JEQ, R3, TAG_OFF);
	mov(g, R2, R3);
	alui(g, BPF_RSH, R2, 16);
	ffpf_asm(g, BPF_ALU | BPF_END | BPF_TO_BE, R2, 0, 0, 16);
	alui(g, BPF_AND, R3, 0xffff);
	call(g, BPF_FUNC_skb_vlan_push);
	done = ffpf_asm(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	ffpf_asm_patch(g, off);
	call(g, BPF_FUNC_skb_vlan_pop);
	ffpf_asm_patch(g, done);
	ffpf_asm_patch(g, nothing);
}
