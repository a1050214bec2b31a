/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A class for tests of kinds of state (fpl/kinds.h): it keeps one state, and each packet is a call of one of its
 * methods. Values that methods give go into a trace, so that runs on different levels can be compared to the last bit.
 *
 *     packet   14 method  15 with `by`?  16 by  24 arguments, 8 bytes each
 *     fields   calls, trace, then those of the kind
 */
#ifndef FFPF_TESTS_KIND_CLASS_H
#define FFPF_TESTS_KIND_CLASS_H

#include "capture.h"
#include "packets.h"
#include <ffpf/ffpf.h>
#include <fpl/kinds.h>
#include <lib/graph/classes.h>
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>
#include <lib/run/handle.h>

#define KIND_CPUS 4
#define KIND_ARGUMENTS 8
#define KIND_PACKET 96

enum { KIND_CALLS, KIND_TRACE, KIND_FIRST };

struct kind_call {
	unsigned method;
	bool by_given;
	uint64_t by, arguments[KIND_ARGUMENTS];
	uint64_t time_ns;
	unsigned cpu;
};

/* The state that the class keeps: one at a time. */
static struct fpl_kind_decl kind_decl;
static struct ffpf_field kind_fields[KIND_FIRST + FPL_KIND_FIELDS];
static struct ffpf_schema kind_schema_now;
static struct ffpf_class_table kind_table;
static struct ffpf_arena *kind_arena;

static inline void kind_declare(const char *name, const struct fpl_key *key, const uint64_t *arguments, unsigned n)
{
	const struct fpl_kind_ops *kind = fpl_kind_find(name);
	unsigned which;

	assert_non_null(kind);
	ffpf_arena_free(kind_arena);
	kind_arena = ffpf_arena_new();
	kind_decl = (struct fpl_kind_decl){.kind = kind, .name = "s"};
	if (key)
		kind_decl.key = *key;
	assert_int_equal(kind->key, key != NULL);
	for (unsigned i = 0; i < n; i++) {
		assert_true(arguments[i] >= kind->arguments[i].min &&
			    (kind->arguments[i].type == FPL_ARGUMENT_CHOICE || arguments[i] <= kind->arguments[i].max));
		kind_decl.arguments[i] = arguments[i];
		kind_decl.given[i] = true;
	}
	fpl_kind_defaults(&kind_decl);
	assert_true(!kind->check || !kind->check(&kind_decl, &which));
	kind_fields[KIND_CALLS] = (struct ffpf_field){.name = "calls", .cells = 1};
	kind_fields[KIND_TRACE] = (struct ffpf_field){.name = "trace", .cells = 1};
	kind_schema_now = (struct ffpf_schema){.fields = kind_fields, .n_fields = KIND_FIRST};
	kind_schema_now.n_fields += kind->fields(&kind_decl, kind_arena, &kind_fields[KIND_FIRST]);
	assert_true(kind_schema_now.n_fields <= KIND_FIRST + FPL_KIND_FIELDS);
	if (kind->rows) {
		fpl_kind_table(&kind_decl, KIND_FIRST, kind_arena, &kind_table);
		kind_schema_now.tables = &kind_table;
		kind_schema_now.n_tables = 1;
	}
}

/* ---- the class ------------------------------------------------------------------------------- */

static inline const struct ffpf_schema *kind_schema(const struct ffpf_instance *instance)
{
	return &kind_schema_now;
}

static inline uint32_t kind_demand(const struct ffpf_instance *instance)
{
	return KIND_PACKET;
}

static inline unsigned kind_n_arguments(const struct fpl_kind_method *method)
{
	return method->key ? fpl_key_values(&kind_decl.key) : method->any ? 2 : method->numbers;
}

