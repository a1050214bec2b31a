/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Classes that keep tables, for tests of the command and of the network, and for benchmarks.
 *
 *   tflows  packets and bytes by addresses, protocol and ports
 *   tnets   packets to one of n networks 198.18.0.0/32, 198.18.0.1/32 …, which are there from the beginning
 *   tlimit  passes up to `rate` packets a second of each source
 *   twall   passes what comes from 198.18.0.0/16, and what answers it
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>
#include <stdlib.h>

extern const struct ffpf_class *const ffpf_classes[];

static uint32_t demand(const struct ffpf_instance *instance)
{
	return 38;
}

static void go(struct ffpf_builder *b, ffpf_block block)
{
	ffpf_ir_seal(b, block);
	ffpf_ir_switch_to(b, block);
}

/* ---- tflows ---------------------------------------------------------------------------------- */

static const struct ffpf_member flow_key[] = {
	{.name = "src", .offset = 0, .count = 1, .size = 4, .kind = FFPF_MEMBER_NETWORK},
	{.name = "dst", .offset = 4, .count = 1, .size = 4, .kind = FFPF_MEMBER_NETWORK},
	{.name = "sport", .offset = 8, .count = 1, .size = 2, .kind = FFPF_MEMBER_BIG},
	{.name = "dport", .offset = 10, .count = 1, .size = 2, .kind = FFPF_MEMBER_BIG},
	{.name = "proto", .offset = 12, .count = 1, .size = 1, .kind = FFPF_MEMBER_BIG},
};
static const struct ffpf_member flow_value[] = {
	{.name = "packets", .offset = 0, .count = 1, .size = 8, .kind = FFPF_MEMBER_UNSIGNED},
	{.name = "bytes", .offset = 8, .count = 1, .size = 8, .kind = FFPF_MEMBER_UNSIGNED},
};
static const struct ffpf_param flow_params[] = {
	{.name = "size",
	 .type = FFPF_TYPE_COUNT,
	 .flags = FFPF_PARAM_MAIN,
	 .def = "65536",
	 .min = 1,
	 .max = UINT32_MAX,
	 .doc = "flows at most"},
	{.name = "lru",
	 .type = FFPF_TYPE_BOOL,
	 .def = "no",
	 .doc = "forget the flow of which nothing came for longest"},
};
static const struct ffpf_field flow_fields[] = {
	{.name = "full",
	 .merge = FFPF_MERGE_SUM,
	 .unit = FFPF_UNIT_PACKETS,
	 .cells = 1,
	 .doc = "packets of flows too many"},
};

struct kept {
	struct ffpf_class_map map;
	struct ffpf_schema schema;
};

static int flow_check(struct ffpf_instance *instance)
{
	struct kept *k = ffpf_instance_alloc(instance, sizeof(*k));

	k->map = (struct ffpf_class_map){.name = "flows",
					 .doc = "the flows seen",
					 .kind = instance->values[1].i ? FFPF_MAP_LRU_HASH : FFPF_MAP_HASH,
					 .key_size = 13,
					 .words = 2,
					 .max_entries = (uint32_t)instance->values[0].i,
					 .key = {flow_key, 5},
					 .value = {flow_value, 2}};
	k->schema = (struct ffpf_schema){.fields = flow_fields, .n_fields = 1, .maps = &k->map, .n_maps = 1};
	instance->data = k;
	return 0;
}

static const struct ffpf_schema *schema(const struct ffpf_instance *instance)
{
	return &((const struct kept *)instance->data)->schema;
}

