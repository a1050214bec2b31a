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

/* Random expressions, groups, and one savefile in so many: under the sanitizers, which look at memory and not at
 * meaning, a quarter. */
#ifdef __SANITIZE_ADDRESS__
enum { SHORT = 750, LONG = 75, GROUPS = 5, ONE_IN = 4 };
#else
enum { SHORT = 3000, LONG = 300, GROUPS = 20, ONE_IN = 1 };
#endif

static struct ffpf_program *frame(struct ffpf_arena *arena, const struct ffpf_filter *f)
{
	struct ffpf_program *p = ffpf_program_new(arena);
	struct ffpf_builder *b = ffpf_builder_new(p);
	ffpf_block accept = ffpf_ir_block(b), reject = ffpf_ir_block(b);
	ffpf_var class_out = ffpf_ir_var(b);
	const char *why = NULL;

	p->n_flags = 1;
	ffpf_builder_begin(b, 1, NULL, ffpf_ir_ghost(b, 0), class_out, accept, reject);
	if (ffpf_filter_translate(b, f, 0, &why)) {
		assert_non_null(strstr(why, "one after the other"));
		return NULL;
	}
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
	f->plain = frame(arena, &f->ours);
	if (!f->plain)
		return false;
	split_count++;
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
	if (caplen > f->ours.demand && by_libpcap(f, bytes, f->ours.demand, len) != by_libpcap(f, bytes, caplen, len))
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
	static const int links[] = {DLT_EN10MB, DLT_EN10MB, DLT_EN10MB, DLT_RAW,	DLT_LINUX_SLL, DLT_NULL,
				    DLT_PPP,	DLT_IPV4,   DLT_C_HDLC, DLT_LINUX_SLL2, DLT_FDDI,      DLT_IEEE802_11};
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
	/* Where names of ports and protocols are not known (no /etc/services), more are refused. */
	assert_true(split_count > (count - refused) / 2 && split_count > count / 4 && matched > compared / 50);
}

static void test_short_expressions(void **state)
{
	random_expressions(0, SHORT, 8, 4);
}

static void test_long_expressions(void **state)
{
	random_expressions(100000, LONG, 60, 10);
}

/* ---- filters side by side -------------------------------------------------------------------- */

enum { GROUP = 40 };

static const char *group_term(struct rng *r, unsigned kind, unsigned i, char text[100])
{
	switch (kind) {
	case 0:
		snprintf(text, 100, "dst host 10.0.0.%u", i);
		break;
	case 1:
		snprintf(text, 100, "tcp dst port %u", i * 11 + 14);
		break;
	case 2:
		snprintf(text, 100, "src net 10.0.%u.0/24", i);
		break;
	case 3:
		snprintf(text, 100, "ether dst 0:11:22:33:44:%x", i + 0x50);
		break;
	case 4:
		snprintf(text, 100, "udp port %u", i * 10 + 3); /* two can have one packet */
		break;
	case 5:
		snprintf(text, 100, "ip proto %u", i);
		break;
	default:
		snprintf(text, 100, "%s host 10.0.0.%u", rng_one_in(r, 2) ? "src" : "dst", i);
		break;
	}
	return text;
}

/* A program whose outcome is the number of the filter that accepts, from 1. NULL: they can't be grouped. */
static struct ffpf_program *group_program(struct ffpf_arena *arena, const struct ffpf_filter *const *filters, size_t n)
{
	struct ffpf_program *p = ffpf_program_new(arena);
	struct ffpf_builder *b = ffpf_builder_new(p);
	ffpf_block accepted[GROUP], none = ffpf_ir_block(b);

	p->n_flags = 1;
	if (!ffpf_filter_group(b, filters, n, accepted, none))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		ffpf_ir_seal(b, accepted[i]);
		ffpf_ir_switch_to(b, accepted[i]);
		ffpf_ir_set_flag(b, 0, ffpf_ir_const(b, i + 1));
		ffpf_ir_jump(b, none);
	}
	ffpf_ir_seal(b, none);
	ffpf_ir_switch_to(b, none);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	assert_null(ffpf_ir_verify(p));
	return p;
}

