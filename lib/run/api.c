/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The public life cycle (ffpf/ffpf.h) over parsing, resolving, placing and running.
 */
#include <lib/run/clock.h>
#include <lib/graph/classes.h>
#include <lib/graph/copy.h>
#include <lib/lang/arena.h>
#include <lib/lang/ast.h>
#include <lib/run/export.h>
#include <lib/run/tap.h>
#include <lib/run/trace.h>
#include <lib/run/handle.h>
#include <lib/run/run.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Steps of waiting: short at first, since a short savefile has ended by then; longer ones wake the processor less. */
#define WAIT_STEP_MIN_US 500
#define WAIT_STEP_MAX_US 20000
#define WATCH_NS 50000000u

enum state { CREATED, POPULATED, INSTANTIATED, ACTIVE, ENDED, BROKEN };

struct ffpf {
	enum state state;
	struct ffpf_arena *arena;
	struct ffpf_diags *diags;
	struct ffpf_options options;
	struct ffpf_variable *variables;
	struct ffpf_run run;
	uint64_t watched_ns;
	char error[512];
	const char *said; /* of the last call that failed: error or run.why; NULL: none */
};

static size_t round_up_power(size_t n)
{
	size_t p = 4096;

	while (p < n && p < (size_t)1 << 40)
		p <<= 1;
	return p;
}

static void copy_options(struct ffpf *h, const struct ffpf_options *from)
{
	struct ffpf_options *o = &h->options;
	int *cpus;

	if (from)
		*o = *from;
	o->buffer_size = round_up_power(o->buffer_size ? o->buffer_size : FFPF_BUFFER_DEFAULT);
	if (!o->wake_packets)
		o->wake_packets = 1024;
	if (!o->wake_us)
		o->wake_us = 1000;
	cpus = ffpf_arena_alloc(h->arena, (o->n_cpus + 1) * sizeof(*cpus));
	if (o->n_cpus)
		memcpy(cpus, o->cpus, o->n_cpus * sizeof(*cpus));
	o->cpus = cpus;
	h->variables = ffpf_arena_alloc(h->arena, (o->n_defines + 1) * sizeof(*h->variables));
	for (size_t i = 0; i < o->n_defines; i++)
		h->variables[i] = (struct ffpf_variable){ffpf_arena_strdup(h->arena, o->defines[i].name),
							 ffpf_arena_strdup(h->arena, o->defines[i].value)};
	if (o->trace_match)
		o->trace_match = ffpf_arena_strdup(h->arena, o->trace_match);
	if (o->base_dir)
		o->base_dir = ffpf_arena_strdup(h->arena, o->base_dir);
}

struct ffpf *ffpf_create(const struct ffpf_options *options)
{
	struct ffpf *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->arena = ffpf_arena_new();
	h->diags = ffpf_diags_new();
	copy_options(h, options);
	return h;
}

int ffpf_handle_misused(struct ffpf *h, const char *call)
{
	static const char *const states[] = {
		[CREATED] = "nothing has been populated yet",
		[POPULATED] = "the graph is populated, but not instantiated",
		[INSTANTIATED] = "the graph is instantiated, but not active",
		[ACTIVE] = "the graph is active",
		[ENDED] = "the graph has been deactivated",
		[BROKEN] = "an earlier call failed: only ffpf_close is left",
	};

	snprintf(h->error, sizeof(h->error), "%s is called at the wrong time of the life cycle: %s", call,
		 states[h->state]);
	h->said = h->error;
	return -EINVAL;
}

/* What instantiate, activate or a reader reported. */
static int failed(struct ffpf *h, int err)
{
	if (err)
		h->said = h->run.why;
	return err;
}

int ffpf_class_path(struct ffpf *h, const char *dir)
{
	int err;

	if (h->state != CREATED)
		return ffpf_handle_misused(h, "ffpf_class_path");
	err = ffpf_class_load_path(dir, h->diags);
	if (err) {
		snprintf(h->error, sizeof(h->error), "the class path %s: %s", dir,
			 ffpf_diags_first(h->diags) ? ffpf_diags_first(h->diags)->message : strerror(-err));
		h->said = h->error;
	}
	return err;
}

