/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Function classes: what an implementer of one fills in.
 *
 * A class is one const struct, in a file of its own. Its tables feed parsing,
 * `ffpf classes`, the manual, the completion, spelling hints and the test that
 * runs every example. A class offers
 *   build   a packet program (ffpf/ir.h): runs at every level that has what it needs; and/or
 *   native  C code of the user flowspace (needs a library, writes files, …); or
 *   source  where packets come from.
 * A NULL member means "not here"; placement reads that instead of a second list.
 *
 * A user's own classes live in shared objects (--class-path DIR) which export
 *     const struct ffpf_class *const ffpf_classes[] = { &mine, NULL };
 */
#ifndef FFPF_CLASS_H
#define FFPF_CLASS_H

#include <ffpf/diag.h>
#include <ffpf/map.h>
#include <ffpf/packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FFPF_CLASS_ABI 7
/* demand(): all bytes of the packet. */
#define FFPF_ALL_BYTES UINT32_MAX

struct ffpf_builder;
struct ffpf_instance;

enum ffpf_type {
	FFPF_TYPE_STRING, /* s */
	FFPF_TYPE_COUNT,  /* i: integer, units k M G of 1000 */
	FFPF_TYPE_SIZE,	  /* i: bytes, units k M G of 1024 */
	FFPF_TYPE_RATE,	  /* i: per second; 10k, 1Gbit, 5Mbit/s, 3kpps */
	FFPF_TYPE_TIME,	  /* i: nanoseconds; ns us µs ms s m h; a bare number is seconds */
	FFPF_TYPE_BOOL,	  /* i: yes no on off true false 1 0 */
	FFPF_TYPE_FLOAT,  /* f: also 10% */
	FFPF_TYPE_CHOICE, /* i: index into choices */
	FFPF_TYPE_DEVICE, /* s: network interface name */
	FFPF_TYPE_FILE,	  /* s: file name, "-" where the class says so */
	FFPF_TYPE_FILTER, /* s: pcap expression */
	FFPF_TYPE_MAC,	  /* bytes[0..5], network order */
	FFPF_TYPE_IPV4,	  /* bytes[0..3], network order; prefix in i (32 when none is written) */
	FFPF_TYPE_IPV6,	  /* bytes[0..15], network order; prefix in i (128 when none) */
	FFPF_TYPE_RANGE,  /* i..j inclusive; a single number n is n..n */
};

enum {
	FFPF_PARAM_REQUIRED = 1, /* no default */
	FFPF_PARAM_MAIN = 2,	 /* the first positional argument; `expr` is an alias of its name */
};

struct ffpf_param {
	const char *name;
	enum ffpf_type type;
	unsigned flags;
	const char *def;	    /* default as one would write it; NULL: none */
	int64_t min, max;	    /* range of i; both 0: none */
	const char *const *choices; /* CHOICE: NULL-terminated */
	const char *doc;	    /* one line */
};

struct ffpf_value {
	bool set;   /* written by the user, or has a default */
	bool given; /* written by the user */
	int64_t i, j;
	double f;
	const char *s;
	uint8_t bytes[16];
	struct ffpf_span span; /* of the value as written; the function's own when it was not */
	const void *ast;       /* struct ffpf_ast_value *, for spans inside strings; NULL for a default */
};

/* How the cells of a field that is kept per CPU become one. */
enum ffpf_merge {
	FFPF_MERGE_SUM,
	FFPF_MERGE_MAX,
	FFPF_MERGE_MIN,	  /* one with initial UINT64_MAX has no result until something smaller is there */
	FFPF_MERGE_SHARED /* one cell for all CPUs, updated atomically */
};

enum ffpf_unit {
	FFPF_UNIT_NONE,
	FFPF_UNIT_PACKETS,
	FFPF_UNIT_BYTES,
	FFPF_UNIT_NS,
	FFPF_UNIT_PPS,
	FFPF_UNIT_BPS,
	FFPF_UNIT_CLASS,
	FFPF_UNIT_TIME /* a moment, as FFPF_MEMBER_TIME */
};

