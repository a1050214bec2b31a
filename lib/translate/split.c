/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Splits a pcap expression at its own structure, after pcap-filter(7) and libpcap 1.10's grammar:
 *
 *   - `and` and `or` bind equally, to the left; `not` binds tighter than both;
 *   - a name or number without qualifiers has those of the term before it: `tcp port 80 or 443`. What stands in
 * brackets hands nothing on: behind `host a and (port 80)` a name is a host;
 *   - brackets behind a qualifier, or around names alone, hold names: `dst host (a or b)`;
 *   - `src or dst`, `src and dst` are one qualifier;
 *   - brackets next to an operator are arithmetic.
 *
 * `vlan` and its like make libpcap look for all that follows, to the expression's end, at other offsets. What has such
 * a word in it or before it can't be compiled apart: the smallest part that holds all of it is one term.
 */
#include <lib/translate/split.h>
#include <lib/translate/tokens.h>
#include <lib/lang/arena.h>

#include <string.h>

struct splitter {
	struct ffpf_arena *arena;
	struct tokens t;
	size_t pos;
	size_t head, head_end; /* tokens of the qualifiers that a bare name has here; none when equal */
	filter_stands_alone alone;
	void *arg;
};

static uint8_t kind_at(const struct splitter *s, size_t i)
{
	return s->t.at[i].kind;
}

static uint8_t word_at(const struct splitter *s, size_t i)
{
	return kind_at(s, i) == TOKEN_WORD ? s->t.at[i].word : WORD_NAME;
}

static bool is_join(const struct splitter *s, size_t i)
{
	return kind_at(s, i) == TOKEN_AND || kind_at(s, i) == TOKEN_OR;
}

