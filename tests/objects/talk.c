/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps what the control socket is to show in words: keys and values with members of several kinds. Matches everything.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct flow {
	__be32 source;
	__be16 port;
	__u8 protocol;
	__u8 : 8;
};

struct totals {
	__u64 packets, bytes;
	__u32 flags : 4, kind : 12;
	char name[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct flow);
	__type(value, struct totals);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} protocols SEC(".maps");

const volatile int limit = 7;

SEC("ffpf")
int talk(struct xdp_md *ctx)
{
	__u8 *packet = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 number;
	__u64 *count;

	if (packet + 38 > end)
		return 0;
	struct flow flow;
	__builtin_memset(&flow, 0, sizeof(flow));
	__builtin_memcpy(&flow.source, packet + 26, 4);
	__builtin_memcpy(&flow.port, packet + 36, 2);
	flow.protocol = packet[23];
	struct totals *totals = bpf_map_lookup_elem(&flows, &flow);
	if (totals) {
		totals->packets++;
		totals->bytes += end - packet;
	} else {
		struct totals first;

		__builtin_memset(&first, 0, sizeof(first));
		first.packets = 1;
		first.bytes = end - packet;
		first.flags = 5;
		first.kind = 300;
		first.name[0] = 'w';
		first.name[1] = 'e';
		first.name[2] = 'b';
		bpf_map_update_elem(&flows, &flow, &first, BPF_ANY);
	}
	number = packet[23] & 3;
	count = bpf_map_lookup_elem(&protocols, &number);
	if (count)
		*count += 1;
	return limit;
}

char _license[] SEC("license") = "GPL";
