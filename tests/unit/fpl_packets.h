/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets by name, for the cases of tests/fpl: written down byte by byte, so that a reader can count what a program
 * must find.
 */
#ifndef FFPF_TESTS_FPL_PACKETS_H
#define FFPF_TESTS_FPL_PACKETS_H

#include "capture.h"

#include <ctype.h>

/* Ethernet: to 02:00:5e:00:53:01, from 02:00:5e:00:53:02. IPv4: from 192.0.2.1 to 198.51.100.2, TTL 64. */
#define MACS "02005e005301 02005e005302 "
#define IP4(length, proto) MACS "0800 45 00 " length " 0007 4000 40 " proto " 0000 c0000201 c6336402 "
#define IP6(length, next)                                                                                              \
	MACS "86dd 60000000 " length next " 40 20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define TCP(flags) "9c40 0050 00000001 00000002 50 " flags " 1000 0000 0000 "
#define UDP(sport, dport, length) sport " " dport " " length " 0000 "
#define QUERY "1234 0100 0001 0000 0000 0000 0161 00 0001 0001"

static const struct fpl_packet_text {
	const char *name, *hex;
	uint32_t len; /* on the wire, where the bytes were cut; 0: all are there */
} fpl_packet_texts[] = {
	/* 40000 to 80: SYN; ACK with "GET /" behind it; with options mss 1460, sackok, wscale 7 */
	{"syn", IP4("0028", "06") TCP("02"), 0},
	{"get", IP4("002d", "06") TCP("18") "474554202f", 0},
	{"options", IP4("0034", "06") "9c40 0050 00000001 00000000 80 02 ffff 0000 0000 020405b4 0101 0402 01030307",
	 0},
	/* 5000 to 53: a query for "a"; the answer comes the other way */
	{"udp", IP4("002f", "11") UDP("1388", "0035", "001b") QUERY, 0},
	{"icmp", IP4("001c", "01") "08 00 0000 0001 0002", 0},
	/* 1234 to 443 over IPv6; echo request over IPv6 */
	{"tcp6", IP6("0014", "06") "04d2 01bb 00000001 00000000 50 02 1000 0000 0000", 0},
	{"icmp6", IP6("0008", "3a") "80 00 0000 0001 0002", 0},
	{"arp", MACS "0806 0001 0800 06 04 0001 02005e005302 c0000201 000000000000 c6336402", 0},
	/* the second fragment of a datagram: no ports */
	{"frag", MACS "0800 45 00 001c 0007 0010 40 11 0000 c0000201 c6336402 0000000000000000", 0},
	{"vlan", MACS "8100 2005 0800 45 00 001c 0007 0000 40 11 0000 c0000201 c6336402 1388 0035 0008 0000", 0},
	/* cut off in the middle of the TCP header, and behind the Ethernet header */
	{"cut", IP4("0028", "06") "9c40 0050 0000", 60},
	{"short", MACS "0800", 60},
};

static inline const struct fpl_packet_text *fpl_packet_find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(fpl_packet_texts) / sizeof(fpl_packet_texts[0]); i++)
		if (strlen(fpl_packet_texts[i].name) == len && !memcmp(fpl_packet_texts[i].name, name, len))
			return &fpl_packet_texts[i];
	return NULL;
}

static inline size_t fpl_packet_bytes(const char *hex, uint8_t *out, size_t most)
{
	size_t n = 0;

	while (*hex && n < most) {
		char pair[3] = {hex[0], hex[0] == ' ' ? '\0' : hex[1], '\0'};

		if (isxdigit((unsigned char)pair[0]) && isxdigit((unsigned char)pair[1])) {
			out[n++] = (uint8_t)strtoul(pair, NULL, 16);
			hex++;
		}
		hex++;
	}
	return n;
}

/* Appends a packet; number k has the time k seconds, so that `now / 1s` numbers them. */
static inline void fpl_packet_put(struct capture *capture, const uint8_t *bytes, size_t n, uint32_t len, uint32_t k)
{
	capture_u32(capture, k);
	capture_u32(capture, 0);
	capture_u32(capture, (uint32_t)n);
	capture_u32(capture, len);
	capture_bytes(capture, bytes, n);
}

/* The packets named in a text, "300*syn" 300 times; how many, -1 when one has no such name. */
static inline int fpl_packets_named(const char *names, struct capture *capture)
{
	int n = 0;

	capture_pcap(capture, 0xa1b23c4d, 4, 65535, 1);
	while (names += strspn(names, " "), *names && *names != '\n') {
		size_t digits = strspn(names, "0123456789"), len;
		unsigned times = digits && names[digits] == '*' ? (unsigned)strtoul(names, NULL, 10) : 1;
		const struct fpl_packet_text *text;
		uint8_t bytes[256];

		names += times > 1 || digits ? digits + 1 : 0;
		len = strcspn(names, " \n");
		text = fpl_packet_find(names, len);
		if (!text)
			return -1;
		size_t size = fpl_packet_bytes(text->hex, bytes, sizeof(bytes));

		while (times--)
			fpl_packet_put(capture, bytes, size, text->len ? text->len : (uint32_t)size, (uint32_t)n++);
		names += len;
	}
	return n;
}

#endif
