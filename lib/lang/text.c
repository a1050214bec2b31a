/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Builds the text of one value: the source's own bytes as long as possible
 * (then nothing is kept but where they begin), and from the first escape or
 * $NAME on a copy with the origin of every byte, so that an error inside the
 * string can point into the source.
 */
#include <ctype.h>
#include <string.h>

#include "lib/lang/scan.h"

static bool name_start(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static bool name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

void ffpf_text_begin(struct ffpf_scan *scan, uint32_t start, uint32_t inner)
{
	scan->value = (struct ffpf_text){ .start = start, .inner = inner };
}

/* Appends bytes that came from pos and what follows it, or (step 0) all from pos. */
static void append(struct ffpf_scan *scan, const char *bytes, size_t len, uint32_t pos, unsigned step)
{
	struct ffpf_text *text = &scan->value;

	for (size_t i = 0; i < len; i++) {
		text->bytes = ffpf_arena_grow(scan->arena, text->bytes, text->len, &text->bytes_capacity, 1);
		text->offsets = ffpf_arena_grow(scan->arena, text->offsets, text->len, &text->offsets_capacity,
						sizeof(*text->offsets));
		text->bytes[text->len] = bytes[i];
		text->offsets[text->len++] = pos + (uint32_t)i * step;
	}
}

static void append_source(struct ffpf_scan *scan, uint32_t pos, size_t len)
{
	if (scan->value.copied)
		append(scan, scan->text + pos, len, pos, 1);
	else
		scan->value.len += len;
}

/* Appends bytes that stand for what the source has at pos. */
static void append_replaced(struct ffpf_scan *scan, const char *bytes, size_t len, uint32_t pos)
{
	struct ffpf_text *text = &scan->value;

	if (!text->copied) {
		size_t own = text->len;

		text->copied = true;
		text->len = 0;
		append(scan, scan->text + text->inner, own, text->inner, 1);
	}
	append(scan, bytes, len, pos, 0);
}

static const char *variable_name(const void *arg, size_t i)
{
	const struct ffpf_parse_options *options = arg;

	return options && i < options->n_variables ? options->variables[i].name : NULL;
}

static void undefined(struct ffpf_scan *scan, uint32_t pos, const char *name)
{
	struct ffpf_span span = ffpf_scan_span(scan, pos, pos + 1 + (uint32_t)strlen(name));
	const char *near = ffpf_diag_nearest(name, variable_name, scan->options);
	struct ffpf_diag *diag =
		ffpf_diag_error(scan->diags, FFPF_D_VARIABLE_UNDEFINED, span, "no variable '%s'", name);

	if (near)
		ffpf_diag_hint(scan->diags, diag, "did you mean '$%s'?", near);
	else
		ffpf_diag_hint(scan->diags, diag, "give it a value with -D %s=VALUE, or write $$ for a literal '$'", name);
}

/* The text from '$' at pos: replaces $NAME and $$; returns how many bytes of the source that took. */
static size_t expand(struct ffpf_scan *scan, uint32_t pos, size_t len)
{
	const char *dollar = scan->text + pos;
	size_t name_len = 1;

	if (len > 1 && dollar[1] == '$') {
		append_replaced(scan, "$", 1, pos);
		return 2;
	}
	if (len < 2 || !name_start(dollar[1])) {
		append_source(scan, pos, 1);
		return 1;
	}
	while (name_len < len && name_char(dollar[name_len]))
		name_len++;
	for (size_t i = 0; scan->options && i < scan->options->n_variables; i++) {
		const struct ffpf_variable *variable = &scan->options->variables[i];

		if (strlen(variable->name) == name_len - 1 && !memcmp(variable->name, dollar + 1, name_len - 1)) {
			append_replaced(scan, variable->value, strlen(variable->value), pos);
			return name_len;
		}
	}
	if (!ffpf_scan_full(scan))
		undefined(scan, pos, ffpf_arena_strndup(scan->arena, dollar + 1, name_len - 1));
	append_replaced(scan, "", 0, pos);
	return name_len;
}

void ffpf_text_source(struct ffpf_scan *scan, uint32_t pos, size_t len)
{
	while (len) {
		const char *dollar = memchr(scan->text + pos, '$', len);
		size_t plain = dollar ? (size_t)(dollar - (scan->text + pos)) : len;

		append_source(scan, pos, plain);
		pos += (uint32_t)plain;
		len -= plain;
		if (len) {
			size_t taken = expand(scan, pos, len);

			pos += (uint32_t)taken;
			len -= taken;
		}
	}
}

void ffpf_text_escape(struct ffpf_scan *scan, uint32_t pos, size_t len)
{
	const char *escape = scan->text + pos;

	if (len == 2 && (escape[1] == '"' || escape[1] == '\\')) {
		append_replaced(scan, escape + 1, 1, pos);
		return;
	}
	append_source(scan, pos, len);
	if (len < 2 || ffpf_scan_full(scan)) /* alone, it ends the line: an unterminated string, which is reported */
		return;
	struct ffpf_diag *diag = ffpf_diag_error(scan->diags, FFPF_D_STRING_ESCAPE,
						 ffpf_scan_span(scan, pos, pos + (uint32_t)len),
						 "unknown escape '%.*s' in a string", (int)len, escape);
	ffpf_diag_hint(scan->diags, diag, "strings know \\\" and \\\\ only; write \\\\ for a backslash, or use {…}");
}

struct ffpf_ast_value ffpf_text_end(struct ffpf_scan *scan, enum ffpf_ast_value_kind kind, uint32_t end)
{
	struct ffpf_text *text = &scan->value;
	uint32_t inner_end = kind == FFPF_AST_WORD ? end : end - 1; /* where the closing delimiter stands */
	struct ffpf_ast_value value = {
		.kind = kind,
		.len = text->len,
		.span = ffpf_scan_span(scan, text->start, end),
		.inner = text->inner,
	};

	if (!text->copied) {
		value.text = ffpf_arena_strndup(scan->arena, scan->text + text->inner, text->len);
		return value;
	}
	append(scan, "", 1, inner_end, 0); /* the NUL, and the place of the end */
	value.text = text->bytes;
	value.offsets = text->offsets;
	return value;
}
