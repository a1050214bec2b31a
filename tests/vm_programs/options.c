/* SPDX-License-Identifier: BSD-2-Clause */
/* The maximum segment size in TCP's options: a loop over a packet with a variable offset. */
#include "packet.h"

SEC("xdp")
int options(struct xdp_md *ctx)
{
	__u8 *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ipv4 *ip = (void *)(at + sizeof(struct ethernet));

	if ((void *)(ip + 1) > (void *)end || ip->protocol != 6)
		return 0;
	unsigned length = (ip->version_length & 15) * 4;
	if (length < sizeof(*ip))
		return 0;
	struct tcp *tcp = (void *)ip + length;
	if ((void *)(tcp + 1) > (void *)end)
		return 0;
	__u8 *option = (void *)(tcp + 1), *last = (void *)tcp + (tcp->offset >> 4) * 4;
	for (int i = 0; i < 20; i++) {
		if (option + 1 > end || option + 1 > last)
			return 0;
		if (option[0] == 0)
			return 0;
		if (option[0] == 1) {
			option++;
			continue;
		}
		if (option + 2 > end)
			return 0;
		if (option[0] == 2 && option[1] == 4) {
			if (option + 4 > end)
				return 0;
			return option[2] << 8 | option[3];
		}
		if (option[1] < 2)
			return 0;
		option += option[1];
	}
	return 0;
}

char its_license[] SEC("license") = "BSD";
