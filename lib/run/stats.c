/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Results: from cells, C classes and readers to one snapshot in which every
 * function's figures close: in = out + filtered + lost.
 *
 * Cells are read while programs write them. What a function let out is read before what came in, so that a snapshot of
 * a running graph never shows more out than in.
 */
#include <lib/run/events.h>
#include <lib/lang/arena.h>
#include <lib/run/moments.h>
#include <lib/run/stats_maps.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct snapshot {
	struct ffpf_stats stats;
	struct ffpf_arena *arena;
	struct ffpf_run *run;
	bool ended;
	uint64_t most_lost[FFPF_MAX_FLOWSPACES]; /* by one in-flow of each of the layout's levels */
};

static const struct ffpf_cells *cells_of(const struct ffpf_run *run, const struct ffpf_flowspace *level)
{
	for (size_t i = 0; i < run->n_cells; i++)
		if (run->cells[i].level == level)
			return &run->cells[i];
	return NULL;
}

static const uint64_t *slot(const struct ffpf_cells *c, unsigned i)
{
	return (const uint64_t *)((const char *)c->first + (size_t)i * c->stride);
}

static uint64_t load(const uint64_t *cell)
{
	return __atomic_load_n(cell, __ATOMIC_RELAXED);
}

static uint64_t sum(const struct ffpf_run *run, const struct ffpf_flowspace *level, uint32_t cell)
{
	const struct ffpf_cells *c = cells_of(run, level);
	uint64_t total = 0;

	for (unsigned i = 0; c && cell != FFPF_NO_CELL && i < c->n_slots; i++)
		total += load(&slot(c, i)[cell]);
	return total;
}

static uint64_t packets(const struct ffpf_run *run, const struct ffpf_count *c)
{
	return sum(run, c->owner->level, c->cell);
}

static uint64_t bytes(const struct ffpf_run *run, const struct ffpf_count *c)
{
	return c->bytes ? sum(run, c->owner->level, c->cell + 1) : 0;
}

/* ---- losses ---------------------------------------------------------------------------------- */

/* Packets of an in-flow that came to the next level inside the kernel. */
static uint64_t arrived(const struct snapshot *s, const struct ffpf_level *level, unsigned k)
{
	const struct ffpf_layout *layout = s->run->layout;
	uint64_t total = 0;

	for (size_t i = 0; i < layout->n_levels; i++) {
		const struct ffpf_level *above = &layout->levels[i];

		for (unsigned n = 0; n < above->n_arrivals; n++)
			if (above->arrivals[n].below == level && above->arrivals[n].inflow == k)
				total += sum(s->run, above->flowspace, above->arrivals[n].count.cell);
	}
	return total;
}

/* Packets that an in-flow did not bring up. Exact at the end; before it, what is on its way is not taken for lost. */
static uint64_t inflow_loss(const struct snapshot *s, const struct ffpf_level *level, unsigned k)
{
	uint64_t owed, delivered;

	if (s->ended) {
		delivered = ffpf_threads_delivered_inflow(s->run, level->flowspace, k) + arrived(s, level, k);
		/* Counted by the level below, though the cell may be of the function above. */
		owed = sum(s->run, level->flowspace, level->inflows[k].owed.cell);
		return owed > delivered ? owed - delivered : 0;
	}
	return ffpf_threads_lost_inflow(s->run, level->flowspace, k);
}

/* Packets that set out for a function from below and did not arrive. */
static uint64_t barrier_loss(struct snapshot *s, const struct ffpf_function *f)
{
	const struct ffpf_layout *layout = s->run->layout;
	uint64_t lost = 0;

	for (size_t i = 0; i < layout->n_levels; i++) {
		for (unsigned k = 0; k < layout->levels[i].n_inflows; k++) {
			uint64_t loss;

			if (layout->levels[i].inflows[k].to != f)
				continue;
			loss = inflow_loss(s, &layout->levels[i], k);
			lost += loss;
			if (loss > s->most_lost[i])
				s->most_lost[i] = loss;
		}
	}
	return lost;
}

