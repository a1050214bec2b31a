/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How large should a PBuf be? One writer, one or eight readers, each in a thread of its own; ring sizes from 64 kB to
 * 64 MB.
 *
 *   pace      the writer waits for the slowest reader (slow-reader preference): the rate at no loss
 *   flood     the writer never waits: packets written, and how many of them a reader lost
 *   bursts    bursts of 4,096 packets as fast as possible, then a pause as long as at half the pace: loss
 *
 * With fewer processors than threads the readers take turns with the writer, which is what a busy machine does to them:
 * then the ring must hold what arrives while a reader is away. A reader that finds nothing sleeps for 20 us, or yields
 * (argument 0): compare the two, and see what a reader that looks all the time does to the writer's cache lines.
 */
#include <lib/buf/buf.h>

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH 256
#define BURST 4096
#define LARGEST 1600
#define DEFAULT 22 /* log2 of 4 MB */
#define MOST_RUNS 31
#define MOST_READERS 8

struct result {
	double rate; /* packets written a second, in millions */
	double loss; /* percent, mean of the readers */
	double cpu;  /* ns of processor time per packet, writer and readers together */
};

struct setting {
	unsigned shift, readers, length;
	enum traffic { PACE, FLOOD, BURSTS } traffic;
	double ns; /* bursts: mean distance of packets */
};

static unsigned nap; /* microseconds a reader sleeps when nothing waits */

struct rig {
	struct ffpf_ring_header *pbuf, *ibuf;
	size_t pbuf_bytes, ibuf_bytes;
	struct ffpf_reader_page *pages;
	bool done;
};

struct one_reader {
	struct rig *rig;
	struct ffpf_reader *reader;
	pthread_t thread;
};

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void *zeroed(size_t bytes)
{
	void *memory = aligned_alloc(4096, (bytes + 4095) & ~(size_t)4095);

	if (!memory)
		exit(1);
	return memset(memory, 0, bytes);
}

static void make_rig(struct rig *rig, unsigned shift)
{
	uint64_t size = 1ull << shift, entries = ffpf_ibuf_entries(size, 1) * sizeof(struct ffpf_index);

	rig->pbuf_bytes = ffpf_ring_bytes(size, LARGEST);
	rig->ibuf_bytes = ffpf_ring_bytes(entries, 0);
	rig->pbuf = zeroed(rig->pbuf_bytes);
	rig->ibuf = zeroed(rig->ibuf_bytes);
	rig->pages = zeroed(MOST_READERS * sizeof(*rig->pages));
	rig->done = false;
	ffpf_ring_init(rig->pbuf, FFPF_RING_PBUF, 0, size, LARGEST);
	ffpf_ring_init(rig->ibuf, FFPF_RING_IBUF, 0, entries, 0);
}

static void free_rig(struct rig *rig)
{
	free(rig->pbuf);
	free(rig->ibuf);
	free(rig->pages);
}

static void *read_loop(void *argument)
{
	struct one_reader *r = argument;
	static __thread struct ffpf_packet packets[BATCH];
	static __thread uint32_t classes[BATCH];
	bool done;

	do {
		done = __atomic_load_n(&r->rig->done, __ATOMIC_ACQUIRE);
		unsigned n = ffpf_reader_read(r->reader, packets, classes, BATCH);
		if (n)
			done = false;
		else if (nap)
			usleep(nap);
		else
			sched_yield();
	} while (!done);
	return NULL;
}

static void pause_ns(double until)
{
	while (now(CLOCK_MONOTONIC) < until)
		sched_yield();
}

static uint64_t write_loop(struct rig *rig, const struct setting *s, double end)
{
	struct ffpf_writer writer = {.pbuf = rig->pbuf,
				     .ibufs = &rig->ibuf,
				     .n_inflows = 1,
				     .readers = rig->pages,
				     .n_readers = s->readers,
				     .slow_reader = s->traffic == PACE,
				     .snaplen = LARGEST};
	static uint8_t bytes[LARGEST];
	struct ffpf_packet packet = {.data = bytes, .caplen = s->length, .len = s->length};
	uint32_t class = 1;
	uint64_t written = 0;

	for (double start; (start = now(CLOCK_MONOTONIC)) < end;) {
		for (unsigned i = 0; i < BURST; i++) {
			while (!ffpf_writer_put(&writer, &packet, &class))
				sched_yield();
			written++;
		}
		if (s->traffic == BURSTS)
			pause_ns(start + BURST * s->ns);
	}
	return written;
}

static struct result run_once(const struct setting *s, unsigned ms)
{
	struct one_reader readers[MOST_READERS];
	struct result result = {0};
	struct rig rig;

	make_rig(&rig, s->shift);
	double start = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	for (unsigned i = 0; i < s->readers; i++) {
		const void *ibuf = rig.ibuf;
		struct ffpf_reader_ring ring = {.pbuf = rig.pbuf,
						.pbuf_bytes = rig.pbuf_bytes,
						.ibufs = &ibuf,
						.ibuf_bytes = rig.ibuf_bytes,
						.n_inflows = 1,
						.page = &rig.pages[i]};

		readers[i].rig = &rig;
		if (ffpf_reader_new(&ring, BATCH, &readers[i].reader) < 0 ||
		    pthread_create(&readers[i].thread, NULL, read_loop, &readers[i]))
			exit(1);
	}
	uint64_t written = write_loop(&rig, s, start + ms * 1e6);
	double elapsed = now(CLOCK_MONOTONIC) - start;
	__atomic_store_n(&rig.done, true, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < s->readers; i++) {
		pthread_join(readers[i].thread, NULL);
		result.loss += 100.0 * (double)ffpf_reader_lost(readers[i].reader) / (double)written / s->readers;
		ffpf_reader_free(readers[i].reader);
	}
	result.rate = (double)written / elapsed * 1e3;
	result.cpu = (now(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)written;
	free_rig(&rig);
	return result;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), compare);
	return values[n / 2];
}

