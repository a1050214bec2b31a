/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The savefile reader: formats, what lying and cut files do, pipes, and the same results as libpcap over real captures,
 * over captures cut at every byte and over captures with damaged bytes.
 */
#include "against_libpcap.h"
#include "flowspaces/user/linktype.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define BATCH 7

/* Opens a capture; reading it is the test's. */
static struct ffpf_savefile *open_capture(const struct capture *capture)
{
	char why[FFPF_SAVEFILE_WHY];
	struct ffpf_savefile *file = NULL;
	int err = ffpf_savefile_open_fd(capture_fd(capture->data, capture->size), "test.pcap", &file, why, sizeof(why));

	if (err)
		fail_msg("%s", why);
	return file;
}

/* Reads to the end or to the failure, checking the bytes of packet n against capture_byte(n, …). */
static unsigned read_all(struct ffpf_savefile *file, int *end, const char **why)
{
	struct ffpf_packet packets[BATCH];
	unsigned n = 0;
	int found;

	while ((found = ffpf_savefile_read(file, packets, BATCH, -1, why)) > 0)
		for (int i = 0; i < found; i++, n++)
			for (uint32_t j = 0; j < packets[i].caplen; j++)
				assert_int_equal(packets[i].data[j], capture_byte(n, j));
	*end = found;
	return n;
}

static void make_pcap(struct capture *capture, bool swapped, uint32_t magic, unsigned n)
{
	*capture = (struct capture){.swapped = swapped};
	capture_pcap(capture, magic, 4, 65535, 1);
	for (unsigned i = 0; i < n; i++)
		capture_record(capture, i, 1700000000 + i, i * 7, 20 + i % 99 * 13, 2000 + i);
}

static void make_pcapng(struct capture *capture, bool swapped, unsigned n)
{
	*capture = (struct capture){.swapped = swapped};
	capture_section(capture);
	capture_interface(capture, 1, 65535, 9, 0);
	for (unsigned i = 0; i < n; i++)
		capture_enhanced(capture, i, 0, UINT64_C(1700000000000000000) + i * 7, 20 + i * 13, 2000 + i, i % 3);
}

static void every_magic_in_either_order_is_read(void **state)
{
	static const uint32_t magics[] = {0xa1b2c3d4, 0xa1b23c4d};

	for (unsigned m = 0; m < 4; m++) {
		struct capture capture;
		struct ffpf_packet packets[BATCH];
		const char *why;

		make_pcap(&capture, m & 1, magics[m >> 1], BATCH);
		struct ffpf_savefile *file = open_capture(&capture);
		assert_int_equal(ffpf_savefile_info(file)->linktype, 1);
		assert_int_equal(ffpf_savefile_info(file)->snaplen, 65535);
		assert_int_equal(ffpf_savefile_info(file)->size, capture.size);
		assert_int_equal(ffpf_savefile_read(file, packets, BATCH, -1, &why), BATCH);
		assert_int_equal(packets[3].caplen, 59);
		assert_int_equal(packets[3].len, 2003);
		assert_true(packets[3].time_ns == UINT64_C(1700000003000000000) + (m >> 1 ? 21 : 21000));
		assert_int_equal(packets[3].data[58], capture_byte(3, 58));
		assert_int_equal(ffpf_savefile_position(file), capture.size);
		assert_int_equal(ffpf_savefile_read(file, packets, BATCH, -1, &why), 0);
		ffpf_savefile_close(file);
		capture_free(&capture);
	}
}

static void old_versions_have_their_lengths_swapped(void **state)
{
	for (uint16_t minor = 2; minor <= 3; minor++) {
		struct capture capture = {0};
		struct ffpf_packet packet;
		const char *why;

		capture_pcap(&capture, 0xa1b2c3d4, minor, 65535, 1);
		capture_record(&capture, 0, 1, 2, 9, 9);
		memcpy(capture.data + 24 + 8, &(uint32_t){70}, 4);
		struct ffpf_savefile *file = open_capture(&capture);
		assert_int_equal(ffpf_savefile_read(file, &packet, 1, -1, &why), 1);
		assert_int_equal(packet.caplen, 9);
		assert_int_equal(packet.len, 70);
		ffpf_savefile_close(file);
		capture_free(&capture);
	}
}

