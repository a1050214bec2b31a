/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verifier: walks over all paths of a program, without running it, with what is known of each register and of each
 * byte of the stack.
 *
 *     numbers   which bits they have, ranges, unsigned and signed, of 64 bits and of the low half  verify_number.c
 *     pointers  what they point into, the offset's fixed part, its variable part as a number
 *     packet    besides, an id for the variable part, and how many bytes behind it are proven to be there
 *     values    of maps: from which lookup, and whether it may be NULL
 *     the rest  not initialised: never read
 *
 * Why what passes is safe. Each instruction's effect on a state stands for its effect on all machine states that the
 * state describes (numbers: each operation from above). A jump is followed all ways that may be gone. An access is
 * passed only if it is good for all that the state describes. So by induction over a run's instructions, there is at
 * each of them a walked state that describes the run's own, unless the walk of that path was cut off: then an earlier
 * state stands for it, from which the same holds (verify_prune.c). What is walked is finite, and a run passes each
 * walked instruction at most once: where its path was cut off it goes on in what was finished before, and what it came
 * through was not finished then. So a run has no more than VM_INSNS instructions (each tail call begins anew).
 *
 * The verifier itself is bounded: by VM_INSNS simulated instructions, VM_PENDING waiting branches, VM_MEGABYTES of
 * states and VM_WORK of copying and comparing them. Jumps go down first and the taken branch waits, so that the end of
 * a loop's body is known when the next round's branches come.
 */
#include <flowspaces/user/vm/verify.h>

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static int give_reason(struct vm_verifier *v, int error, const char *format, va_list arguments)
{
	if (!v->reason[0])
		vsnprintf(v->reason, sizeof(v->reason), format, arguments);
	return error;
}

int ffpf_vm_refuse(struct vm_verifier *v, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int error = give_reason(v, -EACCES, format, arguments);
	va_end(arguments);
	return error;
}

int ffpf_vm_too_big(struct vm_verifier *v, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int error = give_reason(v, -E2BIG, format, arguments);
	va_end(arguments);
	return error;
}

/* ---- paths ----------------------------------------------------------------------------------- */

struct vm_state *ffpf_vm_push(struct vm_verifier *v, int *error)
{
	struct vm_state *copy;

	if (v->n_pending == VM_PENDING) {
		*error = ffpf_vm_too_big(v, "more than %d branches wait to be followed", VM_PENDING);
		return NULL;
	}
	if (v->n_pending == v->capacity_pending) {
		size_t capacity = v->capacity_pending ? 2 * v->capacity_pending : 64;
		struct vm_state **pending = realloc(v->pending, capacity * sizeof(*pending));

		if (!pending) {
			*error = -ENOMEM;
			return NULL;
		}
		v->pending = pending;
		v->capacity_pending = capacity;
	}
	copy = ffpf_vm_state_copy(v, v->state);
	if (!copy) {
		*error = ffpf_vm_no_memory(v);
		return NULL;
	}
	if (copy->parent)
		copy->parent->open++;
	v->pending[v->n_pending++] = copy;
	return copy;
}

/* Notes a branch for the message. Without memory for it the message tells less. */
void ffpf_vm_took(struct vm_verifier *v, struct vm_state *state, uint32_t insn, bool taken)
{
	state->jumps++;
	if (!v->options.level)
		return;
	if (v->n_steps == v->capacity_steps) {
		size_t capacity = v->capacity_steps ? 2 * v->capacity_steps : 256;
		struct vm_step *steps = realloc(v->steps, capacity * sizeof(*steps));

		if (!steps)
			return;
		v->steps = steps;
		v->capacity_steps = capacity;
		v->n_steps += !v->n_steps; /* 0: the beginning */
	}
	v->steps[v->n_steps] = (struct vm_step){state->path, insn, taken};
	state->path = (uint32_t)v->n_steps++;
}

static int jump(struct vm_verifier *v, const struct bpf_insn *insn)
{
	bool wide = BPF_CLASS(insn->code) == BPF_JMP;

	switch (BPF_OP(insn->code)) {
	case BPF_EXIT:
		return ffpf_vm_exit(v);
	case BPF_CALL:
		v->state->jumps++;
		return insn->src_reg == BPF_PSEUDO_CALL ? ffpf_vm_local_call(v, insn) : ffpf_vm_call(v, insn);
	case BPF_JA:
		v->state->jumps++;
		v->state->pc += (uint32_t)(1 + (wide ? insn->off : insn->imm));
		return 0;
	default:
		return ffpf_vm_branch(v, insn);
	}
}

/* One instruction. 1: the path is at its end. */
static int step(struct vm_verifier *v)
{
	const struct bpf_insn *insn = &v->insns[v->state->pc];
	bool constant = false;
	int error;

	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		error = ffpf_vm_alu(v, insn);
		break;
	case BPF_JMP:
	case BPF_JMP32:
		return jump(v, insn);
	case BPF_LD:
		if (ffpf_vm_is_packet_load(insn)) {
			error = ffpf_vm_packet_load(v, insn);
			break;
		}
		constant = true;
		error = ffpf_vm_load_constant(v, insn);
		break;
	case BPF_LDX:
		error = ffpf_vm_load(v, insn);
		break;
	default:
		error = BPF_CLASS(insn->code) == BPF_STX && BPF_MODE(insn->code) == BPF_ATOMIC ? ffpf_vm_atomic(v, insn)
											       : ffpf_vm_store(v, insn);
		break;
	}
	if (!error)
		v->state->pc += 1 + constant;
	return error;
}

