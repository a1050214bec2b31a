/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Anonymised addresses: known ones of the published implementation with its key; prefixes are kept; in packets the
 * right bytes change, and checksums that were right are right afterwards, of what ICMP errors quote, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"
#include "fpl_packets.h"
#include "native_bytes.h"
#include "packets_deep.h"

#include <arpa/inet.h>
#include <lib/native/anon.h>
#include <nettle/aes.h>

/* The key of the sample that comes with Crypto-PAn. */
static const uint8_t sample_key[FFPF_ANON_KEY] = {21,  34, 23,	141, 51, 164, 207, 128, 19,  10,  91,
						  22,  73, 144, 125, 16, 216, 152, 143, 131, 121, 121,
						  101, 39, 98,	87,  76, 45,  42,  132, 34,  2};

struct fixture {
	struct aes128_ctx cipher;
	struct ffpf_anon anon;
	struct ffpf_anon_known known[64];
};

static void encrypt(const void *cipher, uint8_t *blocks, unsigned n)
{
	aes128_encrypt(cipher, (size_t)n * 16, blocks, blocks);
}

static void prepare(struct fixture *f, unsigned n_known)
{
	aes128_set_encrypt_key(&f->cipher, sample_key);
	ffpf_anon_init(&f->anon, encrypt, &f->cipher, sample_key + 16, f->known, n_known);
}

static const struct {
	const char *address, *becomes;
} samples[] = {
	{"128.11.68.132", "135.242.180.132"},
	{"129.118.74.4", "134.136.186.123"},
	{"130.132.252.244", "133.68.164.234"},
	{"141.223.7.43", "141.167.8.160"},
	{"141.233.145.108", "141.129.237.235"},
	{"152.163.225.39", "151.140.114.167"},
	{"156.29.3.236", "147.225.12.42"},
	{"165.247.96.84", "162.9.99.234"},
	{"166.107.77.190", "160.132.178.185"},
	{"192.102.249.13", "252.138.62.131"},
	{"192.215.32.125", "252.43.47.189"},
	{"192.233.80.103", "252.25.108.8"},
	{"192.41.57.43", "252.222.221.184"},
	{"193.150.244.223", "253.169.52.216"},
	{"195.205.63.100", "255.186.223.5"},
	{"198.200.171.101", "249.199.68.213"},
	{"202.49.198.20", "245.206.7.234"},
	{"205.188.147.153", "242.96.16.101"},
	{"207.25.71.27", "241.33.119.156"},
	{"216.35.217.178", "235.195.157.81"},
	{"24.0.250.221", "100.15.198.226"},
	{"24.13.62.231", "100.2.192.247"},
	{"38.15.67.68", "64.3.66.187"},
	{"4.3.88.225", "124.60.155.63"},
	{"63.14.55.111", "95.9.215.7"},
	{"64.39.15.238", "0.219.7.41"},
	/* the same scheme over 128 bits, as other implementations have it */
	{"::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed"},
	{"::2", "78ff:f001:9fc0:20df:8380:b1f1:704:ef"},
	{"::ffff", "78ff:f001:9fc0:20df:8380:b1f1:704:f838"},
	{"2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e"},
	{"2001:db8::2", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c"},
};

static void known_addresses(void **state)
{
	for (unsigned n_known = 0; n_known <= 64; n_known += 64) {
		struct fixture f;

		prepare(&f, n_known);
		for (unsigned round = 0; round < 2; round++)
			for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
				int family = strchr(samples[i].address, ':') ? AF_INET6 : AF_INET;
				unsigned size = family == AF_INET ? 4 : 16;
				uint8_t address[16], becomes[16];
				char text[64];

				assert_int_equal(inet_pton(family, samples[i].address, address), 1);
				ffpf_anon_address(&f.anon, address, size, becomes);
				inet_ntop(family, becomes, text, sizeof(text));
				assert_string_equal(text, samples[i].becomes);
			}
	}
}

