/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checking a program: declarations first, wherever they stand, then statements. What names mean is check_name.c, values
 * are check_expr.c and check_call.c.
 */
#include <fpl/program.h>
#include <lib/lang/arena.h>

#include <string.h>

static void check_stmt(struct fpl_checker *c, struct fpl_stmt *s);

/* ---- local variables ------------------------------------------------------------------------- */

static struct fpl_symbol *new_local(struct fpl_checker *c, const char *name, struct fpl_place place, enum fpl_kind type)
{
	struct fpl_symbol *s, *old = fpl_check_find(c, name);

	if (old && (old->kind != FPL_Y_LOCAL || old->scope == c->scope)) {
		fpl_label(c->source,
			  fpl_error(c->source, FFPF_D_NAME_REDEFINED, place, "there is already something called '%s'",
				    name),
			  old->place, "first here");
		return NULL;
	}
	if (fpl_field_find(name) || !strcmp(name, "class") || !strcmp(name, "pkt") || !strcmp(name, "payload")) {
		fpl_error(c->source, FFPF_D_NAME_TAKEN, place, "'%s' is a name of the packet", name);
		return NULL;
	}
	if (c->n_locals == FPL_LOCALS_MAX) {
		fpl_error(c->source, FFPF_D_TEXT_BIG, place, "there are more than %u variables here", FPL_LOCALS_MAX);
		return NULL;
	}
	s = ffpf_arena_alloc(c->arena, sizeof(*s));
	*s = (struct fpl_symbol){.kind = FPL_Y_LOCAL,
				 .name = name,
				 .place = place,
				 .type = type,
				 .scope = c->scope,
				 .local = c->program->n_locals};
	c->program->n_locals += 2;
	c->locals[c->n_locals++] = s;
	return s;
}

static void check_let(struct fpl_checker *c, struct fpl_stmt *s)
{
	enum fpl_kind type;

	fpl_check_expr(c, s->a);
	type = s->a->type;
	if (s->type) {
		type = fpl_declare_type(c, s->type);
		fpl_check_fits(c, s->a, type);
	} else if (type > FPL_IPV6 && type != FPL_ENTRY && type != FPL_NONE) {
		fpl_check_fits(c, s->a, FPL_U64);
	}
	s->symbol = new_local(c, s->name, s->name_place, type);
	if (s->symbol && type == FPL_ENTRY)
		s->symbol->table = s->a->meaning == FPL_M_LOCAL ? s->a->symbol->table : s->a->symbol;
}

/* ---- assignments ----------------------------------------------------------------------------- */

/* n++ and t[key] += x need no declaration. False: it can't be one (reported). */
static bool declare_counted(struct fpl_checker *c, struct fpl_stmt *s)
{
	struct fpl_expr *to = s->a, *name = to->kind == FPL_E_INDEX ? to->a : to;

	if (s->op != FPL_OP_ADD || name->kind != FPL_E_NAME || fpl_check_find(c, name->text) ||
	    fpl_field_find(name->text) || !strcmp(name->text, "class") || !strcmp(name->text, "pkt") ||
	    !strcmp(name->text, "payload"))
		return true;
	if (to->kind == FPL_E_NAME)
		return fpl_declare_counter(c, name->text, name->place) != NULL;
	if (to->kind != FPL_E_INDEX)
		return true;
	for (size_t i = 0; i < to->n_args; i++)
		fpl_check_expr(c, to->args[i]);
	return fpl_declare_counts(c, name->text, name->place, to->args, to->n_args) != NULL;
}

static void check_cell(struct fpl_checker *c, const struct fpl_stmt *s)
{
	const struct fpl_symbol *cell = s->a->symbol;

	if (cell->cell == FPL_C_COUNTER && s->op != FPL_OP_ADD)
		fpl_hint(c->source,
			 fpl_error(c->source, FFPF_D_VALUE_TYPE, s->place, "a counter only counts: '+=' and '++'"),
			 "a scalar can be set: scalar %s: u64;", cell->name);
	else if ((cell->cell == FPL_C_MAX || cell->cell == FPL_C_MIN) && s->op != FPL_OP_NONE)
		fpl_error(c->source, FFPF_D_VALUE_TYPE, s->place,
			  "'%s = …' keeps the %s value; nothing else can be done", cell->name,
			  cell->cell == FPL_C_MAX ? "greatest" : "smallest");
}

