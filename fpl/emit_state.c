/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * State: cells, arrays, tables, methods of kinds, and what is assigned to them and to local variables.
 *
 * Counters and columns that count are added to atomically where several CPUs share them; everything else is read,
 * changed and written, and two CPUs that do so at once may lose a change, as in any program.
 */
#include <fpl/emit.h>

/* ---- tables ---------------------------------------------------------------------------------- */

/* The parts as the map takes them: pieces of 1, 2, 4 or 8 bytes. */
static unsigned put_part(struct fpl_emitter *e, struct ffpf_key_part *out, enum fpl_kind type, struct fpl_value v)
{
	switch (type) {
	case FPL_IPV6:
		out[0] = (struct ffpf_key_part){v.v[0], 8};
		out[1] = (struct ffpf_key_part){v.v[1], 8};
		return 2;
	case FPL_MAC:
		out[0] = (struct ffpf_key_part){ffpf_ir_alu_imm(e->b, FFPF_RSH, 64, v.v[0], 32), 2};
		out[1] = (struct ffpf_key_part){v.v[0], 4};
		return 2;
	default:
		out[0] = (struct ffpf_key_part){v.v[0], (uint8_t)fpl_kind_bytes(type)};
		return 1;
	}
}

static ffpf_val add_entry(struct fpl_emitter *e, const struct fpl_symbol *table, const struct ffpf_key_part *key,
			  unsigned n, ffpf_val found, ffpf_var fresh, ffpf_block absent)
{
	ffpf_block add = ffpf_ir_block(e->b), there = ffpf_ir_block(e->b), full = ffpf_ir_block(e->b),
		   added = ffpf_ir_block(e->b);
	ffpf_var entry = ffpf_ir_var(e->b);
	ffpf_val again;

	ffpf_ir_var_set(e->b, entry, found);
	ffpf_ir_var_set(e->b, fresh, ffpf_ir_const(e->b, 0));
	ffpf_ir_branch_imm(e->b, FFPF_NE, 64, found, 0, there, add);
	fpl_emit_into(e, add);
	ffpf_ir_branch_imm(e->b, FFPF_EQ, 32, ffpf_ir_map_add(e->b, table->map, key, n), 0, added, full);
	fpl_emit_into(e, added);
	again = ffpf_ir_map_find(e->b, table->map, key, n);
	ffpf_ir_var_set(e->b, entry, again);
	ffpf_ir_var_set(e->b, fresh, ffpf_ir_const(e->b, 1));
	/* In an lru it may be gone already. */
	ffpf_ir_branch_imm(e->b, FFPF_NE, 64, again, 0, there, full);
	fpl_emit_into(e, full);
	if (table->counts_full)
		ffpf_ir_state_add(e->b, table->field, 0, ffpf_ir_const(e->b, 1));
	ffpf_ir_jump(e->b, absent);
	fpl_emit_into(e, there);
	return ffpf_ir_var_get(e->b, entry);
}

ffpf_val fpl_emit_entry(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_val *fresh, ffpf_block absent)
{
	const struct fpl_symbol *table = x->symbol;
	struct ffpf_key_part key[2 * FPL_KEY_PARTS];
	ffpf_var is_new = ffpf_ir_var(e->b);
	ffpf_block there;
	ffpf_val found;
	unsigned n = 0;

	for (unsigned i = 0; i < table->n_key; i++)
		n += put_part(e, key + n, table->key_types[i], fpl_emit_as(e, x->args[i], table->key_types[i], absent));
	found = ffpf_ir_map_find(e->b, table->map, key, n);
	if (x->method) {
		found = add_entry(e, table, key, n, found, is_new, absent);
		if (fresh)
			*fresh = ffpf_ir_var_get(e->b, is_new);
		return found;
	}
	there = ffpf_ir_block(e->b);
	ffpf_ir_branch_imm(e->b, FFPF_NE, 64, found, 0, there, absent);
	fpl_emit_into(e, there);
	if (fresh)
		*fresh = ffpf_ir_const(e->b, 0);
	return found;
}

void fpl_emit_in_table(struct fpl_emitter *e, const struct fpl_symbol *table, struct fpl_value v, ffpf_block yes,
		       ffpf_block no)
{
	struct ffpf_key_part key[2];
	unsigned n = put_part(e, key, table->key_types[0], v);

	ffpf_ir_branch_imm(e->b, FFPF_NE, 64, ffpf_ir_map_find(e->b, table->map, key, n), 0, yes, no);
}

