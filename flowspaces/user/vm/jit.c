/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The compiler to x86-64: one eBPF instruction after the other becomes machine code, in memory that is written first
 * and then made executable, never both.
 *
 * Loops. Around a loop the main function's exit goes on with the next r1, which X13 holds; where it ends, and r2, stand
 * at the bottom of the frame.
 *
 * Passes. The first counts with long jumps. The second knows from its figures which jumps are short, and places all
 * instructions; the third writes.
 */
#include <flowspaces/user/vm/jit.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)

/* At the bottom of a loop's frame. */
static const struct place loop_end = {RSP, 0}, loop_r2 = {RSP, 8};

/* ---- registers and frames -------------------------------------------------------------------- */

static void prologue(struct jit *j)
{
	for (unsigned r = 0; r < 16; r++)
		if (j->in->saved & 1u << r)
			x_push(&j->code, r);
	if (j->in->bytes)
		x_alu_imm(&j->code, true, X_SUB, RSP, j->in->bytes);
}

static void undo_prologue(struct jit *j)
{
	if (j->in->bytes)
		x_alu_imm(&j->code, true, X_ADD, RSP, j->in->bytes);
	for (unsigned r = 16; r-- > 0;)
		if (j->in->saved & 1u << r)
			x_pop(&j->code, r);
}

/* Called as ffpf_vm_loop: RDI first, RSI count, RDX r2, RCX env. */
static void enter_loop(struct jit *j)
{
	struct code *c = &j->code;

	prologue(j);
	x_mov(c, true, X13, RDI);
	op_reg(c, true, false, 0x69, RSI, RSI); /* imul */
	word32(c, j->stride);
	x_alu(c, true, X_ADD, RSI, RDI);
	op_mem(c, true, false, 0x89, RSI, loop_end);
	op_mem(c, true, false, 0x89, RDX, loop_r2);
	if (j->calls)
		x_mov(c, true, X12, RCX);
	j->top = c->n;
	x_mov(c, true, j->calls ? RSI : RDI, X13);
	op_mem(c, true, false, 0x8b, j->calls ? RDX : RSI, loop_r2);
}

/* The main function's exit: once more, or out. */
static void next_round(struct jit *j)
{
	struct code *c = &j->code;

	x_alu_imm(c, true, X_ADD, X13, (int32_t)j->stride);
	op_mem(c, true, false, 0x3b, X13, loop_end);
	byte(c, 0x0f);
	byte(c, 0x80 | CC_B);
	word32(c, (uint32_t)(j->top - (c->n + 4)));
}

/* Called as ffpf_vm_entry: RDI r1, RSI r2, RDX env. */
static void enter(struct jit *j)
{
	if (j->stride)
		enter_loop(j);
	else
		prologue(j);
	if (j->calls && !j->stride) {
		x_mov(&j->code, true, X12, RDX);
		x_mov(&j->code, true, RDX, RSI);
		x_mov(&j->code, true, RSI, RDI);
	}
	for (unsigned i = 0; i < 10; i++)
		if (j->zeroed & 1u << i)
			x_mov_imm(&j->code, j->reg[i], 0);
}

/* ---- jumps and calls ------------------------------------------------------------------------- */

/* A jump of instruction i whose opcode is short_opcode, or long_opcode behind 0F where that is not 0xE9. */
static void emit_jump(struct jit *j, size_t i, unsigned short_opcode, unsigned long_opcode, size_t target)
{
	/* Backward, this pass knows already; forward, the pass before says at most too much. */
	int64_t distance = (int64_t)(target <= i ? j->next_at : j->at)[target] - (int64_t)j->code.n;

	if (j->passes == 1 && distance - 2 >= -128 && distance - 2 <= 127)
		j->marks[i] |= MARK_SHORT;
	if (j->marks[i] & MARK_SHORT) {
		byte(&j->code, short_opcode);
		byte(&j->code, (uint8_t)(distance - 2));
		return;
	}
	rex_opcode(&j->code, false, false, long_opcode, 0, 0);
	word32(&j->code, (uint32_t)(j->at[target] - (j->code.n + 4)));
}

