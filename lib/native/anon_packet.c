/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The addresses of a packet, and the checksums over them.
 *
 * Of each checksum that covers what is changed the difference is collected, and put in when all is done. There are at
 * most three at a time: that of the IPv4 header, that of the transport header (over a pseudo header), and that of an
 * ICMP message around a quoted packet, which covers all of the former.
 */
#include "anon.h"

/* IP packets inside each other; of ICMP messages only the first quotes. */
enum { NESTS = 4 };

enum {
	PROTO_ICMP = 1,
	PROTO_IP = 4,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_DCCP = 33,
	PROTO_IP6 = 41,
	PROTO_ROUTING = 43,
	PROTO_ICMP6 = 58,
	PROTO_UDPLITE = 136
};

/* A checksum. */
struct sum {
	uint32_t at;	     /* of its two bytes */
	uint32_t begin;	     /* of what it covers: pairs of bytes begin at even distances */
	uint32_t difference; /* RFC 1624, equation 3: what is added to its complement */
	bool there;
	bool optional; /* 0 means that there is none, and is never the result (UDP) */
};

struct walk {
	struct ffpf_anon *anon;
	uint8_t *data;
	uint32_t size;
	struct sum header, transport, message;
	uint32_t ip_at;
	unsigned addresses;
};

/* ---- checksums ------------------------------------------------------------------------------- */

static void collect(struct sum *s, uint32_t at, uint8_t old, uint8_t now)
{
	unsigned shift = (at - s->begin) & 1 ? 0 : 8;

	if (!s->there)
		return;
	s->difference += (0xffffu ^ (uint32_t)old << shift) + ((uint32_t)now << shift);
	if (s->difference >> 31) /* of long rows of addresses */
		s->difference = (s->difference & 0xffff) + (s->difference >> 16);
}

static void set_byte(struct walk *w, uint32_t at, uint8_t byte, bool header, bool transport)
{
	uint8_t old = w->data[at];

	if (old == byte)
		return;
	w->data[at] = byte;
	if (header)
		collect(&w->header, at, old, byte);
	if (transport)
		collect(&w->transport, at, old, byte);
	/* The message's own checksum is not part of what it covers. */
	if (w->message.there && at - w->message.at > 1)
		collect(&w->message, at, old, byte);
}

