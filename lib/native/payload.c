/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * From the link to the payload; see payload.h. What is passed over on the way (tags, labels, extension headers) is
 * bounded, as it is for the classes that are packet programs (fpl/packet_*.c): who has more has no header behind it.
 */
#include "payload.h"

enum { TAGS_MAX = 4, LABELS_MAX = 8, EXTENSIONS_MAX = 8 };

enum {
	TYPE_IP = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_VLAN = 0x8100,
	TYPE_IP6 = 0x86dd,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MULTICAST = 0x8848,
	TYPE_QINQ = 0x88a8,
	TYPE_QINQ_OLD = 0x9100,
};

enum {
	PROTO_HOPOPTS = 0,
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_AH = 51,
	PROTO_ICMP6 = 58,
	PROTO_DSTOPTS = 60,
	PROTO_SCTP = 132,
	PROTO_MOBILITY = 135,
	PROTO_UDPLITE = 136,
	PROTO_HIP = 139,
	PROTO_SHIM6 = 140,
};

/* ---- transport ------------------------------------------------------------------------------- */

/* `size` bytes at `offset` that also lie inside the datagram. */
static const uint8_t *inside(const struct ffpf_bytes *bytes, const struct ffpf_payload *p, uint32_t offset,
			     uint32_t size, uint8_t *room)
{
	if (offset > p->network_end || size > p->network_end - offset)
		return NULL;
	return ffpf_bytes_at(bytes, offset, size, room);
}

/* The length of a transport header; 0: it is none that is known, or not whole. */
static uint32_t transport_size(const struct ffpf_bytes *bytes, const struct ffpf_payload *p)
{
	uint8_t room[FFPF_BYTES_PART];
	const uint8_t *header;

	switch (p->protocol) {
	case PROTO_TCP:
		header = inside(bytes, p, p->transport_at, 20, room);
		return header && header[12] >> 4 >= 5 ? (uint32_t)(header[12] >> 4) * 4 : 0;
	case PROTO_ICMP:
		if (p->network != FFPF_NETWORK_IP4)
			return 0;
		break;
	case PROTO_ICMP6:
		if (p->network != FFPF_NETWORK_IP6)
			return 0;
		break;
	case PROTO_SCTP:
		return inside(bytes, p, p->transport_at, 12, room) ? 12 : 0;
	case PROTO_UDP:
	case PROTO_UDPLITE:
		break;
	default:
		return 0;
	}
	return inside(bytes, p, p->transport_at, 8, room) ? 8 : 0;
}

/* The payload, when everything before the transport header is known. */
static void find_transport(const struct ffpf_bytes *bytes, struct ffpf_payload *p)
{
	uint32_t size = p->fragment_offset ? 0 : transport_size(bytes, p);

	p->transport = size != 0;
	p->end = p->network_end;
	if (p->transport_at > p->end)
		p->transport_at = p->end;
	p->at = size > p->end - p->transport_at ? p->end : p->transport_at + size;
}

/* ---- IP -------------------------------------------------------------------------------------- */

static bool is_extension(uint8_t protocol)
{
	switch (protocol) {
	case PROTO_HOPOPTS:
	case PROTO_ROUTING:
	case PROTO_FRAGMENT:
	case PROTO_DSTOPTS:
	case PROTO_MOBILITY:
	case PROTO_HIP:
	case PROTO_SHIM6:
	case PROTO_AH:
		return true;
	default:
		return false;
	}
}

/* One extension header at transport_at: passes it. False: it is not whole, or nothing follows that could be known. */
static bool pass_extension(const struct ffpf_bytes *bytes, struct ffpf_payload *p)
{
	uint8_t room[FFPF_BYTES_PART];
	const uint8_t *header = inside(bytes, p, p->transport_at, 8, room);
	uint32_t size;

	if (!header)
		return false;
	if (p->protocol == PROTO_FRAGMENT) {
		uint16_t word = ffpf_native_get16(header + 2);

		p->fragment_at = p->transport_at;
		p->fragment_offset = word & 0xfff8;
		p->more = word & 1;
		p->fragment = p->more || p->fragment_offset;
		size = 8;
	} else {
		size = p->protocol == PROTO_AH ? (header[1] + 2u) * 4 : (header[1] + 1u) * 8;
	}
	if (size > p->network_end - p->transport_at)
		return false;
	p->protocol = header[0];
	p->transport_at += size;
	return !p->fragment_offset;
}

