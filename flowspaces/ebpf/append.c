/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Users' own programs: each stands once behind the generated program, with the functions that it calls, and is called
 * from there like any function of BPF. What they refer to is relocated by whoever loads the whole.
 */
#include <flowspaces/ebpf/asm.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <string.h>

const struct ffpf_ebpf_callee *ffpf_ebpf_callee(const struct gen *g, unsigned function)
{
	for (size_t i = 0; i < g->o->n_callees; i++)
		if (g->o->callees[i].function == function)
			return &g->o->callees[i];
	return NULL;
}

static void add_lines(struct gen *g, const struct ffpf_ebpf_callee *c, uint32_t at)
{
	struct ffpf_ebpf_program *out = g->out;
	size_t next = 0;

	for (size_t i = 0; i < c->code->n_functions; i++) {
		uint32_t first = c->code->functions[i].insn;
		uint32_t end = i + 1 < c->code->n_functions ? c->code->functions[i + 1].insn : (uint32_t)c->code->n;
		struct ffpf_ebpf_line line = {.insn = at + first, .origin = c->function + 1};

		/* The kernel wants a line for the first instruction of every function. */
		while (next < c->code->n_lines && c->code->lines[next].insn < first)
			next++;
		for (bool begin = true;; begin = false) {
			if (next < c->code->n_lines && c->code->lines[next].insn < end &&
			    (!begin || c->code->lines[next].insn == first)) {
				line.user = &c->code->lines[next++];
				line.insn = at + line.user->insn;
			} else if (!begin) {
				break;
			}
			out->lines =
				ffpf_arena_grow(g->arena, out->lines, out->n_lines, &out->lines_capacity, sizeof(line));
			out->lines[out->n_lines++] = line;
		}
	}
}

static void add_subprograms(struct gen *g, const struct ffpf_ebpf_callee *c, uint32_t at)
{
	struct ffpf_ebpf_program *out = g->out;

	for (size_t i = 0; i < c->code->n_functions; i++) {
		out->subprograms = ffpf_arena_grow(g->arena, out->subprograms, out->n_subprograms,
						   &out->subprograms_capacity, sizeof(*out->subprograms));
		out->subprograms[out->n_subprograms++] = (struct ffpf_ebpf_subprogram){
			at + c->code->functions[i].insn, c->code->functions[i].name, i == 0};
	}
}

void ffpf_ebpf_add_map_refs(struct gen *g, const struct ffpf_ebpf_callee *c, uint32_t at)
{
	struct ffpf_ebpf_program *out = g->out;

	for (uint32_t i = at; i < out->n; i++) {
		const struct bpf_insn *in = &out->insns[i];

		if (in->code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (in->src_reg == BPF_PSEUDO_MAP_IDX || in->src_reg == BPF_PSEUDO_MAP_IDX_VALUE) {
			out->map_refs = ffpf_arena_grow(g->arena, out->map_refs, out->n_map_refs,
							&out->map_refs_capacity, sizeof(*out->map_refs));
			out->map_refs[out->n_map_refs++] = (struct ffpf_ebpf_map_ref){i, (uint32_t)(c - g->o->callees)};
		}
		i++;
	}
}

/* Returns where it begins. */
static uint32_t append(struct gen *g, const struct ffpf_ebpf_callee *c)
{
	const struct bpf_insn *insns = c->insns ? c->insns : c->code->insns;
	struct ffpf_ebpf_program *out = g->out;
	uint32_t at = (uint32_t)out->n;

	while (out->n + c->code->n > out->capacity)
		out->insns = ffpf_arena_grow(g->arena, out->insns, out->capacity, &out->capacity, sizeof(*out->insns));
	memcpy(&out->insns[out->n], insns, c->code->n * sizeof(*insns));
	out->n += c->code->n;
	add_lines(g, c, at);
	add_subprograms(g, c, at);
	ffpf_ebpf_add_map_refs(g, c, at);
	return at;
}

int ffpf_ebpf_append(struct gen *g)
{
	struct placed {
		const struct ffpf_ebpf_callee *callee;
		uint32_t at;
	} *placed = ffpf_arena_alloc(g->arena, (g->n_calls + 1) * sizeof(*placed));
	size_t n = 0;

	for (size_t i = 0; i < g->n_calls; i++) {
		const struct ffpf_ebpf_callee *c = ffpf_ebpf_callee(g, g->calls[i].function);
		size_t k = 0;

		if (!c)
			return -ENOENT;
		while (k < n && (placed[k].callee->code != c->code || placed[k].callee->insns != c->insns ||
				 placed[k].callee->state != c->state))
			k++;
		if (k == n)
			placed[n++] = (struct placed){c, append(g, c)};
		g->out->insns[g->calls[i].insn].imm = (int32_t)(placed[k].at - g->calls[i].insn - 1);
	}
	return 0;
}

int ffpf_ebpf_alone(struct ffpf_arena *arena, const struct ffpf_ebpf_callee *callees, size_t n, size_t which,
		    struct ffpf_ebpf_program *out)
{
	const struct ffpf_ebpf_options options = {.target = FFPF_EBPF_XDP, .callees = callees, .n_callees = n};
	struct gen g = {.arena = arena, .o = &options, .out = out};

	*out = (struct ffpf_ebpf_program){0};
	/* r1 is the context already. */
	ffpf_asm_call_program(&g, callees[which].function);
	ffpf_asm(&g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	return ffpf_ebpf_append(&g);
}

void ffpf_ebpf_bare(struct ffpf_arena *arena, const struct ffpf_ebpf_callee *callee, struct ffpf_ebpf_program *out)
{
	const struct ffpf_ebpf_options options = {.target = FFPF_EBPF_XDP, .callees = callee, .n_callees = 1};
	struct gen g = {.arena = arena, .o = &options, .out = out};

	*out = (struct ffpf_ebpf_program){0};
	append(&g, callee);
	/* The first is the program itself. */
	out->subprograms++;
	out->n_subprograms--;
}
