/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables from files, of some format (fill.h), or without: one key a line, behind it a number where the table has
 * values; '#' begins a comment.
 *
 *     192.0.2.1            a set of addresses
 *     198.51.100.0/24  7   an lpm with a number for each prefix
 *
 * A file with prefixes among its lines makes a table of longest prefixes, also where the program only asks whether an
 * address is in it. Lists have millions of lines: one pass, one allocation that doubles.
 */
#include <fpl/bind.h>
#include <lib/lang/arena.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Mistakes of one file that are reported. */
#define MISTAKES_MAX 5
/* Of a line: nobody means more. */
#define LINE_MAX_BYTES 4096

struct filling {
	struct ffpf_instance *instance;
	const struct fpl_symbol *table;
	struct ffpf_class_map *map;
	const char *path;
	struct ffpf_span span;
	uint8_t *keys, *prefixes;
	uint64_t *values;
	size_t n, capacity;
	unsigned mistakes;
	bool has_prefixes;
};

static void mistake(struct filling *f, size_t line, const char *what, const char *text)
{
	if (f->mistakes++ < MISTAKES_MAX && f->instance->diags)
		ffpf_diag_error(f->instance->diags, FFPF_D_FILE_FORMAT, f->span, "%s:%zu: %s: '%.60s'", f->path, line,
				what, text);
}

static void put(uint8_t *to, uint64_t x, unsigned size)
{
	for (unsigned i = size; i-- > 0; x >>= 8)
		to[i] = (uint8_t)x;
}

/* An address with or without the length of a prefix; NULL, or what is wrong. */
static const char *read_address(struct filling *f, char *word, uint8_t *key, uint8_t *prefix)
{
	enum fpl_kind type = f->table->key_types[0];
	unsigned width = type == FPL_IPV4 ? 32 : 128, shift = 0, bits;
	char *slash = strchr(word, '/'), *end = NULL;
	unsigned long written = 0;

	if (slash) {
		*slash = '\0';
		written = strtoul(slash + 1, &end, 10);
	}
	if (type == FPL_IPV6 && inet_pton(AF_INET, word, key + 12) == 1) {
		/* As the language has IPv4 addresses where IPv6 ones are wanted. */
		memset(key, 0, 10);
		memset(key + 10, 0xff, 2);
		shift = 96;
	} else if (inet_pton(type == FPL_IPV4 ? AF_INET : AF_INET6, word, key) != 1) {
		return "this is no address of the table's kind";
	}
	if (slash && (!isdigit((unsigned char)slash[1]) || *end || written > width - shift))
		return "this is no length of a prefix";
	bits = slash ? (unsigned)written + shift : width;
	f->has_prefixes |= bits < width;
	*prefix = (uint8_t)bits;
	for (unsigned i = bits; i < width; i++)
		if (key[i / 8] & 0x80u >> i % 8)
			return "bits are set behind the prefix";
	return NULL;
}

static const char *read_number(const struct fpl_symbol *table, const char *word, uint8_t *key)
{
	unsigned size = table->key[0].size;
	unsigned long long x;
	char *end;

	errno = 0;
	x = strtoull(word, &end, 0);
	if (end == word || *end || errno || *word == '-')
		return "this is no number";
	if (size < 8 && x >> (8 * size))
		return "this number is too large for the key";
	put(key, x, size);
	return NULL;
}

static const char *read_key(struct filling *f, char *word, uint8_t *key, uint8_t *prefix)
{
	unsigned b[6];
	int n = 0;

	switch (f->table->key_types[0]) {
	case FPL_IPV4:
	case FPL_IPV6:
		return read_address(f, word, key, prefix);
	case FPL_MAC:
		if (sscanf(word, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &n) != 6 ||
		    word[n])
			return "this is no MAC address";
		for (unsigned i = 0; i < 6; i++)
			key[i] = (uint8_t)b[i];
		return NULL;
	default:
		return read_number(f->table, word, key);
	}
}