static bool find_ip6(const struct ffpf_bytes *bytes, uint32_t at, struct ffpf_payload *p)
{
	uint8_t room[FFPF_BYTES_PART];
	const uint8_t *header = inside(bytes, p, at, 40, room);
	uint32_t length;

	if (!header || header[0] >> 4 != 6)
		return false;
	p->network = FFPF_NETWORK_IP6;
	length = ffpf_native_get16(header + 4);
	if (length && length < p->network_end - at - 40)
		p->network_end = at + 40 + length;
	p->protocol = header[6];
	p->transport_at = at + 40;
	for (unsigned i = 0; i < EXTENSIONS_MAX && is_extension(p->protocol); i++)
		if (!pass_extension(bytes, p))
			break;
	return true;
}

static bool find_ip4(const struct ffpf_bytes *bytes, uint32_t at, struct ffpf_payload *p)
{
	uint8_t room[FFPF_BYTES_PART];
	const uint8_t *header = inside(bytes, p, at, 20, room);
	uint32_t length, size;
	uint16_t word;

	if (!header || header[0] < 0x45 || header[0] > 0x4f)
		return false;
	p->network = FFPF_NETWORK_IP4;
	size = (header[0] & 15) * 4u;
	length = ffpf_native_get16(header + 2);
	if (length && length < p->network_end - at)
		p->network_end = at + length;
	word = ffpf_native_get16(header + 6);
	p->fragment_offset = (uint16_t)((word & 0x1fff) << 3);
	p->more = word >> 13 & 1;
	p->fragment = p->more || p->fragment_offset;
	p->protocol = header[9];
	p->transport_at = at + size;
	/* A total length that does not reach the options' end, or options cut off: nothing follows. */
	if (p->transport_at > p->network_end)
		p->transport_at = p->network_end;
	else if (!p->fragment_offset)
		for (unsigned i = 0; i < EXTENSIONS_MAX && p->protocol == PROTO_AH; i++)
			if (!pass_extension(bytes, p))
				break;
	return true;
}

static void find_network(const struct ffpf_bytes *bytes, uint32_t at, unsigned version, struct ffpf_payload *p)
{
	p->network_at = p->transport_at = at;
	p->version = (uint8_t)(version == 4 || version == 6 ? version : 0);
	if ((version == 4 && find_ip4(bytes, at, p)) || (version == 6 && find_ip6(bytes, at, p))) {
		find_transport(bytes, p);
		return;
	}
	p->at = at;
	p->end = p->network_end;
}

static unsigned version_at(const struct ffpf_bytes *bytes, uint32_t at)
{
	uint8_t room[FFPF_BYTES_PART];
	const uint8_t *first = ffpf_bytes_at(bytes, at, 1, room);

	return first ? first[0] >> 4 : 0;
}

void ffpf_payload_find_ip(const struct ffpf_bytes *bytes, uint32_t at, uint32_t end, struct ffpf_payload *out)
{
	memset(out, 0, sizeof(*out));
	out->network_end = end < bytes->size ? end : bytes->size;
	if (at > out->network_end)
		at = out->network_end;
	find_network(bytes, at, version_at(bytes, at), out);
}

/* ---- the link -------------------------------------------------------------------------------- */

/* Where the link header ends, and what begins there: an IP version, 0 for anything else. */
struct link {
	uint32_t at;
	unsigned version;
};

static struct link pass_labels(const struct ffpf_bytes *bytes, uint32_t at)
{
	struct link link = {at, 0};
	uint8_t room[FFPF_BYTES_PART];

	for (unsigned i = 0; i < LABELS_MAX; i++) {
		const uint8_t *label = ffpf_bytes_at(bytes, link.at, 4, room);

		if (!label)
			return link;
		link.at += 4;
		if (label[2] & 1) {
			link.version = version_at(bytes, link.at);
			return link;
		}
	}
	return link;
}

