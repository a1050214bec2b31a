/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Doorbells: what wakes a sleeping reader thread. Each thread has one of its own, since whoever is woken takes the
 * rings back (a shared bell would wake all and be stilled by one). One thread reads all rings: one bell. Several: bell
 * i wakes the reader of CPU i's ring, and the program compares the number of the CPU that it runs on.
 *
 * A program may refer to 64 maps, so many processors have their bells in an array of maps. Few have not, because
 * each change of such an array waits until all processors have let go of what they might have read in it: 10 ms.
 *
 * What is written into a bell means nothing; its descriptor is readable until the consumer's position is moved.
 */
#include <flowspaces/bpf/bpf.h>

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The kernel wants a multiple of the page size. Full, it would ring no more; but a bell is rung once before its reader
 * looks. */
static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* A ring buffer's first page is the consumer's, the second the producer's. */
static int open_bell(struct ffpf_bpf_bell *bell)
{
	void *memory;
	int err;

	bell->fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ffpf_bell", 0, 0, (uint32_t)page_bytes(), NULL);
	if (bell->fd < 0) {
		err = -errno;
		bell->fd = -1;
		return err;
	}
	memory = mmap(NULL, page_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, bell->fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	bell->consumer = memory;
	memory = mmap(NULL, page_bytes(), PROT_READ, MAP_SHARED, bell->fd, (off_t)page_bytes());
	if (memory == MAP_FAILED)
		return -errno;
	bell->producer = memory;
	return 0;
}

/* Bells that programs refer to by themselves: there is room for as many and the other maps. */
#define BELLS_DIRECT 32

static int hang_bells(struct ffpf_bpf_maps *maps)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = (uint32_t)maps->bells[0].fd);
	struct ffpf_bpf_map *m = &maps->map[FFPF_SYM_DOORBELLS];

	m->fd = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "ffpf_bells", 4, 4, maps->n_cpus, &opts);
	if (m->fd < 0) {
		int err = -errno;

		m->fd = -1;
		return err;
	}
	for (uint32_t cpu = 0; cpu < maps->n_cpus; cpu++)
		if (bpf_map_update_elem(m->fd, &cpu, &maps->bells[cpu % maps->n_bells].fd, BPF_ANY) < 0)
			return -errno;
	return 0;
}

int ffpf_bpf_bells_create(struct ffpf_bpf_state *s)
{
	struct ffpf_bpf_maps *maps = &s->maps;
	unsigned n = s->run->n_threads > 1 ? maps->n_cpus : 1;
	int err = 0;

	maps->bells = calloc(n, sizeof(*maps->bells));
	if (!maps->bells)
		return -ENOMEM;
	for (; !err && maps->n_bells < n; maps->n_bells++)
		err = open_bell(&maps->bells[maps->n_bells]);
	if (!err && (n > BELLS_DIRECT || s->run->bells_in_map))
		err = hang_bells(maps);
	if (err)
		ffpf_run_fail(s->run, err, "creating a doorbell: %s", strerror(-err));
	return err;
}

void ffpf_bpf_bell_clear(void *arg, unsigned ring)
{
	const struct ffpf_bpf_maps *maps = arg;
	const struct ffpf_bpf_bell *bell = &maps->bells[ring % maps->n_bells];

	__atomic_store_n(bell->consumer, __atomic_load_n(bell->producer, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
}

void ffpf_bpf_bells_close(struct ffpf_bpf_maps *maps)
{
	for (unsigned i = 0; i < maps->n_bells; i++) {
		struct ffpf_bpf_bell *bell = &maps->bells[i];

		if (bell->consumer)
			munmap(bell->consumer, page_bytes());
		if (bell->producer)
			munmap((void *)bell->producer, page_bytes());
		if (bell->fd >= 0)
			close(bell->fd);
	}
	free(maps->bells);
	maps->bells = NULL;
	maps->n_bells = 0;
}
