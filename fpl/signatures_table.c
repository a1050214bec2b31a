/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signatures as a table (signatures.h): tuple-space search. A signature leaves out some columns; all that leave out the
 * same are of one form, and are found with one lookup of the columns that are left. The columns that match more than
 * one value but few (TTL, quirks that may come and go, the IP version) are written out: an entry for each value. So the
 * table is large, and a packet is looked up once for each form that its options ever come with.
 */
#include <fpl/signatures.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct compiler {
	struct ffpf_diags *diags;
	const struct fpl_signatures *signatures;
	struct fpl_signature_table *table;
	uint8_t example[256]; /* a TTL of each class */
	unsigned n_classes;
	struct fpl_signature_entry *entries;
	size_t n, room;
};

/* Two TTLs are of one class if every signature says the same of both: classes are runs between those where one
 * changes. */
static void classify(struct compiler *c)
{
	for (unsigned ttl = 0; ttl < 256; ttl++) {
		bool same = ttl > 0;

		for (size_t i = 0; i < c->signatures->n && same; i++)
			same = fpl_ttl_closeness(&c->signatures->list[i], ttl) ==
			       fpl_ttl_closeness(&c->signatures->list[i], ttl - 1);
		if (!same)
			c->example[c->n_classes++] = (uint8_t)ttl;
		c->table->ttl_class[ttl] = (uint8_t)(c->n_classes - 1);
	}
}

static unsigned form_of(const struct fpl_signature *s)
{
	static const unsigned windows[] = {[FPL_WINDOW_ANY] = 0,
					   [FPL_WINDOW_NUMBER] = FPL_FORM_NUMBER,
					   [FPL_WINDOW_MSS] = FPL_FORM_MULTIPLE,
					   [FPL_WINDOW_MTU] = FPL_FORM_MULTIPLE,
					   [FPL_WINDOW_MODULO] = FPL_FORM_MODULO};

	return (s->mss != FPL_ANY ? FPL_FORM_MSS : 0u) | (s->scale != FPL_ANY ? FPL_FORM_SCALE : 0u) |
	       windows[s->window_kind];
}

/* The word of values, as far as a form has them. window: kind << 16 | number. */
static uint64_t values_word(unsigned form, uint32_t mss, uint32_t scale, uint32_t window)
{
	return (form & FPL_FORM_MSS ? (uint64_t)mss << 32 : 0) | (form & FPL_FORM_SCALE ? (uint64_t)scale << 24 : 0) |
	       window;
}

static int add_entry(struct compiler *c, struct fpl_signature_entry entry)
{
	struct fpl_signature_entry *grown;

	if (c->n == c->room) {
		if (c->n >= FPL_SIGNATURE_ENTRIES_MAX)
			return -E2BIG;
		c->room = c->room ? 2 * c->room : 4096;
		grown = realloc(c->entries, c->room * sizeof(*grown));
		if (!grown)
			return -E2BIG;
		c->entries = grown;
	}
	c->entries[c->n++] = entry;
	return 0;
}

/* The entries of one signature for packets with the given quirks and payload, of every class of TTLs. */
static int add_ttls(struct compiler *c, size_t number, uint64_t shape, enum fpl_closeness quirks)
{
	const struct fpl_signature *s = &c->signatures->list[number];
	const uint32_t window = s->window_kind == FPL_WINDOW_ANY ? 0 : (uint32_t)s->window_kind << 16 | s->window;
	const unsigned form = form_of(s);
	int err = 0;

	for (unsigned i = 0; i < c->n_classes && !err; i++) {
		const enum fpl_closeness ttl = fpl_ttl_closeness(s, c->example[i]);
		const bool fuzzy = ttl == FPL_FUZZY || quirks == FPL_FUZZY;
		const struct fpl_signature_entry entry = {
			.layout = s->layout,
			.shape = shape | (uint64_t)i << FPL_SHAPE_TTL | (uint64_t)form << FPL_SHAPE_FORM,
			.values = values_word(form, (uint32_t)s->mss, (uint32_t)s->scale, window),
			.rank = (uint64_t)(fuzzy ? 2 : s->generic) << 32 | number,
			.label = fuzzy && s->tool ? 0 : s->label + 1u,
			.ttl = s->ttl | (s->ttl_at_most ? 256u : 0) | (s->generic ? 512u : 0),
		};

		if (ttl != FPL_APART)
			err = add_entry(c, entry);
	}
	return err;
}

