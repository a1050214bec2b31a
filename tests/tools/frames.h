/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deterministic packets for the tools beside this file: gencap writes them, sendpcap and blast send them.
 * The same seed gives the same packets on every machine. Addresses come only from the documentation and benchmark
 * ranges; checksums are right, so that a stack accepts them.
 */
#ifndef TOOLS_FRAMES_H
#define TOOLS_FRAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_MAX 65549 /* an IP packet of 65,535 behind an Ethernet header */

enum frame_kind { FRAME_TCP, FRAME_UDP, FRAME_ICMP, FRAME_IPV6, FRAME_VLAN, FRAME_KINDS };
enum frame_link { FRAME_ETHERNET, FRAME_RAW, FRAME_SLL };

static const char *const frame_kind_names[FRAME_KINDS] = {"tcp", "udp", "icmp", "ipv6", "vlan"};

struct frame_source {
	uint64_t random;
	enum frame_link link;
	const char *sizes; /* imix, internet, or a number of bytes */
	unsigned fixed;	   /* the number; 0: a distribution */
	unsigned flows;	   /* distinct 5-tuples per kind */
	unsigned weight[FRAME_KINDS], total;
	uint8_t pool[65536]; /* payload bytes: words, so that searches find something */
};

/* splitmix64 */
static inline uint64_t frame_random(struct frame_source *source)
{
	uint64_t z = source->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static inline void frame_put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void frame_put32(uint8_t *at, uint32_t value)
{
	frame_put16(at, value >> 16);
	frame_put16(at + 2, value & 0xffff);
}

/* One's complement sum in memory order; it does not depend on the machine's byte order when stored the same way. */
static inline uint64_t frame_sum(const uint8_t *data, size_t len, uint64_t sum)
{
	uint16_t word;

	for (; len >= 2; len -= 2, data += 2) {
		memcpy(&word, data, 2);
		sum += word;
	}
	if (len) {
		word = 0;
		memcpy(&word, data, 1);
		sum += word;
	}
	return sum;
}

static inline void frame_store_sum(uint8_t *at, uint64_t sum)
{
	uint16_t folded;

	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	folded = (uint16_t)~sum;
	if (!folded) /* for UDP zero would mean "none"; 0xffff is the same number */
		folded = 0xffff;
	memcpy(at, &folded, 2);
}

/* "tcp=6,udp=3,icmp": weights, 1 when none is written. Returns whether it could be read. */
static inline bool frame_mix(struct frame_source *source, const char *mix)
{
	char copy[128], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", mix);
	memset(source->weight, 0, sizeof(source->weight));
	source->total = 0;
	for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		char *equals = strchr(word, '=');
		unsigned kind = 0, weight = equals ? (unsigned)strtoul(equals + 1, NULL, 10) : 1;

		if (equals)
			*equals = '\0';
		while (kind < FRAME_KINDS && strcmp(word, frame_kind_names[kind]) != 0)
			kind++;
		if (kind == FRAME_KINDS)
			return false;
		source->weight[kind] += weight;
		source->total += weight;
	}
	return source->total > 0;
}

/* Sets everything up; prints a message and exits with 2 when an option can't be read. */
static inline void frame_source_init(struct frame_source *source, const char *sizes, const char *mix, unsigned flows,
				     uint64_t seed)
{
	static const char *const words[] = {"GET /index.html HTTP/1.1\r\n",
					    "Host: www.example.org\r\n",
					    "flowgraph ",
					    "lorem ",
					    "ipsum ",
					    "\0\0\0\0\0\0\0",
					    "password=secret ",
					    "dolor sit amet ",
					    "0123456789abcdef"};
	size_t at = 0;

	source->random = seed;
	source->sizes = sizes;
	source->fixed = (unsigned)strtoul(sizes, NULL, 10);
	source->flows = flows ? flows : 1;
	if (!frame_mix(source, mix) || source->fixed > FRAME_MAX ||
	    (!source->fixed && strcmp(sizes, "imix") != 0 && strcmp(sizes, "internet") != 0)) {
		fprintf(stderr,
			"sizes are imix, internet or bytes (not '%s'); a mix is tcp=6,udp=3,icmp,ipv6,vlan (not "
			"'%s')\n",
			sizes, mix);
		exit(2);
	}
	while (at < sizeof(source->pool)) {
		const char *word = words[frame_random(source) % (sizeof(words) / sizeof(words[0]))];
		size_t len = *word ? strlen(word) : 7;

		if (len > sizeof(source->pool) - at)
			len = sizeof(source->pool) - at;
		memcpy(source->pool + at, word, len);
		at += len;
	}
}

/*
 * imix: 7 of 60, 4 of 590, 1 of 1,514 bytes. internet: mostly acknowledgements and full frames, 570 bytes on average.
 * Without the frame check sequence, as in a capture.
 */
static inline unsigned frame_size(struct frame_source *source)
{
	const uint64_t r = frame_random(source);
	const unsigned percent = (unsigned)(r % 100), dozen = (unsigned)(r % 12);

	if (source->fixed)
		return source->fixed;
	if (source->sizes[1] == 'm')
		return dozen < 7 ? 60 : dozen < 11 ? 590 : 1514;
	if (percent < 45)
		return 60 + (unsigned)(r >> 32) % 19;
	if (percent < 60)
		return 79 + (unsigned)(r >> 32) % 222;
	return percent < 72 ? 300 + (unsigned)(r >> 32) % 1000 : 1514;
}

