/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an option's argument means: the setters that the table of options.c names.
 */
#include "cli.h"
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CPU 4096
#define SIZE_MOST (1ull << 40)

static void *field(struct cli *cli, const struct option_def *self)
{
	return (char *)cli + self->offset;
}

const char *set_flag(struct cli *cli, const struct option_def *self, const char *argument)
{
	*(bool *)field(cli, self) = self->value;
	return NULL;
}

const char *set_enum(struct cli *cli, const struct option_def *self, const char *argument)
{
	*(int *)field(cli, self) = self->value;
	return NULL;
}

const char *set_text(struct cli *cli, const struct option_def *self, const char *argument)
{
	if (!*argument)
		return "empty";
	*(const char **)field(cli, self) = argument;
	return NULL;
}

const char *set_time(struct cli *cli, const struct option_def *self, const char *argument)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = {{"", 1},	   {"s", 1},  {"ms", 1e-3}, {"us", 1e-6}, {"\xc2\xb5s", 1e-6},
		     {"ns", 1e-9}, {"m", 60}, {"min", 60},  {"h", 3600}};
	char *end;
	double n = strtod(argument, &end);

	/* strtod also reads "inf", "nan" and hexadecimal, which nobody means. */
	if (end == argument || !isfinite(n) || n < 0 || strspn(argument, "0123456789.eE+") != (size_t)(end - argument))
		return "a time is a number of seconds, or as 10ms, 2m, 1h";
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(end, units[i].name))
			continue;
		n *= units[i].seconds;
		if (n < 1e-6 || n > 1e9)
			return "a time from a microsecond to 30 years";
		*(double *)field(cli, self) = n;
		return NULL;
	}
	return "a time's unit is ns, us, ms, s, m or h";
}

/* An unsigned number, decimal or 0x…; *end is where it stops. false: no number. */
static bool read_number(const char *text, unsigned long long *n, char **end)
{
	if (!isdigit((unsigned char)*text))
		return false;
	/* Not base 0: nobody means 010 to be eight. What is too big is ULLONG_MAX, which no option takes. */
	*n = strtoull(text, end,
		      text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && isxdigit((unsigned char)text[2]) ? 16
													       : 10);
	return true;
}

const char *set_size(struct cli *cli, const struct option_def *self, const char *argument)
{
	static const char wrong[] = "a size is a number of bytes, or as 64k, 4M, 1G";
	unsigned long long n;
	unsigned shift = 0;
	char *end;

	if (!read_number(argument, &n, &end))
		return wrong;
	switch (tolower((unsigned char)*end)) {
	case 't':
		shift += 10; /* fall through */
	case 'g':
		shift += 10; /* fall through */
	case 'm':
		shift += 10; /* fall through */
	case 'k':
		shift += 10;
		end++;
	}
	if (*end && strcasecmp(end, "b") && strcasecmp(end, "ib"))
		return wrong;
	if (n == 0 || n > SIZE_MOST >> shift)
		return "a size from 1 to 1T";
	*(size_t *)field(cli, self) = (size_t)n << shift;
	return NULL;
}

static const char *store_unsigned(struct cli *cli, const struct option_def *self, const char *argument,
				  const char *unit)
{
	unsigned long long n;
	char *end;

	if (!read_number(argument, &n, &end) || (*end && (!unit || strcmp(end, unit))))
		return "a whole number above zero";
	if (n < 1 || n > UINT_MAX)
		return "a whole number from 1 to 4294967295";
	*(unsigned *)field(cli, self) = (unsigned)n;
	return NULL;
}

const char *set_number(struct cli *cli, const struct option_def *self, const char *argument)
{
	return store_unsigned(cli, self, argument, NULL);
}

const char *set_micros(struct cli *cli, const struct option_def *self, const char *argument)
{
	return store_unsigned(cli, self, argument, "us");
}

const char *set_choice(struct cli *cli, const struct option_def *self, const char *argument)
{
	for (const struct choice *choice = self->choices; choice->name; choice++) {
		if (strcmp(choice->name, argument))
			continue;
		*(int *)field(cli, self) = choice->value;
		return NULL;
	}
	return "not one of its values; ffpf --help lists them";
}

const char *add_define(struct cli *cli, const struct option_def *self, const char *argument)
{
	const char *equals = strchr(argument, '=');
	size_t n = cli->options.n_defines;
	struct ffpf_define *grown;
	char *name;

	if (!equals || equals == argument)
		return "it is NAME=VALUE";
	for (const char *at = argument; at < equals; at++)
		if (!isalnum((unsigned char)*at) && *at != '_')
			return "a name is letters, digits and _";
	if (isdigit((unsigned char)*argument))
		return "a name does not begin with a digit";
	grown = realloc(cli->defines, (n + 1) * sizeof(*grown));
	if (!grown)
		return "out of memory";
	cli->defines = grown;
	/* argv is ours to cut: the name ends where the '=' stands. */
	name = (char *)(uintptr_t)argument;
	name[equals - argument] = 0;
	cli->defines[n] = (struct ffpf_define){.name = name, .value = equals + 1};
	cli->options.defines = cli->defines;
	cli->options.n_defines = n + 1;
	return NULL;
}

const char *add_class_path(struct cli *cli, const struct option_def *self, const char *argument)
{
	const char **grown = realloc(cli->class_paths, (cli->n_class_paths + 1) * sizeof(*grown));

	if (!grown)
		return "out of memory";
	cli->class_paths = grown;
	cli->class_paths[cli->n_class_paths++] = argument;
	return NULL;
}

static const char *add_cpu(struct cli *cli, unsigned long long cpu)
{
	size_t n = cli->options.n_cpus;
	int *grown;

	for (size_t i = 0; i < n; i++)
		if (cli->cpus[i] == (int)cpu)
			return NULL;
	grown = realloc(cli->cpus, (n + 1) * sizeof(*grown));
	if (!grown)
		return "out of memory";
	cli->cpus = grown;
	cli->cpus[n] = (int)cpu;
	cli->options.cpus = cli->cpus;
	cli->options.n_cpus = n + 1;
	return NULL;
}

const char *set_cpus(struct cli *cli, const struct option_def *self, const char *argument)
{
	static const char wrong[] = "a list of processors is as 0,2-3";
	const char *at = argument, *failed;
	unsigned long long first, last;
	char *end;

	for (;;) {
		if (!read_number(at, &first, &end))
			return wrong;
		last = first;
		if (*end == '-' && !read_number(end + 1, &last, &end))
			return wrong;
		if (last < first || last >= MAX_CPU)
			return wrong;
		for (; first <= last; first++) {
			failed = add_cpu(cli, first);
			if (failed)
				return failed;
		}
		if (!*end)
			return NULL;
		if (*end != ',')
			return wrong;
		at = end + 1;
	}
}