static void jump_always(struct jit *j, size_t i, size_t target)
{
	/* A jump to the next instruction is none. */
	if (target != i + 1)
		emit_jump(j, i, 0xeb, 0xe9, target);
}

static void jump_if(struct jit *j, size_t i, bool wide)
{
	static const uint8_t conditions[] = {
		[BPF_JEQ >> 4] = CC_E,	[BPF_JGT >> 4] = CC_A,	[BPF_JGE >> 4] = CC_AE,	 [BPF_JSET >> 4] = CC_NE,
		[BPF_JNE >> 4] = CC_NE, [BPF_JSGT >> 4] = CC_G, [BPF_JSGE >> 4] = CC_GE, [BPF_JLT >> 4] = CC_B,
		[BPF_JLE >> 4] = CC_BE, [BPF_JSLT >> 4] = CC_L, [BPF_JSLE >> 4] = CC_LE,
	};
	const struct bpf_insn *insn = &j->vm->insns[i];
	enum x86_reg a = jit_use(j, insn->dst_reg, RCX);
	bool set = BPF_OP(insn->code) == BPF_JSET;
	uint8_t condition = conditions[BPF_OP(insn->code) >> 4];

	if (BPF_SRC(insn->code) == BPF_X) {
		enum x86_reg b = jit_use(j, insn->src_reg, X10);

		if (set)
			x_test(&j->code, wide, a, b);
		else
			x_alu(&j->code, wide, X_CMP, a, b);
	} else if (set) {
		x_test_imm(&j->code, wide && insn->imm < 0, a, insn->imm);
	} else if (!insn->imm) {
		x_test(&j->code, wide, a, a);
	} else {
		x_alu_imm(&j->code, wide, X_CMP, a, insn->imm);
	}
	emit_jump(j, i, 0x70 | condition, 0x180 | condition, ffpf_insn_target(insn, i));
}

static void call_helper(struct jit *j, size_t i)
{
	x_mov(&j->code, true, RDI, X12);
	x_mov(&j->code, true, RCX, X11);
	x_mov_imm(&j->code, RAX, (uintptr_t)j->vm->helpers[j->vm->ops[i].imm]);
	op_reg(&j->code, false, false, 0xff, 2, RAX);
}

/* The current function ends: out, or around the loop once more. */
static void leave(struct jit *j)
{
	if (j->stride && j->in == j->frames)
		next_round(j);
	undo_prologue(j);
	byte(&j->code, 0xc3);
}

/* r0 = bytes of the packet of r6; when they are not there, the function ends with 0. */
static void load_packet(struct jit *j, size_t i)
{
	const struct bpf_insn *insn = &j->vm->insns[i];
	struct code *c = &j->code;
	size_t there;

	/* The offset first: src may be in what the other arguments take. */
	if (BPF_MODE(insn->code) == BPF_IND) {
		x_mov(c, false, RSI, jit_use(j, insn->src_reg, X10));
		x_alu_imm(c, false, X_ADD, RSI, insn->imm);
	} else {
		x_mov_imm(c, RSI, (uint32_t)insn->imm);
	}
	x_mov(c, true, RDI, j->reg[BPF_REG_6]);
	x_mov_imm(c, RDX, j->vm->ops[i].dst);
	x_mov_imm(c, RAX, (uintptr_t)ffpf_vm_load_packet);
	op_reg(c, false, false, 0xff, 2, RAX);
	x_alu_imm(c, true, X_CMP, RAX, -1);
	there = jit_skip(j, CC_NE);
	x_mov_imm(c, RAX, 0);
	leave(j);
	jit_land(j, there);
}

static void call_local(struct jit *j, size_t i)
{
	size_t target = ffpf_insn_target(&j->vm->insns[i], i);

	byte(&j->code, 0xe8);
	word32(&j->code, j->entry[target] - (uint32_t)(j->code.n + 4));
}

