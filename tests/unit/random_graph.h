/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random flowgraphs, and captures to run through them: the same from the same seed, on every machine with the same
 * libpcap.
 *
 * Two forms. "Wired" graphs define every function by a name of its own and connect the names by statements in random
 * order, so that any DAG comes up: joins of many inputs, several edges between the same functions, routes, unions.
 * "Nested" graphs are one expression of chains, branches and routes, as people write them.
 *
 * Everything is inline, for unit tests, fuzz targets and tests/tools/randgraph.c.
 */
#ifndef FFPF_TESTS_RANDOM_GRAPH_H
#define FFPF_TESTS_RANDOM_GRAPH_H

#include "packets.h"
#include "capture.h"
#include "cbpf_harness.h"
#include "expressions.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { RANDOM_SOURCES = 3, RANDOM_TEXT = 2048, RANDOM_PACKETS = 60 };

struct random_graph {
	char *text; /* to be freed; savefiles are $F0 … */
	unsigned n_sources;
	int linktypes[RANDOM_SOURCES];
	bool chance; /* something is sampled by chance: counts differ from run to run */
	bool limits; /* head: the run may end before the input does */
};

/* Functions of the class mixed (map_classes.h), too. */
static bool random_graph_maps;

/* What is being generated; the text grows through a memory stream. */
struct random_maker {
	struct rng *r;
	struct random_graph *graph;
	FILE *out;
	bool live;	      /* sources are [dev lo] */
	bool pins;	      /* some functions are pinned to user */
	unsigned nested_room; /* functions that a nested graph may still have */
};

struct random_node {
	bool sink, user; /* takes no successors; runs at user, whatever comes before */
	bool fed;
};

/* ---- expressions ----------------------------------------------------------------------------- */

static inline void random_comparison(struct rng *r, char *out, size_t size)
{
	static const char *const protocols[] = {"link", "ether", "ip", "ip6", "tcp", "udp", "icmp"};
	static const char *const offsets[] = {
		"0",
		"1",
		"2",
		"6",
		"9",
		"12",
		"14",
		"20",
		"23",
		"33",
		"53",
		"100",
		"1000",
		"1400",
		"1513",
		"4088",
		"4093",
		"4096",
		"9000",
		"16384",
		"32750",
		"32759",
		"32763",
		"32766",
		"32767",
		"32768",
		"32770",
		"40000",
		"65520",
		"65530",
		"65535",
		"65536",
		"131072",
		"2147483647",
		"2147483648",
		"4294967290",
		"4294967295",
		"len - 1",
		"len - 4",
		"len - 60",
		"len",
		"len + 5",
		"ip[0]",
		"ip[0] & 0xf",
		"(ip[0] & 0xf) * 4",
		"ip[2:2]",
		"ip[2:2] - 20",
		"ip[2:2] & 0x7fff",
		"(tcp[12] & 0xf0) >> 2",
		"ether[0] * 300",
		"ether[12:2]",
		"ether[0:4]",
		"ether[1] * ether[2]",
		"ether[3] << 8",
		"ether[0:2] / ether[5]",
		"ether[5] % 7",
		"40 - ip[0]",
		"ether[ether[0]] & 63",
		"ether[0] + ether[1] + ether[2]",
		"ether[4:2] >> 3",
	};
	static const char *const sizes[] = {"", ":1", ":2", ":4"};
	static const char *const modifiers[] = {"",	"",	"",	" & 0xf", " & 1",    " >> 3",  " + 7",
						" * 3", " - 1", " % 5", " ^ 255", " | 0x80", " / 0x11"};
	static const char *const compares[] = {"=", "!=", ">", "<", ">=", "<=", "=", "="};
	static const uint32_t values[] = {0,	1,     2,	   4,	       6,	  17,	  0x45,
					  0x60, 64,    80,	   255,	       0x800,	  0x8100, 0x86dd,
					  1000, 65535, 0x7fffffff, 0x80000000, 0xffffffff};
	static const char *const right[] = {"ip[9]", "ether[1]", "len", "ether[0:4]", "ip[16:4]"};
	int at = snprintf(out, size, "%s[%s%s]%s %s ", RNG_PICK(r, protocols), RNG_PICK(r, offsets), RNG_PICK(r, sizes),
			  RNG_PICK(r, modifiers), RNG_PICK(r, compares));

	if (rng_one_in(r, 6))
		snprintf(out + at, size - (size_t)at, "%s", RNG_PICK(r, right));
	else
		snprintf(out + at, size - (size_t)at, "%" PRIu32, RNG_PICK(r, values));
}

