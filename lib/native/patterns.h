/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Patterns as one writes them: texts with | between them, in which
 *     \|  \\      stand for themselves
 *     \n \r \t \0 for a line feed, a carriage return, a tab, a byte 0
 *     \xHH        for the byte that two hexadecimal digits say
 */
#ifndef FFPF_NATIVE_PATTERNS_H
#define FFPF_NATIVE_PATTERNS_H

#include "native.h"

/* How many, and how long, at most. A mask of 64 bits says which of them were found. */
#define FFPF_PATTERNS_MOST 64
#define FFPF_PATTERN_BYTES 256

struct ffpf_patterns {
	unsigned n;
	uint16_t length[FFPF_PATTERNS_MOST]; /* bytes, 1 at least */
	uint8_t bytes[FFPF_PATTERNS_MOST][FFPF_PATTERN_BYTES];
};

/* What is wrong with a text, and where: bytes [start, end) of it. */
struct ffpf_patterns_mistake {
	enum {
		FFPF_PATTERNS_FINE,
		FFPF_PATTERNS_ESCAPE, /* not one of those above */
		FFPF_PATTERNS_DIGITS, /* \x without two digits */
		FFPF_PATTERNS_END,    /* the text ends with a backslash */
		FFPF_PATTERNS_EMPTY,  /* a pattern of no bytes */
		FFPF_PATTERNS_LONG,   /* a pattern of too many */
		FFPF_PATTERNS_MANY,   /* too many patterns: from the first one too many on */
	} what;
	size_t start, end;
};

/* Reads `size` bytes of text. False: mistake says why. */
bool ffpf_patterns_read(const char *text, size_t size, struct ffpf_patterns *out,
			struct ffpf_patterns_mistake *mistake);

#endif
