/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * topk NAME[key] K;
 *
 * The keys that most was counted for: NAME.add(key [, by n]). Shown are K rows: the key, `count`, and `most`. What was
 * counted for the key in truth lies between the two, always: no chance is involved, and no hash stands for a key.
 *
 * Keys fall into sets by their hash; a set has place for four keys, each with two numbers, and keeps `below`: what a
 * key that has no place in it can have had at most.
 *
 *     below │ most count key │ most count key │ most count key │ most count key
 *
 * A key that has a place: both of its numbers grow by n. One that has none: below grows by n; but as soon as it would
 * exceed the smallest `most` of the set, that key gives way to the new one, which begins with count = n, most = below +
 * n, and below becomes what the other one had. This is the summary of Misra and Gries ("Finding repeated elements",
 * 1982), kept as the equivalent Space-Saving (Agarwal et al., "Mergeable summaries", PODS 2012, lemma 2) with two
 * additions: lazily, so that one who comes once throws nobody out, and with the exact count since the place was taken.
 *   Not in the set: count <= below. Holds, since below grows by all of a key's n, and never shrinks.
 *   In the set: count <= truth <= most, and below <= most. What was counted before it got its place was below at most.
 * below is at most a fifth of all that fell into the set, so whoever has more than that has a place. There are two sets
 * for each of the K, 64 at least, and so a key needs about 1 / 8K of everything (1 / 256 for a small K) to be held
 * safely.
 *
 * Each CPU has its own sets. Merged, a key's counts are added up, and so is `most`, or `below` on a CPU where it has no
 * place. Nothing depends on chance, so that packets in the same order give the same rows at every level.
 */
#include <fpl/kinds/kind.h>

#include <stdlib.h>
#include <string.h>

enum { MISSED, SETS, FIELDS };
enum { MOST, COUNT, KEY }; /* cells of a place */

#define WAYS 4

static const struct fpl_kind_argument arguments[] = {
	{.name = "rows",
	 .required = true,
	 .min = 1,
	 .max = 1024,
	 .doc = "keys that are shown; 8 times as many, 256 at least, are watched"},
};

struct shape {
	unsigned log2_sets, words, place, set; /* cells of a place, of a set */
	uint32_t cells;
};

static struct shape shape_of(const struct fpl_kind_decl *decl)
{
	struct shape s = {.log2_sets = 6, .words = fpl_key_words(&decl->key)};

	while ((uint64_t)1 << s.log2_sets < 2 * decl->arguments[0])
		s.log2_sets++;
	s.place = KEY + s.words;
	s.set = 1 + WAYS * s.place;
	s.cells = s.set << s.log2_sets;
	return s;
}

static unsigned fields(const struct fpl_kind_decl *decl, struct ffpf_arena *arena,
		       struct ffpf_field out[FPL_KIND_FIELDS])
{
	out[MISSED] = (struct ffpf_field){.name = fpl_kind_part(decl, arena, "missed"),
					  .unit = decl->unit,
					  .flags = FFPF_FIELD_DERIVED,
					  .doc = "no key that is not shown has more than this"};
	out[SETS] = (struct ffpf_field){
		.name = fpl_kind_part(decl, arena, "sets"), .flags = FFPF_FIELD_HIDDEN, .cells = shape_of(decl).cells};
	return FIELDS;
}

/* ---- the packet's side ------------------------------------------------------------------------------------------- */

/* A call while it is emitted. */
struct adding {
	struct ffpf_builder *b;
	struct shape shape;
	unsigned field;
	ffpf_val set, by; /* the set's first cell */
	ffpf_val words[FPL_KEY_WORDS];
	ffpf_var count;
	bool wanted;
	ffpf_block done;
};

static ffpf_val at(struct adding *a, unsigned cell)
{
	return cell ? ffpf_ir_alu_imm(a->b, FFPF_ADD, 64, a->set, cell) : a->set;
}

static unsigned place_of(const struct adding *a, unsigned way)
{
	return 1 + way * a->shape.place;
}

static void give(struct adding *a, ffpf_val count)
{
	if (a->wanted)
		ffpf_ir_var_set(a->b, a->count, count);
	ffpf_ir_jump(a->b, a->done);
}

/* Is it this key's place? Then counts there; goes on where it is not. */
static void try_way(struct adding *a, unsigned way)
{
	struct ffpf_builder *b = a->b;
	unsigned place = place_of(a, way);
	ffpf_block other = ffpf_ir_block(b);

	for (unsigned i = 0; i < a->shape.words; i++)
		fpl_kind_if(b, FFPF_EQ, ffpf_ir_state_load(b, a->field, at(a, place + KEY + i)), a->words[i],
			    ffpf_ir_block(b), other);
	ffpf_ir_state_add(b, a->field, at(a, place + MOST), a->by);
	if (a->wanted) {
		ffpf_val count =
			ffpf_ir_alu(b, FFPF_ADD, 64, ffpf_ir_state_load(b, a->field, at(a, place + COUNT)), a->by);

		ffpf_ir_state_store(b, a->field, at(a, place + COUNT), count);
		give(a, count);
	} else {
		ffpf_ir_state_add(b, a->field, at(a, place + COUNT), a->by);
		give(a, 0);
	}
	ffpf_ir_seal(b, other);
	ffpf_ir_switch_to(b, other);
}

