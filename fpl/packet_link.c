/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the link to layer 3: link types, EtherTypes, VLAN tags and MPLS labels.
 *
 * A packet without tags has layer 3 at an offset that is known when the program is made. That of others is hidden from
 * the kernel's verifier, which would otherwise walk through the rest of the program once for each number of tags.
 */
#include <fpl/packet_inside.h>

#include <pcap/dlt.h>
#include <string.h>

/* Tags and labels that are passed over: packets with more have no layer 3. */
enum { TAGS_MAX = 4, LABELS_MAX = 8 };

/* Looking for layer 3 of one nest. */
struct search {
	struct fpl_packet *pk;
	unsigned nest;
	const ffpf_block *to;
	ffpf_block ip, ip6, arp, mpls, none; /* where ways come together; 0: none comes there yet */
	ffpf_var at;			     /* where what they are about begins */
};

static ffpf_block join(struct search *s, ffpf_block *block)
{
	if (!*block)
		*block = fpl_block(s->pk);
	return *block;
}

/* ---- EtherTypes ------------------------------------------------------------------------------ */

static const uint16_t tag_types[] = {TYPE_VLAN, TYPE_QINQ, TYPE_QINQ_OLD};
enum { TAG_TYPES = sizeof(tag_types) / sizeof(tag_types[0]) };

/* s->at has been set. tagged: where tags go; 0: there are none any more. */
static void by_type(struct search *s, ffpf_val type, ffpf_block tagged)
{
	struct fpl_packet *pk = s->pk;

	fpl_if_likely(pk, type, TYPE_IP, join(s, &s->ip));
	fpl_if_likely(pk, type, TYPE_IP6, join(s, &s->ip6));
	for (unsigned k = 0; tagged && k < TAG_TYPES; k++)
		fpl_if_equal(pk, type, tag_types[k], tagged);
	fpl_if_equal(pk, type, TYPE_ARP, join(s, &s->arp));
	fpl_if_equal(pk, type, TYPE_MPLS, join(s, &s->mpls));
	fpl_if_equal(pk, type, TYPE_MPLS_MULTICAST, join(s, &s->mpls));
	ffpf_ir_jump(pk->b, join(s, &s->none));
}

/* The tags that begin at base + offset: the EtherType behind them, and s->at. */
static ffpf_val pass_tags(struct search *s, ffpf_val base, uint32_t offset)
{
	struct fpl_packet *pk = s->pk;
	ffpf_block behind = fpl_block(pk);
	ffpf_var type = ffpf_ir_var(pk->b);

	for (unsigned i = 0; i < TAGS_MAX; i++, offset += 4) {
		ffpf_block again = i + 1 < TAGS_MAX ? fpl_block(pk) : 0;
		ffpf_val x;

		fpl_check(pk, base, offset + 4, join(s, &s->none));
		x = ffpf_ir_load(pk->b, base, offset + 2, 2);
		ffpf_ir_var_set(pk->b, type, x);
		ffpf_ir_var_set(pk->b, s->at, fpl_alu(pk, FFPF_ADD, base, offset + 4));
		for (unsigned k = 0; again && k < TAG_TYPES; k++)
			fpl_if_equal(pk, x, tag_types[k], again);
		ffpf_ir_jump(pk->b, behind);
		if (again)
			fpl_enter(pk, again);
	}
	fpl_enter(pk, behind);
	ffpf_ir_var_set(pk->b, s->at, ffpf_ir_hide(pk->b, ffpf_ir_var_get(pk->b, s->at), OFFSET_MASK));
	return ffpf_ir_var_get(pk->b, type);
}

/* An EtherType at `type_at` behind base, and what it announces at `at`. */
static void by_ethertype(struct search *s, ffpf_val base, uint32_t type_at, uint32_t at)
{
	struct fpl_packet *pk = s->pk;
	ffpf_block tagged = fpl_block(pk);

	fpl_check(pk, base, at, join(s, &s->none));
	ffpf_ir_var_set(pk->b, s->at, fpl_alu(pk, FFPF_ADD, base, at));
	by_type(s, ffpf_ir_load(pk->b, base, type_at, 2), tagged);
	fpl_enter(pk, tagged);
	by_type(s, pass_tags(s, base, at), 0);
}

