// SPDX-License-Identifier: GPL-2.0
/*
 * anon: the published example of the scheme, in a packet that lies in pieces; the packet that came
 * stays as it was; parameters that can't be.
 */
#include <lib/native/anon.h>

#include "selftest.h"

/* Of the authors' own sample trace: key, and two addresses with what they become */
static const u8 key[FFPF_ANON_KEY] = {21,  34, 23,  141, 51, 164, 207, 128, 19,	 10,  91,
				      22,  73, 144, 125, 16, 216, 152, 143, 131, 121, 121,
				      101, 39, 98,  87,	 76, 45,  42,  132, 34,	 2};

static const u8 packet[60] = "\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0"
			     "E\0\0\x2e\0\x01\0\0@\x11\0\0\x80\x0b\x44\x84\x81\x76\x4a\x04"
			     "\x10\0\x20\0\0\x1a\0\0"
			     "eighteen bytes ...";

static bool makes(struct ffpf_native *native, u32 linear, u32 fragment, bool tag)
{
	struct sk_buff *skb = selftest_skb(packet, sizeof(packet), linear, fragment, true);
	struct ffpf_view view = {.skb = skb, .link = ARPHRD_ETHER};
	u8 bytes[sizeof(packet)];
	u64 cells[2] = {};
	bool pass = true;
	u32 class;

	if (!skb)
		return false;
	if (tag)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), 5);
	local_bh_disable();
	class = ffpf_anon_class.run(native, cells, &view, 9);
	EXPECT(class == 9 && view.made && view.made != skb && view.made->len == sizeof(packet));
	EXPECT(cells[0] == 1 && cells[1] == 2);
	if (pass) {
		const u8 *data = view.made->data;

		EXPECT(!memcmp(data, packet, 24) && !memcmp(data + 34, packet + 34, 26));
		EXPECT(!memcmp(data + 26, "\x87\xf2\xb4\x84", 4));
		EXPECT(!memcmp(data + 30, "\x86\x88\xba\x7b", 4));
		EXPECT(!skb_vlan_tag_present(view.made) == !tag);
	}
	local_bh_enable();
	EXPECT(!skb_copy_bits(skb, 0, bytes, sizeof(bytes)));
	EXPECT(!memcmp(bytes, packet, sizeof(bytes)));
	kfree_skb(skb);
	return pass;
}

bool ffpf_selftest_anon(void)
{
	struct ffpf_native *native = ffpf_anon_class.create(key, sizeof(key));
	bool pass = true;
	u32 i;

	EXPECT(!IS_ERR(native));
	if (!IS_ERR(native)) {
		EXPECT(makes(native, 60, 0, false));
		EXPECT(makes(native, 14, 7, true));
		EXPECT(makes(native, 28, 3, false));
		ffpf_anon_class.free(native);
	}
	for (i = 0; i < sizeof(key); i++)
		EXPECT(ffpf_anon_class.create(key, i) == ERR_PTR(-EINVAL));
	return selftest_result("anon", pass);
}
