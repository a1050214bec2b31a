/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys of the LPM map, for map_lpm.c and map_lpm_order.c.
 */
#ifndef FFPF_BUF_MAP_LPM_H
#define FFPF_BUF_MAP_LPM_H

#include <lib/buf/map-provider.h>

#define LPM_BYTES_MOST 256 /* the kernel's LPM_DATA_SIZE_MAX */

struct lpm_key {
	uint32_t prefixlen;
	uint64_t bits[LPM_BYTES_MOST / 8]; /* as in the key, zeros behind */
};

/* Words of a key, so that its first bit is the highest. */
static inline uint64_t lpm_order(uint64_t word)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(word) : word;
}

/* Bit number i of a key or node; 0 behind the last. */
static inline unsigned lpm_bit(const uint64_t *bits, uint32_t i)
{
	const uint8_t *bytes = (const uint8_t *)bits;

	return bytes[i / 8] >> (7 - i % 8) & 1;
}

static inline uint32_t lpm_most(const struct ffpf_map *map)
{
	return (map->spec.key_size - (uint32_t)sizeof(uint32_t)) * 8;
}

/* Reads a key; false if its prefix is longer than itself. */
bool ffpf_lpm_key(const struct ffpf_map *map, const void *bytes, struct lpm_key *key);
/* How many of the first `most` bits node and key have in common; those before `from` are known to be equal. */
uint32_t ffpf_lpm_match(const struct ffpf_map *map, const struct map_node *node, const struct lpm_key *key,
			uint32_t from, uint32_t most);

#endif