/* ---- MPLS ------------------------------------------------------------------------------------ */

/* IPv4 or IPv6, says the first half byte. */
static void by_version(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	ffpf_val at = ffpf_ir_var_get(pk->b, s->at), version;

	fpl_check(pk, at, 1, join(s, &s->none));
	version = fpl_alu(pk, FFPF_RSH, ffpf_ir_load(pk->b, at, 0, 1), 4);
	fpl_if_equal(pk, version, 4, join(s, &s->ip));
	fpl_if_equal(pk, version, 6, join(s, &s->ip6));
	ffpf_ir_jump(pk->b, join(s, &s->none));
}

static void pass_labels(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	ffpf_val at;
	ffpf_block bottom = fpl_block(pk);

	fpl_enter(pk, s->mpls);
	at = ffpf_ir_hide(pk->b, ffpf_ir_var_get(pk->b, s->at), OFFSET_MASK);
	fpl_check(pk, at, 4, join(s, &s->none));
	fpl_set(pk, s->nest, KNOWN_MPLS_AT, at);
	for (unsigned i = 0; i < LABELS_MAX; i++) {
		ffpf_block more = fpl_block(pk);

		if (i)
			fpl_check(pk, at, 4 * i + 4, join(s, &s->none));
		ffpf_ir_var_set(pk->b, s->at, fpl_alu(pk, FFPF_ADD, at, 4 * i + 4));
		ffpf_ir_branch_imm(pk->b, FFPF_SET, 32, ffpf_ir_load(pk->b, at, 4 * i + 2, 1), 1, bottom, more);
		fpl_enter(pk, more);
	}
	ffpf_ir_jump(pk->b, join(s, &s->none));
	fpl_enter(pk, bottom);
	ffpf_ir_var_set(pk->b, s->at, ffpf_ir_hide(pk->b, ffpf_ir_var_get(pk->b, s->at), OFFSET_MASK));
	by_version(s);
}

/* ---- headers of layer 3 ---------------------------------------------------------------------- */

static void found_ip(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	ffpf_val at, first;

	fpl_enter(pk, s->ip);
	at = ffpf_ir_var_get(pk->b, s->at);
	fpl_check(pk, at, 20, join(s, &s->none));
	/* 0x45 to 0x4f: version 4, five words at least */
	first = fpl_alu(pk, FFPF_SUB, ffpf_ir_load(pk->b, at, 0, 1), 0x45);
	fpl_require(pk, FFPF_LE, first, 10, join(s, &s->none));
	fpl_set(pk, s->nest, KNOWN_L3_AT, at);
	fpl_note(pk, s->nest, HEADER_IP, at);
	fpl_layer_found(pk, s->nest, KNOWN_L3, L3_IP, s->to);
}

static void found_ip6(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	ffpf_val at, first;

	fpl_enter(pk, s->ip6);
	at = ffpf_ir_var_get(pk->b, s->at);
	fpl_check(pk, at, 40, join(s, &s->none));
	first = fpl_alu(pk, FFPF_RSH, ffpf_ir_load(pk->b, at, 0, 1), 4);
	fpl_require(pk, FFPF_EQ, first, 6, join(s, &s->none));
	fpl_set(pk, s->nest, KNOWN_L3_AT, at);
	fpl_note(pk, s->nest, HEADER_IP6, at);
	fpl_layer_found(pk, s->nest, KNOWN_L3, L3_IP6, s->to);
}

static void found_arp(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	ffpf_val at;

	fpl_enter(pk, s->arp);
	at = ffpf_ir_var_get(pk->b, s->at);
	fpl_check(pk, at, 28, join(s, &s->none));
	/* Ethernet and IPv4, with addresses of 6 and 4 bytes */
	fpl_require(pk, FFPF_EQ, ffpf_ir_load(pk->b, at, 0, 4), 0x00010800, join(s, &s->none));
	fpl_require(pk, FFPF_EQ, ffpf_ir_load(pk->b, at, 4, 2), 0x0604, join(s, &s->none));
	fpl_set(pk, s->nest, KNOWN_L3_AT, at);
	fpl_layer_found(pk, s->nest, KNOWN_L3, L3_ARP, s->to);
}

