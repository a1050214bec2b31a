/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strsearch: which of some texts occur in a packet.
 *
 *     [dev eth0]>(BPF,"tcp port 80")>(strsearch,"GET |POST ")>[1:(pktcount)|2:(write,posts.pcap)]
 *     [pcap trace.pcap]>(strsearch,{\x16\x03\x01|SSH-2.0},in=packet)>(print)
 *
 * The patterns are searched for at once (lib/native/search.h) in the payload of each packet (lib/native/payload.h), as
 * far as it was captured. Each reader thread has figures of its own; the automaton is one for all.
 */
#include <flowspaces/user/strscan.h>
#include <kernel/include/ffpf_kmod.h>
#include <lib/lang/arena.h>
#include <lib/lang/ast.h>
#include <lib/native/payload.h>

#include <errno.h>
#include <ffpf/class.h>
#include <stdlib.h>

enum { PARAM_PATTERN, PARAM_NOCASE, PARAM_IN };
enum { IN_PAYLOAD, IN_PACKET };
enum { FIELD_MATCHED, FIELD_BYTES, FIELD_HITS, FIELDS };

/* Of an instance, made by check. */
struct searched {
	struct ffpf_patterns patterns;
	struct ffpf_search search;
	struct ffpf_strscan scan;
	struct ffpf_field fields[FIELDS];
	struct ffpf_class_table table;
	struct ffpf_schema schema;
	struct pattern_key {
		uint8_t number[4];
		char text[60]; /* as far as it has room */
	} keys[FFPF_PATTERNS_MOST];
};

struct searcher {
	const struct searched *of;
	bool packet;
	uint64_t matched, bytes;
	uint64_t hits[FFPF_PATTERNS_MOST];
};

/* ---- the text -------------------------------------------------------------------------------- */

static int report(struct ffpf_instance *instance, const struct ffpf_patterns_mistake *m)
{
	const struct ffpf_value *value = &instance->values[PARAM_PATTERN];
	struct ffpf_span span = value->ast ? ffpf_ast_value_span(value->ast, m->start, m->end) : value->span;
	enum ffpf_diag_id id = m->what <= FFPF_PATTERNS_END ? FFPF_D_STRING_ESCAPE : FFPF_D_VALUE_RANGE;
	static const struct {
		const char *message, *hint;
	} texts[] = {
		[FFPF_PATTERNS_ESCAPE] = {"a pattern knows no such escape", "those that it knows: \\| \\\\ \\n \\r \\t "
									    "\\0 \\xHH; in \"…\" each \\ is written "
									    "twice, in {…} once"},
		[FFPF_PATTERNS_DIGITS] = {"\\x has two hexadecimal digits behind it", NULL},
		[FFPF_PATTERNS_END] = {"the pattern ends with a single \\",
				       "\\\\ is the character; in \"…\" each \\ is written twice, in {…} once"},
		[FFPF_PATTERNS_EMPTY] = {"a pattern of no bytes would be found everywhere", "\\| is the character |"},
		[FFPF_PATTERNS_LONG] = {"a pattern has at most 256 bytes", NULL},
		[FFPF_PATTERNS_MANY] = {"there are at most 64 patterns",
					"two functions of 64 patterns each: [(strsearch,…)|(strsearch,…)]"},
	};
	struct ffpf_diag *diag = ffpf_diag_error(instance->diags, id, span, "%s", texts[m->what].message);

	if (texts[m->what].hint)
		ffpf_diag_hint(instance->diags, diag, "%s", texts[m->what].hint);
	return -EINVAL;
}

/* A pattern for people: what can't be printed is written as it is in patterns. */
static void set_key(struct searched *s, unsigned i)
{
	struct pattern_key *key = &s->keys[i];
	size_t at = 0;

	ffpf_native_put32(key->number, i + 1);
	for (unsigned k = 0; k < s->patterns.length[i]; k++) {
		uint8_t byte = s->patterns.bytes[i][k];
		char text[8];
		size_t n;

		if (byte > 0x20 && byte < 0x7f && byte != '|' && byte != '\\')
			n = (size_t)snprintf(text, sizeof(text), "%c", byte);
		else if (byte == ' ' && k && k + 1 < s->patterns.length[i])
			n = (size_t)snprintf(text, sizeof(text), " ");
		else if (byte == '|' || byte == '\\')
			n = (size_t)snprintf(text, sizeof(text), "\\%c", byte);
		else
			n = (size_t)snprintf(text, sizeof(text), "\\x%02x", byte);
		if (at + n >= sizeof(key->text))
			return;
		memcpy(key->text + at, text, n);
		at += n;
	}
}

