/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The print class: packets as hexadecimal, and the lines that they give; times, hexadecimal dumps, missing bytes,
 * failures.
 */
#include "user_class.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

extern const struct ffpf_class ffpf_class_print;

#define MACS "020000000001 020000000002 "
#define IP(protocol, addresses) "45000028 00010000 40" protocol "0000 " addresses
#define V4 "c0000201 c6336402 "
#define V6 "20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define TCP(flags) "04d20050 00000000 00000000 50" flags "0000 00000000 "

static const struct {
	uint16_t linktype;
	const char *bytes; /* hexadecimal, spaces where they help */
	const char *line;
} cases[] = {
	{1, MACS "0800" IP("06", V4) TCP("02"), "IP 192.0.2.1:1234 > 198.51.100.2:80 tcp [S]"},
	{1, MACS "0800" IP("06", V4) TCP("12"), "IP 192.0.2.1:1234 > 198.51.100.2:80 tcp [S.]"},
	{1, MACS "0800" IP("06", V4) TCP("d9"), "IP 192.0.2.1:1234 > 198.51.100.2:80 tcp [FP.EW]"},
	{1, MACS "0800" IP("06", V4) TCP("00"), "IP 192.0.2.1:1234 > 198.51.100.2:80 tcp [none]"},
	{1, MACS "0800" IP("11", V4) "00350035 00080000", "IP 192.0.2.1:53 > 198.51.100.2:53 udp"},
	{1, MACS "0800" IP("2f", V4) "00000800", "IP 192.0.2.1 > 198.51.100.2 gre"},
	{1, MACS "0800" IP("fd", V4) "00000800", "IP 192.0.2.1 > 198.51.100.2 protocol 253"},
	{1, MACS "0800" IP("84", V4) "0bb80bb9 00000000 00000000 0100",
	 "IP 192.0.2.1:3000 > 198.51.100.2:3001 sctp [init]"},
	{1, MACS "0800" IP("84", V4) "0bb80bb9 00000000 00000000 c100",
	 "IP 192.0.2.1:3000 > 198.51.100.2:3001 sctp [chunk 193]"},
	{1, MACS "0800" IP("01", V4) "0800 0000 1234 0007",
	 "IP 192.0.2.1 > 198.51.100.2 icmp echo request id 4660 seq 7"},
	{1, MACS "0800" IP("01", V4) "0304 0000 0000 0578",
	 "IP 192.0.2.1 > 198.51.100.2 icmp fragmentation needed mtu 1400"},
	{1, MACS "0800" IP("01", V4) "0303 0000 0000 0000", "IP 192.0.2.1 > 198.51.100.2 icmp port unreachable"},
	{1, MACS "0800" IP("01", V4) "2a07", "IP 192.0.2.1 > 198.51.100.2 icmp type 42 code 7"},
	/* fragments: first, middle, last */
	{1,
	 MACS "0800"
	      "45000028 00012000 40110000" V4 "00350035 00080000",
	 "IP 192.0.2.1:53 > 198.51.100.2:53 udp frag 0+"},
	{1,
	 MACS "0800"
	      "45000028 000120b9 40110000" V4 "00350035 00080000",
	 "IP 192.0.2.1 > 198.51.100.2 udp frag 1480+"},
	{1,
	 MACS "0800"
	      "45000028 000100b9 40110000" V4 "00350035 00080000",
	 "IP 192.0.2.1 > 198.51.100.2 udp frag 1480"},
	/* options, IP in IP, padding that is no port */
	{1,
	 MACS "0800"
	      "46000028 00010000 40110000" V4 "01010101 00350036",
	 "IP 192.0.2.1:53 > 198.51.100.2:54 udp"},
	{1,
	 MACS "0800"
	      "45000030 00010000 40040000 " V4 "4500001c 00010000 40110000 0a000001 0a000002 00010002 0000 0000",
	 "IP 192.0.2.1 > 198.51.100.2 IP 10.0.0.1:1 > 10.0.0.2:2 udp"},
	{1,
	 MACS "0800"
	      "45000014 00010000 40110000" V4 "00350035 00080000",
	 "IP 192.0.2.1 > 198.51.100.2 udp [short]"},
	{1,
	 MACS "0800"
	      "42000028 00010000 40110000" V4,
	 "IP bad header length 192.0.2.1 > 198.51.100.2 udp [short]"},
	{1,
	 MACS "0800"
	      "55000028 00010000",
	 "IP version 5"},
	/* IPv6: extension headers, fragments, neighbours, mapped addresses */
	{1,
	 MACS "86dd"
	      "60000000 0014 06 40" V6 TCP("10"),
	 "IP6 [2001:db8::1]:1234 > [2001:db8::2]:80 tcp [.]"},
	{1,
	 MACS "86dd"
	      "60000000 0018 00 40" V6 "3c00000000000000 1100000000000000 00350035 00080000",
	 "IP6 [2001:db8::1]:53 > [2001:db8::2]:53 udp"},
	{1,
	 MACS "86dd"
	      "60000000 0010 2c 40" V6 "1100 0001 00000007 00350035 00080000",
	 "IP6 [2001:db8::1]:53 > [2001:db8::2]:53 udp frag 0+"},
	{1,
	 MACS "86dd"
	      "60000000 0010 2c 40" V6 "1100 05a8 00000007 00350035 00080000",
	 "IP6 2001:db8::1 > 2001:db8::2 udp frag 1448"},
	{1,
	 MACS "86dd"
	      "60000000 0018 3a ff" V6 "87000000 00000000 fe800000000000000000000000000009",
	 "IP6 2001:db8::1 > 2001:db8::2 icmp6 neighbor solicitation fe80::9"},
	{1,
	 MACS "86dd"
	      "60000000 0008 3a ff" V6 "02000000 00000500",
	 "IP6 2001:db8::1 > 2001:db8::2 icmp6 packet too big mtu 1280"},
	{1,
	 MACS "86dd"
	      "60000000 0000 3b ff" V6,
	 "IP6 2001:db8::1 > 2001:db8::2 no next header"},
	{1,
	 MACS "86dd"
	      "60000000 0010 00 40" V6 "0605000000000000 0000",
	 "IP6 2001:db8::1 > 2001:db8::2 extension headers [short]"},
	{229, "60000000 0000 3b ff 00000000000000000000ffffc0000201 00010000000000020000000000000003",
	 "IP6 ::ffff:192.0.2.1 > 1:0:0:2::3 no next header"},
	{229, "60000000 0000 3b ff 00000000000000000000000000000000 00010002000300040005000600070000",
	 "IP6 :: > 1:2:3:4:5:6:7:0 no next header"},
	/* what is not IP */
	{1,
	 MACS "0806"
	      "00010800 06040001 020000000002 c0000201 000000000000 c0000202",
	 "ARP who-has 192.0.2.2 tell 192.0.2.1"},
	{1,
	 MACS "0806"
	      "00010800 06040002 020000000002 c0000201 020000000001 c0000202",
	 "ARP 192.0.2.1 is-at 02:00:00:00:00:02"},
	{1,
	 MACS "0806"
	      "00010800 06040009",
	 "ARP operation 9"},
	{1,
	 MACS "88cc"
	      "0207",
	 "02:00:00:00:00:02 > 02:00:00:00:00:01 LLDP"},
	{1,
	 MACS "88b5"
	      "0207",
	 "02:00:00:00:00:02 > 02:00:00:00:00:01 ethertype 0x88b5"},
	{1,
	 MACS "0026"
	      "424203",
	 "02:00:00:00:00:02 > 02:00:00:00:00:01 STP"},
	{1,
	 MACS "0026"
	      "f0e003",
	 "02:00:00:00:00:02 > 02:00:00:00:00:01 802.3 dsap 0xf0 ssap 0xe0"},
	{1,
	 MACS "0026"
	      "aaaa03 000000 0800" IP("11", V4) "00350035",
	 "IP 192.0.2.1:53 > 198.51.100.2:53 udp"},
	/* tags */
	{1, MACS "8100 2005 0800" IP("11", V4) "00350035", "vlan 5 IP 192.0.2.1:53 > 198.51.100.2:53 udp"},
	{1, MACS "88a8 0fff 8100 0001 88cc 00", "vlan 4095 vlan 1 02:00:00:00:00:02 > 02:00:00:00:00:01 LLDP"},
	{1, MACS "8847 0001003f 000111 3f" IP("11", V4) "00350035",
	 "mpls 16 mpls 17 IP 192.0.2.1:53 > 198.51.100.2:53 udp"},
	{1, MACS "8864 1100 0001 0000 0021" IP("11", V4) "00350035", "IP 192.0.2.1:53 > 198.51.100.2:53 udp"},
	{1, MACS "8863 1109 0000 0000", "02:00:00:00:00:02 > 02:00:00:00:00:01 PPPoE PADI"},
	/* other links */
	{12, IP("11", V4) "00350035", "IP 192.0.2.1:53 > 198.51.100.2:53 udp"},
	{113, "0000 0001 0006 0200000000020000 0800" IP("11", V4) "00350035", "IP 192.0.2.1:53 > 198.51.100.2:53 udp"},
	{276, "0800 0000 00000002 0001 00 06 0200000000020000" IP("11", V4) "00350035",
	 "IP 192.0.2.1:53 > 198.51.100.2:53 udp"},
	{0, "02000000" IP("11", V4) "00350035", "IP 192.0.2.1:53 > 198.51.100.2:53 udp"},
	{108, "00000018 60000000 0000 3b ff" V6, "IP6 2001:db8::1 > 2001:db8::2 no next header"},
	{0, "07000000", "loopback family 7"},
	{9, "ff03 0021" IP("11", V4) "00350035", "IP 192.0.2.1:53 > 198.51.100.2:53 udp"},
	{9, "c021 01", "PPP LCP"},
	{9, "21" IP("11", V4) "00350035", "IP 192.0.2.1:53 > 198.51.100.2:53 udp"},
	{51, "1100 0001 0000 c021 00", "PPP LCP"},
	{104, "0f00 0800" IP("11", V4) "00350035", "IP 192.0.2.1:53 > 198.51.100.2:53 udp"},
	{105, "8000 0000 ffffffffffff 020000000002 020000000002 0000",
	 "02:00:00:00:00:02 > ff:ff:ff:ff:ff:ff 802.11 beacon"},
	{105, "d400 0000 020000000002", "802.11 ack"},
	{105, "0841 0000 020000000001 020000000002 020000000003 0000 00000000 00000000",
	 "02:00:00:00:00:02 > 02:00:00:00:00:01 802.11 data, protected"},
	{127,
	 "0000 0800 00000000 8801 0000 020000000001 020000000002 020000000003 0000 0000 aaaa03 000000 0800" IP(
		 "11", V4) "00350035",
	 "IP 192.0.2.1:53 > 198.51.100.2:53 udp"},
	{147, "00", "linktype 147"},
};

