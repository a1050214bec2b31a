/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emits what touches state: cells, scratch flags, verdicts, crossings, metadata.
 *
 * This CPU's cells begin at REG_CELLS and nobody else writes them while the program runs, so plain loads and stores do;
 * the shared cells are one array for all and take atomic operations.
 *
 * Order within an instruction: the address first, which may use r0 and r1 and ends in r1 or REG_CELLS; then the
 * operand, into r0.
 */
#include <flowspaces/ebpf/asm.h>
#include <ffpf/packet.h>
#include <stddef.h>

struct address {
	uint8_t base;
	int16_t off;
	uint32_t miss; /* jump to patch for an index beyond the field; 0: none */
};

static void load_shared(struct gen *g, uint8_t reg)
{
	if (g->o->target == FFPF_EBPF_USER) {
		ldx(g, BPF_DW, reg, R10, SLOT_CTX);
		ldx(g, BPF_DW, reg, reg, offsetof(struct ffpf_user_ctx, shared));
	} else
		ffpf_asm_symbol(g, reg, FFPF_SYM_SHARED, true, 0);
}

static struct address address_of(struct gen *g, const struct ffpf_insn *in)
{
	struct address a = {.base = REG_CELLS};
	uint64_t bytes = in->imm * 8;
	bool near = bytes <= INT16_MAX - 8;

	if (near)
		a.off = (int16_t)bytes;
	if (in->a) {
		uint8_t index = ffpf_asm_use(g, in->a, R0);

		if (index != R0)
			mov(g, R0, index);
		/* The verifier keeps the bound of the very register that was compared. */
		a.miss = jumpi(g, BPF_JGE, R0, (int32_t)in->cells);
		alui(g, BPF_LSH, R0, 3);
	}
	if (in->shared)
		load_shared(g, R1);
	else if (in->a || !near)
		mov(g, R1, REG_CELLS);
	if (in->shared || in->a || !near)
		a.base = R1;
	if (in->a)
		alu(g, BPF_ADD, R1, R0);
	if (!near)
		alui(g, BPF_ADD, R1, (int32_t)bytes);
	return a;
}

/* Ends an instruction that gives r0: 0 when the index was beyond the field. */
static void result(struct gen *g, ffpf_val v, const struct address *a)
{
	uint8_t dst = ffpf_asm_target(g, v, R0);

	if (a->miss) {
		uint32_t over = ffpf_asm(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);

		ffpf_asm_patch(g, a->miss);
		movi(g, R0, 0);
		ffpf_asm_patch(g, over);
	}
	if (dst != R0)
		mov(g, dst, R0);
	ffpf_asm_defined(g, v, dst);
}

static void emit_sload(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	struct address a = address_of(g, in);

	ldx(g, BPF_DW, R0, a.base, a.off);
	result(g, v, &a);
}

static void emit_sstore(struct gen *g, const struct ffpf_insn *in)
{
	struct address a = address_of(g, in);

	stx(g, BPF_DW, a.base, a.off, ffpf_asm_use(g, in->b, R0));
	if (a.miss)
		ffpf_asm_patch(g, a.miss);
}

static void emit_sadd(struct gen *g, const struct ffpf_insn *in)
{
	const struct ffpf_insn *b = &g->ir->insns[in->b];
	struct address a = address_of(g, in);

	if (!in->shared && b->op == FFPF_IR_CONST && fits_imm(b->imm)) {
		ldx(g, BPF_DW, R0, a.base, a.off);
		alui(g, BPF_ADD, R0, (int32_t)b->imm);
		stx(g, BPF_DW, a.base, a.off, R0);
	} else {
		uint8_t x = ffpf_asm_use(g, in->b, R0);

		if (in->shared || (x == R0 && a.base == R1)) {
			ffpf_asm(g, BPF_STX | BPF_ATOMIC | BPF_DW, a.base, x, a.off, BPF_ADD);
		} else {
			uint8_t temp = x == R0 ? R1 : R0;

			ldx(g, BPF_DW, temp, a.base, a.off);
			alu(g, BPF_ADD, temp, x);
			stx(g, BPF_DW, a.base, a.off, temp);
		}
	}
	if (a.miss)
		ffpf_asm_patch(g, a.miss);
}

static void emit_fetch(struct gen *g, ffpf_val v, const struct ffpf_insn *in, int32_t what)
{
	struct address a = address_of(g, in);
	uint8_t x = ffpf_asm_use(g, in->b, R0);

	if (x != R0)
		mov(g, R0, x);
	ffpf_asm(g, BPF_STX | BPF_ATOMIC | BPF_DW, a.base, R0, a.off, what | BPF_FETCH);
	result(g, v, &a);
}

/* ---- scratch words --------------------------------------------------------------------------- */

/* Base register and offset of a scratch word; uses r1 where the offset is far. */
static uint8_t scratch(struct gen *g, uint32_t word, int16_t *off)
{
	uint32_t bytes = ffpf_ebpf_scratch(g) + word * 4;

	if (bytes <= INT16_MAX - 8) {
		*off = (int16_t)bytes;
		return REG_CELLS;
	}
	mov(g, R1, REG_CELLS);
	alui(g, BPF_ADD, R1, (int32_t)bytes);
	*off = 0;
	return R1;
}

