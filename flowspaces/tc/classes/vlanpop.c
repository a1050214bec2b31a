/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * (vlanpop) takes the first VLAN tag off what the packet goes on with on the network.
 *
 *     [dev eth0]>(BPF,"vlan 5")>(vlanpop)
 *
 * A packet without one stays as it is. As a verdict it takes effect after every function on the kernel path that is
 * owed the packet has seen it as it was.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_tag(b, 0);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

const struct ffpf_class ffpf_class_vlanpop = {
	.abi = FFPF_CLASS_ABI,
	.name = "vlanpop",
	.help = "takes the first VLAN tag off packets as they go on on the network",
	.manual =
		"A packet without a tag stays as it is. What functions of the graph see has its tag still. Of several\n"
		"vlanpush and vlanpop that a packet meets on one device the last counts.",
	.example = "[dev $DEV] > (BPF,\"vlan 5\") > (vlanpop)",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES | FFPF_CLASS_VERDICT,
	.needs = FFPF_NEED_RETAG,
	.build = build,
};