static int flow_build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_block check = ffpf_ir_block(b), ip = ffpf_ir_block(b), there = ffpf_ir_block(b), new = ffpf_ir_block(b);
	ffpf_block put = ffpf_ir_block(b), full = ffpf_ir_block(b), done = ffpf_ir_block(b);
	ffpf_var entry = ffpf_ir_var(b);
	ffpf_val e;

	ffpf_ir_check(b, 0, 38, check, done);
	go(b, check);
	ffpf_ir_branch_imm(b, FFPF_EQ, 32, ffpf_ir_load(b, 0, 12, 2), 0x800, ip, done);
	go(b, ip);
	const struct ffpf_key_part key[] = {
		{ffpf_ir_load(b, 0, 26, 4), 4}, {ffpf_ir_load(b, 0, 30, 4), 4}, {ffpf_ir_load(b, 0, 34, 2), 2},
		{ffpf_ir_load(b, 0, 36, 2), 2}, {ffpf_ir_load(b, 0, 23, 1), 1},
	};
	e = ffpf_ir_map_find(b, 0, key, 5);
	ffpf_ir_var_set(b, entry, e);
	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, there, new);
	go(b, new);
	ffpf_ir_branch_imm(b, FFPF_EQ, 32, ffpf_ir_map_add(b, 0, key, 5), 0, put, full);
	go(b, full);
	ffpf_ir_state_add(b, 0, 0, ffpf_ir_const(b, 1));
	ffpf_ir_jump(b, done);
	go(b, put);
	e = ffpf_ir_map_find(b, 0, key, 5);
	ffpf_ir_var_set(b, entry, e);
	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, there, done);
	go(b, there);
	e = ffpf_ir_var_get(b, entry);
	ffpf_ir_entry_add(b, e, 0, ffpf_ir_const(b, 1));
	ffpf_ir_entry_add(b, e, 1, ffpf_ir_meta(b, FFPF_META_LEN));
	ffpf_ir_jump(b, done);
	go(b, done);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

static const struct ffpf_class flow_class = {
	.abi = FFPF_CLASS_ABI,
	.name = "tflows",
	.help = "packets and bytes by flow",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES,
	.params = flow_params,
	.n_params = 2,
	.check = flow_check,
	.schema = schema,
	.demand = demand,
	.build = flow_build,
};

/* ---- tnets ----------------------------------------------------------------------------------- */

static const struct ffpf_param net_params[] = {
	{.name = "n",
	 .type = FFPF_TYPE_COUNT,
	 .flags = FFPF_PARAM_MAIN,
	 .def = "256",
	 .min = 1,
	 .max = 1 << 28,
	 .doc = "networks"},
	{.name = "hash", .type = FFPF_TYPE_BOOL, .def = "no", .doc = "as whole addresses"},
};
static const struct ffpf_member net_key = {
	.name = "net", .offset = 0, .count = 1, .size = 4, .kind = FFPF_MEMBER_NETWORK};
static const struct ffpf_member net_value = {
	.name = "packets", .offset = 0, .count = 1, .size = 8, .kind = FFPF_MEMBER_UNSIGNED};

static int net_check(struct ffpf_instance *instance)
{
	struct kept *k = ffpf_instance_alloc(instance, sizeof(*k));
	bool hash = instance->values[1].i;
	size_t n = (size_t)instance->values[0].i;
	uint8_t *keys = ffpf_instance_alloc(instance, n * 4), *prefixes = ffpf_instance_alloc(instance, n);

	for (size_t i = 0; i < n; i++) {
		uint32_t address = (198u << 24 | 18u << 16) + (uint32_t)i;

		for (unsigned c = 0; c < 4; c++)
			keys[4 * i + c] = (uint8_t)(address >> (24 - 8 * c));
		prefixes[i] = 32;
	}
	k->map = (struct ffpf_class_map){.name = "nets",
					 .doc = "packets to each",
					 .kind = hash ? FFPF_MAP_HASH : FFPF_MAP_LPM,
					 .key_size = 4,
					 .words = 1,
					 .max_entries = (uint32_t)n,
					 .key = {&net_key, 1},
					 .value = {&net_value, 1},
					 .keys = keys,
					 .prefixes = hash ? NULL : prefixes,
					 .n_filled = n};
	k->schema = (struct ffpf_schema){.maps = &k->map, .n_maps = 1};
	instance->data = k;
	return 0;
}

