/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * genflows: writes a capture of whole conversations, and what is in it.
 *
 *     genflows [-n CONNECTIONS] [-S SEED] [-k KIND,…] [-z SYNS] FILE [DESCRIPTION]
 *
 * Kinds (all, if -k does not name some): tcp connections of several systems, with data both ways, retransmissions,
 * zero windows, delayed acknowledgements, resets, refusals and silence; scan; flood (of SYNs); dns; vlan; frag; icmp;
 * ttl; arp; and zoo, first packets of TCP with all that may be odd about them (-z says how many, 500).
 *
 * The same seed gives the same bytes on every machine. DESCRIPTION gets a JSON object on each line: what can't be read
 * from the packets, such as which system a connection is from, how often it was sent again, what was a scan. It has the
 * sums of what was made, too, so that who reads the capture can tell that he read it all.
 */
#include "sessions.h"

#include <errno.h>
#include <unistd.h>

#define START (1700000000ULL * SECOND)
#define OPTIONS_MAX 40

static struct made made;
static FILE *description;
static unsigned zoo = 500;

/* ---- TCP options ---- */

struct option_values {
	uint16_t mss;
	uint8_t scale;
	uint32_t tsval, tsecr;
};

/* The options of a list, padded with zeros; returns their bytes. */
static unsigned put_options(uint8_t out[OPTIONS_MAX], const uint8_t *list, const struct option_values *v)
{
	unsigned n = 0;

	memset(out, 0, OPTIONS_MAX);
	for (; *list != OPT_NONE && n + 10 <= OPTIONS_MAX; list++) {
		out[n] = *list;
		switch (*list) {
		case OPT_END:
		case OPT_NOP:
			n += 1;
			break;
		case OPT_MSS:
			out[n + 1] = 4;
			frame_put16(out + n + 2, v->mss);
			n += 4;
			break;
		case OPT_WSCALE:
			out[n + 1] = 3;
			out[n + 2] = v->scale;
			n += 3;
			break;
		case OPT_TIMESTAMP:
			out[n + 1] = 10;
			frame_put32(out + n + 2, v->tsval);
			frame_put32(out + n + 6, v->tsecr);
			n += 10;
			break;
		default: /* SACK permitted, and kinds that nobody knows */
			out[n + 1] = 2;
			n += 2;
		}
	}
	return (n + 3) & ~3u;
}

static bool has_option(const struct stack *stack, uint8_t option)
{
	return memchr(stack->options, option, sizeof(stack->options)) != NULL &&
	       (uint8_t *)memchr(stack->options, option, sizeof(stack->options)) <
		       (uint8_t *)memchr(stack->options, OPT_NONE, sizeof(stack->options));
}

static uint16_t first_window(const struct stack *stack, uint16_t mss)
{
	const unsigned of = stack->window_kind == WINDOW_MSS ? mss : stack->window_kind == WINDOW_MTU ? mss + 40u : 1;

	return (uint16_t)(of * stack->window < 65536 ? of * stack->window : 65535);
}

/* ---- connections ---- */

enum { CLIENT, SERVER };

struct connection {
	const struct stack *stack;
	const char *kind, *outcome;
	uint64_t begin, now;
	uint64_t delay[2]; /* from where packets are seen to an end and back */
	struct ip_look look[2];
	uint16_t port[2], mss, window[2];
	uint32_t seq[2], sent[2], stamp[2]; /* sent: up to where, SYN included */
	bool timestamps;
	unsigned data[2], again[2], zero_windows[2];
};

static void send_segment(struct connection *c, unsigned from, uint8_t flags, uint32_t seq, unsigned payload,
			 uint16_t window)
{
	uint8_t options[OPTIONS_MAX];
	const struct option_values v = {c->mss, 7, c->stamp[from] + (uint32_t)(c->now / MS),
					c->stamp[!from] + (uint32_t)(c->now / MS)};
	static const uint8_t stamped[] = {OPT_NOP, OPT_NOP, OPT_TIMESTAMP, OPT_NONE};
	struct segment s = {.sport = c->port[from],
			    .dport = c->port[!from],
			    .seq = seq,
			    .ack = flags & ACK ? c->sent[!from] : 0,
			    .flags = flags,
			    .window = window,
			    .payload = payload,
			    .options = options};

	if (c->timestamps && !(flags & RST))
		s.n_options = put_options(options, stamped, &v);
	send_tcp(&made, c->now, &c->look[from], &s);
	if (c->look[from].id)
		c->look[from].id++;
}