static void modified_records_are_longer(void **state)
{
	struct capture capture = {0};
	struct ffpf_packet packets[2];
	const char *why;

	capture_pcap(&capture, 0xa1b2cd34, 4, 100, 1);
	for (unsigned i = 0; i < 2; i++) {
		capture_record(&capture, 0, 1, 2, 0, 90);
		memcpy(capture.data + capture.size - 8, &(uint32_t){30}, 4);
		capture_u32(&capture, 1);
		capture_u16(&capture, 0x0800);
		capture_bytes(&capture, i ? "\4" : "\0", 2);
		capture_fill(&capture, i, 30);
	}
	struct ffpf_savefile *file = open_capture(&capture);
	assert_int_equal(ffpf_savefile_info(file)->snaplen, 114);
	assert_int_equal(ffpf_savefile_read(file, packets, 2, -1, &why), 2);
	assert_int_equal(packets[1].caplen, 30);
	assert_int_equal(packets[1].data[0], capture_byte(1, 0));
	assert_int_equal(packets[0].dir, FFPF_DIR_UNKNOWN);
	assert_int_equal(packets[1].dir, FFPF_DIR_OUT);
	ffpf_savefile_close(file);
	capture_free(&capture);
}

static void link_types_map_as_in_libpcap(void **state)
{
	struct capture capture = {0};
	char why[PCAP_ERRBUF_SIZE];

	capture_pcap(&capture, 0xa1b2c3d4, 4, 0, 0);
	for (uint32_t linktype = 0; linktype < 66000; linktype++) {
		/* The upper bits say how long frame check sequences are. */
		uint32_t field = linktype | (linktype & 1 ? 0x44000000 : 0);
		memcpy(capture.data + 20, &field, 4);
		pcap_t *pcap = against_open_theirs(capture.data, capture.size, why);
		assert_non_null(pcap);
		assert_int_equal(ffpf_linktype_to_dlt(linktype), pcap_datalink(pcap));
		assert_int_equal(ffpf_snaplen_adjust(ffpf_linktype_to_dlt(linktype), 0), pcap_snapshot(pcap));
		if (linktype < 11 || linktype > 19)
			assert_int_equal(ffpf_dlt_to_linktype(ffpf_linktype_to_dlt(linktype)), linktype);
		pcap_close(pcap);
	}
	capture_free(&capture);
}

static void pcapng_counts_time_as_each_interface_says(void **state)
{
	static const struct {
		int resolution;
		int64_t offset;
		uint64_t time, ns;
	} cases[] = {
		{-1, 0, 1700000000123456, UINT64_C(1700000000123456000)},
		{9, 0, UINT64_C(1700000000123456789), UINT64_C(1700000000123456789)},
		{3, 1000, 1700000000123, UINT64_C(1700001000123000000)},
		{0, -5, 1700000000, UINT64_C(1699999995000000000)},
		{12, 1700000000, UINT64_C(123456789012), UINT64_C(1700000000123456789)},
		{0x80 + 10, 0, UINT64_C(1700000000) << 10 | 512, UINT64_C(1700000000500000000)},
		{0x80 + 32, 0, UINT64_C(1700000000) << 32 | 1u << 30, UINT64_C(1700000000250000000)},
		{0x80 + 60, 1700000000, UINT64_C(3) << 59, UINT64_C(1700000001500000000)},
	};

	for (int swapped = 0; swapped < 2; swapped++) {
		struct capture capture = {.swapped = swapped};
		struct ffpf_packet packets[8];
		const char *why;

		capture_section(&capture);
		for (unsigned i = 0; i < 8; i++)
			capture_interface(&capture, 1, i, cases[i].resolution, cases[i].offset);
		for (unsigned i = 0; i < 8; i++)
			capture_enhanced(&capture, i, i, cases[i].time, i, 64, i % 3);
		struct ffpf_savefile *file = open_capture(&capture);
		assert_int_equal(ffpf_savefile_read(file, packets, 8, -1, &why), 8);
		for (unsigned i = 0; i < 8; i++) {
			assert_true(packets[i].time_ns == cases[i].ns);
			assert_int_equal(packets[i].ifindex, i);
			assert_int_equal(packets[i].dir, i % 3);
		}
		ffpf_savefile_close(file);
		capture_free(&capture);
	}
}

