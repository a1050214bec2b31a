/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets within packets: what layer 4 of one nest carries is layer 2 of the next.
 *
 * All of this is rare, so where the inner packet begins is hidden from the kernel's verifier: whatever leads there, it
 * walks on once.
 */
#include <fpl/packet_inside.h>

enum { PORT_VXLAN = 4789, PORT_VXLAN_LINUX = 8472, PORT_GENEVE = 6081 };
enum { GRE_CHECKSUM = 0x8000, GRE_ROUTING = 0x4000, GRE_KEY = 0x2000, GRE_SEQUENCE = 0x1000 };

struct search {
	struct fpl_packet *pk;
	unsigned nest;
	const ffpf_block *to;
	ffpf_block kinds[L2_COUNT]; /* where ways come together */
	ffpf_var at;
};

/* ---- headers of tunnels ---------------------------------------------------------------------- */

/* Where optional fields of a GRE header stand: `flag` says whether there is one of 4 bytes. */
static ffpf_val optional(struct fpl_packet *pk, ffpf_val flags, unsigned flag)
{
	unsigned shift = 0;

	while (flag >> shift != 4)
		shift++;
	return fpl_alu(pk, FFPF_AND, fpl_alu(pk, FFPF_RSH, flags, shift), 4);
}

ffpf_val fpl_gre_field(struct fpl_packet *pk, ffpf_val at, bool sequence, ffpf_block absent)
{
	ffpf_val flags = ffpf_ir_load(pk->b, at, 0, 2);

	fpl_require(pk, FFPF_SET, flags, sequence ? GRE_SEQUENCE : GRE_KEY, absent);
	at = fpl_add(pk, at, optional(pk, flags, GRE_CHECKSUM));
	if (sequence)
		at = fpl_add(pk, at, optional(pk, flags, GRE_KEY));
	at = ffpf_ir_hide(pk->b, at, OFFSET_MASK);
	fpl_check(pk, at, 8, absent);
	return ffpf_ir_load(pk->b, at, 4, 4);
}

ffpf_val fpl_behind_gre(struct fpl_packet *pk, ffpf_val at)
{
	ffpf_val flags = ffpf_ir_load(pk->b, at, 0, 2);

	at = fpl_alu(pk, FFPF_ADD, at, 4);
	at = fpl_add(pk, at, optional(pk, flags, GRE_CHECKSUM));
	at = fpl_add(pk, at, optional(pk, flags, GRE_KEY));
	at = fpl_add(pk, at, optional(pk, flags, GRE_SEQUENCE));
	return ffpf_ir_hide(pk->b, at, OFFSET_MASK);
}

/* UDP to one of two ports. */
static ffpf_val find_udp(struct fpl_packet *pk, unsigned nest, unsigned port, unsigned port2, ffpf_block absent)
{
	ffpf_val at = fpl_find_header(pk, nest, HEADER_UDP, absent), dport = ffpf_ir_load(pk->b, at, 2, 2);
	ffpf_block hit = fpl_block(pk);

	fpl_if_equal(pk, dport, port, hit);
	if (port2 != port)
		fpl_if_equal(pk, dport, port2, hit);
	ffpf_ir_jump(pk->b, absent);
	fpl_enter(pk, hit);
	return fpl_alu(pk, FFPF_ADD, at, 8);
}

ffpf_val fpl_find_vxlan(struct fpl_packet *pk, unsigned nest, ffpf_block absent)
{
	ffpf_val at = find_udp(pk, nest, PORT_VXLAN, PORT_VXLAN_LINUX, absent);

	fpl_check(pk, at, 8, absent);
	fpl_require(pk, FFPF_SET, ffpf_ir_load(pk->b, at, 0, 1), 8, absent);
	return at;
}

ffpf_val fpl_find_geneve(struct fpl_packet *pk, unsigned nest, ffpf_block absent)
{
	ffpf_val at = find_udp(pk, nest, PORT_GENEVE, PORT_GENEVE, absent);

	fpl_check(pk, at, 8, absent);
	fpl_require(pk, FFPF_LT, ffpf_ir_load(pk->b, at, 0, 1), 0x40, absent);
	return at;
}

/* ---- what they carry ------------------------------------------------------------------------- */