static void send_syn(struct connection *c)
{
	uint8_t options[OPTIONS_MAX];
	const struct option_values v = {c->mss, c->stack->scale, c->stamp[CLIENT] + (uint32_t)(c->now / MS), 0};
	const struct segment s = {.sport = c->port[CLIENT],
				  .dport = c->port[SERVER],
				  .seq = c->seq[CLIENT],
				  .flags = SYN,
				  .window = first_window(c->stack, c->mss),
				  .options = options,
				  .n_options = put_options(options, c->stack->options, &v)};

	send_tcp(&made, c->now, &c->look[CLIENT], &s);
	if (c->look[CLIENT].id)
		c->look[CLIENT].id++;
}

static void send_syn_ack(struct connection *c)
{
	uint8_t list[16], options[OPTIONS_MAX];
	const struct option_values v = {c->mss, 7, c->stamp[SERVER] + (uint32_t)(c->now / MS),
					c->stamp[CLIENT] + (uint32_t)(c->now / MS)};
	struct segment s = {.sport = c->port[SERVER],
			    .dport = c->port[CLIENT],
			    .seq = c->seq[SERVER],
			    .ack = c->sent[CLIENT],
			    .flags = SYN | ACK,
			    .window = c->window[SERVER],
			    .options = options};
	unsigned n = 0;

	list[n++] = OPT_MSS;
	if (c->timestamps) {
		list[n++] = OPT_SACKOK;
		list[n++] = OPT_TIMESTAMP;
	}
	if (has_option(c->stack, OPT_WSCALE)) {
		list[n++] = OPT_NOP;
		list[n++] = OPT_WSCALE;
	}
	list[n] = OPT_NONE;
	s.n_options = put_options(options, list, &v);
	send_tcp(&made, c->now, &c->look[SERVER], &s);
}

/* SYN, perhaps again, SYN+ACK, ACK. */
static void shake_hands(struct connection *c)
{
	send_syn(c);
	if (chance(&made, 8)) { /* the first was lost behind us */
		c->now += SECOND;
		send_syn(c);
		c->again[CLIENT]++;
	}
	c->sent[CLIENT] = c->seq[CLIENT] + 1;
	c->now += c->delay[SERVER];
	c->sent[SERVER] = c->seq[SERVER];
	send_syn_ack(c);
	c->sent[SERVER]++;
	c->now += c->delay[CLIENT];
	send_segment(c, CLIENT, ACK, c->sent[CLIENT], 0, c->window[CLIENT]);
}

/* The other end's bare acknowledgement of all that was sent. */
static void acknowledge(struct connection *c, unsigned by, uint16_t window)
{
	c->now += c->delay[by];
	send_segment(c, by, ACK, c->sent[by], 0, window);
}

/* n bytes in full segments; acknowledged every second one, the odd last one late. `loss` in percent. */
static void transfer(struct connection *c, unsigned from, unsigned n, unsigned loss, uint64_t gap)
{
	unsigned unacknowledged = 0;

	while (n) {
		const unsigned len = n < c->mss ? n : c->mss;
		const uint32_t seq = c->sent[from];

		n -= len;
		send_segment(c, from, n ? ACK : ACK | PSH, seq, len, c->window[from]);
		c->data[from] += len;
		c->sent[from] += len;
		c->now += gap;
		if (chance(&made, loss)) { /* it was lost behind us: the other end says nothing, then it comes again */
			c->now += 200 * MS + c->delay[!from];
			send_segment(c, from, n ? ACK : ACK | PSH, seq, len, c->window[from]);
			c->again[from]++;
			unacknowledged = 1;
		}
		if (++unacknowledged >= 2) {
			acknowledge(c, !from, c->window[!from]);
			unacknowledged = 0;
		}
	}
	if (unacknowledged) {
		c->now += 40 * MS;
		acknowledge(c, !from, c->window[!from]);
	}
}

