/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring for each reader thread, between the programs that it runs and a tap's own thread. What a ring has no room for
 * is refused, and counted.
 *
 * Live packets of several threads are merged by time. A thread that has put nothing may be about to put an older one:
 * each tells, before the tap looks, up to when it has handed on what its rings brought (threads.c). Packets of
 * savefiles that several threads read are in the order in which they come: their times have nothing to do with each
 * other.
 */
#include <lib/run/tap_lanes.h>
#include <lib/run/lane.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 256

struct lane {
	struct ffpf_ring_header *pbuf, *ibuf;
	struct ffpf_reader_page *page;
	struct ffpf_writer writer;
	/* the tap's thread's */
	struct ffpf_reader *reader;
	struct ffpf_packet packets[BATCH];
	uint32_t classes[BATCH];
	unsigned n, at;
};

struct ffpf_tap_lanes {
	struct ffpf_run *run;
	uint32_t *stored; /* by source: so many bytes of its packets came up, at most */
	unsigned n;
	struct lane lane[];
};

/* ---- the reader threads' side ---------------------------------------------------------------- */

static bool is_live(const struct ffpf_run *run, const struct ffpf_packet *packet)
{
	return !run->graph->sources[packet->source]->instance.class->source;
}

void ffpf_tap_lanes_put(struct ffpf_tap_lanes *lanes, unsigned thread, const struct ffpf_packet *packet, uint32_t class)
{
	struct ffpf_packet copy = *packet;

	/* Nobody in the graph asks for the time: so it has not been brought along. */
	if (!copy.time_ns && is_live(lanes->run, &copy))
		copy.time_ns = ffpf_clock_ns() + (uint64_t)lanes->run->threads->thread[thread].clock.offset;
	if (copy.caplen > lanes->stored[copy.source])
		copy.caplen = lanes->stored[copy.source];
	ffpf_writer_put(&lanes->lane[thread].writer, &copy, &class);
}

/* ---- the tap's side -------------------------------------------------------------------------- */

static void fill(struct ffpf_tap_lanes *lanes, struct lane *l)
{
	l->at = 0;
	l->n = ffpf_reader_read(l->reader, l->packets, l->classes, BATCH);
	for (unsigned i = 0; i < l->n; i++)
		l->packets[i].linktype = lanes->run->graph->source_info[l->packets[i].source].linktype;
}

static uint64_t key_of(const struct ffpf_tap_lanes *lanes, const struct lane *l)
{
	const struct ffpf_packet *p = &l->packets[l->at];

	return is_live(lanes->run, p) ? p->time_ns : 0;
}

static struct lane *oldest(struct ffpf_tap_lanes *lanes, uint64_t *key)
{
	struct lane *best = NULL;

	for (unsigned i = 0; i < lanes->n; i++) {
		struct lane *l = &lanes->lane[i];
		uint64_t of = l->at < l->n ? key_of(lanes, l) : 0;

		if (l->at == l->n || (best && of >= *key))
			continue;
		best = l;
		*key = of;
	}
	return best;
}

/* All threads' lanes; up to when nothing older will come. */
static uint64_t look(struct ffpf_tap_lanes *lanes, bool last)
{
	uint64_t sure = UINT64_MAX;

	for (unsigned i = 0; i < lanes->n; i++) {
		struct lane *l = &lanes->lane[i];
		uint64_t through = lanes->run->threads->thread[i].through; /* before looking into the ring */

		if (l->at == l->n)
			fill(lanes, l);
		if (l->at == l->n && through < sure)
			sure = through;
	}
	return last || lanes->n == 1 ? UINT64_MAX : sure;
}

unsigned ffpf_tap_lanes_read(struct ffpf_tap_lanes *lanes, bool last,
			     void (*take)(void *arg, const struct ffpf_packet *packet, uint32_t class), void *arg)
{
	uint64_t sure = look(lanes, last), key = 0;
	unsigned n = 0;
	struct lane *l;

	while ((l = oldest(lanes, &key)) && (!key || key < sure)) {
		take(arg, &l->packets[l->at], l->classes[l->at]);
		n++;
		/* It may have older ones than the others' by now. */
		if (++l->at == l->n)
			break;
	}
	return n;
}