static void finish(struct search *s)
{
	if (s->mpls)
		pass_labels(s);
	if (s->ip)
		found_ip(s);
	if (s->ip6)
		found_ip6(s);
	if (s->arp)
		found_arp(s);
	if (s->none) {
		fpl_enter(s->pk, s->none);
		fpl_layer_found(s->pk, s->nest, KNOWN_L3, L3_NONE, s->to);
	}
}

/* ---- link types ------------------------------------------------------------------------------ */

/* Link types with an EtherType: where it is, and what it announces. */
static const struct link {
	int linktype;
	uint8_t type_at, at;
} links[] = {
	{DLT_EN10MB, 12, 14},
	{DLT_LINUX_SLL, 14, 16},
	{DLT_LINUX_SLL2, 0, 20},
	{DLT_C_HDLC, 2, 4},
};

static const struct link *link_of(const struct fpl_packet *pk, unsigned nest)
{
	int linktype = nest ? DLT_EN10MB : pk->input->linktype;

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].linktype == linktype)
			return &links[i];
	return NULL;
}

/* Address families, in the byte order of the machine that captured. */
static void by_family(struct search *s, bool swap)
{
	static const uint8_t families6[] = {10, 24, 28, 30}; /* of Linux, NetBSD and OpenBSD, FreeBSD, macOS */
	struct fpl_packet *pk = s->pk;
	ffpf_val family;

	fpl_check(pk, 0, 4, join(s, &s->none));
	ffpf_ir_var_set(pk->b, s->at, ffpf_ir_const(pk->b, 4));
	family = ffpf_ir_load(pk->b, 0, 0, 4);
	fpl_if_equal(pk, family, swap ? 2u << 24 : 2, join(s, &s->ip));
	for (unsigned i = 0; i < sizeof(families6); i++)
		fpl_if_equal(pk, family, swap ? (uint32_t)families6[i] << 24 : families6[i], join(s, &s->ip6));
	ffpf_ir_jump(pk->b, join(s, &s->none));
}

static void by_ppp(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	ffpf_val protocol;

	fpl_check(pk, 0, 4, join(s, &s->none));
	ffpf_ir_var_set(pk->b, s->at, ffpf_ir_const(pk->b, 4));
	protocol = ffpf_ir_load(pk->b, 0, 2, 2);
	fpl_if_equal(pk, protocol, 0x0021, join(s, &s->ip));
	fpl_if_equal(pk, protocol, 0x0057, join(s, &s->ip6));
	fpl_if_equal(pk, protocol, 0x0281, join(s, &s->mpls));
	fpl_if_equal(pk, protocol, 0x0283, join(s, &s->mpls));
	ffpf_ir_jump(pk->b, join(s, &s->none));
}

static void by_link(struct search *s)
{
	const struct link *link = link_of(s->pk, 0);

	ffpf_ir_var_set(s->pk->b, s->at, ffpf_ir_const(s->pk->b, 0));
	if (link) {
		by_ethertype(s, ffpf_ir_const(s->pk->b, 0), link->type_at, link->at);
		return;
	}
	switch (s->pk->input->linktype) {
	case DLT_RAW:
		by_version(s);
		break;
	case DLT_IPV4:
		ffpf_ir_jump(s->pk->b, join(s, &s->ip));
		break;
	case DLT_IPV6:
		ffpf_ir_jump(s->pk->b, join(s, &s->ip6));
		break;
	case DLT_NULL:
		by_family(s, (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) != s->pk->input->swapped);
		break;
	case DLT_LOOP:
		by_family(s, false);
		break;
	case DLT_PPP:
	case DLT_PPP_SERIAL:
		by_ppp(s);
		break;
	default:
		ffpf_ir_jump(s->pk->b, join(s, &s->none));
		break;
	}
}

/* ---- layers ---------------------------------------------------------------------------------- */

