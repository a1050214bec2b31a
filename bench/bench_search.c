/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Searching packets for patterns: nanoseconds a packet and gigabytes a second of the class's search (with wide
 * registers and without) against memmem() for one pattern after the other. Random bytes and text like that of HTTP, in
 * which the patterns do not occur: all of it has to be looked at. Argument: bytes of a packet (1400).
 */
#include <flowspaces/user/strscan.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 7, PACKETS = 256, REPEATS = 40 };

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

static const char words[] =
	"Host: example.com\r\nUser-Agent: none/1.0 (nothing; of note)\r\nAccept: */*\r\nCookie: a=b; c=d\r\n";

static uint64_t by_memmem(const struct ffpf_patterns *p, const uint8_t *data, size_t n)
{
	uint64_t found = 0;

	for (unsigned i = 0; i < p->n; i++)
		found |= (uint64_t)(memmem(data, n, p->bytes[i], p->length[i]) != NULL) << i;
	return found;
}

enum { WIDE, PLAIN, MEMMEM, WAYS };

/* One round over all packets. */
static double measure(const struct ffpf_strscan *const *scans, const struct ffpf_patterns *p, const uint8_t *data,
		      size_t size, unsigned way, uint64_t *found)
{
	double begin = now();

	for (unsigned repeat = 0; repeat < REPEATS; repeat++)
		for (unsigned i = 0; i < PACKETS; i++)
			*found += way == MEMMEM ? by_memmem(p, data + i * size, size)
						: ffpf_strscan_run(scans[way], data + i * size, size);
	return (now() - begin) / ((double)REPEATS * PACKETS);
}

static void subject(const char *what, const uint8_t *data, size_t size, const char *text, bool nocase)
{
	static struct ffpf_patterns p;
	struct ffpf_patterns_mistake mistake;
	struct ffpf_strscan wide, plain;
	const struct ffpf_strscan *const scans[] = {&wide, &plain};
	struct ffpf_search search;
	double times[WAYS][ROUNDS];
	uint64_t found = 0;
	void *memory;

	if (!ffpf_patterns_read(text, strlen(text), &p, &mistake))
		exit(1);
	memory = malloc(ffpf_search_size(&p, nocase));
	ffpf_search_build(&search, &p, nocase, memory);
	ffpf_strscan_init(&wide, &search, &p, nocase, false);
	ffpf_strscan_init(&plain, &search, &p, nocase, true);
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned way = 0; way < WAYS; way++)
			times[way][round] = measure(scans, &p, data, size, way, &found);
	printf("%-8s %3u patterns |", what, p.n);
	for (unsigned way = 0; way < WAYS; way++) {
		qsort(times[way], ROUNDS, sizeof(double), compare);
		printf(" %8.0f ns %6.2f GB/s |", times[way][ROUNDS / 2], (double)size / times[way][ROUNDS / 2]);
	}
	printf(" memmem / wide %5.1f%s\n", times[MEMMEM][ROUNDS / 2] / times[WIDE][ROUNDS / 2],
	       found ? " (found some)" : "");
	free(memory);
}

int main(int argc, char **argv)
{
	size_t size = argc > 1 ? strtoul(argv[1], NULL, 10) : 1400;
	uint8_t *random = malloc(PACKETS * size), *text = malloc(PACKETS * size);
	char many[1024] = "";
	uint64_t seed = 1;

	for (size_t i = 0; i < PACKETS * size; i++) {
		random[i] = (uint8_t)((seed = seed * 6364136223846793005u + 1442695040888963407u) >> 56);
		text[i] = (uint8_t)words[i % (sizeof(words) - 1)];
	}
	for (unsigned i = 0; i < 64; i++)
		sprintf(many + strlen(many), "%sQ%c%cxyzw%02u", i ? "|" : "", 'A' + i % 26, 'a' + i / 5, i);
	printf("%zu bytes a packet        |  wide registers         |  one byte at a time     |  memmem\n", size);
	for (unsigned k = 0; k < 2; k++) {
		const uint8_t *data = k ? text : random;
		const char *what = k ? "text" : "random";

		subject(what, data, size, "GET /index.html", false);
		subject(what, data, size, "GET |POST |HEAD |PUT ", false);
		subject(what, data, size, "GET |POST |HEAD |PUT ", true);
		subject(what, data, size, "\\x16\\x03\\x01|SSH-2.0|BitTorrent|\\x00\\x01\\x02\\x03|EHLO|USER|NICK|JOIN",
			false);
		subject(what, data, size, many, false);
	}
	free(random);
	free(text);
	return 0;
}
