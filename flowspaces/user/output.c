/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Buffered output that survives full disks and readers that go away.
 *
 *     buffer:  | unit | unit | unit |  free  |
 *              0             used          size
 *
 * The buffer always begins with a whole unit and ends with one. When write(2) takes only a part of it for good, the
 * units it took are counted as written, the rest as dropped, and the file is cut behind the last whole one.
 */
#include "flowspaces/user/output.h"
#include "flowspaces/user/files.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How long a reader may take nothing once the run is to end. */
#define GRACE_NS 500000000
#define POLL_MS 50
/* What a pipe that poll(2) calls writable takes without waiting. */
#define PIECE 4096

int ffpf_output_init(struct ffpf_output *output, size_t size, struct ffpf_arena *graph)
{
	memset(output, 0, sizeof(*output));
	output->graph = graph;
	output->fd = -1;
	output->data = malloc(size);
	output->size = size;
	return output->data ? 0 : -ENOMEM;
}

const char *ffpf_output_words(int error)
{
	switch (error) {
	case -EPIPE:
		return "its reader has gone away";
	case -ETIMEDOUT:
		return "its reader took nothing any more when the run was to end";
	case -EBUSY:
		return "it is read by the same flowgraph, and writing would empty it";
	case -EEXIST:
		return "another function of the same flowgraph writes to it";
	default:
		return strerror(-error);
	}
}

/* Opens what is there, as it is, or makes a file. The descriptor or -errno. */
static int open_file(const char *path, bool *fresh)
{
	const int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY;
	int fd = open(path, flags | O_CREAT | O_EXCL, 0666);

	*fresh = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(path, flags);
	/* A symbolic link that leads to nothing yet. */
	if (fd < 0 && errno == ENOENT)
		fd = open(path, flags | O_CREAT, 0666);
	return fd < 0 ? -errno : fd;
}

/* Removes the file that we made, unless another one has its name by now. */
static void remove_fresh(const struct ffpf_output *output)
{
	struct stat mine, there;

	if (fstat(output->fd, &mine) == 0 && lstat(output->path, &there) == 0 && mine.st_dev == there.st_dev &&
	    mine.st_ino == there.st_ino)
		unlink(output->path);
}

/* Standard output is shared with the programs around us: not waiting is set for a descriptor of our own. */
static bool reopen(struct ffpf_output *output, const struct stat *before)
{
	int fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) < 0 || st.st_dev != before->st_dev || st.st_ino != before->st_ino) {
		close(fd);
		return false;
	}
	output->fd = fd;
	output->owned = true;
	return true;
}

/* A write that waits can't be ended by another thread: pipes, terminals and sockets are written without waiting. */
static void stop_waiting(struct ffpf_output *output, const struct stat *st)
{
	output->socket = S_ISSOCK(st->st_mode);
	if (!S_ISFIFO(st->st_mode) && !isatty(output->fd))
		return;
	if (output->owned)
		output->waits = fcntl(output->fd, F_SETFL, O_NONBLOCK) < 0;
	else
		output->waits = !reopen(output, st);
}

int ffpf_output_open(struct ffpf_output *output, const char *path)
{
	struct stat st;
	bool owned = strcmp(path, "-") != 0, fresh = false;
	int fd = owned ? open_file(path, &fresh) : STDOUT_FILENO, err;

	if (fd < 0)
		return fd;
	err = fstat(fd, &st) < 0 ? -errno : ffpf_files_write(output->graph, output, fd, fresh);
	if (err) {
		if (owned)
			close(fd);
		return err;
	}
	output->path = path;
	output->fd = fd;
	output->owned = owned;
	output->fresh = fresh;
	/* Standard output may stand in the middle of a file, where cutting is not ours to do. */
	output->regular = owned && S_ISREG(st.st_mode);
	output->untouched = true;
	output->socket = output->waits = false;
	output->used = output->units = 0;
	output->written = 0;
	stop_waiting(output, &st);
	return 0;
}

void ffpf_output_end(struct ffpf_output *output)
{
	output->ending = true;
}

/* Before the first byte: what was in the file goes. */
static void begin(struct ffpf_output *output)
{
	if (!output->untouched)
		return;
	output->untouched = false;
	if (output->regular && ftruncate(output->fd, 0) < 0 && !output->error)
		output->error = -errno;
}

