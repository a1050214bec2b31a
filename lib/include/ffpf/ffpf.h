/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libffpf: the life cycle of a flowgraph.
 *
 *     struct ffpf *h = ffpf_create(NULL);
 *     ffpf_populate(h, "example", "(pcap,\"a.pcap\")>(BPF,\"tcp\")>(pktcount)", 0)   parse, resolve, place: no kernel
 * resource ffpf_instantiate(h)                                                             buffers, programs, verifier:
 * nothing runs yet ffpf_activate(h)                                                                packets flow while
 * (ffpf_wait(&h, 1, 0, 100000) > 0) …                                       ffpf_read, ffpf_stats_get ffpf_close(h)
 *
 * Functions that can fail return 0 or more, or -errno; then ffpf_error() has a sentence for people, and
 * ffpf_diagnostics() what is wrong with the text. A handle is used by one thread at a time; different handles are
 * independent.
 */
#ifndef FFPF_FFPF_H
#define FFPF_FFPF_H

#include <ffpf/class.h>
#include <ffpf/diag.h>
#include <ffpf/map.h>
#include <ffpf/packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ffpf;

enum ffpf_wakeup {
	FFPF_WAKE_ADAPTIVE, /* by the rate: until the next packet where few come, N-or-m in between, looking again where
			       they keep coming */
	FFPF_WAKE_PACKETS,  /* sleep until wake_packets are there or wake_us have passed */
	FFPF_WAKE_EACH,	    /* sleep until the next packet */
	FFPF_WAKE_BUSY,	    /* never sleep */
	FFPF_WAKE_YIELD,    /* never sleep, but give the processor away */
	FFPF_WAKE_SLEEP,    /* sleep wake_us, whatever comes */
};

/* Where the bytes of packets are stored, and when. */
enum ffpf_copy {
	FFPF_COPY_AUTO,	  /* each barrier as is best for it */
	FFPF_COPY_ONCE,	  /* by the level below a barrier, for all that is above, before that has seen the packet */
	FFPF_COPY_INDEX,  /* nowhere: functions that look at bytes behind a barrier are an error */
	FFPF_COPY_DEMAND, /* by the highest level of the kernel, once its functions let the packet out */
};

struct ffpf_define {
	const char *name, *value; /* $NAME in the text */
};

/* All zero is the default. Strings are copied by ffpf_create. */
struct ffpf_options {
	size_t buffer_size;  /* bytes of each PBuf ring (one per CPU and barrier); 0: FFPF_BUFFER_DEFAULT; rounded up to
				a power of two */
	bool slow_reader;    /* slow-reader preference: refuse new packets rather than overwrite unread ones */
	enum ffpf_copy copy; /* FFPF_COPY_ONCE with slow_reader: ffpf_populate says -EINVAL */
	enum ffpf_wakeup wakeup;
	unsigned wake_packets; /* N; 0: 1024 */
	unsigned wake_us;      /* m; 0: 1000 */
	const int *cpus;       /* processors that the reader threads are pinned to, in turn; one that is not there:
				  ffpf_populate says -EINVAL */
	size_t n_cpus;
	bool replay;	   /* run savefiles through the kernel's test runner */
	bool stdout_taken; /* results go to stdout (--json): sinks may not */
	/*
	 * Once the graph is active, its readers and the thread that called ffpf_activate keep no capability but those
	 * that the run may still use (CAP_DAC_OVERRIDE for a sink that begins new files, CAP_BPF for replay), and can't
	 * gain any. They load no other graph after that.
	 */
	bool drop_privileges;
	unsigned table_rows;	/* of each table that ffpf_stats_get shows; 0: FFPF_TABLE_ROWS_DEFAULT */
	unsigned trace_packets; /* so many packets are followed on their way: ffpf_trace_get; 0: none */
	bool taps; /* ffpf_tap may be asked for functions in the kernel, too: drop_privileges keeps what loading takes
		    */
	const char *trace_match;	   /* only packets that this pcap expression accepts; NULL: any */
	const struct ffpf_define *defines; /* each name once, else ffpf_populate says -EINVAL */
	size_t n_defines;
	const char *base_dir; /* where `use` looks; NULL: the current folder */
};

