/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kinds of state that are made of cells: histograms, meters, sketches, and the records of events.
 *
 *   kinds.c          the table of kinds
 *   key.c            keys: values → words in cells, and back to bytes for readers
 *   hash.c           hashing, the same number in a packet program and in C
 *   event.c          `emit NAME {…}`: records in a ring of cells
 *   kinds/NAME.c     one kind each
 *
 * A kind is a const struct. The compiler asks it by name, reads a declaration's arguments by its table, puts the fields
 * that it wants into the class's schema, one behind the other, and lets it emit calls of its methods over the number of
 * the first of these fields:
 *
 *     topk heavy[src: IPv4] 20;        fpl_kind_find("topk"); arguments[0] = 20; key = {src}
 *     heavy.add(ip.src, by len)        method "add", arguments = {ip.src}, by = len
 *
 * What a kind shows beyond plain fields it derives when it is read, from the cells of all CPUs.
 */
#ifndef FFPF_FPL_KINDS_H
#define FFPF_FPL_KINDS_H

#include <ffpf/class.h>
#include <ffpf/ffpf.h>
#include <ffpf/ir.h>

struct ffpf_arena;

/* ---- keys and hashes --------------------------------------------------------------------------------------------- */

#define FPL_KEY_PARTS 16
#define FPL_KEY_BYTES 64
#define FPL_KEY_WORDS (FPL_KEY_BYTES / 8)

/* A part of a key, or a member of an event: a number of 1 to 8 bytes, or of 16, which is two values: high and low half.
 */
struct fpl_key_part {
	const char *name;
	uint8_t size; /* bytes */
	uint8_t kind; /* enum ffpf_member_kind: how readers show it */
};

struct fpl_key {
	const struct fpl_key_part *parts; /* at most FPL_KEY_PARTS, and FPL_KEY_BYTES in all */
	unsigned n;
};

/* How many values a key is given as: one for each part, two for one of 16 bytes. */
unsigned fpl_key_values(const struct fpl_key *key);
/* Bytes of the key in results: its parts one behind the other. */
unsigned fpl_key_bytes(const struct fpl_key *key);
/* Puts the low bits of the values into as few 64-bit words as they need; how many. */
unsigned fpl_key_pack(struct ffpf_builder *b, const struct fpl_key *key, const ffpf_val *values,
		      ffpf_val words[FPL_KEY_WORDS]);
unsigned fpl_key_words(const struct fpl_key *key);
/* From these words to bytes, fpl_key_bytes() of them: UNSIGNED, SIGNED and BOOL
 * in host order, all others most significant byte first; and the members that describe them (from the arena). */
void fpl_key_unpack(const struct fpl_key *key, const uint64_t *words, uint8_t *bytes);
struct ffpf_members fpl_key_members(const struct fpl_key *key, struct ffpf_arena *arena);

/*
 * 64 bits of hash over n words (n may be 0): about one multiplication a word, all bits of the result good. It is no
 * secret: who knows it can make keys that collide.
 */
ffpf_val fpl_hash_emit(struct ffpf_builder *b, const ffpf_val *words, unsigned n);
uint64_t fpl_hash(const uint64_t *words, unsigned n);
/* The upper 32 bits of (low half of x) * n: a number below n, evenly, without a division. */
ffpf_val fpl_scale_emit(struct ffpf_builder *b, ffpf_val x, uint32_t n);
uint32_t fpl_scale(uint64_t x, uint32_t n);

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

#define FPL_KIND_ARGUMENTS 4
#define FPL_KIND_FIELDS 16

enum fpl_argument_type {
	FPL_ARGUMENT_NUMBER,
	FPL_ARGUMENT_TIME,   /* nanoseconds */
	FPL_ARGUMENT_CHOICE, /* one of the words in choices: its index */
};

/* An argument of a declaration. They stand in the order of the table; those that are not required may be left out. */
struct fpl_kind_argument {
	const char *name; /* for messages and docs */
	const char *word; /* what is written before the value: "size", "x"; NULL: nothing */
	enum fpl_argument_type type;
	bool required;
	const char *const *choices; /* CHOICE: ends with NULL */
	uint64_t min, max, def;
	const char *doc;
};

/* A declaration of a state of this kind. Kept as long as its program. */
struct fpl_kind_decl {
	const struct fpl_kind_ops *kind;
	const char *name;
	uint64_t arguments[FPL_KIND_ARGUMENTS]; /* defaults where nothing was given: fpl_kind_defaults() */
	bool given[FPL_KIND_ARGUMENTS];
	struct fpl_key key; /* n 0: none was written */
	enum ffpf_unit unit;
	const char *doc; /* NULL: the kind's own */
};

/* A call of a method. */
struct fpl_kind_call {
	struct ffpf_builder *b;
	const struct fpl_kind_decl *decl;
	unsigned field;		   /* the first field of this state */
	const ffpf_val *arguments; /* as the method says; those of 16 bytes are two values */
	unsigned n;
	ffpf_val by; /* `by N`; 0: not written */
	bool wanted; /* the value is used */
};