static bool make_room(struct filling *f)
{
	size_t capacity = f->capacity ? f->capacity * 2 : 1024, words = f->map->words;
	uint8_t *keys, *prefixes;
	uint64_t *values;

	if (f->n < f->capacity)
		return true;
	keys = reallocarray(f->keys, capacity, f->map->key_size);
	f->keys = keys ? keys : f->keys;
	prefixes = reallocarray(f->prefixes, capacity, 1);
	f->prefixes = prefixes ? prefixes : f->prefixes;
	values = f->table->set ? NULL : reallocarray(f->values, capacity, words * sizeof(*values));
	f->values = values ? values : f->values;
	if (!keys || !prefixes || (!f->table->set && !values))
		return false;
	f->capacity = capacity;
	return true;
}

static void read_line(struct filling *f, size_t line, char *text)
{
	char *save = NULL, *word, *value, *more;
	const char *why = NULL;
	unsigned long long number = 1;
	char *end;

	text[strcspn(text, "#")] = '\0';
	word = strtok_r(text, " \t\r\n,;", &save);
	if (!word)
		return;
	value = strtok_r(NULL, " \t\r\n,;", &save);
	more = value ? strtok_r(NULL, " \t\r\n,;", &save) : NULL;
	if (more || (value && f->table->set)) {
		mistake(f, line, "there is more than the table has", more ? more : value);
		return;
	}
	why = read_key(f, word, f->keys + f->n * f->map->key_size, &f->prefixes[f->n]);
	if (why) {
		mistake(f, line, why, word);
		return;
	}
	if (value) {
		errno = 0;
		number = strtoull(value, &end, 0);
		if (*end || errno || *value == '-') {
			mistake(f, line, "this is no number", value);
			return;
		}
	}
	if (f->values) {
		memset(&f->values[f->n * f->map->words], 0, f->map->words * sizeof(*f->values));
		f->values[f->n * f->map->words] = number;
	}
	f->n++;
}

static int read_lines(struct filling *f, FILE *file)
{
	char text[LINE_MAX_BYTES];
	size_t line = 0;

	/* A last byte that fgets has written says that the line filled it, whatever bytes it is made of. */
	while (text[sizeof(text) - 1] = 'x', f->mistakes < MISTAKES_MAX && fgets(text, sizeof(text), file)) {
		line++;
		if (!text[sizeof(text) - 1] && text[sizeof(text) - 2] != '\n') {
			mistake(f, line, "this line is too long", text);
			return 0;
		}
		if (!make_room(f))
			return -ENOMEM;
		if (f->n >= FPL_TABLE_SIZE_MAX)
			return -E2BIG;
		read_line(f, line, text);
	}
	return ferror(file) ? -EIO : 0;
}

static void free_lists(void *arg)
{
	struct filling *f = arg;

	free(f->keys);
	free(f->prefixes);
	free(f->values);
}

/* How large the table is: as large as it was declared, but never smaller than its file. */
static void set_map(struct filling *f)
{
	struct ffpf_class_map *map = f->map;
	bool only_read = !f->table->adds;

	if (f->has_prefixes && map->kind == FFPF_MAP_HASH)
		map->kind = FFPF_MAP_LPM;
	map->keys = f->keys;
	map->values = f->values;
	map->prefixes = map->kind == FFPF_MAP_LPM ? f->prefixes : NULL;
	map->n_filled = f->n;
	if (map->max_entries < f->n || only_read)
		map->max_entries = f->n ? (uint32_t)f->n : 1;
}

/* NULL, and errno: reported. */
static FILE *open_file(const struct filling *f)
{
	FILE *file = fopen(f->path, "re");
	const int err = errno;

	if (!file && f->instance->diags)
		ffpf_diag_error(f->instance->diags, FFPF_D_FILE_OPEN, f->span, "%s: %s", f->path, strerror(err));
	errno = err;
	return file;
}

/* ---- formats --------------------------------------------------------------------------------- */

#define FORMAT_FILE_MOST (4u << 20)

/* A file is a source of diagnostics once, however many tables it fills and numbers it names. */
struct format_source {
	struct format_source *next;
	const char *path;
	uint32_t number;
	int err; /* it can't be read, which was reported */
};

