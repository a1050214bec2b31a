/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A flowgraph that is being run: what flowspaces and the library's own parts
 * of running share.
 *
 *   api.c      the life cycle (ffpf/ffpf.h)
 *   run.c      instantiating levels, placing again what a kernel refused
 *   threads.c  reader threads: lanes (savefiles, rings) → the level above
 *   wait.c     sleeping and waking
 *   stats.c    counters and state of all functions, in one snapshot
 *   processors.c  which processors threads can be pinned to
 *   privilege.c  giving up privileges once everything is attached
 *   moments.c  moments among results, as times of day
 *   maps.c     reading the maps of users' programs (ffpf/ffpf.h)
 *   shipment.c what functions of the class export want
 *   replace.c  new versions of functions while packets flow
 *   tap.c      copies of packets of a running graph for who watches it
 *   tap_lanes.c  their way from reader threads
 *   trace.c    where followed packets went (ffpf/ffpf.h)
 *   export.c   packets for the application (export=packets)
 *   events.c   records that programs write for the application
 *   wanted.c   results of functions for others that read them
 *   ticker.c   what is due every few milliseconds of a live run
 */
#ifndef FFPF_RUN_RUN_H
#define FFPF_RUN_RUN_H

#include <lib/run/clock.h>
#include <ffpf/ffpf.h>
#include <lib/buf/buf.h>
#include <lib/flowspace.h>
#include <lib/graph/fuse.h>
#include <stdatomic.h>

/* Bytes of a packet that are stored at a level, at most. */
static inline uint32_t ffpf_level_stored(const struct ffpf_level *level)
{
	return level->snaplen < FFPF_PACKET_MAX ? level->snaplen : FFPF_PACKET_MAX;
}

/* Rings of one CPU below a barrier, as a level that writes them offers them to the level above. */
struct ffpf_ring_set {
	const struct ffpf_flowspace *from;
	struct ffpf_reader_ring *rings; /* one per CPU that may write */
	unsigned n_rings;
	unsigned n_inflows;
	const int *doorbell_fds; /* one per ring: readable when an armed reader is to wake. Rings of different threads
				    have different ones. NULL: none */
	void (*doorbell_clear)(void *arg, unsigned ring); /* after waking */
	void *arg;
	bool monotonic; /* record times are CLOCK_MONOTONIC: readers turn them into time of day */
};

/* Where a level keeps its functions' cells. */
struct ffpf_cells {
	const struct ffpf_flowspace *level;
	const uint64_t *first; /* slot 0 */
	size_t stride;	       /* bytes from one slot (CPU, thread) to the next */
	unsigned n_slots;
	const uint64_t *shared; /* may be NULL when the level has none */
	uint64_t *wanted;	/* level->n_wanted results of others; may be NULL when there are none */
};

struct ffpf_events;
struct ffpf_lane;
struct ffpf_taps;
struct ffpf_ticker;
struct ffpf_wanting;
struct ffpf_version;

struct ffpf_run {
	const struct ffpf_options *options; /* defaults filled in */
	struct ffpf_graph *graph;
	struct ffpf_layout *layout;
	struct ffpf_arena *arena;
	/* levels of this graph, lowest last */
	struct {
		const struct ffpf_flowspace *flowspace;
		void *state;
	} levels[FFPF_MAX_FLOWSPACES];
	size_t n_levels;
	struct ffpf_cells cells[FFPF_MAX_FLOWSPACES];
	size_t n_cells;
	struct ffpf_ring_set *ring_sets;
	size_t n_ring_sets;
	unsigned n_threads;	       /* reader threads: known before the levels are instantiated */
	struct ffpf_function **limits; /* functions that may pass no more after a while (head) */
	size_t n_limits;
	bool barred;		  /* a level refused functions: place again */
	unsigned piece_functions; /* functions of one program at most; 0: as each flowspace likes. Tests split small
				     graphs with it. */
	uint32_t magic;		  /* by which levels of the kernel know packets of this run; not 0 */
	bool undoes;	/* a level has to take something off a device at the end, which no descriptor does by itself */
	bool interpret; /* no native code in user; for tests */
	bool slow;	/* packets of a replay go into the programs for those in several pieces; for tests */
	bool bells_in_map;     /* as on a machine of many processors; for tests */
	atomic_bool tapped;    /* reader threads tell how far they are */
	atomic_bool begun;     /* everything is attached: packets are handed on, sinks write */
	atomic_bool detached;  /* no packets come from devices any more */
	atomic_bool stop;      /* readers finish what is buffered and end */
	atomic_bool exhausted; /* every path has ended (head) */
	atomic_int failed;     /* first -errno that ends the run; why is written before it */
	atomic_bool failing;   /* somebody is about to set it */
	atomic_int damaged;    /* first -errno of a source that could not be read to its end; the others are. damage is
				  written before it */
	atomic_bool damaging;
	atomic_size_t n_ended;	   /* sources that have been read to their end */
	atomic_size_t n_exhausted; /* these, and functions that will pass no more, when last looked */
	atomic_ullong interpreted; /* replayed packets that the kernel's test runner could not take */
	char why[512], damage[512];
	const char **notices;
	size_t n_notices, notices_capacity;
	struct ffpf_lane *lanes;
	size_t n_lanes;
	struct ffpf_threads *threads;
	void (*event)(void *arg, const struct ffpf_event *event); /* the application's; NULL: none */
	void *event_arg;
	struct ffpf_events *events; /* NULL: there are none, or nobody wants them */
	struct ffpf_ticker *ticker;
	struct ffpf_wanting *wanting;	/* NULL: nobody reads others' results */
	struct ffpf_version **versions; /* per function: where its data is since it was replaced; replace.c */
	struct ffpf_taps *taps;		/* NULL: there never were any */
	struct ffpf_clock clock;	/* of results: moments of the kernel's levels */
	uint64_t started_ns, ended_ns;	/* CLOCK_MONOTONIC */
};