/* The receiver is full; the sender probes; then there is room again. */
static void stall(struct connection *c, unsigned receiver)
{
	acknowledge(c, receiver, 0);
	c->zero_windows[receiver]++;
	c->now += 300 * MS;
	send_segment(c, !receiver, ACK, c->sent[!receiver] - 1, 1, c->window[!receiver]); /* one old byte */
	c->again[!receiver]++;
	acknowledge(c, receiver, 0);
	c->zero_windows[receiver]++;
	c->now += 100 * MS;
	acknowledge(c, receiver, c->window[receiver]);
}

static void close_connection(struct connection *c, unsigned by)
{
	send_segment(c, by, FIN | ACK, c->sent[by], 0, c->window[by]);
	c->sent[by]++;
	c->now += c->delay[!by];
	send_segment(c, !by, FIN | ACK, c->sent[!by], 0, c->window[!by]);
	c->sent[!by]++;
	c->now += c->delay[by];
	send_segment(c, by, ACK, c->sent[by], 0, c->window[by]);
	c->outcome = "closed";
}

static void describe_connection(const struct connection *c)
{
	char client[48], server[48];

	fprintf(description,
		"{\"kind\":\"connection\",\"case\":\"%s\",\"system\":\"%s\",\"client\":\"%s\",\"cport\":%u,\"server\":"
		"\"%s\",\"sport\":%u,\"outcome\":\"%s\",\"begin_us\":%llu,\"server_us\":%llu,\"client_us\":%llu,\"mss\""
		":%u,\"vlan\":%u,\"data\":[%u,%u],\"again\":[%u,%u],\"zero_windows\":[%u,%u]}\n",
		c->kind, c->stack->name, address_text(&c->look[CLIENT].src, client), c->port[CLIENT],
		address_text(&c->look[SERVER].src, server), c->port[SERVER], c->outcome,
		(unsigned long long)((c->begin - START) / US), (unsigned long long)(c->delay[SERVER] / US),
		(unsigned long long)(c->delay[CLIENT] / US), c->mss,
		c->look[0].vlan[1] ? c->look[0].vlan[1] : c->look[0].vlan[0], c->data[0], c->data[1], c->again[0],
		c->again[1], c->zero_windows[0], c->zero_windows[1]);
}

static void begin_connection(struct connection *c, const struct stack *stack, uint32_t number)
{
	static const uint16_t ports[] = {80, 443, 22, 25, 8080};
	const bool ipv6 = chance(&made, 20);
	bool scales;

	memset(c, 0, sizeof(*c));
	c->stack = stack;
	c->kind = "short";
	c->outcome = "open";
	c->begin = c->now = START + below(&made, 20 * SECOND) / US * US;
	c->delay[CLIENT] = (1 + below(&made, 20)) * MS;
	c->delay[SERVER] = (1 + below(&made, 80)) * MS;
	c->look[CLIENT].src = c->look[SERVER].dst = make_address(0, 256 + number % 5000, ipv6);
	c->look[SERVER].src = c->look[CLIENT].dst = make_address(1, 1 + (uint32_t)below(&made, 40), ipv6);
	c->look[CLIENT].ttl = (uint8_t)(stack->ttl - below(&made, 20));
	c->look[SERVER].ttl = (uint8_t)(64 - below(&made, 12));
	c->look[CLIENT].df = stack->df;
	c->look[SERVER].df = true;
	c->look[CLIENT].id = stack->id ? (uint16_t)(1 + below(&made, 30000)) : 0;
	c->port[CLIENT] = (uint16_t)(20000 + number % 40000);
	c->port[SERVER] = ports[below(&made, 5)];
	c->mss = ipv6 ? 1440 : chance(&made, 70) ? 1460 : chance(&made, 50) ? 1400 : 1380;
	/* 64 to 128 kB where both scale, else about 50 */
	scales = has_option(stack, OPT_WSCALE);
	c->window[CLIENT] = (uint16_t)(scales && stack->scale ? (64000 + below(&made, 60000)) >> stack->scale
							      : 40000 + below(&made, 20000));
	c->window[SERVER] = (uint16_t)(scales ? 500 + below(&made, 500) : 40000 + below(&made, 20000));
	c->seq[CLIENT] = (uint32_t)frame_random(&made.source) | 1;
	c->seq[SERVER] = (uint32_t)frame_random(&made.source) | 1;
	c->stamp[CLIENT] = (uint32_t)frame_random(&made.source) >> 4;
	c->stamp[SERVER] = (uint32_t)frame_random(&made.source) >> 4;
	c->timestamps = has_option(stack, OPT_TIMESTAMP);
}

