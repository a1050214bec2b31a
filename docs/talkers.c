/* SPDX-License-Identifier: BSD-2-Clause */
/* Matches the packets of senders that have sent more than twenty. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __be32);
	__type(value, __u64);
} senders SEC(".maps");

__u64 matched;
const volatile __u64 most = 20;

SEC("xdp")
int talkers(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	__u64 one = 1, *n;

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return 0;
	n = bpf_map_lookup_elem(&senders, &ip->saddr);
	if (!n)
		return bpf_map_update_elem(&senders, &ip->saddr, &one, BPF_NOEXIST), 0;
	__sync_fetch_and_add(n, 1);
	if (*n <= most)
		return 0;
	__sync_fetch_and_add(&matched, 1);
	return 1;
}

char _license[] SEC("license") = "GPL";
