/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options, once. The table drives the parser (options.c), --help (help.c), the
 * manual page (man.c) and the completion (completion.c). To add one: a line here, a member of struct cli.
 */
#include "cli.h"

/* clang-format off */
#define C(x) (1u << COMMAND_##x)
#define EVERY (~0u)
#define GRAPHS (C(RUN) | C(EXPLAIN) | C(CHECK))
#define AT(member) offsetof(struct cli, member)

static const struct choice wakeups[] = {
	{ "adaptive", FFPF_WAKE_ADAPTIVE }, { "packets", FFPF_WAKE_PACKETS }, { "each", FFPF_WAKE_EACH }, { "busy", FFPF_WAKE_BUSY },
	{ "yield", FFPF_WAKE_YIELD },       { "sleep", FFPF_WAKE_SLEEP },     { NULL, 0 },
};
static const struct choice colours[] = { { "auto", COLOUR_AUTO }, { "always", COLOUR_ALWAYS }, { "never", COLOUR_NEVER }, { NULL, 0 } };

const struct option_def option_table[] = {
	{ .name = "file", .letter = 'f', .argument = "FILE",
	  .doc = "read the graph from FILE; - is standard input",
	  .commands = GRAPHS, .set = set_text, .offset = AT(file), .completes = COMPLETES_FILE },
	{ .name = "define", .letter = 'D', .argument = "NAME=VALUE",
	  .doc = "what $NAME stands for in the graph, once for each name (repeatable)",
	  .commands = GRAPHS, .set = add_define },
	{ .name = "duration", .letter = 'd', .argument = "TIME",
	  .doc = "stop after TIME: seconds, or as 10ms, 2m, 1h; as long is a pipe waited for to begin",
	  .commands = C(RUN), .set = set_time, .offset = AT(duration_s) },
	{ .name = "interval", .letter = 'i', .argument = "TIME",
	  .doc = "print the results every TIME while running",
	  .commands = C(RUN), .set = set_time, .offset = AT(interval_s) },
	{ .name = "json",
	  .doc = "print a JSON document; with -i one on each line",
	  .commands = GRAPHS | C(CLASSES) | C(DOCTOR) | C(CTL), .set = set_flag, .offset = AT(json), .value = 1 },
	{ .name = "markdown",
	  .doc = "print the reference of all classes as a Markdown page",
	  .commands = C(CLASSES), .set = set_flag, .offset = AT(markdown), .value = 1 },
	{ .name = "dot",
	  .doc = "print the placed graph for Graphviz",
	  .commands = C(EXPLAIN), .set = set_flag, .offset = AT(dot), .value = 1 },
	{ .name = "ir",
	  .doc = "print the packet programs",
	  .commands = C(EXPLAIN), .set = set_flag, .offset = AT(ir), .value = 1 },
	{ .name = "bpf",
	  .doc = "print the eBPF that is generated",
	  .commands = C(EXPLAIN), .set = set_flag, .offset = AT(bpf), .value = 1 },
	{ .name = "no-probe",
	  .doc = "do not load the programs to see what this kernel makes of them",
	  .commands = C(EXPLAIN), .set = set_flag, .offset = AT(no_probe), .value = 1 },
	{ .name = "replay",
	  .doc = "run savefiles through the kernel levels with the kernel's test runner",
	  .commands = GRAPHS, .set = set_flag, .offset = AT(options.replay), .value = 1 },
	{ .name = "class-path", .argument = "DIR",
	  .doc = "load function classes from the shared objects of DIR (repeatable)",
	  .commands = GRAPHS | C(CLASSES) | C(COMPLETION), .set = add_class_path, .completes = COMPLETES_FOLDER },
	{ .name = "buffer", .argument = "SIZE",
	  .doc = "size of each packet buffer: bytes, or as 64k, 4M (default 4M)",
	  .commands = GRAPHS, .set = set_size, .offset = AT(options.buffer_size) },
	{ .name = "slow-reader",
	  .doc = "a slow reader keeps its packets and new ones are refused",
	  .commands = GRAPHS, .set = set_flag, .offset = AT(options.slow_reader), .value = 1 },
	{ .name = "fast-reader",
	  .doc = "a slow reader is overtaken and told how many packets it lost (default)",
	  .commands = GRAPHS, .set = set_flag, .offset = AT(options.slow_reader) },
	{ .name = "wakeup", .argument = "HOW",
	  .doc = "how readers wait for packets: adaptive (default), packets, each, busy, yield, sleep",
	  .commands = C(RUN), .set = set_choice, .offset = AT(options.wakeup), .choices = wakeups },
	{ .name = "wake-packets", .argument = "N",
	  .doc = "wake a sleeping reader after N packets (default 1024)",
	  .commands = C(RUN), .set = set_number, .offset = AT(options.wake_packets) },
	{ .name = "wake-us", .argument = "N",
	  .doc = "wake a sleeping reader after N microseconds (default 1000)",
	  .commands = C(RUN), .set = set_micros, .offset = AT(options.wake_us) },
	{ .name = "cpu", .argument = "LIST",
	  .doc = "processors for the reader threads, as 0,2-3",
	  .commands = C(RUN), .set = set_cpus },
	{ .name = "control", .argument = "PATH",
	  .doc = "answer 'ffpf ctl' at the socket PATH, which is made for the time of the run",
	  .commands = C(RUN), .set = set_text, .offset = AT(control), .completes = COMPLETES_FILE },
	{ .name = "quiet", .letter = 'q',
	  .doc = "no notices, no progress, no table of results",
	  .commands = EVERY, .set = set_flag, .offset = AT(quiet), .value = 1 },
	{ .name = "no-progress",
	  .doc = "no progress bar",
	  .commands = C(RUN), .set = set_flag, .offset = AT(no_progress), .value = 1 },
	{ .name = "color", .argument = "WHEN",
	  .doc = "colours: auto (default, on terminals unless NO_COLOR is set), always, never",
	  .commands = EVERY, .set = set_choice, .offset = AT(colour), .choices = colours },
	{ .name = "no-color",
	  .doc = "the same as --color=never",
	  .commands = EVERY, .set = set_enum, .offset = AT(colour), .value = COLOUR_NEVER },
	{ .name = "help", .letter = 'h',
	  .doc = "print help; after a command, help on it",
	  .commands = EVERY, .set = set_flag, .offset = AT(help), .value = 1 },
	{ .name = "version", .letter = 'V',
	  .doc = "print the version",
	  .commands = EVERY, .set = set_flag, .offset = AT(version), .value = 1 },
};
const size_t n_options = sizeof(option_table) / sizeof(*option_table);
