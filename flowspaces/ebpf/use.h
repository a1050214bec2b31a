/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What functions bring along, as flowspaces see it: the maps that they announce; and of the class ebpf which program of
 * which object it is (instance->data of the class; made by flowspaces/user/classes/ebpf.c).
 */
#ifndef FFPF_EBPF_USE_H
#define FFPF_EBPF_USE_H

#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/ebpf/level_maps.h>
#include <lib/graph/graph.h>

/* A program of an object, for both machines. */
struct ffpf_object_ready {
	size_t program; /* in the object */
	struct ffpf_object_code code;
	const struct bpf_insn *verified; /* for userspace's machine; NULL: it refuses it */
};

struct ffpf_object_use {
	const struct ffpf_object *object;
	struct ffpf_object_ready main;
	struct ffpf_object_ready *targets; /* programs that it may tail-call */
	size_t n_targets;
	bool tail_calls;     /* it, or what it calls, makes some */
	bool writes;	     /* it may write to the packet */
	const char *refusal; /* why userspace's machine does not take it; NULL: it does */
	const char *share;   /* functions with the same have one state; NULL: a state of its own */
};

/* NULL for functions of other classes. */
const struct ffpf_object_use *ffpf_object_use(const struct ffpf_function *function);

/*
 * The users' programs of a level's functions, for listings: as they were compiled. *n gets their number; in the arena.
 */
struct ffpf_ebpf_callee *ffpf_object_callees(const struct ffpf_graph *graph, const struct ffpf_flowspace *level,
					     struct ffpf_arena *arena, size_t *n);

/* The number of the state of each function of a level that has one: functions that share have the same. UINT_MAX for
 * others. One entry per function of the graph, in the arena; *n gets the number of states. */
unsigned *ffpf_object_states(const struct ffpf_graph *graph, const struct ffpf_flowspace *level,
			     struct ffpf_arena *arena, unsigned *n);

/* Can two maps be one when a program takes another's place: same name, kind, sizes, entries, flags? */
bool ffpf_object_same_map(const struct ffpf_object_map *x, const struct ffpf_object_map *y);

#endif
