/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taps: copies of the packets that go along an edge of a running graph, for a sink that is none of the graph's.
 *
 * The level's programs are made anew with the copying in them, over the same cells and rings, and exchanged between two
 * packets, as for a new version of a user's program; without a tap there is nothing of it. Copies go through buffers
 * of the tap's own to a thread of the tap's own. Who is slow there loses copies, and nothing else waits or is lost:
 *
 *     in = written + lost + left          left: came when the sink had had its number already
 *
 *   function ──▶ next one                       feed (kernel), rings (user)
 *        └─copy─▶ │ 1 a CPU, 1 a reader thread │ ──▶ thread of the tap ──▶ sink
 */
#include <lib/run/tap.h>
#include <lib/graph/classes.h>
#include <lib/lang/arena.h>
#include <lib/run/clock.h>
#include <lib/run/handle.h>
#include <lib/run/tap_lanes.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_LEAST ((size_t)65536)
#define BUFFER_MOST ((size_t)1 << 30)
#define PAUSE_NS 500000u      /* of a thread that found nothing */
#define FLUSH_NS 100000000u   /* what the sink holds is written out so often */
#define THROUGH_NS 100000000u /* a packet is through programs that were exchanged */
#define KEPT 32		      /* taps that have ended and are still known */
#define NAME_MAX_BYTES 16

struct ffpf_tap {
	struct ffpf_tap *next;
	struct ffpf_run *run;
	struct ffpf_arena *arena;
	struct ffpf_tap_point point;
	char name[NAME_MAX_BYTES];
	const char *edge, *sink;
	struct ffpf_instance instance;
	void *object;
	pthread_t thread;
	bool started, ended;
	atomic_bool stop;     /* nothing more comes: what is there is taken */
	atomic_bool finished; /* the tap has had what it was set for */
	uint64_t packets;     /* so many are wanted; 0: any number */
	uint64_t until_ns;    /* CLOCK_MONOTONIC; 0: no end */
	atomic_ullong written, left;
	uint64_t before; /* what the level's cells said when it began */
	uint64_t in, unkept;
	const char *why; /* what the sink failed of */
	struct ffpf_clock clock;
	size_t buffer; /* bytes for each CPU (of reader threads: each) */
	void *feed;    /* of a level of the kernel */
	struct ffpf_tap_lanes *lanes;
};

struct ffpf_taps {
	struct ffpf_tap *slots[FFPF_TAPS_MAX];
	struct ffpf_tap *all; /* the latest first */
	unsigned n_made;
};

/* ---- copies ---------------------------------------------------------------------------------- */

void ffpf_tap_put(struct ffpf_run *run, unsigned number, unsigned thread, const struct ffpf_packet *packet,
		  uint32_t class)
{
	ffpf_tap_lanes_put(run->taps->slots[number]->lanes, thread, packet, class);
}

static void take(void *arg, const struct ffpf_packet *packet, uint32_t class)
{
	struct ffpf_tap *t = arg;
	struct ffpf_packet copy = *packet;

	if (t->packets && t->written >= t->packets) {
		t->left++;
		return;
	}
	if (t->feed && !t->run->options->replay)
		copy.time_ns += (uint64_t)t->clock.offset;
	t->instance.class->native->process(t->object, &copy, class);
	if (++t->written == t->packets)
		t->finished = true;
}

static unsigned read_all(struct ffpf_tap *t, bool last)
{
	return t->feed ? t->point.from->level->tap_read(t->feed, last, take, t)
		       : ffpf_tap_lanes_read(t->lanes, last, take, t);
}

static void look_after(struct ffpf_tap *t)
{
	const struct ffpf_native *ops = t->instance.class->native;
	const char *why = NULL;

	ffpf_clock_look(&t->clock);
	if (ops->flush)
		ops->flush(t->object);
	if (!t->why && ops->error && ops->error(t->object, &why)) {
		t->why = why ? why : "the sink failed";
		t->finished = true;
	}
	if (t->until_ns && ffpf_clock_ns() >= t->until_ns)
		t->finished = true;
}

