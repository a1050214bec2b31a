// SPDX-License-Identifier: GPL-2.0
/*
 * strsearch: which of several strings are in a packet's payload, or in the packet, as it lies in
 * fragments; a string may begin in one and end in another.
 *
 * Up to TEXTSEARCH_MOST strings are searched for one after the other by the kernel's own textsearch
 * (lib/ts_kmp.c); more of them at once, by the automaton that userspace has (lib/native/search.h).
 *
 * The parameters are struct ffpf_strsearch_params and what it says follows; the cells are those of
 * enum cell.
 */
#include <linux/ctype.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/textsearch.h>
#include <lib/native/search.h>

#include "../ffpf.h"

#define TEXTSEARCH_MOST 2

enum cell { MATCHED, BYTES, HITS };

struct strsearch {
	struct ffpf_native native;
	bool packet;
	u32 n_patterns;
	struct ts_config *texts[TEXTSEARCH_MOST];
	struct ffpf_search automaton;
	void *memory; /* its own; NULL: the texts are searched for */
};

/* ts_state.cb: where a search is */
struct cursor {
	struct ffpf_walk *walk;
};

/* It gives runs one behind the other, as this algorithm takes them. */
static unsigned int next_run(unsigned int consumed, const u8 **run, struct ts_config *config,
			     struct ts_state *state)
{
	struct cursor *cursor = (struct cursor *)state->cb;

	return ffpf_walk_next(cursor->walk, run);
}

static u64 find_texts(const struct strsearch *search, const struct ffpf_wire *wire, u32 from,
		      u32 to)
{
	struct ffpf_walk walk;
	struct ts_state state;
	u64 found = 0;
	u32 i;

	BUILD_BUG_ON(sizeof(struct cursor) > sizeof(state.cb));
	for (i = 0; i < search->n_patterns; i++) {
		ffpf_walk_begin(&walk, wire, from, to);
		((struct cursor *)state.cb)->walk = &walk;
		if (textsearch_find(search->texts[i], &state) != UINT_MAX)
			found |= 1ull << i;
		ffpf_walk_end(&walk);
	}
	return found;
}

static u64 find_all(const struct strsearch *search, const struct ffpf_wire *wire, u32 from, u32 to)
{
	struct ffpf_walk walk;
	u16 state = 0;
	u64 found = 0;
	const u8 *run;
	u32 n;

	ffpf_walk_begin(&walk, wire, from, to);
	while (found != search->automaton.all && (n = ffpf_walk_next(&walk, &run)) != 0)
		ffpf_search_more(&search->automaton, &state, run, n, &found);
	ffpf_walk_end(&walk);
	return found;
}

static u32 run(struct ffpf_native *native, u64 *cells, struct ffpf_view *view, u32 class)
{
	const struct strsearch *search = container_of(native, struct strsearch, native);
	struct ffpf_payload payload;
	struct ffpf_wire wire;
	u32 from, to, i;
	u64 found;

	ffpf_wire_init(&wire, view);
	from = 0;
	to = wire.bytes.size;
	if (!search->packet) {
		ffpf_payload_find(&wire.bytes, wire.link, &payload);
		from = payload.at;
		to = payload.end;
	}
	ffpf_cell_add(&cells[BYTES], to - from);
	found = search->memory ? find_all(search, &wire, from, to)
			       : find_texts(search, &wire, from, to);
	if (!found)
		return 0;
	ffpf_cell_add(&cells[MATCHED], 1);
	for (i = 0; i < search->n_patterns; i++)
		if (found >> i & 1)
			ffpf_cell_add(&cells[HITS + i], 1);
	return __ffs64(found) + 1;
}

static void destroy(struct ffpf_native *native)
{
	struct strsearch *search = container_of(native, struct strsearch, native);
	u32 i;

	for (i = 0; i < TEXTSEARCH_MOST; i++)
		if (search->texts[i])
			textsearch_destroy(search->texts[i]);
	kvfree(search->memory);
	kfree(search);
}

/* ---- making ---- */

