/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What fuse_nodes.c finds out about a level's functions, and fuse.c builds programs of. Private to the two.
 *
 *   nodes    the functions of this level, and what crosses upward from it, for one source
 *   regions  trees of nodes: each begins with a condition (the source, a ghost, a join's word, the word
 *            of a parent that was cut from its children) and holds whatever has a single input inside
 *   pieces   consecutive regions that go into one program
 */
#ifndef FFPF_GRAPH_FUSE_NODES_H
#define FFPF_GRAPH_FUSE_NODES_H

#include <lib/graph/fuse.h>

#define FUSE_NONE UINT32_MAX

enum node_kind { NODE_FUNCTION, NODE_INFLOW };

struct delivery {
	struct node *from; /* NULL: from below, through the ghost */
	const struct ffpf_label *label;
	unsigned ghost;
	unsigned word; /* of a join */
};

struct node {
	enum node_kind kind;
	struct ffpf_function *f; /* INFLOW: the function above */
	unsigned inflow;
	struct delivery *in;
	size_t n_in;
	struct node **children; /* nested: their single input is this node */
	size_t n_children, children_capacity;
	struct node_edge {
		struct node *join;
		size_t delivery;
	} * joins; /* deliveries into joins */
	size_t n_joins, joins_capacity;
	unsigned out_word; /* set when children were cut off: FUSE_NONE */
	unsigned in_word;  /* of a function that runs between two pieces: the class it gets; else FUSE_NONE */
	unsigned position; /* order of building */
	size_t weight;
	size_t group; /* so many children of one parent, from this one on, are decided about at once; 0: not */
};

/* RESULT: behind a function that runs between two pieces; the first region of a piece. */
enum region_kind { REGION_SOURCE, REGION_INPUT, REGION_CUT, REGION_RESULT };

struct region {
	enum region_kind kind;
	struct node *node;   /* SOURCE, INPUT: the first node; CUT: the parent; RESULT: the function */
	struct node **nodes; /* CUT: children */
	size_t n_nodes;
	bool last; /* CUT: clears the word */
	size_t weight;
};

/* A node whose children are being built. */
struct open {
	struct node **children;
	size_t n_children, next;
	bool in_child;	 /* children[next] is being built, or has been */
	ffpf_val class;	 /* that the children see */
	ffpf_block past; /* of the label before children[next]; 0: none */
	ffpf_block out;	 /* where the node itself ends; 0: it is no function */
	/* children that were decided about at once: where each goes on, and where all do */
	ffpf_block *accepted, joined;
	size_t group_size, group_end; /* 0: none are open */
};

struct fuse {
	struct ffpf_graph *graph;
	const struct ffpf_flowspace *level;
	const struct ffpf_layout *layout;
	unsigned source;
	const struct ffpf_level *below; /* from which the source's packets come; NULL: it runs here */
	const struct ffpf_fuse_options *o;
	struct ffpf_arena *arena;
	struct node **of; /* per function id: its node on this level */
	struct node **nodes;
	size_t n_nodes, nodes_capacity;
	struct region *regions;
	size_t n_regions, regions_capacity;
	struct node **stack; /* room for all nodes */
	struct open *open;
	size_t n_open, open_capacity;
	unsigned n_words;
	unsigned result; /* word: what a function between two pieces gave; FUSE_NONE: there are none */
	unsigned trace_number, trace_crossed; /* words: the followed packet's number, whether it leaves the level */
	bool ssa;
	ffpf_var *vars; /* per word, in SSA */
	struct ffpf_builder *b;
	bool verdicts;
	int error;
};

/* Nodes, none when nothing of the source comes here; then what they are fed by. */
void ffpf_fuse_nodes(struct fuse *u);
/* Regions, in the order of building. */
void ffpf_fuse_regions(struct fuse *u);
/* Words of the joins; all that is above is there. */
void ffpf_fuse_words(struct fuse *u);
/* The instances of n nodes that are functions; in the arena. */
const struct ffpf_instance **ffpf_fuse_instances(struct fuse *u, struct node *const *nodes, size_t n);

/* fuse_trace.c: nothing is built where no packets are followed. Words for it; before the others are laid. */
void ffpf_fuse_trace_words(struct fuse *u);
/* Where a level's program begins and ends; where a source's packet does. */
void ffpf_fuse_trace_begin(struct fuse *u);
void ffpf_fuse_trace_end(struct fuse *u);
void ffpf_fuse_trace_source(struct fuse *u, const struct ffpf_function *source);
/* A function has got the packet with a class, and made a class of it (0: not yet, or nothing). */
void ffpf_fuse_trace_function(struct fuse *u, const struct ffpf_function *f, ffpf_val class, ffpf_val result);
void ffpf_fuse_trace_crossing(struct fuse *u, unsigned inflow, ffpf_val class);
void ffpf_fuse_trace_dropped(struct fuse *u);
/* Functions that go into one piece. */
size_t ffpf_fuse_room(const struct fuse *u);

#endif