#define FFPF_BUFFER_DEFAULT (4u << 20)
#define FFPF_TABLE_ROWS_DEFAULT 1000

/* NULL only when memory runs out. options may be NULL. */
struct ffpf *ffpf_create(const struct ffpf_options *options);
/*
 * Loads a user's classes from the shared objects of a folder; before ffpf_populate. They are there for all handles of
 * the process, until it ends. 0; -errno (what is wrong with each object is in ffpf_diagnostics).
 */
int ffpf_class_path(struct ffpf *h, const char *dir);
/* name is what diagnostics call the text; len 0: strlen(text). -EINVAL: see ffpf_diagnostics, or ffpf_error where they
 * say nothing. Once per handle. */
int ffpf_populate(struct ffpf *h, const char *name, const char *text, size_t len);
/*
 * Finds out without running what the machine would make of the graph: loads its programs and lets go of them, looks at
 * its devices, attaches nothing and opens no file. What would fall back or fail, or could not be tried for want of
 * privilege, is a notice; functions that the kernel refuses are placed again, so that ffpf_explain tells the truth.
 * Between ffpf_populate and ffpf_instantiate; holds nothing afterwards. 0; -errno when the graph can't be placed
 * without what the kernel refused.
 */
int ffpf_probe(struct ffpf *h);
/* -EPERM, -EOPNOTSUPP: a privilege or kernel feature is missing; -EBUSY: a device is taken; other -errno: see
 * ffpf_error. */
int ffpf_instantiate(struct ffpf *h);
/* Files that sinks write are opened by ffpf_instantiate, and emptied only once everything is attached: a run that fails
 * to begin changes none. */
int ffpf_activate(struct ffpf *h);
/*
 * Detaches and lets the readers finish what is buffered; the results stay readable. Called by ffpf_close if need be.
 * What the reader of a pipe or a terminal would have to take first is given up, and counted as lost, when it takes
 * nothing for half a second.
 */
int ffpf_deactivate(struct ffpf *h);
void ffpf_close(struct ffpf *h); /* NULL-safe */

const char *ffpf_error(const struct ffpf *h); /* of the last call that failed; "" when none did */
/* What is wrong with the text, errors and warnings; belongs to the handle. Never NULL. */
struct ffpf_diags *ffpf_diagnostics(struct ffpf *h);
/*
 * What fell back and why ("veth0: driver mode refused: …; generic mode"), the i-th, or NULL. After ffpf_deactivate also
 * what sources and functions have to say of packets that they left out. Valid as long as the handle.
 */
const char *ffpf_notice(const struct ffpf *h, size_t i);

/* Does a function of the graph write packets or lines to standard output? After ffpf_populate. */
bool ffpf_uses_stdout(const struct ffpf *h);
/*
 * 1: input is left; 0: the end of all inputs, or every path exhausted; -errno: a sink or a device failed, or a savefile
 * ended before its end, which is told when all other inputs have ended, too (ffpf_error says which).
 */
int ffpf_running(struct ffpf *h);
/*
 * Waits over several handles at once until one of them has `packets` more packets for ffpf_read (0: do not wait for
 * packets), or one is no longer running, or usec microseconds have passed, or a signal came. Returns the number of
 * handles that are still running; -errno when one of them failed (ffpf_running says which) or is not active yet. More
 * packets than its buffer holds are never there at once.
 */
int ffpf_wait(struct ffpf *const *handles, size_t n, uint64_t packets, uint64_t usec);

/*
 * Gives a function that is made from a file (class ebpf) a new version while packets flow, and with it all functions
 * that share its state. function is its result name; file NULL: the file that it was made from. The new version is
 * loaded and verified while the old one runs, then takes its place between two packets: none is lost. Maps that are
 * laid out as before (name, kind, sizes, entries, flags) go on with what is in them; others begin afresh, which
 * ffpf_notice then says. -ENOENT: no such function; -EOPNOTSUPP: it can't be replaced; other -errno: the new version is
 * refused, and ffpf_error says why. After a failure the old version runs on.
 */
int ffpf_replace(struct ffpf *h, const char *function, const char *file);

