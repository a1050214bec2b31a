/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What of a packet a digest is made of, and the class that it gives. The digest itself is made by whoever has the
 * means.
 */
#ifndef FFPF_NATIVE_DIGEST_H
#define FFPF_NATIVE_DIGEST_H

#include "payload.h"

enum ffpf_digest_algorithm { FFPF_DIGEST_SHA256, FFPF_DIGEST_SHA1, FFPF_DIGEST_MD5, FFPF_DIGEST_CRC32C };

/*
 * PACKET: all captured bytes. PAYLOAD: those of payload.h. INVARIANT: what routers leave as it is, the same for a
 * packet at two places: from the IP header to the datagram's end, with zeros for the type of service, the time to live
 * and the checksum of IPv4, for the traffic class, the flow label and the hop limit of IPv6; options and extension
 * headers as they are. Of what is not IP: what follows the link header.
 */
enum ffpf_digest_of { FFPF_DIGEST_PACKET, FFPF_DIGEST_PAYLOAD, FFPF_DIGEST_INVARIANT };

/* An IPv4 header with all its options. */
#define FFPF_DIGEST_HEADER 60

struct ffpf_digest_range {
	uint8_t header[FFPF_DIGEST_HEADER]; /* the changed copy, which comes first */
	uint32_t n_header;		    /* bytes of it */
	uint32_t at, end;		    /* of the packet: what comes then */
};

void ffpf_digest_find(const struct ffpf_bytes *bytes, uint16_t linktype, enum ffpf_digest_of of,
		      struct ffpf_digest_range *out);

/* The class of a packet whose digest begins like this: its first 32 bits as a number, 1 where they are 0. */
static inline uint32_t ffpf_digest_class(const uint8_t first[4])
{
	uint32_t class = ffpf_native_get32(first);

	return class ? class : 1;
}

#endif
