/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The class `export`: a PBuf and an IBuf in this process's memory, written by the
 * reader thread and read by the application, with the losses of a reader that is too slow counted.
 */
#include <lib/lang/arena.h>
#include <lib/run/export.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST (256u << 10)
#define BATCH 256

struct exported {
	struct ffpf_writer writer;
	struct ffpf_ring_header *pbuf, *ibuf;
	struct ffpf_ring_header *ibufs[1];
	const void *ibuf_list[1];
	struct ffpf_reader_page *page;
	struct ffpf_reader *reader;
	uint64_t lost_told;
	uint16_t linktype;
};

static void *ring_memory(enum ffpf_ring_kind kind, uint64_t size, uint32_t largest, size_t *bytes)
{
	void *memory;

	*bytes = (ffpf_ring_bytes(size, largest) + 63) & ~(size_t)63;
	memory = aligned_alloc(64, *bytes);
	if (!memory)
		return NULL;
	memset(memory, 0, *bytes);
	ffpf_ring_init(memory, kind, 0, size, largest);
	return memory;
}

static void close_export(void *object)
{
	struct exported *x = object;

	if (!x)
		return;
	ffpf_reader_free(x->reader);
	free(x->pbuf);
	free(x->ibuf);
	free(x->page);
	free(x);
}

static int open_export(struct ffpf_instance *instance, unsigned thread, void **object, const char **why)
{
	const struct ffpf_options *options = instance->data;
	uint64_t size = options->buffer_size < 4 * LARGEST ? 4 * LARGEST : options->buffer_size;
	struct ffpf_reader_ring ring = {.n_inflows = 1};
	struct exported *x = calloc(1, sizeof(*x));
	int err = -ENOMEM;

	if (!x)
		return -ENOMEM;
	x->page = aligned_alloc(64, sizeof(*x->page));
	x->pbuf = ring_memory(FFPF_RING_PBUF, size, LARGEST, &ring.pbuf_bytes);
	x->ibuf = ring_memory(FFPF_RING_IBUF, ffpf_ibuf_entries(size, 1) * sizeof(struct ffpf_index), 0,
			      &ring.ibuf_bytes);
	if (x->page && x->pbuf && x->ibuf) {
		memset(x->page, 0, sizeof(*x->page));
		x->ibufs[0] = x->ibuf;
		x->ibuf_list[0] = x->ibuf;
		ring.pbuf = x->pbuf;
		ring.ibufs = x->ibuf_list;
		ring.page = x->page;
		x->writer = (struct ffpf_writer){.pbuf = x->pbuf,
						 .ibufs = x->ibufs,
						 .n_inflows = 1,
						 .readers = x->page,
						 .n_readers = 1,
						 .slow_reader = options->slow_reader,
						 .snaplen = LARGEST};
		err = ffpf_reader_new(&ring, BATCH, &x->reader);
	}
	if (err) {
		close_export(x);
		return err;
	}
	*object = x;
	return 0;
}

static uint32_t process(void *object, const struct ffpf_packet *packet, uint32_t class)
{
	struct exported *x = object;

	x->linktype = packet->linktype;
	ffpf_writer_put(&x->writer, packet, &class);
	return class;
}

static const struct ffpf_native native = {.open = open_export, .process = process, .close = close_export};

static uint32_t demand(const struct ffpf_instance *instance)
{
	return FFPF_ALL_BYTES;
}

static const struct ffpf_class export_class = {
	.abi = FFPF_CLASS_ABI,
	.name = "export",
	.help = "packets for the application (ffpf_read)",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES,
	.needs = FFPF_NEED_TIME,
	.demand = demand,
	.native = &native,
};

bool ffpf_export_is(const struct ffpf_function *f)
{
	return f->instance.class == &export_class;
}

static void *copy_with_room(struct ffpf_arena *arena, const void *array, size_t n, size_t more, size_t item)
{
	char *copy = ffpf_arena_alloc(arena, (n + more) * item + 1);

	if (n)
		memcpy(copy, array, n * item);
	return copy;
}

static void append(struct ffpf_graph *g, struct ffpf_function *from, const struct ffpf_options *options)
{
	struct ffpf_arena *arena = g->arena;
	struct ffpf_function *f = ffpf_arena_alloc(arena, sizeof(*f));
	struct ffpf_edge *e = ffpf_arena_alloc(arena, sizeof(*e));

	f->id = (unsigned)g->n_functions;
	f->instance.class = &export_class;
	f->instance.name = ffpf_arena_printf(arena, "%s:export", from->instance.name);
	f->instance.span = from->instance.span;
	f->instance.arena = arena;
	f->instance.data = (void *)options;
	f->sources = from->sources;
	f->n_sources = from->n_sources;
	*e = (struct ffpf_edge){.from = from, .to = f, .label.any = true, .span = from->instance.span};
	f->in = ffpf_arena_alloc(arena, sizeof(*f->in));
	f->in[f->n_in++] = e;
	from->out = copy_with_room(arena, from->out, from->n_out, 1, sizeof(*from->out));
	from->out[from->n_out++] = e;
	g->functions[g->n_functions++] = f;
	g->edges[g->n_edges++] = e;
}

void ffpf_export_append(struct ffpf_graph *g, const struct ffpf_options *options)
{
	size_t n = g->n_functions, more = 0;

	for (size_t i = 0; i < n; i++)
		more += g->functions[i]->export_packets;
	if (!more)
		return;
	g->functions = copy_with_room(g->arena, g->functions, n, more, sizeof(*g->functions));
	g->edges = copy_with_room(g->arena, g->edges, g->n_edges, more, sizeof(*g->edges));
	for (size_t i = 0; i < n; i++)
		if (g->functions[i]->export_packets)
			append(g, g->functions[i], options);
}

struct ffpf_function *ffpf_export_find(const struct ffpf_graph *graph, const char *name)
{
	for (size_t i = 0; i < graph->n_functions; i++)
		if (ffpf_export_is(graph->functions[i]) &&
		    !strcmp(graph->functions[i]->in[0]->from->instance.name, name))
			return graph->functions[i];
	return NULL;
}

int ffpf_export_read(void *object, struct ffpf_packet *packets, uint32_t *classes, size_t n, uint64_t *lost)
{
	struct exported *x = object;
	uint32_t unwanted[BATCH];
	unsigned got =
		ffpf_reader_read(x->reader, packets, classes ? classes : unwanted, n < BATCH ? (unsigned)n : BATCH);
	uint64_t total = ffpf_reader_lost(x->reader) + ffpf_reader_refused(x->reader);

	for (unsigned i = 0; i < got; i++)
		packets[i].linktype = x->linktype;
	if (lost) {
		*lost = total - x->lost_told;
		x->lost_told = total;
	}
	return (int)got;
}

uint64_t ffpf_export_pending(const void *object)
{
	return ffpf_reader_pending(((const struct exported *)object)->reader);
}