/* Two sections of different byte order, all kinds of blocks, and an interface of another link type. */
static void pcapng_reads_all_blocks_and_sections(void **state)
{
	struct capture capture = {0};
	const char *why;
	int end;

	capture_section(&capture);
	capture_interface(&capture, 1, 65535, -1, 0);
	capture_interface(&capture, 113, 65535, -1, 0);
	capture_enhanced(&capture, 0, 0, 1, 60, 60, 0);
	capture_enhanced(&capture, 0, 1, 1, 60, 60, 0);
	size_t block = capture_begin(&capture, 0x12345678);
	capture_bytes(&capture, "what nobody knows", 17);
	capture_end(&capture, block);
	block = capture_begin(&capture, 3);
	capture_u32(&capture, 33);
	capture_fill(&capture, 1, 33);
	capture_end(&capture, block);
	capture.swapped = true;
	capture_section(&capture);
	capture_interface(&capture, 1, 100, -1, 0);
	block = capture_begin(&capture, 2);
	capture_u16(&capture, 0);
	capture_u16(&capture, 5);
	capture_u64(&capture, 0);
	capture_u32(&capture, 21);
	capture_u32(&capture, 22);
	capture_fill(&capture, 2, 21);
	capture_end(&capture, block);
	block = capture_begin(&capture, 3);
	capture_u32(&capture, 150);
	capture_fill(&capture, 3, 100);
	capture_end(&capture, block);

	struct ffpf_savefile *file = open_capture(&capture);
	assert_int_equal(read_all(file, &end, &why), 4);
	assert_int_equal(end, 0);
	assert_int_equal(ffpf_savefile_lost(file), 1);
	assert_non_null(strstr(ffpf_savefile_notice(file), "interface 1"));
	ffpf_savefile_close(file);
	capture_free(&capture);
}

/* A checksum that is wrong shows only behind the last packet: all come, then the message. */
static void what_came_before_bad_gzip_is_delivered(void **state)
{
	static const size_t from_end[] = {8, 4}; /* checksum, length */

	for (size_t i = 0; i < 2; i++) {
		struct capture plain, packed = {0};
		const char *why;
		int end;

		make_pcap(&plain, false, 0xa1b2c3d4, 1000);
		capture_gzip(&packed, plain.data, plain.size);
		packed.data[packed.size - from_end[i]] ^= 1;
		struct ffpf_savefile *file = open_capture(&packed);
		assert_int_equal(read_all(file, &end, &why), 1000);
		assert_int_equal(end, -EBADMSG);
		assert_non_null(strstr(why, "after packet 1000: the compressed data is damaged"));
		ffpf_savefile_close(file);
		capture_free(&plain);
		capture_free(&packed);
	}
}

static void gzip_members_are_one_stream(void **state)
{
	struct capture plain, packed = {0};
	const char *why;
	int end;

	make_pcap(&plain, false, 0xa1b2c3d4, 3000);
	capture_gzip(&packed, plain.data, 100);
	capture_gzip(&packed, plain.data + 100, 0);
	capture_gzip(&packed, plain.data + 100, plain.size - 100);
	capture_bytes(&packed, "\0\0\0\0 padding", 12);
	struct ffpf_savefile *file = open_capture(&packed);
	assert_int_equal(read_all(file, &end, &why), 3000);
	assert_int_equal(end, 0);
	assert_true(ffpf_savefile_position(file) <= packed.size);
	ffpf_savefile_close(file);

	packed.size -= 40;
	file = open_capture(&packed);
	assert_in_range(read_all(file, &end, &why), 1, 2999);
	assert_int_equal(end, -EBADMSG);
	assert_non_null(strstr(why, "compressed data is cut off"));
	ffpf_savefile_close(file);

	struct ffpf_packet packet;
	memset(packed.data + packed.size / 2, 0x55, 64);
	file = open_capture(&packed);
	while ((end = ffpf_savefile_read(file, &packet, 1, -1, &why)) == 1)
		;
	assert_int_equal(end, -EBADMSG);
	ffpf_savefile_close(file);
	capture_free(&packed);
	capture_free(&plain);
}

