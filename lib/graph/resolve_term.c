/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nodes of the tree into pieces of the graph. Outputs of a piece are a set
 * (marks keep them single), its inputs carry the labels of the routes around them.
 */
#include <lib/graph/classes.h>
#include <lib/graph/resolve.h>
#include <lib/lang/arena.h>
#include <string.h>

static struct ffpf_piece *new_piece(struct ffpf_resolver *r, struct ffpf_span span, size_t n_in, size_t n_out)
{
	struct ffpf_piece *piece = ffpf_arena_alloc(r->arena, sizeof(*piece));

	r->n_entries += n_in + n_out;
	if (r->n_entries > FFPF_MAX_ENTRIES) {
		ffpf_resolve_too_big(r, span, "ends of branches, counted at each use of a name", FFPF_MAX_ENTRIES);
		return piece;
	}
	piece->in = n_in ? ffpf_arena_alloc(r->arena, n_in * sizeof(*piece->in)) : NULL;
	piece->out = n_out ? ffpf_arena_alloc(r->arena, n_out * sizeof(*piece->out)) : NULL;
	piece->n_in = n_in;
	piece->n_out = n_out;
	return piece;
}

static struct ffpf_piece *resolve_function(struct ffpf_resolver *r, const struct ffpf_ast_node *node)
{
	struct ffpf_term *term = ffpf_resolve_function(r, node);
	struct ffpf_piece *piece = new_piece(r, node->span, term ? 1 : 0, term ? 1 : 0);

	if (piece->n_in) {
		piece->in[0] = (struct ffpf_entry){.to = term, .label = ffpf_resolve_label_any(r), .span = node->span};
		piece->out[0] = term;
	}
	return piece;
}

struct name_list {
	const struct ffpf_resolver *r;
	size_t n;
};

/* Definitions, then classes. */
static const char *known_name(const void *arg, size_t i)
{
	const struct name_list *list = arg;

	if (i >= list->n) {
		const struct ffpf_class *class = ffpf_class_at(i - list->n);

		return class ? class->name : NULL;
	}
	const struct ffpf_ast_stmt *stmt = list->r->statements[i]->ast;
	/* A graph statement has no name; it stands for something that is never near. */
	return stmt->kind == FFPF_AST_DEFINE ? stmt->name : "################################";
}

/* How to write a function of the class: (pktcount), or (dev,interface=…). */
static const char *spelling(struct ffpf_arena *arena, const struct ffpf_class *class)
{
	const char *text = ffpf_arena_printf(arena, "(%s", class->name);

	for (size_t i = 0; i < class->n_params; i++)
		if (class->params[i].flags & FFPF_PARAM_REQUIRED)
			text = ffpf_arena_printf(arena, "%s,%s=…", text, class->params[i].name);
	return ffpf_arena_printf(arena, "%s)", text);
}

static void report_unknown_name(struct ffpf_resolver *r, const struct ffpf_ast_node *node)
{
	const struct ffpf_class *class = ffpf_class_find(node->name);
	struct name_list list = {.r = r, .n = r->n_statements};

	r->broken = true;
	if (class) {
		struct ffpf_diag *bare = ffpf_diag_error(
			r->diags, FFPF_D_BARE_NAME, node->span,
			"'%s' is a function class; a name without parentheses is something defined before", node->name);
		ffpf_diag_hint(r->diags, bare, "write %s", spelling(r->arena, class));
		return;
	}
	if (r->syntax)
		return;
	struct ffpf_diag *diag = ffpf_diag_error(r->diags, FFPF_D_NAME_UNKNOWN, node->span,
						 "'%s' is not defined before here", node->name);
	const char *nearest = r->n_hints++ < FFPF_MAX_HINTS ? ffpf_diag_nearest(node->name, known_name, &list) : NULL;
	const struct ffpf_class *near_class = nearest ? ffpf_class_find(nearest) : NULL;
	if (nearest)
		ffpf_diag_hint(r->diags, diag, "did you mean '%s'?",
			       near_class ? spelling(r->arena, near_class) : nearest);
}

/* The same functions as at every other use, at this place of the text. */
static struct ffpf_piece *resolve_name(struct ffpf_resolver *r, const struct ffpf_ast_node *node)
{
	struct ffpf_statement *definition = ffpf_resolve_definition(r, node->name);
	struct ffpf_statement *user = r->current;