/* The entry that a column is of. */
static ffpf_val entry_of(struct fpl_emitter *e, const struct fpl_expr *column, ffpf_block absent)
{
	ffpf_block there;
	ffpf_val entry;

	if (column->a->meaning == FPL_M_ENTRY)
		return fpl_emit_entry(e, column->a, NULL, absent);
	entry = ffpf_ir_var_get(e->b, e->locals[column->a->symbol->local]);
	there = ffpf_ir_block(e->b);
	ffpf_ir_branch_imm(e->b, FFPF_NE, 64, entry, 0, there, absent);
	fpl_emit_into(e, there);
	return entry;
}

void fpl_emit_delete(struct fpl_emitter *e, const struct fpl_stmt *s, ffpf_block absent)
{
	const struct fpl_symbol *table = s->a->symbol;
	struct ffpf_key_part key[2 * FPL_KEY_PARTS];
	unsigned n = 0;

	for (unsigned i = 0; i < table->n_key; i++)
		n += put_part(e, key + n, table->key_types[i],
			      fpl_emit_as(e, s->a->args[i], table->key_types[i], absent));
	ffpf_ir_map_remove(e->b, table->map, key, n);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* An index of an array, where it has such an element. */
static ffpf_val index_of(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block absent)
{
	uint32_t cells = e->bound->schema.fields[x->symbol->field].cells;
	ffpf_val index = fpl_emit_value(e, x->args[0], absent).v[0];
	ffpf_block there = ffpf_ir_block(e->b);

	ffpf_ir_branch_imm(e->b, FFPF_LT, 64, index, cells, there, absent);
	fpl_emit_into(e, there);
	return index;
}

struct fpl_value fpl_emit_state(struct fpl_emitter *e, const struct fpl_expr *x, ffpf_block absent)
{
	struct fpl_value v = {{0, 0}};
	ffpf_val entry;

	switch (x->meaning) {
	case FPL_M_CELL:
		v.v[0] = ffpf_ir_state_load(e->b, x->symbol->field, 0);
		break;
	case FPL_M_ELEMENT:
		v.v[0] = index_of(e, x, absent);
		v.v[0] = ffpf_ir_state_load(e->b, x->symbol->field, v.v[0]);
		break;
	case FPL_M_COLUMN:
		entry = entry_of(e, x, absent);
		v.v[0] = ffpf_ir_entry_load(e->b, entry, x->word);
		if (x->type == FPL_IPV6)
			v.v[1] = ffpf_ir_entry_load(e->b, entry, x->word + 1);
		break;
	default: /* ENTRY */
		v.v[0] = fpl_emit_entry(e, x, NULL, absent);
	}
	return v;
}

ffpf_val fpl_emit_method(struct fpl_emitter *e, const struct fpl_expr *x, bool wanted, ffpf_block absent)
{
	const struct fpl_kind_method *m = &x->symbol->decl->kind->methods[x->method];
	const struct fpl_kind_decl *decl = &e->bound->decls[x->symbol->index];
	ffpf_val arguments[2 * FPL_KEY_PARTS + 2];
	struct fpl_kind_call call;
	unsigned n = 0, of_key = x->symbol->decl->key.n;

	call = (struct fpl_kind_call){
		.b = e->b, .decl = decl, .field = x->symbol->field, .arguments = arguments, .wanted = wanted};
	for (size_t i = 0; i < x->n_args && n < 2 * FPL_KEY_PARTS; i++) {
		bool part = m->key && i < of_key,
		     by = m->by && i + 1 == x->n_args && i == (m->key ? of_key : m->numbers);
		struct fpl_value v = part ? fpl_emit_as(e, x->args[i], x->symbol->decl_types[i], absent)
					  : fpl_emit_value(e, x->args[i], absent);

		if (by) {
			call.by = v.v[0];
			continue;
		}
		arguments[n++] = v.v[0];
		if (v.v[1])
			arguments[n++] = v.v[1];
	}
	call.n = n;
	return m->emit(&call);
}

/* ---- assignments ----------------------------------------------------------------------------- */

/* The new value: `old` is read only where the operator wants it. */
static struct fpl_value new_value(struct fpl_emitter *e, const struct fpl_stmt *s, enum fpl_kind type,
				  struct fpl_value old, struct fpl_value by)
{
	struct fpl_value v = by;

	if (s->op != FPL_OP_NONE)
		v.v[0] = fpl_emit_operation(e, s->op, old.v[0], by.v[0]);
	return s->op == FPL_OP_NONE ? v : fpl_emit_convert(e, v, FPL_U64, type);
}

static struct fpl_value value_of(struct fpl_emitter *e, const struct fpl_stmt *s, enum fpl_kind type, ffpf_block absent)
{
	return s->op == FPL_OP_NONE ? fpl_emit_as(e, s->b, type, absent) : fpl_emit_value(e, s->b, absent);
}

static void assign_local(struct fpl_emitter *e, const struct fpl_stmt *s, ffpf_block absent)
{
	const struct fpl_symbol *local = s->a->symbol;
	struct fpl_value by = value_of(e, s, local->type, absent), old = {{0, 0}};

	if (s->op != FPL_OP_NONE)
		old.v[0] = ffpf_ir_var_get(e->b, e->locals[local->local]);
	by = new_value(e, s, local->type, old, by);
	ffpf_ir_var_set(e->b, e->locals[local->local], by.v[0]);
	if (by.v[1])
		ffpf_ir_var_set(e->b, e->locals[local->local + 1], by.v[1]);
}

/* Keeps the greater or smaller of the cell's and the value. */
static void keep_extreme(struct fpl_emitter *e, const struct fpl_symbol *cell, ffpf_val v)
{
	ffpf_block store = ffpf_ir_block(e->b), next = ffpf_ir_block(e->b);

	ffpf_ir_branch(e->b, cell->cell == FPL_C_MAX ? FFPF_GT : FFPF_LT, 64, v,
		       ffpf_ir_state_load(e->b, cell->field, 0), store, next);
	fpl_emit_into(e, store);
	ffpf_ir_state_store(e->b, cell->field, 0, v);
	fpl_emit_into(e, next);
}

static void assign_cell(struct fpl_emitter *e, const struct fpl_stmt *s, ffpf_val index, ffpf_block absent)
{
	const struct fpl_symbol *cell = s->a->symbol;
	struct fpl_value by = value_of(e, s, cell->type, absent), old = {{0, 0}};
	bool wide = cell->type == FPL_U64 || cell->type == FPL_TIME;

	if (s->op == FPL_OP_ADD && wide) {
		ffpf_ir_state_add(e->b, cell->field, index, by.v[0]);
		return;
	}
	if (s->a->meaning == FPL_M_CELL && (cell->cell == FPL_C_MAX || cell->cell == FPL_C_MIN)) {
		keep_extreme(e, cell, by.v[0]);
		return;
	}
	if (s->op != FPL_OP_NONE)
		old.v[0] = ffpf_ir_state_load(e->b, cell->field, index);
	ffpf_ir_state_store(e->b, cell->field, index, new_value(e, s, cell->type, old, by).v[0]);
}

static void assign_column(struct fpl_emitter *e, const struct fpl_stmt *s, ffpf_block absent)
{
	const struct fpl_expr *to = s->a;
	/* The value first: where it is absent no entry is put. */
	struct fpl_value by = value_of(e, s, to->type, absent), old = {{0, 0}};
	ffpf_val entry = entry_of(e, to, absent);

	if (s->op == FPL_OP_ADD && (to->type == FPL_U64 || to->type == FPL_TIME)) {
		ffpf_ir_entry_add(e->b, entry, to->word, by.v[0]);
		return;
	}
	if (s->op != FPL_OP_NONE)
		old.v[0] = ffpf_ir_entry_load(e->b, entry, to->word);
	by = new_value(e, s, to->type, old, by);
	ffpf_ir_entry_store(e->b, entry, to->word, by.v[0]);
	if (by.v[1])
		ffpf_ir_entry_store(e->b, entry, to->word + 1, by.v[1]);
}

/* Is it counted anyway? */
static bool is_counted(const struct fpl_emitter *e, const struct fpl_symbol *cell)
{
	return e->bound->schema.fields[cell->field].flags & (FFPF_FIELD_PACKETS_IN | FFPF_FIELD_BYTES_IN);
}

void fpl_emit_assign(struct fpl_emitter *e, const struct fpl_stmt *s, ffpf_block absent)
{
	switch (s->a->meaning) {
	case FPL_M_LOCAL:
		assign_local(e, s, absent);
		break;
	case FPL_M_CELL:
		if (is_counted(e, s->a->symbol))
			break;
		assign_cell(e, s, 0, absent);
		break;
	case FPL_M_ELEMENT:
		assign_cell(e, s, index_of(e, s->a, absent), absent);
		break;
	default:
		assign_column(e, s, absent);
	}
}
