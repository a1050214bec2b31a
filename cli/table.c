/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Aligned columns. A table collects cells row by row, and is printed at once when all
 * widths are known. The last column is never padded, so that lines end where their text does.
 */
#include "cli.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct cell {
	char *text;
	const char *style;
};

struct table {
	size_t n_columns, n_cells, room;
	const enum align *alignment;
	struct cell *cells; /* headings first, then row by row */
	bool failed;	    /* memory ran out: rows are missing */
};

size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void add(struct table *table, const char *style, char *text)
{
	if (table->n_cells == table->room) {
		size_t room = table->room ? table->room * 2 : 64;
		struct cell *grown = realloc(table->cells, room * sizeof(*grown));

		if (!grown) {
			table->failed = true;
			free(text);
			return;
		}
		table->cells = grown;
		table->room = room;
	}
	table->cells[table->n_cells++] = (struct cell){.text = text, .style = style};
}

struct table *table_new(size_t n, const char *const *headings, const enum align *alignment)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->n_columns = n;
	table->alignment = alignment;
	for (size_t i = 0; i < n; i++)
		add(table, "1", strdup(headings[i]));
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->n_cells; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}

void table_cell(struct table *table, const char *style, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	if (format) {
		va_start(args, format);
		if (vasprintf(&text, format, args) < 0)
			text = NULL;
		va_end(args);
	}
	add(table, style, text);
}

static void print_cell(const struct cell *cell, size_t width, enum align align, bool last, FILE *out, bool colour)
{
	const char *text = cell->text ? cell->text : "";
	int pad = (int)(width - text_width(text));
	bool styled = colour && cell->style && *text;

	if (align == ALIGN_RIGHT)
		fprintf(out, "%*s", pad, "");
	fprintf(out, "%s%s%s%s%s", styled ? "\033[" : "", styled ? cell->style : "", styled ? "m" : "", text,
		styled ? "\033[0m" : "");
	if (align == ALIGN_LEFT && !last)
		fprintf(out, "%*s", pad, "");
	if (!last)
		fputs("  ", out);
}

/* The number of cells of the row at `row` up to the last that has text: what follows is not worth blanks. */
static size_t row_length(const struct table *table, size_t row)
{
	size_t n = table->n_columns;

	while (n > 1 && (!table->cells[row + n - 1].text || !*table->cells[row + n - 1].text))
		n--;
	return n;
}

void table_print(const struct table *table, FILE *out, bool colour)
{
	size_t n = table->n_columns, *widths = calloc(n, sizeof(*widths));

	if (!widths || table->failed)
		complain("out of memory");
	for (size_t i = 0; widths && i < table->n_cells; i++) {
		size_t width = table->cells[i].text ? text_width(table->cells[i].text) : 0;

		if (width > widths[i % n])
			widths[i % n] = width;
	}
	for (size_t row = 0; widths && row + n <= table->n_cells; row += n) {
		size_t length = row_length(table, row);

		for (size_t i = 0; i < length; i++)
			print_cell(&table->cells[row + i], widths[i], table->alignment[i], i + 1 == length, out,
				   colour);
		fputc('\n', out);
	}
	free(widths);
}
