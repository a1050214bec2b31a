/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * (BPF,"expression") passes the packets that a pcap expression matches, as
 * tcpdump does. libpcap compiles the expression for the link type of each source whose
 * packets come in; the translator makes a packet program of the result.
 *
 * Compiled programs are kept: each expression is compiled once per graph and link type, however many functions have it,
 * and placement asks for the demand, the needs and the program of the same source many times.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>
#include <lib/lang/arena.h>
#include <lib/lang/ast.h>
#include <lib/translate/translate.h>

#include <errno.h>
#include <pcap/dlt.h>
#include <string.h>

/* An expression, compiled. */
struct program {
	struct program *next; /* of the same hash */
	const char *text;
	int linktype;
	uint32_t snaplen;
	struct ffpf_filter filter;
	struct ffpf_filter_mistake mistake;
	const char *why; /* NULL: it compiles */
};

/* All of a compilation, in its arena. */
#define BUCKETS 1024
struct cache {
	struct program *buckets[BUCKETS];
};

/* What an instance has of one. */
struct compiled {
	struct compiled *next;
	int linktype;
	uint32_t snaplen;
	const struct program *program;
	const char *why; /* NULL: it compiles */
	bool reported;
};

/* The instance's data. */
struct programs {
	struct compiled *first;
};

static const struct ffpf_param params[] = {
	{.name = "filter",
	 .type = FFPF_TYPE_FILTER,
	 .flags = FFPF_PARAM_MAIN,
	 .def = "",
	 .doc = "pcap expression, see pcap-filter(7); empty: all packets"},
	{.name = "class",
	 .type = FFPF_TYPE_COUNT,
	 .def = "0",
	 .min = 0,
	 .max = UINT32_MAX,
	 .doc = "class of the packets that match; 0: the one they came with"},
};

static int check(struct ffpf_instance *instance)
{
	instance->data = ffpf_arena_alloc(instance->arena, sizeof(struct programs));
	return 0;
}

static const struct program *compile(struct ffpf_arena *arena, const char *text, int linktype, uint32_t snaplen)
{
	static const char key;
	void **slot = ffpf_arena_slot(arena, &key);
	uint32_t hash = (uint32_t)linktype * 31 + snaplen;
	struct program **bucket, *p;

	if (!*slot)
		*slot = ffpf_arena_alloc(arena, sizeof(struct cache));
	for (const char *c = text; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	bucket = &((struct cache *)*slot)->buckets[(hash ^ hash >> 16) % BUCKETS];
	for (p = *bucket; p; p = p->next)
		if (p->linktype == linktype && p->snaplen == snaplen && !strcmp(p->text, text))
			return p;
	p = ffpf_arena_alloc(arena, sizeof(*p));
	*p = (struct program){.next = *bucket, .text = text, .linktype = linktype, .snaplen = snaplen};
	if (ffpf_filter_compile(arena, text, linktype, snaplen, 0, &p->filter, &p->mistake, &p->why) == 0)
		p->why = NULL;
	return *bucket = p;
}

/* The program for the instance's input; never NULL. */
static struct compiled *compiled_for(const struct ffpf_instance *instance)
{
	const struct ffpf_source_info *input = instance->input;
	struct programs *programs = instance->data;
	int linktype = input ? input->linktype | (input->swapped ? FFPF_CBPF_SWAPPED : 0) : DLT_EN10MB;
	uint32_t snaplen = input ? input->snaplen : 0;
	const char *text = ffpf_instance_value(instance, "filter")->s;
	const struct program *p;
	struct compiled *c;

	for (c = programs ? programs->first : NULL; c; c = c->next)
		if (c->linktype == linktype && c->snaplen == snaplen)
			return c;
	p = compile(instance->arena, text ? text : "", linktype, snaplen);
	c = ffpf_arena_alloc(instance->arena, sizeof(*c));
	*c = (struct compiled){.linktype = linktype, .snaplen = snaplen, .program = p, .why = p->why};
	if (programs) {
		c->next = programs->first;
		programs->first = c;
	}
	return c;
}

/* Several sources may lead to the same complaint: it is made once. */
static bool was_reported(const struct ffpf_instance *instance, const struct compiled *c)
{
	const struct programs *programs = instance->data;

	for (const struct compiled *other = programs ? programs->first : NULL; other; other = other->next)
		if (other->reported && !strcmp(other->why, c->why))
			return true;
	return false;
}

static void report(const struct ffpf_instance *instance, struct compiled *c)
{
	const struct ffpf_value *value = ffpf_instance_value(instance, "filter");
	struct ffpf_span span = value->span;
	struct ffpf_diag *diag;
	size_t start, end;

	if (!instance->diags || was_reported(instance, c))
		return;
	if (value->ast && ffpf_filter_locate(&c->program->mistake, c->linktype, c->why, &start, &end))
		span = ffpf_ast_value_span(value->ast, start, end);
	diag = ffpf_diag_error(instance->diags, FFPF_D_FILTER, span, "%s", c->why);
	if (strstr(c->why, "inbound/outbound"))
		ffpf_diag_hint(instance->diags, diag, "a live source selects the direction: [dev … dir=in]");
	c->reported = true;
}

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	struct compiled *c = compiled_for(instance);

	int err = -EINVAL;

	if (!c->why)
		err = ffpf_filter_translate(b, &c->program->filter, (uint32_t)ffpf_instance_value(instance, "class")->i,
					    &c->why);
	if (err)
		report(instance, c);
	return err;
}

