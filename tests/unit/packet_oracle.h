/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the names of FPL mean, once more: a plain parser in C, which shares nothing with fpl/ but the names. It finds
 * the headers of a packet and of those within it, and gives the value of a name.
 */
#ifndef FFPF_TESTS_PACKET_ORACLE_H
#define FFPF_TESTS_PACKET_ORACLE_H

#include <sys/types.h>
#include <pcap/dlt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ORACLE_NESTS = 3 };

/* Offsets; -1: not there. */
struct oracle_nest {
	bool any; /* there is such a packet */
	int eth, vlan[2], mpls, arp, ip, ip6, frag6;
	int protocol; /* -1: the headers don't end */
	unsigned extensions;
	bool later, piece; /* not the first fragment; a fragment at all */
	int transport;	   /* where it would begin */
	int tcp, udp, icmp, icmp6, sctp, gre, vxlan, geneve, dns, question;
	int payload, payload_end;
};

struct oracle_options {
	bool there, mss_there, wscale_there, sack_there, ts, sackok, eol_there, trailing, bad;
	unsigned mss, wscale, sack, count, eol;
	uint32_t tsval, tsecr;
	uint64_t layout;
};

struct oracle_packet {
	const uint8_t *p;
	int caplen, len;
	struct oracle_nest nest[ORACLE_NESTS];
};

static inline uint64_t oracle_be(const struct oracle_packet *o, int at, unsigned n)
{
	uint64_t x = 0;

	for (unsigned i = 0; i < n; i++) {
		if (at < 0 || at + (int)i >= o->caplen)
			abort(); /* the oracle itself looks beyond the packet */
		x = x << 8 | o->p[at + (int)i];
	}
	return x;
}

static inline bool oracle_has(const struct oracle_packet *o, int at, int n)
{
	return at + n <= o->caplen;
}

