/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a network device is, as far as a packet program can tell the difference: which bytes a packet starts with, and
 * whether a VLAN tag is among them.
 *
 * Where the tag is, at XDP (6.18; loopback, tap and veth measured, in both modes, with tests/tools/vlanpush):
 *   hardware  in the data unless the card strips it (rx-vlan-hw-parse, rx-vlan-stag-hw-parse): then metadata only
 *   tap       always in the data: what is written to the descriptor is what the program sees
 *   loopback  always in the data: the device has no VLAN offload, so the stack writes a tag into the frame before it
 * sends it, and generic XDP runs before the receiving side takes it out veth      what the *sending* end does decides:
 * a VLAN device above it, or the stack with tx-vlan-hw-insert on, keeps the tag in metadata, which crosses with the
 * packet; with it off the tag is written into the frame others    (bridge, bond, macvlan, …) the port below has moved
 * the tag to metadata before
 */
#include <flowspaces/bpf/device.h>
#include <flowspaces/bpf/netlink.h>

#include <errno.h>
#include <net/if.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Longest packet that a device hands over: a 64 kB super-packet with its headers; libpcap's own limit. */
#define DEVICE_SNAPLEN 262144
#define FEATURES_MAX 512
#define NAMES_MAX 256

/* ---- ethtool features ------------------------------------------------------------------------ */

static int ethtool(const char *name, void *command)
{
	FFPF_CLOSES int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_data = command};

	if (fd < 0)
		return -errno;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

int ffpf_device_driver(const char *name, char driver[FFPF_DEVICE_DRIVER_MAX])
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	int err = ethtool(name, &info);

	if (!err)
		snprintf(driver, FFPF_DEVICE_DRIVER_MAX, "%s", info.driver);
	return err;
}

static unsigned feature_count(const char *name)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t count;
	} query = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};

	if (ethtool(name, &query) < 0 || !query.info.sset_mask)
		return 0;
	return query.count < FEATURES_MAX ? query.count : FEATURES_MAX;
}

int ffpf_device_any_feature(const char *name, const char *const *wanted)
{
	const unsigned count = feature_count(name);
	struct {
		struct ethtool_gstrings head;
		char names[FEATURES_MAX][ETH_GSTRING_LEN];
	} strings = {.head = {.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = count}};
	struct {
		struct ethtool_gfeatures head;
		struct ethtool_get_features_block blocks[FEATURES_MAX / 32];
	} features = {.head = {.cmd = ETHTOOL_GFEATURES, .size = (count + 31) / 32}};
	int err;

	if (!count)
		return -EOPNOTSUPP;
	err = ethtool(name, &strings);
	if (!err)
		err = ethtool(name, &features);
	if (err)
		return err;
	for (; *wanted; wanted++)
		for (unsigned i = 0; i < count; i++)
			if (!strncmp(strings.names[i], *wanted, ETH_GSTRING_LEN) &&
			    (features.blocks[i / 32].active >> (i % 32) & 1))
				return 1;
	return 0;
}

/* ---- what a device is ------------------------------------------------------------------------ */

/* Tags are known to be in the data: see the table at the top. What a device does not tell counts as "no". */
static bool vlan_in_data(const struct ffpf_link *link)
{
	static const char *const receive[] = {"rx-vlan-hw-parse", "rx-vlan-stag-hw-parse", NULL};
	static const char *const transmit[] = {"tx-vlan-hw-insert", "tx-vlan-stag-hw-insert", NULL};
	struct ffpf_link peer;

	if (link->type == ARPHRD_LOOPBACK)
		return true;
	if (link->type != ARPHRD_ETHER)
		return false;
	if (!strcmp(link->kind, "tun"))
		return true;
	if (!strcmp(link->kind, "veth"))
		return !link->peer_elsewhere && link->peer && ffpf_link_get(link->peer, &peer) == 0 &&
		       ffpf_device_any_feature(peer.name, transmit) == 0;
	return !link->kind[0] && ffpf_device_any_feature(link->name, receive) == 0;
}

