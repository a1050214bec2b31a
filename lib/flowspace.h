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

#include <ffpf/ffpf.h>
#include <lib/buf/map.h>
#include <lib/graph/graph.h>

struct ffpf_run;
struct ffpf_layout;

/* A number in the value of a map's only entry that has a name: a global variable, or a member of a struct. */
struct ffpf_map_field {
	const char *name;
	uint32_t offset;
	uint8_t size; /* 1, 2, 4 or 8 bytes */
	bool is_signed;
};

/* A map of a running function, for those who read it: results, export, the control socket. */
struct ffpf_map_view {
	const struct ffpf_map_spec *spec;
	bool variables; /* a section of global variables */
	const struct ffpf_map_field *fields;
	size_t n_fields;
	struct ffpf_members key, value;		/* their types, for people */
	unsigned n_values;			/* values of each key: 1, or one for each CPU (thread) */
	const struct ffpf_class_map *announced; /* by its function's class; NULL: of a user's program */
	/* Calls add with each key, once for each that is there all the while; not 0 from add ends it and is the result.
	 * NULL: only next. */
	int (*keys)(const struct ffpf_map_view *view, int (*add)(void *arg, const void *key), void *arg);
	/* The same with the values, of maps with one value a key, where that is faster. -EOPNOTSUPP, before any: it
	 * can't be done. NULL: no such way. */
	int (*entries)(const struct ffpf_map_view *view, int (*add)(void *arg, const void *key, const void *value),
		       void *arg);
	/* The key behind `key` (NULL: the first): 0 or -ENOENT. */
	int (*next)(const struct ffpf_map_view *view, const void *key, void *next);
	/* n_values values, each at a multiple of eight bytes: 0 or -ENOENT. */
	int (*read)(const struct ffpf_map_view *view, const void *key, void *values);
	/* The number of entries, of an array those that are not all zero, faster than one by one; UINT64_MAX: it can't
	 * be done. NULL: no such way. */
	uint64_t (*count)(const struct ffpf_map_view *view);
	/* Writes the value of a key (of all CPUs alike): 0 or -errno. */
	int (*write)(const struct ffpf_map_view *view, const void *key, const void *value);
	int (*remove)(const struct ffpf_map_view *view, const void *key);
	void *map; /* the level's own */
	int fd;
};

struct ffpf_flowspace {
	const char *name;
	const char *help;   /* one line */
	const char *parent; /* name of the flowspace above; NULL for the root */

	/*
	 * Would this flowspace run the function for the packets of its sources? Asked by placement, any number of
	 * times; must hold no resource. On refusal returns false and sets *reason to a sentence for people (arena or
	 * static).
	 */
	bool (*offers)(const struct ffpf_flowspace *self, const struct ffpf_graph *graph,
		       const struct ffpf_function *function, const char **reason);
	/*
	 * The packet itself is at this level on its way through the kernel: a verdict given below takes it away from
	 * here. False where copies arrive (user).
	 */
	bool on_path;
	/* VLAN tags that a device keeps outside of the bytes are seen at their place here, and in what goes up from
	 * here. */
	bool tags;
	/* Its programs can store packets for a level above that is in the kernel, too; can refer to such. */
	bool keeps, refers;
	/* What a packet is at this level for a source ("wire frames", "super-packets"); for explain. May be NULL. */
	const char *(*sees)(const struct ffpf_graph *graph, const struct ffpf_function *source);

	/*
	 * Running; see lib/run/run.h. instantiate, activate, deactivate and close are called from one thread, in this
	 * order. instantiate may set run->barred when the kernel refuses a program: the functions are then placed again
	 * without it. 0 or -errno with ffpf_run_fail(). A flowspace that has none of a graph's functions is not called
	 * at all.
	 */
	int (*instantiate)(const struct ffpf_flowspace *self, struct ffpf_run *run, void **state);
	/*
	 * A dry run for explain: loads what instantiate would and lets go of it, looks at devices; attaches nothing,
	 * opens no file. What would fall back, and what activate would fail of, is a notice. Errors and run->barred as
	 * with instantiate. Holds nothing afterwards. May be NULL: nothing can be found out beforehand.
	 */
	int (*probe)(const struct ffpf_flowspace *self, struct ffpf_run *run);
	int (*activate)(struct ffpf_run *run, void *state);
	void (*deactivate)(struct ffpf_run *run, void *state);
	void (*close)(struct ffpf_run *run, void *state); /* also after a failed instantiate, when *state was set */

