/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets for tests, made from a seed: the same on every machine.
 *
 * A packet is a link header and then what may follow it: tags and labels, ARP, IPv4
 * with options and fragments, IPv6 with extension headers, transports; addresses and ports come
 * from small pools so that filters hit. Some packets are then damaged, some are cut
 * (caplen below len). Everything is inline, for unit tests and fuzz targets alike.
 */
#ifndef FFPF_TESTS_PACKETS_H
#define FFPF_TESTS_PACKETS_H

#include <sys/types.h>
#include <pcap/dlt.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct rng {
	uint64_t state;
};

struct test_packet {
	uint8_t bytes[1024];
	uint32_t caplen; /* of bytes */
	uint32_t len;	 /* on the wire, caplen at least */
};

/* Link types that packet_make() has a header for. */
static const int packet_linktypes[] = {
	DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_RAW,  DLT_NULL, DLT_LOOP,   DLT_IEEE802_11, DLT_IEEE802_11_RADIO,
	DLT_PPP,    DLT_FDDI,	   DLT_PPP_SERIAL, DLT_IPV4, DLT_IPV6, DLT_C_HDLC, DLT_IEEE802,	   DLT_PPP_ETHER,
};
enum { PACKET_LINKTYPES = sizeof(packet_linktypes) / sizeof(packet_linktypes[0]) };

/* splitmix64 */
static inline uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)(rng_next(r) >> 32) % n;
}

static inline bool rng_one_in(struct rng *r, uint32_t n)
{
	return rng_below(r, n) == 0;
}

#define RNG_PICK(r, array) ((array)[rng_below((r), sizeof(array) / sizeof((array)[0]))])

/* ---- bytes ----------------------------------------------------------------------------------- */

static inline void packet_put(struct test_packet *p, const void *bytes, size_t n)
{
	if (p->caplen + n > sizeof(p->bytes))
		return;
	memcpy(p->bytes + p->caplen, bytes, n);
	p->caplen += (uint32_t)n;
}

static inline void packet_put_be(struct test_packet *p, uint64_t x, unsigned n)
{
	uint8_t bytes[8];

	for (unsigned i = n; i-- > 0; x >>= 8)
		bytes[i] = (uint8_t)x;
	packet_put(p, bytes, n);
}

static inline void packet_put_random(struct rng *r, struct test_packet *p, unsigned n)
{
	while (n-- > 0)
		packet_put_be(p, rng_next(r), 1);
}

static inline void packet_put_mac(struct rng *r, struct test_packet *p)
{
	static const uint64_t macs[] = {0x001122334455, 0x00aabbccddee, 0xffffffffffff,
					0x01005e000001, 0x0180c2000000, 0x333300000001};

	packet_put_be(p, RNG_PICK(r, macs), 6);
}

static inline void packet_put_ipv4(struct rng *r, struct test_packet *p)
{
	static const uint32_t addresses[] = {0x0a000001, 0x0a000002, 0xc0a80102, 0xc0000201,
					     0xe0000001, 0xffffffff, 0x7f000001, 0};

	packet_put_be(p, RNG_PICK(r, addresses), 4);
}

static inline void packet_put_ipv6(struct rng *r, struct test_packet *p)
{
	static const uint64_t high[] = {0x20010db800000000, 0xfe80000000000000, 0xff02000000000000};

	packet_put_be(p, RNG_PICK(r, high), 8);
	packet_put_be(p, 1 + rng_below(r, 2), 8);
}

/* ---- above the network ----------------------------------------------------------------------- */

static inline uint16_t packet_port(struct rng *r)
{
	static const uint16_t ports[] = {22, 53, 80, 443, 1024, 2152, 4789, 6081, 33024, 65535, 0};

	return RNG_PICK(r, ports);
}

static inline uint8_t packet_protocol(struct rng *r)
{
	static const uint8_t protocols[] = {6, 6, 6, 17, 17, 17, 1, 58, 132, 2, 47, 50, 51, 89, 103, 112, 4, 41};

	return RNG_PICK(r, protocols);
}

