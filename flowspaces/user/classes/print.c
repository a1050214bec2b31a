/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * print: a line of text for every packet, which it passes on.
 *
 *     [dev eth0]>(BPF,"tcp")>(print)
 *     12:00:01.123456 IP 192.0.2.1:1234 > 198.51.100.2:80 tcp [S] len 60
 *     (pcap,trace.pcap)>(print,lines.txt,time=epoch,hex=yes)
 *
 * time=time is the local time of day in µs, epoch is seconds since 1970 and delta seconds since the line before, both
 * in ns. len is the packet's length on the wire. class=yes adds the class that the packet comes with; hex=yes its
 * bytes. Lines are buffered and on their way every 100 ms.
 */
#include "flowspaces/user/dissect.h"
#include "flowspaces/user/output.h"
#include "lib/lang/arena.h"

#include <errno.h>
#include <ffpf/class.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BUFFER_SIZE (64u << 10)
/* Longest line; what a hostile packet would add is cut. */
#define LINE_MAX_SIZE 512u
#define LINE_TAIL 64u /* room that is left for length and class */
/* Bytes that the longest usual stack of headers takes. */
#define HEADER_BYTES 256
#define QUARTER 900 /* seconds; clocks are set to summer time at full quarters of an hour */
#define SECOND UINT64_C(1000000000)

enum { PARAM_FILE, PARAM_TIME, PARAM_HEX, PARAM_CLASS };
enum time_format { TIME_DAY, TIME_EPOCH, TIME_DELTA, TIME_NONE };

struct printer {
	struct ffpf_output output;
	enum time_format time;
	bool hex, class;
	uint64_t lines;
	uint64_t previous_ns;
	uint64_t quarter;	/* for which quarter_start is right */
	uint64_t quarter_start; /* its local time of day in seconds */
	const char *file;
	char why[512];
};

/* hh:mm:ss.µs; the calendar is asked once a quarter of an hour. */
static void put_time_of_day(struct printer *printer, struct text *text, uint64_t time_ns)
{
	const uint64_t seconds = time_ns / SECOND;

	if (seconds / QUARTER != printer->quarter) {
		time_t start = (time_t)(seconds / QUARTER * QUARTER);
		struct tm local = {0};
		localtime_r(&start, &local);
		printer->quarter = seconds / QUARTER;
		printer->quarter_start = (uint64_t)(local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec);
	}
	const uint64_t day = printer->quarter_start + seconds % QUARTER;
	text_padded(text, day / 3600 % 24, 2);
	text_char(text, ':');
	text_padded(text, day / 60 % 60, 2);
	text_char(text, ':');
	text_padded(text, day % 60, 2);
	text_char(text, '.');
	text_padded(text, time_ns % SECOND / 1000, 6);
	text_char(text, ' ');
}

static void put_seconds(struct text *text, uint64_t time_ns)
{
	text_number(text, time_ns / SECOND);
	text_char(text, '.');
	text_padded(text, time_ns % SECOND, 9);
	text_char(text, ' ');
}

static void put_time(struct printer *printer, struct text *text, uint64_t time_ns)
{
	const uint64_t previous = printer->lines ? printer->previous_ns : time_ns;

	switch (printer->time) {
	case TIME_DAY:
		put_time_of_day(printer, text, time_ns);
		break;
	case TIME_EPOCH:
		put_seconds(text, time_ns);
		break;
	case TIME_DELTA:
		if (time_ns < previous)
			text_char(text, '-');
		put_seconds(text, time_ns < previous ? previous - time_ns : time_ns - previous);
		printer->previous_ns = time_ns;
		break;
	case TIME_NONE:
		break;
	}
}

/* A row of at most 16 bytes:   0010  45 00 00 3c …  E..< */
static void put_row(struct text *text, const uint8_t *data, uint32_t offset, uint32_t n)
{
	text_bytes(text, "  ", 2);
	text_hex(text, offset, 4);
	text_char(text, ' ');
	for (uint32_t i = 0; i < 16; i++) {
		text_bytes(text, "  ", i % 8 ? 1 : 2 - (i == 0));
		if (i < n)
			text_hex(text, data[offset + i], 2);
		else
			text_bytes(text, "  ", 2);
	}
	text_bytes(text, "  ", 2);
	for (uint32_t i = 0; i < n; i++)
		text_char(text, data[offset + i] >= 0x20 && data[offset + i] < 0x7f ? (char)data[offset + i] : '.');
	text_char(text, '\n');
}

static void put_hex(struct printer *printer, const struct ffpf_packet *packet)
{
	for (uint32_t offset = 0; offset < packet->caplen; offset += 16) {
		char *at = (char *)ffpf_output_room(&printer->output, LINE_MAX_SIZE);
		struct text text = {at, at + LINE_MAX_SIZE};

		put_row(&text, packet->data, offset, packet->caplen - offset < 16 ? packet->caplen - offset : 16);
		ffpf_output_add(&printer->output, (size_t)(text.at - at), 0);
	}
}

static void note_failure(struct printer *printer)
{
	if (!printer->output.error || printer->why[0])
		return;
	snprintf(printer->why, sizeof(printer->why), "can't write to %.300s: %s",
		 strcmp(printer->file, "-") ? printer->file : "standard output",
		 ffpf_output_words(printer->output.error));
}