static void check_assign(struct fpl_checker *c, struct fpl_stmt *s)
{
	struct fpl_expr *to = s->a;

	if (!declare_counted(c, s))
		return;
	if (s->op == FPL_OP_NONE)
		c->set = to;
	fpl_check_expr(c, to);
	fpl_check_expr(c, s->b);
	if (to->type == FPL_NONE)
		return;
	switch (to->meaning) {
	case FPL_M_LOCAL:
		if (to->symbol->loop)
			fpl_error(c->source, FFPF_D_VALUE_TYPE, to->place, "the variable of a loop can't be set");
		else if (to->type == FPL_ENTRY)
			fpl_hint(c->source,
				 fpl_error(c->source, FFPF_D_VALUE_TYPE, to->place, "a variable stands for one entry"),
				 "name a column, or make another variable with 'let'");
		break;
	case FPL_M_CELL:
		check_cell(c, s);
		break;
	case FPL_M_COLUMN:
		/* The entry is put when it is not there. */
		if (to->a->meaning == FPL_M_ENTRY) {
			to->a->method = 1;
			to->a->symbol->adds = true;
		}
		break;
	case FPL_M_ELEMENT:
		if (to->symbol->cell == FPL_C_COUNTER && s->op != FPL_OP_ADD)
			fpl_error(c->source, FFPF_D_VALUE_TYPE, s->place, "a counter only counts: '+=' and '++'");
		break;
	case FPL_M_ENTRY:
		fpl_error(c->source, FFPF_D_VALUE_TYPE, to->place,
			  to->symbol->set ? "entries of a set have no value: %s.add(…) puts one"
					  : "name the column of '%s' that is set",
			  to->symbol->name);
		return;
	default:
		fpl_error(c->source, FFPF_D_VALUE_TYPE, to->place, "this can't be set");
		return;
	}
	if (s->op != FPL_OP_NONE && !fpl_is_number(to->type))
		fpl_error(c->source, FFPF_D_VALUE_TYPE, to->place, "an address can't be calculated with");
	else
		fpl_check_fits(c, s->b, to->type);
}

/* ---- control --------------------------------------------------------------------------------- */

void fpl_check_block(struct fpl_checker *c, struct fpl_stmt *s)
{
	size_t locals = c->n_locals;

	c->scope++;
	if (s->kind == FPL_S_BLOCK)
		for (size_t i = 0; i < s->n_list; i++)
			check_stmt(c, s->list[i]);
	else
		check_stmt(c, s);
	c->n_locals = locals;
	c->scope--;
}

static void check_switch(struct fpl_checker *c, struct fpl_stmt *s)
{
	const struct fpl_case *other = NULL;

	fpl_check_expr(c, s->a);
	for (size_t i = 0; i < s->n_cases; i++) {
		struct fpl_case *one = &s->cases[i];

		/* The labels are asked one by one, as `x in {…}` does. */
		for (size_t k = 0; k < one->n_labels; k++) {
			struct fpl_expr *set = ffpf_arena_alloc(c->arena, sizeof(*set));
			struct fpl_expr in = {.kind = FPL_E_IN, .place = one->labels[k]->place, .a = s->a, .b = set};

			*set = (struct fpl_expr){.kind = FPL_E_SET,
						 .place = one->labels[k]->place,
						 .args = &one->labels[k],
						 .n_args = 1};
			in.a = ffpf_arena_alloc(c->arena, sizeof(*in.a));
			*in.a = *s->a;
			for (size_t n = 0; s->a->type != FPL_NONE && n < 1; n++)
				fpl_check_in(c, &in);
		}
		if (!one->n_labels && other)
			fpl_label(c->source,
				  fpl_error(c->source, FFPF_D_PARAM_TWICE, one->place, "a switch has one default"),
				  other->place, "first here");
		if (!one->n_labels)
			other = one;
		fpl_check_block(c, one->body);
	}
}