/* Builds every program once, for what only building tells: a filter that does not compile for a source's link type. */
static int check_programs(struct ffpf *h, const struct ffpf_layout *layout)
{
	struct ffpf_fuse_options o = {.piece_functions = UINT32_MAX, .report = true};
	struct ffpf_graph *graph = h->run.graph;
	int err = 0;

	for (size_t i = 0; i < graph->n_functions; i++)
		graph->functions[i]->instance.diags = h->diags;
	for (size_t i = 0; i < layout->n_levels; i++)
		for (unsigned s = 0; s < graph->n_sources; s++) {
			struct ffpf_arena *arena = ffpf_arena_new();
			struct ffpf_fused fused;

			o.stage = NULL;
			do {
				int failed =
					ffpf_fuse(graph, layout, layout->levels[i].flowspace, s, &o, arena, &fused);

				err = err ? err : failed;
			} while (ffpf_fuse_next_stage(graph, layout->levels[i].flowspace, s, &o.stage));
			ffpf_arena_free(arena);
		}
	for (size_t i = 0; i < graph->n_functions; i++)
		graph->functions[i]->instance.diags = NULL;
	return err;
}

struct ffpf_run *ffpf_handle_run(struct ffpf *h)
{
	return h->state >= POPULATED && h->state != BROKEN ? &h->run : NULL;
}

struct ffpf_run *ffpf_handle_running(struct ffpf *h)
{
	return h->state >= INSTANTIATED && h->state != BROKEN ? &h->run : NULL;
}

static bool defined_once(struct ffpf *h)
{
	for (size_t i = 0; i < h->options.n_defines; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(h->variables[i].name, h->variables[k].name)) {
				snprintf(h->error, sizeof(h->error), "the variable '%s' is given twice: '%s' and '%s'",
					 h->variables[i].name, h->variables[k].value, h->variables[i].value);
				return false;
			}
	return true;
}

int ffpf_populate(struct ffpf *h, const char *name, const char *text, size_t len)
{
	const struct ffpf_parse_options parse = {h->variables, h->options.n_defines};
	const struct ffpf_resolve_options resolve = {h->options.base_dir, h->variables, h->options.n_defines,
						     h->options.stdout_taken};
	const struct ffpf_flowspace *const *table;
	const struct ffpf_layout *layout;
	struct ffpf_graph *graph = NULL;
	struct ffpf_ast *ast;
	size_t n;

	if (h->state != CREATED)
		return ffpf_handle_misused(h, "ffpf_populate");
	h->state = BROKEN;
	h->said = h->error;
	if (!defined_once(h) || ffpf_processors_check(&h->options, h->error, sizeof(h->error)) < 0)
		return -EINVAL;
	if (h->options.copy == FFPF_COPY_ONCE && h->options.slow_reader) {
		snprintf(
			h->error, sizeof(h->error),
			"packets that a lower level stores for a higher one (--copy once) can't wait for a slow reader "
			"(--slow-reader): choose one of them");
		return -EINVAL;
	}
	snprintf(h->error, sizeof(h->error), "%s: the flowgraph is wrong", name);
	ast = ffpf_parse(h->arena, h->diags, ffpf_diags_add_source(h->diags, name, text, len ? len : strlen(text)),
			 &parse);
	if (ffpf_resolve(h->arena, h->diags, ast, &resolve, &graph) < 0 || ffpf_diags_errors(h->diags))
		return -EINVAL;
	graph->replay = h->options.replay;
	graph->copy = h->options.copy;
	graph->may_tap = h->options.taps;
	if (ffpf_trace_plan(graph, &h->options) < 0)
		return -EINVAL;
	ffpf_export_append(graph, &h->options);
	table = ffpf_flowspaces(&n);
	if (ffpf_place(graph, table, n) < 0 || ffpf_diags_errors(h->diags)) {
		ffpf_check_filters(h->arena, h->diags, graph->functions, graph->n_functions, graph->source_info);
		return -EINVAL;
	}
	h->run.graph = graph;
	h->run.arena = h->arena;
	h->run.options = &h->options;
	if (ffpf_copy_check(graph) < 0 || ffpf_shipments_check(graph) < 0 || ffpf_wanted_resolve(graph) < 0 ||
	    ffpf_check_cells(graph) < 0)
		return -EINVAL;
	layout = ffpf_layout_new(graph);
	if (ffpf_trace_check(graph, layout, h->error, sizeof(h->error)) < 0 || ffpf_check_foreign(graph, layout) < 0 ||
	    check_programs(h, layout) < 0 || ffpf_diags_errors(h->diags))
		return -EINVAL;
	h->said = NULL;
	h->state = POPULATED;
	return 0;
}

int ffpf_instantiate(struct ffpf *h)
{
	int err;

	if (h->state != POPULATED)
		return ffpf_handle_misused(h, "ffpf_instantiate");
	err = failed(h, ffpf_run_instantiate(&h->run));
	h->state = err ? BROKEN : INSTANTIATED;
	return err;
}

int ffpf_probe(struct ffpf *h)
{
	int err;

	if (h->state != POPULATED)
		return ffpf_handle_misused(h, "ffpf_probe");
	err = failed(h, ffpf_run_probe(&h->run));
	if (err)
		h->state = BROKEN;
	return err;
}

