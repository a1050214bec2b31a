/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records that refer to packets in a lower level's rings: each packet is delivered as it lies there, or counted as
 * lost, whatever the reference says and however far that ring has gone on.
 */
#include "buf_fixture.h"

#define CPUS 3
#define BYTES 100
#define TAKES 192 /* of the ring, by one packet */

struct far_fixture {
	struct fixture *near, *far[CPUS];
	const void *rings[CPUS];
	struct ffpf_reader *reader;
};

static struct far_fixture set_up_far(uint64_t far_size, unsigned n_inflows, unsigned n_far)
{
	struct far_fixture f = {.near = set_up(1 << 16, 1024, n_inflows)};

	for (unsigned i = 0; i < CPUS; i++) {
		f.far[i] = set_up(far_size, 1024, 1);
		f.rings[i] = f.far[i]->pbuf;
	}
	const struct ffpf_reader_ring at = {.pbuf = f.near->pbuf,
					    .pbuf_bytes = f.near->pbuf_bytes,
					    .ibufs = (const void *const *)f.near->ibufs,
					    .ibuf_bytes = f.near->ibuf_bytes,
					    .n_inflows = n_inflows,
					    .page = &f.near->pages[1],
					    .far = f.rings,
					    .far_bytes = f.far[0]->pbuf_bytes,
					    .n_far = n_far};
	assert_int_equal(ffpf_reader_new(&at, BATCH, &f.reader), 0);
	return f;
}

static void tear_down_far(struct far_fixture *f)
{
	ffpf_reader_free(f->reader);
	for (unsigned i = 0; i < CPUS; i++)
		tear_down(f->far[i]);
	tear_down(f->near);
}

/* The lower level stores packet number n on a CPU. Where it lies. */
static struct ffpf_far keep(struct far_fixture *f, unsigned cpu, unsigned n)
{
	const struct ffpf_ring_header *header = f->far[cpu]->pbuf;
	struct ffpf_far at = {.position = header->head, .cpu = cpu};
	uint8_t bytes[BYTES];
	uint32_t class = 1;

	memset(bytes, (int)n, sizeof(bytes));
	memcpy(bytes, &n, sizeof(n));
	const struct ffpf_packet packet = {.data = bytes,
					   .caplen = BYTES,
					   .len = 1000 + n,
					   .time_ns = n,
					   .ifindex = 7,
					   .queue = (uint16_t)(3 + cpu),
					   .dir = 1,
					   .source = 5};
	ffpf_writer_put(&f->far[cpu]->writer, &packet, &class);
	return at;
}

/* The upper level lets it out. */
static void refer(struct far_fixture *f, const void *reference, uint32_t bytes, unsigned time, uint32_t in,
		  uint32_t class)
{
	uint32_t classes[MOST] = {0};
	const struct ffpf_packet packet = {
		.data = reference, .caplen = bytes, .len = bytes, .time_ns = time, .dir = FFPF_RECORD_FAR | 1};

	classes[in] = class;
	assert_int_equal(ffpf_writer_put(&f->near->writer, &packet, classes), 1);
}

static unsigned read_all_of(struct far_fixture *f)
{
	return ffpf_reader_read(f->reader, f->near->packets, f->near->classes, BATCH);
}

static void check_kept(const struct ffpf_packet *packet, unsigned n, unsigned cpu)
{
	uint8_t bytes[BYTES];

	memset(bytes, (int)n, sizeof(bytes));
	memcpy(bytes, &n, sizeof(n));
	assert_int_equal(packet->caplen, BYTES);
	assert_int_equal(packet->len, 1000 + n);
	assert_int_equal(packet->time_ns, 5000 + n); /* when the upper level let it go */
	assert_int_equal(packet->dir, 1);
	assert_int_equal(packet->ifindex, 7);
	assert_int_equal(packet->queue, 3 + cpu);
	assert_int_equal(packet->source, 5);
	assert_memory_equal(packet->data, bytes, BYTES);
}

