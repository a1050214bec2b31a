/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pcap expression cut at its own and, or and not.
 */
#ifndef FFPF_TRANSLATE_SPLIT_H
#define FFPF_TRANSLATE_SPLIT_H

#include <lib/translate/translate.h>

enum filter_kind { FILTER_TERM, FILTER_AND, FILTER_OR };

struct filter_node {
	uint8_t kind;
	bool negated;
	bool shifts;	   /* moves the headers for what follows: only while splitting */
	bool inherits;	   /* its first term has its qualifiers from what stands before: only while splitting */
	size_t start, end; /* bytes of the expression */
	size_t n_terms;
	/* TERM */
	const char
		*text; /* what libpcap compiles; differs from the expression's bytes where qualifiers are inherited */
	struct ffpf_cbpf *insns;
	size_t n_insns;
	/* AND, OR: never a child of the same kind, unless one of them is negated */
	struct filter_node **children;
	size_t n, capacity;
};

/* Is the word alone a whole expression to libpcap (`tcp`, `inbound`)? */
typedef bool (*filter_stands_alone)(void *arg, const char *word);

/*
 * Splits an expression. NULL when it has a single term, or when what it means is not certain without libpcap's own
 * parser: it is then to be compiled whole. An expression that libpcap accepts and that is split has terms that libpcap
 * accepts, and the other way round; the same packets match. Everything is from the arena.
 */
struct filter_node *filter_split(struct ffpf_arena *arena, const char *text, filter_stands_alone alone, void *arg);

#endif
