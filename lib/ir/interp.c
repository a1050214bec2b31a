/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reference interpreter: what a packet program means. Slow and simple, one
 * function per kind of instruction, and it believes nothing: reading a value that was not
 * computed, a load outside the packet or a state cell outside its area end in -EFAULT.
 * Back ends and the optimiser are tested against it.
 */
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct machine {
	const struct ffpf_program *p;
	struct ffpf_ir_env *env;
	uint8_t *data;
	uint32_t caplen;
	uint64_t *values;
	bool *computed;
	uint32_t *words; /* of entries: how many words there are at the address that the value is */
	bool fault;
};

static uint64_t value_of(struct machine *m, ffpf_val v)
{
	if (v >= m->p->n_insns || !m->computed[v]) {
		m->fault = true;
		return 0;
	}
	return m->values[v];
}

static void set_value(struct machine *m, ffpf_val v, uint64_t x)
{
	m->values[v] = x;
	m->computed[v] = true;
}

/* The first byte of a load or store, or NULL when it is not all inside the packet. */
static uint8_t *packet_bytes(struct machine *m, const struct ffpf_insn *insn)
{
	uint64_t base = insn->a ? (uint32_t)value_of(m, insn->a) : 0;

	if (base + insn->imm + insn->size > m->caplen) {
		m->fault = true;
		return NULL;
	}
	return m->data + base + insn->imm;
}

static uint64_t load(struct machine *m, const struct ffpf_insn *insn)
{
	const uint8_t *bytes = packet_bytes(m, insn);
	uint64_t x = 0;

	for (unsigned i = 0; bytes && i < insn->size; i++)
		x = x << 8 | bytes[i];
	return x;
}

static void store(struct machine *m, const struct ffpf_insn *insn)
{
	uint8_t *bytes = packet_bytes(m, insn);
	uint64_t x = value_of(m, insn->b);

	for (unsigned i = insn->size; bytes && i-- > 0; x >>= 8)
		bytes[i] = (uint8_t)x;
}

/* The cell of a state instruction; NULL when the index is beyond the field. */
static uint64_t *state_cell(struct machine *m, const struct ffpf_insn *insn)
{
	uint64_t index = insn->a ? value_of(m, insn->a) : 0;
	uint64_t *area = insn->shared ? m->env->shared : m->env->cells;
	size_t n = insn->shared ? m->env->n_shared : m->env->n_cells;

	if (index >= insn->cells)
		return NULL;
	if (insn->imm + index >= n) {
		m->fault = true;
		return NULL;
	}
	return &area[insn->imm + index];
}

static uint64_t state(struct machine *m, const struct ffpf_insn *insn)
{
	uint64_t *cell = state_cell(m, insn);
	uint64_t old = cell ? *cell : 0;

	if (!cell)
		return 0;
	if (insn->op == FFPF_IR_SSTORE)
		*cell = value_of(m, insn->b);
	else if (insn->op == FFPF_IR_SADD || insn->op == FFPF_IR_SFETCHADD)
		*cell += value_of(m, insn->b);
	else if (insn->op == FFPF_IR_SFETCHOR)
		*cell |= value_of(m, insn->b);
	return old;
}

/* The bytes of the key that ends with part `last`. An array's key is a number as this machine has it. */
static bool make_key(struct machine *m, ffpf_val last, uint64_t map, uint8_t *key)
{
	const struct ffpf_program *p = m->p;
	unsigned parts = 0;

	if (map >= p->n_maps || p->maps[map].key_size > FFPF_IR_KEY_MOST)
		return false;
	for (ffpf_val v = last; v; v = p->insns[v].a) {
		const struct ffpf_insn *part = &p->insns[v < p->n_insns ? v : 0];
		uint64_t x = value_of(m, part->b);
		uint32_t number = (uint32_t)x;

		if (part->op != FFPF_IR_KEY || part->cells + part->size > p->maps[map].key_size ||
		    parts++ > FFPF_IR_KEY_MOST)
			return false;
		for (unsigned i = part->size; i-- > 0; x >>= 8)
			key[part->cells + i] = (uint8_t)x;
		if (p->maps[map].kind == FFPF_MAP_ARRAY)
			memcpy(key, &number, sizeof(number));
	}
	return true;
}