static int add_source(struct filling *f, struct format_source *s)
{
	FILE *file = open_file(f);
	char *text = NULL;
	size_t len;
	int err;

	if (!file)
		return -errno;
	err = fpl_read_all(file, FORMAT_FILE_MOST - 1, &text, &len);
	fclose(file);
	if (err)
		ffpf_diag_error(f->instance->diags, FFPF_D_FILE_FORMAT, f->span, "%s: %s", f->path, strerror(-err));
	else
		s->number = ffpf_diags_add_source(f->instance->diags, s->path, text, len);
	free(text);
	return err;
}

/* The file's text as a source, *source 0: there is no file. */
static int open_source(struct filling *f, struct ffpf_arena *arena, uint32_t *source)
{
	static const char key;
	void **slot = ffpf_arena_slot(arena, &key);
	struct format_source *s = *slot;

	*source = 0;
	if (!f->path || !*f->path)
		return 0;
	if (!f->instance->diags)
		return -EINVAL;
	while (s && strcmp(s->path, f->path) != 0)
		s = s->next;
	if (!s) {
		s = ffpf_arena_alloc(arena, sizeof(*s));
		*s = (struct format_source){.next = *slot, .path = ffpf_arena_strdup(arena, f->path)};
		s->err = add_source(f, s);
		*slot = s;
	}
	*source = s->number;
	return s->err;
}

static int read_format(struct filling *f, struct ffpf_arena *arena)
{
	struct fpl_filling filling;
	uint32_t source;
	int err = open_source(f, arena, &source);

	if (err || !source)
		return err;
	err = f->table->fill->read(arena, f->instance->diags, source, &filling);
	if (err)
		return err;
	f->map->keys = filling.keys;
	f->map->values = filling.values;
	f->map->n_filled = filling.n;
	if (f->map->max_entries < filling.n || !f->table->adds)
		f->map->max_entries = filling.n ? (uint32_t)filling.n : 1;
	return 0;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static struct filling filling_of(struct ffpf_instance *instance, const struct fpl_symbol *table)
{
	const struct ffpf_value *value = table->from_param ? &instance->values[table->from_param->param] : NULL;
	const struct fpl_program *program = ((const struct fpl_class *)instance->class)->program;

	return (struct filling){.instance = instance,
				.table = table,
				.path = value ? value->s : table->from,
				.span = value && value->given ? value->span
							      : fpl_bind_span(instance, program, table->from_place)};
}

int fpl_bind_source(struct ffpf_instance *instance, struct ffpf_arena *arena, const struct fpl_symbol *from,
		    uint32_t *source)
{
	struct filling f = filling_of(instance, from);

	return open_source(&f, arena, source);
}

int fpl_bind_file(struct ffpf_instance *instance, struct ffpf_arena *arena, const struct fpl_symbol *table,
		  struct ffpf_class_map *map)
{
	struct filling *f = ffpf_arena_alloc(arena, sizeof(*f));
	FILE *file;
	int err;

	*f = filling_of(instance, table);
	f->map = map;
	if (table->fill)
		return read_format(f, arena);
	if (!f->path || !*f->path)
		return 0;
	file = open_file(f);
	if (!file)
		return -errno;
	ffpf_arena_defer(arena, free_lists, f);
	err = read_lines(f, file);
	fclose(file);
	if (err && instance->diags)
		ffpf_diag_error(instance->diags, FFPF_D_FILE_FORMAT, f->span, "%s: %s", f->path,
				err == -E2BIG ? "it has more lines than a table has entries" : strerror(-err));
	if (err || f->mistakes)
		return err ? err : -EINVAL;
	if (f->has_prefixes && table->adds && map->kind == FFPF_MAP_HASH) {
		if (instance->diags)
			ffpf_diag_error(instance->diags, FFPF_D_FILE_FORMAT, f->span,
					"%s: prefixes stand in it, and '%s' is a hash: declare it as lpm", f->path,
					table->name);
		return -EINVAL;
	}
	set_map(f);
	return 0;
}