/* What each filter says of a packet by itself, as bpf_filter() does; the group names the one. */
static void compare_group(const struct ffpf_program *p, const struct ffpf_filter *const *filters, size_t n,
			  struct rng *r)
{
	struct test_packet packet;

	for (unsigned k = 0; k < 200; k++) {
		uint32_t caplen;
		int64_t want = 0;

		packet_make(r, DLT_EN10MB, &packet);
		caplen = rng_one_in(r, 3) && packet.caplen ? rng_below(r, packet.caplen) : packet.caplen;
		for (size_t i = 0; i < n; i++)
			if (bpf_filter((const struct bpf_insn *)filters[i]->insns, packet.bytes, packet.len, caplen))
				want = (int64_t)i + 1;
		matched += want != 0;
		assert_int_equal(cbpf_run(p, packet.bytes, caplen, packet.len), want);
	}
}

static void test_groups(void **state)
{
	unsigned grouped[7] = {0};

	matched = 0;
	for (unsigned seed = 0; seed < 7 * GROUPS; seed++) {
		struct ffpf_arena *arena = ffpf_arena_new();
		struct rng r = {seed};
		struct ffpf_filter *filters[GROUP];
		struct ffpf_program *p;

		for (unsigned i = 0; i < GROUP; i++) {
			struct ffpf_filter_mistake mistake;
			const char *why;
			char text[100];

			filters[i] = ffpf_arena_alloc(arena, sizeof(*filters[i]));
			group_term(&r, seed % 7, i, text);
			assert_int_equal(
				ffpf_filter_compile(arena, text, DLT_EN10MB, 65535, 0, filters[i], &mistake, &why), 0);
		}
		p = group_program(arena, (const struct ffpf_filter *const *)filters, GROUP);
		grouped[seed % 7] += p != NULL;
		if (p) {
			compare_group(p, (const struct ffpf_filter *const *)filters, GROUP, &r);
			ffpf_ir_optimise(p);
			assert_null(ffpf_ir_verify(p));
			compare_group(p, (const struct ffpf_filter *const *)filters, GROUP, &r);
		}
		ffpf_arena_free(arena);
	}
	for (unsigned i = 0; i < 7; i++)
		if (grouped[i] != (i == 4 || i == 6 ? 0 : GROUPS))
			fail_msg("kind %u: %u of %u are grouped", i, grouped[i], GROUPS);
	assert_true(matched > 50 * GROUPS);
}

/* ---- savefiles ------------------------------------------------------------------------------- */

/* Addresses and ports that occur in a file, wherever Ethernet would have them. */
struct occurring {
	uint32_t addresses[400];
	uint16_t ports[400];
	size_t n_addresses, n_ports;
};

static void note(struct occurring *o, const uint8_t *bytes, uint32_t caplen)
{
	uint16_t port;

	for (uint32_t at = 12; at <= 30 && at + 4 <= caplen; at += 2)
		if (o->n_addresses < 400)
			o->addresses[o->n_addresses++] = (uint32_t)bytes[at] << 24 | (uint32_t)bytes[at + 1] << 16 |
							 (uint32_t)bytes[at + 2] << 8 | bytes[at + 3];
	for (uint32_t at = 20; at <= 56 && at + 2 <= caplen; at += 2) {
		port = (uint16_t)(bytes[at] << 8 | bytes[at + 1]);
		if (o->n_ports < 400)
			o->ports[o->n_ports++] = port;
	}
}

