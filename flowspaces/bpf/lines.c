/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BTF line information: each instruction belongs to the text of a function of the flowgraph. The verifier's log quotes
 * it where it refuses something, and so do `bpftool prog dump` and perf for programs that run.
 *
 * A line is the function's own text, not its whole line: flowgraphs are written in one. Format:
 * Documentation/bpf/btf.rst.
 */
#include <flowspaces/bpf/bpf.h>

#include <bpf/btf.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Longer texts (a filter of a thousand hosts) are cut. */
#define TEXT_MAX 120
/* Lines and columns share 32 bits. */
#define COLUMN_BITS 10
#define LINE_MAX_NUMBER (1u << (32 - COLUMN_BITS))

static int add_text(struct btf *btf, const char *written, size_t len)
{
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
	const struct ffpf_function *f = origin ? graph->functions[ffpf_origin_function(origin) - 1] : NULL;
	const char *name = f ? ffpf_diags_source_name(graph->diags, f->instance.span.source) : NULL, *written = "ffpf";
	unsigned number = 0, column = 0;
	size_t len = strlen(written);
	int text, file;
	struct ffpf_class_line own;

	if (f)
		written = ffpf_function_text(graph, f, &len);
	if (f && ffpf_origin_line(origin) && f->instance.class->line &&
	    f->instance.class->line(&f->instance, ffpf_origin_line(origin), &own)) {
		written = own.text;
		len = own.len;
		name = own.file;
		number = own.line;
		column = own.column;
	}
	text = add_text(btf, written, len);
	file = btf__add_str(btf, name ? name : "ffpf");
	if (text < 0 || file < 0)
		return text < 0 ? text : file;
	if (f && !number)
		ffpf_diags_locate(graph->diags, f->instance.span.source, f->instance.span.start, &number, &column);
	if (number >= LINE_MAX_NUMBER)
		number = 0;
	line->line_off = (uint32_t)text;
	line->file_name_off = (uint32_t)file;
	line->line_col = number << COLUMN_BITS | (column < 1u << COLUMN_BITS ? column : 0);
	return 0;
}

/* A line of a user's program: of his own source. */
static int describe_user(struct btf *btf, const struct ffpf_object_line *from, struct bpf_line_info *line)
{
	size_t blank = strspn(from->text, " \t");
	int text = add_text(btf, from->text + blank, strlen(from->text + blank)),
	    file = btf__add_str(btf, from->file[0] ? from->file : "?");

	if (text < 0 || file < 0)
		return text < 0 ? text : file;
	line->line_off = (uint32_t)text;
	line->file_name_off = (uint32_t)file;
	line->line_col = (from->line < LINE_MAX_NUMBER ? from->line : 0) << COLUMN_BITS |
			 (from->column < 1u << COLUMN_BITS ? from->column : 0);
	return 0;
}

/* int f(struct __sk_buff *ctx), or what the context is; returns its number or -errno. */
static int add_prototype(const struct ffpf_bpf_ops *ops, struct btf *btf)
{
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int context = btf__add_struct(btf, ops->context, (uint32_t)ops->context_bytes);
	int pointer = context < 0 ? context : btf__add_ptr(btf, context), proto;

	if (number < 0 || pointer < 0)
		return number < 0 ? number : pointer;
	proto = btf__add_func_proto(btf, number);
	return proto < 0 || btf__add_func_param(btf, "ctx", pointer) == 0 ? proto : -EINVAL;
}

/* The kernel takes identifiers only. */
static int add_function(struct btf *btf, const char *name, enum btf_func_linkage linkage, int proto)
{
	char identifier[64];

	snprintf(identifier, sizeof(identifier), "%s%s", isdigit((unsigned char)name[0]) ? "_" : "", name);
	for (char *p = identifier; *p; p++)
		if (!isalnum((unsigned char)*p))
			*p = '_';
	return btf__add_func(btf, identifier[0] ? identifier : "f", linkage, proto);
}

/*
 * The main program and, behind it, the functions of users' programs. What we call of these is global: the kernel then
 * verifies it once and by itself, and not once for each way that leads to a call of it.
 */
static bool add_functions(const struct ffpf_bpf_ops *ops, const struct ffpf_ebpf_program *code, bool global,
			  struct ffpf_bpf_lines *out)
{
	int proto = add_prototype(ops, out->btf), type;

	if (proto < 0)
		return false;
	type = add_function(out->btf, "ffpf", BTF_FUNC_GLOBAL, proto);
	for (size_t i = 0; type >= 0; i++) {
		out->functions[i].type_id = (uint32_t)type;
		out->functions[i].insn_off = i ? code->subprograms[i - 1].insn : 0;
		if (i == code->n_subprograms)
			break;
		type = add_function(out->btf, code->subprograms[i].name,
				    global && code->subprograms[i].entry ? BTF_FUNC_GLOBAL : BTF_FUNC_STATIC, proto);
	}
	out->n_functions = (uint32_t)code->n_subprograms + 1;
	return type >= 0;
}

bool ffpf_bpf_lines_make(const struct ffpf_bpf_ops *ops, const struct ffpf_graph *graph,
			 const struct ffpf_ebpf_program *code, bool global, struct ffpf_bpf_lines *out)
{
	*out = (struct ffpf_bpf_lines){.btf = btf__new_empty(),
				       .functions = calloc(code->n_subprograms + 1, sizeof(*out->functions)),
				       .lines = calloc(code->n_lines + 1, sizeof(*out->lines))};
	if (!out->btf || !out->functions || !out->lines || !code->n_lines || code->lines[0].insn)
		return false;
	if (!add_functions(ops, code, global, out))
		return false;
	for (size_t i = 0; i < code->n_lines; i++) {
		out->lines[i].insn_off = code->lines[i].insn;
		if ((code->lines[i].user ? describe_user(out->btf, code->lines[i].user, &out->lines[i])
					 : describe(out->btf, graph, code->lines[i].origin, &out->lines[i])) < 0)
			return false;
	}
	out->n = (uint32_t)code->n_lines;
	return btf__load_into_kernel(out->btf) == 0;
}

void ffpf_bpf_lines_free(struct ffpf_bpf_lines *lines)
{
	btf__free(lines->btf); /* closes it too */
	free(lines->functions);
	free(lines->lines);
}
