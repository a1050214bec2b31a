/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of the packet (fpl/packet.h) on the reference interpreter, plain and optimised: what each gives of packets
 * that are generated, damaged and cut is what a parser in C gives (packet_oracle.h), of every link type. And the table
 * of names itself.
 */
#include <sys/types.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet_oracle.h"
#include "packet_probe.h"
#include "packets_deep.h"

#include <flowspaces/user/flowhash.h>

#ifdef __SANITIZE_ADDRESS__
enum { PACKETS = 300 }; /* it takes six times as long: what is rare is left to the other build */
#else
enum { PACKETS = 1500 };
#endif
/* From so many packets on each name is in one of them. */
enum { PACKETS_ALL = 1500 };

static void make(struct probe *probe, int linktype, bool optimise)
{
	const char *fault = probe_build(probe, linktype, optimise);

	if (fault)
		fail_msg("%s: %s", fpl_field_path(probe->fields[0]), fault);
}

static void run(struct probe *probe, const struct test_packet *p)
{
	uint8_t *copy = malloc(p->caplen + 1u); /* so that the sanitizer sees every byte behind */

	memcpy(copy + 1, p->bytes, p->caplen);
	assert_int_equal(probe_run(probe, copy + 1, p->caplen, p->len), 0);
	free(copy);
}

static const char *bare(const struct fpl_field *field)
{
	return fpl_field_path(field) + 6 * fpl_field_inner(field);
}

/* there: counts packets that have the name. */
static void compare(struct probe *probe, const struct oracle_packet *o, const char *how, unsigned number,
		    unsigned *there)
{
	for (unsigned i = 0; i < probe->n; i++) {
		const struct fpl_field *f = probe->fields[i];
		const uint64_t *got = &probe->cells[3 * i];
		uint64_t expected[2];
		bool is = oracle_value(o, fpl_field_inner(f), bare(f), expected);

		there[i] += is;
		if (is != (got[0] != 0) || got[1] != expected[0] || got[2] != expected[1])
			fail_msg("%s of packet %u, %s: %s%#llx %#llx, should be %s%#llx %#llx", fpl_field_path(f),
				 number, how, got[0] ? "" : "absent ", (unsigned long long)got[1],
				 (unsigned long long)got[2], is ? "" : "absent ", (unsigned long long)expected[0],
				 (unsigned long long)expected[1]);
		/* what a name has is within its kind */
		if (is && fpl_kind_bits(fpl_field_kind(f)) && fpl_kind_bits(fpl_field_kind(f)) < 64)
			assert_true(got[1] >> fpl_kind_bits(fpl_field_kind(f)) == 0);
	}
}

/* Each name alone, and in a program with its neighbours in the table. */
static void one_link(int linktype, unsigned packets, unsigned together, bool optimise)
{
	for (size_t first = 0; fpl_field_at(first);) {
		struct probe probe = {0};
		struct rng r = {first * 77 + (uint64_t)linktype};
		unsigned there[PROBE_SLOTS] = {0};
		char how[64];

		probe_take(&probe, &first, together);
		if (!probe.n)
			break;
		snprintf(how, sizeof(how), "link type %d, %u together%s", linktype, together,
			 optimise ? ", optimised" : "");
		make(&probe, linktype, optimise);
		for (unsigned i = 0; i < packets; i++) {
			struct test_packet p;
			struct oracle_packet o;

			deep_make(&r, linktype, &p);
			oracle_parse(&o, p.bytes, p.caplen, p.len, linktype);
			run(&probe, &p);
			compare(&probe, &o, how, i, there);
		}
		/* a test that never sees a header tests nothing */
		for (unsigned i = 0; linktype == DLT_EN10MB && packets >= PACKETS_ALL && i < probe.n; i++)
			if (!there[i] && !fpl_field_inner(probe.fields[i]))
				fail_msg("%s: in no packet", fpl_field_path(probe.fields[i]));
		ffpf_arena_free(probe.arena);
	}
}

static void ethernet_alone(void **state)
{
	one_link(DLT_EN10MB, PACKETS / 15, 1, true);
}

static void ethernet_unoptimised(void **state)
{
	one_link(DLT_EN10MB, PACKETS / 100, 1, false);
}

static void ethernet_together(void **state)
{
	one_link(DLT_EN10MB, PACKETS, PROBE_SLOTS, true);
	one_link(DLT_EN10MB, PACKETS / 50, 5, false);
}

static void other_links(void **state)
{
	for (unsigned i = 0; i < PACKET_LINKTYPES; i++)
		one_link(packet_linktypes[i], PACKETS / 30, PROBE_SLOTS, true);
}

