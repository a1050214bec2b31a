/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pcap translator against libpcap: an expression's packet program, run by the
 * reference interpreter before and after optimising, decides about every packet as bpf_filter()
 * does. Packets are generated, and read from the savefiles beside the source tree where there are any.
 */
#include "cbpf_harness.h"
#include "cbpf_random.h"
#include "expressions.h"
#include "packets.h"

#include <ffpf/class.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <pcap/pcap.h>

struct filter {
	struct ffpf_cbpf *insns;
	size_t n;
	struct ffpf_program *program, *optimised;
	const char *text;
	uint32_t demand;
	bool skip; /* bpf_filter()'s answer would be chance */
};

static uint32_t by_libpcap(const struct filter *f, const uint8_t *bytes, uint32_t caplen, uint32_t len)
{
	return bpf_filter((const struct bpf_insn *)f->insns, bytes, len, caplen);
}

static void print_failure(const struct filter *f, struct ffpf_program *p, const uint8_t *bytes, uint32_t caplen,
			  uint32_t len, int64_t got)
{
	fprintf(stderr, "'%s': %lld; caplen %u, len %u:", f->text, (long long)got, caplen, len);
	for (uint32_t i = 0; i < caplen; i++)
		fprintf(stderr, " %02x", bytes[i]);
	fputc('\n', stderr);
	for (size_t i = 0; i < f->n; i++)
		fprintf(stderr, "%s\n", bpf_image((const struct bpf_insn *)&f->insns[i], (int)i));
	ffpf_ir_print(p, stderr);
}

static uint64_t compared, matched;

static void compare(const struct filter *f, const uint8_t *bytes, uint32_t caplen, uint32_t len)
{
	if (f->skip)
		return;
	int64_t want = by_libpcap(f, bytes, caplen, len) ? CBPF_CLASS_IN : 0;
	int64_t got = cbpf_run(f->program, (uint8_t *)(uintptr_t)bytes, caplen, len);

	compared++;
	matched += want != 0;
	if (got != want) {
		print_failure(f, f->program, bytes, caplen, len, got);
		fail_msg("'%s' decides otherwise than bpf_filter()", f->text);
	}
	got = cbpf_run(f->optimised, (uint8_t *)(uintptr_t)bytes, caplen, len);
	if (got != want) {
		print_failure(f, f->optimised, bytes, caplen, len, got);
		fail_msg("'%s' decides otherwise once optimised", f->text);
	}
	/* What lies behind the demand may not matter. */
	if (caplen > f->demand && by_libpcap(f, bytes, f->demand, len) != by_libpcap(f, bytes, caplen, len))
		fail_msg("'%s' needs more than its demand of %u", f->text, f->demand);
}

static void verify(const struct filter *f, struct ffpf_program *p)
{
	const char *why = ffpf_ir_verify(p);

	if (!why)
		return;
	ffpf_ir_print(p, stderr);
	fail_msg("'%s': %s", f->text, why);
}

static void make_filter(struct ffpf_arena *arena, struct filter *f, const char *text)
{
	const char *why = NULL;

	f->text = text;
	f->program = cbpf_program(arena, f->insns, f->n, 0, &why);
	if (!f->program)
		fail_msg("'%s' is not translated: %s", text, why);
	verify(f, f->program);
	f->optimised = cbpf_program(arena, f->insns, f->n, 0, &why);
	ffpf_ir_optimise(f->optimised);
	verify(f, f->optimised);
	f->demand = ffpf_cbpf_demand(f->insns, f->n);
	f->skip = cbpf_reads_unset(f->insns, f->n);
}

/* ---- expressions ----------------------------------------------------------------------------- */

static void compare_expression(const struct filter *f, int linktype, uint64_t seed)
{
	struct rng r = {seed};
	struct test_packet p;

	for (unsigned i = 0; i < 24; i++) {
		packet_make(&r, linktype, &p);
		compare(f, p.bytes, p.caplen, p.len);
	}
	packet_make(&r, linktype, &p);
	for (uint32_t cut = 0; cut <= p.caplen; cut++)
		compare(f, p.bytes, cut, p.len);
}

