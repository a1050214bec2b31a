/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listings for explain: the packet programs of a level, or the eBPF made of
 * them, and a disassembler for the latter.
 */
#include <flowspaces/ebpf/ebpf.h>
#include <lib/buf/buf.h>
#include <lib/buf/layout.h>
#include <lib/flowspace.h>
#include <lib/graph/fuse.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <inttypes.h>

static const char *const sizes[] = {
	[BPF_W >> 3] = "u32", [BPF_H >> 3] = "u16", [BPF_B >> 3] = "u8", [BPF_DW >> 3] = "u64"};
static const char *const alu_ops[] = {
	"+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "neg", "%=", "^=", "=", "s>>=", "swap"};
static const char *const jumps[] = {"",	   "==",   ">",	   ">=", "&",  "!=", "s>",
				    "s>=", "call", "exit", "<",	 "<=", "s<", "s<="};
static const char *const symbols[] = {
	[FFPF_SYM_CELLS] = "cells",	  [FFPF_SYM_SHARED] = "shared",	    [FFPF_SYM_INJECT] = "inject",
	[FFPF_SYM_PBUF] = "pbuf",	  [FFPF_SYM_IBUF] = "ibuf",	    [FFPF_SYM_READERS] = "readers",
	[FFPF_SYM_TABLES] = "tables",	  [FFPF_SYM_DOORBELL] = "doorbell", [FFPF_SYM_DOORBELLS] = "doorbells",
	[FFPF_SYM_PROGRAMS] = "programs",
};

static const char *helper_name(int32_t id)
{
	switch (id) {
	case BPF_FUNC_map_lookup_elem:
		return "map_lookup_elem";
	case BPF_FUNC_ktime_get_ns:
		return "ktime_get_ns";
	case BPF_FUNC_get_prandom_u32:
		return "get_prandom_u32";
	case BPF_FUNC_get_smp_processor_id:
		return "get_smp_processor_id";
	case BPF_FUNC_tail_call:
		return "tail_call";
	case BPF_FUNC_ringbuf_output:
		return "ringbuf_output";
	case BPF_FUNC_xdp_get_buff_len:
		return "xdp_get_buff_len";
	case BPF_FUNC_xdp_load_bytes:
		return "xdp_load_bytes";
	case BPF_FUNC_xdp_store_bytes:
		return "xdp_store_bytes";
	case FFPF_CALL_NATIVE:
		return "native";
	default:
		return "helper";
	}
}

static void print_alu(const struct bpf_insn *in, FILE *out)
{
	char r = BPF_CLASS(in->code) == BPF_ALU64 ? 'r' : 'w';

	if (BPF_OP(in->code) == BPF_END)
		fprintf(out, "r%d = be%d r%d", in->dst_reg, in->imm, in->dst_reg);
	else if (BPF_SRC(in->code) == BPF_X)
		fprintf(out, "%c%d %s %c%d", r, in->dst_reg, alu_ops[BPF_OP(in->code) >> 4], r, in->src_reg);
	else
		fprintf(out, "%c%d %s %d", r, in->dst_reg, alu_ops[BPF_OP(in->code) >> 4], in->imm);
}

static void print_jump(const struct bpf_insn *in, size_t at, FILE *out)
{
	char r = BPF_CLASS(in->code) == BPF_JMP ? 'r' : 'w';
	size_t target = (size_t)((int64_t)at + 1 + in->off);

	switch (BPF_OP(in->code)) {
	case BPF_EXIT:
		fprintf(out, "exit");
		break;
	case BPF_CALL:
		fprintf(out, "call %s#%d", helper_name(in->imm), in->imm);
		break;
	case BPF_JA:
		fprintf(out, "goto %zu", target);
		break;
	default:
		if (BPF_SRC(in->code) == BPF_X)
			fprintf(out, "if %c%d %s %c%d goto %zu", r, in->dst_reg, jumps[BPF_OP(in->code) >> 4], r,
				in->src_reg, target);
		else
			fprintf(out, "if %c%d %s %d goto %zu", r, in->dst_reg, jumps[BPF_OP(in->code) >> 4], in->imm,
				target);
	}
}

static void print_memory(const struct bpf_insn *in, FILE *out)
{
	const char *size = sizes[BPF_SIZE(in->code) >> 3];

	if (BPF_CLASS(in->code) == BPF_LDX)
		fprintf(out, "r%d = *(%s *)(r%d %+d)", in->dst_reg, size, in->src_reg, in->off);
	else if (BPF_CLASS(in->code) == BPF_ST)
		fprintf(out, "*(%s *)(r%d %+d) = %d", size, in->dst_reg, in->off, in->imm);
	else if (BPF_MODE(in->code) == BPF_ATOMIC)
		fprintf(out, "lock *(%s *)(r%d %+d) += r%d%s", size, in->dst_reg, in->off, in->src_reg,
			in->imm & BPF_FETCH ? " (fetch)" : "");
	else
		fprintf(out, "*(%s *)(r%d %+d) = r%d", size, in->dst_reg, in->off, in->src_reg);
}

static const struct ffpf_ebpf_reloc *reloc_at(const struct ffpf_ebpf_program *p, size_t insn)
{
	for (size_t i = 0; i < p->n_relocs; i++)
		if (p->relocs[i].insn == insn)
			return &p->relocs[i];
	return NULL;
}

void ffpf_ebpf_print(const struct ffpf_ebpf_program *p, const char *const *origins, FILE *out)
{
	size_t line = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct bpf_insn *in = &p->insns[i];

		if (line < p->n_lines && p->lines[line].insn <= i) {
			uint32_t origin = p->lines[line++].origin;

			fprintf(out, "; %s\n", origin && origins ? origins[origin - 1] : "ffpf");
		}
		fprintf(out, "%6zu: ", i);
		switch (BPF_CLASS(in->code)) {
		case BPF_ALU:
		case BPF_ALU64:
			print_alu(in, out);
			break;
		case BPF_JMP:
		case BPF_JMP32:
			print_jump(in, i, out);
			break;
		case BPF_LD: {
			const struct ffpf_ebpf_reloc *r = reloc_at(p, i);

			if (r)
				fprintf(out, "r%d = %s%s + %d", in->dst_reg, r->value ? "&" : "map ",
					symbols[r->symbol], in[1].imm);
			else
				fprintf(out, "r%d = 0x%" PRIx64, in->dst_reg,
					(uint64_t)(uint32_t)in[1].imm << 32 | (uint32_t)in->imm);
			i++;
			break;
		}
		default:
			print_memory(in, out);
		}
		fputc('\n', out);
	}
}

