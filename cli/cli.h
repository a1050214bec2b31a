/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ffpf command: what its files share.
 *
 *   main.c       the table of commands; which one was meant
 *   option_table.c   the table of options; options.c the parser that it drives; option_values.c reads the values
 *   help.c man.c completion.c   the same two tables as --help, as manual page and as bash completion
 *   request.c    a graph's text → a populated or instantiated handle, with everything that went wrong said
 *   cmd_*.c      one command each
 *   signals.c    what asks a run to end
 *   results.c table.c tables.c histogram.c units.c   results for people;  json.c  results for programs
 *   trace.c      where followed packets went
 *   progress.c   the bar on stderr
 *   events.c     events that functions write, as lines
 *   doctor*.c    what this machine offers
 *   control*.c ctl_print.c   the control socket of a run, and its other side: control.h
 *
 * The command stands on <ffpf/ffpf.h> and on nothing below it; only the doctor asks the kernel itself.
 * stdout carries results and nothing else; messages, notices and progress go to stderr.
 */
#ifndef FFPF_CLI_H
#define FFPF_CLI_H

#include <ffpf/ffpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,  /* failed while running */
	EXIT_REQUEST = 2, /* the request is wrong */
	EXIT_MISSING = 3, /* a privilege or kernel feature is missing */
};

enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* What the command line said. All zero is the default; strings belong to argv. */
struct cli {
	const struct command *command;
	struct ffpf_options options;
	struct ffpf_define *defines;
	int *cpus;
	const char **class_paths;
	size_t n_class_paths;
	const char *file;    /* -f; "-" is stdin */
	const char *control; /* path of a socket */
	const char *events;  /* file for events; "-": stdout */
	double duration_s;   /* 0: until the input ends */
	double interval_s;   /* 0: no interval output */
	bool json, markdown, dot, ir, bpf;
	bool no_probe;	/* explain: do not ask the kernel */
	int machine;	/* vm: enum ffpf_machine */
	bool no_verify; /* vm */
	bool quiet, no_progress;
	bool help, version;
	int colour;	    /* enum colour */
	const char **words; /* what is neither option nor command; inside word_memory */
	size_t n_words;
	const char **word_memory;
	size_t n_notices; /* printed so far */
};

/* What a command or an option's argument may be, for the completion. */
enum completes {
	COMPLETES_NOTHING,
	COMPLETES_GRAPH,
	COMPLETES_CLASS,
	COMPLETES_DEVICE,
	COMPLETES_FILE,
	COMPLETES_FOLDER,
	COMPLETES_SHELL,
	COMPLETES_CONTROL
};

enum command_id {
	COMMAND_RUN,
	COMMAND_TRACE,
	COMMAND_EXPLAIN,
	COMMAND_CHECK,
	COMMAND_CLASSES,
	COMMAND_DOCTOR,
	COMMAND_CTL,
	COMMAND_VM,
	COMMAND_MAN,
	COMMAND_COMPLETION,
	COMMAND_HELP,
	N_COMMANDS
};

struct command {
	const char *name;
	const char *arguments; /* as the synopsis shows them */
	const char *doc;       /* one line */
	const char *manual;    /* a paragraph for --help of the command and the manual page */
	bool hidden;	       /* not in --help */
	size_t max_words;
	enum completes completes;
	int (*run)(struct cli *cli); /* returns the exit status */
};

extern const struct command commands[N_COMMANDS];

struct choice {
	const char *name; /* NULL ends the list */
	int value;
};

struct option_def {
	const char *name;     /* long, without dashes; NULL: only a letter */
	char letter;	      /* short; 0: none */
	const char *argument; /* how the help names its argument; NULL: takes none */
	const char *doc;
	unsigned commands; /* 1u << enum command_id … */
	/* Stores a value at offset in struct cli. NULL, or what is wrong with the argument (a sentence's end, static).
	 */
	const char *(*set)(struct cli *cli, const struct option_def *self, const char *argument);
	size_t offset;
	int value;		      /* what a flag stores */
	const struct choice *choices; /* NULL: free */
	enum completes completes;
};

extern const struct option_def option_table[];
extern const size_t n_options;

/* options.c: reads argv into cli. 0, or EXIT_REQUEST after saying on stderr what is wrong. */
int options_parse(struct cli *cli, int argc, char **argv);
void options_free(struct cli *cli);

