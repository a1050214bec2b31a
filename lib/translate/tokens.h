/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of a pcap expression, as far as splitting it has to know them.
 */
#ifndef FFPF_TRANSLATE_TOKENS_H
#define FFPF_TRANSLATE_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ffpf_arena;

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,    /* keyword, name or number */
	TOKEN_ADDRESS, /* something with colons */
	TOKEN_ESCAPED, /* \name: a name, whatever it spells */
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_INDEX, /* all of [ … ] */
	TOKEN_SLASH,
	TOKEN_OPERATOR, /* arithmetic, comparison */
};

/* What a word is to libpcap; of words that are none of these: a name, or a keyword of a release that is not known. */
enum word_kind {
	WORD_NAME,
	WORD_PROTOCOL,	/* may begin a qualifier */
	WORD_DIRECTION, /* src, dst, addr1 … */
	WORD_TYPE,	/* host, net, port, portrange */
	WORD_PROTO,	/* proto, protochain, gateway: qualifiers that stand behind a protocol or alone */
	WORD_MASK,
	WORD_PLAIN,  /* any other keyword that leaves the meaning of what follows as it is */
	WORD_SHIFTS, /* from here on the headers are sought elsewhere */
};

struct token {
	uint8_t kind, word;
	uint32_t start, end; /* bytes of the expression */
	uint32_t match;	     /* OPEN, CLOSE: the other one's number */
};

struct tokens {
	const char *text;
	struct token *at; /* the last one is TOKEN_END */
	size_t n;	  /* without it */
};

/*
 * Cuts a text into tokens where libpcap's scanner does. False when that is not certain: a character or a word that only
 * libpcap may judge, or brackets that do not pair.
 */
bool filter_tokens(struct ffpf_arena *arena, const char *text, struct tokens *out);

/* Is it a number or an address written in digits? It then is never a keyword. */
bool filter_is_number(const struct tokens *t, size_t i);

#endif
