/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random pcap expressions of many terms, over the addresses and ports that packets.h makes packets of: lists of one
 * kind, lists of pairs, and free structure with brackets, negation and inherited qualifiers.
 */
#ifndef FFPF_TESTS_FILTER_RANDOM_H
#define FFPF_TESTS_FILTER_RANDOM_H

#include "packets.h"

#include <stdarg.h>
#include <stdio.h>

enum { FILTER_RANDOM_MAX = 32768 };

struct filter_text {
	char bytes[FILTER_RANDOM_MAX];
	size_t n;
};

__attribute__((format(printf, 2, 3))) static inline void filter_put(struct filter_text *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	t->n += (size_t)vsnprintf(t->bytes + t->n, FILTER_RANDOM_MAX - t->n, format, ap);
	va_end(ap);
}

static inline const char *filter_direction(struct rng *r)
{
	static const char *const words[] = {"", "", "src ", "dst ", "src or dst ", "src and dst ", "dst or src "};

	return RNG_PICK(r, words);
}

static inline void filter_host(struct filter_text *t, struct rng *r)
{
	static const char *const known[] = {"10.0.0.1", "10.0.0.2", "192.168.1.2", "192.0.2.1"};

	if (rng_one_in(r, 3))
		filter_put(t, "%s", RNG_PICK(r, known));
	else
		filter_put(t, "198.18.%u.%u", rng_below(r, 3), rng_below(r, 256));
}

static inline void filter_host6(struct filter_text *t, struct rng *r)
{
	static const char *const known[] = {"2001:db8::1", "2001:db8::2", "fe80::1", "ff02::1"};

	if (rng_one_in(r, 3))
		filter_put(t, "%s", RNG_PICK(r, known));
	else
		filter_put(t, "2001:db8:%x:%x::%x", rng_below(r, 3), rng_below(r, 3), rng_below(r, 4));
}

static inline void filter_net(struct filter_text *t, struct rng *r)
{
	static const char *const nets[] = {"10.0.0.0/8",
					   "10.0.0.0/24",
					   "192.168.0.0/16",
					   "192.0.2.0/24",
					   "198.18.0.0/15",
					   "10.0.0.0/30",
					   "192.168.1",
					   "10",
					   "10.0.0.0 mask 255.255.255.252"};

	if (rng_one_in(r, 2))
		filter_put(t, "%s", RNG_PICK(r, nets));
	else
		filter_put(t, "198.18.%u.0/24", rng_below(r, 40));
}

static inline void filter_port(struct filter_text *t, struct rng *r)
{
	static const char *const ports[] = {"22", "53", "80", "443", "0x1bb", "1024", "4789", "65535", "http"};

	if (rng_one_in(r, 3))
		filter_put(t, "%s", RNG_PICK(r, ports));
	else
		filter_put(t, "%u", rng_below(r, 2000));
}

static inline void filter_mac(struct filter_text *t, struct rng *r)
{
	static const char *const known[] = {"00:11:22:33:44:55", "0:aa:bb:cc:dd:ee", "ff-ff-ff-ff-ff-ff"};

	if (rng_one_in(r, 2))
		filter_put(t, "%s", RNG_PICK(r, known));
	else
		filter_put(t, "0:11:22:33:44:%x", rng_below(r, 256));
}

enum filter_sort { SORT_HOST, SORT_HOST6, SORT_NET, SORT_PORT, SORT_MAC, SORT_RANGE, SORTS };

/* A name without qualifiers. */
static inline void filter_id(struct filter_text *t, struct rng *r, enum filter_sort sort)
{
	uint32_t low = rng_below(r, 1000);

	switch (sort) {
	case SORT_HOST:
		filter_host(t, r);
		break;
	case SORT_HOST6:
		filter_host6(t, r);
		break;
	case SORT_NET:
		filter_net(t, r);
		break;
	case SORT_PORT:
		filter_port(t, r);
		break;
	case SORT_MAC:
		filter_mac(t, r);
		break;
	default:
		filter_put(t, "%u-%u", low, low + rng_below(r, 100));
		break;
	}
}

