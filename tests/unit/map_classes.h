/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Function classes with maps, for tests: `seen`, which counts packets and bytes of flows as a class would; `net`, which
 * looks in a filled LPM map; and `mixed`, whose packet program is made of random operations on maps of all kinds.
 */
#ifndef FFPF_TESTS_MAP_CLASSES_H
#define FFPF_TESTS_MAP_CLASSES_H

#include "packets.h"

#include <ffpf/class.h>
#include <ffpf/ir.h>
#include <lib/graph/classes.h>

static inline uint32_t map_class_demand(const struct ffpf_instance *instance)
{
	return 64;
}

static inline void map_class_go(struct ffpf_builder *b, ffpf_block block)
{
	ffpf_ir_seal(b, block);
	ffpf_ir_switch_to(b, block);
}

/* ---- seen: flows by addresses, protocol and ports -------------------------------------------- */

static const struct ffpf_member seen_key[] = {
	{.name = "src", .offset = 0, .count = 1, .size = 4, .kind = FFPF_MEMBER_NETWORK},
	{.name = "dst", .offset = 4, .count = 1, .size = 4, .kind = FFPF_MEMBER_NETWORK},
	{.name = "sport", .offset = 8, .count = 1, .size = 2, .kind = FFPF_MEMBER_BIG},
	{.name = "dport", .offset = 10, .count = 1, .size = 2, .kind = FFPF_MEMBER_BIG},
	{.name = "proto", .offset = 12, .count = 1, .size = 1, .kind = FFPF_MEMBER_BIG},
};
static const struct ffpf_member seen_value[] = {
	{.name = "packets", .offset = 0, .count = 1, .size = 8, .kind = FFPF_MEMBER_UNSIGNED},
	{.name = "bytes", .offset = 8, .count = 1, .size = 8, .kind = FFPF_MEMBER_UNSIGNED},
};
static const struct ffpf_param seen_params[] = {
	{.name = "size", .type = FFPF_TYPE_COUNT, .def = "4096", .min = 1, .max = 1 << 24, .doc = "flows at most"},
	{.name = "lru", .type = FFPF_TYPE_BOOL, .def = "no", .doc = "forget the least recent"},
};
static const struct ffpf_field seen_fields[] = {
	{.name = "full", .merge = FFPF_MERGE_SUM, .unit = FFPF_UNIT_PACKETS, .cells = 1, .doc = "not put: full"},
};

struct seen_data {
	struct ffpf_class_map map;
	struct ffpf_schema schema;
};

static inline int seen_check(struct ffpf_instance *instance)
{
	struct seen_data *d = ffpf_instance_alloc(instance, sizeof(*d));

	d->map = (struct ffpf_class_map){.name = "flows",
					 .doc = "flows seen",
					 .kind = instance->values[1].i ? FFPF_MAP_LRU_HASH : FFPF_MAP_HASH,
					 .key_size = 13,
					 .words = 2,
					 .max_entries = (uint32_t)instance->values[0].i,
					 .key = {seen_key, 5},
					 .value = {seen_value, 2}};
	d->schema = (struct ffpf_schema){.fields = seen_fields, .n_fields = 1, .maps = &d->map, .n_maps = 1};
	instance->data = d;
	return 0;
}

static inline const struct ffpf_schema *seen_schema(const struct ffpf_instance *instance)
{
	return &((const struct seen_data *)instance->data)->schema;
}

static inline unsigned seen_flags(const struct ffpf_instance *instance)
{
	return FFPF_CLASS_PASSES;
}

