/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formats of files that fill tables: `hash NAME[…]: {…} from FORMAT(FILE)`. A format reads the file and gives the
 * entries; what a program does with them is its own matter. Or it gives texts for numbers:
 * `names NAME from FORMAT(FILE)`.
 *
 * To add one: a struct fpl_fill, and a line in fill.c.
 */
#ifndef FPL_FILL_H
#define FPL_FILL_H

#include <ffpf/diag.h>
#include <fpl/kinds.h>
#include <stddef.h>
#include <stdint.h>

struct ffpf_arena;

/* Entries: n keys, each part most significant byte first, and their values. In the arena. */
struct fpl_filling {
	size_t n;
	const uint8_t *keys;
	const uint64_t *values;
};

/* What numbers from 0 on stand for; NULL: nothing. In the arena. */
struct fpl_texts {
	size_t n;
	const char *const *list;
};

struct fpl_fill {
	const char *name;
	const char *doc;	    /* one line */
	uint8_t key[FPL_KEY_PARTS]; /* bytes of the parts of its keys, 0 behind the last */
	unsigned words;		    /* of its values */
	/* For `names`, instead of entries: key and words are 0, read is NULL. 0 or -errno, reported. */
	int (*read_texts)(struct ffpf_arena *arena, struct ffpf_diags *diags, uint32_t source, struct fpl_texts *out);
	/* source: the file's text, a source of diags, where mistakes are reported. 0 or -errno, reported. */
	int (*read)(struct ffpf_arena *arena, struct ffpf_diags *diags, uint32_t source, struct fpl_filling *out);
};

/* NULL: no such format. */
const struct fpl_fill *fpl_fill_find(const char *name);
/* All of them, for hints and docs; NULL behind the last. */
const struct fpl_fill *fpl_fill_at(size_t i);

#endif
