/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One meaning, many levels: every name of the packet, through the whole library, compiled and interpreted at user and
 * by the kernel's test runner at xdp. Many functions that each ask for one name are built into one program; each must
 * have counted what a parser in C counts (packet_oracle.h).
 */
#include <sys/types.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"
#include "field_class.h"
#include "packet_oracle.h"
#include "packets_deep.h"

#include <ffpf/ffpf.h>
#include <lib/graph/classes.h>
#include <lib/run/handle.h>

#ifdef __SANITIZE_ADDRESS__
enum { PACKETS = 1500 }; /* what is rare is left to the other build */
#else
enum { PACKETS = 4000 };
#endif
enum { TOGETHER = 24, NAMES_MAX = 1024 };

static char file[64];
static struct capture capture;

/* ---- packets --------------------------------------------------------------------------------- */

static void make_capture(int linktype)
{
	struct rng r = {(uint64_t)linktype + 5};

	capture_pcap(&capture, 0xa1b23c4d, 4, 65535, linktype == DLT_RAW ? 101 : (uint32_t)linktype);
	for (unsigned i = 0; i < PACKETS; i++) {
		struct test_packet p;

		/* The test runner takes no frame of less than 14 bytes. */
		do
			deep_make(&r, linktype, &p);
		while (p.caplen < 14);
		capture_u32(&capture, 1000 + i / 1000);
		capture_u32(&capture, i % 1000 * 1000 + 7);
		capture_u32(&capture, p.caplen);
		capture_u32(&capture, p.len);
		capture_bytes(&capture, p.bytes, p.caplen);
	}
	int fd = mkstemp(strcpy(file, "/tmp/ffpf-packet-XXXXXX"));

	assert_true(fd >= 0);
	assert_int_equal(write(fd, capture.data, capture.size), capture.size);
	close(fd);
}

static bool next_packet(size_t *at, struct ffpf_packet *p)
{
	uint32_t header[4];

	if (*at + sizeof(header) > capture.size)
		return false;
	memcpy(header, capture.data + *at, sizeof(header));
	*p = (struct ffpf_packet){.data = capture.data + *at + sizeof(header),
				  .caplen = header[2],
				  .len = header[3],
				  .time_ns = header[0] * UINT64_C(1000000000) + header[1]};
	*at += sizeof(header) + header[2];
	return true;
}

/* ---- what it should be ----------------------------------------------------------------------- */

struct name {
	const char *text;
	uint64_t cells[FIELD_CELLS];
};

static bool value_of(const struct oracle_packet *o, const char *text, uint64_t out[2])
{
	struct field_bytes x;
	unsigned inner = 0;

	out[0] = out[1] = 0;
	if (field_parse(text, &x))
		return oracle_bytes(o, x.payload, x.inner, x.offset + (x.computed ? o->len & 31 : 0), x.size, out);
	for (; !strncmp(text, "inner.", 6); inner++)
		text += 6;
	return oracle_value(o, inner, text, out);
}

static void expect(struct name *names, unsigned n, int linktype)
{
	struct ffpf_packet p;

	for (size_t at = 24; next_packet(&at, &p);) {
		struct oracle_packet o;

		oracle_parse(&o, p.data, p.caplen, p.len, linktype);
		for (unsigned i = 0; i < n; i++) {
			uint64_t out[2];

			names[i].cells[FIELD_PACKETS]++;
			if (!value_of(&o, names[i].text, out))
				continue;
			names[i].cells[FIELD_THERE] += p.time_ns | 1;
			names[i].cells[FIELD_LOW] += out[0] * (p.time_ns | 1);
			names[i].cells[FIELD_HIGH] += out[1] * (p.time_ns | 1);
		}
	}
}

/* ---- what it is ------------------------------------------------------------------------------ */

static void compare(const struct name *names, unsigned n, struct ffpf *h, const char *how, bool replay)
{
	struct ffpf_stats *stats;

	assert_int_equal(ffpf_stats_get(h, &stats), 0);
	assert_int_equal(stats->n_functions, n + 1);
	for (unsigned i = 0; i < n; i++) {
		const struct ffpf_function_stats *f = &stats->functions[i + 1];

		assert_string_equal(f->flowspace, replay ? "xdp" : "user");
		assert_int_equal(f->n_results, FIELD_CELLS);
		for (unsigned k = 0; k < FIELD_CELLS; k++)
			if (f->results[k].values[0] != names[i].cells[k])
				fail_msg("%s at %s: '%s' is %llu, should be %llu", names[i].text, how,
					 field_fields[k].name, (unsigned long long)f->results[k].values[0],
					 (unsigned long long)names[i].cells[k]);
	}
	ffpf_stats_free(stats);
}

