/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the formats (savefile_pcap.c, savefile_pcapng.c) share with the reader (savefile.c).
 *
 *     buffer:   | consumed | record | record | part of a rec| free       |
 *               0          pos                              end          size
 *
 * byte `pos` of the buffer is byte base + pos of the (uncompressed) file. A
 * format never moves the buffer; it says in `need` how many bytes from pos on
 * it must see to go on, and the reader fetches them or finds that they are missing.
 * The buffer grows by doubling while bytes really come, so that a header that lies about
 * lengths costs nothing.
 */
#ifndef FFPF_USER_SAVEFILE_PROVIDER_H
#define FFPF_USER_SAVEFILE_PROVIDER_H

#include "flowspaces/user/input.h"
#include "flowspaces/user/savefile.h"

#include <string.h>

struct savefile_format {
	/* Reads the header at pos. 1 done (pos is behind it), 0 more bytes are wanted (need), or the result of
	 * ffpf_savefile_fail. */
	int (*header)(struct ffpf_savefile *file);
	/* Parses complete records, moving pos behind them. The number of packets; on damage calls ffpf_savefile_fail,
	 * sets need otherwise. */
	unsigned (*parse)(struct ffpf_savefile *file, struct ffpf_packet *packets, unsigned n);
	/* The input ended inside a record: reports what is missing. */
	void (*truncated)(struct ffpf_savefile *file);
};

/* How a pcapng interface counts time: ns = t × factor, t × 10^9 / 2^shift or t / factor, plus the offset. */
enum clock_kind { CLOCK_MULTIPLY, CLOCK_SHIFT, CLOCK_DIVIDE };

struct savefile_interface {
	bool foreign; /* its link type is not the file's */
	enum clock_kind clock;
	uint32_t shift;
	uint32_t snaplen; /* adjusted */
	uint64_t factor;
	uint64_t offset_ns; /* modulo 2^64 */
};

struct ffpf_savefile {
	const struct savefile_format *format;
	struct ffpf_input *input;
	uint8_t *buffer; /* own, or in a chunk of ahead */
	uint8_t *own;	 /* size bytes */
	size_t pos, end, size;
	struct ffpf_ahead *ahead; /* NULL: not, or not yet */
	bool ahead_asked, chunk_held;
	size_t need;
	uint64_t base;
	bool swapped; /* the file's (section's) byte order is not ours */

	/* pcap */
	uint32_t record_header; /* bytes */
	uint32_t fraction_ns;	/* nanoseconds in a unit of the fraction field */
	bool lengths_swapped, lengths_maybe_swapped;
	/* pcapng */
	struct savefile_interface *interfaces; /* of the section */
	size_t n_interfaces, interfaces_size;
	uint32_t block_max;
	bool header_read;

	struct ffpf_source_info info;
	uint64_t packets; /* records seen so far, lost ones included */
	uint64_t lost;
	int error; /* sticky; 0 or -errno */
	char *name;
	char notice[256];
	char why[FFPF_SAVEFILE_WHY];
};

extern const struct savefile_format ffpf_savefile_pcap, ffpf_savefile_pcapng;

/* Ends the reading with -EBADMSG, which it returns; the message begins with the file's name. */
int ffpf_savefile_fail(struct ffpf_savefile *file, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline uint16_t savefile_u16(const uint8_t *at, bool swapped)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return swapped ? __builtin_bswap16(value) : value;
}

static inline uint32_t savefile_u32(const uint8_t *at, bool swapped)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return swapped ? __builtin_bswap32(value) : value;
}

static inline uint64_t savefile_u64(const uint8_t *at, bool swapped)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return swapped ? __builtin_bswap64(value) : value;
}

/* Offset of pos in the uncompressed file, for messages. */
static inline unsigned long long savefile_offset(const struct ffpf_savefile *file)
{
	return (unsigned long long)(file->base + file->pos);
}

#endif
