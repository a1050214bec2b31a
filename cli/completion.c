/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The completion script for bash, from the tables of commands, options, classes and flowspaces. It needs nothing but
 * bash: no bash-completion package, and no run of ffpf while completing.
 *
 * Inside a graph (an argument with a quote open) only the last name is completed: what stands before it is kept.
 */
#include "cli.h"
#include <string.h>

static void print_commands(void)
{
	printf("_ffpf_commands='");
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (!commands[i].hidden)
			printf("%s%s", i ? " " : "", commands[i].name);
	puts("'");
}

static void print_classes(void)
{
	const struct ffpf_class *class;

	printf("_ffpf_classes='");
	for (size_t i = 0; (class = ffpf_class_at(i)); i++)
		printf("%s%s", i ? " " : "", class->name);
	puts("'");
}

static void print_flowspaces(void)
{
	const char *name;

	printf("_ffpf_flowspaces='");
	for (size_t i = 0; (name = ffpf_flowspace_name(i, NULL)); i++)
		printf("%s%s", i ? " " : "", name);
	puts("'");
}

/* The options of each command, as a function: _ffpf_options COMMAND. */
static void print_options(void)
{
	puts("_ffpf_options() {\n\tcase $1 in");
	for (size_t c = 0; c < N_COMMANDS; c++) {
		if (commands[c].hidden)
			continue;
		printf("\t%s) echo '", commands[c].name);
		for (size_t i = 0; i < n_options; i++)
			if (option_table[i].commands & (1u << c))
				printf("--%s ", option_table[i].name);
		puts("' ;;");
	}
	puts("\tesac\n}");
}

static void print_option_pattern(const struct option_def *option)
{
	if (option->letter)
		printf("\t-%c|--%s) ", option->letter, option->name);
	else
		printf("\t--%s) ", option->name);
}

/* What follows an option that takes an argument; returns 1 for those that take none. */
static void print_arguments(void)
{
	puts("_ffpf_argument() {\n\tcase $1 in");
	for (size_t i = 0; i < n_options; i++) {
		const struct option_def *option = &option_table[i];

		if (!option->argument)
			continue;
		print_option_pattern(option);
		if (option->choices) {
			printf("COMPREPLY=($(compgen -W '");
			for (const struct choice *choice = option->choices; choice->name; choice++)
				printf("%s ", choice->name);
			printf("' -- \"$2\"))");
		} else if (option->completes == COMPLETES_FILE) {
			printf("compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$2\"))");
		} else if (option->completes == COMPLETES_FOLDER) {
			printf("compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- \"$2\"))");
		} else {
			printf("COMPREPLY=()");
		}
		puts("; return 0 ;;");
	}
	puts("\tesac\n\treturn 1\n}");
}

static const char *words_of(enum completes completes)
{
	switch (completes) {
	case COMPLETES_CLASS:
		return "$_ffpf_classes";
	case COMPLETES_DEVICE:
		return "$(_ffpf_devices)";
	case COMPLETES_SHELL:
		return "bash";
	case COMPLETES_CONTROL:
		return "list read stats replace stop tap untap";
	default:
		return "";
	}
}

static void print_words(void)
{
	puts("_ffpf_words() {\n\tcase $1 in");
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (!commands[i].hidden)
			printf("\t%s) echo \"%s\" ;;\n", commands[i].name, words_of(commands[i].completes));
	puts("\tesac\n}");
}

static const char script[] =
	"_ffpf_devices() {\n"
	"\tlocal d\n"
	"\tfor d in /sys/class/net/*; do [ -d \"$d\" ] && echo \"${d##*/}\"; done\n"
	"}\n"
	"# The last name of a graph: devices after [dev and (dev,  files after [pcap, else classes.\n"
	"_ffpf_graph() {\n"
	"\tlocal text=$1 last before word words brackets\n"
	"\tcase $text in [\\'\\\"]*) text=${text:1} ;; esac\n"
	"\tlast=${text##*[^A-Za-z0-9_.:/-]}\n"
	"\tbefore=${text:0:${#text}-${#last}}\n"
	"\tcase $before in\n"
	"\t*[\\[\\(]dev[\\ ,]|*[\\[\\(]dev[\\ ,]expr=) words=$(_ffpf_devices) ;;\n"
	"\t*[\\[\\(]pcap[\\ ,]|*[\\[\\(]pcap[\\ ,]expr=) words=$(compgen -f -- \"$last\") ;;\n"
	"\t*@) words=$_ffpf_flowspaces ;;\n"
	"\t*[\\[\\(\\|\\>]|'') words=$_ffpf_classes ;;\n"
	"\t*[\\>\\|\\[\\(]\\ ) words=$_ffpf_classes ;;\n"
	"\t*) words= ;;\n"
	"\tesac\n"
	"\tcompopt -o nospace 2>/dev/null\n"
	"\tCOMPREPLY=()\n"
	"\tfor word in $(compgen -W \"$words\" -- \"$last\"); do COMPREPLY+=(\"$before$word\"); done\n"
	"\t# bash closes the quote after an only match, but the graph goes on: offer the bracket as a second.\n"
	"\tbrackets=${before//[^\\[\\(]/}\n"
	"\t[ ${#COMPREPLY[@]} = 1 ] && case $brackets in\n"
	"\t*\\[) COMPREPLY+=(\"${COMPREPLY[0]}]\") ;;\n"
	"\t*) COMPREPLY+=(\"${COMPREPLY[0]})\") ;;\n"
	"\tesac\n"
	"}\n"
	"_ffpf() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev= command=run i\n"
	"\t[ \"$COMP_CWORD\" -gt 0 ] && prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	"\t# '=' is a word of its own to bash: --color = auto\n"
	"\tif [ \"$cur\" = = ]; then cur=; elif [ \"$prev\" = = ] && [ \"$COMP_CWORD\" -gt 1 ]; then "
	"prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tcase \" $_ffpf_commands \" in *\" ${COMP_WORDS[i]} \"*) command=${COMP_WORDS[i]}; break ;; esac\n"
	"\tdone\n"
	"\tcase $cur in\n"
	"\t[\\'\\\"\\[\\(]*) _ffpf_graph \"$cur\"; return ;;\n"
	"\tesac\n"
	"\t_ffpf_argument \"$prev\" \"$cur\" && return\n"
	"\tcase $cur in\n"
	"\t-*) COMPREPLY=($(compgen -W \"$(_ffpf_options \"$command\")\" -- \"$cur\")) ;;\n"
	"\t*)\n"
	"\t\tif [ \"$COMP_CWORD\" = 1 ]; then COMPREPLY=($(compgen -W \"$_ffpf_commands\" -- \"$cur\"))\n"
	"\t\telse COMPREPLY=($(compgen -W \"$(_ffpf_words \"$command\")\" -- \"$cur\")); fi ;;\n"
	"\tesac\n"
	"}\n"
	"complete -F _ffpf ffpf\n";

int cmd_completion(struct cli *cli)
{
	struct ffpf *h = NULL;
	int status;

	if (cli->n_words && strcmp(cli->words[0], "bash")) {
		complain("no completion for '%s': bash only", cli->words[0]);
		return EXIT_REQUEST;
	}
	status = request_create(cli, &h);
	ffpf_close(h);
	if (status)
		return status;
	puts("# Completion of ffpf for bash; made by: ffpf completion bash");
	print_commands();
	print_classes();
	print_flowspaces();
	print_options();
	print_arguments();
	print_words();
	fputs(script, stdout);
	return EXIT_DONE;
}
