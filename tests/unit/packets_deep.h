/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets with all that the names of FPL ask for: stacks of tags and labels, tunnels within tunnels, TCP options in
 * rows as they are and as they should not be, DNS over UDP and TCP, fragments. Made from a seed, mostly well formed;
 * then damaged and cut like those of packets.h.
 */
#ifndef FFPF_TESTS_PACKETS_DEEP_H
#define FFPF_TESTS_PACKETS_DEEP_H

#include "packets.h"

static inline void deep_ip(struct rng *r, struct test_packet *p, unsigned depth, bool six);
static inline void deep_ether(struct rng *r, struct test_packet *p, unsigned depth);

static inline void deep_set_be16(struct test_packet *p, uint32_t at, uint32_t x)
{
	if (at + 2 <= sizeof(p->bytes)) {
		p->bytes[at] = (uint8_t)(x >> 8);
		p->bytes[at + 1] = (uint8_t)x;
	}
}

/* ---- TCP ------------------------------------------------------------------------------------- */

static inline unsigned deep_option(struct rng *r, uint8_t *o)
{
	static const uint8_t kinds[] = {0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 8, 8, 8, 19, 30, 34, 254};
	static const uint8_t lengths[] = {[2] = 4, [3] = 3, [4] = 2, [5] = 10, [8] = 10};
	uint8_t kind = RNG_PICK(r, kinds), length;

	o[0] = kind;
	if (kind < 2)
		return 1;
	length = kind < sizeof(lengths) && lengths[kind] ? lengths[kind] : (uint8_t)(2 + rng_below(r, 8));
	if (kind == 5)
		length = (uint8_t)(2 + 8 * (1 + rng_below(r, 3)));
	if (rng_one_in(r, 12))
		length = (uint8_t)rng_below(r, 42);
	o[1] = length;
	for (unsigned i = 2; i < length; i++)
		o[i] = (uint8_t)rng_next(r);
	return length < 2 ? 2 : length;
}

static inline void deep_tcp(struct rng *r, struct test_packet *p)
{
	uint8_t options[128] = {0};
	unsigned n = 0, count = rng_one_in(r, 3) ? 0 : rng_one_in(r, 6) ? 40 : 1 + rng_below(r, 7);
	uint16_t ports[2] = {packet_port(r), packet_port(r)};

	while (count-- && n < 40)
		n += deep_option(r, options + n);
	n = n > 40 ? 40 : (n + 3) & ~3u;
	packet_put_be(p, ports[0], 2);
	packet_put_be(p, ports[1], 2);
	packet_put_random(r, p, 8);
	packet_put_be(p, (rng_one_in(r, 30) ? rng_below(r, 16) : 5 + n / 4) << 4 | rng_below(r, 16), 1);
	packet_put_random(r, p, 7);
	packet_put(p, options, n);
}

/* ---- DNS ------------------------------------------------------------------------------------- */

static inline void deep_dns(struct rng *r, struct test_packet *p)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	unsigned labels = rng_one_in(r, 8) ? rng_below(r, 60) : rng_below(r, 6), length;

	packet_put_random(r, p, 4);
	packet_put_be(p, rng_one_in(r, 6) ? rng_below(r, 3) : 1, 2);
	packet_put_be(p, rng_below(r, 4), 2);
	packet_put_random(r, p, 4);
	while (labels-- > 0) {
		length = labels > 10 ? 1 : 1 + rng_below(r, rng_one_in(r, 10) ? 70 : 14);
		packet_put_be(p, length, 1);
		for (unsigned i = 0; i < length; i++)
			packet_put(p, &letters[rng_below(r, sizeof(letters) - 1)], 1);
	}
	if (rng_one_in(r, 15))
		packet_put_be(p, 0xc00c, 2);
	else
		packet_put_be(p, 0, 1);
	packet_put_be(p, 1 + rng_below(r, 30), 2);
	packet_put_be(p, 1, 2);
	packet_put_random(r, p, rng_below(r, 30));
}

/* ---- tunnels --------------------------------------------------------------------------------- */

static inline void deep_gre(struct rng *r, struct test_packet *p, unsigned depth)
{
	static const uint16_t types[] = {0x0800, 0x86dd, 0x6558, 0x8847, 0x880b, 0x88be};
	uint16_t type = RNG_PICK(r, types), flags = 0;
	unsigned words = 0;

	for (unsigned bit = 12; bit < 16; bit++)
		if (bit == 14 ? rng_one_in(r, 20) : rng_one_in(r, 3)) {
			flags |= (uint16_t)(1u << bit);
			words += bit != 14;
		}
	packet_put_be(p, flags | (rng_one_in(r, 10) ? rng_below(r, 4) : 0), 2);
	packet_put_be(p, type, 2);
	packet_put_random(r, p, 4 * words);
	if (type == 0x0800 || type == 0x86dd)
		deep_ip(r, p, depth + 1, type == 0x86dd);
	else if (type == 0x6558)
		deep_ether(r, p, depth + 1);
	else if (type == 0x8847)
		packet_mpls(r, p);
	else
		packet_put_random(r, p, 20);
}

