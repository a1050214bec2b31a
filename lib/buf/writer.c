/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C writer. It does what the writer in eBPF does, in the order that layout.h fixes: reserve everywhere, write,
 * publish. It never waits: with fast-reader preference it overwrites, with slow-reader preference it refuses and
 * counts.
 *
 *   reserved ──fence──▶ record, entries ──release──▶ IBuf heads ──▶ records, bytes ──release──▶ PBuf head ──▶ armed?
 */
#include <lib/buf/buf.h>

#include <string.h>

static void set(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static void publish(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* May we write up to `end`? Looks at the readers' pages only when the last look does not suffice. */
static bool readers_allow(struct ffpf_writer *writer, uint64_t end)
{
	if (end <= writer->limit)
		return true;
	uint64_t slowest = UINT64_MAX;
	for (unsigned i = 0; i < writer->n_readers; i++) {
		uint64_t position = __atomic_load_n(&writer->readers[i].position, __ATOMIC_ACQUIRE);

		if (position < slowest)
			slowest = position;
	}
	uint64_t size = writer->pbuf->size;
	writer->limit = slowest > UINT64_MAX - size ? UINT64_MAX : slowest + size;
	return end <= writer->limit;
}

/* Clears the flag of every sleeping reader that is past its threshold. Were there any? */
static bool wake(struct ffpf_writer *writer, uint64_t records)
{
	bool any = false;

	for (unsigned i = 0; i < writer->n_readers; i++) {
		struct ffpf_reader_page *page = &writer->readers[i];

		if (!__atomic_load_n(&page->armed, __ATOMIC_ACQUIRE) ||
		    records < __atomic_load_n(&page->threshold, __ATOMIC_RELAXED))
			continue;
		__atomic_store_n(&page->armed, 0, __ATOMIC_RELAXED);
		any = true;
	}
	return any;
}

static void write_record(const struct ffpf_writer *writer, struct ffpf_record *record, const struct ffpf_packet *packet,
			 uint32_t stored, uint32_t size)
{
	*record = (struct ffpf_record){
		.time = packet->time_ns,
		.len = packet->len,
		/* Where everything was asked for, what is stored is all there is. */
		.caplen = writer->snaplen >= FFPF_PACKET_MAX ? stored : packet->caplen,
		.stored = stored,
		.ifindex = packet->ifindex,
		.queue = packet->queue,
		.dir = packet->dir,
		.source = packet->source,
		.size = size,
	};
	memcpy(record + 1, packet->data, stored);
}

static void write_entry(struct ffpf_ring_header *ring, uint64_t position, uint32_t class, uint64_t number)
{
	uint64_t head = ring->head;
	uint8_t *at = (uint8_t *)ring + FFPF_RING_DATA + (head & (ring->size - 1));

	*(struct ffpf_index *)at =
		(struct ffpf_index){.position = position, .class = class, .number = (uint32_t)number};
	publish(&ring->head, head + sizeof(struct ffpf_index));
}

/* Reserves an entry in the rings of the in-flows that want the packet. How many do? */
static unsigned reserve_entries(const struct ffpf_writer *writer, const uint32_t *classes)
{
	unsigned wanted = 0;

	for (unsigned i = 0; i < writer->n_inflows; i++) {
		if (!classes[i])
			continue;
		set(&writer->ibufs[i]->reserved, writer->ibufs[i]->head + sizeof(struct ffpf_index));
		wanted++;
	}
	return wanted;
}

/* The readers do not allow a record. 0, or 1 when nobody wants it anyway. */
static int refuse(const struct ffpf_writer *writer, const uint32_t *classes)
{
	bool wanted = false;

	for (unsigned i = 0; i < writer->n_inflows; i++) {
		if (!classes[i])
			continue;
		wanted = true;
		set(&writer->ibufs[i]->refused, writer->ibufs[i]->refused + 1);
	}
	if (wanted)
		set(&writer->pbuf->refused, writer->pbuf->refused + 1);
	return !wanted;
}

int ffpf_writer_put(struct ffpf_writer *writer, const struct ffpf_packet *packet, const uint32_t *classes)
{
	struct ffpf_ring_header *pbuf = writer->pbuf;
	uint64_t largest = pbuf->slack - sizeof(struct ffpf_record);
	uint32_t stored = packet->caplen < writer->snaplen ? packet->caplen : writer->snaplen;

	if (stored > largest)
		stored = (uint32_t)largest;
	uint64_t position = pbuf->head, number = pbuf->records;
	uint32_t size = (uint32_t)((sizeof(struct ffpf_record) + (uint64_t)stored + FFPF_RECORD_ALIGN - 1) &
				   -(uint64_t)FFPF_RECORD_ALIGN);
	if (writer->slow_reader && !readers_allow(writer, position + size))
		return refuse(writer, classes);
	if (!reserve_entries(writer, classes))
		return 1;
	set(&pbuf->reserved, position + size);
	/* A reader that sees one byte of what follows must see the reservation. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	write_record(writer, (struct ffpf_record *)((uint8_t *)pbuf + FFPF_RING_DATA + (position & (pbuf->size - 1))),
		     packet, stored, size);
	for (unsigned i = 0; i < writer->n_inflows; i++)
		if (classes[i])
			write_entry(writer->ibufs[i], position, classes[i], number);
	set(&pbuf->records, number + 1);
	set(&pbuf->bytes, pbuf->bytes + stored);
	publish(&pbuf->head, position + size);
	return wake(writer, number + 1) ? 2 : 1;
}
