/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a graph's functions write to: standard output is for one of them, or for the results, and so is each file for
 * one.
 */
#include <lib/graph/resolve.h>
#include <lib/graph/table.h>
#include <lib/lang/arena.h>

#include <string.h>
#include <sys/stat.h>

static bool is_stdout(const char *name)
{
	static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

bool ffpf_writes_stdout(const struct ffpf_function *function, bool *dash)
{
	const struct ffpf_class *class = function->instance.class;
	bool has_file = false, found = false;

	for (size_t i = 0; class->flags & FFPF_CLASS_STDOUT && i < class->n_params; i++) {
		const struct ffpf_value *value = &function->instance.values[i];

		if (class->params[i].type != FFPF_TYPE_FILE)
			continue;
		/* One that is missing or was refused: what was meant is not known. */
		has_file |= value->set || value->given || class->params[i].flags & FFPF_PARAM_REQUIRED;
		found |= value->set && is_stdout(value->s);
	}
	if (dash)
		*dash = found;
	return found || (class->flags & FFPF_CLASS_STDOUT && !has_file);
}

static void report_taken(struct ffpf_graph *graph, const struct ffpf_function *function)
{
	struct ffpf_diag *diag = ffpf_diag_error(
		graph->diags, FFPF_D_STDOUT_TWICE, function->instance.span,
		"'%s' writes to standard output, which the results have for themselves", function->instance.name);

	ffpf_diag_hint(graph->diags, diag, "give '%s' the name of a file", function->instance.class->name);
}

/* Lines of several functions may mix; a stream that is written to "-" has standard output for itself, and so have
 * results. */
static void check_stdout(struct ffpf_graph *graph)
{
	const struct ffpf_function *first = NULL;
	bool first_dash = false, dash;

	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *function = graph->functions[i];

		if (!ffpf_writes_stdout(function, &dash))
			continue;
		if (graph->stdout_taken) {
			report_taken(graph, function);
			continue;
		}
		if (first && (dash || first_dash)) {
			struct ffpf_diag *diag =
				ffpf_diag_error(graph->diags, FFPF_D_STDOUT_TWICE, function->instance.span,
						"two functions write to standard output");
			ffpf_diag_label(graph->diags, diag, first->instance.span, "the other one");
			return;
		}
		first = function;
		first_dash = dash;
	}
}

/* The name of a file that the function writes; NULL: none, or standard output. */
static const struct ffpf_value *file_of(const struct ffpf_function *function)
{
	const struct ffpf_class *class = function->instance.class;

	for (size_t i = 0; class->flags & FFPF_CLASS_STDOUT && i < class->n_params; i++) {
		const struct ffpf_value *value = &function->instance.values[i];

		if (class->params[i].type == FFPF_TYPE_FILE && value->set && !is_stdout(value->s))
			return value;
	}
	return NULL;
}

/* /dev/null takes what everybody writes. */
static bool is_device_file(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 && S_ISCHR(st.st_mode);
}

static bool same_file(const void *item, const void *key)
{
	return !strcmp(((const struct ffpf_value *)item)->s, key);
}

/* Two that write to one file would destroy each other's data. Other names of it are found out when they are opened. */
static void check_files(struct ffpf_graph *graph)
{
	struct ffpf_table names;

	ffpf_table_init(&names, graph->arena);
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_value *value = file_of(graph->functions[i]), *other;

		if (!value)
			continue;
		other = ffpf_table_find(&names, ffpf_hash_string(value->s), same_file, value->s);
		if (!other) {
			ffpf_table_add(&names, ffpf_hash_string(value->s), (void *)value);
		} else if (!is_device_file(value->s)) {
			struct ffpf_diag *diag = ffpf_diag_error(graph->diags, FFPF_D_FILE_TWICE, value->span,
								 "two functions write to '%s'", value->s);
			ffpf_diag_label(graph->diags, diag, other->span, "the other one");
		}
	}
}

void ffpf_check_outputs(struct ffpf_graph *graph)
{
	check_stdout(graph);
	check_files(graph);
}
