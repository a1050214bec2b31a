/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shapes of terms: what compiled terms have in common when only the constants that they compare with differ.
 *
 * A shape is a decision graph: loads, in the order in which they would reject a short packet, and tests of values that
 * are computed from what was loaded. Two terms have one shape when libpcap's programs for them are the same but for
 * those constants, and constants that are equal in one are equal in the other. What is found out about a shape holds
 * for all its terms, and is found out once.
 *
 * Seen from a chain of terms (`a or b or …`, `a and b and …`) one answer of a term ends the chain, the other goes on. A
 * shape has two views, one for each.
 */
#ifndef FFPF_TRANSLATE_SHAPE_H
#define FFPF_TRANSLATE_SHAPE_H

#include <lib/translate/split.h>

enum value_kind { VALUE_CONST, VALUE_LENGTH, VALUE_LOAD, VALUE_ALU };

/* A number that a program computes. Equal ones are one, over all shapes. */
struct shape_value {
	uint8_t kind;
	uint8_t op;    /* ALU: enum ffpf_alu */
	uint8_t size;  /* LOAD */
	uint32_t a, b; /* ALU: operands; LOAD: a is the base, 0 for none */
	uint32_t k;    /* CONST; LOAD: offset */
};

enum { SHAPE_YES = 1, SHAPE_NO = 2, SHAPE_FIRST };

struct shape_node {
	bool load;
	uint8_t cond;	  /* enum ffpf_cond */
	uint32_t a, b;	  /* values; b 0: compared with a constant */
	uint32_t k;	  /* which of the term's constants */
	uint32_t yes, no; /* LOAD: yes */
};

/* One test on the way to an answer. */
struct shape_literal {
	uint32_t a, b, k;
	uint8_t cond;
	bool truth;
};

/* Where all of these hold, a term ends its chain. */
struct shape_cube {
	struct shape_literal *literals;
	size_t n;
};

struct shape_view {
	uint32_t done; /* the answer that ends the chain */
	/*
	 * What a term loads that goes on: a graph of loads and of the tests that decide about them, as bytes; its
	 * constants are those of the term that are listed. A term is sure to load nothing that is not there when one of
	 * the same graph and constants has gone on before it.
	 */
	const uint8_t *loads;
	size_t n_loads;
	const uint32_t *constants;
	size_t n_constants;
	/* All ways to end the chain; n_cubes 0: too many. */
	struct shape_cube *cubes;
	size_t n_cubes;
};

struct shape {
	struct shape *next;
	const uint8_t *key;
	size_t n_key;
	struct shape_node *nodes; /* from SHAPE_FIRST on; successors before predecessors */
	size_t n, capacity;
	uint32_t root;
	bool opaque; /* it does what a decision graph can't say */
	struct shape_view *views[2];
};

enum { SHAPE_BUCKETS = 1024 };
struct shapes {
	struct ffpf_arena *arena;
	struct shape_value *values; /* [0] unused */
	size_t n_values, values_capacity;
	struct shape *buckets[SHAPE_BUCKETS];
};

/* A term, or a few that are joined, as an instance of its shape. */
struct shaped {
	const struct shape *shape; /* NULL: too large for one */
	const uint32_t *constants;
	size_t n_constants;
};

void shapes_init(struct shapes *shapes, struct ffpf_arena *arena);
struct shaped shape_of(struct shapes *shapes, const struct filter_node *node);
/* done: SHAPE_YES or SHAPE_NO. */
const struct shape_view *shape_view(struct shapes *shapes, const struct shape *shape, uint32_t done);

/* Does each way to end the chain ask for values that lie as far behind as all that is loaded on it? */
bool shape_asks_for_all(const struct shapes *shapes, const struct shape *shape, const struct shape_view *view);

/* shape_graph.c: fills in nodes and root, or opaque */
void shape_build(struct shapes *shapes, struct shape *shape, const struct filter_node *node, const uint32_t *constants,
		 size_t n_constants);
uint32_t shape_value(struct shapes *shapes, const struct shape_value *value);

#endif
