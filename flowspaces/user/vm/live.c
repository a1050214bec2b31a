/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which registers hold something at each instruction that may still be read. What is live at the beginning begins as
 * zero, compiled as interpreted. Backward data flow over single instructions, to the fixed point; code without loops
 * needs one round.
 */
#include <flowspaces/user/vm/code.h>

#include <linux/bpf.h>
#include <stdlib.h>

#define REG(n) ((uint16_t)(1u << (n)))
/* In programs that take more, all registers are taken for live everywhere. */
#define ROUNDS 64
#define ARGUMENTS (REG(1) | REG(2) | REG(3) | REG(4) | REG(5))

struct effect {
	uint16_t reads, writes;
};

static struct effect of_call(void)
{
	/* What it takes is not known here: everything it might. */
	return (struct effect){ARGUMENTS, ARGUMENTS | REG(0)};
}

static struct effect of_alu(const struct bpf_insn *insn)
{
	uint8_t what = BPF_OP(insn->code);
	struct effect e = {.writes = REG(insn->dst_reg)};

	if (what != BPF_MOV)
		e.reads |= REG(insn->dst_reg);
	if (BPF_SRC(insn->code) == BPF_X && what != BPF_END)
		e.reads |= REG(insn->src_reg);
	return e;
}

static struct effect of_memory(const struct bpf_insn *insn)
{
	struct effect e = {0};

	if (BPF_CLASS(insn->code) == BPF_LDX)
		return (struct effect){REG(insn->src_reg), REG(insn->dst_reg)};
	e.reads = REG(insn->dst_reg);
	if (BPF_CLASS(insn->code) == BPF_STX)
		e.reads |= REG(insn->src_reg);
	if (BPF_CLASS(insn->code) == BPF_STX && BPF_MODE(insn->code) == BPF_ATOMIC && insn->imm == BPF_CMPXCHG) {
		e.reads |= REG(0);
		e.writes |= REG(0);
	}
	return e;
}

static struct effect effect_of(const struct bpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return of_alu(insn);
	case BPF_LD:
		if (ffpf_vm_is_packet_load(insn))
			return (struct effect){(uint16_t)(REG(6) | REG(insn->src_reg)), ARGUMENTS | REG(0)};
		return (struct effect){0, REG(insn->dst_reg)};
	case BPF_JMP:
	case BPF_JMP32:
		if (BPF_OP(insn->code) == BPF_CALL)
			return of_call();
		if (BPF_OP(insn->code) == BPF_EXIT)
			return (struct effect){REG(0), 0};
		if (BPF_OP(insn->code) == BPF_JA)
			return (struct effect){0, 0};
		return (struct effect){
			(uint16_t)(REG(insn->dst_reg) | (BPF_SRC(insn->code) == BPF_X ? REG(insn->src_reg) : 0)), 0};
	default:
		return of_memory(insn);
	}
}

/* Live registers behind instruction i, from what is live before those that may follow it. */
static uint16_t behind(const struct bpf_insn *insns, size_t i, const uint16_t *live)
{
	const struct bpf_insn *insn = &insns[i];
	size_t next = i + 1 + ffpf_insn_is_wide(insn);

	if (insn->code == (BPF_JMP | BPF_EXIT))
		return 0;
	/* A callee keeps r6 to r9, but reads what it likes: the caller's are its own when it begins. */
	if (ffpf_insn_is_local_call(insn))
		return live[next] | live[ffpf_insn_target(insn, i)];
	if (!ffpf_insn_is_jump(insn))
		return live[next];
	return live[ffpf_insn_target(insn, i)] | (BPF_OP(insn->code) == BPF_JA ? 0 : live[next]);
}

uint16_t *ffpf_vm_live(const struct bpf_insn *insns, size_t n)
{
	uint16_t *live = calloc(n + 2, sizeof(*live));
	bool changed = live != NULL;
	unsigned rounds = 0;

	while (changed && rounds++ < ROUNDS) {
		changed = false;
		for (size_t i = n; i-- > 0;) {
			struct effect e = effect_of(&insns[i]);
			uint16_t before;

			if (!insns[i].code) /* the second half of a constant */
				continue;
			before = (uint16_t)(e.reads | (behind(insns, i, live) & ~e.writes));
			changed |= before != live[i];
			live[i] = before;
		}
	}
	for (size_t i = 0; changed && i < n; i++)
		live[i] = UINT16_MAX;
	return live;
}
