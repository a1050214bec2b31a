/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types of FPL's values.
 */
#ifndef FPL_TYPE_H
#define FPL_TYPE_H

enum fpl_kind {
	FPL_BOOL,
	FPL_U8,
	FPL_U16,
	FPL_U32,
	FPL_U64,
	FPL_TIME,   /* ns, 64 bits */
	FPL_MAC,    /* the number that its six bytes make, 48 bits */
	FPL_IPV4,   /* 32 bits */
	FPL_IPV6,   /* two values: the high and the low 64 bits */
	FPL_PREFIX, /* literals, members of sets, keys of lpm tables */
	FPL_TEXT,
	FPL_HEADER, /* only whether it is there may be asked */
	FPL_ENTRY,  /* of a table */
	FPL_NONE
};

/* As it is written in FPL: "u16", "IPv4" … Never NULL. */
const char *fpl_kind_name(enum fpl_kind kind);
/* Bits that a value of the kind has; 0 where it is no number or has two values. */
unsigned fpl_kind_bits(enum fpl_kind kind);
/* Bytes that one takes in a key; 0 where it can't stand there. */
unsigned fpl_kind_bytes(enum fpl_kind kind);

#endif