void fpl_layer2(struct fpl_packet *pk, unsigned nest, const ffpf_block *to)
{
	ffpf_block shrt;

	if (!nest && pk->input->linktype != DLT_EN10MB) {
		ffpf_ir_jump(pk->b, to[L2_NONE]);
		return;
	}
	if (!fpl_layer_unknown(pk, nest, KNOWN_L2, L2_COUNT, to))
		return;
	if (nest) {
		fpl_tunnel(pk, nest, to);
		return;
	}
	shrt = fpl_block(pk);
	fpl_check(pk, ffpf_ir_const(pk->b, 0), 14, shrt);
	fpl_set_constant(pk, nest, KNOWN_L2_AT, 0);
	fpl_layer_found(pk, nest, KNOWN_L2, L2_ETHER, to);
	fpl_enter(pk, shrt);
	fpl_layer_found(pk, nest, KNOWN_L2, L2_NONE, to);
}

/* What layer 2 of a tunnel says. */
static void by_layer2(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	ffpf_block to[L2_COUNT], ether = fpl_block(pk), ip = fpl_block(pk), ip6 = fpl_block(pk), mpls = fpl_block(pk);

	for (unsigned k = 0; k < L2_COUNT; k++)
		to[k] = k == L2_ETHER  ? ether
			: k == L2_IP   ? ip
			: k == L2_IP6  ? ip6
			: k == L2_MPLS ? mpls
				       : join(s, &s->none);
	fpl_layer2(pk, s->nest, to);
	fpl_enter(pk, ip);
	ffpf_ir_var_set(pk->b, s->at, fpl_get(pk, s->nest, KNOWN_L2_AT));
	ffpf_ir_jump(pk->b, join(s, &s->ip));
	fpl_enter(pk, ip6);
	ffpf_ir_var_set(pk->b, s->at, fpl_get(pk, s->nest, KNOWN_L2_AT));
	ffpf_ir_jump(pk->b, join(s, &s->ip6));
	fpl_enter(pk, mpls);
	ffpf_ir_var_set(pk->b, s->at, fpl_get(pk, s->nest, KNOWN_L2_AT));
	ffpf_ir_jump(pk->b, join(s, &s->mpls));
	fpl_enter(pk, ether);
	by_ethertype(s, fpl_get(pk, s->nest, KNOWN_L2_AT), 12, 14);
}

void fpl_layer3(struct fpl_packet *pk, unsigned nest, const ffpf_block *to)
{
	struct search s = {.pk = pk, .nest = nest, .to = to};

	if (!fpl_layer_unknown(pk, nest, KNOWN_L3, L3_COUNT, to))
		return;
	s.at = ffpf_ir_var(pk->b);
	fpl_set_constant(pk, nest, KNOWN_MPLS_AT, 0);
	if (nest)
		by_layer2(&s);
	else
		by_link(&s);
	finish(&s);
}

ffpf_val fpl_find_tag(struct fpl_packet *pk, unsigned nest, unsigned number, ffpf_block absent)
{
	const struct link *link = link_of(pk, nest);
	ffpf_val base = 0;

	if (!link) {
		ffpf_ir_jump(pk->b, absent);
		fpl_enter(pk, fpl_block(pk));
		return ffpf_ir_const(pk->b, 0);
	}
	base = nest ? fpl_find_header(pk, nest, HEADER_ETH, absent) : ffpf_ir_const(pk->b, 0);
	fpl_check(pk, base, link->at + 4u * number + 4, absent);
	for (unsigned i = 0; i <= number; i++) {
		uint32_t type_at = i ? link->at + 4u * i - 2 : link->type_at;
		ffpf_val type = ffpf_ir_load(pk->b, base, type_at, 2);
		ffpf_block tag = fpl_block(pk);

		for (unsigned k = 0; k < TAG_TYPES; k++)
			fpl_if_equal(pk, type, tag_types[k], tag);
		ffpf_ir_jump(pk->b, absent);
		fpl_enter(pk, tag);
	}
	return fpl_alu(pk, FFPF_ADD, base, link->at + 4u * number);
}
