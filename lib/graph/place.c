/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Placement: each function on the lowest flowspace that offers it and succeeds all of its inputs.
 *
 *            user                 A request starts at the root. Each level first
 *           /    \                asks the one child below which all inputs of the
 *        kmod    other            function lie (for a source: each child in turn)
 *          |                      and offers itself when that child refuses. So the
 *         tc                      request runs down to the level of the inputs, or to
 *          |                      their lowest common successor, and bubbles up from
 *         xdp                     there; every refusal is kept for `explain`.
 *
 * Functions are taken in topological order: the levels of their inputs are known.
 * A source that nothing runs beside goes up to the first of its functions.
 * A verdict takes the packet away from the levels above, so it must not stand
 * below a function that is still owed the packet on the kernel path. Where one turns
 * out to, it gets a least level and everything is placed again; levels only rise, so this ends.
 */
#include <lib/graph/place.h>
#include <lib/lang/arena.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

static void add_refusal(struct ffpf_placement *p, struct ffpf_function *function, unsigned level, const char *reason)
{
	/* No level refuses one function twice, so the list never outgrows the table. */
	if (!function->refusals)
		function->refusals = ffpf_arena_alloc(p->graph->arena, p->tree.n * sizeof(*function->refusals));
	function->refusals[function->n_refusals++] = (struct ffpf_refusal){
		.flowspace = p->tree.table[level], .reason = reason ? reason : "it does not offer this function"};
}

/* What a kernel refuses at one level it is not asked for again further down. */
static bool is_barred(const struct ffpf_placement *p, unsigned level, const struct ffpf_function *function)
{
	for (unsigned i = 0; i < p->tree.n; i++)
		if (p->tree.table[i] == function->barred)
			return ffpf_place_under(&p->tree, level, i);
	return false;
}

bool ffpf_place_offers(struct ffpf_placement *p, unsigned level, struct ffpf_function *function)
{
	const struct ffpf_flowspace *flowspace = p->tree.table[level];
	const struct ffpf_class *class = function->instance.class;
	const char *reason = NULL;
	bool taken = false;

	if (class->flowspace && strcmp(class->flowspace, flowspace->name) != 0)
		reason = ffpf_arena_printf(p->graph->arena, "only '%s' has '%s'", class->flowspace, class->name);
	else if (class->role != FFPF_SOURCE && !class->build && !class->native)
		reason = "the class has neither a packet program nor native code";
	else if (is_barred(p, level, function))
		reason = function->barred_reason;
	else if (flowspace->offers)
		taken = flowspace->offers(flowspace, p->graph, function, &reason);
	if (!taken)
		add_refusal(p, function, level, reason);
	return taken;
}

/* Returns the level that takes the function, or FFPF_NO_LEVEL. floor: the lowest level that succeeds its inputs;
 * NO_LEVEL for a source. */
static unsigned request(struct ffpf_placement *p, unsigned level, struct ffpf_function *function, unsigned floor,
			uint32_t *refused)
{
	unsigned taken = FFPF_NO_LEVEL;
	bool asked = false;

	if (floor == FFPF_NO_LEVEL) {
		for (unsigned child = 0; child < p->tree.n && taken == FFPF_NO_LEVEL; child++) {
			if (p->tree.parent[child] != level)
				continue;
			asked = true;
			taken = request(p, child, function, floor, refused);
		}
	} else if (floor != level) {
		asked = true;
		taken = request(p, ffpf_place_child_towards(&p->tree, level, floor), function, floor, refused);
	}
	if (taken != FFPF_NO_LEVEL)
		return taken;
	if (!ffpf_place_offers(p, level, function))
		return FFPF_NO_LEVEL;
	unsigned depth = p->tree.depth[level];
	*refused =
		asked && depth < FFPF_FLOWID_DEPTH ? FFPF_FLOWID_REFUSED << (4 * (FFPF_FLOWID_DEPTH - 1 - depth)) : 0;
	return level;
}

static unsigned floor_of_inputs(const struct ffpf_placement *p, const struct ffpf_function *function)
{
	unsigned floor = p->least[function->id];

	for (size_t i = 0; i < function->n_in; i++)
		floor = ffpf_place_join(&p->tree, floor, p->level[function->in[i]->from->id]);
	return floor;
}

/* Says why a verdict is not where it could be. */
static void note_raised(struct ffpf_placement *p, struct ffpf_function *function)
{
	if (p->least[function->id] != FFPF_NO_LEVEL)
		add_refusal(p, function, p->raised_from[function->id],
			    ffpf_arena_printf(p->graph->arena,
					      ffpf_instance_flags(&function->instance) & FFPF_CLASS_VERDICT
						      ? "'%s' must see the packet first"
						      : "'%s' shares its state, and is higher up",
					      p->waits_on[function->id]->instance.name));
}

