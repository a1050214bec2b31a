/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * export: each packet asks for what is in the maps of a user's program.
 *
 *     [dev eth0]>(ebpf,"flows.o",name=e)>[2:(export,e,map=flows,file=flows.json)|else:(pktcount)]
 *
 * The program says when: by the class of a packet that the graph routes here. Nothing is read on the packet's way; the
 * packet is counted, and whoever runs the graph sees the count and ships what is asked for (ffpf_shipment_get).
 */
#include <errno.h>
#include <ffpf/class.h>
#include <stdlib.h>

struct asked {
	uint64_t packets;
};

static int export_open(struct ffpf_instance *instance, unsigned thread, void **object, const char **why)
{
	*object = calloc(1, sizeof(struct asked));
	return *object ? 0 : -ENOMEM;
}

static uint32_t export_process(void *object, const struct ffpf_packet *packet, uint32_t class)
{
	struct asked *asked = object;

	/* Read by another thread. */
	__atomic_store_n(&asked->packets, asked->packets + 1, __ATOMIC_RELAXED);
	return class;
}

static void export_state(const void *object, uint64_t *cells)
{
	const struct asked *asked = object;

	cells[0] = __atomic_load_n(&asked->packets, __ATOMIC_RELAXED);
}

static const struct ffpf_param params[] = {
	{.name = "function",
	 .type = FFPF_TYPE_STRING,
	 .flags = FFPF_PARAM_MAIN | FFPF_PARAM_REQUIRED,
	 .doc = "the name of the function whose maps are shipped"},
	{.name = "map", .type = FFPF_TYPE_STRING, .doc = "which of them; else all"},
	{.name = "file", .type = FFPF_TYPE_FILE, .def = "-", .doc = "where the lines go; - is standard output"},
};

static const struct ffpf_field fields[] = {
	{.name = "asked",
	 .merge = FFPF_MERGE_SUM,
	 .unit = FFPF_UNIT_PACKETS,
	 .cells = 1,
	 .doc = "packets that came here"},
};

static const struct ffpf_native native = {
	.parallel = true,
	.open = export_open,
	.process = export_process,
	.state = export_state,
	.close = free,
};

const struct ffpf_class ffpf_class_export = {
	.abi = FFPF_CLASS_ABI,
	.name = "export",
	.help = "ship the maps of a BPF program when a packet asks for it",
	.manual =
		"Each packet that comes here asks for what is in the maps of a function of the class ebpf: the "
		"program\n"
		"says when, by the class that it gives a packet and that the graph routes here. For each map the "
		"entries\n"
		"are written as a line of JSON, within a tenth of a second, and not on the packet's way; packets that\n"
		"come close together ask once. 'asked' in the line is how many have asked so far.",
	.example = "[pcap $FILE] > (ebpf, $OBJ, name=seen) > (export, seen, map=protocols, file=$OUT)",
	.role = FFPF_SINK,
	.flags = FFPF_CLASS_STDOUT | FFPF_CLASS_SHIPS,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.native = &native,
};
