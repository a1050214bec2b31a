// SPDX-License-Identifier: GPL-2.0
/*
 * defrag: fragments in pieces of memory, with and without a tag beside them; what is no fragment
 * stays what it is; parameters that can't be.
 */
#include <lib/native/defrag.h>

#include "selftest.h"

#define HEAD 34 /* Ethernet, IPv4 */

/* A fragment of 40 bytes: offset in units of 8, payload bytes that count on */
static struct sk_buff *fragment(u32 offset, bool more, u32 linear, u32 page)
{
	u8 bytes[HEAD + 40] = "\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0"
			      "E\0\0\x3c\0\x07\0\0@\xfd\0\0\xc6\x12\0\x01\xc6\x12\0\x02";
	u32 i;

	bytes[20] = more ? 0x20 : 0;
	bytes[21] = offset;
	for (i = 0; i < 40; i++)
		bytes[HEAD + i] = offset * 8 + i;
	return selftest_skb(bytes, sizeof(bytes), linear, page, true);
}

/* The class with which it leaves; *made. */
static u32 give(struct ffpf_native *native, u64 *cells, struct sk_buff *skb, struct sk_buff **made)
{
	struct ffpf_view view = {.skb = skb, .link = ARPHRD_ETHER};
	u32 class;

	if (!skb)
		return U32_MAX;
	local_bh_disable();
	class = ffpf_defrag_class.run(native, cells, &view, 4);
	local_bh_enable();
	*made = view.made;
	return class;
}

static bool joins(struct ffpf_native *native, bool tag)
{
	u64 cells[sizeof(struct ffpf_defrag_counts) / 8] = {};
	const struct ffpf_defrag_counts *counts = (void *)cells;
	struct sk_buff *skbs[3] = {fragment(10, false, 20, 7), fragment(0, true, 34, 9),
				   fragment(5, true, 14, 11)};
	u32 i, at = HEAD + (tag ? VLAN_HLEN : 0);
	struct sk_buff *made;
	bool pass = true;

	for (i = 0; i < 3; i++) {
		if (tag && skbs[i])
			__vlan_hwaccel_put_tag(skbs[i], htons(ETH_P_8021Q), 5);
		EXPECT(give(native, cells, skbs[i], &made) == (i < 2 ? 0 : 4));
	}
	EXPECT(counts->fragments == 3 && counts->reassembled == 1 && counts->joined == 3 &&
	       !counts->waiting);
	EXPECT(made && made->len == at + 120 && !skb_vlan_tag_present(made));
	for (i = 0; pass && i < 120; i++)
		EXPECT(made->data[at + i] == i);
	EXPECT(pass && !memcmp(made->data + 12, tag ? "\x81\0\0\x05\x08\0" : "\x08\0E\0\0\x8c", 6));
	for (i = 0; i < 3; i++)
		kfree_skb(skbs[i]);
	return pass;
}

static bool passes(struct ffpf_native *native)
{
	u64 cells[sizeof(struct ffpf_defrag_counts) / 8] = {};
	struct sk_buff *skb = fragment(0, false, 20, 30), *made;
	bool pass = true;

	EXPECT(give(native, cells, skb, &made) == 4 && made == skb && !cells[0]);
	kfree_skb(skb);
	return pass;
}

static bool refuses(void)
{
	struct ffpf_defrag_params good = {.timeout_ns = NSEC_PER_SEC, .memory = 1 << 20}, bad;
	bool pass = true;
	u32 i;

	for (i = 0; i < sizeof(good); i++)
		EXPECT(ffpf_defrag_class.create(&good, i) == ERR_PTR(-EINVAL));
#define BAD(field, value)                                                                          \
	bad = good;                                                                                \
	bad.field = value;                                                                         \
	EXPECT(ffpf_defrag_class.create(&bad, sizeof(bad)) == ERR_PTR(-EINVAL))
	BAD(timeout_ns, 0);
	BAD(timeout_ns, U64_MAX);
	BAD(memory, 0);
	BAD(memory, FFPF_DEFRAG_MEMORY_LEAST - 1);
	BAD(memory, U32_MAX);
	BAD(reserved, 1);
	return pass;
}

bool ffpf_selftest_defrag(void)
{
	struct ffpf_defrag_params params = {.timeout_ns = NSEC_PER_SEC, .memory = 1 << 20};
	struct ffpf_native *native = ffpf_defrag_class.create(&params, sizeof(params));
	bool pass = true;

	EXPECT(!IS_ERR(native));
	if (!IS_ERR(native)) {
		EXPECT(joins(native, false));
		EXPECT(joins(native, true));
		EXPECT(passes(native));
		ffpf_defrag_class.free(native);
	}
	EXPECT(refuses());
	return selftest_result("defrag", pass);
}
