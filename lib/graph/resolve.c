/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Resolving: from a syntax tree to a graph. Statements are taken in the order of
 * the text; a definition is resolved where it stands, once, and counts only if a
 * graph uses it, directly or through other definitions. All graph statements
 * are overlaid into one graph.
 */
#include <lib/graph/classes.h>
#include <lib/graph/resolve.h>
#include <lib/lang/arena.h>
#include <errno.h>
#include <string.h>

static bool statement_has_name(const void *item, const void *key)
{
	const struct ffpf_statement *statement = item;

	return strcmp(statement->ast->name, key) == 0;
}

struct ffpf_statement *ffpf_resolve_definition(const struct ffpf_resolver *r, const char *name)
{
	return ffpf_table_find(&r->definitions, ffpf_hash_string(name), statement_has_name, name);
}

void ffpf_resolve_too_big(struct ffpf_resolver *r, struct ffpf_span span, const char *what, unsigned long limit)
{
	if (!r->big)
		ffpf_diag_error(r->diags, FFPF_D_GRAPH_BIG, span, "the graph has more than %lu %s", limit, what);
	r->big = true;
	r->broken = true;
}

/* May the definition have this name? */
static bool name_is_free(struct ffpf_resolver *r, const struct ffpf_ast_stmt *stmt)
{
	struct ffpf_statement *other = ffpf_resolve_definition(r, stmt->name);

	if (strcmp(stmt->name, "use") == 0 || strcmp(stmt->name, "else") == 0) {
		ffpf_diag_error(r->diags, FFPF_D_NAME_RESERVED, stmt->name_span, "'%s' is a word of the language",
				stmt->name);
		return false;
	}
	if (ffpf_class_find(stmt->name)) {
		ffpf_diag_error(r->diags, FFPF_D_NAME_IS_CLASS, stmt->name_span,
				"'%s' is a function class and can't be defined", stmt->name);
		return false;
	}
	if (other) {
		struct ffpf_diag *diag = ffpf_diag_error(r->diags, FFPF_D_NAME_REDEFINED, stmt->name_span,
							 "'%s' is defined already", stmt->name);
		ffpf_diag_label(r->diags, diag, other->ast->name_span, "first defined here");
		return false;
	}
	return true;
}

static void resolve_statement(struct ffpf_resolver *r, const struct ffpf_ast_stmt *stmt, bool library)
{
	struct ffpf_statement *statement = ffpf_arena_alloc(r->arena, sizeof(*statement));

	*statement = (struct ffpf_statement){.ast = stmt,
					     .order = (unsigned)r->n_statements,
					     .live = stmt->kind == FFPF_AST_GRAPH,
					     .library = library};
	r->statements = ffpf_arena_grow(r->arena, r->statements, r->n_statements, &r->statements_capacity,
					sizeof(*r->statements));
	r->statements[r->n_statements++] = statement;
	/* In the table before its own graph is resolved, so that a definition in terms of itself is seen as such. */
	if (stmt->kind == FFPF_AST_DEFINE) {
		if (name_is_free(r, stmt))
			ffpf_table_add(&r->definitions, ffpf_hash_string(stmt->name), statement);
		else
			r->refused = true;
	}
	r->current = statement;
	if (stmt->graph)
		statement->piece = ffpf_resolve_node(r, stmt->graph);
	statement->complete = true;
}

void ffpf_resolve_statements(struct ffpf_resolver *r, const struct ffpf_ast *ast, const char *dir, bool library)
{
	for (size_t i = 0; i < ast->n_stmts && !r->big; i++) {
		if (ast->stmts[i].kind == FFPF_AST_USE)
			ffpf_resolve_use(r, &ast->stmts[i], dir);
		else
			resolve_statement(r, &ast->stmts[i], library);
	}
}

/* A definition uses only what stands before it: one pass backwards finds everything that a graph needs. */
static void find_live(struct ffpf_resolver *r)
{
	for (size_t i = r->n_statements; i-- > 0;)
		for (size_t use = 0; r->statements[i]->live && use < r->statements[i]->n_uses; use++)
			r->statements[i]->uses[use]->live = true;
}

