/* SPDX-License-Identifier: BSD-2-Clause */
/* What xdp_reference.c and tc_reference.c have in common: the filter "tcp port 80" and what is counted. */
#ifndef FFPF_BENCH_PORT80_REFERENCE_H
#define FFPF_BENCH_PORT80_REFERENCE_H

#include "reference.h"

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

ALWAYS struct counts *our_counts(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&counts, &zero);
}

/* All that the filter has to do with a packet of the device. */
ALWAYS void count_if_matching(struct counts *c, const u8 *p, const u8 *end, u64 len)
{
	if (matches(p, end)) {
		c->matched++;
		c->matched_bytes += len;
	}
}

/* As little as one could write. */
ALWAYS void count_least(const u8 *p, const u8 *end)
{
	struct counts *c;

	if (!matches(p, end))
		return;
	c = our_counts();
	if (c)
		c->matched++;
}

#endif