static int net_build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_block check = ffpf_ir_block(b), there = ffpf_ir_block(b), none = ffpf_ir_block(b);
	struct ffpf_key_part key = {.size = 4};
	ffpf_val e;

	ffpf_ir_check(b, 0, 34, check, none);
	go(b, check);
	key.value = ffpf_ir_load(b, 0, 30, 4);
	e = ffpf_ir_map_find(b, 0, &key, 1);
	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, there, none);
	go(b, there);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	go(b, none);
	ffpf_ir_reject(b);
	return 0;
}

static const struct ffpf_class net_class = {
	.abi = FFPF_CLASS_ABI,
	.name = "tnets",
	.help = "packets to networks",
	.role = FFPF_FUNCTION,
	.params = net_params,
	.n_params = 2,
	.check = net_check,
	.schema = schema,
	.demand = demand,
	.build = net_build,
};

/* ---- tlimit ---------------------------------------------------------------------------------- */

static const struct ffpf_param limit_params[] = {
	{.name = "rate",
	 .type = FFPF_TYPE_COUNT,
	 .flags = FFPF_PARAM_MAIN,
	 .def = "1000",
	 .min = 1,
	 .max = 1000000000,
	 .doc = "packets a second"},
};
static const struct ffpf_member limit_key = {
	.name = "src", .offset = 0, .count = 1, .size = 4, .kind = FFPF_MEMBER_NETWORK};
static const struct ffpf_member limit_value[] = {
	{.name = "until", .offset = 0, .count = 1, .size = 8, .kind = FFPF_MEMBER_UNSIGNED},
	{.name = "refused", .offset = 8, .count = 1, .size = 8, .kind = FFPF_MEMBER_UNSIGNED},
};
static const struct ffpf_class_map limit_map = {.name = "sources",
						.kind = FFPF_MAP_LRU_HASH,
						.key_size = 4,
						.words = 2,
						.max_entries = 65536,
						.key = {&limit_key, 1},
						.value = {limit_value, 2}};

/* The entry of a key, put if need be; goes to `none` where that can't be. */
static ffpf_val find_or_add(struct ffpf_builder *b, unsigned map, const struct ffpf_key_part *key, unsigned n,
			    ffpf_block none)
{
	ffpf_block there = ffpf_ir_block(b), new = ffpf_ir_block(b), put = ffpf_ir_block(b);
	ffpf_var entry = ffpf_ir_var(b);
	ffpf_val e = ffpf_ir_map_find(b, map, key, n);

	ffpf_ir_var_set(b, entry, e);
	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, there, new);
	go(b, new);
	ffpf_ir_branch_imm(b, FFPF_EQ, 32, ffpf_ir_map_add(b, map, key, n), 0, put, none);
	go(b, put);
	e = ffpf_ir_map_find(b, map, key, n);
	ffpf_ir_var_set(b, entry, e);
	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, there, none);
	go(b, there);
	return ffpf_ir_var_get(b, entry);
}

/* A source's packets each take 1/rate of a second; it may be a second ahead. */
static int limit_build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_block check = ffpf_ir_block(b), ip = ffpf_ir_block(b), pass = ffpf_ir_block(b), behind = ffpf_ir_block(b);
	ffpf_block on = ffpf_ir_block(b), good = ffpf_ir_block(b), refused = ffpf_ir_block(b);
	ffpf_var until = ffpf_ir_var(b);
	uint64_t each = 1000000000u / (uint64_t)instance->values[0].i;
	struct ffpf_key_part key = {.size = 4};
	ffpf_val e, now, from;

	ffpf_ir_check(b, 0, 38, check, pass);
	go(b, check);
	ffpf_ir_branch_imm(b, FFPF_EQ, 32, ffpf_ir_load(b, 0, 12, 2), 0x800, ip, pass);
	go(b, ip);
	key.value = ffpf_ir_load(b, 0, 26, 4);
	now = ffpf_ir_meta(b, FFPF_META_TIME);
	e = find_or_add(b, 0, &key, 1, pass);
	from = ffpf_ir_entry_load(b, e, 0);
	ffpf_ir_var_set(b, until, from);
	ffpf_ir_branch(b, FFPF_LT, 64, from, now, behind, on);
	go(b, behind);
	ffpf_ir_var_set(b, until, now);
	ffpf_ir_jump(b, on);
	go(b, on);
	from = ffpf_ir_var_get(b, until);
	ffpf_ir_branch(b, FFPF_GT, 64, from, ffpf_ir_alu_imm(b, FFPF_ADD, 64, now, 1000000000), refused, good);
	go(b, refused);
	ffpf_ir_entry_add(b, e, 1, ffpf_ir_const(b, 1));
	ffpf_ir_reject(b);
	go(b, good);
	ffpf_ir_entry_store(b, e, 0, ffpf_ir_alu_imm(b, FFPF_ADD, 64, from, each));
	ffpf_ir_jump(b, pass);
	go(b, pass);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

