/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is what the verifier says of a program true? For one program and some packets:
 *
 * - what it accepts runs on the reference machine without a fault, and to the same end at other addresses, in the
 *   interpreter and as native code;
 * - no run is longer than what was simulated;
 * - it is also accepted without pruning, where every path is walked to its end; so is what is accepted with states kept
 *   wherever paths meet;
 * - each run follows a path that was walked, and at each instruction the registers and the stack have values that the
 *   verifier's state there allows (also of programs without a context that are refused, as far as the walk went).
 *
 * Says what is wrong on stderr with the program, and returns false.
 */
#ifndef VM_SOUNDNESS_H
#define VM_SOUNDNESS_H

#include "vm_world.h"

#include <errno.h>
#include <flowspaces/user/vm/verify.h>

enum { TRACE_MOST = 2048, WALK_MOST = 20000 };

struct traced {
	uint64_t r[11];
	uint64_t stack_top[FFPF_VM_FRAMES];
	uint64_t packet, packet_end;
	uint32_t pc;
	uint8_t depth;
	uint8_t stack[FFPF_VM_STACK], written[FFPF_VM_STACK];
};

struct tracing {
	struct traced *steps;
	size_t n, followed;
	const struct world *world;
	const struct ffpf_vm_program *program;
	char wrong[256];
};

static inline void trace_step(struct reference *m)
{
	struct tracing *t = m->cookie;
	struct world *w = m->env;

	if (t->n == TRACE_MOST)
		return;
	struct traced *at = &t->steps[t->n++];
	memcpy(at->r, m->r, sizeof(at->r));
	for (unsigned i = 0; i <= m->depth; i++)
		at->stack_top[i] = (uintptr_t)m->stacks[i] + FFPF_VM_STACK;
	at->packet = (uintptr_t)w->packet;
	at->packet_end = at->packet + w->length;
	at->pc = (uint32_t)m->pc;
	at->depth = (uint8_t)m->depth;
	memcpy(at->stack, m->stacks[m->depth], FFPF_VM_STACK);
	memcpy(at->written, m->written[m->depth], FFPF_VM_STACK);
}

/* Is the value one that the state's register may have? */
static inline bool value_allowed(const struct tracing *t, const struct traced *at, const struct vm_reg *reg,
				 uint64_t value)
{
	const struct world *w = t->world;
	uint64_t off = (uint64_t)(int64_t)reg->off;

	switch (reg->kind) {
	case VM_NUMBER:
		return ffpf_vm_number_has(&reg->number, value);
	case VM_CONTEXT:
		return value == (uintptr_t)&w->ctx + off;
	case VM_STACK:
		return ffpf_vm_number_has(&reg->number, value - at->stack_top[reg->frame] - off);
	case VM_PACKET:
	case VM_PACKET_META:
		return ffpf_vm_number_has(&reg->number, value - at->packet - off) &&
		       (!reg->range ||
			value - off + reg->range - 1 <= (reg->kind == VM_PACKET ? at->packet_end : at->packet));
	case VM_PACKET_END:
		return value == at->packet_end;
	case VM_VALUE_OR_NULL:
	case VM_VALUE:
		if (!value && reg->kind == VM_VALUE_OR_NULL)
			return true;
		for (uint32_t i = 0; i < w->maps[reg->map].spec.max_entries; i++)
			if (ffpf_vm_number_has(&reg->number, value - off - (uintptr_t)w->maps[reg->map].values -
								     (uint64_t)i * w->maps[reg->map].spec.value_size))
				return true;
		return false;
	case VM_MAP:
		return w->maps[reg->map].spec.kind == FFPF_MAP_PROGRAMS || value == (uintptr_t)&w->maps[reg->map];
	case VM_MEMORY:
		return ffpf_vm_number_has(&reg->number, value - (uintptr_t)w->memory - off);
	default:
		return true;
	}
}

#define TRACE_WRONG(t, ...) snprintf((t)->wrong, sizeof((t)->wrong), __VA_ARGS__)

