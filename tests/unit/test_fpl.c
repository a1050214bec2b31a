/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The language FPL. The golden files are tests/fpl/<name>.t (see golden.h): a program, and
 *
 *     -- error    the diagnostics as printed, where it has any
 *     -- run      what it does with a few packets: how many come in and go out, each packet's class ('-': it left the
 *                 flow), its events, its results, its tables. In all ways of fpl_run.h, with the same result
 *
 * Comments at the beginning of a program say what it runs on and with:
 *
 *     # packets: syn 300*udp     by the names of fpl_packets.h; without it: syn udp icmp tcp6 arp short
 *     # with: limit=3            its parameters
 *     # before: (rate,name=r)    functions that the packets go through before
 *
 * Files that programs may name: hosts.txt and numbers.txt (files, below).
 */
#include "golden.h"

#include "fpl_packets.h"
#include "fpl_run.h"

#include <sys/stat.h>

#define DEFAULT_PACKETS "syn udp icmp tcp6 arp short"

static bool can_replay;
static char folder[] = "/tmp/ffpf-fpl-XXXXXX";

static const struct {
	const char *name, *text;
} files[] = {
	{"hosts.txt", "# hosts\n192.0.2.1\n\n203.0.113.0/24 # a net\n2001:db8::/32\n"},
	{"hosts4.txt", "192.0.2.1\n198.51.100.7\n"},
	{"nets.txt", "192.0.0.0/8 1\n192.0.2.0/24 2\n192.0.2.1 3\n"},
	{"macs.txt", "02:00:5e:00:53:02\n"},
	{"numbers.txt", "53\n0x50 7\n"},
	{"ports.txt", "53\n80\n"},
	{"bad.txt", "192.0.2.1\n192.0.2.300\n192.0.2.0/33\n192.0.2.1/24\n192.0.2.1 7 8\n192.0.2.2 x\n192.0.2.3 9\n"},
	{"wide.txt", "65536\n-1\n"},
	{"badmac.txt", "02:00:5e\n"},
	{"value.txt", "192.0.2.1 seven\n"},
	{"names.txt", "# names\n53 domain\n\n80\tthe web\r\n17 UDP\n"},
	{"badnames.txt", "53\nfive 5\n65536 much\n53domain\n-1 x\n99999999999999999999 x\n"},
	{"empty.txt", "# nothing\n"},
};

/* A line without an end, as of a file that is no text. */
static char blanks[100000];

static void write_file(const char *name, const char *text, size_t len)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fwrite(text, 1, len, file);
	fclose(file);
}

/* The text behind "# KEY: " among the comments at the beginning; malloc'd. */
static char *directive(const char *source, const char *key, const char *otherwise)
{
	while (*source == '#') {
		size_t len = strcspn(source, "\n"), n = strlen(key);

		if (len > n + 4 && !strncmp(source + 2, key, n) && source[2 + n] == ':')
			return strndup(source + n + 4, len - n - 4);
		source += len + (source[len] != '\0');
	}
	return strdup(otherwise);
}

static char *graph_text(const char *source)
{
	char *with = directive(source, "with", ""), *before = directive(source, "before", ""), *text;

	if (asprintf(&text,
		     "[pcap $F0]>%s%s(FPL,file=case.fpl,name=f%s%s)>"
		     "(FPL,{array classes[1024]: u32; classes[now / 1s] = class},name=c)",
		     before, *before ? ">" : "", *with ? "," : "", with) < 0)
		abort();
	free(with);
	free(before);
	return text;
}

/* The diagnostics of a text; NULL when there are none. */
static char *mistakes(const char *text, const char *savefile)
{
	const struct ffpf_define define = {"F0", savefile};
	const struct ffpf_options options = {.defines = &define, .n_defines = 1};
	struct ffpf *h = ffpf_create(&options);
	char *out = NULL;
	size_t size;

	if (ffpf_populate(h, "graph", text, 0)) {
		FILE *file = open_memstream(&out, &size);

		fputs("-- error\n", file);
		ffpf_diags_print(ffpf_diagnostics(h), file, false);
		fclose(file);
	}
	ffpf_close(h);
	return out;
}

