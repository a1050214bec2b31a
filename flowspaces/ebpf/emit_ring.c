/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The beginning and the end of a program: finding the packet and this CPU's
 * memory; and, for what crosses upward, storing the packet once in this CPU's PBuf
 * ring with one IBuf entry for each in-flow (lib/buf/layout.h draws the rings).
 *
 * Publication order is reserved, bytes, IBuf entries, head. On x86 stores are seen in that order; elsewhere head and
 * reserved are exchanged atomically, which orders them.
 */
#include <flowspaces/ebpf/asm.h>
#include <ffpf/packet.h>
#include <lib/buf/buf.h>
#include <lib/buf/layout.h>
#include <lib/lang/arena.h>
#include <linux/pkt_cls.h>
#include <stddef.h>

/* Bytes that bpf_xdp_load_bytes copies at once, from an offset no higher than that (net/core/filter.c,
 * bpf_xdp_pointer); so twice that in all. */
#define LOAD_MAX 0xffff
#define COPY_MAX (2 * LOAD_MAX)

static void goto_end(struct gen *g, uint8_t op, uint8_t dst, int32_t imm)
{
	ffpf_asm_jump_to(g, BPF_JMP | op | BPF_K, dst, 0, imm, 0);
}

/* ---- prologue -------------------------------------------------------------------------------- */

/* Does a program of the user flowspace ask for more than the packet and its own cells? *described: users' programs are
 * in it, which ask the context for the packet. */
static bool needs_context(const struct ffpf_program *p, bool *described)
{
	bool needs = false;

	*described = false;
	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];

		for (size_t k = 0; k < bb->n; k++) {
			const struct ffpf_insn *in = &p->insns[bb->insns[k]];

			*described |= in->op == FFPF_IR_PROGRAM;
			needs |= in->shared || in->op == FFPF_IR_GHOST || in->op == FFPF_IR_WANTED ||
				 in->op == FFPF_IR_PROGRAM || (in->op == FFPF_IR_META && in->imm == FFPF_META_CPU);
		}
	}
	return needs;
}

