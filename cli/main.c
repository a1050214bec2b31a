/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of commands, and main. `ffpf GRAPH` is `ffpf run GRAPH`: options.c decides which command was meant.
 */
#include "cli.h"
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>

const struct command commands[N_COMMANDS] = {
	[COMMAND_RUN] =
		{
			.name = "run",
			.arguments = "GRAPH",
			.max_words = 1,
			.completes = COMPLETES_GRAPH,
			.run = cmd_run,
			.doc = "run a flowgraph and print its results (the default)",
			.manual = "Runs GRAPH until its input ends, until -d, or until SIGINT, SIGTERM or SIGHUP, and "
				  "prints "
				  "the results. "
				  "Where a function is made from a file (class ebpf), SIGHUP does not end the run: the "
				  "files are read again, and new versions take the place of the old. "
				  "A second signal ends ffpf at once. When packets go to standard output, the results "
				  "go to standard error.",
		},
	[COMMAND_TRACE] =
		{
			.name = "trace",
			.arguments = "GRAPH",
			.max_words = 1,
			.completes = COMPLETES_GRAPH,
			.run = cmd_trace,
			.doc = "follow some packets through a flowgraph: what each function made of them",
			.manual = "Runs GRAPH and prints, for the first packets that match, their way through it: each "
				  "function "
				  "that saw the packet, at which level, with which class it came and what the function "
				  "made of "
				  "it (0: it let the packet go), what crossed each barrier and whether it arrived, the "
				  "verdict, "
				  "and the first function that let it go. Ends after as many packets (-c), or as run "
				  "does. "
				  "All other packets go their way as always. With --json: a line for each packet.",
		},
	[COMMAND_EXPLAIN] =
		{
			.name = "explain",
			.arguments = "GRAPH",
			.max_words = 1,
			.completes = COMPLETES_GRAPH,
			.run = cmd_explain,
			.doc = "show where each function would run and why, what crosses each barrier",
			.manual =
				"Prints for each function of GRAPH its flowspace, why it does not run lower, and "
				"what crosses each barrier "
				"and how. The programs are loaded into the kernel and let go again, and the devices "
				"looked at, so that what would fall back or fail shows; nothing is attached, no packet "
				"is read and no file written. Without the privilege for that, and with --no-probe, it "
				"says what placement alone decides.",
		},
	[COMMAND_CHECK] =
		{
			.name = "check",
			.arguments = "GRAPH",
			.max_words = 1,
			.completes = COMPLETES_GRAPH,
			.run = cmd_check,
			.doc = "parse and place a flowgraph, say what is wrong with it",
			.manual = "Parses and places GRAPH and prints diagnostics; nothing is loaded. With --json the "
				  "diagnostics are a "
				  "document on standard output.",
		},
	[COMMAND_CLASSES] =
		{
			.name = "classes",
			.arguments = "[NAME]",
			.max_words = 1,
			.completes = COMPLETES_CLASS,
			.run = cmd_classes,
			.doc = "list the function classes, or print the manual of one",
			.manual =
				"Lists the function classes that a graph can use. With NAME: what the class does, "
				"its parameters, the state that it keeps and an example. With --markdown: all of that "
				"for every class, as a page.",
		},
	[COMMAND_DOCTOR] =
		{
			.name = "doctor",
			.arguments = "[DEVICE]",
			.max_words = 1,
			.completes = COMPLETES_DEVICE,
			.run = cmd_doctor,
			.doc = "say what this machine offers, what is in the way and what to do about it",
			.manual = "Looks at the kernel, the privileges and the network devices, and says for each "
				  "finding whether it is ok, and "
				  "what to do when it is not. Changes nothing. With DEVICE: that device in detail.",
		},
	[COMMAND_CTL] =
		{
			.name = "ctl",
			.arguments = "PATH COMMAND",
			.max_words = 5,
			.completes = COMPLETES_CONTROL,
			.run = cmd_ctl,
			.doc = "ask a run that was begun with --control PATH",
			.manual =
				"Asks the run that answers at the socket PATH. list: its functions, and the maps of "
				"those "
				"that are users' programs. read FUNCTION: the function's state and maps; read FUNCTION "
				"MAP: "
				"that map's entries, decoded where the program's file says what they are made of. "
				"Values "
				"for each processor are added up where they are numbers. stats: the results as a JSON "
				"document. replace FUNCTION [FILE]: a new version of the function, from FILE or from "
				"the "
				"file that it came from, without losing a packet. stop: ends the run, which prints its "
				"results. tap EDGE SINK: copies of packets, to print [FILE] or write FILE, without "
				"touching "
				"the rest of the run. EDGE is FUNCTION, for what it lets out, or FROM>TO, for what of "
				"it "
				"goes to that function. The tap ends after -c N packets or -d TIME, which is waited "
				"for, "
				"with untap NAME, or with the run; --buffer is the size of its buffers, one for each "
				"processor. Functions in the kernel can be tapped where the run "
				"was "
				"begun with --taps. With --json the answers of list and read are documents.",
		},
	[COMMAND_VM] =
		{
			.name = "vm",
			.arguments = "[MEMORY_HEX]",
			.max_words = 4096,
			.run = cmd_vm,
			.doc = "run a bare eBPF program that is given as hexadecimal bytes on standard input",
			.manual = "Reads an eBPF program (RFC 9669) as hexadecimal bytes on standard input, verifies "
				  "it, runs "
				  "it in the machine of the user flowspace with r1 = the address of the memory that "
				  "MEMORY_HEX describes and r2 = its length, and prints r0 in hexadecimal: the "
				  "protocol of "
				  "plugins for the public conformance suites. Blanks and commas between bytes are "
				  "skipped. A "
				  "program that the verifier refuses is not run: exit status 2, and why on standard "
				  "error.",
		},
	[COMMAND_MAN] =
		{
			.name = "man",
			.arguments = "",
			.hidden = true,
			.run = cmd_man,
			.doc = "print the manual page",
			.manual = "Prints the manual page as man(7) source.",
		},
	[COMMAND_COMPLETION] =
		{
			.name = "completion",
			.arguments = "bash",
			.max_words = 1,
			.completes = COMPLETES_SHELL,
			.run = cmd_completion,
			.doc = "print a completion script for the shell",
			.manual = "Prints a completion script for bash: source <(ffpf completion bash).",
		},
	[COMMAND_HELP] =
		{
			.name = "help",
			.arguments = "[COMMAND]",
			.hidden = true,
			.max_words = 1,
			.run = cmd_help,
			.doc = "print help",
			.manual = "Prints help on all of ffpf or on one command.",
		},
};

