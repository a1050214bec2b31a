/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Candidates by the halves of bytes: a table of 16 entries for each half of each of the first bytes, looked up for 32
 * positions by one instruction; a position at which all of them have a set in common may begin a pattern of that set.
 * The idea is that of "Teddy" in Hyperscan (Wang et al., NSDI 2019).
 */
#include <flowspaces/user/strscan.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define SETS 8

static uint64_t run_plain(const struct ffpf_strscan *scan, const uint8_t *data, size_t n)
{
	return ffpf_search_all(scan->search, data, n);
}

#if defined(__x86_64__)
enum { WIDTH = 32 };

#define WIDE __attribute__((target("avx2")))

/* Sets whose k-th byte the 32 bytes may be. */
WIDE static inline __m256i look(const struct ffpf_strscan *scan, unsigned k, const uint8_t *at)
{
	const __m256i half = _mm256_set1_epi8(15);
	__m256i bytes = _mm256_loadu_si256((const __m256i *)(at + k));
	__m256i low =
		_mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)scan->low[k]), _mm256_and_si256(bytes, half));
	__m256i high = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)scan->high[k]),
					   _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half));

	return _mm256_and_si256(low, high);
}

/* Positions of the 32 from `at` on where a pattern may begin; WIDTH + prefix - 1 bytes are read. */
WIDE static inline uint32_t candidates(const struct ffpf_strscan *scan, const uint8_t *at, unsigned prefix)
{
	__m256i sets = look(scan, 0, at);

	if (prefix > 1)
		sets = _mm256_and_si256(sets, look(scan, 1, at));
	if (prefix > 2)
		sets = _mm256_and_si256(sets, look(scan, 2, at));
	return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(sets, _mm256_setzero_si256()));
}

/* The automaton from each candidate on; returns where the next ones are to be looked for. */
static inline size_t follow(const struct ffpf_strscan *scan, const uint8_t *data, size_t at, size_t n, uint32_t mask,
			    uint64_t *found)
{
	size_t base = at, end = at + WIDTH;

	while (mask) {
		at = ffpf_search_chain(scan->search, data, base + (unsigned)__builtin_ctz(mask), n, found);
		if (at >= end)
			return at;
		mask &= UINT32_MAX << (at - base);
	}
	return end;
}

/* The prefix's length is known where this is inlined. */
WIDE static inline __attribute__((always_inline)) uint64_t run_prefix(const struct ffpf_strscan *scan,
								      const uint8_t *data, size_t n, unsigned prefix)
{
	uint64_t found = 0;
	size_t at = 0;

	while (n - at >= WIDTH + prefix - 1) {
		uint32_t mask = candidates(scan, data + at, prefix);

		if (!mask) {
			at += WIDTH;
			continue;
		}
		at = follow(scan, data, at, n, mask, &found);
		if (at >= n || found == scan->search->all)
			return found;
	}
	if (at + prefix > n)
		return found;
	/*
	 * What is left is fewer bytes than are read: the last ones are looked at once more, or, where there were never
	 * enough, zeros behind them, which are not the packet's.
	 */
	if (n >= WIDTH + prefix - 1) {
		size_t base = n - (WIDTH + prefix - 1);

		follow(scan, data, base, n, candidates(scan, data + base, prefix) & UINT32_MAX << (at - base), &found);
	} else {
		uint8_t rest[WIDTH + FFPF_STRSCAN_PREFIX] = {0};

		memcpy(rest, data, n);
		follow(scan, data, 0, n, candidates(scan, rest, prefix) & (UINT32_MAX >> (WIDTH - (n - prefix + 1))),
		       &found);
	}
	return found;
}

WIDE static uint64_t run_1(const struct ffpf_strscan *scan, const uint8_t *data, size_t n)
{
	return run_prefix(scan, data, n, 1);
}

WIDE static uint64_t run_2(const struct ffpf_strscan *scan, const uint8_t *data, size_t n)
{
	return run_prefix(scan, data, n, 2);
}

WIDE static uint64_t run_3(const struct ffpf_strscan *scan, const uint8_t *data, size_t n)
{
	return run_prefix(scan, data, n, 3);
}

static bool choose_wide(struct ffpf_strscan *scan)
{
	static uint64_t (*const runs[])(const struct ffpf_strscan *, const uint8_t *, size_t) = {run_1, run_2, run_3};

	if (!__builtin_cpu_supports("avx2"))
		return false;
	scan->run = runs[scan->prefix - 1];
	return true;
}
#else
static bool choose_wide(struct ffpf_strscan *scan)
{
	return false;
}
#endif

static void add_byte(struct ffpf_strscan *scan, unsigned k, uint8_t byte, uint8_t set)
{
	for (unsigned half = 0; half < 32; half += 16) {
		scan->low[k][half + (byte & 15)] |= set;
		scan->high[k][half + (byte >> 4)] |= set;
	}
}

/* Patterns that begin alike come into one set: by how many there are before this one in order of their prefixes. */
static unsigned rank(const struct ffpf_patterns *p, unsigned of, unsigned prefix)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->n; i++) {
		int order = memcmp(p->bytes[i], p->bytes[of], prefix);

		n += order < 0 || (!order && i < of);
	}
	return n;
}

void ffpf_strscan_init(struct ffpf_strscan *scan, const struct ffpf_search *search,
		       const struct ffpf_patterns *patterns, bool nocase, bool plain)
{
	memset(scan, 0, sizeof(*scan));
	scan->search = search;
	scan->run = run_plain;
	scan->prefix = FFPF_STRSCAN_PREFIX;
	for (unsigned i = 0; i < patterns->n; i++)
		if (patterns->length[i] < scan->prefix)
			scan->prefix = patterns->length[i];
	if (plain || !choose_wide(scan))
		return;
	for (unsigned i = 0; i < patterns->n; i++)
		for (unsigned k = 0; k < scan->prefix; k++) {
			uint8_t byte = patterns->bytes[i][k], lower = byte | 0x20;
			uint8_t set = (uint8_t)(1u << (rank(patterns, i, scan->prefix) * SETS / patterns->n));

			add_byte(scan, k, byte, set);
			if (nocase && lower >= 'a' && lower <= 'z') {
				add_byte(scan, k, lower, set);
				add_byte(scan, k, lower & 0xdf, set);
			}
		}
}
