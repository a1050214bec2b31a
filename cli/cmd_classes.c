/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ffpf classes: the table of function classes as a list, as the manual of one, and as JSON for the GUI:
 *     {"classes":[{"name","role","help","manual","example","flowspace","level","properties":[…],"needs":[…],
 *       "parameters":[{"name","type","required","main","default","min","max","choices","doc"}…],
 *       "state":[{"name","unit","cells","histogram","derived","doc"}…]}…]}
 */
#include "cli.h"
#include <jansson.h>
#include <string.h>

static json_t *bits_list(const struct class_bit *table, unsigned bits)
{
	json_t *list = json_array();

	for (; table->name; table++)
		if (bits & table->bit)
			json_array_append_new(list, json_string(table->name));
	return list;
}

static json_t *param_object(const struct ffpf_param *param)
{
	json_t *object = json_pack("{s:s, s:s, s:b, s:b}", "name", param->name, "type", class_type(param), "required",
				   !!(param->flags & FFPF_PARAM_REQUIRED), "main", !!(param->flags & FFPF_PARAM_MAIN));
	json_t *choices;

	if (param->def)
		json_object_set_new(object, "default", json_string(param->def));
	if (param->min || param->max) {
		json_object_set_new(object, "min", json_integer(param->min));
		json_object_set_new(object, "max", json_integer(param->max));
	}
	if (param->choices) {
		choices = json_array();
		for (const char *const *choice = param->choices; *choice; choice++)
			json_array_append_new(choices, json_string(*choice));
		json_object_set_new(object, "choices", choices);
	}
	json_object_set_new(object, "doc", json_string(param->doc ? param->doc : ""));
	return object;
}

static json_t *names_of(const struct ffpf_members *members)
{
	json_t *list = json_array();

	for (size_t i = 0; i < members->n; i++)
		json_array_append_new(list, json_string(members->list[i].name));
	return list;
}

static json_t *table_object(const struct ffpf_class_map *map)
{
	return json_pack("{s:s, s:s, s:I, s:o, s:o, s:s}", "name", map->name, "kind", ffpf_map_kind_name(map->kind),
			 "entries", (json_int_t)map->max_entries, "key", names_of(&map->key), "value",
			 names_of(&map->value), "doc", map->doc ? map->doc : "");
}

static json_t *class_object(const struct ffpf_class *class)
{
	json_t *parameters = json_array(), *state = json_array(), *tables = json_array(), *object;

	for (size_t i = 0; i < class->n_params; i++)
		json_array_append_new(parameters, param_object(&class->params[i]));
	for (size_t i = 0; i < class->n_fields; i++) {
		const struct ffpf_field *field = &class->fields[i];

		if (field->flags & FFPF_FIELD_HIDDEN)
			continue;
		json_array_append_new(state, json_pack("{s:s, s:s, s:i, s:b, s:b, s:s}", "name", field->name, "unit",
						       unit_name(field->unit), "cells", (int)field->cells, "histogram",
						       !!(field->flags & (FFPF_FIELD_LOG2 | FFPF_FIELD_LINEAR)),
						       "derived", !!(field->flags & FFPF_FIELD_DERIVED), "doc",
						       field->doc ? field->doc : ""));
	}
	object = json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:s*}", "name", class->name, "role", class_roles[class->role],
			   "help", class->help ? class->help : "", "manual", class->manual, "example", class->example,
			   "flowspace", class->flowspace);
	json_object_set_new(object, "level", json_string(class_level(class)));
	json_object_set_new(object, "properties", bits_list(class_properties, class->flags));
	json_object_set_new(object, "needs", bits_list(class_needs, class->needs));
	json_object_set_new(object, "parameters", parameters);
	json_object_set_new(object, "state", state);
	for (size_t i = 0; i < class->n_maps; i++)
		if (!class->maps[i].hidden)
			json_array_append_new(tables, table_object(&class->maps[i]));
	if (json_array_size(tables))
		json_object_set(object, "tables", tables);
	json_decref(tables);
	return object;
}

static int print_json(const struct ffpf_class *only)
{
	json_t *list = json_array(), *root;
	const struct ffpf_class *class;
	int error;

	for (size_t i = 0; (class = ffpf_class_at(i)); i++)
		if (!only || class == only)
			json_array_append_new(list, class_object(class));
	root = json_pack("{s:o}", "classes", list);
	error = root ? json_dumpf(root, stdout, JSON_INDENT(2)) : -1;
	putchar('\n');
	json_decref(root);
	return error ? EXIT_FAILED : EXIT_DONE;
}

static void print_role(enum ffpf_role role, bool colour)
{
	static const enum align alignment[] = {ALIGN_LEFT, ALIGN_LEFT};
	const char *headings[] = {class_role_titles[role], ""};
	struct table *table = table_new(2, headings, alignment);
	const struct ffpf_class *class;

	if (!table) {
		complain("out of memory");
		return;
	}
	for (size_t i = 0; (class = ffpf_class_at(i)); i++) {
		if (class->role != role)
			continue;
		table_cell(table, NULL, "  %s", class->name);
		table_cell(table, NULL, "%s", class->help ? class->help : "");
	}
	table_print(table, stdout, colour);
	table_free(table);
}

