/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the branches on the way to an edge say about a later test.
 */
#ifndef FFPF_IR_FACTS_H
#define FFPF_IR_FACTS_H

#include <lib/ir/ir.h>

enum ffpf_truth { FFPF_UNKNOWN = -1, FFPF_FALSE = 0, FFPF_TRUE = 1 };

/*
 * Would terminator t (BRANCH on a constant, or CHECK), tested right after the edge from -> to was taken, be true?
 * Walks up the dominators of `from`; blocks in `touched` (may be NULL) have edges that the analysis does not know, and
 * end the walk.
 */
enum ffpf_truth ffpf_facts_decide(const struct ffpf_program *p, const struct ffpf_term *t, ffpf_block from,
				  ffpf_block to, const bool *touched);

#endif
