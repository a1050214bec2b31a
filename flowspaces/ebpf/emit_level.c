/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From one level of the kernel to the next: the classes with which a packet goes up, without its bytes, which it takes
 * along itself.
 *
 *   from xdp    in the packet's metadata, which lies before its bytes:
 *                   u32 magic   of this run and source
 *                   u32 number  differs from packet to packet, so that GRO merges none that have been looked at
 *                   u32 position[2], cpu: where the packet is stored, if it is (FFPF_COPY_ONCE)
 *                   u32 class[n_slots]
 *   from tc     in the memory that both levels have, with magic and number in the packet's control block: the next
 *               level comes right behind, on the same processor
 *
 * While the program runs, each in-flow that is crossed on has its class in a word of scratch memory, at its slot; what
 * came up has such words, too, for the ghosts. Whatever does not fit counts as not come, and its ghosts are 0.
 */
#include <flowspaces/ebpf/asm.h>
#include <stddef.h>

static uint32_t list(const struct gen *g)
{
	return ffpf_ebpf_scratch(g) + (SCRATCH_FLAGS + g->o->n_flags) * 4;
}

/* The word of a slot, as an offset from REG_CELLS: those that go up, those that tc has left for the next, ghosts. */
static uint32_t up_word(const struct gen *g, unsigned slot)
{
	return list(g) + slot * 4;
}

static uint32_t left_word(const struct gen *g, unsigned slot)
{
	return list(g) + (g->o->n_inflows + slot) * 4;
}

static uint32_t ghost_word(const struct gen *g, unsigned slot)
{
	return list(g) + g->o->n_inflows * 8 + slot * 4;
}

/* Magic and number. */
#define POSITION_AT 8
#define POSITION_BYTES 12

uint32_t ffpf_ebpf_metadata_bytes(unsigned n_classes, bool kept)
{
	return POSITION_AT + (kept ? POSITION_BYTES : 0) + n_classes * 4;
}

/* reg = REG_CELLS + bytes */
static void address(struct gen *g, uint8_t reg, uint32_t bytes)
{
	mov(g, reg, REG_CELLS);
	alui(g, BPF_ADD, reg, (int32_t)bytes);
}

static void count_cell(struct gen *g, uint32_t cell)
{
	address(g, R1, cell * 8);
	ldx(g, BPF_DW, R2, R1, 0);
	alui(g, BPF_ADD, R2, 1);
	stx(g, BPF_DW, R1, 0, R2);
}

/* reg = magic; a 32-bit move, which leaves zeros above. */
static void load_magic(struct gen *g, uint8_t reg)
{
	ffpf_asm(g, BPF_ALU | BPF_MOV | BPF_K, reg, 0, 0, (int32_t)g->o->magic);
}

/* ---- coming up ------------------------------------------------------------------------------- */

/* The words at r2 + offset become those of the ghosts. */
static void take_words(struct gen *g, uint8_t from, uint32_t offset)
{
	address(g, R3, ghost_word(g, 0));
	for (unsigned i = 0; i < g->o->n_below; i++) {
		ldx(g, BPF_W, R0, from, (int16_t)(offset + i * 4));
		stx(g, BPF_W, R3, (int16_t)(i * 4), R0);
	}
	count_cell(g, g->o->came);
}

static void from_metadata(struct gen *g, uint32_t *none)
{
	const int32_t bytes = (int32_t)ffpf_ebpf_metadata_bytes(g->o->n_below, g->o->kept);

	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	ldx(g, BPF_W, R2, R1, offsetof(struct __sk_buff, data_meta));
	ldx(g, BPF_W, R3, R1, offsetof(struct __sk_buff, data));
	mov(g, R4, R3);
	alu(g, BPF_SUB, R4, R2);
	none[0] = jumpi(g, BPF_JNE, R4, bytes);
	/* The verifier does not conclude it from the difference. */
	mov(g, R4, R2);
	alui(g, BPF_ADD, R4, bytes);
	none[1] = jump(g, BPF_JGT, R4, R3);
	ldx(g, BPF_W, R4, R2, 0);
	load_magic(g, R0);
	none[2] = jump(g, BPF_JNE, R4, R0);
	if (g->o->kept) {
		ffpf_asm_scratch(g, R3, SCRATCH_FAR);
		for (int16_t i = 0; i < POSITION_BYTES; i += 4) {
			ldx(g, BPF_W, R0, R2, POSITION_AT + i);
			stx(g, BPF_W, R3, i, R0);
		}
	}
	take_words(g, R2, ffpf_ebpf_metadata_bytes(0, g->o->kept));
}

