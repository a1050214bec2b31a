/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listings for explain: the packet programs of a level, or the eBPF made of them.
 */
#include <flowspaces/ebpf/use.h>
#include <lib/buf/buf.h>
#include <lib/buf/layout.h>
#include <lib/flowspace.h>
#include <lib/graph/fuse.h>
#include <lib/lang/arena.h>

#include <errno.h>

static const char *const symbols[] = {
	[FFPF_SYM_CELLS] = "cells",	  [FFPF_SYM_SHARED] = "shared",
	[FFPF_SYM_INJECT] = "inject",	  [FFPF_SYM_WANTED] = "wanted",
	[FFPF_SYM_PBUF] = "pbuf",	  [FFPF_SYM_IBUF] = "ibuf",
	[FFPF_SYM_READERS] = "readers",	  [FFPF_SYM_TABLES] = "tables",
	[FFPF_SYM_DOORBELL] = "doorbell", [FFPF_SYM_DOORBELLS] = "doorbells",
	[FFPF_SYM_PROGRAMS] = "programs", [FFPF_SYM_MAP] = "map",
	[FFPF_SYM_TAP] = "tap",
};

static const struct ffpf_ebpf_reloc *reloc_at(const struct ffpf_ebpf_program *p, size_t insn)
{
	for (size_t i = 0; i < p->n_relocs; i++)
		if (p->relocs[i].insn == insn)
			return &p->relocs[i];
	return NULL;
}

void ffpf_ebpf_print(const struct ffpf_ebpf_program *p, const char *const *origins,
		     const char *(*line_text)(const void *arg, uint32_t origin), const void *arg, FILE *out)
{
	size_t line = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct bpf_insn *in = &p->insns[i];

		if (line < p->n_lines && p->lines[line].insn <= i) {
			uint32_t origin = p->lines[line++].origin;

			const char *text = origin && origins ? origins[ffpf_origin_function(origin) - 1] : "ffpf";
			const char *own = ffpf_origin_line(origin) && line_text ? line_text(arg, origin) : NULL;

			fprintf(out, "; %s\n", own ? own : text);
		}
		fprintf(out, "%6zu: ", i);
		const struct ffpf_ebpf_reloc *r = reloc_at(p, i);
		if (BPF_CLASS(in->code) == BPF_LD && r && r->symbol == FFPF_SYM_MAP)
			fprintf(out, "r%d = map %s", in->dst_reg, p->maps[r->number].name);
		else if (BPF_CLASS(in->code) == BPF_LD && r)
			fprintf(out, "r%d = %s%s + %d", in->dst_reg, r->value ? "&" : "map ", symbols[r->symbol],
				in[1].imm);
		else
			ffpf_ebpf_print_insn(in, i, i + 1 < p->n, NULL, out);
		i += BPF_CLASS(in->code) == BPF_LD;
		fputc('\n', out);
	}
}

/* Longer texts (a filter of a thousand hosts) are cut, between characters of UTF-8. */
#define TEXT_MAX 100

static const char *shortened(struct ffpf_arena *arena, const char *text, size_t len)
{
	size_t shown = len;

	if (len > TEXT_MAX)
		for (shown = TEXT_MAX; shown && ((unsigned char)text[shown] & 0xc0) == 0x80;)
			shown--;
	return ffpf_arena_printf(arena, "%.*s%s", (int)shown, text, shown < len ? " …" : "");
}

/* A line of a function's own source. */
static const char *line_text(const void *arg, uint32_t origin)
{
	const struct ffpf_graph *graph = arg;
	const struct ffpf_instance *instance = &graph->functions[ffpf_origin_function(origin) - 1]->instance;
	struct ffpf_class_line line;

	if (!instance->class->line || !instance->class->line(instance, ffpf_origin_line(origin), &line))
		return NULL;
	return shortened(graph->arena, line.text, line.len);
}

static int list_source(const struct ffpf_graph *graph, const struct ffpf_layout *layout,
		       const struct ffpf_flowspace *level, enum ffpf_ebpf_target target, unsigned source,
		       const struct ffpf_function *stage, bool bytecode, const char *const *origins, FILE *out)
{
	const struct ffpf_level *l = ffpf_layout_level(layout, level);
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_fuse_options fo = {.piece_functions = 500, .optimise = true, .stage = stage};
	size_t n_callees;
	const struct ffpf_ebpf_callee *callees = ffpf_object_callees(graph, level, arena, &n_callees);
	struct ffpf_fused fused;
	int err = ffpf_fuse((struct ffpf_graph *)graph, layout, level, source, &fo, arena, &fused);

	for (size_t i = 0; !err && i < fused.n_pieces; i++) {
		struct ffpf_ebpf_options o = {.target = target,
					      .callees = callees,
					      .n_callees = n_callees,
					      .n_cpus = 1,
					      .n_cells = l->n_cells,
					      .n_shared = l->n_shared,
					      .stride = ffpf_ebpf_stride(l->n_cells, fused.n_flags, l->n_inflows, 0),
					      .n_inflows = l->n_inflows,
					      .n_bells = 1,
					      .snaplen = l->snaplen > FFPF_PACKET_MAX ? FFPF_PACKET_MAX : l->snaplen,
					      .time = l->needs & FFPF_NEED_TIME,
					      .ring_size = 4u << 20,
					      .ibuf_bytes = 1u << 19,
					      .n_flags = fused.n_flags,
					      .verdicts = fused.verdicts,
					      .next_piece = i + 1 < fused.n_pieces ? (int)i + 1 : -1,
					      .slow_piece = (int)fused.n_pieces};
		struct ffpf_ebpf_program code;

		fprintf(out, "# %s, packets of %s%s%s%s\n", level->name, graph->sources[source]->instance.name,
			stage ? " behind " : "", stage ? stage->instance.name : "", i ? ", continued" : "");
		fused.pieces[i]->origins = origins;
		fused.pieces[i]->n_origins = graph->n_functions;
		fused.pieces[i]->line_text = line_text;
		fused.pieces[i]->line_arg = graph;
		if (!bytecode) {
			ffpf_ir_print(fused.pieces[i], out);
			continue;
		}
		err = ffpf_ebpf_generate(arena, fused.pieces[i], &o, &code);
		if (!err)
			ffpf_ebpf_print(&code, origins, line_text, graph, out);
	}
	ffpf_arena_free(arena);
	return err;
}

int ffpf_ebpf_list(const struct ffpf_graph *graph, const struct ffpf_layout *layout, const struct ffpf_flowspace *level,
		   enum ffpf_ebpf_target target, bool bytecode, FILE *out)
{
	const char **origins = ffpf_arena_alloc(graph->arena, graph->n_functions * sizeof(*origins) + 1);
	int err = 0;

	for (size_t i = 0; i < graph->n_functions; i++) {
		size_t len;
		const char *text = ffpf_function_text(graph, graph->functions[i], &len);

		origins[i] = shortened(graph->arena, text, len);
	}
	for (unsigned s = 0; !err && s < graph->n_sources; s++) {
		const struct ffpf_function *stage = NULL;

		do
			err = list_source(graph, layout, level, target, s, stage, bytecode, origins, out);
		while (!err && ffpf_fuse_next_stage(graph, level, s, &stage));
	}
	return err;
}