static int list_source(const struct ffpf_graph *graph, const struct ffpf_layout *layout,
		       const struct ffpf_flowspace *level, unsigned source, bool bytecode, const char *const *origins,
		       FILE *out)
{
	const struct ffpf_level *l = ffpf_layout_level(layout, level);
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_fuse_options fo = {.piece_functions = 500, .optimise = true};
	bool user = !level->parent;
	struct ffpf_fused fused;
	int err = ffpf_fuse((struct ffpf_graph *)graph, layout, level, source, &fo, arena, &fused);

	for (size_t i = 0; !err && i < fused.n_pieces; i++) {
		struct ffpf_ebpf_options o = {.target = user ? FFPF_EBPF_USER : FFPF_EBPF_XDP,
					      .n_cpus = 1,
					      .n_cells = l->n_cells,
					      .n_shared = l->n_shared,
					      .stride = ffpf_ebpf_stride(l->n_cells, fused.n_flags, l->n_inflows),
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

		fprintf(out, "# %s, packets of %s%s\n", level->name, graph->sources[source]->instance.name,
			i ? ", continued" : "");
		fused.pieces[i]->origins = origins;
		fused.pieces[i]->n_origins = graph->n_functions;
		if (!bytecode) {
			ffpf_ir_print(fused.pieces[i], out);
			continue;
		}
		err = ffpf_ebpf_generate(arena, fused.pieces[i], &o, &code);
		if (!err)
			ffpf_ebpf_print(&code, origins, out);
	}
	ffpf_arena_free(arena);
	return err;
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

int ffpf_ebpf_list(const struct ffpf_graph *graph, const struct ffpf_layout *layout, const struct ffpf_flowspace *level,
		   bool bytecode, FILE *out)
{
	const char **origins = ffpf_arena_alloc(graph->arena, graph->n_functions * sizeof(*origins) + 1);
	int err = 0;

	for (size_t i = 0; i < graph->n_functions; i++) {
		size_t len;
		const char *text = ffpf_function_text(graph, graph->functions[i], &len);

		origins[i] = shortened(graph->arena, text, len);
	}
	for (unsigned s = 0; !err && s < graph->n_sources; s++)
		err = list_source(graph, layout, level, s, bytecode, origins, out);
	return err;
}
