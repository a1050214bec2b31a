/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring of chunks. Whoever is free takes the next number and reads that chunk of the file: the thread that does
 * nothing else, and the taker while what he wants is still being read. So neither processor waits for the other for
 * long. Who has to wait all the same looks for a little while, which is shorter than being woken, and sleeps then.
 */
#include <flowspaces/user/ahead.h>

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHUNKS 4
/* Looks before sleeping; some ten microseconds. */
#define LOOKS 2000
#define STRIDE ((size_t)FFPF_AHEAD_ROOM + FFPF_AHEAD_CHUNK)

struct slot {
	_Alignas(64) _Atomic uint32_t done; /* number of the chunk that it holds, from 1; a futex word */
	ssize_t bytes;			    /* fewer than a chunk: the file ends there; or -errno */
};

struct ffpf_ahead {
	int fd;
	off_t begin;
	pthread_t thread;
	uint8_t *memory; /* CHUNKS × STRIDE */
	struct slot slots[CHUNKS];
	_Alignas(64) _Atomic uint32_t next;	/* number, from 0, of the chunk that nobody has begun to read */
	_Alignas(64) _Atomic uint32_t released; /* chunks that may be overwritten; a futex word */
	atomic_bool stop;
	atomic_int taker;	     /* the processor that he was on when he last came */
	_Alignas(64) uint32_t taken; /* the taker's own */
	bool ended;
};

/* Files that are being read ahead: more than there are processors to spare would only take memory. */
static atomic_int running;

bool ffpf_ahead_reserve(void)
{
	cpu_set_t set;
	int now = running;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return false;
	/* Asked and taken in one: threads begin with their files at the same time. */
	while (now + 1 < CPU_COUNT(&set))
		if (atomic_compare_exchange_weak(&running, &now, now + 1))
			return true;
	return false;
}

static void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

/* Until *word is not `old` any more. */
static void await(const _Atomic uint32_t *word, uint32_t old)
{
	for (unsigned i = 0; i < LOOKS; i++) {
		if (atomic_load_explicit(word, memory_order_acquire) != old)
			return;
		pause_briefly();
	}
	while (atomic_load_explicit(word, memory_order_acquire) == old)
		syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
}

static void wake(const _Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static uint8_t *bytes_of(const struct ffpf_ahead *ahead, uint32_t number)
{
	return ahead->memory + number % CHUNKS * STRIDE + FFPF_AHEAD_ROOM;
}

/* Reads chunk `number`, which is the caller's alone. */
static void read_chunk(struct ffpf_ahead *ahead, uint32_t number)
{
	struct slot *slot = &ahead->slots[number % CHUNKS];
	uint8_t *bytes = bytes_of(ahead, number);
	off_t at = ahead->begin + (off_t)number * FFPF_AHEAD_CHUNK;
	size_t got = 0;
	ssize_t n = 1;

	while (got < FFPF_AHEAD_CHUNK && n > 0) {
		n = pread(ahead->fd, bytes + got, FFPF_AHEAD_CHUNK - got, at + (off_t)got);
		if (n > 0)
			got += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	slot->bytes = n < 0 && !got ? -errno : (ssize_t)got;
	atomic_store_explicit(&slot->done, number + 1, memory_order_release);
	wake(&slot->done);
}

/* Reads a chunk if there is one to be read and a place for it. */
static bool read_next(struct ffpf_ahead *ahead)
{
	uint32_t number = ahead->next;

	do {
		if (number - ahead->released >= CHUNKS)
			return false;
	} while (!atomic_compare_exchange_weak(&ahead->next, &number, number + 1));
	read_chunk(ahead, number);
	return true;
}

/*
 * Leaves the processor that the taker is on: both on one is as slow as one alone, and the scheduler lets a run of a
 * tenth of a second end like that. Where it may run stays as it was.
 */
static void move_away(const struct ffpf_ahead *ahead)
{
	cpu_set_t all, others;
	int here = sched_getcpu();

	if (here < 0 || here != ahead->taker || sched_getaffinity(0, sizeof(all), &all) < 0)
		return;
	others = all;
	CPU_CLR((unsigned)here, &others);
	if (CPU_COUNT(&others) && sched_setaffinity(0, sizeof(others), &others) == 0)
		sched_setaffinity(0, sizeof(all), &all);
}

/* Behind the end it reads nothing, once for each place in the ring, and waits. */
static void *read_chunks(void *arg)
{
	struct ffpf_ahead *ahead = arg;

	while (!ahead->stop) {
		uint32_t released = ahead->released;

		move_away(ahead);
		if (!read_next(ahead) && !ahead->stop)
			await(&ahead->released, released);
	}
	return NULL;
}

int ffpf_ahead_new(int fd, struct ffpf_ahead **out)
{
	struct ffpf_ahead *ahead = aligned_alloc(64, (sizeof(*ahead) + 63) & ~(size_t)63);
	int err = 0;

	if (!ahead) {
		running--;
		return -ENOMEM;
	}
	*ahead = (struct ffpf_ahead){.fd = fd, .begin = lseek(fd, 0, SEEK_CUR), .taker = sched_getcpu()};
	/* What is never touched takes no memory: most of the room. */
	ahead->memory = mmap(NULL, CHUNKS * STRIDE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ahead->memory == MAP_FAILED)
		err = ENOMEM;
	else if (ahead->begin < 0)
		err = ESPIPE;
	else
		err = pthread_create(&ahead->thread, NULL, read_chunks, ahead);
	if (err) {
		running--;
		if (ahead->memory != MAP_FAILED)
			munmap(ahead->memory, CHUNKS * STRIDE);
		free(ahead);
		return -err;
	}
	*out = ahead;
	return 0;
}

void ffpf_ahead_free(struct ffpf_ahead *ahead)
{
	if (!ahead)
		return;
	ahead->stop = true;
	ffpf_ahead_release(ahead); /* whatever it sees then, it looks at `stop` first */
	pthread_join(ahead->thread, NULL);
	running--;
	munmap(ahead->memory, CHUNKS * STRIDE);
	free(ahead);
}

ssize_t ffpf_ahead_take(struct ffpf_ahead *ahead, uint8_t **bytes)
{
	uint32_t number = ahead->taken;
	struct slot *slot = &ahead->slots[number % CHUNKS];
	uint32_t done;

	if (ahead->ended)
		return 0;
	ahead->taker = sched_getcpu();
	while ((done = atomic_load_explicit(&slot->done, memory_order_acquire)) != number + 1)
		if (!read_next(ahead))
			await(&slot->done, done);
	if (slot->bytes < 0)
		return slot->bytes;
	/* A file that grows meanwhile ends where it ended. */
	ahead->ended = slot->bytes < (ssize_t)FFPF_AHEAD_CHUNK;
	if (!slot->bytes)
		return 0;
	*bytes = bytes_of(ahead, number);
	ahead->taken++;
	return slot->bytes;
}

void ffpf_ahead_release(struct ffpf_ahead *ahead)
{
	atomic_fetch_add(&ahead->released, 1);
	wake(&ahead->released);
}