static void *run_tap(void *arg)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	struct ffpf_tap *t = arg;
	uint64_t flushed = 0;

	for (;;) {
		bool last = t->stop;
		uint64_t now = ffpf_clock_ns();

		if (now - flushed > FLUSH_NS) {
			look_after(t);
			flushed = now;
		}
		if (read_all(t, last))
			continue;
		if (last)
			break;
		nanosleep(&pause, NULL);
	}
	look_after(t);
	return NULL;
}

/* ---- buffers --------------------------------------------------------------------------------- */

static int make_buffers(struct ffpf_tap *t, char *why, size_t size)
{
	const struct ffpf_flowspace *level = t->point.from->level;

	if (level->tap_open)
		return level->tap_open(ffpf_run_state(t->run, level), t->point.number, &t->buffer, &t->feed, why, size);
	return ffpf_tap_lanes_new(t->run, t->buffer, &t->lanes);
}

static void free_buffers(struct ffpf_tap *t)
{
	const struct ffpf_flowspace *level = t->feed ? t->point.from->level : NULL;

	if (level)
		level->tap_close(ffpf_run_state(t->run, level), t->point.number, t->feed);
	ffpf_tap_lanes_free(t->lanes);
	t->lanes = NULL;
	t->feed = NULL;
}

/* ---- what is to be tapped -------------------------------------------------------------------- */

static const struct ffpf_function *find(const struct ffpf_graph *graph, const char *name, size_t len)
{
	for (size_t i = 0; i < graph->n_functions; i++) {
		const char *of = graph->functions[i]->instance.name;

		if (strlen(of) == len && !memcmp(of, name, len))
			return graph->functions[i];
	}
	return NULL;
}

static int check_level(const struct ffpf_run *run, const struct ffpf_function *from, char *why, size_t size)
{
	const struct ffpf_flowspace *level = from->level;

	if (!level->replace || (level->on_path && !level->tap_open)) {
		snprintf(why, size, "'%s' runs at '%s', whose functions can't be tapped", from->instance.name,
			 level->name);
		return -EOPNOTSUPP;
	}
	if (level->on_path && !run->graph->may_tap) {
		snprintf(why, size,
			 "'%s' runs at '%s': a run that may be tapped there is begun with --taps, for it keeps the "
			 "privileges that loading takes",
			 from->instance.name, level->name);
		return -EPERM;
	}
	return 0;
}

static int find_point(const struct ffpf_run *run, const char *edge, struct ffpf_tap_point *point, char *why,
		      size_t size)
{
	const char *arrow = strchr(edge, '>');
	const struct ffpf_graph *graph = run->graph;
	bool joined = false;

	point->from = find(graph, edge, arrow ? (size_t)(arrow - edge) : strlen(edge));
	point->to = arrow ? find(graph, arrow + 1, strlen(arrow + 1)) : NULL;
	if (!point->from || (arrow && !point->to)) {
		snprintf(why, size, "there is no function '%.*s'",
			 (int)(!point->from && arrow ? arrow - edge : (long)strlen(edge)),
			 point->from ? arrow + 1 : edge);
		return -ENOENT;
	}
	for (size_t i = 0; i < point->from->n_out; i++)
		joined |= point->from->out[i]->to == point->to;
	if (point->to && !joined) {
		snprintf(why, size, "there is no edge from '%s' to '%s'", point->from->instance.name,
			 point->to->instance.name);
		return -ENOENT;
	}
	if (!point->from->n_out && ffpf_changes_packets(point->from)) {
		snprintf(why, size, "'%s' has nothing behind it", point->from->instance.name);
		return -EOPNOTSUPP;
	}
	return check_level(run, point->from, why, size);
}

/* ---- the sink -------------------------------------------------------------------------------- */

static const char *file_of(const struct ffpf_instance *instance)
{
	for (size_t i = 0; i < instance->class->n_params; i++)
		if (instance->class->params[i].type == FFPF_TYPE_FILE && instance->values[i].set)
			return instance->values[i].s;
	return NULL;
}