static inline void kind_emit(struct ffpf_builder *b, const struct fpl_kind_method *method, bool by)
{
	ffpf_val arguments[KIND_ARGUMENTS];
	struct fpl_kind_call call = {
		.b = b, .decl = &kind_decl, .field = KIND_FIRST, .arguments = arguments, .wanted = by && method->gives};
	ffpf_val value;

	call.n = kind_n_arguments(method);
	for (unsigned i = 0; i < call.n; i++)
		arguments[i] = ffpf_ir_load(b, 0, 24 + 8 * i, 8);
	if (by && method->by)
		call.by = ffpf_ir_load(b, 0, 16, 8);
	else if (method->gives)
		call.wanted = true;
	value = method->emit(&call);
	if (call.wanted) {
		ffpf_val trace = ffpf_ir_alu_imm(b, FFPF_MUL, 64, ffpf_ir_state_load(b, KIND_TRACE, 0), 31);

		ffpf_ir_state_store(b, KIND_TRACE, 0, ffpf_ir_alu(b, FFPF_ADD, 64, trace, value));
	}
}

static inline int kind_build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_block ok = ffpf_ir_block(b), done = ffpf_ir_block(b);

	ffpf_ir_check(b, 0, KIND_PACKET, ok, done);
	ffpf_ir_seal(b, ok);
	ffpf_ir_switch_to(b, ok);
	ffpf_ir_state_add(b, KIND_CALLS, 0, ffpf_ir_const(b, 1));
	for (unsigned i = 0; i < 2 * kind_decl.kind->n_methods; i++) {
		ffpf_block yes = ffpf_ir_block(b), no = ffpf_ir_block(b);

		ffpf_ir_branch_imm(b, FFPF_EQ, 32, ffpf_ir_load(b, 0, 14, 2), i, yes, no);
		ffpf_ir_seal(b, yes);
		ffpf_ir_switch_to(b, yes);
		kind_emit(b, &kind_decl.kind->methods[i / 2], i % 2);
		ffpf_ir_jump(b, done);
		ffpf_ir_seal(b, no);
		ffpf_ir_switch_to(b, no);
	}
	ffpf_ir_jump(b, done);
	ffpf_ir_seal(b, done);
	ffpf_ir_switch_to(b, done);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

static inline void kind_derive(const struct ffpf_instance *instance, const uint64_t *cells,
			       const uint64_t *(*per_cpu)(const void *arg, unsigned cpu), unsigned n_cpus,
			       const void *arg, double *out)
{
	const struct fpl_kind_cells all = {cells + KIND_FIRST, per_cpu, n_cpus, arg, KIND_FIRST};

	if (kind_decl.kind->derive)
		kind_decl.kind->derive(&kind_decl, &all, out + KIND_FIRST);
}

static const struct ffpf_class kind_class = {
	.abi = FFPF_CLASS_ABI,
	.name = "kindtest",
	.help = "calls of a state's methods",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES,
	.needs = FFPF_NEED_TIME,
	.demand = kind_demand,
	.build = kind_build,
	.derive = kind_derive,
	.schema = kind_schema,
};

/* ---- packets --------------------------------------------------------------------------------- */

static inline void kind_packet(const struct kind_call *call, uint8_t bytes[KIND_PACKET])
{
	memset(bytes, 0, KIND_PACKET);
	bytes[14] = 0;
	bytes[15] = (uint8_t)(call->method * 2 + call->by_given);
	for (unsigned i = 0; i < 8; i++)
		bytes[16 + i] = (uint8_t)(call->by >> (56 - 8 * i));
	for (unsigned k = 0; k < KIND_ARGUMENTS; k++)
		for (unsigned i = 0; i < 8; i++)
			bytes[24 + 8 * k + i] = (uint8_t)(call->arguments[k] >> (56 - 8 * i));
}

/* Calls [first, n) of which every `step`-th, as a savefile. */
static inline void kind_save(const struct kind_call *calls, size_t first, size_t n, size_t step, char name[64])
{
	struct capture capture = {0};

	capture_pcap(&capture, 0xa1b23c4d, 4, 65535, 1);
	for (size_t i = first; i < n; i += step) {
		uint8_t bytes[KIND_PACKET];

		kind_packet(&calls[i], bytes);
		capture_u32(&capture, (uint32_t)(calls[i].time_ns / 1000000000));
		capture_u32(&capture, (uint32_t)(calls[i].time_ns % 1000000000));
		capture_u32(&capture, KIND_PACKET);
		capture_u32(&capture, KIND_PACKET);
		capture_bytes(&capture, bytes, KIND_PACKET);
	}
	capture_save(&capture, name);
	capture_free(&capture);
}

