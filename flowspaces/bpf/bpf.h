/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What levels have in common whose programs the kernel runs: struct ffpf_bpf_ops says what differs.
 *
 *   level.c    what it offers, instantiating, activating: most of a flowspace's operations
 *   maps.c     the maps of a graph, shared by the programs of all its devices
 *   doorbell.c what wakes sleeping readers
 *   load.c     programs: fuse, generate, relocate, load; in pieces where one is too big
 *   users.c    users' own programs and their maps
 *   class_maps.c  maps that function classes announce
 *   map_view.c    reading either
 *   replace.c  new versions of them while packets flow
 *   room.c     how much can go along with a packet
 *   tap.c      copies of packets for who watches a running graph; tap.h lists the files
 *   replay.c   savefiles through the kernel's test runner
 *   device.h   devices
 */
#ifndef FFPF_BPF_BPF_H
#define FFPF_BPF_BPF_H

#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/bpf/device.h>
#include <flowspaces/bpf/users.h>
#include <lib/run/run.h>

struct ffpf_bpf_state;
struct ffpf_bpf_source;

/* What a level has of its own. */
struct ffpf_bpf_ops {
	const struct ffpf_flowspace *flowspace;
	const char *title; /* of its programs, in messages: "XDP" */
	enum bpf_prog_type type;
	enum bpf_attach_type attach_type; /* that programs are loaded for; 0: none */
	uint32_t program_flags;
	enum ffpf_ebpf_target fast, slow;
	const char *context; /* the struct that r1 points to, and its size: for the kernel's types */
	size_t context_bytes;
	enum ffpf_object_context users; /* what users' programs must be for, and why others are refused */
	const char *users_refusal;
	/*
	 * C code runs between the pieces of a program (kernel/include/ffpf_kmod.h), and what goes up to userspace is
	 * left in scratch memory for whoever runs them, who has rings of his own.
	 */
	bool apart;
	/* Why the level can't run the function, beyond what holds for all of them; NULL: it can. May be NULL. */
	const char *(*refuses)(const struct ffpf_graph *graph, const struct ffpf_function *function);
	/* Why packets of the source can't take classes along from here (an XDP level only); NULL: they can, as far as
	 * is known. In the arena. May be NULL. */
	const char *(*no_metadata)(const struct ffpf_graph *graph, unsigned source);
	/* Notices of what will become of attaching, for a dry run; touches nothing. May be NULL. */
	void (*probe)(struct ffpf_run *run, const struct ffpf_function *source, unsigned ifindex);
	/* x->fds[0] to the source's device; what fell back goes into notice. 0; -errno with a sentence in why. */
	int (*attach)(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, char notice[FFPF_WHY_MAX],
		      char why[FFPF_WHY_MAX]);
	/* Gives what is attached the programs of `fresh`, in one step for its packets. 0 or -errno. */
	int (*exchange)(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, const struct ffpf_bpf_source *fresh);
	/* Is the device that it is attached to gone? */
	bool (*gone)(const struct ffpf_bpf_source *x);
	void (*detach)(struct ffpf_bpf_source *x); /* safe on what is not attached */
};

/* A map whose memory is mapped here. */
struct ffpf_bpf_map {
	int fd; /* -1: not there */
	void *memory;
	size_t bytes;
	size_t entry; /* bytes from one entry to the next */
};

struct ffpf_bpf_bell {
	int fd;		    /* readable when rung */
	uint64_t *consumer; /* positions in bytes */
	const uint64_t *producer;
};

/* A map that a function announces. */
struct ffpf_bpf_class_map {
	const struct ffpf_shown_map *shown;
	int fd; /* -1: not there */
};

struct ffpf_bpf_maps {
	struct ffpf_bpf_map map[FFPF_SYMBOLS];
	struct ffpf_bpf_bell *bells;
	unsigned n_bells; /* as many as CPUs, or one */
	unsigned n_cpus;
	uint32_t stride;
	uint64_t ring_size;
	uint32_t largest;
	uint64_t ibuf_bytes;
	struct ffpf_bpf_class_map *class_maps; /* by their number in the level */
	unsigned n_class_maps;
	int taps[FFPF_TAPS_MAX]; /* descriptors; 0: there is no such tap */
	bool *changed;		 /* by number: programs change it or its entries */
};