/*
 * A descriptor from 0 to 2 that nobody has opened would be that of the first file which a graph opens, and results
 * would end up in it. What stands there instead fails as a closed one does.
 */
static bool hold_standard_descriptors(void)
{
	static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
			return false;
	return true;
}

/* Bytes from which on memory is the system's own piece. */
#define MALLOC_PIECE (128 << 10)

int main(int argc, char **argv)
{
	struct cli cli = {0};
	int status;

	if (!hold_standard_descriptors())
		return EXIT_FAILED;

	setlocale(LC_CTYPE, "");
	/* What a compilation needed goes back to the system: else the threshold would grow with the first large piece
	 * that is freed, and what comes after would lie between what is kept. */
	mallopt(M_MMAP_THRESHOLD, MALLOC_PIECE);
	/* A reader that went away shows as EPIPE where it can be reported and the results of the others still printed.
	 */
	signal(SIGPIPE, SIG_IGN);
	/* The same for a file that has reached the limit of its size. */
	signal(SIGXFSZ, SIG_IGN);
	status = options_parse(&cli, argc, argv);
	if (status == 0) {
		if (cli.version)
			printf("ffpf %s\n", ffpf_version());
		else if (cli.help)
			help_print(stdout, cli.command);
		else
			status = cli.command->run(&cli);
	}
	options_free(&cli);
	if (!finish_output(stdout) && status == 0)
		status = EXIT_FAILED;
	return status;
}
