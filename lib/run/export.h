/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets for the application: a function written with export=packets feeds a
 * function of the internal class `export`, which keeps them in a ring of this process until ffpf_read fetches them.
 */
#ifndef FFPF_RUN_EXPORT_H
#define FFPF_RUN_EXPORT_H

#include <lib/run/run.h>

/* Appends an export function behind each function with export=packets; after ffpf_resolve, before ffpf_place. */
void ffpf_export_append(struct ffpf_graph *graph, const struct ffpf_options *options);
/* The exporting function behind the function of this name, or NULL. */
struct ffpf_function *ffpf_export_find(const struct ffpf_graph *graph, const char *name);
bool ffpf_export_is(const struct ffpf_function *f);
/* Reads from its object (flowspace->object). */
int ffpf_export_read(void *object, struct ffpf_packet *packets, uint32_t *classes, size_t n, uint64_t *lost);
uint64_t ffpf_export_pending(const void *object);

#endif