/*
 * Copies of the packets that a running graph's function lets out ("FUNCTION"), or of what of it goes along its edges to
 * another one ("FROM>TO"), for a sink that is none of the graph's. The programs of the function's level are made anew
 * and exchanged between two packets: nothing else of the run is touched, no packet is lost, no count begins afresh. The
 * sink has a thread and buffers of its own; what it is too slow for only the tap loses. It ends with ffpf_untap, by
 * itself after `packets` or `usec` (while ffpf_running or ffpf_wait is called), or with the run.
 */
struct ffpf_tap_request {
	const char *edge;
	const char *sink;	/* "print" or "write" */
	const char *file;	/* of the sink; NULL: its default */
	uint64_t packets, usec; /* 0: until it is taken away */
	size_t buffer_size;	/* bytes for each CPU or reader thread; 0: options.buffer_size; rounded up */
};
struct ffpf_tap_info {
	const char *name, *edge, *sink, *flowspace;
	bool ended;
	size_t buffer; /* bytes for each CPU or reader thread: less than was asked for where the kernel gives no more */
	/* in = written + lost + left, when it has ended; before, lost is what is known yet. left: came after the last
	 * that was wanted */
	uint64_t in, written, lost, left;
	const char *why; /* what the sink failed of, or NULL */
};
/* 0, and *name as long as the tap is known; -ENOENT: no such function or edge; other -errno: see ffpf_error. */
int ffpf_tap(struct ffpf *h, const struct ffpf_tap_request *request, const char **name);
int ffpf_untap(struct ffpf *h, const char *name);
/* The i-th tap, the latest first, the last ones that have ended included: 0 or -ENOENT. Valid until the next of these
 * calls, or ffpf_running. */
int ffpf_tap_get(struct ffpf *h, size_t i, struct ffpf_tap_info *out);

/* The i-th function's result name, in the order of the results; NULL behind the last. After ffpf_populate. */
const char *ffpf_function_name(const struct ffpf *h, size_t i);
/* Is it made from a file, so that ffpf_replace would look for a new version? After ffpf_populate. */
bool ffpf_replaceable(const struct ffpf *h, const char *function);

/*
 * Reads packets of a function written with export=packets, by result name. Up to n (256 at once); never waits. The
 * bytes stay valid until the next ffpf_read of the same function. classes (may be NULL) gets each packet's class, *lost
 * (may be NULL) how many were overwritten, or with slow_reader refused, since the last call. Returns how many; -ENOENT:
 * no such function; -EINVAL: not instantiated.
 */
int ffpf_read(struct ffpf *h, const char *function, struct ffpf_packet *packets, uint32_t *classes, size_t n,
	      uint64_t *lost);

/* ---- events ---------------------------------------------------------------------------------- */

/* A record that a function's program wrote. Valid during the call. */
struct ffpf_event {
	const char *function, *name;
	uint64_t time_ns;	     /* of the packet, since 1970; 0: the event has no time */
	struct ffpf_members members; /* of values */
	const uint8_t *values;
};

/*
 * From ffpf_activate on, `event` is called for each record of every function: by one thread at a time, which is one of
 * the library's own or the one that calls ffpf_deactivate; it must not call this handle's functions, and while it runs
 * packets may have to wait or are lost. Of savefiles no record is lost; of live packets they are those that are
 * overwritten before they are read (every 10 ms): results count them, NAME.events and NAME.events_lost. Records of one
 * CPU and event come in order. Before ffpf_activate; NULL: none. 0 or -EINVAL.
 */
int ffpf_events(struct ffpf *h, void (*event)(void *arg, const struct ffpf_event *event), void *arg);

/* ---- results --------------------------------------------------------------------------------- */

struct ffpf_result {
	const char *name;
	const char *doc;
	enum ffpf_unit unit;
	unsigned flags;		/* FFPF_FIELD_LOG2 … */
	size_t n;		/* values: 1 for a scalar */
	const uint64_t *values; /* NULL for a derived value */
	uint64_t first, width;	/* of the buckets of FFPF_FIELD_LINEAR; see ffpf_result_bucket */
	double number;		/* derived, or values[0] */
	bool empty;		/* a minimum that nothing has reached: values[0], what it began with, is no result */
};

