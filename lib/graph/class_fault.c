/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What makes a class unusable. Classes come from shared objects that others
 * wrote: whatever the rest of the library takes for granted is looked at here
 * once, so that a mistake there is a message and not a crash.
 */
#include <lib/graph/classes.h>
#include <lib/graph/graph.h>
#include <lib/lang/arena.h>
#include <ctype.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define MAX_PARAMS 64
#define MAX_FIELDS 64
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

/* Names that can be written in a graph, and printed in any result format. */
static bool is_name(const char *name)
{
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

	return len && len < 64 && !name[len] && !isdigit((unsigned char)name[0]) && name[0] != '-';
}

/* Fields of a state that is made of several are called after it: "rate.pps". */
static bool is_field_name(const char *name)
{
	char part[64];
	size_t len = strlen(name);

	if (len >= sizeof(part))
		return false;
	for (const char *at = name, *end; at; at = end ? end + 1 : NULL) {
		end = strchr(at, '.');
		snprintf(part, sizeof(part), "%.*s", (int)(end ? end - at : (ptrdiff_t)strlen(at)), at);
		if (!is_name(part))
			return false;
	}
	return true;
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

	if (!param->name || !is_name(param->name))
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

static bool has_width(const struct ffpf_class *class, const struct ffpf_field *field)
{
	for (size_t i = 0; field->width_param && i < class->n_params; i++)
		if (!strcmp(class->params[i].name, field->width_param))
			return class->params[i].min > 0 &&
			       (class->params[i].type == FFPF_TYPE_SIZE || class->params[i].type == FFPF_TYPE_COUNT);
	return !field->width_param && field->width;
}

static const char *field_fault(const struct ffpf_class *class, size_t i)
{
	const struct ffpf_field *field = &class->fields[i];

	if (!field->name || !is_field_name(field->name))
		return fault("field %zu of '%s' has no name that can be printed", i, class->name);
	if (!field->cells && !(field->flags & FFPF_FIELD_DERIVED))
		return fault("field '%s' of '%s' has no cells", field->name, class->name);
	if (field->cells > FFPF_FIELD_CELLS_MAX)
		return fault("field '%s' of '%s' has %u cells, more than %u", field->name, class->name, field->cells,
			     FFPF_FIELD_CELLS_MAX);
	if (field->merge < FFPF_MERGE_SUM || field->merge > FFPF_MERGE_SHARED || field->unit < FFPF_UNIT_NONE ||
	    field->unit > FFPF_UNIT_CLASS)
		return fault("field '%s' of '%s' has no known merge or unit", field->name, class->name);
	if (field->flags & (FFPF_FIELD_PACKETS_IN | FFPF_FIELD_BYTES_IN) && field->cells != 1)
		return fault("field '%s' of '%s' is one number, and announces %u cells", field->name, class->name,
			     field->cells);
	if (field->flags & FFPF_FIELD_LINEAR && !has_width(class, field))
		return fault("field '%s' of '%s' has buckets without a width", field->name, class->name);
	for (size_t other = 0; other < i; other++)
		if (strcmp(class->fields[other].name, field->name) == 0)
			return fault("'%s' has two fields '%s'", class->name, field->name);
	if (field->flags & FFPF_FIELD_DERIVED && !class->derive)
		return fault("field '%s' of '%s' is derived, but the class has no derive function", field->name,
			     class->name);
	return NULL;
}

static size_t total_cells(const struct ffpf_class *class)
{
	size_t n = 0;

	for (size_t i = 0; i < class->n_fields; i++)
		n += class->fields[i].cells ? class->fields[i].cells : 1;
	return n;
}

/* Ops structs whose needed members are missing. */
static const char *ops_fault(const struct ffpf_class *class)
{
	if (class->native && (!class->native->open || !class->native->process || !class->native->close))
		return fault("the native code of '%s' lacks open, process or close", class->name);
	if (class->source &&
	    (!class->source->open || !class->source->read || !class->source->position || !class->source->close))
		return fault("the source code of '%s' lacks open, read, position or close", class->name);
	if (class->exhausted && total_cells(class) > FFPF_LIMIT_CELLS)
		return fault("'%s' can tell that it is exhausted, and has more than %d cells", class->name,
			     FFPF_LIMIT_CELLS);
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
	if (!class->name || !is_name(class->name))
		return fault("the class has no name that can be written");
	if (strcmp(class->name, "use") == 0 || strcmp(class->name, "else") == 0)
		return fault("the class's name '%s' is a reserved word", class->name);
	if (class->role < FFPF_SOURCE || class->role > FFPF_SINK)
		return fault("'%s' has no known role", class->name);
	if (class->n_params > MAX_PARAMS || (class->n_params && !class->params))
		return fault("'%s' announces %zu parameters without a usable table", class->name, class->n_params);
	if (class->n_fields > MAX_FIELDS || (class->n_fields && !class->fields))
		return fault("'%s' announces %zu fields without a usable table", class->name, class->n_fields);
	for (size_t i = 0; !found && i < class->n_params; i++)
		found = param_fault(class, i);
	for (size_t i = 0; !found && i < class->n_fields; i++)
		found = field_fault(class, i);
	return found ? found : ops_fault(class);
}
