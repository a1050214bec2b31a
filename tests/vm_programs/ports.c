/* SPDX-License-Identifier: BSD-2-Clause */
/* Ethernet, two VLAN tags, IPv4 or IPv6, TCP or UDP: is a port 53 or 80? */
#include "packet.h"

SEC("xdp")
int ports(struct xdp_md *ctx)
{
	void *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethernet *ethernet = at;
	__u16 type;
	__u8 protocol;

	if (at + sizeof(*ethernet) > end)
		return 0;
	type = ethernet->type;
	at += sizeof(*ethernet);
	for (int i = 0; i < 2; i++) {
		struct vlan *vlan = at;

		if (type != swap16(0x8100) && type != swap16(0x88a8))
			break;
		if (at + sizeof(*vlan) > end)
			return 0;
		type = vlan->type;
		at += sizeof(*vlan);
	}
	if (type == swap16(0x800)) {
		struct ipv4 *ip = at;

		if (at + sizeof(*ip) > end)
			return 0;
		if (ip->fragment & swap16(0x1fff))
			return 0;
		protocol = ip->protocol;
		at += (ip->version_length & 15) * 4;
	} else if (type == swap16(0x86dd)) {
		struct ipv6 *ip = at;

		if (at + sizeof(*ip) > end)
			return 0;
		protocol = ip->next;
		at += sizeof(*ip);
	} else {
		return 0;
	}
	if (protocol != 6 && protocol != 17)
		return 0;
	struct ports *ports = at;
	if (ports + 1 > (struct ports *)end)
		return 0;
	return ports->from == swap16(53) || ports->to == swap16(53) || ports->from == swap16(80) ||
	       ports->to == swap16(80);
}

char its_license[] SEC("license") = "BSD";
