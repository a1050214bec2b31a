/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `hash`: who talks to whom, as one number. flowspaces/user/flowhash.c is the same in C.
 *
 * Each end (address and port) is hashed by itself and the two are added, which makes the number the same both ways.
 */
#include <fpl/packet_inside.h>

/* Multipliers of MurmurHash3's finaliser and of splitmix64. */
#define FACTOR_1 UINT64_C(0xff51afd7ed558ccd)
#define FACTOR_2 UINT64_C(0xc4ceb9fe1a85ec53)
#define FACTOR_3 UINT64_C(0xbf58476d1ce4e5b9)

/* Protocols whose headers begin with two ports. */
static const uint8_t with_ports[] = {6, 17, 33, 132, 136};

struct ends {
	struct fpl_packet *pk;
	unsigned nest;
	ffpf_var high[2], low[2], port[2], protocol;
	ffpf_block ready; /* all are set */
};

static void set(struct ends *e, ffpf_var var, ffpf_val x)
{
	ffpf_ir_var_set(e->pk->b, var, x);
}

static ffpf_val fold(struct fpl_packet *pk, ffpf_val x, uint64_t factor)
{
	x = ffpf_ir_alu_imm(pk->b, FFPF_MUL, 64, x, factor);
	return ffpf_ir_alu(pk->b, FFPF_XOR, 64, x, ffpf_ir_alu_imm(pk->b, FFPF_RSH, 64, x, 32));
}

static ffpf_val hash_end(struct ends *e, unsigned i)
{
	struct ffpf_builder *b = e->pk->b;
	ffpf_val x = fold(e->pk, ffpf_ir_alu_imm(b, FFPF_ADD, 64, ffpf_ir_var_get(b, e->high[i]), 1), FACTOR_1);

	x = fold(e->pk, ffpf_ir_alu(b, FFPF_ADD, 64, x, ffpf_ir_var_get(b, e->low[i])), FACTOR_2);
	return fold(e->pk, ffpf_ir_alu(b, FFPF_ADD, 64, x, ffpf_ir_var_get(b, e->port[i])), FACTOR_3);
}

/* ---- ends ------------------------------------------------------------------------------------ */

/* Ports, at the beginning of the transport header. */
static void read_ports(struct ends *e, ffpf_val at)
{
	struct fpl_packet *pk = e->pk;

	fpl_check(pk, at, 4, e->ready);
	set(e, e->port[0], ffpf_ir_load(pk->b, at, 0, 2));
	set(e, e->port[1], ffpf_ir_load(pk->b, at, 2, 2));
	ffpf_ir_jump(pk->b, e->ready);
}

/* The addresses have been set: the protocol, and the ports of whole packets. */
static void find_ports(struct ends *e, bool ip6)
{
	struct fpl_packet *pk = e->pk;
	ffpf_block to[L4_COUNT], named = fpl_block(pk), other = fpl_block(pk), rest = fpl_block(pk),
				 none = fpl_block(pk), whole = fpl_block(pk), ports = fpl_block(pk);
	ffpf_val protocol;

	for (unsigned k = 0; k < L4_COUNT; k++)
		to[k] = k == L4_TCP || k == L4_UDP || k == L4_SCTP ? named
			: k == L4_OTHER || k == L4_BROKEN	   ? other
			: k == L4_NONE				   ? none
								   : rest;
	fpl_layer4(pk, e->nest, to);
	fpl_enter(pk, none);
	set(e, e->protocol, ffpf_ir_const(pk->b, UINT8_MAX));
	ffpf_ir_jump(pk->b, e->ready);
	fpl_enter(pk, rest);
	set(e, e->protocol, fpl_get(pk, e->nest, KNOWN_PROTO));
	ffpf_ir_jump(pk->b, e->ready);
	fpl_enter(pk, other);
	protocol = fpl_get(pk, e->nest, KNOWN_PROTO);
	set(e, e->protocol, protocol);
	for (unsigned i = 0; i < sizeof(with_ports); i++)
		fpl_if_equal(pk, protocol, with_ports[i], whole);
	ffpf_ir_jump(pk->b, e->ready);
	fpl_enter(pk, named);
	set(e, e->protocol, fpl_get(pk, e->nest, KNOWN_PROTO));
	ffpf_ir_jump(pk->b, whole);
	fpl_enter(pk, whole);
	if (ip6) {
		ffpf_ir_branch_imm(pk->b, FFPF_EQ, 32, fpl_get(pk, e->nest, KNOWN_FRAG_AT), 0, ports, e->ready);
	} else {
		ffpf_val ip = fpl_get(pk, e->nest, KNOWN_L3_AT);

		fpl_check(pk, ip, 20, e->ready);
		ffpf_ir_branch_imm(pk->b, FFPF_NSET, 32, ffpf_ir_load(pk->b, ip, 6, 2), 0x3fff, ports, e->ready);
	}
	fpl_enter(pk, ports);
	read_ports(e, fpl_get(pk, e->nest, KNOWN_L4_AT));
}

