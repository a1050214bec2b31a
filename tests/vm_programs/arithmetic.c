/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of all widths and signs as indexes: clamps, minimum and maximum, masks, products. */
#include "packet.h"

MAP(table, BPF_MAP_TYPE_ARRAY, __u32, __u64[32], 1);

SEC("xdp")
int arithmetic(struct xdp_md *ctx)
{
	__u8 *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 zero = 0;
	__u64 *t = bpf_map_lookup_elem(&table, &zero), sum = 0;

	if (!t || at + 40 > end)
		return 0;
	int a = *(__s8 *)(at + 3);
	if (a < 0)
		a = -a;
	if (a > 31)
		a = 31;
	sum += t[a];
	short b = *(__s16 *)(at + 4);
	sum += t[((b >> 11) + 16) & 31];
	unsigned c = *(__u32 *)(at + 8);
	sum += t[c % 32] + t[c / 134217728] + t[c >> 27];
	long d = *(long *)(at + 16);
	if (d >= -5 && d < 20)
		sum += t[d + 5];
	unsigned e = at[30], f = at[31];
	unsigned least = e < f ? e : f, most = e < f ? f : e;
	if (most < 32)
		sum += t[(most - least) & 31];
	if (e * f < 30)
		sum += t[e * f + 1];
	for (unsigned i = 0; i < 8; i++)
		t[i * 4 + (at[i] & 3)] += i;
	unsigned g = c & 0x1f0;
	t[g >> 4] = sum;
	return (int)sum;
}

char its_license[] SEC("license") = "BSD";
