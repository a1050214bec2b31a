/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lookups in constant tables: a hash table without collisions in read-only data, so that a key costs two
 * multiplications, two loads and one comparison, however many keys there are.
 *
 *   shift[hash 1 of the key]  ──xor──▶  slot[hash 2 of the key]  ──▶  key there the same? its value : 0
 *
 * The shifts are found when the table is made (Belazzougui, Botelho and Dietzfelbinger, "Hash, displace, and compress",
 * ESA 2009): keys of equal hash 1 get one that leads all of them to free slots, the largest groups first. A free slot
 * holds some key, which is sought in its own slot only. The multipliers come from the keys, so that no list of keys is
 * bad for all builds of tables; where they don't work out, others do, and then a larger table.
 */
#include <flowspaces/ebpf/asm.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ATTEMPTS 24 /* multipliers for each size */
#define SLOT_BITS_MAX 24

/* A table where it was laid. */
struct ffpf_ebpf_table {
	struct ffpf_ebpf_table *next;
	uint32_t number; /* of the program's */
	uint8_t swapped; /* bytes of the keys, which are in network order; 0: they are in host order */
	bool wide;	 /* keys and values of 64 bits, else of 32 */
	bool values;
	uint8_t shift_bits, slot_bits, shift_size; /* logarithms, and bytes of a shift */
	uint64_t multiplier[2];
	uint32_t shifts, slots; /* offsets in the data */
};

struct making {
	struct ffpf_ebpf_table *t;
	const uint64_t *keys;
	uint32_t n;
	uint32_t *first, *next; /* keys of each group, from 1 */
	uint32_t *size;
	uint32_t *order; /* groups by size */
	uint32_t *at;	 /* per slot: its key, from 1 */
	uint32_t *shift; /* per group */
};

/* ---- hashing --------------------------------------------------------------------------------- */

static uint32_t hash(const struct ffpf_ebpf_table *t, unsigned which, uint64_t key)
{
	unsigned bits = which ? t->slot_bits : t->shift_bits;

	if (t->wide)
		return (uint32_t)(key * t->multiplier[which] >> (64 - bits));
	return (uint32_t)((uint32_t)key * (uint32_t)t->multiplier[which]) >> (32 - bits);
}

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static void group_keys(struct making *m)
{
	uint32_t groups = 1u << m->t->shift_bits, most = 0, at = 0;

	memset(m->first, 0, groups * sizeof(*m->first));
	memset(m->size, 0, groups * sizeof(*m->size));
	for (uint32_t i = 0; i < m->n; i++) {
		uint32_t g = hash(m->t, 0, m->keys[i]);

		m->next[i + 1] = m->first[g];
		m->first[g] = i + 1;
		if (++m->size[g] > most)
			most = m->size[g];
	}
	for (uint32_t size = most; size; size--)
		for (uint32_t g = 0; g < groups; g++)
			if (m->size[g] == size)
				m->order[at++] = g;
	m->order[at] = UINT32_MAX;
}

/* Puts all keys of a group where a shift leads them; or none, when a slot is taken. */
static bool put_group(struct making *m, uint32_t group, uint32_t shift)
{
	uint32_t k;

	for (k = m->first[group]; k; k = m->next[k]) {
		uint32_t slot = hash(m->t, 1, m->keys[k - 1]) ^ shift;

		if (m->at[slot])
			break;
		m->at[slot] = k;
	}
	if (!k)
		return true;
	for (uint32_t u = m->first[group]; u != k; u = m->next[u])
		m->at[hash(m->t, 1, m->keys[u - 1]) ^ shift] = 0;
	return false;
}

static bool find_shifts(struct making *m)
{
	uint32_t slots = 1u << m->t->slot_bits;

	group_keys(m);
	memset(m->at, 0, slots * sizeof(*m->at));
	memset(m->shift, 0, (sizeof(*m->shift)) << m->t->shift_bits);
	for (uint32_t i = 0; m->order[i] != UINT32_MAX; i++) {
		uint32_t shift = 0;

		while (shift < slots && !put_group(m, m->order[i], shift))
			shift++;
		if (shift == slots)
			return false;
		m->shift[m->order[i]] = shift;
	}
	return true;
}