/* option_values.c: the setters of the table. Their contract is that of option_def.set. */
const char *set_flag(struct cli *cli, const struct option_def *self, const char *argument);   /* bool = value */
const char *set_text(struct cli *cli, const struct option_def *self, const char *argument);   /* const char * */
const char *set_time(struct cli *cli, const struct option_def *self, const char *argument);   /* double, seconds */
const char *set_size(struct cli *cli, const struct option_def *self, const char *argument);   /* size_t, bytes */
const char *set_number(struct cli *cli, const struct option_def *self, const char *argument); /* unsigned, above zero */
const char *set_micros(struct cli *cli, const struct option_def *self,
		       const char *argument); /* unsigned, µs, above zero */
const char *set_choice(struct cli *cli, const struct option_def *self, const char *argument); /* int */
const char *set_enum(struct cli *cli, const struct option_def *self, const char *argument);   /* int = value */
const char *add_define(struct cli *cli, const struct option_def *self, const char *argument);
const char *add_class_path(struct cli *cli, const struct option_def *self, const char *argument);
const char *set_cpus(struct cli *cli, const struct option_def *self, const char *argument);

/* help.c */
void help_print(FILE *out, const struct command *command /* NULL: all */);
extern const struct choice exit_statuses[]; /* name is the meaning */
/* The i-th example: a command line and what it does; NULL at the end. */
const char *help_example(size_t i, const char **doc);

/* request.c */
/* "ffpf: ", a message and a newline, on stderr. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* May colours go to this stream? */
bool colour_wanted(const struct cli *cli, FILE *stream);
/* A handle with the classes of --class-path. EXIT_DONE, or the exit status after a message; *out is to be closed by the
 * caller. */
int request_create(struct cli *cli, struct ffpf **out);
/* request_create, then the graph of -f or of the only word, populated; diagnostics printed unless silent. */
int request_populate(struct cli *cli, bool silent, struct ffpf **out);
/* Instantiates; notices printed. EXIT_DONE, or the exit status after a message. */
int request_instantiate(struct cli *cli, struct ffpf *h);
/* Says what is wrong with a populated graph that the machine does not take; the exit status. */
int request_failed(struct cli *cli, struct ffpf *h, int error);
/* Prints the notices that have come up since the last call. */
void print_notices(struct cli *cli, const struct ffpf *h);
/* The exit status that an -errno of instantiate or activate means. */
int request_status(int error);
/* Flushes stdout. false, after a message, when the results could not be written. */
bool finish_output(FILE *out);

/* signals.c: SIGINT, SIGTERM and SIGHUP, from now on. After so many seconds (0: never) populating is to wait no longer.
 */
void signals_catch(double seconds);
void signals_populated(void);
bool signals_interrupted(void);
/* From now on SIGHUP asks for new versions, not for the end; unless the caller ignores it, or the end was asked for. */
void signals_reload_on_hangup(void);
bool signals_reload(void); /* SIGHUP has come since the last call */
bool signals_late(void);   /* the seconds had passed before the graph was populated */

/* events.c: from activation on, events are printed on stderr or into the file of --events. EXIT_DONE, or the exit
 * status after a message; *out is to be closed either way, behind the handle: false, after a message, when lines are
 * missing.
 */
struct events;
int events_open(const struct cli *cli, struct ffpf *h, struct events **out);
bool events_close(struct events *events /* may be NULL */, bool begun);

/* trace.c: one packet's way, as lines or (JSON Lines) as a document on one line. */
void trace_print(FILE *out, const struct ffpf_traced_packet *packet, unsigned number, bool colour);
void trace_print_json(FILE *out, const struct ffpf_traced_packet *packet, unsigned number);

/* units.c: numbers for people, at most 31 characters and a NUL. Each returns buffer. */
#define UNIT_SIZE 32
char *human_count(char buffer[static UNIT_SIZE], double n, const char *unit); /* 1.2M: powers of 1000, three digits */
char *human_bytes(char buffer[static UNIT_SIZE], double bytes);		      /* 3.4 MB */
char *human_moment(char buffer[static UNIT_SIZE], uint64_t ns);		      /* 14:03:59.000001; 0: - */
char *human_time(char buffer[static UNIT_SIZE], double seconds);	      /* 1.5 ms, 1:02:03 */
/* A state value in its unit; exact for packets and plain numbers. */
char *human_value(char buffer[static UNIT_SIZE], double n, enum ffpf_unit unit);
const char *unit_name(enum ffpf_unit unit);

