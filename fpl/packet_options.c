/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP options: one walk over all of them, the first time that one is asked for.
 *
 * Options of any length stand anywhere, so every step multiplies what a verifier that follows each way has to look at.
 * Where the next option begins is hidden from it at each step, and so is what was found, at the end.
 *
 * A known option of a wrong length does not count, and makes the options bad; the walk goes on behind it. An impossible
 * length (less than 2, or beyond the header) ends it.
 */
#include <fpl/packet_inside.h>

#define OPTIONS_MAX 24

enum { KIND_END, KIND_NOP, KIND_MSS, KIND_WSCALE, KIND_SACKOK, KIND_SACK, KIND_TS = 8 };

struct walk {
	struct fpl_packet *pk;
	ffpf_val end;			/* of the header */
	ffpf_block next, bad;		/* of the step: the next option; this one is bad */
	ffpf_block done, ends, outside; /* no more options; the one that ends them; beyond what was checked: never */
	ffpf_var at, flags, count, layout, mss, wscale, sack, tsval, tsecr, eol;
};

static void set(struct walk *w, ffpf_var var, ffpf_val x)
{
	ffpf_ir_var_set(w->pk->b, var, x);
}

static void add_flag(struct walk *w, unsigned flag)
{
	set(w, w->flags, fpl_alu(w->pk, FFPF_OR, ffpf_ir_var_get(w->pk->b, w->flags), flag));
}

static void step_layout(struct walk *w, ffpf_val x)
{
	struct ffpf_builder *b = w->pk->b;
	ffpf_val layout = ffpf_ir_alu(b, FFPF_XOR, 64, ffpf_ir_var_get(b, w->layout), x);

	set(w, w->layout, ffpf_ir_alu_imm(b, FFPF_MUL, 64, layout, FPL_LAYOUT_PRIME));
}

/* ---- single options -------------------------------------------------------------------------- */

/* Goes on where the option is of this kind and, unless it is 0, length; to *other where it is of another kind. */
static void begin_option(struct walk *w, ffpf_val kind, unsigned k, ffpf_val length, unsigned expected,
			 ffpf_block *other)
{
	struct fpl_packet *pk = w->pk;
	ffpf_block this = fpl_block(pk);

	*other = fpl_block(pk);
	ffpf_ir_branch_imm(pk->b, FFPF_EQ, 32, kind, k, this, *other);
	fpl_enter(pk, this);
	if (expected)
		fpl_require(pk, FFPF_EQ, length, expected, w->bad);
}

static void end_option(struct walk *w, unsigned flag, ffpf_block other)
{
	add_flag(w, flag);
	ffpf_ir_jump(w->pk->b, w->next);
	fpl_enter(w->pk, other);
}

/* What an option says. */
static void read_option(struct walk *w, ffpf_val at, ffpf_val kind, ffpf_val length)
{
	struct fpl_packet *pk = w->pk;
	ffpf_val blocks;
	ffpf_block other;

	begin_option(w, kind, KIND_MSS, length, 4, &other);
	fpl_check(pk, at, 4, w->outside);
	set(w, w->mss, ffpf_ir_load(pk->b, at, 2, 2));
	end_option(w, OPT_MSS, other);
	begin_option(w, kind, KIND_WSCALE, length, 3, &other);
	fpl_check(pk, at, 3, w->outside);
	set(w, w->wscale, ffpf_ir_load(pk->b, at, 2, 1));
	end_option(w, OPT_WSCALE, other);
	begin_option(w, kind, KIND_SACKOK, length, 2, &other);
	end_option(w, OPT_SACKOK, other);
	begin_option(w, kind, KIND_TS, length, 10, &other);
	fpl_check(pk, at, 10, w->outside);
	set(w, w->tsval, ffpf_ir_load(pk->b, at, 2, 4));
	set(w, w->tsecr, ffpf_ir_load(pk->b, at, 6, 4));
	end_option(w, OPT_TS, other);
	begin_option(w, kind, KIND_SACK, length, 0, &other);
	blocks = fpl_alu(pk, FFPF_SUB, length, 2);
	fpl_require(pk, FFPF_GE, blocks, 8, w->bad);
	fpl_require(pk, FFPF_NSET, blocks, 7, w->bad);
	set(w, w->sack, fpl_alu(pk, FFPF_RSH, blocks, 3));
	end_option(w, OPT_SACK, other);
	ffpf_ir_jump(pk->b, w->next);
}

