/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * States that were seen before. A path ends where it comes to an instruction in a state that an earlier one, all of
 * whose continuations were found to be safe and to end, stands for.
 *
 * When may the state `old` stand for `now`? If the walk that began at `old` would have gone the same ways from `now`:
 * - Pointers are equal, but may be known better now: more proven bytes of the packet, a smaller variable part.
 * - A register that is not live (verify_flow.c) and a stack slot that the walk from `old` never read don't matter.
 * - A number matters only if the walk's course hung on it. Every number has a node, which names the two that it was
 *   made of. Where the verdict depends on a number (a jump that can go one way only, an offset, a size), its node is
 *   marked, and so is all it was made of. Walking on from `old`, everything that was derived from a number that is not
 *   marked could have been anything else: each jump that it decided was followed both ways, and no access used it. So
 *   `now` may have any number there. A marked one must lie within what is known of it in `old`, and numbers that are
 *   linked in `old` must be linked now.
 * - Slots have a node, too: it is marked when what lies there is read.
 * Marks are complete only when all paths from `old` are finished, so only then it may stand for others; the marks then
 * pass on to the nodes of `now`, for the states on its own path.
 *
 * Endlessness: states on the current path are open. Coming to the same instruction in a state that equals an open one
 * in all that is live means that the path can go round for ever: refused. Otherwise a loop is walked until its
 * condition ends it, or the budget does.
 */
#include <flowspaces/user/vm/verify.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	PAIRS = 64,
	FINISHED = 512, /* states kept at one instruction */
	OPEN = 4096,	/* in a loop of more rounds, the later ones may be walked again and again */
	NEWEST = 8,	/* open ones that are looked at */
	APART_INSNS = 8,
	APART_JUMPS = 2,
};

struct comparison {
	struct vm_verifier *v;
	bool equal; /* must be, in everything */
	unsigned n_pairs;
	struct {
		uint32_t old, now;
		const struct vm_reg *reg; /* that is known by now */
	} pairs[PAIRS];
	uint32_t fresh;
};

static bool equal_constants(const struct vm_reg *a, const struct vm_reg *b)
{
	return a->kind == VM_NUMBER && b->kind == VM_NUMBER && ffpf_vm_number_is_constant(&a->number) &&
	       ffpf_vm_number_is_constant(&b->number) && a->number.bits.value == b->number.bits.value;
}

/* Whoever shares an id in the old state must share one now, or be the same constant. */
static bool same_id(struct comparison *c, const struct vm_reg *old, const struct vm_reg *now)
{
	uint32_t id = now->id ? now->id : UINT32_MAX - c->fresh++; /* nobody else's */

	if (!old->id) /* numbers: not linked to anything then; pointers: to the one thing that needs no id */
		return !now->id || (!c->equal && old->kind == VM_NUMBER);
	if (c->equal && !now->id)
		return false;
	if (old->half != now->half)
		return false;
	for (unsigned i = 0; i < c->n_pairs; i++)
		if (c->pairs[i].old == old->id)
			return c->pairs[i].now == id || equal_constants(c->pairs[i].reg, now);
	if (c->n_pairs == PAIRS)
		return false;
	c->pairs[c->n_pairs].old = old->id;
	c->pairs[c->n_pairs].reg = now;
	c->pairs[c->n_pairs++].now = id;
	return true;
}

static bool number_within(const struct comparison *c, const struct vm_number *old, const struct vm_number *now)
{
	return c->equal ? !memcmp(old, now, sizeof(*old)) : ffpf_vm_number_within(now, old);
}

static bool reg_within(struct comparison *c, const struct vm_reg *old, const struct vm_reg *now)
{
	c->v->work += 2;
	if (old->kind == VM_NOTHING)
		return !c->equal || now->kind == VM_NOTHING;
	if (old->kind != now->kind)
		return false;
	if (old->kind == VM_NUMBER) {
		if (!c->equal && !ffpf_vm_marked(c->v, old->node))
			return true;
		return number_within(c, &old->number, &now->number) && same_id(c, old, now);
	}
	if (old->off != now->off || old->map != now->map || old->frame != now->frame ||
	    !number_within(c, &old->number, &now->number))
		return false;
	if (c->equal ? old->range != now->range : old->range > now->range)
		return false;
	return same_id(c, old, now);
}

