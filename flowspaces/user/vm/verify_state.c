/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * States of the walk: copying and freeing them, and the nodes that say which value was made of which (verify_prune.c).
 * All memory is counted; a program that needs more than VM_MEGABYTES of it is refused.
 */
#include <flowspaces/user/vm/verify.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MARKED 0x80000000u

static bool take(struct vm_verifier *v, size_t bytes)
{
	if (v->memory + bytes > (size_t)VM_MEGABYTES << 20) {
		ffpf_vm_too_big(v, "following its paths takes more than %u MB", VM_MEGABYTES);
		return false;
	}
	v->memory += bytes;
	v->work += bytes / 16 + 1;
	return true;
}

int ffpf_vm_no_memory(const struct vm_verifier *v)
{
	return v->reason[0] ? -E2BIG : -ENOMEM;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

uint32_t ffpf_vm_node(struct vm_verifier *v, uint32_t a, uint32_t b)
{
	if (v->n_nodes == v->capacity_nodes) {
		size_t more = v->capacity_nodes ? v->capacity_nodes : 1024;
		struct vm_node *nodes;

		if (!take(v, more * sizeof(*nodes)))
			return 0;
		nodes = realloc(v->nodes, (v->capacity_nodes + more) * sizeof(*nodes));
		if (!nodes)
			return 0;
		v->nodes = nodes;
		v->capacity_nodes += more;
		v->n_nodes += !v->n_nodes; /* 0 is none */
	}
	v->nodes[v->n_nodes] = (struct vm_node){a, b};
	return (uint32_t)v->n_nodes++;
}

bool ffpf_vm_marked(const struct vm_verifier *v, uint32_t node)
{
	return !node || (v->nodes[node].a & MARKED);
}

/* Puts a node that is not marked on the list, which has room for it. */
static size_t list(struct vm_verifier *v, uint32_t node, size_t n)
{
	if (ffpf_vm_marked(v, node))
		return n;
	v->nodes[node].a |= MARKED;
	v->marking[n] = node;
	return n + 1;
}

int ffpf_vm_mark(struct vm_verifier *v, uint32_t node)
{
	size_t n = 0;

	if (ffpf_vm_marked(v, node))
		return 0;
	if (v->capacity_marking < v->n_nodes) {
		size_t capacity = v->capacity_nodes;
		uint32_t *marking = NULL;

		if (take(v, (capacity - v->capacity_marking) * sizeof(*marking)))
			marking = realloc(v->marking, capacity * sizeof(*marking));
		if (!marking)
			return ffpf_vm_no_memory(v);
		v->marking = marking;
		v->capacity_marking = capacity;
	}
	n = list(v, node, n);
	while (n) {
		struct vm_node at = v->nodes[v->marking[--n]];

		n = list(v, at.a & ~MARKED, n);
		n = list(v, at.b, n);
	}
	return 0;
}

/* ---- frames and states ----------------------------------------------------------------------- */

static size_t frame_bytes(unsigned capacity)
{
	return sizeof(struct vm_frame) + capacity * sizeof(struct vm_slot);
}

struct vm_frame *ffpf_vm_frame_new(struct vm_verifier *v, uint32_t call, uint32_t subprogram)
{
	struct vm_frame *frame = take(v, frame_bytes(0)) ? calloc(1, frame_bytes(0)) : NULL;

	if (!frame)
		return NULL;
	frame->call = call;
	frame->subprogram = subprogram;
	return frame;
}

static void free_frame(struct vm_verifier *v, struct vm_frame *frame)
{
	if (!frame)
		return;
	v->memory -= frame_bytes(frame->capacity);
	free(frame->slots);
	free(frame);
}

static struct vm_frame *copy_frame(struct vm_verifier *v, const struct vm_frame *frame)
{
	size_t slots = frame->n_slots * sizeof(*frame->slots);
	struct vm_frame *copy = take(v, frame_bytes(frame->n_slots)) ? malloc(sizeof(*copy)) : NULL;

	if (!copy)
		return NULL;
	*copy = *frame;
	copy->capacity = frame->n_slots;
	copy->slots = slots ? malloc(slots) : NULL;
	if (slots && !copy->slots) {
		free_frame(v, copy);
		return NULL;
	}
	if (slots)
		memcpy(copy->slots, frame->slots, slots);
	return copy;
}

struct vm_frame *ffpf_vm_frame_grow(struct vm_verifier *v, unsigned index, unsigned n_slots)
{
	struct vm_frame *frame = v->state->frames[index];

	if (n_slots <= frame->n_slots)
		return frame;
	if (n_slots > frame->capacity) {
		unsigned capacity = n_slots + 8 < VM_SLOTS ? n_slots + 8 : VM_SLOTS;
		size_t more = frame_bytes(capacity) - frame_bytes(frame->capacity);

		if (!take(v, more))
			return NULL;
		struct vm_slot *slots = realloc(frame->slots, capacity * sizeof(*slots));
		if (!slots) {
			v->memory -= more;
			return NULL;
		}
		frame->slots = slots;
		frame->capacity = capacity;
	}
	memset(&frame->slots[frame->n_slots], 0, (n_slots - frame->n_slots) * sizeof(*frame->slots));
	frame->n_slots = n_slots;
	return frame;
}

void ffpf_vm_pop_frame(struct vm_verifier *v)
{
	struct vm_state *state = v->state;

	free_frame(v, state->frames[state->depth]);
	state->frames[state->depth--] = NULL;
}

void ffpf_vm_state_clear(struct vm_verifier *v, struct vm_state *state)
{
	for (unsigned i = 0; i < FFPF_VM_FRAMES; i++)
		free_frame(v, state->frames[i]);
	memset(state->frames, 0, sizeof(state->frames));
}

void ffpf_vm_state_free(struct vm_verifier *v, struct vm_state *state)
{
	if (!state)
		return;
	ffpf_vm_state_clear(v, state);
	free(state);
}

/* The frames of `from`, copied. */
bool ffpf_vm_copy_frames(struct vm_verifier *v, struct vm_state *to, const struct vm_state *from)
{
	memset(to->frames, 0, sizeof(to->frames));
	for (unsigned i = 0; i <= from->depth; i++) {
		to->frames[i] = copy_frame(v, from->frames[i]);
		if (!to->frames[i]) {
			ffpf_vm_state_clear(v, to);
			return false;
		}
	}
	return true;
}

struct vm_state *ffpf_vm_state_copy(struct vm_verifier *v, const struct vm_state *state)
{
	struct vm_state *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *state;
	if (ffpf_vm_copy_frames(v, copy, state))
		return copy;
	free(copy);
	return NULL;
}

void ffpf_vm_each(struct vm_verifier *v, struct vm_state *state, void (*change)(struct vm_reg *reg, void *cookie),
		  void *cookie)
{
	for (unsigned i = 0; i <= state->depth; i++) {
		struct vm_frame *frame = state->frames[i];

		for (unsigned r = 0; r < BPF_REG_10; r++)
			change(&frame->regs[r], cookie);
		for (unsigned s = 0; s < frame->n_slots; s++)
			if (frame->slots[s].size)
				change(&frame->slots[s].value, cookie);
		v->work += 1 + frame->n_slots / 8;
	}
}

/* ---- registers of the path that is walked ---------------------------------------------------- */

struct vm_reg *ffpf_vm_reg(struct vm_verifier *v, unsigned reg)
{
	return &v->state->frames[v->state->depth]->regs[reg];
}

int ffpf_vm_readable(struct vm_verifier *v, unsigned number)
{
	const struct vm_reg *reg = ffpf_vm_reg(v, number);

	if (reg->kind != VM_NOTHING)
		return 0;
	if (reg->stale)
		return ffpf_vm_refuse(v,
				      "r%u was a packet pointer, and a helper has changed the packet since: load it "
				      "from the context again",
				      number);
	if (number == BPF_REG_0)
		return ffpf_vm_refuse(v, "r0 is read, but was never set");
	return ffpf_vm_refuse(v, "r%u is read, but was never set, or a call has destroyed it", number);
}

int ffpf_vm_set_number(struct vm_verifier *v, struct vm_reg *reg, struct vm_number number, uint32_t a, uint32_t b)
{
	*reg = (struct vm_reg){.kind = VM_NUMBER, .number = number, .node = ffpf_vm_node(v, a, b)};
	return reg->node ? 0 : ffpf_vm_no_memory(v);
}
