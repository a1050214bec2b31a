/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fragments put together: random datagrams, cut up at random and come in any order among others', against what they
 * were cut from; overlaps, contradictions, time, memory. What came is counted once, at every moment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "native_bytes.h"
#include "packets.h"

#include <lib/native/defrag.h>

#define SECOND UINT64_C(1000000000)

struct fixture {
	struct ffpf_defrag defrag;
	void *memory;
	uint8_t *out;
	uint32_t n_out;
};

static void prepare(struct fixture *f, uint32_t size)
{
	f->memory = malloc(size);
	f->out = malloc(FFPF_DEFRAG_OUT);
	assert_non_null(f->memory);
	ffpf_defrag_init(&f->defrag, f->memory, size, 30 * SECOND, 7);
}

static void finish(struct fixture *f)
{
	free(f->memory);
	free(f->out);
}

static void check_counts(const struct fixture *f)
{
	const struct ffpf_defrag_counts *c = &f->defrag.counts;

	assert_int_equal(c->fragments, c->joined + c->timed_out + c->memory + c->bad + c->overlap + c->waiting);
}

static enum ffpf_defrag_result give(struct fixture *f, const uint8_t *packet, uint32_t size, uint64_t now)
{
	struct ffpf_bytes row = native_row(packet, size), parts = native_parts(&row);
	enum ffpf_defrag_result result =
		ffpf_defrag_packet(&f->defrag, size & 1 ? &parts : &row, 1, 0, now, f->out, &f->n_out);

	free((void *)row.data);
	check_counts(f);
	return result;
}

/* ---- making packets -------------------------------------------------------------------------- */

struct datagram {
	bool six, options; /* IPv4 options, IPv6 extension headers before the fragment header */
	uint32_t id;
	uint32_t n; /* bytes of payload */
	uint8_t payload[65536];
};

static uint16_t ip_checksum(const uint8_t *ip, unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i += 2)
		sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* The packet of bytes [from, to) of a datagram; fragment false: the whole, without a fragment header. */
static uint32_t make(const struct datagram *d, uint32_t from, uint32_t to, bool more, bool fragment, uint8_t *out)
{
	uint32_t at = 14, n = to - from, header;

	memset(out, 0, 14 + 64);
	out[12] = d->six ? 0x86 : 0x08;
	out[13] = d->six ? 0xdd : 0x00;
	if (d->six) {
		uint32_t extra = (d->options ? 8 : 0) + (fragment ? 8 : 0);

		out[at] = 0x60;
		ffpf_native_put16(out + at + 4, (uint16_t)(n + extra));
		out[at + 6] = d->options ? 60 : fragment ? 44 : 17;
		out[at + 7] = 64;
		memset(out + at + 8, 0x20, 16);
		memset(out + at + 24, 0x21, 16);
		at += 40;
		if (d->options) {
			out[at] = fragment ? 44 : 17;
			out[at + 2] = 1;
			out[at + 3] = 4;
			at += 8;
		}
		if (fragment) {
			out[at] = 17;
			ffpf_native_put16(out + at + 2, (uint16_t)(from | more));
			ffpf_native_put32(out + at + 4, d->id);
			at += 8;
		}
	} else {
		header = d->options && !from ? 24 : 20; /* only the first has them */
		out[at] = (uint8_t)(0x40 | header / 4);
		ffpf_native_put16(out + at + 2, (uint16_t)(header + n));
		ffpf_native_put16(out + at + 4, (uint16_t)d->id);
		ffpf_native_put16(out + at + 6, (uint16_t)(from / 8 | (more ? 0x2000 : 0)));
		out[at + 8] = 64;
		out[at + 9] = 17;
		memcpy(out + at + 12, (uint8_t[]){192, 0, 2, 1, 192, 0, 2, 2}, 8);
		memset(out + at + 20, 1, header - 20);
		ffpf_native_put16(out + at + 10, ip_checksum(out + at, header));
		at += header;
	}
	memcpy(out + at, d->payload + from, n);
	return at + n;
}

static void fill(struct rng *r, struct datagram *d, uint32_t id, uint32_t n)
{
	d->six = rng_one_in(r, 2);
	d->options = rng_one_in(r, 3);
	d->id = id;
	d->n = n;
	for (uint32_t i = 0; i < n; i++)
		d->payload[i] = (uint8_t)rng_next(r);
}

/* ---- wholes ---------------------------------------------------------------------------------- */

struct part {
	unsigned of;
	uint32_t from, to;
};