/* `port 3 or 80 or …`: what becomes a switch. */
static inline void random_list(struct rng *r, char *out, size_t size)
{
	static const char *const heads[] = {"port", "tcp dst port", "udp port", "src host",
					    "host", "dst net",	    "ip proto"};
	unsigned kind = rng_below(r, 7), n = 2 + rng_below(r, rng_one_in(r, 5) ? 40 : 8);
	size_t at = (size_t)snprintf(out, size, "%s ", heads[kind]);

	for (unsigned i = 0; i < n && at + 24 < size; i++) {
		const char * or = i ? " or " : "";

		if (kind < 3)
			at += (size_t)snprintf(out + at, size - at, "%s%u", or,
					       rng_one_in(r, 3) ? packet_port(r) : rng_below(r, 65536));
		else if (kind < 5)
			at += (size_t)snprintf(out + at, size - at, "%s10.0.0.%u", or, rng_below(r, 255));
		else if (kind == 5)
			at += (size_t)snprintf(out + at, size - at, "%s10.%u.0.0/16", or, rng_below(r, 255));
		else
			at += (size_t)snprintf(out + at, size - at, "%s%u", or,
					       rng_one_in(r, 2) ? packet_protocol(r) : rng_below(r, 256));
	}
}

static inline void random_terms(struct rng *r, char *out, size_t size, unsigned depth)
{
	char left[RANDOM_TEXT / 2], right[RANDOM_TEXT / 2];

	if (depth && size > 400 && rng_one_in(r, 2)) {
		random_terms(r, left, size / 2 - 16, depth - 1);
		random_terms(r, right, size / 2 - 16, depth - 1);
		snprintf(out, size, "(%s) %s %s(%s)", left, rng_one_in(r, 2) ? "and" : "or",
			 rng_one_in(r, 4) ? "not " : "", right);
		return;
	}
	switch (rng_below(r, 8)) {
	case 0:
	case 1:
	case 2:
		random_comparison(r, out, size);
		break;
	case 3:
		random_list(r, out, size);
		break;
	default:
		snprintf(out, size, "%s", test_expressions[1 + rng_below(r, TEST_EXPRESSIONS - 2)]);
	}
}

/* An expression that compiles for all link types of the graph and has one meaning only; else "". */
static inline void random_expression(struct rng *r, const struct random_graph *g, char out[RANDOM_TEXT])
{
	for (unsigned tries = 0; tries < 20; tries++) {
		struct ffpf_arena *arena = ffpf_arena_new();
		bool good = true;

		random_terms(r, out, RANDOM_TEXT / 2, rng_one_in(r, 3) ? 2 : 0);
		for (unsigned i = 0; good && i < g->n_sources; i++) {
			struct ffpf_cbpf *insns;
			const char *why;
			size_t n;

			good = ffpf_cbpf_compile(arena, out, g->linktypes[i], 262144, &insns, &n, &why) == 0 &&
			       !cbpf_reads_unset(insns, n);
		}
		ffpf_arena_free(arena);
		if (good)
			return;
	}
	out[0] = '\0';
}

/* ---- functions ------------------------------------------------------------------------------- */

static inline void random_put_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\' || *text == '$')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static inline uint32_t random_class(struct rng *r)
{
	return rng_one_in(r, 12) ? 0xffffffff - rng_below(r, 2) : 1 + rng_below(r, 6);
}

static inline void random_put_filter(struct random_maker *m)
{
	char expression[RANDOM_TEXT];

	random_expression(m->r, m->graph, expression);
	fputs("(BPF,", m->out);
	random_put_string(m->out, expression);
	if (rng_one_in(m->r, 2))
		fprintf(m->out, ",class=%" PRIu32, random_class(m->r));
	fputc(')', m->out);
}

static inline void random_put_sample(struct random_maker *m)
{
	if (rng_one_in(m->r, 3)) {
		static const char *const shares[] = {"0", "1", "100%"};
		bool chance = rng_one_in(m->r, 8);

		m->graph->chance |= chance;
		fprintf(m->out, "(sample,p=%s)", chance ? "30%" : RNG_PICK(m->r, shares));
	} else if (m->graph->n_sources == 1) { /* which packets pass depends on the order of all of them */
		fprintf(m->out, "(sample,%u)", 1 + rng_below(m->r, 4));
	} else {
		fputs("(pass)", m->out);
	}
}

