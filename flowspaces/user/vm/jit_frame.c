/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers and frames of compiled programs.
 *
 * Registers. A program that calls nothing keeps its registers in those that a C function may use without saving; what
 * does not fit goes into saved ones. A program with calls has
 *
 *   eBPF    r0   r1   r2   r3   r4  r5  r6   r7   r8   r9   r10
 *   x86-64  RAX  RSI  RDX  R11  R8  R9  RBX  RBP  R14  R15  RSP + frame      R12: env
 *
 * so that the arguments of a helper, but for the first and the fourth, stand where the calling convention wants them.
 * RCX and R10 are free within each instruction.
 *
 * Frames. The prologue of a function saves what the function changes of the registers that calls keep, and takes as
 * much stack as it uses.
 *
 *   │ return address │ saved registers │ stack │ padding │
 *                                      ▲ r10             ▲ RSP, a multiple of 16 where something is called
 */
#include <flowspaces/user/vm/jit.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint16_t saved_by_callee = 1 << RBX | 1 << RBP | 1 << X12 | 1 << X13 | 1 << X14 | 1 << X15;

/* What instructions [begin, end) need: the eBPF registers that they name, calls, stack. */
struct needs {
	uint16_t registers;
	bool calls;
	int32_t stack; /* bytes */
};

static void add_memory(struct needs *n, const struct bpf_insn *insn)
{
	unsigned base = BPF_CLASS(insn->code) == BPF_LDX ? insn->src_reg : insn->dst_reg;
	bool stores_r10 = BPF_CLASS(insn->code) == BPF_STX && insn->src_reg == BPF_REG_10;

	if (base == BPF_REG_10 && -insn->off > n->stack)
		n->stack = -insn->off;
	if (stores_r10)
		n->stack = FFPF_VM_STACK;
}

static struct needs needs_of(const struct ffpf_vm *vm, size_t begin, size_t end)
{
	struct needs n = {.registers = 1}; /* r0 */

	for (size_t i = begin; i < end; i++) {
		const struct bpf_insn *insn = &vm->insns[i];
		unsigned class = BPF_CLASS(insn->code);

		if (insn->code == (BPF_JMP | BPF_CALL)) {
			n.calls = true;
			continue;
		}
		if (ffpf_vm_is_packet_load(insn)) {
			n.calls = true;
			n.registers |= (uint16_t)(1u << BPF_REG_6 | 1u << insn->src_reg);
			continue;
		}
		n.registers |= (uint16_t)(1u << insn->dst_reg);
		if (class == BPF_LD) {
			i++;
			continue;
		}
		n.registers |= (uint16_t)(1u << insn->src_reg);
		if (class == BPF_LDX || class == BPF_ST || class == BPF_STX)
			add_memory(&n, insn);
		else if (insn->src_reg == BPF_REG_10 || insn->dst_reg == BPF_REG_10)
			n.stack = FFPF_VM_STACK; /* its address goes who knows where */
	}
	if (n.stack > FFPF_VM_STACK)
		n.stack = FFPF_VM_STACK;
	n.stack = (n.stack + 7) & ~7;
	return n;
}

/* x86 registers behind a set of eBPF registers that a C function must give back as they were. */
static uint16_t to_be_saved(const struct jit *j, uint16_t registers)
{
	uint16_t saved = 0;

	for (unsigned i = 0; i < 10; i++)
		if (registers & 1u << i && j->reg[i] != JIT_NOWHERE)
			saved |= (uint16_t)(1u << j->reg[i]);
	return saved & saved_by_callee;
}

static struct jit_frame frame_of(const struct jit *j, size_t begin, size_t end)
{
	struct needs n = needs_of(j->vm, begin, end);
	struct jit_frame f = {.begin = begin, .bytes = n.stack};

	f.saved = to_be_saved(j, n.registers);
	if (!begin) {
		f.saved |= to_be_saved(j, j->zeroed);
		f.saved |= (uint16_t)((j->calls ? 1u << X12 : 0) | (j->stride ? 1u << X13 : 0));
		f.bytes += j->stride ? JIT_LOOP_SLOTS : 0;
	}
	if (n.calls && (8 + 8 * __builtin_popcount(f.saved) + f.bytes) % 16)
		f.bytes += 8;
	return f;
}

static int make_frames(struct jit *j)
{
	size_t n = 1;

	for (size_t i = 1; i < j->vm->n; i++)
		n += (j->marks[i] & MARK_CALLED) != 0;
	j->frames = calloc(n, sizeof(*j->frames));
	if (!j->frames)
		return -ENOMEM;
	for (size_t begin = 0, i = 1; i <= j->vm->n; i++) {
		if (i < j->vm->n && !(j->marks[i] & MARK_CALLED))
			continue;
		j->frames[j->n_frames++] = frame_of(j, begin, i);
		begin = i;
	}
	return 0;
}

int jit_assign_registers(struct jit *j)
{
	static const uint8_t with_calls[10] = {RAX, RSI, RDX, X11, X8, X9, RBX, RBP, X14, X15};
	static const uint8_t free_ones[] = {RDX, X8, X9, X11, RBX, RBP, X14, X15};
	struct needs n = needs_of(j->vm, 0, j->vm->n);
	size_t next = 0;

	j->calls = n.calls;
	memset(j->reg, JIT_NOWHERE, sizeof(j->reg));
	j->reg[0] = RAX;
	j->reg[1] = RDI;
	j->reg[2] = RSI;
	for (unsigned i = 3; i < 10; i++)
		if (n.registers & 1u << i)
			j->reg[i] = free_ones[next++];
	if (j->calls)
		memcpy(j->reg, with_calls, sizeof(j->reg));
	j->live = ffpf_vm_live(j->vm->insns, j->vm->n);
	if (!j->live)
		return -ENOMEM;
	j->zeroed = (uint16_t)(j->live[0] & n.registers & ~(1u << BPF_REG_1 | 1u << BPF_REG_2));
	return make_frames(j);
}
