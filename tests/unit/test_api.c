/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C API as a program uses it: the whole life cycle at user and, as root, through --replay at xdp; every call in
 * every wrong state; what a populated graph holds (nothing), and what is left after closing; waiting over several
 * handles; packets read while the graph runs and after; several graphs at once, from several threads.
 */
#include "capture.h"

#include <ffpf/ffpf.h>
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#define PACKETS 1000
#define BYTES 100

static char file[64];
static bool can_replay;

static struct ffpf *created(bool replay)
{
	const struct ffpf_define define = {"FILE", file};
	const struct ffpf_options options = {
		.defines = &define, .n_defines = 1, .replay = replay, .buffer_size = 1 << 20, .slow_reader = true};
	struct ffpf *h = ffpf_create(&options);

	assert_non_null(h);
	return h;
}

static struct ffpf *populated(const char *text, bool replay)
{
	struct ffpf *h = created(replay);

	if (ffpf_populate(h, "test", text, 0)) {
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
		fail_msg("%s: %s", text, ffpf_error(h));
	}
	return h;
}

static struct ffpf *started(const char *text, bool replay)
{
	struct ffpf *h = populated(text, replay);

	if (ffpf_instantiate(h) || ffpf_activate(h))
		fail_msg("%s: %s", text, ffpf_error(h));
	return h;
}

static void finish(struct ffpf *h)
{
	for (int i = 0; ffpf_wait(&h, 1, 0, 100000) > 0; i++)
		assert_true(i < 600);
	assert_int_equal(ffpf_deactivate(h), 0);
}

/* ---- figures ----------------------------------------------------------------------------------------------------- */

static const struct ffpf_function_stats *stats_of(const struct ffpf_stats *stats, const char *name)
{
	for (size_t i = 0; i < stats->n_functions; i++)
		if (!strcmp(stats->functions[i].name, name))
			return &stats->functions[i];
	fail_msg("no function %s", name);
	return NULL;
}

static const struct ffpf_result *result_of(const struct ffpf_stats *stats, const char *function, const char *name)
{
	const struct ffpf_function_stats *f = stats_of(stats, function);

	for (size_t i = 0; i < f->n_results; i++)
		if (!strcmp(f->results[i].name, name))
			return &f->results[i];
	fail_msg("%s has no %s", function, name);
	return NULL;
}

static void closes(const struct ffpf_stats *stats)
{
	for (size_t i = 0; i < stats->n_functions; i++) {
		const struct ffpf_function_stats *f = &stats->functions[i];

		if (f->packets_in != f->packets_out + f->filtered + f->lost)
			fail_msg("%s does not close", f->name);
	}
}

/* What the counters show is what came in: they keep nothing of their own. */
static void count_at(bool replay)
{
	struct ffpf *h = started(
		"[pcap "
		"\"$FILE\"]>(head,600)>[(pktcount,name=p)|(bytecount,name=b)|(hist,linear,50,name=l)|(hist,name=g)]",
		replay);
	struct ffpf_stats *stats;
	uint64_t from, to;

	finish(h);
	assert_int_equal(ffpf_stats_get(h, &stats), 0);
	closes(stats);
	assert_string_equal(stats_of(stats, "p")->flowspace, replay ? "xdp" : "user");
	assert_int_equal(result_of(stats, "p", "packets")->values[0], 600);
	assert_int_equal(result_of(stats, "b", "bytes")->values[0], 600 * BYTES);
	/* Bins of 50: 100 bytes lie in the third, 100 to 149; the last has no end. */
	const struct ffpf_result *r = result_of(stats, "l", "linear");
	assert_int_equal(r->values[2], 600);
	assert_true(ffpf_result_bucket(r, 2, &from, &to));
	assert_int_equal(from, 100);
	assert_int_equal(to, 149);
	assert_true(ffpf_result_bucket(r, r->n - 1, &from, &to));
	assert_int_equal(from, 50 * (r->n - 1));
	assert_true(to == UINT64_MAX);
	assert_false(ffpf_result_bucket(r, r->n, &from, &to));
	r = result_of(stats, "g", "lengths");
	assert_int_equal(r->values[7], 600);
	assert_true(ffpf_result_bucket(r, 7, &from, &to));
	assert_int_equal(from, 64);
	assert_int_equal(to, 127);
	assert_true(ffpf_result_bucket(r, 0, &from, &to) && from == 0 && to == 0);
	assert_false(ffpf_result_bucket(result_of(stats, "p", "packets"), 0, &from, &to));
	ffpf_stats_free(stats);
	ffpf_close(h);
}

static void test_counters(void **state)
{
	count_at(false);
	if (can_replay)
		count_at(true);
}

