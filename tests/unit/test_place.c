/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Placement against an oracle: random trees of flowspaces (up to eight levels
 * below the root, up to fourteen children), random graphs, random offers and pins.
 * The oracle knows nothing of requests: of all flowspaces that offer a
 * function and have all of its inputs in their subtree, it takes the deepest.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <lib/flowspace.h>
#include <lib/lang/arena.h>

#define MAX_FUNCTIONS 60
#define NOWHERE UINT32_MAX

static uint64_t seed;

static unsigned below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 11) % n);
}

/* A world: flowspaces, who offers what, and a graph. */
struct world {
	struct ffpf_arena *arena;
	struct ffpf_diags *diags;
	unsigned n_levels;
	struct ffpf_flowspace levels[FFPF_MAX_FLOWSPACES];
	const struct ffpf_flowspace *table[FFPF_MAX_FLOWSPACES];
	unsigned parent[FFPF_MAX_FLOWSPACES], depth[FFPF_MAX_FLOWSPACES], n_children[FFPF_MAX_FLOWSPACES];
	char names[FFPF_MAX_FLOWSPACES][16];
	uint64_t offers[MAX_FUNCTIONS]; /* by function: bit per flowspace */
	struct ffpf_graph graph;
	struct ffpf_function functions[MAX_FUNCTIONS];
	struct ffpf_function *pointers[MAX_FUNCTIONS];
	struct ffpf_source_info infos[MAX_FUNCTIONS];
};

static bool offers(const struct ffpf_flowspace *self, const struct ffpf_graph *graph,
		   const struct ffpf_function *function, const char **reason)
{
	const struct world *world = self->private;

	*reason = "no";
	return world->offers[function->id] >> (self - world->levels) & 1;
}

static int build(const struct ffpf_instance *instance, struct ffpf_builder *builder)
{
	return 0;
}

static const struct ffpf_class class_function = {.name = "function", .role = FFPF_FUNCTION, .build = build};
static const struct ffpf_class class_source = {.name = "source", .role = FFPF_SOURCE};
static const struct ffpf_class class_verdict = {
	.name = "verdict", .role = FFPF_FUNCTION, .flags = FFPF_CLASS_VERDICT, .build = build};

static void make_levels(struct world *world)
{
	world->n_levels = 1 + below(below(3) ? 8 : FFPF_MAX_FLOWSPACES);
	bool narrow = below(2), path = below(2);

	for (unsigned i = 0; i < world->n_levels; i++) {
		unsigned parent = 0;

		do
			parent = i ? narrow && below(4) ? i - 1 : below(i) : 0;
		while (i && (world->depth[parent] >= FFPF_FLOWID_DEPTH || world->n_children[parent] >= 14));
		world->parent[i] = parent;
		world->depth[i] = i ? world->depth[parent] + 1 : 0;
		world->n_children[parent] += i > 0;
		snprintf(world->names[i], sizeof(world->names[i]), "l%u", i);
		world->levels[i] = (struct ffpf_flowspace){.name = world->names[i],
							   .parent = i ? world->names[parent] : NULL,
							   .offers = offers,
							   .on_path = path && i,
							   .private = world};
		world->table[i] = &world->levels[i];
	}
}

static void add_edge(struct world *world, struct ffpf_function *from, struct ffpf_function *to)
{
	struct ffpf_edge *edge = ffpf_arena_alloc(world->arena, sizeof(*edge));

	*edge = (struct ffpf_edge){.from = from, .to = to, .label = {.any = true}, .order = (unsigned)to->n_in};
	if (!to->in)
		to->in = ffpf_arena_alloc(world->arena, MAX_FUNCTIONS * sizeof(struct ffpf_edge *));
	to->in[to->n_in++] = edge;
}

/* The sources before a function, from its inputs. */
static void join_sources(struct world *world, struct ffpf_function *function)
{
	unsigned *sources = ffpf_arena_alloc(world->arena, MAX_FUNCTIONS * sizeof(*sources));

	for (unsigned source = 0; source < world->graph.n_sources; source++) {
		bool reaches = false;

		for (size_t i = 0; i < function->n_in; i++)
			for (size_t k = 0; k < function->in[i]->from->n_sources; k++)
				reaches |= function->in[i]->from->sources[k] == source;
		if (reaches)
			sources[function->n_sources++] = source;
	}
	function->sources = sources;
}