static bool place_function(struct ffpf_placement *p, struct ffpf_function *function)
{
	unsigned floor = floor_of_inputs(p, function);
	uint32_t refused = 0;

	function->level = NULL;
	function->flowid = 0;
	function->n_refusals = 0;
	note_raised(p, function);
	if (function->pin)
		return ffpf_place_pinned(p, function, floor);
	unsigned level = request(p, 0, function, floor, &refused);
	if (level == FFPF_NO_LEVEL) {
		ffpf_place_report_nowhere(p, function);
		return false;
	}
	p->level[function->id] = level;
	function->level = p->tree.table[level];
	function->flowid = ffpf_place_path(&p->tree, level) | refused;
	return true;
}

/* Functions behind one that found no place are not placed: what would be said of them only follows from that. */
static bool place_all(struct ffpf_placement *p)
{
	bool complete = true;

	for (size_t i = 0; i < p->graph->n_functions; i++) {
		struct ffpf_function *function = p->graph->functions[i];
		bool inputs_placed = true;

		p->level[i] = FFPF_NO_LEVEL;
		for (size_t k = 0; inputs_placed && k < function->n_in; k++)
			inputs_placed = p->level[function->in[k]->from->id] != FFPF_NO_LEVEL;
		function->level = NULL;
		complete &= inputs_placed && place_function(p, function);
	}
	return complete;
}

/* Sources of one device see the same packets. */
static unsigned packets_of(const struct ffpf_graph *graph, unsigned source)
{
	for (unsigned i = 0; graph->source_info && graph->source_info[source].ifindex && i < source; i++)
		if (graph->source_info[i].ifindex == graph->source_info[source].ifindex)
			return i;
	return source;
}

/* The highest level of the kernel path that has a function, for every source, and one such function. */
struct owed {
	unsigned level;
	const struct ffpf_function *function;
};

static void find_owed(const struct ffpf_placement *p, struct owed *owed)
{
	for (size_t i = 0; i < p->graph->n_functions; i++) {
		const struct ffpf_function *function = p->graph->functions[i];

		if (!function->level || !function->level->on_path ||
		    ffpf_instance_flags(&function->instance) & FFPF_CLASS_VERDICT)
			continue;
		for (size_t k = 0; k < function->n_sources; k++) {
			struct owed *of = &owed[packets_of(p->graph, function->sources[k])];
			unsigned level = ffpf_place_join(&p->tree, of->level, p->level[i]);

			if (level != of->level)
				*of = (struct owed){.level = level, .function = function};
		}
	}
}

/* Gives verdicts that would act too early a least level; true when there were any. */
static bool raise_verdicts(struct ffpf_placement *p)
{
	size_t n = p->graph->n_sources;
	struct owed *owed = ffpf_arena_alloc(p->graph->arena, (n + 1) * sizeof(*owed));
	bool raised = false;

	for (size_t i = 0; i < n; i++)
		owed[i].level = FFPF_NO_LEVEL;
	find_owed(p, owed);
	for (size_t i = 0; i < p->graph->n_functions; i++) {
		const struct ffpf_function *function = p->graph->functions[i];

		if (!(ffpf_instance_flags(&function->instance) & FFPF_CLASS_VERDICT) || !function->level ||
		    !function->level->on_path)
			continue;
		for (size_t k = 0; k < function->n_sources; k++) {
			const struct owed *of = &owed[packets_of(p->graph, function->sources[k])];
			unsigned least = ffpf_place_join(&p->tree, p->level[i], of->level);

			if (least == p->level[i])
				continue;
			p->least[i] = ffpf_place_join(&p->tree, p->least[i], least);
			p->waits_on[i] = of->function;
			p->raised_from[i] = p->level[i];
			raised = true;
		}
	}
	return raised;
}

/* The function that is the first on the way of a source's packets, above the source itself; NULL: one is beside it. */
static const struct ffpf_function *first_above(const struct ffpf_placement *p, const struct ffpf_function *source)
{
	const struct ffpf_function *first = NULL;

	for (size_t i = 0; i < source->n_out; i++) {
		const struct ffpf_function *to = source->out[i]->to;

		if (to->level == source->level)
			return NULL;
		if (!first || ffpf_place_under(&p->tree, p->level[to->id], p->level[first->id]))
			first = to;
	}
	return first;
}

