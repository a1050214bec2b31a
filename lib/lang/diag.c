/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The queue of diagnostics and the sources they point into. Every source keeps
 * a table of where its lines begin, so that a place is found by bisection.
 * Neighbours: diag_print.c shows the records, nearest.c finds "did you mean".
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <ffpf/diag.h>
#include "lib/lang/arena.h"

struct source {
	const char *name;
	const char *text;
	size_t len;
	uint32_t *lines; /* where each line begins */
	size_t n_lines;
};

struct ffpf_diags {
	struct ffpf_arena *arena;
	struct source *sources; /* number n is sources[n - 1] */
	size_t n_sources, sources_capacity;
	struct ffpf_diag *first, **end;
	size_t n_errors;
};

struct ffpf_diags *ffpf_diags_new(void)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_diags *diags = ffpf_arena_alloc(arena, sizeof(*diags));

	diags->arena = arena;
	diags->end = &diags->first;
	return diags;
}

void ffpf_diags_free(struct ffpf_diags *diags)
{
	if (diags)
		ffpf_arena_free(diags->arena); /* which holds the queue itself, too */
}

struct ffpf_arena *ffpf_diags_arena(struct ffpf_diags *diags)
{
	return diags->arena;
}

static void index_lines(struct ffpf_arena *arena, struct source *source)
{
	const char *end = source->text + source->len, *at = source->text, *newline;
	size_t n = 1;

	for (; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1)
		n++;
	source->lines = ffpf_arena_alloc(arena, n * sizeof(*source->lines));
	source->n_lines = n;
	at = source->text;
	for (size_t i = 1; i < n; i++) {
		at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
		source->lines[i] = (uint32_t)(at - source->text);
	}
}

uint32_t ffpf_diags_add_source(struct ffpf_diags *diags, const char *name, const char *text, size_t len)
{
	diags->sources = ffpf_arena_grow(diags->arena, diags->sources, diags->n_sources, &diags->sources_capacity,
					 sizeof(*diags->sources));
	struct source *source = &diags->sources[diags->n_sources++];

	*source = (struct source){
		.name = ffpf_arena_strdup(diags->arena, name),
		.text = ffpf_arena_strndup(diags->arena, text, len),
		.len = len,
	};
	index_lines(diags->arena, source);
	return (uint32_t)diags->n_sources;
}

static const struct source *find_source(const struct ffpf_diags *diags, uint32_t number)
{
	return number && number <= diags->n_sources ? &diags->sources[number - 1] : NULL;
}

const char *ffpf_diags_source_name(const struct ffpf_diags *diags, uint32_t source)
{
	const struct source *found = find_source(diags, source);

	return found ? found->name : NULL;
}

const char *ffpf_diags_source_text(const struct ffpf_diags *diags, uint32_t source, size_t *len)
{
	const struct source *found = find_source(diags, source);

	if (len)
		*len = found ? found->len : 0;
	return found ? found->text : NULL;
}

void ffpf_diags_locate(const struct ffpf_diags *diags, uint32_t source, uint32_t pos, unsigned *line, unsigned *column)
{
	const struct source *found = find_source(diags, source);
	size_t low = 0, high = found ? found->n_lines : 1;

	if (!found) {
		*line = *column = 1;
		return;
	}
	if (pos > found->len)
		pos = (uint32_t)found->len;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (found->lines[middle] <= pos)
			low = middle;
		else
			high = middle;
	}
	*line = (unsigned)low + 1;
	*column = pos - found->lines[low] + 1;
}

static struct ffpf_diag *add(struct ffpf_diags *diags, enum ffpf_severity severity, enum ffpf_diag_id id,
			     struct ffpf_span span, const char *format, va_list ap)
{
	struct ffpf_diag *diag = ffpf_arena_alloc(diags->arena, sizeof(*diag));

	diag->severity = severity;
	diag->id = id;
	diag->span = span;
	diag->message = ffpf_arena_vprintf(diags->arena, format, ap);
	*diags->end = diag;
	diags->end = &diag->next;
	diags->n_errors += severity == FFPF_ERROR;
	return diag;
}

struct ffpf_diag *ffpf_diag_error(struct ffpf_diags *diags, enum ffpf_diag_id id, struct ffpf_span span,
				  const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	struct ffpf_diag *diag = add(diags, FFPF_ERROR, id, span, format, ap);
	va_end(ap);
	return diag;
}

struct ffpf_diag *ffpf_diag_warning(struct ffpf_diags *diags, enum ffpf_diag_id id, struct ffpf_span span,
				    const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	struct ffpf_diag *diag = add(diags, FFPF_WARNING, id, span, format, ap);
	va_end(ap);
	return diag;
}

void ffpf_diag_label(struct ffpf_diags *diags, struct ffpf_diag *diag, struct ffpf_span span, const char *format, ...)
{
	va_list ap;

	if (diag->n_secondary == sizeof(diag->secondary) / sizeof(diag->secondary[0]))
		return;
	va_start(ap, format);
	diag->secondary[diag->n_secondary].span = span;
	diag->secondary[diag->n_secondary++].label = ffpf_arena_vprintf(diags->arena, format, ap);
	va_end(ap);
}

void ffpf_diag_hint(struct ffpf_diags *diags, struct ffpf_diag *diag, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	diag->hint = ffpf_arena_vprintf(diags->arena, format, ap);
	va_end(ap);
}

const char *ffpf_diag_id_name(enum ffpf_diag_id id)
{
	static const char *const names[FFPF_D_COUNT] = {
#define FFPF_DIAG(symbol, text) [FFPF_D_##symbol] = text,
#include <ffpf/diag.def>
#undef FFPF_DIAG
	};

	return (unsigned)id < FFPF_D_COUNT ? names[id] : "unknown";
}

size_t ffpf_diags_errors(const struct ffpf_diags *diags)
{
	return diags->n_errors;
}

const struct ffpf_diag *ffpf_diags_first(const struct ffpf_diags *diags)
{
	return diags->first;
}

void ffpf_diags_clear(struct ffpf_diags *diags)
{
	diags->first = NULL;
	diags->end = &diags->first;
	diags->n_errors = 0;
}
