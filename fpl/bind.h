/* SPDX-License-Identifier: BSD-2-Clause */
/* What an instance makes of a program: the parts that bind.c and bind_file.c share, and that emit*.c reads. */
#ifndef FPL_BIND_H
#define FPL_BIND_H

#include <fpl/program.h>

/* A class that is called. */
struct fpl_bound_call {
	struct ffpf_instance instance;
	const struct ffpf_schema *schema;
	unsigned field, map, wanted; /* where its own begin among ours */
};

/* What an instance does with a symbol of its program. */
struct fpl_use {
	bool reached; /* somewhere that parameters do not rule out */
	bool read, adds;
	bool packets, bytes; /* it counts every packet that comes in, or its bytes */
	unsigned writes;     /* places where it is set or added to */
};

/* instance->data of a class made of a program. */
struct fpl_bound {
	const struct fpl_program *program;
	struct ffpf_schema schema;
	struct fpl_use *uses;	     /* per symbol */
	struct fpl_kind_decl *decls; /* per symbol that is a kind's: with the arguments of this instance */
	struct fpl_bound_call *calls;
};

/*
 * A place of the program as a span of the instance's diagnostics. Those of a class that is loaded once for all graphs
 * do not have its text: then it is where the function stands in the graph.
 */
struct ffpf_span fpl_bind_span(const struct ffpf_instance *instance, const struct fpl_program *program,
			       struct fpl_place place);

/* 0 or -EINVAL (reported into instance->diags). */
int fpl_bind(struct ffpf_instance *instance, const struct fpl_program *program, struct fpl_bound **out);

/* bind_used.c: sets bound->uses. */
void fpl_bind_uses(const struct ffpf_instance *instance, struct fpl_bound *bound);
/* Is it known whether a condition holds, from parameters alone? */
bool fpl_bind_fold(const struct ffpf_instance *instance, const struct fpl_expr *x, bool *out);

/* bind_file.c: fills a table from its file, and makes it as large as that needs. 0 or -errno (reported). */
int fpl_bind_file(struct ffpf_instance *instance, struct ffpf_arena *arena, const struct fpl_symbol *table,
		  struct ffpf_class_map *map);
/* The text of the file that `from` means, as a source of the instance's diagnostics; *source 0: it means none. */
int fpl_bind_source(struct ffpf_instance *instance, struct ffpf_arena *arena, const struct fpl_symbol *from,
		    uint32_t *source);

/* What an instance keeps that has members. */
struct fpl_kept {
	struct ffpf_class_map *maps;
	size_t n_maps;
	struct ffpf_class_table *tables;
	size_t n_tables;
	struct ffpf_class_event *events;
	size_t n_events;
};
/* bind_names.c: gives members that have names their texts. 0 or -errno (reported). */
int fpl_bind_names(struct ffpf_instance *instance, const struct fpl_program *program, struct ffpf_arena *arena,
		   const struct fpl_kept *kept);

#endif