static size_t from_hex(const char *hex, uint8_t *bytes)
{
	size_t n = 0;

	while (*hex) {
		unsigned value;
		if (*hex == ' ') {
			hex++;
			continue;
		}
		if (sscanf(hex, "%2x", &value) != 1)
			abort();
		bytes[n++] = (uint8_t)value;
		hex += 2;
	}
	return n;
}

static char path[64];
static char text[8192];

static void begin(struct user_class *run, const char *time)
{
	strcpy(path, "/tmp/ffpf-print-XXXXXX");
	close(mkstemp(path));
	user_class_init(run, &ffpf_class_print);
	user_class_set(run, "file", path);
	user_class_set(run, "time", time);
}

/* Closes, and returns what the file holds. */
static const char *finish(struct user_class *run)
{
	FILE *file;

	user_class_close(run);
	user_class_exit(run);
	file = fopen(path, "r");
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	unlink(path);
	return text;
}

/* A copy of exactly n bytes, so that the sanitizer sees any byte read behind them. */
static void put_copy(struct user_class *run, const uint8_t *bytes, size_t n, uint32_t len, uint16_t linktype)
{
	uint8_t *copy = malloc(n ? n : 1);

	memcpy(copy, bytes, n);
	user_class_packet(run, copy, (uint32_t)n, len, 0, linktype);
	free(copy);
}