static inline void packet_transport(struct rng *r, struct test_packet *p, uint8_t protocol)
{
	uint8_t options = (uint8_t)(rng_one_in(r, 3) ? rng_below(r, 11) : 0);

	switch (protocol) {
	case 6:
		packet_put_be(p, packet_port(r), 2);
		packet_put_be(p, packet_port(r), 2);
		packet_put_random(r, p, 8);
		packet_put_be(p, (5u + options) << 4, 1);
		packet_put_be(p, rng_below(r, 64), 1);
		packet_put_random(r, p, 6 + 4u * options);
		if (rng_one_in(r, 2))
			packet_put(p, "GET / HTTP/1.1\r\n", 16);
		break;
	case 17:
	case 132:
		packet_put_be(p, packet_port(r), 2);
		packet_put_be(p, packet_port(r), 2);
		packet_put_be(p, 8 + rng_below(r, 64), 2);
		packet_put_random(r, p, 2);
		break;
	case 1:
	case 58:
		packet_put_be(p, rng_below(r, 2) ? rng_below(r, 20) : 128 + rng_below(r, 16), 1);
		packet_put_be(p, rng_below(r, 4), 1);
		packet_put_random(r, p, 6);
		break;
	}
	packet_put_random(r, p, rng_below(r, 40));
}

static inline void packet_ipv4(struct rng *r, struct test_packet *p)
{
	static const uint16_t fragments[] = {0, 0, 0, 0x4000, 0x2000, 0x2010, 0x0010, 0x1fff};
	uint8_t protocol = packet_protocol(r), options = (uint8_t)(rng_one_in(r, 4) ? rng_below(r, 11) : 0);

	packet_put_be(p, 0x45 + (rng_one_in(r, 40) ? rng_below(r, 11) : options), 1);
	packet_put_be(p, rng_below(r, 256), 1);
	packet_put_be(p, rng_one_in(r, 20) ? 33024 : 20 + rng_below(r, 1480), 2);
	packet_put_random(r, p, 2);
	packet_put_be(p, RNG_PICK(r, fragments), 2);
	packet_put_be(p, rng_below(r, 256), 1);
	packet_put_be(p, protocol, 1);
	packet_put_random(r, p, 2);
	packet_put_ipv4(r, p);
	packet_put_ipv4(r, p);
	packet_put_random(r, p, 4u * options);
	packet_transport(r, p, protocol);
}

static inline void packet_ipv6(struct rng *r, struct test_packet *p)
{
	static const uint8_t extensions[] = {0, 43, 44, 60, 51};
	unsigned n = rng_one_in(r, 2) ? 0 : rng_one_in(r, 8) ? 1 + rng_below(r, 30) : 1 + rng_below(r, 3);
	uint8_t protocol = packet_protocol(r), chain[32];

	for (unsigned i = 0; i < n; i++)
		chain[i] = RNG_PICK(r, extensions);
	chain[n] = protocol;
	packet_put_be(p, 0x60000000 | rng_below(r, 1 << 20), 4);
	packet_put_be(p, rng_below(r, 1400), 2);
	packet_put_be(p, chain[0], 1);
	packet_put_be(p, rng_below(r, 256), 1);
	packet_put_ipv6(r, p);
	packet_put_ipv6(r, p);
	for (unsigned i = 0; i < n; i++) {
		unsigned length = chain[i] == 44 ? 0 : chain[i] == 51 ? 4 : rng_below(r, 2);

		packet_put_be(p, chain[i + 1], 1);
		packet_put_be(p, length, 1);
		packet_put_random(r, p, chain[i] == 51 ? 22 : 6 + 8 * length);
	}
	packet_transport(r, p, protocol);
}

static inline void packet_arp(struct rng *r, struct test_packet *p)
{
	packet_put(p, "\0\1\10\0\6\4", 6);
	packet_put_be(p, 1 + rng_below(r, 4), 2);
	packet_put_mac(r, p);
	packet_put_ipv4(r, p);
	packet_put_mac(r, p);
	packet_put_ipv4(r, p);
}

