/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * (drop) drops the packet from the network.
 *
 * An end of the graph. Other branches still see the packet: the verdict takes effect after every function on the kernel
 * path that is owed the packet has seen it, and of several verdicts the strongest wins. With packets from a savefile
 * there is no network to drop from: they are counted and that is all.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_ir_verdict(b, FFPF_VERDICT_DROP);
	/* Accepted, so that the packets which were dropped show as this function's output. */
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

const struct ffpf_class ffpf_class_drop = {
	.abi = FFPF_CLASS_ABI,
	.name = "drop",
	.help = "drop packets from the network",
	.manual = "Drops the packet from the network, as early as the functions beside it allow. All of them see the\n"
		  "packet first. Packets that merely leave a flow, at a filter for instance, are never dropped.",
	.example = "[dev $DEV] > (BPF,\"udp port 9\") > (drop)",
	.role = FFPF_SINK,
	.flags = FFPF_CLASS_VERDICT,
	.build = build,
};