static void rows(const struct ffpf_class_table *table, const uint64_t *cells,
		 const uint64_t *(*per_cpu)(const void *arg, unsigned cpu), unsigned n_cpus, const void *arg,
		 void (*row)(void *to, const void *key, const uint64_t *words), void *to)
{
	const struct searched *s = table->data;

	for (unsigned i = 0; i < s->patterns.n; i++)
		row(to, &s->keys[i], &cells[i]);
}

static const struct ffpf_field fields[FIELDS] = {
	[FIELD_MATCHED] = {.name = "matched",
			   .merge = FFPF_MERGE_SUM,
			   .unit = FFPF_UNIT_PACKETS,
			   .cells = 1,
			   .doc = "packets in which a pattern occurs"},
	[FIELD_BYTES] = {.name = "bytes",
			 .merge = FFPF_MERGE_SUM,
			 .unit = FFPF_UNIT_BYTES,
			 .cells = 1,
			 .doc = "bytes searched"},
	[FIELD_HITS] = {.name = "hits",
			.merge = FFPF_MERGE_SUM,
			.unit = FFPF_UNIT_PACKETS,
			.flags = FFPF_FIELD_HIDDEN,
			.cells = FFPF_PATTERNS_MOST,
			.doc = "packets in which each pattern occurs"},
};

static const struct ffpf_member key_members[] = {
	{.name = "pattern", .offset = 0, .count = 1, .size = 4, .kind = FFPF_MEMBER_BIG},
	{.name = "text", .offset = 4, .count = 60, .size = 1, .kind = FFPF_MEMBER_TEXT},
};

static const struct ffpf_member value_members[] = {
	{.name = "packets", .offset = 0, .count = 1, .size = 8, .kind = FFPF_MEMBER_UNSIGNED},
};

#define PATTERNS_TABLE                                                                                                 \
	{                                                                                                              \
		.name = "patterns", .kind = "patterns", .doc = "packets in which each pattern occurs",                 \
		.key_size = sizeof(struct pattern_key), .words = 1, .key = {key_members, 2},                           \
		.value = {value_members, 1}, .field = FIELD_HITS, .rows = rows                                         \
	}
static const struct ffpf_class_table tables[] = {PATTERNS_TABLE};

static int strsearch_check(struct ffpf_instance *instance)
{
	const char *text = instance->values[PARAM_PATTERN].s;
	bool nocase = instance->values[PARAM_NOCASE].i;
	struct searched *s = ffpf_instance_alloc(instance, sizeof(*s));
	struct ffpf_patterns_mistake mistake;

	if (!ffpf_patterns_read(text, strlen(text), &s->patterns, &mistake))
		return report(instance, &mistake);
	ffpf_search_build(&s->search, &s->patterns, nocase,
			  ffpf_instance_alloc(instance, ffpf_search_size(&s->patterns, nocase)));
	ffpf_strscan_init(&s->scan, &s->search, &s->patterns, nocase, false);
	for (unsigned i = 0; i < s->patterns.n; i++)
		set_key(s, i);
	memcpy(s->fields, fields, sizeof(fields));
	s->fields[FIELD_HITS].cells = s->patterns.n;
	s->table = tables[0];
	s->table.data = s;
	s->schema = (struct ffpf_schema){.fields = s->fields, .n_fields = FIELDS, .tables = &s->table, .n_tables = 1};
	instance->data = s;
	return 0;
}

static const struct ffpf_schema *strsearch_schema(const struct ffpf_instance *instance)
{
	return instance->data ? &((const struct searched *)instance->data)->schema : NULL;
}

static uint32_t strsearch_demand(const struct ffpf_instance *instance)
{
	return FFPF_ALL_BYTES;
}

/* The same for the kernel module. */
static size_t strsearch_params(const struct ffpf_instance *instance, void *out, size_t size)
{
	const struct ffpf_patterns *patterns = &((const struct searched *)instance->data)->patterns;
	const struct ffpf_strsearch_params head = {
		.flags = (instance->values[PARAM_NOCASE].i ? FFPF_STRSEARCH_NOCASE : 0) |
			 (instance->values[PARAM_IN].i == IN_PACKET ? FFPF_STRSEARCH_PACKET : 0),
		.n_patterns = patterns->n};
	size_t at = sizeof(head);
	uint8_t *to = out;

	if (size >= at)
		memcpy(to, &head, sizeof(head));
	for (unsigned i = 0; i < patterns->n; i++) {
		uint32_t length = patterns->length[i];

		if (size >= at + sizeof(length) + length) {
			memcpy(to + at, &length, sizeof(length));
			memcpy(to + at + sizeof(length), patterns->bytes[i], length);
		}
		at += sizeof(length) + length;
	}
	return at;
}

