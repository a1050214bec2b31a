/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `flows`, `ratelimit` and `firewall` written by hand in C for clang: the references of `./do bench fpl`. The maps
 * are those of the FPL classes: LRU hashes of 65,536 entries, keys with the most significant byte first, IPv4
 * addresses as IPv6 ones (::ffff:a.b.c.d), values in words of 64 bits. What ffpf counts of a source and of a
 * function, packets and bytes, per CPU, is counted here, too.
 *
 * One program for each line of the table at its end; `RATELIMIT` makes one for each rate, since a rate is a constant
 * where a flowgraph is compiled. Packets are Ethernet, IPv4 (options, fragments) or IPv6, with TCP or UDP ports.
 */
#include "reference.h"

#define ntohl(x) __builtin_bswap32(x)
#define ntohll(x) __builtin_bswap64(x)
#define ENTRIES 65536

static long (*bpf_map_update_elem)(void *map, const void *key, const void *value,
				   u64 flags) = (void *)BPF_FUNC_map_update_elem;
static u64 (*bpf_ktime_get_ns)(void) = (void *)BPF_FUNC_ktime_get_ns;
static long (*bpf_xdp_get_buff_len)(struct xdp_md *ctx) = (void *)BPF_FUNC_xdp_get_buff_len;

/* ---- what every graph counts ---- */

struct counts {
	u64 packets, bytes, out, bytes_out;
};

struct {
	int (*type)[BPF_MAP_TYPE_PERCPU_ARRAY];
	u32 *key;
	struct counts *value;
	int (*max_entries)[1];
} counts SEC(".maps");

/* ---- packets ---- */

struct address {
	u64 high, low; /* bytes as in the packet */
};

struct tuple {
	struct address src, dst;
	u16 sport, dport;
	u8 proto;
} __attribute__((packed));

struct packet {
	struct tuple key;
	u8 flags; /* of TCP */
};

/* The ports behind the network header; false: TCP or UDP that was cut short, whose ports stay 0. */
ALWAYS void ports(const u8 *l4, const u8 *end, struct packet *p)
{
	if (p->key.proto == 6) {
		if (l4 + 20 > end)
			return;
		p->flags = l4[13];
	} else if (p->key.proto != 17 || l4 + 8 > end) {
		return;
	}
	p->key.sport = *(const u16 *)l4;
	p->key.dport = *(const u16 *)(l4 + 2);
}

ALWAYS int dissect(struct xdp_md *ctx, struct packet *p)
{
	const u8 *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	u16 type;

	if (at + 14 > end)
		return 0;
	type = *(const u16 *)(at + 12);
	at += 14;
	p->key.sport = p->key.dport = 0;
	p->flags = 0;
	if (type == htons(0x800)) {
		if (at + 20 > end || (at[0] & 0xf0) != 0x40 || (at[0] & 15) < 5)
			return 0;
		p->key.src.high = p->key.dst.high = 0;
		p->key.src.low = (u64) * (const u32 *)(at + 12) << 32 | 0xffff0000;
		p->key.dst.low = (u64) * (const u32 *)(at + 16) << 32 | 0xffff0000;
		p->key.proto = at[9];
		if (!(*(const u16 *)(at + 6) & htons(0x1fff)))
			ports(at + ((at[0] & 15) << 2), end, p);
		return 1;
	}
	if (type == htons(0x86dd)) {
		if (at + 40 > end || (at[0] & 0xf0) != 0x60)
			return 0;
		p->key.src = *(const struct address *)(at + 8);
		p->key.dst = *(const struct address *)(at + 24);
		p->key.proto = at[6];
		ports(at + 40, end, p);
		return 1;
	}
	return 0;
}

/* Counts the packet; NULL never comes. */
ALWAYS struct counts *begin(struct xdp_md *ctx, u64 *len)
{
	u32 zero = 0;
	struct counts *c = bpf_map_lookup_elem(&counts, &zero);

	*len = bpf_xdp_get_buff_len(ctx);
	if (c) {
		c->packets++;
		c->bytes += *len;
	}
	return c;
}

