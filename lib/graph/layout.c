/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which cells hold what. Counting costs every packet, so a flow is counted
 * once: where a function's input is exactly another's output, or a function
 * passes everything on, both read the same two cells.
 */
#include <lib/flowspace.h>
#include <lib/graph/fuse.h>
#include <lib/lang/arena.h>

static bool is_source(const struct ffpf_function *f)
{
	return f->instance.class->role == FFPF_SOURCE;
}

static bool is_native(const struct ffpf_function *f)
{
	return !f->instance.class->build && f->instance.class->native;
}

struct ffpf_level *ffpf_layout_level(const struct ffpf_layout *layout, const struct ffpf_flowspace *flowspace)
{
	for (size_t i = 0; i < layout->n_levels; i++)
		if (layout->levels[i].flowspace == flowspace)
			return &layout->levels[i];
	return NULL;
}

static struct ffpf_level *add_level(struct ffpf_graph *graph, struct ffpf_layout *layout,
				    const struct ffpf_flowspace *flowspace)
{
	struct ffpf_level *level = ffpf_layout_level(layout, flowspace);
	size_t capacity = layout->n_levels; /* grown one at a time: there are a handful */

	if (level)
		return level;
	struct ffpf_level *levels = ffpf_arena_alloc(graph->arena, (capacity + 1) * sizeof(*levels));

	for (size_t i = 0; i < layout->n_levels; i++)
		levels[i] = layout->levels[i];
	layout->levels = levels;
	level = &levels[layout->n_levels++];
	level->flowspace = flowspace;
	return level;
}

struct ffpf_count ffpf_layout_count(struct ffpf_level *level, const struct ffpf_function *f, bool bytes)
{
	struct ffpf_count c = {.owner = f, .cell = level->n_cells, .bytes = bytes};

	level->n_cells += bytes ? 2 : 1;
	return c;
}

/* Does anybody read the bytes of what f lets out? Only inputs that are counted by it. */
static bool aliased(const struct ffpf_function *f)
{
	for (size_t i = 0; i < f->n_out; i++)
		if (f->out[i]->label.any && f->out[i]->to->n_in == 1 && f->out[i]->to->level == f->level &&
		    !ffpf_changes_packets(f))
			return true;
	return false;
}

static void lay_counts(struct ffpf_level *level, struct ffpf_function *f, struct ffpf_function_layout *l)
{
	const struct ffpf_class *class = f->instance.class;

	if (is_source(f)) {
		l->out = l->in = ffpf_layout_count(level, f, true);
		return;
	}
	/* What was changed has other lengths. */
	if (f->n_in == 1 && f->in[0]->label.any && f->in[0]->from->level == f->level &&
	    !ffpf_changes_packets(f->in[0]->from))
		l->in = ((struct ffpf_function_layout *)f->in[0]->from->layout)->out;
	else
		l->in = ffpf_layout_count(level, f, true);
	if (ffpf_instance_flags(&f->instance) & FFPF_CLASS_PASSES)
		l->out = l->in;
	else if (class->role == FFPF_SINK)
		l->out = (struct ffpf_count){.owner = f, .cell = FFPF_NO_CELL};
	else
		l->out = ffpf_layout_count(level, f, aliased(f));
}

static void lay_fields(struct ffpf_graph *graph, struct ffpf_level *level, struct ffpf_function *f,
		       struct ffpf_function_layout *l)
{
	const struct ffpf_schema *schema = l->schema;
	const unsigned without = FFPF_FIELD_DERIVED | FFPF_FIELD_PACKETS_IN | FFPF_FIELD_BYTES_IN;

	l->base = ffpf_arena_alloc(graph->arena, schema->n_fields * sizeof(*l->base) + 1);
	l->cells = ffpf_arena_alloc(graph->arena, schema->n_fields * sizeof(*l->cells) + 1);
	l->shared = ffpf_arena_alloc(graph->arena, schema->n_fields * sizeof(*l->shared) + 1);
	for (size_t i = 0; i < schema->n_fields; i++) {
		const struct ffpf_field *field = &schema->fields[i];
		uint32_t *next = field->merge == FFPF_MERGE_SHARED ? &level->n_shared : &level->n_cells;

		l->base[i] = FFPF_NO_CELL;
		if (field->flags & without || is_native(f) || is_source(f))
			continue;
		l->base[i] = *next;
		l->cells[i] = field->cells;
		l->shared[i] = field->merge == FFPF_MERGE_SHARED;
		*next += field->cells;
	}
}

