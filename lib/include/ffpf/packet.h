/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet as userspace sees it: bytes and what is known about them.
 */
#ifndef FFPF_PACKET_H
#define FFPF_PACKET_H

#include <stdint.h>

enum ffpf_dir { FFPF_DIR_UNKNOWN, FFPF_DIR_IN, FFPF_DIR_OUT };

struct ffpf_packet {
	const uint8_t *data; /* caplen readable bytes; valid only during the call that hands the packet over */
	uint32_t caplen;     /* captured bytes, host order like all fields here */
	uint32_t len;	     /* bytes on the wire */
	uint64_t time_ns;    /* since the epoch, UTC; 0 where no function asked for the time */
	uint32_t ifindex;    /* interface of a live packet; pcapng interface number of a savefile; else 0 */
	uint16_t linktype;   /* DLT_ value */
	uint8_t dir;	     /* enum ffpf_dir */
	uint8_t source;	     /* number of the graph's source function that it came from */
	uint16_t queue;
};

#endif