static void finish(struct walk *w, struct sum *s)
{
	uint32_t sum;
	uint16_t old, now;

	if (!s->there || !s->difference)
		return;
	old = ffpf_native_get16(w->data + s->at);
	sum = (0xffffu ^ old) + (s->difference & 0xffff) + (s->difference >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	now = (uint16_t)~sum;
	if (s->optional && !old)
		return;
	if (s->optional && !now)
		now = 0xffff;
	set_byte(w, s->at, (uint8_t)(now >> 8), false, false);
	set_byte(w, s->at + 1, (uint8_t)now, false, false);
}

static struct sum sum_at(const struct walk *w, uint32_t at, uint32_t begin, bool optional)
{
	return (struct sum){.at = at, .begin = begin, .there = at + 2 <= w->size, .optional = optional};
}

/* ---- addresses ------------------------------------------------------------------------------- */

/* One that the packet has all of; of one that is cut off what is there becomes zeros. */
static void change(struct walk *w, uint32_t at, unsigned n, bool header, bool transport)
{
	uint8_t becomes[16] = {0};
	uint32_t there = at < w->size ? w->size - at : 0;

	if (there >= n)
		ffpf_anon_address(w->anon, w->data + at, n, becomes);
	else
		n = there;
	for (unsigned i = 0; i < n; i++)
		set_byte(w, at + i, becomes[i], header, transport);
	w->addresses += n != 0;
}

/* Addresses in an IPv4 option: the type, its length, where the next one goes, addresses. */
static void change_option(struct walk *w, uint32_t at, uint32_t length)
{
	uint8_t type = w->data[at];
	uint32_t step = 4, i = 3;

	if (type == 68) { /* time stamps; with addresses if the last half byte says so */
		uint8_t flags = length > 3 ? w->data[at + 3] & 15 : 0;

		if (flags != 1 && flags != 3)
			return;
		i = 4;
		step = 8;
	} else if (type != 7 && type != 131 && type != 137) { /* record route; loose and strict source route */
		return;
	}
	for (; i + 4 <= length; i += step)
		change(w, at + i, 4, true, false);
}

/* Up to where the header ends, or the packet. */
static void change_options(struct walk *w, uint32_t at, uint32_t end)
{
	while (at < end && w->data[at]) {
		uint32_t length = w->data[at] == 1 ? 1 : at + 1 < end ? w->data[at + 1] : 0;

		if (w->data[at] != 1 && length < 2)
			return;
		if (length > end - at)
			length = end - at;
		change_option(w, at, length);
		at += length;
	}
}

static void change_ip4(struct walk *w)
{
	uint32_t at = w->ip_at, end = at + (w->data[at] & 15) * 4u;

	change(w, at + 12, 4, true, true);
	change(w, at + 16, 4, true, true);
	change_options(w, at + 20, end < w->size ? end : w->size);
}

/*
 * The addresses of a routing header, and which of them is where the packet goes in the end, which is what checksums
 * cover: the last one (types 0 and 2), or the first (type 4). 0: none, the packet has arrived.
 */
static uint32_t change_routing(struct walk *w, uint32_t at, uint32_t end)
{
	uint32_t size, n, final = 0;
	uint8_t type;

	if (end - at < 8)
		return 0;
	type = w->data[at + 2];
	size = (w->data[at + 1] + 1u) * 8;
	if (type != 0 && type != 2 && type != 4)
		return 0;
	n = type == 4 ? w->data[at + 4] + 1u : (size - 8) / 16;
	if (n > (size - 8) / 16)
		n = (size - 8) / 16;
	if (w->data[at + 3] && n)
		final = type == 4 ? at + 8 : at + 8 + 16 * (n - 1);
	for (uint32_t i = 0; i < n && at + 8 + 16 * i < end; i++)
		change(w, at + 8 + 16 * i, 16, false, at + 8 + 16 * i == final);
	return final;
}

static void change_ip6(struct walk *w, const struct ffpf_payload *p)
{
	uint32_t at = w->ip_at + 40, end = p->transport_at, final = 0;
	uint8_t next = w->data[w->ip_at + 6];

	change(w, w->ip_at + 8, 16, false, true);
	/* Headers that were passed over on the way to the transport header, so all of them are there. */
	while (at < end && end - at >= 8) {
		uint8_t this = next;
		uint32_t size = this == 44 ? 8 : this == 51 ? (w->data[at + 1] + 2u) * 4 : (w->data[at + 1] + 1u) * 8;

		next = w->data[at];
		if (this == PROTO_ROUTING)
			final = change_routing(w, at, end);
		at += size;
	}
	change(w, w->ip_at + 24, 16, false, !final);
}

/* ---- what is inside -------------------------------------------------------------------------- */

/* The checksum of a transport header that covers the addresses. */
static void find_transport(struct walk *w, const struct ffpf_payload *p)
{
	uint32_t at = p->transport_at;

	w->transport.there = false;
	if (p->fragment_offset)
		return;
	switch (p->protocol) {
	case PROTO_TCP:
		w->transport = sum_at(w, at + 16, at, false);
		break;
	case PROTO_UDP:
	case PROTO_UDPLITE:
		w->transport = sum_at(w, at + 6, at, true);
		break;
	case PROTO_DCCP:
		w->transport = sum_at(w, at + 6, at, false);
		break;
	case PROTO_ICMP6:
		if (p->network == FFPF_NETWORK_IP6)
			w->transport = sum_at(w, at + 2, at, false);
		break;
	}
	/* A datagram that says that it ends before has no such header. */
	if (w->transport.there && w->transport.at + 2 > p->network_end)
		w->transport.there = false;
}

/* ICMP over IPv4: where the packet that an error quotes begins; 0: it quotes none. */
static uint32_t inside_icmp(struct walk *w, const struct ffpf_payload *p)
{
	uint32_t at = p->transport_at;
	uint8_t type;

	if (w->message.there || !p->transport)
		return 0;
	type = w->data[at];
	if (type != 3 && type != 4 && type != 5 && type != 11 && type != 12)
		return 0;
	w->message = sum_at(w, at + 2, at, false);
	if (type == 5) /* the gateway */
		change(w, at + 4, 4, false, false);
	return at + 8;
}

static uint32_t inside_icmp6(struct walk *w, const struct ffpf_payload *p)
{
	uint32_t at = p->transport_at;
	uint8_t type;

	if (p->network != FFPF_NETWORK_IP6 || !p->transport)
		return 0;
	type = w->data[at];
	if (type >= 135 && type <= 137) { /* neighbour solicitation and advertisement, redirect */
		change(w, at + 8, 16, false, true);
		if (type == 137)
			change(w, at + 24, 16, false, true);
		return 0;
	}
	if (type < 1 || type > 4 || w->message.there)
		return 0;
	/* From here on it is the message around a packet; what its own header has changed is in it. */
	w->message = w->transport;
	w->transport.there = false;
	return at + 8;
}

/* Where the next IP packet begins; 0: there is none. */
static uint32_t inside(struct walk *w, const struct ffpf_payload *p)
{
	if (p->fragment_offset)
		return 0;
	switch (p->protocol) {
	case PROTO_IP:
	case PROTO_IP6:
		return p->transport_at;
	case PROTO_ICMP:
		return p->network == FFPF_NETWORK_IP4 ? inside_icmp(w, p) : 0;
	case PROTO_ICMP6:
		return inside_icmp6(w, p);
	default:
		return 0;
	}
}

static uint32_t change_ip(struct walk *w, const struct ffpf_payload *p)
{
	uint32_t next;

	w->ip_at = p->network_at;
	w->header = sum_at(w, w->ip_at + 10, w->ip_at, false);
	w->header.there &= p->network == FFPF_NETWORK_IP4;
	find_transport(w, p);
	if (p->network == FFPF_NETWORK_IP4)
		change_ip4(w);
	else
		change_ip6(w, p);
	finish(w, &w->header); /* before it is known that a message begins behind it */
	next = inside(w, p);
	finish(w, &w->transport);
	return next;
}

/* A header that is not whole, where one begins: what there is of its addresses. `end`: of the packet that it is in. */
static void blank(struct walk *w, uint32_t at, uint32_t end)
{
	unsigned version = at < w->size ? w->data[at] >> 4 : 0;
	uint32_t first = at + (version == 4 ? 12 : 8), n = version == 4 ? 20 : version == 6 ? 40 : 0;

	if (!n || (at <= end && end - at >= n))
		return;
	for (uint32_t i = first; i < at + n && i < w->size; i++)
		set_byte(w, i, 0, false, false);
	w->addresses += first < w->size;
}

static void change_arp(struct walk *w, uint32_t at)
{
	const uint8_t *arp = w->data + at;
	uint32_t hardware;

	if (w->size - at < 8 || ffpf_native_get16(arp + 2) != 0x0800 || arp[5] != 4)
		return;
	hardware = arp[4];
	change(w, at + 8 + hardware, 4, false, false);
	change(w, at + 12 + 2 * hardware, 4, false, false);
}

unsigned ffpf_anon_packet(struct ffpf_anon *anon, uint8_t *data, uint32_t size, uint16_t linktype)
{
	const struct ffpf_bytes bytes = {.data = data, .size = size};
	struct walk w = {.anon = anon, .data = data, .size = size};
	struct ffpf_payload p;
	uint32_t next, end;

	if (!size)
		return 0;
	ffpf_payload_find(&bytes, linktype, &p);
	if (p.network == FFPF_NETWORK_ARP)
		change_arp(&w, p.network_at);
	else if (p.network == FFPF_NETWORK_NONE && p.version)
		blank(&w, p.network_at, size);
	for (unsigned nest = 0; nest < NESTS && p.network >= FFPF_NETWORK_IP4; nest++) {
		next = change_ip(&w, &p);
		if (!next)
			break;
		end = p.network_end;
		ffpf_payload_find_ip(&bytes, next, end, &p);
		if (p.network == FFPF_NETWORK_NONE)
			blank(&w, next, end);
	}
	finish(&w, &w.message);
	anon->addresses += w.addresses;
	return w.addresses;
}
