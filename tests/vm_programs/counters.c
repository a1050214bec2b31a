/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps of many kinds: packets and bytes of each source, of each protocol, the last time of each. */
#include "packet.h"

struct flow {
	__u32 from, to;
	__u16 from_port, to_port;
	__u8 protocol;
};

struct count {
	__u64 packets, bytes;
};

MAP(protocols, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u64, 256);
MAP(totals, BPF_MAP_TYPE_ARRAY, __u32, struct count, 4);
MAP(flows, BPF_MAP_TYPE_HASH, struct flow, struct count, 64);
MAP(recent, BPF_MAP_TYPE_LRU_HASH, __u32, __u64, 64);

SEC("xdp")
int counters(struct xdp_md *ctx)
{
	void *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ipv4 *ip = at + sizeof(struct ethernet);
	struct flow flow = {0};
	struct count fresh = {1, end - at}, *count;
	__u64 now = bpf_ktime_get_ns(), *value;
	__u32 key;

	if ((void *)(ip + 1) > end)
		return 0;
	key = ip->protocol;
	value = bpf_map_lookup_elem(&protocols, &key);
	if (value)
		*value += 1;
	key = ip->ttl > 64;
	count = bpf_map_lookup_elem(&totals, &key);
	if (count) {
		__sync_fetch_and_add(&count->packets, 1);
		__sync_fetch_and_add(&count->bytes, end - at);
	}
	flow.from = ip->from;
	flow.to = ip->to;
	flow.protocol = ip->protocol;
	if (ip->protocol == 6 || ip->protocol == 17) {
		struct ports *ports = (void *)ip + (ip->version_length & 15) * 4;

		if ((void *)(ports + 1) > end)
			return 0;
		flow.from_port = ports->from;
		flow.to_port = ports->to;
	}
	count = bpf_map_lookup_elem(&flows, &flow);
	if (count) {
		count->packets++;
		count->bytes += end - at;
	} else {
		bpf_map_update_elem(&flows, &flow, &fresh, BPF_NOEXIST);
	}
	bpf_map_update_elem(&recent, &ip->from, &now, BPF_ANY);
	if (ip->ttl == 1)
		bpf_map_delete_elem(&flows, &flow);
	return count ? 2 : 1;
}

char its_license[] SEC("license") = "BSD";
