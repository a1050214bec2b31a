/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The assembler: appends instructions and what must be relocated, patches jumps, and fetches and stores values wherever
 * register allocation has put them. Also where things lie in the scratch memory behind a CPU's cells.
 */
#include <flowspaces/ebpf/asm.h>
#include <lib/lang/arena.h>

#include <errno.h>

/* ---- instructions ---------------------------------------------------------------------------- */

void ffpf_asm_line(struct gen *g, uint32_t origin, const struct ffpf_object_line *user)
{
	struct ffpf_ebpf_program *out = g->out;

	/* One that holds for no instruction makes way. */
	if (out->n_lines && out->lines[out->n_lines - 1].insn == out->n)
		out->n_lines--;
	out->lines = ffpf_arena_grow(g->arena, out->lines, out->n_lines, &out->lines_capacity, sizeof(*out->lines));
	out->lines[out->n_lines++] = (struct ffpf_ebpf_line){(uint32_t)out->n, origin, user};
}

uint32_t ffpf_asm(struct gen *g, uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	struct ffpf_ebpf_program *out = g->out;

	out->insns = ffpf_arena_grow(g->arena, out->insns, out->n, &out->capacity, sizeof(*out->insns));
	if (!out->n_lines || out->lines[out->n_lines - 1].origin != g->origin)
		ffpf_asm_line(g, g->origin, NULL);
	out->insns[out->n] = (struct bpf_insn){.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm};
	return (uint32_t)out->n++;
}

void ffpf_asm_imm64(struct gen *g, uint8_t dst, uint64_t value)
{
	if (fits_imm(value)) {
		movi(g, dst, (int32_t)value);
	} else if (value <= UINT32_MAX) {
		ffpf_asm(g, BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, (int32_t)value);
	} else {
		ffpf_asm(g, BPF_LD | BPF_IMM | BPF_DW, dst, 0, 0, (int32_t)value);
		ffpf_asm(g, 0, 0, 0, 0, (int32_t)(value >> 32));
	}
}

void ffpf_asm_symbol(struct gen *g, uint8_t dst, enum ffpf_ebpf_symbol symbol, bool value, uint32_t offset)
{
	struct ffpf_ebpf_program *out = g->out;

	out->relocs =
		ffpf_arena_grow(g->arena, out->relocs, out->n_relocs, &out->relocs_capacity, sizeof(*out->relocs));
	out->relocs[out->n_relocs++] = (struct ffpf_ebpf_reloc){(uint32_t)out->n, (uint8_t)symbol, value, 0};
	ffpf_asm(g, BPF_LD | BPF_IMM | BPF_DW, dst, value ? BPF_PSEUDO_MAP_VALUE : BPF_PSEUDO_MAP_FD, 0, 0);
	ffpf_asm(g, 0, 0, 0, 0, value ? (int32_t)offset : 0);
}

void ffpf_asm_map(struct gen *g, uint8_t dst, unsigned map)
{
	ffpf_asm_symbol(g, dst, FFPF_SYM_MAP, false, 0);
	g->out->relocs[g->out->n_relocs - 1].number = map;
}

void ffpf_asm_call_program(struct gen *g, unsigned function)
{
	g->calls = ffpf_arena_grow(g->arena, g->calls, g->n_calls, &g->calls_capacity, sizeof(*g->calls));
	g->calls[g->n_calls].function = function;
	g->calls[g->n_calls++].insn = ffpf_asm(g, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 0);
}

void ffpf_asm_set_target(struct gen *g, uint32_t insn, uint32_t target)
{
	int64_t distance = (int64_t)target - insn - 1;

	if (distance > INT16_MAX || distance < INT16_MIN)
		g->error = -E2BIG;
	else
		g->out->insns[insn].off = (int16_t)distance;
}

void ffpf_asm_patch(struct gen *g, uint32_t insn)
{
	ffpf_asm_set_target(g, insn, (uint32_t)g->out->n);
}