static void run(const struct name *names, unsigned n, const char *how, bool replay, bool interpret)
{
	const struct ffpf_define defines[] = {{"FILE", file}};
	const struct ffpf_options options = {
		.replay = replay, .buffer_size = 1 << 20, .defines = defines, .n_defines = 1};
	struct ffpf *h = ffpf_create(&options);
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("(pcap,\"$FILE\") > [", out);
	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%s(field,\"%s\")", i ? "|" : "", names[i].text);
	fputs("]", out);
	fclose(out);
	if (ffpf_populate(h, "names", text, 0) < 0)
		fail_msg("%s: %s", how, text);
	ffpf_handle_run(h)->interpret = interpret;
	if (ffpf_instantiate(h) < 0)
		fail_msg("%s: %s: %s", names[0].text, how, ffpf_error(h));
	assert_int_equal(ffpf_activate(h), 0);
	while (ffpf_wait(&h, 1, 0, 1000000) > 0)
		;
	ffpf_deactivate(h);
	compare(names, n, h, how, replay);
	ffpf_close(h);
	free(text);
}

static void levels(struct name *names, unsigned n, int linktype, bool kernel)
{
	expect(names, n, linktype);
	for (unsigned first = 0; first < n; first += TOGETHER) {
		unsigned some = n - first < TOGETHER ? n - first : TOGETHER;

		run(names + first, some, "user", false, false);
		run(names + first, some, "user, interpreted", false, true);
		if (kernel)
			run(names + first, some, "xdp", true, false);
	}
}

/* ---- tests ----------------------------------------------------------------------------------- */

static bool in_bytes(const char *path)
{
	static const char *const others[] = {"now",   "iface", "dir",	   "queue",	 "cpu",
					     "class", "mark",  "priority", "tunnel_key", "caplen"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(path, others[i]))
			return false;
	return true;
}

static unsigned all_names(struct name *names, unsigned step)
{
	unsigned n = 0;

	for (size_t i = 0; fpl_field_at(i); i += step)
		if (in_bytes(fpl_field_path(fpl_field_at(i))))
			names[n++] = (struct name){.text = fpl_field_path(fpl_field_at(i))};
	return n;
}

static void over_link(int linktype, struct name *names, unsigned n)
{
	bool kernel = geteuid() == 0;

	if (!kernel)
		print_message("skipped: the kernel's test runner needs root\n");
	make_capture(linktype);
	levels(names, n, linktype, kernel);
	unlink(file);
	capture_free(&capture);
}

static void every_name(void **state)
{
	static struct name names[NAMES_MAX];

	over_link(DLT_EN10MB, names, all_names(names, 1));
}

static void some_names_of_raw_ip(void **state)
{
	static struct name names[NAMES_MAX];

	over_link(DLT_RAW, names, all_names(names, 11));
}

static void bytes_at_offsets(void **state)
{
	struct name names[] = {
		{.text = "pkt 0 1"},	       {.text = "pkt 12 2"},
		{.text = "pkt 200 8"},	       {.text = "pkt 4000000000 1"},
		{.text = "pkt len 0 1"},       {.text = "pkt len 100 4"},
		{.text = "payload 0 1"},       {.text = "payload 3 8"},
		{.text = "payload len 0 2"},   {.text = "payload len 40 1"},
		{.text = "inner.payload 0 4"}, {.text = "inner.payload len 1 1"},
		{.text = "payload 2000000 1"}, {.text = "inner.inner.payload 0 1"},
	};

	over_link(DLT_EN10MB, names, sizeof(names) / sizeof(names[0]));
}

/* What kind of header a packet has is hidden from the kernel's verifier in programs as long as this one; which entry of
 * a table it has must not be: that is a pointer. */
static void entries_in_a_long_program(void **state)
{
	const struct ffpf_define defines[] = {{"FILE", file}};
	const struct ffpf_options options = {
		.replay = true, .buffer_size = 1 << 20, .defines = defines, .n_defines = 1};
	struct ffpf *h;
	struct ffpf_stats *stats;
	char *text;
	size_t size;
	FILE *out;

	if (geteuid() != 0) {
		print_message("skipped: the kernel's test runner needs root\n");
		skip();
	}
	out = open_memstream(&text, &size);
	fputs("(pcap,\"$FILE\") > (FPL,{ hash t[a: IPv6]: { packets: counter }; let e = t.add(src);", out);
	for (unsigned i = 0; i < 60; i++)
		fprintf(out, "if (tcp.dport == %u || udp.dport in {%u, %u..%u}) { if (e) e.packets++; count%u++; }\n",
			i, i + 2, i + 1000, i + 1010, i);
	fputs("})", out);
	fclose(out);
	make_capture(DLT_EN10MB);
	h = ffpf_create(&options);
	if (ffpf_populate(h, "entries", text, 0) < 0)
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
	assert_int_equal(ffpf_instantiate(h), 0);
	assert_int_equal(ffpf_activate(h), 0);
	while (ffpf_wait(&h, 1, 0, 1000000) > 0)
		;
	ffpf_deactivate(h);
	assert_int_equal(ffpf_stats_get(h, &stats), 0);
	assert_string_equal(stats->functions[1].flowspace, "xdp");
	ffpf_stats_free(stats);
	ffpf_close(h);
	unlink(file);
	capture_free(&capture);
	free(text);
}

static int setup(void **state)
{
	return ffpf_class_register(&field_class, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name),
		cmocka_unit_test(some_names_of_raw_ip),
		cmocka_unit_test(bytes_at_offsets),
		cmocka_unit_test(entries_in_a_long_program),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