static uint64_t map(struct machine *m, ffpf_val v)
{
	const struct ffpf_insn *insn = &m->p->insns[v];
	struct ffpf_ir_env *env = m->env;
	uint8_t key[FFPF_IR_KEY_MOST] = {0};
	uint64_t *found;

	if (!make_key(m, insn->a, insn->imm, key)) {
		m->fault = true;
		return 0;
	}
	switch (insn->op) {
	case FFPF_IR_MFIND:
		found = env->map_find ? env->map_find(env->arg, (unsigned)insn->imm, key) : NULL;
		m->words[v] = found ? m->p->maps[insn->imm].words : 0;
		return (uintptr_t)found;
	case FFPF_IR_MADD:
		return env->map_add ? env->map_add(env->arg, (unsigned)insn->imm, key) : 1;
	default:
		if (env->map_remove)
			env->map_remove(env->arg, (unsigned)insn->imm, key);
		return 0;
	}
}

static uint64_t entry(struct machine *m, const struct ffpf_insn *insn)
{
	uint64_t at = value_of(m, insn->a), x = insn->b ? value_of(m, insn->b) : 0, *word;

	if (m->fault || !at || insn->imm >= m->words[insn->a]) {
		m->fault = true;
		return 0;
	}
	word = (uint64_t *)(uintptr_t)at + insn->imm;
	switch (insn->op) {
	case FFPF_IR_ELOAD:
		return __atomic_load_n(word, __ATOMIC_RELAXED);
	case FFPF_IR_ESTORE:
		__atomic_store_n(word, x, __ATOMIC_RELAXED);
		return 0;
	default:
		return __atomic_fetch_add(word, x, __ATOMIC_SEQ_CST);
	}
}

static uint64_t around(struct machine *m, const struct ffpf_insn *insn)
{
	struct ffpf_ir_env *env = m->env;

	switch (insn->op) {
	case FFPF_IR_META:
		return insn->imm < FFPF_META_COUNT ? env->meta[insn->imm] : 0;
	case FFPF_IR_CALL:
		return env->random ? env->random(env->arg) : 0;
	case FFPF_IR_FLAG:
	case FFPF_IR_SETFLAG:
		if (insn->imm >= m->p->n_flags || !env->flags) {
			m->fault = true;
			return 0;
		}
		if (insn->op == FFPF_IR_SETFLAG)
			env->flags[insn->imm] = (uint32_t)value_of(m, insn->b);
		return env->flags[insn->imm];
	case FFPF_IR_VERDICT:
		if (env->verdict < (enum ffpf_verdict)insn->imm)
			env->verdict = (enum ffpf_verdict)insn->imm;
		return 0;
	case FFPF_IR_TAG:
		return 0; /* it is only about what goes on on the network */
	case FFPF_IR_CROSS:
		if (env->cross)
			env->cross(env->arg, (unsigned)insn->imm, (uint32_t)value_of(m, insn->b));
		return 0;
	case FFPF_IR_TAP:
		if (env->tap)
			env->tap(env->arg, (unsigned)insn->imm, (uint32_t)value_of(m, insn->b));
		return 0;
	case FFPF_IR_WANTED:
		if (insn->imm >= env->n_wanted) {
			m->fault = true;
			return 0;
		}
		return env->wanted[insn->imm];
	case FFPF_IR_GHOST:
		return env->ghosts ? env->ghosts[insn->imm] : 0;
	case FFPF_IR_PROGRAM:
		return env->program ? env->program(env->arg, (unsigned)insn->imm) : 0;
	case FFPF_IR_NATIVE:
		return env->native ? env->native(env->arg, (unsigned)insn->imm, (uint32_t)value_of(m, insn->b)) : 0;
	default:
		m->fault = true;
		return 0;
	}
}

static void execute(struct machine *m, ffpf_val v)
{
	const struct ffpf_insn *insn = &m->p->insns[v];
	uint64_t x = 0;

	m->env->steps++;
	switch (insn->op) {
	case FFPF_IR_CONST:
		x = insn->imm;
		break;
	case FFPF_IR_ADD:
	case FFPF_IR_SUB:
	case FFPF_IR_MUL:
	case FFPF_IR_DIV:
	case FFPF_IR_MOD:
	case FFPF_IR_AND:
	case FFPF_IR_OR:
	case FFPF_IR_XOR:
	case FFPF_IR_LSH:
	case FFPF_IR_RSH:
	case FFPF_IR_ARSH:
		x = ffpf_alu_eval(insn->op, insn->bits, value_of(m, insn->a), value_of(m, insn->b));
		break;
	case FFPF_IR_HIDE:
		x = value_of(m, insn->a) & insn->imm;
		break;
	case FFPF_IR_LOAD:
		x = load(m, insn);
		break;
	case FFPF_IR_STORE:
		store(m, insn);
		break;
	case FFPF_IR_LOOKUP:
		x = ffpf_ir_table_find(&m->p->tables[insn->imm], value_of(m, insn->a));
		break;
	case FFPF_IR_SLOAD:
	case FFPF_IR_SSTORE:
	case FFPF_IR_SADD:
	case FFPF_IR_SFETCHADD:
	case FFPF_IR_SFETCHOR:
		x = state(m, insn);
		break;
	case FFPF_IR_KEY: /* read where the key is used */
		break;
	case FFPF_IR_MFIND:
	case FFPF_IR_MADD:
	case FFPF_IR_MREMOVE:
		x = map(m, v);
		break;
	case FFPF_IR_ELOAD:
	case FFPF_IR_ESTORE:
	case FFPF_IR_EADD:
	case FFPF_IR_EFETCHADD:
		x = entry(m, insn);
		break;
	default:
		x = around(m, insn);
		break;
	}
	if (ffpf_op_flags[insn->op] & FFPF_OP_VALUE)
		set_value(m, v, x);
}

