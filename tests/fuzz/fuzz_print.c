/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzz target: a link type (two bytes) and any bytes as a packet, put into words. No byte behind the packet may be read
 * (it is copied into memory of just its size), and the line may hold nothing but printable characters.
 */
#include "flowspaces/user/dissect.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t linktypes[] = {0,	  1,   9,   11,	 12,  50,  51,	104, 105, 108,
					     113, 119, 127, 163, 166, 204, 228, 229, 276, 300};
	char line[400];
	struct text text = {line, line + sizeof(line)};

	if (size < 2)
		return 0;
	uint8_t *packet = malloc(size - 2 ? size - 2 : 1);
	memcpy(packet, data + 2, size - 2);
	ffpf_dissect_line(&text, &(struct ffpf_packet){
					 .data = packet,
					 .caplen = (uint32_t)(size - 2),
					 .len = (uint32_t)(size - 2) + (data[1] & 1),
					 .linktype = linktypes[data[0] % (sizeof(linktypes) / sizeof(linktypes[0]))],
				 });
	free(packet);
	if (text.at == line || text.at > text.end)
		abort();
	for (const char *at = line; at < text.at; at++)
		if (*at < 0x20 || *at > 0x7e)
			abort();
	return 0;
}
