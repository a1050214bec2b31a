/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of fpl/packet.h: the table of names, the layers of a packet, what is remembered of them.
 *
 * A packet has layers: 2, where the link or a tunnel says what begins; 3, an IP or ARP header; 4, a transport header;
 *and packets in tunnels have them again (nest 1, 2). Finding a layer ends the current block and goes to one of several
 *that the caller gives, by the layer's kind, so that each kind's code follows straight on what found it:
 *
 *	packet_link.c     layer 2 → 3: EtherTypes, VLAN tags, MPLS labels, link types
 *	packet_ip.c       layer 3 → 4: IPv4, IPv6 and its extension headers
 *	packet_tunnel.c   layer 4 → layer 2 of the next nest: IP in IP, GRE, VXLAN, GENEVE
 *	packet_options.c  TCP options
 *	packet_dns.c      DNS, its first question
 *	packet_payload.c  what follows the transport header; bytes at any offset
 *	packet_hash.c     the number of a conversation
 *	packet_fields.c   names with code of their own
 *	packet_noted.c    values that are loaded where their header is found
 *	packet.c          names → values
 *
 * On every way what was found is written into common variables. A second question for the same layer finds them: where
 * they are known, it costs nothing or a comparison.
 */
#ifndef FPL_PACKET_INSIDE_H
#define FPL_PACKET_INSIDE_H

#include <ffpf/class.h>
#include <fpl/packet.h>

/* ---- names ----------------------------------------------------------------------------------- */

enum fpl_header {
	HEADER_ETH,
	HEADER_VLAN,
	HEADER_VLAN2,
	HEADER_MPLS,
	HEADER_ARP,
	HEADER_IP,
	HEADER_IP6,
	HEADER_IP6_FRAG,
	HEADER_TCP,
	HEADER_OPT,
	HEADER_UDP,
	HEADER_ICMP,
	HEADER_ICMP6,
	HEADER_SCTP,
	HEADER_GRE,
	HEADER_VXLAN,
	HEADER_GENEVE,
	HEADER_DNS,
	HEADER_QUESTION,
	HEADER_PAYLOAD,
	HEADER_PORTS,
	/* no header: only names with code of their own */
	HEADER_ANY_IP,
	HEADER_FLOW,
	HEADERS
};

enum fpl_own {
	OWN_HASH,
	OWN_IP_HLEN,
	OWN_IP_OPTIONS,
	OWN_IP6_PROTO,
	OWN_IP6_HOPOPTS,
	OWN_IP6_ROUTING,
	OWN_IP6_DSTOPTS,
	OWN_IP6_FRAGMENT,
	OWN_IP6_AH,
	OWN_IP6_MOBILITY,
	OWN_SRC,
	OWN_DST,
	OWN_PROTO,
	OWN_SPORT,
	OWN_DPORT,
	OWN_TCP_HLEN,
	OWN_OPT_MSS,
	OWN_OPT_WSCALE,
	OWN_OPT_SACKOK,
	OWN_OPT_SACK,
	OWN_OPT_TS,
	OWN_OPT_TSVAL,
	OWN_OPT_TSECR,
	OWN_OPT_COUNT,
	OWN_OPT_LAYOUT,
	OWN_OPT_EOL,
	OWN_OPT_TRAILING,
	OWN_OPT_BAD,
	OWN_ICMP_ID,
	OWN_ICMP_SEQ,
	OWN_ICMP6_TARGET,
	OWN_GRE_KEY,
	OWN_GRE_SEQ,
	OWN_QNAME_LEN,
	OWN_QNAME_HASH,
	OWN_PAYLOAD_LEN,
};

enum fpl_how { HOW_META, HOW_HEADER, HOW_FIELD, HOW_OWN };

/* FPL_META: enum ffpf_meta, or one of these. */
enum { FFPF_META_CLASS = FFPF_META_COUNT, FFPF_META_VLAN };

struct fpl_field {
	const char *path, *doc;
	uint8_t kind, how, header, inner;
	uint8_t size, shift, bits; /* HOW_FIELD */
	uint8_t needs;
	uint32_t at; /* HOW_FIELD: offset in the header; HOW_META, HOW_OWN: which */
};

extern const struct fpl_field fpl_fields[];
extern const size_t fpl_n_fields;

/* ---- layers ---------------------------------------------------------------------------------- */

enum {
	TYPE_IP = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_ETHERNET = 0x6558, /* in a tunnel */
	TYPE_VLAN = 0x8100,
	TYPE_IP6 = 0x86dd,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MULTICAST = 0x8848,
	TYPE_QINQ = 0x88a8,
	TYPE_QINQ_OLD = 0x9100,
};

/*
 * Common variables of one nest. Of a layer there are three: was it looked for; its kind (from 1); where it begins, for
 * kinds that begin anywhere.
 */