static inline void filter_head(struct filter_text *t, struct rng *r, enum filter_sort sort)
{
	static const char *const ip[] = {"", "", "", "ip ", "arp "};
	static const char *const transport[] = {"", "", "tcp ", "udp ", "sctp "};

	switch (sort) {
	case SORT_HOST:
		filter_put(t, "%s%shost ", RNG_PICK(r, ip), filter_direction(r));
		break;
	case SORT_HOST6:
		filter_put(t, "%s%shost ", rng_one_in(r, 3) ? "ip6 " : "", filter_direction(r));
		break;
	case SORT_NET:
		filter_put(t, "%s%snet ", RNG_PICK(r, ip), filter_direction(r));
		break;
	case SORT_PORT:
		filter_put(t, "%s%sport ", RNG_PICK(r, transport), filter_direction(r));
		break;
	case SORT_MAC:
		filter_put(t, "ether %shost ", filter_direction(r));
		break;
	default:
		filter_put(t, "%s%sportrange ", RNG_PICK(r, transport), filter_direction(r));
		break;
	}
}

static inline void filter_plain(struct filter_text *t, struct rng *r)
{
	static const char *const terms[] = {
		"ip",
		"ip6",
		"arp",
		"tcp",
		"udp",
		"icmp",
		"icmp6",
		"less 100",
		"greater 60",
		"len > 90",
		"tcp[13] & 2 != 0",
		"tcp[tcpflags] & (tcp-syn|tcp-fin) = tcp-syn",
		"(ip[0] & 15) * 4 > 20",
		"ip[8] < 64",
		"ip[2:2] + 14 <= len",
		"ether broadcast",
		"ether multicast",
		"ip proto 17",
		"ip proto \\tcp",
		"ip6 proto 6",
		"ip multicast",
		"ip[6:2] & 0x1fff = 0",
		"ether[0] & 1 = 0",
		"icmp[icmptype] = icmp-echo",
		"ether proto 0x86dd",
		"proto 132",
		"udp[4:2] = ip[2:2] - 20",
		"tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420",
		"ip[0] & 0xf != 5",
		"igmp",
		"ether proto \\arp",
		"ether[100] >= 0",
		"1 = 1",
		"len = len",
	};
	filter_put(t, "%s", RNG_PICK(r, terms));
}

static inline const char *filter_or(struct rng *r)
{
	return rng_one_in(r, 4) ? "||" : "or";
}

static inline const char *filter_and(struct rng *r)
{
	return rng_one_in(r, 4) ? "&&" : "and";
}

/* n terms of one or two kinds joined by one word. */
static inline void filter_list(struct filter_text *t, struct rng *r, unsigned n)
{
	enum filter_sort sorts[2] = {(enum filter_sort)rng_below(r, SORTS), (enum filter_sort)rng_below(r, SORTS)};
	bool mixed = rng_one_in(r, 3), bare = rng_one_in(r, 2), all = rng_one_in(r, 4);
	struct filter_text head[2] = {{.n = 0}, {.n = 0}};

	for (unsigned i = 0; i < 2; i++) {
		filter_head(&head[i], r, sorts[i]);
		if (rng_one_in(r, 6))
			head[i].n = 0;
	}
	for (unsigned i = 0; i < n; i++) {
		unsigned k = mixed && rng_one_in(r, 3);

		if (i)
			filter_put(t, " %s ", all ? filter_and(r) : filter_or(r));
		if (all || rng_one_in(r, 40))
			filter_put(t, rng_one_in(r, 2) ? "not " : "!");
		if (!i || mixed || !bare) {
			if (head[k].n)
				filter_put(t, "%s", head[k].bytes);
			else
				filter_head(t, r, sorts[k]);
		}
		filter_id(t, r, sorts[k]);
	}
}

