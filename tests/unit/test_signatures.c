/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of TCP signatures: what is wrong with them and where, what they match, and that the table finds what looking
 * at every signature finds.
 */
#include "signature_random.h"

#include <lib/lang/arena.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct loaded {
	struct ffpf_arena *arena;
	struct ffpf_diags *diags;
	struct fpl_signatures signatures;
	struct fpl_signature_table table;
	int status;
};

static struct loaded load(const char *text, size_t len)
{
	struct loaded l = {.arena = ffpf_arena_new(), .diags = ffpf_diags_new()};
	const uint32_t source = ffpf_diags_add_source(l.diags, "test.fp", text, len);

	l.status = fpl_signatures_read(l.arena, l.diags, source, &l.signatures);
	assert_int_equal(l.status != 0, ffpf_diags_errors(l.diags) != 0);
	if (!l.status) {
		l.status = fpl_signatures_compile(l.arena, l.diags, &l.signatures, &l.table);
		assert_int_equal(l.status != 0, ffpf_diags_errors(l.diags) != 0);
	}
	return l;
}

static void unload(struct loaded *l)
{
	ffpf_arena_free(l->arena);
	ffpf_diags_free(l->diags);
}

#define HEAD "classes = unix,win\n[tcp:request]\nlabel = s:unix:Linux:3.x\n"

static void mistakes_are_placed(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column;
		const char *message;
	} cases[] = {
		{"[tcp:request]\nlabel = x:unix:A:\n", 2, 9, "a label begins with s or g"},
		{"[tcp:request]\nlabel = s unix:A:\n", 2, 10, "':' is expected behind s or g"},
		{"[tcp:request]\nlabel = s:unix:A:\n", 2, 11,
		 "no such class: it is '!' or one of those behind 'classes ='"},
		{"[tcp:request]\nlabel = s::A:\n", 2, 11, "a class is expected"},
		{"[tcp:request]\nlabel = s:!::\n", 2, 13, "a system's name is expected"},
		{"[tcp:request]\nsig = *:64:0:*:*,*::0:0\n", 2, 7, "a signature before the first label"},
		{"[tcp:request]\nnonsense\n", 2, 1, "'label =', 'sig =', 'sys =' or a section is expected"},
		{"[tcp:what]\n", 1, 1, "no such section"},
		{"[tcp:request] x\n", 1, 14, "nothing comes behind a section's name"},
		{"classes = a,,b\n", 1, 13, "a class is expected"},
		{HEAD "sig = 5:64:0:*:*,*:::0\n", 4, 7, "the IP version is 4, 6 or *"},
		{HEAD "sig = *64:0:*:*,*:::0\n", 4, 8, "':' is expected behind the IP version"},
		{HEAD "sig = *:0:0:*:*,*:::0\n", 4, 9, "the initial TTL is a number from 1 to 255"},
		{HEAD "sig = *:200+56:0:*:*,*:::0\n", 4, 9, "the initial TTL is more than 255"},
		{HEAD "sig = *:64:256:*:*,*:::0\n", 4, 12, "the length of IP options is a number from 0 to 255"},
		{HEAD "sig = *:64:0:65536:*,*:::0\n", 4, 14, "the MSS is a number from 0 to 65535"},
		{HEAD "sig = *:64:0:*:mss*0,*:::0\n", 4, 20, "the factor is a number from 1 to 1000"},
		{HEAD "sig = *:64:0:*:%1,*:::0\n", 4, 17,
		 "what the window is a multiple of is a number from 2 to 65535"},
		{HEAD "sig = *:64:0:*:9999999999999999999999,*:::0\n", 4, 16, "the window is a number from 0 to 65535"},
		{HEAD "sig = *:64:0:*:1:::0\n", 4, 17, "',' is expected behind the window"},
		{HEAD "sig = *:64:0:*:*,256:::0\n", 4, 18, "the window scale is a number from 0 to 255"},
		{HEAD "sig = *:64:0:*:*,*:mss,foo::0\n", 4, 24,
		 "no such TCP option: mss, nop, ws, sok, sack, ts, eol+N, ?N"},
		{HEAD "sig = *:64:0:*:*,*:eol::0\n", 4, 20,
		 "the end of the options is 'eol+' and the number of bytes behind it"},
		{HEAD "sig = *:64:0:*:*,*:eol+1,mss::0\n", 4, 26, "nothing comes behind the end of the options"},
		{HEAD "sig = *:64:0:*:*,*:?256::0\n", 4, 21, "the kind of an option is a number from 0 to 255"},
		{HEAD "sig = *:64:0:*:*,*:nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,"
		      "nop,nop,nop,nop,nop,nop,nop::0\n",
		 4, 116, "more than 24 options"},
		{HEAD "sig = *:64:0:*:*,*::odd:0\n", 4, 21, "no such quirk"},
		{HEAD "sig = 6:64:0:*:*,*::df:0\n", 4, 21, "IPv6 has no 'df'"},
		{HEAD "sig = 4:64:0:*:*,*::flow:0\n", 4, 21, "IPv4 has no 'flow'"},
		{HEAD "sig = *:64:0:*:*,*:::x\n", 4, 22, "the payload is 0, + or *"},
		{HEAD "sig = *:64:0:*:*,*:::0 x\n", 4, 23, "nothing comes behind the payload"},
		{HEAD "sig = *:64:0", 4, 13, "':' is expected behind the length of IP options"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct loaded l = load(cases[i].text, strlen(cases[i].text));
		const struct ffpf_diag *diag = ffpf_diags_first(l.diags);
		unsigned line = 0, column = 0;

		assert_int_not_equal(l.status, 0);
		assert_string_equal(diag->message, cases[i].message);
		assert_string_equal(ffpf_diag_id_name(diag->id), "signature");
		ffpf_diags_locate(l.diags, diag->span.source, diag->span.start, &line, &column);
		assert_int_equal(line, cases[i].line);
		assert_int_equal(column, cases[i].column);
		unload(&l);
	}
}

