/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet in words: one line that names its addresses, ports and kind.
 *
 *     IP 192.0.2.1:1234 > 198.51.100.2:80 tcp [S]
 *     vlan 5 IP6 [2001:db8::1]:53 > [2001:db8::2]:4444 udp
 *     ARP who-has 192.0.2.2 tell 192.0.2.1
 *
 * dissect_link.c and dissect_wlan.c know link layers, dissect_ip.c what is in IP, dissect_names.c the numbers' names.
 * They read nothing behind the captured bytes: where those end too early the line ends with [cut], or [short] if the
 * packet itself was no longer.
 */
#ifndef FFPF_USER_DISSECT_H
#define FFPF_USER_DISSECT_H

#include "flowspaces/user/text.h"

#include <ffpf/packet.h>
#include <stdbool.h>

/* Appends the line without its end, or the part of it that fits. */
void ffpf_dissect_line(struct text *text, const struct ffpf_packet *packet);

/* ---- between the files of the dissector ---- */

/* n bytes at p are captured. */
struct bytes {
	const uint8_t *p;
	uint32_t n;
};

struct dissect {
	struct text *text;
	const uint8_t *destination, *source; /* link addresses, for protocols without their own; NULL: none */
	bool whole;			     /* all bytes of the packet were captured */
	unsigned depth;			     /* packets in packets */
};

#define DISSECT_DEPTH_MAX 4

static inline uint16_t dissect_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t dissect_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* What remains behind the first `size` bytes, of which there must be that many. */
static inline struct bytes dissect_skip(struct bytes bytes, uint32_t size)
{
	return (struct bytes){bytes.p + size, bytes.n - size};
}

/* Ends a line for which bytes are missing. */
void ffpf_dissect_cut(struct dissect *dissect);

/* Writes the link addresses, for what has none of its own. */
void ffpf_dissect_macs(struct dissect *dissect);

/* 802.2: where 802.3, 802.11 and ATM have their payload's type. */
void ffpf_dissect_llc(struct dissect *dissect, struct bytes bytes);

/* 802.11, and with a driver's header before it. */
void ffpf_dissect_wlan(struct dissect *dissect, struct bytes bytes);
void ffpf_dissect_radiotap(struct dissect *dissect, struct bytes bytes);
void ffpf_dissect_avs(struct dissect *dissect, struct bytes bytes);
void ffpf_dissect_prism(struct dissect *dissect, struct bytes bytes);

/* IPv4 or IPv6, by the version in the first byte. */
void ffpf_dissect_ip(struct dissect *dissect, struct bytes bytes);

/* What follows an IP header: endpoints and the protocol. addresses are of `size` bytes (4 or 16); offset and more are
 * the fragment's. */
struct dissect_flow {
	const uint8_t *source, *destination;
	uint32_t size;
	uint8_t protocol;
	uint32_t offset;
	bool more;
};
void ffpf_dissect_transport(struct dissect *dissect, const struct dissect_flow *flow, struct bytes bytes);

/* Names of numbers; NULL for those without one. */
const char *ffpf_dissect_ethertype_name(uint16_t ethertype);
const char *ffpf_dissect_protocol_name(uint8_t protocol);
const char *ffpf_dissect_icmp_name(uint8_t type, uint8_t code);
const char *ffpf_dissect_icmp6_name(uint8_t type, uint8_t code);
const char *ffpf_dissect_sctp_name(uint8_t chunk);
const char *ffpf_dissect_wlan_name(unsigned type, unsigned subtype);
const char *ffpf_dissect_ppp_name(uint16_t protocol);

#endif
