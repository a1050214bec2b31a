/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who talks to whom, as one number: what FPL's `hash` is (fpl/packet_hash.c), in C. A test compares the two.
 *
 * Each end (address and port) is hashed by itself and the two are added, which makes the number the same both ways.
 */
#include <flowspaces/user/flowhash.h>

#include <netinet/in.h>
#include <stdbool.h>

/* Of the first so many bytes headers are looked at, with room for a transport header behind IPv6's extension headers.
 */
enum { HEADERS_END = 512 - 64 };
enum { TAGS_MAX = 4, LABELS_MAX = 8, EXTENSIONS_MAX = 8 };
enum { PROTOCOL_UNKNOWN = 255 }; /* IPv6 whose extension headers don't end */

struct end {
	uint64_t high, low, port;
};

struct flow {
	struct end ends[2];
	uint32_t protocol; /* of IP; EtherType << 8 of others */
};

static uint64_t number(const uint8_t *p, size_t n)
{
	uint64_t x = 0;

	while (n--)
		x = x << 8 | *p++;
	return x;
}

/* ---- transport ------------------------------------------------------------------------------- */

static bool has_ports(unsigned protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
	       protocol == IPPROTO_DCCP || protocol == IPPROTO_UDPLITE;
}

static void look_transport(struct flow *flow, const uint8_t *p, size_t n)
{
	if (n < 4 || !has_ports(flow->protocol))
		return;
	flow->ends[0].port = number(p, 2);
	flow->ends[1].port = number(p + 2, 2);
}

/* ---- IP -------------------------------------------------------------------------------------- */

static bool look_ipv4(struct flow *flow, const uint8_t *p, size_t n)
{
	size_t header = n ? (size_t)(p[0] & 15) * 4 : 0;

	if (n < 20 || p[0] >> 4 != 4 || header < 20)
		return false;
	flow->protocol = p[9];
	flow->ends[0].low = number(p + 12, 4);
	flow->ends[1].low = number(p + 16, 4);
	if (!(number(p + 6, 2) & 0x3fff) && header <= n) /* neither an offset nor more to come */
		look_transport(flow, p + header, n - header);
	return true;
}

static bool is_extension(unsigned protocol)
{
	switch (protocol) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_FRAGMENT:
	case IPPROTO_AH:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MH:
	case 139: /* HIP */
	case 140: /* shim6 */
		return true;
	default:
		return false;
	}
}

/* before: bytes of the frame before the header. */
static bool look_ipv6(struct flow *flow, const uint8_t *p, size_t n, size_t before)
{
	size_t at = 40;
	bool fragment = false, later = false;

	if (n < 40 || p[0] >> 4 != 6)
		return false;
	for (unsigned i = 0; i < 2; i++) {
		flow->ends[i].high = number(p + 8 + 16 * i, 8);
		flow->ends[i].low = number(p + 16 + 16 * i, 8);
	}
	flow->protocol = p[6];
	for (unsigned passed = 0; !later && is_extension(flow->protocol); passed++) {
		unsigned kind = flow->protocol;

		if (passed == EXTENSIONS_MAX || at + 8 > n)
			goto endless;
		flow->protocol = p[at];
		if (kind == IPPROTO_FRAGMENT) {
			fragment = true;
			later = number(p + at + 2, 2) & 0xfff8;
			at += 8;
		} else {
			at += kind == IPPROTO_AH ? (p[at + 1] + 2u) * 4 : (p[at + 1] + 1u) * 8;
		}
		if (!later && before + at > HEADERS_END)
			goto endless;
	}
	if (!fragment && at <= n)
		look_transport(flow, p + at, n - at);
	return true;
endless:
	flow->protocol = PROTOCOL_UNKNOWN;
	return true;
}

static bool look_ip(struct flow *flow, const uint8_t *frame, size_t at, size_t n, unsigned version)
{
	if (version == 4)
		return look_ipv4(flow, frame + at, n - at);
	return version == 6 && look_ipv6(flow, frame + at, n - at, at);
}

/* ---- frames ---------------------------------------------------------------------------------- */

static bool look_mpls(struct flow *flow, const uint8_t *frame, size_t at, size_t n)
{
	for (unsigned labels = 0; labels < LABELS_MAX && at + 4 <= n; labels++) {
		at += 4;
		if (frame[at - 2] & 1)
			return at < n && look_ip(flow, frame, at, n, frame[at] >> 4);
	}
	return false;
}

static bool look_type(struct flow *flow, const uint8_t *frame, size_t n)
{
	size_t at = 14;
	uint64_t type = number(frame + 12, 2);

	for (unsigned tags = 0; type == 0x8100 || type == 0x88a8 || type == 0x9100; tags++) {
		if (tags == TAGS_MAX || at + 4 > n)
			return false;
		type = number(frame + at + 2, 2);
		at += 4;
	}
	if (type == 0x8847 || type == 0x8848)
		return look_mpls(flow, frame, at, n);
	return look_ip(flow, frame, at, n, type == 0x0800 ? 4 : type == 0x86dd ? 6 : 0);
}

static void look(struct flow *flow, const uint8_t *frame, size_t n)
{
	if (n < 14 || look_type(flow, frame, n))
		return;
	flow->protocol = (uint32_t)number(frame + 12, 2) << 8;
	flow->ends[0].low = number(frame + 6, 6);
	flow->ends[1].low = number(frame, 6);
}

/* ---- the number ------------------------------------------------------------------------------ */

/* Multipliers of MurmurHash3's finaliser and of splitmix64. */
#define FACTOR_1 UINT64_C(0xff51afd7ed558ccd)
#define FACTOR_2 UINT64_C(0xc4ceb9fe1a85ec53)
#define FACTOR_3 UINT64_C(0xbf58476d1ce4e5b9)

static uint64_t fold(uint64_t x, uint64_t factor)
{
	x *= factor;
	return x ^ x >> 32;
}

static uint64_t hash_end(const struct end *end)
{
	return fold(fold(fold(end->high + 1, FACTOR_1) + end->low, FACTOR_2) + end->port, FACTOR_3);
}

uint32_t ffpf_flow_hash(const uint8_t *frame, size_t n)
{
	struct flow flow = {0};

	look(&flow, frame, n);
	uint32_t result = (uint32_t)fold(hash_end(&flow.ends[0]) + hash_end(&flow.ends[1]) + flow.protocol, FACTOR_1);

	return result ? result : 1;
}
