/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pcap savefile format.
 *
 *     header: magic u32 | major u16 | minor u16 | zone u32 | figures u32 | snaplen u32 | linktype u32
 *     record: seconds u32 | µs or ns u32 | caplen u32 | len u32 | caplen bytes
 *
 * All in the writer's byte order, which the magic tells. Records of the "modified" magic have eight bytes more
 * (interface index, protocol, packet type). Before version 2.3 len came before caplen; in 2.3 it may be either way.
 * Source: pcap-savefile(5), and libpcap 1.10.3's behaviour where files break the rules.
 */
#include "flowspaces/user/linktype.h"
#include "flowspaces/user/savefile-provider.h"

#include <errno.h>

#define HEADER_SIZE 24
#define RECORD_HEADER 16u
#define MODIFIED_RECORD_HEADER 24u
#define MAGIC_NS 0xa1b23c4du
#define MAGIC_MODIFIED 0xa1b2cd34u
#define PACKET_OUTGOING 4 /* the kernel's PACKET_OUTGOING, in a modified record */

static int check_version(struct ffpf_savefile *file, unsigned major, unsigned minor)
{
	if (major == 2 && minor <= 4) {
		file->lengths_swapped = minor < 3;
		file->lengths_maybe_swapped = minor == 3;
		return 0;
	}
	/* DG/UX tcpdump */
	if (major == 543 && minor == 0) {
		file->lengths_swapped = true;
		return 0;
	}
	return ffpf_savefile_fail(file, "has pcap version %u.%u; versions 2.0 to 2.4 can be read", major, minor);
}

static int read_header(struct ffpf_savefile *file)
{
	const uint8_t *at = file->buffer + file->pos;

	file->need = HEADER_SIZE;
	if (file->end - file->pos < HEADER_SIZE)
		return 0;
	uint32_t magic = savefile_u32(at, false);
	file->swapped = magic >> 16 != 0xa1b2;
	magic = savefile_u32(at, file->swapped);
	int err = check_version(file, savefile_u16(at + 4, file->swapped), savefile_u16(at + 6, file->swapped));
	if (err)
		return err;
	/* The upper bits tell whether, and how long, frame check sequences are; nothing here needs them. */
	uint32_t linktype = savefile_u32(at + 20, file->swapped) & 0x03ffffff, dlt = ffpf_linktype_to_dlt(linktype);
	if (dlt > UINT16_MAX)
		return ffpf_savefile_fail(file, "has link type %u, which does not exist", linktype);
	file->info.linktype = (uint16_t)dlt;
	file->info.swapped = file->swapped;
	file->info.snaplen = ffpf_snaplen_adjust(dlt, savefile_u32(at + 16, file->swapped));
	file->fraction_ns = magic == MAGIC_NS ? 1 : 1000;
	file->record_header = RECORD_HEADER;
	if (magic == MAGIC_MODIFIED) {
		file->record_header = MODIFIED_RECORD_HEADER;
		/* Cooked captures of those days have an Ethernet header more than their snapshot length allows. */
		if (dlt == 1)
			file->info.snaplen = file->info.snaplen <= INT32_MAX - 14 ? file->info.snaplen + 14 : INT32_MAX;
	}
	file->pos += HEADER_SIZE;
	return 1;
}

static void fail_length(struct ffpf_savefile *file, uint32_t caplen)
{
	ffpf_savefile_fail(file,
			   "damaged in packet %llu at byte %llu: record header says %u captured bytes, more than the "
			   "%u of any packet",
			   (unsigned long long)file->packets + 1, savefile_offset(file), caplen,
			   ffpf_dlt_snaplen_max(file->info.linktype));
}

static void order_lengths(const struct ffpf_savefile *file, struct ffpf_packet *packet)
{
	if (file->lengths_swapped || (file->lengths_maybe_swapped && packet->caplen > packet->len)) {
		uint32_t len = packet->caplen;
		packet->caplen = packet->len;
		packet->len = len;
	}
}

/* The data path. swapped and plain are constants in its two callers below: plain is version 2.4 with the usual record.
 */
static inline __attribute__((always_inline)) unsigned parse(struct ffpf_savefile *file, struct ffpf_packet *packets,
							    unsigned n, bool swapped, bool plain)
{
	const uint8_t *at = file->buffer + file->pos, *end = file->buffer + file->end;
	const uint32_t header = plain ? RECORD_HEADER : file->record_header;
	const uint32_t largest = ffpf_dlt_snaplen_max(file->info.linktype), snaplen = file->info.snaplen,
		       fraction_ns = file->fraction_ns;
	const struct ffpf_packet blank = {.linktype = file->info.linktype};
	unsigned i;

	for (i = 0; i < n && (size_t)(end - at) >= header; i++) {
		struct ffpf_packet *packet = &packets[i];

		__builtin_prefetch(at + 1024);
		*packet = blank;
		packet->time_ns = savefile_u32(at, swapped) * UINT64_C(1000000000) +
				  (uint64_t)savefile_u32(at + 4, swapped) * fraction_ns;
		packet->caplen = savefile_u32(at + 8, swapped);
		packet->len = savefile_u32(at + 12, swapped);
		if (!plain)
			order_lengths(file, packet);
		if (packet->caplen > largest)
			break;
		if ((size_t)(end - at) - header < packet->caplen)
			break;
		packet->data = at + header;
		if (!plain && header == MODIFIED_RECORD_HEADER && at[22] == PACKET_OUTGOING)
			packet->dir = FFPF_DIR_OUT;
		at += header + packet->caplen;
		if (packet->caplen > snaplen)
			packet->caplen = snaplen;
	}
	file->pos = (size_t)(at - file->buffer);
	file->packets += i;
	return i;
}

/* Says what parse() stopped at, when it had no packet to deliver. */
static void stopped(struct ffpf_savefile *file)
{
	struct ffpf_packet packet;

	file->need = file->record_header;
	if (file->end - file->pos < file->record_header)
		return;
	packet.caplen = savefile_u32(file->buffer + file->pos + 8, file->swapped);
	packet.len = savefile_u32(file->buffer + file->pos + 12, file->swapped);
	order_lengths(file, &packet);
	if (packet.caplen > ffpf_dlt_snaplen_max(file->info.linktype))
		fail_length(file, packet.caplen);
	else
		file->need = (size_t)file->record_header + packet.caplen;
}

static unsigned parse_records(struct ffpf_savefile *file, struct ffpf_packet *packets, unsigned n)
{
	bool plain = file->record_header == RECORD_HEADER && !file->lengths_swapped && !file->lengths_maybe_swapped;
	unsigned found;

	if (!plain)
		found = parse(file, packets, n, file->swapped, false);
	else if (file->swapped)
		found = parse(file, packets, n, true, true);
	else
		found = parse(file, packets, n, false, true);
	if (!found)
		stopped(file);
	return found;
}

static void truncated(struct ffpf_savefile *file)
{
	size_t there = file->end - file->pos;
	unsigned long long packet = file->packets + 1, offset = savefile_offset(file);

	if (there < file->record_header)
		ffpf_savefile_fail(file,
				   "truncated in packet %llu at byte %llu: a record header has %u bytes, %zu are there",
				   packet, offset, file->record_header, there);
	else
		ffpf_savefile_fail(file,
				   "truncated in packet %llu at byte %llu: record header says %zu bytes, %zu are there",
				   packet, offset, file->need - file->record_header, there - file->record_header);
}

const struct savefile_format ffpf_savefile_pcap = {
	.header = read_header,
	.parse = parse_records,
	.truncated = truncated,
};
