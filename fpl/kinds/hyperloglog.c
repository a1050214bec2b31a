/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyperloglog NAME [precision P];
 *
 * NAME.add(x, …) notes what was seen; NAME is how many different ones were, to about 1.04 / sqrt(2^P) of it (standard
 * error; P = 12: 1.6 %).
 *
 * Flajolet, Fusy, Gandouet and Meunier, "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm"
 * (AofA 2007): the hash chooses one of 2^P registers, which keeps the greatest position of the first 1 in the rest of
 * the hash. With 64 bits of hash no correction for large numbers is needed (Heule, Nunkesser and Hall, "HyperLogLog in
 * practice", EDBT 2013). Small numbers are corrected in closed form by the estimator of Ertl, "New cardinality
 * estimation algorithms for HyperLogLog sketches" (2017), which needs neither a threshold nor a table of measured
 * biases.
 *
 *     hash   63       64-P           32 31            0
 *            [ register ][  not used   ][ rest of 32  ]     value: 1 for a rest of 1…, 32 for 0…01, 33 for 0
 *
 * Registers are cells, one set a CPU, merged by their maximum: what two CPUs saw counts once.
 */
#include <fpl/kinds/kind.h>

#include <math.h>

enum { ESTIMATE, REGISTERS, FIELDS };

#define REST 32		    /* bits */
#define GREATEST (REST + 1) /* of a register */

static const struct fpl_kind_argument arguments[] = {
	{.name = "precision",
	 .word = "precision",
	 .min = 4,
	 .max = 14,
	 .def = 12,
	 .doc = "bits: 2^precision registers, 8 bytes each and CPU; standard error 1.04 / sqrt(2^precision)"},
};

static unsigned fields(const struct fpl_kind_decl *decl, struct ffpf_arena *arena,
		       struct ffpf_field out[FPL_KIND_FIELDS])
{
	out[ESTIMATE] = (struct ffpf_field){.name = decl->name,
					    .unit = decl->unit,
					    .flags = FFPF_FIELD_DERIVED,
					    .doc = decl->doc ? decl->doc : "how many different ones were seen, about"};
	out[REGISTERS] = (struct ffpf_field){.name = fpl_kind_part(decl, arena, "registers"),
					     .merge = FFPF_MERGE_MAX,
					     .flags = FFPF_FIELD_HIDDEN,
					     .cells = (uint32_t)1 << decl->arguments[0]};
	return FIELDS;
}

static ffpf_val add(const struct fpl_kind_call *call)
{
	struct ffpf_builder *b = call->b;
	unsigned field = call->field + REGISTERS;
	ffpf_val hash = fpl_hash_emit(b, call->arguments, call->n);
	ffpf_val which = ffpf_ir_alu_imm(b, FFPF_RSH, 64, hash, 64 - call->decl->arguments[0]);
	ffpf_val rest = ffpf_ir_alu_imm(b, FFPF_AND, 64, hash, UINT32_MAX);
	ffpf_val value = ffpf_ir_alu(b, FFPF_SUB, 64, ffpf_ir_const(b, GREATEST), ffpf_ir_bit_length(b, 32, rest));
	ffpf_block greater = ffpf_ir_block(b), done = ffpf_ir_block(b);

	fpl_kind_if(b, FFPF_GT, value, ffpf_ir_state_load(b, field, which), greater, done);
	ffpf_ir_state_store(b, field, which, value);
	fpl_kind_join(b, done);
	return 0;
}

/* x + sum over k of x^(2^k) 2^(k-1): what registers that are still 0 stand for (Ertl 2017, equation 13). */
static double sigma(double x)
{
	double y = 1, z = x, before;

	if (x == 1)
		return INFINITY;
	do {
		x *= x;
		before = z;
		z += x * y;
		y += y;
	} while (z != before);
	return z;
}

/* The same for registers that can grow no more (Ertl 2017, equation 14). */
static double tau(double x)
{
	double y = 1, z = 1 - x, before;

	if (x == 0 || x == 1)
		return 0;
	do {
		x = sqrt(x);
		before = z;
		y /= 2;
		z -= (1 - x) * (1 - x) * y;
	} while (z != before);
	return z / 3;
}

static void derive(const struct fpl_kind_decl *decl, const struct fpl_kind_cells *all, double *out)
{
	const uint64_t *registers = all->cells + REGISTERS; /* the estimate takes the first */
	double m = (double)(UINT64_C(1) << decl->arguments[0]), sum;
	unsigned count[GREATEST + 1] = {0};

	for (size_t i = 0; i < (size_t)1 << decl->arguments[0]; i++)
		count[registers[i] > GREATEST ? GREATEST : registers[i]]++;
	sum = m * tau(1 - count[GREATEST] / m);
	for (unsigned k = REST; k >= 1; k--)
		sum = (sum + count[k]) / 2;
	sum += m * sigma(count[0] / m);
	/* The formula is that of infinitely many registers. Of few, it gives too much: by 1.079 / m where all are in
	 * use (Flajolet et al. 2007, figure 3), by 1 / 2m where hardly any is. */
	out[ESTIMATE] = round(m * m / (2 * M_LN2 * sum) / (1 + (1.079 - 0.579 * count[0] / m) / m));
}

static const struct fpl_kind_method methods[] = {
	{.name = "add", .any = true, .emit = add, .doc = "notes what was seen"},
};

const struct fpl_kind_ops fpl_kind_hyperloglog = {
	.name = "hyperloglog",
	.doc = "how many different ones there were",
	.arguments = arguments,
	.n_arguments = 1,
	.methods = methods,
	.n_methods = 1,
	.fields = fields,
	.derive = derive,
};