static inline void check_registers(struct tracing *t, const struct traced *at, const struct vm_state *state)
{
	const struct vm_frame *frame = state->frames[state->depth];

	for (unsigned r = 0; r < 11; r++) {
		const struct vm_reg *reg = &frame->regs[r];

		if (!value_allowed(t, at, reg, at->r[r]))
			TRACE_WRONG(t, "insn %u: r%u is %#lx (packet %#lx, stack %#lx), which is not allowed there",
				    at->pc, r, (unsigned long)at->r[r], (unsigned long)at->packet,
				    (unsigned long)at->stack_top[state->depth]);
		for (unsigned k = 0; k < r && reg->kind == VM_NUMBER && reg->id; k++) {
			const struct vm_reg *other = &frame->regs[k];
			bool half = reg->half || other->half;

			if (other->kind == VM_NUMBER && other->id == reg->id &&
			    (half ? (uint32_t)at->r[r] != (uint32_t)at->r[k] : at->r[r] != at->r[k]))
				TRACE_WRONG(t, "insn %u: r%u and r%u should be equal, and are %#lx and %#lx", at->pc, r,
					    k, (unsigned long)at->r[r], (unsigned long)at->r[k]);
		}
	}
}

static inline void check_stack(struct tracing *t, const struct traced *at, const struct vm_state *state)
{
	const struct vm_frame *frame = state->frames[state->depth];

	for (unsigned i = 0; i < frame->n_slots; i++) {
		const struct vm_slot *slot = &frame->slots[i];
		unsigned begin = FFPF_VM_STACK - VM_SLOT * (i + 1);
		uint64_t value = 0;

		for (unsigned k = 0; k < VM_SLOT; k++)
			if ((slot->set >> k & 1) && !at->written[begin + k])
				TRACE_WRONG(t, "insn %u: byte %d of the stack was never written", at->pc,
					    (int)(begin + k) - FFPF_VM_STACK);
		if (!slot->size)
			continue;
		memcpy(&value, at->stack + begin + slot->at, slot->size);
		if (!value_allowed(t, at, &slot->value, value))
			TRACE_WRONG(t, "insn %u: at r10%d lies %#lx, which is not allowed there", at->pc,
				    (int)begin + slot->at - FFPF_VM_STACK, (unsigned long)value);
	}
}

static inline void watch_state(void *cookie, struct vm_state *state)
{
	struct tracing *t = cookie;
	uint64_t at = state->watch;

	if (at == UINT64_MAX || at >= t->n)
		return;
	if (t->steps[at].pc != state->pc || t->steps[at].depth != state->depth) {
		state->watch = UINT64_MAX;
		return;
	}
	if (!t->wrong[0])
		check_registers(t, &t->steps[at], state);
	if (!t->wrong[0])
		check_stack(t, &t->steps[at], state);
	state->watch = at + 1;
	if (at + 1 > t->followed)
		t->followed = at + 1;
}

