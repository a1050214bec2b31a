/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rings that others wrote: in the other byte order, of the wrong shape, and hostile ones.
 */
#include "buf_fixture.h"

#define SWAP16(x) ((x) = __builtin_bswap16(x))
#define SWAP32(x) ((x) = __builtin_bswap32(x))
#define SWAP64(x) ((x) = __builtin_bswap64(x))

static void swap_header(struct ffpf_ring_header *h)
{
	SWAP32(h->magic), SWAP16(h->version), SWAP16(h->byte_order), SWAP16(h->kind), SWAP16(h->cpu), SWAP32(h->data);
	SWAP64(h->size), SWAP64(h->slack), SWAP64(h->reserved), SWAP64(h->head), SWAP64(h->records), SWAP64(h->bytes),
		SWAP64(h->refused);
}

static void swap_rings(struct fixture *f)
{
	struct ffpf_ring_header *h = f->pbuf;

	for (uint64_t at = 0; at < h->head;) {
		struct ffpf_record *r = (struct ffpf_record *)((uint8_t *)h + FFPF_RING_DATA + at);

		at += r->size;
		SWAP64(r->time), SWAP32(r->len), SWAP32(r->caplen), SWAP32(r->stored), SWAP32(r->ifindex),
			SWAP16(r->queue), SWAP32(r->size);
	}
	for (unsigned k = 0; k < f->n; k++) {
		struct ffpf_index *entry = (struct ffpf_index *)((uint8_t *)f->headers[k] + FFPF_RING_DATA);

		for (uint64_t i = 0; i < f->headers[k]->head / sizeof(*entry); i++)
			SWAP64(entry[i].position), SWAP32(entry[i].class), SWAP32(entry[i].number);
		swap_header(f->headers[k]);
	}
	swap_header(h);
}

/* A reader starts at the present head: it is made of the empty swapped ring, then the records' headers appear. */
static void test_other_byte_order(void **state)
{
	struct fixture *f = set_up(1 << 18, 1024, 3);
	struct ffpf_ring_header *h = f->pbuf, empty[4], full[4];

	for (unsigned k = 0; k < 4; k++)
		empty[k] = k < 3 ? *f->headers[k] : *h;
	for (unsigned i = 0; i < 300; i++)
		put(f);
	swap_rings(f);
	for (unsigned k = 0; k < 4; k++) {
		struct ffpf_ring_header *at = k < 3 ? f->headers[k] : h;

		full[k] = *at;
		swap_header(&empty[k]);
		*at = empty[k];
	}
	ffpf_reader_free(f->reader);
	f->reader = reader_of(f, &f->pages[0], BATCH);
	for (unsigned k = 0; k < 4; k++)
		*(k < 3 ? f->headers[k] : h) = full[k];
	assert_int_equal(ffpf_reader_pending(f->reader), 300);
	drain(f);
	check_totals(f);
	assert_int_equal(f->delivered, 300);
	tear_down(f);
}

static void test_refused_rings(void **state)
{
	struct fixture *f = set_up(4096, 64, 1);
	struct ffpf_ring_header *h = f->pbuf, good = *h;
	bool swapped;

	assert_int_equal(ffpf_ring_check(h, f->pbuf_bytes, FFPF_RING_PBUF, &swapped), 0);
	assert_false(swapped);
	assert_int_equal(ffpf_ring_check(h, f->pbuf_bytes - 1, FFPF_RING_PBUF, &swapped), -EPROTO);
	assert_int_equal(ffpf_ring_check(h, 100, FFPF_RING_PBUF, &swapped), -EPROTO);
	assert_int_equal(ffpf_ring_check(h, f->pbuf_bytes, FFPF_RING_IBUF, &swapped), -EPROTO);
#define REFUSED(member, value)                                                                                         \
	*h = good;                                                                                                     \
	h->member = (value);                                                                                           \
	assert_int_equal(ffpf_ring_check(h, f->pbuf_bytes, FFPF_RING_PBUF, &swapped), -EPROTO)
	REFUSED(magic, 1);
	REFUSED(version, 2);
	REFUSED(byte_order, 0x0201);
	REFUSED(data, 128);
	REFUSED(size, 0);
	REFUSED(size, 32);
	REFUSED(size, 4096 + 64);
	REFUSED(size, 1ull << 63);
	REFUSED(size, 8192);
	REFUSED(slack, 0);
	REFUSED(slack, UINT64_MAX - 4096);
	REFUSED(slack, 1ull << 40);
	*h = good;
	swap_header(h);
	assert_int_equal(ffpf_ring_check(h, f->pbuf_bytes, FFPF_RING_PBUF, &swapped), 0);
	assert_true(swapped);
	struct ffpf_reader *reader = NULL;
	struct ffpf_reader_ring at = {.pbuf = h,
				      .pbuf_bytes = f->pbuf_bytes,
				      .ibufs = (const void *const *)f->ibufs,
				      .ibuf_bytes = f->ibuf_bytes,
				      .n_inflows = 1,
				      .page = f->pages};
	assert_int_equal(ffpf_reader_new(&at, 4, &reader), -EPROTO); /* orders differ */
	at.n_inflows = 0;
	assert_int_equal(ffpf_reader_new(&at, 4, &reader), -EINVAL);
	assert_null(reader);
	tear_down(f);
}

static void corrupt(struct fixture *f)
{
	void *target = random() % 2 ? f->pbuf : f->ibufs[random() % f->n];
	size_t bytes = target == f->pbuf ? f->pbuf_bytes : f->ibuf_bytes;
	size_t at = random() % 3 ? 64 + (size_t)random() % 64 : (size_t)random() % bytes;

	if (at < 64) /* the geometry, which the writer does not copy */
		return;
	((uint8_t *)target)[at] ^= (uint8_t)random();
	((struct ffpf_ring_header *)f->pbuf)->head &= ~63ull;
	for (unsigned k = 0; k < f->n; k++)
		f->headers[k]->head &= ~15ull;
}

/* Random bytes of everything are overwritten: the reader may deliver nonsense, but touches only what is its. */
static void test_hostile(void **state)
{
	volatile uint8_t sink = 0;

	srandom(1);
	for (unsigned round = 0; round < 400; round++) {
		struct fixture *f = set_up(8192, 64, round % 20 + 1);

		for (unsigned step = 0; step < 30; step++) {
			for (unsigned i = 0; i < 40; i++)
				put(f);
			corrupt(f);
			unsigned n = ffpf_reader_read(f->reader, f->packets, f->classes, BATCH);
			for (unsigned i = 0; i < n; i++)
				for (uint32_t k = 0; k < f->packets[i].caplen; k += 31)
					sink ^= f->packets[i].data[k];
			ffpf_reader_arm(f->reader, 5);
		}
		tear_down(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_byte_order),
		cmocka_unit_test(test_refused_rings),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
