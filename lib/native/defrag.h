/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Fragments of IPv4 and IPv6 put together (RFC 791, RFC 815's bookkeeping by a list of what is there, RFC 8200).
 *
 * A datagram is kept under its addresses, identification and, of IPv4, protocol, until all of it is there or its time
 * is over, by the clock of the packets. Fragments of it that overlap without being equal in place and length make it
 * worthless: it is dropped, and so is what comes of it later (RFC 5722; the kernel does the same with IPv4). An equal
 * one, come twice, is dropped alone. What is wrong in itself is dropped alone, too: no bytes, a length that is no
 * multiple of 8 where more follow, an end behind 65,535 or behind what was said to be the end, more than 512 fragments,
 * bytes that were not captured.
 *
 * Memory is what the caller brings, and never more: where it is used up the oldest datagram gives way.
 *
 *     fragments = joined + timed_out + dropped for memory, bad, overlap + waiting        always
 */
#ifndef FFPF_NATIVE_DEFRAG_H
#define FFPF_NATIVE_DEFRAG_H

#include "payload.h"

/* Headers that are kept of a datagram: of the link, of IP and before the fragment header. */
#define FFPF_DEFRAG_HEAD 256
/* The longest whole: a head, and what 16 bits count. */
#define FFPF_DEFRAG_OUT (FFPF_DEFRAG_HEAD + 65536)
#define FFPF_DEFRAG_MEMORY_LEAST 65536

enum ffpf_defrag_result {
	FFPF_DEFRAG_PASSES, /* no fragment */
	FFPF_DEFRAG_TAKEN,  /* kept, or dropped */
	FFPF_DEFRAG_WHOLE,  /* the last that was missing: the datagram is in out */
};

struct ffpf_defrag_counts {
	uint64_t fragments, reassembled; /* that came; datagrams */
	uint64_t joined;		 /* fragments that are in these */
	uint64_t timed_out, memory, bad, overlap;
	uint64_t waiting;
};

struct ffpf_defrag_block;
struct ffpf_defrag_datagram;

struct ffpf_defrag {
	struct ffpf_defrag_datagram *datagrams; /* n_datagrams of them */
	struct ffpf_defrag_block *blocks;	/* n_blocks */
	uint32_t *buckets;			/* first datagram of each; bucket_mask + 1 of them */
	uint32_t n_datagrams, n_blocks, bucket_mask;
	uint32_t free_datagram, free_block, n_free; /* lists; blocks that are free */
	uint32_t oldest, newest;
	uint32_t seed;
	uint64_t timeout_ns;
	struct ffpf_defrag_counts counts;
};

/*
 * memory: `size` bytes, FFPF_DEFRAG_MEMORY_LEAST at least, aligned for uint64_t. seed: a number that senders of packets
 * don't know.
 */
void ffpf_defrag_init(struct ffpf_defrag *defrag, void *memory, uint32_t size, uint64_t timeout_ns, uint32_t seed);

/*
 * One packet, that came at now_ns. tag: packets of different ones are never put together. out: FFPF_DEFRAG_OUT bytes
 * for a whole datagram, with the headers of its first fragment; *n_out gets its length.
 */
enum ffpf_defrag_result ffpf_defrag_packet(struct ffpf_defrag *defrag, const struct ffpf_bytes *bytes,
					   uint16_t linktype, uint32_t tag, uint64_t now_ns, uint8_t *out,
					   uint32_t *n_out);

/* Gives up what is too old at now_ns. Done by each packet, too. */
void ffpf_defrag_expire(struct ffpf_defrag *defrag, uint64_t now_ns);

#endif
