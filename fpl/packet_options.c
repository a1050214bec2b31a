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
	ffpf_val end;		 /* of the header */
	ffpf_block done, broken; /* no more options; the walk ends here */
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

/* Goes on in the option's block where the kind is `kind` and, unless it is 0, the length is `length`; the builder then
 * stands there. *other: where it is another kind. */
static void begin_option(struct walk *w, ffpf_val kind, unsigned k, ffpf_val length, unsigned expected,
			 ffpf_block wrong, ffpf_block *other)
{
	struct fpl_packet *pk = w->pk;
	ffpf_block this = fpl_block(pk);

	*other = fpl_block(pk);
	ffpf_ir_branch_imm(pk->b, FFPF_EQ, 32, kind, k, this, *other);
	fpl_enter(pk, this);
	if (expected)
		fpl_require(pk, FFPF_EQ, length, expected, wrong);
}

/* What an option says. Ends in `then`, or in `wrong` for one of a wrong length. */
static void read_option(struct walk *w, ffpf_val at, ffpf_val kind, ffpf_val length, ffpf_block then, ffpf_block wrong)
{
	struct fpl_packet *pk = w->pk;
	ffpf_val blocks;
	ffpf_block other;

	begin_option(w, kind, KIND_MSS, length, 4, wrong, &other);
	fpl_check(pk, at, 4, w->broken);
	set(w, w->mss, ffpf_ir_load(pk->b, at, 2, 2));
	add_flag(w, OPT_MSS);
	ffpf_ir_jump(pk->b, then);
	fpl_enter(pk, other);
	begin_option(w, kind, KIND_WSCALE, length, 3, wrong, &other);
	fpl_check(pk, at, 3, w->broken);
	set(w, w->wscale, ffpf_ir_load(pk->b, at, 2, 1));
	add_flag(w, OPT_WSCALE);
	ffpf_ir_jump(pk->b, then);
	fpl_enter(pk, other);
	begin_option(w, kind, KIND_SACKOK, length, 2, wrong, &other);
	add_flag(w, OPT_SACKOK);
	ffpf_ir_jump(pk->b, then);
	fpl_enter(pk, other);
	begin_option(w, kind, KIND_TS, length, 10, wrong, &other);
	fpl_check(pk, at, 10, w->broken);
	set(w, w->tsval, ffpf_ir_load(pk->b, at, 2, 4));
	set(w, w->tsecr, ffpf_ir_load(pk->b, at, 6, 4));
	add_flag(w, OPT_TS);
	ffpf_ir_jump(pk->b, then);
	fpl_enter(pk, other);
	begin_option(w, kind, KIND_SACK, length, 0, wrong, &other);
	blocks = fpl_alu(pk, FFPF_SUB, length, 2);
	fpl_require(pk, FFPF_GE, blocks, 8, wrong);
	fpl_require(pk, FFPF_NSET, blocks, 7, wrong);
	set(w, w->sack, fpl_alu(pk, FFPF_RSH, blocks, 3));
	add_flag(w, OPT_SACK);
	ffpf_ir_jump(pk->b, then);
	fpl_enter(pk, other);
	ffpf_ir_jump(pk->b, then);
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
	fpl_check(pk, base, 40, w->broken);
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

/* One option. ends: where it is the one that ends them. */
static void step(struct walk *w, ffpf_block ends)
{
	struct fpl_packet *pk = w->pk;
	ffpf_val at = ffpf_ir_var_get(pk->b, w->at), kind, length, behind;
	ffpf_block more = fpl_block(pk), inside = fpl_block(pk), fits = fpl_block(pk), then = fpl_block(pk),
		   wrong = fpl_block(pk), next = fpl_block(pk);

	ffpf_ir_branch(pk->b, FFPF_LT, 32, at, w->end, more, w->done);
	fpl_enter(pk, more);
	fpl_check(pk, at, 1, w->broken);
	kind = ffpf_ir_load(pk->b, at, 0, 1);
	set(w, w->count, fpl_alu(pk, FFPF_ADD, ffpf_ir_var_get(pk->b, w->count), 1));
	fpl_if_equal(pk, kind, KIND_END, ends);
	step_layout(w, kind);
	set(w, w->at, fpl_alu(pk, FFPF_ADD, at, 1));
	fpl_if_equal(pk, kind, KIND_NOP, next);
	ffpf_ir_branch(pk->b, FFPF_LE, 32, fpl_alu(pk, FFPF_ADD, at, 2), w->end, inside, w->broken);
	fpl_enter(pk, inside);
	fpl_check(pk, at, 2, w->broken);
	length = ffpf_ir_load(pk->b, at, 1, 1);
	fpl_require(pk, FFPF_GE, length, 2, w->broken);
	behind = fpl_add(pk, at, length);
	ffpf_ir_branch(pk->b, FFPF_LE, 32, behind, w->end, fits, w->broken);
	fpl_enter(pk, fits);
	set(w, w->at, behind);
	read_option(w, at, kind, length, then, wrong);
	fpl_enter(pk, wrong);
	add_flag(w, OPT_BAD);
	ffpf_ir_jump(pk->b, then);
	fpl_enter(pk, then);
	ffpf_ir_jump(pk->b, next);
	fpl_enter(pk, next);
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
	ffpf_block none, ends;
	ffpf_val tcp, words;

	if (!fpl_layer_unknown(pk, nest, KNOWN_OPT, IS_COUNT, to))
		return;
	none = fpl_block(pk);
	ends = fpl_block(pk);
	w.done = fpl_block(pk);
	w.broken = fpl_block(pk);
	tcp = fpl_find_header(pk, nest, HEADER_TCP, none);
	words = fpl_alu(pk, FFPF_RSH, ffpf_ir_load(pk->b, tcp, 12, 1), 4);
	w.end = ffpf_ir_hide(pk->b, fpl_add(pk, tcp, fpl_alu(pk, FFPF_LSH, words, 2)), OFFSET_MASK);
	fpl_check(pk, w.end, 0, none);
	begin(&w, tcp);
	for (unsigned i = 0; i < OPTIONS_MAX; i++)
		step(&w, ends);
	ffpf_ir_branch(pk->b, FFPF_LT, 32, ffpf_ir_var_get(pk->b, w.at), w.end, w.broken, w.done);
	fpl_enter(pk, ends);
	read_end(&w, ffpf_ir_var_get(pk->b, w.at));
	fpl_enter(pk, w.broken);
	add_flag(&w, OPT_BAD);
	ffpf_ir_jump(pk->b, w.done);
	fpl_enter(pk, w.done);
	finish(&w, nest);
	fpl_layer_found(pk, nest, KNOWN_OPT, IS_THERE, to);
	fpl_enter(pk, none);
	fpl_layer_found(pk, nest, KNOWN_OPT, IS_ABSENT, to);
}
