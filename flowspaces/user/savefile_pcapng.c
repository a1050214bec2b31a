/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pcapng savefile format.
 *
 *     block:  type u32 | total length u32 | body | options | total length u32       lengths are multiples of 4
 *     SHB  0x0a0d0d0a  byte-order magic u32 | major u16 | minor u16 | section length u64
 *     IDB  1           linktype u16 | reserved u16 | snaplen u32 | options (if_tsresol 9, if_tsoffset 14)
 *     PB   2           interface u16 | drops u16 | time high u32 | time low u32 | caplen u32 | len u32 | bytes
 *     SPB  3           len u32 | bytes
 *     EPB  6           interface u32 | time high u32 | time low u32 | caplen u32 | len u32 | bytes | options (epb_flags
 * 2)
 *
 * Other blocks are skipped. A section header resets the interfaces and sets the byte order of what follows; its own
 * type reads the same in both orders. Source: draft-ietf-opsawg-pcapng; limits as in libpcap 1.10.3.
 */
#include "flowspaces/user/linktype.h"
#include "flowspaces/user/savefile-provider.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_IDB = 1, BLOCK_PB = 2, BLOCK_SPB = 3, BLOCK_EPB = 6 };
enum { OPTION_END = 0, OPTION_EPB_FLAGS = 2, OPTION_IF_TSRESOL = 9, OPTION_IF_TSOFFSET = 14 };

#define BLOCK_SHB 0x0a0d0d0au
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define SHB_BODY 16u
#define SHB_LENGTH_MAX (1u << 20)
#define IDB_BODY 8u
#define PACKET_BODY 20u /* of PB and EPB alike */
#define FRAME 12u	/* type and both lengths */
/* Largest block; more only where the link type's packets are larger. */
#define BLOCK_MAX (16u << 20)
#define OPTIONS_MAX (128u << 10)
#define INTERFACES_MAX (1u << 20)

static uint32_t padded(uint32_t length)
{
	return (length + 3) & ~3u;
}

static int fail_block(struct ffpf_savefile *file, const char *what)
{
	return ffpf_savefile_fail(file, "damaged behind packet %llu in the block at byte %llu: %s",
				  (unsigned long long)file->packets, savefile_offset(file), what);
}

static int set_resolution(struct ffpf_savefile *file, struct savefile_interface *interface, uint8_t value)
{
	unsigned exponent = value & 0x7f;

	if (value & 0x80) {
		interface->clock = CLOCK_SHIFT;
		interface->shift = exponent;
		return exponent > 63 ? fail_block(file, "its time resolution is finer than 2^-63 s") : 0;
	}
	if (exponent > 19)
		return fail_block(file, "its time resolution is finer than 10^-19 s");
	interface->clock = exponent > 9 ? CLOCK_DIVIDE : CLOCK_MULTIPLY;
	interface->factor = 1;
	for (unsigned i = exponent; i != 9; i += exponent > 9 ? -1u : 1u)
		interface->factor *= 10;
	return 0;
}

/* Reads the options in [at, end) of an interface block. */
static int interface_options(struct ffpf_savefile *file, struct savefile_interface *interface, const uint8_t *at,
			     const uint8_t *end)
{
	while (end - at >= 4) {
		uint16_t code = savefile_u16(at, file->swapped), length = savefile_u16(at + 2, file->swapped);
		int err = 0;

		at += 4;
		if (code == OPTION_END)
			return length ? fail_block(file, "its end of options has a length") : 0;
		if (end - at < padded(length))
			return fail_block(file, "an option is longer than its block");
		if (code == OPTION_IF_TSRESOL && length == 1)
			err = set_resolution(file, interface, *at);
		else if (code == OPTION_IF_TSOFFSET && length == 8)
			interface->offset_ns = savefile_u64(at, file->swapped) * UINT64_C(1000000000);
		else if (code == OPTION_IF_TSRESOL || code == OPTION_IF_TSOFFSET)
			err = fail_block(file, "a time option has the wrong length");
		if (err)
			return err;
		at += padded(length);
	}
	return 0;
}

static int grow_interfaces(struct ffpf_savefile *file)
{
	if (file->n_interfaces < file->interfaces_size)
		return 0;
	if (file->n_interfaces >= INTERFACES_MAX)
		return fail_block(file, "one interface too many");
	size_t size = file->interfaces_size ? file->interfaces_size * 2 : 4;
	void *bigger = realloc(file->interfaces, size * sizeof(*file->interfaces));
	if (!bigger)
		return fail_block(file, "out of memory for its interfaces");
	file->interfaces = bigger;
	file->interfaces_size = size;
	return 0;
}

