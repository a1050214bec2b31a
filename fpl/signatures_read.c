/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads signature files (signatures.h). A file may be anything: each line is taken apart by itself, a mistake is
 * reported where it stands, and the next line is read. `cursor` walks over one line.
 */
#include <fpl/packet.h>
#include <fpl/signatures.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <string.h>

#define LAYOUT_MAX 24 /* options of a packet that are looked at */
#define CLASSES_MAX 256

struct reader {
	struct ffpf_arena *arena;
	struct ffpf_diags *diags;
	uint32_t source;
	const char *text;
	bool wanted; /* in [tcp:request] */
	/* of the last label */
	bool labelled, generic, tool;
	struct fpl_signature *list;
	size_t n, room;
	const char **labels;
	size_t n_labels, label_room;
	struct ffpf_span classes[CLASSES_MAX];
	size_t n_classes;
	size_t errors;
};

struct cursor {
	const char *at, *end;
};

static struct ffpf_span span_of(const struct reader *r, const char *from, const char *to)
{
	return (struct ffpf_span){r->source, (uint32_t)(from - r->text), (uint32_t)(to - r->text)};
}

/* Reports what stands from `from` up to the next separator. Always false. */
static bool wrong(struct reader *r, const struct cursor *c, const char *from, const char *what)
{
	const char *to = from;

	while (to < c->end && *to != ':' && *to != ',')
		to++;
	if (to == from && to < c->end)
		to++;
	ffpf_diag_error(r->diags, FFPF_D_SIGNATURE, span_of(r, from, to), "%s", what);
	r->errors++;
	return false;
}

static bool take(struct cursor *c, char wanted)
{
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

static bool take_word(struct cursor *c, const char *word)
{
	const size_t len = strlen(word);

	if ((size_t)(c->end - c->at) < len || memcmp(c->at, word, len) != 0)
		return false;
	c->at += len;
	return true;
}

/* A number from least to most; false, and reported, where there is none. */
static bool take_number(struct reader *r, struct cursor *c, uint32_t least, uint32_t most, const char *what,
			int32_t *out)
{
	const char *from = c->at;
	uint32_t n = 0;

	while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
		n = n < 1000000 ? n * 10 + (uint32_t)(*c->at - '0') : n;
		c->at++;
	}
	if (c->at == from || n < least || n > most)
		return wrong(r, c, from,
			     ffpf_arena_printf(r->arena, "%s is a number from %u to %u", what, least, most));
	*out = (int32_t)n;
	return true;
}

static bool take_separator(struct reader *r, struct cursor *c, char separator, const char *behind)
{
	if (take(c, separator))
		return true;
	return wrong(r, c, c->at, ffpf_arena_printf(r->arena, "'%c' is expected behind %s", separator, behind));
}

/* "64", "54+10", "64-" */
static bool read_ttl(struct reader *r, struct cursor *c, struct fpl_signature *s)
{
	const char *from = c->at;
	int32_t ttl, more = 0;

	if (!take_number(r, c, 1, 255, "the initial TTL", &ttl))
		return false;
	if (take(c, '-'))
		s->ttl_at_most = true;
	else if (take(c, '+') && !take_number(r, c, 0, 255, "the distance", &more))
		return false;
	if (ttl + more > 255)
		return wrong(r, c, from, "the initial TTL is more than 255");
	s->ttl = (uint8_t)(ttl + more);
	return true;
}

static bool read_window(struct reader *r, struct cursor *c, struct fpl_signature *s)
{
	int32_t n = 0;

	if (take(c, '*')) {
		s->window_kind = FPL_WINDOW_ANY;
	} else if (take(c, '%')) {
		s->window_kind = FPL_WINDOW_MODULO;
		if (!take_number(r, c, 2, 65535, "what the window is a multiple of", &n))
			return false;
	} else if (take_word(c, "mss*") || take_word(c, "mtu*")) {
		s->window_kind = c->at[-3] == 's' ? FPL_WINDOW_MSS : FPL_WINDOW_MTU;
		if (!take_number(r, c, 1, 1000, "the factor", &n))
			return false;
	} else {
		s->window_kind = FPL_WINDOW_NUMBER;
		if (!take_number(r, c, 0, 65535, "the window", &n))
			return false;
	}
	s->window = (uint16_t)n;
	return true;
}