/* The packet of r1 into the context of r2, for users' programs. */
static void describe(struct gen *g)
{
	static const struct {
		uint8_t from_size, to_size;
		int16_t from, to;
	} fields[] = {
#define FIELD(size, name, to_size, to_name)                                                                            \
	{BPF_##size, BPF_##to_size, offsetof(struct ffpf_packet, name), offsetof(struct ffpf_user_ctx, to_name)}
		FIELD(W, len, W, len),	       FIELD(W, caplen, W, caplen), FIELD(DW, time_ns, DW, time),
		FIELD(W, ifindex, W, ifindex), FIELD(H, queue, W, queue),   FIELD(B, dir, W, dir),
#undef FIELD
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		ldx(g, fields[i].from_size, R3, R1, fields[i].from);
		stx(g, fields[i].to_size, R2, fields[i].to, R3);
	}
	ldx(g, BPF_DW, R3, R1, offsetof(struct ffpf_packet, data));
	ldx(g, BPF_W, R4, R1, offsetof(struct ffpf_packet, caplen));
	alu(g, BPF_ADD, R4, R3);
	stx(g, BPF_DW, R2, offsetof(struct ffpf_user_ctx, data), R3);
	stx(g, BPF_DW, R2, offsetof(struct ffpf_user_ctx, data_end), R4);
}

static void user_prologue(struct gen *g)
{
	bool described;

	mov(g, REG_PACKET, R1);
	if (g->loads) {
		ldx(g, BPF_DW, REG_DATA, R1, offsetof(struct ffpf_packet, data));
		ldx(g, BPF_W, REG_END, R1, offsetof(struct ffpf_packet, caplen));
		alu(g, BPF_ADD, REG_END, REG_DATA);
	}
	ldx(g, BPF_DW, REG_CELLS, R2, offsetof(struct ffpf_user_ctx, cells));
	if (needs_context(g->ir, &described))
		stx(g, BPF_DW, R10, SLOT_CTX, R2);
	if (described)
		describe(g);
}

/* Tail call; falls through when it fails, which the kernel allows for 33 in a row only. */
static void tail_call(struct gen *g, int piece)
{
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	ffpf_asm_symbol(g, R2, FFPF_SYM_PROGRAMS, false, 0);
	movi(g, R3, piece);
	call(g, BPF_FUNC_tail_call);
}

static void xdp_begin(struct gen *g)
{
	stx(g, BPF_DW, R10, SLOT_CTX, R1);
	if (linear(g)) {
		ldx(g, BPF_W, REG_DATA, R1, offsetof(struct xdp_md, data));
		ldx(g, BPF_W, REG_END, R1, offsetof(struct xdp_md, data_end));
	}
	call(g, BPF_FUNC_xdp_get_buff_len);
	stx(g, BPF_DW, R10, SLOT_LEN, R0);
	if (linear(g) && g->o->slow_piece >= 0) {
		mov(g, R2, REG_END);
		alu(g, BPF_SUB, R2, REG_DATA);
		g->slow[0] = jump(g, BPF_JNE, R2, R0);
	}
	if ((linear(g) || g->far) && g->o->slow_piece >= 0)
		g->slow[1] = jumpi(g, BPF_JGT, R0, LINEAR_MAX);
}

static void kernel_prologue(struct gen *g)
{
	if (is_skb(g))
		ffpf_ebpf_skb_begin(g);
	else
		xdp_begin(g);
	call(g, BPF_FUNC_get_smp_processor_id);
	stx(g, BPF_W, R10, SLOT_CPU, R0);
	ffpf_asm_symbol(g, REG_CELLS, FFPF_SYM_CELLS, true, 0);
	/* 32 bits: what the helper returns has no known upper half. */
	ffpf_asm(g, BPF_ALU | BPF_MOV | BPF_X, R0, R0, 0, 0);
	goto_end(g, BPF_JGE, R0, (int32_t)g->o->n_cpus);
	alui(g, BPF_MUL, R0, (int32_t)g->o->stride);
	alu(g, BPF_ADD, REG_CELLS, R0);
	if (g->o->target == FFPF_EBPF_TC_SLOW)
		ffpf_ebpf_skb_head(g);
	ffpf_ebpf_come_up(g);
	ffpf_ebpf_take_result(g);
	if (!linear(g)) {
		ldx(g, BPF_DW, R0, R10, SLOT_LEN);
		ffpf_asm_forget(g, FORGET_LEN, R0);
	}
}

void ffpf_ebpf_prologue(struct gen *g)
{
	if (g->o->target == FFPF_EBPF_USER)
		user_prologue(g);
	else
		kernel_prologue(g);
}

/* ---- epilogue -------------------------------------------------------------------------------- */

/* r0 = entry of an array map; the key is in `slot`. Ends the program when there is none. */
static void lookup(struct gen *g, enum ffpf_ebpf_symbol map, int16_t slot, uint32_t *miss)
{
	mov(g, R2, R10);
	alui(g, BPF_ADD, R2, slot);
	ffpf_asm_symbol(g, R1, map, false, 0);
	call(g, BPF_FUNC_map_lookup_elem);
	*miss = jumpi(g, BPF_JEQ, R0, 0);
}

/* Makes a store visible after those before it. src is clobbered on weakly ordered processors. */
static void publish(struct gen *g, uint8_t base, int16_t off, uint8_t src)
{
#if defined(__x86_64__) || defined(__i386__) || defined(__s390x__)
	stx(g, BPF_DW, base, off, src);
#else
	ffpf_asm(g, BPF_STX | BPF_ATOMIC | BPF_DW, base, src, off, BPF_XCHG);
#endif
}

static void increment(struct gen *g, uint8_t base, int16_t off, uint8_t by)
{
	ldx(g, BPF_DW, R1, base, off);
	if (by)
		alu(g, BPF_ADD, R1, by);
	else
		alui(g, BPF_ADD, R1, 1);
	stx(g, BPF_DW, base, off, R1);
}

#define RING(field) ((int16_t)offsetof(struct ffpf_ring_header, field))
#define RECORD(field) ((int16_t)offsetof(struct ffpf_record, field))
#define PAGE(field) ((int16_t)offsetof(struct ffpf_reader_page, field))

/* [SLOT_TIME] = now, where somebody above asks for it. */
static void take_time(struct gen *g)
{
	if (!g->o->time) {
		sti(g, BPF_DW, R10, SLOT_TIME, 0);
		return;
	}
	if (g->o->replay) {
		ffpf_asm_symbol(g, R1, FFPF_SYM_INJECT, true, offsetof(struct ffpf_inject, time));
		ldx(g, BPF_DW, R0, R1, 0);
	} else {
		call(g, BPF_FUNC_ktime_get_ns);
	}
	stx(g, BPF_DW, R10, SLOT_TIME, R0);
}

/* Slow-reader preference: r9 ring, [SLOT_HEAD], [SLOT_SIZE]. Returns the jump taken when the record is refused. */
static uint32_t refuse(struct gen *g, uint32_t *miss)
{
	lookup(g, FFPF_SYM_READERS, SLOT_CPU, miss);
	ldx(g, BPF_DW, R1, R10, SLOT_HEAD);
	ldx(g, BPF_DW, R2, R10, SLOT_SIZE);
	alu(g, BPF_ADD, R1, R2);
	ldx(g, BPF_DW, R2, R0, PAGE(position));
	alu(g, BPF_SUB, R1, R2);
	ffpf_asm_imm64(g, R2, g->o->ring_size);
	return jump(g, BPF_JGT, R1, R2);
}

/* Bytes of a packet that can be copied. */
static uint32_t copy_most(const struct gen *g)
{
	return is_skb(g) ? FFPF_PACKET_MAX : COPY_MAX;
}

/* Interface, queue and direction. */
static void where_from(struct gen *g)
{
	if (is_skb(g)) {
		ffpf_ebpf_skb_record(g);
		return;
	}
	ldx(g, BPF_DW, R2, R10, SLOT_CTX);
	ldx(g, BPF_W, R1, R2, offsetof(struct xdp_md, ingress_ifindex));
	stx(g, BPF_W, R6, RECORD(ifindex), R1);
	ldx(g, BPF_W, R1, R2, offsetof(struct xdp_md, rx_queue_index));
	stx(g, BPF_H, R6, RECORD(queue), R1);
	sti(g, BPF_B, R6, RECORD(dir), FFPF_DIR_IN);
}

/* The record's header at r6; r7 stored bytes. */
static void record_header(struct gen *g)
{
	ldx(g, BPF_DW, R1, R10, SLOT_TIME);
	stx(g, BPF_DW, R6, RECORD(time), R1);
	ldx(g, BPF_DW, R1, R10, SLOT_LEN);
	/* Where more was asked for than can be copied, what is stored is all there is; else it is all that somebody
	 * looks at. */
	stx(g, BPF_W, R6, RECORD(caplen), g->o->snaplen > copy_most(g) || g->o->snaplen >= FFPF_PACKET_MAX ? R7 : R1);
	if (g->o->replay) {
		ffpf_asm_symbol(g, R2, FFPF_SYM_INJECT, true, 0);
		ldx(g, BPF_W, R1, R2, offsetof(struct ffpf_inject, len));
		stx(g, BPF_W, R6, RECORD(len), R1);
		ldx(g, BPF_W, R1, R2, offsetof(struct ffpf_inject, ifindex));
		stx(g, BPF_W, R6, RECORD(ifindex), R1);
		sti(g, BPF_H, R6, RECORD(queue), 0);
		ldx(g, BPF_W, R1, R2, offsetof(struct ffpf_inject, dir));
		stx(g, BPF_B, R6, RECORD(dir), R1);
	} else {
		stx(g, BPF_W, R6, RECORD(len), R1);
		where_from(g);
	}
	stx(g, BPF_W, R6, RECORD(stored), R7);
	sti(g, BPF_B, R6, RECORD(source), g->o->source);
	ldx(g, BPF_DW, R1, R10, SLOT_SIZE);
	stx(g, BPF_W, R6, RECORD(size), R1);
}

/* Copies `bytes` (0: as many as r4 says) from an offset in the packet to behind the header. */
static void load_bytes(struct gen *g, int32_t offset, int32_t bytes)
{
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	movi(g, R2, offset);
	mov(g, R3, R6);
	alui(g, BPF_ADD, R3, (int32_t)sizeof(struct ffpf_record) + offset);
	if (bytes)
		movi(g, R4, bytes);
	call(g, BPF_FUNC_xdp_load_bytes);
}

/* Copies r7 bytes behind the header; skipped for empty packets, whose length the helper would refuse. */
static void copy_bytes(struct gen *g)
{
	uint32_t empty, small, copied = 0;

	if (!g->o->snaplen)
		return;
	empty = jumpi(g, BPF_JLT, R7, 1);
	if (is_skb(g)) {
		ffpf_ebpf_skb_copy(g);
		ffpf_asm_patch(g, empty);
		return;
	}
	if (g->o->snaplen > LOAD_MAX) {
		small = jumpi(g, BPF_JLE, R7, LOAD_MAX);
		load_bytes(g, 0, LOAD_MAX);
		mov(g, R4, R7);
		alui(g, BPF_SUB, R4, LOAD_MAX);
		load_bytes(g, LOAD_MAX, 0);
		copied = ffpf_asm(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
		ffpf_asm_patch(g, small);
	}
	mov(g, R4, R7);
	load_bytes(g, 0, 0);
	if (copied)
		ffpf_asm_patch(g, copied);
	ffpf_asm_patch(g, empty);
}

/* Appends {[SLOT_HEAD], r6 = class} to the IBuf whose key is in [SLOT_KEY]. */
static void append_index(struct gen *g)
{
	uint32_t miss;

	lookup(g, FFPF_SYM_IBUF, SLOT_KEY, &miss);
	ldx(g, BPF_DW, R1, R0, RING(head));
	mov(g, R2, R1);
	alui(g, BPF_ADD, R1, (int32_t)sizeof(struct ffpf_index));
	mov(g, R3, R1);
	publish(g, R0, RING(reserved), R3);
	alui(g, BPF_AND, R2, (int32_t)(g->o->ibuf_bytes - sizeof(struct ffpf_index)));
	alu(g, BPF_ADD, R2, R0);
	ldx(g, BPF_DW, R3, R10, SLOT_HEAD);
	stx(g, BPF_DW, R2, FFPF_RING_DATA + (int16_t)offsetof(struct ffpf_index, position), R3);
	stx(g, BPF_W, R2, FFPF_RING_DATA + (int16_t)offsetof(struct ffpf_index, class), R6);
	ldx(g, BPF_DW, R3, R9, RING(records));
	stx(g, BPF_W, R2, FFPF_RING_DATA + (int16_t)offsetof(struct ffpf_index, number), R3);
	publish(g, R0, RING(head), R1);
	ffpf_asm_patch(g, miss);
}

/* Counts a refused record in the IBuf whose key is in [SLOT_KEY]. */
static void count_refused(struct gen *g)
{
	uint32_t miss;

	lookup(g, FFPF_SYM_IBUF, SLOT_KEY, &miss);
	increment(g, R0, RING(refused), 0);
	ffpf_asm_patch(g, miss);
}

/* Something for each crossing in the list, with the IBuf's key in [SLOT_KEY] and the class in r6; r7 counts. */
static void for_crossings(struct gen *g, void (*emit)(struct gen *g))
{
	uint32_t list = ffpf_ebpf_scratch(g) + (SCRATCH_FLAGS + g->o->n_flags) * 4, top, done, full;

	movi(g, R7, 0);
	top = (uint32_t)g->out->n;
	ldx(g, BPF_DW, R1, R10, SLOT_LOAD);
	done = jump(g, BPF_JGE, R7, R1);
	full = jumpi(g, BPF_JGE, R7, (int32_t)g->o->n_inflows);
	mov(g, R2, R7);
	alui(g, BPF_LSH, R2, 3);
	alu(g, BPF_ADD, R2, REG_CELLS);
	alui(g, BPF_ADD, R2, (int32_t)list);
	ldx(g, BPF_W, R1, R10, SLOT_CPU);
	alui(g, BPF_MUL, R1, (int32_t)g->o->n_inflows);
	ldx(g, BPF_W, R3, R2, 0);
	alu(g, BPF_ADD, R1, R3);
	stx(g, BPF_W, R10, SLOT_KEY, R1);
	ldx(g, BPF_W, R6, R2, 4);
	emit(g);
	alui(g, BPF_ADD, R7, 1);
	ffpf_asm(g, BPF_JMP | BPF_JA, 0, 0, (int16_t)((int32_t)top - (int32_t)g->out->n - 1), 0);
	ffpf_asm_patch(g, done);
	ffpf_asm_patch(g, full);
}

static void append_all(struct gen *g)
{
	if (g->o->n_inflows > 1) {
		for_crossings(g, append_index);
		return;
	}
	ldx(g, BPF_DW, R6, R10, SLOT_LOAD);
	ldx(g, BPF_W, R1, R10, SLOT_CPU);
	stx(g, BPF_W, R10, SLOT_KEY, R1);
	append_index(g);
}

static void load_bell(struct gen *g, unsigned bell)
{
	ffpf_asm_symbol(g, R1, FFPF_SYM_DOORBELL, false, 0);
	g->out->relocs[g->out->n_relocs - 1].number = bell;
}

/* r1 = the doorbell of this CPU's reader. Returns the jump taken when there is none; 0: there is. */
static uint32_t find_bell(struct gen *g)
{
	uint32_t *found = ffpf_arena_alloc(g->arena, (g->o->n_bells + 1) * sizeof(*found)), miss = 0;

	if (!g->o->n_bells) {
		lookup(g, FFPF_SYM_DOORBELLS, SLOT_CPU, &miss);
		mov(g, R1, R0);
		return miss;
	}
	if (g->o->n_bells > 1)
		ldx(g, BPF_W, R5, R10, SLOT_CPU);
	for (unsigned i = 0; i + 1 < g->o->n_bells; i++) {
		uint32_t other = jumpi(g, BPF_JNE, R5, (int32_t)i);

		load_bell(g, i);
		found[i] = ffpf_asm(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
		ffpf_asm_patch(g, other);
	}
	load_bell(g, g->o->n_bells - 1);
	for (unsigned i = 0; i + 1 < g->o->n_bells; i++)
		ffpf_asm_patch(g, found[i]);
	return 0;
}

/* Rings the doorbell of a reader that sleeps and is past its threshold; r9 ring. */
static void wake(struct gen *g)
{
	uint32_t miss, no_bell, asleep, early;

	lookup(g, FFPF_SYM_READERS, SLOT_CPU, &miss);
	ldx(g, BPF_W, R1, R0, PAGE(armed));
	asleep = jumpi(g, BPF_JEQ, R1, 0);
	ldx(g, BPF_DW, R1, R9, RING(records));
	ldx(g, BPF_DW, R2, R0, PAGE(threshold));
	early = jump(g, BPF_JLT, R1, R2);
	sti(g, BPF_W, R0, PAGE(armed), 0);
	no_bell = find_bell(g);
	mov(g, R2, R10);
	alui(g, BPF_ADD, R2, SLOT_HEAD);
	movi(g, R3, 8);
	movi(g, R4, BPF_RB_FORCE_WAKEUP);
	call(g, BPF_FUNC_ringbuf_output);
	if (no_bell)
		ffpf_asm_patch(g, no_bell);
	ffpf_asm_patch(g, early);
	ffpf_asm_patch(g, asleep);
	ffpf_asm_patch(g, miss);
}

/* What crosses: [SLOT_LOAD] = how many in-flows (several) or the class (one). Returns the jump taken when nothing does.
 */
static uint32_t take_crossings(struct gen *g)
{
	uint32_t nothing;

	ffpf_asm_scratch(g, R2, SCRATCH_CROSS);
	ldx(g, BPF_W, R1, R2, 0);
	nothing = jumpi(g, BPF_JEQ, R1, 0);
	sti(g, BPF_W, R2, 0, 0);
	stx(g, BPF_DW, R10, SLOT_LOAD, R1);
	return nothing;
}

/* r9 = this CPU's PBuf; [SLOT_HEAD], [SLOT_SIZE] = where a record of r7 bytes will be. Returns the jump taken when
 * there is no ring. */
static uint32_t find_place(struct gen *g, uint32_t limit)
{
	uint32_t miss, small;

	lookup(g, FFPF_SYM_PBUF, SLOT_CPU, &miss);
	mov(g, R9, R0);
	if (g->o->kept) {
		movi(g, R7, sizeof(struct ffpf_far));
	} else {
		/* One 64-bit register for the length and both its bounds: the verifier forgets the others. */
		ldx(g, BPF_DW, R7, R10, SLOT_LEN);
		small = jumpi(g, BPF_JLE, R7, (int32_t)limit);
		movi(g, R7, (int32_t)limit);
		ffpf_asm_patch(g, small);
	}
	mov(g, R2, R7);
	alui(g, BPF_ADD, R2, sizeof(struct ffpf_record) + FFPF_RECORD_ALIGN - 1);
	alui(g, BPF_AND, R2, -FFPF_RECORD_ALIGN);
	ldx(g, BPF_DW, R1, R9, RING(head));
	stx(g, BPF_DW, R10, SLOT_HEAD, R1);
	stx(g, BPF_DW, R10, SLOT_SIZE, R2);
	return miss;
}

/* Instead of bytes, and of what the record says of them: where the level below has stored the packet. */
static void refer(struct gen *g)
{
	const int16_t behind = sizeof(struct ffpf_record);

	ldx(g, BPF_DW, R1, R10, SLOT_TIME);
	stx(g, BPF_DW, R6, RECORD(time), R1);
	stx(g, BPF_W, R6, RECORD(stored), R7);
	sti(g, BPF_B, R6, RECORD(dir), FFPF_RECORD_FAR);
	sti(g, BPF_B, R6, RECORD(source), g->o->source);
	ldx(g, BPF_DW, R1, R10, SLOT_SIZE);
	stx(g, BPF_W, R6, RECORD(size), R1);
	ffpf_asm_scratch(g, R2, SCRATCH_FAR);
	for (int16_t i = 0; i < (int16_t)sizeof(struct ffpf_far); i += 4) {
		ldx(g, BPF_W, R1, R2, i);
		stx(g, BPF_W, R6, (int16_t)(behind + i), R1);
	}
}

/* Reserves the place, and fills it. */
static void write_record(struct gen *g)
{
	ldx(g, BPF_DW, R1, R10, SLOT_HEAD);
	ldx(g, BPF_DW, R2, R10, SLOT_SIZE);
	alu(g, BPF_ADD, R2, R1);
	publish(g, R9, RING(reserved), R2);
	/* After it is reserved: so a reader of several rings knows that what a quiet ring brings later is younger. */
	take_time(g);
	ldx(g, BPF_DW, R1, R10, SLOT_HEAD);
	ffpf_asm_imm64(g, R2, g->o->ring_size - 1);
	alu(g, BPF_AND, R1, R2);
	mov(g, R6, R9);
	alui(g, BPF_ADD, R6, FFPF_RING_DATA);
	alu(g, BPF_ADD, R6, R1);
	if (g->o->kept) {
		refer(g);
		return;
	}
	record_header(g);
	copy_bytes(g);
	increment(g, R9, RING(bytes), R7);
}

static void publish_record(struct gen *g)
{
	ldx(g, BPF_DW, R1, R10, SLOT_HEAD);
	ldx(g, BPF_DW, R2, R10, SLOT_SIZE);
	alu(g, BPF_ADD, R1, R2);
	publish(g, R9, RING(head), R1);
}

static uint32_t stored_most(const struct gen *g)
{
	return g->o->snaplen > copy_most(g) ? copy_most(g) : g->o->snaplen;
}

uint32_t ffpf_ebpf_keep(struct gen *g)
{
	uint32_t miss = find_place(g, stored_most(g));

	write_record(g);
	publish_record(g);
	return miss;
}

static void cross(struct gen *g)
{
	uint32_t nothing = take_crossings(g), miss, no_page = 0, refused = 0, stored;

	miss = find_place(g, stored_most(g));
	if (g->o->slow_reader)
		refused = refuse(g, &no_page);
	write_record(g);
	append_all(g);
	increment(g, R9, RING(records), 0);
	/* The record's own head comes last: a reader sees all in-flows of a record or none. */
	publish_record(g);
	wake(g);
	stored = ffpf_asm(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	if (refused) {
		ffpf_asm_patch(g, refused);
		if (g->o->n_inflows > 1)
			for_crossings(g, count_refused);
		/* Last: a snapshot of a running graph has no packet that the barrier lost and nobody else. */
		increment(g, R9, RING(refused), 0);
		ffpf_asm_patch(g, no_page);
	}
	ffpf_asm_patch(g, stored);
	ffpf_asm_patch(g, miss);
	ffpf_asm_patch(g, nothing);
}

/* What becomes of a packet about which nothing was decided: at tc others on the hook go on. */
static int32_t pass_action(const struct gen *g)
{
	return is_skb(g) ? TC_ACT_UNSPEC : XDP_PASS;
}

/* The strongest verdict as an action; leaves the word clear for the next packet. */
static void verdict(struct gen *g)
{
	static const uint8_t xdp[] = {
		[FFPF_VERDICT_TX] = XDP_TX, [FFPF_VERDICT_REDIRECT] = XDP_REDIRECT, [FFPF_VERDICT_DROP] = XDP_DROP};
	static const uint8_t skb[] = {[FFPF_VERDICT_TX] = TC_ACT_REDIRECT,
				      [FFPF_VERDICT_REDIRECT] = TC_ACT_REDIRECT,
				      [FFPF_VERDICT_DROP] = TC_ACT_SHOT};
	const uint8_t *actions = is_skb(g) ? skb : xdp;
	uint32_t pass;

	ffpf_asm_scratch(g, R2, SCRATCH_VERDICT);
	ldx(g, BPF_W, R1, R2, 0);
	movi(g, R0, pass_action(g));
	pass = jumpi(g, BPF_JEQ, R1, 0);
	sti(g, BPF_W, R2, 0, 0);
	for (unsigned v = FFPF_VERDICT_TX; v <= FFPF_VERDICT_DROP; v++) {
		uint32_t other = jumpi(g, BPF_JNE, R1, (int32_t)v);

		movi(g, R0, actions[v]);
		ffpf_asm_patch(g, other);
	}
	ffpf_asm_patch(g, pass);
	ffpf_asm(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Packets that the fast program can't take. */
static void hand_over(struct gen *g)
{
	bool any = false;

	for (size_t i = 0; i < sizeof(g->slow) / sizeof(g->slow[0]); i++)
		if (g->slow[i]) {
			ffpf_asm_patch(g, g->slow[i]);
			any = true;
		}
	if (!any)
		return;
	tail_call(g, g->o->slow_piece);
	movi(g, R0, pass_action(g));
	ffpf_asm(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void finish(struct gen *g)
{
	if (g->o->target == FFPF_EBPF_USER) {
		movi(g, R0, 0);
		ffpf_asm(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
		return;
	}
	if (g->o->next_piece >= 0) {
		tail_call(g, g->o->next_piece);
		movi(g, R0, pass_action(g));
		ffpf_asm(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
		return;
	}
	if (g->o->call_word) {
		ffpf_ebpf_give_class(g);
		movi(g, R0, pass_action(g));
		ffpf_asm(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
		return;
	}
	if (g->o->n_inflows && (g->o->up == FFPF_UP_META || g->o->up == FFPF_UP_CB)) {
		uint32_t nothing = ffpf_ebpf_go_up(g);

		/* What goes up is not taken here, whatever else is said of it: there it is decided. */
		if (g->o->verdicts) {
			ffpf_asm_scratch(g, R2, SCRATCH_VERDICT);
			sti(g, BPF_W, R2, 0, 0);
			alui(g, BPF_ADD, R2, (SCRATCH_TAG - SCRATCH_VERDICT) * 4);
			sti(g, BPF_W, R2, 0, 0);
		}
		ffpf_asm_patch(g, nothing);
	} else if (g->o->n_inflows && g->o->up == FFPF_UP_RING) {
		cross(g);
	}
	if (g->o->verdicts) {
		if (is_skb(g))
			ffpf_ebpf_skb_tag(g);
		verdict(g);
		return;
	}
	movi(g, R0, pass_action(g));
	ffpf_asm(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

void ffpf_ebpf_epilogue(struct gen *g)
{
	finish(g);
	hand_over(g);
}
