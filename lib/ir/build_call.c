/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One class's packet program inside another's: what the called one keeps is part of what the caller keeps, and its two
 * ends lead back.
 */
#include <lib/ir/builder.h>
#include <lib/lang/arena.h>

void ffpf_builder_enter(struct ffpf_builder *b, const struct ffpf_builder_call *call, struct ffpf_builder_frame *frame)
{
	const struct ffpf_state_map *outer = b->state;
	struct ffpf_state_map *inner = ffpf_arena_alloc(b->p->arena, sizeof(*inner));

	*frame = (struct ffpf_builder_frame){b->quiet, b->state, b->class_in, b->class_out, b->accept, b->reject};
	if (outer && call->field + call->n_fields <= outer->n && call->map + call->n_maps <= outer->n_maps &&
	    call->wanted + call->n_wanted <= outer->n_wanted)
		*inner = (struct ffpf_state_map){.base = outer->base + call->field,
						 .cells = outer->cells + call->field,
						 .shared = outer->shared + call->field,
						 .n = call->n_fields,
						 .first_map = outer->first_map + call->map,
						 .n_maps = call->n_maps,
						 .first_wanted = outer->first_wanted + call->wanted,
						 .n_wanted = call->n_wanted};
	else if (outer || call->n_fields || call->n_maps || call->n_wanted) /* no caller: what keeps nothing */
		ffpf_builder_wrong(b, "a class is called whose state the caller has not announced");
	b->quiet = true;
	b->state = inner;
	b->class_in = call->class_in;
	b->class_out = call->class_out;
	b->accept = call->accept;
	b->reject = call->reject;
}

void ffpf_builder_leave(struct ffpf_builder *b, const struct ffpf_builder_frame *frame)
{
	b->quiet = frame->quiet;
	b->state = frame->state;
	b->class_in = frame->class_in;
	b->class_out = frame->class_out;
	b->accept = frame->accept;
	b->reject = frame->reject;
}

bool ffpf_builder_reached(const struct ffpf_builder *b, ffpf_block block)
{
	return ffpf_builder_is_block(b, block) && (b->n_preds[block] || block == b->p->entry);
}
