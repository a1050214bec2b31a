/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where followed packets went: the levels' tables (lib/graph/fuse.h, struct ffpf_trace), put together by the packets'
 * numbers, in the order of each packet's way.
 */
#include <lib/graph/classes.h>
#include <lib/lang/arena.h>
#include <lib/run/clock.h>
#include <lib/run/handle.h>
#include <lib/run/trace.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

/* Memory of all tables: 256 MB. */
#define CELLS_MAX (32u << 20)
#define TEXT_MAX 256

/* ---- what is to be followed ------------------------------------------------------------------ */

static int make_match(struct ffpf_graph *graph, const char *expression)
{
	const struct ffpf_class *class = ffpf_class_find("BPF");
	struct ffpf_span span = {.source =
					 ffpf_diags_add_source(graph->diags, "--match", expression, strlen(expression)),
				 .end = (uint32_t)strlen(expression)};

	graph->trace->match = ffpf_arena_alloc(graph->arena, graph->n_sources * sizeof(struct ffpf_instance *) + 1);
	for (size_t i = 0; i < graph->n_sources; i++) {
		struct ffpf_instance *match = ffpf_arena_alloc(graph->arena, sizeof(*match));
		struct ffpf_instance caller = graph->sources[i]->instance;

		caller.diags = graph->diags;
		caller.input = &graph->source_info[i];
		if (ffpf_instance_call(&caller, class, &expression, 1, span, match) < 0)
			return -EINVAL;
		graph->trace->match[i] = match;
	}
	return 0;
}

int ffpf_trace_plan(struct ffpf_graph *graph, const struct ffpf_options *options)
{
	if (!options->trace_packets)
		return 0;
	graph->trace = ffpf_arena_alloc(graph->arena, sizeof(*graph->trace));
	graph->trace->packets = options->trace_packets;
	return options->trace_match ? make_match(graph, options->trace_match) : 0;
}

int ffpf_trace_check(const struct ffpf_graph *graph, const struct ffpf_layout *layout, char *why, size_t size)
{
	uint64_t cells = 0;

	for (size_t i = 0; graph->trace && i < layout->n_levels; i++)
		cells += (uint64_t)layout->n_levels * graph->trace->packets * layout->levels[i].trace->row;
	if (cells <= CELLS_MAX)
		return 0;
	snprintf(why, size, "following %u packets through %zu functions would take %llu MB: follow fewer",
		 graph->trace->packets, graph->n_functions, (unsigned long long)(cells >> 17));
	return -EINVAL;
}

/* ---- what was found -------------------------------------------------------------------------- */

struct list {
	struct ffpf_trace_list list;
	struct ffpf_arena *arena;
	const struct ffpf_run *run;
};

static const uint64_t *shared_of(const struct ffpf_run *run, const struct ffpf_flowspace *level)
{
	for (size_t i = 0; i < run->n_cells; i++)
		if (run->cells[i].level == level)
			return run->cells[i].shared;
	return NULL;
}

static uint64_t cell(const struct ffpf_run *run, const struct ffpf_level *level, uint32_t number, unsigned slot)
{
	const uint64_t *shared = shared_of(run, level->flowspace);
	const struct ffpf_trace_table *t = level->trace;

	return shared ? __atomic_load_n(&shared[t->rows + (size_t)(number - 1) * t->row + slot], __ATOMIC_RELAXED) : 0;
}

/* Packets of the level's sources that have a number. */
static unsigned followed(const struct ffpf_run *run, const struct ffpf_level *level)
{
	const uint64_t *shared = shared_of(run, level->flowspace);
	uint64_t n = shared ? __atomic_load_n(&shared[level->trace->counter], __ATOMIC_RELAXED) : 0;

	return n < run->graph->trace->packets ? (unsigned)n : run->graph->trace->packets;
}

static uint64_t met(const struct ffpf_run *run, const struct ffpf_function *f, uint32_t number)
{
	return cell(run, ffpf_layout_level(run->layout, f->level), number,
		    FFPF_TRACE_FUNCTIONS + ((const struct ffpf_function_layout *)f->layout)->trace);
}

static bool left(const struct ffpf_run *run, const struct ffpf_level *level, uint32_t number)
{
	for (unsigned k = 0; k < level->n_inflows; k++)
		if (level->inflows[k].to &&
		    cell(run, level, number, FFPF_TRACE_FUNCTIONS + level->trace->n_functions + k))
			return true;
	return false;
}

static bool was_at(const struct ffpf_run *run, const struct ffpf_level *level, uint32_t number)
{
	for (unsigned k = 0; k < level->trace->n_functions; k++)
		if (cell(run, level, number, FFPF_TRACE_FUNCTIONS + k))
			return true;
	return left(run, level, number);
}

static bool ends_here(const struct ffpf_function *f, uint32_t result)
{
	if (f->instance.class->role == FFPF_SINK || !result)
		return f->instance.class->role != FFPF_SINK;
	for (size_t i = 0; i < f->n_out; i++)
		if (ffpf_label_passes(&f->out[i]->label, result))
			return false;
	return f->n_out > 0;
}