static void make_connection(uint32_t number, const uint16_t vlan[2])
{
	struct connection c;
	const unsigned kind = (unsigned)below(&made, 20);

	begin_connection(&c, &stacks[below(&made, STACKS_OF_HOSTS)], number);
	for (unsigned end = 0; end < 2; end++)
		memcpy(c.look[end].vlan, vlan, sizeof(c.look[end].vlan));
	if (kind == 0) {
		c.kind = "silent", c.outcome = "unanswered";
		send_syn(&c);
		for (unsigned i = 0; i < 2; i++) {
			c.now += SECOND << i;
			send_syn(&c);
			c.again[CLIENT]++;
		}
	} else if (kind == 1) {
		c.kind = "refused", c.outcome = "refused";
		send_syn(&c);
		c.sent[CLIENT] = c.seq[CLIENT] + 1;
		c.now += c.delay[SERVER];
		send_segment(&c, SERVER, RST | ACK, 0, 0, 0);
	} else {
		shake_hands(&c);
		transfer(&c, CLIENT, 100 + (unsigned)below(&made, 900), 2, MS / 10);
		if (kind < 6) {
			c.kind = "network";
			transfer(&c, SERVER, 60000 + (unsigned)below(&made, 60000), 8, MS / 20);
		} else if (kind < 9) {
			c.kind = "receiver";
			for (unsigned i = 0; i < 3; i++) {
				transfer(&c, SERVER, 20000, 0, MS / 20);
				stall(&c, CLIENT);
			}
		} else if (kind < 12) {
			c.kind = "sender";
			for (unsigned i = 0; i < 8; i++) {
				c.now += 400 * MS;
				transfer(&c, SERVER, 200, 0, MS / 10);
			}
		} else {
			transfer(&c, SERVER, 500 + (unsigned)below(&made, 5000), 2, MS / 10);
		}
		if (kind == 2) {
			send_segment(&c, CLIENT, RST | ACK, c.sent[CLIENT], 0, 0);
			c.outcome = "reset";
		} else if (kind != 3) {
			c.now += MS;
			close_connection(&c, chance(&made, 50));
		}
	}
	describe_connection(&c);
}

static void make_tcp(unsigned connections)
{
	for (uint32_t i = 0; i < connections; i++)
		make_connection(i, (const uint16_t[2]){0, 0});
}

static void make_vlan(unsigned connections)
{
	static const uint16_t tags[][2] = {{5, 0}, {7, 0}, {4094, 0}, {100, 5}, {200, 9}};

	for (uint32_t i = 0; i < 10 + connections / 10; i++)
		make_connection(10000 + i, tags[i % 5]);
}

/* ---- scans and floods ---- */

