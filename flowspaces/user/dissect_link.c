/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Link layers in words: what is known about a packet before IP begins.
 *
 * Ethernet with VLAN tags, MPLS and PPPoE, 802.3 with LLC, Linux cooked captures, loopback, raw IP, PPP, Cisco HDLC;
 * 802.11 is in dissect_wlan.c. One table at the end maps DLT_ values to these functions.
 */
#include "flowspaces/user/dissect.h"

static void ethertype(struct dissect *dissect, uint16_t type, struct bytes bytes);

void ffpf_dissect_cut(struct dissect *dissect)
{
	char *at = dissect->text->at;

	if (at != dissect->text->end && at[-1] != ' ')
		text_char(dissect->text, ' ');
	text_string(dissect->text, dissect->whole ? "[short]" : "[cut]");
}

void ffpf_dissect_macs(struct dissect *dissect)
{
	if (!dissect->source)
		return;
	ffpf_address_mac(dissect->text, dissect->source);
	text_bytes(dissect->text, " > ", 3);
	ffpf_address_mac(dissect->text, dissect->destination);
	text_char(dissect->text, ' ');
}

/* The name, or the number in its absence. */
static void put_name(struct text *text, const char *name, const char *prefix, uint16_t number)
{
	if (name) {
		text_string(text, name);
		return;
	}
	text_string(text, prefix);
	text_hex(text, number, 4);
}

static void arp(struct dissect *dissect, struct bytes bytes)
{
	struct text *text = dissect->text;

	text_string(text, "ARP ");
	if (bytes.n < 8) {
		ffpf_dissect_cut(dissect);
		return;
	}
	const uint16_t operation = dissect_u16(bytes.p + 6);
	if (dissect_u16(bytes.p + 2) != 0x0800 || bytes.p[4] != 6 || bytes.p[5] != 4 || operation < 1 ||
	    operation > 2) {
		text_field(text, "operation ", operation);
		return;
	}
	if (bytes.n < 28) {
		ffpf_dissect_cut(dissect);
	} else if (operation == 1) {
		text_string(text, "who-has ");
		ffpf_address_ipv4(text, bytes.p + 24);
		text_string(text, " tell ");
		ffpf_address_ipv4(text, bytes.p + 14);
	} else {
		ffpf_address_ipv4(text, bytes.p + 14);
		text_string(text, " is-at ");
		ffpf_address_mac(text, bytes.p + 8);
	}
}

static void mpls(struct dissect *dissect, struct bytes bytes)
{
	bool bottom = false;

	while (!bottom) {
		if (bytes.n < 4) {
			text_string(dissect->text, "mpls ");
			ffpf_dissect_cut(dissect);
			return;
		}
		text_field(dissect->text, "mpls ", dissect_u32(bytes.p) >> 12);
		text_char(dissect->text, ' ');
		bottom = bytes.p[2] & 1;
		bytes = dissect_skip(bytes, 4);
	}
	/* Nothing says what a label carries; IP is told by its version, all else (pseudowires) stays unnamed. */
	if (bytes.n && (bytes.p[0] >> 4 == 4 || bytes.p[0] >> 4 == 6))
		ffpf_dissect_ip(dissect, bytes);
	else
		ffpf_dissect_macs(dissect);
}

static void ppp_protocol(struct dissect *dissect, struct bytes bytes)
{
	uint32_t size = bytes.n && bytes.p[0] & 1 ? 1 : 2;

	if (bytes.n < size) {
		text_string(dissect->text, "PPP");
		ffpf_dissect_cut(dissect);
		return;
	}
	const uint16_t protocol = size == 1 ? bytes.p[0] : dissect_u16(bytes.p);
	const char *name = ffpf_dissect_ppp_name(protocol);
	bytes = dissect_skip(bytes, size);
	if (protocol == 0x0021 || protocol == 0x0057) {
		ffpf_dissect_ip(dissect, bytes);
	} else if (protocol == 0x0281) {
		mpls(dissect, bytes);
	} else {
		ffpf_dissect_macs(dissect);
		text_string(dissect->text, "PPP ");
		put_name(dissect->text, name, "protocol 0x", protocol);
	}
}

static void ppp(struct dissect *dissect, struct bytes bytes)
{
	if (bytes.n >= 2 && bytes.p[0] == 0xff && bytes.p[1] == 0x03)
		bytes = dissect_skip(bytes, 2);
	ppp_protocol(dissect, bytes);
}

/* 0xff 0x03 or a direction byte, then PPP. */
static void ppp_with_direction(struct dissect *dissect, struct bytes bytes)
{
	if (bytes.n && bytes.p[0] <= 1)
		bytes = dissect_skip(bytes, 1);
	ppp(dissect, bytes);
}

static const char *pppoe_name(uint8_t code)
{
	switch (code) {
	case 0x09:
		return "PPPoE PADI";
	case 0x07:
		return "PPPoE PADO";
	case 0x19:
		return "PPPoE PADR";
	case 0x65:
		return "PPPoE PADS";
	case 0xa7:
		return "PPPoE PADT";
	default:
		return "PPPoE";
	}
}

static void pppoe(struct dissect *dissect, struct bytes bytes, bool session)
{
	if (bytes.n >= 6 && session) {
		ppp_protocol(dissect, dissect_skip(bytes, 6));
		return;
	}
	ffpf_dissect_macs(dissect);
	text_string(dissect->text, pppoe_name(bytes.n >= 2 ? bytes.p[1] : 0));
	if (bytes.n < 6)
		ffpf_dissect_cut(dissect);
}