/*
 * The values that bucket k of a histogram (FFPF_FIELD_LOG2, FFPF_FIELD_LINEAR) counts: *from to *to, inclusive; *to is
 * UINT64_MAX where there is no upper bound. False when the result is no histogram or has no such bucket.
 */
bool ffpf_result_bucket(const struct ffpf_result *result, size_t k, uint64_t *from, uint64_t *to);

/*
 * A table that a function keeps. Keys of the kind "lpm_trie" begin with their length in bits, a number of four bytes in
 * host order, which is the first member of the key then.
 */
struct ffpf_table {
	const char *name, *doc, *kind; /* "hash"; doc NULL: none */
	uint32_t key_size, value_size; /* bytes */
	struct ffpf_members key, value;
	uint64_t entries; /* in all; of the kind "array" those that are not all zero */
	/* Rows: those whose first number (of 8 bytes) is greatest, in this order; of arrays in the order of the keys.
	 */
	size_t n_rows;
	const uint8_t *keys, *values; /* one behind the other */
};

struct ffpf_function_stats {
	const char *name, *class, *flowspace;
	/* packets_in = packets_out + filtered + lost, always */
	uint64_t packets_in, packets_out, filtered, lost, bytes_in;
	const struct ffpf_result *results;
	size_t n_results;
	const struct ffpf_table *tables;
	size_t n_tables;
};

struct ffpf_barrier_stats {
	const char *from, *to, *stub;
	uint64_t packets, bytes, lost; /* records read by the upper side; bytes copied; records that it did not get */
};

struct ffpf_stats {
	double elapsed_s; /* since activation */
	const struct ffpf_function_stats *functions;
	size_t n_functions;
	const struct ffpf_barrier_stats *barriers;
	size_t n_barriers;
	uint64_t lost; /* by all barriers, sources and sinks together: a packet lost at a barrier counts once, for
			  however many functions it was meant */
	uint64_t interpreted; /* replayed packets that the kernel's test runner could not take: run by the reference
				 interpreter */
};

/* A snapshot, consistent per function once the graph has ended. Freed by ffpf_stats_free. */
int ffpf_stats_get(struct ffpf *h, struct ffpf_stats **out);
void ffpf_stats_free(struct ffpf_stats *stats); /* NULL-safe */

/* ---- where packets went ---------------------------------------------------------------------- */

/* At most so many packets are followed. */
#define FFPF_TRACE_MOST 100000

/* What a packet met: a function; or a barrier, that it set out to cross. */
struct ffpf_trace_step {
	const char *function;		   /* NULL: a barrier */
	const char *flowspace, *to, *stub; /* where; of a barrier both sides and what carries it over */
	uint32_t class, result;		   /* function: class that came in, and what it made of it; 0: it let it go */
	bool ends;			   /* it goes no further from here: let go, or no edge takes the result */
	bool arrived;			   /* barrier: something above has seen the packet */
};

struct ffpf_traced_packet {
	unsigned number;  /* from 1 on; some may be left out */
	uint64_t time_ns; /* since the epoch */
	const char *source;
	uint32_t len;	  /* bytes on the wire */
	const char *text; /* what it is, in one line */
	const struct ffpf_trace_step *steps;
	size_t n_steps;
	bool dropped;	       /* from the network */
	const char *let_go_by; /* the first function that let it go; NULL: none did */
};

struct ffpf_trace_list {
	const struct ffpf_traced_packet *packets;
	size_t n;
};

/* How many packets have been followed so far, of options.trace_packets. Cheap. */
unsigned ffpf_trace_count(struct ffpf *h);
/*
 * What these packets met, up to now: one that came this instant may still be on its way. To be freed with
 * ffpf_trace_free; names belong to the handle. 0; -EINVAL: not instantiated, or nothing is followed.
 */
int ffpf_trace_get(struct ffpf *h, struct ffpf_trace_list **out);
void ffpf_trace_free(struct ffpf_trace_list *list); /* NULL-safe */

/* ---- maps ------------------------------------------------------------------------------------ */

/* A map of a function: of a user's program, or one that its class announces. Texts and members belong to the handle,
 * until the function is replaced.
 */
