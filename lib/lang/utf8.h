/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The little of UTF-8 that texts and their diagnostics need: strict decoding
 * (RFC 3629: no overlong forms, no surrogates), and which characters may not
 * reach a terminal as they are. Users: parse.c, diag_print.c, syntax.c.
 */
#ifndef FFPF_LANG_UTF8_H
#define FFPF_LANG_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length in bytes (1..4) of the character that begins at text, and its code; 0 (code 0xfffd) when it is not UTF-8. */
size_t ffpf_utf8_decode(const char *text, size_t len, uint32_t *code);

/* Control characters (tab too), and those that reorder or hide text. */
bool ffpf_utf8_disturbs(uint32_t code);

/* The last character border in [low, pos] of the text. */
uint32_t ffpf_utf8_snap(const char *text, uint32_t low, uint32_t pos);

#endif
