/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions that are not inlined, with pointers to the packet, the stack and the context as arguments. */
#include "packet.h"

struct cursor {
	void *at, *end;
};

struct result {
	__u32 from, to;
	__u16 type, port;
};

static __attribute__((noinline)) int parse_ip(struct cursor *c, struct result *r)
{
	struct ipv4 *ip = c->at;

	if ((void *)(ip + 1) > c->end)
		return -1;
	r->from = ip->from;
	r->to = ip->to;
	c->at += (ip->version_length & 15) * 4;
	return ip->protocol;
}

static __attribute__((noinline)) int parse_port(void *at, void *end, struct result *r)
{
	struct ports *ports = at;

	if ((void *)(ports + 1) > end)
		return -1;
	r->port = swap16(ports->to);
	return 0;
}

static __attribute__((noinline)) unsigned mix(unsigned a, unsigned b)
{
	a ^= b + 0x9e3779b9 + (a << 6) + (a >> 2);
	return a;
}

SEC("xdp")
int functions(struct xdp_md *ctx)
{
	struct cursor c = {(void *)(long)ctx->data, (void *)(long)ctx->data_end};
	struct result r = {0};
	struct ethernet *ethernet = c.at;

	if ((void *)(ethernet + 1) > c.end)
		return 0;
	r.type = ethernet->type;
	c.at = ethernet + 1;
	int protocol = parse_ip(&c, &r);
	if (protocol < 0)
		return 0;
	if ((protocol == 6 || protocol == 17) && parse_port(c.at, c.end, &r) < 0)
		return 0;
	return mix(mix(r.from, r.to), r.port);
}

char its_license[] SEC("license") = "BSD";
