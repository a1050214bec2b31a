/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Filters of a graph that is wrong elsewhere. Whether an expression is right is found out by building its function for
 * the link types that reach it, which only a whole graph tells. Where it is not whole, an expression that is wrong for
 * every kind of link is wrong.
 */
#include <lib/graph/graph.h>
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

#include <pcap/dlt.h>

/* One for each family of expressions that the others refuse. Ethernet first: nearly all compile for it. */
static const uint16_t linktypes[] = {
	DLT_EN10MB, DLT_IEEE802_11_RADIO, DLT_RAW, DLT_LINUX_SLL2, DLT_PFLOG,	   DLT_SUNATM, DLT_MTP2,
	DLT_ERF,    DLT_JUNIPER_ETHER,	  DLT_PPP, DLT_FDDI,	   DLT_IP_OVER_FC, DLT_PPI,    DLT_NULL};

static bool has_filter(const struct ffpf_class *class)
{
	for (size_t i = 0; class->build && i < class->n_params; i++)
		if (class->params[i].type == FFPF_TYPE_FILTER)
			return true;
	return false;
}

/* Builds the function alone, for nothing but what its class reports. */
static bool builds(const struct ffpf_function *f, const struct ffpf_source_info *input, struct ffpf_diags *diags)
{
	const struct ffpf_class *class = f->instance.class;
	struct ffpf_instance instance = f->instance;
	struct ffpf_arena *arena = ffpf_arena_new();
	const struct ffpf_schema *schema = ffpf_instance_schema(&instance);
	struct ffpf_program *p = ffpf_program_new(arena);
	struct ffpf_builder *b = ffpf_builder_new(p);
	ffpf_block accept = ffpf_ir_block(b), reject = ffpf_ir_block(b);
	ffpf_var out = ffpf_ir_var(b);
	uint32_t *base = ffpf_arena_alloc(arena, (schema->n_fields + 1) * sizeof(*base));
	uint32_t *cells = ffpf_arena_alloc(arena, (schema->n_fields + 1) * sizeof(*cells));
	bool *shared = ffpf_arena_alloc(arena, schema->n_fields + 1);
	struct ffpf_ir_map *maps = ffpf_arena_alloc(arena, (schema->n_maps + 1) * sizeof(*maps));
	const struct ffpf_state_map state = {.base = base,
					     .cells = cells,
					     .shared = shared,
					     .n = (unsigned)schema->n_fields,
					     .n_maps = (unsigned)schema->n_maps,
					     .n_wanted = (unsigned)schema->n_wanted};
	bool built;

	for (size_t i = 0; i < schema->n_maps; i++)
		maps[i] = (struct ffpf_ir_map){schema->maps[i].name, schema->maps[i].kind, schema->maps[i].key_size,
					       schema->maps[i].words, schema->maps[i].max_entries};
	p->maps = maps;
	p->n_maps = schema->n_maps;
	for (size_t i = 0; i < schema->n_fields; i++) {
		base[i] = i ? base[i - 1] + cells[i - 1] : 0;
		cells[i] = schema->fields[i].cells;
		shared[i] = schema->fields[i].merge == FFPF_MERGE_SHARED;
	}
	instance.input = input;
	instance.diags = diags;
	ffpf_builder_begin(b, 1, &state, ffpf_ir_meta(b, FFPF_META_QUEUE), out, accept, reject);
	built = class->build(&instance, b) >= 0;
	ffpf_arena_free(arena);
	return built;
}

static void check(const struct ffpf_function *f, struct ffpf_diags *diags, const struct ffpf_source_info *inputs)
{
	struct ffpf_source_info input = {.snaplen = 262144};

	if (inputs) {
		for (size_t i = 0; i < f->n_sources; i++)
			builds(f, &inputs[f->sources[i]], diags);
		return;
	}
	for (size_t i = 0; i < sizeof(linktypes) / sizeof(linktypes[0]); i++) {
		input.linktype = linktypes[i];
		if (builds(f, &input, NULL))
			return;
	}
	input.linktype = linktypes[0];
	builds(f, &input, diags);
}

void ffpf_check_filters(struct ffpf_arena *arena, struct ffpf_diags *diags, struct ffpf_function *const *functions,
			size_t n, const struct ffpf_source_info *inputs)
{
	for (size_t i = 0; i < n; i++)
		if (has_filter(functions[i]->instance.class))
			check(functions[i], diags, inputs);
}
