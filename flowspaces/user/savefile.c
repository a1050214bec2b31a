/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader of savefiles: opens, tells the format, keeps the buffer filled.
 *
 * Neighbours: input.c brings bytes, savefile_pcap.c and savefile_pcapng.c find the packets in them.
 * Bytes are fetched in chunks of 64 kB, which stay in the cache while the packets are looked at; mapping the file is
 * slower for all but the smallest packets. Large files are read by a thread of their own (ahead.c).
 */
#include "flowspaces/user/savefile-provider.h"
#include "flowspaces/user/ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Room for a chunk behind a partial record that is nearly as long. */
#define BUFFER_SIZE (2 * (size_t)FFPF_INPUT_CHUNK)

int ffpf_savefile_fail(struct ffpf_savefile *file, const char *format, ...)
{
	int used = snprintf(file->why, sizeof(file->why), "%.300s: ", file->name);
	va_list ap;

	va_start(ap, format);
	vsnprintf(file->why + used, sizeof(file->why) - (size_t)used, format, ap);
	va_end(ap);
	file->error = -EBADMSG;
	return file->error;
}

/* Makes room at the end of the buffer: moves the partial record to the front, doubles the buffer when it is full. */
static int make_room(struct ffpf_savefile *file)
{
	if (file->pos) {
		memmove(file->buffer, file->buffer + file->pos, file->end - file->pos);
		file->base += file->pos;
		file->end -= file->pos;
		file->pos = 0;
	}
	if (file->size - file->end >= FFPF_INPUT_CHUNK / 2)
		return 0;
	uint8_t *bigger = realloc(file->own, file->size * 2);
	if (!bigger)
		return -ENOMEM;
	file->buffer = file->own = bigger;
	file->size *= 2;
	return 0;
}

/* Reads into the buffer of our own. */
static ssize_t refill_own(struct ffpf_savefile *file, int timeout_ms, const char **detail)
{
	ssize_t n = make_room(file);

	if (n == 0) {
		size_t room = file->size - file->end;
		n = ffpf_input_read(file->input, file->buffer + file->end,
				    room < FFPF_INPUT_CHUNK ? room : FFPF_INPUT_CHUNK, timeout_ms, detail);
	}
	if (n > 0)
		file->end += (size_t)n;
	return n;
}

/* A record that no chunk has room for: goes on in the buffer of our own. */
static int collect(struct ffpf_savefile *file, const uint8_t *bytes, size_t n)
{
	size_t left = file->end - file->pos;

	if (left + n > file->size) {
		uint8_t *bigger = malloc((left + n) * 2);

		if (!bigger)
			return -ENOMEM;
		memcpy(bigger, file->buffer + file->pos, left);
		free(file->own);
		file->own = bigger;
		file->size = (left + n) * 2;
	} else {
		memmove(file->own, file->buffer + file->pos, left);
	}
	memcpy(file->own + left, bytes, n);
	file->buffer = file->own;
	return 0;
}

/* Takes the next chunk; what is left of the one before goes in front of it. */
static ssize_t refill_ahead(struct ffpf_savefile *file)
{
	size_t left = file->end - file->pos;
	uint8_t *bytes = NULL;
	ssize_t n = ffpf_ahead_take(file->ahead, &bytes);

	if (n <= 0)
		return n;
	if (left <= FFPF_AHEAD_ROOM) {
		memcpy(bytes - left, file->buffer + file->pos, left);
		file->buffer = bytes - left;
	} else {
		int err = collect(file, bytes, (size_t)n);

		if (err)
			return err;
	}
	file->base += file->pos;
	file->pos = 0;
	file->end = left + (size_t)n;
	if (file->chunk_held)
		ffpf_ahead_release(file->ahead);
	file->chunk_held = true;
	return n;
}

/* A large file is read ahead, once its header is known. Where that can't be, it is not. */
static void begin_ahead(struct ffpf_savefile *file)
{
	if (file->ahead_asked || !file->info.size)
		return;
	file->ahead_asked = true;
	if (file->info.size >= FFPF_AHEAD_MIN && ffpf_input_direct(file->input) && ffpf_ahead_reserve())
		ffpf_ahead_new(ffpf_input_fd(file->input), &file->ahead);
}

/* Fetches more bytes: 1, 0 at the end of the input, -EAGAIN, -EINTR, or a sticky failure. */
static int refill(struct ffpf_savefile *file, int timeout_ms)
{
	const char *detail = NULL;
	ssize_t n;

	begin_ahead(file);
	n = file->ahead ? refill_ahead(file) : refill_own(file, timeout_ms, &detail);
	if (n > 0)
		return 1;
	if (n == 0 || n == -EAGAIN || n == -EINTR)
		return (int)n;
	if (detail)
		return ffpf_savefile_fail(file, "after packet %llu: %s", (unsigned long long)file->packets, detail);
	ffpf_savefile_fail(file, "can't be read: %s", strerror((int)-n));
	file->error = (int)n;
	return file->error;
}

static const struct {
	uint8_t magic[4];
	const char *program;
} packers[] = {
	{{0x28, 0xb5, 0x2f, 0xfd}, "zstd"},
	{{0xfd, '7', 'z', 'X'}, "xz"},
	{{'B', 'Z', 'h', '9'}, "bzip2"},
	{{0x04, 0x22, 0x4d, 0x18}, "lz4"},
};