/* DLT_ value of what a program sees first, or -1. Layer-3 devices hand over the bare IP packet. */
static int linktype(unsigned type)
{
	switch (type) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		return DLT_EN10MB;
	case ARPHRD_NONE:
	case ARPHRD_RAWIP:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
	case ARPHRD_IP6GRE:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_PPP:
		return DLT_RAW;
	}
	return -1;
}

static const char *type_name(unsigned type)
{
	static const struct {
		unsigned type;
		const char *name;
	} names[] = {
		{ARPHRD_INFINIBAND, "InfiniBand"},
		{ARPHRD_IEEE1394, "FireWire"},
		{ARPHRD_CAN, "CAN bus"},
		{ARPHRD_SLIP, "SLIP"},
		{ARPHRD_IEEE80211, "802.11"},
		{ARPHRD_IEEE80211_PRISM, "802.11 monitor with Prism header"},
		{ARPHRD_IEEE80211_RADIOTAP, "802.11 monitor with radiotap header"},
		{ARPHRD_IEEE802154, "IEEE 802.15.4"},
		{ARPHRD_NETLINK, "netlink monitor"},
		{ARPHRD_VSOCKMON, "vsock monitor"},
		{ARPHRD_6LOWPAN, "6LoWPAN"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	return "unknown";
}

int ffpf_device_probe(const char *name, struct ffpf_source_info *info, char why[FFPF_WHY_MAX])
{
	const unsigned ifindex = if_nametoindex(name);
	struct ffpf_link link;
	int dlt;

	why[0] = '\0';
	if (!ifindex || ffpf_link_get(ifindex, &link) < 0) {
		snprintf(why, FFPF_WHY_MAX, "no network device '%.32s' in this network namespace", name);
		return -ENODEV;
	}
	dlt = linktype(link.type);
	if (dlt < 0) {
		snprintf(why, FFPF_WHY_MAX,
			 "'%s' is a device of link type %u (%s); packet programs know Ethernet (1, 772) and bare IP "
			 "(519, 65534, tunnels)",
			 name, link.type, type_name(link.type));
		return -EOPNOTSUPP;
	}
	*info = (struct ffpf_source_info){
		.linktype = (uint16_t)dlt,
		.snaplen = DEVICE_SNAPLEN,
		.ifindex = ifindex,
		.vlan_in_data = vlan_in_data(&link),
	};
	return 0;
}

const char *ffpf_device_name_at(const void *arg, size_t i)
{
	static _Thread_local char names[NAMES_MAX][IFNAMSIZ];
	static _Thread_local size_t count;
	struct if_nameindex *list;

	(void)arg;
	if (i == 0) { /* a new walk looks again */
		count = 0;
		list = if_nameindex();
		for (; list && count < NAMES_MAX && list[count].if_name; count++)
			snprintf(names[count], IFNAMSIZ, "%s", list[count].if_name);
		if (list)
			if_freenameindex(list);
	}
	return i < count ? names[i] : NULL;
}

uint64_t ffpf_device_drops(unsigned ifindex)
{
	struct ffpf_link link;

	if (!ifindex || ffpf_link_get(ifindex, &link) < 0)
		return 0;
	return link.overruns + (strcmp(link.kind, "veth") ? 0 : link.dropped);
}

bool ffpf_device_is_down(unsigned ifindex)
{
	struct ffpf_link link;

	return ifindex && ffpf_link_get(ifindex, &link) == 0 && !link.up;
}

int ffpf_device_promisc(unsigned ifindex)
{
	const struct packet_mreq membership = {.mr_ifindex = (int)ifindex, .mr_type = PACKET_MR_PROMISC};
	/* Protocol 0: the socket itself never receives a packet. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof(membership)) < 0) {
		const int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}
