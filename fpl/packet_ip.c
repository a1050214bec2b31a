/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From IP to the transport header: fragments, IPv6's extension headers, protocols.
 *
 * Only the first fragment has a transport header. Of extension headers EXTENSIONS_MAX are passed over, in the first
 * bytes of the packet (NEST_BYTES): a packet with more has no layer 4. Where they end is hidden from the kernel's
 * verifier at each step, so that it does not follow each sequence of lengths by itself.
 */
#include <fpl/packet_inside.h>

enum {
	PROTO_HOPOPTS = 0,
	PROTO_ICMP = 1,
	PROTO_IP = 4,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_IP6 = 41,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_GRE = 47,
	PROTO_AH = 51,
	PROTO_ICMP6 = 58,
	PROTO_DSTOPTS = 60,
	PROTO_SCTP = 132,
	PROTO_MOBILITY = 135,
	PROTO_HIP = 139,
	PROTO_SHIM6 = 140,
};

#define EXTENSIONS_MAX 8
/* Room for a transport header behind extension headers. */
#define TRANSPORT_MAX 64

enum { IN_IP = 1, IN_IP6 = 2 };

static const struct {
	uint8_t protocol, kind, in, size; /* of the fixed part */
} protocols[] = {
	/* the likely ones first */
	{PROTO_TCP, L4_TCP, IN_IP | IN_IP6, 20},   {PROTO_UDP, L4_UDP, IN_IP | IN_IP6, 8},
	{PROTO_ICMP, L4_ICMP, IN_IP, 8},	   {PROTO_ICMP6, L4_ICMP6, IN_IP6, 8},
	{PROTO_SCTP, L4_SCTP, IN_IP | IN_IP6, 12}, {PROTO_GRE, L4_GRE, IN_IP | IN_IP6, 4},
	{PROTO_IP, L4_IP, IN_IP | IN_IP6, 0},	   {PROTO_IP6, L4_IP6, IN_IP | IN_IP6, 0},
};
enum { PROTOCOLS = sizeof(protocols) / sizeof(protocols[0]), LIKELY = 2 };

/* Looking for layer 4 of one nest. */
struct search {
	struct fpl_packet *pk;
	unsigned nest;
	const ffpf_block *to;
	ffpf_block found[PROTOCOLS], other, broken, fragment, none; /* where ways come together */
	ffpf_var at;						    /* where the header begins */
};

/* Protocols from `first` to `end`, where s->at and KNOWN_PROTO have been set. */
static void test_protocols(struct search *s, ffpf_val protocol, unsigned first, unsigned end, unsigned in)
{
	for (unsigned i = first; i < end; i++)
		if (protocols[i].in & in && i < LIKELY)
			fpl_if_likely(s->pk, protocol, protocols[i].protocol, s->found[i]);
		else if (protocols[i].in & in)
			fpl_if_equal(s->pk, protocol, protocols[i].protocol, s->found[i]);
}

static void set_transport(struct search *s, ffpf_val protocol, ffpf_val at)
{
	ffpf_ir_var_set(s->pk->b, s->at, at);
	fpl_set(s->pk, s->nest, KNOWN_PROTO, protocol);
}

static void in_ip(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	ffpf_val ip = fpl_get(pk, s->nest, KNOWN_L3_AT), protocol, words, at;
	ffpf_block whole = fpl_block(pk);

	protocol = fpl_get(pk, s->nest, KNOWN_IP_PROTO);
	words = fpl_alu(pk, FFPF_AND, fpl_get(pk, s->nest, KNOWN_IP_FIRST), 15);
	at = fpl_add(pk, ip, fpl_alu(pk, FFPF_LSH, words, 2));
	set_transport(s, protocol, at);
	ffpf_ir_branch_imm(pk->b, FFPF_SET, 32, fpl_get(pk, s->nest, KNOWN_IP_FRAGMENT), 0x1fff, s->fragment, whole);
	fpl_enter(pk, whole);
	test_protocols(s, protocol, 0, PROTOCOLS, IN_IP);
	ffpf_ir_jump(pk->b, s->other);
}

/* ---- IPv6 ------------------------------------------------------------------------------------ */

static const struct {
	uint8_t protocol, ext;
} extensions[] = {
	{PROTO_HOPOPTS, EXT_HOPOPTS},	{PROTO_ROUTING, EXT_ROUTING}, {PROTO_DSTOPTS, EXT_DSTOPTS},
	{PROTO_MOBILITY, EXT_MOBILITY}, {PROTO_HIP, EXT_MOBILITY},    {PROTO_SHIM6, EXT_MOBILITY},
	{PROTO_FRAGMENT, EXT_FRAGMENT}, {PROTO_AH, EXT_AH},
};
enum { EXTENSIONS = sizeof(extensions) / sizeof(extensions[0]) };

struct chain {
	struct search *s;
	ffpf_var next, at, ext; /* next header, and where it begins; what was passed */
};

