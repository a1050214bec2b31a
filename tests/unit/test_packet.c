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
#include "packets_deep.h"

#include <ffpf/class.h>
#include <fpl/packet.h>
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>

enum { PACKETS = 600, SLOTS = 24 };

/* One packet program that asks for several names, each with three cells: whether it is there, and its value. */
struct probe {
	struct ffpf_arena *arena;
	struct ffpf_program *program;
	const struct fpl_field *fields[SLOTS];
	unsigned n;
	uint64_t cells[3 * SLOTS];
};

static void emit_one(struct ffpf_builder *b, struct fpl_packet *pk, const struct fpl_field *field, unsigned slot)
{
	ffpf_block absent = ffpf_ir_block(b), done = ffpf_ir_block(b);
	ffpf_val out[2] = {0, 0};

	fpl_field_emit(pk, field, absent, out);
	ffpf_ir_state_store(b, slot * 3, 0, ffpf_ir_const(b, 1));
	if (out[0])
		ffpf_ir_state_store(b, slot * 3 + 1, 0, out[0]);
	if (out[1])
		ffpf_ir_state_store(b, slot * 3 + 2, 0, out[1]);
	ffpf_ir_jump(b, done);
	ffpf_ir_seal(b, absent);
	ffpf_ir_switch_to(b, absent);
	ffpf_ir_jump(b, done);
	ffpf_ir_seal(b, done);
	ffpf_ir_switch_to(b, done);
}

static void check_program(struct ffpf_program *p, const char *path, const char *how)
{
	const char *fault = ffpf_ir_verify(p);

	if (fault)
		fail_msg("%s: %s: %s", path, how, fault);
}

static void probe_build(struct probe *probe, int linktype, bool optimise)
{
	uint32_t base[3 * SLOTS], cells[3 * SLOTS];
	bool shared[3 * SLOTS] = {false};
	const struct ffpf_state_map map = {.base = base, .cells = cells, .shared = shared, .n = 3 * SLOTS};
	const struct ffpf_source_info input = {.linktype = (uint16_t)linktype, .snaplen = 65535};
	struct ffpf_builder *b;
	struct fpl_packet *pk;

	for (unsigned i = 0; i < 3 * SLOTS; i++) {
		base[i] = i;
		cells[i] = 1;
	}
	probe->arena = ffpf_arena_new();
	probe->program = ffpf_program_new(probe->arena);
	b = ffpf_builder_new(probe->program);
	ffpf_builder_begin(b, 0, &map, ffpf_ir_const(b, 1), ffpf_ir_var(b), 0, 0);
	for (unsigned i = 0; i < probe->n; i++) {
		/* as if each were a function of its own */
		pk = fpl_packet_new(b, probe->arena, &input);
		emit_one(b, pk, probe->fields[i], i);
	}
	ffpf_ir_end(b);
	assert_null(ffpf_builder_fault(b));
	ffpf_builder_finish(b);
	check_program(probe->program, fpl_field_path(probe->fields[0]), "as built");
	if (optimise) {
		ffpf_ir_optimise(probe->program);
		check_program(probe->program, fpl_field_path(probe->fields[0]), "optimised");
	}
}

static void probe_run(struct probe *probe, const struct test_packet *p)
{
	struct ffpf_ir_env env = {.cells = probe->cells, .n_cells = 3 * SLOTS};
	uint8_t *copy = malloc(p->caplen + 1u); /* so that the sanitizer sees every byte behind */

	memset(probe->cells, 0, sizeof(probe->cells));
	memcpy(copy + 1, p->bytes, p->caplen);
	env.meta[FFPF_META_LEN] = p->len;
	assert_int_equal(ffpf_ir_run(probe->program, &env, copy + 1, p->caplen), 0);
	free(copy);
}

static const char *bare(const struct fpl_field *field)
{
	return fpl_field_path(field) + 6 * fpl_field_inner(field);
}

/* Names that the oracle knows: all that are in the packet's bytes. */
static bool is_checked(const struct fpl_field *field)
{
	static const char *const others[] = {"now", "iface", "dir", "queue", "cpu", "class", "mark"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(fpl_field_path(field), others[i]))
			return false;
	return true;
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
		unsigned there[SLOTS] = {0};
		char how[64];

		for (; probe.n < together && fpl_field_at(first); first++)
			if (is_checked(fpl_field_at(first)))
				probe.fields[probe.n++] = fpl_field_at(first);
		if (!probe.n)
			break;
		snprintf(how, sizeof(how), "link type %d, %u together%s", linktype, together,
			 optimise ? ", optimised" : "");
		probe_build(&probe, linktype, optimise);
		for (unsigned i = 0; i < packets; i++) {
			struct test_packet p;
			struct oracle_packet o;

			deep_make(&r, linktype, &p);
			oracle_parse(&o, p.bytes, p.caplen, p.len, linktype);
			probe_run(&probe, &p);
			compare(&probe, &o, how, i, there);
		}
		/* a test that never sees a header tests nothing */
		for (unsigned i = 0; linktype == DLT_EN10MB && packets >= PACKETS && i < probe.n; i++)
			if (!there[i] && !fpl_field_inner(probe.fields[i]))
				fail_msg("%s: in no packet", fpl_field_path(probe.fields[i]));
		ffpf_arena_free(probe.arena);
	}
}

static void ethernet_alone(void **state)
{
	one_link(DLT_EN10MB, PACKETS / 6, 1, true);
}

static void ethernet_unoptimised(void **state)
{
	one_link(DLT_EN10MB, PACKETS / 60, 1, false);
}

static void ethernet_together(void **state)
{
	one_link(DLT_EN10MB, PACKETS, SLOTS, true);
	one_link(DLT_EN10MB, PACKETS / 30, 5, false);
}

static void other_links(void **state)
{
	for (unsigned i = 0; i < PACKET_LINKTYPES; i++)
		one_link(packet_linktypes[i], PACKETS / 20, SLOTS, true);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found),	cmocka_unit_test(ethernet_alone),
		cmocka_unit_test(ethernet_unoptimised), cmocka_unit_test(ethernet_together),
		cmocka_unit_test(other_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
