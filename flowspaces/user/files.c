/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of flowgraphs: for each flowgraph an array of device and inode numbers, in which no file is twice. A row of
 * files that is deleted from outside does not make it grow for ever: file systems use inodes again.
 */
#include "flowspaces/user/files.h"
#include "lib/lang/arena.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

struct entry {
	dev_t device;
	ino_t inode;
	const void *writer; /* NULL: it is read */
};

struct files {
	struct files *next;
	const struct ffpf_arena *graph;
	struct entry *entries;
	size_t n, capacity;
};

static struct files *all;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The place that holds the flowgraph's notes, or the end of the list. */
static struct files **find_graph(const struct ffpf_arena *graph)
{
	struct files **link = &all;

	while (*link && (*link)->graph != graph)
		link = &(*link)->next;
	return link;
}

static void forget(void *graph)
{
	pthread_mutex_lock(&lock);
	struct files **link = find_graph(graph), *files = *link;

	if (files) {
		*link = files->next;
		free(files->entries);
		free(files);
	}
	pthread_mutex_unlock(&lock);
}

static struct files *files_of(struct ffpf_arena *graph)
{
	struct files **link = find_graph(graph);

	if (!*link && (*link = calloc(1, sizeof(**link)))) {
		(*link)->graph = graph;
		ffpf_arena_defer(graph, forget, graph);
	}
	return *link;
}

static struct entry *find(const struct files *files, const struct stat *st)
{
	for (size_t i = 0; i < files->n; i++)
		if (files->entries[i].inode == st->st_ino && files->entries[i].device == st->st_dev)
			return &files->entries[i];
	return NULL;
}

static int add(struct files *files, const struct stat *st, const void *writer)
{
	if (files->n == files->capacity) {
		size_t capacity = files->capacity ? 2 * files->capacity : 16;
		struct entry *entries = realloc(files->entries, capacity * sizeof(*entries));

		if (!entries)
			return -ENOMEM;
		files->entries = entries;
		files->capacity = capacity;
	}
	files->entries[files->n++] = (struct entry){st->st_dev, st->st_ino, writer};
	return 0;
}

/* The file of a descriptor that can be destroyed by writing to it twice; the lock is held, and files found, when true.
 */
static bool lock_file(struct ffpf_arena *graph, int fd, struct stat *st, struct files **files)
{
	if (!graph || fstat(fd, st) < 0 || !(S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode)))
		return false;
	pthread_mutex_lock(&lock);
	*files = files_of(graph);
	return true;
}

int ffpf_files_read(struct ffpf_arena *graph, int fd)
{
	struct files *files;
	struct stat st;
	int err = -ENOMEM;

	if (!lock_file(graph, fd, &st, &files))
		return 0;
	struct entry *entry = files ? find(files, &st) : NULL;

	if (entry)
		err = entry->writer ? -EBUSY : 0;
	else if (files)
		err = add(files, &st, NULL);
	pthread_mutex_unlock(&lock);
	return err;
}

int ffpf_files_write(struct ffpf_arena *graph, const void *writer, int fd, bool fresh)
{
	struct files *files;
	struct stat st;
	int err = -ENOMEM;

	if (!lock_file(graph, fd, &st, &files))
		return 0;
	struct entry *entry = files ? find(files, &st) : NULL;

	if (entry && fresh)
		entry->writer = writer;
	if (entry)
		err = entry->writer == writer ? 0 : entry->writer ? -EEXIST : -EBUSY;
	else if (files)
		err = add(files, &st, writer);
	pthread_mutex_unlock(&lock);
	return err;
}

void ffpf_files_release(const struct ffpf_arena *graph, const void *writer)
{
	pthread_mutex_lock(&lock);
	struct files *files = *find_graph(graph);

	for (size_t i = 0; files && i < files->n;)
		if (files->entries[i].writer == writer)
			files->entries[i] = files->entries[--files->n];
		else
			i++;
	pthread_mutex_unlock(&lock);
}