ALWAYS int accept(struct counts *c, u64 len)
{
	c->out++;
	c->bytes_out += len;
	return XDP_PASS;
}

/* ---- flows: packets, bytes, first, last and TCP flags of each 5-tuple ---- */

struct flow {
	u64 packets, bytes, first, last, flags;
};

struct {
	int (*type)[BPF_MAP_TYPE_LRU_HASH];
	struct tuple *key;
	struct flow *value;
	int (*max_entries)[ENTRIES];
} flow_table SEC(".maps");

SEC("xdp/flows")
int flows(struct xdp_md *ctx)
{
	u64 len;
	struct counts *c = begin(ctx, &len);
	struct packet p;
	struct flow *f;

	if (!c)
		return XDP_PASS;
	if (dissect(ctx, &p)) {
		f = bpf_map_lookup_elem(&flow_table, &p.key);
		if (!f) {
			struct flow fresh = {0};

			fresh.first = bpf_ktime_get_ns();
			bpf_map_update_elem(&flow_table, &p.key, &fresh, BPF_NOEXIST);
			f = bpf_map_lookup_elem(&flow_table, &p.key);
		}
		if (f) {
			__sync_fetch_and_add(&f->packets, 1);
			__sync_fetch_and_add(&f->bytes, len);
			f->last = bpf_ktime_get_ns();
			f->flags |= p.flags;
		}
	}
	return accept(c, len);
}

/* ---- ratelimit: a token bucket for each source; a packet costs so many nanoseconds of credit ---- */

struct bucket {
	u64 credit, last;
};

struct {
	int (*type)[BPF_MAP_TYPE_LRU_HASH];
	struct address *key;
	struct bucket *value;
	int (*max_entries)[ENTRIES];
} buckets SEC(".maps");

/* Packets that are no IP pass. */
ALWAYS int ratelimit(struct xdp_md *ctx, u64 rate, u64 burst)
{
	u64 len, now, credit, cost = 1000000000ULL / rate;
	struct counts *c = begin(ctx, &len);
	struct packet p;
	struct bucket *b;

	if (!c)
		return XDP_PASS;
	if (!dissect(ctx, &p))
		return accept(c, len);
	now = bpf_ktime_get_ns();
	b = bpf_map_lookup_elem(&buckets, &p.key.src);
	if (!b) {
		struct bucket fresh = {cost * burst, now};

		bpf_map_update_elem(&buckets, &p.key.src, &fresh, BPF_NOEXIST);
		b = bpf_map_lookup_elem(&buckets, &p.key.src);
		if (!b)
			return accept(c, len);
	}
	credit = b->credit + (now > b->last ? now - b->last : 0);
	if (credit > cost * burst)
		credit = cost * burst;
	b->last = now;
	if (credit < cost) {
		b->credit = credit;
		return XDP_PASS;
	}
	b->credit = credit - cost;
	return accept(c, len);
}