static void packets_in_words(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct user_class run;
		uint8_t bytes[256];
		char expected[300];
		size_t n = from_hex(cases[i].bytes, bytes);

		begin(&run, "none");
		assert_int_equal(user_class_open(&run, cases[i].linktype), 0);
		put_copy(&run, bytes, n, (uint32_t)n, cases[i].linktype);
		assert_int_equal(user_class_cell(&run, 0), 1);
		snprintf(expected, sizeof(expected), "%s len %zu\n", cases[i].line, n);
		assert_string_equal(finish(&run), expected);
	}
}

/* Every packet cut at every byte still gives one line, and the sanitizer is content. */
static void cut_packets_are_lines_too(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t bytes[256];
		size_t n = from_hex(cases[i].bytes, bytes);

		for (size_t cut = 0; cut < n; cut++) {
			struct user_class run;
			char end[32];

			begin(&run, "none");
			assert_int_equal(user_class_open(&run, 1), 0);
			put_copy(&run, bytes, cut, (uint32_t)n, cases[i].linktype);
			finish(&run);
			snprintf(end, sizeof(end), " len %zu\n", n);
			assert_string_equal(strchr(text, '\n') - strlen(end) + 1, end);
			assert_null(strstr(text, "[short]"));
			if (cut < 14 && cases[i].linktype == 1)
				assert_int_equal(strncmp(text, "Ethernet [cut] len ", 19), 0);
		}
	}
}