static void datagrams_in_any_order(void **state)
{
	enum { DATAGRAMS = 6, PARTS = 400 };
	static struct datagram datagrams[DATAGRAMS];
	static uint8_t packet[70000], whole[70000];
	struct fixture f;
	struct rng r = {21};
	unsigned wholes = 0;

	prepare(&f, 1 << 20);
	for (unsigned round = 0; round < 60; round++) {
		struct part parts[PARTS];
		unsigned n = 0, came[DATAGRAMS] = {0}, total[DATAGRAMS] = {0};

		for (unsigned i = 0; i < DATAGRAMS; i++) {
			uint32_t size = 9 + rng_below(&r, rng_one_in(&r, 8) ? 60000 : 3000), step;

			fill(&r, &datagrams[i], round * DATAGRAMS + i, size);
			step = 8 * (1 + rng_below(&r, 1 + size / 16)) + (size / 40 & ~7u);
			for (uint32_t at = 0; at < size; at += step, total[i]++)
				parts[n++] = (struct part){i, at, at + step < size ? at + step : size};
			if (total[i] == 1) { /* two at least */
				parts[n - 1].to = 8;
				parts[n++] = (struct part){i, 8, size};
				total[i]++;
			}
		}
		assert_true(n <= PARTS);
		for (unsigned i = n; i > 1; i--) {
			unsigned k = rng_below(&r, i);
			struct part swap = parts[k];

			parts[k] = parts[i - 1];
			parts[i - 1] = swap;
		}
		for (unsigned i = 0; i < n; i++) {
			const struct part *p = &parts[i];
			const struct datagram *d = &datagrams[p->of];
			uint32_t size = make(d, p->from, p->to, p->to < d->n, true, packet);
			enum ffpf_defrag_result result = give(&f, packet, size, SECOND);

			if (++came[p->of] < total[p->of]) {
				assert_int_equal(result, FFPF_DEFRAG_TAKEN);
				continue;
			}
			assert_int_equal(result, FFPF_DEFRAG_WHOLE);
			size = make(d, 0, d->n, false, false, whole);
			assert_int_equal(f.n_out, size);
			assert_memory_equal(f.out, whole, size);
			wholes++;
		}
	}
	assert_int_equal(f.defrag.counts.reassembled, wholes);
	assert_int_equal(f.defrag.counts.waiting, 0);
	assert_int_equal(f.defrag.n_free, f.defrag.n_blocks);
	finish(&f);
}

static void what_is_no_fragment_passes(void **state)
{
	static struct datagram d;
	uint8_t packet[200];
	struct rng r = {1};
	struct fixture f;

	prepare(&f, 65536);
	fill(&r, &d, 1, 60);
	for (d.six = false;; d.six = true) {
		assert_int_equal(give(&f, packet, make(&d, 0, 60, false, false, packet), 0), FFPF_DEFRAG_PASSES);
		if (d.six)
			break;
	}
	/* A fragment header in a datagram that is whole. */
	d.six = true;
	assert_int_equal(give(&f, packet, make(&d, 0, 60, false, true, packet), 0), FFPF_DEFRAG_PASSES);
	assert_int_equal(f.defrag.counts.fragments, 0);
	finish(&f);
}

/* ---- what is hostile ------------------------------------------------------------------------- */

static void overlaps(void **state)
{
	static struct datagram d;
	uint8_t packet[400];
	struct rng r = {2};

	for (unsigned six = 0; six < 2; six++) {
		struct fixture f;

		prepare(&f, 65536);
		fill(&r, &d, 1, 100);
		d.six = six;
		assert_int_equal(give(&f, packet, make(&d, 0, 48, true, true, packet), 0), FFPF_DEFRAG_TAKEN);
		/* the same once more is nothing to worry about */
		assert_int_equal(give(&f, packet, make(&d, 0, 48, true, true, packet), 0), FFPF_DEFRAG_TAKEN);
		assert_int_equal(f.defrag.counts.overlap, 1);
		/* another cut is: with it goes all that is there, and what comes */
		assert_int_equal(give(&f, packet, make(&d, 40, 64, true, true, packet), 0), FFPF_DEFRAG_TAKEN);
		assert_int_equal(f.defrag.counts.overlap, 3);
		assert_int_equal(give(&f, packet, make(&d, 48, 100, false, true, packet), 0), FFPF_DEFRAG_TAKEN);
		assert_int_equal(f.defrag.counts.overlap, 4);
		assert_int_equal(f.defrag.counts.waiting, 0);
		assert_int_equal(f.defrag.n_free, f.defrag.n_blocks);
		/* when that is forgotten, its identification is free */
		assert_int_equal(give(&f, packet, make(&d, 0, 48, true, true, packet), 31 * SECOND), FFPF_DEFRAG_TAKEN);
		assert_int_equal(give(&f, packet, make(&d, 48, 100, false, true, packet), 31 * SECOND),
				 FFPF_DEFRAG_WHOLE);
		/* one that reaches into the next, one inside another */
		d.id = 2;
		give(&f, packet, make(&d, 48, 100, false, true, packet), 32 * SECOND);
		give(&f, packet, make(&d, 0, 56, true, true, packet), 32 * SECOND);
		assert_int_equal(f.defrag.counts.overlap, 6);
		d.id = 3;
		give(&f, packet, make(&d, 0, 80, true, true, packet), 32 * SECOND);
		give(&f, packet, make(&d, 8, 16, true, true, packet), 32 * SECOND);
		assert_int_equal(f.defrag.counts.overlap, 8);
		finish(&f);
	}
}

