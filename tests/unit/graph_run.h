/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a flowgraph in several ways and compares what its functions count with the oracle's figures: packet programs on
 * the reference interpreter, plain and optimised, in one piece and in many; the whole library at user; the whole
 * library with
 * --replay. A difference is printed and counted, so that one run shows them all.
 */
#ifndef FFPF_TESTS_GRAPH_RUN_H
#define FFPF_TESTS_GRAPH_RUN_H

#include "capture.h"
#include "graph_oracle.h"
#include "map_env.h"
#include <errno.h>
#include <ffpf/ffpf.h>
#include <inttypes.h>
#include <lib/flowspace.h>
#include <lib/run/handle.h>

enum { RUN_SOURCES = 3 };

/* Savefiles and the packets in them. */
struct run_input {
	char names[RUN_SOURCES][64];
	struct capture captures[RUN_SOURCES];
	unsigned n;
};

struct run_case {
	const char *title, *text;
	struct run_input *input;
	const char *level; /* where --replay runs its sources; NULL: the lowest */
	bool slow;	   /* … by the programs for packets in several pieces */
	bool chance;	   /* counts differ from run to run */
	char *maps;	   /* what the maps hold at the end, as the first way had it */
	unsigned failures;
	struct oracle_function *expected; /* of the functions, by id */
};

