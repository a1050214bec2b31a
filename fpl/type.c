/* SPDX-License-Identifier: BSD-2-Clause */
/* The types of values: how they are written, and how long they are. */
#include <fpl/type.h>

static const struct {
	const char *name;
	unsigned bits, bytes;
} kinds[] = {
	[FPL_BOOL] = {"bool", 1, 1},	 [FPL_U8] = {"u8", 8, 1},	 [FPL_U16] = {"u16", 16, 2},
	[FPL_U32] = {"u32", 32, 4},	 [FPL_U64] = {"u64", 64, 8},	 [FPL_TIME] = {"time", 64, 8},
	[FPL_MAC] = {"MAC", 48, 6},	 [FPL_IPV4] = {"IPv4", 32, 4},	 [FPL_IPV6] = {"IPv6", 0, 16},
	[FPL_PREFIX] = {"prefix", 0, 0}, [FPL_TEXT] = {"text", 0, 0},	 [FPL_HEADER] = {"header", 0, 0},
	[FPL_ENTRY] = {"entry", 0, 0},	 [FPL_NONE] = {"nothing", 0, 0},
};

const char *fpl_kind_name(enum fpl_kind kind)
{
	return kinds[kind <= FPL_NONE ? kind : FPL_NONE].name;
}

unsigned fpl_kind_bits(enum fpl_kind kind)
{
	return kinds[kind <= FPL_NONE ? kind : FPL_NONE].bits;
}

unsigned fpl_kind_bytes(enum fpl_kind kind)
{
	return kinds[kind <= FPL_NONE ? kind : FPL_NONE].bytes;
}
