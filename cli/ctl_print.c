/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers of a run as tables. They are data from outside: what is not there is left empty.
 */
#include "cli.h"
#include "control.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *word(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

char *ctl_cell_text(const json_t *value)
{
	char *text = NULL;
	size_t size = 0, i;
	json_t *item;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (json_is_string(value)) {
		fputs(json_string_value(value), out);
	} else if (json_is_integer(value)) {
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	} else if (json_is_real(value)) {
		fprintf(out, "%.15g", json_real_value(value));
	} else if (json_is_boolean(value)) {
		fputs(json_is_true(value) ? "true" : "false", out);
	} else if (json_is_object(value)) { /* a bucket of a histogram */
		char *from = ctl_cell_text(json_object_get(value, "from")),
		     *to = ctl_cell_text(json_object_get(value, "to"));
		char *count = ctl_cell_text(json_object_get(value, "count"));

		fprintf(out, "%s..%s:%s", from ? from : "", to ? to : "", count ? count : "");
		free(from);
		free(to);
		free(count);
	} else {
		json_array_foreach(value, i, item)
		{
			char *one = ctl_cell_text(item);

			fprintf(out, "%s%s", i ? " " : "", one ? one : "");
			free(one);
		}
	}
	fclose(out);
	return text;
}

static void add_cell(struct table *table, const json_t *value)
{
	char *text = ctl_cell_text(value);

	table_cell(table, NULL, "%s", text ? text : "");
	free(text);
}

/* `times` says which members are times, and of which kind. */
static void add_member(struct table *table, const json_t *times, const char *name, const json_t *value)
{
	const char *kind = word(times, name);
	char text[UNIT_SIZE];

	if (!json_is_integer(value) || !*kind)
		add_cell(table, value);
	else if (!strcmp(kind, "moment"))
		table_cell(table, NULL, "%s", human_moment(text, (uint64_t)json_integer_value(value)));
	else
		table_cell(table, NULL, "%s", human_time(text, (double)json_integer_value(value) / 1e9));
}

/* ---- list */

static void print_taps(const json_t *taps, bool colour)
{
	static const char *const headings[] = {"tap",	  "edge", "where", "sink", "in",
					       "written", "lost", "left",  "error"};
	static const char *const figures[] = {"in", "written", "lost", "left"};
	static const enum align alignment[] = {ALIGN_LEFT,  ALIGN_LEFT,	 ALIGN_LEFT,  ALIGN_LEFT, ALIGN_RIGHT,
					       ALIGN_RIGHT, ALIGN_RIGHT, ALIGN_RIGHT, ALIGN_LEFT};
	struct table *table = json_array_size(taps) ? table_new(9, headings, alignment) : NULL;
	json_t *tap;
	size_t i;

	if (!table)
		return;
	json_array_foreach(taps, i, tap)
	{
		table_cell(table, NULL, "%s%s", word(tap, "name"),
			   json_is_true(json_object_get(tap, "ended")) ? ", ended" : "");
		table_cell(table, NULL, "%s", word(tap, "edge"));
		table_cell(table, NULL, "%s", word(tap, "flowspace"));
		table_cell(table, NULL, "%s", word(tap, "sink"));
		for (size_t k = 0; k < sizeof(figures) / sizeof(figures[0]); k++)
			add_cell(table, json_object_get(tap, figures[k]));
		table_cell(table, NULL, "%s", word(tap, "error"));
	}
	putchar('\n');
	table_print(table, stdout, colour);
	table_free(table);
}

void ctl_print_list(const json_t *answer, bool colour)
{
	static const char *const headings[] = {"function", "class", "where", "map", "kind", "key", "value", "entries"};
	static const enum align alignment[] = {ALIGN_LEFT, ALIGN_LEFT,	ALIGN_LEFT,  ALIGN_LEFT,
					       ALIGN_LEFT, ALIGN_RIGHT, ALIGN_RIGHT, ALIGN_RIGHT};
	struct table *table = table_new(8, headings, alignment);
	json_t *f;
	size_t i;

	if (!table)
		return;
	json_array_foreach(json_object_get(answer, "functions"), i, f)
	{
		json_t *maps = json_object_get(f, "maps");
		size_t n = json_array_size(maps);

		for (size_t k = 0; !k || k < n; k++) {
			json_t *map = json_array_get(maps, k);

			table_cell(table, NULL, "%s", k ? "" : word(f, "name"));
			table_cell(table, NULL, "%s", k ? "" : word(f, "class"));
			table_cell(table, NULL, "%s", k ? "" : word(f, "flowspace"));
			table_cell(table, NULL, "%s", word(map, "name"));
			table_cell(table, NULL, "%s", word(map, "kind"));
			add_cell(table, json_object_get(map, "key_size"));
			add_cell(table, json_object_get(map, "value_size"));
			add_cell(table, json_object_get(map, "max_entries"));
		}
	}
	table_print(table, stdout, colour);
	table_free(table);
	print_taps(json_object_get(answer, "taps"), colour);
}

/* ---- read */

