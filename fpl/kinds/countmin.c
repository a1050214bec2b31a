/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * countmin NAME[key] [ROWS x COLUMNS];
 *
 * Counts by key in little memory: NAME.add(key [, by n]) counts and gives the count, NAME.count(key) gives it. A count
 * is never too small. It is too great by at most e / COLUMNS of all that was counted, but with a probability of e^-ROWS
 * (Cormode and Muthukrishnan, "An improved data stream summary: the count-min sketch", J. Algorithms 2005).
 *
 *     row 0   . . 5 . . . .      a key has one cell in each row; each cell is a sum over the keys that it is
 *     row 1   7 . . . . . .      the cell of; the smallest is closest to the truth
 *     row 2   . . . . . 5 .
 *
 * The cells are shared by all CPUs and counted atomically: packets of one key come by on several CPUs, and what one CPU
 * of them has counted would be too small. The columns of all rows come from one hash: its halves are taken as in Kirsch
 * and Mitzenmacher, "Less hashing, same performance" (ESA 2006), first + row * second.
 */
#include <fpl/kinds/kind.h>

#include <math.h>

enum { ROWS, COLUMNS };
enum { TOTAL, ERROR, CELLS, FIELDS };

static const struct fpl_kind_argument arguments[] = {
	[ROWS] = {.name = "rows",
		  .min = 1,
		  .max = 8,
		  .def = 4,
		  .doc = "of cells: a bound of the error holds but for e^-rows of all keys"},
	[COLUMNS] = {.name = "columns",
		     .word = "x",
		     .min = 16,
		     .max = 1 << 20,
		     .def = 8192,
		     .doc = "of cells, 8 bytes each: the error is at most e / columns of all that is counted"},
};

static const char *check(const struct fpl_kind_decl *decl, unsigned *argument)
{
	*argument = COLUMNS;
	if (decl->arguments[ROWS] * decl->arguments[COLUMNS] > FFPF_FIELD_CELLS_MAX)
		return "rows x columns are more than 4194304 cells";
	return NULL;
}

static unsigned fields(const struct fpl_kind_decl *decl, struct ffpf_arena *arena,
		       struct ffpf_field out[FPL_KIND_FIELDS])
{
	out[TOTAL] = (struct ffpf_field){.name = decl->name,
					 .unit = decl->unit,
					 .flags = FFPF_FIELD_DERIVED,
					 .doc = decl->doc ? decl->doc : "all that was counted"};
	out[ERROR] = (struct ffpf_field){.name = fpl_kind_part(decl, arena, "error"),
					 .unit = decl->unit,
					 .flags = FFPF_FIELD_DERIVED,
					 .doc = "by which a key's count is too great at most"};
	out[CELLS] = (struct ffpf_field){.name = fpl_kind_part(decl, arena, "cells"),
					 .merge = FFPF_MERGE_SHARED,
					 .flags = FFPF_FIELD_HIDDEN,
					 .cells = (uint32_t)(decl->arguments[ROWS] * decl->arguments[COLUMNS])};
	return FIELDS;
}

/* What happens to the key's cell in each row, and the smallest that it gives. */
static ffpf_val walk(const struct fpl_kind_call *call, ffpf_val by)
{
	struct ffpf_builder *b = call->b;
	unsigned rows = (unsigned)call->decl->arguments[ROWS], field = call->field + CELLS;
	uint32_t columns = (uint32_t)call->decl->arguments[COLUMNS];
	ffpf_val words[FPL_KEY_WORDS], hash, second, smallest = 0;

	hash = fpl_hash_emit(b, words, fpl_key_pack(b, &call->decl->key, call->arguments, words));
	second = ffpf_ir_alu_imm(b, FFPF_RSH, 64, hash, 32);
	for (unsigned row = 0; row < rows; row++) {
		ffpf_val cell = fpl_scale_emit(b, hash, columns), count;

		if (row)
			cell = ffpf_ir_alu_imm(b, FFPF_ADD, 64, cell, (uint64_t)row * columns);
		if (by && !call->wanted)
			ffpf_ir_state_add(b, field, cell, by);
		count = by ? (call->wanted ? ffpf_ir_state_fetch_add(b, field, cell, by) : 0)
			   : ffpf_ir_state_load(b, field, cell);
		if (count)
			smallest = smallest ? ffpf_ir_min(b, smallest, count) : count;
		hash = ffpf_ir_alu(b, FFPF_ADD, 64, hash, second);
	}
	return by && smallest ? ffpf_ir_alu(b, FFPF_ADD, 64, smallest, by) : smallest;
}

static ffpf_val add(const struct fpl_kind_call *call)
{
	return walk(call, fpl_kind_by(call));
}

static ffpf_val count(const struct fpl_kind_call *call)
{
	return walk(call, 0);
}

/* Each addition is in one cell of the first row. */
static void derive(const struct fpl_kind_decl *decl, const struct fpl_kind_cells *all, double *out)
{
	const uint64_t *cells = all->cells + CELLS;
	uint64_t total = 0;

	for (size_t i = 0; i < decl->arguments[COLUMNS]; i++)
		total += cells[i];
	out[TOTAL] = (double)total;
	out[ERROR] = (double)total * M_E / (double)decl->arguments[COLUMNS];
}

static const struct fpl_kind_method methods[] = {
	{.name = "add", .key = true, .by = true, .gives = true, .emit = add, .doc = "counts; the count so far"},
	{.name = "count", .key = true, .gives = true, .emit = count, .doc = "the count of a key, or somewhat more"},
};

const struct fpl_kind_ops fpl_kind_countmin = {
	.name = "countmin",
	.doc = "counts by key in little memory, somewhat too great",
	.key = true,
	.arguments = arguments,
	.n_arguments = 2,
	.methods = methods,
	.n_methods = 2,
	.check = check,
	.fields = fields,
	.derive = derive,
};
