/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hist NAME log2;  hist NAME linear WIDTH [from FIRST] [buckets N];
 *
 * Counts numbers in buckets: NAME.add(x [, by n]).
 *   log2     bucket k counts numbers of k bits: 0; 1; 2 and 3; 4 to 7; …
 *   linear   N buckets of WIDTH from FIRST on, the last of which counts all that are greater; smaller ones are counted
 *            in NAME.below
 */
#include <fpl/kinds/kind.h>

enum { BINS, WIDTH, FROM, BUCKETS };
enum { LOG2, LINEAR };
enum { COUNTS, BELOW };

#define LOG2_CELLS 65

static const char *const bins[] = {[LOG2] = "log2", [LINEAR] = "linear", NULL};

static const struct fpl_kind_argument arguments[] = {
	[BINS] = {.name = "bins",
		  .type = FPL_ARGUMENT_CHOICE,
		  .required = true,
		  .choices = bins,
		  .doc = "powers of two, or equal widths"},
	[WIDTH] = {.name = "width", .min = 1, .max = UINT64_C(1) << 48, .def = 1, .doc = "of a bucket (linear)"},
	[FROM] = {.name = "first",
		  .word = "from",
		  .max = UINT64_C(1) << 48,
		  .doc = "the smallest number that the first bucket counts (linear)"},
	[BUCKETS] = {.name = "buckets",
		     .word = "buckets",
		     .min = 2,
		     .max = 65536,
		     .def = 64,
		     .doc = "how many there are (linear)"},
};

static const char *check(const struct fpl_kind_decl *decl, unsigned *argument)
{
	bool linear = decl->arguments[BINS] == LINEAR;

	*argument = WIDTH;
	if (linear)
		return decl->given[WIDTH] ? NULL : "buckets of equal width need a width: linear WIDTH";
	for (unsigned i = WIDTH; i <= BUCKETS; i++)
		if (decl->given[i]) {
			*argument = i;
			return "buckets of powers of two have neither width, beginning nor number";
		}
	return NULL;
}

static unsigned fields(const struct fpl_kind_decl *decl, struct ffpf_arena *arena,
		       struct ffpf_field out[FPL_KIND_FIELDS])
{
	bool linear = decl->arguments[BINS] == LINEAR;

	out[COUNTS] = (struct ffpf_field){.name = decl->name,
					  .merge = FFPF_MERGE_SUM,
					  .unit = decl->unit,
					  .flags = linear ? FFPF_FIELD_LINEAR : FFPF_FIELD_LOG2,
					  .cells = linear ? (uint32_t)decl->arguments[BUCKETS] : LOG2_CELLS,
					  .doc = decl->doc ? decl->doc : "histogram",
					  .first = linear ? decl->arguments[FROM] : 0,
					  .width = linear ? decl->arguments[WIDTH] : 0};
	if (!linear || !decl->arguments[FROM])
		return COUNTS + 1;
	out[BELOW] = (struct ffpf_field){.name = fpl_kind_part(decl, arena, "below"),
					 .merge = FFPF_MERGE_SUM,
					 .unit = decl->unit,
					 .cells = 1,
					 .doc = "less than the first bucket counts"};
	return BELOW + 1;
}

/* The number of the bucket: min(x / width, last). */
static ffpf_val linear_bucket(struct ffpf_builder *b, const struct fpl_kind_decl *decl, ffpf_val x)
{
	uint64_t width = decl->arguments[WIDTH];
	ffpf_val last = ffpf_ir_const(b, decl->arguments[BUCKETS] - 1);

	/* The quotient must be less than 2^63 for the minimum: numbers beyond become 2^63 - 1. */
	if (width == 1) {
		ffpf_val huge = ffpf_ir_alu_imm(b, FFPF_ARSH, 64, x, 63);

		x = ffpf_ir_alu_imm(b, FFPF_AND, 64, ffpf_ir_alu(b, FFPF_OR, 64, x, huge), INT64_MAX);
		return ffpf_ir_min(b, x, last);
	}
	return ffpf_ir_min(b, ffpf_ir_alu_imm(b, FFPF_DIV, 64, x, width), last);
}

static ffpf_val add(const struct fpl_kind_call *call)
{
	const struct fpl_kind_decl *decl = call->decl;
	struct ffpf_builder *b = call->b;
	ffpf_val x = call->arguments[0], by = fpl_kind_by(call);

	if (decl->arguments[BINS] == LOG2) {
		ffpf_ir_state_add(b, call->field + COUNTS, ffpf_ir_bit_length(b, 64, x), by);
	} else if (!decl->arguments[FROM]) {
		ffpf_ir_state_add(b, call->field + COUNTS, linear_bucket(b, decl, x), by);
	} else {
		ffpf_block inside = ffpf_ir_block(b), below = ffpf_ir_block(b), done = ffpf_ir_block(b);
		ffpf_val first = ffpf_ir_const(b, decl->arguments[FROM]);

		fpl_kind_if(b, FFPF_GE, x, first, inside, below);
		ffpf_ir_state_add(b, call->field + COUNTS,
				  linear_bucket(b, decl, ffpf_ir_alu(b, FFPF_SUB, 64, x, first)), by);
		ffpf_ir_jump(b, done);
		ffpf_ir_seal(b, below);
		ffpf_ir_switch_to(b, below);
		ffpf_ir_state_add(b, call->field + BELOW, 0, by);
		fpl_kind_join(b, done);
	}
	return 0;
}

static const struct fpl_kind_method methods[] = {
	{.name = "add", .numbers = 1, .by = true, .emit = add, .doc = "counts a number in its bucket"},
};

const struct fpl_kind_ops fpl_kind_hist = {
	.name = "hist",
	.doc = "histogram of numbers",
	.arguments = arguments,
	.n_arguments = sizeof(arguments) / sizeof(arguments[0]),
	.methods = methods,
	.n_methods = 1,
	.check = check,
	.fields = fields,
};