static inline void run_fail(struct run_case *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline void run_fail(struct run_case *c, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", c->title);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	c->failures++;
}

/* ---- packets --------------------------------------------------------------------------------- */

/* The record at *at of a capture in our byte order with nanoseconds; false at the end. */
static inline bool run_next(const struct capture *capture, size_t *at, struct ffpf_packet *p)
{
	uint32_t header[4];

	if (*at + sizeof(header) > capture->size)
		return false;
	memcpy(header, capture->data + *at, sizeof(header));
	*p = (struct ffpf_packet){.data = capture->data + *at + sizeof(header),
				  .caplen = header[2],
				  .len = header[3],
				  .time_ns = header[0] * 1000000000ull + header[1]};
	*at += sizeof(header) + header[2];
	return true;
}

/* Number of the savefile that a source of the graph reads. */
static inline unsigned run_file(const struct run_case *c, const struct ffpf_graph *graph, unsigned source)
{
	for (unsigned i = 0; i < c->input->n; i++)
		if (!strcmp(graph->sources[source]->instance.values[0].s, c->input->names[i]))
			return i;
	return 0;
}

/* ---- packet programs on the reference interpreter -------------------------------------------- */

/* Programs for a source's packets as they came (stage NULL), then for what each function that changes them makes. */
struct run_part {
	const struct ffpf_function *stage;
	struct ffpf_fused fused;
	struct run_part *next;
};

struct run_level {
	const struct ffpf_level *level;
	uint64_t *cells, *shared;
	uint32_t *flags;
	struct run_part *parts; /* per source */
	unsigned n_flags;
	struct map_env maps;
};

struct run_reference {
	struct run_case *c;
	struct ffpf_graph *graph;
	struct ffpf_layout *layout;
	struct ffpf_arena *arena;
	struct run_level *levels;
	uint32_t *crossed, *ghosts;
	const char *how;
	uint8_t *bytes;
	struct run_level *now; /* whose program runs */
	const struct run_part *part;
	uint32_t (*made)[2]; /* per function that is C code: the class that it gave, the number of a followed packet */
};

static inline uint64_t *run_find(void *arg, unsigned map, const uint8_t *key)
{
	return map_env_find(&((struct run_reference *)arg)->now->maps, map, key);
}

static inline uint32_t run_add(void *arg, unsigned map, const uint8_t *key)
{
	return map_env_add(&((struct run_reference *)arg)->now->maps, map, key);
}

static inline void run_remove(void *arg, unsigned map, const uint8_t *key)
{
	map_env_remove(&((struct run_reference *)arg)->now->maps, map, key);
}

/* What maps hold; takes the text. */
static inline void run_compare_maps(struct run_case *c, const char *how, char *text)
{
	if (!c->maps)
		c->maps = text;
	else if (c->chance || !strcmp(c->maps, text))
		free(text);
	else {
		size_t at = 0;

		while (text[at] == c->maps[at])
			at++;
		while (at && text[at - 1] != '\n')
			at--;
		run_fail(c, "%s: maps differ, from here on: %.300s\nshould be: %.300s", how, text + at, c->maps + at);
		free(text);
	}
}

static inline uint32_t run_random(void *arg)
{
	return 0x40000000;
}

/* C code gives the class that it gets, and the packet: write, print, zip, defrag of what is whole. */
static inline void run_made(struct run_reference *r, const struct ffpf_function *f, uint32_t class)
{
	unsigned number = r->part->fused.trace_number;

	r->made[f->id][0] = class;
	r->made[f->id][1] = number == UINT_MAX ? 0 : r->now->flags[number];
}

static inline uint32_t run_native(void *arg, unsigned native, uint32_t class)
{
	struct run_reference *r = arg;

	run_made(r, r->now->level->natives[native], class);
	return class;
}

static inline void run_cross(void *arg, unsigned inflow, uint32_t class)
{
	struct run_reference *r = arg;

	if (!r->crossed[inflow])
		r->crossed[inflow] = class;
	else
		run_fail(r->c, "%s: in-flow %u is crossed twice", r->how, inflow);
}

static inline bool run_fuse_part(struct run_reference *r, struct run_level *l, unsigned source,
				 const struct ffpf_fuse_options *o, struct run_part *part)
{
	struct ffpf_fuse_options options = *o;

	options.stage = part->stage;
	if (ffpf_fuse(r->graph, r->layout, l->level->flowspace, source, &options, r->arena, &part->fused) < 0) {
		run_fail(r->c, "%s: fusing failed", r->how);
		return false;
	}
	if (part->fused.n_flags > l->n_flags)
		l->n_flags = part->fused.n_flags;
	for (size_t k = 0; k < part->fused.n_pieces; k++) {
		const char *why = ffpf_ir_verify(part->fused.pieces[k]);

		if (why) {
			run_fail(r->c, "%s: %s, source %u, piece %zu: %s", r->how, l->level->flowspace->name, source, k,
				 why);
			return false;
		}
	}
	return true;
}

static inline bool run_fuse(struct run_reference *r, const struct ffpf_fuse_options *o)
{
	const struct ffpf_graph *graph = r->graph;

	r->levels = ffpf_arena_alloc(r->arena, r->layout->n_levels * sizeof(*r->levels));
	for (size_t i = 0; i < r->layout->n_levels; i++) {
		struct run_level *l = &r->levels[i];

		l->level = &r->layout->levels[i];
		l->cells = ffpf_arena_alloc(r->arena, l->level->n_cells * 8 + 8);
		l->shared = ffpf_arena_alloc(r->arena, l->level->n_shared * 8 + 8);
		l->parts = ffpf_arena_alloc(r->arena, graph->n_sources * sizeof(*l->parts));
		ffpf_layout_initial_cells(graph, l->level->flowspace, l->cells, l->shared);
		map_env_make(&l->maps, l->level, r->arena);
		for (unsigned s = 0; s < graph->n_sources; s++) {
			const struct ffpf_function *stage = NULL;
			struct run_part *part = &l->parts[s];

			if (!run_fuse_part(r, l, s, o, part))
				return false;
			while (ffpf_fuse_next_stage(graph, l->level->flowspace, s, &stage)) {
				part = part->next = ffpf_arena_alloc(r->arena, sizeof(*part));
				part->stage = stage;
				if (!run_fuse_part(r, l, s, o, part))
					return false;
			}
		}
		l->flags = ffpf_arena_alloc(r->arena, l->n_flags * sizeof(*l->flags) + 4);
	}
	return true;
}

static inline struct run_level *run_level_of(struct run_reference *r, const struct ffpf_flowspace *level)
{
	for (size_t i = 0; i < r->layout->n_levels; i++)
		if (r->layout->levels[i].flowspace == level)
			return &r->levels[i];
	return NULL;
}

/* The programs of a stage, where there is a packet for it. */
static inline void run_part(struct run_reference *r, const struct run_part *part, struct ffpf_ir_env *env,
			    const struct ffpf_packet *p)
{
	struct run_level *l = r->now;
	uint32_t ghosts[2];

	if (part->stage) {
		memcpy(ghosts, r->made[part->stage->id], sizeof(ghosts));
		memset(r->made[part->stage->id], 0, sizeof(ghosts));
		if (!ghosts[0])
			return;
		env->ghosts = ghosts;
	}
	r->part = part;
	memcpy(r->bytes, p->data, p->caplen);
	for (size_t k = 0; k < part->fused.n_pieces; k++) {
		const struct ffpf_native_call *call = &part->fused.calls[k];

		if (ffpf_ir_run(part->fused.pieces[k], env, r->bytes, p->caplen) < 0)
			run_fail(r->c, "%s: %s, piece %zu: a fault", r->how, l->level->flowspace->name, k);
		if (call->function && call->function == part->stage)
			run_fail(r->c, "%s: %s: %s runs again in its own stage", r->how, l->level->flowspace->name,
				 call->function->instance.name);
		if (call->function) {
			run_made(r, call->function, l->flags[call->word]);
			l->flags[part->fused.result] = l->flags[call->word];
		}
	}
	for (unsigned k = 0; k < l->n_flags; k++)
		if (l->flags[k]) {
			run_fail(r->c, "%s: %s: word %u is not clear after a packet", r->how, l->level->flowspace->name,
				 k);
			l->flags[k] = 0;
		}
}

/* One packet through its source's levels, the lowest first. */
static inline void run_levels(struct run_reference *r, const struct ffpf_packet *p)
{
	const struct ffpf_chain *chain = &r->graph->chains[p->source];
	const size_t bytes = (r->graph->n_edges + 1) * sizeof(*r->ghosts);

	memset(r->ghosts, 0, bytes);
	for (unsigned step = 0; step < chain->n; step++) {
		struct run_level *l = run_level_of(r, chain->levels[step]);
		bool any = step == 0;

		for (size_t i = 0; i < r->graph->n_edges; i++)
			any |= r->ghosts[i] != 0;
		if (!any)
			break;
		struct ffpf_ir_env env = {
			.cells = l->cells,
			.n_cells = l->level->n_cells,
			.shared = l->shared,
			.n_shared = l->level->n_shared,
			.flags = l->flags,
			.ghosts = r->ghosts,
			.random = run_random,
			.cross = run_cross,
			.native = run_native,
			.map_find = run_find,
			.map_add = run_add,
			.map_remove = run_remove,
			.arg = r,
			.meta = {[FFPF_META_LEN] = p->len, [FFPF_META_TIME] = p->time_ns},
		};

		r->now = l;
		memset(r->crossed, 0, bytes);
		for (const struct run_part *part = &l->parts[p->source]; part; part = part->next)
			run_part(r, part, &env, p);
		memcpy(r->ghosts, r->crossed, bytes);
	}
}

static inline uint64_t run_count(const struct run_reference *r, const struct ffpf_count *count)
{
	for (size_t i = 0; count->cell != FFPF_NO_CELL && i < r->layout->n_levels; i++)
		if (r->layout->levels[i].flowspace == count->owner->level)
			return r->levels[i].cells[count->cell];
	return 0;
}

static inline void run_compare(struct run_case *c, const char *how, const struct ffpf_function *f, uint64_t in,
			       uint64_t out)
{
	const struct oracle_function *x = &c->expected[f->id];
	bool passes = f->instance.class->flags & FFPF_CLASS_PASSES; /* what comes in goes out: not counted apart */

	if (in != x->in || (!passes && f->instance.class->role != FFPF_SINK && out != x->out))
		run_fail(c, "%s: %s at %s: %" PRIu64 " in, %" PRIu64 " out; should be %" PRIu64 ", %" PRIu64, how,
			 f->instance.name, f->level->name, in, out, x->in, x->out);
}

static inline uint64_t run_cell(const struct run_reference *r, const struct ffpf_flowspace *level, uint32_t cell)
{
	for (size_t i = 0; cell != FFPF_NO_CELL && i < r->layout->n_levels; i++)
		if (r->layout->levels[i].flowspace == level)
			return r->levels[i].cells[cell];
	return 0;
}

/* What sets out on an in-flow inside the kernel arrives, and is counted once on its way. */
static inline void run_compare_arrivals(const struct run_reference *r)
{
	for (size_t i = 0; i < r->layout->n_levels; i++) {
		const struct ffpf_level *l = &r->layout->levels[i];

		for (unsigned k = 0; k < l->n_inflows && !l->rings; k++) {
			uint64_t owed = run_cell(r, l->flowspace, l->inflows[k].owed.cell), came = 0;

			for (size_t j = 0; j < r->layout->n_levels; j++)
				for (unsigned a = 0; a < r->layout->levels[j].n_arrivals; a++)
					if (r->layout->levels[j].arrivals[a].below == l &&
					    r->layout->levels[j].arrivals[a].inflow == k)
						came += run_cell(r, r->layout->levels[j].flowspace,
								 r->layout->levels[j].arrivals[a].count.cell);
			if (owed != came)
				run_fail(r->c, "%s: in-flow %u of %s: %" PRIu64 " set out, %" PRIu64 " came", r->how, k,
					 l->flowspace->name, owed, came);
		}
	}
}

/* With all packets followed, the tables say of each function how many it saw and let out. */
static inline void run_compare_traces(const struct run_reference *r)
{
	for (size_t i = 0; r->graph->trace && i < r->graph->n_functions; i++) {
		const struct ffpf_function *f = r->graph->functions[i];
		const struct run_level *l = run_level_of((struct run_reference *)r, f->level);
		const struct ffpf_trace_table *t = l->level->trace;
		uint64_t in = 0, out = 0;

		for (uint32_t at = t->rows; at < t->rows + t->cells; at += t->row) {
			uint64_t x = l->shared[at + FFPF_TRACE_FUNCTIONS +
					       ((const struct ffpf_function_layout *)f->layout)->trace];

			in += x != 0;
			out += (uint32_t)x != 0;
		}
		run_compare(r->c, "followed", f, in, out);
	}
}

/* What the maps hold; frees them. */
static inline void run_reference_maps(struct run_reference *r)
{
	char **lines = NULL, *text = NULL;
	size_t n = 0, size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < r->layout->n_levels; i++) {
		map_env_lines(&r->levels[i].maps, &lines, &n);
		map_env_free(&r->levels[i].maps);
	}
	map_text_lines(out, lines, n);
	fclose(out);
	run_compare_maps(r->c, r->how, text);
}