/* ---- laying a table -------------------------------------------------------------------------- */

static void *lay(struct gen *g, size_t bytes, uint32_t *offset)
{
	struct ffpf_ebpf_program *out = g->out;
	size_t at = (out->n_data + 7) & ~(size_t)7, need = at + bytes;

	if (need > out->data_capacity) {
		size_t capacity = need * 2;
		uint8_t *data = ffpf_arena_alloc(g->arena, capacity);

		if (out->n_data)
			memcpy(data, out->data, out->n_data);
		out->data = data;
		out->data_capacity = capacity;
	}
	memset(out->data + out->n_data, 0, need - out->n_data);
	out->n_data = need;
	*offset = (uint32_t)at;
	return out->data + at;
}

uint32_t ffpf_ebpf_zeros(struct gen *g)
{
	uint32_t offset, words = 1;

	if (!g->zeros) {
		for (size_t i = 0; i < g->ir->n_maps; i++)
			if (g->ir->maps[i].words > words)
				words = g->ir->maps[i].words;
		memset(lay(g, words * 8u, &offset), 0, words * 8u);
		g->zeros = offset + 1;
	}
	return g->zeros - 1;
}

static size_t entry_size(const struct ffpf_ebpf_table *t)
{
	return (t->wide ? 8u : 4u) << t->values;
}

static void write_entry(const struct ffpf_ebpf_table *t, uint8_t *to, uint64_t key, uint64_t value)
{
	uint32_t small = (uint32_t)key, small_value = (uint32_t)value;

	if (t->wide) {
		memcpy(to, &key, 8);
		if (t->values)
			memcpy(to + 8, &value, 8);
	} else {
		memcpy(to, &small, 4);
		if (t->values)
			memcpy(to + 4, &small_value, 4);
	}
}

static void write_table(struct gen *g, const struct making *m, const uint64_t *values)
{
	struct ffpf_ebpf_table *t = m->t;
	uint32_t groups = 1u << t->shift_bits, slots = 1u << t->slot_bits;
	uint8_t *to = lay(g, (size_t)groups * t->shift_size, &t->shifts);

	for (uint32_t i = 0; i < groups; i++) {
		uint16_t small = (uint16_t)m->shift[i];

		memcpy(to + (size_t)i * t->shift_size, t->shift_size == 2 ? (void *)&small : (void *)&m->shift[i],
		       t->shift_size);
	}
	to = lay(g, slots * entry_size(t), &t->slots);
	for (uint32_t i = 0; i < slots; i++, to += entry_size(t)) {
		uint32_t k = m->at[i];

		write_entry(t, to, m->keys[k ? k - 1 : 0], k && values ? values[k - 1] : 0);
	}
}

static unsigned bits_for(uint32_t n)
{
	unsigned bits = 1;

	while (1u << bits < n)
		bits++;
	return bits;
}

static bool make_table(struct gen *g, struct making *m, const uint64_t *values, uint64_t seed)
{
	struct ffpf_ebpf_table *t = m->t;
	bool found = false;

	t->slot_bits = (uint8_t)bits_for(m->n + m->n / 5 + 1);
	for (; !found && t->slot_bits <= SLOT_BITS_MAX; t->slot_bits += !found) {
		t->shift_bits = (uint8_t)bits_for(m->n / 3 + 1);
		t->shift_size = t->slot_bits > 16 ? 4 : 2;
		m->at = calloc((size_t)1 << t->slot_bits, sizeof(*m->at));
		if (!m->at)
			abort();
		for (unsigned i = 0; !found && i < ATTEMPTS; i++) {
			t->multiplier[0] = next_random(&seed) | 1;
			t->multiplier[1] = next_random(&seed) | 1;
			found = find_shifts(m);
		}
		if (found)
			write_table(g, m, values);
		free(m->at);
		if (found)
			break;
	}
	return found;
}

static uint64_t swapped(uint64_t key, unsigned size)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return size == 2 ? __builtin_bswap16((uint16_t)key) : __builtin_bswap32((uint32_t)key);
#else
	return key;
