/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zip: compresses what passes, and keeps only how well that went.
 *
 *     [dev eth0]>(zip,9)>(pktcount)
 *
 * The packets go on unchanged and the compressed bytes are thrown away: the class is a realistic load for readers, and
 * tells how compressible traffic is. Each reader thread compresses a stream of its own. deflate holds some of the input
 * back: what that would come to if the stream ended now is found out on a copy of it, every 100 ms and at the end.
 */
#include <errno.h>
#include <ffpf/class.h>
#include <stdlib.h>
#include <zlib.h>

enum { PARAM_LEVEL };

struct zipper {
	z_stream stream;
	uint64_t in, out;
	uint64_t measured, ended; /* a stream that ended when `measured` bytes had gone in would have `ended` bytes */
	uint8_t scratch[16 << 10];
};

static int zip_open(struct ffpf_instance *instance, unsigned thread, void **object, const char **why)
{
	struct zipper *zipper = calloc(1, sizeof(*zipper));

	if (!zipper || deflateInit(&zipper->stream, (int)instance->values[PARAM_LEVEL].i) != Z_OK) {
		*why = "out of memory";
		free(zipper);
		return -ENOMEM;
	}
	*object = zipper;
	return 0;
}

static uint32_t zip_process(void *object, const struct ffpf_packet *packet, uint32_t class)
{
	struct zipper *zipper = object;
	z_stream *stream = &zipper->stream;

	stream->next_in = (uint8_t *)packet->data;
	stream->avail_in = packet->caplen;
	while (stream->avail_in) {
		stream->next_out = zipper->scratch;
		stream->avail_out = sizeof(zipper->scratch);
		deflate(stream, Z_NO_FLUSH);
		zipper->out += sizeof(zipper->scratch) - stream->avail_out;
	}
	zipper->in += packet->caplen;
	return class;
}

/* Bytes that end a copy of the stream; the memory is deflate's own. */
static uint64_t rest_of(struct zipper *zipper)
{
	z_stream copy;
	uint64_t n = 0;
	int state;

	if (deflateCopy(&copy, &zipper->stream) != Z_OK)
		return 0;
	copy.avail_in = 0;
	do {
		copy.next_out = zipper->scratch;
		copy.avail_out = sizeof(zipper->scratch);
		state = deflate(&copy, Z_FINISH);
		n += sizeof(zipper->scratch) - copy.avail_out;
	} while (state == Z_OK);
	deflateEnd(&copy);
	return n;
}

static int zip_flush(void *object)
{
	struct zipper *zipper = object;

	if (zipper->in != zipper->measured) {
		zipper->ended = zipper->out + rest_of(zipper);
		zipper->measured = zipper->in;
	}
	return 0;
}

static void zip_state(const void *object, uint64_t *cells)
{
	const struct zipper *zipper = object;

	cells[0] = zipper->in;
	cells[1] = zipper->out > zipper->ended ? zipper->out : zipper->ended;
}

static void zip_close(void *object)
{
	struct zipper *zipper = object;

	if (!zipper)
		return;
	deflateEnd(&zipper->stream);
	free(zipper);
}

static uint32_t zip_demand(const struct ffpf_instance *instance)
{
	return FFPF_ALL_BYTES;
}

static const struct ffpf_param params[] = {
	[PARAM_LEVEL] = {.name = "level",
			 .type = FFPF_TYPE_COUNT,
			 .flags = FFPF_PARAM_MAIN,
			 .def = "6",
			 .min = 0,
			 .max = 9,
			 .doc = "how hard to try: 0 only copies, 1 is fast, 9 is slow and small"},
};

static const struct ffpf_field fields[] = {
	{.name = "bytes_in", .merge = FFPF_MERGE_SUM, .unit = FFPF_UNIT_BYTES, .cells = 1, .doc = "bytes compressed"},
	{.name = "bytes_out",
	 .merge = FFPF_MERGE_SUM,
	 .unit = FFPF_UNIT_BYTES,
	 .cells = 1,
	 .doc = "bytes of the compressed stream"},
};

static const struct ffpf_native native = {
	.parallel = true,
	.open = zip_open,
	.process = zip_process,
	.flush = zip_flush,
	.state = zip_state,
	.close = zip_close,
};

const struct ffpf_class ffpf_class_zip = {
	.abi = FFPF_CLASS_ABI,
	.name = "zip",
	.help = "compress the packets' bytes as a load, and pass the packets on",
	.manual =
		"Compresses all captured bytes with deflate and throws the result away; the packets themselves go on "
		"unchanged.\n"
		"A load for trying out how many readers a machine bears, and a measure of how compressible traffic is.",
	.example = "(pcap,\"$FILE\")>(zip,9)",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.demand = zip_demand,
	.native = &native,
};
