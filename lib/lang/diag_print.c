/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shows diagnostics the way compilers do: a header, the source line, and an
 * underline for each span; `^~~~` for the primary one, `~~~` with its label
 * for the others. A span of several lines is underlined on its first.
 *
 * Source text is printed byte by byte as it was, but for what would disturb a
 * terminal: control characters, bytes that are not UTF-8, and characters that
 * reorder or hide text are shown as <1B> or <U+202E>. The underline is made
 * by the same walk over the same line, so that it stays below its text. Of a
 * very long line only a window around the span is shown.
 */
#include <string.h>

#include <ffpf/diag.h>
#include "lib/lang/utf8.h"

#define PRINTED_MAX 20
#define WINDOW_BEFORE 60 /* bytes of a long line shown before the span … */
#define WINDOW_SIZE 140  /* … and in all */
#define MESSAGE_MAX 2000 /* bytes of a message or hint */

struct printer {
	const struct ffpf_diags *diags;
	FILE *out;
	bool colour;
};

/* The part of a source line that is shown, as byte positions of the source. */
struct window {
	uint32_t source;
	unsigned line;
	const char *text; /* of the whole source */
	uint32_t start, end;
	bool cut_before, cut_after;
};

static const char *paint(const struct printer *printer, const char *code)
{
	return printer->colour ? code : "";
}

#define BOLD "\033[1m"
#define RED "\033[1;31m"
#define MAGENTA "\033[1;35m"
#define CYAN "\033[1;36m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

/* What one character is shown as, NUL-terminated; returns its length in bytes. */
static size_t show_char(const char *text, size_t len, char shown[static 16])
{
	uint32_t code;
	size_t size = ffpf_utf8_decode(text, len, &code);

	if (code == '\t' || (size && !ffpf_utf8_disturbs(code)))
		snprintf(shown, 16, "%.*s", (int)size, text);
	else if (!size || code < 0x80)
		snprintf(shown, 16, "<%02X>", (unsigned char)*text);
	else
		snprintf(shown, 16, "<U+%04X>", (unsigned)code);
	return size ? size : 1;
}

static size_t print_char(FILE *out, const char *text, size_t len)
{
	char shown[16];
	size_t size = show_char(text, len, shown);

	fputs(shown, out);
	return size;
}

/* Prints first, then fill, once for each column that the character takes; a tab stays a tab between spans. */
static size_t print_mark(FILE *out, const char *text, size_t len, char first, char fill)
{
	char shown[16];
	size_t size = show_char(text, len, shown);
	size_t columns = size == 1 || shown[0] == '<' ? strlen(shown) : 1;

	if (shown[0] == '\t' && fill == ' ')
		first = '\t';
	for (size_t i = 0; i < columns; i++)
		fputc(i ? fill : first, out);
	return size;
}

static void print_text(FILE *out, const char *text)
{
	size_t len = strnlen(text, MESSAGE_MAX), at = 0;

	while (at < len)
		at += print_char(out, text + at, len - at);
	if (len == MESSAGE_MAX)
		fputs("…", out);
}

static struct window window_of(const struct ffpf_diags *diags, struct ffpf_span span)
{
	size_t len;
	unsigned column;
	struct window window = { .source = span.source, .text = ffpf_diags_source_text(diags, span.source, &len) };
	uint32_t pos = span.start < len ? span.start : (uint32_t)len;

	ffpf_diags_locate(diags, span.source, pos, &window.line, &column);
	uint32_t line_start = pos - (column - 1);
	const char *newline = memchr(window.text + line_start, '\n', len - line_start);
	uint32_t line_end = newline ? (uint32_t)(newline - window.text) : (uint32_t)len;

	if (line_end > line_start && window.text[line_end - 1] == '\r')
		line_end--;
	window.start = line_start;
	window.end = line_end;
	if (line_end - line_start > WINDOW_SIZE) {
		if (pos - line_start > WINDOW_BEFORE)
			window.start = ffpf_utf8_snap(window.text, line_start, pos - WINDOW_BEFORE);
		if (line_end - window.start > WINDOW_SIZE)
			window.end = ffpf_utf8_snap(window.text, window.start, window.start + WINDOW_SIZE);
	}
	window.cut_before = window.start > line_start;
	window.cut_after = window.end < line_end;
	return window;
}

