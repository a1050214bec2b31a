// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that natives make for what is behind them: one skb for each CPU, whose bytes lie in a
 * row. It never leaves the module, unless a program clones it; then it is not used again until that
 * is freed.
 */
#include <linux/percpu.h>
#include <net/dst.h>

#include "ffpf.h"

#define BYTES FFPF_PACKETS_BYTES

void ffpf_packets_free(struct ffpf_packets *packets)
{
	int cpu;

	if (!packets->skbs)
		return;
	for_each_possible_cpu(cpu)
		kfree_skb(*per_cpu_ptr(packets->skbs, cpu));
	free_percpu(packets->skbs);
	packets->skbs = NULL;
}

int ffpf_packets_create(struct ffpf_packets *packets)
{
	int cpu;

	packets->skbs = alloc_percpu_gfp(struct sk_buff *, GFP_KERNEL_ACCOUNT);
	if (!packets->skbs)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct sk_buff *skb = alloc_skb(NET_SKB_PAD + BYTES, GFP_KERNEL_ACCOUNT);

		*per_cpu_ptr(packets->skbs, cpu) = skb;
		if (!skb) {
			ffpf_packets_free(packets);
			return -ENOMEM;
		}
	}
	return 0;
}

/* Nothing in it of the packet before, nor of what programs did to it. */
static bool clear(struct sk_buff *skb)
{
	if (skb_shared(skb) || skb_cloned(skb) || skb_is_nonlinear(skb) ||
	    skb_end_offset(skb) < NET_SKB_PAD + BYTES)
		return false;
	skb_dst_drop(skb);
	skb_ext_reset(skb);
	skb_metadata_clear(skb);
	__vlan_hwaccel_clear_tag(skb);
	memset(skb->cb, 0, sizeof(skb->cb));
	skb->data = skb->head + NET_SKB_PAD;
	skb_reset_tail_pointer(skb);
	skb->len = 0;
	skb->ip_summed = CHECKSUM_NONE;
	return true;
}

struct sk_buff *ffpf_packets_get(const struct ffpf_packets *packets, const struct sk_buff *of,
				 u32 n)
{
	struct sk_buff *skb = *this_cpu_ptr(packets->skbs);

	if (n > BYTES || !clear(skb))
		return NULL;
	skb->dev = of->dev;
	skb->skb_iif = of->skb_iif;
	skb->protocol = of->protocol;
	skb->pkt_type = of->pkt_type;
	skb->mark = of->mark;
	skb->priority = of->priority;
	skb->queue_mapping = of->queue_mapping;
	skb->tstamp = of->tstamp;
	skb_copy_hash(skb, of);
	if (skb_vlan_tag_present(of))
		__vlan_hwaccel_put_tag(skb, of->vlan_proto, skb_vlan_tag_get(of));
	skb->mac_len = of->mac_len;
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, of->mac_len);
	skb_set_transport_header(skb, of->mac_len);
	ffpf_set_ingress(skb, true);
	skb_put(skb, n);
	return skb;
}
