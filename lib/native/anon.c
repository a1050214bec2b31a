/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Single addresses; see anon.h. anon_packet.c finds them in packets. */
#include "anon.h"

void ffpf_anon_init(struct ffpf_anon *anon, void (*encrypt)(const void *cipher, uint8_t *blocks, unsigned n),
		    const void *cipher, const uint8_t second[16], struct ffpf_anon_known *known, uint32_t n_known)
{
	memset(anon, 0, sizeof(*anon));
	anon->encrypt = encrypt;
	anon->cipher = cipher;
	memcpy(anon->pad, second, sizeof(anon->pad));
	encrypt(cipher, anon->pad, 1);
	anon->known = n_known ? known : NULL;
	anon->known_mask = n_known - 1;
	if (anon->known)
		memset(known, 0, n_known * sizeof(*known));
}

/* The pad with the first `bit` bits of the address. */
static void make_block(const struct ffpf_anon *anon, const uint8_t *address, unsigned bit, uint8_t *block)
{
	unsigned whole = bit / 8;
	uint8_t mask = (uint8_t)(0xff00 >> bit % 8);

	memcpy(block, anon->pad, 16);
	memcpy(block, address, whole);
	if (mask)
		block[whole] = (uint8_t)((address[whole] & mask) | (anon->pad[whole] & ~mask));
}

static void compute(struct ffpf_anon *anon, const uint8_t *address, unsigned size, uint8_t *becomes)
{
	memcpy(becomes, address, size);
	for (unsigned first = 0; first < size * 8; first += FFPF_ANON_BLOCKS) {
		for (unsigned i = 0; i < FFPF_ANON_BLOCKS; i++)
			make_block(anon, address, first + i, anon->blocks + 16 * i);
		anon->encrypt(anon->cipher, anon->blocks, FFPF_ANON_BLOCKS);
		for (unsigned i = 0; i < FFPF_ANON_BLOCKS; i++)
			becomes[(first + i) / 8] ^= (uint8_t)((anon->blocks[16 * i] >> 7) << (7 - i % 8));
	}
}

/* Spreads addresses over the table; who wants them to meet makes it slower, not wrong. */
static uint32_t place_of(const uint8_t *address, unsigned size)
{
	uint32_t hash = size;

	for (unsigned i = 0; i < size; i += 4)
		hash = (hash ^ ffpf_native_get32(address + i)) * 0x9e3779b1u;
	return hash ^ hash >> 15;
}

void ffpf_anon_address(struct ffpf_anon *anon, const uint8_t *address, unsigned size, uint8_t *becomes)
{
	struct ffpf_anon_known *known;

	if (!anon->known) {
		compute(anon, address, size, becomes);
		return;
	}
	known = &anon->known[place_of(address, size) & anon->known_mask];
	if (known->size != size || memcmp(known->address, address, size)) {
		known->size = size;
		memcpy(known->address, address, size);
		compute(anon, address, size, known->becomes);
	}
	memcpy(becomes, known->becomes, size);
}