/* An EtherType at type_at, and at `at` what it announces. */
static struct link by_type(const struct ffpf_bytes *bytes, uint32_t type_at, uint32_t at, struct ffpf_payload *p)
{
	uint8_t room[FFPF_BYTES_PART];
	struct link link = {at, 0};
	const uint8_t *bytes_of_type;

	for (unsigned tags = 0;; tags++) {
		bytes_of_type = ffpf_bytes_at(bytes, type_at, 2, room);
		if (!bytes_of_type || link.at > bytes->size) { /* cut off inside of it: there is nothing behind */
			link.at = bytes->size;
			return link;
		}
		switch (ffpf_native_get16(bytes_of_type)) {
		case TYPE_IP:
			link.version = 4;
			return link;
		case TYPE_IP6:
			link.version = 6;
			return link;
		case TYPE_ARP:
			p->network = FFPF_NETWORK_ARP;
			return link;
		case TYPE_MPLS:
		case TYPE_MPLS_MULTICAST:
			return pass_labels(bytes, link.at);
		case TYPE_VLAN:
		case TYPE_QINQ:
		case TYPE_QINQ_OLD:
			if (tags == TAGS_MAX)
				return link;
			type_at = link.at + 2;
			link.at += 4;
			break;
		default:
			return link;
		}
	}
}

/* An address family; any_order: of whoever captured, which shows since families are small numbers. */
static struct link by_family(const struct ffpf_bytes *bytes, bool any_order)
{
	uint8_t room[FFPF_BYTES_PART];
	const uint8_t *header = ffpf_bytes_at(bytes, 0, 4, room);
	struct link link = {4, 0};
	uint32_t family;

	if (!header)
		return (struct link){bytes->size, 0};
	family = ffpf_native_get32(header);
	if (any_order && !(family & 0xffffff))
		family >>= 24;
	if (family == 2)
		link.version = 4;
	else if (family == 10 || family == 24 || family == 28 || family == 30) /* Linux, the BSDs, macOS */
		link.version = 6;
	return link;
}

static struct link by_ppp(const struct ffpf_bytes *bytes)
{
	uint8_t room[FFPF_BYTES_PART];
	const uint8_t *header = ffpf_bytes_at(bytes, 0, 4, room);

	if (!header)
		return (struct link){bytes->size, 0};
	switch (ffpf_native_get16(header + 2)) {
	case 0x0021:
		return (struct link){4, 4};
	case 0x0057:
		return (struct link){4, 6};
	case 0x0281:
	case 0x0283:
		return pass_labels(bytes, 4);
	default:
		return (struct link){4, 0};
	}
}

static struct link pass_link(const struct ffpf_bytes *bytes, uint16_t linktype, struct ffpf_payload *p)
{
	switch (linktype) {
	case FFPF_LINK_ETHERNET:
		return by_type(bytes, 12, 14, p);
	case FFPF_LINK_SLL:
		return by_type(bytes, 14, 16, p);
	case FFPF_LINK_SLL2:
		return by_type(bytes, 0, 20, p);
	case FFPF_LINK_C_HDLC:
		return by_type(bytes, 2, 4, p);
	case FFPF_LINK_PPP:
	case FFPF_LINK_PPP_SERIAL:
		return by_ppp(bytes);
	case FFPF_LINK_NULL:
		return by_family(bytes, true);
	case FFPF_LINK_LOOP:
		return by_family(bytes, false);
	case FFPF_LINK_RAW:
		return (struct link){0, version_at(bytes, 0)};
	case FFPF_LINK_IPV4:
		return (struct link){0, 4};
	case FFPF_LINK_IPV6:
		return (struct link){0, 6};
	default:
		return (struct link){0, 0};
	}
}

void ffpf_payload_find(const struct ffpf_bytes *bytes, uint16_t linktype, struct ffpf_payload *out)
{
	struct link link;

	memset(out, 0, sizeof(*out));
	link = pass_link(bytes, linktype, out);
	out->network_end = bytes->size;
	find_network(bytes, link.at, link.version, out);
}
