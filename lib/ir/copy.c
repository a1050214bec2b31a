/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copying a program: back ends change what they are given, and some make more than one thing of it.
 */
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <string.h>

static void *copy(struct ffpf_arena *arena, const void *from, size_t n, size_t item)
{
	return n ? memcpy(ffpf_arena_alloc(arena, n * item), from, n * item) : NULL;
}

struct ffpf_program *ffpf_ir_copy(const struct ffpf_program *p, struct ffpf_arena *arena)
{
	struct ffpf_program *out = copy(arena, p, 1, sizeof(*p));

	out->arena = arena;
	out->insns = copy(arena, p->insns, p->n_insns, sizeof(*p->insns));
	out->insn_capacity = p->n_insns;
	for (size_t i = 1; i < p->n_insns; i++)
		out->insns[i].phi = copy(arena, p->insns[i].phi, p->insns[i].n_phi, sizeof(*p->insns[i].phi));
	out->blocks = copy(arena, p->blocks, p->n_blocks, sizeof(*p->blocks));
	out->block_capacity = p->n_blocks;
	for (size_t i = 1; i < p->n_blocks; i++) {
		const struct ffpf_bb *from = &p->blocks[i];
		struct ffpf_bb *bb = &out->blocks[i];

		bb->insns = copy(arena, from->insns, from->n, sizeof(*from->insns));
		bb->capacity = from->n;
		bb->term.cases = copy(arena, from->term.cases, from->term.n_cases, sizeof(*from->term.cases));
	}
	out->tables = copy(arena, p->tables, p->n_tables, sizeof(*p->tables));
	out->table_capacity = p->n_tables;
	ffpf_ir_analyse(out);
	return out;
}