/* The first interface of the file decides its link type. */
static int add_interface(struct ffpf_savefile *file, const uint8_t *body, uint32_t length)
{
	if (length < IDB_BODY)
		return fail_block(file, "it is too short for an interface");
	int err = grow_interfaces(file);
	if (err)
		return err;
	uint32_t dlt = ffpf_linktype_to_dlt(savefile_u16(body, file->swapped));
	char theirs[FFPF_LINKTYPE_NAME], first[FFPF_LINKTYPE_NAME];
	struct savefile_interface *interface = &file->interfaces[file->n_interfaces];
	*interface = (struct savefile_interface){
		.clock = CLOCK_MULTIPLY,
		.factor = 1000,
		.snaplen = ffpf_snaplen_adjust(dlt, savefile_u32(body + 4, file->swapped)),
	};
	err = interface_options(file, interface, body + IDB_BODY, body + length);
	if (err)
		return err;
	if (!file->header_read) {
		file->header_read = true;
		file->info.linktype = (uint16_t)dlt;
		file->info.swapped = file->swapped;
		file->info.snaplen = interface->snaplen;
		file->block_max = ffpf_dlt_snaplen_max(dlt) + OPTIONS_MAX + FRAME + PACKET_BODY;
		if (file->block_max < BLOCK_MAX)
			file->block_max = BLOCK_MAX;
	} else if (dlt != file->info.linktype) {
		interface->foreign = true;
		if (!file->notice[0])
			snprintf(file->notice, sizeof(file->notice),
				 "%.120s: packets of interface %zu were left out: their link type %s is not the file's "
				 "first, %s",
				 file->name, file->n_interfaces, ffpf_linktype_name(dlt, theirs),
				 ffpf_linktype_name(file->info.linktype, first));
	}
	file->n_interfaces++;
	return 0;
}

/* The section's byte order, which the length of its header needs already. At least 12 bytes are in the buffer. */
static int section_order(struct ffpf_savefile *file)
{
	const uint8_t *magic = file->buffer + file->pos + 8;

	if (savefile_u32(magic, false) == BYTE_ORDER_MAGIC)
		file->swapped = false;
	else if (savefile_u32(magic, true) == BYTE_ORDER_MAGIC)
		file->swapped = true;
	else
		return fail_block(file,
				  "it begins a section, but its byte-order magic is neither 1a2b3c4d nor 4d3c2b1a");
	return 0;
}

static int begin_section(struct ffpf_savefile *file, const uint8_t *body, uint32_t length, bool first)
{
	if (length < SHB_BODY)
		return fail_block(file, "it is too short for a section header");
	uint16_t major = savefile_u16(body + 4, file->swapped), minor = savefile_u16(body + 6, file->swapped);
	if (major != 1 || (first && minor != 0 && minor != 2))
		return ffpf_savefile_fail(file, "has pcapng version %u.%u; version 1.0 can be read", major, minor);
	file->n_interfaces = 0;
	return 0;
}

static uint64_t to_ns(const struct savefile_interface *interface, uint64_t t)
{
	switch (interface->clock) {
	case CLOCK_MULTIPLY:
		t *= interface->factor;
		break;
	case CLOCK_SHIFT:
		t = (uint64_t)((unsigned __int128)t * 1000000000 >> interface->shift);
		break;
	case CLOCK_DIVIDE:
		t /= interface->factor;
		break;
	}
	return t + interface->offset_ns;
}

/* Direction in the options of an enhanced packet block. */
static uint8_t packet_direction(const uint8_t *at, const uint8_t *end, bool swapped)
{
	while (end - at >= 8) {
		uint16_t code = savefile_u16(at, swapped), length = savefile_u16(at + 2, swapped);

		if (code == OPTION_END)
			break;
		if (code == OPTION_EPB_FLAGS && length == 4) {
			uint32_t bits = savefile_u32(at + 4, swapped) & 3;
			return bits == 1 ? FFPF_DIR_IN : bits == 2 ? FFPF_DIR_OUT : FFPF_DIR_UNKNOWN;
		}
		if (end - at < 4 + padded(length))
			break;
		at += 4 + padded(length);
	}
	return FFPF_DIR_UNKNOWN;
}

/* Fills the packet from a block of one of the three kinds. 1, 0 when it is of a foreign interface (and counted), or a
 * failure. */