static inline int seen_build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_block check = ffpf_ir_block(b), ip = ffpf_ir_block(b), there = ffpf_ir_block(b), new = ffpf_ir_block(b);
	ffpf_block put = ffpf_ir_block(b), full = ffpf_ir_block(b), done = ffpf_ir_block(b);
	ffpf_var entry = ffpf_ir_var(b);
	ffpf_val e;

	ffpf_ir_check(b, 0, 38, check, done);
	map_class_go(b, check);
	ffpf_ir_branch_imm(b, FFPF_EQ, 32, ffpf_ir_load(b, 0, 12, 2), 0x800, ip, done);
	map_class_go(b, ip);
	const struct ffpf_key_part key[] = {
		{ffpf_ir_load(b, 0, 26, 4), 4}, {ffpf_ir_load(b, 0, 30, 4), 4}, {ffpf_ir_load(b, 0, 34, 2), 2},
		{ffpf_ir_load(b, 0, 36, 2), 2}, {ffpf_ir_load(b, 0, 23, 1), 1},
	};
	e = ffpf_ir_map_find(b, 0, key, 5);
	ffpf_ir_var_set(b, entry, e);
	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, there, new);
	map_class_go(b, new);
	ffpf_ir_branch_imm(b, FFPF_EQ, 32, ffpf_ir_map_add(b, 0, key, 5), 0, put, full);
	map_class_go(b, full);
	ffpf_ir_state_add(b, 0, 0, ffpf_ir_const(b, 1));
	ffpf_ir_jump(b, done);
	map_class_go(b, put);
	e = ffpf_ir_map_find(b, 0, key, 5);
	ffpf_ir_var_set(b, entry, e);
	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, there, done);
	map_class_go(b, there);
	e = ffpf_ir_var_get(b, entry);
	ffpf_ir_entry_add(b, e, 0, ffpf_ir_const(b, 1));
	ffpf_ir_entry_add(b, e, 1, ffpf_ir_meta(b, FFPF_META_LEN));
	ffpf_ir_jump(b, done);
	map_class_go(b, done);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

static const struct ffpf_class seen_class = {
	.abi = FFPF_CLASS_ABI,
	.name = "seen",
	.help = "flows",
	.role = FFPF_FUNCTION,
	.params = seen_params,
	.n_params = 2,
	.check = seen_check,
	.schema = seen_schema,
	.instance_flags = seen_flags,
	.demand = map_class_demand,
	.build = seen_build,
};

/* ---- net: the class of a packet is what an LPM map has for its destination ------------------- */

enum { NET_PREFIXES = 4 };
static const uint8_t net_keys[NET_PREFIXES][4] = {{0}, {10}, {10, 0, 0, 0}, {10, 0, 0, 7}};
static const uint8_t net_prefixes[NET_PREFIXES] = {0, 8, 24, 32};
static const uint64_t net_values[NET_PREFIXES] = {11, 12, 13, 14};
static const struct ffpf_member net_key[] = {
	{.name = "", .offset = 0, .count = 1, .size = 4, .kind = FFPF_MEMBER_NETWORK},
};
static const struct ffpf_member net_value[] = {
	{.name = "class", .offset = 0, .count = 1, .size = 8, .kind = FFPF_MEMBER_UNSIGNED},
};
static const struct ffpf_class_map net_map = {.name = "nets",
					      .doc = "prefixes",
					      .kind = FFPF_MAP_LPM,
					      .key_size = 4,
					      .words = 1,
					      .max_entries = NET_PREFIXES,
					      .key = {net_key, 1},
					      .value = {net_value, 1},
					      .keys = net_keys[0],
					      .values = net_values,
					      .prefixes = net_prefixes,
					      .n_filled = NET_PREFIXES};

static inline int net_build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_block check = ffpf_ir_block(b), there = ffpf_ir_block(b), none = ffpf_ir_block(b);
	struct ffpf_key_part key = {.size = 4};
	ffpf_val e;

	ffpf_ir_check(b, 0, 34, check, none);
	map_class_go(b, check);
	key.value = ffpf_ir_load(b, 0, 30, 4);
	e = ffpf_ir_map_find(b, 0, &key, 1);
	ffpf_ir_branch_imm(b, FFPF_EQ, 64, e, 0, none, there);
	map_class_go(b, there);
	ffpf_ir_accept(b, ffpf_ir_entry_load(b, e, 0));
	map_class_go(b, none);
	ffpf_ir_reject(b);
	return 0;
}

