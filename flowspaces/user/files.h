/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which files a flowgraph reads and writes, so that none is written over by another of its functions.
 *
 * classes/pcap.c notes what it reads when it probes, which is before anything is opened; output.c asks for every file
 * that it opens, before it changes anything in it. Files are told by device and inode, whatever their names; flowgraphs
 * by the arena of their instances, with which the notes go.
 */
#ifndef FFPF_USER_FILES_H
#define FFPF_USER_FILES_H

#include <stdbool.h>

struct ffpf_arena;

/*
 * Notes that the flowgraph reads this open file. What is neither a regular file nor a pipe does not matter. 0; -EBUSY:
 * the flowgraph writes it; -ENOMEM.
 */
int ffpf_files_read(struct ffpf_arena *graph, int fd);

/*
 * Notes that `writer` writes this open file, until ffpf_files_release: also after it has closed it. fresh: the writer
 * has just made it, so that notes of a file that had its inode before are void. 0; -EBUSY: the flowgraph reads it;
 * -EEXIST: another writer of the flowgraph has it; -ENOMEM.
 */
int ffpf_files_write(struct ffpf_arena *graph, const void *writer, int fd, bool fresh);

/* The writer is gone: its files are free. */
void ffpf_files_release(const struct ffpf_arena *graph, const void *writer);

#endif
