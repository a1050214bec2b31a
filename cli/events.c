/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events that functions write (ffpf_events): a line each on stderr, or as JSON Lines in the file of --events.
 *
 *     portscan0: scan src=192.0.2.1 ports=120
 *     {"function":"portscan0","event":"scan","time_ns":1700000000000000000,"values":{"src":"192.0.2.1","ports":120}}
 *
 * A number that a text stands for is that text; in JSON the number stands beside it (NAME_number).
 *
 * The library calls from threads of its own, one at a time.
 */
#include "cli.h"
#include "control.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct events {
	struct ffpf *h;
	FILE *file; /* NULL: stderr */
	const char *name;
	bool terminal; /* a progress bar may stand on stderr */
	bool begun;
	int failed; /* errno of the first line that could not be written */
};

static void print_text(struct events *e, const struct ffpf_event *event, json_t *values)
{
	char *line = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&line, &size);
	const char *name;
	json_t *value;

	if (!out)
		return;
	fprintf(out, "%s%s: %s", e->terminal ? "\r\033[K" : "", event->function, event->name);
	json_object_foreach(values, name, value)
	{
		char *text = ctl_cell_text(value), time[UNIT_SIZE];
		bool is_time =
			json_is_integer(value) && times_text(time, &event->members, name, json_integer_value(value));

		fprintf(out, " %s=%s", name, is_time ? time : text ? text : "");
		free(text);
	}
	fputc('\n', out);
	if (!fclose(out))
		fwrite(line, 1, size, stderr);
	free(line);
}

static void print_json(struct events *e, const struct ffpf_event *event, json_t *values)
{
	json_t *line = json_object();

	json_object_set_new(line, "function", json_text(event->function));
	json_object_set_new(line, "event", json_text(event->name));
	if (event->time_ns)
		json_object_set_new(line, "time_ns", json_integer((json_int_t)event->time_ns));
	json_object_set(line, "values", values);
	/* What was in the file stays until there is something to write. */
	if (!e->begun && e->file != stdout)
		(void)!ftruncate(fileno(e->file), 0); /* not of a pipe */
	e->begun = true;
	errno = 0;
	if ((json_dumpf(line, e->file, JSON_COMPACT) || fputc('\n', e->file) == EOF) && !e->failed)
		e->failed = errno ? errno : EIO;
	json_decref(line);
}

static void print(void *arg, const struct ffpf_event *event)
{
	struct events *e = arg;
	json_t *values = json_object();

	for (size_t i = 0; i < event->members.n; i++)
		control_put(values, event->members.list[i].name, &event->members.list[i], event->values, e->file);
	if (e->file)
		print_json(e, event, values);
	else
		print_text(e, event, values);
	json_decref(values);
}

/* Line by line: somebody may be waiting for them. */
static FILE *open_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out && fd >= 0)
		close(fd);
	if (out)
		setlinebuf(out);
	return out;
}

int events_open(const struct cli *cli, struct ffpf *h, struct events **out)
{
	bool dash = cli->events && !strcmp(cli->events, "-");
	struct events *e;

	if (cli->quiet && !cli->events)
		return EXIT_DONE;
	if (dash && (cli->json || ffpf_uses_stdout(h))) {
		complain("--events -: %s already to standard output: name a file",
			 cli->json ? "the results of --json go" : "a function of the graph writes");
		return EXIT_REQUEST;
	}
	e = *out = calloc(1, sizeof(*e));
	if (!e)
		return EXIT_FAILED;
	e->h = h;
	e->name = cli->events;
	e->terminal = isatty(STDERR_FILENO);
	if (dash) {
		e->file = stdout;
		setlinebuf(stdout);
	} else if (cli->events && !(e->file = open_file(cli->events))) {
		complain("--events %s: %s", cli->events, strerror(errno));
		return EXIT_FAILED;
	}
	return ffpf_events(h, print, e) ? EXIT_FAILED : EXIT_DONE;
}

bool events_close(struct events *e, bool begun)
{
	int failed = 0;

	if (!e)
		return true;
	if (e->file) {
		/* A run without events leaves an empty file, one that failed to begin what was there. */
		if (begun && !e->begun && e->file != stdout)
			(void)!ftruncate(fileno(e->file), 0);
		failed = e->failed;
		if ((e->file == stdout ? fflush(stdout) : fclose(e->file)) && !failed)
			failed = errno;
		if (failed)
			complain("--events %s: %s", e->name, strerror(failed));
	}
	free(e);
	return !failed;
}
