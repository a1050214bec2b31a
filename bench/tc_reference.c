/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What `[dev X]>(BPF,"tcp port 80")>(pktcount)` says, written by hand in C for clang: the reference of `./do bench tc`.
 *
 * section "tc/same": the same results, packets and bytes of the device and of the filter, per CPU; a packet in several
 * pieces of memory has its headers made one piece, a VLAN tag in metadata is counted and is no TCP. section "tc/least":
 * as little as one could write: only the matching packets are counted, tags and pieces are not thought of.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#define SEC(name) __attribute__((section(name), used))
#define ALWAYS static inline __attribute__((always_inline))
#define htons(x) __builtin_bswap16(x)

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;
static long (*bpf_skb_pull_data)(struct __sk_buff *ctx, u32 bytes) = (void *)BPF_FUNC_skb_pull_data;

/* Headers up to the ports, with all options of IPv4. */
#define HEADERS 78

struct counts {
	u64 packets, bytes, matched, matched_bytes;
};

struct {
	int (*type)[BPF_MAP_TYPE_PERCPU_ARRAY];
	u32 *key;
	struct counts *value;
	int (*max_entries)[1];
} counts SEC(".maps");

ALWAYS int port80(const u8 *p, const u8 *end, u64 at)
{
	const u8 *tcp = p + at;

	if (tcp + 2 > end)
		return 0;
	if (*(u16 *)tcp == htons(80))
		return 1;
	return tcp + 4 <= end && *(u16 *)(tcp + 2) == htons(80);
}

ALWAYS int matches(const u8 *p, const u8 *end)
{
	if (p + 14 > end)
		return 0;
	if (*(u16 *)(p + 12) == htons(0x86dd)) {
		if (p + 21 > end || p[20] != 6)
			return 0;
		return port80(p, end, 54);
	}
	if (*(u16 *)(p + 12) != htons(0x800) || p + 24 > end || p[23] != 6 || *(u16 *)(p + 20) & htons(0x1fff))
		return 0;
	return port80(p, end, 14 + ((p[14] & 15) << 2));
}

SEC("tc/same")
int same(struct __sk_buff *ctx)
{
	const u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	u64 len = ctx->len;
	u32 zero = 0;
	struct counts *c = bpf_map_lookup_elem(&counts, &zero);

	if (!c)
		return TC_ACT_UNSPEC;
	if (ctx->vlan_present) {
		c->packets++;
		c->bytes += len + 4;
		return TC_ACT_UNSPEC;
	}
	c->packets++;
	c->bytes += len;
	if (end - p < HEADERS && end - p != len) {
		bpf_skb_pull_data(ctx, len < HEADERS ? len : HEADERS);
		p = (void *)(long)ctx->data;
		end = (void *)(long)ctx->data_end;
	}
	if (matches(p, end)) {
		c->matched++;
		c->matched_bytes += len;
	}
	return TC_ACT_UNSPEC;
}

SEC("tc/least")
int least(struct __sk_buff *ctx)
{
	u32 zero = 0;
	struct counts *c;

	if (!matches((void *)(long)ctx->data, (void *)(long)ctx->data_end))
		return TC_ACT_UNSPEC;
	c = bpf_map_lookup_elem(&counts, &zero);
	if (c)
		c->matched++;
	return TC_ACT_UNSPEC;
}

char dual[] SEC("license") = "Dual BSD/GPL";
