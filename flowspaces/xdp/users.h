/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Users' programs in the kernel: their maps, what they are called by, and giving them a new version; users.c,
 * replace.c.
 */
#ifndef FFPF_XDP_USERS_H
#define FFPF_XDP_USERS_H

#include <flowspaces/ebpf/use.h>
#include <flowspaces/xdp/device.h>

struct xdp_state;

/* Maps of the programs that share a state. */
struct xdp_set {
	const struct ffpf_object *object; /* gone once a new version has taken its place */
	size_t n_maps;
	struct xdp_user_map {
		int fd;	    /* -1: not there */
		bool owned; /* by this set: else by the one that it took it over from */
	} * maps;
	int *targets; /* programs that its arrays of programs hold */
	size_t n_targets;
};

/* The users' programs of all functions of the level. It never changes: another one takes its place. */
struct xdp_users {
	const struct ffpf_object_use **uses; /* per function; NULL: no user's program */
	unsigned *states;		     /* per function: its set */
	size_t n_functions;
	struct xdp_set *sets;
	unsigned n_sets;
	struct ffpf_ebpf_callee *callees;
	size_t n_callees;
	struct ffpf_arena *arena;
};

/* uses: per function; old: where maps are taken over from, or NULL. 0; -errno with a sentence in why. */
int xdp_users_new(struct xdp_state *s, const struct ffpf_object_use *const *uses, const struct xdp_users *old,
		  struct xdp_users **out, char why[FFPF_WHY_MAX]);
/* Closes the maps that it owns; NULL-safe. */
void xdp_users_free(struct xdp_users *users);
/* The descriptors of maps into a program. */
void xdp_users_relocate(const struct xdp_users *users, struct ffpf_ebpf_program *code);
/* The licence of programs with these in them: ours where theirs goes with it. */
const char *xdp_users_license(const struct xdp_users *users);
/*
 * Which of a source's users' programs does the kernel refuse when each is loaded by itself? refused[i] for the function
 * number i, with its words (arena of the graph); returns how many.
 */
size_t xdp_users_refused(struct xdp_state *s, unsigned source, const char **refused);

/* Can the kernel run it? Else *reason says why not. */
bool xdp_users_offers(const struct ffpf_object_use *use, const char **reason);

/* Of the flowspace's operations. */
bool xdp_users_map(void *state, const struct ffpf_function *f, size_t i, struct ffpf_map_view *out);
int xdp_replace(struct ffpf_run *run, void *state, void *const *data, char *why, size_t size);

#endif
