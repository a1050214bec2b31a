/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The flowgraph: functions and the edges between them, resolved from a syntax
 * tree and then placed on flowspaces.
 *
 *   resolve.c  names → functions and edges, values typed by their parameters
 *   check.c    what a graph must be: acyclic, fed by sources, labels disjoint
 *   place.c    each function on the lowest flowspace that offers it
 *   chain.c    the levels that a source's packets come to, one after the other
 *   stage.c    which packet a function sees, where functions change packets
 *   wanted.c   results of other functions that functions read
 *   foreign.c  packet programs of classes that are not ours, checked one by one
 *   fuse.c     the functions of one flowspace → packet programs
 *   explain*.c what was decided, for people, as JSON and as a picture
 *
 * Functions are kept in topological order from resolve on; ids are positions in that order.
 * Everything lives in the compilation's arena.
 */
#ifndef FFPF_GRAPH_GRAPH_H
#define FFPF_GRAPH_GRAPH_H

#include <ffpf/class.h>
#include <lib/lang/ast.h>

struct ffpf_flowspace;
struct ffpf_trace;

#define FFPF_MAX_FLOWSPACES 64
/* flowid: eight nibbles, the most significant first, one a level on the way down from the root. */
#define FFPF_FLOWID_DEPTH 8
#define FFPF_FLOWID_REFUSED 0xfu /* a nibble: the child asked here refused; the function runs where the path ends */

struct ffpf_range {
	uint32_t lo, hi; /* inclusive */
};

/* Which classes an edge lets through. Class 0 never travels. */
struct ffpf_label {
	bool any;			 /* no label: every class but 0 */
	bool except;			 /* `else`: what lies in none of the ranges */
	const struct ffpf_range *ranges; /* sorted by lo, disjoint */
	size_t n_ranges;
};

struct ffpf_edge {
	struct ffpf_function *from, *to;
	struct ffpf_label label;
	struct ffpf_span span; /* of the receiving term */
	unsigned order; /* position among to's incoming edges, in source order: the first that delivers gives the class
			 */
};

/* Why a flowspace did not take a function; the list is the way of the request. */
struct ffpf_refusal {
	const struct ffpf_flowspace *flowspace;
	const char *reason;
};

/* What every function has, whatever its class. */
enum ffpf_figure {
	FFPF_FIGURE_NONE,
	FFPF_FIGURE_PACKETS_IN,
	FFPF_FIGURE_PACKETS_OUT,
	FFPF_FIGURE_FILTERED,
	FFPF_FIGURE_LOST,
	FFPF_FIGURE_BYTES_IN
};

/* A result that a function reads: schema->wanted, resolved. */
struct ffpf_wanted_result {
	const struct ffpf_function *of;
	size_t field; /* of its schema; or a figure */
	enum ffpf_figure figure;
};

struct ffpf_function {
	unsigned id;
	struct ffpf_instance instance;
	struct ffpf_wanted_result *wanted; /* schema->n_wanted of them; filled by ffpf_wanted_resolve */
	struct ffpf_edge **in, **out;
	size_t n_in, n_out;
	const struct ffpf_function
		*stage;	 /* the nearest function that changes the packets which come here; NULL: none */
	const char *pin; /* flowspace name after '@', or NULL */
	struct ffpf_span pin_span;
	bool export_packets, export_state;
	bool named; /* its name was written */
	/* filled by place */
	const struct ffpf_flowspace *level;
	uint32_t flowid;
	struct ffpf_refusal *refusals;
	size_t n_refusals;
	/* numbers (positions in graph->sources) of the source functions that reach it, ascending */
	const unsigned *sources;
	size_t n_sources;
	/* set by the run when a level took the function and could not load it: not offered there again */
	const struct ffpf_flowspace *barred;
	const char *barred_reason;
	/* filled by layout: first cell of the function's state; see graph/layout.h */
	void *layout;
};

/* Who watches a running graph: what a function lets out, or what of it goes along its edges to another one. */
struct ffpf_tap_point {
	unsigned number;
	const struct ffpf_function *from, *to; /* to NULL: all of it */
};
#define FFPF_TAPS_MAX 8 /* at once */

/* The levels at which functions see a source's packets, the lowest first: from each, packets go up to the next only. */
struct ffpf_chain {
	const struct ffpf_flowspace *levels[FFPF_FLOWID_DEPTH + 1];
	unsigned n;
};

