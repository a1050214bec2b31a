/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the savefile writer share: pcapwrite.c (life, packets), pcapwrite_rotate.c (names, files),
 * pcapwrite_format.c (bytes).
 */
#ifndef FFPF_USER_PCAPWRITE_PROVIDER_H
#define FFPF_USER_PCAPWRITE_PROVIDER_H

#include "flowspaces/user/output.h"
#include "flowspaces/user/pcapwrite.h"

#include <limits.h>

/* Interfaces told apart in one pcapng file; packets of further ones are written as of the last. */
#define PCAPWRITE_INTERFACES 256

/* Largest header in front of a packet's bytes, and what may follow them (padding, direction, length). */
#define PCAPWRITE_HEAD 28
#define PCAPWRITE_TAIL 20

struct pcapwrite_interface {
	uint16_t linktype;
	uint8_t source;
	bool claimed; /* false: described before any packet came */
	uint32_t ifindex;
};

struct ffpf_pcapwrite {
	struct ffpf_pcapwrite_options options;
	struct ffpf_output output;
	bool begun; /* a packet or a flush has come */
	bool header_written;
	int linktype; /* DLT_ of the file; -1 unknown yet */
	struct pcapwrite_interface interfaces[PCAPWRITE_INTERFACES];
	unsigned n_interfaces, last_interface;

	/* rotation */
	uint64_t file_packets;
	uint64_t file_end_ns; /* packets from here on belong in the next file */
	char base[PATH_MAX];  /* the name without its number */
	char path[PATH_MAX];
	uint64_t number; /* of files with this base */
	char **kept;	 /* ring of options.keep names */
	uint64_t n_files;

	uint64_t accepted, lost, foreign;
	char why[PATH_MAX + 128];
};

/* Opens the next file of the row; time_ns is of its first packet. 0 or -errno, kept as the output's failure. */
int ffpf_pcapwrite_next_file(struct ffpf_pcapwrite *writer, uint64_t time_ns);

/* Whether the current file has no more room, in bytes or in time, for such a record. */
bool ffpf_pcapwrite_is_full(const struct ffpf_pcapwrite *writer, size_t record, uint64_t time_ns);

/* Keeps the output's failure as a message. */
void ffpf_pcapwrite_note_failure(struct ffpf_pcapwrite *writer);

/* Writes the file's header for packets of this DLT_, in pcapng with an interface of this name (NULL: none). */
void ffpf_pcapwrite_header(struct ffpf_pcapwrite *writer, uint16_t linktype, const char *name);

/* The name of the device that the packet came from; NULL: none. */
static inline const char *pcapwrite_device(const struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet)
{
	return packet->source < writer->options.n_sources ? writer->options.sources[packet->source].name : NULL;
}

/* The number of the packet's interface in a pcapng file, which it is described in if it is new. */
uint32_t ffpf_pcapwrite_interface(struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet);

/* Bytes that the packet takes in the file when caplen bytes of it are kept. */
size_t ffpf_pcapwrite_length(const struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet, uint32_t caplen);

/*
 * The bytes before and after those of the packet, of which caplen are kept; tail has room for the padding too.
 * Return the number of bytes made.
 */
size_t ffpf_pcapwrite_head(const struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet, uint32_t caplen,
			   uint32_t interface, uint8_t *head);
size_t ffpf_pcapwrite_tail(const struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet, uint32_t caplen,
			   uint8_t *tail);

/* Bytes of the record at data, for ffpf_output. */
size_t ffpf_pcapwrite_record_size(const uint8_t *data, size_t left);
size_t ffpf_pcapwrite_block_size(const uint8_t *data, size_t left);

#endif