/* The end of the options: what follows should be zeros. */
static void read_end(struct walk *w, ffpf_val at)
{
	struct fpl_packet *pk = w->pk;
	ffpf_val rest = fpl_alu(pk, FFPF_SUB, ffpf_ir_alu(pk->b, FFPF_SUB, 32, w->end, at), 1), base;
	ffpf_block trailing = fpl_block(pk);

	set(w, w->eol, rest);
	step_layout(w, ffpf_ir_const(pk->b, KIND_END));
	step_layout(w, rest);
	add_flag(w, OPT_EOL);
	/* The header is behind an IP header: there are 40 bytes before its end. */
	base = ffpf_ir_hide(pk->b, fpl_alu(pk, FFPF_SUB, w->end, 40), OFFSET_MASK);
	fpl_check(pk, base, 40, w->outside);
	for (unsigned i = 0; i < 5; i++) {
		ffpf_val word = ffpf_ir_load(pk->b, base, 32 - 8 * i, 8), bits;
		ffpf_block part = fpl_block(pk), whole = fpl_block(pk), next = fpl_block(pk);

		ffpf_ir_branch_imm(pk->b, FFPF_LT, 32, rest, 8 * i + 8, part, whole);
		fpl_enter(pk, part);
		fpl_require(pk, FFPF_GT, rest, 8 * i, w->done);
		bits = fpl_alu(pk, FFPF_LSH, rest, 3);
		bits = ffpf_ir_alu(pk->b, FFPF_SUB, 32, ffpf_ir_const(pk->b, 64 + 64 * i), bits);
		ffpf_ir_branch_imm(pk->b, FFPF_EQ, 64, ffpf_ir_alu(pk->b, FFPF_LSH, 64, word, bits), 0, w->done,
				   trailing);
		fpl_enter(pk, whole);
		ffpf_ir_branch_imm(pk->b, FFPF_EQ, 64, word, 0, next, trailing);
		fpl_enter(pk, next);
	}
	ffpf_ir_jump(pk->b, w->done);
	fpl_enter(pk, trailing);
	add_flag(w, OPT_TRAILING);
	ffpf_ir_jump(pk->b, w->done);
}

/* ---- the walk -------------------------------------------------------------------------------- */

/* One option; the builder then stands behind it. A bad one whose length is impossible is as one that fills the rest. */
static void step(struct walk *w)
{
	struct fpl_packet *pk = w->pk;
	ffpf_val at = ffpf_ir_var_get(pk->b, w->at), kind, length, behind;
	ffpf_block more = fpl_block(pk), inside = fpl_block(pk), fits = fpl_block(pk);

	w->next = fpl_block(pk);
	w->bad = fpl_block(pk);
	ffpf_ir_branch(pk->b, FFPF_LT, 32, at, w->end, more, w->done);
	fpl_enter(pk, more);
	fpl_check(pk, at, 1, w->outside);
	kind = ffpf_ir_load(pk->b, at, 0, 1);
	set(w, w->count, fpl_alu(pk, FFPF_ADD, ffpf_ir_var_get(pk->b, w->count), 1));
	fpl_if_equal(pk, kind, KIND_END, w->ends);
	step_layout(w, kind);
	set(w, w->at, fpl_alu(pk, FFPF_ADD, at, 1));
	fpl_if_equal(pk, kind, KIND_NOP, w->next);
	set(w, w->at, w->end);
	ffpf_ir_branch(pk->b, FFPF_LE, 32, fpl_alu(pk, FFPF_ADD, at, 2), w->end, inside, w->bad);
	fpl_enter(pk, inside);
	fpl_check(pk, at, 2, w->outside);
	length = ffpf_ir_load(pk->b, at, 1, 1);
	fpl_require(pk, FFPF_GE, length, 2, w->bad);
	behind = fpl_add(pk, at, length);
	ffpf_ir_branch(pk->b, FFPF_LE, 32, behind, w->end, fits, w->bad);
	fpl_enter(pk, fits);
	set(w, w->at, behind);
	read_option(w, at, kind, length);
	fpl_enter(pk, w->bad);
	add_flag(w, OPT_BAD);
	ffpf_ir_jump(pk->b, w->next);
	fpl_enter(pk, w->next);
	set(w, w->at, ffpf_ir_hide(pk->b, ffpf_ir_var_get(pk->b, w->at), OFFSET_MASK));
}