#endif
}

static void build_table(struct gen *g, struct ffpf_ebpf_table *t, const struct ffpf_ir_table *from)
{
	struct making m = {.t = t, .n = from->n};
	uint64_t *keys = malloc((from->n + 2) * sizeof(*keys));
	size_t groups = (size_t)from->n * 2 + 16;

	m.first = malloc(groups * sizeof(*m.first));
	m.size = malloc(groups * sizeof(*m.size));
	m.order = malloc((groups + 1) * sizeof(*m.order));
	m.shift = malloc(groups * sizeof(*m.shift));
	m.next = malloc((from->n + 2) * sizeof(*m.next));
	if (!keys || !m.first || !m.size || !m.order || !m.shift || !m.next)
		abort();
	for (uint32_t i = 0; i < from->n; i++)
		keys[i] = t->swapped ? swapped(from->keys[i], t->swapped) : from->keys[i];
	m.keys = keys;
	if (!make_table(g, &m, from->values, from->hash))
		g->error = -E2BIG;
	free(keys);
	free(m.first);
	free(m.size);
	free(m.order);
	free(m.shift);
	free(m.next);
}

static const struct ffpf_ebpf_table *table_of(struct gen *g, const struct ffpf_insn *in)
{
	const struct ffpf_ir_table *from = &g->ir->tables[in->imm];
	uint8_t swap = g->raw[in->a] ? g->ir->insns[in->a].size : 0;
	bool wide = ffpf_ir_value_max(g->ir, in->a, 0) > UINT32_MAX || from->keys[from->n - 1] > UINT32_MAX ||
		    from->max > UINT32_MAX;
	struct ffpf_ebpf_table *t;

	for (t = g->tables; t; t = t->next)
		if (t->number == in->imm && t->swapped == swap && t->wide == wide)
			return t;
	t = ffpf_arena_alloc(g->arena, sizeof(*t));
	*t = (struct ffpf_ebpf_table){.next = g->tables,
				      .number = (uint32_t)in->imm,
				      .swapped = swap,
				      .wide = wide,
				      .values = from->values != NULL};
	g->tables = t;
	build_table(g, t, from);
	return t;
}

/* ---- looking up ------------------------------------------------------------------------------ */

/* other = address in the tables + reg. */
static void address(struct gen *g, uint8_t reg, uint8_t other, uint32_t offset)
{
	ffpf_asm_symbol(g, other, FFPF_SYM_TABLES, true, offset);
	alu(g, BPF_ADD, other, reg);
}

void ffpf_ebpf_place_tables(struct ffpf_ebpf_program *code, const void *address_of)
{
	for (size_t i = 0; i < code->n_relocs; i++) {
		struct bpf_insn *in = &code->insns[code->relocs[i].insn];
		uint64_t at;

		if (code->relocs[i].symbol != FFPF_SYM_TABLES)
			continue;
		at = (uintptr_t)address_of + (uint32_t)in[1].imm;
		in[0].src_reg = 0;
		in[0].imm = (int32_t)at;
		in[1].imm = (int32_t)(at >> 32);
	}
}

/* reg = one of the hashes of the key. reg may be the temporary that the key is fetched into, where that is 32 bits. */
static void emit_hash(struct gen *g, const struct ffpf_ebpf_table *t, unsigned which, ffpf_val key, uint8_t reg,
		      uint8_t temp)
{
	unsigned bits = which ? t->slot_bits : t->shift_bits;
	uint8_t x = ffpf_asm_use(g, key, temp);

	if (t->wide) {
		ffpf_asm_imm64(g, reg, t->multiplier[which]);
		alu(g, BPF_MUL, reg, x);
		alui(g, BPF_RSH, reg, (int32_t)(64 - bits));
		return;
	}
	ffpf_asm(g, BPF_ALU | BPF_MOV | BPF_X, reg, x, 0, 0);
	ffpf_asm(g, BPF_ALU | BPF_MUL | BPF_K, reg, 0, 0, (int32_t)t->multiplier[which]);
	ffpf_asm(g, BPF_ALU | BPF_RSH | BPF_K, reg, 0, 0, (int32_t)(32 - bits));
}

