/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * (pass) passes every packet on as it came.
 *
 * It does nothing itself: with a name it is a point where branches meet and where packets in and out are shown.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

const struct ffpf_class ffpf_class_pass = {
	.abi = FFPF_CLASS_ABI,
	.name = "pass",
	.help = "pass packets on unchanged",
	.manual = "Passes every packet on with the class it came with. Useful as a named point of a graph:\n"
		  "`all = (pass,name=all)` joins several branches, and the results show what went through.",
	.example = "[pcap $FILE] > (pass,name=all) > (pktcount)",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES,
	.build = build,
};