/* Runs all packets; *cells (when not NULL) are the first way's cells, which those of every further way must equal. */
static inline void run_reference(struct run_case *c, struct ffpf_graph *graph, const char *how,
				 const struct ffpf_fuse_options *o, struct run_reference *first)
{
	struct run_reference r = {.c = c, .graph = graph, .how = how, .arena = ffpf_arena_new()};
	struct ffpf_packet p;

	r.layout = ffpf_layout_new(graph);
	r.crossed = ffpf_arena_alloc(r.arena, (graph->n_edges + 1) * 4);
	r.ghosts = ffpf_arena_alloc(r.arena, (graph->n_edges + 1) * 4);
	r.bytes = ffpf_arena_alloc(r.arena, 1 << 18);
	r.made = ffpf_arena_alloc(r.arena, (graph->n_functions + 1) * sizeof(*r.made));
	if (run_fuse(&r, o)) {
		for (unsigned s = 0; s < graph->n_sources; s++)
			for (size_t at = 24; run_next(&c->input->captures[run_file(c, graph, s)], &at, &p);) {
				p.source = (uint8_t)s;
				run_levels(&r, &p);
			}
		for (size_t i = 0; !c->chance && i < graph->n_functions; i++) {
			const struct ffpf_function_layout *l = graph->functions[i]->layout;

			run_compare(c, how, graph->functions[i], run_count(&r, &l->in), run_count(&r, &l->out));
		}
		run_compare_arrivals(&r);
		if (!c->chance)
			run_compare_traces(&r);
		run_reference_maps(&r);
		for (size_t i = 0; first->levels && i < r.layout->n_levels; i++)
			if (memcmp(r.levels[i].cells, first->levels[i].cells, r.levels[i].level->n_cells * 8) ||
			    memcmp(r.levels[i].shared, first->levels[i].shared, r.levels[i].level->n_shared * 8))
				run_fail(c, "%s: the cells of %s differ from those of %s", how,
					 r.levels[i].level->flowspace->name, first->how);
		if (!first->levels) {
			*first = r;
			return;
		}
	}
	ffpf_arena_free(r.arena);
}

