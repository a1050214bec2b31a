/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The manual page, in man(7), from the tables of commands, options and classes.
 * The build runs it (cmake/install.cmake) and installs what it prints.
 */
#include "cli.h"
#include <string.h>

/* Text as roff reads it: no control lines, no escapes, minus signs that can be copied. */
static void text(const char *s)
{
	bool line_start = true;

	for (; *s; s++) {
		if (line_start && (*s == '.' || *s == '\''))
			fputs("\\&", stdout);
		line_start = *s == '\n';
		switch (*s) {
		case '\\':
			fputs("\\e", stdout);
			break;
		case '-':
			fputs("\\-", stdout);
			break;
		case '\'':
			fputs("\\(aq", stdout);
			break;
		case '"':
			fputs("\\(dq", stdout);
			break;
		case '`':
			fputs("\\(ga", stdout);
			break;
		case '^':
			fputs("\\(ha", stdout);
			break;
		case '~':
			fputs("\\(ti", stdout);
			break;
		default:
			putchar(*s);
		}
	}
}

static void paragraph(const char *s)
{
	text(s);
	putchar('\n');
}

/* A manual's paragraphs: an empty line begins one, indented lines are kept as they are. */
static void paragraphs(const char *s)
{
	while (*s) {
		size_t len = strcspn(s, "\n");
		char line[1024];

		snprintf(line, sizeof(line), "%.*s", (int)len, s);
		if (!*line)
			puts(".sp");
		else if (*line == ' ' || *line == '\t') {
			puts(".nf");
			paragraph(line);
			puts(".fi");
		} else
			paragraph(line);
		s += len + (s[len] == '\n');
	}
}

static void print_options(void)
{
	puts(".SH OPTIONS");
	for (size_t i = 0; i < n_options; i++) {
		const struct option_def *option = &option_table[i];

		puts(".TP");
		if (option->letter)
			printf("\\fB\\-%c\\fR, ", option->letter);
		fputs("\\fB\\-\\-", stdout);
		text(option->name);
		fputs("\\fR", stdout);
		if (option->argument)
			printf(" \\fI%s\\fR", option->argument);
		putchar('\n');
		text(option->doc);
		puts(".");
	}
}

static void print_commands(void)
{
	puts(".SH COMMANDS");
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (commands[i].hidden)
			continue;
		printf(".TP\n\\fBffpf %s\\fR ", commands[i].name);
		paragraph(commands[i].arguments);
		paragraph(commands[i].manual);
	}
}

static void print_class(const struct ffpf_class *class)
{
	puts(".TP");
	printf("\\fB");
	text(class->name);
	printf("\\fR\n");
	text(class->help ? class->help : "");
	puts(".");
	for (size_t i = 0; i < class->n_params; i++) {
		const struct ffpf_param *param = &class->params[i];

		fputs(".br\n\\fI", stdout);
		text(param->name);
		fputs("\\fR: ", stdout);
		text(param->doc ? param->doc : "");
		if (param->flags & FFPF_PARAM_REQUIRED)
			fputs(" (required)", stdout);
		else if (param->def) {
			fputs(" (", stdout);
			text(param->def);
			putchar(')');
		}
		putchar('\n');
	}
}

static void print_language(void)
{
	puts(".SH FLOWGRAPHS");
	paragraph("A graph is chains of functions: (CLASS, argument, name=value). A > B feeds every packet that leaves "
		  "A to B; [A|B] are parallel "
		  "branches; [dev eth0] is a short form of (dev,eth0). A function's result for a packet is a class: 0 "
		  "ends the packet's way in "
		  "this flow, any other value travels with it, and [1: A | 2..9: B | else: C] routes by it.");
	puts(".PP");
	paragraph("NAME = GRAPH defines a part once; each later use is the same function. (CLASS)@FLOWSPACE pins a "
		  "function to a level, one of");
	for (size_t i = 0; ffpf_flowspace_name(i, NULL); i++) {
		fputs(i ? ", " : "", stdout);
		text(ffpf_flowspace_name(i, NULL));
	}
	puts(".");
	paragraph("name=X names a function's results, export=packets or export=state offers them to other "
		  "programs. use \"FILE\" reads "
		  "definitions. # begins a comment.");
}

static void print_classes(void)
{
	static const char *const titles[] = {
		[FFPF_SOURCE] = "Sources", [FFPF_FUNCTION] = "Functions", [FFPF_SINK] = "Sinks"};
	const struct ffpf_class *class;

	puts(".SH FUNCTION CLASSES");
	for (int role = FFPF_SOURCE; role <= FFPF_SINK; role++) {
		printf(".SS %s\n", titles[role]);
		for (size_t i = 0; (class = ffpf_class_at(i)); i++)
			if ((int)class->role == role)
				print_class(class);
	}
}

static void print_json(void)
{
	puts(".SH JSON");
	paragraph("--json prints one document, and with -i one on each line. Keys are only ever added. In state a "
		  "scalar is a number (a minimum that nothing has reached is null), a "
		  "histogram a list of {\"from\",\"to\",\"count\"} with inclusive bounds, another array a list of "
		  "numbers. In tables and events a number that stands for a text is that text, and the number is "
		  "beside it as NAME_number.");
	puts(".nf");
	paragraph(
		"{\"elapsed_s\": SECONDS,\n \"functions\": [{\"name\", \"class\", \"flowspace\", \"packets_in\", "
		"\"packets_out\",\n"
		"   \"filtered\", \"lost\", \"bytes_in\", \"state\": {NAME: VALUE, ...}}, ...],\n"
		" \"barriers\": [{\"from\", \"to\", \"stub\", \"packets\", \"bytes\", \"lost\"}, ...],\n \"lost\": N}");
	puts(".fi");
	paragraph("packets_in = packets_out + filtered + lost holds at every function. A packet that is lost at a "
		  "barrier "
		  "counts as lost at every function above that it was meant for, and once in the lost of the whole "
		  "run, which adds "
		  "what sources and sinks lost.");
}

int cmd_man(struct cli *cli)
{
	const char *line, *doc;

	printf(".TH FFPF 1 \"\" \"ffpf %s\" \"User Commands\"\n", ffpf_version());
	puts(".SH NAME\nffpf \\- flowgraph packet processor");
	puts(".SH SYNOPSIS\n.B ffpf\n[\\fIOPTIONS\\fR] \\fIGRAPH\\fR\n.br\n.B ffpf\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR] "
	     "[\\fIARGUMENT\\fR]");
	puts(".SH DESCRIPTION");
	paragraphs("ffpf compiles a flowgraph, decides how low in the machine each of its functions can run (XDP, TC, "
		   "userspace), verifies and "
		   "loads the pieces, connects them through shared buffers, and shows the results.");
	print_commands();
	print_options();
	print_language();
	print_classes();
	print_json();
	puts(".SH EXIT STATUS");
	for (const struct choice *status = exit_statuses; status->name; status++) {
		printf(".TP\n%d\n", status->value);
		paragraph(status->name);
	}
	puts(".SH ENVIRONMENT\n.TP\nNO_COLOR\nwhen set and not empty, no colours unless \\-\\-color=always.");
	puts(".SH EXAMPLES");
	for (size_t i = 0; (line = help_example(i, &doc)); i++) {
		puts(".TP");
		paragraph(line);
		paragraph(doc);
	}
	puts(".SH SEE ALSO\n.BR pcap\\-filter (7),\n.BR tcpdump (1),\n.BR bpf (2)");
	return EXIT_DONE;
}
