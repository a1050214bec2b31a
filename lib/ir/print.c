/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packet programs as text, for `ffpf explain --ir`, tests and people who write
 * passes: reachable blocks in reverse postorder, one instruction a line.
 * The text of the function that a line came from follows it as a comment, where it differs from the line above.
 */
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

struct printer {
	const struct ffpf_program *p;
	FILE *out;
	uint32_t origin; /* of the line above */
	int column;
};

static const char *const cond_names[] = {
	[FFPF_EQ] = "eq",   [FFPF_NE] = "ne",	[FFPF_LT] = "lt",   [FFPF_LE] = "le",
	[FFPF_GT] = "gt",   [FFPF_GE] = "ge",	[FFPF_SLT] = "slt", [FFPF_SLE] = "sle",
	[FFPF_SGT] = "sgt", [FFPF_SGE] = "sge", [FFPF_SET] = "set", [FFPF_NSET] = "nset",
};

static const char *const meta_names[FFPF_META_COUNT] = {
	[FFPF_META_LEN] = "len",	 [FFPF_META_CAPLEN] = "caplen", [FFPF_META_TIME] = "time",
	[FFPF_META_IFINDEX] = "ifindex", [FFPF_META_QUEUE] = "queue",	[FFPF_META_DIR] = "dir",
	[FFPF_META_CPU] = "cpu",	 [FFPF_META_MARK] = "mark",	[FFPF_META_PRIORITY] = "priority",
	[FFPF_META_TUNNEL] = "tunnel",
};

static const char *const verdict_names[] = {
	[FFPF_VERDICT_PASS] = "pass",
	[FFPF_VERDICT_TX] = "tx",
	[FFPF_VERDICT_REDIRECT] = "redirect",
	[FFPF_VERDICT_DROP] = "drop",
};

/* Of long lists the beginning and the end are shown. */
enum { SHOWN_MAX = 12, SHOWN_HEAD = 4, SHOWN_TAIL = 2 };

#define NAME_OF(names, i) ((i) < sizeof(names) / sizeof((names)[0]) ? (names)[i] : "?")

__attribute__((format(printf, 2, 3))) static void put(struct printer *pr, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	pr->column += vfprintf(pr->out, format, ap);
	va_end(ap);
}

static void put_number(struct printer *pr, uint64_t x)
{
	put(pr, x < 10 ? "%" PRIu64 : "0x%" PRIx64, x);
}

/* base + offset as written in loads and checks, where offsets read better in decimal. */
static void put_place(struct printer *pr, ffpf_val base, uint64_t offset)
{
	if (base)
		put(pr, "v%u + ", base);
	put(pr, "%" PRIu64, offset);
}

static void end_line(struct printer *pr, uint32_t origin)
{
	const struct ffpf_program *p = pr->p;
	uint32_t function = ffpf_origin_function(origin);
	const char *text = p->origins && function && function - 1 < p->n_origins ? p->origins[function - 1] : NULL;
	const char *line = ffpf_origin_line(origin) && p->line_text ? p->line_text(p->line_arg, origin) : NULL;

	if (line)
		text = line;

	if (text && origin != pr->origin)
		fprintf(pr->out, "%*s; %s", pr->column < 40 ? 40 - pr->column : 1, "", text);
	fputc('\n', pr->out);
	pr->origin = origin;
	pr->column = 0;
}

static void put_state(struct printer *pr, const struct ffpf_insn *insn)
{
	put(pr, "%s %s[%" PRIu64, ffpf_op_names[insn->op], insn->shared ? "shared" : "cells", insn->imm);
	if (insn->a)
		put(pr, " + v%u of %u", insn->a, insn->cells);
	put(pr, "]");
	if (insn->b)
		put(pr, ", v%u", insn->b);
}

static const char *map_name(const struct ffpf_program *p, uint64_t map)
{
	return map < p->n_maps && p->maps[map].name ? p->maps[map].name : "?";
}

static void put_phi(struct printer *pr, const struct ffpf_insn *insn)
{
	put(pr, "phi [");
	for (uint32_t i = 0; i < insn->n_phi; i++)
		put(pr, "%sb%u: v%u", i ? ", " : "", insn->phi[i].pred, insn->phi[i].value);
	put(pr, "]");
}