static uint64_t native_loss(const struct ffpf_run *run, const struct ffpf_function *f)
{
	const struct ffpf_class *class = f->instance.class;
	uint64_t lost = 0;

	for (unsigned t = 0;
	     class->native && !class->build && class->native->lost && t < (run->n_threads ? run->n_threads : 1); t++) {
		void *object = f->level->object ? f->level->object(ffpf_run_state(run, f->level), f, t) : NULL;

		if (object)
			lost += class->native->lost(object);
	}
	return lost;
}

/* ---- state ----------------------------------------------------------------------------------- */

static const struct ffpf_schema *schema_of(const struct ffpf_function *f)
{
	return ((const struct ffpf_function_layout *)f->layout)->schema;
}

static size_t total_cells(const struct ffpf_schema *schema)
{
	size_t n = 0;

	for (size_t i = 0; i < schema->n_fields; i++)
		n += schema->fields[i].cells ? schema->fields[i].cells : 1;
	return n;
}

struct gather {
	const struct snapshot *s;
	const struct ffpf_function *f;
	uint64_t *one; /* one slot's cells, fields in order */
	bool shared;   /* those that all slots share are there already */
};

/* One slot's unmerged cells of a function's fields, in order. */
static const uint64_t *gather_slot(const void *arg, unsigned i)
{
	struct gather *g = (struct gather *)arg;
	const struct ffpf_schema *schema = schema_of(g->f);
	const struct ffpf_function_layout *l = g->f->layout;
	const struct ffpf_cells *c = cells_of(g->s->run, g->f->level);
	uint64_t *to = g->one;

	for (size_t k = 0; k < schema->n_fields; k++) {
		uint32_t n = schema->fields[k].cells ? schema->fields[k].cells : 1;
		bool there = c && l->base[k] != FFPF_NO_CELL && !(schema->fields[k].flags & FFPF_FIELD_RING);
		const uint64_t *from = !there ? NULL : (l->shared[k] ? c->shared : slot(c, i)) + l->base[k];

		for (uint32_t j = 0; j < n && !(l->shared[k] && g->shared); j++)
			to[j] = there && j < l->cells[k] ? load(&from[j]) : 0;
		to += n;
	}
	g->shared = true;
	return g->one;
}

static void merge(const struct ffpf_field *field, uint64_t *into, uint64_t value, bool first)
{
	switch (field->merge) {
	case FFPF_MERGE_MAX:
		if (first || value > *into)
			*into = value;
		break;
	case FFPF_MERGE_MIN:
		if (first || value < *into)
			*into = value;
		break;
	case FFPF_MERGE_SHARED:
		*into = value;
		break;
	default:
		*into += value;
	}
}

static unsigned n_slots(const struct snapshot *s, const struct ffpf_function *f)
{
	const struct ffpf_cells *c = cells_of(s->run, f->level);

	return c ? c->n_slots : 0;
}

/* A value of a field for those who read it. */
static void convert(const struct ffpf_field *field, uint64_t *value, int64_t offset)
{
	if (field->unit == FFPF_UNIT_TIME && *value != field->initial)
		*value = ffpf_moment(*value, offset);
}

static bool is_native(const struct ffpf_function *f)
{
	return !f->instance.class->build && f->instance.class->native;
}

static void merge_slots(const struct snapshot *s, const struct ffpf_function *f, uint64_t *merged)
{
	const struct ffpf_class *class = f->instance.class;
	const struct ffpf_schema *schema = schema_of(f);
	struct gather g = {
		.s = s, .f = f, .one = ffpf_arena_alloc(s->arena, total_cells(schema) * sizeof(uint64_t) + 8)};
	unsigned n = is_native(f) ? (s->run->n_threads ? s->run->n_threads : 1) : n_slots(s, f), used = 0;
	const bool outside = is_native(f) && f->level->native_cells;

	for (unsigned i = 0; outside || i < n; i++) {
		uint64_t *to = merged;
		const uint64_t *from = g.one;

		if (outside) {
			if (!f->level->native_cells(ffpf_run_state(s->run, f->level), f, i, g.one))
				break;
		} else if (is_native(f)) {
			void *object =
				f->level->object ? f->level->object(ffpf_run_state(s->run, f->level), f, i) : NULL;

			if (!object || !class->native->state)
				continue;
			class->native->state(object, g.one);
		} else {
			gather_slot(&g, i);
		}
		for (size_t k = 0; k < schema->n_fields; k++)
			for (uint32_t j = 0; j < (schema->fields[k].cells ? schema->fields[k].cells : 1); j++)
				merge(&schema->fields[k], to++, *from++, !used);
		used++;
	}
}