/* ---- the whole library ----------------------------------------------------------------------- */

static inline void run_oracle(struct run_case *c, const struct ffpf_graph *graph)
{
	struct oracle *o = oracle_new(graph);
	struct ffpf_packet p;

	for (unsigned s = 0; s < graph->n_sources; s++)
		for (size_t at = 24; run_next(&c->input->captures[run_file(c, graph, s)], &at, &p);) {
			p.source = (uint8_t)s;
			oracle_packet(o, &p);
		}
	c->expected = calloc(graph->n_functions, sizeof(*c->expected));
	memcpy(c->expected, o->functions, graph->n_functions * sizeof(*c->expected));
	oracle_free(o);
}

static inline void run_results(struct run_case *c, const char *how, struct ffpf *h)
{
	const struct ffpf_graph *graph = ffpf_handle_run(h)->graph;
	struct ffpf_stats *stats;

	if (ffpf_stats_get(h, &stats) < 0) {
		run_fail(c, "%s: no results", how);
		return;
	}
	for (size_t i = 0; i < stats->n_functions; i++) {
		const struct ffpf_function_stats *f = &stats->functions[i];
		const struct oracle_function *x = &c->expected[i];

		if (f->packets_in != f->packets_out + f->filtered + f->lost)
			run_fail(c, "%s: %s does not close", how, f->name);
		/* A savefile of one link type can't keep packets of another. */
		if (f->lost && strcmp(f->class, "write") != 0)
			run_fail(c, "%s: %s lost %" PRIu64 " packets", how, f->name, f->lost);
		if (c->chance)
			continue;
		run_compare(c, how, graph->functions[i], f->packets_in, f->packets_out);
		for (size_t k = 0; k < f->n_results; k++) {
			const struct ffpf_result *result = &f->results[k];

			if (!strcmp(result->name, "bytes") && result->values && result->values[0] != x->bytes)
				run_fail(c, "%s: %s counts %" PRIu64 " bytes, should be %" PRIu64, how, f->name,
					 result->values[0], x->bytes);
		}
	}
	ffpf_stats_free(stats);
}

