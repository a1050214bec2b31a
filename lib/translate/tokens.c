/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pcap expression's tokens. libpcap's scanner takes the longest match, so a word ends where no letter, digit, dot,
 * dash or underscore follows; what it would cut in any other way, or what only it can tell, is refused here, and
 * the expression stays whole.
 */
#include <lib/translate/tokens.h>
#include <lib/lang/arena.h>

#include <ctype.h>
#include <string.h>

#define NESTING_MAX 200

static const struct {
	const char *word;
	uint8_t kind;
} keywords[] = {
	{"ether", WORD_PROTOCOL},
	{"link", WORD_PROTOCOL},
	{"fddi", WORD_PROTOCOL},
	{"tr", WORD_PROTOCOL},
	{"wlan", WORD_PROTOCOL},
	{"ppp", WORD_PROTOCOL},
	{"slip", WORD_PROTOCOL},
	{"arp", WORD_PROTOCOL},
	{"rarp", WORD_PROTOCOL},
	{"ip", WORD_PROTOCOL},
	{"ip6", WORD_PROTOCOL},
	{"tcp", WORD_PROTOCOL},
	{"udp", WORD_PROTOCOL},
	{"sctp", WORD_PROTOCOL},
	{"icmp", WORD_PROTOCOL},
	{"icmp6", WORD_PROTOCOL},
	{"igmp", WORD_PROTOCOL},
	{"igrp", WORD_PROTOCOL},
	{"pim", WORD_PROTOCOL},
	{"vrrp", WORD_PROTOCOL},
	{"carp", WORD_PROTOCOL},
	{"ah", WORD_PROTOCOL},
	{"esp", WORD_PROTOCOL},
	{"decnet", WORD_PROTOCOL},
	{"iso", WORD_PROTOCOL},
	{"isis", WORD_PROTOCOL},
	{"src", WORD_DIRECTION},
	{"dst", WORD_DIRECTION},
	{"host", WORD_TYPE},
	{"net", WORD_TYPE},
	{"port", WORD_TYPE},
	{"portrange", WORD_TYPE},
	{"proto", WORD_PROTO},
	{"protochain", WORD_PROTO},
	{"gateway", WORD_PROTO},
	{"mask", WORD_MASK},
	{"len", WORD_PLAIN},
	{"length", WORD_PLAIN},
	{"less", WORD_PLAIN},
	{"greater", WORD_PLAIN},
	{"broadcast", WORD_PLAIN},
	{"multicast", WORD_PLAIN},
	{"inbound", WORD_PLAIN},
	{"outbound", WORD_PLAIN},
	{"ifindex", WORD_PLAIN},
	{"atalk", WORD_PLAIN},
	{"aarp", WORD_PLAIN},
	{"lat", WORD_PLAIN},
	{"sca", WORD_PLAIN},
	{"moprc", WORD_PLAIN},
	{"mopdl", WORD_PLAIN},
	{"stp", WORD_PLAIN},
	{"ipx", WORD_PLAIN},
	{"netbeui", WORD_PLAIN},
	{"clnp", WORD_PLAIN},
	{"esis", WORD_PLAIN},
	{"l1", WORD_PLAIN},
	{"l2", WORD_PLAIN},
	{"iih", WORD_PLAIN},
	{"lsp", WORD_PLAIN},
	{"snp", WORD_PLAIN},
	{"csnp", WORD_PLAIN},
	{"psnp", WORD_PLAIN},
	{"llc", WORD_PLAIN},
	{"tcpflags", WORD_PLAIN},
	{"tcp-fin", WORD_PLAIN},
	{"tcp-syn", WORD_PLAIN},
	{"tcp-rst", WORD_PLAIN},
	{"tcp-push", WORD_PLAIN},
	{"tcp-ack", WORD_PLAIN},
	{"tcp-urg", WORD_PLAIN},
	{"tcp-ece", WORD_PLAIN},
	{"tcp-cwr", WORD_PLAIN},
	{"icmptype", WORD_PLAIN},
	{"icmpcode", WORD_PLAIN},
	{"icmp-echo", WORD_PLAIN},
	{"icmp-echoreply", WORD_PLAIN},
	{"icmp-unreach", WORD_PLAIN},
	{"icmp-redirect", WORD_PLAIN},
	{"icmp-timxceed", WORD_PLAIN},
	{"icmp6type", WORD_PLAIN},
	{"icmp6code", WORD_PLAIN},
	{"vlan", WORD_SHIFTS},
	{"mpls", WORD_SHIFTS},
	{"pppoed", WORD_SHIFTS},
	{"pppoes", WORD_SHIFTS},
	{"geneve", WORD_SHIFTS},
	{"vxlan", WORD_SHIFTS},
	{"gtp", WORD_SHIFTS},
};

static uint8_t word_kind(const char *text, size_t n)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (!strncmp(keywords[i].word, text, n) && !keywords[i].word[n])
			return keywords[i].kind;
	return WORD_NAME;
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-';
}

