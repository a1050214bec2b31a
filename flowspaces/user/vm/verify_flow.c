/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Before the walk: what the loader refuses (encoding, jumps out of a function, calls without end; so there is one set
 * of rules), references to maps, where paths meet, and which registers are live where. Nothing here looks at values.
 *
 * Code that no path reaches is allowed. It is replaced by exits in the result, as are instructions that the walk never
 * came to.
 */
#include <flowspaces/user/vm/code.h>
#include <flowspaces/user/vm/verify.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ALL_ARGUMENTS 0x3e /* r1 to r5 */

/* A refusal from here on is about instruction i. */
static void at(struct vm_verifier *v, size_t i)
{
	v->state->pc = (uint32_t)i;
	v->located = true;
}

/* The loader knows the encoding; to it, references to maps are constants. */
static int check_encoding(struct vm_verifier *v)
{
	struct ffpf_vm_program plain = {.n = v->n, .helpers = v->program->helpers};
	struct bpf_insn *insns = malloc(v->n * sizeof(*insns) + 1);
	const char *why = NULL;
	size_t where;
	int error;

	if (!insns)
		return -ENOMEM;
	memcpy(insns, v->insns, v->n * sizeof(*insns));
	for (size_t i = 0; i + 1 < v->n; i++)
		if (ffpf_insn_is_wide(&insns[i]) &&
		    (insns[i].src_reg == BPF_PSEUDO_MAP_IDX || insns[i].src_reg == BPF_PSEUDO_MAP_IDX_VALUE))
			insns[i++].src_reg = 0;
	plain.insns = insns;
	error = ffpf_vm_check(&plain, &where, &why);
	free(insns);
	if (error == -EINVAL && where < v->n)
		at(v, where);
	if (error == -EINVAL)
		return ffpf_vm_refuse(v, "not well formed: %s", why);
	return error;
}

static int check_map(struct vm_verifier *v, size_t i)
{
	const struct bpf_insn *insn = &v->insns[i];
	uint32_t map = (uint32_t)insn->imm, offset = (uint32_t)insn[1].imm;

	if (!insn->src_reg)
		return 0;
	at(v, i);
	if (map >= v->program->n_maps || map > UINT16_MAX)
		return ffpf_vm_refuse(v, "there is no map %u", map);
	const struct ffpf_map_spec *spec = v->program->maps[map].spec;
	if (insn->src_reg == BPF_PSEUDO_MAP_IDX)
		return offset ? ffpf_vm_refuse(v, "a map has no offset") : 0;
	if (spec->kind != FFPF_MAP_ARRAY)
		return ffpf_vm_refuse(v, "only the values of plain arrays have addresses, and %s is none", spec->name);
	if (offset >= spec->value_size || offset >= VM_OFFSET)
		return ffpf_vm_refuse(v, "%s has values of %u bytes, there is none at %u", spec->name, spec->value_size,
				      offset);
	return 0;
}

/* ---- control flow ---- */

/* Goes somewhere else than to the next instruction: where? */
static bool jump_target(const struct vm_verifier *v, size_t i, size_t *to)
{
	const struct bpf_insn *insn = &v->insns[i];

	if (!ffpf_insn_is_jump(insn))
		return false;
	*to = ffpf_insn_target(insn, i);
	return true;
}

static bool goes_on(const struct bpf_insn *insn)
{
	return insn->code != (BPF_JMP | BPF_EXIT) && !(ffpf_insn_is_jump(insn) && BPF_OP(insn->code) == BPF_JA);
}

static size_t next(const struct vm_verifier *v, size_t i)
{
	return i + 1 + ffpf_insn_is_wide(&v->insns[i]);
}

/* Where paths meet: at the targets of jumps and calls, and behind calls. */
static void find_meetings(struct vm_verifier *v)
{
	for (size_t i = 0; i < v->n; i = next(v, i)) {
		size_t to;

		if (ffpf_insn_is_local_call(&v->insns[i])) {
			v->places[i + 1].flags |= VM_PRUNE;
			v->places[i + 1 + (size_t)(int64_t)v->insns[i].imm].flags |= VM_PRUNE;
		} else if (jump_target(v, i, &to)) {
			v->places[to].flags |= VM_PRUNE;
		}
	}
}

