/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --help, from the tables of commands and options.
 */
#include "cli.h"
#include <string.h>

#define WIDTH 100

static const struct {
	const char *line, *doc;
} examples[] = {
	{"ffpf '[dev eth0]>(BPF,\"tcp port 80\")>(pktcount)'", "count the packets of web traffic"},
	{"ffpf -i 1 '[dev eth0]>[(pktcount)|(bytecount)]'", "the same packets counted in two ways, shown every second"},
	{"ffpf --json '[pcap trace.pcap]>(BPF,\"udp\")>(pktcount)' | jq '.functions[].state'",
	 "a savefile, for programs"},
	{"ffpf -D DEV=eth1 -f web.ffpf", "a graph from a file, with $DEV filled in"},
	{"ffpf explain '[dev eth0]>(BPF,\"vlan 5\")>(pktcount)'", "where it would run, and why"},
	{"ffpf doctor eth0", "what eth0 offers and what is in the way"},
};

const struct choice exit_statuses[] = {
	{"done", EXIT_DONE},
	{"failed while running", EXIT_FAILED},
	{"the request is wrong: options or graph", EXIT_REQUEST},
	{"a privilege or kernel feature is missing; the message names it and what to do", EXIT_MISSING},
	{NULL, 0},
};

const char *help_example(size_t i, const char **doc)
{
	if (i >= sizeof(examples) / sizeof(*examples))
		return NULL;
	*doc = examples[i].doc;
	return examples[i].line;
}

/* Prints text broken into lines of WIDTH, each but the first indented; column is where the first begins. */
static void wrap(FILE *out, const char *text, int indent, int column)
{
	for (const char *at = text; *at;) {
		size_t word = strcspn(at, " \n");

		if (column > indent && column + (int)word + 1 > WIDTH) {
			fprintf(out, "\n%*s", indent, "");
			column = indent;
		} else if (at != text && column > indent) {
			fputc(' ', out);
			column++;
		}
		fwrite(at, 1, word, out);
		column += (int)word;
		at += word;
		at += strspn(at, " \n");
	}
	fputc('\n', out);
}

static void print_options(FILE *out, const struct command *command)
{
	const int indent = 28;
	char left[64];
	int n;

	fprintf(out, "\nOptions:\n");
	for (size_t i = 0; i < n_options; i++) {
		const struct option_def *option = &option_table[i];

		if (command && !(option->commands & (1u << (command - commands))))
			continue;
		n = snprintf(left, sizeof(left), "  %c%c%s --%s%s%s", option->letter ? '-' : ' ',
			     option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
			     option->argument ? " " : "", option->argument ? option->argument : "");
		if (n + 2 > indent)
			fprintf(out, "%s\n%*s", left, indent, "");
		else
			fprintf(out, "%-*s", indent, left);
		wrap(out, option->doc, indent, indent);
	}
}

static void print_all(FILE *out)
{
	const char *line, *doc;

	fprintf(out, "Usage: ffpf [OPTIONS] GRAPH\n       ffpf COMMAND [OPTIONS] [ARGUMENT]\n\n"
		     "ffpf compiles a flowgraph, decides how low in the machine each function can run\n"
		     "(XDP, TC, userspace), runs it and prints the results.\n\nCommands:\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (!commands[i].hidden)
			fprintf(out, "  %-10s %-12s  %s\n", commands[i].name, commands[i].arguments, commands[i].doc);
	print_options(out, NULL);
	fprintf(out, "\nExamples:\n");
	for (size_t i = 0; (line = help_example(i, &doc)); i++)
		fprintf(out, "  %s\n      %s\n", line, doc);
	fprintf(out, "\nExit status:\n");
	for (const struct choice *status = exit_statuses; status->name; status++)
		fprintf(out, "  %d  %s\n", status->value, status->name);
	fprintf(out, "\nffpf classes lists the function classes; ffpf COMMAND --help has more on a command.\n");
}

void help_print(FILE *out, const struct command *command)
{
	if (!command) {
		print_all(out);
		return;
	}
	fprintf(out, "Usage: ffpf %s [OPTIONS] %s\n\n", command->name, command->arguments);
	wrap(out, command->manual, 0, 0);
	print_options(out, command);
}

int cmd_help(struct cli *cli)
{
	if (!cli->n_words) {
		help_print(stdout, NULL);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(commands[i].name, cli->words[0]))
			continue;
		help_print(stdout, &commands[i]);
		return EXIT_DONE;
	}
	complain("no command '%s'", cli->words[0]);
	return EXIT_REQUEST;
}