static const struct ffpf_class limit_class = {
	.abi = FFPF_CLASS_ABI,
	.name = "tlimit",
	.help = "so many packets a second of each source",
	.role = FFPF_FUNCTION,
	.needs = FFPF_NEED_TIME,
	.params = limit_params,
	.n_params = 1,
	.maps = &limit_map,
	.n_maps = 1,
	.demand = demand,
	.build = limit_build,
};

/* ---- twall ----------------------------------------------------------------------------------- */

static const uint8_t inside[4] = {198, 18}, inside_bits[] = {16};
static const struct ffpf_class_map wall_maps[] = {
	{.name = "inside",
	 .kind = FFPF_MAP_LPM,
	 .key_size = 4,
	 .words = 1,
	 .max_entries = 1,
	 .keys = inside,
	 .prefixes = inside_bits,
	 .n_filled = 1},
	{.name = "connections",
	 .kind = FFPF_MAP_LRU_HASH,
	 .key_size = 13,
	 .words = 1,
	 .max_entries = 65536,
	 .key = {flow_key, 5}},
};

static int wall_build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_block check = ffpf_ir_block(b), ip = ffpf_ir_block(b), out = ffpf_ir_block(b), in = ffpf_ir_block(b);
	ffpf_block known = ffpf_ir_block(b), new = ffpf_ir_block(b), reject = ffpf_ir_block(b);
	ffpf_val src, dst, sport, dport, proto, e;

	ffpf_ir_check(b, 0, 38, check, reject);
	go(b, check);
	ffpf_ir_branch_imm(b, FFPF_EQ, 32, ffpf_ir_load(b, 0, 12, 2), 0x800, ip, reject);
	go(b, ip);
	src = ffpf_ir_load(b, 0, 26, 4);
	dst = ffpf_ir_load(b, 0, 30, 4);
	sport = ffpf_ir_load(b, 0, 34, 2);
	dport = ffpf_ir_load(b, 0, 36, 2);
	proto = ffpf_ir_load(b, 0, 23, 1);
	const struct ffpf_key_part from = {src, 4};
	const struct ffpf_key_part there[] = {{src, 4}, {dst, 4}, {sport, 2}, {dport, 2}, {proto, 1}};
	const struct ffpf_key_part back[] = {{dst, 4}, {src, 4}, {dport, 2}, {sport, 2}, {proto, 1}};
	e = ffpf_ir_map_find(b, 0, &from, 1);
	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, out, in);
	go(b, out);
	e = ffpf_ir_map_find(b, 1, there, 5);
	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, known, new);
	go(b, new);
	ffpf_ir_map_add(b, 1, there, 5);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	go(b, in);
	e = ffpf_ir_map_find(b, 1, back, 5);
	ffpf_ir_branch_imm(b, FFPF_NE, 64, e, 0, known, reject);
	go(b, known);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	go(b, reject);
	ffpf_ir_reject(b);
	return 0;
}

static const struct ffpf_class wall_class = {
	.abi = FFPF_CLASS_ABI,
	.name = "twall",
	.help = "what comes from inside, and its answers",
	.role = FFPF_FUNCTION,
	.maps = wall_maps,
	.n_maps = 2,
	.demand = demand,
	.build = wall_build,
};

const struct ffpf_class *const ffpf_classes[] = {&flow_class, &net_class, &limit_class, &wall_class, NULL};
