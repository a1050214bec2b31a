/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program does with maps.
 */
#include <lib/ir/ir.h>

#include <stdlib.h>

bool ffpf_ir_is_map_op(unsigned op)
{
	return op == FFPF_IR_KEY || op == FFPF_IR_MFIND || op == FFPF_IR_MADD || op == FFPF_IR_MREMOVE;
}

bool ffpf_ir_is_entry_op(unsigned op)
{
	return op == FFPF_IR_ELOAD || op == FFPF_IR_ESTORE || op == FFPF_IR_EADD || op == FFPF_IR_EFETCHADD;
}

void ffpf_ir_changed_maps(const struct ffpf_program *p, bool *changed)
{
	bool *seen = calloc(p->n_insns, sizeof(*seen));
	ffpf_val *work = malloc(p->n_insns * sizeof(*work));
	size_t n = 0;

	if (!seen || !work)
		abort();
	for (ffpf_val v = 1; v < p->n_insns; v++) {
		const struct ffpf_insn *in = &p->insns[v];

		if (in->op == FFPF_IR_MADD || in->op == FFPF_IR_MREMOVE)
			changed[in->imm] = true;
		else if (ffpf_ir_is_entry_op(in->op) && in->op != FFPF_IR_ELOAD && !seen[in->a])
			seen[work[n++] = in->a] = true;
	}
	/* Back to where the entries that are written to were found. */
	while (n) {
		const struct ffpf_insn *in = &p->insns[work[--n]];

		if (in->op == FFPF_IR_MFIND)
			changed[in->imm] = true;
		for (uint32_t i = 0; in->op == FFPF_IR_PHI && i < in->n_phi; i++)
			if (!seen[in->phi[i].value])
				seen[work[n++] = in->phi[i].value] = true;
	}
	free(seen);
	free(work);
}