/* Two ways out of a jump that lead to one place can't be told apart in a run. */
static inline bool is_ambiguous(const struct ffpf_vm_program *program)
{
	for (size_t i = 0; i < program->n; i++) {
		const struct bpf_insn *insn = &program->insns[i];
		uint8_t class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

		if ((class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL && op != BPF_EXIT && op != BPF_JA &&
		    !insn->off)
			return true;
	}
	return false;
}

/* insns: what runs, the verified program or the program itself. passed: by any sort of pruning. */
static inline bool is_sound_run(const struct ffpf_vm_program *program, const struct bpf_insn *insns, bool accepted,
				bool passed, uint32_t simulated, const uint8_t *packet, size_t length, uint64_t *r0,
				struct world **world, char *wrong, size_t size)
{
	static struct traced steps[TRACE_MOST];
	struct tracing t = {.steps = steps, .program = program};
	struct reference m = {.trace = trace_step, .cookie = &t, .distrust = !accepted};
	struct bpf_insn *out = malloc(program->n * sizeof(*out) + 1);
	struct world *w = world_new(program, packet, length);
	struct vm_options options = {.no_pruning = true, .most = WALK_MOST, .watch = watch_state, .cookie = &t};

	*r0 = world_reference(w, program, insns, &m);
	*world = w;
	t.world = w;
	if (accepted && m.fault[0])
		snprintf(wrong, size, "accepted, but %s", m.fault);
	else if (accepted && m.steps > simulated)
		snprintf(wrong, size, "a run of %zu instructions, of which %u were simulated", m.steps, simulated);
	else if (!is_ambiguous(program)) {
		int error = ffpf_vm_verify_with(program, out, &options, NULL);

		if (t.wrong[0])
			snprintf(wrong, size, "%s", t.wrong);
		else if (passed && error == -EACCES)
			snprintf(wrong, size, "accepted, but refused without pruning");
		else if (!error && t.followed != t.n && t.n < TRACE_MOST)
			snprintf(wrong, size, "the run goes %zu instructions, of which the walk knows %zu", t.n,
				 t.followed);
	}
	free(out);
	return !wrong[0];
}

static inline void print_program(const struct ffpf_vm_program *program)
{
	for (size_t i = 0; i < program->n; i++) {
		fprintf(stderr, "%4zu: ", i);
		if (program->insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) && program->insns[i].src_reg)
			fprintf(stderr, "r%d = %s %d", program->insns[i].dst_reg,
				program->insns[i].src_reg == BPF_PSEUDO_MAP_IDX ? "map" : "value of",
				program->insns[i].imm);
		else
			ffpf_ebpf_print_insn(&program->insns[i], i, i + 1 < program->n, NULL, stderr);
		fputc('\n', stderr);
	}
}

/* All of the above. *accepted says what the verifier said. */
static inline bool is_sound(const struct ffpf_vm_program *program, const uint8_t *const *packets, const size_t *lengths,
			    size_t n_packets, bool *accepted)
{
	struct bpf_insn *verified = malloc(program->n * sizeof(*verified) + 1);
	char *message = NULL, wrong[320] = "";
	uint32_t simulated = 0;
	int error = ffpf_vm_verify_with(program, verified, &(struct vm_options){.simulated = &simulated}, &message);

	/* Pruned wherever it can be: with a mistake in that, it would pass more. */
	struct vm_options often = {.keep_all = true, .most = WALK_MOST};
	struct bpf_insn *dropped = malloc(program->n * sizeof(*dropped) + 1);
	bool passed = !error || (error == -EACCES && !ffpf_vm_verify_with(program, dropped, &often, NULL));
	free(dropped);
	*accepted = !error;
	if (error && (!message || !*message) && error != -ENOMEM)
		snprintf(wrong, sizeof(wrong), "refused without a word");
	/* Refused programs run as far as it goes, if they are well formed and need no rewriting. */
	bool runs = !error || (error == -EACCES && !program->context && !strncmp(message, "insn", 4) &&
			       !strstr(message, "not well formed") && !strstr(message, "there is no"));
	free(message);
	for (size_t i = 0; i < n_packets && !wrong[0] && runs; i++) {
		struct world *worlds[3] = {NULL};
		const char *why = NULL;
		uint64_t r0[3];

		is_sound_run(program, error ? program->insns : verified, !error, passed, simulated, packets[i],
			     lengths[i], &r0[0], &worlds[0], wrong, sizeof(wrong));
		for (int k = 1; k < 3 && !error && !wrong[0]; k++) {
			worlds[k] = world_new(program, packets[i], lengths[i]);
			r0[k] = world_machine(worlds[k], program, verified, k == 2, &why);
			if (why)
				snprintf(wrong, sizeof(wrong), "accepted, but not loaded: %s", why);
			else if (r0[k] != r0[0] || !world_equal(worlds[k], worlds[0]))
				snprintf(wrong, sizeof(wrong), "the %s gives %#lx, the reference machine %#lx",
					 k == 2 ? "native code" : "interpreter", (unsigned long)r0[k],
					 (unsigned long)r0[0]);
		}
		for (int k = 0; k < 3; k++)
			if (worlds[k])
				world_free(worlds[k]);
	}
	free(verified);
	if (!wrong[0])
		return true;
	fprintf(stderr, "%s\n", wrong);
	print_program(program);
	return false;
}

#endif