enum fpl_known {
	KNOWN_L2,
	KNOWN_L2_KIND,
	KNOWN_L2_AT,
	KNOWN_L3,
	KNOWN_L3_KIND,
	KNOWN_L3_AT,
	KNOWN_MPLS_AT, /* with layer 3: the first label; 0: none */
	KNOWN_L4,
	KNOWN_L4_KIND,
	KNOWN_L4_AT,
	KNOWN_PROTO,   /* with layer 4: its protocol */
	KNOWN_EXT,     /* … extension headers, EXT_… */
	KNOWN_FRAG_AT, /* … IPv6's fragment header; 0: none */
	KNOWN_PAYLOAD,
	KNOWN_PAYLOAD_KIND,
	KNOWN_PAYLOAD_AT,
	KNOWN_PAYLOAD_END,
	KNOWN_OPT,
	KNOWN_OPT_KIND,
	KNOWN_OPT_AT,
	KNOWN_OPT_FLAGS, /* OPT_… */
	KNOWN_OPT_MSS,
	KNOWN_OPT_WSCALE,
	KNOWN_OPT_SACK,
	KNOWN_OPT_TSVAL,
	KNOWN_OPT_TSECR,
	KNOWN_OPT_COUNT,
	KNOWN_OPT_LAYOUT,
	KNOWN_OPT_EOL,
	KNOWN_DNS,
	KNOWN_DNS_KIND,
	KNOWN_DNS_AT,
	KNOWN_QUESTION,
	KNOWN_QUESTION_KIND,
	KNOWN_QUESTION_AT, /* behind its name */
	/* values that are loaded where their header is found: packet_noted.c */
	KNOWN_IP_FIRST,
	KNOWN_IP_FRAGMENT,
	KNOWN_IP_PROTO,
	KNOWN_IP_SRC,
	KNOWN_IP_DST,
	KNOWN_SRC_HIGH, /* of either kind of IP; IPv4 addresses are mapped */
	KNOWN_SRC_LOW,
	KNOWN_DST_HIGH,
	KNOWN_DST_LOW,
	KNOWN_SPORT,
	KNOWN_DPORT,
	KNOWN_TCP_FLAGS,
	KNOWN_COUNT
};

/* Kinds of layers, from 1. */
enum { L2_NONE = 1, L2_ETHER, L2_IP, L2_IP6, L2_MPLS, L2_COUNT };
enum { L3_NONE = 1, L3_IP, L3_IP6, L3_ARP, L3_COUNT };
enum {
	L4_NONE = 1, /* no IP packet, or its headers don't end */
	L4_BROKEN,   /* not all of its header was captured, or it makes no sense */
	L4_FRAGMENT, /* not the first fragment */
	L4_OTHER,    /* of a protocol without names here */
	L4_TCP,
	L4_UDP,
	L4_ICMP,
	L4_ICMP6,
	L4_SCTP,
	L4_GRE,
	L4_IP,	/* IPv4 begins there */
	L4_IP6, /* IPv6 … */
	L4_COUNT
};
/* DNS, its question, TCP options, payload: there or not. */
enum { IS_ABSENT = 1, IS_THERE, IS_COUNT };
enum { KINDS_MAX = L4_COUNT };

enum { EXT_HOPOPTS = 1, EXT_ROUTING = 2, EXT_DSTOPTS = 4, EXT_FRAGMENT = 8, EXT_AH = 16, EXT_MOBILITY = 32 };
enum {
	OPT_MSS = 1,
	OPT_WSCALE = 2,
	OPT_SACKOK = 4,
	OPT_SACK = 8,
	OPT_TS = 16,
	OPT_EOL = 32,
	OPT_TRAILING = 64,
	OPT_BAD = 128
};

/* Where offsets that were hidden from the kernel's verifier lie below. */
#define OFFSET_MASK 0x1fff
/* Of every nest headers are looked for in this many bytes. */
#define NEST_BYTES 512

struct fpl_packet {
	struct ffpf_builder *b;
	struct ffpf_arena *arena;
	const struct ffpf_source_info *input;
	ffpf_var known[FPL_NESTS][KNOWN_COUNT]; /* + 1; 0: not asked for yet */
};

ffpf_val fpl_get(struct fpl_packet *pk, unsigned nest, enum fpl_known what);
void fpl_set(struct fpl_packet *pk, unsigned nest, enum fpl_known what, ffpf_val x);
void fpl_set_constant(struct fpl_packet *pk, unsigned nest, enum fpl_known what, uint64_t x);

/* A new block, and going on in a block that no further edge will reach. */
static inline ffpf_block fpl_block(struct fpl_packet *pk)
{
	return ffpf_ir_block(pk->b);
}

static inline void fpl_enter(struct fpl_packet *pk, ffpf_block block)
{
	ffpf_ir_seal(pk->b, block);
	ffpf_ir_switch_to(pk->b, block);
}