static void test_expressions_on_all_links(void **state)
{
	unsigned compiled = 0;

	compared = matched = 0;
	for (unsigned l = 0; l < PACKET_LINKTYPES; l++)
		for (unsigned e = 0; e < TEST_EXPRESSIONS; e++) {
			struct ffpf_arena *arena = ffpf_arena_new();
			struct filter f;
			const char *why;

			if (!ffpf_cbpf_compile(arena, test_expressions[e], packet_linktypes[l], 65535, &f.insns, &f.n,
					       &why)) {
				make_filter(arena, &f, test_expressions[e]);
				compare_expression(&f, packet_linktypes[l], l * 1000 + e);
				compiled++;
			}
			ffpf_arena_free(arena);
		}
	print_message("%u of %u expressions compile, %llu packets compared, %llu match\n", compiled,
		      PACKET_LINKTYPES * TEST_EXPRESSIONS, (unsigned long long)compared, (unsigned long long)matched);
	assert_true(compiled > 1500 && matched > compared / 20);
}

/* Chains longer than the loop's body is unrolled: the one known difference, and it must be a rejection. */
static void test_protochain_limit(void **state)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct filter f;
	const char *why;
	uint8_t bytes[14 + 40 + 8 * 80 + 20] = {0};

	memcpy(bytes + 12, "\x86\xdd\x60", 3);
	assert_int_equal(ffpf_cbpf_compile(arena, "ip6 protochain 6", DLT_EN10MB, 65535, &f.insns, &f.n, &why), 0);
	make_filter(arena, &f, "ip6 protochain 6");
	for (unsigned n = 0; n <= 80; n++) {
		int64_t got;

		memset(bytes + 54, 0, sizeof(bytes) - 54);
		bytes[20] = n ? 60 : 6;
		for (unsigned i = 0; i < n; i++)
			bytes[54 + 8 * i] = i + 1 < n ? 60 : 6;
		got = cbpf_run(f.program, bytes, sizeof(bytes), sizeof(bytes));
		assert_int_equal(got, n <= 64 ? CBPF_CLASS_IN : 0);
	}
	ffpf_arena_free(arena);
}

/* Random programs, and one savefile in so many: under the sanitizers, which look at memory and not at meaning, a
 * quarter. */
#ifdef __SANITIZE_ADDRESS__
enum { PROGRAMS = 500, INVALID = 2500, ONE_IN = 4 };
#else
enum { PROGRAMS = 2000, INVALID = 10000, ONE_IN = 1 };
#endif

/* ---- savefiles ------------------------------------------------------------------------------- */

static void compare_file(const char *path, unsigned *used)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline(path, error);
	struct ffpf_arena *arena = ffpf_arena_new();
	struct filter *filters = calloc(TEST_EXPRESSIONS, sizeof(*filters));
	struct pcap_pkthdr *header;
	const u_char *bytes;
	unsigned n = 0, packets = 0;
	const char *why;

	/* A fifth of the expressions for each file, another fifth for the next. */
	for (unsigned e = *used % 5; file && e < TEST_EXPRESSIONS; e += 5) {
		struct filter *f = &filters[n];
		struct bpf_program want;
		int linktype = pcap_datalink(file) | (pcap_is_swapped(file) ? FFPF_CBPF_SWAPPED : 0);
		int got = ffpf_cbpf_compile(arena, test_expressions[e], linktype, (uint32_t)pcap_snapshot(file),
					    &f->insns, &f->n, &why);

		/* As tcpdump -r does it. */
		if (pcap_compile(file, &want, test_expressions[e], 1, 0) < 0) {
			if (test_expressions[e][0])
				assert_int_equal(got, -EINVAL);
			continue;
		}
		if (got)
			fail_msg("%s: '%s': %s", path, test_expressions[e], why);
		if (test_expressions[e][0]) {
			assert_int_equal(f->n, want.bf_len);
			assert_memory_equal(f->insns, want.bf_insns, f->n * sizeof(*f->insns));
		}
		pcap_freecode(&want);
		make_filter(arena, f, test_expressions[e]);
		n++;
	}
	while (file && packets++ < 20 && pcap_next_ex(file, &header, &bytes) == 1)
		for (unsigned i = 0; i < n; i++)
			compare(&filters[i], bytes, header->caplen, header->len);
	*used += n != 0;
	if (file)
		pcap_close(file);
	ffpf_arena_free(arena);
	free(filters);
}

static void test_savefiles(void **state)
{
	char path[4096];
	DIR *dir = opendir(SOURCE_DIR "/../shared/data/pcap");
	unsigned used = 0, number = 0;

	if (!dir)
		dir = opendir(SOURCE_DIR "/../../shared/data/pcap");
	if (!dir) {
		print_message("skipped: there is no folder of savefiles beside the source tree\n");
		skip();
	}
	compared = matched = 0;
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dirfd(dir), entry->d_name);
		if (number++ % ONE_IN == 0)
			compare_file(path, &used);
	}
	closedir(dir);
	print_message("%u savefiles, %llu packets compared, %llu match\n", used, (unsigned long long)compared,
		      (unsigned long long)matched);
	assert_true(used > 0);
}