/* ---- liveness ---- */

const struct ffpf_vm_helper_info *ffpf_vm_helper_of(const struct vm_verifier *v, int32_t id)
{
	const struct ffpf_vm_helpers *helpers = v->program->helpers;

	for (size_t i = 0; helpers && i < helpers->n; i++)
		if (helpers->table[i].id == id)
			return &helpers->table[i];
	return NULL;
}

static uint16_t bit(unsigned reg)
{
	return (uint16_t)(1u << reg);
}

static uint16_t reads_of_call(const struct vm_verifier *v, const struct bpf_insn *insn)
{
	const struct ffpf_vm_helper_info *helper = ffpf_vm_helper_of(v, insn->imm);
	uint16_t reads = 0;

	if (insn->src_reg == BPF_PSEUDO_CALL || !helper)
		return ALL_ARGUMENTS;
	for (unsigned i = 0; i < 5; i++)
		if (helper->args[i] != FFPF_VM_ARG_NONE)
			reads |= bit(i + 1);
	return reads;
}

static void effects(const struct vm_verifier *v, const struct bpf_insn *insn, uint16_t *reads, uint16_t *writes)
{
	uint16_t dst = bit(insn->dst_reg), src = bit(insn->src_reg);
	uint8_t op = BPF_OP(insn->code);

	*reads = *writes = 0;
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		*reads = (BPF_SRC(insn->code) == BPF_X && op != BPF_END ? src : 0) | (op == BPF_MOV ? 0 : dst);
		*writes = dst;
		break;
	case BPF_JMP:
	case BPF_JMP32:
		if (op == BPF_CALL) {
			*reads = reads_of_call(v, insn);
			*writes = ALL_ARGUMENTS | bit(BPF_REG_0);
		} else if (op == BPF_EXIT) {
			*reads = bit(BPF_REG_0);
		} else if (op != BPF_JA) {
			*reads = dst | (BPF_SRC(insn->code) == BPF_X ? src : 0);
		}
		break;
	case BPF_LD:
		if (ffpf_vm_is_packet_load(insn)) {
			*reads = bit(BPF_REG_6) | (BPF_MODE(insn->code) == BPF_IND ? src : 0);
			*writes = ALL_ARGUMENTS | bit(BPF_REG_0);
			break;
		}
		*writes = dst;
		break;
	case BPF_LDX:
		*reads = src;
		*writes = dst;
		break;
	case BPF_ST:
		*reads = dst;
		break;
	case BPF_STX: /* what an atomic instruction writes, it may also leave alone */
		*reads = dst | src;
		if (BPF_MODE(insn->code) == BPF_ATOMIC && insn->imm == BPF_CMPXCHG)
			*reads |= bit(BPF_REG_0);
		break;
	}
}

/* Backwards until nothing changes; most programs need two rounds, each round of nested loops one more. */
static void find_live(struct vm_verifier *v)
{
	for (bool changed = true; changed;) {
		changed = false;
		for (size_t i = v->n; i--;) {
			uint16_t reads, writes, after = 0;
			size_t to;

			if (v->places[i].flags & VM_SECOND)
				continue;
			if (goes_on(&v->insns[i]) && next(v, i) < v->n)
				after = v->places[next(v, i)].live;
			if (jump_target(v, i, &to))
				after |= v->places[to].live;
			effects(v, &v->insns[i], &reads, &writes);
			after = (uint16_t)((after & ~writes) | reads);
			changed |= after != v->places[i].live;
			v->places[i].live = after;
			v->work++;
		}
		if (v->work > VM_WORK)
			break;
	}
}

int ffpf_vm_flow(struct vm_verifier *v)
{
	int error = check_encoding(v);

	for (size_t i = 0; i < v->n && !error; i = next(v, i))
		if (ffpf_insn_is_wide(&v->insns[i])) {
			v->places[i + 1].flags |= VM_SECOND;
			error = check_map(v, i);
		}
	if (error)
		return error;
	find_meetings(v);
	find_live(v);
	v->located = false;
	return v->work > VM_WORK ? ffpf_vm_too_big(v, "its jumps are too many to follow") : 0;
}
