/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Statements. One that needs something absent is skipped: each has a block behind it, to which absence leads.
 *
 * Behind a `return` nothing is built: what stands there is never reached.
 */
#include <fpl/emit.h>
#include <lib/lang/arena.h>

#include <errno.h>

static void emit_stmt(struct fpl_emitter *e, const struct fpl_stmt *s);

static bool ended(const struct fpl_emitter *e)
{
	return !ffpf_builder_current(e->b);
}

void fpl_emit_into(struct fpl_emitter *e, ffpf_block block)
{
	if (!ended(e))
		ffpf_ir_jump(e->b, block);
	ffpf_ir_seal(e->b, block);
	ffpf_ir_switch_to(e->b, block);
}

/* The same for statements: where nothing leads there is nothing to go on with. */
static void go_on(struct fpl_emitter *e, ffpf_block block)
{
	if (!ended(e))
		ffpf_ir_jump(e->b, block);
	ffpf_ir_seal(e->b, block);
	if (ffpf_builder_reached(e->b, block))
		ffpf_ir_switch_to(e->b, block);
}

/* ---- simple statements ----------------------------------------------------------------------- */

static void set_local(struct fpl_emitter *e, const struct fpl_symbol *s, struct fpl_value v)
{
	ffpf_ir_var_set(e->b, e->locals[s->local], v.v[0]);
	if (v.v[1])
		ffpf_ir_var_set(e->b, e->locals[s->local + 1], v.v[1]);
}

static void emit_let(struct fpl_emitter *e, const struct fpl_stmt *s, ffpf_block absent)
{
	const ffpf_val zero = ffpf_ir_const(e->b, 0);
	struct fpl_value v = {{zero, zero}};

	/* What it is where the value is absent. */
	set_local(e, s->symbol, v);
	if (s->symbol->type == FPL_ENTRY && s->a->meaning == FPL_M_ENTRY)
		v.v[0] = fpl_emit_entry(e, s->a, &v.v[1], absent);
	else if (s->symbol->type == FPL_ENTRY)
		v = (struct fpl_value){{ffpf_ir_var_get(e->b, e->locals[s->a->symbol->local]),
					ffpf_ir_var_get(e->b, e->locals[s->a->symbol->local + 1])}};
	else
		v = fpl_emit_as(e, s->a, s->symbol->type, absent);
	set_local(e, s->symbol, v);
}

static void emit_event(struct fpl_emitter *e, const struct fpl_stmt *s, ffpf_block absent)
{
	const struct fpl_event *event = s->event;
	ffpf_val values[2 * FPL_KEY_PARTS];
	unsigned n = 0;

	for (size_t i = 0; i < s->n_parts; i++) {
		struct fpl_value v = fpl_emit_as(e, s->parts[i].value, event->types[i], absent);

		values[n++] = v.v[0];
		if (event->types[i] == FPL_IPV6)
			values[n++] = v.v[1];
	}
	fpl_event_emit(e->b, &event->decl, event->field, values);
}

static void emit_return(struct fpl_emitter *e, const struct fpl_stmt *s, ffpf_block absent)
{
	ffpf_ir_accept(e->b, s->a ? fpl_emit_as(e, s->a, FPL_U32, absent).v[0] : ffpf_ir_class(e->b));
}

/* ---- control --------------------------------------------------------------------------------- */

static void emit_list(struct fpl_emitter *e, const struct fpl_stmt *s)
{
	for (size_t i = 0; i < s->n_list && !ended(e); i++)
		emit_stmt(e, s->list[i]);
}

static void emit_if(struct fpl_emitter *e, const struct fpl_stmt *s)
{
	ffpf_block yes = ffpf_ir_block(e->b), no = ffpf_ir_block(e->b), out = ffpf_ir_block(e->b);

	fpl_emit_condition(e, s->a, yes, no);
	go_on(e, yes);
	if (!ended(e))
		emit_stmt(e, s->body);
	if (!ended(e))
		ffpf_ir_jump(e->b, out);
	go_on(e, no);
	if (!ended(e) && s->other)
		emit_stmt(e, s->other);
	go_on(e, out);
}

static void emit_switch(struct fpl_emitter *e, const struct fpl_stmt *s)
{
	ffpf_block out = ffpf_ir_block(e->b), other = ffpf_ir_block(e->b), next;
	const struct fpl_case *fallback = NULL;
	struct fpl_value v = fpl_emit_value(e, s->a, other);

	for (size_t i = 0; i < s->n_cases; i++) {
		const struct fpl_case *c = &s->cases[i];
		ffpf_block in = ffpf_ir_block(e->b);

		if (!c->n_labels) {
			fallback = c;
			ffpf_ir_seal(e->b, in);
			continue;
		}
		next = ffpf_ir_block(e->b);
		fpl_emit_member(e, s->a, v, c->labels, c->n_labels, in, next);
		go_on(e, in);
		if (!ended(e))
			emit_list(e, c->body);
		if (!ended(e))
			ffpf_ir_jump(e->b, out);
		go_on(e, next);
		if (ended(e))
			break;
	}
	go_on(e, other);
	if (!ended(e) && fallback)
		emit_list(e, fallback->body);
	go_on(e, out);
}