#define RATELIMIT(rate)                                                                                                \
	SEC("xdp/ratelimit_" #rate) int ratelimit_##rate(struct xdp_md *ctx)                                           \
	{                                                                                                              \
		return ratelimit(ctx, rate, 100);                                                                      \
	}
RATELIMIT(1000)
RATELIMIT(1000000000)

/* ---- firewall: what comes from 198.18.0.0/16 may begin a connection, and what belongs to one passes ---- */

struct connection {
	u64 packets, last, state; /* state: 1 open, 2 and 3 one side has finished, 4 closed */
};

struct {
	int (*type)[BPF_MAP_TYPE_LRU_HASH];
	struct tuple *key;
	struct connection *value;
	int (*max_entries)[ENTRIES];
} connections SEC(".maps");

/* The smaller end first, so that both directions have one key. Gives whether they were turned. */
ALWAYS int order(struct tuple *key)
{
	u64 s = ntohll(key->src.high), d = ntohll(key->dst.high);
	struct tuple k = *key;

	if (s == d) {
		s = ntohll(key->src.low);
		d = ntohll(key->dst.low);
	}
	if (s < d || (s == d && htons(key->sport) <= htons(key->dport)))
		return 0;
	key->src = k.dst;
	key->dst = k.src;
	key->sport = k.dport;
	key->dport = k.sport;
	return 1;
}

#define SECOND 1000000000ULL

SEC("xdp/firewall")
int firewall(struct xdp_md *ctx)
{
	u64 len, now, limit;
	struct counts *c = begin(ctx, &len);
	struct packet p;
	struct connection *f;
	int turned, allowed, begins;

	if (!c)
		return XDP_PASS;
	if (!dissect(ctx, &p))
		return accept(c, len);
	allowed = !p.key.src.high && (p.key.src.low & 0xffffffffffffULL) == (0x12c6ULL << 32 | 0xffff0000);
	turned = order(&p.key);
	now = bpf_ktime_get_ns();
	begins = (p.flags & 0x12) == 2;
	f = bpf_map_lookup_elem(&connections, &p.key);
	if (f) {
		limit = (p.key.proto != 6 ? 30 : f->state == 4 ? 10 : 3600) * SECOND;
		if (!(now > f->last && now - f->last > limit) && !(f->state == 4 && begins)) {
			u64 mine = turned ? 3 : 2;

			if (p.flags & 4)
				f->state = 4;
			else if (p.flags & 1)
				f->state = f->state == 1 || f->state == mine ? mine : 4;
			f->last = now;
			__sync_fetch_and_add(&f->packets, 1);
			return accept(c, len);
		}
	}
	if ((p.key.proto == 6 && !begins) || !allowed)
		return XDP_PASS;
	if (!f) {
		struct connection fresh = {0, now, 1};

		bpf_map_update_elem(&connections, &p.key, &fresh, BPF_NOEXIST);
		f = bpf_map_lookup_elem(&connections, &p.key);
		if (!f)
			return accept(c, len);
	}
	f->state = 1;
	f->last = now;
	__sync_fetch_and_add(&f->packets, 1);
	return accept(c, len);
}

/* ---- what a map operation costs: look a source up and add to its value, in 1 and in 8 tables of one program ---- */

#define TABLE(n)                                                                                                       \
	struct {                                                                                                       \
		int (*type)[BPF_MAP_TYPE_HASH];                                                                        \
		struct address *key;                                                                                   \
		u64 *value;                                                                                            \
		int (*max_entries)[ENTRIES];                                                                           \
	} table##n SEC(".maps");                                                                                       \
	ALWAYS void operation##n(const struct address *src)                                                            \
	{                                                                                                              \
		u64 *value = bpf_map_lookup_elem(&table##n, src), zero = 0;                                            \
		if (!value) {                                                                                          \
			bpf_map_update_elem(&table##n, src, &zero, BPF_NOEXIST);                                       \
			value = bpf_map_lookup_elem(&table##n, src);                                                   \
		}                                                                                                      \
		if (value)                                                                                             \
			__sync_fetch_and_add(value, 1);                                                                \
	}
TABLE(1)
TABLE(2)
TABLE(3)
TABLE(4)
TABLE(5)
TABLE(6)
TABLE(7)
TABLE(8)

SEC("xdp/operations_1")
int operations_1(struct xdp_md *ctx)
{
	u64 len;
	struct counts *c = begin(ctx, &len);
	struct packet p;

	if (!c || !dissect(ctx, &p))
		return XDP_PASS;
	operation1(&p.key.src);
	return accept(c, len);
}

SEC("xdp/operations_8")
int operations_8(struct xdp_md *ctx)
{
	u64 len;
	struct counts *c = begin(ctx, &len);
	struct packet p;

	if (!c || !dissect(ctx, &p))
		return XDP_PASS;
	operation1(&p.key.src);
	operation2(&p.key.src);
	operation3(&p.key.src);
	operation4(&p.key.src);
	operation5(&p.key.src);
	operation6(&p.key.src);
	operation7(&p.key.src);
	operation8(&p.key.src);
	return accept(c, len);
}

char dual[] SEC("license") = "Dual BSD/GPL";
