/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets as lib/native reads them, in the two ways: in a row, in memory of just their size; and in parts, as the
 * kernel has them, each copied to where nothing is behind it.
 */
#ifndef FFPF_TESTS_NATIVE_BYTES_H
#define FFPF_TESTS_NATIVE_BYTES_H

#include <lib/native/payload.h>
#include <stdlib.h>

static inline const uint8_t *native_part(const struct ffpf_bytes *bytes, uint32_t offset, uint32_t size, uint8_t *room)
{
	if (size > FFPF_BYTES_PART || offset > bytes->size || size > bytes->size - offset)
		abort(); /* asked for more than the contract says */
	memcpy(room, (const uint8_t *)bytes->from + offset, size);
	memset(room + size, 0xa5, FFPF_BYTES_PART - size);
	return room;
}

/* A copy that the caller frees, so that the sanitizer sees every byte behind it. */
static inline struct ffpf_bytes native_row(const void *packet, uint32_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	memcpy(copy, packet, size);
	return (struct ffpf_bytes){.data = copy, .size = size};
}

static inline struct ffpf_bytes native_parts(const struct ffpf_bytes *row)
{
	return (struct ffpf_bytes){.size = row->size, .part = native_part, .from = row->data};
}

/* What must hold of whatever is found in any packet. */
static inline bool native_payload_holds(const struct ffpf_payload *p, uint32_t size)
{
	return p->network_at <= size && p->network_end <= size && p->transport_at <= size && p->at <= p->end &&
	       p->end <= size && p->fragment_at <= size &&
	       (p->network >= FFPF_NETWORK_IP4 || (!p->fragment && !p->transport && !p->protocol));
}

#endif
