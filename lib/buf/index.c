/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Staging index entries of one in-flow. Entries have a fixed size, so the difference of two positions counts exactly
 * what was overwritten between them.
 */
#include <lib/buf/reader.h>

#include <string.h>

#define ENTRY sizeof(struct ffpf_index)
#define ATTEMPTS 4 /* against a writer that overtakes us: then the next read tries again */

/* Gives up the entries before `to`. */
static uint64_t skip(struct inflow *inflow, uint64_t to)
{
	uint64_t lost = (to - inflow->next) / ENTRY;

	inflow->next = to;
	inflow->lost += lost;
	inflow->gap += lost;
	return lost;
}

/* The oldest entry that is not overwritten nor about to be. */
static uint64_t oldest(const struct inflow *inflow)
{
	uint64_t reserved = ring_load(&inflow->header->reserved, inflow->swapped) & ~(uint64_t)(ENTRY - 1);

	return reserved > inflow->size ? reserved - inflow->size : 0;
}

static void copy_entries(struct inflow *inflow, unsigned n)
{
	uint64_t offset = inflow->next & (inflow->size - 1);
	uint64_t straight = (inflow->size - offset) / ENTRY;

	if (straight >= n) {
		memcpy(inflow->staged, inflow->data + offset, n * ENTRY);
	} else {
		memcpy(inflow->staged, inflow->data + offset, straight * ENTRY);
		memcpy(inflow->staged + straight, inflow->data, (n - straight) * ENTRY);
	}
	for (unsigned i = 0; inflow->swapped && i < n; i++) {
		struct ffpf_index *entry = &inflow->staged[i];

		entry->position = __builtin_bswap64(entry->position);
		entry->class = __builtin_bswap32(entry->class);
		entry->number = __builtin_bswap32(entry->number);
	}
}

static uint64_t load_head(const struct inflow *inflow)
{
	return ring_load(&inflow->header->head, inflow->swapped) & ~(uint64_t)(ENTRY - 1);
}

uint64_t ffpf_inflow_stage(struct inflow *inflow)
{
	uint64_t lost = 0;

	inflow->first = inflow->count = 0;
	for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
		uint64_t head =
			load_head(inflow); /* before `reserved`: then no sound ring has more than its size waiting */
		uint64_t from = oldest(inflow);

		if (from > inflow->next)
			lost += skip(inflow, from);
		if (head <= inflow->next || head - inflow->next > inflow->size)
			return lost;
		uint64_t n = (head - inflow->next) / ENTRY;
		if (n > inflow->room)
			n = inflow->room;
		copy_entries(inflow, (unsigned)n);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		from = oldest(inflow);
		if (from <= inflow->next) {
			inflow->next += n * ENTRY;
			inflow->count = (unsigned)n;
			return lost;
		}
		/* Overtaken while copying: the copies are worth nothing. Leave the writer some room before the next
		 * try. */
		uint64_t to = from + inflow->size / 4;
		head = load_head(inflow);
		if (to > head)
			to = head > from ? head : from;
		lost += skip(inflow, to);
	}
	return lost;
}

uint64_t ffpf_inflow_pending(const struct inflow *inflow)
{
	uint64_t head = load_head(inflow);
	uint64_t waiting = head > inflow->next ? head - inflow->next : 0;

	if (waiting > inflow->size)
		waiting = inflow->size;
	return waiting / ENTRY + inflow->count - inflow->first;
}
