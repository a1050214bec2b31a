/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The digest class: known digests of known bytes; what of=invariant leaves out, and what it does not; CRC-32C with and
 * without the processor's instruction.
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
#include "user_class.h"

#include <flowspaces/user/crc32c.h>
#include <lib/native/digest.h>

extern const struct ffpf_class ffpf_class_digest;

static uint32_t digest(const char *algo, const char *of, const void *bytes, uint32_t size, uint16_t linktype)
{
	struct ffpf_bytes row = native_row(bytes, size); /* of just its size */
	struct user_class run;
	uint32_t class = 0;

	user_class_init(&run, &ffpf_class_digest);
	user_class_set(&run, "algo", algo);
	user_class_set(&run, "of", of);
	assert_int_equal(user_class_open(&run, linktype), 0);
	/* Twice: each packet begins anew. */
	for (int i = 0; i < 2; i++) {
		uint32_t again = ffpf_class_digest.native->process(
			run.object,
			&(struct ffpf_packet){.data = row.data, .caplen = size, .len = size, .linktype = linktype}, 7);

		assert_true(!i || again == class);
		class = again;
	}
	assert_int_equal(user_class_cell(&run, 0), class ? 2 : 0);
	user_class_close(&run);
	user_class_exit(&run);
	free((void *)row.data);
	return class;
}

/* FIPS 180-2 (appendices A and B), RFC 1321 (A.5), RFC 3720 (B.4). */
static void known_digests(void **state)
{
	static const uint8_t zeros[32];

	assert_int_equal(digest("sha256", "packet", "abc", 3, 147), 0xba7816bf);
	assert_int_equal(digest("sha1", "packet", "abc", 3, 147), 0xa9993e36);
	assert_int_equal(digest("md5", "packet", "abc", 3, 147), 0x90015098);
	assert_int_equal(digest("md5", "payload", "message digest", 14, 147), 0xf96b697d);
	assert_int_equal(digest("crc32c", "invariant", "123456789", 9, 147), 0xe3069283);
	assert_int_equal(digest("crc32c", "packet", zeros, 32, 147), 0x8a9136aa);
	assert_int_equal(digest("sha256", "packet", "", 0, 147), 0);
}

static void no_digest_is_no_class(void **state)
{
	static const uint8_t zero[4] = {0, 0, 0, 0}, other[4] = {0, 0, 0, 2};

	assert_int_equal(ffpf_digest_class(zero), 1);
	assert_int_equal(ffpf_digest_class(other), 2);
}

static void crc_in_both_ways(void **state)
{
	uint8_t bytes[200];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 37 + (i >> 3));
	assert_int_equal(ffpf_crc32c_plain(0, (const uint8_t *)"123456789", 9), 0xe3069283);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		size_t cut = n * 3 / 7;

		assert_int_equal(ffpf_crc32c(0, bytes, n), ffpf_crc32c_plain(0, bytes, n));
		assert_int_equal(ffpf_crc32c(ffpf_crc32c(0, bytes, cut), bytes + cut, n - cut),
				 ffpf_crc32c(0, bytes, n));
	}
}

/* Which bytes of a packet does its invariant digest depend on? */
static void check_bytes(const char *hex, uint16_t linktype, const char *matters)
{
	uint8_t bytes[256] = {0};
	uint32_t size = (uint32_t)fpl_packet_bytes(hex, bytes, sizeof(bytes));
	uint32_t whole = digest("sha256", "invariant", bytes, size, linktype);

	assert_int_equal(strlen(matters), size);
	for (uint32_t i = 0; i < size; i++) {
		bool changed;

		bytes[i] ^= 1; /* lengths and versions stay plausible where they matter */
		changed = digest("sha256", "invariant", bytes, size, linktype) != whole;
		bytes[i] ^= 1;
		if (changed != (matters[i] == 'x'))
			fail_msg("byte %u %s", i, changed ? "changes the digest" : "does not change the digest");
	}
}

static void what_routers_change(void **state)
{
	/* Ethernet; IPv4 with options; UDP; padding. The EtherType makes it another packet. */
	check_bytes(MACS "0800 46 00 0021 0007 0000 40 11 1234 c0000201 c6336402 01010100 1388 0035 0009 0000 aa 0000",
		    1,
		    "............xx"
		    "x.xxxxxx.x..xxxxxxxxxxxx"
		    "xxxxxxxxx"
		    "..");
	/* (the bit that is turned in byte 14 is the traffic class's) */
	check_bytes(IP6("0009", "11") UDP("1388", "0035", "0009") "aa", 1,
		    "............xx"
		    "....xxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "xxxxxxxxx");
}

/* In a row and in parts: the same bytes. */
static void headers_in_parts(void **state)
{
	uint8_t bytes[256];
	uint32_t size = (uint32_t)fpl_packet_bytes(
		MACS "0800 4f 00 0049 0007 0000 40 11 1234 c0000201 c6336402 " /* 40 bytes of options */
		     "0101010101010101010101010101010101010101010101010101010101010101010101010101010a "
		     "1388 0035 000d 0000 0102030405",
		bytes, sizeof(bytes));
	struct ffpf_bytes row = native_row(bytes, size), parts = native_parts(&row);

	for (int of = FFPF_DIGEST_PACKET; of <= FFPF_DIGEST_INVARIANT; of++) {
		struct ffpf_digest_range x, y;

		memset(&x, 0, sizeof(x));
		memset(&y, 0, sizeof(y));
		ffpf_digest_find(&row, 1, (enum ffpf_digest_of)of, &x);
		ffpf_digest_find(&parts, 1, (enum ffpf_digest_of)of, &y);
		assert_memory_equal(&x, &y, sizeof(x));
		assert_int_equal(x.n_header, of == FFPF_DIGEST_INVARIANT ? 60 : 0);
		assert_int_equal(x.at, of == FFPF_DIGEST_PACKET ? 0 : of == FFPF_DIGEST_PAYLOAD ? 82 : 74);
		assert_int_equal(x.end, 87);
	}
	free((void *)row.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_digests),    cmocka_unit_test(no_digest_is_no_class),
		cmocka_unit_test(crc_in_both_ways), cmocka_unit_test(what_routers_change),
		cmocka_unit_test(headers_in_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
