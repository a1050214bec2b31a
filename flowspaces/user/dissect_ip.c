/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IPv4 and IPv6 in words: headers, fragments, extension headers, and the first bytes of what they carry.
 *
 * Ports stand between the addresses, so what follows the header is looked at before anything is written.
 */
#include "flowspaces/user/dissect.h"

enum { ICMP = 1, IPIP = 4, TCP = 6, UDP = 17, IP6_IN_IP = 41, ICMP6 = 58, SCTP = 132, DCCP = 33, UDPLITE = 136 };
enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AH = 51, DESTINATION = 60, MOBILITY = 135 };

static void put_address(struct text *text, const struct dissect_flow *flow, const uint8_t *address, const uint8_t *port)
{
	if (flow->size == 4) {
		ffpf_address_ipv4(text, address);
	} else {
		if (port)
			text_char(text, '[');
		ffpf_address_ipv6(text, address);
		if (port)
			text_char(text, ']');
	}
	if (port)
		text_field(text, ":", dissect_u16(port));
}

static void put_endpoints(struct text *text, const struct dissect_flow *flow, const uint8_t *ports)
{
	put_address(text, flow, flow->source, ports);
	text_bytes(text, " > ", 3);
	put_address(text, flow, flow->destination, ports ? ports + 2 : NULL);
	text_char(text, ' ');
}

static bool has_ports(uint8_t protocol)
{
	return protocol == TCP || protocol == UDP || protocol == SCTP || protocol == DCCP || protocol == UDPLITE;
}

/* [S.]: the letters of tcpdump, in its order. */
static void tcp_flags(struct dissect *dissect, struct bytes bytes)
{
	static const char letters[8] = "FSRP.UEW";

	if (bytes.n < 14) {
		ffpf_dissect_cut(dissect);
		return;
	}
	text_bytes(dissect->text, " [", 2);
	if (!bytes.p[13])
		text_string(dissect->text, "none");
	for (int i = 0; i < 8; i++)
		if (bytes.p[13] & 1 << i)
			text_char(dissect->text, letters[i]);
	text_char(dissect->text, ']');
}

static void sctp_chunk(struct dissect *dissect, struct bytes bytes)
{
	if (bytes.n < 13) {
		ffpf_dissect_cut(dissect);
		return;
	}
	const char *name = ffpf_dissect_sctp_name(bytes.p[12]);
	text_bytes(dissect->text, " [", 2);
	if (name)
		text_string(dissect->text, name);
	else
		text_field(dissect->text, "chunk ", bytes.p[12]);
	text_char(dissect->text, ']');
}

static void icmp(struct dissect *dissect, struct bytes bytes, bool version6)
{
	struct text *text = dissect->text;

	if (bytes.n < 2) {
		ffpf_dissect_cut(dissect);
		return;
	}
	const uint8_t type = bytes.p[0], code = bytes.p[1];
	const char *name = version6 ? ffpf_dissect_icmp6_name(type, code) : ffpf_dissect_icmp_name(type, code);
	const bool echo = version6 ? type == 128 || type == 129 : type == 0 || type == 8;
	const bool mtu = version6 ? type == 2 : type == 3 && code == 4;
	const bool target = version6 && (type == 135 || type == 136);

	text_char(text, ' ');
	if (name) {
		text_string(text, name);
	} else {
		text_field(text, "type ", type);
		text_field(text, " code ", code);
	}
	if ((echo || mtu) && bytes.n < 8) {
		ffpf_dissect_cut(dissect);
	} else if (echo) {
		text_field(text, " id ", dissect_u16(bytes.p + 4));
		text_field(text, " seq ", dissect_u16(bytes.p + 6));
	} else if (mtu) {
		text_field(text, " mtu ", version6 ? dissect_u32(bytes.p + 4) : dissect_u16(bytes.p + 6));
	} else if (target && bytes.n < 24) {
		ffpf_dissect_cut(dissect);
	} else if (target) {
		text_char(text, ' ');
		ffpf_address_ipv6(text, bytes.p + 8);
	}
}

static void put_protocol(struct text *text, uint8_t protocol)
{
	const char *name = ffpf_dissect_protocol_name(protocol);

	if (name)
		text_string(text, name);
	else
		text_field(text, "protocol ", protocol);
}

