/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One meaning, many levels: every savefile of ../shared/data/pcap (where it is there) and captures made here, through
 * `file > BPF > pktcount` at user and, with --replay, at xdp and tc; all must count what libpcap's own reader and
 * pcap_offline_filter count.
 *
 * FFPF_ALL=1 tries every expression on every file; otherwise a rotating part of them.
 */
#include <ffpf/ffpf.h>
#include <pcap/pcap.h>

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "expressions.h"

#define N_EXPRESSIONS (sizeof(test_expressions) / sizeof(test_expressions[0]))

static unsigned compared, differing, refused;

/* What libpcap says: matching packets up to where it stops reading; -1 when it can't open the file, -2 when it can't
 * compile. */
static long oracle(const char *file, const char *filter, uint64_t *total)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_open_offline(file, why);
	struct pcap_pkthdr *header;
	const u_char *data;
	struct bpf_program program;
	long n = 0;

	if (!p)
		return -1;
	if (pcap_compile(p, &program, filter, 1, 0) < 0) {
		pcap_close(p);
		return -2;
	}
	*total = 0;
	while (pcap_next_ex(p, &header, &data) == 1) {
		++*total;
		n += pcap_offline_filter(&program, header, data) != 0;
	}
	pcap_freecode(&program);
	pcap_close(p);
	return n;
}

/* What ffpf says; -1 when the request is refused. */
static long ours(const char *file, const char *filter, const char *level, uint64_t *total)
{
	const struct ffpf_define defines[] = {{"FILE", file}, {"FILTER", filter}};
	bool replay = strcmp(level, "user") != 0;
	const struct ffpf_options options = {
		.replay = replay, .buffer_size = 1 << 20, .defines = defines, .n_defines = 2};
	struct ffpf *h = ffpf_create(&options);
	struct ffpf_stats *stats;
	char text[80];
	long n = -1;

	snprintf(text, sizeof(text), "(pcap,\"$FILE\")@%s>(BPF,\"$FILTER\")>(pktcount)", level);

	if (ffpf_populate(h, "levels", text, 0) == 0) {
		if (ffpf_instantiate(h) < 0)
			fail_msg("%s: '%s': %s", file, filter, ffpf_error(h));
		assert_int_equal(ffpf_activate(h), 0);
		while (ffpf_wait(&h, 1, 0, 1000000) > 0)
			;
		ffpf_deactivate(h);
		assert_int_equal(ffpf_stats_get(h, &stats), 0);
		for (size_t i = 0; i < stats->n_functions; i++) {
			const struct ffpf_function_stats *f = &stats->functions[i];

			assert_true(f->packets_in == f->packets_out + f->filtered + f->lost);
			if (i && strcmp(f->flowspace, level) != 0)
				fail_msg("%s: '%s': %s ran at %s: %s", file, filter, f->name, f->flowspace,
					 ffpf_notice(h, 0));
		}
		*total = stats->functions[0].packets_out;
		n = (long)stats->functions[2].packets_in;
		ffpf_stats_free(stats);
	}
	ffpf_close(h);
	return n;
}

static void compare(const char *file, const char *filter, const char *level)
{
	uint64_t total = 0, our_total = 0;
	long expected = oracle(file, filter, &total), n;

	if (expected == -1)
		return;
	n = ours(file, filter, level, &our_total);
	compared++;
	if (expected == -2 && n == -1) {
		refused++;
		return;
	}
	/* Where libpcap stops in the middle of a file that we read on in (see savefile.h), there is nothing to compare.
	 */
	if (our_total != total)
		return;
	if (n != expected) {
		differing++;
		print_message("%s: '%s' at %s: %ld, libpcap %ld\n", file, filter, level, n, expected);
	}
}

/* One expression in so many for each file; the sanitizers look at memory, and not at meaning. */
#ifdef __SANITIZE_ADDRESS__
enum { STEP = 71 };
#else
enum { STEP = 23 };
#endif

static void over_files(const char *level)
{
	const char *dirs[] = {SOURCE_DIR "/../shared/data/pcap", NULL};
	bool all = getenv("FFPF_ALL") != NULL;
	unsigned turn = 0, files = 0;

	compared = differing = refused = 0;
	for (size_t d = 0; dirs[d]; d++) {
		DIR *dir = opendir(dirs[d]);
		struct dirent *e;

		if (!dir) {
			print_message("skipped: %s is not there\n", dirs[d]);
			continue;
		}
		while ((e = readdir(dir))) {
			char path[4096];

			if (e->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "%s/%s", dirs[d], e->d_name);
			files++;
			for (size_t i = all ? 0 : turn++ % STEP; i < N_EXPRESSIONS; i += all ? 1 : STEP)
				compare(path, test_expressions[i], level);
		}
		closedir(dir);
	}
	print_message("%u files, %u comparisons, %u refused by both\n", files, compared, refused);
	assert_int_equal(differing, 0);
}

static void user_counts_what_libpcap_counts(void **state)
{
	over_files("user");
}

static void xdp_counts_what_libpcap_counts(void **state)
{
	if (geteuid() != 0) {
		print_message("skipped: the kernel's test runner needs root\n");
		skip();
	}
	over_files("xdp");
}

static void tc_counts_what_libpcap_counts(void **state)
{
	if (geteuid() != 0) {
		print_message("skipped: the kernel's test runner needs root\n");
		skip();
	}
	over_files("tc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(user_counts_what_libpcap_counts),
		cmocka_unit_test(xdp_counts_what_libpcap_counts),
		cmocka_unit_test(tc_counts_what_libpcap_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