static void add_ext(struct chain *c, unsigned ext)
{
	struct fpl_packet *pk = c->s->pk;

	ffpf_ir_var_set(pk->b, c->ext, fpl_alu(pk, FFPF_OR, ffpf_ir_var_get(pk->b, c->ext), ext));
}

/* A header whose second byte is its length, in words of 1 << shift bytes less `less`. */
static void pass_header(struct chain *c, ffpf_val at, unsigned shift, unsigned less, ffpf_block then)
{
	struct fpl_packet *pk = c->s->pk;
	ffpf_val words = fpl_alu(pk, FFPF_ADD, ffpf_ir_load(pk->b, at, 1, 1), less);

	ffpf_ir_var_set(pk->b, c->at, fpl_add(pk, at, fpl_alu(pk, FFPF_LSH, words, shift)));
	ffpf_ir_jump(pk->b, then);
}

/* A fragment header: only behind that of the first fragment the chain goes on. */
static void pass_fragment(struct chain *c, ffpf_val at, ffpf_block then)
{
	struct search *s = c->s;
	struct fpl_packet *pk = s->pk;
	ffpf_block later = fpl_block(pk), first = fpl_block(pk);
	ffpf_val next = ffpf_ir_load(pk->b, at, 0, 1), behind = fpl_alu(pk, FFPF_ADD, at, 8);

	add_ext(c, EXT_FRAGMENT);
	fpl_set(pk, s->nest, KNOWN_FRAG_AT, at);
	ffpf_ir_var_set(pk->b, c->at, behind);
	ffpf_ir_branch_imm(pk->b, FFPF_SET, 32, ffpf_ir_load(pk->b, at, 2, 2), 0xfff8, later, first);
	fpl_enter(pk, later);
	set_transport(s, next, behind);
	fpl_set(pk, s->nest, KNOWN_EXT, ffpf_ir_hide(pk->b, ffpf_ir_var_get(pk->b, c->ext), 0xff));
	ffpf_ir_jump(pk->b, s->fragment);
	fpl_enter(pk, first);
	ffpf_ir_jump(pk->b, then);
}

/* One extension header, of which it is known that it is one: goes to `then` behind it. */
static void pass_extension(struct chain *c, ffpf_block then)
{
	struct search *s = c->s;
	struct fpl_packet *pk = s->pk;
	ffpf_val next = ffpf_ir_var_get(pk->b, c->next), at = ffpf_ir_var_get(pk->b, c->at);
	ffpf_block fragment = fpl_block(pk), ah = fpl_block(pk), options = fpl_block(pk);

	fpl_check(pk, at, 8, s->none);
	ffpf_ir_var_set(pk->b, c->next, ffpf_ir_load(pk->b, at, 0, 1));
	fpl_if_equal(pk, next, PROTO_FRAGMENT, fragment);
	fpl_if_equal(pk, next, PROTO_AH, ah);
	for (unsigned i = 0; i < 3; i++) {
		ffpf_block other = fpl_block(pk), this = fpl_block(pk);

		ffpf_ir_branch_imm(pk->b, FFPF_EQ, 32, next, extensions[i].protocol, this, other);
		fpl_enter(pk, this);
		add_ext(c, extensions[i].ext);
		ffpf_ir_jump(pk->b, options);
		fpl_enter(pk, other);
	}
	add_ext(c, EXT_MOBILITY);
	ffpf_ir_jump(pk->b, options);
	fpl_enter(pk, options);
	pass_header(c, at, 3, 1, then);
	fpl_enter(pk, ah);
	add_ext(c, EXT_AH);
	pass_header(c, at, 2, 2, then);
	fpl_enter(pk, fragment);
	pass_fragment(c, at, then);
}

/* Goes to `yes` where the next header is an extension header. */
static void test_extensions(struct chain *c, ffpf_block yes)
{
	struct fpl_packet *pk = c->s->pk;
	ffpf_val next = ffpf_ir_var_get(pk->b, c->next);

	for (unsigned i = 0; i < EXTENSIONS; i++)
		fpl_if_equal(pk, next, extensions[i].protocol, yes);
}

/* The chain of extension headers, of which there is one at least. */
static void pass_extensions(struct chain *c)
{
	struct search *s = c->s;
	struct fpl_packet *pk = s->pk;
	ffpf_block end = fpl_block(pk);
	ffpf_val protocol;

	for (unsigned i = 0; i < EXTENSIONS_MAX; i++) {
		ffpf_block behind = fpl_block(pk), again = i + 1 < EXTENSIONS_MAX ? fpl_block(pk) : s->none;
		ffpf_val at;

		pass_extension(c, behind);
		fpl_enter(pk, behind);
		at = ffpf_ir_hide(pk->b, ffpf_ir_var_get(pk->b, c->at), OFFSET_MASK);
		ffpf_ir_var_set(pk->b, c->at, at);
		fpl_require(pk, FFPF_LE, at, NEST_BYTES * (s->nest + 1) - TRANSPORT_MAX, s->none);
		test_extensions(c, again);
		ffpf_ir_jump(pk->b, end);
		if (i + 1 < EXTENSIONS_MAX)
			fpl_enter(pk, again);
	}
	fpl_enter(pk, end);
	protocol = ffpf_ir_var_get(pk->b, c->next);
	set_transport(s, protocol, ffpf_ir_var_get(pk->b, c->at));
	fpl_set(pk, s->nest, KNOWN_EXT, ffpf_ir_hide(pk->b, ffpf_ir_var_get(pk->b, c->ext), 0xff));
	test_protocols(s, protocol, 0, PROTOCOLS, IN_IP6);
	ffpf_ir_jump(pk->b, s->other);
}

