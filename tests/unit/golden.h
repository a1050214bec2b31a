/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Golden files. A .t file is a list of cases:
 *
 *     == title              with "[escapes]" in it: \n \r \t \\ \xNN are undone in the source
 *     source lines          without the last newline
 *     -- section            what came out; which sections there are is the test's affair
 *     …
 *
 * FFPF_BLESS=1 writes what came out into the files, for review.
 */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Runs a source text; returns the sections that came out, malloc'd. expected: the sections in the file, to see which
 * are wanted. */
typedef char *golden_case(const char *source, size_t len, const char *expected);

static inline size_t golden_unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		if (*in != '\\') {
			*out++ = *in;
		} else if (in[1] == 'x' && isxdigit((unsigned char)in[2]) && isxdigit((unsigned char)in[3])) {
			*out++ = (char)strtoul((char[]){in[2], in[3], 0}, NULL, 16);
			in += 3;
		} else {
			in++;
			*out++ = *in == 'n' ? '\n' : *in == 'r' ? '\r' : *in == 't' ? '\t' : *in;
		}
	}
	return (size_t)(out - text);
}

static inline char *golden_read(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t size = 1u << 20;
	char *text = calloc(1, size);

	assert_non_null(file);
	assert_true(fread(text, 1, size, file) < size);
	fclose(file);
	return text;
}

/* The first line of text that is one of the section headers, or NULL. */
static inline char *golden_sections(char *text, const char *const *sections)
{
	char *first = NULL;

	for (; *sections; sections++) {
		char header[64];

		snprintf(header, sizeof(header), "\n-- %s\n", *sections);
		char *found = strstr(text, header);
		if (found && (!first || found < first))
			first = found;
	}
	return first;
}

/* Runs one case; prints it as it should be to out. Returns whether it differs. */
static inline bool golden_one(const char *path, const char *title, char *body, const char *const *sections,
			      golden_case *run, FILE *out, bool last)
{
	char *written = golden_sections(body, sections);
	size_t len = written ? (size_t)(written - body) : strlen(body);

	while (!written && len && body[len - 1] == '\n')
		len--;
	const char *expected = written ? written + 1 : "";
	size_t expected_len = strlen(expected);
	char *source = strndup(body, len);
	size_t source_len = strstr(title, "[escapes]") ? golden_unescape(source) : len;
	char *actual = run(source, source_len, expected);

	while (expected_len > 1 && expected[expected_len - 1] == '\n' && expected[expected_len - 2] == '\n')
		expected_len--;
	bool different = expected_len != strlen(actual) || strncmp(expected, actual, expected_len) != 0;
	if (different && !getenv("FFPF_BLESS"))
		print_error("%s: %s\n%.*s\n-- came out as\n%s", path, title, (int)strlen(body), body, actual);
	fprintf(out, "%s\n%.*s\n%s%s", title, (int)len, body, actual, last ? "" : "\n");
	free(source);
	free(actual);
	return different;
}

/* Runs the cases of one file; returns how many differ. out gets the file as it should be. */
static inline unsigned golden_file(const char *path, const char *const *sections, golden_case *run, FILE *out)
{
	char *text = golden_read(path);
	unsigned different = 0;
	char *at = strncmp(text, "== ", 3) ? strstr(text, "\n== ") : text;

	assert_non_null(at);
	if (*at == '\n')
		at++;
	fwrite(text, 1, (size_t)(at - text), out);
	while (at && *at) {
		char *next = strstr(at, "\n== "), *source = strchr(at, '\n') + 1;
		char *end = next ? next + 1 : at + strlen(at);
		char *title = strndup(at, (size_t)(source - 1 - at)), *body = strndup(source, (size_t)(end - source));

		different += golden_one(path, title, body, sections, run, out, !next);
		free(title);
		free(body);
		at = next ? next + 1 : NULL;
	}
	free(text);
	return different;
}

static inline int golden_is_case_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 2 && !strcmp(entry->d_name + len - 2, ".t");
}

/* Runs all files of a folder, or rewrites them; fails when cases differ. sections: NULL-terminated names. */
static inline void golden_folder(const char *folder, const char *const *sections, golden_case *run)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, golden_is_case_file, alphasort);
	unsigned different = 0;

	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		char path[1024], *blessed;
		size_t len;
		FILE *out = open_memstream(&blessed, &len);

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		unsigned here = golden_file(path, sections, run, out);
		fclose(out);
		if (here && getenv("FFPF_BLESS")) {
			FILE *file = fopen(path, "w");

			assert_non_null(file);
			fwrite(blessed, 1, len, file);
			fclose(file);
			print_message("%s: %u cases rewritten\n", path, here);
		} else {
			different += here;
		}
		free(blessed);
		free(entries[i]);
	}
	free(entries);
	assert_int_equal(different, 0);
}

#endif
