/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzz target: one byte (upper and lower case alike?), the text of patterns up to the first zero byte, and what is
 * searched. The text is refused or read; the scan with wide registers, the automaton and a byte-by-byte search agree.
 */
#include <flowspaces/user/strscan.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool occurs(const struct ffpf_search *s, const struct ffpf_patterns *p, unsigned i, const uint8_t *data,
		   size_t n)
{
	for (size_t at = 0; at + p->length[i] <= n; at++) {
		unsigned k = 0;

		while (k < p->length[i] && s->column[data[at + k]] == s->column[p->bytes[i][k]])
			k++;
		if (k == p->length[i])
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ffpf_patterns patterns;
	struct ffpf_patterns_mistake mistake;
	struct ffpf_strscan wide, plain;
	struct ffpf_search search;
	uint64_t expected = 0, parts = 0;
	uint16_t state = 0;
	uint8_t *bytes;
	size_t text, n;
	void *memory;

	if (size < 2 || size > 2000)
		return 0;
	for (text = 0; text < size - 1 && data[1 + text]; text++)
		;
	if (!ffpf_patterns_read((const char *)data + 1, text, &patterns, &mistake)) {
		if (mistake.what == FFPF_PATTERNS_FINE || mistake.start > mistake.end || mistake.end > text)
			abort();
		return 0;
	}
	n = size - 1 - text;
	bytes = malloc(n + 1);
	memcpy(bytes + 1, data + 1 + text, n); /* ends where its memory does */
	memory = malloc(ffpf_search_size(&patterns, data[0] & 1));
	ffpf_search_build(&search, &patterns, data[0] & 1, memory);
	ffpf_strscan_init(&wide, &search, &patterns, data[0] & 1, false);
	ffpf_strscan_init(&plain, &search, &patterns, data[0] & 1, true);
	for (unsigned i = 0; i < patterns.n; i++)
		expected |= (uint64_t)occurs(&search, &patterns, i, bytes + 1, n) << i;
	ffpf_search_more(&search, &state, bytes + 1, n / 3, &parts);
	ffpf_search_more(&search, &state, bytes + 1 + n / 3, n - n / 3, &parts);
	if (ffpf_strscan_run(&wide, bytes + 1, n) != expected || ffpf_strscan_run(&plain, bytes + 1, n) != expected ||
	    parts != expected)
		abort();
	free(memory);
	free(bytes);
	return 0;
}
