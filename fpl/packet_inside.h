/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of fpl/packet.h: the table of names, the layers of a packet, what is remembered of them.
 *
 * A packet has layers: 2, where the link or a tunnel says what begins; 3, an IP or ARP header; 4, a transport header;
 *and packets in tunnels have them again (nest 1, 2). Finding a layer ends the current block and goes to one of several
 *that the caller gives, by the layer's kind, so that each kind's code follows straight on what found it:
 *
 *	packet_link.c   layer 2 → 3: EtherTypes, VLAN tags, MPLS labels, link types
 *	packet_ip.c     layer 3 → 4: IPv4, IPv6 and its extension headers
 *	packet.c        names → values
 *
 * On every way what was found is written into common variables. A second question for the same layer finds them: where
 * they are known, it costs nothing or a comparison.
 */
#ifndef FPL_PACKET_INSIDE_H
#define FPL_PACKET_INSIDE_H

#include <ffpf/class.h>
#include <fpl/packet.h>

/* ---- names ----------------------------------------------------------------------------------- */

enum fpl_header { HEADER_META, HEADER_ETH, HEADER_IP, HEADER_IP6, HEADER_TCP, HEADER_UDP, HEADERS };

enum fpl_how { HOW_META, HOW_HEADER, HOW_FIELD, HOW_OWN };

/* FPL_META: enum ffpf_meta, or one of these. */
enum { FFPF_META_CLASS = FFPF_META_COUNT };

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

/* Common variables of one nest. */
enum fpl_known {
	KNOWN_L2, /* was the layer looked for? */
	KNOWN_L2_KIND,
	KNOWN_L2_AT, /* where it begins */
	KNOWN_L3,
	KNOWN_L3_KIND,
	KNOWN_L3_AT,
	KNOWN_L4,
	KNOWN_L4_KIND,
	KNOWN_L4_AT,
	KNOWN_PROTO, /* protocol of layer 4 */
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
	L4_COUNT
};
enum { LX_COUNT = 32 };

/* Where offsets that were hidden from the kernel's verifier lie below. */
#define OFFSET_MASK 0xfff

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
/* Goes on where cond(x, k) holds, in 32 bits; else to `no`. */
void fpl_require(struct fpl_packet *pk, enum ffpf_cond cond, ffpf_val x, uint64_t k, ffpf_block no);

/*
 * Find a layer of a nest: the current block is ended, and each kind goes to to[kind]. The caller seals these. In
 * to[kind] KNOWN_…_AT is where the layer begins.
 */
void fpl_layer2(struct fpl_packet *pk, unsigned nest, const ffpf_block *to);
void fpl_layer3(struct fpl_packet *pk, unsigned nest, const ffpf_block *to);
void fpl_layer4(struct fpl_packet *pk, unsigned nest, const ffpf_block *to);
/* Was `layer` looked for? Then goes to[its kind] and returns false. Else the builder stands where it has to be done (on
 * some ways it may have been). */
bool fpl_layer_unknown(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, unsigned kinds,
		       const ffpf_block *to);
/* The current way ends with the layer being of this kind; KNOWN_…_AT has been set. */
void fpl_layer_found(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, unsigned kind, const ffpf_block *to);

#endif