static bool holds_pointer(const struct vm_frame *frame, unsigned i)
{
	const struct vm_slot *slot = i < frame->n_slots ? &frame->slots[i] : NULL;

	if (!slot)
		return false;
	if (slot->upper)
		slot++;
	return slot->size && slot->value.kind != VM_NUMBER;
}

static bool slot_within(struct comparison *c, const struct vm_frame *old_frame, const struct vm_frame *now_frame,
			unsigned i)
{
	static const struct vm_slot empty;
	const struct vm_slot *old = &old_frame->slots[i];
	const struct vm_slot *now = i < now_frame->n_slots ? &now_frame->slots[i] : &empty;

	c->v->work++;
	if (!c->equal && !ffpf_vm_marked(c->v, old->written))
		return true;
	if (c->equal ? old->set != now->set : (old->set & ~now->set) != 0)
		return false;
	if (!old->set)
		return true;
	if (old->upper && now->upper)
		return true; /* the lower slots decide */
	if (old->size && old->size == now->size && old->at == now->at)
		return reg_within(c, &old->value, &now->value);
	if (c->equal && (old->size || now->size || old->upper || now->upper))
		return false;
	if (holds_pointer(now_frame, i) || holds_pointer(old_frame, i))
		return false;
	/* Plain bytes now, or values of other sizes: good if nothing need be known of them. */
	const struct vm_slot *value = old->upper ? old + 1 : old;
	struct vm_number any = ffpf_vm_number_bytes(value->size ? value->size : 8, false);
	return !value->size || !ffpf_vm_marked(c->v, value->value.node) ||
	       (!value->value.id && ffpf_vm_number_within(&any, &value->value.number));
}

static uint16_t live_in_frame(const struct vm_verifier *v, const struct vm_state *state, unsigned frame)
{
	if (frame == state->depth)
		return v->places[state->pc].live;
	/* The callers': what they read after the call, if the call does not write it. */
	return v->places[state->frames[frame + 1]->call + 1].live & 0x3c0;
}

static bool frame_within(struct comparison *c, const struct vm_state *old, const struct vm_state *now, unsigned frame)
{
	const struct vm_frame *o = old->frames[frame], *n = now->frames[frame];
	uint16_t live = live_in_frame(c->v, now, frame);

	if (o->call != n->call || o->subprogram != n->subprogram)
		return false;
	for (unsigned r = 0; r < BPF_REG_10; r++)
		if ((live >> r & 1) && !reg_within(c, &o->regs[r], &n->regs[r]))
			return false;
	for (unsigned i = 0; i < o->n_slots; i++)
		if (!slot_within(c, o, n, i))
			return false;
	for (unsigned i = o->n_slots; c->equal && i < n->n_slots; i++)
		if (n->slots[i].set)
			return false;
	return true;
}

static bool stands_for(struct vm_verifier *v, const struct vm_visit *visit, const struct vm_state *now)
{
	struct comparison c = {.v = v, .equal = visit->open};
	const struct vm_state *old = &visit->state;

	v->work += 8;
	if (old->depth != now->depth)
		return false;
	for (unsigned i = now->depth + 1; i--;)
		if (!frame_within(&c, old, now, i))
			return false;
	return true;
}

