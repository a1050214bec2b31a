/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parser that the table of option_table.c drives.
 *
 * Options and words may come in any order; "--" ends the options; short flags may be joined ("-qi1").
 * The first word is a command if there is one of its name, else it is the graph of `run`.
 */
#include "cli.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

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
			complain("no graph; for example: ffpf '[dev eth0]>(BPF,\"tcp port 80\")>(pktcount)', or ffpf "
				 "--help");
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
		if (given[i].option->set == set_flag && given[i].option->offset == offsetof(struct cli, help))
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
