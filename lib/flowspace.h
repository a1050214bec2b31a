/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a flowspace must implement: one ops table, in the flowspace's own folder.
 *
 * The flowspaces form a tree (lowest = leaf). A flowspace knows only its
 * children, through their stubs: placement asks the root for a function; each
 * flowspace first asks the one child below which all of the function's inputs
 * lie, and takes the function itself when that child refuses. At run time a
 * flowspace instantiates its part of the graph and hands what crosses the barrier to its parent.
 * flowspaces/list.def is the one list.
 */
#ifndef FFPF_FLOWSPACE_H
#define FFPF_FLOWSPACE_H

#include <lib/graph/graph.h>

struct ffpf_run;
struct ffpf_crossing;

struct ffpf_flowspace {
	const char *name;
	const char *help;   /* one line */
	const char *parent; /* name of the flowspace above; NULL for the root */

	/*
	 * Would this flowspace run the function for the packets of its sources? Asked by placement, any number of times;
	 * must hold no resource. On refusal returns false and sets *reason to a sentence for people (arena or static).
	 */
	bool (*offers)(const struct ffpf_flowspace *self, const struct ffpf_graph *graph, const struct ffpf_function *function,
		       const char **reason);
	/*
	 * The packet itself is at this level on its way through the kernel: a verdict given below takes it away from here. False
	 * where copies arrive (user).
	 */
	bool on_path;
	/* What a packet is at this level for a source ("wire frames", "super-packets"); for explain. May be NULL. */
	const char *(*sees)(const struct ffpf_graph *graph, const struct ffpf_function *source);

	/*
	 * Running; see lib/run/run.h. All are called from one thread, in this order; instantiate may fail with -E2BIG or -EACCES
	 * when the kernel refuses a program: the caller then places the functions again without this level.
	 */
	int (*instantiate)(struct ffpf_run *run, void **state);
	int (*activate)(struct ffpf_run *run, void *state);
	void (*deactivate)(struct ffpf_run *run, void *state);
	void (*close)(struct ffpf_run *run, void *state);

	const void *private; /* the implementation's own; fake flowspaces of the tests use it */
};

/* The table: every flowspace of flowspaces/list.def, the root first; *n gets their number. */
const struct ffpf_flowspace *const *ffpf_flowspaces(size_t *n);
const struct ffpf_flowspace *ffpf_flowspace_find(const char *name);

#endif