/* The smallest `most` of the set; *place: the first cell of where it stands. */
static ffpf_val weakest(struct adding *a, ffpf_val *place)
{
	struct ffpf_builder *b = a->b;
	ffpf_val least = ffpf_ir_state_load(b, a->field, at(a, place_of(a, 0) + MOST));
	ffpf_val offset = ffpf_ir_const(b, place_of(a, 0));

	for (unsigned way = 1; way < WAYS; way++) {
		ffpf_val most = ffpf_ir_state_load(b, a->field, at(a, place_of(a, way) + MOST));
		ffpf_val over = ffpf_ir_alu(b, FFPF_SUB, 64, most, least);
		ffpf_val less = ffpf_ir_alu_imm(b, FFPF_ARSH, 64, over, 63); /* all ones where it is less */
		ffpf_val further = ffpf_ir_alu(b, FFPF_SUB, 64, ffpf_ir_const(b, place_of(a, way)), offset);

		least = ffpf_ir_alu(b, FFPF_ADD, 64, least, ffpf_ir_alu(b, FFPF_AND, 64, over, less));
		offset = ffpf_ir_alu(b, FFPF_ADD, 64, offset, ffpf_ir_alu(b, FFPF_AND, 64, further, less));
	}
	*place = ffpf_ir_alu(b, FFPF_ADD, 64, a->set, offset);
	return least;
}

/* The key has no place: it is counted in `below`, or takes the place of the weakest. */
static void miss(struct adding *a)
{
	struct ffpf_builder *b = a->b;
	ffpf_block takes = ffpf_ir_block(b), stays = ffpf_ir_block(b);
	ffpf_val place, least = weakest(a, &place);
	ffpf_val most = ffpf_ir_alu(b, FFPF_ADD, 64, ffpf_ir_state_load(b, a->field, a->set), a->by);

	fpl_kind_if(b, FFPF_GT, most, least, takes, stays);
	ffpf_ir_state_store(b, a->field, a->set, least);
	ffpf_ir_state_store(b, a->field, ffpf_ir_alu_imm(b, FFPF_ADD, 64, place, MOST), most);
	ffpf_ir_state_store(b, a->field, ffpf_ir_alu_imm(b, FFPF_ADD, 64, place, COUNT), a->by);
	for (unsigned i = 0; i < a->shape.words; i++)
		ffpf_ir_state_store(b, a->field, ffpf_ir_alu_imm(b, FFPF_ADD, 64, place, KEY + i), a->words[i]);
	give(a, a->by);
	ffpf_ir_seal(b, stays);
	ffpf_ir_switch_to(b, stays);
	ffpf_ir_state_store(b, a->field, a->set, most);
	give(a, ffpf_ir_const(b, 0));
}

static ffpf_val add(const struct fpl_kind_call *call)
{
	struct ffpf_builder *b = call->b;
	struct adding a = {.b = b,
			   .shape = shape_of(call->decl),
			   .field = call->field + SETS,
			   .by = fpl_kind_by(call),
			   .wanted = call->wanted,
			   .done = ffpf_ir_block(b)};
	unsigned n = fpl_key_pack(b, &call->decl->key, call->arguments, a.words);
	ffpf_val hash = fpl_hash_emit(b, a.words, n);

	if (a.wanted)
		a.count = ffpf_ir_var(b);
	a.set = ffpf_ir_alu_imm(b, FFPF_MUL, 64, ffpf_ir_alu_imm(b, FFPF_RSH, 64, hash, 64 - a.shape.log2_sets),
				a.shape.set);
	for (unsigned way = 0; way < WAYS; way++)
		try_way(&a, way);
	miss(&a);
	ffpf_ir_seal(b, a.done);
	ffpf_ir_switch_to(b, a.done);
	return a.wanted ? ffpf_ir_var_get(b, a.count) : 0;
}

/* ---- the reader's side ------------------------------------------------------------------------------------------- */

struct held {
	uint64_t count, most;
	const uint64_t *key;
	unsigned words;
};

static int heavier(const void *x, const void *y)
{
	const struct held *a = x, *b = y;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	for (unsigned i = 0; i < a->words; i++)
		if (a->key[i] != b->key[i])
			return a->key[i] < b->key[i] ? -1 : 1;
	return 0;
}

/* The place of a key in a set, or NULL. */
static const uint64_t *find(const struct shape *s, const uint64_t *set, const uint64_t *key)
{
	for (unsigned way = 0; way < WAYS; way++) {
		const uint64_t *place = set + 1 + way * s->place;

		if (place[MOST] && !memcmp(place + KEY, key, s->words * sizeof(*key)))
			return place;
	}
	return NULL;
}

