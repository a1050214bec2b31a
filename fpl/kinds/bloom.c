/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bloom NAME[key] size N;
 *
 * A set of keys that may take others for its own: NAME.add(key) puts one in and tells whether it was new, NAME.has(key)
 * whether it is in. One that was put in is always found; of others, with N keys in it, fewer than 1 in 150 are, and the
 * more of them the more keys are put in beyond N. Nothing is ever refused or forgotten.
 *
 * A filter of blocks (Putze, Sanders and Singler, "Cache-, hash- and space-efficient Bloom filters", WEA 2007), which
 * are one cell each: a key has four bits of one cell, and with 16 bits a key these tell as much as 10 bits would that
 * lie anywhere. So a key is put in by one atomic or; of several CPUs that put it in at once, one is told that it was
 * new.
 *
 *     hash   63                32 31   24 23 18 17 12 11  6 5   0
 *            [   which cell    ][      ][ bit ][ bit ][ bit ][ bit ]
 */
#include <fpl/kinds/kind.h>

#include <math.h>

enum { KEYS, FALSE_POSITIVES, BITS, FIELDS };

#define KEYS_PER_CELL 4
#define PICKS 4 /* bits of a cell that are a key's; the same one may be picked twice */

static const struct fpl_kind_argument arguments[] = {
	{.name = "size",
	 .word = "size",
	 .required = true,
	 .min = 16,
	 .max = (uint64_t)FFPF_FIELD_CELLS_MAX * KEYS_PER_CELL,
	 .doc = "keys that it is made for: two bytes each"},
};

static uint32_t cells_of(const struct fpl_kind_decl *decl)
{
	return (uint32_t)((decl->arguments[0] + KEYS_PER_CELL - 1) / KEYS_PER_CELL);
}

static unsigned fields(const struct fpl_kind_decl *decl, struct ffpf_arena *arena,
		       struct ffpf_field out[FPL_KIND_FIELDS])
{
	out[KEYS] = (struct ffpf_field){.name = decl->name,
					.merge = FFPF_MERGE_SUM,
					.unit = decl->unit,
					.cells = 1,
					.doc = decl->doc ? decl->doc : "keys that were new when they were added"};
	out[FALSE_POSITIVES] =
		(struct ffpf_field){.name = fpl_kind_part(decl, arena, "false_positives"),
				    .flags = FFPF_FIELD_DERIVED,
				    .doc = "the part of other keys that would be taken for one of these, now"};
	out[BITS] = (struct ffpf_field){.name = fpl_kind_part(decl, arena, "bits"),
					.merge = FFPF_MERGE_SHARED,
					.flags = FFPF_FIELD_HIDDEN,
					.cells = cells_of(decl)};
	return FIELDS;
}

/* The key's bits, and their cell. */
static ffpf_val bits_of(const struct fpl_kind_call *call, ffpf_val *cell)
{
	struct ffpf_builder *b = call->b;
	ffpf_val words[FPL_KEY_WORDS], bits = 0;
	ffpf_val hash = fpl_hash_emit(b, words, fpl_key_pack(b, &call->decl->key, call->arguments, words));
	ffpf_val one = ffpf_ir_const(b, 1);

	*cell = fpl_scale_emit(b, ffpf_ir_alu_imm(b, FFPF_RSH, 64, hash, 32), cells_of(call->decl));
	for (unsigned i = 0; i < PICKS; i++) {
		/* The count of a shift is taken modulo 64. */
		ffpf_val bit =
			ffpf_ir_alu(b, FFPF_LSH, 64, one, i ? ffpf_ir_alu_imm(b, FFPF_RSH, 64, hash, 6 * i) : hash);

		bits = bits ? ffpf_ir_alu(b, FFPF_OR, 64, bits, bit) : bit;
	}
	return bits;
}

/* Is one of `bits` missing in x? */
static ffpf_val missing(struct ffpf_builder *b, ffpf_val x, ffpf_val bits)
{
	return ffpf_ir_truth(b, ffpf_ir_alu(b, FFPF_XOR, 64, ffpf_ir_alu(b, FFPF_AND, 64, x, bits), bits));
}

static ffpf_val add(const struct fpl_kind_call *call)
{
	ffpf_val cell, bits = bits_of(call, &cell);
	ffpf_val new = missing(call->b, ffpf_ir_state_fetch_or(call->b, call->field + BITS, cell, bits), bits);

	ffpf_ir_state_add(call->b, call->field + KEYS, 0, new);
	return new;
}

static ffpf_val has(const struct fpl_kind_call *call)
{
	ffpf_val cell, bits = bits_of(call, &cell);
	ffpf_val x = ffpf_ir_state_load(call->b, call->field + BITS, cell);

	return ffpf_ir_alu_imm(call->b, FFPF_XOR, 64, missing(call->b, x, bits), 1);
}

/* A key finds its bits set by chance: in each cell, (bits that are set / 64) to the power of the picks. */
static void derive(const struct fpl_kind_decl *decl, const struct fpl_kind_cells *all, double *out)
{
	const uint64_t *cells = all->cells + BITS;
	double sum = 0;

	for (uint32_t i = 0; i < cells_of(decl); i++)
		sum += pow(__builtin_popcountll(cells[i]) / 64.0, PICKS);
	out[FALSE_POSITIVES] = sum / cells_of(decl);
}

static const struct fpl_kind_method methods[] = {
	{.name = "add",
	 .key = true,
	 .gives = true,
	 .gives_truth = true,
	 .emit = add,
	 .doc = "puts a key in; was it new?"},
	{.name = "has", .key = true, .gives = true, .gives_truth = true, .emit = has, .doc = "is the key in?"},
};

const struct fpl_kind_ops fpl_kind_bloom = {
	.name = "bloom",
	.doc = "set of keys in little memory, which may take others for its own",
	.key = true,
	.arguments = arguments,
	.n_arguments = 1,
	.methods = methods,
	.n_methods = 2,
	.fields = fields,
	.derive = derive,
};
