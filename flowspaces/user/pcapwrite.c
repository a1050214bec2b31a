/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writer of savefiles: packets into the buffer, the buffer into the file.
 *
 * Neighbours: pcapwrite_format.c makes the bytes, pcapwrite_rotate.c the files, output.c brings them there.
 * Invariant: a packet that was accepted is in the file, in the buffer, or counted as dropped by the output.
 */
#include "flowspaces/user/pcapwrite-provider.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUFFER_SIZE (256u << 10)

/* True when the first file's name has to wait for the first packet's time. */
static bool name_waits(const struct ffpf_pcapwrite_options *options)
{
	return options->rotate_ns && strchr(options->path, '%');
}

int ffpf_pcapwrite_new(const struct ffpf_pcapwrite_options *options, struct ffpf_pcapwrite **out, char *why,
		       size_t why_size)
{
	struct ffpf_pcapwrite *writer = calloc(1, sizeof(*writer));
	int err = -ENOMEM;

	snprintf(why, why_size, "out of memory");
	if (!writer)
		return err;
	writer->options = *options;
	writer->linktype = options->linktype;
	if (ffpf_output_init(&writer->output, BUFFER_SIZE, options->graph))
		goto fail;
	writer->output.unit_size = options->pcapng ? ffpf_pcapwrite_block_size : ffpf_pcapwrite_record_size;
	if (options->keep && !(writer->kept = calloc(options->keep, sizeof(*writer->kept))))
		goto fail;
	err = name_waits(options) ? 0 : ffpf_pcapwrite_next_file(writer, 0);
	if (err) {
		snprintf(why, why_size, "%s", writer->why);
		goto fail;
	}
	/* The first packet sets the end of the first file's time. */
	writer->file_end_ns = 0;
	*out = writer;
	return 0;
fail:
	ffpf_pcapwrite_close(writer);
	return err;
}

/* The file that the packet goes into: opened, with a header, and with room. False when there is none. */
static bool ready_file(struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet, size_t record)
{
	const struct ffpf_pcapwrite_options *options = &writer->options;

	if (writer->output.fd < 0 || ffpf_pcapwrite_is_full(writer, record, packet->time_ns)) {
		if (ffpf_pcapwrite_next_file(writer, packet->time_ns))
			return false;
	} else if (options->rotate_ns && !writer->file_end_ns) {
		writer->file_end_ns = packet->time_ns + options->rotate_ns;
	}
	if (!writer->header_written)
		ffpf_pcapwrite_header(
			writer, writer->linktype < 0 || options->pcapng ? packet->linktype : (uint16_t)writer->linktype,
			pcapwrite_device(writer, packet));
	return writer->output.error == 0;
}

static void put_record(struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet, uint32_t caplen, size_t record)
{
	uint32_t interface = writer->options.pcapng ? ffpf_pcapwrite_interface(writer, packet) : 0;
	uint8_t *at = ffpf_output_room(&writer->output, record);
	size_t head = ffpf_pcapwrite_head(writer, packet, caplen, interface, at);

	memcpy(at + head, packet->data, caplen);
	ffpf_pcapwrite_tail(writer, packet, caplen, at + head + caplen);
	ffpf_output_add(&writer->output, record, 1);
}

/* A packet that does not fit in the buffer. */
static void put_large(struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet, uint32_t caplen)
{
	uint32_t interface = writer->options.pcapng ? ffpf_pcapwrite_interface(writer, packet) : 0;
	uint8_t head[PCAPWRITE_HEAD], tail[PCAPWRITE_TAIL];
	const struct iovec parts[] = {
		{head, ffpf_pcapwrite_head(writer, packet, caplen, interface, head)},
		{(void *)packet->data, caplen},
		{tail, ffpf_pcapwrite_tail(writer, packet, caplen, tail)},
	};

	ffpf_output_large(&writer->output, parts, 3);
}

void ffpf_pcapwrite_packet(struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet)
{
	uint32_t snaplen = writer->options.snaplen;
	uint32_t caplen = snaplen && packet->caplen > snaplen ? snaplen : packet->caplen;
	size_t record = ffpf_pcapwrite_length(writer, packet, caplen);

	writer->begun = true;
	if (writer->output.error) {
		writer->lost++;
		return;
	}
	if (!writer->options.pcapng && writer->linktype >= 0 && packet->linktype != writer->linktype) {
		writer->lost++;
		writer->foreign++;
		return;
	}
	if (!ready_file(writer, packet, record)) {
		writer->lost++;
		ffpf_pcapwrite_note_failure(writer);
		return;
	}
	writer->accepted++;
	writer->file_packets++;
	if (record <= BUFFER_SIZE)
		put_record(writer, packet, caplen, record);
	else
		put_large(writer, packet, caplen);
	if (writer->output.error)
		ffpf_pcapwrite_note_failure(writer);
}

int ffpf_pcapwrite_flush(struct ffpf_pcapwrite *writer)
{
	writer->begun = true;
	/* Whoever reads a pipe sees the header before any packet. */
	if (writer->output.fd >= 0 && !writer->header_written && writer->linktype >= 0 && !writer->output.error)
		ffpf_pcapwrite_header(writer, (uint16_t)writer->linktype, writer->options.input_name);
	int err = ffpf_output_flush(&writer->output);

	if (err)
		ffpf_pcapwrite_note_failure(writer);
	return err;
}

void ffpf_pcapwrite_end(struct ffpf_pcapwrite *writer)
{
	ffpf_output_end(&writer->output);
}

int ffpf_pcapwrite_error(const struct ffpf_pcapwrite *writer, const char **why)
{
	*why = writer->output.error ? writer->why : NULL;
	return writer->output.error;
}

void ffpf_pcapwrite_count(const struct ffpf_pcapwrite *writer, struct ffpf_pcapwrite_counts *counts)
{
	counts->files = writer->n_files;
	counts->packets = writer->accepted - writer->output.dropped;
	counts->bytes = writer->output.total + writer->output.used;
	counts->lost = writer->lost + writer->output.dropped;
	counts->foreign = writer->foreign;
}

void ffpf_pcapwrite_close(struct ffpf_pcapwrite *writer)
{
	if (!writer)
		return;
	/* A capture without packets is a valid savefile all the same. */
	if (writer->begun && !writer->header_written && !writer->output.error) {
		if (writer->output.fd >= 0 || ffpf_pcapwrite_next_file(writer, (uint64_t)time(NULL) * 1000000000) == 0)
			ffpf_pcapwrite_header(writer, writer->linktype < 0 ? 1 : (uint16_t)writer->linktype,
					      writer->options.input_name);
	}
	ffpf_output_exit(&writer->output);
	for (uint64_t i = 0; writer->kept && i < writer->options.keep; i++)
		free(writer->kept[i]);
	free(writer->kept);
	free(writer);
}