/* ---- the reference interpreter, on several CPUs ---------------------------------------------- */

struct kind_reference {
	struct ffpf_arena *arena;
	struct ffpf_program *program;
	uint32_t base[KIND_FIRST + FPL_KIND_FIELDS], sizes[KIND_FIRST + FPL_KIND_FIELDS], n_cells, n_shared;
	bool shared[KIND_FIRST + FPL_KIND_FIELDS];
	uint64_t *cells[KIND_CPUS], *shared_cells;
	/* as readers have them: all fields in order */
	size_t n_all;
	uint64_t *one, *merged;
	double derived[KIND_FIRST + FPL_KIND_FIELDS];
};

static inline void kind_lay(struct kind_reference *r)
{
	for (size_t i = 0; i < kind_schema_now.n_fields; i++) {
		const struct ffpf_field *field = &kind_fields[i];
		uint32_t *next = field->merge == FFPF_MERGE_SHARED ? &r->n_shared : &r->n_cells;

		r->base[i] = *next;
		r->sizes[i] = field->flags & FFPF_FIELD_DERIVED ? 0 : field->cells;
		r->shared[i] = field->merge == FFPF_MERGE_SHARED;
		*next += r->sizes[i];
		r->n_all += field->cells ? field->cells : 1;
	}
	for (unsigned cpu = 0; cpu < KIND_CPUS; cpu++) {
		r->cells[cpu] = ffpf_arena_alloc(r->arena, (r->n_cells + 1) * 8);
		for (size_t i = 0; i < kind_schema_now.n_fields; i++)
			for (uint32_t k = 0; !r->shared[i] && k < r->sizes[i]; k++)
				r->cells[cpu][r->base[i] + k] = kind_fields[i].initial;
	}
	r->shared_cells = ffpf_arena_alloc(r->arena, (r->n_shared + 1) * 8);
	r->one = ffpf_arena_alloc(r->arena, (r->n_all + 1) * 8);
	r->merged = ffpf_arena_alloc(r->arena, (r->n_all + 1) * 8);
}

static inline struct kind_reference *kind_reference_new(bool optimised)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct kind_reference *r = ffpf_arena_alloc(arena, sizeof(*r));
	struct ffpf_builder *b;
	ffpf_block end;

	r->arena = arena;
	kind_lay(r);
	r->program = ffpf_program_new(arena);
	b = ffpf_builder_new(r->program);
	end = ffpf_ir_block(b);
	ffpf_builder_begin(b, 0,
			   &(struct ffpf_state_map){.base = r->base,
						    .cells = r->sizes,
						    .shared = r->shared,
						    .n = (unsigned)kind_schema_now.n_fields},
			   ffpf_ir_const(b, 7), ffpf_ir_var(b), end, end);
	assert_int_equal(kind_build(NULL, b), 0);
	ffpf_ir_seal(b, end);
	ffpf_ir_switch_to(b, end);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	if (ffpf_builder_fault(b))
		fail_msg("%s", ffpf_builder_fault(b));
	if (ffpf_ir_verify(r->program))
		fail_msg("%s", ffpf_ir_verify(r->program));
	if (optimised) {
		ffpf_ir_optimise(r->program);
		assert_null(ffpf_ir_verify(r->program));
	}
	return r;
}

static inline void kind_reference_call(struct kind_reference *r, const struct kind_call *call)
{
	uint8_t bytes[KIND_PACKET];
	struct ffpf_ir_env env = {.cells = r->cells[call->cpu],
				  .n_cells = r->n_cells,
				  .shared = r->shared_cells,
				  .n_shared = r->n_shared,
				  .meta = {[FFPF_META_LEN] = KIND_PACKET, [FFPF_META_TIME] = call->time_ns}};

	kind_packet(call, bytes);
	assert_int_equal(ffpf_ir_run(r->program, &env, bytes, KIND_PACKET), 0);
}

static inline uint64_t kind_trace(const struct kind_reference *r, unsigned cpu)
{
	return r->cells[cpu][r->base[KIND_TRACE]];
}

