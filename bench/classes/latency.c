/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * latency: how old packets are when they arrive here, for benchmarks of live traffic.
 *
 *     [dev v0 take=yes]>(latency)
 *
 * The age is the clock's time less the packet's time stamp, which the kernel took: so it holds the way through the
 * ring, the reader's sleep and the batch. Ages are kept in buckets of an eighth of an octave; the percentiles are the
 * buckets' upper ends.
 */
#include <ffpf/class.h>

#include <stdlib.h>
#include <time.h>

#define PER_OCTAVE 8
#define BUCKETS (64 * PER_OCTAVE)

extern const struct ffpf_class *const ffpf_classes[];

struct ages {
	uint64_t bucket[BUCKETS], packets;
};

static int open_ages(struct ffpf_instance *instance, unsigned thread, void **object, const char **why)
{
	(void)instance;
	(void)thread;
	*object = calloc(1, sizeof(struct ages));
	*why = "out of memory";
	return *object ? 0 : -12;
}

static unsigned bucket_of(uint64_t ns)
{
	unsigned octave;

	if (ns < PER_OCTAVE)
		return (unsigned)ns;
	octave = 63 - (unsigned)__builtin_clzll(ns);
	return octave * PER_OCTAVE + (unsigned)(ns >> (octave - 3) & (PER_OCTAVE - 1));
}

static uint64_t end_of(unsigned bucket)
{
	unsigned octave = bucket / PER_OCTAVE;

	return octave < 4 ? bucket : (uint64_t)(PER_OCTAVE + bucket % PER_OCTAVE + 1) << (octave - 3);
}

static uint32_t process(void *object, const struct ffpf_packet *packet, uint32_t class)
{
	struct ages *ages = object;
	struct timespec ts;
	uint64_t now;

	clock_gettime(CLOCK_REALTIME, &ts);
	now = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
	ages->bucket[bucket_of(now > packet->time_ns ? now - packet->time_ns : 0)]++;
	ages->packets++;
	return class;
}

static uint64_t percentile(const struct ages *ages, unsigned percent)
{
	uint64_t left = (ages->packets * percent + 99) / 100;

	for (unsigned i = 0; i < BUCKETS; i++) {
		if (ages->bucket[i] >= left)
			return end_of(i);
		left -= ages->bucket[i];
	}
	return 0;
}

static void state(const void *object, uint64_t *cells)
{
	const struct ages *ages = object;

	cells[0] = ages->packets ? percentile(ages, 50) : 0;
	cells[1] = ages->packets ? percentile(ages, 99) : 0;
}

static const struct ffpf_native native = {.open = open_ages, .process = process, .state = state, .close = free};

static const struct ffpf_field fields[] = {
	{.name = "p50",
	 .merge = FFPF_MERGE_MAX,
	 .unit = FFPF_UNIT_NS,
	 .cells = 1,
	 .doc = "half of the packets were younger"},
	{.name = "p99", .merge = FFPF_MERGE_MAX, .unit = FFPF_UNIT_NS, .cells = 1, .doc = "99 of 100 were younger"},
};

static const struct ffpf_class latency = {
	.abi = FFPF_CLASS_ABI,
	.name = "latency",
	.help = "how old packets are when they arrive here",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES,
	.needs = FFPF_NEED_TIME,
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.native = &native,
};

const struct ffpf_class *const ffpf_classes[] = {&latency, NULL};