/* ---- links ----------------------------------------------------------------------------------- */

static inline void packet_ip(struct rng *r, struct test_packet *p)
{
	if (rng_one_in(r, 3))
		packet_ipv6(r, p);
	else
		packet_ipv4(r, p);
}

static inline void packet_mpls(struct rng *r, struct test_packet *p)
{
	unsigned n = 1 + rng_below(r, 3);

	for (unsigned i = 0; i < n; i++)
		packet_put_be(p, rng_below(r, 4) << 12 | (rng_one_in(r, 4) ? 1024 << 12 : 0) | (i + 1 == n) << 8 | 64,
			      4);
	packet_ip(r, p);
}

static inline void packet_llc(struct rng *r, struct test_packet *p)
{
	static const uint32_t saps[] = {0xaaaa03, 0x424203, 0xfefe03, 0xe0e003, 0xf0f003, 0xffff00, 0x040401, 0xaaaa0b};
	uint32_t sap = RNG_PICK(r, saps);

	packet_put_be(p, sap, 3);
	if (sap >> 8 == 0xaaaa) {
		packet_put_be(p, rng_one_in(r, 4) ? 0x080007 : 0, 3);
		packet_put_be(p, rng_one_in(r, 2) ? 0x0800 : 0x809b, 2);
		packet_ipv4(r, p);
	} else {
		packet_put_random(r, p, rng_below(r, 40));
	}
}

/* An EtherType and what it announces. */
static inline void packet_ethertype(struct rng *r, struct test_packet *p, unsigned depth)
{
	static const uint16_t types[] = {0x0800, 0x0800, 0x0800, 0x86dd, 0x86dd, 0x0806, 0x8035,
					 0x8100, 0x88a8, 0x9100, 0x8847, 0x8848, 0x8863, 0x8864,
					 0x809b, 0x80f3, 0x8137, 0x6003, 0x88cc, 0x0026};
	uint16_t type = RNG_PICK(r, types);

	if (type == 0x0026) { /* a length: 802.3 */
		packet_put_be(p, rng_below(r, 1501), 2);
		packet_llc(r, p);
		return;
	}
	packet_put_be(p, type, 2);
	switch (type) {
	case 0x0800:
		packet_ipv4(r, p);
		break;
	case 0x86dd:
		packet_ipv6(r, p);
		break;
	case 0x0806:
	case 0x8035:
		packet_arp(r, p);
		break;
	case 0x8100:
	case 0x88a8:
	case 0x9100:
		packet_put_be(p, rng_below(r, 8) << 13 | (rng_one_in(r, 2) ? 5 : rng_below(r, 4096)), 2);
		if (depth < 4)
			packet_ethertype(r, p, depth + 1);
		break;
	case 0x8847:
	case 0x8848:
		packet_mpls(r, p);
		break;
	case 0x8863:
	case 0x8864:
		packet_put_be(p, 0x1100, 2);
		packet_put_be(p, rng_below(r, 4), 2);
		packet_put_be(p, rng_below(r, 1400), 2);
		packet_put_be(p, rng_one_in(r, 3) ? 0x0057 : 0x0021, 2);
		packet_ip(r, p);
		break;
	default:
		packet_put_random(r, p, rng_below(r, 64));
		break;
	}
}

static inline void packet_wifi(struct rng *r, struct test_packet *p)
{
	uint8_t type = (uint8_t)rng_below(r, 4), ds = (uint8_t)rng_below(r, 4);

	packet_put_be(p, rng_below(r, 16) << 4 | (uint32_t)type << 2, 1);
	packet_put_be(p, (rng_one_in(r, 4) ? 0x40 : 0) | ds, 1);
	packet_put_random(r, p, 2);
	for (unsigned i = 0; i < 3; i++)
		packet_put_mac(r, p);
	packet_put_random(r, p, 2);
	if (ds == 3)
		packet_put_mac(r, p);
	if (type == 2 && rng_one_in(r, 2))
		packet_put_random(r, p, 2); /* QoS, or not */
	packet_llc(r, p);
}