static void lay_maps(struct ffpf_graph *graph, struct ffpf_level *level, struct ffpf_function *f,
		     struct ffpf_function_layout *l)
{
	size_t capacity = level->n_maps;

	l->first_map = level->n_maps;
	for (size_t i = 0; i < l->schema->n_maps; i++, level->n_maps++) {
		const struct ffpf_class_map *map = &l->schema->maps[i];

		if (level->n_maps == capacity) {
			struct ffpf_level_map *maps;
			struct ffpf_ir_map *ir_maps;

			capacity = (capacity + l->schema->n_maps - i) * 2;
			maps = ffpf_arena_alloc(graph->arena, capacity * sizeof(*maps));
			ir_maps = ffpf_arena_alloc(graph->arena, capacity * sizeof(*ir_maps));
			for (unsigned k = 0; k < level->n_maps; k++) {
				maps[k] = level->maps[k];
				ir_maps[k] = level->ir_maps[k];
			}
			level->maps = maps;
			level->ir_maps = ir_maps;
		}
		level->maps[level->n_maps] = (struct ffpf_level_map){f, map};
		level->ir_maps[level->n_maps] = (struct ffpf_ir_map){
			.name = ffpf_arena_printf(graph->arena, "%s.%s", f->instance.name, map->name),
			.kind = map->kind,
			.key_size = map->key_size,
			.words = map->words,
			.max_entries = map->max_entries};
	}
}

struct ffpf_state_map ffpf_layout_state(const struct ffpf_function *f)
{
	const struct ffpf_function_layout *l = f->layout;

	return (struct ffpf_state_map){.base = l->base,
				       .cells = l->cells,
				       .shared = l->shared,
				       .n = (unsigned)l->schema->n_fields,
				       .first_map = l->first_map,
				       .n_maps = (unsigned)l->schema->n_maps,
				       .first_wanted = l->first_wanted,
				       .n_wanted = (unsigned)l->schema->n_wanted};
}

struct ffpf_layout *ffpf_layout_new(struct ffpf_graph *graph)
{
	struct ffpf_layout *layout = ffpf_arena_alloc(graph->arena, sizeof(*layout));

	for (size_t i = 0; i < graph->n_functions; i++)
		add_level(graph, layout, graph->functions[i]->level);
	for (size_t i = 0; i < graph->n_functions; i++) {
		struct ffpf_function *f = graph->functions[i];
		struct ffpf_level *level = ffpf_layout_level(layout, f->level);
		struct ffpf_function_layout *l = ffpf_arena_alloc(graph->arena, sizeof(*l));

		f->layout = l;
		l->native = UINT32_MAX;
		l->schema = ffpf_instance_schema(&f->instance);
		lay_counts(level, f, l);
		lay_fields(graph, level, f, l);
		lay_maps(graph, level, f, l);
		l->first_wanted = level->n_wanted;
		level->n_wanted += (unsigned)l->schema->n_wanted;
		if (is_native(f))
			l->native = level->n_natives++;
	}
	ffpf_layout_crossings(graph, layout);
	for (size_t i = 0; i < layout->n_levels; i++) {
		struct ffpf_level *level = &layout->levels[i];

		level->taps = FFPF_NO_CELL;
		if (!graph->may_tap || !level->flowspace->on_path)
			continue;
		level->taps = level->n_cells;
		level->n_cells += FFPF_TAPS_MAX;
	}
	for (size_t i = 0; i < layout->n_levels; i++) {
		struct ffpf_level *level = &layout->levels[i];

		level->snaplen = ffpf_demand_above(graph, level->flowspace, &level->needs);
		level->natives = ffpf_arena_alloc(graph->arena, level->n_natives * sizeof(*level->natives) + 1);
	}
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function_layout *l = graph->functions[i]->layout;

		if (l->native != UINT32_MAX)
			ffpf_layout_level(layout, graph->functions[i]->level)->natives[l->native] = graph->functions[i];
	}
	return layout;
}

void ffpf_layout_initial_cells(const struct ffpf_graph *graph, const struct ffpf_flowspace *level, uint64_t *cells,
			       uint64_t *shared)
{
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *f = graph->functions[i];
		const struct ffpf_function_layout *l = f->layout;

		for (size_t k = 0; f->level == level && k < l->schema->n_fields; k++) {
			uint64_t *area = l->shared[k] ? shared : cells;

			for (uint32_t c = 0; area && l->base[k] != FFPF_NO_CELL && c < l->cells[k]; c++)
				area[l->base[k] + c] = l->schema->fields[k].initial;
		}
	}
}