	if (!definition) {
		report_unknown_name(r, node);
		return new_piece(r, node->span, 0, 0);
	}
	definition->referenced = true;
	if (!definition->complete) {
		if (!r->syntax)
			ffpf_diag_error(r->diags, FFPF_D_NAME_UNKNOWN, node->span, "'%s' is defined in terms of itself",
					node->name);
		r->broken = true;
		return new_piece(r, node->span, 0, 0);
	}
	user->uses = ffpf_arena_grow(r->arena, user->uses, user->n_uses, &user->uses_capacity, sizeof(*user->uses));
	user->uses[user->n_uses++] = definition;
	const struct ffpf_piece *defined = definition->piece;
	struct ffpf_piece *piece = new_piece(r, node->span, defined->n_in, 0);
	for (size_t i = 0; i < piece->n_in; i++) {
		piece->in[i] = defined->in[i];
		piece->in[i].span = node->span;
	}
	piece->out = defined->out;
	piece->n_out = defined->n_out;
	return piece;
}

static struct ffpf_piece *resolve_chain(struct ffpf_resolver *r, const struct ffpf_ast_node *node)
{
	struct ffpf_piece *whole = new_piece(r, node->span, 0, 0), *left = NULL;

	for (size_t i = 0; i < node->n_items && !r->big; i++) {
		struct ffpf_piece *right = ffpf_resolve_node(r, node->items[i]);

		if (left) {
			ffpf_resolve_connect(r, left, right);
		} else {
			whole->in = right->in;
			whole->n_in = right->n_in;
		}
		left = right;
	}
	if (left) {
		whole->out = left->out;
		whole->n_out = left->n_out;
	}
	return whole;
}

/* Adds an input unless the piece has it already: [x|x] enters x once. */
static void add_entry(struct ffpf_piece *whole, const struct ffpf_entry *entry, unsigned mark)
{
	struct ffpf_term *to = entry->to;

	if (to->in_mark == mark && to->in_label == entry->label && to->in_route == entry->route)
		return;
	to->in_mark = mark;
	to->in_label = entry->label;
	to->in_route = entry->route;
	whole->in[whole->n_in++] = *entry;
}

static void add_output(struct ffpf_piece *whole, struct ffpf_term *from, unsigned mark)
{
	if (from->out_mark != mark)
		whole->out[whole->n_out++] = from;
	from->out_mark = mark;
}

/* Puts pieces side by side; labels, when given, go before those of the pieces' own inputs. */
static struct ffpf_piece *join(struct ffpf_resolver *r, const struct ffpf_ast_node *node, struct ffpf_piece **parts,
			       const struct ffpf_label **labels, struct ffpf_route *route)
{
	size_t n_in = 0, n_out = 0;
	unsigned mark = ++r->next_mark;

	for (size_t i = 0; i < node->n_items; i++) {
		n_in += parts[i]->n_in;
		n_out += parts[i]->n_out;
	}
	struct ffpf_piece *whole = new_piece(r, node->span, n_in, n_out);
	if (r->big)
		return whole;
	whole->n_in = whole->n_out = 0;
	for (size_t i = 0; i < node->n_items; i++) {
		for (size_t k = 0; k < parts[i]->n_in; k++) {
			struct ffpf_entry entry = parts[i]->in[k];

			if (labels) {
				if (entry.route)
					entry.route->fed = true; /* an inner route: the outer one feeds it */
				entry.label = ffpf_resolve_label_both(r, labels[i], entry.label);
				entry.route = route;
			}
			add_entry(whole, &entry, mark);
		}
		for (size_t k = 0; k < parts[i]->n_out; k++)
			add_output(whole, parts[i]->out[k], mark);
	}
	return whole;
}

static struct ffpf_piece *resolve_branches(struct ffpf_resolver *r, const struct ffpf_ast_node *node)
{
	struct ffpf_piece **parts = ffpf_arena_alloc(r->arena, (node->n_items + 1) * sizeof(struct ffpf_piece *));
	const struct ffpf_label **labels = NULL;
	struct ffpf_route *route = NULL;

	if (node->kind == FFPF_AST_ROUTE) {
		labels = ffpf_resolve_labels(r, node);
		route = ffpf_arena_alloc(r->arena, sizeof(*route));
		*route = (struct ffpf_route){.span = node->span, .owner = r->current, .next = r->routes};
		r->routes = route;
	}
	for (size_t i = 0; i < node->n_items; i++)
		parts[i] = r->big ? new_piece(r, node->span, 0, 0) : ffpf_resolve_node(r, node->items[i]);
	return join(r, node, parts, labels, route);
}

struct ffpf_piece *ffpf_resolve_node(struct ffpf_resolver *r, const struct ffpf_ast_node *node)
{
	switch (node->kind) {
	case FFPF_AST_FUNCTION:
		return resolve_function(r, node);
	case FFPF_AST_NAME:
		return resolve_name(r, node);
	case FFPF_AST_CHAIN:
		return resolve_chain(r, node);
	case FFPF_AST_PARALLEL:
	case FFPF_AST_ROUTE:
		return resolve_branches(r, node);
	}
	return new_piece(r, node->span, 0, 0);
}
