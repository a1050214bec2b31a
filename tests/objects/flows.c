/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What people write: headers one after the other with a cursor, VLAN tags in an unrolled loop, both IP versions,
 * options, a table of flows, counters per CPU, a checksum over the first bytes, a table that is looked up. The class is
 * that of the transport protocol.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct vlan {
	__be16 tag, proto;
};

struct flow {
	__u32 from, to;
	__u16 from_port, to_port;
	__u8 proto, pad[3];
};

struct count {
	__u64 packets, bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct flow);
	__type(value, struct count);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 2048);
	__type(key, __u16);
	__type(value, __u64);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct count);
} total SEC(".maps");

__u64 sums;
int truncated;
static int weights[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static __always_inline int ethernet(void **at, void *end)
{
	struct ethhdr *eth = *at;
	struct vlan *vlan = (void *)(eth + 1);
	__be16 proto;

	if ((void *)vlan > end)
		return -1;
	proto = eth->h_proto;
#pragma unroll
	for (int i = 0; i < 3; i++) {
		if (proto != bpf_htons(ETH_P_8021Q) && proto != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(vlan + 1) > end)
			return -1;
		proto = vlan->proto;
		vlan++;
	}
	*at = vlan;
	return proto;
}

static __always_inline int ip4(void **at, void *end, struct flow *f)
{
	struct iphdr *ip = *at;
	int size;

	if ((void *)(ip + 1) > end)
		return -1;
	size = ip->ihl * 4;
	if (size < (int)sizeof(*ip) || *at + size > end)
		return -1;
	*at += size;
	f->from = ip->saddr;
	f->to = ip->daddr;
	f->proto = ip->protocol;
	return 0;
}

static __always_inline int ip6(void **at, void *end, struct flow *f)
{
	struct ipv6hdr *ip = *at;

	if ((void *)(ip + 1) > end)
		return -1;
	*at = ip + 1;
	f->from = ip->saddr.s6_addr32[3];
	f->to = ip->daddr.s6_addr32[3];
	f->proto = ip->nexthdr;
	return 0;
}

static __noinline __u64 sum_of(const __u8 *p, const void *end)
{
	__u64 sum = 0;

	for (int i = 0; i < 64; i++) {
		if ((void *)(p + i + 1) > end)
			break;
		sum = sum * 31 + p[i];
	}
	return sum % 1000003;
}

static __noinline int note(struct flow *f, __u64 bytes)
{
	struct count *c = bpf_map_lookup_elem(&flows, f), none = {};
	__u16 port = bpf_ntohs(f->to_port);
	__u64 one = 1, *n;

	if (!c) {
		bpf_map_update_elem(&flows, f, &none, BPF_NOEXIST);
		c = bpf_map_lookup_elem(&flows, f);
	}
	if (!c)
		return -1;
	__sync_fetch_and_add(&c->packets, 1);
	__sync_fetch_and_add(&c->bytes, bytes);
	n = bpf_map_lookup_elem(&ports, &port);
	if (n)
		*n += 1;
	else
		bpf_map_update_elem(&ports, &port, &one, BPF_ANY);
	return 0;
}

SEC("xdp")
int by_flow(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *at = data;
	struct flow f = {};
	struct count *all;
	__u32 zero = 0;
	int type = ethernet(&at, end), err = 0;

	if (type == bpf_htons(ETH_P_IP))
		err = ip4(&at, end, &f);
	else if (type == bpf_htons(ETH_P_IPV6))
		err = ip6(&at, end, &f);
	else
		return 0;
	if (err) {
		truncated++;
		return 0;
	}
	switch (f.proto) {
	case IPPROTO_TCP: {
		struct tcphdr *tcp = at;

		if ((void *)(tcp + 1) > end)
			return 0;
		f.from_port = tcp->source;
		f.to_port = tcp->dest;
		break;
	}
	case IPPROTO_UDP: {
		struct udphdr *udp = at;

		if ((void *)(udp + 1) > end)
			return 0;
		f.from_port = udp->source;
		f.to_port = udp->dest;
		break;
	}
	}
	if (note(&f, end - data))
		return 0;
	all = bpf_map_lookup_elem(&total, &zero);
	if (all) {
		__sync_fetch_and_add(&all->packets, 1);
		__sync_fetch_and_add(&all->bytes, end - data);
	}
	sums += sum_of(data, end) + weights[f.proto & 7];
	return f.proto;
}

char _license[] SEC("license") = "GPL";
