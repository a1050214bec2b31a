/* SPDX-License-Identifier: BSD-2-Clause */
/* Every kind of map, global variables, functions of its own and a loop; matches packets whose bytes add up to an even
 * number. */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct totals {
	__u64 packets, bytes;
	__s32 least;
};

struct prefix {
	__u32 bits;
	__u8 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct totals);
} totals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(key_size, 4);
	__uint(value_size, 8);
} sizes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64);
} recent SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16);
	__type(key, struct prefix);
	__type(value, __u32);
} nets SEC(".maps");

__u64 seen, even;
const volatile __u32 most = 16;
static __u32 started = 3;

static __attribute__((noinline)) int note(__u32 size)
{
	__u64 one = 1, *n = bpf_map_lookup_elem(&sizes, &size);

	if (n)
		__sync_fetch_and_add(n, 1);
	else
		bpf_map_update_elem(&sizes, &size, &one, BPF_NOEXIST);
	bpf_map_update_elem(&recent, &size, &one, BPF_ANY);
	return 0;
}

static __attribute__((noinline)) __u32 add_up(const __u8 *data, const __u8 *end)
{
	__u32 sum = 0;

	for (int i = 0; i < 16; i++) {
		if (data + i + 1 > end || i >= most)
			break;
		sum += data[i];
	}
	return sum;
}

SEC("xdp")
int sums(struct xdp_md *ctx)
{
	const __u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 zero = 0, size = end - data;
	struct totals *t = bpf_map_lookup_elem(&totals, &zero);
	struct prefix net = {.bits = 32, .address = {198, 18, 0, 1}};

	if (t) {
		t->packets++;
		t->bytes += size;
		if (-(__s32)size < t->least)
			t->least = -(__s32)size;
	}
	note(size);
	bpf_map_update_elem(&nets, &net, &size, BPF_ANY);
	seen++;
	started += 2;
	if (add_up(data, end) % 2)
		return 0;
	even++;
	return 1;
}

SEC("tc")
int marks(struct __sk_buff *skb)
{
	__u8 byte;

	if (bpf_skb_load_bytes(skb, 23, &byte, 1))
		return 0;
	seen++;
	return byte;
}

SEC("classifier")
int types(struct __sk_buff *skb)
{
	return skb->protocol == bpf_htons(0x0800) && !skb->vlan_present && skb->len == 60;
}

char _license[] SEC("license") = "Dual BSD/GPL";