/* A packet has an identification that is worth telling only with DF, or none without. */
static bool possible(uint32_t quirks, unsigned version)
{
	if (version == 6)
		return !(quirks & FPL_QUIRKS_IP4);
	return !(quirks & (quirks & FPL_QUIRK_DF ? FPL_QUIRK_NO_ID : FPL_QUIRK_ID));
}

/* ... of every set of quirks that is near enough. */
static int add_quirks(struct compiler *c, size_t number, unsigned version, uint64_t shape)
{
	const uint32_t ours = fpl_signature_quirks(&c->signatures->list[number], version),
		       may = FPL_QUIRKS_MAY_GO | FPL_QUIRKS_MAY_COME;
	int err = 0;

	/* every subset of those that may differ */
	for (uint32_t differing = may;; differing = (differing - 1) & may) {
		const uint32_t theirs = ours ^ differing;
		const enum fpl_closeness near = fpl_quirks_closeness(ours, theirs);

		if (near != FPL_APART && possible(theirs, version))
			err = add_ttls(c, number, shape | theirs, near);
		if (!differing || err)
			return err;
	}
}

static int too_many(struct compiler *c, size_t number)
{
	ffpf_diag_error(c->diags, FFPF_D_SIGNATURE, c->signatures->list[number].span,
			"with this signature the table has more than %d entries", FPL_SIGNATURE_ENTRIES_MAX);
	return -E2BIG;
}

static int add_signature(struct compiler *c, size_t number)
{
	const struct fpl_signature *s = &c->signatures->list[number];
	int err = 0;

	for (unsigned version = 4; version <= 6 && !err; version += 2)
		for (int payload = 0; payload < 2 && !err; payload++)
			if ((!s->version || s->version == version) && (s->payload == FPL_ANY || s->payload == payload))
				err = add_quirks(c, number, version,
						 (uint64_t)(version == 6) << FPL_SHAPE_IP6 |
							 (uint64_t)payload << FPL_SHAPE_PAYLOAD |
							 (uint64_t)s->ip_options << FPL_SHAPE_IP_OPTIONS);
	return err ? too_many(c, number) : 0;
}

#define FORM_MASK ((uint64_t)0x1f << FPL_SHAPE_FORM)

