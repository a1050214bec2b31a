/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decides for many terms at once whether one of them ends their chain.
 */
#ifndef FFPF_TRANSLATE_CUBES_H
#define FFPF_TRANSLATE_CUBES_H

#include <lib/ir/ir.h>
#include <lib/translate/shape.h>

/* Something that must hold of a value. */
struct literal {
	uint32_t a;
	uint32_t b;   /* TEST: the other value; 0: k */
	uint8_t cond; /* FFPF_EQ: a lies in [k, last]; else a test, which has to answer `truth` */
	bool truth;
	uint32_t k, last;
};

/* All of these hold. */
struct cube {
	const struct literal *literals;
	uint32_t n;
};

struct cubes {
	struct cube *at;
	size_t n, capacity;
};

/* Values that have been computed on the way to a place. */
enum { SHAPE_VALUES_MAX = 64 };
struct shape_values {
	struct {
		uint32_t value;
		ffpf_val v;
	} at[SHAPE_VALUES_MAX];
	unsigned n;
};

/* Computes a value where the builder stands; packets too short for it go to `missing`. there: may be NULL. */
ffpf_val shape_emit(struct ffpf_builder *b, const struct shapes *shapes, uint32_t value, ffpf_block missing,
		    struct shape_values *there);

/* Adds the ways in which a term ends its chain. */
void cubes_add(struct shapes *shapes, struct cubes *cubes, const struct shaped *term, const struct shape_view *view);

/*
 * Emits from the current block on, which it ends: to `found` when one of the cubes holds, else to `missing`. A load
 * outside the packet makes a cube not hold, so this is for terms that are known to load nothing that is not there.
 */
void cubes_emit(struct ffpf_builder *b, struct shapes *shapes, const struct cubes *cubes, ffpf_block found,
		ffpf_block missing);

#endif