static void put_occurring(struct filter_text *t, struct rng *r, const struct occurring *o, unsigned kind)
{
	uint32_t a = o->n_addresses ? o->addresses[rng_below(r, (uint32_t)o->n_addresses)] : 0x0a000001;
	unsigned port = o->n_ports ? o->ports[rng_below(r, (uint32_t)o->n_ports)] : 80;
	char host[40];

	if (rng_one_in(r, 3))
		a ^= rng_below(r, 1 << 16);
	snprintf(host, sizeof(host), "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
	switch (kind) {
	case 0:
		filter_put(t, "host %s", host);
		break;
	case 1:
		filter_put(t, "port %u", port);
		break;
	case 2:
		filter_put(t, "net %u.%u.%u.0/24", a >> 24, a >> 16 & 255, a >> 8 & 255);
		break;
	case 3:
		filter_put(t, "(src host %s and dst port %u)", host, port);
		break;
	case 4:
		filter_put(t, "(host %s and not port %u)", host, port);
		break;
	default:
		filter_put(t, "%sportrange %u-%u", rng_one_in(r, 2) ? "udp " : "", port,
			   port + (port < 65000 ? rng_below(r, 500) : 0));
		break;
	}
}

static uint64_t otherwise_optimised;

static void compare_list(const char *path, struct rng *r, const struct occurring *o, unsigned terms)
{
	static struct filter_text text;
	struct ffpf_arena *arena = ffpf_arena_new();
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline(path, error);
	unsigned kinds[2] = {rng_below(r, 6), rng_below(r, 6)}, packets = 0;
	bool negated = rng_one_in(r, 4), mixed = rng_one_in(r, 3);
	struct pcap_pkthdr *header;
	struct bpf_program best = {0};
	const u_char *bytes;
	struct filters f;

	text.n = 0;
	for (unsigned i = 0; i < terms; i++) {
		filter_put(&text, "%s%s", i ? negated ? " and " : " or " : "", negated ? "not " : "");
		put_occurring(&text, r, o, kinds[mixed && rng_one_in(r, 2)]);
	}
	if (file &&
	    make(arena, &f, pcap_datalink(file) | (pcap_is_swapped(file) ? FFPF_CBPF_SWAPPED : 0), text.bytes, 2)) {
		bool optimised = terms <= 30 && !pcap_compile(file, &best, text.bytes, 1, 0);

		while (packets++ < 60 && pcap_next_ex(file, &header, &bytes) == 1) {
			compare(&f, bytes, header->caplen, header->len);
			if (optimised)
				otherwise_optimised += (bpf_filter(best.bf_insns, bytes, header->len, header->caplen) !=
							0) != by_libpcap(&f, bytes, header->caplen, header->len);
		}
		if (optimised)
			pcap_freecode(&best);
	}
	if (file)
		pcap_close(file);
	ffpf_arena_free(arena);
}

static void compare_file(const char *path, unsigned number)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline(path, error);
	struct occurring o = {.n_addresses = 0};
	struct rng r = {number};
	struct pcap_pkthdr *header;
	const u_char *bytes;

	if (!file)
		return;
	while (o.n_addresses < 400 && pcap_next_ex(file, &header, &bytes) == 1)
		note(&o, bytes, header->caplen);
	pcap_close(file);
	compare_list(path, &r, &o, 20 + rng_below(&r, 10));
	compare_list(path, &r, &o, number % 40 ? 40 + rng_below(&r, 30) : 200 + rng_below(&r, 100));
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
	compared = matched = split_count = refused = otherwise_optimised = 0;
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dirfd(dir), entry->d_name);
		if (number % ONE_IN == 0) {
			compare_file(path, number);
			used++;
		}
		number++;
	}
	closedir(dir);
	print_message(
		"%u savefiles, %llu packets compared, %llu match, libpcap's optimiser decides otherwise of %llu\n",
		used, (unsigned long long)compared, (unsigned long long)matched,
		(unsigned long long)otherwise_optimised);
	assert_true(compared > 0);
}

/* ---- what is said ---------------------------------------------------------------------------- */

static void expect_refused(const char *text, const char *word, const char *message)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_filter_mistake mistake;
	struct ffpf_filter f;
	const char *why = "";
	size_t start = 0, end = 0;

	assert_int_equal(ffpf_filter_compile(arena, text, DLT_EN10MB, 65535, 0, &f, &mistake, &why), -EINVAL);
	assert_non_null(strstr(why, message));
	if (word) {
		assert_true(ffpf_filter_locate(&mistake, DLT_EN10MB, why, &start, &end));
		if (end - start != strlen(word) || strncmp(text + start, word, end - start))
			fail_msg("'%.*s', not '%s'", (int)(end - start), text + start, word);
	}
	ffpf_arena_free(arena);
}

