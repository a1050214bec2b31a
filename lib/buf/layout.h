/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lies in shared buffers, byte by byte. Only lib/buf and the code generator may look in here; everybody else uses
 * the accessors of buf/buf.h, so that a ring written in the other byte order reads correctly.
 *
 * A ring is one block of memory with one writer:
 *
 *   0        64         128                256              256 + size      256 + size + slack
 *   +--------+----------+------------------+----------------+---------------+
 *   | what   | writer's | not used         | records        | slack         |
 *   | it is  | position |                  |                |               |
 *   +--------+----------+------------------+----------------+---------------+
 *
 * Positions are byte counts that never wrap (64 bits); a record at position p begins at offset 256 + (p & (size - 1))
 * and may run on into the slack, so it is never split. The writer moves `reserved` to the record's end before it
 * writes, and `head` after: what lies in [head's old value, reserved) is being written; what lies before reserved -
 * size is overwritten or about to be. A reader copies a record out, then checks that reserved <= position + size still
 * holds.
 *
 * PBuf records begin with struct ffpf_record and are padded to FFPF_RECORD_ALIGN. IBuf rings hold struct ffpf_index
 * entries.
 *
 * Order of publishing: the record, then its index entries and the heads of their rings, then `records` and `bytes`, and
 * the PBuf's head last. A reader takes the PBuf's head first and entries of records before it only: so it sees all the
 * in-flows of a record or none, and never one record twice.
 */
#ifndef FFPF_BUF_LAYOUT_H
#define FFPF_BUF_LAYOUT_H

#ifdef __KERNEL__ /* kernel/ writes these rings, too */
#include <linux/types.h>
#else
#include <stdint.h>
#endif

/* Bytes of the longest packet that is carried, libpcap's own limit: a longer one is cut to it, as by a snapshot length.
 */
#define FFPF_PACKET_MAX 262144

#define FFPF_RING_MAGIC 0x46465052u /* "FFPR" */
#define FFPF_RING_VERSION 1
#define FFPF_RING_BYTE_ORDER 0x0102
#define FFPF_RING_DATA 256 /* offset of the first record */
#define FFPF_RECORD_ALIGN 64

/*
 * In `dir` of a record whose packet lies in another ring, where a lower level stored it: what follows is a struct
 * ffpf_far. Of the record itself only its time counts: when this level let the packet go on.
 */
#define FFPF_RECORD_FAR 0x80

enum ffpf_ring_kind { FFPF_RING_PBUF = 1, FFPF_RING_IBUF = 2 };

struct ffpf_ring_header {
	/* written once, before the ring is shared */
	uint32_t magic;
	uint16_t version;
	uint16_t byte_order;
	uint16_t kind;
	uint16_t cpu;
	uint32_t data;	/* FFPF_RING_DATA */
	uint64_t size;	/* bytes of records, a power of two */
	uint64_t slack; /* bytes behind them */
	uint8_t pad0[32];
	/* the writer's */
	uint64_t reserved;
	uint64_t head;
	uint64_t records; /* written so far */
	uint64_t bytes;	  /* of packets stored so far, without headers */
	uint64_t refused; /* not written because the slowest reader lagged (slow-reader preference). An IBuf's counts
			     only where there are several */
	uint8_t pad1[24];
};

struct ffpf_record {
	uint64_t time;	 /* ns; the clock is the barrier's */
	uint32_t len;	 /* on the wire */
	uint32_t caplen; /* captured, as filters see it; stored may be less when nobody above needs the rest */
	uint32_t stored; /* bytes that follow */
	uint32_t ifindex;
	uint16_t queue;
	uint8_t dir;
	uint8_t source;
	uint32_t size; /* of the whole record, padding included */
};

struct ffpf_far {
	uint64_t position; /* in the lower level's PBuf ring */
	uint32_t cpu;	   /* whose ring it is */
	uint32_t reserved;
};

struct ffpf_index {
	uint64_t position; /* of the record in the PBuf ring of the same CPU */
	uint32_t class;
	uint32_t number; /* low bits of the PBuf's `records` before this record: lets a reader of several in-flows count
			    lost records exactly */
};

/*
 * One reader's page for one ring: the only memory that a reader writes. The reader stores threshold and then
 * armed = 1, rechecks the ring, and sleeps on the doorbell; the writer clears armed and rings when records reaches
 * threshold.
 */
struct ffpf_reader_page {
	uint64_t position;  /* everything before it was read: what a slow-reader writer may overwrite */
	uint64_t threshold; /* in records of the PBuf ring */
	uint32_t armed;
	uint32_t pad;
	uint8_t pad2[40];
};

_Static_assert(sizeof(struct ffpf_ring_header) == 128, "the writer's line begins at 64");
_Static_assert(sizeof(struct ffpf_record) == 32, "");
_Static_assert(sizeof(struct ffpf_far) == 16, "");
_Static_assert(sizeof(struct ffpf_index) == 16, "");
_Static_assert(sizeof(struct ffpf_reader_page) == 64, "");

#endif
