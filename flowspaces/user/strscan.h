/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The search of lib/native for this processor: where it has wide registers, 32 positions at a time are asked whether a
 * pattern may begin there, and only from those on the automaton runs. The same patterns are found as by
 * ffpf_search_all(), and what bytes can make of it is never worse than some steps for each byte.
 */
#ifndef FFPF_USER_STRSCAN_H
#define FFPF_USER_STRSCAN_H

#include <lib/native/search.h>

/* First bytes of each pattern that are looked at. */
#define FFPF_STRSCAN_PREFIX 3

struct ffpf_strscan {
	const struct ffpf_search *search;
	uint64_t (*run)(const struct ffpf_strscan *scan, const uint8_t *data, size_t n);
	/*
	 * Patterns are in eight sets, a bit each. Which sets have a pattern whose k-th byte has a low (high) half like
	 * this: 16 entries, twice.
	 */
	uint8_t low[FFPF_STRSCAN_PREFIX][32], high[FFPF_STRSCAN_PREFIX][32];
	unsigned prefix; /* bytes that are looked at: as many as the shortest pattern has */
};

/* search and patterns belong together; search is used as long as the scan is. plain: not the wide registers. */
void ffpf_strscan_init(struct ffpf_strscan *scan, const struct ffpf_search *search,
		       const struct ffpf_patterns *patterns, bool nocase, bool plain);

/* Which patterns occur in n bytes: bit i is the i-th listed. */
static inline uint64_t ffpf_strscan_run(const struct ffpf_strscan *scan, const uint8_t *data, size_t n)
{
	return scan->run(scan, data, n);
}

#endif