static void begin(struct walk *w, ffpf_val tcp)
{
	struct ffpf_builder *b = w->pk->b;
	ffpf_var *const zero[] = {&w->flags, &w->count, &w->mss, &w->wscale, &w->sack, &w->tsval, &w->tsecr, &w->eol};

	for (size_t i = 0; i < sizeof(zero) / sizeof(zero[0]); i++) {
		*zero[i] = ffpf_ir_var(b);
		set(w, *zero[i], ffpf_ir_const(b, 0));
	}
	w->at = ffpf_ir_var(b);
	w->layout = ffpf_ir_var(b);
	set(w, w->at, ffpf_ir_hide(b, fpl_alu(w->pk, FFPF_ADD, tcp, 20), OFFSET_MASK));
	set(w, w->layout, ffpf_ir_const(b, FPL_LAYOUT_START));
}

static void finish(struct walk *w, unsigned nest)
{
	const struct {
		ffpf_var var;
		enum fpl_known known;
		uint64_t mask;
	} results[] = {
		{w->flags, KNOWN_OPT_FLAGS, UINT8_MAX},	   {w->count, KNOWN_OPT_COUNT, UINT8_MAX},
		{w->mss, KNOWN_OPT_MSS, UINT16_MAX},	   {w->wscale, KNOWN_OPT_WSCALE, UINT8_MAX},
		{w->sack, KNOWN_OPT_SACK, UINT8_MAX},	   {w->tsval, KNOWN_OPT_TSVAL, UINT32_MAX},
		{w->tsecr, KNOWN_OPT_TSECR, UINT32_MAX},   {w->eol, KNOWN_OPT_EOL, UINT8_MAX},
		{w->layout, KNOWN_OPT_LAYOUT, UINT64_MAX},
	};

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		ffpf_val x = ffpf_ir_var_get(w->pk->b, results[i].var);

		fpl_set(w->pk, nest, results[i].known, ffpf_ir_hide(w->pk->b, x, results[i].mask));
	}
}

void fpl_tcp_options(struct fpl_packet *pk, unsigned nest, const ffpf_block *to)
{
	struct walk w = {.pk = pk};
	ffpf_block none, over;
	ffpf_val tcp, words;

	if (!fpl_layer_unknown(pk, nest, KNOWN_OPT, IS_COUNT, to))
		return;
	none = w.outside = fpl_block(pk);
	over = fpl_block(pk);
	w.ends = fpl_block(pk);
	w.done = fpl_block(pk);
	tcp = fpl_find_header(pk, nest, HEADER_TCP, none);
	words = fpl_alu(pk, FFPF_RSH, ffpf_ir_load(pk->b, tcp, 12, 1), 4);
	w.end = ffpf_ir_hide(pk->b, fpl_add(pk, tcp, fpl_alu(pk, FFPF_LSH, words, 2)), OFFSET_MASK);
	fpl_check(pk, w.end, 0, none);
	begin(&w, tcp);
	for (unsigned i = 0; i < OPTIONS_MAX; i++)
		step(&w);
	ffpf_ir_branch(pk->b, FFPF_LT, 32, ffpf_ir_var_get(pk->b, w.at), w.end, over, w.done);
	fpl_enter(pk, over);
	add_flag(&w, OPT_BAD);
	ffpf_ir_jump(pk->b, w.done);
	fpl_enter(pk, w.ends);
	read_end(&w, ffpf_ir_var_get(pk->b, w.at));
	fpl_enter(pk, w.done);
	finish(&w, nest);
	fpl_layer_found(pk, nest, KNOWN_OPT, IS_THERE, to);
	fpl_enter(pk, none);
	fpl_layer_found(pk, nest, KNOWN_OPT, IS_ABSENT, to);
}
