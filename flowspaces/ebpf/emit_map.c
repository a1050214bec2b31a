/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emits what touches maps: keys, finding, putting, removing, entries.
 *
 * All keys are written in one place on the stack, below our own slots and above the spilled values; the prefix length
 * of an LPM key is the four bytes before it. A key that stands there already, since an instruction on every way here
 * had the same, is not written again: `t[k]++` finds, puts and finds once more. Loads whose value only goes into keys
 * stay in network byte order, as the key wants them (lower.c).
 *
 * An entry is the address that the kernel gives, in a register or on the stack; the kernel's verifier follows it there.
 * A new entry's value is zeros in the program's read-only data.
 */
#include <flowspaces/ebpf/asm.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <stdlib.h>

static const struct ffpf_ir_map *map_of(const struct gen *g, const struct ffpf_insn *in)
{
	return &g->ir->maps[in->imm];
}

/* ---- which keys are there already ------------------------------------------------------------ */

static bool same_value(const struct ffpf_program *p, ffpf_val x, ffpf_val y)
{
	return x == y || (p->insns[x].op == FFPF_IR_CONST && p->insns[y].op == FFPF_IR_CONST &&
			  p->insns[x].imm == p->insns[y].imm);
}

/* Are two keys, by their last parts, the same bytes? */
static bool same_key(const struct gen *g, ffpf_val x, ffpf_val y)
{
	const struct ffpf_program *p = g->ir;

	if (!x || !y)
		return false;
	if ((map_of(g, &p->insns[x])->kind == FFPF_MAP_ARRAY) != (map_of(g, &p->insns[y])->kind == FFPF_MAP_ARRAY))
		return false;
	for (; x != y; x = p->insns[x].a, y = p->insns[y].a)
		if (!x || !y || p->insns[x].size != p->insns[y].size || p->insns[x].cells != p->insns[y].cells ||
		    !same_value(p, p->insns[x].b, p->insns[y].b))
			return false;
	return true;
}

/* The key, by its last part, that stands on the stack at the block's begin; 0: none that is known. */
static ffpf_val key_at_begin(const struct gen *g, const ffpf_val *at_end, ffpf_block b)
{
	const struct ffpf_bb *bb = &g->ir->blocks[b];
	ffpf_val key = bb->n_preds ? at_end[bb->preds[0]] : 0;

	for (uint32_t i = 1; key && i < bb->n_preds; i++)
		if (!same_key(g, key, at_end[bb->preds[i]]))
			key = 0;
	return key;
}

void ffpf_ebpf_share_keys(struct gen *g)
{
	struct ffpf_program *p = g->ir;
	ffpf_val *at_end;

	g->key_there = ffpf_arena_alloc(g->arena, p->n_insns);
	if (!p->n_maps)
		return;
	at_end = calloc(p->n_blocks, sizeof(*at_end));
	if (!at_end)
		abort();
	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];
		ffpf_val key = key_at_begin(g, at_end, p->rpo[i]);

		for (size_t k = 0; k < bb->n; k++) {
			const struct ffpf_insn *in = &p->insns[bb->insns[k]];

			if (!ffpf_ir_is_map_op(in->op) || in->op == FFPF_IR_KEY)
				continue;
			if (same_key(g, in->a, key))
				for (ffpf_val part = in->a; part; part = p->insns[part].a)
					g->key_there[part] = true;
			key = in->a;
			if (map_of(g, in)->key_size > g->key_bytes)
				g->key_bytes = map_of(g, in)->key_size;
			g->prefixes |= map_of(g, in)->kind == FFPF_MAP_LPM;
		}
		at_end[p->rpo[i]] = key;
	}
	free(at_end);
}

int16_t ffpf_ebpf_place_key(struct gen *g, int16_t lowest)
{
	if (!g->key_bytes)
		return lowest;
	g->key_slot = (int16_t)(lowest - (int16_t)((g->key_bytes + 7) & ~7u));
	return (int16_t)(g->key_slot - (g->prefixes ? 8 : 0));
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* The bytes of a part as they stand in memory, loaded as a number of this machine. */
static uint64_t image(uint64_t x, unsigned size, bool swap)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	x = swap ? __builtin_bswap64(x) >> (64 - 8 * size) : x;
#endif
	return size == 8 ? x : x & ((UINT64_C(1) << 8 * size) - 1);
}

/* The largest piece of a part that can be stored at once, from byte `done` of it on: the kernel wants them aligned. */
static unsigned piece(uint32_t at, unsigned size, unsigned done)
{
	unsigned n = 8;

	while (n > size - done || (at + done) % n)
		n /= 2;
	return n;
}

/* How far to the right a piece of an image has to go. */
static unsigned shift(unsigned size, unsigned done, unsigned n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return 8 * done;
#else
	return 8 * (size - done - n);
#endif
}

static void store_constant(struct gen *g, const struct ffpf_insn *in, uint64_t x)
{
	for (unsigned done = 0, n; done < in->size; done += n) {
		int16_t at = (int16_t)(g->key_slot + (int16_t)(in->cells + done));
		uint64_t part;

		n = piece(in->cells, in->size, done);
		part = image(x >> shift(in->size, done, n), n, false);
		if (n < 8 || fits_imm(part)) {
			sti(g, size_code(n), R10, at, (int32_t)part);
		} else {
			ffpf_asm_imm64(g, R0, part);
			stx(g, BPF_DW, R10, at, R0);
		}
	}
}

static void store_value(struct gen *g, const struct ffpf_insn *in, uint8_t x)
{
	for (unsigned done = 0, n; done < in->size; done += n) {
		uint8_t from = x;
		unsigned right;

		n = piece(in->cells, in->size, done);
		right = shift(in->size, done, n);
		if (right) {
			mov(g, R1, x);
			alui(g, BPF_RSH, R1, (int32_t)right);
			from = R1;
		}
		stx(g, size_code(n), R10, (int16_t)(g->key_slot + (int16_t)(in->cells + done)), from);
	}
}

