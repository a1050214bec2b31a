/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls: helpers by their signatures, tail calls, local calls, and their end; and legacy packet loads, which are calls in
 * that they may end their function.
 *
 * A helper writes the whole room that it is given, whatever it returns, and keeps no pointer. A local call is walked as
 * if its instructions stood in the caller's place, with a stack of its own; r6 to r9 are the caller's again after it. A
 * tail call that succeeds ends the function that makes it, as if it had returned a number.
 */
#include <flowspaces/user/vm/verify.h>

#include <errno.h>

struct arguments {
	const struct ffpf_vm_helper_info *helper;
	int map;    /* index of the MAP argument, -1: none yet */
	bool rooms; /* now the rooms, in the end: what is filled here need not have been there before */
};

static int bad_argument(struct vm_verifier *v, const struct arguments *a, unsigned reg, const char *must)
{
	return ffpf_vm_refuse(v, "r%u of %s must be %s", reg, a->helper->name, must);
}

/* Reads, or fills, `least` to `most` bytes that reg points to. */
static int check_memory(struct vm_verifier *v, const struct arguments *a, unsigned number, uint64_t least,
			uint64_t most, bool room)
{
	struct vm_reg reg = *ffpf_vm_reg(v, number);

	if (reg.kind == VM_CONTEXT || reg.kind == VM_NUMBER)
		return bad_argument(v, a, number, "a pointer to memory");
	if (reg.kind == VM_STACK)
		return room ? ffpf_vm_stack_fill(v, number, &reg, 0, least, most)
			    : ffpf_vm_stack_read(v, number, &reg, 0, most);
	if (reg.kind == VM_PACKET && a->helper->changes_packet)
		return ffpf_vm_refuse(v, "%s changes the packet, so r%u may not point into it", a->helper->name,
				      number);
	return ffpf_vm_accessible(v, number, &reg, 0, most, room);
}

static int check_map(struct vm_verifier *v, struct arguments *a, unsigned number, bool programs)
{
	const struct vm_reg *reg = ffpf_vm_reg(v, number);

	if (reg->kind != VM_MAP)
		return bad_argument(v, a, number, "a map");
	const struct ffpf_map_spec *spec = v->program->maps[reg->map].spec;
	unsigned kinds = a->helper->maps ? a->helper->maps : ~(1u << FFPF_MAP_PROGRAMS);
	if (programs ? spec->kind != FFPF_MAP_PROGRAMS : !(kinds >> spec->kind & 1))
		return ffpf_vm_refuse(v, "%s can't be used with the map %s, by its kind", a->helper->name, spec->name);
	if (a->helper->writes_map && (spec->flags & FFPF_MAP_PROGRAM_READS))
		return ffpf_vm_refuse(v, "programs only read %s", spec->name);
	a->map = reg->map;
	return 0;
}

/* The argument with the size follows the one with the memory. */
static int check_sized(struct vm_verifier *v, const struct arguments *a, unsigned number)
{
	enum ffpf_vm_arg kind = a->helper->args[number - 1], size_kind = number < 5 ? a->helper->args[number] : 0;
	const struct vm_reg *size = number < 5 ? ffpf_vm_reg(v, number + 1) : NULL;
	const struct vm_reg *reg = ffpf_vm_reg(v, number);

	if (size_kind != FFPF_VM_ARG_SIZE && size_kind != FFPF_VM_ARG_SIZE_OR_ZERO)
		return ffpf_vm_refuse(v, "%s is declared without the size of r%u", a->helper->name, number);
	int error = ffpf_vm_readable(v, number + 1);
	if (error)
		return error;
	if (size->kind != VM_NUMBER)
		return bad_argument(v, a, number + 1, "a number, the size of what the register before points to");
	error = ffpf_vm_mark(v, size->node);
	if (error)
		return error;
	const struct vm_bounds *bytes = &size->number.wide;
	if (bytes->smin < 0)
		return ffpf_vm_refuse(v, "r%u, the size, may be negative", number + 1);
	if (!bytes->umin && size_kind == FFPF_VM_ARG_SIZE)
		return ffpf_vm_refuse(v, "r%u, the size, may be 0", number + 1);
	if (bytes->umax >= VM_OFFSET)
		return ffpf_vm_refuse(v, "r%u, the size, has no upper bound", number + 1);
	if (kind == FFPF_VM_ARG_MEMORY_OR_NULL && reg->kind == VM_NUMBER && ffpf_vm_number_is_constant(&reg->number) &&
	    !reg->number.bits.value) {
		error = ffpf_vm_mark(v, reg->node);
		if (!error && bytes->umax)
			error = ffpf_vm_refuse(v, "r%u is NULL, but the size in r%u may be more than 0", number,
					       number + 1);
		return error;
	}
	return check_memory(v, a, number, bytes->umin, bytes->umax, kind == FFPF_VM_ARG_ROOM);
}