static void by_type(struct search *s, ffpf_val type)
{
	struct fpl_packet *pk = s->pk;

	fpl_if_equal(pk, type, TYPE_ETHERNET, s->kinds[L2_ETHER]);
	fpl_if_equal(pk, type, TYPE_IP, s->kinds[L2_IP]);
	fpl_if_equal(pk, type, TYPE_IP6, s->kinds[L2_IP6]);
	fpl_if_equal(pk, type, TYPE_MPLS, s->kinds[L2_MPLS]);
	fpl_if_equal(pk, type, TYPE_MPLS_MULTICAST, s->kinds[L2_MPLS]);
	ffpf_ir_jump(pk->b, s->kinds[L2_NONE]);
}

static void in_gre(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	ffpf_val at = fpl_get(pk, s->nest - 1, KNOWN_L4_AT), flags;

	fpl_check(pk, at, 4, s->kinds[L2_NONE]);
	flags = ffpf_ir_load(pk->b, at, 0, 2);
	fpl_require(pk, FFPF_NSET, flags, GRE_ROUTING | 7, s->kinds[L2_NONE]);
	ffpf_ir_var_set(pk->b, s->at, fpl_behind_gre(pk, at));
	by_type(s, ffpf_ir_load(pk->b, at, 2, 2));
}

static void in_udp(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	ffpf_block other = fpl_block(pk);
	ffpf_val at = fpl_find_vxlan(pk, s->nest - 1, other), words;

	ffpf_ir_var_set(pk->b, s->at, fpl_alu(pk, FFPF_ADD, at, 8));
	ffpf_ir_jump(pk->b, s->kinds[L2_ETHER]);
	fpl_enter(pk, other);
	at = fpl_find_geneve(pk, s->nest - 1, s->kinds[L2_NONE]);
	words = fpl_alu(pk, FFPF_AND, ffpf_ir_load(pk->b, at, 0, 1), 0x3f);
	ffpf_ir_var_set(pk->b, s->at, fpl_add(pk, fpl_alu(pk, FFPF_ADD, at, 8), fpl_alu(pk, FFPF_LSH, words, 2)));
	by_type(s, ffpf_ir_load(pk->b, at, 2, 2));
}

void fpl_tunnel(struct fpl_packet *pk, unsigned nest, const ffpf_block *to)
{
	struct search s = {.pk = pk, .nest = nest, .to = to, .at = ffpf_ir_var(pk->b)};
	ffpf_block layer4[L4_COUNT], ip = fpl_block(pk), ip6 = fpl_block(pk), gre = fpl_block(pk), udp = fpl_block(pk);

	for (unsigned k = 1; k < L2_COUNT; k++)
		s.kinds[k] = fpl_block(pk);
	for (unsigned k = 0; k < L4_COUNT; k++)
		layer4[k] = s.kinds[L2_NONE];
	layer4[L4_IP] = ip;
	layer4[L4_IP6] = ip6;
	layer4[L4_GRE] = gre;
	layer4[L4_UDP] = udp;
	fpl_layer4(pk, nest - 1, layer4);
	fpl_enter(pk, ip);
	ffpf_ir_var_set(pk->b, s.at, fpl_get(pk, nest - 1, KNOWN_L4_AT));
	ffpf_ir_jump(pk->b, s.kinds[L2_IP]);
	fpl_enter(pk, ip6);
	ffpf_ir_var_set(pk->b, s.at, fpl_get(pk, nest - 1, KNOWN_L4_AT));
	ffpf_ir_jump(pk->b, s.kinds[L2_IP6]);
	fpl_enter(pk, gre);
	in_gre(&s);
	fpl_enter(pk, udp);
	in_udp(&s);
	for (unsigned k = L2_COUNT - 1; k > L2_NONE; k--) {
		ffpf_val at;

		fpl_enter(pk, s.kinds[k]);
		at = ffpf_ir_hide(pk->b, ffpf_ir_var_get(pk->b, s.at), OFFSET_MASK);
		fpl_require(pk, FFPF_LE, at, NEST_BYTES * nest, s.kinds[L2_NONE]);
		if (k == L2_ETHER)
			fpl_check(pk, at, 14, s.kinds[L2_NONE]);
		fpl_set(pk, nest, KNOWN_L2_AT, at);
		fpl_layer_found(pk, nest, KNOWN_L2, k, to);
	}
	fpl_enter(pk, s.kinds[L2_NONE]);
	fpl_layer_found(pk, nest, KNOWN_L2, L2_NONE, to);
}