enum {
	FFPF_FIELD_HIDDEN = 1, /* working state: not printed */
	FFPF_FIELD_LOG2 = 2, /* an array of log2 buckets: cell k counts values in [2^(k-1), 2^k), cell 0 counts zero */
	FFPF_FIELD_DERIVED = 4, /* has no cells: class->derive computes it when read */
	FFPF_FIELD_PACKETS_IN =
		8, /* nothing is kept: it is the number of packets that arrived, which is counted anyway. cells is 1 */
	FFPF_FIELD_BYTES_IN = 16, /* the same with their bytes on the wire */
	FFPF_FIELD_LINEAR = 32,	  /* an array of equal buckets: cell k counts values in [first + k·width, first + (k +
				     1)·width), the last cell all greater ones */
	FFPF_FIELD_MISSED = 64,	  /* of a source: what its device dropped before the level could see it
				     (flowspace->missed). cells is 1 */
	FFPF_FIELD_RING = 128,	  /* the records of an event: not read with the results. Goes with HIDDEN */
};

/*
 * A field of a class's state (MBuf): `cells` unsigned 64-bit cells, at most FFPF_FIELD_CELLS_MAX, for each CPU if it is
 * not SHARED. An array of 64-bit cells that neither LOG2 nor LINEAR describes is printed by index.
 */
#define FFPF_FIELD_CELLS_MAX (1u << 22)
struct ffpf_field {
	const char *name;
	enum ffpf_merge merge;
	enum ffpf_unit unit;
	unsigned flags;
	uint32_t cells; /* 1 for a scalar */
	uint64_t initial;
	const char *doc;
	uint64_t first, width;	 /* LINEAR: of the buckets, in the unit of what is counted */
	const char *width_param; /* LINEAR: the parameter (SIZE or COUNT) that holds the width instead; NULL: none */
};

#define FFPF_CLASS_EVENT_WORDS_MOST 33
/*
 * Records that a packet program writes for whoever reads events (ffpf/ffpf.h): each CPU has a ring of slots in its
 * cells. The program writes the words of slot (head modulo slots) and then adds 1 to head, with
 * ffpf_ir_state_fetch_add.
 */
struct ffpf_class_event {
	const char *name;
	const char *doc; /* may be NULL */
	unsigned field;	 /* head, one cell for each CPU; the field behind it is the ring: slots times words cells */
	uint32_t slots;	 /* a power of two, 2 at least */
	uint32_t words;	 /* of a record: 1 to 33 */
	bool time;	 /* the first word is the packet's time (FFPF_META_TIME) */
	struct ffpf_members members; /* of the words behind the time, as they are in memory */
};

#define FFPF_CLASS_MAP_KEY_MOST 64
#define FFPF_CLASS_MAP_WORDS_MOST 32
/*
 * A map of an instance (ffpf/ir.h has the operations): keys of up to 64 bytes, values of up to 32 words of 64 bits in
 * host order. Kinds: HASH, LRU_HASH, LPM, ARRAY. The key of an ARRAY is a number of 4 bytes; all its entries are there
 * from the beginning.
 */
struct ffpf_class_map {
	const char *name, *doc;
	enum ffpf_map_kind kind;
	uint32_t key_size; /* bytes; LPM: without the prefix length */
	uint32_t words, max_entries;
	struct ffpf_members key, value; /* for readers. Parts of keys are most significant byte first (FFPF_MEMBER_BIG,
					   NETWORK, IPV6, MAC), words of values in host order */
	/* What is in it before the first packet: n_filled keys, one behind the other (of an ARRAY NULL: entries 0, 1
	 * …), and the words of as many values (NULL: all words 1). LPM: prefix lengths in bits. Of equal keys the last
	 * counts. */
	const uint8_t *keys;
	const uint64_t *values;
	const uint8_t *prefixes;
	size_t n_filled;
	bool hidden; /* working state: not among the results */
};

/*
 * A table that an instance keeps in cells, whose rows are made when it is read. Shown like a map's (struct ffpf_table),
 * in the order in which they are made.
 */
struct ffpf_class_table {
	const char *name, *kind; /* "topk" */
	const char *doc;	 /* may be NULL */
	uint32_t key_size;	 /* bytes */
	uint32_t words;		 /* of a value */
	struct ffpf_members key, value;
	unsigned field; /* the first of the fields that it is kept in */
	/*
	 * Calls row(to, key, words) for each. cells: merged, of the fields from `field` on, one cell for those that
	 * have none; per_cpu(arg, cpu) gives one CPU's, unmerged, until the next call.
	 */
	void (*rows)(const struct ffpf_class_table *table, const uint64_t *cells,
		     const uint64_t *(*per_cpu)(const void *arg, unsigned cpu), unsigned n_cpus, const void *arg,
		     void (*row)(void *to, const void *key, const uint64_t *words), void *to);
	const void *data; /* for rows */
};

/*
 * A result of a function of the graph that an instance reads in its packet program (ffpf_ir_wanted), wherever the other
 * one runs: a result that is one number, or one of packets_in, packets_out, filtered, lost, bytes_in.
 */
