/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as a PBuf and one to three IBufs: first what decides their shape, then what lies in them when the reader is
 * made, then what is written over them, in pieces, while it reads. Whatever it is, only memory of ours may be read, and
 * each read ends.
 *
 *   input   [in-flows, flags, ...] [bytes over the rings: u16 offset, u8 length, bytes] ...
 */
#include <lib/buf/buf.h>

#include <stdlib.h>
#include <string.h>

#define SIZE 1024
#define LARGEST 96
#define ENTRIES 64
#define MOST 20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct rings {
	uint8_t *memory[1 + MOST]; /* the PBuf, then the IBufs */
	size_t bytes[1 + MOST];
	unsigned n;
};

static void make(struct rings *rings, unsigned n)
{
	rings->n = n;
	for (unsigned i = 0; i <= n; i++) {
		uint64_t ring = i ? ENTRIES * sizeof(struct ffpf_index) : SIZE;

		rings->bytes[i] = ffpf_ring_bytes(ring, i ? 0 : LARGEST);
		rings->memory[i] = calloc(1, rings->bytes[i]);
		ffpf_ring_init(rings->memory[i], i ? FFPF_RING_IBUF : FFPF_RING_PBUF, 0, ring, i ? 0 : LARGEST);
	}
}

/* One piece written over one ring. Returns the bytes of input used. */
static size_t overwrite(struct rings *rings, const uint8_t *data, size_t size)
{
	if (size < 4)
		return size;
	unsigned which = data[0] % (rings->n + 1);
	size_t at = (size_t)(data[1] | data[2] << 8) % rings->bytes[which], n = data[3] & 63;
	size_t used = 4 + n > size ? size : 4 + n;

	for (size_t i = 4; i < used && at < rings->bytes[which]; i++, at++)
		rings->memory[which][at] = data[i];
	return used;
}

static void read_all(struct ffpf_reader *reader, unsigned n_inflows)
{
	static struct ffpf_packet packets[16];
	static uint32_t classes[16 * MOST];
	volatile uint8_t sink = 0;
	unsigned n = ffpf_reader_read(reader, packets, classes, 16);

	for (unsigned i = 0; i < n; i++)
		for (uint32_t at = 0; at < packets[i].caplen; at += 1 + at / 64)
			sink ^= packets[i].data[at];
	(void)sink;
	ffpf_reader_arm(reader, 3);
	ffpf_reader_lost(reader);
	ffpf_reader_lost_inflow(reader, n_inflows - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rings rings;
	struct ffpf_reader_page page = {0};
	struct ffpf_reader *reader = NULL;

	if (size < 2)
		return 0;
	make(&rings, data[0] % MOST + 1);
	unsigned before = data[1] % 8; /* pieces written before the reader is made */
	size_t at = 2;
	while (before-- && at < size)
		at += overwrite(&rings, data + at, size - at);
	/* Records may refer to others of the same ring, too. */
	const void *far[] = {rings.memory[0], rings.memory[0]};
	struct ffpf_reader_ring ring = {
		.pbuf = rings.memory[0],
		.pbuf_bytes = rings.bytes[0],
		.ibufs = (const void *const *)(rings.memory + 1),
		.ibuf_bytes = rings.bytes[1],
		.n_inflows = rings.n,
		.page = &page,
		.far = far,
		.far_bytes = rings.bytes[0],
		.n_far = 2,
	};
	if (!ffpf_reader_new(&ring, 16, &reader)) {
		for (; at < size; read_all(reader, rings.n))
			at += overwrite(&rings, data + at, size - at);
		read_all(reader, rings.n);
	}
	ffpf_reader_free(reader);
	for (unsigned i = 0; i <= rings.n; i++)
		free(rings.memory[i]);
	return 0;
}
