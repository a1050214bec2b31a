/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What signatures mean (signatures.h), and the table of them: tuple-space search. A signature leaves out some columns;
 * all that leave out the same are of one form, and are found with one lookup of the columns that are left. The columns
 * that match more than one value but few (TTL, quirks that may come and go, the IP version) are written out: an entry
 * for each value. So the table is large, and a packet is looked up once for each form that its options ever come with.
 */
#include <fpl/signatures.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the meaning ---- */

uint8_t fpl_ttl_distance(uint8_t ttl)
{
	return (uint8_t)((ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255) - ttl);
}

uint16_t fpl_syn_multiple(const struct fpl_syn *syn, enum fpl_window *kind)
{
	const bool ip6 = syn->version == 6;
	const struct {
		uint32_t of;
		enum fpl_window kind;
	} ways[] = {
		{syn->mss, FPL_WINDOW_MSS},
		{syn->stamped ? syn->mss - 12u : 0, FPL_WINDOW_MSS},
		/* the MTU of another interface, mostly 1500 */
		{1460, FPL_WINDOW_MSS},
		{1448, FPL_WINDOW_MSS},
		{ip6 ? 1440 : 0, FPL_WINDOW_MSS},
		{ip6 ? 1428 : 0, FPL_WINDOW_MSS},
		{syn->mss + 40u, FPL_WINDOW_MTU},
		{syn->mss + syn->headers, FPL_WINDOW_MTU},
		{ip6 ? syn->mss + 60u : 0, FPL_WINDOW_MTU},
		{1500, FPL_WINDOW_MTU},
	};

	*kind = FPL_WINDOW_NUMBER;
	if (!syn->window || syn->mss < 100)
		return 0;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (ways[i].of && syn->window % ways[i].of == 0) {
			*kind = ways[i].kind;
			return (uint16_t)(syn->window / ways[i].of);
		}
	return 0;
}

static bool window_matches(const struct fpl_signature *s, const struct fpl_syn *syn)
{
	enum fpl_window kind;
	uint16_t factor;

	switch (s->window_kind) {
	case FPL_WINDOW_NUMBER:
		return syn->window == s->window;
	case FPL_WINDOW_MODULO:
		return syn->window % s->window == 0;
	case FPL_WINDOW_MSS:
	case FPL_WINDOW_MTU:
		factor = fpl_syn_multiple(syn, &kind);
		return kind == s->window_kind && factor == s->window;
	default:
		return true;
	}
}

/* Of a packet of that IP version. */
static uint32_t quirks_of(const struct fpl_signature *s, unsigned version)
{
	return s->quirks & ~(uint32_t)(version == 4 ? FPL_QUIRKS_IP6 : FPL_QUIRKS_IP4);
}

enum closeness { APART, FUZZY, EXACT };

static enum closeness ttl_closeness(const struct fpl_signature *s, unsigned ttl)
{
	if (s->ttl_at_most)
		return ttl <= s->ttl ? EXACT : APART;
	return ttl <= s->ttl && s->ttl - ttl <= FPL_DISTANCE_MAX ? EXACT : FUZZY;
}

static enum closeness quirks_closeness(uint32_t ours, uint32_t theirs)
{
	if (ours == theirs)
		return EXACT;
	return ours & ~theirs & ~(uint32_t)FPL_QUIRKS_MAY_GO || theirs & ~ours & ~(uint32_t)FPL_QUIRKS_MAY_COME ? APART
														: FUZZY;
}

static enum closeness closeness(const struct fpl_signature *s, const struct fpl_syn *syn)
{
	const enum closeness ttl = ttl_closeness(s, syn->ttl),
			     quirks = quirks_closeness(quirks_of(s, syn->version), syn->quirks);

