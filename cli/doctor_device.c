/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device: its driver, what its driver can do with XDP, whether somebody is there already, and the offloads that
 * make levels see something else than wire frames.
 */
#include "doctor.h"
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A page, less headroom, shared info and Ethernet header with a tag: what most drivers allow without fragments. */
#define XDP_MTU 3498

int ethtool_request(const struct device *device, void *request)
{
	struct ifreq ifr = {.ifr_data = request};

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", device->name);
	return ioctl(device->socket, SIOCETHTOOL, &ifr) ? -errno : 0;
}

/* The answer of a device ioctl about flags or MTU; zero when there is none. */
static struct ifreq device_request(const struct device *device, unsigned long request)
{
	struct ifreq ifr = {0};

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", device->name);
	if (ioctl(device->socket, request, &ifr))
		memset(&ifr, 0, sizeof(ifr));
	return ifr;
}

static void driver(struct doctor *doctor, const struct device *device)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	int flags = device_request(device, SIOCGIFFLAGS).ifr_flags;

	if (ethtool_request(device, &info))
		finding(doctor, LEVEL_OK, device->name, "driver", "%s", flags & IFF_LOOPBACK ? "loopback" : "unknown");
	else
		finding(doctor, LEVEL_OK, device->name, "driver", "%s%s%s", info.driver, *info.bus_info ? " at " : "",
			info.bus_info);
	if (!(flags & IFF_UP)) {
		finding(doctor, LEVEL_NOTE, device->name, "link", "down: no packets");
		advise(doctor, "ip link set dev %s up", device->name);
	} else if (!(flags & IFF_RUNNING)) {
		finding(doctor, LEVEL_NOTE, device->name, "link", "up, but without a carrier: no packets");
	} else if (device->detail) {
		finding(doctor, LEVEL_OK, device->name, "link", "up");
	}
}

static uint64_t xdp_mode(struct doctor *doctor, const struct device *device)
{
	uint64_t features = 0;
	int error = netdev_xdp_features(device->index, &features);

	if (error) {
		finding(doctor, LEVEL_NOTE, device->name, "XDP", "whether the driver has XDP is not known (%s)",
			error == -EOPNOTSUPP ? "Linux before 6.3 does not tell" : strerror(-error));
		return 0;
	}
	if (features & XDP_FEATURE_BASIC)
		finding(doctor, LEVEL_OK, device->name, "XDP", "driver mode%s%s%s%s%s",
			features & XDP_FEATURE_REDIRECT ? ", redirect" : "",
			features & XDP_FEATURE_XMIT ? ", redirect target" : "",
			features & XDP_FEATURE_ZEROCOPY ? ", AF_XDP zero-copy" : "",
			features & XDP_FEATURE_FRAGMENTS ? ", several buffers" : "",
			features & XDP_FEATURE_OFFLOAD ? ", offload" : "");
	else
		finding(doctor, LEVEL_NOTE, device->name, "XDP",
			"generic mode only: the driver has none, programs run later and slower");
	return features;
}

static void mtu(struct doctor *doctor, const struct device *device, uint64_t features)
{
	int size = device_request(device, SIOCGIFMTU).ifr_mtu;

	if (size > XDP_MTU && (features & XDP_FEATURE_BASIC) && !(features & XDP_FEATURE_FRAGMENTS)) {
		finding(doctor, LEVEL_WARNING, device->name, "MTU",
			"%d: more than XDP in driver mode takes here (about %d)", size, XDP_MTU);
		advise(doctor, "ip link set dev %s mtu %d", device->name, XDP_MTU);
	} else if (device->detail) {
		finding(doctor, LEVEL_OK, device->name, "MTU", "%d", size);
	}
}

static void program_name(char *name, size_t size, unsigned id)
{
	struct bpf_prog_info info = {0};
	unsigned length = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	snprintf(name, size, "name unknown");
	if (fd < 0)
		return;
	if (!bpf_obj_get_info_by_fd(fd, &info, &length) && *info.name)
		snprintf(name, size, "%.*s", (int)sizeof(info.name), info.name);
	close(fd);
}

static void occupied(struct doctor *doctor, const struct device *device)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	const char *mode = "generic";
	char name[64];

	if (bpf_xdp_query((int)device->index, 0, &query) || query.attach_mode == XDP_ATTACHED_NONE) {
		if (device->detail)
			finding(doctor, LEVEL_OK, device->name, "occupied", "no, XDP is free");
		return;
	}
	if (query.drv_prog_id)
		mode = "driver";
	if (query.hw_prog_id)
		mode = "offload";
	program_name(name, sizeof(name),
		     query.prog_id	 ? query.prog_id
		     : query.drv_prog_id ? query.drv_prog_id
					 : query.skb_prog_id);
	finding(doctor, LEVEL_WARNING, device->name, "occupied", "an XDP program is attached: id %u (%s), %s mode",
		query.prog_id ? query.prog_id : query.drv_prog_id, name, mode);
	advise(doctor, "end the program that holds it; or, if nobody does: ip link set dev %s xdp off", device->name);
}

static bool offload_on(const struct device *device, unsigned command, unsigned flag)
{
	struct ethtool_value value = {.cmd = command};

	return !ethtool_request(device, &value) && (flag ? (value.data & flag) != 0 : value.data != 0);
}

static void offloads(struct doctor *doctor, const struct device *device)
{
	static const struct {
		const char *name, *option, *meaning;
		unsigned command, flag;
		enum level level;
		bool always; /* also without detail */
	} table[] = {
		{"LRO", "lro", "the card merges packets: counts are of super-packets, and XDP may be refused",
		 ETHTOOL_GFLAGS, ETH_FLAG_LRO, LEVEL_WARNING, true},
		{"GRO", "gro", "generic XDP and TC see merged packets, up to 64 kB, not wire frames", ETHTOOL_GGRO, 0,
		 LEVEL_NOTE, false},
		{"VLAN offload", "rxvlan",
		 "the card takes VLAN tags out of the data: filters on them run at tc on this device", ETHTOOL_GFLAGS,
		 ETH_FLAG_RXVLAN, LEVEL_NOTE, false},
		{"TSO", "tso", "outgoing packets are seen before the card cuts them to wire size", ETHTOOL_GTSO, 0,
		 LEVEL_NOTE, false},
		{"GSO", "gso", "outgoing packets are seen before they are cut to wire size", ETHTOOL_GGSO, 0,
		 LEVEL_NOTE, false},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (!offload_on(device, table[i].command, table[i].flag)) {
			if (device->detail)
				finding(doctor, LEVEL_OK, device->name, table[i].name, "off");
		} else if (device->detail || table[i].always) {
			finding(doctor, table[i].level, device->name, table[i].name, "on: %s", table[i].meaning);
			advise(doctor, "ethtool -K %s %s off", device->name, table[i].option);
		}
	}
}

void doctor_device(struct doctor *doctor, struct device *device)
{
	driver(doctor, device);
	mtu(doctor, device, xdp_mode(doctor, device));
	occupied(doctor, device);
	offloads(doctor, device);
}