int ffpf_events(struct ffpf *h, void (*event)(void *arg, const struct ffpf_event *event), void *arg)
{
	if (h->state > INSTANTIATED)
		return ffpf_handle_misused(h, "ffpf_events");
	h->run.event = event;
	h->run.event_arg = arg;
	return 0;
}

int ffpf_activate(struct ffpf *h)
{
	int err;

	if (h->state != INSTANTIATED)
		return ffpf_handle_misused(h, "ffpf_activate");
	err = failed(h, ffpf_run_activate(&h->run));
	h->state = err ? ENDED : ACTIVE;
	return err;
}

int ffpf_deactivate(struct ffpf *h)
{
	if (h->state != ACTIVE)
		return ffpf_handle_misused(h, "ffpf_deactivate");
	ffpf_run_deactivate(&h->run);
	h->state = ENDED;
	return 0;
}

int ffpf_replace(struct ffpf *h, const char *function, const char *file)
{
	char why[sizeof(h->error)];
	int err;

	if (h->state != ACTIVE)
		return ffpf_handle_misused(h, "ffpf_replace");
	why[0] = '\0';
	err = ffpf_run_replace(&h->run, function, file, why, sizeof(why));
	if (err) {
		snprintf(h->error, sizeof(h->error), "%s", why[0] ? why : strerror(-err));
		h->said = h->error;
	}
	return err;
}

/* What a call for a tap gave, with its sentence where it failed. */
static int told(struct ffpf *h, int err, const char *why)
{
	if (err) {
		snprintf(h->error, sizeof(h->error), "%s", *why ? why : strerror(-err));
		h->said = h->error;
	}
	return err;
}

int ffpf_tap(struct ffpf *h, const struct ffpf_tap_request *request, const char **name)
{
	char why[sizeof(h->error)] = "";

	if (h->state != ACTIVE)
		return ffpf_handle_misused(h, "ffpf_tap");
	return told(h, ffpf_run_tap(&h->run, request, name, why, sizeof(why)), why);
}

int ffpf_untap(struct ffpf *h, const char *name)
{
	char why[sizeof(h->error)] = "";

	if (h->state != ACTIVE)
		return ffpf_handle_misused(h, "ffpf_untap");
	return told(h, ffpf_run_untap(&h->run, name, why, sizeof(why)), why);
}

bool ffpf_replaceable(const struct ffpf *h, const char *function)
{
	const struct ffpf_graph *g = h->run.graph;

	for (size_t i = 0; g && i < g->n_functions; i++)
		if (!strcmp(g->functions[i]->instance.name, function))
			return g->functions[i]->instance.class->reload && g->functions[i]->level->replace;
	return false;
}

const char *ffpf_function_name(const struct ffpf *h, size_t i)
{
	return h->run.graph && i < h->run.graph->n_functions ? h->run.graph->functions[i]->instance.name : NULL;
}

void ffpf_close(struct ffpf *h)
{
	if (!h)
		return;
	if (h->run.layout)
		ffpf_run_close(&h->run);
	ffpf_diags_free(h->diags);
	ffpf_arena_free(h->arena);
	free(h);
}

const char *ffpf_error(const struct ffpf *h)
{
	if (h->said)
		return h->said;
	return h->run.failed ? h->run.why : h->run.damaged ? h->run.damage : "";
}

struct ffpf_diags *ffpf_diagnostics(struct ffpf *h)
{
	return h->diags;
}

const char *ffpf_notice(const struct ffpf *h, size_t i)
{
	if (i < h->run.n_notices)
		return h->run.notices[i];
	/* Sources and functions speak up at the end: until then their readers are at work on them. */
	return h->run.ended_ns ? ffpf_run_end_notice(&h->run, i - h->run.n_notices) : NULL;
}

bool ffpf_uses_stdout(const struct ffpf *h)
{
	const struct ffpf_graph *g = h->run.graph;

	for (size_t i = 0; g && i < g->n_functions; i++)
		if (ffpf_writes_stdout(g->functions[i], NULL))
			return true;
	return false;
}

/* ---- while it runs --------------------------------------------------------------------------- */

static void watch(struct ffpf *h)
{
	uint64_t now = ffpf_clock_ns();

	if (now - h->watched_ns < WATCH_NS)
		return;
	h->watched_ns = now;
	ffpf_taps_tend(&h->run);
	for (size_t i = 0; i < h->run.n_levels; i++)
		if (h->run.levels[i].flowspace->watch)
			h->run.levels[i].flowspace->watch(&h->run, h->run.levels[i].state);
}

