/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Anonymising: nanoseconds of an address of IPv4 and of IPv6 that is new, of one that is known already, and of a packet
 * of TCP, its checksums included. No arguments.
 */
#include <lib/native/anon.h>

#include <nettle/aes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 7, STEPS = 40000, KNOWN = 4096 };

static struct ffpf_anon_known known[KNOWN];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void encrypt(const void *cipher, uint8_t *blocks, unsigned n)
{
	aes128_encrypt(cipher, (size_t)n * AES_BLOCK_SIZE, blocks, blocks);
}

/* different: how many addresses (a power of two) there are. */
static double addresses(struct ffpf_anon *anon, unsigned size, uint32_t different)
{
	double times[ROUNDS];
	uint8_t address[16] = {0}, becomes[16];

	for (unsigned round = 0; round < ROUNDS; round++) {
		double begin = now();

		for (uint32_t i = 0; i < STEPS; i++) {
			ffpf_native_put32(address + size - 4,
					  0xc0000200 ^ ((i + round * STEPS) & (different - 1)) * 2654435u);
			ffpf_anon_address(anon, address, size, becomes);
		}
		times[round] = (now() - begin) / STEPS;
	}
	qsort(times, ROUNDS, sizeof(double), compare);
	return times[ROUNDS / 2];
}

static double packets(struct ffpf_anon *anon)
{
	static const uint8_t headers[54] = {2,	 0,    0, 0,  0, 1,  2,	 0, 0, 0, 0,   2, 8, 0, 0x45, 0,
					    5,	 0xdc, 0, 1,  0, 0,  64, 6, 1, 2, 192, 0, 2, 1, 198,  51,
					    100, 2,    0, 80, 0, 81, 0,	 0, 0, 0, 0,   0, 0, 0, 0x50};
	static uint8_t packet[1514];
	double times[ROUNDS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		double begin = now();

		for (uint32_t i = 0; i < STEPS; i++) {
			memcpy(packet, headers, sizeof(headers));
			packet[29] = (uint8_t)i;
			ffpf_anon_packet(anon, packet, sizeof(packet), FFPF_LINK_ETHERNET);
		}
		times[round] = (now() - begin) / STEPS;
	}
	qsort(times, ROUNDS, sizeof(double), compare);
	return times[ROUNDS / 2];
}

int main(void)
{
	static const uint8_t key[FFPF_ANON_KEY] = {1, 2, 3};
	struct aes128_ctx cipher;
	struct ffpf_anon plain, quick;

	aes128_set_encrypt_key(&cipher, key);
	ffpf_anon_init(&plain, encrypt, &cipher, key + 16, NULL, 0);
	ffpf_anon_init(&quick, encrypt, &cipher, key + 16, known, KNOWN);
	printf("IPv4 address: new %7.1f ns, known %5.1f ns\n", addresses(&plain, 4, 1u << 31),
	       addresses(&quick, 4, 256));
	printf("IPv6 address: new %7.1f ns, known %5.1f ns\n", addresses(&plain, 16, 1u << 31),
	       addresses(&quick, 16, 256));
	printf("TCP packet:   new %7.1f ns, known %5.1f ns\n", packets(&plain), packets(&quick));
	return 0;
}