static void make_scan(unsigned connections)
{
	const unsigned scans[2] = {60 + connections / 4, 40 + connections / 4}; /* ports of one host, hosts */
	struct connection c;
	char src[48];

	for (unsigned kind = 0; kind < 2; kind++) {
		unsigned open = 0;

		for (unsigned i = 0; i < scans[kind]; i++) {
			begin_connection(&c, &stacks[STACK_SCANNER], 0);
			c.look[CLIENT].src = c.look[SERVER].dst = make_address(3, 66 + kind, false);
			c.look[SERVER].src = c.look[CLIENT].dst = make_address(1, kind ? 1 + i : 7, false);
			c.look[CLIENT].ttl = (uint8_t)(37 + below(&made, 20));
			c.port[CLIENT] = 61000;
			c.port[SERVER] = kind ? 445 : (uint16_t)(1 + i);
			c.mss = 1460;
			c.now = START + 5 * SECOND + kind * SECOND + i * 3 * MS;
			send_syn(&c);
			c.sent[CLIENT] = c.seq[CLIENT] + 1;
			c.now += c.delay[SERVER];
			if (chance(&made, 10)) {
				open++;
				send_syn_ack(&c);
				c.now += c.delay[CLIENT];
				send_segment(&c, CLIENT, RST, c.sent[CLIENT], 0, 0);
			} else if (chance(&made, 80)) {
				send_segment(&c, SERVER, RST | ACK, 0, 0, 0);
			}
		}
		fprintf(description,
			"{\"kind\":\"scan\",\"case\":\"%s\",\"src\":\"%s\",\"targets\":%u,\"open\":%u,\"ms\":%u}\n",
			kind ? "hosts" : "ports", address_text(&c.look[CLIENT].src, src), scans[kind], open,
			scans[kind] * 3);
	}
}

static void make_flood(unsigned connections)
{
	const unsigned n = 300 + connections * 2;
	struct connection c;
	unsigned answered = 0;
	char dst[48];

	for (unsigned i = 0; i < n; i++) {
		begin_connection(&c, &stacks[STACK_SCANNER], 0);
		c.look[CLIENT].src = c.look[SERVER].dst = make_address(0, (uint32_t)below(&made, 65536), false);
		c.look[SERVER].src = c.look[CLIENT].dst = make_address(1, 99, false);
		c.look[CLIENT].ttl = (uint8_t)(1 + below(&made, 255));
		c.port[CLIENT] = (uint16_t)(1024 + below(&made, 60000));
		c.port[SERVER] = 80;
		c.now = START + 10 * SECOND + i * MS;
		send_syn(&c);
		c.sent[CLIENT] = c.seq[CLIENT] + 1;
		if (i < n / 2) { /* until its table is full */
			c.now += c.delay[SERVER];
			send_syn_ack(&c);
			answered++;
		}
	}
	fprintf(description, "{\"kind\":\"flood\",\"dst\":\"%s\",\"dport\":80,\"syns\":%u,\"answered\":%u,\"ms\":%u}\n",
		address_text(&c.look[CLIENT].dst, dst), n, answered, n);
}

/* ---- UDP and the rest ---- */

static void random_look(struct ip_look *look, uint32_t number)
{
	const bool ipv6 = chance(&made, 20);

	memset(look, 0, sizeof(*look));
	look->src = make_address(0, 6000 + number % 200, ipv6);
	look->dst = make_address(2, 53, ipv6);
	look->ttl = (uint8_t)(50 + below(&made, 15));
	look->id = (uint16_t)(1 + below(&made, 60000));
}

static void turn(struct ip_look *look)
{
	const struct address src = look->src;

	look->src = look->dst;
	look->dst = src;
}

static unsigned put_question(uint8_t *out, uint32_t number, unsigned type)
{
	char name[32];
	unsigned len = (unsigned)snprintf(name, sizeof(name), "host%u", number % 100), at = 0;

	out[at++] = (uint8_t)len;
	memcpy(out + at, name, len);
	at += len;
	memcpy(out + at, "\7example\3org", 13); /* with its NUL */
	at += 13;
	frame_put16(out + at, type);
	frame_put16(out + at + 2, 1);
	return at + 4;
}

