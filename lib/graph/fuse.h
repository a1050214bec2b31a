/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fusing: all functions of one flowspace that a source's packets can reach
 * become one packet program, optimised across function and user borders.
 *
 *   layout.c  which cells hold which counter and which state
 *   layout_crossings.c  what goes up from each level, and how
 *   layout_trace.c, fuse_trace.c  following packets
 *   fuse_nodes.c  functions → regions
 *   fuse.c        regions → programs
 *
 * Every function sees a packet once. A function with a single input is built right where its input accepts; one with
 * several (a join) has a word that its inputs set, and is built after the last of them. A graph too big for one program
 * is cut between functions; what crosses a cut travels in the same kind of words.
 */
#ifndef FFPF_GRAPH_FUSE_H
#define FFPF_GRAPH_FUSE_H

#include <lib/graph/graph.h>
#include <lib/ir/ir.h>

#define FFPF_NO_CELL UINT32_MAX

/* Where a count is kept: two cells, packets and bytes, of the per-CPU area of the counting function's level. */
struct ffpf_count {
	const struct ffpf_function
		*owner; /* whose cells: the function itself, or an input that counts the same packets */
	uint32_t cell;	/* FFPF_NO_CELL: not counted */
	bool bytes;	/* the second cell counts bytes */
};

/* Cells of one function (function->layout). */
struct ffpf_function_layout {
	struct ffpf_count in, out;
	uint32_t *base;	 /* per field: first cell in its area; FFPF_NO_CELL for fields without cells */
	uint32_t *cells; /* per field */
	bool *shared;	 /* per field */
	unsigned native; /* number among the natives of its level; UINT32_MAX: none */
	const struct ffpf_schema *schema;
	unsigned trace;	       /* position among the level's functions in a row of the trace table */
	unsigned first_map;    /* of the function's maps, among the level's */
	unsigned first_wanted; /* of others' results that it reads, among those of the level */
};

/* A map that a function of a level announces (ffpf_instance_schema). */
struct ffpf_level_map {
	const struct ffpf_function *function;
	const struct ffpf_class_map *map;
};

/*
 * What crosses into a function from functions on a lower level: one IBuf. The first delivering edge gives a packet its
 * class, so edges of one level with one of another level between them, in source order, are two in-flows. Levels
 * between the two carry it on: it stands in the table of each that packets come through.
 */
struct ffpf_inflow {
	struct ffpf_function *to;	   /* NULL: the numbers of followed packets, the last in the table */
	const struct ffpf_flowspace *from; /* where the edges come from: the table's level, or one below */
	size_t first, end;		   /* the edges to->in[first … end) */
	unsigned index;			   /* in the table */
	/* Packets that set out, or that are carried on: counted on the table's level, so that what is lost on the way
	 * is known exactly. */
	struct ffpf_count owed;
};

/*
 * An in-flow of a lower level that comes up to this one inside the kernel, to one of its functions or to be carried on:
 * how many packets did come.
 */
struct ffpf_arrival {
	const struct ffpf_level *below;
	unsigned inflow; /* in its table */
	struct ffpf_count count;
	bool counted; /* by itself: else it is what the function, or the in-flow that carries it on, counts anyway */
};

/* The way of one source's packets from a level to the next inside the kernel; how many took it, whatever their
 * in-flows. */
struct ffpf_hop {
	struct ffpf_level *lower, *upper;
	unsigned source;
	uint32_t sent; /* cell of the lower level, which its program counts up when something crosses */
	uint32_t came; /* cell of the upper level, which its program counts up when something has crossed */
	bool kept;     /* the lower level stores the packet, the upper one refers to it */
};

/*
 * Following packets: the first `packets` that match, of the sources of each level, get a number. It goes up with the
 * packet, on an in-flow of its own, and each level has a table, in its shared cells, with a row for each number: what
 * the functions of the level made of the packet, and what left the level.
 */
struct ffpf_trace {
	unsigned packets;		    /* of each level's sources, at most */
	const struct ffpf_instance **match; /* per source: only packets that it accepts; NULL: all */
};

#define FFPF_TRACE_WORDS 20 /* of the packet's bytes, 8 in each, the first in its highest byte */
enum {
	FFPF_TRACE_TIME,
	FFPF_TRACE_LENGTH,  /* on the wire */
	FFPF_TRACE_SOURCE,  /* its number + 1: 0 where the packet did not come from a source of this level */
	FFPF_TRACE_DROPPED, /* not 0: a function of this level took the packet off the network */
	FFPF_TRACE_BYTES,
	FFPF_TRACE_FUNCTIONS = FFPF_TRACE_BYTES + FFPF_TRACE_WORDS, /* class that came in << 32 | result, for each
								       function of the level; 0: it did not see it */
	/* and for each in-flow: the class with which it left; 0: it did not */
};

/* The table of one level. Its row for number n (from 1 on) begins at cell rows + (n - 1) · row. */
struct ffpf_trace_table {
	uint32_t counter;   /* shared cell: packets of the level's sources that matched */
	uint32_t first;	    /* number of the first of them, less one */
	uint32_t rows, row; /* cells */
	uint32_t cells;	    /* of all rows */
	unsigned n_functions;
	unsigned inflow; /* of the numbers; UINT_MAX: nothing goes up from here */
};