bool ffpf_result_bucket(const struct ffpf_result *r, size_t k, uint64_t *from, uint64_t *to)
{
	if (!(r->flags & (FFPF_FIELD_LOG2 | FFPF_FIELD_LINEAR)) || k >= r->n)
		return false;
	if (r->flags & FFPF_FIELD_LOG2) {
		*from = !k ? 0 : k > 64 ? UINT64_MAX : (uint64_t)1 << (k - 1);
		*to = !k ? 0 : k >= 64 ? UINT64_MAX : ((uint64_t)1 << k) - 1;
		return true;
	}
	*from = r->first + k * r->width;
	*to = k + 1 == r->n ? UINT64_MAX : *from + r->width - 1;
	return true;
}

/* The buckets of a field, whose width may be a parameter. */
static void set_buckets(const struct ffpf_function *f, const struct ffpf_field *field, struct ffpf_result *r)
{
	r->first = field->first;
	r->width =
		field->width_param ? (uint64_t)ffpf_instance_value(&f->instance, field->width_param)->i : field->width;
}

/* A minimum that is what it began with: of all its cells, as they are merged, none was reached. */
static bool is_empty(const struct ffpf_field *field, uint64_t merged)
{
	return field->merge == FFPF_MERGE_MIN && field->initial == UINT64_MAX && merged == UINT64_MAX;
}

/* arrived: packets that did come in, without those lost on the way, which bytes_in does not hold either. */
static void add_results(struct snapshot *s, const struct ffpf_function *f, uint64_t arrived,
			struct ffpf_function_stats *out)
{
	const struct ffpf_class *class = f->instance.class;
	const struct ffpf_schema *schema = schema_of(f);
	uint64_t *cells = ffpf_arena_alloc(s->arena, total_cells(schema) * sizeof(*cells) + 8), *at = cells;
	double *derived = ffpf_arena_alloc(s->arena, schema->n_fields * sizeof(*derived) + 8);
	struct ffpf_result *results = ffpf_arena_alloc(s->arena, schema->n_fields * sizeof(*results) + 1);
	struct gather g = {
		.s = s, .f = f, .one = ffpf_arena_alloc(s->arena, total_cells(schema) * sizeof(uint64_t) + 8)};
	int64_t offset = ffpf_moments_offset(s->run, f, &s->run->clock);

	merge_slots(s, f, cells);
	if (class->derive)
		class->derive(&f->instance, cells, gather_slot, n_slots(s, f), &g, derived);
	for (size_t i = 0; i < schema->n_fields; i++) {
		const struct ffpf_field *field = &schema->fields[i];
		uint32_t n = field->cells ? field->cells : 1;
		struct ffpf_result *r = &results[out->n_results];

		if (field->flags & FFPF_FIELD_PACKETS_IN)
			*at = arrived;
		if (field->flags & FFPF_FIELD_BYTES_IN)
			*at = out->bytes_in;
		if (field->flags & FFPF_FIELD_MISSED && f->level->missed)
			*at = f->level->missed(ffpf_run_state(s->run, f->level), f);
		for (uint32_t k = 0; k < n; k++)
			convert(field, &at[k], offset);
		*r = (struct ffpf_result){.name = field->name,
					  .doc = field->doc,
					  .unit = field->unit,
					  .flags = field->flags,
					  .n = n,
					  .values = at,
					  .number = (double)*at,
					  .empty = n == 1 && is_empty(field, *at)};
		if (field->flags & FFPF_FIELD_LINEAR)
			set_buckets(f, field, r);
		if (field->flags & FFPF_FIELD_DERIVED) {
			r->values = NULL;
			r->number = derived[i];
		}
		at += n;
		if (!(field->flags & FFPF_FIELD_HIDDEN))
			out->n_results++;
	}
	out->results = results;
	if (f->level->map || schema->n_events || schema->n_tables) {
		struct map_results more = {.list = results, .n = out->n_results, .capacity = out->n_results};

		ffpf_event_results(s->run, f, s->arena, &more);
		ffpf_cell_tables(schema, cells, gather_slot, n_slots(s, f), &g,
				 s->run->options->table_rows ?: FFPF_TABLE_ROWS_DEFAULT, s->arena, &more);
		if (f->level->map)
			ffpf_map_results(s->run, f, s->arena, &more);
		out->results = more.list;
		out->n_results = more.n;
		for (size_t i = 0; i < more.n_tables; i++)
			ffpf_moments_convert(&more.tables[i].value, (void *)more.tables[i].values,
					     more.tables[i].n_rows, more.tables[i].value_size, offset);
		out->tables = more.tables;
		out->n_tables = more.n_tables;
	}
}