static inline void packet_link(struct rng *r, struct test_packet *p, int linktype)
{
	static const uint32_t families[] = {2, 10, 24, 28, 30, 0x02000000, 0x0a000000, 0x1c000000, 7};
	static const uint16_t ppp[] = {0x0021, 0x0057, 0x0281, 0xc021, 0x002b};

	switch (linktype) {
	case DLT_EN10MB:
		packet_put_mac(r, p);
		packet_put_mac(r, p);
		packet_ethertype(r, p, 0);
		break;
	case DLT_LINUX_SLL:
		packet_put_be(p, rng_below(r, 5), 2);
		packet_put_be(p, 1, 2);
		packet_put_be(p, 6, 2);
		packet_put_mac(r, p);
		packet_put_random(r, p, 2);
		packet_ethertype(r, p, 0);
		break;
	case DLT_LINUX_SLL2: {
		uint32_t at = p->caplen;
		uint8_t type[2];

		packet_put_be(p, 0, 4); /* the EtherType and two bytes reserved */
		packet_put_be(p, 1 + rng_below(r, 4), 4);
		packet_put_be(p, 1, 2);
		packet_put_be(p, rng_below(r, 5), 1);
		packet_put_be(p, 6, 1);
		packet_put_mac(r, p);
		packet_ethertype(r, p, 0);
		if (p->caplen >= at + 20) { /* the type moves to the front; its place belongs to the address */
			memcpy(type, p->bytes + at + 18, 2);
			memcpy(p->bytes + at, type, 2);
		}
		break;
	}
	case DLT_NULL:
	case DLT_LOOP:
		packet_put_be(p, RNG_PICK(r, families), 4);
		packet_ip(r, p);
		break;
	case DLT_IEEE802_11:
		packet_wifi(r, p);
		break;
	case DLT_IEEE802_11_RADIO: {
		uint8_t more = (uint8_t)rng_below(r, 12);

		packet_put(p, "\0\0", 2);
		packet_put_be(p, 8u + more, 1);
		packet_put_be(p, 0, 1);
		packet_put_random(r, p, 4u + more);
		packet_wifi(r, p);
		break;
	}
	case DLT_PPP:
	case DLT_PPP_SERIAL:
		packet_put(p, "\xff\3", 2);
		packet_put_be(p, RNG_PICK(r, ppp), 2);
		packet_ip(r, p);
		break;
	case DLT_FDDI:
		packet_put_be(p, rng_one_in(r, 4) ? rng_below(r, 256) : 0x50, 1);
		packet_put_mac(r, p);
		packet_put_mac(r, p);
		packet_llc(r, p);
		break;
	case DLT_IEEE802:
		packet_put_be(p, 0x1040, 2);
		packet_put_mac(r, p);
		packet_put_mac(r, p);
		packet_llc(r, p);
		break;
	case DLT_C_HDLC:
		packet_put_be(p, 0x0f00, 2);
		packet_ethertype(r, p, 0);
		break;
	case DLT_PPP_ETHER:
		packet_put_be(p, 0x11000001, 4);
		packet_put_be(p, rng_below(r, 1400), 2);
		packet_put_be(p, RNG_PICK(r, ppp), 2);
		packet_ip(r, p);
		break;
	default:
		packet_ip(r, p);
		break;
	}
}

static inline void packet_make(struct rng *r, int linktype, struct test_packet *p)
{
	p->caplen = 0;
	packet_link(r, p, linktype);
	while (rng_one_in(r, 3) && p->caplen)
		p->bytes[rng_below(r, p->caplen < 80 ? p->caplen : 80)] ^= (uint8_t)(1u << rng_below(r, 8));
	p->len = p->caplen;
	if (rng_one_in(r, 4))
		p->len += rng_below(r, 2000);
	if (rng_one_in(r, 4))
		p->caplen = rng_below(r, p->caplen + 1);
}

#endif