/* (a and b) or (c and d) … */
static inline void filter_pairs(struct filter_text *t, struct rng *r, unsigned n)
{
	static const enum filter_sort first[] = {SORT_HOST, SORT_HOST, SORT_NET, SORT_HOST6, SORT_MAC},
				      second[] = {SORT_PORT, SORT_PORT, SORT_HOST, SORT_RANGE};
	enum filter_sort a = RNG_PICK(r, first), b = RNG_PICK(r, second);
	struct filter_text one = {.n = 0}, two = {.n = 0};
	bool turned = rng_one_in(r, 4);

	filter_head(&one, r, a);
	filter_head(&two, r, b);
	for (unsigned i = 0; i < n; i++) {
		filter_put(t, "%s(", i ? " or " : "");
		for (unsigned k = 0; k < 2; k++) {
			bool left = (k == 0) != turned;

			filter_put(t, "%s%s", k ? " and " : "", left ? one.bytes : two.bytes);
			filter_id(t, r, left ? a : b);
		}
		if (rng_one_in(r, 20))
			filter_put(t, " and not tcp");
		filter_put(t, ")");
	}
}

static inline void filter_free(struct filter_text *t, struct rng *r, unsigned n, unsigned depth)
{
	bool can_inherit = false;
	enum filter_sort sort = SORT_HOST;

	for (unsigned i = 0; i < n; i++) {
		if (i)
			filter_put(t, " %s ", rng_one_in(r, 2) ? filter_or(r) : filter_and(r));
		while (rng_one_in(r, 8))
			filter_put(t, rng_one_in(r, 2) ? "not " : "!");
		switch (rng_below(r, 8)) {
		case 0:
			if (depth) {
				filter_put(t, "(");
				filter_free(t, r, 1 + rng_below(r, 4), depth - 1);
				filter_put(t, ")");
				break;
			}
			/* fall through */
		case 1:
		case 2:
			filter_plain(t, r);
			can_inherit = false;
			break;
		case 3:
			sort = (enum filter_sort)rng_below(r, SORTS);
			filter_head(t, r, sort);
			filter_put(t, "(");
			filter_id(t, r, sort);
			for (unsigned k = rng_below(r, 4); k-- > 0;) {
				filter_put(t, " %s ", rng_one_in(r, 4) ? "and" : "or");
				filter_id(t, r, sort);
			}
			filter_put(t, ")");
			can_inherit = true;
			break;
		case 4:
		case 5:
			if (can_inherit) {
				filter_id(t, r, sort);
				break;
			}
			/* fall through */
		default:
			sort = (enum filter_sort)rng_below(r, SORTS);
			filter_head(t, r, sort);
			filter_id(t, r, sort);
			can_inherit = true;
			break;
		}
	}
}

/* An expression of about n terms. */
static inline void filter_random(struct filter_text *t, struct rng *r, unsigned n)
{
	t->n = 0;
	t->bytes[0] = '\0';
	switch (rng_below(r, 5)) {
	case 0:
		filter_free(t, r, n, 3);
		break;
	case 1:
		filter_pairs(t, r, (n + 1) / 2);
		break;
	case 2:
		filter_plain(t, r);
		filter_put(t, " and (");
		filter_list(t, r, n);
		filter_put(t, ") and not (");
		filter_list(t, r, n / 4 + 1);
		filter_put(t, ")");
		break;
	default:
		filter_list(t, r, n);
		if (rng_one_in(r, 3)) {
			filter_put(t, " or ");
			filter_pairs(t, r, n / 8 + 1);
		}
		if (rng_one_in(r, 3)) {
			filter_put(t, " or ");
			filter_list(t, r, n / 2 + 1);
		}
		break;
	}
	if (rng_one_in(r, 12))
		filter_put(t, " %s", rng_one_in(r, 2) ? "or vlan" : "and vlan and tcp or host 10.0.0.1");
}

#endif