static void store_word(struct gen *g, uint32_t word, ffpf_val v)
{
	const struct ffpf_insn *in = &g->ir->insns[v];
	int16_t off;
	uint8_t base = scratch(g, word, &off);

	if (in->op == FFPF_IR_CONST)
		sti(g, BPF_W, base, off, (int32_t)in->imm);
	else
		stx(g, BPF_W, base, off, ffpf_asm_use(g, v, R0));
}

static void emit_verdict(struct gen *g, const struct ffpf_insn *in)
{
	int16_t off;
	uint8_t base = scratch(g, SCRATCH_VERDICT, &off);
	uint32_t stronger = 0;

	if (in->imm != FFPF_VERDICT_DROP) {
		ldx(g, BPF_W, R0, base, off);
		stronger = jumpi(g, BPF_JGE, R0, (int32_t)in->imm);
	}
	sti(g, BPF_W, base, off, (int32_t)in->imm);
	if (stronger)
		ffpf_asm_patch(g, stronger);
}

/*
 * Remembers that the packet crosses on an in-flow. One in-flow: its word. Several: a list of (in-flow, class) pairs
 * that the epilogue goes through. All in memory, where the verifier forgets what it saw: else each crossing would
 * double its states.
 */
static void emit_cross(struct gen *g, const struct ffpf_insn *in)
{
	uint32_t list = ffpf_ebpf_scratch(g) + (SCRATCH_FLAGS + g->o->n_flags) * 4;
	int16_t off;
	uint8_t base;
	uint32_t full;

	if (g->o->up == FFPF_UP_META || g->o->up == FFPF_UP_CB) {
		base = ffpf_ebpf_crossing_word(g, (unsigned)in->imm, &off);
		stx(g, BPF_W, base, off, ffpf_asm_use(g, in->b, R0));
		return;
	}
	if (g->o->n_inflows == 1) {
		store_word(g, SCRATCH_CROSS, in->b);
		return;
	}
	base = scratch(g, SCRATCH_CROSS, &off);
	ldx(g, BPF_W, R0, base, off);
	full = jumpi(g, BPF_JGE, R0, (int32_t)g->o->n_inflows);
	alui(g, BPF_ADD, R0, 1);
	stx(g, BPF_W, base, off, R0);
	alui(g, BPF_SUB, R0, 1);
	alui(g, BPF_LSH, R0, 3);
	mov(g, R1, REG_CELLS);
	alu(g, BPF_ADD, R1, R0);
	alui(g, BPF_ADD, R1, (int32_t)list);
	sti(g, BPF_W, R1, 0, (int32_t)in->imm);
	stx(g, BPF_W, R1, 4, ffpf_asm_use(g, in->b, R0));
	ffpf_asm_patch(g, full);
}

/* ---- metadata -------------------------------------------------------------------------------- */

/* Where it is in struct ffpf_packet. */
static int16_t packet_offset(uint64_t meta, uint8_t *size)
{
	*size = BPF_W;
	switch (meta) {
	case FFPF_META_LEN:
		return offsetof(struct ffpf_packet, len);
	case FFPF_META_CAPLEN:
		return offsetof(struct ffpf_packet, caplen);
	case FFPF_META_TIME:
		*size = BPF_DW;
		return offsetof(struct ffpf_packet, time_ns);
	case FFPF_META_IFINDEX:
		return offsetof(struct ffpf_packet, ifindex);
	case FFPF_META_QUEUE:
		*size = BPF_H;
		return offsetof(struct ffpf_packet, queue);
	default:
		*size = BPF_B;
		return offsetof(struct ffpf_packet, dir);
	}
}

static void emit_meta_user(struct gen *g, uint64_t meta, uint8_t dst)
{
	uint8_t size;

	if (meta == FFPF_META_MARK || meta == FFPF_META_PRIORITY || meta == FFPF_META_TUNNEL) {
		movi(g, dst, 0); /* records do not carry them */
	} else if (meta == FFPF_META_CPU) {
		ldx(g, BPF_DW, dst, R10, SLOT_CTX);
		ldx(g, BPF_W, dst, dst, offsetof(struct ffpf_user_ctx, cpu));
	} else {
		int16_t off = packet_offset(meta, &size);

		ldx(g, size, dst, REG_PACKET, off);
	}
}

static bool injected(uint64_t meta, uint32_t *offset, uint8_t *size)
{
	*size = BPF_W;
	switch (meta) {
	case FFPF_META_LEN:
		*offset = offsetof(struct ffpf_inject, len);
		return true;
	case FFPF_META_TIME:
		*offset = offsetof(struct ffpf_inject, time);
		*size = BPF_DW;
		return true;
	case FFPF_META_IFINDEX:
		*offset = offsetof(struct ffpf_inject, ifindex);
		return true;
	case FFPF_META_QUEUE:
		*offset = offsetof(struct ffpf_inject, queue);
		return true;
	case FFPF_META_DIR:
		*offset = offsetof(struct ffpf_inject, dir);
		return true;
	default:
		return false;
	}
}