static bool has_live_source(const struct ffpf *h)
{
	for (size_t i = 0; i < h->run.graph->n_sources; i++)
		if (!h->run.graph->sources[i]->instance.class->source)
			return true;
	return false;
}

/* The end of all inputs: 0, or what was wrong with one of them. */
static int ended(struct ffpf *h)
{
	if (!h->run.damaged)
		return 0;
	h->said = h->run.damage;
	return h->run.damaged;
}

int ffpf_running(struct ffpf *h)
{
	if (h->state == CREATED || h->state == POPULATED || h->state == INSTANTIATED)
		return ffpf_handle_misused(h, "ffpf_running");
	if (h->run.failed)
		return failed(h, h->run.failed);
	if (h->state == BROKEN)
		return ffpf_handle_misused(h, "ffpf_running");
	if (h->state != ACTIVE)
		return ended(h);
	watch(h);
	if (h->run.failed)
		return failed(h, h->run.failed);
	if (h->run.n_limits)
		ffpf_run_check_exhausted(&h->run);
	/* The readers hand on what they hold and write it out: nobody but the caller decides that this takes too long.
	 */
	if (h->run.exhausted)
		ffpf_run_wind_down(&h->run);
	if (h->run.exhausted ? !h->run.threads || ffpf_threads_done(&h->run)
			     : !has_live_source(h) && ffpf_threads_done(&h->run))
		return ended(h);
	return 1;
}

static void *export_object(struct ffpf *h, const struct ffpf_function *f)
{
	return f->level->object(ffpf_run_state(&h->run, f->level), f, 0);
}

static bool has_packets(struct ffpf *h, uint64_t packets)
{
	for (size_t i = 0; packets && i < h->run.graph->n_functions; i++)
		if (ffpf_export_is(h->run.graph->functions[i]) &&
		    ffpf_export_pending(export_object(h, h->run.graph->functions[i])) >= packets)
			return true;
	return false;
}

int ffpf_wait(struct ffpf *const *handles, size_t n, uint64_t packets, uint64_t usec)
{
	const uint64_t most = UINT64_MAX / 4000; /* microseconds: some centuries, and no overflow */
	uint64_t start = ffpf_clock_ns(), deadline = start + (usec < most ? usec : most) * 1000;

	for (;;) {
		int running = 0, err = 0;
		bool ready = false;
		uint64_t now;

		for (size_t i = 0; i < n; i++) {
			int r = ffpf_running(handles[i]);

			running += r > 0;
			err = err ? err : r < 0 ? r : 0;
			ready |= r <= 0 || has_packets(handles[i], packets);
		}
		now = ffpf_clock_ns();
		if (ready || now >= deadline)
			return err ? err : running;
		uint64_t left = (deadline - now) / 1000, step = WAIT_STEP_MIN_US + (now - start) / 4000;

		if (step > (packets ? WAIT_STEP_MIN_US : WAIT_STEP_MAX_US))
			step = packets ? WAIT_STEP_MIN_US : WAIT_STEP_MAX_US;
		struct timespec ts = {0, (long)(left < step ? left : step) * 1000};

		if (nanosleep(&ts, NULL) < 0 && errno == EINTR)
			return running;
	}
}

int ffpf_read(struct ffpf *h, const char *function, struct ffpf_packet *packets, uint32_t *classes, size_t n,
	      uint64_t *lost)
{
	struct ffpf_function *f = h->run.graph ? ffpf_export_find(h->run.graph, function) : NULL;

	if (h->state < INSTANTIATED || h->state == BROKEN)
		return ffpf_handle_misused(h, "ffpf_read");
	if (!f) {
		snprintf(h->error, sizeof(h->error), "no function '%s' with export=packets", function);
		h->said = h->error;
		return -ENOENT;
	}
	return ffpf_export_read(export_object(h, f), packets, classes, n, lost);
}

int ffpf_stats_get(struct ffpf *h, struct ffpf_stats **out)
{
	if (h->state < INSTANTIATED || h->state == BROKEN)
		return ffpf_handle_misused(h, "ffpf_stats_get");
	return ffpf_run_stats(&h->run, out);
}

void ffpf_progress(struct ffpf *h, uint64_t *done, uint64_t *total, uint64_t *packets)
{
	ffpf_threads_progress(&h->run, done, total, packets);
}

const char *ffpf_flowspace_name(size_t i, const char **help)
{
	size_t n;
	const struct ffpf_flowspace *const *table = ffpf_flowspaces(&n);

	if (i >= n)
		return NULL;
	if (help)
		*help = table[i]->help;
	return table[i]->name;
}

const char *ffpf_version(void)
{
	return FFPF_VERSION;
}
