/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * (bytecount) adds up the lengths of packets on the wire and passes them on.
 *
 * State: bytes, which are those that came in: counted anyway, so the class itself adds nothing to a program. The length
 * is metadata: no byte of the packet is needed.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>

enum { BYTES };

static const struct ffpf_field fields[] = {
	[BYTES] = {.name = "bytes",
		   .unit = FFPF_UNIT_BYTES,
		   .flags = FFPF_FIELD_BYTES_IN,
		   .cells = 1,
		   .doc = "bytes on the wire"},
};

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

const struct ffpf_class ffpf_class_bytecount = {
	.abi = FFPF_CLASS_ABI,
	.name = "bytecount",
	.help = "count bytes",
	.manual = "Adds up the lengths that its packets had on the wire, whatever part of them was captured, and\n"
		  "passes all of them on.",
	.example = "[pcap $FILE] > (bytecount)",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES,
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.build = build,
};
