/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ffpf ctl PATH COMMAND …: asks a run through its control socket (control.h), and shows what it says.
 */
#include "cli.h"
#include "control.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_S 60 /* a replacement may take its verifying */

struct ctl {
	struct cli *cli;
	const char *path;
	int fd;
	int status;
};

static bool fail(struct ctl *ctl, int status, const char *what)
{
	complain("ctl %s: %s", ctl->path, what);
	ctl->status = status;
	return false;
}

static bool connect_to(struct ctl *ctl)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval patience = {.tv_sec = ANSWER_S};

	if (!*ctl->path || strlen(ctl->path) >= sizeof(address.sun_path))
		return fail(ctl, EXIT_REQUEST, "that is no path of a socket: it has 1 to 107 bytes");
	strcpy(address.sun_path, ctl->path);
	ctl->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (ctl->fd < 0 || connect(ctl->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return fail(ctl, errno == EACCES || errno == EPERM ? EXIT_MISSING : EXIT_FAILED,
			    errno == ECONNREFUSED ? "nobody answers there" : strerror(errno));
	setsockopt(ctl->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(ctl->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return true;
}

static bool send_all(struct ctl *ctl, const char *text, size_t n)
{
	while (n) {
		ssize_t sent = send(ctl->fd, text, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return fail(ctl, EXIT_FAILED, strerror(errno));
		text += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* A line, malloc'd; NULL after a message. */
static char *receive_line(struct ctl *ctl, size_t *len)
{
	size_t size = 1 << 16, n = 0;
	char *line = malloc(size);

	while (line) {
		ssize_t got = recv(ctl->fd, line + n, size - n, 0);
		char *end = got > 0 ? memchr(line + n, '\n', (size_t)got) : NULL;

		if (got < 0 && errno == EINTR)
			continue;
		if (end) {
			*len = (size_t)(end - line);
			return line;
		}
		if (got <= 0) {
			fail(ctl, EXIT_FAILED,
			     got < 0 && errno == EAGAIN ? "no answer within a minute"
							: "the run ended before it answered");
			break;
		}
		n += (size_t)got;
		if (n < size)
			continue;
		char *grown = size < CONTROL_ANSWER_MOST ? realloc(line, size *= 2) : NULL;
		if (!grown) {
			fail(ctl, EXIT_FAILED, "the answer is too long");
			break;
		}
		line = grown;
	}
	free(line);
	return NULL;
}

/* Sends a request, whose reference it takes. The answer, or NULL after a message. */
static json_t *ask(struct ctl *ctl, json_t *request)
{
	json_t *answer = NULL;
	json_error_t error;
	char *text, *line = NULL;
	size_t len;

	json_object_set_new(request, "version", json_integer(CONTROL_VERSION));
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (!text) {
		fail(ctl, EXIT_REQUEST, "an argument is not UTF-8");
		return NULL;
	}
	if (send_all(ctl, text, strlen(text)) && send_all(ctl, "\n", 1))
		line = receive_line(ctl, &len);
	free(text);
	if (!line)
		return NULL;
	answer = json_loadb(line, len, 0, &error);
	free(line);
	if (!json_is_object(answer) || !json_is_boolean(json_object_get(answer, "ok"))) {
		fail(ctl, EXIT_FAILED, "the answer is none of ffpf");
	} else if (json_is_true(json_object_get(answer, "ok"))) {
		return answer;
	} else {
		const char *why = json_string_value(json_object_get(answer, "error"));
		json_int_t status = json_integer_value(json_object_get(answer, "status"));

		complain("%s", why ? why : "the run refuses");
		ctl->status = status >= EXIT_FAILED && status <= EXIT_MISSING ? (int)status : EXIT_FAILED;
	}
	json_decref(answer);
	return NULL;
}

/* An answer as a document of its own, without what the protocol adds. */
static void print_document(json_t *document)
{
	json_object_del(document, "version");
	json_object_del(document, "ok");
	json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	putchar('\n');
}

/* ---- read */

/* All entries of a map, page by page: the first answer with the entries of the others. */
static json_t *read_map(struct ctl *ctl, const char *function, const char *map)
{
	json_t *whole = NULL, *answer;
	bool more = true;

	while (more) {
		json_t *entries = whole ? json_object_get(whole, "entries") : NULL;
		json_int_t from = (json_int_t)json_array_size(entries);

		answer = ask(ctl, json_pack("{s:s, s:s, s:s, s:I}", "command", "read", "function", function, "map", map,
					    "from", from));
		if (!answer)
			break;
		json_t *page = json_object_get(answer, "entries");
		more = json_is_true(json_object_get(answer, "more")) && json_array_size(page);
		if (whole) {
			json_array_extend(entries, page);
			json_decref(answer);
		} else {
			whole = answer;
		}
	}
	if (!more) {
		json_object_del(whole, "version");
		json_object_del(whole, "ok");
		json_object_del(whole, "more");
		return whole;
	}
	json_decref(whole);
	return NULL;
}

/* The maps of a function, as list has them; borrowed from the answer. */
static json_t *maps_of(json_t *answer, const char *function)
{
	json_t *f;
	size_t i;

	json_array_foreach(json_object_get(answer, "functions"), i, f)
	{
		const char *name = json_string_value(json_object_get(f, "name"));

		if (name && !strcmp(name, function))
			return json_object_get(f, "maps");
	}
	return NULL;
}

/* Names of the maps to read, or NULL after a message. */
static json_t *choose_maps(struct ctl *ctl, const char *function, const char *map)
{
	json_t *names = json_array(), *answer, *m;
	size_t i;

	if (map) {
		json_array_append_new(names, json_text(map));
		return names;
	}
	answer = ask(ctl, json_pack("{s:s}", "command", "list"));
	if (!answer) {
		json_decref(names);
		return NULL;
	}
	json_array_foreach(maps_of(answer, function), i, m)
	{
		const char *kind = json_string_value(json_object_get(m, "kind"));

		if (kind && strcmp(kind, "prog_array") != 0)
			json_array_append(names, json_object_get(m, "name"));
	}
	json_decref(answer);
	return names;
}

static void read_function(struct ctl *ctl, const char *function, const char *map)
{
	bool colour = colour_wanted(ctl->cli, stdout);
	json_t *state = NULL, *maps = json_array(), *names = NULL, *name;
	size_t i;

	if (!map) {
		state = ask(ctl, json_pack("{s:s, s:s}", "command", "read", "function", function));
		if (!state)
			goto out;
	}
	names = choose_maps(ctl, function, map);
	json_array_foreach(names, i, name)
	{
		json_t *entries = read_map(ctl, function, json_string_value(name));

		if (!entries)
			goto out;
		json_array_append_new(maps, entries);
	}
	if (!names)
		goto out;
	if (ctl->cli->json) {
		json_t *document = json_pack("{s:o}", "function", json_text(function));

		if (state)
			json_object_set(document, "state", json_object_get(state, "state"));
		if (json_object_get(state, "times"))
			json_object_set(document, "times", json_object_get(state, "times"));
		json_object_set(document, "maps", maps);
		print_document(document);
		json_decref(document);
		goto out;
	}
	if (state)
		ctl_print_state(function, state, colour);
	json_array_foreach(maps, i, name)
	{
		if (i || json_object_size(json_object_get(state, "state")))
			putchar('\n');
		ctl_print_map(function, name, colour);
	}
out:
	json_decref(names);
	json_decref(maps);
	json_decref(state);
}

/* ---- the other commands */

static void list(struct ctl *ctl)
{
	json_t *answer = ask(ctl, json_pack("{s:s}", "command", "list"));

	if (answer && ctl->cli->json)
		print_document(answer);
	else if (answer)
		ctl_print_list(answer, colour_wanted(ctl->cli, stdout));
	json_decref(answer);
}

static void stats(struct ctl *ctl)
{
	json_t *answer = ask(ctl, json_pack("{s:s}", "command", "stats"));

	if (answer)
		print_document(json_object_get(answer, "stats"));
	json_decref(answer);
}

/* The run has another folder perhaps: it gets the path from the root on. */
static void replace(struct ctl *ctl, const char *function, const char *file)
{
	json_t *request = json_pack("{s:s, s:o}", "command", "replace", "function", json_text(function)), *answer,
	       *notice;
	char absolute[PATH_MAX];
	size_t i;

	if (file && !realpath(file, absolute)) {
		complain("%s: %s", file, strerror(errno));
		ctl->status = EXIT_REQUEST;
		json_decref(request);
		return;
	}
	if (file)
		json_object_set_new(request, "file", json_string(absolute));
	answer = ask(ctl, request);
	json_array_foreach(json_object_get(answer, "notices"), i, notice)
	{
		if (!ctl->cli->quiet)
			fprintf(stderr, "ffpf: notice: %s\n", json_string_value(notice));
	}
	json_decref(answer);
}

static void stop(struct ctl *ctl)
{
	json_decref(ask(ctl, json_pack("{s:s}", "command", "stop")));
}

/* ---- taps */

static const json_t *find_tap(const json_t *answer, const char *name)
{
	json_t *tap;
	size_t i;

	json_array_foreach(json_object_get(answer, "taps"), i, tap)
	{
		const char *of = json_string_value(json_object_get(tap, "name"));

		if (of && !strcmp(of, name))
			return tap;
	}
	return NULL;
}

static void tell_end(struct ctl *ctl, const json_t *tap)
{
	const char *error = json_string_value(json_object_get(tap, "error"));

	if (ctl->cli->json) {
		json_dumpf(tap, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		printf("%s: in %lld, written %lld, lost %lld, left %lld\n",
		       json_string_value(json_object_get(tap, "name")),
		       (long long)json_integer_value(json_object_get(tap, "in")),
		       (long long)json_integer_value(json_object_get(tap, "written")),
		       (long long)json_integer_value(json_object_get(tap, "lost")),
		       (long long)json_integer_value(json_object_get(tap, "left")));
	}
	if (error)
		fail(ctl, EXIT_FAILED, error);
}

/* Until a tap that ends by itself has ended. */
static void wait_for_end(struct ctl *ctl, const char *name)
{
	const struct timespec pause = {.tv_nsec = 100000000};

	for (;;) {
		json_t *answer = ask(ctl, json_pack("{s:s}", "command", "list"));
		const json_t *tap = find_tap(answer, name);
		bool over = !tap || json_is_true(json_object_get(tap, "ended"));

		if (over && tap)
			tell_end(ctl, tap);
		json_decref(answer);
		if (over)
			return;
		nanosleep(&pause, NULL);
	}
}

/* The file may not be there yet; the run has another folder perhaps. */
static json_t *absolute(const char *file)
{
	char folder[PATH_MAX];

	if (*file == '/' || !strcmp(file, "-") || !getcwd(folder, sizeof(folder)))
		return json_text(file);
	return json_sprintf("%s/%s", folder, file);
}

static json_int_t microseconds(double seconds)
{
	if (seconds >= (double)CONTROL_USEC_MOST / 1e6)
		return CONTROL_USEC_MOST;
	return (json_int_t)(seconds * 1e6) ?: 1;
}

static void tap(struct ctl *ctl)
{
	const char **words = ctl->cli->words, *name;
	json_t *request = json_pack("{s:s, s:o, s:o}", "command", "tap", "edge", json_text(words[2]), "sink",
				    json_text(words[3])),
	       *answer, *made;
	bool ends = ctl->cli->options.trace_packets || ctl->cli->duration_s > 0;
	json_int_t buffer;

	if (ctl->cli->n_words > 4)
		json_object_set_new(request, "file", absolute(words[4]));
	if (ctl->cli->options.trace_packets)
		json_object_set_new(request, "packets", json_integer(ctl->cli->options.trace_packets));
	if (ctl->cli->duration_s > 0)
		json_object_set_new(request, "usec", json_integer(microseconds(ctl->cli->duration_s)));
	if (ctl->cli->options.buffer_size)
		json_object_set_new(request, "buffer", json_integer((json_int_t)ctl->cli->options.buffer_size));
	answer = ask(ctl, request);
	made = json_object_get(answer, "tap");
	buffer = json_integer_value(json_object_get(made, "buffer"));
	if (buffer && buffer < (json_int_t)ctl->cli->options.buffer_size && !ctl->cli->quiet)
		fprintf(stderr, "ffpf: notice: the kernel gives buffers of %lld bytes only\n", (long long)buffer);
	name = json_string_value(json_object_get(made, "name"));
	if (name && ends)
		wait_for_end(ctl, name);
	else if (name)
		puts(name);
	json_decref(answer);
}

static void untap(struct ctl *ctl, const char *name)
{
	json_t *answer = ask(ctl, json_pack("{s:s, s:o}", "command", "untap", "tap", json_text(name)));

	if (answer)
		tell_end(ctl, json_object_get(answer, "tap"));
	json_decref(answer);
}

/* ---- which one */

static const char *command_name(const void *arg, size_t i)
{
	return i < N_CONTROL_COMMANDS ? control_commands[i] : NULL;
}

static int unknown(const char *word)
{
	const char *nearest = ffpf_diag_nearest(word, command_name, NULL);

	if (nearest)
		complain("ctl has no '%s'; did you mean '%s'?", word, nearest);
	else
		complain("ctl has no '%s'; there are list, read, stats, replace, stop, tap, untap", word);
	return EXIT_REQUEST;
}

static void perform(struct ctl *ctl, int command)
{
	const char **words = ctl->cli->words;
	const char *function = words[2], *more = ctl->cli->n_words > 3 ? words[3] : NULL;

	switch (command) {
	case CONTROL_LIST:
		list(ctl);
		break;
	case CONTROL_READ:
		read_function(ctl, function, more);
		break;
	case CONTROL_STATS:
		stats(ctl);
		break;
	case CONTROL_REPLACE:
		replace(ctl, function, more);
		break;
	case CONTROL_STOP:
		stop(ctl);
		break;
	case CONTROL_TAP:
		tap(ctl);
		break;
	case CONTROL_UNTAP:
		untap(ctl, function);
		break;
	}
}

/* Has the command the words that it needs? False after a message. */
static bool fitting_words(const struct cli *cli, int command)
{
	static const char *const needs[] = {
		[CONTROL_READ] = "a function",
		[CONTROL_REPLACE] = "a function",
		[CONTROL_TAP] = "an edge and a sink: FUNCTION or FROM>TO, print or write FILE",
		[CONTROL_UNTAP] = "the name of a tap",
	};
	const char *what = (size_t)command < sizeof(needs) / sizeof(needs[0]) ? needs[command] : NULL;
	size_t least = command == CONTROL_TAP ? 4
		       : what		      ? 3
					      : 2,
	       most = command == CONTROL_TAP	 ? 5
		      : command == CONTROL_UNTAP ? 3
		      : what			 ? 4
						 : 2;

	if (cli->n_words < least)
		complain("ctl %s needs %s", cli->words[1], what);
	else if (cli->n_words > most)
		complain(what ? "ctl %s takes fewer arguments" : "ctl %s takes no argument", cli->words[1]);
	else if (command != CONTROL_TAP &&
		 (cli->options.trace_packets || cli->duration_s > 0 || cli->options.buffer_size))
		complain("only ctl tap has -c, -d and --buffer");
	else
		return true;
	return false;
}

int cmd_ctl(struct cli *cli)
{
	struct ctl ctl = {.cli = cli, .fd = -1};
	int command = 0;

	if (cli->n_words < 2) {
		complain("ctl needs the path of a socket and a command: ffpf ctl PATH list");
		return EXIT_REQUEST;
	}
	ctl.path = cli->words[0];
	while (command < N_CONTROL_COMMANDS && strcmp(control_commands[command], cli->words[1]) != 0)
		command++;
	if (command == N_CONTROL_COMMANDS)
		return unknown(cli->words[1]);
	if (!fitting_words(cli, command))
		return EXIT_REQUEST;
	if (connect_to(&ctl))
		perform(&ctl, command);
	if (ctl.fd >= 0)
		close(ctl.fd);
	return ctl.status;
}
