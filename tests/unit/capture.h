/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Captures for tests, made in memory: pcap and pcapng of either byte order, whole or deliberately wrong, plain or in
 * gzip. Everything is appended; numbers are written in the capture's byte order, which may change on the way.
 */
#ifndef FFPF_TESTS_CAPTURE_H
#define FFPF_TESTS_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

struct capture {
	uint8_t *data;
	size_t size, room;
	bool swapped; /* not the machine's byte order */
};

static inline void capture_free(struct capture *capture)
{
	free(capture->data);
	memset(capture, 0, sizeof(*capture));
}

static inline void capture_bytes(struct capture *capture, const void *bytes, size_t size)
{
	if (capture->size + size > capture->room) {
		capture->room = (capture->size + size) * 2;
		capture->data = realloc(capture->data, capture->room);
	}
	if (size)
		memcpy(capture->data + capture->size, bytes, size);
	capture->size += size;
}

static inline void capture_u16(struct capture *capture, uint16_t value)
{
	value = capture->swapped ? __builtin_bswap16(value) : value;
	capture_bytes(capture, &value, sizeof(value));
}

static inline void capture_u32(struct capture *capture, uint32_t value)
{
	value = capture->swapped ? __builtin_bswap32(value) : value;
	capture_bytes(capture, &value, sizeof(value));
}

static inline void capture_u64(struct capture *capture, uint64_t value)
{
	value = capture->swapped ? __builtin_bswap64(value) : value;
	capture_bytes(capture, &value, sizeof(value));
}

static inline void capture_pcap(struct capture *capture, uint32_t magic, uint16_t minor, uint32_t snaplen,
				uint32_t linktype)
{
	capture_u32(capture, magic);
	capture_u16(capture, 2);
	capture_u16(capture, minor);
	capture_u64(capture, 0);
	capture_u32(capture, snaplen);
	capture_u32(capture, linktype);
}

/* Byte i of packet number n of a test. */
static inline uint8_t capture_byte(unsigned n, uint32_t i)
{
	return (uint8_t)(n * 31 + i);
}

static inline void capture_fill(struct capture *capture, unsigned n, uint32_t caplen)
{
	for (uint32_t i = 0; i < caplen; i++) {
		uint8_t byte = capture_byte(n, i);
		capture_bytes(capture, &byte, 1);
	}
}

static inline void capture_record(struct capture *capture, unsigned n, uint32_t seconds, uint32_t fraction,
				  uint32_t caplen, uint32_t len)
{
	capture_u32(capture, seconds);
	capture_u32(capture, fraction);
	capture_u32(capture, caplen);
	capture_u32(capture, len);
	capture_fill(capture, n, caplen);
}

/* Begins a pcapng block; capture_end writes both lengths. */
static inline size_t capture_begin(struct capture *capture, uint32_t type)
{
	size_t start = capture->size;

	capture_u32(capture, type);
	capture_u32(capture, 0);
	return start;
}

static inline void capture_end(struct capture *capture, size_t start)
{
	while (capture->size & 3)
		capture_bytes(capture, "", 1);
	uint32_t length = (uint32_t)(capture->size - start) + 4;
	capture_u32(capture, length);
	memcpy(capture->data + start + 4, capture->data + capture->size - 4, 4);
}

static inline void capture_section(struct capture *capture)
{
	size_t start = capture_begin(capture, 0x0a0d0d0a);

	capture_u32(capture, 0x1a2b3c4d);
	capture_u16(capture, 1);
	capture_u16(capture, 0);
	capture_u64(capture, UINT64_MAX);
	capture_end(capture, start);
}

/* resolution: the value of if_tsresol, -1 for none; offset: of if_tsoffset, 0 for none. */
static inline void capture_interface(struct capture *capture, uint16_t linktype, uint32_t snaplen, int resolution,
				     int64_t offset)
{
	size_t start = capture_begin(capture, 1);

	capture_u16(capture, linktype);
	capture_u16(capture, 0);
	capture_u32(capture, snaplen);
	if (resolution >= 0) {
		uint8_t value[4] = {(uint8_t)resolution};
		capture_u16(capture, 9);
		capture_u16(capture, 1);
		capture_bytes(capture, value, 4);
	}
	if (offset) {
		capture_u16(capture, 14);
		capture_u16(capture, 8);
		capture_u64(capture, (uint64_t)offset);
	}
	if (resolution >= 0 || offset)
		capture_u32(capture, 0);
	capture_end(capture, start);
}

/* flags: the value of epb_flags, 0 for none. */
static inline void capture_enhanced(struct capture *capture, unsigned n, uint32_t interface, uint64_t time,
				    uint32_t caplen, uint32_t len, uint32_t flags)
{
	size_t start = capture_begin(capture, 6);

	capture_u32(capture, interface);
	capture_u32(capture, (uint32_t)(time >> 32));
	capture_u32(capture, (uint32_t)time);
	capture_u32(capture, caplen);
	capture_u32(capture, len);
	capture_fill(capture, n, caplen);
	while (capture->size & 3)
		capture_bytes(capture, "", 1);
	if (flags) {
		capture_u16(capture, 2);
		capture_u16(capture, 4);
		capture_u32(capture, flags);
		capture_u32(capture, 0);
	}
	capture_end(capture, start);
}

/* Appends another capture as one gzip member. */
static inline void capture_gzip(struct capture *out, const uint8_t *data, size_t size)
{
	z_stream zip = {0};
	size_t bound;
	uint8_t *packed;

	if (deflateInit2(&zip, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	bound = deflateBound(&zip, size);
	packed = malloc(bound);
	zip.next_in = (uint8_t *)data;
	zip.avail_in = (uInt)size;
	zip.next_out = packed;
	zip.avail_out = (uInt)bound;
	if (deflate(&zip, Z_FINISH) != Z_STREAM_END)
		abort();
	capture_bytes(out, packed, zip.total_out);
	deflateEnd(&zip);
	free(packed);
}

/* A descriptor of a regular file in memory that holds these bytes. */
static inline int capture_fd(const void *data, size_t size)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

/* Writes a temporary file; name receives its path (at least 64 bytes), the caller unlinks it. */
static inline void capture_save(const struct capture *capture, char *name)
{
	strcpy(name, "/tmp/ffpf-capture-XXXXXX");
	int fd = mkstemp(name);

	if (fd < 0 || write(fd, capture->data, capture->size) != (ssize_t)capture->size)
		abort();
	close(fd);
}

#endif