	if ((s->version && s->version != syn->version) || s->ip_options != syn->ip_options ||
	    s->layout != syn->layout || (s->mss != FPL_ANY && s->mss != syn->mss) ||
	    (s->scale != FPL_ANY && s->scale != syn->scale) || (s->payload != FPL_ANY && s->payload != syn->payload) ||
	    !window_matches(s, syn))
		return APART;
	return ttl < quirks ? ttl : quirks;
}

static uint8_t distance(const struct fpl_signature *s, uint8_t ttl)
{
	if (!s || s->ttl < ttl || (!s->ttl_at_most && s->ttl - ttl > FPL_DISTANCE_MAX))
		return fpl_ttl_distance(ttl);
	return (uint8_t)(s->ttl - ttl);
}

struct fpl_syn_match fpl_signatures_match(const struct fpl_signatures *signatures, const struct fpl_syn *syn)
{
	const struct fpl_signature *best[3] = {NULL}; /* by EXACT, EXACT and generic, FUZZY */
	struct fpl_syn_match match = {NULL, false, 0};

	for (size_t i = 0; i < signatures->n && !best[0]; i++) {
		const struct fpl_signature *s = &signatures->list[i];
		const enum closeness near = closeness(s, syn);
		const unsigned rank = near == FUZZY ? 2 : s->generic;

		if (near != APART && !best[rank])
			best[rank] = s;
	}
	match.signature = best[0] ? best[0] : best[1] ? best[1] : best[2];
	match.fuzzy = match.signature && match.signature == best[2] && !best[0] && !best[1];
	if (match.fuzzy && match.signature->tool)
		match = (struct fpl_syn_match){NULL, false, 0};
	match.distance = distance(match.signature, syn->ttl);
	return match;
}

/* ---- the table ---- */

struct compiler {
	struct ffpf_diags *diags;
	const struct fpl_signatures *signatures;
	struct fpl_signature_table *table;
	unsigned n_forms;
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
			same = ttl_closeness(&c->signatures->list[i], ttl) ==
			       ttl_closeness(&c->signatures->list[i], ttl - 1);
		if (!same)
			c->example[c->n_classes++] = (uint8_t)ttl;
		c->table->ttl_class[ttl] = (uint8_t)(c->n_classes - 1);
	}
}

static uint64_t form_of(const struct fpl_signature *s)
{
	uint64_t form = FPL_FORM_USED;

	form |= s->mss != FPL_ANY ? FPL_FORM_MSS : 0;
	form |= s->scale != FPL_ANY ? FPL_FORM_SCALE : 0;
	switch (s->window_kind) {
	case FPL_WINDOW_NUMBER:
		return form | FPL_FORM_NUMBER;
	case FPL_WINDOW_MSS:
	case FPL_WINDOW_MTU:
		return form | FPL_FORM_MULTIPLE;
	case FPL_WINDOW_MODULO:
		return form | FPL_FORM_MODULO | (uint64_t)s->window << FPL_FORM_MODULUS_SHIFT;
	default:
		return form;
	}
}

/* The number of the signature's form; -1: there are too many. */
static int find_form(struct compiler *c, const struct fpl_signature *s)
{
	const uint64_t form = form_of(s);

	for (unsigned i = 0; i < c->n_forms; i++)
		if (c->table->forms[i] == form)
			return (int)i;
	if (c->n_forms == FPL_FORMS_MAX)
		return -1;
	c->table->forms[c->n_forms] = form;
	return (int)c->n_forms++;
}

/* The word of values, as far as a form has them. window: kind << 16 | number. */
static uint64_t values_word(uint64_t form, uint32_t mss, uint32_t scale, uint32_t window)
{
	return (form & FPL_FORM_MSS ? (uint64_t)mss << 32 : 0) | (form & FPL_FORM_SCALE ? (uint64_t)scale << 24 : 0) |
	       window;
}

