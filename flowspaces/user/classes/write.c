/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * write: keeps packets in a savefile and passes them on.
 *
 *     [dev eth0]>(BPF,"udp")>(write,udp.pcap)>(pktcount)
 *     [dev eth0]>(write,-) | wireshark -k -i -
 *     [dev eth0]>(write,"ring.pcap",rotate_size=100M,keep=10)
 *     [dev eth0]>(write,"%Y%m%d-%H%M.pcapng",rotate_time=1h)
 *
 * pcap has µs and one link type, unless told otherwise; packets of another link type count as lost. pcapng (chosen by
 * the name's ending or by format=) has ns and describes each interface, devices by name. Files of a row are named as
 * tcpdump -C and -G name them. When the disk is full or the reader of a pipe goes away, the run ends with that message;
 * the file ends behind the last packet that fitted, and those after it count as lost here. What is still in the buffer
 * is on its way every 100 ms.
 */
#include "flowspaces/user/pcapwrite.h"
#include "lib/lang/arena.h"

#include <errno.h>
#include <ffpf/class.h>
#include <string.h>

enum { PARAM_FILE, PARAM_FORMAT, PARAM_SNAPLEN, PARAM_PRECISION, PARAM_ROTATE_SIZE, PARAM_ROTATE_TIME, PARAM_KEEP };
enum { FORMAT_AUTO, FORMAT_PCAP, FORMAT_PCAPNG };
enum { PRECISION_AUTO, PRECISION_US, PRECISION_NS };

static bool is_pcapng(const struct ffpf_instance *instance)
{
	const char *path = instance->values[PARAM_FILE].s, *dot = strrchr(path, '.');
	int64_t format = instance->values[PARAM_FORMAT].i;

	return format == FORMAT_PCAPNG ||
	       (format == FORMAT_AUTO && dot && (!strcmp(dot, ".pcapng") || !strcmp(dot, ".ntar")));
}

static int write_check(struct ffpf_instance *instance)
{
	const struct ffpf_value *v = instance->values;
	const struct ffpf_value *rotate = v[PARAM_ROTATE_SIZE].i ? &v[PARAM_ROTATE_SIZE] : &v[PARAM_ROTATE_TIME];
	struct ffpf_diag *diag;

	if (!strcmp(v[PARAM_FILE].s, "-") && rotate->i) {
		diag = ffpf_diag_error(instance->diags, FFPF_D_VALUE_CHOICE, rotate->span,
				       "standard output is one file, which can't rotate");
		ffpf_diag_label(instance->diags, diag, v[PARAM_FILE].span, "\"-\" is standard output");
		return -EINVAL;
	}
	if (v[PARAM_KEEP].i && !rotate->i) {
		diag = ffpf_diag_warning(instance->diags, FFPF_D_PARAM_MISSING, v[PARAM_KEEP].span,
					 "keep has no effect: there is only one file");
		ffpf_diag_hint(instance->diags, diag, "rotate_size=100M or rotate_time=1h begins new files");
	}
	return 0;
}

static uint32_t write_demand(const struct ffpf_instance *instance)
{
	int64_t snaplen = instance->values[PARAM_SNAPLEN].i;

	return snaplen ? (uint32_t)snaplen : FFPF_ALL_BYTES;
}

static int write_open(struct ffpf_instance *instance, unsigned thread, void **object, const char **why)
{
	const struct ffpf_value *v = instance->values;
	const bool pcapng = is_pcapng(instance);
	const struct ffpf_pcapwrite_options options = {
		.graph = instance->arena,
		.path = v[PARAM_FILE].s,
		.pcapng = pcapng,
		.nanoseconds =
			v[PARAM_PRECISION].i == PRECISION_NS || (v[PARAM_PRECISION].i == PRECISION_AUTO && pcapng),
		.snaplen = (uint32_t)v[PARAM_SNAPLEN].i,
		.rotate_size = (uint64_t)v[PARAM_ROTATE_SIZE].i,
		.rotate_ns = (uint64_t)v[PARAM_ROTATE_TIME].i,
		.keep = (uint64_t)v[PARAM_KEEP].i,
		.linktype = instance->input ? instance->input->linktype : -1,
		.input_name = instance->input ? instance->input->name : NULL,
		.sources = instance->sources,
		.n_sources = instance->n_sources,
		.input_snaplen = instance->input ? instance->input->snaplen : 0,
	};
	char message[512];
	struct ffpf_pcapwrite *writer = NULL;

	int err = ffpf_pcapwrite_new(&options, &writer, message, sizeof(message));

	if (err)
		*why = ffpf_arena_strdup(instance->arena, message);
	else
		*object = writer;
	return err;
}

static uint32_t write_process(void *object, const struct ffpf_packet *packet, uint32_t class)
{
	ffpf_pcapwrite_packet(object, packet);
	return class;
}

static int write_flush(void *object)
{
	return ffpf_pcapwrite_flush(object);
}

static void write_end(void *object)
{
	ffpf_pcapwrite_end(object);
}

static int write_error(const void *object, const char **why)
{
	return ffpf_pcapwrite_error(object, why);
}

static uint64_t write_lost(const void *object)
{
	struct ffpf_pcapwrite_counts counts;

	ffpf_pcapwrite_count(object, &counts);
	return counts.lost;
}

static const char *write_notice(const void *object)
{
	struct ffpf_pcapwrite_counts counts;

	ffpf_pcapwrite_count(object, &counts);
	return counts.foreign
		       ? "a pcap file has one link type: packets of others were left out (format=pcapng keeps them)"
		       : NULL;
}

static void write_state(const void *object, uint64_t *cells)
{
	struct ffpf_pcapwrite_counts counts;

	ffpf_pcapwrite_count(object, &counts);
	cells[0] = counts.packets;
	cells[1] = counts.bytes;
	cells[2] = counts.files;
}

static void write_close(void *object)
{
	ffpf_pcapwrite_close(object);
}

static const char *const formats[] = {"auto", "pcap", "pcapng", NULL};
static const char *const precisions[] = {"auto", "us", "ns", NULL};

static const struct ffpf_param params[] = {
	[PARAM_FILE] = {.name = "file",
			.type = FFPF_TYPE_FILE,
			.flags = FFPF_PARAM_REQUIRED | FFPF_PARAM_MAIN,
			.doc = "savefile to write; - is standard output"},
	[PARAM_FORMAT] = {.name = "format",
			  .type = FFPF_TYPE_CHOICE,
			  .def = "auto",
			  .choices = formats,
			  .doc = "pcap or pcapng; auto goes by the name's ending"},
	[PARAM_SNAPLEN] = {.name = "snaplen",
			   .type = FFPF_TYPE_SIZE,
			   .def = "0",
			   .min = 0,
			   .max = 256 << 20,
			   .doc = "bytes kept of each packet; 0 keeps all"},
	[PARAM_PRECISION] = {.name = "precision",
			     .type = FFPF_TYPE_CHOICE,
			     .def = "auto",
			     .choices = precisions,
			     .doc = "time stamps in us or ns; auto is us for pcap, ns for pcapng"},
	[PARAM_ROTATE_SIZE] =
		{.name = "rotate_size",
		 .type = FFPF_TYPE_SIZE,
		 .def = "0",
		 .min = 0,
		 .max = INT64_MAX,
		 .doc = "begin a new file (NAME, NAME1, NAME2 ...) when this one would grow larger; 0 never"},
	[PARAM_ROTATE_TIME] =
		{.name = "rotate_time",
		 .type = FFPF_TYPE_TIME,
		 .def = "0",
		 .min = 0,
		 .max = INT64_MAX,
		 .doc = "begin a new file after this much packet time; the name may hold strftime patterns; 0 never"},
	[PARAM_KEEP] = {.name = "keep",
			.type = FFPF_TYPE_COUNT,
			.def = "0",
			.min = 0,
			.max = 1000000,
			.doc = "number of files kept, the oldest is deleted; 0 keeps all"},
};

static const struct ffpf_field fields[] = {
	{.name = "packets_written",
	 .merge = FFPF_MERGE_SUM,
	 .unit = FFPF_UNIT_PACKETS,
	 .cells = 1,
	 .doc = "packets in the files"},
	{.name = "bytes_written",
	 .merge = FFPF_MERGE_SUM,
	 .unit = FFPF_UNIT_BYTES,
	 .cells = 1,
	 .doc = "bytes of the files, headers included"},
	{.name = "files", .merge = FFPF_MERGE_SUM, .cells = 1, .doc = "files begun"},
};

static const struct ffpf_native native = {
	.open = write_open,
	.process = write_process,
	.flush = write_flush,
	.end = write_end,
	.error = write_error,
	.lost = write_lost,
	.notice = write_notice,
	.state = write_state,
	.close = write_close,
};

const struct ffpf_class ffpf_class_write = {
	.abi = FFPF_CLASS_ABI,
	.name = "write",
	.help = "keep packets in a savefile, and pass them on",
	.manual =
		"Writes a pcap or pcapng savefile that tcpdump and Wireshark read. \"-\" is standard output, as in\n"
		"    ffpf '[dev eth0]>(write,-)' | wireshark -k -i -\n"
		"\n"
		"With rotate_size or rotate_time the packets go into a row of files. The first has the name as given, "
		"the\n"
		"next ones have 1, 2, 3 behind it, as with tcpdump -C. With rotate_time the name may hold strftime(3)\n"
		"conversions, as with tcpdump -G; the time is that of the packets, so that savefiles can be cut up "
		"too.\n"
		"A file is never larger than rotate_size, unless a single packet is.\n"
		"\n"
		"A full disk or a reader that has gone away ends the run; the file then ends behind a whole packet. A "
		"pcap\n"
		"file has one link type: packets of another one are counted as lost. pcapng keeps them all, and names "
		"the devices.",
	.example = "(pcap,\"$FILE\")>(write,\"$OUT\")",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES | FFPF_CLASS_STDOUT,
	.needs = FFPF_NEED_TIME,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.check = write_check,
	.demand = write_demand,
	.native = &native,
};
