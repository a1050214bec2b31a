/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reader's beginning and end, its figures, and arming it for wake-ups.
 */
#include <lib/buf/merge.h>

#include <errno.h>
#include <stdlib.h>

#define TYPICAL 2048	   /* batch memory per packet, where records can be longer */
#define STAGED 256	   /* entries staged per in-flow where there are several */
#define LARGEST (1u << 24) /* no record is longer, whatever the slack */

/* Memory that others can write may change after the check: the copy of its geometry that we go on with is checked
 * again. */
static bool sound_size(uint64_t size, size_t bytes)
{
	return size >= FFPF_RECORD_ALIGN && !(size & (size - 1)) && size <= bytes - FFPF_RING_DATA;
}

static int open_inflow(struct inflow *inflow, const void *memory, size_t bytes, bool swapped, unsigned room)
{
	if (ffpf_ring_check(memory, bytes, FFPF_RING_IBUF, &inflow->swapped) < 0 || inflow->swapped != swapped)
		return -EPROTO;
	inflow->header = memory;
	inflow->data = (const uint8_t *)memory + FFPF_RING_DATA;
	inflow->size = ring_load(&inflow->header->size, swapped);
	if (!sound_size(inflow->size, bytes))
		return -EPROTO;
	inflow->room = room;
	inflow->staged = calloc(room + AHEAD, sizeof(*inflow->staged));
	return inflow->staged ? 0 : -ENOMEM;
}

static int open_pbuf(struct pbuf *pbuf, const void *memory, size_t bytes)
{
	const struct ffpf_ring_header *header = memory;

	if (ffpf_ring_check(header, bytes, FFPF_RING_PBUF, &pbuf->swapped) < 0)
		return -EPROTO;
	uint64_t size = ring_load(&header->size, pbuf->swapped);
	uint64_t slack = ring_load(&header->slack, pbuf->swapped);
	if (!sound_size(size, bytes) || slack < FFPF_RECORD_ALIGN || slack > bytes - FFPF_RING_DATA - size)
		return -EPROTO;
	pbuf->header = header;
	pbuf->data = (const uint8_t *)header + FFPF_RING_DATA;
	pbuf->mask = size - FFPF_RECORD_ALIGN;
	pbuf->size = size;
	slack = (slack & ~(uint64_t)(FFPF_RECORD_ALIGN - 1)) - sizeof(struct ffpf_record);
	pbuf->largest = slack > LARGEST ? LARGEST : (uint32_t)slack;
	return 0;
}

static int open_far(struct ffpf_reader *reader, const struct ffpf_reader_ring *ring)
{
	reader->far = calloc(ring->n_far + 1, sizeof(*reader->far));
	if (!reader->far)
		return -ENOMEM;
	reader->n_far = ring->n_far;
	for (unsigned i = 0; i < ring->n_far; i++) {
		int error = open_pbuf(&reader->far[i], ring->far[i], ring->far_bytes);

		if (error)
			return error;
	}
	return 0;
}

/* Bytes of the longest record, wherever it lies. */
static uint32_t largest_of(const struct ffpf_reader *reader)
{
	uint32_t largest = reader->pbuf.largest;

	for (unsigned i = 0; i < reader->n_far; i++)
		if (reader->far[i].largest > largest)
			largest = reader->far[i].largest;
	return largest;
}

static int allocate(struct ffpf_reader *reader, unsigned n_inflows, unsigned batch)
{
	size_t largest = largest_of(reader), typical = largest < TYPICAL ? largest + 63 : TYPICAL;

	reader->batch = batch;
	reader->memory_bytes = (batch * typical + largest + 63) & ~(size_t)63;
	reader->memory = calloc(1, reader->memory_bytes + READABLE);
	reader->inflows = calloc(n_inflows, sizeof(*reader->inflows));
	reader->heads = calloc(n_inflows, sizeof(*reader->heads));
	reader->heap = calloc(n_inflows, sizeof(*reader->heap));
	return reader->memory && reader->inflows && reader->heads && reader->heap ? 0 : -ENOMEM;
}

/* From here on: what is being written now is not ours, not even those of its entries that appear later. */
static void start_now(struct ffpf_reader *reader)
{
	for (unsigned i = 0; i < reader->n_inflows; i++) {
		struct inflow *inflow = &reader->inflows[i];
		uint64_t head = ring_load(&inflow->header->head, reader->pbuf.swapped);

		inflow->start = inflow->next = head & ~(uint64_t)(sizeof(struct ffpf_index) - 1);
		reader->heap[i] = i;
	}
	reader->next_number = (uint32_t)ring_load(&reader->pbuf.header->records, reader->pbuf.swapped);
	reader->start = ring_load(&reader->pbuf.header->reserved, reader->pbuf.swapped);
	__atomic_store_n(&reader->page->armed, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&reader->page->position, reader->start, __ATOMIC_RELEASE);
}