static void make_dns(unsigned connections)
{
	static const uint16_t types[] = {1, 1, 1, 28, 28, 15, 16, 12};
	static const uint8_t codes[] = {0, 0, 0, 0, 0, 3, 3, 2, 5};
	unsigned queries = 0, answers = 0, failures = 0;

	for (uint32_t i = 0; i < 50 + connections; i++) {
		uint64_t now = START + below(&made, 20 * SECOND) / US * US;
		const unsigned type = types[below(&made, 8)], code = codes[below(&made, 9)];
		const uint16_t port = (uint16_t)(30000 + i), id = (uint16_t)frame_random(&made.source);
		uint8_t message[512] = {0};
		struct ip_look look;
		unsigned len;

		random_look(&look, i);
		frame_put16(message, id);
		message[2] = 1; /* recursion desired */
		message[5] = 1;
		len = 12 + put_question(message + 12, i, type);
		send_udp(&made, now, &look, port, 53, message, len);
		queries++;
		if (chance(&made, 10))
			continue;
		now += (1 + below(&made, 50)) * MS;
		message[2] = 0x81;
		message[3] = (uint8_t)(0x80 | code);
		if (!code && type == 1) {
			message[7] = 1;
			memcpy(message + len, "\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\xcb\0\x71\1", 16);
			len += 16;
		}
		turn(&look);
		send_udp(&made, now, &look, 53, port, message, len);
		answers++;
		failures += code != 0;
	}
	fprintf(description, "{\"kind\":\"dns\",\"queries\":%u,\"answers\":%u,\"failures\":%u}\n", queries, answers,
		failures);
}

static void make_frag(unsigned connections)
{
	unsigned datagrams = 0;

	for (uint32_t i = 0; i < 5 + connections / 20; i++) {
		struct ip_look look = {.src = make_address(0, 7000 + i % 10, false),
				       .dst = make_address(1, 3, false),
				       .ttl = 60,
				       .id = (uint16_t)(100 + i)};

		send_fragments(&made, START + below(&made, 20 * SECOND) / US * US, &look, (uint16_t)(7000 + i), 2049,
			       2000 + (unsigned)below(&made, 6000), 1480);
		datagrams++;
	}
	fprintf(description, "{\"kind\":\"frag\",\"datagrams\":%u}\n", datagrams);
}

static void make_icmp(unsigned connections)
{
	unsigned n = 20 + connections / 10;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t now = START + below(&made, 20 * SECOND) / US * US;
		uint8_t message[64] = {0};
		struct ip_look look;

		random_look(&look, i);
		message[0] = look.src.ipv6 ? 128 : 8;
		frame_put16(message + 4, i + 1);
		frame_put16(message + 6, 1);
		for (unsigned answer = 0; answer < 2; answer++) {
			const unsigned proto = look.src.ipv6 ? 58 : 1;

			memset(message + 2, 0, 2);
			frame_store_sum(message + 2,
					frame_sum(message, 64, look.src.ipv6 ? pseudo_sum(&look, proto, 64) : 0));
			send_ip(&made, now, &look, proto, message, 64);
			turn(&look);
			message[0] = look.src.ipv6 ? 129 : 0;
			now += (1 + below(&made, 30)) * MS;
		}
	}
	fprintf(description, "{\"kind\":\"icmp\",\"echoes\":%u}\n", n);
}

/* One source whose packets come ten ways; one that is being traced. */
static void make_ttl(unsigned connections)
{
	const unsigned n = 30 + connections / 10;
	struct ip_look look = {
		.src = make_address(3, 200, false), .dst = make_address(1, 5, false), .id = 1, .df = false};
	char odd[48], low[48];

	for (uint32_t i = 0; i < n; i++) {
		look.ttl = (uint8_t)(i % 5 ? 55 : 120);
		send_udp(&made, START + i * 100 * MS, &look, 5000, 5001, made.source.pool, 40);
	}
	address_text(&look.src, odd);
	look.src = make_address(3, 201, false);
	for (uint32_t i = 0; i < n; i++) {
		look.ttl = (uint8_t)(1 + i % 3);
		send_udp(&made, START + 50 * MS + i * 100 * MS, &look, 40000, (uint16_t)(33434 + i), made.source.pool,
			 20);
	}
	fprintf(description, "{\"kind\":\"ttl\",\"changing\":\"%s\",\"changes\":%u,\"low\":\"%s\",\"packets\":%u}\n",
		odd, n / 5 * 2 + (n % 5 > 1 ? 1 : 0), address_text(&look.src, low), n);
}