void ffpf_asm_jump_of(struct gen *g, uint32_t insn, ffpf_block target)
{
	g->fixups = ffpf_arena_grow(g->arena, g->fixups, g->n_fixups, &g->fixups_capacity, sizeof(*g->fixups));
	g->fixups[g->n_fixups++] = (struct fixup){insn, target};
}

void ffpf_asm_jump_to(struct gen *g, uint8_t code, uint8_t dst, uint8_t src, int32_t imm, ffpf_block target)
{
	ffpf_asm_jump_of(g, ffpf_asm(g, code, dst, src, 0, imm), target);
}

/* ---- scratch memory -------------------------------------------------------------------------- */

uint32_t ffpf_ebpf_scratch(const struct gen *g)
{
	return g->o->n_cells * 8;
}

uint32_t ffpf_ebpf_stride(uint32_t n_cells, unsigned n_flags, unsigned n_inflows, unsigned n_ghosts)
{
	uint32_t bytes = n_cells * 8 + (SCRATCH_FLAGS + n_flags) * 4 + n_inflows * 8 + n_ghosts * 4;

	return (bytes + 63) & ~63u;
}

uint32_t ffpf_ebpf_flag_at(uint32_t n_cells, unsigned flag)
{
	return n_cells * 8 + (SCRATCH_FLAGS + flag) * 4;
}

void ffpf_ebpf_crossings_at(uint32_t n_cells, unsigned n_flags, uint32_t *count, uint32_t *list)
{
	*count = n_cells * 8 + SCRATCH_CROSS * 4;
	*list = n_cells * 8 + (SCRATCH_FLAGS + n_flags) * 4;
}

static uint32_t forgotten_word(const struct gen *g, unsigned word)
{
	return ffpf_ebpf_scratch(g) + SCRATCH_FORGET * 4 + word * 8;
}

void ffpf_asm_recall(struct gen *g, unsigned word, uint8_t reg)
{
	uint32_t bytes = forgotten_word(g, word);

	if (bytes <= INT16_MAX) {
		ldx(g, BPF_DW, reg, REG_CELLS, (int16_t)bytes);
		return;
	}
	mov(g, reg, REG_CELLS);
	alui(g, BPF_ADD, reg, (int32_t)bytes);
	ldx(g, BPF_DW, reg, reg, 0);
}

void ffpf_asm_forget(struct gen *g, unsigned word, uint8_t reg)
{
	uint32_t bytes = forgotten_word(g, word);
	uint8_t base = reg == R1 ? R0 : R1;

	if (bytes <= INT16_MAX) {
		stx(g, BPF_DW, REG_CELLS, (int16_t)bytes, reg);
		return;
	}
	mov(g, base, REG_CELLS);
	alui(g, BPF_ADD, base, (int32_t)bytes);
	stx(g, BPF_DW, base, 0, reg);
}

/* ---- values ---------------------------------------------------------------------------------- */

uint8_t ffpf_asm_use(struct gen *g, ffpf_val v, uint8_t temp)
{
	const struct ffpf_insn *in = &g->ir->insns[v];

	if (in->op == FFPF_IR_CONST) {
		ffpf_asm_imm64(g, temp, in->imm);
		return temp;
	}
	if (g->where[v].reg >= 0)
		return (uint8_t)g->where[v].reg;
	if (g->where[v].forgotten)
		ffpf_asm_recall(g, g->where[v].forgotten, temp);
	else
		ldx(g, BPF_DW, temp, R10, g->where[v].slot);
	return temp;
}

uint8_t ffpf_asm_target(struct gen *g, ffpf_val v, uint8_t temp)
{
	return g->where[v].reg >= 0 ? (uint8_t)g->where[v].reg : temp;
}

void ffpf_asm_defined(struct gen *g, ffpf_val v, uint8_t reg)
{
	if (g->where[v].reg < 0 && g->where[v].slot)
		stx(g, BPF_DW, R10, g->where[v].slot, reg);
	else if (g->where[v].forgotten)
		ffpf_asm_forget(g, g->where[v].forgotten, reg);
}
