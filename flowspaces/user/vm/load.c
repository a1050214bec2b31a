/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks a program's encoding and decodes it for the interpreter (code.h). Strict as the kernel is: a field that an
 * instruction does not use must be zero, so that no program of a later dialect is misread.
 */
#include <flowspaces/user/vm/code.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifndef BPF_MEMSX
#define BPF_MEMSX 0x80
#endif

#define NOTHING VM_OPERATIONS /* what the second slot of an LD_IMM64 holds, and what lies behind the program */

struct loading {
	const struct ffpf_vm_program *program;
	const struct bpf_insn *insns;
	size_t n;
	const struct ffpf_vm_helpers *helpers;
	struct ffpf_vm *vm;
	uint16_t *operations;
	size_t at; /* the instruction that is looked at; SIZE_MAX: the program as a whole */
	const char *why;
};

static int refuse(struct loading *l, const char *why)
{
	l->why = why;
	return -EINVAL;
}

static int unknown(struct loading *l)
{
	return refuse(l, "unknown instruction");
}

static enum vm_form form_of(const struct bpf_insn *insn, bool wide)
{
	return BPF_SRC(insn->code) == BPF_X ? wide ? VM_64X : VM_32X : wide ? VM_64K : VM_32K;
}

static int load_end(struct loading *l, const struct bpf_insn *insn, bool wide)
{
	static const int operations[3][3] = {
		{VM_LE16, VM_LE32, VM_LE64}, {VM_BE16, VM_BE32, VM_BE64}, {VM_BSWAP16, VM_BSWAP32, VM_BSWAP64}};
	int width = insn->imm == 16 ? 0 : insn->imm == 32 ? 1 : insn->imm == 64 ? 2 : -1;
	bool big = BPF_SRC(insn->code) == BPF_TO_BE;

	if (width < 0 || (wide && big))
		return unknown(l);
	if (insn->src_reg || insn->off)
		return refuse(l, "a field that must be zero is not");
	return operations[wide ? 2 : big][width];
}

static int load_movsx(struct loading *l, const struct bpf_insn *insn, bool wide)
{
	if (BPF_SRC(insn->code) != BPF_X || insn->imm)
		return unknown(l);
	switch (insn->off) {
	case 8:
		return wide ? VM_MOVSX8_64 : VM_MOVSX8_32;
	case 16:
		return wide ? VM_MOVSX16_64 : VM_MOVSX16_32;
	case 32:
		return wide ? VM_MOVSX32_64 : unknown(l);
	default:
		return unknown(l);
	}
}

static int load_alu(struct loading *l, const struct bpf_insn *insn, bool wide)
{
	static const uint16_t operations[] = {
		[BPF_ADD >> 4] = VM_ADD64K, [BPF_SUB >> 4] = VM_SUB64K, [BPF_MUL >> 4] = VM_MUL64K,
		[BPF_DIV >> 4] = VM_DIV64K, [BPF_OR >> 4] = VM_OR64K,	[BPF_AND >> 4] = VM_AND64K,
		[BPF_LSH >> 4] = VM_LSH64K, [BPF_RSH >> 4] = VM_RSH64K, [BPF_MOD >> 4] = VM_MOD64K,
		[BPF_XOR >> 4] = VM_XOR64K, [BPF_MOV >> 4] = VM_MOV64K, [BPF_ARSH >> 4] = VM_ARSH64K,
	};
	uint8_t what = BPF_OP(insn->code);

	if (what == BPF_END)
		return load_end(l, insn, wide);
	if (what == BPF_NEG) {
		if (BPF_SRC(insn->code) || insn->src_reg || insn->off || insn->imm)
			return refuse(l, "a field that must be zero is not");
		return wide ? VM_NEG64 : VM_NEG32;
	}
	if (what > BPF_ARSH)
		return unknown(l);
	if (BPF_SRC(insn->code) == BPF_X ? insn->imm : insn->src_reg)
		return refuse(l, "a field that must be zero is not");
	if (what == BPF_MOV && insn->off)
		return load_movsx(l, insn, wide);
	int operation = operations[what >> 4];
	if ((what == BPF_DIV || what == BPF_MOD) && insn->off == 1)
		operation = what == BPF_DIV ? VM_SDIV64K : VM_SMOD64K;
	else if (insn->off)
		return unknown(l);
	return operation + (int)form_of(insn, wide);
}