/* A populated handle, or NULL when the text is refused (printed). */
/* The text with all of its savefiles pinned to a level. */
static inline char *run_pinned(const char *text, const char *level)
{
	char *pinned = NULL;
	size_t size;
	FILE *out = open_memstream(&pinned, &size);
	char end = 0;
	bool quoted = false;

	for (const char *p = text; *p; p++) {
		fputc(*p, out);
		if (!strncmp(p, "(pcap,", 6) || !strncmp(p, "[pcap ", 6))
			end = *p == '(' ? ')' : ']';
		else if (end && *p == '"')
			quoted = !quoted;
		else if (end && !quoted && *p == end) {
			fprintf(out, "@%s", level);
			end = 0;
		}
	}
	fclose(out);
	return pinned;
}

static inline struct ffpf *run_populate(struct run_case *c, const char *how, bool replay)
{
	struct ffpf_define defines[RUN_SOURCES];
	char names[RUN_SOURCES][16];
	struct ffpf_options options = {.replay = replay, .buffer_size = 1 << 20, .defines = defines};
	struct ffpf *h;

	for (unsigned i = 0; c->input && i < c->input->n; i++) {
		snprintf(names[i], sizeof(names[i]), "F%u", i);
		defines[options.n_defines++] = (struct ffpf_define){names[i], c->input->names[i]};
	}
	char *text = run_pinned(c->text, replay && c->level ? c->level : "user");
	int err;

	h = ffpf_create(&options);
	err = ffpf_populate(h, c->title, replay && c->level ? text : c->text, 0);
	free(text);
	if (!err) {
		ffpf_handle_run(h)->slow = c->slow;
		return h;
	}
	run_fail(c, "%s: refused: %s", how, ffpf_error(h));
	ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
	ffpf_close(h);
	return NULL;
}

/* Loads the programs of a populated handle; a program that goes up because the kernel refused it is a failure. */
static inline bool run_instantiate(struct run_case *c, const char *how, struct ffpf *h)
{
	const char *notice;
	int err = ffpf_instantiate(h);

	for (size_t i = 0; (notice = ffpf_notice(h, i)); i++)
		run_fail(c, "%s: %s", how, notice);
	if (err)
		run_fail(c, "%s: not loaded: %s", how, ffpf_error(h));
	return !err;
}

/* pieces: functions in one program at most, 0 for as many as the flowspace likes. interpret: no native code at user. */
static inline void run_library(struct run_case *c, const char *how, bool replay, unsigned pieces, bool interpret)
{
	struct ffpf *h = run_populate(c, how, replay);

	if (!h)
		return;
	ffpf_handle_run(h)->piece_functions = pieces;
	ffpf_handle_run(h)->interpret = interpret;
	if (!c->expected)
		run_oracle(c, ffpf_handle_run(h)->graph);
	if (run_instantiate(c, how, h)) {
		if (ffpf_activate(h) < 0)
			run_fail(c, "%s: not activated: %s", how, ffpf_error(h));
		while (ffpf_wait(&h, 1, 0, 1000000) > 0)
			;
		ffpf_deactivate(h);
		if (ffpf_error(h)[0])
			run_fail(c, "%s: %s", how, ffpf_error(h));
		run_results(c, how, h);
		run_compare_maps(c, how, map_text(h));
	}
	ffpf_close(h);
}

