/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that goes on in another one: TCP in `tcp`, the others fall through. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int tcp(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 8);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__array(values, int(void *));
} next SEC(".maps") = {.values = {[6] = (void *)&tcp}};

__u64 in_tcp, in_others;

SEC("xdp/tcp")
int tcp(struct xdp_md *ctx)
{
	in_tcp++;
	return 6;
}

SEC("xdp")
int first(struct xdp_md *ctx)
{
	const __u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 24 > end)
		return 0;
	bpf_tail_call(ctx, &next, data[23]);
	in_others++;
	return 1;
}

char _license[] SEC("license") = "GPL";