/* ---- functions and barriers ------------------------------------------------------------------ */

/* The figures that close; returns how many packets did come in. */
static uint64_t figures(struct snapshot *s, const struct ffpf_function *f, struct ffpf_function_stats *out)
{
	const struct ffpf_run *run = s->run;
	const struct ffpf_class *class = f->instance.class;
	const struct ffpf_function_layout *l = f->layout;
	uint64_t lost_here = native_loss(run, f), let_out = 0, in, arrived;

	if (!(ffpf_instance_flags(&f->instance) & FFPF_CLASS_PASSES) && class->role != FFPF_SINK)
		let_out = packets(run, &l->out);
	arrived = in = packets(run, &l->in);
	if (class->role == FFPF_SOURCE) {
		out->lost = ffpf_threads_source_lost(run, f);
		s->stats.lost += out->lost;
	} else {
		out->lost = barrier_loss(s, f);
	}
	s->stats.lost += lost_here;
	in += out->lost;
	if (ffpf_instance_flags(&f->instance) & FFPF_CLASS_PASSES) {
		out->lost += lost_here;
		let_out = in > out->lost ? in - out->lost : 0;
	} else {
		out->lost += lost_here;
	}
	if (class->role == FFPF_SOURCE)
		let_out = in - out->lost;
	if (let_out + out->lost > in)
		let_out = in - out->lost;
	out->packets_in = in;
	out->packets_out = let_out;
	out->filtered = in - out->lost - let_out;
	out->bytes_in = bytes(run, &l->in);
	return arrived;
}

static void add_function(struct snapshot *s, const struct ffpf_function *f, struct ffpf_function_stats *out)
{
	out->name = ffpf_arena_strdup(s->arena, f->instance.name);
	out->class = ffpf_arena_strdup(s->arena, f->instance.class->name);
	out->flowspace = f->level->name;
	add_results(s, f, figures(s, f, out), out);
}

/* A packet that is lost at a barrier is lost to every function above that it was meant for, and counts once in all. */
static uint64_t lost_once(const struct snapshot *s, const struct ffpf_flowspace *from, uint64_t records)
{
	const struct ffpf_layout *layout = s->run->layout;

	/* A record that one in-flow got and another, whose index is smaller, did not, is no lost record. */
	for (size_t i = 0; i < layout->n_levels; i++)
		if (layout->levels[i].flowspace == from && s->most_lost[i] > records)
			return s->most_lost[i];
	return records;
}

/* One barrier inside the kernel: all hops from one level to another. What is on its way is not taken for lost. */
static void add_hop(struct snapshot *s, struct ffpf_barrier_stats *b, const struct ffpf_hop *hop)
{
	const struct ffpf_flowspace *lower = hop->lower->flowspace, *upper = hop->upper->flowspace;
	uint64_t came = sum(s->run, upper, hop->came), sent = sum(s->run, lower, hop->sent);

	b->from = lower->name;
	b->to = upper->name;
	b->stub = "meta";
	b->packets += came;
	if (s->ended && sent > came)
		b->lost += sent - came;
}

static void add_hops(struct snapshot *s, struct ffpf_barrier_stats *barriers)
{
	const struct ffpf_layout *layout = s->run->layout;

	for (size_t i = 0; i < layout->n_hops; i++) {
		const struct ffpf_hop *hop = &layout->hops[i];
		size_t k = 0;

		while (k < s->stats.n_barriers && (strcmp(barriers[k].from, hop->lower->flowspace->name) != 0 ||
						   strcmp(barriers[k].to, hop->upper->flowspace->name) != 0))
			k++;
		if (k == s->stats.n_barriers)
			s->stats.n_barriers++;
		add_hop(s, &barriers[k], hop);
	}
	for (size_t k = 0; k < s->stats.n_barriers; k++)
		s->stats.lost += barriers[k].lost;
}

