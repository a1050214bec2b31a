/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps: the tables of functions, as those see them who announce or read them. What a map means is in lib/buf/map.h, and
 * the kernel's BPF maps of these kinds mean the same.
 */
#ifndef FFPF_MAP_H
#define FFPF_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ffpf_map_kind {
	FFPF_MAP_ARRAY,
	FFPF_MAP_PERCPU_ARRAY,
	FFPF_MAP_HASH,
	FFPF_MAP_PERCPU_HASH,
	FFPF_MAP_LRU_HASH,
	FFPF_MAP_LRU_PERCPU_HASH,
	FFPF_MAP_LPM,
	FFPF_MAP_PROGRAMS, /* tail-call targets: holds programs, not values */
	FFPF_MAP_KINDS
};

/* "lru_hash"; static. */
const char *ffpf_map_kind_name(enum ffpf_map_kind kind);

enum ffpf_member_kind {
	FFPF_MEMBER_UNSIGNED,
	FFPF_MEMBER_SIGNED, /* two's complement */
	FFPF_MEMBER_BOOL,
	FFPF_MEMBER_NETWORK, /* most significant byte first; of four bytes: an IPv4 address */
	FFPF_MEMBER_IPV6,    /* 16 bytes */
	FFPF_MEMBER_TEXT,    /* `count` characters, up to the first NUL */
	FFPF_MEMBER_BYTES,   /* `count` bytes of which nothing more is known */
	FFPF_MEMBER_BIG,     /* a number, most significant byte first */
	FFPF_MEMBER_MAC,     /* six bytes: size 1, count 6 */
	/* of 8 bytes, a moment: for programs ns of the packets' clock (FFPF_META_TIME), for who reads them ns since
	 * 1970; 0: none */
	FFPF_MEMBER_TIME,
	/* addresses as programs have them: numbers in host order */
	FFPF_MEMBER_HOST_IPV4, /* of 4 or 8 bytes */
	FFPF_MEMBER_HOST_MAC,  /* of 8 bytes */
	FFPF_MEMBER_HOST_IPV6, /* two of 8 bytes, the upper half first: size 16 */
	FFPF_MEMBER_DURATION,  /* of 8 bytes: ns */
};

/* A part of a key or value. In host order, if not said otherwise. */
struct ffpf_member {
	const char *name;    /* "port", "flow.port"; "": the key or value as a whole */
	uint32_t offset;     /* bytes from the beginning */
	uint32_t count;	     /* of a row of them, one behind the other; 1: a single one */
	uint8_t size;	     /* bytes of each: 1, 2, 4, 8; 16 (IPV6) */
	uint8_t shift, bits; /* of a bit field: where it begins, how long it is. bits 0: all of it */
	uint8_t kind;	     /* enum ffpf_member_kind */
	/* What numbers stand for, of a single one that is UNSIGNED or BIG: texts[number], UTF-8 without control
	 * characters; NULL, and of numbers from n_texts on: nothing. n_texts 0: they are only numbers. */
	const char *const *texts;
	uint32_t n_texts;
};

/* The number of a single member that is UNSIGNED or BIG, of a key or value that begins at `bytes`; false: it is
 * something else. */
bool ffpf_member_number(const struct ffpf_member *member, const void *bytes, uint64_t *number);
/* The text that stands for this number, as long-lived as the member; NULL: none does. */
const char *ffpf_member_text(const struct ffpf_member *member, const void *bytes);

/* What keys or values are made of, as far as it is known; n 0: it is not. */
struct ffpf_members {
	const struct ffpf_member *list;
	size_t n;
};

#endif
