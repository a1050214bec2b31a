/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a stream of bytes, plain or gzip'ed.
 *
 *     fd ──read──▶ raw[] ──inflate──▶ caller's buffer      gzip
 *     fd ──read──────────────────────▶ caller's buffer     plain, after the first two bytes are known
 *
 * Invariant: raw[raw_pos, raw_end) was read from fd and is not consumed yet.
 */
#include "flowspaces/user/input.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum stage { DETECT, PLAIN, GZIP, GZIP_BETWEEN };

struct ffpf_input {
	int fd;
	bool regular;
	bool ended; /* read(2) said so */
	enum stage stage;
	uint64_t size;
	uint64_t taken; /* bytes read from fd */
	size_t raw_pos, raw_end;
	z_stream zip;
	bool bad; /* what follows can't be inflated */
	char why[160];
	uint8_t raw[FFPF_INPUT_CHUNK];
};

int ffpf_input_open_fd(int fd, struct ffpf_input **out)
{
	struct ffpf_input *input = NULL;
	struct stat st;
	int err = 0;

	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (S_ISDIR(st.st_mode))
		err = -EISDIR;
	else if (!(input = calloc(1, sizeof(*input))))
		err = -ENOMEM;
	if (err) {
		if (fd != STDIN_FILENO)
			close(fd);
		return err;
	}
	input->fd = fd;
	input->regular = S_ISREG(st.st_mode);
	input->size = input->regular ? (uint64_t)st.st_size : 0;
	*out = input;
	return 0;
}

void ffpf_input_free(struct ffpf_input *input)
{
	if (!input)
		return;
	if (input->stage >= GZIP)
		inflateEnd(&input->zip);
	if (input->fd != STDIN_FILENO)
		close(input->fd);
	free(input);
}

/* read(2) with the deadline that pipes, terminals and sockets need. */
static ssize_t read_fd(struct ffpf_input *input, void *out, size_t size, int timeout_ms)
{
	ssize_t n;

	if (input->ended)
		return 0;
	if (!input->regular) {
		struct pollfd poll_fd = {.fd = input->fd, .events = POLLIN};
		int ready = poll(&poll_fd, 1, timeout_ms);
		if (ready <= 0)
			return ready < 0 ? -errno : -EAGAIN;
	}
	n = read(input->fd, out, size);
	if (n < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	if (n == 0)
		input->ended = true;
	input->taken += (uint64_t)n;
	return n;
}

/* Adds to raw[]: bytes that it added, 0 at the end, -errno. */
static ssize_t fill_raw(struct ffpf_input *input, int timeout_ms)
{
	if (input->raw_pos == input->raw_end)
		input->raw_pos = input->raw_end = 0;
	else if (input->raw_end == sizeof(input->raw)) {
		memmove(input->raw, input->raw + input->raw_pos, input->raw_end - input->raw_pos);
		input->raw_end -= input->raw_pos;
		input->raw_pos = 0;
	}
	ssize_t n = read_fd(input, input->raw + input->raw_end, sizeof(input->raw) - input->raw_end, timeout_ms);
	if (n > 0)
		input->raw_end += (size_t)n;
	return n;
}

static bool at_gzip_magic(const struct ffpf_input *input)
{
	return input->raw_end - input->raw_pos >= 2 && input->raw[input->raw_pos] == 0x1f &&
	       input->raw[input->raw_pos + 1] == 0x8b;
}

/* Sees to it that two bytes are in raw[], or all that there are. 0 or -errno. */
static int want_two(struct ffpf_input *input, int timeout_ms)
{
	while (input->raw_end - input->raw_pos < 2) {
		ssize_t n = fill_raw(input, timeout_ms);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
	}
	return 0;
}

static int detect(struct ffpf_input *input, int timeout_ms)
{
	int err = want_two(input, timeout_ms);

	if (err)
		return err;
	if (!at_gzip_magic(input)) {
		input->stage = PLAIN;
		return 0;
	}
	if (inflateInit2(&input->zip, 16 + MAX_WBITS) != Z_OK)
		return -ENOMEM;
	input->stage = GZIP;
	return 0;
}

static ssize_t read_plain(struct ffpf_input *input, void *out, size_t size, int timeout_ms)
{
	size_t left = input->raw_end - input->raw_pos;

	if (left == 0)
		return read_fd(input, out, size, timeout_ms);
	if (size > left)
		size = left;
	memcpy(out, input->raw + input->raw_pos, size);
	input->raw_pos += size;
	return (ssize_t)size;
}

static ssize_t damaged(struct ffpf_input *input, const char **why, const char *what)
{
	snprintf(input->why, sizeof(input->why), "%s at byte %llu of the compressed file", what,
		 (unsigned long long)ffpf_input_position(input));
	*why = input->why;
	return -EBADMSG;
}

/* After a member: 1 when another one follows, 0 at the end (what follows is no gzip: ignored, as gzip does), -errno. */
static int next_member(struct ffpf_input *input, int timeout_ms)
{
	int err = want_two(input, timeout_ms);

	if (err)
		return err;
	if (!at_gzip_magic(input))
		return 0;
	inflateReset(&input->zip);
	input->stage = GZIP;
	return 1;
}

static ssize_t read_gzip(struct ffpf_input *input, void *out, size_t size, int timeout_ms, const char **why)
{
	for (;;) {
		if (input->stage == GZIP_BETWEEN) {
			int more = next_member(input, timeout_ms);
			if (more <= 0)
				return more;
		}
		if (input->bad)
			return damaged(input, why, "the compressed data is damaged");
		input->zip.next_in = input->raw + input->raw_pos;
		input->zip.avail_in = (uInt)(input->raw_end - input->raw_pos);
		input->zip.next_out = out;
		input->zip.avail_out = (uInt)size;
		int state = inflate(&input->zip, Z_NO_FLUSH);
		input->raw_pos = input->raw_end - input->zip.avail_in;
		if (state == Z_STREAM_END)
			input->stage = GZIP_BETWEEN;
		else if (state != Z_OK && state != Z_BUF_ERROR)
			input->bad = true;
		/* What came out before the damage, or before a checksum that is wrong, was there. */
		if (input->zip.avail_out < size)
			return (ssize_t)(size - input->zip.avail_out);
		if (!input->bad && input->stage == GZIP && input->raw_pos == input->raw_end) {
			ssize_t n = fill_raw(input, timeout_ms);
			if (n < 0)
				return n;
			if (n == 0)
				return damaged(input, why, "the compressed data is cut off");
		}
	}
}

ssize_t ffpf_input_read(struct ffpf_input *input, void *out, size_t size, int timeout_ms, const char **why)
{
	*why = NULL;
	if (input->stage == DETECT) {
		int err = detect(input, timeout_ms);
		if (err)
			return err;
	}
	if (input->stage == PLAIN)
		return read_plain(input, out, size, timeout_ms);
	return read_gzip(input, out, size, timeout_ms, why);
}

uint64_t ffpf_input_position(const struct ffpf_input *input)
{
	return input->taken - (input->raw_end - input->raw_pos);
}

uint64_t ffpf_input_size(const struct ffpf_input *input)
{
	return input->size;
}

int ffpf_input_fd(const struct ffpf_input *input)
{
	return input->fd;
}

bool ffpf_input_repeatable(const struct ffpf_input *input)
{
	return input->regular && input->fd != STDIN_FILENO;
}

bool ffpf_input_compressed(const struct ffpf_input *input)
{
	return input->stage >= GZIP;
}

bool ffpf_input_direct(const struct ffpf_input *input)
{
	return input->regular && input->stage == PLAIN && input->raw_pos == input->raw_end && !input->ended;
}
