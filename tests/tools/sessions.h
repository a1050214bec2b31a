/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets of connections, for genflows: Ethernet with up to two VLAN tags, IPv4 or IPv6, right checksums. Packets are
 * collected with their times and sorted when all are there.
 */
#ifndef TOOLS_SESSIONS_H
#define TOOLS_SESSIONS_H

#include "frames.h"
#include "stacks.h"

#define US 1000ULL /* times are in nanoseconds */
#define MS 1000000ULL
#define SECOND 1000000000ULL

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32, ECE = 64, CWR = 128 };

struct made_packet {
	uint64_t time;
	uint32_t order, len;
	uint8_t *data;
};

struct made {
	struct frame_source source; /* random numbers */
	struct made_packet *packets;
	size_t n, room;
};

struct address {
	bool ipv6;
	uint8_t bytes[16];
};

/* What the network layer of one direction looks like. */
struct ip_look {
	struct address src, dst;
	uint8_t ttl, tos;
	bool df, mbz;
	uint16_t id;
	uint32_t flow_label;
	unsigned ip_options; /* bytes of NOPs behind an IPv4 header, a multiple of four */
	uint16_t vlan[2];    /* 0: no tag; the outer first */
};

static inline uint64_t below(struct made *made, uint64_t n)
{
	return frame_random(&made->source) % n;
}

static inline bool chance(struct made *made, unsigned percent)
{
	return below(made, 100) < percent;
}

/* Number `host` of a network of ours: 0 198.18.0.0/16, 1 198.19.0.0/16, 2 192.0.2.0/24, 3 203.0.113.0/24. */
static inline struct address make_address(unsigned net, uint32_t host, bool ipv6)
{
	static const uint32_t nets[] = {0xc6120000, 0xc6130000, 0xc0000200, 0xcb007100};
	struct address a = {ipv6, {0}};

	if (!ipv6) {
		frame_put32(a.bytes, nets[net] + (net < 2 ? host & 0xffff : host & 0xff));
		return a;
	}
	frame_put32(a.bytes, 0x20010db8);
	frame_put32(a.bytes + 4, net + 1);
	frame_put32(a.bytes + 12, host);
	return a;
}

static inline const char *address_text(const struct address *a, char out[48])
{
	if (!a->ipv6) {
		snprintf(out, 48, "%u.%u.%u.%u", a->bytes[0], a->bytes[1], a->bytes[2], a->bytes[3]);
		return out;
	}
	/* ours have zeros from byte 8 to 11, so this is not always the shortest form, but one that every reader takes
	 */
	snprintf(out, 48, "%x:%x:%x:%x:0:0:%x:%x", a->bytes[0] << 8 | a->bytes[1], a->bytes[2] << 8 | a->bytes[3],
		 a->bytes[4] << 8 | a->bytes[5], a->bytes[6] << 8 | a->bytes[7], a->bytes[12] << 8 | a->bytes[13],
		 a->bytes[14] << 8 | a->bytes[15]);
	return out;
}

static inline void keep_packet(struct made *made, uint64_t time, const uint8_t *data, uint32_t len)
{
	struct made_packet *p;

	if (made->n == made->room) {
		made->room = made->room ? 2 * made->room : 1024;
		made->packets = realloc(made->packets, made->room * sizeof(*made->packets));
	}
	p = &made->packets[made->n];
	*p = (struct made_packet){time, (uint32_t)made->n, len, malloc(len)};
	memcpy(p->data, data, len);
	made->n++;
}

