/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Addresses made unrecognisable, so that two that have n leading bits in common still have just these n: the
 * prefix-preserving scheme of Xu, Fan, Ammar and Moon ("Prefix-preserving IP address anonymization", ICNP 2002,
 * Crypto-PAn) with AES-128. The same key makes the same of an address everywhere.
 *
 * Bit i of what an address becomes is its own bit i, inverted or not: that says the first bit of the cipher of the pad,
 * of which the first i bits are replaced by the address's. The first half of the key is the cipher's, the second half,
 * enciphered, is the pad. IPv6 addresses are treated as those of IPv4, over 128 bits.
 *
 * Rewritten in a packet: the addresses of IPv4 and IPv6 headers, those in IPv4's options (record route, source routes,
 * time stamps) and IPv6's routing headers of types 0, 2 and 4; of ARP for IPv4; the targets of ICMPv6's neighbour
 * messages and redirects, the gateway of ICMP's redirects; and all this of the packets that ICMP errors quote, and of
 * IP inside IP. Header, TCP, UDP, UDP-Lite, DCCP and ICMP checksums stay as right, or as wrong, as they were (RFC
 * 1624). Of an IP header that is cut off, what is left of its addresses becomes zeros. Nothing else is touched: no
 * Ethernet address, no port, nothing in payloads and other tunnels.
 */
#ifndef FFPF_NATIVE_ANON_H
#define FFPF_NATIVE_ANON_H

#include "payload.h"

#define FFPF_ANON_KEY 32
/* Blocks that are enciphered at once. */
#define FFPF_ANON_BLOCKS 32

/* An address that is known already; a table of them has a power of two entries. */
struct ffpf_anon_known {
	uint8_t address[16], becomes[16];
	uint32_t size; /* bytes: 4 or 16; 0: none */
};

struct ffpf_anon {
	/* AES-128 of n blocks of 16 bytes, in place, with the first half of the key. */
	void (*encrypt)(const void *cipher, uint8_t *blocks, unsigned n);
	const void *cipher;
	uint8_t pad[16];
	struct ffpf_anon_known *known; /* NULL: none */
	uint32_t known_mask;	       /* entries less one */
	uint64_t addresses;	       /* rewritten */
	uint8_t blocks[FFPF_ANON_BLOCKS * 16];
};

/* second: the second half of the key. known may be NULL; n_known a power of two, they are zeroed. */
void ffpf_anon_init(struct ffpf_anon *anon, void (*encrypt)(const void *cipher, uint8_t *blocks, unsigned n),
		    const void *cipher, const uint8_t second[16], struct ffpf_anon_known *known, uint32_t n_known);

/* What an address of `size` bytes, 4 or 16, becomes. */
void ffpf_anon_address(struct ffpf_anon *anon, const uint8_t *address, unsigned size, uint8_t *becomes);

/* Rewrites a packet of `size` bytes in place. Returns how many addresses it had. */
unsigned ffpf_anon_packet(struct ffpf_anon *anon, uint8_t *data, uint32_t size, uint16_t linktype);

#endif