struct fpl_kind_method {
	const char *name;
	bool key;	  /* arguments are the parts of the declaration's key */
	bool any;	  /* arguments are one value or more, of any type */
	uint8_t numbers;  /* else: so many numbers */
	bool by;	  /* `by N` may follow: how much is added instead of 1 */
	bool gives;	  /* gives a value … */
	bool gives_truth; /* … which is 0 or 1 */
	/* Emits into the builder's block, which may be another one afterwards. The value; 0 where there is none. */
	ffpf_val (*emit)(const struct fpl_kind_call *call);
	const char *doc; /* one line */
};

/* The cells of one state, to derive from. */
struct fpl_kind_cells {
	const uint64_t *cells; /* merged; fields in order, one cell for those that have none */
	/* One CPU's, unmerged, of the whole function (class->derive), of which these begin at `first`. Each call may
	 * overwrite what the one before gave. NULL: the CPU has none. */
	const uint64_t *(*per_cpu)(const void *arg, unsigned cpu);
	unsigned n_cpus;
	const void *arg;
	size_t first;
};

/* Rows that a state shows: keys and values, the most important first. */
struct fpl_kind_rows {
	size_t n;
	const uint8_t *keys;	/* n times fpl_key_bytes() */
	const uint64_t *values; /* n times as many as value_names */
};

struct fpl_kind_ops {
	const char *name;
	const char *doc; /* one line */
	bool key;	 /* NAME[k: TYPE, …] must be written; else it must not */
	const struct fpl_kind_argument *arguments;
	unsigned n_arguments;
	const struct fpl_kind_method *methods;
	unsigned n_methods;
	unsigned needs; /* FFPF_NEED_ */
	/* What is wrong with arguments that are each in their range: static, and which one it is; NULL: nothing. May be
	 * NULL. */
	const char *(*check)(const struct fpl_kind_decl *decl, unsigned *argument);
	/* Its fields; names and texts from the arena. How many. */
	unsigned (*fields)(const struct fpl_kind_decl *decl, struct ffpf_arena *arena,
			   struct ffpf_field out[FPL_KIND_FIELDS]);
	/* Sets out[i] for its i-th field where that is DERIVED. May be NULL. */
	void (*derive)(const struct fpl_kind_decl *decl, const struct fpl_kind_cells *cells, double *out);
	/* Rows, from the arena; NULL: it has none. Each has n_values numbers of these names, in the declaration's unit.
	 */
	void (*rows)(const struct fpl_kind_decl *decl, const struct fpl_kind_cells *cells, struct ffpf_arena *arena,
		     struct fpl_kind_rows *out);
	const char *const *value_names;
	unsigned n_values;
};

/* NULL: no such kind. */
const struct fpl_kind_ops *fpl_kind_find(const char *name);
/* All of them, for docs, completion and spelling hints; NULL behind the last. */
const struct fpl_kind_ops *fpl_kind_at(size_t i);
const struct fpl_kind_method *fpl_kind_method_find(const struct fpl_kind_ops *kind, const char *name);
/* Sets the arguments that were not given. */
void fpl_kind_defaults(struct fpl_kind_decl *decl);
/* Cells that n fields take in the arrays that derive gets. */
size_t fpl_kind_count_cells(const struct ffpf_field *fields, unsigned n);
/* The table of a state that has rows, for the schema; field: its first. The declaration must stay. */
void fpl_kind_table(const struct fpl_kind_decl *decl, unsigned field, struct ffpf_arena *arena,
		    struct ffpf_class_table *out);
/* One CPU's cells of this state; NULL: it has none. */
const uint64_t *fpl_kind_cpu(const struct fpl_kind_cells *cells, unsigned cpu);

/* ---- events ------------------------------------------------------------------------------------------------------ */

/* Records of one CPU that wait to be read; a power of two. */
#define FPL_EVENT_SLOTS 1024
#define FPL_EVENT_FIELDS 2

/* emit NAME { a: E, b: E } */
struct fpl_event_decl {
	const char *name;
	const char *doc; /* may be NULL */
	bool time;	 /* records have the packet's time: then the function needs FFPF_NEED_TIME */
	struct fpl_key members;
};

/* The fields that its ring takes. How many. */
unsigned fpl_event_fields(const struct fpl_event_decl *decl, struct ffpf_arena *arena,
			  struct ffpf_field out[FPL_EVENT_FIELDS]);
/* What readers are told of it, for the schema; field: the first of these. The declaration must stay. */
void fpl_event_describe(const struct fpl_event_decl *decl, unsigned field, struct ffpf_arena *arena,
			struct ffpf_class_event *out);
/* Writes a record; values as for a key, no wider than their parts. */
void fpl_event_emit(struct ffpf_builder *b, const struct fpl_event_decl *decl, unsigned field, const ffpf_val *values);

#endif
