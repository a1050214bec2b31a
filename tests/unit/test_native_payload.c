/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where payloads are: cases written down byte by byte, then random packets of all link types against the oracle of
 * FPL's names (packet_oracle.h), in a row of bytes and in parts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"
#include "native_bytes.h"
#include "packet_oracle.h"
#include "packets_deep.h"
#include "fpl_packets.h"

static bool same(const struct ffpf_payload *x, const struct ffpf_payload *y)
{
	return x->at == y->at && x->end == y->end && x->network_at == y->network_at &&
	       x->network_end == y->network_end && x->transport_at == y->transport_at &&
	       x->fragment_at == y->fragment_at && x->fragment_offset == y->fragment_offset &&
	       x->network == y->network && x->protocol == y->protocol && x->fragment == y->fragment &&
	       x->more == y->more && x->transport == y->transport;
}

/* In both ways, which must agree. */
static struct ffpf_payload find(const void *packet, uint32_t size, uint16_t linktype)
{
	struct ffpf_bytes row = native_row(packet, size), parts = native_parts(&row);
	struct ffpf_payload one, other;

	ffpf_payload_find(&row, linktype, &one);
	ffpf_payload_find(&parts, linktype, &other);
	assert_true(same(&one, &other));
	assert_true(native_payload_holds(&one, size));
	free((void *)row.data);
	return one;
}

/* ---- written down ---------------------------------------------------------------------------- */

#define IP6_HEAD "86dd 60000000 "
#define ADDRESSES6 " 40 20010db8000000000000000000000001 20010db8000000000000000000000002 "

static const struct known {
	const char *what;
	uint16_t linktype;
	const char *hex;
	uint32_t at, end;
} known[] = {
	{"TCP", 1, IP4("002d", "06") TCP("18") "474554202f", 54, 59},
	{"TCP with padding behind it", 1, IP4("002d", "06") TCP("18") "474554202f 0000 0000", 54, 59},
	{"UDP", 1, IP4("001d", "11") UDP("1388", "0035", "0009") "aa", 42, 43},
	{"UDP-Lite", 1, IP4("001d", "88") UDP("1388", "0035", "0009") "aa", 42, 43},
	{"SCTP: behind the common header", 1, IP4("0022", "84") "04d2 01bb 00000001 00000000 0001", 46, 48},
	{"ICMP", 1, IP4("001d", "01") "08 00 0000 0001 0002 aa", 42, 43},
	{"ICMPv6 in IPv4 is none", 1, IP4("001d", "3a") "08 00 0000 0001 0002 aa", 34, 43},
	{"GRE: behind IP", 1, IP4("0019", "2f") "0000 0800 aa", 34, 39},
	{"IPv4 with AH", 1, IP4("0029", "33") "11 01 0000 00000001 00000001" UDP("1388", "0035", "0009") "aa", 54, 55},
	{"the second fragment", 1, MACS "0800 45 00 001c 0007 0010 40 11 0000 c0000201 c6336402 0102030405060708", 34,
	 42},
	{"the first fragment", 1,
	 MACS "0800 45 00 0020 0007 2000 40 11 0000 c0000201 c6336402 1388 0035 0100 0000 01020304", 42, 46},
	{"IPv4 with options", 1,
	 MACS "0800 46 00 0021 0007 0000 40 11 0000 c0000201 c6336402 01010100 1388 0035 0009 0000 aa", 46, 47},
	{"a total length of 0: to the end", 1, IP4("0000", "11") UDP("1388", "0035", "0000") "aabb", 42, 44},
	{"a total length shorter than the header", 1, IP4("000a", "11") UDP("1388", "0035", "0009") "aa", 24, 24},
	{"a total length behind the packet's end", 1, IP4("00ff", "11") UDP("1388", "0035", "0009") "aa", 42, 43},
	{"a TCP header that is cut off: behind IP", 1, IP4("0028", "06") "9c40 0050 0000", 34, 40},
	{"a TCP header of four words: behind IP", 1,
	 IP4("0028", "06") "9c40 0050 00000001 00000002 4002 1000 0000 0000", 34, 54},
	{"a TCP header longer than the packet", 1, IP4("0028", "06") "9c40 0050 00000001 00000002 f002 1000 0000 0000",
	 54, 54},
	{"IPv6, TCP", 1, IP6("0015", "06") TCP("18") "aa", 74, 75},
	{"IPv6, options, UDP", 1,
	 MACS IP6_HEAD "0011 00" ADDRESSES6 "11 00 010400000000" UDP("1388", "0035", "0009") "aa", 70, 71},
	{"IPv6, the first fragment", 1,
	 MACS IP6_HEAD "0011 2c" ADDRESSES6 "11 00 0001 00000007" UDP("1388", "0035", "0009") "aa", 70, 71},
	{"IPv6, a later fragment", 1, MACS IP6_HEAD "0009 2c" ADDRESSES6 "11 00 0011 00000007 aa", 62, 63},
	{"IPv6, an extension header that is cut off", 1, MACS IP6_HEAD "0004 00" ADDRESSES6 "11 00 0104", 54, 58},
	{"IPv6, an extension header longer than the packet", 1,
	 MACS IP6_HEAD "0008 00" ADDRESSES6 "11 05 0104 00000000", 54, 62},
	{"VLAN", 1, MACS "8100 2005 0800 45 00 001d 0007 0000 40 11 0000 c0000201 c6336402 1388 0035 0009 0000 aa", 46,
	 47},
	{"QinQ", 1, MACS "88a8 0001 8100 2005 0806 aabb", 22, 24},
	{"MPLS", 1,
	 MACS "8847 00010040 00010140 45 00 001d 0007 0000 40 11 0000 c0000201 c6336402 1388 0035 0009 0000 aa", 50,
	 51},
	{"ARP: behind Ethernet", 1, MACS "0806 0001 0800 06 04 0001", 14, 22},
	{"an IP header that is cut off: behind Ethernet", 1, MACS "0800 45 00 001c", 14, 18},
	{"an Ethernet header that is cut off", 1, "02005e005301 0200", 8, 8},
	{"a VLAN tag that is cut off", 1, MACS "8100 20", 15, 15},
	{"nothing", 1, "", 0, 0},
	{"raw", 12, "45 00 001d 0007 0000 40 11 0000 c0000201 c6336402 1388 0035 0009 0000 aa", 28, 29},
	{"raw, neither 4 nor 6", 12, "15 00 001d", 0, 4},
	{"Linux cooked", 113, "0000 0001 0006 02005e005302 0000 0806 aabb", 16, 18},
	{"Linux cooked 2, cut off", 276, "0800 0000", 4, 4},
	{"BSD loopback, little endian", 0, "02000000 45 00 0015 0007 0000 40 fd 0000 c0000201 c6336402 aa", 24, 25},
	{"BSD loopback, big endian", 0, "00000002 45 00 0015 0007 0000 40 fd 0000 c0000201 c6336402 aa", 24, 25},
	{"PPP", 9, "ff03 0021 45 00 0015 0007 0000 40 fd 0000 c0000201 c6336402 aa", 24, 25},
	{"Cisco HDLC", 104, "0f00 0800 45 00 0015 0007 0000 40 fd 0000 c0000201 c6336402 aa", 24, 25},
	{"a link type that is not known: all of it", 147, "4500001d", 0, 4},
};