/* What mattered to the walk from `old` matters to the way to `now`. */
static int pass_marks(struct vm_verifier *v, const struct vm_state *old, const struct vm_state *now)
{
	int error = 0;

	for (unsigned f = 0; f <= now->depth; f++) {
		const struct vm_frame *o = old->frames[f], *n = now->frames[f];
		uint16_t live = live_in_frame(v, now, f);

		for (unsigned r = 0; r < BPF_REG_10 && !error; r++)
			if ((live >> r & 1) && o->regs[r].kind == VM_NUMBER && ffpf_vm_marked(v, o->regs[r].node))
				error = ffpf_vm_mark(v, n->regs[r].node);
		for (unsigned i = 0; i < o->n_slots && i < n->n_slots && !error; i++) {
			const struct vm_slot *from = &o->slots[i], *to = &n->slots[i];

			if (!from->written || !ffpf_vm_marked(v, from->written))
				continue;
			error = ffpf_vm_mark(v, to->written);
			if (!error && from->size && from->value.kind == VM_NUMBER &&
			    ffpf_vm_marked(v, from->value.node) && to->size)
				error = ffpf_vm_mark(v, to->value.node);
		}
	}
	return error;
}

/* Paths end in the reverse order of their beginnings: a visit that is finished was the newest open one at its place, so
 * the search for it is short. */
void ffpf_vm_path_done(struct vm_verifier *v, struct vm_visit *parent)
{
	while (parent && !--parent->open) {
		struct vm_place *place = &v->places[parent->state.pc];
		struct vm_visit **at = &place->open;

		while (*at != parent)
			at = &(*at)->next;
		*at = parent->next;
		parent->next = place->finished;
		place->finished = parent;
		place->n_open--;
		place->n_finished++;
		parent = parent->state.parent;
	}
}

static void free_visit(struct vm_verifier *v, struct vm_visit *visit)
{
	ffpf_vm_state_clear(v, &visit->state);
	v->memory -= sizeof(*visit);
	free(visit);
}

void ffpf_vm_visits_free(struct vm_verifier *v, struct vm_visit *first)
{
	for (struct vm_visit *next; first; first = next) {
		next = first->next;
		free_visit(v, first);
	}
}

/* Makes room for another: the finished one that was of least use goes. */
static bool make_room(struct vm_verifier *v, struct vm_place *place)
{
	struct vm_visit **worst = NULL, *visit;

	if (place->n_open >= OPEN)
		return false;
	if (place->n_finished < FINISHED)
		return true;
	v->work += FINISHED;
	for (struct vm_visit **at = &place->finished; *at; at = &(*at)->next)
		if (!worst || (*at)->hits < (*worst)->hits ||
		    ((*at)->hits == (*worst)->hits && (*at)->misses > (*worst)->misses))
			worst = at;
	visit = *worst;
	*worst = visit->next;
	place->n_finished--;
	free_visit(v, visit);
	return true;
}

static int keep(struct vm_verifier *v, struct vm_place *place)
{
	struct vm_state *now = v->state;
	struct vm_visit *visit = calloc(1, sizeof(*visit));

	if (!visit)
		return -ENOMEM;
	visit->state = *now;
	if (!ffpf_vm_copy_frames(v, &visit->state, now)) {
		free(visit);
		return ffpf_vm_no_memory(v);
	}
	v->memory += sizeof(*visit);
	visit->open = 1;
	visit->next = place->open;
	place->open = visit;
	place->n_open++;
	now->parent = visit;
	now->insns = now->jumps = 0;
	return 0;
}

int ffpf_vm_prune(struct vm_verifier *v)
{
	struct vm_state *now = v->state;
	struct vm_place *place = &v->places[now->pc];

	const struct vm_visit *open = place->open;

	if (!(place->flags & VM_PRUNE) || v->options.no_pruning)
		return 0;
	for (unsigned i = 0; open && i < NEWEST; i++, open = open->next)
		if (stands_for(v, open, now))
			return ffpf_vm_refuse(v, "this loop may never end: the program comes here again with nothing "
						 "changed");
	for (struct vm_visit *visit = place->finished; visit; visit = visit->next) {
		if (!stands_for(v, visit, now)) {
			visit->misses++;
			continue;
		}
		visit->hits++;
		int error = pass_marks(v, &visit->state, now);
		return error ? error : 1;
	}
	if (((now->insns >= APART_INSNS && now->jumps >= APART_JUMPS) || v->options.keep_all) && make_room(v, place))
		return keep(v, place);
	return 0;
}
