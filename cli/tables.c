/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables that functions keep: rows as JSON objects of the key's and the value's members, and as columns of text. The
 * key of a longest-prefix table is written as people write prefixes, where it is an address.
 */
#include "cli.h"
#include "control.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- one part of a row ------------------------------------------------------------------------------------------- */

static bool is_address(const struct ffpf_member *m)
{
	return m->count == 1 && (m->kind == FFPF_MEMBER_IPV6 || (m->kind == FFPF_MEMBER_NETWORK && m->size == 4));
}

/* Is it "prefix" and an address? */
bool control_is_prefix(const char *kind, const struct ffpf_members *key)
{
	return !strcmp(kind, "lpm_trie") && key->n == 2 && is_address(&key->list[1]) && !key->list[0].offset &&
	       key->list[0].size == 4;
}

json_t *control_prefix(const struct ffpf_members *key, const uint8_t *bytes)
{
	const struct ffpf_member *m = &key->list[1];
	char text[INET6_ADDRSTRLEN] = "";
	uint32_t bits;

	memcpy(&bits, bytes, sizeof(bits));
	if (m->kind == FFPF_MEMBER_IPV6 && bits >= 96 && control_is_mapped(bytes + m->offset)) {
		inet_ntop(AF_INET, bytes + m->offset + 12, text, sizeof(text));
		return json_sprintf("%s/%" PRIu32, text, bits - 96);
	}
	inet_ntop(m->kind == FFPF_MEMBER_IPV6 ? AF_INET6 : AF_INET, bytes + m->offset, text, sizeof(text));
	return json_sprintf("%s/%" PRIu32, text, bits);
}

/* The parts of keys or values, each under its name; one without is called `name`. */
static void add_parts(json_t *object, const struct ffpf_members *members, const uint8_t *bytes, size_t size,
		      const char *name, bool numbers)
{
	if (!members->n)
		json_object_set_new(object, name, control_value(members, bytes, size));
	for (size_t i = 0; i < members->n; i++) {
		const struct ffpf_member *m = &members->list[i];

		control_put(object, *m->name ? m->name : name, m, bytes, numbers);
	}
}

/* numbers: also of those that texts stand for. */
static json_t *row_object(const struct ffpf_table *table, size_t i, bool numbers)
{
	const uint8_t *key = table->keys + i * table->key_size, *value = table->values + i * table->value_size;
	json_t *object = json_object();

	if (control_is_prefix(table->kind, &table->key))
		json_object_set_new(object, table->key.list[1].name, control_prefix(&table->key, key));
	else
		add_parts(object, &table->key, key, table->key_size, "key", numbers);
	add_parts(object, &table->value, value, table->value_size, "value", numbers);
	return object;
}

json_t *json_tables(const struct ffpf_function_stats *f)
{
	json_t *tables = json_object();

	for (size_t i = 0; i < f->n_tables; i++) {
		json_t *rows = json_array();

		for (size_t k = 0; k < f->tables[i].n_rows; k++)
			json_array_append_new(rows, row_object(&f->tables[i], k, true));
		json_object_set_new(tables, f->tables[i].name, rows);
	}
	return tables;
}

/* ---- for people -------------------------------------------------------------------------------------------------- */

static void add_cell(struct table *table, const json_t *value)
{
	char *text;

	if (json_is_string(value)) {
		table_cell(table, NULL, "%s", json_string_value(value));
	} else if (json_is_integer(value)) {
		table_cell(table, NULL, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	} else {
		text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
		table_cell(table, NULL, "%s", text ? text : "");
		free(text);
	}
}

bool times_text(char text[static UNIT_SIZE], const struct ffpf_members *members, const char *name, int64_t ns)
{
	for (size_t i = 0; i < members->n; i++) {
		if (strcmp(members->list[i].name, name) != 0)
			continue;
		if (members->list[i].kind == FFPF_MEMBER_TIME)
			human_moment(text, (uint64_t)ns);
		else if (members->list[i].kind == FFPF_MEMBER_DURATION)
			human_time(text, (double)ns / 1e9);
		else
			return false;
		return true;
	}
	return false;
}

/* The columns are those of the first row: all have the same. *alignment is freed when the table is. */
static struct table *columns_of(json_t *row, enum align **out)
{
	size_t n = json_object_size(row), i = 0;
	const char **headings = calloc(n + 1, sizeof(char *));
	enum align *alignment = *out = calloc(n + 1, sizeof(*alignment));
	struct table *table = NULL;
	const char *name;
	json_t *value;

	if (headings && alignment) {
		json_object_foreach(row, name, value)
		{
			headings[i] = name;
			alignment[i++] = json_is_number(value) ? ALIGN_RIGHT : ALIGN_LEFT;
		}
		table = table_new(n, headings, alignment);
	}
	free(headings);
	return table;
}

static void print_table(FILE *out, const char *function, const struct ffpf_table *t, size_t most, bool colour)
{
	size_t n = t->n_rows < most ? t->n_rows : most;
	json_t *row = n ? row_object(t, 0, false) : NULL;
	enum align *alignment = NULL;
	struct table *table = row ? columns_of(row, &alignment) : NULL;

	if (!table) {
		free(alignment);
		json_decref(row);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		char text[UNIT_SIZE];
		const char *name;
		json_t *value;

		if (i) {
			json_decref(row);
			row = row_object(t, i, false);
		}
		json_object_foreach(row, name, value)
		{
			if (json_is_integer(value) && times_text(text, &t->value, name, json_integer_value(value)))
				table_cell(table, NULL, "%s", text);
			else
				add_cell(table, value);
		}
	}
	json_decref(row);
	fprintf(out, "\n%s%s.%s%s%s%s\n", colour ? "\033[1m" : "", function, t->name, colour ? "\033[0m" : "",
		t->doc && *t->doc ? ", " : "", t->doc ? t->doc : "");
	table_print(table, out, colour);
	table_free(table);
	free(alignment);
	if (t->entries > n)
		fprintf(out, "… %" PRIu64 " more\n", t->entries - n);
}

void tables_print(FILE *out, const struct ffpf_function_stats *f, size_t most, bool colour)
{
	for (size_t i = 0; i < f->n_tables; i++)
		print_table(out, f->name, &f->tables[i], most, colour);
}