static const struct ffpf_class net_class = {
	.abi = FFPF_CLASS_ABI,
	.name = "net",
	.help = "prefixes",
	.role = FFPF_FUNCTION,
	.maps = &net_map,
	.n_maps = 1,
	.demand = map_class_demand,
	.build = net_build,
};

/* ---- mixed: random operations ---------------------------------------------------------------- */

enum { MIXED_SMALL, MIXED_LARGE, MIXED_LRU, MIXED_LPM, MIXED_ARRAY, MIXED_MAPS };

static const uint8_t mixed_keys[][4] = {{0}, {10}, {10, 0}, {10, 0, 0}};
static const uint8_t mixed_prefixes[] = {0, 8, 16, 24};
static const uint64_t mixed_values[] = {1, 100, 2, 200, 3, 300, 4, 400};
static const struct ffpf_class_map mixed_maps[MIXED_MAPS] = {
	[MIXED_SMALL] = {.name = "small", .kind = FFPF_MAP_HASH, .key_size = 4, .words = 2, .max_entries = 8},
	[MIXED_LARGE] = {.name = "large", .kind = FFPF_MAP_HASH, .key_size = 13, .words = 32, .max_entries = 4096},
	[MIXED_LRU] = {.name = "lru", .kind = FFPF_MAP_LRU_HASH, .key_size = 2, .words = 1, .max_entries = 16384},
	[MIXED_LPM] = {.name = "lpm",
		       .kind = FFPF_MAP_LPM,
		       .key_size = 4,
		       .words = 2,
		       .max_entries = 12,
		       .keys = mixed_keys[0],
		       .values = mixed_values,
		       .prefixes = mixed_prefixes,
		       .n_filled = 4},
	[MIXED_ARRAY] = {.name = "array", .kind = FFPF_MAP_ARRAY, .key_size = 4, .words = 3, .max_entries = 16},
};
static const struct ffpf_field mixed_fields[] = {
	{.name = "digest", .merge = FFPF_MERGE_SUM, .cells = 1, .doc = "of what was read"},
	{.name = "bits", .merge = FFPF_MERGE_SHARED, .cells = 4, .doc = "that were put in"},
};
static const struct ffpf_param mixed_params[] = {
	{.name = "seed", .type = FFPF_TYPE_COUNT, .flags = FFPF_PARAM_MAIN, .def = "1", .min = 0, .max = INT64_MAX},
};

struct mixed {
	struct ffpf_builder *b;
	struct rng rng, *r;
	ffpf_val values[24];
	unsigned n;
	ffpf_var digest;
};

static inline ffpf_val mixed_any(struct mixed *m)
{
	static const uint64_t constants[] = {0, 1, 2, 7, 255, 0x0a000001, 0x800, UINT32_MAX, 1ull << 40, UINT64_MAX};

	return rng_one_in(m->r, 4) ? ffpf_ir_const(m->b, RNG_PICK(m->r, constants)) : m->values[rng_below(m->r, m->n)];
}

static inline void mixed_note(struct mixed *m, ffpf_val x)
{
	ffpf_val old = ffpf_ir_var_get(m->b, m->digest);

	old = ffpf_ir_alu_imm(m->b, FFPF_MUL, 64, old, 31);
	ffpf_ir_var_set(m->b, m->digest, ffpf_ir_alu(m->b, FFPF_XOR, 64, old, x));
}

