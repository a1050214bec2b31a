/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of the packet become values: the header is found (packet_inside.h says how), and bits of it are loaded.
 */
#include <fpl/packet_inside.h>
#include <lib/lang/arena.h>

#include <stdio.h>
#include <string.h>

struct fpl_packet *fpl_packet_new(struct ffpf_builder *b, struct ffpf_arena *arena,
				  const struct ffpf_source_info *input)
{
	struct fpl_packet *pk = ffpf_arena_alloc(arena, sizeof(*pk));

	pk->b = b;
	pk->arena = arena;
	pk->input = input;
	return pk;
}

/* ---- what is known of the packet ------------------------------------------------------------- */

static ffpf_var variable(struct fpl_packet *pk, unsigned nest, enum fpl_known what)
{
	char name[32];

	if (!pk->known[nest][what]) {
		snprintf(name, sizeof(name), "packet.%u.%u", nest, (unsigned)what);
		pk->known[nest][what] = ffpf_ir_common(pk->b, name) + 1;
	}
	return pk->known[nest][what] - 1;
}

ffpf_val fpl_get(struct fpl_packet *pk, unsigned nest, enum fpl_known what)
{
	return ffpf_ir_var_get(pk->b, variable(pk, nest, what));
}

void fpl_set(struct fpl_packet *pk, unsigned nest, enum fpl_known what, ffpf_val x)
{
	ffpf_ir_var_set(pk->b, variable(pk, nest, what), x);
}

void fpl_set_constant(struct fpl_packet *pk, unsigned nest, enum fpl_known what, uint64_t x)
{
	fpl_set(pk, nest, what, ffpf_ir_const(pk->b, x));
}

/* Layers that are not there when another one is of a kind. */
enum { NO_L4 = 1, NO_PAYLOAD = 2, NO_OPT = 4, NO_DNS = 8, NO_QUESTION = 16 };

static unsigned ruled_out(enum fpl_known layer, unsigned kind)
{
	if (layer == KNOWN_L3 && kind != L3_IP && kind != L3_IP6)
		return NO_L4 | NO_PAYLOAD | NO_OPT | NO_DNS | NO_QUESTION;
	if (layer != KNOWN_L4 || kind == L4_TCP)
		return 0;
	return NO_OPT | (kind != L4_UDP ? NO_DNS | NO_QUESTION : 0) |
	       (kind == L4_NONE || kind == L4_BROKEN ? NO_PAYLOAD : 0);
}

/* What is known already stays as it is: a second word on it would be another value wherever ways meet. */
static bool is_known(struct fpl_packet *pk, unsigned nest, enum fpl_known layer)
{
	uint64_t x;

	return ffpf_ir_known(pk->b, fpl_get(pk, nest, layer), &x) && x;
}

/*
 * What can't be there need not be looked for. This is for what is built where packets with and without the layer below
 * meet again: what the one kind has looked for would else be looked for once more.
 */