/* Every line is read, whatever was wrong with those before; but a file of another kind is given up. */
static void several_mistakes(void **state)
{
	char text[4000] = HEAD;
	const char *two = HEAD "sig = x\nsig = *:64:0:*:*,*:::0\nsig = y\n";
	struct loaded l = load(two, strlen(two));

	(void)state;
	assert_int_equal(ffpf_diags_errors(l.diags), 2);
	unload(&l);
	for (unsigned i = 0; i < 300; i++)
		strcat(text, "sig = x\n");
	l = load(text, strlen(text));
	assert_int_equal(ffpf_diags_errors(l.diags), 21);
	unload(&l);
}

static const char *label_of(const struct loaded *l, const struct fpl_syn *syn, bool *fuzzy, uint8_t *distance)
{
	const struct fpl_syn_match match = fpl_signatures_match(&l->signatures, syn),
				   found = fpl_signature_table_match(&l->signatures, &l->table, syn);

	assert_true(same_match(match, found));
	*fuzzy = match.fuzzy;
	*distance = match.distance;
	return match.signature ? l->signatures.labels[match.signature->label] : "";
}

/* One rule after the other. */
static void meaning(void **state)
{
	static const char text[] = "; a comment\r\n"
				   "classes = unix\n"
				   "[mtu]\nlabel = Ethernet\nsig = 1500\n"
				   "[tcp:request]\n\n"
				   "label = g:unix:Any:\n"
				   "sig = *:64:0:*:*,*:mss:df,id+:0\n"
				   "label = s:unix:Four:times\n"
				   "sys = @unix\n"
				   "sig = *:64:0:*:mss*4,0:mss:df,id+:0\n"
				   "label = s:!:Tool:\n"
				   "sig = *:64-:0:1460:1024,0:mss::0\n"
				   "[tcp:response]\nlabel = s:unix:Answer:\nsig = *:64:0:*:mss*4,0:mss:df,id+:0\n";
	const struct fpl_syn base = {.version = 4,
				     .ttl = 60,
				     .mss = 1460,
				     .window = 5840,
				     .layout = fpl_layout_step(FPL_LAYOUT_START, 2),
				     .quirks = FPL_QUIRK_DF | FPL_QUIRK_ID,
				     .headers = 44};
	struct loaded l = load(text, sizeof(text) - 1);
	struct fpl_syn syn = base;
	uint8_t distance;
	bool fuzzy;

	(void)state;
	assert_int_equal(l.status, 0);
	assert_int_equal(l.signatures.n, 3);
	assert_string_equal(label_of(&l, &syn, &fuzzy, &distance), "Four times"); /* specific before generic */
	assert_false(fuzzy);
	assert_int_equal(distance, 4);
	syn.window = 5841;
	assert_string_equal(label_of(&l, &syn, &fuzzy, &distance), "Any");
	assert_false(fuzzy);
	syn = base, syn.quirks |= FPL_QUIRK_ECN;
	assert_string_equal(label_of(&l, &syn, &fuzzy, &distance), "Any"); /* of the fuzzy ones, the first */
	assert_true(fuzzy);
	syn = base, syn.ttl = 64 - 36;
	assert_string_equal(label_of(&l, &syn, &fuzzy, &distance), "Any");
	assert_true(fuzzy);
	assert_int_equal(distance, 4); /* of 32: 64 is too far */
	syn = base, syn.quirks = 0, syn.window = 1024;
	assert_string_equal(label_of(&l, &syn, &fuzzy, &distance), "Tool");
	assert_false(fuzzy);
	syn.ttl = 65; /* above its most; the others without df and id+, farther than they may be: fuzzy */
	assert_string_equal(label_of(&l, &syn, &fuzzy, &distance), "Any");
	assert_true(fuzzy);
	syn = base, syn.quirks |= FPL_QUIRK_NO_SEQ;
	assert_string_equal(label_of(&l, &syn, &fuzzy, &distance), "");
	syn = base, syn.version = 6, syn.quirks = 0; /* has no df, nor the signature then */
	assert_string_equal(label_of(&l, &syn, &fuzzy, &distance), "Four times");
	assert_false(fuzzy);
	syn = base, syn.payload = true;
	assert_string_equal(label_of(&l, &syn, &fuzzy, &distance), "");
	unload(&l);
}