/* The keys of one set on all CPUs, each once. Cells of CPU i begin at cpus + i * s->cells. */
static size_t merge_set(const struct shape *s, const uint64_t *cpus, unsigned n_cpus, size_t set, struct held *out)
{
	size_t n = 0;

	for (unsigned cpu = 0; cpu < n_cpus; cpu++) {
		const uint64_t *here = cpus + (size_t)cpu * s->cells + set * s->set;

		for (unsigned way = 0; way < WAYS; way++) {
			const uint64_t *key = here + 1 + way * s->place + KEY;
			struct held h = {.key = key, .words = s->words};
			bool before = !key[(int)MOST - KEY]; /* nobody's place */

			for (unsigned other = 0; other < n_cpus && !before; other++) {
				const uint64_t *there = cpus + (size_t)other * s->cells + set * s->set;
				const uint64_t *place = find(s, there, key);

				before = place && other < cpu;
				h.count += place ? place[COUNT] : 0;
				h.most += place ? place[MOST] : there[0];
			}
			if (!before)
				out[n++] = h;
		}
	}
	return n;
}

/* All keys that are held, the heaviest first; *missed: what no other key has more than. */
static struct held *merge(const struct fpl_kind_decl *decl, const struct fpl_kind_cells *all, uint64_t *cpus,
			  struct held *held, size_t *n, uint64_t *missed)
{
	struct shape s = shape_of(decl);

	*n = 0;
	*missed = 0;
	for (unsigned cpu = 0; cpu < all->n_cpus; cpu++) {
		const uint64_t *one = fpl_kind_cpu(all, cpu);

		if (one)
			memcpy(cpus + (size_t)cpu * s.cells, one + SETS, s.cells * sizeof(*one));
	}
	for (size_t set = 0; set < (size_t)1 << s.log2_sets; set++) {
		uint64_t below = 0;

		*n += merge_set(&s, cpus, all->n_cpus, set, held + *n);
		for (unsigned cpu = 0; cpu < all->n_cpus; cpu++)
			below += cpus[(size_t)cpu * s.cells + set * s.set];
		if (below > *missed)
			*missed = below;
	}
	qsort(held, *n, sizeof(*held), heavier);
	for (size_t i = decl->arguments[0]; i < *n; i++)
		if (held[i].most > *missed)
			*missed = held[i].most;
	return held;
}

static size_t cells_of_all(const struct fpl_kind_decl *decl, const struct fpl_kind_cells *all)
{
	return (size_t)shape_of(decl).cells * all->n_cpus;
}

static size_t places_of_all(const struct fpl_kind_decl *decl, const struct fpl_kind_cells *all)
{
	return ((size_t)WAYS << shape_of(decl).log2_sets) * all->n_cpus;
}

static void derive(const struct fpl_kind_decl *decl, const struct fpl_kind_cells *all, double *out)
{
	uint64_t *cpus = calloc(cells_of_all(decl, all) + 1, sizeof(*cpus)), missed = 0;
	struct held *held = calloc(places_of_all(decl, all) + 1, sizeof(*held));
	size_t n;

	if (cpus && held)
		merge(decl, all, cpus, held, &n, &missed);
	out[MISSED] = (double)missed;
	free(held);
	free(cpus);
}

static void rows(const struct fpl_kind_decl *decl, const struct fpl_kind_cells *all, struct ffpf_arena *arena,
		 struct fpl_kind_rows *out)
{
	uint64_t *cpus = ffpf_arena_alloc(arena, (cells_of_all(decl, all) + 1) * sizeof(*cpus)), missed, *values;
	struct held *held = ffpf_arena_alloc(arena, (places_of_all(decl, all) + 1) * sizeof(*held));
	size_t n, bytes = fpl_key_bytes(&decl->key);
	uint8_t *keys;

	merge(decl, all, cpus, held, &n, &missed);
	if (n > decl->arguments[0])
		n = decl->arguments[0];
	keys = ffpf_arena_alloc(arena, n * bytes + 1);
	values = ffpf_arena_alloc(arena, (2 * n + 1) * sizeof(*values));
	for (size_t i = 0; i < n; i++) {
		fpl_key_unpack(&decl->key, held[i].key, keys + i * bytes);
		values[2 * i] = held[i].count;
		values[2 * i + 1] = held[i].most;
	}
	*out = (struct fpl_kind_rows){n, keys, values};
}

static const struct fpl_kind_method methods[] = {
	{.name = "add",
	 .key = true,
	 .by = true,
	 .gives = true,
	 .emit = add,
	 .doc = "counts; what is known to have been counted for the key on this CPU"},
};

static const char *const value_names[] = {"count", "most"};

const struct fpl_kind_ops fpl_kind_topk = {
	.name = "topk",
	.doc = "the keys that most was counted for",
	.key = true,
	.arguments = arguments,
	.n_arguments = 1,
	.methods = methods,
	.n_methods = 1,
	.fields = fields,
	.derive = derive,
	.rows = rows,
	.value_names = value_names,
	.n_values = 2,
};
