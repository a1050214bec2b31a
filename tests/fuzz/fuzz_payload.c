/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzz target: a link type (one byte) and any bytes as a packet. The payload lies inside of it, nothing outside is
 * read, and a packet in parts is the same as one in a row.
 */
#include "../unit/native_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t links[] = {1, 12, 113, 276, 0, 108, 9, 50, 104, 228, 229, 147};
	struct ffpf_payload one, other;
	struct ffpf_bytes row, parts;
	uint16_t linktype;

	if (!size || size > 1 << 17)
		return 0;
	linktype = links[data[0] % (sizeof(links) / sizeof(links[0]))];
	row = native_row(data + 1, (uint32_t)size - 1);
	parts = native_parts(&row);
	memset(&one, 0, sizeof(one));
	memset(&other, 0, sizeof(other));
	ffpf_payload_find(&row, linktype, &one);
	ffpf_payload_find(&parts, linktype, &other);
	if (memcmp(&one, &other, sizeof(one)) || !native_payload_holds(&one, row.size))
		abort();
	ffpf_payload_find_ip(&row, one.at, one.end, &other);
	if (!native_payload_holds(&other, row.size) || other.at < one.at || other.end > one.end)
		abort();
	free((void *)row.data);
	return 0;
}
