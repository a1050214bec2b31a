/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * (longcount,SIZE) counts packets longer than SIZE bytes and passes all of them on: the example class of HACKING.md.
 *
 * State: packets, one cell a CPU. It looks at no byte, only at the length.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>

enum { ABOVE };
static const struct ffpf_param params[] = {
	[ABOVE] = {.name = "above",
		   .type = FFPF_TYPE_SIZE,
		   .flags = FFPF_PARAM_MAIN,
		   .def = "1500",
		   .min = 0,
		   .max = 65535,
		   .doc = "packets of more bytes than this are counted"},
};

enum { PACKETS };
static const struct ffpf_field fields[] = {
	[PACKETS] = {.name = "packets",
		     .merge = FFPF_MERGE_SUM,
		     .unit = FFPF_UNIT_PACKETS,
		     .cells = 1,
		     .doc = "long packets seen"},
};

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_block counted = ffpf_ir_block(b), done = ffpf_ir_block(b);
	uint64_t above = (uint64_t)instance->values[ABOVE].i;

	ffpf_ir_branch_imm(b, FFPF_GT, 32, ffpf_ir_meta(b, FFPF_META_LEN), above, counted, done);
	ffpf_ir_seal(b, counted);
	ffpf_ir_switch_to(b, counted);
	ffpf_ir_state_add(b, PACKETS, 0, ffpf_ir_const(b, 1));
	ffpf_ir_jump(b, done);
	ffpf_ir_seal(b, done);
	ffpf_ir_switch_to(b, done);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

static const struct ffpf_class longcount = {
	.abi = FFPF_CLASS_ABI,
	.name = "longcount",
	.help = "count packets longer than a size",
	.manual = "Counts the packets that are longer on the wire than the given size, and passes every packet on.",
	.example = "[pcap $FILE] > (longcount, 1000)",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.build = build,
};

const struct ffpf_class *const ffpf_classes[] = {&longcount, NULL};