/* table.c: columns of text. Cells are copied; widths count characters, not bytes. */
struct table;
enum align { ALIGN_LEFT, ALIGN_RIGHT };
/* NULL when memory runs out. headings and alignment: n of each; the headings are not copied. */
struct table *table_new(size_t n, const char *const *headings, const enum align *alignment);
void table_free(struct table *table); /* NULL-safe */
/* Adds a cell, row by row; format NULL is an empty cell. style: an SGR sequence ("31") used when colours are on, or
 * NULL. */
void table_cell(struct table *table, const char *style, const char *format, ...) __attribute__((format(printf, 3, 4)));
void table_print(const struct table *table, FILE *out, bool colour);
/* Columns that a UTF-8 text takes, counting one for each character. */
size_t text_width(const char *text);

/* histogram.c: one state array as bars. title is printed above. */
void histogram_print(FILE *out, const char *title, const struct ffpf_result *result, bool colour);

/* results.c: the results as tables, with up to so many rows of those that functions keep. previous NULL: since
 * activation; else rates are those since then. */
void results_print(FILE *out, const struct ffpf_stats *stats, const struct ffpf_stats *previous, size_t rows,
		   bool colour);

/* tables.c: the tables of a function, up to so many rows of each. */
/* A member that is a moment or a span, as people read it: false for any other. */
bool times_text(char text[static UNIT_SIZE], const struct ffpf_members *members, const char *name, int64_t ns);
void tables_print(FILE *out, const struct ffpf_function_stats *function, size_t most, bool colour);

struct json_t;
/* json.c: the document of the results, with the notices of h. one_line: no newline inside. 0, or -errno. */
int json_results(FILE *out, const struct ffpf *h, const struct ffpf_stats *stats, bool one_line);

/* The same as a value, and the state of one function. NULL when memory runs out. */
struct json_t *json_document(const struct ffpf *h, const struct ffpf_stats *stats);
struct json_t *json_state(const struct ffpf_function_stats *function);
/* The tables of a function: {"flows":[{…}…]} (tables.c). */
struct json_t *json_tables(const struct ffpf_function_stats *function);

/* A text as JSON, which is UTF-8: names of files need not be, and '?' stands for the bytes that are not. */
struct json_t *json_text(const char *text);

/* progress.c: a bar on stderr, drawn only where it makes sense. All NULL-safe. */
struct progress;
struct progress *progress_new(const struct cli *cli, struct ffpf *h); /* NULL: no bar */
void progress_draw(struct progress *progress);			      /* as often as one likes */
void progress_erase(struct progress *progress);			      /* before other output on the terminal */
void progress_free(struct progress *progress);			      /* erases */

/* classes_words.c: the tables of classes in words, for the manual of one, for JSON and for docs/CLASSES.md. */
struct class_bit {
	unsigned bit;
	const char *name, *doc; /* name NULL ends the list */
};
extern const char *const class_roles[];			/* by enum ffpf_role */
extern const char *const class_role_titles[];		/* by enum ffpf_role */
extern const struct class_bit class_properties[];	/* bits of ffpf_class.flags */
extern const struct class_bit class_needs[];		/* bits of ffpf_class.needs */
const char *class_type(const struct ffpf_param *param); /* "count" */
/* "a|b|c" of a parameter with choices, else its type. Static or in buffer. */
const char *class_type_words(const struct ffpf_param *param, char *buffer, size_t size);
/* "1ms to 24h", "1 or more", or "" when every value is right. Static or in buffer. */
const char *class_range_words(const struct ffpf_param *param, char *buffer, size_t size);
/* Where functions of the class can run: "any" level, "user", or the one level that has it. */
const char *class_level(const struct ffpf_class *class);
/* The class's example as an argument list of ffpf that runs: a -D for each $NAME in it. */
void class_example_print(const struct ffpf_class *class, FILE *out);

/* classes_markdown.c: the page docs/CLASSES.md. */
void classes_markdown(FILE *out);

/* cmd_*.c, man.c, completion.c, help.c */
int cmd_run(struct cli *cli);
int cmd_trace(struct cli *cli);
int cmd_explain(struct cli *cli);
int cmd_check(struct cli *cli);
int cmd_classes(struct cli *cli);
int cmd_doctor(struct cli *cli);
int cmd_ctl(struct cli *cli);
int cmd_vm(struct cli *cli);
int cmd_man(struct cli *cli);
int cmd_completion(struct cli *cli);
int cmd_help(struct cli *cli);

#endif
