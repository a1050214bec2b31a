/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs of terms whose second half is looked at only where the first half holds: (src host a and dst port b) or …
 */
#ifndef FFPF_TRANSLATE_PAIRS_H
#define FFPF_TRANSLATE_PAIRS_H

#include <lib/ir/ir.h>
#include <lib/translate/shape.h>

/* Shorter runs are tested one by one. */
#define PAIRS_RUN_MIN 4

struct pairs_exits {
	ffpf_block done, next, fail;
};

/* Can all n terms, which have one shape, be decided about at once with the answer of one after the other? */
bool pairs_possible(struct shapes *shapes, const struct shaped *terms, size_t n, uint32_t done);

/* Emits that decision from the current block on, which it ends. The caller seals the exits. */
void pairs_emit(struct ffpf_builder *b, struct shapes *shapes, const struct shaped *terms, size_t n, uint32_t done,
		const struct pairs_exits *exits);

#endif