static uint32_t print_process(void *object, const struct ffpf_packet *packet, uint32_t class)
{
	struct printer *printer = object;
	char *at = (char *)ffpf_output_room(&printer->output, LINE_MAX_SIZE);
	struct text text = {at, at + LINE_MAX_SIZE - LINE_TAIL};

	put_time(printer, &text, packet->time_ns);
	ffpf_dissect_line(&text, packet);
	text.end = at + LINE_MAX_SIZE;
	text_field(&text, " len ", packet->len);
	if (printer->class)
		text_field(&text, " class ", class);
	text_char(&text, '\n');
	ffpf_output_add(&printer->output, (size_t)(text.at - at), 1);
	printer->lines++;
	if (printer->hex)
		put_hex(printer, packet);
	if (printer->output.error)
		note_failure(printer);
	return class;
}

static int print_flush(void *object)
{
	struct printer *printer = object;
	int err = ffpf_output_flush(&printer->output);

	note_failure(printer);
	return err;
}

static void print_end(void *object)
{
	ffpf_output_end(&((struct printer *)object)->output);
}

static int print_error(const void *object, const char **why)
{
	const struct printer *printer = object;

	*why = printer->output.error ? printer->why : NULL;
	return printer->output.error;
}

static uint64_t print_lost(const void *object)
{
	return ((const struct printer *)object)->output.dropped;
}

static void print_state(const void *object, uint64_t *cells)
{
	const struct printer *printer = object;

	cells[0] = printer->lines - printer->output.dropped;
}

static void print_close(void *object)
{
	struct printer *printer = object;

	if (!printer)
		return;
	ffpf_output_exit(&printer->output);
	free(printer);
}

static int print_open(struct ffpf_instance *instance, unsigned thread, void **object, const char **why)
{
	const struct ffpf_value *v = instance->values;

	struct printer *printer = calloc(1, sizeof(*printer));
	int err = printer ? ffpf_output_init(&printer->output, BUFFER_SIZE, instance->arena) : -ENOMEM;

	if (err) {
		*why = "out of memory";
		free(printer);
		return err;
	}
	printer->file = v[PARAM_FILE].s;
	printer->time = (enum time_format)v[PARAM_TIME].i;
	printer->hex = v[PARAM_HEX].i;
	printer->class = v[PARAM_CLASS].i;
	printer->quarter = UINT64_MAX;
	err = ffpf_output_open(&printer->output, printer->file);
	if (err) {
		*why = ffpf_arena_printf(instance->arena, "can't write to %s: %s", printer->file,
					 ffpf_output_words(err));
		print_close(printer);
		return err;
	}
	*object = printer;
	return 0;
}

static uint32_t print_demand(const struct ffpf_instance *instance)
{
	return instance->values[PARAM_HEX].i ? FFPF_ALL_BYTES : HEADER_BYTES;
}

static unsigned print_needs(const struct ffpf_instance *instance)
{
	return instance->values[PARAM_TIME].i == TIME_NONE ? 0 : FFPF_NEED_TIME;
}

static const char *const times[] = {"time", "epoch", "delta", "none", NULL};

static const struct ffpf_param params[] = {
	[PARAM_FILE] = {.name = "file",
			.type = FFPF_TYPE_FILE,
			.flags = FFPF_PARAM_MAIN,
			.def = "-",
			.doc = "file to write the lines to; - is standard output"},
	[PARAM_TIME] = {.name = "time",
			.type = FFPF_TYPE_CHOICE,
			.def = "time",
			.choices = times,
			.doc = "time of day, seconds since 1970, seconds since the line before, or none"},
	[PARAM_HEX] = {.name = "hex",
		       .type = FFPF_TYPE_BOOL,
		       .def = "no",
		       .doc = "also print the bytes, in hexadecimal and as text"},
	[PARAM_CLASS] = {.name = "class",
			 .type = FFPF_TYPE_BOOL,
			 .def = "no",
			 .doc = "also print the class that the packet comes with"},
};

static const struct ffpf_field fields[] = {
	{.name = "printed", .merge = FFPF_MERGE_SUM, .unit = FFPF_UNIT_PACKETS, .cells = 1, .doc = "packets printed"},
};

static const struct ffpf_native native = {
	.open = print_open,
	.process = print_process,
	.flush = print_flush,
	.end = print_end,
	.error = print_error,
	.lost = print_lost,
	.state = print_state,
	.close = print_close,
};

const struct ffpf_class ffpf_class_print = {
	.abi = FFPF_CLASS_ABI,
	.name = "print",
	.help = "print a line of text for every packet, and pass it on",
	.manual = "Prints what tcpdump -n would tell first: time, addresses, ports, protocol, flags and length.\n"
		  "    12:00:01.123456 IP 192.0.2.1:1234 > 198.51.100.2:80 tcp [S] len 60\n"
		  "\n"
		  "TCP flags are F S R P . (ack) U E W. len is the length on the wire. [cut] stands where the captured "
		  "bytes\n"
		  "end before the line is complete, [short] where the packet itself does. \"frag 1480+\" is a fragment "
		  "at byte\n"
		  "1480 which others follow.",
	.example = "(pcap,\"$FILE\")>(print,\"$OUT\",time=epoch)",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES | FFPF_CLASS_STDOUT,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.demand = print_demand,
	.instance_needs = print_needs,
	.native = &native,
};