/* A minimum that nothing has reached says so. */
static void minima_at(bool replay)
{
	struct ffpf *h =
		started("[pcap \"$FILE\"]>(FPL,{ min low; min none; max top; low = len; if (len > 60000) none = "
			"len; top = none },name=f)",
			replay);
	struct ffpf_stats *stats;

	finish(h);
	assert_int_equal(ffpf_stats_get(h, &stats), 0);
	assert_false(result_of(stats, "f", "low")->empty);
	assert_int_equal(result_of(stats, "f", "low")->values[0], BYTES);
	assert_true(result_of(stats, "f", "none")->empty);
	/* what a program reads of it */
	assert_false(result_of(stats, "f", "top")->empty);
	assert_true(result_of(stats, "f", "top")->values[0] == UINT64_MAX);
	ffpf_stats_free(stats);
	ffpf_close(h);
}

static void test_minima(void **state)
{
	minima_at(false);
	if (can_replay)
		minima_at(true);
}

/* Numbers of keys and columns have the texts of the file, those without one have none. */
static void names_at(bool replay)
{
	char text[512], names[] = "/tmp/ffpf-names-XXXXXX";
	static const char lines[] = "100 a hundred\n6 TCP\n";
	int fd = mkstemp(names);
	struct ffpf_map_entries *entries;
	struct ffpf_stats *stats;
	struct ffpf_map_info info;
	uint64_t number;

	assert_int_equal(write(fd, lines, strlen(lines)), strlen(lines));
	close(fd);
	snprintf(text, sizeof(text),
		 "[pcap \"$FILE\"]>(FPL,{ names size from \"%s\"; hash t[size: u16]: { size: u32, n: counter, who: "
		 "IPv6 }; "
		 "t[len].size = 5; t[len].n++; t[len].who = ::1 },name=f)",
		 names);
	struct ffpf *h = started(text, replay);
	unlink(names);
	finish(h);
	assert_int_equal(ffpf_stats_get(h, &stats), 0);
	assert_int_equal(stats_of(stats, "f")->n_tables, 1);
	const struct ffpf_table *t = stats_of(stats, "f")->tables;
	assert_int_equal(t->n_rows, 1);
	assert_string_equal(ffpf_member_text(&t->key.list[0], t->keys), "a hundred");
	assert_true(ffpf_member_number(&t->key.list[0], t->keys, &number) && number == BYTES);
	assert_null(ffpf_member_text(&t->value.list[0], t->values));
	assert_true(ffpf_member_number(&t->value.list[0], t->values, &number) && number == 5);
	assert_null(ffpf_member_text(&t->value.list[1], t->values));
	assert_false(ffpf_member_number(&t->value.list[2], t->values, &number));
	ffpf_stats_free(stats);

	assert_int_equal(ffpf_map_get(h, 0, &info), 0);
	assert_int_equal(ffpf_map_read(h, 0, &entries), 0);
	assert_int_equal(entries->n, 1);
	assert_string_equal(ffpf_member_text(&info.key.list[0], entries->keys), "a hundred");
	assert_null(ffpf_member_text(&info.value.list[0], entries->values));
	ffpf_map_entries_free(entries);
	ffpf_close(h);
}

static void test_names(void **state)
{
	names_at(false);
	if (can_replay)
		names_at(true);
}

/* ---- wrong states ------------------------------------------------------------------------------------------------ */

static void misused(struct ffpf *h, int err, const char *call)
{
	assert_int_equal(err, -EINVAL);
	if (!strstr(ffpf_error(h), call))
		fail_msg("'%s' does not name %s", ffpf_error(h), call);
}

enum {
	CLASS_PATH = 1,
	POPULATE = 2,
	PROBE = 4,
	INSTANTIATE = 8,
	ACTIVATE = 16,
	DEACTIVATE = 32,
	STATS = 64,
	EXPLAIN = 128,
	RUNNING = 256,
	READ = 512
};

