/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * (pktcount) counts packets and passes them on.
 *
 * State: packets, which is the number that came in: every function's input is counted anyway, so the class itself adds
 * nothing to a program. It looks at no byte, so that a graph which only counts sends no packet up.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>

enum { PACKETS };

static const struct ffpf_field fields[] = {
	[PACKETS] = {.name = "packets",
		     .unit = FFPF_UNIT_PACKETS,
		     .flags = FFPF_FIELD_PACKETS_IN,
		     .cells = 1,
		     .doc = "packets seen"},
};

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

const struct ffpf_class ffpf_class_pktcount = {
	.abi = FFPF_CLASS_ABI,
	.name = "pktcount",
	.help = "count packets",
	.manual = "Counts the packets of its flow and passes all of them on. A packet that several branches deliver\n"
		  "is one packet. The count is kept where the function runs and is read from there while it runs.",
	.example = "[pcap $FILE] > (pktcount)",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES,
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.build = build,
};
