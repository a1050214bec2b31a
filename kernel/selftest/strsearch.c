// SPDX-License-Identifier: GPL-2.0
/*
 * strsearch: strings over the borders of fragments, bounds of the payload, parameters that can't
 * be.
 */
#include "selftest.h"

/* Ethernet, IPv4 (total length 60, so two bytes of padding), UDP, 32 bytes of payload */
static const u8 packet[] = "\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0"
			   "E\0\0<\0\x01\0\0@\x11\0\0\xc6\x12\0\x01\xc6\x12\0\x02"
			   "\x10\0\x20\0\0\x28\0\0"
			   "GET /aaaaaaaab HTTP/1.1\r\nH\xc4st: x"
			   "ZQ";

struct params {
	u32 flags, n_patterns;
	u8 rest[600];
};

/* Patterns are separated by |; returns the parameters' bytes. */
static u32 fill(struct params *params, u32 flags, const char *patterns)
{
	u32 at = 0;

	params->flags = flags;
	params->n_patterns = 0;
	while (*patterns) {
		u32 n = strchrnul(patterns, '|') - patterns;

		memcpy(params->rest + at, &n, 4);
		memcpy(params->rest + at + 4, patterns, n);
		at += 4 + n;
		params->n_patterns++;
		patterns += n + (patterns[n] == '|');
	}
	return 8 + at;
}

static u32 result(u32 flags, const char *patterns, const struct sk_buff *skb, u64 *cells)
{
	struct ffpf_view view = {.skb = (struct sk_buff *)skb, .link = ARPHRD_ETHER};
	struct params params;
	u32 bytes = fill(&params, flags, patterns), class;
	struct ffpf_native *native = ffpf_strsearch.create(&params, bytes);

	if (IS_ERR(native))
		return U32_MAX;
	memset(cells, 0, 8 * native->n_cells);
	class = ffpf_strsearch.run(native, cells, &view, 1);
	ffpf_strsearch.free(native);
	return class;
}

static bool finds(const struct sk_buff *skb)
{
	bool pass = true;
	u64 cells[8];

	/* one, two: the kernel's own search; more: the automaton */
	EXPECT(result(0, "GET ", skb, cells) == 1 && cells[0] == 1 && cells[1] == 32 &&
	       cells[2] == 1);
	EXPECT(result(0, "POST|HTTP/1.1\r\n|GET ", skb, cells) == 2 && cells[0] == 1 &&
	       cells[1] == 32);
	EXPECT(cells[2] == 0 && cells[3] == 1 && cells[4] == 1);
	EXPECT(result(0, "POST|GET", skb, cells) == 2 && cells[2] == 0 && cells[3] == 1);
	EXPECT(result(0, "aaab|GET", skb, cells) == 1);
	EXPECT(result(0, "GET /aaaaaaaab HTTP/1.1\r\nH\xc4st: x", skb, cells) == 1);
	EXPECT(result(0, "get|hst", skb, cells) == 0 && cells[0] == 0 && cells[1] == 32);
	EXPECT(result(FFPF_STRSEARCH_NOCASE, "get /AAAA|st:", skb, cells) == 1 && cells[3] == 1);
	EXPECT(result(FFPF_STRSEARCH_NOCASE, "nothing|sts|ST: X", skb, cells) == 3 &&
	       cells[0] == 1);
	/* letters of ASCII only */
	EXPECT(result(FFPF_STRSEARCH_NOCASE, "h\xc4ST", skb, cells) == 1);
	EXPECT(result(FFPF_STRSEARCH_NOCASE, "h\xe4st", skb, cells) == 0);
	/* before the payload, behind it, over its ends */
	EXPECT(result(0, "Z|xZ|ZQ|E|@", skb, cells) == 4);
	EXPECT(result(0, "xZ|ZQ|@|Q", skb, cells) == 0);
	EXPECT(result(FFPF_STRSEARCH_PACKET, "xZQ", skb, cells) == 1 && cells[1] == 76);
	EXPECT(result(FFPF_STRSEARCH_PACKET, "ZQQ", skb, cells) == 0);
	return pass;
}

static bool refuses(void)
{
	struct params params;
	bool pass = true;
	u32 bytes = fill(&params, 0, "one|two"), i;

	for (i = 0; i < bytes; i++)
		EXPECT(ffpf_strsearch.create(&params, i) == ERR_PTR(-EINVAL));
	EXPECT(ffpf_strsearch.create(&params, bytes + 1) == ERR_PTR(-EINVAL));
	params.n_patterns = 65;
	EXPECT(ffpf_strsearch.create(&params, bytes) == ERR_PTR(-EINVAL));
	params.n_patterns = 0;
	EXPECT(ffpf_strsearch.create(&params, 8) == ERR_PTR(-EINVAL));
	bytes = fill(&params, 4, "one");
	EXPECT(ffpf_strsearch.create(&params, bytes) == ERR_PTR(-EINVAL));
	memset(&params, 0, sizeof(params));
	params.n_patterns = 1;
	EXPECT(ffpf_strsearch.create(&params, 12) == ERR_PTR(-EINVAL));
	memcpy(params.rest, &(u32){257}, 4);
	EXPECT(ffpf_strsearch.create(&params, 12 + 257) == ERR_PTR(-EINVAL));
	memcpy(params.rest, &(u32){U32_MAX}, 4);
	EXPECT(ffpf_strsearch.create(&params, 12) == ERR_PTR(-EINVAL));
	return pass;
}

bool ffpf_selftest_strsearch(void)
{
	static const u32 linears[] = {76, 14, 42, 43, 45, 50, 20}, fragments[] = {1000, 5, 7, 13};
	bool pass = true;
	u32 i, k;

	BUILD_BUG_ON(sizeof(packet) - 1 != 76);
	for (i = 0; i < ARRAY_SIZE(linears); i++) {
		for (k = 0; k < ARRAY_SIZE(fragments); k++) {
			/* short fragments are more than fit: the rest in further skbs */
			struct sk_buff *skb =
				selftest_skb(packet, 76, linears[i], fragments[k], k > 0);

			EXPECT(skb && skb->len == 76);
			if (!skb)
				continue;
			EXPECT(finds(skb));
			/* The tag that a card takes out moves everything behind it, and no more. */
			__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), 5);
			EXPECT(result(0, "GET ", skb, (u64[8]){}) == 1);
			EXPECT(result(0, "xZ", skb, (u64[8]){}) == 0);
			EXPECT(result(FFPF_STRSEARCH_PACKET, "\x81", skb, (u64[8]){}) == 1);
			kfree_skb(skb);
		}
	}
	EXPECT(refuses());
	return selftest_result("strsearch", pass);
}
