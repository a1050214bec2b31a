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

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int ffpf_output_init(struct ffpf_output *output, size_t size)
{
	memset(output, 0, sizeof(*output));
	output->fd = -1;
	output->data = malloc(size);
	output->size = size;
	return output->data ? 0 : -ENOMEM;
}

int ffpf_output_open(struct ffpf_output *output, const char *path)
{
	struct stat st;
	bool owned = strcmp(path, "-") != 0;
	int fd = owned ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666) : STDOUT_FILENO;

	if (fd < 0)
		return -errno;
	output->fd = fd;
	output->owned = owned;
	/* Standard output may stand in the middle of a file, where cutting is not ours to do. */
	output->regular = owned && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	output->used = output->units = 0;
	output->written = 0;
	return 0;
}

/* writev(2) which does not let SIGPIPE kill a program that has not asked for it to be ignored. */
static ssize_t write_quietly(const struct ffpf_output *output, const struct iovec *parts, int n)
{
	sigset_t pipe_signal, before, pending;
	ssize_t taken;

	if (output->regular)
		return writev(output->fd, parts, n);
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
	taken = writev(output->fd, parts, n);
	int err = errno;
	if (taken < 0 && err == EPIPE && !sigismember(&pending, SIGPIPE))
		while (sigtimedwait(&pipe_signal, NULL, &(struct timespec){ 0 }) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return taken;
}

/* Writes all, waiting where a descriptor does not block. The bytes taken; fewer only after a failure, which is kept. */
static size_t write_all(struct ffpf_output *output, struct iovec *parts, int n)
{
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
		if (taken < 0 && errno == EAGAIN) {
			poll(&(struct pollfd){ .fd = output->fd, .events = POLLOUT }, 1, 100);
			continue;
		}
		if (taken <= 0) {
			output->error = taken < 0 ? -errno : -EIO;
			break;
		}
		total += (size_t)taken;
		for (size_t left = (size_t)taken; left;) {
			size_t step = left < parts->iov_len ? left : parts->iov_len;
			parts->iov_base = (uint8_t *)parts->iov_base + step;
			parts->iov_len -= step;
			left -= step;
			if (parts->iov_len == 0) {
				parts++;
				n--;
			}
		}
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
	if (!output->used)
		return output->error;
	if (output->error || output->fd < 0) {
		output->dropped += output->units;
	} else {
		struct iovec part = { output->data, output->used };
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
	struct iovec part = { (void *)data, size };

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
	int err = ffpf_output_flush(output);

	/* Network file systems and quotas tell at close that there was no room. */
	if (output->fd >= 0 && output->owned && close(output->fd) < 0 && !err)
		err = output->error = -errno;
	output->fd = -1;
	return err;
}

void ffpf_output_exit(struct ffpf_output *output)
{
	ffpf_output_close(output);
	free(output->data);
	output->data = NULL;
}
