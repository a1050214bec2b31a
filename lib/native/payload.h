/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Where the headers of a packet end and its payload begins.
 *
 *     │ link, tags, labels │ IP │ extension headers │ transport │ payload │ padding of the link │
 *     0                 network                  transport   payload     end
 *
 * The payload is what follows the transport header of TCP, UDP, UDP-Lite, SCTP (its common header), ICMP and ICMPv6;
 * where there is none of these, or only a part of it, what follows the IP header with its extension headers (AH is
 * passed over in IPv4, too); of a fragment that is not the first, what follows the IP or fragment header; without IP,
 * what follows the link header with its tags and labels. It ends where the IP header says, if that is not behind the
 * packet's end; a length of 0, which is what packets have that are cut up only later, says nothing.
 */
#ifndef FFPF_NATIVE_PAYLOAD_H
#define FFPF_NATIVE_PAYLOAD_H

#include "native.h"

/* Bytes asked for at once, at most. */
#define FFPF_BYTES_PART 40

/* The bytes of a packet, wherever they are. */
struct ffpf_bytes {
	const uint8_t *data; /* all of them in a row; NULL: ask `part` */
	uint32_t size;	     /* bytes there are */
	/*
	 * `size` bytes (FFPF_BYTES_PART at most) at `offset`, where the caller has seen that the packet has them: a
	 * pointer to them, or to a copy in `room`. NULL: they can't be had. Asked only when data is NULL: in the kernel
	 * skb_header_pointer().
	 */
	const uint8_t *(*part)(const struct ffpf_bytes *bytes, uint32_t offset, uint32_t size, uint8_t *room);
	const void *from; /* for part */
};

/* What a packet is, above its link. */
enum ffpf_network { FFPF_NETWORK_NONE, FFPF_NETWORK_ARP, FFPF_NETWORK_IP4, FFPF_NETWORK_IP6 };

/* Link types with a header that is known, by their number in memory (DLT_); any other has a header of no bytes. */
enum {
	FFPF_LINK_NULL = 0,
	FFPF_LINK_ETHERNET = 1,
	FFPF_LINK_PPP = 9,
	FFPF_LINK_RAW = 12,
	FFPF_LINK_PPP_SERIAL = 50,
	FFPF_LINK_C_HDLC = 104,
	FFPF_LINK_LOOP = 108,
	FFPF_LINK_SLL = 113,
	FFPF_LINK_IPV4 = 228,
	FFPF_LINK_IPV6 = 229,
	FFPF_LINK_SLL2 = 276,
};

/* Offsets from the packet's first byte; none lies behind the packet's last. */
struct ffpf_payload {
	uint32_t at, end;	  /* the payload, at <= end */
	uint32_t network_at;	  /* behind the link header with its tags and labels */
	uint32_t network_end;	  /* of the IP datagram; of others the packet's */
	uint32_t transport_at;	  /* behind IP and its extension headers; without IP: network_at */
	uint32_t fragment_at;	  /* the IPv6 fragment header; 0: none */
	uint16_t fragment_offset; /* bytes; 0 of a packet that is no fragment, or the first */
	uint8_t version;	  /* of IP, as what comes before announces it, be there such a header or not; 0: none */
	uint8_t network;	  /* enum ffpf_network */
	uint8_t protocol;	  /* of what begins at transport_at; only with IP */
	bool fragment;		  /* a part of a datagram: more follow, or it is not the first */
	bool more;		  /* more fragments follow */
	bool transport;		  /* a known transport header is there, whole, and the payload follows it */
};

/* Finds all of it; reads nothing outside of the packet, whatever is in it. */
void ffpf_payload_find(const struct ffpf_bytes *bytes, uint16_t linktype, struct ffpf_payload *out);

/*
 * The same for an IP packet (version 4 or 6) that begins at `at` of bytes and ends at `end` at the latest: those inside
 * others.
 */
void ffpf_payload_find_ip(const struct ffpf_bytes *bytes, uint32_t at, uint32_t end, struct ffpf_payload *out);

/* `size` bytes at `offset` (FFPF_BYTES_PART at most): NULL where the packet has not all of them. */
static inline const uint8_t *ffpf_bytes_at(const struct ffpf_bytes *bytes, uint32_t offset, uint32_t size,
					   uint8_t *room)
{
	if (offset > bytes->size || size > bytes->size - offset)
		return NULL;
	return bytes->data ? bytes->data + offset : bytes->part(bytes, offset, size, room);
}

#endif
