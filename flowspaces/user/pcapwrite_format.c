/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bytes of the savefiles that we write: always in the machine's byte order, pcap 2.4 or pcapng 1.0.
 *
 *     pcap    record header (16) | bytes
 *     pcapng  block header and fixed part (28) | bytes | padding | [epb_flags | end of options] | length
 *
 * A pcapng file tells interfaces apart by source, ifindex and link type; each is described, devices by name, when its
 * first packet comes. Formats: savefile_pcap.c and savefile_pcapng.c have them in full.
 */
#include "flowspaces/user/linktype.h"
#include "flowspaces/user/pcapwrite-provider.h"

#include <string.h>

#define RECORD_HEADER 16u
#define OPTION_NAME 2u	      /* if_name */
#define OPTION_RESOLUTION 9u  /* if_tsresol */
#define NAME_SIZE 64u	      /* longer ones are cut: a multiple of 4 */
#define OPTION_FLAGS_SIZE 12u /* epb_flags with its header, and the end of options */

static void put16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof(value));
}

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint32_t padding(uint32_t caplen)
{
	return -caplen & 3;
}

static uint32_t header_snaplen(const struct ffpf_pcapwrite *writer, uint16_t linktype)
{
	const struct ffpf_pcapwrite_options *options = &writer->options;

	return options->snaplen		? options->snaplen
	       : options->input_snaplen ? options->input_snaplen
					: ffpf_dlt_snaplen_max(linktype);
}

