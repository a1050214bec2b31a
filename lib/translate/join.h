/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Joins compiled terms into one packet program.
 */
#ifndef FFPF_TRANSLATE_JOIN_H
#define FFPF_TRANSLATE_JOIN_H

#include <lib/translate/internal.h>
#include <lib/translate/split.h>

/*
 * Emits the decision of a tree from the current block on, which it ends. The caller seals the exits. False: too many
 * terms would have to be tested one after the other, and what was built is not to be used.
 */
bool filter_join(struct ffpf_builder *b, const struct filter_node *tree, const struct cbpf_exits *exits);

#endif
