/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One function: its class is found, its arguments are matched with the class's
 * parameters and typed, defaults are filled in, and the class looks over the
 * result. name= and export= are taken by every class.
 */
#include <lib/graph/classes.h>
#include <lib/graph/resolve.h>
#include <lib/graph/schema_fault.h>
#include <lib/lang/arena.h>
#include <string.h>

static const char *const export_choices[] = {"packets", "state", NULL};
static const struct ffpf_param export_param = {.name = "export", .type = FFPF_TYPE_CHOICE, .choices = export_choices};

/* The arguments of one function while they are matched. */
struct matching {
	struct ffpf_resolver *r;
	const struct ffpf_ast_node *node;
	struct ffpf_term *term;
	const struct ffpf_class *class;
	struct ffpf_value *values;
	const struct ffpf_ast_arg **given; /* the argument that set each parameter */
	const struct ffpf_ast_arg *export_arg;
	const struct ffpf_ast_arg *named; /* a named argument, after which none may be positional */
	size_t next_positional;
	bool unmatched; /* an argument found no parameter: it may have been meant for one that is missing */
};

static const char *class_name_at(const void *arg, size_t i)
{
	const struct ffpf_class *class = ffpf_class_at(i);

	return class ? class->name : NULL;
}

static void report_unknown_class(struct ffpf_resolver *r, const struct ffpf_ast_node *node)
{
	struct ffpf_diag *diag =
		ffpf_diag_error(r->diags, FFPF_D_CLASS_UNKNOWN, node->name_span, "no function class '%s'", node->name);

	r->broken = true;
	if (ffpf_resolve_definition(r, node->name)) {
		ffpf_diag_hint(r->diags, diag, "'%s' is a definition: write it without parentheses", node->name);
		return;
	}
	const char *nearest = r->n_hints++ < FFPF_MAX_HINTS ? ffpf_diag_nearest(node->name, class_name_at, NULL) : NULL;
	if (nearest)
		ffpf_diag_hint(r->diags, diag, "did you mean '%s'?", nearest);
}

static const char *param_name_at(const void *arg, size_t i)
{
	const struct ffpf_class *class = arg;
	static const char *const universal[] = {"name", "export", NULL};

	return i < class->n_params ? class->params[i].name : universal[i - class->n_params];
}

/* "takes n, p" */
static void hint_params(struct matching *m, struct ffpf_diag *diag)
{
	struct ffpf_arena *arena = m->r->arena;
	const char *list = "";

	for (size_t i = 0; i < m->class->n_params; i++)
		list = ffpf_arena_printf(arena, "%s%s, ", list, m->class->params[i].name);
	ffpf_diag_hint(m->r->diags, diag, "'%s' takes %sname, export", m->class->name, list);
}

static void report_unknown_param(struct matching *m, const struct ffpf_ast_arg *arg)
{
	struct ffpf_diag *diag = ffpf_diag_error(m->r->diags, FFPF_D_PARAM_UNKNOWN, arg->name_span,
						 "'%s' has no parameter '%s'", m->class->name, arg->name);
	const char *nearest =
		m->r->n_hints++ < FFPF_MAX_HINTS ? ffpf_diag_nearest(arg->name, param_name_at, m->class) : NULL;

	if (nearest)
		ffpf_diag_hint(m->r->diags, diag, "did you mean '%s'?", nearest);
	else
		hint_params(m, diag);
}

static void report_twice(struct matching *m, const struct ffpf_ast_arg *arg, const struct ffpf_ast_arg *first,
			 const char *name)
{
	struct ffpf_diag *diag =
		ffpf_diag_error(m->r->diags, FFPF_D_PARAM_TWICE, arg->span, "'%s' is given twice", name);

	ffpf_diag_label(m->r->diags, diag, first->span, "first here");
}

/* Number of the parameter that a named argument sets, or n_params. */
static size_t named_param(const struct ffpf_class *class, const char *name)
{
	for (size_t i = 0; i < class->n_params; i++)
		if (strcmp(class->params[i].name, name) == 0)
			return i;
	return strcmp(name, "expr") == 0 ? ffpf_class_main_param(class) : class->n_params;
}