static void make_graph(struct world *world, unsigned density, unsigned pins, bool verdicts)
{
	unsigned n = 1 + below(MAX_FUNCTIONS), n_sources = 1 + below(n < 4 ? n : 4);
	struct ffpf_graph *graph = &world->graph;

	*graph = (struct ffpf_graph){.arena = world->arena,
				     .diags = world->diags,
				     .functions = world->pointers,
				     .n_functions = n,
				     .source_info = world->infos};
	graph->sources = ffpf_arena_alloc(world->arena, n_sources * sizeof(struct ffpf_function *));
	for (unsigned i = 0; i < n; i++) {
		struct ffpf_function *function = &world->functions[i];

		world->pointers[i] = function;
		*function = (struct ffpf_function){
			.id = i, .instance = {.class = i < n_sources ? &class_source : &class_function}};
		function->instance.name = ffpf_arena_printf(world->arena, "f%u", i);
		for (unsigned level = 0; level < world->n_levels; level++)
			world->offers[i] |= (uint64_t)(below(100) < density) << level;
		if (below(100) < pins)
			function->pin = world->names[below(world->n_levels)];
		if (i < n_sources) {
			unsigned *number = ffpf_arena_alloc(world->arena, sizeof(*number));

			*number = i;
			function->sources = number;
			function->n_sources = 1;
			graph->sources[graph->n_sources++] = function;
			continue;
		}
		if (verdicts && below(3) == 0)
			function->instance.class = &class_verdict;
		for (unsigned k = 1 + below(3); k; k--)
			add_edge(world, &world->functions[below(i)], function);
		join_sources(world, function);
	}
}

static struct world *world_new(unsigned density, unsigned pins, bool verdicts)
{
	struct world *world = calloc(1, sizeof(*world));

	world->arena = ffpf_arena_new();
	world->diags = ffpf_diags_new();
	make_levels(world);
	make_graph(world, density, pins, verdicts);
	return world;
}

static void world_free(struct world *world)
{
	ffpf_arena_free(world->arena);
	ffpf_diags_free(world->diags);
	free(world);
}

/* ---- the oracle ------------------------------------------------------------------------------------------------ */

/* Bits of a level and all above it. */
static uint64_t above(const struct world *world, unsigned level)
{
	uint64_t bits = 0;

	for (;; level = world->parent[level]) {
		bits |= UINT64_C(1) << level;
		if (!level)
			return bits;
	}
}

/* Levels in the order in which a source's request comes to them: children in table order before their parent. */
static void visit(const struct world *world, unsigned level, unsigned *order, unsigned *n)
{
	for (unsigned child = 1; child < world->n_levels; child++)
		if (world->parent[child] == level)
			visit(world, child, order, n);
	order[(*n)++] = level;
}

struct expected {
	unsigned level[MAX_FUNCTIONS];
	uint32_t flowid[MAX_FUNCTIONS];
	unsigned errors;
	enum ffpf_diag_id first;
};

static uint32_t expected_flowid(const struct world *world, unsigned level, bool refused)
{
	uint32_t flowid = refused && world->depth[level] < FFPF_FLOWID_DEPTH
				  ? UINT32_C(0xf0000000) >> (4 * world->depth[level])
				  : 0;

	for (unsigned at = level; at; at = world->parent[at]) {
		unsigned number = 0;

		for (unsigned sibling = 1; sibling <= at; sibling++)
			number += world->parent[sibling] == world->parent[at];
		flowid |= number << (32 - 4 * world->depth[at]);
	}
	return flowid;
}

static void expect_error(struct expected *expected, enum ffpf_diag_id id)
{
	if (!expected->errors++)
		expected->first = id;
}

static void expect_function(const struct world *world, unsigned i, struct expected *expected)
{
	const struct ffpf_function *function = &world->functions[i];
	uint64_t may = UINT64_MAX, all = UINT64_MAX;
	unsigned order[FFPF_MAX_FLOWSPACES], n = 0, deepest = 0;

	expected->level[i] = NOWHERE;
	for (size_t k = 0; k < function->n_in; k++) {
		unsigned level = expected->level[function->in[k]->from->id];

		if (level == NOWHERE)
			return;
		all &= above(world, level);
	}
	visit(world, 0, order, &n);
	for (unsigned level = 0; level < world->n_levels; level++)
		if (function->n_in && all >> level & 1 && world->depth[level] > world->depth[deepest])
			deepest = level;
	may = all & world->offers[i];
	if (function->pin) {
		unsigned pin = (unsigned)atoi(function->pin + 1);

		if (may >> pin & 1) {
			expected->level[i] = pin;
			expected->flowid[i] = expected_flowid(world, pin, false);
		} else {
			expect_error(expected, all >> pin & 1 ? FFPF_D_PIN_REFUSED : FFPF_D_PIN_FUNNEL);
		}
		return;
	}
	/* Of levels above one another, the deepest comes first in this order as well. */
	for (unsigned k = 0; k < n && expected->level[i] == NOWHERE; k++)
		if (may >> order[k] & 1)
			expected->level[i] = order[k];
	unsigned level = expected->level[i];
	if (level == NOWHERE)
		expect_error(expected, FFPF_D_PLACE_NOWHERE);
	else
		expected->flowid[i] =
			expected_flowid(world, level, function->n_in ? level != deepest : world->n_children[level] > 0);
}