static void from_control_block(struct gen *g, uint32_t *none)
{
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	ldx(g, BPF_W, R4, R1, offsetof(struct __sk_buff, cb[0]));
	load_magic(g, R0);
	none[0] = jump(g, BPF_JNE, R4, R0);
	ldx(g, BPF_W, R4, R1, offsetof(struct __sk_buff, cb[1]));
	ldx(g, BPF_W, R5, R10, SLOT_CPU);
	none[1] = jumpi(g, BPF_JGE, R5, (int32_t)g->o->n_cpus);
	alui(g, BPF_MUL, R5, (int32_t)g->o->below_stride);
	ffpf_asm_symbol(g, R2, FFPF_SYM_BELOW, true, 0);
	alu(g, BPF_ADD, R2, R5);
	mov(g, R3, R2);
	alui(g, BPF_ADD, R3, (int32_t)(g->o->below_cells * 8 + SCRATCH_NUMBER * 4));
	ldx(g, BPF_W, R3, R3, 0);
	none[2] = jump(g, BPF_JNE, R3, R4);
	alui(g, BPF_ADD, R2,
	     (int32_t)(g->o->below_cells * 8 + (SCRATCH_FLAGS + g->o->n_flags + g->o->below_inflows) * 4));
	take_words(g, R2, 0);
}

/* ---- C code between pieces ------------------------------------------------------------------- */

#define CALL_WORD offsetof(struct __sk_buff, cb[2])

static uint32_t flag_word(const struct gen *g, unsigned word)
{
	return ffpf_ebpf_scratch(g) + (SCRATCH_FLAGS + word) * 4;
}

/* What the code before this piece made of the packet. */
void ffpf_ebpf_take_result(struct gen *g)
{
	if (!g->o->result_word)
		return;
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	ldx(g, BPF_W, R2, R1, CALL_WORD);
	address(g, R3, flag_word(g, g->o->result_word - 1));
	stx(g, BPF_W, R3, 0, R2);
}

/* The class with which the code of another stage made this packet; what else there is of it lies in its slot. */
static void from_stage(struct gen *g)
{
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	ldx(g, BPF_W, R2, R1, CALL_WORD);
	address(g, R3, ghost_word(g, g->o->below_slots[0]));
	stx(g, BPF_W, R3, 0, R2);
}

/* The class with which the packet comes to the code behind this piece. */
void ffpf_ebpf_give_class(struct gen *g)
{
	if (g->o->number_word) {
		address(g, R3, flag_word(g, g->o->number_word - 1));
		ldx(g, BPF_W, R2, R3, 0);
		address(g, R3, ghost_word(g, g->o->number_slot));
		stx(g, BPF_W, R3, 0, R2);
	}
	address(g, R3, flag_word(g, g->o->call_word - 1));
	ldx(g, BPF_W, R2, R3, 0);
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	stx(g, BPF_W, R1, CALL_WORD, R2);
}

/* ---- from below ------------------------------------------------------------------------------ */