static void emit_meta_kernel(struct gen *g, uint64_t meta, uint8_t dst)
{
	if (!g->o->replay && is_skb(g) && ffpf_ebpf_skb_meta(g, meta, dst))
		return;
	switch (meta) {
	case FFPF_META_TIME:
		call(g, BPF_FUNC_ktime_get_ns);
		if (dst != R0)
			mov(g, dst, R0);
		break;
	case FFPF_META_IFINDEX:
		ldx(g, BPF_DW, R0, R10, SLOT_CTX);
		ldx(g, BPF_W, dst, R0, offsetof(struct xdp_md, ingress_ifindex));
		break;
	case FFPF_META_QUEUE:
		ldx(g, BPF_DW, R0, R10, SLOT_CTX);
		ldx(g, BPF_W, dst, R0, offsetof(struct xdp_md, rx_queue_index));
		break;
	case FFPF_META_DIR:
		movi(g, dst, 1); /* XDP sees what comes in */
		break;
	case FFPF_META_CPU:
		ldx(g, BPF_W, dst, R10, SLOT_CPU);
		break;
	case FFPF_META_MARK:
	case FFPF_META_PRIORITY:
	case FFPF_META_TUNNEL:
		movi(g, dst, 0); /* a frame has none */
		break;
	default: /* LEN, CAPLEN: whole frames. From where the verifier learns nothing of it: see forget.c */
		if (linear(g) && is_skb(g)) {
			ffpf_ebpf_skb_meta(g, meta, dst);
		} else if (linear(g)) {
			mov(g, dst, REG_END);
			alu(g, BPF_SUB, dst, REG_DATA);
		} else {
			ffpf_asm_recall(g, FORGET_LEN, dst);
		}
		break;
	}
}

static void emit_meta(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	uint8_t dst = ffpf_asm_target(g, v, R0), size;
	uint32_t offset;

	if (g->o->target == FFPF_EBPF_USER) {
		emit_meta_user(g, in->imm, dst);
	} else if (g->o->replay && injected(in->imm, &offset, &size)) {
		ffpf_asm_symbol(g, R1, FFPF_SYM_INJECT, true, offset);
		ldx(g, size, dst, R1, 0);
	} else {
		emit_meta_kernel(g, in->imm, dst);
	}
	ffpf_asm_defined(g, v, dst);
}

static void emit_wanted(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	uint8_t dst = ffpf_asm_target(g, v, R0);
	int32_t bytes = (int32_t)in->imm * 8;

	if (g->o->target != FFPF_EBPF_USER) {
		ffpf_asm_symbol(g, R1, FFPF_SYM_WANTED, true, (uint32_t)bytes);
		bytes = 0;
	} else {
		ldx(g, BPF_DW, R1, R10, SLOT_CTX);
		ldx(g, BPF_DW, R1, R1, offsetof(struct ffpf_user_ctx, wanted));
	}
	if (bytes > INT16_MAX) {
		alui(g, BPF_ADD, R1, bytes);
		bytes = 0;
	}
	ldx(g, BPF_DW, dst, R1, (int16_t)bytes);
	ffpf_asm_defined(g, v, dst);
}

bool ffpf_ebpf_emit_state(struct gen *g, ffpf_val v)
{
	const struct ffpf_insn *in = &g->ir->insns[v];

	switch (in->op) {
	case FFPF_IR_SLOAD:
		emit_sload(g, v, in);
		return true;
	case FFPF_IR_SSTORE:
		emit_sstore(g, in);
		return true;
	case FFPF_IR_SADD:
		emit_sadd(g, in);
		return true;
	case FFPF_IR_SFETCHADD:
		emit_fetch(g, v, in, BPF_ADD);
		return true;
	case FFPF_IR_SFETCHOR:
		emit_fetch(g, v, in, BPF_OR);
		return true;
	case FFPF_IR_WANTED:
		emit_wanted(g, v, in);
		return true;
	case FFPF_IR_FLAG: {
		int16_t off;
		uint8_t base = scratch(g, SCRATCH_FLAGS + (uint32_t)in->imm, &off), dst = ffpf_asm_target(g, v, R0);

		ldx(g, BPF_W, dst, base, off);
		ffpf_asm_defined(g, v, dst);
		return true;
	}
	case FFPF_IR_SETFLAG:
		store_word(g, SCRATCH_FLAGS + (uint32_t)in->imm, in->b);
		return true;
	case FFPF_IR_VERDICT:
		emit_verdict(g, in);
		return true;
	case FFPF_IR_TAG: {
		int16_t off;
		uint8_t base = scratch(g, SCRATCH_TAG, &off);

		sti(g, BPF_W, base, off, (int32_t)(in->imm ?: TAG_OFF));
		return true;
	}
	case FFPF_IR_CROSS:
		emit_cross(g, in);
		return true;
	case FFPF_IR_META:
		emit_meta(g, v, in);
		return true;
	default:
		return false;
	}
}