static ssize_t write_once(const struct ffpf_output *output, struct iovec *parts, int n)
{
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)n};

	if (output->socket)
		return sendmsg(output->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (!output->waits)
		return writev(output->fd, parts, n);
	if (poll(&(struct pollfd){.fd = output->fd, .events = POLLOUT}, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(output->fd, parts->iov_base, parts->iov_len < PIECE ? parts->iov_len : PIECE);
}

/* The same without SIGPIPE killing a program that has not asked for it to be ignored. */
static ssize_t write_quietly(const struct ffpf_output *output, struct iovec *parts, int n)
{
	sigset_t pipe_signal, before, pending;
	ssize_t taken;

	if (output->regular)
		return writev(output->fd, parts, n);
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
	taken = write_once(output, parts, n);
	int err = errno;
	if (taken < 0 && err == EPIPE && !sigismember(&pending, SIGPIPE))
		while (sigtimedwait(&pipe_signal, NULL, &(struct timespec){0}) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return taken;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Waits for a reader that has no room, for some time. *since: when it was waited for first although the run is to end;
 * 0: not yet. */
static bool is_hopeless(const struct ffpf_output *output, uint64_t *since)
{
	if (output->ending) {
		uint64_t now = now_ns();

		if (*since && now - *since > GRACE_NS)
			return true;
		*since = *since ? *since : now;
	}
	poll(&(struct pollfd){.fd = output->fd, .events = POLLOUT}, 1, POLL_MS);
	return false;
}

static void skip(struct iovec **parts, int *n, size_t size)
{
	while (size) {
		size_t step = size < (*parts)->iov_len ? size : (*parts)->iov_len;

		(*parts)->iov_base = (uint8_t *)(*parts)->iov_base + step;
		(*parts)->iov_len -= step;
		size -= step;
		if ((*parts)->iov_len == 0) {
			(*parts)++;
			(*n)--;
		}
	}
}

/* Writes all, waiting for the reader. The bytes taken; fewer only after a failure, which is kept. */
static size_t write_all(struct ffpf_output *output, struct iovec *parts, int n)
{
	uint64_t since = 0;
	size_t total = 0;

	while (n > 0) {
		if (parts->iov_len == 0) {
			parts++;
			n--;
			continue;
		}
		ssize_t taken = write_quietly(output, parts, n);
		if (taken < 0 && errno == EINTR)
			continue;
		if (taken < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			if (!is_hopeless(output, &since))
				continue;
			output->error = -ETIMEDOUT;
			break;
		}
		if (taken <= 0) {
			output->error = taken < 0 ? -errno : -EIO;
			break;
		}
		since = 0;
		total += (size_t)taken;
		skip(&parts, &n, (size_t)taken);
	}
	return total;
}

static void count_written(struct ffpf_output *output, size_t size)
{
	output->written += size;
	output->total += size;
}

/* Cuts a regular file behind the last whole unit, which `excess` bytes of a partial one follow. */
static void cut(struct ffpf_output *output, size_t excess)
{
	if (output->regular && excess && ftruncate(output->fd, (off_t)output->written) == 0)
		lseek(output->fd, (off_t)output->written, SEEK_SET);
}

static size_t line_size(const uint8_t *data, size_t left)
{
	const uint8_t *end = data + left, *at = data;

	do {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : end;
	} while (at < end && *at == ' ');
	return (size_t)(at - data);
}

/* After a failure with `taken` bytes of the buffer written: keeps whole units, cuts and counts the rest. */
static void give_up_rest(struct ffpf_output *output, size_t taken)
{
	size_t whole = 0, kept = 0;

	while (kept < output->units) {
		const uint8_t *unit = output->data + whole;
		size_t left = output->used - whole;
		size_t size = output->unit_size ? output->unit_size(unit, left) : line_size(unit, left);

		if (size == 0 || size > left || whole + size > taken)
			break;
		whole += size;
		kept++;
	}
	output->dropped += output->units - kept;
	count_written(output, whole);
	cut(output, taken - whole);
}

int ffpf_output_flush(struct ffpf_output *output)
{
	if (output->fd >= 0)
		begin(output);
	if (!output->used)
		return output->error;
	if (output->error || output->fd < 0) {
		output->dropped += output->units;
	} else {
		struct iovec part = {output->data, output->used};
		size_t taken = write_all(output, &part, 1);

		if (taken < output->used)
			give_up_rest(output, taken);
		else
			count_written(output, taken);
	}
	output->used = output->units = 0;
	return output->error;
}

uint8_t *ffpf_output_room(struct ffpf_output *output, size_t size)
{
	if (size > output->size)
		return NULL;
	if (size > output->size - output->used)
		ffpf_output_flush(output);
	return output->data + output->used;
}

/* Writes all parts or, on a regular file, nothing of them. True when all was written. */
static bool write_whole(struct ffpf_output *output, const struct iovec *parts, int n)
{
	struct iovec copy[4];
	size_t size = 0, taken = 0;

	for (int i = 0; i < n; i++) {
		copy[i] = parts[i];
		size += parts[i].iov_len;
	}
	if (ffpf_output_flush(output) == 0)
		taken = write_all(output, copy, n);
	if (taken == size) {
		count_written(output, taken);
		return true;
	}
	cut(output, taken);
	return false;
}

int ffpf_output_through(struct ffpf_output *output, const void *data, size_t size)
{
	struct iovec part = {(void *)data, size};

	write_whole(output, &part, 1);
	return output->error;
}

int ffpf_output_large(struct ffpf_output *output, const struct iovec *parts, int n)
{
	if (!write_whole(output, parts, n))
		output->dropped++;
	return output->error;
}

int ffpf_output_close(struct ffpf_output *output)
{
	bool leave = output->untouched && !output->used;
	int err = leave ? output->error : ffpf_output_flush(output);

	if (output->fd >= 0 && leave && output->fresh)
		remove_fresh(output);
	/* Network file systems and quotas tell at close that there was no room. */
	if (output->fd >= 0 && output->owned && close(output->fd) < 0 && !err)
		err = output->error = -errno;
	output->fd = -1;
	return err;
}

void ffpf_output_exit(struct ffpf_output *output)
{
	ffpf_output_close(output);
	ffpf_files_release(output->graph, output);
	free(output->data);
	output->data = NULL;
}