static inline unsigned mixed_key(struct mixed *m, unsigned map, struct ffpf_key_part key[16])
{
	static const uint8_t large[][4] = {{8, 4, 1}, {4, 1, 8}, {1, 8, 4}};
	const uint8_t *sizes = RNG_PICK(m->r, large);
	unsigned n = map == MIXED_LARGE ? 3 : map == MIXED_SMALL && rng_one_in(m->r, 2) ? 2 : 1;

	for (unsigned i = 0; i < n; i++)
		key[i] = (struct ffpf_key_part){mixed_any(m), map == MIXED_LARGE ? sizes[i]
							      : map == MIXED_LRU ? 2
										 : (uint8_t)(4 / n)};
	/* Else there would be no two packets with the same. */
	if (map == MIXED_ARRAY || rng_one_in(m->r, 2))
		key[0].value = ffpf_ir_alu_imm(m->b, FFPF_AND, 64, key[0].value, map == MIXED_ARRAY ? 31 : 3);
	return n;
}

static inline void mixed_use(struct mixed *m, ffpf_val entry, unsigned map)
{
	for (unsigned i = 1 + rng_below(m->r, 3); i; i--) {
		unsigned word = rng_below(m->r, mixed_maps[map].words);

		switch (rng_below(m->r, 4)) {
		case 0:
			mixed_note(m, ffpf_ir_entry_load(m->b, entry, word));
			break;
		case 1:
			ffpf_ir_entry_store(m->b, entry, word, mixed_any(m));
			break;
		case 2:
			ffpf_ir_entry_add(m->b, entry, word, mixed_any(m));
			break;
		default:
			mixed_note(m, ffpf_ir_entry_fetch_add(m->b, entry, word, mixed_any(m)));
		}
	}
}

/* Uses an entry where it is one; goes on either way. */
static inline void mixed_use_if(struct mixed *m, ffpf_val entry, unsigned map)
{
	ffpf_block yes = ffpf_ir_block(m->b), no = ffpf_ir_block(m->b);

	if (rng_one_in(m->r, 2))
		ffpf_ir_branch_imm(m->b, FFPF_NE, 64, entry, 0, yes, no);
	else
		ffpf_ir_branch_imm(m->b, FFPF_EQ, 64, entry, 0, no, yes);
	map_class_go(m->b, yes);
	mixed_use(m, entry, map);
	ffpf_ir_jump(m->b, no);
	map_class_go(m->b, no);
}

/* The entry of a key, put if need be. */
static inline ffpf_val mixed_put(struct mixed *m, unsigned map, const struct ffpf_key_part *key, unsigned n)
{
	ffpf_block none = ffpf_ir_block(m->b), put = ffpf_ir_block(m->b), full = ffpf_ir_block(m->b);
	ffpf_block done = ffpf_ir_block(m->b);
	ffpf_var entry = ffpf_ir_var(m->b);
	ffpf_val failed;

	ffpf_ir_var_set(m->b, entry, ffpf_ir_map_find(m->b, map, key, n));
	ffpf_ir_branch_imm(m->b, FFPF_EQ, 64, ffpf_ir_var_get(m->b, entry), 0, none, done);
	map_class_go(m->b, none);
	failed = ffpf_ir_map_add(m->b, map, key, n);
	ffpf_ir_branch_imm(m->b, FFPF_EQ, 32, failed, 0, put, full);
	map_class_go(m->b, put);
	ffpf_ir_var_set(m->b, entry, ffpf_ir_map_find(m->b, map, key, n));
	ffpf_ir_jump(m->b, done);
	map_class_go(m->b, full);
	mixed_note(m, ffpf_ir_const(m->b, 77));
	ffpf_ir_jump(m->b, done);
	map_class_go(m->b, done);
	return ffpf_ir_var_get(m->b, entry);
}

/* One of two entries, or none, as a value says. */
static inline ffpf_val mixed_either(struct mixed *m, ffpf_val x, ffpf_val y)
{
	ffpf_block yes = ffpf_ir_block(m->b), no = ffpf_ir_block(m->b), done = ffpf_ir_block(m->b);
	ffpf_var entry = ffpf_ir_var(m->b);

	ffpf_ir_branch_imm(m->b, FFPF_SET, 64, mixed_any(m), 1, yes, no);
	map_class_go(m->b, yes);
	ffpf_ir_var_set(m->b, entry, x);
	ffpf_ir_jump(m->b, done);
	map_class_go(m->b, no);
	if (rng_one_in(m->r, 2))
		ffpf_ir_var_set(m->b, entry, y);
	ffpf_ir_jump(m->b, done);
	map_class_go(m->b, done);
	return ffpf_ir_var_get(m->b, entry);
}