static void add_barriers(struct snapshot *s)
{
	const struct ffpf_run *run = s->run;
	struct ffpf_barrier_stats *barriers =
		ffpf_arena_alloc(s->arena, (run->n_ring_sets + run->layout->n_hops + 1) * sizeof(*barriers));

	add_hops(s, barriers);
	for (size_t i = 0; i < run->n_ring_sets; i++) {
		const struct ffpf_flowspace *from = run->ring_sets[i].from;
		struct ffpf_barrier_stats *b = &barriers[s->stats.n_barriers++];
		uint64_t lapped, refused;

		ffpf_threads_barrier(run, from, &b->packets, &b->bytes, &lapped, &refused);
		b->from = from->name;
		b->to = run->graph->root->name;
		b->stub = "pbuf";
		b->lost = lapped + refused;
		s->stats.lost += lost_once(s, from, b->lost);
	}
	s->stats.barriers = barriers;
}

static double elapsed(const struct ffpf_run *run)
{
	uint64_t end = run->ended_ns;

	if (!run->started_ns)
		return 0;
	if (!end)
		end = ffpf_clock_ns();
	return (double)(end - run->started_ns) / 1e9;
}

int ffpf_run_stats(struct ffpf_run *run, struct ffpf_stats **out)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct snapshot *s = ffpf_arena_alloc(arena, sizeof(*s));
	struct ffpf_function_stats *functions =
		ffpf_arena_alloc(arena, run->graph->n_functions * sizeof(*functions) + 1);

	s->arena = arena;
	s->run = run;
	s->ended = run->ended_ns != 0;
	s->stats.elapsed_s = elapsed(run);
	/* Downstream first: what arrived is read before what was sent. */
	for (size_t i = run->graph->n_functions; i-- > 0;)
		add_function(s, run->graph->functions[i], &functions[i]);
	s->stats.functions = functions;
	s->stats.n_functions = run->graph->n_functions;
	s->stats.interpreted = run->interpreted;
	add_barriers(s);
	*out = &s->stats;
	return 0;
}

void ffpf_stats_free(struct ffpf_stats *stats)
{
	if (stats)
		ffpf_arena_free(((struct snapshot *)stats)->arena);
}

/* ---- single results -------------------------------------------------------------------------- */

/* Of a field that has one cell for each slot, or one for all. */
static uint64_t merged_cell(const struct ffpf_run *run, const struct ffpf_function *f, size_t field)
{
	const struct ffpf_function_layout *l = f->layout;
	const struct ffpf_cells *c = cells_of(run, f->level);
	uint64_t value = 0;

	for (unsigned i = 0; c && l->base[field] != FFPF_NO_CELL && i < c->n_slots; i++)
		merge(&schema_of(f)->fields[field], &value,
		      load((l->shared[field] ? c->shared : slot(c, i)) + l->base[field]), !i);
	return value;
}

/* Of C code, or derived: from all cells of the function. */
static double computed(struct snapshot *s, const struct ffpf_function *f, size_t field)
{
	const struct ffpf_schema *schema = schema_of(f);
	uint64_t *cells = ffpf_arena_alloc(s->arena, total_cells(schema) * sizeof(*cells) + 8);
	double *derived = ffpf_arena_alloc(s->arena, schema->n_fields * sizeof(*derived) + 8);
	struct gather g = {
		.s = s, .f = f, .one = ffpf_arena_alloc(s->arena, total_cells(schema) * sizeof(uint64_t) + 8)};
	size_t at = 0;

	merge_slots(s, f, cells);
	if (schema->fields[field].flags & FFPF_FIELD_DERIVED) {
		f->instance.class->derive(&f->instance, cells, gather_slot, n_slots(s, f), &g, derived);
		return derived[field];
	}
	for (size_t i = 0; i < field; i++)
		at += schema->fields[i].cells ? schema->fields[i].cells : 1;
	return (double)cells[at];
}

