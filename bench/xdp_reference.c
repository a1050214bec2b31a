/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What `[dev X]>(BPF,"tcp port 80")>(pktcount)` says, written by hand in C for clang: the reference of `./do bench
 * xdp`.
 *
 * section "xdp/same": the same results, packets and bytes of the device and of the filter, per CPU, packets in
 * fragments included. section "xdp/least": as little as one could write: only the matching packets are counted,
 * fragments are not thought of.
 */
#include "port80_reference.h"

static long (*bpf_xdp_get_buff_len)(struct xdp_md *ctx) = (void *)BPF_FUNC_xdp_get_buff_len;

SEC("xdp/same")
int same(struct xdp_md *ctx)
{
	const u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	u64 len = bpf_xdp_get_buff_len(ctx);
	struct counts *c = our_counts();

	if (!c)
		return XDP_PASS;
	c->packets++;
	c->bytes += len;
	count_if_matching(c, p, end, len);
	return XDP_PASS;
}

SEC("xdp/least")
int least(struct xdp_md *ctx)
{
	count_least((void *)(long)ctx->data, (void *)(long)ctx->data_end);
	return XDP_PASS;
}

char dual[] SEC("license") = "Dual BSD/GPL";