static int not_a_savefile(struct ffpf_savefile *file, const uint8_t *magic)
{
	for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++)
		if (!memcmp(magic, packers[i].magic, 4))
			return ffpf_savefile_fail(
				file, "is compressed with %s; unpack it first: %s -dc FILE | ffpf '(pcap,-)>…'",
				packers[i].program, packers[i].program);
	return ffpf_savefile_fail(file, "is neither pcap nor pcapng: it begins with the bytes %02x %02x %02x %02x",
				  magic[0], magic[1], magic[2], magic[3]);
}

/* Sees to it that n bytes from pos on are in the buffer; 1, 0 when the input ends before, or -errno. */
static int want(struct ffpf_savefile *file, size_t n)
{
	while (file->end - file->pos < n) {
		int more = refill(file, -1);
		if (more != 1 && more != -EAGAIN)
			return more;
	}
	return 1;
}

static int read_header(struct ffpf_savefile *file)
{
	static const uint8_t section[4] = {0x0a, 0x0d, 0x0d, 0x0a};
	int state = want(file, 4);

	if (state < 0)
		return state;
	if (state == 0)
		return file->end == 0 ? ffpf_savefile_fail(file, "is empty")
				      : ffpf_savefile_fail(file, "is neither pcap nor pcapng: it has only %zu bytes",
							   file->end);
	uint32_t magic = savefile_u32(file->buffer, false);
	uint32_t turned = __builtin_bswap32(magic);
	if (!memcmp(file->buffer, section, 4))
		file->format = &ffpf_savefile_pcapng;
	else if (magic == 0xa1b2c3d4 || magic == 0xa1b23c4d || magic == 0xa1b2cd34 || turned == 0xa1b2c3d4 ||
		 turned == 0xa1b23c4d || turned == 0xa1b2cd34)
		file->format = &ffpf_savefile_pcap;
	else
		return not_a_savefile(file, file->buffer);
	while ((state = file->format->header(file)) == 0) {
		state = want(file, file->need);
		if (state < 0)
			return state;
		if (state == 0)
			return ffpf_savefile_fail(file, "is cut off within its header: byte %llu is the last",
						  (unsigned long long)(file->base + file->end));
	}
	return state < 0 ? state : 0;
}

int ffpf_savefile_open_fd(int fd, const char *name, struct ffpf_savefile **out, char *why, size_t why_size)
{
	struct ffpf_input *input = NULL;
	int err = ffpf_input_open_fd(fd, &input);
	struct ffpf_savefile *file = err ? NULL : calloc(1, sizeof(*file));

	why[0] = '\0';
	if (file) {
		file->input = input;
		file->name = strdup(name);
		file->buffer = file->own = malloc(BUFFER_SIZE);
		file->size = BUFFER_SIZE;
	} else {
		ffpf_input_free(input);
	}
	if (!err && (!file || !file->name || !file->buffer))
		err = -ENOMEM;
	if (err) {
		snprintf(why, why_size, "can't open %s: %s", name, strerror(-err));
		ffpf_savefile_close(file);
		return err;
	}
	err = read_header(file);
	if (err) {
		if (!file->error)
			ffpf_savefile_fail(file, "no header came before the wait for it was ended");
		snprintf(why, why_size, "%s", file->why);
		ffpf_savefile_close(file);
		return err;
	}
	file->info.size = ffpf_input_size(input);
	*out = file;
	return 0;
}

int ffpf_savefile_open(const char *path, struct ffpf_savefile **out, char *why, size_t why_size)
{
	int fd = STDIN_FILENO;

	if (!strcmp(path, "-"))
		return ffpf_savefile_open_fd(fd, "standard input", out, why, why_size);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		int err = -errno;
		snprintf(why, why_size, "can't open %s: %s", path, strerror(-err));
		return err;
	}
	return ffpf_savefile_open_fd(fd, path, out, why, why_size);
}

void ffpf_savefile_close(struct ffpf_savefile *file)
{
	if (!file)
		return;
	ffpf_ahead_free(file->ahead);
	ffpf_input_free(file->input);
	free(file->interfaces);
	free(file->own);
	free(file->name);
	free(file);
}

int ffpf_savefile_read(struct ffpf_savefile *file, struct ffpf_packet *packets, unsigned n, int timeout_ms,
		       const char **why)
{
	for (;;) {
		if (!file->error) {
			unsigned found = file->format->parse(file, packets, n);
			if (found)
				return (int)found;
		}
		if (file->error) {
			*why = file->why;
			return file->error;
		}
		int more = refill(file, timeout_ms);
		if (more == 1 || (more < 0 && file->error))
			continue;
		if (more < 0)
			return more;
		if (file->pos == file->end)
			return 0;
		file->format->truncated(file);
	}
}

const struct ffpf_source_info *ffpf_savefile_info(const struct ffpf_savefile *file)
{
	return &file->info;
}

uint64_t ffpf_savefile_position(const struct ffpf_savefile *file)
{
	uint64_t position;

	if (file->ahead)
		return file->base + file->pos;
	position = ffpf_input_position(file->input);

	/* Of a plain file, what waits in the buffer is not consumed; of a compressed one the difference is not known.
	 */
	return ffpf_input_compressed(file->input) ? position : position - (file->end - file->pos);
}

uint64_t ffpf_savefile_lost(const struct ffpf_savefile *file)
{
	return file->lost;
}

const char *ffpf_savefile_notice(const struct ffpf_savefile *file)
{
	return file->lost ? file->notice : NULL;
}

int ffpf_savefile_fd(const struct ffpf_savefile *file)
{
	return ffpf_input_fd(file->input);
}

bool ffpf_savefile_repeatable(const struct ffpf_savefile *file)
{
	return ffpf_input_repeatable(file->input);
}
