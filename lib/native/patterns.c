/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Patterns from their text; see patterns.h. */
#include "patterns.h"

struct reading {
	const char *text;
	size_t size, at;
	struct ffpf_patterns_mistake *mistake;
};

static bool wrong(struct reading *r, int what, size_t start, size_t end)
{
	r->mistake->what = what;
	r->mistake->start = start;
	r->mistake->end = end;
	return false;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte that an escape stands for; r->at is at the backslash, and then behind the escape. */
static bool read_escape(struct reading *r, uint8_t *out)
{
	size_t start = r->at;
	int high, low;

	if (r->size - start < 2)
		return wrong(r, FFPF_PATTERNS_END, start, r->size);
	r->at += 2;
	switch (r->text[start + 1]) {
	case '|':
	case '\\':
		*out = (uint8_t)r->text[start + 1];
		return true;
	case 'n':
		*out = '\n';
		return true;
	case 'r':
		*out = '\r';
		return true;
	case 't':
		*out = '\t';
		return true;
	case '0':
		*out = 0;
		return true;
	case 'x':
		high = r->size - start > 2 ? digit(r->text[start + 2]) : -1;
		low = r->size - start > 3 ? digit(r->text[start + 3]) : -1;
		if (high < 0 || low < 0)
			return wrong(r, FFPF_PATTERNS_DIGITS, start, start + 2);
		r->at += 2;
		*out = (uint8_t)(high << 4 | low);
		return true;
	default:
		return wrong(r, FFPF_PATTERNS_ESCAPE, start, start + 2);
	}
}

/* One pattern, up to the end or a bar. */
static bool read_pattern(struct reading *r, struct ffpf_patterns *out)
{
	size_t start = r->at;
	unsigned n = 0;

	if (out->n == FFPF_PATTERNS_MOST)
		return wrong(r, FFPF_PATTERNS_MANY, start, r->size);
	while (r->at < r->size && r->text[r->at] != '|') {
		uint8_t byte = (uint8_t)r->text[r->at];

		if (byte != '\\')
			r->at++;
		else if (!read_escape(r, &byte))
			return false;
		if (n == FFPF_PATTERN_BYTES)
			return wrong(r, FFPF_PATTERNS_LONG, start, r->at);
		out->bytes[out->n][n++] = byte;
	}
	if (!n) /* what is underlined is the bar, or where the text ends */
		return wrong(r, FFPF_PATTERNS_EMPTY, start, start < r->size ? start + 1 : start);
	out->length[out->n++] = (uint16_t)n;
	return true;
}

bool ffpf_patterns_read(const char *text, size_t size, struct ffpf_patterns *out, struct ffpf_patterns_mistake *mistake)
{
	struct reading r = {text, size, 0, mistake};

	mistake->what = FFPF_PATTERNS_FINE;
	out->n = 0;
	for (;;) {
		if (!read_pattern(&r, out))
			return false;
		if (r.at == size)
			return true;
		r.at++; /* the bar */
	}
}