static int check_context(struct vm_verifier *v, const struct arguments *a, unsigned number)
{
	const struct vm_reg *reg = ffpf_vm_reg(v, number);

	if (reg->kind != VM_CONTEXT || reg->off)
		return bad_argument(v, a, number, "the context, as it was in r1 at the beginning");
	return 0;
}

static int check_argument(struct vm_verifier *v, struct arguments *a, unsigned number)
{
	enum ffpf_vm_arg kind = a->helper->args[number - 1];
	const struct ffpf_map_spec *spec = a->map < 0 ? NULL : v->program->maps[a->map].spec;
	int error = kind == FFPF_VM_ARG_NONE ? 0 : ffpf_vm_readable(v, number);

	if (error || a->rooms != (kind == FFPF_VM_ARG_ROOM))
		return error;
	switch (kind) {
	case FFPF_VM_ARG_NONE:
	case FFPF_VM_ARG_ANY:
		return 0;
	case FFPF_VM_ARG_SIZE:
	case FFPF_VM_ARG_SIZE_OR_ZERO:
	case FFPF_VM_ARG_SCALAR:
		return ffpf_vm_reg(v, number)->kind == VM_NUMBER ? 0 : bad_argument(v, a, number, "a number");
	case FFPF_VM_ARG_CONTEXT:
		return check_context(v, a, number);
	case FFPF_VM_ARG_MAP:
	case FFPF_VM_ARG_PROGRAMS:
		return check_map(v, a, number, kind == FFPF_VM_ARG_PROGRAMS);
	case FFPF_VM_ARG_KEY:
	case FFPF_VM_ARG_VALUE:
		if (!spec)
			return ffpf_vm_refuse(v, "%s is declared without a map before r%u", a->helper->name, number);
		uint32_t size = kind == FFPF_VM_ARG_KEY ? spec->key_size : spec->value_size;
		return check_memory(v, a, number, size, size, false);
	case FFPF_VM_ARG_MEMORY:
	case FFPF_VM_ARG_MEMORY_OR_NULL:
	case FFPF_VM_ARG_ROOM:
		return check_sized(v, a, number);
	}
	return ffpf_vm_refuse(v, "%s is declared with an argument of an unknown kind", a->helper->name);
}

static void forget_packet(struct vm_reg *reg, void *cookie)
{
	(void)cookie;
	if (reg->kind == VM_PACKET || reg->kind == VM_PACKET_END || reg->kind == VM_PACKET_META)
		*reg = (struct vm_reg){.kind = VM_NOTHING, .stale = true};
}

/* Packet pointers in registers and on the stack are void; where they lay on the stack there is nothing now. */
static void void_packet(struct vm_verifier *v)
{
	struct vm_state *state = v->state;

	ffpf_vm_each(v, state, forget_packet, NULL);
	for (unsigned f = 0; f <= state->depth; f++)
		for (unsigned i = 0; i < state->frames[f]->n_slots; i++) {
			struct vm_slot *slot = &state->frames[f]->slots[i];

			if (!slot->size || slot->value.kind != VM_NOTHING)
				continue;
			slot->size = slot->set = slot[-1].set = 0;
			slot[-1].upper = false;
		}
}

static void clobber(struct vm_verifier *v, unsigned from, unsigned to)
{
	for (unsigned r = from; r <= to; r++)
		*ffpf_vm_reg(v, r) = (struct vm_reg){.kind = VM_NOTHING};
}

/* What a local function gives back to its caller. */
static int back_to_caller(struct vm_verifier *v)
{
	struct vm_reg result = *ffpf_vm_reg(v, BPF_REG_0);

	if (result.kind == VM_STACK && result.frame == v->state->depth)
		return ffpf_vm_refuse(v, "a function returns a pointer into its own stack");
	v->state->pc = v->state->frames[v->state->depth]->call + 1;
	ffpf_vm_pop_frame(v);
	clobber(v, BPF_REG_1, BPF_REG_5);
	*ffpf_vm_reg(v, BPF_REG_0) = result;
	return 0;
}

/* The function may end here, with r0 as its result; in the main program that is the end. */
static int may_end(struct vm_verifier *v, struct vm_number r0, bool changes_packet)
{
	struct vm_state *state = v->state, *later;
	int error = 0;

	if (!state->depth)
		return 0;
	later = ffpf_vm_push(v, &error);
	if (error)
		return error;
	v->state = later;
	error = ffpf_vm_set_number(v, ffpf_vm_reg(v, BPF_REG_0), r0, 0, 0);
	if (changes_packet)
		void_packet(v);
	if (!error)
		error = back_to_caller(v);
	v->state = state;
	return error;
}

