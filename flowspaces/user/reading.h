/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which savefiles a flowgraph reads, so that none is written over by the same flowgraph.
 *
 * classes/pcap.c notes them when it probes, which is before anything is opened; classes/write.c asks before it empties
 * a file. Flowgraphs are told apart by the arena of their instances.
 */
#ifndef FFPF_USER_READING_H
#define FFPF_USER_READING_H

#include <stdbool.h>

struct ffpf_arena;

/* Notes that the flowgraph reads this file. Only the last 64 files are remembered. */
void ffpf_reading_note(const struct ffpf_arena *graph, const char *path);

/* Whether this name means a regular file that the flowgraph reads, under whatever name. */
bool ffpf_reading_is(const struct ffpf_arena *graph, const char *path);

#endif