static void make_arp(unsigned connections)
{
	for (unsigned i = 0; i < 10; i++) {
		uint8_t frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,
				     1,	   8,	 6,    0,    1,	   8,	 0, 6, 4, 0, 1};

		memcpy(frame + 22, frame + 6, 6);
		memcpy(frame + 28, make_address(0, 300 + i, false).bytes, 4);
		memcpy(frame + 38, make_address(0, 1, false).bytes, 4);
		keep_packet(&made, START + i * SECOND, frame, sizeof(frame));
	}
	fprintf(description, "{\"kind\":\"arp\",\"requests\":10}\n");
}

/* ---- the zoo ---- */

/* One of n numbers. */
#define ONE_OF(...)                                                                                                    \
	((const uint16_t[]){__VA_ARGS__}[below(&made, sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))])

/* Changes options into what no system sends. */
static unsigned spoil_options(uint8_t options[OPTIONS_MAX], unsigned n)
{
	if (!n)
		return n;
	switch (below(&made, 5)) {
	case 0: /* anything anywhere */
		options[below(&made, n)] = (uint8_t)frame_random(&made.source);
		return n;
	case 1: /* something behind the end */
		options[n - 1] = (uint8_t)(1 + below(&made, 255));
		return n;
	case 2: /* an option that nobody knows */
		if (n + 4 > OPTIONS_MAX)
			return n;
		memcpy(options + n, "\xfd\4\x12\x34", 4);
		return n + 4;
	case 3: /* cut off */
		return n - 4;
	default: /* only NOPs */
		memset(options, OPT_NOP, n);
		return n;
	}
}

static void make_zoo(unsigned connections)
{
	for (uint32_t i = 0; i < zoo; i++) {
		const struct stack *stack = &stacks[below(&made, N_STACKS)];
		const bool ipv6 = chance(&made, 25), plain = chance(&made, 40);
		const uint16_t mss = plain ? 1460 : ONE_OF(1460, 1440, 1400, 1380, 1452, 536, 100, 99, 0, 9000, 16396);
		const struct option_values v = {mss,
						plain || chance(&made, 70) ? stack->scale : (uint8_t)below(&made, 17),
						chance(&made, 90) ? (uint32_t)frame_random(&made.source) | 1 : 0,
						chance(&made, 95) ? 0 : (uint32_t)frame_random(&made.source)};
		uint8_t options[OPTIONS_MAX];
		struct ip_look look = {.src = make_address(0, 20000 + i % 40000, ipv6),
				       .dst = make_address(2, 80, ipv6),
				       .ttl = (uint8_t)(stack->ttl - below(&made, plain ? 30 : 50)),
				       .df = plain || chance(&made, 80) ? stack->df : !stack->df,
				       .id = stack->id ? (uint16_t)(1 + below(&made, 60000)) : 0};
		struct segment s = {.sport = (uint16_t)(1024 + i % 60000),
				    .dport = 80,
				    .seq = (uint32_t)frame_random(&made.source) | 1,
				    .flags = SYN,
				    .window = first_window(stack, mss),
				    .options = options,
				    .n_options = put_options(options, stack->options, &v)};

		if (!plain) {
			look.tos = chance(&made, 90) ? 0 : (uint8_t)frame_random(&made.source);
			look.mbz = chance(&made, 3);
			look.flow_label = chance(&made, 50) ? (uint32_t)frame_random(&made.source) & 0xfffff : 0;
			look.ip_options = chance(&made, 95) ? 0 : 4;
			if (chance(&made, 10))
				look.id = 0;
			if (chance(&made, 10))
				s.flags |= ECE | CWR;
			if (chance(&made, 3))
				s.reserved = (uint8_t)below(&made, 16);
			if (chance(&made, 3))
				s.seq = 0;
			if (chance(&made, 3))
				s.ack = (uint32_t)frame_random(&made.source) | 0x01000000;
			if (chance(&made, 3))
				s.urgent = (uint16_t)below(&made, 65536);
			if (chance(&made, 3))
				s.flags |= URG;
			if (chance(&made, 3))
				s.flags |= PSH;
			if (chance(&made, 5))
				s.payload = 1 + (unsigned)below(&made, 100);
			if (chance(&made, 20))
				s.window = ONE_OF(mss * 4u, 1460 * 10u, 1448 * 3u, 1500 * 2u, mss + 40u, 65535, 8192, 0,
						  512, 5840, 1024, 4096, 29200, 14600);
			if (chance(&made, 12))
				s.n_options = spoil_options(options, s.n_options);
		}
		send_tcp(&made, START + i * 20 * MS, &look, &s);
	}
	fprintf(description, "{\"kind\":\"zoo\",\"syns\":%u}\n", zoo);
}