static int32_t log_of(size_t size)
{
	return __builtin_ctz((unsigned)size);
}

/* r1 = address of the key's slot. */
static void emit_slot(struct gen *g, const struct ffpf_ebpf_table *t, ffpf_val key)
{
	/* A key on the stack takes a register of its own. */
	bool stacked = t->wide && g->where[key].reg < 0;

	if (stacked) {
		emit_hash(g, t, 1, key, R0, R1);
		stx(g, BPF_DW, R10, SLOT_LOAD, R0);
	}
	emit_hash(g, t, 0, key, R0, t->wide ? R1 : R0);
	alui(g, BPF_LSH, R0, log_of(t->shift_size));
	address(g, R0, R1, t->shifts);
	ldx(g, size_code(t->shift_size), R0, R1, 0);
	if (stacked)
		ldx(g, BPF_DW, R1, R10, SLOT_LOAD);
	else
		emit_hash(g, t, 1, key, R1, R1);
	alu(g, BPF_XOR, R0, R1);
	/* The verifier does not know that the shifts are small. */
	alui(g, BPF_AND, R0, (int32_t)((1u << t->slot_bits) - 1));
	alui(g, BPF_LSH, R0, log_of(entry_size(t)));
	address(g, R0, R1, t->slots);
}

/*
 * Compares the key with the one in its slot; returns the jump that is taken when they are the same (or not the same:
 * op). With keep, r1 still is the slot's address behind it, or the value is in SLOT_LOAD: true.
 */
static uint32_t emit_compare(struct gen *g, const struct ffpf_ebpf_table *t, ffpf_val key, uint8_t op, bool keep,
			     bool *saved)
{
	uint8_t x, size = t->wide ? BPF_DW : BPF_W;

	*saved = keep && g->where[key].reg < 0;
	ldx(g, size, R0, R1, 0);
	if (*saved) {
		ldx(g, size, R1, R1, t->wide ? 8 : 4);
		stx(g, BPF_DW, R10, SLOT_LOAD, R1);
	}
	x = ffpf_asm_use(g, key, R1);
	return ffpf_asm(g, (t->wide ? BPF_JMP : BPF_JMP32) | op | BPF_X, R0, x, 0, 0);
}

void ffpf_ebpf_lookup(struct gen *g, ffpf_val v)
{
	const struct ffpf_insn *in = &g->ir->insns[v];
	const struct ffpf_ebpf_table *t = table_of(g, in);
	uint32_t other, end;
	uint8_t dst;
	bool saved;

	emit_slot(g, t, in->a);
	other = emit_compare(g, t, in->a, BPF_JNE, t->values, &saved);
	if (!t->values)
		movi(g, R0, 1);
	else if (saved)
		ldx(g, BPF_DW, R0, R10, SLOT_LOAD);
	else
		ldx(g, t->wide ? BPF_DW : BPF_W, R0, R1, t->wide ? 8 : 4);
	end = ffpf_asm(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	ffpf_asm_patch(g, other);
	movi(g, R0, 0);
	ffpf_asm_patch(g, end);
	dst = ffpf_asm_target(g, v, R0);
	if (dst != R0)
		mov(g, dst, R0);
	ffpf_asm_defined(g, v, dst);
}

void ffpf_ebpf_lookup_branch(struct gen *g, ffpf_val v, ffpf_block found, ffpf_block missing, ffpf_block next)
{
	const struct ffpf_insn *in = &g->ir->insns[v];
	const struct ffpf_ebpf_table *t = table_of(g, in);
	bool saved, turned = found == next;
	uint32_t jump;

	emit_slot(g, t, in->a);
	jump = emit_compare(g, t, in->a, turned ? BPF_JNE : BPF_JEQ, false, &saved);
	ffpf_asm_jump_of(g, jump, turned ? missing : found);
	if ((turned ? found : missing) != next)
		ffpf_asm_jump_to(g, BPF_JMP | BPF_JA, 0, 0, 0, turned ? found : missing);
}