static void pcap_header(struct ffpf_pcapwrite *writer, uint16_t linktype)
{
	uint8_t header[24] = {0};

	put32(header, writer->options.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
	put16(header + 4, 2);
	put16(header + 6, 4);
	put32(header + 16, header_snaplen(writer, linktype));
	put32(header + 20, ffpf_dlt_to_linktype(linktype));
	ffpf_output_through(&writer->output, header, sizeof(header));
}

/* Appends an option; the padding is zero already. The bytes it takes. */
static uint32_t put_option(uint8_t *at, uint16_t code, const void *value, uint16_t size)
{
	put16(at, code);
	put16(at + 2, size);
	memcpy(at + 4, value, size);
	return 4 + size + padding(size);
}

static void describe_interface(struct ffpf_pcapwrite *writer, uint16_t linktype, const char *name)
{
	const uint8_t resolution = writer->options.nanoseconds ? 9 : 6;
	uint8_t block[32 + 4 + NAME_SIZE] = {0};
	uint32_t size = 16;

	put32(block, 1);
	put16(block + 8, (uint16_t)ffpf_dlt_to_linktype(linktype));
	put32(block + 12, header_snaplen(writer, linktype));
	if (name)
		size += put_option(block + size, OPTION_NAME, name, (uint16_t)strnlen(name, NAME_SIZE));
	size += put_option(block + size, OPTION_RESOLUTION, &resolution, 1);
	size += 4; /* end of options */
	put32(block + 4, size + 4);
	put32(block + size, size + 4);
	ffpf_output_through(&writer->output, block, size + 4);
}

static void pcapng_header(struct ffpf_pcapwrite *writer, uint16_t linktype, const char *name)
{
	uint8_t block[28];

	put32(block, 0x0a0d0d0a);
	put32(block + 4, sizeof(block));
	put32(block + 8, 0x1a2b3c4d);
	put16(block + 12, 1);
	put16(block + 14, 0);
	memset(block + 16, 0xff, 8);
	put32(block + 24, sizeof(block));
	ffpf_output_through(&writer->output, block, sizeof(block));
	describe_interface(writer, linktype, name);
	writer->interfaces[0] = (struct pcapwrite_interface){.linktype = linktype};
	writer->n_interfaces = 1;
	writer->last_interface = 0;
}

void ffpf_pcapwrite_header(struct ffpf_pcapwrite *writer, uint16_t linktype, const char *name)
{
	writer->linktype = linktype;
	writer->header_written = true;
	if (writer->options.pcapng)
		pcapng_header(writer, linktype, name);
	else
		pcap_header(writer, linktype);
}

static bool is_interface(const struct pcapwrite_interface *interface, const struct ffpf_packet *packet)
{
	return interface->claimed && interface->linktype == packet->linktype && interface->ifindex == packet->ifindex &&
	       interface->source == packet->source;
}

uint32_t ffpf_pcapwrite_interface(struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet)
{
	struct pcapwrite_interface *first = &writer->interfaces[0];
	unsigned same_linktype = PCAPWRITE_INTERFACES - 1;

	if (is_interface(&writer->interfaces[writer->last_interface], packet))
		return writer->last_interface;
	for (unsigned i = 0; i < writer->n_interfaces; i++) {
		if (is_interface(&writer->interfaces[i], packet))
			return writer->last_interface = i;
		if (writer->interfaces[i].linktype == packet->linktype)
			same_linktype = i;
	}
	const struct pcapwrite_interface mine = {packet->linktype, packet->source, true, packet->ifindex};
	if (!first->claimed && first->linktype == packet->linktype) {
		*first = mine;
		return writer->last_interface = 0;
	}
	if (writer->n_interfaces == PCAPWRITE_INTERFACES)
		return same_linktype;
	describe_interface(writer, packet->linktype, pcapwrite_device(writer, packet));
	writer->interfaces[writer->n_interfaces] = mine;
	return writer->last_interface = writer->n_interfaces++;
}

size_t ffpf_pcapwrite_length(const struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet, uint32_t caplen)
{
	if (!writer->options.pcapng)
		return RECORD_HEADER + (size_t)caplen;
	return PCAPWRITE_HEAD + (size_t)caplen + padding(caplen) + (packet->dir ? OPTION_FLAGS_SIZE : 0) + 4;
}

static size_t epb_head(const struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet, uint32_t caplen,
		       uint32_t interface, uint8_t *head)
{
	uint64_t time = writer->options.nanoseconds ? packet->time_ns : packet->time_ns / 1000;

	put32(head, 6);
	put32(head + 4, (uint32_t)ffpf_pcapwrite_length(writer, packet, caplen));
	put32(head + 8, interface);
	put32(head + 12, (uint32_t)(time >> 32));
	put32(head + 16, (uint32_t)time);
	put32(head + 20, caplen);
	put32(head + 24, packet->len);
	return PCAPWRITE_HEAD;
}

size_t ffpf_pcapwrite_head(const struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet, uint32_t caplen,
			   uint32_t interface, uint8_t *head)
{
	if (writer->options.pcapng)
		return epb_head(writer, packet, caplen, interface, head);
	uint32_t fraction = (uint32_t)(packet->time_ns % 1000000000);
	put32(head, (uint32_t)(packet->time_ns / 1000000000));
	put32(head + 4, writer->options.nanoseconds ? fraction : fraction / 1000);
	put32(head + 8, caplen);
	put32(head + 12, packet->len);
	return RECORD_HEADER;
}

size_t ffpf_pcapwrite_tail(const struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet, uint32_t caplen,
			   uint8_t *tail)
{
	uint32_t at = padding(caplen);

	if (!writer->options.pcapng)
		return 0;
	memset(tail, 0, at);
	if (packet->dir) {
		put16(tail + at, 2); /* epb_flags */
		put16(tail + at + 2, 4);
		put32(tail + at + 4, packet->dir == FFPF_DIR_IN ? 1 : 2);
		put32(tail + at + 8, 0); /* end of options */
		at += OPTION_FLAGS_SIZE;
	}
	put32(tail + at, PCAPWRITE_HEAD + caplen + at + 4);
	return at + 4;
}

size_t ffpf_pcapwrite_record_size(const uint8_t *data, size_t left)
{
	return left < RECORD_HEADER ? 0 : RECORD_HEADER + (size_t)get32(data + 8);
}

size_t ffpf_pcapwrite_block_size(const uint8_t *data, size_t left)
{
	return left < 12 ? 0 : get32(data + 4);
}
