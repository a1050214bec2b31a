// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes of packets in pieces, with and without a VLAN tag beside them: each way to read gives what
 * was on the wire.
 */
#include "selftest.h"

#define LENGTH 150

struct shape {
	u32 linear, fragment;
	bool list, tag;
};

static const struct shape shapes[] = {
	{LENGTH, 0, false, false}, {LENGTH, 0, false, true}, {14, 9, false, false},
	{14, 9, false, true},	   {5, 11, false, false},    {5, 11, false, true},
	{20, 17, true, false},	   {20, 17, true, true},     {13, 10, true, true},
	{1, 12, false, true},
};

static bool walk_gives(const struct ffpf_wire *wire, const u8 *expected, u32 from, u32 to)
{
	struct ffpf_walk walk;
	bool same = true;
	const u8 *run;
	u32 at = from, n;

	ffpf_walk_begin(&walk, wire, from, to);
	while ((n = ffpf_walk_next(&walk, &run)) != 0) {
		same = same && n <= to - at && !memcmp(run, expected + at, n);
		at += n;
	}
	ffpf_walk_end(&walk);
	return same && at == to;
}

static bool reads(const struct ffpf_wire *wire, const u8 *expected, u32 total)
{
	u8 room[LENGTH + VLAN_HLEN + 1], part[FFPF_BYTES_PART];
	u32 from, n;

	for (from = 0; from <= total; from++) {
		for (n = 0; n <= total - from; n++) {
			const u8 *at;

			room[n] = 0xee;
			if (ffpf_wire_copy(wire, from, room, n) ||
			    memcmp(room, expected + from, n) || room[n] != 0xee)
				return false;
			if (!walk_gives(wire, expected, from, from + n))
				return false;
			if (!n || n > FFPF_BYTES_PART)
				continue;
			at = ffpf_bytes_at(&wire->bytes, from, n, part);
			if (!at || memcmp(at, expected + from, n))
				return false;
		}
		if (ffpf_bytes_at(&wire->bytes, from, total - from + 1, part))
			return false;
	}
	return true;
}

static bool shape_reads(const struct shape *shape)
{
	u8 bytes[LENGTH], expected[LENGTH + VLAN_HLEN];
	u32 total = LENGTH + (shape->tag ? VLAN_HLEN : 0), i;
	struct ffpf_view view = {.link = ARPHRD_ETHER};
	struct ffpf_wire wire;
	bool same;

	for (i = 0; i < LENGTH; i++)
		bytes[i] = i * 7 + 1;
	view.skb = selftest_skb(bytes, LENGTH, shape->linear, shape->fragment, shape->list);
	if (!view.skb)
		return false;
	memcpy(expected, bytes, LENGTH);
	if (shape->tag) {
		memcpy(expected + 12, "\x88\xa8\x61\x23", VLAN_HLEN);
		memcpy(expected + 16, bytes + 12, LENGTH - 12);
		__vlan_hwaccel_put_tag(view.skb, htons(ETH_P_8021AD), 0x6123);
	}
	ffpf_wire_init(&wire, &view);
	same = view.skb->len == LENGTH && wire.bytes.size == total && reads(&wire, expected, total);
	kfree_skb(view.skb);
	return same;
}

bool ffpf_selftest_wire(void)
{
	bool pass = true;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		EXPECT(shape_reads(&shapes[i]));
		cond_resched();
	}
	return selftest_result("bytes of fragmented and tagged packets", pass);
}
