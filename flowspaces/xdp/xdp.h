/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The xdp flowspace's parts, among themselves.
 *
 *   xdp.c      the ops table: what it offers, instantiating, activating
 *   maps.c     the maps of a graph, shared by the programs of all its devices
 *   doorbell.c what wakes sleeping readers
 *   load.c     programs: fuse, generate, relocate, load; in pieces where one is too big
 *   users.c    users' own programs and their maps
 *   class_maps.c  maps that function classes announce
 *   map_view.c    reading either
 *   replace.c  new versions of them while packets flow
 *   replay.c   savefiles through the kernel's test runner
 *   device.h   devices
 */
#ifndef FFPF_XDP_XDP_H
#define FFPF_XDP_XDP_H

#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/xdp/device.h>
#include <flowspaces/xdp/users.h>
#include <lib/run/run.h>

extern const struct ffpf_flowspace ffpf_flowspace_xdp;

/* A map whose memory is mapped here. */
struct xdp_map {
	int fd; /* -1: not there */
	void *memory;
	size_t bytes;
	size_t entry; /* bytes from one entry to the next */
};

struct xdp_bell {
	int fd;		    /* readable when rung */
	uint64_t *consumer; /* positions in bytes */
	const uint64_t *producer;
};

/* A map that a function announces. */
struct xdp_class_map {
	const struct ffpf_shown_map *shown;
	int fd; /* -1: not there */
};

struct xdp_maps {
	struct xdp_map map[FFPF_SYMBOLS];
	struct xdp_bell *bells;
	unsigned n_bells; /* as many as CPUs, or one */
	unsigned n_cpus;
	uint32_t stride;
	uint64_t ring_size;
	uint32_t largest;
	uint64_t ibuf_bytes;
	struct xdp_class_map *class_maps; /* by their number in the level */
	unsigned n_class_maps;
	bool *changed; /* by number: programs change it or its entries */
};

struct xdp_source {
	unsigned source; /* number in the graph */
	int *fds;	 /* pieces of the fast program, then of the slow one */
	size_t n_fds;
	int programs_fd; /* program arrays are emptied when the last descriptor goes */
	struct ffpf_attachment attachment;
	uint64_t drops_before, drops; /* the device's own counter: at activation, when last looked at */
	int promisc_fd;
	struct ffpf_fused reference; /* replay: what the test runner can't take runs here */
};

/* Programs that a packet may still be in. */
struct xdp_retired {
	struct xdp_retired *next;
	struct xdp_source source; /* its descriptors */
	struct xdp_users *users;  /* that they use; or NULL */
	uint64_t since;		  /* CLOCK_MONOTONIC */
};

struct xdp_state {
	struct ffpf_run *run;
	const struct ffpf_level *level;
	struct xdp_maps maps;
	struct xdp_source *sources;
	size_t n_sources;
	unsigned n_flags; /* over all programs */
	bool limits;
	struct xdp_replay *replay;
	struct xdp_users *users; /* NULL: the graph has none here */
	struct xdp_retired *retired;
	atomic_ullong passes; /* odd: a batch is being replayed */
};

/* Tail calls in a row that the kernel allows, less those into the slow program. */
#define XDP_PIECES_MAX 30

/* May this process load programs? 0, or -EPERM with what is missing. */
int xdp_privileges(char why[FFPF_WHY_MAX]);

/* 0 or -errno (reported with ffpf_run_fail). */
int xdp_maps_create(struct xdp_state *s);
void xdp_maps_close(struct xdp_maps *maps);
/*
 * The maps that functions announce, with what they are filled with (filled false: without, for a dry run). 0; -errno
 * with a sentence in why, and the function whose map it is in *of.
 */
int xdp_class_maps_create(struct xdp_state *s, bool filled, const struct ffpf_function **of, char why[FFPF_WHY_MAX]);
void xdp_class_maps_close(struct xdp_maps *maps);
/* Those that no program changes are nobody's to change from then on. */
void xdp_class_maps_freeze(struct xdp_maps *maps);
bool xdp_class_maps_view(const struct xdp_state *s, const struct ffpf_function *f, size_t i, struct ffpf_map_view *out);
/* Fills in how a map of the kernel is read: from its descriptor, specification and number of values. */
void xdp_map_view(struct ffpf_map_view *out);
/* A map of a program's constant tables, which nobody can write any more; 0 when it has none, or -errno with the reason.
 */
int xdp_tables_create(const struct ffpf_ebpf_program *code, char why[FFPF_WHY_MAX]);

/* One doorbell for each thread that will read rings, and the map through which programs find them. 0 or -errno
 * (reported). */
int xdp_bells_create(struct xdp_state *s);
void xdp_bells_close(struct xdp_maps *maps);
/* ffpf_ring_set.doorbell_clear; arg: the struct xdp_maps. */
void xdp_bell_clear(void *arg, unsigned ring);

/* Which function of the graph each instruction belongs to, as the kernel wants it. */
struct xdp_lines {
	struct btf *btf;
	struct bpf_func_info *functions;
	uint32_t n_functions;
	struct bpf_line_info *lines;
	uint32_t n;
};

/* global: what we call of users' programs is verified by itself. False when it can't be had: a program runs as well
 * without. Free it either way. */
bool xdp_lines_make(const struct ffpf_graph *graph, const struct ffpf_ebpf_program *code, bool global,
		    struct xdp_lines *out);
void xdp_lines_free(struct xdp_lines *lines);

/* Loads one program whose maps are bound. Its descriptor or -errno; why: the verifier's words, and of which function
 * they are. */
int xdp_load_code(const struct ffpf_graph *graph, const struct ffpf_ebpf_program *code, const char *license,
		  char why[FFPF_WHY_MAX]);

/* Loads the programs of one source. -E2BIG, -EACCES: the verifier refuses them (why has its words). */
int xdp_load(struct xdp_state *s, struct xdp_source *source, unsigned piece_functions, char why[FFPF_WHY_MAX]);
/* The same in pieces as large as the verifier takes. */
int xdp_load_source(struct xdp_state *s, struct xdp_source *x, char why[FFPF_WHY_MAX]);
void xdp_unload(struct xdp_source *source);
/* Closes what no packet is in any more; all: everything. */
void xdp_retired_close(struct xdp_state *s, bool all);
/* Fuses a source's part; used by load and by replay. */
int xdp_fuse(struct xdp_state *s, unsigned source, unsigned piece_functions, struct ffpf_arena *arena,
	     struct ffpf_fused *out);

int xdp_replay_prepare(struct xdp_state *s);
void xdp_replay_close(struct xdp_state *s);
void xdp_replay(void *state, const struct ffpf_packet *packets, size_t n);

#endif