static char *run_case(const char *source, size_t len, const char *expected)
{
	char *names = directive(source, "packets", DEFAULT_PACKETS), *text = graph_text(source), *out = NULL;
	struct run_input input = {.n = 1};
	int n = fpl_packets_named(names, &input.captures[0]);
	struct fpl_case c = {.run = {.title = "case", .text = text, .input = &input}, .kernel = can_replay};

	if (n < 0)
		fail_msg("unknown packets: %s", names);
	capture_save(&input.captures[0], input.names[0]);
	write_file("case.fpl", source, len);
	out = mistakes(text, input.names[0]);
	if (!out) {
		fpl_run_all(&c, (unsigned)n < 32 ? (unsigned)n : 32);
		if (asprintf(&out, "-- run\n%s%s", c.run.failures ? "FAILED\n" : "", c.shown ? c.shown : "") < 0)
			abort();
	}
	fpl_case_free(&c);
	unlink(input.names[0]);
	capture_free(&input.captures[0]);
	free(names);
	free(text);
	return out;
}

static const char *const sections[] = {"error", "run", NULL};

static void test_golden_files(void **state)
{
	golden_folder(TEST_DIR "/fpl", sections, run_case);
}

/* ---- what no golden file holds --------------------------------------------------------------- */

/* The diagnostics of a program in case.fpl; malloc'd, "" when it is right. */
static char *told(const char *program, size_t len)
{
	char *text;

	write_file("case.fpl", program, len);
	text = mistakes("[dev lo]>(FPL,file=case.fpl)", "");
	return text ? text : strdup("");
}

static void expect(const char *graph, const char *wanted)
{
	char *text = mistakes(graph, "nothing.pcap");

	if (!text || !strstr(text, wanted))
		fail_msg("%s: %s", graph, text ? text : "no mistake");
	free(text);
}

/* before, middle n times, after; what is said of it has `wanted` in it, and is short. */
static void expect_repeated(const char *before, const char *middle, size_t n, const char *after, const char *wanted)
{
	size_t len = strlen(before) + n * strlen(middle) + strlen(after);
	char *program = malloc(len + 1), *at = stpcpy(program, before), *text;

	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, middle);
	strcpy(at, after);
	text = told(program, len);
	if (!strstr(text, wanted) || strlen(text) > 20000)
		fail_msg("%s%s…: %.1000s", before, middle, text);
	free(text);
	free(program);
}

static void test_sizes(void **state)
{
	expect_repeated("return ", "(", 200, "1", "found the end of the text");
	expect_repeated("return ", "(", 201, "1", "brackets are nested more than 200 deep");
	expect_repeated("return ", "(", 100000, "1", "brackets are nested more than 200 deep");
	expect_repeated("", "{", 100000, "n++", "brackets are nested more than 200 deep");
	expect_repeated("return 1", " + 1", 900, "", "");
	expect_repeated("return 1", " + 1", 1100, "", "this is nested more than 1000 deep");
	expect_repeated("return ", "~", 1100, "1", "this is nested more than 1000 deep");
	expect_repeated("", "if (tcp) ", 1100, "n++", "this is nested more than 1000 deep");
	expect_repeated("", "if (tcp) ", 100000, "n++", "this is nested too deep");
	expect_repeated("x", ".a", 1100, " = 3", "this is nested more than 1000 deep");
	expect_repeated("n++;", "    ", 300000, "",
			"the text has 1200004 bytes, more than the 1048576 that are accepted");
	expect_repeated("", "#\n", 500000, "n++", "");
	expect_repeated("n++", ";", 1000000, "", "");
	expect_repeated("", "x = ;\n", 10000, "", "expected an expression");
	expect_repeated("", "nobody++; if (foo) n++;\n", 10000, "", "nothing is called 'foo'");
	expect_repeated("\"", "x", 1000000, "", "this text has no end");
}