static void in_ip(struct ends *e)
{
	struct fpl_packet *pk = e->pk;
	ffpf_val ip = fpl_get(pk, e->nest, KNOWN_L3_AT);

	fpl_check(pk, ip, 20, e->ready);
	for (unsigned i = 0; i < 2; i++)
		set(e, e->low[i], ffpf_ir_load(pk->b, ip, 12 + 4 * i, 4));
	find_ports(e, false);
}

static void in_ip6(struct ends *e)
{
	struct fpl_packet *pk = e->pk;
	ffpf_val ip = fpl_get(pk, e->nest, KNOWN_L3_AT);

	fpl_check(pk, ip, 40, e->ready);
	for (unsigned i = 0; i < 2; i++) {
		set(e, e->high[i], ffpf_ir_load(pk->b, ip, 8 + 16 * i, 8));
		set(e, e->low[i], ffpf_ir_load(pk->b, ip, 16 + 16 * i, 8));
	}
	find_ports(e, true);
}

static void in_ethernet(struct ends *e)
{
	struct fpl_packet *pk = e->pk;
	ffpf_val at = fpl_get(pk, e->nest, KNOWN_L2_AT);

	fpl_check(pk, at, 14, e->ready);
	for (unsigned i = 0; i < 2; i++)
		set(e, e->low[i], ffpf_ir_alu_imm(pk->b, FFPF_RSH, 64, ffpf_ir_load(pk->b, at, 6 - 6 * i, 8), 16));
	set(e, e->protocol, fpl_alu(pk, FFPF_LSH, ffpf_ir_load(pk->b, at, 12, 2), 8));
	ffpf_ir_jump(pk->b, e->ready);
}

/* ---- the number ------------------------------------------------------------------------------ */

static void begin(struct ends *e)
{
	ffpf_var *const vars[] = {&e->high[0], &e->high[1], &e->low[0],	 &e->low[1],
				  &e->port[0], &e->port[1], &e->protocol};

	for (size_t i = 0; i < sizeof(vars) / sizeof(vars[0]); i++) {
		*vars[i] = ffpf_ir_var(e->pk->b);
		set(e, *vars[i], ffpf_ir_const(e->pk->b, 0));
	}
	e->ready = fpl_block(e->pk);
}

ffpf_val fpl_conversation_emit(struct fpl_packet *pk, unsigned nest, ffpf_block absent)
{
	struct ends e = {.pk = pk, .nest = nest};
	ffpf_block layer3[L3_COUNT], layer2[L2_COUNT], ip = fpl_block(pk), ip6 = fpl_block(pk), other = fpl_block(pk),
						       ether = fpl_block(pk), zero = fpl_block(pk);
	ffpf_val x;
	ffpf_var hash = ffpf_ir_var(pk->b);

	begin(&e);
	for (unsigned k = 0; k < L3_COUNT; k++)
		layer3[k] = k == L3_IP ? ip : k == L3_IP6 ? ip6 : other;
	for (unsigned k = 0; k < L2_COUNT; k++)
		layer2[k] = k == L2_ETHER ? ether : k == L2_NONE && nest ? absent : e.ready;
	fpl_layer3(pk, nest, layer3);
	fpl_enter(pk, ip);
	in_ip(&e);
	fpl_enter(pk, ip6);
	in_ip6(&e);
	fpl_enter(pk, other);
	fpl_layer2(pk, nest, layer2);
	fpl_enter(pk, ether);
	in_ethernet(&e);
	fpl_enter(pk, e.ready);
	x = ffpf_ir_alu(pk->b, FFPF_ADD, 64, hash_end(&e, 0), hash_end(&e, 1));
	x = ffpf_ir_alu(pk->b, FFPF_ADD, 64, x, ffpf_ir_var_get(pk->b, e.protocol));
	x = fold(pk, x, FACTOR_1);
	x = fpl_alu(pk, FFPF_OR, x, 0);
	ffpf_ir_var_set(pk->b, hash, x);
	other = fpl_block(pk);
	ffpf_ir_branch_imm(pk->b, FFPF_EQ, 32, x, 0, zero, other);
	fpl_enter(pk, zero);
	ffpf_ir_var_set(pk->b, hash, ffpf_ir_const(pk->b, 1));
	ffpf_ir_jump(pk->b, other);
	fpl_enter(pk, other);
	return ffpf_ir_var_get(pk->b, hash);
}
