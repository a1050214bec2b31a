/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bytes of a savefile: a file, a pipe or standard input, plain or gzip'ed.
 *
 * Users: savefile.c. The stream is read forward only, so pipes and files are
 * the same to its reader. gzip is told by its magic; members that follow one
 * another are one stream, as `cat a.gz b.gz` makes them.
 */
#ifndef FFPF_USER_INPUT_H
#define FFPF_USER_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes that one read(2) asks for: what fits in the second-level cache beside what the packets' readers touch. */
#define FFPF_INPUT_CHUNK (64u << 10)

struct ffpf_input;

/*
 * Reads from an open descriptor, which belongs to the input from now on, also on failure; descriptor 0 is never closed.
 * The caller frees *out with ffpf_input_free. 0 or -errno (-EISDIR for a directory).
 */
int ffpf_input_open_fd(int fd, struct ffpf_input **out);

void ffpf_input_free(struct ffpf_input *input); /* NULL-safe */

/*
 * Reads what is there, at most size bytes: their number (at least 1), 0 at the end, -EAGAIN when nothing came within
 * timeout_ms (negative: waits; files never wait), -EINTR after a signal, else -errno with a clause in *why
 * (owned by the input) where there is more to say than the errno does: damaged or cut compressed data is -EBADMSG.
 */
ssize_t ffpf_input_read(struct ffpf_input *input, void *out, size_t size, int timeout_ms, const char **why);

/* Bytes of the file itself consumed so far: compressed ones for a compressed file. */
uint64_t ffpf_input_position(const struct ffpf_input *input);

/* Size of the file in bytes; 0 for what is not a regular file. */
uint64_t ffpf_input_size(const struct ffpf_input *input);

/* The descriptor, which stays the input's. */
int ffpf_input_fd(const struct ffpf_input *input);

/* Whether the rest is the file's own bytes from the descriptor's position on, none of which was read yet: somebody else
 * may read them from there. Known after the first successful read. */
bool ffpf_input_direct(const struct ffpf_input *input);

/* Whether opening the same name once more gives the same bytes again. */
bool ffpf_input_repeatable(const struct ffpf_input *input);

/* Whether the stream is gzip'ed; known after the first successful read. */
bool ffpf_input_compressed(const struct ffpf_input *input);

#endif
