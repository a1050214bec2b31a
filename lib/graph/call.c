/* SPDX-License-Identifier: BSD-2-Clause */
/* An instance of a class inside another's: its arguments are texts, typed by its parameters as a graph's are. */
#include <lib/graph/classes.h>
#include <lib/graph/graph.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <string.h>

static int set_value(const struct ffpf_instance *out, const struct ffpf_param *param, const char *text,
		     struct ffpf_span span, struct ffpf_value *value)
{
	/* Every place in it is the call's: the text may have been made. */
	const size_t len = strlen(text);
	struct ffpf_ast_value *written = ffpf_arena_alloc(out->arena, sizeof(*written));
	uint32_t *offsets = ffpf_arena_alloc(out->arena, (len + 1) * sizeof(*offsets));

	for (size_t i = 0; i <= len; i++)
		offsets[i] = span.start;
	*written = (struct ffpf_ast_value){.kind = FFPF_AST_STRING,
					   .text = text,
					   .len = len,
					   .span = span,
					   .offsets = offsets,
					   .inner = span.start};
	return ffpf_value_parse(out->arena, out->diags, param, written, value);
}

int ffpf_instance_call(const struct ffpf_instance *caller, const struct ffpf_class *class, const char *const *args,
		       size_t n, struct ffpf_span span, struct ffpf_instance *out)
{
	size_t main = ffpf_class_main_param(class), errors = caller->diags ? ffpf_diags_errors(caller->diags) : 0;
	struct ffpf_value *values = ffpf_arena_alloc(caller->arena, (class->n_params + 1) * sizeof(*values));

	*out = *caller;
	out->class = class;
	out->values = values;
	out->span = span;
	out->data = NULL;
	if (main == class->n_params)
		main = 0;
	for (size_t i = 0; i < class->n_params; i++) {
		const struct ffpf_param *param = &class->params[i];
		bool given = i >= main && i - main < n;
		const char *text = given ? args[i - main] : param->def;

		values[i].span = span;
		if (!text && param->flags & FFPF_PARAM_REQUIRED) {
			ffpf_diag_error(caller->diags, FFPF_D_PARAM_MISSING, span, "'%s' needs '%s'", class->name,
					param->name);
			continue;
		}
		if (text && set_value(out, param, text, span, &values[i]) == 0)
			values[i].given = given;
	}
	if (ffpf_diags_errors(caller->diags) > errors)
		return -EINVAL;
	return class->check && class->check(out) < 0 ? -EINVAL : 0;
}