/* Link-layer header; returns its length. */
static inline unsigned frame_link_header(const struct frame_source *source, uint8_t *out, bool tagged, unsigned vlan,
					 bool ipv6)
{
	static const uint8_t macs[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
	const unsigned ethertype = ipv6 ? 0x86dd : 0x0800;
	unsigned len = 12;

	if (source->link == FRAME_RAW)
		return 0;
	if (source->link == FRAME_SLL) { /* to us, Ethernet, six-byte address */
		memset(out, 0, 16);
		out[3] = 1;
		out[5] = 6;
		memcpy(out + 6, macs + 6, 6);
		len = 14;
	} else {
		memcpy(out, macs, 12);
	}
	if (tagged) {
		frame_put16(out + len, 0x8100);
		frame_put16(out + len + 2, vlan);
		len += 4;
	}
	frame_put16(out + len, ethertype);
	return len + 2;
}

/* Network header for `payload` bytes behind it; returns its length and the pseudo header's sum. */
static inline unsigned frame_network(uint8_t *out, bool ipv6, unsigned flow, unsigned protocol, unsigned payload,
				     unsigned id, uint64_t *sum)
{
	uint8_t pseudo[4] = {0, (uint8_t)protocol, (uint8_t)(payload >> 8), (uint8_t)payload};

	memset(out, 0, 40);
	if (ipv6) {
		out[0] = 0x60;
		frame_put16(out + 4, payload);
		out[6] = (uint8_t)protocol;
		out[7] = 64;
		frame_put32(out + 8, 0x20010db8);
		frame_put32(out + 20, 0x10000 + flow);
		frame_put32(out + 24, 0x20010db8);
		frame_put32(out + 36, 0x20000 + flow % 256);
		*sum = frame_sum(pseudo, 4, frame_sum(out + 8, 32, 0));
		return 40;
	}
	out[0] = 0x45;
	frame_put16(out + 2, 20 + payload);
	frame_put16(out + 4, id & 0xffff);
	out[8] = 64;
	out[9] = (uint8_t)protocol;
	frame_put32(out + 12, 0xc6120000 + 256 + flow % 65000); /* 198.18.1.0 and up */
	frame_put32(out + 16, 0xc6130000 + 1 + flow % 250);	/* 198.19.0.1 and up */
	frame_store_sum(out + 10, frame_sum(out, 20, 0));
	*sum = frame_sum(pseudo, 4, frame_sum(out + 12, 8, 0));
	return 20;
}

static inline unsigned frame_server_port(unsigned flow)
{
	static const uint16_t ports[] = {80, 443, 53, 22, 80, 443, 8080, 123, 25, 5060};

	return ports[flow % (sizeof(ports) / sizeof(ports[0]))];
}

/* Transport header in front of the payload (size bytes together), payload from the pool. */
static inline void frame_transport(struct frame_source *source, uint8_t *out, unsigned protocol, unsigned flow,
				   unsigned size, uint64_t sum)
{
	const unsigned header = protocol == 6 ? 20 : 8, checksum = protocol == 6 ? 16 : protocol == 17 ? 6 : 2;
	const unsigned payload = size - header;
	const uint64_t r = frame_random(source);
	const bool reply = protocol != 1 && (r & 1);
	unsigned ports[2] = {1024 + flow * 7919 % 60000, frame_server_port(flow)};

	memset(out, 0, header);
	if (protocol == 1) {
		out[0] = r & 1 ? 0 : 8;
		frame_put16(out + 4, flow & 0xffff);
		frame_put16(out + 6, (unsigned)(r >> 8) & 0xffff);
		sum = 0; /* ICMP has no pseudo header */
	} else {
		frame_put16(out + (reply ? 2 : 0), ports[0]);
		frame_put16(out + (reply ? 0 : 2), ports[1]);
	}
	if (protocol == 6) {
		frame_put32(out + 4, (uint32_t)(r >> 16));
		out[12] = 0x50;
		out[13] = payload > 6 ? 0x18 : (r >> 48) % 8 == 0 ? 0x02 : 0x10;
		frame_put16(out + 14, 65535);
	} else if (protocol == 17) {
		frame_put16(out + 4, size);
	}
	if (payload)
		memcpy(out + header, source->pool + (r >> 40) % 4096, payload < 61000 ? payload : 61000);
	if (payload > 61000)
		memset(out + header + 61000, 'x', payload - 61000);
	frame_store_sum(out + checksum, frame_sum(out, size, sum));
}

/* The next packet; out has FRAME_MAX bytes. Returns its length: what the distribution says, or what the headers need.
 */
static inline unsigned frame_next(struct frame_source *source, uint8_t *out)
{
	const uint64_t r = frame_random(source);
	const unsigned flow = (unsigned)(r >> 32) % source->flows;
	unsigned size = frame_size(source), pick = (unsigned)(r % source->total), kind = 0, protocol, head, transport;
	uint64_t sum;
	bool ipv6;

	while (pick >= source->weight[kind])
		pick -= source->weight[kind++];
	ipv6 = kind == FRAME_IPV6;
	protocol = kind == FRAME_UDP ? 17 : kind == FRAME_ICMP ? 1 : kind == FRAME_TCP ? 6 : r >> 31 & 1 ? 6 : 17;
	head = frame_link_header(source, out, kind == FRAME_VLAN, 1 + flow % 10, ipv6);
	transport = protocol == 6 ? 20 : 8;
	if (size > head + (ipv6 ? 40 : 20) + transport)
		transport = size - head - (ipv6 ? 40 : 20);
	head += frame_network(out + head, ipv6, flow, protocol, transport, (unsigned)(r >> 8), &sum);
	frame_transport(source, out + head, protocol, flow, transport, sum);
	return head + transport;
}

#endif