static void payloads_that_are_known(void **state)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint8_t bytes[256];
		uint32_t size = (uint32_t)fpl_packet_bytes(known[i].hex, bytes, sizeof(bytes));
		struct ffpf_payload p = find(bytes, size, known[i].linktype);

		if (p.at != known[i].at || p.end != known[i].end)
			fail_msg("%s: %u to %u instead of %u to %u", known[i].what, p.at, p.end, known[i].at,
				 known[i].end);
	}
}

static void fragments_are_told(void **state)
{
	uint8_t bytes[256];
	struct ffpf_payload p;
	uint32_t size;

	size = (uint32_t)fpl_packet_bytes(MACS IP6_HEAD "0009 2c" ADDRESSES6 "11 00 0011 00000007 aa", bytes,
					  sizeof(bytes));
	p = find(bytes, size, 1);
	assert_true(p.fragment && p.more && !p.transport);
	assert_int_equal(p.fragment_offset, 16);
	assert_int_equal(p.fragment_at, 54);
	assert_int_equal(p.protocol, 17);
	/* a fragment header of a datagram that is whole */
	size = (uint32_t)fpl_packet_bytes(MACS IP6_HEAD "0011 2c" ADDRESSES6
							"11 00 0000 00000007" UDP("1388", "0035", "0009") "aa",
					  bytes, sizeof(bytes));
	p = find(bytes, size, 1);
	assert_true(!p.fragment && !p.more && p.transport);
	assert_int_equal(p.fragment_at, 54);
	size = (uint32_t)fpl_packet_bytes(MACS "0800 45 00 0018 0007 1fff 40 11 0000 c0000201 c6336402 01020304", bytes,
					  sizeof(bytes));
	p = find(bytes, size, 1);
	assert_true(p.fragment && !p.more);
	assert_int_equal(p.fragment_offset, 65528);
}