/* Not while there are errors: a name may be unused because of one. */
static void warn_unused(struct ffpf_resolver *r)
{
	if (ffpf_diags_errors(r->diags))
		return;
	for (size_t i = 0; i < r->n_statements; i++) {
		const struct ffpf_statement *statement = r->statements[i];

		if (statement->ast->kind == FFPF_AST_DEFINE && !statement->referenced && !statement->library)
			ffpf_diag_warning(r->diags, FFPF_D_NAME_UNUSED, statement->ast->name_span, "'%s' is never used",
					  statement->ast->name);
	}
}

static void report_unfed_routes(struct ffpf_resolver *r)
{
	for (const struct ffpf_route *route = r->routes; route; route = route->next) {
		if (route->fed || !route->owner->live)
			continue;
		struct ffpf_diag *diag =
			ffpf_diag_error(r->diags, FFPF_D_ROUTE_INPUT, route->span, "nothing feeds this route");
		ffpf_diag_hint(
			r->diags, diag,
			"a route chooses by the result of what stands before it: (BPF,\"tcp\") > [1: … | else: …]");
		r->broken = true;
	}
}

static struct ffpf_graph *make_graph(struct ffpf_resolver *r)
{
	struct ffpf_graph *graph = ffpf_arena_alloc(r->arena, sizeof(*graph));

	graph->arena = r->arena;
	graph->diags = r->diags;
	graph->stdout_taken = r->options->stdout_taken;
	graph->functions = ffpf_arena_alloc(r->arena, (r->n_terms + 1) * sizeof(struct ffpf_function *));
	for (size_t i = 0; i < r->n_terms; i++)
		if (r->terms[i]->owner->live)
			graph->functions[graph->n_functions++] = &r->terms[i]->function;
	for (size_t i = 0; i < graph->n_functions; i++)
		graph->functions[i]->id = (unsigned)i;
	return graph;
}

static void report_empty(struct ffpf_resolver *r)
{
	const struct ffpf_ast_stmt *last = r->n_statements ? r->statements[r->n_statements - 1]->ast : NULL;
	struct ffpf_diag *diag =
		ffpf_diag_error(r->diags, FFPF_D_GRAPH_EMPTY, last ? last->span : (struct ffpf_span){0},
				"there is no graph: nothing would run");

	if (last)
		ffpf_diag_hint(r->diags, diag,
			       "a definition runs when a graph uses it: write '%s' on a line of its own", last->name);
}

/* What is known of the filters of a graph that ends here. Those of functions that are wrong otherwise may have been
 * meant otherwise. */
static void check_filters(struct ffpf_resolver *r)
{
	struct ffpf_function **functions =
		ffpf_arena_alloc(r->arena, (r->n_terms + 1) * sizeof(struct ffpf_function *));
	size_t n = 0;

	for (size_t i = 0; i < r->n_terms; i++)
		if (!r->terms[i]->wrong && r->terms[i]->owner->live)
			functions[n++] = &r->terms[i]->function;
	ffpf_check_filters(r->arena, r->diags, functions, n, NULL);
}

/* Reports belong to check and probe; afterwards the queue may be gone. */
static void drop_diags(struct ffpf_graph *graph)
{
	for (size_t i = 0; i < graph->n_functions; i++)
		graph->functions[i]->instance.diags = NULL;
}

int ffpf_resolve(struct ffpf_arena *arena, struct ffpf_diags *diags, const struct ffpf_ast *ast,
		 const struct ffpf_resolve_options *options, struct ffpf_graph **out)
{
	static const struct ffpf_resolve_options no_options;
	struct ffpf_resolver r = {.arena = arena, .diags = diags, .options = options ? options : &no_options};

	ffpf_table_init(&r.definitions, arena);
	ffpf_table_init(&r.labels, arena);
	ffpf_table_init(&r.links, arena);
	ffpf_table_init(&r.files, arena);
	r.broken = r.syntax = ffpf_diags_errors(diags) > 0;
	ffpf_resolve_statements(&r, ast, r.options->base_dir, false);
	find_live(&r);
	warn_unused(&r);
	report_unfed_routes(&r);
	struct ffpf_graph *graph = make_graph(&r);
	if (!r.broken && !graph->n_functions) {
		if (!r.refused)
			report_empty(&r);
	} else if (!r.broken) {
		ffpf_resolve_names(&r, graph);
		ffpf_resolve_edges(&r, graph);
		ffpf_check(graph);
	}
	if (ffpf_diags_errors(diags))
		check_filters(&r);
	drop_diags(graph);
	if (ffpf_diags_errors(diags))
		return -EINVAL;
	*out = graph;
	return 0;
}