static int take_packet(struct ffpf_savefile *file, struct ffpf_packet *packet, uint32_t type, const uint8_t *body,
		       uint32_t length)
{
	const bool swapped = file->swapped;
	const uint32_t fixed = type == BLOCK_SPB ? 4 : PACKET_BODY;
	uint64_t time = 0;

	if (length < fixed)
		return fail_block(file, "it is too short for a packet");
	*packet = (struct ffpf_packet){.data = body + fixed, .linktype = file->info.linktype};
	packet->len = savefile_u32(body + fixed - 4, swapped);
	packet->caplen = packet->len;
	if (type != BLOCK_SPB) {
		packet->ifindex = type == BLOCK_EPB ? savefile_u32(body, swapped) : savefile_u16(body, swapped);
		packet->caplen = savefile_u32(body + 12, swapped);
		time = (uint64_t)savefile_u32(body + 4, swapped) << 32 | savefile_u32(body + 8, swapped);
	}
	if (packet->ifindex >= file->n_interfaces)
		return fail_block(file, "its packet is of an interface that the section does not describe");
	const struct savefile_interface *interface = &file->interfaces[packet->ifindex];
	if (packet->caplen > interface->snaplen) {
		if (type != BLOCK_SPB)
			return fail_block(file,
					  "its packet has more captured bytes than the interface's snapshot length");
		packet->caplen = interface->snaplen;
	}
	if (packet->caplen > length - fixed)
		return fail_block(file, "its packet is longer than the block");
	file->packets++;
	if (interface->foreign) {
		file->lost++;
		return 0;
	}
	packet->time_ns = to_ns(interface, time);
	uint32_t options = padded(packet->caplen);
	if (type == BLOCK_EPB && length - fixed > options)
		packet->dir = packet_direction(packet->data + options, body + length, swapped);
	return 1;
}

/* Whether a whole block stands at pos, with sane lengths: its total length; 0 when more bytes are needed or on damage.
 */
static uint32_t whole_block(struct ffpf_savefile *file, uint32_t *type)
{
	const uint8_t *at = file->buffer + file->pos;
	size_t there = file->end - file->pos;
	bool first = file->base + file->pos == 0;

	file->need = FRAME;
	if (there < FRAME)
		return 0;
	*type = savefile_u32(at, file->swapped);
	if (*type == BLOCK_SHB && section_order(file))
		return 0;
	uint32_t length = savefile_u32(at + 4, file->swapped);
	uint32_t least = first ? FRAME + SHB_BODY : FRAME;
	uint32_t most = first ? SHB_LENGTH_MAX : file->block_max ? file->block_max : BLOCK_MAX;
	if (length < least || length > most || (length & 3 && !first)) {
		ffpf_savefile_fail(file,
				   "damaged behind packet %llu in the block at byte %llu: it says that it has %u bytes",
				   (unsigned long long)file->packets, savefile_offset(file), length);
		return 0;
	}
	file->need = length;
	if (there < length)
		return 0;
	if (!first && savefile_u32(at + length - 4, file->swapped) != length) {
		fail_block(file, "its two lengths differ");
		return 0;
	}
	return length;
}

static int read_header(struct ffpf_savefile *file)
{
	uint32_t type, length;

	while ((length = whole_block(file, &type))) {
		const uint8_t *body = file->buffer + file->pos + 8;
		int err = 0;

		if (type == BLOCK_SHB)
			err = begin_section(file, body, length - FRAME, file->base + file->pos == 0);
		else if (type == BLOCK_IDB)
			err = add_interface(file, body, length - FRAME);
		else if (type == BLOCK_EPB || type == BLOCK_SPB || type == BLOCK_PB)
			err = fail_block(file, "a packet comes before any interface is described");
		if (err)
			return err;
		file->pos += length;
		if (file->header_read)
			return 1;
	}
	return file->error;
}

static unsigned parse_blocks(struct ffpf_savefile *file, struct ffpf_packet *packets, unsigned n)
{
	uint32_t type, length;
	unsigned found = 0;

	while (found < n && (length = whole_block(file, &type))) {
		const uint8_t *body = file->buffer + file->pos + 8;
		int result = 0;

		if (type == BLOCK_EPB || type == BLOCK_SPB || type == BLOCK_PB)
			result = take_packet(file, &packets[found], type, body, length - FRAME);
		else if (type == BLOCK_IDB)
			result = add_interface(file, body, length - FRAME);
		else if (type == BLOCK_SHB)
			result = begin_section(file, body, length - FRAME, false);
		if (result < 0)
			break;
		found += (unsigned)result;
		file->pos += length;
	}
	return found;
}

static void truncated(struct ffpf_savefile *file)
{
	size_t there = file->end - file->pos;

	if (there < FRAME)
		ffpf_savefile_fail(
			file, "truncated behind packet %llu at byte %llu: a block has at least %u bytes, %zu are there",
			(unsigned long long)file->packets, savefile_offset(file), FRAME, there);
	else
		ffpf_savefile_fail(
			file, "truncated behind packet %llu at byte %llu: block header says %zu bytes, %zu are there",
			(unsigned long long)file->packets, savefile_offset(file), file->need, there);
}

const struct savefile_format ffpf_savefile_pcapng = {
	.header = read_header,
	.parse = parse_blocks,
	.truncated = truncated,
};
