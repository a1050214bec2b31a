/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What lib/native stands on: integers of fixed width, bool, and memcpy, memmove, memset, memcmp. Nothing else of a C
 * library or of the kernel: the same files are part of libffpf and of the kernel module.
 *
 * Rules of this room: no allocation (callers bring the memory), no division of 64-bit numbers, no floating point,
 * frames of at most some hundred bytes, no recursion, no writable statics.
 */
#ifndef FFPF_NATIVE_NATIVE_H
#define FFPF_NATIVE_NATIVE_H

#ifdef __KERNEL__
#include <linux/string.h>
#include <linux/types.h>
#ifndef UINT32_MAX
#define UINT32_MAX ((uint32_t)-1)
#endif
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#endif

/* Numbers as packets have them: most significant byte first, at any address. */
static inline uint16_t ffpf_native_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t ffpf_native_get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void ffpf_native_put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void ffpf_native_put32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

#endif