static bool read_any_number(struct reader *r, struct cursor *c, uint32_t most, const char *what, int32_t *out)
{
	if (take(c, '*')) {
		*out = FPL_ANY;
		return true;
	}
	return take_number(r, c, 0, most, what, out);
}

static const struct {
	const char *word;
	uint8_t kind;
} options[] = {{"nop", 1}, {"mss", 2}, {"ws", 3}, {"sok", 4}, {"sack", 5}, {"ts", 8}};

/* One option's kind into the layout. *ended: it was the end of the options. */
static bool read_option(struct reader *r, struct cursor *c, struct fpl_signature *s, bool *ended)
{
	const char *from = c->at;
	int32_t n;

	if (take_word(c, "eol")) {
		*ended = true;
		if (!take(c, '+'))
			return wrong(r, c, from, "the end of the options is 'eol+' and the number of bytes behind it");
		if (!take_number(r, c, 0, 255, "the number of bytes behind 'eol'", &n))
			return false;
		s->layout = fpl_layout_step(fpl_layout_step(s->layout, 0), (uint8_t)n);
		return true;
	}
	if (take(c, '?')) {
		if (!take_number(r, c, 0, 255, "the kind of an option", &n))
			return false;
		s->layout = fpl_layout_step(s->layout, (uint8_t)n);
		return true;
	}
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (take_word(c, options[i].word)) {
			s->layout = fpl_layout_step(s->layout, options[i].kind);
			return true;
		}
	return wrong(r, c, from, "no such TCP option: mss, nop, ws, sok, sack, ts, eol+N, ?N");
}

static bool read_layout(struct reader *r, struct cursor *c, struct fpl_signature *s)
{
	bool ended = false;

	s->layout = FPL_LAYOUT_START;
	if (c->at < c->end && *c->at == ':')
		return true;
	for (unsigned n = 0;; n++) {
		if (n == LAYOUT_MAX)
			return wrong(r, c, c->at, "more than 24 options");
		if (!read_option(r, c, s, &ended))
			return false;
		if (!take(c, ','))
			return true;
		if (ended)
			return wrong(r, c, c->at, "nothing comes behind the end of the options");
	}
}

static const struct {
	const char *word;
	uint32_t quirk;
} quirks[] = {{"df", FPL_QUIRK_DF},	   {"id+", FPL_QUIRK_ID},      {"id-", FPL_QUIRK_NO_ID},
	      {"ecn", FPL_QUIRK_ECN},	   {"0+", FPL_QUIRK_RESERVED}, {"flow", FPL_QUIRK_FLOW},
	      {"seq-", FPL_QUIRK_NO_SEQ},  {"ack+", FPL_QUIRK_ACK},    {"ack-", FPL_QUIRK_NO_ACK},
	      {"uptr+", FPL_QUIRK_URGENT}, {"urgf+", FPL_QUIRK_URG},   {"pushf+", FPL_QUIRK_PSH},
	      {"ts1-", FPL_QUIRK_NO_TS1},  {"ts2+", FPL_QUIRK_TS2},    {"opt+", FPL_QUIRK_TRAILING},
	      {"exws", FPL_QUIRK_SCALE},   {"bad", FPL_QUIRK_BAD}};

