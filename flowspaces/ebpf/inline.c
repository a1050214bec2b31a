/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small users' programs stand where they are called: a call costs more than most filters do.
 *
 *   r1 = context                     as for a call
 *   [save] = r6                      registers that calls would preserve and the program changes
 *   …                                the program; its stack lies below ours, exits go to the end
 *   r6 = [save]
 *   class = r0
 *
 * A program whose stack's address is taken is called: how far down it reaches is not known here. So is one with
 * functions of its own.
 */
#include <flowspaces/ebpf/asm.h>
#include <flowspaces/ebpf/insn.h>

/* Instructions: each use is a copy. */
#define INLINE_MAX 128

struct body {
	const struct bpf_insn *insns;
	size_t n;
	uint16_t changed; /* set of registers */
	int32_t stack;	  /* bytes */
};

static bool is_exit(const struct bpf_insn *in)
{
	return in->code == (BPF_JMP | BPF_EXIT);
}

/* What one instruction does to registers and stack; false: not to be moved to another frame. */
static bool look(struct body *b, const struct bpf_insn *in)
{
	unsigned class = BPF_CLASS(in->code);
	bool memory = class == BPF_LDX || class == BPF_ST || class == BPF_STX;
	unsigned base = class == BPF_LDX ? in->src_reg : in->dst_reg;

	if (in->code == (BPF_JMP32 | BPF_JA) || (class == BPF_LD && !ffpf_insn_is_wide(in)))
		return false;
	if (memory && base == BPF_REG_10 && -in->off > b->stack)
		b->stack = -in->off;
	/* Anything else that names r10 takes its address. */
	if (class == BPF_STX ? in->src_reg == BPF_REG_10
			     : !memory && (in->src_reg == BPF_REG_10 || in->dst_reg == BPF_REG_10))
		return false;
	if (class == BPF_LDX || class == BPF_ALU || class == BPF_ALU64 || class == BPF_LD)
		b->changed |= (uint16_t)(1u << in->dst_reg);
	if (class == BPF_STX && BPF_MODE(in->code) == BPF_ATOMIC)
		b->changed |= (uint16_t)(1u << in->src_reg);
	return true;
}

static bool look_at(const struct ffpf_ebpf_callee *c, struct body *b)
{
	*b = (struct body){.insns = c->insns ? c->insns : c->code->insns, .n = c->code->n};
	if (b->n > INLINE_MAX || c->code->n_functions != 1 || c->apart || c->called)
		return false;
	for (size_t i = 0; i < b->n; i++) {
		if (!look(b, &b->insns[i]))
			return false;
		i += ffpf_insn_is_wide(&b->insns[i]);
	}
	return true;
}

/* Registers that calls preserve: out into slots from `slot` down, or back. Returns the lowest. */
static int16_t move_registers(struct gen *g, uint16_t changed, int16_t slot, bool back)
{
	for (uint8_t r = R6; r <= R9; r++) {
		if (!(changed & 1u << r))
			continue;
		slot = (int16_t)(slot - 8);
		if (back)
			ldx(g, BPF_DW, r, R10, slot);
		else
			stx(g, BPF_DW, R10, slot, r);
	}
	return slot;
}

/* The line of the user's source that instruction i begins, if one does. */
static void add_line(struct gen *g, const struct ffpf_ebpf_callee *c, size_t *next, size_t i)
{
	const struct ffpf_object_line *line = NULL;

	while (*next < c->code->n_lines && c->code->lines[*next].insn <= i)
		line = &c->code->lines[(*next)++];
	if (line)
		ffpf_asm_line(g, c->function + 1, line);
}

/* Copies the program; at[i] gets where instruction i went, at[n] the end. */
static void copy(struct gen *g, const struct ffpf_ebpf_callee *c, const struct body *b, int16_t frame, uint32_t *at)
{
	size_t next = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct bpf_insn in = b->insns[i];
		unsigned class = BPF_CLASS(in.code);

		add_line(g, c, &next, i);
		at[i] = (uint32_t)g->out->n;
		if (is_exit(&in)) {
			if (i + 1 < b->n) /* patched by retarget */
				in = (struct bpf_insn){.code = BPF_JMP | BPF_JA};
			else
				break;
		}
		if ((class == BPF_LDX && in.src_reg == BPF_REG_10) ||
		    ((class == BPF_ST || class == BPF_STX) && in.dst_reg == BPF_REG_10))
			in.off = (int16_t)(in.off + frame);
		ffpf_asm(g, in.code, in.dst_reg, in.src_reg, in.off, in.imm);
		if (ffpf_insn_is_wide(&in)) {
			at[++i] = (uint32_t)g->out->n;
			ffpf_asm(g, 0, 0, 0, 0, b->insns[i].imm);
		}
	}
	at[b->n] = (uint32_t)g->out->n;
}

static void retarget(struct gen *g, const struct body *b, const uint32_t *at)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct bpf_insn *in = &b->insns[i];

		if (ffpf_insn_is_wide(in))
			i++;
		else if (is_exit(in) && i + 1 < b->n)
			ffpf_asm_set_target(g, at[i], at[b->n]);
		else if (ffpf_insn_is_jump(in))
			ffpf_asm_set_target(g, at[i], at[ffpf_insn_target(in, i)]);
	}
}

/* Registers with something of ours in them. */
static uint16_t ours(const struct gen *g, ffpf_val v)
{
	uint16_t set = g->kept[v] | 1u << REG_CELLS;

	if (linear(g))
		set |= 1u << REG_DATA | 1u << REG_END;
	if (g->o->target == FFPF_EBPF_USER)
		set |= 1u << REG_PACKET;
	return set;
}

bool ffpf_ebpf_inline(struct gen *g, ffpf_val v, const struct ffpf_ebpf_callee *c)
{
	struct body b;
	uint32_t at[INLINE_MAX + 1], first;
	int16_t frame;

	if (!look_at(c, &b) || g->lowest - 4 * 8 - b.stack < -STACK_SIZE)
		return false;
	b.changed &= ours(g, v);
	frame = move_registers(g, b.changed, g->lowest, false);
	first = (uint32_t)g->out->n;
	copy(g, c, &b, frame, at);
	retarget(g, &b, at);
	ffpf_ebpf_add_map_refs(g, c, first);
	/* What follows is ours again. */
	if (c->code->n_lines)
		ffpf_asm_line(g, c->function + 1, NULL);
	move_registers(g, b.changed, g->lowest, true);
	return true;
}
