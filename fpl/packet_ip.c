/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From IP to the transport header.
 */
#include <fpl/packet_inside.h>

enum { PROTO_TCP = 6, PROTO_UDP = 17 };

struct search {
	struct fpl_packet *pk;
	unsigned nest;
	const ffpf_block *to;
	ffpf_block tcp, udp, other, broken;
	ffpf_var at;
};

/* Goes to the block of the protocol's header, which begins at `at`. */
static void by_protocol(struct search *s, ffpf_val protocol, ffpf_val at)
{
	struct fpl_packet *pk = s->pk;

	ffpf_ir_var_set(pk->b, s->at, at);
	fpl_set(pk, s->nest, KNOWN_PROTO, protocol);
	fpl_if_equal(pk, protocol, PROTO_TCP, s->tcp);
	fpl_if_equal(pk, protocol, PROTO_UDP, s->udp);
	ffpf_ir_jump(pk->b, s->other);
}

static void in_ip(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	ffpf_val ip = fpl_get(pk, s->nest, KNOWN_L3_AT), protocol, words, at;
	ffpf_block fragment = fpl_block(pk), whole = fpl_block(pk);

	fpl_check(pk, ip, 20, s->broken);
	protocol = ffpf_ir_load(pk->b, ip, 9, 1);
	words = ffpf_ir_alu_imm(pk->b, FFPF_AND, 32, ffpf_ir_load(pk->b, ip, 0, 1), 15);
	at = ffpf_ir_alu(pk->b, FFPF_ADD, 32, ip, ffpf_ir_alu_imm(pk->b, FFPF_LSH, 32, words, 2));
	ffpf_ir_branch_imm(pk->b, FFPF_SET, 32, ffpf_ir_load(pk->b, ip, 6, 2), 0x1fff, fragment, whole);
	fpl_enter(pk, fragment);
	fpl_set(pk, s->nest, KNOWN_PROTO, protocol);
	fpl_set(pk, s->nest, KNOWN_L4_AT, at);
	fpl_layer_found(pk, s->nest, KNOWN_L4, L4_FRAGMENT, s->to);
	fpl_enter(pk, whole);
	by_protocol(s, protocol, at);
}

static void in_ip6(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	ffpf_val ip = fpl_get(pk, s->nest, KNOWN_L3_AT);

	fpl_check(pk, ip, 40, s->broken);
	by_protocol(s, ffpf_ir_load(pk->b, ip, 6, 1), ffpf_ir_alu_imm(pk->b, FFPF_ADD, 32, ip, 40));
}

static void found(struct search *s, ffpf_block block, unsigned kind, uint32_t size)
{
	struct fpl_packet *pk = s->pk;
	ffpf_val at;

	fpl_enter(pk, block);
	at = ffpf_ir_var_get(pk->b, s->at);
	if (size)
		fpl_check(pk, at, size, s->broken);
	if (kind == L4_TCP)
		fpl_require(pk, FFPF_GE, ffpf_ir_load(pk->b, at, 12, 1), 0x50, s->broken);
	fpl_set(pk, s->nest, KNOWN_L4_AT, at);
	fpl_layer_found(pk, s->nest, KNOWN_L4, kind, s->to);
}

void fpl_layer4(struct fpl_packet *pk, unsigned nest, const ffpf_block *to)
{
	struct search s = {.pk = pk, .nest = nest, .to = to};
	ffpf_block layer3[L3_COUNT], none, ip, ip6;

	if (!fpl_layer_unknown(pk, nest, KNOWN_L4, L4_COUNT, to))
		return;
	s.tcp = fpl_block(pk);
	s.udp = fpl_block(pk);
	s.other = fpl_block(pk);
	s.broken = fpl_block(pk);
	s.at = ffpf_ir_var(pk->b);
	none = fpl_block(pk);
	ip = fpl_block(pk);
	ip6 = fpl_block(pk);
	for (unsigned k = 0; k < L3_COUNT; k++)
		layer3[k] = k == L3_IP ? ip : k == L3_IP6 ? ip6 : none;
	fpl_layer3(pk, nest, layer3);
	fpl_enter(pk, ip);
	in_ip(&s);
	fpl_enter(pk, ip6);
	in_ip6(&s);
	found(&s, s.tcp, L4_TCP, 20);
	found(&s, s.udp, L4_UDP, 8);
	found(&s, s.other, L4_OTHER, 0);
	fpl_enter(pk, s.broken);
	fpl_layer_found(pk, nest, KNOWN_L4, L4_BROKEN, to);
	fpl_enter(pk, none);
	fpl_layer_found(pk, nest, KNOWN_L4, L4_NONE, to);
}
