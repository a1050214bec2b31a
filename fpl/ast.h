/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The syntax tree of an FPL text, and what checking adds to it.
 *
 * The parser (lexer.l, parser.y, build.c) says what was written: every name is just a name, a declaration is a kind, a
 * name and words. check*.c finds out what is meant and notes it in the members marked "check". Places are byte ranges
 * of the text. Everything lives in the arena of the program.
 */
#ifndef FPL_AST_H
#define FPL_AST_H

#include <fpl/type.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fpl_field;
struct fpl_symbol;
struct fpl_event;

/* Bytes [start, end) of the text. */
struct fpl_place {
	uint32_t start, end;
};

enum fpl_operator {
	FPL_OP_NONE,
	FPL_OP_ADD,
	FPL_OP_SUB,
	FPL_OP_MUL,
	FPL_OP_DIV,
	FPL_OP_MOD,
	FPL_OP_AND,
	FPL_OP_OR,
	FPL_OP_XOR,
	FPL_OP_LSH,
	FPL_OP_RSH,
	FPL_OP_EQ,
	FPL_OP_NE,
	FPL_OP_LT,
	FPL_OP_LE,
	FPL_OP_GT,
	FPL_OP_GE,
	FPL_OP_BOTH,   /* && */
	FPL_OP_EITHER, /* || */
	FPL_OP_ELSE,   /* ?? */
	FPL_OP_NOT,
	FPL_OP_NEGATE,
	FPL_OP_INVERT,
};

enum fpl_expr_kind {
	FPL_E_CONSTANT, /* number, time, address, bool: number[], and bits of a prefix */
	FPL_E_TEXT,	/* "…" */
	FPL_E_NAME,	/* text */
	FPL_E_MEMBER,	/* a.text */
	FPL_E_INDEX,	/* a[args] */
	FPL_E_SLICE,	/* a[args[0]:args[1]] */
	FPL_E_CALL,	/* a(args) */
	FPL_E_UNARY,	/* op a */
	FPL_E_BINARY,	/* a op b */
	FPL_E_CHOICE,	/* a ? b : c */
	FPL_E_IN,	/* a in b */
	FPL_E_SET,	/* {args}, of which some are ranges */
	FPL_E_RANGE,	/* a..b */
	FPL_E_WRONG,	/* not understood; was reported */
};

/* What an expression turned out to be. */
enum fpl_meaning {
	FPL_M_NONE,
	FPL_M_CONSTANT, /* number[] */
	FPL_M_PARAM,	/* symbol: a parameter's value, constant for an instance */
	FPL_M_LOCAL,	/* symbol */
	FPL_M_FIELD,	/* field: a name of the packet */
	FPL_M_CLASS,	/* the class that the packet came with */
	FPL_M_BYTES,	/* bytes of the packet or its payload: args */
	FPL_M_CELL,	/* symbol: a scalar, counter, max or min */
	FPL_M_ELEMENT,	/* symbol: an element of an array; args[0] */
	FPL_M_ENTRY,	/* symbol: an entry of a table; args; method says whether it is put when it is not there */
	FPL_M_COLUMN,	/* a column of the entry a (word, word 2 for IPv6) */
	FPL_M_NEW,	/* was the entry a put just now? */
	FPL_M_METHOD,	/* a method of a kind of state: symbol, method; args */
	FPL_M_CAST,	/* args[0] as another type */
	FPL_M_BUILTIN,	/* a function of the language: builtin; args */
	FPL_M_CALL,	/* a function class, called: call */
	FPL_M_OTHER,	/* a result of another function of the graph: other */
	FPL_M_OPERATION,
};

enum fpl_builtin { FPL_B_MIN, FPL_B_MAX, FPL_B_LOG2, FPL_B_HASH, FPL_B_RANDOM, FPL_B_GIVEN, FPL_B_REQUIRE };

struct fpl_expr {
	enum fpl_expr_kind kind;
	unsigned depth; /* of the tree below */
	struct fpl_place place;
	enum fpl_operator op;
	struct fpl_expr *a, *b, *c;
	struct fpl_expr **args;
	size_t n_args;
	const char *text;   /* NAME, MEMBER, TEXT */
	uint64_t number[2]; /* CONSTANT: the value; IPv6: high and low half */
	uint8_t bits;	    /* CONSTANT: prefix length */
	/* check */
	bool checked;
	enum fpl_kind type;
	enum fpl_meaning meaning;
	bool optional; /* may be absent */
	const struct fpl_field *field;
	struct fpl_symbol *symbol;
	enum fpl_builtin builtin;
	unsigned word;	    /* COLUMN */
	unsigned method;    /* METHOD; ENTRY: 1: is put when it is not there */
	bool payload;	    /* BYTES */
	unsigned inner;	    /* BYTES */
	unsigned number_of; /* CALL, OTHER, IN with a set of its own: its number */
};

enum fpl_stmt_kind {
	FPL_S_LET,
	FPL_S_ASSIGN, /* a op= b */
	FPL_S_CALL,   /* a */
	FPL_S_IF,
	FPL_S_SWITCH,
	FPL_S_FOR,
	FPL_S_RETURN, /* a, or NULL */
	FPL_S_EMIT,
	FPL_S_DELETE, /* a */
	FPL_S_BLOCK,
	FPL_S_BREAK,
	FPL_S_CONTINUE,
	FPL_S_DECLARATION,
};

struct fpl_case {
	struct fpl_expr **labels; /* none: default */
	size_t n_labels;
	struct fpl_stmt *body; /* BLOCK */
	struct fpl_place place;
};

/* NAME: value; in emit and in declarations. */
struct fpl_part {
	const char *name; /* NULL: none written */
	struct fpl_place place;
	struct fpl_expr *value;
};

struct fpl_stmt {
	enum fpl_stmt_kind kind;
	unsigned depth; /* of the tree below */
	struct fpl_place place;
	const char *name; /* LET, FOR, EMIT */
	struct fpl_place name_place;
	struct fpl_expr *type; /* LET: as written, NULL: none */
	enum fpl_operator op;
	struct fpl_expr *a, *b;
	struct fpl_stmt *body, *other;
	struct fpl_stmt **list; /* BLOCK */
	size_t n_list;
	struct fpl_case *cases;
	size_t n_cases;
	struct fpl_part *parts; /* EMIT */
	size_t n_parts;
	struct fpl_declaration *declaration;
	/* check */
	struct fpl_symbol *symbol; /* LET, FOR */
	struct fpl_event *event;
};

enum fpl_word_kind { FPL_W_NAME, FPL_W_NUMBER, FPL_W_TEXT, FPL_W_RANGE, FPL_W_EXPR };

/* One of the words behind a declaration: `size 100k`, "doc", 1..10. */
struct fpl_word {
	enum fpl_word_kind kind;
	struct fpl_place place;
	const char *text;
	struct fpl_expr *value; /* NUMBER, EXPR, RANGE */
};

/* KIND NAME[keys]: type = value words; */
struct fpl_declaration {
	const char *kind;
	struct fpl_place kind_place;
	const char *name; /* NULL: none (manual, example) */
	struct fpl_place name_place;
	struct fpl_part *keys;
	size_t n_keys;
	bool has_keys;
	struct fpl_part *columns; /* type {a: …} */
	size_t n_columns;
	bool has_columns;
	struct fpl_expr *type; /* a name, or a choice of names: SET */
	struct fpl_expr *value;
	struct fpl_word *words;
	size_t n_words;
	struct fpl_place place;
	bool wrong;
};

#endif