/* May control go from slot i to slot `to`? */
static int check_target(struct loading *l, int64_t to)
{
	if (to < 0 || (uint64_t)to >= l->n)
		return refuse(l, "a jump or call leaves the program");
	/* A second slot is known by its first: its own code is 0, which no instruction has. */
	if (l->insns[to].code == 0)
		return refuse(l, "a jump or call into the second half of a 64-bit constant");
	return 0;
}

static int load_call(struct loading *l, const struct bpf_insn *insn, size_t i)
{
	struct vm_op *op = &l->vm->ops[i];

	if (insn->dst_reg || insn->off)
		return refuse(l, "a field that must be zero is not");
	if (insn->src_reg == BPF_PSEUDO_CALL)
		return check_target(l, (int64_t)i + 1 + insn->imm) < 0 ? -EINVAL : VM_CALL_LOCAL;
	if (insn->src_reg)
		return refuse(l, "an unknown kind of call");
	for (size_t k = 0; l->helpers && k < l->helpers->n; k++) {
		if (l->helpers->table[k].id != insn->imm)
			continue;
		op->imm = (int32_t)k;
		if (l->helpers->table[k].function)
			return VM_CALL;
		if (insn->imm != BPF_FUNC_tail_call)
			break;
		l->vm->tails = true;
		return VM_TAIL_CALL;
	}
	return refuse(l, "an unknown helper");
}

static int load_conditional(struct loading *l, const struct bpf_insn *insn, size_t i, bool wide)
{
	static const uint16_t operations[] = {
		[BPF_JEQ >> 4] = VM_JEQ64K,   [BPF_JGT >> 4] = VM_JGT64K,   [BPF_JGE >> 4] = VM_JGE64K,
		[BPF_JSET >> 4] = VM_JSET64K, [BPF_JNE >> 4] = VM_JNE64K,   [BPF_JSGT >> 4] = VM_JSGT64K,
		[BPF_JSGE >> 4] = VM_JSGE64K, [BPF_JLT >> 4] = VM_JLT64K,   [BPF_JLE >> 4] = VM_JLE64K,
		[BPF_JSLT >> 4] = VM_JSLT64K, [BPF_JSLE >> 4] = VM_JSLE64K,
	};
	uint8_t what = BPF_OP(insn->code);

	if (what > BPF_JSLE)
		return unknown(l);
	if (BPF_SRC(insn->code) == BPF_X ? insn->imm : insn->src_reg)
		return refuse(l, "a field that must be zero is not");
	if (check_target(l, (int64_t)i + 1 + insn->off) < 0)
		return -EINVAL;
	return operations[what >> 4] + (int)form_of(insn, wide);
}

static int load_jump(struct loading *l, const struct bpf_insn *insn, size_t i, bool wide)
{
	uint8_t what = BPF_OP(insn->code);

	if (what != BPF_JA && what != BPF_CALL && what != BPF_EXIT)
		return load_conditional(l, insn, i, wide);
	if (BPF_SRC(insn->code) || (!wide && what != BPF_JA))
		return unknown(l);
	if (what == BPF_CALL)
		return load_call(l, insn, i);
	if (insn->dst_reg || insn->src_reg || (what == BPF_EXIT && (insn->off || insn->imm)) ||
	    (what == BPF_JA && (wide ? insn->imm : insn->off)))
		return refuse(l, "a field that must be zero is not");
	if (what == BPF_EXIT)
		return VM_EXIT;
	if (check_target(l, (int64_t)i + 1 + (wide ? insn->off : insn->imm)) < 0)
		return -EINVAL;
	return wide ? VM_JA : VM_JAL;
}

static int load_atomic(struct loading *l, const struct bpf_insn *insn)
{
	uint8_t size = BPF_SIZE(insn->code);

	if (size != BPF_W && size != BPF_DW)
		return unknown(l);
	switch (insn->imm) {
	case BPF_ADD:
	case BPF_ADD | BPF_FETCH:
	case BPF_OR:
	case BPF_OR | BPF_FETCH:
	case BPF_AND:
	case BPF_AND | BPF_FETCH:
	case BPF_XOR:
	case BPF_XOR | BPF_FETCH:
	case BPF_XCHG:
	case BPF_CMPXCHG:
		return size == BPF_W ? VM_ATOMIC32 : VM_ATOMIC64;
	default:
		return refuse(l, "an unknown atomic operation");
	}
}

