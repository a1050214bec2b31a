/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of the packet that are more than some bits of a header.
 */
#include <fpl/packet_inside.h>

static ffpf_val byte_of(struct fpl_packet *pk, enum fpl_header header, unsigned nest, uint32_t offset,
			ffpf_block absent)
{
	return ffpf_ir_load(pk->b, fpl_find_header(pk, nest, header, absent), offset, 1);
}

/* ---- any IP ---------------------------------------------------------------------------------- */

static void layer3_ip(struct fpl_packet *pk, unsigned nest, ffpf_block ip, ffpf_block ip6, ffpf_block absent)
{
	ffpf_block to[L3_COUNT];

	for (unsigned k = 0; k < L3_COUNT; k++)
		to[k] = k == L3_IP ? ip : k == L3_IP6 ? ip6 : absent;
	fpl_layer3(pk, nest, to);
}

static void emit_address(struct fpl_packet *pk, unsigned nest, bool destination, ffpf_block absent, ffpf_val out[2])
{
	ffpf_block ip = fpl_block(pk);

	layer3_ip(pk, nest, ip, ip, absent);
	fpl_enter(pk, ip);
	out[0] = fpl_get(pk, nest, destination ? KNOWN_DST_HIGH : KNOWN_SRC_HIGH);
	out[1] = fpl_get(pk, nest, destination ? KNOWN_DST_LOW : KNOWN_SRC_LOW);
}

/* Goes on where the IP packet's headers end; with the protocol. */
static ffpf_val find_protocol(struct fpl_packet *pk, unsigned nest, ffpf_block absent)
{
	ffpf_block to[L4_COUNT], found = fpl_block(pk);

	for (unsigned k = 0; k < L4_COUNT; k++)
		to[k] = k == L4_NONE ? absent : found;
	fpl_layer4(pk, nest, to);
	fpl_enter(pk, found);
	return fpl_get(pk, nest, KNOWN_PROTO);
}

static ffpf_val emit_protocol(struct fpl_packet *pk, unsigned nest, ffpf_block absent)
{
	return find_protocol(pk, nest, absent);
}

/* ---- IPv6 ------------------------------------------------------------------------------------ */

static ffpf_val emit_extension(struct fpl_packet *pk, unsigned nest, enum fpl_own which, ffpf_block absent)
{
	fpl_find_header(pk, nest, HEADER_IP6, absent);
	find_protocol(pk, nest, absent);
	if (which == OWN_IP6_PROTO)
		return fpl_get(pk, nest, KNOWN_PROTO);
	/* enum fpl_own has them in the order of EXT_… */
	return fpl_alu(pk, FFPF_AND, fpl_alu(pk, FFPF_RSH, fpl_get(pk, nest, KNOWN_EXT), which - OWN_IP6_HOPOPTS), 1);
}

/* ---- ICMP ------------------------------------------------------------------------------------ */

static ffpf_val emit_echo(struct fpl_packet *pk, const struct fpl_field *field, ffpf_block absent)
{
	ffpf_val at = fpl_find_header(pk, field->inner, field->header, absent);
	ffpf_val type = ffpf_ir_load(pk->b, at, 0, 1);
	ffpf_block asks = fpl_block(pk);

	if (field->header == HEADER_ICMP) {
		fpl_if_equal(pk, type, 0, asks);
		fpl_if_equal(pk, type, 8, asks);
		ffpf_ir_branch_imm(pk->b, FFPF_LE, 32, fpl_alu(pk, FFPF_SUB, type, 13), 5, asks, absent);
	} else {
		ffpf_ir_branch_imm(pk->b, FFPF_LE, 32, fpl_alu(pk, FFPF_SUB, type, 128), 1, asks, absent);
	}
	fpl_enter(pk, asks);
	return ffpf_ir_load(pk->b, at, field->at == OWN_ICMP_ID ? 4 : 6, 2);
}

static void emit_target(struct fpl_packet *pk, unsigned nest, ffpf_block absent, ffpf_val out[2])
{
	ffpf_val at = fpl_find_header(pk, nest, HEADER_ICMP6, absent), type = ffpf_ir_load(pk->b, at, 0, 1);

	fpl_require(pk, FFPF_LE, fpl_alu(pk, FFPF_SUB, type, 135), 1, absent);
	fpl_check(pk, at, 24, absent);
	out[0] = ffpf_ir_load(pk->b, at, 8, 8);
	out[1] = ffpf_ir_load(pk->b, at, 16, 8);
}

/* ---- TCP options ----------------------------------------------------------------------------- */