static void in_ip6(struct search *s)
{
	struct fpl_packet *pk = s->pk;
	struct chain c = {s, ffpf_ir_var(pk->b), ffpf_ir_var(pk->b), ffpf_ir_var(pk->b)};
	ffpf_val ip = fpl_get(pk, s->nest, KNOWN_L3_AT), next, at;
	ffpf_block some = fpl_block(pk);

	fpl_check(pk, ip, 40, s->none);
	next = ffpf_ir_load(pk->b, ip, 6, 1);
	at = fpl_alu(pk, FFPF_ADD, ip, 40);
	set_transport(s, next, at);
	ffpf_ir_var_set(pk->b, c.next, next);
	ffpf_ir_var_set(pk->b, c.at, at);
	ffpf_ir_var_set(pk->b, c.ext, ffpf_ir_const(pk->b, 0));
	test_protocols(s, next, 0, LIKELY, IN_IP6);
	test_extensions(&c, some);
	test_protocols(s, next, LIKELY, PROTOCOLS, IN_IP6);
	ffpf_ir_jump(pk->b, s->other);
	fpl_enter(pk, some);
	pass_extensions(&c);
}

/* ---- transport headers ----------------------------------------------------------------------- */

static void found(struct search *s, ffpf_block block, unsigned kind, uint32_t size)
{
	struct fpl_packet *pk = s->pk;
	ffpf_val at;

	fpl_enter(pk, block);
	at = ffpf_ir_var_get(pk->b, s->at);
	fpl_set(pk, s->nest, KNOWN_L4_AT, at);
	if (size)
		fpl_check(pk, at, size, s->broken);
	if (kind == L4_TCP) /* five words at least */
		fpl_require(pk, FFPF_GE, ffpf_ir_load(pk->b, at, 12, 1), 0x50, s->broken);
	if (kind == L4_GRE)
		fpl_require(pk, FFPF_LE, fpl_alu(pk, FFPF_AND, ffpf_ir_load(pk->b, at, 0, 2), 7), 1, s->broken);
	if (kind == L4_TCP || kind == L4_UDP || kind == L4_SCTP)
		fpl_note(pk, s->nest, kind == L4_TCP ? HEADER_TCP : kind == L4_UDP ? HEADER_UDP : HEADER_SCTP, at);
	fpl_layer_found(pk, s->nest, KNOWN_L4, kind, s->to);
}

void fpl_layer4(struct fpl_packet *pk, unsigned nest, const ffpf_block *to)
{
	struct search s = {.pk = pk, .nest = nest, .to = to};
	ffpf_block layer3[L3_COUNT], ip, ip6;

	if (!fpl_layer_unknown(pk, nest, KNOWN_L4, L4_COUNT, to))
		return;
	for (unsigned i = 0; i < PROTOCOLS; i++)
		s.found[i] = fpl_block(pk);
	s.other = fpl_block(pk);
	s.broken = fpl_block(pk);
	s.fragment = fpl_block(pk);
	s.none = fpl_block(pk);
	s.at = ffpf_ir_var(pk->b);
	ip = fpl_block(pk);
	ip6 = fpl_block(pk);
	fpl_set_constant(pk, nest, KNOWN_EXT, 0);
	fpl_set_constant(pk, nest, KNOWN_FRAG_AT, 0);
	for (unsigned k = 0; k < L3_COUNT; k++)
		layer3[k] = k == L3_IP ? ip : k == L3_IP6 ? ip6 : s.none;
	fpl_layer3(pk, nest, layer3);
	fpl_enter(pk, ip);
	in_ip(&s);
	fpl_enter(pk, ip6);
	in_ip6(&s);
	for (unsigned i = 0; i < PROTOCOLS; i++)
		found(&s, s.found[i], protocols[i].kind, protocols[i].size);
	found(&s, s.other, L4_OTHER, 0);
	found(&s, s.fragment, L4_FRAGMENT, 0);
	fpl_enter(pk, s.broken);
	fpl_layer_found(pk, nest, KNOWN_L4, L4_BROKEN, to);
	fpl_enter(pk, s.none);
	fpl_layer_found(pk, nest, KNOWN_L4, L4_NONE, to);
}