/*
 * r1 context, r2 programs, r3 index: leaves this frame and enters the other program as this one was entered. Where that
 * can't be done, goes on behind the call.
 */
static void tail_call(struct jit *j)
{
	struct code *c = &j->code;
	size_t out[4];

	op_mem(c, false, false, 0x3b, X11, (struct place){RDX, offsetof(struct ffpf_vm_programs, n)});
	out[0] = jit_skip(j, CC_AE);
	op_mem(c, false, false, 0x83, X_CMP, (struct place){X12, offsetof(struct ffpf_vm_env, tails)});
	byte(c, FFPF_VM_TAILS);
	out[1] = jit_skip(j, CC_AE);
	op_mem(c, false, false, 0xff, 0, (struct place){X12, offsetof(struct ffpf_vm_env, tails)}); /* inc */
	x_mov(c, false, X10, X11);
	x_shift_imm(c, true, X_SHL, X10, 3);
	x_alu(c, true, X_ADD, X10, RDX);
	op_mem(c, true, false, 0x8b, RCX, (struct place){X10, offsetof(struct ffpf_vm_programs, entries)});
	x_test(c, true, RCX, RCX);
	out[2] = jit_skip(j, CC_E);
	op_mem(c, true, false, 0x8b, RCX, (struct place){RCX, offsetof(struct ffpf_vm, native)});
	x_test(c, true, RCX, RCX);
	out[3] = jit_skip(j, CC_E);
	x_mov(c, true, RDI, RSI);
	x_mov_imm(c, RSI, 0);
	x_mov(c, true, RDX, X12);
	undo_prologue(j);
	op_reg(c, false, false, 0xff, 4, RCX);
	for (unsigned i = 0; i < 4; i++)
		jit_land(j, out[i]);
}

static void jump_class(struct jit *j, size_t i)
{
	const struct bpf_insn *insn = &j->vm->insns[i];
	bool wide = BPF_CLASS(insn->code) == BPF_JMP;

	switch (BPF_OP(insn->code)) {
	case BPF_JA:
		jump_always(j, i, ffpf_insn_target(insn, i));
		break;
	case BPF_EXIT:
		leave(j);
		break;
	case BPF_CALL:
		if (ffpf_insn_is_local_call(insn))
			call_local(j, i);
		else if (j->vm->helpers[j->vm->ops[i].imm])
			call_helper(j, i);
		else
			tail_call(j);
		break;
	default:
		jump_if(j, i, wide);
		break;
	}
}

/* ---- passes ---------------------------------------------------------------------------------- */

static void find_targets(struct jit *j)
{
	for (size_t i = 0; i < j->vm->n; i++) {
		const struct bpf_insn *insn = &j->vm->insns[i];

		if (ffpf_insn_is_wide(insn))
			i++;
		else if (ffpf_insn_is_local_call(insn))
			j->marks[ffpf_insn_target(insn, i)] |= MARK_CALLED | MARK_TARGET;
		else if (ffpf_insn_is_jump(insn))
			j->marks[ffpf_insn_target(insn, i)] |= MARK_TARGET;
	}
}

/* Translates instruction i; how many it took. */
static unsigned translate(struct jit *j, size_t i)
{
	const struct bpf_insn *insn = &j->vm->insns[i];

	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return jit_alu(j, i);
	case BPF_JMP:
	case BPF_JMP32:
		jump_class(j, i);
		return 1;
	case BPF_LD:
		if (ffpf_vm_is_packet_load(insn)) {
			load_packet(j, i);
			return 1;
		}
		x_mov_imm(&j->code, j->reg[insn->dst_reg], j->vm->ops[i + 1].constant);
		return 2;
	default:
		return jit_memory(j, i);
	}
}