static bool read_quirks(struct reader *r, struct cursor *c, struct fpl_signature *s)
{
	if (c->at < c->end && *c->at == ':')
		return true;
	do {
		const char *from = c->at;
		size_t i = 0;

		while (i < sizeof(quirks) / sizeof(quirks[0]) && !take_word(c, quirks[i].word))
			i++;
		if (i == sizeof(quirks) / sizeof(quirks[0]))
			return wrong(r, c, from, "no such quirk");
		if ((s->version == 6 && quirks[i].quirk & FPL_QUIRKS_IP4) ||
		    (s->version == 4 && quirks[i].quirk & FPL_QUIRKS_IP6))
			return wrong(r, c, from,
				     ffpf_arena_printf(r->arena, "IPv%u has no '%s'", s->version, quirks[i].word));
		s->quirks |= quirks[i].quirk;
	} while (take(c, ','));
	return true;
}

static bool read_payload(struct reader *r, struct cursor *c, struct fpl_signature *s)
{
	if (take(c, '*'))
		s->payload = FPL_ANY;
	else if (take(c, '0'))
		s->payload = 0;
	else if (take(c, '+'))
		s->payload = 1;
	else
		return wrong(r, c, c->at, "the payload is 0, + or *");
	return c->at == c->end || wrong(r, c, c->at, "nothing comes behind the payload");
}

static bool read_columns(struct reader *r, struct cursor *c, struct fpl_signature *s)
{
	int32_t n;

	if (take(c, '*'))
		s->version = 0;
	else if (take(c, '4'))
		s->version = 4;
	else if (take(c, '6'))
		s->version = 6;
	else
		return wrong(r, c, c->at, "the IP version is 4, 6 or *");
	if (!take_separator(r, c, ':', "the IP version") || !read_ttl(r, c, s) ||
	    !take_separator(r, c, ':', "the TTL") || !take_number(r, c, 0, 255, "the length of IP options", &n) ||
	    !take_separator(r, c, ':', "the length of IP options") ||
	    !read_any_number(r, c, 65535, "the MSS", &s->mss) || !take_separator(r, c, ':', "the MSS") ||
	    !read_window(r, c, s) || !take_separator(r, c, ',', "the window") ||
	    !read_any_number(r, c, 255, "the window scale", &s->scale) ||
	    !take_separator(r, c, ':', "the window scale") || !read_layout(r, c, s) ||
	    !take_separator(r, c, ':', "the options") || !read_quirks(r, c, s) ||
	    !take_separator(r, c, ':', "the quirks"))
		return false;
	s->ip_options = (uint8_t)n;
	return read_payload(r, c, s);
}

static void read_signature(struct reader *r, struct cursor *c)
{
	struct fpl_signature s = {.generic = r->generic, .tool = r->tool, .span = span_of(r, c->at, c->end)};

	if (!r->labelled) {
		wrong(r, c, c->at, "a signature before the first label");
		return;
	}
	if (!read_columns(r, c, &s))
		return;
	if (r->n == FPL_SIGNATURES_MAX) {
		wrong(r, c, c->at, "more than 16384 signatures");
		return;
	}
	s.label = (uint32_t)r->n_labels - 1;
	r->list = ffpf_arena_grow(r->arena, r->list, r->n, &r->room, sizeof(*r->list));
	r->list[r->n++] = s;
}

static bool class_known(const struct reader *r, const char *name, size_t len)
{
	for (size_t i = 0; i < r->n_classes; i++)
		if (r->classes[i].end - r->classes[i].start == len && !memcmp(r->text + r->classes[i].start, name, len))
			return true;
	return false;
}