static inline void deep_udp(struct rng *r, struct test_packet *p, unsigned depth)
{
	static const uint16_t dports[] = {4789, 8472, 6081, 53, 53, 5353, 80, 4789};
	uint16_t dport = RNG_PICK(r, dports), sport = packet_port(r);
	unsigned words = rng_one_in(r, 2) ? 0 : rng_below(r, 10);
	bool ip = rng_one_in(r, 3);

	if (rng_one_in(r, 4) && (dport == 53 || dport == 5353)) {
		sport = dport;
		dport = packet_port(r);
	}
	packet_put_be(p, sport, 2);
	packet_put_be(p, dport, 2);
	packet_put_be(p, 8 + rng_below(r, 200), 2);
	packet_put_random(r, p, 2);
	if (dport == 4789 || dport == 8472) {
		packet_put_be(p, rng_one_in(r, 8) ? 0 : 0x08000000, 4);
		packet_put_random(r, p, 3);
		packet_put_be(p, 0, 1);
		deep_ether(r, p, depth + 1);
	} else if (dport == 6081) {
		packet_put_be(p, (rng_one_in(r, 10) ? 0x40 : 0) | words, 1);
		packet_put_be(p, 0, 1);
		packet_put_be(p, ip ? 0x0800 : 0x6558, 2);
		packet_put_random(r, p, 3);
		packet_put_be(p, 0, 1);
		packet_put_random(r, p, 4 * words);
		if (ip)
			deep_ip(r, p, depth + 1, false);
		else
			deep_ether(r, p, depth + 1);
	} else if (dport == 53 || dport == 5353 || sport == 53 || sport == 5353) {
		deep_dns(r, p);
	} else {
		packet_put_random(r, p, rng_below(r, 60));
	}
}

/* ---- IP -------------------------------------------------------------------------------------- */

static inline void deep_transport(struct rng *r, struct test_packet *p, unsigned depth, uint8_t protocol)
{
	uint32_t at = p->caplen, behind;

	switch (protocol) {
	case 6:
		deep_tcp(r, p);
		behind = p->caplen;
		if (rng_one_in(r, 3)) {
			deep_set_be16(p, at + rng_below(r, 2) * 2, 53);
			packet_put_be(p, 0, 2);
			deep_dns(r, p);
			deep_set_be16(p, behind, p->caplen - behind - 2);
		} else {
			packet_put_random(r, p, rng_below(r, 50));
		}
		break;
	case 17:
		deep_udp(r, p, depth);
		break;
	case 47:
		deep_gre(r, p, depth);
		break;
	case 4:
	case 41:
		deep_ip(r, p, depth + 1, protocol == 41);
		break;
	case 58:
		if (rng_one_in(r, 2)) {
			packet_put_be(p, (rng_one_in(r, 2) ? 134 : 127) + rng_below(r, 4), 1);
			packet_put_random(r, p, 7);
			packet_put_ipv6(r, p);
			break;
		}
		/* fall through */
	default:
		packet_transport(r, p, protocol);
		break;
	}
}

static inline uint8_t deep_protocol(struct rng *r, unsigned depth)
{
	static const uint8_t protocols[] = {6, 6, 6, 17, 17, 17, 1, 58, 132, 33, 136, 50, 59, 4, 41, 47, 47};

	return depth < 3 ? RNG_PICK(r, protocols) : protocols[rng_below(r, 13)];
}

static inline void deep_ip6_extensions(struct rng *r, struct test_packet *p, unsigned n, uint8_t protocol,
				       uint32_t next)
{
	static const uint8_t kinds[] = {0, 43, 44, 60, 51, 135, 139, 140};

	while (n--) {
		uint8_t kind = RNG_PICK(r, kinds);
		unsigned length = kind == 44 ? 0 : kind == 51 ? 4 : rng_below(r, rng_one_in(r, 9) ? 40 : 3);

		if (next < sizeof(p->bytes))
			p->bytes[next] = kind;
		next = p->caplen;
		packet_put_be(p, protocol, 1);
		packet_put_be(p, kind == 44 ? rng_below(r, 256) : length, 1);
		if (kind == 44)
			packet_put_be(p, rng_one_in(r, 3) ? rng_below(r, 65536) : rng_below(r, 2), 2);
		packet_put_random(r, p, kind == 44 ? 4 : kind == 51 ? 22 : 6 + 8 * length);
	}
}