/* Writes one function and its pin. user: an input runs at user, so that no verdict is possible. last: nothing may
 * follow. */
static inline struct random_node random_put_function(struct random_maker *m, bool user, bool last)
{
	struct random_node node = {.user = user};
	uint32_t kind = rng_below(m->r, 100);

	if (kind < 50) {
		random_put_filter(m);
	} else if (kind < 62) {
		fputs("(pktcount)", m->out);
	} else if (kind < 69) {
		fputs("(bytecount)", m->out);
	} else if (kind < 75) {
		random_put_sample(m);
	} else if (kind < 79) {
		fputs(rng_one_in(m->r, 2) ? "(rate,10ms)" : "(rate)", m->out);
	} else if (kind < 82 && random_graph_maps && m->graph->n_sources == 1) { /* what stays depends on the order */
		fprintf(m->out, "(mixed,%u)", rng_below(m->r, 1000000));
	} else if (kind < 84) {
		if (rng_one_in(m->r, 2))
			fprintf(m->out, "(hist,linear,width=%u)", 1 + rng_below(m->r, 300));
		else
			fputs("(hist)", m->out);
	} else if (kind < 87 && m->graph->n_sources == 1) {
		fprintf(m->out, "(head,%u)", rng_below(m->r, 40));
		m->graph->limits = true;
	} else if (kind < 92 || kind >= 97) {
		fputs("(pass)", m->out);
	} else if (kind < 95 && last && !user) {
		fputs("(drop)", m->out);
		node.sink = true;
		return node;
	} else {
		fputs(rng_one_in(m->r, 3) ? "(zip,1)" : "(write,\"/dev/null\")", m->out);
		node.user = true;
	}
	if (m->pins && rng_one_in(m->r, 8)) {
		fputs("@user", m->out);
		node.user = true;
	}
	return node;
}

static inline void random_put_source(struct random_maker *m, unsigned i)
{
	if (m->live)
		fputs("[dev lo]", m->out);
	else
		fprintf(m->out, "(pcap,\"$F%u\")", i);
}

/* Labels of one route: disjoint, in ascending order. */
static inline void random_put_label(struct rng *r, FILE *out, uint32_t *next, bool last)
{
	uint32_t lo = *next + rng_below(r, 2), hi = lo + rng_below(r, 3);

	if (last && rng_one_in(r, 2)) {
		fputs("else: ", out);
		return;
	}
	if (last && rng_one_in(r, 8))
		fprintf(out, "%" PRIu32 "..4294967295: ", lo);
	else if (lo == hi)
		fprintf(out, "%" PRIu32 ": ", lo);
	else
		fprintf(out, "%" PRIu32 "..%" PRIu32 ": ", lo, hi);
	*next = hi + 1;
}

/* ---- wired graphs ---------------------------------------------------------------------------- */

struct random_statements {
	char **text;
	size_t n, room;
};

static inline void random_say(struct random_statements *s, const char *format, ...)
{
	va_list ap;

	if (s->n == s->room) {
		s->room = s->room ? s->room * 2 : 64;
		s->text = realloc(s->text, s->room * sizeof(char *));
	}
	va_start(ap, format);
	if (vasprintf(&s->text[s->n++], format, ap) < 0)
		abort();
	va_end(ap);
}

/* A node before number i that may have successors. */
static inline unsigned random_input(struct rng *r, const struct random_node *nodes, unsigned i, unsigned how)
{
	for (;;) {
		unsigned from = how == 0 && i > 4 ? i - 1 - rng_below(r, 4)
				: how == 1	  ? rng_below(r, i < 8 ? i : 8)
						  : rng_below(r, i);

		if (!nodes[from].sink)
			return from;
		how = 2;
	}
}

static inline void random_feed(struct random_maker *m, struct random_statements *s, unsigned i, const unsigned *inputs,
			       unsigned n)
{
	bool together = n > 1 && rng_one_in(m->r, 2);
	char *text = NULL;
	size_t size;
	FILE *out = together ? open_memstream(&text, &size) : NULL;

	for (unsigned k = 0; k < n; k++) {
		if (together)
			fprintf(out, "%s f%u", k ? " |" : "[", inputs[k]);
		else if (rng_one_in(m->r, 6))
			random_say(s, "f%u > [%u..%u: f%u]", inputs[k], 1 + rng_below(m->r, 2), 2 + rng_below(m->r, 4),
				   i);
		else
			random_say(s, "f%u > f%u", inputs[k], i);
	}
	if (together) {
		fclose(out);
		random_say(s, "%s ] > f%u", text, i);
		free(text);
	}
}

