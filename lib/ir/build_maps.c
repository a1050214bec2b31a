/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The builder's operations on maps and their entries. A key is a chain of KEY instructions, each with one part, that
 * stands right before the instruction whose key it is.
 */
#include <lib/ir/builder.h>

static bool is_size(unsigned size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/* Is it a key of the map? An array's is one number. */
static bool fits(const struct ffpf_ir_map *map, const struct ffpf_key_part *key, unsigned n)
{
	uint32_t bytes = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!is_size(key[i].size))
			return false;
		bytes += key[i].size;
	}
	return bytes == map->key_size && !(map->kind == FFPF_MAP_ARRAY && n != 1);
}

/* The last part of the key; 0 when the call makes no sense. *number gets the map's among the program's. */
static ffpf_val emit_key(struct ffpf_builder *b, unsigned map, const struct ffpf_key_part *key, unsigned n,
			 unsigned *number)
{
	ffpf_val parts[64], v = 0;
	uint32_t bytes = 0;

	if (!b->state || map >= b->state->n_maps || b->state->first_map + map >= b->p->n_maps) {
		ffpf_builder_wrong(b, "a map is used that the class has not announced");
		return 0;
	}
	*number = b->state->first_map + map;
	if (!n || n > sizeof(parts) / sizeof(parts[0]) || !fits(&b->p->maps[*number], key, n)) {
		ffpf_builder_wrong(b, "a map is used with a key that is not of its size");
		return 0;
	}
	for (unsigned i = 0; i < n; i++)
		parts[i] = ffpf_builder_operand(b, key[i].value);
	for (unsigned i = 0; i < n; bytes += key[i++].size)
		v = ffpf_builder_append(b, &(struct ffpf_insn){.op = FFPF_IR_KEY,
							       .size = key[i].size,
							       .a = v,
							       .b = parts[i],
							       .cells = bytes,
							       .imm = *number});
	return v;
}

static ffpf_val map_op(struct ffpf_builder *b, enum ffpf_op op, unsigned bits, unsigned map,
		       const struct ffpf_key_part *key, unsigned n)
{
	unsigned number;
	ffpf_val k = emit_key(b, map, key, n, &number);

	if (!k)
		return ffpf_ir_const(b, 0);
	return ffpf_builder_append(b, &(struct ffpf_insn){.op = op, .bits = bits, .a = k, .imm = number});
}

ffpf_val ffpf_ir_map_find(struct ffpf_builder *b, unsigned map, const struct ffpf_key_part *key, unsigned n)
{
	return map_op(b, FFPF_IR_MFIND, 64, map, key, n);
}

ffpf_val ffpf_ir_map_add(struct ffpf_builder *b, unsigned map, const struct ffpf_key_part *key, unsigned n)
{
	return map_op(b, FFPF_IR_MADD, 32, map, key, n);
}

void ffpf_ir_map_remove(struct ffpf_builder *b, unsigned map, const struct ffpf_key_part *key, unsigned n)
{
	map_op(b, FFPF_IR_MREMOVE, 0, map, key, n);
}

/* What is no entry is found by the verifier, which knows more of it. */
static ffpf_val entry_op(struct ffpf_builder *b, enum ffpf_op op, ffpf_val entry, unsigned word, ffpf_val x)
{
	entry = ffpf_builder_operand(b, entry);
	return ffpf_builder_append(b, &(struct ffpf_insn){.op = op, .bits = 64, .a = entry, .b = x, .imm = word});
}

ffpf_val ffpf_ir_entry_load(struct ffpf_builder *b, ffpf_val entry, unsigned word)
{
	return entry_op(b, FFPF_IR_ELOAD, entry, word, 0);
}

void ffpf_ir_entry_store(struct ffpf_builder *b, ffpf_val entry, unsigned word, ffpf_val x)
{
	entry_op(b, FFPF_IR_ESTORE, entry, word, ffpf_builder_operand(b, x));
}

void ffpf_ir_entry_add(struct ffpf_builder *b, ffpf_val entry, unsigned word, ffpf_val x)
{
	entry_op(b, FFPF_IR_EADD, entry, word, ffpf_builder_operand(b, x));
}

ffpf_val ffpf_ir_entry_fetch_add(struct ffpf_builder *b, ffpf_val entry, unsigned word, ffpf_val x)
{
	return entry_op(b, FFPF_IR_EFETCHADD, entry, word, ffpf_builder_operand(b, x));
}
