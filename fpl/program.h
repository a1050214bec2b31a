/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A checked FPL program, and what stands between the files that make one.
 *
 *     text ─parse.c─▶ tree ─declare*.c, check*.c─▶ struct fpl_program ─class.c─▶ struct ffpf_class
 *                                                       │ for each function of a graph
 *                                                       ▼
 *                       parameters' values ─bind.c─▶ struct fpl_bound (schema) ─emit*.c─▶ packet program
 *
 * What a program says is checked once, when its class is made; only what depends on parameters (sizes, files) waits for
 * an instance. After that, building can't fail.
 */
#ifndef FPL_PROGRAM_H
#define FPL_PROGRAM_H

#include <ffpf/class.h>
#include <ffpf/ir.h>
#include <fpl/ast.h>
#include <fpl/fill.h>
#include <fpl/kinds.h>
#include <fpl/packet.h>
#include <fpl/source.h>

#define FPL_SYMBOLS_MAX 256
#define FPL_LOCALS_MAX 256
#define FPL_LOOPS_MAX 64 /* within each other */
/* Words of a table's entry. */
#define FPL_COLUMNS_MAX 32
#define FPL_TABLE_SIZE 65536
#define FPL_TABLE_SIZE_MAX 16000000
/* Expressions and statements, loops unrolled, of one program: what any level could still take is less. */
#define FPL_COST_MAX 60000

enum fpl_symbol_kind {
	FPL_Y_LOCAL,
	FPL_Y_PARAM,
	FPL_Y_CELL,
	FPL_Y_ARRAY,
	FPL_Y_TABLE,
	FPL_Y_KIND,
};

enum fpl_cell { FPL_C_COUNTER, FPL_C_MAX, FPL_C_MIN, FPL_C_SCALAR };

/* A column of a table's entries. */
struct fpl_column {
	const char *name; /* NULL: the entry has only this one, and it is meant by the entry itself */
	enum fpl_kind type;
	bool counter; /* += is atomic */
	bool moment;  /* a time: moments are put into it, and not only spans */
	unsigned word;
};

struct fpl_symbol {
	enum fpl_symbol_kind kind;
	size_t index; /* in the program's symbols; not of a LOCAL */
	const char *name, *doc;
	struct fpl_place place;
	enum fpl_kind type; /* LOCAL, PARAM, CELL, ARRAY (of its elements) */
	bool used;
	bool moment; /* LOCAL, CELL, ARRAY: as of a column */
	/* LOCAL */
	unsigned local;		  /* its number; an IPv6 address, and an entry, take two */
	struct fpl_symbol *table; /* of an entry */
	bool loop;		  /* of a for: can't be set */
	unsigned scope;
	/* PARAM */
	unsigned param;
	enum ffpf_type param_type;
	const char *const *choices;
	/* CELL, ARRAY, KIND; TABLE: of the counter of what found no room */
	unsigned field;
	enum fpl_cell cell;
	enum ffpf_unit unit;
	uint64_t initial;
	/* ARRAY, TABLE: number of elements, and where a parameter gives it */
	uint64_t size;
	struct fpl_symbol *size_param;
	struct fpl_expr *size_place;
	/* TABLE */
	unsigned map;
	enum ffpf_map_kind map_kind;
	struct fpl_key_part *key;
	enum fpl_kind *key_types;
	unsigned n_key;
	struct fpl_column *columns;
	unsigned n_columns, n_words;
	bool counts_full, adds;
	bool set;		       /* it has no columns: only who is in it */
	const char *from;	       /* its entries come from a file … */
	struct fpl_symbol *from_param; /* … whose name is a parameter's */
	const struct fpl_fill *fill;   /* … of this format; NULL: lines of keys */
	struct fpl_place from_place;
	/* KIND */
	struct fpl_kind_decl *decl;
	enum fpl_kind *decl_types;			  /* of its key's parts */
	struct fpl_symbol *arguments[FPL_KIND_ARGUMENTS]; /* parameters that give arguments */
	unsigned n_fields;
};

/* names NAME from FILE: numbers that are called so are shown as texts. */
struct fpl_names {
	const char *name;
	struct fpl_place place;
	struct fpl_symbol from; /* only from…, fill: the file as a table has it */
};

/* emit NAME {…} */
struct fpl_event {
	struct fpl_event_decl decl;
	enum fpl_kind types[FPL_KEY_PARTS];
	unsigned field;
	struct fpl_place place;
};

/* A function class that is called. */
struct fpl_call {
	const struct ffpf_class *class;
	struct fpl_expr *expr;
	struct fpl_place place;
	const char *name; /* of its state: BPF0 */
};

/* NAME.RESULT of another function. */
struct fpl_other {
	const char *function, *result;
	struct fpl_place place;
};

struct fpl_program {
	struct ffpf_arena *arena;
	struct fpl_source *source;
	struct fpl_stmt *body;
	/* the header */
	const char *name, *help, *manual, *example;
	struct ffpf_param *params;
	size_t n_params, n_fixed_params; /* of them, first: those of the class FPL itself */
	/* what it keeps */
	struct fpl_symbol *symbols[FPL_SYMBOLS_MAX];
	size_t n_symbols;
	struct fpl_event *events[FPL_SYMBOLS_MAX];
	size_t n_events;
	struct fpl_names *names[FPL_SYMBOLS_MAX];
	size_t n_names;
	struct fpl_call *calls[FPL_SYMBOLS_MAX];
	size_t n_calls;
	struct fpl_other *others[FPL_SYMBOLS_MAX];
	size_t n_others;
	unsigned n_fields, n_maps, n_locals;
	/* what it needs */
	uint32_t demand;
	unsigned needs;
	bool returns; /* somewhere */
	uint64_t cost;
};

