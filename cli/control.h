/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket: `ffpf run --control PATH` answers, `ffpf ctl PATH …` asks.
 *
 *   control.c            the socket: who may, clients, lines in and out; served between two looks of the run's loop
 *   control_protocol.c   bytes to lines, a line to a request
 *   control_answer.c     a request to an answer, by the library
 *   control_values.c     bytes of keys and values as JSON
 *   cmd_ctl.c ctl_print.c   the other side, and its tables
 *
 * Each line is a JSON document, a request or an answer; one answer for each request, in order.
 *
 *     {"version":1,"command":"read","function":"web","map":"hosts","from":0,"limit":1000}
 *     {"version":1,"ok":true,"entries":[{"key":…,"value":…}…],"more":false,…}
 *     {"version":1,"ok":false,"error":"no function 'wbe'; did you mean 'web'?","status":2}
 *
 *     list      functions: name, class, flowspace, replaceable, and maps: name, kind, sizes, entries,
 *               values for each key; all taps
 *     read      with map: its entries from number `from` on, `limit` at most; more: whether there
 *               are others. Without: state, as in the results. times: which members, or results,
 *               are a "moment" (ns since 1970; 0: none) or a "span" (ns)
 *     stats     stats: the document of --json
 *     replace   function gets a new version, from `file` (an absolute path; none: its own)
 *     stop      ends the run as SIGTERM does
 *     tap       copies of what goes along `edge` for `sink`, with an absolute `file` perhaps, until
 *               there are `packets`, or for `usec`, through buffers of `buffer` bytes: its name
 *     untap     ends `tap`, and says what came of it
 *
 * Members are only ever added to answers; a request with a member that is not known is refused. The version is that of
 * the meaning of what is there.
 */
#ifndef FFPF_CLI_CONTROL_H
#define FFPF_CLI_CONTROL_H

#include <ffpf/ffpf.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTROL_VERSION 1
#define CONTROL_LINE_MOST 65536			    /* bytes of a request */
#define CONTROL_ANSWER_MOST (256u << 20)	    /* bytes of an answer, as a client takes it */
#define CONTROL_USEC_MOST INT64_C(1000000000000000) /* of a tap: 31 years */
#define CONTROL_BUFFER_MOST (INT64_C(1) << 30)	    /* bytes for each processor */
#define CONTROL_PAGE_ENTRIES 16384		    /* of a map in one answer */
#define CONTROL_PAGE_BYTES (4u << 20)		    /* of keys and values in it */

/* ---- requests (control_protocol.c) */

enum control_command {
	CONTROL_LIST,
	CONTROL_READ,
	CONTROL_STATS,
	CONTROL_REPLACE,
	CONTROL_STOP,
	CONTROL_TAP,
	CONTROL_UNTAP,
	N_CONTROL_COMMANDS
};
extern const char *const control_commands[N_CONTROL_COMMANDS];

struct control_request {
	enum control_command command;
	const char *function, *map, *file; /* NULL: not given; in document */
	const char *edge, *sink, *tap;	   /* the same */
	uint64_t packets, usec, buffer;
	uint64_t from, limit; /* limit at most CONTROL_PAGE_ENTRIES */
	json_t *document;
};

/* Reads a line. False, with a sentence in why, if it is no request; then there is nothing to free. */
bool control_parse(const char *line, size_t len, struct control_request *out, char *why, size_t size);
void control_request_free(struct control_request *request);

/* Bytes as they come, until a line is whole. */
struct control_lines {
	char bytes[CONTROL_LINE_MOST + 1];
	size_t n, taken; /* taken: of the line that was handed out last */
};
/* Where to put more bytes, and how many at most: 0, when a line is too long. */
char *control_lines_room(struct control_lines *lines, size_t *room);
void control_lines_add(struct control_lines *lines, size_t n);
/* The next whole line without its end, valid until the next call of any of these; NULL when there is none yet. */
const char *control_lines_next(struct control_lines *lines, size_t *len);

/* ---- answers (control_answer.c, control_values.c) */

/* What was in a map when a client began to read it: so that its pages fit together, and are copied once. All zero is
 * none. */
struct control_copy {
	char function[256], map[256];
	uint32_t key_size, value_size;
	unsigned n_values;
	struct ffpf_map_entries *entries;
};
void control_copy_drop(struct control_copy *copy);

/* What is answered to a request; *stop: the run is to end. copy is the client's, from one request to the next. Never
 * NULL unless memory runs out. */
json_t *control_answer(struct ffpf *h, const struct control_request *request, struct control_copy *copy, bool *stop);
json_t *control_refusal(const char *why, int status);

/* Entry i as {"key":…,"value":…}; of several values each stands in "values", and "value" is their sum, if they are
 * numbers. */
json_t *control_entry(const struct ffpf_map_info *info, const struct ffpf_map_entries *entries, size_t i);
/* A key or value of `size` bytes: an object of its members, one of them alone, or its bytes in hexadecimal. */
json_t *control_value(const struct ffpf_members *members, const uint8_t *bytes, size_t size);
/* One member of a key or value that begins at `bytes`. */
json_t *control_member(const struct ffpf_member *member, const uint8_t *bytes);
/* The same member in an object under this name: its text, if its number stands for one, and where `numbers` are wanted
 * then also the number, as "NAME_number". */
void control_put(json_t *object, const char *name, const struct ffpf_member *member, const uint8_t *bytes,
		 bool numbers);
/* 16 bytes: an IPv4 address in the form in which tables of either kind have them (::ffff:192.0.2.1)? It is shown as
 * what it is. */
bool control_is_mapped(const uint8_t *bytes);
/* Are keys of a map of this kind prefixes of addresses? Then one as "192.0.2.0/24" (tables.c). */
bool control_is_prefix(const char *kind, const struct ffpf_members *key);
json_t *control_prefix(const struct ffpf_members *key, const uint8_t *bytes);
/* Adds up the values of a key, n of them, `step` bytes apart, into sum (`size` bytes). False: they are not numbers. */
bool control_sum(const struct ffpf_members *members, const uint8_t *values, size_t n, size_t step, size_t size,
		 uint8_t *sum);

/* ---- the socket (control.c) */

struct control;
/* EXIT_DONE, or the exit status after a message. What is at the path already is kept, unless it is a socket at which
 * nobody listens. */
int control_open(const char *path, struct control **out);
/* Answers what has come; waits for nobody longer than some milliseconds. NULL-safe. True: somebody wants the end. */
bool control_serve(struct control *control, struct ffpf *h);
/* Removes the socket if it still is this one. NULL-safe. */
void control_close(struct control *control);

/* ---- the client (ctl_print.c): answers as tables on stdout */

/* A value as one cell shows it; malloc'd, NULL when memory runs out. */
char *ctl_cell_text(const json_t *value);
void ctl_print_list(const json_t *answer, bool colour);
/* answer: to read. */
void ctl_print_state(const char *function, const json_t *answer, bool colour);
void ctl_print_map(const char *function, const json_t *map, bool colour);

#endif