/* The graph's own files are not for others. */
static bool is_written(const struct ffpf_run *run, const char *file)
{
	const struct ffpf_tap *t = run->taps->all;
	const char *of;

	for (size_t i = 0; i < run->graph->n_functions; i++) {
		of = file_of(&run->graph->functions[i]->instance);
		if (of && !strcmp(of, file))
			return true;
	}
	for (; t; t = t->next) {
		of = t->ended ? NULL : file_of(&t->instance);
		if (of && !strcmp(of, file))
			return true;
	}
	return false;
}

static int make_instance(struct ffpf_tap *t, const char *class, const char *file, char *why, size_t size)
{
	struct ffpf_graph *graph = t->run->graph;
	const struct ffpf_function *from = t->point.from;
	const struct ffpf_class *c = ffpf_class_find(class);
	struct ffpf_diags *diags = ffpf_diags_new();
	struct ffpf_instance caller = {.name = t->name, .arena = t->arena, .diags = diags};
	const char *text = file ? file : "";
	struct ffpf_span span = {.source = ffpf_diags_add_source(diags, "tap", text, strlen(text)),
				 .end = (uint32_t)strlen(text)};
	int err = ffpf_instance_call(&caller, c, &file, file ? 1 : 0, span, &t->instance);

	if (err)
		snprintf(why, size, "%s",
			 ffpf_diags_first(diags) ? ffpf_diags_first(diags)->message : "the sink is wrong");
	ffpf_diags_free(diags);
	t->instance.diags = NULL;
	t->instance.input = from->n_sources == 1 ? &graph->source_info[from->sources[0]] : NULL;
	t->instance.sources = graph->source_info;
	t->instance.n_sources = graph->n_sources;
	return err;
}

static int make_sink(struct ffpf_tap *t, const char *class, const char *file, char *why, size_t size)
{
	const char *reason = NULL, *path;
	int err;

	if (strcmp(class, "print") != 0 && strcmp(class, "write") != 0) {
		snprintf(why, size, "no sink '%s'; there are print, write", class);
		return -EINVAL;
	}
	/* Values are not copied, and this one is the request's. */
	err = make_instance(t, class, file ? ffpf_arena_strdup(t->arena, file) : NULL, why, size);
	if (err)
		return err;
	path = file_of(&t->instance);
	if (ffpf_writes_stdout(&(struct ffpf_function){.instance = t->instance}, NULL)) {
		if (!t->run->options->stdout_taken)
			path = NULL;
		else
			snprintf(why, size, "standard output is taken by the results: give '%s' a file", class);
	} else if (path && is_written(t->run, path)) {
		snprintf(why, size, "%s: it is being written already", path);
	}
	if (*why)
		return -EBUSY;
	t->sink = path ? ffpf_arena_printf(t->arena, "%s %s", class, path) : ffpf_arena_strdup(t->arena, class);
	err = t->instance.class->native->open(&t->instance, 0, &t->object, &reason);
	if (err) {
		t->object = NULL;
		snprintf(why, size, "%s", reason ? reason : strerror(-err));
	}
	return err;
}

/* ---- setting and taking away ----------------------------------------------------------------- */

static struct ffpf_taps *taps_of(struct ffpf_run *run)
{
	if (!run->taps)
		run->taps = calloc(1, sizeof(*run->taps));
	return run->taps;
}

/* The points of all taps but those that end now. */
static void set_points(struct ffpf_run *run)
{
	struct ffpf_graph *graph = run->graph;

	graph->n_taps = 0;
	for (unsigned i = 0; i < FFPF_TAPS_MAX; i++)
		if (run->taps->slots[i] && !run->taps->slots[i]->ended)
			graph->taps[graph->n_taps++] = run->taps->slots[i]->point;
}

/* The programs of the tap's level, with the taps that there are now. */
static int exchange(struct ffpf_tap *t, char *why, size_t size)
{
	const struct ffpf_flowspace *level = t->point.from->level;
	void **none = calloc(t->run->graph->n_functions + 1, sizeof(void *));
	int err = none ? 0 : -ENOMEM;

	set_points(t->run);
	if (!err)
		err = level->replace(t->run, ffpf_run_state(t->run, level), none, why, size);
	free(none);
	return err;
}