static void check_for(struct fpl_checker *c, struct fpl_stmt *s)
{
	uint64_t lo = 0, hi = 0, before = c->repeat;
	size_t locals = c->n_locals;

	if (s->a->kind != FPL_E_RANGE || !fpl_check_constant(s->a->a, &lo) || !fpl_check_constant(s->a->b, &hi)) {
		fpl_hint(c->source,
			 fpl_error(c->source, FFPF_D_VALUE_TYPE, s->a->place,
				   "a loop goes from one constant number to another"),
			 "'break' leaves it earlier");
		lo = hi = 0;
	} else if (hi < lo) {
		fpl_error(c->source, FFPF_D_VALUE_RANGE, s->a->place, "this range is empty");
		hi = lo;
	}
	/* Both may be anything: the product is only kept from overflowing. */
	c->repeat = hi - lo >= FPL_COST_MAX ? FPL_COST_MAX + 1 : before * (hi - lo + 1);
	if (c->repeat > FPL_COST_MAX)
		c->repeat = FPL_COST_MAX + 1;
	if (c->loops == FPL_LOOPS_MAX) {
		fpl_error(c->source, FFPF_D_NESTING_DEEP, s->place, "loops are nested more than %u deep",
			  FPL_LOOPS_MAX);
		c->repeat = before;
		return;
	}
	c->scope++;
	c->loops++;
	s->symbol = new_local(c, s->name, s->name_place, FPL_U64);
	if (s->symbol)
		s->symbol->loop = true;
	fpl_check_block(c, s->body);
	fpl_check_cost(c, s->place);
	c->loops--;
	c->scope--;
	c->n_locals = locals;
	c->repeat = before;
}

/* ---- events ---------------------------------------------------------------------------------- */

static struct fpl_event *find_event(struct fpl_checker *c, const char *name)
{
	for (size_t i = 0; i < c->program->n_events; i++)
		if (!strcmp(c->program->events[i]->decl.name, name))
			return c->program->events[i];
	return NULL;
}

static struct fpl_event *new_event(struct fpl_checker *c, const struct fpl_stmt *s)
{
	struct fpl_event *event = ffpf_arena_alloc(c->arena, sizeof(*event));
	struct fpl_key_part *parts = ffpf_arena_alloc(c->arena, (s->n_parts + 1) * sizeof(*parts));
	struct ffpf_field fields[FPL_EVENT_FIELDS];
	unsigned bytes = 0;

	if (s->n_parts > FPL_KEY_PARTS || c->program->n_events == FPL_SYMBOLS_MAX) {
		fpl_error(c->source, FFPF_D_TEXT_BIG, s->place, "an event has %u values at most", FPL_KEY_PARTS);
		return NULL;
	}
	event->place = s->place;
	for (size_t i = 0; i < s->n_parts; i++) {
		const struct fpl_part *part = &s->parts[i];

		for (size_t k = 0; k < i; k++)
			if (!strcmp(s->parts[k].name, part->name))
				fpl_error(c->source, FFPF_D_PARAM_TWICE, part->place, "'%s' stands in the event twice",
					  part->name);
		event->types[i] = part->value->type;
		if (part->value->type == FPL_NONE ||
		    !fpl_declare_key_part(c, part->name, part->value->type, part->value->place, &parts[i]))
			return NULL;
		if (event->types[i] == FPL_TIME)
			parts[i].kind = FFPF_MEMBER_DURATION;
		/* What is calculated may grow. */
		bytes += parts[i].size;
	}
	if (bytes > FPL_KEY_BYTES) {
		fpl_error(c->source, FFPF_D_TEXT_BIG, s->place,
			  "this event has %u bytes, more than the %u that it may have", bytes, FPL_KEY_BYTES);
		return NULL;
	}
	event->decl = (struct fpl_event_decl){.name = s->name, .members = {parts, (unsigned)s->n_parts}};
	event->field = c->program->n_fields;
	c->program->n_fields += fpl_event_fields(&event->decl, c->arena, fields);
	c->program->events[c->program->n_events++] = event;
	return event;
}