static void test_delivered(void **state)
{
	for (unsigned inflows = 1; inflows <= 3; inflows++) {
		struct far_fixture f = set_up_far(1 << 16, inflows, CPUS);

		for (unsigned n = 0; n < 200; n++) {
			struct ffpf_far at = keep(&f, n % CPUS, n);

			keep(&f, n % CPUS, 1000); /* one that nobody above wants */
			refer(&f, &at, sizeof(at), 5000 + n, n % inflows, n + 1);
		}
		assert_int_equal(read_all_of(&f), 200);
		for (unsigned n = 0; n < 200; n++) {
			check_kept(&f.near->packets[n], n, n % CPUS);
			assert_int_equal(f.near->classes[n * inflows + n % inflows], n + 1);
		}
		assert_int_equal(ffpf_reader_lost(f.reader), 0);
		tear_down_far(&f);
	}
}

static void test_overwritten(void **state)
{
	const unsigned fits = (1 << 13) / TAKES;

	for (unsigned inflows = 1; inflows <= 2; inflows++) {
		struct far_fixture f = set_up_far(1 << 13, inflows, CPUS);

		for (unsigned n = 0; n < 200; n++) {
			struct ffpf_far at = keep(&f, 0, n);

			refer(&f, &at, sizeof(at), 5000 + n, n % inflows, 1);
		}
		assert_int_equal(read_all_of(&f), fits);
		for (unsigned i = 0; i < fits; i++)
			check_kept(&f.near->packets[i], 200 - fits + i, 0);
		assert_int_equal(ffpf_reader_lost(f.reader), 200 - fits);
		uint64_t sum = 0;
		for (unsigned i = 0; i < inflows; i++)
			sum += ffpf_reader_lost_inflow(f.reader, i) + ffpf_reader_delivered_inflow(f.reader, i);
		assert_int_equal(sum, 200);
		tear_down_far(&f);
	}
}

static void test_hostile(void **state)
{
	struct far_fixture f = set_up_far(1 << 16, 1, CPUS - 1);
	struct ffpf_far good = keep(&f, 1, 9), at = good, behind = keep(&f, 1, 10);
	struct ffpf_record *record;
	uint64_t bytes, records;

	at.cpu = CPUS - 1;
	refer(&f, &at, sizeof(at), 0, 0, 1); /* of a ring that is there, and not the reader's */
	at.cpu = UINT32_MAX;
	refer(&f, &at, sizeof(at), 0, 0, 1);
	at = (struct ffpf_far){.position = behind.position + TAKES, .cpu = 1};
	refer(&f, &at, sizeof(at), 0, 0, 1); /* not written yet */
	at.position = UINT64_MAX;
	refer(&f, &at, sizeof(at), 0, 0, 1);
	refer(&f, &good, sizeof(good) - 1, 0, 0, 1); /* not a whole reference */
	assert_int_equal(read_all_of(&f), 0);
	assert_int_equal(ffpf_reader_lost(f.reader), 5);

	record = (void *)((uint8_t *)f.far[1]->pbuf + FFPF_RING_DATA + behind.position);
	record->stored = 1 << 30;
	refer(&f, &behind, sizeof(behind), 0, 0, 1); /* longer than the ring's longest */
	record->stored = BYTES;
	at = (struct ffpf_far){.position = good.position + 13, .cpu = 1};
	refer(&f, &at, sizeof(at), 0, 0, 1); /* not where records begin: some packet */
	refer(&f, &good, sizeof(good), 5009, 0, 1);
	unsigned n = read_all_of(&f);
	assert_int_equal(n + ffpf_reader_lost(f.reader), 8);
	check_kept(&f.near->packets[n - 1], 9, 1);
	ffpf_reader_counts(f.reader, &records, &bytes);
	assert_int_equal(records, n);
	tear_down_far(&f);
}

static void test_none(void **state)
{
	struct far_fixture f = set_up_far(1 << 16, 1, 0);
	struct ffpf_far at = keep(&f, 0, 1);

	refer(&f, &at, sizeof(at), 0, 0, 1);
	assert_int_equal(read_all_of(&f), 0);
	assert_int_equal(ffpf_reader_lost(f.reader), 1);
	tear_down_far(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delivered),
		cmocka_unit_test(test_overwritten),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