/* Number of the parameter that a positional argument sets, or n_params (reported). */
static size_t positional_param(struct matching *m, const struct ffpf_ast_arg *arg)
{
	if (m->named) {
		struct ffpf_diag *diag = ffpf_diag_error(m->r->diags, FFPF_D_PARAM_POSITION, arg->span,
							 "an argument without a name stands behind one with a name");

		ffpf_diag_label(m->r->diags, diag, m->named->span, "this one has a name");
		return m->class->n_params;
	}
	if (m->next_positional < m->class->n_params)
		return m->next_positional++;
	struct ffpf_diag *diag = ffpf_class_main_param(m->class) == m->class->n_params
					 ? ffpf_diag_error(m->r->diags, FFPF_D_PARAM_MANY, arg->span,
							   "'%s' takes no argument without a name", m->class->name)
					 : ffpf_diag_error(m->r->diags, FFPF_D_PARAM_MANY, arg->span,
							   "'%s' takes no more arguments", m->class->name);
	hint_params(m, diag);
	return m->class->n_params;
}

static void set_name(struct matching *m, const struct ffpf_ast_arg *arg)
{
	const char *text = arg->value.text;
	size_t good = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.:");

	if (m->term->name_arg) {
		report_twice(m, arg, m->term->name_arg, "name");
		return;
	}
	m->term->name_arg = arg;
	m->term->function.instance.name = text;
	if (!*text || text[good])
		ffpf_diag_error(m->r->diags, FFPF_D_VALUE_TYPE,
				*text ? ffpf_ast_value_span(&arg->value, good, good + 1) : arg->value.span,
				"a result's name is made of letters, digits and _ - . :");
}

static void set_export(struct matching *m, const struct ffpf_ast_arg *arg)
{
	struct ffpf_value value;

	if (m->export_arg) {
		report_twice(m, arg, m->export_arg, "export");
		return;
	}
	m->export_arg = arg;
	if (ffpf_value_parse(m->r->arena, m->r->diags, &export_param, &arg->value, &value) < 0)
		return;
	m->term->function.export_packets = value.i == 0;
	m->term->function.export_state = value.i == 1;
}

static void match_argument(struct matching *m, const struct ffpf_ast_arg *arg)
{
	const struct ffpf_class *class = m->class;
	size_t i;

	if (arg->name) {
		m->named = m->named ? m->named : arg;
		if (strcmp(arg->name, "name") == 0) {
			set_name(m, arg);
			return;
		}
		if (strcmp(arg->name, "export") == 0) {
			set_export(m, arg);
			return;
		}
		i = named_param(class, arg->name);
		if (i == class->n_params)
			report_unknown_param(m, arg);
	} else {
		i = positional_param(m, arg);
	}
	if (i == class->n_params) {
		m->unmatched = true;
		return;
	}
	if (m->given[i]) {
		report_twice(m, arg, m->given[i], class->params[i].name);
		return;
	}
	m->given[i] = arg;
	if (ffpf_value_parse(m->r->arena, m->r->diags, &class->params[i], &arg->value, &m->values[i]) < 0)
		m->values[i] = (struct ffpf_value){.given = true, .span = arg->value.span, .ast = &arg->value};
}

/* A default is a text like any other; that it fits was seen to when the class came into the table. */
static void set_default(struct matching *m, size_t i)
{
	const struct ffpf_param *param = &m->class->params[i];
	struct ffpf_span span = m->node->span;

	m->values[i].span = span;
	if (!param->def)
		return;
	struct ffpf_ast_value written = {.kind = FFPF_AST_STRING,
					 .text = param->def,
					 .len = strlen(param->def),
					 .span = span,
					 .inner = span.start};
	if (ffpf_value_parse(m->r->arena, m->r->diags, param, &written, &m->values[i]) == 0) {
		m->values[i].given = false;
		m->values[i].ast = NULL;
	}
}

static void fill_missing(struct matching *m)
{
	for (size_t i = 0; i < m->class->n_params; i++) {
		const struct ffpf_param *param = &m->class->params[i];

		if (m->given[i])
			continue;
		if (!(param->flags & FFPF_PARAM_REQUIRED)) {
			set_default(m, i);
			continue;
		}
		m->values[i].span = m->node->span;
		if (m->unmatched)
			continue;
		struct ffpf_diag *diag = ffpf_diag_error(m->r->diags, FFPF_D_PARAM_MISSING, m->node->span,
							 "'%s' needs '%s'", m->class->name, param->name);
		ffpf_diag_hint(m->r->diags, diag, "%s=…%s%s", param->name, param->doc ? ": " : "",
			       param->doc ? param->doc : "");
	}
}