static int by_key(const void *a, const void *b)
{
	const struct fpl_signature_entry *x = a, *y = b;

	if (x->layout != y->layout)
		return x->layout < y->layout ? -1 : 1;
	if (x->shape != y->shape)
		return x->shape < y->shape ? -1 : 1;
	if (x->values != y->values)
		return x->values < y->values ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* Those of one layout and shape together, whatever their form. */
static int by_shape(const void *a, const void *b)
{
	struct fpl_signature_entry x = *(const struct fpl_signature_entry *)a,
				   y = *(const struct fpl_signature_entry *)b;

	x.shape &= ~FORM_MASK;
	y.shape &= ~FORM_MASK;
	return by_key(&x, &y);
}

static bool same_key(const struct fpl_signature_entry *a, const struct fpl_signature_entry *b)
{
	return a->layout == b->layout && a->shape == b->shape && a->values == b->values;
}

/* Sorts entries and keeps the best of each key. */
static size_t unique(struct fpl_signature_entry *entries, size_t n)
{
	size_t kept = 0;

	qsort(entries, n, sizeof(*entries), by_key);
	for (size_t i = 0; i < n; i++)
		if (!kept || !same_key(&entries[kept - 1], &entries[i]))
			entries[kept++] = entries[i];
	return kept;
}

static int two_moduli(struct compiler *c, const struct fpl_signature_entry *e)
{
	ffpf_diag_error(c->diags, FFPF_D_SIGNATURE, c->signatures->list[(uint32_t)e->rank].span,
			"signatures with these options and quirks have two different '%%'");
	return -EINVAL;
}

/* Adds, for each layout and shape, which forms there are. */
static int add_sets(struct compiler *c)
{
	const size_t n = c->n;
	size_t set = SIZE_MAX; /* the last one */

	qsort(c->entries, n, sizeof(*c->entries), by_shape);
	for (size_t i = 0; i < n; i++) {
		const struct fpl_signature_entry e = c->entries[i];
		const unsigned form = (unsigned)(e.shape >> FPL_SHAPE_FORM) & 0x1f;
		const uint64_t shape = (e.shape & ~FORM_MASK) | (uint64_t)FPL_FORMS << FPL_SHAPE_FORM,
			       modulus = (form & FPL_FORM_MODULO) == FPL_FORM_MODULO ? e.values & 0xffff : 0;

		if (set == SIZE_MAX || c->entries[set].layout != e.layout || c->entries[set].shape != shape) {
			set = c->n;
			if (add_entry(c, (struct fpl_signature_entry){.layout = e.layout, .shape = shape}) < 0)
				return too_many(c, (uint32_t)e.rank);
		}
		if (modulus && c->entries[set].label && c->entries[set].label != modulus)
			return two_moduli(c, &e);
		c->entries[set].label |= modulus;
		c->entries[set].rank |= 1u << form;
	}
	qsort(c->entries, c->n, sizeof(*c->entries), by_key);
	return 0;
}

int fpl_signatures_compile(struct ffpf_arena *arena, struct ffpf_diags *diags, const struct fpl_signatures *signatures,
			   struct fpl_signature_table *out)
{
	struct compiler c = {.diags = diags, .signatures = signatures, .table = out};
	struct fpl_signature_entry *kept;
	int err = 0;

	memset(out, 0, sizeof(*out));
	classify(&c);
	for (size_t i = 0; i < signatures->n && !err; i++)
		err = add_signature(&c, i);
	if (!err && c.n) {
		c.n = unique(c.entries, c.n);
		err = add_sets(&c);
	}
	if (!err && c.n) {
		kept = ffpf_arena_alloc(arena, c.n * sizeof(*kept));
		memcpy(kept, c.entries, c.n * sizeof(*kept));
		out->entries = kept;
		out->n = c.n;
	}
	free(c.entries);
	return err;
}

/* ---- looking up ---- */

static const struct fpl_signature_entry *find(const struct fpl_signature_table *table, uint64_t layout, uint64_t shape,
					      uint64_t values)
{
	const struct fpl_signature_entry key = {.layout = layout, .shape = shape, .values = values};
	size_t low = 0, high = table->n;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct fpl_signature_entry *e = &table->entries[middle];

		if (same_key(e, &key))
			return e;
		if (by_key(e, &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The values of a packet for one form; false: it can't match, its window is no multiple. */
static bool values_for(unsigned form, uint64_t modulus, const struct fpl_syn *syn, uint64_t *values)
{
	enum fpl_window kind = FPL_WINDOW_ANY;
	uint32_t window = 0;

	switch (form & FPL_FORM_MODULO) {
	case FPL_FORM_NUMBER:
		window = FPL_WINDOW_NUMBER << 16 | syn->window;
		break;
	case FPL_FORM_MULTIPLE:
		window = fpl_syn_multiple(syn, &kind);
		if (kind == FPL_WINDOW_NUMBER)
			return false;
		window |= (uint32_t)kind << 16;
		break;
	case FPL_FORM_MODULO:
		if (syn->window % modulus)
			return false;
		window = FPL_WINDOW_MODULO << 16 | (uint32_t)modulus;
		break;
	default:
		break;
	}
	*values = values_word(form, syn->mss, syn->scale, window);
	return true;
}

struct fpl_syn_match fpl_signature_table_match(const struct fpl_signatures *signatures,
					       const struct fpl_signature_table *table, const struct fpl_syn *syn)
{
	const uint64_t shape = syn->quirks | (uint64_t)table->ttl_class[syn->ttl] << FPL_SHAPE_TTL |
			       (uint64_t)syn->ip_options << FPL_SHAPE_IP_OPTIONS |
			       (uint64_t)syn->payload << FPL_SHAPE_PAYLOAD |
			       (uint64_t)(syn->version == 6) << FPL_SHAPE_IP6;
	const struct fpl_signature_entry *best = NULL, *set = find(table, syn->layout,
								   shape | (uint64_t)FPL_FORMS << FPL_SHAPE_FORM, 0);
	struct fpl_syn_match match = {NULL, false, 0};

	for (unsigned i = 0; set && i < FPL_FORMS; i++) {
		const struct fpl_signature_entry *e;
		uint64_t values;

		if (!(set->rank >> i & 1) || !values_for(i, set->label, syn, &values))
			continue;
		e = find(table, syn->layout, shape | (uint64_t)i << FPL_SHAPE_FORM, values);
		if (e && (!best || e->rank < best->rank))
			best = e;
	}
	if (best && best->label) {
		match.signature = &signatures->list[(uint32_t)best->rank];
		match.fuzzy = best->rank >> 32 == 2;
	}
	match.distance = fpl_signature_distance(match.signature, syn->ttl);
	return match;
}