struct ffpf_wanted {
	const char *function, *result;
	struct ffpf_span span; /* where they are named */
};

/* What an instance keeps, and what of others it reads. */
struct ffpf_schema {
	const struct ffpf_field *fields;
	size_t n_fields;
	const struct ffpf_class_map *maps;
	size_t n_maps;
	const struct ffpf_class_event *events;
	size_t n_events;
	const struct ffpf_class_table *tables;
	size_t n_tables;
	const struct ffpf_wanted *wanted;
	size_t n_wanted;
};

/* Metadata that a class may need; what a level can't tell keeps the class off it. */
enum {
	FFPF_NEED_TIME = 1,
	FFPF_NEED_DIR = 2,
	FFPF_NEED_VLAN = 4, /* looks at VLAN tags, wherever the level keeps them */
	FFPF_NEED_MARK = 8,
	FFPF_NEED_RETAG = 16, /* changes VLAN tags of what goes on on the network */
};

/* Cells that a class with `exhausted` may have. */
#define FFPF_LIMIT_CELLS 8

enum ffpf_role { FFPF_SOURCE, FFPF_FUNCTION, FFPF_SINK };

enum {
	FFPF_CLASS_PASSES = 1,	/* every packet that comes in goes out, with its class */
	FFPF_CLASS_VERDICT = 2, /* decides what becomes of the packet on the network */
	FFPF_CLASS_LIMITS = 4,	/* may say that it will never pass another packet (head) */
	FFPF_CLASS_STDOUT = 8,	/* may write to standard output */
	FFPF_CLASS_EXCLUSIVE =
		16, /* a source of what only one can have: equal ones of a graph are one, others are refused */
	FFPF_CLASS_SHIPS = 32, /* asks for maps to be shipped (export): its parameters are function, map and file */
};

/* What a source says of its packets before it runs. */
struct ffpf_source_info {
	uint16_t linktype; /* DLT_ value */
	uint32_t snaplen;
	uint32_t ifindex;  /* dev */
	const char *name;  /* of the device; NULL: none. As long as the graph */
	bool swapped;	   /* a savefile of the other byte order: its DLT_NULL headers are, too */
	bool vlan_in_data; /* VLAN tags are known to be in the packet's bytes */
	bool take;	   /* what reaches the end of the flow goes no further on the network */
	uint64_t size;	   /* bytes of the savefile for the progress bar; 0 unknown */
};

/* A line of a class's source: not ended, valid as long as the instance. */
struct ffpf_class_line {
	const char *file;
	unsigned line, column; /* from 1 on */
	const char *text;
	size_t len; /* bytes */
};

/* An instance of a class: a function of the graph, as its class sees it. */
struct ffpf_instance {
	const struct ffpf_class *class;
	const char *name;		 /* under which its results appear */
	const struct ffpf_value *values; /* one per param, in the order of class->params */
	struct ffpf_span span;
	struct ffpf_diags *diags; /* for check and probe; NULL afterwards */
	void *data;		  /* the class's own, made by check or probe with ffpf_instance_alloc */
	struct ffpf_arena *arena; /* the library's */
	/* build, demand: the source whose packets the program will see; native->open: the only source whose packets
	 * come, NULL: several */
	const struct ffpf_source_info *input;
	const struct ffpf_source_info *sources; /* native->open: all of the graph's, by packet->source */
	size_t n_sources;
};

/*
 * C code of the user flowspace. One object serves all threads unless parallel is set: then open is called once per
 * reader thread. process is the data path: no allocation, no lock of ours, no formatting beyond its purpose.
 */