static void rule_out(struct fpl_packet *pk, unsigned nest, unsigned what)
{
	static const enum fpl_known layers[] = {KNOWN_L4, KNOWN_PAYLOAD, KNOWN_OPT, KNOWN_DNS, KNOWN_QUESTION};
	bool no_l4 = what & NO_L4 && !is_known(pk, nest, KNOWN_L4);

	for (unsigned i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		if (what >> i & 1 && !is_known(pk, nest, layers[i])) {
			fpl_set_constant(pk, nest, layers[i], 1);
			fpl_set_constant(pk, nest, layers[i] + 1, 1); /* of every layer the first kind is: not there */
		}
	if (no_l4) {
		fpl_set_constant(pk, nest, KNOWN_EXT, 0);
		fpl_set_constant(pk, nest, KNOWN_FRAG_AT, 0);
	}
}

/* The current way ends at to[kind], where what is ruled out by that kind is known; where several kinds go that way, by
 * all of them. */
static void go_to(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, unsigned kinds, unsigned kind,
		  const ffpf_block *to)
{
	unsigned what = ruled_out(layer, kind);

	for (unsigned k = 1; k < kinds; k++)
		if (to[k] == to[kind])
			what &= ruled_out(layer, k);
	rule_out(pk, nest, what);
	ffpf_ir_jump(pk->b, to[kind]);
}

static void go_if(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, unsigned kinds, ffpf_val is,
		  unsigned kind, const ffpf_block *to)
{
	ffpf_block yes = fpl_block(pk), no = fpl_block(pk);

	ffpf_ir_branch_imm(pk->b, FFPF_EQ, 32, is, kind, yes, no);
	fpl_enter(pk, yes);
	go_to(pk, nest, layer, kinds, kind, to);
	fpl_enter(pk, no);
}

bool fpl_layer_unknown(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, unsigned kinds, const ffpf_block *to)
{
	ffpf_val done = fpl_get(pk, nest, layer), kind;
	ffpf_block look = 0, known;
	uint64_t x;
	bool certain = ffpf_ir_known(pk->b, done, &x);

	if (certain && !x)
		return true;
	if (!certain) {
		look = fpl_block(pk);
		known = fpl_block(pk);
		ffpf_ir_branch_imm(pk->b, FFPF_NE, 32, done, 0, known, look);
		fpl_enter(pk, known);
		/* Here it was; what is built behind it then need not ask. */
		fpl_set_constant(pk, nest, layer, 1);
	}
	kind = fpl_get(pk, nest, layer + 1);
	if (ffpf_ir_known(pk->b, kind, &x) && x < kinds) {
		rule_out(pk, nest, ruled_out(layer, (unsigned)x));
		ffpf_ir_jump(pk->b, to[x]);
	} else {
		/* Kinds that go where most do are not asked for. */
		ffpf_block most = to[1];

		for (unsigned k = 2; k < kinds; k++)
			if (to[k] != most)
				go_if(pk, nest, layer, kinds, kind, k, to);
		go_to(pk, nest, layer, kinds, 1, to);
	}
	if (look)
		fpl_enter(pk, look);
	return look != 0;
}

void fpl_layer_found(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, unsigned kind, const ffpf_block *to)
{
	rule_out(pk, nest, ruled_out(layer, kind));
	fpl_set_constant(pk, nest, layer, 1);
	fpl_set_constant(pk, nest, layer + 1, kind);
	ffpf_ir_jump(pk->b, to[kind]);
}

/* ---- pieces of code -------------------------------------------------------------------------- */

void fpl_check(struct fpl_packet *pk, ffpf_val base, uint32_t need, ffpf_block shrt)
{
	ffpf_block ok = fpl_block(pk);

	ffpf_ir_check(pk->b, base, need, ok, shrt);
	fpl_enter(pk, ok);
}

void fpl_if_equal(struct fpl_packet *pk, ffpf_val x, uint64_t k, ffpf_block to)
{
	ffpf_block next = fpl_block(pk);

	ffpf_ir_branch_imm(pk->b, FFPF_EQ, 32, x, k, to, next);
	fpl_enter(pk, next);
}

void fpl_if_likely(struct fpl_packet *pk, ffpf_val x, uint64_t k, ffpf_block to)
{
	ffpf_block next = fpl_block(pk);

	ffpf_ir_branch_imm(pk->b, FFPF_EQ, 64, x, k, to, next);
	fpl_enter(pk, next);
}

void fpl_require(struct fpl_packet *pk, enum ffpf_cond cond, ffpf_val x, uint64_t k, ffpf_block no)
{
	ffpf_block yes = fpl_block(pk);

	ffpf_ir_branch_imm(pk->b, cond, 32, x, k, yes, no);
	fpl_enter(pk, yes);
}

/* ---- headers --------------------------------------------------------------------------------- */

static const struct {
	uint8_t layer, kind, kinds;
	uint8_t size; /* of the fixed part */
} headers[HEADERS] = {
	[HEADER_ETH] = {KNOWN_L2, L2_ETHER, L2_COUNT, 14},
	[HEADER_VLAN] = {0, 0, 0, 4},
	[HEADER_VLAN2] = {0, 0, 0, 4},
	[HEADER_MPLS] = {0, 0, 0, 4},
	[HEADER_ARP] = {KNOWN_L3, L3_ARP, L3_COUNT, 28},
	[HEADER_IP] = {KNOWN_L3, L3_IP, L3_COUNT, 20},
	[HEADER_IP6] = {KNOWN_L3, L3_IP6, L3_COUNT, 40},
	[HEADER_IP6_FRAG] = {0, 0, 0, 8},
	[HEADER_TCP] = {KNOWN_L4, L4_TCP, L4_COUNT, 20},
	[HEADER_OPT] = {KNOWN_OPT, IS_THERE, IS_COUNT, 0},
	[HEADER_UDP] = {KNOWN_L4, L4_UDP, L4_COUNT, 8},
	[HEADER_ICMP] = {KNOWN_L4, L4_ICMP, L4_COUNT, 8},
	[HEADER_ICMP6] = {KNOWN_L4, L4_ICMP6, L4_COUNT, 8},
	[HEADER_SCTP] = {KNOWN_L4, L4_SCTP, L4_COUNT, 12},
	[HEADER_GRE] = {KNOWN_L4, L4_GRE, L4_COUNT, 4},
	[HEADER_VXLAN] = {0, 0, 0, 8},
	[HEADER_GENEVE] = {0, 0, 0, 8},
	[HEADER_DNS] = {KNOWN_DNS, IS_THERE, IS_COUNT, 12},
	[HEADER_QUESTION] = {KNOWN_QUESTION, IS_THERE, IS_COUNT, 4},
	[HEADER_PAYLOAD] = {KNOWN_PAYLOAD, IS_THERE, IS_COUNT, 0},
	[HEADER_PORTS] = {KNOWN_L4, 0, L4_COUNT, 4},
};

static void find_layer(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, const ffpf_block *to)
{
	switch (layer) {
	case KNOWN_L2:
		fpl_layer2(pk, nest, to);
		break;
	case KNOWN_L3:
		fpl_layer3(pk, nest, to);
		break;
	case KNOWN_L4:
		fpl_layer4(pk, nest, to);
		break;
	case KNOWN_OPT:
		fpl_tcp_options(pk, nest, to);
		break;
	case KNOWN_DNS:
		fpl_dns(pk, nest, to);
		break;
	case KNOWN_QUESTION:
		fpl_question(pk, nest, to);
		break;
	default:
		fpl_payload(pk, nest, to);
		break;
	}
}

/* Is a layer of this kind the header? */
static bool is_header(enum fpl_header header, unsigned kind)
{
	if (header == HEADER_PORTS)
		return kind == L4_TCP || kind == L4_UDP || kind == L4_SCTP;
	return kind == headers[header].kind;
}

/* Something that a layer, of whatever kind, has said where to find; 0: there is none. */
static ffpf_val find_noted(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, unsigned kinds,
			   enum fpl_known note, ffpf_block absent)
{
	ffpf_block to[KINDS_MAX], any = fpl_block(pk);
	ffpf_val at;

	for (unsigned k = 0; k < kinds; k++)
		to[k] = layer == KNOWN_L4 && k == L4_NONE ? absent : any;
	find_layer(pk, nest, layer, to);
	fpl_enter(pk, any);
	at = fpl_get(pk, nest, note);
	fpl_require(pk, FFPF_NE, at, 0, absent);
	return at;
}

void fpl_find_layer_of(struct fpl_packet *pk, unsigned nest, enum fpl_header header, ffpf_block absent)
{
	ffpf_block to[KINDS_MAX], found = fpl_block(pk);

	for (unsigned k = 0; k < headers[header].kinds; k++)
		to[k] = is_header(header, k) ? found : absent;
	find_layer(pk, nest, headers[header].layer, to);
	fpl_enter(pk, found);
}

/*
 * Bytes that were checked where the layer was found are checked again where several places of it have met: the kernel's
 * verifier knows nothing of the place that they became. They are there; so the way to `absent` is never gone, and on it
 * nothing has to be looked for any more.
 */
static void check_again(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, ffpf_val at, uint32_t size,
			ffpf_block absent)
{
	ffpf_block never = fpl_block(pk), ok = fpl_block(pk);

	ffpf_ir_check(pk->b, at, size, ok, never);
	fpl_enter(pk, never);
	if (layer == KNOWN_L3 || layer == KNOWN_L4)
		rule_out(pk, nest, ruled_out(layer, 1));
	ffpf_ir_jump(pk->b, absent);
	fpl_enter(pk, ok);
}

ffpf_val fpl_find_header(struct fpl_packet *pk, unsigned nest, enum fpl_header header, ffpf_block absent)
{
	ffpf_val at;

	switch (header) {
	case HEADER_VLAN:
	case HEADER_VLAN2:
		at = fpl_find_tag(pk, nest, header - HEADER_VLAN, absent);
		break;
	case HEADER_MPLS:
		at = find_noted(pk, nest, KNOWN_L3, L3_COUNT, KNOWN_MPLS_AT, absent);
		break;
	case HEADER_IP6_FRAG:
		at = find_noted(pk, nest, KNOWN_L4, L4_COUNT, KNOWN_FRAG_AT, absent);
		break;
	case HEADER_VXLAN:
		at = fpl_find_vxlan(pk, nest, absent);
		break;
	case HEADER_GENEVE:
		at = fpl_find_geneve(pk, nest, absent);
		break;
	default:
		fpl_find_layer_of(pk, nest, header, absent);
		at = fpl_get(pk, nest, headers[header].layer + 2);
		if (headers[header].size)
			check_again(pk, nest, headers[header].layer, at, headers[header].size, absent);
		return at;
	}
	if (headers[header].size)
		fpl_check(pk, at, headers[header].size, absent);
	return at;
}

/* ---- names ----------------------------------------------------------------------------------- */

static ffpf_val bits_of(struct fpl_packet *pk, const struct fpl_field *field, ffpf_val x)
{
	unsigned width = field->size == 8 ? 64 : 32;

	if (field->shift)
		x = ffpf_ir_alu_imm(pk->b, FFPF_RSH, width, x, field->shift);
	if (field->bits < field->size * 8 - field->shift)
		x = ffpf_ir_alu_imm(pk->b, FFPF_AND, width, x, (UINT64_C(1) << field->bits) - 1);
	return x;
}

static void emit_meta(struct fpl_packet *pk, const struct fpl_field *field, ffpf_block absent, ffpf_val out[2])
{
	switch (field->at) {
	case FFPF_META_CLASS:
		out[0] = ffpf_ir_class(pk->b);
		break;
	case FFPF_META_VLAN:
		out[0] = ffpf_ir_load(pk->b, fpl_find_header(pk, 0, HEADER_VLAN, absent), 0, 2);
		break;
	default:
		out[0] = ffpf_ir_meta(pk->b, field->at);
		break;
	}
}

void fpl_field_emit(struct fpl_packet *pk, const struct fpl_field *field, ffpf_block absent, ffpf_val out[2])
{
	enum fpl_known known;
	ffpf_val base;

	switch (field->how) {
	case HOW_META:
		emit_meta(pk, field, absent, out);
		break;
	case HOW_OWN:
		fpl_own_emit(pk, field, absent, out);
		break;
	default:
		if (field->how == HOW_FIELD && fpl_is_noted(field->header, field->at, field->size, &known)) {
			fpl_find_layer_of(pk, field->inner, field->header, absent);
			out[0] = bits_of(pk, field, fpl_get(pk, field->inner, known));
			if (field->kind == FPL_IPV6)
				out[1] = fpl_get(pk, field->inner, known + 1);
			break;
		}
		base = fpl_find_header(pk, field->inner, field->header, absent);
		if (field->how == HOW_HEADER)
			break;
		out[0] = bits_of(pk, field, ffpf_ir_load(pk->b, base, field->at, field->size));
		if (field->kind == FPL_IPV6)
			out[1] = ffpf_ir_load(pk->b, base, field->at + 8, 8);
		break;
	}
}

/* ---- demand ---------------------------------------------------------------------------------- */

uint32_t fpl_field_demand(const struct fpl_field *field)
{
	uint32_t nest = NEST_BYTES * field->inner;

	if (field->how == HOW_META)
		return field->at == FFPF_META_VLAN ? 24 : 0;
	switch (field->header) {
	case HEADER_ETH:
		return nest + 14;
	case HEADER_VLAN:
		return nest + 24; /* Linux's cooked header is the longest */
	case HEADER_VLAN2:
		return nest + 28;
	case HEADER_QUESTION: /* a name of 40 labels */
		return nest + NEST_BYTES + 40 * 64;
	default:
		return nest + NEST_BYTES;
	}
}
