/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who talks to whom, as one number. The two ends are brought into order before they are hashed, which makes the hash
 * the same for both directions.
 */
#include <flowspaces/user/flowhash.h>

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

struct end {
	uint8_t address[16];
	uint8_t port[2];
	uint8_t pad[6]; /* whole words; zero */
};

struct flow {
	struct end ends[2];
	uint32_t protocol; /* of IP; EtherType << 8 of others */
};

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put_ends(struct flow *flow, const uint8_t *source, const uint8_t *destination, size_t bytes)
{
	memcpy(flow->ends[0].address, source, bytes);
	memcpy(flow->ends[1].address, destination, bytes);
}

static void put_ports(struct flow *flow, const uint8_t *p, size_t n)
{
	switch (flow->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_UDPLITE:
		if (n < 4)
			return;
		memcpy(flow->ends[0].port, p, 2);
		memcpy(flow->ends[1].port, p + 2, 2);
	}
}

static bool look_ipv4(struct flow *flow, const uint8_t *p, size_t n)
{
	size_t header = n ? (size_t)(p[0] & 15) * 4 : 0;

	if (n < 20 || p[0] >> 4 != 4 || header < 20)
		return false;
	flow->protocol = p[9];
	put_ends(flow, p + 12, p + 16, 4);
	if (!(be16(p + 6) & 0x3fff) && header <= n) /* neither an offset nor more to come */
		put_ports(flow, p + header, n - header);
	return true;
}

static bool look_ipv6(struct flow *flow, const uint8_t *p, size_t n)
{
	if (n < 40 || p[0] >> 4 != 6)
		return false;
	put_ends(flow, p + 8, p + 24, 16);
	flow->protocol = p[6];
	size_t at = 40;
	for (unsigned headers = 0; headers < 8 && at + 8 <= n; headers++) {
		size_t size = ((size_t)p[at + 1] + 1) * 8;

		if (flow->protocol == IPPROTO_AH)
			size = ((size_t)p[at + 1] + 2) * 4;
		else if (flow->protocol == IPPROTO_FRAGMENT) {
			flow->protocol = p[at];
			return true;
		} else if (flow->protocol != IPPROTO_HOPOPTS && flow->protocol != IPPROTO_ROUTING &&
			   flow->protocol != IPPROTO_DSTOPTS)
			break;
		flow->protocol = p[at];
		at += size;
	}
	if (at <= n)
		put_ports(flow, p + at, n - at);
	return true;
}

static void look(struct flow *flow, const uint8_t *frame, size_t n)
{
	size_t at = 14;

	if (n < at)
		return;
	uint16_t type = be16(frame + 12);
	for (unsigned tags = 0; tags < 2 && (type == 0x8100 || type == 0x88a8) && at + 4 <= n; tags++) {
		type = be16(frame + at + 2);
		at += 4;
	}
	if (type == 0x0800 && look_ipv4(flow, frame + at, n - at))
		return;
	if (type == 0x86dd && look_ipv6(flow, frame + at, n - at))
		return;
	flow->protocol = (uint32_t)type << 8;
	put_ends(flow, frame + 6, frame, 6);
}

/* Multiplies and folds: every bit of a word reaches every bit of the result. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product =
		(unsigned __int128)(a ^ UINT64_C(0x9e3779b97f4a7c15)) * (b ^ UINT64_C(0xd6e8feb86659fd93));

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint32_t ffpf_flow_hash(const uint8_t *frame, size_t n)
{
	struct flow flow = {0};
	uint64_t hash = 0;

	look(&flow, frame, n);
	bool ordered = memcmp(&flow.ends[0], &flow.ends[1], sizeof(flow.ends[0])) <= 0;
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *end = (const uint8_t *)&flow.ends[ordered ? i : 1 - i];

		for (unsigned w = 0; w < 3; w++) { /* as bytes say it, whatever this machine's order */
			uint64_t word = 0;

			for (unsigned k = 0; k < 8; k++)
				word = word << 8 | end[w * 8 + k];
			hash = mix(hash + w, word);
		}
	}
	hash = mix(hash, flow.protocol);
	uint32_t result = (uint32_t)(hash ^ hash >> 32);
	return result ? result : 1;
}