/* One of a source's programs, in the order in which they run. */
struct ffpf_bpf_piece {
	unsigned stage;	 /* its number: 0 is the packet that came, the others those that functions made of it */
	unsigned number; /* in the stage */
	const struct ffpf_function *native; /* ops->apart: the C code that runs behind it; NULL: none does */
	unsigned makes;			    /* the stage that this code makes packets for; 0: none */
};

struct ffpf_bpf_source {
	unsigned source; /* number in the graph */
	uint8_t dir;	 /* enum ffpf_dir: a device both of whose directions are seen has two of these */
	int *fds;	 /* pieces of the fast program, then of the slow one */
	size_t n_fds;
	size_t n_pieces; /* of either, over all stages */
	struct ffpf_bpf_piece *pieces;
	int programs_fd; /* program arrays are emptied when the last descriptor goes */
	struct ffpf_attachment attachment;
	bool own; /* what happens to the device is looked after here: its source is of this level, and it is what comes
		     in */
	uint64_t drops_before, drops; /* the device's own counter: at activation, when last looked at */
	int promisc_fd;
	struct ffpf_bpf_reference *reference; /* replay: what the test runner can't take runs here */
};

struct ffpf_bpf_reference {
	struct ffpf_arena *arena;
	struct ffpf_fused fused;
};

/* Programs that a packet may still be in. */
struct ffpf_bpf_retired {
	struct ffpf_bpf_retired *next;
	struct ffpf_bpf_source source; /* its descriptors */
	struct ffpf_bpf_users *users;  /* that they use; or NULL */
	uint64_t since;		       /* CLOCK_MONOTONIC */
};

struct ffpf_bpf_state {
	const struct ffpf_bpf_ops *ops;
	struct ffpf_run *run;
	const struct ffpf_level *level;
	struct ffpf_bpf_maps maps;
	struct ffpf_bpf_source *sources;
	size_t n_sources;
	unsigned n_flags;    /* over all programs */
	unsigned n_ghosts;   /* slots of what comes up from a level below, at most, and of stages */
	unsigned stage_slot; /* the first of stages: a packet's class, then numbers of followed ones, by stage */
	bool limits;
	struct ffpf_bpf_replay *replay;
	struct ffpf_bpf_users *users; /* NULL: the graph has none here */
	struct ffpf_bpf_retired *retired;
	void *feeds[FFPF_TAPS_MAX]; /* of taps; NULL: there is no such tap */
	int *tap_events;	    /* by tap and CPU, -errno where there is none; NULL: opened when they are needed */
	unsigned n_tap_events;
	bool tap_events_tell;
	atomic_ullong passes; /* odd: a batch is being replayed */
	void *own;	      /* the level's */
};

/* Tail calls in a row that the kernel allows, less those into the slow program. */
#define FFPF_BPF_PIECES_MAX 30
/* Stages of one source. */
#define FFPF_BPF_STAGES_MAX 8

/*
 * Operations of a flowspace (lib/flowspace.h): those that get one find its struct ffpf_bpf_ops as self->private, the
 * others take the state that instantiate made.
 */
bool ffpf_bpf_offers(const struct ffpf_flowspace *self, const struct ffpf_graph *graph,
		     const struct ffpf_function *function, const char **reason);
int ffpf_bpf_instantiate(const struct ffpf_flowspace *self, struct ffpf_run *run, void **state);
int ffpf_bpf_probe(const struct ffpf_flowspace *self, struct ffpf_run *run);
int ffpf_bpf_list(const struct ffpf_flowspace *self, const struct ffpf_graph *graph, const struct ffpf_layout *layout,
		  bool bytecode, FILE *out);
int ffpf_bpf_activate(struct ffpf_run *run, void *state);
void ffpf_bpf_deactivate(struct ffpf_run *run, void *state);
void ffpf_bpf_watch(struct ffpf_run *run, void *state);
void ffpf_bpf_close(struct ffpf_run *run, void *state);
uint64_t ffpf_bpf_missed(void *state, const struct ffpf_function *source);
void ffpf_bpf_replay(void *state, const struct ffpf_packet *packets, size_t n);
bool ffpf_bpf_map(void *state, const struct ffpf_function *f, size_t i, struct ffpf_map_view *out);