static struct ffpf_term *new_term(struct ffpf_resolver *r, const struct ffpf_ast_node *node,
				  const struct ffpf_class *class)
{
	struct ffpf_term *term = ffpf_arena_alloc(r->arena, sizeof(*term));

	term->owner = r->current;
	term->order = (unsigned)r->n_terms;
	term->function.pin = node->pin;
	term->function.pin_span = node->pin_span;
	term->function.instance =
		(struct ffpf_instance){.class = class, .span = node->span, .diags = r->diags, .arena = r->arena};
	r->terms = ffpf_arena_grow(r->arena, r->terms, r->n_terms, &r->terms_capacity, sizeof(*r->terms));
	r->terms[r->n_terms++] = term;
	return term;
}

/* What an instance says that it keeps is others' word, too. Of all of them it was looked at with the class. */
static void check_schema(struct ffpf_resolver *r, const struct ffpf_ast_node *node,
			 const struct ffpf_instance *instance)
{
	const char *why =
		instance->class->schema ? ffpf_schema_fault(instance->class, instance->class->schema(instance)) : NULL;

	if (why)
		ffpf_diag_error(r->diags, FFPF_D_CLASS_PROGRAM, node->span, "what '%s' keeps is wrong: %s",
				instance->class->name, why);
}

/* The arguments of a class's own parameters, for it to say which class the function is of; the others wait for that. */
static const struct ffpf_class *specialise(struct ffpf_resolver *r, const struct ffpf_ast_node *node,
					   const struct ffpf_class *class, struct ffpf_term *term)
{
	struct matching m = {.r = r, .node = node, .term = term, .class = class};
	size_t errors = ffpf_diags_errors(r->diags), positional = ffpf_class_main_param(class);

	m.values = ffpf_arena_alloc(r->arena, (class->n_params + 1) * sizeof(*m.values));
	m.given = ffpf_arena_alloc(r->arena, (class->n_params + 1) * sizeof(struct ffpf_ast_arg *));
	for (size_t i = 0; i < node->n_args; i++) {
		const struct ffpf_ast_arg *arg = &node->args[i];
		size_t p = arg->name ? named_param(class, arg->name) : positional++;

		if (p >= class->n_params || m.given[p])
			continue;
		m.given[p] = arg;
		ffpf_value_parse(r->arena, r->diags, &class->params[p], &arg->value, &m.values[p]);
	}
	fill_missing(&m);
	term->function.instance.values = m.values;
	return ffpf_diags_errors(r->diags) > errors ? NULL : class->specialise(&term->function.instance);
}

struct ffpf_term *ffpf_resolve_function(struct ffpf_resolver *r, const struct ffpf_ast_node *node)
{
	const struct ffpf_class *class = ffpf_class_find(node->name);
	size_t errors = ffpf_diags_errors(r->diags);

	if (!class) {
		report_unknown_class(r, node);
		return NULL;
	}
	if (r->n_terms >= FFPF_MAX_FUNCTIONS) {
		ffpf_resolve_too_big(r, node->span, "functions", FFPF_MAX_FUNCTIONS);
		return NULL;
	}
	struct ffpf_term *term = new_term(r, node, class);

	if (class->specialise) {
		class = specialise(r, node, class, term);
		term->wrong = !class;
		if (!class)
			return term;
		term->function.instance.class = class;
	}
	struct matching m = {.r = r, .node = node, .term = term, .class = class};
	m.values = ffpf_arena_alloc(r->arena, (class->n_params + 1) * sizeof(*m.values));
	m.given = ffpf_arena_alloc(r->arena, (class->n_params + 1) * sizeof(struct ffpf_ast_arg *));
	m.next_positional = ffpf_class_main_param(class);
	for (size_t i = 0; i < node->n_args; i++)
		match_argument(&m, &node->args[i]);
	fill_missing(&m);
	m.term->function.instance.values = m.values;
	if (class->check && ffpf_diags_errors(r->diags) == errors && class->check(&m.term->function.instance) < 0 &&
	    ffpf_diags_errors(r->diags) == errors)
		ffpf_diag_error(r->diags, FFPF_D_VALUE_TYPE, node->span, "'%s' refuses these parameters", class->name);
	if (ffpf_diags_errors(r->diags) == errors)
		check_schema(r, node, &m.term->function.instance);
	m.term->wrong = ffpf_diags_errors(r->diags) > errors;
	return m.term;
}
