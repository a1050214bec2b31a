// SPDX-License-Identifier: GPL-2.0
/*
 * A packet as it was on the wire, from its skb: the first bytes in a row, fragments in pages, more
 * of them in a list of skbs, and a VLAN tag that the card or the stack took out of it.
 *
 *   skb     | addresses | type, headers, payload …        tag
 *   wire    | addresses | tag | type, headers, payload …
 *           0          12    16                        bytes.size
 */
#include "ffpf.h"

#define TAG_AT (2 * ETH_ALEN)

/* Where bytes at a wire offset behind the tag are in the skb, or before it. */
static u32 in_skb(const struct ffpf_wire *wire, u32 offset)
{
	return offset < TAG_AT ? offset : offset - wire->tagged;
}

static bool meets_tag(const struct ffpf_wire *wire, u32 offset, u32 n)
{
	return wire->tagged && offset < TAG_AT + VLAN_HLEN && offset + n > TAG_AT;
}

static const u8 *part(const struct ffpf_bytes *bytes, u32 offset, u32 size, u8 *room)
{
	const struct ffpf_wire *wire = container_of(bytes, struct ffpf_wire, bytes);

	if (meets_tag(wire, offset, size))
		return ffpf_wire_copy(wire, offset, room, size) ? NULL : room;
	return skb_header_pointer(wire->skb, in_skb(wire, offset), size, room);
}

static u16 link_of(const struct ffpf_view *view)
{
	switch (view->link) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		return FFPF_LINK_ETHERNET;
	case ARPHRD_NONE:
	case ARPHRD_RAWIP:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
		return FFPF_LINK_RAW;
	default:
		return U16_MAX;
	}
}

void ffpf_wire_init(struct ffpf_wire *wire, const struct ffpf_view *view)
{
	const struct sk_buff *skb = view->skb;
	bool tagged = skb_vlan_tag_present(skb) && skb->len >= TAG_AT;

	wire->bytes = (struct ffpf_bytes){.part = part, .size = skb->len};
	wire->skb = skb;
	wire->link = link_of(view);
	wire->tagged = 0;
	if (!tagged)
		return;
	wire->tagged = VLAN_HLEN;
	wire->bytes.size += VLAN_HLEN;
	ffpf_native_put16(wire->tag, ntohs(skb->vlan_proto));
	ffpf_native_put16(wire->tag + 2, skb_vlan_tag_get(skb));
}

int ffpf_wire_copy(const struct ffpf_wire *wire, u32 offset, void *to, u32 n)
{
	u32 k;
	int err;

	if (!meets_tag(wire, offset, n))
		return n ? skb_copy_bits(wire->skb, in_skb(wire, offset), to, n) : 0;
	if (offset < TAG_AT) {
		k = TAG_AT - offset;
		err = skb_copy_bits(wire->skb, offset, to, k);
		if (err)
			return err;
		to += k;
		n -= k;
		offset = TAG_AT;
	}
	k = min_t(u32, n, TAG_AT + VLAN_HLEN - offset);
	memcpy(to, wire->tag + (offset - TAG_AT), k);
	return n > k ? skb_copy_bits(wire->skb, TAG_AT, to + k, n - k) : 0;
}

void ffpf_walk_begin(struct ffpf_walk *walk, const struct ffpf_wire *wire, u32 from, u32 to)
{
	walk->wire = wire;
	walk->at = from;
	walk->to = to;
	walk->in_seq = false;
}

/* Where the part that `at` is in ends: before the tag, the tag, behind it. */
static u32 part_end(const struct ffpf_walk *walk)
{
	if (walk->wire->tagged && walk->at < TAG_AT)
		return min_t(u32, walk->to, TAG_AT);
	if (meets_tag(walk->wire, walk->at, 1))
		return min_t(u32, walk->to, TAG_AT + VLAN_HLEN);
	return walk->to;
}

/* A run of the skb that lies before `end`. */
static u32 next_in_skb(struct ffpf_walk *walk, u32 end, const u8 **run)
{
	const struct ffpf_wire *wire = walk->wire;

	if (walk->in_seq && walk->at >= walk->seq_end)
		ffpf_walk_end(walk);
	if (!walk->in_seq) {
		/* It wants an skb that is not const, and only reads it. */
		skb_prepare_seq_read((struct sk_buff *)wire->skb, in_skb(wire, walk->at),
				     in_skb(wire, end - 1) + 1, &walk->seq);
		walk->seq_begin = walk->at;
		walk->seq_end = end;
		walk->in_seq = true;
	}
	/* Blocks are whole, whatever end was said. */
	return min(skb_seq_read(walk->at - walk->seq_begin, run, &walk->seq), end - walk->at);
}

u32 ffpf_walk_next(struct ffpf_walk *walk, const u8 **run)
{
	const struct ffpf_wire *wire = walk->wire;
	u32 end, n;

	if (walk->at >= walk->to)
		return 0;
	end = part_end(walk);
	if (meets_tag(wire, walk->at, 1)) {
		*run = wire->tag + (walk->at - TAG_AT);
		n = end - walk->at;
	} else {
		n = next_in_skb(walk, end, run);
	}
	walk->at = n ? walk->at + n : walk->to;
	return n;
}

void ffpf_walk_end(struct ffpf_walk *walk)
{
	if (walk->in_seq)
		skb_abort_seq_read(&walk->seq);
	walk->in_seq = false;
}