/* What found no room, as far as is known while packets come. */
static uint64_t refused(const struct ffpf_tap *t)
{
	uint64_t in, lost = 0;

	if (t->feed)
		return t->point.from->level->tap_lost(t->feed);
	if (t->lanes)
		ffpf_tap_lanes_counts(t->lanes, &in, &lost);
	return lost;
}

/* Packets for the tap's number since the level began. */
static uint64_t counted(const struct ffpf_tap *t)
{
	const struct ffpf_run *run = t->run;
	const struct ffpf_level *level = ffpf_layout_level(run->layout, t->point.from->level);
	uint64_t n = 0, lost;

	if (t->lanes)
		ffpf_tap_lanes_counts(t->lanes, &n, &lost);
	for (size_t i = 0; t->feed && i < run->n_cells; i++)
		for (unsigned slot = 0; run->cells[i].level == level->flowspace && slot < run->cells[i].n_slots;
		     slot++) {
			const uint64_t *cells =
				(const uint64_t *)((const char *)run->cells[i].first + slot * run->cells[i].stride);

			n += __atomic_load_n(&cells[level->taps + t->point.number], __ATOMIC_RELAXED);
		}
	return n;
}

static void drop(struct ffpf_tap *t)
{
	free_buffers(t);
	if (t->object)
		t->instance.class->native->close(t->object);
	ffpf_arena_free(t->arena);
	free(t);
}

static void forget_old(struct ffpf_taps *taps)
{
	struct ffpf_tap **at = &taps->all;
	unsigned n = 0;

	while (*at) {
		struct ffpf_tap *t = *at;

		if (!t->ended || n++ < KEPT) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		drop(t);
	}
}

/* The programs have nothing of the tap any more: what is on its way is taken, then it is told how it ended. */
static void finish(struct ffpf_tap *t)
{
	const struct ffpf_native *ops = t->instance.class->native;

	t->stop = true;
	/* Whoever waits for the reader of a pipe must not keep the run waiting. */
	if (t->started && ops->end)
		ops->end(t->object);
	if (t->started)
		pthread_join(t->thread, NULL);
	t->started = false;
	t->in = counted(t) - t->before;
	t->unkept = ops->lost ? ops->lost(t->object) : 0;
	if (t->why)
		t->why = ffpf_arena_strdup(t->arena, t->why);
	ops->close(t->object);
	t->object = NULL;
	t->run->taps->slots[t->point.number] = NULL;
	free_buffers(t);
	forget_old(t->run->taps);
}

static int end(struct ffpf_tap *t, char *why, size_t size)
{
	const struct timespec through = {.tv_nsec = THROUGH_NS};
	int err;

	t->ended = true;
	err = exchange(t, why, size);
	if (err) {
		t->ended = false;
		set_points(t->run);
		return err;
	}
	if (t->feed)
		nanosleep(&through, NULL);
	finish(t);
	return 0;
}

static int begin(struct ffpf_tap *t, char *why, size_t size)
{
	int err;

	err = make_buffers(t, why, size);
	if (err)
		return err;
	t->before = counted(t);
	ffpf_clock_look(&t->clock);
	err = pthread_create(&t->thread, NULL, run_tap, t);
	if (err)
		return -err;
	t->started = true;
	t->run->taps->slots[t->point.number] = t;
	err = exchange(t, why, size);
	if (err) {
		t->ended = true;
		set_points(t->run);
		t->run->taps->slots[t->point.number] = NULL;
		t->stop = true;
		pthread_join(t->thread, NULL);
	}
	return err;
}

/* A power of two; one packet has room in any. */
static size_t buffer_bytes(size_t wanted)
{
	size_t bytes = BUFFER_LEAST;

	while (bytes < wanted && bytes < BUFFER_MOST)
		bytes <<= 1;
	return bytes;
}

