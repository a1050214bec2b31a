/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a regular file ahead of who looks at it: copying out of the page cache and looking at packets take about as
 * long, so a second processor doubles the pace.
 *
 *   reading thread ──▶ chunk ▸ chunk ▸ chunk ▸ chunk ──▶ savefile.c, which looks at them in place
 *
 * Each chunk has room in front of it, where the taker may put what was left of the chunk before.
 */
#ifndef FFPF_USER_AHEAD_H
#define FFPF_USER_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FFPF_AHEAD_CHUNK (256u << 10)
#define FFPF_AHEAD_ROOM (512u << 10)
/* Files of fewer bytes are read by who looks at them. */
#define FFPF_AHEAD_MIN (4u << 20)

struct ffpf_ahead;

/* Takes a processor for reading ahead, where there is one to spare: ffpf_ahead_new has to follow, which gives it back
 * when it fails. False: there is none. */
bool ffpf_ahead_reserve(void);

/* Begins to read from the descriptor's position; fd stays the caller's, who leaves it alone until ffpf_ahead_free. 0 or
 * -errno. */
int ffpf_ahead_new(int fd, struct ffpf_ahead **out);
void ffpf_ahead_free(struct ffpf_ahead *ahead); /* NULL-safe; ends the thread */

/*
 * The next chunk: its bytes (at least 1) at *bytes, FFPF_AHEAD_ROOM writable ones before them; 0 at the end of the
 * file, -errno. Stays the caller's until ffpf_ahead_release; he may hold two.
 */
ssize_t ffpf_ahead_take(struct ffpf_ahead *ahead, uint8_t **bytes);
void ffpf_ahead_release(struct ffpf_ahead *ahead); /* the oldest that he holds */

#endif
