/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options, once. The table drives the parser here, --help (help.c), the
 * manual page (man.c) and the completion (completion.c).
 *
 * Options and words may come in any order; "--" ends the options; short flags may be joined ("-qi1").
 * The first word is a command if there is one of its name, else it is the graph of `run`.
 */
#include "cli.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

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
	  .doc = "what $NAME stands for in the graph (repeatable)",
	  .commands = GRAPHS, .set = add_define },
	{ .name = "duration", .letter = 'd', .argument = "TIME",
	  .doc = "stop after TIME: seconds, or as 10ms, 2m, 1h",
	  .commands = C(RUN), .set = set_time, .offset = AT(duration_s) },
	{ .name = "interval", .letter = 'i', .argument = "TIME",
	  .doc = "print the results every TIME while running",
	  .commands = C(RUN), .set = set_time, .offset = AT(interval_s) },
	{ .name = "json",
	  .doc = "print a JSON document; with -i one on each line",
	  .commands = GRAPHS | C(CLASSES) | C(DOCTOR), .set = set_flag, .offset = AT(json), .value = 1 },
	{ .name = "dot",
	  .doc = "print the placed graph for Graphviz",
	  .commands = C(EXPLAIN), .set = set_flag, .offset = AT(dot), .value = 1 },
	{ .name = "ir",
	  .doc = "print the packet programs",
	  .commands = C(EXPLAIN), .set = set_flag, .offset = AT(ir), .value = 1 },
	{ .name = "bpf",
	  .doc = "print the eBPF that is generated",
	  .commands = C(EXPLAIN), .set = set_flag, .offset = AT(bpf), .value = 1 },
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

struct given {
	const struct option_def *option;
	const char *argument;
};

static const struct option_def *find_long(const char *name, size_t len)
{
	for (size_t i = 0; i < n_options; i++)
		if (strlen(option_table[i].name) == len && !memcmp(option_table[i].name, name, len))
			return &option_table[i];
	return NULL;
}

static const struct option_def *find_letter(char letter)
{
	for (size_t i = 0; i < n_options; i++)
		if (option_table[i].letter == letter)
			return &option_table[i];
	return NULL;
}

static const char *option_name(const void *arg, size_t i)
{
	return i < n_options ? option_table[i].name : NULL;
}

static const char *command_name(const void *arg, size_t i)
{
	return i < N_COMMANDS ? commands[i].name : NULL;
}

static int unknown_option(const char *name, size_t len)
{
	char *copy = strndup(name, len);
	const char *nearest = copy ? ffpf_diag_nearest(copy, option_name, NULL) : NULL;

	if (nearest)
		complain("no option '--%.*s'; did you mean '--%s'?", (int)len, name, nearest);
	else
		complain("no option '--%.*s'; ffpf --help lists them", (int)len, name);
	free(copy);
	return EXIT_REQUEST;
}

/* Reads argv[*i] as a long option; moves *i when the next word is its argument. */
static int read_long(struct given *given, int argc, char **argv, int *i)
{
	const char *name = argv[*i] + 2, *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);

	given->option = find_long(name, len);
	if (!given->option)
		return unknown_option(name, len);
	given->argument = equals ? equals + 1 : NULL;
	if (!given->option->argument && equals) {
		complain("--%s takes no value", given->option->name);
		return EXIT_REQUEST;
	}
	if (given->option->argument && !equals) {
		if (*i + 1 >= argc) {
			complain("--%s needs %s", given->option->name, given->option->argument);
			return EXIT_REQUEST;
		}
		given->argument = argv[++*i];
	}
	return 0;
}

/* Reads one letter of argv[*i]; *at is the place in it. Leaves *at on the NUL when the word is used up. */
static int read_letter(struct given *given, int argc, char **argv, int *i, const char **at)
{
	char letter = *(*at)++;

	given->option = find_letter(letter);
	given->argument = NULL;
	if (!given->option) {
		complain("no option '-%c'; ffpf --help lists them", letter);
		return EXIT_REQUEST;
	}
	if (!given->option->argument)
		return 0;
	if (**at) {
		given->argument = *at;
		*at += strlen(*at);
	} else if (*i + 1 < argc) {
		given->argument = argv[++*i];
	} else {
		complain("-%c needs %s", letter, given->option->argument);
		return EXIT_REQUEST;
	}
	return 0;
}

