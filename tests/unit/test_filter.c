/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expressions that are compiled term by term against libpcap, which compiles them whole: what is split is accepted and
 * refused as libpcap does, and decides about every packet, however short, as libpcap's program does without optimising.
 */
#include "cbpf_harness.h"
#include "filter_random.h"

#include <lib/translate/internal.h>

#include <ffpf/class.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <time.h>

static struct ffpf_program *frame(struct ffpf_arena *arena, const struct ffpf_filter *f)
{
	struct ffpf_program *p = ffpf_program_new(arena);
	struct ffpf_builder *b = ffpf_builder_new(p);
	ffpf_block accept = ffpf_ir_block(b), reject = ffpf_ir_block(b);
	ffpf_var class_out = ffpf_ir_var(b);
	const char *why = NULL;

	p->n_flags = 1;
	ffpf_builder_begin(b, 1, NULL, ffpf_ir_ghost(b, 0), class_out, accept, reject);
	assert_int_equal(ffpf_filter_translate(b, f, 0, &why), 0);
	ffpf_ir_seal(b, accept);
	ffpf_ir_switch_to(b, accept);
	ffpf_ir_set_flag(b, 0, ffpf_ir_var_get(b, class_out));
	ffpf_ir_end(b);
	ffpf_ir_seal(b, reject);
	ffpf_ir_switch_to(b, reject);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	return p;
}

struct filters {
	const char *text;
	struct ffpf_filter ours;
	struct ffpf_program *plain, *optimised;
	struct ffpf_cbpf *whole; /* libpcap's, not optimised */
	size_t n_whole;
};

static uint64_t compared, matched, split_count, refused;

static void verify(const struct filters *f, struct ffpf_program *p)
{
	const char *why = ffpf_ir_verify(p);

	if (why) {
		ffpf_ir_print(p, stderr);
		fail_msg("'%s': %s", f->text, why);
	}
}

/* False: neither compiles it. */
static bool make(struct ffpf_arena *arena, struct filters *f, int linktype, const char *text, size_t split)
{
	struct ffpf_filter_mistake mistake;
	const char *why = NULL, *theirs_why = NULL;
	struct pcap *compiler;
	int theirs, ours;

	*f = (struct filters){.text = text};
	ours = ffpf_filter_compile(arena, text, linktype, 65535, split, &f->ours, &mistake, &why);
	if (!ours && !f->ours.tree)
		return false; /* the same program: nothing to compare */
	compiler = cbpf_compiler_open(linktype, 65535);
	theirs = cbpf_compiler_run(compiler, arena, text, false, &f->whole, &f->n_whole, &theirs_why);
	cbpf_compiler_close(compiler);
	if ((ours < 0) != (theirs < 0))
		fail_msg("'%s': we say %d, %s, libpcap %d, %s", text, ours, why, theirs, theirs_why);
	if (ours < 0) {
		refused++;
		return false;
	}
	split_count++;
	f->plain = frame(arena, &f->ours);
	verify(f, f->plain);
	f->optimised = frame(arena, &f->ours);
	ffpf_ir_optimise(f->optimised);
	verify(f, f->optimised);
	return true;
}

static bool by_libpcap(const struct filters *f, const uint8_t *bytes, uint32_t caplen, uint32_t len)
{
	return bpf_filter((const struct bpf_insn *)f->whole, bytes, len, caplen) != 0;
}

static void compare(const struct filters *f, const uint8_t *bytes, uint32_t caplen, uint32_t len)
{
	int64_t want = by_libpcap(f, bytes, caplen, len) ? CBPF_CLASS_IN : 0;
	int64_t plain = cbpf_run(f->plain, (uint8_t *)(uintptr_t)bytes, caplen, len);
	int64_t optimised = cbpf_run(f->optimised, (uint8_t *)(uintptr_t)bytes, caplen, len);

	compared++;
	matched += want != 0;
	if (plain == want && optimised == want)
		goto demand;
	fprintf(stderr, "caplen %u, len %u:", caplen, len);
	for (uint32_t i = 0; i < caplen; i++)
		fprintf(stderr, " %02x", bytes[i]);
	fputc('\n', stderr);
	ffpf_ir_print(plain == want ? f->optimised : f->plain, stderr);
	fail_msg("'%s' decides %lld, optimised %lld, libpcap %lld", f->text, (long long)plain, (long long)optimised,
		 (long long)want);
demand:
	if (caplen > f->ours.demand &&
	    by_libpcap(f, bytes, f->ours.demand, len) != by_libpcap(f, bytes, caplen, len))
		fail_msg("'%s' needs more than its demand of %u", f->text, f->ours.demand);
}

static void compare_random(const struct filters *f, int linktype, struct rng *r, unsigned packets)
{
	struct test_packet p;

	for (unsigned i = 0; i < packets; i++) {
		packet_make(r, linktype, &p);
		compare(f, p.bytes, p.caplen, p.len);
		/* Cut, but not much before where most terms look. */
		for (uint32_t cut = 10; cut < p.caplen && cut < 90; cut += 1 + rng_below(r, 6))
			compare(f, p.bytes, cut, p.len);
	}
}

static void random_expressions(unsigned first, unsigned count, unsigned terms, unsigned packets)
{
	static const int links[] = {DLT_EN10MB, DLT_EN10MB, DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL, DLT_NULL, DLT_PPP,
				    DLT_IPV4,	DLT_C_HDLC, DLT_LINUX_SLL2, DLT_FDDI, DLT_IEEE802_11};
	static struct filter_text text;

	compared = matched = split_count = refused = 0;
	for (unsigned seed = first; seed < first + count; seed++) {
		struct ffpf_arena *arena = ffpf_arena_new();
		struct rng r = {seed};
		int linktype = RNG_PICK(&r, links);
		struct filters f;

		filter_random(&text, &r, 2 + rng_below(&r, terms));
		if (make(arena, &f, linktype, text.bytes, 2))
			compare_random(&f, linktype, &r, packets);
		ffpf_arena_free(arena);
	}
	print_message("%llu split, %llu refused, %llu packets compared, %llu match\n", (unsigned long long)split_count,
		      (unsigned long long)refused, (unsigned long long)compared, (unsigned long long)matched);
	assert_true(split_count > count / 2 && matched > compared / 50);
}

static void test_short_expressions(void **state)
{
	random_expressions(0, 3000, 8, 4);
}

static void test_long_expressions(void **state)
{
	random_expressions(100000, 300, 60, 10);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_expressions),
		cmocka_unit_test(test_long_expressions),
	};

	if (argc == 4) { /* by hand: first seed, how many, terms */
		random_expressions((unsigned)atoi(argv[1]), (unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]), 8);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