/* Of a file cut anywhere, what is whole is delivered; libpcap says the same. */
static void cut_at_every_byte(void **state)
{
	struct against run = {.times = true};

	for (int form = 0; form < 4; form++) {
		struct capture capture;

		if (form < 2)
			make_pcap(&capture, form & 1, 0xa1b2c3d4, 5);
		else
			make_pcapng(&capture, form & 1, 5);
		for (size_t size = 0; size <= capture.size; size++)
			if (!against_libpcap(&run, capture.data, size))
				fail_msg("form %d cut at %zu: %s", form, size, run.report);
		assert_int_equal(run.packets, 5);
		capture_free(&capture);
	}
}

static void messages_say_where(void **state)
{
	struct capture capture;
	const char *why;
	int end;

	make_pcap(&capture, false, 0xa1b2c3d4, 17);
	capture.size -= 100;
	struct ffpf_savefile *file = open_capture(&capture);
	assert_int_equal(read_all(file, &end, &why), 16);
	assert_int_equal(end, -EBADMSG);
	assert_string_equal(
		why, "test.pcap: truncated in packet 17 at byte 2160: record header says 228 bytes, 128 are there");
	assert_int_equal(read_all(file, &end, &why), 0);
	assert_int_equal(end, -EBADMSG);
	ffpf_savefile_close(file);

	memset(capture.data + 2160 + 8, 0xff, 4);
	file = open_capture(&capture);
	assert_int_equal(read_all(file, &end, &why), 16);
	assert_string_equal(why, "test.pcap: damaged in packet 17 at byte 2160: record header says 4294967295 captured "
				 "bytes, more than the 262144 of any packet");
	ffpf_savefile_close(file);
	capture_free(&capture);
}

static void what_is_no_savefile_is_told(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *message;
	} cases[] = {
		{"", 0, "name: is empty"},
		{"ab", 2, "name: is neither pcap nor pcapng: it has only 2 bytes"},
		{"hello world", 11, "name: is neither pcap nor pcapng: it begins with the bytes 68 65 6c 6c"},
		{"\x28\xb5\x2f\xfd....", 8,
		 "name: is compressed with zstd; unpack it first: zstd -dc FILE | ffpf '(pcap,-)>…'"},
		{"\xd4\xc3\xb2\xa1\x02\0", 6, "name: is cut off within its header: byte 6 is the last"},
	};
	char why[FFPF_SAVEFILE_WHY];
	struct ffpf_savefile *file;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = capture_fd(cases[i].bytes, cases[i].size);
		assert_int_equal(ffpf_savefile_open_fd(fd, "name", &file, why, sizeof(why)), -EBADMSG);
		assert_string_equal(why, cases[i].message);
	}
	assert_int_equal(ffpf_savefile_open("/nonexistent", &file, why, sizeof(why)), -ENOENT);
	assert_int_equal(ffpf_savefile_open("/tmp", &file, why, sizeof(why)), -EISDIR);
	assert_non_null(strstr(why, "/tmp"));
}

static void large_packets_grow_the_buffer(void **state)
{
	struct capture capture = {0};
	const char *why;
	int end;

	capture_pcap(&capture, 0xa1b2c3d4, 4, 0, 1);
	for (unsigned i = 0; i < 20; i++)
		capture_record(&capture, i, 1, 2, i & 1 ? 60 : FFPF_SNAPLEN_MAX - i, FFPF_SNAPLEN_MAX);
	struct ffpf_savefile *file = open_capture(&capture);
	assert_int_equal(read_all(file, &end, &why), 20);
	assert_int_equal(end, 0);
	ffpf_savefile_close(file);
	capture_free(&capture);
}

static void packets_are_cut_to_the_snapshot_length(void **state)
{
	struct capture capture = {0};
	struct against run = {.times = true};

	capture_pcap(&capture, 0xa1b2c3d4, 4, 50, 1);
	for (unsigned i = 0; i < 5; i++)
		capture_record(&capture, i, 1, 2, 48 + i, 100);
	if (!against_libpcap(&run, capture.data, capture.size))
		fail_msg("%s", run.report);
	assert_int_equal(run.packets, 5);
	capture_free(&capture);
}