int ffpf_vm_call(struct vm_verifier *v, const struct bpf_insn *insn)
{
	struct arguments a = {.helper = ffpf_vm_helper_of(v, insn->imm), .map = -1};
	struct vm_reg *r0;
	int error = 0;

	if (a.helper->writes_packet && !v->program->writes_packet)
		return ffpf_vm_refuse(v, "%s writes to the packet, and the program may not", a.helper->name);
	for (unsigned i = 0; i < 10 && !error; i++) {
		a.rooms = i >= 5;
		error = check_argument(v, &a, 1 + i % 5);
	}
	if (!error && a.helper->result == FFPF_VM_RESULT_VALUE_OR_NULL && a.map < 0)
		error = ffpf_vm_refuse(v, "%s is declared with a result of no map", a.helper->name);
	if (error)
		return error;
	if (!a.helper->function) /* a tail call: what the other program does to the packet is not known */
		error = may_end(v, ffpf_vm_number_any(), true);
	if (a.helper->changes_packet)
		void_packet(v);
	clobber(v, BPF_REG_1, BPF_REG_5);
	v->state->pc++;
	/* Not before: what the helper writes may have made a copy of the frame. */
	r0 = ffpf_vm_reg(v, BPF_REG_0);
	/* A tail call that fails leaves r0 as it was: a pointer would become known as a number. */
	if (!error && !a.helper->function && r0->kind != VM_NUMBER) {
		clobber(v, BPF_REG_0, BPF_REG_0);
		return 0;
	}
	if (error || a.helper->result == FFPF_VM_RESULT_SCALAR)
		return error ? error : ffpf_vm_set_number(v, r0, ffpf_vm_number_any(), 0, 0);
	*r0 = (struct vm_reg){
		.kind = VM_VALUE_OR_NULL, .map = (uint16_t)a.map, .id = ++v->ids, .number = ffpf_vm_number_constant(0)};
	return 0;
}

/* Bytes that are not there end the function that the load stands in, with 0. */
int ffpf_vm_packet_load(struct vm_verifier *v, const struct bpf_insn *insn)
{
	const struct vm_reg *context = ffpf_vm_reg(v, BPF_REG_6);
	unsigned size = ffpf_vm_size_of(insn);

	if (v->program->context != &ffpf_vm_sk_buff)
		return ffpf_vm_refuse(v, "legacy packet loads are for programs with a struct __sk_buff");
	if (context->kind != VM_CONTEXT || context->off)
		return ffpf_vm_refuse(v, "a legacy packet load wants the context in r6");
	if (BPF_MODE(insn->code) == BPF_IND && ffpf_vm_reg(v, insn->src_reg)->kind != VM_NUMBER)
		return ffpf_vm_refuse(v, "the offset of a packet load, r%u, is no number", insn->src_reg);
	int error = may_end(v, ffpf_vm_number_constant(0), false);
	clobber(v, BPF_REG_1, BPF_REG_5);
	if (error)
		return error;
	return ffpf_vm_set_number(v, ffpf_vm_reg(v, BPF_REG_0), ffpf_vm_number_bytes(size, false), 0, 0);
}

int ffpf_vm_local_call(struct vm_verifier *v, const struct bpf_insn *insn)
{
	struct vm_state *state = v->state;
	uint32_t target = (uint32_t)(state->pc + 1 + (size_t)(int64_t)insn->imm);

	if (state->depth + 1 >= v->frames)
		return ffpf_vm_refuse(v, "calls nest deeper than %u", v->frames);
	struct vm_frame *frame = ffpf_vm_frame_new(v, state->pc, target);
	if (!frame)
		return ffpf_vm_no_memory(v);
	for (unsigned r = BPF_REG_1; r <= BPF_REG_5; r++)
		frame->regs[r] = *ffpf_vm_reg(v, r);
	state->frames[++state->depth] = frame;
	frame->regs[BPF_REG_10] =
		(struct vm_reg){.kind = VM_STACK, .frame = (uint8_t)state->depth, .number = ffpf_vm_number_constant(0)};
	/* The caller's are void from now on; so they need not be equal when states are compared. */
	for (unsigned r = BPF_REG_0; r <= BPF_REG_5; r++)
		state->frames[state->depth - 1]->regs[r] = (struct vm_reg){.kind = VM_NOTHING};
	state->pc = target;
	return 0;
}

int ffpf_vm_exit(struct vm_verifier *v)
{
	if (v->state->depth)
		return back_to_caller(v);
	int error = ffpf_vm_readable(v, BPF_REG_0);
	if (error)
		return error;
	if (ffpf_vm_reg(v, BPF_REG_0)->kind != VM_NUMBER)
		return ffpf_vm_refuse(v, "r0 is a pointer to %s at the end, and the result must be a number",
				      ffpf_vm_kind_name(ffpf_vm_reg(v, BPF_REG_0)->kind));
	return 1;
}