void ffpf_dissect_transport(struct dissect *dissect, const struct dissect_flow *flow, struct bytes bytes)
{
	const uint8_t protocol = flow->protocol;
	const bool first = flow->offset == 0;
	const bool ports = first && has_ports(protocol);

	put_endpoints(dissect->text, flow, ports && bytes.n >= 4 ? bytes.p : NULL);
	if (first && (protocol == IPIP || protocol == IP6_IN_IP) && !flow->more && dissect->depth < DISSECT_DEPTH_MAX) {
		dissect->depth++;
		ffpf_dissect_ip(dissect, bytes);
		return;
	}
	put_protocol(dissect->text, protocol);
	if (!first || flow->more) {
		text_field(dissect->text, " frag ", flow->offset);
		if (flow->more)
			text_char(dissect->text, '+');
	}
	if (!first)
		return;
	if (protocol == TCP)
		tcp_flags(dissect, bytes);
	else if (protocol == SCTP)
		sctp_chunk(dissect, bytes);
	else if (protocol == ICMP || protocol == ICMP6)
		icmp(dissect, bytes, protocol == ICMP6);
	else if (ports && bytes.n < 4)
		ffpf_dissect_cut(dissect);
}

static void ipv4(struct dissect *dissect, struct bytes bytes)
{
	text_string(dissect->text, "IP ");
	if (bytes.n < 20) {
		ffpf_dissect_cut(dissect);
		return;
	}
	const uint32_t header = (bytes.p[0] & 15u) * 4, total = dissect_u16(bytes.p + 2);
	const uint16_t fragment = dissect_u16(bytes.p + 6);
	const struct dissect_flow flow = {
		.source = bytes.p + 12,
		.destination = bytes.p + 16,
		.size = 4,
		.protocol = bytes.p[9],
		.offset = (fragment & 0x1fffu) * 8,
		.more = fragment & 0x2000,
	};

	/* Padding behind the datagram is not its contents; a length of 0 is what segmentation offload leaves. */
	if (total >= header && total < bytes.n)
		bytes.n = total;
	if (header < 20)
		text_string(dissect->text, "bad header length ");
	ffpf_dissect_transport(dissect, &flow, dissect_skip(bytes, header < 20 || header > bytes.n ? bytes.n : header));
}

/* Walks the extension headers: moves bytes behind them and sets the flow's protocol and fragment. False when they are
 * cut off. */
static bool skip_extensions(struct bytes *bytes, struct dissect_flow *flow)
{
	for (;;) {
		uint32_t size;

		switch (flow->protocol) {
		case HOP_BY_HOP:
		case ROUTING:
		case DESTINATION:
		case MOBILITY:
		case FRAGMENT:
		case AH:
			break;
		default:
			return true;
		}
		if (bytes->n < 8)
			return false;
		size = flow->protocol == AH ? (bytes->p[1] + 2u) * 4 : (bytes->p[1] + 1u) * 8;
		if (flow->protocol == FRAGMENT) {
			size = 8;
			flow->offset = dissect_u16(bytes->p + 2) & 0xfff8u;
			flow->more = bytes->p[3] & 1;
		}
		flow->protocol = bytes->p[0];
		if (bytes->n < size) {
			*bytes = dissect_skip(*bytes, bytes->n);
			return false;
		}
		*bytes = dissect_skip(*bytes, size);
		if (flow->offset)
			return true;
	}
}

static void ipv6(struct dissect *dissect, struct bytes bytes)
{
	text_string(dissect->text, "IP6 ");
	if (bytes.n < 40) {
		ffpf_dissect_cut(dissect);
		return;
	}
	const uint32_t payload = dissect_u16(bytes.p + 4);
	struct dissect_flow flow = {
		.source = bytes.p + 8, .destination = bytes.p + 24, .size = 16, .protocol = bytes.p[6]};

	bytes = dissect_skip(bytes, 40);
	if (payload && payload < bytes.n)
		bytes.n = payload;
	if (skip_extensions(&bytes, &flow)) {
		ffpf_dissect_transport(dissect, &flow, bytes);
		return;
	}
	put_endpoints(dissect->text, &flow, NULL);
	text_string(dissect->text, "extension headers");
	ffpf_dissect_cut(dissect);
}

void ffpf_dissect_ip(struct dissect *dissect, struct bytes bytes)
{
	if (bytes.n == 0) {
		text_string(dissect->text, "IP");
		ffpf_dissect_cut(dissect);
	} else if (bytes.p[0] >> 4 == 4) {
		ipv4(dissect, bytes);
	} else if (bytes.p[0] >> 4 == 6) {
		ipv6(dissect, bytes);
	} else {
		text_field(dissect->text, "IP version ", bytes.p[0] >> 4);
	}
}
