/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The progress bar: on stderr, and only where somebody watches (a terminal), the input's size is known, and it takes
 * longer than half a second. Erased before anything else is printed.
 */
#include "cli.h"
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SILENT_S 0.5
#define REDRAW_S 0.1

struct progress {
	struct ffpf *h;
	double start, drawn;
	bool visible;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct progress *progress_new(const struct cli *cli, struct ffpf *h)
{
	struct progress *progress;

	if (cli->quiet || cli->no_progress || !isatty(STDERR_FILENO))
		return NULL;
	progress = calloc(1, sizeof(*progress));
	if (!progress)
		return NULL;
	progress->h = h;
	progress->start = now();
	return progress;
}

static unsigned terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col < 20)
		return 80;
	return size.ws_col;
}

void progress_draw(struct progress *progress)
{
	uint64_t done = 0, total = 0, packets = 0;
	char rate[UNIT_SIZE], bytes[UNIT_SIZE], left[UNIT_SIZE], line[160];
	double at, seconds, part;
	unsigned bar;
	int n;

	if (!progress)
		return;
	at = now();
	seconds = at - progress->start;
	if (seconds < SILENT_S || at - progress->drawn < REDRAW_S)
		return;
	progress->drawn = at;
	ffpf_progress(progress->h, &done, &total, &packets);
	if (!total)
		return;
	part = done < total ? (double)done / (double)total : 1;
	n = snprintf(line, sizeof(line), " %3.0f%%  %s/s  %s/s  %s left ", part * 100,
		     human_count(rate, packets / seconds, "packets"), human_bytes(bytes, done / seconds),
		     part > 0.001 ? human_time(left, seconds * (1 - part) / part) : "?");
	bar = terminal_width();
	bar = bar > (unsigned)n + 14 ? bar - (unsigned)n - 4 : 0;
	if (bar > 40)
		bar = 40;
	fputs("\r\033[K", stderr);
	if (bar) {
		fputc('[', stderr);
		for (unsigned i = 0; i < bar; i++)
			fputc(i < part * bar ? '=' : ' ', stderr);
		fputc(']', stderr);
	}
	fputs(line, stderr);
	fflush(stderr);
	progress->visible = true;
}

void progress_erase(struct progress *progress)
{
	if (!progress || !progress->visible)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	progress->visible = false;
	/* The next call draws anew. */
	progress->drawn = 0;
}

void progress_free(struct progress *progress)
{
	progress_erase(progress);
	free(progress);
}
