/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Searching bytes for up to 64 patterns at once: which of them occur.
 *
 * The automaton of Aho and Corasick ("Efficient string matching", CACM 1975), with every transition filled in: one step
 * for each byte, whatever the bytes are. Bytes that no pattern tells apart are one column of its table. It has a
 * beginning, where nothing is pending: from there on a caller may pass over bytes with which no pattern begins.
 */
#ifndef FFPF_NATIVE_SEARCH_H
#define FFPF_NATIVE_SEARCH_H

#include "patterns.h"

#define FFPF_SEARCH_STATES (FFPF_PATTERNS_MOST * FFPF_PATTERN_BYTES + 1)
/* A transition into a state in which patterns have been found. */
#define FFPF_SEARCH_HIT 0x8000u

struct ffpf_search {
	uint8_t column[256]; /* of each byte */
	unsigned shift;	     /* a row has 1 << shift transitions */
	unsigned n_states;
	uint64_t all;	 /* patterns: bit i is the i-th listed */
	uint16_t *next;	 /* state << shift | column → state, with FFPF_SEARCH_HIT; 0 is the beginning */
	uint64_t *found; /* per state: the patterns that end there */
};

/* Bytes of memory that the automaton takes. */
size_t ffpf_search_size(const struct ffpf_patterns *patterns, bool nocase);

/*
 * Builds it in memory of that size, aligned for uint64_t, which lives as long as the automaton is used. nocase: letters
 * A to Z are as good as a to z.
 */
void ffpf_search_build(struct ffpf_search *search, const struct ffpf_patterns *patterns, bool nocase, void *memory);

/*
 * Goes on in *state (0: the beginning) over n bytes and adds what it finds to *found; so bytes may come in parts.
 */
static inline void ffpf_search_more(const struct ffpf_search *s, uint16_t *state, const uint8_t *data, size_t n,
				    uint64_t *found)
{
	const uint16_t *next = s->next;
	const unsigned shift = s->shift;
	uint32_t at = *state;

	for (size_t i = 0; i < n; i++) {
		at = next[(at & ~FFPF_SEARCH_HIT) << shift | s->column[data[i]]];
		if (at & FFPF_SEARCH_HIT)
			*found |= s->found[at & ~FFPF_SEARCH_HIT];
	}
	*state = (uint16_t)(at & ~FFPF_SEARCH_HIT);
}

/*
 * From the beginning over data[at], data[at + 1] … until nothing is pending any more, one byte at least: returns where
 * that is, n at the latest.
 */
static inline size_t ffpf_search_chain(const struct ffpf_search *s, const uint8_t *data, size_t at, size_t n,
				       uint64_t *found)
{
	uint32_t state = 0;

	do {
		state = s->next[(state & ~FFPF_SEARCH_HIT) << s->shift | s->column[data[at++]]];
		if (state & FFPF_SEARCH_HIT)
			*found |= s->found[state & ~FFPF_SEARCH_HIT];
	} while (at < n && state);
	return at;
}

/* Which patterns occur in n bytes. */
uint64_t ffpf_search_all(const struct ffpf_search *search, const uint8_t *data, size_t n);

#endif