static inline const uint64_t *kind_per_cpu(const void *arg, unsigned cpu)
{
	const struct kind_reference *r = arg;
	uint64_t *to = r->one;

	for (size_t i = 0; i < kind_schema_now.n_fields; i++)
		for (uint32_t k = 0; k < (kind_fields[i].cells ? kind_fields[i].cells : 1); k++, to++)
			*to = k >= r->sizes[i] ? 0
			      : r->shared[i]   ? r->shared_cells[r->base[i] + k]
					       : r->cells[cpu][r->base[i] + k];
	return r->one;
}

/* Merges the cells of all CPUs and derives. */
static inline struct fpl_kind_cells kind_read(struct kind_reference *r)
{
	for (unsigned cpu = 0; cpu < KIND_CPUS; cpu++) {
		const uint64_t *from = kind_per_cpu(r, cpu);
		uint64_t *to = r->merged;

		for (size_t i = 0; i < kind_schema_now.n_fields; i++)
			for (uint32_t k = 0; k < (kind_fields[i].cells ? kind_fields[i].cells : 1); k++, to++, from++)
				switch (kind_fields[i].merge) {
				case FFPF_MERGE_MAX:
					*to = !cpu || *from > *to ? *from : *to;
					break;
				case FFPF_MERGE_MIN:
					*to = !cpu || *from < *to ? *from : *to;
					break;
				case FFPF_MERGE_SHARED:
					*to = *from;
					break;
				default:
					*to = cpu ? *to + *from : *from;
				}
	}
	kind_derive(NULL, r->merged, kind_per_cpu, KIND_CPUS, r, r->derived);
	return (struct fpl_kind_cells){r->merged + KIND_FIRST, kind_per_cpu, KIND_CPUS, r, KIND_FIRST};
}

static inline void kind_reference_free(struct kind_reference *r)
{
	ffpf_arena_free(r->arena);
}

/* ---- the whole library ----------------------------------------------------------------------- */

enum kind_how { KIND_COMPILED, KIND_INTERPRETED, KIND_REPLAY };

static inline struct ffpf *kind_run(const char *text, const struct ffpf_define *files, size_t n, enum kind_how how)
{
	const struct ffpf_options options = {
		.replay = how == KIND_REPLAY, .buffer_size = 1 << 20, .defines = files, .n_defines = n};
	struct ffpf *h = ffpf_create(&options);
	const char *notice;

	ffpf_class_register(&kind_class, NULL);
	if (ffpf_populate(h, "kinds", text, 0) < 0) {
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
		fail_msg("%s", ffpf_error(h));
	}
	ffpf_handle_run(h)->interpret = how == KIND_INTERPRETED;
	if (ffpf_instantiate(h) < 0)
		fail_msg("%s", ffpf_error(h));
	for (size_t i = 0; (notice = ffpf_notice(h, i)); i++)
		fail_msg("%s", notice);
	assert_int_equal(ffpf_activate(h), 0);
	while (ffpf_wait(&h, 1, 0, 1000000) > 0)
		;
	assert_int_equal(ffpf_deactivate(h), 0);
	return h;
}

static inline const struct ffpf_function *kind_function(struct ffpf *h)
{
	const struct ffpf_graph *graph = ffpf_handle_run(h)->graph;

	for (size_t i = 0; i < graph->n_functions; i++)
		if (graph->functions[i]->instance.class == &kind_class)
			return graph->functions[i];
	fail_msg("the function is not in the graph");
	return NULL;
}

/* The cells of a field in the slot where the calls were made; of a shared one those that there are. */
static inline const uint64_t *kind_cells(struct ffpf *h, unsigned field)
{
	const struct ffpf_run *run = ffpf_handle_run(h);
	const struct ffpf_function *f = kind_function(h);
	const struct ffpf_function_layout *l = f->layout;

	for (size_t i = 0; i < run->n_cells; i++) {
		const struct ffpf_cells *c = &run->cells[i];

		for (unsigned slot = 0; c->level == f->level && slot < c->n_slots; slot++) {
			const uint64_t *cells = (const uint64_t *)((const char *)c->first + (size_t)slot * c->stride);

			if (cells[l->base[KIND_CALLS]])
				return l->shared[field] ? c->shared + l->base[field] : cells + l->base[field];
		}
	}
	fail_msg("nobody has called it");
	return NULL;
}

#endif
