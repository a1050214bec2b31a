/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of the passes. Each makes work for the others (threading makes
 * dominators, dominators make equal values, equal values make decided tests),
 * so they go round until nothing changes or the bound is met.
 */
#include <lib/ir/ir.h>

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS_MAX 12
/* Longer programs are not checked between passes: it takes more than linear time. */
#define VERIFY_MAX 20000

/* Runs a pass; in a debug build a program that it leaves broken ends the process, naming the pass. */
static bool run(struct ffpf_program *p, bool (*pass)(struct ffpf_program *p), const char *name)
{
	bool changed = pass(p);
#ifndef NDEBUG
	const char *why = p->n_insns < VERIFY_MAX ? ffpf_ir_verify(p) : NULL;

	if (why) {
		fprintf(stderr, "ffpf: the pass '%s' breaks a packet program: %s\n", name, why);
		abort();
	}
#endif
	return changed;
}

void ffpf_ir_optimise(struct ffpf_program *p)
{
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		bool changed = run(p, ffpf_opt_values, "values");

		changed |= run(p, ffpf_opt_clean, "clean");
		changed |= run(p, ffpf_opt_times, "times");
		changed |= run(p, ffpf_opt_threads, "threads");
		changed |= run(p, ffpf_opt_clean, "clean");
		changed |= run(p, ffpf_opt_checks, "checks");
		if (!changed)
			break;
	}
	if (run(p, ffpf_opt_switches, "switches"))
		run(p, ffpf_opt_clean, "clean");
	if (run(p, ffpf_opt_cases, "cases")) {
		run(p, ffpf_opt_values, "values");
		run(p, ffpf_opt_clean, "clean");
	}
}