/* f3 > [1: f7 | 2..3: f9 > f10 | else: f5] */
static inline void random_route(struct random_maker *m, struct random_statements *s, const struct random_node *nodes,
				unsigned n)
{
	unsigned from = rng_below(m->r, n - 1), arms = 1 + rng_below(m->r, 4);
	uint32_t next = 1;
	char *text;
	size_t size;
	FILE *out;

	if (nodes[from].sink)
		return;
	out = open_memstream(&text, &size);
	fprintf(out, "f%u > [", from);
	for (unsigned k = 0; k < arms; k++) {
		unsigned to = from + 1 + rng_below(m->r, n - from - 1);

		if (to < m->graph->n_sources ||
		    (nodes[from].user && !nodes[to].user)) { /* there may be a verdict behind it */
			fclose(out);
			free(text);
			return;
		}
		fputs(k ? " | " : "", out);
		random_put_label(m->r, out, &next, k + 1 == arms && k);
		fprintf(out, "f%u", to);
	}
	fputc(']', out);
	fclose(out);
	random_say(s, "%s", text);
	free(text);
}

static inline void random_wired(struct random_maker *m, unsigned n)
{
	unsigned sources = m->graph->n_sources, how = rng_below(m->r, 3), inputs[40];
	struct random_node *nodes = calloc(n + sources, sizeof(*nodes));
	struct random_statements s = {0};

	for (unsigned i = 0; i < sources; i++) {
		fprintf(m->out, "f%u = ", i);
		random_put_source(m, i);
		fputc('\n', m->out);
	}
	n += sources;
	for (unsigned i = sources; i < n; i++) {
		unsigned k = !rng_one_in(m->r, 4)  ? 1
			     : rng_one_in(m->r, 8) ? 2 + rng_below(m->r, 38)
						   : 2 + rng_below(m->r, 4);
		bool user = false;

		for (unsigned j = 0; j < k; j++) {
			inputs[j] = i - sources < sources && !j ? i - sources : random_input(m->r, nodes, i, how);
			user |= nodes[inputs[j]].user;
		}
		fprintf(m->out, "f%u = ", i);
		nodes[i] = random_put_function(m, user, true);
		fputc('\n', m->out);
		random_feed(m, &s, i, inputs, k);
	}
	for (unsigned i = rng_below(m->r, n / 3 + 2); i-- > 0;)
		random_route(m, &s, nodes, n);
	while (s.n) {
		size_t pick = rng_below(m->r, (uint32_t)s.n);

		fprintf(m->out, "%s\n", s.text[pick]);
		free(s.text[pick]);
		s.text[pick] = s.text[--s.n];
	}
	free(s.text);
	free(nodes);
}

/* ---- nested graphs --------------------------------------------------------------------------- */

static inline bool random_nested_chain(struct random_maker *m, unsigned depth, bool user, bool labelled);

/* [a | b | …] or [1: a | else: b]. labelled: a route here could leave no class. Returns whether an output runs at user.
 */
static inline bool random_nested_branches(struct random_maker *m, unsigned depth, bool user, bool labelled)
{
	unsigned n = 2 + rng_below(m->r, 3);
	bool route = rng_one_in(m->r, 3) && !labelled, out = false;
	uint32_t next = 1;

	fputc('[', m->out);
	for (unsigned i = 0; i < n; i++) {
		fputs(i ? " | " : "", m->out);
		if (route)
			random_put_label(m->r, m->out, &next, i + 1 == n);
		out |= random_nested_chain(m, depth - 1, user, labelled || route);
	}
	fputc(']', m->out);
	return out;
}

static inline bool random_nested_chain(struct random_maker *m, unsigned depth, bool user, bool labelled)
{
	unsigned n = 1 + rng_below(m->r, 4);

	for (unsigned i = 0; i < n; i++) {
		if (i)
			fputs(" > ", m->out);
		if (depth && m->nested_room > 4 && rng_one_in(m->r, 3)) {
			user = random_nested_branches(m, depth, user, labelled && !i);
		} else {
			user = random_put_function(m, user, false).user;
			m->nested_room -= m->nested_room > 0;
		}
	}
	return user;
}

