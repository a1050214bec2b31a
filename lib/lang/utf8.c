/* SPDX-License-Identifier: BSD-2-Clause */
/* Strict UTF-8 decoding, and the characters that a terminal should not see. */
#include "lib/lang/utf8.h"

size_t ffpf_utf8_decode(const char *text, size_t len, uint32_t *code)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)text;
	size_t size = bytes[0] < 0x80 ? 1 : bytes[0] < 0xc2 ? 0 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : bytes[0] < 0xf5 ? 4 : 0;
	uint32_t value = size > 1 ? bytes[0] & (0x7fu >> size) : bytes[0];

	*code = 0xfffd;
	if (!size || size > len)
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3f);
	}
	if (value < smallest[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*code = value;
	return size;
}

bool ffpf_utf8_disturbs(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) ||	   /* C0, DEL, C1 */
	       (code >= 0x200b && code <= 0x200f) ||		   /* zero width, direction marks */
	       (code >= 0x2028 && code <= 0x202e) ||		   /* separators, embeddings, overrides */
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff; /* joiners, isolates, byte order mark */
}

uint32_t ffpf_utf8_snap(const char *text, uint32_t low, uint32_t pos)
{
	uint32_t at = pos;

	while (at > low && pos - at < 3 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	return at;
}