/* Splits argv into options and words; given and cli->words have room for any outcome. */
static int split(struct cli *cli, struct given *given, size_t *n_given, int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc && !status; i++) {
		if (argv[i][0] != '-' || !argv[i][1]) {
			cli->words[cli->n_words++] = argv[i];
		} else if (!strcmp(argv[i], "--")) {
			while (++i < argc)
				cli->words[cli->n_words++] = argv[i];
		} else if (argv[i][1] == '-') {
			status = read_long(&given[*n_given], argc, argv, &i);
			*n_given += 1;
		} else {
			for (const char *at = argv[i] + 1; *at && !status; (*n_given)++)
				status = read_letter(&given[*n_given], argc, argv, &i, &at);
		}
	}
	return status;
}

static int choose_command(struct cli *cli)
{
	const char *word = cli->n_words ? cli->words[0] : "", *at = word, *nearest;

	cli->command = NULL;
	for (size_t i = 0; i < N_COMMANDS && cli->n_words; i++)
		if (!strcmp(commands[i].name, word))
			cli->command = &commands[i];
	if (cli->command) {
		cli->words++;
		cli->n_words--;
		return 0;
	}
	/* A word of letters is no graph that could run: a mistyped command rather. */
	while (isalpha((unsigned char)*at))
		at++;
	if (*word && !*at) {
		nearest = ffpf_diag_nearest(word, command_name, NULL);
		if (nearest) {
			complain("no command '%s'; did you mean '%s'?", word, nearest);
			return EXIT_REQUEST;
		}
	}
	if (cli->help && !cli->n_words)
		return 0;
	cli->command = &commands[COMMAND_RUN];
	return 0;
}

static int apply(struct cli *cli, const struct given *given, size_t n)
{
	const char *wrong;

	for (size_t i = 0; i < n; i++) {
		const struct option_def *option = given[i].option;

		if (cli->command && !(option->commands & (1u << (cli->command - commands)))) {
			complain("--%s does not go with 'ffpf %s'", option->name, cli->command->name);
			return EXIT_REQUEST;
		}
		wrong = option->set(cli, option, given[i].argument);
		if (wrong) {
			complain("--%s %s: %s", option->name, given[i].argument, wrong);
			return EXIT_REQUEST;
		}
	}
	return 0;
}

static int check_words(const struct cli *cli)
{
	const struct command *command = cli->command;

	if (!command || cli->help || cli->version)
		return 0;
	if (cli->n_words > command->max_words) {
		if (command->completes == COMPLETES_GRAPH)
			complain("one graph, please, in quotes: '%s' is left over", cli->words[command->max_words]);
		else
			complain("'ffpf %s' takes no '%s'", command->name, cli->words[command->max_words]);
		return EXIT_REQUEST;
	}
	if (command->completes == COMPLETES_GRAPH && !cli->n_words == !cli->file) {
		if (cli->file)
			complain("a graph on the command line and one from --file: which?");
		else
			complain("no graph; for example: ffpf '[dev eth0]>(BPF,\"tcp port 80\")>(pktcount)', or ffpf --help");
		return EXIT_REQUEST;
	}
	return 0;
}

int options_parse(struct cli *cli, int argc, char **argv)
{
	size_t room = 0, n_given = 0;
	struct given *given;
	int status;

	/* Each letter of joined flags may be an option of its own. */
	for (int i = 1; i < argc; i++)
		room += strlen(argv[i]) + 1;
	given = calloc(room + 1, sizeof(*given));
	cli->words = cli->word_memory = calloc(argc + 1, sizeof(*cli->words));
	if (!given || !cli->words) {
		complain("out of memory");
		free(given);
		return EXIT_FAILED;
	}
	status = split(cli, given, &n_given, argc, argv);
	for (size_t i = 0; i < n_given && !status; i++)
		if (given[i].option->set == set_flag && given[i].option->offset == AT(help))
			cli->help = true;
	if (!status)
		status = choose_command(cli);
	if (!status)
		status = apply(cli, given, n_given);
	if (!status)
		status = check_words(cli);
	free(given);
	return status;
}

void options_free(struct cli *cli)
{
	free(cli->word_memory);
	free(cli->defines);
	free(cli->cpus);
	free(cli->class_paths);
}
