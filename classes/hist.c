/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * (hist) keeps a histogram of packet lengths on the wire and passes the packets on.
 *
 * State, one array of cells a CPU; only the chosen one of the two is written:
 *   lengths  bins=log2: cell k counts lengths in [2^(k-1), 2^k), cell 0 length 0
 *   linear   bins=linear: cell k counts lengths in [k·width, (k+1)·width), the last cell all greater ones
 *
 * The cell is found without a branch: every branch that rejoins doubles the
 * states that the kernel's verifier has to walk.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>
#include <errno.h>

#define LOG2_CELLS 33
#define LINEAR_CELLS 64

enum { LENGTHS, LINEAR };

static const char *const bins[] = {"log2", "linear", NULL};

static const struct ffpf_param params[] = {
	{.name = "bins",
	 .type = FFPF_TYPE_CHOICE,
	 .flags = FFPF_PARAM_MAIN,
	 .def = "log2",
	 .choices = bins,
	 .doc = "powers of two, or equal widths"},
	{.name = "width",
	 .type = FFPF_TYPE_SIZE,
	 .def = "64",
	 .min = 1,
	 .max = 1 << 20,
	 .doc = "bytes of a bin with bins=linear; there are 64"},
};

static const struct ffpf_field fields[] = {
	[LENGTHS] = {.name = "lengths",
		     .merge = FFPF_MERGE_SUM,
		     .unit = FFPF_UNIT_PACKETS,
		     .flags = FFPF_FIELD_LOG2,
		     .cells = LOG2_CELLS,
		     .doc = "packets by length, in powers of two"},
	[LINEAR] = {.name = "linear",
		    .merge = FFPF_MERGE_SUM,
		    .unit = FFPF_UNIT_PACKETS,
		    .flags = FFPF_FIELD_LINEAR,
		    .cells = LINEAR_CELLS,
		    .width_param = "width",
		    .doc = "packets by length, in bins of equal width"},
};

static int check(struct ffpf_instance *instance)
{
	const struct ffpf_value *width = ffpf_instance_value(instance, "width");

	if (!width->given || ffpf_instance_value(instance, "bins")->i != 0)
		return 0;
	struct ffpf_diag *diag =
		ffpf_diag_error(instance->diags, FFPF_D_PARAM_MANY, width->span, "bins of powers of two have no width");
	ffpf_diag_hint(instance->diags, diag, "write (hist,linear,width=…)");
	return -EINVAL;
}

/* min(x / width, last cell) */
static ffpf_val linear_cell(struct ffpf_builder *b, ffpf_val x, uint64_t width)
{
	return ffpf_ir_min(b, ffpf_ir_alu_imm(b, FFPF_DIV, 64, x, width), ffpf_ir_const(b, LINEAR_CELLS - 1));
}

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	bool linear = ffpf_instance_value(instance, "bins")->i == 1;
	uint64_t width = (uint64_t)ffpf_instance_value(instance, "width")->i;
	ffpf_val len = ffpf_ir_meta(b, FFPF_META_LEN);

	if (linear)
		ffpf_ir_state_add(b, LINEAR, linear_cell(b, len, width), ffpf_ir_const(b, 1));
	else
		ffpf_ir_state_add(b, LENGTHS, ffpf_ir_bit_length(b, 32, len), ffpf_ir_const(b, 1));
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

const struct ffpf_class ffpf_class_hist = {
	.abi = FFPF_CLASS_ABI,
	.name = "hist",
	.help = "histogram of packet lengths",
	.manual =
		"Counts packets by their length on the wire, in powers of two, or with (hist,linear,width=100) in 64\n"
		"bins of equal width, the last of which holds everything longer. Passes all packets on.",
	.example = "[pcap $FILE] > (hist)",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.check = check,
	.build = build,
};