static int load_memory(struct loading *l, const struct bpf_insn *insn)
{
	/* indexed by size: W, H, B, DW */
	static const int ldx[] = {VM_LDXW, VM_LDXH, VM_LDXB, VM_LDXDW}, ldxs[] = {VM_LDXSW, VM_LDXSH, VM_LDXSB, -1};
	static const int st[] = {VM_STW, VM_STH, VM_STB, VM_STDW}, stx[] = {VM_STXW, VM_STXH, VM_STXB, VM_STXDW};
	unsigned size = BPF_SIZE(insn->code) >> 3, class = BPF_CLASS(insn->code), mode = BPF_MODE(insn->code);

	if (class == BPF_STX && mode == BPF_ATOMIC)
		return load_atomic(l, insn);
	if (class == BPF_ST ? insn->src_reg : insn->imm)
		return refuse(l, "a field that must be zero is not");
	if (class == BPF_LDX && mode == BPF_MEMSX && ldxs[size] >= 0)
		return ldxs[size];
	if (mode != BPF_MEM)
		return unknown(l);
	return class == BPF_LDX ? ldx[size] : class == BPF_ST ? st[size] : stx[size];
}

/* The address that an LD_IMM64 of a map stands for; NULL (refused): there is none. */
static const void *map_address(struct loading *l, const struct bpf_insn *insn)
{
	const struct ffpf_vm_program *p = l->program;
	const struct ffpf_vm_map *map = (uint32_t)insn->imm < p->n_maps ? &p->maps[insn->imm] : NULL;
	uint32_t offset = (uint32_t)insn[1].imm;

	if (!map || !map->map) {
		refuse(l, "a map that is not there");
		return NULL;
	}
	if (insn->src_reg == BPF_PSEUDO_MAP_IDX)
		return offset ? refuse(l, "a map with an offset"), NULL : (const void *)map->map;
	if (map->spec->kind != FFPF_MAP_ARRAY || offset >= map->spec->value_size) {
		refuse(l, "a value that is not in its map");
		return NULL;
	}
	return (const char *)ffpf_map_memory(map->map) + offset;
}

static int load_constant(struct loading *l, const struct bpf_insn *insn, size_t i)
{
	const struct bpf_insn *second = insn + 1;
	uint64_t constant;

	if (ffpf_vm_is_packet_load(insn) && BPF_SIZE(insn->code) != BPF_DW) {
		bool indirect = BPF_MODE(insn->code) == BPF_IND;

		if (insn->dst_reg || insn->off || (!indirect && insn->src_reg))
			return refuse(l, "a field that must be zero is not");
		l->vm->ops[i].dst = BPF_SIZE(insn->code) == BPF_B ? 1 : BPF_SIZE(insn->code) == BPF_H ? 2 : 4;
		return indirect ? VM_LDIND : VM_LDABS;
	}
	if (insn->code != (BPF_LD | BPF_IMM | BPF_DW))
		return unknown(l);
	if (i + 1 == l->n || second->code || second->dst_reg || second->src_reg || second->off)
		return refuse(l, "a 64-bit constant without its second half");
	constant = (uint32_t)insn->imm | (uint64_t)(uint32_t)second->imm << 32;
	if (insn->src_reg == BPF_PSEUDO_MAP_IDX || insn->src_reg == BPF_PSEUDO_MAP_IDX_VALUE) {
		constant = (uintptr_t)map_address(l, insn);
		if (!constant)
			return -EINVAL;
		/* As native code will be made of it. */
		l->vm->insns[i].src_reg = 0;
		l->vm->insns[i].imm = (int32_t)constant;
		l->vm->insns[i + 1].imm = (int32_t)(constant >> 32);
	} else if (insn->src_reg || insn->off) {
		return refuse(l, "a 64-bit constant that is not plain");
	}
	l->vm->ops[i + 1].constant = constant;
	l->vm->ops[i].src = 0;
	return VM_LDIMM64;
}