/* ---- programs -------------------------------------------------------------------------------- */

static void test_random_programs(void **state)
{
	static const int links[] = {DLT_EN10MB, DLT_RAW};

	compared = matched = 0;
	for (unsigned seed = 0; seed < PROGRAMS; seed++) {
		struct ffpf_arena *arena = ffpf_arena_new();
		struct rng r = {seed};
		struct ffpf_cbpf insns[CBPF_RANDOM_MAX];
		struct filter f = {.insns = insns, .n = cbpf_random(&r, insns)};
		char text[32];

		snprintf(text, sizeof(text), "program %u", seed);
		assert_true(bpf_validate((struct bpf_insn *)insns, (int)f.n));
		make_filter(arena, &f, text);
		for (unsigned i = 0; i < 24; i++) {
			struct test_packet p;

			packet_make(&r, RNG_PICK(&r, links), &p);
			compare(&f, p.bytes, p.caplen, p.len);
		}
		ffpf_arena_free(arena);
	}
	print_message("%llu packets compared, %llu match\n", (unsigned long long)compared, (unsigned long long)matched);
	assert_true(matched > compared / 20);
}

/* Random instructions: what bpf_validate() refuses we refuse, and nothing that we accept breaks anything. */
static void test_invalid_programs(void **state)
{
	unsigned refused = 0;

	for (unsigned seed = 0; seed < INVALID; seed++) {
		struct ffpf_arena *arena = ffpf_arena_new();
		struct rng r = {seed};
		struct ffpf_cbpf insns[CBPF_RANDOM_MAX];
		size_t n = cbpf_random(&r, insns);
		struct ffpf_cbpf *bad = &insns[rng_below(&r, (uint32_t)n)];
		const char *why;

		switch (rng_below(&r, 4)) {
		case 0:
			bad->code = (uint16_t)rng_below(&r, 256);
			break;
		case 1:
			bad->k = cbpf_random_constant(&r);
			break;
		case 2:
			bad->jt = (uint8_t)rng_next(&r);
			bad->jf = (uint8_t)rng_next(&r);
			break;
		default:
			n = rng_below(&r, (uint32_t)n);
			break;
		}
		struct ffpf_program *p = cbpf_program(arena, insns, n, 0, &why);

		if (p)
			assert_null(ffpf_ir_verify(p));
		else
			refused++;
		if (!bpf_validate((struct bpf_insn *)insns, (int)n))
			assert_null(p);
		ffpf_arena_free(arena);
	}
	assert_true(refused > INVALID / 20);
}

/* ---- facts ----------------------------------------------------------------------------------- */

static void expect(const char *expr, uint32_t demand, bool vlan)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_cbpf *insns;
	size_t n;
	const char *why;

	assert_int_equal(ffpf_cbpf_compile(arena, expr, DLT_EN10MB, 65535, &insns, &n, &why), 0);
	if (ffpf_cbpf_demand(insns, n) != demand || ffpf_cbpf_tests_vlan(insns, n, DLT_EN10MB) != vlan)
		fail_msg("'%s': demand %u, vlan %d", expr, ffpf_cbpf_demand(insns, n),
			 ffpf_cbpf_tests_vlan(insns, n, DLT_EN10MB));
	assert_false(ffpf_cbpf_tests_vlan(insns, n, DLT_RAW));
	ffpf_arena_free(arena);
}

static void test_facts(void **state)
{
	expect("", 0, false);
	expect("greater 100", 0, false);
	expect("ip", 14, false);
	expect("tcp", 55, false);
	expect("host 10.0.0.1", 42, false);
	expect("ip and tcp port 80", 78, false);
	expect("ip and tcp port 33024", 78, false);
	expect("ip and tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420", 138, false);
	expect("ether[ether[0:4]] = 1", FFPF_ALL_BYTES, false);
	expect("ip6 protochain 6", FFPF_ALL_BYTES, false);
	expect("vlan", 14, true);
	expect("vlan 5", 16, true);
	expect("not vlan", 14, true);
	expect("vlan 5 and tcp", 59, true);
	expect("ether proto 0x8100", 14, true);
	expect("ether[12:2] = 0x88a8", 14, true);
	expect("ether[12:4] & 0xffff0000 = 0x81000000", 16, true);
	expect("vlan and ip6 protochain 6", FFPF_ALL_BYTES, true);
}

