/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Another class, called like a function: its program stands here, sees the packet with the class that it came with, and
 * counts in cells of the caller. What it gives is the class with which it lets the packet out, 0 when it does not.
 */
#include <fpl/emit.h>

ffpf_val fpl_emit_call(struct fpl_emitter *e, const struct fpl_expr *x)
{
	const struct fpl_bound_call *called = &e->bound->calls[x->number_of];
	struct ffpf_instance instance = called->instance;
	ffpf_block accept = ffpf_ir_block(e->b), reject = ffpf_ir_block(e->b), done = ffpf_ir_block(e->b);
	ffpf_var out = ffpf_ir_var(e->b), result = ffpf_ir_var(e->b);
	const struct ffpf_builder_call call = {.field = called->field,
					       .n_fields = (unsigned)called->schema->n_fields,
					       .map = called->map,
					       .n_maps = (unsigned)called->schema->n_maps,
					       .wanted = called->wanted,
					       .n_wanted = (unsigned)called->schema->n_wanted,
					       .class_in = ffpf_ir_class(e->b),
					       .class_out = out,
					       .accept = accept,
					       .reject = reject};
	struct ffpf_builder_frame frame;

	/* For whose packets it is built is known now. */
	instance.input = e->instance->input;
	instance.diags = e->instance->diags;
	ffpf_builder_enter(e->b, &call, &frame);
	if (instance.class->build(&instance, e->b) < 0)
		e->failed = true;
	if (ffpf_builder_current(e->b))
		ffpf_ir_reject(e->b);
	ffpf_builder_leave(e->b, &frame);
	ffpf_ir_seal(e->b, accept);
	ffpf_ir_seal(e->b, reject);
	if (ffpf_builder_reached(e->b, accept)) {
		ffpf_ir_switch_to(e->b, accept);
		ffpf_ir_var_set(e->b, result, ffpf_ir_var_get(e->b, out));
		ffpf_ir_jump(e->b, done);
	}
	if (ffpf_builder_reached(e->b, reject)) {
		ffpf_ir_switch_to(e->b, reject);
		ffpf_ir_var_set(e->b, result, ffpf_ir_const(e->b, 0));
		ffpf_ir_jump(e->b, done);
	}
	ffpf_ir_seal(e->b, done);
	ffpf_ir_switch_to(e->b, done);
	return ffpf_ir_var_get(e->b, result);
}
