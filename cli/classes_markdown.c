/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ffpf classes --markdown: the table of function classes as the page docs/CLASSES.md. A test compares the two, so the
 * page is never older than the table.
 */
#include "cli.h"
#include <ctype.h>
#include <string.h>

/* Text as Markdown shows it, not as it reads it; in a table newlines would end the row. */
static void put_text(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '<')
			fputs("&lt;", out);
		else if (text[i] == '|' || text[i] == '*')
			fprintf(out, "\\%c", text[i]);
		else
			fputc(text[i] == '\n' ? ' ' : text[i], out);
	}
}

static void put(FILE *out, const char *text)
{
	put_text(out, text ? text : "", text ? strlen(text) : 0);
}

/* A class's manual: lines with four blanks before them are code, and stand apart. */
static void put_manual(FILE *out, const char *manual)
{
	bool was_code = false, empty = true; /* an empty line went before */

	for (const char *end; *manual; manual = *end ? end + 1 : end) {
		end = manual + strcspn(manual, "\n");
		size_t len = (size_t)(end - manual);
		bool code = len > 4 && strncmp(manual, "    ", 4) == 0;

		if (len && code != was_code && !empty)
			fputc('\n', out);
		if (code)
			fwrite(manual, 1, len, out);
		else
			put_text(out, manual, len);
		fputc('\n', out);
		was_code = len ? code : was_code;
		empty = !len;
	}
}

static void put_overview(FILE *out)
{
	const struct ffpf_class *class;

	fputs("| class | | runs in | what it does |\n|---|---|---|---|\n", out);
	for (size_t i = 0; (class = ffpf_class_at(i)); i++) {
		const char *level = class_level(class);

		fprintf(out, "| [`%s`](#", class->name);
		for (const char *c = class->name; *c; c++)
			fputc(tolower((unsigned char)*c), out);
		fprintf(out, ") | %s | %s | ", class_roles[class->role], strcmp(level, "any") ? level : "every level");
		put(out, class->help);
		fputs(" |\n", out);
	}
}

static void put_params(FILE *out, const struct ffpf_class *class)
{
	if (!class->n_params)
		return;
	fputs("\n| parameter | type | default | |\n|---|---|---|---|\n", out);
	for (size_t i = 0; i < class->n_params; i++) {
		const struct ffpf_param *param = &class->params[i];
		char type[256], range[128];
		const char *words = class_range_words(param, range, sizeof(range));

		fprintf(out, "| `%s`%s | ", param->name, param->flags & FFPF_PARAM_MAIN ? " (first)" : "");
		put(out, class_type_words(param, type, sizeof(type)));
		fputs(" | ", out);
		put(out, param->flags & FFPF_PARAM_REQUIRED ? "required" : param->def);
		fputs(" | ", out);
		put(out, param->doc);
		fprintf(out, "%s%s%s |\n", *words ? " (" : "", words, *words ? ")" : "");
	}
}

static void put_state(FILE *out, const struct ffpf_class *class)
{
	bool any = false;

	for (size_t i = 0; i < class->n_fields; i++) {
		const struct ffpf_field *field = &class->fields[i];

		if (field->flags & FFPF_FIELD_HIDDEN)
			continue;
		if (!any)
			fputs("\n| state | unit | |\n|---|---|---|\n", out);
		any = true;
		fprintf(out, "| `%s` | %s | ", field->name, unit_name(field->unit));
		put(out, field->doc);
		fprintf(out, "%s |\n", field->flags & FFPF_FIELD_LOG2 ? " (histogram)" : "");
	}
}

static void put_tables(FILE *out, const struct ffpf_class *class)
{
	bool any = false;

	for (size_t i = 0; i < class->n_maps; i++) {
		const struct ffpf_class_map *map = &class->maps[i];

		if (map->hidden)
			continue;
		if (!any)
			fputs("\n| table | key | value | |\n|---|---|---|---|\n", out);
		any = true;
		fprintf(out, "| `%s` | ", map->name);
		for (size_t k = 0; k < map->key.n; k++)
			fprintf(out, "%s%s", k ? ", " : "", map->key.list[k].name);
		fputs(" | ", out);
		for (size_t k = 0; k < map->value.n; k++)
			fprintf(out, "%s%s", k ? ", " : "", map->value.list[k].name);
		fputs(" | ", out);
		put(out, map->doc);
		fprintf(out, " (%s of %u) |\n", ffpf_map_kind_name(map->kind), map->max_entries);
	}
}

static void put_class(FILE *out, const struct ffpf_class *class)
{
	fprintf(out, "\n## %s\n\n", class->name);
	put(out, class->help);
	fputs(".\n", out);
	if (class->manual) {
		fputc('\n', out);
		put_manual(out, class->manual);
	}
	put_params(out, class);
	put_state(out, class);
	put_tables(out, class);
	if (class->example) {
		fputs("\n    ffpf ", out);
		class_example_print(class, out);
		fputc('\n', out);
	}
	fprintf(out, "\nA %s", class_roles[class->role]);
	for (const struct class_bit *bit = class_properties; bit->name; bit++)
		if (class->flags & bit->bit)
			fprintf(out, "; %s", bit->doc);
	for (const struct class_bit *bit = class_needs; bit->name; bit++)
		if (class->needs & bit->bit)
			fprintf(out, "; needs %s", bit->doc);
	fputs(".\n", out);
}

void classes_markdown(FILE *out)
{
	const struct ffpf_class *class;

	fputs("# Function classes\n\n"
	      "What stands in parentheses in a flowgraph, printed by `ffpf classes --markdown` from the table that the "
	      "parser\n"
	      "reads; `ffpf classes NAME` shows one on the terminal. `(first)` marks the parameter that the first "
	      "argument\n"
	      "without a name goes to; `expr=` means the same one. Every function also takes `name=` and `export=`\n"
	      "(see [LANGUAGE.md](LANGUAGE.md)). *Every level* means that the function runs in the lowest flowspace "
	      "that its\n"
	      "packets reach; with `--replay` that is so for savefiles, too.\n\n",
	      out);
	put_overview(out);
	for (size_t i = 0; (class = ffpf_class_at(i)); i++)
		put_class(out, class);
}
