/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 with its extension headers: which protocol is behind them? */
#include "packet.h"

SEC("xdp")
int extensions(struct xdp_md *ctx)
{
	void *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethernet *ethernet = at;
	struct ipv6 *ip = (void *)(ethernet + 1);

	if ((void *)(ip + 1) > end || ethernet->type != swap16(0x86dd))
		return -1;
	__u8 next = ip->next;
	at = ip + 1;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 8; i++) {
		__u8 *header = at;

		switch (next) {
		case 0:
		case 43:
		case 60:
		case 135:
			if (header + 2 > (__u8 *)end)
				return -1;
			next = header[0];
			at += (header[1] + 1) * 8;
			break;
		case 44:
			if (header + 8 > (__u8 *)end)
				return -1;
			next = header[0];
			at += 8;
			break;
		case 51:
			if (header + 2 > (__u8 *)end)
				return -1;
			next = header[0];
			at += (header[1] + 2) * 4;
			break;
		default:
			return next;
		}
	}
	return -1;
}

char its_license[] SEC("license") = "BSD";