int ffpf_bpf_tap_open(void *state, unsigned number, size_t *bytes, void **feed, char *why, size_t size);
unsigned ffpf_bpf_tap_read(void *feed, bool last,
			   void (*take)(void *arg, const struct ffpf_packet *packet, uint32_t class), void *arg);
uint64_t ffpf_bpf_tap_lost(void *feed);
void ffpf_bpf_tap_events_reserve(struct ffpf_bpf_state *s); /* while this process has its privileges */
void ffpf_bpf_tap_events_close(struct ffpf_bpf_state *s);
void ffpf_bpf_tap_close(void *state, unsigned number, void *feed);

/* Members of a level's struct ffpf_flowspace: what is the same for all of them, */
#define FFPF_BPF_LEVEL(ops_of_level)                                                                                   \
	.private = &(ops_of_level), .on_path = true, .offers = ffpf_bpf_offers, .probe = ffpf_bpf_probe,               \
	.watch = ffpf_bpf_watch, .missed = ffpf_bpf_missed, .map = ffpf_bpf_map, .replace = ffpf_bpf_replace,          \
	.tap_open = ffpf_bpf_tap_open, .tap_read = ffpf_bpf_tap_read, .tap_lost = ffpf_bpf_tap_lost,                   \
	.tap_close = ffpf_bpf_tap_close, .list = ffpf_bpf_list
/* and what is so where nobody but the kernel runs its programs. */
#define FFPF_BPF_LEVEL_ATTACHES                                                                                        \
	.instantiate = ffpf_bpf_instantiate, .activate = ffpf_bpf_activate, .deactivate = ffpf_bpf_deactivate,         \
	.close = ffpf_bpf_close, .replay = ffpf_bpf_replay

/* Members of the struct ffpf_bpf_ops of levels whose programs get packets as the stack has them. */
#define FFPF_BPF_SKB_PROGRAMS                                                                                          \
	.title = "tc", .type = BPF_PROG_TYPE_SCHED_CLS, .fast = FFPF_EBPF_TC, .slow = FFPF_EBPF_TC_SLOW,               \
	.context = "__sk_buff", .context_bytes = sizeof(struct __sk_buff), .users = FFPF_OBJECT_SKB,                   \
	.users_refusal = "programs of the sections tc and classifier run here, and it is of another"

/* Is the source a device (and no savefile)? */
bool ffpf_bpf_is_device(const struct ffpf_function *source);
/* A device's: bits 1 << FFPF_DIR_IN, 1 << FFPF_DIR_OUT. */
unsigned ffpf_bpf_directions(const struct ffpf_function *source);
/* A notice where the device is down. */
void ffpf_bpf_notice_down(struct ffpf_run *run, const char *name, unsigned ifindex);

/* May this process load programs? 0, or -EPERM with what is missing. */
int ffpf_bpf_privileges(const struct ffpf_bpf_ops *ops, char why[FFPF_WHY_MAX]);

/* 0 or -errno (reported with ffpf_run_fail). */
int ffpf_bpf_maps_create(struct ffpf_bpf_state *s);
void ffpf_bpf_maps_close(struct ffpf_bpf_maps *maps);
/*
 * The maps that functions announce, with what they are filled with (filled false: without, for a dry run). 0; -errno
 * with a sentence in why, and the function whose map it is in *of.
 */
int ffpf_bpf_class_maps_create(struct ffpf_bpf_state *s, bool filled, const struct ffpf_function **of,
			       char why[FFPF_WHY_MAX]);
void ffpf_bpf_class_maps_close(struct ffpf_bpf_maps *maps);
/* Those that no program changes are nobody's to change from then on. */
void ffpf_bpf_class_maps_freeze(struct ffpf_bpf_maps *maps);
bool ffpf_bpf_class_maps_view(const struct ffpf_bpf_state *s, const struct ffpf_function *f, size_t i,
			      struct ffpf_map_view *out);
/* Fills in how a map of the kernel is read: from its descriptor, specification and number of values. */
void ffpf_bpf_map_view(struct ffpf_map_view *out);
/* A map of a program's constant tables, which nobody can write any more; 0 when it has none, or -errno with the reason.
 */
