/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4's checksum over a header of variable length. */
#include "packet.h"

SEC("xdp")
int checksum(struct xdp_md *ctx)
{
	void *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ipv4 *ip = at + sizeof(struct ethernet);
	__u32 sum = 0;

	if ((void *)(ip + 1) > end)
		return -1;
	unsigned words = (ip->version_length & 15) * 2;
	__u16 *word = (void *)ip;
#pragma clang loop unroll(disable)
	for (unsigned i = 0; i < 30; i++) {
		if (i >= words)
			break;
		asm volatile("" : "+r"(word)); /* else clang compares sizes, and no verifier follows that */
		if ((void *)(word + 1) > end)
			return -1;
		sum += *word++;
	}
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	return (__u16)~sum;
}

char its_license[] SEC("license") = "BSD";
