/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * defrag: fragments of IP put together.
 *
 *     [dev eth0]>(defrag)>(BPF,"udp port 53")>(pktcount)
 *     [pcap trace.pcap]>(defrag,timeout=5s,memory=64M)>(write,whole.pcap)
 *
 * How, and what becomes of fragments that never make a whole, is said in lib/native/defrag.h. All packets go through
 * one object, since a datagram's fragments may come up in several places.
 */
#include <kernel/include/ffpf_kmod.h>
#include <lib/native/defrag.h>

#include <errno.h>
#include <ffpf/class.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { PARAM_TIMEOUT, PARAM_MEMORY };
enum {
	FIELD_FRAGMENTS,
	FIELD_REASSEMBLED,
	FIELD_JOINED,
	FIELD_TIMED_OUT,
	FIELD_MEMORY,
	FIELD_BAD,
	FIELD_OVERLAP,
	FIELD_WAITING
};

struct defragmenter {
	struct ffpf_defrag defrag;
	void *memory;
	uint8_t out[FFPF_DEFRAG_OUT];
};

/* For the kernel module. */
static size_t defrag_params(const struct ffpf_instance *instance, void *out, size_t size)
{
	const struct ffpf_defrag_params p = {.timeout_ns = (uint64_t)instance->values[PARAM_TIMEOUT].i,
					     .memory = (uint32_t)instance->values[PARAM_MEMORY].i};

	if (size >= sizeof(p))
		memcpy(out, &p, sizeof(p));
	return sizeof(p);
}

static void defrag_close(void *object)
{
	struct defragmenter *d = object;

	if (d)
		free(d->memory);
	free(d);
}

static int defrag_open(struct ffpf_instance *instance, unsigned thread, void **object, const char **why)
{
	struct defragmenter *d = calloc(1, sizeof(*d));
	uint32_t size = (uint32_t)instance->values[PARAM_MEMORY].i, seed = 0;

	if (d)
		d->memory = malloc(size);
	if (!d || !d->memory) {
		defrag_close(d);
		*why = "out of memory";
		return -ENOMEM;
	}
	/* Without it, who knows the order of the table can only make it slower. */
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) < 0)
		seed = 0;
	ffpf_defrag_init(&d->defrag, d->memory, size, (uint64_t)instance->values[PARAM_TIMEOUT].i, seed);
	*object = d;
	return 0;
}

static uint32_t defrag_transform(void *object, const struct ffpf_packet *packet, uint32_t class,
				 struct ffpf_packet *out)
{
	struct defragmenter *d = object;
	const struct ffpf_bytes bytes = {.data = packet->data, .size = packet->caplen};
	uint32_t size;

	if (!packet->caplen)
		return class;
	switch (ffpf_defrag_packet(&d->defrag, &bytes, packet->linktype, packet->source, packet->time_ns, d->out,
				   &size)) {
	case FFPF_DEFRAG_PASSES:
		return class;
	case FFPF_DEFRAG_WHOLE:
		out->data = d->out;
		out->caplen = out->len = size;
		return class;
	default:
		return 0;
	}
}

static void defrag_state(const void *object, uint64_t *cells)
{
	const struct ffpf_defrag_counts *counts = &((const struct defragmenter *)object)->defrag.counts;

	cells[FIELD_FRAGMENTS] = counts->fragments;
	cells[FIELD_REASSEMBLED] = counts->reassembled;
	cells[FIELD_JOINED] = counts->joined;
	cells[FIELD_TIMED_OUT] = counts->timed_out;
	cells[FIELD_MEMORY] = counts->memory;
	cells[FIELD_BAD] = counts->bad;
	cells[FIELD_OVERLAP] = counts->overlap;
	cells[FIELD_WAITING] = counts->waiting;
}

static uint32_t defrag_demand(const struct ffpf_instance *instance)
{
	return FFPF_ALL_BYTES;
}

static const struct ffpf_param params[] = {
	[PARAM_TIMEOUT] = {.name = "timeout",
			   .type = FFPF_TYPE_TIME,
			   .flags = FFPF_PARAM_MAIN,
			   .def = "30s",
			   .min = 1,
			   .max = 3600 * INT64_C(1000000000),
			   .doc = "how long a datagram's other fragments are waited for, by the packets' clock"},
	[PARAM_MEMORY] = {.name = "memory",
			  .type = FFPF_TYPE_SIZE,
			  .def = "4M",
			  .min = FFPF_DEFRAG_MEMORY_LEAST,
			  .max = 1 << 30,
			  .doc = "for all that waits; when it is used up, the oldest datagram gives way"},
};

#define FRAGMENTS_FIELD(field_name, text)                                                                              \
	{                                                                                                              \
		.name = field_name, .merge = FFPF_MERGE_SUM, .unit = FFPF_UNIT_PACKETS, .cells = 1, .doc = text        \
	}
static const struct ffpf_field fields[] = {
	[FIELD_FRAGMENTS] = FRAGMENTS_FIELD("fragments", "fragments that came"),
	[FIELD_REASSEMBLED] = FRAGMENTS_FIELD("reassembled", "datagrams that were put together"),
	[FIELD_JOINED] = FRAGMENTS_FIELD("joined", "fragments that are in them"),
	[FIELD_TIMED_OUT] = FRAGMENTS_FIELD("timed_out", "fragments whose others did not come in time"),
	[FIELD_MEMORY] = FRAGMENTS_FIELD("memory_dropped", "fragments for which there was no memory"),
	[FIELD_BAD] = FRAGMENTS_FIELD("bad", "fragments that can't be right, or were not captured whole"),
	[FIELD_OVERLAP] =
		FRAGMENTS_FIELD("overlap", "fragments that came twice, or of datagrams whose fragments overlap"),
	[FIELD_WAITING] = FRAGMENTS_FIELD("waiting", "fragments whose others may still come"),
};

static const struct ffpf_native native = {
	.open = defrag_open,
	.transform = defrag_transform,
	.state = defrag_state,
	.close = defrag_close,
};

const struct ffpf_class ffpf_class_defrag = {
	.abi = FFPF_CLASS_ABI,
	.name = "defrag",
	.help = "put fragments of IP together for the functions behind it",
	.manual = "What is no fragment passes as it is. Fragments of IPv4 and IPv6 are taken, and when the last one "
		  "has come,\n"
		  "the whole goes on as one packet, with the headers of its first fragment, corrected lengths and "
		  "checksum, and\n"
		  "the class and the time of the packet that completed it. Functions beside it see the fragments as "
		  "they came.\n"
		  "Of the packets that come in, all that do not complete a datagram count as filtered.\n"
		  "\n"
		  "Where fragments of a datagram overlap, all of it is dropped, and so is what comes of it later, for "
		  "IPv6 (RFC\n"
		  "5722) and for IPv4, as the Linux kernel does; a fragment that comes twice is dropped once. A "
		  "fragment is bad\n"
		  "that has no bytes, or a number of them that is no multiple of 8 where others follow; that ends "
		  "behind 65,535\n"
		  "bytes, or where another one said that the datagram has ended; that is one of more than 512; or that "
		  "was not\n"
		  "captured whole. fragments = joined + timed_out + memory_dropped + bad + overlap + waiting, always.\n"
		  "\n"
		  "In userspace all packets go through one reader thread.",
	.example = "(pcap,\"$FILE\")>(defrag)>(pktcount)",
	.role = FFPF_FUNCTION,
	.needs = FFPF_NEED_TIME,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.demand = defrag_demand,
	.native = &native,
	.kernel_params = defrag_params,
};
