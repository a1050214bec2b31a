/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PBuf and IBuf: making rings, writing them from C, reading them. See layout.h for what lies in them.
 *
 *   ring.c    making and checking a ring
 *   writer.c  the C writer (exports of the user flowspace; the tests' stand-in for the eBPF writer)
 *   open.c    making a reader, its figures, arming it
 *   reader.c  batched reading, lapping
 *   index.c   how a reader stages index entries; merge.c: how it merges in-flows and counts lost records
 */
#ifndef FFPF_BUF_BUF_H
#define FFPF_BUF_BUF_H

#include <ffpf/packet.h>
#include <lib/buf/layout.h>
#include <stdbool.h>
#include <stddef.h>

/* Bytes that a packet takes in a ring, at most. */
uint64_t ffpf_ring_takes(uint32_t stored);
/* Bytes of memory that a ring takes. size: power of two, 64 or more. largest: the longest record's bytes, its header
 * not counted; 0 for an IBuf. A record longer than the ring is always lost. */
size_t ffpf_ring_bytes(uint64_t size, uint32_t largest);
/* Writes the header into zeroed memory, which is aligned to 8 bytes (64 for speed). */
void ffpf_ring_init(void *memory, enum ffpf_ring_kind kind, unsigned cpu, uint64_t size, uint32_t largest);
/* Is this a ring that we can read, and does it lie within `bytes`? 0 or -EPROTO. *swapped: written in the other byte
 * order. */
int ffpf_ring_check(const void *memory, size_t bytes, enum ffpf_ring_kind kind, bool *swapped);
/* Entries of an IBuf that goes with a PBuf of this size when `inflows` in-flows cross. Up to 32 in-flows: one per 64
 * bytes, so that it never overflows before the PBuf; then fewer, so that all IBufs together take eight times the PBuf
 * at most. Power of two, 64 or more. */
uint64_t ffpf_ibuf_entries(uint64_t pbuf_size, unsigned inflows);

/* ---- writing from C (one writer a ring) ------------------------------------------------------ */

struct ffpf_writer {
	struct ffpf_ring_header *pbuf;
	struct ffpf_ring_header *const *ibufs; /* n_inflows */
	unsigned n_inflows;
	struct ffpf_reader_page *readers; /* n_readers consecutive pages; for slow-reader preference and wake-ups */
	unsigned n_readers;
	bool slow_reader;
	uint32_t snaplen; /* bytes stored of a packet at most */
	uint64_t limit;	  /* private: the slowest reader lets us write up to here. Begins 0 */
};

/*
 * Stores a packet once and an index entry for each in-flow i with classes[i] != 0. Returns 1 when stored (or wanted by
 * no in-flow: then nothing is stored), 0 when refused (counted in the ring), 2 when stored and a sleeping reader is
 * past its threshold (its armed flag has been cleared: the caller rings).
 */
int ffpf_writer_put(struct ffpf_writer *writer, const struct ffpf_packet *packet, const uint32_t *classes);

/* ---- reading --------------------------------------------------------------------------------- */

struct ffpf_reader;

/* Where one CPU's rings are mapped (read-only is enough), and the reader's own page. */
struct ffpf_reader_ring {
	const void *pbuf;
	size_t pbuf_bytes;
	const void *const *ibufs;
	size_t ibuf_bytes;  /* of each */
	unsigned n_inflows; /* 1 or more; all those that the writer has, or some */
	struct ffpf_reader_page *page;
	/* PBuf rings of a lower level that records may refer to (layout.h, FFPF_RECORD_FAR), by its CPUs; n_far 0:
	 * records that do are lost. */
	const void *const *far;
	size_t far_bytes; /* of each */
	unsigned n_far;
};

/* 0 or -errno (-EPROTO: not rings that we can read, or of different byte orders); nothing of *ring but the memory it
 * points at is kept. Memory for `batch` packets (copied out) is allocated here and nowhere later. Starts at the ring's
 * present head. */
int ffpf_reader_new(const struct ffpf_reader_ring *ring, unsigned batch, struct ffpf_reader **out);
void ffpf_reader_free(struct ffpf_reader *reader); /* NULL-safe */

/*
 * Up to n packets (n <= batch), in the order written, each with its class per in-flow: classes[i * n_inflows + k], 0
 * where in-flow k did not deliver it. The bytes are stable copies until the next call; those from the record's `stored`
 * to caplen may be read but mean nothing. linktype is 0: records do not hold it. A record whose packet lies in a lower
 * level's ring, and is overwritten there, counts as lost. Lapped records are skipped and
 * counted; when the writer overtakes the reader while it copies, the oldest quarter of the ring is given up and counted
 * too, lest the reader lose that race for ever. Publishes the new position. Returns how many.
 */
unsigned ffpf_reader_read(struct ffpf_reader *reader, struct ffpf_packet *packets, uint32_t *classes, unsigned n);
/*
 * Is the writer between two records? Then whatever it publishes that is not published by now has a time later than this
 * call's (writers reserve before they take the time), give or take what a store needs to be seen.
 */
bool ffpf_reader_quiet(const struct ffpf_reader *reader);
/* Records waiting. */
uint64_t ffpf_reader_pending(const struct ffpf_reader *reader);
/*
 * Exact losses so far: records, and index entries of one in-flow, that were overwritten before they were read. Each
 * index entry is delivered, lost or waiting. A record is lost when none of the reader's in-flows delivered it; with
 * several in-flows it is counted when the next record is passed, and exactly if they are all that the writer has (else
 * at most the sum of the in-flows' losses).
 */
uint64_t ffpf_reader_lost(const struct ffpf_reader *reader);
uint64_t ffpf_reader_lost_inflow(const struct ffpf_reader *reader, unsigned inflow);
/* Index entries of one in-flow that were delivered (those of the very records that were being written when the reader
 * was made count, too). */
uint64_t ffpf_reader_delivered_inflow(const struct ffpf_reader *reader, unsigned inflow);
/* Records delivered by ffpf_reader_read, and their stored bytes. */
void ffpf_reader_counts(const struct ffpf_reader *reader, uint64_t *records, uint64_t *bytes);
/* Records refused by the writer for the slowest reader's sake. */
uint64_t ffpf_reader_refused(const struct ffpf_reader *reader);
/* Those of them that one in-flow wanted; exact where the reader has all the in-flows that the writer has. */
uint64_t ffpf_reader_refused_inflow(const struct ffpf_reader *reader, unsigned inflow);

/*
 * Arms the reader for a wake-up when `packets` records wait. Returns false when they are there already (do not sleep).
 * Sleep with a timeout always: a writer does not fence between publishing and looking at the flag, so one wake-up may
 * be missed until the next packet.
 */
bool ffpf_reader_arm(struct ffpf_reader *reader, uint64_t packets);
void ffpf_reader_disarm(struct ffpf_reader *reader);

#endif
