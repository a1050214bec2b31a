/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as an FPL program in a graph: it is refused with a diagnostic inside of the text, or what it becomes keeps
 * the IR's invariants, plain and optimised; both do the same with packets on the reference interpreter, and the
 * generator makes eBPF of it for every target. Parameters have their defaults. Maps hold nothing.
 */
#include "../unit/fakes.h"
#include "../unit/packets.h"

#include <flowspaces/ebpf/ebpf.h>
#include <lib/graph/fuse.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cells beyond this are not worth the time of clearing them. */
#define CELLS_MAX (1u << 18)
#define PACKETS 6

static void check(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "fuzz_fpl: %s\n", what);
		abort();
	}
}

static bool offers(const struct ffpf_flowspace *self, const struct ffpf_graph *graph, const struct ffpf_function *f,
		   const char **reason)
{
	return true;
}

static const struct ffpf_flowspace user = {.name = "user", .offers = offers};
static const struct ffpf_flowspace *const levels[] = {&user};

/* ---- running --------------------------------------------------------------------------------- */

struct side {
	struct ffpf_fused fused;
	uint64_t *cells, *shared, *wanted;
	uint32_t *flags;
};

static uint32_t same_random(void *arg)
{
	return 0x40000000;
}

static bool make_side(struct ffpf_graph *graph, const struct ffpf_layout *layout, struct ffpf_arena *arena,
		      bool optimise, struct side *side)
{
	const struct ffpf_fuse_options o = {.piece_functions = UINT32_MAX, .optimise = optimise};
	const struct ffpf_level *l = &layout->levels[0];

	if (ffpf_fuse(graph, layout, l->flowspace, 0, &o, arena, &side->fused) < 0)
		return false;
	for (size_t i = 0; i < side->fused.n_pieces; i++) {
		const char *why = ffpf_ir_verify(side->fused.pieces[i]);

		check(!why, why);
	}
	side->cells = ffpf_arena_alloc(arena, l->n_cells * 8 + 8);
	side->shared = ffpf_arena_alloc(arena, l->n_shared * 8 + 8);
	side->wanted = ffpf_arena_alloc(arena, l->n_wanted * 8 + 8);
	side->flags = ffpf_arena_alloc(arena, side->fused.n_flags * 4 + 4);
	ffpf_layout_initial_cells(graph, l->flowspace, side->cells, side->shared);
	return true;
}

static void run_packet(const struct ffpf_level *l, struct side *side, const struct test_packet *p, uint64_t time)
{
	uint8_t bytes[sizeof(p->bytes)];
	struct ffpf_ir_env env = {.cells = side->cells,
				  .n_cells = l->n_cells,
				  .shared = side->shared,
				  .n_shared = l->n_shared,
				  .wanted = side->wanted,
				  .n_wanted = l->n_wanted,
				  .flags = side->flags,
				  .random = same_random,
				  .meta = {[FFPF_META_LEN] = p->len, [FFPF_META_TIME] = time}};

	memcpy(bytes, p->bytes, p->caplen);
	for (size_t i = 0; i < side->fused.n_pieces; i++)
		check(ffpf_ir_run(side->fused.pieces[i], &env, bytes, p->caplen) == 0, "a fault");
}

static void generate(struct ffpf_arena *arena, const struct ffpf_level *l, const struct side *side,
		     enum ffpf_ebpf_target target)
{
	const struct ffpf_ebpf_options o = {
		.target = target,
		.n_cpus = 1,
		.n_cells = l->n_cells,
		.n_shared = l->n_shared,
		.n_flags = side->fused.n_flags,
		.stride = ffpf_ebpf_stride(l->n_cells, side->fused.n_flags, 0, 0),
		.snaplen = 2048,
		.time = l->needs & FFPF_NEED_TIME,
		.next_piece = -1,
		.slow_piece = -1,
	};

	for (size_t i = 0; i < side->fused.n_pieces; i++) {
		struct ffpf_ebpf_program code;
		int err = ffpf_ebpf_generate(arena, side->fused.pieces[i], &o, &code);

		check(err == 0 || err == -E2BIG, "no eBPF");
	}
}

static void run(struct ffpf_graph *graph)
{
	const struct ffpf_layout *layout = ffpf_layout_new(graph);
	const struct ffpf_level *l = &layout->levels[0];
	struct ffpf_arena *arena = ffpf_arena_new();
	struct side plain, optimised;
	struct rng r = {1};
	struct test_packet p;

	if (l->n_cells < CELLS_MAX && l->n_shared < CELLS_MAX && make_side(graph, layout, arena, false, &plain) &&
	    make_side(graph, layout, arena, true, &optimised)) {
		for (unsigned k = 0; k < PACKETS; k++) {
			packet_make(&r, DLT_EN10MB, &p);
			run_packet(l, &plain, &p, k * 1000000000ull);
			run_packet(l, &optimised, &p, k * 1000000000ull);
		}
		check(!memcmp(plain.cells, optimised.cells, l->n_cells * 8) &&
			      !memcmp(plain.shared, optimised.shared, l->n_shared * 8),
		      "the optimised program does something else");
		generate(arena, l, &optimised, FFPF_EBPF_USER);
		generate(arena, l, &optimised, FFPF_EBPF_XDP);
	}
	ffpf_arena_free(arena);
}

/* ---- the text -------------------------------------------------------------------------------- */

/* As a quoted text of a graph. */
static char *quoted(const uint8_t *data, size_t size, size_t *len)
{
	static const char before[] = "[dev lo]>(FPL,\"", after[] = "\")";
	char *text = malloc(sizeof(before) + 2 * size + sizeof(after)), *at = stpcpy(text, before);

	for (size_t i = 0; i < size; i++) {
		if (data[i] == '"' || data[i] == '\\' || data[i] == '$')
			*at++ = '\\';
		*at++ = (char)data[i];
	}
	at = stpcpy(at, after);
	*len = (size_t)(at - text);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool registered;
	static const struct ffpf_resolve_options resolve = {.base_dir = "/nonexistent"};
	static const struct ffpf_parse_options parse;
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_diags *diags = ffpf_diags_new();
	struct ffpf_graph *graph = NULL;
	size_t len, n;
	char *text = quoted(data, size, &len), *told;
	uint32_t source = ffpf_diags_add_source(diags, "fuzz", text, len);
	FILE *out;

	if (!registered)
		ffpf_class_register(&fake_classes[0], NULL); /* dev */
	registered = true;
	if (ffpf_resolve(arena, diags, ffpf_parse(arena, diags, source, &parse), &resolve, &graph) == 0)
		check(ffpf_diags_errors(diags) == 0, "an error that is none");
	else
		check(ffpf_diags_errors(diags) > 0, "refused without a word");
	for (const struct ffpf_diag *diag = ffpf_diags_first(diags); diag; diag = diag->next)
		check(diag->span.source != source || (diag->span.start <= diag->span.end && diag->span.end <= len),
		      "a span outside of the text");
	out = open_memstream(&told, &n);
	ffpf_diags_print(diags, out, false);
	fclose(out);
	free(told);
	if (ffpf_diags_errors(diags) == 0 && ffpf_place(graph, levels, 1) == 0)
		run(graph);
	free(text);
	ffpf_diags_free(diags);
	ffpf_arena_free(arena);
	return 0;
}