struct ffpf_native {
	bool parallel;
	/*
	 * Makes the running object; may open files, in which it must not change anything yet: the run may still fail to
	 * begin, and then only close follows. 0 or -errno, with a message for people in *why (static or malloc'd in
	 * arena).
	 */
	int (*open)(struct ffpf_instance *instance, unsigned thread, void **object, const char **why);
	/* One packet with its incoming class; returns the outgoing class, 0 when the packet leaves the flow here. */
	uint32_t (*process)(void *object, const struct ffpf_packet *packet, uint32_t class);
	/*
	 * Instead of process, where the class changes packets: functions behind it see *out, which is a copy of *packet
	 * when it is called, those beside it *packet. What out->data points to stays as it is until the object's next
	 * call; the packet's own bytes are not written to. May be NULL: the class changes nothing.
	 */
	uint32_t (*transform)(void *object, const struct ffpf_packet *packet, uint32_t class, struct ffpf_packet *out);
	/*
	 * Called when everything is attached and before the first packet, when the reader has nothing more to do for
	 * now, at least every 100 ms while it has, and at the end; may be NULL. 0 or -errno.
	 */
	int (*flush)(void *object);
	/*
	 * The run is to end, though its input has not: what process and flush may be waiting for (the reader of a pipe)
	 * must not be waited for much longer. Called from another thread, at any time. May be NULL: the object never
	 * waits.
	 */
	void (*end)(void *object);
	/* The first failure of the object (full disk …): 0 or -errno and a message; read after every batch. May be
	 * NULL. */
	int (*error)(const void *object, const char **why);
	/* Packets that the object was given but could not keep (counted as lost at this function). May be NULL. */
	uint64_t (*lost)(const void *object);
	/* Why packets were lost although nothing failed, in one line; NULL while there is nothing to say. Printed once,
	 * at the end. May be NULL. */
	const char *(*notice)(const void *object);
	/* Writes the values of the fields that are not DERIVED into cells (in order of the fields); may be NULL when
	 * there are none. */
	void (*state)(const void *object, uint64_t *cells);
	void (*close)(void *object);
};

/*
 * A source that the user flowspace reads from (pcap). read fills up to n packets that stay valid until the next read;
 * returns their number, 0 at the end, -errno on a failure that ends the input (with *why); -EAGAIN when nothing came
 * within timeout_ms (pipes).
 */
struct ffpf_user_source {
	int (*open)(struct ffpf_instance *instance, void **object, const char **why);
	int (*read)(void *object, struct ffpf_packet *packets, unsigned n, int timeout_ms, const char **why);
	/* Bytes of the file consumed so far (compressed bytes for a compressed file), for the progress bar. */
	uint64_t (*position)(const void *object);
	/* Packets that the source had to give up (of another link type, for example): counted as lost at the source. */
	uint64_t (*lost)(const void *object);
	/* Why packets were lost, in one line; NULL while there is nothing to say. Printed once, at the end. May be
	 * NULL. */
	const char *(*notice)(const void *object);
	void (*close)(void *object);
};

struct ffpf_class {
	unsigned abi; /* FFPF_CLASS_ABI */
	const char *name;
	const char *help;    /* one line */
	const char *manual;  /* some paragraphs; may be NULL */
	const char *example; /* a flowgraph that runs; $FILE stands for a savefile, $OUT for a writable file name, $DEV
				for a device, $OBJ for a BPF object */
	enum ffpf_role role;
	unsigned flags;
	unsigned needs;
	const struct ffpf_param *params;
	size_t n_params;
	union { /* what every instance keeps, if schema does not say more */
		struct {
			const struct ffpf_field *fields;
			size_t n_fields;
			const struct ffpf_class_map *maps;
			size_t n_maps;
			const struct ffpf_class_event *events;
			size_t n_events;
			const struct ffpf_class_table *tables;
			size_t n_tables;
			const struct ffpf_wanted *wanted;
			size_t n_wanted;
		};
		struct ffpf_schema keeps;
	};

	/* Checks parameters, may set instance->data. Reports into instance->diags. 0 or -errno (reported). May be NULL.
	 * Holds no resource. */
	int (*check)(struct ffpf_instance *instance);
	/* Bytes of the packet that the instance looks at: 0 none, FFPF_ALL_BYTES. NULL: none. */
	uint32_t (*demand)(const struct ffpf_instance *instance);
	/* Metadata that this instance needs beyond class->needs; NULL: nothing more. */
	unsigned (*instance_needs)(const struct ffpf_instance *instance);
	/* Emits the packet program; see ffpf/ir.h. 0, or -errno with a diagnostic when instance->diags is set. */
	int (*build)(const struct ffpf_instance *instance, struct ffpf_builder *builder);
	/* The same, once more, to check that it can be built for a source's packets (link type …), located. */
	const struct ffpf_native *native;