static void put_insn(struct printer *pr, ffpf_val v)
{
	const struct ffpf_insn *insn = &pr->p->insns[v];
	const char *name = insn->op < FFPF_IR_OPS ? ffpf_op_names[insn->op] : "?";

	put(pr, "\t");
	pr->column = 8;
	if (insn->op < FFPF_IR_OPS && ffpf_op_flags[insn->op] & FFPF_OP_VALUE)
		put(pr, "v%u = ", v);
	switch (insn->op) {
	case FFPF_IR_CONST:
		put(pr, "const ");
		put_number(pr, insn->imm);
		break;
	case FFPF_IR_PHI:
		put_phi(pr, insn);
		break;
	case FFPF_IR_META:
		put(pr, "meta %s", NAME_OF(meta_names, insn->imm));
		break;
	case FFPF_IR_LOOKUP:
		put(pr, "lookup t%" PRIu64 ", v%u", insn->imm, insn->a);
		break;
	case FFPF_IR_HIDE:
		put(pr, "hide v%u, ", insn->a);
		put_number(pr, insn->imm);
		break;
	case FFPF_IR_CALL:
		put(pr, "call %s", insn->imm == FFPF_HELPER_RANDOM ? "random" : "?");
		break;
	case FFPF_IR_LOAD:
	case FFPF_IR_STORE:
		put(pr, "%s.%u [", name, insn->size);
		put_place(pr, insn->a, insn->imm);
		put(pr, "]");
		if (insn->op == FFPF_IR_STORE)
			put(pr, ", v%u", insn->b);
		break;
	case FFPF_IR_SLOAD:
	case FFPF_IR_SSTORE:
	case FFPF_IR_SADD:
	case FFPF_IR_SFETCHADD:
	case FFPF_IR_SFETCHOR:
		put_state(pr, insn);
		break;
	case FFPF_IR_KEY:
		put(pr, "key.%u %s[%u], v%u", insn->size, map_name(pr->p, insn->imm), insn->cells, insn->b);
		break;
	case FFPF_IR_MFIND:
	case FFPF_IR_MADD:
	case FFPF_IR_MREMOVE:
		put(pr, "%s %s, v%u", name, map_name(pr->p, insn->imm), insn->a);
		break;
	case FFPF_IR_ELOAD:
	case FFPF_IR_ESTORE:
	case FFPF_IR_EADD:
	case FFPF_IR_EFETCHADD:
		put(pr, "%s v%u[%" PRIu64 "]", name, insn->a, insn->imm);
		if (insn->b)
			put(pr, ", v%u", insn->b);
		break;
	case FFPF_IR_VERDICT:
		put(pr, "verdict %s", NAME_OF(verdict_names, insn->imm));
		break;
	case FFPF_IR_TAG:
		put(pr, insn->imm ? "tag 0x%08" PRIx64 : "tag off", insn->imm);
		break;
	case FFPF_IR_FLAG:
	case FFPF_IR_SETFLAG:
	case FFPF_IR_CROSS:
	case FFPF_IR_TAP:
	case FFPF_IR_WANTED:
	case FFPF_IR_GHOST:
	case FFPF_IR_NATIVE:
	case FFPF_IR_PROGRAM:
		put(pr, "%s %" PRIu64, name, insn->imm);
		if (insn->b)
			put(pr, ", v%u", insn->b);
		break;
	default:
		put(pr, "%s.%u v%u, v%u", name, insn->bits, insn->a, insn->b);
		break;
	}
	end_line(pr, insn->origin);
}

static void put_term(struct printer *pr, const struct ffpf_term *t)
{
	put(pr, "\t");
	pr->column = 8;
	switch (t->kind) {
	case FFPF_TERM_JUMP:
		put(pr, "jump b%u", t->yes);
		break;
	case FFPF_TERM_BRANCH:
		put(pr, "branch.%u %s v%u, ", t->bits, NAME_OF(cond_names, t->cond), t->a);
		if (t->b)
			put(pr, "v%u", t->b);
		else
			put_number(pr, t->imm);
		put(pr, " -> b%u, b%u", t->yes, t->no);
		break;
	case FFPF_TERM_CHECK:
		put(pr, "check ");
		put_place(pr, t->a, t->imm);
		put(pr, " -> b%u, short b%u", t->yes, t->no);
		break;
	case FFPF_TERM_SWITCH:
		put(pr, "switch.%u v%u ->", t->bits, t->a);
		for (uint32_t i = 0; i < t->n_cases; i++) {
			if (i == SHOWN_HEAD && t->n_cases > SHOWN_MAX) {
				i = t->n_cases - SHOWN_TAIL;
				put(pr, " (%u more),", i - SHOWN_HEAD);
			}
			put(pr, " ");
			put_number(pr, t->cases[i].value);
			put(pr, ": b%u,", t->cases[i].to);
		}
		put(pr, " else b%u", t->no);
		break;
	case FFPF_TERM_END:
		put(pr, "end");
		break;
	default:
		put(pr, "unfinished");
		break;
	}
	end_line(pr, t->origin);
}

static void put_table(struct printer *pr, size_t number)
{
	const struct ffpf_ir_table *t = &pr->p->tables[number];

	put(pr, "t%zu: %u keys:", number, t->n);
	for (uint32_t i = 0; i < t->n; i++) {
		if (i == SHOWN_HEAD && t->n > SHOWN_MAX) {
			i = t->n - SHOWN_TAIL;
			put(pr, " (%u more),", i - SHOWN_HEAD);
		}
		put(pr, " ");
		put_number(pr, t->keys[i]);
		if (t->values)
			put(pr, " = %" PRIu64, t->values[i]);
		put(pr, i + 1 < t->n ? "," : "");
	}
	fputc('\n', pr->out);
	pr->column = 0;
}

/* Tables that instructions refer to, behind the blocks. */
static void put_tables(struct printer *pr)
{
	const struct ffpf_program *p = pr->p;
	bool *used = ffpf_arena_alloc(p->arena, p->n_tables + 1);

	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];

		for (size_t k = 0; k < bb->n; k++)
			if (p->insns[bb->insns[k]].op == FFPF_IR_LOOKUP)
				used[p->insns[bb->insns[k]].imm] = true;
	}
	for (size_t i = 0; i < p->n_tables; i++)
		if (used[i])
			put_table(pr, i);
}

void ffpf_ir_print(struct ffpf_program *p, FILE *out)
{
	struct printer pr = {.p = p, .out = out};

	ffpf_ir_analyse(p);
	for (size_t i = 0; i < p->n_rpo; i++) {
		const struct ffpf_bb *bb = &p->blocks[p->rpo[i]];

		fprintf(out, "b%u:\n", p->rpo[i]);
		for (size_t k = 0; k < bb->n; k++)
			if (p->insns[bb->insns[k]].op != FFPF_IR_NOP)
				put_insn(&pr, bb->insns[k]);
		put_term(&pr, &bb->term);
	}
	put_tables(&pr);
}
