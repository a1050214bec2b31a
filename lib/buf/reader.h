/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What index.c and reader.c share. Private to lib/buf.
 *
 * An in-flow's index entries are staged: copied out in runs, rechecked once a run, and merged from the copies.
 *
 *   IBuf   ....[entries..........]     next: first entry not yet staged
 *                 | stage
 *   staged      [first ... count)  ──merge by position──▶ records copied out of the PBuf, rechecked once a chunk
 */
#ifndef FFPF_BUF_READER_H
#define FFPF_BUF_READER_H

#include <lib/buf/buf.h>

/* One in-flow's ring, as far as it was read. Entry positions are bytes, multiples of an entry's size. */
struct inflow {
	const struct ffpf_ring_header *header;
	const uint8_t *data;
	uint64_t size; /* private copy, checked */
	uint64_t start, next;
	struct ffpf_index *staged; /* in our byte order */
	unsigned first, count, room;
	bool swapped;
	uint64_t lost;
	uint64_t gap; /* entries lost since the last one that was taken */
};

static inline uint64_t ring_load(const uint64_t *word, bool swapped)
{
	uint64_t value = __atomic_load_n(word, __ATOMIC_ACQUIRE);

	return swapped ? __builtin_bswap64(value) : value;
}

/*
 * Stages entries when none is left. Returns how many entries were lost on the way (also added to lost and gap).
 * Afterwards none is staged if the ring is empty, or if the writer keeps overtaking us.
 */
uint64_t ffpf_inflow_stage(struct inflow *inflow);
/* Entries waiting, staged or not. */
uint64_t ffpf_inflow_pending(const struct inflow *inflow);

#endif