static inline void deep_ip(struct rng *r, struct test_packet *p, unsigned depth, bool six)
{
	static const uint16_t fragments[] = {0, 0, 0, 0x4000, 0x4000, 0x2000, 0x2010, 0x0010, 0x8000};
	uint8_t protocol = deep_protocol(r, depth), options = (uint8_t)(rng_one_in(r, 5) ? rng_below(r, 11) : 0);
	uint32_t at = p->caplen;

	/* ICMP's version mostly goes with IP's. */
	if (protocol == (six ? 1 : 58) && !rng_one_in(r, 4))
		protocol = six ? 58 : 1;
	if (six) {
		packet_put_be(p, 0x60000000 | rng_below(r, 1 << 28), 4);
		packet_put_be(p, 0, 2);
		packet_put_be(p, protocol, 1);
		packet_put_be(p, rng_below(r, 256), 1);
		packet_put_ipv6(r, p);
		packet_put_ipv6(r, p);
		if (rng_one_in(r, 3))
			deep_ip6_extensions(r, p, rng_one_in(r, 5) ? rng_below(r, 12) : 1 + rng_below(r, 3), protocol,
					    at + 6);
	} else {
		packet_put_be(p, rng_one_in(r, 40) ? rng_below(r, 256) : 0x45u + options, 1);
		packet_put_be(p, rng_below(r, 256), 1);
		packet_put_random(r, p, 4);
		packet_put_be(p, RNG_PICK(r, fragments), 2);
		packet_put_be(p, rng_below(r, 256), 1);
		packet_put_be(p, protocol, 1);
		packet_put_random(r, p, 2);
		packet_put_ipv4(r, p);
		packet_put_ipv4(r, p);
		packet_put_random(r, p, 4u * options);
	}
	deep_transport(r, p, depth, protocol);
	/* The length as it should be, or none, or anything. */
	deep_set_be16(p, at + (six ? 4 : 2),
		      rng_one_in(r, 12)	 ? rng_below(r, 65536)
		      : rng_one_in(r, 9) ? 0
		      : rng_one_in(r, 9) ? rng_below(r, 80)
					 : p->caplen - at - (six ? 40 : 0));
}

/* ---- links ----------------------------------------------------------------------------------- */

static inline void deep_type(struct rng *r, struct test_packet *p, unsigned depth)
{
	static const uint16_t tags[] = {0x8100, 0x88a8, 0x9100};
	unsigned n = rng_one_in(r, 3) ? (rng_one_in(r, 8) ? rng_below(r, 21) : 1 + rng_below(r, 4)) : 0;
	unsigned kind = rng_below(r, 10);

	while (n--) {
		packet_put_be(p, RNG_PICK(r, tags), 2);
		packet_put_random(r, p, 2);
	}
	if (kind < 7) {
		packet_put_be(p, kind < 4 ? 0x0800 : 0x86dd, 2);
		deep_ip(r, p, depth, kind >= 4);
	} else if (kind == 7) {
		packet_put_be(p, 0x0806, 2);
		packet_arp(r, p);
	} else if (kind == 8) {
		packet_put_be(p, rng_one_in(r, 2) ? 0x8847 : 0x8848, 2);
		for (n = rng_one_in(r, 6) ? rng_below(r, 12) : rng_below(r, 3); n; n--)
			packet_put_be(p, rng_next(r) & 0xfffffeff, 4);
		packet_put_be(p, rng_next(r) | 0x100, 4);
		deep_ip(r, p, depth, rng_one_in(r, 2));
	} else {
		packet_ethertype(r, p, 0);
	}
}

static inline void deep_ether(struct rng *r, struct test_packet *p, unsigned depth)
{
	packet_put_mac(r, p);
	packet_put_mac(r, p);
	deep_type(r, p, depth);
}

static inline void deep_make(struct rng *r, int linktype, struct test_packet *p)
{
	if (rng_one_in(r, 4)) {
		packet_make(r, linktype, p);
		return;
	}
	memset(p, 0, sizeof(*p));
	switch (linktype) {
	case DLT_EN10MB:
		deep_ether(r, p, 0);
		break;
	case DLT_LINUX_SLL:
		packet_put_random(r, p, 14);
		deep_type(r, p, 0);
		break;
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		deep_ip(r, p, 0, linktype == DLT_IPV6 || (linktype == DLT_RAW && rng_one_in(r, 2)));
		break;
	default:
		packet_link(r, p, linktype);
		break;
	}
	while (rng_one_in(r, 4) && p->caplen)
		p->bytes[rng_below(r, p->caplen < 120 ? p->caplen : 120)] ^= (uint8_t)(1u << rng_below(r, 8));
	p->len = p->caplen;
	if (rng_one_in(r, 6))
		p->len += rng_below(r, 2000);
	if (rng_one_in(r, 5))
		p->caplen = rng_below(r, p->caplen + 1);
}

#endif