static unsigned common_bits(const uint8_t *x, const uint8_t *y, unsigned size)
{
	unsigned n = 0;

	while (n < size * 8 && !((x[n / 8] ^ y[n / 8]) >> (7 - n % 8) & 1))
		n++;
	return n;
}

static void prefixes_are_kept(void **state)
{
	struct rng r = {5};
	struct fixture f;

	prepare(&f, 16);
	for (unsigned i = 0; i < 3000; i++) {
		unsigned size = rng_one_in(&r, 2) ? 4 : 16, bit = rng_below(&r, size * 8);
		uint8_t x[16], y[16], a[16], b[16];

		for (unsigned k = 0; k < size; k++)
			x[k] = y[k] = (uint8_t)rng_next(&r);
		y[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		for (unsigned k = bit / 8 + 1; k < size; k++)
			y[k] = (uint8_t)rng_next(&r);
		ffpf_anon_address(&f.anon, x, size, a);
		ffpf_anon_address(&f.anon, y, size, b);
		assert_int_equal(common_bits(a, b, size), common_bits(x, y, size));
	}
}

/* ---- packets --------------------------------------------------------------------------------- */

static uint32_t add(uint32_t sum, const uint8_t *bytes, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		sum += (uint32_t)bytes[i] << (i & 1 ? 0 : 8);
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Over a pseudo header, from the IP header on: 0 when it is right. */
static uint16_t transport_sum(const uint8_t *ip, uint32_t header, uint32_t n, unsigned protocol)
{
	bool six = ip[0] >> 4 == 6;
	uint32_t sum = add(n + protocol, ip + (six ? 8 : 12), six ? 32 : 8);

	return folded(add(sum, ip + header, n));
}

static uint32_t make(const char *hex, uint8_t *bytes)
{
	return (uint32_t)fpl_packet_bytes(hex, bytes, 512);
}

static void put_sum(uint8_t *at, uint16_t sum)
{
	at[0] = (uint8_t)(sum >> 8);
	at[1] = (uint8_t)sum;
}

static unsigned rewrite(struct fixture *f, uint8_t *bytes, uint32_t size, uint16_t linktype)
{
	struct ffpf_bytes row = native_row(bytes, size); /* of just its size */
	unsigned n = ffpf_anon_packet(&f->anon, (uint8_t *)row.data, size, linktype);

	memcpy(bytes, row.data, size);
	free((void *)row.data);
	return n;
}

static void expect_address(struct fixture *f, const char *address, const uint8_t *found)
{
	int family = strchr(address, ':') ? AF_INET6 : AF_INET;
	uint8_t bytes[16], becomes[16];

	assert_int_equal(inet_pton(family, address, bytes), 1);
	ffpf_anon_address(&f->anon, bytes, family == AF_INET ? 4 : 16, becomes);
	assert_memory_equal(found, becomes, family == AF_INET ? 4 : 16);
}

static void checksums_of_ip4(void **state)
{
	uint8_t bytes[512], before[512];
	struct fixture f;
	uint32_t size;

	prepare(&f, 16);
	size = make(IP4("002d", "06") TCP("18") "474554202f", bytes);
	put_sum(bytes + 24, folded(add(0, bytes + 14, 20)));
	put_sum(bytes + 50, transport_sum(bytes + 14, 20, 25, 6));
	memcpy(before, bytes, size);
	assert_int_equal(rewrite(&f, bytes, size, 1), 2);
	expect_address(&f, "192.0.2.1", bytes + 26);
	expect_address(&f, "198.51.100.2", bytes + 30);
	assert_int_equal(folded(add(0, bytes + 14, 20)), 0);
	assert_int_equal(transport_sum(bytes + 14, 20, 25, 6), 0);
	memcpy(before + 24, bytes + 24, 10); /* checksum and addresses */
	memcpy(before + 50, bytes + 50, 2);
	assert_memory_equal(bytes, before, size);
	/* One that was wrong by 1 is wrong by 1. */
	bytes[51]++;
	rewrite(&f, bytes, size, 1);
	assert_int_equal(transport_sum(bytes + 14, 20, 25, 6), (uint16_t)~1);
	/* UDP without a checksum has none afterwards. */
	size = make(IP4("001d", "11") UDP("1388", "0035", "0009") "aa", bytes);
	rewrite(&f, bytes, size, 1);
	assert_int_equal(bytes[40] << 8 | bytes[41], 0);
}

static void checksums_of_ip6(void **state)
{
	uint8_t bytes[512];
	struct fixture f;
	uint32_t size;

	prepare(&f, 0);
	/* A neighbour solicitation: its target, too. */
	size = make(IP6("0018", "3a") "87 00 0000 00000000 20010db8000000000000000000000003", bytes);
	put_sum(bytes + 56, transport_sum(bytes + 14, 40, 24, 58));
	assert_int_equal(rewrite(&f, bytes, size, 1), 3);
	expect_address(&f, "2001:db8::3", bytes + 62);
	assert_int_equal(transport_sum(bytes + 14, 40, 24, 58), 0);
	/* A routing header with an address left: the checksum is over that one. */
	size = make(MACS "86dd 60000000 0020 2b 40 20010db8000000000000000000000001 20010db8000000000000000000000002 "
			 "11 02 00 01 00000000 20010db8000000000000000000000009 " UDP("1388", "0035", "0008"),
		    bytes);
	put_sum(bytes + 84, folded(add(add(add(8 + 17, bytes + 22, 16), bytes + 62, 16), bytes + 78, 8)));
	assert_int_equal(rewrite(&f, bytes, size, 1), 3);
	expect_address(&f, "2001:db8::2", bytes + 38);
	expect_address(&f, "2001:db8::9", bytes + 62);
	assert_int_equal(folded(add(add(add(8 + 17, bytes + 22, 16), bytes + 62, 16), bytes + 78, 8)), 0);
}

/* An error that quotes a UDP packet: both headers, and three checksums. */
static void what_errors_quote(void **state)
{
	uint8_t bytes[512];
	struct fixture f;
	uint32_t size;

	prepare(&f, 16);
	size = make(IP4("0039", "01") "03 01 0000 00000000 "
				      "45 00 001d 0007 0000 40 11 0000 c6336402 c0000263 1388 0035 0009 0000 aa",
		    bytes);
	put_sum(bytes + 52, folded(add(0, bytes + 42, 20)));
	put_sum(bytes + 68, transport_sum(bytes + 42, 20, 9, 17));
	put_sum(bytes + 36, folded(add(0, bytes + 34, 37)));
	put_sum(bytes + 24, folded(add(0, bytes + 14, 20)));
	assert_int_equal(rewrite(&f, bytes, size, 1), 4);
	expect_address(&f, "198.51.100.2", bytes + 30);
	expect_address(&f, "198.51.100.2", bytes + 54);
	expect_address(&f, "192.0.2.99", bytes + 58);
	assert_int_equal(folded(add(0, bytes + 14, 20)), 0);
	assert_int_equal(folded(add(0, bytes + 42, 20)), 0);
	assert_int_equal(transport_sum(bytes + 42, 20, 9, 17), 0);
	assert_int_equal(folded(add(0, bytes + 34, 37)), 0);
	/* ICMPv6, which is itself over a pseudo header. */
	size = make(IP6("0039",
			"3a") "01 04 0000 00000000 "
			      "60000000 0009 11 40 20010db8000000000000000000000002 20010db8000000000000000000000007 "
			      "1388 0035 0009 0000 aa",
		    bytes);
	put_sum(bytes + 108, transport_sum(bytes + 62, 40, 9, 17));
	put_sum(bytes + 56, transport_sum(bytes + 14, 40, 57, 58));
	assert_int_equal(rewrite(&f, bytes, size, 1), 4);
	expect_address(&f, "2001:db8::7", bytes + 86);
	assert_int_equal(transport_sum(bytes + 62, 40, 9, 17), 0);
	assert_int_equal(transport_sum(bytes + 14, 40, 57, 58), 0);
}

static void options_arp_and_what_is_cut_off(void **state)
{
	static const uint8_t zeros[16];
	uint8_t bytes[512];
	struct fixture f;
	uint32_t size;

	prepare(&f, 16);
	/* record route with one address, at an odd offset */
	size = make(MACS "0800 47 00 001c 0007 0000 40 fd 0000 c0000201 c6336402 07 07 08 cb007107 00", bytes);
	put_sum(bytes + 24, folded(add(0, bytes + 14, 28)));
	assert_int_equal(rewrite(&f, bytes, size, 1), 3);
	expect_address(&f, "203.0.113.7", bytes + 37);
	assert_int_equal(folded(add(0, bytes + 14, 28)), 0);
	size = make(MACS "0806 0001 0800 06 04 0001 02005e005302 c0000201 000000000000 c6336402", bytes);
	assert_int_equal(rewrite(&f, bytes, size, 1), 2);
	expect_address(&f, "192.0.2.1", bytes + 28);
	expect_address(&f, "198.51.100.2", bytes + 38);
	/* IP inside of IP */
	size = make(IP4("0028", "04") "45 00 0014 0007 0000 40 fd 0000 c6336402 c0000263", bytes);
	assert_int_equal(rewrite(&f, bytes, size, 1), 4);
	expect_address(&f, "192.0.2.99", bytes + 50);
	/* cut off: in a header, and in one that is quoted */
	size = make(MACS "0800 45 00 001c 0007 0000 40 11 0000 c0000201 c633", bytes);
	assert_int_equal(rewrite(&f, bytes, size, 1), 1);
	assert_memory_equal(bytes + 26, zeros, 6);
	size = make(IP4("0038", "01") "0b 00 0000 00000000 45 00 001c 0007 0000 40 11 0000 c633", bytes);
	assert_int_equal(rewrite(&f, bytes, size, 1), 3);
	assert_memory_equal(bytes + 54, zeros, 2);
	size = make(MACS "86dd 60000000 0000 3b 40 20010db8", bytes);
	assert_int_equal(rewrite(&f, bytes, size, 1), 1);
	assert_memory_equal(bytes + 22, zeros, 4);
	/* not IP */
	size = make(MACS "88cc 0207", bytes);
	assert_int_equal(rewrite(&f, bytes, size, 1), 0);
}

/* Any packets: only bytes of headers change, nothing outside is touched, and the same packet becomes the same. */
static void random_packets(void **state)
{
	struct rng r = {77};
	struct fixture f, other;
	unsigned changed = 0;

	prepare(&f, 64);
	prepare(&other, 0);
	for (unsigned n = 0; n < 20000; n++) {
		int linktype = packet_linktypes[rng_below(&r, PACKET_LINKTYPES)];
		struct test_packet p, q;
		struct ffpf_payload before, after;

		deep_make(&r, linktype, &p);
		q = p;
		before.at = 0;
		ffpf_payload_find(&(struct ffpf_bytes){.data = p.bytes, .size = p.caplen}, (uint16_t)linktype, &before);
		changed += rewrite(&f, p.bytes, p.caplen, (uint16_t)linktype) != 0;
		rewrite(&other, q.bytes, q.caplen, (uint16_t)linktype);
		assert_memory_equal(p.bytes, q.bytes, p.caplen);
		ffpf_payload_find(&(struct ffpf_bytes){.data = p.bytes, .size = p.caplen}, (uint16_t)linktype, &after);
		assert_int_equal(before.at, after.at);
		assert_int_equal(before.end, after.end);
	}
	assert_true(changed > 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_addresses),   cmocka_unit_test(prefixes_are_kept),
		cmocka_unit_test(checksums_of_ip4),  cmocka_unit_test(checksums_of_ip6),
		cmocka_unit_test(what_errors_quote), cmocka_unit_test(options_arp_and_what_is_cut_off),
		cmocka_unit_test(random_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