void ffpf_ebpf_key(struct gen *g, ffpf_val v)
{
	const struct ffpf_insn *in = &g->ir->insns[v], *b = &g->ir->insns[in->b];
	bool swap = in->size > 1 && map_of(g, in)->kind != FFPF_MAP_ARRAY;
	uint8_t x;

	if (g->key_there[v])
		return;
	if (b->op == FFPF_IR_CONST) {
		store_constant(g, in, image(b->imm, in->size, swap));
		return;
	}
	x = ffpf_asm_use(g, in->b, R0);
	if (swap && !g->raw[in->b]) {
		if (x != R0)
			mov(g, R0, x);
		ffpf_asm(g, BPF_ALU | BPF_END | BPF_TO_BE, R0, 0, 0, (int32_t)in->size * 8);
		x = R0;
	}
	store_value(g, in, x);
}

/* ---- maps ------------------------------------------------------------------------------------ */

/* r1 = map, r2 = key. */
static void map_and_key(struct gen *g, const struct ffpf_insn *in)
{
	const struct ffpf_ir_map *map = map_of(g, in);
	int16_t at = g->key_slot;

	if (map->kind == FFPF_MAP_LPM) {
		at = (int16_t)(at - 4);
		sti(g, BPF_W, R10, at, (int32_t)map->key_size * 8);
	}
	mov(g, R2, R10);
	alui(g, BPF_ADD, R2, at);
	ffpf_asm_map(g, R1, (unsigned)in->imm);
}

static void give(struct gen *g, ffpf_val v)
{
	uint8_t dst;

	if (nowhere(g, v))
		return;
	dst = ffpf_asm_target(g, v, R0);
	if (dst != R0)
		mov(g, dst, R0);
	ffpf_asm_defined(g, v, dst);
}

static void emit_find(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	map_and_key(g, in);
	call(g, BPF_FUNC_map_lookup_elem);
	give(g, v);
}

static void emit_add(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	uint32_t other;

	map_and_key(g, in);
	ffpf_asm_symbol(g, R3, FFPF_SYM_TABLES, true, ffpf_ebpf_zeros(g));
	movi(g, R4, BPF_NOEXIST);
	call(g, BPF_FUNC_map_update_elem);
	if (nowhere(g, v))
		return;
	/* One that was there is as good. */
	other = ffpf_asm(g, BPF_JMP32 | BPF_JNE | BPF_K, R0, 0, 0, -EEXIST);
	movi(g, R0, 0);
	ffpf_asm_patch(g, other);
	ffpf_asm(g, BPF_ALU | BPF_MOV | BPF_X, R0, R0, 0, 0);
	give(g, v);
}

static void emit_remove(struct gen *g, const struct ffpf_insn *in)
{
	if (map_of(g, in)->kind == FFPF_MAP_ARRAY)
		return;
	map_and_key(g, in);
	call(g, BPF_FUNC_map_delete_elem);
}

/* ---- entries --------------------------------------------------------------------------------- */

static void emit_eload(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	uint8_t dst = ffpf_asm_target(g, v, R0);

	ldx(g, BPF_DW, dst, ffpf_asm_use(g, in->a, R0), (int16_t)(in->imm * 8));
	ffpf_asm_defined(g, v, dst);
}

static void emit_estore(struct gen *g, const struct ffpf_insn *in)
{
	const struct ffpf_insn *b = &g->ir->insns[in->b];
	uint8_t base = ffpf_asm_use(g, in->a, R1);
	int16_t off = (int16_t)(in->imm * 8);

	if (b->op == FFPF_IR_CONST && fits_imm(b->imm))
		sti(g, BPF_DW, base, off, (int32_t)b->imm);
	else
		stx(g, BPF_DW, base, off, ffpf_asm_use(g, in->b, R0));
}

static void emit_eadd(struct gen *g, const struct ffpf_insn *in)
{
	uint8_t base = ffpf_asm_use(g, in->a, R1), x = ffpf_asm_use(g, in->b, R0);

	ffpf_asm(g, BPF_STX | BPF_ATOMIC | BPF_DW, base, x, (int16_t)(in->imm * 8), BPF_ADD);
}

static void emit_efetchadd(struct gen *g, ffpf_val v, const struct ffpf_insn *in)
{
	uint8_t base = ffpf_asm_use(g, in->a, R1), x = ffpf_asm_use(g, in->b, R0);

	if (x != R0)
		mov(g, R0, x);
	ffpf_asm(g, BPF_STX | BPF_ATOMIC | BPF_DW, base, R0, (int16_t)(in->imm * 8), BPF_ADD | BPF_FETCH);
	give(g, v);
}

bool ffpf_ebpf_emit_map(struct gen *g, ffpf_val v)
{
	const struct ffpf_insn *in = &g->ir->insns[v];

	switch (in->op) {
	case FFPF_IR_MFIND:
		emit_find(g, v, in);
		return true;
	case FFPF_IR_MADD:
		emit_add(g, v, in);
		return true;
	case FFPF_IR_MREMOVE:
		emit_remove(g, in);
		return true;
	case FFPF_IR_ELOAD:
		emit_eload(g, v, in);
		return true;
	case FFPF_IR_ESTORE:
		emit_estore(g, in);
		return true;
	case FFPF_IR_EADD:
		emit_eadd(g, in);
		return true;
	case FFPF_IR_EFETCHADD:
		emit_efetchadd(g, v, in);
		return true;
	default:
		return false;
	}
}