static const char *slice(const struct splitter *s, size_t from, size_t to)
{
	uint32_t start = s->t.at[from].start;

	return ffpf_arena_strndup(s->arena, s->t.text + start, s->t.at[to - 1].end - start);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

/* Tokens [from, to) as a term. */
static struct filter_node *new_term(struct splitter *s, size_t from, size_t to, const char *text)
{
	struct filter_node *n = ffpf_arena_alloc(s->arena, sizeof(*n));

	n->kind = FILTER_TERM;
	n->start = s->t.at[from].start;
	n->end = s->t.at[to - 1].end;
	n->text = text;
	n->n_terms = 1;
	return n;
}

static void add_child(struct splitter *s, struct filter_node *n, struct filter_node *child)
{
	n->children = ffpf_arena_grow(s->arena, n->children, n->n, &n->capacity, sizeof(child));
	n->children[n->n++] = child;
	n->n_terms += child->n_terms;
}

static uint8_t turned(uint8_t kind)
{
	return kind == FILTER_AND ? FILTER_OR : kind == FILTER_OR ? FILTER_AND : FILTER_TERM;
}

/* Adds a child, or what it is made of where that is the same operation (by De Morgan's laws for what is negated). */
static void absorb(struct splitter *s, struct filter_node *n, struct filter_node *child)
{
	if (child->kind == FILTER_TERM || (child->negated ? turned(child->kind) : child->kind) != n->kind) {
		add_child(s, n, child);
		return;
	}
	for (size_t i = 0; i < child->n; i++) {
		child->children[i]->negated ^= child->negated;
		absorb(s, n, child->children[i]);
	}
}

/* left op right. The left one is a node of its own that others do not refer to. */
static struct filter_node *join(struct splitter *s, uint8_t kind, struct filter_node *left, struct filter_node *right)
{
	struct filter_node *n = left;

	if (left->shifts) {
		if (left->inherits)
			return NULL;
		n = ffpf_arena_alloc(s->arena, sizeof(*n));
		*n = (struct filter_node){
			.kind = FILTER_TERM, .shifts = true, .start = left->start, .end = right->end, .n_terms = 1};
		n->text = ffpf_arena_strndup(s->arena, s->t.text + n->start, n->end - n->start);
		return n;
	}
	if (left->kind != kind || left->negated) {
		n = ffpf_arena_alloc(s->arena, sizeof(*n));
		*n = (struct filter_node){.kind = kind, .start = left->start, .inherits = left->inherits};
		absorb(s, n, left);
	}
	absorb(s, n, right);
	n->end = right->end;
	n->shifts = right->shifts;
	return n;
}

/* ---- terms ----------------------------------------------------------------------------------- */

/* Tokens from `at` on that are one name, number, address or net; 0: they begin none. */
static size_t id_length(const struct splitter *s, size_t at)
{
	if (kind_at(s, at) == TOKEN_ESCAPED)
		return 1;
	if (!filter_is_number(&s->t, at) && (kind_at(s, at) != TOKEN_WORD || s->t.at[at].word != WORD_NAME))
		return 0;
	if (kind_at(s, at + 1) == TOKEN_SLASH && filter_is_number(&s->t, at + 2))
		return 3;
	if (word_at(s, at + 1) == WORD_MASK && filter_is_number(&s->t, at + 2))
		return 3;
	return 1;
}

static bool ends_term(const struct splitter *s, size_t i)
{
	return is_join(s, i) || kind_at(s, i) == TOKEN_CLOSE || kind_at(s, i) == TOKEN_END;
}

/* A name without qualifiers, where libpcap would not take it for anything else. */
static size_t bare_id(struct splitter *s, size_t at)
{
	size_t n = id_length(s, at);

	if (!n || !ends_term(s, at + n))
		return 0;
	if (kind_at(s, at) == TOKEN_WORD && !filter_is_number(&s->t, at) && s->alone(s->arg, slice(s, at, at + 1)))
		return 0;
	return n;
}

/* src, dst, or both of them joined. */
static size_t direction_length(const struct splitter *s, size_t at)
{
	if (word_at(s, at) != WORD_DIRECTION)
		return 0;
	return is_join(s, at + 1) && word_at(s, at + 2) == WORD_DIRECTION ? 3 : 1;
}

/* Qualifiers that want a name behind them. */
static size_t head_length(const struct splitter *s, size_t at)
{
	size_t n = word_at(s, at) == WORD_PROTOCOL, direction;

	if (word_at(s, at + n) == WORD_PROTO)
		return n + 1;
	direction = direction_length(s, at + n);
	if (word_at(s, at + n + direction) == WORD_TYPE)
		return n + direction + 1;
	return direction ? n + direction : 0;
}

static struct filter_node *bare_term(struct splitter *s, size_t n)
{
	struct filter_node *term;

	if (s->head == s->head_end)
		return NULL;
	term = new_term(
		s, s->pos, s->pos + n,
		ffpf_arena_printf(s->arena, "%s %s", slice(s, s->head, s->head_end), slice(s, s->pos, s->pos + n)));
	term->inherits = true;
	s->pos += n;
	return term;
}

/* ( name or name … ), all with the qualifiers of now. A list that is not flat is left to libpcap. */
static struct filter_node *id_list(struct splitter *s, size_t open)
{
	size_t close = s->t.at[open].match;
	struct filter_node *all = NULL;

	s->pos = open + 1;
	for (;;) {
		uint8_t kind = all && kind_at(s, s->pos) == TOKEN_AND ? FILTER_AND : FILTER_OR;
		struct filter_node *one;
		size_t n;

		s->pos += all != NULL;
		n = bare_id(s, s->pos);
		one = n ? bare_term(s, n) : NULL;
		if (!one)
			return NULL;
		all = all ? join(s, kind, all, one) : one;
		if (s->pos == close)
			break;
		if (!is_join(s, s->pos))
			return NULL;
	}
	s->pos = close + 1;
	return all;
}

/* A term without qualifiers for what follows: `tcp`, `less 100`, `tcp[13] & 2 != 0`. */
static struct filter_node *plain_term(struct splitter *s)
{
	size_t from = s->pos, at = from;
	struct filter_node *term;
	bool shifts = false, unknown = false;

	while (!ends_term(s, at)) {
		uint8_t kind = kind_at(s, at);

		if (kind == TOKEN_NOT || kind == TOKEN_ESCAPED || kind == TOKEN_ADDRESS)
			return NULL;
		if (kind == TOKEN_OPEN) {
			/* Arithmetic: an and or or inside would be none of ours. */
			for (size_t i = at; i < s->t.at[at].match; i++)
				if (is_join(s, i) || kind_at(s, i) == TOKEN_NOT || word_at(s, i) == WORD_SHIFTS)
					return NULL;
			at = s->t.at[at].match;
		} else if (kind == TOKEN_WORD && !filter_is_number(&s->t, at)) {
			shifts |= s->t.at[at].word == WORD_SHIFTS;
			unknown |= s->t.at[at].word == WORD_NAME;
		}
		at++;
	}
	if (at == from)
		return NULL;
	term = new_term(s, from, at, slice(s, from, at));
	/* A word that is not known might be anything, if libpcap knows it. */
	term->shifts = shifts || (unknown && s->alone(s->arg, term->text));
	s->pos = at;
	s->head = s->head_end = 0;
	return term;
}

static struct filter_node *qualified_term(struct splitter *s, size_t head)
{
	size_t from = s->pos, open = from + head, n = id_length(s, open);
	struct filter_node *term;

	s->head = from;
	s->head_end = open;
	if (n && ends_term(s, open + n)) {
		s->pos = open + n;
		return new_term(s, from, s->pos, slice(s, from, s->pos));
	}
	if (kind_at(s, open) != TOKEN_OPEN || !ends_term(s, s->t.at[open].match + 1))
		return NULL;
	term = id_list(s, open);
	if (term) {
		term->start = s->t.at[from].start;
		term->inherits = false; /* as a whole it stands for itself */
	}
	return term;
}

/* ---- structure ------------------------------------------------------------------------------- */

static struct filter_node *expression(struct splitter *s);

/* Does a bracket hold names without qualifiers? */
static bool holds_ids(struct splitter *s, size_t open)
{
	return bare_id(s, open + 1) != 0;
}

static bool is_arithmetic(const struct splitter *s, size_t open)
{
	uint8_t next = kind_at(s, s->t.at[open].match + 1);

	return next == TOKEN_OPERATOR || next == TOKEN_SLASH;
}

static struct filter_node *brackets(struct splitter *s, bool first)
{
	size_t open = s->pos, close = s->t.at[open].match, head = s->head, head_end = s->head_end;
	struct filter_node *n;

	if (holds_ids(s, open)) {
		n = first ? NULL : id_list(s, open);
	} else {
		s->pos = open + 1;
		n = expression(s);
		if (n && s->pos != close)
			return NULL;
		s->pos = close + 1;
		s->head = head;
		s->head_end = head_end;
	}
	if (n) {
		n->start = s->t.at[open].start;
		n->end = s->t.at[close].end;
	}
	return n;
}

/* first: nothing stands before it in its brackets, so a bare name is a mistake. */
static struct filter_node *item(struct splitter *s, bool first)
{
	size_t from = s->pos, nots = 0, head, bare;
	struct filter_node *n;

	while (kind_at(s, s->pos) == TOKEN_NOT) {
		s->pos++;
		nots++;
	}
	head = head_length(s, s->pos);
	bare = head ? 0 : bare_id(s, s->pos);
	if (kind_at(s, s->pos) == TOKEN_OPEN && !is_arithmetic(s, s->pos))
		n = brackets(s, first);
	else if (head)
		n = qualified_term(s, head);
	else if (bare)
		n = first ? NULL : bare_term(s, bare);
	else
		n = plain_term(s);
	if (!n)
		return NULL;
	n->negated ^= nots & 1;
	n->start = s->t.at[from].start;
	return n;
}

/* Up to a closing bracket or the end. */
static struct filter_node *expression(struct splitter *s)
{
	struct filter_node *all = item(s, true);

	while (all && is_join(s, s->pos)) {
		uint8_t kind = kind_at(s, s->pos) == TOKEN_AND ? FILTER_AND : FILTER_OR;
		struct filter_node *next;

		s->pos++;
		next = item(s, false);
		all = next ? join(s, kind, all, next) : NULL;
	}
	return all && ends_term(s, s->pos) ? all : NULL;
}

struct filter_node *filter_split(struct ffpf_arena *arena, const char *text, filter_stands_alone alone, void *arg)
{
	struct splitter s = {.arena = arena, .alone = alone, .arg = arg};
	struct filter_node *all;

	if (!filter_tokens(arena, text, &s.t))
		return NULL;
	all = expression(&s);
	return all && s.pos == s.t.n && all->kind != FILTER_TERM ? all : NULL;
}