struct ffpf_graph {
	struct ffpf_arena *arena;
	struct ffpf_diags *diags;
	struct ffpf_function **functions; /* topological order; sources in source order among themselves */
	size_t n_functions;
	struct ffpf_edge **edges;
	size_t n_edges;
	struct ffpf_function **sources;
	struct ffpf_source_info *source_info; /* one per source, filled by probe */
	size_t n_sources;
	bool stdout_taken;  /* standard output is not for functions: results go there */
	unsigned char copy; /* enum ffpf_copy that was asked for; see copy.h */
	bool replay; /* savefiles go through the kernel's test runner: levels that can replay offer user sources */
	/* filled by place: the flowspace that all requests came through; one chain a source */
	const struct ffpf_flowspace *root;
	struct ffpf_chain *chains;
	bool may_tap; /* at levels of the kernel, too: there are cells for it */
	struct ffpf_tap_point taps[FFPF_TAPS_MAX];
	unsigned n_taps;
	struct ffpf_trace *trace; /* some packets are followed on their way; NULL: none. See fuse.h */
};

struct ffpf_resolve_options {
	const char *base_dir; /* where `use "file"` looks; NULL: the current folder */
	const struct ffpf_variable *variables;
	size_t n_variables;
	bool stdout_taken; /* standard output is not for functions */
};

/*
 * Resolves a parsed text, and the files that it uses, into a graph: classes, typed values, definitions (each use of a
 * name is the same function), routes, result names; then checks the graph and probes its sources. Reports into diags;
 * the graph is complete only when no error was reported. 0, or -EINVAL when errors were reported.
 */
int ffpf_resolve(struct ffpf_arena *arena, struct ffpf_diags *diags, const struct ffpf_ast *ast,
		 const struct ffpf_resolve_options *options, struct ffpf_graph **out);

/* Types one written value by its parameter. Reports and returns -EINVAL when it does not fit. */
int ffpf_value_parse(struct ffpf_arena *arena, struct ffpf_diags *diags, const struct ffpf_param *param,
		     const struct ffpf_ast_value *written, struct ffpf_value *out);

/*
 * Places every function on the flowspaces of table (n of them, the root first; see lib/flowspace.h), recursively from
 * the root. May be called again after a flowspace refused something at load time. 0 or -EINVAL (reported).
 */
int ffpf_place(struct ffpf_graph *graph, const struct ffpf_flowspace *const *table, size_t n);

/* Finds the chains of a placed graph. */
void ffpf_chains_find(struct ffpf_graph *graph);
/* The level from which a source's packets come to this one, and that to which they go on; NULL: none. */
const struct ffpf_flowspace *ffpf_chain_below(const struct ffpf_graph *graph, unsigned source,
					      const struct ffpf_flowspace *level);
const struct ffpf_flowspace *ffpf_chain_above(const struct ffpf_graph *graph, unsigned source,
					      const struct ffpf_flowspace *level);
/* Where a level stands in a chain; chain->n: nowhere. */
unsigned ffpf_chain_position(const struct ffpf_chain *chain, const struct ffpf_flowspace *level);
/* Do packets that go along the edge leave the level upward, be it where they come from or a level between? */
bool ffpf_edge_passes(const struct ffpf_graph *graph, const struct ffpf_edge *edge, const struct ffpf_flowspace *level);
/* Does the function hand on other packets than it got? The stage of packets that come along an edge (see stage.c). */
bool ffpf_changes_packets(const struct ffpf_function *function);
const struct ffpf_function *ffpf_edge_stage(const struct ffpf_edge *edge);
/* Do packets of a source (its number) come to the function? */
bool ffpf_source_reaches(const struct ffpf_function *function, unsigned source);

/* Does the function write packets or lines to standard output? *dash (may be NULL): because its file is "-" or means
 * the same. */
bool ffpf_writes_stdout(const struct ffpf_function *function, bool *dash);

/* Is what all functions keep in cells no more than memory may hold? 0 or -EINVAL (reported). */
int ffpf_check_cells(struct ffpf_graph *graph);

/* Finds the results that functions read of others (schema->wanted), when all names are known. 0 or -EINVAL (reported).
 */
int ffpf_wanted_resolve(struct ffpf_graph *graph);

/* The text of a function as it was written, *len bytes, not ended; its name where no text is known. */
const char *ffpf_function_text(const struct ffpf_graph *graph, const struct ffpf_function *function, size_t *len);

/* Does this class pass the label? */
bool ffpf_label_passes(const struct ffpf_label *label, uint32_t class);

/*
 * Bytes of a packet that functions on other flowspaces need of what crosses into them from `from` (the maximum of
 * their demands, those behind them included): 0 none, FFPF_ALL_BYTES; the latter also where a function at `from`
 * exports packets. *needs (may be NULL) gets the FFPF_NEED_ metadata they use.
 */
uint32_t ffpf_demand_above(const struct ffpf_graph *graph, const struct ffpf_flowspace *from, unsigned *needs);

/*
 * Reports filters (FFPF_TYPE_FILTER) that don't compile, in a graph that goes no further for other mistakes. inputs:
 * the sources' link types by number (function->sources); NULL: not known, then what compiles for no link type is
 * reported.
 */
void ffpf_check_filters(struct ffpf_arena *arena, struct ffpf_diags *diags, struct ffpf_function *const *functions,
			size_t n, const struct ffpf_source_info *inputs);

#endif