static struct result measure(const struct setting *s, unsigned ms, unsigned runs)
{
	double rate[MOST_RUNS], loss[MOST_RUNS], cpu[MOST_RUNS];

	for (unsigned i = 0; i < runs; i++) {
		struct result r = run_once(s, ms);

		rate[i] = r.rate;
		loss[i] = r.loss;
		cpu[i] = r.cpu;
	}
	return (struct result){median(rate, runs), median(loss, runs), median(cpu, runs)};
}

static const unsigned sizes[] = {16, 18, 20, DEFAULT, 24, 26}; /* logs */
#define SIZES (sizeof(sizes) / sizeof(*sizes))
#define AT_DEFAULT 3

/* What the table says about sizes, over its blocks: logs of paces relative to the default's, losses in bursts. */
struct verdict {
	double pace[SIZES], loss[SIZES];
	unsigned blocks;
};

static const char *size_name(unsigned shift)
{
	static char text[16];

	snprintf(text, sizeof(text), "%u%c%c", 1u << shift % 10, shift < 20 ? 'k' : 'M', shift == DEFAULT ? '*' : ' ');
	return text;
}

/* One block of the table: all ring sizes for one number of readers and one packet size. */
static void block(unsigned readers, unsigned length, unsigned ms, unsigned runs, struct verdict *verdict)
{
	struct setting s = {.readers = readers, .length = length};
	struct result results[SIZES][3];

	for (unsigned traffic = PACE; traffic <= BURSTS; traffic++) {
		s.traffic = traffic;
		s.ns = traffic == BURSTS ? 2e3 / results[AT_DEFAULT][PACE].rate : 0;
		for (unsigned i = 0; i < SIZES; i++) {
			s.shift = sizes[i];
			results[i][traffic] = measure(&s, ms, runs);
		}
	}
	printf("\n%u reader%s, packets of %u bytes\n", readers, readers == 1 ? "" : "s", length);
	printf("%6s | %9s %6s %8s | %9s %6s %7s | %9s %7s\n", "ring", "pace Mpps", "ratio", "cpu ns", "flood", "ratio",
	       "loss %", "bursts", "loss %");
	for (unsigned i = 0; i < SIZES; i++) {
		const struct result *r = results[i], *reference = results[AT_DEFAULT];

		printf("%6s | %9.2f %6.2f %8.1f | %9.2f %6.2f %7.2f | %9.2f %7.2f\n", size_name(sizes[i]), r[PACE].rate,
		       r[PACE].rate / reference[PACE].rate, r[PACE].cpu, r[FLOOD].rate,
		       r[FLOOD].rate / reference[FLOOD].rate, r[FLOOD].loss, r[BURSTS].rate, r[BURSTS].loss);
		verdict->pace[i] += log(r[PACE].rate / reference[PACE].rate);
		verdict->loss[i] += r[BURSTS].loss;
	}
	fflush(stdout);
	verdict->blocks++;
}

/* What the default gives up against larger rings, and what smaller ones would. */
static void conclude(struct verdict *v)
{
	unsigned lossless = SIZES, next = AT_DEFAULT + 1;

	printf("\n* the default. Over all blocks: pace relative to it (geometric mean), mean loss in bursts of %u "
	       "packets\n",
	       BURST);
	for (unsigned i = 0; i < SIZES; i++) {
		v->pace[i] = exp(v->pace[i] / v->blocks);
		v->loss[i] /= v->blocks;
		printf("%6s | %9.2f | %7.2f %%\n", size_name(sizes[i]), v->pace[i], v->loss[i]);
		if (lossless == SIZES && v->loss[i] < 0.01)
			lossless = i;
	}
	printf("Smallest ring without loss in these bursts: %s\n",
	       lossless < SIZES ? size_name(sizes[lossless]) : "none");
	printf("4 MB hold %u packets of 64 bytes or %u of 1,500; a burst that is larger needs a larger ring while the "
	       "reader is away.\n",
	       (1u << DEFAULT) / 128, (1u << DEFAULT) / 1536);
	printf("The next smaller ring has %.2f of the default's pace and loses %.2f %% in bursts; the next larger one "
	       "has "
	       "%.2f and loses %.2f %%, for\nfour times the memory of each processor, which is also most of the time "
	       "that "
	       "a run takes to begin (./do bench compile).\n",
	       v->pace[AT_DEFAULT - 1], v->loss[AT_DEFAULT - 1], v->pace[next], v->loss[next]);
}

int main(int argc, char **argv)
{
	static const unsigned lengths[] = {64, 512, 1500};
	unsigned ms = argc > 1 ? (unsigned)atoi(argv[1]) : 60, runs = argc > 2 ? (unsigned)atoi(argv[2]) : 5;
	struct verdict verdict = {0};

	nap = argc > 3 ? (unsigned)atoi(argv[3]) : 20;
	if (!ms || !runs || runs > MOST_RUNS) {
		fprintf(stderr,
			"usage: bench_buffers [MILLISECONDS A RUN] [RUNS, at most %u] [MICROSECONDS A READER SLEEPS]\n",
			MOST_RUNS);
		return 2;
	}
	printf("%ld processors, batches of %u, medians of %u runs of %u ms, readers sleep %u us; Mpps written, loss a "
	       "reader, cpu of all threads\n",
	       sysconf(_SC_NPROCESSORS_ONLN), BATCH, runs, ms, nap);
	for (unsigned readers = 1; readers <= MOST_READERS; readers *= MOST_READERS)
		for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
			block(readers, lengths[i], ms, runs, &verdict);
	conclude(&verdict);
	return 0;
}
