/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Batched reading. The in-flows' staged entries (index.c) are merged by position; each record is copied out into the
 * batch's own memory, and once a chunk of records `reserved` tells which of them the writer has overwritten meanwhile:
 * always the first ones.
 *
 * Every value in a ring is taken for hostile: positions are masked, lengths compared with the geometry that was checked
 * and copied when the reader was made. Wrong values give wrong packets, never an access outside.
 */
#include <lib/buf/merge.h>

#include <string.h>

static void copy_payload(uint8_t *to, const uint8_t *from, uint32_t n)
{
	/* In blocks, as records are padded: n rounded up to 32 stays inside record and batch memory. */
	if (n > 512) {
		memcpy(to, from, n);
		return;
	}
	for (uint32_t i = 0; i < n; i += 32)
		memcpy(to + i, from + i, 32);
}

static void swap_record(struct ffpf_record *record)
{
	record->time = __builtin_bswap64(record->time);
	record->len = __builtin_bswap32(record->len);
	record->caplen = __builtin_bswap32(record->caplen);
	record->stored = __builtin_bswap32(record->stored);
	record->ifindex = __builtin_bswap32(record->ifindex);
	record->queue = __builtin_bswap16(record->queue);
}

static inline void read_header(const struct pbuf *pbuf, const uint8_t *at, struct ffpf_record *record)
{
	memcpy(record, at, sizeof(*record));
	if (__builtin_expect(pbuf->swapped, 0))
		swap_record(record);
}

static uint64_t oldest_record(const struct pbuf *pbuf)
{
	uint64_t reserved = ring_load(&pbuf->header->reserved, pbuf->swapped);

	return reserved > pbuf->size ? reserved - pbuf->size : 0;
}

enum copy { COPIED, NOT_A_RECORD, NO_ROOM };

/* Copies a packet out of a ring whose header was read. */
static inline enum copy copy_packet(struct ffpf_reader *reader, const struct pbuf *pbuf, struct ffpf_record *record,
				    const uint8_t *bytes, struct ffpf_packet *packet)
{
	if (__builtin_expect(record->stored > pbuf->largest, 0))
		return NOT_A_RECORD;
	if (__builtin_expect(record->stored > reader->memory_bytes - reader->used, 0))
		return NO_ROOM;
	uint8_t *to = reader->memory + reader->used;
	copy_payload(to, bytes, record->stored);
	reader->used += (record->stored + 63) & ~(size_t)63;
	reader->bytes += record->stored;
	if (__builtin_expect(record->caplen > READABLE, 0))
		record->caplen = record->stored;
	packet->data = to;
	packet->caplen = record->caplen;
	packet->len = record->len;
	packet->time_ns = record->time;
	packet->ifindex = record->ifindex;
	packet->linktype = 0;
	packet->dir = record->dir;
	packet->source = record->source;
	packet->queue = record->queue;
	return COPIED;
}

/* A packet that a lower level stored, for a record that refers to it. Its ring goes on without us, so each is
 * rechecked by itself. */
static enum copy copy_far(struct ffpf_reader *reader, const uint8_t *reference, struct ffpf_record *record,
			  struct ffpf_packet *packet)
{
	size_t used = reader->used;
	uint64_t time = record->time;
	const struct pbuf *pbuf;
	struct ffpf_far far;
	enum copy copied;

	memcpy(&far, reference, sizeof(far));
	if (reader->pbuf.swapped) {
		far.position = __builtin_bswap64(far.position);
		far.cpu = __builtin_bswap32(far.cpu);
	}
	if (record->stored < sizeof(far) || far.cpu >= reader->n_far)
		return NOT_A_RECORD;
	pbuf = &reader->far[far.cpu];
	if (far.position >= ring_load(&pbuf->header->head, pbuf->swapped) || far.position < oldest_record(pbuf))
		return NOT_A_RECORD;
	const uint8_t *at = pbuf->data + (far.position & pbuf->mask);
	read_header(pbuf, at, record);
	record->time = time;
	record->dir &= (uint8_t)~FFPF_RECORD_FAR;
	copied = copy_packet(reader, pbuf, record, at + sizeof(*record), packet);
	if (copied != COPIED)
		return copied;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (far.position >= oldest_record(pbuf))
		return COPIED;
	reader->used = used;
	reader->bytes -= record->stored;
	return NOT_A_RECORD;
}

static inline enum copy copy_record(struct ffpf_reader *reader, uint64_t position, struct ffpf_packet *packet,
				    struct copied *copied)
{
	const uint8_t *at = reader->pbuf.data + (position & reader->pbuf.mask);
	struct ffpf_record record;
	enum copy result;

	read_header(&reader->pbuf, at, &record);
	if (__builtin_expect(record.dir & FFPF_RECORD_FAR, 0))
		result = copy_far(reader, at + sizeof(record), &record, packet);
	else
		result = copy_packet(reader, &reader->pbuf, &record, at + sizeof(record), packet);
	copied->position = position;
	copied->stored = record.stored;
	return result;
}

/* Takes entries of the only in-flow into a chunk, up to packets[n). Returns the chunk's end. *more: false when the
 * batch can't go on. */