static void check_world(struct world *world)
{
	struct expected expected = {0};

	for (unsigned i = 0; i < world->graph.n_functions; i++)
		expect_function(world, i, &expected);
	for (unsigned round = 0; round < 2; round++) { /* placing again gives the same */
		ffpf_diags_clear(world->diags);
		int result = ffpf_place(&world->graph, world->table, world->n_levels);

		assert_int_equal(result, expected.errors ? -EINVAL : 0);
		assert_int_equal(ffpf_diags_errors(world->diags), expected.errors);
		if (expected.errors)
			assert_int_equal(ffpf_diags_first(world->diags)->id, expected.first);
		for (unsigned i = 0; i < world->graph.n_functions; i++) {
			const struct ffpf_function *function = &world->functions[i];
			unsigned level = expected.level[i];

			assert_ptr_equal(function->level, level == NOWHERE ? NULL : world->table[level]);
			if (level != NOWHERE)
				assert_int_equal(function->flowid, expected.flowid[i]);
		}
	}
}

static void test_oracle(void **state)
{
	unsigned complete = 0;

	for (unsigned i = 0; i < 3000; i++) {
		seed = 0x9e3779b97f4a7c15u * (i + 1);
		struct world *world = world_new(20 + below(81), below(2) ? below(20) : 0, false);

		/* Most worlds have a root that takes everything, as the real one does. */
		for (unsigned k = 0; i % 4 && k < MAX_FUNCTIONS; k++)
			world->offers[k] |= 1;
		check_world(world);
		complete += ffpf_diags_errors(world->diags) == 0;
		world_free(world);
	}
	assert_true(complete > 500);
}

/* ---- verdicts -------------------------------------------------------------------------------------------------- */

static bool share_source(const struct ffpf_function *x, const struct ffpf_function *y)
{
	for (size_t i = 0; i < x->n_sources; i++)
		for (size_t k = 0; k < y->n_sources; k++)
			if (x->sources[i] == y->sources[k])
				return true;
	return false;
}

static unsigned level_of(const struct world *world, const struct ffpf_function *function)
{
	return (unsigned)(function->level - world->levels);
}

/* In a graph that was placed, nobody above a verdict on the kernel path is owed a packet that it may take away. */
static void test_verdicts(void **state)
{
	unsigned placed = 0, waited = 0;

	for (unsigned i = 0; i < 3000; i++) {
		seed = 0x2545f4914f6cdd1du * (i + 1);
		struct world *world = world_new(30 + below(71), 0, true);

		for (unsigned k = 0; k < MAX_FUNCTIONS; k++)
			world->offers[k] |= 1;
		assert_int_equal(ffpf_place(&world->graph, world->table, world->n_levels), 0);
		placed++;
		for (unsigned v = 0; v < world->graph.n_functions; v++) {
			const struct ffpf_function *verdict = &world->functions[v];

			if (!(verdict->instance.class->flags & FFPF_CLASS_VERDICT) || !verdict->level->on_path)
				continue;
			for (size_t k = 0; k < verdict->n_refusals; k++)
				waited += strstr(verdict->refusals[k].reason, "must see") != NULL;
			for (unsigned f = 0; f < world->graph.n_functions; f++) {
				const struct ffpf_function *function = &world->functions[f];

				if (function->instance.class == &class_verdict || !function->level->on_path ||
				    !share_source(verdict, function))
					continue;
				assert_true(above(world, level_of(world, function)) >> level_of(world, verdict) & 1);
			}
		}
		world_free(world);
	}
	assert_true(placed > 500 && waited > 100);
}

/* ---- tables ---------------------------------------------------------------------------------------------------- */

/* A level that was left out of the table: those below it hang below the one before it. */
static void test_level_left_out(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	static const char *const names[] = {"user", "kmod", "tc", "xdp"};

	world->arena = ffpf_arena_new();
	world->diags = ffpf_diags_new();
	for (unsigned i = 0; i < 4; i++)
		world->levels[i] = (struct ffpf_flowspace){
			.name = names[i], .parent = i ? names[i - 1] : NULL, .offers = offers, .private = world};
	world->table[0] = &world->levels[0];
	world->table[1] = &world->levels[1];
	world->table[2] = &world->levels[3];
	world->n_levels = 1;
	seed = 7;
	make_graph(world, 0, 0, false);
	for (unsigned i = 0; i < MAX_FUNCTIONS; i++)
		world->offers[i] = i ? 2 : 8;
	assert_int_equal(ffpf_place(&world->graph, world->table, 3), 0);
	assert_ptr_equal(world->functions[0].level, &world->levels[3]);
	assert_int_equal(world->functions[0].flowid, 0x11000000);
	assert_int_equal(ffpf_place(&world->graph, world->table, 0), -EINVAL);

	/* Levels that name each other as parents. */
	world->levels[1].parent = "xdp";
	world->levels[3].parent = "kmod";
	assert_int_equal(ffpf_place(&world->graph, world->table, 3), 0);
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oracle),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_level_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
