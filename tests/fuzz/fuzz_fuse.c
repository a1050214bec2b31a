/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any text that is a graph, and any random graph, through fusing, the optimiser, the eBPF generator for every target
 * and the userspace machine's loader. What is made of it must keep the IR's invariants, be well formed, and count on
 * the userspace machine what the plain packet programs count on the reference interpreter.
 *
 * Input that begins with a zero byte is the seed of a random graph; other input is a text. Sources are a device that is
 * not there.
 */
#define bpf_insn classic_bpf_insn /* libpcap's and the kernel's headers both have one */
#include "../unit/random_graph.h"
#undef bpf_insn
#include "../unit/fakes.h"

#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/user/vm/vm.h>
#include <lib/graph/fuse.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Longer graphs take longer, and show nothing more. */
#define FUNCTIONS_MAX 150
#define PACKETS 8

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* ---- two levels ------------------------------------------------------------------------------ */

static bool offers(const struct ffpf_flowspace *self, const struct ffpf_graph *graph, const struct ffpf_function *f,
		   const char **reason)
{
	*reason = "it is C code";
	return !self->parent || f->instance.class->role == FFPF_SOURCE || f->instance.class->build;
}

static const struct ffpf_flowspace upper = {.name = "user", .offers = offers};
static const struct ffpf_flowspace lower = {.name = "xdp", .parent = "user", .on_path = true, .offers = offers};
static const struct ffpf_flowspace *const levels[] = {&upper, &lower};

/* ---- running --------------------------------------------------------------------------------- */

struct side {
	uint64_t *cells, *shared;
	uint32_t *flags;
};

static uint32_t same_random(void *arg)
{
	return 0x40000000;
}

static uint64_t machine_random(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return 0x40000000;
}

static uint32_t same_native(void *arg, unsigned native, uint32_t class)
{
	return class;
}

static uint64_t machine_native(void *env, uint64_t r1, uint64_t r2, uint64_t class, uint64_t r4, uint64_t r5)
{
	return class;
}

static const struct ffpf_vm_helper_info calls[] = {
	{.id = FFPF_CALL_NATIVE, .function = machine_native},
	{.id = BPF_FUNC_get_prandom_u32, .function = machine_random},
};

static const struct ffpf_vm_helpers helpers = {.table = calls, .n = sizeof(calls) / sizeof(calls[0])};

static struct ffpf_ebpf_options options(const struct ffpf_level *l, const struct ffpf_fused *fused, size_t piece,
					enum ffpf_ebpf_target target)
{
	bool kernel = target != FFPF_EBPF_USER;

	return (struct ffpf_ebpf_options){
		.target = target,
		.n_cpus = 1,
		.n_cells = l->n_cells,
		.n_shared = l->n_shared,
		.n_flags = fused->n_flags,
		.n_inflows = kernel ? l->n_inflows : 0,
		.stride = ffpf_ebpf_stride(l->n_cells, fused->n_flags, l->n_inflows, 0),
		.snaplen = 2048,
		.time = l->needs & FFPF_NEED_TIME,
		.ring_size = 1 << 20,
		.ibuf_bytes = 1 << 16,
		.next_piece = kernel && piece + 1 < fused->n_pieces ? (int)piece + 1 : -1,
		.slow_piece = kernel ? (int)(fused->n_pieces + piece) : -1,
		.verdicts = fused->verdicts,
	};
}

/* Generates for the kernel; what the verifier says of it is test_random's business. */
static void generate(struct ffpf_graph *graph, const struct ffpf_layout *layout, const struct ffpf_level *l,
		     unsigned source, enum ffpf_ebpf_target target)
{
	const struct ffpf_fuse_options o = {.piece_functions = 40, .optimise = true};
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_fused fused;

	check(ffpf_fuse(graph, layout, l->flowspace, source, &o, arena, &fused) == 0);
	for (size_t i = 0; i < fused.n_pieces; i++) {
		struct ffpf_ebpf_options eo = options(l, &fused, i, target);
		struct ffpf_ebpf_program code;
		int err = ffpf_ebpf_generate(arena, fused.pieces[i], &eo, &code);

		check(err == 0 || err == -E2BIG);
	}
	ffpf_arena_free(arena);
}

static void clear(const struct ffpf_graph *graph, const struct ffpf_level *l, struct ffpf_arena *arena,
		  struct side *side, size_t words)
{
	size_t bytes = ffpf_ebpf_stride(l->n_cells, (unsigned)words, l->n_inflows, 0);

	side->cells = ffpf_arena_alloc(arena, bytes);
	side->shared = ffpf_arena_alloc(arena, l->n_shared * 8 + 8);
	side->flags = ffpf_arena_alloc(arena, words * 4 + 4);
	ffpf_layout_initial_cells(graph, l->flowspace, side->cells, side->shared);
}

