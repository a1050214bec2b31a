/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pins, and what is said when placement fails. A pin names the level; it may
 * ask for more than the lowest possible one, never for one below an input, and
 * never for one that makes a verdict come too late.
 */
#include <lib/graph/place.h>
#include <lib/lang/arena.h>
#include <limits.h>
#include <string.h>

static const char *level_name(const void *arg, size_t i)
{
	const struct ffpf_place_tree *tree = arg;

	return i < tree->n ? tree->table[i]->name : NULL;
}

static void report_unknown(struct ffpf_placement *p, const struct ffpf_function *function)
{
	struct ffpf_diags *diags = p->graph->diags;
	struct ffpf_diag *diag = ffpf_diag_error(diags, FFPF_D_FLOWSPACE_UNKNOWN, function->pin_span,
						 "no flowspace '%s'", function->pin);
	const char *nearest = ffpf_diag_nearest(function->pin, level_name, &p->tree);
	const char *list = "";

	if (nearest) {
		ffpf_diag_hint(diags, diag, "did you mean '%s'?", nearest);
		return;
	}
	for (unsigned i = 0; i < p->tree.n; i++)
		list = ffpf_arena_printf(p->graph->arena, "%s%s%s", list, i ? ", " : "", p->tree.table[i]->name);
	ffpf_diag_hint(diags, diag, "flowspaces: %s", list);
}

/* The input that keeps the function from running at the level. */
static const struct ffpf_function *blocking_input(const struct ffpf_placement *p, const struct ffpf_function *function,
						  unsigned level)
{
	for (size_t i = 0; i < function->n_in; i++)
		if (!ffpf_place_under(&p->tree, p->level[function->in[i]->from->id], level))
			return function->in[i]->from;
	return NULL;
}

static void report_funnel(struct ffpf_placement *p, const struct ffpf_function *function, unsigned level)
{
	const struct ffpf_function *input = blocking_input(p, function, level);
	struct ffpf_diags *diags = p->graph->diags;

	if (!input && !(ffpf_instance_flags(&function->instance) & FFPF_CLASS_VERDICT)) {
		const struct ffpf_function *other = p->waits_on[function->id];
		struct ffpf_diag *diag =
			ffpf_diag_error(diags, FFPF_D_PIN_TOGETHER, function->pin_span,
					"'%s' can't run in '%s': '%s' shares its state, and is higher up",
					function->instance.name, function->pin, other->instance.name);

		ffpf_diag_label(diags, diag, other->instance.span, "this one");
		ffpf_diag_hint(diags, diag, "another instance= has a state of its own");
		return;
	}
	if (!input) { /* a verdict that must not come before another function has seen the packet */
		const struct ffpf_function *other = p->waits_on[function->id];
		struct ffpf_diag *diag =
			ffpf_diag_error(diags, FFPF_D_PIN_VERDICT, function->pin_span,
					"in '%s' '%s' would take packets away before '%s' in '%s' has seen them",
					function->pin, function->instance.name, other->instance.name,
					other->level ? other->level->name : "a higher level");

		ffpf_diag_label(diags, diag, other->instance.span, "this one runs higher up");
		return;
	}
	bool above = ffpf_place_under(&p->tree, level, p->level[input->id]);
	struct ffpf_diag *diag = ffpf_diag_error(diags, FFPF_D_PIN_FUNNEL, function->pin_span,
						 "'%s' can't run in '%s': its packets come from '%s', which is %s",
						 function->instance.name, function->pin, input->level->name,
						 above ? "above it" : "beside it");
	ffpf_diag_label(diags, diag, input->instance.span, "'%s' runs in '%s'", input->instance.name,
			input->level->name);
	ffpf_diag_hint(diags, diag, "packets only travel up; without the pin ffpf chooses the lowest possible level");
}

static const char *last_reason(const struct ffpf_function *function)
{
	return function->n_refusals ? function->refusals[function->n_refusals - 1].reason
				    : "it does not offer this function";
}

/* Is there a level that would take the verdict, were it not for where its inputs are? The first in the table, where
 * higher ones stand first. */
static bool verdict_level(struct ffpf_placement *p, struct ffpf_function *verdict, unsigned *out)
{
	size_t n_refusals = verdict->n_refusals;
	struct ffpf_refusal *refusals = verdict->refusals;
	bool found = false;

	verdict->refusals = NULL;
	for (unsigned i = 0; i < p->tree.n && !found; i++) {
		verdict->n_refusals = 0;
		found = ffpf_place_offers(p, i, verdict);
		*out = i;
	}
	verdict->refusals = refusals;
	verdict->n_refusals = n_refusals;
	return found;
}