void ctl_print_state(const char *function, const json_t *answer, bool colour)
{
	const json_t *state = json_object_get(answer, "state"), *times = json_object_get(answer, "times");
	static const char *const headings[] = {"state", "value"};
	static const enum align alignment[] = {ALIGN_LEFT, ALIGN_LEFT};
	struct table *table = json_object_size(state) ? table_new(2, headings, alignment) : NULL;
	const char *name;
	json_t *value;

	if (!table)
		return;
	json_object_foreach((json_t *)state, name, value)
	{
		table_cell(table, NULL, "%s.%s", function, name);
		if (json_is_null(value)) /* a minimum that nothing has reached */
			table_cell(table, NULL, "-");
		else
			add_member(table, times, name, value);
	}
	table_print(table, stdout, colour);
	table_free(table);
}

/* Columns of a map: of the key, of the CPU, of the value. */
struct columns {
	const char **headings;
	enum align *alignment;
	size_t n;
	bool each; /* a row for each processor's value */
};

static void add_columns(struct columns *c, const char *what, json_t *value)
{
	const char *name;
	json_t *member;

	if (!json_is_object(value)) {
		c->alignment[c->n] = json_is_number(value) ? ALIGN_RIGHT : ALIGN_LEFT;
		c->headings[c->n++] = what;
		return;
	}
	json_object_foreach(value, name, member)
	{
		c->alignment[c->n] = json_is_number(member) ? ALIGN_RIGHT : ALIGN_LEFT;
		c->headings[c->n++] = name;
	}
}

/* The value that stands for an entry: alone, added up, or else the first of several. */
static json_t *sample(const json_t *entry)
{
	json_t *value = json_object_get(entry, "value");

	return value ? value : json_array_get(json_object_get(entry, "values"), 0);
}

/* As the first entry has them. */
static bool make_columns(const json_t *first, struct columns *c)
{
	json_t *key = json_object_get(first, "key"), *value = sample(first);
	size_t most = json_object_size(key) + json_object_size(value) + 3;

	*c = (struct columns){calloc(most, sizeof(char *)), calloc(most, sizeof(enum align)), 0, false};
	if (!c->headings || !c->alignment)
		return false;
	c->each = !json_object_get(first, "value");
	add_columns(c, "key", key);
	if (c->each) {
		c->alignment[c->n] = ALIGN_RIGHT;
		c->headings[c->n++] = "cpu";
	}
	add_columns(c, "value", value);
	return true;
}

/* `like` has the members whose cells are filled. */
static void add_cells(struct table *table, const json_t *like, const json_t *times, const json_t *value)
{
	const char *name;
	json_t *ignored;

	if (!json_is_object(like)) {
		add_cell(table, value);
		return;
	}
	json_object_foreach((json_t *)like, name, ignored)
	{
		add_member(table, times, name, json_object_get(value, name));
	}
}

static void add_rows(struct table *table, const struct columns *c, const json_t *first, const json_t *times,
		     const json_t *entry)
{
	json_t *values = json_object_get(entry, "values");
	size_t n = c->each ? json_array_size(values) : 1;

	for (size_t cpu = 0; cpu < n; cpu++) {
		add_cells(table, json_object_get(first, "key"), NULL, json_object_get(entry, "key"));
		if (c->each)
			table_cell(table, NULL, "%zu", cpu);
		add_cells(table, sample(first), times,
			  c->each ? json_array_get(values, cpu) : json_object_get(entry, "value"));
	}
}

/* Global variables: a row for each. */
static void print_variables(const json_t *value, bool colour)
{
	static const char *const headings[] = {"variable", "value"};
	static const enum align alignment[] = {ALIGN_LEFT, ALIGN_LEFT};
	struct table *table = table_new(2, headings, alignment);
	const char *name;
	json_t *member;

	if (!table)
		return;
	json_object_foreach((json_t *)value, name, member)
	{
		table_cell(table, NULL, "%s", name);
		add_cell(table, member);
	}
	table_print(table, stdout, colour);
	table_free(table);
}

void ctl_print_map(const char *function, const json_t *map, bool colour)
{
	const json_t *entries = json_object_get(map, "entries"), *first = json_array_get(entries, 0);
	bool variables = json_is_true(json_object_get(map, "variables"));
	struct columns c;
	struct table *table;
	size_t n = json_array_size(entries);

	if (variables && json_is_object(sample(first))) {
		printf("%s %s: variables\n", function, word(map, "name"));
		print_variables(sample(first), colour);
		return;
	}
	printf("%s %s: %s, %zu of %" JSON_INTEGER_FORMAT " entries\n", function, word(map, "name"), word(map, "kind"),
	       n, json_integer_value(json_object_get(map, "max_entries")));
	if (!first)
		return;
	if (make_columns(first, &c) && (table = table_new(c.n, c.headings, c.alignment))) {
		for (size_t i = 0; i < n; i++)
			add_rows(table, &c, first, json_object_get(map, "times"), json_array_get(entries, i));
		table_print(table, stdout, colour);
		table_free(table);
	}
	free(c.headings);
	free(c.alignment);
}