/* Calls everything that this state forbids, and what every state allows. */
static void misuse(struct ffpf *h, unsigned allowed)
{
	struct ffpf_packet packet;
	struct ffpf_stats *stats = (void *)1;
	struct ffpf_map_entries *entries = (void *)1;
	struct ffpf_map_info map;
	uint64_t a = 1, b = 1, c = 1;
	FILE *null = fopen("/dev/null", "w");

	if (!(allowed & CLASS_PATH))
		misused(h, ffpf_class_path(h, "/"), "ffpf_class_path");
	if (!(allowed & POPULATE))
		misused(h, ffpf_populate(h, "again", "[pcap x]>(pktcount)", 0), "ffpf_populate");
	if (!(allowed & PROBE))
		misused(h, ffpf_probe(h), "ffpf_probe");
	if (!(allowed & INSTANTIATE))
		misused(h, ffpf_instantiate(h), "ffpf_instantiate");
	if (!(allowed & ACTIVATE))
		misused(h, ffpf_activate(h), "ffpf_activate");
	if (!(allowed & DEACTIVATE))
		misused(h, ffpf_deactivate(h), "ffpf_deactivate");
	if (!(allowed & STATS))
		misused(h, ffpf_stats_get(h, &stats), "ffpf_stats_get");
	assert_ptr_equal(stats, (void *)1);
	if (!(allowed & STATS)) {
		misused(h, ffpf_map_get(h, 0, &map), "ffpf_map_get");
		misused(h, ffpf_map_read(h, 0, &entries), "ffpf_map_read");
	} else {
		assert_int_equal(ffpf_map_get(h, 0, &map), -ENOENT);
		assert_int_equal(ffpf_map_read(h, 0, &entries), -ENOENT);
	}
	assert_ptr_equal(entries, (void *)1);
	assert_false(ffpf_replaceable(h, "f"));
	for (int form = FFPF_EXPLAIN_TEXT; form <= FFPF_EXPLAIN_BPF; form++) {
		if (allowed & EXPLAIN)
			assert_int_equal(ffpf_explain(h, form, null, false), 0);
		else
			misused(h, ffpf_explain(h, form, null, false), "ffpf_explain");
	}
	if (!(allowed & RUNNING)) {
		misused(h, ffpf_running(h), "ffpf_running");
		misused(h, ffpf_wait(&h, 1, 1, 1000), "ffpf_running");
	}
	if (!(allowed & READ))
		misused(h, ffpf_read(h, "f", &packet, NULL, 1, NULL), "ffpf_read");
	ffpf_progress(h, &a, &b, &c);
	(void)ffpf_uses_stdout(h);
	(void)ffpf_notice(h, 0);
	assert_null(ffpf_notice(h, 1000000));
	assert_non_null(ffpf_diagnostics(h));
	fclose(null);
}

static void test_wrong_states(void **state)
{
	for (int replay = 0; replay <= can_replay; replay++) {
		struct ffpf *h = created(replay);

		misuse(h, CLASS_PATH | POPULATE);
		assert_int_equal(ffpf_populate(h, "test", "[pcap \"$FILE\"]>(pktcount)", 0), 0);
		assert_string_equal(ffpf_error(h), "");
		misuse(h, PROBE | INSTANTIATE | EXPLAIN);
		assert_int_equal(ffpf_probe(h), 0);
		misuse(h, PROBE | INSTANTIATE | EXPLAIN);
		assert_int_equal(ffpf_instantiate(h), 0);
		misuse(h, ACTIVATE | STATS | EXPLAIN | READ);
		assert_int_equal(ffpf_activate(h), 0);
		misuse(h, DEACTIVATE | STATS | EXPLAIN | RUNNING | READ);
		assert_int_equal(ffpf_deactivate(h), 0);
		misuse(h, STATS | EXPLAIN | RUNNING | READ);
		assert_int_equal(ffpf_running(h), 0);
		assert_int_equal(ffpf_wait(&h, 1, 0, 1000000), 0);
		ffpf_close(h);
	}
	ffpf_close(NULL);
	ffpf_stats_free(NULL);
	ffpf_diags_free(NULL);
}

/* After a failure only closing is left, and whatever is called says so. */
static void test_after_failure(void **state)
{
	struct ffpf *h = created(false);

	assert_int_equal(ffpf_populate(h, "test", "[pcap \"$FILE\"]>(pktcout)", 0), -EINVAL);
	assert_int_equal(ffpf_diags_errors(ffpf_diagnostics(h)), 1);
	assert_int_equal(ffpf_diags_first(ffpf_diagnostics(h))->id, FFPF_D_CLASS_UNKNOWN);
	misuse(h, 0);
	ffpf_close(h);

	h = populated("[pcap \"$FILE\"]>(write,\"/nonexistent/folder/x.pcap\")", false);
	assert_int_equal(ffpf_instantiate(h), -ENOENT);
	if (!strstr(ffpf_error(h), "/nonexistent/folder/x.pcap"))
		fail_msg("'%s' does not name the file", ffpf_error(h));
	misuse(h, RUNNING);
	assert_int_equal(ffpf_running(h), -ENOENT);
	ffpf_close(h);

	h = created(false);
	assert_int_equal(ffpf_class_path(h, "/nonexistent/folder"), -ENOENT);
	assert_non_null(strstr(ffpf_error(h), "/nonexistent/folder"));
	ffpf_close(h);
	/* From every state. */
	ffpf_close(created(false));
	ffpf_close(populated("[pcap \"$FILE\"]>(pktcount)", false));
	h = populated("[pcap \"$FILE\"]>(pktcount)", false);
	assert_int_equal(ffpf_instantiate(h), 0);
	ffpf_close(h);
	ffpf_close(started("[pcap \"$FILE\"]>(pktcount)", false));
}

/* ---- what is held ------------------------------------------------------------------------------------------------ */

static unsigned descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Names of programs and maps begin with ffpf; other tests may run meanwhile, so only those that this process has
 * descriptors of. */
static unsigned bpf_objects(void)
{
	unsigned n = 0;
	char path[64], target[64];

	for (int fd = 0; fd < 1024; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		ssize_t len = readlink(path, target, sizeof(target) - 1);

		if (len < 0)
			continue;
		target[len] = '\0';
		n += strstr(target, "bpf") != NULL;
	}
	return n;
}