/* ---- all together ---- */

static const struct {
	const char *name;
	void (*make)(unsigned connections);
} kinds[] = {
	{"tcp", make_tcp},   {"scan", make_scan}, {"flood", make_flood}, {"dns", make_dns}, {"vlan", make_vlan},
	{"frag", make_frag}, {"icmp", make_icmp}, {"ttl", make_ttl},	 {"arp", make_arp}, {"zoo", make_zoo},
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* The kinds of a list as bits; 0: one that there is not. */
static unsigned read_kinds(char *list)
{
	unsigned wanted = 0;
	char *save = NULL;

	for (char *word = strtok_r(list, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		size_t k = 0;

		while (k < N_KINDS && strcmp(kinds[k].name, word) != 0)
			k++;
		if (k == N_KINDS)
			return 0;
		wanted |= 1u << k;
	}
	return wanted;
}

static int write_packets(const char *path)
{
	const uint32_t head[6] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, 65535, 1};
	unsigned long long bytes = 0;
	FILE *file = fopen(path, "wb");

	if (!file)
		return -1;
	fwrite(head, 1, sizeof(head), file);
	qsort(made.packets, made.n, sizeof(*made.packets), by_time);
	for (size_t i = 0; i < made.n; i++) {
		const struct made_packet *p = &made.packets[i];
		const uint32_t record[4] = {(uint32_t)(p->time / SECOND), (uint32_t)(p->time % SECOND / US), p->len,
					    p->len};

		fwrite(record, 1, sizeof(record), file);
		fwrite(p->data, 1, p->len, file);
		bytes += p->len;
		free(p->data);
	}
	fprintf(description, "{\"kind\":\"total\",\"packets\":%zu,\"bytes\":%llu}\n", made.n, bytes);
	free(made.packets);
	return ferror(file) | fclose(file);
}

int main(int argc, char **argv)
{
	unsigned connections = 100, wanted = ~0u;
	unsigned long seed = 1;
	int option;

	while ((option = getopt(argc, argv, "n:S:k:z:")) != -1) {
		if (option == 'n')
			connections = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'S')
			seed = strtoul(optarg, NULL, 10);
		else if (option == 'z')
			zoo = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'k')
			wanted = read_kinds(optarg);
		else
			wanted = 0;
	}
	if (!wanted || optind >= argc || argc > optind + 2 || connections > 1000000 || zoo > 1000000) {
		fputs("usage: genflows [-n CONNECTIONS] [-S SEED] [-k tcp,scan,flood,dns,vlan,frag,icmp,ttl,arp,zoo] "
		      "[-z "
		      "SYNS] FILE [DESCRIPTION]\n",
		      stderr);
		return 2;
	}
	description = fopen(optind + 1 < argc ? argv[optind + 1] : "/dev/null", "w");
	if (!description) {
		fprintf(stderr, "genflows: %s: %s\n", argv[optind + 1], strerror(errno));
		return 1;
	}
	frame_source_init(&made.source, "60", "tcp", 1, seed);
	for (size_t k = 0; k < N_KINDS; k++) {
		made.source.random = seed * 1000 + k; /* each kind is the same, whatever others there are */
		if (wanted & 1u << k)
			kinds[k].make(connections);
	}
	if (write_packets(argv[optind]) || fclose(description)) {
		fprintf(stderr, "genflows: %s: %s\n", argv[optind], strerror(errno));
		return 1;
	}
	return 0;
}
