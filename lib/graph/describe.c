/* SPDX-License-Identifier: BSD-2-Clause */
/* Placed graphs in words: barriers, levels, classes with their parameters, labels. */
#include <lib/graph/classes.h>
#include <lib/graph/demand.h>
#include <lib/graph/describe.h>
#include <lib/lang/arena.h>
#include <string.h>

#define MAX_VALUE_COLUMNS 32
#define MAX_RANGES 4

size_t ffpf_describe_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

const struct ffpf_flowspace **ffpf_describe_levels(const struct ffpf_graph *graph, size_t *n)
{
	const struct ffpf_flowspace **levels =
		ffpf_arena_alloc(graph->arena, FFPF_MAX_FLOWSPACES * sizeof(struct ffpf_flowspace *));

	*n = 0;
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_flowspace *level = graph->functions[i]->level;
		size_t k = 0;

		while (k < *n && levels[k] != level)
			k++;
		if (k == *n && level)
			levels[(*n)++] = level;
	}
	return levels;
}

bool ffpf_describe_source_at(const struct ffpf_graph *graph, unsigned source, const struct ffpf_flowspace *level)
{
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *function = graph->functions[i];

		for (size_t k = 0; function->level == level && k < function->n_sources; k++)
			if (function->sources[k] == source)
				return true;
	}
	return false;
}

static struct ffpf_barrier *find_barrier(struct ffpf_barrier *barriers, size_t n, const struct ffpf_flowspace *from,
					 const struct ffpf_flowspace *to)
{
	for (size_t i = 0; i < n; i++)
		if (barriers[i].from == from && barriers[i].to == to)
			return &barriers[i];
	return NULL;
}

static void add_input(const struct ffpf_graph *graph, struct ffpf_barrier *barrier,
		      const struct ffpf_function *function)
{
	if (barrier->n_inputs && barrier->inputs[barrier->n_inputs - 1] == function)
		return;
	barrier->inputs = ffpf_arena_grow(graph->arena, barrier->inputs, barrier->n_inputs, &barrier->inputs_capacity,
					  sizeof(struct ffpf_function *));
	barrier->inputs[barrier->n_inputs++] = function;
}

struct barriers {
	struct ffpf_barrier *list;
	size_t n, capacity;
};

/* The barriers on the way of a source's packets along an edge. */
static void add_way(const struct ffpf_graph *graph, struct barriers *all, const struct ffpf_edge *edge,
		    const struct ffpf_chain *chain)
{
	for (unsigned i = ffpf_chain_position(chain, edge->from->level); chain->levels[i] != edge->to->level; i++) {
		struct ffpf_barrier *barrier = find_barrier(all->list, all->n, chain->levels[i], chain->levels[i + 1]);

		if (!barrier) {
			all->list =
				ffpf_arena_grow(graph->arena, all->list, all->n, &all->capacity, sizeof(*all->list));
			barrier = &all->list[all->n++];
			*barrier = (struct ffpf_barrier){.from = chain->levels[i], .to = chain->levels[i + 1]};
		}
		add_input(graph, barrier, edge->from);
	}
}

static void fill_barrier(const struct ffpf_graph *graph, struct ffpf_barrier *barrier)
{
	barrier->bytes = ffpf_demand_between(graph, barrier->from, barrier->to, &barrier->needs);
	barrier->copying = ffpf_copy_over(graph, barrier->from, barrier->to);
	if (barrier->from->on_path && barrier->to->on_path)
		barrier->stub = "meta";
	else
		barrier->stub = barrier->bytes ? "pbuf" : "ibuf";
}

/* Levels from which no packet goes up: what their functions keep is read where it is. */
static size_t add_state_only(const struct ffpf_graph *graph, struct ffpf_barrier *barriers, size_t n)
{
	size_t n_levels, n_crossed = n;
	const struct ffpf_flowspace **levels = ffpf_describe_levels(graph, &n_levels);

	for (size_t i = 0; i < n_levels; i++) {
		bool crossed = levels[i] == graph->root;

		for (size_t k = 0; k < n_crossed; k++)
			crossed |= barriers[k].from == levels[i];
		if (!crossed)
			barriers[n++] = (struct ffpf_barrier){.from = levels[i], .to = graph->root, .stub = "mbuf"};
	}
	return n;
}

