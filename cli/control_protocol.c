/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes in at the control socket. Whoever may connect may send anything: lines are bounded, and a request is what
 * it should be in every member, or it is refused.
 */
#include "control.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const control_commands[N_CONTROL_COMMANDS] = {
	[CONTROL_LIST] = "list", [CONTROL_READ] = "read", [CONTROL_STATS] = "stats", [CONTROL_REPLACE] = "replace",
	[CONTROL_STOP] = "stop", [CONTROL_TAP] = "tap",	  [CONTROL_UNTAP] = "untap",
};

/* ---- lines */

/* Forgets the line that was handed out. */
static void settle(struct control_lines *lines)
{
	memmove(lines->bytes, lines->bytes + lines->taken, lines->n - lines->taken);
	lines->n -= lines->taken;
	lines->taken = 0;
}

char *control_lines_room(struct control_lines *lines, size_t *room)
{
	settle(lines);
	*room = CONTROL_LINE_MOST - lines->n;
	return lines->bytes + lines->n;
}

void control_lines_add(struct control_lines *lines, size_t n)
{
	lines->n += n;
}

const char *control_lines_next(struct control_lines *lines, size_t *len)
{
	settle(lines);
	const char *end = memchr(lines->bytes, '\n', lines->n);
	if (!end)
		return NULL;
	*len = (size_t)(end - lines->bytes);
	lines->taken = *len + 1;
	return lines->bytes;
}

/* ---- requests */

struct parsing {
	struct control_request *out;
	char *why;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static bool refuse(struct parsing *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(p->why, p->size, format, args);
	va_end(args);
	return false;
}

static bool read_text(struct parsing *p, const char *name, const json_t *value, const char **out)
{
	if (!json_is_string(value) || !json_string_length(value))
		return refuse(p, "'%s' is not a text", name);
	*out = json_string_value(value);
	return true;
}

static bool read_number(struct parsing *p, const char *name, const json_t *value, uint64_t least, uint64_t most,
			uint64_t *out)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < (json_int_t)least || (uint64_t)number > most)
		return refuse(p, "'%s' is not a number from %llu to %llu", name, (unsigned long long)least,
			      (unsigned long long)most);
	*out = (uint64_t)number;
	return true;
}

static bool read_command(struct parsing *p, const json_t *value)
{
	const char *name = json_string_value(value);

	for (int i = 0; name && i < N_CONTROL_COMMANDS; i++) {
		if (strcmp(control_commands[i], name) != 0)
			continue;
		p->out->command = (enum control_command)i;
		return true;
	}
	return refuse(p, "no command '%.32s'; there are list, read, stats, replace, stop, tap, untap",
		      name ? name : "");
}

static bool read_member(struct parsing *p, const char *name, const json_t *value)
{
	struct control_request *out = p->out;
	uint64_t version;

	if (!strcmp(name, "version"))
		return read_number(p, name, value, CONTROL_VERSION, CONTROL_VERSION, &version);
	if (!strcmp(name, "command"))
		return read_command(p, value);
	if (!strcmp(name, "function"))
		return read_text(p, name, value, &out->function);
	if (!strcmp(name, "map"))
		return read_text(p, name, value, &out->map);
	if (!strcmp(name, "file"))
		return read_text(p, name, value, &out->file);
	if (!strcmp(name, "edge"))
		return read_text(p, name, value, &out->edge);
	if (!strcmp(name, "sink"))
		return read_text(p, name, value, &out->sink);
	if (!strcmp(name, "tap"))
		return read_text(p, name, value, &out->tap);
	if (!strcmp(name, "packets"))
		return read_number(p, name, value, 1, INT64_MAX, &out->packets);
	if (!strcmp(name, "usec"))
		return read_number(p, name, value, 1, CONTROL_USEC_MOST, &out->usec);
	if (!strcmp(name, "buffer"))
		return read_number(p, name, value, 1, CONTROL_BUFFER_MOST, &out->buffer);
	if (!strcmp(name, "from"))
		return read_number(p, name, value, 0, UINT32_MAX, &out->from);
	if (!strcmp(name, "limit"))
		return read_number(p, name, value, 1, CONTROL_PAGE_ENTRIES, &out->limit);
	return refuse(p, "a request has no '%.32s'", name);
}

/* Members that a command has, beyond version and command. */
static bool goes_with(const struct control_request *r)
{
	bool read = r->command == CONTROL_READ, replace = r->command == CONTROL_REPLACE;
	bool tap = r->command == CONTROL_TAP, untap = r->command == CONTROL_UNTAP;

	return (read || replace) == (r->function != NULL) && (read || (!r->map && !r->from)) &&
	       (replace || tap || !r->file) && (r->map || !r->from) && tap == (r->edge != NULL) &&
	       tap == (r->sink != NULL) && untap == (r->tap != NULL) &&
	       (tap || (!r->packets && !r->usec && !r->buffer));
}

static bool read_request(struct parsing *p, json_t *document)
{
	const char *name;
	json_t *value;

	if (!json_is_object(document))
		return refuse(p, "a request is a JSON object");
	if (!json_object_get(document, "version") || !json_object_get(document, "command"))
		return refuse(p, "a request has a version and a command");
	json_object_foreach(document, name, value)
	{
		if (!read_member(p, name, value))
			return false;
	}
	if (!goes_with(p->out))
		return refuse(p, "'%s' has other arguments", control_commands[p->out->command]);
	if (p->out->file && p->out->file[0] != '/' && (!p->out->sink || strcmp(p->out->file, "-") != 0))
		return refuse(p, "'file' is not an absolute path");
	return true;
}

bool control_parse(const char *line, size_t len, struct control_request *out, char *why, size_t size)
{
	struct parsing p = {out, why, size};
	json_error_t error;
	json_t *document = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);

	*out = (struct control_request){.limit = CONTROL_PAGE_ENTRIES, .document = document};
	if (!document)
		return refuse(&p, "not JSON: %.100s", error.text);
	if (read_request(&p, document))
		return true;
	control_request_free(out);
	return false;
}

void control_request_free(struct control_request *request)
{
	json_decref(request->document);
	*request = (struct control_request){0};
}
