/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packet programs of classes that users bring. Built-in classes are tested; what comes from a
 * shared object may leave a path open, read bytes that it has not checked for, or use state that it has not announced.
 * Each such function is built between two ends of its own and verified before it is fused with others, so that the
 * place of the mistake is known.
 */
#include <lib/graph/classes.h>
#include <lib/graph/fuse.h>
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <errno.h>

static bool is_foreign(const struct ffpf_class *class)
{
	for (size_t i = 0; ffpf_builtin_classes[i]; i++)
		if (ffpf_builtin_classes[i] == class)
			return false;
	return class->build != NULL;
}

/* What is wrong with the program (in the arena), or NULL. */
static const char *program_fault(const struct ffpf_graph *graph, const struct ffpf_layout *layout,
				 struct ffpf_arena *arena, const struct ffpf_function *f, unsigned source)
{
	const struct ffpf_level *level = ffpf_layout_level(layout, f->level);
	const struct ffpf_state_map state = ffpf_layout_state(f);
	struct ffpf_instance instance = f->instance;
	struct ffpf_program *p = ffpf_program_new(arena);
	struct ffpf_builder *b = ffpf_builder_new(p);
	ffpf_block accept = ffpf_ir_block(b), reject = ffpf_ir_block(b);
	ffpf_var out = ffpf_ir_var(b);
	size_t errors = ffpf_diags_errors(graph->diags);

	p->maps = level->ir_maps;
	p->n_maps = level->n_maps;
	instance.input = &graph->source_info[source];
	instance.diags = graph->diags;
	ffpf_builder_begin(b, f->id + 1, &state, ffpf_ir_meta(b, FFPF_META_QUEUE), out, accept, reject);
	if (f->instance.class->build(&instance, b) < 0)
		return ffpf_diags_errors(graph->diags) > errors ? NULL : "its class fails to build one";
	if (ffpf_builder_fault(b))
		return ffpf_builder_fault(b);
	if (ffpf_builder_current(b))
		return "a path is not ended";
	ffpf_ir_seal(b, accept);
	ffpf_ir_switch_to(b, accept);
	ffpf_ir_cross(b, 0, ffpf_ir_var_get(b, out));
	ffpf_ir_end(b);
	ffpf_ir_seal(b, reject);
	ffpf_ir_switch_to(b, reject);
	ffpf_ir_end(b);
	/* A sealed block may still have been left open. */
	if (ffpf_builder_fault(b))
		return ffpf_builder_fault(b);
	ffpf_builder_finish(b);
	return ffpf_ir_verify(p);
}

int ffpf_check_foreign(const struct ffpf_graph *graph, const struct ffpf_layout *layout)
{
	size_t errors = ffpf_diags_errors(graph->diags);

	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *f = graph->functions[i];
		struct ffpf_arena *arena;
		const char *why = NULL;

		if (!is_foreign(f->instance.class))
			continue;
		arena = ffpf_arena_new();
		for (size_t k = 0; !why && k < f->n_sources; k++)
			why = program_fault(graph, layout, arena, f, f->sources[k]);
		if (why)
			ffpf_diag_error(graph->diags, FFPF_D_CLASS_PROGRAM, f->instance.span,
					"the packet program of the class '%s' is wrong: %s", f->instance.class->name,
					why);
		ffpf_arena_free(arena);
	}
	return ffpf_diags_errors(graph->diags) > errors ? -EINVAL : 0;
}