static void print_line(const struct printer *printer, const struct window *window)
{
	fprintf(printer->out, "%4u | %s", window->line, window->cut_before ? "…" : "");
	for (uint32_t at = window->start; at < window->end;)
		at += print_char(printer->out, window->text + at, window->end - at);
	fputs(window->cut_after ? "…\n" : "\n", printer->out);
}

static void print_underline(const struct printer *printer, const struct window *window, struct ffpf_span span,
			    const char *label)
{
	FILE *out = printer->out;
	char first = label ? '~' : '^';
	uint32_t at = window->start;

	fprintf(out, "     | %s", window->cut_before ? " " : "");
	while (at < span.start && at < window->end)
		at += print_mark(out, window->text + at, window->end - at, ' ', ' ');
	fputs(paint(printer, label ? CYAN : GREEN), out);
	if (at >= span.end || at >= window->end) /* an empty span, or one at the end of the line */
		fputc(first, out);
	for (; at < span.end && at < window->end; first = '~')
		at += print_mark(out, window->text + at, window->end - at, first, '~');
	if (label) {
		fputc(' ', out);
		print_text(out, label);
	}
	fprintf(out, "%s\n", paint(printer, PLAIN));
}

static bool shows(const struct window *window, const struct window *other, struct ffpf_span span)
{
	return window->source == other->source && window->line == other->line && span.start >= window->start &&
	       span.start <= window->end;
}

static void print_secondary(const struct printer *printer, const struct ffpf_diag *diag, struct window shown)
{
	for (unsigned i = 0; i < diag->n_secondary; i++) {
		struct ffpf_span span = diag->secondary[i].span;

		if (!ffpf_diags_source_text(printer->diags, span.source, NULL)) {
			fputs("     = note: ", printer->out);
			print_text(printer->out, diag->secondary[i].label);
			fputc('\n', printer->out);
			continue;
		}
		struct window window = window_of(printer->diags, span);

		if (window.source != shown.source) {
			fputs("     = in ", printer->out);
			print_text(printer->out, ffpf_diags_source_name(printer->diags, span.source));
			fputs(":\n", printer->out);
		}
		if (!shows(&shown, &window, span)) {
			print_line(printer, &window);
			shown = window;
		}
		print_underline(printer, &shown, span, diag->secondary[i].label);
	}
}

static void print_header(const struct printer *printer, const struct ffpf_diag *diag)
{
	static const char *const words[] = { "error", "warning", "note" };
	static const char *const colours[] = { RED, MAGENTA, CYAN };
	const char *name = ffpf_diags_source_name(printer->diags, diag->span.source);
	unsigned line, column;

	fputs(paint(printer, BOLD), printer->out);
	if (name) {
		ffpf_diags_locate(printer->diags, diag->span.source, diag->span.start, &line, &column);
		print_text(printer->out, name);
		fprintf(printer->out, ":%u:%u: ", line, column);
	}
	fprintf(printer->out, "%s%s[%s]:%s ", paint(printer, colours[diag->severity]), words[diag->severity],
		ffpf_diag_id_name(diag->id), paint(printer, PLAIN));
	fputs(paint(printer, BOLD), printer->out);
	print_text(printer->out, diag->message);
	fprintf(printer->out, "%s\n", paint(printer, PLAIN));
}

static void print_diag(const struct printer *printer, const struct ffpf_diag *diag)
{
	struct window window = { 0 };

	print_header(printer, diag);
	if (ffpf_diags_source_text(printer->diags, diag->span.source, NULL)) {
		window = window_of(printer->diags, diag->span);
		print_line(printer, &window);
		print_underline(printer, &window, diag->span, NULL);
	}
	print_secondary(printer, diag, window);
	if (diag->hint) {
		fputs("     = hint: ", printer->out);
		print_text(printer->out, diag->hint);
		fputc('\n', printer->out);
	}
}

void ffpf_diags_print(const struct ffpf_diags *diags, FILE *out, bool colour)
{
	struct printer printer = { diags, out, colour };
	size_t printed = 0, more = 0;

	for (const struct ffpf_diag *diag = ffpf_diags_first(diags); diag; diag = diag->next) {
		if (printed == PRINTED_MAX) {
			more++;
			continue;
		}
		print_diag(&printer, diag);
		printed++;
	}
	if (more)
		fprintf(out, "… and %zu more\n", more);
}