void ffpf_tap_lanes_counts(const struct ffpf_tap_lanes *lanes, uint64_t *in, uint64_t *lost)
{
	*in = *lost = 0;
	for (unsigned i = 0; i < lanes->n; i++) {
		const struct ffpf_ring_header *ring = lanes->lane[i].pbuf;
		uint64_t refused = __atomic_load_n(&ring->refused, __ATOMIC_RELAXED);

		*in += __atomic_load_n(&ring->records, __ATOMIC_RELAXED) + refused;
		*lost += refused;
	}
}

/* ---- making and freeing ---------------------------------------------------------------------- */

static void *zeroed(size_t bytes)
{
	void *memory = aligned_alloc(64, (bytes + 63) & ~(size_t)63);

	return memory ? memset(memory, 0, bytes) : NULL;
}

static int make_lane(struct lane *l, uint64_t size)
{
	const uint64_t index_bytes = ffpf_ibuf_entries(size, 1) * sizeof(struct ffpf_index);
	const void *ibufs[1];

	l->pbuf = zeroed(ffpf_ring_bytes(size, FFPF_PACKET_MAX));
	l->ibuf = zeroed(ffpf_ring_bytes(index_bytes, 0));
	l->page = zeroed(sizeof(*l->page));
	if (!l->pbuf || !l->ibuf || !l->page)
		return -ENOMEM;
	ffpf_ring_init(l->pbuf, FFPF_RING_PBUF, 0, size, FFPF_PACKET_MAX);
	ffpf_ring_init(l->ibuf, FFPF_RING_IBUF, 0, index_bytes, 0);
	l->writer = (struct ffpf_writer){.pbuf = l->pbuf,
					 .ibufs = &l->ibuf,
					 .n_inflows = 1,
					 .readers = l->page,
					 .n_readers = 1,
					 .slow_reader = true,
					 .snaplen = FFPF_PACKET_MAX};
	ibufs[0] = l->ibuf;
	return ffpf_reader_new(&(struct ffpf_reader_ring){.pbuf = l->pbuf,
							  .pbuf_bytes = ffpf_ring_bytes(size, FFPF_PACKET_MAX),
							  .ibufs = ibufs,
							  .ibuf_bytes = ffpf_ring_bytes(index_bytes, 0),
							  .n_inflows = 1,
							  .page = l->page},
			       BATCH, &l->reader);
}

/* A level below brings as much as anybody here asks for. */
static int find_stored(struct ffpf_tap_lanes *lanes)
{
	const struct ffpf_run *run = lanes->run;

	lanes->stored = calloc(run->graph->n_sources + 1, sizeof(*lanes->stored));
	if (!lanes->stored)
		return -ENOMEM;
	for (unsigned i = 0; i < run->graph->n_sources; i++) {
		const struct ffpf_flowspace *from = ffpf_chain_below(run->graph, i, run->graph->root);
		const struct ffpf_level *below = from ? ffpf_layout_level(run->layout, from) : NULL;

		lanes->stored[i] = below && below->snaplen < FFPF_PACKET_MAX ? below->snaplen : FFPF_PACKET_MAX;
	}
	return 0;
}

int ffpf_tap_lanes_new(struct ffpf_run *run, size_t bytes, struct ffpf_tap_lanes **out)
{
	struct ffpf_tap_lanes *lanes = calloc(1, sizeof(*lanes) + run->n_threads * sizeof(lanes->lane[0]));
	int err = lanes ? 0 : -ENOMEM;

	if (err)
		return err;
	lanes->run = run;
	err = find_stored(lanes);
	while (!err && lanes->n < run->n_threads)
		err = make_lane(&lanes->lane[lanes->n++], bytes);
	if (err) {
		ffpf_tap_lanes_free(lanes);
		return err;
	}
	if (run->n_threads > 1)
		run->tapped = true;
	*out = lanes;
	return 0;
}

void ffpf_tap_lanes_free(struct ffpf_tap_lanes *lanes)
{
	for (unsigned i = 0; lanes && i < lanes->n; i++) {
		ffpf_reader_free(lanes->lane[i].reader);
		free(lanes->lane[i].pbuf);
		free(lanes->lane[i].ibuf);
		free(lanes->lane[i].page);
	}
	if (lanes)
		free(lanes->stored);
	free(lanes);
}
