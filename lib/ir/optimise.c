/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of the passes. Each makes work for the others (threading makes
 * dominators, dominators make equal values, equal values make decided tests),
 * so they go round until nothing changes or the bound is met.
 */
#include <lib/ir/ir.h>

#define ROUNDS_MAX 12

void ffpf_ir_optimise(struct ffpf_program *p)
{
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		bool changed = ffpf_opt_values(p);

		changed |= ffpf_opt_clean(p);
		changed |= ffpf_opt_threads(p);
		changed |= ffpf_opt_clean(p);
		changed |= ffpf_opt_checks(p);
		if (!changed)
			break;
	}
	if (ffpf_opt_switches(p))
		ffpf_opt_clean(p);
}