/* ---- declare.c, declare_table.c, check*.c: private -----------------------------------------------------------------
 */

struct fpl_checker {
	struct fpl_program *program;
	struct fpl_source *source;
	struct ffpf_arena *arena;
	struct fpl_symbol *locals[FPL_LOCALS_MAX];
	size_t n_locals;
	unsigned scope, loops;
	uint64_t repeat; /* how often what is checked now is built: of all loops around it */
	unsigned hints;
	const struct fpl_expr *set; /* what an assignment sets, for hints */
};

/* Checks a parsed text and finds out what it means. fixed: parameters that it has anyway. */
struct fpl_program *fpl_check_program(struct ffpf_arena *arena, struct fpl_source *source, struct fpl_stmt *body,
				      const struct ffpf_param *fixed, size_t n_fixed);

void fpl_declare(struct fpl_checker *c, struct fpl_declaration *d);
void fpl_declare_table(struct fpl_checker *c, struct fpl_declaration *d);
void fpl_declare_kind(struct fpl_checker *c, struct fpl_declaration *d, const struct fpl_kind_ops *kind);
/* FILE or FORMAT(FILE), the words w[0], w[1] … of a declaration: sets from, from_param, from_place and fill. How many
 * words it took; what is wrong is reported. */
size_t fpl_declare_from(struct fpl_checker *c, struct fpl_symbol *s, const struct fpl_word *w, size_t n);
void fpl_declare_names(struct fpl_checker *c, const struct fpl_declaration *d);
/* When all is declared: is there something of each name? */
void fpl_check_names(struct fpl_checker *c);
/* A new symbol of the program; NULL where there are too many, or the name is taken (reported). */
struct fpl_symbol *fpl_declare_symbol(struct fpl_checker *c, enum fpl_symbol_kind kind, const char *name,
				      struct fpl_place place);
struct fpl_symbol *fpl_declare_counter(struct fpl_checker *c, const char *name, struct fpl_place place);
struct fpl_symbol *fpl_declare_counts(struct fpl_checker *c, const char *name, struct fpl_place place,
				      struct fpl_expr *const *key, size_t n);
/* A number, or the name of a parameter that is one, among a declaration's words. */
bool fpl_declare_number(struct fpl_checker *c, const struct fpl_word *word, uint64_t *number,
			struct fpl_symbol **param);
/* Types by name; FPL_NONE and a message when there is none of that name. */
enum fpl_kind fpl_declare_type(struct fpl_checker *c, const struct fpl_expr *type);
bool fpl_declare_key_part(struct fpl_checker *c, const char *name, enum fpl_kind type, struct fpl_place place,
			  struct fpl_key_part *out);
/* Words that nothing was done with. */
void fpl_declare_leftover(struct fpl_checker *c, const struct fpl_declaration *d, size_t from);
const char *fpl_declare_doc(const struct fpl_declaration *d, size_t *n_words);
bool fpl_declare_unit(struct fpl_checker *c, const struct fpl_word *word, enum ffpf_unit *out);

struct fpl_symbol *fpl_check_find(struct fpl_checker *c, const char *name);
void fpl_check_name(struct fpl_checker *c, struct fpl_expr *e);
void fpl_check_call(struct fpl_checker *c, struct fpl_expr *e);
void fpl_check_index(struct fpl_checker *c, struct fpl_expr *e);
void fpl_check_slice(struct fpl_checker *c, struct fpl_expr *e);
void fpl_check_in(struct fpl_checker *c, struct fpl_expr *e);
/* Types an expression. wanted: what it will be used as, FPL_NONE: anything. */
void fpl_check_expr(struct fpl_checker *c, struct fpl_expr *e);
void fpl_check_number(struct fpl_checker *c, struct fpl_expr *e); /* a number, time or truth value */
void fpl_check_truth(struct fpl_checker *c, struct fpl_expr *e);
/* Can a value of e be put where `type` is wanted? Reports. */
bool fpl_check_fits(struct fpl_checker *c, struct fpl_expr *e, enum fpl_kind type);
void fpl_check_key(struct fpl_checker *c, struct fpl_expr *e, const enum fpl_kind *types, unsigned n);
void fpl_check_block(struct fpl_checker *c, struct fpl_stmt *s);
void fpl_check_cost(struct fpl_checker *c, struct fpl_place place);
/* Which times are moments (moment.c). */
void fpl_find_moments(struct fpl_program *p);
/* The value of a constant expression of numbers; false when it is none. */
bool fpl_check_constant(const struct fpl_expr *e, uint64_t *out);
bool fpl_is_number(enum fpl_kind type);

struct fpl_bound;

/* ---- emit*.c
 * --------------------------------------------------------------------------------------------------------- */

int fpl_emit(const struct ffpf_instance *instance, const struct fpl_bound *bound, struct ffpf_builder *b);

/* ---- class.c
 * --------------------------------------------------------------------------------------------------------- */

/* A class made of a program. */
struct fpl_class {
	struct ffpf_class class; /* first */
	const struct fpl_program *program;
};

/* In the program's arena. */
const struct ffpf_class *fpl_class_make(const struct fpl_program *program);

#endif
