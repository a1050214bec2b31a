/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ffpf vm: a bare eBPF program, given as hexadecimal bytes, in the machine of the user flowspace. Nothing but r0 goes
 * to standard output.
 */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a program, or of memory: more than any verifier would look at. */
#define BYTES_MAX (16u << 20)

struct bytes {
	uint8_t *data;
	size_t n, capacity;
	int high; /* the first digit of a byte whose second has not come; -1 none */
};

static int add_byte(struct bytes *b, uint8_t value)
{
	if (b->n == BYTES_MAX)
		return -E2BIG;
	if (b->n == b->capacity) {
		size_t capacity = b->capacity ? b->capacity * 2 : 256;
		uint8_t *data = realloc(b->data, capacity);

		if (!data)
			return -ENOMEM;
		b->data = data;
		b->capacity = capacity;
	}
	b->data[b->n++] = value;
	return 0;
}

/* One character of hexadecimal text. */
static int add_digit(struct bytes *b, int c)
{
	int value;

	/* 0x before a byte */
	if ((c == 'x' || c == 'X') && b->high == 0) {
		b->high = -1;
		return 0;
	}
	if (isspace(c) || c == ',')
		return b->high < 0 ? 0 : -EINVAL;
	if (!isxdigit(c))
		return -EINVAL;
	value = isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
	if (b->high < 0) {
		b->high = value;
		return 0;
	}
	value |= b->high << 4;
	b->high = -1;
	return add_byte(b, (uint8_t)value);
}

static int read_program(struct bytes *b)
{
	int c, error = 0;

	while (!error && (c = getchar()) != EOF)
		error = add_digit(b, c);
	if (!error && ferror(stdin))
		error = -EIO;
	return error ? error : b->high < 0 ? 0 : -EINVAL;
}

static int read_memory(const struct cli *cli, struct bytes *b)
{
	int error = 0;

	for (size_t i = 0; !error && i < cli->n_words; i++) {
		for (const char *c = cli->words[i]; !error && *c; c++)
			error = add_digit(b, (unsigned char)*c);
		if (!error && b->high >= 0)
			error = -EINVAL;
	}
	return error;
}

static int unreadable(const char *what, int error)
{
	if (error == -EINVAL)
		complain("%s: not hexadecimal bytes; two digits each are wanted, as in 'b7 00 00 00'", what);
	else if (error == -E2BIG)
		complain("%s: more than %u bytes", what, BYTES_MAX);
	else
		complain("%s: %s", what, strerror(-error));
	return error == -EINVAL || error == -E2BIG ? EXIT_REQUEST : EXIT_FAILED;
}

static int run(const struct cli *cli, const struct bytes *program, struct bytes *memory)
{
	char *message = NULL;
	uint64_t result = 0;
	int error = ffpf_machine_run(program->data, program->n, memory->n ? memory->data : NULL, memory->n,
				     (enum ffpf_machine)cli->machine, !cli->no_verify, &result, &message);

	if (!error)
		printf("%" PRIx64 "\n", result);
	else
		complain("%s", message ? message : strerror(-error));
	free(message);
	if (!error)
		return EXIT_DONE;
	return error == -ENOTSUP ? EXIT_MISSING : error == -ENOMEM ? EXIT_FAILED : EXIT_REQUEST;
}

int cmd_vm(struct cli *cli)
{
	struct bytes program = {.high = -1}, memory = {.high = -1};
	int error = read_memory(cli, &memory), status = EXIT_DONE;

	if (error)
		status = unreadable("the memory", error);
	if (!status) {
		error = read_program(&program);
		if (error)
			status = unreadable("the program", error);
	}
	if (!status)
		status = run(cli, &program, &memory);
	free(program.data);
	free(memory.data);
	return status;
}
