/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzz target: a link type (one byte) and any bytes as a packet whose addresses are rewritten. Nothing outside is read
 * or written; where the payload is stays; a table of known addresses changes nothing.
 */
#include "../unit/native_bytes.h"

#include <lib/native/anon.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void something(const void *cipher, uint8_t *blocks, unsigned n)
{
	for (unsigned i = 0; i < n * 16; i++)
		blocks[i] = (uint8_t)(blocks[i] * 167 + (i ? blocks[i - 1] : 13));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t links[] = {1, 12, 113, 276, 0, 108, 9, 50, 104, 228, 229, 147};
	static const uint8_t second[16];
	struct ffpf_payload before, after;
	static struct ffpf_anon_known known[4];
	struct ffpf_anon anon, same;
	struct ffpf_bytes row, kept;
	uint16_t linktype;

	if (!size || size > 1 << 17)
		return 0;
	linktype = links[data[0] % (sizeof(links) / sizeof(links[0]))];
	row = native_row(data + 1, (uint32_t)size - 1);
	kept = native_row(data + 1, (uint32_t)size - 1);
	ffpf_anon_init(&same, something, NULL, second, known, 4);
	ffpf_anon_init(&anon, something, NULL, second, NULL, 0);
	ffpf_payload_find(&row, linktype, &before);
	ffpf_anon_packet(&anon, (uint8_t *)row.data, row.size, linktype);
	ffpf_payload_find(&row, linktype, &after);
	if (before.at != after.at || before.end != after.end)
		abort();
	ffpf_anon_packet(&same, (uint8_t *)kept.data, kept.size, linktype);
	if (kept.size && memcmp(kept.data, row.data, kept.size))
		abort();
	free((void *)row.data);
	free((void *)kept.data);
	return 0;
}
