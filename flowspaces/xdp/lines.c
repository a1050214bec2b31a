/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BTF line information: each instruction belongs to the text of a function of the flowgraph. The verifier's log quotes
 * it where it refuses something, and so do `bpftool prog dump` and perf for programs that run.
 *
 * A line is the function's own text, not its whole line: flowgraphs are written in one. Format:
 * Documentation/bpf/btf.rst.
 */
#include <flowspaces/xdp/xdp.h>

#include <bpf/btf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Longer texts (a filter of a thousand hosts) are cut. */
#define TEXT_MAX 120
/* Lines and columns share 32 bits. */
#define COLUMN_BITS 10
#define LINE_MAX_NUMBER (1u << (32 - COLUMN_BITS))

static int add_text(struct btf *btf, const struct ffpf_graph *graph, const struct ffpf_function *f)
{
	size_t len;
	const char *written = ffpf_function_text(graph, f, &len);
	char text[TEXT_MAX + 8];

	snprintf(text, sizeof(text), "%.*s%s", (int)(len < TEXT_MAX ? len : TEXT_MAX), written,
		 len > TEXT_MAX ? " …" : "");
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = ' ';
	return btf__add_str(btf, text);
}

/* The line of instructions that origin (function number + 1; 0: ffpf itself) asked for. 0 or -errno. */
static int describe(struct btf *btf, const struct ffpf_graph *graph, uint32_t origin, struct bpf_line_info *line)
{
	const struct ffpf_function *f = origin ? graph->functions[origin - 1] : NULL;
	const char *name = f ? ffpf_diags_source_name(graph->diags, f->instance.span.source) : NULL;
	unsigned number = 0, column = 0;
	int text = f ? add_text(btf, graph, f) : btf__add_str(btf, "ffpf"),
	    file = btf__add_str(btf, name ? name : "ffpf");

	if (text < 0 || file < 0)
		return text < 0 ? text : file;
	if (f)
		ffpf_diags_locate(graph->diags, f->instance.span.source, f->instance.span.start, &number, &column);
	if (number >= LINE_MAX_NUMBER)
		number = 0;
	line->line_off = (uint32_t)text;
	line->file_name_off = (uint32_t)file;
	line->line_col = number << COLUMN_BITS | (column < 1u << COLUMN_BITS ? column : 0);
	return 0;
}

/* int ffpf(void *ctx); returns its number or -errno. */
static int add_function(struct btf *btf)
{
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED), pointer = btf__add_ptr(btf, 0), proto;

	if (number < 0 || pointer < 0)
		return number < 0 ? number : pointer;
	proto = btf__add_func_proto(btf, number);
	if (proto < 0 || btf__add_func_param(btf, "ctx", pointer) < 0)
		return proto < 0 ? proto : -1;
	return btf__add_func(btf, "ffpf", BTF_FUNC_GLOBAL, proto);
}

bool xdp_lines_make(const struct ffpf_graph *graph, const struct ffpf_ebpf_program *code, struct xdp_lines *out)
{
	int function;

	*out = (struct xdp_lines){.btf = btf__new_empty(), .lines = calloc(code->n_lines + 1, sizeof(*out->lines))};
	if (!out->btf || !out->lines || !code->n_lines || code->lines[0].insn)
		return false;
	function = add_function(out->btf);
	if (function < 0)
		return false;
	out->function.type_id = (uint32_t)function;
	for (size_t i = 0; i < code->n_lines; i++) {
		out->lines[i].insn_off = code->lines[i].insn;
		if (describe(out->btf, graph, code->lines[i].origin, &out->lines[i]) < 0)
			return false;
	}
	out->n = (uint32_t)code->n_lines;
	return btf__load_into_kernel(out->btf) == 0;
}

void xdp_lines_free(struct xdp_lines *lines)
{
	btf__free(lines->btf); /* closes it too */
	free(lines->lines);
}