static unsigned collect_one(struct ffpf_reader *reader, uint64_t head, uint64_t oldest, struct ffpf_packet *packets,
			    uint32_t *classes, unsigned i, unsigned n, bool *more)
{
	struct inflow *inflow = reader->inflows;
	struct copied *chunk = reader->chunk;

	for (*more = true; i < n;) {
		if (inflow->first == inflow->count) {
			ffpf_merge_stage(reader, inflow);
			if (!inflow->count)
				break;
		}
		struct ffpf_index entry = inflow->staged[inflow->first];
		if (entry.position >= head)
			break;
		/* The staged copies have room for reading ahead; what lies there at worst prefetches in vain. */
		__builtin_prefetch(reader->pbuf.data +
				   (inflow->staged[inflow->first + AHEAD].position & reader->pbuf.mask));
		enum copy copied = entry.position < oldest ? NOT_A_RECORD
							   : copy_record(reader, entry.position, &packets[i], chunk);
		if (copied == NO_ROOM)
			break;
		inflow->first++;
		if (copied == NOT_A_RECORD) {
			inflow->lost += entry.position >= reader->start;
			reader->lost += entry.position >= reader->start;
			if (!--reader->patience)
				break;
			continue;
		}
		chunk++;
		classes[i++] = entry.class;
	}
	*more = i == n;
	return i;
}

static unsigned collect_merged(struct ffpf_reader *reader, uint64_t head, uint64_t oldest, struct ffpf_packet *packets,
			       uint32_t *classes, unsigned i, unsigned n, bool *more)
{
	struct copied *chunk = reader->chunk;

	while (i < n) {
		uint64_t position = ffpf_merge_next(reader);

		if (position >= head)
			break;
		enum copy copied = position < oldest ? NOT_A_RECORD : copy_record(reader, position, &packets[i], chunk);
		if (copied == NO_ROOM)
			break;
		uint32_t *row = copied == COPIED ? classes + (size_t)i * reader->n_inflows : NULL;
		ffpf_merge_take(reader, position, row);
		if (row) {
			chunk++;
			i++;
		} else if (!--reader->patience) {
			break;
		}
	}
	*more = i == n;
	return i;
}

/* Drops the first `torn` packets of the chunk [from, to). */
static unsigned drop_torn(struct ffpf_reader *reader, struct ffpf_packet *packets, uint32_t *classes, unsigned from,
			  unsigned to, unsigned torn)
{
	size_t k = reader->n_inflows;

	for (size_t row = from; row < from + torn; row++)
		for (size_t i = 0; i < k; i++)
			reader->inflows[i].lost += k == 1 || classes[row * k + i];
	for (unsigned i = 0; i < torn; i++)
		reader->bytes -= reader->chunk[i].stored;
	reader->lost += torn;
	memmove(packets + from, packets + from + torn, (to - from - torn) * sizeof(*packets));
	memmove(classes + from * k, classes + (from + torn) * k, (to - from - torn) * k * sizeof(*classes));
	return to - torn;
}

/* Which of the chunk [from, to) were overwritten while we copied? Drops them. */
static unsigned confirm(struct ffpf_reader *reader, struct ffpf_packet *packets, uint32_t *classes, unsigned from,
			unsigned to)
{
	unsigned torn = 0;

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	uint64_t oldest = oldest_record(&reader->pbuf);
	while (torn < to - from && reader->chunk[torn].position < oldest)
		torn++;
	if (!torn)
		return to;
	reader->floor = oldest + reader->pbuf.size / 4;
	return drop_torn(reader, packets, classes, from, to, torn);
}

/* Publishes up to where the writer may overwrite: the first record that waits, or the head as it was before this batch.
 */
static void publish_position(struct ffpf_reader *reader, uint64_t head)
{
	uint64_t position = head;

	for (unsigned i = 0; i < reader->n_inflows; i++) {
		struct inflow *inflow = &reader->inflows[i];

		if (inflow->first == inflow->count)
			ffpf_merge_stage(reader, inflow);
		if (inflow->first < inflow->count && inflow->staged[inflow->first].position < position)
			position = inflow->staged[inflow->first].position;
	}
	if (position > reader->page->position)
		__atomic_store_n(&reader->page->position, position, __ATOMIC_RELEASE);
}

unsigned ffpf_reader_read(struct ffpf_reader *reader, struct ffpf_packet *packets, uint32_t *classes, unsigned n)
{
	uint64_t head = ring_load(&reader->pbuf.header->head, reader->pbuf.swapped);
	unsigned done = 0;
	bool more = true;

	if (n > reader->batch)
		n = reader->batch;
	reader->used = 0;
	reader->patience = PATIENCE;
	if (reader->n_inflows > 1)
		ffpf_merge_begin(reader);
	while (more && done < n) {
		unsigned to = n - done > CHUNK ? done + CHUNK : n;
		uint64_t oldest = oldest_record(&reader->pbuf);

		if (oldest < reader->floor)
			oldest = reader->floor;
		if (oldest < reader->start)
			oldest = reader->start;
		to = reader->n_inflows == 1 ? collect_one(reader, head, oldest, packets, classes, done, to, &more)
					    : collect_merged(reader, head, oldest, packets, classes, done, to, &more);
		done = confirm(reader, packets, classes, done, to);
	}
	reader->records += done;
	publish_position(reader, head);
	return done;
}