/* Packets on the plain program in the reference interpreter and on the optimised one in the machine: the same cells. */
static void compare(struct ffpf_graph *graph, const struct ffpf_layout *layout, const struct ffpf_level *l,
		    unsigned source)
{
	const struct ffpf_fuse_options plain = {.piece_functions = UINT32_MAX},
				       pieces = {.piece_functions = 13, .optimise = true};
	size_t words = graph->n_functions + graph->n_edges + 1;
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_fused expected, fused;
	struct side left, right;
	struct rng r = {source};
	uint32_t *ghosts = ffpf_arena_alloc(arena, words * sizeof(*ghosts));
	struct ffpf_vm **machines;
	bool native = graph->n_functions & 1;

	check(ffpf_fuse(graph, layout, l->flowspace, source, &plain, arena, &expected) == 0);
	check(ffpf_fuse(graph, layout, l->flowspace, source, &pieces, arena, &fused) == 0);
	check(expected.n_flags <= words && fused.n_flags <= words);
	clear(graph, l, arena, &left, words);
	clear(graph, l, arena, &right, words);
	for (size_t i = 0; i < expected.n_pieces; i++)
		check(!ffpf_ir_verify(expected.pieces[i]));
	machines = ffpf_arena_alloc(arena, (fused.n_pieces + 1) * sizeof(struct ffpf_vm *));
	for (size_t i = 0; i < fused.n_pieces; i++) {
		struct ffpf_ebpf_options o = options(l, &fused, i, FFPF_EBPF_USER);
		struct ffpf_ebpf_program code;
		const char *why;

		check(!ffpf_ir_verify(fused.pieces[i]));
		check(ffpf_ebpf_generate(arena, fused.pieces[i], &o, &code) == 0);
		ffpf_ebpf_place_tables(&code, code.data);
		check(ffpf_vm_new(&(struct ffpf_vm_program){.insns = code.insns, .n = code.n, .helpers = &helpers},
				  &machines[i], &why) == 0);
		if (native)
			ffpf_vm_compile(machines[i]);
	}
	for (unsigned k = 0; k < PACKETS; k++) {
		struct test_packet p;

		packet_make(&r, DLT_EN10MB, &p);
		for (size_t i = 0; i < words; i++)
			ghosts[i] = rng_one_in(&r, 2) ? rng_below(&r, 5) : 0;
		struct ffpf_ir_env env = {.cells = left.cells,
					  .n_cells = l->n_cells,
					  .shared = left.shared,
					  .n_shared = l->n_shared,
					  .flags = left.flags,
					  .ghosts = ghosts,
					  .random = same_random,
					  .native = same_native,
					  .meta = {[FFPF_META_LEN] = p.len, [FFPF_META_TIME] = k * 1000000}};
		struct ffpf_user_ctx ctx = {.cells = right.cells, .shared = right.shared, .ghosts = ghosts};
		struct ffpf_packet packet = {.data = p.bytes, .caplen = p.caplen, .len = p.len, .time_ns = k * 1000000};

		for (size_t i = 0; i < expected.n_pieces; i++)
			check(ffpf_ir_run(expected.pieces[i], &env, p.bytes, p.caplen) == 0);
		for (size_t i = 0; i < fused.n_pieces; i++)
			ffpf_vm_run(machines[i], &packet, (uintptr_t)&ctx, NULL);
	}
	check(!memcmp(left.cells, right.cells, l->n_cells * 8) && !memcmp(left.shared, right.shared, l->n_shared * 8));
	for (size_t i = 0; i < fused.n_pieces; i++)
		ffpf_vm_free(machines[i]);
	ffpf_arena_free(arena);
}

/* Can every filter be compiled, and does it mean the same everywhere? (cbpf_reads_unset) */
static bool builds(struct ffpf_graph *graph, const struct ffpf_layout *layout)
{
	const struct ffpf_fuse_options o = {.piece_functions = UINT32_MAX};
	bool good = true;

	for (size_t i = 0; i < layout->n_levels; i++)
		for (unsigned s = 0; good && s < graph->n_sources; s++) {
			struct ffpf_arena *arena = ffpf_arena_new();
			struct ffpf_fused fused;

			good = ffpf_fuse(graph, layout, layout->levels[i].flowspace, s, &o, arena, &fused) == 0;
			ffpf_arena_free(arena);
		}
	return good;
}

static void run(struct ffpf_graph *graph)
{
	const struct ffpf_layout *layout = ffpf_layout_new(graph);

	if (!builds(graph, layout))
		return;
	for (size_t i = 0; i < layout->n_levels; i++)
		for (unsigned s = 0; s < graph->n_sources; s++) {
			const struct ffpf_level *l = &layout->levels[i];

			if (l->flowspace == &upper) {
				compare(graph, layout, l, s);
				continue;
			}
			generate(graph, layout, l, s, FFPF_EBPF_XDP);
			generate(graph, layout, l, s, FFPF_EBPF_XDP_SLOW);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool registered;
	static const struct ffpf_resolve_options resolve = {.base_dir = "/nonexistent"};
	static const struct ffpf_parse_options parse;
	struct random_graph random = {0};
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_diags *diags = ffpf_diags_new();
	struct ffpf_graph *graph = NULL;
	uint64_t seed = 0;
	uint32_t source;

	if (!registered)
		ffpf_class_register(&fake_classes[0], NULL); /* dev */
	registered = true;
	if (size && !data[0]) {
		memcpy(&seed, data + 1, size - 1 < sizeof(seed) ? size - 1 : sizeof(seed));
		random_graph_make(seed, true, &random);
		source = ffpf_diags_add_source(diags, "fuzz", random.text, strlen(random.text));
	} else {
		source = ffpf_diags_add_source(diags, "fuzz", (const char *)data, size);
	}
	/* Once with everything as low as it goes, once with everything at the top: there it can be run. */
	for (unsigned n = 1; n <= 2; n++) {
		if (ffpf_resolve(arena, diags, ffpf_parse(arena, diags, source, &parse), &resolve, &graph) == 0 &&
		    graph->n_functions <= FUNCTIONS_MAX && ffpf_place(graph, levels, n) == 0)
			run(graph);
		else if (random.text)
			abort();
	}
	free(random.text);
	ffpf_diags_free(diags);
	ffpf_arena_free(arena);
	return 0;
}