/* Records the first failure; later ones are dropped. From any thread. */
void ffpf_run_fail(struct ffpf_run *run, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same for a source that ends before its end: told when all the others have ended. From any thread. */
void ffpf_run_damage(struct ffpf_run *run, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Says what fell back and why; from the instantiating thread. */
void ffpf_run_notice(struct ffpf_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Called by levels while they are instantiated. Copied. */
void ffpf_run_add_cells(struct ffpf_run *run, const struct ffpf_cells *cells);
void ffpf_run_add_rings(struct ffpf_run *run, const struct ffpf_ring_set *set);

/* The level's state, or NULL when the graph has nothing there. */
void *ffpf_run_state(const struct ffpf_run *run, const struct ffpf_flowspace *flowspace);

/* run.c: the steps of the life cycle. 0 or -errno with run->why. */
int ffpf_run_instantiate(struct ffpf_run *run);
int ffpf_run_probe(
	struct ffpf_run *run); /* nothing is held afterwards; a failure is a notice unless placing again failed */
int ffpf_run_activate(struct ffpf_run *run);
/* The graph has had all it will ever get: no new packets are taken. The readers finish what is buffered, which
 * ffpf_threads_done tells. */
void ffpf_run_wind_down(struct ffpf_run *run);
void ffpf_run_deactivate(struct ffpf_run *run);
void ffpf_run_close(struct ffpf_run *run);

/* wanted.c: functions learn others' results. start: once the levels are instantiated; 0 or -ENOMEM. */
int ffpf_wanted_start(struct ffpf_run *run);
void ffpf_wanted_refresh(struct ffpf_run *run); /* from any thread */
void ffpf_wanted_free(struct ffpf_run *run);
/* Packets of a savefile from one refresh to the next. */
#define FFPF_WANTED_PACKETS 256
/* stats.c: a result as it is now. */
double ffpf_run_result(struct ffpf_run *run, const struct ffpf_wanted_result *result);

/* ticker.c: a thread of its own, where one is needed. 0 or -errno. */
int ffpf_ticker_start(struct ffpf_run *run);
void ffpf_ticker_stop(struct ffpf_run *run);

/* processors.c: can reader threads be pinned to the processors that the options name? 0, or -EINVAL with why. */
int ffpf_processors_check(const struct ffpf_options *options, char *why, size_t size);

/* privilege.c: the calling thread gives up what the run will not need again. 0 or -errno. */
int ffpf_privileges_drop(const struct ffpf_run *run);

/* threads.c */
unsigned ffpf_threads_plan(const struct ffpf_run *run, bool *merged); /* how many reader threads the graph will have */
/* Starts the threads, which wait until they are released. */
int ffpf_threads_start(struct ffpf_run *run);
/* They begin, if run->begun is set; else they end without having touched a packet or a sink. */
void ffpf_threads_release(struct ffpf_run *run);
void ffpf_threads_join(struct ffpf_run *run);
void ffpf_threads_free(struct ffpf_run *run);
/* What a source has to say at the end, or NULL. */
const char *ffpf_threads_notice(const struct ffpf_run *run, const struct ffpf_function *source);
bool ffpf_threads_done(const struct ffpf_run *run);
void ffpf_threads_progress(const struct ffpf_run *run, uint64_t *done, uint64_t *total, uint64_t *packets);
/* Of a barrier: records delivered and their bytes, records that were overwritten, refused records. */
void ffpf_threads_barrier(const struct ffpf_run *run, const struct ffpf_flowspace *from, uint64_t *records,
			  uint64_t *bytes, uint64_t *lapped, uint64_t *refused);
/* Records that one in-flow (number of `from`) did not get, overwritten or refused; that it got. */
uint64_t ffpf_threads_lost_inflow(const struct ffpf_run *run, const struct ffpf_flowspace *from, unsigned inflow);
uint64_t ffpf_threads_delivered_inflow(const struct ffpf_run *run, const struct ffpf_flowspace *from, unsigned inflow);
uint64_t ffpf_threads_source_lost(const struct ffpf_run *run, const struct ffpf_function *source);
/* Has the source been read to its end, and all that it brought been handed on? Never true of a device. From any thread.
 */
bool ffpf_threads_source_ended(const struct ffpf_run *run, const struct ffpf_function *source);

/* shipment.c: do functions of the class export name others that have maps? 0 or -EINVAL (reported). */
int ffpf_shipments_check(struct ffpf_graph *graph);
/* replace.c: 0 or -errno with a sentence in why; then everything is as it was. */
int ffpf_run_replace(struct ffpf_run *run, const char *function, const char *file, char *why, size_t size);
/* tap.c: a program of reader thread `thread` hands a packet to a tap. */
void ffpf_tap_put(struct ffpf_run *run, unsigned number, unsigned thread, const struct ffpf_packet *packet,
		  uint32_t class);
void ffpf_version_drop(struct ffpf_version *version); /* one function less uses it; NULL-safe */
void ffpf_versions_free(struct ffpf_run *run);	      /* after the levels are closed */

/* What sources and functions have to say at the end, the i-th, or NULL. */
const char *ffpf_run_end_notice(const struct ffpf_run *run, size_t i);
int ffpf_run_stats(struct ffpf_run *run, struct ffpf_stats **out);
/* stats.c: sets run->exhausted when no path can pass a packet any more. */
void ffpf_run_check_exhausted(struct ffpf_run *run);
void ffpf_run_find_limits(struct ffpf_run *run);

#endif