static void windows_as_multiples(void **state)
{
	static const struct {
		uint16_t window, mss, version, headers;
		bool stamped;
		uint16_t factor;
		enum fpl_window kind;
	} cases[] = {{5840, 1460, 4, 60, true, 4, FPL_WINDOW_MSS},   {5792, 1460, 4, 60, true, 4, FPL_WINDOW_MSS},
		     {5792, 1380, 4, 60, false, 4, FPL_WINDOW_MSS}, /* 1448, of another MTU */
		     {3000, 1460, 4, 60, true, 2, FPL_WINDOW_MTU},   {2840, 1380, 4, 40, false, 2, FPL_WINDOW_MTU},
		     {2856, 1400, 4, 28, false, 2, FPL_WINDOW_MTU}, /* the headers it has */
		     {2880, 1400, 6, 60, false, 2, FPL_WINDOW_MSS},  {2900, 1390, 6, 72, false, 2, FPL_WINDOW_MTU},
		     {0, 1460, 4, 60, true, 0, FPL_WINDOW_NUMBER},   {990, 99, 4, 60, true, 0, FPL_WINDOW_NUMBER},
		     {1001, 1460, 4, 60, true, 0, FPL_WINDOW_NUMBER}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct fpl_syn syn = {.version = (uint8_t)cases[i].version,
					    .window = cases[i].window,
					    .mss = cases[i].mss,
					    .headers = cases[i].headers,
					    .stamped = cases[i].stamped};
		enum fpl_window kind;

		assert_int_equal(fpl_syn_multiple(&syn, &kind), cases[i].factor);
		assert_int_equal(kind, cases[i].kind);
	}
}

