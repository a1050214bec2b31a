/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making a ring, and deciding whether some memory is one. What ffpf_ring_check accepts is all that a reader relies on:
 * with the geometry it checked, copied privately, no value found in the ring later can lead outside the mapping.
 */
#include <lib/buf/buf.h>

#include <errno.h>
#include <string.h>

uint64_t ffpf_ring_takes(uint32_t stored)
{
	return ((uint64_t)stored + sizeof(struct ffpf_record) + FFPF_RECORD_ALIGN - 1) &
	       ~(uint64_t)(FFPF_RECORD_ALIGN - 1);
}

static uint64_t slack_for(uint32_t largest)
{
	uint64_t record = sizeof(struct ffpf_record) + (uint64_t)largest;

	return (record + FFPF_RECORD_ALIGN - 1) & ~(uint64_t)(FFPF_RECORD_ALIGN - 1);
}

size_t ffpf_ring_bytes(uint64_t size, uint32_t largest)
{
	return FFPF_RING_DATA + size + slack_for(largest);
}

void ffpf_ring_init(void *memory, enum ffpf_ring_kind kind, unsigned cpu, uint64_t size, uint32_t largest)
{
	struct ffpf_ring_header *header = memory;

	*header = (struct ffpf_ring_header){
		.magic = FFPF_RING_MAGIC,
		.version = FFPF_RING_VERSION,
		.byte_order = FFPF_RING_BYTE_ORDER,
		.kind = kind,
		.cpu = cpu,
		.data = FFPF_RING_DATA,
		.size = size,
		.slack = slack_for(largest),
	};
}

int ffpf_ring_check(const void *memory, size_t bytes, enum ffpf_ring_kind kind, bool *swapped)
{
	struct ffpf_ring_header header;

	if (bytes < FFPF_RING_DATA || (uintptr_t)memory % sizeof(uint64_t))
		return -EPROTO;
	memcpy(&header, memory, sizeof(header));
	bool other = header.magic == __builtin_bswap32(FFPF_RING_MAGIC);
	if (other) {
		header.magic = __builtin_bswap32(header.magic);
		header.version = __builtin_bswap16(header.version);
		header.byte_order = __builtin_bswap16(header.byte_order);
		header.kind = __builtin_bswap16(header.kind);
		header.data = __builtin_bswap32(header.data);
		header.size = __builtin_bswap64(header.size);
		header.slack = __builtin_bswap64(header.slack);
	}
	if (header.magic != FFPF_RING_MAGIC || header.version != FFPF_RING_VERSION ||
	    header.byte_order != FFPF_RING_BYTE_ORDER || header.kind != kind || header.data != FFPF_RING_DATA)
		return -EPROTO;
	if (header.size < FFPF_RECORD_ALIGN || (header.size & (header.size - 1)) ||
	    header.size > bytes - FFPF_RING_DATA)
		return -EPROTO;
	if (header.slack < FFPF_RECORD_ALIGN || header.slack > bytes - FFPF_RING_DATA - header.size)
		return -EPROTO;
	*swapped = other;
	return 0;
}

uint64_t ffpf_ibuf_entries(uint64_t pbuf_size, unsigned inflows)
{
	uint64_t entries = pbuf_size / FFPF_RECORD_ALIGN;
	uint64_t most = 8 * pbuf_size / sizeof(struct ffpf_index) / (inflows ? inflows : 1);

	while (entries > most)
		entries /= 2;
	return entries < 64 ? 64 : entries;
}
