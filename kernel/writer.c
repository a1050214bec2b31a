// SPDX-License-Identifier: GPL-2.0
/*
 * Writes packets into rings, as lib/buf/writer.c does, from the skb. It never waits, allocates or
 * locks; what readers can write (their page), and what programs leave (the crossings), is read once
 * and believed in nothing.
 *
 *   reserved ──wmb──▶ record, entries ──release──▶ IBuf heads ──▶ records, bytes ──release──▶ PBuf
 * head ──▶ armed?
 */
#include <linux/ktime.h>

#include "ffpf.h"

/* Does the reader let us write up to `end`? Looks at its page only when the last look does not
 * suffice. */
static bool reader_allows(const struct ffpf_instance *instance, struct ffpf_ring *ring, u64 end)
{
	u64 position;

	if (!(instance->flags & FFPF_KMOD_SLOW_READER) || end <= ring->limit)
		return true;
	position = smp_load_acquire(&ring->page->position);
	/* Its position can't be ahead of what was written. */
	if (position > ring->pbuf->head)
		position = ring->pbuf->head;
	ring->limit = position + instance->ring_bytes;
	return end <= ring->limit;
}

/* Crossing i, if it can be. */
static bool crossing(const struct ffpf_instance *instance, const struct ffpf_crossings *crossings,
		     u32 i, u32 *inflow, u32 *class)
{
	*inflow = 0;
	*class = crossings->class;
	if (!crossings->list)
		return true;
	*inflow = READ_ONCE(crossings->list[2 * i]);
	*class = READ_ONCE(crossings->list[2 * i + 1]);
	return *inflow < instance->n_inflows && *class;
}

static void add_entry(struct ffpf_ring_header *ibuf, u64 position, u32 class, u64 number)
{
	u64 head = ibuf->head;
	struct ffpf_index *entry =
		(void *)((u8 *)ibuf + FFPF_RING_DATA + (head & (ibuf->size - 1)));

	WRITE_ONCE(ibuf->reserved, head + sizeof(*entry));
	smp_wmb();
	entry->position = position;
	entry->class = class;
	entry->number = (u32)number;
	smp_store_release(&ibuf->head, head + sizeof(*entry));
}

static u32 refuse(struct ffpf_instance *instance, struct ffpf_ring *ring,
		  const struct ffpf_crossings *crossings)
{
	u32 i, inflow, class, bad = 0;

	for (i = 0; i < crossings->n; i++) {
		struct ffpf_ring_header *ibuf;

		if (!crossing(instance, crossings, i, &inflow, &class)) {
			bad++;
			continue;
		}
		ibuf = ffpf_ibuf(instance, ring, inflow);
		if (instance->n_inflows > 1)
			WRITE_ONCE(ibuf->refused, ibuf->refused + 1);
	}
	/* Last: a snapshot of a running graph has no packet that the barrier lost and nobody else.
	 */
	WRITE_ONCE(ring->pbuf->refused, ring->pbuf->refused + 1);
	return bad;
}

static void fill_record(struct ffpf_instance *instance, struct ffpf_record *record,
			const struct ffpf_source *source, const struct ffpf_wire *wire, u32 stored,
			u32 size)
{
	const struct sk_buff *skb = wire->skb;
	u32 len = wire->bytes.size;

	record->time = instance->flags & FFPF_KMOD_TIME ? ktime_get_ns() : 0;
	record->len = len;
	/* Where everything was asked for, what is stored is all there is. */
	record->caplen =
		instance->snaplen >= FFPF_PACKET_MAX ? stored : min_t(u32, len, FFPF_PACKET_MAX);
	record->stored = stored;
	record->ifindex = skb->dev->ifindex;
	record->queue = skb_rx_queue_recorded(skb) ? skb_get_rx_queue(skb) : 0;
	record->dir = 1;
	record->source = source->number;
	record->size = size;
	/* Can fail only when fragments are not where the skb says; the record's place is taken by
	 * then. */
	if (ffpf_wire_copy(wire, 0, record + 1, stored))
		memset(record + 1, 0, stored);
}

static void wake(struct ffpf_instance *instance, struct ffpf_ring *ring, u64 records)
{
	struct ffpf_reader_page *page = ring->page;

	if (!READ_ONCE(page->armed) || records < READ_ONCE(page->threshold))
		return;
	WRITE_ONCE(page->armed, 0);
	if (ring->bell) {
		ffpf_eventfd_signal(ring->bell);
		return;
	}
	atomic64_inc(&instance->rung);
	wake_up_interruptible_poll(&instance->wait, EPOLLIN | EPOLLRDNORM);
}

u32 ffpf_writer_put(struct ffpf_instance *instance, struct ffpf_ring *ring,
		    const struct ffpf_source *source, const struct ffpf_view *view,
		    const struct ffpf_crossings *crossings)
{
	struct ffpf_ring_header *pbuf = ring->pbuf;
	u64 position = pbuf->head, number = pbuf->records;
	u32 i, inflow, class, stored, size, bad = 0;
	struct ffpf_wire wire;

	ffpf_wire_init(&wire, view);
	stored = min(wire.bytes.size, instance->snaplen);
	size = ALIGN(stored + (u32)sizeof(struct ffpf_record), FFPF_RECORD_ALIGN);
	if (!reader_allows(instance, ring, position + size))
		return refuse(instance, ring, crossings);
	WRITE_ONCE(pbuf->reserved, position + size);
	/* A reader that sees one byte of what follows must see the reservation. */
	smp_wmb();
	fill_record(instance, (void *)((u8 *)pbuf + FFPF_RING_DATA + (position & (pbuf->size - 1))),
		    source, &wire, stored, size);
	for (i = 0; i < crossings->n; i++) {
		if (crossing(instance, crossings, i, &inflow, &class))
			add_entry(ffpf_ibuf(instance, ring, inflow), position, class, number);
		else
			bad++;
	}
	WRITE_ONCE(pbuf->records, number + 1);
	WRITE_ONCE(pbuf->bytes, pbuf->bytes + stored);
	smp_store_release(&pbuf->head, position + size);
	wake(instance, ring, number + 1);
	return bad;
}