/* A program in a graph's braces: places are those of the graph. */
static void test_in_a_graph(void **state)
{
	expect("[dev lo] > (FPL, {\n\tn++;\n\tif (tcp.dprot == 3) n++\n})",
	       "graph:3:6: error[name-unknown]: nothing is called 'tcp.dprot'\n   3 | \tif (tcp.dprot == 3) n++\n");
	expect("[dev lo] > (FPL, \"if (\\\"x\\\") n++\")", "graph:1:23: error[value-type]");
	expect("[dev lo] > (FPL, {return BPF(\"prot 3\")})", "error[filter]");
	expect("[dev lo] > (FPL, {n++}, file=case.fpl)", "a program is either a text or a file");
	expect("[dev lo] > (FPL)", "'FPL' needs a program, {…}, or file=…");
	expect("[dev lo] > (FPL, file=nothere.fpl)", "nothere.fpl: No such file or directory");
	expect("[dev lo] > (FPL, file=\"/tmp\")", "error[file-open]");
	expect("[dev lo] > (flows, entries=0)", "error[value-range]: 'entries' takes 1 to 16M");
	expect("[dev lo] > (blocklist, nothere.txt)", "nothere.txt: No such file or directory");
	expect("[dev lo] > (blocklist, \"/dev/zero\")", "/dev/zero:1: this line is too long");
	expect("[dev lo] > (blocklist, bad.txt)", "bad.txt:2: this is no address of the table's kind: '192.0.2.300'");
}

static void test_class_files(void **state)
{
	static const struct {
		const char *file, *text, *wanted;
	} cases[] = {
		{"ours/noname.fpl", "n++", "the text does not say which class it is"},
		{"ours/other.fpl", "class another \"x\"; n++", "the class of this file is called 'another'"},
		{"ours/wrong.fpl", "class wrong \"x\"; n+", "ours/wrong.fpl:1:19: error[syntax]"},
	};

	assert_int_equal(mkdir("ours", 0700), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ffpf *h = ffpf_create(NULL);
		char *text;
		size_t size;

		write_file(cases[i].file, cases[i].text, strlen(cases[i].text));
		assert_true(ffpf_class_path(h, "ours") < 0);
		FILE *out = open_memstream(&text, &size);
		ffpf_diags_print(ffpf_diagnostics(h), out, false);
		fclose(out);
		if (!strstr(text, cases[i].wanted))
			fail_msg("%s: %s", cases[i].file, text);
		free(text);
		ffpf_close(h);
		unlink(cases[i].file);
	}
	rmdir("ours");
}