static void pppoe_link(struct dissect *dissect, struct bytes bytes)
{
	pppoe(dissect, bytes, bytes.n >= 2 && bytes.p[1] == 0);
}

void ffpf_dissect_llc(struct dissect *dissect, struct bytes bytes)
{
	struct text *text = dissect->text;

	if (bytes.n < 3) {
		ffpf_dissect_macs(dissect);
		text_string(text, "802.3");
		ffpf_dissect_cut(dissect);
		return;
	}
	const uint8_t to = bytes.p[0], from = bytes.p[1];
	if (to == 0xaa && from == 0xaa && bytes.n >= 8) {
		ethertype(dissect, dissect_u16(bytes.p + 6), dissect_skip(bytes, 8));
		return;
	}
	ffpf_dissect_macs(dissect);
	if (to == 0x42 && from == 0x42)
		text_string(text, "STP");
	else if (to == 0xfe && from == 0xfe)
		text_string(text, "OSI");
	else if ((to == 0xff && from == 0xff) || (to == 0xe0 && from == 0xe0))
		text_string(text, "IPX");
	else if (to == 0xf0 && from == 0xf0)
		text_string(text, "NetBEUI");
	else {
		text_string(text, "802.3 dsap 0x");
		text_hex(text, to, 2);
		text_string(text, " ssap 0x");
		text_hex(text, from, 2);
	}
	if (to == 0xaa && bytes.n < 8)
		ffpf_dissect_cut(dissect);
}

static bool is_vlan(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200;
}

/* Type or length field of Ethernet, or the like of others. */
static void ethertype(struct dissect *dissect, uint16_t type, struct bytes bytes)
{
	while (is_vlan(type)) {
		if (bytes.n < 4) {
			text_string(dissect->text, "vlan ");
			ffpf_dissect_cut(dissect);
			return;
		}
		text_field(dissect->text, "vlan ", dissect_u16(bytes.p) & 0xfff);
		text_char(dissect->text, ' ');
		type = dissect_u16(bytes.p + 2);
		bytes = dissect_skip(bytes, 4);
	}
	if (type < 0x600) {
		ffpf_dissect_llc(dissect, bytes);
	} else if (type == 0x0800 || type == 0x86dd) {
		ffpf_dissect_ip(dissect, bytes);
	} else if (type == 0x0806) {
		arp(dissect, bytes);
	} else if (type == 0x8847 || type == 0x8848) {
		mpls(dissect, bytes);
	} else if (type == 0x8863 || type == 0x8864) {
		pppoe(dissect, bytes, type == 0x8864);
	} else {
		ffpf_dissect_macs(dissect);
		put_name(dissect->text, ffpf_dissect_ethertype_name(type), "ethertype 0x", type);
	}
}

static void ethernet(struct dissect *dissect, struct bytes bytes)
{
	if (bytes.n < 14) {
		text_string(dissect->text, "Ethernet");
		ffpf_dissect_cut(dissect);
		return;
	}
	dissect->destination = bytes.p;
	dissect->source = bytes.p + 6;
	ethertype(dissect, dissect_u16(bytes.p + 12), dissect_skip(bytes, 14));
}

/* Linux cooked: the protocol is at `at`, the header has `size` bytes. */
static void cooked(struct dissect *dissect, struct bytes bytes, uint32_t at, uint32_t size)
{
	if (bytes.n < size) {
		text_string(dissect->text, "cooked");
		ffpf_dissect_cut(dissect);
		return;
	}
	ethertype(dissect, dissect_u16(bytes.p + at), dissect_skip(bytes, size));
}

static void cooked1(struct dissect *dissect, struct bytes bytes)
{
	cooked(dissect, bytes, 14, 16);
}

static void cooked2(struct dissect *dissect, struct bytes bytes)
{
	cooked(dissect, bytes, 0, 20);
}

/* The address family before the packet is in the order of the machine that captured it: the small one of both readings.
 */
static void loopback(struct dissect *dissect, struct bytes bytes)
{
	if (bytes.n < 4) {
		text_string(dissect->text, "loopback");
		ffpf_dissect_cut(dissect);
		return;
	}
	uint32_t family = dissect_u32(bytes.p);
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	if (family == 2 || family == 10 || family == 24 || family == 28 || family == 30)
		ffpf_dissect_ip(dissect, dissect_skip(bytes, 4));
	else
		text_field(dissect->text, "loopback family ", family);
}

static void cisco_hdlc(struct dissect *dissect, struct bytes bytes)
{
	cooked(dissect, bytes, 2, 4);
}

static const struct {
	uint16_t dlt;
	void (*dissect)(struct dissect *dissect, struct bytes bytes);
} links[] = {
	{1, ethernet},
	{12, ffpf_dissect_ip},
	{228, ffpf_dissect_ip},
	{229, ffpf_dissect_ip},
	{113, cooked1},
	{276, cooked2},
	{0, loopback},
	{108, loopback},
	{9, ppp},
	{50, ppp},
	{166, ppp_with_direction},
	{204, ppp_with_direction},
	{51, pppoe_link},
	{104, cisco_hdlc},
	{105, ffpf_dissect_wlan},
	{127, ffpf_dissect_radiotap},
	{163, ffpf_dissect_avs},
	{119, ffpf_dissect_prism},
	{11, ffpf_dissect_llc},
};

void ffpf_dissect_line(struct text *text, const struct ffpf_packet *packet)
{
	struct dissect dissect = {.text = text, .whole = packet->caplen >= packet->len};
	const struct bytes bytes = {packet->data, packet->caplen};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].dlt == packet->linktype) {
			links[i].dissect(&dissect, bytes);
			return;
		}
	text_field(text, "linktype ", packet->linktype);
}
