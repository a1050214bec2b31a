/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions of the class ebpf of a graph: which there are, which share a state. */
#include <flowspaces/ebpf/use.h>
#include <lib/lang/arena.h>

#include <limits.h>
#include <string.h>

extern const struct ffpf_class ffpf_class_ebpf;

const struct ffpf_object_use *ffpf_object_use(const struct ffpf_function *f)
{
	return f->instance.class == &ffpf_class_ebpf ? f->instance.data : NULL;
}

struct ffpf_ebpf_callee *ffpf_object_callees(const struct ffpf_graph *graph, const struct ffpf_flowspace *level,
					     struct ffpf_arena *arena, size_t *n)
{
	struct ffpf_ebpf_callee *list = ffpf_arena_alloc(arena, graph->n_functions * sizeof(*list) + 1);

	*n = 0;
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_object_use *use = ffpf_object_use(graph->functions[i]);

		if (use && graph->functions[i]->level == level)
			list[(*n)++] = (struct ffpf_ebpf_callee){.function = (unsigned)i, .code = &use->main.code};
	}
	return list;
}

unsigned *ffpf_object_states(const struct ffpf_graph *graph, const struct ffpf_flowspace *level,
			     struct ffpf_arena *arena, unsigned *n)
{
	unsigned *states = ffpf_arena_alloc(arena, graph->n_functions * sizeof(*states) + 1);

	*n = 0;
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_object_use *use = ffpf_object_use(graph->functions[i]);

		states[i] = UINT_MAX;
		if (!use || graph->functions[i]->level != level)
			continue;
		for (size_t k = 0; use->share && k < i && states[i] == UINT_MAX; k++) {
			const struct ffpf_object_use *other = ffpf_object_use(graph->functions[k]);

			if (states[k] != UINT_MAX && other->share && !strcmp(other->share, use->share))
				states[i] = states[k];
		}
		if (states[i] == UINT_MAX)
			states[i] = (*n)++;
	}
	return states;
}

/* Are the variables of a section where they were? Those that have a name. */
static bool same_variables(const struct ffpf_object_map *x, const struct ffpf_object_map *y)
{
	if (x->n_fields != y->n_fields)
		return false;
	for (size_t i = 0; i < x->n_fields; i++)
		if (strcmp(x->fields[i].name, y->fields[i].name) != 0 || x->fields[i].offset != y->fields[i].offset ||
		    x->fields[i].size != y->fields[i].size)
			return false;
	return true;
}

bool ffpf_object_same_map(const struct ffpf_object_map *x, const struct ffpf_object_map *y)
{
	return !strcmp(x->spec.name, y->spec.name) && x->spec.kind == y->spec.kind &&
	       x->spec.key_size == y->spec.key_size && x->spec.value_size == y->spec.value_size &&
	       x->spec.max_entries == y->spec.max_entries && x->spec.flags == y->spec.flags &&
	       x->kernel_flags == y->kernel_flags && x->variables == y->variables &&
	       (!x->variables || same_variables(x, y)) &&
	       /* What programs only read comes with the program. */
	       !(x->variables && x->spec.flags & FFPF_MAP_PROGRAM_READS);
}
