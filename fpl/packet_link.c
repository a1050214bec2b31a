/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the link to layer 3: link types, EtherTypes, VLAN tags and MPLS labels.
 *
 * A packet without tags has layer 3 at an offset that is known when the program is made. That of others is hidden from
 * the kernel's verifier, which would otherwise walk through the rest of the program once for each number of tags.
 */
#include <fpl/packet_inside.h>

#include <pcap/dlt.h>

enum {
	TYPE_IP = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_TEB = 0x6558, /* Ethernet in something */
	TYPE_VLAN = 0x8100,
	TYPE_IP6 = 0x86dd,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MULTICAST = 0x8848,
	TYPE_QINQ = 0x88a8,
	TYPE_QINQ_OLD = 0x9100,
};

/* Tags that are passed over. */
#define TAGS_MAX 4

/* Looking for layer 3 of one nest. */
struct search {
	struct fpl_packet *pk;
	unsigned nest;
	const ffpf_block *to;
	/* where ways come together; 0: none comes there yet */
	ffpf_block ip, ip6, arp, none;
	ffpf_var at; /* where what they are about begins */
};

static ffpf_block join(struct search *s, ffpf_block *block)
{
	if (!*block)
		*block = fpl_block(s->pk);
	return *block;
}

/* ---- EtherTypes ------------------------------------------------------------------------------ */

/* s->at has been set. tagged: where tags go; 0: there are none any more. */
static void by_type(struct search *s, ffpf_val type, ffpf_block tagged)
{
	struct fpl_packet *pk = s->pk;

	fpl_if_equal(pk, type, TYPE_IP, join(s, &s->ip));
	fpl_if_equal(pk, type, TYPE_IP6, join(s, &s->ip6));
	if (tagged) {
		fpl_if_equal(pk, type, TYPE_VLAN, tagged);
		fpl_if_equal(pk, type, TYPE_QINQ, tagged);
		fpl_if_equal(pk, type, TYPE_QINQ_OLD, tagged);
	}
	ffpf_ir_jump(pk->b, join(s, &s->none));
}

/* The tags that begin at base + offset: the EtherType behind them, and s->at. */
static ffpf_val pass_tags(struct search *s, ffpf_val base, uint32_t offset)
{
	static const uint16_t tags[] = {TYPE_VLAN, TYPE_QINQ, TYPE_QINQ_OLD};
	struct fpl_packet *pk = s->pk;
	ffpf_block behind = fpl_block(pk);
	ffpf_var type = ffpf_ir_var(pk->b);

	for (unsigned i = 0; i < TAGS_MAX; i++, offset += 4) {
		ffpf_block again = i + 1 < TAGS_MAX ? fpl_block(pk) : 0;
		ffpf_val x;

		fpl_check(pk, base, offset + 4, join(s, &s->none));
		x = ffpf_ir_load(pk->b, base, offset + 2, 2);
		ffpf_ir_var_set(pk->b, type, x);
		ffpf_ir_var_set(pk->b, s->at, ffpf_ir_alu_imm(pk->b, FFPF_ADD, 32, base, offset + 4));
		for (unsigned k = 0; again && k < 3; k++)
			fpl_if_equal(pk, x, tags[k], again);
		ffpf_ir_jump(pk->b, behind);
		if (again)
			fpl_enter(pk, again);
	}
	fpl_enter(pk, behind);
	ffpf_ir_var_set(pk->b, s->at, ffpf_ir_hide(pk->b, ffpf_ir_var_get(pk->b, s->at), OFFSET_MASK));
	return ffpf_ir_var_get(pk->b, type);
}

/* An EtherType at `type_at` behind base, and what it announces at `at`. */
static void ethertype(struct search *s, ffpf_val base, uint32_t type_at, uint32_t at)
{
	struct fpl_packet *pk = s->pk;
	ffpf_block tagged = fpl_block(pk);

	fpl_check(pk, base, at, join(s, &s->none));
	ffpf_ir_var_set(pk->b, s->at, ffpf_ir_alu_imm(pk->b, FFPF_ADD, 32, base, at));
	by_type(s, ffpf_ir_load(pk->b, base, type_at, 2), tagged);
	fpl_enter(pk, tagged);
	by_type(s, pass_tags(s, base, at), 0);
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
	first = ffpf_ir_alu_imm(pk->b, FFPF_SUB, 32, ffpf_ir_load(pk->b, at, 0, 1), 0x45);
	fpl_require(pk, FFPF_LE, first, 10, join(s, &s->none));
	fpl_set(pk, s->nest, KNOWN_L3_AT, at);
	fpl_layer_found(pk, s->nest, KNOWN_L3, L3_IP, s->to);
}

static void found_ip6(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	ffpf_val at, first;

	fpl_enter(pk, s->ip6);
	at = ffpf_ir_var_get(pk->b, s->at);
	fpl_check(pk, at, 40, join(s, &s->none));
	first = ffpf_ir_alu_imm(pk->b, FFPF_RSH, 32, ffpf_ir_load(pk->b, at, 0, 1), 4);
	fpl_require(pk, FFPF_EQ, first, 6, join(s, &s->none));
	fpl_set(pk, s->nest, KNOWN_L3_AT, at);
	fpl_layer_found(pk, s->nest, KNOWN_L3, L3_IP6, s->to);
}

static void finish(struct search *s)
{
	if (s->ip)
		found_ip(s);
	if (s->ip6)
		found_ip6(s);
	if (s->none) {
		fpl_enter(s->pk, s->none);
		fpl_layer_found(s->pk, s->nest, KNOWN_L3, L3_NONE, s->to);
	}
}

/* ---- layers ---------------------------------------------------------------------------------- */

void fpl_layer2(struct fpl_packet *pk, unsigned nest, const ffpf_block *to)
{
	ffpf_block shrt;

	if (nest || pk->input->linktype != DLT_EN10MB) {
		ffpf_ir_jump(pk->b, to[L2_NONE]);
		return;
	}
	if (!fpl_layer_unknown(pk, nest, KNOWN_L2, L2_COUNT, to))
		return;
	shrt = fpl_block(pk);
	fpl_check(pk, ffpf_ir_const(pk->b, 0), 14, shrt);
	fpl_set_constant(pk, nest, KNOWN_L2_AT, 0);
	fpl_layer_found(pk, nest, KNOWN_L2, L2_ETHER, to);
	fpl_enter(pk, shrt);
	fpl_layer_found(pk, nest, KNOWN_L2, L2_NONE, to);
}

void fpl_layer3(struct fpl_packet *pk, unsigned nest, const ffpf_block *to)
{
	struct search s = {.pk = pk, .nest = nest, .to = to};

	if (!fpl_layer_unknown(pk, nest, KNOWN_L3, L3_COUNT, to))
		return;
	s.at = ffpf_ir_var(pk->b);
	if (nest || pk->input->linktype != DLT_EN10MB)
		ffpf_ir_jump(pk->b, join(&s, &s.none));
	else
		ethertype(&s, ffpf_ir_const(pk->b, 0), 12, 14);
	finish(&s);
}
