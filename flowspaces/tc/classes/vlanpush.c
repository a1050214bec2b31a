/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * (vlanpush,ID) puts a VLAN tag in front of what the packet goes on with on the network: on the way in the machine's
 * stack gets it tagged, on the way out the other end does.
 *
 *     [dev eth0 dir=out]>(BPF,"udp port 53")>(vlanpush,5,prio=6)
 *
 * As a verdict it takes effect after every function on the kernel path that is owed the packet has seen it as it was.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>

#include <stdlib.h>

enum { ID, PRIO, TPID };

static const char *const types[] = {"0x8100", "0x88a8", NULL};

static const struct ffpf_param params[] = {
	[ID] = {.name = "id",
		.type = FFPF_TYPE_COUNT,
		.flags = FFPF_PARAM_REQUIRED | FFPF_PARAM_MAIN,
		.min = 0,
		.max = 4094,
		.doc = "number of the VLAN; 0: none, the tag tells the priority only"},
	[PRIO] = {.name = "prio", .type = FFPF_TYPE_COUNT, .def = "0", .min = 0, .max = 7, .doc = "priority (PCP)"},
	[TPID] = {.name = "tpid",
		  .type = FFPF_TYPE_CHOICE,
		  .def = "0x8100",
		  .choices = types,
		  .doc = "type of the tag: 0x88a8 for a provider's (802.1ad)"},
};

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	const struct ffpf_value *v = instance->values;
	uint32_t type = (uint32_t)strtoul(types[v[TPID].i], NULL, 16);

	ffpf_ir_tag(b, type << 16 | (uint32_t)v[PRIO].i << 13 | (uint32_t)v[ID].i);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

const struct ffpf_class ffpf_class_vlanpush = {
	.abi = FFPF_CLASS_ABI,
	.name = "vlanpush",
	.help = "puts a VLAN tag on packets as they go on on the network",
	.manual = "On the way in the machine's own stack gets the packet with the tag, on the way out the other end of "
		  "the\n"
		  "wire does. What functions of the graph see stays as it was. Of several vlanpush and vlanpop that a\n"
		  "packet meets on one device the last counts.",
	.example = "[dev $DEV] > (BPF,\"udp port 53\") > (vlanpush,5,prio=6)",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES | FFPF_CLASS_VERDICT,
	.needs = FFPF_NEED_RETAG,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.build = build,
};