static int load_one(struct loading *l, size_t i)
{
	const struct bpf_insn *insn = &l->insns[i];
	unsigned class = BPF_CLASS(insn->code);
	bool alu = class == BPF_ALU || class == BPF_ALU64;

	if (insn->dst_reg > BPF_REG_10 || insn->src_reg > BPF_REG_10)
		return refuse(l, "a register that does not exist");
	bool fetches = class == BPF_STX && BPF_MODE(insn->code) == BPF_ATOMIC && (insn->imm & BPF_FETCH);
	if ((insn->dst_reg == BPF_REG_10 && (alu || class == BPF_LD || class == BPF_LDX)) ||
	    (fetches && insn->src_reg == BPF_REG_10))
		return refuse(l, "r10 is read-only");
	l->vm->ops[i].dst = insn->dst_reg;
	l->vm->ops[i].src = insn->src_reg;
	l->vm->ops[i].off = insn->off;
	l->vm->ops[i].imm = insn->imm;
	switch (class) {
	case BPF_ALU:
	case BPF_ALU64:
		return load_alu(l, insn, class == BPF_ALU64);
	case BPF_JMP:
	case BPF_JMP32:
		return load_jump(l, insn, i, class == BPF_JMP);
	case BPF_LD:
		return load_constant(l, insn, i);
	default:
		return load_memory(l, insn);
	}
}

static int load_all(struct loading *l)
{
	const void *const *labels = ffpf_vm_labels();
	int operation = NOTHING;

	for (size_t i = 0; i < l->n; i++) {
		l->at = i;
		operation = load_one(l, i);
		if (operation < 0)
			return operation;
		l->operations[i] = (uint16_t)operation;
		l->vm->ops[i].run = labels[operation];
		if (operation == VM_LDIMM64)
			l->operations[++i] = NOTHING;
	}
	l->at = SIZE_MAX;
	int err = ffpf_vm_check_calls(l->insns, l->n, &l->vm->frames, &l->why);
	if (err)
		return err;
	l->operations[l->n] = l->operations[l->n + 1] = NOTHING;
	ffpf_vm_fuse(l->vm->ops, l->operations, l->n);
	return 0;
}

static int load(const struct ffpf_vm_program *program, struct ffpf_vm **out, size_t *at, const char **why)
{
	const struct ffpf_vm_helpers *helpers = program->helpers;
	size_t n = program->n;
	struct loading l = {.program = program, .insns = program->insns, .n = n, .helpers = helpers};
	size_t n_helpers = helpers ? helpers->n : 0;
	int error;

	*why = "out of memory";
	*at = SIZE_MAX;
	if (!n || n > INT32_MAX) {
		*why = n ? "the program is too long" : "the program is empty";
		return -EINVAL;
	}
	l.vm = calloc(1, sizeof(*l.vm) + (n + 2) * sizeof(*l.vm->ops));
	l.operations = calloc(n + 2, sizeof(*l.operations));
	if (l.vm) {
		l.vm->helpers = calloc(n_helpers + 1, sizeof(*l.vm->helpers));
		l.vm->insns = malloc(n * sizeof(*l.vm->insns));
	}
	error = l.vm && l.operations && l.vm->helpers && l.vm->insns ? 0 : -ENOMEM;
	for (size_t i = 0; !error && i < n_helpers; i++)
		l.vm->helpers[i] = helpers->table[i].function;
	if (!error) {
		l.vm->n = n;
		memcpy(l.vm->insns, program->insns, n * sizeof(*l.vm->insns));
		error = load_all(&l);
		*why = l.why;
		*at = l.at;
	}
	free(l.operations);
	if (error)
		ffpf_vm_free(l.vm);
	else
		*out = l.vm;
	return error;
}

int ffpf_vm_new(const struct ffpf_vm_program *program, struct ffpf_vm **out, const char **why)
{
	size_t at;

	return load(program, out, &at, why);
}

int ffpf_vm_check(const struct ffpf_vm_program *program, size_t *at, const char **why)
{
	struct ffpf_vm *vm = NULL;
	int error = load(program, &vm, at, why);

	ffpf_vm_free(vm);
	return error;
}

void ffpf_vm_free(struct ffpf_vm *vm)
{
	if (!vm)
		return;
	ffpf_vm_native_free(vm);
	free(vm->insns);
	free(vm->helpers);
	free(vm);
}