/* ---- packets --------------------------------------------------------------------------------- */

static int strsearch_open(struct ffpf_instance *instance, unsigned thread, void **object, const char **why)
{
	struct searcher *s = calloc(1, sizeof(*s));

	if (!s) {
		*why = "out of memory";
		return -ENOMEM;
	}
	s->of = instance->data;
	s->packet = instance->values[PARAM_IN].i == IN_PACKET;
	*object = s;
	return 0;
}

static uint32_t strsearch_process(void *object, const struct ffpf_packet *packet, uint32_t class)
{
	struct searcher *s = object;
	const struct ffpf_bytes bytes = {.data = packet->data, .size = packet->caplen};
	struct ffpf_payload payload = {.at = 0, .end = packet->caplen};
	uint64_t found;

	if (!packet->caplen)
		return 0;
	if (!s->packet)
		ffpf_payload_find(&bytes, packet->linktype, &payload);
	s->bytes += payload.end - payload.at;
	found = ffpf_strscan_run(&s->of->scan, packet->data + payload.at, payload.end - payload.at);
	if (!found)
		return 0;
	s->matched++;
	for (uint64_t left = found; left; left &= left - 1)
		s->hits[__builtin_ctzll(left)]++;
	return (uint32_t)__builtin_ctzll(found) + 1;
}

static void strsearch_state(const void *object, uint64_t *cells)
{
	const struct searcher *s = object;

	cells[FIELD_MATCHED] = s->matched;
	cells[FIELD_BYTES] = s->bytes;
	memcpy(&cells[FIELD_HITS], s->hits, s->of->patterns.n * sizeof(*cells));
}

static void strsearch_close(void *object)
{
	free(object);
}

/* ---- the class ------------------------------------------------------------------------------- */

static const char *const places[] = {"payload", "packet", NULL};

static const struct ffpf_param params[] = {
	[PARAM_PATTERN] = {.name = "pattern",
			   .type = FFPF_TYPE_STRING,
			   .flags = FFPF_PARAM_REQUIRED | FFPF_PARAM_MAIN,
			   .doc = "what to search for; several patterns with | between them"},
	[PARAM_NOCASE] = {.name = "nocase",
			  .type = FFPF_TYPE_BOOL,
			  .def = "no",
			  .doc = "letters A to Z are as good as a to z"},
	[PARAM_IN] = {.name = "in",
		      .type = FFPF_TYPE_CHOICE,
		      .def = "payload",
		      .choices = places,
		      .doc = "where: in what follows the packet's headers, or in all of it"},
};

static const struct ffpf_native native = {
	.parallel = true,
	.open = strsearch_open,
	.process = strsearch_process,
	.state = strsearch_state,
	.close = strsearch_close,
};

const struct ffpf_class ffpf_class_strsearch = {
	.abi = FFPF_CLASS_ABI,
	.name = "strsearch",
	.help = "search the packets' payload for texts",
	.manual = "Passes the packets in which one of the patterns occurs; the class of such a packet is the number of "
		  "the first\n"
		  "listed pattern that does, from 1 on. A pattern that begins in one packet and ends in the next is "
		  "not found.\n"
		  "\n"
		  "Up to 64 patterns of 1 to 256 bytes stand in a row with | between them. In a pattern \\| and \\\\ "
		  "are the\n"
		  "characters themselves, \\n \\r \\t \\0 a line feed, a carriage return, a tab and a zero, \\xHH is "
		  "the byte of\n"
		  "that value. In \"…\" each \\ has to be written twice; in {…} it stands as it is: "
		  "{\\r\\n\\r\\n|\\x00\\xff}.\n"
		  "\n"
		  "The payload is what follows the header of TCP, UDP, UDP-Lite, SCTP or ICMP; where there is none of "
		  "these or\n"
		  "only a part of it, and in fragments after the first, what follows the IP headers; of a packet that "
		  "is not IP,\n"
		  "what follows the header of the link. It ends where the IP header says that the packet ends. "
		  "in=packet searches\n"
		  "all bytes, headers too. What was not captured is not searched.",
	.example = "(pcap,\"$FILE\")>(strsearch,\"GET |POST \")>(pktcount)",
	.role = FFPF_FUNCTION,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.tables = tables,
	.n_tables = 1,
	.check = strsearch_check,
	.schema = strsearch_schema,
	.demand = strsearch_demand,
	.native = &native,
	.kernel_params = strsearch_params,
};