static int check_budget(struct vm_verifier *v)
{
	uint32_t most = v->options.most ? v->options.most : VM_INSNS;

	if (v->simulated++ >= most)
		return ffpf_vm_too_big(v, "its paths have more than %u instructions", most);
	if (v->work > VM_WORK)
		return ffpf_vm_too_big(v, "its states are too many, and too different, to compare");
	return 0;
}

/* Follows v->state to its end. */
static int walk_path(struct vm_verifier *v)
{
	for (;;) {
		int error = ffpf_vm_prune(v);

		if (!error)
			error = check_budget(v);
		if (error)
			return error < 0 ? error : 0;
		v->places[v->state->pc].flags |= VM_VISITED;
		v->state->insns++;
		if (v->options.watch)
			v->options.watch(v->options.cookie, v->state);
		if (v->log)
			ffpf_vm_log_step(v);
		error = step(v);
		if (error)
			return error < 0 ? error : 0;
	}
}

static int walk(struct vm_verifier *v)
{
	for (;;) {
		int error = walk_path(v);

		if (error)
			return error;
		ffpf_vm_path_done(v, v->state->parent);
		if (!v->n_pending)
			return 0;
		ffpf_vm_state_free(v, v->state);
		v->state = v->pending[--v->n_pending];
	}
}

/* ---- begin and end --------------------------------------------------------------------------- */

static int begin(struct vm_verifier *v)
{
	const struct ffpf_vm_program *program = v->program;
	struct vm_frame *frame = ffpf_vm_frame_new(v, 0, 0);
	int error = 0;

	if (!frame)
		return -ENOMEM;
	v->state->frames[0] = frame;
	v->state->pc = 0;
	v->located = true;
	frame->regs[BPF_REG_10] = (struct vm_reg){.kind = VM_STACK, .number = ffpf_vm_number_constant(0)};
	frame->regs[BPF_REG_1] = (struct vm_reg){.kind = program->context ? VM_CONTEXT : VM_MEMORY,
						 .number = ffpf_vm_number_constant(0)};
	if (program->context)
		return 0;
	if (!program->memory)
		error = ffpf_vm_set_number(v, &frame->regs[BPF_REG_1], ffpf_vm_number_constant(0), 0, 0);
	return error ? error
		     : ffpf_vm_set_number(v, &frame->regs[BPF_REG_2], ffpf_vm_number_constant(program->memory), 0, 0);
}

static int check_size(struct vm_verifier *v)
{
	if (!v->n)
		return ffpf_vm_refuse(v, "not well formed: the program is empty");
	if (v->n > VM_INSNS)
		return ffpf_vm_too_big(v, "the program has more than %d instructions", VM_INSNS);
	if (v->program->memory >= VM_OFFSET)
		return ffpf_vm_too_big(v, "the memory has more than %d bytes", VM_OFFSET - 1);
	return 0;
}

/* What the walk never came to is not run; should it be, it ends. */
static void finish(const struct vm_verifier *v, struct bpf_insn *insns)
{
	if (insns != v->insns)
		memcpy(insns, v->insns, v->n * sizeof(*insns));
	for (size_t i = 0; i < v->n; i++) {
		bool second = i && (v->places[i].flags & VM_SECOND);

		if (!(v->places[second ? i - 1 : i].flags & VM_VISITED))
			insns[i] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	}
	ffpf_vm_context_rewrite(v, insns);
}

static void free_all(struct vm_verifier *v)
{
	for (size_t i = 0; v->places && i < v->n; i++) {
		ffpf_vm_visits_free(v, v->places[i].open);
		ffpf_vm_visits_free(v, v->places[i].finished);
	}
	while (v->n_pending)
		ffpf_vm_state_free(v, v->pending[--v->n_pending]);
	ffpf_vm_state_free(v, v->state);
	free(v->pending);
	free(v->places);
	free(v->nodes);
	free(v->marking);
	free(v->steps);
	if (v->log)
		fclose(v->log);
	free(v->logged);
}

static int verify(struct vm_verifier *v)
{
	int error = check_size(v);

	if (error)
		return error;
	v->places = calloc(v->n, sizeof(*v->places));
	if (!v->places)
		return -ENOMEM;
	if (v->options.level > 1)
		v->log = open_memstream(&v->logged, &v->logged_size);
	error = ffpf_vm_flow(v);
	if (error)
		return error;
	error = begin(v);
	return error ? error : walk(v);
}

int ffpf_vm_verify_with(const struct ffpf_vm_program *program, struct bpf_insn *insns, const struct vm_options *options,
			char **message)
{
	unsigned frames = program->frames && program->frames < FFPF_VM_FRAMES ? program->frames : FFPF_VM_FRAMES;
	struct vm_verifier v = {.program = program,
				.insns = program->insns,
				.n = program->n,
				.frames = frames,
				.options = *options,
				.state = calloc(1, sizeof(struct vm_state))};
	int error = v.state ? verify(&v) : -ENOMEM;

	if (message)
		*message = error == -ENOMEM || (!error && !v.log) ? NULL : ffpf_vm_message(&v);
	if (!error)
		finish(&v, insns);
	if (options->simulated)
		*options->simulated = v.simulated;
	free_all(&v);
	return error;
}

int ffpf_vm_verify(const struct ffpf_vm_program *program, struct bpf_insn *insns, unsigned level, char **message)
{
	return ffpf_vm_verify_with(program, insns, &(struct vm_options){.level = level}, message);
}