int ffpf_reader_new(const struct ffpf_reader_ring *ring, unsigned batch, struct ffpf_reader **out)
{
	if (!batch || !ring->n_inflows)
		return -EINVAL;
	struct ffpf_reader *reader = calloc(1, sizeof(*reader));
	int error = reader ? open_pbuf(&reader->pbuf, ring->pbuf, ring->pbuf_bytes) : -ENOMEM;

	if (!error)
		error = open_far(reader, ring);
	if (!error)
		error = allocate(reader, ring->n_inflows, batch);
	for (unsigned i = 0; !error && i < ring->n_inflows; i++) {
		unsigned room = ring->n_inflows == 1 || batch < STAGED ? batch : STAGED;

		error = open_inflow(&reader->inflows[i], ring->ibufs[i], ring->ibuf_bytes, reader->pbuf.swapped, room);
		reader->n_inflows = i + 1;
	}
	if (error) {
		ffpf_reader_free(reader);
		return error;
	}
	reader->page = ring->page;
	start_now(reader);
	*out = reader;
	return 0;
}

void ffpf_reader_free(struct ffpf_reader *reader)
{
	if (!reader)
		return;
	for (unsigned i = 0; i < reader->n_inflows; i++)
		free(reader->inflows[i].staged);
	free(reader->far);
	free(reader->inflows);
	free(reader->heads);
	free(reader->heap);
	free(reader->memory);
	free(reader);
}

bool ffpf_reader_quiet(const struct ffpf_reader *reader)
{
	/* In this order: a record that is reserved in between makes them differ. */
	uint64_t head = ring_load(&reader->pbuf.header->head, reader->pbuf.swapped);

	return ring_load(&reader->pbuf.header->reserved, reader->pbuf.swapped) == head;
}

uint64_t ffpf_reader_pending(const struct ffpf_reader *reader)
{
	uint64_t most = 0, sum = 0;

	for (unsigned i = 0; i < reader->n_inflows; i++) {
		uint64_t pending = ffpf_inflow_pending(&reader->inflows[i]);

		most = pending > most ? pending : most;
		sum += pending;
	}
	if (reader->n_inflows == 1)
		return sum;
	/* Several in-flows share records: how many is known where all of the writer's in-flows are ours, else between
	 * these. */
	uint32_t records =
		(uint32_t)ring_load(&reader->pbuf.header->records, reader->pbuf.swapped) - reader->next_number;
	return records < most ? most : records > sum ? sum : records;
}

uint64_t ffpf_reader_lost(const struct ffpf_reader *reader)
{
	return reader->lost;
}

uint64_t ffpf_reader_lost_inflow(const struct ffpf_reader *reader, unsigned inflow)
{
	return reader->inflows[inflow].lost;
}

uint64_t ffpf_reader_delivered_inflow(const struct ffpf_reader *reader, unsigned inflow)
{
	const struct inflow *f = &reader->inflows[inflow];

	return (f->next - f->start) / sizeof(struct ffpf_index) - (f->count - f->first) - f->lost;
}

void ffpf_reader_counts(const struct ffpf_reader *reader, uint64_t *records, uint64_t *bytes)
{
	*records = reader->records;
	*bytes = reader->bytes;
}

uint64_t ffpf_reader_refused(const struct ffpf_reader *reader)
{
	return ring_load(&reader->pbuf.header->refused, reader->pbuf.swapped);
}

uint64_t ffpf_reader_refused_inflow(const struct ffpf_reader *reader, unsigned inflow)
{
	/* Writers with a single in-flow count once, in the PBuf. */
	return reader->n_inflows == 1 ? ffpf_reader_refused(reader)
				      : ring_load(&reader->inflows[inflow].header->refused, reader->pbuf.swapped);
}

bool ffpf_reader_arm(struct ffpf_reader *reader, uint64_t packets)
{
	struct ffpf_reader_page *page = reader->page;
	/* In this order: what is written in between makes the threshold too low rather than too high. */
	uint64_t records = ring_load(&reader->pbuf.header->records, reader->pbuf.swapped);
	uint64_t pending = ffpf_reader_pending(reader);

	if (pending >= packets)
		return false;
	__atomic_store_n(&page->threshold, records + packets - pending, __ATOMIC_RELAXED);
	__atomic_store_n(&page->armed, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (ring_load(&reader->pbuf.header->records, reader->pbuf.swapped) < records + packets - pending)
		return true;
	ffpf_reader_disarm(reader);
	return false;
}

void ffpf_reader_disarm(struct ffpf_reader *reader)
{
	__atomic_store_n(&reader->page->armed, 0, __ATOMIC_RELAXED);
}
