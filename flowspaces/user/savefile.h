/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads pcap and pcapng savefiles, in batches and without copying packets.
 *
 * Formats, from the bytes at the beginning, never from the name: pcap with µs
 * or ns, in either byte order, versions 2.0 to 2.4 and the "modified" variant
 * of old Linux; pcapng with all packet blocks, many interfaces and many
 * sections, each section in its own byte order; either in gzip. Files, pipes
 * and standard input ("-") alike.
 *
 * What is sane, and what a lying header means, follows libpcap 1.10. These differ on purpose:
 *   - pcapng: packets of an interface with another link type than the first one's are counted as lost and the rest is
 *     read, sections may differ in byte order and interfaces in snapshot length; libpcap gives up at all three;
 *   - pcap seconds are unsigned (good until 2106); libpcap 1.10 reads them as signed in files of the machine's byte
 * order;
 *   - pcapng time stamps in powers of two beyond 2^-34 s do not overflow;
 *   - pseudo-headers of the writer's byte order (USB, NFLOG, PKTAP, pflog, CAN) are not turned round in swapped files;
 *   - link types above 65535, and an unsupported second section header before the first interface, are refused.
 */
#ifndef FFPF_USER_SAVEFILE_H
#define FFPF_USER_SAVEFILE_H

#include <ffpf/class.h>

struct ffpf_savefile;

/* Room that a message needs. */
#define FFPF_SAVEFILE_WHY 512

/*
 * Opens a file ("-": standard input) and reads its header, waiting for it if it is a pipe. The caller closes *out with
 * ffpf_savefile_close. 0, or -errno with a message in why (why_size bytes, at least 1): -EBADMSG when what is there is
 * no savefile or a damaged one, -EINTR after a signal.
 */
int ffpf_savefile_open(const char *path, struct ffpf_savefile **out, char *why, size_t why_size);

/* The same for an open descriptor, which is closed with the savefile, also on failure. name is for messages. */
int ffpf_savefile_open_fd(int fd, const char *name, struct ffpf_savefile **out, char *why, size_t why_size);

void ffpf_savefile_close(struct ffpf_savefile *file); /* NULL-safe */

/* Link type, snapshot length and size; constant while the file is open. */
const struct ffpf_source_info *ffpf_savefile_info(const struct ffpf_savefile *file);

/*
 * Fills up to n packets (n at least 1), whose bytes stay valid until the next call. ifindex is the interface's number
 * within its pcapng section. Returns their number; 0 at the end; -EAGAIN when nothing came within timeout_ms (negative:
 * waits), -EINTR after a signal: call again; another -errno with *why (owned by file) when the rest can't be
 * read. What stands before the damage was delivered by the calls before; the failure is repeated by further calls.
 */
int ffpf_savefile_read(struct ffpf_savefile *file, struct ffpf_packet *packets, unsigned n, int timeout_ms,
		       const char **why);

/* Bytes of the file consumed so far (compressed ones of a compressed file). */
uint64_t ffpf_savefile_position(const struct ffpf_savefile *file);

/* Packets that were there but had to be left out: of another link type. */
uint64_t ffpf_savefile_lost(const struct ffpf_savefile *file);

/* Why packets were lost, in words; NULL while none was. Owned by file. */
const char *ffpf_savefile_notice(const struct ffpf_savefile *file);

/* The file's descriptor, to look at it; it stays the savefile's. */
int ffpf_savefile_fd(const struct ffpf_savefile *file);

/* False for pipes and standard input: what is read from them is gone, so whoever looked at the header must keep the
 * object. */
bool ffpf_savefile_repeatable(const struct ffpf_savefile *file);

#endif