static void test_messages(void **state)
{
	static char text[FFPF_FILTER_TEXT_MAX + 10];
	size_t n = 0;

	for (unsigned i = 0; i < 100; i++)
		n += (size_t)sprintf(text + n, "host 198.18.0.%u or ", i);
	sprintf(text + n, "port nosuchport or host 198.18.1.1");
	expect_refused(text, "nosuchport", "unknown port 'nosuchport'");
	sprintf(text + n, "port 80 or nosuchport or 443");
	expect_refused(text, "nosuchport", "unknown port 'nosuchport'");
	sprintf(text + n, "tcp prot 80 or host 198.18.1.1");
	expect_refused(text, "prot", "syntax error");
	sprintf(text + n, "host 198.18.1.1 and");
	expect_refused(text, NULL, "syntax error");
	memset(text, 'a', FFPF_FILTER_TEXT_MAX + 1);
	text[FFPF_FILTER_TEXT_MAX + 1] = '\0';
	expect_refused(text, NULL, "may have up to 4194304 bytes");
	/* Long, and not to be split: what follows vlan has other places. */
	n = (size_t)sprintf(text, "vlan");
	for (unsigned i = 0; i < 3000; i++)
		n += (size_t)sprintf(text + n, " or host 198.18.%u.%u", i / 250, i % 250);
	expect_refused(text, NULL, "compiled one by one");
	/* Terms that nothing has in common with each other are too many for a program. */
	n = 0;
	for (unsigned i = 0; i < 1500; i++)
		n += (size_t)sprintf(text + n, "%s(host 198.18.%u.%u and port %u)", i ? " or " : "", i / 250, i % 250,
				     i + 1000);
	{
		struct ffpf_arena *arena = ffpf_arena_new();
		struct ffpf_builder *b = ffpf_builder_new(ffpf_program_new(arena));
		ffpf_block accept = ffpf_ir_block(b), reject = ffpf_ir_block(b);
		struct ffpf_filter_mistake mistake;
		struct ffpf_filter f;
		const char *why = NULL;

		assert_int_equal(ffpf_filter_compile(arena, text, DLT_EN10MB, 65535, 0, &f, &mistake, &why), 0);
		ffpf_builder_begin(b, 1, NULL, ffpf_ir_const(b, 1), ffpf_ir_var(b), accept, reject);
		assert_int_equal(ffpf_filter_translate(b, &f, 0, &why), -EINVAL);
		assert_non_null(strstr(why, "one after the other"));
		ffpf_arena_free(arena);
	}
}

/* Thousands of terms are a small program. */
static void expect_size(const char *term, bool negated, unsigned n, size_t most)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	char *text = malloc(n * 100 + 1), *at = text;
	struct ffpf_filter_mistake mistake;
	struct ffpf_program *p;
	struct ffpf_filter f;
	const char *why = NULL;

	assert_non_null(text);
	for (unsigned i = 0; i < n; i++) {
		at += sprintf(at, "%s", i ? negated ? " and not " : " or " : negated ? "not " : "");
		at += sprintf(at, term, i * 7 / 250 % 250, i * 7 % 250, 2000 + i % 30000);
	}
	if (ffpf_filter_compile(arena, text, DLT_EN10MB, 65535, 0, &f, &mistake, &why))
		fail_msg("%s: %s", term, why);
	p = frame(arena, &f);
	ffpf_ir_optimise(p);
	assert_null(ffpf_ir_verify(p));
	if (ffpf_ir_size(p) > most)
		fail_msg("%u of '%s': %zu instructions", n, term, ffpf_ir_size(p));
	free(text);
	ffpf_arena_free(arena);
}

static void test_sizes(void **state)
{
	expect_size("host 198.18.%u.%u", false, 3000, 100);
	expect_size("host 198.18.%u.%u", true, 3000, 100);
	expect_size("net 198.%u.%u.0/24", false, 1000, 150);
	expect_size("host 2001:db8:%u:%u::%u", false, 1000, 150);
	expect_size("(src host 198.18.%u.%u and dst port %u)", false, 1000, 400);
	expect_size("(dst port %3$u and src host 198.18.%1$u.%2$u)", false, 1000, 800);
	expect_size("ether host 0:11:22:33:%x:%x", false, 1000, 100);
	expect_size("tcp port %3$u", false, 3000, 150);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_expressions),
		cmocka_unit_test(test_long_expressions),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_savefiles),
	};

	if (argc == 4) { /* by hand: first seed, how many, terms */
		random_expressions((unsigned)atoi(argv[1]), (unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]), 8);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