/* At every level of the kernel that can replay, and there by both of its programs. */
static inline void run_replays(struct run_case *c, unsigned pieces)
{
	static const struct {
		const char *how, *level;
		bool slow;
	} ways[] = {{"replay", NULL, false},
		    {"replay, slow", NULL, true},
		    {"replay at tc", "tc", false},
		    {"replay at tc, slow", "tc", true}};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		c->level = ways[i].level;
		c->slow = ways[i].slow;
		run_library(c, ways[i].how, true, pieces, false);
	}
	c->level = NULL;
	c->slow = false;
}

static const struct ffpf_flowspace run_tree[] = {{.name = "user"},
						 {.name = "kmod", .parent = "user", .on_path = true},
						 {.name = "tc", .parent = "kmod", .on_path = true},
						 {.name = "xdp", .parent = "tc", .on_path = true}};

/* Spreads the functions over four levels by chance: each somewhere at or above its inputs, C code at the root. */
static inline void run_spread(struct ffpf_graph *graph, uint64_t seed)
{
	static const uint32_t paths[] = {0, 0x10000000, 0x11000000, 0x11100000};
	unsigned *level = calloc(graph->n_functions, sizeof(*level));

	srand((unsigned)seed);
	for (size_t i = 0; i < graph->n_functions; i++) {
		struct ffpf_function *f = graph->functions[i];

		level[i] = 3;
		for (size_t k = 0; k < f->n_in; k++)
			if (level[f->in[k]->from->id] < level[i])
				level[i] = level[f->in[k]->from->id];
		if (f->instance.class->role != FFPF_SOURCE && !f->instance.class->build)
			level[i] = 0;
		else
			while (level[i] && rand() % 4 == 0)
				level[i]--;
		f->level = &run_tree[level[i]];
		f->flowid = paths[level[i]];
	}
	free(level);
	graph->root = &run_tree[0];
	ffpf_chains_find(graph);
}

/* Packet programs of functions that are spread over all levels: what is carried on by the levels between arrives. */
static inline void run_carried(struct run_case *c, uint64_t seed)
{
	static const struct ffpf_fuse_options plain = {.piece_functions = UINT32_MAX},
					      pieces = {.piece_functions = 3, .optimise = true};
	struct ffpf_trace all = {.packets = 4096};
	struct ffpf *h = run_populate(c, "populate", true);
	struct run_reference first = {0};

	if (!h)
		return;
	if (!c->expected)
		run_oracle(c, ffpf_handle_run(h)->graph);
	run_spread(ffpf_handle_run(h)->graph, seed);
	run_reference(c, ffpf_handle_run(h)->graph, "spread", &plain, &first);
	run_reference(c, ffpf_handle_run(h)->graph, "spread, in pieces", &pieces, &first);
	if (first.arena)
		ffpf_arena_free(first.arena);
	first = (struct run_reference){0};
	ffpf_handle_run(h)->graph->trace = &all;
	run_reference(c, ffpf_handle_run(h)->graph, "spread and followed", &pieces, &first);
	if (first.arena)
		ffpf_arena_free(first.arena);
	ffpf_handle_run(h)->graph->trace = NULL;
	ffpf_close(h);
}

/* Packet programs of a placement on the reference interpreter: plain and optimised, in one piece and in many. */
static inline void run_programs(struct run_case *c, bool replay)
{
	static const struct {
		const char *how;
		struct ffpf_fuse_options options;
	} ways[] = {
		{"plain", {.piece_functions = UINT32_MAX}},
		{"optimised", {.piece_functions = UINT32_MAX, .optimise = true}},
		{"in pieces", {.piece_functions = 7}},
		{"optimised in pieces", {.piece_functions = 3, .optimise = true}},
		{"optimised, a function a piece", {.piece_functions = 1, .optimise = true}},
		{"C code between pieces", {.piece_functions = UINT32_MAX, .natives_apart = true}},
		{"C code between small pieces", {.piece_functions = 4, .natives_apart = true, .optimise = true}},
	};
	struct ffpf *h = run_populate(c, "populate", replay);
	struct run_reference first = {0};

	if (!h)
		return;
	if (!c->expected)
		run_oracle(c, ffpf_handle_run(h)->graph);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		run_reference(c, ffpf_handle_run(h)->graph, ways[i].how, &ways[i].options, &first);
	if (first.arena)
		ffpf_arena_free(first.arena);
	ffpf_close(h);
}

#endif