static void a_packet_inside_another(void **state)
{
	uint8_t bytes[256];
	uint32_t size = (uint32_t)fpl_packet_bytes(IP4("0038", "01") "03 01 0000 00000000 45 00 05dc 0007 0000 40 11 "
								     "0000 c0000201 c6336402 1388 0035 0100 0000 aa",
						   bytes, sizeof(bytes));
	struct ffpf_bytes row = native_row(bytes, size);
	struct ffpf_payload outer, inner;

	ffpf_payload_find(&row, 1, &outer);
	assert_int_equal(outer.at, 42);
	ffpf_payload_find_ip(&row, outer.at, outer.end, &inner);
	assert_int_equal(inner.network, FFPF_NETWORK_IP4);
	assert_int_equal(inner.network_at, 42);
	assert_int_equal(inner.at, 70);
	assert_int_equal(inner.end, 70);
	ffpf_payload_find_ip(&row, size + 5, UINT32_MAX, &inner);
	assert_int_equal(inner.network, FFPF_NETWORK_NONE);
	assert_int_equal(inner.at, size);
	free((void *)row.data);
}

/* ---- random ---------------------------------------------------------------------------------- */

/* The length of the transport header that lib/native must have found, by the oracle; 0: none. */
static uint32_t header_of(const struct oracle_nest *x, uint32_t end)
{
	int header = x->tcp >= 0				    ? x->payload - x->tcp
		     : x->udp >= 0 || x->icmp >= 0 || x->icmp6 >= 0 ? 8
		     : x->sctp >= 0				    ? 12
								    : 0;
	int fixed = x->tcp >= 0 ? 20 : header;

	return (uint32_t)(x->transport + fixed) <= end ? (uint32_t)header : 0;
}

static uint32_t min(uint32_t x, uint32_t y)
{
	return x < y ? x : y;
}

static void check_against_oracle(const struct test_packet *p, int linktype, unsigned *compared)
{
	struct ffpf_payload found = find(p->bytes, p->caplen, (uint16_t)linktype);
	const struct oracle_nest *x;
	struct oracle_packet o;
	uint32_t end, transport;

	/* The oracle knows whose byte order a family is in. */
	if (linktype == DLT_NULL && p->caplen && !p->bytes[0])
		return;
	oracle_parse(&o, p->bytes, p->caplen, p->len, linktype);
	x = &o.nest[0];
	assert_int_equal(found.network == FFPF_NETWORK_IP4, x->ip >= 0);
	assert_int_equal(found.network == FFPF_NETWORK_IP6, x->ip6 >= 0);
	if (x->ip < 0 && x->ip6 < 0) {
		assert_int_equal(found.at, found.network_at);
		assert_int_equal(found.end, p->caplen);
		if (x->arp >= 0)
			assert_int_equal(found.at, x->arp);
		return;
	}
	assert_int_equal(found.network_at, x->ip >= 0 ? x->ip : x->ip6);
	/* What FPL does not step over, or has no room for. */
	if (x->protocol < 0 || x->protocol == 51 || x->protocol == 136 || !x->payload_end)
		return;
	end = min((uint32_t)x->payload_end, p->caplen);
	/* Headers that the datagram's own length cuts off are none here. */
	if ((uint32_t)x->transport > end)
		return;
	(*compared)++;
	transport = (uint32_t)x->transport;
	assert_int_equal(found.end, end);
	assert_int_equal(found.transport_at, transport);
	assert_int_equal(found.protocol, x->protocol);
	/* A fragment header may stand in a datagram that is whole (RFC 6946). */
	assert_int_equal(found.fragment || (found.fragment_at && !found.fragment_offset && !found.more), x->piece);
	assert_int_equal(found.fragment_offset != 0, x->later);
	if (found.at != min(transport + header_of(x, end), end))
		fail_msg("link %d, protocol %d at %u: payload at %u, not at %u, end %u", linktype, x->protocol,
			 transport, found.at, min(transport + header_of(x, end), end), end);
}

static void random_packets_and_the_oracle(void **state)
{
	static const int links[] = {DLT_EN10MB, DLT_LINUX_SLL,	DLT_LINUX_SLL2, DLT_RAW,  DLT_NULL,  DLT_LOOP,
				    DLT_PPP,	DLT_PPP_SERIAL, DLT_IPV4,	DLT_IPV6, DLT_C_HDLC};
	struct rng r = {7};
	unsigned compared = 0;

	for (unsigned n = 0; n < 60000; n++) {
		int linktype = n & 1 ? DLT_EN10MB : RNG_PICK(&r, links);
		struct test_packet p;

		if (n & 2)
			deep_make(&r, linktype, &p);
		else
			packet_make(&r, linktype, &p);
		check_against_oracle(&p, linktype, &compared);
	}
	assert_true(compared > 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(payloads_that_are_known),
		cmocka_unit_test(fragments_are_told),
		cmocka_unit_test(a_packet_inside_another),
		cmocka_unit_test(random_packets_and_the_oracle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
