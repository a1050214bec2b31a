/* SPDX-License-Identifier: BSD-2-Clause */
/* A DNS question: a hash of its name, and its type. */
#include "packet.h"

SEC("xdp")
int dns(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ipv4 *ip = (void *)(data + sizeof(struct ethernet));
	struct udp *udp = (void *)(ip + 1);
	__u8 *at = (void *)(udp + 1) + 12;
	unsigned hash = 5381;

	if (at > end || ip->protocol != 17 || udp->to != swap16(53))
		return 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 64; i++) {
		if (at + 1 > end)
			return 0;
		__u8 c = *at++;
		if (!c)
			break;
		if (c >= 'A' && c <= 'Z')
			c |= 32;
		hash = hash * 33 + c;
	}
	if (at + 2 > end)
		return 0;
	return (int)(hash << 8 | at[1]);
}

char its_license[] SEC("license") = "BSD";
