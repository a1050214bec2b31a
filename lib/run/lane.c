/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Filling and emptying lanes.
 */
#include <lib/run/events.h>
#include <lib/run/lane.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long a reader of a pipe waits before it looks at other things. */
#define PIPE_TIMEOUT_MS 50

int ffpf_lane_input(struct ffpf_run *run, struct ffpf_lane *lane, unsigned source)
{
	struct ffpf_function *f = run->graph->sources[source];
	const char *why = NULL;
	int err;

	lane->kind = FFPF_LANE_INPUT;
	lane->source = source;
	lane->ops = f->instance.class->source;
	lane->level = f->level;
	f->instance.diags = NULL;
	err = lane->ops->open(&f->instance, &lane->object, &why);
	if (err) {
		lane->object = NULL;
		ffpf_run_fail(run, err, "%s", why ? why : strerror(-err));
	}
	return err;
}

int ffpf_lane_ring(struct ffpf_run *run, struct ffpf_lane *lane, const struct ffpf_ring_set *set, unsigned ring)
{
	int err;

	lane->kind = FFPF_LANE_RING;
	lane->set = set;
	lane->ring = ring;
	lane->classes = calloc((size_t)FFPF_LANE_BATCH * set->n_inflows, sizeof(*lane->classes));
	if (!lane->classes)
		return -ENOMEM;
	lane->level = run->graph->root;
	err = ffpf_reader_new(&set->rings[ring], FFPF_LANE_BATCH, &lane->reader);
	if (err)
		ffpf_run_fail(run, err, "reading a buffer: %s", strerror(-err));
	return err;
}

void ffpf_lane_close(struct ffpf_lane *lane)
{
	if (lane->kind == FFPF_LANE_INPUT && lane->object)
		lane->ops->close(lane->object);
	lane->object = NULL;
	ffpf_reader_free(lane->reader);
	lane->reader = NULL;
	free(lane->classes);
	lane->classes = NULL;
}

static bool fill_input(struct ffpf_thread *t, struct ffpf_lane *lane)
{
	const char *why = NULL;
	int n;

	if (t->run->stop || t->run->exhausted) {
		lane->ended = true;
		return false;
	}
	n = lane->ops->read(lane->object, lane->packets, FFPF_LANE_BATCH,
			    t->n_lanes > 1 && !t->run->options->replay ? 0 : PIPE_TIMEOUT_MS, &why);
	lane->position = lane->ops->position(lane->object);
	if (lane->ops->lost)
		lane->lost = lane->ops->lost(lane->object);
	lane->at = 0;
	lane->n = n > 0 ? (unsigned)n : 0;
	/* Sources leave it 0. */
	for (unsigned i = 0; lane->source && i < lane->n; i++)
		lane->packets[i].source = (uint8_t)lane->source;
	if (n == -EAGAIN || n == -EINTR)
		return false;
	if (n < 0)
		ffpf_run_damage(t->run, n, "%s", why ? why : strerror(-n));
	if (n <= 0) {
		lane->ended = true;
		t->run->n_ended++;
	}
	return n > 0;
}

/* Nothing will write into the ring any more: its level is detached, or the replayed savefiles have ended. */
static bool writers_gone(const struct ffpf_thread *t)
{
	if (t->run->stop)
		return true;
	if (!t->run->options->replay)
		return false;
	for (size_t i = 0; i < t->n_lanes; i++)
		if (t->lanes[i]->kind == FFPF_LANE_INPUT && !(t->lanes[i]->ended && t->lanes[i]->at == t->lanes[i]->n))
			return false;
	return true;
}

/* A writer's store may be seen by us later than the clock that it read afterwards: no longer than this. */
#define STORE_NS 2000

static bool fill_ring(struct ffpf_thread *t, struct ffpf_lane *lane)
{
	bool gone = writers_gone(t);
	/* Before reading: what is published until then is read, what is not is younger. */
	uint64_t now = lane->set->monotonic ? ffpf_clock_ns() - STORE_NS : 0;
	bool quiet = ffpf_reader_quiet(lane->reader);

	lane->at = 0;
	lane->n = ffpf_reader_read(lane->reader, lane->packets, lane->classes, FFPF_LANE_BATCH);
	if (!lane->n && quiet && !ffpf_reader_pending(lane->reader))
		lane->quiet = now;
	for (unsigned i = 0; i < lane->n; i++) {
		struct ffpf_packet *p = &lane->packets[i];

		if (p->source >= t->run->graph->n_sources)
			p->source = 0;
		p->linktype = t->run->graph->source_info[p->source].linktype;
	}
	/* Looked at the ring after the writers had gone: empty means for good. */
	lane->ended = gone && !lane->n;
	return lane->n > 0;
}

bool ffpf_lane_fill(struct ffpf_thread *t, struct ffpf_lane *lane)
{
	if (lane->at < lane->n)
		return true;
	if (lane->ended)
		return false;
	return lane->kind == FFPF_LANE_INPUT ? fill_input(t, lane) : fill_ring(t, lane);
}

void ffpf_lane_deliver(struct ffpf_thread *t, struct ffpf_lane *lane, unsigned n)
{
	void *state = ffpf_run_state(t->run, lane->level);
	struct ffpf_packet *packets = &lane->packets[lane->at];

	/* Not before: the time of day may be set while packets wait for their turn, which the writers' clock decides.
	 */
	for (unsigned i = 0; lane->kind == FFPF_LANE_RING && lane->set->monotonic && i < n; i++)
		if (packets[i].time_ns)
			packets[i].time_ns += (uint64_t)t->clock.offset;

	if (lane->kind == FFPF_LANE_RING)
		lane->level->consume(state, t->number, packets, &lane->classes[(size_t)lane->at * lane->set->n_inflows],
				     lane->set->n_inflows, n);
	else if (t->run->options->replay && lane->level->replay)
		lane->level->replay(state, packets, n);
	else
		lane->level->consume(state, t->number, packets, NULL, 0, n);
	lane->delivered += n;
	/* Before the next batch overwrites what it has written. */
	if (lane->kind == FFPF_LANE_INPUT)
		ffpf_events_poll(t->run);
}
