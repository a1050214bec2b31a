/* SPDX-License-Identifier: BSD-2-Clause */
/* CRC-32C: eight bytes at a time with SSE 4.2, else half a byte at a time by a table of sixteen. */
#include <flowspaces/user/crc32c.h>

#include <string.h>

#define POLYNOMIAL 0x82f63b78u /* its bits in the order in which they are sent */

/* The remainder of one half byte. */
static inline uint32_t half(uint32_t crc)
{
	for (unsigned bit = 0; bit < 4; bit++)
		crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
	return crc;
}

uint32_t ffpf_crc32c_plain(uint32_t crc, const uint8_t *data, size_t n)
{
	uint32_t table[16];

	for (uint32_t i = 0; i < 16; i++)
		table[i] = half(i);
	crc = ~crc;
	for (size_t i = 0; i < n; i++) {
		crc ^= data[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *data, size_t n)
{
	uint64_t wide = (uint32_t)~crc, eight;

	for (; n >= sizeof(eight); data += sizeof(eight), n -= sizeof(eight)) {
		memcpy(&eight, data, sizeof(eight));
		wide = __builtin_ia32_crc32di(wide, eight);
	}
	crc = (uint32_t)wide;
	while (n--)
		crc = __builtin_ia32_crc32qi(crc, *data++);
	return ~crc;
}
#endif

uint32_t ffpf_crc32c(uint32_t crc, const uint8_t *data, size_t n)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("sse4.2"))
		return by_instruction(crc, data, n);
#endif
	return ffpf_crc32c_plain(crc, data, n);
}
