/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The write class: what it writes is read back, by our reader and by libpcap; rows of files and their names; failures.
 */
#include "against_libpcap.h"
#include "flowspaces/user/linktype.h"
#include "user_class.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

extern const struct ffpf_class ffpf_class_write;

#define SECOND UINT64_C(1000000000)
#define START (UINT64_C(1700000000) * SECOND + 123456789)

static char folder[64];
static char path[128];
static uint8_t bytes[FFPF_SNAPLEN_MAX];

static const char *in_folder(const char *name)
{
	static char buffers[4][160];
	static unsigned next;
	char *out = buffers[next++ % 4];

	snprintf(out, sizeof(buffers[0]), "%s/%s", folder, name);
	return out;
}

static int make_folder(void **state)
{
	strcpy(folder, "/tmp/ffpf-write-XXXXXX");
	for (uint32_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	setenv("TZ", "UTC", 1);
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void begin(struct user_class *run, const char *name)
{
	user_class_init(run, &ffpf_class_write);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	user_class_set(run, "file", path);
}

/* Packet i of a test: length 60 + i, one second later each. */
static void put(struct user_class *run, unsigned i)
{
	user_class_packet(run, bytes, 60 + i, 100 + i, START + i * SECOND, 1);
}

static void finish(struct user_class *run)
{
	user_class_close(run);
	user_class_exit(run);
}

/* Reads a file back; its packets must be first, first + 1, …; returns their number. */
static unsigned read_back(const char *name, unsigned first, uint64_t unit, uint32_t snaplen)
{
	char why[FFPF_SAVEFILE_WHY];
	struct ffpf_savefile *file;
	struct ffpf_packet packet;
	const char *message;
	unsigned n = 0;
	int found;

	if (ffpf_savefile_open(name, &file, why, sizeof(why)))
		fail_msg("%s", why);
	for (; (found = ffpf_savefile_read(file, &packet, 1, -1, &message)) == 1; n++) {
		uint32_t caplen = 60 + first + n;
		assert_int_equal(packet.len, 100 + first + n);
		assert_int_equal(packet.caplen, snaplen && snaplen < caplen ? snaplen : caplen);
		assert_memory_equal(packet.data, bytes, packet.caplen);
		assert_true(packet.time_ns == (START + (first + n) * SECOND) / unit * unit);
	}
	assert_int_equal(found, 0);
	ffpf_savefile_close(file);
	return n;
}

static off_t size_of(const char *name)
{
	struct stat st;

	return stat(name, &st) < 0 ? -1 : st.st_size;
}

static void files_are_read_back(void **state)
{
	static const struct {
		const char *name, *format, *precision;
		uint64_t unit;
	} cases[] = {
		{"a.pcap", "auto", "auto", 1000}, {"b.pcap", "auto", "ns", 1},	  {"c.pcapng", "auto", "auto", 1},
		{"d.pcapng", "auto", "us", 1000}, {"e.cap", "pcapng", "auto", 1}, {"f.pcapng", "pcap", "us", 1000},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct user_class run;
		struct against against = {.times = true};
		static uint8_t file[1 << 20];

		begin(&run, cases[i].name);
		user_class_set(&run, "format", cases[i].format);
		user_class_set(&run, "precision", cases[i].precision);
		assert_int_equal(run.instance.class->check(&run.instance), 0);
		assert_int_equal(user_class_open(&run, i & 1 ? 1 : -1), 0);
		for (unsigned n = 0; n < 700; n++)
			put(&run, n);
		assert_int_equal(run.instance.class->native->flush(run.object), 0);
		assert_int_equal(user_class_cell(&run, 0), 700);
		assert_int_equal(user_class_cell(&run, 1), size_of(path));
		assert_int_equal(user_class_cell(&run, 2), 1);
		assert_int_equal(user_class_lost(&run), 0);
		finish(&run);
		assert_int_equal(read_back(path, 0, cases[i].unit, 0), 700);
		FILE *stream = fopen(path, "rb");
		if (!against_libpcap(&against, file, fread(file, 1, sizeof(file), stream)))
			fail_msg("%s: %s", cases[i].name, against.report);
		fclose(stream);
		assert_int_equal(against.packets, 700);
	}
}

/* Bytes of the block of this type, the n-th, in a file; fails when there is none. */
static const uint8_t *block_of(const uint8_t *file, size_t size, uint32_t type, unsigned n)
{
	uint32_t head[2];

	for (size_t at = 0; at + 8 <= size; at += head[1]) {
		memcpy(head, file + at, 8);
		if (head[0] == type && !n--)
			return file + at;
		if (head[1] < 12 || head[1] % 4)
			fail_msg("a block of %u bytes", head[1]);
	}
	fail_msg("no such block");
	return NULL;
}

/* Two devices, whose names are the interfaces'; a savefile's interface has none. */
static void pcapng_names_devices(void **state)
{
	for (int single = 0; single < 2; single++) {
		static uint8_t file[1 << 16];
		struct ffpf_packet packet = {
			.data = bytes, .caplen = 60, .len = 60, .time_ns = START, .linktype = 1, .ifindex = 3};
		struct user_class run;

		begin(&run, single ? "single.pcapng" : "names.pcapng");
		run.n_sources = 2;
		run.sources[0] = (struct ffpf_source_info){.linktype = 1, .name = "veth0.17"};
		run.sources[1] = (struct ffpf_source_info){.linktype = 1, .name = single ? NULL : "lo"};
		assert_int_equal(user_class_open(&run, single ? 1 : -1), 0);
		if (single)
			assert_int_equal(run.instance.class->native->flush(run.object), 0);
		for (unsigned i = 0; i < 4; i++) {
			packet.source = i & 1;
			run.instance.class->native->process(run.object, &packet, 1);
		}
		finish(&run);
		FILE *stream = fopen(path, "rb");
		size_t size = fread(file, 1, sizeof(file), stream);
		fclose(stream);
		/* type, size, link type, snaplen; if_name; if_tsresol */
		const uint8_t *first = block_of(file, size, 1, 0), *second = block_of(file, size, 1, 1);
		if (single) {
			assert_memory_equal(first + 16, "\x09\0\x01\0\x09\0\0\0\0\0\0\0", 12);
			assert_memory_equal(second + 16, "\x09\0\x01\0\x09\0\0\0\0\0\0\0", 12);
		} else {
			assert_memory_equal(first + 16, "\x02\0\x08\0veth0.17\x09\0\x01\0\x09\0\0\0\0\0\0\0", 24);
			assert_memory_equal(second + 16, "\x02\0\x02\0lo\0\0\x09\0\x01\0\x09\0\0\0\0\0\0\0", 20);
		}
	}
}

static void snaplen_cuts(void **state)
{
	struct user_class run;

	begin(&run, "snap.pcap");
	user_class_set(&run, "snaplen", "65");
	assert_int_equal(run.instance.class->demand(&run.instance), 65);
	assert_int_equal(user_class_open(&run, 1), 0);
	for (unsigned n = 0; n < 10; n++)
		put(&run, n);
	finish(&run);
	assert_int_equal(read_back(path, 0, 1000, 65), 10);
}

static void no_packet_makes_an_empty_savefile(void **state)
{
	for (int form = 0; form < 4; form++) {
		struct user_class run;
		struct ffpf_savefile *file;
		char why[FFPF_SAVEFILE_WHY];

		begin(&run, form & 1 ? "empty.pcapng" : "empty.pcap");
		assert_int_equal(user_class_open(&run, form & 2 ? 113 : -1), 0);
		assert_int_equal(run.instance.class->native->flush(run.object), 0);
		/* A reader of a pipe sees the header before any packet. */
		assert_true(size_of(path) > 0 || !(form & 2));
		finish(&run);
		assert_int_equal(ffpf_savefile_open(path, &file, why, sizeof(why)), 0);
		assert_int_equal(ffpf_savefile_info(file)->linktype, form & 2 ? 113 : 1);
		ffpf_savefile_close(file);
		assert_int_equal(read_back(path, 0, 1, 0), 0);
	}
}

/* What was opened for a run that then did not begin: old files stay, new ones go. */
static void nothing_changes_before_the_first_flush(void **state)
{
	for (int pcapng = 0; pcapng < 2; pcapng++)
		for (int there = 0; there < 2; there++) {
			struct user_class run;

			begin(&run, pcapng ? "before.pcapng" : "before.pcap");
			unlink(path);
			if (there) {
				FILE *file = fopen(path, "w");
				fputs("twelve bytes", file);
				fclose(file);
			}
			assert_int_equal(user_class_open(&run, 1), 0);
			assert_int_equal(size_of(path), there ? 12 : 0);
			user_class_close(&run);
			assert_int_equal(size_of(path), there ? 12 : -1);
			assert_int_equal(user_class_open(&run, 1), 0);
			put(&run, 0);
			finish(&run);
			assert_int_equal(read_back(path, 0, pcapng ? 1 : 1000, 0), 1);
		}
}

static void packets_larger_than_the_buffer(void **state)
{
	for (int pcapng = 0; pcapng < 2; pcapng++) {
		struct user_class run;
		struct ffpf_savefile *file;
		struct ffpf_packet packet;
		char why[FFPF_SAVEFILE_WHY];
		const char *message;

		begin(&run, pcapng ? "large.pcapng" : "large.pcap");
		assert_int_equal(user_class_open(&run, -1), 0);
		put(&run, 0);
		user_class_packet(&run, bytes, FFPF_SNAPLEN_MAX - 1, FFPF_SNAPLEN_MAX, START, 1);
		put(&run, 1);
		finish(&run);
		assert_int_equal(ffpf_savefile_open(path, &file, why, sizeof(why)), 0);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(ffpf_savefile_read(file, &packet, 1, -1, &message), 1);
			assert_int_equal(packet.caplen, i == 0 ? 60 : i == 1 ? FFPF_SNAPLEN_MAX - 1 : 61);
			assert_memory_equal(packet.data, bytes, packet.caplen);
		}
		assert_int_equal(ffpf_savefile_read(file, &packet, 1, -1, &message), 0);
		ffpf_savefile_close(file);
	}
}

static void other_link_types(void **state)
{
	for (int pcapng = 0; pcapng < 2; pcapng++) {
		struct user_class run;

		begin(&run, pcapng ? "two.pcapng" : "two.pcap");
		assert_int_equal(user_class_open(&run, -1), 0);
		put(&run, 0);
		user_class_packet(&run, bytes, 40, 40, START, 12);
		put(&run, 1);
		assert_int_equal(user_class_lost(&run), pcapng ? 0 : 1);
		assert_int_equal(user_class_cell(&run, 0), pcapng ? 3 : 2);
		assert_int_equal(run.instance.class->native->notice(run.object) == NULL, pcapng);
		assert_int_equal(user_class_error(&run), 0);
		finish(&run);
		/* Our reader leaves out the other link type of the pcapng file. */
		assert_int_equal(read_back(path, 0, pcapng ? 1 : 1000, 0), 2);
	}
}

/* ring.pcap holds packets 0.., ring.pcap1 the next ones, as with tcpdump -C. */
static void size_rotates_and_keeps(void **state)
{
	struct user_class run;
	unsigned n = 0;

	begin(&run, "ring.pcap");
	user_class_set(&run, "rotate_size", "1000");
	assert_int_equal(user_class_open(&run, 1), 0);
	while (n < 30)
		put(&run, n++);
	uint64_t files = user_class_cell(&run, 2);
	finish(&run);
	assert_int_equal(read_back(in_folder("ring.pcap"), 0, 1000, 0), 11);
	assert_int_equal(read_back(in_folder("ring.pcap1"), 11, 1000, 0), 10);
	assert_int_equal(read_back(in_folder("ring.pcap2"), 21, 1000, 0), 9);
	assert_true(size_of(in_folder("ring.pcap")) <= 1000);
	assert_int_equal(files, 3);

	begin(&run, "keep.pcap");
	user_class_set(&run, "rotate_size", "1000");
	user_class_set(&run, "keep", "2");
	assert_int_equal(user_class_open(&run, 1), 0);
	for (n = 0; n < 30; n++)
		put(&run, n);
	finish(&run);
	assert_int_equal(size_of(in_folder("keep.pcap")), -1);
	assert_int_equal(read_back(in_folder("keep.pcap1"), 11, 1000, 0), 10);
	assert_int_equal(read_back(in_folder("keep.pcap2"), 21, 1000, 0), 9);
}

/* START is 22:13:20 UTC; a file holds ten seconds of packets. */
static void time_rotates_by_the_packets_clock(void **state)
{
	struct user_class run;

	begin(&run, "t-%H%M%S.pcapng");
	user_class_set(&run, "rotate_time", "10000000000");
	assert_int_equal(user_class_open(&run, 1), 0);
	for (unsigned n = 0; n < 25; n++)
		put(&run, n);
	finish(&run);
	assert_int_equal(read_back(in_folder("t-221320.pcapng"), 0, 1, 0), 10);
	assert_int_equal(read_back(in_folder("t-221330.pcapng"), 10, 1, 0), 10);
	assert_int_equal(read_back(in_folder("t-221340.pcapng"), 20, 1, 0), 5);

	/* A name without time in it gets numbers. */
	begin(&run, "hour-%H.pcap");
	user_class_set(&run, "rotate_time", "20000000000");
	assert_int_equal(user_class_open(&run, -1), 0);
	for (unsigned n = 0; n < 25; n++)
		put(&run, n);
	finish(&run);
	assert_int_equal(read_back(in_folder("hour-22.pcap"), 0, 1000, 0), 20);
	assert_int_equal(read_back(in_folder("hour-22.pcap1"), 20, 1000, 0), 5);
}

static void a_percent_sign_without_rotation_is_itself(void **state)
{
	struct user_class run;

	begin(&run, "100%H.pcap");
	assert_int_equal(user_class_open(&run, 1), 0);
	put(&run, 0);
	finish(&run);
	assert_int_equal(read_back(in_folder("100%H.pcap"), 0, 1000, 0), 1);
}

static void check_refuses_rows_on_stdout(void **state)
{
	struct user_class run;

	user_class_init(&run, &ffpf_class_write);
	user_class_set(&run, "file", "-");
	user_class_set(&run, "rotate_size", "1000");
	assert_int_equal(run.instance.class->check(&run.instance), -EINVAL);
	assert_int_equal(ffpf_diags_first(run.instance.diags)->id, FFPF_D_VALUE_CHOICE);
	user_class_exit(&run);
	user_class_init(&run, &ffpf_class_write);
	user_class_set(&run, "file", "x");
	user_class_set(&run, "keep", "3");
	assert_int_equal(run.instance.class->check(&run.instance), 0);
	assert_int_equal(ffpf_diags_first(run.instance.diags)->severity, FFPF_WARNING);
	user_class_exit(&run);
}

static void files_that_cannot_be_made(void **state)
{
	struct user_class run;

	user_class_init(&run, &ffpf_class_write);
	user_class_set(&run, "file", "/nonexistent/x.pcap");
	assert_int_equal(user_class_open(&run, 1), -ENOENT);
	assert_string_equal(run.why, "can't write to /nonexistent/x.pcap: No such file or directory");
	user_class_set(&run, "file", "/dev/full");
	assert_int_equal(user_class_open(&run, 1), 0);
	assert_int_equal(run.instance.class->native->flush(run.object), -ENOSPC);
	assert_int_equal(user_class_error(&run), -ENOSPC);
	assert_string_equal(run.why, "can't write to /dev/full: No space left on device");
	user_class_close(&run);

	/* Without a link type the first packet meets the full disk. */
	assert_int_equal(user_class_open(&run, -1), 0);
	put(&run, 0);
	put(&run, 1);
	assert_int_equal(user_class_error(&run), -ENOSPC);
	assert_int_equal(user_class_lost(&run), 2);
	assert_int_equal(user_class_cell(&run, 0), 0);
	finish(&run);
}

/* The file may grow to 5000 bytes, which ends within a packet: what remains is whole. */
static void a_full_disk_leaves_whole_packets(void **state)
{
	const struct rlimit limit = {5000, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};

	signal(SIGXFSZ, SIG_IGN);
	for (int form = 0; form < 4; form++) {
		struct user_class run;
		unsigned n = 0;

		begin(&run, form & 1 ? "full.pcapng" : "full.pcap");
		assert_int_equal(user_class_open(&run, 1), 0);
		setrlimit(RLIMIT_FSIZE, &limit);
		if (form & 2)
			user_class_packet(&run, bytes, FFPF_SNAPLEN_MAX, FFPF_SNAPLEN_MAX, START, 1);
		while (n < 100)
			put(&run, n++);
		run.instance.class->native->flush(run.object);
		put(&run, n++);
		setrlimit(RLIMIT_FSIZE, &none);
		assert_int_equal(user_class_error(&run), -EFBIG);
		uint64_t written = user_class_cell(&run, 0);
		assert_int_equal(written + user_class_lost(&run), form & 2 ? n + 1 : n);
		assert_int_equal(user_class_cell(&run, 1), size_of(path));
		finish(&run);
		assert_int_equal(read_back(path, 0, form & 1 ? 1 : 1000, 0), written);
		assert_true(form & 2 ? written == 0 : written > 30);
	}
	signal(SIGXFSZ, SIG_DFL);
}

static void a_reader_that_goes_away(void **state)
{
	struct user_class run;
	char name[32];
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", fds[1]);
	user_class_init(&run, &ffpf_class_write);
	user_class_set(&run, "file", name);
	assert_int_equal(user_class_open(&run, 1), 0);
	put(&run, 0);
	assert_int_equal(run.instance.class->native->flush(run.object), 0);
	close(fds[0]);
	put(&run, 1);
	/* No SIGPIPE, which would end this program. */
	assert_int_equal(run.instance.class->native->flush(run.object), -EPIPE);
	put(&run, 2);
	assert_int_equal(user_class_error(&run), -EPIPE);
	assert_non_null(strstr(run.why, "reader has gone away"));
	assert_int_equal(user_class_lost(&run), 2);
	assert_int_equal(user_class_cell(&run, 0), 1);
	finish(&run);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read_back),
		cmocka_unit_test(pcapng_names_devices),
		cmocka_unit_test(snaplen_cuts),
		cmocka_unit_test(no_packet_makes_an_empty_savefile),
		cmocka_unit_test(nothing_changes_before_the_first_flush),
		cmocka_unit_test(packets_larger_than_the_buffer),
		cmocka_unit_test(other_link_types),
		cmocka_unit_test(size_rotates_and_keeps),
		cmocka_unit_test(time_rotates_by_the_packets_clock),
		cmocka_unit_test(a_percent_sign_without_rotation_is_itself),
		cmocka_unit_test(check_refuses_rows_on_stdout),
		cmocka_unit_test(files_that_cannot_be_made),
		cmocka_unit_test(a_full_disk_leaves_whole_packets),
		cmocka_unit_test(a_reader_that_goes_away),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
