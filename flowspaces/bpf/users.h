/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Users' programs in the kernel: their maps, what they are called by, and giving them a new version; users.c,
 * replace.c.
 */
#ifndef FFPF_BPF_USERS_H
#define FFPF_BPF_USERS_H

#include <flowspaces/ebpf/use.h>
#include <flowspaces/bpf/device.h>

struct ffpf_bpf_ops;
struct ffpf_bpf_state;

/* Maps of the programs that share a state. */
struct ffpf_bpf_set {
	const struct ffpf_object *object; /* gone once a new version has taken its place */
	size_t n_maps;
	struct ffpf_bpf_user_map {
		int fd;	    /* -1: not there */
		bool owned; /* by this set: else by the one that it took it over from */
	} * maps;
	int *targets; /* programs that its arrays of programs hold */
	size_t n_targets;
};

/* The users' programs of all functions of the level. It never changes: another one takes its place. */
struct ffpf_bpf_users {
	const struct ffpf_object_use **uses; /* per function; NULL: no user's program */
	unsigned *states;		     /* per function: its set */
	size_t n_functions;
	struct ffpf_bpf_set *sets;
	unsigned n_sets;
	struct ffpf_ebpf_callee *callees;
	size_t n_callees;
	struct ffpf_arena *arena;
};

/* uses: per function; old: where maps are taken over from, or NULL. 0; -errno with a sentence in why. */
int ffpf_bpf_users_new(struct ffpf_bpf_state *s, const struct ffpf_object_use *const *uses,
		       const struct ffpf_bpf_users *old, struct ffpf_bpf_users **out, char why[FFPF_WHY_MAX]);
/* Closes the maps that it owns; NULL-safe. */
void ffpf_bpf_users_free(struct ffpf_bpf_users *users);
/* The descriptors of maps into a program. */
void ffpf_bpf_users_relocate(const struct ffpf_bpf_users *users, struct ffpf_ebpf_program *code);
/* The licence of programs with these in them: ours where theirs goes with it. */
const char *ffpf_bpf_users_license(const struct ffpf_bpf_users *users);
/*
 * Which of a source's users' programs does the kernel refuse when each is loaded by itself? refused[i] for the function
 * number i, with its words (arena of the graph); returns how many.
 */
size_t ffpf_bpf_users_refused(struct ffpf_bpf_state *s, unsigned source, const char **refused);

/* Can the kernel run it? Else *reason says why not. */
bool ffpf_bpf_users_offers(const struct ffpf_bpf_ops *ops, const struct ffpf_object_use *use, const char **reason);

/* Of the flowspace's operations. */
bool ffpf_bpf_users_map(void *state, const struct ffpf_function *f, size_t i, struct ffpf_map_view *out);
int ffpf_bpf_replace(struct ffpf_run *run, void *state, void *const *data, char *why, size_t size);

#endif