static void bad_ones(void **state)
{
	static struct datagram d;
	static uint8_t packet[70000];
	struct rng r = {3};
	struct fixture f;
	uint32_t size;

	prepare(&f, 1 << 20);
	fill(&r, &d, 1, 65500);
	d.six = d.options = false;
	/* no multiple of 8 and more to come; no bytes; cut off by the capture */
	give(&f, packet, make(&d, 0, 47, true, true, packet), 0);
	give(&f, packet, make(&d, 8, 8, true, true, packet), 0);
	size = make(&d, 0, 48, true, true, packet);
	give(&f, packet, size - 1, 0);
	assert_int_equal(f.defrag.counts.bad, 3);
	/* behind the longest that there can be */
	size = make(&d, 0, 104, false, true, packet);
	ffpf_native_put16(packet + 20, 65528 / 8);
	give(&f, packet, size, 0);
	assert_int_equal(f.defrag.counts.bad, 4);
	assert_int_equal(f.defrag.counts.waiting, 0);
	/* two ends; behind the end; before what is there */
	give(&f, packet, make(&d, 48, 80, false, true, packet), 0);
	give(&f, packet, make(&d, 80, 90, false, true, packet), 0);
	give(&f, packet, make(&d, 96, 104, true, true, packet), 0);
	assert_int_equal(f.defrag.counts.bad, 6);
	d.id = 2;
	give(&f, packet, make(&d, 96, 104, true, true, packet), 0);
	give(&f, packet, make(&d, 48, 80, false, true, packet), 0);
	assert_int_equal(f.defrag.counts.bad, 7);
	/* too many */
	d.id = 3;
	for (uint32_t i = 0; i < 600; i++)
		give(&f, packet, make(&d, i * 8, i * 8 + 8, true, true, packet), 0);
	assert_int_equal(f.defrag.counts.bad, 7 + 600 - 512);
	finish(&f);
}

static void time_goes_by(void **state)
{
	static struct datagram d;
	uint8_t packet[400];
	struct rng r = {4};
	struct fixture f;

	prepare(&f, 65536);
	fill(&r, &d, 1, 100);
	give(&f, packet, make(&d, 0, 48, true, true, packet), 100 * SECOND);
	/* the clock goes back: nothing happens; just in time; too late */
	give(&f, packet, make(&d, 56, 100, false, true, packet), 10 * SECOND);
	give(&f, packet, make(&d, 56, 100, false, true, packet), 130 * SECOND);
	assert_int_equal(f.defrag.counts.timed_out, 0);
	assert_int_equal(f.defrag.counts.waiting, 2);
	assert_int_equal(give(&f, packet, make(&d, 48, 56, true, true, packet), 130 * SECOND + 1), FFPF_DEFRAG_TAKEN);
	assert_int_equal(f.defrag.counts.timed_out, 2);
	assert_int_equal(f.defrag.counts.waiting, 1);
	ffpf_defrag_expire(&f.defrag, 200 * SECOND);
	assert_int_equal(f.defrag.counts.timed_out, 3);
	check_counts(&f);
	finish(&f);
}

/* Any number of datagrams that are never finished: the oldest give way, and a new one still comes through. */
static void little_memory(void **state)
{
	static struct datagram d;
	static uint8_t packet[70000];
	struct rng r = {5};
	struct fixture f;

	prepare(&f, FFPF_DEFRAG_MEMORY_LEAST);
	fill(&r, &d, 1, 65000);
	d.six = false;
	for (d.id = 0; d.id < 3000; d.id++)
		give(&f, packet, make(&d, 0, 1480, true, true, packet), d.id);
	assert_true(f.defrag.counts.memory > 2900 && f.defrag.counts.waiting > 5);
	d.id = 5000;
	d.n = 2000;
	give(&f, packet, make(&d, 0, 1480, true, true, packet), 1);
	assert_int_equal(give(&f, packet, make(&d, 1480, 2000, false, true, packet), 1), FFPF_DEFRAG_WHOLE);
	/* one that is larger than all there is */
	d.n = 65000;
	for (uint32_t at = 0; at < 65000; at += 8000)
		give(&f, packet, make(&d, at, at + 8000 < 65000 ? at + 8000 : 65000, at + 8000 < 65000, true, packet),
		     2);
	assert_int_equal(f.defrag.counts.reassembled, 1);
	ffpf_defrag_expire(&f.defrag, 100 * SECOND);
	assert_int_equal(f.defrag.n_free, f.defrag.n_blocks);
	finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagrams_in_any_order),
		cmocka_unit_test(what_is_no_fragment_passes),
		cmocka_unit_test(overlaps),
		cmocka_unit_test(bad_ones),
		cmocka_unit_test(time_goes_by),
		cmocka_unit_test(little_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
