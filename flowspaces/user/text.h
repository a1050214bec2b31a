/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Appends text to a buffer, quickly: no format strings, no locale.
 *
 * Every function writes what fits and drops the rest; nothing is ever written
 * at or behind end. There is no terminating NUL.
 */
#ifndef FFPF_USER_TEXT_H
#define FFPF_USER_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	char *at;
	char *end;
};

static inline void text_bytes(struct text *text, const char *bytes, size_t size)
{
	size_t room = (size_t)(text->end - text->at);

	if (size > room)
		size = room;
	memcpy(text->at, bytes, size);
	text->at += size;
}

static inline void text_string(struct text *text, const char *string)
{
	text_bytes(text, string, strlen(string));
}

static inline void text_char(struct text *text, char c)
{
	if (text->at < text->end)
		*text->at++ = c;
}

/* Decimal, with zeros in front up to `width` digits (at most 20). */
static inline void text_padded(struct text *text, uint64_t value, unsigned width)
{
	char digits[20];
	unsigned n = 0;

	do {
		digits[sizeof(digits) - ++n] = (char)('0' + value % 10);
		value /= 10;
	} while (value || n < width);
	text_bytes(text, digits + sizeof(digits) - n, n);
}

static inline void text_number(struct text *text, uint64_t value)
{
	text_padded(text, value, 1);
}

/* Hexadecimal, at least `width` digits (at most 16). */
static inline void text_hex(struct text *text, uint64_t value, unsigned width)
{
	char digits[16];
	unsigned n = 0;

	do {
		digits[sizeof(digits) - ++n] = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value || n < width);
	text_bytes(text, digits + sizeof(digits) - n, n);
}

/* A word before a number: " mtu 1500". */
static inline void text_field(struct text *text, const char *name, uint64_t value)
{
	text_string(text, name);
	text_number(text, value);
}

/* 02:00:00:00:00:01 */
void ffpf_address_mac(struct text *text, const uint8_t *mac);

/* 192.0.2.1 */
void ffpf_address_ipv4(struct text *text, const uint8_t *address);

/* 2001:db8::1, in the form of RFC 5952 */
void ffpf_address_ipv6(struct text *text, const uint8_t *address);

#endif
