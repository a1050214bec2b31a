// SPDX-License-Identifier: GPL-2.0
/*
 * digest: known answers, whatever pieces a packet is in; what routers change makes no difference
 * where that is asked for; parameters that can't be.
 */
#include <lib/native/digest.h>

#include "selftest.h"

/* Ethernet, IPv4, UDP, payload "123456789", nine bytes of padding */
static const u8 packet[60] = "\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0"
			     "E\0\0\x25\0\x01\0\0@\x11\x12\x34\xc6\x12\0\x01\xc6\x12\0\x02"
			     "\x10\0\x20\0\0\x11\0\0"
			     "123456789";

static u32 result(u32 algorithm, u32 of, struct sk_buff *skb, u64 *cells)
{
	struct ffpf_view view = {.skb = skb, .link = ARPHRD_ETHER};
	struct ffpf_digest_params params = {algorithm, of};
	struct ffpf_native *native = ffpf_digest.create(&params, sizeof(params));
	u32 class;

	if (IS_ERR(native))
		return 0;
	memset(cells, 0, 2 * sizeof(*cells));
	local_bh_disable();
	class = ffpf_digest.run(native, cells, &view, 5);
	local_bh_enable();
	ffpf_digest.free(native);
	return class;
}

/* The algorithms' published digests of "123456789" */
static bool knows(struct sk_buff *skb)
{
	bool pass = true;
	u64 cells[2];

	EXPECT(result(FFPF_DIGEST_SHA256, FFPF_DIGEST_PAYLOAD, skb, cells) == 0x15e2b0d3 &&
	       cells[0] == 1);
	EXPECT(cells[1] == 9);
	EXPECT(result(FFPF_DIGEST_SHA1, FFPF_DIGEST_PAYLOAD, skb, cells) == 0xf7c3bc1d);
	EXPECT(result(FFPF_DIGEST_MD5, FFPF_DIGEST_PAYLOAD, skb, cells) == 0x25f9e794);
	EXPECT(result(FFPF_DIGEST_CRC32C, FFPF_DIGEST_PAYLOAD, skb, cells) == 0xe3069283);
	return pass;
}

/* Changes a byte for a while: does it matter? */
static bool matters(u32 of, u8 *bytes, u32 at)
{
	struct sk_buff *skb;
	u32 before, after = 0;
	u64 cells[2];

	skb = selftest_skb(bytes, sizeof(packet), 20, 13, true);
	before = skb ? result(FFPF_DIGEST_CRC32C, of, skb, cells) : 0;
	kfree_skb(skb);
	bytes[at] ^= 0x15;
	skb = selftest_skb(bytes, sizeof(packet), 43, 5, true);
	after = skb ? result(FFPF_DIGEST_CRC32C, of, skb, cells) : before;
	kfree_skb(skb);
	bytes[at] ^= 0x15;
	return before != after;
}

static bool is_invariant(void)
{
	u8 bytes[sizeof(packet)];
	bool pass = true;

	memcpy(bytes, packet, sizeof(bytes));
	EXPECT(!matters(FFPF_DIGEST_INVARIANT, bytes, 3));  /* address of the link */
	EXPECT(!matters(FFPF_DIGEST_INVARIANT, bytes, 15)); /* type of service */
	EXPECT(!matters(FFPF_DIGEST_INVARIANT, bytes, 22)); /* time to live */
	EXPECT(!matters(FFPF_DIGEST_INVARIANT, bytes, 25)); /* checksum */
	EXPECT(!matters(FFPF_DIGEST_INVARIANT, bytes, 55)); /* padding */
	EXPECT(matters(FFPF_DIGEST_INVARIANT, bytes, 19));
	EXPECT(matters(FFPF_DIGEST_INVARIANT, bytes, 29));
	EXPECT(matters(FFPF_DIGEST_INVARIANT, bytes, 45));
	EXPECT(matters(FFPF_DIGEST_PACKET, bytes, 3));
	EXPECT(matters(FFPF_DIGEST_PACKET, bytes, 55));
	return pass;
}

static bool refuses(void)
{
	u32 params[3] = {0, 0, 0}, i;
	bool pass = true;

	for (i = 0; i <= 12; i++)
		if (i != 8)
			EXPECT(ffpf_digest.create(params, i) == ERR_PTR(-EINVAL));
	params[0] = 4;
	EXPECT(ffpf_digest.create(params, 8) == ERR_PTR(-EINVAL));
	params[0] = U32_MAX;
	EXPECT(ffpf_digest.create(params, 8) == ERR_PTR(-EINVAL));
	params[0] = 0;
	params[1] = 3;
	EXPECT(ffpf_digest.create(params, 8) == ERR_PTR(-EINVAL));
	return pass;
}

bool ffpf_selftest_digest(void)
{
	static const u32 linears[] = {60, 14, 42, 46, 20};
	bool pass = true;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(linears); i++) {
		struct sk_buff *skb = selftest_skb(packet, sizeof(packet), linears[i], 4, true);

		EXPECT(skb && skb->len == sizeof(packet));
		if (!skb)
			continue;
		EXPECT(knows(skb));
		kfree_skb(skb);
	}
	EXPECT(is_invariant());
	EXPECT(refuses());
	return selftest_result("digest", pass);
}