struct ffpf_level {
	const struct ffpf_flowspace *flowspace;
	struct ffpf_trace_table *trace; /* NULL: no packets are followed */
	uint32_t n_cells, n_shared;
	uint32_t taps; /* first of FFPF_TAPS_MAX cells: packets for each tap. FFPF_NO_CELL: there are none */
	struct ffpf_inflow *inflows; /* that leave this level upward */
	unsigned n_inflows;
	bool rings; /* packets go up from here out of the kernel, for some source: PBuf and IBufs are needed */
	bool keeps; /* packets are stored here for a level above that refers to them: PBuf is needed */
	struct ffpf_arrival *arrivals;
	unsigned n_arrivals;
	struct ffpf_function **natives; /* functions built from C code here */
	unsigned n_natives;
	struct ffpf_level_map *maps;
	struct ffpf_ir_map *ir_maps; /* the same, for programs */
	unsigned n_maps;
	unsigned n_wanted; /* others' results that functions of this level read */
	uint32_t snaplen;  /* bytes of a packet that anyone above needs of what goes into the rings */
	unsigned needs;	   /* FFPF_NEED_ that anyone above needs */
};

struct ffpf_layout {
	struct ffpf_level *levels;
	size_t n_levels;
	struct ffpf_hop *hops;
	size_t n_hops;
};

/* Lays out counters and state of a placed graph. */
struct ffpf_layout *ffpf_layout_new(struct ffpf_graph *graph);
struct ffpf_level *ffpf_layout_level(const struct ffpf_layout *layout, const struct ffpf_flowspace *flowspace);
/* The in-flow of a level's table that edge f->in[i] crosses on; f is above the level, the edge is of it or comes from
 * below. */
unsigned ffpf_layout_inflow(const struct ffpf_level *level, const struct ffpf_function *f, size_t i);
/*
 * Which in-flows of a level's table a source's packets can take: slot[k] (n_inflows of them) is a number from 0 on, or
 * UINT_MAX. Returns how many can.
 */
unsigned ffpf_layout_slots(const struct ffpf_graph *graph, const struct ffpf_level *level, unsigned source,
			   unsigned *slot);
/* How a source's packets come from the next lower level, go to the next higher one; NULL: not inside the kernel. */
const struct ffpf_hop *ffpf_layout_hop_from(const struct ffpf_layout *layout, const struct ffpf_flowspace *lower,
					    unsigned source);
const struct ffpf_hop *ffpf_layout_hop_to(const struct ffpf_layout *layout, const struct ffpf_flowspace *upper,
					  unsigned source);
/* Private to layout.c: the tables of in-flows, arrivals and hops, when the counts of all functions are laid. */
void ffpf_layout_crossings(struct ffpf_graph *graph, struct ffpf_layout *layout);
void ffpf_layout_traces(struct ffpf_graph *graph, struct ffpf_layout *layout);
struct ffpf_count ffpf_layout_count(struct ffpf_level *level, const struct ffpf_function *f, bool bytes);

/* Sets the cells of a level's functions that do not begin at zero: one slot's cells, and the shared ones (may be NULL).
 */
void ffpf_layout_initial_cells(const struct ffpf_graph *graph, const struct ffpf_flowspace *level, uint64_t *cells,
			       uint64_t *shared);

/* What the builder must know of a function's state. Its program's maps are those of the level. */
struct ffpf_state_map ffpf_layout_state(const struct ffpf_function *function);

/*
 * Builds the packet program of each function whose class is not built in once by itself, and verifies it: others'
 * mistakes are diagnostics at the function, and never reach a program that is run. 0 or -EINVAL (reported).
 */
int ffpf_check_foreign(const struct ffpf_graph *graph, const struct ffpf_layout *layout);

struct ffpf_fused {
	struct ffpf_program **pieces; /* run one after the other */
	size_t n_pieces;
	unsigned n_flags;      /* scratch words over all pieces */
	unsigned trace_number; /* scratch word: the number of a followed packet; UINT_MAX: none are followed */
	bool verdicts;
	/* natives_apart: what runs behind each piece, but the last */
	struct ffpf_native_call {
		const struct ffpf_function *function;
		unsigned word; /* scratch word with the class that it gets; 0: the packet does not come to it */
	} * calls;
	unsigned result; /* scratch word in which the next piece finds what it made of the packet */
};

struct ffpf_fuse_options {
	unsigned piece_functions; /* functions per piece at most */
	bool optimise;
	bool natives_apart; /* C code runs between pieces, not within; each piece but the last ends before such a
			     * function
			     */
	bool report;	    /* classes may report into the graph's diagnostics, which are still there */
	bool take;	    /* what reaches the end of the flow is kept from the network stack */
	/*
	 * Only the functions whose packets this one of the level has changed last (ffpf_fuse_next_stage); ghost 0 is
	 * the class that it gave the packet, ghost 1 its number where packets are followed. NULL: those whose packets
	 * nobody of the level has changed.
	 */
	const struct ffpf_function *stage;
};

/* The next of a source's stages on a level, in the order of the packets; *stage is NULL before the first. */
bool ffpf_fuse_next_stage(const struct ffpf_graph *graph, const struct ffpf_flowspace *level, unsigned source,
			  const struct ffpf_function **stage);

/*
 * Builds the program of one level for one source (number in graph->sources). 0; -EINVAL when a class reported an error
 * into the graph's diagnostics; *out->pieces is empty (n_pieces 0) when nothing of this source reaches the level.
 */
int ffpf_fuse(struct ffpf_graph *graph, const struct ffpf_layout *layout, const struct ffpf_flowspace *level,
	      unsigned source, const struct ffpf_fuse_options *options, struct ffpf_arena *arena,
	      struct ffpf_fused *out);

#endif