/* The functions of one level, and what left it. */
static void add_level(struct list *l, struct ffpf_traced_packet *p, struct ffpf_trace_step *steps,
		      const struct ffpf_flowspace *flowspace, const struct ffpf_flowspace *above)
{
	const struct ffpf_run *run = l->run;
	const struct ffpf_level *level = ffpf_layout_level(run->layout, flowspace);

	for (size_t i = 0; i < run->graph->n_functions; i++) {
		const struct ffpf_function *f = run->graph->functions[i];
		uint64_t x = f->level == flowspace ? met(run, f, p->number) : 0;

		if (!x)
			continue;
		steps[p->n_steps++] = (struct ffpf_trace_step){.function = f->instance.name,
							       .flowspace = flowspace->name,
							       .class = (uint32_t)(x >> 32),
							       .result = (uint32_t)x,
							       .ends = ends_here(f, (uint32_t)x)};
		if (!p->let_go_by && ends_here(f, (uint32_t)x))
			p->let_go_by = f->instance.name;
	}
	p->dropped |= cell(run, level, p->number, FFPF_TRACE_DROPPED) != 0;
	if (above && left(run, level, p->number))
		steps[p->n_steps++] = (struct ffpf_trace_step){
			.flowspace = flowspace->name,
			.to = above->name,
			.stub = above->on_path	 ? "meta"
				: level->snaplen ? "pbuf"
						 : "ibuf",
			.arrived = was_at(run, ffpf_layout_level(run->layout, above), p->number)};
}

static const char *describe(struct list *l, const struct ffpf_level *level, uint32_t number, unsigned source,
			    struct ffpf_traced_packet *p)
{
	uint8_t bytes[FFPF_TRACE_WORDS * 8];
	struct ffpf_packet packet = {.data = bytes,
				     .len = p->len,
				     .time_ns = p->time_ns,
				     .linktype = l->run->graph->source_info[source].linktype};
	char *text = ffpf_arena_alloc(l->arena, TEXT_MAX);

	for (unsigned i = 0; i < FFPF_TRACE_WORDS; i++) {
		uint64_t word = cell(l->run, level, number, FFPF_TRACE_BYTES + i);

		for (unsigned k = 0; k < 8; k++)
			bytes[i * 8 + k] = (uint8_t)(word >> (56 - 8 * k));
	}
	/* Written are whole words only. */
	packet.caplen = p->len < sizeof(bytes) ? p->len & ~7u : (uint32_t)sizeof(bytes);
	if (l->run->graph->root->describe)
		l->run->graph->root->describe(&packet, text, TEXT_MAX);
	return text;
}

static bool add_packet(struct list *l, const struct ffpf_level *level, uint32_t number, struct ffpf_traced_packet *p)
{
	const struct ffpf_graph *graph = l->run->graph;
	uint64_t source = cell(l->run, level, number, FFPF_TRACE_SOURCE);
	struct ffpf_trace_step *steps;
	const struct ffpf_chain *chain;
	struct ffpf_clock clock = {0};

	if (!source || source > graph->n_sources)
		return false; /* numbered, and not yet written down */
	chain = &graph->chains[--source];
	steps = ffpf_arena_alloc(l->arena, (graph->n_functions + chain->n) * sizeof(*steps));
	*p = (struct ffpf_traced_packet){.number = number,
					 .source = graph->sources[source]->instance.name,
					 .steps = steps,
					 .len = (uint32_t)cell(l->run, level, number, FFPF_TRACE_LENGTH),
					 .time_ns = cell(l->run, level, number, FFPF_TRACE_TIME)};
	if (level->flowspace->on_path && !graph->replay) {
		ffpf_clock_look(&clock);
		p->time_ns += (uint64_t)clock.offset;
	}
	for (unsigned i = 0; i < chain->n; i++)
		add_level(l, p, steps, chain->levels[i], i + 1 < chain->n ? chain->levels[i + 1] : NULL);
	p->text = describe(l, level, number, (unsigned)source, p);
	return true;
}

unsigned ffpf_trace_count(struct ffpf *h)
{
	const struct ffpf_run *run = ffpf_handle_running(h);
	unsigned n = 0;

	for (size_t i = 0; run && run->graph->trace && i < run->layout->n_levels; i++)
		n += followed(run, &run->layout->levels[i]);
	return n;
}

int ffpf_trace_get(struct ffpf *h, struct ffpf_trace_list **out)
{
	struct ffpf_run *run = ffpf_handle_running(h);
	struct ffpf_traced_packet *packets;
	struct ffpf_arena *arena;
	struct list *l;

	*out = NULL;
	if (!run || !run->graph->trace)
		return ffpf_handle_misused(h, "ffpf_trace_get");
	arena = ffpf_arena_new();
	l = ffpf_arena_alloc(arena, sizeof(*l));
	l->arena = arena;
	l->run = run;
	packets = ffpf_arena_alloc(arena, (ffpf_trace_count(h) + 1) * sizeof(*packets));
	l->list.packets = packets;
	for (size_t i = 0; i < run->layout->n_levels; i++) {
		const struct ffpf_level *level = &run->layout->levels[i];
		unsigned n = followed(run, level);

		/* No more than were counted: they may have become more. */
		for (unsigned k = 1; k <= n; k++)
			l->list.n += add_packet(l, level, level->trace->first + k, &packets[l->list.n]);
	}
	*out = &l->list;
	return 0;
}

void ffpf_trace_free(struct ffpf_trace_list *list)
{
	if (list)
		ffpf_arena_free(((struct list *)list)->arena);
}
