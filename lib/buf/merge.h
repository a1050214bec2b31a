/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader's state, and merging several in-flows by position: by a scan for few, by a binary heap for many. Private
 * to lib/buf.
 */
#ifndef FFPF_BUF_MERGE_H
#define FFPF_BUF_MERGE_H

#include <lib/buf/reader.h>

#define CHUNK 64 /* records between two looks at `reserved`: another core's cache line */
#define AHEAD 4	 /* records prefetched */
#define SCAN 16	 /* in-flows that are merged without a heap */
#define PATIENCE                                                                                                       \
	(1u << 20) /* entries of overwritten records passed in one batch: a hostile writer can't hold us for ever */
#define READABLE (1u << 18) /* bytes behind the batch memory: a packet's caplen may exceed what was stored of it */

/* A PBuf ring as a reader sees it. */
struct pbuf {
	const struct ffpf_ring_header *header;
	const uint8_t *data;
	uint64_t size;	  /* private copy of the geometry, checked */
	uint64_t mask;	  /* makes an offset of a position: aligned, inside */
	uint32_t largest; /* bytes that a record may hold */
	bool swapped;
};

struct ffpf_reader {
	struct pbuf pbuf;
	struct pbuf *far; /* of a lower level, by CPU */
	unsigned n_far;

	struct inflow *inflows;
	unsigned n_inflows;
	uint64_t *heads; /* position of each in-flow's first staged entry; UINT64_MAX: none */
	unsigned *heap;	 /* in-flows, the smallest head first */

	unsigned batch, patience;
	uint8_t *memory;
	size_t memory_bytes, used;
	struct copied {
		uint64_t position;
		uint32_t stored;
	} chunk[CHUNK]; /* the records copied since the last look at `reserved` */

	struct ffpf_reader_page *page;
	uint64_t start; /* records before it are not ours */
	uint64_t floor; /* given up before it */
	uint32_t next_number;
	uint64_t gap; /* sum of the in-flows' gaps */
	uint64_t lost, records, bytes;
};

/* Stages more entries of an in-flow that has none, and accounts for those lost. */
void ffpf_merge_stage(struct ffpf_reader *reader, struct inflow *inflow);
/* Before a batch: stages what is empty, orders the in-flows. */
void ffpf_merge_begin(struct ffpf_reader *reader);
/* Position of the next record, UINT64_MAX when no entry is staged. */
uint64_t ffpf_merge_next(const struct ffpf_reader *reader);
/* Consumes every entry of the record at `position`: classes into row, or, when row is NULL, into the losses. */
void ffpf_merge_take(struct ffpf_reader *reader, uint64_t position, uint32_t *row);

#endif