static bool would_offer(const struct ffpf_flowspace *level, const struct ffpf_graph *graph,
			const struct ffpf_function *function)
{
	const char *reason = NULL;

	if (function->instance.class->flowspace && strcmp(function->instance.class->flowspace, level->name) != 0)
		return false;
	return function->barred != level && level->offers && level->offers(level, graph, function, &reason);
}

/*
 * A source by itself at its level would only pass packets on to the next: it runs where the first of its functions
 * does, if that level has it, so that nothing is attached below.
 */
static void raise_sources(struct ffpf_placement *p)
{
	for (size_t i = 0; i < p->graph->n_sources; i++) {
		struct ffpf_function *source = p->graph->sources[i];
		const struct ffpf_function *first = source->pin ? NULL : first_above(p, source);

		if (!first || !source->level->on_path || !first->level->on_path ||
		    !would_offer(first->level, p->graph, source))
			continue;
		add_refusal(p, source, p->level[source->id],
			    ffpf_arena_printf(p->graph->arena, "no function wants its packets there: '%s' is the first",
					      first->instance.name));
		p->level[source->id] = p->level[first->id];
		source->level = first->level;
		source->flowid = ffpf_place_path(&p->tree, p->level[source->id]);
	}
}

static bool leaves_out(const struct ffpf_function *function)
{
	bool some = function->instance.class->role == FFPF_FUNCTION &&
		    !(ffpf_instance_flags(&function->instance) & FFPF_CLASS_PASSES);

	for (size_t i = 0; i < function->n_in; i++)
		some |= !function->in[i]->label.any;
	return some;
}

/*
 * What a source takes off the network is decided where the source runs, before any higher level has seen the packet. So
 * whoever may leave packets out must run there too: else they would be missing on the network although nobody wanted
 * them.
 */
static bool check_taken(const struct ffpf_placement *p)
{
	bool right = true;

	for (size_t i = 0; i < p->graph->n_functions; i++) {
		const struct ffpf_function *function = p->graph->functions[i];

		for (size_t k = 0; k < function->n_sources; k++) {
			const struct ffpf_function *source = p->graph->sources[function->sources[k]];

			if (!p->graph->source_info || !p->graph->source_info[function->sources[k]].take ||
			    function->level == source->level || !leaves_out(function))
				continue;
			struct ffpf_diag *diag =
				ffpf_diag_error(p->graph->diags, FFPF_D_PLACE_TAKE, function->instance.span,
						"'%s' runs in '%s', but which packets '%s' takes is decided in '%s': "
						"those that it leaves out would be taken too",
						function->instance.name, function->level->name, source->instance.name,
						source->level->name);
			ffpf_diag_label(p->graph->diags, diag, source->instance.span, "take=yes");
			if (function->n_refusals)
				ffpf_diag_hint(p->graph->diags, diag, "%s: %s", function->refusals[0].flowspace->name,
					       function->refusals[0].reason);
			right = false;
			break;
		}
	}
	return right;
}

int ffpf_place(struct ffpf_graph *graph, const struct ffpf_flowspace *const *table, size_t n)
{
	size_t errors = ffpf_diags_errors(graph->diags);
	struct ffpf_placement p = {.graph = graph};

	if (!n)
		return -EINVAL;
	ffpf_place_tree_init(&p.tree, table, n);
	p.level = ffpf_arena_alloc(graph->arena, (graph->n_functions + 1) * sizeof(*p.level));
	p.least = ffpf_arena_alloc(graph->arena, (graph->n_functions + 1) * sizeof(*p.least));
	p.waits_on = ffpf_arena_alloc(graph->arena, (graph->n_functions + 1) * sizeof(struct ffpf_function *));
	p.raised_from = ffpf_arena_alloc(graph->arena, (graph->n_functions + 1) * sizeof(*p.raised_from));
	graph->root = table[0];
	for (size_t i = 0; i < graph->n_functions; i++) {
		p.least[i] = FFPF_NO_LEVEL;
		graph->functions[i]->refusals = NULL;
	}
	bool complete;
	do
		complete = place_all(&p);
	while (complete && (ffpf_place_raise_together(&p) || raise_verdicts(&p)));
	if (complete) {
		raise_sources(&p);
		ffpf_chains_find(graph);
		complete = check_taken(&p);
	}
	if (!complete && ffpf_diags_errors(graph->diags) == errors)
		ffpf_diag_error(graph->diags, FFPF_D_PLACE_NOWHERE, (struct ffpf_span){0}, "the graph can't be placed");
	return complete ? 0 : -EINVAL;
}
