/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes pcap and pcapng savefiles, in one file or in a row of them.
 *
 * User: classes/write.c. What an application may rely on while the capture runs: the header is on its way
 * as soon as the link type is known, and every flush ends behind a whole packet.
 */
#ifndef FFPF_USER_PCAPWRITE_H
#define FFPF_USER_PCAPWRITE_H

#include <ffpf/class.h>
#include <ffpf/packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ffpf_arena;
struct ffpf_pcapwrite;

struct ffpf_pcapwrite_options {
	struct ffpf_arena *graph; /* the flowgraph, for files.h; NULL: none */
	const char *path;	  /* "-": standard output; must outlive the writer */
	bool pcapng;
	bool nanoseconds;	/* else microseconds */
	uint32_t snaplen;	/* bytes kept of a packet; 0 all */
	uint64_t rotate_size;	/* bytes of a file; 0 unlimited. Exceeded only by a single packet that is larger. */
	uint64_t rotate_ns;	/* packet time in a file; 0 unlimited */
	uint64_t keep;		/* files kept; 0 all */
	int linktype;		/* DLT_ of the packets to come; -1: the first packet tells */
	const char *input_name; /* of the device that they come from; NULL: none, or the first packet tells */
	const struct ffpf_source_info *sources; /* the sources of packets, n_sources of them, by packet->source */
	size_t n_sources;
	uint32_t input_snaplen; /* what the header says when snaplen is 0; 0: the largest */
};

struct ffpf_pcapwrite_counts {
	uint64_t files, bytes, packets; /* written or in the buffer */
	uint64_t lost;			/* refused or given up after a failure */
	uint64_t foreign;		/* those of lost whose link type pcap had no room for */
};

/*
 * Makes a writer and, unless its name depends on the first packet's time, opens the first file, in which nothing is
 * changed before the first packet or flush. The caller closes *out. 0, or -errno with a message in why.
 */
int ffpf_pcapwrite_new(const struct ffpf_pcapwrite_options *options, struct ffpf_pcapwrite **out, char *why,
		       size_t why_size);

/* Writes a packet, or counts it as lost. Neither allocates nor formats, except where a new file begins. */
void ffpf_pcapwrite_packet(struct ffpf_pcapwrite *writer, const struct ffpf_packet *packet);

/* Hands everything to the kernel; the first time, also before any packet, with the header if the link type is known. 0
 * or -errno of the first failure. */
int ffpf_pcapwrite_flush(struct ffpf_pcapwrite *writer);

/* See ffpf_output_end. From any thread. */
void ffpf_pcapwrite_end(struct ffpf_pcapwrite *writer);

/* The first failure, and a message about it (owned by the writer): 0 or -errno. */
int ffpf_pcapwrite_error(const struct ffpf_pcapwrite *writer, const char **why);

void ffpf_pcapwrite_count(const struct ffpf_pcapwrite *writer, struct ffpf_pcapwrite_counts *counts);

/* Ends the file, with a header if it has none yet, and frees the writer. Without any packet or flush files stay as they
 * were. NULL-safe. */
void ffpf_pcapwrite_close(struct ffpf_pcapwrite *writer);

#endif