static void print_params(const struct ffpf_class *class, bool colour)
{
	static const char *const headings[] = {"Parameters", "type", "default", ""};
	static const enum align alignment[] = {ALIGN_LEFT, ALIGN_LEFT, ALIGN_LEFT, ALIGN_LEFT};
	struct table *table = class->n_params ? table_new(4, headings, alignment) : NULL;

	for (size_t i = 0; table && i < class->n_params; i++) {
		const struct ffpf_param *param = &class->params[i];
		char type[256], range[128];

		table_cell(table, NULL, "  %s%s", param->name, param->flags & FFPF_PARAM_MAIN ? " (first)" : "");
		table_cell(table, NULL, "%s", class_type_words(param, type, sizeof(type)));
		table_cell(table, NULL, "%s",
			   param->flags & FFPF_PARAM_REQUIRED ? "required"
			   : param->def			      ? param->def
							      : "");
		if (*class_range_words(param, range, sizeof(range)))
			table_cell(table, NULL, "%s (%s)", param->doc ? param->doc : "", range);
		else
			table_cell(table, NULL, "%s", param->doc ? param->doc : "");
	}
	if (table) {
		putchar('\n');
		table_print(table, stdout, colour);
	}
	table_free(table);
}

static void print_state(const struct ffpf_class *class, bool colour)
{
	static const char *const headings[] = {"State", "unit", ""};
	static const enum align alignment[] = {ALIGN_LEFT, ALIGN_LEFT, ALIGN_LEFT};
	struct table *table = table_new(3, headings, alignment);
	bool any = false;

	for (size_t i = 0; table && i < class->n_fields; i++) {
		const struct ffpf_field *field = &class->fields[i];

		if (field->flags & FFPF_FIELD_HIDDEN)
			continue;
		any = true;
		table_cell(table, NULL, "  %s", field->name);
		table_cell(table, NULL, "%s", unit_name(field->unit));
		table_cell(table, NULL, "%s%s", field->doc ? field->doc : "",
			   field->flags & (FFPF_FIELD_LOG2 | FFPF_FIELD_LINEAR) ? " (histogram)" : "");
	}
	if (table && any) {
		putchar('\n');
		table_print(table, stdout, colour);
	}
	table_free(table);
}

static void print_names(const struct ffpf_members *members)
{
	for (size_t i = 0; i < members->n; i++)
		printf("%s%s", i ? ", " : "", *members->list[i].name ? members->list[i].name : "key");
}

static void print_tables(const struct ffpf_class *class, bool colour)
{
	bool any = false;

	for (size_t i = 0; i < class->n_maps; i++) {
		const struct ffpf_class_map *map = &class->maps[i];

		if (map->hidden)
			continue;
		if (!any)
			printf("\n%sTables%s\n", colour ? "\033[1m" : "", colour ? "\033[0m" : "");
		any = true;
		printf("  %s[", map->name);
		print_names(&map->key);
		printf("]: {");
		print_names(&map->value);
		printf("}  %s of %u%s%s\n", ffpf_map_kind_name(map->kind), map->max_entries, map->doc ? ": " : "",
		       map->doc ? map->doc : "");
	}
}

static void print_class(const struct ffpf_class *class, bool colour)
{
	printf("%s%s%s: %s\n", colour ? "\033[1m" : "", class->name, colour ? "\033[0m" : "",
	       class->help ? class->help : "");
	if (class->manual)
		printf("\n%s\n", class->manual);
	print_params(class, colour);
	print_state(class, colour);
	print_tables(class, colour);
	if (class->example) {
		printf("\nExample\n  ffpf ");
		class_example_print(class, stdout);
		putchar('\n');
	}
	putchar('\n');
	printf("A %s", class_roles[class->role]);
	if (class->flowspace)
		printf(", in flowspace %s only", class->flowspace);
	for (const struct class_bit *bit = class_properties; bit->name; bit++)
		if (class->flags & bit->bit)
			printf("; %s", bit->doc);
	for (const struct class_bit *bit = class_needs; bit->name; bit++)
		if (class->needs & bit->bit)
			printf("; needs %s", bit->doc);
	puts(".");
}

static const char *class_name(const void *arg, size_t i)
{
	const struct ffpf_class *class = ffpf_class_at(i);

	return class ? class->name : NULL;
}

static int find(const char *name, const struct ffpf_class **out)
{
	const char *nearest;

	*out = ffpf_class_find(name);
	if (*out)
		return EXIT_DONE;
	nearest = ffpf_diag_nearest(name, class_name, NULL);
	if (nearest)
		complain("no function class '%s'; did you mean '%s'?", name, nearest);
	else
		complain("no function class '%s'; ffpf classes lists them", name);
	return EXIT_REQUEST;
}

int cmd_classes(struct cli *cli)
{
	bool colour = colour_wanted(cli, stdout);
	const struct ffpf_class *only = NULL;
	struct ffpf *h = NULL;
	int status = request_create(cli, &h);

	if (!status && cli->n_words)
		status = find(cli->words[0], &only);
	if (!status && cli->json) {
		status = print_json(only);
	} else if (!status && cli->markdown) {
		classes_markdown(stdout);
	} else if (!status && only) {
		print_class(only, colour);
	} else if (!status) {
		print_role(FFPF_SOURCE, colour);
		putchar('\n');
		print_role(FFPF_FUNCTION, colour);
		putchar('\n');
		print_role(FFPF_SINK, colour);
	}
	ffpf_close(h);
	return status;
}