/* Random files and packets: the table against the meaning. */
static void table_finds_the_same(void **state)
{
	uint64_t random = 7;
	unsigned matched = 0, fuzzy = 0;

	(void)state;
	for (unsigned round = 0; round < 150; round++) {
		static char text[60000];
		struct loaded l;

		random_file(&random, text, sizeof(text), 1 + draw(&random, 60));
		l = load(text, strlen(text));
		if (l.status == -EINVAL && strstr(ffpf_diags_first(l.diags)->message, "two different '%'")) {
			unload(&l);
			continue;
		}
		assert_int_equal(l.status, 0);
		for (unsigned i = 0; i < 2000; i++) {
			struct fpl_syn_match match, found;
			struct fpl_syn syn;

			random_syn(&random, &syn);
			match = fpl_signatures_match(&l.signatures, &syn);
			found = fpl_signature_table_match(&l.signatures, &l.table, &syn);
			if (!same_match(match, found))
				fail_msg("round %u, packet %u", round, i);
			matched += match.signature != NULL;
			fuzzy += match.fuzzy;
		}
		unload(&l);
	}
	print_message("%u matches, %u of them fuzzy\n", matched, fuzzy);
	assert_true(matched > 2000 && fuzzy > 500 && matched > fuzzy + 500);
}

/* Of one layout and shape there can be one modulus; of others, others. */
static void two_moduli(void **state)
{
	static const char good[] = HEAD "sig = *:64:0:*:%1000,0:mss:df,id+:0\n"
					"sig = *:64:0:*:%2000,0:mss,nop:df,id+:0\n",
			  bad[] = HEAD "sig = *:64:0:*:%1000,0:mss:df,id+:0\n"
				       "sig = *:64:0:*:%2000,0:mss,nop:df,id+:0\n"
				       "sig = *:64:0:*:%3000,*:mss:df,id+:0\n";
	const struct ffpf_diag *diag;
	unsigned line, column;
	struct loaded l = load(good, strlen(good));

	(void)state;
	assert_int_equal(l.status, 0);
	unload(&l);
	l = load(bad, strlen(bad));
	assert_int_equal(l.status, -EINVAL);
	diag = ffpf_diags_first(l.diags);
	assert_string_equal(diag->message, "signatures with these options and quirks have two different '%'");
	ffpf_diags_locate(l.diags, diag->span.source, diag->span.start, &line, &column);
	assert_true(line == 4 || line == 6);
	unload(&l);
}

/* The project's own file, and that of p0f where it is installed. */
static void files_are_read(void **state)
{
	static const char *const names[] = {SOURCE_DIR "/fpl/classes/systems.fp", "/etc/p0f/p0f.fp"};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		static char text[1 << 20];
		FILE *file = fopen(names[i], "r");
		struct loaded l;
		uint64_t random = 1;
		size_t len;

		if (!file) {
			assert_int_equal(i, 1);
			print_message("skipped: %s is not there\n", names[i]);
			continue;
		}
		len = fread(text, 1, sizeof(text), file);
		fclose(file);
		l = load(text, len);
		if (l.status)
			ffpf_diags_print(l.diags, stderr, false);
		assert_int_equal(l.status, 0);
		assert_true(l.signatures.n > 20);
		print_message("%s: %zu signatures, %zu entries\n", names[i], l.signatures.n, l.table.n);
		for (unsigned k = 0; k < 20000; k++) {
			struct fpl_syn syn;

			random_syn(&random, &syn);
			assert_true(same_match(fpl_signatures_match(&l.signatures, &syn),
					       fpl_signature_table_match(&l.signatures, &l.table, &syn)));
		}
		unload(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_placed),
		cmocka_unit_test(several_mistakes),
		cmocka_unit_test(meaning),
		cmocka_unit_test(windows_as_multiples),
		cmocka_unit_test(table_finds_the_same),
		cmocka_unit_test(two_moduli),
		cmocka_unit_test(files_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