/* "s:unix:Linux:3.11 and newer" */
static bool read_label(struct reader *r, struct cursor *c)
{
	const char *part[3], *begin;
	size_t len;

	r->labelled = false;
	if (!take(c, 's') && !take(c, 'g'))
		return wrong(r, c, c->at, "a label begins with s or g");
	r->generic = c->at[-1] == 'g';
	if (!take_separator(r, c, ':', "s or g"))
		return false;
	for (unsigned i = 0; i < 2; i++) {
		part[i] = c->at;
		while (c->at < c->end && *c->at != ':')
			c->at++;
		if (c->at == part[i])
			return wrong(r, c, c->at, i ? "a system's name is expected" : "a class is expected");
		if (!take_separator(r, c, ':', i ? "the system's name" : "the class"))
			return false;
	}
	begin = part[0], len = (size_t)(part[1] - part[0]) - 1;
	r->tool = len == 1 && *begin == '!';
	if (!r->tool && !class_known(r, begin, len))
		return wrong(r, c, begin, "no such class: it is '!' or one of those behind 'classes ='");
	part[2] = c->at; /* may be empty */
	r->labels = ffpf_arena_grow(r->arena, r->labels, r->n_labels, &r->label_room, sizeof(*r->labels));
	r->labels[r->n_labels++] = ffpf_arena_printf(r->arena, "%.*s%s%.*s", (int)(part[2] - part[1] - 1), part[1],
						     c->end > part[2] ? " " : "", (int)(c->end - part[2]), part[2]);
	return r->labelled = true;
}

static void read_classes(struct reader *r, struct cursor *c)
{
	do {
		const char *from = c->at;

		while (c->at < c->end && *c->at != ',')
			c->at++;
		if (c->at == from || r->n_classes == CLASSES_MAX) {
			wrong(r, c, from, c->at == from ? "a class is expected" : "more than 256 classes");
			return;
		}
		r->classes[r->n_classes++] = span_of(r, from, c->at);
	} while (take(c, ','));
}

static void read_section(struct reader *r, struct cursor *c)
{
	const char *from = c->at;

	r->labelled = r->wanted = false;
	if (take_word(c, "[tcp:request]"))
		r->wanted = true;
	else if (!take_word(c, "[tcp:response]") && !take_word(c, "[mtu]") && !take_word(c, "[http:request]") &&
		 !take_word(c, "[http:response]"))
		wrong(r, &(struct cursor){c->end, c->end}, from, "no such section");
	if (c->at != c->end && c->at != from)
		wrong(r, c, c->at, "nothing comes behind a section's name");
}

/* What stands behind "word ="; false: something else. */
static bool take_setting(struct cursor *c, const char *word)
{
	const struct cursor before = *c;

	if (take_word(c, word)) {
		while (take(c, ' ') || take(c, '\t'))
			;
		if (take(c, '=')) {
			while (take(c, ' ') || take(c, '\t'))
				;
			return true;
		}
	}
	*c = before;
	return false;
}

static void read_line(struct reader *r, struct cursor c)
{
	while (take(&c, ' ') || take(&c, '\t'))
		;
	while (c.end > c.at && (c.end[-1] == ' ' || c.end[-1] == '\t' || c.end[-1] == '\r'))
		c.end--;
	if (c.at == c.end || *c.at == ';')
		return;
	if (*c.at == '[')
		read_section(r, &c);
	else if (take_setting(&c, "classes"))
		read_classes(r, &c);
	else if (!r->wanted)
		return;
	else if (take_setting(&c, "label"))
		read_label(r, &c);
	else if (take_setting(&c, "sig"))
		read_signature(r, &c);
	else if (!take_setting(&c, "sys"))
		wrong(r, &c, c.at, "'label =', 'sig =', 'sys =' or a section is expected");
}

int fpl_signatures_read(struct ffpf_arena *arena, struct ffpf_diags *diags, uint32_t source, struct fpl_signatures *out)
{
	struct reader r = {.arena = arena, .diags = diags, .source = source};
	size_t len;

	r.text = ffpf_diags_source_text(diags, source, &len);
	for (const char *at = r.text, *end = r.text + len; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		read_line(&r, (struct cursor){at, stop});
		at = stop + 1;
		if (r.errors > 20) /* it is another kind of file */
			break;
	}
	if (r.errors)
		return -EINVAL;
	*out = (struct fpl_signatures){r.list, r.n, r.labels, r.n_labels};
	return 0;
}