static int make(struct ffpf_run *run, const struct ffpf_tap_request *request, char *why, size_t size)
{
	struct ffpf_taps *taps = taps_of(run);
	struct ffpf_tap *t = taps ? calloc(1, sizeof(*t)) : NULL;
	unsigned number = 0;
	int err;

	if (!t)
		return -ENOMEM;
	t->run = run;
	t->arena = ffpf_arena_new();
	while (number < FFPF_TAPS_MAX && taps->slots[number])
		number++;
	t->point.number = number;
	t->edge = ffpf_arena_strdup(t->arena, request->edge);
	t->packets = request->packets;
	t->buffer = buffer_bytes(request->buffer_size ?: run->options->buffer_size);
	if (request->usec)
		t->until_ns = ffpf_clock_ns() + request->usec * 1000;
	snprintf(t->name, sizeof(t->name), "tap%u", taps->n_made);
	err = find_point(run, request->edge, &t->point, why, size);
	if (!err && number == FFPF_TAPS_MAX) {
		snprintf(why, size, "there are %d taps: take one away", FFPF_TAPS_MAX);
		err = -EBUSY;
	}
	if (!err)
		err = make_sink(t, request->sink, request->file, why, size);
	if (!err)
		err = begin(t, why, size);
	if (err) {
		drop(t);
		return err;
	}
	taps->n_made++;
	t->next = taps->all;
	taps->all = t;
	return 0;
}

/* ---- for the run ----------------------------------------------------------------------------- */

void ffpf_taps_tend(struct ffpf_run *run)
{
	char why[512] = "";

	for (unsigned i = 0; run->taps && i < FFPF_TAPS_MAX; i++)
		if (run->taps->slots[i] && run->taps->slots[i]->finished)
			(void)end(run->taps->slots[i], why, sizeof(why)); /* else it is tried again */
}

void ffpf_taps_end(struct ffpf_run *run)
{
	for (unsigned i = 0; run->taps && i < FFPF_TAPS_MAX; i++)
		if (run->taps->slots[i]) {
			run->taps->slots[i]->ended = true;
			finish(run->taps->slots[i]);
		}
}

void ffpf_taps_free(struct ffpf_run *run)
{
	while (run->taps && run->taps->all) {
		struct ffpf_tap *t = run->taps->all;

		run->taps->all = t->next;
		drop(t);
	}
	free(run->taps);
	run->taps = NULL;
}

/* ---- for the application --------------------------------------------------------------------- */

int ffpf_run_tap(struct ffpf_run *run, const struct ffpf_tap_request *request, const char **name, char *why,
		 size_t size)
{
	int err = make(run, request, why, size);

	if (!err)
		*name = run->taps->all->name;
	return err;
}

int ffpf_run_untap(struct ffpf_run *run, const char *name, char *why, size_t size)
{
	for (unsigned i = 0; run->taps && i < FFPF_TAPS_MAX; i++)
		if (run->taps->slots[i] && !strcmp(run->taps->slots[i]->name, name))
			return end(run->taps->slots[i], why, size);
	snprintf(why, size, "there is no tap '%s'", name);
	return -ENOENT;
}

int ffpf_tap_get(struct ffpf *h, size_t i, struct ffpf_tap_info *out)
{
	const struct ffpf_run *run = ffpf_handle_running(h);
	const struct ffpf_tap *t = run && run->taps ? run->taps->all : NULL;

	while (t && i--)
		t = t->next;
	if (!t)
		return -ENOENT;
	*out = (struct ffpf_tap_info){.name = t->name,
				      .edge = t->edge,
				      .sink = t->sink,
				      .flowspace = t->point.from->level->name,
				      .buffer = t->buffer,
				      .ended = t->ended,
				      .written = t->written - t->unkept,
				      .left = t->left,
				      .why = t->ended ? t->why : NULL};
	/* While it is set some are on their way. */
	out->in = t->ended ? t->in : counted(t) - t->before;
	out->lost = t->ended ? t->in - out->written - out->left : refused(t);
	return 0;
}