static inline void random_nested(struct random_maker *m, unsigned n)
{
	m->nested_room = n;
	for (unsigned i = 0; i < m->graph->n_sources; i++) {
		fprintf(m->out, "f%u = ", i);
		random_put_source(m, i);
		fputc('\n', m->out);
	}
	for (unsigned i = 0; i < m->graph->n_sources; i++)
		fprintf(m->out, "%s f%u", i ? " |" : "[", i);
	fputs(" ] > ", m->out);
	random_nested_chain(m, 5, false, false);
	fputc('\n', m->out);
}

/* live: sources are [dev lo], which is Ethernet, instead of savefiles; all else is the same. */
static inline void random_graph_make(uint64_t seed, bool live, struct random_graph *out)
{
	struct rng r = {seed * 0x9e3779b97f4a7c15u + 1};
	struct random_maker m = {.r = &r, .graph = out, .live = live};
	unsigned n = rng_one_in(&r, 12) ? 30 + rng_below(&r, 90) : 1 + rng_below(&r, 25);
	size_t size;

	*out = (struct random_graph){.n_sources = rng_one_in(&r, 3) ? 1 + rng_below(&r, RANDOM_SOURCES) : 1};
	for (unsigned i = 0; i < out->n_sources; i++) {
		out->linktypes[i] = rng_one_in(&r, 6) ? packet_linktypes[rng_below(&r, PACKET_LINKTYPES)] : DLT_EN10MB;
		if (live)
			out->linktypes[i] = DLT_EN10MB;
	}
	m.out = open_memstream(&out->text, &size);
	m.pins = rng_one_in(&r, 2);
	if (rng_one_in(&r, 3))
		random_nested(&m, n);
	else
		random_wired(&m, n);
	/* A path that never ends keeps the counts of the others exact: a run ends when all have. */
	if (out->limits)
		fputs("f0 > (pktcount,name=always)\n", m.out);
	fclose(m.out);
}

/* ---- captures -------------------------------------------------------------------------------- */

/* Bytes of a record: some longer than a page, some longer than what XDP sees in one piece. */
static inline uint32_t random_padding(struct rng *r)
{
	static const uint32_t sizes[] = {1400, 1514,  3000,  3519,  3521,  4096, 9000,
					 9014, 20000, 32760, 32770, 40000, 65000};

	return rng_one_in(r, 6) ? RNG_PICK(r, sizes) + rng_below(r, 16) : 0;
}

static inline void random_record(struct rng *r, struct capture *out, int linktype, uint64_t time)
{
	struct test_packet p;
	uint32_t padding, caplen;

	packet_make(r, linktype, &p);
	if (rng_one_in(r, 20))
		p.caplen = rng_below(r, p.caplen < 20 ? p.caplen + 1 : 20);
	padding = p.caplen == p.len ? random_padding(r) : 0;
	caplen = p.caplen + padding;
	capture_u32(out, (uint32_t)(time / 1000000000));
	capture_u32(out, (uint32_t)(time % 1000000000));
	capture_u32(out, caplen);
	capture_u32(out, p.len + padding);
	capture_bytes(out, p.bytes, p.caplen);
	for (uint32_t i = 0; i < padding; i++) {
		uint8_t byte = (uint8_t)(rng_one_in(r, 3) ? 0 : rng_next(r));

		capture_bytes(out, &byte, 1);
	}
}

/* The LINKTYPE_ value of a savefile; libpcap's DLT_ differs for a few. */
static inline uint32_t random_linktype(int dlt)
{
	switch (dlt) {
	case DLT_RAW:
		return 101;
	case DLT_PPP_SERIAL:
		return 50;
	case DLT_C_HDLC:
		return 104;
	case DLT_IEEE802:
		return 6;
	default:
		return (uint32_t)dlt;
	}
}

static inline void random_capture(uint64_t seed, int linktype, unsigned n, struct capture *out)
{
	struct rng r = {seed ^ 0x123456789abcdef};
	uint64_t time = 1600000000000000000u;

	*out = (struct capture){0};
	capture_pcap(out, 0xa1b23c4d, 4, 262144, random_linktype(linktype));
	for (unsigned i = 0; i < n; i++) {
		time += rng_below(&r, 20000000);
		random_record(&r, out, linktype, time);
	}
}

#endif