static inline void mixed_step(struct mixed *m)
{
	unsigned map = rng_below(m->r, MIXED_MAPS), n, other;
	struct ffpf_key_part key[16], second[16];
	ffpf_val x, y;

	n = mixed_key(m, map, key);
	switch (rng_below(m->r, 7)) {
	case 0:
		ffpf_ir_map_remove(m->b, map, key, n);
		break;
	case 1:
		ffpf_ir_map_add(m->b, map, key, n);
		break;
	case 2:
		mixed_use_if(m, ffpf_ir_map_find(m->b, map, key, n), map);
		break;
	case 3: /* two at a time, of any maps */
		other = rng_below(m->r, MIXED_MAPS);
		x = ffpf_ir_map_find(m->b, map, key, n);
		n = mixed_key(m, other, second);
		y = ffpf_ir_map_find(m->b, other, second, n);
		mixed_use_if(m, x, map);
		mixed_use_if(m, y, other);
		break;
	case 4:
		x = ffpf_ir_map_find(m->b, map, key, n);
		n = mixed_key(m, map, second);
		y = ffpf_ir_map_find(m->b, map, second, n);
		mixed_use_if(m, mixed_either(m, x, y), map);
		break;
	case 5:
		x = ffpf_ir_alu_imm(m->b, FFPF_AND, 64, mixed_any(m), 7);
		mixed_note(m, ffpf_ir_state_fetch_or(m->b, 1, x, mixed_any(m)));
		break;
	default:
		mixed_use_if(m, mixed_put(m, map, key, n), map);
	}
}

static inline int mixed_build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	struct mixed m = {.b = b, .rng = {(uint64_t)instance->values[0].i * 2 + 1}};
	ffpf_block there = ffpf_ir_block(b), shrt = ffpf_ir_block(b), done = ffpf_ir_block(b);

	m.r = &m.rng;
	m.digest = ffpf_ir_var(b);
	m.values[m.n++] = ffpf_ir_meta(b, FFPF_META_LEN);
	m.values[m.n++] = ffpf_ir_class(b);
	ffpf_ir_check(b, 0, 40, there, shrt);
	map_class_go(b, shrt);
	for (unsigned i = rng_below(m.r, 3); i; i--)
		mixed_step(&m);
	ffpf_ir_jump(b, done);
	map_class_go(b, there);
	for (unsigned i = 0; i < 8; i++) {
		unsigned size = 1u << rng_below(m.r, 4);

		m.values[m.n++] = ffpf_ir_load(b, 0, rng_below(m.r, 41 - size), size);
	}
	m.values[m.n++] = ffpf_ir_load(b, 0, 30, 4);
	for (unsigned i = 1 + rng_below(m.r, 8); i; i--)
		mixed_step(&m);
	ffpf_ir_jump(b, done);
	map_class_go(b, done);
	ffpf_ir_state_add(b, 0, 0, ffpf_ir_var_get(b, m.digest));
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

static const struct ffpf_class mixed_class = {
	.abi = FFPF_CLASS_ABI,
	.name = "mixed",
	.help = "anything",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES,
	.params = mixed_params,
	.n_params = 1,
	.fields = mixed_fields,
	.n_fields = 2,
	.maps = mixed_maps,
	.n_maps = MIXED_MAPS,
	.demand = map_class_demand,
	.build = mixed_build,
};

static inline void map_classes_register(void)
{
	const struct ffpf_class *const classes[] = {&seen_class, &net_class, &mixed_class};
	const char *why = NULL;

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (ffpf_class_register(classes[i], &why)) {
			fprintf(stderr, "%s\n", why);
			abort();
		}
}

#endif
