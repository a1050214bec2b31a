/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Result names: name=… as written, else the class and the function's ordinal
 * among the functions of its class, in source order, named ones counted. A name that two functions
 * would have is refused, because results could not be told apart.
 */
#include <lib/graph/resolve.h>
#include <lib/lang/arena.h>
#include <string.h>

struct ordinal {
	const char *class; /* by name: programs of FPL are classes of their own, all called the same */
	unsigned next;
};

static bool ordinal_of_class(const void *item, const void *key)
{
	return !strcmp(((const struct ordinal *)item)->class, key);
}

static bool function_has_name(const void *item, const void *key)
{
	const struct ffpf_function *function = item;

	return strcmp(function->instance.name, key) == 0;
}

static unsigned next_ordinal(struct ffpf_table *ordinals, const struct ffpf_class *class)
{
	uint64_t hash = ffpf_hash_string(class->name);
	struct ordinal *ordinal = ffpf_table_find(ordinals, hash, ordinal_of_class, class->name);

	if (!ordinal) {
		ordinal = ffpf_arena_alloc(ordinals->arena, sizeof(*ordinal));
		ordinal->class = class->name;
		ffpf_table_add(ordinals, hash, ordinal);
	}
	return ordinal->next++;
}

/* The place of the name, or of the function when it has its default name. */
static struct ffpf_span name_place(const struct ffpf_function *function)
{
	const struct ffpf_term *term = (const struct ffpf_term *)function;

	return term->name_arg ? term->name_arg->value.span : function->instance.span;
}

void ffpf_resolve_names(struct ffpf_resolver *r, struct ffpf_graph *graph)
{
	struct ffpf_table names, ordinals;

	ffpf_table_init(&names, r->arena);
	ffpf_table_init(&ordinals, r->arena);
	for (size_t i = 0; i < graph->n_functions; i++) {
		struct ffpf_function *function = graph->functions[i];
		const struct ffpf_class *class = function->instance.class;
		unsigned ordinal = next_ordinal(&ordinals, class);

		function->named = ((const struct ffpf_term *)function)->name_arg != NULL;
		if (!function->named)
			function->instance.name = ffpf_arena_printf(r->arena, "%s%u", class->name, ordinal);
		uint64_t hash = ffpf_hash_string(function->instance.name);
		const struct ffpf_function *other =
			ffpf_table_find(&names, hash, function_has_name, function->instance.name);
		if (!other) {
			ffpf_table_add(&names, hash, function);
			continue;
		}
		/* A default name can't be changed where it stands: the written one is at fault. */
		bool swap = !((const struct ffpf_term *)function)->name_arg;
		struct ffpf_diag *diag =
			ffpf_diag_error(r->diags, FFPF_D_NAME_TAKEN, name_place(swap ? other : function),
					"there is another function named '%s'", function->instance.name);
		ffpf_diag_label(r->diags, diag, name_place(swap ? function : other), "this one");
	}
}
