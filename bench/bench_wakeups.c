/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How should a reader wait? One writer at an offered rate, one reader, an eventfd as doorbell, the default ring of 4
 * MB.
 *
 *   each      armed for one packet
 *   busy      looks all the time
 *   yield     looks, yields when nothing waits
 *   sleep     looks, sleeps for 100 us when nothing waits
 *   1024|1ms  armed for 1,024 packets, waits 1 ms at most
 *   adaptive  armed for as many packets as came in the last 100 us (1 to 1,024), waits 1 ms at most
 *
 * Latency is from the writer's clock reading before it stores to the reader's after its batch. The writer's own clock
 * readings are part of its cost: compare ways, not with other benchmarks. Argument: milliseconds a run.
 */
#include <lib/buf/buf.h>

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define BATCH 1024
#define SIZE (4u << 20)
#define SAMPLES (1u << 20)

enum way { EACH, BUSY, YIELD, SLEEP, FIXED, ADAPTIVE, WAYS };
static const char *const way_names[WAYS] = {"each", "busy", "yield", "sleep", "1024|1ms", "adaptive"};

struct rig {
	enum way way;
	struct ffpf_ring_header *pbuf, *ibuf;
	struct ffpf_reader_page *page;
	struct ffpf_reader *reader;
	int bell;
	bool done;
	uint64_t delivered, calls, rings; /* system calls of the reader, of the writer */
	double reader_cpu, writer_cpu;
	uint32_t *latencies; /* ns, the first SAMPLES */
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static double thread_cpu(void)
{
	struct rusage use;

	getrusage(RUSAGE_THREAD, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static void wait_armed(struct rig *rig, uint64_t packets)
{
	struct pollfd at = {.fd = rig->bell, .events = POLLIN};
	uint64_t count;

	if (!ffpf_reader_arm(rig->reader, packets))
		return;
	rig->calls++;
	if (poll(&at, 1, 1) > 0) {
		rig->calls++;
		if (read(rig->bell, &count, sizeof(count)) < 0)
			return;
	}
	ffpf_reader_disarm(rig->reader);
}

/* per_100us: packets that came in that time, lately. */
static void wait_for_more(struct rig *rig, double per_100us)
{
	uint64_t packets = per_100us < 1 ? 1 : per_100us > 1024 ? 1024 : (uint64_t)per_100us;

	switch (rig->way) {
	case BUSY:
		return;
	case YIELD:
		rig->calls++;
		sched_yield();
		return;
	case SLEEP:
		rig->calls++;
		usleep(100);
		return;
	case EACH:
		wait_armed(rig, 1);
		return;
	case FIXED:
		wait_armed(rig, 1024);
		return;
	default:
		wait_armed(rig, packets);
		return;
	}
}

static void *read_loop(void *argument)
{
	struct rig *rig = argument;
	static struct ffpf_packet packets[BATCH];
	static uint32_t classes[BATCH];
	double cpu = thread_cpu(), rate = 0; /* packets per 100 us */
	uint64_t last = now();

	for (;;) {
		bool done = __atomic_load_n(&rig->done, __ATOMIC_ACQUIRE);
		unsigned n = ffpf_reader_read(rig->reader, packets, classes, BATCH);
		uint64_t time = n || rig->way == ADAPTIVE ? now() : 0;

		for (unsigned i = 0; i < n; i++)
			if (rig->delivered + i < SAMPLES)
				rig->latencies[rig->delivered + i] = (uint32_t)(time - packets[i].time_ns);
		rig->delivered += n;
		if (rig->way == ADAPTIVE && time > last + 1000) {
			rate += 0.25 * (n * 1e5 / (double)(time - last) - rate);
			last = time;
		}
		if (n == BATCH)
			continue;
		if (done && !n)
			break;
		wait_for_more(rig, rate);
	}
	rig->reader_cpu = thread_cpu() - cpu;
	return NULL;
}

/* rate: packets a second; 0: as fast as possible. Returns how many were written. */
static uint64_t write_loop(struct rig *rig, double rate, unsigned ms)
{
	struct ffpf_writer writer = {.pbuf = rig->pbuf,
				     .ibufs = &rig->ibuf,
				     .n_inflows = 1,
				     .readers = rig->page,
				     .n_readers = 1,
				     .snaplen = 64};
	static uint8_t bytes[64];
	uint64_t start = now(), end = start + ms * 1000000ull, written = 0, one = 1;
	double cpu = thread_cpu();
	uint32_t class = 1;

	for (uint64_t time; (time = now()) < end;) {
		if (rate > 0 && (double)(time - start) * rate < (double)written * 1e9)
			continue;
		struct ffpf_packet packet = {.data = bytes, .caplen = 64, .len = 64, .time_ns = time};
		if (ffpf_writer_put(&writer, &packet, &class) == 2) {
			rig->rings++;
			if (write(rig->bell, &one, sizeof(one)) < 0)
				break;
		}
		written++;
	}
	rig->writer_cpu = thread_cpu() - cpu;
	return written;
}

static void *zeroed(size_t bytes)
{
	void *memory = aligned_alloc(4096, (bytes + 4095) & ~(size_t)4095);

	if (!memory)
		exit(1);
	return memset(memory, 0, bytes);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void report(struct rig *rig, const char *rate, uint64_t written, double seconds)
{
	size_t samples = rig->delivered < SAMPLES ? rig->delivered : SAMPLES;
	double lost = 100.0 * (double)ffpf_reader_lost(rig->reader) / (double)(written ? written : 1);

	qsort(rig->latencies, samples, sizeof(*rig->latencies), compare);
	printf("%8s %-9s | %9.1f %7.2f | %9.0f %9.0f | %7.1f %7.1f | %9.1f %9.1f\n", rate, way_names[rig->way],
	       (double)rig->delivered / seconds / 1e3, lost, (double)rig->calls / seconds, (double)rig->rings / seconds,
	       100 * rig->reader_cpu / seconds, 100 * rig->writer_cpu / seconds,
	       samples ? rig->latencies[samples / 2] / 1e3 : 0, samples ? rig->latencies[samples * 99 / 100] / 1e3 : 0);
	fflush(stdout);
}

static void run(enum way way, double rate, const char *name, unsigned ms)
{
	uint64_t entries = ffpf_ibuf_entries(SIZE, 1) * sizeof(struct ffpf_index);
	struct rig rig = {
		.way = way, .bell = eventfd(0, EFD_NONBLOCK), .latencies = zeroed(SAMPLES * sizeof(uint32_t))};
	pthread_t thread;

	rig.pbuf = zeroed(ffpf_ring_bytes(SIZE, 64));
	rig.ibuf = zeroed(ffpf_ring_bytes(entries, 0));
	rig.page = zeroed(sizeof(*rig.page));
	ffpf_ring_init(rig.pbuf, FFPF_RING_PBUF, 0, SIZE, 64);
	ffpf_ring_init(rig.ibuf, FFPF_RING_IBUF, 0, entries, 0);
	const void *ibuf = rig.ibuf;
	struct ffpf_reader_ring ring = {.pbuf = rig.pbuf,
					.pbuf_bytes = ffpf_ring_bytes(SIZE, 64),
					.ibufs = &ibuf,
					.ibuf_bytes = ffpf_ring_bytes(entries, 0),
					.n_inflows = 1,
					.page = rig.page};
	if (ffpf_reader_new(&ring, BATCH, &rig.reader) < 0 || pthread_create(&thread, NULL, read_loop, &rig))
		exit(1);
	uint64_t start = now(), written = write_loop(&rig, rate, ms);
	double seconds = (double)(now() - start) / 1e9;
	__atomic_store_n(&rig.done, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	report(&rig, name, written, seconds);
	ffpf_reader_free(rig.reader);
	free(rig.pbuf);
	free(rig.ibuf);
	free(rig.page);
	free(rig.latencies);
	close(rig.bell);
}

int main(int argc, char **argv)
{
	static const struct {
		double rate;
		const char *name;
	} rates[] = {{1e3, "1k"}, {1e4, "10k"}, {1e5, "100k"}, {1e6, "1M"}, {0, "max"}};
	unsigned ms = argc > 1 ? (unsigned)atoi(argv[1]) : 200;

	if (!ms)
		return 2;
	printf("packets of 64 bytes; delivered; system calls a second; processor time; latency\n");
	printf("%8s %-9s | %9s %7s | %9s %9s | %7s %7s | %9s %9s\n", "offered", "way", "kpps", "lost %", "reader/s",
	       "rings/s", "reader%", "writer%", "p50 us", "p99 us");
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
		for (enum way way = 0; way < WAYS; way++)
			run(way, rates[i].rate, rates[i].name, ms);
	return 0;
}
