/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes to the packet: swaps addresses, counts the time to live down, mends the checksum. */
#include "packet.h"

SEC("xdp")
int rewrite(struct xdp_md *ctx)
{
	void *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethernet *ethernet = at;
	struct ipv4 *ip = (void *)(ethernet + 1);
	__u8 address[6];

	if ((void *)(ip + 1) > end || ethernet->type != swap16(0x800) || ip->ttl < 2)
		return XDP_PASS;
	__builtin_memcpy(address, ethernet->to, 6);
	__builtin_memcpy(ethernet->to, ethernet->from, 6);
	__builtin_memcpy(ethernet->from, address, 6);
	__u32 sum = ip->checksum + swap16(0x0100);
	ip->checksum = (__u16)(sum + (sum >= 0xffff));
	ip->ttl--;
	__u32 from = ip->from;
	ip->from = ip->to;
	ip->to = from;
	return XDP_TX;
}

char its_license[] SEC("license") = "BSD";