	/* Sources. probe: looks at the file or device, holds nothing afterwards. */
	int (*probe)(struct ffpf_instance *instance, struct ffpf_source_info *info);
	const struct ffpf_user_source *source;
	/*
	 * FFPF_CLASS_LIMITS: will the instance never again pass a packet? cells: merged, as for derive. A graph all of
	 * whose paths are exhausted has ended. Asked after every packet: such a class has at most FFPF_LIMIT_CELLS
	 * cells in all.
	 */
	bool (*exhausted)(const struct ffpf_instance *instance, const uint64_t *cells);
	/* The only flowspace that has this class; NULL: any that can. */
	const char *flowspace;
	/*
	 * Fills the DERIVED fields. cells: the merged cells of all fields in order; per_cpu(arg, cpu) gives one CPU's
	 * unmerged cells (n_cpus of them). out[i] belongs to fields[i]. May be NULL when no field is DERIVED.
	 */
	void (*derive)(const struct ffpf_instance *instance, const uint64_t *cells,
		       const uint64_t *(*per_cpu)(const void *arg, unsigned cpu), unsigned n_cpus, const void *arg,
		       double *out);
	/*
	 * For a function that runs: makes instance->data anew from a file (NULL: the one it was made from), in an arena
	 * of its own. 0 or -errno, with a sentence in *why (arena or static). NULL: it can't be replaced.
	 */
	int (*reload)(const struct ffpf_instance *instance, const char *file, struct ffpf_arena *arena, void **data,
		      const char **why);
	/* Functions of the class for which this is the same text keep their state in common: they run on one level.
	 * NULL, also as an answer: the state is the function's own. */
	const char *(*together)(const struct ffpf_instance *instance);
	/*
	 * Emits the decisions of many instances at once, where no packet is accepted by two of them, and with the class
	 * that it came with: from the builder's block on, which is ended, to accepted[i] (a new block that the caller
	 * goes on in), or to `none`. 0; 1, with nothing emitted, when these instances are not such. builder NULL: only
	 * asks. May be NULL.
	 */
	int (*build_many)(const struct ffpf_instance *const *instances, size_t n, struct ffpf_builder *builder,
			  uint32_t *accepted, uint32_t none);
	/* What this instance keeps, after check; as long as the instance. NULL: what stands above. */
	const struct ffpf_schema *(*schema)(const struct ffpf_instance *instance);
	/* FFPF_CLASS_PASSES and FFPF_CLASS_VERDICT that this instance has beyond its class's flags; after check. NULL:
	 * none. */
	unsigned (*instance_flags)(const struct ffpf_instance *instance);
	/*
	 * The class that a function is really of, where that depends on its values (FPL: the program that is written
	 * has parameters and state of its own). Its parameters begin with this class's. Asked before check, with the
	 * values of this class's parameters. NULL: reported. The class lives as long as the instance. May be NULL: this
	 * one.
	 */
	const struct ffpf_class *(*specialise)(struct ffpf_instance *instance);
	/*
	 * What the kernel module's class of the same name gets of this instance (kernel/include/ffpf_kmod.h): writes up
	 * to size bytes, returns how many there are. Its cells are those of `fields`, in their order. NULL: the module
	 * has no such class.
	 */
	size_t (*kernel_params)(const struct ffpf_instance *instance, void *out, size_t size);
	/* A line of the instance's own source, by the number that ffpf_ir_line() was given, for listings and the
	 * kernel's messages. False: there is none. May be NULL. */
	bool (*line)(const struct ffpf_instance *instance, unsigned number, struct ffpf_class_line *out);
};

/*
 * An instance of another class inside one: `class` called with the texts args (n of them, as they would be written in a
 * graph, from its main parameter on). The caller builds it with its own. 0, or -EINVAL: reported into caller->diags at
 * span.
 */
int ffpf_instance_call(const struct ffpf_instance *caller, const struct ffpf_class *class, const char *const *args,
		       size_t n, struct ffpf_span span, struct ffpf_instance *out);

/* What an instance keeps; never NULL. Every reader of state asks this. */
const struct ffpf_schema *ffpf_instance_schema(const struct ffpf_instance *instance);
/* Its class's flags, and those that it has beyond them. */
unsigned ffpf_instance_flags(const struct ffpf_instance *instance);

/* Zeroed memory for instance->data, from check, probe or open; it goes with the graph. Never NULL. size is bytes. */
void *ffpf_instance_alloc(const struct ffpf_instance *instance, size_t size);

/* The value of a parameter by name; never NULL for a name in the class's table. */
const struct ffpf_value *ffpf_instance_value(const struct ffpf_instance *instance, const char *param);

/* A number of a parameter's type as one would write it: 10ms, 64k, 1M. Into a buffer of at least 32 bytes. */
void ffpf_value_format(enum ffpf_type type, int64_t number, char *buffer, size_t size);

/* The table of all classes: built-in ones, then those of class paths. NULL at the end, and when there is none of that
 * name. */
const struct ffpf_class *ffpf_class_at(size_t i);
const struct ffpf_class *ffpf_class_find(const char *name);

#endif