	/*
	 * Takes packets from below, or from a source that it reads itself, on reader thread `thread`: packets[i] with
	 * classes[i * n_inflows + k] for each in-flow of the level below (classes is NULL for packets of its own
	 * source). NULL: a flowspace that packets reach only inside the kernel.
	 */
	void (*consume)(void *state, unsigned thread, const struct ffpf_packet *packets, const uint32_t *classes,
			unsigned n_inflows, size_t n);
	/* Called by a reader thread that has nothing to do for now, and every 100 ms: sinks write out what they hold.
	 * May be NULL. */
	void (*idle)(void *state, unsigned thread);
	/*
	 * --replay: packets of a savefile into a program of this level, one after the other. NULL: not a level that
	 * can.
	 */
	void (*replay)(void *state, const struct ffpf_packet *packets, size_t n);

	/* Looks after what may go wrong without a packet (a device that vanishes: ffpf_run_fail). A few times a second;
	 * may be NULL. */
	void (*watch)(struct ffpf_run *run, void *state);
	/* The cells of a function that is C code outside of this process: those of one slot (CPU), in the order of its
	 * fields. False: there is no such slot. NULL: the level has no such functions. */
	bool (*native_cells)(void *state, const struct ffpf_function *function, unsigned slot, uint64_t *cells);
	/* The running object of a function that is C code, for its results; NULL when there is none. */
	void *(*object)(void *state, const struct ffpf_function *function, unsigned thread);

	/*
	 * The i-th map of a function that is a user's program; false when there is none. Valid until the function is
	 * replaced or the level closed. From the thread that uses the handle. May be NULL: no such functions here.
	 */
	bool (*map)(void *state, const struct ffpf_function *function, size_t i, struct ffpf_map_view *out);
	/*
	 * Gives functions of this level new data (class->reload) while packets flow: data[i] for the function of the
	 * graph number i, NULL: as it is. Packets meet the old functions or the new ones, all of them at once, and none
	 * is lost. What of the state can't be kept is a notice. 0; -errno with a sentence in why, and everything is as
	 * it was. Afterwards nobody uses the old data. May be NULL: no such functions here.
	 */
	int (*replace)(struct ffpf_run *run, void *state, void *const *data, char *why, size_t size);

	/*
	 * Taps (lib/run/tap.c). tap_open: programs that are made from now on may hand packets to tap `number`; 0, or
	 * -errno with a sentence in why. *bytes: of the buffer of each CPU, a power of two; what could be had.
	 * tap_read: takes what has come, in the order of its times, without waiting; from one thread. last: nothing
	 * more will come. Times are CLOCK_MONOTONIC. tap_lost: how many packets found no room, as far as is known yet;
	 * from any thread. NULL: programs call ffpf_tap_put.
	 */
	int (*tap_open)(void *state, unsigned number, size_t *bytes, void **feed, char *why, size_t size);
	unsigned (*tap_read)(void *feed, bool last,
			     void (*take)(void *arg, const struct ffpf_packet *packet, uint32_t class), void *arg);
	uint64_t (*tap_lost)(void *feed);
	void (*tap_close)(void *state, unsigned number, void *feed);

	/*
	 * Packets that the device of a source of this level has dropped since activation before this level could see
	 * them: they are in no function's figures. NULL: the level has no devices.
	 */
	uint64_t (*missed)(void *state, const struct ffpf_function *source);

	/* Listings for explain: the packet programs (IR) or what was made of them. May be NULL. */
	int (*list)(const struct ffpf_flowspace *self, const struct ffpf_graph *graph, const struct ffpf_layout *layout,
		    bool bytecode, FILE *out);

	/* The root's: what a packet is, in one line, as far as it fits. */
	void (*describe)(const struct ffpf_packet *packet, char *out, size_t size);

	/* The implementation's own, for operations that get `self`: one implementation may serve several levels. */
	const void *private;
};

/* The table: every flowspace of flowspaces/list.def, the root first; *n gets their number. */
const struct ffpf_flowspace *const *ffpf_flowspaces(size_t *n);
const struct ffpf_flowspace *ffpf_flowspace_find(const char *name);

/* FFPF_NEED_ metadata of the function, for all of its sources. */
unsigned ffpf_flowspace_needs(const struct ffpf_graph *graph, const struct ffpf_function *function);
/*
 * Why the function can't do its work where it asks for VLAN tags and a device keeps them outside of the packets' bytes,
 * and no level below puts them back into copies of packets; NULL when it can. For levels that see nothing but the
 * bytes. copies: of packets that have come up. Belongs to the graph.
 */
const char *ffpf_flowspace_hidden_vlan(const struct ffpf_graph *graph, const struct ffpf_function *function,
				       bool copies);

#endif