static void check_emit(struct fpl_checker *c, struct fpl_stmt *s)
{
	struct fpl_event *event = find_event(c, s->name);
	bool same;

	for (size_t i = 0; i < s->n_parts; i++)
		fpl_check_expr(c, s->parts[i].value);
	if (!event) {
		s->event = new_event(c, s);
		return;
	}
	s->event = event;
	same = s->n_parts == event->decl.members.n;
	for (size_t i = 0; same && i < s->n_parts; i++)
		same = !strcmp(s->parts[i].name, event->decl.members.parts[i].name) &&
		       fpl_check_fits(c, s->parts[i].value, event->types[i]);
	if (!same)
		fpl_label(
			c->source,
			fpl_error(c->source, FFPF_D_VALUE_TYPE, s->place, "'%s' has other values than before", s->name),
			event->place, "first here");
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void check_simple(struct fpl_checker *c, struct fpl_stmt *s)
{
	switch (s->kind) {
	case FPL_S_CALL:
		fpl_check_expr(c, s->a);
		if (s->a->meaning != FPL_M_METHOD && s->a->meaning != FPL_M_CALL && s->a->meaning != FPL_M_ENTRY &&
		    s->a->type != FPL_NONE && !(s->a->meaning == FPL_M_BUILTIN && s->a->builtin == FPL_B_REQUIRE))
			fpl_error(c->source, FFPF_D_SYNTAX, s->place, "this does nothing");
		break;
	case FPL_S_RETURN:
		c->program->returns = true;
		if (s->a)
			fpl_check_number(c, s->a);
		break;
	case FPL_S_DELETE:
		fpl_check_expr(c, s->a);
		if (s->a->meaning == FPL_M_COLUMN && s->a->a && s->a->a->meaning == FPL_M_ENTRY &&
		    s->a->kind == FPL_E_INDEX)
			s->a = s->a->a;
		if (s->a->meaning != FPL_M_ENTRY || s->a->kind != FPL_E_INDEX)
			fpl_error(c->source, FFPF_D_VALUE_TYPE, s->a->place, "entries are deleted: delete t[key]");
		break;
	case FPL_S_BREAK:
	case FPL_S_CONTINUE:
		if (!c->loops)
			fpl_error(c->source, FFPF_D_SYNTAX, s->place, "this stands in no loop");
		break;
	default:
		break;
	}
}

static void check_stmt(struct fpl_checker *c, struct fpl_stmt *s)
{
	fpl_check_cost(c, s->place);
	switch (s->kind) {
	case FPL_S_LET:
		check_let(c, s);
		break;
	case FPL_S_ASSIGN:
		check_assign(c, s);
		break;
	case FPL_S_IF:
		fpl_check_truth(c, s->a);
		fpl_check_block(c, s->body);
		if (s->other)
			fpl_check_block(c, s->other);
		break;
	case FPL_S_SWITCH:
		check_switch(c, s);
		break;
	case FPL_S_FOR:
		check_for(c, s);
		break;
	case FPL_S_EMIT:
		check_emit(c, s);
		break;
	case FPL_S_BLOCK:
		fpl_check_block(c, s);
		break;
	case FPL_S_DECLARATION:
		if (c->scope > 1 || !s->declaration->name)
			fpl_error(c->source, FFPF_D_SYNTAX, s->place, "declarations stand outside of all braces");
		break;
	default:
		check_simple(c, s);
	}
}

/* Local variables that nothing asks for are a mistake more often than not; state is shown, so it has a use. */
static void declare_fixed(struct fpl_checker *c, const struct ffpf_param *fixed, size_t n)
{
	struct fpl_program *p = c->program;

	p->params = ffpf_arena_alloc(c->arena, (n + FPL_SYMBOLS_MAX) * sizeof(*p->params));
	if (n)
		memcpy(p->params, fixed, n * sizeof(*fixed));
	p->n_params = p->n_fixed_params = n;
}

struct fpl_program *fpl_check_program(struct ffpf_arena *arena, struct fpl_source *source, struct fpl_stmt *body,
				      const struct ffpf_param *fixed, size_t n_fixed)
{
	struct fpl_program *p = ffpf_arena_alloc(arena, sizeof(*p));
	struct fpl_checker *c = ffpf_arena_alloc(arena, sizeof(*c));

	*p = (struct fpl_program){.arena = arena, .source = source, .body = body};
	*c = (struct fpl_checker){.program = p, .source = source, .arena = arena, .repeat = 1};
	declare_fixed(c, fixed, n_fixed);
	for (size_t i = 0; i < body->n_list; i++)
		if (body->list[i]->kind == FPL_S_DECLARATION)
			fpl_declare(c, body->list[i]->declaration);
	c->scope = 0;
	for (size_t i = 0; i < body->n_list; i++)
		if (body->list[i]->kind != FPL_S_DECLARATION)
			check_stmt(c, body->list[i]);
	fpl_find_moments(p);
	fpl_check_names(c);
	return p;
}