/* A pinned function before the verdict that keeps it above the level; NULL when none does. */
static const struct ffpf_function *pinned_ancestor(const struct ffpf_placement *p, const struct ffpf_function *verdict,
						   unsigned level)
{
	bool *behind = ffpf_arena_alloc(p->graph->arena, p->graph->n_functions + 1);
	const struct ffpf_function *found = NULL;

	behind[verdict->id] = true;
	for (size_t i = verdict->id + 1; i-- > 0;) {
		const struct ffpf_function *function = p->graph->functions[i];

		if (!behind[i])
			continue;
		for (size_t k = 0; k < function->n_in; k++)
			behind[function->in[k]->from->id] = true;
		if (function != verdict && function->pin && !ffpf_place_under(&p->tree, p->level[i], level))
			found = function;
	}
	return found;
}

/* Says that a pin leaves no place for a verdict, when one does. */
static bool report_verdict(struct ffpf_placement *p, struct ffpf_function *verdict)
{
	const struct ffpf_function *other = p->waits_on[verdict->id], *ancestor = NULL;
	struct ffpf_diags *diags = p->graph->diags;
	unsigned level;

	if (!(ffpf_instance_flags(&verdict->instance) & FFPF_CLASS_VERDICT))
		return false;
	if (verdict_level(p, verdict, &level))
		ancestor = pinned_ancestor(p, verdict, level);
	if (ancestor) {
		struct ffpf_diag *diag =
			ffpf_diag_error(diags, FFPF_D_PIN_VERDICT, ancestor->pin_span,
					"in '%s' it is too late for '%s' to decide what becomes of the packet",
					ancestor->pin, verdict->instance.name);

		ffpf_diag_label(diags, diag, verdict->instance.span, "this works in '%s' or below: %s says: %s",
				p->tree.table[level]->name, p->tree.table[0]->name, last_reason(verdict));
		return true;
	}
	if (other && other->pin) {
		struct ffpf_diag *diag =
			ffpf_diag_error(diags, FFPF_D_PIN_VERDICT, other->pin_span,
					"'%s' must wait until this has seen the packet, and '%s' is too late for it",
					verdict->instance.name, other->pin);

		ffpf_diag_label(diags, diag, verdict->instance.span, "refused: %s", last_reason(verdict));
		return true;
	}
	return false;
}

bool ffpf_place_pinned(struct ffpf_placement *p, struct ffpf_function *function, unsigned floor)
{
	unsigned level = 0;

	while (level < p->tree.n && strcmp(p->tree.table[level]->name, function->pin) != 0)
		level++;
	if (level == p->tree.n) {
		report_unknown(p, function);
		return false;
	}
	if (floor != FFPF_NO_LEVEL && !ffpf_place_under(&p->tree, floor, level)) {
		report_funnel(p, function, level);
		return false;
	}
	if (!ffpf_place_offers(p, level, function)) {
		if (!report_verdict(p, function))
			ffpf_diag_error(p->graph->diags, FFPF_D_PIN_REFUSED, function->pin_span,
					"'%s' can't run in '%s': %s", function->instance.name, function->pin,
					last_reason(function));
		return false;
	}
	p->level[function->id] = level;
	function->level = p->tree.table[level];
	function->flowid = ffpf_place_path(&p->tree, level);
	return true;
}

void ffpf_place_report_nowhere(struct ffpf_placement *p, struct ffpf_function *function)
{
	struct ffpf_diags *diags = p->graph->diags;
	const char *reasons = NULL;

	if (report_verdict(p, function))
		return;
	for (size_t i = 0; i < function->n_refusals; i++) {
		const struct ffpf_refusal *refusal = &function->refusals[i];

		reasons = ffpf_arena_printf(p->graph->arena, "%s%s%s: %s", reasons ? reasons : "", reasons ? "; " : "",
					    refusal->flowspace->name, refusal->reason);
	}
	struct ffpf_diag *diag = ffpf_diag_error(diags, FFPF_D_PLACE_NOWHERE, function->instance.span,
						 "no flowspace can run '%s'", function->instance.name);
	if (reasons)
		ffpf_diag_hint(diags, diag, "%s", reasons);
	if (p->waits_on[function->id])
		ffpf_diag_label(diags, diag, p->waits_on[function->id]->instance.span,
				ffpf_instance_flags(&function->instance) & FFPF_CLASS_VERDICT
					? "which must see the packet first"
					: "which shares its state");
	else if (function->n_in)
		ffpf_diag_label(diags, diag, function->in[0]->from->instance.span, "its packets come from '%s'",
				function->in[0]->from->level->name);
}
