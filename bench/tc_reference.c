/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What `[dev X]>(BPF,"tcp port 80")>(pktcount)` says, written by hand in C for clang: the reference of `./do bench tc`.
 *
 * section "tc/same": the same results, packets and bytes of the device and of the filter, per CPU; a packet in several
 * pieces of memory has its headers made one piece, a VLAN tag in metadata is counted and is no TCP. section "tc/least":
 * as little as one could write: only the matching packets are counted, tags and pieces are not thought of.
 */
#include "port80_reference.h"

#include <linux/pkt_cls.h>

static long (*bpf_skb_pull_data)(struct __sk_buff *ctx, u32 bytes) = (void *)BPF_FUNC_skb_pull_data;

/* Headers up to the ports, with all options of IPv4. */
#define HEADERS 78

SEC("tc/same")
int same(struct __sk_buff *ctx)
{
	const u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	u64 len = ctx->len;
	struct counts *c = our_counts();

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
	count_if_matching(c, p, end, len);
	return TC_ACT_UNSPEC;
}

SEC("tc/least")
int least(struct __sk_buff *ctx)
{
	count_least((void *)(long)ctx->data, (void *)(long)ctx->data_end);
	return TC_ACT_UNSPEC;
}

char dual[] SEC("license") = "Dual BSD/GPL";
