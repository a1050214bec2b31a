/* SPDX-License-Identifier: BSD-2-Clause */
/* MPLS labels, GRE with its optional words, IP in IP: protocols by a stack of offsets. */
#include "packet.h"

inlined int inner(void *data, void *end, unsigned offset, int depth)
{
	struct ipv4 *ip;

	if (offset > 400)
		return -1;
	ip = data + offset;
	if ((void *)(ip + 1) > end)
		return -1;
	return ip->protocol + 1000 * depth;
}

SEC("xdp")
int tunnels(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethernet *ethernet = data;
	unsigned offset = sizeof(*ethernet);

	if ((void *)(ethernet + 1) > end)
		return -1;
	if (ethernet->type == swap16(0x8847)) {
#pragma clang loop unroll(disable)
		for (int i = 0; i < 6; i++) {
			__u32 *label = data + offset;

			if ((void *)(label + 1) > end)
				return -1;
			offset += 4;
			if (*label & swap32(0x100))
				break;
		}
		return inner(data, end, offset, 1);
	}
	struct ipv4 *ip = data + offset;
	if (ethernet->type != swap16(0x800) || (void *)(ip + 1) > end)
		return -1;
	offset += (ip->version_length & 15) * 4;
	if (ip->protocol == 4)
		return inner(data, end, offset, 2);
	if (ip->protocol != 47)
		return ip->protocol;
	__u16 *gre = data + offset;
	if ((void *)(gre + 2) > end)
		return -1;
	offset += 4;
	if (gre[0] & swap16(0x8000))
		offset += 4;
	if (gre[0] & swap16(0x2000))
		offset += 4;
	if (gre[0] & swap16(0x1000))
		offset += 4;
	if (gre[1] != swap16(0x800))
		return -1;
	return inner(data, end, offset, 3);
}

char its_license[] SEC("license") = "BSD";
