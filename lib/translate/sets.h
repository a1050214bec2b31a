/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a value lies: sets, ranges, prefixes.
 */
#ifndef FFPF_TRANSLATE_SETS_H
#define FFPF_TRANSLATE_SETS_H

#include <lib/ir/ir.h>

struct set_range {
	uint32_t first, last;
	ffpf_block to;
};

/*
 * Ends the current block: a value of 32 bits goes where the range that it lies in says, else to `missing`. Ranges that
 * lead to different blocks don't overlap. Changes their order.
 */
void set_emit(struct ffpf_builder *b, ffpf_val v, struct set_range *ranges, size_t n, ffpf_block missing);

/* The same for keys of up to 64 bits that all lead to one block. */
void set_emit_keys(struct ffpf_builder *b, ffpf_val v, const uint64_t *keys, size_t n, ffpf_block found,
		   ffpf_block missing);

#endif