/* The patterns behind the head, which must be all that there is. */
static int read_patterns(const u8 *at, u32 bytes, u32 n, struct ffpf_patterns *out)
{
	u32 length, i;

	for (i = 0; i < n; i++) {
		if (bytes < sizeof(length))
			return -EINVAL;
		memcpy(&length, at, sizeof(length));
		at += sizeof(length);
		bytes -= sizeof(length);
		if (!length || length > FFPF_PATTERN_BYTES || length > bytes)
			return -EINVAL;
		memcpy(out->bytes[i], at, length);
		out->length[i] = length;
		at += length;
		bytes -= length;
	}
	out->n = n;
	return bytes ? -EINVAL : 0;
}

static int make_texts(struct strsearch *search, const struct ffpf_patterns *patterns, bool nocase)
{
	u32 i;

	for (i = 0; i < patterns->n; i++) {
		struct ts_config *text = textsearch_prepare(
			"kmp", patterns->bytes[i], patterns->length[i], GFP_KERNEL_ACCOUNT,
			TS_AUTOLOAD | (nocase ? TS_IGNORECASE : 0));

		if (IS_ERR(text))
			return PTR_ERR(text);
		text->get_next_block = next_run;
		search->texts[i] = text;
	}
	return 0;
}

static int make_automaton(struct strsearch *search, const struct ffpf_patterns *patterns,
			  bool nocase)
{
	search->memory = kvzalloc(ffpf_search_size(patterns, nocase), GFP_KERNEL_ACCOUNT);
	if (!search->memory)
		return -ENOMEM;
	ffpf_search_build(&search->automaton, patterns, nocase, search->memory);
	return 0;
}

/*
 * Should the kernel's textsearch do it? Not for letters that are none in ASCII: it takes Latin-1's
 * small and capital ones as the same, which nocase does not mean.
 */
static bool for_textsearch(const struct ffpf_patterns *patterns, bool nocase)
{
	u32 i, k;

	if (patterns->n > TEXTSEARCH_MOST)
		return false;
	for (i = 0; nocase && i < patterns->n; i++)
		for (k = 0; k < patterns->length[i]; k++)
			if (!isascii(patterns->bytes[i][k]))
				return false;
	return true;
}

static int make(struct strsearch *search, const u8 *params, u32 bytes,
		struct ffpf_patterns *patterns)
{
	struct ffpf_strsearch_params head;
	bool nocase;
	int err;

	memcpy(&head, params, sizeof(head));
	if ((head.flags & ~(FFPF_STRSEARCH_NOCASE | FFPF_STRSEARCH_PACKET)) || !head.n_patterns ||
	    head.n_patterns > FFPF_PATTERNS_MOST)
		return -EINVAL;
	err = read_patterns(params + sizeof(head), bytes - sizeof(head), head.n_patterns, patterns);
	if (err)
		return err;
	nocase = head.flags & FFPF_STRSEARCH_NOCASE;
	search->n_patterns = head.n_patterns;
	search->native.n_cells = HITS + head.n_patterns;
	search->packet = head.flags & FFPF_STRSEARCH_PACKET;
	return for_textsearch(patterns, nocase) ? make_texts(search, patterns, nocase)
						: make_automaton(search, patterns, nocase);
}

static struct ffpf_native *create(const void *params, u32 bytes)
{
	struct ffpf_patterns *patterns;
	struct strsearch *search;
	int err = -ENOMEM;

	BUILD_BUG_ON(FFPF_STRSEARCH_PATTERNS != FFPF_PATTERNS_MOST ||
		     FFPF_STRSEARCH_LENGTH != FFPF_PATTERN_BYTES);
	if (bytes < sizeof(struct ffpf_strsearch_params))
		return ERR_PTR(-EINVAL);
	search = kzalloc(sizeof(*search), GFP_KERNEL_ACCOUNT);
	if (!search)
		return ERR_PTR(-ENOMEM);
	patterns = kvzalloc(sizeof(*patterns), GFP_KERNEL_ACCOUNT);
	if (!patterns)
		goto destroy;
	err = make(search, params, bytes, patterns);
	kvfree(patterns);
	if (err)
		goto destroy;
	return &search->native;

destroy:
	destroy(&search->native);
	return ERR_PTR(err);
}

const struct ffpf_native_class ffpf_strsearch = {
	.name = "strsearch",
	.version = 1,
	.create = create,
	.free = destroy,
	.run = run,
};

MODULE_SOFTDEP("pre: ts_kmp");