static inline int by_time(const void *a, const void *b)
{
	const struct made_packet *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static inline unsigned put_link(uint8_t *out, const struct ip_look *look, unsigned ethertype)
{
	unsigned len = 12;

	memcpy(out, "\2\0\0\0\0\2\2\0\0\0\0\1", 12);
	for (unsigned i = 0; i < 2; i++)
		if (look->vlan[i]) {
			frame_put16(out + len, !i && look->vlan[1] ? 0x88a8 : 0x8100);
			frame_put16(out + len + 2, look->vlan[i]);
			len += 4;
		}
	frame_put16(out + len, ethertype);
	return len + 2;
}

/* Network header for `payload` bytes; fragment: offset in units of eight bytes, with 0x2000 for more to come. */
static inline unsigned put_network(uint8_t *out, const struct ip_look *look, unsigned proto, unsigned payload,
				   unsigned fragment)
{
	unsigned len = 20 + look->ip_options;

	if (look->src.ipv6) {
		memset(out, 0, 40);
		frame_put32(out, 0x60000000 | (uint32_t)look->tos << 20 | look->flow_label);
		frame_put16(out + 4, payload);
		out[6] = (uint8_t)proto;
		out[7] = look->ttl;
		memcpy(out + 8, look->src.bytes, 16);
		memcpy(out + 24, look->dst.bytes, 16);
		return 40;
	}
	memset(out, 0, 20);
	memset(out + 20, 1, look->ip_options);
	out[0] = (uint8_t)(0x40 | len / 4);
	out[1] = look->tos;
	frame_put16(out + 2, len + payload);
	frame_put16(out + 4, look->id);
	frame_put16(out + 6, (look->df ? 0x4000u : 0) | (look->mbz ? 0x8000u : 0) | fragment);
	out[8] = look->ttl;
	out[9] = (uint8_t)proto;
	memcpy(out + 12, look->src.bytes, 4);
	memcpy(out + 16, look->dst.bytes, 4);
	frame_store_sum(out + 10, frame_sum(out, len, 0));
	return len;
}

static inline uint64_t pseudo_sum(const struct ip_look *look, unsigned proto, unsigned len)
{
	const uint8_t tail[4] = {0, (uint8_t)proto, (uint8_t)(len >> 8), (uint8_t)len};
	const size_t bytes = look->src.ipv6 ? 16 : 4;

	return frame_sum(tail, 4, frame_sum(look->src.bytes, bytes, frame_sum(look->dst.bytes, bytes, 0)));
}

/* One IP packet around a transport segment; pads short frames as Ethernet does where `padded` says so. */
static inline void send_ip(struct made *made, uint64_t time, const struct ip_look *look, unsigned proto,
			   const uint8_t *segment, unsigned len)
{
	uint8_t frame[2000] = {0};
	unsigned at = put_link(frame, look, look->src.ipv6 ? 0x86dd : 0x800);

	at += put_network(frame + at, look, proto, len, 0);
	memcpy(frame + at, segment, len);
	at += len;
	keep_packet(made, time, frame, at < 60 ? 60 : at);
}

struct segment {
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t flags, reserved;
	uint16_t window, urgent;
	const uint8_t *options; /* a multiple of four bytes */
	unsigned n_options;
	unsigned payload;    /* bytes */
	const uint8_t *data; /* NULL: from the pool */
};

static inline void send_tcp(struct made *made, uint64_t time, const struct ip_look *look, const struct segment *s)
{
	uint8_t out[1800] = {0};
	unsigned header = 20 + s->n_options, len = header + s->payload;

	frame_put16(out, s->sport);
	frame_put16(out + 2, s->dport);
	frame_put32(out + 4, s->seq);
	frame_put32(out + 8, s->ack);
	out[12] = (uint8_t)(header / 4 << 4 | s->reserved);
	out[13] = s->flags;
	frame_put16(out + 14, s->window);
	frame_put16(out + 18, s->urgent);
	if (s->n_options)
		memcpy(out + 20, s->options, s->n_options);
	if (s->payload)
		memcpy(out + header, s->data ? s->data : made->source.pool + s->seq % 4096, s->payload);
	frame_store_sum(out + 16, frame_sum(out, len, pseudo_sum(look, 6, len)));
	send_ip(made, time, look, 6, out, len);
}

static inline void send_udp(struct made *made, uint64_t time, const struct ip_look *look, uint16_t sport,
			    uint16_t dport, const uint8_t *data, unsigned n)
{
	uint8_t out[1800] = {0};

	frame_put16(out, sport);
	frame_put16(out + 2, dport);
	frame_put16(out + 4, 8 + n);
	memcpy(out + 8, data, n);
	frame_store_sum(out + 6, frame_sum(out, 8 + n, pseudo_sum(look, 17, 8 + n)));
	send_ip(made, time, look, 17, out, 8 + n);
}

/* A UDP datagram of n bytes in IPv4 fragments of `size` bytes of payload (a multiple of eight). */
static inline void send_fragments(struct made *made, uint64_t time, const struct ip_look *look, uint16_t sport,
				  uint16_t dport, unsigned n, unsigned size)
{
	static uint8_t datagram[65536];
	const unsigned total = 8 + n;

	frame_put16(datagram, sport);
	frame_put16(datagram + 2, dport);
	frame_put16(datagram + 4, total);
	frame_put16(datagram + 6, 0);
	memcpy(datagram + 8, made->source.pool, n);
	frame_store_sum(datagram + 6, frame_sum(datagram, total, pseudo_sum(look, 17, total)));
	for (unsigned at = 0; at < total; at += size) {
		const unsigned len = total - at < size ? total - at : size;
		uint8_t frame[2000] = {0};
		unsigned head = put_link(frame, look, 0x800);

		head += put_network(frame + head, look, 17, len, at / 8 | (at + len < total ? 0x2000u : 0));
		memcpy(frame + head, datagram + at, len);
		keep_packet(made, time + at, frame, head + len < 60 ? 60 : head + len);
	}
}

#endif
