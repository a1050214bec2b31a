/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The automaton of search.h, built: first the tree of the patterns, then, breadth first, all that leads back. */
#include "search.h"

static uint8_t fold(uint8_t byte, bool nocase)
{
	return nocase && byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

/* Columns of the bytes that occur in patterns; all others are one, if there are others. Returns how many. */
static unsigned number_columns(const struct ffpf_patterns *p, bool nocase, uint8_t column[256])
{
	bool used[256] = {false};
	unsigned n, n_used = 0;

	for (unsigned i = 0; i < p->n; i++)
		for (unsigned k = 0; k < p->length[i]; k++)
			used[fold(p->bytes[i][k], nocase)] = true;
	for (unsigned byte = 0; byte < 256; byte++)
		n_used += used[byte];
	n = n_used == 256 ? 0 : 1;
	for (unsigned byte = 0; byte < 256; byte++)
		column[byte] = used[byte] ? (uint8_t)n++ : 0;
	for (unsigned byte = 'A'; nocase && byte <= 'Z'; byte++)
		column[byte] = column[byte + ('a' - 'A')];
	return n;
}

static unsigned shift_of(unsigned columns)
{
	unsigned shift = 0;

	while (1u << shift < columns)
		shift++;
	return shift;
}

static unsigned most_states(const struct ffpf_patterns *p)
{
	unsigned n = 1;

	for (unsigned i = 0; i < p->n; i++)
		n += p->length[i];
	return n;
}

size_t ffpf_search_size(const struct ffpf_patterns *patterns, bool nocase)
{
	uint8_t column[256];
	unsigned shift = shift_of(number_columns(patterns, nocase, column));
	size_t states = most_states(patterns);

	/* found, next, and while it is built a queue and where each state falls back to */
	return states * (sizeof(uint64_t) + ((size_t)2 << shift) + 2 * sizeof(uint16_t));
}

static void add_patterns(struct ffpf_search *s, const struct ffpf_patterns *p)
{
	s->n_states = 1;
	s->all = 0;
	for (unsigned i = 0; i < p->n; i++) {
		uint32_t state = 0;

		for (unsigned k = 0; k < p->length[i]; k++) {
			uint16_t *to = &s->next[state << s->shift | s->column[p->bytes[i][k]]];

			if (!*to)
				*to = (uint16_t)s->n_states++;
			state = *to;
		}
		s->found[state] |= (uint64_t)1 << i;
		s->all |= (uint64_t)1 << i;
	}
}

/*
 * Fills in what leads back. A state's own row still has only the tree's branches when its turn comes; that of the state
 * that it falls back to, which is nearer to the beginning, is whole.
 */
static void fill_in(struct ffpf_search *s, uint16_t *queue, uint16_t *back)
{
	const unsigned columns = 1u << s->shift;
	unsigned first = 0, end = 1;

	queue[0] = 0;
	back[0] = 0;
	while (first < end) {
		unsigned state = queue[first++];
		uint16_t *row = &s->next[state << s->shift];
		const uint16_t *other = &s->next[(unsigned)back[state] << s->shift];

		for (unsigned c = 0; c < columns; c++) {
			if (row[c]) {
				back[row[c]] = state ? other[c] : 0;
				s->found[row[c]] |= s->found[back[row[c]]];
				queue[end++] = row[c];
			} else if (state) {
				row[c] = other[c];
			}
		}
	}
}

void ffpf_search_build(struct ffpf_search *search, const struct ffpf_patterns *patterns, bool nocase, void *memory)
{
	size_t states = most_states(patterns), cells;
	uint16_t *queue, *back;

	search->shift = shift_of(number_columns(patterns, nocase, search->column));
	cells = states << search->shift;
	search->found = memory;
	search->next = (uint16_t *)(search->found + states);
	queue = search->next + cells;
	back = queue + states;
	memset(memory, 0, states * sizeof(uint64_t) + cells * sizeof(uint16_t));
	add_patterns(search, patterns);
	fill_in(search, queue, back);
	for (size_t i = 0; i < (size_t)search->n_states << search->shift; i++)
		if (search->found[search->next[i]])
			search->next[i] |= FFPF_SEARCH_HIT;
}

uint64_t ffpf_search_all(const struct ffpf_search *search, const uint8_t *data, size_t n)
{
	uint64_t found = 0;
	size_t at = 0;

	while (at < n && found != search->all) {
		/* Most bytes begin no pattern. */
		while (at < n && !search->next[search->column[data[at]]])
			at++;
		if (at < n)
			at = ffpf_search_chain(search, data, at, n, &found);
	}
	return found;
}