static double figure(struct snapshot *s, const struct ffpf_wanted_result *result)
{
	struct ffpf_function_stats f = {0};

	figures(s, result->of, &f);
	switch (result->figure) {
	case FFPF_FIGURE_PACKETS_IN:
		return (double)f.packets_in;
	case FFPF_FIGURE_PACKETS_OUT:
		return (double)f.packets_out;
	case FFPF_FIGURE_FILTERED:
		return (double)f.filtered;
	case FFPF_FIGURE_LOST:
		return (double)f.lost;
	default:
		return (double)f.bytes_in;
	}
}

double ffpf_run_result(struct ffpf_run *run, const struct ffpf_wanted_result *result)
{
	const struct ffpf_function *f = result->of;
	const struct ffpf_function_layout *l = f->layout;
	const struct ffpf_field *field = result->figure ? NULL : &schema_of(f)->fields[result->field];
	struct ffpf_arena *arena;
	struct snapshot *s;
	double value;

	if (field && field->flags & FFPF_FIELD_PACKETS_IN)
		return (double)packets(run, &l->in);
	if (field && field->flags & FFPF_FIELD_BYTES_IN)
		return (double)bytes(run, &l->in);
	if (field && field->flags & FFPF_FIELD_MISSED)
		return f->level->missed ? (double)f->level->missed(ffpf_run_state(run, f->level), f) : 0;
	if (field && !is_native(f) && !(field->flags & FFPF_FIELD_DERIVED))
		return (double)merged_cell(run, f, result->field);
	arena = ffpf_arena_new();
	s = ffpf_arena_alloc(arena, sizeof(*s));
	s->arena = arena;
	s->run = run;
	value = field ? computed(s, f, result->field) : figure(s, result);
	ffpf_arena_free(arena);
	return value;
}

/* ---- exhaustion ------------------------------------------------------------------------------ */

void ffpf_run_find_limits(struct ffpf_run *run)
{
	const struct ffpf_graph *g = run->graph;

	run->n_limits = 0;
	run->limits = ffpf_arena_alloc(run->arena, g->n_functions * sizeof(*run->limits) + 1);
	for (size_t i = 0; i < g->n_functions; i++)
		if (g->functions[i]->instance.class->exhausted)
			run->limits[run->n_limits++] = g->functions[i];
}

static bool is_exhausted(const struct ffpf_run *run, const struct ffpf_function *f)
{
	const struct ffpf_class *class = f->instance.class;
	const struct ffpf_function_layout *l = f->layout;
	const struct ffpf_schema *schema = l->schema;
	const struct ffpf_cells *c = cells_of(run, f->level);
	uint64_t cells[FFPF_LIMIT_CELLS] = {0};
	size_t at = 0;

	if (!class->exhausted || !c)
		return false;
	for (size_t k = 0; k < schema->n_fields && at < FFPF_LIMIT_CELLS; k++) {
		if (l->base[k] != FFPF_NO_CELL)
			cells[at] = l->shared[k] ? load(&c->shared[l->base[k]]) : sum(run, f->level, l->base[k]);
		at += schema->fields[k].cells ? schema->fields[k].cells : 1;
	}
	return class->exhausted(&f->instance, cells);
}

void ffpf_run_check_exhausted(struct ffpf_run *run)
{
	const struct ffpf_graph *g = run->graph;
	size_t exhausted = run->n_ended;
	bool closed, *open;

	/* Asked after every packet: the graph is walked only when one more function has had enough, or a source has
	 * ended. */
	for (size_t i = 0; i < run->n_limits; i++)
		exhausted += is_exhausted(run, run->limits[i]);
	if (run->exhausted || exhausted == run->n_exhausted)
		return;
	run->n_exhausted = exhausted;
	/* Functions stand in topological order: open is what packets can still reach and leave. */
	open = calloc(g->n_functions, 1);
	if (!open)
		return;
	closed = true;
	for (size_t i = 0; i < g->n_functions; i++) {
		const struct ffpf_function *f = g->functions[i];

		open[i] = f->instance.class->role == FFPF_SOURCE && !ffpf_threads_source_ended(run, f);
		for (size_t k = 0; k < f->n_in; k++)
			open[i] |= open[f->in[k]->from->id];
		if (is_exhausted(run, f))
			open[i] = false;
		else if (open[i] && !f->n_out)
			closed = false;
	}
	free(open);
	if (closed)
		run->exhausted = true;
}
