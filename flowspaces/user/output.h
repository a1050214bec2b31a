/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes on their way to a file, a pipe or standard output, through a large buffer.
 *
 * Users: pcapwrite.c (records) and print.c (lines). An output's first failure
 * stays: nothing is written after it, and on a regular file a unit (record, line)
 * that got only half way is cut off again, so that the file ends well.
 * A file that was there keeps its contents until the first flush or write: a run that never begins changes nothing.
 */
#ifndef FFPF_USER_OUTPUT_H
#define FFPF_USER_OUTPUT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct ffpf_arena;

struct ffpf_output {
	struct ffpf_arena *graph; /* the flowgraph; NULL: of none */
	const char *path;
	int fd; /* -1: none */
	bool regular, owned;
	bool untouched; /* what is in the file is still what was there when it was opened */
	bool fresh;	/* there was no file: we made it */
	bool waits; /* write(2) itself waits for the reader: only what poll(2) lets through goes in, a page at a time */
	bool socket;
	atomic_bool ending; /* nobody waits any longer for a reader that takes nothing */
	int error;	    /* 0 or -errno: the first failure */
	uint8_t *data;	    /* the buffer, size bytes */
	size_t used, size;
	size_t units;	  /* units in the buffer */
	uint64_t written; /* bytes in this file */
	uint64_t total;	  /* bytes in all files since ffpf_output_init */
	uint64_t dropped; /* units given up since then */
	/* Bytes of the unit at data, which has at most `left` bytes. NULL: lines; those that begin with a space belong
	 * to the one before. */
	size_t (*unit_size)(const uint8_t *data, size_t left);
};

/* Allocates the buffer. graph: see files.h; NULL: files are not compared with others. 0 or -ENOMEM. */
int ffpf_output_init(struct ffpf_output *output, size_t size, struct ffpf_arena *graph);

/*
 * Opens the file, or creates it; "-" is standard output. path must stay as it is until the file is closed. The buffer
 * is empty. 0 or -errno: -EBUSY when the flowgraph reads that file, -EEXIST when another output of the flowgraph writes
 * it.
 */
int ffpf_output_open(struct ffpf_output *output, const char *path);

/* An errno of an output in words; static, or strerror's. */
const char *ffpf_output_words(int error);

/* The run is to end: a pipe's reader that takes nothing for half a second more is given up (-ETIMEDOUT). From any
 * thread. */
void ffpf_output_end(struct ffpf_output *output);

/* Room for size bytes at the end of the buffer, which is written out first where needed; NULL when size is more than
 * the buffer. */
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

/* Empties a file that was there, writes the buffer out. 0 or the output's failure. */
int ffpf_output_flush(struct ffpf_output *output);

/*
 * Flushes and closes the file; the buffer stays. When nothing was ever to be written, not even by ffpf_output_flush,
 * the file is left as it was: one that we made is removed. 0 or the output's failure.
 */
int ffpf_output_close(struct ffpf_output *output);

/* Closes and frees the buffer. */
void ffpf_output_exit(struct ffpf_output *output);

#endif
