/* SPDX-License-Identifier: BSD-2-Clause */
/* A dispatcher: the next program by the protocol, or what it says itself. */
#include "packet.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 8);
	__uint(key_size, 4);
	__uint(value_size, 4);
} programs SEC(".maps");

SEC("xdp")
int tails(struct xdp_md *ctx)
{
	void *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ipv4 *ip = at + sizeof(struct ethernet);

	if ((void *)(ip + 1) > end)
		return 0;
	bpf_tail_call(ctx, &programs, ip->protocol & 7);
	if ((void *)(ip + 1) > end)
		return 1;
	return 2 + ip->ttl;
}

char its_license[] SEC("license") = "BSD";