struct ffpf_map_info {
	const char *function, *name;
	const char *kind; /* "lru_hash" */
	bool variables;	  /* global variables: one entry, its members are they */
	bool announced;	  /* by the function's class: see struct ffpf_table */
	uint32_t key_size, value_size, max_entries;
	unsigned n_values; /* of each key: 1, or one for each processor or thread */
	struct ffpf_members key, value;
};

/*
 * The i-th map of all functions, in the order of the graph; functions that share maps have each of them. 0; -ENOENT
 * behind the last; -EINVAL: not instantiated.
 */
int ffpf_map_get(struct ffpf *h, size_t i, struct ffpf_map_info *out);

/* What was in a map: n entries in the order of their keys' bytes (arrays: of the numbers). */
struct ffpf_map_entries {
	size_t n;
	const uint8_t *keys;   /* n times key_size bytes */
	const uint8_t *values; /* n times n_values times value_step bytes */
	size_t value_step;     /* value_size, rounded up to a multiple of eight */
};

/*
 * Copies the entries of the i-th map, while programs use it: each one that is there all the while is in it. It counts
 * as no use in an LRU map of userspace. To be freed with ffpf_map_entries_free. 0; -ENOENT: no such map, or one that
 * holds programs; -ENOMEM; other -errno of the kernel.
 */
int ffpf_map_read(struct ffpf *h, size_t i, struct ffpf_map_entries **out);
void ffpf_map_entries_free(struct ffpf_map_entries *entries); /* NULL-safe */

/* What a function of the class export wants shipped. Texts belong to the handle. */
struct ffpf_shipment {
	const char *name;     /* under which its results appear */
	const char *function; /* whose maps */
	const char *map;      /* which; NULL: all of them */
	const char *file;     /* where to; "-" is standard output. The library opens none */
	uint64_t asked;	      /* packets that have asked for it so far */
};

/* The i-th of the graph. Cheap: to be looked at now and then. 0; -ENOENT behind the last; -EINVAL: not instantiated. */
int ffpf_shipment_get(struct ffpf *h, size_t i, struct ffpf_shipment *out);

/* Input bytes read and to be read, over all savefiles; total 0: unknown. packets: read from all sources so far. */
void ffpf_progress(struct ffpf *h, uint64_t *done, uint64_t *total, uint64_t *packets);

/* ---- bare programs --------------------------------------------------------------------------- */

enum ffpf_machine {
	FFPF_MACHINE_BEST, /* compiled where this processor can */
	FFPF_MACHINE_INTERPRETER,
	FFPF_MACHINE_COMPILER
};

/*
 * Runs a bare eBPF program (RFC 9669, instructions in host byte order, `bytes` of them) in the machine of the user
 * flowspace: r1 is the address of `memory`, which it may write, r2 its size in bytes; r0 goes to *result. It is
 * verified before, unless the caller vouches for it: then it may do whatever this process may, or never end. 0;
 * -EINVAL: not a program; -EACCES, -E2BIG: refused by the verifier; -ENOTSUP: not compiled on this processor; -ENOMEM.
 * *message, which the caller frees, says why; NULL on success.
 */
int ffpf_machine_run(const void *program, size_t bytes, void *memory, size_t size, enum ffpf_machine how, bool verify,
		     uint64_t *result, char **message);

/* ---- explain --------------------------------------------------------------------------------- */

enum ffpf_explain_form { FFPF_EXPLAIN_TEXT, FFPF_EXPLAIN_DOT, FFPF_EXPLAIN_JSON, FFPF_EXPLAIN_IR, FFPF_EXPLAIN_BPF };

/* After ffpf_populate (before or after instantiating: then what the kernel refused shows too). */
int ffpf_explain(struct ffpf *h, enum ffpf_explain_form form, FILE *out, bool colour);

/* The flowspaces, the highest first: the i-th name, with what it is in one line in *help (may be NULL); NULL at the
 * end. */
const char *ffpf_flowspace_name(size_t i, const char **help);

/* "0.1.0"; static. */
const char *ffpf_version(void);

#ifdef __cplusplus
}
#endif

#endif
