/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes on their way to a file, a pipe or standard output, through a large buffer.
 *
 * Users: pcapwrite.c (records) and print.c (lines). An output's first failure
 * stays: nothing is written after it, and on a regular file a unit (record, line)
 * that got only half way is cut off again, so that the file ends well.
 */
#ifndef FFPF_USER_OUTPUT_H
#define FFPF_USER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct ffpf_output {
	int fd; /* -1: none */
	bool regular, owned;
	int error;         /* 0 or -errno: the first failure */
	uint8_t *data;     /* the buffer, size bytes */
	size_t used, size;
	size_t units;      /* units in the buffer */
	uint64_t written;  /* bytes in this file */
	uint64_t total;    /* bytes in all files since ffpf_output_init */
	uint64_t dropped;  /* units given up since then */
	/* Bytes of the unit at data, which has at most `left` bytes. NULL: lines; those that begin with a space belong to the one before. */
	size_t (*unit_size)(const uint8_t *data, size_t left);
};

/* Allocates the buffer. 0 or -ENOMEM. */
int ffpf_output_init(struct ffpf_output *output, size_t size);

/* Creates or empties the file; "-" is standard output. The buffer is empty. 0 or -errno. */
int ffpf_output_open(struct ffpf_output *output, const char *path);

/* Room for size bytes at the end of the buffer, which is written out first where needed; NULL when size is more than the buffer. */
uint8_t *ffpf_output_room(struct ffpf_output *output, size_t size);

/* Takes size bytes, written at what ffpf_output_room returned, as units whole units. */
static inline void ffpf_output_add(struct ffpf_output *output, size_t size, size_t units)
{
	output->used += size;
	output->units += units;
}

/* Writes what is no unit (a file's header), behind the buffer's contents. 0 or the output's failure. */
int ffpf_output_through(struct ffpf_output *output, const void *data, size_t size);

/* Writes one unit that is larger than the buffer, in at most four parts. 0 or the output's failure. */
int ffpf_output_large(struct ffpf_output *output, const struct iovec *parts, int n);

/* Writes the buffer out. 0 or the output's failure. */
int ffpf_output_flush(struct ffpf_output *output);

/* Flushes and closes the file; the buffer stays. 0 or the output's failure. */
int ffpf_output_close(struct ffpf_output *output);

/* Closes and frees the buffer. */
void ffpf_output_exit(struct ffpf_output *output);

#endif