static void pass(struct jit *j)
{
	uint32_t *before = j->at;

	j->code.n = 0;
	j->in = j->frames;
	enter(j);
	for (size_t i = 0; i < j->vm->n;) {
		unsigned n;

		/* Nothing falls into a function (calls.c): its prologue stands before its first instruction. */
		if (j->marks[i] & MARK_CALLED) {
			j->entry[i] = (uint32_t)j->code.n;
			j->in++;
			prologue(j);
		}
		j->next_at[i] = (uint32_t)j->code.n;
		n = translate(j, i);
		for (unsigned k = 1; k < n; k++)
			j->next_at[i + k] = (uint32_t)j->code.n;
		i += n;
	}
	j->at = j->next_at;
	j->next_at = before;
	j->passes++;
}

static int allocate(struct jit *j)
{
	size_t n = j->vm->n;

	j->at = calloc(n, sizeof(*j->at));
	j->next_at = calloc(n, sizeof(*j->next_at));
	j->entry = calloc(n, sizeof(*j->entry));
	j->marks = calloc(n, 1);
	return j->at && j->next_at && j->entry && j->marks ? 0 : -ENOMEM;
}

/* Writes the code into memory of its own: *bytes of it, NULL when that can't be had. */
static void *write_code(struct jit *j, size_t *bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), placed = j->code.n;
	void *memory;

	*bytes = (j->code.n + page - 1) & ~(page - 1);
	memory = mmap(NULL, *bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	j->code.bytes = memory;
	j->code.capacity = *bytes;
	pass(j);
	/* The figures of the pass before must have been right to the byte. */
	if (j->code.n != placed || memcmp(j->at, j->next_at, j->vm->n * sizeof(*j->at)) != 0 ||
	    mprotect(memory, *bytes, PROT_READ | PROT_EXEC) < 0) {
		munmap(memory, *bytes);
		return NULL;
	}
	return memory;
}

static void *compile(const struct ffpf_vm *vm, uint32_t stride, size_t *bytes)
{
	struct jit j = {.vm = vm, .stride = stride};
	void *memory = NULL;

	if (allocate(&j) == 0) {
		find_targets(&j);
		if (jit_assign_registers(&j) == 0) {
			pass(&j);
			pass(&j);
			memory = write_code(&j, bytes);
		}
	}
	free(j.at);
	free(j.next_at);
	free(j.entry);
	free(j.marks);
	free(j.frames);
	free(j.live);
	return memory;
}

/* POSIX has data and function pointers of one size (dlsym), and C no way to turn one into the other: memcpy. */
int ffpf_vm_compile(struct ffpf_vm *vm)
{
	void *memory;

	if (vm->native)
		return 0;
	memory = compile(vm, 0, &vm->native_bytes);
	if (!memory)
		return -ENOTSUP;
	memcpy(&vm->native, &memory, sizeof(memory));
	return 0;
}

ffpf_vm_loop ffpf_vm_compile_loop(struct ffpf_vm *vm, uint32_t stride)
{
	void *memory;

	if (vm->loop || vm->tails)
		return vm->loop;
	memory = compile(vm, stride, &vm->loop_bytes);
	if (memory)
		memcpy(&vm->loop, &memory, sizeof(memory));
	return vm->loop;
}

void ffpf_vm_native_free(struct ffpf_vm *vm)
{
	void *memory;

	memcpy(&memory, &vm->native, sizeof(memory));
	if (memory)
		munmap(memory, vm->native_bytes);
	memcpy(&memory, &vm->loop, sizeof(memory));
	if (memory)
		munmap(memory, vm->loop_bytes);
	vm->native = NULL;
	vm->loop = NULL;
}

#else

int ffpf_vm_compile(struct ffpf_vm *vm)
{
	(void)vm;
	return -ENOTSUP;
}

ffpf_vm_loop ffpf_vm_compile_loop(struct ffpf_vm *vm, uint32_t stride)
{
	(void)vm;
	(void)stride;
	return NULL;
}

void ffpf_vm_native_free(struct ffpf_vm *vm)
{
	(void)vm;
}

#endif
