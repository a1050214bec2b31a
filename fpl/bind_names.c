/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What numbers stand for, from the files of `names`: texts for the members of what an instance keeps. In a file without
 * a format each line has a number, and a text behind it; '#' at the beginning of a line makes it a comment.
 *
 *     # protocols
 *     6   TCP
 *     17  UDP
 *
 * Texts come from outside and go to terminals: what is no UTF-8, and control characters, become question marks.
 */
#include <fpl/bind.h>
#include <lib/lang/arena.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MOST 65535
/* Mistakes of one file that are reported. */
#define MISTAKES_MOST 5

/* Bytes of the character at `at`, 0: it is none that may be shown. */
static unsigned character(const unsigned char *at)
{
	unsigned n = at[0] < 0x80 ? 1 : at[0] >= 0xc2 && at[0] < 0xe0 ? 2 : at[0] >= 0xe0 && at[0] < 0xf0 ? 3 : 4;

	if (at[0] < 0x20 || at[0] == 0x7f || (at[0] >= 0x80 && at[0] < 0xc2) || at[0] > 0xf4)
		return 0;
	for (unsigned i = 1; i < n; i++)
		if ((at[i] & 0xc0) != 0x80) /* also the end of the text */
			return 0;
	/* Control characters, forms that are longer than they have to be, surrogates, beyond the last. */
	if ((at[0] == 0xc2 && at[1] < 0xa0) || (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return n;
}

static const char *shown(struct ffpf_arena *arena, const char *text)
{
	char *out = ffpf_arena_strdup(arena, text);

	for (char *at = out; *at;) {
		unsigned n = character((const unsigned char *)at);

		if (!n)
			*at = '?';
		at += n ? n : 1;
	}
	return out;
}

/* ---- a file of numbers and texts ------------------------------------------------------------- */

struct reader {
	struct ffpf_arena *arena;
	struct ffpf_diags *diags;
	uint32_t source;
	const char *text;
	const char **list; /* NUMBER_MOST + 1 */
	size_t n;
	unsigned mistakes;
};

static void read_line(struct reader *r, const char *at, const char *end)
{
	const char *begin, *number;
	unsigned x = 0;

	while (at < end && isblank((unsigned char)*at))
		at++;
	while (end > at && isspace((unsigned char)end[-1]))
		end--;
	if (at == end || *at == '#')
		return;
	for (number = at; at < end && isdigit((unsigned char)*at) && x <= NUMBER_MOST; at++)
		x = x * 10 + (unsigned)(*at - '0');
	for (begin = at; begin < end && isblank((unsigned char)*begin);)
		begin++;
	if (at == number || begin == at || x > NUMBER_MOST) {
		ffpf_diag_error(r->diags, FFPF_D_FILE_FORMAT,
				(struct ffpf_span){r->source, (uint32_t)(number - r->text), (uint32_t)(end - r->text)},
				"a number up to %u is expected, and a text behind it", NUMBER_MOST);
		r->mistakes++;
		return;
	}
	r->list[x] = ffpf_arena_strndup(r->arena, begin, (size_t)(end - begin));
	if (x >= r->n)
		r->n = x + 1;
}

static int read_lines(struct ffpf_arena *arena, struct ffpf_diags *diags, uint32_t source, struct fpl_texts *out)
{
	struct reader r = {.arena = arena, .diags = diags, .source = source};
	size_t len;

	r.text = ffpf_diags_source_text(diags, source, &len);
	r.list = calloc(NUMBER_MOST + 1, sizeof(*r.list));
	if (!r.list)
		return -ENOMEM;
	for (const char *at = r.text, *end = r.text + len; at < end && r.mistakes < MISTAKES_MOST;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		read_line(&r, at, newline ? newline : end);
		at = newline ? newline + 1 : end;
	}
	if (!r.mistakes) {
		const char **list = ffpf_arena_alloc(arena, (r.n + 1) * sizeof(*list));

		memcpy(list, r.list, r.n * sizeof(*list));
		*out = (struct fpl_texts){r.n, list};
	}
	free(r.list);
	return r.mistakes ? -EINVAL : 0;
}

/* ---- a file, once, however many names come from it ------------------------------------------- */

struct known {
	struct known *next;
	uint32_t source;
	const struct fpl_fill *fill;
	int err; /* which was reported */
	struct fpl_texts texts;
};

static const struct known *texts_of(struct ffpf_arena *arena, struct ffpf_diags *diags, const struct fpl_fill *fill,
				    uint32_t source)
{
	static const char key;
	void **slot = ffpf_arena_slot(arena, &key);
	struct known *k;
	const char **list;

	for (k = *slot; k; k = k->next)
		if (k->source == source && k->fill == fill)
			return k;
	k = ffpf_arena_alloc(arena, sizeof(*k));
	*k = (struct known){.next = *slot, .source = source, .fill = fill};
	*slot = k;
	k->err = fill ? fill->read_texts(arena, diags, source, &k->texts) : read_lines(arena, diags, source, &k->texts);
	if (k->err)
		return k;
	list = ffpf_arena_alloc(arena, (k->texts.n + 1) * sizeof(*list));
	for (size_t i = 0; i < k->texts.n; i++)
		list[i] = k->texts.list[i] ? shown(arena, k->texts.list[i]) : NULL;
	k->texts.list = list;
	return k;
}

/* ---- members --------------------------------------------------------------------------------- */

/* Those of this name, with texts. */
static struct ffpf_members with_texts(struct ffpf_arena *arena, struct ffpf_members members, const char *name,
				      const struct fpl_texts *texts)
{
	struct ffpf_member *list = ffpf_arena_alloc(arena, (members.n + 1) * sizeof(*list));

	for (size_t i = 0; i < members.n; i++) {
		list[i] = members.list[i];
		if ((list[i].kind != FFPF_MEMBER_UNSIGNED && list[i].kind != FFPF_MEMBER_BIG) || list[i].count != 1 ||
		    strcmp(list[i].name, name) != 0)
			continue;
		list[i].texts = texts->list;
		list[i].n_texts = (uint32_t)texts->n;
	}
	return (struct ffpf_members){list, members.n};
}

static void give(struct ffpf_arena *arena, const struct fpl_kept *kept, const char *name, const struct fpl_texts *texts)
{
	for (size_t i = 0; i < kept->n_maps; i++) {
		kept->maps[i].key = with_texts(arena, kept->maps[i].key, name, texts);
		kept->maps[i].value = with_texts(arena, kept->maps[i].value, name, texts);
	}
	for (size_t i = 0; i < kept->n_tables; i++)
		kept->tables[i].key = with_texts(arena, kept->tables[i].key, name, texts);
	for (size_t i = 0; i < kept->n_events; i++)
		kept->events[i].members = with_texts(arena, kept->events[i].members, name, texts);
}

static int bind_one(struct ffpf_instance *instance, struct ffpf_arena *arena, const struct fpl_names *names,
		    const struct fpl_kept *kept)
{
	const struct known *known;
	uint32_t source;
	int err = fpl_bind_source(instance, arena, &names->from, &source);

	if (err || !source)
		return err;
	known = texts_of(arena, instance->diags, names->from.fill, source);
	if (!known->err)
		give(arena, kept, names->name, &known->texts);
	return known->err;
}

int fpl_bind_names(struct ffpf_instance *instance, const struct fpl_program *program, struct ffpf_arena *arena,
		   const struct fpl_kept *kept)
{
	int err = 0;

	for (size_t i = 0; i < program->n_names && !err; i++)
		err = bind_one(instance, arena, program->names[i], kept);
	return err;
}
