/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What makes a class unusable. Classes come from shared objects that others
 * wrote: whatever the rest of the library takes for granted is looked at here
 * once, so that a mistake there is a message and not a crash.
 */
#include <lib/graph/classes.h>
#include <lib/graph/graph.h>
#include <lib/graph/schema_fault.h>
#include <lib/lang/arena.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_PARAMS 64
#define MAX_CHOICES 256

static _Thread_local char sentence[256];

static const char *fault(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *fault(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(sentence, sizeof(sentence), format, ap);
	va_end(ap);
	return sentence;
}

/* Does the default stand for a value of the parameter's type? */
static bool default_fits(const struct ffpf_param *param)
{
	struct ffpf_diags *diags = ffpf_diags_new();
	uint32_t source = ffpf_diags_add_source(diags, "default", param->def, strlen(param->def));
	struct ffpf_ast_value written = {.kind = FFPF_AST_WORD, .text = param->def, .len = strlen(param->def)};
	struct ffpf_value value;

	written.span = (struct ffpf_span){.source = source, .end = (uint32_t)written.len};
	bool fits = ffpf_value_parse(ffpf_diags_arena(diags), diags, param, &written, &value) == 0;
	ffpf_diags_free(diags);
	return fits;
}

/* A list without its NULL is read no further than this. */
static bool ends(const char *const *choices)
{
	for (size_t i = 0; i < MAX_CHOICES; i++)
		if (!choices[i])
			return true;
	return false;
}

static const char *param_fault(const struct ffpf_class *class, size_t i)
{
	const struct ffpf_param *param = &class->params[i];

	if (!param->name || !ffpf_is_class_name(param->name))
		return fault("parameter %zu of '%s' has no name that can be written", i, class->name);
	if (strcmp(param->name, "name") == 0 || strcmp(param->name, "export") == 0)
		return fault("'%s' has a parameter '%s', which every class has already", class->name, param->name);
	if (param->type < FFPF_TYPE_STRING || param->type > FFPF_TYPE_RANGE)
		return fault("parameter '%s' of '%s' has no known type", param->name, class->name);
	if (param->type == FFPF_TYPE_CHOICE && (!param->choices || !param->choices[0]))
		return fault("parameter '%s' of '%s' has no choices", param->name, class->name);
	if (param->type == FFPF_TYPE_CHOICE && !ends(param->choices))
		return fault("the choices of '%s' of '%s' have no end", param->name, class->name);
	if (param->min > param->max)
		return fault("parameter '%s' of '%s' has a range that holds nothing", param->name, class->name);
	for (size_t other = 0; other < i; other++)
		if (strcmp(class->params[other].name, param->name) == 0)
			return fault("'%s' has two parameters '%s'", class->name, param->name);
	for (size_t other = 0; other < i; other++)
		if (class->params[other].flags & param->flags & FFPF_PARAM_MAIN)
			return fault("'%s' has two main parameters", class->name);
	if (param->def && !default_fits(param))
		return fault("the default of '%s' of '%s' is not a value of its type", param->name, class->name);
	return NULL;
}

/* Ops structs whose needed members are missing. */
static const char *ops_fault(const struct ffpf_class *class)
{
	if (class->native &&
	    (!class->native->open || !class->native->close || !class->native->process == !class->native->transform))
		return fault("the native code of '%s' lacks open, close, or one of process and transform", class->name);
	if (class->source &&
	    (!class->source->open || !class->source->read || !class->source->position || !class->source->close))
		return fault("the source code of '%s' lacks open, read, position or close", class->name);
	if (class->role == FFPF_SOURCE && !class->source && !class->probe)
		return fault("'%s' is a source but has neither source nor probe", class->name);
	if (class->role != FFPF_SOURCE && !class->build && !class->native)
		return fault("'%s' has neither a packet program nor native code: nothing could run it", class->name);
	return NULL;
}

const char *ffpf_class_fault(const struct ffpf_class *class)
{
	const char *found = NULL;

	if (!class)
		return fault("the class is missing");
	if (class->abi != FFPF_CLASS_ABI)
		return fault("the class was built for version %u of the class interface, this is version %d",
			     class->abi, FFPF_CLASS_ABI);
	if (!class->name || !ffpf_is_class_name(class->name))
		return fault("the class has no name that can be written");
	if (strcmp(class->name, "use") == 0 || strcmp(class->name, "else") == 0)
		return fault("the class's name '%s' is a reserved word", class->name);
	if (class->role < FFPF_SOURCE || class->role > FFPF_SINK)
		return fault("'%s' has no known role", class->name);
	if (class->n_params > MAX_PARAMS || (class->n_params && !class->params))
		return fault("'%s' announces %zu parameters without a usable table", class->name, class->n_params);
	for (size_t i = 0; !found && i < class->n_params; i++)
		found = param_fault(class, i);
	if (!found)
		found = ffpf_schema_fault(class, &class->keeps);
	return found ? found : ops_fault(class);
}