static void test_messages(void **state)
{
	static const struct {
		const char *expr, *why;
		int linktype;
	} cases[] = {
		{"tcp prot", "can't parse filter expression: syntax error", DLT_EN10MB},
		{"tcp and udp", "expression rejects all packets", DLT_EN10MB},
		{"port nosuchport", "unknown port 'nosuchport'", DLT_EN10MB},
		{"inbound", "inbound/outbound not supported on Ethernet when reading savefiles", DLT_EN10MB},
		{"vlan", "no VLAN support for Raw IP", DLT_RAW},
	};
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_cbpf *insns;
	size_t n;
	const char *why;
	char *big = ffpf_arena_alloc(arena, FFPF_CBPF_TEXT_MAX + 2);

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		why = "compiled";
		assert_int_equal(ffpf_cbpf_compile(arena, cases[i].expr, cases[i].linktype, 65535, &insns, &n, &why),
				 -EINVAL);
		assert_string_equal(why, cases[i].why);
	}
	memset(big, '(', FFPF_CBPF_TEXT_MAX + 1);
	assert_int_equal(ffpf_cbpf_compile(arena, big, DLT_EN10MB, 65535, &insns, &n, &why), -EINVAL);
	assert_string_equal(why, "a filter expression may have up to 32768 bytes");
	big[FFPF_CBPF_TEXT_MAX] = '\0';
	assert_int_equal(ffpf_cbpf_compile(arena, big, DLT_EN10MB, 65535, &insns, &n, &why), -EINVAL);
	/* A blank expression, also where libpcap knows no link type. */
	assert_int_equal(ffpf_cbpf_compile(arena, " \n", 9999, 0, &insns, &n, &why), 0);
	assert_int_equal(n, 1);
	ffpf_arena_free(arena);
}

/* The host-order header of DLT_NULL in a file from a machine of the other byte order. */
static void test_swapped_null(void **state)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	uint8_t packet[24] = {2, 0, 0, 0, 0x45}, swapped[24] = {0, 0, 0, 2, 0x45};
	struct filter native, other;
	const char *why;

	assert_int_equal(ffpf_cbpf_compile(arena, "ip", DLT_NULL, 65535, &native.insns, &native.n, &why), 0);
	assert_int_equal(
		ffpf_cbpf_compile(arena, "ip", DLT_NULL | FFPF_CBPF_SWAPPED, 65535, &other.insns, &other.n, &why), 0);
	make_filter(arena, &native, "ip");
	make_filter(arena, &other, "ip");
	assert_int_equal(cbpf_run(native.program, packet, 24, 24), CBPF_CLASS_IN);
	assert_int_equal(cbpf_run(native.program, swapped, 24, 24), 0);
	assert_int_equal(cbpf_run(other.program, swapped, 24, 24), CBPF_CLASS_IN);
	assert_int_equal(cbpf_run(other.program, packet, 24, 24), 0);
	ffpf_arena_free(arena);
}

/* The class that a program gives, and one with more blocks than the builder may recurse over. */
static void test_class_and_length(void **state)
{
	enum { N = 60000 };
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_cbpf *insns = ffpf_arena_alloc(arena, (N + 3) * sizeof(*insns));
	uint8_t bytes[4] = {0, 0, 0, 1};
	const char *why;
	struct filter f = {.insns = insns};

	insns[f.n++] = (struct ffpf_cbpf){.code = BPF_LDX | BPF_IMM, .k = 3};
	insns[f.n++] = (struct ffpf_cbpf){.code = BPF_LD | BPF_B | BPF_ABS, .k = 3};
	for (unsigned i = 0; i < N; i++)
		insns[f.n++] = i % 2 ? (struct ffpf_cbpf){.code = BPF_ALU | BPF_ADD | BPF_K, .k = 1}
				     : (struct ffpf_cbpf){.code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 1, .k = i};
	insns[f.n++] = (struct ffpf_cbpf){.code = BPF_RET | BPF_A};
	f.program = cbpf_program(arena, insns, f.n, 42, &why);
	assert_non_null(f.program);
	assert_null(ffpf_ir_verify(f.program));
	assert_int_equal(cbpf_run(f.program, bytes, 4, 4), 42);
	ffpf_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_swapped_null),
		cmocka_unit_test(test_class_and_length),
		cmocka_unit_test(test_protochain_limit),
		cmocka_unit_test(test_expressions_on_all_links),
		cmocka_unit_test(test_random_programs),
		cmocka_unit_test(test_invalid_programs),
		cmocka_unit_test(test_savefiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
