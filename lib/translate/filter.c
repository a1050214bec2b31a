/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expressions of any length: compiled whole, or split (split.c), compiled term by term and joined (join.c).
 *
 * libpcap takes 88 seconds for 1,000 hosts, a second for 300 and a microsecond for one.
 */
#include <lib/translate/join.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <ffpf/class.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <string.h>

struct compiling {
	struct pcap *compiler;
	struct ffpf_arena *arena;
	struct ffpf_filter *out;
	struct ffpf_filter_mistake *mistake;
	const char **why;
};

/*
 * Link types whose headers have one length: on others libpcap computes it once, before the first term, and rejects
 * packets that are too short for that.
 */
static bool fixed_header(int linktype)
{
	switch (linktype & ~FFPF_CBPF_SWAPPED) {
	case DLT_EN10MB:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
	case DLT_NULL:
	case DLT_LOOP:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
	case DLT_PPP:
	case DLT_PPP_SERIAL:
	case DLT_PPP_ETHER:
	case DLT_C_HDLC:
	case DLT_FDDI:
	case DLT_IEEE802:
		return true;
	default:
		return false;
	}
}

static bool stands_alone(void *arg, const char *word)
{
	const struct compiling *c = arg;
	struct ffpf_cbpf *insns;
	const char *why;
	size_t n;

	return !cbpf_compiler_run(c->compiler, c->arena, word, false, &insns, &n, &why) || !strstr(why, "syntax error");
}

static void take_facts(struct ffpf_filter *f, const struct ffpf_cbpf *insns, size_t n)
{
	uint32_t demand = ffpf_cbpf_demand(insns, n);

	if (demand > f->demand)
		f->demand = demand;
	f->tests_vlan |= ffpf_cbpf_tests_vlan(insns, n, f->linktype) != 0;
}

static int compile_term(struct compiling *c, struct filter_node *term)
{
	int err = -EINVAL;

	*c->mistake = (struct ffpf_filter_mistake){term->start, term->end, term->text};
	if (strlen(term->text) > FFPF_CBPF_TEXT_MAX)
		*c->why = ffpf_arena_printf(c->arena, "a term of a filter expression may have up to %u bytes",
					    FFPF_CBPF_TEXT_MAX);
	else
		err = cbpf_compiler_run(c->compiler, c->arena, term->text, false, &term->insns, &term->n_insns, c->why);
	if (!err) {
		*c->why = cbpf_invalid(term->insns, term->n_insns);
		err = *c->why ? -EINVAL : 0;
	}
	if (!err)
		take_facts(c->out, term->insns, term->n_insns);
	return err;
}

/* Nesting is bounded by that of the brackets. */
static int compile_terms(struct compiling *c, struct filter_node *n)
{
	int err = 0;

	if (n->kind == FILTER_TERM)
		return compile_term(c, n);
	for (size_t i = 0; !err && i < n->n; i++)
		err = compile_terms(c, n->children[i]);
	return err;
}

/* 1: it is not split. */
static int compile_split(struct compiling *c, const char *expr, uint32_t snaplen, size_t split)
{
	struct filter_node *tree;
	int err = 1;

	c->compiler = cbpf_compiler_open(c->out->linktype, snaplen);
	if (!c->compiler) {
		*c->why = "out of memory";
		return -ENOMEM;
	}
	tree = filter_split(c->arena, expr, stands_alone, c);
	if (tree && tree->n_terms >= split) {
		err = compile_terms(c, tree);
		c->out->tree = tree;
	}
	cbpf_compiler_close(c->compiler);
	return err;
}

/* Can a text of this length have so many terms? Most filters of a graph are short. */
static bool may_split(const char *expr, size_t length, int linktype, size_t split)
{
	size_t joins = 0;

	if (length < split * 3 || !fixed_header(linktype))
		return false;
	for (const char *at = expr; *at; at++)
		joins += !strncmp(at, "and", 3) || !strncmp(at, "or", 2) || !strncmp(at, "&&", 2) ||
			 !strncmp(at, "||", 2);
	return joins + 1 >= split;
}

int ffpf_filter_compile(struct ffpf_arena *arena, const char *expr, int linktype, uint32_t snaplen, size_t split,
			struct ffpf_filter *out, struct ffpf_filter_mistake *mistake, const char **why)
{
	struct compiling c = {.arena = arena, .out = out, .mistake = mistake, .why = why};
	size_t length = strnlen(expr, FFPF_FILTER_TEXT_MAX + 1);
	int err = 1;

	*out = (struct ffpf_filter){.linktype = linktype};
	*mistake = (struct ffpf_filter_mistake){0, length, expr};
	if (length > FFPF_FILTER_TEXT_MAX) {
		*why = ffpf_arena_printf(arena, "a filter expression may have up to %u bytes", FFPF_FILTER_TEXT_MAX);
		return -EINVAL;
	}
	split = split ?: FFPF_FILTER_SPLIT;
	if (may_split(expr, length, linktype, split))
		err = compile_split(&c, expr, snaplen, split);
	if (err <= 0)
		return err;
	if (length > FFPF_CBPF_TEXT_MAX) {
		*why = ffpf_arena_printf(arena,
					 "a filter expression of more than %u bytes has to consist of terms that can "
					 "be compiled one by one: of known words, without vlan, mpls, pppoes or geneve",
					 FFPF_CBPF_TEXT_MAX);
		return -EINVAL;
	}
	err = ffpf_cbpf_compile(arena, expr, linktype, snaplen, &out->insns, &out->n, why);
	if (!err)
		take_facts(out, out->insns, out->n);
	return err;
}

bool ffpf_filter_locate(const struct ffpf_filter_mistake *mistake, int linktype, const char *why, size_t *start,
			size_t *end)
{
	size_t from, to, length = strlen(mistake->text), before = length - (mistake->end - mistake->start);

	/* Of a term with inherited qualifiers the text's end is what was written. */
	if (length < mistake->end - mistake->start || !ffpf_cbpf_locate(mistake->text, linktype, why, &from, &to) ||
	    from < before) {
		*start = mistake->start;
		*end = mistake->end;
		return mistake->start > 0 || before > 0;
	}
	*start = mistake->start + from - before;
	*end = mistake->start + to - before;
	return true;
}

int ffpf_filter_translate(struct ffpf_builder *b, const struct ffpf_filter *filter, uint32_t class, const char **why)
{
	struct cbpf_exits exits;
	bool joined;

	if (!filter->tree)
		return ffpf_cbpf_translate(b, filter->insns, filter->n, class, why);
	exits = (struct cbpf_exits){ffpf_ir_block(b), ffpf_ir_block(b), ffpf_ir_block(b)};
	joined = filter_join(b, filter->tree, &exits);
	ffpf_ir_seal(b, exits.yes);
	ffpf_ir_switch_to(b, exits.yes);
	ffpf_ir_accept(b, class ? ffpf_ir_const(b, class) : ffpf_ir_class(b));
	ffpf_ir_seal(b, exits.no);
	ffpf_ir_switch_to(b, exits.no);
	ffpf_ir_reject(b);
	ffpf_ir_seal(b, exits.fail);
	ffpf_ir_switch_to(b, exits.fail);
	ffpf_ir_reject(b);
	if (!joined)
		*why = "too many terms have to be tested one after the other: more than a program can hold";
	return joined ? 0 : -EINVAL;
}
