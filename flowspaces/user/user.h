/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user flowspace's parts, among themselves.
 *
 *   user.c     the ops table: what it offers, C classes, packets
 *   engine.c   the programs of all sources, made for the machine; exchanged while packets flow
 *   machine.c  users' programs and the verifier
 *   class_maps.c  maps that function classes announce
 */
#ifndef FFPF_USER_USER_H
#define FFPF_USER_USER_H

#include <flowspaces/user/machine.h>
#include <lib/run/run.h>

extern const struct ffpf_flowspace ffpf_flowspace_user;

/* Fused programs that run one after the other. */
struct user_programs {
	struct ffpf_vm **pieces;
	size_t n;
	uint32_t trace_at; /* in a thread's cells: the number of a followed packet; 0: none are followed */
};

/* What runs for one source's packets; then, for each function that changed them, what is behind it. */
struct engine {
	struct user_programs programs;
	struct user_stage {
		unsigned native;
		struct user_programs programs;
	} * stages;
	size_t n_stages;
	ffpf_vm_loop loop; /* over packets, where one piece is all and needs no more than they say; NULL: one by one */
	uint16_t linktype; /* of its packets */
	bool captured;	   /* packets that were captured at another time: theirs is what helpers give */
};

/* Maps of the programs that share a state. */
struct map_set {
	const struct ffpf_object *object;
	struct user_map {
		struct ffpf_map *map;
		struct ffpf_vm_programs *programs; /* FFPF_MAP_PROGRAMS */
		bool owned;			   /* by this set: else by the one that it took it over from */
	} * maps;				   /* as many as the object has */
	uint32_t first;				   /* number of its first map among all */
	struct ffpf_vm **targets;		   /* that its arrays of programs hold */
	size_t n_targets;
};

/* All that packets run through. It never changes: another one takes its place. */
struct engines {
	struct engine *of; /* per source */
	size_t n;
	const struct ffpf_object_use **uses; /* per function; NULL: no user's program */
	struct map_set *sets;
	unsigned n_sets;
	unsigned *states;	/* per function: its set */
	struct ffpf_vm **apart; /* per function: a program that stands by itself */
	size_t n_functions;
	bool programs; /* there are users' programs: they ask the context for what it says of the packet */
	bool buffers;  /* some of them have a socket buffer as context */
	bool writes;   /* some write to packets: they get a copy */
	struct ffpf_arena *arena;
};

struct native {
	const struct ffpf_native *ops;
	struct ffpf_function *function;
	void **objects; /* one, or one per thread */
	bool failed;
};

/* A packet that a function has changed, until what is behind it has run. */
struct user_changed {
	struct ffpf_packet packet;
	uint32_t ghosts[2]; /* its class, the number under which it is followed */
	bool there;
	uint8_t *copy; /* where programs write to packets: its bytes */
};

struct user_thread {
	struct ffpf_vm_env env; /* first: helpers get it */
	struct user_state *state;
	uint64_t *cells;
	struct ffpf_user_ctx ctx;
	const struct engines *engines; /* during a batch */
	atomic_ullong passes;	       /* odd: in a batch */
	uint8_t *copy;		       /* of a packet that programs may write to */
	struct user_changed *changed;  /* per native: used by those that change packets */
	uint32_t trace_at;	       /* of the programs that are running */
	unsigned number;
};

/* A map that a function announces. */
struct user_class_map {
	const struct ffpf_shown_map *shown;
	struct ffpf_map *map;
};

struct user_state {
	struct ffpf_run *run;
	struct user_class_map *class_maps; /* by their number in the level */
	unsigned n_class_maps;
	_Atomic(struct engines *) engines;
	struct native *natives;
	unsigned n_natives;
	struct user_thread *threads;
	unsigned n_threads;
	uint64_t *cells;
	size_t stride;
	uint64_t *shared, *wanted;
	bool limits;
};

/* Bytes of a packet that programs may write to. */
#define COPY_BYTES (256u << 10)
#define FFPF_USER_WHY 2048

/*
 * Makes the programs of all sources. uses: per function, NULL where it is no user's program; old: where maps are taken
 * over from, or NULL. 0; -errno with a sentence in why.
 */
int ffpf_engines_new(struct user_state *s, const struct ffpf_object_use *const *uses, const struct engines *old,
		     struct engines **out, char *why, size_t size);
/* Frees it with the maps that it owns; NULL-safe. */
void ffpf_engines_free(struct engines *e);

/* The maps that functions announce, with what they are filled with: 0 or -errno (reported). */
int ffpf_user_class_maps_make(struct user_state *s);
void ffpf_user_class_maps_free(struct user_state *s);
bool ffpf_user_class_maps_view(const struct user_state *s, const struct ffpf_function *f, size_t i,
			       struct ffpf_map_view *out);
/* Fills in how a map is read: from its map and number of values. */
void ffpf_user_map_view(struct ffpf_map_view *out);

/* The two of the flowspace's operations. */
bool ffpf_engines_map(void *state, const struct ffpf_function *f, size_t i, struct ffpf_map_view *out);
int ffpf_engines_replace(struct ffpf_run *run, void *state, void *const *data, char *why, size_t size);

/* Calls that generated programs make; user.c. */
extern const struct ffpf_vm_helper_info ffpf_user_calls[];
extern const size_t ffpf_user_n_calls;

#endif