/* Which times are moments: names that begin with m_ are, those with s_ are spans. */
static void test_moments(void **state)
{
	static const char program[] =
		"[pcap $F0] > (pktcount, name=c) > (FPL, {\n"
		"hash t[k: u16]: { m_at: time, m_copy: time, m_due: time, m_before: time, m_most: time, m_second: "
		"time,\n"
		"\ts_gap: time, s_half: time, s_fix: time, s_due_in: time, s_rest: time, s_never: time, s_cast: time } "
		"size 8;\n"
		"scalar s_late_start: time; scalar m_start: time; scalar s_of_other: time; scalar s_of_number: time;\n"
		"scalar number: u64; scalar s_cast_other: time; scalar s_rounded: time;\n"
		"scalar m_last: time; max s_longest: time; max m_newest: time; scalar m_late: time;\n"
		"let e = t.add(1);\n"
		"if (e) {\n"
		"\te.s_gap = now - e.m_at; e.s_half = (now - e.m_at) / 2; e.s_fix = 10ms;\n"
		"\te.m_copy = e.m_at; e.m_due = now + 5s; e.m_before = e.m_copy - e.s_gap;\n"
		"\te.s_due_in = e.m_due - now; e.s_rest = now % 1s; e.m_second = now - now % 1s;\n"
		"\te.m_most = max(e.m_most, e.m_at); e.s_cast = time(u64(now)) / 3;\n"
		"\tfor (i in 0..3) { if (i == 2) m_late = e.m_before; }\n"
		"\tswitch (len) { case 1: e.m_at = m_last; default: m_last = now; }\n"
		"\ts_late_start = now - m_start; m_start = now - now % 1s;\n"
		"\tnumber = now; s_of_number = now - number; s_of_other = now - c.packets;\n"
		"\ts_cast_other = now - time(c.packets); s_rounded = now - now / 1s * 1s;\n"
		"\tlet last = len > 5 ? m_last : e.m_at;\n"
		"\ts_longest = now - last; m_newest = last ?? now;\n"
		"\temit seen { m_at: e.m_at, s_gap: e.s_gap, s_since: now - m_last }\n"
		"}})";
	struct run_input input = {.n = 1};
	struct ffpf_stats *stats;
	unsigned n = 0;

	fpl_packets_named("syn", &input.captures[0]);
	capture_save(&input.captures[0], input.names[0]);
	const struct ffpf_define define = {"F0", input.names[0]};
	struct ffpf *h = ffpf_create(&(struct ffpf_options){.defines = &define, .n_defines = 1});
	if (ffpf_populate(h, "test", program, 0) || ffpf_instantiate(h) || ffpf_stats_get(h, &stats)) {
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
		fail_msg("%s", ffpf_error(h));
	}
	const struct ffpf_function_stats *f = &stats->functions[2];
	for (size_t i = 0; i < f->n_results; i++) {
		const struct ffpf_result *r = &f->results[i];

		if (r->name[1] != '_' || r->name[0] == 't')
			continue;
		if (r->unit != (r->name[0] == 'm' ? FFPF_UNIT_TIME : FFPF_UNIT_NS))
			fail_msg("%s has the unit %d", r->name, r->unit);
		n++;
	}
	assert_int_equal(n, 10);
	assert_int_equal(f->n_tables, 1);
	assert_int_equal(f->tables[0].value.n, 13);
	for (size_t i = 0; i < f->tables[0].value.n; i++) {
		const struct ffpf_member *m = &f->tables[0].value.list[i];

		if (m->kind != (m->name[0] == 'm' ? FFPF_MEMBER_TIME : FFPF_MEMBER_DURATION))
			fail_msg("%s is of the kind %u", m->name, m->kind);
	}
	ffpf_stats_free(stats);
	ffpf_close(h);
	unlink(input.names[0]);
	capture_free(&input.captures[0]);
}

/* ---- main ------------------------------------------------------------------------------------ */

static int make_files(void **state)
{
	struct run_input input = {.n = 1};

	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		write_file(files[i].name, files[i].text, strlen(files[i].text));
	memset(blanks, ' ', sizeof(blanks));
	write_file("blanks.txt", blanks, sizeof(blanks));
	fpl_packets_named("syn", &input.captures[0]);
	capture_save(&input.captures[0], input.names[0]);
	const struct ffpf_define define = {"F0", input.names[0]};
	struct ffpf *h = ffpf_create(&(struct ffpf_options){.defines = &define, .n_defines = 1, .replay = true});

	can_replay = !ffpf_populate(h, "test", "[pcap $F0]>(pktcount)", 0) && !ffpf_instantiate(h);
	if (!can_replay)
		printf("skipped: programs at xdp: %s\n", ffpf_error(h));
	ffpf_close(h);
	unlink(input.names[0]);
	capture_free(&input.captures[0]);
	return 0;
}

static int remove_files(void **state)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i].name);
	unlink("blanks.txt");
	unlink("case.fpl");
	assert_int_equal(chdir("/"), 0);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_files), cmocka_unit_test(test_sizes),   cmocka_unit_test(test_in_a_graph),
		cmocka_unit_test(test_class_files),  cmocka_unit_test(test_moments),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
