/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files that flowgraphs read: device and inode numbers in a ring. An entry outlives its flowgraph, which does no
 * harm: only another flowgraph whose arena has the same address and that writes the very same file would be refused.
 */
#include "flowspaces/user/reading.h"

#include <pthread.h>
#include <stddef.h>
#include <sys/stat.h>

#define ENTRIES 64

static struct {
	const struct ffpf_arena *graph;
	dev_t device;
	ino_t inode;
} entries[ENTRIES];
static unsigned next;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void ffpf_reading_note(const struct ffpf_arena *graph, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || ffpf_reading_is(graph, path))
		return;
	pthread_mutex_lock(&lock);
	entries[next].graph = graph;
	entries[next].device = st.st_dev;
	entries[next].inode = st.st_ino;
	next = (next + 1) % ENTRIES;
	pthread_mutex_unlock(&lock);
}

bool ffpf_reading_is(const struct ffpf_arena *graph, const char *path)
{
	struct stat st;
	bool found = false;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	pthread_mutex_lock(&lock);
	for (unsigned i = 0; i < ENTRIES; i++)
		found = found || (entries[i].graph == graph && entries[i].device == st.st_dev && entries[i].inode == st.st_ino);
	pthread_mutex_unlock(&lock);
	return found;
}
