/* SPDX-License-Identifier: BSD-2-Clause */
#include <lib/translate/pairs.h>
bool pairs_possible(struct shapes *shapes, const struct shaped *terms, size_t n, uint32_t done)
{
	return false;
}
void pairs_emit(struct ffpf_builder *b, struct shapes *shapes, const struct shaped *terms, size_t n, uint32_t done,
		const struct pairs_exits *exits)
{
}