static ffpf_val emit_option(struct fpl_packet *pk, unsigned nest, enum fpl_own which, ffpf_block absent)
{
	static const struct {
		uint8_t flag;  /* without which it is absent; 0: never */
		uint8_t known; /* 0: the flag `is` itself */
		uint8_t is;
	} options[] = {
		[OWN_OPT_MSS] = {OPT_MSS, KNOWN_OPT_MSS, 0},
		[OWN_OPT_WSCALE] = {OPT_WSCALE, KNOWN_OPT_WSCALE, 0},
		[OWN_OPT_SACKOK] = {0, 0, OPT_SACKOK},
		[OWN_OPT_SACK] = {OPT_SACK, KNOWN_OPT_SACK, 0},
		[OWN_OPT_TS] = {0, 0, OPT_TS},
		[OWN_OPT_TSVAL] = {OPT_TS, KNOWN_OPT_TSVAL, 0},
		[OWN_OPT_TSECR] = {OPT_TS, KNOWN_OPT_TSECR, 0},
		[OWN_OPT_COUNT] = {0, KNOWN_OPT_COUNT, 0},
		[OWN_OPT_LAYOUT] = {0, KNOWN_OPT_LAYOUT, 0},
		[OWN_OPT_EOL] = {OPT_EOL, KNOWN_OPT_EOL, 0},
		[OWN_OPT_TRAILING] = {0, 0, OPT_TRAILING},
		[OWN_OPT_BAD] = {0, 0, OPT_BAD},
	};
	ffpf_val flags;
	unsigned shift = 0;

	fpl_find_header(pk, nest, HEADER_OPT, absent);
	flags = fpl_get(pk, nest, KNOWN_OPT_FLAGS);
	if (options[which].flag)
		fpl_require(pk, FFPF_SET, flags, options[which].flag, absent);
	if (options[which].known)
		return fpl_get(pk, nest, options[which].known);
	while (options[which].is >> shift != 1)
		shift++;
	return fpl_alu(pk, FFPF_AND, fpl_alu(pk, FFPF_RSH, flags, shift), 1);
}

/* ---- all ------------------------------------------------------------------------------------- */

static ffpf_val name_length(struct fpl_packet *pk, unsigned nest, ffpf_block absent)
{
	ffpf_val behind = fpl_find_header(pk, nest, HEADER_QUESTION, absent);

	return fpl_alu(pk, FFPF_SUB, ffpf_ir_alu(pk->b, FFPF_SUB, 32, behind, fpl_get(pk, nest, KNOWN_DNS_AT)), 12);
}

void fpl_own_emit(struct fpl_packet *pk, const struct fpl_field *field, ffpf_block absent, ffpf_val out[2])
{
	unsigned nest = field->inner;
	ffpf_val x;

	switch (field->at) {
	case OWN_HASH:
		out[0] = fpl_conversation_emit(pk, nest, absent);
		break;
	case OWN_IP_HLEN:
	case OWN_IP_OPTIONS:
		x = fpl_alu(pk, FFPF_LSH, fpl_alu(pk, FFPF_AND, byte_of(pk, HEADER_IP, nest, 0, absent), 15), 2);
		out[0] = field->at == OWN_IP_HLEN ? x : fpl_alu(pk, FFPF_SUB, x, 20);
		break;
	case OWN_TCP_HLEN:
		x = fpl_alu(pk, FFPF_RSH, byte_of(pk, HEADER_TCP, nest, 12, absent), 4);
		out[0] = fpl_alu(pk, FFPF_LSH, x, 2);
		break;
	case OWN_IP6_PROTO:
	case OWN_IP6_HOPOPTS:
	case OWN_IP6_ROUTING:
	case OWN_IP6_DSTOPTS:
	case OWN_IP6_FRAGMENT:
	case OWN_IP6_AH:
	case OWN_IP6_MOBILITY:
		out[0] = emit_extension(pk, nest, field->at, absent);
		break;
	case OWN_SRC:
	case OWN_DST:
		emit_address(pk, nest, field->at == OWN_DST, absent, out);
		break;
	case OWN_PROTO:
		out[0] = emit_protocol(pk, nest, absent);
		break;
	case OWN_SPORT:
	case OWN_DPORT:
		fpl_find_layer_of(pk, nest, HEADER_PORTS, absent);
		out[0] = fpl_get(pk, nest, field->at == OWN_SPORT ? KNOWN_SPORT : KNOWN_DPORT);
		break;
	case OWN_ICMP_ID:
	case OWN_ICMP_SEQ:
		out[0] = emit_echo(pk, field, absent);
		break;
	case OWN_ICMP6_TARGET:
		emit_target(pk, nest, absent, out);
		break;
	case OWN_GRE_KEY:
	case OWN_GRE_SEQ:
		x = fpl_find_header(pk, nest, HEADER_GRE, absent);
		out[0] = fpl_gre_field(pk, x, field->at == OWN_GRE_SEQ, absent);
		break;
	case OWN_QNAME_LEN:
		out[0] = name_length(pk, nest, absent);
		break;
	case OWN_QNAME_HASH:
		out[0] = fpl_hash_name(pk, nest, absent);
		break;
	case OWN_PAYLOAD_LEN:
		out[0] = fpl_payload_length(pk, nest, absent);
		break;
	default:
		out[0] = emit_option(pk, nest, field->at, absent);
		break;
	}
}
