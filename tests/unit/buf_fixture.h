/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring with in-flows, a writer and a reader, for the tests of lib/buf. Each packet carries its number; its length,
 * its bytes and which in-flows want it follow from that number, so that the reader can check everything it gets.
 */
#ifndef BUF_FIXTURE_H
#define BUF_FIXTURE_H

#include <lib/buf/buf.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST 40 /* in-flows */
#define BATCH 256

struct fixture {
	void *pbuf;
	size_t pbuf_bytes;
	void *ibufs[MOST];
	size_t ibuf_bytes;
	struct ffpf_ring_header *headers[MOST];
	unsigned n;
	_Alignas(64) struct ffpf_reader_page pages[2];
	struct ffpf_writer writer;
	uint64_t written, wrote[MOST];
	/* the reader's */
	struct ffpf_reader *reader;
	struct ffpf_packet packets[BATCH];
	uint32_t classes[BATCH * MOST];
	uint64_t delivered, got[MOST], last;
};

static inline void *ring(enum ffpf_ring_kind kind, uint64_t size, uint32_t largest, size_t *bytes)
{
	*bytes = ffpf_ring_bytes(size, largest);
	void *memory = aligned_alloc(64, *bytes);

	assert_non_null(memory);
	memset(memory, 0, *bytes);
	ffpf_ring_init(memory, kind, 0, size, largest);
	return memory;
}

static inline struct ffpf_reader *reader_of(struct fixture *f, struct ffpf_reader_page *page, unsigned batch)
{
	struct ffpf_reader *reader;
	struct ffpf_reader_ring at = {
		.pbuf = f->pbuf,
		.pbuf_bytes = f->pbuf_bytes,
		.ibufs = (const void *const *)f->ibufs,
		.ibuf_bytes = f->ibuf_bytes,
		.n_inflows = f->n,
		.page = page,
	};

	assert_int_equal(ffpf_reader_new(&at, batch, &reader), 0);
	return reader;
}

static inline struct fixture *set_up(uint64_t size, uint64_t entries, unsigned n)
{
	struct fixture *f = aligned_alloc(64, sizeof(*f));

	memset(f, 0, sizeof(*f));
	f->pbuf = ring(FFPF_RING_PBUF, size, 2000, &f->pbuf_bytes);
	f->n = n;
	for (unsigned i = 0; i < n; i++)
		f->headers[i] = f->ibufs[i] =
			ring(FFPF_RING_IBUF, entries * sizeof(struct ffpf_index), 0, &f->ibuf_bytes);
	f->writer = (struct ffpf_writer){.pbuf = f->pbuf, .ibufs = f->headers, .n_inflows = n, .snaplen = 65535};
	f->reader = reader_of(f, &f->pages[0], BATCH);
	f->last = UINT64_MAX;
	return f;
}

static inline void tear_down(struct fixture *f)
{
	ffpf_reader_free(f->reader);
	for (unsigned i = 0; i < f->n; i++)
		free(f->ibufs[i]);
	free(f->pbuf);
	free(f);
}

/* In-flow 0 wants every third packet, in-flow 1 the others too, the rest a part each; with one in-flow it wants all. */
static inline uint32_t class_of(const struct fixture *f, uint64_t number, unsigned k)
{
	bool wanted = f->n == 1 || (k == 0   ? number % 3 == 0
				    : k == 1 ? number % 3 || number % 2
					     : (number * 2654435761u >> 7) % (k + 2) == 0);

	return wanted ? (uint32_t)(number % 1000 + 1 + k) : 0;
}

static inline uint32_t length_of(uint64_t number)
{
	return 16 + (uint32_t)(number * 40503 % 97 * (number % 7 ? 1 : 19));
}

static inline int put(struct fixture *f)
{
	uint8_t bytes[2048];
	uint64_t number = f->written;
	uint32_t classes[MOST], n = length_of(number);
	struct ffpf_packet packet = {.data = bytes,
				     .caplen = n,
				     .len = n + 5,
				     .time_ns = number * 3,
				     .ifindex = 7,
				     .queue = 9,
				     .dir = 2,
				     .source = 4};

	memset(bytes, (int)number, n);
	memcpy(bytes, &number, sizeof(number));
	for (unsigned k = 0; k < f->n; k++)
		classes[k] = class_of(f, number, k);
	int result = ffpf_writer_put(&f->writer, &packet, classes);
	if (result) {
		f->written++;
		for (unsigned k = 0; k < f->n; k++)
			f->wrote[k] += classes[k] != 0;
	}
	return result;
}

static inline void check_packet(struct fixture *f, const struct ffpf_packet *p, const uint32_t *classes)
{
	uint64_t number;

	memcpy(&number, p->data, sizeof(number));
	if (p->caplen != length_of(number) || p->len != p->caplen + 5 || p->time_ns != number * 3 || p->ifindex != 7 ||
	    p->queue != 9 || p->dir != 2 || p->source != 4)
		fail_msg("fields of packet %lu", (unsigned long)number);
	if (f->last != UINT64_MAX && number <= f->last)
		fail_msg("packet %lu after %lu", (unsigned long)number, (unsigned long)f->last);
	f->last = number;
	for (uint32_t i = sizeof(number); i < p->caplen; i++)
		if (p->data[i] != (uint8_t)number)
			fail_msg("byte %u of packet %lu", i, (unsigned long)number);
	for (unsigned k = 0; k < f->n; k++) {
		if (classes[k] && classes[k] != class_of(f, number, k))
			fail_msg("class %u of packet %lu in in-flow %u", classes[k], (unsigned long)number, k);
		f->got[k] += classes[k] != 0;
	}
}

static inline unsigned take(struct fixture *f, unsigned n)
{
	n = ffpf_reader_read(f->reader, f->packets, f->classes, n);
	for (unsigned i = 0; i < n; i++)
		check_packet(f, &f->packets[i], f->classes + i * f->n);
	f->delivered += n;
	return n;
}

static inline void drain(struct fixture *f)
{
	while (take(f, BATCH))
		;
}

/* written = delivered + lost, by in-flow, and for records. */
static inline void check_totals(struct fixture *f)
{
	uint64_t records, bytes;

	ffpf_reader_counts(f->reader, &records, &bytes);
	assert_int_equal(records, f->delivered);
	assert_int_equal(ffpf_reader_pending(f->reader), 0);
	assert_int_equal(f->written, f->delivered + ffpf_reader_lost(f->reader));
	for (unsigned k = 0; k < f->n; k++)
		assert_int_equal(f->wrote[k], f->got[k] + ffpf_reader_lost_inflow(f->reader, k));
}

#endif
