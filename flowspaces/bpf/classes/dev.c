/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dev: packets of a network device, as they arrive or leave.
 *
 *     [dev eth0]>(BPF,"tcp port 80")>(pktcount)
 *     [dev eth0 promisc=yes]>(pktcount)
 *     [dev eth0 dir=out]>(hist)
 *     [dev eth0 take=yes]>(BPF,"udp port 9")>(write,discard.pcap)
 *
 * The graph hears what the card hears: the packets go on to the stack as if nobody had listened, unless a verdict
 * function decides otherwise, or take=yes keeps from the stack what reaches the end of the flow. The device's VLAN tags
 * are usually outside the packet's bytes by the time a program sees it; vlan=data says that on this device they are
 * inside (it was configured not to strip them, for example by `ethtool -K eth0 rxvlan off`), where ffpf could not find
 * out by itself.
 */
#include <ffpf/class.h>
#include <flowspaces/bpf/device.h>

#include <errno.h>
#include <string.h>

enum { DEVICE, DIR, PROMISC, TAKE, VLAN };
enum { VLAN_AUTO, VLAN_DATA };

static const char *const directions[] = {"in", "out", "both", NULL};
static const char *const vlan_places[] = {"auto", "data", NULL};

static const struct ffpf_param params[] = {
	[DEVICE] = {.name = "device",
		    .type = FFPF_TYPE_DEVICE,
		    .flags = FFPF_PARAM_REQUIRED | FFPF_PARAM_MAIN,
		    .doc = "name of the network device"},
	[DIR] = {.name = "dir",
		 .type = FFPF_TYPE_CHOICE,
		 .def = "in",
		 .choices = directions,
		 .doc = "received packets (in), sent ones (out), or both"},
	[PROMISC] = {.name = "promisc",
		     .type = FFPF_TYPE_BOOL,
		     .def = "no",
		     .doc = "also receive what is addressed to other machines"},
	[TAKE] = {.name = "take",
		  .type = FFPF_TYPE_BOOL,
		  .def = "no",
		  .doc = "packets that reach the end of the flow do not reach the machine's own stack"},
	[VLAN] = {.name = "vlan",
		  .type = FFPF_TYPE_CHOICE,
		  .def = "auto",
		  .choices = vlan_places,
		  .doc = "data: VLAN tags are known to be in the packet's bytes"},
};

static const struct ffpf_field fields[] = {
	{.name = "device_drops",
	 .unit = FFPF_UNIT_PACKETS,
	 .flags = FFPF_FIELD_MISSED,
	 .cells = 1,
	 .doc = "packets that the device dropped while this ran, before any function could see them: not among those "
		"that came in"},
};

static int probe(struct ffpf_instance *instance, struct ffpf_source_info *info)
{
	const struct ffpf_value *device = &instance->values[DEVICE];
	struct ffpf_diag *diag;
	const char *nearest;
	char why[FFPF_WHY_MAX];
	const int err = ffpf_device_probe(device->s, info, why);

	if (!err) {
		info->name = device->s;
		info->take = instance->values[TAKE].i;
		if (instance->values[VLAN].i == VLAN_DATA)
			info->vlan_in_data = true;
		return 0;
	}
	diag = ffpf_diag_error(instance->diags, err == -ENODEV ? FFPF_D_DEVICE_UNKNOWN : FFPF_D_DEVICE_LINK,
			       device->span, "%s", why);
	nearest = err == -ENODEV ? ffpf_diag_nearest(device->s, ffpf_device_name_at, NULL) : NULL;
	if (nearest)
		ffpf_diag_hint(instance->diags, diag, "did you mean '%s'?", nearest);
	return err;
}

const struct ffpf_class ffpf_class_dev = {
	.abi = FFPF_CLASS_ABI,
	.name = "dev",
	.help = "packets that a network device receives or sends",
	.manual =
		"The source of live packets. The packets go on to the machine's own stack, unchanged, unless a "
		"verdict\n"
		"function (drop) decides otherwise, or take=yes keeps from the stack what reaches the end of the "
		"flow.\n"
		"\n"
		"What is received (dir=in) is seen at xdp, and what is sent (dir=out, dir=both) at tc.\n"
		"\n"
		"At xdp the program is attached in the driver where the driver has XDP, else in the stack (generic "
		"mode, one\n"
		"notice): there it sees super-packets after GRO instead of wire frames. A device runs one XDP program "
		"at a\n"
		"time; an occupied device is an error that names the holder, which is not disturbed.\n"
		"\n"
		"VLAN tags are often kept outside the packet's bytes, where xdp does not see them: functions that ask "
		"for\n"
		"them run at tc, which does. vlan=data says that on this device they are inside.\n"
		"\n"
		"device_drops is the rise of the device's own counters of packets that found no room (missed, fifo,\n"
		"overrun; on veth, dropped). They never came in, so no function counts them.",
	.example = "(dev,$DEV)>(pktcount)",
	.role = FFPF_SOURCE,
	.flags = FFPF_CLASS_EXCLUSIVE,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.probe = probe,
};
