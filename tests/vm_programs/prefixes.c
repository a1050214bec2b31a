/* SPDX-License-Identifier: BSD-2-Clause */
/* Longest prefixes, and a token bucket with 64-bit division. */
#include "packet.h"

struct prefix {
	__u32 bits;
	__u32 address;
};

struct bucket {
	__u64 last, tokens;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 100);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u32);
} nets SEC(".maps");
MAP(buckets, BPF_MAP_TYPE_ARRAY, __u32, struct bucket, 16);

SEC("xdp")
int prefixes(struct xdp_md *ctx)
{
	void *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ipv4 *ip = at + sizeof(struct ethernet);

	if ((void *)(ip + 1) > end)
		return 0;
	struct prefix prefix = {32, ip->from};
	__u32 *class = bpf_map_lookup_elem(&nets, &prefix);
	__u32 index = class ? *class & 15 : 0;
	struct bucket *bucket = bpf_map_lookup_elem(&buckets, &index);
	if (!bucket)
		return 0;
	__u64 now = bpf_ktime_get_ns(), size = end - at;
	bucket->tokens += (now - bucket->last) / 1000;
	bucket->last = now;
	if (bucket->tokens > 100000)
		bucket->tokens = 100000;
	if (bucket->tokens < size)
		return 1;
	bucket->tokens -= size;
	return 2 + (int)(bucket->tokens % 7);
}

char its_license[] SEC("license") = "BSD";