static int build_many(const struct ffpf_instance *const *instances, size_t n, struct ffpf_builder *b,
		      uint32_t *accepted, uint32_t none)
{
	const struct ffpf_filter **filters = ffpf_arena_alloc(instances[0]->arena, n * sizeof(*filters));

	for (size_t i = 0; i < n; i++) {
		const struct compiled *c = compiled_for(instances[i]);

		if (c->why || ffpf_instance_value(instances[i], "class")->i)
			return 1;
		filters[i] = &c->program->filter;
	}
	return ffpf_filter_group(b, filters, n, accepted, none) ? 0 : 1;
}

static uint32_t demand(const struct ffpf_instance *instance)
{
	const struct compiled *c = instance->input ? compiled_for(instance) : NULL;

	return c && !c->why ? c->program->filter.demand : FFPF_ALL_BYTES;
}

static unsigned instance_needs(const struct ffpf_instance *instance)
{
	const struct compiled *c = compiled_for(instance);

	return !c->why && c->program->filter.tests_vlan ? FFPF_NEED_VLAN : 0;
}

const struct ffpf_class ffpf_class_BPF = {
	.abi = FFPF_CLASS_ABI,
	.name = "BPF",
	.help = "pass the packets that a pcap expression matches",
	.manual =
		"(BPF,\"tcp port 80\") passes what `tcpdump 'tcp port 80'` shows. The language is that of "
		"pcap-filter(7),\n"
		"compiled by libpcap for the link type of the packets that come in. An empty expression passes all.\n"
		"Packets that match leave with the class that `class` gives, or else with the one that they came "
		"with.\n"
		"`protochain` follows up to 64 headers.\n"
		"\n"
		"Lists may be long: thousands of hosts, nets or ports compile in milliseconds, and cost a packet "
		"little "
		"more\n"
		"than one. From 17 terms on they are compiled one by one and joined, with the meaning of `tcpdump "
		"-O`:\n"
		"a packet that was cut inside of the headers that a term looks at is rejected there and then. Behind\n"
		"`vlan`, `mpls`, `pppoes` and `geneve` an expression is not split, and has to be short.",
	.example = "[pcap $FILE] > (BPF,\"tcp port 80 or udp\") > (pktcount)",
	.role = FFPF_FUNCTION,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.check = check,
	.demand = demand,
	.instance_needs = instance_needs,
	.build = build,
	.build_many = build_many,
};
