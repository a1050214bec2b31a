/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of TCP signatures as formats of files: `tcp_signatures` has the entries, `ttl_classes` the class of each
 * TTL, `tcp_labels` what the numbers of labels stand for. All are asked for by one program, so the file is read once
 * for each graph.
 */
#include <fpl/fill.h>
#include <fpl/signatures.h>
#include <lib/lang/arena.h>

#include <errno.h>

/* A file that was read. */
struct compiled {
	struct compiled *next;
	uint32_t source;
	int status;
	struct fpl_signatures signatures;
	struct fpl_signature_table table;
};

static const struct compiled *compile(struct ffpf_arena *arena, struct ffpf_diags *diags, uint32_t source)
{
	static const char key;
	void **slot = ffpf_arena_slot(arena, &key);
	struct compiled *c;

	for (c = *slot; c; c = c->next)
		if (c->source == source)
			return c;
	c = ffpf_arena_alloc(arena, sizeof(*c));
	c->next = *slot;
	c->source = source;
	c->status = fpl_signatures_read(arena, diags, source, &c->signatures);
	if (!c->status && !c->signatures.n) {
		ffpf_diag_hint(diags,
			       ffpf_diag_error(diags, FFPF_D_FILE_FORMAT, (struct ffpf_span){source, 0, 0},
					       "there is no signature of a SYN in this file"),
			       "they stand in a section [tcp:request]");
		c->status = -EINVAL;
	}
	if (!c->status)
		c->status = fpl_signatures_compile(arena, diags, &c->signatures, &c->table);
	*slot = c;
	return c;
}

static void put(uint8_t *to, uint64_t x)
{
	for (unsigned i = 8; i-- > 0; x >>= 8)
		to[i] = (uint8_t)x;
}

static int read_signatures(struct ffpf_arena *arena, struct ffpf_diags *diags, uint32_t source, struct fpl_filling *out)
{
	const struct compiled *c = compile(arena, diags, source);
	uint64_t *values;
	uint8_t *keys;

	if (c->status)
		return c->status;
	keys = ffpf_arena_alloc(arena, c->table.n * 24 + 1);
	values = ffpf_arena_alloc(arena, c->table.n * 3 * sizeof(*values) + 1);
	for (size_t i = 0; i < c->table.n; i++) {
		const struct fpl_signature_entry *e = &c->table.entries[i];

		put(keys + i * 24, e->layout);
		put(keys + i * 24 + 8, e->shape);
		put(keys + i * 24 + 16, e->values);
		values[i * 3] = e->rank;
		values[i * 3 + 1] = e->label;
		values[i * 3 + 2] = e->ttl;
	}
	*out = (struct fpl_filling){c->table.n, keys, values};
	return 0;
}

static int read_classes(struct ffpf_arena *arena, struct ffpf_diags *diags, uint32_t source, struct fpl_filling *out)
{
	const struct compiled *c = compile(arena, diags, source);
	uint8_t *keys = ffpf_arena_alloc(arena, 256);
	uint64_t *values = ffpf_arena_alloc(arena, 256 * sizeof(*values));

	if (c->status)
		return c->status;
	for (unsigned i = 0; i < 256; i++) {
		keys[i] = (uint8_t)i;
		values[i] = c->table.ttl_class[i];
	}
	*out = (struct fpl_filling){256, keys, values};
	return 0;
}

/* 0 is no label; p0f writes the same for it. */
static int read_labels(struct ffpf_arena *arena, struct ffpf_diags *diags, uint32_t source, struct fpl_texts *out)
{
	const struct compiled *c = compile(arena, diags, source);
	const char **texts;

	if (c->status)
		return c->status;
	texts = ffpf_arena_alloc(arena, (c->signatures.n_labels + 1) * sizeof(*texts));
	texts[0] = "???";
	for (size_t i = 0; i < c->signatures.n_labels; i++)
		texts[i + 1] = c->signatures.labels[i];
	*out = (struct fpl_texts){c->signatures.n_labels + 1, texts};
	return 0;
}

const struct fpl_fill fpl_fill_tcp_signatures = {
	.name = "tcp_signatures",
	.doc = "signatures of first packets, in the syntax of p0f: [layout: u64, shape: u64, values: u64]: {rank: u64, "
	       "label: u64, ttl: u64}",
	.key = {8, 8, 8},
	.words = 3,
	.read = read_signatures,
};

const struct fpl_fill fpl_fill_ttl_classes = {
	.name = "ttl_classes",
	.doc = "of the same file: TTLs that all signatures look upon alike are of one class: [ttl: u8]: u8",
	.key = {1},
	.words = 1,
	.read = read_classes,
};

const struct fpl_fill fpl_fill_tcp_labels = {
	.name = "tcp_labels",
	.doc = "texts, for names: system and flavour of each label of the same file, as p0f shows them",
	.read_texts = read_labels,
};
