/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the command line to a handle: reads the graph's text, creates,
 * populates, instantiates, and says on stderr whatever went wrong, once.
 */
#include "cli.h"
#include <errno.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A graph larger than this is a mistake: someone named a savefile. */
#define MAX_TEXT (64u << 20)

void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	flockfile(stderr);
	fputs("ffpf: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	funlockfile(stderr);
	va_end(args);
}

bool colour_wanted(const struct cli *cli, FILE *stream)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (cli->colour != COLOUR_AUTO)
		return cli->colour == COLOUR_ALWAYS;
	if (no_color && *no_color)
		return false;
	return isatty(fileno(stream)) && term && strcmp(term, "dumb");
}

bool finish_output(FILE *out)
{
	static bool said;

	if (!ferror(out) && !fflush(out))
		return true;
	/* What could not be written stays in the stream: every later flush fails again. */
	if (!said)
		complain("cannot write the results: %s", errno ? strerror(errno) : "output error");
	said = true;
	return false;
}

int request_status(int error)
{
	switch (error) {
	case -EPERM:
	case -EACCES:
	case -EOPNOTSUPP:
		return EXIT_MISSING;
	default:
		return EXIT_FAILED;
	}
}

static void complain_of(const struct ffpf *h, int error)
{
	const char *message = ffpf_error(h);

	complain("%s", message && *message ? message : strerror(-error));
}

/* Reads a whole stream; *out is malloc'd and NUL-terminated. 0 or -errno. */
static int read_stream(FILE *in, char **out, size_t *len)
{
	char *text = NULL;
	size_t size = 0, used = 0, got;

	do {
		if (used + 1 >= size) {
			char *grown = size > MAX_TEXT ? NULL : realloc(text, size = size ? size * 2 : 65536);

			if (!grown) {
				free(text);
				return size > MAX_TEXT ? -EFBIG : -ENOMEM;
			}
			text = grown;
		}
		errno = 0;
		got = fread(text + used, 1, size - used - 1, in);
		used += got;
	} while (got);
	if (ferror(in)) {
		int error = errno ? errno : EIO;

		free(text);
		return -error;
	}
	text[used] = 0;
	*out = text;
	*len = used;
	return 0;
}

static int read_file(const char *name, char **text, size_t *len)
{
	bool standard = !strcmp(name, "-");
	FILE *in = standard ? stdin : fopen(name, "r");
	int error;

	if (!in) {
		complain("cannot read %s: %s", name, strerror(errno));
		return EXIT_REQUEST;
	}
	error = read_stream(in, text, len);
	if (!standard)
		fclose(in);
	if (!error)
		return EXIT_DONE;
	complain("cannot read %s: %s", standard ? "standard input" : name, strerror(-error));
	return EXIT_REQUEST;
}

int request_create(struct cli *cli, struct ffpf **out)
{
	struct ffpf *h = ffpf_create(&cli->options);
	int error;

	if (!h) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	*out = h;
	for (size_t i = 0; i < cli->n_class_paths; i++) {
		error = ffpf_class_path(h, cli->class_paths[i]);
		if (error) {
			if (ffpf_diags_first(ffpf_diagnostics(h)))
				ffpf_diags_print(ffpf_diagnostics(h), stderr, colour_wanted(cli, stderr));
			else
				complain_of(h, error);
			return EXIT_REQUEST;
		}
	}
	return EXIT_DONE;
}

/* Prints what populating had to say; the exit status that its return value means. */
static int populated(struct cli *cli, struct ffpf *h, int error, bool silent)
{
	struct ffpf_diags *diags = ffpf_diagnostics(h);

	if (!silent && !(cli->quiet && !error))
		ffpf_diags_print(diags, stderr, colour_wanted(cli, stderr));
	if (!error)
		return EXIT_DONE;
	if (ffpf_diags_errors(diags))
		return EXIT_REQUEST;
	complain_of(h, error);
	return error == -EINVAL ? EXIT_REQUEST : request_status(error);
}

int request_populate(struct cli *cli, bool silent, struct ffpf **out)
{
	const char *name = "graph";
	char *text = NULL, *folder = NULL;
	size_t len = 0;
	int status;

	if (cli->file) {
		status = read_file(cli->file, &text, &len);
		if (status)
			return status;
		name = strcmp(cli->file, "-") ? cli->file : "stdin";
		folder = strdup(cli->file);
		cli->options.base_dir = folder ? dirname(folder) : NULL;
	}
	status = request_create(cli, out);
	/* Length 0 means "up to the NUL" to ffpf_populate, which is right for an empty text too. */
	if (!status)
		status = populated(cli, *out, ffpf_populate(*out, name, text ? text : cli->words[0], len), silent);
	cli->options.base_dir = NULL;
	free(folder);
	free(text);
	return status;
}

void print_notices(struct cli *cli, const struct ffpf *h)
{
	const char *notice;

	for (; (notice = ffpf_notice(h, cli->n_notices)); cli->n_notices++)
		if (!cli->quiet)
			fprintf(stderr, "ffpf: notice: %s\n", notice);
}

int request_failed(struct cli *cli, struct ffpf *h, int error)
{
	/* What a level refused only when it was loaded may fit nowhere else. */
	if (ffpf_diags_errors(ffpf_diagnostics(h))) {
		ffpf_diags_print(ffpf_diagnostics(h), stderr, colour_wanted(cli, stderr));
		return EXIT_REQUEST;
	}
	complain_of(h, error);
	return request_status(error);
}

int request_instantiate(struct cli *cli, struct ffpf *h)
{
	int error = ffpf_instantiate(h);

	print_notices(cli, h);
	return error ? request_failed(cli, h, error) : EXIT_DONE;
}
