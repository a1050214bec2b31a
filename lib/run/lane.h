/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A lane: one stream of packets on its way to a level. lane.c fills and empties
 * them, wait.c sleeps until there is more, threads.c decides who serves which.
 */
#ifndef FFPF_RUN_LANE_H
#define FFPF_RUN_LANE_H

#include <lib/run/clock.h>
#include <lib/run/run.h>
#include <pthread.h>

#define FFPF_LANE_BATCH 256

enum ffpf_lane_kind { FFPF_LANE_INPUT, FFPF_LANE_RING };

struct ffpf_lane {
	enum ffpf_lane_kind kind;
	struct ffpf_packet
		packets[FFPF_LANE_BATCH]; /* times of a live ring are the writers' until they are delivered */
	unsigned n, at;
	atomic_bool ended; /* nothing will come, and nothing is held */
	/* INPUT: a source that is read; ops->read fills packets */
	unsigned source;
	const struct ffpf_user_source *ops;
	void *object;
	const struct ffpf_flowspace *level; /* that takes its packets */
	atomic_ullong position, delivered, lost;
	/* RING */
	const struct ffpf_ring_set *set;
	unsigned ring;
	struct ffpf_reader *reader;
	uint32_t *classes;
	uint64_t quiet;	  /* live: nothing older than this, by the writers' clock, will come */
	uint64_t through; /* live: what was older than this time of day has been delivered */
};

struct ffpf_thread {
	struct ffpf_run *run;
	unsigned number;
	pthread_t id;
	bool started;
	atomic_bool done;
	struct ffpf_lane **lanes;
	size_t n_lanes;
	struct ffpf_clock clock;
	atomic_ullong through; /* of all its live lanes, for taps */
	unsigned since;	       /* packets of savefiles since functions learnt others' results */
	/* wait.c */
	unsigned empty; /* waits in a row that brought nothing */
	double rate;	/* packets a nanosecond, lately */
	uint64_t rated_ns, rated_packets;
};

struct ffpf_threads {
	pthread_mutex_t lock; /* of what stands up to thread */
	pthread_cond_t changed;
	bool released; /* threads need not wait for the run to begin any more */
	unsigned n;
	struct ffpf_thread thread[];
};

/* Opens a lane. 0 or -errno (reported). */
int ffpf_lane_input(struct ffpf_run *run, struct ffpf_lane *lane, unsigned source);
int ffpf_lane_ring(struct ffpf_run *run, struct ffpf_lane *lane, const struct ffpf_ring_set *set, unsigned ring);
void ffpf_lane_close(struct ffpf_lane *lane);
/* Fetches packets when the lane holds none. True when it holds some. Sets ended. */
bool ffpf_lane_fill(struct ffpf_thread *t, struct ffpf_lane *lane);
/* Hands the next n packets of the lane to its level, with their time of day. */
void ffpf_lane_deliver(struct ffpf_thread *t, struct ffpf_lane *lane, unsigned n);
/* Sleeps, as the options say, until one of the thread's lanes may have something, 100 ms at most. */
void ffpf_lane_wait(struct ffpf_thread *t);

#endif