/* Programs and maps of the machine whose ids were not there before. */
static uint32_t last_id(int (*next)(uint32_t, uint32_t *))
{
	uint32_t id = 0;

	while (next(id, &id) == 0)
		;
	return id;
}

static unsigned mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned n = 0;
	int c;

	assert_non_null(maps);
	while ((c = getc(maps)) != EOF)
		n += c == '\n';
	fclose(maps);
	return n;
}

static const char *const graphs[] = {
	"[pcap \"$FILE\"]>(BPF,\"ip\")>(pktcount)",
	"[dev lo]>(BPF,\"tcp port 80\")>[(pktcount)|(zip,1)]",
	"[[pcap \"$FILE\"]|[dev lo]]>(BPF,\"tcp\",export=packets)>(print,/dev/null)",
	"[dev lo]>(nothing)",
	"[pcap /nonexistent]>(pktcount)",
};

static void test_populate_holds_nothing(void **state)
{
	unsigned before = descriptors();
	uint32_t programs = 0, maps = 0;

	if (can_replay) {
		programs = last_id(bpf_prog_get_next_id);
		maps = last_id(bpf_map_get_next_id);
	}
	for (size_t i = 0; i < sizeof(graphs) / sizeof(graphs[0]); i++) {
		struct ffpf *h = created(false);
		int err = ffpf_populate(h, "test", graphs[i], 0);

		assert_int_equal(err, i < 3 ? 0 : -EINVAL);
		assert_int_equal(descriptors(), before);
		assert_int_equal(bpf_objects(), 0);
		if (!err) {
			assert_int_equal(ffpf_probe(h), 0);
			assert_int_equal(descriptors(), before);
		}
		ffpf_close(h);
		assert_int_equal(descriptors(), before);
	}
	/* Programs of other processes may come and go: a populate that made some would make them every time. */
	for (int i = 0; can_replay && i < 5; i++) {
		struct ffpf *h;

		programs = last_id(bpf_prog_get_next_id);
		maps = last_id(bpf_map_get_next_id);
		h = populated(graphs[1], false);
		bool same = last_id(bpf_prog_get_next_id) == programs && last_id(bpf_map_get_next_id) == maps;
		ffpf_close(h);
		if (same)
			return;
	}
	if (can_replay)
		fail_msg("populating made BPF programs or maps");
}

/* A pipe can be opened only once, so that populating has to keep it: but not for longer than the handle lives. */
static void test_pipe_is_let_go(void **state)
{
	char name[] = "/tmp/ffpf-pipe-XXXXXX";
	struct capture capture = {0};
	unsigned before;
	int fd;

	assert_int_equal(close(mkstemp(name)), 0);
	unlink(name);
	assert_int_equal(mkfifo(name, 0600), 0);
	fd = open(name, O_RDWR);
	assert_true(fd >= 0);
	before = descriptors();
	for (int i = 0; i < 3; i++) {
		const struct ffpf_define define = {"FILE", name};
		const struct ffpf_options options = {.defines = &define, .n_defines = 1};
		struct ffpf *h = ffpf_create(&options);

		capture_pcap(&capture, 0xa1b2c3d4, 4, 65535, 1);
		assert_int_equal(write(fd, capture.data, capture.size), capture.size);
		capture_free(&capture);
		assert_int_equal(ffpf_populate(h, "test", "[pcap \"$FILE\"]>(pktcount)", 0), 0);
		assert_int_equal(descriptors(), before + 1);
		if (i == 2)
			assert_int_equal(ffpf_instantiate(h), 0);
		ffpf_close(h);
		assert_int_equal(descriptors(), before);
	}
	close(fd);
	unlink(name);
}