static void times(void **state)
{
	static const struct {
		const char *format, *expected;
	} formats[] = {
		{"time", "23:59:59.999999 linktype 999 len 1\n00:00:00.000001 linktype 999 len 1\n23:59:58.000000 "
			 "linktype 999 len 1\n"},
		{"epoch", "1700006399.999999999 linktype 999 len 1\n1700006400.000001000 linktype 999 len "
			  "1\n1700006398.000000000 linktype 999 len 1\n"},
		{"delta",
		 "0.000000000 linktype 999 len 1\n0.000001001 linktype 999 len 1\n-2.000001000 linktype 999 len 1\n"},
		{"none", "linktype 999 len 1\nlinktype 999 len 1\nlinktype 999 len 1\n"},
	};

	setenv("TZ", "UTC", 1);
	for (size_t i = 0; i < 4; i++) {
		struct user_class run;

		begin(&run, formats[i].format);
		assert_int_equal(run.instance.class->instance_needs(&run.instance), i == 3 ? 0 : FFPF_NEED_TIME);
		assert_int_equal(user_class_open(&run, 1), 0);
		user_class_packet(&run, "", 1, 1, UINT64_C(1700006399999999999), 999);
		user_class_packet(&run, "", 1, 1, UINT64_C(1700006400000001000), 999);
		user_class_packet(&run, "", 1, 1, UINT64_C(1700006398000000000), 999);
		assert_string_equal(finish(&run), formats[i].expected);
	}
}

static void hexadecimal_and_class(void **state)
{
	struct user_class run;

	begin(&run, "none");
	assert_int_equal(run.instance.class->demand(&run.instance), 256);
	user_class_set(&run, "hex", "yes");
	user_class_set(&run, "class", "yes");
	assert_int_equal(run.instance.class->demand(&run.instance), FFPF_ALL_BYTES);
	assert_int_equal(user_class_open(&run, 1), 0);
	user_class_packet(&run, "The quick brown\tfox", 19, 70, 0, 999);
	assert_string_equal(finish(&run), "linktype 999 len 70 class 3\n"
					  "  0000  54 68 65 20 71 75 69 63  6b 20 62 72 6f 77 6e 09  The quick brown.\n"
					  "  0010  66 6f 78                                          fox\n");
}

static void large_dumps_pass_the_buffer(void **state)
{
	static uint8_t bytes[100000];
	struct user_class run;
	char row[256];
	unsigned rows = 0;

	begin(&run, "none");
	user_class_set(&run, "hex", "yes");
	assert_int_equal(user_class_open(&run, 1), 0);
	user_class_packet(&run, bytes, sizeof(bytes), sizeof(bytes), 0, 999);
	user_class_close(&run);
	user_class_exit(&run);
	FILE *file = fopen(path, "r");
	while (fgets(row, sizeof(row), file))
		rows++;
	fclose(file);
	unlink(path);
	assert_int_equal(rows, 1 + sizeof(bytes) / 16);
}

/* A thousand MPLS labels would make a line without end. */
static void lines_have_a_longest_length(void **state)
{
	static uint8_t bytes[4014] = {[12] = 0x88, [13] = 0x47};
	struct user_class run;

	begin(&run, "time");
	assert_int_equal(user_class_open(&run, 1), 0);
	user_class_packet(&run, bytes, sizeof(bytes), sizeof(bytes), 0, 1);
	finish(&run);
	assert_in_range(strlen(text), 400, 512);
	assert_non_null(strstr(text, " len 4014\n"));
}

static void failures_are_told(void **state)
{
	struct user_class run;

	user_class_init(&run, &ffpf_class_print);
	user_class_set(&run, "file", "/nonexistent/x");
	assert_int_equal(user_class_open(&run, 1), -ENOENT);
	assert_string_equal(run.why, "can't write to /nonexistent/x: No such file or directory");
	user_class_set(&run, "file", "/dev/full");
	assert_int_equal(user_class_open(&run, 1), 0);
	for (int i = 0; i < 3; i++)
		user_class_packet(&run, "", 1, 1, 0, 1);
	assert_int_equal(user_class_error(&run), 0);
	assert_int_equal(run.instance.class->native->flush(run.object), -ENOSPC);
	user_class_packet(&run, "", 1, 1, 0, 1);
	run.instance.class->native->flush(run.object);
	assert_int_equal(user_class_error(&run), -ENOSPC);
	assert_string_equal(run.why, "can't write to /dev/full: No space left on device");
	assert_int_equal(user_class_lost(&run), 4);
	assert_int_equal(user_class_cell(&run, 0), 0);
	user_class_close(&run);
	user_class_exit(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_in_words),
		cmocka_unit_test(cut_packets_are_lines_too),
		cmocka_unit_test(times),
		cmocka_unit_test(hexadecimal_and_class),
		cmocka_unit_test(large_dumps_pass_the_buffer),
		cmocka_unit_test(lines_have_a_longest_length),
		cmocka_unit_test(failures_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