int ffpf_bpf_tables_create(const struct ffpf_ebpf_program *code, char why[FFPF_WHY_MAX]);

/* One doorbell for each thread that will read rings, and the map through which programs find them. 0 or -errno
 * (reported). */
int ffpf_bpf_bells_create(struct ffpf_bpf_state *s);
void ffpf_bpf_bells_close(struct ffpf_bpf_maps *maps);
/* ffpf_ring_set.doorbell_clear; arg: the struct ffpf_bpf_maps. */
void ffpf_bpf_bell_clear(void *arg, unsigned ring);

/* Which function of the graph each instruction belongs to, as the kernel wants it. */
struct ffpf_bpf_lines {
	struct btf *btf;
	struct bpf_func_info *functions;
	uint32_t n_functions;
	struct bpf_line_info *lines;
	uint32_t n;
};

/* global: what we call of users' programs is verified by itself. False when it can't be had: a program runs as well
 * without. Free it either way. */
bool ffpf_bpf_lines_make(const struct ffpf_bpf_ops *ops, const struct ffpf_graph *graph,
			 const struct ffpf_ebpf_program *code, bool global, struct ffpf_bpf_lines *out);
void ffpf_bpf_lines_free(struct ffpf_bpf_lines *lines);

/* A program whose maps are bound, on its way into the kernel (submit.c). */
struct ffpf_bpf_job {
	struct ffpf_ebpf_program code;
	const char *license;
	int tables; /* the map of its constant tables; whoever made it closes it */
	struct ffpf_bpf_lines lines;
	bool described; /* lines are there */
	int fd;		/* the program, or -errno; -ECANCELED: not handed over yet */
	char why[FFPF_WHY_MAX];
};

/* Fills in lines, which the caller frees. */
void ffpf_bpf_job_describe(const struct ffpf_bpf_ops *ops, const struct ffpf_graph *graph, struct ffpf_bpf_job *job);
/* Sets fd and why: the verifier's words, and of which function they are. For any thread: it reads nothing but the job.
 */
void ffpf_bpf_job_submit(const struct ffpf_bpf_ops *ops, struct ffpf_bpf_job *job);
/* One that was not handed over yet, or that this kernel may take in another form. The program, or -errno. */
int ffpf_bpf_job_again(const struct ffpf_bpf_ops *ops, const struct ffpf_graph *graph, struct ffpf_bpf_job *job);
/* All of that for one program. Its descriptor or -errno, then with why. */
int ffpf_bpf_load_code(const struct ffpf_bpf_ops *ops, const struct ffpf_graph *graph,
		       const struct ffpf_ebpf_program *code, const char *license, char why[FFPF_WHY_MAX]);

/* Loads the programs of one source. -E2BIG, -EACCES: the verifier refuses them (why has its words). */
int ffpf_bpf_load(struct ffpf_bpf_state *s, struct ffpf_bpf_source *source, unsigned piece_functions,
		  char why[FFPF_WHY_MAX]);
/* The same in pieces as large as the verifier takes. */
int ffpf_bpf_load_source(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, char why[FFPF_WHY_MAX]);
void ffpf_bpf_unload(struct ffpf_bpf_source *source);
/* Closes what no packet is in any more; all: everything. */
void ffpf_bpf_retired_close(struct ffpf_bpf_state *s, bool all);
/* Fuses a source's part (of the packets that `stage` has changed; NULL: that came); used by load and by replay. */
int ffpf_bpf_fuse(struct ffpf_bpf_state *s, unsigned source, unsigned piece_functions,
		  const struct ffpf_function *stage, struct ffpf_arena *arena, struct ffpf_fused *out);

/* Bytes that a packet's metadata has room for on this kernel. */
unsigned ffpf_bpf_metadata_room(void);

int ffpf_bpf_replay_prepare(struct ffpf_bpf_state *s);
/* A source's programs for the interpreter, as the graph and its taps are now. 0 or -errno. */
int ffpf_bpf_reference_new(struct ffpf_bpf_state *s, unsigned source, struct ffpf_bpf_reference **out);
void ffpf_bpf_reference_free(struct ffpf_bpf_reference *reference); /* NULL-safe */
void ffpf_bpf_replay_close(struct ffpf_bpf_state *s);

#endif