/* Goes on where the packet has `need` bytes behind base; else to shrt. */
void fpl_check(struct fpl_packet *pk, ffpf_val base, uint32_t need, ffpf_block shrt);
/* Goes to `to` where x == k, and on where not. */
void fpl_if_equal(struct fpl_packet *pk, ffpf_val x, uint64_t k, ffpf_block to);
/* The same for what most packets have: tested first, and not drawn into a search among many cases (opt_switches.c joins
 * tests of one width only). */
void fpl_if_likely(struct fpl_packet *pk, ffpf_val x, uint64_t k, ffpf_block to);
/* Goes on where cond(x, k) holds, in 32 bits; else to `no`. */
void fpl_require(struct fpl_packet *pk, enum ffpf_cond cond, ffpf_val x, uint64_t k, ffpf_block no);

/* An operation of 32 bits with a constant. */
static inline ffpf_val fpl_alu(struct fpl_packet *pk, enum ffpf_alu op, ffpf_val x, uint64_t k)
{
	return ffpf_ir_alu_imm(pk->b, op, 32, x, k);
}

static inline ffpf_val fpl_add(struct fpl_packet *pk, ffpf_val x, ffpf_val y)
{
	return ffpf_ir_alu(pk->b, FFPF_ADD, 32, x, y);
}

/* Goes on where the packet has the header: one of HEADER_IP, IP6, ARP, TCP, UDP … that are a layer of their own. */
void fpl_find_layer_of(struct fpl_packet *pk, unsigned nest, enum fpl_header header, ffpf_block absent);
/* Loads what is noted of a header that was found at `at`, and checked. */
void fpl_note(struct fpl_packet *pk, unsigned nest, enum fpl_header header, ffpf_val at);
/* Is this one of it? */
bool fpl_is_noted(enum fpl_header header, uint32_t at, unsigned size, enum fpl_known *known);
/* Goes on where the packet has the header, with all of its fixed part checked; gives where it begins. */
ffpf_val fpl_find_header(struct fpl_packet *pk, unsigned nest, enum fpl_header header, ffpf_block absent);
/* Goes on where the packet has VLAN tag `number` from 0; gives where it begins. */
ffpf_val fpl_find_tag(struct fpl_packet *pk, unsigned nest, unsigned number, ffpf_block absent);
/* Values of names with code of their own. */
void fpl_own_emit(struct fpl_packet *pk, const struct fpl_field *field, ffpf_block absent, ffpf_val out[2]);
ffpf_val fpl_conversation_emit(struct fpl_packet *pk, unsigned nest, ffpf_block absent);
ffpf_val fpl_hash_name(struct fpl_packet *pk, unsigned nest, ffpf_block absent);
ffpf_val fpl_payload_length(struct fpl_packet *pk, unsigned nest, ffpf_block absent);
/* Where the headers of tunnels begin. */
ffpf_val fpl_find_vxlan(struct fpl_packet *pk, unsigned nest, ffpf_block absent);
ffpf_val fpl_find_geneve(struct fpl_packet *pk, unsigned nest, ffpf_block absent);
/* Of a GRE header at `at`, whose 4 bytes were checked: a field that not all have; where what it carries begins. */
ffpf_val fpl_gre_field(struct fpl_packet *pk, ffpf_val at, bool sequence, ffpf_block absent);
ffpf_val fpl_behind_gre(struct fpl_packet *pk, ffpf_val at);

/*
 * Find a layer of a nest: the current block is ended, and each kind goes to to[kind]. The caller seals these. In
 * to[kind] KNOWN_…_AT is where the layer begins.
 */
void fpl_layer2(struct fpl_packet *pk, unsigned nest, const ffpf_block *to);
void fpl_layer3(struct fpl_packet *pk, unsigned nest, const ffpf_block *to);
void fpl_layer4(struct fpl_packet *pk, unsigned nest, const ffpf_block *to);
void fpl_tcp_options(struct fpl_packet *pk, unsigned nest, const ffpf_block *to);
void fpl_dns(struct fpl_packet *pk, unsigned nest, const ffpf_block *to);
void fpl_question(struct fpl_packet *pk, unsigned nest, const ffpf_block *to);
void fpl_payload(struct fpl_packet *pk, unsigned nest, const ffpf_block *to);
/* What a tunnel of nest - 1 carries: layer 2 of this nest. Called where it was not looked for. */
void fpl_tunnel(struct fpl_packet *pk, unsigned nest, const ffpf_block *to);
/* Was `layer` looked for? Then goes to[its kind] and returns false. Else the builder stands where it has to be done (on
 * some ways it may have been). */
bool fpl_layer_unknown(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, unsigned kinds,
		       const ffpf_block *to);
/* The current way ends with the layer being of this kind; KNOWN_…_AT has been set. */
void fpl_layer_found(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, unsigned kind, const ffpf_block *to);

#endif