/* The machine's helper and the name are one number. */
static void hash_is_the_helpers(void **state)
{
	struct probe probe = {.n = 1, .fields = {fpl_field_find("hash")}};
	struct rng r = {99};

	make(&probe, DLT_EN10MB, true);
	for (unsigned i = 0; i < PACKETS * 2; i++) {
		struct test_packet p;

		deep_make(&r, DLT_EN10MB, &p);
		run(&probe, &p);
		assert_int_equal(probe.cells[1], ffpf_flow_hash(p.bytes, p.caplen));
	}
	ffpf_arena_free(probe.arena);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void names_are_found(void **state)
{
	for (size_t i = 0; fpl_field_at(i); i++) {
		const struct fpl_field *f = fpl_field_at(i);

		assert_ptr_equal(fpl_field_find(fpl_field_path(f)), f);
		assert_true(strlen(fpl_field_doc(f)) > 0);
		assert_true(fpl_field_demand(f) <= 8192);
	}
	assert_null(fpl_field_find("ip.sorce"));
	assert_null(fpl_field_find(""));
	assert_null(fpl_field_find("inner.len"));
	assert_string_equal(fpl_field_nearest("ip.sorce"), "ip.src");
	assert_string_equal(fpl_field_nearest("tcp.dprot"), "tcp.dport");
	assert_string_equal(fpl_field_nearest("ttl"), "mpls.ttl");
	assert_null(fpl_field_nearest("something.else"));
	assert_int_equal(fpl_field_kind(fpl_field_find("ip.src")), FPL_IPV4);
	assert_int_equal(fpl_field_kind(fpl_field_find("tcp")), FPL_HEADER);
	assert_false(fpl_field_optional(fpl_field_find("len")));
	assert_false(fpl_field_optional(fpl_field_find("hash")));
	assert_true(fpl_field_optional(fpl_field_find("inner.hash")));
	assert_true(fpl_field_optional(fpl_field_find("vlan_tci")));
	assert_int_equal(fpl_field_needs(fpl_field_find("vlan.id")), FFPF_NEED_VLAN);
	assert_int_equal(fpl_field_needs(fpl_field_find("inner.vlan.id")), 0);
	assert_int_equal(fpl_field_needs(fpl_field_find("now")), FFPF_NEED_TIME);
}

/* ---- docs/FPL-NAMES.md ----------------------------------------------------------------------- */

static const char head[] =
	"# The names of the packet\n\n"
	"What FPL knows of a packet. A name that a packet does not have is absent: a comparison with it is false. A "
	"header's\n"
	"name alone asks whether it is there: whether all of its fixed part was captured, its version and length make "
	"sense,\n"
	"and it is not behind a fragment other than the first.\n\n"
	"`inner.` before a name means the packet within the packet: in IP, GRE, VXLAN or GENEVE; `inner.inner.` the "
	"one within\n"
	"that. Of each, headers are looked for in the first 512 bytes behind where the one around it may begin.\n\n"
	"Layer 3 is found behind Ethernet, Linux's cooked headers, PPP, Cisco's HDLC, the loopback headers of BSD, and "
	"where\n"
	"packets begin with IP; packets of other link types have none.\n";

static void print_names(FILE *out)
{
	char group[32] = "none yet";

	fputs(head, out);
	for (size_t i = 0; fpl_field_at(i) && !fpl_field_inner(fpl_field_at(i)); i++) {
		const struct fpl_field *f = fpl_field_at(i);
		const char *path = fpl_field_path(f);
		char here[32] = "";

		/* A table for each header, and for the names that belong to none. */
		if (fpl_field_kind(f) == FPL_HEADER || strchr(path, '.'))
			snprintf(here, sizeof(here), "%.*s", (int)strcspn(path, "."), path);
		if (strcmp(here, group))
			fputs("\n| name | type | is |\n|---|---|---|\n", out);
		strcpy(group, here);
		fprintf(out, "| `%s` | %s | %s |\n", path, fpl_kind_name(fpl_field_kind(f)), fpl_field_doc(f));
	}
}

/* The page is made from the table: FFPF_BLESS=1 makes it anew (golden.h says the same of other files). */
static void the_page_is_current(void **state)
{
	static char old[1 << 16];
	const char *path = SOURCE_DIR "/docs/FPL-NAMES.md";
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size), *file;

	print_names(out);
	fclose(out);
	if (getenv("FFPF_BLESS")) {
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(old, 1, sizeof(old) - 1, file) < sizeof(old) - 1);
	fclose(file);
	assert_string_equal(old, text);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found),	cmocka_unit_test(ethernet_alone),
		cmocka_unit_test(ethernet_unoptimised), cmocka_unit_test(ethernet_together),
		cmocka_unit_test(other_links),		cmocka_unit_test(hash_is_the_helpers),
		cmocka_unit_test(the_page_is_current),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
