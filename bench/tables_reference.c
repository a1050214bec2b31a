/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the classes tflows, tlimit and twall of tests/modules/tables.c do, written by hand in C for clang: the reference
 * of
 * `./do bench tables`. The same maps and the same results: packets and bytes of the device and of what passes, per CPU.
 */
#include "reference.h"

static long (*bpf_map_update_elem)(void *map, const void *key, const void *value,
				   u64 flags) = (void *)BPF_FUNC_map_update_elem;
static long (*bpf_xdp_get_buff_len)(struct xdp_md *ctx) = (void *)BPF_FUNC_xdp_get_buff_len;
static u64 (*bpf_ktime_get_ns)(void) = (void *)BPF_FUNC_ktime_get_ns;

struct counts {
	u64 packets, bytes, passed, passed_bytes, full;
};

struct flow_key {
	u32 src, dst;
	u16 sport, dport;
	u8 proto;
} __attribute__((packed));

struct flow {
	u64 packets, bytes;
};

struct limit {
	u64 until, refused;
};

struct prefix {
	u32 bits, address;
};

#define MAP(name, map_type, key_type, value_type, entries)                                                             \
	struct {                                                                                                       \
		int (*type)[map_type];                                                                                 \
		key_type *key;                                                                                         \
		value_type *value;                                                                                     \
		int (*max_entries)[entries];                                                                           \
	} name SEC(".maps")

MAP(counts, BPF_MAP_TYPE_PERCPU_ARRAY, u32, struct counts, 1);
MAP(flows, BPF_MAP_TYPE_HASH, struct flow_key, struct flow, 65536);
MAP(sources, BPF_MAP_TYPE_LRU_HASH, u32, struct limit, 65536);
MAP(connections, BPF_MAP_TYPE_LRU_HASH, struct flow_key, u64, 65536);

struct {
	int (*type)[BPF_MAP_TYPE_LPM_TRIE];
	struct prefix *key;
	u64 *value;
	int (*max_entries)[1];
	int (*map_flags)[BPF_F_NO_PREALLOC];
} inside SEC(".maps");

ALWAYS struct counts *begin(struct xdp_md *ctx, u64 *len)
{
	u32 zero = 0;
	struct counts *c = bpf_map_lookup_elem(&counts, &zero);

	*len = bpf_xdp_get_buff_len(ctx);
	if (c) {
		c->packets++;
		c->bytes += *len;
	}
	return c;
}

ALWAYS int is_flow(struct xdp_md *ctx, struct flow_key *key)
{
	const u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (p + 38 > end || *(u16 *)(p + 12) != htons(0x800))
		return 0;
	key->src = *(u32 *)(p + 26);
	key->dst = *(u32 *)(p + 30);
	key->sport = *(u16 *)(p + 34);
	key->dport = *(u16 *)(p + 36);
	key->proto = p[23];
	return 1;
}

SEC("xdp/tflows")
int tflows(struct xdp_md *ctx)
{
	static const struct flow none;
	struct flow_key key;
	struct counts *c;
	struct flow *f;
	u64 len;

	c = begin(ctx, &len);
	if (!c || !is_flow(ctx, &key))
		return XDP_PASS;
	f = bpf_map_lookup_elem(&flows, &key);
	if (!f) {
		long err = bpf_map_update_elem(&flows, &key, &none, BPF_NOEXIST);

		if (err && err != -17) {
			c->full++;
			return XDP_PASS;
		}
		f = bpf_map_lookup_elem(&flows, &key);
		if (!f)
			return XDP_PASS;
	}
	__sync_fetch_and_add(&f->packets, 1);
	__sync_fetch_and_add(&f->bytes, len);
	return XDP_PASS;
}

SEC("xdp/tlimit")
int tlimit(struct xdp_md *ctx)
{
	static const struct limit none;
	struct flow_key key;
	struct counts *c;
	struct limit *l;
	u64 len, now, until;
	u32 src;

	c = begin(ctx, &len);
	if (!c)
		return XDP_PASS;
	if (is_flow(ctx, &key)) {
		src = key.src;
		now = bpf_ktime_get_ns();
		l = bpf_map_lookup_elem(&sources, &src);
		if (!l) {
			bpf_map_update_elem(&sources, &src, &none, BPF_NOEXIST);
			l = bpf_map_lookup_elem(&sources, &src);
		}
		if (l) {
			until = l->until;
			if (until < now)
				until = now;
			if (until > now + 1000000000) {
				__sync_fetch_and_add(&l->refused, 1);
				return XDP_PASS;
			}
			l->until = until + 1; /* at 1000000000 a second */
		}
	}
	c->passed++;
	c->passed_bytes += len;
	return XDP_PASS;
}

SEC("xdp/twall")
int twall(struct xdp_md *ctx)
{
	static const u64 none;
	struct flow_key key, back;
	struct prefix from;
	struct counts *c;
	u64 len;

	c = begin(ctx, &len);
	if (!c || !is_flow(ctx, &key))
		return XDP_PASS;
	from.bits = 32;
	from.address = key.src;
	if (bpf_map_lookup_elem(&inside, &from)) {
		if (!bpf_map_lookup_elem(&connections, &key))
			bpf_map_update_elem(&connections, &key, &none, BPF_NOEXIST);
	} else {
		back.src = key.dst;
		back.dst = key.src;
		back.sport = key.dport;
		back.dport = key.sport;
		back.proto = key.proto;
		if (!bpf_map_lookup_elem(&connections, &back))
			return XDP_PASS;
	}
	c->passed++;
	c->passed_bytes += len;
	return XDP_PASS;
}

char dual[] SEC("license") = "Dual BSD/GPL";