static int add_entry(struct compiler *c, const struct fpl_signature *s, uint64_t shape, uint64_t values, uint64_t rank)
{
	const bool none = rank >> 32 == 2 && s->tool;

	if (c->n == c->room) {
		struct fpl_signature_entry *grown;

		if (c->n >= FPL_SIGNATURE_ENTRIES_MAX)
			return -E2BIG;
		c->room = c->room ? 2 * c->room : 4096;
		grown = realloc(c->entries, c->room * sizeof(*grown));
		if (!grown)
			return -E2BIG;
		c->entries = grown;
	}
	c->entries[c->n++] = (struct fpl_signature_entry){
		.layout = s->layout,
		.shape = shape,
		.values = values,
		.rank = rank,
		.label = none ? 0 : s->label + 1u,
		.ttl = s->ttl | (s->ttl_at_most ? 256u : 0),
	};
	return 0;
}

/* The entries of one signature for packets with the given quirks and payload, of every class of TTLs. */
static int add_ttls(struct compiler *c, size_t number, int form, uint64_t shape, enum closeness quirks)
{
	const struct fpl_signature *s = &c->signatures->list[number];
	const uint64_t values =
		values_word(c->table->forms[form], (uint32_t)s->mss, (uint32_t)s->scale,
			    s->window_kind == FPL_WINDOW_ANY ? 0 : (uint32_t)s->window_kind << 16 | s->window);
	int err = 0;

	for (unsigned i = 0; i < c->n_classes && !err; i++) {
		const enum closeness ttl = ttl_closeness(s, c->example[i]);
		const bool fuzzy = ttl == FUZZY || quirks == FUZZY;

		if (ttl == APART)
			continue;
		err = add_entry(c, s, shape | (uint64_t)i << FPL_SHAPE_TTL | (uint64_t)form << FPL_SHAPE_FORM, values,
				(uint64_t)(fuzzy ? 2 : s->generic) << 32 | number);
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
static int add_quirks(struct compiler *c, size_t number, int form, unsigned version, uint64_t shape)
{
	const struct fpl_signature *s = &c->signatures->list[number];
	const uint32_t ours = quirks_of(s, version), may = FPL_QUIRKS_MAY_GO | FPL_QUIRKS_MAY_COME;
	int err = 0;

	/* every subset of those that may differ */
	for (uint32_t differing = may;; differing = (differing - 1) & may) {
		const uint32_t theirs = ours ^ differing;
		const enum closeness near = quirks_closeness(ours, theirs);

		if (near != APART && possible(theirs, version))
			err = add_ttls(c, number, form, shape | theirs, near);
		if (!differing || err)
			return err;
	}
}

static int add_signature(struct compiler *c, size_t number)
{
	const struct fpl_signature *s = &c->signatures->list[number];
	const int form = find_form(c, s);
	int err = form < 0 ? -E2BIG : 0;

	for (unsigned version = 4; version <= 6 && !err; version += 2)
		for (int payload = 0; payload < 2 && !err; payload++)
			if ((!s->version || s->version == version) && (s->payload == FPL_ANY || s->payload == payload))
				err = add_quirks(c, number, form, version,
						 (uint64_t)(version == 6) << FPL_SHAPE_IP6 |
							 (uint64_t)payload << FPL_SHAPE_PAYLOAD |
							 (uint64_t)s->ip_options << FPL_SHAPE_IP_OPTIONS);
	if (err)
		ffpf_diag_error(c->diags, FFPF_D_SIGNATURE, s->span,
				form < 0 ? "more than %d ways of leaving out MSS, window and scale"
					 : "with this signature the table has more than %d entries",
				form < 0 ? (int)FPL_FORMS_MAX : FPL_SIGNATURE_ENTRIES_MAX);
	return err;
}

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

static bool same_key(const struct fpl_signature_entry *a, const struct fpl_signature_entry *b)
{
	return a->layout == b->layout && a->shape == b->shape && a->values == b->values;
}

/* Sorts entries and keeps the best of each key. */
static size_t unique(struct fpl_signature_entry *entries, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort(entries, n, sizeof(*entries), by_key);
	for (size_t i = 0; i < n; i++)
		if (!kept || !same_key(&entries[kept - 1], &entries[i]))
			entries[kept++] = entries[i];
	return kept;
}

/* Adds, for each layout and shape, which forms there are. The entries are sorted by it already, but for the form. */
static int add_sets(struct compiler *c)
{
	const uint64_t form_mask = (uint64_t)0x1f << FPL_SHAPE_FORM;
	const size_t n = c->n;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		const struct fpl_signature_entry e = c->entries[i];
		const struct fpl_signature set = {.layout = e.layout};

		err = add_entry(c, &set, (e.shape & ~form_mask) | (uint64_t)FPL_FORMS_MAX << FPL_SHAPE_FORM, 0,
				1u << (e.shape >> FPL_SHAPE_FORM & 0x1f));
	}
	if (err)
		return err;
	if (c->n)
		qsort(c->entries, c->n, sizeof(*c->entries), by_key);
	c->room = c->n; /* no more are added */
	c->n = 0;
	for (size_t i = 0; i < c->room; i++) {
		struct fpl_signature_entry *e = &c->entries[i];

		if (c->n && same_key(&c->entries[c->n - 1], e))
			c->entries[c->n - 1].rank |= e->rank; /* only sets come twice */
		else
			c->entries[c->n++] = *e;
	}
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
	if (!err) {
		c.n = unique(c.entries, c.n);
		err = add_sets(&c);
		if (err)
			ffpf_diag_error(diags, FFPF_D_SIGNATURE, signatures->list[signatures->n - 1].span,
					"the table has more than %d entries", FPL_SIGNATURE_ENTRIES_MAX);
	}
	if (!err) {
		kept = ffpf_arena_alloc(arena, (c.n ? c.n : 1) * sizeof(*kept));
		if (c.n)
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
	size_t low = 0, high = table->n;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct fpl_signature_entry *e = &table->entries[middle];

		if (e->layout == layout && e->shape == shape && e->values == values)
			return e;
		if (e->layout < layout ||
		    (e->layout == layout && (e->shape < shape || (e->shape == shape && e->values < values))))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The values of a packet for one form; false: it can't match, its window is no multiple. */
static bool values_for(uint64_t form, const struct fpl_syn *syn, uint64_t *values)
{
	enum fpl_window kind = FPL_WINDOW_ANY;
	uint32_t window = 0;

	if (form & FPL_FORM_NUMBER) {
		window = FPL_WINDOW_NUMBER << 16 | syn->window;
	} else if (form & FPL_FORM_MULTIPLE) {
		window = fpl_syn_multiple(syn, &kind);
		if (kind == FPL_WINDOW_NUMBER)
			return false;
		window |= (uint32_t)kind << 16;
	} else if (form & FPL_FORM_MODULO) {
		if (syn->window % (form >> FPL_FORM_MODULUS_SHIFT))
			return false;
		window = FPL_WINDOW_MODULO << 16 | (uint32_t)(form >> FPL_FORM_MODULUS_SHIFT);
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
	const struct fpl_signature_entry *best = NULL,
					 *set = find(table, syn->layout,
						     shape | (uint64_t)FPL_FORMS_MAX << FPL_SHAPE_FORM, 0);
	struct fpl_syn_match match = {NULL, false, 0};

	for (unsigned i = 0; set && i < FPL_FORMS_MAX; i++) {
		const struct fpl_signature_entry *e;
		uint64_t values;

		if (!(set->rank >> i & 1) || !values_for(table->forms[i], syn, &values))
			continue;
		e = find(table, syn->layout, shape | (uint64_t)i << FPL_SHAPE_FORM, values);
		if (e && (!best || e->rank < best->rank))
			best = e;
	}
	if (best && best->label) {
		match.signature = &signatures->list[(uint32_t)best->rank];
		match.fuzzy = best->rank >> 32 == 2;
	}
	match.distance = distance(match.signature, syn->ttl);
	return match;
}
