// SPDX-License-Identifier: GPL-2.0
/*
 * skbs made by hand, as cards, GRO and tunnels make them.
 */
#include "selftest.h"

/* Appends a page fragment; they begin somewhere in their page. */
static int add_fragment(struct sk_buff *skb, const u8 *bytes, u32 n)
{
	struct page *page = alloc_page(GFP_KERNEL);
	u32 offset = 100 + skb_shinfo(skb)->nr_frags;

	if (!page)
		return -ENOMEM;
	memcpy(page_address(page) + offset, bytes, n);
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, offset, n, PAGE_SIZE);
	return 0;
}

static struct sk_buff *one(const u8 *bytes, u32 n, u32 linear, u32 fragment, u32 most, u32 *taken)
{
	struct sk_buff *skb = alloc_skb(linear + NET_SKB_PAD, GFP_KERNEL);
	u32 at = min(linear, n);

	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD);
	skb_put_data(skb, bytes, at);
	while (fragment && at < n && skb_shinfo(skb)->nr_frags < most) {
		u32 k = min(fragment, n - at);

		if (add_fragment(skb, bytes + at, k)) {
			kfree_skb(skb);
			return NULL;
		}
		at += k;
	}
	*taken = at;
	return skb;
}

struct sk_buff *selftest_skb(const u8 *bytes, u32 n, u32 linear, u32 fragment, bool list)
{
	u32 at, k;
	struct sk_buff *skb = one(bytes, n, linear, fragment, list ? 2 : MAX_SKB_FRAGS, &at),
		       **next;

	if (!skb)
		return NULL;
	for (next = &skb_shinfo(skb)->frag_list; list && at < n; next = &(*next)->next) {
		*next = one(bytes + at, n - at, linear, fragment, 1, &k);
		if (!*next || !k) {
			kfree_skb(skb);
			return NULL;
		}
		at += k;
		skb->len += k;
		skb->data_len += k;
		skb->truesize += (*next)->truesize;
	}
	skb_reset_mac_header(skb);
	return skb;
}