/* Unrolled: what a packet does is then bounded for every verifier, and the variable is a constant. */
static void emit_for(struct fpl_emitter *e, const struct fpl_stmt *s)
{
	ffpf_block out = ffpf_ir_block(e->b);
	uint64_t lo = 0, hi = 0;

	fpl_check_constant(s->a->a, &lo);
	fpl_check_constant(s->a->b, &hi);

	for (uint64_t i = lo; !ended(e); i++) {
		ffpf_block next = ffpf_ir_block(e->b);

		e->loops[e->n_loops++] = (struct fpl_loop){next, out};
		ffpf_ir_var_set(e->b, e->locals[s->symbol->local], ffpf_ir_const(e->b, i));
		emit_stmt(e, s->body);
		e->n_loops--;
		go_on(e, next);
		if (i == hi)
			break;
	}
	go_on(e, out);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void emit_simple(struct fpl_emitter *e, const struct fpl_stmt *s, ffpf_block absent)
{
	switch (s->kind) {
	case FPL_S_LET:
		emit_let(e, s, absent);
		break;
	case FPL_S_ASSIGN:
		fpl_emit_assign(e, s, absent);
		break;
	case FPL_S_CALL:
		if (s->a->meaning == FPL_M_METHOD)
			fpl_emit_method(e, s->a, false, absent);
		else if (s->a->meaning == FPL_M_BUILTIN)
			break;
		else if (s->a->meaning == FPL_M_ENTRY)
			fpl_emit_entry(e, s->a, NULL, absent);
		else
			fpl_emit_call(e, s->a);
		break;
	case FPL_S_RETURN:
		emit_return(e, s, absent);
		break;
	case FPL_S_EMIT:
		emit_event(e, s, absent);
		break;
	case FPL_S_DELETE:
		fpl_emit_delete(e, s, absent);
		break;
	default:
		break;
	}
}

/* Where the statement begins, for messages about its instructions. Statements come in order, mostly. */
static void mark_line(struct fpl_emitter *e, uint32_t at)
{
	const char *text = e->program->source->text;

	if (at < e->line_at) {
		e->line_at = 0;
		e->line = 1;
	}
	for (; e->line_at < at; e->line_at++)
		e->line += text[e->line_at] == '\n';
	ffpf_ir_line(e->b, e->line);
}

static void emit_stmt(struct fpl_emitter *e, const struct fpl_stmt *s)
{
	ffpf_block behind;

	if (s->kind != FPL_S_BLOCK)
		mark_line(e, s->place.start);

	switch (s->kind) {
	case FPL_S_DECLARATION:
		return;
	case FPL_S_BLOCK:
		emit_list(e, s);
		return;
	case FPL_S_IF:
		emit_if(e, s);
		return;
	case FPL_S_SWITCH:
		emit_switch(e, s);
		return;
	case FPL_S_FOR:
		emit_for(e, s);
		return;
	case FPL_S_BREAK:
		ffpf_ir_jump(e->b, e->loops[e->n_loops - 1].out);
		return;
	case FPL_S_CONTINUE:
		ffpf_ir_jump(e->b, e->loops[e->n_loops - 1].next);
		return;
	default:
		behind = ffpf_ir_block(e->b);
		emit_simple(e, s, behind);
		go_on(e, behind);
	}
}

int fpl_emit(const struct ffpf_instance *instance, const struct fpl_bound *bound, struct ffpf_builder *b)
{
	const struct fpl_program *program = bound->program;
	struct fpl_emitter e = {.b = b,
				.arena = ffpf_builder_program(b)->arena,
				.instance = instance,
				.bound = bound,
				.program = program,
				.line = 1};

	e.packet = fpl_packet_new(b, e.arena, instance->input);
	e.locals = ffpf_arena_alloc(e.arena, (program->n_locals + 1) * sizeof(*e.locals));
	for (unsigned i = 0; i < program->n_locals; i++)
		e.locals[i] = ffpf_ir_var(b);
	emit_list(&e, program->body);
	if (e.failed)
		return -EINVAL;
	if (ended(&e))
		return 0;
	if (program->returns)
		ffpf_ir_reject(b);
	else
		ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}