static long resident_kb(void)
{
	FILE *statm = fopen("/proc/self/statm", "r");
	long total, resident = 0;

	assert_non_null(statm);
	assert_int_equal(fscanf(statm, "%ld %ld", &total, &resident), 2);
	fclose(statm);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void test_thousand_cycles(void **state)
{
	unsigned before, maps;
	long memory;
	int cycles = 1000;

	for (int i = 0; i < 20; i++) {
		struct ffpf *h = started("[pcap \"$FILE\"]>(BPF,\"ip\")>(pktcount)", can_replay);

		finish(h);
		ffpf_close(h);
	}
	before = descriptors();
	maps = mappings();
	memory = resident_kb();
	for (int i = 0; i < cycles; i++) {
		/* Of every kind: stopped in each state, at both levels. */
		struct ffpf *h = populated(
			"[pcap \"$FILE\"]>(head,3)>(BPF,\"ip\",name=f,export=packets)>[(pktcount)|(print,/dev/null)]",
			can_replay && i % 10 == 0);

		if (i % 4 > 0)
			assert_int_equal(ffpf_instantiate(h), 0);
		if (i % 4 > 1)
			assert_int_equal(ffpf_activate(h), 0);
		if (i % 4 > 2)
			finish(h);
		ffpf_close(h);
	}
	assert_int_equal(descriptors(), before);
	/* The allocator may keep some of its own; a leak of one page a cycle would be 4 MB. */
	print_message("%d cycles: %u mappings more, %ld KiB more\n", cycles, mappings() - maps, resident_kb() - memory);
#ifndef __SANITIZE_ADDRESS__ /* it keeps what was freed for a while, and looks for leaks itself */
	assert_true(mappings() < maps + 20);
	assert_true(resident_kb() - memory < 3000);
#endif
}

/* ---- packets ----------------------------------------------------------------------------------------------------- */

/* Takes what is there and checks its bytes and order. */
static unsigned take(struct ffpf *h, unsigned next, size_t batch, uint64_t *lost)
{
	struct ffpf_packet packets[64];
	uint32_t classes[64];
	uint64_t missed = 0;
	int n;

	while ((n = ffpf_read(h, "f", packets, classes, batch, &missed)) > 0) {
		*lost += missed;
		for (int i = 0; i < n; i++, next++) {
			assert_int_equal(packets[i].caplen, BYTES);
			assert_int_equal(packets[i].len, BYTES);
			assert_int_equal(packets[i].linktype, 1);
			assert_int_equal(packets[i].time_ns, (uint64_t)next * 1000000000u);
			assert_int_equal(packets[i].data[20], capture_byte(next, 20));
			assert_int_equal(packets[i].data[BYTES - 1], capture_byte(next, BYTES - 1));
			assert_int_equal(classes[i], 1);
		}
	}
	assert_int_equal(n, 0);
	*lost += missed;
	return next;
}

static void test_export(void **state)
{
	for (int replay = 0; replay <= can_replay; replay++) {
		struct ffpf *h = populated("[pcap \"$FILE\"]>(pass,name=f,export=packets)>(pktcount)", replay);
		struct ffpf_packet packet;
		struct ffpf_stats *stats;
		uint64_t lost = 0;
		unsigned n = 0;
		int left;

		assert_int_equal(ffpf_instantiate(h), 0);
		assert_int_equal(ffpf_read(h, "f", &packet, NULL, 1, NULL), 0);
		assert_int_equal(ffpf_read(h, "g", &packet, NULL, 1, NULL), -ENOENT);
		assert_non_null(strstr(ffpf_error(h), "'g'"));
		assert_int_equal(ffpf_read(h, "pktcount0", &packet, NULL, 1, NULL), -ENOENT);
		assert_int_equal(ffpf_activate(h), 0);
		do {
			left = ffpf_wait(&h, 1, 1, 100000);
			n = take(h, n, n % 7 + 1, &lost);
		} while (left > 0);
		assert_int_equal(left, 0);
		assert_int_equal(ffpf_deactivate(h), 0);
		n = take(h, n, 64, &lost);
		assert_int_equal(n, PACKETS);
		assert_int_equal(lost, 0);
		assert_int_equal(ffpf_read(h, "f", &packet, NULL, 0, NULL), 0);
		assert_int_equal(ffpf_stats_get(h, &stats), 0);
		closes(stats);
		ffpf_stats_free(stats);
		ffpf_close(h);
	}
}

/* Nobody reads until the end: what the ring does not hold is told. */
static void test_export_lapped(void **state)
{
	const struct ffpf_define define = {"FILE", file};
	const struct ffpf_options options = {.defines = &define, .n_defines = 1};
	struct ffpf *h = ffpf_create(&options);
	uint64_t lost = 0;
	unsigned n = 0;

	/* The smallest export ring holds a megabyte; 12 inputs are 1.9 MB of records. */
	assert_int_equal(
		ffpf_populate(
			h, "test",
			"a=[pcap \"$FILE\"];b=[pcap \"$FILE\"];c=[pcap \"$FILE\"];d=[pcap \"$FILE\"];e=[pcap "
			"\"$FILE\"];"
			"g=[pcap \"$FILE\"];i=[pcap \"$FILE\"];j=[pcap \"$FILE\"];k=[pcap \"$FILE\"];l=[pcap "
			"\"$FILE\"];"
			"m=[pcap \"$FILE\"];o=[pcap \"$FILE\"];q=[pcap \"$FILE\"];r=[pcap \"$FILE\"];s=[pcap "
			"\"$FILE\"];"
			"t=[pcap \"$FILE\"];u=[pcap \"$FILE\"];v=[pcap \"$FILE\"];w=[pcap \"$FILE\"];x=[pcap "
			"\"$FILE\"];"
			"y=[pcap \"$FILE\"];z=[pcap \"$FILE\"];A=[pcap \"$FILE\"];B=[pcap \"$FILE\"];C=[pcap "
			"\"$FILE\"];"
			"D=[pcap \"$FILE\"];E=[pcap \"$FILE\"];F=[pcap \"$FILE\"];G=[pcap \"$FILE\"];H=[pcap "
			"\"$FILE\"];"
			"[a|b|c|d|e|g|i|j|k|l|m|o|q|r|s|t|u|v|w|x|y|z|A|B|C|D|E|F|G|H]>(pass,name=f,export=packets)",
			0),
		0);
	assert_int_equal(ffpf_instantiate(h), 0);
	assert_int_equal(ffpf_activate(h), 0);
	finish(h);
	for (;;) {
		struct ffpf_packet packets[64];
		uint64_t missed = 0;
		int got = ffpf_read(h, "f", packets, NULL, 64, &missed);

		assert_true(got >= 0);
		lost += missed;
		n += (unsigned)got;
		if (!got)
			break;
	}
	assert_int_equal(n + lost, 30 * PACKETS);
	assert_true(lost > 0);
	ffpf_close(h);
}

/* ---- waiting ----------------------------------------------------------------------------------------------------- */

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* A graph that reads a pipe which this process writes: it runs for as long as we want. */
struct fed {
	char name[64];
	int fd;
	unsigned sent;
	struct ffpf *h;
};

static void feed(struct fed *f, unsigned n)
{
	struct capture capture = {0};

	for (unsigned i = 0; i < n; i++, f->sent++)
		capture_record(&capture, f->sent, f->sent, 0, BYTES, BYTES);
	assert_int_equal(write(f->fd, capture.data, capture.size), capture.size);
	capture_free(&capture);
}

static void fed_start(struct fed *f)
{
	struct capture capture = {0};

	strcpy(f->name, "/tmp/ffpf-fed-XXXXXX");
	close(mkstemp(f->name));
	unlink(f->name);
	assert_int_equal(mkfifo(f->name, 0600), 0);
	f->fd = open(f->name, O_RDWR);
	f->sent = 0;
	capture_pcap(&capture, 0xa1b2c3d4, 4, 65535, 1);
	assert_int_equal(write(f->fd, capture.data, capture.size), capture.size);
	capture_free(&capture);
	const struct ffpf_define define = {"FILE", f->name};
	const struct ffpf_options options = {.defines = &define, .n_defines = 1};
	f->h = ffpf_create(&options);
	assert_int_equal(ffpf_populate(f->h, "fed", "[pcap \"$FILE\"]>(pass,name=f,export=packets)", 0), 0);
	assert_int_equal(ffpf_instantiate(f->h), 0);
	assert_int_equal(ffpf_activate(f->h), 0);
}

static void fed_stop(struct fed *f)
{
	ffpf_close(f->h);
	close(f->fd);
	unlink(f->name);
}

static void test_wait(void **state)
{
	struct fed a, b;
	struct ffpf *both[2];
	uint64_t lost = 0;
	double begin;

	fed_start(&a);
	fed_start(&b);
	both[0] = a.h;
	both[1] = b.h;
	/* Nothing comes: the time passes, not more than a little too long, and both still run. */
	begin = seconds();
	assert_int_equal(ffpf_wait(both, 2, 1, 50000), 2);
	assert_true(seconds() - begin >= 0.05);
	assert_int_equal(ffpf_wait(both, 2, 1, 0), 2);
	/* Too few packets for the second wait. */
	feed(&b, 10);
	assert_int_equal(ffpf_wait(both, 2, 10, 20000000), 2);
	assert_true(seconds() - begin < 15);
	begin = seconds();
	assert_int_equal(ffpf_wait(both, 2, 11, 50000), 2);
	assert_true(seconds() - begin >= 0.05);
	assert_int_equal(take(b.h, 0, 64, &lost), 10);
	assert_int_equal(take(a.h, 0, 64, &lost), 0);
	/* Read ones do not count; those of one handle are enough, even for ever. */
	feed(&a, 5);
	assert_int_equal(ffpf_wait(both, 2, 5, UINT64_MAX), 2);
	assert_int_equal(take(a.h, 0, 3, &lost), 5);
	/* No handle at all is a sleep. */
	assert_int_equal(ffpf_wait(NULL, 0, 0, 1000), 0);
	/* One that was deactivated runs no more: the wait ends at once. */
	assert_int_equal(ffpf_deactivate(a.h), 0);
	assert_int_equal(ffpf_wait(both, 2, 1, 20000000), 1);
	assert_int_equal(ffpf_running(a.h), 0);
	assert_int_equal(ffpf_running(b.h), 1);
	assert_int_equal(ffpf_wait(&both[1], 1, 1, 1000), 1);
	/* One that failed ends it, too, with its failure. */
	assert_int_equal(write(b.fd, "\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 16), 16);
	assert_int_equal(ffpf_wait(&both[1], 1, 1, 20000000), -EBADMSG);
	assert_int_equal(ffpf_running(b.h), -EBADMSG);
	assert_non_null(strstr(ffpf_error(b.h), b.name));
	assert_int_equal(ffpf_wait(both, 2, 1, 20000000), -EBADMSG);
	assert_int_equal(lost, 0);
	fed_stop(&a);
	fed_stop(&b);
}

/* ---- many graphs ------------------------------------------------------------------------------------------------- */

static void test_many_handles(void **state)
{
	struct ffpf *handles[16];
	size_t n = sizeof(handles) / sizeof(handles[0]);

	for (size_t i = 0; i < n; i++)
		handles[i] = started("[pcap \"$FILE\"]>(BPF,\"ip\")>(pktcount,name=n)", can_replay && i % 2);
	for (size_t i = 0; i < n; i++) {
		struct ffpf_stats *stats;

		finish(handles[i]);
		assert_int_equal(ffpf_stats_get(handles[i], &stats), 0);
		closes(stats);
		assert_int_equal(stats_of(stats, "pcap0")->packets_out, PACKETS);
		assert_string_equal(stats_of(stats, "n")->flowspace, can_replay && i % 2 ? "xdp" : "user");
		ffpf_stats_free(stats);
	}
	for (size_t i = 0; i < n; i++)
		ffpf_close(handles[i]);
}

/* cmocka's assertions do not work in threads: a failure is a number. */
static void *own_graph(void *arg)
{
	const struct ffpf_define define = {"FILE", file};
	const struct ffpf_options options = {.defines = &define, .n_defines = 1, .buffer_size = 1 << 20};
	unsigned *wrong = arg;

	for (int i = 0; i < 25; i++) {
		struct ffpf *h = ffpf_create(&options);
		struct ffpf_stats *stats;

		if (ffpf_class_path(h, MODULE_DIR "/good") ||
		    ffpf_populate(h, "own",
				  "[pcap \"$FILE\"]>(mine)>(head,500)>[(BPF,\"tcp port "
				  "80\")|(pktcount,name=n)]>(print,/dev/null)",
				  0) ||
		    ffpf_instantiate(h) || ffpf_activate(h)) {
			++*wrong;
		} else {
			while (ffpf_wait(&h, 1, 0, 100000) > 0)
				;
			*wrong += ffpf_deactivate(h) != 0;
			if (ffpf_stats_get(h, &stats)) {
				++*wrong;
			} else {
				for (size_t k = 0; k < stats->n_functions; k++)
					if (!strcmp(stats->functions[k].name, "n"))
						*wrong += stats->functions[k].packets_in != 500;
				ffpf_stats_free(stats);
			}
		}
		ffpf_close(h);
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t threads[6];
	unsigned wrong[6] = {0};

	for (int i = 0; i < 6; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, own_graph, &wrong[i]), 0);
	for (int i = 0; i < 6; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(wrong[i], 0);
	}
}

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

static void test_notices(void **state)
{
	char name[64], out[] = "/tmp/ffpf-foreign-XXXXXX";
	struct capture capture = {0};
	struct ffpf_stats *stats;
	struct ffpf *h;

	/* Two interfaces of different link types: the second one's packets are left out, and that is said at the end.
	 */
	capture_section(&capture);
	capture_interface(&capture, 1, 65535, -1, 0);
	capture_interface(&capture, 101, 65535, -1, 0);
	capture_enhanced(&capture, 0, 0, 0, BYTES, BYTES, 0);
	capture_enhanced(&capture, 1, 1, 0, BYTES, BYTES, 0);
	capture_save(&capture, name);
	capture_free(&capture);
	close(mkstemp(out));
	const struct ffpf_define defines[] = {{"FILE", name}, {"OTHER", file}, {"OUT", out}};
	const struct ffpf_options options = {.defines = defines, .n_defines = 3};
	h = ffpf_create(&options);
	assert_int_equal(ffpf_populate(h, "test", "[pcap \"$FILE\" name=in]>(pktcount)", 0), 0);
	assert_int_equal(ffpf_instantiate(h), 0);
	assert_int_equal(ffpf_activate(h), 0);
	assert_null(ffpf_notice(h, 0));
	finish(h);
	assert_non_null(ffpf_notice(h, 0));
	assert_non_null(strstr(ffpf_notice(h, 0), "in: "));
	assert_non_null(
		strstr(ffpf_notice(h, 0), "link type RAW (LINKTYPE 101) is not the file's first, EN10MB (LINKTYPE 1)"));
	assert_null(ffpf_notice(h, 1));
	assert_int_equal(ffpf_stats_get(h, &stats), 0);
	closes(stats);
	assert_int_equal(stats->lost, 1);
	ffpf_stats_free(stats);
	ffpf_close(h);
	unlink(name);

	/* A function's own: two savefiles of different link types into one of pcap format. */
	capture_pcap(&capture, 0xa1b2c3d4, 4, 65535, 101);
	capture_record(&capture, 0, 5, 0, BYTES, BYTES);
	capture_save(&capture, name);
	capture_free(&capture);
	h = ffpf_create(&options);
	assert_int_equal(ffpf_populate(h, "test", "[[pcap \"$OTHER\"]|[pcap \"$FILE\"]]>(write,\"$OUT\",name=keep)", 0),
			 0);
	assert_int_equal(ffpf_instantiate(h), 0);
	assert_int_equal(ffpf_activate(h), 0);
	finish(h);
	assert_non_null(ffpf_notice(h, 0));
	assert_non_null(strstr(ffpf_notice(h, 0), "keep: "));
	assert_null(ffpf_notice(h, 1));
	assert_int_equal(ffpf_stats_get(h, &stats), 0);
	closes(stats);
	assert_int_equal(stats_of(stats, "keep")->lost, 1);
	ffpf_stats_free(stats);
	ffpf_close(h);
	unlink(name);
	unlink(out);
}

static void test_stdout_taken(void **state)
{
	const struct ffpf_define define = {"FILE", file};
	struct ffpf_options options = {.defines = &define, .n_defines = 1};
	struct ffpf *h = ffpf_create(&options);

	assert_int_equal(ffpf_populate(h, "test", "[pcap \"$FILE\"]>(print)", 0), 0);
	assert_true(ffpf_uses_stdout(h));
	ffpf_close(h);
	h = ffpf_create(&options);
	assert_int_equal(ffpf_populate(h, "test", "[pcap \"$FILE\"]>(print,/dev/null)", 0), 0);
	assert_false(ffpf_uses_stdout(h));
	ffpf_close(h);
	options.stdout_taken = true;
	h = ffpf_create(&options);
	assert_int_equal(ffpf_populate(h, "test", "[pcap \"$FILE\"]>(write,-)", 0), -EINVAL);
	assert_int_equal(ffpf_diags_first(ffpf_diagnostics(h))->id, FFPF_D_STDOUT_TWICE);
	ffpf_close(h);
}

static void test_progress(void **state)
{
	uint64_t done, total, packets;
	struct ffpf *h = started("[pcap \"$FILE\"]>(pktcount)", false);

	finish(h);
	ffpf_progress(h, &done, &total, &packets);
	assert_int_equal(packets, PACKETS);
	assert_int_equal(done, total);
	assert_int_equal(total, 24 + PACKETS * (16 + BYTES));
	ffpf_close(h);
	assert_true(strlen(ffpf_version()) >= 5);
}

static void test_flowspaces(void **state)
{
	const char *help, *name;
	bool user = false;
	size_t i;

	for (i = 0; (name = ffpf_flowspace_name(i, &help)); i++) {
		assert_non_null(help);
		user |= !strcmp(name, "user");
	}
	assert_true(user && i >= 2);
	assert_null(ffpf_flowspace_name(i + 1, NULL));
	assert_string_equal(ffpf_flowspace_name(0, NULL), "user");
}

/* A bare program: its result, what it wrote, and why another one is refused. */
static void test_machine(void **state)
{
	const struct bpf_insn adding[] = {
		{.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 0, .src_reg = 1},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 0, .imm = 5},
		{.code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = 1, .src_reg = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	uint32_t memory = 37;
	uint64_t result = 0;
	char *message = NULL;

	assert_int_equal(ffpf_machine_run(adding, sizeof(adding), &memory, sizeof(memory), FFPF_MACHINE_INTERPRETER,
					  true, &result, &message),
			 0);
	assert_null(message);
	assert_int_equal(result, 42);
	assert_int_equal(memory, 42);
	assert_int_equal(ffpf_machine_run(adding, sizeof(adding), NULL, 0, FFPF_MACHINE_BEST, true, &result, &message),
			 -EACCES);
	assert_non_null(message);
	free(message);
}

static int make_file(void **state)
{
	struct capture capture = {0};
	struct ffpf *h;

	capture_pcap(&capture, 0xa1b2c3d4, 4, 65535, 1);
	for (unsigned i = 0; i < PACKETS; i++)
		capture_record(&capture, i, i, 0, BYTES, BYTES);
	capture_save(&capture, file);
	capture_free(&capture);
	h = populated("[pcap \"$FILE\"]>(pktcount)", true);
	can_replay = ffpf_instantiate(h) == 0;
	if (!can_replay)
		print_message("only at user: %s\n", ffpf_error(h));
	ffpf_close(h);
	return 0;
}

static int remove_file(void **state)
{
	return unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters),       cmocka_unit_test(test_minima),
		cmocka_unit_test(test_names),	       cmocka_unit_test(test_wrong_states),
		cmocka_unit_test(test_after_failure),  cmocka_unit_test(test_populate_holds_nothing),
		cmocka_unit_test(test_pipe_is_let_go), cmocka_unit_test(test_thousand_cycles),
		cmocka_unit_test(test_export),	       cmocka_unit_test(test_export_lapped),
		cmocka_unit_test(test_wait),	       cmocka_unit_test(test_many_handles),
		cmocka_unit_test(test_threads),	       cmocka_unit_test(test_notices),
		cmocka_unit_test(test_stdout_taken),   cmocka_unit_test(test_progress),
		cmocka_unit_test(test_flowspaces),     cmocka_unit_test(test_machine),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