static void pipes_deliver_what_came(void **state)
{
	char why_open[FFPF_SAVEFILE_WHY];
	struct ffpf_packet packets[BATCH];
	struct ffpf_savefile *file;
	struct capture capture;
	const char *why;
	int fds[2];

	make_pcap(&capture, false, 0xa1b2c3d4, 3);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], capture.data, 24 + 16 + 10), 50);
	assert_int_equal(ffpf_savefile_open_fd(fds[0], "pipe", &file, why_open, sizeof(why_open)), 0);
	assert_false(ffpf_savefile_repeatable(file));
	assert_int_equal(ffpf_savefile_info(file)->size, 0);
	assert_int_equal(ffpf_savefile_read(file, packets, BATCH, 0, &why), -EAGAIN);
	assert_int_equal(ffpf_savefile_read(file, packets, BATCH, 5, &why), -EAGAIN);
	assert_int_equal(write(fds[1], capture.data + 50, 11), 11);
	assert_int_equal(ffpf_savefile_read(file, packets, BATCH, -1, &why), 1);
	assert_int_equal(packets[0].data[19], capture_byte(0, 19));
	assert_int_equal(ffpf_savefile_read(file, packets, BATCH, 0, &why), -EAGAIN);
	assert_true(write(fds[1], capture.data + 61, capture.size - 61) > 0);
	close(fds[1]);
	assert_int_equal(ffpf_savefile_read(file, packets, BATCH, -1, &why), 2);
	assert_int_equal(ffpf_savefile_read(file, packets, BATCH, -1, &why), 0);
	ffpf_savefile_close(file);
	capture_free(&capture);
}

/* A small generator of its own, so that a failure comes back. */
static uint32_t random_next(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static void damage_is_judged_as_by_libpcap(void **state)
{
	uint64_t seed = 1;

	for (unsigned round = 0; round < 40000; round++) {
		struct against run = {0};
		struct capture capture;

		if (round & 1)
			make_pcap(&capture, round & 2, round & 4 ? 0xa1b23c4d : 0xa1b2c3d4, 4);
		else
			make_pcapng(&capture, round & 2, 4);
		run.times = round & 1;
		for (unsigned i = random_next(&seed) % 4 + 1; i; i--) {
			size_t range = random_next(&seed) & 1 ? 80 : capture.size;
			size_t at = random_next(&seed) % range;
			capture.data[at] = (uint8_t)random_next(&seed);
		}
		if (!against_libpcap(&run, capture.data, capture.size))
			fail_msg("round %u: %s", round, run.report);
		capture_free(&capture);
	}
}

/* Every capture in a folder outside the repository, when it is there. */
static void real_captures_read_as_by_libpcap(void **state)
{
	DIR *dir = opendir(SOURCE_DIR "/../shared/data/pcap");
	unsigned files = 0, packets = 0;

	if (!dir)
		dir = opendir(SOURCE_DIR "/../../shared/data/pcap");
	if (!dir) {
		print_message("no folder ../shared/data/pcap beside the repository: real captures are not compared\n");
		skip();
	}
	for (struct dirent *entry; (entry = readdir(dir));) {
		int fd = openat(dirfd(dir), entry->d_name, O_RDONLY);
		struct against run = {.times = true};
		static uint8_t data[8 << 20];
		ssize_t size = read(fd, data, sizeof(data));

		close(fd);
		if (size < 0)
			continue;
		if (!against_libpcap(&run, data, (size_t)size))
			fail_msg("%s: %s", entry->d_name, run.report);
		files++;
		packets += run.packets;
	}
	closedir(dir);
	print_message("%u packets of %u captures are the same\n", packets, files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_magic_in_either_order_is_read),
		cmocka_unit_test(old_versions_have_their_lengths_swapped),
		cmocka_unit_test(modified_records_are_longer),
		cmocka_unit_test(link_types_map_as_in_libpcap),
		cmocka_unit_test(pcapng_counts_time_as_each_interface_says),
		cmocka_unit_test(pcapng_reads_all_blocks_and_sections),
		cmocka_unit_test(what_came_before_bad_gzip_is_delivered),
		cmocka_unit_test(gzip_members_are_one_stream),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(messages_say_where),
		cmocka_unit_test(what_is_no_savefile_is_told),
		cmocka_unit_test(large_packets_grow_the_buffer),
		cmocka_unit_test(packets_are_cut_to_the_snapshot_length),
		cmocka_unit_test(pipes_deliver_what_came),
		cmocka_unit_test(damage_is_judged_as_by_libpcap),
		cmocka_unit_test(real_captures_read_as_by_libpcap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