/* Once REG_CELLS is there; only the first piece of a program comes here. Clobbers r0 to r5. */
void ffpf_ebpf_come_up(struct gen *g)
{
	uint32_t none[3], done;

	if (!g->o->first || g->o->down == FFPF_DOWN_NONE)
		return;
	if (g->o->down == FFPF_DOWN_STAGE) {
		from_stage(g);
		return;
	}
	if (g->o->down == FFPF_DOWN_META)
		from_metadata(g, none);
	else
		from_control_block(g, none);
	done = ffpf_asm(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ffpf_asm_patch(g, none[i]);
	address(g, R3, ghost_word(g, 0));
	for (unsigned i = 0; i < g->o->n_below; i++)
		sti(g, BPF_W, R3, (int16_t)(i * 4), 0);
	ffpf_asm_patch(g, done);
}

/* The class with which the packet came up on in-flow `inflow` of the level below. */
void ffpf_ebpf_ghost(struct gen *g, unsigned inflow, uint8_t dst)
{
	address(g, R1, ghost_word(g, g->o->below_slots ? g->o->below_slots[inflow] : inflow));
	ldx(g, BPF_W, dst, R1, 0);
}

/* ---- going up -------------------------------------------------------------------------------- */

/* Remembers a crossing: base and offset of where its class goes; clobbers r1. */
uint8_t ffpf_ebpf_crossing_word(struct gen *g, unsigned inflow, int16_t *off)
{
	uint8_t base = R1;

	ffpf_asm_scratch(g, base, SCRATCH_CROSS);
	sti(g, BPF_W, base, 0, 1);
	address(g, base, up_word(g, g->o->slots[inflow]));
	*off = 0;
	return base;
}

/* r0 = a number that no packet before had on this processor. */
static void next_number(struct gen *g)
{
	ffpf_asm_scratch(g, R1, SCRATCH_NUMBER);
	ldx(g, BPF_W, R0, R1, 0);
	alui(g, BPF_ADD, R0, 1);
	stx(g, BPF_W, R1, 0, R0);
}

/* Moves the classes of this packet to where r2 + offset points. */
static void give_words(struct gen *g, uint8_t to, uint32_t offset)
{
	address(g, R3, up_word(g, 0));
	for (unsigned i = 0; i < g->o->n_slots; i++) {
		ldx(g, BPF_W, R1, R3, (int16_t)(i * 4));
		stx(g, BPF_W, to, (int16_t)(offset + i * 4), R1);
		sti(g, BPF_W, R3, (int16_t)(i * 4), 0);
	}
}

static void clear_words(struct gen *g)
{
	address(g, R3, up_word(g, 0));
	for (unsigned i = 0; i < g->o->n_slots; i++)
		sti(g, BPF_W, R3, (int16_t)(i * 4), 0);
}

/* Where the packet is stored, to where r2 + offset points. */
static void give_position(struct gen *g, uint8_t to, int16_t offset)
{
	ldx(g, BPF_DW, R1, R10, SLOT_HEAD);
	stx(g, BPF_W, to, offset, R1);
	alui(g, BPF_RSH, R1, 32);
	stx(g, BPF_W, to, offset + 4, R1);
	ldx(g, BPF_W, R1, R10, SLOT_CPU);
	stx(g, BPF_W, to, offset + 8, R1);
}

static void into_metadata(struct gen *g)
{
	const int32_t bytes = (int32_t)ffpf_ebpf_metadata_bytes(g->o->n_slots, g->o->keeps);
	uint32_t no_room, short_of, done;

	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	movi(g, R2, -bytes);
	call(g, BPF_FUNC_xdp_adjust_meta);
	no_room = jumpi(g, BPF_JNE, R0, 0);
	ldx(g, BPF_DW, R1, R10, SLOT_CTX);
	ldx(g, BPF_W, R2, R1, offsetof(struct xdp_md, data_meta));
	ldx(g, BPF_W, R4, R1, offsetof(struct xdp_md, data));
	mov(g, R3, R2);
	alui(g, BPF_ADD, R3, bytes);
	short_of = jump(g, BPF_JGT, R3, R4);
	load_magic(g, R0);
	stx(g, BPF_W, R2, 0, R0);
	next_number(g);
	stx(g, BPF_W, R2, 4, R0);
	if (g->o->keeps)
		give_position(g, R2, POSITION_AT);
	give_words(g, R2, ffpf_ebpf_metadata_bytes(0, g->o->keeps));
	done = ffpf_asm(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	ffpf_asm_patch(g, no_room);
	ffpf_asm_patch(g, short_of);
	clear_words(g);
	ffpf_asm_patch(g, done);
}

static void into_control_block(struct gen *g)
{
	address(g, R2, left_word(g, 0));
	give_words(g, R2, 0);
	ldx(g, BPF_DW, R3, R10, SLOT_CTX);
	load_magic(g, R0);
	stx(g, BPF_W, R3, offsetof(struct __sk_buff, cb[0]), R0);
	next_number(g);
	stx(g, BPF_W, R3, offsetof(struct __sk_buff, cb[1]), R0);
}

/* Returns the jump taken when nothing crosses. */
uint32_t ffpf_ebpf_go_up(struct gen *g)
{
	uint32_t nothing, not_kept = 0;

	if (g->o->up == FFPF_UP_CB) { /* whatever was in it */
		ldx(g, BPF_DW, R1, R10, SLOT_CTX);
		movi(g, R0, 0);
		stx(g, BPF_W, R1, offsetof(struct __sk_buff, cb[0]), R0);
	}
	ffpf_asm_scratch(g, R2, SCRATCH_CROSS);
	ldx(g, BPF_W, R1, R2, 0);
	nothing = jumpi(g, BPF_JEQ, R1, 0);
	sti(g, BPF_W, R2, 0, 0);
	count_cell(g, g->o->sent);
	if (g->o->keeps)
		not_kept = ffpf_ebpf_keep(g);
	if (g->o->up == FFPF_UP_META)
		into_metadata(g);
	else
		into_control_block(g);
	if (not_kept) {
		uint32_t done = ffpf_asm(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);

		ffpf_asm_patch(g, not_kept);
		clear_words(g);
		ffpf_asm_patch(g, done);
	}
	return nothing;
}