/* The end of a word or an address that begins at `at`; 0 when it is neither for certain. */
static size_t scan_word(const char *text, size_t at, struct token *t)
{
	size_t end = at;
	bool colon = false, hex = true;

	while (in_word(text[end]) || text[end] == ':') {
		colon |= text[end] == ':';
		hex &= isxdigit((unsigned char)text[end]) || text[end] == ':' || text[end] == '.';
		end++;
	}
	if (colon) {
		t->kind = TOKEN_ADDRESS;
		return hex && end - at > 1 ? end : 0;
	}
	/* A dash or an underscore at the end would not be part of it. */
	if (!isalnum((unsigned char)text[at]) || text[end - 1] == '-' || text[end - 1] == '_')
		return 0;
	if (end - at == 3 && !strncmp(text + at, "and", 3)) {
		t->kind = TOKEN_AND;
	} else if (end - at == 2 && !strncmp(text + at, "or", 2)) {
		t->kind = TOKEN_OR;
	} else if (end - at == 3 && !strncmp(text + at, "not", 3)) {
		t->kind = TOKEN_NOT;
	} else {
		t->kind = TOKEN_WORD;
		t->word = word_kind(text + at, end - at);
	}
	return end;
}

/* `\name` goes on to the next blank, bracket or exclamation mark: anything but a plain name in between is left alone.
 */
static size_t scan_escaped(const char *text, size_t at, struct token *t)
{
	size_t end = at + 1;

	while (in_word(text[end]))
		end++;
	t->kind = TOKEN_ESCAPED;
	return end > at + 1 && strchr(" \n\t()!", text[end]) ? end : 0; /* the text's end counts too */
}

/* All of an index, whose inside is arithmetic: nothing in it is ours. */
static size_t scan_index(const char *text, size_t at, struct token *t)
{
	size_t end = at, depth = 0;

	do {
		if (!text[end])
			return 0;
		depth += text[end] == '[';
		depth -= text[end] == ']';
		end++;
	} while (depth);
	t->kind = TOKEN_INDEX;
	return end;
}

static size_t scan_sign(const char *text, size_t at, struct token *t)
{
	char c = text[at], next = text[at + 1];

	if ((c == '&' || c == '|') && next == c) {
		t->kind = c == '&' ? TOKEN_AND : TOKEN_OR;
		return at + 2;
	}
	if (c == '!' && next != '=') {
		t->kind = TOKEN_NOT;
		return at + 1;
	}
	if (c == '(' || c == ')') {
		t->kind = c == '(' ? TOKEN_OPEN : TOKEN_CLOSE;
		return at + 1;
	}
	if (!strchr("+-*/%&|^<>=!", c))
		return 0;
	t->kind = c == '/' ? TOKEN_SLASH : TOKEN_OPERATOR;
	return at + 1 + (strchr("<>=!", c) && strchr("<>=", next) && next);
}

static size_t scan(const char *text, size_t at, struct token *t)
{
	char c = text[at];

	if (isalnum((unsigned char)c) || c == ':')
		return scan_word(text, at, t);
	if (c == '\\')
		return scan_escaped(text, at, t);
	if (c == '[')
		return scan_index(text, at, t);
	return scan_sign(text, at, t);
}

static bool match_brackets(struct tokens *t)
{
	uint32_t open[NESTING_MAX], depth = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->at[i].kind == TOKEN_OPEN) {
			if (depth == NESTING_MAX)
				return false;
			open[depth++] = (uint32_t)i;
		} else if (t->at[i].kind == TOKEN_CLOSE) {
			if (!depth)
				return false;
			t->at[i].match = open[--depth];
			t->at[t->at[i].match].match = (uint32_t)i;
		}
	}
	return !depth;
}

bool filter_tokens(struct ffpf_arena *arena, const char *text, struct tokens *out)
{
	size_t capacity = 0, at = 0;

	*out = (struct tokens){.text = text};
	for (;;) {
		struct token t = {0};
		size_t end;

		at += strspn(text + at, " \t\r\n");
		out->at = ffpf_arena_grow(arena, out->at, out->n, &capacity, sizeof(*out->at));
		if (!text[at])
			break;
		end = scan(text, at, &t);
		if (!end)
			return false;
		t.start = (uint32_t)at;
		t.end = (uint32_t)end;
		out->at[out->n++] = t;
		at = end;
	}
	out->at[out->n] = (struct token){.kind = TOKEN_END, .start = (uint32_t)at, .end = (uint32_t)at};
	return match_brackets(out);
}

bool filter_is_number(const struct tokens *t, size_t i)
{
	const struct token *k = &t->at[i];

	if (k->kind == TOKEN_ADDRESS)
		return true;
	if (k->kind != TOKEN_WORD)
		return false;
	if (t->text[k->start] == '0' && (t->text[k->start + 1] | 32) == 'x')
		return true;
	for (uint32_t c = k->start; c < k->end; c++)
		if (!isdigit((unsigned char)t->text[c]) && t->text[c] != '.')
			return false;
	return true;
}