static inline bool oracle_is_tag(unsigned type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

static inline void oracle_l2(struct oracle_packet *o, unsigned n, int at);

/* ---- transport ------------------------------------------------------------------------------- */

static inline void oracle_network(struct oracle_packet *o, unsigned n, int at, unsigned version);
static inline void oracle_labels(struct oracle_packet *o, unsigned n, int at);

static inline void oracle_inner(struct oracle_packet *o, unsigned n, int at, unsigned type)
{
	if (n >= ORACLE_NESTS || at > (int)(512 * n))
		return;
	switch (type) {
	case 0x6558:
		if (oracle_has(o, at, 14)) {
			o->nest[n].any = true;
			oracle_l2(o, n, at);
		}
		break;
	case 0x0800:
	case 0x86dd:
		o->nest[n].any = true;
		oracle_network(o, n, at, type == 0x0800 ? 4 : 6);
		break;
	case 0x8847:
	case 0x8848:
		o->nest[n].any = true;
		oracle_labels(o, n, at);
		break;
	}
}

static inline void oracle_gre(struct oracle_packet *o, unsigned n, int at)
{
	struct oracle_nest *x = &o->nest[n];
	unsigned flags;

	if (!oracle_has(o, at, 4))
		return;
	flags = (unsigned)oracle_be(o, at, 2);
	if ((flags & 7) > 1)
		return;
	x->gre = at;
	x->payload = at + 4 + (flags & 0x8000 ? 4 : 0) + (flags & 0x2000 ? 4 : 0) + (flags & 0x1000 ? 4 : 0);
	if (!(flags & 7) && !(flags & 0x4000))
		oracle_inner(o, n + 1, x->payload, (unsigned)oracle_be(o, at + 2, 2));
}

/* The question's name: where it ends, or -1. */
static inline int oracle_name(const struct oracle_packet *o, int at)
{
	int begin = at;

	for (unsigned labels = 0; labels < 40; labels++) {
		unsigned length;

		if (!oracle_has(o, at, 1))
			return -1;
		length = (unsigned)oracle_be(o, at, 1);
		at += (int)length + 1;
		if (!length)
			return at - begin <= 255 ? at : -1;
		if (length > 63)
			return -1;
	}
	return -1;
}

static inline void oracle_dns(struct oracle_packet *o, unsigned n, int at)
{
	struct oracle_nest *x = &o->nest[n];

	if (!oracle_has(o, at, 12))
		return;
	x->dns = at;
	if (!oracle_be(o, at + 4, 2))
		return;
	x->question = oracle_name(o, at + 12);
	if (x->question >= 0 && !oracle_has(o, x->question, 4))
		x->question = -1;
}

static inline void oracle_udp(struct oracle_packet *o, unsigned n, int at)
{
	struct oracle_nest *x = &o->nest[n];
	unsigned sport, dport, first;

	if (!oracle_has(o, at, 8))
		return;
	x->udp = at;
	x->payload = at + 8;
	sport = (unsigned)oracle_be(o, at, 2);
	dport = (unsigned)oracle_be(o, at + 2, 2);
	at += 8;
	if (sport == 53 || dport == 53 || sport == 5353 || dport == 5353)
		oracle_dns(o, n, at);
	if (!oracle_has(o, at, 8))
		return;
	first = (unsigned)oracle_be(o, at, 1);
	if ((dport == 4789 || dport == 8472) && first & 8) {
		x->vxlan = at;
		oracle_inner(o, n + 1, at + 8, 0x6558);
	} else if (dport == 6081 && first >> 6 == 0) {
		x->geneve = at;
		oracle_inner(o, n + 1, at + 8 + 4 * (int)(first & 63), (unsigned)oracle_be(o, at + 2, 2));
	}
}

static inline void oracle_tcp(struct oracle_packet *o, unsigned n, int at)
{
	struct oracle_nest *x = &o->nest[n];
	int words;

	if (!oracle_has(o, at, 20))
		return;
	words = (int)oracle_be(o, at + 12, 1) >> 4;
	if (words < 5)
		return;
	x->tcp = at;
	x->payload = at + 4 * words;
	if (oracle_be(o, at, 2) == 53 || oracle_be(o, at + 2, 2) == 53)
		oracle_dns(o, n, x->payload + 2);
}

/* A header of fixed size. */
static inline void oracle_fixed(struct oracle_packet *o, struct oracle_nest *x, int *header, int at, int size)
{
	if (!oracle_has(o, at, size))
		return;
	*header = at;
	x->payload = at + size;
}

static inline void oracle_transport(struct oracle_packet *o, unsigned n)
{
	struct oracle_nest *x = &o->nest[n];
	int at = x->transport;

	if (x->later) {
		x->payload = at;
		return;
	}
	switch (x->protocol) {
	case 6:
		oracle_tcp(o, n, at);
		break;
	case 17:
		oracle_udp(o, n, at);
		break;
	case 132:
		oracle_fixed(o, x, &x->sctp, at, 12);
		break;
	case 47:
		oracle_gre(o, n, at);
		break;
	case 4:
	case 41:
		x->payload = at;
		oracle_inner(o, n + 1, at, x->protocol == 4 ? 0x0800 : 0x86dd);
		break;
	case 1:
		if (x->ip >= 0)
			oracle_fixed(o, x, &x->icmp, at, 8);
		else
			x->payload = at;
		break;
	case 58:
		if (x->ip6 >= 0)
			oracle_fixed(o, x, &x->icmp6, at, 8);
		else
			x->payload = at;
		break;
	default:
		x->payload = at;
		break;
	}
}

/* ---- network --------------------------------------------------------------------------------- */

static inline void oracle_end(struct oracle_packet *o, struct oracle_nest *x, int at, int length, int extra)
{
	x->payload_end = o->len;
	if (length && at + extra + length < o->len)
		x->payload_end = at + extra + length;
}

static inline void oracle_ip(struct oracle_packet *o, unsigned n, int at)
{
	struct oracle_nest *x = &o->nest[n];
	unsigned first, fragment;

	if (!oracle_has(o, at, 20))
		return;
	first = (unsigned)oracle_be(o, at, 1);
	if (first >> 4 != 4 || (first & 15) < 5)
		return;
	x->ip = at;
	fragment = (unsigned)oracle_be(o, at + 6, 2);
	x->later = fragment & 0x1fff;
	x->piece = fragment & 0x3fff;
	x->protocol = (int)oracle_be(o, at + 9, 1);
	x->transport = at + (int)(first & 15) * 4;
	oracle_end(o, x, at, (int)oracle_be(o, at + 2, 2), 0);
	oracle_transport(o, n);
}

static inline int oracle_extension(unsigned protocol)
{
	switch (protocol) {
	case 0:
		return 1;
	case 43:
		return 2;
	case 60:
		return 4;
	case 44:
		return 8;
	case 51:
		return 16;
	case 135:
	case 139:
	case 140:
		return 32;
	default:
		return 0;
	}
}

static inline void oracle_ip6(struct oracle_packet *o, unsigned n, int at)
{
	struct oracle_nest *x = &o->nest[n];
	unsigned next, passed = 0;

	if (!oracle_has(o, at, 40) || oracle_be(o, at, 1) >> 4 != 6)
		return;
	x->ip6 = at;
	oracle_end(o, x, at, (int)oracle_be(o, at + 4, 2), 40);
	next = (unsigned)oracle_be(o, at + 6, 1);
	at += 40;
	while (oracle_extension(next)) {
		unsigned kind = next;

		if (passed++ == 8 || !oracle_has(o, at, 8))
			return;
		x->extensions |= (unsigned)oracle_extension(kind);
		next = (unsigned)oracle_be(o, at, 1);
		if (kind == 44) {
			x->piece = true;
			x->frag6 = at;
			x->later = oracle_be(o, at + 2, 2) & 0xfff8;
			at += 8;
			if (x->later)
				break;
		} else {
			at += kind == 51 ? ((int)oracle_be(o, at + 1, 1) + 2) * 4
					 : ((int)oracle_be(o, at + 1, 1) + 1) * 8;
		}
		if (at > (int)(512 * (n + 1) - 64))
			return;
	}
	x->protocol = (int)next;
	x->transport = at;
	oracle_transport(o, n);
}

static inline void oracle_network(struct oracle_packet *o, unsigned n, int at, unsigned version)
{
	if (version == 4)
		oracle_ip(o, n, at);
	else if (version == 6)
		oracle_ip6(o, n, at);
}

static inline void oracle_labels(struct oracle_packet *o, unsigned n, int at)
{
	if (oracle_has(o, at, 4))
		o->nest[n].mpls = at;
	for (unsigned i = 0; i < 8; i++, at += 4) {
		if (!oracle_has(o, at, 4))
			return;
		if (oracle_be(o, at + 2, 1) & 1) {
			if (oracle_has(o, at + 4, 1))
				oracle_network(o, n, at + 4, (unsigned)oracle_be(o, at + 4, 1) >> 4);
			return;
		}
	}
}

/* ---- links ----------------------------------------------------------------------------------- */

static inline void oracle_type(struct oracle_packet *o, unsigned n, int type_at, int at)
{
	struct oracle_nest *x = &o->nest[n];
	unsigned type, tags = 0;

	if (!oracle_has(o, at, 0) || !oracle_has(o, type_at, 2))
		return;
	type = (unsigned)oracle_be(o, type_at, 2);
	for (; oracle_is_tag(type); tags++, at += 4) {
		if (!oracle_has(o, at, 4))
			return;
		if (tags < 2)
			x->vlan[tags] = at;
		if (tags == 4)
			return;
		type = (unsigned)oracle_be(o, at + 2, 2);
	}
	if (type == 0x0800)
		oracle_network(o, n, at, 4);
	else if (type == 0x86dd)
		oracle_network(o, n, at, 6);
	else if (type == 0x8847 || type == 0x8848)
		oracle_labels(o, n, at);
	else if (type == 0x0806 && oracle_has(o, at, 28) && oracle_be(o, at, 6) == 0x000108000604)
		x->arp = at;
}

static inline void oracle_l2(struct oracle_packet *o, unsigned n, int at)
{
	if (!oracle_has(o, at, 14))
		return;
	o->nest[n].eth = at;
	oracle_type(o, n, at + 12, at + 14);
}

static inline void oracle_family(struct oracle_packet *o, bool little)
{
	uint32_t family;

	if (!oracle_has(o, 0, 4))
		return;
	family = (uint32_t)oracle_be(o, 0, 4);
	if (little)
		family = __builtin_bswap32(family);
	oracle_network(o, 0, 4, family == 2 ? 4 : family == 10 || family == 24 || family == 28 || family == 30 ? 6 : 0);
}

static inline void oracle_ppp(struct oracle_packet *o)
{
	unsigned protocol;

	if (!oracle_has(o, 0, 4))
		return;
	protocol = (unsigned)oracle_be(o, 2, 2);
	if (protocol == 0x0281 || protocol == 0x0283)
		oracle_labels(o, 0, 4);
	else
		oracle_network(o, 0, 4, protocol == 0x21 ? 4 : protocol == 0x57 ? 6 : 0);
}

static inline void oracle_parse(struct oracle_packet *o, const uint8_t *bytes, uint32_t caplen, uint32_t len,
				int linktype)
{
	memset(o, 0, sizeof(*o));
	o->p = bytes;
	o->caplen = (int)caplen;
	o->len = (int)len;
	for (unsigned n = 0; n < ORACLE_NESTS; n++) {
		struct oracle_nest *x = &o->nest[n];

		memset(&x->eth, 0xff, (size_t)((char *)(&x->payload_end + 1) - (char *)&x->eth));
		x->extensions = 0;
		x->later = x->piece = false;
	}
	o->nest[0].any = true;
	switch (linktype) {
	case DLT_EN10MB:
		oracle_l2(o, 0, 0);
		break;
	case DLT_LINUX_SLL:
		oracle_type(o, 0, 14, 16);
		break;
	case DLT_LINUX_SLL2:
		oracle_type(o, 0, 0, 20);
		break;
	case DLT_C_HDLC:
		oracle_type(o, 0, 2, 4);
		break;
	case DLT_RAW:
		if (oracle_has(o, 0, 1))
			oracle_network(o, 0, 0, (unsigned)oracle_be(o, 0, 1) >> 4);
		break;
	case DLT_IPV4:
		oracle_network(o, 0, 0, 4);
		break;
	case DLT_IPV6:
		oracle_network(o, 0, 0, 6);
		break;
	case DLT_NULL:
		oracle_family(o, true);
		break;
	case DLT_LOOP:
		oracle_family(o, false);
		break;
	case DLT_PPP:
	case DLT_PPP_SERIAL:
		oracle_ppp(o);
		break;
	}
}

/* ---- TCP options ----------------------------------------------------------------------------- */

static inline uint64_t oracle_layout(uint64_t layout, unsigned x)
{
	return (layout ^ x) * 0x100000001b3u;
}

static inline void oracle_option(const struct oracle_packet *o, struct oracle_options *x, int at, unsigned kind,
				 unsigned length)
{
	if (kind == 2 && length == 4) {
		x->mss_there = true;
		x->mss = (unsigned)oracle_be(o, at + 2, 2);
	} else if (kind == 3 && length == 3) {
		x->wscale_there = true;
		x->wscale = (unsigned)oracle_be(o, at + 2, 1);
	} else if (kind == 4 && length == 2) {
		x->sackok = true;
	} else if (kind == 5 && length >= 10 && length % 8 == 2) {
		x->sack_there = true;
		x->sack = length / 8;
	} else if (kind == 8 && length == 10) {
		x->ts = true;
		x->tsval = (uint32_t)oracle_be(o, at + 2, 4);
		x->tsecr = (uint32_t)oracle_be(o, at + 6, 4);
	} else if ((kind >= 2 && kind <= 5) || kind == 8) {
		x->bad = true;
	}
}

static inline void oracle_options(const struct oracle_packet *o, unsigned n, struct oracle_options *x)
{
	int tcp = o->nest[n].tcp, at = tcp + 20, end;

	memset(x, 0, sizeof(*x));
	if (tcp < 0)
		return;
	end = tcp + (int)(oracle_be(o, tcp + 12, 1) >> 4) * 4;
	if (end > o->caplen)
		return;
	x->there = true;
	x->layout = 0xcbf29ce484222325u;
	for (; at < end; x->count++) {
		unsigned kind = (unsigned)oracle_be(o, at, 1), length = 1;

		if (x->count == 24) {
			x->bad = true;
			return;
		}
		x->layout = oracle_layout(x->layout, kind);
		if (kind == 0) {
			x->count++;
			x->eol_there = true;
			x->eol = (unsigned)(end - at - 1);
			x->layout = oracle_layout(x->layout, x->eol);
			for (at++; at < end; at++)
				x->trailing |= oracle_be(o, at, 1) != 0;
			return;
		}
		if (kind != 1) {
			length = at + 2 <= end ? (unsigned)oracle_be(o, at + 1, 1) : 0;
			if (length < 2 || at + (int)length > end) {
				x->count++;
				x->bad = true;
				return;
			}
			oracle_option(o, x, at, kind, length);
		}
		at += (int)length;
	}
}

/* ---- values ---------------------------------------------------------------------------------- */

static inline uint64_t oracle_fold(uint64_t x, uint64_t factor)
{
	x *= factor;
	return x ^ x >> 32;
}

static inline uint64_t oracle_hash_end(uint64_t high, uint64_t low, uint64_t port)
{
	uint64_t x = oracle_fold(high + 1, 0xff51afd7ed558ccdu);

	x = oracle_fold(x + low, 0xc4ceb9fe1a85ec53u);
	return oracle_fold(x + port, 0xbf58476d1ce4e5b9u);
}

static inline uint32_t oracle_hash(const struct oracle_packet *o, const struct oracle_nest *x)
{
	uint64_t high[2] = {0, 0}, low[2] = {0, 0}, port[2] = {0, 0}, protocol = 0;
	bool ports = (x->protocol == 6 || x->protocol == 17 || x->protocol == 132 || x->protocol == 33 ||
		      x->protocol == 136) &&
		     oracle_has(o, x->transport, 4);

	if (x->ip >= 0 || x->ip6 >= 0) {
		protocol = x->protocol < 0 ? 255 : (uint64_t)x->protocol;
		for (int i = 0; i < 2; i++) {
			if (x->ip >= 0)
				low[i] = oracle_be(o, x->ip + 12 + 4 * i, 4);
			else {
				high[i] = oracle_be(o, x->ip6 + 8 + 16 * i, 8);
				low[i] = oracle_be(o, x->ip6 + 16 + 16 * i, 8);
			}
			if (ports && !x->piece)
				port[i] = oracle_be(o, x->transport + 2 * i, 2);
		}
	} else if (x->eth >= 0) {
		low[0] = oracle_be(o, x->eth + 6, 6);
		low[1] = oracle_be(o, x->eth, 6);
		protocol = oracle_be(o, x->eth + 12, 2) << 8;
	}
	protocol = (uint32_t)oracle_fold(oracle_hash_end(high[0], low[0], port[0]) +
						 oracle_hash_end(high[1], low[1], port[1]) + protocol,
					 0xff51afd7ed558ccdu);
	return protocol ? (uint32_t)protocol : 1;
}

static inline uint64_t oracle_name_hash(const struct oracle_packet *o, int at, int end)
{
	uint64_t hash = (uint64_t)(end - at);

	for (; at < end; at += 8) {
		uint64_t word = 0;

		for (int k = at; k < at + 8; k++) {
			uint64_t byte = k < end ? oracle_be(o, k, 1) : 0;

			word = word << 8 | (byte & 0x40 ? byte | 0x20 : byte);
		}
		hash = oracle_fold(hash ^ word, 0xff51afd7ed558ccdu);
	}
	return hash;
}

/* Does the packet have it? Then its value. path: without "inner.". */
static inline bool oracle_value(const struct oracle_packet *o, unsigned n, const char *path, uint64_t out[2])
{
	const struct oracle_nest *x = &o->nest[n];
	struct oracle_options t;
	int any_ip = x->ip >= 0 ? x->ip : x->ip6;
	int ports = x->tcp >= 0 ? x->tcp : x->udp >= 0 ? x->udp : x->sctp;
	bool known = x->ip6 >= 0 && x->protocol >= 0; /* IPv6 whose headers end */

	out[0] = out[1] = 0;
	oracle_options(o, n, &t);
#define IS(name) (strcmp(path, name) == 0)
#define VALUE(name, there, value)                                                                                      \
	if (IS(name)) {                                                                                                \
		if (!(there))                                                                                          \
			return false;                                                                                  \
		out[0] = (value);                                                                                      \
		return true;                                                                                           \
	}
#define HEADER(name, at) VALUE(name, (at) >= 0, 0)
/* bits: of the n bytes at header + offset, above shift */
#define BITS(name, header, offset, bytes, shift, mask)                                                                 \
	VALUE(name, (header) >= 0, oracle_be(o, (header) + (offset), (bytes)) >> (shift) & (mask))
#define ADDRESS6(name, header, offset, there)                                                                          \
	if (IS(name)) {                                                                                                \
		if ((header) < 0 || !(there))                                                                          \
			return false;                                                                                  \
		out[0] = oracle_be(o, (header) + (offset), 8);                                                         \
		out[1] = oracle_be(o, (header) + (offset) + 8, 8);                                                     \
		return true;                                                                                           \
	}
#define WHOLE UINT64_MAX
	VALUE("len", true, (uint64_t)o->len)
	VALUE("caplen", true, (uint64_t)o->caplen)
	BITS("vlan_tci", x->vlan[0], 0, 2, 0, WHOLE)
	VALUE("hash", x->any, oracle_hash(o, x))
	HEADER("eth", x->eth)
	BITS("eth.dst", x->eth, 0, 6, 0, WHOLE)
	BITS("eth.src", x->eth, 6, 6, 0, WHOLE)
	BITS("eth.type", x->eth, 12, 2, 0, WHOLE)
	HEADER("vlan", x->vlan[0])
	BITS("vlan.id", x->vlan[0], 0, 2, 0, 0xfff)
	BITS("vlan.pcp", x->vlan[0], 0, 2, 13, 7)
	BITS("vlan.dei", x->vlan[0], 0, 2, 12, 1)
	BITS("vlan.type", x->vlan[0], 2, 2, 0, WHOLE)
	HEADER("vlan2", x->vlan[1])
	BITS("vlan2.id", x->vlan[1], 0, 2, 0, 0xfff)
	BITS("vlan2.pcp", x->vlan[1], 0, 2, 13, 7)
	BITS("vlan2.dei", x->vlan[1], 0, 2, 12, 1)
	BITS("vlan2.type", x->vlan[1], 2, 2, 0, WHOLE)
	HEADER("mpls", x->mpls)
	BITS("mpls.label", x->mpls, 0, 4, 12, 0xfffff)
	BITS("mpls.tc", x->mpls, 2, 1, 1, 7)
	BITS("mpls.bottom", x->mpls, 2, 1, 0, 1)
	BITS("mpls.ttl", x->mpls, 3, 1, 0, WHOLE)
	HEADER("arp", x->arp)
	BITS("arp.op", x->arp, 6, 2, 0, WHOLE)
	BITS("arp.sha", x->arp, 8, 6, 0, WHOLE)
	BITS("arp.spa", x->arp, 14, 4, 0, WHOLE)
	BITS("arp.tha", x->arp, 18, 6, 0, WHOLE)
	BITS("arp.tpa", x->arp, 24, 4, 0, WHOLE)
	HEADER("ip", x->ip)
	VALUE("ip.version", x->ip >= 0, 4)
	BITS("ip.ihl", x->ip, 0, 1, 0, 15)
	VALUE("ip.hlen", x->ip >= 0, (oracle_be(o, x->ip, 1) & 15) * 4)
	VALUE("ip.options", x->ip >= 0, (oracle_be(o, x->ip, 1) & 15) * 4 - 20)
	BITS("ip.tos", x->ip, 1, 1, 0, WHOLE)
	BITS("ip.dscp", x->ip, 1, 1, 2, WHOLE)
	BITS("ip.ecn", x->ip, 1, 1, 0, 3)
	BITS("ip.len", x->ip, 2, 2, 0, WHOLE)
	BITS("ip.id", x->ip, 4, 2, 0, WHOLE)
	BITS("ip.reserved", x->ip, 6, 1, 7, 1)
	BITS("ip.df", x->ip, 6, 1, 6, 1)
	BITS("ip.mf", x->ip, 6, 1, 5, 1)
	BITS("ip.frag", x->ip, 6, 2, 0, 0x1fff)
	BITS("ip.ttl", x->ip, 8, 1, 0, WHOLE)
	BITS("ip.proto", x->ip, 9, 1, 0, WHOLE)
	BITS("ip.checksum", x->ip, 10, 2, 0, WHOLE)
	BITS("ip.src", x->ip, 12, 4, 0, WHOLE)
	BITS("ip.dst", x->ip, 16, 4, 0, WHOLE)
	HEADER("ip6", x->ip6)
	VALUE("ip6.version", x->ip6 >= 0, 6)
	BITS("ip6.tos", x->ip6, 0, 2, 4, 0xff)
	BITS("ip6.dscp", x->ip6, 0, 2, 6, 0x3f)
	BITS("ip6.ecn", x->ip6, 0, 2, 4, 3)
	BITS("ip6.flow", x->ip6, 0, 4, 0, 0xfffff)
	BITS("ip6.len", x->ip6, 4, 2, 0, WHOLE)
	BITS("ip6.next", x->ip6, 6, 1, 0, WHOLE)
	BITS("ip6.hops", x->ip6, 7, 1, 0, WHOLE)
	ADDRESS6("ip6.src", x->ip6, 8, true)
	ADDRESS6("ip6.dst", x->ip6, 24, true)
	VALUE("ip6.proto", known, (uint64_t)x->protocol)
	VALUE("ip6.hopopts", known, x->extensions & 1)
	VALUE("ip6.routing", known, x->extensions >> 1 & 1)
	VALUE("ip6.dstopts", known, x->extensions >> 2 & 1)
	VALUE("ip6.fragment", known, x->extensions >> 3 & 1)
	VALUE("ip6.ah", known, x->extensions >> 4 & 1)
	VALUE("ip6.mobility", known, x->extensions >> 5 & 1)
	VALUE("ip6.frag", known && x->frag6 >= 0, oracle_be(o, x->frag6 + 2, 2) >> 3)
	VALUE("ip6.mf", known && x->frag6 >= 0, oracle_be(o, x->frag6 + 2, 2) & 1)
	VALUE("ip6.fragid", known && x->frag6 >= 0, oracle_be(o, x->frag6 + 4, 4))
	if ((IS("src") || IS("dst")) && x->ip >= 0) {
		out[1] = 0xffff00000000 | oracle_be(o, x->ip + (IS("src") ? 12 : 16), 4);
		return true;
	}
	ADDRESS6("src", x->ip6, 8, true)
	ADDRESS6("dst", x->ip6, 24, true)
	VALUE("proto", any_ip >= 0 && x->protocol >= 0, (uint64_t)x->protocol)
	BITS("sport", ports, 0, 2, 0, WHOLE)
	BITS("dport", ports, 2, 2, 0, WHOLE)
	HEADER("tcp", x->tcp)
	BITS("tcp.sport", x->tcp, 0, 2, 0, WHOLE)
	BITS("tcp.dport", x->tcp, 2, 2, 0, WHOLE)
	BITS("tcp.seq", x->tcp, 4, 4, 0, WHOLE)
	BITS("tcp.ack", x->tcp, 8, 4, 0, WHOLE)
	BITS("tcp.doff", x->tcp, 12, 1, 4, WHOLE)
	VALUE("tcp.hlen", x->tcp >= 0, (oracle_be(o, x->tcp + 12, 1) >> 4) * 4)
	BITS("tcp.reserved", x->tcp, 12, 1, 0, 15)
	BITS("tcp.flags", x->tcp, 13, 1, 0, WHOLE)
	BITS("tcp.fin", x->tcp, 13, 1, 0, 1)
	BITS("tcp.syn", x->tcp, 13, 1, 1, 1)
	BITS("tcp.rst", x->tcp, 13, 1, 2, 1)
	BITS("tcp.psh", x->tcp, 13, 1, 3, 1)
	BITS("tcp.ack_flag", x->tcp, 13, 1, 4, 1)
	BITS("tcp.urg", x->tcp, 13, 1, 5, 1)
	BITS("tcp.ece", x->tcp, 13, 1, 6, 1)
	BITS("tcp.cwr", x->tcp, 13, 1, 7, 1)
	BITS("tcp.window", x->tcp, 14, 2, 0, WHOLE)
	BITS("tcp.checksum", x->tcp, 16, 2, 0, WHOLE)
	BITS("tcp.urgent", x->tcp, 18, 2, 0, WHOLE)
	VALUE("tcp.opt", t.there, 0)
	VALUE("tcp.opt.mss", t.mss_there, t.mss)
	VALUE("tcp.opt.wscale", t.wscale_there, t.wscale)
	VALUE("tcp.opt.sackok", t.there, t.sackok)
	VALUE("tcp.opt.sack", t.sack_there, t.sack)
	VALUE("tcp.opt.ts", t.there, t.ts)
	VALUE("tcp.opt.tsval", t.ts, t.tsval)
	VALUE("tcp.opt.tsecr", t.ts, t.tsecr)
	VALUE("tcp.opt.count", t.there, t.count)
	VALUE("tcp.opt.layout", t.there, t.layout)
	VALUE("tcp.opt.eol", t.eol_there, t.eol)
	VALUE("tcp.opt.trailing", t.there, t.trailing)
	VALUE("tcp.opt.bad", t.there, t.bad)
	HEADER("udp", x->udp)
	BITS("udp.sport", x->udp, 0, 2, 0, WHOLE)
	BITS("udp.dport", x->udp, 2, 2, 0, WHOLE)
	BITS("udp.len", x->udp, 4, 2, 0, WHOLE)
	BITS("udp.checksum", x->udp, 6, 2, 0, WHOLE)
	HEADER("icmp", x->icmp)
	BITS("icmp.type", x->icmp, 0, 1, 0, WHOLE)
	BITS("icmp.code", x->icmp, 1, 1, 0, WHOLE)
	BITS("icmp.checksum", x->icmp, 2, 2, 0, WHOLE)
	if (IS("icmp.id") || IS("icmp.seq")) {
		unsigned type = x->icmp >= 0 ? (unsigned)oracle_be(o, x->icmp, 1) : 255;

		if (type != 0 && type != 8 && (type < 13 || type > 18))
			return false;
		out[0] = oracle_be(o, x->icmp + (IS("icmp.id") ? 4 : 6), 2);
		return true;
	}
	HEADER("icmp6", x->icmp6)
	BITS("icmp6.type", x->icmp6, 0, 1, 0, WHOLE)
	BITS("icmp6.code", x->icmp6, 1, 1, 0, WHOLE)
	BITS("icmp6.checksum", x->icmp6, 2, 2, 0, WHOLE)
	VALUE("icmp6.id", x->icmp6 >= 0 && oracle_be(o, x->icmp6, 1) >> 1 == 64, oracle_be(o, x->icmp6 + 4, 2))
	VALUE("icmp6.seq", x->icmp6 >= 0 && oracle_be(o, x->icmp6, 1) >> 1 == 64, oracle_be(o, x->icmp6 + 6, 2))
	ADDRESS6("icmp6.target", x->icmp6, 8,
		 oracle_has(o, x->icmp6, 24) && (oracle_be(o, x->icmp6, 1) == 135 || oracle_be(o, x->icmp6, 1) == 136))
	HEADER("sctp", x->sctp)
	BITS("sctp.sport", x->sctp, 0, 2, 0, WHOLE)
	BITS("sctp.dport", x->sctp, 2, 2, 0, WHOLE)
	BITS("sctp.vtag", x->sctp, 4, 4, 0, WHOLE)
	BITS("sctp.checksum", x->sctp, 8, 4, 0, WHOLE)
	HEADER("gre", x->gre)
	BITS("gre.version", x->gre, 1, 1, 0, 7)
	BITS("gre.proto", x->gre, 2, 2, 0, WHOLE)
	if (IS("gre.key") || IS("gre.seq")) {
		unsigned flags = x->gre >= 0 ? (unsigned)oracle_be(o, x->gre, 2) : 0;
		int at = x->gre + 4 + (flags & 0x8000 ? 4 : 0) + (IS("gre.seq") && flags & 0x2000 ? 4 : 0);

		if (!(flags & (IS("gre.key") ? 0x2000 : 0x1000)) || !oracle_has(o, at, 4))
			return false;
		out[0] = oracle_be(o, at, 4);
		return true;
	}
	HEADER("vxlan", x->vxlan)
	BITS("vxlan.vni", x->vxlan, 4, 3, 0, WHOLE)
	HEADER("geneve", x->geneve)
	BITS("geneve.vni", x->geneve, 4, 3, 0, WHOLE)
	BITS("geneve.proto", x->geneve, 2, 2, 0, WHOLE)
	HEADER("dns", x->dns)
	BITS("dns.id", x->dns, 0, 2, 0, WHOLE)
	BITS("dns.qr", x->dns, 2, 1, 7, 1)
	BITS("dns.opcode", x->dns, 2, 1, 3, 15)
	BITS("dns.aa", x->dns, 2, 1, 2, 1)
	BITS("dns.tc", x->dns, 2, 1, 1, 1)
	BITS("dns.rd", x->dns, 2, 1, 0, 1)
	BITS("dns.ra", x->dns, 3, 1, 7, 1)
	BITS("dns.rcode", x->dns, 3, 1, 0, 15)
	BITS("dns.qdcount", x->dns, 4, 2, 0, WHOLE)
	BITS("dns.ancount", x->dns, 6, 2, 0, WHOLE)
	BITS("dns.nscount", x->dns, 8, 2, 0, WHOLE)
	BITS("dns.arcount", x->dns, 10, 2, 0, WHOLE)
	BITS("dns.qtype", x->question, 0, 2, 0, WHOLE)
	BITS("dns.qclass", x->question, 2, 2, 0, WHOLE)
	VALUE("dns.qname_len", x->question >= 0, (uint64_t)(x->question - x->dns - 12))
	VALUE("dns.qname_hash", x->question >= 0, oracle_name_hash(o, x->dns + 12, x->question))
	VALUE("payload.len", x->payload >= 0, x->payload < x->payload_end ? (uint64_t)(x->payload_end - x->payload) : 0)
#undef IS
#undef VALUE
#undef HEADER
#undef BITS
#undef ADDRESS6
#undef WHOLE
	return false;
}

/* size bytes at an offset of the packet, or of what follows its transport header. */
static inline bool oracle_bytes(const struct oracle_packet *o, bool payload, unsigned n, uint64_t offset, unsigned size,
				uint64_t *out)
{
	uint64_t begin = 0;

	if (payload && (o->nest[n].payload < 0))
		return false;
	if (payload)
		begin = (uint64_t)o->nest[n].payload;
	if (offset > 0x3fffffff || begin + offset + size > (uint64_t)o->caplen)
		return false;
	if (payload && begin + offset + size > (uint64_t)o->nest[n].payload_end)
		return false;
	*out = oracle_be(o, (int)(begin + offset), size);
	return true;
}

#endif