/*
 * All phis of a block read before the first of them is written: one may name another of the same block.
 * Returns the number of instructions at the block's head that are phis (or were).
 */
static size_t enter(struct machine *m, const struct ffpf_bb *bb, ffpf_block from, uint64_t *scratch)
{
	const struct ffpf_program *p = m->p;
	uint32_t *words = (uint32_t *)(scratch + p->n_insns);
	size_t n = 0;

	while (n < bb->n && (p->insns[bb->insns[n]].op == FFPF_IR_PHI || p->insns[bb->insns[n]].op == FFPF_IR_NOP)) {
		const struct ffpf_insn *phi = &p->insns[bb->insns[n]];
		uint32_t k = 0;

		if (phi->op == FFPF_IR_PHI) {
			while (k < phi->n_phi && phi->phi[k].pred != from)
				k++;
			if (k < phi->n_phi) {
				scratch[n] = value_of(m, phi->phi[k].value);
				words[n] = m->fault ? 0 : m->words[phi->phi[k].value];
			} else {
				m->fault = true;
			}
		}
		n++;
	}
	for (size_t i = 0; i < n; i++)
		if (p->insns[bb->insns[i]].op == FFPF_IR_PHI && !m->fault) {
			set_value(m, bb->insns[i], scratch[i]);
			m->words[bb->insns[i]] = words[i];
		}
	return n;
}

/* The block that follows; 0: the packet is done. */
static ffpf_block leave(struct machine *m, const struct ffpf_term *t)
{
	uint64_t x = t->a ? value_of(m, t->a) : 0;

	m->env->steps++;
	switch (t->kind) {
	case FFPF_TERM_JUMP:
		return t->yes;
	case FFPF_TERM_BRANCH:
		return ffpf_cond_eval(t->cond, t->bits, x, t->b ? value_of(m, t->b) : t->imm) ? t->yes : t->no;
	case FFPF_TERM_CHECK:
		return (uint32_t)x + t->imm <= m->caplen ? t->yes : t->no;
	case FFPF_TERM_SWITCH:
		for (uint32_t i = 0; i < t->n_cases; i++)
			if (ffpf_cond_eval(FFPF_EQ, t->bits, x, t->cases[i].value))
				return t->cases[i].to;
		return t->no;
	case FFPF_TERM_END:
		return 0;
	}
	m->fault = true;
	return 0;
}

int ffpf_ir_run(const struct ffpf_program *p, struct ffpf_ir_env *env, uint8_t *data, uint32_t caplen)
{
	struct machine m = {.p = p, .env = env, .data = data, .caplen = caplen};
	uint64_t *scratch = malloc(p->n_insns * (sizeof(*scratch) + sizeof(uint32_t))); /* values, then words */

	m.values = malloc(p->n_insns * sizeof(*m.values));
	m.computed = calloc(p->n_insns, sizeof(*m.computed));
	m.words = calloc(p->n_insns, sizeof(*m.words));
	if (!scratch || !m.values || !m.computed || !m.words)
		abort();
	env->meta[FFPF_META_CAPLEN] = caplen;
	env->verdict = FFPF_VERDICT_PASS;
	env->steps = 0;
	for (ffpf_block at = p->entry, from = 0, next; at && !m.fault; from = at, at = next) {
		const struct ffpf_bb *bb = &p->blocks[at];

		for (size_t i = enter(&m, bb, from, scratch); i < bb->n && !m.fault; i++)
			if (p->insns[bb->insns[i]].op != FFPF_IR_NOP)
				execute(&m, bb->insns[i]);
		next = m.fault ? 0 : leave(&m, &bb->term);
	}
	free(scratch);
	free(m.values);
	free(m.computed);
	free(m.words);
	return m.fault ? -EFAULT : 0;
}