struct ffpf_barrier *ffpf_describe_barriers(const struct ffpf_graph *graph, size_t *n)
{
	struct barriers found = {0};

	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *function = graph->functions[i];

		for (size_t k = 0; k < function->n_out; k++)
			for (size_t s = 0; function->out[k]->to->level != function->level && s < function->n_sources;
			     s++)
				add_way(graph, &found, function->out[k], &graph->chains[function->sources[s]]);
	}
	struct ffpf_barrier *all = ffpf_arena_alloc(graph->arena, (found.n + FFPF_MAX_FLOWSPACES) * sizeof(*all));

	for (size_t i = 0; i < found.n; i++) {
		all[i] = found.list[i];
		fill_barrier(graph, &all[i]);
	}
	*n = add_state_only(graph, all, found.n);
	return all;
}

/* At most MAX_VALUE_COLUMNS columns of text, on one line: white space and control characters become single spaces. */
static const char *shorten(struct ffpf_arena *arena, const char *text)
{
	size_t len = strlen(text), columns = 0, n = 0;
	char *out = ffpf_arena_alloc(arena, (len < 256 ? len : 256) + sizeof("…"));

	for (size_t i = 0; i < len && n < 250; i++) {
		unsigned char c = (unsigned char)text[i];
		bool space = c <= ' ' || c == 0x7f;

		if (space && (!n || out[n - 1] == ' '))
			continue;
		columns += (c & 0xc0) != 0x80;
		if (columns > MAX_VALUE_COLUMNS) {
			memcpy(out + n, "…", sizeof("…"));
			return out;
		}
		out[n++] = space ? ' ' : (char)c;
	}
	return out;
}

static const char *describe_value(struct ffpf_arena *arena, const struct ffpf_value *value)
{
	const struct ffpf_ast_value *written = value->ast;
	const char *text = shorten(arena, written->text);

	if (written->kind == FFPF_AST_STRING)
		return ffpf_arena_printf(arena, "\"%s\"", text);
	return written->kind == FFPF_AST_RAW ? ffpf_arena_printf(arena, "{%s}", text) : text;
}

const char *ffpf_describe_class(const struct ffpf_graph *graph, const struct ffpf_function *function)
{
	const struct ffpf_instance *instance = &function->instance;
	const struct ffpf_class *class = instance->class;
	size_t main_param = ffpf_class_main_param(class);
	const char *text = class->name;

	if (main_param < class->n_params && instance->values[main_param].ast)
		text = ffpf_arena_printf(graph->arena, "%s %s", text,
					 describe_value(graph->arena, &instance->values[main_param]));
	for (size_t i = 0; i < class->n_params; i++)
		if (i != main_param && instance->values[i].ast)
			text = ffpf_arena_printf(graph->arena, "%s %s=%s", text, class->params[i].name,
						 describe_value(graph->arena, &instance->values[i]));
	return text;
}

const char *ffpf_describe_label(const struct ffpf_graph *graph, const struct ffpf_label *label)
{
	const char *text = NULL;

	if (label->any)
		return NULL;
	if (label->except)
		return "else";
	if (!label->n_ranges)
		return "nothing";
	for (size_t i = 0; i < label->n_ranges && i < MAX_RANGES; i++) {
		const struct ffpf_range *range = &label->ranges[i];
		const char *one = range->lo == range->hi
					  ? ffpf_arena_printf(graph->arena, "%u", range->lo)
					  : ffpf_arena_printf(graph->arena, "%u..%u", range->lo, range->hi);

		text = text ? ffpf_arena_printf(graph->arena, "%s,%s", text, one) : one;
	}
	return label->n_ranges > MAX_RANGES ? ffpf_arena_printf(graph->arena, "%s,…", text) : text;
}

const char *ffpf_function_text(const struct ffpf_graph *graph, const struct ffpf_function *function, size_t *len)
{
	const struct ffpf_span *span = &function->instance.span;
	size_t all;
	const char *text = ffpf_diags_source_text(graph->diags, span->source, &all);

	if (text && span->end <= all && span->start < span->end) {
		*len = span->end - span->start;
		return text + span->start;
	}
	*len = strlen(function->instance.name);
	return function->instance.name;
}
