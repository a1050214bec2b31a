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

static struct ffpf_barrier *find_barrier(struct ffpf_barrier *barriers, size_t n, const struct ffpf_edge *edge)
{
	for (size_t i = 0; i < n; i++)
		if (barriers[i].from == edge->from->level && barriers[i].to == edge->to->level)
			return &barriers[i];
	return NULL;
}

static void fill_barrier(const struct ffpf_graph *graph, struct ffpf_barrier *barrier)
{
	barrier->bytes = ffpf_demand_between(graph, barrier->from, barrier->to, &barrier->needs);
	if (barrier->from->on_path && barrier->to->on_path)
		barrier->stub = "meta";
	else
		barrier->stub = barrier->bytes ? "pbuf" : "ibuf";
	/* One input's edges need not stand together; functions are few per barrier only in its own list. */
	barrier->inputs = ffpf_arena_alloc(graph->arena, (graph->n_functions + 1) * sizeof(struct ffpf_function *));
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *function = graph->functions[i];
		bool crosses = false;

		for (size_t k = 0; function->level == barrier->from && !crosses && k < function->n_out; k++)
			crosses = function->out[k]->to->level == barrier->to;
		if (crosses)
			barrier->inputs[barrier->n_inputs++] = function;
	}
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
	struct ffpf_barrier *barriers = NULL;
	size_t capacity = 0;

	*n = 0;
	for (size_t i = 0; i < graph->n_functions; i++) {
		for (size_t k = 0; k < graph->functions[i]->n_out; k++) {
			const struct ffpf_edge *edge = graph->functions[i]->out[k];

			if (edge->from->level == edge->to->level || find_barrier(barriers, *n, edge))
				continue;
			barriers = ffpf_arena_grow(graph->arena, barriers, *n, &capacity, sizeof(*barriers));
			barriers[(*n)++] = (struct ffpf_barrier){.from = edge->from->level, .to = edge->to->level};
		}
	}
	for (size_t i = 0; i < *n; i++)
		fill_barrier(graph, &barriers[i]);
	struct ffpf_barrier *all = ffpf_arena_alloc(graph->arena, (*n + FFPF_MAX_FLOWSPACES) * sizeof(*all));
	if (*n)
		memcpy(all, barriers, *n * sizeof(*all));
	*n = add_state_only(graph, all, *n);
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
